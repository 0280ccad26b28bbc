"""The parser of league files: bytes in, listed matches, players' seasons and rejections out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from monps_platform.domain.leagues import League
from monps_platform.domain.rejections import Dataset, Reason
from monps_platform.domain.seasons import Season
from monps_platform.domain.understat import Listing, ParsedLeague, Player
from monps_platform.sources.errors import NotPublishedError, UnreadableFileError
from monps_platform.sources.understat.body import read_json
from monps_platform.sources.understat.histories import add_histories, read_histories
from monps_platform.sources.understat.records import (
    Record,
    RecordList,
    Rejected,
    amount,
    claim,
    count,
    identity,
    list_of,
    part,
    read_records,
    refuse_changed_form,
    team_title,
    text,
)

PARSER_VERSION = "1"
"""Raise it when the same bytes give other rows, so that files already loaded are read again."""

_SHOWN_AT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def parse_league(body: bytes, league: League, season: Season, name: str) -> ParsedLeague:
    """Read the file of one league's season; PPDA and deep completions are read where it has the teams' histories.

    Raises UnreadableFileError when the bytes are no league file, or of a form that has changed: a key is missing, or
    more than a fifth of a list is rejected; NotPublishedError when both lists are empty, as before a season is
    scheduled. A bad record inside a good file is a rejection.
    """
    document = read_json(body, name)
    dates = RecordList(name, "dates", Dataset.LISTINGS, list_of(document, "dates", name))
    seasons = RecordList(name, "players", Dataset.PLAYERS, list_of(document, "players", name))
    if not dates.records and not seasons.records:
        raise NotPublishedError(f"{name}: the file lists no match yet")
    if not dates.records:
        raise UnreadableFileError(f"{name}: the file lists players, but no match")
    listings = read_records(dates, _ListingReader(season, league.max_home_meetings))
    refuse_changed_form(dates, listings.rejections)
    if not seasons.records and any(listing.is_finished for listing in listings.values):
        raise UnreadableFileError(f"{name}: the file lists finished matches, but no player")
    players = read_records(seasons, _PlayerReader())
    refuse_changed_form(seasons, players.rejections)
    with_history, doubts = add_histories(listings, read_histories(document, name), name)
    return ParsedLeague(
        listings=with_history,
        players=players.values,
        listings_read=len(dates.records),
        players_read=len(seasons.records),
        rejections=[*listings.rejections, *doubts, *players.rejections],
    )


@dataclass
class _ListingReader:
    """Reads the matches of one season, and remembers them, so that a repeated one is refused."""

    season: Season
    max_home_meetings: int
    taken: set[int] = field(default_factory=set)
    meetings: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, record: Record) -> Listing:
        home, away = team_title(part(record, "h")), team_title(part(record, "a"))
        if home == away:
            raise Rejected(Reason.SAME_TEAM_TWICE)
        shown_at = _shown_at(record["datetime"])
        if not self.season.first_day <= shown_at.date() <= self.season.last_day:
            raise Rejected(Reason.OUTSIDE_SEASON)
        goals, xg = part(record, "goals"), part(record, "xG")
        listing = Listing(identity(record["id"]), shown_at, home, away)
        if _is_result(record["isResult"]):
            listing = _with_result(listing, goals, xg)
        claim(self.taken, listing.id)
        if self.meetings[home, away] >= self.max_home_meetings:
            raise Rejected(Reason.DUPLICATE_MATCH)
        self.meetings[home, away] += 1
        return listing


def _shown_at(value: object) -> datetime:
    if isinstance(value, str) and _SHOWN_AT.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise Rejected(Reason.UNREADABLE_DATE)


def _is_result(value: object) -> bool:
    if not isinstance(value, bool):
        raise Rejected(Reason.UNKNOWN_LABEL)
    return value


def _with_result(listing: Listing, goals: Record, xg: Record) -> Listing:
    if None in (goals["h"], goals["a"], xg["h"], xg["a"]):
        raise Rejected(Reason.INCOMPLETE_SCORE)
    return replace(
        listing,
        home_goals=count(goals["h"], Reason.GOALS_NOT_WHOLE),
        away_goals=count(goals["a"], Reason.GOALS_NOT_WHOLE),
        home_xg=amount(xg["h"]),
        away_xg=amount(xg["a"]),
    )


@dataclass
class _PlayerReader:
    """Reads players, and remembers them, so that a repeated one is refused."""

    taken: set[int] = field(default_factory=set)

    def __call__(self, record: Record) -> Player:
        player = Player(
            id=identity(record["id"]),
            name=text(record["player_name"], Reason.MISSING_PLAYER),
            teams=_teams(record["team_title"]),
            position=text(record["position"], Reason.UNKNOWN_LABEL),
            appearances=count(record["games"]),
            minutes=count(record["time"]),
            goals=count(record["goals"]),
            non_penalty_goals=count(record["npg"]),
            assists=count(record["assists"]),
            shots=count(record["shots"]),
            key_passes=count(record["key_passes"]),
            yellow_cards=count(record["yellow_cards"]),
            red_cards=count(record["red_cards"]),
            xg=amount(record["xG"]),
            non_penalty_xg=amount(record["npxG"]),
            xa=amount(record["xA"]),
            xg_chain=amount(record["xGChain"]),
            xg_buildup=amount(record["xGBuildup"]),
        )
        if player.non_penalty_goals > player.goals:
            raise Rejected(Reason.OUT_OF_RANGE)
        claim(self.taken, player.id)
        return player


def _teams(value: object) -> tuple[str, ...]:
    """The clubs of a player, in the order of the source, which writes a comma between them."""
    titles = text(value, Reason.MISSING_TEAM).split(",")
    teams = tuple(text(title, Reason.MISSING_TEAM) for title in titles)
    if len(set(teams)) < len(teams):
        raise Rejected(Reason.SAME_TEAM_TWICE)
    return teams
