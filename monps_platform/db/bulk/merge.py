"""Staging and merging: bring a table to a wanted state, and touch no row that is right already."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import asyncpg
import psycopg2
from sqlalchemy import Boolean, Column, Connection, Table, func, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.schema import CreateTable, DropTable

from monps_platform.db.errors import FAILURES, BulkWriteError
from monps_platform.db.slow_statements import watched

# Bytes handed to the server at a time. Each hand-over needs the interpreter's lock, which a thread that parses the
# next file gives up only every few milliseconds: small chunks would make the server wait for it thousands of times.
_CHUNK = 1 << 20

_NULL = r"\N"
_PLAIN = frozenset({int, float, Decimal, bool, date, datetime})
"""Types whose text holds nothing that would have to be escaped."""
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True)
class Changes:
    """Rows a load inserted, updated and deleted."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def total(self) -> int:
        """Rows touched in any way."""
        return self.inserted + self.updated + self.deleted

    def __add__(self, other: Changes) -> Changes:
        return Changes(self.inserted + other.inserted, self.updated + other.updated, self.deleted + other.deleted)


def copy_binary(connection: Connection, table: str, columns: Sequence[str], data: BytesIO) -> int:
    """COPY a binary stream into a table; returns the rows copied. Raises BulkWriteError."""
    return _copy(connection, table, columns, data, "binary")


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> int:
    """COPY Python values into a table; None, and nothing else, is NULL. Returns the rows copied. Raises
    BulkWriteError.
    """
    lines = ("\t".join(map(_cell, row)) + "\n" for row in rows)
    return _copy(connection, table, columns, BytesIO("".join(lines).encode()), "text")


def _cell(value: object) -> str:
    if value is None:
        return _NULL
    if type(value) in _PLAIN:
        return str(value)
    text = json.dumps(value, allow_nan=False) if isinstance(value, (dict, list)) else str(value)
    return text.translate(_ESCAPES)


def _copy(connection: Connection, table: str, columns: Sequence[str], data: BytesIO, form: str) -> int:
    # SQLAlchemy does not see what goes to the driver: without a transaction of its own, a commit would do nothing.
    if not connection.in_transaction():
        connection.begin()
    driver = connection.connection.dbapi_connection
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT {form})"
    try:
        with watched(connection, statement):
            if isinstance(driver, AdaptedConnection):
                return _copy_async(connection, driver, table, columns, data, form)
            return _copy_sync(driver, statement, data)
    except (psycopg2.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise BulkWriteError(f"COPY {table}: {error}") from error


def _copy_sync(driver: Any, statement: str, data: BytesIO) -> int:
    with driver.cursor() as cursor:
        cursor.copy_expert(statement, data, size=_CHUNK)
        return int(cursor.rowcount)


def _copy_async(
    connection: Connection, driver: AdaptedConnection, table: str, columns: Sequence[str], data: BytesIO, form: str
) -> int:
    # The adapter of asyncpg begins a transaction with its first statement.
    connection.exec_driver_sql("SELECT 1")
    schema, _, name = table.rpartition(".")
    status: str = driver.run_async(
        lambda asynchronous: asynchronous.copy_to_table(
            name, schema_name=schema or None, columns=columns, source=data, format=form
        )
    )
    return int(status.removeprefix("COPY "))


@contextmanager
def staging(connection: Connection, target: Table, columns: Sequence[str]) -> Iterator[Table]:
    """A temporary table with some columns of a target and none of its constraints, gone at the end of the block and
    with the transaction.
    """
    stage = Table(
        f"stage_{target.name}",
        target.metadata.__class__(),
        *(Column(name, target.c[name].type) for name in columns),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    connection.execute(CreateTable(stage))
    try:
        yield stage
    except FAILURES:
        raise  # the transaction is lost, and the table with it
    except Exception:
        connection.execute(DropTable(stage))
        raise
    connection.execute(DropTable(stage))


def merge_stage(
    connection: Connection,
    target: Table,
    stage: Table,
    key: Sequence[str],
    values: Sequence[str],
    *,
    in_order: bool = False,
) -> Changes:
    """Insert the staged rows that are new by their key, update those whose values differ, leave the rest alone.

    ``in_order`` writes them in the order of the key: two that write the same rows at once then wait for each other, and
    do not block one another. Whoever holds a lock on the rows need not pay for the sorting.
    """
    columns = [column.name for column in stage.columns]
    staged = select(*(stage.c[name] for name in columns))
    if in_order:
        staged = staged.order_by(*(stage.c[name] for name in key))
    source = insert(target).from_select(columns, staged)
    upsert = _on_conflict(source, target, key, values)
    # A row that an INSERT made has no xmax; one that it updated has. Counted on the server: a million rows need not
    # travel back.
    merged = upsert.returning(literal_column("(xmax = 0)", Boolean).label("is_new")).cte("merged")
    counted = select(func.count(), func.count().filter(merged.c.is_new)).select_from(merged)
    total, inserted = connection.execute(counted).one()
    return Changes(inserted=inserted, updated=total - inserted)


def update_from_stage(
    connection: Connection, target: Table, stage: Table, key: Sequence[str], values: Sequence[str]
) -> Changes:
    """Give the rows that the stage names by their key its values, where these differ; leave the rest alone."""
    held, given = ([side.c[name] for name in values] for side in (target, stage))
    stamped = {"updated_at": func.now()} if "updated_at" in target.c else {}
    same = [target.c[name] == stage.c[name] for name in key]
    changed = update(target).where(*same, tuple_(*held).is_distinct_from(tuple_(*given)))
    written = changed.values({**dict(zip(values, given, strict=True)), **stamped})
    return Changes(updated=connection.execute(written).rowcount)


def _on_conflict(source: Insert, target: Table, key: Sequence[str], values: Sequence[str]) -> Insert:
    """Update the rows whose values differ; without a value to differ in, a known row is left alone."""
    index = [target.c[name] for name in key]
    if not values:
        return source.on_conflict_do_nothing(index_elements=index)
    stamped = {"updated_at": func.now()} if "updated_at" in target.c else {}
    held, given = ([side[name] for name in values] for side in (target.c, source.excluded))
    return source.on_conflict_do_update(
        index_elements=index,
        set_={**dict(zip(values, given, strict=True)), **stamped},
        where=tuple_(*held).is_distinct_from(tuple_(*given)),
    )
