"""Migrations and others at work: a migration waits for another one, and gives up rather than hold up readers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from alembic import command
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.errors import LockTimeoutError
from monps_platform.db.schema import migrations
from monps_platform.db.schema.migrations import MigrationBlockedError, Standing
from monps_platform.settings import PROJECT_ROOT
from monps_platform_tests.db.schema.revisions import revision
from monps_platform_tests.environment import database_variables, set_variables

HEAD = migrations.head()
LATER = "later"
AddRevisions = Callable[..., None]


@pytest.fixture
def add_revisions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AddRevisions:
    """Adds revisions after the newest one, each from the body of its upgrade; a short time limit for locks."""

    def config() -> Config:
        made = Config(str(PROJECT_ROOT / "alembic.ini"))
        made.set_main_option("path_separator", "newline")
        made.set_main_option("version_locations", f"{PROJECT_ROOT / 'alembic' / 'versions'}\n{tmp_path}")
        return made

    def add(**upgrades: str) -> None:
        before = HEAD
        for name, body in upgrades.items():
            (tmp_path / f"{name}.py").write_text(
                f"from alembic import op\nrevision = {name!r}\ndown_revision = {before!r}\n"
                f"def upgrade():\n    {body}\n",
                encoding="utf-8",
            )
            before = name

    monkeypatch.setattr(migrations, "_config", config)
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", 1)
    return add


def execute(body: str) -> str:
    return f"op.execute({body!r})"


def columns(engine: Engine, table: str) -> set[str]:
    with engine.connect() as connection:
        query = text("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attnum > 0")
        return set(connection.scalars(query, {"table": table}))


def test_a_migration_gives_up_when_a_reader_holds_its_table_and_says_who(
    engine: Engine, add_revisions: AddRevisions
) -> None:
    add_revisions(
        first=execute("CREATE TABLE ops.made_before (a int)"),
        later=execute("CREATE TABLE ops.made_with_it (a int)") + "; " + execute("ALTER TABLE teams ADD nickname text"),
    )
    with engine.connect() as reader:
        pid = reader.scalar(text("SELECT pg_backend_pid() FROM teams RIGHT JOIN pg_class ON false LIMIT 1"))
        begun = time.monotonic()
        with pytest.raises(MigrationBlockedError) as blocked:
            migrations.upgrade(engine)
        assert 1 <= time.monotonic() - begun < 5
    said = str(blocked.value)
    assert "longer than a statement may wait, when it came to: ALTER TABLE teams ADD nickname text\n" in said
    assert f"- process {pid} (monps_platform, user {engine.url.username}, idle in transaction, " in said
    assert "uses public.teams" in said
    assert "The database is at migration first. Run it again when those are done: it goes on from there" in said
    assert isinstance(blocked.value, LockTimeoutError)
    assert revision(engine) == "first"
    assert columns(engine, "ops.made_before") == {"a"}
    assert columns(engine, "ops.made_with_it") == set()
    assert "nickname" not in columns(engine, "teams")
    assert migrations.upgrade(engine) == ("first", "later")
    assert "nickname" in columns(engine, "teams")


def test_what_a_migration_sets_and_locks_is_given_back_however_it_ends(
    engine: Engine, add_revisions: AddRevisions
) -> None:
    ask = text("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
    with engine.connect() as connection:
        before = connection.execute(ask).one()
    add_revisions(later=execute("ALTER TABLE no_such_table ADD a int"))
    with pytest.raises(ProgrammingError, match="no_such_table"):
        migrations.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(ask).one() == before
        assert connection.scalar(held) == 0


def test_the_limit_holds_for_a_revision_outside_of_a_transaction_as_well(
    engine: Engine, add_revisions: AddRevisions
) -> None:
    block = "with op.get_context().autocommit_block(): "
    add_revisions(later=block + execute("ALTER TABLE teams ADD nickname text"))
    with engine.connect() as reader:
        reader.execute(text("SELECT FROM teams"))
        with pytest.raises(MigrationBlockedError, match=f"The database is at migration {HEAD}\\."):
            migrations.upgrade(engine)
    assert migrations.upgrade(engine) == (HEAD, "later")


def test_a_migration_whose_connection_is_cut_tells_that_and_can_be_run_again(
    engine: Engine, add_revisions: AddRevisions
) -> None:
    add_revisions(later=execute("SELECT pg_terminate_backend(pg_backend_pid())"))
    with engine.connect():
        """The only connection there will be: the server is gone afterwards."""

    def refuse(*_: object) -> None:
        raise ConnectionRefusedError

    event.listen(engine, "do_connect", refuse)
    with pytest.raises(DBAPIError, match="closed the connection"):
        migrations.upgrade(engine)
    event.remove(engine, "do_connect", refuse)
    add_revisions(later=execute("ALTER TABLE teams ADD nickname text"))
    assert migrations.upgrade(engine) == (HEAD, "later")


def test_alembic_by_itself_waits_for_a_migration_under_way(
    database: DatabaseAddress, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch, database_variables(database, dagster=database.database))
    alone = threading.Thread(target=command.downgrade, args=(Config(str(PROJECT_ROOT / "alembic.ini")), "-1"))
    with engine.connect() as connection, migrations.exclusively(connection):
        alone.start()
        alone.join(1.5)
        assert alone.is_alive()
        assert revision(engine) == HEAD
    alone.join(30)
    assert not alone.is_alive()
    assert revision(engine) != HEAD


def test_where_a_database_stands_is_told(engine: Engine, empty_database: DatabaseAddress) -> None:
    known = migrations.revisions()
    assert (known[0], known[-1]) == ("0001", HEAD)
    empty = build_engine(empty_database)
    with empty.connect() as connection:
        assert migrations.standing(connection) == Standing(None, HEAD, tuple(known), is_known=True)
    empty.dispose()
    with engine.begin() as connection:
        assert migrations.standing(connection) == Standing(HEAD, HEAD, (), is_known=True)
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        assert migrations.standing(connection) == Standing("0001", HEAD, tuple(known[1:]), is_known=True)
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert migrations.standing(connection) == Standing("9999", HEAD, (), is_known=False)
        assert not migrations.standing(connection).is_newest
