"""All settings, read in one place: environment variables with the prefix MONPS_, and a .env file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, HttpUrl, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent
"""The checkout: alembic.ini, workspace.yaml and dagster.yaml stand there."""

_NAMES = "^[a-z0-9_]+(,[a-z0-9_]+)*$"


class Settings(BaseSettings):
    """Every setting of the platform. Without MONPS_DB_HOST the embedded PostgreSQL is used."""

    model_config = SettingsConfigDict(
        env_prefix="MONPS_",
        env_file=PROJECT_ROOT / ".env",
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        frozen=True,
    )

    home: Path = Field(PROJECT_ROOT / ".monps", description="folder of everything the platform keeps on disk")
    db_host: str | None = Field(None, description="your own PostgreSQL server; unset: the embedded one")
    db_port: int = Field(5432, ge=1, le=65535, description="port of your own server")
    db_user: str = Field("monps", description="user on your own server")
    db_password: SecretStr | None = Field(None, description="password on your own server")
    db_name: str = Field("monps", description="database of the platform's tables")
    dagster_db_name: str = Field("monps_dagster", description="database of Dagster's own storage")
    db_sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = Field(
        "prefer", description="TLS towards your own server"
    )
    db_pool_size: int = Field(5, ge=1, description="connections kept open")
    db_max_overflow: int = Field(10, ge=0, description="further connections under load")
    db_pool_timeout: float = Field(30.0, gt=0, description="seconds to wait for a free connection")
    db_pool_recycle: int = Field(1800, gt=0, description="seconds after which a connection is replaced")
    db_pool_pre_ping: bool = Field(True, description="try a connection before it is used")
    db_statement_timeout: int = Field(300, ge=0, description="seconds after which a statement is cancelled; 0: never")
    db_slow_statement: float = Field(1.0, ge=0, description="seconds from which on a statement is logged as slow")
    db_echo: bool = Field(False, description="log every statement, without the values bound to it")
    db_replica_url: SecretStr | None = Field(
        None, description="read replica, postgresql://user:<password>@host:port/database; read-only work goes there"
    )
    embedded_port: int = Field(54320, ge=1, le=65535, description="port the embedded server prefers")
    embedded_bindir: Path | None = Field(
        None,
        validation_alias=AliasChoices("MONPS_EMBEDDED_BINDIR", "PG_BINDIR"),
        description="folder of PostgreSQL programs to use, not the wheel's",
    )
    football_data_url: HttpUrl = Field(
        HttpUrl("https://www.football-data.co.uk"),
        repr=False,  # a mirror's address may carry credentials
        description="where season files are fetched; a mirror can stand in",
    )
    understat_url: HttpUrl = Field(
        HttpUrl("https://understat.com"),
        repr=False,  # a mirror's address may carry credentials
        description="where Understat's files are fetched; a mirror can stand in",
    )
    understat_shots: bool = Field(
        False, description="fetch the shots of every finished match, too: about 380 files a league and season"
    )
    odds_api_key: SecretStr | None = Field(
        None, description="key of The Odds API (the-odds-api.com); unset: its prices are not asked for"
    )
    odds_api_url: HttpUrl = Field(
        HttpUrl("https://api.the-odds-api.com"),
        repr=False,  # a mirror's address may carry credentials
        description="where The Odds API is asked; a mirror can stand in",
    )
    odds_api_regions: str = Field(
        "eu,uk", pattern=_NAMES, description="regions whose bookmakers are asked for, comma-separated; each costs"
    )
    odds_api_markets: str = Field(
        "h2h,totals,spreads", pattern=_NAMES, description="markets that are asked for, comma-separated; each costs"
    )
    odds_api_monthly_quota: int = Field(500, ge=0, description="credits that your plan of The Odds API has a month")
    odds_api_reserve: int = Field(20, ge=0, description="credits of The Odds API that are never spent")
    odds_api_reset_day: int = Field(
        1, ge=1, le=28, description="day of the month, UTC, on which the credits are renewed"
    )
    fetch_interval: float = Field(0.5, ge=0, description="seconds between two requests to one server (not on loopback)")
    fetch_timeout: float = Field(20.0, gt=0, description="seconds a request may take")
    fetch_retries: int = Field(4, ge=0, description="further tries after a transient failure")
    accept_shrunken: bool = Field(False, description="take a file that lost more than a fifth of its bytes")
    picks_dir: Path | None = Field(
        None, description="folder whose CSV files of picks are imported; unset: picks/ in home"
    )
    ui_port: int = Field(3000, ge=1, le=65535, description="port of Dagster's UI on 127.0.0.1")

    @field_validator("home", "picks_dir")
    @classmethod
    def _absolute(cls, folder: Path | None) -> Path | None:
        """Other processes start in other folders."""
        return None if folder is None else folder.expanduser().absolute()

    @property
    def uses_embedded_server(self) -> bool:
        """Whether no server of the user's own is configured."""
        return self.db_host is None

    @property
    def raw_dir(self) -> Path:
        """Where fetched bytes are kept."""
        return self.home / "raw"

    @property
    def watched_dir(self) -> Path:
        """The folder of the user's own picks."""
        return self.picks_dir or self.home / "picks"

    @property
    def picks_page(self) -> Path:
        """The report on all picks, as a page."""
        return self.home / "reports" / "picks.html"

    @property
    def dagster_home(self) -> Path:
        """Where Dagster keeps logs and the copy of dagster.yaml it runs with."""
        return self.home / "dagster"

    def process_environment(
        self, host: str, port: int, user: str, password: SecretStr, sslmode: str
    ) -> Mapping[str, str]:
        """The variables that Dagster's processes read: dagster.yaml and the resources name them, never values."""
        return {
            "MONPS_HOME": str(self.home),
            "MONPS_DB_HOST": host,
            "MONPS_DB_PORT": str(port),
            "MONPS_DB_USER": user,
            "MONPS_DB_PASSWORD": password.get_secret_value(),
            "MONPS_DB_NAME": self.db_name,
            "MONPS_DB_SSLMODE": sslmode,
            # Dagster's own storage has no setting for it; libpq reads this.
            "PGSSLMODE": sslmode,
            "MONPS_DAGSTER_DB_NAME": self.dagster_db_name,
            "MONPS_FOOTBALL_DATA_URL": str(self.football_data_url),
            "MONPS_UNDERSTAT_URL": str(self.understat_url),
            **self._odds_api_environment(),
            "MONPS_PICKS_DIR": str(self.watched_dir),
            "DAGSTER_HOME": str(self.dagster_home),
            # A run over many partitions writes an event for each: together, not one transaction apiece.
            "DAGSTER_EVENT_BATCH_SIZE": "200",
        }

    def _odds_api_environment(self) -> Mapping[str, str]:
        key = {} if self.odds_api_key is None else {"MONPS_ODDS_API_KEY": self.odds_api_key.get_secret_value()}
        return {
            "MONPS_ODDS_API_URL": str(self.odds_api_url),
            "MONPS_ODDS_API_REGIONS": self.odds_api_regions,
            "MONPS_ODDS_API_MARKETS": self.odds_api_markets,
            "MONPS_ODDS_API_MONTHLY_QUOTA": str(self.odds_api_monthly_quota),
            "MONPS_ODDS_API_RESERVE": str(self.odds_api_reserve),
            "MONPS_ODDS_API_RESET_DAY": str(self.odds_api_reset_day),
            **key,
        }


def export(variables: Mapping[str, str]) -> None:
    """Set variables for this process and those it starts."""
    os.environ.update(variables)
