"""What could be bet on before a match: the best price of a real bookmaker on each side, and its worth at the close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from monps_platform.domain.agents.agent import best_of, real
from monps_platform.domain.closing import OpenPick, close
from monps_platform.domain.odds import PriceKind
from monps_platform.domain.picks import PICK_SIDES
from monps_platform.domain.quantum.season import SeasonMatch
from monps_platform.domain.quotes import Quote, boards
from monps_platform.domain.seasons import Season
from monps_platform.domain.settlement import Backed


@dataclass(frozen=True, slots=True)
class Offer:
    """A side at a decimal price that stood before the match at a real bookmaker, and what that price was worth at the
    close, in per cent; None where there was no closing price of the same market, line and side.

    Raises ValueError for a price that is not above 1.
    """

    backed: Backed
    price: float
    clv_percentage: float | None = None
    clv_no_vig_percentage: float | None = None

    def __post_init__(self) -> None:
        if not 1 < self.price < float("inf"):
            raise ValueError(f"a price of {self.price}: it is above 1 and finite")


@dataclass(frozen=True, slots=True)
class BettingMatch:
    """A played match of a league with what was known before it, besides the matches before it.

    ``offers`` are one per side and line; ``picks`` what built-in agents took before the match, by the agent's name;
    ``over25`` the goal model's probability of more than 2.5 goals, None where it has none.
    """

    match: SeasonMatch
    season: Season
    offers: tuple[Offer, ...] = ()
    picks: Mapping[str, tuple[Offer, ...]] = field(default_factory=lambda: MappingProxyType({}))
    over25: float | None = None

    @property
    def day(self) -> date:
        """The day of the match."""
        return self.match.day


def by_backed(offers: Sequence[Offer]) -> dict[Backed, Offer]:
    """Offers by what they are on. Raises ValueError for two on the same: which one was taken would be hindsight."""
    found = {offer.backed: offer for offer in offers}
    if len(found) < len(offers):
        raise ValueError(f"one offer on each side and line is needed, not two, as among {sorted(map(str, offers))}")
    return found


def best_offers(before: Iterable[Quote], closing: Iterable[Quote]) -> dict[int, tuple[Offer, ...]]:
    """The best price of each side, by match id, among the plausible quotes of real books ``before`` the matches, with
    its worth by the ``closing`` quotes (see ``closing.closing_quotes``).

    Raises ValueError for a closing price among the quotes before the match: nobody could have known it.
    """
    known = list(before)
    if any(quote.kind is PriceKind.CLOSING for quote in known):
        raise ValueError("a closing price is no price before the match")
    taken = [
        OpenPick(board.match_id, Backed(board.market, side, board.line), best.bookmaker_id, best.price(side))
        for board in boards(quote for quote in known if quote.is_plausible)
        if (quotes := real(board))
        for side in PICK_SIDES[board.market]
        for best in [best_of(quotes, side)]
    ]
    # Lines that nobody offers are left out: pricing a moved line is costly, and is no closing price of the bet's own.
    lines = {(pick.match_id, pick.backed.market, pick.backed.line) for pick in taken}
    worth = close(taken, [quote for quote in closing if (quote.match_id, quote.market, quote.line) in lines])
    found: dict[int, list[Offer]] = {}
    for pick, at_close in zip(taken, worth, strict=True):
        offer = Offer(pick.backed, pick.price_taken, at_close.clv, at_close.clv_no_vig)
        found.setdefault(pick.match_id, []).append(offer)
    return {match_id: tuple(offers) for match_id, offers in found.items()}
