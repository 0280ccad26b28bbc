"""Least privilege: what owner, writer and reader may, and what becomes of users who may not set that up."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg2
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.roles import Role, assume
from monps_platform.db.models import Base, Odds
from monps_platform.db.schema import migrations, roles
from monps_platform.db.schema.roles import RolesReport
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.odds import Market
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.settings import PROJECT_ROOT
from monps_platform_tests.db.embedded.embedded_helpers import copy_template, make_server, throwaway_base
from monps_platform_tests.db.models.pick_cases import PICKS, because, settled, update_picks
from monps_platform_tests.db.models.rows import insert, insert_surroundings
from monps_platform_tests.db.samples import Quote, block, played, raw_file, write_matches, write_odds
from monps_platform_tests.waiting import at_once

PASSWORD = SecretStr("hunter2-not-for-logs")
TABLES = [table.fullname for table in Base.metadata.sorted_tables]


@dataclass(frozen=True)
class Cluster:
    """A server of this module's own, because roles belong to a whole server and here there may be none."""

    address: DatabaseAddress

    def do(self, *commands: str, database: str = "postgres") -> None:
        """Run commands as the administrator."""
        engine = engine_of(self.address.other(database)).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for command in commands:
                connection.exec_driver_sql(command)

    def ask(self, query: str, database: str = "postgres") -> list[Any]:
        """The first column of a query."""
        with engine_of(self.address.other(database)).connect() as connection:
            return list(connection.exec_driver_sql(query).scalars())

    def database(self, name: str = "odds", owner: str | None = None) -> DatabaseAddress:
        """A new database, as the administrator sees it."""
        self.do(f"CREATE DATABASE {name} TEMPLATE template0 {f'OWNER {owner}' if owner else ''}")
        return self.address.other(name)

    def login(self, name: str, attributes: str = "") -> str:
        """A new user who may log in."""
        self.do(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD.get_secret_value()}' {attributes}")
        return name

    def empty(self) -> None:
        """Forget every database and every role but the administrator's."""
        for name in self.ask(
            "SELECT quote_ident(datname) FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
        ):
            self.do(f"DROP DATABASE {name} WITH (FORCE)")
        made = self.ask("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname !~ '^pg_' AND oid >= 16384")
        if made:
            self.do(f"DROP OWNED BY {', '.join(made)}", f"DROP ROLE {', '.join(made)}")


@pytest.fixture(scope="module")
def _server() -> Iterator[DatabaseAddress]:
    with throwaway_base() as base:
        running = make_server(copy_template(base)).ensure_running()
        yield DatabaseAddress(running.host, running.port, running.user, running.password, "postgres", "disable")


@pytest.fixture
def cluster(_server: DatabaseAddress) -> Cluster:
    """A server with no roles of ours and no databases."""
    found = Cluster(_server)
    found.empty()
    return found


@pytest.fixture
def odds(cluster: Cluster) -> DatabaseAddress:
    """A migrated database whose roles the administrator has set up."""
    address = cluster.database()
    assert migrated(address).is_complete
    return address


def engine_of(address: DatabaseAddress, role: Role | None = None) -> Engine:
    """An engine whose connections work as a role."""
    engine = create_engine(address.url(), poolclass=NullPool)
    if role is not None:
        event.listen(engine, "connect", lambda connection, _record: assume(connection, role))
    return engine


def as_login(address: DatabaseAddress, name: str) -> DatabaseAddress:
    return replace(address, user=name, password=PASSWORD)


def ensured(address: DatabaseAddress) -> RolesReport:
    with engine_of(address).connect() as connection:
        return roles.ensure(connection)


def migrated(address: DatabaseAddress) -> RolesReport:
    migrations.upgrade(engine_of(address))
    return ensured(address)


def sessions_of(address: DatabaseAddress, role: Role | None) -> sessionmaker[Session]:
    return sessionmaker(engine_of(address, role), expire_on_commit=False)


def current_user(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(text("SELECT current_user")))


def load(sessions: sessionmaker[Session]) -> None:
    """All that the platform does to its tables, twice: what comes first is inserted, what comes then is merged."""
    matches = [played("Arsenal", "Chelsea"), played("Chelsea", "Arsenal")]
    for price in ("1.40", "1.50"):
        write_matches(sessions, *matches)
        write_odds(sessions, matches, ["B365"], block(Market.ONE_X_TWO, Quote(0, (price, "4.75", "8.50"))))
        write_matches(sessions, matches[0])
        with UnitOfWork(sessions) as unit:
            file = raw_file()
            unit.raw_files.add(file)
            rejection = Rejection(Dataset.ODDS, 2, Reason.MISSING_LINE, "AHh=")
            unit.raw_files.replace_rejections(file, [Dataset.ODDS], [rejection])
            unit.commit()


def allowed(engine: Engine, statements: Iterable[str]) -> list[str]:
    """The statements that the server does not refuse for want of a privilege; none of them is kept."""
    with engine.connect() as connection:
        return [statement for statement in statements if not refused(connection, statement)]


def refused(connection: Connection, statement: str) -> bool:
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return getattr(error.orig, "pgcode", None) == "42501"
    else:
        return False
    finally:
        connection.rollback()


def owners(cluster: Cluster, database: str = "odds") -> dict[str, str]:
    """Who owns the schemas, the tables and sequences, the types and the functions of the database."""
    rows = cluster.ask(
        "SELECT nspname || '=' || pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname !~ '^(pg_|information_)' "
        "UNION ALL SELECT relname || '=' || pg_get_userbyid(relowner) FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = relnamespace WHERE nspname !~ '^(pg_|information_)' AND relkind IN ('r', 'S') "
        "UNION ALL SELECT typname || '=' || pg_get_userbyid(typowner) FROM pg_type WHERE typtype = 'e' "
        "UNION ALL SELECT proname || '=' || pg_get_userbyid(proowner) FROM pg_proc WHERE oid >= 16384",
        database,
    )
    return dict(row.split("=") for row in rows)


# What each role may


def test_three_roles_are_made_that_nobody_logs_in_as_each_with_the_rights_of_the_next(
    cluster: Cluster, odds: DatabaseAddress
) -> None:
    facts = "rolname || rolcanlogin || rolsuper || rolcreaterole || rolcreatedb"
    made = cluster.ask(f"SELECT {facts} FROM pg_roles WHERE rolname ~ '^monps_' ORDER BY rolname")
    assert made == [f"monps_{name}falsefalsefalsefalse" for name in ("owner", "reader", "writer")]
    members = (
        "SELECT member::regrole || '>' || roleid::regrole FROM pg_auth_members WHERE member::regrole::text ~ '^monps'"
    )
    assert sorted(cluster.ask(members)) == ["monps_owner>monps_writer", "monps_writer>monps_reader"]


def test_all_that_a_migration_made_belongs_to_the_owner(cluster: Cluster, odds: DatabaseAddress) -> None:
    found = owners(cluster)
    assert {*(table.name for table in Base.metadata.sorted_tables), "alembic_version", "odds_market", "ops"} <= set(
        found
    )
    assert {name: owner for name, owner in found.items() if owner != Role.OWNER} == {"public": "pg_database_owner"}


def test_what_the_models_do_not_describe_stays_with_its_owner(cluster: Cluster) -> None:
    address = cluster.database()
    migrations.upgrade(engine_of(address))
    own = ("mine", "own_notes", "own_notes_id_seq", "own_numbers", "own_kind", "own_function")
    cluster.do(
        "CREATE SCHEMA mine",
        "CREATE TABLE own_notes (id serial)",
        "CREATE TABLE ops.own_numbers (id int)",
        "CREATE TYPE own_kind AS ENUM ('a')",
        "CREATE FUNCTION quantum.own_function() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        database="odds",
    )
    assert ensured(address).is_complete
    found = owners(cluster)
    assert {name: found[name] for name in own} == dict.fromkeys(own, address.user)
    reader = engine_of(address, Role.READER)
    assert allowed(reader, ["SELECT * FROM own_notes", "SELECT * FROM ops.own_numbers"]) == []


def test_the_function_of_a_trigger_that_a_model_names_is_handed_over(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = cluster.database()
    migrations.upgrade(engine_of(address))
    function = "RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    cluster.do(
        *(f"CREATE FUNCTION {name}() {function}" for name in ("guard", "other")),
        "CREATE TRIGGER watch BEFORE UPDATE ON teams FOR EACH ROW EXECUTE FUNCTION guard()",
        "CREATE TRIGGER unknown BEFORE UPDATE ON teams FOR EACH ROW EXECUTE FUNCTION other()",
        database="odds",
    )
    monkeypatch.setitem(Base.metadata.tables["teams"].info, "triggers", {"watch": "guard"})
    assert ensured(address).is_complete
    found = owners(cluster)
    assert (found["guard"], found["other"]) == (Role.OWNER, address.user)


def test_the_writer_does_all_that_the_platform_does(odds: DatabaseAddress) -> None:
    sessions = sessions_of(odds, Role.WRITER)
    with sessions() as session:
        assert session.scalar(text("SELECT current_user")) == Role.WRITER
    load(sessions)
    with sessions() as session:
        assert session.scalars(select(Odds.home_price)).one() == Decimal("1.50")
        assert session.scalar(text("SELECT pg_try_advisory_lock(1)")) is True
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == migrations.head()


def test_what_a_writer_corrects_of_picks_is_kept_under_his_login(cluster: Cluster, odds: DatabaseAddress) -> None:
    cluster.login("plain", "IN ROLE monps_writer")
    with engine_of(as_login(odds, "plain"), Role.WRITER).begin() as connection:
        insert_surroundings(connection)
        insert(connection, PICKS, settled("win", "1.1"))
        because(connection, "own goal")
        assert update_picks(connection, settled("loss", "-1")) == 1
        assert connection.scalar(text("SELECT current_user")) == Role.WRITER
    assert cluster.ask("SELECT corrected_by FROM ops.pick_corrections", "odds") == ["plain"]


CHANGES = [
    "CREATE TABLE public.loot (id int)",
    "CREATE TABLE ops.loot (id int)",
    "CREATE SCHEMA loot",
    "TRUNCATE odds",
    "DROP TABLE odds",
    "DROP TYPE odds_market CASCADE",
    "DROP SCHEMA ops CASCADE",
    "ALTER TABLE odds ADD loot int",
    "ALTER TABLE odds DISABLE TRIGGER ALL",
    "CREATE INDEX ON odds (market)",
    "UPDATE alembic_version SET version_num = '0'",
    "DELETE FROM alembic_version",
    "INSERT INTO alembic_version VALUES ('0')",
    "CREATE ROLE loot",
    "COPY odds TO '/dev/null'",
]
WRITES = [
    *(f"INSERT INTO {table} DEFAULT VALUES" for table in TABLES),
    *(f"DELETE FROM {table}" for table in TABLES),
    *(f"UPDATE {table.fullname} SET id = id" for table in Base.metadata.sorted_tables),
]
READS = [f"SELECT * FROM {name}" for name in (*TABLES, "alembic_version")]


def test_the_writer_may_not_change_what_the_tables_are(cluster: Cluster, odds: DatabaseAddress) -> None:
    cluster.login("plain", "IN ROLE monps_writer")
    administrator = engine_of(odds)
    assert allowed(administrator, CHANGES) == CHANGES
    for writer in (engine_of(odds, Role.WRITER), engine_of(as_login(odds, "plain"), Role.WRITER)):
        assert allowed(writer, CHANGES) == []
        assert allowed(writer, WRITES + READS) == WRITES + READS


def test_the_reader_reads_every_table_and_changes_nothing(cluster: Cluster, odds: DatabaseAddress) -> None:
    cluster.login("plain", "IN ROLE monps_reader")
    for reader in (
        engine_of(odds, Role.READER),
        engine_of(as_login(odds, "plain"), Role.READER),
        engine_of(as_login(odds, "plain")),
    ):
        assert allowed(reader, WRITES + CHANGES) == []
        assert allowed(reader, READS) == READS


# Working as a role


def test_a_writers_connection_may_read_as_the_reader_for_a_transaction(cluster: Cluster, odds: DatabaseAddress) -> None:
    cluster.login("plain", "IN ROLE monps_writer")
    with engine_of(as_login(odds, "plain"), Role.WRITER).connect() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE monps_reader")
        assert connection.scalar(text("SELECT current_user")) == Role.READER
        connection.commit()
        assert connection.scalar(text("SELECT current_user")) == Role.WRITER


def test_a_role_once_taken_on_survives_a_rollback(odds: DatabaseAddress) -> None:
    with closing(psycopg2.connect(odds.libpq_url())) as connection, connection.cursor() as cursor:
        assert assume(connection, Role.WRITER) is True
        assert connection.autocommit is False
        for _ in range(2):
            cursor.execute("SELECT current_user, session_user")
            assert cursor.fetchone() == (Role.WRITER, odds.user)
            connection.rollback()


def test_a_role_is_taken_on_through_asyncpg_too_and_survives_a_rollback(odds: DatabaseAddress) -> None:
    async def work() -> list[object]:
        engine = create_async_engine(odds.async_url(), pool_size=1, max_overflow=0)
        took: list[object] = []
        event.listen(engine.sync_engine, "connect", lambda made, _: took.append(assume(made, Role.READER)))
        for _ in range(2):
            async with engine.connect() as connection:
                took.append(await connection.scalar(text("SELECT current_user")))
                await connection.rollback()
                took.append(await connection.scalar(text("SELECT current_user")))
        with pytest.raises(DBAPIError, match="permission denied for table odds"):
            async with engine.begin() as connection:
                await connection.execute(text("DELETE FROM odds"))
        await engine.dispose()
        return took

    assert asyncio.run(work()) == [True, *[Role.READER] * 4]


def test_a_login_that_may_not_take_on_the_role_goes_on_as_itself(cluster: Cluster, odds: DatabaseAddress) -> None:
    cluster.login("stranger")
    cluster.login("reading", "IN ROLE monps_reader")
    for name in ("stranger", "reading"):
        with closing(psycopg2.connect(as_login(odds, name).libpq_url())) as connection:
            assert assume(connection, Role.WRITER) is False
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_user")
                assert cursor.fetchone() == (name,)


def test_a_member_that_has_the_rights_of_the_role_and_may_not_take_it_on_goes_on_as_itself(
    cluster: Cluster, odds: DatabaseAddress
) -> None:
    cluster.login("kept")
    if version(cluster) < 160000:
        pytest.skip("members may always take on their roles before PostgreSQL 16")
    cluster.do("GRANT monps_writer TO kept WITH INHERIT TRUE, SET FALSE")
    with closing(psycopg2.connect(as_login(odds, "kept").libpq_url())) as connection:
        assert assume(connection, Role.WRITER) is False


def test_where_there_is_no_such_role_a_connection_goes_on_as_the_login(cluster: Cluster) -> None:
    with closing(psycopg2.connect(cluster.address.libpq_url())) as connection:
        assert [assume(connection, role) for role in Role] == [False] * 3


# Setting up


def traces(cluster: Cluster) -> list[str]:
    """What any change of the catalogue would leave behind: the last transaction of each row."""
    catalogues = {
        "pg_class": "oid >= 16384",
        "pg_type": "oid >= 16384",
        "pg_namespace": "true",
        "pg_authid": "true",
        "pg_auth_members": "true",
        "pg_database": "true",
        "pg_shdepend": "true",
    }
    return [
        f"{catalogue}: {cluster.ask(f'SELECT xmin::text || ctid FROM {catalogue} WHERE {which} ORDER BY 1', 'odds')}"
        for catalogue, which in catalogues.items()
    ]


@pytest.mark.parametrize("who", ["superuser", "creating", "writing"])
def test_nothing_is_written_when_all_is_right(cluster: Cluster, who: str) -> None:
    creating = cluster.login("creating", "CREATEROLE CREATEDB")
    address = cluster.database(owner=creating)
    assert migrated(as_login(address, creating)).is_complete
    assert migrated(address).is_complete
    cluster.login("writing", "IN ROLE monps_writer")
    before = traces(cluster)
    report = migrated(address if who == "superuser" else as_login(address, who))
    assert (report.done, report.missing, report.refusals) == ((), (), ())
    assert traces(cluster) == before


HARMS = [
    ("REVOKE monps_reader FROM monps_writer", "monps_writer is no member of monps_reader"),
    ("REVOKE monps_writer FROM monps_owner", "monps_owner is no member of monps_writer"),
    ("REVOKE CONNECT ON DATABASE odds FROM PUBLIC", "monps_reader lacks CONNECT on DATABASE odds"),
    ("REVOKE TEMPORARY ON DATABASE odds FROM PUBLIC", "monps_writer lacks TEMPORARY on DATABASE odds"),
    ("REVOKE CREATE ON DATABASE odds FROM monps_owner", "monps_owner lacks CREATE on DATABASE odds"),
    ("REVOKE USAGE ON SCHEMA public FROM PUBLIC", "monps_reader lacks USAGE on SCHEMA public"),
    ("REVOKE CREATE ON SCHEMA public FROM monps_owner", "monps_owner lacks CREATE on SCHEMA public"),
    ("REVOKE USAGE ON SCHEMA ops FROM monps_reader", "monps_reader lacks USAGE on SCHEMA ops"),
    ("REVOKE SELECT ON odds, teams FROM monps_reader", "monps_reader lacks SELECT on TABLE public.odds, public.te"),
    ("REVOKE SELECT ON alembic_version FROM monps_reader", "monps_reader lacks SELECT on TABLE public.alembic_ver"),
    ("REVOKE INSERT ON odds FROM monps_writer", "monps_writer lacks INSERT, UPDATE, DELETE on TABLE public.odds"),
    ("REVOKE UPDATE ON odds FROM monps_writer", "monps_writer lacks INSERT, UPDATE, DELETE on TABLE public.odds"),
    ("REVOKE DELETE ON odds FROM monps_writer", "monps_writer lacks INSERT, UPDATE, DELETE on TABLE public.odds"),
    ("ALTER TABLE odds OWNER TO stranger", "TABLE public.odds belongs to stranger, not to monps_owner"),
    ("ALTER TABLE alembic_version OWNER TO stranger", "TABLE public.alembic_version belongs to stranger"),
    ("ALTER SCHEMA ops OWNER TO stranger", "SCHEMA ops belongs to stranger, not to monps_owner"),
    ("ALTER TYPE odds_market OWNER TO stranger", "TYPE public.odds_market belongs to stranger"),
]


def test_what_is_not_as_it_should_be_is_reported_by_who_may_not_and_put_right_by_who_may(
    cluster: Cluster, odds: DatabaseAddress
) -> None:
    cluster.login("stranger", "IN ROLE monps_writer")
    cluster.do("GRANT CONNECT ON DATABASE odds TO stranger")
    with engine_of(as_login(odds, "stranger")).connect() as stranger, engine_of(odds).connect() as administrator:
        for harm, said in HARMS:
            administrator.exec_driver_sql(harm)
            administrator.commit()
            report, mended, again = roles.ensure(stranger), roles.ensure(administrator), roles.ensure(administrator)
            assert report.done == (), harm
            assert [gap.what for gap in report.missing if gap.what.startswith(said)] != [], harm
            assert [gap.what for gap in mended.done if gap.what.startswith(said)] != [], harm
            assert (mended.missing, again.done) == ((), ()), harm


def test_roles_are_not_set_up_inside_a_transaction(odds: DatabaseAddress) -> None:
    with engine_of(odds).begin() as connection, pytest.raises(ValueError, match="outside a transaction"):
        roles.ensure(connection)


def test_databases_that_make_the_roles_at_the_same_moment_do_not_disturb_each_other(cluster: Cluster) -> None:
    addresses = [cluster.database(f"odds_{number}") for number in range(4)]
    reports = at_once(*(partial(ensured, address) for address in addresses))
    assert [report.is_complete for report in reports] == [True] * len(addresses)


def test_roles_are_set_up_again_after_a_downgrade_that_left_nothing(odds: DatabaseAddress) -> None:
    migrations.downgrade(engine_of(odds), "base")
    assert ensured(odds).is_complete
    report = migrated(odds)
    assert report.is_complete
    load(sessions_of(odds, Role.WRITER))


def test_a_table_that_somebody_uses_is_handed_over_the_next_time(
    odds: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "_LOCK_TIMEOUT", text("SET LOCAL lock_timeout = '50ms'"))
    with engine_of(odds).connect() as connection:
        connection.exec_driver_sql(f"ALTER TABLE odds OWNER TO {odds.user}")
        connection.exec_driver_sql(f"ALTER TABLE teams OWNER TO {odds.user}")
        connection.commit()
        connection.exec_driver_sql("SELECT * FROM odds")
        report = ensured(odds)
    assert [gap.statement for gap in report.missing] == ["ALTER TABLE public.odds OWNER TO monps_owner"]
    assert [gap.statement for gap in report.done] == ["ALTER TABLE public.teams OWNER TO monps_owner"]
    assert report.refusals == ("canceling statement due to lock timeout",)
    assert ensured(odds).is_complete


def test_an_error_that_is_no_matter_of_privileges_is_raised(cluster: Cluster, odds: DatabaseAddress) -> None:
    cluster.do("REVOKE SELECT ON odds FROM monps_reader", database="odds")
    engine = engine_of(odds)
    event.listen(engine, "before_cursor_execute", _spoil_grants, retval=True)
    with engine.connect() as connection, pytest.raises(DBAPIError, match="syntax error"):
        roles.ensure(connection)


def _spoil_grants(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
    return statement.replace("GRANT SELECT ON", "GRANT SELECT UPON"), parameters


# Users who are no superusers


def test_a_user_who_may_create_roles_sets_up_all_and_migrates_down_and_up_again(cluster: Cluster) -> None:
    creating = cluster.login("creating", "CREATEROLE CREATEDB")
    address = as_login(cluster.database(owner=creating), creating)
    assert migrated(address).is_complete
    assert {owner for name, owner in owners(cluster).items() if name != "public"} == {Role.OWNER}
    writer = engine_of(address, Role.WRITER)
    assert current_user(writer) == Role.WRITER
    assert allowed(writer, CHANGES) == []
    load(sessions_of(address, Role.WRITER))
    engine = engine_of(address)
    assert migrations.downgrade(engine, "base") == (migrations.head(), None)
    assert migrated(address).is_complete
    assert {owner for name, owner in owners(cluster).items() if name != "public"} == {Role.OWNER}
    load(sessions_of(address, Role.WRITER))


def test_a_user_who_may_nothing_of_it_migrates_and_works_as_itself_and_is_told_what_is_missing(
    cluster: Cluster,
) -> None:
    lone = cluster.login("lone")
    address = as_login(cluster.database(owner=lone), lone)
    report = migrated(address)
    assert (report.done, report.is_complete) == ((), False)
    assert report.refusals == ("permission denied to create role",)
    assert cluster.ask("SELECT rolname FROM pg_roles WHERE rolname ~ '^monps_'") == []
    assert current_user(engine_of(address, Role.WRITER)) == lone
    load(sessions_of(address, Role.WRITER))
    told = str(report)
    assert "user lone could not complete them. The server says: permission denied to create role." in told
    assert "there is no role monps_owner" in told
    assert "TABLE public.odds belongs to lone, not to monps_owner" in told
    assert "An administrator can run this in database odds" in told
    assert PASSWORD.get_secret_value() not in told + repr(report)


def reported(address: DatabaseAddress) -> RolesReport:
    with engine_of(address).connect() as connection:
        return roles.report(connection)


def test_a_report_tells_what_is_missing_changes_nothing_and_leaves_the_transaction_open(
    cluster: Cluster, odds: DatabaseAddress
) -> None:
    harm, said = HARMS[-3]
    cluster.login("stranger")
    with engine_of(odds).connect() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE mine (id int)")
        connection.exec_driver_sql(harm)
        before = connection.scalar(text("SELECT pg_current_xact_id()::text"))
        for _ in range(2):
            report = roles.report(connection)
            assert [gap.what[: len(said)] for gap in report.missing] == [said]
            assert (report.done, report.is_as_can_be) == ((), False)
        assert connection.scalar(text("SELECT pg_current_xact_id()::text")) == before
    assert reported(odds).is_complete


def test_missing_roles_are_expected_only_where_there_are_some_or_the_user_may_make_them(cluster: Cluster) -> None:
    lone = cluster.login("lone")
    creating = cluster.login("creating", "CREATEROLE")
    address = cluster.database()
    cluster.do("GRANT ALL ON SCHEMA public TO lone, creating", database="odds")
    found = {name: reported(as_login(address, name)) for name in (lone, creating)}
    assert {name: report.is_complete for name, report in found.items()} == {lone: False, creating: False}
    assert {name: report.is_as_can_be for name, report in found.items()} == {lone: True, creating: False}
    assert reported(address).is_as_can_be is False
    cluster.do(f"CREATE ROLE {Role.READER}")
    assert reported(as_login(address, lone)).is_as_can_be is False


def test_nobody_is_advised_to_let_a_reader_write(cluster: Cluster, odds: DatabaseAddress) -> None:
    cluster.do("CREATE ROLE analysts")
    cluster.login("reading", "IN ROLE monps_reader, analysts")
    report = migrated(as_login(odds, "reading"))
    assert (report.done, report.missing) == ((), ())
    cluster.login("stranger", "IN ROLE analysts")
    cluster.login("apart", "NOINHERIT IN ROLE monps_reader")
    cluster.login("mixed", "NOINHERIT IN ROLE monps_reader, monps_writer")
    wanted = {"stranger": Role.WRITER, "apart": Role.READER, "mixed": Role.WRITER}
    for login, role in wanted.items():
        (gap,) = reported(as_login(odds, login)).missing
        assert gap.what == f"{login} is no member of {role} that has its rights and may take it on"


def test_the_sql_of_the_report_is_all_that_an_administrator_has_to_run(cluster: Cluster) -> None:
    lone = cluster.login("lone")
    address = as_login(cluster.database(owner=lone), lone)
    cluster.do(migrated(address).script, database="odds")
    report = ensured(address)
    assert (report.done, report.missing) == ((), ())
    assert current_user(engine_of(address, Role.WRITER)) == Role.WRITER
    load(sessions_of(address, Role.WRITER))
    assert migrations.downgrade(engine_of(address), "base") == (migrations.head(), None)
    assert migrated(address).is_complete


def test_a_user_who_may_create_roles_but_not_grant_those_of_another_is_told_so(cluster: Cluster) -> None:
    cluster.do(*(f"CREATE ROLE {role}" for role in Role))
    creating = cluster.login("creating", "CREATEROLE")
    address = as_login(cluster.database(owner=creating), creating)
    report = migrated(address)
    if version(cluster) < 160000:
        assert report.is_complete
        return
    assert "GRANT monps_owner TO creating WITH INHERIT TRUE, SET TRUE;\n" in report.script
    load(sessions_of(address, Role.WRITER))
    cluster.do(report.script, database="odds")
    assert ensured(address).is_complete
    assert current_user(engine_of(address, Role.WRITER)) == Role.WRITER


def test_a_user_whose_rights_are_not_inherited_is_told_how_to_change_that(cluster: Cluster) -> None:
    lone = cluster.login("lone", "NOINHERIT")
    address = as_login(cluster.database(owner=lone), lone)
    cluster.do("GRANT CREATE ON SCHEMA public TO lone", database="odds")
    cluster.do(migrated(address).script, database="odds")
    cluster.do(ensured(address).script or "SELECT 1", database="odds")
    assert ensured(address).is_complete


def test_a_name_that_needs_quotes_is_quoted_in_the_sql(cluster: Cluster) -> None:
    cluster.login('"Odd ""user"')
    cluster.database('"Odd ""odds"', owner='"Odd ""user"')
    address = replace(as_login(cluster.address, 'Odd "user'), database='Odd "odds')
    cluster.do(migrated(address).script, database='Odd "odds')
    assert ensured(address).is_complete


@pytest.mark.parametrize("attributes", ["", "CREATEROLE"])
@pytest.mark.parametrize("role", list(Role))
def test_a_login_that_bears_the_name_of_a_role_is_no_obstacle(cluster: Cluster, role: Role, attributes: str) -> None:
    cluster.login(role, attributes)
    address = as_login(cluster.database(owner=role), role)
    report = migrated(address)
    load(sessions_of(address, Role.WRITER))
    assert report.is_complete is (role is Role.OWNER and attributes == "CREATEROLE")


# A server of one's own, as docs/roles.md describes it


def scripts() -> list[str]:
    """The SQL of the page, block by block."""
    page = (PROJECT_ROOT / "docs" / "roles.md").read_text(encoding="utf-8")
    return re.findall(r"```sql\n(.*?)```", page, re.DOTALL)


def statements_of(script: str) -> list[str]:
    return [statement.strip() for statement in script.split(";\n") if statement.strip()]


@pytest.fixture
def documented(cluster: Cluster) -> DatabaseAddress:
    """A server as an administrator sets it up by the page."""
    whole_server, own_database, tools = scripts()
    cluster.do(*statements_of(whole_server))
    cluster.do(*statements_of(own_database), database="monps")
    cluster.do(*statements_of(tools))
    for login in ("monps_migrator", "monps_app", "monps_report", "dashboard"):
        cluster.do(f"ALTER ROLE {login} PASSWORD '{PASSWORD.get_secret_value()}'")
    return cluster.address.other("monps")


def test_three_logins_of_ones_own_migrate_work_and_read_and_no_more(
    cluster: Cluster, documented: DatabaseAddress
) -> None:
    assert migrated(as_login(documented, "monps_migrator")).is_complete
    assert {owner for name, owner in owners(cluster, "monps").items() if name != "public"} == {Role.OWNER}
    app = as_login(documented, "monps_app")
    report = migrated(app)
    assert (report.done, report.missing) == ((), ())
    load(sessions_of(app, Role.WRITER))
    for engine in (engine_of(app), engine_of(app, Role.WRITER)):
        assert allowed(engine, CHANGES) == []
    for name in ("monps_report", "dashboard"):
        engine = engine_of(as_login(documented, name))
        assert allowed(engine, READS) == READS
        assert allowed(engine, WRITES + CHANGES) == []
        assert allowed(engine, ["CREATE TEMPORARY TABLE notes (id int)"]) == []


def test_the_documented_migrator_migrates_down_and_up_again(documented: DatabaseAddress) -> None:
    migrator = as_login(documented, "monps_migrator")
    assert migrated(migrator).is_complete
    assert migrations.downgrade(engine_of(migrator), "base") == (migrations.head(), None)
    assert migrated(migrator).is_complete


def test_dagsters_database_is_open_to_the_platforms_login_alone(documented: DatabaseAddress) -> None:
    storage = documented.other("monps_dagster")
    with engine_of(as_login(storage, "monps_app")).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE runs (id int)")
    for name in ("monps_migrator", "monps_report"):
        with pytest.raises(DBAPIError, match="permission denied for database"):
            engine_of(as_login(storage, name)).connect()


def test_the_roles_are_dropped_as_the_page_says_after_their_databases(cluster: Cluster, odds: DatabaseAddress) -> None:
    drop = "DROP ROLE monps_owner, monps_writer, monps_reader"
    assert drop in " ".join((PROJECT_ROOT / "docs" / "roles.md").read_text(encoding="utf-8").split())
    with pytest.raises(DBAPIError, match="cannot be dropped because some objects depend on it"):
        cluster.do(drop)
    cluster.do("DROP DATABASE odds", drop)


def version(cluster: Cluster) -> int:
    return int(cluster.ask("SHOW server_version_num")[0])
