"""Value against the goal model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from monps_platform.domain.agents.agent import Agent, Forecasts, Selection, best_of, real
from monps_platform.domain.forecasts import Forecast, handicap_key
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PICK_SIDES, PickSide
from monps_platform.domain.quotes import Board


@dataclass(frozen=True, kw_only=True)
class DixonColesValue(Agent):
    """Pick the best price of a real book when it times the goal model's probability exceeds ``threshold``.

    The probability is that of the model's forecast, fitted to the matches before the week of the match.
    """

    kind: ClassVar[str] = "dixon_coles_value"
    version: ClassVar[str] = "dixon-coles-value-1"
    amounts: ClassVar[tuple[str, ...]] = (*Agent.amounts, "threshold")
    needs_forecasts: ClassVar[bool] = True

    threshold: float = 1.05

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.threshold >= 1:
            raise ValueError(f"{self.kind}: threshold is {self.threshold}, below 1 there is no value")

    def _candidates(self, found: Sequence[Board], forecasts: Forecasts) -> Iterator[Selection]:
        for board in found:
            forecast, quotes = forecasts.get(board.match_id), real(board)
            if forecast is None or not quotes:
                continue
            for side in PICK_SIDES[board.market]:
                probability = fair_probability(forecast, board.market, side, board.line)
                best = best_of(quotes, side)
                if probability is not None and best.price(side) * probability > self.threshold:
                    yield self._selection(board, side, best, probability)


def fair_probability(forecast: Forecast, market: Market, side: PickSide, line: float | None) -> float | None:
    """A forecast's probability of a side, 1 / fair price where the stake may be returned; None where it has none."""
    match market:
        case Market.ONE_X_TWO:
            return {
                PickSide.HOME: forecast.home_prob,
                PickSide.DRAW: forecast.draw_prob,
                PickSide.AWAY: forecast.away_prob,
            }[side]
        case Market.OVER_UNDER:
            over = {1.5: forecast.over15_prob, 2.5: forecast.over25_prob, 3.5: forecast.over35_prob}.get(line or 0)
            return _or_other(over, is_first=side is PickSide.OVER)
        case Market.ASIAN_HANDICAP:
            home = (forecast.handicaps or {}).get(handicap_key(line or 0))
            return _or_other(home, is_first=side is PickSide.HOME)
    return None


def _or_other(probability: float | None, *, is_first: bool) -> float | None:
    """The probability of the first of two sides, or of the other one."""
    return probability if probability is None or is_first else 1 - probability
