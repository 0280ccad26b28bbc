"""The picture of goalscorers: how often the best of a league score, and how surely that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monps_platform.orchestration.pictures.canvas import BLUE, VERMILLION, small_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_PLAYERS = 12
"""Players that a picture shows."""


@dataclass(frozen=True, slots=True)
class ScorerRate:
    """A player with his goals, the minutes that they took, and his rate per 90 minutes with its 95 % interval."""

    player: str
    team: str
    goals: int
    minutes: int
    rate: float
    low: float
    high: float


def scorers_picture(shown: Sequence[ScorerRate], title: str) -> bytes | None:
    """Rates of players in the order given, with their intervals, beside goals by minutes played, as a PNG; None without
    a player.
    """
    chosen = shown[:MOST_PLAYERS]
    if not chosen:
        return None
    return small_png(lambda figure: _draw(figure, chosen, title), width=7.2, height=1.3 + 0.31 * len(chosen))


def _draw(figure: Figure, players: Sequence[ScorerRate], title: str) -> None:
    axes = figure.subplots()
    places = range(len(players))
    axes.hlines(places, [it.low for it in players], [it.high for it in players], color=BLUE, linewidth=1.8, alpha=0.5)
    axes.plot([it.rate for it in players], places, "o", color=BLUE, markersize=6, label="rate, with 95 % interval")
    raw = [90 * it.goals / it.minutes for it in players]
    axes.plot(raw, places, "|", color=VERMILLION, markersize=11, markeredgewidth=2, label="goals by minutes played")
    names = [f"{it.player} ({it.team}), {it.goals} goals" for it in players]
    # A name may hold what matplotlib takes for a formula.
    axes.set_yticks(places, names, parse_math=False)
    axes.invert_yaxis()
    axes.set(xlabel="goals per 90 minutes", xlim=(0, None))
    axes.tick_params(axis="y", length=0)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    figure.legend(loc="outside lower right", ncols=2, fontsize=8.5)
