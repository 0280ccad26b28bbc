"""Which server is used: a server of the user's own where one is named, else the embedded one."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from monps_platform.db.connection import server as module
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.connection.pool import PoolOptions
from monps_platform.db.connection.server import (
    embedded_server,
    ensure_database,
    pool_options,
    replica_address,
    running_database,
)
from monps_platform.db.embedded import ServerAddress
from monps_platform.db.errors import ServerUnavailableError
from monps_platform.db.schema import migrations
from monps_platform.settings import Settings
from monps_platform_tests.environment import database_variables, set_variables
from monps_platform_tests.waiting import at_once

SECRET = "hunter2-not-for-logs"
NAMES = ("own_odds", "own_dagster")
UNUSED_PORT = 1


@dataclass(frozen=True)
class Administrator:
    """Works on the whole test server."""

    engine: Engine

    def do(self, *commands: str) -> None:
        with self.engine.connect() as connection:
            for command in commands:
                connection.exec_driver_sql(command)

    def databases(self) -> dict[str, str]:
        with self.engine.connect() as connection:
            rows = connection.execute(text("SELECT datname, pg_encoding_to_char(encoding) FROM pg_database"))
            return {row.datname: row.pg_encoding_to_char for row in rows}


@pytest.fixture
def administrator(server: DatabaseAddress) -> Iterator[Administrator]:
    """Removes what a test made."""
    engine = create_engine(server.other("postgres").url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    found = Administrator(engine)
    yield found
    made = [name.replace('"', '""') for name in found.databases() if name.lower().startswith("own")]
    found.do(*(f'DROP DATABASE "{name}" WITH (FORCE)' for name in made), "DROP ROLE IF EXISTS guest")


@pytest.fixture(autouse=True)
def own_server(server: DatabaseAddress, monkeypatch: pytest.MonkeyPatch, administrator: Administrator) -> None:
    """The settings name the test server as the user's own."""
    odds, dagster = NAMES
    set_variables(monkeypatch, database_variables(server.other(odds), dagster))


def refusal(settings: Settings) -> tuple[str, str]:
    """What a person is told, and all that a log could show."""
    with pytest.raises(ServerUnavailableError) as caught:
        ensure_database(settings)
    return str(caught.value), "".join(traceback.format_exception(caught.value)) + repr(caught.value)


def test_both_databases_are_created_on_the_users_own_server_and_can_be_migrated(
    server: DatabaseAddress, administrator: Administrator
) -> None:
    address = ensure_database(Settings())
    assert address == server.other("own_odds")
    assert {name: administrator.databases().get(name) for name in NAMES} == dict.fromkeys(NAMES, "UTF8")
    engine = build_engine(address)
    assert migrations.upgrade(engine) == (None, migrations.head())
    assert ensure_database(Settings()) == address
    with engine.connect() as connection:
        assert migrations.current(connection) == migrations.head()
    engine.dispose()


def test_names_of_databases_are_taken_to_the_letter(
    administrator: Administrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = 'Own odds-2 "é"'
    monkeypatch.setenv("MONPS_DB_NAME", name)
    address = ensure_database(Settings())
    engine = build_engine(address)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_database()")) == name
    engine.dispose()
    assert name in administrator.databases()


def test_processes_that_create_the_databases_at_once_do_not_disturb_each_other() -> None:
    results = at_once(*[lambda: ensure_database(Settings())] * 4)
    assert results == [results[0]] * 4
    assert isinstance(results[0], DatabaseAddress)


def test_a_wrong_password_is_told_with_what_to_check_and_not_repeated(
    server: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONPS_DB_PASSWORD", SECRET)
    message, logged = refusal(Settings())
    assert f"cannot connect to PostgreSQL at {server.host}:{server.port} as user {server.user}" in message
    assert "password authentication failed" in message
    assert message.endswith("\nCheck MONPS_DB_HOST, MONPS_DB_PORT, MONPS_DB_USER and MONPS_DB_PASSWORD.")
    assert SECRET not in logged


def test_a_server_that_does_not_answer_is_told_with_what_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONPS_DB_PORT", str(UNUSED_PORT))
    monkeypatch.setenv("MONPS_DB_PASSWORD", SECRET)
    message, logged = refusal(Settings())
    assert f"cannot connect to PostgreSQL at 127.0.0.1:{UNUSED_PORT}" in message
    assert "Connection refused" in message
    assert message.endswith("\nCheck MONPS_DB_HOST, MONPS_DB_PORT, MONPS_DB_USER and MONPS_DB_PASSWORD.")
    assert SECRET not in logged


def test_an_account_that_may_not_create_databases_is_told_who_can(
    administrator: Administrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator.do(f"CREATE ROLE guest LOGIN PASSWORD '{SECRET}'")
    monkeypatch.setenv("MONPS_DB_USER", "guest")
    monkeypatch.setenv("MONPS_DB_PASSWORD", SECRET)
    message, logged = refusal(Settings())
    assert "permission denied to create database" in message
    assert message.endswith("Create own_odds and own_dagster as an administrator.")
    assert SECRET not in logged
    administrator.do(*(f"CREATE DATABASE {name}" for name in NAMES))
    assert ensure_database(Settings()).user == "guest"


@pytest.mark.parametrize("ask", [ensure_database, running_database])
def test_a_server_without_a_password_is_told_which_setting_is_missing(
    monkeypatch: pytest.MonkeyPatch, ask: type[object]
) -> None:
    monkeypatch.delenv("MONPS_DB_PASSWORD")
    with pytest.raises(ServerUnavailableError, match="MONPS_DB_PASSWORD is not set"):
        ask(Settings())  # type: ignore[call-arg]  # two functions of the same parameter


def test_asking_for_a_configured_server_does_not_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONPS_DB_PORT", str(UNUSED_PORT))
    monkeypatch.setenv("MONPS_DB_SSLMODE", "verify-full")
    address = running_database(Settings())
    assert address is not None
    assert (address.port, address.database, address.sslmode) == (UNUSED_PORT, "own_odds", "verify-full")


def test_without_a_configured_server_the_embedded_one_is_asked_and_not_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MONPS_DB_HOST")
    assert running_database(Settings()) is None
    assert list(tmp_path.rglob("PG_VERSION")) == []
    assert not embedded_server(Settings()).status().running


def test_without_a_configured_server_the_embedded_one_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONPS_DB_HOST")

    class Embedded:
        def ensure_running(self) -> ServerAddress:
            return ServerAddress("127.0.0.1", 54321, "owner", SecretStr(SECRET))

        address = ensure_running

    monkeypatch.setattr(module, "embedded_server", lambda _: Embedded())
    expected = DatabaseAddress("127.0.0.1", 54321, "owner", SecretStr(SECRET), "own_odds", "disable")
    assert ensure_database(Settings()) == expected
    assert running_database(Settings()) == expected


def test_the_pool_is_sized_by_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SIZE": "2", "MAX_OVERFLOW": "3", "TIMEOUT": "4.5", "RECYCLE": "60"}.items():
        monkeypatch.setenv(f"MONPS_DB_POOL_{name}".replace("POOL_MAX", "MAX"), value)
    monkeypatch.setenv("MONPS_DB_STATEMENT_TIMEOUT", "7")
    assert pool_options(Settings()) == PoolOptions(size=2, max_overflow=3, timeout=4.5, recycle=60, statement_timeout=7)


def test_every_setting_of_the_pool_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pool_options(Settings()) == PoolOptions()
    for name, value in {"POOL_PRE_PING": "false", "ECHO": "true", "SLOW_STATEMENT": "0.25"}.items():
        monkeypatch.setenv(f"MONPS_DB_{name}", value)
    assert pool_options(Settings()) == PoolOptions(pre_ping=False, echo=True, slow_statement=0.25)


def test_without_the_setting_there_is_no_replica() -> None:
    assert replica_address(Settings()) is None


def test_the_replica_is_where_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONPS_DB_REPLICA_URL", f"postgresql://reader:{SECRET}@copy.example.org/odds?sslmode=require")
    expected = DatabaseAddress("copy.example.org", 5432, "reader", SecretStr(SECRET), "odds", "require")
    assert replica_address(Settings()) == expected


@pytest.mark.parametrize(
    "url", [SECRET, f"mysql://reader:{SECRET}@copy.example.org/odds", f"postgresql://reader:{SECRET}@copy.example.org"]
)
def test_a_replica_that_is_no_database_is_told_by_its_setting_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("MONPS_DB_REPLICA_URL", url)
    with pytest.raises(ServerUnavailableError, match=r"^MONPS_DB_REPLICA_URL: .*@host:port/database") as caught:
        replica_address(Settings())
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
