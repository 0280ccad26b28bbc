"""Staging and merging: bring a table to a wanted state, and touch no row that is right already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

import psycopg2
from sqlalchemy import Boolean, Column, Connection, Table, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import CreateTable, DropTable


class BulkWriteError(RuntimeError):
    """The server refused a COPY; the message is the server's."""


# Bytes handed to the server at a time. Each hand-over needs the interpreter's lock, which a thread that parses the
# next file gives up only every few milliseconds: small chunks would make the server wait for it thousands of times.
_CHUNK = 1 << 20

_NULL = r"\N"
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
    """COPY a binary stream into a table; returns the rows copied."""
    return _copy(connection, f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)", data)


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY Python values into a table; None, and nothing else, is NULL. Returns the rows copied."""
    lines = ("\t".join(map(_cell, row)) + "\n" for row in rows)
    data = StringIO("".join(lines), newline="\n")
    return _copy(connection, f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT text)", data)


def _cell(value: object) -> str:
    return _NULL if value is None else str(value).translate(_ESCAPES)


def _copy(connection: Connection, statement: str, data: BytesIO | StringIO) -> int:
    # SQLAlchemy does not see what goes to the driver: without a transaction of its own, a commit would do nothing.
    if not connection.in_transaction():
        connection.begin()
    # copy_expert is psycopg2's own, outside the DB-API that SQLAlchemy types.
    raw: Any = connection.connection
    with raw.cursor() as cursor:
        try:
            cursor.copy_expert(statement, data, size=_CHUNK)
        except psycopg2.Error as error:
            raise BulkWriteError(f"{statement.split(' (', maxsplit=1)[0]}: {error}") from error
        return int(cursor.rowcount)


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
    yield stage
    # Not after an error: the transaction is lost then, and the table with it.
    connection.execute(DropTable(stage))


def merge_stage(
    connection: Connection, target: Table, stage: Table, key: Sequence[str], values: Sequence[str]
) -> Changes:
    """Insert the staged rows that are new by their key, update those whose values differ, leave the rest alone."""
    columns = [column.name for column in stage.columns]
    source = insert(target).from_select(columns, select(*(stage.c[name] for name in columns)))
    excluded = source.excluded
    upsert = source.on_conflict_do_update(
        index_elements=[target.c[name] for name in key],
        set_={**{name: excluded[name] for name in values}, "updated_at": func.now()},
        where=tuple_(*(target.c[name] for name in values)).is_distinct_from(
            tuple_(*(excluded[name] for name in values))
        ),
    )
    # A row that an INSERT made has no xmax; one that it updated has.
    inserted = connection.scalars(upsert.returning(literal_column("(xmax = 0)", Boolean))).all()
    return Changes(inserted=sum(inserted), updated=len(inserted) - sum(inserted))
