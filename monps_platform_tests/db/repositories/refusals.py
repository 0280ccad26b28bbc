"""Arguments that make no sense are refused before the database is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from monps_platform.db.repositories.arguments import InvalidQueryError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.samples import statements


@contextmanager
def refused_before_sql(layer: Layer, message: str) -> Iterator[None]:
    """The block is refused with a message, and no statement was sent."""
    with statements(layer.engine) as sent, pytest.raises(InvalidQueryError, match=message):
        yield
    assert sent == [], sent


def assert_refused_before_sql(layer: Layer, ask: Callable[[UnitOfWork], object], message: str) -> None:
    """What is asked of a unit of work is refused with a message, and no statement was sent."""
    with layer.unit() as unit, refused_before_sql(layer, message):
        ask(unit)
