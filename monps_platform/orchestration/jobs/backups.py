"""The job that backs the database up, and deletes backups that are due to go."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg
from pydantic import Field

from monps_platform.db.backups import Backup, back_up, catalogue, expire
from monps_platform.db.errors import FAILURES, in_words
from monps_platform.domain.backup_retention import FEWEST_KEPT, LONGEST_KEPT, MOST_KEPT, SHORTEST_KEPT, Retention
from monps_platform.orchestration.assets.tables import OWNERS
from monps_platform.orchestration.documentation import page
from monps_platform.orchestration.reporting import table
from monps_platform.orchestration.resources import DatabaseResource
from monps_platform.settings import Settings


class BackupConfig(dg.Config):
    """How many backups are kept."""

    keep_count: int | None = Field(
        default=None,
        ge=FEWEST_KEPT,
        le=MOST_KEPT,
        description="verified backups that are kept; unset: MONPS_BACKUPS_KEEP_COUNT",
    )
    keep_days: int | None = Field(
        default=None,
        ge=SHORTEST_KEPT,
        le=LONGEST_KEPT,
        description="days after which a backup goes; unset: MONPS_BACKUPS_KEEP_DAYS",
    )

    def retention(self, settings: Settings) -> Retention:
        """The rule; raises ValueError for what makes no sense."""
        return Retention(self.keep_count or settings.backups_keep_count, self.keep_days or settings.backups_keep_days)


@dg.op(
    description="Dump one snapshot of the database with pg_dump, read the dump back, keep it with its sha256, rows and "
    "checksums of every table; then delete the backups that the rule of count and age no longer keeps.",
)
def backup(context: dg.OpExecutionContext, config: BackupConfig, database: DatabaseResource) -> None:
    """Make a backup, and tell what is in it."""
    settings = Settings()
    folder, retention = settings.backups_folder, config.retention(settings)
    begun = datetime.now(UTC)
    try:
        made = back_up(database.layer.address, folder, settings.embedded_bindir)
        gone = expire(folder, database.layer.address.database, retention, datetime.now(UTC))
    except FAILURES as error:
        raise dg.Failure(str(in_words(error, database.layer.address) or error), allow_retries=False) from error
    kept = sum(item.database == made.database for item in catalogue(folder))
    context.add_output_metadata(_metadata(made, gone, begun) | {"kept": kept})


def _metadata(made: Backup, gone: list[Backup], begun: datetime) -> dict[str, Any]:
    rows = [
        {"table": name, "rows": content.rows, "checksum": content.checksum}
        for name, content in (made.tables or {}).items()
    ]
    return {
        "file": dg.MetadataValue.path(made.path),
        "verified": made.verified,
        "bytes": made.bytes,
        "rows": made.rows,
        "sha256": made.sha256 or "",
        "migration": made.revision or "none",
        "seconds": round((made.finished_at - begun).total_seconds(), 1),
        "deleted": len(gone),
        "deleted_files": ", ".join(item.path.name for item in gone) or "none",
        "tables": table(rows),
    }


@dg.job(
    executor_def=dg.in_process_executor,
    owners=OWNERS,
    tags={"monps/kind": "operation"},
    metadata=page("operations"),
    description="Back up the platform's database into MONPS_BACKUPS_DIR: pg_dump's custom format, verified, with a "
    "JSON file that says what is in it. Keeps the newest MONPS_BACKUPS_KEEP_COUNT verified ones of the last "
    "MONPS_BACKUPS_KEEP_DAYS days, and always the newest. `monps restore` brings one back.",
)
def backup_job() -> None:
    """Back up the database."""
    backup()


JOBS = (backup_job,)
