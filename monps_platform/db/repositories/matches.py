"""Matches of a league's season, replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from sqlalchemy import Table, delete, exists, func, select
from sqlalchemy.orm import Session

from monps_platform.db.bulk.merge import Changes, copy_rows, merge_stage, staging
from monps_platform.db.locks import lock
from monps_platform.db.models import Match, Odds
from monps_platform.db.repositories.teams import LeagueRepository, TeamRepository
from monps_platform.domain import matches as domain
from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season

_TABLE: Table = Match.__table__  # type: ignore[assignment]  # a mapped class of a plain table
_KEY = ("league_id", "season", "home_team_id", "away_team_id", "meeting")
_OWN = ("home_team", "away_team", "meeting")
_VALUES = tuple(item.name for item in fields(domain.Match) if item.name not in _OWN)


class MatchRepository:
    """Matches by league and season."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def replace_partition(
        self, source: str, league: League, season: Season, matches: Sequence[domain.Match]
    ) -> Changes:
        """Bring a league's season to the given matches, in this transaction.

        A match keeps its id; an unchanged one is not touched. One that the source lists no longer is deleted with
        its odds if it had been played (the source corrected itself) and kept if it was still to come (the source
        drops fixtures between two publications).
        """
        lock(self._session, "matches", league.code, season.name)
        league_id = LeagueRepository(self._session).id_of(league.code)
        teams = TeamRepository(self._session).resolve(source, league, _spellings(matches))
        connection = self._session.connection()
        columns = ("id", *_KEY, *_VALUES)
        with staging(connection, _TABLE, columns) as stage:
            copy_rows(connection, stage.name, columns, (_row(match, league_id, season, teams) for match in matches))
            changes = merge_stage(connection, _TABLE, stage, _KEY, _VALUES)
            return changes + Changes(deleted=self._delete_unlisted(league_id, season, stage))

    def ids(self, source: str, league: League, season: Season, matches: Sequence[domain.Match]) -> list[int]:
        """The ids of matches, in their order, computed from their natural keys."""
        league_id = LeagueRepository(self._session).id_of(league.code)
        teams = TeamRepository(self._session).resolve(source, league, _spellings(matches))
        return [_id(match, league_id, season, teams) for match in matches]

    def count(self, league: League, season: Season) -> int:
        """Matches held of a league's season."""
        league_id = LeagueRepository(self._session).id_of(league.code)
        statement = select(func.count()).where(Match.league_id == league_id, Match.season == season.name)
        return self._session.scalars(statement).one()

    def _delete_unlisted(self, league_id: int, season: Season, stage: Table) -> int:
        gone = self._session.scalars(
            select(Match.id).where(
                Match.league_id == league_id,
                Match.season == season.name,
                Match.home_goals.is_not(None),
                ~exists().where(stage.c.id == Match.id),
            )
        ).all()
        if gone:
            self._session.execute(delete(Odds).where(Odds.match_id.in_(gone)))
            self._session.execute(delete(Match).where(Match.id.in_(gone)))
        return len(gone)


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
