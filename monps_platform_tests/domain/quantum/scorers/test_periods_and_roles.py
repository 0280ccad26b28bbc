"""The vocabulary: periods of a match, roles of players."""

from __future__ import annotations

import pytest

from monps_platform.domain.quantum.periods import PERIODS, Period, period_index
from monps_platform.domain.quantum.scorers.roles import Role, role_of, season_letters


@pytest.mark.parametrize(
    ("minute", "period"),
    [
        (0, "0-15"),
        (15, "0-15"),
        (16, "16-30"),
        (30, "16-30"),
        (31, "31-45"),
        (45, "31-45"),
        (46, "46-60"),
        (60, "46-60"),
        (61, "61-75"),
        (75, "61-75"),
        (76, "76+"),
        (98, "76+"),
    ],
)
def test_a_minute_belongs_to_one_of_six_periods_and_stoppage_time_to_the_last(minute: int, period: str) -> None:
    assert PERIODS[period_index(minute)] is Period(period)


def test_there_are_six_periods_in_the_order_of_the_match() -> None:
    assert [str(period) for period in PERIODS] == ["0-15", "16-30", "31-45", "46-60", "61-75", "76+"]


def test_no_minute_is_negative() -> None:
    with pytest.raises(ValueError, match="minute -1"):
        period_index(-1)


@pytest.mark.parametrize(
    ("letters", "role"),
    [
        ("GK", Role.GOALKEEPER),
        ("GK S", Role.GOALKEEPER),
        ("D", Role.DEFENDER),
        ("D M S", Role.DEFENDER_MIDFIELDER),
        ("M S", Role.MIDFIELDER),
        ("F M S", Role.MIDFIELDER_FORWARD),
        ("D F", Role.MIDFIELDER_FORWARD),
        ("F S", Role.FORWARD),
        ("S", Role.UNKNOWN),
        ("", Role.UNKNOWN),
        (None, Role.UNKNOWN),
        ("GK D", Role.UNKNOWN),
    ],
)
def test_letters_of_a_season_tell_the_role(letters: str | None, role: Role) -> None:
    assert role_of(letters) is role


@pytest.mark.parametrize(
    ("places", "letters"),
    [
        (["DC", "DMC", "Sub"], "D M S"),
        (["AMR", "FWL"], "F M"),
        (["GK"], "GK"),
        (["ML", "DL", "ML"], "D M"),
        (["?"], None),
    ],
)
def test_places_in_line_ups_add_up_to_the_letters_of_a_season(places: list[str], letters: str | None) -> None:
    assert season_letters(places) == letters
