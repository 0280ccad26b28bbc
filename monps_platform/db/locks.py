"""Advisory locks that last as long as a transaction."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def lock(session: Session, *parts: str) -> None:
    """Wait for, and hold until the end of the transaction, the lock of a name."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(":".join(parts), 0))))
