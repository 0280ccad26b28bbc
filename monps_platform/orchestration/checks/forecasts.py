"""How good the forecasts are: a check that shows its tables and its picture."""

import dagster as dg

from monps_platform.orchestration.judging import tables_and_picture
from monps_platform.orchestration.resources import DatabaseResource

LARGEST_ERROR = 0.05
"""Calibration error from which on probabilities should not be taken at their word; chance alone gives 0.025 in a season
of 380 matches.
"""


@dg.asset_check(
    asset="match_forecasts",
    description="What the goal model forecasts comes true about as often as it says: its calibration error over all "
    f"matches since 2012-13 is below {LARGEST_ERROR}. Shows the judgement of all models, by league and season.",
)
def forecasts_are_calibrated(database: DatabaseResource) -> dg.AssetCheckResult:
    """Judge every forecast that is held, of a match that has been played."""
    with database.unit_of_work(read_only=True) as unit:
        error, shown = tables_and_picture(unit)
    return dg.AssetCheckResult(
        passed=error is None or error < LARGEST_ERROR,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={**shown, **({} if error is None else {"calibration_error": error})},
    )


CHECKS = [forecasts_are_calibrated]
