"""What Understat has: listed matches and their join to ours, shots, line-ups, players' seasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Numeric, and_, cast, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.locks import lock
from monps_platform.db.models import Match, PlayerMatch, PlayerSeason, Shot, UnderstatMatch
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.db.repositories.teams import LeagueRepository
from monps_platform.domain import understat as domain
from monps_platform.domain.leagues import League
from monps_platform.domain.match_joins import Join, UnmatchedReason
from monps_platform.domain.player_seasons import ClubSeason, LineupTotals, ShotTotals
from monps_platform.domain.seasons import Season
from monps_platform.domain.shots import ShotResult, ShotSituation

_LISTING = tuple(item.name for item in fields(domain.Listing))
_SHOT = tuple(item.name for item in fields(domain.Shot) if item.name != "is_home")
_CLUB_SEASON = tuple(item.name for item in fields(ClubSeason))
_APPEARANCE = tuple(item.name for item in fields(domain.Appearance) if item.name != "is_home")


@dataclass(frozen=True)
class JoinedMatch:
    """A listed match that is one of ours: its id and clubs there, and the score that the source lists."""

    match_id: int
    home_team_id: int
    away_team_id: int
    score: tuple[int | None, int | None] = (None, None)

    def team_of(self, *, is_home: bool) -> int:
        """The club of a side."""
        return self.home_team_id if is_home else self.away_team_id


class UnderstatMatchRepository(Repository[UnderstatMatch, SessionT]):
    """Listed matches by league and season."""

    model = UnderstatMatch

    @operation
    def replace_partition(
        self, session: Session, league: League, season: Season, joins: Sequence[Join]
    ) -> tuple[Changes, Sequence[int]]:
        """Bring a league's season to what the source lists; also returns the matches, by Understat's id, whose shots
        have to be looked at again: they belong to another of ours than before or to none, as those that are listed no
        longer, or their score was corrected.
        """
        lock(session, "understat_matches", league.code, season.name)
        league_id = LeagueRepository(session).id_of(league.code)
        here = and_(UnderstatMatch.league_id == league_id, UnderstatMatch.season == season.name)
        known = select(UnderstatMatch.id, UnderstatMatch.match_id, UnderstatMatch.home_goals, UnderstatMatch.away_goals)
        before = {row[0]: (row[1], (row[2], row[3])) for row in session.execute(known.where(here))}
        after = {join.listing.id: (join.match_id, _score(join.listing)) for join in joins}
        now = {row_id: after.get(row_id, (None, None)) for row_id in before}
        moved = [row_id for row_id, was in before.items() if now[row_id][0] != was[0]]
        held = [row_id for row_id, was in before.items() if was[0] is not None and row_id not in moved]
        corrected = [row_id for row_id in held if now[row_id] != before[row_id]]
        # Two listings may change places: neither may hold the match that the other one is to have.
        unlinked = {"match_id": None, "unmatched_reason": UnmatchedReason.NO_SUCH_MATCH}
        session.execute(update(UnderstatMatch).where(UnderstatMatch.id.in_(moved)).values(**unlinked))
        columns = ("league_id", "season", "match_id", "unmatched_reason", *_LISTING)
        rows = (_row(join.listing, _LISTING, league_id, season.name, join.match_id, join.reason) for join in joins)
        return self._replace(session, columns, rows, here), moved + corrected

    @operation
    def joined(self, session: Session, league: League, season: Season) -> Mapping[int, JoinedMatch]:
        """The matches of a league's season that are ours, by Understat's id."""
        league_id = LeagueRepository(session).id_of(league.code)
        found = select(UnderstatMatch, Match.home_team_id, Match.away_team_id).join(UnderstatMatch.match)
        rows = session.execute(found.where(UnderstatMatch.league_id == league_id, UnderstatMatch.season == season.name))
        return {
            listed.id: JoinedMatch(listed.match_id, home, away, (listed.home_goals, listed.away_goals))
            for listed, home, away in rows
        }

    @operation
    def delete_details_of_unjoined(self, session: Session, league: League, season: Season) -> Changes:
        """Delete the shots and line-ups of a season's matches that the source lists as ours no longer. Until the
        transaction ends, nobody else writes such of the season.
        """
        lock(session, "shots", league.code, season.name)
        ours = select(Match.id).where(
            Match.league_id == LeagueRepository(session).id_of(league.code), Match.season == season.name
        )
        joined = select(UnderstatMatch.match_id).where(UnderstatMatch.match_id.is_not(None))
        deleted = 0
        for model in (Shot, PlayerMatch):
            gone = delete(model).where(model.match_id.in_(ours), model.match_id.not_in(joined))
            deleted += len(session.execute(gone.returning(model.id)).all())
        return Changes(deleted=deleted)


class ShotRepository(Repository[Shot, SessionT]):
    """The shots of matches."""

    model = Shot

    @operation
    def replace_matches(self, session: Session, shots: Mapping[JoinedMatch, Sequence[domain.Shot]]) -> Changes:
        """Bring the shots of some matches to the given ones."""
        columns = ("match_id", "team_id", *_SHOT)
        rows = (
            _row(shot, _SHOT, match.match_id, match.team_of(is_home=shot.is_home))
            for match, taken in shots.items()
            for shot in taken
        )
        return self._replace(session, columns, rows, Shot.match_id.in_([match.match_id for match in shots]))

    @operation
    def totals(self, session: Session, league: League, season: Season) -> Mapping[tuple[int, int], ShotTotals]:
        """Shots, goals and xG of a league's season by player and club."""
        league_id = LeagueRepository(session).id_of(league.code)
        scored, penalty = Shot.result == ShotResult.GOAL, Shot.situation == ShotSituation.PENALTY
        # An own goal is listed with the shots and is none.
        taken = Shot.result != ShotResult.OWN_GOAL
        sums = (
            func.count().filter(taken),
            func.count().filter(scored),
            func.count().filter(and_(scored, ~penalty)),
            _sum(Shot.xg, taken),
            _sum(Shot.xg, and_(taken, ~penalty)),
        )
        found = select(Shot.player_id, Shot.team_id, *sums).join(Shot.match)
        rows = session.execute(
            found.where(Match.league_id == league_id, Match.season == season.name).group_by(
                Shot.player_id, Shot.team_id
            )
        )
        return {(row[0], row[1]): ShotTotals(*row[2:]) for row in rows}


class PlayerMatchRepository(Repository[PlayerMatch, SessionT]):
    """The line-ups of matches."""

    model = PlayerMatch

    @operation
    def replace_matches(self, session: Session, lineups: Mapping[JoinedMatch, Sequence[domain.Appearance]]) -> Changes:
        """Bring the line-ups of some matches to the given ones."""
        rows = (
            _row(player, _APPEARANCE, match.match_id, match.team_of(is_home=player.is_home))
            for match, played in lineups.items()
            for player in played
        )
        here = PlayerMatch.match_id.in_([match.match_id for match in lineups])
        return self._replace(session, ("match_id", "team_id", *_APPEARANCE), rows, here)

    @operation
    def totals(self, session: Session, league: League, season: Season) -> Mapping[tuple[int, int], LineupTotals]:
        """Appearances, minutes and the rest of a league's season by player and club."""
        summed = [_sum(getattr(PlayerMatch, item.name)) for item in fields(LineupTotals)[1:]]
        found = select(PlayerMatch.player_id, PlayerMatch.team_id, func.count(), *summed).join(PlayerMatch.match)
        league_id = LeagueRepository(session).id_of(league.code)
        found = found.where(Match.league_id == league_id, Match.season == season.name)
        rows = session.execute(found.group_by(PlayerMatch.player_id, PlayerMatch.team_id))
        return {(row[0], row[1]): LineupTotals(*row[2:]) for row in rows}


class PlayerSeasonRepository(Repository[PlayerSeason, SessionT]):
    """Players' seasons."""

    model = PlayerSeason

    @operation
    def replace_partition(
        self, session: Session, league: League, season: Season, players: Iterable[ClubSeason]
    ) -> Changes:
        """Bring a league's season to the given rows."""
        lock(session, "player_seasons", league.code, season.name)
        league_id = LeagueRepository(session).id_of(league.code)
        here = and_(PlayerSeason.league_id == league_id, PlayerSeason.season == season.name)
        rows = (_row(player, _CLUB_SEASON, league_id, season.name) for player in players)
        return self._replace(session, ("league_id", "season", *_CLUB_SEASON), rows, here)


def _score(listing: domain.Listing) -> tuple[int | None, int | None]:
    return listing.home_goals, listing.away_goals


def _sum(column: InstrumentedAttribute[Any], *which: ColumnElement[bool]) -> ColumnElement[Any]:
    """The sum of a column over some rows, the same in whatever order the server reads them: floats would not be."""
    total = func.sum(cast(column, Numeric)).filter(*which) if which else func.sum(cast(column, Numeric))
    return cast(func.coalesce(total, 0), column.type)


def _row(item: object, names: Iterable[str], *before: object) -> list[object]:
    return [*before, *(getattr(item, name) for name in names)]
