"""`monps ui`: Dagster's web server and daemon, together until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TextIO

from rich.console import Console

from monps_platform.cli.dagster_home import prepare
from monps_platform.cli.failure import Failure
from monps_platform.cli.server import note_roles, open_engine, start
from monps_platform.cli.watch import DatabaseWatch
from monps_platform.db.schema import migrations
from monps_platform.settings import PROJECT_ROOT, Settings

HOST = "127.0.0.1"
# Each of Dagster's three storages has a pool of its own in the web server; unlimited they could take 63 connections.
POOL_OVERFLOW = "3"
PATIENCE = 15.0
out = Console(highlight=False, markup=False)


def run_ui(settings: Settings, port: int) -> None:
    """Serve until a signal; raises Failure when the port is taken or a process ends by itself."""
    _require_free(port)
    address = start(settings)
    with open_engine(settings, address) as engine:
        migrations.upgrade(engine, on_roles=note_roles)
    prepare(settings)
    watch = DatabaseWatch(settings, address)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)  # the terminal was closed
    log = settings.dagster_home / "ui.log"
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with log.open("w", encoding="utf-8") as file:
            processes += (_start(command, file) for command in _commands(port))
        with out.status("Starting Dagster's UI ..."):
            _await_answer(processes, port, log)
        out.print(
            f"Dagster's UI: http://{HOST}:{port}\nCtrl-C stops it; the database stays up. Log: {log}", soft_wrap=True
        )
        while True:
            watch.look_if_due()
            _require_alive(processes, log)
            time.sleep(0.5)
    except KeyboardInterrupt:
        out.print("Stopping ...")
    except Failure:
        watch.look(last=True)  # perhaps the processes ended because the database went away: nobody else would tell
        raise
    finally:
        _stop(processes)


def _commands(port: int) -> list[list[str]]:
    programs = Path(sys.executable).parent
    workspace = str(PROJECT_ROOT / "workspace.yaml")
    web = [str(programs / "dagster-webserver"), "--host", HOST, "--port", str(port), "--workspace", workspace]
    return [
        [*web, "--db-pool-max-overflow", POOL_OVERFLOW, "--log-level", "warning"],
        [str(programs / "dagster-daemon"), "run", "--workspace", workspace, "--log-level", "warning"],
    ]


def _start(command: list[str], log: TextIO) -> subprocess.Popen[bytes]:
    # A group of their own: Ctrl-C in the terminal reaches this process alone, which then stops them in order.
    return subprocess.Popen(command, start_new_session=True, cwd=PROJECT_ROOT, stdout=log, stderr=log)


def _await_answer(processes: list[subprocess.Popen[bytes]], port: int, log: Path) -> None:
    """Return when the web server accepts connections; it does so once the code location is loaded."""
    while True:
        _require_alive(processes, log)
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)


def _require_alive(processes: list[subprocess.Popen[bytes]], log: Path) -> None:
    for process, name in zip(processes, ("dagster-webserver", "dagster-daemon"), strict=True):
        if process.poll() is not None:
            end = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
            raise Failure(f"{name} ended by itself with code {process.returncode}. The end of {log}:\n{end}")


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    # A second Ctrl-C would leave behind what the first one is stopping.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the code server that it started, too


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Failure(
                f"port {port} on {HOST} is taken ({error.strerror}): choose another with --port or MONPS_UI_PORT"
            ) from error


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
