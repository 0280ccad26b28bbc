"""What must hold for the loaded tables: each rule finds the rows that break it.

Rules that carry ERROR and block are those whose breach makes numbers downstream wrong; WARN is for what a reader
should know.
"""

from monps_platform.db.quality import football_data, forecasts, odds_api, picks, quantum, understat
from monps_platform.db.quality.rule import LOOK_BACK_DAYS, SMALLEST_SHARE, Finding, Rule

RULES: tuple[Rule, ...] = (
    *football_data.RULES,
    *understat.RULES,
    *forecasts.RULES,
    *picks.RULES,
    *quantum.RULES,
    *odds_api.RULES,
)

__all__ = ["LOOK_BACK_DAYS", "RULES", "SMALLEST_SHARE", "Finding", "Rule"]
