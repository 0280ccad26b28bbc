"""The commands about the schema as a person calls them: what they say, and their exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg2
import pytest

from alembic import command
from monps_platform.cli.server import note_roles
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.embedded import EmbeddedServer
from monps_platform.db.models import Base
from monps_platform.db.schema import migrations, roles
from monps_platform.db.schema.roles import Gap, RolesReport
from monps_platform_tests.cli.conftest import Monps
from monps_platform_tests.environment import database_variables

HEAD = migrations.head()
OLDER = migrations.revisions()[-2]
TABLES = len(Base.metadata.tables)
NEWEST = f"The database is at the newest migration, {HEAD}."
EQUAL = f"{TABLES} tables compared with the models: no difference."
Sql = Callable[[str], None]


@pytest.fixture
def sql(database: DatabaseAddress) -> Iterator[Sql]:
    """Runs SQL in the database of the command."""
    connection = psycopg2.connect(database.libpq_url())
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor.execute
    connection.close()


@pytest.fixture
def empty(plain: Monps, empty_database: DatabaseAddress) -> Monps:
    """The command on a database that was never migrated."""
    plain.set(**database_variables(empty_database, dagster=empty_database.database))
    return plain


def test_introspect_finds_no_difference_in_a_migrated_database(monps: Monps) -> None:
    said = monps("introspect")
    assert (said.code, said.out, said.err) == (0, EQUAL, "")


def test_introspect_tells_differences_by_table_and_ends_with_1(monps: Monps, sql: Sql) -> None:
    sql("ALTER TABLE teams ALTER name DROP NOT NULL, ADD nickname text; CREATE TABLE ops.my_notes (a int)")
    sql("COMMENT ON TABLE odds IS NULL")
    said = monps("introspect")
    assert (said.code, said.err) == (1, "")
    assert said.out == (
        "public.odds - comment on the table is missing "
        "public.teams - column nickname is not in the models - column name is text NULL, should be text NOT NULL "
        f"Without a model, left alone: ops.my_notes "
        f"{TABLES} tables compared with the models: 3 differences in 2."
    )


def test_introspect_tells_machines_in_json_whatever_the_outcome(monps: Monps, sql: Sql) -> None:
    said = monps("introspect", "--json")
    told = json.loads(said.out)
    assert (said.code, told["equal"], told["differences"], len(told["tables"])) == (0, True, 0, TABLES)
    sql("ALTER TABLE teams ALTER name DROP NOT NULL")
    said = monps("introspect", "--json", "--table", "teams")
    assert (said.code, said.err) == (1, "")
    assert json.loads(said.out) == {
        "equal": False,
        "differences": 1,
        "tables": [
            {
                "table": "public.teams",
                "equal": False,
                "differences": [{"kind": "column", "name": "name", "live": "text NULL", "model": "text NOT NULL"}],
            }
        ],
        "tables_without_model": [],
    }


def test_introspect_looks_at_the_tables_asked_for(monps: Monps, sql: Sql) -> None:
    sql("ALTER TABLE teams ADD nickname text")
    said = monps("introspect", "--table", "odds", "--table", "ops.raw_files")
    assert (said.code, said.out) == (0, "2 tables compared with the models: no difference.")
    said = monps("introspect", "--table", "public.teams")
    assert (said.code, said.out.split(": ")[-1]) == (1, "1 difference in 1.")


@pytest.mark.parametrize("arguments", [("introspect", "--table", "team"), ("introspect", "teams")])
def test_introspect_called_wrongly_ends_with_2(monps: Monps, arguments: tuple[str, ...]) -> None:
    assert monps(*arguments).code == 2


def test_introspect_names_the_tables_there_are(monps: Monps) -> None:
    said = monps("introspect", "--table", "team")
    assert "team is no table of the models. There are: ops." in said.err
    assert "public.teams" in said.err


def in_place(database: DatabaseAddress) -> str:
    return f"The roles of database {database.database} are in place."


def test_check_ends_with_0_only_at_the_newest_migration_without_drift(
    monps: Monps, sql: Sql, database: DatabaseAddress
) -> None:
    monps("migrate")
    said = monps("migrate", "--check")
    assert (said.code, said.out, said.err) == (0, f"{NEWEST} {EQUAL} {in_place(database)}", "")
    sql("ALTER TABLE teams ADD nickname text")
    said = monps("migrate", "--check")
    assert said.code == 1
    assert "public.teams - column nickname is not in the models" in said.out


@pytest.mark.parametrize(
    "harm",
    [
        "CREATE OR REPLACE FUNCTION refuse_change_of_pick() RETURNS trigger LANGUAGE plpgsql SET search_path = "
        "pg_catalog AS 'BEGIN RETURN NEW; END'",
        "DROP TRIGGER tracking_clv_picks_immutable ON tracking_clv_picks; CREATE TRIGGER tracking_clv_picks_immutable "
        "AFTER DELETE ON tracking_clv_picks FOR EACH ROW EXECUTE FUNCTION refuse_change_of_pick()",
    ],
    ids=["hollow_function", "other_event"],
)
def test_prices_taken_that_could_be_changed_are_told(monps: Monps, sql: Sql, harm: str) -> None:
    assert (monps("migrate").code, monps("migrate", "--check").code) == (0, 0)
    sql(harm)
    for said in (monps("migrate", "--check"), monps("introspect")):
        assert said.code == 1
        assert f"{TABLES} tables compared with the models: 1 difference in 1." in said.out


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (
            "REVOKE ALL ON odds FROM monps_writer",
            "monps_writer lacks INSERT, UPDATE, DELETE on TABLE public.odds",
        ),
        (
            "ALTER TABLE matches OWNER TO CURRENT_USER",
            "TABLE public.matches belongs to monps, not to monps_owner",
        ),
    ],
    ids=["privilege", "owner"],
)
def test_check_tells_what_the_roles_lack_and_migrate_puts_it_right(
    monps: Monps, sql: Sql, database: DatabaseAddress, harm: str, told: str
) -> None:
    monps("migrate")
    sql(harm)
    for _ in range(2):
        said = monps("migrate", "--check")
        assert said.code == 1
        assert said.out.startswith(f"{NEWEST} {EQUAL} The roles of database {database.database} are not all in place:")
        assert f": - {told} Run: monps migrate." in said.out
    said = monps("migrate")
    right = f"Put right in the roles of database {database.database}: - {told}"
    assert (said.code, said.out) == (0, f"{NEWEST[:-1]}: nothing to do. {right}")
    said = monps("migrate", "--check")
    assert (said.code, said.out) == (0, f"{NEWEST} {EQUAL} {in_place(database)}")


def test_a_user_who_works_without_roles_that_he_may_not_make_is_no_failure(
    monps: Monps, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = roles.RolesReport("lone", "odds", missing=(roles.Gap("there is no role", "CREATE"),), is_expected=False)
    monkeypatch.setattr(roles, "report", lambda _connection: lacking)
    said = monps("migrate", "--check")
    assert said.code == 0
    assert "The server has none of the platform's roles, and user lone may not make them" in said.out
    monkeypatch.setattr(roles, "report", lambda _connection: replace(lacking, is_expected=True))
    assert monps("migrate", "--check").code == 1


def test_a_first_migration_tells_the_roles_in_a_line(empty: Monps, empty_database: DatabaseAddress) -> None:
    said = empty("migrate")
    start, end = f"Migrated from an empty database to {HEAD}. Set up the roles of database ", " changes."
    assert (said.code, said.out[: len(start)], said.out[-len(end) :]) == (0, start, end)


def test_check_tells_what_is_left_to_migrate_and_migrates_nothing(monps: Monps, sql: Sql) -> None:
    sql(f"UPDATE alembic_version SET version_num = '{OLDER}'")
    for _ in range(2):
        said = monps("migrate", "--check")
        assert said.code == 1
        assert said.out.startswith(f"The database is at migration {OLDER}, behind {HEAD}. Run: monps migrate")


def test_check_tells_a_revision_that_this_checkout_does_not_have(monps: Monps, sql: Sql) -> None:
    sql("UPDATE alembic_version SET version_num = '9999'")
    said = monps("migrate", "--check")
    assert said.code == 1
    assert "The database is at migration 9999, which this checkout does not have" in said.out
    assert "Update the checkout" in said.out


def test_check_of_a_database_that_was_never_migrated_makes_nothing(empty: Monps) -> None:
    for _ in range(2):
        said = empty("migrate", "--check")
        assert (said.code, said.out) == (1, "The database is not migrated yet. Run: monps migrate")


def test_a_database_without_stamp_is_told_adopted_and_then_right(monps: Monps, sql: Sql) -> None:
    sql("DROP TABLE alembic_version")
    said = monps("migrate", "--check")
    assert (said.code, said.out) == (
        1,
        "The database has tables of the platform but no migration's stamp. Run: monps migrate --adopt",
    )
    said = monps("migrate", "--adopt")
    assert said.code == 0
    assert said.out.startswith(f"The database equals migration {HEAD} and is stamped with it. Put right in the roles")
    assert "- TABLE public.alembic_version belongs to monps, not to monps_owner" in said.out
    assert monps("migrate", "--check").code == 0
    said = monps("migrate", "--adopt")
    assert (said.code, said.out) == (1, "")
    assert f"is already at migration {HEAD}: there is nothing to adopt" in said.err


def test_an_adopted_older_database_is_to_be_migrated_next(empty: Monps, empty_database: DatabaseAddress) -> None:
    from monps_platform.db.connection.engine import build_engine

    engine = build_engine(empty_database)
    migrations.upgrade(engine, OLDER)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    engine.dispose()
    said = empty("migrate", "--adopt")
    assert (said.code, said.out) == (
        0,
        f"The database equals migration {OLDER} and is stamped with it; the newest is {HEAD}: now run monps migrate.",
    )
    assert empty("migrate").out.startswith(f"Migrated from {OLDER} to {HEAD}.")


def test_a_database_that_equals_no_migration_is_refused_with_the_differences(monps: Monps, sql: Sql) -> None:
    sql("DROP TABLE alembic_version; ALTER TABLE teams ADD nickname text")
    said = monps("migrate", "--adopt")
    assert (said.code, said.out) == (1, "")
    assert f"nearest to revision {HEAD} (1 difference): - public.teams: column nickname is not in revision" in said.err
    assert monps("migrate", "--check").code == 1


def test_check_and_adopt_exclude_each_other(monps: Monps) -> None:
    said = monps("migrate", "--check", "--adopt")
    assert (said.code, said.out) == (2, "")
    assert "choose one of them" in said.err


def test_a_migration_held_up_by_a_reader_is_told_in_words(
    empty: Monps, empty_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert empty("migrate").code == 0
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", 1)
    monkeypatch.setattr(command, "upgrade", lambda config, _: command.downgrade(config, "base"))
    reader = psycopg2.connect(empty_database.libpq_url(), application_name="a notebook")
    with reader.cursor() as cursor:
        cursor.execute("SELECT FROM odds")
        said = empty("migrate")
    reader.close()
    assert (said.code, said.out) == (1, "")
    assert "monps: the migration gave up, so as not to hold up everybody else" in said.err
    assert "(a notebook, user " in said.err
    assert "uses public.odds" in said.err
    assert "Run it again when those are done" in said.err
    assert empty_database.password.get_secret_value() not in said.err


def test_a_database_that_does_not_exist_is_told_and_not_made(empty: Monps, server: DatabaseAddress) -> None:
    empty.set(MONPS_DB_NAME="no_such_database")
    for arguments in (["migrate", "--check"], ["migrate", "--adopt"], ["introspect"]):
        said = empty(*arguments)
        assert (said.code, said.out) == (1, "")
        assert 'database "no_such_database" does not exist' in said.err
        assert server.password.get_secret_value() not in said.err


def test_the_embedded_server_is_started_where_it_is_down(monps: Monps, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.delenv("MONPS_DB_HOST")
    (monps.home / "postgres" / "data").mkdir(parents=True)
    monkeypatch.setattr(EmbeddedServer, "address", lambda self: None)

    def refuse(self: EmbeddedServer) -> None:
        started.append(self)
        raise OSError(28, "No space left on device", "data")

    monkeypatch.setattr(EmbeddedServer, "ensure_running", refuse)
    assert monps("introspect").code == 1
    assert len(started) == 1


@pytest.mark.parametrize("arguments", [("migrate", "--check"), ("migrate", "--adopt"), ("introspect",)])
def test_where_there_is_no_embedded_database_yet_none_is_made(
    plain: Monps, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(EmbeddedServer, "ensure_running", lambda _self: pytest.fail("a server was to be made"))
    said = plain(*arguments)
    assert (said.code, said.out) == (1, "")
    assert "there is no database yet: " in said.err
    assert "Run: monps up" in said.err
    assert not plain.home.exists()


def test_up_and_ui_note_in_a_line_that_roles_are_missing_and_say_nothing_of_complete_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    note_roles(RolesReport("app", "odds", missing=(Gap("there is no role monps_writer", "CREATE ROLE monps_writer"),)))
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("Note: the database's roles are not all in place")
    assert "monps migrate shows" in said
    note_roles(RolesReport("app", "odds"))
    assert capsys.readouterr().out == ""
