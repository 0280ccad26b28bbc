"""What can go wrong between the platform and its server: an error in words, nothing committed is lost, nothing of the
broken transaction is kept, and the next use works.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from monps_platform.db.bulk import merge
from monps_platform.db.bulk.merge import copy_rows
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.connection.pool import PoolOptions
from monps_platform.db.embedded import EmbeddedServer
from monps_platform.db.errors import (
    AccessDeniedError,
    ConnectionLostError,
    DatabaseError,
    DiskFullError,
    LockTimeoutError,
    PoolExhaustedError,
    ReadOnlyError,
    SchemaMissingError,
    ServerUnavailableError,
    StatementTimeoutError,
)
from monps_platform.db.schema import migrations
from monps_platform_tests.db.embedded.embedded_helpers import copy_template, make_server, throwaway_base
from monps_platform_tests.db.layers import AsyncLayer, Layer, SyncLayer
from monps_platform_tests.db.samples import Reader
from monps_platform_tests.db.transactions import (
    SESSION,
    UNIT,
    Transaction,
    Way,
    assert_in_words,
    doing,
    opened,
    writing,
)
from monps_platform_tests.waiting import wait_until

SECRET = "hunter2-not-for-logs"
KEYS = "SELECT key FROM bookmakers ORDER BY id"
UNDONE = "Nothing of this transaction was kept; what was committed before is safe."
NARROW = PoolOptions(size=1, max_overflow=0, timeout=0.1)
"""A pool that a connection which is not given back would exhaust."""


@pytest.fixture
def engine(engine_for_bookmakers: Engine) -> Engine:
    """An engine on the module's database; nothing but bookmakers is written here."""
    return engine_for_bookmakers


@pytest.fixture(params=[UNIT, SESSION])
def way(request: pytest.FixtureRequest, layer: Layer) -> Iterator[Way]:
    """Each of the four ways to the module's database, whose tables are empty."""
    with Way(layer, request.param).to(layer.database.address, NARROW) as narrow:
        yield narrow


@dataclass(frozen=True)
class Server:
    """Does to the server what a transaction cannot do to itself."""

    engine: Engine

    def do(self, *statements: str) -> None:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements:
                connection.execute(text(statement))

    def ask(self, query: str) -> object:
        with self.engine.connect() as connection:
            return connection.scalar(text(query))

    def kill(self, pid: int) -> None:
        """End a connection and wait until it is gone."""
        assert self.ask(f"SELECT pg_terminate_backend({pid}, 5000)")

    @contextmanager
    def killing_in_sleep(self, pid: int) -> Iterator[None]:
        """End a connection as soon as it sleeps in the middle of a statement."""

        def wait_and_kill() -> None:
            wait_until(lambda: self.ask(f"SELECT wait_event FROM pg_stat_activity WHERE pid = {pid}") == "PgSleep")
            self.kill(pid)

        thread = threading.Thread(target=wait_and_kill)
        thread.start()
        try:
            yield
        finally:
            thread.join()


@pytest.fixture(scope="module")
def administrator(server: DatabaseAddress) -> Iterator[Server]:
    engine = create_engine(server.other("postgres").url(), poolclass=NullPool)
    yield Server(engine)
    engine.dispose()


@pytest.fixture(scope="module", autouse=True)
def _trapdoors(shared_engine: Engine) -> None:
    """Bookmakers whose key makes the server sleep, or say that its disk is full."""
    with shared_engine.begin() as connection:
        connection.execute(
            text("""
            CREATE FUNCTION trapdoor() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.key = 'SLEEP' THEN PERFORM pg_sleep(30); END IF;
                IF NEW.key = 'FULL' THEN
                    RAISE SQLSTATE '53100' USING MESSAGE = 'could not extend file: No space left on device';
                END IF;
                RETURN NEW;
            END $$""")
        )
        connection.execute(
            text("CREATE TRIGGER trapdoor BEFORE INSERT ON bookmakers FOR EACH ROW EXECUTE FUNCTION trapdoor()")
        )


class CallersError(Exception):
    """What the caller's own code raises."""


def sleep(transaction: Transaction, server: Server) -> None:
    with server.killing_in_sleep(transaction.pid()):
        transaction.do("SELECT pg_sleep(30)")


def sleep_in_merge(transaction: Transaction, server: Server) -> None:
    with server.killing_in_sleep(transaction.pid()):
        transaction.write("LOST TOO", "SLEEP")


def kill_between(transaction: Transaction, server: Server) -> None:
    server.kill(transaction.pid())
    transaction.do("SELECT 1")


def kill_before_bulk(transaction: Transaction, server: Server) -> None:
    server.kill(transaction.pid())
    transaction.write("LOST TOO")


def kill_in_copy(transaction: Transaction, server: Server) -> None:
    pid = transaction.pid()

    class Interrupted(BytesIO):
        """A stream whose reader loses its connection after the first piece."""

        pieces = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.pieces += 1
            if self.pieces == 2:
                server.kill(pid)
            return super().read(size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge, "BytesIO", Interrupted)
        transaction.write("LOST A", "LOST B", "LOST C", name="n" * 1_000_000)


def kill_before_commit(transaction: Transaction, server: Server) -> None:
    server.kill(transaction.pid())


def take_too_long(transaction: Transaction, _server: Server) -> None:
    transaction.do("SET LOCAL statement_timeout = '50ms'")
    transaction.do("SELECT pg_sleep(30)")


def fill_disk(transaction: Transaction, _server: Server) -> None:
    transaction.write("LOST TOO", "FULL")


def fill_disk_by_row(transaction: Transaction, _server: Server) -> None:
    transaction.do(
        "INSERT INTO bookmakers (key, name, is_aggregate, is_sharp, is_exchange) "
        "VALUES ('FULL', 'n', false, false, false)"
    )


def fill_disk_in_copy(transaction: Transaction, _server: Server) -> None:
    def copy(session: Session) -> None:
        columns = ("key", "name", "is_aggregate", "is_sharp", "is_exchange")
        copy_rows(session.connection(), "bookmakers", columns, [("FULL", "n", False, False, False)])

    transaction.run(copy)


def name_no_table(transaction: Transaction, _server: Server) -> None:
    transaction.do("SELECT count(*) FROM ops.no_such_table")


def name_no_schema(transaction: Transaction, _server: Server) -> None:
    transaction.do("CREATE TABLE no_such_schema.t (x int)")


def overstep(transaction: Transaction, _server: Server) -> None:
    transaction.do("TRUNCATE leagues CASCADE")


Strike = Callable[[Transaction, Server], None]
LOST = ("connection", UNDONE, "Check that the server is up (monps status), then run it again.")
FULL = ("No space left on device", UNDONE, "Free space on the server's disk, then run it again.")
AT_COMMIT = ("It broke at the commit", "look before you run it again", "What was committed before is safe")
FAULTS: dict[str, tuple[Strike, type[DatabaseError], Sequence[str]]] = {
    "killed between two statements": (kill_between, ConnectionLostError, LOST),
    "killed in a statement": (sleep, ConnectionLostError, LOST),
    "killed before a bulk write": (kill_before_bulk, ConnectionLostError, LOST),
    "killed in the COPY of a bulk write": (kill_in_copy, ConnectionLostError, LOST),
    "killed in the merge of a bulk write": (sleep_in_merge, ConnectionLostError, LOST),
    "killed before the commit": (kill_before_commit, ConnectionLostError, AT_COMMIT),
    "a statement that takes too long": (
        take_too_long,
        StatementTimeoutError,
        ("statement timeout", UNDONE, "Raise MONPS_DB_STATEMENT_TIMEOUT"),
    ),
    "disk full in a bulk write": (fill_disk, DiskFullError, FULL),
    "disk full in a row": (fill_disk_by_row, DiskFullError, FULL),
    "disk full in a COPY": (fill_disk_in_copy, DiskFullError, ("COPY bookmakers", *FULL)),
    "no such table": (name_no_table, SchemaMissingError, ("ops.no_such_table", "not migrated yet: monps migrate")),
    "no such schema": (name_no_schema, SchemaMissingError, ("no_such_schema", "not migrated yet: monps migrate")),
    "no privilege": (overstep, AccessDeniedError, ("permission denied", "See docs/roles.md")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_words_and_costs_only_its_own_transaction(
    way: Way, administrator: Server, reader: Reader, fault: str
) -> None:
    strike, kind, said = FAULTS[fault]
    way.use(writing("KEPT"))
    with pytest.raises(DatabaseError) as caught:
        way.use(writing("LOST"), lambda transaction: strike(transaction, administrator))
    assert_in_words(caught.value, kind, way.layer.database.address, said)
    assert reader.rows(KEYS) == [("KEPT",)]
    way.use(writing("AFTER"))
    assert reader.rows(KEYS) == [("KEPT",), ("AFTER",)]


def test_a_lock_that_is_held_too_long_is_told_in_words(way: Way, engine: Engine, reader: Reader) -> None:
    with engine.begin() as other:
        other.execute(text("LOCK TABLE leagues"))
        with pytest.raises(DatabaseError) as caught:
            way.use(writing("LOST"), doing("SET LOCAL lock_timeout = '50ms'"), doing("SELECT count(*) FROM leagues"))
    said = ("lock timeout", UNDONE, "Run it again when whoever holds the lock is done.")
    assert_in_words(caught.value, LockTimeoutError, way.layer.database.address, said)
    assert reader.rows(KEYS) == []


def test_a_write_where_only_reading_is_allowed_is_told_in_words(way: Way, reader: Reader) -> None:
    with pytest.raises(DatabaseError) as caught:
        way.use(doing("UPDATE bookmakers SET name = 'x'"), read_only=True)
    said = ("read-only transaction", "Use a unit of work that is not read_only.")
    assert_in_words(caught.value, ReadOnlyError, way.layer.database.address, said)
    way.use(writing("AFTER"))
    assert reader.rows(KEYS) == [("AFTER",)]


def test_an_error_of_the_callers_own_is_not_hidden_by_a_connection_that_broke_meanwhile(
    way: Way, administrator: Server, reader: Reader
) -> None:
    def break_and_raise(transaction: Transaction) -> None:
        administrator.kill(transaction.pid())
        raise CallersError

    with pytest.raises(CallersError):
        way.use(writing("LOST"), break_and_raise)
    way.use(writing("AFTER"))
    assert reader.rows(KEYS) == [("AFTER",)]


def test_a_rollback_after_the_connection_was_lost_lets_the_transaction_begin_anew(
    way: Way, administrator: Server, reader: Reader
) -> None:
    way.use(
        writing("LOST"),
        lambda transaction: administrator.kill(transaction.pid()),
        lambda transaction: transaction.run(lambda session: session.rollback()),
        writing("AFTER"),
    )
    assert reader.rows(KEYS) == [("AFTER",)]


def test_errors_of_the_statement_itself_stay_what_they_are(way: Way, reader: Reader) -> None:
    with pytest.raises(DBAPIError, match="division by zero"):
        way.use(writing("LOST"), doing("SELECT 1 / 0"))
    assert reader.rows(KEYS) == []


def test_a_connection_killed_while_it_only_read_is_replaced(way: Way, administrator: Server) -> None:
    with pytest.raises(ConnectionLostError):
        way.use(lambda transaction: kill_between(transaction, administrator), read_only=True)
    with way.open(read_only=True) as transaction:
        assert transaction.value("SELECT 1") == 1


def test_a_connection_killed_while_it_waited_in_the_pool_is_replaced_unnoticed(way: Way, administrator: Server) -> None:
    with way.open() as transaction:
        first = transaction.pid()
    administrator.kill(first)
    with way.open() as transaction:
        assert transaction.pid() != first


# An exhausted pool


def test_an_exhausted_pool_is_told_in_words_and_leaves_the_running_transaction_alone(way: Way, reader: Reader) -> None:
    with way.open() as holder:
        holder.write("KEPT")
        with pytest.raises(PoolExhaustedError) as caught:
            way.use(writing("LOST"))
        holder.write("KEPT TOO")
    said = ("all 1 connections of the pool (1 + 0)", "were in use for 0.1 s", "raise MONPS_DB_POOL_SIZE")
    assert_in_words(caught.value, PoolExhaustedError, way.layer.database.address, said)
    assert reader.rows(KEYS) == [("KEPT",), ("KEPT TOO",)]
    way.use(writing("AFTER"))
    assert reader.value("SELECT count(*) FROM bookmakers") == 3


# A server that does not let us in


@pytest.fixture
def guest(administrator: Server, shared_database: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A user of the module's database, who may have one connection at a time."""
    administrator.do(f"CREATE ROLE guest LOGIN PASSWORD '{SECRET}' CONNECTION LIMIT 1")
    yield replace(shared_database, user="guest", password=SecretStr(SECRET))
    wait_until(lambda: not administrator.ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'guest'"))
    administrator.do("DROP ROLE guest")


def refusal(way: Way) -> ServerUnavailableError:
    """How a way is told that it cannot connect."""
    with pytest.raises(ServerUnavailableError) as caught:
        way.use(doing("SELECT 1"))
    return caught.value


def test_a_wrong_password_is_told_in_words_until_it_is_right(
    way: Way, administrator: Server, guest: DatabaseAddress
) -> None:
    wrong = replace(guest, password=SecretStr("another-not-for-logs"))
    with way.to(wrong, NARROW) as stranger:
        said = ('password authentication failed for user "guest"', "Check MONPS_DB_USER and MONPS_DB_PASSWORD.")
        assert_in_words(refusal(stranger), ServerUnavailableError, wrong, said)
        administrator.do("ALTER ROLE guest PASSWORD 'another-not-for-logs'")
        with stranger.open() as transaction:
            assert transaction.user() == "guest"


def test_a_database_that_is_not_there_is_told_in_words_until_it_is(way: Way, administrator: Server) -> None:
    address = way.layer.database.address.other("not_there_yet")
    with way.to(address, NARROW) as early:
        said = ('database "not_there_yet" does not exist', "Check MONPS_DB_NAME, or run: monps migrate")
        assert_in_words(refusal(early), ServerUnavailableError, address, said)
        administrator.do("CREATE DATABASE not_there_yet TEMPLATE template0")
        try:
            with early.open() as transaction:
                assert transaction.value("SELECT current_database()") == "not_there_yet"
        finally:
            administrator.do("DROP DATABASE not_there_yet WITH (FORCE)")


def test_too_many_connections_are_told_in_words_until_one_is_closed(
    way: Way, administrator: Server, guest: DatabaseAddress
) -> None:
    with way.to(guest, NARROW) as late:
        with closing(psycopg2.connect(guest.libpq_url())):
            said = ('too many connections for role "guest"', "Close other clients")
            assert_in_words(refusal(late), ServerUnavailableError, guest, said)
        wait_until(lambda: not administrator.ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'guest'"))
        with late.open() as transaction:
            assert transaction.user() == "guest"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"port": 1}, "refused|Connect call failed"),
        ({"host": "bad..host"}, "host name|label empty"),
        ({"sslmode": "require"}, "SSL"),
    ],
    ids=["no server", "no host", "no encryption"],
)
def test_a_server_that_cannot_be_reached_is_told_with_all_that_may_be_wrong(
    way: Way, change: dict[str, str | int], said: str
) -> None:
    address = replace(way.layer.database.address, **change)  # type: ignore[arg-type]  # fields of two types
    with way.to(address, NARROW) as elsewhere:
        error = refusal(elsewhere)
    assert_in_words(error, ServerUnavailableError, address, ["cannot connect to PostgreSQL at ", "MONPS_DB_HOST"])
    assert any(part in str(error) for part in said.split("|"))


@contextmanager
def hanging_up() -> Iterator[int]:
    """A port where somebody answers and hangs up, as a server does that is about to end."""

    class HangUp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1)

    with socketserver.TCPServer(("127.0.0.1", 0), HangUp) as listener:
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield listener.server_address[1]
        finally:
            listener.shutdown()
            thread.join()


def test_a_server_that_hangs_up_before_there_is_a_connection_is_not_told_as_a_lost_one(way: Way) -> None:
    with hanging_up() as port:
        address = replace(way.layer.database.address, port=port)
        with way.to(address, NARROW) as elsewhere:
            said = ("cannot connect to PostgreSQL at ", "Check that the server is up (monps status)")
            assert_in_words(refusal(elsewhere), ServerUnavailableError, address, said)


def test_a_database_without_tables_is_told_to_be_migrated(layer: Layer, empty_database: DatabaseAddress) -> None:
    with opened(type(layer), UNIT, empty_database, NARROW) as early:
        with pytest.raises(SchemaMissingError) as caught:
            early.use(writing("LOST"))
        said = ('relation "bookmakers" does not exist', "not migrated yet: monps migrate")
        assert_in_words(caught.value, SchemaMissingError, empty_database, said)
        engine = build_engine(empty_database)
        migrations.upgrade(engine)
        engine.dispose()
        with early.open() as transaction:
            transaction.write("AFTER")
            assert transaction.value("SELECT count(*) FROM bookmakers") == 1


# A server of the module's own, to be stopped and to be run out of space


@dataclass(frozen=True)
class OwnServer:
    """A server that may be harmed."""

    server: EmbeddedServer
    address: DatabaseAddress

    def ask(self, query: str) -> list[Any]:
        """The first column of a query; nothing where a statement returns nothing."""
        engine = create_engine(self.address.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            result = connection.execute(text(query))
            return list(result.scalars()) if result.returns_rows else []

    def file_of(self, table: str) -> Path:
        """Where a table's rows lie."""
        path = self.ask(f"SELECT pg_relation_filepath('{table}')")[0]
        return self.server.status().data_dir / str(path)

    @contextmanager
    def full_disk_under(self, table: str) -> Iterator[None]:
        """Let a table that is empty grow on a device that is full."""
        file = self.file_of(table)
        away = file.with_name(f"{file.name}.away")
        file.rename(away)
        file.symlink_to(FULL_DEVICE)
        try:
            yield
        finally:
            file.unlink()
            away.rename(file)


FULL_DEVICE = Path("/dev/full")


@pytest.fixture(scope="module")
def _own() -> Iterator[OwnServer]:
    with throwaway_base() as base:
        server = make_server(copy_template(base / "home"))
        running = server.ensure_running()
        address = DatabaseAddress(running.host, running.port, running.user, running.password, "monps", "disable")
        engine = build_engine(address)
        migrations.upgrade(engine)
        engine.dispose()
        yield OwnServer(server, address)
        server.stop()


@pytest.fixture
def own(_own: OwnServer) -> Iterator[OwnServer]:
    """The module's own server, running, its tables empty."""
    yield _own
    _own.server.ensure_running()
    _own.ask("TRUNCATE bookmakers, teams CASCADE")


@pytest.fixture(
    params=[(layer, kind) for layer in (SyncLayer, AsyncLayer) for kind in (UNIT, SESSION)],
    ids=lambda pair: f"{pair[0].name}-{pair[1]}",
)
def own_way(request: pytest.FixtureRequest, own: OwnServer) -> Iterator[Way]:
    """Each of the four ways to the module's own server."""
    made, kind = request.param
    with opened(made, kind, own.address, NARROW) as way:
        yield way


def test_a_server_stopped_before_the_first_connection_is_told_and_used_once_it_is_back(
    own_way: Way, own: OwnServer
) -> None:
    own.server.stop()
    said = ("cannot connect to PostgreSQL at ", "Check that the server is up (monps status)")
    assert_in_words(refusal(own_way), ServerUnavailableError, own.address, said)
    own.server.ensure_running()
    own_way.use(writing("AFTER"))
    assert own.ask(KEYS) == ["AFTER"]


def test_a_server_stopped_under_pooled_connections_is_told_and_used_once_it_is_back(
    own_way: Way, own: OwnServer
) -> None:
    own_way.use(writing("KEPT"))
    own.server.stop()
    said = ("cannot connect to PostgreSQL at ", "Check that the server is up (monps status)")
    for _ in range(2):
        assert_in_words(refusal(own_way), ServerUnavailableError, own.address, said)
    own.server.ensure_running()
    own_way.use(writing("AFTER"))
    assert own.ask(KEYS) == ["KEPT", "AFTER"]


def test_a_server_restarted_under_pooled_connections_goes_unnoticed(own_way: Way, own: OwnServer) -> None:
    own_way.use(writing("KEPT"))
    own.server.stop()
    own.server.ensure_running()
    own_way.use(writing("AFTER"))
    assert own.ask(KEYS) == ["KEPT", "AFTER"]


def test_a_server_stopped_in_the_middle_of_a_transaction_costs_only_that(own_way: Way, own: OwnServer) -> None:
    own_way.use(writing("KEPT"))
    with pytest.raises(DatabaseError) as caught:
        own_way.use(writing("LOST"), lambda _: own.server.stop(), writing("LOST TOO"))
    assert_in_words(caught.value, ConnectionLostError, own.address, LOST)
    own.server.ensure_running()
    own_way.use(writing("AFTER"))
    assert own.ask(KEYS) == ["KEPT", "AFTER"]


@pytest.mark.skipif(not FULL_DEVICE.exists(), reason="no device here is always full; the stand-in above is tested")
@pytest.mark.parametrize("by_copy", [False, True], ids=["merge", "COPY"])
def test_a_disk_that_is_really_full_costs_only_the_transaction_that_filled_it(
    own_way: Way, own: OwnServer, by_copy: bool
) -> None:
    def copy(session: Session) -> None:
        copy_rows(session.connection(), "teams", ("name", "country"), [("Wanderers", "Nowhere")])

    def fill(transaction: Transaction) -> None:
        transaction.run(copy) if by_copy else transaction.add_team("Wanderers")

    own_way.use(writing("KEPT"))
    with own.full_disk_under("teams"):
        with pytest.raises(DatabaseError) as caught:
            own_way.use(writing("LOST"), fill)
        own_way.use(writing("MEANWHILE"))
    assert_in_words(caught.value, DiskFullError, own.address, FULL)
    # The server's process behind a connection holds on to the file that was in the table's place.
    with own_way.to(own.address, NARROW) as fresh:
        fresh.use(fill)
    assert own.ask(KEYS) == ["KEPT", "MEANWHILE"]
    assert own.ask("SELECT name FROM teams") == ["Wanderers"]
