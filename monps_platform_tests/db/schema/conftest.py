"""Each test of the schema has a database of its own: it may change what others rely on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine


@pytest.fixture
def engine(database: DatabaseAddress) -> Iterator[Engine]:
    """A migrated database that the test may leave in any state."""
    made = build_engine(database)
    yield made
    made.dispose()
