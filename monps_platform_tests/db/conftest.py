"""Databases that the tests of one module share: each test works inside a transaction that it rolls back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from monps_platform.db.engine import DatabaseAddress, build_engine
from monps_platform_tests.db import samples

_numbers = iter(range(1_000_000))


@pytest.fixture(scope="module")
def shared_engine(server: DatabaseAddress) -> Iterator[Engine]:
    """An engine on a migrated database of the module's own."""
    name = f"shared_{next(_numbers)}"
    admin = create_engine(server.other("postgres").url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {server.database}"))
    engine = build_engine(server.other(name))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def undone(shared_engine: Engine) -> Iterator[Connection]:
    """A connection to the module's database whose transaction is rolled back after the test."""
    with shared_engine.connect() as connection:
        yield connection


@pytest.fixture
def reader(engine: Engine) -> Iterator[samples.Reader]:
    """Looks at the test's own database as another connection sees it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield samples.Reader(connection)
