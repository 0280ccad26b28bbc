"""The picture of tactical profiles: how many teams have which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from monps_platform.domain.tactics import TacticalProfile
from monps_platform.orchestration.pictures.canvas import BLUE, GREY, png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WITHOUT = "no profile"


def profiles_picture(counts: Mapping[TacticalProfile | None, int], title: str) -> bytes | None:
    """How many teams have each profile, the commonest first, those that nobody has too, and how many have none (under
    None), as a PNG; None without a team.
    """
    if not sum(counts.values()):
        return None
    return png(lambda figure: _draw(figure, counts, title), width=5.6, height=4.0)


def _draw(figure: Figure, counts: Mapping[TacticalProfile | None, int], title: str) -> None:
    axes = figure.subplots()
    order = sorted(TacticalProfile, key=lambda profile: -counts.get(profile, 0))
    names = [*(profile.value.replace("_", " ").lower() for profile in order), _WITHOUT]
    values = [*(counts.get(profile, 0) for profile in order), counts.get(None, 0)]
    bars = axes.barh(range(len(names)), values, color=[*[BLUE] * len(order), GREY], height=0.72)
    axes.bar_label(bars, padding=3, fontsize=9)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set(title=title, xlabel="teams", xlim=(0, 1.12 * max(values)))
    axes.locator_params(axis="x", integer=True)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
