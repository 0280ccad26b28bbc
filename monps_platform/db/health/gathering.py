"""All measurements of the database, taken side by side over a few connections of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import text

from monps_platform.db.connection.pool import PoolOptions
from monps_platform.db.database import ConnectionCheck, Database
from monps_platform.db.errors import LockTimeoutError
from monps_platform.db.health import activity, data_age, objects, replicas, schema
from monps_platform.domain.health.measurements import Connection, DatabaseState, Pool

TIMEOUT = 20
"""Seconds that a statement of the sweep may take: what looks after the others must not be in their way."""
LOCK_TIMEOUT = 1
"""Seconds that it waits for a lock."""
_SIDE_BY_SIDE = 3

T = TypeVar("T")


def measure_connections(database: Database) -> tuple[Connection, ...]:
    """Whether psycopg2 and asyncpg get an answer, as the platform's own engines do; never raises because of it."""
    return _connection("psycopg2", database.check_connection()), _connection("asyncpg", _async_check(database))


def observer_of(database: Database) -> Database:
    """The database as the user who logs in sees it: the role that writes rows is not told of others' sessions."""
    options = PoolOptions(size=_SIDE_BY_SIDE + 1, timeout=5, pre_ping=False, statement_timeout=TIMEOUT)
    return Database(database.address, options, replica=database.replica, role=None)


def measure_database(database: Database, now: datetime, observer: Database | None = None) -> DatabaseState:
    """What the server tells at an instant. Raises DatabaseError when it does not.

    Whoever sweeps again and again keeps the observer: a new one for each sweep would cost memory, because SQLAlchemy
    remembers what it worked out for every engine, also for a while after the engine is gone.
    """
    pool = _pool(database)
    with _resting(observer or observer_of(database)) as asked, ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
        # Comparing tables with their models takes longest, so it begins first.
        standing = threads.submit(_ask, asked, schema.measure)
        of_data = threads.submit(_ask_unless_locked, asked, partial(data_age.measure, today=now.date()))
        copies = threads.submit(replicas.measure, asked)
        return _ask(
            asked,
            lambda connection: DatabaseState(
                pool=pool,
                tables=objects.tables(connection),
                indexes=objects.indexes(connection),
                unindexed_keys=objects.unindexed_keys(connection),
                counted_since=objects.counted_since(connection),
                sequences=objects.sequences(connection),
                transactions=activity.transactions(connection),
                blocked=activity.blocked(connection),
                sessions=activity.sessions(connection),
                schema=standing.result(),
                data=of_data.result(),
                replicas=copies.result(),
            ),
        )


@contextmanager
def _resting(observer: Database) -> Iterator[Database]:
    """An observer that has no connection before and after the block."""
    try:
        yield observer
    finally:
        observer.dispose()


def _ask(observer: Database, question: Callable[[SqlConnection], T]) -> T:
    with observer.session() as session:
        connection = session.connection()
        connection.execute(text(f"SET LOCAL application_name = '{activity.SWEEP}'"))
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}s'"))
        answer = question(connection)
        session.rollback()
        return answer


def _ask_unless_locked(observer: Database, question: Callable[[SqlConnection], T]) -> T | None:
    """None where somebody holds a table that is asked for; who that is, is measured elsewhere."""
    try:
        return _ask(observer, question)
    except LockTimeoutError:
        return None


def _async_check(database: Database) -> ConnectionCheck:
    """Asked in an event loop of a thread's own: whoever sweeps may be in one already."""

    async def check() -> ConnectionCheck:
        try:
            return await database.check_async_connection()
        finally:
            await database.dispose_async()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, check()).result()


def _connection(driver: str, check: ConnectionCheck) -> Connection:
    return Connection(driver, check.ok, check.latency_ms, check.reason)


def _pool(database: Database) -> Pool:
    status = database.pool_status()
    return Pool(
        size=status.size,
        limit=database.pool_limit,
        checked_out=status.checked_out,
        overflow=status.overflow,
        waits=status.waits,
        timeouts=status.timeouts,
    )
