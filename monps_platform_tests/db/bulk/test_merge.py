"""Staging and merging: the table comes to the wanted state, and rows that are right are not touched."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, DateTime, Engine, Integer, MetaData, Numeric, Table, Text, text

from monps_platform.db.bulk.merge import Changes, copy_binary, copy_rows, merge_stage, staging
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.errors import BulkWriteError
from monps_platform.domain.odds import PriceKind

# PostgreSQL's text holds every character but NUL; half a surrogate pair is no character.
WRITABLE = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
Row = tuple[str, int | None, str | None, str | None]

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Integer),
    Column("name", Text),
    Column("line", Integer),
    Column("price", Numeric),
    Column("note", Text),
    Column("updated_at", DateTime(timezone=True)),
)


@pytest.fixture
def connection(shared_engine: Engine) -> Iterator[Connection]:
    """A connection with an empty table whose key may be NULL in part."""
    with shared_engine.connect() as opened:
        opened.execute(
            text(
                "CREATE TEMPORARY TABLE things (id int GENERATED ALWAYS AS IDENTITY, name text NOT NULL, line int, "
                "price numeric CHECK (price > 1), note text, updated_at timestamptz NOT NULL DEFAULT now(), "
                "UNIQUE NULLS NOT DISTINCT (name, line))"
            )
        )
        opened.commit()
        yield opened
        opened.rollback()
        opened.execute(text("DROP TABLE things"))
        opened.commit()


def merge(connection: Connection, rows: Sequence[Row]) -> Changes:
    columns = ("name", "line", "price", "note")
    with staging(connection, THINGS, columns) as stage:
        assert copy_rows(connection, stage.name, columns, rows) == len(rows)
        return merge_stage(connection, THINGS, stage, ("name", "line"), ("price", "note"))


def held(connection: Connection) -> list[tuple[object, ...]]:
    rows = connection.execute(text("SELECT name, line, price::text, note FROM things ORDER BY name, line NULLS FIRST"))
    return [tuple(row) for row in rows]


def traces(connection: Connection) -> dict[tuple[str, int | None], tuple[object, ...]]:
    rows = connection.execute(text("SELECT name, line, id, xmin::text, ctid::text, updated_at FROM things"))
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def test_new_rows_are_inserted_changed_ones_updated_and_all_are_counted(connection: Connection) -> None:
    assert merge(connection, [("a", 1, "2.00", None), ("b", 1, "3.00", "old")]) == Changes(inserted=2)
    connection.commit()
    again: list[Row] = [("a", 1, "2.00", None), ("b", 1, "3.10", "old"), ("c", 1, "4.00", None)]
    assert merge(connection, again) == Changes(inserted=1, updated=1)
    assert held(connection) == sorted(again)


def test_unchanged_rows_keep_id_transaction_place_and_time_stamp(connection: Connection) -> None:
    rows: list[Row] = [("a", 1, "2.00", None), ("a", None, "2.50", "x"), ("b", 1, None, None)]
    merge(connection, rows)
    connection.commit()
    before = traces(connection)
    connection.commit()
    assert merge(connection, [rows[0], ("a", None, "2.60", "x"), rows[2]]) == Changes(updated=1)
    connection.commit()
    after = traces(connection)
    changed = ("a", None)
    assert {key: trace for key, trace in after.items() if key != changed} == {
        key: trace for key, trace in before.items() if key != changed
    }
    assert after[changed][0] == before[changed][0]
    assert after[changed][1] != before[changed][1]
    stamps = [trace[changed][3] for trace in (before, after)]
    assert isinstance(stamps[0], datetime)
    assert isinstance(stamps[1], datetime)
    assert stamps[0] < stamps[1]


def test_null_is_one_key_among_others_and_a_value_like_any(connection: Connection) -> None:
    merge(connection, [("a", None, "2.00", None), ("a", 0, "3.00", "x")])
    assert merge(connection, [("a", None, None, None), ("a", 0, "3.00", None)]) == Changes(updated=2)
    assert merge(connection, [("a", None, None, None), ("a", 0, "3.00", None)]) == Changes()
    assert merge(connection, [("a", None, "2.00", None)]) == Changes(updated=1)
    assert held(connection) == [("a", None, "2.00", None), ("a", 0, "3.00", None)]


def test_a_price_written_with_other_zeros_is_the_same_price(connection: Connection) -> None:
    merge(connection, [("a", 1, "2.50", None)])
    assert merge(connection, [("a", 1, "2.5000", None)]) == Changes()


def test_rows_that_are_not_staged_stay(connection: Connection) -> None:
    merge(connection, [("a", 1, "2.00", None), ("b", 1, "3.00", None)])
    assert merge(connection, []) == Changes()
    assert len(held(connection)) == 2


def test_several_merges_fit_into_one_transaction(connection: Connection) -> None:
    total = merge(connection, [("a", 1, "2.00", None)]) + merge(connection, [("a", 1, "2.10", None)])
    assert (total, total.total) == (Changes(inserted=1, updated=1), 2)


def test_the_staging_table_is_seen_by_nobody_else_and_is_gone_afterwards(
    connection: Connection, shared_engine: Engine
) -> None:
    exists = text("SELECT to_regclass('stage_things') IS NOT NULL")
    with staging(connection, THINGS, ("name",)), shared_engine.connect() as other:
        assert connection.scalar(exists) is True
        assert other.scalar(exists) is False
    assert connection.scalar(exists) is False


def test_the_staging_table_is_gone_after_an_error_too(connection: Connection) -> None:
    with pytest.raises(BulkWriteError), staging(connection, THINGS, ("name",)) as stage:
        copy_rows(connection, stage.name, ("no_such_column",), [("a",)])
    connection.rollback()
    assert connection.scalar(text("SELECT to_regclass('stage_things') IS NULL")) is True
    assert merge(connection, [("a", 1, "2.00", None)]) == Changes(inserted=1)


def test_a_copy_that_opens_a_transaction_is_kept_by_a_commit_and_undone_by_a_rollback(connection: Connection) -> None:
    copy_rows(connection, "things", ("name",), [("kept",)])
    connection.commit()
    copy_rows(connection, "things", ("name",), [("undone",)])
    connection.rollback()
    assert held(connection) == [("kept", None, None, None)]


def test_changes_add_up() -> None:
    total = Changes(1, 2, 3) + Changes(10, 20, 30)
    assert astuple(total) == (11, 22, 33)
    assert total.total == 66


def test_text_is_copied_as_it_is_and_only_none_is_null(shared_engine: Engine) -> None:
    @given(values=st.lists(st.none() | WRITABLE, min_size=1, max_size=20))
    @example(values=["", None, r"\N", r"\.", "\\", "a\tb", "a\nb", "a\r\nb", '"', ",", " ", "NULL", "Ã¼", "\x85\u2028"])
    @settings(max_examples=60, deadline=None)
    def hold(values: list[str | None]) -> None:
        rows = [(place, value) for place, value in enumerate(values)]
        assert copy_rows(opened, "texts", ("place", "words"), rows) == len(values)
        assert list(opened.scalars(text("SELECT words FROM texts ORDER BY place"))) == values
        opened.execute(text("TRUNCATE texts"))

    with shared_engine.connect() as opened:
        opened.execute(text("CREATE TEMPORARY TABLE texts (place int, words text)"))
        hold()


def test_dates_times_numbers_truths_and_labels_are_copied_by_their_value(shared_engine: Engine) -> None:
    row = (date(2019, 8, 10), datetime(2019, 8, 10, 14, 30, tzinfo=UTC), 7, True, PriceKind.CLOSING, None)
    with shared_engine.connect() as connection:
        connection.execute(
            text("CREATE TEMPORARY TABLE kinds (a date, b timestamptz, c smallint, d bool, e odds_price_kind, f int)")
        )
        copy_rows(connection, "kinds", tuple("abcdef"), [row])
        assert tuple(connection.execute(text("SELECT * FROM kinds")).one()) == row


def test_a_refused_copy_names_the_table_and_gives_the_servers_reason(connection: Connection) -> None:
    with pytest.raises(BulkWriteError) as caught:
        copy_rows(connection, "things", ("name", "price"), [("a", "2.00"), ("b", "0.90")])
    message = str(caught.value)
    assert message.startswith("COPY things: ")
    assert "things_price_check" in message
    connection.rollback()
    assert held(connection) == []


def test_a_refused_copy_tells_no_password(server: DatabaseAddress, connection: Connection) -> None:
    with pytest.raises(BulkWriteError) as caught:
        copy_binary(connection, "things", ("name",), BytesIO(b"no COPY stream"))
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert "COPY file signature not recognized" in told
    assert server.password.get_secret_value() not in told
