"""Who is told of what and when: whatever is seen, and whatever the channels do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.alerts.incident import (
    FIRST_PAUSE,
    GIVE_UP_AFTER,
    LONGEST_PAUSE,
    AlertKind,
    Incident,
    Notice,
    Sighting,
    delivered,
    due,
    owed,
    seen,
    settled,
    undelivered,
)

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
COOL_DOWN = timedelta(hours=6)
CHANNELS = ("email", "webhook")
Told = tuple[datetime, str, Notice]


def sighting(minutes: float, *, is_well: bool = False, partitions: str = "", what: str = "it broke") -> Sighting:
    return Sighting(
        AlertKind.JOB,
        "job a_job",
        is_well,
        NOON + timedelta(minutes=minutes),
        what=what,
        place="run 1",
        remedy="run it again",
        link="http://127.0.0.1:3000/runs/1",
        partitions=partitions,
    )


def failing(minutes: float = 0, **options: Any) -> Incident:
    incident = seen(None, sighting(minutes, **options))
    assert incident is not None
    return incident


def resolved(incident: Incident, minutes: float) -> Incident:
    after = seen(incident, sighting(minutes, is_well=True))
    assert after is not None
    return after


def tick(
    incident: Incident, minutes: float, broken: frozenset[str] = frozenset(), channels: tuple[str, ...] = CHANNELS
) -> tuple[Incident, list[Told]]:
    """What a look at the clock does: every message that is due is tried, and an incident that is over is closed."""
    now = NOON + timedelta(minutes=minutes)
    told: list[Told] = []
    for channel in channels:
        while notice := due(incident, channel, now, COOL_DOWN):
            if channel in broken:
                incident = undelivered(incident, channel, "HTTP 500", now)
            else:
                incident = delivered(incident, channel, notice, now)
                told.append((now, channel, notice))
    return settled(incident, channels, now, COOL_DOWN), told


def notices(told: list[Told]) -> list[tuple[str, Notice]]:
    return [(channel, notice) for _, channel, notice in told]


EVERYBODY_ALERTED = [("email", Notice.ALERT), ("webhook", Notice.ALERT)]
EVERYBODY_RECOVERED = [("email", Notice.RECOVERY), ("webhook", Notice.RECOVERY)]


def test_a_failure_gives_one_alert_and_once_it_is_well_one_recovery() -> None:
    incident, told = tick(failing(), 1)
    assert notices(told) == EVERYBODY_ALERTED
    assert tick(incident, 2)[1] == []
    again = seen(incident, sighting(60))
    assert again is not None
    assert (again.times_seen, tick(again, 61)[1]) == (2, [])
    over, told = tick(resolved(again, 90), 91)
    assert notices(told) == EVERYBODY_RECOVERED
    assert over.closed_at == NOON + timedelta(minutes=91)
    assert tick(over, 10_000)[1] == []


def test_what_lasts_is_reminded_of_after_each_cool_down() -> None:
    incident, _ = tick(failing(), 0)
    assert tick(incident, 359)[1] == []
    incident, told = tick(incident, 360)
    assert notices(told) == [("email", Notice.REMINDER), ("webhook", Notice.REMINDER)]
    assert tick(incident, 719)[1] == []
    assert len(tick(incident, 720)[1]) == 2


def test_what_comes_and_goes_between_two_looks_is_told_and_its_end_too() -> None:
    incident, told = tick(resolved(failing(), 1), 2)
    assert notices(told) == [
        *(("email", Notice.ALERT), ("email", Notice.RECOVERY)),
        *(("webhook", Notice.ALERT), ("webhook", Notice.RECOVERY)),
    ]
    assert incident.closed_at is not None


def test_what_fails_again_within_the_cool_down_is_told_only_if_it_lasts_beyond_it() -> None:
    over, _ = tick(resolved(tick(failing(), 0)[0], 10), 10)
    again = seen(over, sighting(20))
    assert again is not None
    assert again.opened_at == NOON + timedelta(minutes=20)
    assert tick(again, 359)[1] == []
    assert notices(tick(again, 360)[1]) == EVERYBODY_ALERTED
    gone, told = tick(resolved(again, 30), 400)
    assert (told, gone.closed_at) == ([], NOON + timedelta(minutes=400))
    third = seen(gone, sighting(410))
    assert third is not None
    assert notices(tick(third, 411)[1]) == EVERYBODY_ALERTED


def test_a_channel_that_fails_is_tried_again_after_pauses_that_double_up_to_an_hour() -> None:
    incident, now, pauses = failing(), NOON, []
    for _ in range(9):
        incident = undelivered(incident, "webhook", "HTTP 500", now)
        until = incident.delivery("webhook").next_try_at
        assert until is not None
        assert due(incident, "webhook", until - timedelta(seconds=1), COOL_DOWN) is None
        assert due(incident, "webhook", until, COOL_DOWN) is Notice.ALERT
        pauses.append(until - now)
        now = until
    assert pauses[:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    assert incident.delivery_error == "webhook: HTTP 500"
    assert delivered(incident, "webhook", Notice.ALERT, now).delivery_error is None


def test_a_channel_that_is_away_does_not_repeat_what_another_was_told_and_catches_up() -> None:
    incident, told = tick(failing(), 0, broken=frozenset({"webhook"}))
    assert notices(told) == [("email", Notice.ALERT)]
    incident, told = tick(resolved(incident, 30), 31, broken=frozenset({"webhook"}))
    assert notices(told) == [("email", Notice.RECOVERY)]
    assert incident.closed_at is None
    incident, told = tick(incident, 60)
    assert notices(told) == [("webhook", Notice.ALERT), ("webhook", Notice.RECOVERY)]
    assert incident.closed_at is not None


def test_without_a_channel_an_incident_is_kept_and_closed_when_it_is_over() -> None:
    incident, told = tick(failing(), 1, channels=())
    assert (told, incident.closed_at) == ([], None)
    assert tick(resolved(incident, 5), 6, channels=())[0].closed_at is not None
    assert len(tick(incident, 7)[1]) == 2  # a channel that comes later is told of what lasts


def test_events_that_are_read_twice_or_late_change_nothing() -> None:
    incident = failing(10)
    assert seen(incident, sighting(10)) == incident
    assert seen(incident, sighting(5, is_well=True)) == incident
    over = resolved(incident, 20)
    assert seen(over, sighting(10)) == over
    assert seen(None, sighting(0, is_well=True)) is None


def test_a_job_is_well_when_a_run_took_all_that_had_failed() -> None:
    incident = failing(0, partitions="E0|2019-20:SP1|2020-21")
    for minutes, others in enumerate(("E0|2019-20", "E0|2018-19:SP1|2019-20", "E0|2019-20:E0|2020-21"), start=1):
        assert seen(incident, sighting(minutes, is_well=True, partitions=others)) == incident
    for wide in ("", "E0|2019-20:SP1|2020-21", "E0|2018-19:SP1|2021-22"):
        after = seen(incident, sighting(9, is_well=True, partitions=wide))
        assert after is not None
        assert not after.is_open


def test_where_all_of_it_failed_a_part_that_fails_too_does_not_narrow_what_has_to_succeed() -> None:
    incident = seen(failing(0), sighting(1, partitions="E0|2019-20"))
    assert incident is not None
    assert incident.partitions == ""


def test_a_message_that_nobody_takes_is_given_up_some_days_after_the_end() -> None:
    broken = frozenset(CHANNELS)
    incident, _ = tick(resolved(failing(), 1), 2, broken=broken)
    end = 1 + GIVE_UP_AFTER.total_seconds() / 60
    assert tick(incident, end, broken=broken)[0].closed_at is None
    closed, _ = tick(incident, end + 1, broken=broken)
    assert closed.closed_at is not None
    assert tick(closed, end + 500)[1] == []


STEPS = st.lists(
    st.tuples(
        st.integers(1, 500), st.sampled_from(["fails", "is well", "nothing"]), st.sets(st.sampled_from(CHANNELS))
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_a_channel_is_told_at_most_once_per_cool_down_and_of_a_recovery_only_after_an_alert_and_once(
    steps: list[tuple[int, str, set[str]]],
) -> None:
    incident: Incident | None = None
    minutes, told = 0, []
    for pause, event, broken in steps:
        minutes += pause
        if event != "nothing":
            incident = seen(incident, sighting(minutes, is_well=event == "is well"))
        if incident is not None:
            incident, new = tick(incident, minutes, frozenset(broken))
            told += new
    for channel in CHANNELS:
        got = [(at, notice) for at, name, notice in told if name == channel]
        failures = [at for at, notice in got if notice is not Notice.RECOVERY]
        assert all(later - earlier >= COOL_DOWN for earlier, later in pairwise(failures))
        for number, (_, notice) in enumerate(got):
            before = got[number - 1][1] if number else Notice.RECOVERY
            assert (notice is Notice.ALERT) == (before is Notice.RECOVERY)


@given(STEPS)
def test_when_it_is_well_and_the_channels_work_everybody_who_was_alerted_is_told_so(
    steps: list[tuple[int, str, set[str]]],
) -> None:
    incident, minutes, alerts, recoveries = failing(), 0, 0, 0
    for pause, event, broken in [*steps, (1, "is well", set[str]()), (100, "nothing", set[str]())]:
        minutes += pause
        after = seen(incident, sighting(minutes, is_well=event == "is well"))
        incident = after if after is not None and event != "nothing" else incident
        incident, new = tick(incident, minutes, frozenset(broken))
        alerts += sum(notice is Notice.ALERT for _, _, notice in new)
        recoveries += sum(notice is Notice.RECOVERY for _, _, notice in new)
    assert alerts == recoveries
    assert incident.closed_at is not None or any(item.next_try_at for item in incident.deliveries.values())


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_is_owed_to_who_was_told_of_the_end(channel: str) -> None:
    incident, _ = tick(resolved(failing(), 1), 2)
    assert owed(incident, channel, NOON + timedelta(days=9), COOL_DOWN) is None
    assert replace(incident, closed_at=None).delivery(channel).recovered_at == NOON + timedelta(minutes=2)
