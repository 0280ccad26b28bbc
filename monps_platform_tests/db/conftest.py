"""One database for the tests of a module: making one for each test would take longer than all they do in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from monps_platform.db.engine import DatabaseAddress, build_engine
from monps_platform.db.models import Base
from monps_platform_tests.db.samples import Reader

_numbers = iter(range(1_000_000))


@pytest.fixture(scope="module")
def shared_database(server: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A migrated database of the module's own."""
    name = f"shared_{next(_numbers)}"
    admin = create_engine(server.other("postgres").url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {server.database}"))
    yield server.other(name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def shared_engine(shared_database: DatabaseAddress) -> Iterator[Engine]:
    """An engine on the module's database."""
    engine = build_engine(shared_database)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(shared_engine: Engine) -> Iterator[Engine]:
    """An engine on the module's database, whose tables are empty, ids from 1 on."""
    yield shared_engine
    tables = ", ".join(table.fullname for table in Base.metadata.sorted_tables)
    with shared_engine.begin() as connection:
        # A transaction that a test left open is a mistake: better told than waited for.
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))


@pytest.fixture
def undone(shared_engine: Engine) -> Iterator[Connection]:
    """A connection to the module's database whose transaction is rolled back after the test."""
    with shared_engine.connect() as connection:
        yield connection


@pytest.fixture
def reader(engine: Engine) -> Iterator[Reader]:
    """Looks at the database as another connection sees it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield Reader(connection)
