"""Match forecasts: who forecasts, what a forecast holds, and why one may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ForecastModel(StrEnum):
    """Where the probabilities of a forecast come from."""

    DIXON_COLES = "dixon_coles"
    MARKET_PRE_MATCH = "market_pre_match"
    MARKET_CLOSING = "market_closing"
    BASE_RATE = "base_rate"


class ForecastGap(StrEnum):
    """Why a match has no forecast of a model."""

    TOO_LITTLE_HISTORY = "too_little_history"
    NO_PRICES = "no_prices"


HALF_LINES = (1.5, 2.5, 3.5)
"""The totals that a forecast has a probability for."""


@dataclass(frozen=True)
class Forecast:
    """What one model expects of one match; probabilities, None where it has none, or the ``gap`` and nothing else.

    ``as_of``: only matches before this day were used; None for the market. ``handicaps``: the home side's fair
    probability (1 / fair price) by Asian handicap line of the home side, as in ``{"-0.25": 0.53}``. Books are the ids
    of those whose prices a market's probabilities come from.
    """

    match_id: int
    model: ForecastModel
    model_version: str
    as_of: date | None = None
    gap: ForecastGap | None = None
    home_prob: float | None = None
    draw_prob: float | None = None
    away_prob: float | None = None
    over15_prob: float | None = None
    over25_prob: float | None = None
    over35_prob: float | None = None
    btts_prob: float | None = None
    home_goals_expected: float | None = None
    away_goals_expected: float | None = None
    handicaps: Mapping[str, float] | None = None
    one_x_two_bookmaker_id: int | None = None
    over_under_bookmaker_id: int | None = None
    asian_handicap_bookmaker_id: int | None = None


def handicap_key(line: float) -> str:
    """How a line is written as a key, in quarters: ``-0.25``, ``0``, ``1.5``."""
    return f"{line + 0.0:g}"
