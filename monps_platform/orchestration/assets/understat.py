"""The assets that Understat feeds: kept files, team identities, shots, players' seasons."""

from functools import partial

import dagster as dg

from monps_platform.db.models import PlayerSeason, RawFile, Shot, TeamAlias
from monps_platform.orchestration.assets.football_data import matches
from monps_platform.orchestration.assets.tables import table_asset
from monps_platform.orchestration.outcomes import Progress, follow
from monps_platform.orchestration.partitions import partitions_of
from monps_platform.orchestration.reporting import report
from monps_platform.orchestration.resources import (
    DatabaseResource,
    RawStoreResource,
    UnderstatResource,
    understat_loader,
)
from monps_platform.sources.understat.league_file import PARSER_VERSION

_LINKS = {"docs": "docs/understat.md", "the source": "https://understat.com"}
_asset = partial(table_asset, code_version=PARSER_VERSION, links=_LINKS)


@_asset(RawFile, group="raw", kinds={"json", "postgres"})
def raw_understat(
    context: dg.AssetExecutionContext,
    database: DatabaseResource,
    raw_store: RawStoreResource,
    understat: UnderstatResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """Understat's files, byte for byte: one per league and season, and with MONPS_UNDERSTAT_SHOTS one per match.

    The league file is fetched only when it changed, a match file once the match is over and only if it is not held
    yet, one request at a time. What is not the JSON that was due is refused and the last version stays. `SIM` leagues
    are simulated by a generator.
    """
    partitions = partitions_of(context.partition_keys)
    with understat.fetcher(database, raw_store, progress) as fetcher:
        outcomes = follow(progress, "raw_understat", len(partitions), map(fetcher.fetch, partitions))
    return report(context, database.engine, outcomes)


@_asset(TeamAlias, group="core", kinds={"postgres", "table"}, deps=[raw_understat, matches])
def team_identities(
    context: dg.AssetExecutionContext,
    database: DatabaseResource,
    raw_store: RawStoreResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """Which club Understat means by a spelling, and which of our matches by each that it lists.

    Clubs are proved by the fixtures that a spelling shares with them (day, side and score), never by the name; the
    evidence stands beside each spelling. What cannot be proved is queued, unmatched matches are listed with a reason.
    """
    partitions = partitions_of(context.partition_keys)
    outcomes = understat_loader(database, raw_store).load_identities(partitions)
    return report(context, database.engine, follow(progress, "team_identities", len(partitions), outcomes))


@_asset(Shot, group="core", kinds={"postgres", "table"}, deps=[raw_understat, team_identities])
def shots(
    context: dg.AssetExecutionContext,
    database: DatabaseResource,
    raw_store: RawStoreResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """Every shot of the matches whose files are held, with its chance of a goal; line-ups where the files have them.

    An own goal stands on the side of its scorer and counts for the other one. A match file that was loaded, and whose
    match is still the same one of ours, is not read again.
    """
    partitions = partitions_of(context.partition_keys)
    outcomes = understat_loader(database, raw_store).load_shots(partitions)
    return report(context, database.engine, follow(progress, "shots", len(partitions), outcomes))


@_asset(PlayerSeason, group="core", kinds={"postgres", "table"}, deps=[raw_understat, team_identities, shots])
def player_seasons(
    context: dg.AssetExecutionContext,
    database: DatabaseResource,
    raw_store: RawStoreResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """What each player did for each club in a season: minutes, goals, xG, assists and more.

    Understat adds up the clubs of a player who moved. What he did for each is told from shots and line-ups where these
    add up to the same, and is NULL elsewhere (`is_shared` marks such rows).
    """
    partitions = partitions_of(context.partition_keys)
    outcomes = understat_loader(database, raw_store).load_players(partitions)
    return report(context, database.engine, follow(progress, "player_seasons", len(partitions), outcomes))


ASSETS = [raw_understat, team_identities, shots, player_seasons]
