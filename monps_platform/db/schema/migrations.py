"""The schema's history: Alembic alone makes and changes tables; this module drives it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from alembic import command
from monps_platform.db.errors import LockTimeoutError, sqlstate
from monps_platform.db.models import SCHEMAS, Base
from monps_platform.db.schema import roles
from monps_platform.settings import PROJECT_ROOT

logger = logging.getLogger(__name__)

LOCK_TIMEOUT = 5
"""Seconds that a statement of a migration waits for a table. Everybody who comes after it waits behind it."""

_LOCK = 7_067_801_001
"""Advisory lock: one migration at a time, whoever starts it."""

_POLL = 0.1
"""Seconds between two attempts to get it."""

_LOCK_NOT_AVAILABLE = "55P03"
_HOLDERS = text("""
    SELECT a.pid, coalesce(nullif(a.application_name, ''), 'a client') AS program, a.usename AS login,
        coalesce(a.state, 'working') AS state, coalesce(extract(epoch FROM now() - a.xact_start), 0)::int AS seconds,
        string_agg(DISTINCT n.nspname || '.' || c.relname, ', ') AS tables
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND n.nspname = ANY (:schemas) AND c.relkind IN ('r', 'p') AND a.pid <> pg_backend_pid()
    GROUP BY a.pid, a.application_name, a.usename, a.state, a.xact_start ORDER BY a.xact_start LIMIT 5""")


_MIGRATES = text("""
    SELECT a.pid, coalesce(nullif(a.application_name, ''), 'a client') AS program, a.usename AS login,
        extract(epoch FROM now() - a.backend_start)::int AS seconds
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid::bigint = :high
        AND l.objid::bigint = :low AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())""")


class MigrationBlockedError(LockTimeoutError):
    """Somebody held a table that a migration changes for too long; the message says who, and where things stand."""


class MigrationUnderWayError(LockTimeoutError):
    """Another migration is at work, and this one was not to wait; the message says who."""


@dataclass(frozen=True)
class Standing:
    """Where a database stands in the schema's history."""

    current: str | None
    """Its revision; None when it has never been migrated."""
    newest: str
    pending: tuple[str, ...]
    """The revisions it lacks, oldest first."""
    is_known: bool
    """False when this checkout does not have its revision: a newer one migrated it."""

    @property
    def is_newest(self) -> bool:
        """Whether nothing is left to migrate."""
        return self.current == self.newest


def migration_options() -> dict[str, Any]:
    """How Alembic compares and runs: our schemas and our tables, nothing else that lives in the database."""
    return {
        "target_metadata": Base.metadata,
        "include_schemas": True,
        "include_name": _is_ours,
        "compare_type": True,
        "compare_server_default": True,
        "transaction_per_migration": True,
    }


def _is_ours(name: str | None, kind: str, parents: Any) -> bool:
    if kind == "schema":
        return name is None or name in SCHEMAS
    if kind == "table":
        schema = parents.get("schema_name")
        return name in Base.metadata.tables or f"{schema}.{name}" in Base.metadata.tables
    return True


def _config() -> Config:
    return Config(str(PROJECT_ROOT / "alembic.ini"))


def revisions() -> list[str]:
    """All revisions of the checkout, oldest first."""
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    return [step.revision for step in steps][::-1]


def head() -> str:
    """The newest revision of the migrations in the checkout."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise RuntimeError("alembic/versions holds no migration: the checkout is incomplete")
    return revision


def current(connection: Connection) -> str | None:
    """The revision of a database; None when it has never been migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def standing(connection: Connection) -> Standing:
    """Where a database stands; changes nothing."""
    revision, known = current(connection), revisions()
    is_known = revision is None or revision in known
    done = 0 if revision is None else known.index(revision) + 1 if is_known else len(known)
    return Standing(revision, head(), tuple(known[done:]), is_known)


def _log_gaps(report: roles.RolesReport) -> None:
    if not report.is_complete:
        logger.info("%s", report)  # `monps migrate` shows it, not every `monps up`


def upgrade(
    engine: Engine,
    revision: str = "head",
    on_roles: Callable[[roles.RolesReport], None] = _log_gaps,
    *,
    wait: bool = True,
) -> tuple[str | None, str | None]:
    """Migrate up to a revision, then set up the database's roles; returns the revision before and after.

    Waits for a migration under way; without ``wait`` raises MigrationUnderWayError. ``on_roles`` is told how the roles
    are. Each revision is a transaction: when one fails, those before it are kept, and the next call goes on from there.
    Raises MigrationBlockedError when a table is in use for longer than LOCK_TIMEOUT.
    """

    def step(connection: Connection) -> None:
        run(connection, lambda config: command.upgrade(config, revision))
        on_roles(roles.ensure(connection))

    return _migrate(engine, step, wait=wait)


def downgrade(engine: Engine, revision: str) -> tuple[str | None, str | None]:
    """Migrate down to a revision (``base``: nothing left); returns the revision before and after."""
    return _migrate(engine, lambda connection: run(connection, lambda config: command.downgrade(config, revision)))


def stamp(connection: Connection, revision: str) -> None:
    """Write down that a database is at a revision, without migrating; whoever calls has proved it."""
    run(connection, lambda config: command.stamp(config, revision))


def run(connection: Connection, step: Callable[[Config], None]) -> None:
    """Let Alembic do something over a connection, and commit."""
    config = _config()
    config.attributes["connection"] = connection
    step(config)
    connection.commit()


def _migrate(engine: Engine, step: Callable[[Connection], None], *, wait: bool = True) -> tuple[str | None, str | None]:
    with engine.connect() as connection, exclusively(connection, wait=wait):
        before = _committed_revision(connection)
        step(connection)
        return before, _committed_revision(connection)


def _committed_revision(connection: Connection) -> str | None:
    revision = current(connection)
    connection.commit()
    return revision


@contextmanager
def exclusively(connection: Connection, *, wait: bool = True) -> Iterator[None]:
    """A block in which this connection alone migrates the database; waits for others as long as they take, or without
    ``wait`` raises MigrationUnderWayError.

    Statements in it may take as long as they need, but wait for a table LOCK_TIMEOUT seconds at most: raises
    MigrationBlockedError then. The settings are the session's, so that they hold between transactions, too.
    """
    _await_turn(connection, wait=wait)
    try:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}s'"))
        connection.commit()
        yield
    except DBAPIError as error:
        if sqlstate(error) != _LOCK_NOT_AVAILABLE:
            raise
        connection.rollback()
        raise MigrationBlockedError(_blocked(connection, error)) from error
    finally:
        # A connection that is lost has lost its locks and settings, too.
        if not connection.invalidated:
            _release(connection)


def _await_turn(connection: Connection, *, wait: bool) -> None:
    # Asked for again and again, not waited for by the server: the build of an index that does not hold up others ends
    # only after every transaction that is older, and one that waits for the builder's lock would never end.
    waits = False
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}):
        connection.rollback()
        if not wait:
            raise MigrationUnderWayError(_under_way(connection))
        if not waits:
            logger.warning("another migration is under way: waiting for it to end")
            waits = True
        time.sleep(_POLL)
    connection.commit()


def _under_way(connection: Connection) -> str:
    """Who migrates."""
    holders = [
        f"process {row.pid} ({row.program}, user {row.login}, since {row.seconds} s)"
        for row in connection.execute(_MIGRATES, {"high": _LOCK >> 32, "low": _LOCK & 0xFFFFFFFF})
    ]
    connection.rollback()
    return (
        f"another migration of this database is under way: {', '.join(holders) or 'it has just ended'}. "
        "Let it finish, then run this again"
    )


def _release(connection: Connection) -> None:
    connection.rollback()
    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
    connection.execute(text("RESET lock_timeout"))
    connection.execute(text("RESET statement_timeout"))
    connection.commit()


def _blocked(connection: Connection, error: DBAPIError) -> str:
    """What waited, for whom, and where the database stands."""
    statement = " ".join((error.statement or "a statement").split())
    holders = [
        f"\n- process {row.pid} ({row.program}, user {row.login}, {row.state}, its transaction is {row.seconds} s old) "
        f"uses {row.tables}"
        for row in connection.execute(_HOLDERS, {"schemas": list(SCHEMAS)})
    ]
    return (
        "the migration gave up, so as not to hold up everybody else: a table was in use for longer than a statement "
        f"may wait, when it came to: {statement[:200]}\n"
        f"Tables are used now by{''.join(holders) or ' nobody any more'}\n"
        f"The database is at migration {current(connection) or 'none'}. Run it again when those are done: it goes on "
        "from there."
    )
