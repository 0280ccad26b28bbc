"""All settings, read in one place: environment variables with the prefix MONPS_, and a .env file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from monps_platform.domain import backup_retention as backup_limits
from monps_platform.domain.cron import require_cron

PROJECT_ROOT = Path(__file__).resolve().parent.parent
"""The checkout: alembic.ini, workspace.yaml and dagster.yaml stand there."""

_NAMES = "^[a-z0-9_]+(,[a-z0-9_]+)*$"


LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names of this machine for itself."""


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
    backups_dir: Path | None = Field(None, description="folder of backups; unset: backups/ in home")
    backups_keep_count: int = Field(
        14,
        ge=backup_limits.FEWEST_KEPT,
        le=backup_limits.MOST_KEPT,
        description="verified backups that are kept",
    )
    backups_keep_days: int = Field(
        30,
        ge=backup_limits.SHORTEST_KEPT,
        le=backup_limits.LONGEST_KEPT,
        description="days after which a backup goes; the newest verified one never does",
    )
    runs_keep_days: int = Field(30, ge=1, le=3650, description="days after its end that a Dagster run is kept")
    raw_keep_days: int = Field(
        90, ge=1, le=3650, description="days for which a version of a fetched file is kept once newer ones came"
    )
    timezone: str = Field("UTC", description="time zone of the schedules, such as Europe/Zurich")
    refresh_cron: str = Field("0 6 * * *", description="when the seasons in progress are refreshed")
    quality_cron: str = Field("30 * * * *", description="when all checks run")
    health_cron: str = Field("*/15 * * * *", description="when the health sweep runs")
    backup_cron: str = Field("0 3 * * *", description="when the database is backed up")
    retention_cron: str = Field("0 4 * * 0", description="when old runs and superseded files are deleted")
    ui_port: int = Field(3000, ge=1, le=65535, description="port of Dagster's UI on 127.0.0.1")
    metrics_port: int = Field(9543, ge=1, le=65535, description="port of monps metrics on 127.0.0.1, for Prometheus")
    ui_url: HttpUrl | None = Field(
        None, description="address of the UI for links in alerts; unset: http://127.0.0.1 and MONPS_UI_PORT"
    )
    alert_webhook_url: SecretStr | None = Field(
        None, description="where alerts are posted as JSON; the address is a secret, who knows it can post"
    )
    alert_email_to: str | None = Field(None, description="who gets alerts by e-mail, comma-separated")
    alert_email_from: str | None = Field(
        None, description="sender of e-mails; unset: the first of MONPS_ALERT_EMAIL_TO"
    )
    smtp_host: str | None = Field(None, description="server that takes e-mails; needed for MONPS_ALERT_EMAIL_TO")
    smtp_port: int = Field(587, ge=1, le=65535, description="port of the e-mail server")
    smtp_user: str | None = Field(None, description="user on the e-mail server; unset: no login")
    smtp_password: SecretStr | None = Field(None, description="password on the e-mail server")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="encryption towards the e-mail server; none: only without a login, or on this machine"
    )
    alert_cool_down: float = Field(
        6.0, gt=0, le=168, description="hours in which nobody is alerted twice of one thing; then comes a reminder"
    )

    @field_validator("home", "picks_dir", "backups_dir")
    @classmethod
    def _absolute(cls, folder: Path | None) -> Path | None:
        """Other processes start in other folders."""
        return None if folder is None else folder.expanduser().absolute()

    @field_validator("refresh_cron", "quality_cron", "health_cron", "backup_cron", "retention_cron")
    @classmethod
    def _cron(cls, times: str) -> str:
        return require_cron(times)

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, name: str) -> str:
        """A zone of the IANA database."""
        try:
            return ZoneInfo(name).key
        except (KeyError, ValueError, OSError):
            raise ValueError("there is no such time zone: write UTC or, for example, Europe/Zurich") from None

    @field_validator("alert_webhook_url")
    @classmethod
    def _web_address(cls, url: SecretStr | None) -> SecretStr | None:
        """Told without the address, which is a secret."""
        if url is not None and not url.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("it must begin with https:// (or http://)")
        return url

    @model_validator(mode="after")
    def _whole_email(self) -> Self:
        """Half a configuration would be found out when the first alert is lost."""
        if self.alert_email_to and not self.smtp_host:
            raise ValueError("MONPS_ALERT_EMAIL_TO needs MONPS_SMTP_HOST, the server that takes e-mails")
        if self.smtp_user and self.smtp_security == "none" and self.smtp_host not in LOOPBACK:
            raise ValueError("MONPS_SMTP_SECURITY is none: the password would go over the network in the clear")
        return self

    @property
    def ui_address(self) -> str:
        """Where links into the UI begin, without a slash at the end."""
        return str(self.ui_url or f"http://127.0.0.1:{self.ui_port}").rstrip("/")

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
    def backups_folder(self) -> Path:
        """The folder of backups."""
        return self.backups_dir or self.home / "backups"

    @property
    def picks_page(self) -> Path:
        """The report on all picks, as a page."""
        return self.home / "reports" / "picks.html"

    @property
    def metrics_file(self) -> Path:
        """The newest health sweep as Prometheus reads it, for node_exporter's textfile collector."""
        return self.home / "metrics" / "monps.prom"

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
            "MONPS_BACKUPS_DIR": str(self.backups_folder),
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
