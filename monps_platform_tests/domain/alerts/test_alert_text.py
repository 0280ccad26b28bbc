"""What alerts say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monps_platform.domain.alerts.incident import AlertKind, Incident, Notice, Sighting, delivered, seen
from monps_platform.domain.alerts.scope import covers
from monps_platform.domain.alerts.text import LONGEST_TEXT, duration, headline, message
from monps_platform_tests.domain.alerts.test_incident import COOL_DOWN, NOON, failing, resolved


def test_an_alert_says_what_failed_where_since_when_what_to_do_and_the_link() -> None:
    assert message(failing(), Notice.ALERT, COOL_DOWN).splitlines() == [
        "monps: FAILED: job a_job",
        "What: it broke",
        "Where: run 1",
        "Since: 2026-11-28 12:00:00 UTC",
        "What to do: run it again",
        "Link: http://127.0.0.1:3000/runs/1",
    ]


def test_a_reminder_says_how_often_it_was_seen() -> None:
    told = message(replace(failing(), times_seen=3), Notice.REMINDER, COOL_DOWN)
    assert told.startswith("monps: STILL FAILING: job a_job\n")
    assert "Since: 2026-11-28 12:00:00 UTC; seen 3 times" in told


def test_an_alert_that_comes_late_says_that_it_is_well_again() -> None:
    assert "until 2026-11-28 12:05:00 UTC: it is well again" in message(resolved(failing(), 5), Notice.ALERT, COOL_DOWN)


def test_a_recovery_says_how_long_it_failed_and_when_one_is_told_again() -> None:
    over = delivered(resolved(failing(), 90), "webhook", Notice.ALERT, NOON)
    assert message(over, Notice.RECOVERY, COOL_DOWN).splitlines() == [
        "monps: WELL AGAIN: job a_job",
        "It failed from 2026-11-28 12:00:00 UTC to 2026-11-28 13:30:00 UTC (1 h 30 min).",
        "If it fails again before 2026-11-28 18:00:00 UTC, you are told after that time, if it fails then still; "
        "`monps alerts` shows it at once.",
        "Link: http://127.0.0.1:3000/runs/1",
    ]


def test_a_database_is_away_and_back() -> None:
    away = seen(None, Sighting(AlertKind.DATABASE, "PostgreSQL at 127.0.0.1:5432", False, NOON, what="refused"))
    assert isinstance(away, Incident)
    assert headline(away, Notice.ALERT) == "monps: AWAY: PostgreSQL at 127.0.0.1:5432"
    assert headline(away, Notice.REMINDER) == "monps: STILL AWAY: PostgreSQL at 127.0.0.1:5432"
    assert headline(away, Notice.RECOVERY) == "monps: WELL AGAIN: PostgreSQL at 127.0.0.1:5432"
    assert "Link" not in message(away, Notice.ALERT, COOL_DOWN)


def test_a_long_story_is_cut_and_the_link_is_not() -> None:
    told = message(failing(what="x" * 9000), Notice.ALERT, COOL_DOWN)
    assert len(told) <= LONGEST_TEXT
    assert told.endswith("Link: http://127.0.0.1:3000/runs/1")
    assert "x ...\n" in told


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3661, "1 h 1 min"), (90_000, "1 d 1 h"), (86_400 * 3 + 5, "3 d")],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: int, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("wide", "narrow", "holds"),
    [
        ("", "E0|2019-20", True),
        ("E0|2019-20", "", False),
        ("E0|2019-20", "E0|2019-20:E0|2019-20", True),
        ("E0|2019-20:SP1|2021-22", "SP1|2020-21", True),
        ("E0|2019-20:SP1|2021-22", "SP1|2022-23", False),
        ("E0|1999-00:E0|2021-22", "E0|2000-01", True),
        ("any", "any", True),
        ("any", "other", False),
        ("XX|2019-20", "E0|2019-20", False),
    ],
)
def test_a_range_holds_another_if_all_leagues_and_seasons_of_it_lie_within(wide: str, narrow: str, holds: bool) -> None:
    assert covers(wide, narrow) is holds
