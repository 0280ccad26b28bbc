"""Updating from a stage: the rows that it names and that differ are written, no other row is touched or made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import pytest
from sqlalchemy import Column, Connection, DateTime, Engine, Integer, MetaData, Numeric, Table, Text, text
from sqlalchemy.exc import IntegrityError

from monps_platform.db.bulk.merge import Changes, copy_rows, staging, update_from_stage

Row = tuple[object, ...]

THINGS = Table(
    "updated_things",
    MetaData(),
    Column("id", Integer),
    Column("name", Text),
    Column("price", Numeric),
    Column("note", Text),
    Column("updated_at", DateTime(timezone=True)),
)
PLAIN = Table("plain_things", MetaData(), Column("id", Integer), Column("name", Text), Column("note", Text))


@pytest.fixture
def connection(shared_engine: Engine) -> Iterator[Connection]:
    """A connection with a table of three rows, and one of the same rows without time stamps."""
    with shared_engine.connect() as opened:
        opened.execute(
            text(
                "CREATE TEMPORARY TABLE updated_things (id int PRIMARY KEY, name text, "
                "price numeric CHECK (price > 1), note text, updated_at timestamptz NOT NULL DEFAULT now())"
            )
        )
        opened.execute(text("CREATE TEMPORARY TABLE plain_things (id int, name text, note text)"))
        rows = "(1, 'a', 2.00, NULL), (2, 'b', NULL, 'old'), (3, 'c', 3.50, 'old')"
        opened.execute(text(f"INSERT INTO updated_things (id, name, price, note) VALUES {rows}"))
        opened.execute(text("INSERT INTO plain_things SELECT id, name, note FROM updated_things"))
        opened.commit()
        yield opened
        opened.rollback()
        opened.execute(text("DROP TABLE updated_things, plain_things"))
        opened.commit()


def update(
    connection: Connection,
    rows: Sequence[Row],
    key: Sequence[str] = ("id",),
    values: Sequence[str] = ("price", "note"),
    target: Table = THINGS,
) -> Changes:
    """Stage rows of a key and values, and update the target from them."""
    columns = (*key, *values)
    with staging(connection, target, columns) as stage:
        copy_rows(connection, stage.name, columns, rows)
        return update_from_stage(connection, target, stage, key, values)


def held(connection: Connection, table: str = "updated_things", columns: str = "id, price::text, note") -> list[Row]:
    return [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM {table} ORDER BY id"))]


def traces(connection: Connection) -> dict[int, Row]:
    rows = connection.execute(text("SELECT id, xmin::text, ctid::text, updated_at FROM updated_things"))
    return {row[0]: tuple(row[1:]) for row in rows}


def test_the_rows_that_differ_are_written_and_counted_and_the_others_keep_transaction_place_and_time_stamp(
    connection: Connection,
) -> None:
    before = traces(connection)
    connection.commit()
    assert update(connection, [(1, "2.00", None), (2, None, "new"), (3, "3.50", "old")]) == Changes(updated=1)
    connection.commit()
    after = traces(connection)
    assert held(connection) == [(1, "2.00", None), (2, None, "new"), (3, "3.50", "old")]
    assert [key for key in before if after[key] != before[key]] == [2]
    stamps = before[2][-1], after[2][-1]
    assert isinstance(stamps[0], datetime)
    assert isinstance(stamps[1], datetime)
    assert stamps[0] < stamps[1]


def test_rows_that_the_stage_does_not_name_stay_and_ones_that_are_not_held_are_not_made(
    connection: Connection,
) -> None:
    before = traces(connection)
    assert update(connection, [(4, "2.00", "new")]) == update(connection, []) == Changes()
    assert traces(connection) == before


def test_null_is_a_value_like_any(connection: Connection) -> None:
    assert update(connection, [(1, None, "x"), (2, "1.50", None), (3, None, None)]) == Changes(updated=3)
    assert held(connection) == [(1, None, "x"), (2, "1.50", None), (3, None, None)]
    assert update(connection, [(1, None, "x"), (3, None, None)]) == Changes()


def test_a_number_written_with_other_zeros_is_the_same(connection: Connection) -> None:
    assert update(connection, [(1, "2", None), (3, "3.5000", "old")]) == Changes()


def test_only_the_named_values_are_written(connection: Connection) -> None:
    assert update(connection, [(3, "new")], values=("note",)) == Changes(updated=1)
    assert held(connection, columns="name, price::text, note")[2] == ("c", "3.50", "new")


def test_a_key_may_be_several_columns_all_of_which_must_be_equal(connection: Connection) -> None:
    rows = [(1, "a", "new"), (2, "a", "new"), (3, None, "new")]
    assert update(connection, rows, key=("id", "name"), values=("note",)) == Changes(updated=1)
    assert [row[-1] for row in held(connection)] == ["new", "old", "old"]


def test_a_key_that_names_several_rows_updates_all_of_them(connection: Connection) -> None:
    connection.execute(text("UPDATE updated_things SET name = 'a'"))
    assert update(connection, [("a", "old")], key=("name",), values=("note",)) == Changes(updated=1)
    assert update(connection, [("a", "new")], key=("name",), values=("note",)) == Changes(updated=3)


def test_a_table_without_time_stamps_is_updated_as_well(connection: Connection) -> None:
    assert update(connection, [(1, "new"), (2, "old")], values=("note",), target=PLAIN) == Changes(updated=1)
    assert held(connection, "plain_things", "id, note") == [(1, "new"), (2, "old"), (3, "old")]


def test_a_row_that_may_not_be_so_undoes_all_of_them(connection: Connection) -> None:
    with pytest.raises(IntegrityError, match="price_check"):
        update(connection, [(1, "2.50", None), (3, "0.90", None)])
    connection.rollback()
    assert held(connection) == [(1, "2.00", None), (2, None, "old"), (3, "3.50", "old")]
    assert update(connection, [(1, "2.50", None)]) == Changes(updated=1)
