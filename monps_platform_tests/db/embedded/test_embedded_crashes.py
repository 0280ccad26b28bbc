"""What kills and crashes leave behind, and how the next start copes with it. Every kill is a real SIGKILL."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg2
import pytest

from monps_platform.db.embedded import EmbeddedServer, EmbeddedServerError, find_binaries, startup
from monps_platform.db.embedded.postmaster import PID_FILE, running_postmaster
from monps_platform_tests.db.embedded.embedded_helpers import (
    Child,
    account_of,
    connect,
    copy_template,
    free_port,
    keep_a_row,
    kept_row,
    kill,
    make_server,
    needs_root,
    postmaster,
    query,
)
from monps_platform_tests.waiting import wait_until


def test_data_survives_a_killed_server(server: EmbeddedServer) -> None:
    keep_a_row(server)
    killed = postmaster(server)
    kill(killed)
    assert server.address() is None
    assert not server.status().running
    assert kept_row(server) == 42
    assert server.status().pid != killed.pid


def test_the_server_outlives_a_killed_client_that_started_it(server: EmbeddedServer) -> None:
    def start_and_stay() -> None:
        with connect(server.ensure_running()) as client, client.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(600)")

    client = Child.fork(start_and_stay)
    wait_until(lambda: server.address() is not None)
    running = server.status()
    client.kill()
    server.ensure_running()
    assert server.status() == running


def test_a_start_killed_during_initdb_leaves_no_half_cluster(base: Path) -> None:
    server = make_server(base / "home")
    client = Child.fork(server.ensure_running)
    wait_until(lambda: any((base / "home" / "postgres").glob("data.new-*/base")))
    client.kill()
    assert not server.status().data_dir.exists()
    assert query(server.ensure_running(), "SELECT 1") == 1


def test_leftovers_of_a_killed_initdb_are_removed_at_the_next_start(server: EmbeddedServer, base: Path) -> None:
    leftover = base / "home" / "postgres" / "data.new-abc"
    (leftover / "base").mkdir(parents=True)
    server.ensure_running()
    assert not leftover.exists()


@contextmanager
def collecting_no_orphans() -> Iterator[None]:
    """Become the parent of orphaned processes, one that never collects them, as the first process of a container."""
    set_child_subreaper = 36
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(set_child_subreaper, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        libc.prctl(set_child_subreaper, 0, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_a_killed_server_that_remains_as_a_zombie_is_replaced(server: EmbeddedServer) -> None:
    with collecting_no_orphans():
        keep_a_row(server)
        zombie = postmaster(server)
    try:
        kill(zombie)
        assert zombie.status() == psutil.STATUS_ZOMBIE
        assert server.address() is None
        assert kept_row(server) == 42
    finally:
        os.waitpid(zombie.pid, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_stopping_does_not_wait_for_a_zombie_to_be_collected(base: Path) -> None:
    server = make_server(copy_template(base / "home"), start_timeout=20)
    with collecting_no_orphans():
        server.ensure_running()
        zombie = postmaster(server)
        try:
            assert server.stop() is True
            assert zombie.status() == psutil.STATUS_ZOMBIE
        finally:
            os.waitpid(zombie.pid, 0)


@contextmanager
def innocent_process(server: EmbeddedServer) -> Iterator[subprocess.Popen[bytes]]:
    """Run something harmless in the data folder, as the server's account: others' pids do not stop PostgreSQL."""
    account, data = account_of(server), server.status().data_dir
    user, group = (account.uid, account.gid) if account.is_switched else (None, None)
    with subprocess.Popen(["sleep", "600"], user=user, group=group, cwd=data) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_stale_pid_file_with_the_pid_of_an_innocent_process_harms_neither(server: EmbeddedServer) -> None:
    keep_a_row(server)
    pid_file = server.status().data_dir / PID_FILE
    kill(postmaster(server))
    lines = pid_file.read_text().splitlines()
    with innocent_process(server) as innocent:
        pid_file.write_text("\n".join([str(innocent.pid), *lines[1:]]))
        assert server.address() is None
        assert server.stop() is False
        assert kept_row(server) == 42
        assert innocent.poll() is None


def test_a_stale_pid_file_that_names_no_process_is_no_obstacle(server: EmbeddedServer) -> None:
    finished = subprocess.Popen(["true"])
    finished.wait()
    for content in (f"{finished.pid}\n", "", "\n", "no pid\n", "0\n", "99999999999999999999\n"):
        (server.status().data_dir / PID_FILE).write_text(content)
        assert query(server.ensure_running(), "SELECT 1") == 1, content
        server.stop()


def test_an_emptied_pid_file_of_a_living_server_is_not_taken_for_stale(server: EmbeddedServer, base: Path) -> None:
    address = server.ensure_running()
    process = postmaster(server)
    pid_file = server.status().data_dir / PID_FILE
    pid_file.write_text("")
    with pytest.raises(EmbeddedServerError, match="cannot start beside processes of its last run"):
        make_server(base / "home", start_timeout=0.5).ensure_running()
    assert pid_file.read_text() == ""
    assert process.is_running()
    assert query(address, "SELECT 1") == 1


def test_a_pid_file_that_is_just_being_written_is_waited_for(server: EmbeddedServer) -> None:
    address, status = server.ensure_running(), server.status()
    pid_file = status.data_dir / PID_FILE
    content = pid_file.read_text()
    pid_file.write_text("")
    writer = threading.Timer(0.3, pid_file.write_text, [content])
    writer.start()
    assert server.ensure_running() == address
    writer.join()
    assert server.status() == status


@contextmanager
def busy_backend(server: EmbeddedServer) -> Iterator[psutil.Process]:
    """Have a backend that is too busy to notice its server's death."""
    client = connect(server.ensure_running())
    pid = client.info.backend_pid

    def work() -> None:
        with pytest.raises(psycopg2.Error), client.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM generate_series(1, 1000000000000)")

    with ThreadPoolExecutor(1) as pool:
        worker = pool.submit(work)
        active = f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND state = 'active'"
        wait_until(lambda: query(server.ensure_running(), active))
        backend = psutil.Process(pid)
        try:
            yield backend
        finally:
            if backend.is_running():
                backend.send_signal(signal.SIGCONT)
                backend.kill()
            worker.result()
            client.close()


def test_a_backend_that_outlives_its_killed_server_is_asked_to_end(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "ORPHAN_GRACE", 0.2)
    keep_a_row(server)
    with busy_backend(server) as orphan:
        kill(postmaster(server))
        assert orphan.is_running()
        assert kept_row(server) == 42
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_a_backend_that_will_not_end_is_named_and_no_second_server_is_started(
    server: EmbeddedServer, base: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(startup, "ORPHAN_GRACE", 0.1)
    impatient = make_server(base / "home", start_timeout=1)
    with busy_backend(server) as orphan:
        kill(postmaster(server))
        orphan.suspend()
        with pytest.raises(EmbeddedServerError, match=f"kill {orphan.pid}\\b"):
            impatient.ensure_running()
        assert not server.status().running
        assert [record.args for record in caplog.records if "outlived" in record.msg] == [(orphan.pid,)]
    assert query(server.ensure_running(), "SELECT 1") == 1


def postmaster_started_by_hand(server: EmbeddedServer) -> psutil.Process:
    """Start the server as somebody at a terminal would: from within the data folder, port and all."""
    data = server.status().data_dir
    options = f"-c port={free_port()} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    script = f'cd "$1" && exec "$2" -D . {options} >/dev/null 2>&1 & echo $!'
    shell = account_of(server).run(["/bin/sh", "-c", script, "sh", data, find_binaries() / "postgres"], detached=True)
    wait_until(lambda: running_postmaster(data) is not None)
    return psutil.Process(int(shell.stdout))


def test_a_server_somebody_is_starting_by_hand_is_waited_for_instead_of_doubled(server: EmbeddedServer) -> None:
    keep_a_row(server)
    server.stop()
    process = postmaster_started_by_hand(server)
    assert kept_row(server) == 42
    assert server.status().pid == process.pid


class CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class CapabilitySet(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def give_up_looking_into_processes() -> None:
    """Give up CAP_SYS_PTRACE, which root in a container does not have."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = CapabilityHeader(0x20080522, 0), (CapabilitySet * 2)()
    assert libc.capget(ctypes.byref(header), sets) == 0
    sets[0].effective &= ~(1 << 19)
    assert libc.capset(ctypes.byref(header), sets) == 0


@needs_root
@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_root_in_a_container_knows_the_server_by_its_command_line(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "ORPHAN_GRACE", 0.2)

    def recover() -> object:
        give_up_looking_into_processes()
        with pytest.raises(PermissionError):
            Path(f"/proc/{orphan.pid}/cwd").stat()
        return kept_row(server), server.stop()

    keep_a_row(server)
    with busy_backend(server) as orphan:
        kill(postmaster(server))
        assert Child.fork(recover).result() == (42, True)
