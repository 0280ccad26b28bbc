"""Matches: one record per fixture, and the identity that a match keeps for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np

from monps_platform.domain.odds import Market, Quotes, concatenate
from monps_platform.domain.rejections import Dataset, Rejection

UK_TIME = ZoneInfo("Europe/London")
_HASH_BITS = 47


@dataclass(frozen=True)
class Match:
    """One match as a source states it; None is what the source does not say.

    ``meeting`` counts the times the home side has hosted this opponent in the season (always 1 in a double
    round robin). Goals, shots, corners, fouls and cards are counts.
    """

    home_team: str
    away_team: str
    match_date: date
    meeting: int = 1
    kickoff_at: datetime | None = None
    home_goals: int | None = None
    away_goals: int | None = None
    half_time_home_goals: int | None = None
    half_time_away_goals: int | None = None
    home_shots: int | None = None
    away_shots: int | None = None
    home_shots_on_target: int | None = None
    away_shots_on_target: int | None = None
    home_corners: int | None = None
    away_corners: int | None = None
    home_fouls: int | None = None
    away_fouls: int | None = None
    home_yellow_cards: int | None = None
    away_yellow_cards: int | None = None
    home_red_cards: int | None = None
    away_red_cards: int | None = None
    referee: str | None = None


@dataclass(frozen=True)
class ParsedMatches:
    """What a file of matches and odds holds: every data line is a match or a rejection, and every quote that
    names a price is in ``quotes`` or a rejection.
    """

    matches: Sequence[Match]
    bookmakers: Sequence[str]
    quotes: Sequence[Quotes]
    rejections: Sequence[Rejection]
    lines_read: int
    quotes_read: int
    blank_lines: int = 0
    notes: Sequence[str] = field(default=())

    def rejected(self, dataset: Dataset) -> int:
        """How many rejections concern a dataset."""
        return sum(rejection.dataset is dataset for rejection in self.rejections)

    @property
    def quotes_loaded(self) -> int:
        """Complete quotes, over all markets."""
        return sum(len(block) for block in self.quotes)


@dataclass(frozen=True)
class MatchesWithQuotes:
    """The matches of several files of one partition, with quotes that point into the whole."""

    matches: Sequence[Match]
    bookmakers: Sequence[str]
    quotes: Sequence[Quotes]


def number_meetings(matches: Sequence[Match]) -> list[Match]:
    """Number the home meetings of each pair in a season by date, in place of what they had."""
    days: dict[tuple[str, str], list[date]] = {}
    for match in matches:
        days.setdefault((match.home_team, match.away_team), []).append(match.match_date)
    if len(days) == len(matches):
        return list(matches)
    return [
        replace(match, meeting=1 + sorted(days[match.home_team, match.away_team]).index(match.match_date))
        for match in matches
    ]


def combine(parts: Sequence[ParsedMatches]) -> MatchesWithQuotes:
    """Put the matches and quotes of one partition's files behind each other, meetings numbered over all of them."""
    bookmakers = list(dict.fromkeys(key for part in parts for key in part.bookmakers))
    blocks: dict[Market, list[Quotes]] = {}
    offset = 0
    for part in parts:
        position = np.array([bookmakers.index(key) for key in part.bookmakers], dtype=np.int64)
        for block in part.quotes:
            moved = replace(block, match=block.match + offset, bookmaker=position[block.bookmaker])
            blocks.setdefault(block.market, []).append(moved)
        offset += len(part.matches)
    matches = [match for part in parts for match in part.matches]
    return MatchesWithQuotes(number_meetings(matches), bookmakers, [concatenate(same) for same in blocks.values()])


def match_id(season_start_year: int, league_id: int, home_team_id: int, away_team_id: int, meeting: int) -> int:
    """The id of a match, a function of its natural key, so that no reload, deletion or reinstatement changes it.

    The start year leads, which keeps a season's rows together in every index; 47 bits of a BLAKE2b digest
    follow (for 10,000 matches a season a collision has odds of about one in three million, and the primary
    key would refuse it).
    """
    key = f"{league_id}:{season_start_year}:{home_team_id}:{away_team_id}:{meeting}".encode()
    digest = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big")
    return (season_start_year << _HASH_BITS) | (digest & ((1 << _HASH_BITS) - 1))


def kickoff_utc(day: date, local: time) -> datetime:
    """UK local time to UTC, across daylight saving."""
    return datetime.combine(day, local, tzinfo=UK_TIME).astimezone(UTC)
