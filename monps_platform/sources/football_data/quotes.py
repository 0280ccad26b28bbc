"""From a table's price columns to quotes: every quote that names a price is complete, or a rejection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.odds import PRICE_SCALE, Market, Quotes
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.sources.football_data.body import Table
from monps_platform.sources.football_data.header import QuoteColumns, learn_quotes

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_PLAIN = frozenset("0123456789.-")
_HIGHEST_PRICE = 9_999
# Far below the smallest step of a price, far above the error of a binary double.
_TOLERANCE = 1e-5


@dataclass(frozen=True)
class QuoteRows:
    """Complete quotes by market, the bookmakers they point to, the rejections, and how many were read."""

    quotes: Sequence[Quotes]
    bookmakers: Sequence[str]
    rejections: Sequence[Rejection]
    quotes_read: int


@dataclass(frozen=True)
class _Group:
    """One bookmaker's quotes of one market for all lines: which lines name a price, which are complete."""

    columns: QuoteColumns
    named: NDArray[np.bool_]
    accepted: NDArray[np.bool_]
    prices: NDArray[np.int64]
    line: NDArray[np.int64] | None


def read_quotes(table: Table, match_of_line: Sequence[int | None]) -> QuoteRows:
    """Read every quote of a table; those of rejected lines (None in ``match_of_line``) are rejected with them."""
    match = np.array([-1 if index is None else index for index in match_of_line], dtype=np.int64)
    numbers = _NumberColumns(table)
    rejections: list[Rejection] = []
    groups = [_read_group(columns, numbers, match, rejections) for columns in learn_quotes(table.columns)]
    bookmakers = tuple(dict.fromkeys(group.columns.bookmaker for group in groups))
    quotes = [
        _collect(market, [group for group in groups if group.columns.market is market], match, bookmakers)
        for market in dict.fromkeys(group.columns.market for group in groups)
    ]
    read = sum(int(group.named.sum()) for group in groups)
    return QuoteRows([block for block in quotes if len(block)], bookmakers, rejections, read)


class _NumberColumns:
    """A table's columns as doubles: blank cells are NaN, text that is no number is infinite."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def values(self, name: str) -> NDArray[np.float64]:
        cells = self.table.column(name)
        # Nearly all columns hold nothing but plain numbers and blanks, which need no look at each cell.
        if _PLAIN.issuperset("".join(cells)):
            try:
                return np.array([float(cell) if cell else np.nan for cell in cells], dtype=np.float64)
            except ValueError:
                pass
        return np.array([_number(cell) for cell in cells], dtype=np.float64)


def _number(cell: str) -> float:
    if not cell:
        return np.nan
    return float(cell) if _NUMBER.fullmatch(cell) else np.inf


def _read_group(
    columns: QuoteColumns, numbers: _NumberColumns, match: NDArray[np.int64], rejections: list[Rejection]
) -> _Group:
    prices = np.column_stack([numbers.values(name) for name in columns.names])
    blank = np.isnan(prices)
    named = np.asarray(~blank.all(axis=1))
    line = None if columns.line_name is None else numbers.values(columns.line_name)
    if columns.market is Market.ASIAN_HANDICAP and line is None:
        line = np.full(len(match), np.nan)
    faults = _faults(prices, blank, line, match < 0)
    rejected = named & (faults != "")
    rejections.extend(
        _reject(numbers.table, columns, int(at), Reason(str(faults[at]))) for at in np.flatnonzero(rejected)
    )
    accepted = np.asarray(named & ~rejected)
    lines = None if line is None else _scaled(line, accepted)
    return _Group(columns, named, accepted, _scaled(prices, accepted), lines)


def _faults(
    prices: NDArray[np.float64], blank: NDArray[np.bool_], line: NDArray[np.float64] | None, orphan: NDArray[np.bool_]
) -> NDArray[np.str_]:
    """The first fault of each line's quote, empty where there is none; shape (n,)."""
    filled = np.where(blank, 2.0, prices)
    finite = np.where(np.isfinite(filled), filled, 2.0)
    conditions = [
        orphan,
        np.isinf(prices).any(axis=1),
        blank.any(axis=1),
        (finite <= 1.0).any(axis=1),
        (finite > _HIGHEST_PRICE).any(axis=1),
        ~_is_exact(finite).all(axis=1),
    ]
    reasons = [
        Reason.MATCH_REJECTED,
        Reason.NOT_A_NUMBER,
        Reason.INCOMPLETE_PRICES,
        Reason.PRICE_NOT_ABOVE_ONE,
        Reason.PRICE_OUT_OF_RANGE,
        Reason.PRICE_TOO_PRECISE,
    ]
    if line is not None:
        known = np.where(np.isfinite(line), line, 0.0)
        conditions += [np.isnan(line), np.isinf(line) | ~_is_exact(known) | (np.abs(known) > _HIGHEST_PRICE)]
        reasons += [Reason.MISSING_LINE, Reason.NOT_A_NUMBER]
    return np.select(conditions, [np.array(str(reason)) for reason in reasons], default="")


def _is_exact(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether values have at most the four decimals that are kept."""
    scaled = values * PRICE_SCALE
    return np.asarray(np.abs(scaled - np.rint(scaled)) < _TOLERANCE * np.maximum(1.0, np.abs(values)))


def _scaled(values: NDArray[np.float64], accepted: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.asarray(np.rint(values[accepted] * PRICE_SCALE), dtype=np.int64)


def _reject(table: Table, columns: QuoteColumns, at: int, reason: Reason) -> Rejection:
    names = (*columns.names, columns.line_name) if columns.line_name else columns.names
    cells = ";".join(f"{name}={table.column(name)[at]}" for name in names)
    return Rejection(Dataset.ODDS, table.lines[at].number, reason, cells)


def _collect(market: Market, groups: Sequence[_Group], match: NDArray[np.int64], bookmakers: Sequence[str]) -> Quotes:
    """The accepted quotes of one market, sorted by match."""
    sizes = [int(group.accepted.sum()) for group in groups]
    matches = np.concatenate([match[group.accepted] for group in groups])
    order = np.argsort(matches, kind="stable")
    line = None
    if market is not Market.ONE_X_TWO:
        line = np.concatenate([_lines(group, size) for group, size in zip(groups, sizes, strict=True)])[order]
    return Quotes(
        market,
        matches[order],
        np.repeat([bookmakers.index(group.columns.bookmaker) for group in groups], sizes)[order],
        np.repeat([group.columns.is_closing for group in groups], sizes)[order],
        line,
        np.concatenate([group.prices for group in groups])[order],
    )


def _lines(group: _Group, size: int) -> NDArray[np.int64]:
    return np.full(size, group.columns.line, dtype=np.int64) if group.line is None else group.line
