"""A sandbox: the real assets and checks on a throw-away database, run in this process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.database import Database
from monps_platform.definitions import build_definitions
from monps_platform.domain.leagues import parse_leagues
from monps_platform.domain.partitions import Block
from monps_platform.domain.seasons import parse_seasons
from monps_platform.orchestration.outcomes import SilentProgress
from monps_platform.orchestration.partitions import range_tags
from monps_platform.orchestration.resources import (
    DatabaseResource,
    FootballDataResource,
    PicksFolderResource,
    RawStoreResource,
    UnderstatResource,
)
from monps_platform.testing.databases import throwaway_database
from monps_platform.testing.graphql import answer, process_environment

_IN_PROCESS = {
    "run_launcher": {
        "module": "dagster._core.launcher.sync_in_memory_run_launcher",
        "class": "SyncInMemoryRunLauncher",
    },
    "run_coordinator": {"module": "dagster._core.run_coordinator", "class": "DefaultRunCoordinator"},
}
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@contextmanager
def throwaway_instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance in a temporary folder: it keeps runs, events and results of checks until the end of the block,
    and a run that is launched in it is run at once, in this process.
    """
    with dg.instance_for_test(overrides=_IN_PROCESS) as instance:
        yield instance


@dataclass(frozen=True)
class Sandbox:
    """A database, a folder and an instance, and what can be run on them. ``mirror`` is where the sources are asked for
    files; simulated leagues (SIM1, SIM2) need none.
    """

    database: DatabaseAddress
    instance: dg.DagsterInstance
    folder: Path
    mirror: str | None = None

    def materialize(
        self,
        *assets: str,
        leagues: str = "SIM1",
        seasons: str = "2020-21",
        checks: bool = True,
        config: Mapping[str, Any] | None = None,
    ) -> dg.ExecuteInProcessResult:
        """Materialise assets, over the leagues and seasons where they have any, with their checks; a failure is a
        result. ``config`` is the configuration of an asset by its name.
        """
        selection = dg.AssetSelection.assets(*assets)
        block = Block(parse_leagues(leagues), parse_seasons(seasons))
        return self._run(
            selection if checks else selection.without_checks(),
            tags=range_tags(block) if self._is_partitioned(assets) else {},
            run_config={**_QUIET, "ops": {name: {"config": value} for name, value in (config or {}).items()}},
        )

    def check(self, *assets: str) -> dict[str, dg.AssetCheckEvaluation]:
        """Run the checks of assets alone; their results by name."""
        result = self._run(dg.AssetSelection.checks_for_assets(*(dg.AssetKey(name) for name in assets)), {}, _QUIET)
        return {item.check_name: item for item in result.get_asset_check_evaluations()}

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        """What GraphQL answers on this sandbox; a run that it launches is over then. Raises ValueError for a query that
        it refuses.
        """
        return answer(self.instance, self._environment, query, variables)

    @property
    def _environment(self) -> Mapping[str, str]:
        """What the code location's settings are here, whatever they are around it."""
        return {
            "MONPS_HOME": str(self.folder),
            "MONPS_BACKUPS_DIR": str(self.folder / "backups"),
            "MONPS_DB_HOST": self.database.host,
            "MONPS_DB_PORT": str(self.database.port),
            "MONPS_DB_USER": self.database.user,
            "MONPS_DB_PASSWORD": self.database.password.get_secret_value(),
            "MONPS_DB_NAME": self.database.database,
            "MONPS_DB_SSLMODE": self.database.sslmode,
        }

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        engine = create_engine(self.database.url(), poolclass=NullPool)
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    @contextmanager
    def open(self) -> Iterator[Database]:
        """The database layer, closed at the end of the block."""
        database = Database(self.database)
        try:
            yield database
        finally:
            database.dispose()

    def resources(self) -> dict[str, Any]:
        """The resources of the code location, pointed at this sandbox."""
        address = self.database
        return {
            "database": DatabaseResource(
                host=address.host,
                port=address.port,
                user=address.user,
                password=address.password.get_secret_value(),
                database=address.database,
                sslmode=address.sslmode,
            ),
            "raw_store": RawStoreResource(root=str(self.folder / "raw")),
            "football_data": FootballDataResource(base_url=self.mirror),
            "understat": UnderstatResource(base_url=self.mirror, shots=True),
            "picks_folder": PicksFolderResource(path=str(self.folder / "picks"), reports=str(self.folder / "reports")),
            "progress": SilentProgress(),
        }

    def definitions(self) -> dg.Definitions:
        """The code location on this sandbox: for GraphQL, and for whatever takes Definitions."""
        whole = build_definitions()
        return dg.Definitions(
            assets=whole.assets,
            asset_checks=whole.asset_checks,
            jobs=whole.jobs,
            resources={**(whole.resources or {}), **self.resources()},
            executor=dg.in_process_executor,
        )

    def _is_partitioned(self, assets: Sequence[str]) -> bool:
        graph = build_definitions().resolve_asset_graph()
        return any(graph.get(dg.AssetKey(name)).partitions_def is not None for name in assets)

    def _run(
        self, selection: dg.AssetSelection, tags: Mapping[str, str], run_config: Mapping[str, Any]
    ) -> dg.ExecuteInProcessResult:
        with process_environment(self._environment):
            whole = self.definitions()
            return dg.materialize(
                [*(whole.assets or ()), *(whole.asset_checks or ())],  # type: ignore[list-item]  # all are definitions
                selection=selection,
                resources=dict(whole.resources or {}),
                tags=dict(tags),
                run_config=dict(run_config),
                instance=self.instance,
                raise_on_error=False,
            )


@contextmanager
def sandbox(server: DatabaseAddress | None = None, *, mirror: str | None = None) -> Iterator[Sandbox]:
    """A sandbox, gone at the end of the block; on a server of :func:`throwaway_server`, or on one of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="monps-", ignore_cleanup_errors=True))
        database = stack.enter_context(throwaway_database(server))
        instance = stack.enter_context(throwaway_instance())
        yield Sandbox(database, instance, Path(folder), mirror)
