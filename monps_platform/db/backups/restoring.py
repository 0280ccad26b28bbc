"""Restoring a backup into an empty database, and proving that it holds what was backed up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from monps_platform.db.backups.catalogue import Backup, read, sha256_of_file
from monps_platform.db.backups.contents import Content, contents
from monps_platform.db.backups.dumping import plain_engine, server_version
from monps_platform.db.backups.errors import BackupError, NotEmptyError
from monps_platform.db.backups.programs import find_programs, told
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.schema import migrations, roles
from monps_platform.db.schema.introspection import compare_schema

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)
_NOT_OURS = frozenset({"postgres", "template0", "template1"})
_HELD = text("""
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' AND c.relkind NOT IN ('i', 'I', 'S', 'c')
    UNION ALL
    SELECT 'schema ' || nspname FROM pg_namespace
    WHERE nspname NOT IN ('public', 'information_schema') AND nspname NOT LIKE 'pg\\_%'
    ORDER BY 1 LIMIT 4""")


@dataclass(frozen=True)
class Restored:
    """What was restored, and into which database."""

    backup: Backup
    address: DatabaseAddress
    tables: Mapping[str, Content]
    newest: str
    """The newest revision of the migrations in the checkout."""
    roles: roles.RolesReport

    @property
    def is_current(self) -> bool:
        """Whether nothing is left to migrate."""
        return self.backup.revision == self.newest

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(content.rows for content in self.tables.values())


def restore(dump: Path, address: DatabaseAddress, bindir: Path | None = None) -> Restored:
    """Restore a dump into an empty database, as a whole or not at all, then count and compare.

    Raises BackupError when the dump is not what it was, or the database does not hold afterwards what was backed up,
    and NotEmptyError when it holds anything before.
    """
    backup = read(dump)
    _require_whole(backup)
    _require_known(backup)
    engine = plain_engine(address)
    with engine.connect() as connection:
        _require_empty(connection, address)
        needed = max(server_version(connection), backup.dumped_by or 0)
    _run(backup, address, needed, bindir)
    with engine.connect() as connection:
        report = _set_up(connection)
        found = contents(connection)
        _require_same(backup, found, address)
        _require_schema(connection, backup, address)
    return Restored(backup, address, found, migrations.head(), report)


def create_database(address: DatabaseAddress, name: str, reserved: frozenset[str] = frozenset()) -> DatabaseAddress:
    """The address of a database on the same server, which is made if there is none; raises BackupError for a name that
    will not do.
    """
    if _NAME.fullmatch(name) is None or name in _NOT_OURS | reserved:
        raise BackupError(
            f"{name!r} cannot be the name of the database: choose one of small letters, digits and underscores that is "
            f"none of {', '.join(sorted(_NOT_OURS | reserved))}"
        )
    found = text("SELECT EXISTS (SELECT FROM pg_database WHERE datname = :name)")
    engine = plain_engine(address.other("postgres")).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if not connection.scalar(found, {"name": name}):
            connection.execute(text(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"))
    return address.other(name)


def _require_whole(backup: Backup) -> None:
    if not backup.verified:
        raise BackupError(
            f"{backup.path}: not a verified backup: it has not the {backup.bytes:,} bytes that it was made with, or "
            "was never read back. Take another one: monps backups lists them"
        )
    if sha256_of_file(backup.path) != backup.sha256:
        raise BackupError(
            f"{backup.path}: its sha256 is not that of the backup that was made: the file was damaged or changed. Take "
            "another one: monps backups lists them"
        )


def _require_known(backup: Backup) -> None:
    if backup.revision not in migrations.revisions():
        raise BackupError(
            f"{backup.path} is of migration {backup.revision}, which this checkout does not have (its newest is "
            f"{migrations.head()}). Update the checkout, then restore"
        )


def _require_empty(connection: Connection, address: DatabaseAddress) -> None:
    held = [str(name) for name in connection.scalars(_HELD)]
    if held:
        shown = ", ".join(held[:3]) + (" ..." if len(held) > 3 else "")
        raise NotEmptyError(
            f"database {address.database} at {address.host}:{address.port} is not empty (it has {shown}), and a backup "
            "is restored into an empty one only. Name another one, which is made: monps restore FILE --database NAME"
        )


def _run(backup: Backup, address: DatabaseAddress, needed: int, bindir: Path | None) -> None:
    programs = find_programs(needed, bindir, tls=address.requires_tls)
    # Owners and privileges are those of the server restored into, which has roles of its own: set up afterwards.
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-password"]
    done = programs.run("pg_restore", [*options, f"--dbname={address.database}", backup.path], address)
    if done.returncode != 0:
        raise BackupError(
            f"pg_restore into {address} failed, and the database is as empty as before: {told(done)}\n"
            "Check that the server has room and is not older than the one that was backed up"
        )


def _set_up(connection: Connection) -> roles.RolesReport:
    report = roles.ensure(connection)
    connection.rollback()
    connection.execute(text("ANALYZE"))
    connection.commit()
    return report


def _require_same(backup: Backup, found: Mapping[str, Content], address: DatabaseAddress) -> None:
    expected = backup.tables or {}
    wrong = [
        f"{name}: {_told(found.get(name))} where {_told(expected.get(name))} were backed up"
        for name in sorted(expected.keys() | found.keys())
        if found.get(name) != expected.get(name)
    ]
    if wrong:
        raise BackupError(
            f"database {address.database} does not hold what was backed up:\n- "
            + "\n- ".join(wrong)
            + "\nDo not use it; take another backup: monps backups lists them"
        )


def _told(content: Content | None) -> str:
    return "no table" if content is None else f"{content.rows:,} rows (checksum {content.checksum})"


def _require_schema(connection: Connection, backup: Backup, address: DatabaseAddress) -> None:
    """The tables have to be those of the models, if the backup is of the schema that the models describe."""
    if backup.revision != migrations.head():
        return
    comparison = compare_schema(connection)
    if comparison.found:
        differences = [difference.told() for found in comparison.tables.values() for difference in found]
        raise BackupError(
            f"database {address.database} holds all rows as they were backed up, but its tables differ from the "
            "models, as those of the database that was backed up did:\n- "
            + "\n- ".join(differences[:10])
            + "\nmonps introspect shows them all; use another backup, or put them right before you use this one"
        )
