"""The embedded server seen from outside: its address, and the databases made over a connection to it."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class that is spelt like a function
from pydantic import SecretStr

from monps_platform.db.embedded.errors import EmbeddedServerError
from monps_platform.db.embedded.postmaster import PidFile, Postmaster

logger = logging.getLogger(__name__)

CONNECT_ATTEMPTS = 5


@dataclass(frozen=True)
class ServerAddress:
    """Where a running server listens. Its text form never shows the password."""

    host: str
    port: int
    user: str
    password: SecretStr


def make_missing_databases(names: Sequence[str], address: ServerAddress, postmaster: Postmaster) -> None:
    """Make those of the databases that the server at ``address`` lacks, once it has proved to be ``postmaster``.

    Raises:
        EmbeddedServerError: it refuses the connection, or is another server.
    """
    with closing(_connect(address)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SELECT pg_read_file('postmaster.pid')")
        _require_same_server(cursor.fetchone(), address, postmaster)
        cursor.execute("SELECT datname FROM pg_database")
        existing = {name for (name,) in cursor.fetchall()}
        for name in names:
            if name not in existing:
                # template0: nobody can be connected to it, which would make the copy fail.
                cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
                logger.info("Made the database %s", name)


def _connect(address: ServerAddress) -> Connection:
    """Connect to the server's own database; a few attempts, as a server just started may be short of slots."""
    for attempt in range(1, CONNECT_ATTEMPTS + 1):
        try:
            return _connect_once(address)
        except psycopg2.OperationalError as error:
            if attempt == CONNECT_ATTEMPTS:
                raise EmbeddedServerError(
                    f"PostgreSQL runs on {address.host}:{address.port} but refuses '{address.user}': "
                    f"{str(error).strip()}. If connections ran out, end some; if it is the password, restore the "
                    "password file of its folder."
                ) from error
            time.sleep(0.1 * attempt)
    raise AssertionError("unreachable")


def _connect_once(address: ServerAddress) -> Connection:
    # Everything a PGxxx variable of the caller could bend is said here; the password is never sent in the clear.
    return psycopg2.connect(
        host=address.host,
        hostaddr=address.host,
        port=address.port,
        user=address.user,
        password=address.password.get_secret_value(),
        dbname="postgres",
        connect_timeout=10,
        sslmode="disable",
        gssencmode="disable",
        channel_binding="disable",
        require_auth="scram-sha-256",
        options="",
        application_name="monps",
    )


def _require_same_server(row: tuple[str, ...] | None, address: ServerAddress, postmaster: Postmaster) -> None:
    """Refuse a server that is not the one whose pid file gave the port."""
    answered = PidFile.parse(row[0]) if row else None
    if answered is None or answered.pid != postmaster.record.pid:
        raise EmbeddedServerError(
            f"Another PostgreSQL answers on {address.host}:{address.port}, not pid {postmaster.record.pid}. "
            "Stop it, or choose another port (preferred_port), and stop and start this server."
        )
