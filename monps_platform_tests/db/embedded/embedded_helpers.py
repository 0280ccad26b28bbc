"""Real servers in throwaway homes, and real processes that use or harm them."""

from __future__ import annotations

import atexit
import functools
import os
import pickle
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import psutil
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class that is spelt like a function

from monps_platform.db.embedded import EmbeddedServer, EmbeddedServerError, ServerAddress
from monps_platform.db.embedded.account import Account, server_account
from monps_platform.db.embedded.postmaster import server_processes
from monps_platform_tests.waiting import wait_until

Fact = TypeVar("Fact")

QUICK = {"fsync": "off", "shared_buffers": "16MB"}

is_root = os.geteuid() == 0
needs_root = pytest.mark.skipif(not is_root, reason="only root can become somebody else")


MEMORY = Path("/dev/shm")


def make_base() -> Path:
    """Make a folder that every account may enter; pytest's own are closed to the account root drops to.

    It is in memory where that has room and lets programs run.
    """
    base = Path(tempfile.mkdtemp(prefix="monps-embedded-", dir=MEMORY if _is_memory_fit() else None)).resolve()
    base.chmod(0o755)
    return base


def remove_base(base: Path) -> None:
    """End every server below ``base``, then remove it."""
    processes = [process for process in psutil.process_iter() if _belongs_to(process, base)]
    for process in processes:
        _signal(process, signal.SIGCONT)
        _signal(process, signal.SIGQUIT)  # PostgreSQL's immediate shutdown: also removes its shared memory
    # Ended ones may stay zombies until init collects them.
    wait_until(lambda: not any(map(_is_alive, processes)), timeout=5, required=False)
    for process in processes:
        _signal(process, signal.SIGKILL)
    shutil.rmtree(base)


@contextmanager
def throwaway_base() -> Iterator[Path]:
    """Lend a folder of :func:`make_base`; no server in it outlives the block."""
    base = make_base()
    try:
        yield base
    finally:
        remove_base(base)


@functools.cache
def _template() -> Path:
    """Make one stopped cluster, once; the tests that need an existing one copy it."""
    base = make_base()
    atexit.register(remove_base, base)
    server = make_server(base)
    server.ensure_running()
    server.stop()
    (base / "postgres" / "port").unlink(missing_ok=True)
    return base


def copy_template(home: Path) -> Path:
    """Make a home with a cluster as an earlier run left it, cheaper than initdb."""
    home.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", _template() / "postgres", home], check=True)
    return home


def make_server(home: Path, **options: Any) -> EmbeddedServer:
    """Give a server with small settings on a port that is free now."""
    settings: dict[str, Any] = {"config": QUICK, "preferred_port": free_port(), "start_timeout": 60.0}
    return EmbeddedServer(home, **(settings | options))


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def listening(port: int) -> Iterator[None]:
    """Occupy a port as some other program."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        yield


def connect(address: ServerAddress, database: str = "monps") -> Connection:
    """Connect as an ordinary client."""
    return psycopg2.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password.get_secret_value(),
        dbname=database,
    )


def query(address: ServerAddress, statement: str, database: str = "monps") -> Any:
    """Run one statement and give the first value of its first row, if it returns any."""
    with closing(connect(address, database)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]


def keep_a_row(server: EmbeddedServer, value: int = 42) -> None:
    """Commit something that must survive."""
    query(server.ensure_running(), f"CREATE TABLE kept AS SELECT {value} AS value")


def kept_row(server: EmbeddedServer) -> object:
    """Read it back from a server that may have to be started."""
    return query(server.ensure_running(), "SELECT value FROM kept")


def account_of(server: EmbeddedServer) -> Account:
    """Tell the account the server's processes belong to."""
    return server_account(server.status().data_dir)


def postmaster(server: EmbeddedServer) -> psutil.Process:
    """Give the main process of a running server."""
    pid = server.status().pid
    assert pid is not None
    return psutil.Process(pid)


def facts(server: EmbeddedServer, read: Callable[[psutil.Process], Fact]) -> list[Fact]:
    """Read something of every process of a server; workers that end meanwhile do not count."""
    known = []
    for process in server_processes(server.status().data_dir):
        with suppress(psutil.NoSuchProcess):
            known.append(read(process))
    assert len(known) > 3
    return known


def kill(process: psutil.Process) -> None:
    """Kill a process with no chance to clean up, and wait until it is gone."""
    process.kill()
    wait_until(lambda: not _is_alive(process))


@dataclass(frozen=True)
class Child:
    """A forked copy of the tests that runs one function and sends back what it returns or raises."""

    pid: int
    answers: int

    @classmethod
    def fork(cls, function: Callable[[], object], uid: int | None = None, gid: int | None = None) -> Child:
        """Run ``function`` in a process of its own, as another user if told so.

        Forked, not started anew: another user may be unable to read this Python.
        """
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            _run_child(function, writer, uid, gid)
        os.close(writer)
        return cls(pid, reader)

    def result(self) -> Any:
        """Wait for the function's end; raise what it raised."""
        with os.fdopen(self.answers, "rb") as answers:
            answer = answers.read()
        os.waitpid(self.pid, 0)
        value = pickle.loads(answer)
        if isinstance(value, Exception):
            raise value
        return value

    def kill(self) -> None:
        """Kill it with no chance to clean up."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.answers)


def _run_child(function: Callable[[], object], writer: int, uid: int | None, gid: int | None) -> NoReturn:
    value: object
    try:
        if uid is not None and gid is not None:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        value = function()
    except (EmbeddedServerError, AssertionError, OSError, psycopg2.Error) as error:
        value = error
    try:
        with os.fdopen(writer, "wb") as answers:
            pickle.dump(value, answers)
    finally:
        os._exit(0)  # never back into the tests of the parent


def _is_memory_fit() -> bool:
    if not MEMORY.is_dir():
        return False
    return not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC and shutil.disk_usage(MEMORY).free > 1_000_000_000


def _belongs_to(process: psutil.Process, base: Path) -> bool:
    try:
        if not process.name().startswith(("postgres", "initdb")):
            return False
        signs = process.cmdline()
    except psutil.Error:
        return False
    with suppress(psutil.Error):
        signs.append(process.cwd())
    return any(sign.startswith(f"{base}/") for sign in signs)


def _signal(process: psutil.Process, number: int) -> None:
    with suppress(psutil.Error):
        process.send_signal(number)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
