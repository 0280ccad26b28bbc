"""Pooled engines, sync and async, from one description; nothing connects before the first statement."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from monps_platform.db import errors
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.pool import AsyncCountingPool, CountingPool, PoolOptions
from monps_platform.db.connection.roles import Role, assume
from monps_platform.db.slow_statements import THRESHOLD, log_if_slow


def build_engine(address: DatabaseAddress, pool: PoolOptions = PoolOptions(), role: Role | None = None) -> Engine:
    """A pooled psycopg2 engine. Its connections work as ``role`` where that exists, else as the user who logs in."""
    engine = create_engine(
        address.url(),
        poolclass=CountingPool,
        connect_args={**address.connect_args(_session_settings(pool)), "application_name": APPLICATION_NAME},
        **_common(pool),
    )
    _watch(engine, address, pool, role)
    return engine


def build_async_engine(
    address: DatabaseAddress, pool: PoolOptions = PoolOptions(), role: Role | None = None
) -> AsyncEngine:
    """The same through asyncpg. Its connections belong to the event loop that opens them."""
    settings = {**_session_settings(pool), "application_name": APPLICATION_NAME}
    engine = create_async_engine(
        address.async_url(),
        poolclass=AsyncCountingPool,
        connect_args={**address.async_connect_args(settings), "async_creator_fn": _connector(address)},
        **_common(pool),
    )
    _watch(engine.sync_engine, address, pool, role)
    return engine


APPLICATION_NAME = "monps_platform"
"""How the platform's connections are named in pg_stat_activity."""


def _common(pool: PoolOptions) -> dict[str, Any]:
    return {
        "pool_size": pool.size,
        "max_overflow": pool.max_overflow,
        "pool_timeout": pool.timeout,
        "pool_recycle": pool.recycle,
        "pool_pre_ping": pool.pre_ping,
        "echo": pool.echo,
        "hide_parameters": True,
    }


def _session_settings(pool: PoolOptions) -> dict[str, str]:
    return {"statement_timeout": str(pool.statement_timeout * 1000), "timezone": "UTC"}


def _connector(address: DatabaseAddress) -> Callable[..., Coroutine[Any, Any, asyncpg.Connection]]:
    async def connect(*args: Any, **options: Any) -> asyncpg.Connection:
        """asyncpg tells a failed connection by errors that SQLAlchemy passes on bare."""
        try:
            return await asyncpg.connect(*args, **options)
        # UnicodeError: what cannot be the name of a host.
        except (TimeoutError, OSError, UnicodeError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise errors.refused(error, address) from error

    return connect


def _watch(engine: Engine, address: DatabaseAddress, pool: PoolOptions, role: Role | None) -> None:
    """Listen to what connections and statements do."""
    if isinstance(engine.pool, CountingPool):
        engine.pool.name(address)
    if role is not None:

        @event.listens_for(engine, "connect")
        def assume_role(connection: Any, record: Any) -> None:
            record.info[ROLE] = role if assume(connection, role) else None

    _watch_slow_statements(engine, pool.slow_statement)


ROLE = "monps_role"
"""Key of a connection's info: the role it works as, None where it works as the user who logged in."""


def _watch_slow_statements(engine: Engine, threshold: float) -> None:
    """Log statements that take longer than ``threshold`` seconds, never with the values bound to them."""

    @event.listens_for(engine, "connect")
    def tell_threshold(_connection: Any, record: Any) -> None:
        record.info[THRESHOLD] = threshold

    @event.listens_for(engine, "before_cursor_execute")
    def begin(
        _connection: Connection, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool
    ) -> None:
        context.monps_begun = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def end(_connection: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        _log_if_slow(context, statement, threshold, "took")

    @event.listens_for(engine, "handle_error")
    def fail(failure: ExceptionContext) -> None:
        if failure.statement is not None:
            _log_if_slow(failure.execution_context, failure.statement, threshold, "failed after")


def _log_if_slow(context: Any, statement: str, threshold: float, what: str) -> None:
    begun = getattr(context, "monps_begun", None)
    if begun is not None:
        log_if_slow(statement, time.perf_counter() - begun, threshold, what)


class ForgivingSession(Session):
    """A session that can be rolled back and closed after its connection was lost: the server has undone the transaction
    by itself, and an error about it would stand in front of the one that came before.
    """

    def rollback(self) -> None:
        """Undo what was not committed."""
        with _lost_is_undone():
            super().rollback()

    def close(self) -> None:
        """Give the connection back, and undo what was not committed."""
        with _lost_is_undone():
            super().close()


@contextmanager
def _lost_is_undone() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise


class ReadOnlySession(ForgivingSession):
    """A session that may only read: its connections are read-only, and work as the reader where that role exists."""


@event.listens_for(ReadOnlySession, "after_begin")
def _read_as_reader(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    if connection.info.get(ROLE) is not None:
        connection.exec_driver_sql(f"SET LOCAL ROLE {Role.READER}")


_SESSIONS: dict[bool, type[Session]] = {False: ForgivingSession, True: ReadOnlySession}
_ENGINE_OPTIONS: dict[bool, dict[str, Any]] = {False: {}, True: {"postgresql_readonly": True}}
_SESSION_OPTIONS: dict[str, Any] = {"expire_on_commit": False, "close_resets_only": False}


def session_factory(engine: Engine, *, read_only: bool = False) -> sessionmaker[Session]:
    """Sessions that keep loaded values after a commit, and refuse to work once they are closed."""
    engine = engine.execution_options(**_ENGINE_OPTIONS[read_only])
    return sessionmaker(engine, class_=_SESSIONS[read_only], **_SESSION_OPTIONS)


def async_session_factory(engine: AsyncEngine, *, read_only: bool = False) -> async_sessionmaker[AsyncSession]:
    """The same for asyncio."""
    engine = engine.execution_options(**_ENGINE_OPTIONS[read_only])
    return async_sessionmaker(engine, sync_session_class=_SESSIONS[read_only], **_SESSION_OPTIONS)
