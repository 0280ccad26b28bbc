"""Times of schedules: what cron's five fields may say."""

from __future__ import annotations

import pytest

from monps_platform.domain.cron import CronError, require_cron


@pytest.mark.parametrize(
    "times",
    ["* * * * *", "*/15 * * * *", "0 3 * * *", "5,35 0-6/2 1-31 jan-dec sun", "0 0 1 1 0", "59 23 31 12 mon-FRI"],
)
def test_times_are_taken_as_they_are(times: str) -> None:
    assert require_cron(times) == times


def test_blanks_count_once() -> None:
    assert require_cron(" 0  3 *\t* * ") == "0 3 * * *"


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ("", "0 fields where cron has five"),
        ("* * * *", "4 fields"),
        ("@daily", "1 fields"),
        ("* * * * * *", "6 fields"),
        ("60 * * * *", "'60' is no minute, which is from 0 to 59"),
        ("* 24 * * *", "'24' is no hour"),
        ("* * 0 * *", "'0' is no day of the month"),
        ("* * * 13 *", "'13' is no month"),
        ("* * * * 7", "'7' is no day of the week"),
        ("* * * feb-jan *", "'feb-jan' runs backwards"),
        ("*/0 * * * *", "the step of a minute is from 1 to 59"),
        ("*/70 * * * *", "the step of a minute"),
        ("5/2 * * * *", "a step needs a range"),
        ("a * * * *", "'a' is no minute"),
        ("1,,2 * * * *", "'' is no minute"),
        ("-1 * * * *", "'-1' is no minute"),
    ],
)
def test_what_names_no_times_is_refused_with_the_part_that_does_not(times: str, said: str) -> None:
    with pytest.raises(CronError, match=said):
        require_cron(times)


@pytest.mark.parametrize("times", ["*/15 * * * *", "5,35 0-6/2 1-31 jan-dec sun", "0 0 1 1 0", "59 23 31 12 mon-fri"])
def test_dagster_takes_what_is_taken_here(times: str) -> None:
    from dagster._utils.schedules import is_valid_cron_schedule

    assert is_valid_cron_schedule(require_cron(times))
