"""Throw-away PostgreSQL: an embedded server with a migrated template, and databases copied from it."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.embedded import EmbeddedServer
from monps_platform.db.schema import migrations

TEMPLATE = "monps_template"
PREFERRED_PORT = 54390
FAST = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}
)
"""Durability costs tests time and buys them nothing."""
_numbers = itertools.count()


@contextmanager
def throwaway_server(folder: Path | None = None) -> Iterator[DatabaseAddress]:
    """The address of a migrated template database on a server of one's own, deleted at the end; takes some seconds.

    ``folder`` is where it keeps its data; unset: a temporary one.
    """
    with nullcontext(folder) if folder is not None else _temporary_folder() as home:
        server = EmbeddedServer(home, preferred_port=PREFERRED_PORT, databases=(TEMPLATE,), config=dict(FAST))
        running = server.ensure_running()
        address = DatabaseAddress(
            running.host, running.port, running.user, running.password, TEMPLATE, sslmode="disable"
        )
        try:
            engine = build_engine(address)
            migrations.upgrade(engine)
            engine.dispose()
            yield address
        finally:
            data = server.status().data_dir
            server.stop()
            # Where the server's account may not enter the folder, the data lies outside of it.
            shutil.rmtree(data.parent, ignore_errors=True)


@contextmanager
def throwaway_database(server: DatabaseAddress | None = None, *, template: str = TEMPLATE) -> Iterator[DatabaseAddress]:
    """The address of a migrated database without a row, deleted at the end.

    On the server of :func:`throwaway_server` it is there in a tenth of a second; without one, a server is started.
    """
    with nullcontext(server) if server is not None else throwaway_server() as there:
        name = f"throwaway_{os.getpid()}_{next(_numbers)}"
        admin = create_engine(there.other("postgres").url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        copy_database(admin, template, name)
        try:
            yield there.other(name)
        finally:
            _execute(admin, f"DROP DATABASE {name} WITH (FORCE)")


def copy_database(admin: Engine, template: str, name: str) -> None:
    """Make a database that is another one's copy. The server makes one only while nobody is in the original: whoever
    still is (a pool that was not closed) is sent away. ``admin`` is an engine that commits by itself.
    """
    leave = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :template"
    with admin.connect() as connection:
        connection.execute(text(leave), {"template": template})
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))


def _execute(admin: Engine, statement: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(statement))


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="monps-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
