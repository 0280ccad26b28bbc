"""The job that migrates: after a look at what stands in the way, and with a look at the result."""

import time
from typing import Any

import dagster as dg
from pydantic import Field
from sqlalchemy import Engine

from monps_platform.db.connection.engine import build_engine
from monps_platform.db.errors import FAILURES, in_words
from monps_platform.db.models import SCHEMAS, Base
from monps_platform.db.schema import migrations
from monps_platform.db.schema.introspection import compare_schema, qualified_name
from monps_platform.db.schema.preflight import Preflight, preflight
from monps_platform.db.schema.roles import RolesReport
from monps_platform.orchestration.assets.tables import OWNERS
from monps_platform.orchestration.documentation import page
from monps_platform.orchestration.reporting import table
from monps_platform.orchestration.resources import DatabaseResource


class MigrateConfig(dg.Config):
    """How to migrate."""

    dry_run: bool = Field(default=False, description="only look: what would be applied, what stands in the way, drift")


@dg.op(
    description="Look at the server, its version, disk and rights; take the lock of migrations, or refuse while "
    "somebody has it; apply what is pending; set up the roles; compare the tables with the models.",
)
def migrate(context: dg.OpExecutionContext, config: MigrateConfig, database: DatabaseResource) -> None:
    """Migrate, and tell what was done."""
    # Not the engine of the platform's work, which has the writer's rights only.
    engine = build_engine(database.layer.address)
    try:
        told = _migrate(engine, dry_run=config.dry_run)
    except FAILURES as error:
        raise dg.Failure(str(in_words(error, database.layer.address) or error), allow_retries=False) from error
    finally:
        engine.dispose()
    if told["drift"]:
        raise dg.Failure(
            f"the tables differ from the models in {told['drift']} places: monps introspect shows them",
            metadata=told,
            allow_retries=False,
        )
    context.add_output_metadata(told)


def _migrate(engine: Engine, *, dry_run: bool) -> dict[str, Any]:
    found = _look(engine)
    if found.obstacles:
        raise dg.Failure("the migration did not begin:\n- " + "\n- ".join(found.obstacles), allow_retries=False)
    reports: list[RolesReport] = []
    begun = time.perf_counter()
    before = after = found.standing.current
    if not dry_run:
        before, after = migrations.upgrade(engine, on_roles=reports.append, wait=False)
    seconds = time.perf_counter() - begun
    applied = () if dry_run else found.standing.pending
    told = {
        "from": before or "an empty database",
        "to": after or "an empty database",
        "applied": len(applied),
        "migrations": ", ".join(applied) or "none",
        "pending": ", ".join(found.standing.pending if dry_run else ()) or "none",
        "seconds": round(seconds, 3),
        "server_version": found.version,
        "database_bytes": found.database_bytes,
        "roles": "in place" if all(report.is_complete for report in reports) else str(reports[-1]),
    }
    if found.free_bytes is not None:
        told["free_bytes"] = found.free_bytes
    return {**told, **_drift(engine, is_due=after == migrations.head())}


def _look(engine: Engine) -> Preflight:
    names = [qualified_name(item) for item in Base.metadata.sorted_tables]
    with engine.connect() as connection:
        return preflight(connection, names, list(SCHEMAS))


def _drift(engine: Engine, *, is_due: bool) -> dict[str, Any]:
    """How the tables differ from the models; nothing before the newest migration, where they have to."""
    if not is_due:
        return {"drift": 0}
    with engine.connect() as connection:
        comparison = compare_schema(connection)
    rows = [
        {"table": name, "difference": difference.told()}
        for name, found in comparison.tables.items()
        for difference in found
    ]
    return {"drift": comparison.found, "differences": table(rows)}


@dg.job(
    executor_def=dg.in_process_executor,
    owners=OWNERS,
    tags={"monps/kind": "operation"},
    metadata=page("operations"),
    description="Bring the tables to the newest version of the schema, as `monps migrate` does, with a look at the "
    "server before and at drift afterwards. Refuses while another migration runs, and says whose it is. The metadata "
    "tell from where to where it went, how long it took, and every difference from the models.",
)
def migrate_job() -> None:
    """Migrate the database."""
    migrate()


JOBS = (migrate_job,)
