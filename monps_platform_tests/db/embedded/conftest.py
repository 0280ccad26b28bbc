"""A folder and a server of the test's own: what is done to them is harm to any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monps_platform.db.embedded import EmbeddedServer
from monps_platform_tests.db.embedded.embedded_helpers import copy_template, make_server, throwaway_base


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder that every account may enter; no server in it outlives the test."""
    with throwaway_base() as folder:
        yield folder


@pytest.fixture
def server(base: Path) -> EmbeddedServer:
    """A server whose home holds a cluster, not running."""
    return make_server(copy_template(base / "home"))
