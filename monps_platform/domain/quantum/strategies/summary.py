"""The honest summary: how many strategies were tried, how many survived, and how many chance alone would have."""

from __future__ import annotations

from collections.abc import Sequence

from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.intervals import Rate
from monps_platform.domain.quantum.strategies.evaluate import FALSE_DISCOVERIES, StrategyRow
from monps_platform.domain.quantum.strategies.evidence import LEAST_BETS
from monps_platform.domain.quantum.strategies.pooled import Pooled
from monps_platform.domain.seasons import Season

_MISSING = "-"
NOTES = (
    "Out-of-sample bets on all teams and of all seasons so far together, one unit each, a bet that two teams' rows "
    "share counted once. ROI is profit / stake at the best price of a real bookmaker before the match, CLV the mean "
    "against the closing price less its margin. 95 % intervals by the bootstrap over matches; p of a return of at most "
    "0, matches drawn apart; q after Benjamini-Hochberg over all nine, p = 1 below ten matches. Each day on which this "
    "is looked at is a test of its own, which nothing corrects. In-sample figures are no evidence and are not shown."
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


def pooled_sentences(over_all: Sequence[Pooled], seasons: Sequence[Season]) -> list[str]:
    """Which strategies survive over all teams and seasons, and whether the closing prices agreed with them."""
    tested = sum(each.p_value is not None for each in over_all)
    span = f"{len(seasons)} season{'s' if len(seasons) != 1 else ''} up to {seasons[-1]}" if seasons else "no season"
    survivors = [each for each in over_all if each.survives]
    said = f"Over all teams and {span}, {tested} of {len(over_all)} strategies could be tested; "
    if not survivors:
        return [f"{said}none survives Benjamini-Hochberg over all {len(over_all)}."]
    names = ", ".join(each.strategy for each in survivors)
    return [
        f"{said}{len(survivors)} survive{'s' if len(survivors) == 1 else ''}: {names}.",
        *map(_what_the_close_said, survivors),
    ]


def _what_the_close_said(each: Pooled) -> str:
    clv, bets = (
        each.clv_no_vig_percentage,
        f"{each.strategy}: {each.roi.n:,} bets, ROI {_number(each.roi.value, '+.1%')}",
    )
    if clv.value is None:
        return f"{bets}; no closing price is held to judge its prices by."
    ends = f"{clv.value:+.2f} %, 95 % interval {_ends(clv)}"
    return f"{bets}; CLV without margin {ends}, over {clv.n:,} with a closing price: {_verdict(clv)}."


def _verdict(clv: Rate) -> str:
    if clv.low is None or clv.high is None:
        return "too little to say whether the close agreed"
    if clv.low > 0:
        return "the prices taken were better than the close held fair"
    if clv.high < 0:
        return "the close held the prices taken to be too low, so that luck explains the profit better than skill"
    return "the close does not confirm the profit"


def summary_markdown(rows: Sequence[StrategyRow], over_all: Sequence[Pooled], seasons: Sequence[Season]) -> str:
    """Sentences, then each strategy over all teams and seasons."""
    told = (*summary_sentences(rows), *pooled_sentences(over_all, seasons))
    sentences = "\n".join(f"- {sentence}" for sentence in told)
    table = markdown_table(Grid(POOLED_HEADER, [pooled_row(each, rows) for each in over_all]))
    return f"{sentences}\n\n{table}\n\n{NOTES}"


POOLED_HEADER = (
    *("strategy", "tested", "active", "bets", "matches", "ROI", "95 % interval", "CLV no-vig %", "95 % interval"),
    *("p", "q"),
)
"""How many rows of teams could be tested, of those that bet, and how many are active; then all bets together."""


def pooled_row(each: Pooled, rows: Sequence[StrategyRow]) -> tuple[str, ...]:
    """What is known of a strategy: how many of its rows were tested, and all its bets together."""
    own = [row for row in rows if row.strategy is each.strategy]
    bet, tested = (sum(kind) for kind in zip(*map(_kinds, own), strict=True)) if own else (0, 0)
    counts = (f"{tested} of {bet}", f"{sum(row.is_active for row in own)}", f"{each.roi.n:,}", f"{each.roi.clusters:,}")
    clv = each.clv_no_vig_percentage
    figures = (_number(each.roi.value, "+.1%"), _interval(each.roi), _number(clv.value, "+.2f"), _ends(clv))
    return (each.strategy, *counts, *figures, _number(each.p_value, ".4f"), _number(each.q_value, ".3f"))


def _kinds(row: StrategyRow) -> tuple[bool, bool]:
    return row.out_of_sample_bets > 0, row.p_value is not None


def _ends(found: Rate) -> str:
    if found.low is None or found.high is None:
        return _MISSING
    return f"{found.low:+.2f} to {found.high:+.2f}"


def _interval(found: Rate) -> str:
    if found.low is None or found.high is None:
        return _MISSING
    return f"{found.low:+.1%} to {found.high:+.1%}"


def _number(value: float | None, form: str) -> str:
    return _MISSING if value is None else f"{value:{form}}"
