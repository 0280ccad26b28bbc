"""PostgreSQL's client programs: which to use for a server, and running them without a password in sight."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from monps_platform.db.backups.errors import BackupError
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.embedded import EmbeddedServerError, find_binaries
from monps_platform.db.embedded.binaries import SYSTEM_ROOT

_INHERITED = ("PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY")
_PROGRAMS = ("pg_dump", "pg_restore")
_LINES = 6
OPTIONS = "-c statement_timeout=0 -c lock_timeout=60s"
"""Of the programs' sessions: a limit of the server or of the user must not cut a dump off."""


@dataclass(frozen=True)
class Programs:
    """A folder with pg_dump and pg_restore, and their major version."""

    folder: Path
    version: int

    def run(
        self, program: str, arguments: Sequence[str | Path], address: DatabaseAddress | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end. Where the server is and the password go through its environment, so that no list
        of processes shows them.
        """
        return subprocess.run(
            [self.folder / program, *arguments],
            check=False,
            env=_environment(address),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )


def find_programs(needed: int, bindir: Path | None = None, *, tls: bool = False) -> Programs:
    """The oldest programs there are that know a server of a major version: pg_dump refuses a server newer than itself.

    ``bindir`` (PG_BINDIR), where it is set, is the only folder that is asked; else the embedded server's, the system's
    and PATH, the embedded ones not for ``tls``, which they are built without. Raises BackupError when none will do.
    """
    found = [programs for folder in _folders(bindir, tls=tls) if (programs := _programs(folder)) is not None]
    fit = [programs for programs in found if programs.version >= needed]
    if fit:
        return min(fit, key=lambda programs: programs.version)
    seen = ", ".join(f"{item.folder} has version {item.version}" for item in found) or "none was found"
    raise BackupError(
        f"pg_dump and pg_restore of version {needed} or newer are needed, as the server's or the backup's is; {seen}. "
        f"Install PostgreSQL {needed}'s client programs, or set PG_BINDIR to their folder"
    )


def told(done: subprocess.CompletedProcess[str]) -> str:
    """The end of what a program said."""
    lines = [line for line in (done.stderr or "").strip().splitlines() if line.strip()]
    return "\n".join(lines[-_LINES:]) or f"it ended with code {done.returncode} and said nothing"


def _environment(address: DatabaseAddress | None) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    if address is None:
        return {**kept, "LC_ALL": "C"}
    return {
        **kept,
        "LC_ALL": "C",
        "PGHOST": address.host,
        "PGPORT": str(address.port),
        "PGUSER": address.user,
        "PGPASSWORD": address.password.get_secret_value(),
        "PGDATABASE": address.database,
        "PGSSLMODE": address.sslmode,
        "PGAPPNAME": "monps backup",
        "PGOPTIONS": OPTIONS,
    }


def _folders(bindir: Path | None, *, tls: bool) -> Iterator[Path]:
    if bindir is not None:
        yield bindir
        return
    if not tls:
        with suppress(EmbeddedServerError):  # no server of our own is installed; a user's has its programs elsewhere
            yield find_binaries()
    yield from SYSTEM_ROOT.glob("*/bin")
    on_path = shutil.which("pg_dump")
    if on_path is not None:
        yield Path(on_path).parent


def _programs(folder: Path) -> Programs | None:
    if not all((folder / name).is_file() for name in _PROGRAMS):
        return None
    answer = Programs(folder, 0).run("pg_dump", ["--version"])
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return None if match is None else Programs(folder, int(match[1]))
