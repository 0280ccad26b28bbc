"""Counts, values and freshness: one check per rule of the database's quality rules, and the kept bytes."""

from datetime import UTC, datetime

import dagster as dg

from monps_platform.db.quality import RULES, Rule
from monps_platform.orchestration.reporting import table
from monps_platform.orchestration.resources import DatabaseResource, RawStoreResource
from monps_platform.sources.errors import UnreadableFileError


def build_rule_check(rule: Rule) -> dg.AssetChecksDefinition:
    """The check of one rule; it fails when the rule finds rows that break it, and shows them."""

    @dg.asset_check(asset=rule.asset, name=rule.name, description=rule.description, blocking=rule.blocks)
    def check(database: DatabaseResource) -> dg.AssetCheckResult:
        with database.engine.connect() as connection:
            found = rule.find(connection, datetime.now(UTC))
        return dg.AssetCheckResult(
            passed=not found,
            severity=dg.AssetCheckSeverity.ERROR if rule.blocks else dg.AssetCheckSeverity.WARN,
            metadata={"found": len(found), "examples": table(found)},
        )

    return check


@dg.asset_check(
    asset="raw_football_data",
    description="Every file in force is kept on disk, and its bytes still have the sha256 they were fetched with.",
    blocking=True,
)
def raw_bytes_match_their_hash(database: DatabaseResource, raw_store: RawStoreResource) -> dg.AssetCheckResult:
    """Read every file in force again."""
    store = raw_store.store()
    with database.unit_of_work() as unit:
        files = unit.raw_files.all_in_force()
    broken = []
    for sha256 in sorted({file.sha256 for file in files}):
        try:
            store.get(sha256)
        except UnreadableFileError as error:
            broken.append({"sha256": sha256, "reason": str(error)})
    return dg.AssetCheckResult(
        passed=not broken, metadata={"files": len(files), "found": len(broken), "examples": table(broken)}
    )


RULE_CHECKS = [build_rule_check(rule) for rule in RULES]
CHECKS = [raw_bytes_match_their_hash, *RULE_CHECKS]
