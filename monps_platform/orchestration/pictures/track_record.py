"""Pictures of track records: the profit as it came, the distribution of CLV, and whether CLV foretold the return."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from monps_platform.domain.track_record.figures import AgentRecord, Relation
from monps_platform.domain.track_record.table import PickTable
from monps_platform.orchestration.pictures.canvas import BLUE, GREY, VERMILLION, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_AGENTS = 6
"""Agents that a picture shows, those with the most picks; a table has all of them."""
_IN_A_ROW = 3
_WIDTH, _HEIGHT = 3.4, 2.9
_LETTERS = 38
"""Of a name in a line above a picture."""
_CLV_SHOWN = 30.0
"""Per cent of CLV up to which a distribution is drawn; what lies beyond is counted in the outermost bars."""
_BARS = 30
_POINTS = 2000
"""Points of a line: more than the picture has pixels would make it large and no clearer."""

Draw = Callable[["Axes", str], None]


def profit_picture(table: PickTable) -> bytes | None:
    """The cumulative profit of each agent over the days of its matches, in units, as a PNG; None without any."""
    settled = table.where(table.settled)

    def draw(axes: Axes, agent: str) -> None:
        own = settled.where(settled.agent == agent)
        days, first = np.unique(own.day, return_index=True)
        # The profit up to the end of a day: what stands before the next day's first pick.
        ends = np.append(first[1:], len(own)) - 1
        total = np.cumsum(own.profit)[ends]
        chosen = np.unique(np.linspace(0, len(days) - 1, _POINTS).astype(np.int64))
        axes.axhline(0, color=GREY, linewidth=0.8)
        shown = np.array([date.fromordinal(day) for day in days[chosen].tolist()], dtype="datetime64[D]")
        axes.step(shown, total[chosen], where="post", color=BLUE, linewidth=1.3)
        axes.set_ylabel("profit, units")
        _date_axis(axes)

    return _panels(_most_picks(settled), draw)


def _date_axis(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415

    locator = AutoDateLocator(minticks=2, maxticks=5)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def clv_picture(table: PickTable) -> bytes | None:
    """How the no-vig CLV of each agent's picks is distributed, with its mean, as a PNG; None without any."""
    closed = table.where(~np.isnan(table.clv_no_vig))

    def draw(axes: Axes, agent: str) -> None:
        values = closed.clv_no_vig[closed.agent == agent]
        bars = np.linspace(-_CLV_SHOWN, _CLV_SHOWN, _BARS + 1)
        axes.hist(np.clip(values, -_CLV_SHOWN, _CLV_SHOWN), bins=bars.tolist(), color=BLUE, edgecolor="white")
        axes.axvline(0, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        axes.axvline(values.mean(), color=VERMILLION, linewidth=1.6)
        axes.set(xlabel="no-vig CLV, %", ylabel="picks", xlim=(-_CLV_SHOWN, _CLV_SHOWN))
        axes.text(*(0.03, 0.95, f"mean {values.mean():+.1f} %"), color=VERMILLION, transform=axes.transAxes, va="top")

    return _panels(_most_picks(closed), draw)


def relation_picture(records: Sequence[AgentRecord]) -> bytes | None:
    """The return on stake of each agent's picks by fifths of their no-vig CLV, with 95 % intervals, as a PNG; None
    where none has picks enough. Were the close right, the points would lie on the dashed line.
    """
    found = {record.agent: record.relation for record in records if record.relation is not None}
    names = sorted(sorted(found, key=lambda agent: -found[agent].picks)[:MOST_AGENTS])
    return _panels(names, lambda axes, agent: _draw_relation(axes, found[agent]))


def _draw_relation(axes: Axes, relation: Relation) -> None:
    bins = [item for item in relation.bins if item.roi.value is not None]
    clv = np.array([item.clv_no_vig for item in bins])
    roi = np.array([(item.roi.value, item.roi.low, item.roi.high) for item in bins], dtype=np.float64) * 100
    ends = np.array([clv.min(), clv.max()])
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.plot(ends, ends, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    axes.vlines(clv, roi[:, 1], roi[:, 2], color=BLUE, linewidth=1.6)
    axes.plot(clv, roi[:, 0], "o", color=BLUE, markersize=4.5)
    axes.set(xlabel="mean no-vig CLV, %", ylabel="return on stake, %")


def _most_picks(table: PickTable) -> list[str]:
    """The agents with the most picks, by name."""
    names, counts = np.unique(table.agent, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:MOST_AGENTS]
    return sorted(names[most].tolist())


def _panels(agents: Sequence[str], draw: Draw) -> bytes | None:
    """A panel per agent; None without one."""
    if not agents:
        return None
    columns = min(_IN_A_ROW, len(agents))
    rows = -(-len(agents) // columns)

    def fill(figure: Figure) -> None:
        grid = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
        for axes, agent in zip(grid, agents, strict=False):
            draw(axes, agent)
            # A name may hold what matplotlib takes for a formula.
            axes.set_title(textwrap.fill(agent, _LETTERS, max_lines=3, placeholder=" ..."), parse_math=False)
        for axes in grid[len(agents) :]:
            axes.set_axis_off()

    return png(fill, width=max(_WIDTH * columns, 4.5), height=_HEIGHT * rows)
