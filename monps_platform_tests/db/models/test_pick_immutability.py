"""A pick stays what it was when it was taken; its closing price and settlement may be corrected."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from monps_platform.db.models import picks
from monps_platform.db.models.picks import IMMUTABLE, IMMUTABLE_TRIGGER
from monps_platform_tests.db.models.pick_cases import CLOSING, MOVED, PICKS, because, settled, update_picks

CHANGES: dict[str, str] = {
    "agent": "'other'",
    "origin": "'live'",
    "match_id": "2",
    "market": "'asian_handicap'",
    "side": "'under'",
    "line": "3.5",
    "bookmaker_id": "2",
    "price_taken": "2.2",
    "taken_at": "taken_at - interval '1 second'",
    "stake": "2",
}
ALLOWED: list[dict[str, Any]] = [
    CLOSING,
    CLOSING
    | {"closing_price": "2.1", "clv_percentage": "0", "closing_source": "same_bookmaker", "closing_bookmaker_id": 1},
    {"closing_captured_at": "2019-08-10 13:59+00"},
    {"no_closing_reason": "bookmaker_gone"},
    MOVED,
    settled("win", "1.1"),
    settled("loss", "-1"),
]
FREE = {"strategy": "s", "model_probability": 0.5, "edge": 0.05, "hours_before_kickoff": "2", "data_version": "2"}
"""What is none of a pick's parts."""
WATCHED = {
    IMMUTABLE_TRIGGER: (IMMUTABLE, ()),
    "tracking_clv_picks_closing_kept": (picks.CLOSING, ("closing",)),
    "tracking_clv_picks_settlement_kept": (picks.SETTLEMENT, ("settlement",)),
}
"""The columns that each trigger watches, and what else it is handed."""


@pytest.mark.parametrize("column", IMMUTABLE)
def test_what_a_pick_was_when_it_was_taken_cannot_change(connection: Connection, column: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        connection.execute(text(f"UPDATE {PICKS} SET {column} = {CHANGES[column]}"))
    diagnosis = caught.value.orig.diag  # type: ignore[union-attr]  # psycopg2's own
    assert (diagnosis.sqlstate, diagnosis.constraint_name) == ("23514", IMMUTABLE_TRIGGER)
    assert (diagnosis.schema_name, diagnosis.table_name) == ("public", PICKS)
    assert f"of agent tipster stays what it was when it was taken: {column} cannot change" in diagnosis.message_primary
    assert "enter it anew" in diagnosis.message_hint


@pytest.mark.parametrize("trigger", WATCHED)
def test_the_columns_of_each_part_are_those_that_its_trigger_watches(connection: Connection, trigger: str) -> None:
    query = text("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = :name")
    definition = str(connection.scalar(query, {"name": trigger}))
    columns, more = WATCHED[trigger]
    for named in (r"old\.(\w+)", r"new\.(\w+)"):
        assert re.findall(named, definition) == list(columns)
    assert re.findall(r"'(\w+)'", definition) == [*more, *columns]


def test_all_that_cannot_change_is_seen_refusing() -> None:
    assert sorted(CHANGES) == sorted(IMMUTABLE)


def test_every_column_of_a_pick_belongs_to_one_part_or_is_free(connection: Connection) -> None:
    query = text("SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal")
    assert sorted(connection.scalars(query, {"table": PICKS})) == sorted(WATCHED)
    parts = [name for columns, _ in WATCHED.values() for name in columns]
    housekeeping = ("id", "created_at", "updated_at")
    assert sorted([*parts, *FREE, *housekeeping]) == sorted(picks.Pick.__table__.columns.keys())


def test_every_column_that_would_change_is_named_and_none_else(connection: Connection) -> None:
    with pytest.raises(IntegrityError, match="when it was taken: price_taken, stake cannot change"):
        connection.execute(text(f"UPDATE {PICKS} SET stake = 2, price_taken = 3, side = side, strategy = 'new'"))


def test_a_line_cannot_be_taken_away(connection: Connection) -> None:
    with pytest.raises(IntegrityError, match="line, market, side cannot change"):
        connection.execute(text(f"UPDATE {PICKS} SET line = NULL, market = 'btts', side = 'yes'"))


def test_an_upsert_cannot_change_the_price_taken_either(connection: Connection) -> None:
    key = "agent, match_id, market, side, line, bookmaker_id, taken_at"
    again = f"""INSERT INTO {PICKS} ({key}, price_taken, stake, data_version)
        SELECT {key}, 3, stake, data_version FROM {PICKS}
        ON CONFLICT ({key}) DO UPDATE SET price_taken = excluded.price_taken"""
    with pytest.raises(IntegrityError, match="price_taken cannot change"):
        connection.execute(text(again))


@pytest.mark.parametrize("changes", ALLOWED)
def test_closing_price_and_settlement_may_come_and_be_corrected(
    connection: Connection, changes: dict[str, Any]
) -> None:
    update_picks(connection, CLOSING | {"no_closing_reason": None} | settled("loss", "-1"))
    because(connection, "the source corrected itself")
    if "no_closing_reason" in changes:
        changes = dict.fromkeys(CLOSING) | changes
    assert update_picks(connection, changes) == 1


def test_what_is_none_of_a_picks_parts_may_change_without_a_reason(connection: Connection) -> None:
    update_picks(connection, CLOSING | settled("loss", "-1"))
    assert update_picks(connection, FREE) == 1


def test_a_pick_written_again_as_it_is_passes(connection: Connection) -> None:
    same = ", ".join(f"{column} = {column}" for column in IMMUTABLE)
    assert connection.execute(text(f"UPDATE {PICKS} SET {same}")).rowcount == 1
    assert connection.execute(text(f"UPDATE {PICKS} SET price_taken = 2.1000, line = 2.50")).rowcount == 1


def test_a_pick_may_be_deleted(connection: Connection) -> None:
    assert connection.execute(text(f"DELETE FROM {PICKS}")).rowcount == 1
