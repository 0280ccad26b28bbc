"""The job that migrates: what it refuses, what it does, and what it tells."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest
from sqlalchemy import Engine, text

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.schema import migrations, preflight
from monps_platform_tests.environment import clean_environment, database_variables, set_variables
from monps_platform_tests.orchestration.operations.jobs import run_job, told, why

HOLDER = """
import sys
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.connection.server import running_database
from monps_platform.db.schema import migrations
from monps_platform.settings import Settings
Settings.model_config["env_file"] = None
with build_engine(running_database(Settings())).connect() as connection, migrations.exclusively(connection):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def database(empty_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch) -> DatabaseAddress:
    """A database without a table, named by the environment."""
    set_variables(monkeypatch, database_variables(empty_database))
    return empty_database


@pytest.fixture
def engine(database: DatabaseAddress) -> Iterator[Engine]:
    """Connections to it."""
    made = build_engine(database)
    yield made
    made.dispose()


@pytest.fixture
def holder(database: DatabaseAddress) -> Iterator[subprocess.Popen[str]]:
    """Another process that migrates for as long as the test."""
    environment = clean_environment() | database_variables(database)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.communicate()


def test_an_empty_database_is_migrated_and_compared_and_a_second_run_has_nothing_to_do(
    database: DatabaseAddress, instance: dg.DagsterInstance
) -> None:
    result = run_job("migrate_job", instance)
    assert result.success, why(result)
    first = told(result, "migrate")
    assert (first["from"], first["to"], first["drift"]) == ("an empty database", migrations.head(), 0)
    assert first["migrations"] == ", ".join(migrations.revisions())
    assert first["seconds"] > 0
    assert first["roles"] == "in place"
    second = told(run_job("migrate_job", instance), "migrate")
    assert (second["from"], second["to"], second["applied"]) == (migrations.head(), migrations.head(), 0)


def test_a_dry_run_tells_what_is_pending_and_changes_nothing(
    database: DatabaseAddress, engine: Engine, instance: dg.DagsterInstance
) -> None:
    found = told(run_job("migrate_job", instance, {"migrate": {"dry_run": True}}), "migrate")
    assert found["pending"] == ", ".join(migrations.revisions())
    assert found["applied"] == 0
    with engine.connect() as connection:
        assert migrations.current(connection) is None


def test_it_refuses_while_another_migration_runs_and_says_whose(
    database: DatabaseAddress, engine: Engine, holder: subprocess.Popen[str], instance: dg.DagsterInstance
) -> None:
    result = run_job("migrate_job", instance)
    assert not result.success
    assert "another migration of this database is under way: process " in why(result)
    assert f"user {database.user}" in why(result)
    assert "Let it finish" in why(result)
    with engine.connect() as connection:
        assert migrations.current(connection) is None
    holder.communicate()
    assert run_job("migrate_job", instance).success


def test_drift_fails_the_job_with_every_difference(
    database: DatabaseAddress, engine: Engine, instance: dg.DagsterInstance
) -> None:
    run_job("migrate_job", instance)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE odds DROP COLUMN line"))
    result = run_job("migrate_job", instance)
    assert "the tables differ from the models in" in why(result)
    found = told(result, "migrate")
    assert found["drift"] > 0
    assert any("line" in record.data["difference"] for record in found["differences"].records)


def test_a_database_that_a_newer_checkout_migrated_is_left_alone(
    database: DatabaseAddress, engine: Engine, instance: dg.DagsterInstance
) -> None:
    run_job("migrate_job", instance)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "at migration 9999, which this checkout does not have" in why(run_job("migrate_job", instance))


def test_a_disk_without_room_and_tables_of_another_owner_stand_in_the_way(
    database: DatabaseAddress, engine: Engine, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job("migrate_job", instance)
    monkeypatch.setattr(preflight, "LEAST_FREE", 2**60)
    said = why(run_job("migrate_job", instance))
    assert "the migration did not begin:" in said
    assert "MB are needed" in said


def test_a_user_who_may_not_change_the_tables_is_told_so(database: DatabaseAddress, engine: Engine) -> None:
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL ROLE monps_reader"))
        found = preflight.preflight(connection, ["public.odds"], ["public"])
    assert found.free_bytes is None
    assert [said[:40] for said in found.obstacles] == [
        "user monps_reader may not create in the ",
        "user monps_reader does not own public.od",
    ]


def test_a_server_that_is_away_is_told_in_words(
    database: DatabaseAddress, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONPS_DB_PORT", "1")
    said = why(run_job("migrate_job", instance))
    assert "cannot" in said
    assert ":1" in said
