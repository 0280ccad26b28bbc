"""The pooled engine: what it asks of the server, and that it keeps the password to itself."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

import psycopg2
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, QueuePool, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import NullPool

from monps_platform.db.engine import DatabaseAddress, PoolOptions, build_engine, session_factory
from monps_platform.db.models import League

SECRET = "hunter2-not-for-logs"
ODD_SECRET = "p@ss/w:rd?%41 &é'\"\\#"
UNUSED_PORT = 1


@pytest.fixture
def nowhere() -> DatabaseAddress:
    """An address where no server listens."""
    return DatabaseAddress("127.0.0.1", UNUSED_PORT, "monps", SecretStr(SECRET), "monps")


@pytest.fixture
def odd_account(shared_database: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """An account whose password is full of characters that mean something in a URL."""
    admin = create_engine(shared_database.url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    literal = ODD_SECRET.replace("'", "''")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE \"odd user\" LOGIN PASSWORD '{literal}'".replace("%", "%%"))
    yield replace(shared_database, user="odd user", password=SecretStr(ODD_SECRET))
    with admin.connect() as connection:
        connection.execute(text('DROP ROLE "odd user"'))


def setting(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT current_setting(:name)"), {"name": name})


def test_connections_carry_our_name_the_time_zone_and_the_time_limit(shared_engine: Engine) -> None:
    names = ("application_name", "TimeZone", "statement_timeout")
    assert [setting(shared_engine, name) for name in names] == ["monps_platform", "UTC", "5min"]


def test_a_statement_that_takes_too_long_is_cancelled(shared_database: DatabaseAddress) -> None:
    engine = build_engine(shared_database, PoolOptions(statement_timeout=1))
    begun = time.monotonic()
    with pytest.raises(OperationalError, match="statement timeout"), engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(30)"))
    assert 0.9 < time.monotonic() - begun < 20
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_no_time_limit_can_be_asked_for(shared_database: DatabaseAddress) -> None:
    engine = build_engine(shared_database, PoolOptions(statement_timeout=0))
    assert setting(engine, "statement_timeout") == "0"
    engine.dispose()


def test_the_pool_is_as_large_and_as_patient_as_told(shared_database: DatabaseAddress) -> None:
    engine = build_engine(shared_database, PoolOptions(size=1, max_overflow=1, timeout=0.1))
    with engine.connect() as first, engine.connect():
        assert first.scalar(text("SELECT 1")) == 1
        with pytest.raises(PoolTimeoutError):
            engine.connect()
    engine.dispose()


def test_the_pool_has_five_connections_and_ten_more_by_default(shared_engine: Engine) -> None:
    pool = shared_engine.pool
    assert isinstance(pool, QueuePool)
    assert (pool.size(), pool._max_overflow, pool._timeout, pool._recycle, pool._pre_ping) == (5, 10, 30.0, 1800, True)


def test_a_connection_that_died_in_the_pool_is_replaced_unnoticed(shared_database: DatabaseAddress) -> None:
    engine = build_engine(shared_database, PoolOptions(size=1, max_overflow=0))
    own = text("SELECT pg_backend_pid()")
    with engine.connect() as connection:
        first = connection.scalar(own)
    other = build_engine(shared_database)
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": first})
    other.dispose()
    with engine.connect() as connection:
        assert connection.scalar(own) != first
    engine.dispose()


def test_an_engine_connects_only_when_it_is_used(nowhere: DatabaseAddress) -> None:
    engine = build_engine(nowhere)
    session_factory(engine)().close()
    engine.dispose()


def test_another_database_of_the_server_has_the_same_account(nowhere: DatabaseAddress) -> None:
    other = nowhere.other("dagster")
    assert (other.database, replace(other, database="monps")) == ("dagster", nowhere)


def test_the_driver_is_named(nowhere: DatabaseAddress) -> None:
    assert nowhere.url().drivername == "postgresql+psycopg2"


def test_nothing_that_is_shown_holds_the_password(nowhere: DatabaseAddress) -> None:
    engine = build_engine(nowhere)
    shown = [nowhere, nowhere.url(), engine, engine.url, engine.pool, session_factory(engine), nowhere.other("x")]
    for item in shown:
        assert SECRET not in f"{item} {item!r}"
    engine.dispose()


def told(error: BaseException) -> str:
    """All that a log could show of an error, with the errors behind it."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__cause__)


def test_a_connection_that_is_refused_tells_no_password(nowhere: DatabaseAddress) -> None:
    engine = build_engine(nowhere)
    with pytest.raises(OperationalError) as caught:
        engine.connect()
    assert "Connection refused" in told(caught.value)
    assert SECRET not in told(caught.value)
    engine.dispose()


def test_a_wrong_password_is_not_repeated(shared_database: DatabaseAddress) -> None:
    engine = build_engine(replace(shared_database, password=SecretStr(SECRET)))
    with pytest.raises(OperationalError) as caught:
        engine.connect()
    assert "password authentication failed" in told(caught.value)
    assert SECRET not in told(caught.value)
    engine.dispose()


def test_errors_do_not_repeat_the_values_that_were_sent(shared_engine: Engine) -> None:
    with session_factory(shared_engine)() as session:
        session.add(League(code=SECRET, name="n", country="c", tier=99, is_simulated=False))
        with pytest.raises(IntegrityError) as caught:
            session.flush()
    _, statement = str(caught.value).split("[SQL", 1)
    assert "INSERT INTO leagues" in statement
    assert SECRET not in statement


def test_a_password_may_hold_any_character(odd_account: DatabaseAddress) -> None:
    engine = build_engine(odd_account)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == "odd user"
    engine.dispose()
    with psycopg2.connect(odd_account.libpq_url()) as raw, raw.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == ("odd user", odd_account.database)
    raw.close()


@pytest.mark.parametrize(
    ("sslmode", "end"),
    [
        ("disable", "/monps"),
        ("prefer", "/monps"),
        ("require", "/monps?sslmode=require"),
        ("verify-full", "/monps?sslmode=verify-full"),
    ],
)
def test_the_url_for_other_tools_asks_for_no_less_encryption(nowhere: DatabaseAddress, sslmode: str, end: str) -> None:
    url = replace(nowhere, sslmode=sslmode).libpq_url()
    assert url == f"postgresql://monps:{SECRET}@127.0.0.1:{UNUSED_PORT}{end}"


def test_encryption_that_is_required_is_not_gone_without(shared_database: DatabaseAddress) -> None:
    engine = build_engine(replace(shared_database, sslmode="require"))
    with pytest.raises(OperationalError, match="SSL"):
        engine.connect()
    engine.dispose()
