"""The asset of the health sweeps."""

from datetime import UTC, datetime

import dagster as dg

from monps_platform.db.models import HealthFinding
from monps_platform.orchestration.assets.tables import table_asset
from monps_platform.orchestration.health.config import HealthConfig
from monps_platform.orchestration.health.showing import metadata_of
from monps_platform.orchestration.health.sweeping import HEALTH_VERSION, Sweeper, write_metrics
from monps_platform.orchestration.resources import DatabaseResource
from monps_platform.settings import Settings


@table_asset(
    HealthFinding,
    group="ops",
    kinds={"postgres", "table"},
    code_version=HEALTH_VERSION,
    links={"docs": "docs/health.md", "metric names": "https://prometheus.io/docs/practices/naming/"},
    by_league_season=False,
)
def database_health(
    context: dg.AssetExecutionContext, config: HealthConfig, database: DatabaseResource
) -> dg.MaterializeResult[None]:
    """Every health sweep's findings: what was looked at, how it is, and what to do where something is wrong.

    A sweep looks at the database (connections, pool, migration, drift, tables, indexes, sessions, sequences, replicas),
    at the disks, at the age of the data against what the calendar makes due, at Dagster's daemons and runs, and at the
    newest backup. It writes the same as metrics for Prometheus to metrics/monps.prom in MONPS_HOME. docs/health.md says
    what each check measures, and from which value on it warns.
    """
    settings = Settings()
    sweeper = Sweeper(settings, database.layer, context.instance)
    swept = sweeper.look(datetime.now(UTC))
    write_metrics(settings.metrics_file, swept.metrics)
    recorded = sweeper.record(swept, config.keep)
    with database.unit_of_work(read_only=True) as unit:
        rows = unit.health.count()
    counts = {"dagster/row_count": rows, "rows_inserted": recorded.added, "rows_deleted": recorded.removed}
    return dg.MaterializeResult(metadata={**counts, **metadata_of(swept)})


ASSETS = [database_health]
