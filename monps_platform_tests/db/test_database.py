"""The database as an object and as the one of a process: engines made late, shared, and closed without a trace."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection as Pipe
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from monps_platform.db import database as module
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.pool import CountingPool, PoolOptions, PoolStatus
from monps_platform.db.connection.roles import Role
from monps_platform.db.database import (
    ConnectionCheck,
    Database,
    check_async_connection,
    check_sync_connection,
    dispose,
    dispose_async,
    get_async_db,
    get_database,
    get_db,
    get_pool_status,
)
from monps_platform.db.errors import AccessDeniedError, ReadOnlyError, ServerUnavailableError
from monps_platform.db.schema import roles
from monps_platform_tests.db.layers import AsyncLayer, Layer, SyncLayer
from monps_platform_tests.db.samples import Reader
from monps_platform_tests.db.transactions import SESSION, UNIT, Transaction, Way, doing, opened, writing
from monps_platform_tests.environment import database_variables, set_variables
from monps_platform_tests.waiting import at_once, wait_until

SECRET = "hunter2-not-for-logs"
KEYS = "SELECT key FROM bookmakers ORDER BY id"
ONE = PoolOptions(size=1, max_overflow=0, timeout=0.5)


class CallersError(Exception):
    """What the caller's own code raises."""


@pytest.fixture
def engine(engine_for_bookmakers: Engine) -> Engine:
    """An engine on the module's database; nothing but bookmakers is written here."""
    return engine_for_bookmakers


@pytest.fixture(params=[UNIT, SESSION])
def way(request: pytest.FixtureRequest, layer: Layer) -> Way:
    """Each of the four ways to the module's database."""
    return Way(layer, request.param)


@dataclass(frozen=True)
class Watcher:
    """Counts connections as the server sees them."""

    engine: Engine
    database: str

    def connections(self) -> int:
        with self.engine.connect() as connection:
            query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND application_name = :ours")
            return int(connection.execute(query, {"name": self.database, "ours": "monps_platform"}).scalar_one())

    def has_none_soon(self) -> bool:
        """Whether the server's processes end, which they do a moment after the connection is closed."""
        return wait_until(lambda: self.connections() == 0, timeout=5, required=False)


@pytest.fixture
def watcher(shared_database: DatabaseAddress, shared_engine: Engine) -> Iterator[Watcher]:
    """Counts connections to the module's database."""
    shared_engine.dispose()  # not to count its own
    engine = create_engine(shared_database.other("postgres").url(), poolclass=NullPool)
    found = Watcher(engine, shared_database.database)
    assert found.has_none_soon()
    yield found
    engine.dispose()


@pytest.fixture
def replica(shared_database: DatabaseAddress, server: DatabaseAddress) -> DatabaseAddress:
    """Another database of the server, which stands in for a replica."""
    return server.other("postgres")


# Engines are made late


@pytest.mark.parametrize("layer_class", [SyncLayer, AsyncLayer])
def test_nothing_connects_before_the_first_statement(
    shared_database: DatabaseAddress, watcher: Watcher, layer_class: type[Layer]
) -> None:
    with opened(layer_class, UNIT, shared_database) as way:
        assert way.layer.engine is way.layer.engine
        with way.layer.unit() as unit:
            assert watcher.connections() == 0
            unit.bookmakers.count()
            assert watcher.connections() == 1


def test_making_a_database_needs_no_server() -> None:
    nowhere = DatabaseAddress("127.0.0.1", 1, "monps", SecretStr(SECRET), "monps")
    database = Database(nowhere, replica=nowhere.other("copy"))
    assert database.engine() is database.engine()
    assert database.engine(read_only=True) is not database.engine()
    assert SECRET not in repr(database)
    database.dispose()


def test_an_async_engine_needs_a_running_loop(shared_database: DatabaseAddress) -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        Database(shared_database).async_engine()


def test_threads_that_ask_at_once_get_one_engine(shared_database: DatabaseAddress) -> None:
    database = Database(shared_database)
    assert len(set(at_once(*[database.engine] * 8))) == 1
    database.dispose()


# Sessions commit or roll back


def test_what_was_done_is_kept_when_the_block_ends_well(way: Way, reader: Reader) -> None:
    way.use(writing("KEPT"))
    assert reader.rows(KEYS) == [("KEPT",)]


def test_what_was_done_is_undone_when_the_block_raises(way: Way, reader: Reader) -> None:
    def fail(_transaction: Transaction) -> None:
        raise CallersError

    with pytest.raises(CallersError):
        way.use(writing("LOST"), fail)
    assert reader.rows(KEYS) == []


@pytest.mark.parametrize("layer_class", [SyncLayer, AsyncLayer])
def test_a_session_may_commit_in_between(
    shared_database: DatabaseAddress, layer_class: type[Layer], reader: Reader
) -> None:
    def fail(transaction: Transaction) -> None:
        transaction.write("LOST")
        raise CallersError

    with opened(layer_class, SESSION, shared_database) as way, pytest.raises(CallersError):
        way.use(writing("KEPT"), lambda transaction: transaction.run(lambda session: session.commit()), fail)
    assert reader.rows(KEYS) == [("KEPT",)]


# A replica


def test_reading_goes_to_the_replica_and_writing_stays(
    way: Way, shared_database: DatabaseAddress, replica: DatabaseAddress
) -> None:
    with way.to(shared_database, ONE, replica=replica) as split:
        for read_only, expected in [(True, replica), (False, shared_database)] * 2:
            with split.open(read_only=read_only) as transaction:
                assert transaction.value("SELECT current_database()") == expected.database


def test_without_a_replica_reading_goes_where_writing_goes(way: Way, shared_database: DatabaseAddress) -> None:
    with way.to(shared_database, ONE) as plain, plain.open(read_only=True) as transaction:
        assert transaction.value("SELECT current_database()") == shared_database.database


def test_a_replica_that_is_the_server_itself_does_not_keep_from_writing(
    way: Way, shared_database: DatabaseAddress, reader: Reader
) -> None:
    with way.to(shared_database, ONE, replica=replace(shared_database)) as same:
        same.use(doing("SELECT 1"), read_only=True)
        same.use(writing("KEPT"))
    assert reader.rows(KEYS) == [("KEPT",)]


def test_reading_refuses_to_write_and_leaves_the_connection_fit_for_writing(
    way: Way, shared_database: DatabaseAddress, reader: Reader
) -> None:
    with way.to(shared_database, ONE) as narrow:
        for key in ("A", "B"):
            with pytest.raises(ReadOnlyError, match="Use a unit of work that is not read_only"):
                narrow.use(doing("DELETE FROM bookmakers"), read_only=True)
            narrow.use(writing(key))
    assert reader.rows(KEYS) == [("A",), ("B",)]


# Whose rights the statements have


@pytest.fixture
def with_roles(shared_engine: Engine) -> None:
    """The roles exist and may what they should."""
    with shared_engine.connect() as connection:
        report = roles.ensure(connection)
    assert report.is_complete, report


def roles_of(transaction: Transaction) -> tuple[str, bool]:
    return transaction.user(), transaction.value("SELECT session_user <> current_user")


@pytest.mark.usefixtures("with_roles")
def test_writing_is_done_as_writer_and_reading_as_reader_however_often_a_connection_is_used(
    way: Way, shared_database: DatabaseAddress, reader: Reader
) -> None:
    def fail(_transaction: Transaction) -> None:
        raise CallersError

    with way.to(shared_database, ONE) as narrow:
        pids = set()
        for _ in range(2):
            for read_only, role in ((False, Role.WRITER), (True, Role.READER)):
                with narrow.open(read_only=read_only) as transaction:
                    assert roles_of(transaction) == (role, True)
                    transaction.run(lambda session: session.rollback())
                    assert roles_of(transaction) == (role, True)
                    pids.add(transaction.pid())
                with pytest.raises(CallersError):
                    narrow.use(fail, read_only=read_only)
        assert len(pids) == 1
        with pytest.raises(AccessDeniedError, match=r"See docs/roles.md"):
            narrow.use(doing("TRUNCATE bookmakers CASCADE"))
        with pytest.raises(AccessDeniedError):
            narrow.use(doing("SET TRANSACTION READ WRITE"), doing("DELETE FROM bookmakers"), read_only=True)
        narrow.use(writing("AFTER"))
    assert reader.rows(KEYS) == [("AFTER",)]


@pytest.mark.usefixtures("with_roles")
def test_the_replica_is_read_as_reader_too(
    way: Way, shared_database: DatabaseAddress, replica: DatabaseAddress
) -> None:
    with way.to(shared_database, ONE, replica=replica) as split, split.open(read_only=True) as transaction:
        assert roles_of(transaction) == (Role.READER, True)
    database = Database(shared_database, replica=replica)
    with database.engine(read_only=True).connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == Role.READER
    database.dispose()


def test_without_a_role_statements_have_the_rights_of_the_user_who_logged_in(
    way: Way, shared_database: DatabaseAddress
) -> None:
    with way.to(shared_database, ONE, role=None) as plain:
        for read_only in (False, True):
            with plain.open(read_only=read_only) as transaction:
                assert roles_of(transaction) == (shared_database.user, False)


@pytest.mark.usefixtures("with_roles")
def test_a_user_who_may_not_take_on_the_roles_works_as_himself(
    way: Way, shared_database: DatabaseAddress, shared_engine: Engine
) -> None:
    with shared_engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE outsider LOGIN PASSWORD '{SECRET}'"))
    try:
        with way.to(replace(shared_database, user="outsider", password=SecretStr(SECRET)), ONE) as outside:
            for read_only in (False, True):
                with outside.open(read_only=read_only) as transaction:
                    assert roles_of(transaction) == ("outsider", False)
    finally:
        with shared_engine.begin() as connection:
            connection.execute(text("DROP ROLE outsider"))


# Whether it answers


def check(layer: Layer, **options: bool) -> ConnectionCheck:
    """The check of a layer."""
    if isinstance(layer, AsyncLayer):
        return layer.loop.run_until_complete(layer.database.check_async_connection(**options))
    return layer.database.check_connection(**options)


def test_a_database_that_answers_tells_how_fast(layer: Layer) -> None:
    for _ in range(2):
        found = check(layer)
        assert (found.ok, found.reason) == (True, None)
        assert 0 < found.latency_ms < 10_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": SecretStr(SECRET)}, "password authentication failed"),
        ({"database": "no_such_database"}, 'database "no_such_database" does not exist'),
        ({"port": 1}, "Check that the server is up"),
        ({"host": "bad..host"}, "MONPS_DB_HOST"),
        ({"sslmode": "verify-full"}, "cannot connect to PostgreSQL"),
    ],
    ids=["password", "database", "port", "host", "sslmode"],
)
def test_a_database_that_does_not_answer_tells_why_and_no_password(
    layer: Layer, change: dict[str, Any], said: str
) -> None:
    address = replace(layer.database.address, **change)
    with opened(type(layer), UNIT, address) as way:
        found = check(way.layer)
    assert not found.ok
    assert found.latency_ms > 0
    assert said in str(found.reason)
    assert address.password.get_secret_value() not in f"{found}"


def test_an_exhausted_pool_is_a_reason_too(layer: Layer) -> None:
    options = PoolOptions(size=1, max_overflow=0, timeout=0.05)
    with opened(type(layer), UNIT, layer.database.address, options) as way:
        with way.open() as transaction:
            transaction.do("SELECT 1")
            found = check(way.layer)
        assert (found.ok, "all 1 connections of the pool" in str(found.reason)) == (False, True)
        assert check(way.layer).ok


def test_the_replica_is_checked_by_itself(layer: Layer) -> None:
    address = layer.database.address
    with opened(type(layer), UNIT, address, replica=address.other("no_such_database")) as way:
        assert check(way.layer).ok
        assert "no_such_database" in str(check(way.layer, read_only=True).reason)


# Closing


@pytest.fixture
def no_resource_warnings() -> Iterator[None]:
    """Fails when something that is open is thrown away."""
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
        gc.collect()
    assert [str(item.message) for item in caught if issubclass(item.category, ResourceWarning)] == []


@pytest.mark.usefixtures("no_resource_warnings")
def test_nothing_is_left_open_once_it_is_disposed_of_and_the_next_use_connects_again(
    layer: Layer, watcher: Watcher
) -> None:
    for _ in range(2):
        with layer.unit() as first, layer.unit(read_only=True) as second:
            first.bookmakers.count()
            second.bookmakers.count()
        assert watcher.connections() == 2
        if isinstance(layer, AsyncLayer):
            layer.loop.run_until_complete(layer.database.dispose_async())
        else:
            layer.database.dispose()
        assert watcher.has_none_soon()


@pytest.mark.usefixtures("no_resource_warnings")
def test_disposing_twice_or_of_nothing_does_no_harm(shared_database: DatabaseAddress) -> None:
    async def twice() -> None:
        await database.dispose_async()
        await database.dispose_async()

    database = Database(shared_database)
    database.dispose()
    database.dispose()
    asyncio.run(twice())


async def count_bookmakers(database: Database) -> int:
    async with database.async_unit_of_work() as unit:
        return await unit.bookmakers.count()


@pytest.mark.usefixtures("no_resource_warnings")
def test_one_database_serves_one_event_loop_after_another_and_each_closes_what_it_opened(
    shared_database: DatabaseAddress, watcher: Watcher
) -> None:
    database = Database(shared_database)
    for _ in range(3):
        assert asyncio.run(count_bookmakers(database)) == 0
        assert watcher.has_none_soon()


@pytest.mark.usefixtures("no_resource_warnings")
def test_a_loop_that_fails_closes_what_it_opened_as_well(shared_database: DatabaseAddress, watcher: Watcher) -> None:
    async def fail() -> None:
        await count_bookmakers(database)
        raise CallersError

    database = Database(shared_database)
    with pytest.raises(CallersError):
        asyncio.run(fail())
    assert watcher.has_none_soon()


def test_sync_and_async_work_share_a_database_but_no_connection(shared_database: DatabaseAddress) -> None:
    async def run() -> tuple[int, int]:
        async with database.async_session() as session:
            asynchronous = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            with database.session() as other:
                return asynchronous, other.execute(text("SELECT pg_backend_pid()")).scalar_one()

    database = Database(shared_database)
    assert len(set(asyncio.run(run()))) == 2
    database.dispose()


# Forks


def in_child(function: Callable[[], Any]) -> Any:
    """What a function returns in a forked child, or the words of what it raises."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, function))
    process.start()
    try:
        assert receiver.poll(20), "the child does not answer"
        answer = receiver.recv()
    finally:
        process.join(5)
        process.kill()
    assert process.exitcode == 0
    return answer


def _send(sender: Pipe, function: Callable[[], Any]) -> None:
    try:
        answer = function()
        gc.collect()
        sender.send(answer)
    except Exception as error:  # noqa: BLE001 - the parent looks at it
        sender.send(repr(error))


def backend(database: Database) -> int:
    with database.session() as session:
        return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())


async def async_backend(database: Database) -> int:
    async with database.async_session() as session:
        return int((await session.execute(text("SELECT pg_backend_pid()"))).scalar_one())


def test_a_forked_child_opens_connections_of_its_own_and_the_parents_go_on(shared_database: DatabaseAddress) -> None:
    database = Database(shared_database, ONE)
    own = backend(database)
    for _ in range(2):
        first, second = in_child(lambda: [backend(database), backend(database)])
        assert first == second != own
    assert backend(database) == own
    database.dispose()


def test_a_child_forked_in_the_middle_of_a_transaction_leaves_it_alone(
    shared_database: DatabaseAddress, reader: Reader
) -> None:
    database = Database(shared_database, ONE)
    with database.unit_of_work() as unit:
        unit.bookmakers.create(key="KEPT", name="n", is_aggregate=False, is_sharp=False, is_exchange=False)
        assert in_child(lambda: backend(database)) > 0
        unit.commit()
    assert reader.rows(KEYS) == [("KEPT",)]
    database.dispose()


def test_a_child_may_be_forked_while_a_thread_of_its_parent_holds_a_lock(shared_database: DatabaseAddress) -> None:
    database = Database(shared_database, ONE)
    backend(database)
    pool = database.engine().pool
    assert isinstance(pool, CountingPool)
    with database._lock, pool._counts.lock:
        assert in_child(lambda: backend(database)) > 0
    database.dispose()


def test_a_child_forked_from_a_running_loop_leaves_the_loop_its_connections(shared_database: DatabaseAddress) -> None:
    async def run() -> tuple[int, int, int]:
        own = await async_backend(database)
        child = in_child(lambda: asyncio.run(async_backend(database)))
        return own, child, await asyncio.wait_for(async_backend(database), 10)

    database = Database(shared_database, ONE)
    own, child, after = asyncio.run(run())
    assert own == after
    assert isinstance(child, int), child
    assert child != own


# The database of the process


@pytest.fixture
def of_process(shared_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings name the module's database; nothing of the process is left."""
    dispose()
    set_variables(monkeypatch, database_variables(shared_database, dagster=shared_database.database))
    yield
    dispose()


process_wide = pytest.mark.usefixtures("of_process")


@process_wide
def test_threads_that_ask_at_once_get_the_one_database_of_the_process() -> None:
    found = at_once(*[get_database] * 8)
    assert len(set(map(id, found))) == 1
    assert found[0] is get_database()


INSERT = text(
    "INSERT INTO bookmakers (key, name, is_aggregate, is_sharp, is_exchange) VALUES (:key, 'n', :no, :no, :no)"
)


def add(key: str, error: Exception | None = None) -> None:
    with get_db() as session:
        session.execute(INSERT, {"key": key, "no": False})
        if error is not None:
            raise error


async def add_async(key: str, error: Exception | None = None) -> None:
    async with get_async_db() as session:
        await session.execute(INSERT, {"key": key, "no": False})
        if error is not None:
            raise error


@process_wide
@pytest.mark.parametrize("work", [add, lambda *args: asyncio.run(add_async(*args))], ids=["get_db", "get_async_db"])
def test_the_processs_session_commits_when_the_block_ends_and_rolls_back_when_it_raises(
    reader: Reader, work: Callable[..., None]
) -> None:
    work("KEPT")
    with pytest.raises(CallersError):
        work("LOST", CallersError())
    work("KEPT TOO")
    assert reader.rows(KEYS) == [("KEPT",), ("KEPT TOO",)]


@process_wide
def test_the_process_forks_while_a_thread_asks_for_the_database_for_the_first_time() -> None:
    with module._of_process._lock:
        assert in_child(lambda: check_sync_connection().ok) is True


@process_wide
@pytest.mark.usefixtures("no_resource_warnings")
def test_the_processs_connections_are_closed_with_it(watcher: Watcher) -> None:
    async def run() -> int:
        async with get_async_db() as session:
            await session.execute(text("SELECT 1"))
        count = watcher.connections()
        await dispose_async()
        return count

    with get_db() as session:
        session.execute(text("SELECT 1"))
    assert get_pool_status() == PoolStatus(5, 1, 0, 0, waits=0, timeouts=0)
    assert asyncio.run(run()) == 2
    assert watcher.has_none_soon()
    with get_db() as session:
        session.execute(text("SELECT 1"))
    assert watcher.connections() == 1
    dispose()
    assert watcher.has_none_soon()


@process_wide
def test_after_disposal_the_settings_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = get_database()
    monkeypatch.setenv("MONPS_DB_POOL_SIZE", "2")
    assert (get_pool_status().size, get_database()) == (5, first)
    dispose()
    assert get_pool_status().size == 2
    assert get_database() is not first


@process_wide
def test_get_db_reads_from_the_replica_of_the_settings(
    replica: DatabaseAddress, shared_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = text("SELECT current_database()")

    async def run() -> object:
        async with get_async_db(read_only=True) as session:
            return (await session.execute(query)).scalar_one()

    monkeypatch.setenv("MONPS_DB_REPLICA_URL", replica.libpq_url())
    with get_db(read_only=True) as session:
        assert session.execute(query).scalar_one() == replica.database
    with get_db() as session:
        assert session.execute(query).scalar_one() == shared_database.database
    assert asyncio.run(run()) == replica.database


@process_wide
def test_the_process_tells_whether_its_database_answers() -> None:
    for found in (check_sync_connection(), asyncio.run(check_async_connection())):
        assert (found.ok, found.reason) == (True, None)
        assert found.latency_ms > 0


@process_wide
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PASSWORD", SECRET, "password authentication failed"),
        ("PORT", "1", "cannot connect to PostgreSQL"),
        ("PASSWORD", "", "MONPS_DB_PASSWORD is not set"),
        ("REPLICA_URL", f"mysql://owner:{SECRET}@db.example.org/odds", "MONPS_DB_REPLICA_URL"),
    ],
)
def test_the_process_tells_why_its_database_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"MONPS_DB_{name}", value)
    for found in (check_sync_connection(), asyncio.run(check_async_connection())):
        assert not found.ok
        assert said in str(found.reason)
        assert SECRET not in f"{found}"


@process_wide
def test_a_server_that_could_not_be_reached_is_told_and_after_a_disposal_the_settings_are_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("MONPS_DB_PORT", "1")
        with pytest.raises(ServerUnavailableError, match="cannot connect to PostgreSQL at"), get_db() as session:
            session.execute(text("SELECT 1"))
        assert not check_sync_connection().ok
    dispose()
    assert check_sync_connection().ok


OF_BACKEND = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND state IS NOT NULL")


@process_wide
def test_a_look_at_a_database_that_is_not_there_makes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONPS_DB_NAME", "not_there")
    check = check_sync_connection()
    assert not check.ok
    assert 'database "not_there" does not exist' in str(check.reason)
    assert not asyncio.run(check_async_connection()).ok


@process_wide
def test_a_setting_that_is_wrong_is_a_reason_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONPS_DB_POOL_SIZE", "hunter2")
    for check in (check_sync_connection(), asyncio.run(check_async_connection())):
        assert not check.ok
        assert "db_pool_size" in str(check.reason)
        assert "hunter2" not in str(check.reason)


@process_wide
def test_what_a_loop_has_opened_is_closed_by_it_also_after_a_disposal_in_between() -> None:
    async def run() -> int:
        async with get_async_db() as session:
            backend = int((await session.execute(text("SELECT pg_backend_pid()"))).scalar_one())
        dispose()
        await dispose_async()
        with get_db() as other:
            return int(other.execute(OF_BACKEND, {"pid": backend}).scalar_one())

    assert asyncio.run(run()) == 0


@process_wide
def test_databases_that_were_disposed_of_are_let_go_as_soon_as_no_loop_needs_them() -> None:
    async def run() -> int:
        async with get_async_db() as session:
            await session.execute(text("SELECT 1"))
        dispose()
        return len(module._of_process._dropped)

    for _ in range(3):
        assert check_sync_connection().ok
        dispose()
    assert module._of_process._dropped == []
    assert asyncio.run(run()) == 1
    dispose()
    assert module._of_process._dropped == []


def test_loops_that_ended_are_let_go(shared_database: DatabaseAddress) -> None:
    database = Database(shared_database)
    for _ in range(4):
        asyncio.run(count_bookmakers(database))
    assert len(database._loops) == 1


@process_wide
def test_a_forked_child_has_the_processs_database_with_connections_of_its_own() -> None:
    def own() -> int:
        with get_db() as session:
            return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())

    before = own()
    child = in_child(own)
    assert isinstance(child, int), child
    assert child != before
    assert own() == before
