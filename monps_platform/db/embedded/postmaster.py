"""Which server processes of a cluster live: what its pid file says, checked against the process table.

A pid file proves nothing by itself. After a kill or a power cut it stays behind, may be empty, and its number
may have gone to an innocent process; as a zombie the dead server even keeps its number. So a process counts as
the server only when it is alive, is PostgreSQL, and serves this very data folder.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

PID_FILE = "postmaster.pid"


@dataclass(frozen=True)
class PidFile:
    """The lines of a ``postmaster.pid`` that matter here; those not written yet are None."""

    pid: int
    since: datetime | None
    port: int | None
    state: str | None

    @classmethod
    def parse(cls, text: str) -> PidFile | None:
        """Read a pid file; None when its first line is no pid (left by a full disk or a power cut)."""
        lines = [line.strip() for line in text.splitlines()] + [""] * 8
        pid, since, port = (_integer(lines[number]) for number in (0, 2, 3))
        if not pid:
            return None
        started = datetime.fromtimestamp(since, UTC) if since else None
        # PostgreSQL in single-user mode writes its pid as a negative number.
        return cls(abs(pid), started, port, lines[7] or None)

    @classmethod
    def read(cls, data: Path) -> PidFile | None:
        """Read the pid file of ``data``; None when there is none, or none that makes sense."""
        try:
            return cls.parse((data / PID_FILE).read_text(errors="replace"))
        except FileNotFoundError:
            return None


@dataclass(frozen=True)
class Postmaster:
    """The living main process of a cluster."""

    process: psutil.Process
    record: PidFile

    @property
    def is_ready(self) -> bool:
        """Whether it accepts connections: not while it starts, recovers or stops."""
        return self.record.state == "ready" and self.record.port is not None

    @property
    def port(self) -> int:
        """Its port on the loopback interface.

        Raises:
            ValueError: it has not come so far as to listen.
        """
        if self.record.port is None:
            raise ValueError(f"PostgreSQL (pid {self.record.pid}) does not listen yet")
        return self.record.port


def running_postmaster(data: Path) -> Postmaster | None:
    """Find the living server of ``data``."""
    record = PidFile.read(data)
    if record is None:
        return None
    try:
        process = psutil.Process(record.pid)
    except psutil.Error:  # nobody has that number, or nobody could
        return None
    return Postmaster(process, record) if _serves(process, data) and not _is_backend(process) else None


def server_processes(data: Path) -> list[psutil.Process]:
    """Find every living process of the cluster, backends that outlived their killed server among them."""
    return [process for process in psutil.process_iter() if _serves(process, data)]


def backends_only(processes: list[psutil.Process]) -> bool:
    """Say whether none of ``processes`` is a main process, whose data must not be touched."""
    return all(_is_backend(process) for process in processes)


def is_alive(process: psutil.Process) -> bool:
    """Say whether a process still runs; a zombie, which waits to be collected by its parent, does not."""
    try:
        return process.is_running() and process.status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.Error:
        return False


def cluster_name(data: Path) -> str:
    """Name a cluster so that its backends, whose titles do not tell the folder, can be told from others'."""
    return f"monps-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def _integer(line: str) -> int | None:
    try:
        return int(line)
    except ValueError:
        return None


def _serves(process: psutil.Process, data: Path) -> bool:
    try:
        if not process.name().startswith("postgres") or not is_alive(process):
            return False
        works_in = _works_in(process, data)
        return _says_it_serves(process.cmdline(), data) if works_in is None else works_in
    except psutil.Error:
        return False


def _works_in(process: psutil.Process, data: Path) -> bool | None:
    """Say whether a process works in ``data``, as all of its server's do; None where that is hidden.

    Root in a container may not see the working folder of another account's process.
    """
    try:
        # psutil hides that a working folder was deleted, and one made anew in its place is not served.
        return Path(f"/proc/{process.pid}/cwd" if psutil.LINUX else process.cwd()).samefile(data)
    except (PermissionError, psutil.AccessDenied):
        return None
    except OSError:
        return False


def _says_it_serves(command: list[str], data: Path) -> bool:
    return str(data) in command or _title(command).startswith(f"{cluster_name(data)}:")


def _is_backend(process: psutil.Process) -> bool:
    try:
        return bool(_title(process.cmdline()))
    except psutil.Error:
        return False


def _title(command: list[str]) -> str:
    """What follows ``postgres:`` in the title every process but the main one gives itself; else empty."""
    return command[0].removeprefix("postgres: ") if command and command[0].startswith("postgres: ") else ""
