"""The environment that tests give to the platform and to the processes it starts."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from monps_platform.db.connection.address import DatabaseAddress


def clean_environment() -> dict[str, str]:
    """The environment of this process without settings of the platform, of Dagster or of PostgreSQL."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MONPS_", "DAGSTER_", "PG"))}


def database_variables(address: DatabaseAddress, dagster: str | None = None) -> dict[str, str]:
    """The settings that name a database and, where it is given, the database of Dagster beside it."""
    variables = {
        "MONPS_DB_HOST": address.host,
        "MONPS_DB_PORT": str(address.port),
        "MONPS_DB_USER": address.user,
        "MONPS_DB_PASSWORD": address.password.get_secret_value(),
        "MONPS_DB_NAME": address.database,
        "MONPS_DB_SSLMODE": address.sslmode,
    }
    return variables if dagster is None else {**variables, "MONPS_DAGSTER_DB_NAME": dagster}


def set_variables(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """Set variables of this process until the test ends."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
