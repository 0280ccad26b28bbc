"""What must hold for strategies: all are there, judged together, active on evidence alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scipy.stats import false_discovery_control
from sqlalchemy import Connection, text

from monps_platform.db.quality.quantum.shared import (
    documents_keep_their_schema,
    is_not_shrunk,
    is_up_to_date,
    newest,
)
from monps_platform.db.quality.rule import Finding, Rule, sql
from monps_platform.domain.quantum.strategies.definitions import PLAN
from monps_platform.domain.quantum.strategies.evaluate import FALSE_DISCOVERIES
from monps_platform.domain.quantum.strategies.filters import ContextFilters

_ASSET, _TABLE = "quantum_strategies", "quantum.quantum_strategies"
_NEWEST = newest(_TABLE)
_JUDGED = text(
    "WITH newest AS (SELECT t.*, l.is_simulated FROM quantum.quantum_strategies t JOIN leagues l ON l.id = t.league_id "
    "WHERE (t.league_id, t.season, t.as_of) IN (SELECT league_id, season, max(as_of) FROM quantum.quantum_strategies "
    "GROUP BY league_id, season)) "
    "SELECT id, season, is_simulated, p_value, q_value FROM newest WHERE out_of_sample_bets > 0 ORDER BY season, id"
)
_TOLERANCE = 1e-9


def _wrong_q_values(connection: Connection, _now: datetime) -> Sequence[Finding]:
    """Rows whose q is not the p after Benjamini-Hochberg over all of the season that bet; untested ones count as 1."""
    seasons: dict[tuple[str, bool], list[tuple[int, float | None, float | None]]] = {}
    for row_id, season, is_simulated, p_value, q_value in connection.execute(_JUDGED):
        seasons.setdefault((season, is_simulated), []).append((row_id, p_value, q_value))
    return [
        {"season": season, "id": row_id, "p": p_value, "q": q_value, "due": due}
        for (season, _), rows in seasons.items()
        for (row_id, p_value, q_value), due in zip(
            rows, false_discovery_control([1.0 if p is None else p for _, p, _ in rows]).tolist(), strict=True
        )
        if p_value is not None and (q_value is None or abs(q_value - due) > _TOLERANCE)
    ]


RULES: tuple[Rule, ...] = (
    Rule(
        _ASSET,
        "teams_have_all_strategies",
        "In a league's season with strategies every team that played has one row of each strategy and market.",
        sql(
            _NEWEST,
            """sides AS (SELECT DISTINCT d.league, d.league_id, d.season, s.team_id
                FROM (SELECT DISTINCT league, league_id, season, as_of FROM newest) d
                JOIN matches m ON m.league_id = d.league_id AND m.season = d.season AND m.match_date < d.as_of
                    AND m.home_goals IS NOT NULL
                CROSS JOIN LATERAL (VALUES (m.home_team_id), (m.away_team_id)) AS s (team_id))""",
            "kept AS (SELECT league_id, season, team_id, count(*) AS rows FROM newest GROUP BY 1, 2, 3)",
            """SELECT s.league, s.season, t.name AS team, coalesce(k.rows, 0) AS strategies FROM sides s
            JOIN teams t ON t.id = s.team_id LEFT JOIN kept k USING (league_id, season, team_id)
            WHERE k.rows IS DISTINCT FROM :plan""",
            plan=len(PLAN),
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "q_values_recompute",
        "Every q is its p after Benjamini-Hochberg over all strategies of the season that bet; those with too few bets "
        "for a test count as p = 1.",
        _wrong_q_values,
        blocks=True,
    ),
    Rule(
        _ASSET,
        "active_strategies_rest_on_evidence",
        f"A strategy is active exactly where its q is at most {FALSE_DISCOVERIES:g} and its ROI's interval, out of "
        "sample, lies above 0.",
        sql(
            _NEWEST,
            """SELECT id, league, season, strategy::text, q_value, roi_low, is_active FROM newest
            WHERE is_active <> coalesce(q_value <= :most AND roi_low > 0, false)""",
            most=FALSE_DISCOVERIES,
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "bets_are_on_matches_of_the_team",
        "A strategy has no more bets out of sample than its team has matches in the season.",
        sql(
            _NEWEST,
            """played AS (SELECT d.league_id, d.season, s.team_id, count(*) AS matches
                FROM (SELECT DISTINCT league_id, season, as_of FROM newest) d
                JOIN matches m ON m.league_id = d.league_id AND m.season = d.season AND m.match_date < d.as_of
                    AND m.home_goals IS NOT NULL
                CROSS JOIN LATERAL (VALUES (m.home_team_id), (m.away_team_id)) AS s (team_id) GROUP BY 1, 2, 3)""",
            """SELECT n.id, n.league, n.season, n.strategy::text, n.out_of_sample_bets, p.matches FROM newest n
            LEFT JOIN played p USING (league_id, season, team_id)
            WHERE n.out_of_sample_bets > coalesce(p.matches, 0)""",
        ),
        blocks=True,
    ),
    documents_keep_their_schema(
        _ASSET, _TABLE, "context_filters_keep_their_schema", {"context_filters": ContextFilters}
    ),
    is_not_shrunk(_ASSET, _TABLE, "strategies_are_not_fewer_than_before"),
    is_up_to_date(_ASSET, _TABLE, "strategies_are_up_to_date"),
)
