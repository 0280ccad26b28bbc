"""Making a backup: a snapshot is counted and dumped, the dump read back, and only then given its name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from monps_platform.db.backups.catalogue import Backup, catalogue, sha256_of_file, sidecar
from monps_platform.db.backups.contents import Content, contents
from monps_platform.db.backups.errors import BackupError
from monps_platform.db.backups.programs import Programs, find_programs, told
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.embedded import EmbeddedServerError
from monps_platform.db.embedded.locking import exclusive
from monps_platform.db.schema import migrations
from monps_platform.domain.backup_retention import Retention

_PARTIAL = ".part"
LOCK_WAIT = 60_000
"""Milliseconds that pg_dump waits for a table that somebody changes; by itself it would wait for ever."""
_LISTED = re.compile(r"^\d+; \d+ \d+ TABLE DATA (\S+) (\S+) ", re.MULTILINE)


@dataclass(frozen=True)
class _Snapshot:
    """A moment of a database that other connections can look at while its transaction is open."""

    name: str
    revision: str
    server_version: int
    tables: Mapping[str, Content]


def back_up(address: DatabaseAddress, folder: Path, bindir: Path | None = None) -> Backup:
    """Dump a database into a folder; returns the backup, which is verified.

    What is counted and what is dumped are the same snapshot, also while others load. Until the dump is whole and has
    been read back it has another name. Raises BackupError.
    """
    with exclusive_use(folder):
        _remove_leftovers(folder)
        partial = folder / f"monps-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z.dump{_PARTIAL}"
        try:
            with _snapshot(address) as snapshot:
                programs = find_programs(snapshot.server_version, bindir, tls=address.requires_tls)
                _dump(programs, address, snapshot, partial)
            _verify(programs, partial, snapshot)
            return _keep(partial, address, programs, snapshot)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def exclusive_use(folder: Path) -> Iterator[None]:
    """A block in which nobody else adds to or deletes from a folder of backups; raises BackupError if another does."""
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise BackupError(
            f"{folder}: backups cannot be kept there ({error.strerror}). Set MONPS_BACKUPS_DIR to a folder of yours"
        ) from error
    with ExitStack() as held:
        try:
            held.enter_context(exclusive(folder / "lock", timeout=0))
        except EmbeddedServerError:
            raise BackupError(f"another backup is being made in {folder}: let it finish first") from None
        yield


def _remove_leftovers(folder: Path) -> None:
    """What a killed backup left; the lock says that none is under way."""
    for left in folder.glob(f"monps-*{_PARTIAL}"):
        left.unlink()


def plain_engine(address: DatabaseAddress) -> Engine:
    """Connections of the user who logs in, with all his rights and none of the platform's limits."""
    arguments = {**address.connect_args({"statement_timeout": "0"}), "application_name": "monps backup"}
    return create_engine(address.url(), poolclass=NullPool, connect_args=arguments)


def server_version(connection: Connection) -> int:
    """The server's major version."""
    return int(str(connection.scalar(text("SHOW server_version_num")))) // 10_000


@contextmanager
def _snapshot(address: DatabaseAddress) -> Iterator[_Snapshot]:
    engine = plain_engine(address)
    with engine.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        # It idles while pg_dump looks at its snapshot.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        name = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        revision = migrations.current(connection)
        if revision is None:
            raise BackupError(f"database {address.database} is not migrated, so there is nothing to back up: monps up")
        yield _Snapshot(name, revision, server_version(connection), contents(connection))


def _dump(programs: Programs, address: DatabaseAddress, snapshot: _Snapshot, partial: Path) -> None:
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # pg_dump keeps the mode
    done = programs.run(
        "pg_dump",
        [
            "--format=custom",
            f"--snapshot={snapshot.name}",
            f"--lock-wait-timeout={LOCK_WAIT}",
            "--no-password",
            f"--file={partial}",
        ],
        address,
    )
    if done.returncode != 0:
        raise BackupError(
            f"pg_dump of {address} failed, and nothing was kept: {told(done)}\n"
            f"Check that the server is up (monps status) and that {partial.parent} has room"
        )


def _verify(programs: Programs, partial: Path, snapshot: _Snapshot) -> None:
    """Read the dump's own table of contents: every table of the snapshot has to have its data in it."""
    done = programs.run("pg_restore", ["--list", partial])
    if done.returncode != 0:
        raise BackupError(f"the dump cannot be read back, and was not kept: {told(done)}")
    listed = {f"{schema}.{table}" for schema, table in _LISTED.findall(done.stdout)}
    if missing := sorted(snapshot.tables.keys() - listed):
        raise BackupError(
            f"the dump lacks the data of {', '.join(missing)}, and was not kept. Run it again: monps backup"
        )


def _keep(partial: Path, address: DatabaseAddress, programs: Programs, snapshot: _Snapshot) -> Backup:
    """Give the dump its name, after what is known of it: a dump is never without."""
    _to_disk(partial)
    backup = Backup(
        partial.with_suffix(""),
        datetime.now(UTC),
        verified=True,
        database=address.database,
        revision=snapshot.revision,
        bytes=partial.stat().st_size,
        sha256=sha256_of_file(partial),
        dumped_by=programs.version,
        tables=snapshot.tables,
    )
    beside = sidecar(backup.path)
    fresh = beside.with_name(beside.name + _PARTIAL)
    fresh.write_text(backup.to_json(), encoding="utf-8")
    fresh.chmod(0o600)
    _to_disk(fresh)
    fresh.replace(beside)
    partial.replace(backup.path)
    _to_disk(backup.path.parent)
    return backup


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def expire(folder: Path, database: str, retention: Retention, now: datetime) -> list[Backup]:
    """Delete the backups of a database that the rule no longer keeps; returns them. Those of other databases have a
    rotation of their own. Files that tell nothing of themselves are left alone: somebody else may have put them there.
    Raises BackupError when a backup is being made.
    """
    with exclusive_use(folder):
        known = [item for item in catalogue(folder) if item.tables is not None and item.database == database]
        gone = retention.expired(known, now)
        for backup in gone:
            backup.path.unlink()
            sidecar(backup.path).unlink()
    return gone
