"""One description of each query, for both kinds of session.

A repository's method is written once, against a sync session. Bound to a repository of a :class:`Session` it is a plain
method; bound to one of an :class:`AsyncSession` it is a coroutine, in which SQLAlchemy runs the same code on asyncpg
(https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#running-synchronous-methods-and-functions-under-asyncio).
The types say which of the two it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from functools import partial, update_wrapper
from types import MappingProxyType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from monps_platform.db.errors import told_in_words

P = ParamSpec("P")
T = TypeVar("T")
SessionT = TypeVar("SessionT", Session, AsyncSession)

FRESH: Mapping[str, bool] = MappingProxyType({"populate_existing": True})
"""Execution options of a read: objects that the session holds already get the values that the server has now."""

CHUNK = 1000
"""Rows that a stream fetches at a time."""


class Bound(Generic[SessionT]):
    """Something that works in a session."""

    def __init__(self, session: SessionT) -> None:
        self.session: SessionT = session


class Operation(Generic[P, T]):
    """The decorator of a repository's method ``(self, session: Session, ...)``; callers leave the session out."""

    def __init__(self, function: Callable[Concatenate[Any, Session, P], T]) -> None:
        self._function = function
        update_wrapper(cast(Any, self), function)  # its documentation is the function's

    @overload
    def __get__(self, instance: None, owner: type[object]) -> Operation[P, T]: ...
    @overload
    def __get__(self, instance: Bound[Session], owner: type[object]) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: Bound[AsyncSession], owner: type[object]) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: Any, owner: type[object]) -> Any:
        if instance is None:
            return self
        if isinstance(instance.session, AsyncSession):
            return partial(self._run, instance)
        return partial(self._call, instance, instance.session)

    def _call(self, instance: object, session: Session, *args: P.args, **options: P.kwargs) -> T:
        with told_in_words(session):
            return self._function(instance, session, *args, **options)

    async def _run(self, instance: Bound[AsyncSession], *args: P.args, **options: P.kwargs) -> T:
        return await instance.session.run_sync(lambda session: self._call(instance, session, *args, **options))


class Stream(Generic[P, T]):
    """The decorator of a method ``(self, ...)`` that gives a SELECT: its rows arrive one after another, from a cursor
    on the server, so that a result of any size needs the memory of a few.
    """

    def __init__(self, function: Callable[Concatenate[Any, P], Select[tuple[T]]]) -> None:
        self._function = function
        update_wrapper(cast(Any, self), function)  # its documentation is the function's

    @overload
    def __get__(self, instance: None, owner: type[object]) -> Stream[P, T]: ...
    @overload
    def __get__(self, instance: Bound[Session], owner: type[object]) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, instance: Bound[AsyncSession], owner: type[object]) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, instance: Any, owner: type[object]) -> Any:
        if instance is None:
            return self
        run = self._stream if isinstance(instance.session, AsyncSession) else self._iterate
        return partial(run, instance)

    def _statement(self, instance: object, *args: P.args, **options: P.kwargs) -> Select[tuple[T]]:
        return self._function(instance, *args, **options).execution_options(yield_per=CHUNK)

    def _iterate(self, instance: Bound[Session], *args: P.args, **options: P.kwargs) -> Iterator[T]:
        # Not a generator: bad arguments are refused when it is called, not when the first row is asked for.
        return iter(instance.session.scalars(self._statement(instance, *args, **options)))

    def _stream(self, instance: Bound[AsyncSession], *args: P.args, **options: P.kwargs) -> AsyncIterator[T]:
        return _rows(instance.session, self._statement(instance, *args, **options))


async def _rows(session: AsyncSession, statement: Select[tuple[T]]) -> AsyncIterator[T]:
    async for row in await session.stream_scalars(statement):
        yield row


operation = Operation
streamed = Stream
