"""The figures of a track record, each with a 95 % interval.

Rates are ratios of sums over picks, their intervals by the cluster bootstrap over matches (see ``intervals``). What
depends on the order of the matches, the longest losing run and the drawdown, is told for the order in which they were
played; its interval comes from orders of matches drawn with replacement: how far it would go by chance for picks that
win and lose as these did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.intervals import Rate, percentile_interval, resampled_sums
from monps_platform.domain.track_record.runs import deepest_fall, longest_losing_run
from monps_platform.domain.track_record.table import PickTable

Floats = NDArray[np.float64]

FEWEST_MATCHES = 30
"""Matches below which a record says nothing, whatever its interval."""
DIMENSIONS = ("league", "market", "bookmaker", "season")
"""By what a record is broken down."""
BINS = 5
RESAMPLED_PATHS = 500
_SEED = 1
_AT_ONCE = 1 << 20
_SAME = 1e-6
"""The standard deviation of CLV, as a share, below which it is the same everywhere."""


@dataclass(frozen=True)
class Spread:
    """A figure of n matches in their order, with its 95 % interval; None without a settled pick, or with one match."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class TrackRecord:
    """What a group of picks came to.

    CLV in per cent over the picks that have it; ``beat_close`` the share of closed picks whose raw CLV is above 0;
    ``roi`` profit by stake of the settled picks that are not void, ``staked`` their stakes; ``hit_rate`` the share of
    decided picks (stake not returned) that won something; ``longest_losing_run`` matches in a row that lost money;
    ``drawdown`` units from a peak of the profit to the lowest point after it. ``coverage`` is the share of picks whose
    close is due that have a closing price.
    """

    picks: int
    matches: int
    settled: int
    due: int
    staked: float
    profit: float
    coverage: Rate
    clv: Rate
    clv_no_vig: Rate
    clv_line_adjusted: Rate
    beat_close: Rate
    roi: Rate
    hit_rate: Rate
    longest_losing_run: Spread
    drawdown: Spread
    sources: Mapping[str, int]
    reasons: Mapping[str, int]

    @property
    def is_thin(self) -> bool:
        """Whether the evidence is too thin to tell the return on stake from 0."""
        roi = self.roi
        if roi.low is None or roi.high is None or roi.clusters < FEWEST_MATCHES:
            return True
        return roi.low <= 0 <= roi.high

    @property
    def matches_needed(self) -> int | None:
        """About how many matches it would take to tell this return on stake from 0, were it the true one: the interval
        shrinks with the root of their number. None where it is told already, or cannot be said.
        """
        roi = self.roi
        if not self.is_thin or not roi.value or roi.low is None or roi.high is None:
            return None
        towards_zero = roi.value - roi.low if roi.value > 0 else roi.high - roi.value
        return max(FEWEST_MATCHES, round(roi.clusters * (towards_zero / roi.value) ** 2))


@dataclass(frozen=True)
class Bin:
    """Settled picks with a no-vig CLV from ``low`` to ``high`` per cent: their mean CLV, and their return on stake."""

    low: float
    high: float
    clv_no_vig: float
    roi: Rate


@dataclass(frozen=True)
class Relation:
    """Whether CLV foretold the return: the picks in fifths by no-vig CLV, and the slope of profit per unit staked on
    no-vig CLV (as a share), by least squares weighted by stake. Were the close right, the slope would be 1.
    """

    bins: tuple[Bin, ...]
    slope: Spread
    picks: int


@dataclass(frozen=True)
class AgentRecord:
    """An agent's record: over all, by each dimension and its values, and the relation of CLV to return."""

    agent: str
    overall: TrackRecord
    by: Mapping[str, Mapping[str, TrackRecord]]
    relation: Relation | None


def records(table: PickTable, dimensions: tuple[str, ...] = DIMENSIONS) -> list[AgentRecord]:
    """The record of each agent, by name."""
    return [
        AgentRecord(
            agent,
            track_record(own),
            {name: {value: track_record(part) for value, part in _groups(own, name)} for name in dimensions},
            relation(own),
        )
        for agent, own in _groups(table, "agent")
    ]


def _groups(table: PickTable, column: str) -> Iterator[tuple[str, PickTable]]:
    values = getattr(table, column)
    for value in np.unique(values).tolist():
        yield value, table.where(values == value)


_RATES = ("coverage", "clv", "clv_no_vig", "clv_line_adjusted", "beat_close", "roi", "hit_rate")


def track_record(table: PickTable) -> TrackRecord:
    """The figures of some picks."""
    settled = table.settled
    longest, drawdown = _paths(table)
    return TrackRecord(
        picks=len(table),
        matches=len(np.unique(table.match_id)),
        settled=int(settled.sum()),
        due=int(table.due.sum()),
        staked=float(table.stake[table.staked].sum()),
        profit=float(table.profit[settled].sum()),
        **_rates(table),
        longest_losing_run=longest,
        drawdown=drawdown,
        sources=Counter(source for source in table.source.tolist() if source),
        reasons=Counter(reason for reason in table.reason.tolist() if reason),
    )


def _rates(table: PickTable) -> dict[str, Rate]:
    """All rates, their intervals from one set of draws of matches."""
    sides = _sides(table)
    sums = _by_match(sides.reshape(len(table), 2 * len(_RATES)), table)
    drawn = resampled_sums(sums, _SEED) if len(sums) else sums
    columns = [slice(2 * at, 2 * at + 2) for at in range(len(_RATES))]
    counts = np.count_nonzero(sides[:, :, 1], axis=0).tolist()
    return {
        name: _rate(sums[:, own], drawn[:, own], count)
        for name, own, count in zip(_RATES, columns, counts, strict=True)
    }


def _sides(table: PickTable) -> Floats:
    """Each pick's share of numerator and denominator of each rate, (n, rates, 2)."""
    fair, adjusted = ~np.isnan(table.clv_no_vig), ~np.isnan(table.clv_line_adjusted)
    pairs = (
        (table.closed, table.due),
        (table.clv, table.closed),
        (table.clv_no_vig, fair),
        (table.clv_line_adjusted, adjusted),
        (table.clv > 0, table.closed),
        (table.profit, np.where(table.staked, table.stake, 0.0)),
        (table.decided & (table.profit > 0), table.decided),
    )
    return np.nan_to_num(np.stack([np.stack(pair, axis=1) for pair in pairs], axis=1).astype(np.float64))


def _by_match(values: Floats, table: PickTable) -> Floats:
    """Sums of the columns (n, k) of picks by match, (matches, k), by match id."""
    names, positions = np.unique(table.match_id, return_inverse=True)
    sums = [np.bincount(positions, weights=column, minlength=len(names)) for column in values.T]
    return np.stack(sums, axis=1).astype(np.float64)


def _rate(sums: Floats, drawn: Floats, count: int) -> Rate:
    """A rate of ``count`` picks, from its sums by match, (matches, 2), and those of the draws, (r, 2)."""
    clusters = int(np.count_nonzero(sums[:, 1]))
    if not clusters:
        return Rate(None, None, None, 0, 0)
    above, below = sums.sum(axis=0).tolist()
    some = drawn[:, 1] > 0
    low, high = percentile_interval(drawn[some, 0] / drawn[some, 1]) if clusters > 1 else (None, None)
    return Rate(above / below, low, high, count, clusters)


def _paths(table: PickTable) -> tuple[Spread, Spread]:
    """The longest losing run, in matches, and the drawdown, in units, over the matches as they were played."""
    own = table.where(table.settled)
    if not len(own):
        return Spread(None, None, None), Spread(None, None, None)
    _, first = np.unique(own.match_id, return_index=True)
    # To the decimals of profit: picks of a match that cancel out are neither won nor lost.
    profits = np.round(_by_match(own.profit[:, None], own)[np.argsort(first), 0], 9)
    run, drop = longest_losing_run(profits[None, :])[0].item(), deepest_fall(profits[None, :])[0].item()
    if len(profits) < 2:
        return Spread(run, None, None), Spread(drop, None, None)
    runs, drops = _resampled_paths(profits)
    return Spread(run, *percentile_interval(runs)), Spread(drop, *percentile_interval(drops))


def _resampled_paths(profits: Floats) -> tuple[Floats, Floats]:
    random, count = np.random.default_rng(_SEED), len(profits)
    chunk = max(1, _AT_ONCE // count)
    runs, drops = [], []
    for done in range(0, RESAMPLED_PATHS, chunk):
        drawn = profits[random.integers(0, count, size=(min(chunk, RESAMPLED_PATHS - done), count))]
        runs.append(longest_losing_run(drawn))
        drops.append(deepest_fall(drawn))
    return np.concatenate(runs), np.concatenate(drops)


def relation(table: PickTable) -> Relation | None:
    """Whether CLV foretold the return of settled picks, void ones aside; None of fewer than 30 matches with a no-vig
    CLV.
    """
    own = table.where(table.staked & ~np.isnan(table.clv_no_vig))
    if len(np.unique(own.match_id)) < FEWEST_MATCHES:
        return None
    edges = np.quantile(own.clv_no_vig, np.arange(BINS + 1) / BINS)
    places = np.searchsorted(edges[1:-1], own.clv_no_vig, side="right")
    parts = [own.where(places == at) for at in np.unique(places).tolist()]
    bins = tuple(
        Bin(
            float(part.clv_no_vig.min()),
            float(part.clv_no_vig.max()),
            float(part.clv_no_vig.mean()),
            _rates(part)["roi"],
        )
        for part in parts
    )
    return Relation(bins, _slope(own), len(own))


def _slope(table: PickTable) -> Spread:
    clv, weight = table.clv_no_vig / 100, table.stake
    moments = np.stack([weight, weight * clv, table.profit, weight * clv**2, clv * table.profit], axis=1)
    of_match = _by_match(moments, table)
    slope = _slopes(of_match.sum(axis=0)[None, :])[0].item()
    if np.isnan(slope):
        return Spread(None, None, None)
    drawn = _slopes(resampled_sums(of_match, _SEED))
    return Spread(slope, *percentile_interval(drawn[~np.isnan(drawn)]))


def _slopes(sums: Floats) -> Floats:
    """Slopes (r,) from sums (r, 5) of weight w, w x, w y, w x x, w x y; NaN where x is the same everywhere."""
    w, wx, wy, wxx, wxy = sums.T
    spread = w * wxx - wx**2
    differs = spread > (_SAME * w) ** 2
    return np.asarray(np.where(differs, (w * wxy - wx * wy) / np.where(differs, spread, 1), np.nan))
