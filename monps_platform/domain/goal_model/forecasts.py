"""Forecasts of matches from goals alone: by a fitted goal model, and by base rates."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from monps_platform.domain.forecasts import HALF_LINES, Forecast, ForecastGap, ForecastModel, handicap_key
from monps_platform.domain.goal_model.base_rate import base_rate
from monps_platform.domain.goal_model.dixon_coles import DEFAULT, MODEL_VERSION, Fit
from monps_platform.domain.goal_model.history import Fixtures, Matches
from monps_platform.domain.goal_model.score_grid import (
    HANDICAP_LINES,
    both_score_probability,
    handicap_probabilities,
    outcome_probabilities,
    over_probabilities,
    score_probabilities,
)

BASE_RATE_VERSION = "base_rate-1"
_DIGITS = 6
_NUMBERS = (
    "home_prob",
    "draw_prob",
    "away_prob",
    "over15_prob",
    "over25_prob",
    "over35_prob",
    "btts_prob",
    "home_goals_expected",
    "away_goals_expected",
)
_LINES = tuple(handicap_key(line) for line in HANDICAP_LINES)


def model_forecasts(fitted: Fit, fixtures: Fixtures) -> list[Forecast]:
    """The goal model's forecast of each fixture; the matches that the fit saw lie before its day."""
    rates = fitted.expected_goals(fixtures.home, fixtures.away)
    scores = score_probabilities(rates, fitted.rho.value)
    numbers = np.column_stack(
        [
            outcome_probabilities(scores),
            over_probabilities(scores, HALF_LINES),
            both_score_probability(scores),
            rates,
        ]
    )
    handicaps = handicap_probabilities(scores, HANDICAP_LINES).round(_DIGITS).tolist()
    as_of = date.fromordinal(fitted.day)
    return [
        Forecast(
            match_id,
            ForecastModel.DIXON_COLES,
            MODEL_VERSION,
            as_of,
            handicaps=dict(zip(_LINES, fair, strict=True)),
            **dict(zip(_NUMBERS, row, strict=True)),
        )
        for match_id, row, fair in zip(fixtures.match_id.tolist(), numbers.tolist(), handicaps, strict=True)
    ]


def model_gaps(day: int, fixtures: Fixtures) -> list[Forecast]:
    """Rows that say why the goal model has no forecast of the fixtures of a week, which begins on ``day``."""
    return [_gap(match_id, ForecastModel.DIXON_COLES, MODEL_VERSION, day) for match_id in fixtures.match_id.tolist()]


def base_rate_forecasts(history: Matches, day: int, fixtures: Fixtures) -> list[Forecast]:
    """The league's frequencies before a day (ordinal) as the forecast of each fixture: the same for all of them."""
    rate = base_rate(history, day, DEFAULT.window_days, DEFAULT.fewest_matches)
    matches = fixtures.match_id.tolist()
    if rate is None:
        return [_gap(match_id, ForecastModel.BASE_RATE, BASE_RATE_VERSION, day) for match_id in matches]
    row = (rate.home, rate.draw, rate.away, *rate.over, rate.both_score, rate.home_goals, rate.away_goals)
    frequencies: dict[str, Any] = dict(zip(_NUMBERS, row, strict=True))
    as_of = date.fromordinal(day)
    return [
        Forecast(match_id, ForecastModel.BASE_RATE, BASE_RATE_VERSION, as_of, **frequencies) for match_id in matches
    ]


def _gap(match_id: int, model: ForecastModel, version: str, day: int) -> Forecast:
    return Forecast(match_id, model, version, date.fromordinal(day), ForecastGap.TOO_LITTLE_HISTORY)
