"""The honest summary: how many strategies were tried, how many survived, and how many chance alone would have."""

from __future__ import annotations

from collections.abc import Sequence

from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.intervals import Rate
from monps_platform.domain.quantum.strategies.evaluate import FALSE_DISCOVERIES, StrategyRow
from monps_platform.domain.quantum.strategies.evidence import LEAST_BETS
from monps_platform.domain.quantum.strategies.pooled import Pooled

_MISSING = "-"
NOTES = (
    "Out-of-sample bets on all teams together, one unit each, a bet that two teams' rows share counted once. ROI is "
    "profit / stake at the best price of a real bookmaker before the match, CLV the mean against the closing price, "
    "with its margin and without. 95 % intervals by the bootstrap over matches, not widened for there being nine of "
    "them: one that lies above 0 by luck is no surprise. In-sample figures are no evidence and "
    "are not shown."
)


def summary_sentences(rows: Sequence[StrategyRow]) -> list[str]:
    """How many were tried, what chance alone explains, and what is left."""
    tried = [row for row in rows if row.out_of_sample_bets]
    p_values = [row.p_value for row in rows if row.p_value is not None]
    sentences = [
        f"{len(rows):,} strategies of teams: {len(tried):,} bet out of sample, {len(p_values):,} of them often enough "
        f"to be tested ({LEAST_BETS} bets)."
    ]
    if not p_values:
        return [*sentences, "None could be tested, so that none is active."]
    low = sum(p <= FALSE_DISCOVERIES for p in p_values)
    chance = FALSE_DISCOVERIES * len(tried)
    sentences.append(
        f"p is at most {FALSE_DISCOVERIES:g} in {low:,} of these; were none worth anything, it would be so in up "
        f"to {chance:.1f} by chance alone."
    )
    return [*sentences, _survivors(rows, len(tried))]


def _survivors(rows: Sequence[StrategyRow], tried: int) -> str:
    active = [row for row in rows if row.is_active]
    control = f"Benjamini-Hochberg over all {tried:,}"
    if not active:
        return f"None survives {control}: no strategy is active, and none is staked on."
    return (
        f"{len(active):,} survive{'s' if len(active) == 1 else ''} {control}, at most {FALSE_DISCOVERIES:.0%} of such "
        f"survivors being chance: {_by_strategy(active)}."
    )


def _by_strategy(active: Sequence[StrategyRow]) -> str:
    counts: dict[str, int] = {}
    for row in active:
        counts[row.strategy] = counts.get(row.strategy, 0) + 1
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def summary_markdown(rows: Sequence[StrategyRow], over_all: Sequence[Pooled]) -> str:
    """Sentences, then each strategy over all teams."""
    sentences = "\n".join(f"- {sentence}" for sentence in summary_sentences(rows))
    header = ("strategy", "bets", "matches", "ROI", "95 % interval", "CLV %", "CLV no-vig %", "active")
    table = markdown_table(Grid(header, [_row(each, rows) for each in over_all]))
    return f"{sentences}\n\n{table}\n\n{NOTES}"


def _row(each: Pooled, rows: Sequence[StrategyRow]) -> tuple[str, ...]:
    own = [row for row in rows if row.strategy is each.strategy]
    active = f"{sum(row.is_active for row in own)} of {len(own)}"
    roi = each.roi
    figures = (
        _number(roi.value, "+.1%"),
        _interval(roi),
        *map(_clv, (each.clv_percentage, each.clv_no_vig_percentage)),
    )
    return (each.strategy, f"{roi.n:,}", f"{roi.clusters:,}", *figures, active)


def _clv(found: Rate) -> str:
    return _number(found.value, "+.2f")


def _interval(found: Rate) -> str:
    if found.low is None or found.high is None:
        return _MISSING
    return f"{found.low:+.1%} to {found.high:+.1%}"


def _number(value: float | None, form: str) -> str:
    return _MISSING if value is None else f"{value:{form}}"
