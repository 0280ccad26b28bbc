"""What the database refuses and accepts of shots, players, the quantum tables and findings."""

from __future__ import annotations

from typing import Any

from monps_platform_tests.db.models.forecast_cases import FORECAST_KEYS
from monps_platform_tests.db.models.pick_cases import PICK_KEYS
from monps_platform_tests.db.models.rows import VECTORS, Accepted, Refused
from monps_platform_tests.db.models.understat_cases import UNDERSTAT_KEYS

SHOTS, PLAYERS, SWEEPS = "shots", "player_seasons", "ops.health_sweeps"
ALERTS = "ops.alerts"
EARLIER, LATER = "2019-08-09 14:00+00", "2019-08-11 14:00+00"
ALERTED = "job that failed before"
DNA, CHESS = "quantum.team_quantum_dna", "quantum.chess_classifications"
FRICTION, STRATEGIES = "quantum.quantum_friction_matrix", "quantum.quantum_strategies"
SCORERS = "quantum.goalscorer_profiles"
PLAYER_COUNTS = ("appearances", "minutes", "goals", "assists", "shots", "key_passes", "yellow_cards", "red_cards")
PLAYER_EXPECTED = ("xg", "non_penalty_xg", "xa", "xg_chain", "xg_buildup")
NO_PROFILE = dict.fromkeys(("profile", "score", "runner_up", "margin")) | {"no_profile_reason": "too few features"}
COMPONENTS = ("style_friction", "tempo_friction", "physical_friction", "mental_friction", "tier_friction")
NO_FRICTION = dict.fromkeys(COMPONENTS, 0)
TENTHS = dict(zip(COMPONENTS, (2, 2, 2, 2.5, 1.5), strict=True))
PREDICTED = ("predicted_scenario", "predicted_btts_prob", "predicted_over25_prob", "predicted_total_goals")
ACTIVE = {"is_active": True, "stake_multiplier": 0.2, "roi_low": 0.01, "p_value": 0.01, "q_value": 0.04}
CLV = ("mean_clv_no_vig_percentage", "clv_no_vig_low", "clv_no_vig_high")
UNTESTED = dict.fromkeys(
    ("out_of_sample_roi", "roi_low", "roi_high", "p_value", "q_value", "mean_clv_percentage", *CLV)
)
UNTESTED |= {"out_of_sample_bets": 0, "closed_bets": 0}
NO_CLV = {**dict.fromkeys(CLV), "closed_bets": 0}
RATE = ("rate_per_90", "rate_low", "rate_high")


def _documents(constraint: str, table: str, *columns: str, wrong: tuple[str, ...] = ("[]", "null", "1")) -> Refused:
    return [(constraint, table, {column: value}) for column in columns for value in wrong]


DERIVED_ACCEPTED: Accepted = [
    (SHOTS, {"result": "OwnGoal", "assisted_by": None, "last_action": None, "minute": 0, "xg": 0}),
    (SHOTS, {"x": 1, "y": 1, "xg": 1, "minute": 150}),
    (PLAYERS, dict.fromkeys((*PLAYER_COUNTS, "non_penalty_goals", *PLAYER_EXPECTED)) | {"is_shared": True}),
    (PLAYERS, dict.fromkeys((*PLAYER_COUNTS, "non_penalty_goals", *PLAYER_EXPECTED), 0)),
    (CHESS, NO_PROFILE),
    (CHESS, {"runner_up": None, "margin": None}),
    (CHESS, {"team_id": 2, "is_current": True, "margin": 70}),
    *((FRICTION, {name: None, "friction_score": None}) for name in COMPONENTS),
    (FRICTION, dict.fromkeys((*COMPONENTS, *PREDICTED, "friction_score", "chaos_potential"))),
    (FRICTION, dict.fromkeys((*COMPONENTS, "friction_score"), 100)),
    *((FRICTION, {**NO_FRICTION, name: 10, "friction_score": score}) for name, score in TENTHS.items()),
    (STRATEGIES, UNTESTED),
    (STRATEGIES, ACTIVE),
    (STRATEGIES, {"in_sample_bets": 0, "in_sample_roi": None}),
    (STRATEGIES, {**UNTESTED, "out_of_sample_bets": 1, "out_of_sample_roi": -1}),
    (STRATEGIES, {"clv_no_vig_low": None, "clv_no_vig_high": None, "closed_bets": 1}),
    (SCORERS, dict.fromkeys((*RATE, "appearances", "minutes", "xg", "expected_minutes", "anytime_prob", "position"))),
    (SCORERS, dict.fromkeys(("goals", "home_goals", "away_goals", "penalty_goals"), 0)),
    (SWEEPS, {"severity": "critical", "remedy": "monps migrate", "value": 3, "unit": "rows"}),
    (SWEEPS, {"severity": "info"}),
    (ALERTS, {"resolved_at": LATER, "closed_at": LATER, "deliveries": '{"webhook": {}}'}),
]
DERIVED_REFUSED: Refused = [
    *(("ck_shots_minute", SHOTS, {"minute": minute}) for minute in (-1, 151)),
    *(("ck_shots_shares", SHOTS, {name: value}) for name in ("x", "y", "xg") for value in (-0.01, 1.01, "NaN")),
    ("pk_shots", SHOTS, {"id": 1}),
    ("fk_shots_match_id_matches", SHOTS, {"match_id": 99}),
    ("fk_shots_team_id_teams", SHOTS, {"team_id": 99}),
    *(("ck_player_seasons_counts_not_negative", PLAYERS, {name: -1}) for name in PLAYER_COUNTS if name != "goals"),
    ("ck_player_seasons_counts_not_negative", PLAYERS, {"goals": -1, "non_penalty_goals": None}),
    ("ck_player_seasons_counts_not_negative", PLAYERS, {"non_penalty_goals": -1}),
    ("ck_player_seasons_non_penalty_goals", PLAYERS, {"non_penalty_goals": 4}),
    *(("ck_player_seasons_expected_not_negative", PLAYERS, {name: -0.1}) for name in PLAYER_EXPECTED),
    *(
        ("ck_player_seasons_finite", PLAYERS, {name: value})
        for name in PLAYER_EXPECTED
        for value in ("NaN", "Infinity")
    ),
    ("ck_player_seasons_season_name", PLAYERS, {"season": "2019"}),
    ("fk_player_seasons_team_id_teams", PLAYERS, {"team_id": 99}),
    ("fk_player_seasons_league_id_leagues", PLAYERS, {"league_id": 99}),
    *_documents("ck_team_quantum_dna_vectors_are_objects", DNA, *VECTORS),
    ("ck_team_quantum_dna_n_matches", DNA, {"n_matches": 0}),
    ("ck_team_quantum_dna_season_name", DNA, {"season": "2019/20"}),
    ("fk_team_quantum_dna_team_id_teams", DNA, {"team_id": 99}),
    ("fk_team_quantum_dna_league_id_leagues", DNA, {"league_id": 99}),
    ("ck_chess_classifications_n_matches", CHESS, {"n_matches": 0}),
    ("ck_chess_classifications_profile_or_reason", CHESS, {"no_profile_reason": "none needed"}),
    ("ck_chess_classifications_profile_or_reason", CHESS, {**NO_PROFILE, "no_profile_reason": None}),
    ("ck_chess_classifications_profile_with_score", CHESS, {"score": None, "runner_up": None, "margin": None}),
    ("ck_chess_classifications_profile_with_score", CHESS, {**NO_PROFILE, "score": 50}),
    *(("ck_chess_classifications_score", CHESS, {"score": score}) for score in (100.1, "NaN")),
    ("ck_chess_classifications_score", CHESS, {"score": -0.1, "runner_up": None, "margin": None}),
    ("ck_chess_classifications_runner_up_with_margin", CHESS, {"runner_up": None}),
    ("ck_chess_classifications_runner_up_with_margin", CHESS, {"margin": None}),
    ("ck_chess_classifications_runner_up_with_margin", CHESS, {**NO_PROFILE, "runner_up": "ADAPTIVE", "margin": 0}),
    ("ck_chess_classifications_two_profiles", CHESS, {"runner_up": "LOW_BLOCK"}),
    *(("ck_chess_classifications_margin", CHESS, {"margin": margin}) for margin in (-0.1, 70.1, "NaN")),
    *_documents("ck_chess_classifications_features_are_object", CHESS, "features"),
    ("ck_chess_classifications_season_name", CHESS, {"season": "2019"}),
    ("uq_chess_classifications_current", CHESS, {"is_current": True}),
    ("fk_chess_classifications_team_id_teams", CHESS, {"team_id": 99}),
    ("fk_chess_classifications_league_id_leagues", CHESS, {"league_id": 99}),
    ("ck_quantum_friction_matrix_two_teams", FRICTION, {"away_team_id": 1}),
    ("ck_quantum_friction_matrix_n_matches", FRICTION, {"n_home_matches": 0}),
    ("ck_quantum_friction_matrix_n_matches", FRICTION, {"n_away_matches": 0}),
    *(
        ("ck_quantum_friction_matrix_scores", FRICTION, {name: value, **other})
        for name in (*COMPONENTS, "chaos_potential")
        for value in (-0.1, 100.1, "NaN")
        for other in [{} if name == "chaos_potential" else {"friction_score": None}]
    ),
    *(
        ("ck_quantum_friction_matrix_scores", FRICTION, dict.fromkeys((*COMPONENTS, "friction_score"), value))
        for value in (-1, 101)
    ),
    *(
        ("ck_quantum_friction_matrix_weighted_sum", FRICTION, {"friction_score": score})
        for score in (51.48, 51.52, None)
    ),
    *(("ck_quantum_friction_matrix_weighted_sum", FRICTION, {name: None}) for name in COMPONENTS),
    # Ten points of one component alone are 1.5, 2 or 2.5 points of the score: 1.75 is nobody's weight.
    *(
        ("ck_quantum_friction_matrix_weighted_sum", FRICTION, {**NO_FRICTION, name: 10, "friction_score": 1.75})
        for name in COMPONENTS
    ),
    *(
        ("ck_quantum_friction_matrix_probabilities", FRICTION, {name: value})
        for name in ("predicted_btts_prob", "predicted_over25_prob")
        for value in (-0.1, 1.1, "NaN")
    ),
    *(
        ("ck_quantum_friction_matrix_total_goals", FRICTION, {"predicted_total_goals": value})
        for value in (-0.1, "NaN", "Infinity")
    ),
    *_documents("ck_quantum_friction_matrix_markets_are_array", FRICTION, "recommended_markets", wrong=("{}", "null")),
    ("ck_quantum_friction_matrix_season_name", FRICTION, {"season": "2019"}),
    ("fk_quantum_friction_matrix_home_team_id_teams", FRICTION, {"home_team_id": 99}),
    ("fk_quantum_friction_matrix_league_id_leagues", FRICTION, {"league_id": 99}),
    ("fk_quantum_friction_matrix_away_team_id_teams", FRICTION, {"away_team_id": 99}),
    ("ck_quantum_strategies_bets_not_negative", STRATEGIES, {"in_sample_bets": -1}),
    ("ck_quantum_strategies_bets_not_negative", STRATEGIES, {"out_of_sample_bets": -1}),
    ("ck_quantum_strategies_roi_with_bets", STRATEGIES, {"in_sample_bets": 0}),
    ("ck_quantum_strategies_roi_with_bets", STRATEGIES, {"in_sample_roi": None}),
    ("ck_quantum_strategies_roi_with_bets", STRATEGIES, {"out_of_sample_bets": 0, **NO_CLV}),
    *(("ck_quantum_strategies_closed_bets_are_bets", STRATEGIES, {"closed_bets": bets}) for bets in (-1, 51)),
    ("ck_quantum_strategies_clv_with_closed_bets", STRATEGIES, {"closed_bets": 0}),
    ("ck_quantum_strategies_clv_with_closed_bets", STRATEGIES, dict.fromkeys(CLV)),
    ("ck_quantum_strategies_whole_clv_interval", STRATEGIES, {"clv_no_vig_low": None}),
    ("ck_quantum_strategies_whole_clv_interval", STRATEGIES, {"clv_no_vig_high": None}),
    ("ck_quantum_strategies_whole_clv_interval", STRATEGIES, {"closed_bets": 0, CLV[0]: None}),
    ("ck_quantum_strategies_clv_in_interval", STRATEGIES, {"clv_no_vig_low": -2.0}),
    ("ck_quantum_strategies_clv_in_interval", STRATEGIES, {"clv_no_vig_high": -2.2}),
    ("ck_quantum_strategies_clv_finite", STRATEGIES, {**dict.fromkeys(CLV), CLV[0]: "NaN"}),
    ("ck_quantum_strategies_clv_finite", STRATEGIES, {"clv_no_vig_high": "NaN"}),
    ("ck_quantum_strategies_roi_with_bets", STRATEGIES, {**UNTESTED, "out_of_sample_bets": 1}),
    *(("ck_quantum_strategies_roi_not_below_stake", STRATEGIES, {name: -1.1}) for name in ("in_sample_roi", "roi_low")),
    ("ck_quantum_strategies_roi_not_below_stake", STRATEGIES, {"out_of_sample_roi": -1.1, "roi_low": -1.2}),
    ("ck_quantum_strategies_whole_interval", STRATEGIES, {"roi_low": None}),
    ("ck_quantum_strategies_whole_interval", STRATEGIES, {"roi_high": None}),
    ("ck_quantum_strategies_whole_interval", STRATEGIES, {**UNTESTED, "roi_low": 0, "roi_high": 0}),
    ("ck_quantum_strategies_roi_in_interval", STRATEGIES, {"roi_low": 0.06}),
    ("ck_quantum_strategies_roi_in_interval", STRATEGIES, {"roi_high": 0.04}),
    *(
        ("ck_quantum_strategies_finite", STRATEGIES, {name: "NaN"})
        for name in ("in_sample_roi", "roi_high", "mean_clv_percentage", "min_edge")
    ),
    ("ck_quantum_strategies_shares", STRATEGIES, {"p_value": -0.1}),
    *(("ck_quantum_strategies_shares", STRATEGIES, {"p_value": p, "q_value": p}) for p in (-0.1, 1.1, "NaN")),
    *(("ck_quantum_strategies_shares", STRATEGIES, {"q_value": q}) for q in (1.1, "NaN")),
    *(("ck_quantum_strategies_shares", STRATEGIES, {"min_confidence": value}) for value in (-0.1, 1.1, "NaN")),
    *(("ck_quantum_strategies_shares", STRATEGIES, {**ACTIVE, "stake_multiplier": m}) for m in (-0.1, 1.1, "NaN")),
    ("ck_quantum_strategies_q_value", STRATEGIES, {"q_value": 0.29}),
    ("ck_quantum_strategies_q_value", STRATEGIES, {"q_value": None}),
    ("ck_quantum_strategies_q_value", STRATEGIES, {"p_value": None}),
    ("ck_quantum_strategies_active_on_evidence", STRATEGIES, {**ACTIVE, "roi_low": 0}),
    ("ck_quantum_strategies_active_on_evidence", STRATEGIES, {**ACTIVE, "roi_low": None, "roi_high": None}),
    ("ck_quantum_strategies_active_on_evidence", STRATEGIES, {**ACTIVE, "p_value": None, "q_value": None}),
    ("ck_quantum_strategies_active_on_evidence", STRATEGIES, {**ACTIVE, **UNTESTED}),
    ("ck_quantum_strategies_stake_only_when_active", STRATEGIES, {"stake_multiplier": 0.1}),
    *_documents("ck_quantum_strategies_filters_are_object", STRATEGIES, "context_filters"),
    ("ck_quantum_strategies_season_name", STRATEGIES, {"season": "2019"}),
    ("fk_quantum_strategies_team_id_teams", STRATEGIES, {"team_id": 99}),
    ("fk_quantum_strategies_league_id_leagues", STRATEGIES, {"league_id": 99}),
    *(("ck_goalscorer_profiles_counts_not_negative", SCORERS, {name: -1}) for name in ("appearances", "minutes")),
    ("ck_goalscorer_profiles_counts_not_negative", SCORERS, {"home_goals": -1, "away_goals": 6}),
    ("ck_goalscorer_profiles_counts_not_negative", SCORERS, {"home_goals": 6, "away_goals": -1}),
    ("ck_goalscorer_profiles_counts_not_negative", SCORERS, {"penalty_goals": -1}),
    ("ck_goalscorer_profiles_goals_by_venue", SCORERS, {"home_goals": 2}),
    ("ck_goalscorer_profiles_penalty_goals", SCORERS, {"penalty_goals": 6}),
    ("ck_goalscorer_profiles_rates_not_negative", SCORERS, {"xg": -0.1}),
    ("ck_goalscorer_profiles_rates_not_negative", SCORERS, {"rate_low": -0.1}),
    *(("ck_goalscorer_profiles_rate_with_interval", SCORERS, {name: None}) for name in RATE),
    ("ck_goalscorer_profiles_rate_in_interval", SCORERS, {"rate_per_90": 0.09}),
    ("ck_goalscorer_profiles_rate_in_interval", SCORERS, {"rate_per_90": 0.51}),
    *(("ck_goalscorer_profiles_finite", SCORERS, {name: "Infinity"}) for name in ("xg", "rate_high")),
    *(("ck_goalscorer_profiles_expected_minutes", SCORERS, {"expected_minutes": value}) for value in (-1, 121, "NaN")),
    *(
        ("ck_goalscorer_profiles_shares", SCORERS, {name: value})
        for name in ("anytime_prob", "first_scorer_share", "last_scorer_share")
        for value in (-0.1, 1.1, "NaN")
    ),
    *_documents("ck_goalscorer_profiles_periods_are_object", SCORERS, "goal_periods"),
    ("ck_goalscorer_profiles_season_name", SCORERS, {"season": "2019"}),
    ("fk_goalscorer_profiles_team_id_teams", SCORERS, {"team_id": 99}),
    ("fk_goalscorer_profiles_league_id_leagues", SCORERS, {"league_id": 99}),
    ("ck_health_sweeps_remedy_where_needed", SWEEPS, {"severity": "warning"}),
    ("ck_health_sweeps_remedy_where_needed", SWEEPS, {"severity": "critical"}),
    *(("ck_health_sweeps_finite", SWEEPS, {"value": value}) for value in ("NaN", "-Infinity")),
    ("ck_alerts_times_seen", ALERTS, {"times_seen": 0}),
    ("ck_alerts_in_order", ALERTS, {"seen_at": EARLIER}),
    ("ck_alerts_in_order", ALERTS, {"resolved_at": EARLIER}),
    ("ck_alerts_closed_when_resolved", ALERTS, {"closed_at": LATER}),
    *_documents("ck_alerts_deliveries_are_object", ALERTS, "deliveries"),
    ("uq_alerts_unclosed", ALERTS, {"subject": ALERTED, "opened_at": LATER, "seen_at": LATER}),
]

OTHER_KEYS: dict[str, list[dict[str, Any]]] = {
    **UNDERSTAT_KEYS,
    **FORECAST_KEYS,
    **PICK_KEYS,
    PLAYERS: [{"player_id": 1}, {"team_id": 2}, {"season": "2020-21"}],
    DNA: [{"team_id": 2}, {"season": "2020-21"}, {"as_of": "2020-01-02"}],
    CHESS: [{"team_id": 2}, {"season": "2020-21"}, {"as_of": "2020-01-02"}],
    FRICTION: [
        *({"home_team_id": 2, "away_team_id": 1}, {"home_team_id": 3}, {"away_team_id": 3}),
        *({"season": "2020-21"}, {"as_of": "2020-01-02"}),
    ],
    STRATEGIES: [
        *({"team_id": 2}, {"strategy": "fade_luck"}, {"market": "btts"}),
        *({"season": "2020-21"}, {"as_of": "2020-01-02"}),
    ],
    SCORERS: [{"player_id": 1}, {"team_id": 2}, {"season": "2020-21"}, {"as_of": "2020-01-02"}],
    SWEEPS: [
        {"sweep_id": "00000000-0000-0000-0000-000000000002"},
        {"check_name": "another_check"},
        {"subject": "odds"},
    ],
    ALERTS: [{"subject": "job another_job"}, {"opened_at": EARLIER, "resolved_at": LATER, "closed_at": LATER}],
}
"""Changes of the good row, each of which makes it another one by its natural key."""
