"""The schema's history: Alembic alone makes and changes tables; this module drives it."""

from __future__ import annotations

from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from alembic import command
from monps_platform.db.models import SCHEMAS, Base
from monps_platform.settings import PROJECT_ROOT

_LOCK = 7_067_801_001
"""Advisory lock: one migration at a time, whoever starts it."""


def migration_options() -> dict[str, Any]:
    """How Alembic compares and runs: our schemas and our tables, nothing else that lives in the database."""
    return {
        "target_metadata": Base.metadata,
        "include_schemas": True,
        "include_name": _is_ours,
        "compare_type": True,
        "compare_server_default": True,
        "transaction_per_migration": True,
    }


def _is_ours(name: str | None, kind: str, parents: Any) -> bool:
    if kind == "schema":
        return name is None or name in SCHEMAS
    if kind == "table":
        schema = parents.get("schema_name")
        return name in Base.metadata.tables or f"{schema}.{name}" in Base.metadata.tables
    return True


def _config() -> Config:
    return Config(str(PROJECT_ROOT / "alembic.ini"))


def head() -> str:
    """The newest revision of the migrations in the checkout."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise RuntimeError("alembic/versions holds no migration: the checkout is incomplete")
    return revision


def current(connection: Connection) -> str | None:
    """The revision of a database; None when it has never been migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> tuple[str | None, str | None]:
    """Migrate up to a revision; returns the revision before and after. Waits for a migration under way."""
    return _run(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: Engine, revision: str) -> tuple[str | None, str | None]:
    """Migrate down to a revision (``base``: nothing left); returns the revision before and after."""
    return _run(engine, lambda config: command.downgrade(config, revision))


def _run(engine: Engine, step: Any) -> tuple[str | None, str | None]:
    with engine.connect() as connection:
        # A migration may wait for another one, and may take longer than a query should.
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            before = current(connection)
            connection.commit()
            config = _config()
            config.attributes["connection"] = connection
            step(config)
            connection.commit()
            after = current(connection)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.execute(text("RESET statement_timeout"))
            connection.commit()
        return before, after
