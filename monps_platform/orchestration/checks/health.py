"""The checks of the health sweeps: of four kinds as for every table, and whether anything that was found matters."""

from typing import cast

import dagster as dg
from sqlalchemy import Table

from monps_platform.db.models import Alert, HealthFinding
from monps_platform.db.quality import health
from monps_platform.domain.health import HealthSeverity
from monps_platform.orchestration.checks.check import as_steps
from monps_platform.orchestration.checks.rules import rule_check
from monps_platform.orchestration.checks.schema import schema_check
from monps_platform.orchestration.reporting import table
from monps_platform.orchestration.resources import DatabaseResource


def build_severity_check(name: str, of: HealthSeverity, severity: dg.AssetCheckSeverity) -> dg.AssetChecksDefinition:
    """The check that the newest sweep found nothing of a severity; it says what to do where it did."""

    @dg.asset_check(
        asset="database_health",
        name=name,
        description=f"The newest sweep found nothing that is {of.value}. If it did, the table says what to do about "
        "each finding; docs/health.md says what was measured.",
    )
    def check(database: DatabaseResource) -> dg.AssetCheckResult:
        with database.unit_of_work(read_only=True) as unit:
            found = [row for row in unit.health.latest() if row.severity is of]
            rows = [
                {"check": row.check_name, "subject": row.subject, "finding": row.finding, "remedy": row.remedy}
                for row in found
            ]
        return dg.AssetCheckResult(
            passed=not rows, severity=severity, metadata={"found": len(rows), "examples": table(rows)}
        )

    return check


TABLES = (cast(Table, HealthFinding.__table__), cast(Table, Alert.__table__))
CHECKS = [
    *as_steps([*map(schema_check, TABLES), *map(rule_check, health.RULES)]),
    build_severity_check("findings_are_not_critical", HealthSeverity.CRITICAL, dg.AssetCheckSeverity.ERROR),
    build_severity_check("findings_are_no_warnings", HealthSeverity.WARNING, dg.AssetCheckSeverity.WARN),
]
