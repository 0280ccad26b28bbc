"""Quotes as rows of the table odds in PostgreSQL's binary COPY format."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from monps_platform.db.bulk import pgcopy
from monps_platform.domain.odds import PRICE_SCALE, SIDES, PriceKind, Quotes, overround

PRICES = ("home_price", "draw_price", "away_price", "over_price", "under_price")
COLUMNS = ("match_id", "bookmaker_id", "market", "line", "price_kind", *PRICES, "overround")
"""The columns of the stream, in its order."""


def encode(match_ids: NDArray[np.int64], book_ids: NDArray[np.int64], quotes: Sequence[Quotes]) -> BytesIO:
    """Quotes as one binary COPY stream of ``COLUMNS``, all quotes of a match together on disk."""
    blocks = [
        _Block(chosen, kind, match_ids, book_ids)
        for block in quotes
        for kind, mask in ((PriceKind.PRE_MATCH, ~block.is_closing), (PriceKind.CLOSING, block.is_closing))
        if len(chosen := block.where(mask))
    ]
    return pgcopy.stream(block.of_match(at) for at in range(len(match_ids)) for block in blocks)


class _Block:
    """The encoded quotes of one market and price kind, which share one row shape; sorted by match."""

    def __init__(
        self, quotes: Quotes, kind: PriceKind, match_ids: NDArray[np.int64], book_ids: NDArray[np.int64]
    ) -> None:
        if quotes.match[0] < 0 or (np.diff(quotes.match) < 0).any():
            raise ValueError(f"the {quotes.market} quotes are not sorted by match: some would be left out")
        prices = {f"{side}_price": pgcopy.Numeric(quotes.prices[:, at]) for at, side in enumerate(SIDES[quotes.market])}
        margin = np.rint(overround(quotes.prices) * PRICE_SCALE).astype(np.int64)
        values: dict[str, pgcopy.Field] = {
            "match_id": pgcopy.Integer(match_ids[quotes.match], size=8),
            "bookmaker_id": pgcopy.Integer(book_ids[quotes.bookmaker], size=2),
            "market": pgcopy.Label(quotes.market.value),
            "price_kind": pgcopy.Label(kind.value),
            "overround": pgcopy.Numeric(margin),
            **prices,
        }
        if quotes.line is not None:
            values["line"] = pgcopy.Numeric(quotes.line)
        self._rows = pgcopy.Rows(len(quotes), {name: values.get(name, pgcopy.Null()) for name in COLUMNS})
        self._bounds = np.searchsorted(quotes.match, np.arange(len(match_ids) + 1)).tolist()

    def of_match(self, at: int) -> memoryview:
        """The rows of one match, by its position."""
        return self._rows.slice(self._bounds[at], self._bounds[at + 1])
