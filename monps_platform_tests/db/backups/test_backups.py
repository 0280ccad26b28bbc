"""Backups: what is dumped, what is kept beside it, and that it comes back whole on a server that has nothing."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.backups import (
    Backup,
    BackupError,
    NotEmptyError,
    back_up,
    catalogue,
    create_database,
    expire,
    newest_verified,
    programs,
    restore,
)
from monps_platform.db.backups.contents import contents, expected_tables
from monps_platform.db.backups.dumping import exclusive_use
from monps_platform.db.backups.programs import find_programs
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.embedded import EmbeddedServer, find_binaries
from monps_platform.db.schema import migrations, roles
from monps_platform.db.schema.introspection import compare_schema
from monps_platform.domain.backup_retention import Retention
from monps_platform.domain.odds import Market
from monps_platform.orchestration.health.surroundings import newest_verified_backup
from monps_platform.settings import Settings
from monps_platform_tests.db.embedded.embedded_helpers import QUICK, free_port, throwaway_base
from monps_platform_tests.db.samples import Quote, block, played, write_matches, write_odds

BUNDLED = find_programs(1, find_binaries()).version


@pytest.fixture
def database(shared_database: DatabaseAddress) -> DatabaseAddress:
    """The module's database, which `engine` empties after each test."""
    return shared_database


@pytest.fixture
def filled(database: DatabaseAddress, sessions: sessionmaker[Session]) -> DatabaseAddress:
    """A database with a match and its odds."""
    match = played("Arsenal", "Chelsea")
    write_matches(sessions, match)
    write_odds(sessions, [match], ["B365", "PS"], block(Market.ONE_X_TWO, Quote(0, ("1.40", "4.75", "8.50"))))
    return database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backups"


@pytest.fixture
def another_server() -> Iterator[DatabaseAddress]:
    """An empty database on a server that has never seen ours."""
    with throwaway_base() as base:
        server = EmbeddedServer(base / "home", preferred_port=free_port(), databases=("odds",), config=QUICK)
        running = server.ensure_running()
        yield DatabaseAddress(running.host, running.port, running.user, running.password, "odds", "disable")
        server.stop()


@pytest.fixture
def another_database(server: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """Another empty database on the server of the tests."""
    made = create_database(server, "another_database")
    yield made
    drop(made)


def names(folder: Path) -> set[str]:
    """The suffixes of what is in a folder, but for the lock."""
    return {path.suffix for path in folder.iterdir() if path.name != "lock"}


def test_a_backup_says_what_is_in_it(filled: DatabaseAddress, engine: Engine, folder: Path) -> None:
    begun = datetime.now(UTC)
    backup = back_up(filled, folder)
    with engine.connect() as connection:
        assert backup.tables == contents(connection)
    assert set(backup.tables or {}) == set(expected_tables())
    assert (backup.verified, backup.database, backup.revision) == (True, filled.database, migrations.head())
    assert begun <= backup.finished_at <= datetime.now(UTC)
    assert backup.rows > 0
    assert backup.bytes == backup.path.stat().st_size
    assert names(folder) == {".dump", ".json"}
    assert catalogue(folder) == [backup]
    assert [path.stat().st_mode & 0o777 for path in (folder, backup.path, backup.path.with_suffix(".json"))] == [
        0o700,
        0o600,
        0o600,
    ]


def test_a_backup_restores_into_an_empty_server_with_equal_rows_and_checksums(
    filled: DatabaseAddress, folder: Path, another_server: DatabaseAddress
) -> None:
    backup = back_up(filled, folder)
    restored = restore(backup.path, another_server)
    assert restored.tables == backup.tables
    assert restored.is_current
    engine = build_engine(another_server)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM odds")) == 1
        assert compare_schema(connection).found == 0
        assert roles.report(connection).is_complete
    # It works on, not only looks the same: the sequences go on where they were.
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO teams (name, country) VALUES ('Everton', 'England')"))
    engine.dispose()


def test_a_backup_is_of_one_moment_while_others_write(filled: DatabaseAddress, engine: Engine, folder: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        for number in range(10_000):
            if stop.is_set():
                return
            with engine.begin() as connection:
                statement = text("INSERT INTO teams (name, country) VALUES (:name, 'England')")
                connection.execute(statement, {"name": f"Club {number}"})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        time.sleep(0.05)
        backup = back_up(filled, folder)
    finally:
        stop.set()
        writer.join()
    target = create_database(filled, f"{filled.database}_copy")
    try:
        assert restore(backup.path, target).tables == backup.tables
    finally:
        drop(target)


def drop(address: DatabaseAddress) -> None:
    """Remove a database."""
    engine = build_engine(address.other("postgres")).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {address.database} WITH (FORCE)"))
    engine.dispose()


# What is refused


def test_a_database_that_holds_anything_is_not_restored_into(filled: DatabaseAddress, folder: Path) -> None:
    backup = back_up(filled, folder)
    with pytest.raises(NotEmptyError, match=r"is not empty \(it has .*--database NAME"):
        restore(backup.path, filled)


def test_a_schema_without_tables_is_no_emptiness(
    filled: DatabaseAddress, empty_database: DatabaseAddress, folder: Path
) -> None:
    backup = back_up(filled, folder)
    engine = build_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA mine"))
    engine.dispose()
    with pytest.raises(NotEmptyError, match="schema mine"):
        restore(backup.path, empty_database)


def test_a_database_that_was_never_migrated_is_not_backed_up(empty_database: DatabaseAddress, folder: Path) -> None:
    with pytest.raises(BackupError, match="not migrated"):
        back_up(empty_database, folder)
    assert names(folder) == set()


def test_a_damaged_dump_is_not_restored(filled: DatabaseAddress, empty_database: DatabaseAddress, folder: Path) -> None:
    backup = back_up(filled, folder)
    body = bytearray(backup.path.read_bytes())
    body[len(body) // 2] ^= 1
    backup.path.write_bytes(body)
    with pytest.raises(BackupError, match="its sha256 is not that"):
        restore(backup.path, empty_database)
    backup.path.write_bytes(body[:-1])
    assert [item.verified for item in catalogue(folder)] == [False]
    with pytest.raises(BackupError, match="not a verified backup"):
        restore(backup.path, empty_database)


@pytest.mark.parametrize("what", ["rows", "checksum"])
def test_a_restore_that_holds_something_else_than_was_backed_up_is_told(
    filled: DatabaseAddress, empty_database: DatabaseAddress, folder: Path, what: str
) -> None:
    backup = back_up(filled, folder)
    beside = backup.path.with_suffix(".json")
    told = json.loads(beside.read_text())
    told["tables"]["public.odds"][what] = 17 if what == "rows" else "17"
    beside.write_text(json.dumps(told))
    with pytest.raises(
        BackupError, match=r"does not hold what was backed up:\n- public.odds: 1 rows .*where"
    ) as caught:
        restore(backup.path, empty_database)
    assert "17" in str(caught.value)
    assert "teams" not in str(caught.value)


def test_tables_that_differ_from_the_models_are_told_though_all_rows_are_there(
    database: DatabaseAddress, empty_database: DatabaseAddress, another_database: DatabaseAddress, folder: Path
) -> None:
    restore(back_up(database, folder).path, empty_database)
    engine = build_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE odds DROP COLUMN line"))
    engine.dispose()
    with pytest.raises(BackupError, match=r"holds all rows as they were backed up, but its tables differ(.|\n)*line"):
        restore(back_up(empty_database, folder).path, another_database)


def test_a_backup_of_a_newer_schema_is_not_restored(
    filled: DatabaseAddress, empty_database: DatabaseAddress, folder: Path
) -> None:
    backup = back_up(filled, folder)
    backup.path.with_suffix(".json").write_text(replace(backup, revision="9999").to_json())
    with pytest.raises(BackupError, match="migration 9999, which this checkout does not have"):
        restore(backup.path, empty_database)


def test_what_is_known_of_a_dump_has_to_stand_beside_it(
    filled: DatabaseAddress, empty_database: DatabaseAddress, folder: Path
) -> None:
    backup = back_up(filled, folder)
    backup.path.with_suffix(".json").write_text("{}")
    with pytest.raises(BackupError, match="unreadable"):
        restore(backup.path, empty_database)
    backup.path.with_suffix(".json").unlink()
    with pytest.raises(BackupError, match=r"\.json: missing"):
        restore(backup.path, empty_database)
    with pytest.raises(BackupError, match="no such file"):
        restore(folder / "monps-other.dump", empty_database)
    assert [(item.verified, item.tables) for item in catalogue(folder)] == [(False, None)]


@pytest.mark.parametrize("name", ["postgres", "template1", "Odds", "a-b", 'x"; DROP DATABASE y', "", "dagster_own"])
def test_a_name_that_no_database_should_have_is_refused(database: DatabaseAddress, name: str) -> None:
    with pytest.raises(BackupError, match="cannot be the name"):
        create_database(database, name, reserved=frozenset({"dagster_own"}))


# What goes wrong while it is made


def test_a_dump_that_lacks_a_table_is_not_kept(
    filled: DatabaseAddress, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = programs.Programs.run

    def without_odds(self: programs.Programs, program: str, arguments: list[str], *rest: object) -> object:
        left_out = ["--exclude-table-data=odds"] if "--format=custom" in arguments else []
        return run(self, program, [*left_out, *arguments], *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(programs.Programs, "run", without_odds)
    with pytest.raises(BackupError, match=r"the dump lacks the data of public\.odds, and was not kept"):
        back_up(filled, folder)
    assert names(folder) == set()


def test_a_dump_that_fails_leaves_nothing_and_says_what_the_server_said(
    filled: DatabaseAddress, folder: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    with engine.begin() as connection:
        # pg_dump waits for a table that somebody changes, as long as it is told to.
        connection.execute(text("LOCK TABLE shots IN ACCESS EXCLUSIVE MODE"))
        monkeypatch.setattr("monps_platform.db.backups.dumping.LOCK_WAIT", 50)
        monkeypatch.setattr("monps_platform.db.backups.dumping.contents", lambda _: {})
        with pytest.raises(BackupError, match=r"pg_dump of .* failed, and nothing was kept: (.|\n)*timeout") as caught:
            back_up(filled, folder)
    assert filled.password.get_secret_value() not in str(caught.value)
    assert names(folder) == set()


def test_what_a_killed_backup_left_is_removed_by_the_next(filled: DatabaseAddress, folder: Path) -> None:
    folder.mkdir()
    (folder / "monps-20200101T000000.000000Z.dump.part").write_bytes(b"half")
    back_up(filled, folder)
    assert names(folder) == {".dump", ".json"}


def test_two_backups_at_once_do_not_get_in_each_others_way(filled: DatabaseAddress, folder: Path) -> None:
    with exclusive_use(folder), pytest.raises(BackupError, match="another backup is being made"):
        back_up(filled, folder)
    back_up(filled, folder)


def test_a_folder_that_cannot_be_made_is_told_with_the_setting(filled: DatabaseAddress, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match="MONPS_BACKUPS_DIR"):
        back_up(filled, tmp_path / "file" / "backups")


def test_the_password_is_in_no_list_of_processes(
    filled: DatabaseAddress, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    wrapped = tmp_path / "bin"
    wrapped.mkdir()
    for name in ("pg_dump", "pg_restore"):
        script = f'#!/bin/sh\necho "$0 $*" >> {seen}\nexec {find_binaries() / name} "$@"\n'
        (wrapped / name).write_text(script)
        (wrapped / name).chmod(0o755)
    secret = replace(filled, password=SecretStr(filled.password.get_secret_value()))
    back_up(secret, folder, wrapped)
    said = seen.read_text()
    assert "--snapshot=" in said
    assert "--list" in said
    assert filled.password.get_secret_value() not in said
    assert psutil.Process(os.getpid()).is_running()


# Which programs


def fake(folder: Path, version: int) -> Path:
    """Programs that say they are of a version."""
    folder.mkdir(parents=True)
    for name in ("pg_dump", "pg_restore"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}.1'\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_oldest_programs_that_know_the_server_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in (15, 16, 99):
        fake(tmp_path / str(version) / "bin", version)
    monkeypatch.setattr(programs, "SYSTEM_ROOT", tmp_path)
    assert find_programs(15).folder == tmp_path / "15" / "bin"
    assert find_programs(16).version == 16
    assert find_programs(17).folder == find_binaries()
    assert find_programs(BUNDLED + 1).version == 99


def test_programs_without_tls_are_not_used_where_it_is_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "99" / "bin", 99)
    monkeypatch.setattr(programs, "SYSTEM_ROOT", tmp_path)
    assert find_programs(BUNDLED).folder == find_binaries()
    assert find_programs(BUNDLED, tls=True).version == 99


def test_programs_on_path_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "SYSTEM_ROOT", tmp_path / "none")
    monkeypatch.setenv("PATH", f"{fake(tmp_path / 'bin', 88)}:{os.environ['PATH']}")
    assert find_programs(88).folder == tmp_path / "bin"


def test_programs_older_than_the_server_are_refused_with_their_place(tmp_path: Path) -> None:
    old = fake(tmp_path / "old", 14)
    with pytest.raises(BackupError, match=f"version 18 or newer are needed.*{old} has version 14.*PG_BINDIR"):
        find_programs(18, old)
    with pytest.raises(BackupError, match="none was found"):
        find_programs(18, tmp_path)


# Retention


def test_old_backups_go_with_what_stands_beside_them_and_strangers_stay(filled: DatabaseAddress, folder: Path) -> None:
    made = [back_up(filled, folder) for _ in range(3)]
    stranger = folder / "monps-by-hand.dump"
    stranger.write_bytes(b"somebody's")
    now = datetime.now(UTC)
    assert expire(folder, filled.database, Retention(count=2, days=30), now) == [made[0]]
    assert {item.path for item in catalogue(folder)} == {made[1].path, made[2].path, stranger}
    assert expire(folder, filled.database, Retention(count=2, days=30), now + timedelta(days=31)) == [made[1]]
    assert newest_verified(catalogue(folder)) == made[2]
    assert not made[1].path.with_suffix(".json").exists()
    assert stranger.exists()


def test_backups_of_another_database_count_for_nothing_and_stay(filled: DatabaseAddress, folder: Path) -> None:
    other, mine = (back_up(filled, folder) for _ in range(2))
    told = json.loads(other.path.with_suffix(".json").read_text(encoding="utf-8"))
    other.path.with_suffix(".json").write_text(json.dumps(told | {"database": "another"}), encoding="utf-8")
    later = datetime.now(UTC) + timedelta(days=31)
    assert expire(folder, filled.database, Retention(count=1, days=30), later) == []
    assert expire(folder, "another", Retention(count=1, days=30), later) == []
    assert expire(folder, "a third", Retention(count=1, days=1), later) == []
    newer = back_up(filled, folder)
    assert expire(folder, filled.database, Retention(count=1, days=30), later) == [mine]
    assert {item.path for item in catalogue(folder)} == {other.path, newer.path}
    settings = Settings(backups_dir=folder)
    assert newest_verified_backup(settings, filled.database) == newer.finished_at
    assert newest_verified_backup(settings, "another") == other.finished_at
    assert newest_verified_backup(settings, "a third") is None


def test_there_is_nothing_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert catalogue(tmp_path / "none") == []
    assert newest_verified(list[Backup]()) is None
