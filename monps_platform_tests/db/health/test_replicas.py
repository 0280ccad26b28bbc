"""The lag of a real standby: none while it replays, some when it stops, told by the primary and by itself."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.pool import PoolOptions
from monps_platform.db.database import Database
from monps_platform.db.embedded import find_binaries
from monps_platform.db.embedded.account import Account, server_account
from monps_platform.db.embedded.binaries import reachable_binaries
from monps_platform.db.health import observer_of, replicas
from monps_platform.domain.health.measurements import Replica
from monps_platform_tests.waiting import wait_until


def run(account: Account, *command: str | Path, **variables: str) -> None:
    done = account.run(command, stderr=subprocess.STDOUT, variables=variables)
    assert done.returncode == 0, done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def standby(server: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A copy of the tests' server that follows it."""
    folder = Path(tempfile.mkdtemp(prefix="monps-standby-"))
    account = server_account(folder / "data")
    account.own(folder)
    programs = reachable_binaries(find_binaries(None), account, folder)
    primary = ("-h", server.host, "-p", str(server.port), "-U", server.user)
    copy: tuple[str | Path, ...] = ("-D", folder / "data", "-R", "-X", "stream", "-c", "fast", "--no-sync")
    run(account, programs / "pg_basebackup", *primary, *copy, PGPASSWORD=server.password.get_secret_value())
    port = free_port()
    options = f"-p {port} -c unix_socket_directories='' -c listen_addresses=127.0.0.1 -c fsync=off"
    control: tuple[str | Path, ...] = (programs / "pg_ctl", "-D", folder / "data", "-w")
    try:
        run(account, *control, "-l", folder / "log", "-o", options, "start")
        yield replace(server, port=port)
    finally:
        account.run([*control, "-m", "immediate", "stop"])
        shutil.rmtree(folder)


def test_the_lag_of_a_standby_is_measured_from_both_ends(database: DatabaseAddress, standby: DatabaseAddress) -> None:
    own = replace(standby, database="postgres")
    layer = Database(database, PoolOptions(size=1), replica=own)
    observer = observer_of(layer)

    def measured() -> tuple[Replica, ...]:
        return replicas.measure(observer)

    with closing(psycopg2.connect(database.libpq_url())) as primary, closing(psycopg2.connect(own.libpq_url())) as copy:
        primary.autocommit = copy.autocommit = True
        wait_until(lambda: [item.lag_seconds for item in measured()] == [0.0, 0.0])
        assert [item.name.split()[0] for item in measured()] == ["walreceiver", "MONPS_DB_REPLICA_URL"]
        copy.cursor().execute("SELECT pg_wal_replay_pause()")
        primary.cursor().execute("CREATE TABLE late AS SELECT generate_series(1, 1000) n")
        behind = wait_until(lambda: found if (found := measured())[1].lag_seconds else None)
        assert behind is not None
        assert 0 < (behind[1].lag_seconds or 0) < 120
        copy.cursor().execute("SELECT pg_wal_replay_resume()")
        wait_until(lambda: [item.lag_seconds for item in measured()] == [0.0, 0.0])
    observer.dispose()
    layer.dispose()
