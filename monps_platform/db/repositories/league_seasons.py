"""Leagues' seasons with all that team DNA, profiles and scorers are computed from, and how to tell that it changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from monps_platform.db.repositories.operation import Bound, SessionT, operation
from monps_platform.domain.bookmakers import MARKET_AVERAGES
from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.leagues import league
from monps_platform.domain.market_forecasts import MARKET_VERSION, TOTALS_LINE
from monps_platform.domain.odds import HIGHEST_OVERROUND, LOWEST_OVERROUND, PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.days import Played
from monps_platform.domain.quantum.season import (
    AveragePrices,
    FairProbabilities,
    LeagueSeason,
    PlayerTotals,
    SeasonMatch,
    Side,
)
from monps_platform.domain.seasons import Season
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.understat import Appearance, Shot

_FIRST = Season(1000)
"""Before every season."""
_SIDE = (
    *("team_id", "goals", "half_time_goals", "shots", "shots_on_target", "corners", "fouls"),
    *("yellow_cards", "red_cards", "xg", "ppda", "deep"),
)


def _side(side: str) -> str:
    own = [f"m.{side}_team_id", f"m.{side}_goals", f"m.half_time_{side}_goals"]
    own += [f"m.{side}_{name}" for name in _SIDE[3:9]]
    return ", ".join([*own, *(f"u.{side}_{name}" for name in _SIDE[9:])])


_MATCHES = """SELECT m.id, m.match_date, m.kickoff_at, {home}, {away}
    FROM matches m JOIN leagues l ON l.id = m.league_id
    LEFT JOIN understat_matches u ON u.match_id = m.id AND u.home_xg IS NOT NULL
    WHERE l.code = :league AND m.season BETWEEN :first AND :last AND m.match_date < :as_of AND m.home_goals IS NOT NULL
    ORDER BY m.match_date, m.id"""
_FAIR = text("""SELECT match_id, model = :closing, home_prob, draw_prob, away_prob, over25_prob
    FROM quantum.match_forecasts WHERE match_id = ANY (:matches) AND model IN (:pre_match, :closing)
    AND model_version = :version AND home_prob IS NOT NULL""")
# Averages have one quote of a market at a time: max() takes each out of its row. A few handicaps of the source are in
# no quarters of a goal: nobody can settle them.
_PRICES = text("""SELECT o.match_id, o.price_kind = :closing, max(o.home_price) FILTER (WHERE o.market = '1x2'),
        max(o.draw_price), max(o.away_price) FILTER (WHERE o.market = '1x2'), max(o.over_price), max(o.under_price),
        max(o.line) FILTER (WHERE o.market = 'asian_handicap'),
        max(o.home_price) FILTER (WHERE o.market = 'asian_handicap'),
        max(o.away_price) FILTER (WHERE o.market = 'asian_handicap')
    FROM odds o JOIN bookmakers b ON b.id = o.bookmaker_id
    WHERE o.match_id = ANY (:matches) AND b.key = ANY (:averages) AND o.price_kind IN (:pre_match, :closing)
        AND (o.market <> 'over_under' OR o.line = :totals) AND o.overround BETWEEN :lowest AND :highest
        AND (o.market <> 'asian_handicap' OR o.line * 4 % 1 = 0)
    GROUP BY o.match_id, o.price_kind""")
_SHOTS = text("""SELECT s.match_id, s.id, s.team_id = m.home_team_id, s.minute, s.player_id, s.player, s.assisted_by,
        s.situation::text, s.body_part::text, s.result::text, s.last_action, s.x, s.y, s.xg
    FROM shots s JOIN matches m ON m.id = s.match_id WHERE s.match_id = ANY (:matches)
    ORDER BY s.match_id, s.minute, s.id""")
_APPEARANCES = text("""SELECT p.match_id, p.player_id, p.player, p.team_id = m.home_team_id, p.position, p.minutes,
        p.goals, p.own_goals, p.shots, p.assists, p.key_passes, p.yellow_cards, p.red_cards, p.xg, p.xa, p.xg_chain,
        p.xg_buildup
    FROM player_matches p JOIN matches m ON m.id = p.match_id WHERE p.match_id = ANY (:matches)
    ORDER BY p.match_id, p.player_id""")
_PLAYERS = text("""SELECT p.player_id, p.player, p.team_id, p.position, p.appearances, p.minutes, p.goals,
        p.non_penalty_goals, p.assists, p.shots, p.xg, p.non_penalty_xg, p.xa, p.xg_chain, p.xg_buildup
    FROM player_seasons p JOIN leagues l ON l.id = p.league_id
    WHERE l.code = :league AND p.season = :season ORDER BY p.team_id, p.player_id""")
_PLAYED = text("""SELECT l.code, m.season, min(m.match_date), max(m.match_date)
    FROM matches m JOIN leagues l ON l.id = m.league_id
    WHERE m.home_goals IS NOT NULL GROUP BY l.code, m.season ORDER BY m.season, l.code""")

# A sum of the rows' hashes tells any change, in whatever order the server reads them.
_STATE = """SELECT l.code, {season}.season, count(*) || ':' || sum(hashtextextended(t::text, 0)::numeric)
    FROM {table} t {join} JOIN leagues l ON l.id = {season}.league_id GROUP BY l.code, {season}.season"""
_OF_SEASON = partial(_STATE.format, season="t", join="")
_OF_MATCH = partial(_STATE.format, season="m", join="JOIN matches m ON m.id = t.match_id")
_STATES = MappingProxyType(
    {
        **{table: text(_OF_SEASON(table=table)) for table in ("matches", "understat_matches", "player_seasons")},
        **{
            table: text(_OF_MATCH(table=table))
            for table in ("odds", "quantum.match_forecasts", "shots", "player_matches", "tracking_clv_picks")
        },
    }
)
STATEFUL = frozenset(_STATES)
"""The tables whose state is told."""


class LeagueSeasonRepository(Bound[SessionT]):
    """Leagues' seasons, read from the tables of matches, prices, forecasts, shots and players."""

    @operation
    def played(self, session: Session) -> Mapping[Partition, Played]:
        """The days on which the matches with a score of every league's season lie, the oldest season first."""
        return {
            Partition(league(code), Season.parse(season)): Played(first, last)
            for code, season, first, last in session.execute(_PLAYED)
        }

    @operation
    def states(self, session: Session, tables: Collection[str]) -> Mapping[Partition, Mapping[str, str]]:
        """For every league's season, by table, a text that changes with any of its rows there; a table without a row
        of the season is left out. Raises KeyError for a table that is not among STATEFUL.
        """
        found: dict[Partition, dict[str, str]] = {}
        for table in sorted(tables):
            for code, season, state in session.execute(_STATES[table]):
                found.setdefault(Partition(league(code), Season.parse(season)), {})[table] = state
        return found

    @operation
    def get(self, session: Session, partition: Partition, as_of: date) -> LeagueSeason:
        """A league's season as it stood on a day. Totals of players are those of now: they are left out where a match
        of that day or later is held.
        """
        season = partition.season
        matches = _matches(session, partition.league.code, (season, season), as_of)
        details = _details(session, [match.match_id for match in matches])
        played = LeagueSeasonRepository(session).played().get(partition)
        is_whole = played is not None and played.last < as_of
        rows = session.execute(_PLAYERS, {"league": partition.league.code, "season": season.name})
        return LeagueSeason(
            partition,
            as_of,
            tuple(replace(match, **details.get(match.match_id, {})) for match in matches),
            (tuple(PlayerTotals(*row) for row in rows) or None) if is_whole else None,
            _matches(session, partition.league.code, (_FIRST, Season(season.start_year - 1)), as_of),
        )


def _matches(session: Session, code: str, seasons: tuple[Season, Season], as_of: date) -> tuple[SeasonMatch, ...]:
    """Played matches of a league from a season to another, with what the market expected of them."""
    first, last = seasons
    named = {"league": code, "first": first.name, "last": last.name, "as_of": as_of}
    rows = session.execute(text(_MATCHES.format(home=_side("home"), away=_side("away"))), named).all()
    fair = _fair(session, [row[0] for row in rows])
    return tuple(
        SeasonMatch(
            match_id,
            day,
            kickoff_at,
            Side(*sides[: len(_SIDE)]),
            Side(*sides[len(_SIDE) :]),
            fair_pre_match=fair.get((match_id, False)),
            fair_closing=fair.get((match_id, True)),
        )
        for match_id, day, kickoff_at, *sides in rows
    )


def _fair(session: Session, matches: list[int]) -> dict[tuple[int, bool], FairProbabilities]:
    """What the market expected, by match and whether at the close."""
    models = {"pre_match": ForecastModel.MARKET_PRE_MATCH.value, "closing": ForecastModel.MARKET_CLOSING.value}
    rows = session.execute(_FAIR, {"matches": matches, **models, "version": MARKET_VERSION})
    return {(row[0], row[1]): FairProbabilities(*row[2:]) for row in rows}


def _details(session: Session, matches: list[int]) -> dict[int, dict[str, Any]]:
    """Average prices, shots and line-ups by match, each where it is held."""
    found: dict[int, dict[str, Any]] = {}
    kinds = {"pre_match": PriceKind.PRE_MATCH.value, "closing": PriceKind.CLOSING.value}
    given = {"matches": matches, **kinds, "averages": list(MARKET_AVERAGES), "totals": TOTALS_LINE}
    given |= {"lowest": LOWEST_OVERROUND, "highest": HIGHEST_OVERROUND}
    for match_id, is_closing, *prices in session.execute(_PRICES, given):
        known = AveragePrices(*(None if price is None else float(price) for price in prices))
        found.setdefault(match_id, {})["closing" if is_closing else "pre_match"] = known
    for match_id, *columns in session.execute(_SHOTS, {"matches": matches}):
        found.setdefault(match_id, {}).setdefault("shots", []).append(_shot(*columns))
    for match_id, *columns in session.execute(_APPEARANCES, {"matches": matches}):
        found.setdefault(match_id, {}).setdefault("appearances", []).append(Appearance(*columns))
    return {match_id: {name: _frozen(value) for name, value in parts.items()} for match_id, parts in found.items()}


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _shot(
    shot_id: int, is_home: bool, minute: int, player_id: int, player: str, assisted_by: str | None, *rest: Any
) -> Shot:
    situation, body_part, result, last_action, x, y, xg = rest
    kinds = ShotSituation(situation), BodyPart(body_part), ShotResult(result)
    return Shot(shot_id, is_home, minute, player_id, player, assisted_by, *kinds, last_action, x, y, xg)
