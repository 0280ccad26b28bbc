"""Ways to compute a figure from a team's tally; each is None where it rests on fewer than its least n."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter

import numpy as np

from monps_platform.domain.quantum.profiles.tallies import Column, Floats, Tally

Measure = Callable[[Tally], float | None]
Values = Callable[[Tally], Floats]

LEAST_MATCHES = 8
"""A fifth of a season: a mean over fewer turns on two or three opponents."""
LEAST_VENUE_MATCHES = 4
"""At home, and away: half of the least, as both halves of a schedule are needed."""
LEAST_SHOTS = 50
"""What a weak attack has from open play in eight matches; a share of a fifth has a standard error of six points."""

own: Values = attrgetter("own")
other: Values = attrgetter("other")
_STATE_OF_OTHER: Mapping[Column, Column] = {
    Column.LEADING: Column.TRAILING,
    Column.LEVEL: Column.LEVEL,
    Column.TRAILING: Column.LEADING,
}


def per_shot(column: Column, *, of: Values = own, shots: Column = Column.OPEN_PLAY) -> Measure:
    """A column's total per shot of a side: a share where the column counts some of the shots."""

    def measure(tally: Tally) -> float | None:
        n = float(np.nansum(of(tally)[:, shots]))
        return float(np.nansum(of(tally)[:, column])) / n if n >= LEAST_SHOTS else None

    return measure


def mean(values: Values, *, least: int = LEAST_MATCHES) -> Measure:
    """Mean of a figure over the matches in which it is held."""

    def measure(tally: Tally) -> float | None:
        held = values(tally)
        held = held[~np.isnan(held)]
        return float(held.mean()) if len(held) >= least else None

    return measure


def column(name: Column, *, of: Values = own) -> Values:
    """A side's column, of shape (matches,)."""
    return lambda tally: of(tally)[:, name]


def both(name: Column) -> Values:
    """A column of both sides added up."""
    return lambda tally: tally.own[:, name] + tally.other[:, name]


def difference(name: Column) -> Values:
    """A column of the team less that of its opponents."""
    return lambda tally: tally.own[:, name] - tally.other[:, name]


def at_most(limit: float, values: Values) -> Values:
    """1 in the matches in which a figure is at most so much, 0 in the others, NaN where it is not held."""

    def found(tally: Tally) -> Floats:
        figures = values(tally)
        return np.where(np.isnan(figures), np.nan, figures <= limit)

    return found


def ratio(parts: Values, wholes: Values, *, least: int = LEAST_MATCHES) -> Measure:
    """One figure's total by another's, over the matches in which both are held."""

    def measure(tally: Tally) -> float | None:
        part, whole = parts(tally), wholes(tally)
        held = ~np.isnan(part + whole)
        total = float(whole[held].sum())
        return float(part[held].sum()) / total if held.sum() >= least and total else None

    return measure


def share_while(state: Column) -> Measure:
    """The team's part in both sides' shots while it was leading, level or trailing."""

    def measure(tally: Tally) -> float | None:
        mine = float(np.nansum(tally.own[:, state]))
        theirs = float(np.nansum(tally.other[:, _STATE_OF_OTHER[state]]))
        return mine / (mine + theirs) if mine + theirs >= LEAST_SHOTS else None

    return measure


def at_home(of: Measure) -> Measure:
    """A measure of the matches at home."""
    return lambda tally: of(tally.where(tally.is_home))


def away(of: Measure) -> Measure:
    """A measure of the matches away."""
    return lambda tally: of(tally.where(~tally.is_home))


def less(one: Measure, another: Measure) -> Measure:
    """One measure less another."""

    def measure(tally: Tally) -> float | None:
        first, second = one(tally), another(tally)
        return None if first is None or second is None else first - second

    return measure
