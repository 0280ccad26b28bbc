"""Dagster's partitions: league x season."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import dagster as dg

from monps_platform.domain.leagues import LEAGUES, league
from monps_platform.domain.partitions import Block, Partition
from monps_platform.domain.seasons import Season, names, season_range

FIRST_SEASON = Season(1993)
LEAGUE_DIMENSION = "league"
SEASON_DIMENSION = "season"


def league_season_partitions(current: Season) -> dg.MultiPartitionsDefinition:
    """Every league in every season from 1993-94 to the current one."""
    return dg.MultiPartitionsDefinition(
        {
            LEAGUE_DIMENSION: dg.StaticPartitionsDefinition([item.code for item in LEAGUES]),
            SEASON_DIMENSION: dg.StaticPartitionsDefinition(names(season_range(FIRST_SEASON, current))),
        }
    )


LEAGUE_SEASONS = league_season_partitions(Season.of(datetime.now(UTC).date()))
"""The partitions of this code location; a new season joins when the location is loaded in July or later."""


def partition_key(partition: Partition) -> str:
    """Dagster's key of a partition, such as ``E0|2019-20``."""
    return str(dg.MultiPartitionKey({LEAGUE_DIMENSION: partition.league.code, SEASON_DIMENSION: partition.season.name}))


def partitions_of(keys: Iterable[str]) -> list[Partition]:
    """The partitions behind Dagster's keys, in their order."""
    pairs = (key.split("|") for key in keys)
    return [Partition(league(code), Season.parse(season)) for code, season in pairs]


def range_tags(block: Block) -> dict[str, str]:
    """The run tags that make one run take all partitions of a block."""
    first = Partition(block.leagues[0], block.seasons[0])
    last = Partition(block.leagues[-1], block.seasons[-1])
    return {
        "dagster/asset_partition_range_start": partition_key(first),
        "dagster/asset_partition_range_end": partition_key(last),
    }
