"""The asset of picks."""

import dagster as dg

from monps_platform.db.models import Pick
from monps_platform.domain.agents import DEFAULT_AGENTS
from monps_platform.domain.closing import CLOSING_VERSION
from monps_platform.orchestration.assets.football_data import matches, odds
from monps_platform.orchestration.assets.forecasts import match_forecasts
from monps_platform.orchestration.assets.tables import table_asset
from monps_platform.orchestration.outcomes import Progress, follow
from monps_platform.orchestration.picks.config import PicksConfig
from monps_platform.orchestration.picks.ledger import Ledger
from monps_platform.orchestration.picks.publishing import publish
from monps_platform.orchestration.picks.settling import SETTLING_VERSION
from monps_platform.orchestration.reporting import report_whole
from monps_platform.orchestration.resources import DatabaseResource, PicksFolderResource, RawStoreResource


@table_asset(
    Pick,
    group="picks",
    kinds={"postgres", "table"},
    code_version=", ".join((*(agent.version for agent in DEFAULT_AGENTS), CLOSING_VERSION, SETTLING_VERSION)),
    deps=[matches, odds, match_forecasts],
    links={"docs": "docs/picks.md", "consensus_value": "https://arxiv.org/abs/1710.02824"},
    by_league_season=False,
)
def tracking_clv_picks(
    context: dg.AssetExecutionContext,
    config: PicksConfig,
    database: DatabaseResource,
    raw_store: RawStoreResource,
    picks_folder: PicksFolderResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """Every pick: your own from files, and those of the built-in agents; its closing price, what it was worth, its end.

    New files of the watched folder are imported whole or not at all. The agents pick from prices that stood before each
    match, never from the close. Closing prices are those of the same market, line and side, or the reason why there is
    none stands in their place. What was taken never changes; corrections of the rest are kept. Only what changed is
    worked on again.
    """
    ledger = Ledger(database.unit_of_work, config.chosen_agents())
    imported = picks_folder.import_new(database, raw_store) if config.import_files else []
    partitions = config.chosen_partitions(ledger.partitions())
    worked = ledger.work(partitions, config.chosen_steps())
    outcomes = follow(progress, "tracking_clv_picks", len(partitions), worked)
    shown = publish(database.unit_of_work, imported, picks_folder.page)
    return report_whole(context, database.engine, outcomes, shown)


ASSETS = [tracking_clv_picks]
