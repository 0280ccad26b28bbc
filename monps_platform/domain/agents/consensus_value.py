"""Value against the consensus of the bookmakers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from monps_platform.domain.agents.agent import Agent, Forecasts, Selection, best_of, real
from monps_platform.domain.odds import PRICE_SCALE
from monps_platform.domain.picks import PICK_SIDES
from monps_platform.domain.quotes import Board


@dataclass(frozen=True, kw_only=True)
class ConsensusValue(Agent):
    """Pick the best price of a side when it is above 1 / (consensus - alpha).

    The consensus is 1 / the mean price over the real books that quote the side, of which there are at least
    ``fewest_books``; alpha allows for their margin (Kaunitz, Zhong & Kreiner 2017, "Beating the bookies with their own
    numbers", arXiv 1710.02824).
    """

    kind: ClassVar[str] = "consensus_value"
    version: ClassVar[str] = "consensus-value-1"
    amounts: ClassVar[tuple[str, ...]] = (*Agent.amounts, "alpha")

    alpha: float = 0.05
    fewest_books: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.alpha < 1:
            raise ValueError(f"{self.kind}: alpha is {self.alpha}, it is at least 0 and below 1")
        if self.fewest_books < 1:
            raise ValueError(f"{self.kind}: fewest_books is {self.fewest_books}, one at least is needed")

    def _candidates(self, found: Sequence[Board], forecasts: Forecasts) -> Iterator[Selection]:  # noqa: ARG002 - the prices alone
        alpha = Fraction(str(self.alpha))
        for board in found:
            quotes = real(board)
            if len(quotes) >= self.fewest_books:
                for side in PICK_SIDES[board.market]:
                    best = best_of(quotes, side)
                    total = sum(_whole(quote.price(side)) for quote in quotes)
                    if _is_value(_whole(best.price(side)), total, len(quotes), alpha):
                        consensus = len(quotes) * PRICE_SCALE / total
                        yield self._selection(board, side, best, consensus - self.alpha)


def _whole(price: float) -> int:
    """A price in ten-thousandths."""
    return round(price * PRICE_SCALE)


def _is_value(best: int, total: int, books: int, alpha: Fraction) -> bool:
    """best * (books / total - alpha) > 1 in whole numbers, prices in ten-thousandths: round prices often meet the bound
    exactly, and no pick should hang on the last bit of a sum.
    """
    scale = PRICE_SCALE * alpha.denominator
    return best * (books * scale - alpha.numerator * total) > scale * total
