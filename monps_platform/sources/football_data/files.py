"""The files that football-data.co.uk publishes, and where."""

from __future__ import annotations

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season

SOURCE = "football-data"
FIXTURES_KEY = "fixtures.csv"


def season_key(league: League, season: Season) -> str:
    """The path of one league's season below the base URL, for example ``mmz4281/1920/E0.csv``."""
    return f"mmz4281/{season.code}/{league.code}.csv"
