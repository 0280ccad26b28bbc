"""Which server to use: the user's own where one is configured, else the embedded one."""

from __future__ import annotations

from pydantic import SecretStr
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from monps_platform.db.connection.address import AddressError, DatabaseAddress
from monps_platform.db.connection.pool import PoolOptions
from monps_platform.db.embedded import EmbeddedServer, ServerAddress
from monps_platform.db.errors import ServerUnavailableError
from monps_platform.settings import Settings

_OLDEST_SERVER = 150_000
"""Unique keys that treat NULLs as equal exist from PostgreSQL 15 on."""


def embedded_server(settings: Settings) -> EmbeddedServer:
    """The embedded server of a MONPS home, running or not."""
    return EmbeddedServer(
        settings.home,
        preferred_port=settings.embedded_port,
        databases=(settings.db_name, settings.dagster_db_name),
        bindir=settings.embedded_bindir,
    )


def ensure_database(settings: Settings) -> DatabaseAddress:
    """The address of the platform's database on a server that is up, its databases created.

    Starts the embedded server when no other is configured. Raises ServerUnavailableError or EmbeddedServerError.
    """
    if settings.uses_embedded_server:
        return _embedded_address(embedded_server(settings).ensure_running(), settings)
    address = _configured_address(settings)
    _create_databases(address, (settings.db_name, settings.dagster_db_name))
    return address


def running_database(settings: Settings) -> DatabaseAddress | None:
    """The address of the platform's database, None when the embedded server is down; starts nothing."""
    if not settings.uses_embedded_server:
        return _configured_address(settings)
    server = embedded_server(settings).address()
    return None if server is None else _embedded_address(server, settings)


def pool_options(settings: Settings) -> PoolOptions:
    """The pool as the settings size it."""
    return PoolOptions(
        size=settings.db_pool_size,
        max_overflow=settings.db_max_overflow,
        timeout=settings.db_pool_timeout,
        recycle=settings.db_pool_recycle,
        pre_ping=settings.db_pool_pre_ping,
        statement_timeout=settings.db_statement_timeout,
        slow_statement=settings.db_slow_statement,
        echo=settings.db_echo,
    )


def replica_address(settings: Settings) -> DatabaseAddress | None:
    """The read replica, None where none is configured. Raises ServerUnavailableError for a URL that names none."""
    if settings.db_replica_url is None:
        return None
    try:
        return DatabaseAddress.parse(settings.db_replica_url.get_secret_value())
    except AddressError as error:
        raise ServerUnavailableError(f"MONPS_DB_REPLICA_URL: {error}") from None


def _embedded_address(server: ServerAddress, settings: Settings) -> DatabaseAddress:
    # The embedded binaries are built without TLS; the server listens on loopback only.
    return DatabaseAddress(server.host, server.port, server.user, server.password, settings.db_name, "disable")


def _configured_address(settings: Settings) -> DatabaseAddress:
    if settings.db_host is None or settings.db_password is None:
        raise ServerUnavailableError(
            f"MONPS_DB_HOST is {settings.db_host}, but MONPS_DB_PASSWORD is not set: set it (environment or .env)"
        )
    password: SecretStr = settings.db_password
    return DatabaseAddress(
        settings.db_host, settings.db_port, settings.db_user, password, settings.db_name, settings.db_sslmode
    )


def _create_databases(address: DatabaseAddress, names: tuple[str, ...]) -> None:
    """Create what is missing on the user's own server, through its maintenance database."""
    engine = create_engine(
        address.other("postgres").url(),
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"connect_timeout": 10, "sslmode": address.sslmode},
    )
    where = f"PostgreSQL at {address.host}:{address.port} as user {address.user}"
    try:
        with engine.connect() as connection:
            version = int(str(connection.scalar(text("SHOW server_version_num"))))
            if version < _OLDEST_SERVER:
                raise ServerUnavailableError(f"{where} is version {version // 10_000}: 15 or newer is needed")
            for name in names:
                _create_database(connection, name)
    except OperationalError as error:
        raise ServerUnavailableError(
            f"cannot connect to {where}: {error.orig}"
            "Check MONPS_DB_HOST, MONPS_DB_PORT, MONPS_DB_USER and MONPS_DB_PASSWORD."
        ) from error
    except ProgrammingError as error:
        raise ServerUnavailableError(
            f"{where} may not create a database ({error.orig}). Create {' and '.join(names)} as an administrator."
        ) from error


def _create_database(connection: Connection, name: str) -> None:
    found = text("SELECT EXISTS (SELECT FROM pg_database WHERE datname = :name)")
    if connection.scalar(found, {"name": name}):
        return
    quoted = connection.dialect.identifier_preparer.quote(name)
    try:
        connection.execute(text(f"CREATE DATABASE {quoted} ENCODING 'UTF8' TEMPLATE template0"))
    except (IntegrityError, ProgrammingError):
        # Another process may have created it meanwhile.
        if not connection.scalar(found, {"name": name}):
            raise
