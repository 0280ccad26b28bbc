"""The checks of the health sweeps: of four kinds as for every table, and one for each thing that a sweep looks at.

Each thing has a check of its own, so that a new problem is told however long another one has lasted.
"""

from typing import cast

import dagster as dg
from sqlalchemy import Table

from monps_platform.db.models import Alert, HealthFinding
from monps_platform.db.quality import health
from monps_platform.domain.health import HealthCheck, HealthSeverity
from monps_platform.orchestration.checks.check import Check, Verdict, as_steps
from monps_platform.orchestration.checks.rules import rule_check
from monps_platform.orchestration.checks.schema import schema_check
from monps_platform.orchestration.reporting import table
from monps_platform.orchestration.resources import DatabaseResource, RawStoreResource


def finding_check(of: HealthCheck) -> Check:
    """The check that the newest sweep found nothing wrong with one thing; it says what to do where it did."""

    def judge(database: DatabaseResource, _raw_store: RawStoreResource) -> Verdict:
        with database.unit_of_work(read_only=True) as unit:
            found = [row for row in unit.health.latest() if row.check_name == of and row.severity.needs_remedy]
            rows = [
                {
                    "severity": row.severity.value,
                    "subject": row.subject,
                    "finding": row.finding,
                    "remedy": row.remedy,
                }
                for row in found
            ]
        is_critical = any(row["severity"] == HealthSeverity.CRITICAL for row in rows)
        severity = dg.AssetCheckSeverity.ERROR if is_critical else dg.AssetCheckSeverity.WARN
        return Verdict(not rows, {"found": len(rows), "examples": table(rows)}, severity)

    return Check(
        "database_health",
        f"nothing_is_wrong_with_{of.value}",
        f"The newest sweep's findings of `{of.value}` are neither warnings nor critical. If one is, the table says "
        "what to do about it; docs/health.md says what was measured.",
        blocks=False,
        judge=judge,
    )


TABLES = (cast(Table, HealthFinding.__table__), cast(Table, Alert.__table__))
# A sweep that could not be kept has no findings to judge: the run that made it fails instead.
KEPT = [check for check in HealthCheck if check is not HealthCheck.RECORDING]
CHECKS = as_steps([*map(schema_check, TABLES), *map(rule_check, health.RULES), *map(finding_check, KEPT)])
