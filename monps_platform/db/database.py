"""The platform's database as an object: its engines, made on first use, and what they hand out.

Scripts, notebooks and services use the process's own, through :func:`get_db`, :func:`get_async_db` and their siblings;
whoever needs another one (a test, a Dagster run) makes a :class:`Database`.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from pydantic import ValidationError
from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db import errors
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import async_session_factory, build_async_engine, build_engine, session_factory
from monps_platform.db.connection.pool import CountingPool, PoolOptions, PoolStatus
from monps_platform.db.connection.roles import Role
from monps_platform.db.connection.server import ensure_database, pool_options, replica_address, running_database
from monps_platform.db.embedded import EmbeddedServerError
from monps_platform.db.unit_of_work import AsyncUnitOfWork, UnitOfWork
from monps_platform.settings import Settings


@dataclass(frozen=True)
class ConnectionCheck:
    """Whether a connection answers: ``latency_ms`` from asking the pool to the answer, or the reason it failed."""

    ok: bool
    latency_ms: float
    reason: str | None = None


EngineT = TypeVar("EngineT")
SessionsT = TypeVar("SessionsT")


class _EngineSessions(Generic[EngineT, SessionsT]):
    """An engine and what makes its sessions, for writing and for reading."""

    def __init__(self, engine: EngineT, factory: Callable[..., SessionsT]) -> None:
        self.engine = engine
        self._sessions = {read_only: factory(engine, read_only=read_only) for read_only in (False, True)}

    def sessions(self, *, read_only: bool) -> SessionsT:
        return self._sessions[read_only]


_Made = _EngineSessions[Engine, sessionmaker[Session]]
_AsyncMade = _EngineSessions[AsyncEngine, async_sessionmaker[AsyncSession]]


class _LoopEngines:
    """What one event loop has opened."""

    def __init__(self) -> None:
        self.engines: dict[DatabaseAddress, _AsyncMade] = {}
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
            for made in self.engines.values():
                await made.engine.dispose()


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
        self._engines: dict[DatabaseAddress, _Made] = {}
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopEngines] = WeakKeyDictionary()
        _living.add(self)

    def __repr__(self) -> str:
        return f"Database({self.address}{'' if self.replica is None else f', replica {self.replica}'})"

    def engine(self, *, read_only: bool = False) -> Engine:
        """The sync engine, that of the replica for reading where there is one."""
        return self._made(read_only=read_only).engine

    def async_engine(self, *, read_only: bool = False) -> AsyncEngine:
        """The async engine of the running event loop; raises RuntimeError when none runs."""
        return self._async_made(read_only=read_only).engine

    def unit_of_work(self, *, read_only: bool = False) -> UnitOfWork:
        """A new unit of work; nothing is kept unless it commits."""
        return UnitOfWork(self._made(read_only=read_only).sessions(read_only=read_only), read_only=read_only)

    def async_unit_of_work(self, *, read_only: bool = False) -> AsyncUnitOfWork:
        """The same for asyncio."""
        return AsyncUnitOfWork(self._async_made(read_only=read_only).sessions(read_only=read_only), read_only=read_only)

    @classmethod
    def from_settings(cls, settings: Settings, address: DatabaseAddress) -> Database:
        """The database at an address, with the pool and the replica that the settings name. Raises
        ServerUnavailableError for a replica's URL that names none.
        """
        return cls(address, pool_options(settings), replica=replica_address(settings))

    @contextmanager
    def session(self, *, read_only: bool = False) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises. Raises DatabaseError."""
        session = self._made(read_only=read_only).sessions(read_only=read_only)()
        try:
            with errors.told_in_words(session):
                yield session
                session.commit()
        finally:
            session.close()

    @asynccontextmanager
    async def async_session(self, *, read_only: bool = False) -> AsyncIterator[AsyncSession]:
        """The same for asyncio."""
        session = self._async_made(read_only=read_only).sessions(read_only=read_only)()
        try:
            with errors.told_in_words(session.sync_session):
                yield session
                await session.commit()
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

    @property
    def pool_limit(self) -> int:
        """The most connections that each of its pools may have."""
        return self._pool.size + self._pool.max_overflow

    def pool_status(self, *, read_only: bool = False) -> PoolStatus:
        """The pool of the sync engine as it is now."""
        return _status(self.engine(read_only=read_only))

    def async_pool_status(self, *, read_only: bool = False) -> PoolStatus:
        """The pool of the running event loop's engine as it is now."""
        return _status(self.async_engine(read_only=read_only).sync_engine)

    def dispose(self) -> None:
        """Close the connections of the sync engines; the next use opens new ones."""
        with self._lock:
            engines = list(self._engines.values())
        for made in engines:
            made.engine.dispose()

    async def dispose_async(self) -> None:
        """Close the connections that the running event loop has opened."""
        with self._lock:
            engines = self._loops.pop(asyncio.get_running_loop(), None)
        if engines is not None:
            await engines.dispose()

    @property
    def serves_a_loop(self) -> bool:
        """Whether an event loop that goes on has opened an engine and not disposed of it."""
        with self._lock:
            self._drop_closed_loops()
            return bool(self._loops)

    def _forget(self) -> None:
        """Leave all connections to the process that opened them: a fork must not speak on its parent's sockets."""
        self._lock = threading.Lock()
        for made in self._engines.values():
            made.engine.dispose(close=False)
        self._engines = {}
        # Never to be collected: asyncpg would close them, and take the parent's sockets out of the selector that both
        # processes share.
        _left_to_parent.extend(self._loops.items())
        self._loops = WeakKeyDictionary()

    def _address(self, *, read_only: bool) -> DatabaseAddress:
        return self.replica if read_only and self.replica is not None else self.address

    def _made(self, *, read_only: bool) -> _Made:
        address = self._address(read_only=read_only)
        with self._lock:
            if address not in self._engines:
                engine = build_engine(address, self._pool, self._role_at(address))
                self._engines[address] = _Made(engine, session_factory)
            return self._engines[address]

    def _async_made(self, *, read_only: bool) -> _AsyncMade:
        address, loop = self._address(read_only=read_only), asyncio.get_running_loop()
        with self._lock:
            if loop not in self._loops:
                self._drop_closed_loops()
                self._loops[loop] = _LoopEngines()
            engines = self._loops[loop].engines
            if address not in engines:
                engine = build_async_engine(address, self._pool, self._role_at(address))
                engines[address] = _AsyncMade(engine, async_session_factory)
            return engines[address]

    def _drop_closed_loops(self) -> None:
        # What was opened in a loop holds on to it, so that the weak reference alone never lets go.
        for loop in [loop for loop in self._loops if loop.is_closed()]:
            del self._loops[loop]

    def _role_at(self, address: DatabaseAddress) -> Role | None:
        return Role.READER if self._role is not None and address == self.replica else self._role


_living: WeakSet[Database] = WeakSet()
_left_to_parent: list[object] = []


def _begin_anew_in_child() -> None:
    for database in _living:
        database._forget()


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
        self._dropped: list[Database] = []

    def get(self) -> Database:
        """The database; starts the embedded server where no other is configured."""
        if self._database is not None:
            return self._database
        with self._lock:
            database = self._database
            if database is None:
                settings = Settings()
                # A database that is configured is not made for whoever only looks; `monps up` and `migrate` do that.
                address = running_database(settings) or ensure_database(settings)
                self._database = database = Database.from_settings(settings, address)
            return database

    async def get_async(self) -> Database:
        """The same without holding up the event loop, should a server have to be started."""
        return self._database if self._database is not None else await asyncio.to_thread(self.get)

    def drop(self) -> list[Database]:
        """Forget it, so that the next use reads the settings again; returns all there were: event loops may still have
        connections of those that were dropped before.
        """
        with self._lock:
            dropped = [*self._dropped, *([] if self._database is None else [self._database])]
            self._database = None
            self._dropped = [database for database in dropped if database.serves_a_loop]
            return dropped

    def after_fork(self) -> None:
        """Begin anew in a child process: the lock may be held by a thread that only the parent has."""
        self._lock = threading.Lock()


# A setting that is wrong raises pydantic's ValidationError, which names it and hides what was given.
_NO_DATABASE = (errors.ServerUnavailableError, EmbeddedServerError, ValidationError)

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


def check_sync_connection(*, read_only: bool = False) -> ConnectionCheck:
    """Whether the database answers through psycopg2, how fast, or why not. As any first use, it starts the embedded
    server where no other is configured.
    """
    begun = time.perf_counter()
    try:
        database = get_database()
    except _NO_DATABASE as error:
        return ConnectionCheck(ok=False, latency_ms=_since(begun), reason=str(error))
    return database.check_connection(read_only=read_only)


async def check_async_connection(*, read_only: bool = False) -> ConnectionCheck:
    """Whether the database answers through asyncpg, how fast, or why not; starts the embedded server, too."""
    begun = time.perf_counter()
    try:
        database = await _of_process.get_async()
    except _NO_DATABASE as error:
        return ConnectionCheck(ok=False, latency_ms=_since(begun), reason=str(error))
    return await database.check_async_connection(read_only=read_only)


def get_pool_status(*, read_only: bool = False) -> PoolStatus:
    """The pool of this process's sync engine, or of the one for reading."""
    return get_database().pool_status(read_only=read_only)


def dispose() -> None:
    """Close the connections of this process, and read the settings again at the next use. Those that an event loop has
    opened are closed by :func:`dispose_async` in it, or at its end.
    """
    for database in _of_process.drop():
        database.dispose()


async def dispose_async() -> None:
    """Close the connections that the running event loop has opened, and the sync ones."""
    for database in _of_process.drop():
        await database.dispose_async()
        database.dispose()
