"""What must hold for the friction matrix: all ordered pairs, symmetric scores that add up, forecasts for one league."""

from __future__ import annotations

from monps_platform.db.quality.quantum.shared import is_not_shrunk, is_up_to_date
from monps_platform.db.quality.rule import Rule, sql

_ASSET, _TABLE = "quantum_friction_matrix", "quantum.quantum_friction_matrix"
_NEWEST = """newest AS (
    SELECT f.*, l.code AS league, l.is_simulated FROM quantum.quantum_friction_matrix f
    JOIN leagues l ON l.id = f.league_id
    WHERE (l.is_simulated, f.season, f.as_of) IN (
        SELECT o.is_simulated, g.season, max(g.as_of) FROM quantum.quantum_friction_matrix g
        JOIN leagues o ON o.id = g.league_id GROUP BY o.is_simulated, g.season))"""
"""The rows of the newest day of each season, of all leagues: a matrix is as of one day."""

RULES: tuple[Rule, ...] = (
    Rule(
        _ASSET,
        "pairs_of_all_teams_are_there",
        "Of the n teams of a season that have DNA as of the matrix's day or earlier, all n(n-1) ordered pairs exist.",
        sql(
            _NEWEST,
            "days AS (SELECT DISTINCT is_simulated, season, as_of FROM newest)",
            """known AS (SELECT d.is_simulated, d.season, d.as_of, count(DISTINCT q.team_id) AS teams FROM days d
                JOIN quantum.team_quantum_dna q ON q.season = d.season AND q.as_of <= d.as_of
                JOIN leagues l ON l.id = q.league_id AND l.is_simulated = d.is_simulated
                GROUP BY d.is_simulated, d.season, d.as_of)""",
            """SELECT k.season, k.is_simulated, k.teams, count(n.id) AS pairs FROM known k
            LEFT JOIN newest n ON n.season = k.season AND n.is_simulated = k.is_simulated
            GROUP BY k.season, k.is_simulated, k.teams HAVING count(n.id) <> k.teams * (k.teams - 1)""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "friction_is_symmetric",
        "All scores of a pair are the same at both venues; whether the teams play in one league is, too, and is so.",
        sql(
            _NEWEST,
            """SELECT a.season, h.name AS home, w.name AS away, a.friction_score, b.friction_score AS at_other_venue
            FROM newest a JOIN newest b ON b.season = a.season AND b.home_team_id = a.away_team_id
                AND b.away_team_id = a.home_team_id
            JOIN teams h ON h.id = a.home_team_id JOIN teams w ON w.id = a.away_team_id
            WHERE (a.friction_score, a.style_friction, a.tempo_friction, a.physical_friction, a.mental_friction,
                    a.tier_friction, a.chaos_potential, a.same_league)
                IS DISTINCT FROM (b.friction_score, b.style_friction, b.tempo_friction, b.physical_friction,
                    b.mental_friction, b.tier_friction, b.chaos_potential, b.same_league)
                OR a.same_league <> (a.league_id = b.league_id)""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "friction_recomputes_from_components",
        "The friction score is .20 style + .20 tempo + .20 physical + .25 mental + .15 tier, missing exactly where one "
        "of them is.",
        sql(
            _NEWEST,
            """SELECT id, season, friction_score, style_friction, tempo_friction, physical_friction, mental_friction,
                tier_friction FROM newest
            WHERE (friction_score IS NULL) <> (num_nulls(style_friction, tempo_friction, physical_friction,
                    mental_friction, tier_friction) > 0)
                OR abs(friction_score - (.20 * style_friction + .20 * tempo_friction + .20 * physical_friction
                    + .25 * mental_friction + .15 * tier_friction)) > 1e-9""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "components_differ",
        "Within a season of at least 16 teams no score is the same for all pairs, and no component a copy of another.",
        sql(
            _NEWEST,
            """shown AS (SELECT n.season, n.is_simulated, n.id, s.name, s.score FROM newest n
                CROSS JOIN LATERAL (VALUES ('style', style_friction), ('tempo', tempo_friction),
                    ('physical', physical_friction), ('mental', mental_friction), ('tier', tier_friction),
                    ('chaos', chaos_potential)) AS s (name, score) WHERE s.score IS NOT NULL)""",
            """SELECT a.season, a.name, b.name AS other, count(*) AS pairs FROM shown a
            JOIN shown b ON b.id = a.id AND b.name >= a.name GROUP BY a.season, a.is_simulated, a.name, b.name
            HAVING count(*) >= 240 AND CASE WHEN a.name = b.name THEN min(a.score) = max(a.score)
                ELSE max(abs(a.score - b.score)) < 1e-9 END""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "forecasts_are_of_one_league",
        "Only teams of one league have a forecast of their match, and all of it.",
        sql(
            _NEWEST,
            """SELECT season, home_team_id, away_team_id, same_league, predicted_total_goals FROM newest
            WHERE NOT same_league AND num_nonnulls(predicted_btts_prob, predicted_over25_prob,
                predicted_total_goals) > 0
                OR num_nulls(predicted_btts_prob, predicted_over25_prob, predicted_total_goals) NOT IN (0, 3)""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "forecasts_differ_by_venue",
        "Within a league's season not all pairs, of at least 12, have the same forecast at both venues: the home team "
        "has an advantage.",
        sql(
            _NEWEST,
            """SELECT a.league, a.season, count(*) AS pairs FROM newest a
            JOIN newest b ON b.season = a.season AND b.home_team_id = a.away_team_id
                AND b.away_team_id = a.home_team_id AND b.league_id = a.league_id
            WHERE a.home_team_id < a.away_team_id AND a.predicted_total_goals IS NOT NULL
                AND b.predicted_total_goals IS NOT NULL
            GROUP BY a.league, a.season HAVING count(*) >= 12
                AND (max(abs(a.predicted_total_goals - b.predicted_total_goals)) < 1e-12
                    OR max(abs(a.predicted_over25_prob - b.predicted_over25_prob)) < 1e-12)""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "friction_rests_on_the_dna",
        "The matches that a row rests on are those of its teams' DNA.",
        sql(
            _NEWEST,
            """dna AS (SELECT DISTINCT ON (q.team_id, q.season) q.team_id, q.season, q.n_matches
                FROM quantum.team_quantum_dna q JOIN newest n ON n.season = q.season AND n.home_team_id = q.team_id
                    AND q.as_of <= n.as_of ORDER BY q.team_id, q.season, q.as_of DESC)""",
            """SELECT n.season, n.home_team_id, n.away_team_id, n.n_home_matches, h.n_matches AS of_home,
                n.n_away_matches, a.n_matches AS of_away
            FROM newest n LEFT JOIN dna h ON h.season = n.season AND h.team_id = n.home_team_id
            LEFT JOIN dna a ON a.season = n.season AND a.team_id = n.away_team_id
            WHERE n.n_home_matches IS DISTINCT FROM h.n_matches OR n.n_away_matches IS DISTINCT FROM a.n_matches""",
        ),
        blocks=True,
    ),
    is_not_shrunk(_ASSET, _TABLE, "pairs_are_not_fewer_than_before"),
    is_up_to_date(_ASSET, _TABLE, "friction_is_up_to_date"),
)
