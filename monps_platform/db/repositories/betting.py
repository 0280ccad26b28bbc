"""What could be bet on in a league's season: prices and their worth at the close, picks, forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from monps_platform.db.repositories.league_seasons import LeagueSeasonRepository
from monps_platform.db.repositories.matches import MatchRepository
from monps_platform.db.repositories.odds import OddsRepository
from monps_platform.db.repositories.operation import Bound, SessionT, operation
from monps_platform.domain.closing import closing_quotes
from monps_platform.domain.goal_model.dixon_coles import MODEL_VERSION
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PickOrigin, PickSide
from monps_platform.domain.quantum.strategies.offers import BettingMatch, Offer, best_offers
from monps_platform.domain.settlement import Backed

MARKETS = (Market.ONE_X_TWO, Market.OVER_UNDER, Market.ASIAN_HANDICAP)
_OVERS = text("""SELECT f.match_id, f.over25_prob FROM quantum.match_forecasts f JOIN matches m ON m.id = f.match_id
    JOIN leagues l ON l.id = m.league_id WHERE l.code = :league AND m.season = :season
    AND f.model = 'dixon_coles' AND f.model_version = :version AND f.over25_prob IS NOT NULL""")
_PICKS = text("""SELECT p.match_id, p.agent, p.market::text, p.side::text, p.line::float8, p.price_taken::float8,
        p.clv_percentage::float8, p.clv_no_vig_percentage::float8
    FROM tracking_clv_picks p JOIN matches m ON m.id = p.match_id JOIN leagues l ON l.id = m.league_id
    WHERE l.code = :league AND m.season = :season AND p.origin <> :own ORDER BY p.match_id, p.id""")


class BettingRepository(Bound[SessionT]):
    """Matches with what was known before them, and what the prices were worth at the close."""

    @operation
    def matches(self, session: Session, partition: Partition, as_of: date) -> Sequence[BettingMatch]:
        """The played matches of a league's season before a day."""
        season = LeagueSeasonRepository(session).get(partition, as_of)
        named = {"league": partition.league.code, "season": partition.season.name}
        overs = {row[0]: row[1] for row in session.execute(_OVERS, {**named, "version": MODEL_VERSION})}
        offers, picks = _offers(session, partition), _picks(session, named)
        return [
            BettingMatch(
                match,
                partition.season,
                offers.get(match.match_id, ()),
                picks.get(match.match_id, {}),
                overs.get(match.match_id),
            )
            for match in season.matches
        ]


def _offers(session: Session, partition: Partition) -> Mapping[int, tuple[Offer, ...]]:
    league, season = partition.league, partition.season
    quotes = OddsRepository(session).quotes(league, season, tuple(PriceKind), MARKETS)
    fixtures = MatchRepository(session).fixtures(league, season)
    before = [quote for quote in quotes if quote.kind is PriceKind.PRE_MATCH]
    later = [quote for quote in quotes if quote.kind is not PriceKind.PRE_MATCH]
    kickoffs = {match_id: fixture.kickoff_at for match_id, fixture in fixtures.items()}
    return best_offers(before, closing_quotes(later, kickoffs))


def _picks(session: Session, named: Mapping[str, str]) -> Mapping[int, Mapping[str, tuple[Offer, ...]]]:
    """What built-in agents picked, by match and agent."""
    found: dict[int, dict[str, tuple[Offer, ...]]] = {}
    for match_id, agent, market, side, line, *figures in session.execute(_PICKS, {**named, "own": PickOrigin.OWN}):
        offer = Offer(Backed(Market(market), PickSide(side), line), *figures)
        own = found.setdefault(match_id, {})
        own[agent] = (*own.get(agent, ()), offer)
    return found
