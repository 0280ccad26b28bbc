"""The embedded server as the platform uses it."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from monps_platform.db.embedded.account import server_account
from monps_platform.db.embedded.binaries import find_binaries, reachable_binaries
from monps_platform.db.embedded.client import ServerAddress, make_missing_databases
from monps_platform.db.embedded.cluster import Cluster, cluster_version, read_password
from monps_platform.db.embedded.errors import EmbeddedServerError, explained
from monps_platform.db.embedded.folder import (
    ClusterFolder,
    find_cluster,
    inner_folder,
    lock_file,
    make_inner,
    prepare_folder,
    record_location,
)
from monps_platform.db.embedded.locking import exclusive
from monps_platform.db.embedded.ports import LOOPBACK
from monps_platform.db.embedded.postmaster import Postmaster, is_alive, running_postmaster
from monps_platform.db.embedded.startup import Startup, merged_config

logger = logging.getLogger(__name__)

PAUSE = 0.02


@dataclass(frozen=True)
class ServerStatus:
    """What can be known of a server without starting it.

    ``data_dir`` is where the data is, or would be made; ``version`` is the major version that made it.
    ``pid``, ``port`` and ``since`` (UTC) are None when it does not run.
    """

    running: bool
    accepting: bool
    pid: int | None
    port: int | None
    since: datetime | None
    version: str | None
    data_dir: Path
    log_file: Path


class EmbeddedServer:
    """The PostgreSQL server of one home: started by whoever needs it, stopped only by :meth:`stop`.

    Everything lies in ``<home>/postgres``: data, password (mode 0600), log, lock and port. When root starts it,
    PostgreSQL runs as the account postgres, else nobody; a home that account cannot enter keeps only the lock
    and a pointer, and the rest lies in ``/var/lib/monps-platform/<hash of the home's path>`` (or below
    ``/var/tmp``). That folder outlives the home: a home made again at the same path finds its old data and
    password there. To begin anew, delete that folder too; :meth:`status` names it.

    ``config`` (PostgreSQL settings) and ``preferred_port`` take effect at the next start of the server.
    """

    def __init__(
        self,
        home: Path,
        *,
        preferred_port: int = 54320,
        databases: Sequence[str] = ("monps", "monps_dagster"),
        user: str = "monps",
        config: Mapping[str, str] | None = None,
        start_timeout: float = 120.0,
        bindir: Path | None = None,
    ) -> None:
        self._home = home.expanduser().resolve()
        self._preferred_port = preferred_port
        self._databases = tuple(databases)
        self._user = user
        self._config = merged_config(config or {})
        self._start_timeout = start_timeout
        self._bindir = bindir

    def ensure_running(self) -> ServerAddress:
        """Start the server unless it runs, make the databases that are missing, and say where it listens.

        Any number of processes may call this at once; one of them starts the server.

        Raises:
            EmbeddedServerError: it cannot run; the message says why and what to do.
        """
        with explained(self._home):
            self._require_own_cluster()
            make_inner(self._home)
            with exclusive(lock_file(self._home), self._start_timeout):
                folder, postmaster = self._running_or_started()
                address = self._address_of(folder, postmaster)
                make_missing_databases(self._databases, address, postmaster)
                return address

    def address(self) -> ServerAddress | None:
        """Say where the server listens; None when it does not accept connections. Starts nothing."""
        with explained(self._home):
            folder = find_cluster(self._home)
            postmaster = running_postmaster(folder.data) if folder else None
            if folder is None or postmaster is None or not postmaster.is_ready:
                return None
            return self._address_of(folder, postmaster)

    def status(self) -> ServerStatus:
        """Look at the server. Starts and changes nothing."""
        with explained(self._home):
            folder = find_cluster(self._home) or inner_folder(self._home)
            postmaster = running_postmaster(folder.data)
            record = postmaster.record if postmaster else None
            return ServerStatus(
                running=postmaster is not None,
                accepting=postmaster is not None and postmaster.is_ready,
                pid=record.pid if record else None,
                port=record.port if record else None,
                since=record.since if record else None,
                version=cluster_version(folder.data),
                data_dir=folder.data,
                log_file=folder.log_file,
            )

    def stop(self) -> bool:
        """Stop the server, ending its connections, and say whether it was running.

        Raises:
            EmbeddedServerError: it did not end in time.
        """
        with explained(self._home):
            if find_cluster(self._home) is None:
                return False
            self._require_own_cluster()
            make_inner(self._home)
            with exclusive(lock_file(self._home), self._start_timeout):
                return self._shut_down()

    def _require_own_cluster(self) -> None:
        folder = find_cluster(self._home) or inner_folder(self._home)
        account = server_account(folder.data)
        if folder.data.exists():
            account.require_ownership(folder.data)

    def _running_or_started(self) -> tuple[ClusterFolder, Postmaster]:
        folder = find_cluster(self._home)
        if folder is not None:
            record_location(self._home, folder, is_new=False)
            postmaster = running_postmaster(folder.data)
            if postmaster is not None and postmaster.is_ready:
                return folder, postmaster
        cluster = self._prepare_cluster()
        startup = Startup(cluster, self._preferred_port, self._config, self._start_timeout)
        return cluster.folder, startup.run()

    def _prepare_cluster(self) -> Cluster:
        """Find or make the cluster, and the programs its account can run."""
        bindir = find_binaries(self._bindir)
        account = server_account((find_cluster(self._home) or inner_folder(self._home)).data)
        folder = prepare_folder(self._home, account)
        cluster = Cluster(folder, account, reachable_binaries(bindir, account, folder.path))
        if running_postmaster(folder.data) is None:
            cluster.remove_leftovers()
        if folder.data.exists():
            cluster.require_matching_version()
        else:
            cluster.create(self._user)
            record_location(self._home, folder, is_new=True)
        return cluster

    def _address_of(self, folder: ClusterFolder, postmaster: Postmaster) -> ServerAddress:
        return ServerAddress(LOOPBACK, postmaster.port, self._user, SecretStr(read_password(folder)))

    def _shut_down(self) -> bool:
        folder = find_cluster(self._home)
        postmaster = running_postmaster(folder.data) if folder else None
        if folder is None or postmaster is None:
            return False
        # SIGINT is PostgreSQL's fast shutdown: no new connections, open ones are ended, then a checkpoint.
        postmaster.process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + self._start_timeout
        while is_alive(postmaster.process):
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"PostgreSQL (pid {postmaster.record.pid}, data in {folder.data}) is still shutting down after "
                    f"{self._start_timeout:g} s. Wait for it; {folder.log_file} says what it does."
                )
            time.sleep(PAUSE)
        logger.info("Stopped PostgreSQL (pid %s, data in %s)", postmaster.record.pid, folder.data)
        return True
