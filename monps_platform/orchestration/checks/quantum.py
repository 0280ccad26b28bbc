"""How far the quantum tables can be trusted: checks that show their tables and pictures."""

from collections.abc import Iterator

import dagster as dg

from monps_platform.orchestration.quantum.judging import (
    LEAST_TRUE,
    MOST_TRUE,
    chances_come_true,
    chances_shown,
    friction_judged,
    friction_shown,
    friction_stands_out,
    profiles_judged,
    profiles_shown,
    scorers_judged,
    scorers_shown,
)
from monps_platform.orchestration.resources import DatabaseResource

LEAST_KAPPA = 0.1
"""Agreement beyond chance of the profiles of two halves of a season below which labels say next to nothing: slight, by
Landis & Koch (1977), is up to 0.2.
"""


@dg.asset_check(
    asset="chess_classifications",
    description="Profiles from a season's odd matches agree with those from its even ones beyond chance: Cohen's kappa "
    f"over all teams is at least {LEAST_KAPPA}. Shows the agreement by league, and how reliable each feature is.",
)
def profiles_are_stable(database: DatabaseResource) -> dg.AssetCheckResult:
    """Judge the newest season with shots of each league."""
    with database.unit_of_work(read_only=True) as unit:
        found = profiles_judged(unit)
    shown = profiles_shown(found)
    kappa = shown.get("kappa")
    return dg.AssetCheckResult(
        passed=kappa is None or kappa >= LEAST_KAPPA, severity=dg.AssetCheckSeverity.WARN, metadata=shown
    )


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(
            "scorers_are_better_than_goals_per_90",
            asset="goalscorer_profiles",
            description="What profiles foretold of later matches came true better than by goals per 90 minutes: their "
            "log loss is the lower one. Shows both scores with intervals, and the calibration.",
        ),
        dg.AssetCheckSpec(
            "chances_come_true",
            asset="goalscorer_profiles",
            description="As many players score in later matches as profiles foretold, or nearly: the 95 % interval of "
            f"real by expected scorers reaches into {LEAST_TRUE} to {MOST_TRUE}. Shows it by tenths of the forecasts.",
        ),
    ],
    can_subset=True,
)
def scorers_are_judged(
    context: dg.AssetCheckExecutionContext, database: DatabaseResource
) -> Iterator[dg.AssetCheckResult]:
    """Judge every chance of a goal that a kept profile gave of a later match, once for both checks."""
    with database.unit_of_work(read_only=True) as unit:
        found = scorers_judged(unit)
    difference = None if found is None else found.log_loss.difference.value
    verdicts = {
        "scorers_are_better_than_goals_per_90": (difference is None or difference < 0, scorers_shown),
        "chances_come_true": (found is None or chances_come_true(found), chances_shown),
    }
    for key in context.selected_asset_check_keys:
        passed, show = verdicts[key.name]
        yield dg.AssetCheckResult(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=passed,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={} if found is None else show(found),
        )


@dg.asset_check(
    asset="quantum_friction_matrix",
    description="Friction or chaos goes with something in the following season's matches (goals, cards, what surprised "
    "the market) beyond chance: q is at most 0.05. Where none does, the scores tell what was, not what will be. Shows "
    "every relation that was tested.",
)
def friction_foretells(database: DatabaseResource) -> dg.AssetCheckResult:
    """Judge every season that was followed by another one."""
    with database.unit_of_work(read_only=True) as unit:
        found = friction_judged(unit)
    return dg.AssetCheckResult(
        passed=friction_stands_out(found) is not False,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=friction_shown(found),
    )


CHECKS = [profiles_are_stable, friction_foretells, scorers_are_judged]
