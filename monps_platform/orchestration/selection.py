"""The leagues and seasons of a run that finds for itself what has changed in them."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg
from pydantic import Field

from monps_platform.domain.leagues import parse_leagues
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import parse_seasons


class PartitionsConfig(dg.Config):
    """The leagues and seasons that a run works on."""

    leagues: str = Field(default="", description="leagues by code, comma-separated, as in E0,SP1; empty: all held")
    seasons: str = Field(default="", description="seasons, as in 2019-20:2021-22; empty: all held")

    def chosen_partitions(self, held: Iterable[Partition]) -> list[Partition]:
        """Of the partitions that are held those that are named; raises ValueError for a name that there is not."""
        leagues = set(parse_leagues(self.leagues)) if self.leagues else None
        seasons = set(parse_seasons(self.seasons)) if self.seasons else None
        return [
            item
            for item in held
            if (leagues is None or item.league in leagues) and (seasons is None or item.season in seasons)
        ]
