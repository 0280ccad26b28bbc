"""Matches of a league's season, replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, exists, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from monps_platform.db.bulk.merge import Changes, copy_rows, merge_stage, staging
from monps_platform.db.locks import lock
from monps_platform.db.models import League as LeagueModel
from monps_platform.db.models import Match, MatchForecast, Odds, Pick, PlayerMatch, Shot, UnderstatMatch
from monps_platform.db.repositories.arguments import InvalidQueryError, require_fields, require_values
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.db.repositories.picks import corrected
from monps_platform.db.repositories.teams import LeagueRepository, TeamRepository
from monps_platform.domain import matches as domain
from monps_platform.domain.fixtures import Fixture
from monps_platform.domain.leagues import League, league
from monps_platform.domain.match_joins import OwnMatch, UnmatchedReason
from monps_platform.domain.partitions import Partition
from monps_platform.domain.pick_resolution import Scheduled
from monps_platform.domain.picks import PickOrigin
from monps_platform.domain.seasons import Season, SeasonError

_TABLE: Table = Match.__table__  # type: ignore[assignment]  # a mapped class of a plain table
_HALF_A_YEAR = timedelta(days=183)
_OWN = ("home_team", "away_team", "meeting")
_VALUES = tuple(item.name for item in fields(domain.Match) if item.name not in _OWN)


class MatchHasPicksError(RuntimeError):
    """A match that picks were taken on is no longer listed; it is not deleted from under them."""


class MatchRepository(Repository[Match, SessionT]):
    """Matches by league and season."""

    model = Match
    fixed = ("id", *Match.natural_key)

    def _completed(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        return [_identified(row) for row in rows]

    @operation
    def replace_partition(
        self, session: Session, source: str, league: League, season: Season, matches: Sequence[domain.Match]
    ) -> Changes:
        """Bring a league's season to the given matches, in this transaction.

        A match keeps its id; an unchanged one is not touched. One that the source lists no longer is deleted with its
        odds, shots, line-ups, forecasts and walk-forward picks if it had been played (the source corrected itself) and
        kept if it was still to come (the source drops fixtures between two publications). Raises MatchHasPicksError
        when other picks were taken on it, or a person corrected one.
        """
        lock(session, "matches", league.code, season.name)
        league_id = LeagueRepository(session).id_of(league.code)
        teams = TeamRepository(session).resolve(source, league, _spellings(matches))
        connection = session.connection()
        columns = ("id", *Match.natural_key, *_VALUES)
        with staging(connection, _TABLE, columns) as stage:
            copy_rows(connection, stage.name, columns, (_row(match, league_id, season, teams) for match in matches))
            changes = merge_stage(connection, _TABLE, stage, Match.natural_key, _VALUES)
            return changes + Changes(deleted=_delete_unlisted(session, league_id, season, stage))

    @operation
    def ids(
        self, session: Session, source: str, league: League, season: Season, matches: Sequence[domain.Match]
    ) -> list[int]:
        """The ids of matches, in their order, computed from their natural keys."""
        league_id = LeagueRepository(session).id_of(league.code)
        teams = TeamRepository(session).resolve(source, league, _spellings(matches))
        return [_id(match, league_id, season, teams) for match in matches]

    @operation
    def own_matches(self, session: Session, league: League, season: Season) -> Sequence[OwnMatch]:
        """The matches of a league's season as joining another source's needs them, by id."""
        here = _of(LeagueRepository(session).id_of(league.code), season)
        found = session.scalars(select(Match).where(*here).order_by(Match.id))
        return [
            OwnMatch(
                match.id, match.home_team_id, match.away_team_id, match.match_date, (match.home_goals, match.away_goals)
            )
            for match in found
        ]

    @operation
    def fixtures(self, session: Session, league: League, season: Season) -> Mapping[int, Fixture]:
        """The matches of a league's season as picks need them, by id."""
        here = _of(LeagueRepository(session).id_of(league.code), season)
        columns = (Match.id, Match.match_date, Match.kickoff_at, Match.home_goals, Match.away_goals)
        rows = session.execute(select(*columns).where(*here).order_by(Match.match_date, Match.id))
        return {row[0]: Fixture(*row) for row in rows}

    @operation
    def scheduled(
        self, session: Session, item: League, first: date, last: date
    ) -> Mapping[tuple[League, int, int], Sequence[Scheduled]]:
        """The matches of a league from half a year before one day to half a year after another, by both clubs."""
        days = Match.match_date.between(first - _HALF_A_YEAR, last + _HALF_A_YEAR)
        league_id = LeagueRepository(session).id_of(item.code)
        columns = (Match.home_team_id, Match.away_team_id, Match.id, Match.match_date, Match.kickoff_at)
        found: dict[tuple[League, int, int], list[Scheduled]] = {}
        rows = session.execute(select(*columns).where(Match.league_id == league_id, days))
        for home, away, *match in rows:
            found.setdefault((item, home, away), []).append(Scheduled(*match))
        return found

    @operation
    def kickoffs(self, session: Session, now: datetime, until: datetime) -> Mapping[str, Sequence[datetime]]:
        """The kickoffs of matches to come between two instants, by league code; where only the day is known, noon."""
        noon = Match.match_date + literal_column("interval '12 hours'")
        kickoff = func.coalesce(Match.kickoff_at, func.timezone("UTC", noon))
        found: dict[str, list[datetime]] = {}
        statement = select(LeagueModel.code, kickoff).join(Match.league).where(kickoff > now, kickoff <= until)
        for code, instant in session.execute(statement.order_by(kickoff)):
            found.setdefault(code, []).append(instant)
        return found

    @operation
    def partitions(self, session: Session) -> Sequence[Partition]:
        """The seasons of leagues that have matches, oldest first."""
        found = select(LeagueModel.code, Match.season).join(Match.league).distinct()
        rows = session.execute(found.order_by(Match.season, LeagueModel.code))
        return [Partition(league(code), Season.parse(season)) for code, season in rows]


def _of(league_id: int, season: Season) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Match.league_id == league_id, Match.season == season.name


def _identified(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row with the id that its natural key gives. Raises InvalidQueryError for a lacking field or another id."""
    require_fields(Match, row)
    if missing := [name for name in Match.natural_key if row.get(name) is None]:
        raise InvalidQueryError(f"a match needs {', '.join(missing)}: its id follows from them")
    require_values(Match, {name: row[name] for name in Match.natural_key})
    try:
        year = Season.parse(row["season"]).start_year
    except SeasonError as error:
        raise InvalidQueryError(str(error)) from error
    found = domain.match_id(year, row["league_id"], row["home_team_id"], row["away_team_id"], row["meeting"])
    if row.get("id", found) != found:
        raise InvalidQueryError(f"the id of this match is {found}, not {row['id']}: leave it out")
    return {**row, "id": found}


def _delete_unlisted(session: Session, league_id: int, season: Season, stage: Table) -> int:
    gone = session.scalars(
        select(Match.id).where(
            *_of(league_id, season),
            Match.home_goals.is_not(None),
            ~exists().where(stage.c.id == Match.id),
        )
    ).all()
    if gone:
        _require_no_picks(session, gone)
        unlinked = {"match_id": None, "unmatched_reason": UnmatchedReason.NO_SUCH_MATCH}
        session.execute(update(UnderstatMatch).where(UnderstatMatch.match_id.in_(gone)).values(**unlinked))
        # What an agent picked over history follows the history. A pick that somebody takes meanwhile stays, and its
        # foreign key refuses that its match goes.
        session.execute(delete(Pick).where(Pick.match_id.in_(gone), ~_is_kept()))
        for model in (MatchForecast, PlayerMatch, Shot, Odds):
            session.execute(delete(model).where(model.match_id.in_(gone)))
        session.execute(delete(Match).where(Match.id.in_(gone)))
    return len(gone)


def _require_no_picks(session: Session, gone: Sequence[int]) -> None:
    picked = session.execute(
        select(Pick.match_id, func.count())
        .where(Pick.match_id.in_(gone), _is_kept())
        .group_by(Pick.match_id)
        .order_by(Pick.match_id)
    ).all()
    if picked:
        named = ", ".join(f"{match_id} ({count} {'pick' if count == 1 else 'picks'})" for match_id, count in picked)
        raise MatchHasPicksError(
            f"the source lists matches no longer that picks were taken on: {named}. Nothing was changed. Look at them "
            "in tracking_clv_picks; void or move the picks, or wait for the source to list the matches again"
        )


def _is_kept() -> ColumnElement[bool]:
    """Whether a pick is somebody's: taken before the match, or corrected by a person."""
    return or_(Pick.origin != PickOrigin.WALK_FORWARD, corrected())


def _spellings(matches: Sequence[domain.Match]) -> set[str]:
    return {name for match in matches for name in (match.home_team, match.away_team)}


def _id(match: domain.Match, league_id: int, season: Season, teams: Mapping[str, int]) -> int:
    return domain.match_id(season.start_year, league_id, teams[match.home_team], teams[match.away_team], match.meeting)


def _row(match: domain.Match, league_id: int, season: Season, teams: Mapping[str, int]) -> tuple[object, ...]:
    return (
        _id(match, league_id, season, teams),
        league_id,
        season.name,
        teams[match.home_team],
        teams[match.away_team],
        match.meeting,
        *(getattr(match, name) for name in _VALUES),
    )
