"""The vocabulary of betting strategies."""

from __future__ import annotations

from enum import StrEnum


class StrategyName(StrEnum):
    """A rule by which a team's matches are bet on."""

    CONVERGENCE_OVER = "convergence_over"
    CONVERGENCE_UNDER = "convergence_under"
    BEST_MARKET = "best_market"
    MODEL_VALUE = "model_value"
    SHARP_VALUE = "sharp_value"
    CONSENSUS_VALUE = "consensus_value"
    HOME_FORTRESS = "home_fortress"
    FADE_LUCK = "fade_luck"
    TOTAL_CHAOS = "total_chaos"
