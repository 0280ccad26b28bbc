"""Value at a soft book against a sharp one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from monps_platform.domain.agents.agent import Agent, Forecasts, Selection
from monps_platform.domain.no_vig import NoVigMethod, no_vig
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PICK_SIDES
from monps_platform.domain.quotes import Board, Quote


@dataclass(frozen=True, kw_only=True)
class SharpValue(Agent):
    """Pick a soft book's price when it times the sharp book's no-vig probability exceeds ``threshold``.

    ``soft_book`` and ``sharp_book`` are keys; both quote the same line. The sharp book's prices are the best estimate
    there is before the close (Buchdahl 2017, "The wisdom of the crowd").
    """

    kind: ClassVar[str] = "sharp_value"
    version: ClassVar[str] = "sharp-value-1"
    amounts: ClassVar[tuple[str, ...]] = (*Agent.amounts, "threshold")

    soft_book: str = "B365"
    sharp_book: str = "PS"
    threshold: float = 1.02
    method: NoVigMethod = NoVigMethod.POWER

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.soft_book == self.sharp_book:
            raise ValueError(f"{self.kind}: {self.soft_book} cannot be compared with itself")
        if not self.threshold >= 1:
            raise ValueError(f"{self.kind}: threshold is {self.threshold}, below 1 there is no value")

    def _candidates(self, found: Sequence[Board], forecasts: Forecasts) -> Iterator[Selection]:  # noqa: ARG002 - the prices alone
        pairs = [
            (board, soft, sharp)
            for board in found
            if (soft := _of(board, self.soft_book)) is not None and soft.bookmaker.is_real
            if (sharp := _of(board, self.sharp_book)) is not None
        ]
        fair = self._fair([sharp for _, _, sharp in pairs])
        for at, (board, soft, _) in enumerate(pairs):
            for side, probability in zip(PICK_SIDES[board.market], fair.get(at, ()), strict=False):
                if soft.price(side) * probability > self.threshold:
                    yield self._selection(board, side, soft, probability)

    def _fair(self, quotes: Sequence[Quote]) -> Mapping[int, list[float]]:
        """No-vig probabilities of quotes by position, those of one market at once; none of what the method refuses."""
        positions: dict[Market, list[int]] = {}
        for at, quote in enumerate(quotes):
            positions.setdefault(quote.market, []).append(at)
        fair: dict[int, list[float]] = {}
        for chosen in positions.values():
            fair |= self._of_market({at: quotes[at].prices for at in chosen})
        return fair

    def _of_market(self, prices: Mapping[int, Sequence[float]]) -> dict[int, list[float]]:
        try:
            found = no_vig(np.array(list(prices.values())), self.method)
        except ValueError:  # of a quote that this method cannot take
            if len(prices) == 1:
                return {}
            parts = [self._of_market({at: each}) for at, each in prices.items()]
            return {at: each for part in parts for at, each in part.items()}
        return dict(zip(prices, found.tolist(), strict=True))


def _of(board: Board, key: str) -> Quote | None:
    return next((quote for quote in board.quotes if quote.bookmaker.key == key), None)
