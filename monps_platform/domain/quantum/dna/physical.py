"""How a team lasts: late against early chances, fouls and cards, and points by days of rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.intervals import percentile_interval, resampled_sums
from monps_platform.domain.quantum.documents import Estimate, Gap, Source, Vector, figure
from monps_platform.domain.quantum.game_state import FULL_TIME, Course, courses
from monps_platform.domain.quantum.season import LeagueSeason, Side, TeamMatch
from monps_platform.domain.shots import ShotResult

Floats = NDArray[np.float64]

LEAST_MATCHES = 5
"""Of fewer, a mean per match says more of the opponents than of the team."""
LATE_FROM = 76
"""The first minute after minute 75."""
_LENGTHS = np.array([LATE_FROM, FULL_TIME - LATE_FROM])
"""Minutes of the clock before it and from it on, without stoppage time."""
SHORT_REST, NORMAL_REST = 3, 6
"""Days since the match before, at most: a match in the week between two weekends leaves three or four."""


def _xg(minutes: str, formula: str) -> Any:
    text = f"90 * (xG for - xG against) in minutes {minutes} / ({formula} * matches with shots)"
    return figure(text, unit="goals per 90 minutes", source=Source.SHOTS, least=LEAST_MATCHES, low=None, high=None)


def _per_match(formula: str, unit: str) -> Any:
    return figure(
        f"{formula} / matches that have them",
        unit=f"{unit} per match",
        source=Source.STATISTICS,
        least=LEAST_MATCHES,
        low=0,
        high=None,
    )


def _count(formula: str, source: Source) -> Any:
    return figure(formula, unit="matches", source=source, least=0, low=0, high=None)


def _points(rest: str) -> Any:
    formula = f"points / matches played {rest} days after the team's previous league match of the season"
    return figure(formula, unit="points per match", source=Source.RESULTS, least=LEAST_MATCHES, low=0, high=3)


class PhysicalVector(Vector):
    """How a team lasts. Only league matches are known: cups and European nights shorten rest without a trace here."""

    n_matches_with_shots: int = _count("matches whose shots are held and add up to the score", Source.SHOTS)
    xg_difference_to_75: float | None = _xg("0 to 75", "76 minutes")
    xg_difference_after_75: float | None = _xg("76 to 89", "14 minutes")
    late_change: Estimate | None = figure(
        "xg_difference_after_75 - xg_difference_to_75, and its 95 % interval",
        unit="goals per 90 minutes",
        source=Source.SHOTS,
        least=LEAST_MATCHES,
        low=None,
        high=None,
    )
    n_matches_with_fouls: int = _count("matches with fouls of both sides", Source.STATISTICS)
    fouls_per_match: float | None = _per_match("fouls of the team", "fouls")
    opponents_fouls_per_match: float | None = _per_match("fouls of its opponents", "fouls")
    n_matches_with_cards: int = _count("matches with yellow and red cards of both sides", Source.STATISTICS)
    cards_per_match: float | None = _per_match("yellow + red cards of the team", "cards")
    opponents_cards_per_match: float | None = _per_match("yellow + red cards of its opponents", "cards")
    n_short_rest: int = _count("matches after at most 3 days", Source.RESULTS)
    points_short_rest: float | None = _points("at most 3")
    n_normal_rest: int = _count("matches after 4 to 6 days", Source.RESULTS)
    points_normal_rest: float | None = _points("4 to 6")
    n_long_rest: int = _count("matches after at least 7 days", Source.RESULTS)
    points_long_rest: float | None = _points("at least 7")


def physical_vector(season: LeagueSeason, team_id: int) -> PhysicalVector:
    """How a team lasted. Raises ValueError for a team that has not played."""
    matches = season.played_by(team_id)
    known = season.once(courses)
    differences = [
        _xg_differences(known[match.match.match_id], is_home=match.is_home)
        for match in matches
        if match.match.match_id in known
    ]
    figures = {
        "n_matches_with_shots": len(differences),
        **_lasting(np.array(differences).reshape(-1, 2), team_id),
        **_statistic("fouls", matches, _fouls),
        **_statistic("cards", matches, _cards),
        **_points_by_rest(matches),
    }
    sources = [Source.RESULTS]
    sources += [Source.SHOTS] if differences else []
    sources += [Source.STATISTICS] if figures["n_matches_with_fouls"] or figures["n_matches_with_cards"] else []
    return PhysicalVector.of(len(matches), season.as_of, sources, figures)


def _xg_differences(course: Course, *, is_home: bool) -> Floats:
    """Of one match, shape (2,): xG for less xG against up to minute 75 and after it, in regular time."""
    differences = np.zeros(2)
    for moment in course.moments:
        shot = moment.shot
        if shot.minute < FULL_TIME and shot.result is not ShotResult.OWN_GOAL:
            differences[int(shot.minute >= LATE_FROM)] += shot.xg if shot.is_home is is_home else -shot.xg
    return differences


def _lasting(differences: Floats, seed: int) -> dict[str, object]:
    """Rates of xG differences (matches, 2) and their change; ``seed`` is that of the interval."""
    names = ("xg_difference_to_75", "xg_difference_after_75", "late_change")
    if len(differences) < LEAST_MATCHES:
        return dict.fromkeys(names, Gap.TOO_FEW if len(differences) else Gap.NO_SHOTS)
    per_90 = FULL_TIME * differences / _LENGTHS
    early, late = per_90.mean(axis=0).tolist()
    changes = per_90[:, 1:] - per_90[:, :1]
    low, high = percentile_interval(resampled_sums(changes, seed)[:, 0] / len(changes))
    return dict(zip(names, (early, late, Estimate(value=late - early, low=low, high=high)), strict=True))


def _fouls(side: Side) -> int | None:
    return side.fouls


def _cards(side: Side) -> int | None:
    return None if side.yellow_cards is None or side.red_cards is None else side.yellow_cards + side.red_cards


def _statistic(name: str, matches: Iterable[TeamMatch], count: Callable[[Side], int | None]) -> dict[str, object]:
    """A count per match, of the team and of its opponents."""
    both = [(count(match.own), count(match.other)) for match in matches]
    known = [(own, other) for own, other in both if own is not None and other is not None]
    names = (f"{name}_per_match", f"opponents_{name}_per_match")
    if len(known) < LEAST_MATCHES:
        told = dict.fromkeys(names, Gap.TOO_FEW if known else Gap.NO_STATISTICS)
        return {f"n_matches_with_{name}": len(known), **told}
    means = np.mean(known, axis=0).tolist()
    return {f"n_matches_with_{name}": len(known), **dict(zip(names, means, strict=True))}


def _points_by_rest(matches: Sequence[TeamMatch]) -> dict[str, object]:
    """Points of all matches but the first, by days since the one before."""
    by_rest: dict[str, list[int]] = {"short": [], "normal": [], "long": []}
    for before, match in pairwise(matches):
        by_rest[_rest(before.match.day, match.match.day)].append(match.points)
    figures: dict[str, object] = {}
    for rest, gained in by_rest.items():
        figures[f"n_{rest}_rest"] = len(gained)
        enough = len(gained) >= LEAST_MATCHES
        figures[f"points_{rest}_rest"] = sum(gained) / len(gained) if enough else Gap.TOO_FEW
    return figures


def _rest(before: date, day: date) -> str:
    days = (day - before).days
    return "short" if days <= SHORT_REST else "normal" if days <= NORMAL_REST else "long"
