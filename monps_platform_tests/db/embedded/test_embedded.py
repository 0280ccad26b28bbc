"""The life of the embedded server: started by anybody, once, and stopped only on demand. Every server is real."""

from __future__ import annotations

import os
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg2
import pytest

from monps_platform.db.embedded import EmbeddedServer, EmbeddedServerError
from monps_platform.db.embedded.folder import lock_file
from monps_platform.db.embedded.locking import exclusive
from monps_platform.db.embedded.postmaster import PID_FILE, PidFile
from monps_platform_tests.db.embedded.embedded_helpers import (
    Child,
    connect,
    facts,
    make_server,
    postmaster,
    query,
)


def test_a_new_home_gets_a_server_that_only_password_holders_on_this_machine_can_use(base: Path) -> None:
    server = make_server(base / "home")
    address = server.ensure_running()
    status = server.status()
    assert query(address, "SHOW listen_addresses") == "127.0.0.1"
    assert query(address, "SHOW unix_socket_directories") == ""
    assert query(address, "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules") == ["scram-sha-256"]
    assert query(address, "SELECT rolpassword ~ '^SCRAM-SHA-256' FROM pg_authid WHERE rolname = 'monps'")
    assert (
        query(address, "SELECT datcollate || pg_encoding_to_char(encoding) FROM pg_database LIMIT 1") == "C.UTF-8UTF8"
    )
    assert query(address, "SELECT count(*) FROM pg_database WHERE datname IN ('monps', 'monps_dagster')") == 2
    assert stat.S_IMODE((status.data_dir.parent / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(status.data_dir.stat().st_mode) == 0o700
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        connect(replace(address, password=type(address.password)("wrong")))


def test_a_running_server_is_found_again_and_left_alone(server: EmbeddedServer) -> None:
    address, before = server.ensure_running(), server.status()
    began = time.monotonic()
    assert server.ensure_running() == address
    assert time.monotonic() - began < 2
    assert server.status() == before
    assert before.running
    assert before.accepting
    assert before.version is not None
    assert before.since is not None
    assert server.address() == address


def test_the_server_belongs_to_no_terminal_and_to_no_caller(server: EmbeddedServer) -> None:
    server.ensure_running()
    process = postmaster(server)
    assert os.getsid(process.pid) != os.getsid(0)
    assert process.ppid() != os.getpid()


def test_looking_at_a_home_that_does_not_exist_makes_nothing(base: Path) -> None:
    server = make_server(base / "home")
    assert server.address() is None
    assert not server.status().running
    assert server.status().version is None
    assert server.stop() is False
    assert not (base / "home").exists()


def test_stopping_ends_open_connections_and_says_whether_there_was_something_to_stop(server: EmbeddedServer) -> None:
    client = connect(server.ensure_running())
    process = postmaster(server)
    assert server.stop() is True
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert server.stop() is False
    assert server.address() is None
    assert server.status().pid is None
    with pytest.raises(psycopg2.OperationalError), client.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_server_that_starts_or_stops_runs_but_has_no_address_yet(server: EmbeddedServer) -> None:
    server.ensure_running()
    pid_file = server.status().data_dir / PID_FILE
    content = pid_file.read_text()
    for state in ("starting", "stopping", ""):
        pid_file.write_text(content.replace("ready", state))
        assert server.address() is None, state
        assert server.status().running
        assert not server.status().accepting
    pid_file.write_text(content)
    assert server.address() is not None


def test_a_pid_file_is_read_as_far_as_it_is_written() -> None:
    whole = PidFile.parse("123\n/data\n1750000000\n54320\n\n127.0.0.1\n  1 2\nready   \n")
    assert whole == PidFile(123, datetime.fromtimestamp(1750000000, UTC), 54320, "ready")
    assert PidFile.parse("123\n/data\n") == PidFile(123, None, None, None)
    assert PidFile.parse("-123\n") == PidFile(123, None, None, None)  # single-user mode
    assert PidFile.parse("\n123") is None


def test_databases_added_to_the_settings_are_made_on_a_running_server(server: EmbeddedServer, base: Path) -> None:
    server.ensure_running()
    address = make_server(base / "home", databases=["monps", 'with "quotes"']).ensure_running()
    assert query(address, "SELECT current_database()", 'with "quotes"') == 'with "quotes"'


def test_eight_processes_racing_to_start_a_new_home_get_one_server(base: Path) -> None:
    server = make_server(base / "home")
    children = [Child.fork(server.ensure_running) for _ in range(8)]
    addresses = {child.result() for child in children}
    assert addresses == {server.address()}
    commands = facts(server, lambda process: (process.pid, "-D" in process.cmdline()))
    assert [pid for pid, is_main in commands if is_main] == [server.status().pid]


def test_threads_of_one_process_exclude_each_other(base: Path) -> None:
    holders = []
    most = 0

    def hold() -> None:
        nonlocal most
        with exclusive(base / "lock", 10):
            holders.append(threading.get_ident())
            most = max(most, len(holders))
            time.sleep(0.05)
            holders.pop()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(hold) for _ in range(4)]:
            done.result()
    assert most == 1


def test_a_lock_that_is_never_released_ends_in_an_error_that_names_it(server: EmbeddedServer, base: Path) -> None:
    impatient = make_server(base / "home", start_timeout=0.2)
    with (
        exclusive(lock_file(base / "home"), 10),
        pytest.raises(EmbeddedServerError, match=r"Another process has held .*lock for 0\.2 s"),
    ):
        impatient.ensure_running()
