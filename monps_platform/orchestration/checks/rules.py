"""Counts, values and freshness: one check per rule of the database's quality rules, and the kept bytes."""

from datetime import UTC, datetime

from monps_platform.db.quality import RULES, Rule
from monps_platform.domain.feeds import FOOTBALL_DATA, ODDS_API, PICKS, UNDERSTAT, Feed
from monps_platform.orchestration.checks.check import Check, Verdict
from monps_platform.orchestration.reporting import table
from monps_platform.orchestration.resources import DatabaseResource, RawStoreResource
from monps_platform.sources.errors import UnreadableFileError


def rule_check(rule: Rule) -> Check:
    """The check of one rule; it fails when the rule finds rows that break it, and shows them."""

    def judge(database: DatabaseResource, _raw_store: RawStoreResource) -> Verdict:
        with database.engine.connect() as connection:
            found = rule.find(connection, datetime.now(UTC))
        return Verdict(not found, {"found": len(found), "examples": table(found)})

    return Check(rule.asset, rule.name, rule.description, rule.blocks, judge)


def bytes_check(asset: str, name: str, feed: Feed) -> Check:
    """The check that a feed's kept bytes are those that were fetched."""

    def judge(database: DatabaseResource, raw_store: RawStoreResource) -> Verdict:
        store = raw_store.store()
        with database.unit_of_work() as unit:
            files = unit.raw_files.all_in_force(feed)
        broken = []
        for sha256 in sorted({file.sha256 for file in files}):
            try:
                store.get(sha256)
            except UnreadableFileError as error:
                broken.append({"sha256": sha256, "reason": str(error)})
        return Verdict(not broken, {"files": len(files), "found": len(broken), "examples": table(broken)})

    description = "Every file in force is kept on disk, and its bytes still have the sha256 they were fetched with."
    return Check(asset, name, description, blocks=True, judge=judge)


BYTES_CHECKS = (
    bytes_check("raw_football_data", "raw_bytes_match_their_hash", FOOTBALL_DATA),
    bytes_check("raw_understat", "understat_bytes_match_their_hash", UNDERSTAT),
    bytes_check("raw_odds_api", "odds_api_bytes_match_their_hash", ODDS_API),
    bytes_check("tracking_clv_picks", "bytes_of_pick_files_match_their_hash", PICKS),
)
CHECKS = (*BYTES_CHECKS, *map(rule_check, RULES))
