"""Bringing a stopped or crashed cluster up, whatever its last end left behind."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from monps_platform.db.embedded.cluster import Cluster, last_lines
from monps_platform.db.embedded.errors import EmbeddedServerError
from monps_platform.db.embedded.ports import LOOPBACK, choose_port, is_free, remember_port
from monps_platform.db.embedded.postmaster import (
    PID_FILE,
    PidFile,
    Postmaster,
    backends_only,
    cluster_name,
    is_alive,
    running_postmaster,
    server_processes,
)

logger = logging.getLogger(__name__)

PAUSE = 0.02
SCAN_PAUSE = 0.05
ORPHAN_GRACE = 5.0
"""Seconds that backends of a killed server get to finish before they are asked to."""
MAX_FAILURES = 3
LOG_LIMIT = 10_000_000
"""Bytes of log after which a start moves it to ``log.1``."""
LOG_TAIL = 64_000
"""Bytes of log that an error message is cut from."""

DETACH = 'exec "$@" >&2 &\necho $!'
"""Shell script that leaves the server to init, so that no caller has to collect it, and prints its pid."""

PLATFORM_CONFIG: Mapping[str, str] = {
    "max_connections": "60",
    "shared_buffers": "256MB",
    # Whole seasons are loaded at once: few, long checkpoints instead of one each GB.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FIXED_SETTINGS = frozenset(
    {
        "cluster_name",
        "config_file",
        "data_directory",
        "external_pid_file",
        "hba_file",
        "listen_addresses",
        "log_destination",
        "logging_collector",
        "port",
        "unix_socket_directories",
    }
)
"""Settings the life cycle and the protection of the server rest on."""


def merged_config(overrides: Mapping[str, str]) -> dict[str, str]:
    """Lay ``overrides`` over the platform's settings.

    Raises:
        EmbeddedServerError: an override would open the server up or hide it from its life cycle.
    """
    if refused := sorted(name for name in overrides if name.lower() in FIXED_SETTINGS):
        raise EmbeddedServerError(
            f"The embedded PostgreSQL sets {', '.join(refused)} itself; remove it from config, or use a server of "
            "your own (MONPS_DB_HOST)."
        )
    return {**PLATFORM_CONFIG, **overrides}


@dataclass(frozen=True)
class _Launch:
    """One attempt to start the server."""

    process: psutil.Process | None
    port: int
    log_offset: int

    def is_over(self) -> bool:
        return self.process is None or not is_alive(self.process)


class Startup:
    """One start of one cluster; its caller holds the lock."""

    def __init__(self, cluster: Cluster, preferred_port: int, config: Mapping[str, str], timeout: float) -> None:
        self._cluster = cluster
        self._data = cluster.folder.data
        self._log = cluster.folder.log_file
        self._preferred_port = preferred_port
        self._config = config
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout

    def run(self) -> Postmaster:
        """Start the server, or wait for the one somebody else is starting, until it accepts connections.

        Raises:
            EmbeddedServerError: it did not within the time allowed; with the end of its log.
        """
        launch: _Launch | None = None
        failures = 0
        while time.monotonic() < self._deadline:
            postmaster = running_postmaster(self._data)
            if postmaster is not None and postmaster.is_ready:
                return self._started(postmaster)
            if postmaster is None and (launch is None or launch.is_over()):
                failures += self._failed(launch, failures)
                launch = self._launch()
            time.sleep(PAUSE)
        raise self._error(f"did not accept connections within {self._timeout:g} s and may still be recovering", 0)

    def _started(self, postmaster: Postmaster) -> Postmaster:
        pid, port = postmaster.record.pid, postmaster.port
        remember_port(port, self._preferred_port, self._cluster.folder.port_file)
        logger.info("PostgreSQL listens on %s:%s (pid %s, data in %s)", LOOPBACK, port, pid, self._data)
        return postmaster

    def _failed(self, launch: _Launch | None, failures: int) -> bool:
        """Judge an attempt that ended: a port lost to somebody else is no failure, a third failure is final."""
        if launch is None or not is_free(launch.port):
            return False
        if failures + 1 >= MAX_FAILURES:
            raise self._error("does not start", launch.log_offset)
        return True

    def _launch(self) -> _Launch:
        self._wait_for_orphans()
        self._remove_senseless_pid_file()
        self._rotate_log()
        port = choose_port(self._preferred_port, self._cluster.folder.port_file)
        descriptor = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            offset = os.fstat(descriptor).st_size
            return _Launch(self._detach(self._command(port), descriptor), port, offset)
        finally:
            os.close(descriptor)

    def _command(self, port: int) -> list[str | Path]:
        # On the command line, not in postgresql.conf: what the code says now also holds for clusters made before.
        settings = {
            **self._config,
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "",
            "cluster_name": cluster_name(self._data),
            "logging_collector": "off",
            "log_destination": "stderr",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [self._cluster.bindir / "postgres", "-D", self._data, *options]

    def _detach(self, command: list[str | Path], log: int) -> psutil.Process | None:
        # A pid file left by a crash stops PostgreSQL when its number is in use again. Told that this number is
        # its grandparent, it knows the file is stale, and every other interlock that protects the data remains.
        stale = PidFile.read(self._data)
        variables = {"PG_GRANDPARENT_PID": str(stale.pid)} if stale else {}
        shell = self._cluster.account.run(
            ["/bin/sh", "-c", DETACH, "sh", *command], stderr=log, variables=variables, detached=True
        )
        try:
            return psutil.Process(int(shell.stdout))
        except (ValueError, psutil.Error):  # it has ended already; the log says why
            return None

    def _wait_for_orphans(self) -> None:
        """Wait until no backend of a killed server is left: PostgreSQL refuses to start beside one."""
        patience = time.monotonic() + ORPHAN_GRACE
        while orphans := server_processes(self._data):
            if running_postmaster(self._data) is not None:
                return
            if time.monotonic() > self._deadline:
                pids = " ".join(str(process.pid) for process in orphans)
                raise self._error(f"cannot start beside processes of its last run (end them: kill {pids})", 0)
            if time.monotonic() > patience and backends_only(orphans):
                _ask_to_end(orphans)
                patience = self._deadline
            time.sleep(SCAN_PAUSE)

    def _remove_senseless_pid_file(self) -> None:
        """Remove a pid file without a pid: it stops every start and, as no process is left, guards none."""
        path = self._data / PID_FILE
        if path.exists() and PidFile.read(self._data) is None:
            logger.warning("Removing %s, which names no process: the server or the machine died writing it", path)
            path.unlink()

    def _rotate_log(self) -> None:
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT:
            self._log.rename(self._log.with_name("log.1"))

    def _error(self, what: str, offset: int) -> EmbeddedServerError:
        tail = self._log_since(offset) or "(nothing: is the disk full?)"
        return EmbeddedServerError(
            f"PostgreSQL with the data in {self._data} {what}. The end of its log, {self._log}:\n{tail}\n"
            "Mend what it names, and start again."
        )

    def _log_since(self, offset: int) -> str:
        if not self._log.exists():
            return ""
        with self._log.open("rb") as file:
            file.seek(max(offset, self._log.stat().st_size - LOG_TAIL))
            return last_lines(file.read().decode(errors="replace"))


def _ask_to_end(backends: list[psutil.Process]) -> None:
    for process in backends:
        logger.warning("Ending the backend %s, which outlived its killed server", process.pid)
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
