"""The platform's assets and checks, run by Dagster on a database, a store and a mirror of a test's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import Engine, text

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.models import Base
from monps_platform.db.quality import RULES
from monps_platform.db.quality import quantum as quantum_rules
from monps_platform.db.schema.introspection import qualified_name
from monps_platform.domain.partitions import Block, Partition
from monps_platform.orchestration.assets import football_data, forecasts, picks, quantum, understat
from monps_platform.orchestration.checks import quantum as quantum_checks
from monps_platform.orchestration.checks.check import as_steps
from monps_platform.orchestration.checks.rules import CHECKS
from monps_platform.orchestration.checks.schema import SCHEMA_CHECKS
from monps_platform.orchestration.outcomes import Outcome, Progress, SilentProgress, Status
from monps_platform.orchestration.partitions import partition_key, range_tags
from monps_platform.orchestration.picks.config import PicksConfig
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, PICKS, QUANTUM
from monps_platform.orchestration.quantum.config import QuantumConfig
from monps_platform.orchestration.resources import (
    DatabaseResource,
    FootballDataResource,
    PicksFolderResource,
    RawStoreResource,
    UnderstatResource,
)
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.conftest import Mirror
from monps_platform_tests.orchestration.football_files import key_of, season_file

ASSETS = [*football_data.ASSETS, *understat.ASSETS, *forecasts.ASSETS, *picks.ASSETS, *quantum.ASSETS]
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def snapshot(engine: Engine) -> Mapping[str, Sequence[str]]:
    """Every row of every table with its place and version: a row that was written again is another one."""
    with engine.connect() as connection:
        return {
            name: connection.scalars(text(f"SELECT t.ctid || ' ' || t.xmin || ' ' || t FROM {name} t ORDER BY 1")).all()
            for name in map(qualified_name, Base.metadata.sorted_tables)
        }


def fingerprint(engine: Engine) -> Mapping[str, tuple[Any, ...]]:
    """What :func:`snapshot` shows, in one number for each table: for tables that are large."""
    query = "SELECT count(*), sum(hashtextextended(t.ctid || ' ' || t.xmin || ' ' || t, 0)::numeric) FROM {} t"
    with engine.connect() as connection:
        return {
            name: tuple(connection.execute(text(query.format(name))).one())
            for name in map(qualified_name, Base.metadata.sorted_tables)
        }


@dataclass
class RecordingProgress:
    """Keeps what it is told."""

    steps: list[str] = field(default_factory=list)
    outcomes: list[tuple[str, Outcome]] = field(default_factory=list)
    parts: list[tuple[str, str, int, int]] = field(default_factory=list)

    def start(self, step: str, partitions: int) -> None:
        self.steps.append(step)

    def part(self, step: str, partition: Partition, done: int, total: int) -> None:
        self.parts.append((step, str(partition), done, total))

    def advance(self, step: str, outcome: Outcome) -> None:
        self.outcomes.append((step, outcome))

    def finish(self, step: str) -> None:
        """Nothing."""

    def of(self, step: str) -> dict[str, Status]:
        """What a step did with each partition."""
        return {str(outcome.partition): outcome.status for name, outcome in self.outcomes if name == step}


def recording() -> RecordingProgress:
    """A progress that has been told nothing yet."""
    return RecordingProgress()


@dataclass(frozen=True)
class Platform:
    """Everything the assets stand on."""

    database: DatabaseAddress
    engine: Engine
    store: RawStore
    raw: Path
    mirror: Mirror
    instance: dg.DagsterInstance
    with_shots: bool = True

    @property
    def picks(self) -> Path:
        """The watched folder of picks."""
        return self.raw.parent / "picks"

    @property
    def page(self) -> Path:
        """The report on picks."""
        return self.raw.parent / "reports" / "picks.html"

    def publish(self, *partitions: Partition, **options: Any) -> None:
        """Put whole seasons on the mirror."""
        for where in partitions:
            self.mirror.serve(key_of(where), season_file(where, **options))

    def resources(self, progress: Progress | None = None, retries: int = 0) -> dict[str, object]:
        """The resources of the code location, pointed at this platform."""
        return {
            "database": DatabaseResource(
                host=self.database.host,
                port=self.database.port,
                user=self.database.user,
                password=self.database.password.get_secret_value(),
                database=self.database.database,
                sslmode="disable",
            ),
            "raw_store": RawStoreResource(root=str(self.raw)),
            "football_data": FootballDataResource(base_url=self.mirror.url, retries=retries, first_pause=0.0),
            "understat": UnderstatResource(
                base_url=self.mirror.url, retries=retries, first_pause=0.0, shots=self.with_shots
            ),
            "picks_folder": PicksFolderResource(path=str(self.picks), reports=str(self.page.parent)),
            "progress": progress or SilentProgress(),
        }

    def materialize(
        self,
        block: Partition | Block,
        *,
        steps: Sequence[str] = FOOTBALL_DATA.steps,
        checks: bool = False,
        progress: Progress | None = None,
        retries: int = 0,
    ) -> dg.ExecuteInProcessResult:
        """Materialise assets of one partition, or of a block in one run; a failure is a result."""
        return dg.materialize(
            [*ASSETS, *as_steps([*SCHEMA_CHECKS, *CHECKS])] if checks else ASSETS,
            selection=dg.AssetSelection.assets(*steps),
            partition_key=partition_key(block) if isinstance(block, Partition) else None,
            tags=range_tags(block) if isinstance(block, Block) else None,
            resources=self.resources(progress, retries),
            run_config=QUIET,
            raise_on_error=False,
            instance=self.instance,
        )

    def work_on_picks(
        self, config: PicksConfig | None = None, progress: Progress | None = None
    ) -> dg.ExecuteInProcessResult:
        """Materialise the asset of picks, which has no partitions; a failure is a result."""
        run = dg.RunConfig(ops={PICKS.load[0]: config or PicksConfig()}, loggers=QUIET["loggers"])
        return dg.materialize(
            ASSETS,
            selection=dg.AssetSelection.assets(*PICKS.steps),
            resources=self.resources(progress),
            run_config=run,
            raise_on_error=False,
            instance=self.instance,
        )

    def derive(
        self,
        config: QuantumConfig | None = None,
        progress: Progress | None = None,
        *,
        steps: Sequence[str] = QUANTUM.steps,
        checks: bool = False,
    ) -> dg.ExecuteInProcessResult:
        """Materialise quantum assets, which have no partitions; a failure is a result."""
        ops = dict.fromkeys(steps, config or QuantumConfig())
        run = dg.RunConfig(ops=ops, loggers=QUIET["loggers"])
        return dg.materialize(
            [*ASSETS, *as_steps(CHECKS), *quantum_checks.CHECKS] if checks else ASSETS,
            selection=dg.AssetSelection.assets(*steps),
            resources=self.resources(progress),
            run_config=run,
            raise_on_error=False,
            instance=self.instance,
        )

    def check(self, name: str) -> dg.AssetCheckEvaluation:
        """Run one check."""
        of_tables = as_steps(check for check in (*SCHEMA_CHECKS, *CHECKS) if check.name == name)
        known = (*of_tables, *quantum_checks.CHECKS)
        ((check, key),) = ((item, key) for item in known for key in item.check_keys if key.name == name)
        result = dg.materialize(
            [*ASSETS, check],
            selection=dg.AssetSelection.checks(key),
            resources=self.resources(),
            run_config=QUIET,
            raise_on_error=False,
            instance=self.instance,
        )
        (evaluation,) = result.get_asset_check_evaluations()
        return evaluation

    def broken_rules(self) -> list[str]:
        """The rules of all tables but the quantum ones that do not hold, asked directly: Dagster takes seconds for so
        many checks.
        """
        asked = [rule for rule in RULES if rule not in quantum_rules.RULES]
        with self.engine.connect() as connection:
            return [rule.name for rule in asked if rule.find(connection, datetime.now(UTC))]

    def value(self, query: str) -> Any:
        """The one value of a query."""
        with self.engine.connect() as connection:
            return connection.execute(text(query)).scalar_one()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query as tuples."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def do(self, statement: str) -> None:
        """Change the database."""
        with self.engine.begin() as connection:
            connection.execute(text(statement))


def materializations(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, dict[str, Any]]:
    """The metadata of an asset's materialisations by partition."""
    return {
        str(event.partition): {name: value.value for name, value in event.materialization.metadata.items()}
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey(asset)
    }


def failure_text(result: dg.ExecuteInProcessResult) -> str:
    """What a run's failed steps say."""
    failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    return "\n".join(
        f"{failure.error.to_string() if failure.error else ''}\n"
        f"{failure.user_failure_data.description if failure.user_failure_data else ''}"
        for failure in failures
    )
