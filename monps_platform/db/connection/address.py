"""Where a database is: one object from which every driver's address is derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_STRICT_TLS = ("require", "verify-ca", "verify-full")
_LAST_PORT = 65535
SSL_MODES = ("disable", "allow", "prefer", *_STRICT_TLS)


class AddressError(ValueError):
    """A URL that names no PostgreSQL database; the message never repeats it, for it may hold a password."""


@dataclass(frozen=True)
class DatabaseAddress:
    """Where a database is and who connects; its representation masks the password."""

    host: str
    port: int
    user: str
    password: SecretStr
    database: str
    sslmode: str = "prefer"

    @classmethod
    def parse(cls, url: str) -> DatabaseAddress:
        """The address of a libpq URL, ``postgresql://user:<password>@host:port/database?sslmode=...``.

        Raises AddressError for anything else.
        """
        try:
            parts = make_url(url)
        except (ArgumentError, ValueError):
            # The cause may quote what stands where the port should, which may be the end of a password with an @ in it.
            raise AddressError("this is no URL: write postgresql://user:<password>@host:port/database") from None
        sslmode = parts.query.get("sslmode", "prefer")
        given = (parts.host, parts.username, parts.password, parts.database)
        port = 5432 if parts.port is None else parts.port
        is_complete = all(given) and 0 < port <= _LAST_PORT and sslmode in SSL_MODES
        if parts.get_backend_name() not in {"postgresql", "postgres"} or not is_complete:
            raise AddressError(
                "the URL must name host, user, password and database, a port below 65536 if any, and no sslmode that "
                "libpq does not know: postgresql://user:<password>@host:port/database?sslmode=prefer"
            )
        if unknown := sorted(parts.query.keys() - {"sslmode"}):
            raise AddressError(
                f"{', '.join(unknown)} in the URL would be passed over: leave it out, and use libpq's variables "
                "(PGSSLROOTCERT, say) or its default files"
            )
        host, user, password, database = (str(part) for part in given)
        return cls(host, port, user, SecretStr(password), database, str(sslmode))

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}/{self.database}"

    @property
    def requires_tls(self) -> bool:
        """Whether a connection without TLS is out of the question."""
        return self.sslmode in _STRICT_TLS

    def other(self, database: str) -> DatabaseAddress:
        """Another database of the same server."""
        return replace(self, database=database)

    def url(self) -> URL:
        """SQLAlchemy's URL for psycopg2. The driver is named: a bare postgresql:// means another one from 2.1 on."""
        return self._url("postgresql+psycopg2")

    def async_url(self) -> URL:
        """SQLAlchemy's URL for asyncpg."""
        return self._url("postgresql+asyncpg")

    def _url(self, drivername: str) -> URL:
        return URL.create(
            drivername,
            username=self.user,
            password=self.password.get_secret_value(),
            host=self.host,
            port=self.port,
            database=self.database,
        )

    def libpq_url(self) -> str:
        """The URL that psql and other tools take, password included: print it only when asked to."""
        # Less than libpq's own default needs no word; a tool that is given this URL must not ask for less than we do.
        query = {"sslmode": self.sslmode} if self.sslmode in _STRICT_TLS else {}
        return self.url().set(drivername="postgresql", query=query).render_as_string(hide_password=False)

    def connect_args(self, session: Mapping[str, str]) -> dict[str, Any]:
        """What psycopg2 needs beside the URL; ``session`` are the server's settings for each session."""
        options = " ".join(f"-c {name}={value}" for name, value in session.items())
        return {"options": options, "connect_timeout": CONNECT_TIMEOUT, "sslmode": self.sslmode}

    def async_connect_args(self, session: Mapping[str, str]) -> dict[str, Any]:
        """What asyncpg needs beside the URL."""
        return {"server_settings": dict(session), "timeout": CONNECT_TIMEOUT, "ssl": self.sslmode}


CONNECT_TIMEOUT = 10
"""Seconds to wait for a server to answer a new connection."""
