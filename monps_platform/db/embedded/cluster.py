"""A cluster at rest: made by initdb, with its password, of the version of the programs."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from monps_platform.db.embedded.account import Account
from monps_platform.db.embedded.binaries import major_version
from monps_platform.db.embedded.errors import EmbeddedServerError
from monps_platform.db.embedded.folder import ClusterFolder

logger = logging.getLogger(__name__)

UNFINISHED = "data.new-"


@dataclass(frozen=True)
class Cluster:
    """One cluster, the account that owns it and the programs that serve it."""

    folder: ClusterFolder
    account: Account
    bindir: Path

    def create(self, user: str) -> None:
        """Make the cluster with ``user`` as its superuser and a generated password; a kill leaves none, or all.

        Raises:
            EmbeddedServerError: initdb failed.
        """
        self._write_password(secrets.token_urlsafe(24))
        unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.folder.path))
        self.account.own(unfinished)
        self._initdb(unfinished, user)
        unfinished.rename(self.folder.data)
        logger.info("Made a PostgreSQL cluster in %s", self.folder.data)

    def require_matching_version(self) -> None:
        """Refuse data of another major version before the server does: data files do not carry over.

        Raises:
            EmbeddedServerError: the versions differ, or ``data`` is no cluster.
        """
        made_by, programs = cluster_version(self.folder.data), str(major_version(self.bindir, self.account))
        if made_by is None:
            raise EmbeddedServerError(
                f"{self.folder.data} is not a PostgreSQL cluster: it has no PG_VERSION. Move it out of the way."
            )
        if made_by != programs:
            raise EmbeddedServerError(
                f"The cluster in {self.folder.data} was made by PostgreSQL {made_by}, but the programs in "
                f"{self.bindir} are version {programs}. To go on, set PG_BINDIR to a PostgreSQL {made_by}. To move: "
                f"do that, save every database (pg_dump --format=custom), stop the server, unset PG_BINDIR, move "
                f"{self.folder.path} out of the way, start, and load them again (pg_restore)."
            )

    def remove_leftovers(self) -> None:
        """Remove what killed starts and replaced programs left; call it only while the server does not run."""
        unfinished = set(self.folder.path.glob(f"{UNFINISHED}*"))
        replaced = set(self.folder.path.glob("binaries*")) - set(self.bindir.parents)
        for path in unfinished | replaced:
            # An initdb that outlived its caller may still write here; the next start removes the rest.
            shutil.rmtree(path, ignore_errors=True)

    def _write_password(self, password: str) -> None:
        path = self.folder.password_file
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(password)
        self.account.own(path)

    def _initdb(self, unfinished: Path, user: str) -> None:
        # fmt: off
        command: list[str | Path] = [
            self.bindir / "initdb", "-D", unfinished, "-U", user, f"--pwfile={self.folder.password_file}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
        ]
        # fmt: on
        result = self.account.run(command)
        if result.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise EmbeddedServerError(
                f"initdb could not make a cluster in {self.folder.path} as '{self.account.name}'. It said:\n"
                f"{last_lines(result.stdout)}\nFree disk space or mend what it names, and start again."
            )


def cluster_version(data: Path) -> str | None:
    """Read the major version that made the cluster in ``data``; None when there is no cluster."""
    try:
        return (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None


def read_password(folder: ClusterFolder) -> str:
    """Read the password of the cluster in ``folder``.

    Raises:
        EmbeddedServerError: it is missing.
    """
    try:
        password = folder.password_file.read_text().strip()
    except FileNotFoundError:
        password = ""
    if not password:
        raise EmbeddedServerError(
            f"The cluster in {folder.data} has lost its password: {folder.password_file} is missing or empty. "
            "Restore that file; or write a new password into it and give it to the server's superuser in "
            f"single-user mode (postgres --single -D '{folder.data}' postgres, then ALTER ROLE ... PASSWORD)."
        )
    return password


def last_lines(text: str, count: int = 20) -> str:
    """Keep the end of a program's output, where it says why it failed."""
    return "\n".join(text.strip().splitlines()[-count:])
