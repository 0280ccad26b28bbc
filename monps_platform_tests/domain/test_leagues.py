"""Leagues: the divisions of the source, and how many matches a season has."""

from __future__ import annotations

from collections import Counter
from dataclasses import FrozenInstanceError

import pytest

from monps_platform.domain.leagues import (
    BY_CODE,
    CURTAILED,
    LEAGUES,
    SIMULATED,
    TOP_FIVE,
    UnknownLeagueError,
    expected_matches,
    league,
    parse_leagues,
)
from monps_platform.domain.seasons import Season

# https://www.football-data.co.uk/data.php, "main leagues"
_MAIN_DIVISIONS = {
    "England": {"E0": 1, "E1": 2, "E2": 3, "E3": 4, "EC": 5},
    "Scotland": {"SC0": 1, "SC1": 2, "SC2": 3, "SC3": 4},
    "Germany": {"D1": 1, "D2": 2},
    "Italy": {"I1": 1, "I2": 2},
    "Spain": {"SP1": 1, "SP2": 2},
    "France": {"F1": 1, "F2": 2},
    "Netherlands": {"N1": 1},
    "Belgium": {"B1": 1},
    "Portugal": {"P1": 1},
    "Turkey": {"T1": 1},
    "Greece": {"G1": 1},
}
_A_USUAL_SEASON = Season(2017)


def test_all_22_main_divisions_are_known_with_their_country_and_tier() -> None:
    real = [item for item in LEAGUES if not item.is_simulated]
    assert len(real) == 22
    by_country: dict[str, dict[str, int]] = {}
    for item in real:
        by_country.setdefault(item.country, {})[item.code] = item.tier
    assert by_country == _MAIN_DIVISIONS


def test_no_code_name_or_foreign_key_is_given_twice() -> None:
    for values in (
        [item.code for item in LEAGUES],
        [(item.country, item.name) for item in LEAGUES],
        [item.understat_name for item in LEAGUES if item.understat_name],
        [item.odds_api_key for item in LEAGUES if item.odds_api_key],
    ):
        assert max(Counter(values).values()) == 1


def test_the_five_top_leagues_are_those_that_understat_covers() -> None:
    assert [item.code for item in TOP_FIVE] == ["E0", "SP1", "D1", "I1", "F1"]
    real = {item.understat_name for item in LEAGUES if not item.is_simulated}
    assert real - {None} == {"EPL", "La_liga", "Bundesliga", "Serie_A", "Ligue_1"}
    assert all(item.understat_name for item in TOP_FIVE)


def test_simulated_leagues_are_flagged_and_share_nothing_with_real_ones() -> None:
    assert [item.code for item in SIMULATED] == ["SIM1", "SIM2"]
    real = [item for item in LEAGUES if not item.is_simulated]
    assert not {item.country for item in SIMULATED} & {item.country for item in real}
    assert [item.understat_name for item in SIMULATED] == ["SIM1", "SIM2"]
    assert not any(item.odds_api_key for item in SIMULATED)


def test_no_division_starts_before_the_source_does() -> None:
    assert min(item.first_season for item in LEAGUES) == Season(1993)
    assert {item.first_season for item in TOP_FIVE} == {Season(1993)}


def test_a_league_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        league("E0").name = "Division One"  # type: ignore[misc]


def test_leagues_are_read_in_the_platforms_order_and_without_repeats() -> None:
    assert [item.code for item in parse_leagues(" sp1,E0 ,,SC3,e0")] == ["E0", "SP1", "SC3"]


@pytest.mark.parametrize("text", ["E9", "E0,XX", "E0;SP1", "Premier League"])
def test_an_unknown_league_is_refused_with_the_codes_there_are(text: str) -> None:
    with pytest.raises(UnknownLeagueError) as caught:
        parse_leagues(text)
    assert all(code in str(caught.value) for code in BY_CODE)


@pytest.mark.parametrize("text", ["", " ", ","])
def test_naming_no_league_is_refused(text: str) -> None:
    with pytest.raises(UnknownLeagueError, match="no league named"):
        parse_leagues(text)


@pytest.mark.parametrize(
    ("code", "teams", "matches"), [("E0", 20, 380), ("E1", 24, 552), ("D1", 18, 306), ("I2", 19, 342)]
)
def test_a_double_round_robin_has_every_ordered_pair_once(code: str, teams: int, matches: int) -> None:
    pairs = {(home, away) for home in range(teams) for away in range(teams) if home != away}
    assert expected_matches(league(code), _A_USUAL_SEASON, teams) == matches == len(pairs)


@pytest.mark.parametrize(("teams", "matches"), [(12, 12 * 33 // 2 + 2 * (6 * 5 // 2)), (10, 10 * 36 // 2)])
def test_scottish_sides_meet_three_or_four_times(teams: int, matches: int) -> None:
    assert expected_matches(league("SC0"), _A_USUAL_SEASON, teams) == matches


def test_a_format_that_does_not_follow_from_the_number_of_sides_is_not_guessed() -> None:
    assert expected_matches(league("SC0"), _A_USUAL_SEASON, 11) is None


def test_a_season_that_was_cut_short_has_the_matches_that_were_played() -> None:
    season = Season(2019)
    assert expected_matches(league("F1"), season, 20) == 279
    assert expected_matches(league("F1"), Season(2018), 20) == 380
    assert expected_matches(league("E0"), season, 20) == 380


def test_every_exception_is_of_a_known_league_with_a_reason_and_fewer_matches_than_a_whole_season() -> None:
    sides = {"F1": 20, "F2": 20, "N1": 18, "B1": 16, "SC0": 12, "SC1": 10, "SC2": 10, "SC3": 10, "E2": 23, "E3": 24}
    for (code, season), curtailed in CURTAILED.items():
        whole = expected_matches(league(code), Season(season.start_year - 2), sides[code])
        assert whole is not None
        assert 0 < curtailed.matches < whole
        assert curtailed.reason
