"""What the database refuses and accepts of fitted goal models and forecasts."""

from __future__ import annotations

from typing import Any

from monps_platform_tests.db.models.rows import ESTIMATE_ERRORS, ESTIMATES, Accepted, Refused

FITS, STRENGTHS = "quantum.goal_model_fits", "quantum.goal_model_strengths"
FORECASTS = "quantum.match_forecasts"
ONE_X_TWO = ("home_prob", "draw_prob", "away_prob")
OVERS = ("over15_prob", "over25_prob", "over35_prob")
GOALS = ("home_goals_expected", "away_goals_expected")
WHOLE = (*ONE_X_TWO, *OVERS, "btts_prob", *GOALS, "handicaps")
NOTHING: dict[str, Any] = dict.fromkeys(WHOLE)
BOOKS = ("one_x_two_bookmaker_id", "over_under_bookmaker_id", "asian_handicap_bookmaker_id")
MARKET = {"model": "market_closing", "as_of": None, "fit_id": None}
BASE_RATE = {"model": "base_rate", "fit_id": None}
GAP = {**NOTHING, "gap": "too_little_history", "fit_id": None}
NO_NUMBER = ("NaN", "Infinity", "-Infinity")

FORECAST_ACCEPTED: Accepted = [
    (FITS, {"n_matches": 1, "first_match_date": "2019-08-05", "last_match_date": "2019-08-05"}),
    (FITS, dict.fromkeys(ESTIMATES, 0)),
    (FITS, {"home_goals": 0, "away_goals": 0}),
    (STRENGTHS, {"n_matches": 0, "is_newcomer": True, "attack": 0, "defence": 0}),
    (FORECASTS, BASE_RATE),
    (FORECASTS, {**BASE_RATE, "handicaps": None}),
    (FORECASTS, GAP),
    (FORECASTS, {**GAP, **BASE_RATE}),
    (FORECASTS, {**GAP, **MARKET, "gap": "no_prices"}),
    (FORECASTS, {**MARKET, **dict.fromkeys(BOOKS, 1)}),
    # The market may quote one thing and not another.
    *((FORECASTS, {**MARKET, **dict.fromkeys(missing)}) for missing in (ONE_X_TWO, OVERS, GOALS)),
    (FORECASTS, {**NOTHING, **MARKET, "over25_prob": 0.5}),
    (FORECASTS, {**NOTHING, **MARKET, "handicaps": '{"0": 0.5}'}),
    (FORECASTS, {"home_prob": 0.5 + 9e-7}),
    (FORECASTS, dict.fromkeys(OVERS, 0.5)),
    (FORECASTS, {"home_prob": 1, "draw_prob": 0, "away_prob": 0, "over15_prob": 1, "over35_prob": 0}),
    (FORECASTS, dict.fromkeys(GOALS, 0)),
]
FORECAST_REFUSED: Refused = [
    *(("ck_goal_model_fits_inputs_sha256", FITS, {"inputs_sha256": value}) for value in ("", "0" * 63, "G" * 64)),
    ("ck_goal_model_fits_n_matches", FITS, {"n_matches": 0}),
    *(("ck_goal_model_fits_goals_not_negative", FITS, {name: -1}) for name in ("home_goals", "away_goals")),
    ("ck_goal_model_fits_only_matches_before", FITS, {"first_match_date": "2019-05-13"}),
    ("ck_goal_model_fits_only_matches_before", FITS, {"last_match_date": "2019-08-06"}),
    *(("ck_goal_model_fits_standard_errors", FITS, {name: value}) for name in ESTIMATE_ERRORS for value in (0, -0.1)),
    *(
        ("ck_goal_model_fits_finite", FITS, {name: value})
        for name in (*ESTIMATES, "half_life_days", "log_likelihood")
        for value in NO_NUMBER
    ),
    *(("ck_goal_model_fits_finite", FITS, {name: "Infinity"}) for name in ESTIMATE_ERRORS),
    ("fk_goal_model_fits_league_id_leagues", FITS, {"league_id": 99}),
    ("ck_goal_model_strengths_n_matches", STRENGTHS, {"n_matches": -1}),
    *(
        ("ck_goal_model_strengths_standard_errors", STRENGTHS, {name: value})
        for name in ("attack_se", "defence_se")
        for value in (0, -0.1)
    ),
    *(
        ("ck_goal_model_strengths_finite", STRENGTHS, {name: value})
        for name in ("attack", "defence")
        for value in NO_NUMBER
    ),
    *(("ck_goal_model_strengths_finite", STRENGTHS, {name: "NaN"}) for name in ("attack_se", "defence_se")),
    ("fk_goal_model_strengths_fit_id_goal_model_fits", STRENGTHS, {"fit_id": 99}),
    ("fk_goal_model_strengths_team_id_teams", STRENGTHS, {"team_id": 99}),
    # What is missing elsewhere leaves this constraint alone with the value.
    *(
        ("ck_match_forecasts_probabilities", FORECASTS, {**NOTHING, **MARKET, name: value})
        for name in (*OVERS, "btts_prob")
        for value in (-0.1, 1.1, "NaN")
    ),
    ("ck_match_forecasts_probabilities", FORECASTS, {"home_prob": -0.1, "draw_prob": 0.9}),
    ("ck_match_forecasts_probabilities", FORECASTS, {"draw_prob": -0.1, "away_prob": 0.6}),
    ("ck_match_forecasts_probabilities", FORECASTS, {"away_prob": -0.1, "home_prob": 0.8}),
    *(("ck_match_forecasts_whole_1x2", FORECASTS, {name: None}) for name in ONE_X_TWO),
    *(("ck_match_forecasts_whole_1x2", FORECASTS, {**NOTHING, **MARKET, name: 0.5}) for name in ONE_X_TWO),
    *(("ck_match_forecasts_sums_to_one", FORECASTS, {name: 0.25}) for name in ONE_X_TWO),
    ("ck_match_forecasts_sums_to_one", FORECASTS, {"home_prob": 0.5 + 2e-6}),
    ("ck_match_forecasts_sums_to_one", FORECASTS, {"home_prob": 0.5 - 2e-6}),
    ("ck_match_forecasts_fewer_goals_likelier", FORECASTS, {"over15_prob": 0.4}),
    ("ck_match_forecasts_fewer_goals_likelier", FORECASTS, {"over35_prob": 0.6}),
    *(("ck_match_forecasts_goals_of_both", FORECASTS, {name: None}) for name in GOALS),
    *(("ck_match_forecasts_goals_not_negative", FORECASTS, {name: -0.1}) for name in GOALS),
    *(("ck_match_forecasts_finite", FORECASTS, {name: value}) for name in GOALS for value in ("NaN", "Infinity")),
    *(("ck_match_forecasts_handicaps_are_object", FORECASTS, {"handicaps": value}) for value in ("[]", "null", "1")),
    ("ck_match_forecasts_forecast_or_gap", FORECASTS, {**NOTHING, **MARKET}),
    ("ck_match_forecasts_forecast_or_gap", FORECASTS, {**MARKET, "gap": "no_prices"}),
    *(
        ("ck_match_forecasts_forecast_or_gap", FORECASTS, {**GAP, **MARKET, name: value})
        for name, value in (("over15_prob", 0.5), ("over25_prob", 0.5), ("over35_prob", 0.5), ("btts_prob", 0.5))
    ),
    ("ck_match_forecasts_forecast_or_gap", FORECASTS, {**GAP, **dict.fromkeys(GOALS, 1)}),
    ("ck_match_forecasts_forecast_or_gap", FORECASTS, {**GAP, **dict.fromkeys(ONE_X_TWO, 1 / 3)}),
    ("ck_match_forecasts_forecast_or_gap", FORECASTS, {**GAP, "handicaps": "{}"}),
    ("ck_match_forecasts_fit_of_model", FORECASTS, {"fit_id": None}),
    ("ck_match_forecasts_fit_of_model", FORECASTS, {"model": "base_rate"}),
    ("ck_match_forecasts_fit_of_model", FORECASTS, {**MARKET, "fit_id": 1}),
    ("ck_match_forecasts_fit_of_model", FORECASTS, {**GAP, "fit_id": 1}),
    ("ck_match_forecasts_as_of_model", FORECASTS, {"as_of": None}),
    ("ck_match_forecasts_as_of_model", FORECASTS, {**BASE_RATE, "as_of": None}),
    *(
        ("ck_match_forecasts_as_of_model", FORECASTS, {"model": model, "fit_id": None})
        for model in ("market_pre_match", "market_closing")
    ),
    ("fk_match_forecasts_match_id_matches", FORECASTS, {"match_id": 99}),
    ("fk_match_forecasts_fit_id_goal_model_fits", FORECASTS, {"fit_id": 99}),
    *((f"fk_match_forecasts_{name}_bookmakers", FORECASTS, {**MARKET, name: 99}) for name in BOOKS),
]

FORECAST_KEYS: dict[str, list[dict[str, Any]]] = {
    FITS: [{"league_id": 2}, {"as_of": "2019-08-13"}, {"model_version": "2"}],
    STRENGTHS: [{"fit_id": 2}, {"team_id": 2}],
    FORECASTS: [{"match_id": 2}, BASE_RATE, {**MARKET}, {"model_version": "2"}],
}
"""Changes of the good row, each of which makes it another one by its natural key; a fit comes before what needs it."""
