"""Fixtures for pytest; in a conftest.py: ``pytest_plugins = ["monps_platform.testing.fixtures"]``."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.testing.databases import throwaway_database, throwaway_server
from monps_platform.testing.sandboxes import Sandbox, sandbox, throwaway_instance


@pytest.fixture(scope="session")
def monps_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseAddress]:
    """A server with a migrated template, for all tests of the session."""
    with throwaway_server(tmp_path_factory.mktemp("monps_server")) as server:
        yield server


@pytest.fixture
def monps_database(monps_server: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A migrated database of the test's own, without a row."""
    with throwaway_database(monps_server) as database:
        yield database


@pytest.fixture
def monps_instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance of the test's own, in memory."""
    with throwaway_instance() as instance:
        yield instance


@pytest.fixture
def monps_sandbox(monps_server: DatabaseAddress) -> Iterator[Sandbox]:
    """A sandbox of the test's own."""
    with sandbox(monps_server) as made:
        yield made
