"""The schema's history: up, down and up again, alone responsible for every table."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from alembic import command
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.db.connection.pool import PoolOptions
from monps_platform.db.models import Base, RawFile
from monps_platform.db.schema import migrations
from monps_platform.db.schema.introspection import differences
from monps_platform.db.tables import row_counts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.odds import Market
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.settings import PROJECT_ROOT
from monps_platform_tests.db.models.constraint_cases import OTHER_KEYS
from monps_platform_tests.db.models.odds_api_cases import REQUESTS
from monps_platform_tests.db.models.pick_cases import CORRECTIONS, PICKS, PROGRESS
from monps_platform_tests.db.models.rows import BEFORE_0006, GOOD, NEW_IN_0011, insert
from monps_platform_tests.db.models.understat_cases import LISTED
from monps_platform_tests.db.samples import Quote, block, played, raw_file, write_matches, write_odds
from monps_platform_tests.db.schema.revisions import drift, revision, rows_by_table
from monps_platform_tests.environment import database_variables, set_variables


def fill(engine: Engine) -> dict[str, int]:
    """Put rows into every table; returns how many."""
    sessions = session_factory(engine)
    matches = [played("Arsenal", "Chelsea"), played("Chelsea", "Arsenal")]
    write_matches(sessions, *matches)
    write_odds(sessions, matches, ["B365"], block(Market.ONE_X_TWO, Quote(0, ("1.40", "4.75", "8.50"))))
    with UnitOfWork(sessions) as unit:
        file = raw_file()
        unit.raw_files.add(file)
        unit.raw_files.replace_rejections(
            file, [Dataset.ODDS], [Rejection(Dataset.ODDS, 2, Reason.MISSING_LINE, "AHh=")]
        )
        unit.commit()
    _fill_by_hand(engine)
    return counts(engine)


def _fill_by_hand(engine: Engine) -> None:
    """Put a row into each table that nothing in the platform writes yet, unless there is one."""
    with engine.begin() as connection:
        match, home, away, league = connection.execute(
            text("SELECT id, home_team_id, away_team_id, league_id FROM matches ORDER BY id LIMIT 1")
        ).one()
        ids = {"match_id": match, "team_id": home, "home_team_id": home, "away_team_id": away, "league_id": league}
        ids["bookmaker_id"] = connection.scalar(text("SELECT min(id) FROM bookmakers"))
        for table in [*OTHER_KEYS, "shots", LISTED, CORRECTIONS, REQUESTS]:
            if connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0:
                ids["fit_id"] = connection.scalar(text("SELECT min(id) FROM quantum.goal_model_fits"))
                ids["pick_id"] = connection.scalar(text(f"SELECT min(id) FROM {PICKS}"))
                insert(connection, table, {name: value for name, value in ids.items() if name in GOOD[table]})


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return dict(row_counts(connection))


def test_an_empty_database_is_migrated_up_down_and_up_again(empty_database: DatabaseAddress) -> None:
    engine = build_engine(empty_database)
    assert migrations.upgrade(engine) == (None, migrations.head())
    assert migrations.downgrade(engine, "base") == (migrations.head(), None)
    with engine.connect() as connection:
        left = connection.scalars(
            text(
                "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname IN ('public', 'ops', 'quantum') AND relname <> 'alembic_version' "
                "AND relname <> 'alembic_version_pkc'"
            )
        ).all()
        types = connection.scalars(text("SELECT typname FROM pg_type WHERE typtype = 'e'")).all()
    assert (left, types) == ([], [])
    assert migrations.upgrade(engine) == (None, migrations.head())
    assert drift(engine) == []
    engine.dispose()


def test_the_migrated_schema_is_that_of_the_models(engine: Engine) -> None:
    assert drift(engine) == []
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            assert differences(connection, table) == []


def test_tables_and_columns_carry_comments_that_postgresql_shows(engine: Engine) -> None:
    with engine.connect() as connection:
        comment = connection.scalar(text("SELECT obj_description('public.odds'::regclass)"))
    assert comment == "One row per match, bookmaker, market, line, price kind and capture time"


def test_alembic_leaves_tables_alone_that_are_not_its_own(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes_of_the_user (id int)"))
        connection.execute(text("CREATE TABLE ops.something_else (id int)"))
    assert drift(engine) == []


def test_two_migrations_at_once_both_end_at_the_newest_revision(empty_database: DatabaseAddress) -> None:
    results: list[tuple[str | None, str | None]] = []

    def migrate() -> None:
        engine = build_engine(empty_database)
        results.append(migrations.upgrade(engine))
        engine.dispose()

    threads = [threading.Thread(target=migrate, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    newest = migrations.head()
    assert sorted(results, key=str) == sorted([(None, newest), (newest, newest), (newest, newest)], key=str)


@pytest.mark.parametrize("folder", ["monps_platform", "monps_platform_tests", "benchmarks"])
def test_only_alembic_makes_tables(folder: str) -> None:
    made_elsewhere = re.compile(r"\.create_all\(|\.drop_all\(")
    offenders = [
        str(path)
        for path in Path(PROJECT_ROOT, folder).rglob("*.py")
        if path != Path(__file__) and made_elsewhere.search(path.read_text(encoding="utf-8"))
    ]
    assert offenders == []


def test_tables_with_rows_are_migrated_down_and_up_again(engine: Engine) -> None:
    filled = fill(engine)
    assert all(filled.values())
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes_of_the_user (note text)"))
        connection.execute(text("INSERT INTO notes_of_the_user VALUES ('keep me')"))
    assert migrations.downgrade(engine, "base") == (migrations.head(), None)
    assert counts(engine) == {}
    assert migrations.upgrade(engine) == (None, migrations.head())
    assert counts(engine) == dict.fromkeys(filled, 0)
    with engine.connect() as connection:
        assert [found for table in Base.metadata.sorted_tables for found in differences(connection, table)] == []
        assert connection.scalars(text("SELECT note FROM notes_of_the_user")).all() == ["keep me"]
    assert fill(engine) == filled


def test_every_revision_is_migrated_down_and_up_with_rows_in_the_tables(engine: Engine) -> None:
    script = ScriptDirectory(str(PROJECT_ROOT / "alembic"))
    older = [step.revision for step in script.walk_revisions()][1:]
    for before in [*older, "base"]:
        left = None if before == "base" else before
        filled = fill(engine)
        assert all(filled.values())
        assert migrations.downgrade(engine, before) == (migrations.head(), left)
        kept = counts(engine)
        assert kept.items() <= filled.items()
        assert migrations.upgrade(engine) == (left, migrations.head())
        assert counts(engine) == dict.fromkeys(filled, 0) | kept
        assert drift(engine) == []


OF_0003 = [Dataset.MATCHES, Dataset.ODDS, Dataset.MATCH_DETAILS]
MADE_LATER = {
    *("understat_matches", "player_matches", "quantum.goal_model_fits", "quantum.goal_model_strengths"),
    *("quantum.match_forecasts", CORRECTIONS, PROGRESS, REQUESTS, "ops.alerts"),
}
"""The tables that came after 0003."""


ADDED: dict[str, dict[str, object]] = {
    "ops.raw_files": dict.fromkeys(("players_read", "players_loaded", "players_rejected", "players_loader")),
    "ops.rejected_rows": {"detail": None},
    PICKS: {"origin": "own", "closing_bookmaker_id": None, "closing_captured_at": None},
    "quantum.chess_classifications": {"data_version": "by hand", "n_matches": 2},
    **{
        table: {"data_version": "by hand", "league_id": 1}
        for table in ("quantum.quantum_friction_matrix", "quantum.goalscorer_profiles")
    },
    "quantum.quantum_strategies": {
        "data_version": "by hand",
        "league_id": 1,
        **NEW_IN_0011["quantum.quantum_strategies"],
        "closed_bets": 0,
    },
}
"""What came after 0003 to the rows that there were."""


def rejected(engine: Engine) -> list[tuple[str, int, str, str]]:
    query = "SELECT dataset::text, line_number, reason, raw_text FROM ops.rejected_rows ORDER BY id"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def reject(engine: Engine, *datasets: Dataset) -> list[tuple[str, int, str, str]]:
    """Reject a row of each dataset, picks in a file of their own; returns what is then kept."""
    lines = [Rejection(item, line, Reason.NOT_A_COUNT, str(item)) for line, item in enumerate(datasets, start=1)]
    with UnitOfWork(session_factory(engine)) as unit:
        for file in (raw_file(), of_picks()):
            unit.raw_files.add(file)
            own = [line for line in lines if (line.dataset is Dataset.PICKS) is (file.source == "picks")]
            unit.raw_files.replace_rejections(file, datasets, own)
        unit.commit()
    return rejected(engine)


def of_picks() -> RawFile:
    """A file of picks, which are of any league."""
    file = raw_file(source="picks", key="mine.csv")
    file.league = file.season = None
    return file


def test_rejected_rows_of_a_dataset_that_a_revision_does_not_know_go_with_it_and_all_others_stay(
    engine: Engine,
) -> None:
    before = reject(engine, *Dataset)
    assert migrations.downgrade(engine, "0003") == (migrations.head(), "0003")
    kept = [row for row in before if row[0] in OF_0003]
    assert len(kept) == len(OF_0003) < len(before)
    assert rejected(engine) == kept
    with engine.connect() as connection:
        labels = connection.scalars(text("SELECT unnest(enum_range(NULL::rejected_dataset))::text")).all()
        types = connection.scalars(
            text("SELECT typname FROM pg_type WHERE typname LIKE 'rejected%' AND typtype = 'e'")
        ).all()
    assert labels == list(OF_0003)
    assert types == ["rejected_dataset"]
    assert migrations.upgrade(engine) == ("0003", migrations.head())
    assert rejected(engine) == kept
    assert len(reject(engine, *Dataset)) == len(kept) + len(Dataset)


def test_rows_of_a_database_that_knew_neither_line_ups_nor_forecasts_are_the_same_after_the_upgrade(
    engine: Engine,
) -> None:
    migrations.downgrade(engine, "0003")
    with engine.begin() as connection:
        insert(connection, "leagues", {"code": "E0"})
        for name in ("Arsenal", "Chelsea"):
            insert(connection, "teams", {"name": name})
        insert(connection, "matches", {"id": 1, "home_team_id": 1, "away_team_id": 2})
        for table in GOOD:
            if table not in MADE_LATER:
                insert(connection, table, BEFORE_0006.get(table, {}))
        connection.execute(text("UPDATE ops.raw_files SET rows_read = 3, rows_loaded = 2, rows_rejected = 1"))
    tables = [table for table in GOOD if table not in MADE_LATER]
    before = rows_by_table(engine, tables)
    assert all(before.values())
    assert migrations.upgrade(engine) == ("0003", migrations.head())
    assert rows_by_table(engine, tables) == {
        table: [{**row, **ADDED.get(table, {})} for row in rows] for table, rows in before.items()
    }
    assert drift(engine) == []
    filled = counts(engine)
    assert {filled[table if "." in table else f"public.{table}"] for table in MADE_LATER} == {0}


def test_a_database_at_the_newest_revision_is_left_as_it_is(engine: Engine) -> None:
    filled = fill(engine)
    newest = migrations.head()
    assert migrations.upgrade(engine) == (newest, newest)
    assert counts(engine) == filled


def test_the_revision_of_a_database_is_told_and_none_before_the_first_migration(
    empty_database: DatabaseAddress,
) -> None:
    engine = build_engine(empty_database)
    assert revision(engine) is None
    migrations.upgrade(engine)
    assert revision(engine) == migrations.head()
    engine.dispose()


def test_a_migration_that_fails_leaves_everything_as_it_was_and_others_can_go_on(engine: Engine) -> None:
    fill(engine)
    migrations.downgrade(engine, "0001")
    kept = counts(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE ops.notes_of_the_user (note text)"))
    with pytest.raises(DBAPIError, match="cannot drop schema ops"):
        migrations.downgrade(engine, "base")
    assert (revision(engine), counts(engine)) == ("0001", kept)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")) == 0
    assert migrations.upgrade(engine) == ("0001", migrations.head())


def test_a_migration_waits_for_another_one_beyond_the_time_limit_of_statements_and_says_so_once(
    database: DatabaseAddress, caplog: pytest.LogCaptureFixture
) -> None:
    holder, engine = build_engine(database), build_engine(database, PoolOptions(size=1, statement_timeout=1))
    lock = {"key": migrations._LOCK}
    with holder.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), lock)
        results: list[object] = []
        waiting = threading.Thread(target=lambda: results.append(migrations.upgrade(engine)))
        waiting.start()
        time.sleep(1.3)
        assert results == []
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), lock)
    waiting.join()
    assert results == [(migrations.head(), migrations.head())]
    assert [record.getMessage() for record in caplog.records if "migration" in record.getMessage()] == [
        "another migration is under way: waiting for it to end"
    ]
    with pytest.raises(OperationalError, match="statement timeout"), engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(30)"))
    holder.dispose()
    engine.dispose()


def test_alembic_alone_migrates_the_configured_database(
    empty_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch, database_variables(empty_database, dagster=empty_database.database))
    config = Config(str(PROJECT_ROOT / "alembic.ini"))
    command.upgrade(config, "head")
    engine = build_engine(empty_database)
    assert revision(engine) == migrations.head()
    assert drift(engine) == []
    engine.dispose()
    with pytest.raises(SystemExit, match="Offline SQL is not supported"):
        command.upgrade(config, "head", sql=True)
