"""When a league is asked for prices, and that the credits are never overspent, whatever happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.leagues import LEAGUES, League, league
from monps_platform.domain.snapshot_pace import (
    HORIZON,
    PACE,
    Credits,
    Prospect,
    choose,
    chosen,
    renewal,
    step_of,
)

NOW = datetime(2024, 10, 19, 12, 0, tzinfo=UTC)
E0, E1, SP1 = league("E0"), league("E1"), league("SP1")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RICH = Credits(left=100_000, reserve=100, spent_in_a_day=0, cost=6, renewed_at=NOW + timedelta(days=10))


def prospect(item: League, *ahead: timedelta, asked: timedelta | None = None) -> Prospect:
    kickoffs = tuple(NOW + each for each in ahead)
    return Prospect(item, kickoffs, None if asked is None else NOW - asked)


PACES = [
    (timedelta(minutes=30), timedelta(minutes=10)),
    (timedelta(hours=1), timedelta(minutes=10)),
    (timedelta(hours=3), timedelta(hours=1)),
    (timedelta(hours=6), timedelta(hours=1)),
    (timedelta(hours=20), timedelta(hours=6)),
    (timedelta(hours=24), timedelta(hours=6)),
    (timedelta(hours=60), timedelta(hours=24)),
    (timedelta(hours=72), timedelta(hours=24)),
]


@pytest.mark.parametrize(("ahead", "every"), PACES)
def test_the_nearer_the_kickoff_the_more_often_a_league_is_asked(ahead: timedelta, every: timedelta) -> None:
    assert chosen(choose([prospect(E0, ahead, asked=every)], RICH, NOW)) == [E0]
    (early,) = choose([prospect(E0, ahead, asked=every - 6 * MINUTE)], RICH, NOW)
    assert not early.ask
    assert early.why.startswith("its turn comes at 2024-10-19 12:06")


@pytest.mark.parametrize("late", [0, 31, 120, 299])
@pytest.mark.parametrize(("ahead", "every"), PACES)
def test_a_league_asked_a_while_after_a_tick_has_its_turn_at_the_tick_of_its_step(
    ahead: timedelta, every: timedelta, late: int
) -> None:
    asked = every - timedelta(seconds=late)
    assert chosen(choose([prospect(E0, ahead, asked=asked)], RICH, NOW)) == [E0]


def test_in_the_closing_hour_every_tick_asks_however_long_the_run_took_to_start() -> None:
    kickoff, asked, times = NOW + HOUR, None, []
    for number, late in enumerate((31, 5, 240, 12, 90, 0)):
        tick = NOW + number * 10 * MINUTE
        if chosen(choose([Prospect(E0, (kickoff,), asked)], RICH, tick)):
            asked = tick + timedelta(seconds=late)
            times.append(number)
    assert times == [0, 1, 2, 3, 4, 5]


def test_a_league_that_was_never_asked_is_asked_at_once() -> None:
    assert chosen(choose([prospect(E0, timedelta(hours=70))], RICH, NOW)) == [E0]


@pytest.mark.parametrize("ahead", [(), (-MINUTE,), (timedelta(0),), (HORIZON + MINUTE,), (-HOUR, HORIZON + HOUR)])
def test_a_league_without_a_match_within_the_horizon_is_not_asked(ahead: tuple[timedelta, ...]) -> None:
    for force in (False, True):
        (choice,) = choose([prospect(E0, *ahead)], RICH, NOW, force=force)
        assert (choice.ask, choice.why) == (False, "no match within 72 hours")


def test_the_nearest_match_to_come_sets_the_pace() -> None:
    assert chosen(choose([prospect(E0, -HOUR, 50 * HOUR, 30 * MINUTE, asked=11 * MINUTE)], RICH, NOW)) == [E0]


def test_force_asks_before_its_turn() -> None:
    assert chosen(choose([prospect(E0, 5 * HOUR, asked=MINUTE)], RICH, NOW, force=True)) == [E0]


def test_where_credits_do_not_reach_for_all_the_nearest_kickoff_comes_first() -> None:
    purse = Credits(left=32, reserve=20, spent_in_a_day=0, cost=6, renewed_at=NOW)
    found = choose([prospect(SP1, 50 * MINUTE), prospect(E0, 20 * MINUTE), prospect(E1, 40 * MINUTE)], purse, NOW)
    assert chosen(found) == [E0, E1]
    assert found[2].why == "a call costs 6 credits; 20 are left, of which 20 are kept"


def test_a_days_share_is_what_could_be_spent_over_the_days_until_the_credits_are_renewed() -> None:
    purse = Credits(left=200, reserve=20, spent_in_a_day=20, cost=6, renewed_at=NOW + timedelta(days=10))
    assert purse.share(NOW) == 20
    last_day = Credits(left=200, reserve=20, spent_in_a_day=20, cost=6, renewed_at=NOW + HOUR)
    assert last_day.share(NOW) == 200


@pytest.mark.parametrize("step", PACE)
def test_the_share_of_a_day_that_may_be_spent_grows_towards_kickoff(step: object) -> None:
    (at,) = [number for number, each in enumerate(PACE) if each == step]
    ahead, shares = PACE[at].ahead, PACE[at].shares
    renewed_at = NOW + timedelta(days=10)
    # A share is (left - reserve + spent) / 10 = 100.
    within = Credits(1120 - int(shares * 100) + 6, 120 - 6 + 6 - 6, int(shares * 100) - 6, 6, renewed_at)
    assert within.share(NOW) == pytest.approx(100, abs=1)
    assert chosen(choose([prospect(E0, ahead)], within, NOW)) == [E0]
    beyond = Credits(within.left - 20, within.reserve, within.spent_in_a_day + 20, 6, renewed_at)
    (choice,) = choose([prospect(E0, ahead)], beyond, NOW)
    assert not choice.ask
    assert "credits were spent in 24 hours" in choice.why
    assert chosen(choose([prospect(E0, ahead)], beyond, NOW, force=True)) == [E0]


def test_one_call_a_day_is_made_however_small_the_share_is() -> None:
    purse = Credits(left=30, reserve=20, spent_in_a_day=0, cost=6, renewed_at=NOW + timedelta(days=30))
    assert chosen(choose([prospect(E0, timedelta(hours=60))], purse, NOW)) == [E0]


@pytest.mark.parametrize(
    ("now", "day", "last", "following"),
    [
        ("2024-10-19", 1, "2024-10-01", "2024-11-01"),
        ("2024-10-01", 1, "2024-10-01", "2024-11-01"),
        ("2024-12-31", 28, "2024-12-28", "2025-01-28"),
        ("2025-01-15", 28, "2024-12-28", "2025-01-28"),
        ("2024-01-31", 5, "2024-01-05", "2024-02-05"),
    ],
)
def test_credits_are_renewed_on_a_day_of_the_month(now: str, day: int, last: str, following: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = [each.date().isoformat() for each in renewal(at, day)]
    assert found == [last, following]


def test_steps_follow_each_other_and_a_kickoff_that_is_past_has_none() -> None:
    assert [step.ahead for step in PACE] == sorted(step.ahead for step in PACE)
    assert [step.every for step in PACE] == sorted(step.every for step in PACE)
    assert step_of(NOW, NOW) is None
    assert step_of(NOW + HORIZON + MINUTE, NOW) is None


KICKOFFS = st.lists(st.integers(-600, 10_000), max_size=4)
TICKS = st.lists(st.tuples(st.integers(0, 600), st.booleans(), st.integers(0, 6)), max_size=60)


@given(
    left=st.integers(0, 400),
    reserve=st.integers(0, 100),
    cost=st.integers(1, 12),
    days=st.integers(0, 31),
    kickoffs=st.lists(KICKOFFS, min_size=1, max_size=8),
    ticks=TICKS,
)
def test_whatever_the_sequence_of_ticks_the_reserve_is_never_touched(
    left: int, reserve: int, cost: int, days: int, kickoffs: list[list[int]], ticks: list[tuple[int, bool, int]]
) -> None:
    """Ticks at any distance, forced or not; answers that are free, or lost after they were paid for."""
    now, renewed_at = NOW, NOW + timedelta(days=days)
    asked: dict[League, datetime] = {}
    spent: list[tuple[datetime, int]] = []
    for minutes, force, free in ticks:
        now += timedelta(minutes=minutes)
        in_a_day = sum(each for at, each in spent if at > now - timedelta(days=1))
        purse = Credits(left, reserve, in_a_day, cost, renewed_at)
        prospects = [
            Prospect(item, tuple(NOW + timedelta(minutes=each) for each in given), asked.get(item))
            for item, given in zip(LEAGUES, kickoffs, strict=False)
        ]
        calls = chosen(choose(prospects, purse, now, force=force))
        assert len(calls) == len(set(calls))
        for number, item in enumerate(calls):
            paid = 0 if number < free else cost
            asked[item] = now
            left -= paid
            spent.append((now, paid))
        assert left >= min(reserve, purse.left)
    assert left >= 0
