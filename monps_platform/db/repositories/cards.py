"""All that a card of a team or of a match shows, in few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from monps_platform.db.models import (
    Bookmaker,
    ChessClassification,
    GoalModelFit,
    GoalscorerProfile,
    League,
    Match,
    MatchForecast,
    QuantumFriction,
    QuantumStrategy,
    Team,
    TeamAlias,
    TeamQuantumDna,
)
from monps_platform.db.repositories.operation import FRESH, Bound, SessionT, operation
from monps_platform.db.repositories.quantum import FrictionRepository
from monps_platform.db.repositories.teams import AmbiguousTeamError, TeamRepository, UnknownTeamError
from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.judgement import VERSIONS
from monps_platform.domain.quantum.cards.outlook import GAPS, MatchOutlook, NoOutlook
from monps_platform.domain.quantum.dna.team_dna import VECTORS, TeamDna
from monps_platform.domain.quantum.scorers.goal_periods import GoalPeriods
from monps_platform.domain.quantum.scorers.profile import ScorerProfile

AsOfRow = TypeVar("AsOfRow", ChessClassification, QuantumStrategy, GoalscorerProfile)

_PROFILE = tuple(item.name for item in fields(ScorerProfile) if item.name != "goal_periods")
_MOST_GOALS = (GoalscorerProfile.goals.desc(), GoalscorerProfile.minutes, GoalscorerProfile.id)
_OUTLOOK = ("home_prob", "draw_prob", "away_prob", "over25_prob", "btts_prob")
_GOALS = ("home_goals_expected", "away_goals_expected")


class NoDnaError(LookupError):
    """A team, or two together, without DNA as it is asked for; the message says what there is."""


@dataclass(frozen=True)
class TeamRows:
    """What is known of a team in a season, each as of its newest day; ``opponents`` are the names of those whom its
    nemesis vector calls best and worst, by id.
    """

    row: TeamQuantumDna
    dna: TeamDna
    profile: ChessClassification | None
    strategies: Sequence[QuantumStrategy]
    scorers: Sequence[GoalscorerProfile]
    opponents: Mapping[int, str]


@dataclass(frozen=True)
class Standing:
    """A team in a season that it has DNA of: as of which day, and how many matches it rests on."""

    team_id: int
    season: str
    as_of: date
    n_matches: int
    league: str
    league_name: str


@dataclass(frozen=True)
class Quoted:
    """What a stored forecast expects of a fixture; of the market, whose prices they are."""

    outlook: MatchOutlook | NoOutlook
    bookmaker: str | None = None


@dataclass(frozen=True)
class MatchRows:
    """What is known of two teams in the newest season of both."""

    home: Standing
    away: Standing
    friction: QuantumFriction | None
    fixture: Match | None
    forecasts: Mapping[ForecastModel, Quoted]
    home_scorers: Sequence[ScorerProfile]
    away_scorers: Sequence[ScorerProfile]
    scorers_as_of: date | None


class CardRepository(Bound[SessionT]):
    """The cards of teams and matches."""

    @operation
    def club(self, session: Session, name: str) -> Team:
        """The club of a name or spelling; in another case, too, where exactly one club has it so.

        Raises UnknownTeamError with the names that come near, or AmbiguousTeamError.
        """
        try:
            return TeamRepository(session).get_by_name(name)
        except UnknownTeamError:
            asked = name.strip().casefold()
            ids = {team_id for known, team_id in _names(session) if known.casefold() == asked}
            if not ids:
                raise
        found = session.scalars(select(Team).where(Team.id.in_(ids)).order_by(Team.id)).all()
        if len(found) > 1:
            owners = ", ".join(f"{team.name} ({team.country})" for team in found)
            raise AmbiguousTeamError(f"{len(found)} clubs are called {name!r} in one case or another: {owners}")
        return found[0]

    @operation
    def team(self, session: Session, team: Team, *, season: str | None = None, as_of: date | None = None) -> TeamRows:
        """A team's card (of a season, if named) as known on a day; five statements. Raises NoDnaError."""
        statement = select(TeamQuantumDna).execution_options(**FRESH).where(TeamQuantumDna.team_id == team.id)
        if season is not None:
            statement = statement.where(TeamQuantumDna.season == season)
        if as_of is not None:
            statement = statement.where(TeamQuantumDna.as_of <= as_of)
        newest = statement.order_by(TeamQuantumDna.as_of.desc(), TeamQuantumDna.season.desc()).limit(1)
        loaded = newest.options(joinedload(TeamQuantumDna.team), joinedload(TeamQuantumDna.league))
        row = session.scalars(loaded).one_or_none()
        if row is None:
            raise NoDnaError(_no_dna(session, team, season, as_of))
        return _team_rows(session, row, as_of)

    @operation
    def match(self, session: Session, home: Team, away: Team, today: date, *, season: str | None = None) -> MatchRows:
        """The card of a match in the newest season that both teams have DNA of (or in a named one); the fixture is the
        next between them from ``today`` on, if one is scheduled. Raises NoDnaError.
        """
        host, guest = _common(_standings(session, (home, away)), home, away, season)
        fixture = _fixture(session, home, away, today, season)
        profiles = {team.id: _newest(session, GoalscorerProfile, team.id, host.season, None) for team in (home, away)}
        days = {row.as_of for rows in profiles.values() for row in rows}
        return MatchRows(
            host,
            guest,
            FrictionRepository(session).get_friction(home.id, away.id, season=host.season),
            fixture,
            {} if fixture is None else _forecasts(session, fixture),
            home_scorers=[_scorer(row) for row in profiles[home.id]],
            away_scorers=[_scorer(row) for row in profiles[away.id]],
            scorers_as_of=max(days, default=None),
        )


def _names(session: Session) -> Sequence[tuple[str, int]]:
    spelled = select(TeamAlias.spelling, TeamAlias.team_id).where(TeamAlias.team_id.is_not(None))
    rows = session.execute(spelled.union(select(Team.name, Team.id)))
    return [(name, team_id) for name, team_id in rows if team_id is not None]


def _team_rows(session: Session, row: TeamQuantumDna, as_of: date | None) -> TeamRows:
    dna = TeamDna.of({name: getattr(row, name) for name in VECTORS})
    here = row.team_id, row.season, as_of
    profiles = _newest(session, ChessClassification, *here)
    strategies = _newest(session, QuantumStrategy, *here)
    scorers = _newest(session, GoalscorerProfile, *here)
    records = (*(dna.nemesis.best_opponents or ()), *(dna.nemesis.worst_opponents or ()))
    names = select(Team.id, Team.name).where(Team.id.in_({record.opponent_id for record in records}))
    opponents = dict(session.execute(names).tuples().all()) if records else {}
    return TeamRows(row, dna, profiles[0] if profiles else None, strategies, scorers, opponents)


def _newest(session: Session, model: type[AsOfRow], team_id: int, season: str, as_of: date | None) -> Sequence[AsOfRow]:
    """A team's rows of a season, all of the newest day that has any."""
    here = [model.team_id == team_id, model.season == season]
    if as_of is not None:
        here.append(model.as_of <= as_of)
    day = select(func.max(model.as_of)).where(*here).scalar_subquery()
    order = _MOST_GOALS if model is GoalscorerProfile else (model.id,)
    statement = select(model).execution_options(**FRESH).where(*here, model.as_of == day)
    return session.scalars(statement.order_by(*order)).all()


def _standings(session: Session, teams: Sequence[Team]) -> dict[tuple[int, str], Standing]:
    """The newest of each season by team and season."""
    table = TeamQuantumDna
    columns = (table.team_id, table.season, table.as_of, table.n_matches, League.code, League.name)
    found = select(*columns).join(League, table.league_id == League.id)
    found = found.where(table.team_id.in_([team.id for team in teams]))
    newest = found.distinct(table.team_id, table.season).order_by(table.team_id, table.season, table.as_of.desc())
    return {(row[0], row[1]): Standing(*row) for row in session.execute(newest)}


def _common(
    found: Mapping[tuple[int, str], Standing], home: Team, away: Team, season: str | None
) -> tuple[Standing, Standing]:
    """Both teams in the newest season that both have."""
    seasons = {team.id: {name for team_id, name in found if team_id == team.id} for team in (home, away)}
    both = sorted(name for name in seasons[home.id] & seasons[away.id] if season in (None, name))
    if both:
        return found[home.id, both[-1]], found[away.id, both[-1]]
    held = "; ".join(f"{team.name} has {_listed(sorted(seasons[team.id]))}" for team in (home, away))
    wanted = "together in a season" if season is None else f"both in {season}"
    raise NoDnaError(f"{home.name} and {away.name} have no DNA {wanted}: {held}")


def _no_dna(session: Session, team: Team, season: str | None, as_of: date | None) -> str:
    table = TeamQuantumDna
    held = select(table.season, func.min(table.as_of)).where(table.team_id == team.id)
    rows = session.execute(held.group_by(table.season).order_by(table.season)).tuples().all()
    of_season = "" if season is None else f" of {season}"
    by_day = "" if as_of is None else f" as of {as_of} or earlier"
    wanted = of_season + by_day or " yet"
    first = "" if not rows else f", the first as of {min(day for _, day in rows)}"
    return f"{team.name} has no DNA{wanted}: it has {_listed([name for name, _ in rows])}{first}"


def _listed(seasons: Sequence[str]) -> str:
    return ", ".join(seasons) or "none (monps up derives it from the matches that it loads)"


def _fixture(session: Session, home: Team, away: Team, today: date, season: str | None) -> Match | None:
    pair = (Match.home_team_id == home.id, Match.away_team_id == away.id)
    to_come = select(Match).execution_options(**FRESH).where(*pair, Match.home_goals.is_(None))
    if season is not None:
        to_come = to_come.where(Match.season == season)
    return session.scalars(
        to_come.where(Match.match_date >= today).order_by(Match.match_date, Match.id).limit(1)
    ).one_or_none()


def _forecasts(session: Session, fixture: Match) -> Mapping[ForecastModel, Quoted]:
    """The stored forecasts of a fixture by the versions of the models in force."""
    columns = [getattr(MatchForecast, name) for name in (*_OUTLOOK, *_GOALS, "as_of")]
    named = (MatchForecast.model, MatchForecast.model_version, MatchForecast.gap, Bookmaker.name)
    found = select(*named, *columns, GoalModelFit.n_matches).outerjoin(
        GoalModelFit, MatchForecast.fit_id == GoalModelFit.id
    )
    speaks = func.coalesce(MatchForecast.one_x_two_bookmaker_id, MatchForecast.over_under_bookmaker_id)
    found = found.outerjoin(Bookmaker, Bookmaker.id == speaks).where(MatchForecast.match_id == fixture.id)
    return {
        model: Quoted(GAPS[gap] if gap is not None else MatchOutlook(*figures), bookmaker)
        for model, version, gap, bookmaker, *figures in session.execute(found)
        if VERSIONS.get(model) == version
    }


def _scorer(row: GoalscorerProfile) -> ScorerProfile:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PROFILE}
    return ScorerProfile(**values, goal_periods=GoalPeriods.model_validate(row.goal_periods))
