"""Pools that count who had to wait and who gave up, and that say when the pressure on them changes."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.pool import CountingPool, PoolOptions, PoolStatus
from monps_platform.db.database import Database
from monps_platform.db.errors import ConnectionLostError, PoolExhaustedError
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.transactions import SESSION, Way, doing, opened
from monps_platform_tests.waiting import at_once, wait_until

SMALL = PoolOptions(size=2, max_overflow=1, timeout=0.1)


@pytest.fixture
def way(layer: Layer) -> Iterator[Way]:
    """A way with a pool of two connections and one more."""
    with opened(type(layer), SESSION, layer.database.address, SMALL) as made:
        yield made


def pool_of(way: Way) -> CountingPool:
    pool = way.layer.engine.pool
    assert isinstance(pool, CountingPool)
    return pool


@contextmanager
def holding(way: Way, connections: int) -> Iterator[ExitStack]:
    """Transactions that are open meanwhile."""
    with ExitStack() as stack:
        for _ in range(connections):
            stack.enter_context(way.open()).do("SELECT 1")
        yield stack


def test_a_pool_keeps_five_connections_and_lets_ten_more_be_made(layer: Layer) -> None:
    way = Way(layer, SESSION)
    assert PoolOptions() == PoolOptions(5, 10, 30.0, 1800, pre_ping=True, statement_timeout=300, echo=False)
    pool = pool_of(way)
    assert (pool.size(), pool.limit, pool._timeout, pool._recycle, pool._pre_ping) == (5, 15, 30.0, 1800, True)
    with holding(way, 15):
        assert pool.snapshot() == PoolStatus(5, checked_in=0, checked_out=15, overflow=10, waits=0, timeouts=0)
    assert pool.snapshot() == PoolStatus(5, checked_in=5, checked_out=0, overflow=0, waits=0, timeouts=0)


def test_a_pool_is_as_large_and_as_patient_as_told(layer: Layer) -> None:
    options = PoolOptions(size=1, max_overflow=2, timeout=3.5, recycle=60, pre_ping=False)
    with opened(type(layer), SESSION, layer.database.address, options) as way:
        pool = pool_of(way)
        assert (pool.size(), pool.limit, pool._timeout, pool._recycle, pool._pre_ping) == (1, 3, 3.5, 60, False)


def test_the_status_tells_what_is_in_and_what_is_out(way: Way) -> None:
    expected = [
        PoolStatus(2, checked_in=0, checked_out=0, overflow=0, waits=0, timeouts=0),
        PoolStatus(2, checked_in=0, checked_out=1, overflow=0, waits=0, timeouts=0),
        PoolStatus(2, checked_in=0, checked_out=2, overflow=0, waits=0, timeouts=0),
        PoolStatus(2, checked_in=0, checked_out=3, overflow=1, waits=0, timeouts=0),
    ]
    for count, status in enumerate(expected):
        with holding(way, count):
            assert pool_of(way).snapshot() == status
        # What was beyond the size is closed when it comes back.
        assert pool_of(way).snapshot() == PoolStatus(2, min(count, 2), 0, 0, waits=0, timeouts=0)


def test_giving_up_is_counted_as_a_wait_and_as_a_time_out(way: Way) -> None:
    with holding(way, 3):
        for _ in range(2):
            with pytest.raises(PoolExhaustedError):
                way.use(doing("SELECT 1"))
        assert pool_of(way).snapshot() == PoolStatus(2, 0, 3, 1, waits=2, timeouts=2)
    way.use(doing("SELECT 1"))
    assert pool_of(way).snapshot() == PoolStatus(2, 2, 0, 0, waits=2, timeouts=2)


def test_counts_go_on_after_the_connections_were_closed(way: Way) -> None:
    with holding(way, 3), pytest.raises(PoolExhaustedError):
        way.use(doing("SELECT 1"))
    way.layer.engine.pool.dispose()
    fresh = pool_of(way).recreate()
    assert fresh.snapshot() == PoolStatus(2, 0, 0, 0, waits=1, timeouts=1)


def test_counts_go_on_after_the_database_was_disposed_of(shared_database: DatabaseAddress) -> None:
    database = Database(shared_database, PoolOptions(size=1, max_overflow=0, timeout=0.05))
    with database.session() as session:
        session.connection()
        with pytest.raises(PoolExhaustedError), database.session() as second:
            second.connection()
    assert database.pool_status() == PoolStatus(1, 1, 0, 0, waits=1, timeouts=1)
    database.dispose()
    assert database.pool_status() == PoolStatus(1, 0, 0, 0, waits=1, timeouts=1)


def test_a_thread_that_had_to_wait_is_counted_and_gets_its_connection(shared_database: DatabaseAddress) -> None:
    database = Database(shared_database, PoolOptions(size=1, max_overflow=0, timeout=30))
    answers: list[object] = []

    def wait() -> None:
        with database.session() as session:
            answers.append(session.connection().exec_driver_sql("SELECT 1").scalar())

    threads = [threading.Thread(target=wait) for _ in range(3)]
    with database.session() as session:
        session.connection()
        for thread in threads:
            thread.start()
        wait_until(lambda: database.pool_status().waits == 3)
        assert answers == []
    for thread in threads:
        thread.join()
    assert answers == [1, 1, 1]
    assert database.pool_status() == PoolStatus(1, 1, 0, 0, waits=3, timeouts=0)
    database.dispose()


def test_a_task_that_had_to_wait_is_counted_and_gets_its_connection(shared_database: DatabaseAddress) -> None:
    async def run() -> tuple[list[object], PoolStatus]:
        database = Database(shared_database, PoolOptions(size=1, max_overflow=0, timeout=30))

        async def wait() -> object:
            async with database.async_session() as session:
                return (await (await session.connection()).exec_driver_sql("SELECT 1")).scalar()

        async with database.async_session() as session:
            await session.connection()
            tasks = [asyncio.create_task(wait()) for _ in range(3)]
            while database.async_pool_status().waits < 3:
                await asyncio.sleep(0.001)
            assert not any(task.done() for task in tasks)
        answers = await asyncio.gather(*tasks)
        status = database.async_pool_status()
        await database.dispose_async()
        return list(answers), status

    answers, status = asyncio.run(run())
    assert answers == [1, 1, 1]
    assert status == PoolStatus(1, 1, 0, 0, waits=3, timeouts=0)


def test_fifteen_threads_at_once_neither_wait_nor_fail_in_a_pool_of_five_and_ten(
    shared_database: DatabaseAddress,
) -> None:
    database = Database(shared_database)

    def work() -> list[object]:
        answers: list[object] = []
        for _ in range(20):
            with database.session() as session:
                answers.append(session.connection().exec_driver_sql("SELECT 1").scalar())
        return answers

    assert at_once(*[work] * 15) == [[1] * 20] * 15
    status = database.pool_status()
    assert (status.checked_out, status.overflow, status.waits, status.timeouts) == (0, 0, 0, 0)
    database.dispose()


# What is logged


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def logged(log: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Levels and messages of the platform's records."""
    return [(item.levelname, item.getMessage()) for item in log.records if item.name.startswith("monps_platform")]


def test_only_changes_of_the_pressure_are_logged(way: Way, log: pytest.LogCaptureFixture) -> None:
    where = f"connection pool of {way.layer.database.address}"
    pool = PoolOptions(size=4, max_overflow=2, timeout=0.05)
    with way.to(way.layer.database.address, pool) as wide:
        for _ in range(3):
            wide.use(doing("SELECT 1"))
        with holding(wide, 4):
            assert logged(log) == []
            with holding(wide, 1):
                overflowing = [("INFO", f"{where} overflowing: 5 of 6 connections in use")]
                assert logged(log) == overflowing
                exhausted = [*overflowing, ("WARNING", f"{where} exhausted: 6 of 6 connections in use")]
                for _ in range(3):
                    wide.use(doing("SELECT 1"))
                with holding(wide, 1), pytest.raises(PoolExhaustedError):
                    wide.use(doing("SELECT 1"))
                assert logged(log) == exhausted
            assert logged(log) == exhausted
        normal = [*exhausted, ("INFO", f"{where} normal: 2 of 6 connections in use")]
        assert logged(log) == normal
        for _ in range(3):
            wide.use(doing("SELECT 1"))
        assert logged(log) == normal


def test_a_pool_that_is_exhausted_again_says_so_again(way: Way, log: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        with holding(way, 3):
            pass
    levels = [message.split(": ")[0].rsplit(" ", 1)[1] for _, message in logged(log)]
    assert levels == ["exhausted", "normal"] * 2


def test_a_connection_that_is_lost_counts_as_given_back(way: Way, log: pytest.LogCaptureFixture) -> None:
    with way.to(way.layer.database.address, PoolOptions(size=1, max_overflow=0, timeout=0.1), role=None) as narrow:
        with pytest.raises(ConnectionLostError):
            narrow.use(doing("SELECT pg_terminate_backend(pg_backend_pid())"))
        assert pool_of(narrow).snapshot().checked_out == 0
        narrow.use(doing("SELECT 1"))
        assert pool_of(narrow).snapshot() == PoolStatus(1, 1, 0, 0, waits=0, timeouts=0)
    assert [level for level, _ in logged(log)] == ["WARNING", "INFO"] * 2


def test_a_connection_that_cannot_be_had_leaves_the_pool_as_it_was(way: Way, log: pytest.LogCaptureFixture) -> None:
    with way.to(way.layer.database.address.other("no_such_database"), PoolOptions(size=1, max_overflow=0)) as lost:
        for _ in range(3):
            with pytest.raises(Exception, match="no_such_database"):
                lost.use(doing("SELECT 1"))
        assert pool_of(lost).snapshot() == PoolStatus(1, 0, 0, 0, waits=0, timeouts=0)
    assert logged(log) == []
