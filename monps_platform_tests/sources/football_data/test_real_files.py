"""Every raw line of the real files is accounted for, by a count that shares no code with the parser.

The files lie beside the checkout. Where they are absent (a clone on its own), no file is found and pytest reports
the empty parameter sets; where they exist, every test here runs over all of them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Hashable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from monps_platform.domain.leagues import CURTAILED, league
from monps_platform.domain.matches import ParsedMatches, match_id
from monps_platform.domain.odds import Market
from monps_platform.domain.rejections import Dataset, Reason
from monps_platform.domain.seasons import Season
from monps_platform.sources.football_data.parser import parse_season
from monps_platform_tests.conftest import SHARED_DATA
from monps_platform_tests.sources.football_data.reading import decimals, odds_of

FILES = sorted((SHARED_DATA / "football-data").glob("mmz4281/*/*.csv"))
_EACH_FILE = pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
_ALL_FILES = pytest.mark.parametrize("files", [FILES] if FILES else [], ids=["all"] if FILES else [])

_BOOK = r"(?P<book>B365|BW|GB|IW|LB|PS|P|SB|SJ|SO|SY|VC|WH|BS|Max|Avg|BbMx|BbAv)(?P<closing>C?)"
_MARKETS = {
    "1x2": (re.compile(rf"{_BOOK}(?P<side>[HDA])"), 3),
    "over_under": (re.compile(rf"{_BOOK}(?P<side>[<>])2\.5"), 2),
    "asian_handicap": (re.compile(rf"{_BOOK}AH(?P<side>[HA])"), 2),
}
_FIELDS = {
    "HomeTeam": "home_team", "AwayTeam": "away_team", "Referee": "referee",
    "FTHG": "home_goals", "FTAG": "away_goals", "HTHG": "half_time_home_goals", "HTAG": "half_time_away_goals",
    "HS": "home_shots", "AS": "away_shots", "HST": "home_shots_on_target", "AST": "away_shots_on_target",
    "HC": "home_corners", "AC": "away_corners", "HF": "home_fouls", "AF": "away_fouls",
    "HY": "home_yellow_cards", "AY": "away_yellow_cards", "HR": "home_red_cards", "AR": "away_red_cards",
}  # fmt: skip
_NO_PRICES = {*_FIELDS, "Div", "Date", "Time", "FTR", "HTR", "Bb1X2", "BbOU", "BbAH"}
_NO_PRICES |= {"BbAHh", "AHh", "AHCh", "GBAH", "LBAH", "B365AH"}


class Group(NamedTuple):
    """Complete quotes of one bookmaker: how many, and the sums of their lines and prices in ten-thousandths."""

    rows: int
    lines: int
    prices: int


Key = tuple[str, str, bool]


class Count(NamedTuple):
    """What a file holds."""

    data_lines: int
    blank_lines: int
    groups: dict[Key, Group]
    incomplete: int


@cache
def _frame(file: Path) -> pd.DataFrame:
    """The file as text cells, blank lines included."""
    text = file.read_bytes().decode("cp1252").rstrip("\r\n")
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, skip_blank_lines=False, index_col=False)


@cache
def _parsed(file: Path) -> ParsedMatches:
    return parse_season(file.read_bytes(), league(file.stem), file.name)


@cache
def _counted(file: Path) -> Count:
    frame = _frame(file)
    blank = (frame == "").all(axis=1)
    lines = frame[~blank]
    groups: dict[Key, Group] = {}
    incomplete = 0
    for market, (pattern, sides) in _MARKETS.items():
        for (book, mark), names in _columns_of(frame, pattern).items():
            assert len(names) == sides
            prices = lines[names].apply(pd.to_numeric)
            whole = (prices > 1).all(axis=1)
            line = pd.Series(0.0, lines.index)
            if market == "over_under":
                line += 2.5
            if market == "asian_handicap":
                line = pd.to_numeric(lines[_line_column(frame, book, mark)])
                whole &= line.notna()
            incomplete += int((prices.notna().any(axis=1) & ~whole).sum())
            if whole.any():
                sums = Group(int(whole.sum()), _scaled(line[whole]), _scaled(prices[whole]))
                groups[market, {"P": "PS"}.get(book, book), mark == "C"] = sums
    return Count(len(lines), int(blank.sum()), groups, incomplete)


def _columns_of(frame: pd.DataFrame, pattern: re.Pattern[str]) -> dict[tuple[str, str], list[str]]:
    matches = [match for name in frame.columns if (match := pattern.fullmatch(name))]
    groups: dict[tuple[str, str], list[str]] = {}
    for match in matches:
        groups.setdefault((match["book"], match["closing"]), []).append(match[0])
    return groups


def _line_column(frame: pd.DataFrame, book: str, mark: str) -> str:
    if book.startswith("Bb"):
        return "BbAHh"
    return f"{book}AH" if f"{book}AH" in frame else f"AH{mark}h"


def _scaled(values: pd.DataFrame | pd.Series[float]) -> int:
    return int(np.rint(values.to_numpy(dtype=float) * 10_000).astype(int).sum())


def _groups_of(parsed: ParsedMatches) -> dict[Key, Group]:
    groups: dict[Key, Group] = {}
    for quotes in parsed.quotes:
        for at, book in enumerate(parsed.bookmakers):
            for closing in (False, True):
                mine = quotes.where((quotes.bookmaker == at) & (quotes.is_closing == closing))
                if len(mine):
                    line = 0 if mine.line is None else int(mine.line.sum())
                    groups[quotes.market.value, book, closing] = Group(len(mine), line, int(mine.prices.sum()))
    return groups


def test_all_95_files_are_examined_wherever_they_exist() -> None:
    assert len(FILES) == (95 if SHARED_DATA.exists() else 0)


@_ALL_FILES
def test_every_column_of_the_files_is_known_to_the_independent_count(files: list[Path]) -> None:
    named = {str(name) for file in files for name in _frame(file).columns if not str(name).startswith("Unnamed: ")}
    priced = {name for name in named if any(pattern.fullmatch(name) for pattern, _ in _MARKETS.values())}
    assert named - priced == _NO_PRICES


@_ALL_FILES
def test_every_raw_line_is_a_match_or_blank(files: list[Path]) -> None:
    for file in files:
        parsed, counted = _parsed(file), _counted(file)
        physical = file.read_bytes().count(b"\n")
        assert physical == 1 + counted.data_lines + counted.blank_lines, file
        assert (parsed.lines_read, parsed.blank_lines) == (counted.data_lines, counted.blank_lines), file
        assert len(parsed.matches) == counted.data_lines, file
        assert {item.dataset for item in parsed.rejections} <= {Dataset.ODDS}, file


@_EACH_FILE
def test_every_quote_is_loaded_or_rejected_as_an_independent_count_says(file: Path) -> None:
    parsed, counted = _parsed(file), _counted(file)
    assert _groups_of(parsed) == counted.groups
    assert parsed.rejected(Dataset.ODDS) == counted.incomplete
    assert parsed.quotes_read == sum(group.rows for group in counted.groups.values()) + counted.incomplete


@_EACH_FILE
def test_every_match_says_what_its_line_says(file: Path) -> None:
    frame = _frame(file)
    frame = frame[(frame != "").any(axis=1)].reset_index(drop=True)
    matches = _parsed(file).matches
    for column, field in _FIELDS.items():
        cells = frame[column] if column in frame else [""] * len(frame)
        said = [re.sub(r"\.0$", "", str(cell).strip()) for cell in cells]
        assert ["" if (value := getattr(match, field)) is None else str(value) for match in matches] == said


@_EACH_FILE
def test_every_match_day_and_kickoff_is_the_one_of_its_line(file: Path) -> None:
    frame = _frame(file)
    frame = frame[(frame != "").any(axis=1)]
    matches = _parsed(file).matches
    four_digits = frame["Date"].str.replace(r"/(\d\d)$", r"/20\1", regex=True)
    days = pd.to_datetime(four_digits, format="%d/%m/%Y")
    assert [match.match_date for match in matches] == [day.date() for day in days]
    season = Season(2000 + int(file.parent.name[:2]))
    assert all(season.first_day <= match.match_date <= season.last_day for match in matches)
    assert ("Time" in frame) == (season >= Season(2019))
    if "Time" in frame:
        local = pd.to_datetime(four_digits + " " + frame["Time"], format="%d/%m/%Y %H:%M")
        utc = local.dt.tz_localize("Europe/London").dt.tz_convert("UTC")
        assert [match.kickoff_at for match in matches] == [instant.to_pydatetime() for instant in utc]
    else:
        assert {match.kickoff_at for match in matches} == {None}


@_ALL_FILES
def test_no_season_holds_more_than_a_double_round_robin(files: list[Path]) -> None:
    for file in files:
        matches = _parsed(file).matches
        sides = {team for match in matches for team in (match.home_team, match.away_team)}
        pairs = {(match.home_team, match.away_team) for match in matches}
        assert len(pairs) == len(matches) <= len(sides) * (len(sides) - 1), file
        assert {match.meeting for match in matches} == {1}, file


@_ALL_FILES
def test_the_totals_over_all_files_are_those_on_record(files: list[Path]) -> None:
    parsed = [_parsed(file) for file in files]
    by_market: dict[str, int] = {}
    for quotes in (quotes for part in parsed for quotes in part.quotes):
        by_market[quotes.market.value] = by_market.get(quotes.market.value, 0) + len(quotes)
    assert by_market == {"1x2": 388_325, "asian_handicap": 101_901, "over_under": 99_063}
    assert sum(part.quotes_loaded for part in parsed) == 589_289
    assert sum(len(part.matches) for part in parsed) == 33_856
    assert sum(part.blank_lines for part in parsed) == 8
    reasons = [rejection.reason for part in parsed for rejection in part.rejections]
    assert sorted(reasons) == [Reason.INCOMPLETE_PRICES] * 10 + [Reason.PRICE_NOT_ABOVE_ONE] * 4


@_ALL_FILES
def test_rejected_quotes_are_kept_with_the_line_they_stand_in(files: list[Path]) -> None:
    for file in files:
        lines = file.read_bytes().decode("cp1252").split("\r\n")
        header = lines[0].split(",")
        for rejection in _parsed(file).rejections:
            cells = dict(zip(header, lines[rejection.line_number - 1].split(","), strict=False))
            kept = dict(part.split("=") for part in rejection.raw_text.split(";"))
            assert kept == {name: cells.get(name, "") for name in kept}


@_ALL_FILES
def test_every_real_match_has_an_id_of_its_own(files: list[Path]) -> None:
    numbers: dict[Hashable, int] = {}

    def number(name: Hashable) -> int:
        return numbers.setdefault(name, len(numbers) + 1)

    ids = [
        match_id(
            2000 + int(file.parent.name[:2]),
            number(file.stem),
            number((file.stem, match.home_team)),
            number((file.stem, match.away_team)),
            match.meeting,
        )
        for file in files
        for match in _parsed(file).matches
    ]
    assert len(set(ids)) == len(ids) == 33_856


@_ALL_FILES
def test_the_season_that_ended_early_has_as_many_matches_as_its_exception_says(files: list[Path]) -> None:
    known = {(file.stem, Season(2000 + int(file.parent.name[:2]))): len(_parsed(file).matches) for file in files}
    checked = {key: exception.matches for key, exception in CURTAILED.items() if key in known}
    assert checked == {key: known[key] for key in checked} == {("F1", Season(2019)): 279}


# Copied by eye out of three lines: file, home side of the line, then the quote as it stands there.
_SEEN = (
    ("0304/E0", "Arsenal", "B365", Market.ONE_X_TWO, False, None, "1.4 3.8 8.0"),
    ("0304/E0", "Arsenal", "LB", Market.ONE_X_TWO, False, None, "1.333 4.0 8.0"),
    ("0304/E0", "Arsenal", "GB", Market.OVER_UNDER, False, "2.5", "1.75 1.95"),
    ("0304/E0", "Arsenal", "B365", Market.ASIAN_HANDICAP, False, "-1.25", "1.975 1.925"),
    ("0506/E0", "Aston Villa", "VC", Market.ONE_X_TWO, False, None, "2.2 3.25 3.1"),
    ("0506/E0", "Aston Villa", "BbMx", Market.ONE_X_TWO, False, None, "2.4 3.3 3.4"),
    ("0506/E0", "Aston Villa", "BbAv", Market.OVER_UNDER, False, "2.5", "2.01 1.7"),
    ("0506/E0", "Aston Villa", "BbAv", Market.ASIAN_HANDICAP, False, "-0.25", "2.01 1.84"),
    ("1920/E0", "Man United", "VC", Market.ONE_X_TWO, False, None, "2.25 3.3 3.5"),
    ("1920/E0", "Man United", "VC", Market.ONE_X_TWO, True, None, "2.05 3.4 4.1"),
    ("1920/E0", "Man United", "PS", Market.ONE_X_TWO, True, None, "2.04 3.44 4.14"),
    ("1920/E0", "Man United", "PS", Market.OVER_UNDER, False, "2.5", "2.05 1.87"),
    ("1920/E0", "Man United", "PS", Market.OVER_UNDER, True, "2.5", "2.05 1.88"),
    ("1920/E0", "Man United", "PS", Market.ASIAN_HANDICAP, False, "-0.25", "1.9 2.04"),
    ("1920/E0", "Man United", "PS", Market.ASIAN_HANDICAP, True, "-0.5", "2.04 1.9"),
    ("1920/E0", "Man United", "Max", Market.ASIAN_HANDICAP, True, "-0.5", "2.1 1.91"),
)


@_ALL_FILES
def test_lines_read_by_eye_give_the_rows_they_should(files: list[Path]) -> None:
    folder = files[0].parents[1]
    rows = {path: odds_of(_parsed(folder / f"{path}.csv")) for path in {seen[0] for seen in _SEEN}}
    for path, home, book, market, closing, line, prices in _SEEN:
        first = next(odds for odds in rows[path] if odds[:4] == (home, book, market, closing))
        assert first[4:] == (None if line is None else Decimal(line), decimals(prices))
