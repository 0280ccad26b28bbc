"""What the server tells of its health: each measurement on a real database that has what it looks for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import psycopg2
import psycopg2.errors
import psycopg2.extensions
import psycopg2.extras
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.db.connection.roles import Role
from monps_platform.db.database import Database
from monps_platform.db.errors import DatabaseError
from monps_platform.db.health import activity, data_age, measure_connections, measure_database, objects, schema
from monps_platform.db.models import Base
from monps_platform.db.schema import migrations
from monps_platform.domain.health.data_age import LeagueData
from monps_platform.domain.health.judging import judge_data
from monps_platform.domain.health.judging_database import judge_database
from monps_platform.domain.health.measurements import DatabaseState, IndexState, TableState, Transaction
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform_tests.db.samples import E0, played, to_come, write_matches
from monps_platform_tests.waiting import wait_until

T = TypeVar("T")

NOW = datetime(2020, 2, 10, 12, tzinfo=UTC)


class Place:
    """A database of the test's own, and a connection that may do anything in it."""

    def __init__(self, address: DatabaseAddress) -> None:
        self.address = address
        self.layer = Database(address)
        self.own = connect(address)
        self.engine = build_engine(address)

    def close(self) -> None:
        """Close every connection."""
        self.own.close()
        self.layer.dispose()
        self.engine.dispose()

    def do(self, statement: str) -> None:
        """Change the database, each statement in a transaction of its own."""
        with self.own.cursor() as cursor:
            cursor.execute(statement)

    def measure(self, now: datetime = NOW) -> DatabaseState:
        """Measure it."""
        return measure_database(self.layer, now)

    def ask(self, question: Callable[[Connection], T]) -> T:
        """One measurement alone."""
        with self.engine.connect() as connection:
            return question(connection)

    def table(self, name: str) -> TableState:
        """What is measured of a table."""
        (found,) = (item for item in self.ask(objects.tables) if item.name == name)
        return found

    def index(self, name: str) -> IndexState | None:
        """What is measured of an index."""
        return next((item for item in self.ask(objects.indexes) if item.name == name), None)

    def transaction(self, pid: int) -> Transaction | None:
        """What is measured of a session's transaction."""
        return next((item for item in self.ask(activity.transactions) if item.pid == pid), None)

    def data(self, now: datetime = NOW) -> tuple[LeagueData, ...]:
        """What is measured of the leagues."""
        return self.ask(lambda connection: data_age.measure(connection, now.date()))


def connect(address: DatabaseAddress) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(address.libpq_url(), application_name="somebody")
    connection.autocommit = True
    return connection


@contextmanager
def asking(place: Place, statement: str) -> Iterator[int]:
    """A session that waits for the answer to a statement, which is cancelled in the end; its process."""
    with closing(psycopg2.connect(place.address.libpq_url(), async_=True)) as other:
        psycopg2.extras.wait_select(other)
        other.cursor().execute(statement)
        yield other.get_backend_pid()
        other.cancel()


@pytest.fixture
def place(database: DatabaseAddress) -> Iterator[Place]:
    made = Place(database)
    yield made
    made.close()


@pytest.fixture
def sessions(place: Place) -> sessionmaker[Session]:
    return session_factory(place.engine)


@contextmanager
def transaction(place: Place, statement: str) -> Iterator[psycopg2.extensions.connection]:
    """Another session with an open transaction."""
    with closing(connect(place.address)) as other:
        other.autocommit = False
        with other.cursor() as cursor:
            cursor.execute(statement)
        yield other
        other.rollback()


def test_a_migrated_database_is_well(place: Place) -> None:
    state = place.measure()
    assert {item.severity.value for item in judge_database(state, NOW)} == {"ok"}
    assert (state.schema.current, state.schema.pending) == (migrations.head(), 0)
    assert state.schema.differences is not None
    assert len(state.schema.differences) == len(Base.metadata.tables)
    assert {item.name for item in state.tables} >= {"public.odds", "ops.health_sweeps", "quantum.match_forecasts"}
    assert {item.is_valid for item in state.indexes} == {True}
    assert (state.blocked, state.replicas, state.data) == ((), (), ())
    assert state.sessions.used >= 2
    assert state.sessions.limit > 10


def test_both_drivers_are_asked_and_leave_nothing_open(place: Place) -> None:
    found = measure_connections(place.layer)
    assert [(item.driver, item.ok) for item in found] == [("psycopg2", True), ("asyncpg", True)]
    assert all(item.milliseconds > 0 for item in found)
    assert not place.layer.serves_a_loop


def test_drivers_are_asked_from_within_an_event_loop_too(place: Place) -> None:
    async def ask() -> list[bool]:
        return [item.ok for item in measure_connections(place.layer)]

    assert asyncio.run(ask()) == [True, True]


def test_a_server_that_refuses_is_a_measurement_with_the_reason_and_no_password(database: DatabaseAddress) -> None:
    layer = Database(replace(database, password=SecretStr("hunter2-wrong")))
    found = measure_connections(layer)
    assert [item.ok for item in found] == [False, False]
    for item in found:
        assert "password authentication failed" in (item.reason or "")
        assert "hunter2" not in (item.reason or "")
    with pytest.raises(DatabaseError):
        measure_database(layer, NOW)


def test_measuring_leaves_no_session_and_changes_nothing(place: Place) -> None:
    place.measure()
    with place.own.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert cursor.fetchone() == (1,)


def test_a_revision_behind_is_told_and_its_tables_are_not_compared(place: Place) -> None:
    place.do(f"UPDATE alembic_version SET version_num = '{migrations.revisions()[-2]}'")
    found = place.ask(schema.measure)
    assert (found.pending, found.differences, found.is_known) == (1, None, True)
    place.do("UPDATE alembic_version SET version_num = 'later'")
    assert not place.ask(schema.measure).is_known


def test_drift_is_counted_by_table(place: Place) -> None:
    place.do("ALTER TABLE teams ADD nickname text, ALTER name DROP NOT NULL")
    found = place.ask(schema.measure).differences
    assert found is not None
    assert {name: count for name, count in found.items() if count} == {"public.teams": 2}


def test_rows_sizes_dead_rows_and_statistics_of_a_table_are_counted(place: Place) -> None:
    place.do("ALTER TABLE bookmakers SET (autovacuum_enabled = off)")
    place.do(
        "INSERT INTO bookmakers (key, name, is_aggregate, is_sharp, is_exchange) "
        "SELECT 'B' || n, 'n', false, false, false FROM generate_series(1, 500) n"
    )
    place.do("DELETE FROM bookmakers WHERE id % 2 = 0")
    place.do("SELECT pg_stat_force_next_flush()")
    found = wait_until(lambda: item if (item := place.table("public.bookmakers")).dead_rows else None)
    assert found is not None
    assert (found.rows, found.dead_rows, found.changed_rows, found.analyzed_at) == (250, 250, 750, None)
    assert found.bytes > 50_000
    place.do("VACUUM ANALYZE bookmakers")
    place.do("SELECT pg_stat_force_next_flush()")
    found = wait_until(lambda: item if (item := place.table("public.bookmakers")).analyzed_at else None)
    assert found is not None
    assert (found.rows, found.dead_rows, found.changed_rows) == (250, 0, 0)
    # What is counted is forgotten by a crash; the planner's estimate is not.
    place.do("SELECT pg_stat_reset_single_table_counters('bookmakers'::regclass)")
    wait_until(lambda: place.table("public.bookmakers").analyzed_at is None)
    assert place.table("public.bookmakers").rows == 250


def test_an_index_whose_build_failed_is_invalid(place: Place) -> None:
    place.do("INSERT INTO teams (name, country) VALUES ('A', 'X'), ('B', 'X')")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        place.do("CREATE UNIQUE INDEX CONCURRENTLY ix_broken ON teams (country)")
    (found,) = (item for item in place.ask(objects.indexes) if not item.is_valid)
    assert (found.name, found.table, found.is_key, found.is_being_built) == (
        "public.ix_broken",
        "public.teams",
        True,
        False,
    )


def test_an_index_that_is_being_built_is_no_broken_one(place: Place) -> None:
    writing = transaction(place, "INSERT INTO teams (name, country) VALUES ('A', 'X')")
    with writing, asking(place, "CREATE INDEX CONCURRENTLY ix_slow ON teams (country)"):
        found = wait_until(lambda: place.index("public.ix_slow"))
    assert found is not None
    assert (found.is_valid, found.is_being_built) == (False, True)


def test_a_foreign_key_without_an_index_is_told_and_one_with_an_index_is_not(place: Place) -> None:
    place.do("CREATE TABLE ops.notes (team_id bigint CONSTRAINT fk_notes REFERENCES teams (id), note text)")
    found = {item.name: item for item in place.ask(objects.unindexed_keys)}
    assert (found["fk_notes"].table, found["fk_notes"].columns, found["fk_notes"].rows) == ("ops.notes", "team_id", 0)
    assert "fk_matches_home_team_id_teams" not in found
    place.do("CREATE INDEX ON ops.notes (team_id)")
    assert "fk_notes" not in {item.name for item in place.ask(objects.unindexed_keys)}


def test_open_transactions_are_told_with_who_has_them_since_when(place: Place) -> None:
    with transaction(place, "SELECT 1") as other:
        pid = other.get_backend_pid()
        found = wait_until(lambda: item if (item := place.transaction(pid)) and item.seconds > 0.2 else None)
    assert found is not None
    assert (found.program, found.login, found.state, found.is_idle) == (
        "somebody",
        place.address.user,
        "idle in transaction",
        True,
    )
    assert found.seconds < 30
    assert place.ask(activity.transactions) == ()


def test_a_session_that_waits_for_another_is_told_with_whom_it_waits_for(place: Place) -> None:
    holding = transaction(place, "LOCK TABLE teams IN ACCESS EXCLUSIVE MODE")
    with holding as holder, asking(place, "SELECT count(*) FROM teams") as waiter:
        holder_pid = holder.get_backend_pid()
        wait_until(lambda: place.ask(activity.blocked))
        state = place.measure()
    (found,) = (item for item in state.blocked if item.pid == waiter)
    assert found.blockers == (holder_pid,)
    assert 0 <= found.seconds < 60
    # The sweep gives up on the table, says so, and tells everything else.
    assert state.schema.differences is None
    assert "lock timeout" in (state.schema.reason or "")
    assert {item.name for item in state.tables} >= {"public.teams", "public.odds"}
    assert state.data == ()


def test_leagues_whose_matches_somebody_holds_are_not_waited_for(place: Place) -> None:
    with transaction(place, "LOCK TABLE matches IN ACCESS EXCLUSIVE MODE"):
        state = place.measure()
    assert state.data is None
    assert {item.subject for item in judge_data(state.data, NOW.date())} == {"all"}


def test_a_sequence_is_measured_against_its_own_end(place: Place) -> None:
    place.do("CREATE SEQUENCE ops.short MAXVALUE 100")
    assert "ops.short" not in {item.name for item in place.ask(objects.sequences)}
    place.do("SELECT setval('ops.short', 95)")
    (found,) = (item for item in place.ask(objects.sequences) if item.name == "ops.short")
    assert (found.last, found.maximum, found.share) == (95, 100, 0.95)


def test_a_replica_that_is_none_and_one_that_is_away_are_told(database: DatabaseAddress) -> None:
    place = Place(database)
    for other, said in (
        (database.other("postgres"), "it takes writes of its own"),
        (replace(database, database="nowhere"), "does not exist"),
    ):
        layer = Database(database, replica=other)
        (found,) = measure_database(layer, NOW).replicas
        assert (found.name, found.lag_seconds) == ("MONPS_DB_REPLICA_URL", None)
        assert said in (found.reason or "")
        layer.dispose()
    place.own.close()


def test_a_user_who_may_only_write_rows_is_measured_too_and_says_what_is_hidden(place: Place) -> None:
    place.do(f"CREATE ROLE sweeper LOGIN PASSWORD 'Zebra7Quartz' IN ROLE {Role.WRITER}")
    layer = Database(replace(place.address, user="sweeper", password=SecretStr("Zebra7Quartz")))
    try:
        state = measure_database(layer, NOW)
        assert not state.sessions.sees_all
        assert state.sessions.by_state["hidden"] >= 1
        assert len(state.tables) >= len(Base.metadata.tables)
    finally:
        layer.dispose()
        place.do("DROP ROLE sweeper")


def test_the_state_of_a_league_is_told_by_its_seasons(place: Place, sessions: sessionmaker[Session]) -> None:
    before = Partition(E0, Season(2018))
    write_matches(
        sessions, played("A", "B", day=date(2018, 8, 11)), played("B", "A", day=date(2018, 8, 11)), partition=before
    )
    write_matches(
        sessions,
        played("A", "B", day=date(2019, 8, 10)),
        played("C", "A", day=date(2020, 2, 1)),
        to_come("B", "A", day=date(2020, 2, 6)),
        to_come("B", "C", day=date(2020, 2, 7)),
        to_come("A", "C", day=date(2019, 11, 1)),
    )
    place.do(
        "INSERT INTO ops.raw_files (source, league, season, key, url, sha256, bytes, fetched_at) VALUES "
        f"('football-data', 'E0', '2019-20', 'k', 'u', '{'0' * 64}', 1, '2020-02-09 12:00+00')"
    )
    (found,) = place.data()
    assert found == LeagueData(
        source="football-data",
        league=league("E0"),
        newest_season=Season(2019),
        newest_file=datetime(2020, 2, 9, 12, tzinfo=UTC),
        newest_result=date(2020, 2, 1),
        days_before={date(2018, 8, 11): 2},
        played=2,
        teams=3,
        unscored=1,
        oldest_unscored=date(2020, 2, 6),
    )


def test_the_newest_season_of_a_league_is_told_however_long_ago_it_was(
    place: Place, sessions: sessionmaker[Session]
) -> None:
    write_matches(sessions, played("A", "B"))
    (found,) = place.data(NOW + timedelta(days=2000))
    assert (found.newest_season, found.newest_result, found.played, found.unscored) == (Season(2019), None, 0, 0)


def test_simulated_leagues_are_not_due(place: Place, sessions: sessionmaker[Session]) -> None:
    write_matches(sessions, played("A", "B"), partition=Partition(league("SIM1"), Season(2019)), source="simulated")
    assert place.data() == ()


def test_matches_that_understat_lists_are_measured_alike(place: Place, sessions: sessionmaker[Session]) -> None:
    write_matches(sessions)
    goals = "home_goals, away_goals, home_xg, away_xg"
    columns = f"id, league_id, season, unmatched_reason, shown_at, home_team, away_team, {goals}"
    reason: Any = (
        "(SELECT enumlabel::unmatched_reason FROM pg_enum WHERE enumtypid = 'unmatched_reason'::regtype LIMIT 1)"
    )
    place.do(
        f"INSERT INTO understat_matches ({columns}) SELECT n.id, l.id, '2019-20', {reason}, n.at, 'A', 'B', "
        "n.goals, n.goals, n.goals, n.goals FROM leagues l, (VALUES (1, timestamp '2020-02-01 20:00', 1::smallint), "
        "(2, '2020-02-05 20:00', NULL)) n (id, at, goals) "
        "WHERE l.code = 'E0'"
    )
    (found,) = place.data()
    assert (found.source, found.newest_result, found.played, found.unscored, found.teams) == (
        "understat",
        date(2020, 2, 1),
        1,
        1,
        2,
    )
