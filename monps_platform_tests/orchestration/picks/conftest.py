"""What the tests of picks share: a league that agents find value in."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from monps_platform_tests.orchestration.picks.ledgers import Book, open_book


@pytest.fixture
def book(engine: Engine) -> Book:
    """Four matches that are played and two to come, with prices and forecasts, and no pick yet."""
    return open_book(engine)
