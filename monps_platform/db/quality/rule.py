"""A rule: a fact about loaded tables, and the query that finds the rows which contradict it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from monps_platform.domain.health.data_age import leagues_play
from monps_platform.domain.odds import HIGHEST_OVERROUND, LOWEST_OVERROUND
from monps_platform.domain.seasons import Season

Finding = Mapping[str, Any]
Find = Callable[[Connection, datetime], Sequence[Finding]]
LOOK_BACK_DAYS = 28
SMALLEST_SHARE = 0.8


@dataclass(frozen=True)
class Rule:
    """A fact about one asset's tables; ``find`` returns the rows that contradict it."""

    asset: str
    name: str
    description: str
    find: Find
    blocks: bool


def sql(*parts: str, **values: Any) -> Find:
    """Findings of a query, the last part, over common table expressions, the parts before it. It may use :now,
    :season (the current one), :in_season, the bounds of this module, and ``values`` by their names.
    """
    *ctes, query = parts
    statement = f"WITH {', '.join(ctes)} {query}" if ctes else query

    def find(connection: Connection, now: datetime) -> Sequence[Finding]:
        parameters = {
            "now": now,
            "season": Season.of(now.date()).name,
            "in_season": in_season(now),
            "look_back": LOOK_BACK_DAYS,
            "share": SMALLEST_SHARE,
            "lowest": LOWEST_OVERROUND,
            "highest": HIGHEST_OVERROUND,
            **values,
        }
        used = {name: value for name, value in parameters.items() if f":{name}" in statement}
        return [dict(row) for row in connection.execute(text(statement), used).mappings()]

    return find


def in_season(now: datetime) -> bool:
    """Whether the leagues play: from the end of August to the middle of May."""
    return leagues_play(now.date())


IN_FORCE = """in_force AS (
    SELECT *, starts_with(key, 'getLeagueData/') AS is_league_file FROM ops.raw_files WHERE source = ANY (:sources)
        AND id IN (SELECT max(id) FROM ops.raw_files GROUP BY source, league, season, key))"""
"""The newest version of every file of the :sources."""

VERSIONS = """versions AS (
    SELECT league, season, key, fetched_at, bytes, rows_loaded, quotes_loaded, players_loaded,
        starts_with(key, 'getLeagueData/') AS is_league_file,
        lag(bytes) OVER version AS bytes_before, lag(rows_loaded) OVER version AS rows_before,
        lag(quotes_loaded) OVER version AS quotes_before, lag(players_loaded) OVER version AS players_before,
        row_number() OVER (PARTITION BY source, league, season, key ORDER BY id DESC) AS age
    FROM ops.raw_files WHERE key <> 'fixtures.csv' AND source = ANY (:sources)
    WINDOW version AS (PARTITION BY source, league, season, key ORDER BY id))"""
"""Each version of the files of the :sources, with the counts of the one before it."""
