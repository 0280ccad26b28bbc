"""What is derived about teams: DNA, tactical profiles, friction, strategies and scorers.

Rows are kept as of each day they were computed for; where a method does not say otherwise, it gives the newest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, func, select, tuple_, update
from sqlalchemy.orm import Session, aliased, joinedload

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.models import (
    ChessClassification,
    GoalscorerProfile,
    Match,
    QuantumFriction,
    QuantumStrategy,
    TeamQuantumDna,
)
from monps_platform.db.repositories.arguments import InvalidQueryError, page, require_values
from monps_platform.db.repositories.as_of import AsOfRepository
from monps_platform.db.repositories.foretold_goals import foretold
from monps_platform.db.repositories.operation import FRESH, SessionT, operation
from monps_platform.db.repositories.teams import LeagueRepository
from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.dna.team_dna import VECTORS, TeamDna
from monps_platform.domain.quantum.friction.vocabulary import Score
from monps_platform.domain.quantum.scorers.calibration import ScorerForecasts

AsOfRow = TypeVar("AsOfRow", ChessClassification, QuantumStrategy, GoalscorerProfile)


@dataclass(frozen=True)
class FrictionMatch:
    """A match, with its teams, and the friction between them that was known before it."""

    match: Match
    friction: QuantumFriction


class TeamDnaRepository(AsOfRepository[TeamQuantumDna, SessionT]):
    """The DNA vectors of teams."""

    model = TeamQuantumDna

    @operation
    def get_newest(self, session: Session, team_id: int, *, season: str | None = None) -> TeamQuantumDna | None:
        """A team's newest vectors (of a season, if named), with the team; None when there are none."""
        statement = self._select(TeamQuantumDna.team_id == team_id)
        if season is not None:
            statement = statement.where(TeamQuantumDna.season == season)
        newest = statement.order_by(TeamQuantumDna.as_of.desc(), TeamQuantumDna.season.desc()).limit(1)
        return session.scalars(newest.options(joinedload(TeamQuantumDna.team))).one_or_none()

    @operation
    def known(self, session: Session, partition: Partition, as_of: date) -> Mapping[int, TeamDna]:
        """The newest vectors of a league's season as of a day or earlier, by team; raises ValueError for vectors of
        another schema than that of now.
        """
        table = TeamQuantumDna
        league_id = LeagueRepository(session).id_of(partition.league.code)
        here = (table.league_id == league_id, table.season == partition.season.name, table.as_of <= as_of)
        newest = select(func.max(table.as_of)).where(*here).scalar_subquery()
        columns = [getattr(table, name) for name in VECTORS]
        rows = session.execute(select(table.team_id, *columns).where(*here, table.as_of == newest))
        return {team_id: TeamDna.of(dict(zip(VECTORS, vectors, strict=True))) for team_id, *vectors in rows}


class TacticalProfileRepository(AsOfRepository[ChessClassification, SessionT]):
    """The tactical profiles of teams."""

    model = ChessClassification

    def _follow_up(self, session: Session, partition: Partition) -> Changes:
        """Of every team the newest row is the current one, and no other."""
        table = ChessClassification
        league_id = LeagueRepository(session).id_of(partition.league.code)
        of_league = table.team_id.in_(select(table.team_id).where(table.league_id == league_id))
        is_newest = _newest(table, table.team_id)
        # The old one first: a team never has two.
        for current, which in ((False, ~is_newest), (True, is_newest)):
            changed = update(table).where(of_league, which, table.is_current.is_not(current)).values(is_current=current)
            session.execute(changed.execution_options(synchronize_session=False))
        return Changes()

    @operation
    def get_current(self, session: Session, team_id: int) -> ChessClassification | None:
        """A team's current classification, with the team; None when it was never classified."""
        statement = self._select(ChessClassification.team_id == team_id, ChessClassification.is_current)
        return session.scalars(statement.options(joinedload(ChessClassification.team))).one_or_none()

    @operation
    def get_history(
        self, session: Session, team_id: int, *, skip: int = 0, limit: int = 100
    ) -> Sequence[ChessClassification]:
        """Every classification of a team, the newest first, with the team."""
        statement = (
            self._select(ChessClassification.team_id == team_id)
            .options(joinedload(ChessClassification.team))
            .order_by(ChessClassification.as_of.desc(), ChessClassification.season.desc())
        )
        return session.scalars(page(statement, skip, limit)).all()


class FrictionRepository(AsOfRepository[QuantumFriction, SessionT]):
    """The friction between ordered pairs of teams."""

    model = QuantumFriction

    @operation
    def get_friction(
        self, session: Session, home_team_id: int, away_team_id: int, *, season: str | None = None
    ) -> QuantumFriction | None:
        """The newest friction of a home and an away team (of a season, if named), with both; None when unknown."""
        if home_team_id == away_team_id:
            raise InvalidQueryError(f"a team has no friction with itself: both are team {home_team_id}")
        statement = self._select(
            QuantumFriction.home_team_id == home_team_id, QuantumFriction.away_team_id == away_team_id
        )
        if season is not None:
            statement = statement.where(QuantumFriction.season == season)
        newest = statement.order_by(QuantumFriction.as_of.desc(), QuantumFriction.season.desc()).limit(1)
        teams = (joinedload(QuantumFriction.home_team), joinedload(QuantumFriction.away_team))
        return session.scalars(newest.options(*teams)).one_or_none()

    @operation
    def scores_known(
        self, session: Session, partition: Partition, day: date
    ) -> tuple[date | None, Mapping[tuple[int, int], Mapping[Score, float | None]]]:
        """The newest scores of a league's season as of a day or earlier, by home and away team of that league, and the
        day that they are of; None where there are none.
        """
        table = QuantumFriction
        league_id = LeagueRepository(session).id_of(partition.league.code)
        here = (table.league_id == league_id, table.season == partition.season.name, table.same_league)
        newest = session.scalar(select(func.max(table.as_of)).where(*here, table.as_of <= day))
        columns = [getattr(table, score.value) for score in Score]
        rows = session.execute(
            select(table.home_team_id, table.away_team_id, *columns).where(*here, table.as_of == newest)
        )
        return newest, {(home, away): dict(zip(Score, scores, strict=True)) for home, away, *scores in rows}

    @operation
    def get_high_friction_matches(
        self, session: Session, min_score: float, *, upcoming_from: date | None = None, skip: int = 0, limit: int = 100
    ) -> Sequence[FrictionMatch]:
        """Matches between teams whose friction is at least ``min_score`` (0 to 100), the highest first.

        The friction is the newest of the pair as of the match's day or earlier, so that no match is judged by what
        came after it. With ``upcoming_from`` only matches on or after that day that have no score yet.
        """
        if not 0 <= min_score <= 100:
            raise InvalidQueryError(f"min_score is {min_score}: friction goes from 0 to 100")
        rows = session.execute(page(_high_friction(min_score, upcoming_from), skip, limit))
        return [FrictionMatch(*row) for row in rows]


class StrategyRepository(AsOfRepository[QuantumStrategy, SessionT]):
    """Strategies on the matches of teams, with the evidence for them."""

    model = QuantumStrategy

    @operation
    def get_team_strategies(
        self, session: Session, team_id: int, *, active_only: bool = False
    ) -> Sequence[QuantumStrategy]:
        """A team's strategies as newest evaluated, with the team, the best lower end of the ROI interval first."""
        chosen = [QuantumStrategy.team_id == team_id, *([QuantumStrategy.is_active] if active_only else [])]
        return session.scalars(_strategies(*chosen)).all()

    @operation
    def get_best_by_market(self, session: Session, market: Market, *, limit: int = 10) -> Sequence[QuantumStrategy]:
        """The active strategies of a market as newest evaluated, with the team, the best lower end of the ROI interval
        first; none when no strategy has survived its test.
        """
        require_values(QuantumStrategy, {"market": market})
        found = _strategies(QuantumStrategy.market == market, QuantumStrategy.is_active)
        return session.scalars(page(found, 0, limit)).all()

    @operation
    def active_markets(self, session: Session, partition: Partition, as_of: date) -> Mapping[int, set[Market]]:
        """The markets of a league's season in which a team has a strategy that was active as newest evaluated on a day
        or earlier, by team.
        """
        table = QuantumStrategy
        league_id = LeagueRepository(session).id_of(partition.league.code)
        here = (table.league_id == league_id, table.season == partition.season.name, table.as_of <= as_of)
        newest = select(func.max(table.as_of)).where(*here).scalar_subquery()
        found: dict[int, set[Market]] = {}
        chosen = select(table.team_id, table.market).where(*here, table.as_of == newest, table.is_active)
        for team_id, market in session.execute(chosen):
            found.setdefault(team_id, set()).add(market)
        return found


class GoalscorerRepository(AsOfRepository[GoalscorerProfile, SessionT]):
    """The scorers of teams."""

    model = GoalscorerProfile

    @operation
    def get_by_team(self, session: Session, team_id: int, *, season: str | None = None) -> Sequence[GoalscorerProfile]:
        """A team's scorers as newest computed in each season (or in one), with the team, by season and goals."""
        chosen = [GoalscorerProfile.team_id == team_id]
        return session.scalars(_scorers(season, *chosen).order_by(GoalscorerProfile.season.desc(), *_MOST_GOALS)).all()

    @operation
    def get_top_scorers(
        self, session: Session, season: str, *, league: str | None = None, limit: int = 20
    ) -> Sequence[GoalscorerProfile]:
        """The players with most goals for one club in a season (of a league, by code, if named), with the team."""
        statement = page(_scorers(season).order_by(*_MOST_GOALS), 0, limit)
        if league is not None:
            plays = exists().where(
                Match.league_id == LeagueRepository(session).id_of(league),
                Match.season == season,
                GoalscorerProfile.team_id.in_([Match.home_team_id, Match.away_team_id]),
            )
            statement = statement.where(plays)
        return session.scalars(statement).all()

    @operation
    def foretold(self, session: Session, *, simulated: bool) -> ScorerForecasts:
        """What the profiles of real or of simulated leagues foretold of later matches with shots: those newest of each
        team before the match, of the same season, or of the one before for players who are still at the club.
        """
        return foretold(session, simulated=simulated)


_MOST_GOALS = (GoalscorerProfile.goals.desc(), GoalscorerProfile.minutes, GoalscorerProfile.id)


def _newest(model: type[AsOfRow], *partition: Any) -> ColumnElement[bool]:
    """That a row is the newest of those that share the columns of ``partition``."""
    other = aliased(model)
    same = [getattr(other, column.key) == column for column in partition]
    return ~exists().where(*same, _later(other, model))


def _later(one: Any, other: Any) -> ColumnElement[bool]:
    """That a row is newer than another; of one day, the row of the later season."""
    return tuple_(one.as_of, one.season) > tuple_(other.as_of, other.season)


def _high_friction(min_score: float, upcoming_from: date | None) -> Select[tuple[Match, QuantumFriction]]:
    other = aliased(QuantumFriction)
    known_before = QuantumFriction.as_of <= Match.match_date
    newer = exists().where(
        other.home_team_id == QuantumFriction.home_team_id,
        other.away_team_id == QuantumFriction.away_team_id,
        _later(other, QuantumFriction),
        other.as_of <= Match.match_date,
    )
    pair = and_(QuantumFriction.home_team_id == Match.home_team_id, QuantumFriction.away_team_id == Match.away_team_id)
    statement = (
        select(Match, QuantumFriction)
        .execution_options(**FRESH)
        .join(QuantumFriction, and_(pair, known_before, ~newer))
        .where(QuantumFriction.friction_score >= min_score)
        .options(joinedload(Match.home_team), joinedload(Match.away_team), joinedload(Match.league))
        .order_by(QuantumFriction.friction_score.desc(), Match.match_date, Match.id)
    )
    if upcoming_from is None:
        return statement
    return statement.where(Match.home_goals.is_(None), Match.match_date >= upcoming_from)


def _strategies(*chosen: SQLColumnExpression[bool]) -> Select[tuple[QuantumStrategy]]:
    key = (QuantumStrategy.team_id, QuantumStrategy.strategy, QuantumStrategy.market)
    return (
        select(QuantumStrategy)
        .execution_options(**FRESH)
        .where(*chosen, _newest(QuantumStrategy, *key))
        .options(joinedload(QuantumStrategy.team))
        .order_by(QuantumStrategy.roi_low.desc().nulls_last(), QuantumStrategy.id)
    )


def _scorers(season: str | None, *chosen: ColumnElement[bool]) -> Select[tuple[GoalscorerProfile]]:
    # Of a team, not of a player: one who is not among its newest rows has not scored for it after all.
    key = (GoalscorerProfile.team_id, GoalscorerProfile.season)
    of_season = [] if season is None else [GoalscorerProfile.season == season]
    return (
        select(GoalscorerProfile)
        .execution_options(**FRESH)
        .where(*chosen, *of_season, _newest(GoalscorerProfile, *key))
        .options(joinedload(GoalscorerProfile.team))
    )
