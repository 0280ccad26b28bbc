"""The four ways to a transaction (a unit of work or a session, over psycopg2 or asyncpg), and what they are told."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.pool import PoolOptions
from monps_platform.db.database import Database
from monps_platform.db.repositories.odds import BookmakerRepository
from monps_platform.db.repositories.teams import TeamRepository
from monps_platform_tests.db.layers import AsyncLayer, Layer, entered

T = TypeVar("T")

UNIT, SESSION = "unit", "session"


@dataclass(frozen=True)
class Transaction:
    """An open transaction, called without await either way."""

    layer: Layer
    session: Session | AsyncSession

    def run(self, work: Callable[[Session], T]) -> T:
        """Do something with the session as repositories do it."""
        if isinstance(self.session, AsyncSession):
            assert isinstance(self.layer, AsyncLayer)
            return self.layer.loop.run_until_complete(self.session.run_sync(work))
        return work(self.session)

    def do(self, statement: str, **parameters: Any) -> None:
        """Send a statement."""
        self.run(lambda session: session.execute(text(statement), parameters))

    def value(self, query: str, **parameters: Any) -> Any:
        """The one value of a query."""
        return self.run(lambda session: session.execute(text(query), parameters).scalar_one())

    def pid(self) -> int:
        """The server's process behind this connection."""
        return int(self.value("SELECT pg_backend_pid()"))

    def user(self) -> str:
        """Whose rights the statements have."""
        return str(self.value("SELECT current_user"))

    def write(self, *keys: str, name: str = "n") -> None:
        """Bring bookmakers in, through COPY and one statement."""
        rows = [bookmaker(key, name=name) for key in keys]
        self.run(lambda session: BookmakerRepository(session).upsert_many(rows))

    def add_team(self, name: str) -> None:
        """Bring a club in."""
        self.run(lambda session: TeamRepository(session).upsert_many([{"name": name, "country": "Nowhere"}]))


@dataclass(frozen=True)
class Way:
    """A unit of work or a session of one layer; both keep what was done when the block ends well."""

    layer: Layer
    kind: str

    def open(self, *, read_only: bool = False) -> AbstractContextManager[Transaction]:
        """A new transaction."""
        return self._unit(read_only) if self.kind == UNIT else self._session(read_only)

    def to(
        self, address: DatabaseAddress, pool: PoolOptions = PoolOptions(), **options: Any
    ) -> AbstractContextManager[Way]:
        """The same way to another database, or with another pool."""
        return opened(type(self.layer), self.kind, address, pool, **options)

    def use(self, *work: Callable[[Transaction], object], read_only: bool = False) -> None:
        """Do some work in one transaction and keep it."""
        with self.open(read_only=read_only) as transaction:
            for step in work:
                step(transaction)

    @contextmanager
    def _unit(self, read_only: bool) -> Iterator[Transaction]:
        with self.layer.unit(read_only=read_only) as unit:
            yield Transaction(self.layer, unit.session)
            if not read_only:
                unit.commit()

    @contextmanager
    def _session(self, read_only: bool) -> Iterator[Transaction]:
        database = self.layer.database
        if isinstance(self.layer, AsyncLayer):
            manager = entered(self.layer.loop, database.async_session(read_only=read_only))
        else:
            manager = database.session(read_only=read_only)
        with manager as session:
            yield Transaction(self.layer, session)


@contextmanager
def opened(
    layer: type[Layer], kind: str, address: DatabaseAddress, pool: PoolOptions = PoolOptions(), **options: Any
) -> Iterator[Way]:
    """A way whose connections are closed at the end."""
    made = layer(Database(address, pool, **options))
    try:
        yield Way(made, kind)
    finally:
        made.close()


def bookmaker(key: str, name: str = "n") -> Mapping[str, Any]:
    """A row of bookmakers."""
    return {"key": key, "name": name, "is_aggregate": False, "is_sharp": False, "is_exchange": False}


def told(error: BaseException) -> str:
    """All that a log could show of an error, with the errors behind it."""
    return "".join(traceback.format_exception(error)) + repr(error)


def writing(*keys: str) -> Callable[[Transaction], None]:
    """The work of bringing bookmakers in."""
    return lambda transaction: transaction.write(*keys)


def doing(statement: str) -> Callable[[Transaction], None]:
    """The work of sending a statement."""
    return lambda transaction: transaction.do(statement)


def assert_in_words(error: BaseException, kind: type[Exception], address: DatabaseAddress, said: Sequence[str]) -> None:
    """The error is of a kind, says what is wrong, where and what to do, and does not tell the password."""
    assert type(error) is kind, told(error)
    for part in (f"{address.host}:{address.port}/{address.database}", *said):
        assert part in str(error)
    assert address.password.get_secret_value() not in told(error)
