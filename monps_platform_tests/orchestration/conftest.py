"""What the tests of the orchestration share: a database for the tests of a module, and the platform upon it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import Engine, text

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.sources.raw_store import RawStore
from monps_platform.testing.databases import throwaway_database
from monps_platform_tests.conftest import Mirror
from monps_platform_tests.db.samples import EMPTY_ALL
from monps_platform_tests.environment import database_variables, set_variables
from monps_platform_tests.orchestration.platform import Platform

RESTART_IDS = "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences"


@pytest.fixture(scope="module")
def module_database(server: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A migrated database of the module's own."""
    with throwaway_database(server) as made:
        yield made


@pytest.fixture
def database(module_database: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """The module's database, without a row."""
    yield module_database
    engine = build_engine(module_database)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text(EMPTY_ALL))
        connection.execute(text(RESTART_IDS))
    engine.dispose()


@pytest.fixture(scope="module")
def shared_instance() -> Iterator[dg.DagsterInstance]:
    """An instance in memory, for tests that look at the results of their runs only."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """An instance in memory, for tests that look at what it keeps."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def platform(
    database: DatabaseAddress, engine: Engine, tmp_path: Path, mirror: Mirror, shared_instance: dg.DagsterInstance
) -> Platform:
    """The assets on a database, a store and a mirror without anything."""
    return Platform(database, engine, RawStore(tmp_path / "raw"), tmp_path / "raw", mirror, shared_instance)


@pytest.fixture
def environment(platform: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Platform:
    """The platform, named by the environment, as the code location finds it."""
    variables = {
        **database_variables(platform.database),
        "MONPS_HOME": str(tmp_path),
        "MONPS_FOOTBALL_DATA_URL": platform.mirror.url,
        "MONPS_UNDERSTAT_URL": platform.mirror.url,
        "MONPS_UNDERSTAT_SHOTS": "1",
        "MONPS_FETCH_RETRIES": "0",
    }
    set_variables(monkeypatch, variables)
    return platform


@pytest.fixture(autouse=True)
def _without_notices_of_dagster() -> Iterator[None]:
    """Dagster tells of parameters that are beta each time it builds a job."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield
