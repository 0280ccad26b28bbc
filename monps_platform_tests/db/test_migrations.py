"""The schema's history: up, down and up again, alone responsible for every table."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from monps_platform.db import migrations
from monps_platform.db.engine import DatabaseAddress, build_engine
from monps_platform.db.introspection import differences
from monps_platform.db.models import Base
from monps_platform.settings import PROJECT_ROOT


def _drift(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        options = migrations.migration_options()
        target = options.pop("target_metadata")
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), target))


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
    assert _drift(engine) == []
    engine.dispose()


def test_the_migrated_schema_is_that_of_the_models(engine: Engine) -> None:
    assert _drift(engine) == []
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
    assert _drift(engine) == []


def test_two_migrations_at_once_both_end_at_the_newest_revision(empty_database: DatabaseAddress) -> None:
    results: list[tuple[str | None, str | None]] = []

    def migrate() -> None:
        engine = build_engine(empty_database)
        results.append(migrations.upgrade(engine))
        engine.dispose()

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
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
