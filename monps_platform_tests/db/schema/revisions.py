"""Where a test's database stands."""

from __future__ import annotations

from sqlalchemy import Engine

from monps_platform.db.schema import migrations


def revision(engine: Engine) -> str | None:
    """The revision a database is stamped with, if any."""
    with engine.connect() as connection:
        return migrations.current(connection)
