"""What the database refuses and accepts of shots, players, picks, the quantum tables and findings."""

from __future__ import annotations

from typing import Any

from monps_platform_tests.db.models.forecast_cases import FORECAST_KEYS
from monps_platform_tests.db.models.rows import VECTORS, Accepted, Refused
from monps_platform_tests.db.models.understat_cases import UNDERSTAT_KEYS

PICKS = "tracking_clv_picks"
LATER = "2019-08-10 17:00+00"
OVER = {"market": "over_under", "side": "over", "line": "2.5"}
HANDICAP = {"market": "asian_handicap", "side": "home", "line": "-0.25"}
NO_BET = {"market": "draw_no_bet", "side": "away"}
CLOSING = {"closing_price": "2", "closing_source": "sharp", "clv_percentage": "5", "clv_no_vig_percentage": "2.5"}
ADJUSTED = {"clv_line_adjusted_percentage": "3.2", "clv_line_adjusted_method": "dixon_coles"}
SIDES = {
    "1x2": "home draw away",
    "over_under": "over under",
    "asian_handicap": "home away",
    "btts": "yes no",
    "double_chance": "home_or_draw home_or_away draw_or_away",
    "draw_no_bet": "home away",
}
ALL_SIDES = {side for sides in SIDES.values() for side in sides.split()}
WITH_LINE = ("over_under", "asian_handicap")


def settled(result: str | None, profit: str | None) -> dict[str, Any]:
    """A settlement, by hand."""
    return {"result": result, "profit": profit, "settled_at": LATER}


def on(market: str, side: str) -> dict[str, Any]:
    """A pick of a side, at a line where the market has one."""
    return {"market": market, "side": side, "line": "2" if market in WITH_LINE else None}


# The good pick stakes 1 at 2.1.
PICKS_ACCEPTED: Accepted = [
    *((PICKS, on(market, side)) for market, sides in SIDES.items() for side in sides.split()),
    *((PICKS, {**HANDICAP, "line": line}) for line in ("0", "-1.75", "0.250")),
    (PICKS, {"model_probability": 0.5, "edge": 0.05, "hours_before_kickoff": "0", "strategy": "s"}),
    (PICKS, {"edge": -0.05}),
    (PICKS, CLOSING),
    (PICKS, {**CLOSING, "clv_no_vig_percentage": None}),
    # 2.1 / 1.9: 10.526315...
    (PICKS, {**CLOSING, "closing_price": "1.9", "clv_percentage": "10.5263"}),
    (PICKS, {**CLOSING, "closing_price": "1.9", "clv_percentage": "10.526315789473684211"}),
    (PICKS, {"no_closing_reason": "line_moved"}),
    (PICKS, {**OVER, **ADJUSTED, "no_closing_reason": "line_moved"}),
    *((PICKS, settled(result, profit)) for result, profit in (("win", "1.1"), ("loss", "-1"), ("void", "0"))),
    (PICKS, {**settled("win", "3.3"), "stake": "3"}),
    (PICKS, {**HANDICAP, **settled("half_win", "0.55")}),
    (PICKS, {**HANDICAP, **settled("half_loss", "-0.5")}),
    (PICKS, {**HANDICAP, **settled("half_loss", "-0.015"), "stake": "0.03"}),
    (PICKS, {**OVER, **settled("push", "0"), "line": "3"}),
    (PICKS, {**NO_BET, **settled("push", "0")}),
]
PICKS_REFUSED: Refused = [
    *(
        ("ck_tracking_clv_picks_side_of_market", PICKS, on(market, side))
        for market, sides in SIDES.items()
        for side in sorted(ALL_SIDES - set(sides.split()))
    ),
    *(
        ("ck_tracking_clv_picks_line_of_market", PICKS, {**on(market, sides.split()[0]), "line": line})
        for market, sides in SIDES.items()
        for line in [None if market in WITH_LINE else "0"]
    ),
    *(
        ("ck_tracking_clv_picks_quarter_line", PICKS, {**HANDICAP, "line": line})
        for line in ("0.1", "2.24", "NaN", "Infinity")
    ),
    *(("ck_tracking_clv_picks_price_above_one", PICKS, {"price_taken": price}) for price in ("1", "0", "-2")),
    ("ck_tracking_clv_picks_price_above_one", PICKS, {**CLOSING, "closing_price": "1", "clv_percentage": "110"}),
    *(("ck_tracking_clv_picks_finite", PICKS, {"price_taken": price}) for price in ("NaN", "Infinity")),
    *(("ck_tracking_clv_picks_finite", PICKS, {"stake": stake}) for stake in ("NaN", "Infinity")),
    ("ck_tracking_clv_picks_finite", PICKS, {"hours_before_kickoff": "NaN"}),
    ("ck_tracking_clv_picks_finite", PICKS, {**CLOSING, "clv_no_vig_percentage": "NaN"}),
    ("ck_tracking_clv_picks_finite", PICKS, {**OVER, **ADJUSTED, "clv_line_adjusted_percentage": "Infinity"}),
    *(("ck_tracking_clv_picks_stake_positive", PICKS, {"stake": stake}) for stake in ("0", "-1")),
    *(("ck_tracking_clv_picks_edge_finite", PICKS, {"edge": edge}) for edge in ("NaN", "-Infinity")),
    *(("ck_tracking_clv_picks_model_probability", PICKS, {"model_probability": p}) for p in (0, 1, -0.1, "NaN")),
    ("ck_tracking_clv_picks_before_kickoff", PICKS, {"hours_before_kickoff": "-0.1"}),
    *(
        ("ck_tracking_clv_picks_whole_closing", PICKS, {**CLOSING, "clv_no_vig_percentage": None, name: None})
        for name in ("closing_price", "closing_source", "clv_percentage")
    ),
    ("ck_tracking_clv_picks_no_vig_with_closing", PICKS, {"clv_no_vig_percentage": "2"}),
    ("ck_tracking_clv_picks_closing_or_reason", PICKS, {**CLOSING, "no_closing_reason": "line_moved"}),
    # Upside down (2 / 2.1), as a fraction, of another price, rounded away, by the difference of the prices.
    *(
        ("ck_tracking_clv_picks_clv_from_prices", PICKS, {**CLOSING, "clv_percentage": wrong})
        for wrong in ("-4.7619", "0.05", "-5", "5.0001", "4.9999", "10", "NaN")
    ),
    (
        "ck_tracking_clv_picks_clv_from_prices",
        PICKS,
        {**CLOSING, "price_taken": "2.001", "closing_price": "2", "clv_percentage": "-0.04997501"},
    ),
    ("ck_tracking_clv_picks_line_adjusted_with_method", PICKS, {**OVER, "clv_line_adjusted_percentage": "3"}),
    ("ck_tracking_clv_picks_line_adjusted_with_method", PICKS, {**OVER, "clv_line_adjusted_method": "m"}),
    ("ck_tracking_clv_picks_line_adjusted_with_method", PICKS, ADJUSTED),
    *(
        ("ck_tracking_clv_picks_whole_settlement", PICKS, {**settled("void", "0"), name: None})
        for name in ("result", "profit", "settled_at")
    ),
    # Another result's profit, profit per bet, the stake counted in, a lost push.
    *(
        ("ck_tracking_clv_picks_profit_from_result", PICKS, {**HANDICAP, **settled(result, profit)})
        for result, profit in (
            *(("win", "1"), ("win", "2.1"), ("win", "-1"), ("win", "0.55"), ("win", "NaN")),
            *(("loss", "0"), ("loss", "1"), ("void", "-1"), ("half_win", "1.1"), ("half_loss", "-1")),
        )
    ),
    ("ck_tracking_clv_picks_profit_from_result", PICKS, {**settled("win", "1.1"), "stake": "2"}),
    ("ck_tracking_clv_picks_profit_from_result", PICKS, {**NO_BET, **settled("push", "-1")}),
    *(
        ("ck_tracking_clv_picks_half_result_on_quarter_line", PICKS, {**bet, **settled("half_loss", "-0.5")})
        for bet in ({}, NO_BET, OVER, {**HANDICAP, "line": "1"})
    ),
    *(
        ("ck_tracking_clv_picks_push_on_whole_line", PICKS, {**bet, **settled("push", "0")})
        for bet in ({}, OVER, HANDICAP, {"market": "btts", "side": "yes"})
    ),
    ("ck_tracking_clv_picks_settled_after_taken", PICKS, {**settled("void", "0"), "settled_at": "2019-08-10 13:00+00"}),
    ("fk_tracking_clv_picks_match_id_matches", PICKS, {"match_id": 99}),
    ("fk_tracking_clv_picks_bookmaker_id_bookmakers", PICKS, {"bookmaker_id": 99}),
]

SHOTS, PLAYERS, SWEEPS = "shots", "player_seasons", "ops.health_sweeps"
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
UNTESTED = dict.fromkeys(("out_of_sample_roi", "roi_low", "roi_high", "p_value", "q_value", "mean_clv_percentage"))
UNTESTED |= {"out_of_sample_bets": 0}
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
    (STRATEGIES, {"out_of_sample_bets": 1, "roi_low": None, "roi_high": None, "p_value": None, "q_value": None}),
    (SCORERS, dict.fromkeys((*RATE, "appearances", "minutes", "xg", "expected_minutes", "anytime_prob", "position"))),
    (SCORERS, dict.fromkeys(("goals", "home_goals", "away_goals", "penalty_goals"), 0)),
    (SWEEPS, {"severity": "critical", "remedy": "monps migrate", "value": 3, "unit": "rows"}),
    (SWEEPS, {"severity": "info"}),
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
    ("fk_quantum_friction_matrix_away_team_id_teams", FRICTION, {"away_team_id": 99}),
    ("ck_quantum_strategies_bets_not_negative", STRATEGIES, {"in_sample_bets": -1}),
    ("ck_quantum_strategies_bets_not_negative", STRATEGIES, {"out_of_sample_bets": -1}),
    ("ck_quantum_strategies_roi_with_bets", STRATEGIES, {"in_sample_bets": 0}),
    ("ck_quantum_strategies_roi_with_bets", STRATEGIES, {"in_sample_roi": None}),
    ("ck_quantum_strategies_roi_with_bets", STRATEGIES, {"out_of_sample_bets": 0}),
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
    ("ck_health_sweeps_remedy_where_needed", SWEEPS, {"severity": "warning"}),
    ("ck_health_sweeps_remedy_where_needed", SWEEPS, {"severity": "critical"}),
    *(("ck_health_sweeps_finite", SWEEPS, {"value": value}) for value in ("NaN", "-Infinity")),
]

OTHER_KEYS: dict[str, list[dict[str, Any]]] = {
    **UNDERSTAT_KEYS,
    **FORECAST_KEYS,
    PLAYERS: [{"player_id": 1}, {"team_id": 2}, {"season": "2020-21"}],
    PICKS: [
        *({"agent": "other"}, {"match_id": 2}, {"side": "away"}, {"bookmaker_id": 2}, {"taken_at": LATER}),
        *(OVER, {**OVER, "line": "3.5"}, {**HANDICAP, "line": "2.5"}, {"market": "draw_no_bet"}),
    ],
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
}
"""Changes of the good row, each of which makes it another one by its natural key."""
