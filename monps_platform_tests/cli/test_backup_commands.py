"""monps backup, backups, restore: what a person reads, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from monps_platform.db.backups import catalogue
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform_tests.cli.conftest import Monps


@pytest.fixture
def folder(monps: Monps, tmp_path: Path) -> Path:
    """Where the backups go."""
    monps.set(MONPS_BACKUPS_DIR=tmp_path / "kept")
    return tmp_path / "kept"


def drop(address: DatabaseAddress, name: str) -> None:
    """Remove a database."""
    admin = create_engine(address.other("postgres").url(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


def test_a_backup_is_made_listed_and_restored_into_a_database_that_is_made_for_it(
    monps: Monps, database: DatabaseAddress, folder: Path
) -> None:
    assert f"There is no backup in {folder}. Make one: monps backup" in monps("backups").out
    said = monps("backup")
    (made,) = catalogue(folder)
    assert said.code == 0, said.err
    assert f"{made.path}: " in said.out
    assert "verified." in said.out
    assert made.path.name in monps("backups").out
    name = f"{database.database}_back"
    try:
        restored = monps("restore", made.path.name, "--database", name)
        assert restored.code == 0, restored.err
        assert f"into database {name}" in restored.out
        assert "all as they were backed up (counts and checksums)" in restored.out
        assert f"To work with it: MONPS_DB_NAME={name}" in restored.out
        again = monps("restore", str(made.path), "--database", name)
        assert again.code == 1
        assert "is not empty" in again.err
    finally:
        drop(database, name)


def test_the_platforms_own_database_is_never_written_over(monps: Monps, folder: Path) -> None:
    monps("backup")
    (made,) = catalogue(folder)
    said = monps("restore", made.path.name)
    assert said.code == 1
    assert "is not empty" in said.err
    assert "--database NAME" in said.err


def test_a_file_that_is_not_there_and_a_name_that_will_not_do_are_told(monps: Monps, folder: Path) -> None:
    said = monps("restore", "nothing.dump")
    assert (said.code, "there is no such file. monps backups lists" in said.err) == (1, True)
    said = monps("restore", "nothing.dump", "--database", "template1")
    assert (said.code, "cannot be the name of the database" in said.err) == (1, True)


def test_older_backups_go_by_the_settings(monps: Monps, folder: Path) -> None:
    monps.set(MONPS_BACKUPS_KEEP_COUNT=1)
    monps("backup")
    (first,) = catalogue(folder)
    assert f"are kept: {first.path.name}" in monps("backup").out
    assert len(catalogue(folder)) == 1
