"""Counts, values and freshness: one check per rule of the database's quality rules, and the kept bytes."""

from datetime import UTC, datetime

import dagster as dg

from monps_platform.db.quality import RULES, Rule
from monps_platform.domain.feeds import FOOTBALL_DATA, ODDS_API, PICKS, UNDERSTAT, Feed
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


def build_bytes_check(asset: str, name: str, feed: Feed) -> dg.AssetChecksDefinition:
    """The check that a feed's kept bytes are those that were fetched."""

    @dg.asset_check(
        asset=asset,
        name=name,
        description="Every file in force is kept on disk, and its bytes still have the sha256 they were fetched with.",
        blocking=True,
    )
    def check(database: DatabaseResource, raw_store: RawStoreResource) -> dg.AssetCheckResult:
        store = raw_store.store()
        with database.unit_of_work() as unit:
            files = unit.raw_files.all_in_force(feed)
        broken = []
        for sha256 in sorted({file.sha256 for file in files}):
            try:
                store.get(sha256)
            except UnreadableFileError as error:
                broken.append({"sha256": sha256, "reason": str(error)})
        return dg.AssetCheckResult(
            passed=not broken, metadata={"files": len(files), "found": len(broken), "examples": table(broken)}
        )

    return check


RULE_CHECKS = [build_rule_check(rule) for rule in RULES]
BYTES_CHECKS = [
    build_bytes_check("raw_football_data", "raw_bytes_match_their_hash", FOOTBALL_DATA),
    build_bytes_check("raw_understat", "understat_bytes_match_their_hash", UNDERSTAT),
    build_bytes_check("raw_odds_api", "odds_api_bytes_match_their_hash", ODDS_API),
    build_bytes_check("tracking_clv_picks", "bytes_of_pick_files_match_their_hash", PICKS),
]
CHECKS = [*BYTES_CHECKS, *RULE_CHECKS]
