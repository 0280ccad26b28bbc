"""Picks as columns, as a track record needs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.leagues import BY_CODE
from monps_platform.domain.picks import ClosingSource, NoClosingReason, PickOrigin, PickResult

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]
_LIVE = " (live)"


@dataclass(frozen=True, slots=True)
class TrackedPick:
    """One pick: prices in decimal odds, stake and profit in units, CLV in per cent; None is what is not known."""

    pick_id: int
    agent: str
    origin: PickOrigin
    league: str
    season: str
    market: str
    bookmaker: str
    match_id: int
    day: date
    price_taken: float
    stake: float
    result: PickResult | None
    profit: float | None
    closing_source: ClosingSource | None
    no_closing_reason: NoClosingReason | None
    clv: float | None
    clv_no_vig: float | None
    clv_line_adjusted: float | None

    @property
    def tracked_as(self) -> str:
        """Whose record it belongs to: what an agent picked before matches stands apart from what it would have."""
        return f"{self.agent}{_LIVE}" if self.origin is PickOrigin.LIVE else self.agent


@dataclass(frozen=True)
class PickTable:
    """n picks by day and match, one array (n,) per column; NaN and empty texts are what is not known.

    ``decided`` are the settled picks whose stake was not returned, ``void`` those that were never a bet; ``closed``
    those with a closing price; ``due`` those whose close is known, be it as the reason why there is none.
    """

    agent: Texts
    league: Texts
    season: Texts
    market: Texts
    bookmaker: Texts
    match_id: NDArray[np.int64]
    day: NDArray[np.int64]
    stake: Floats
    profit: Floats
    clv: Floats
    clv_no_vig: Floats
    clv_line_adjusted: Floats
    source: Texts
    reason: Texts
    decided: NDArray[np.bool_]
    void: NDArray[np.bool_]

    @classmethod
    def of(cls, picks: Sequence[TrackedPick]) -> PickTable:
        """Picks in columns, sorted."""
        rows = sorted(picks, key=lambda pick: (pick.day, pick.match_id, pick.pick_id))
        returned = (None, PickResult.PUSH, PickResult.VOID)

        def texts(of: Callable[[TrackedPick], str | None]) -> Texts:
            return np.array([of(row) or "" for row in rows], dtype=np.str_)

        def numbers(of: Callable[[TrackedPick], float | None]) -> Floats:
            return np.array([of(row) for row in rows], dtype=np.float64)

        return cls(
            agent=texts(lambda row: row.tracked_as),
            league=texts(lambda row: row.league),
            season=texts(lambda row: row.season),
            market=texts(lambda row: row.market),
            bookmaker=texts(lambda row: row.bookmaker),
            match_id=np.array([row.match_id for row in rows], dtype=np.int64),
            day=np.array([row.day.toordinal() for row in rows], dtype=np.int64),
            stake=numbers(lambda row: row.stake),
            profit=numbers(lambda row: row.profit),
            clv=numbers(lambda row: row.clv),
            clv_no_vig=numbers(lambda row: row.clv_no_vig),
            clv_line_adjusted=numbers(lambda row: row.clv_line_adjusted),
            source=texts(lambda row: row.closing_source),
            reason=texts(lambda row: row.no_closing_reason),
            decided=np.array([row.result not in returned for row in rows], dtype=np.bool_),
            void=np.array([row.result is PickResult.VOID for row in rows], dtype=np.bool_),
        )

    def __len__(self) -> int:
        return len(self.match_id)

    @property
    def settled(self) -> NDArray[np.bool_]:
        """Which picks have a result."""
        return ~np.isnan(self.profit)

    @property
    def staked(self) -> NDArray[np.bool_]:
        """Which picks have a result that their stake was risked for: a push returns it, a void bet never was one."""
        return np.asarray(self.settled & ~self.void)

    @property
    def closed(self) -> NDArray[np.bool_]:
        """Which picks have a closing price."""
        return ~np.isnan(self.clv)

    @property
    def due(self) -> NDArray[np.bool_]:
        """Which picks have a closing price, or the reason why there is none."""
        return np.asarray(self.closed | (self.reason != ""))

    def where(self, mask: NDArray[np.bool_]) -> PickTable:
        """The picks that a mask (n,) chooses."""
        return PickTable(**{item.name: getattr(self, item.name)[mask] for item in fields(self)})

    def of_leagues(self, *, simulated: bool) -> PickTable:
        """The picks in simulated leagues, or those in real ones."""
        flags = [BY_CODE[code].is_simulated if code in BY_CODE else False for code in self.league.tolist()]
        return self.where(np.array(flags, dtype=np.bool_) == simulated)
