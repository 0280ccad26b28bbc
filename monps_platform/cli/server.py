"""Commands about the server: start, stop, status, url, psql."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from monps_platform.cli.failure import Failure
from monps_platform.db import errors, tables
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.connection.server import (
    embedded_server,
    ensure_database,
    pool_options,
    running_database,
)
from monps_platform.db.database import Database
from monps_platform.db.embedded import EmbeddedServerError, find_binaries
from monps_platform.db.errors import ServerUnavailableError
from monps_platform.db.schema import migrations
from monps_platform.db.schema.roles import RolesReport
from monps_platform.settings import Settings, export

out = Console(highlight=False, markup=False)


def start(settings: Settings) -> DatabaseAddress:
    """A server that is up, told to the processes to come through the environment; raises Failure."""
    try:
        address = ensure_database(settings)
    except (EmbeddedServerError, ServerUnavailableError) as error:
        raise Failure(str(error)) from error
    export(settings.process_environment(address.host, address.port, address.user, address.password, address.sslmode))
    return address


def existing_database(settings: Settings) -> DatabaseAddress:
    """The database as it is; the embedded server is started if it is down, nothing else is made. Raises Failure."""
    if settings.uses_embedded_server:
        data = embedded_server(settings).status().data_dir
        if not data.exists():
            raise Failure(f"there is no database yet: {data} does not exist. Run: monps up")
    return running_database(settings) or start(settings)


@contextmanager
def open_engine(settings: Settings, address: DatabaseAddress) -> Iterator[Engine]:
    """A pooled engine of the user who logs in, with all rights he has; closed at the end of the block."""
    engine = build_engine(address, pool_options(settings))
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def open_database(settings: Settings, address: DatabaseAddress) -> Iterator[Database]:
    """The database as the platform works with it, closed at the end of the block."""
    database = Database.from_settings(settings, address)
    try:
        yield database
    finally:
        database.dispose()


def note_roles(report: RolesReport) -> None:
    """Say in a line that roles are missing; `monps migrate` shows all of it."""
    if not report.is_complete:
        out.print(
            "Note: the database's roles are not all in place, so the platform works with all rights of its user. "
            "monps migrate shows what an administrator can run.",
            soft_wrap=True,
        )


def stop(settings: Settings) -> None:
    """Stop the embedded server."""
    if not settings.uses_embedded_server:
        raise Failure(f"MONPS_DB_HOST is {settings.db_host}: that server is yours, monps does not stop it")
    try:
        was_running = embedded_server(settings).stop()
    except EmbeddedServerError as error:
        raise Failure(str(error)) from error
    out.print("PostgreSQL is stopped; the data stays." if was_running else "PostgreSQL was not running.")


def show_status(settings: Settings) -> None:
    """Server, migration and rows; starts nothing."""
    if settings.uses_embedded_server:
        server = embedded_server(settings).status()
        state = f"running, pid {server.pid}, 127.0.0.1:{server.port}" if server.running else "not running (monps up)"
        out.print(f"PostgreSQL   embedded, {state}\ndata         {server.data_dir}", soft_wrap=True)
    address = running_database(settings)
    if address is None:
        return
    if not settings.uses_embedded_server:
        out.print(f"PostgreSQL   {address.host}:{address.port}, database {address.database}, user {address.user}")
    # Not the pooled engine: a status must not wait for a server that is away.
    probe = create_engine(
        address.url(), poolclass=NullPool, connect_args={"connect_timeout": 5, "sslmode": address.sslmode}
    )
    try:
        with probe.connect() as connection:
            out.print(f"migration    {migrations.current(connection) or 'none yet'} (newest: {migrations.head()})")
            for name, rows in tables.row_counts(connection).items():
                out.print(f"{rows:>12,}  {name}")
    except OperationalError as error:
        raise Failure(str(errors.in_words(error, address) or error)) from error


def print_url(settings: Settings, *, dagster: bool) -> None:
    """Print the URL, and nothing else, on standard output."""
    address = start(settings)
    database = settings.dagster_db_name if dagster else settings.db_name
    sys.stdout.write(address.other(database).libpq_url() + "\n")


def run_psql(settings: Settings, arguments: tuple[str, ...]) -> None:
    """Replace this process by psql; the password goes through the environment, not the command line."""
    address = start(settings)
    program = find_binaries(settings.embedded_bindir) / "psql"
    environment = {
        **os.environ,
        "PGHOST": address.host,
        "PGPORT": str(address.port),
        "PGUSER": address.user,
        "PGPASSWORD": address.password.get_secret_value(),
        "PGDATABASE": address.database,
        "PGSSLMODE": address.sslmode,
    }
    # Not as a child: Ctrl-C cancels a query in psql, and would end a parent that waits, and psql with it.
    sys.stdout.flush()
    os.execve(program, [str(program), *arguments], environment)  # noqa: S606 - no shell is meant
