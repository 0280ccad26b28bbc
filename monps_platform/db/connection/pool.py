"""Connection pools that count: who had to wait, who gave up, and when the pressure changed."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import AsyncAdaptedQueuePool, QueuePool
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from monps_platform.db.errors import PoolExhaustedError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PoolOptions:
    """Size and patience of a connection pool, and what its connections do; times in seconds."""

    size: int = 5
    max_overflow: int = 10
    timeout: float = 30.0
    recycle: int = 1800
    pre_ping: bool = True
    statement_timeout: int = 300
    slow_statement: float = 1.0
    echo: bool = False


@dataclass(frozen=True)
class PoolStatus:
    """A pool at one moment. ``overflow`` are connections beyond ``size``; ``waits`` and ``timeouts`` are counted since
    the pool was made.
    """

    size: int
    checked_in: int
    checked_out: int
    overflow: int
    waits: int
    timeouts: int


class Pressure(StrEnum):
    """How much of a pool is in use."""

    NORMAL = "normal"
    OVERFLOWING = "overflowing"
    EXHAUSTED = "exhausted"


_RANKS = {pressure: rank for rank, pressure in enumerate(Pressure)}
_LEVELS = {Pressure.NORMAL: logging.INFO, Pressure.OVERFLOWING: logging.INFO, Pressure.EXHAUSTED: logging.WARNING}


@dataclass
class _Counts:
    """What a pool and those that replace it after a disposal have seen."""

    where: str = "the database"
    waits: int = 0
    timeouts: int = 0
    pressure: Pressure = Pressure.NORMAL
    lock: threading.Lock = field(default_factory=threading.Lock)


class CountingPool(QueuePool):
    """A queue pool that counts waits and time-outs, logs changes of its pressure, and says in words that it is
    exhausted.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._counts = _Counts()

    def name(self, where: object) -> None:
        """Tell which database its messages are about."""
        self._counts.where = str(where)

    @property
    def limit(self) -> int:
        """The most connections there can be."""
        return self.size() + self._max_overflow

    def connect(self) -> PoolProxiedConnection:
        """A connection; raises PoolExhaustedError when none was free in time."""
        if self.checkedout() >= self.limit:
            with self._counts.lock:
                self._counts.waits += 1
        try:
            return super().connect()
        except PoolTimeoutError as error:
            with self._counts.lock:
                self._counts.timeouts += 1
            raise PoolExhaustedError(
                f"all {self.limit} connections of the pool ({self.size()} + {self._max_overflow}) of "
                f"{self._counts.where} were in use for {self._timeout:g} s. Close units of work and sessions sooner, "
                "or raise MONPS_DB_POOL_SIZE, MONPS_DB_MAX_OVERFLOW or MONPS_DB_POOL_TIMEOUT"
            ) from error
        finally:
            self._note_pressure()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        try:
            super()._do_return_conn(record)
        finally:
            self._note_pressure()

    def _note_pressure(self) -> None:
        """Log when the pool begins to overflow, is exhausted, and is back to normal; not each connection.

        Normal is half the pool's size: at the edge of a level connections come and go all the time.
        """
        counts = self._counts
        with counts.lock:
            # Read with the lock held: of two threads, the last one to come here sees what both have done.
            checked_out = self.checkedout()
            level = _pressure(checked_out, self.size(), self.limit)
            before = counts.pressure
            falls = _RANKS[level] < _RANKS[before]
            counts.pressure = now = before if falls and checked_out > self.size() // 2 else level
        if now is not before:
            message = "connection pool of %s %s: %d of %d connections in use"
            logger.log(_LEVELS[now], message, counts.where, now, checked_out, self.limit)

    def recreate(self) -> CountingPool:
        """The pool that takes this one's place after a disposal goes on counting."""
        fresh = super().recreate()
        if not isinstance(fresh, CountingPool):
            raise TypeError(f"a pool of the same class was due, not {type(fresh).__name__}")
        fresh._counts = self._counts
        return fresh

    def snapshot(self) -> PoolStatus:
        """The pool as it is now."""
        counts = self._counts
        overflow = max(0, self.overflow())
        return PoolStatus(
            self.size(), self.checkedin(), self.checkedout(), overflow, waits=counts.waits, timeouts=counts.timeouts
        )


class AsyncCountingPool(CountingPool, AsyncAdaptedQueuePool):
    """The same for asyncio."""


# SQLAlchemy names the logger of a pool, which tells of every connection, after its class. As those of its own pools, it
# says nothing unless it is asked by its name.
for _pool in (CountingPool, AsyncCountingPool):
    logging.getLogger(f"{__name__}.{_pool.__name__}").setLevel(logging.WARNING)


def _pressure(checked_out: int, size: int, limit: int) -> Pressure:
    if checked_out >= limit:
        return Pressure.EXHAUSTED
    return Pressure.OVERFLOWING if checked_out > size else Pressure.NORMAL
