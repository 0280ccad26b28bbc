"""From a table's lines to matches: every line becomes a match or a rejection with its reason."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import Any, TypeVar

from monps_platform.domain.leagues import League
from monps_platform.domain.matches import Match, kickoff_utc, number_meetings
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.seasons import Season
from monps_platform.sources.football_data.body import Table

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
# Nobody scores or fouls 10,000 times: more digits are a mistake, and would not fit the tables.
_WHOLE = re.compile(r"(\d{1,4})(?:\.0+)?")
# Two-digit years from here on belong to the 1900s; the first season is 1993-94.
_PIVOT_YEAR = 70

_GOALS = (
    ("home_goals", "FTHG"),
    ("away_goals", "FTAG"),
    ("half_time_home_goals", "HTHG"),
    ("half_time_away_goals", "HTAG"),
)
_COUNTS = (
    ("home_shots", "HS"),
    ("away_shots", "AS"),
    ("home_shots_on_target", "HST"),
    ("away_shots_on_target", "AST"),
    ("home_corners", "HC"),
    ("away_corners", "AC"),
    ("home_fouls", "HF"),
    ("away_fouls", "AF"),
    ("home_yellow_cards", "HY"),
    ("away_yellow_cards", "AY"),
    ("home_red_cards", "HR"),
    ("away_red_cards", "AR"),
)
_TEXTS = ("Div", "Date", "Time", "HomeTeam", "AwayTeam", "FTR", "HTR", "Referee")

_T = TypeVar("_T")

# The same few dates, times and counts stand in thousands of cells.
_remembered = lru_cache(maxsize=4096)
_kickoff = _remembered(kickoff_utc)

Pairing = tuple[str, str, date]
"""Home team, away team and day: what tells two rows of one season apart."""


Doubt = tuple[Reason, str]
"""A detail of a good match that could not be read: it stays NULL, and is told with its cells."""


class _Rejected(Exception):  # noqa: N818 - control flow inside this module, not an error of the program
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


@dataclass(frozen=True)
class MatchRows:
    """Accepted matches, for each line of the table the index of its match or None, and the rejections."""

    matches: Sequence[Match]
    match_of_line: Sequence[int | None]
    rejections: Sequence[Rejection]


def read_matches(
    table: Table, league: League, taken: Collection[Pairing] = frozenset(), season: Season | None = None
) -> MatchRows:
    """Read every line; ``taken`` are pairings that another file of the season holds already. With ``season``, matches
    outside of its days are refused: a list of matches to come may still hold those of the last season.
    """
    cells = {name: table.column(name) for name in (*_TEXTS, *(column for _, column in (*_GOALS, *_COUNTS)))}
    readings: list[_Reading] = []
    for index, line in enumerate(table.lines):
        row = {name: column[index] for name, column in cells.items()}
        try:
            readings.append(_read_match(row, league, season, line.fault))
        except _Rejected as rejected:
            readings.append(_Reading(None, (), rejected.reason))
    _refuse_repeated(readings, league, taken)
    return _collect(table, readings)


@dataclass
class _Reading:
    """What one line holds: a match with the details that could not be read, or the reason why it holds none."""

    match: Match | None
    doubts: Sequence[Doubt]
    fault: Reason | None = None


def _refuse_repeated(readings: Sequence[_Reading], league: League, taken: Collection[Pairing]) -> None:
    """Of lines that repeat a match the first counts, but one with a score before one without: a match that was
    abandoned stands in some files a second time, when it was played.
    """
    rows = _SeasonRows(league, taken)
    for played in (True, False):
        for reading in readings:
            if reading.match is not None and (reading.match.home_goals is not None) is played:
                reading.fault = rows.claim(reading.match)


def _collect(table: Table, readings: Sequence[_Reading]) -> MatchRows:
    matches: list[Match] = []
    match_of_line: list[int | None] = []
    rejections: list[Rejection] = []
    for line, reading in zip(table.lines, readings, strict=True):
        if reading.match is None or reading.fault is not None:
            match_of_line.append(None)
            reason = reading.fault or Reason.DUPLICATE_MATCH
            rejections.append(Rejection(Dataset.MATCHES, line.number, reason, line.text))
            continue
        match_of_line.append(len(matches))
        matches.append(reading.match)
        rejections += [Rejection(Dataset.MATCH_DETAILS, line.number, reason, text) for reason, text in reading.doubts]
    return MatchRows(number_meetings(matches), match_of_line, rejections)


class _SeasonRows:
    """Which pairings of the season have been seen, so that a repeated match is refused."""

    def __init__(self, league: League, taken: Collection[Pairing]) -> None:
        self._allowed = league.max_home_meetings
        self._taken = _days_of_pairs(taken)
        self._days = _days_of_pairs(taken)

    def claim(self, match: Match) -> Reason | None:
        """Enter a match; the reason when it is a repetition."""
        pair = (match.home_team, match.away_team)
        for days, reason in (
            (self._taken[pair], Reason.ALREADY_IN_SEASON_FILE),
            (self._days[pair], Reason.DUPLICATE_MATCH),
        ):
            if match.match_date in days or len(days) >= self._allowed:
                return reason
        self._days[pair].add(match.match_date)
        return None


def _days_of_pairs(pairings: Iterable[Pairing]) -> defaultdict[tuple[str, str], set[date]]:
    days: defaultdict[tuple[str, str], set[date]] = defaultdict(set)
    for home, away, day in pairings:
        days[home, away].add(day)
    return days


def _read_match(row: Mapping[str, str], league: League, season: Season | None, fault: Reason | None) -> _Reading:
    if fault is not None:
        raise _Rejected(fault)
    if row["Div"] and row["Div"].upper() != league.code:
        raise _Rejected(Reason.WRONG_DIVISION)
    home, away = _team(row["HomeTeam"]), _team(row["AwayTeam"])
    if not home or not away:
        raise _Rejected(Reason.MISSING_TEAM)
    if home == away:
        raise _Rejected(Reason.SAME_TEAM_TWICE)
    day = read_date(row["Date"])
    if day is None:
        raise _Rejected(Reason.UNREADABLE_DATE)
    if season is not None and not season.first_day <= day <= season.last_day:
        raise _Rejected(Reason.OUTSIDE_SEASON)
    doubts: list[Doubt] = []
    goals = _read_goals(row, doubts)
    counts = {field: _detail(row, column, whole, Reason.NOT_A_COUNT, doubts) for field, column in _COUNTS}
    local = _detail(row, "Time", _time, Reason.UNREADABLE_TIME, doubts)
    kickoff = None if local is None else _kickoff(day, local)
    details: dict[str, Any] = {**goals, **counts, "kickoff_at": kickoff, "referee": row["Referee"] or None}
    return _Reading(Match(home, away, day, **details), doubts)


def _team(cell: str) -> str:
    return " ".join(cell.split())


@_remembered
def read_date(cell: str) -> date | None:
    """``16/08/03`` or ``13/08/2021`` (day first); None for anything else."""
    match = _DATE.fullmatch(cell)
    if match is None:
        return None
    day, month, year = (int(part) for part in match.groups())
    if len(match[3]) == 2:
        year += 1900 if year >= _PIVOT_YEAR else 2000
    try:
        return date(year, month, day)
    except ValueError:
        return None


@_remembered
def _time(cell: str) -> time | None:
    match = _TIME.fullmatch(cell)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return time(int(match[1]), int(match[2]))


@_remembered
def whole(cell: str) -> int | None:
    """``3`` and ``3.0`` are whole numbers; None for anything else, and for 10,000 and more."""
    match = _WHOLE.fullmatch(cell)
    return int(match[1]) if match else None


def _detail(
    row: Mapping[str, str], column: str, read: Callable[[str], _T | None], reason: Reason, doubts: list[Doubt]
) -> _T | None:
    cell = row[column]
    if not cell:
        return None
    value = read(cell)
    if value is None:
        doubts.append((reason, f"{column}={cell}"))
    return value


def _read_goals(row: Mapping[str, str], doubts: list[Doubt]) -> dict[str, int | None]:
    """Full-time and half-time goals; a half-time score that cannot be true is a doubt and stays NULL."""
    goals: dict[str, int | None] = {}
    for field, column in _GOALS:
        goals[field] = whole(row[column]) if row[column] else None
        if row[column] and goals[field] is None:
            raise _Rejected(Reason.GOALS_NOT_WHOLE)
    full = (goals["home_goals"], goals["away_goals"])
    half = (goals["half_time_home_goals"], goals["half_time_away_goals"])
    if (fault := _score_fault(full, row["FTR"])) is not None:
        raise _Rejected(fault)
    if (fault := _score_fault(half, row["HTR"]) or _half_time_fault(half, full)) is not None:
        doubts.append((fault, f"HTHG={row['HTHG']};HTAG={row['HTAG']};HTR={row['HTR']}"))
        goals["half_time_home_goals"] = goals["half_time_away_goals"] = None
    return goals


_Score = tuple[int | None, int | None]


def _score_fault(score: _Score, letter: str) -> Reason | None:
    """Both goals or none; the result letter, where given, agrees with them."""
    home, away = score
    if home is None or away is None:
        return Reason.INCOMPLETE_SCORE if home is not None or away is not None or letter else None
    expected = "H" if home > away else "A" if away > home else "D"
    return Reason.RESULT_CONTRADICTS_SCORE if letter and letter.upper() != expected else None


def _half_time_fault(half: _Score, full: _Score) -> Reason | None:
    """Nobody has more goals at half-time than at the end."""
    beyond = any(h is not None and f is not None and h > f for h, f in zip(half, full, strict=True))
    return Reason.HALF_TIME_EXCEEDS_FULL_TIME if beyond else None
