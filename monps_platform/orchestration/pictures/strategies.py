"""The picture of strategies, a forest plot: what each returned out of sample, and how surely that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monps_platform.orchestration.pictures.canvas import BLUE, GREY, VERMILLION, small_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 14
"""Strategies of teams that a picture shows."""
_FARTHEST = 100.0
"""Per cent beyond which an interval is cut: a handful of bets may have any."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What bets returned: per cent of the stake with its 95 % interval, each None where it is not known; ``note`` tells
    what else there is to know.
    """

    name: str
    bets: int
    roi: float | None
    low: float | None
    high: float | None
    is_active: bool = False
    note: str = ""


def strategies_picture(over_all: Sequence[Returned], of_teams: Sequence[Returned], title: str) -> bytes | None:
    """Each strategy over all teams, and below it those of teams in the order given, as a PNG; None without a bet."""
    shown = of_teams[:MOST_ROWS]
    if not any(item.bets for item in over_all):
        return None

    def fill(figure: Figure) -> None:
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        heights = [len(over_all) + 1, max(1, len(shown)) + 1]
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=heights)
        _draw(above, over_all, "Each strategy, all teams and seasons so far together (CLV: without margin, %)")
        _draw(below, shown, "Teams' strategies with the lowest p, of all that were tried in the season")
        below.set_xlabel("profit per stake, %, with 95 % interval (cut at 100)    orange: survives the tests")

    return small_png(fill, width=8.4, height=1.9 + 0.27 * (len(over_all) + len(shown)))


def _draw(axes: Axes, shown: Sequence[Returned], title: str) -> None:
    axes.axvline(0, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    for at, item in enumerate(shown):
        colour = VERMILLION if item.is_active else BLUE
        if item.low is not None and item.high is not None:
            axes.hlines(at, max(item.low, -_FARTHEST), min(item.high, _FARTHEST), color=colour, linewidth=2, alpha=0.45)
        if item.roi is None:
            axes.text(0, at, "no bets", color=GREY, fontsize=8, ha="center", va="center", backgroundcolor="white")
        else:
            axes.plot([min(item.roi, _FARTHEST)], [at], "s", color=colour, markersize=5)
    # A name may hold what matplotlib takes for a formula.
    axes.set_yticks(range(len(shown)), [item.name for item in shown], parse_math=False)
    axes.set(xlim=(-_FARTHEST * 1.04, _FARTHEST * 1.04), ylim=(max(1, len(shown)) - 0.4, -0.6), title=title)
    axes.tick_params(axis="y", length=0)
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(range(len(shown)), [_beside(item) for item in shown], fontsize=8.5, color=GREY)
    beside.tick_params(length=0)


def _beside(item: Returned) -> str:
    return ", ".join(filter(None, (f"{item.bets:,} bets", item.note)))
