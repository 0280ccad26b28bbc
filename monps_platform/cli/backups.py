"""Commands about backups: make one, list them, restore one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from monps_platform.cli.server import existing_database, start
from monps_platform.db.backups import Backup, Restored, back_up, catalogue, create_database, expire, restore
from monps_platform.domain.backup_retention import Retention
from monps_platform.settings import Settings

out = Console(highlight=False, markup=False, soft_wrap=True)


def make(settings: Settings) -> None:
    """Back the database up, then delete the backups that the settings no longer keep."""
    folder, address = settings.backups_folder, existing_database(settings)
    backup = back_up(address, folder, settings.embedded_bindir)
    retention = Retention(settings.backups_keep_count, settings.backups_keep_days)
    gone = expire(folder, address.database, retention, datetime.now(UTC))
    out.print(f"{backup.path}: {_size(backup.bytes)}, {backup.rows:,} rows, migration {backup.revision}, verified.")
    for old in gone:
        out.print(f"Deleted, as {retention.count} of the last {retention.days} days are kept: {old.path.name}")


def show(settings: Settings) -> None:
    """The backups that there are, newest first."""
    folder = settings.backups_folder
    backups = catalogue(folder)
    if not backups:
        out.print(f"There is no backup in {folder}. Make one: monps backup")
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1), pad_edge=False)
    table.add_column("file (its name tells the time, UTC)", no_wrap=True)
    for name in ("size", "rows", "migration", "verified"):
        table.add_column(name, justify="right", no_wrap=True)
    for backup in backups:
        table.add_row(*_cells(backup))
    out.print(f"In {folder}:")
    out.print(table)


def bring_back(settings: Settings, file: Path, database: str | None) -> None:
    """Restore a backup into the platform's database, or into one of another name, which has to be empty."""
    address = start(settings)
    if database is not None:
        address = create_database(address, database, frozenset({settings.dagster_db_name}))
    dump = file if file.exists() else settings.backups_folder / file.name
    restored = restore(dump, address, settings.embedded_bindir)
    out.print(
        f"Restored {dump.name} into database {address.database} at {address.host}:{address.port}: "
        f"{len(restored.tables)} tables, {restored.rows:,} rows, all as they were backed up (counts and checksums)."
    )
    for line in _what_is_left(restored, settings):
        out.print(line)


def _what_is_left(restored: Restored, settings: Settings) -> list[str]:
    lines = []
    if not restored.is_current:
        lines.append(f"It is at migration {restored.backup.revision}, the newest is {restored.newest}: monps migrate")
    if not restored.roles.is_as_can_be:
        lines.append(f"Note: {restored.roles}")
    if restored.address.database != settings.db_name:
        lines.append(f"To work with it: MONPS_DB_NAME={restored.address.database}")
    lines.append("Fetched bytes and Dagster's history are not in a backup: monps up fetches again what it lacks.")
    return lines


def _cells(backup: Backup) -> tuple[str, ...]:
    known = backup.tables is not None
    return (
        backup.path.name,
        _size(backup.bytes),
        f"{backup.rows:,}" if known else "?",
        backup.revision or "?",
        "yes" if backup.verified else "NO",
    )


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
