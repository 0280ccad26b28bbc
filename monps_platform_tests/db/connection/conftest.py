"""Tests of connections keep no row: their tables need no emptying."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine


@pytest.fixture
def engine(shared_engine: Engine) -> Engine:
    """An engine on the module's database; nothing is kept here."""
    return shared_engine
