"""Indexes of large tables are built while the tables are in use, and a build that failed can be run again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from monps_platform.db.models import Match
from monps_platform.db.schema import migration_helpers, migrations
from monps_platform.db.schema.introspection import differences
from monps_platform.db.schema.migrations import MigrationBlockedError
from monps_platform_tests.db.models.rows import insert
from monps_platform_tests.db.schema.revisions import revision
from monps_platform_tests.waiting import wait_until

NAME = "ix_matches_league_id_match_date_id"
BEFORE, AFTER = "0002", "0003"
BUILDS = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CREATE INDEX CONCURRENTLY%'"


@pytest.fixture
def engine(engine: Engine) -> Engine:
    """A database at the revision before the index, with a match."""
    migrations.downgrade(engine, BEFORE)
    with engine.begin() as connection:
        insert(connection, "leagues", {})
        insert(connection, "teams", {})
        insert(connection, "teams", {"name": "Rovers"})
        insert(connection, "matches", {})
    return engine


@pytest.fixture
def writer(engine: Engine) -> Iterator[Connection]:
    """A transaction that has changed a match and is still open: a concurrent build waits for its end."""
    with engine.connect() as connection:
        connection.execute(text("UPDATE matches SET referee = 'A'"))
        yield connection


class Attempt(threading.Thread):
    """An upgrade that goes on while the test does something else."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(daemon=True)
        self.engine = engine
        self.outcome: Any = None
        self.start()

    def run(self) -> None:
        try:
            self.outcome = migrations.upgrade(self.engine, AFTER)
        except DBAPIError as error:
            self.outcome = error

    def ended(self) -> Any:
        self.join(30)
        assert not self.is_alive()
        return self.outcome


def scalar(engine: Engine, query: str) -> Any:
    with engine.connect() as connection:
        return connection.scalar(text(query))


def is_valid(engine: Engine) -> bool | None:
    """Whether the index is valid; None when there is none."""
    found: bool | None = scalar(engine, f"SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('{NAME}')")
    return found


def found_in_matches(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return differences(connection, Match.__table__)  # type: ignore[arg-type]  # a mapped class of a plain table


def wait_for_build(engine: Engine) -> int:
    """The process that builds the index and waits for the writer."""
    found = wait_until(lambda: scalar(engine, f"SELECT pid {BUILDS} AND wait_event_type = 'Lock'"))
    assert isinstance(found, int)
    return found


def test_a_table_is_read_and_written_while_its_index_is_built_and_no_other_migration_starts(
    engine: Engine, writer: Connection
) -> None:
    attempt = Attempt(engine)
    wait_for_build(engine)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '1s'"))
        insert(connection, "matches", {"id": 3, "home_team_id": 1, "away_team_id": 2})
        assert connection.scalar(text("SELECT count(*) FROM matches")) == 2
        assert connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": migrations._LOCK}) is False
    assert is_valid(engine) is False
    writer.commit()
    assert attempt.ended() == (BEFORE, AFTER)
    assert (is_valid(engine), found_in_matches(engine)) == (True, [])
    assert scalar(engine, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0


@pytest.mark.parametrize("stop", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_build_that_was_stopped_leaves_the_revision_before_and_is_run_again(
    engine: Engine, writer: Connection, stop: str
) -> None:
    attempt = Attempt(engine)
    pid = wait_for_build(engine)
    assert scalar(engine, f"SELECT {stop}({pid})")
    assert isinstance(attempt.ended(), DBAPIError)
    assert (revision(engine), is_valid(engine)) == (BEFORE, False)
    assert scalar(engine, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    writer.rollback()
    assert migrations.upgrade(engine, AFTER) == (BEFORE, AFTER)
    assert (is_valid(engine), found_in_matches(engine)) == (True, [])


def test_a_build_waits_for_older_transactions_longer_than_other_steps_but_not_for_ever(
    engine: Engine, writer: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert migration_helpers.BUILD_TIMEOUT > migrations.LOCK_TIMEOUT
    monkeypatch.setattr(migration_helpers, "BUILD_TIMEOUT", 1)
    with pytest.raises(MigrationBlockedError, match="CREATE INDEX CONCURRENTLY"):
        migrations.upgrade(engine, AFTER)
    assert (revision(engine), is_valid(engine)) == (BEFORE, False)
    writer.rollback()
    assert migrations.upgrade(engine, AFTER) == (BEFORE, AFTER)
    assert is_valid(engine) is True


def test_an_index_of_the_name_whose_revision_was_not_written_down_is_built_anew(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"CREATE INDEX {NAME} ON matches (season)"))
    assert migrations.upgrade(engine, AFTER) == (BEFORE, AFTER)
    assert found_in_matches(engine) == []


def test_an_index_that_is_gone_already_does_not_stop_the_way_down(engine: Engine) -> None:
    migrations.upgrade(engine, AFTER)
    with engine.begin() as connection:
        connection.execute(text(f"DROP INDEX {NAME}"))
    assert migrations.downgrade(engine, BEFORE) == (AFTER, BEFORE)
    assert is_valid(engine) is None


@pytest.mark.parametrize(
    ("column", "expected"),
    [("season", nullcontext()), ("planet", pytest.raises(DBAPIError, match='column "planet" does not exist'))],
)
def test_the_sessions_limit_for_locks_holds_again_after_a_build_and_after_a_failed_one(
    engine: Engine, column: str, expected: AbstractContextManager[object]
) -> None:
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '7s'"))
        connection.commit()
        context = MigrationContext.configure(connection)
        with expected, context.begin_transaction():
            migration_helpers.create_index_concurrently(Operations(context), "by_column", "matches", [column])
        assert connection.scalar(text("SHOW lock_timeout")) == "7s"
