"""Picks as columns: their order, what is not known, and which of them are settled, decided, closed and due."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.picks import ClosingSource, NoClosingReason, PickOrigin, PickResult
from monps_platform.domain.settlement import profit
from monps_platform.domain.track_record.table import PickTable, TrackedPick

FIRST_DAY = date(2023, 8, 12)
OPEN = TrackedPick(
    pick_id=1,
    agent="me",
    origin=PickOrigin.OWN,
    league="E0",
    season="2023-24",
    market="1x2",
    bookmaker="B365",
    match_id=1,
    day=FIRST_DAY,
    price_taken=2.0,
    stake=1.0,
    result=None,
    profit=None,
    closing_source=None,
    no_closing_reason=None,
    clv=None,
    clv_no_vig=None,
    clv_line_adjusted=None,
)
"""A pick of a match to come."""


def pick(pick_id: int, match_id: int | None = None, *, day: int | None = None, **changes: Any) -> TrackedPick:
    """A pick by its id, on a match and day of the same number unless told otherwise."""
    match = pick_id if match_id is None else match_id
    when = FIRST_DAY + timedelta(days=match if day is None else day)
    return replace(OPEN, pick_id=pick_id, match_id=match, day=when, **changes)


def settled(
    pick_id: int, result: PickResult, match_id: int | None = None, *, day: int | None = None, **changes: Any
) -> TrackedPick:
    """A pick with its result, and the profit that follows from it."""
    held = pick(pick_id, match_id, day=day, **changes)
    return replace(held, result=result, profit=profit([result], [held.price_taken], [held.stake])[0].item())


def closing(held: TrackedPick, clv: float, no_vig: float | None = None) -> TrackedPick:
    """The same pick with a closing price at its own bookmaker."""
    fair = clv - 4 if no_vig is None else no_vig
    return replace(held, closing_source=ClosingSource.SAME_BOOKMAKER, clv=clv, clv_no_vig=fair)


def drawn(chance: random.Random, count: int, matches: int) -> list[TrackedPick]:
    """Picks of all kinds: settled or open, closed, without a closing price or not due yet."""
    found = []
    for number in range(1, count + 1):
        held = pick(
            number,
            chance.randint(1, matches),
            day=chance.randint(0, matches // 2),
            league=chance.choice(["E0", "SP1", "SIM1"]),
            season=chance.choice(["2022-23", "2023-24"]),
            market=chance.choice(["1x2", "over_under"]),
            bookmaker=chance.choice(["B365", "BW", "PS"]),
            price_taken=chance.randint(150, 500) / 100,
            stake=chance.choice([0.5, 1.0, 1.0, 2.0]),
        )
        if chance.random() < 0.8:
            result = chance.choice(list(PickResult))
            held = replace(held, result=result, profit=profit([result], [held.price_taken], [held.stake])[0].item())
        kind = chance.random()
        if kind < 0.6:
            held = closing(held, round(chance.gauss(1, 5), 4), round(chance.gauss(-3, 5), 4))
            held = replace(held, closing_source=chance.choice(list(ClosingSource)))
        elif kind < 0.8:
            adjusted = round(chance.gauss(-2, 6), 4) if chance.random() < 0.5 else None
            reason = NoClosingReason.LINE_MOVED if adjusted else chance.choice(list(NoClosingReason))
            held = replace(held, no_closing_reason=reason, clv_line_adjusted=adjusted)
        found.append(held)
    return found


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**9))
def test_picks_come_by_day_match_and_id_with_what_they_hold(seed: int) -> None:
    chance = random.Random(seed)
    picks = drawn(chance, chance.randint(1, 40), 10)
    table = PickTable.of(picks)
    rows = sorted(picks, key=lambda row: (row.day, row.match_id, row.pick_id))
    assert len(table) == len(picks)
    assert table.match_id.tolist() == [row.match_id for row in rows]
    assert [date.fromordinal(day) for day in table.day.tolist()] == [row.day for row in rows]
    assert table.agent.tolist() == ["me"] * len(rows)
    for name in ("league", "season", "market", "bookmaker", "stake"):
        assert getattr(table, name).tolist() == [getattr(row, name) for row in rows]
    for name in ("profit", "clv", "clv_no_vig", "clv_line_adjusted"):
        found = [None if np.isnan(value) else value for value in getattr(table, name).tolist()]
        assert found == [getattr(row, name) for row in rows]
    assert table.source.tolist() == [row.closing_source or "" for row in rows]
    assert table.reason.tolist() == [row.no_closing_reason or "" for row in rows]
    assert PickTable.of(chance.sample(picks, len(picks))).profit.tolist() == pytest.approx(
        table.profit.tolist(), nan_ok=True
    )


@pytest.mark.parametrize(
    ("result", "is_settled", "is_decided"),
    [
        (None, False, False),
        (PickResult.WIN, True, True),
        (PickResult.HALF_WIN, True, True),
        (PickResult.HALF_LOSS, True, True),
        (PickResult.LOSS, True, True),
        # The stake was returned: settled, but neither won nor lost.
        (PickResult.PUSH, True, False),
        (PickResult.VOID, True, False),
    ],
)
def test_a_pick_is_decided_when_its_stake_was_not_returned(
    result: PickResult | None, is_settled: bool, is_decided: bool
) -> None:
    table = PickTable.of([pick(1) if result is None else settled(1, result)])
    assert (table.settled.tolist(), table.decided.tolist()) == ([is_settled], [is_decided])
    assert table.staked.tolist() == [is_settled and result is not PickResult.VOID]


def test_a_close_is_due_when_it_is_known_be_it_as_the_reason_why_there_is_none() -> None:
    table = PickTable.of(
        [pick(1), closing(pick(2), 0.0), pick(3, no_closing_reason=NoClosingReason.LINE_MOVED, clv_line_adjusted=1.5)]
    )
    assert table.closed.tolist() == [False, True, False]
    assert table.due.tolist() == [False, True, True]


def test_what_an_agent_picked_before_matches_is_tracked_apart_from_what_it_would_have() -> None:
    of = [
        replace(OPEN, agent="consensus_value", origin=origin)
        for origin in (PickOrigin.WALK_FORWARD, PickOrigin.LIVE, PickOrigin.OWN)
    ]
    assert [item.tracked_as for item in of] == ["consensus_value", "consensus_value (live)", "consensus_value"]


def test_a_mask_chooses_the_same_rows_of_every_column() -> None:
    table = PickTable.of(drawn(random.Random(4), 30, 12))
    mask = table.league == "E0"
    part = table.where(mask)
    for item in fields(PickTable):
        expected = getattr(table, item.name)[mask]
        assert getattr(part, item.name).tolist() == pytest.approx(expected.tolist(), nan_ok=True) or (
            getattr(part, item.name).tolist() == expected.tolist()
        )
    assert 0 < len(part) < 30


def test_simulated_leagues_and_real_ones_are_told_apart() -> None:
    table = PickTable.of([pick(number, league=code) for number, code in enumerate(["E0", "SIM1", "XX", "SIM2", "SP1"])])
    assert table.of_leagues(simulated=True).league.tolist() == ["SIM1", "SIM2"]
    # A league that the platform does not know is not one that it made.
    assert table.of_leagues(simulated=False).league.tolist() == ["E0", "XX", "SP1"]


def test_a_table_without_picks_has_its_columns() -> None:
    table = PickTable.of([])
    assert len(table) == 0
    assert all(len(getattr(table, item.name)) == 0 for item in fields(PickTable))
    assert [len(column) for column in (table.settled, table.closed, table.due)] == [0, 0, 0]
    assert len(table.of_leagues(simulated=True)) == len(table.of_leagues(simulated=False)) == 0
