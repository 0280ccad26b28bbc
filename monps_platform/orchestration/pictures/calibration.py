"""The picture of a calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from monps_platform.domain.scoring_rules import Bin
from monps_platform.orchestration.pictures.canvas import BLUE, GREY, VERMILLION, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DODGE = 0.004


def calibration_picture(bins: Sequence[tuple[str, Sequence[Bin]]], title: str) -> bytes:
    """Forecasts against what came true, with 95 % intervals, and how many forecasts there were of each size, as a PNG.

    ``bins`` are those of one or two forecasters, under the names that they are shown by.
    """
    return png(lambda figure: _draw_calibration(figure, bins, title), width=4.8, height=5.2)


def _draw_calibration(figure: Figure, bins: Sequence[tuple[str, Sequence[Bin]]], title: str) -> None:
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    top.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    for at, ((name, own), colour) in enumerate(zip(bins, (BLUE, VERMILLION), strict=False)):
        side = (2 * at - 1) * _DODGE
        _points(top, own, colour, side)
        _steps(bottom, own, colour)
        top.text(0.03, 0.95 - 0.07 * at, name, color=colour, transform=top.transAxes, fontweight="bold", va="top")
    top.set(title=title, ylabel="came true", xlim=(0, 1), ylim=(0, 1))
    bottom.set(xlabel="forecast", ylabel="forecasts")
    for axis in (top.xaxis, top.yaxis):
        axis.set_major_formatter("{x:.0%}")
    bottom.yaxis.set_major_formatter("{x:,.0f}")


def _points(axes: Axes, bins: Sequence[Bin], colour: str, side: float) -> None:
    """The share of each bin over its mean forecast, with its interval as a bar; ``side`` keeps bars apart."""
    places = [item.forecast + side for item in bins]
    shares = np.array([(item.happened.value, item.happened.low, item.happened.high) for item in bins], dtype=np.float64)
    axes.plot(places, shares[:, 0], "o", color=colour, markersize=4.5)
    axes.vlines(places, shares[:, 1], shares[:, 2], color=colour, linewidth=1.6)


def _steps(axes: Axes, bins: Sequence[Bin], colour: str) -> None:
    """How many forecasts lie in each bin."""
    edges = sorted({edge for item in bins for edge in (item.low, item.high)})
    counts = {item.low: item.n for item in bins}
    axes.stairs([counts.get(low, 0) for low in edges[:-1]], edges, color=colour, linewidth=1.6)
