"""The asset of match forecasts."""

import dagster as dg

from monps_platform.db.models import MatchForecast
from monps_platform.domain.goal_model.dixon_coles import MODEL_VERSION
from monps_platform.domain.goal_model.forecasts import BASE_RATE_VERSION
from monps_platform.domain.market_forecasts import MARKET_VERSION
from monps_platform.orchestration.assets.football_data import matches, odds
from monps_platform.orchestration.assets.tables import table_asset
from monps_platform.orchestration.forecasting import Forecaster
from monps_platform.orchestration.judging import figures
from monps_platform.orchestration.outcomes import Progress, follow
from monps_platform.orchestration.partitions import partitions_of
from monps_platform.orchestration.reporting import report
from monps_platform.orchestration.resources import DatabaseResource


@table_asset(
    MatchForecast,
    group="quantum",
    kinds={"postgres", "table"},
    code_version=", ".join((MODEL_VERSION, MARKET_VERSION, BASE_RATE_VERSION)),
    deps=[matches, odds],
    links={"docs": "docs/forecasts.md", "the model": "https://doi.org/10.1111/1467-9876.00065"},
)
def match_forecasts(
    context: dg.AssetExecutionContext, database: DatabaseResource, progress: dg.ResourceParam[Progress]
) -> dg.MaterializeResult[None]:
    """What to expect of each match: by a goal model, by the market without its margin, and by base rates.

    The goal model (Dixon & Coles 1997, recent matches count more) is fitted anew every week to the matches before it;
    its parameters with standard errors are kept. Four rows a match; one without probabilities says why. How good each
    of them is, on matches that it had not seen, stands in the metadata and, with tables and a picture, at the check
    `forecasts_are_calibrated`.
    """
    partitions = partitions_of(context.partition_keys)
    outcomes = Forecaster(database.unit_of_work).forecast(partitions)
    done = follow(progress, "match_forecasts", len(partitions), outcomes)
    with database.unit_of_work(read_only=True) as unit:
        shown = figures(unit, partitions)
    return report(context, database.engine, done, shown)


ASSETS = [match_forecasts]
