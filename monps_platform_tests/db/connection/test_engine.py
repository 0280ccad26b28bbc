"""The pooled engines of both drivers: what they ask of the server, and that they keep the password to themselves."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, InvalidRequestError, OperationalError

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_async_engine, build_engine, session_factory
from monps_platform.db.connection.pool import PoolOptions
from monps_platform.db.errors import ServerUnavailableError, StatementTimeoutError
from monps_platform.db.models import League
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.transactions import SESSION, UNIT, Transaction, Way, doing, opened, told

SECRET = "hunter2-not-for-logs"
UNUSED_PORT = 1


@pytest.fixture
def nowhere() -> DatabaseAddress:
    """An address where no server listens."""
    return DatabaseAddress("127.0.0.1", UNUSED_PORT, "monps", SecretStr(SECRET), "monps")


@pytest.fixture
def way(layer: Layer) -> Way:
    """A unit of work over psycopg2, then over asyncpg."""
    return Way(layer, UNIT)


def setting(transaction: Transaction, name: str) -> object:
    return transaction.value("SELECT current_setting(:name)", name=name)


def test_connections_carry_our_name_the_time_zone_and_the_time_limit(way: Way) -> None:
    names = ("application_name", "TimeZone", "statement_timeout")
    with way.open() as transaction:
        assert [setting(transaction, name) for name in names] == ["monps_platform", "UTC", "5min"]


def test_a_statement_that_takes_too_long_is_cancelled(way: Way) -> None:
    with way.to(way.layer.database.address, PoolOptions(statement_timeout=1)) as hasty:
        begun = time.monotonic()
        with pytest.raises(StatementTimeoutError, match="statement timeout"):
            hasty.use(doing("SELECT pg_sleep(30)"))
        assert 0.9 < time.monotonic() - begun < 20
        hasty.use(doing("SELECT 1"))


def test_no_time_limit_can_be_asked_for(way: Way) -> None:
    with way.to(way.layer.database.address, PoolOptions(statement_timeout=0)) as patient, patient.open() as transaction:
        assert setting(transaction, "statement_timeout") == "0"


def test_a_connection_that_is_half_an_hour_old_is_replaced(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    now, pids = time.time(), []
    with way.to(way.layer.database.address, PoolOptions(size=1, max_overflow=0)) as narrow:
        for later in (0, 1790, 1810):
            monkeypatch.setattr("sqlalchemy.pool.base.time", SimpleNamespace(time=lambda at=now + later: at))
            with narrow.open() as transaction:
                pids.append(transaction.pid())
    assert pids[0] == pids[1] != pids[2]


def test_an_engine_connects_only_when_it_is_used(nowhere: DatabaseAddress) -> None:
    engine = build_engine(nowhere)
    session_factory(engine)().close()
    engine.dispose()
    build_async_engine(nowhere).sync_engine.dispose()


def test_nothing_that_is_shown_holds_the_password(nowhere: DatabaseAddress) -> None:
    engine, asynchronous = build_engine(nowhere), build_async_engine(nowhere)
    shown = [engine, engine.url, engine.pool, session_factory(engine), asynchronous, asynchronous.url]
    for item in shown:
        assert SECRET not in f"{item} {item!r}"
    engine.dispose()


def test_a_connection_that_is_refused_tells_no_password(layer: Layer, nowhere: DatabaseAddress) -> None:
    with opened(type(layer), SESSION, nowhere) as way, pytest.raises(ServerUnavailableError) as caught:
        way.use(doing("SELECT 1"))
    assert SECRET not in told(caught.value)


def test_a_wrong_password_is_not_repeated_by_a_bare_engine_either(shared_database: DatabaseAddress) -> None:
    engine = build_engine(replace(shared_database, password=SecretStr(SECRET)))
    with pytest.raises(OperationalError) as caught:
        engine.connect()
    assert "password authentication failed" in told(caught.value)
    assert SECRET not in told(caught.value)
    engine.dispose()


def test_errors_do_not_repeat_the_values_that_were_sent(way: Way) -> None:
    def add(transaction: Transaction) -> None:
        league = League(code=SECRET, name="n", country="c", tier=99, is_simulated=False)
        transaction.run(lambda session: session.bulk_save_objects([league]))

    with pytest.raises(IntegrityError) as caught:
        way.use(add)
    _, statement = str(caught.value).split("[SQL", 1)
    assert "INSERT INTO leagues" in statement
    assert SECRET not in statement


def test_encryption_that_is_required_is_not_gone_without(way: Way) -> None:
    address = replace(way.layer.database.address, sslmode="require")
    with way.to(address) as strict, pytest.raises(ServerUnavailableError, match="SSL"):
        strict.use(doing("SELECT 1"))


def test_a_session_refuses_to_work_once_it_is_closed(way: Way) -> None:
    with Way(way.layer, SESSION).open() as transaction:
        transaction.do("SELECT 1")
    with pytest.raises(InvalidRequestError, match="permanently closed"):
        transaction.do("SELECT 1")


def test_what_was_loaded_can_be_read_after_the_commit(way: Way, shared_engine: Engine) -> None:
    league = League(code="XX", name="n", country="c", tier=1, is_simulated=False)
    way.use(lambda transaction: transaction.run(lambda session: session.add(league)))
    with shared_engine.begin() as connection:
        connection.execute(text("DELETE FROM leagues"))
    assert league.code == "XX"


def test_reading_sessions_are_read_only_on_the_server(way: Way) -> None:
    for read_only, shown in ((True, "on"), (False, "off")):
        with way.open(read_only=read_only) as transaction:
            assert transaction.value("SHOW transaction_read_only") == shown
