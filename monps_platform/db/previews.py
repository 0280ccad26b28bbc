"""A few rows of each table for people to look at, and how many rows there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, func, select, text

from monps_platform.db.models import Match, Odds, RawFile

_PREVIEWS = MappingProxyType(
    {
        "raw_football_data": """SELECT source, league, season, key, bytes, left(sha256, 12) AS sha256, fetched_at
            FROM ops.raw_files ORDER BY id DESC LIMIT 10""",
        "matches": """SELECT l.code AS league, m.season, m.match_date, h.name AS home, a.name AS away, m.home_goals,
                m.away_goals, m.kickoff_at
            FROM matches m JOIN leagues l ON l.id = m.league_id JOIN teams h ON h.id = m.home_team_id
            JOIN teams a ON a.id = m.away_team_id ORDER BY m.match_date DESC, m.id LIMIT 10""",
        "odds": """SELECT h.name AS home, a.name AS away, m.match_date, b.key AS bookmaker, o.market::text, o.line,
                o.price_kind::text, coalesce(o.home_price, o.over_price) AS home_or_over, o.draw_price AS draw,
                coalesce(o.away_price, o.under_price) AS away_or_under, o.overround
            FROM odds o JOIN bookmakers b ON b.id = o.bookmaker_id JOIN matches m ON m.id = o.match_id
            JOIN teams h ON h.id = m.home_team_id JOIN teams a ON a.id = m.away_team_id
            WHERE o.match_id = (SELECT n.id FROM matches n WHERE EXISTS (SELECT FROM odds p WHERE p.match_id = n.id)
                ORDER BY n.match_date DESC, n.id LIMIT 1)
            ORDER BY o.market, o.price_kind, b.key LIMIT 12""",
    }
)
_MAIN_TABLE = MappingProxyType({"raw_football_data": RawFile, "matches": Match, "odds": Odds})


def preview(connection: Connection, asset: str) -> Sequence[Mapping[str, Any]]:
    """The newest few rows behind an asset, names in place of ids."""
    return [dict(row) for row in connection.execute(text(_PREVIEWS[asset])).mappings()]


def row_count(connection: Connection, asset: str) -> int:
    """Rows of an asset's main table."""
    return int(connection.scalar(select(func.count()).select_from(_MAIN_TABLE[asset])) or 0)
