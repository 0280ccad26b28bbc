"""Seasons: their names, codes, ranges and days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.seasons import (
    Season,
    SeasonError,
    finished_seasons,
    names,
    parse_seasons,
    season_range,
    seasons_in_progress,
)

_AT_ANY_SPEED = settings(deadline=None)

_YEARS = st.integers(1993, 2099)


@pytest.mark.parametrize(
    ("text", "year", "code"),
    [
        ("1993-94", 1993, "9394"),
        ("1998-99", 1998, "9899"),
        ("1999-00", 1999, "9900"),
        ("2000-01", 2000, "0001"),
        ("2008-09", 2008, "0809"),
        ("2009-10", 2009, "0910"),
        ("2019-20", 2019, "1920"),
    ],
)
def test_a_season_has_a_name_and_the_code_of_the_sites_paths(text: str, year: int, code: str) -> None:
    season = Season.parse(text)
    assert (season.start_year, season.name, str(season), season.code) == (year, text, text, code)


@_AT_ANY_SPEED
@given(_YEARS)
def test_every_season_is_read_back_from_its_name(year: int) -> None:
    assert Season.parse(f" {Season(year)} ") == Season(year)


@pytest.mark.parametrize(
    "text",
    ["", "2019", "1920", "2019-21", "2019-2020", "2019/20", "2020-19", "1999-99", "1999-100", "19-20", "x019-20"],
)
def test_text_that_names_no_season_is_refused_with_the_form_that_is_due(text: str) -> None:
    with pytest.raises(SeasonError, match="2019-20") as caught:
        Season.parse(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("day", "start_year"),
    [
        (date(2020, 6, 30), 2019),
        (date(2020, 7, 1), 2020),
        (date(2020, 1, 1), 2019),
        (date(2019, 12, 31), 2019),
        (date(2000, 1, 1), 1999),
    ],
)
def test_a_season_turns_on_the_first_of_july(day: date, start_year: int) -> None:
    assert Season.of(day) == Season(start_year)


@_AT_ANY_SPEED
@given(_YEARS)
def test_a_season_begins_the_day_after_the_one_before_usually_ends(year: int) -> None:
    season = Season(year)
    assert season.first_day - Season(year - 1).usual_end == timedelta(days=1)
    assert Season.of(season.first_day) == Season.of(season.usual_end) == season
    assert season.usual_end < season.last_day < Season(year + 2).first_day


def test_the_season_that_the_pandemic_stretched_still_holds_its_last_match() -> None:
    season = Season.parse("2019-20")
    assert season.first_day <= date(2020, 8, 2) <= season.last_day


def test_seasons_are_ordered_by_their_start() -> None:
    assert sorted([Season(2001), Season(1999), Season(2000)]) == [Season(1999), Season(2000), Season(2001)]


@_AT_ANY_SPEED
@given(_YEARS, st.integers(0, 40))
def test_a_range_holds_both_ends_and_every_season_between(year: int, more: int) -> None:
    seasons = season_range(Season(year), Season(year + more))
    assert [season.start_year for season in seasons] == list(range(year, year + more + 1))


def test_a_range_that_runs_backwards_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(SeasonError, match="2001-02:2003-04"):
        season_range(Season(2003), Season(2001))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-20", ["2019-20"]),
        ("1998-99:2001-02", ["1998-99", "1999-00", "2000-01", "2001-02"]),
        ("2021-22, 2019-20", ["2019-20", "2021-22"]),
        ("2019-20:2020-21,2020-21:2021-22,", ["2019-20", "2020-21", "2021-22"]),
        ("2019-20:2019-20", ["2019-20"]),
    ],
)
def test_seasons_are_read_sorted_and_without_repeats(text: str, expected: list[str]) -> None:
    assert names(parse_seasons(text)) == expected


@pytest.mark.parametrize(
    "text", ["", " , ", ":", "2019-20:", ":2019-20", "2019-20:2020-21:2021-22", "2021-22:2019-20", "2019-20;2020-21"]
)
def test_what_names_no_seasons_is_refused(text: str) -> None:
    with pytest.raises(SeasonError):
        parse_seasons(text)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2022, 6, 30), ["2018-19", "2019-20", "2020-21"]),
        (date(2022, 7, 1), ["2019-20", "2020-21", "2021-22"]),
        (date(2001, 1, 1), ["1997-98", "1998-99", "1999-00"]),
    ],
)
def test_the_last_finished_seasons_are_those_before_the_current_one(today: date, expected: list[str]) -> None:
    assert names(finished_seasons(today, 3)) == expected
    assert finished_seasons(today, 0) == ()


@pytest.mark.parametrize(
    ("day", "in_progress"),
    [
        (date(2021, 5, 1), ["2020-21"]),
        (date(2021, 7, 1), ["2020-21", "2021-22"]),
        (date(2021, 8, 31), ["2020-21", "2021-22"]),
        (date(2021, 9, 1), ["2021-22"]),
    ],
)
def test_in_summer_the_season_before_may_still_be_corrected(day: date, in_progress: list[str]) -> None:
    assert names(seasons_in_progress(day)) == in_progress
