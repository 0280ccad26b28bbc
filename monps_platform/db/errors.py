"""What goes wrong between the platform and its database, as errors in words: what, where, and what to do.

Repositories, units of work and ``get_db`` raise these in place of a driver's own; the driver's is the cause. Errors of
the statement itself (a violated constraint, say) stay SQLAlchemy's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import psycopg2
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session


class DatabaseError(RuntimeError):
    """The database could not do what was asked; the message says what is wrong, where, and what to do."""


class BulkWriteError(DatabaseError):
    """The server refused a COPY; the message is the server's."""


class ServerUnavailableError(DatabaseError):
    """No connection can be had: the server is down, away, or does not let the user in."""


class PoolExhaustedError(DatabaseError):
    """Every connection of the pool was in use for longer than the time allowed."""


class ConnectionLostError(DatabaseError):
    """The connection broke in the middle of a transaction; what was not committed is undone."""


class DiskFullError(DatabaseError):
    """The server has no space left; the transaction is undone, what was committed is there."""


class StatementTimeoutError(DatabaseError):
    """A statement took longer than allowed and was cancelled; its transaction is undone."""


class LockTimeoutError(DatabaseError):
    """Somebody else held a lock for longer than the statement was willing to wait."""


class ConflictError(DatabaseError):
    """Two transactions got in each other's way, and the server ended this one; it can be run again."""


class ReadOnlyError(DatabaseError):
    """A write where only reading is allowed."""


class AccessDeniedError(DatabaseError):
    """The database user lacks a privilege."""


class SchemaMissingError(DatabaseError):
    """A table that a statement names is not there; perhaps the database is not migrated."""


FAILURES = (DatabaseError, SQLAlchemyError)
"""What a use of the database may raise."""

_UNDONE = "Nothing of this transaction was kept; what was committed before is safe."
_LOST = f"{_UNDONE} Check that the server is up (monps status), then run it again."
_LOST_AT_COMMIT = (
    "It broke at the commit, and the server had no time to say whether that was done: look before you run it again. "
    "What was committed before is safe. Check that the server is up (monps status)."
)
_KINDS: dict[str, tuple[type[DatabaseError], str]] = {
    "28": (ServerUnavailableError, "Check MONPS_DB_USER and MONPS_DB_PASSWORD."),
    "3D": (ServerUnavailableError, "Check MONPS_DB_NAME, or run: monps migrate"),
    "53300": (ServerUnavailableError, "Close other clients, or let the server or the user have more connections."),
    "57P03": (ServerUnavailableError, "It starts or stops just now: try again in a moment."),
    "08": (ConnectionLostError, _LOST),
    "57P": (ConnectionLostError, _LOST),
    "53100": (DiskFullError, f"{_UNDONE} Free space on the server's disk, then run it again."),
    "57014": (StatementTimeoutError, f"{_UNDONE} Raise MONPS_DB_STATEMENT_TIMEOUT if it may take longer."),
    "55P03": (LockTimeoutError, f"{_UNDONE} Run it again when whoever holds the lock is done."),
    "40": (ConflictError, f"{_UNDONE} Run it again."),
    "25006": (ReadOnlyError, "Use a unit of work that is not read_only."),
    "42501": (AccessDeniedError, "See docs/roles.md for what each role may do."),
    "42P01": (SchemaMissingError, "If that is a table of the platform, it is not migrated yet: monps migrate"),
    "3F000": (SchemaMissingError, "If that is a schema of the platform, it is not migrated yet: monps migrate"),
}
"""By SQLSTATE or its beginning: https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def in_words(error: BaseException, where: object) -> DatabaseError | None:
    """The error that says it in words, None for one that is no business of this module; ``where`` is the database."""
    if isinstance(error, DatabaseError) and not isinstance(error, BulkWriteError):
        return None  # said already
    state = sqlstate(error) or _refusal(error)
    for length in (5, 3, 2):
        if state is not None and (kind := _KINDS.get(state[:length])):
            advice = _lost(error) if kind[0] is ConnectionLostError else kind[1]
            return kind[0](f"{_first_line(error)} ({where}). {advice}")
    if _is_lost(error, state):
        return ConnectionLostError(f"the connection was lost ({where}): {_first_line(error)}. {_lost(error)}")
    if isinstance(error, DBAPIError) and state is None and error.statement is None:
        return unavailable(error, where)
    return None


def _refusal(error: BaseException) -> str | None:
    """The code behind the words of a refused connection, of which libpq passes on the words only; None for words that
    are not known, as those of a server that speaks another language.
    """
    if not isinstance(error, DBAPIError) or not str(error.orig).startswith("connection to server "):
        return None
    return next((state for words, state in _REFUSALS.items() if re.search(words, str(error))), None)


_REFUSALS = {
    "password authentication failed|no pg_hba.conf entry": "28000",
    'database ".*" does not exist': "3D000",
    "too many (clients|connections)|remaining connection slots": "53300",
    "the database system is ": "57P03",
}


def _lost(error: BaseException) -> str:
    """What became of the transaction. An error without a statement is one of the commit: a rollback raises none."""
    return _LOST_AT_COMMIT if isinstance(error, DBAPIError) and error.statement is None else _LOST


def _is_lost(error: BaseException, state: str | None) -> bool:
    """Whether the driver found the connection gone; the server, being gone, gave no code."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return state is None and isinstance(error, BulkWriteError) and isinstance(error.__cause__, _DRIVERS_LOST)


_DRIVERS_LOST = (psycopg2.OperationalError, psycopg2.InterfaceError, asyncpg.InterfaceError)


def raise_in_words(error: BaseException | None, session: Session) -> None:
    """Raise the error that says in words what came out of a session; any other error goes its own way."""
    if error is None or session.bind is None:
        return
    url = session.bind.engine.url
    if words := in_words(error, f"{url.username}@{url.host}:{url.port}/{url.database}"):
        raise words from error


@contextmanager
def told_in_words(session: Session) -> Iterator[None]:
    """A block whose errors leave it in words where a session of the database failed."""
    try:
        yield
    except Exception as error:
        raise_in_words(error, session)
        raise


def unavailable(error: BaseException, where: object) -> ServerUnavailableError:
    """The error of a connection that cannot be had."""
    return ServerUnavailableError(
        f"cannot connect to PostgreSQL at {where}: {_first_line(error)}. Check that the server is up (monps status), "
        "and MONPS_DB_HOST, MONPS_DB_PORT, MONPS_DB_NAME, MONPS_DB_USER and MONPS_DB_PASSWORD."
    )


def refused(error: BaseException, where: object) -> ServerUnavailableError:
    """The error of an attempt to connect, whatever came of it."""
    words = in_words(error, where)
    return words if isinstance(words, ServerUnavailableError) else unavailable(error, where)


def sqlstate(error: BaseException) -> str | None:
    """The server's five-character error code, whichever driver told it; None where no server spoke."""
    for link in _chain(error):
        state = getattr(link, "sqlstate", None) or getattr(link, "pgcode", None)
        if state:
            return str(state)
    return None


def _chain(error: BaseException) -> Iterator[Any]:
    """The error, the driver's own inside it, and what they came from."""
    link: BaseException | None = error
    while link is not None:
        yield link
        original = getattr(link, "orig", None)
        if original is not None:
            yield original
        link = link.__cause__


def _first_line(error: BaseException) -> str:
    """What the server or driver said, without the statement; asyncpg's class name in front is cut off."""
    said = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    first = said.splitlines()[0]
    return first.split(">: ", maxsplit=1)[-1].rstrip(".")
