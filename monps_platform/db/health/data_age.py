"""How old the data of each league is, source by source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from monps_platform.domain.feeds import FOOTBALL_DATA, UNDERSTAT
from monps_platform.domain.health.data_age import GRACE, LONG_PAST, LeagueData
from monps_platform.domain.leagues import LEAGUES
from monps_platform.domain.seasons import Season

# Of the same form for both sources: the day of a match, its sides, and whether it has a score. The newest result of a
# league may be one of years ago: only the season it is of tells where to look.
_HELD = """
    WITH listed AS ({listed}), newest AS (SELECT league_id, max(season) AS season FROM {table} GROUP BY 1)
    SELECT l.code, n.season AS newest_season, h.newest_result, coalesce(h.played, 0) AS played,
        coalesce(h.unscored, 0) AS unscored, h.oldest_unscored,
        (SELECT count(DISTINCT side) FROM listed c, LATERAL (VALUES (c.home), (c.away)) AS s (side)
            WHERE c.league_id = l.id AND c.season = :season) AS teams
    FROM leagues l JOIN newest n ON n.league_id = l.id LEFT JOIN (
        SELECT league_id, max(day) FILTER (WHERE has_score) AS newest_result,
            count(*) FILTER (WHERE has_score AND season = :season) AS played,
            count(*) FILTER (WHERE NOT has_score AND day BETWEEN :oldest AND :due) AS unscored,
            min(day) FILTER (WHERE NOT has_score AND day BETWEEN :oldest AND :due) AS oldest_unscored
        FROM listed WHERE season >= :before GROUP BY league_id) h ON h.league_id = l.id"""
_DAYS = """
    WITH listed AS ({listed}) SELECT l.code, c.day, count(*) AS matches
    FROM listed c JOIN leagues l ON l.id = c.league_id WHERE c.season = :before GROUP BY 1, 2"""
_LISTED = {
    FOOTBALL_DATA.real: """
        SELECT league_id, season, match_date AS day, home_team_id AS home, away_team_id AS away,
            home_goals IS NOT NULL AS has_score FROM matches WHERE season >= :before""",
    UNDERSTAT.real: """
        SELECT league_id, season, shown_at::date AS day, home_team AS home, away_team AS away,
            home_goals IS NOT NULL AS has_score FROM understat_matches WHERE season >= :before""",
}
_TABLES = {FOOTBALL_DATA.real: "matches", UNDERSTAT.real: "understat_matches"}
_FILES = text("""
    SELECT league, max(fetched_at) AS fetched_at FROM ops.raw_files WHERE source = :source GROUP BY 1""")


def measure(connection: Connection, today: date) -> tuple[LeagueData, ...]:
    """The state of every real league in either source, on a day; simulated ones appear when they are over."""
    return tuple(data for source in _LISTED for data in _of_source(connection, source, today))


def _fetched(connection: Connection, source: str) -> Mapping[str, datetime]:
    return {row.league: row.fetched_at for row in connection.execute(_FILES, {"source": source})}


def _of_source(connection: Connection, source: str, today: date) -> list[LeagueData]:
    before = Season(Season.of(today).start_year - 1)
    held, calendar = _held(connection, source, before, today), _calendar(connection, source, before)
    fetched = _fetched(connection, source)
    return [
        LeagueData(
            source,
            league,
            newest_file=fetched.get(league.code),
            days_before=calendar.get(league.code, {}),
            **held.get(league.code, {}),
        )
        for league in LEAGUES
        if not league.is_simulated and (league.code in held or league.code in fetched)
    ]


def _held(connection: Connection, source: str, before: Season, today: date) -> Mapping[str, Mapping[str, Any]]:
    query = text(_HELD.format(listed=_LISTED[source], table=_TABLES[source]))
    seasons = {"season": Season.of(today).name, "before": before.name}
    days = {"oldest": today - LONG_PAST, "due": today - GRACE}
    return {str(row["code"]): _figures(row) for row in connection.execute(query, {**seasons, **days}).mappings()}


def _figures(row: RowMapping) -> Mapping[str, Any]:
    names = ("newest_result", "played", "unscored", "oldest_unscored", "teams")
    return {"newest_season": Season.parse(row["newest_season"]), **{name: row[name] for name in names}}


def _calendar(connection: Connection, source: str, season: Season) -> Mapping[str, Mapping[date, int]]:
    """The matches a day of a season, by league."""
    found: dict[str, dict[date, int]] = {}
    for row in connection.execute(text(_DAYS.format(listed=_LISTED[source])), {"before": season.name}):
        found.setdefault(row.code, {})[row.day] = row.matches
    return found
