"""A good row of every table, as plain SQL takes it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

WHEN = "2019-08-10 14:00+00"
Accepted = list[tuple[str, dict[str, Any]]]
Refused = list[tuple[str, str, dict[str, Any]]]

VECTORS = ("market", "context", "risk", "temporal", "nemesis", "psyche", "roster", "physical", "luck")
ESTIMATES = ("intercept", "home_advantage", "rho", "newcomer_attack", "newcomer_defence")
ESTIMATE_ERRORS = tuple(f"{name}_se" for name in ESTIMATES)
GOOD: dict[str, dict[str, Any]] = {
    "leagues": {"code": "XX", "name": "League", "country": "Nowhere", "tier": 1, "is_simulated": False},
    "teams": {"name": "Wanderers", "country": "Nowhere"},
    "team_aliases": {"source": "s", "league_id": 1, "spelling": "Wanderers", "team_id": 1, "method": "m"},
    "bookmakers": {"key": "NEW", "name": "New", "is_aggregate": False, "is_sharp": False, "is_exchange": False},
    "matches": {
        "id": 2,
        "league_id": 1,
        "season": "2019-20",
        "home_team_id": 2,
        "away_team_id": 1,
        "meeting": 1,
        "match_date": "2019-08-10",
        "home_goals": 2,
        "away_goals": 1,
        "half_time_home_goals": 1,
        "half_time_away_goals": 1,
    },
    "odds": {
        "match_id": 1,
        "bookmaker_id": 1,
        "market": "1x2",
        "price_kind": "pre_match",
        "home_price": "1.4",
        "draw_price": "4.5",
        "away_price": "8",
        "overround": "0.06",
    },
    "ops.raw_files": {
        "source": "s",
        "league": "E0",
        "season": "2019-20",
        "key": "k",
        "url": "u",
        "sha256": "0" * 64,
        "bytes": 1,
        "fetched_at": WHEN,
    },
    "ops.rejected_rows": {"raw_file_id": 1, "dataset": "odds", "line_number": 2, "reason": "r", "raw_text": "t"},
    "ops.api_requests": {"source": "odds-api", "league": "E0", "asked_at": WHEN, "cost": 6},
    "shots": {
        "id": 2,
        "match_id": 1,
        "team_id": 1,
        "minute": 90,
        "player_id": 227,
        "player": "Player",
        "assisted_by": "Another",
        "situation": "OpenPlay",
        "body_part": "Head",
        "result": "Goal",
        "last_action": "Cross",
        "x": 0.9,
        "y": 0.5,
        "xg": 0.1,
    },
    "player_seasons": {
        "player_id": 227,
        "player": "Player",
        "team_id": 1,
        "league_id": 1,
        "season": "2019-20",
        "position": "F S",
        "is_shared": False,
        **dict.fromkeys(("appearances", "assists", "shots", "key_passes", "yellow_cards", "red_cards"), 3),
        "minutes": 3420,
        "goals": 3,
        "non_penalty_goals": 2,
        **dict.fromkeys(("xg", "non_penalty_xg", "xa", "xg_chain", "xg_buildup"), 2.5),
    },
    "understat_matches": {
        "id": 2,
        "league_id": 1,
        "season": "2019-20",
        "match_id": 1,
        "shown_at": "2019-08-10 16:00",
        "home_team": "Arsenal",
        "away_team": "Chelsea",
        "home_goals": 2,
        "away_goals": 1,
        "home_xg": 1.5,
        "away_xg": 0.5,
        "home_ppda": 8.5,
        "away_ppda": 12.5,
        "home_deep": 7,
        "away_deep": 3,
    },
    "player_matches": {
        "match_id": 1,
        "team_id": 1,
        "player_id": 227,
        "player": "Player",
        "position": "AMR",
        "minutes": 90,
        **dict.fromkeys(("goals", "own_goals", "assists", "shots", "key_passes", "yellow_cards", "red_cards"), 1),
        **dict.fromkeys(("xg", "xa", "xg_chain", "xg_buildup"), 0.5),
    },
    "tracking_clv_picks": {
        "agent": "agent",
        "match_id": 1,
        "market": "1x2",
        "side": "home",
        "bookmaker_id": 1,
        "price_taken": "2.1",
        "taken_at": WHEN,
        "stake": "1",
        "data_version": "1",
    },
    "ops.pick_corrections": {
        "pick_id": 1,
        "part": "closing",
        "corrected_by": "somebody",
        "reason": "misread",
        "was": '{"closing_price": 2.2}',
        "is_now": '{"closing_price": 2}',
    },
    "ops.pick_progress": {
        "league_id": 1,
        "season": "2019-20",
        "step": "take",
        "inputs_sha256": "0" * 64,
        "picks": 0,
    },
    "quantum.team_quantum_dna": {
        "team_id": 1,
        "league_id": 1,
        "season": "2019-20",
        "as_of": "2020-01-01",
        "n_matches": 19,
        **dict.fromkeys(VECTORS, "{}"),
        "data_version": "1",
    },
    "quantum.chess_classifications": {
        "data_version": "1",
        "n_matches": 19,
        "team_id": 1,
        "league_id": 1,
        "season": "2019-20",
        "as_of": "2020-01-01",
        "profile": "LOW_BLOCK",
        "score": 70,
        "runner_up": "PARK_THE_BUS",
        "margin": 5,
        "features": "{}",
        "is_current": False,
    },
    "quantum.quantum_friction_matrix": {
        "data_version": "1",
        "league_id": 1,
        "home_team_id": 1,
        "away_team_id": 2,
        "season": "2019-20",
        "as_of": "2020-01-01",
        "same_league": True,
        "n_home_matches": 19,
        "n_away_matches": 19,
        "friction_score": 51.5,
        "style_friction": 10,
        "tempo_friction": 40,
        "physical_friction": 90,
        "mental_friction": 80,
        "tier_friction": 23.3333,
        "chaos_potential": 50,
        "predicted_scenario": "open_game",
        "predicted_btts_prob": 0.5,
        "predicted_over25_prob": 0.5,
        "predicted_total_goals": 2.7,
        "recommended_markets": "[]",
    },
    "quantum.quantum_strategies": {
        "data_version": "1",
        "league_id": 1,
        "team_id": 1,
        "strategy": "model_value",
        "market": "1x2",
        "season": "2019-20",
        "as_of": "2020-01-01",
        "in_sample_bets": 100,
        "in_sample_roi": 0.1,
        "out_of_sample_bets": 50,
        "out_of_sample_roi": 0.05,
        "roi_low": -0.2,
        "roi_high": 0.3,
        "mean_clv_percentage": 0.4,
        "mean_clv_no_vig_percentage": -2.1,
        "clv_no_vig_low": -3.5,
        "clv_no_vig_high": -0.6,
        "closed_bets": 48,
        "p_value": 0.3,
        "q_value": 0.6,
        "stake_multiplier": 0,
        "min_confidence": 0.3,
        "min_edge": 0.02,
        "context_filters": "{}",
        "is_active": False,
    },
    "quantum.goalscorer_profiles": {
        "data_version": "1",
        "league_id": 1,
        "player_id": 227,
        "player_name": "Player",
        "team_id": 1,
        "season": "2019-20",
        "as_of": "2020-01-01",
        "position": "F S",
        "appearances": 19,
        "minutes": 1500,
        "goals": 5,
        "home_goals": 3,
        "away_goals": 2,
        "penalty_goals": 1,
        "xg": 4.5,
        "rate_per_90": 0.3,
        "rate_low": 0.1,
        "rate_high": 0.5,
        "expected_minutes": 80,
        "anytime_prob": 0.25,
        "first_scorer_share": 0.1,
        "last_scorer_share": 0.1,
        "goal_periods": "{}",
    },
    "quantum.goal_model_fits": {
        "league_id": 1,
        "as_of": "2019-08-06",
        "model_version": "1",
        "inputs_sha256": "0" * 64,
        "n_matches": 380,
        "home_goals": 560,
        "away_goals": 500,
        "first_match_date": "2018-08-10",
        "last_match_date": "2019-05-12",
        "half_life_days": 365,
        "intercept": 0.1,
        "home_advantage": 0.25,
        "rho": -0.05,
        "newcomer_attack": -0.2,
        "newcomer_defence": -0.1,
        "log_likelihood": -800,
        **dict.fromkeys(ESTIMATE_ERRORS, 0.05),
    },
    "quantum.goal_model_strengths": {
        "fit_id": 1,
        "team_id": 1,
        "n_matches": 38,
        "is_newcomer": False,
        "attack": 0.2,
        "attack_se": 0.1,
        "defence": -0.1,
        "defence_se": 0.1,
    },
    "quantum.match_forecasts": {
        "match_id": 1,
        "model": "dixon_coles",
        "model_version": "1",
        "as_of": "2019-08-06",
        "home_prob": 0.5,
        "draw_prob": 0.3,
        "away_prob": 0.2,
        "over15_prob": 0.7,
        "over25_prob": 0.5,
        "over35_prob": 0.3,
        "btts_prob": 0.5,
        "home_goals_expected": 1.5,
        "away_goals_expected": 1,
        "handicaps": '{"-0.25": 0.5}',
        "fit_id": 1,
    },
    "ops.health_sweeps": {
        "sweep_id": "00000000-0000-0000-0000-000000000001",
        "swept_at": WHEN,
        "check_name": "a_check",
        "subject": "matches",
        "severity": "ok",
        "finding": "all is well",
    },
    "ops.alerts": {
        "kind": "job",
        "subject": "job a_job",
        "what": "it failed",
        "place": "run 1",
        "remedy": "run it again",
        "link": "http://127.0.0.1:3000/runs/1",
        "partitions": "",
        "opened_at": WHEN,
        "seen_at": WHEN,
        "times_seen": 1,
        "deliveries": "{}",
    },
}
"""They refer to the first league, the first two teams, the first bookmaker, the first fit, the first pick and the match
1.
"""


NEW_IN_0006: dict[str, dict[str, Any]] = {
    "quantum.chess_classifications": dict.fromkeys(("data_version", "n_matches")),
    "quantum.quantum_friction_matrix": dict.fromkeys(("data_version", "league_id")),
    "quantum.quantum_strategies": dict.fromkeys(("data_version", "league_id")),
    "quantum.goalscorer_profiles": dict.fromkeys(("data_version", "league_id")),
}
"""Columns that revision 0006 adds, as changes that make a good row one of before."""
NEW_IN_0011: dict[str, dict[str, Any]] = {
    "quantum.quantum_strategies": dict.fromkeys(
        ("mean_clv_no_vig_percentage", "clv_no_vig_low", "clv_no_vig_high", "closed_bets")
    ),
}
"""Columns that revision 0011 adds, as changes that make a good row one of before."""
BEFORE_0006 = {table: {**without, **NEW_IN_0011.get(table, {})} for table, without in NEW_IN_0006.items()}
"""Changes that make a good row one of before revision 0006."""


def insert(connection: Connection, table: str, changes: dict[str, Any]) -> None:
    """Insert the table's good row with changes; a None is left out."""
    values = {name: value for name, value in (GOOD[table] | changes).items() if value is not None}
    statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(f':{name}' for name in values)})"
    connection.execute(text(statement), values)


def insert_surroundings(connection: Connection) -> None:
    """Insert what picks refer to: a league, two teams, two bookmakers, and the two matches of these teams."""
    insert(connection, "leagues", {"id": 1})
    for number in (1, 2):
        insert(connection, "teams", {"id": number, "name": f"Team {number}"})
        insert(connection, "bookmakers", {"id": number, "key": f"B{number}"})
    for number, (home, away) in enumerate(((1, 2), (2, 1)), start=1):
        insert(connection, "matches", {"id": number, "home_team_id": home, "away_team_id": away})
