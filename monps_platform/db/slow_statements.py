"""Statements that take long are told to the log: what they were and how long they took, never the values."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

logger = logging.getLogger(__name__)

THRESHOLD = "monps_slow_statement"
"""Key of a connection's info: the seconds from which on a statement is slow."""

_SHOWN = 500
"""Characters of a statement that are logged."""


def log_if_slow(statement: str, seconds: float, threshold: float, what: str = "took") -> None:
    """Log a statement that took at least ``threshold`` seconds."""
    if seconds < threshold:
        return
    shown = " ".join(statement.split())
    logger.warning(
        "slow statement %s %.1f s: %s", what, seconds, shown if len(shown) <= _SHOWN else shown[:_SHOWN] + " ..."
    )


@contextmanager
def watched(connection: Connection, statement: str) -> Iterator[None]:
    """A block that sends a statement past SQLAlchemy, which therefore cannot time it."""
    begun, what = time.perf_counter(), "failed after"
    try:
        yield
        what = "took"
    finally:
        threshold = connection.info.get(THRESHOLD) if not connection.invalidated else None
        if threshold is not None:
            log_if_slow(statement, time.perf_counter() - begun, threshold, what)
