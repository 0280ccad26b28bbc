"""Which files Understat has, and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.leagues import TOP_FIVE, league
from monps_platform.domain.seasons import Season
from monps_platform.sources.understat import files


@pytest.mark.parametrize(
    ("code", "year", "expected"),
    [("E0", 2014, True), ("E0", 2013, False), ("F1", 2023, True), ("E1", 2019, False), ("N1", 2019, False)],
)
def test_understat_covers_five_leagues_since_2014(code: str, year: int, expected: bool) -> None:
    assert files.covers(league(code), Season(year)) is expected


def test_the_keys_are_those_of_the_site() -> None:
    assert [files.league_key(item, Season(2019)) for item in TOP_FIVE] == [
        "getLeagueData/EPL/2019",
        "getLeagueData/La_liga/2019",
        "getLeagueData/Bundesliga/2019",
        "getLeagueData/Serie_A/2019",
        "getLeagueData/Ligue_1/2019",
    ]
    assert files.page_key(league("SP1"), Season(2020)) == "league/La_liga/2020"
    assert files.match_key(11643) == "getMatchData/11643"


@given(st.integers(0, 10**9))
def test_a_match_key_tells_its_match(match_id: int) -> None:
    assert files.match_id_of(files.match_key(match_id)) == match_id


@pytest.mark.parametrize(
    "key", ["getLeagueData/EPL/2019", "getMatchData/", "getMatchData/12a", "getMatchData/1/2", "x/getMatchData/1", ""]
)
def test_a_key_of_another_kind_has_no_match(key: str) -> None:
    with pytest.raises(ValueError, match="no match file of Understat"):
        files.match_id_of(key)


def test_a_league_that_understat_does_not_have_has_no_key() -> None:
    for key in (files.league_key, files.page_key):
        with pytest.raises(ValueError, match=r"Understat does not have E1 \(Championship\)"):
            key(league("E1"), Season(2019))


def test_requests_for_data_say_that_a_script_asks() -> None:
    assert dict(files.HEADERS) == {"X-Requested-With": "XMLHttpRequest"}
