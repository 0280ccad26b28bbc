"""The picture of friction: how the teams of a league rub against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from monps_platform.orchestration.pictures.canvas import small_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INCHES, _MARGIN, _LEAST = 0.27, 1.7, 4.0
_SHADES = "YlGnBu"
_DARK = 0.6
"""Share of the scale from which on white figures are read more easily than black ones."""


def friction_picture(
    names: Mapping[int, str], scores: Mapping[tuple[int, int], float | None], title: str
) -> bytes | None:
    """The friction of every home team (a row) with every away team (a column), 0 to 100, as a PNG; None without any.

    ``names`` are the teams' by id, in the order in which they are shown; ``scores`` are by home and away team.
    """
    known = [score for score in scores.values() if score is not None]
    if not known:
        return None
    table = np.array([[_number(scores.get((home, away))) for away in names] for home in names])
    size = max(_LEAST, _MARGIN + _INCHES * len(names))
    return small_png(lambda figure: _draw(figure, list(names.values()), table, title), width=size, height=size)


def _number(score: float | None) -> float:
    return np.nan if score is None else score


def _draw(figure: Figure, names: Sequence[str], table: NDArray[np.float64], title: str) -> None:
    axes = figure.subplots()
    low, high = float(np.nanmin(table)), float(np.nanmax(table))
    axes.imshow(table, cmap=_SHADES, vmin=low, vmax=max(high, low + 1))
    for row, column in np.argwhere(~np.isnan(table)).tolist():
        shade = (table[row, column] - low) / max(high - low, 1)
        colour = "white" if shade > _DARK else "#222222"
        axes.text(column, row, f"{table[row, column]:.0f}", color=colour, fontsize=6.5, ha="center", va="center")
    # A name may hold what matplotlib takes for a formula.
    axes.set_xticks(range(len(names)), names, rotation=90, parse_math=False)
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set(xlabel="away", ylabel="home")
    axes.tick_params(length=0, labelsize=8)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
