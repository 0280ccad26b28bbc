"""A pick stays what it was when it was taken; its closing price and settlement may be corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from monps_platform.db.models.picks import IMMUTABLE, IMMUTABLE_TRIGGER
from monps_platform_tests.db.models.constraint_cases import CLOSING, OVER, PICKS, settled
from monps_platform_tests.db.models.rows import insert

CHANGES: dict[str, str] = {
    "agent": "'other'",
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
    CLOSING | {"closing_price": "2.1", "clv_percentage": "0", "closing_source": "same_bookmaker"},
    {"no_closing_reason": "bookmaker_gone"},
    {"clv_line_adjusted_percentage": "1.5", "clv_line_adjusted_method": "dixon_coles"},
    settled("win", "1.1"),
    settled("loss", "-1"),
    {"strategy": "s", "model_probability": 0.5, "edge": 0.05, "hours_before_kickoff": "2", "data_version": "2"},
]


@pytest.fixture
def connection(shared_engine: Engine) -> Iterator[Connection]:
    """A transaction with one pick in it, undone after the test."""
    with shared_engine.connect() as opened:
        insert(opened, "leagues", {"id": 1})
        for number in (1, 2):
            insert(opened, "teams", {"id": number, "name": f"Team {number}"})
            insert(opened, "bookmakers", {"id": number, "key": f"B{number}"})
        for number, (home, away) in enumerate(((1, 2), (2, 1)), start=1):
            insert(opened, "matches", {"id": number, "home_team_id": home, "away_team_id": away})
        insert(opened, PICKS, {**OVER, "agent": "tipster"})
        yield opened


@pytest.mark.parametrize("column", IMMUTABLE)
def test_what_a_pick_was_when_it_was_taken_cannot_change(connection: Connection, column: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        connection.execute(text(f"UPDATE {PICKS} SET {column} = {CHANGES[column]}"))
    diagnosis = caught.value.orig.diag  # type: ignore[union-attr]  # psycopg2's own
    assert (diagnosis.sqlstate, diagnosis.constraint_name) == ("23514", IMMUTABLE_TRIGGER)
    assert (diagnosis.schema_name, diagnosis.table_name) == ("public", PICKS)
    assert f"of agent tipster stays what it was when it was taken: {column} cannot change" in diagnosis.message_primary
    assert "enter it anew" in diagnosis.message_hint


def test_the_columns_that_cannot_change_are_those_that_the_trigger_watches(connection: Connection) -> None:
    query = text("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = :name")
    definition = str(connection.scalar(query, {"name": IMMUTABLE_TRIGGER}))
    for named in (r"old\.(\w+)", r"new\.(\w+)", r"'(\w+)'"):
        assert sorted(re.findall(named, definition)) == sorted(IMMUTABLE) == sorted(CHANGES)


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
    _update(connection, CLOSING | {"no_closing_reason": None} | settled("loss", "-1"))
    if "no_closing_reason" in changes:
        changes = dict.fromkeys(CLOSING) | changes
    assert _update(connection, changes) == 1


def test_a_pick_written_again_as_it_is_passes(connection: Connection) -> None:
    same = ", ".join(f"{column} = {column}" for column in IMMUTABLE)
    assert connection.execute(text(f"UPDATE {PICKS} SET {same}")).rowcount == 1
    assert connection.execute(text(f"UPDATE {PICKS} SET price_taken = 2.1000, line = 2.50")).rowcount == 1


def test_a_pick_may_be_deleted(connection: Connection) -> None:
    assert connection.execute(text(f"DELETE FROM {PICKS}")).rowcount == 1


def _update(connection: Connection, changes: dict[str, Any]) -> int:
    assignments = ", ".join(f"{name} = :{name}" for name in changes)
    return connection.execute(text(f"UPDATE {PICKS} SET {assignments}"), changes).rowcount
