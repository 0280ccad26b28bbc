"""A pick whose changes are watched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from monps_platform_tests.db.models.pick_cases import OVER, PICKS
from monps_platform_tests.db.models.rows import insert, insert_surroundings


@pytest.fixture
def connection(shared_engine: Engine) -> Iterator[Connection]:
    """A transaction with one pick in it, undone after the test."""
    with shared_engine.connect() as opened:
        insert_surroundings(opened)
        insert(opened, PICKS, {**OVER, "agent": "tipster"})
        yield opened
