"""The database layer twice: a test that asks for a layer runs once on psycopg2 and once on asyncpg."""

from __future__ import annotations

import asyncio
import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

from sqlalchemy import Engine

from monps_platform.db.database import Database
from monps_platform.db.repositories.operation import Bound
from monps_platform.db.unit_of_work import UnitOfWork


class Layer(ABC):
    """One of the two ways to the same database."""

    name: str

    def __init__(self, database: Database) -> None:
        self.database = database

    @property
    @abstractmethod
    def engine(self) -> Engine:
        """The engine whose statements and pool a test may watch."""

    @abstractmethod
    def unit(self, *, read_only: bool = False) -> AbstractContextManager[UnitOfWork]:
        """An open unit of work, called without await either way."""

    @abstractmethod
    def close(self) -> None:
        """Close every connection."""


class SyncLayer(Layer):
    """psycopg2."""

    name = "sync"

    @property
    def engine(self) -> Engine:
        return self.database.engine()

    def unit(self, *, read_only: bool = False) -> AbstractContextManager[UnitOfWork]:
        return self.database.unit_of_work(read_only=read_only)

    def close(self) -> None:
        self.database.dispose()


class AsyncLayer(Layer):
    """asyncpg, in an event loop of its own."""

    name = "async"

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.loop = asyncio.new_event_loop()

    @property
    def engine(self) -> Engine:
        async def find() -> Engine:
            return self.database.async_engine().sync_engine

        return self.loop.run_until_complete(find())

    @contextmanager
    def unit(self, *, read_only: bool = False) -> Iterator[UnitOfWork]:
        async def make() -> Any:
            return self.database.async_unit_of_work(read_only=read_only)

        unit = self.loop.run_until_complete(make())
        with entered(self.loop, unit):
            yield cast(UnitOfWork, _Awaited(self.loop, unit))

    def close(self) -> None:
        self.loop.run_until_complete(self.database.dispose_async())
        self.loop.close()


class _Awaited:
    """An async object whose methods wait for themselves."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target: Any) -> None:
        self._loop = loop
        self._target = target

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if isinstance(value, Bound):
            return _Awaited(self._loop, value)
        if not callable(value):
            return value
        return lambda *args, **options: self._wait(value(*args, **options))

    def _wait(self, result: Any) -> Any:
        if inspect.iscoroutine(result):
            return self._loop.run_until_complete(result)
        if hasattr(result, "__aenter__"):
            return entered(self._loop, result)
        return self._rows(result) if hasattr(result, "__anext__") else result

    def _rows(self, rows: Any) -> Iterator[Any]:
        try:
            while True:
                yield self._loop.run_until_complete(anext(rows))
        except StopAsyncIteration:
            return


@contextmanager
def entered(loop: asyncio.AbstractEventLoop, manager: Any) -> Iterator[Any]:
    """An async context manager as a plain one."""
    made = loop.run_until_complete(manager.__aenter__())
    try:
        yield made
    except BaseException as error:
        if not loop.run_until_complete(manager.__aexit__(type(error), error, error.__traceback__)):
            raise
    else:
        loop.run_until_complete(manager.__aexit__(None, None, None))
