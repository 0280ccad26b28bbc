"""How prices moved over their snapshots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monps_platform.domain.snapshots import SidePrice, biggest, movements

NOON = datetime(2024, 10, 19, 12, tzinfo=UTC)


def price(number: str, hours: int, side: str = "home", book: str = "PS", line: str | None = None) -> SidePrice:
    return SidePrice(
        book, None if line is None else Decimal(line), side, NOON + timedelta(hours=hours), Decimal(number)
    )


def test_a_movement_is_the_first_the_last_the_lowest_and_the_highest_price_in_the_order_of_time() -> None:
    (found,) = movements([price("2.00", 2), price("1.80", 3), price("2.50", 0), price("2.60", 1)])
    assert (found.open, found.low, found.high, found.before, found.latest) == tuple(
        map(Decimal, ("2.50", "1.80", "2.60", "2.00", "1.80"))
    )
    assert (found.snapshots, found.latest_at) == (4, NOON + timedelta(hours=3))


def test_a_change_is_one_of_the_implied_probability_above_zero_where_the_price_shortened() -> None:
    (found,) = movements([price("2.50", 0), price("2.00", 1), price("1.60", 2)])
    assert found.change == pytest.approx(12.5)
    assert found.change_since_open == pytest.approx(22.5)


def test_books_lines_and_sides_move_each_for_themselves() -> None:
    found = movements(
        [price("2.0", 0), price("1.9", 0, book="WH"), price("1.9", 0, "away"), price("1.9", 0, line="2.5")]
    )
    assert [(each.bookmaker, each.side, each.line) for each in found] == [
        ("PS", "home", None),
        ("WH", "home", None),
        ("PS", "away", None),
        ("PS", "home", Decimal("2.5")),
    ]
    assert all(each.change == each.change_since_open == 0 for each in found)


def test_the_biggest_moves_come_first_and_what_did_not_move_not_at_all() -> None:
    small = movements([price("2.0", 0), price("1.95", 1)])
    big = movements([price("1.5", 0), price("1.8", 1), price("3.0", 0, "away"), price("3.0", 1, "away")])
    found = biggest({"one": small, "other": big}, 5)
    assert [(name, each.side) for name, each in found] == [("other", "home"), ("one", "home")]
    assert found[0][1].change < 0
    assert len(biggest({"one": small, "other": big}, 1)) == 1
    assert biggest({}, 5) == []
