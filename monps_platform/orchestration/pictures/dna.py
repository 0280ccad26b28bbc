"""The picture of team DNA: where teams stand in their league, on one telling figure of each vector, and how surely."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.quantum.dna.team_dna import TeamDna
from monps_platform.domain.quantum.documents import Estimate, Explained
from monps_platform.orchestration.pictures.canvas import BLUE, GREY, VERMILLION, small_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_TEAMS = 6
"""Teams that a picture shows."""
READING = (
    "Each point is where the team stands among the teams of its league and season, from the least of a figure to the "
    "most; most is not best. The bar is the figure's 95 % interval on the same scale, where one is known. Orange: the "
    "interval leaves out the league's middle; of figures that differ by chance alone, about one in twenty is orange."
)
_CAPTION = "point: place among the league's teams    bar: 95 % interval    orange: the bar leaves out the middle"
_Z95 = 1.96
_IN_A_ROW = 3
_MIDDLE = 50.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a team stands among those of its league, 0 (least) to 100 (most), and the 95 % interval, where known."""

    value: float
    low: float | None
    high: float | None

    @property
    def stands_out(self) -> bool:
        """Whether the interval leaves out the league's middle."""
        return self.low is not None and self.high is not None and not self.low <= _MIDDLE <= self.high


@dataclass(frozen=True, slots=True)
class Portrait:
    """A team, and its place by each of AXES, or why there is none."""

    name: str
    places: Sequence[Place | str]


_Reading = tuple[float, float | None, float | None]
_Reader = Callable[[TeamDna], _Reading | str]


def _figure(vector: str, name: str) -> _Reader:
    """A figure of a vector: an estimate has its interval, a number has none."""

    def read(dna: TeamDna) -> _Reading | str:
        return _read(getattr(dna, vector), name)

    return read


def _read(document: Explained, name: str) -> _Reading | str:
    value = getattr(document, name)
    if value is None:
        return str(document.gaps[name])
    return (value.value, value.low, value.high) if isinstance(value, Estimate) else (float(value), None, None)


def _score(vector: str, name: str) -> _Reader:
    """A z-score, whose standard error is 1."""

    def read(dna: TeamDna) -> _Reading | str:
        found = _read(getattr(dna, vector), name)
        return found if isinstance(found, str) else (found[0], found[0] - _Z95, found[0] + _Z95)

    return read


def _home_return(dna: TeamDna) -> _Reading | str:
    record = dna.market.home_win
    return str(dna.market.gaps["home_win"]) if record is None else _read(record, "roi")


AXES: Sequence[tuple[str, str, _Reader]] = (
    ("market", "paid its backers at home", _home_return),
    ("context", "better at home than away", _figure("context", "home_advantage_points")),
    ("risk", "draws often", _figure("risk", "draw_rate")),
    ("temporal", "scores late, after 75'", _score("temporal", "late_goals_for_z")),
    ("nemesis", "more points than priced", _score("nemesis", "residual_z")),
    ("psyche", "attacks more when behind", _figure("psyche", "xg_for_trailing_ratio")),
    ("roster", "hangs on three players", _figure("roster", "top_three_share")),
    ("physical", "stronger after 75'", _figure("physical", "late_change")),
    ("luck", "more points than its shots earn", _score("luck", "points_z")),
)
"""The vectors, what the figure of each says of a team that has the most of it, and how it is read."""


def portraits(teams: Mapping[int, TeamDna], names: Mapping[int, str]) -> Mapping[int, Portrait]:
    """The teams of a league's season by id, each as it stands among all of them."""
    by_axis = [_places({team_id: read(dna) for team_id, dna in teams.items()}) for _, _, read in AXES]
    return {team_id: Portrait(names[team_id], [places[team_id] for places in by_axis]) for team_id in teams}


def _places(readings: Mapping[int, _Reading | str]) -> Mapping[int, Place | str]:
    known = np.sort([found[0] for found in readings.values() if not isinstance(found, str)])
    return {team_id: found if isinstance(found, str) else _place(known, *found) for team_id, found in readings.items()}


def _place(known: NDArray[np.float64], value: float, low: float | None, high: float | None) -> Place:
    ends = (None if end is None else _percentile(known, end) for end in (low, high))
    return Place(_percentile(known, value), *ends)


def _percentile(known: NDArray[np.float64], value: float) -> float:
    """Share of the known figures below a value, equal ones by half, in per cent."""
    return float(50 * (np.searchsorted(known, value, "left") + np.searchsorted(known, value, "right")) / len(known))


def dna_picture(shown: Sequence[Portrait], title: str) -> bytes | None:
    """A panel per team, six at most, with a point and its interval by vector, as a PNG; None without a team."""
    chosen = shown[:MOST_TEAMS]
    if not chosen:
        return None
    columns = min(_IN_A_ROW, len(chosen))
    rows = -(-len(chosen) // columns)

    def fill(figure: Figure) -> None:
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        figure.supxlabel(_CAPTION, x=0.99, ha="right", fontsize=8.5, color=GREY)
        grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for axes, portrait in zip(grid.ravel().tolist(), chosen, strict=False):
            _draw(axes, portrait)
        for axes in grid.ravel().tolist()[len(chosen) :]:
            axes.set_axis_off()

    return small_png(fill, width=3.2 + 2.1 * columns, height=1.0 + 2.6 * rows)


def _draw(axes: Axes, portrait: Portrait) -> None:
    axes.axvline(_MIDDLE, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    for at, place in enumerate(portrait.places):
        if isinstance(place, str):
            axes.text(_MIDDLE, at, place, color=GREY, fontsize=7, ha="center", va="center", backgroundcolor="white")
            continue
        colour = VERMILLION if place.stands_out else BLUE
        if place.low is not None and place.high is not None:
            axes.hlines(at, place.low, place.high, color=colour, linewidth=1.6, alpha=0.45)
        axes.plot([place.value], [at], "o", color=colour, markersize=5.5)
    axes.set_yticks(range(len(AXES)), [f"{vector}: {meaning}" for vector, meaning, _ in AXES])
    axes.set(xlim=(-4, 104), ylim=(len(AXES) - 0.5, -0.5))
    axes.set_xticks([0, _MIDDLE, 100], ["least", "middle", "most"])
    axes.tick_params(length=0)
    # A name may hold what matplotlib takes for a formula.
    axes.set_title(portrait.name, parse_math=False)
