"""Dagster resources: the database, the kept bytes, the sources, the folder of picks, and who shows progress."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import ConfigDict, Field, PrivateAttr, SecretStr
from sqlalchemy import Engine

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.server import pool_options, replica_address
from monps_platform.db.database import Database
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.orchestration.fetching.football_data import Fetcher
from monps_platform.orchestration.fetching.landing import Landing
from monps_platform.orchestration.fetching.odds_api import OddsApiFetcher, Planner, Terms
from monps_platform.orchestration.fetching.understat import UnderstatFetcher
from monps_platform.orchestration.loading.football_data import Loader
from monps_platform.orchestration.loading.understat import UnderstatLoader
from monps_platform.orchestration.outcomes import Progress, SilentProgress
from monps_platform.orchestration.picks.importing import Importer, ImportReport
from monps_platform.settings import Settings
from monps_platform.sources.http import HttpClient
from monps_platform.sources.odds_api.client import OddsApi
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.understat.files import HEADERS


class DatabaseResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # its value is itself
    """PostgreSQL behind a pooled engine, used through units of work.

    The engine lives as long as the run (or the step, where each has its own process) and connects on first use.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    host: str = Field(description="server; MONPS_DB_HOST")
    port: int = Field(description="port; MONPS_DB_PORT")
    user: str = Field(description="user; MONPS_DB_USER")
    password: str = Field(repr=False, description="password, from the environment only: MONPS_DB_PASSWORD")
    database: str = Field(description="database; MONPS_DB_NAME")
    sslmode: str = Field(default="prefer", description="libpq's sslmode; MONPS_DB_SSLMODE")
    pool_size: int | None = Field(default=None, description="connections kept open; unset: MONPS_DB_POOL_SIZE")
    max_overflow: int | None = Field(default=None, description="more under load; unset: MONPS_DB_MAX_OVERFLOW")
    statement_timeout: int | None = Field(
        default=None, description="seconds a statement may take; unset: MONPS_DB_STATEMENT_TIMEOUT"
    )

    _database: Database | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[DatabaseResource]:  # noqa: ARG002 - Dagster's signature
        """Build the engine, and dispose of it however the run ends."""
        self.open()
        try:
            yield self
        finally:
            self.close()

    def open(self) -> DatabaseResource:
        """Build the engine; for use outside a run: close() it afterwards."""
        address = DatabaseAddress(
            self.host, self.port, self.user, SecretStr(self.password), self.database, self.sslmode
        )
        own: dict[str, Any] = {
            "size": self.pool_size,
            "max_overflow": self.max_overflow,
            "statement_timeout": self.statement_timeout,
        }
        settings = Settings()
        pool = replace(pool_options(settings), **{name: value for name, value in own.items() if value is not None})
        self._database = Database(address, pool, replica=replica_address(settings))
        return self

    def close(self) -> None:
        """Close every connection."""
        if self._database is not None:
            self._database.dispose()
            self._database = None

    @property
    def layer(self) -> Database:
        """The database layer: engines, units of work, checks; raises RuntimeError outside a run."""
        if self._database is None:
            raise RuntimeError("the database resource is closed: use it inside a run, or call open() first")
        return self._database

    @property
    def engine(self) -> Engine:
        """The pooled engine."""
        return self.layer.engine()

    def unit_of_work(self, *, read_only: bool = False) -> UnitOfWork:
        """A new unit of work; nothing is kept unless it commits."""
        return self.layer.unit_of_work(read_only=read_only)


class RawStoreResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # its value is itself
    """The folder of fetched bytes, kept verbatim and addressed by their sha256."""

    root: str | None = Field(default=None, description="folder; unset: raw/ in MONPS_HOME")

    def store(self) -> RawStore:
        """The store."""
        return RawStore(Path(self.root) if self.root else Settings().raw_dir)


class _SourceResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # its value is itself
    """A source of files behind the one HTTP client."""

    # Not shown: a mirror's address may carry credentials.
    base_url: str | None = Field(default=None, repr=False, description="base address; unset: the setting's")
    retries: int | None = Field(default=None, description="further tries after a transient failure")
    first_pause: float = Field(default=0.5, description="seconds before the second try; doubled after each")

    @contextmanager
    def _landing(
        self, database: DatabaseResource, raw_store: RawStoreResource, url: object, headers: Mapping[str, str]
    ) -> Iterator[Landing]:
        """Where the source's files land; its connections are closed at the end of the block."""
        settings = Settings()
        client = HttpClient(
            timeout=settings.fetch_timeout,
            retries=settings.fetch_retries if self.retries is None else self.retries,
            interval=settings.fetch_interval,
            first_pause=self.first_pause,
        )
        try:
            yield Landing(
                database.unit_of_work,
                raw_store.store(),
                client,
                self.base_url or str(url),
                accept_shrunken=settings.accept_shrunken,
                headers=headers,
            )
        finally:
            client.close()


class FootballDataResource(_SourceResource):
    """The files of football-data.co.uk, or of a mirror of it (MONPS_FOOTBALL_DATA_URL), behind the one HTTP client."""

    @contextmanager
    def fetcher(self, database: DatabaseResource, raw_store: RawStoreResource) -> Iterator[Fetcher]:
        """A fetcher whose connections are closed at the end of the block."""
        with self._landing(database, raw_store, Settings().football_data_url, {}) as landing:
            yield Fetcher(landing)


class UnderstatResource(_SourceResource):
    """Understat, or a mirror of it (MONPS_UNDERSTAT_URL), behind the one HTTP client."""

    shots: bool | None = Field(default=None, description="fetch match files, too; unset: MONPS_UNDERSTAT_SHOTS")

    @contextmanager
    def fetcher(
        self, database: DatabaseResource, raw_store: RawStoreResource, progress: Progress
    ) -> Iterator[UnderstatFetcher]:
        """A fetcher whose connections are closed at the end of the block; ``progress`` hears of each match file."""
        settings = Settings()
        with_shots = settings.understat_shots if self.shots is None else self.shots
        told = partial(progress.part, "raw_understat")
        with self._landing(database, raw_store, settings.understat_url, HEADERS) as landing:
            yield UnderstatFetcher(landing, with_shots, told)


class OddsApiResource(_SourceResource):
    """The Odds API, or a mirror of it (MONPS_ODDS_API_URL), behind the one HTTP client; one request a call, for a
    further try would cost credits more. The key is read from the settings (MONPS_ODDS_API_KEY) when it is used.
    """

    retries: int | None = Field(default=0, description="further tries after a transient failure; each may cost credits")

    @contextmanager
    def fetcher(self, database: DatabaseResource, raw_store: RawStoreResource) -> Iterator[OddsApiFetcher | None]:
        """A fetcher whose connections are closed at the end of the block; None where no key is set."""
        settings = Settings()
        if settings.odds_api_key is None:
            yield None
            return
        with self._landing(database, raw_store, settings.odds_api_url, {}) as landing:
            api = OddsApi(landing.client, landing.base_url, settings.odds_api_key)
            yield OddsApiFetcher(landing, api, Planner(landing.units, Terms.of(settings), landing.now))


class PicksFolderResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # its value is itself
    """The watched folder of the user's own picks, and where the report on all picks is written."""

    path: str | None = Field(
        default=None, description="folder of CSV files; unset: MONPS_PICKS_DIR, else picks/ in home"
    )
    reports: str | None = Field(default=None, description="folder of reports; unset: reports/ in MONPS_HOME")

    @property
    def page(self) -> Path:
        """The report as a page."""
        usual = Settings().picks_page
        return Path(self.reports) / usual.name if self.reports else usual

    def import_new(self, database: DatabaseResource, raw_store: RawStoreResource) -> list[ImportReport]:
        """Import the files that are new, or have changed, or were refused before."""
        folder = Path(self.path) if self.path else Settings().watched_dir
        return Importer(database.unit_of_work, raw_store.store()).import_folder(folder)


def loader(database: DatabaseResource, raw_store: RawStoreResource) -> Loader:
    """A loader of football-data.co.uk's files on the run's database and store."""
    return Loader(database.unit_of_work, raw_store.store())


def understat_loader(database: DatabaseResource, raw_store: RawStoreResource) -> UnderstatLoader:
    """A loader of Understat's files on the run's database and store."""
    return UnderstatLoader(database.unit_of_work, raw_store.store())


def build_resources(progress: Progress | None = None) -> dict[str, object]:
    """The resources of the code location; secrets and addresses are named, and read when a run begins.

    ``progress`` is who shows how far a step is; nobody in Dagster's own processes, whose event log tells enough.
    """
    return {
        "database": DatabaseResource(
            host=dg.EnvVar("MONPS_DB_HOST"),
            port=dg.EnvVar.int("MONPS_DB_PORT"),
            user=dg.EnvVar("MONPS_DB_USER"),
            password=dg.EnvVar("MONPS_DB_PASSWORD"),
            database=dg.EnvVar("MONPS_DB_NAME"),
            sslmode=dg.EnvVar("MONPS_DB_SSLMODE"),
        ),
        "raw_store": RawStoreResource(),
        "football_data": FootballDataResource(),
        "understat": UnderstatResource(),
        "odds_api": OddsApiResource(),
        "picks_folder": PicksFolderResource(),
        "progress": dg.ResourceDefinition.hardcoded_resource(
            progress or SilentProgress(),
            "Who shows how far a step is: the terminal for monps up, nobody in Dagster's own processes.",
        ),
    }
