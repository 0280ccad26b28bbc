"""What migrations need to change large tables without holding up those who use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from alembic.operations import Operations
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

BUILD_TIMEOUT = 600
"""Seconds that a concurrent build waits for older transactions to end; readers and writers do not wait behind it."""


def create_index_concurrently(
    op: Operations, name: str, table: str, columns: Sequence[str], *, schema: str | None = None, unique: bool = False
) -> None:
    """Build an index while the table is read and written. To be the only step of its revision.

    It commits the transaction under way. A build that fails leaves an invalid index and the revision before: whatever
    bears the name is dropped first, so that the upgrade can be run again.
    """
    with _outside_of_a_transaction(op):
        op.drop_index(name, table, schema=schema, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, list(columns), schema=schema, unique=unique, postgresql_concurrently=True)


def drop_index_concurrently(op: Operations, name: str, table: str, *, schema: str | None = None) -> None:
    """Drop an index while the table is read and written; one that is gone already is no error."""
    with _outside_of_a_transaction(op):
        op.drop_index(name, table, schema=schema, if_exists=True, postgresql_concurrently=True)


@contextmanager
def _outside_of_a_transaction(op: Operations) -> Iterator[None]:
    failure: DBAPIError | None = None
    try:
        with op.get_context().autocommit_block():
            connection = op.get_bind()
            before = _set_lock_timeout(connection, f"{BUILD_TIMEOUT}s")
            try:
                yield
            except DBAPIError as error:
                failure = error
                raise
            finally:
                if not connection.invalidated:
                    _set_lock_timeout(connection, before)
    except SQLAlchemyError as error:
        # Over a connection that was cut, Alembic fails again on the way out: what cut it is what matters.
        raise failure or error from None


def _set_lock_timeout(connection: Connection, value: str) -> str:
    """Set how long the session waits for a lock; returns the setting before."""
    before: str = connection.execute(text("SELECT current_setting('lock_timeout')")).scalar_one()
    connection.execute(text("SELECT set_config('lock_timeout', :value, false)"), {"value": value})
    return before
