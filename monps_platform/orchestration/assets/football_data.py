"""The assets that football-data.co.uk feeds: kept files, matches, odds."""

from functools import partial

import dagster as dg

from monps_platform.db.models import Match, Odds, RawFile
from monps_platform.orchestration.assets.tables import table_asset
from monps_platform.orchestration.outcomes import Progress, follow
from monps_platform.orchestration.partitions import partitions_of
from monps_platform.orchestration.reporting import report
from monps_platform.orchestration.resources import (
    DatabaseResource,
    FootballDataResource,
    RawStoreResource,
    loader,
)
from monps_platform.sources.football_data.parser import PARSER_VERSION

_LINKS = {"docs": "docs/football-data.md", "columns of the source": "https://www.football-data.co.uk/notes.txt"}
_asset = partial(table_asset, code_version=PARSER_VERSION, links=_LINKS)


@_asset(RawFile, group="raw", kinds={"csv", "postgres"})
def raw_football_data(
    context: dg.AssetExecutionContext,
    database: DatabaseResource,
    raw_store: RawStoreResource,
    football_data: FootballDataResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """The results and odds files of football-data.co.uk, byte for byte, one per league and season.

    Fetched only when they changed; what is not CSV, or shrank, is refused and the last version stays. The matches to
    come of `fixtures.csv` belong to the current season. `SIM` leagues are simulated by a generator.
    """
    partitions = partitions_of(context.partition_keys)
    with football_data.fetcher(database, raw_store) as fetcher:
        outcomes = follow(progress, "raw_football_data", len(partitions), map(fetcher.fetch, partitions))
    return report(context, database.engine, outcomes)


@_asset(Match, group="core", kinds={"postgres", "table"}, deps=[raw_football_data])
def matches(
    context: dg.AssetExecutionContext,
    database: DatabaseResource,
    raw_store: RawStoreResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """Results and match statistics, one row per match, with the clubs and spellings they bring.

    A league's season is replaced in one transaction: readers see the old rows or the new ones. A match keeps its id
    for ever; an unchanged row is not touched; a row that cannot be loaded is kept in `ops.rejected_rows`.
    """
    partitions = partitions_of(context.partition_keys)
    outcomes = loader(database, raw_store).load_matches(partitions)
    return report(context, database.engine, follow(progress, "matches", len(partitions), outcomes))


@_asset(Odds, group="core", kinds={"postgres", "table"}, deps=[raw_football_data, matches])
def odds(
    context: dg.AssetExecutionContext,
    database: DatabaseResource,
    raw_store: RawStoreResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """Pre-match and closing prices of every bookmaker and market that the files name, one row per complete quote.

    1x2, over/under and Asian handicap; closing and pre-match prices are told apart by `price_kind`. A quote that
    lacks a side, or has a price not above 1, is kept in `ops.rejected_rows`. The capture time is not published.
    """
    partitions = partitions_of(context.partition_keys)
    outcomes = loader(database, raw_store).load_odds(partitions)
    return report(context, database.engine, follow(progress, "odds", len(partitions), outcomes))


ASSETS = [raw_football_data, matches, odds]
