"""One database for the tests of a module: making one for each test would take longer than all they do in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.database import Database
from monps_platform.testing.databases import throwaway_database
from monps_platform_tests.db.layers import AsyncLayer, Layer, SyncLayer
from monps_platform_tests.db.samples import EMPTY_ALL, Reader

RESTART_IDS = """SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences
    WHERE schemaname IN ('public', 'ops', 'quantum') AND last_value IS NOT NULL"""


@pytest.fixture(scope="module")
def shared_database(server: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A migrated database of the module's own."""
    with throwaway_database(server) as made:
        yield made


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
    with shared_engine.begin() as connection:
        # A transaction that a test left open is a mistake: better told than waited for.
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text(EMPTY_ALL))
        connection.execute(text(RESTART_IDS))


@pytest.fixture
def engine_for_bookmakers(shared_engine: Engine) -> Iterator[Engine]:
    """The engine of modules that write nothing but bookmakers, which are soon deleted."""
    yield shared_engine
    with shared_engine.begin() as connection:
        connection.execute(text("DELETE FROM bookmakers"))


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


@pytest.fixture(params=[SyncLayer, AsyncLayer], ids=lambda layer: layer.name)
def layer(
    request: pytest.FixtureRequest,
    shared_database: DatabaseAddress,
    engine: Engine,  # empties the tables afterwards
) -> Iterator[Layer]:
    """The layer over psycopg2, then over asyncpg, on the module's database; its tables are empty, ids from 1 on."""
    made: Layer = request.param(Database(shared_database))
    yield made
    made.close()
