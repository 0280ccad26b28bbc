"""Take over a database that has the platform's tables but no migration's stamp: after proof, or not at all.

The proof is a scratch database on the same server, migrated revision by revision from nothing: the revision whose
tables are those of the live database, down to every name, is its revision.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from alembic import command
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.errors import DatabaseError, sqlstate
from monps_platform.db.schema import migrations
from monps_platform.db.schema.introspection.catalogue import (
    Kind,
    Shape,
    only,
    read_objects,
    read_table,
    table_names,
    undone,
)
from monps_platform.db.schema.introspection.comparison import Difference, compare

_INSUFFICIENT_PRIVILEGE = "42501"
_SHOWN = 40
"""Differences that a refusal lists."""


class AdoptionError(DatabaseError):
    """The database cannot be adopted; the message says why and what to do. Nothing was changed."""


@dataclass(frozen=True)
class Picture:
    """A schema whole: each table, and the types, functions and triggers in full."""

    tables: Mapping[str, Shape]
    objects: Shape


def adopt(engine: Engine, address: DatabaseAddress) -> str:
    """Stamp a database with the revision that its tables equal, and return it; ``engine`` is the one at ``address``.

    Tables that no revision makes do not matter. Where several revisions make the same tables the oldest is taken: what
    changes only data is done again, rather than left out. Raises AdoptionError.
    """
    with engine.connect() as connection, migrations.exclusively(connection):
        _require_unstamped(connection, address)
        history = _history(engine, address)
        found = _nearest(_picture(connection, history), history)
        if found.differences:
            raise AdoptionError(found.refusal(address))
        migrations.stamp(connection, found.revision)
    return found.revision


def _require_unstamped(connection: Connection, address: DatabaseAddress) -> None:
    revision = migrations.current(connection)
    connection.rollback()
    if revision is not None:
        raise AdoptionError(
            f"database {address.database} is already at migration {revision}: there is nothing to adopt. "
            "monps migrate --check compares it with the models"
        )


def _history(engine: Engine, address: DatabaseAddress) -> dict[str, Picture]:
    """What each revision makes, oldest first."""
    history: dict[str, Picture] = {}
    with _scratch_database(engine, address) as scratch, scratch.connect() as connection:
        for revision in migrations.revisions():
            _upgrade(connection, revision)
            history[revision] = _picture(connection)
            connection.rollback()
    return history


def _upgrade(connection: Connection, revision: str) -> None:
    migrations.run(connection, lambda config: command.upgrade(config, revision))


@contextmanager
def _scratch_database(engine: Engine, address: DatabaseAddress) -> Iterator[Engine]:
    """An empty database on the same server, dropped at the end of the block whatever happens in it."""
    name = f"monps_adopt_{secrets.token_hex(6)}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        try:
            admin.execute(text(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"))
        except ProgrammingError as error:
            if sqlstate(error) != _INSUFFICIENT_PRIVILEGE:
                raise
            raise AdoptionError(
                f"user {address.user} may not create a database on {address.host}:{address.port}. The proof needs one "
                f"for a moment: let an administrator run ALTER ROLE {address.user} CREATEDB, or adopt as another user"
            ) from error
        scratch = build_engine(address.other(name))
        try:
            yield scratch
        finally:
            scratch.dispose()
            admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _picture(connection: Connection, history: Mapping[str, Picture] | None = None) -> Picture:
    """The schema as it is; of what is there, only what some revision in ``history`` makes."""
    with undone(connection):
        names, objects = table_names(connection), read_objects(connection)
        if history is not None:
            made = {name for picture in history.values() for name in picture.tables}
            names = [name for name in names if name in made]
            objects = only(objects, _objects_of(history))
        return Picture({name: read_table(connection, name) for name in names}, objects)


def _objects_of(history: Mapping[str, Picture]) -> dict[Kind, set[str]]:
    kinds = (Kind.TYPE, Kind.FUNCTION, Kind.TRIGGER)
    return {kind: {name for picture in history.values() for name in picture.objects[kind]} for kind in kinds}


@dataclass(frozen=True)
class _Match:
    """The revision that a database is nearest to."""

    revision: str
    differences: tuple[tuple[str, Difference], ...]
    """What is different, each with its table or an empty text; nothing when the database equals the revision."""
    is_empty: bool

    def refusal(self, address: DatabaseAddress) -> str:
        """Why the database cannot be adopted."""
        if self.is_empty:
            return f"database {address.database} has no table of the platform: there is nothing to adopt. monps migrate"
        reference = f"revision {self.revision}"
        lines = [f"- {f'{table}: ' if table else ''}{each.told(reference)}" for table, each in self.differences]
        if len(lines) > _SHOWN:
            lines = [*lines[:_SHOWN], f"... and {len(lines) - _SHOWN} more"]
        return (
            f"database {address.database} equals no migration, and nothing was changed. It is nearest to {reference} "
            f"({len(self.differences)} difference{'s' if len(self.differences) > 1 else ''}):\n"
            + "\n".join(lines)
            + "\nPut these right, then run again: monps migrate --adopt"
        )


def _nearest(live: Picture, history: Mapping[str, Picture]) -> _Match:
    """The oldest revision with the fewest differences."""
    found = {revision: _differences(live, picture) for revision, picture in history.items()}
    revision = min(found, key=lambda name: len(found[name]))
    return _Match(revision, tuple(found[revision]), is_empty=not live.tables)


def _differences(live: Picture, expected: Picture) -> list[tuple[str, Difference]]:
    tables = [
        ("", Difference(Kind.TABLE, name, live_text, expected_text))
        for name in sorted(live.tables.keys() ^ expected.tables.keys())
        for live_text, expected_text in [("a table", None) if name in live.tables else (None, "a table")]
    ]
    parts = [
        (name, each)
        for name in sorted(live.tables.keys() & expected.tables.keys())
        # Triggers are among the objects, in full.
        for each in compare(live.tables[name], expected.tables[name], without=[Kind.TRIGGER])
    ]
    return [*tables, *parts, *(("", each) for each in compare(live.objects, expected.objects))]
