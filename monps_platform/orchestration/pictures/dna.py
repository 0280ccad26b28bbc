"""The picture of team DNA, a radar: where teams stand in their league, on one figure of each vector, and how surely."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.quantum.dna.team_dna import TeamDna
from monps_platform.domain.quantum.documents import Estimate, Explained
from monps_platform.orchestration.pictures.canvas import BLUE, GREY, VERMILLION, small_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.projections.polar import PolarAxes

MOST_TEAMS = 6
"""Teams that a picture shows."""
_CAPTION = (
    "centre: least of the league    dashed ring: its middle    rim: most    bar: 95 % interval    "
    "orange: the bar leaves out the middle"
)
_Z95 = 1.96
_DEVIATION_OF_LUCK = 1.19
"""Of the z of points against shots over real teams (docs/team-dna.md): with 1, one team in ten would stand out."""
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


def _score(vector: str, name: str, deviation: float = 1.0) -> _Reader:
    """A z-score; ``deviation`` is its standard deviation where nothing but chance is at work."""
    half = _Z95 * deviation

    def read(dna: TeamDna) -> _Reading | str:
        found = _read(getattr(dna, vector), name)
        return found if isinstance(found, str) else (found[0], found[0] - half, found[0] + half)

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
    ("luck", "more points than its shots earn", _score("luck", "points_z", _DEVIATION_OF_LUCK)),
)
"""The vectors, what the figure of each says of a team that has the most of it, and how it is read."""
READING = (
    "Each point is where the team stands among the teams of its league and season, from the least of a figure at the "
    "centre to the most at the rim; most is not best. The bar is the figure's 95 % interval on the same scale, where "
    "one is known. Orange: the interval leaves out the league's middle; of figures that differ by chance alone, about "
    f"one in twenty is orange. The bar of luck is {_DEVIATION_OF_LUCK} times as wide as its z-score has it, as real "
    "teams vary by so much. A spoke without a point has no figure, and says why.\n\n"
    + "\n".join(f"- **{vector}**: {meaning}" for vector, meaning, _ in AXES)
)


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
    """A radar per team, six at most, with a point and its interval by vector, as a PNG; None without a team."""
    chosen = shown[:MOST_TEAMS]
    if not chosen:
        return None
    columns = min(_IN_A_ROW, len(chosen))
    rows = -(-len(chosen) // columns)

    def fill(figure: Figure) -> None:
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        figure.supxlabel(textwrap.fill(_CAPTION, 46 * columns), x=0.01, ha="left", fontsize=8.5, color=GREY)
        for at, portrait in enumerate(chosen, start=1):
            _draw(cast("PolarAxes", figure.add_subplot(rows, columns, at, projection="polar")), portrait)

    return small_png(fill, width=0.3 + 3.1 * columns, height=0.9 + 3.2 * rows)


def _draw(axes: PolarAxes, portrait: Portrait) -> None:
    _frame(axes)
    spokes = _spokes()
    known = [(spoke, place) for spoke, place in zip(spokes, portrait.places, strict=True) if isinstance(place, Place)]
    # A side of the shape is drawn only between neighbours: a line over a gap would say what nobody knows.
    for at, place in enumerate(portrait.places):
        after = (at + 1) % len(spokes)
        other = portrait.places[after]
        if isinstance(place, Place) and isinstance(other, Place):
            axes.plot([spokes[at], spokes[after]], [place.value, other.value], color=BLUE, linewidth=1, alpha=0.6)
    for spoke, place in known:
        colour = VERMILLION if place.stands_out else BLUE
        if place.low is not None and place.high is not None:
            axes.vlines(spoke, place.low, place.high, color=colour, linewidth=3, alpha=0.35)
        axes.plot([spoke], [place.value], "o", color=colour, markersize=5)
    for spoke, reason in zip(spokes, portrait.places, strict=True):
        if isinstance(reason, str):
            axes.text(spoke, _MIDDLE, textwrap.fill(reason, 14), color=GREY, fontsize=6.5, ha="center", va="center")
    # A name may hold what matplotlib takes for a formula.
    axes.set_title(portrait.name, parse_math=False, loc="center", pad=14, fontweight="bold")


def _spokes() -> list[float]:
    """The angles of AXES in radians, clockwise from the top."""
    return [2 * math.pi * at / len(AXES) for at in range(len(AXES))]


def _frame(axes: PolarAxes) -> None:
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    axes.set_ylim(0, 104)
    axes.set_xticks(_spokes(), [vector for vector, _, _ in AXES], fontsize=8.5)
    axes.set_yticks([25, _MIDDLE, 75, 100], ["", "", "", ""])
    axes.tick_params(axis="x", pad=4)
    circle = np.linspace(0, 2 * np.pi, 200)
    axes.plot(circle, np.full_like(circle, _MIDDLE), color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    axes.spines["polar"].set_visible(False)
