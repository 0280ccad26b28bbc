"""What all agents share: their parameters are their strategy, and of several lines they pick one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

from monps_platform.domain.forecasts import Forecast
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quotes import Board, Quote, boards
from monps_platform.domain.staking import fractional_kelly

_HIGHEST_STAKE = 100
_DECIMALS = 4

Forecasts = Mapping[int, Forecast]
"""A goal model's forecasts, made before the match, by match id."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What an agent picks: the side of a market at a line, and whose price it takes.

    ``probability`` is the agent's own of the side (1 / the price it holds to be fair), ``edge`` the expected profit per
    unit staked that follows, ``stake`` in units.
    """

    match_id: int
    market: Market
    side: PickSide
    line: float | None
    bookmaker_id: int
    price: float
    probability: float
    edge: float
    stake: float


@dataclass(frozen=True, kw_only=True)
class Agent(ABC):
    """A rule with its parameters. Raises ValueError for parameters that make no sense.

    ``markets`` it looks at, in any order; ``stake`` units on each pick, or, with ``kelly_fraction``, that fraction of
    the Kelly stake on a bankroll of 100 such units, none above ``kelly_cap`` of it.
    """

    kind: ClassVar[str]
    version: ClassVar[str]
    """Of the rule's code; another one may pick otherwise from the same prices."""
    needs_forecasts: ClassVar[bool] = False
    amounts: ClassVar[tuple[str, ...]] = ("stake", "kelly_fraction", "kelly_cap")
    """The parameters that are no counts or names: 1 and 1.0 are one strategy, and are called one."""

    markets: tuple[Market, ...] = (Market.ONE_X_TWO,)
    stake: float = 1.0
    kelly_fraction: float | None = None
    kelly_cap: float = 0.05

    def __post_init__(self) -> None:
        for name in self.amounts:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, float(getattr(self, name)))
        object.__setattr__(self, "markets", tuple(market for market in Market if market in self.markets))
        if not self.markets:
            raise ValueError(f"{self.kind} looks at no market: name one")
        if not (0 < self.stake <= _HIGHEST_STAKE and round(self.stake, _DECIMALS) == self.stake):
            wanted = f"it must be positive, at most {_HIGHEST_STAKE}, and have at most {_DECIMALS} decimals"
            raise ValueError(f"{self.kind} stakes {self.stake} units: {wanted}")
        for name, value in (("kelly_fraction", self.kelly_fraction), ("kelly_cap", self.kelly_cap)):
            if value is not None and not 0 < value <= 1:
                raise ValueError(f"{self.kind}: {name} is {value}, it lies above 0 and is at most 1")

    @property
    def name(self) -> str:
        """What its picks are tracked under: the rule, and in brackets the parameters that are not the usual ones."""
        usual = type(self)()
        own = [text for name, text in self._texts() if getattr(self, name) != getattr(usual, name)]
        return f"{self.kind}({', '.join(own)})" if own else self.kind

    @property
    def strategy(self) -> str:
        """All parameters, in words."""
        return ", ".join(text for _, text in self._texts())

    def _texts(self) -> Iterator[tuple[str, str]]:
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None and (item.name != "kelly_cap" or self.kelly_fraction is not None):
                yield item.name, f"{item.name}={'+'.join(value) if isinstance(value, tuple) else format(value)}"

    def select(self, quotes: Iterable[Quote], forecasts: Forecasts) -> list[Selection]:
        """What it picks from quotes that stand (implausible ones are left out): of each match, market and side the line
        with the largest edge, the lower line of equals; by match, market and side.
        """
        chosen = [quote for quote in quotes if quote.market in self.markets and quote.is_plausible]
        best: dict[tuple[int, Market, PickSide], Selection] = {}
        for found in self._candidates(boards(chosen), forecasts):
            key = found.match_id, found.market, found.side
            # A Kelly stake may round to nothing.
            if found.stake > 0 and (key not in best or _rank(found) > _rank(best[key])):
                best[key] = found
        return [best[key] for key in sorted(best)]

    @abstractmethod
    def _candidates(self, found: Sequence[Board], forecasts: Forecasts) -> Iterator[Selection]:
        """Every side of every board that is worth a pick."""

    def _selection(self, board: Board, side: PickSide, quote: Quote, probability: float) -> Selection:
        price = quote.price(side)
        edge = price * probability - 1
        return Selection(
            board.match_id,
            board.market,
            side,
            board.line,
            quote.bookmaker_id,
            price,
            probability,
            edge,
            self._stake(price, probability),
        )

    def _stake(self, price: float, probability: float) -> float:
        if self.kelly_fraction is None:
            return self.stake
        share = fractional_kelly([probability], [price], self.kelly_fraction, self.kelly_cap)[0]
        return round(float(share) * 100 * self.stake, _DECIMALS)


def _rank(selection: Selection) -> tuple[float, float]:
    return selection.edge, -(selection.line or 0)


def real(board: Board) -> list[Quote]:
    """The quotes of a board that a bet can be placed at."""
    return [quote for quote in board.quotes if quote.bookmaker.is_real]


def best_of(quotes: Sequence[Quote], side: PickSide) -> Quote:
    """The quote with the highest price of a side; of equals the first by the bookmaker's key."""
    return min(quotes, key=lambda quote: (-quote.price(side), quote.bookmaker.key))
