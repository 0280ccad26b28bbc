"""The platform's database as an object: its engines, made on first use, and what they hand out.

Scripts, notebooks and services use the process's own, through :func:`get_db`, :func:`get_async_db` and their siblings;
whoever needs another one (a test, a Dagster run) makes a :class:`Database`.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db import errors
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import async_session_factory, build_async_engine, build_engine, session_factory
from monps_platform.db.connection.pool import CountingPool, PoolOptions, PoolStatus
from monps_platform.db.connection.server import ensure_database, pool_options, replica_address
from monps_platform.db.embedded import EmbeddedServerError
from monps_platform.db.schema.roles import Role
from monps_platform.db.unit_of_work import AsyncUnitOfWork, UnitOfWork
from monps_platform.settings import Settings


@dataclass(frozen=True)
class ConnectionCheck:
    """Whether a connection answers: ``latency_ms`` from asking the pool to the answer, or the reason it failed."""

    ok: bool
    latency_ms: float
    reason: str | None = None


class _Side:
    """An engine and what makes its sessions, for writing and for reading."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = {read_only: session_factory(engine, read_only=read_only) for read_only in (False, True)}

    def sessions(self, *, read_only: bool) -> sessionmaker[Session]:
        return self._sessions[read_only]


class _AsyncSide:
    """The same for asyncio."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._sessions = {read_only: async_session_factory(engine, read_only=read_only) for read_only in (False, True)}

    def sessions(self, *, read_only: bool) -> async_sessionmaker[AsyncSession]:
        return self._sessions[read_only]


class _SidesOfLoop:
    """The async sides of one event loop."""

    def __init__(self) -> None:
        self.sides: dict[DatabaseAddress, _AsyncSide] = {}
        self._end = self._dispose_in_the_end()
        # Once begun, it is finished by asyncio.run as every asynchronous generator: a loop that ends without a word
        # would leave its connections open, which nobody could close any more.
        with suppress(StopIteration):
            anext(self._end).send(None)

    async def dispose(self) -> None:
        """Close the connections."""
        await self._end.aclose()

    async def _dispose_in_the_end(self) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            for side in self.sides.values():
                await side.engine.dispose()


class Database:
    """One database, and its read replica if it has one, behind pooled engines.

    Each engine is made when it is first needed and connects when it is first used. A sync engine serves all threads;
    an async one belongs to the event loop that is running, because its connections do. Read-only work goes to the
    replica where there is one. Close it with :meth:`dispose`, and :meth:`dispose_async` in each event loop (the end of
    ``asyncio.run`` does that, too). A child that is forked opens connections of its own.
    """

    def __init__(
        self,
        address: DatabaseAddress,
        pool: PoolOptions = PoolOptions(),
        *,
        replica: DatabaseAddress | None = None,
        role: Role | None = Role.WRITER,
    ) -> None:
        self.address = address
        self.replica = None if replica == address else replica
        self._pool = pool
        self._role = role
        self._lock = threading.Lock()
        self._sides: dict[DatabaseAddress, _Side] = {}
        self._async_sides: WeakKeyDictionary[asyncio.AbstractEventLoop, _SidesOfLoop] = WeakKeyDictionary()
        _living.add(self)

    def __repr__(self) -> str:
        return f"Database({self.address}{'' if self.replica is None else f', replica {self.replica}'})"

    def engine(self, *, read_only: bool = False) -> Engine:
        """The sync engine, that of the replica for reading where there is one."""
        return self._side(read_only=read_only).engine

    def async_engine(self, *, read_only: bool = False) -> AsyncEngine:
        """The async engine of the running event loop; raises RuntimeError when none runs."""
        return self._async_side(read_only=read_only).engine

    def unit_of_work(self, *, read_only: bool = False) -> UnitOfWork:
        """A new unit of work; nothing is kept unless it commits."""
        return UnitOfWork(self._side(read_only=read_only).sessions(read_only=read_only), read_only=read_only)

    def async_unit_of_work(self, *, read_only: bool = False) -> AsyncUnitOfWork:
        """The same for asyncio."""
        return AsyncUnitOfWork(self._async_side(read_only=read_only).sessions(read_only=read_only), read_only=read_only)

    @contextmanager
    def session(self, *, read_only: bool = False) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises. Raises DatabaseError."""
        session = self._side(read_only=read_only).sessions(read_only=read_only)()
        try:
            yield session
            session.commit()
        except Exception as error:
            errors.raise_in_words(error, session)
            raise
        finally:
            session.close()

    @asynccontextmanager
    async def async_session(self, *, read_only: bool = False) -> AsyncIterator[AsyncSession]:
        """The same for asyncio."""
        session = self._async_side(read_only=read_only).sessions(read_only=read_only)()
        try:
            yield session
            await session.commit()
        except Exception as error:
            errors.raise_in_words(error, session.sync_session)
            raise
        finally:
            await session.close()

    def check_connection(self, *, read_only: bool = False) -> ConnectionCheck:
        """Whether a statement gets through the pool; never raises because of the database."""
        begun = time.perf_counter()
        try:
            with self.session(read_only=read_only) as session:
                session.execute(text("SELECT 1"))
        except errors.FAILURES as error:
            return ConnectionCheck(ok=False, latency_ms=_since(begun), reason=str(error))
        return ConnectionCheck(ok=True, latency_ms=_since(begun))

    async def check_async_connection(self, *, read_only: bool = False) -> ConnectionCheck:
        """The same through asyncpg."""
        begun = time.perf_counter()
        try:
            async with self.async_session(read_only=read_only) as session:
                await session.execute(text("SELECT 1"))
        except errors.FAILURES as error:
            return ConnectionCheck(ok=False, latency_ms=_since(begun), reason=str(error))
        return ConnectionCheck(ok=True, latency_ms=_since(begun))

    def pool_status(self, *, read_only: bool = False) -> PoolStatus:
        """The pool of the sync engine as it is now."""
        return _status(self.engine(read_only=read_only))

    def async_pool_status(self, *, read_only: bool = False) -> PoolStatus:
        """The pool of the running event loop's engine as it is now."""
        return _status(self.async_engine(read_only=read_only).sync_engine)

    def dispose(self) -> None:
        """Close the connections of the sync engines; the next use opens new ones."""
        with self._lock:
            sides = list(self._sides.values())
        for side in sides:
            side.engine.dispose()

    async def dispose_async(self) -> None:
        """Close the connections that the running event loop has opened."""
        with self._lock:
            sides = self._async_sides.pop(asyncio.get_running_loop(), None)
        if sides is not None:
            await sides.dispose()

    def forget(self) -> None:
        """Leave all connections to the process that opened them: a fork must not speak on its parent's sockets."""
        self._lock = threading.Lock()
        for side in self._sides.values():
            side.engine.dispose(close=False)
        self._sides = {}
        # Never to be collected: asyncpg would close them, and take the parent's sockets out of the selector that both
        # processes share.
        _left_to_parent.extend(self._async_sides.items())
        self._async_sides = WeakKeyDictionary()

    def _address(self, *, read_only: bool) -> DatabaseAddress:
        return self.replica if read_only and self.replica is not None else self.address

    def _side(self, *, read_only: bool) -> _Side:
        address = self._address(read_only=read_only)
        with self._lock:
            if address not in self._sides:
                self._sides[address] = _Side(build_engine(address, self._pool, self._role_at(address)))
            return self._sides[address]

    def _async_side(self, *, read_only: bool) -> _AsyncSide:
        address, loop = self._address(read_only=read_only), asyncio.get_running_loop()
        with self._lock:
            if loop not in self._async_sides:
                self._async_sides[loop] = _SidesOfLoop()
            sides = self._async_sides[loop].sides
            if address not in sides:
                sides[address] = _AsyncSide(build_async_engine(address, self._pool, self._role_at(address)))
            return sides[address]

    def _role_at(self, address: DatabaseAddress) -> Role | None:
        return Role.READER if self._role is not None and address == self.replica else self._role


_living: WeakSet[Database] = WeakSet()
_left_to_parent: list[object] = []


def _begin_anew_in_child() -> None:
    for database in _living:
        database.forget()


os.register_at_fork(after_in_child=_begin_anew_in_child)


def _since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


def _status(engine: Engine) -> PoolStatus:
    if not isinstance(engine.pool, CountingPool):
        raise TypeError(f"the engine has a {type(engine.pool).__name__}, which counts nothing")
    return engine.pool.snapshot()


class _OfProcess:
    """The database of this process, made from the settings on first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database: Database | None = None

    def get(self) -> Database:
        """The database; starts the embedded server where no other is configured."""
        if self._database is not None:
            return self._database
        with self._lock:
            database = self._database
            if database is None:
                settings = Settings()
                address = ensure_database(settings)
                self._database = database = Database(address, pool_options(settings), replica=replica_address(settings))
            return database

    async def get_async(self) -> Database:
        """The same without holding up the event loop, should a server have to be started."""
        return self._database if self._database is not None else await asyncio.to_thread(self.get)

    def drop(self) -> Database | None:
        """Forget it, so that the next use reads the settings again; returns what there was."""
        with self._lock:
            database, self._database = self._database, None
            return database

    def after_fork(self) -> None:
        """Begin anew in a child process: the lock may be held by a thread that only the parent has."""
        self._lock = threading.Lock()


_of_process = _OfProcess()
os.register_at_fork(after_in_child=_of_process.after_fork)


def get_database() -> Database:
    """The database of this process, as the settings name it. Raises ServerUnavailableError or EmbeddedServerError."""
    return _of_process.get()


@contextmanager
def get_db(*, read_only: bool = False) -> Iterator[Session]:
    """A session that commits when the block ends and rolls back when it raises. Raises DatabaseError."""
    with get_database().session(read_only=read_only) as session:
        yield session


@asynccontextmanager
async def get_async_db(*, read_only: bool = False) -> AsyncIterator[AsyncSession]:
    """The same for asyncio."""
    database = await _of_process.get_async()
    async with database.async_session(read_only=read_only) as session:
        yield session


def check_sync_connection() -> ConnectionCheck:
    """Whether the database answers through psycopg2, how fast, or why not."""
    begun = time.perf_counter()
    try:
        database = get_database()
    except (errors.ServerUnavailableError, EmbeddedServerError) as error:
        return ConnectionCheck(ok=False, latency_ms=_since(begun), reason=str(error))
    return database.check_connection()


async def check_async_connection() -> ConnectionCheck:
    """Whether the database answers through asyncpg, how fast, or why not."""
    begun = time.perf_counter()
    try:
        database = await _of_process.get_async()
    except (errors.ServerUnavailableError, EmbeddedServerError) as error:
        return ConnectionCheck(ok=False, latency_ms=_since(begun), reason=str(error))
    return await database.check_async_connection()


def get_pool_status() -> PoolStatus:
    """The pool of this process's sync engine."""
    return get_database().pool_status()


def dispose() -> None:
    """Close the connections of this process and read the settings again at the next use."""
    database = _of_process.drop()
    if database is not None:
        database.dispose()


async def dispose_async() -> None:
    """Close the connections that the running event loop has opened, and the sync ones."""
    database = _of_process.drop()
    if database is not None:
        await database.dispose_async()
        database.dispose()
