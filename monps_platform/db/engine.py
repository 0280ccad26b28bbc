"""Addresses of databases, and the pooled engine behind every session."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import SecretStr
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

_STRICT_TLS = ("require", "verify-ca", "verify-full")


@dataclass(frozen=True)
class DatabaseAddress:
    """Where a database is and who connects; its representation masks the password."""

    host: str
    port: int
    user: str
    password: SecretStr
    database: str
    sslmode: str = "prefer"

    def other(self, database: str) -> DatabaseAddress:
        """Another database of the same server."""
        return replace(self, database=database)

    def url(self) -> URL:
        """SQLAlchemy's URL. The driver is named: a bare postgresql:// means another one from 2.1 on."""
        return URL.create(
            "postgresql+psycopg2",
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


@dataclass(frozen=True)
class PoolOptions:
    """Size and patience of a connection pool; times in seconds."""

    size: int = 5
    max_overflow: int = 10
    timeout: float = 30.0
    recycle: int = 1800
    statement_timeout: int = 300


def build_engine(address: DatabaseAddress, pool: PoolOptions = PoolOptions()) -> Engine:
    """A pooled engine; nothing connects before the first statement."""
    options = f"-c statement_timeout={pool.statement_timeout * 1000} -c timezone=UTC"
    return create_engine(
        address.url(),
        pool_size=pool.size,
        max_overflow=pool.max_overflow,
        pool_timeout=pool.timeout,
        pool_recycle=pool.recycle,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "options": options,
            "application_name": "monps_platform",
            "connect_timeout": 10,
            "sslmode": address.sslmode,
        },
    )


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions that keep loaded values after a commit, and refuse to work once they are closed."""
    return sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
