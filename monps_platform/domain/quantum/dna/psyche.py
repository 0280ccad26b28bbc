"""What the score does to a team: its chances leading, level and trailing, and points that turned."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, auto
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.intervals import percentile_interval, resampled_sums
from monps_platform.domain.quantum.documents import Estimate, Gap, Source, Vector, figure
from monps_platform.domain.quantum.game_state import FULL_TIME, Course, GameState, courses
from monps_platform.domain.quantum.season import LeagueSeason, TeamMatch, points
from monps_platform.domain.shots import ShotResult

Floats = NDArray[np.float64]

LEAST_MATCHES = 5
"""With shots, or with half-time scores: of fewer, that none turned says nothing."""
LEAST_MINUTES = 270
"""Three matches' worth of a state: xG of a side in 90 minutes has a standard deviation of about 0.8, so that the
standard error of its mean is still about a third of the mean; the intervals of the ratios say how little that is."""


def _minutes(state: str) -> Any:
    formula = f"minutes of the clock (0 to 90) at which the team was {state}"
    return figure(formula, unit="minutes", source=Source.SHOTS, least=LEAST_MATCHES, low=0, high=None)


def _rate(side: str, state: str) -> Any:
    formula = f"90 * xG {side} in minutes 0 to 89 while {state} / minutes {state}"
    return figure(formula, unit="goals per 90 minutes", source=Source.SHOTS, least=LEAST_MINUTES, low=0, high=None)


def _ratio(side: str, state: str) -> Any:
    formula = f"xG {side} per 90 while {state} / while level, and its 95 % interval"
    return figure(formula, unit="ratio", source=Source.SHOTS, least=LEAST_MINUTES, low=None, high=None)


def _count(formula: str, source: Source, unit: str = "matches") -> Any:
    return figure(formula, unit=unit, source=source, least=LEAST_MATCHES, low=0, high=None)


class PsycheVector(Vector):
    """What the score does to a team. Nothing in it is adjusted for the strength of the opponents: strong teams lead
    against weak ones.
    """

    n_matches_with_shots: int = figure(
        "matches whose shots are held and add up to the score",
        unit="matches",
        source=Source.SHOTS,
        least=0,
        low=0,
        high=None,
    )
    minutes_leading: float | None = _minutes("leading")
    minutes_level: float | None = _minutes("level")
    minutes_trailing: float | None = _minutes("trailing")
    xg_for_leading: float | None = _rate("for", "leading")
    xg_for_level: float | None = _rate("for", "level")
    xg_for_trailing: float | None = _rate("for", "trailing")
    xg_against_leading: float | None = _rate("against", "leading")
    xg_against_level: float | None = _rate("against", "level")
    xg_against_trailing: float | None = _rate("against", "trailing")
    xg_for_leading_ratio: Estimate | None = _ratio("for", "leading")
    xg_for_trailing_ratio: Estimate | None = _ratio("for", "trailing")
    xg_against_leading_ratio: Estimate | None = _ratio("against", "leading")
    xg_against_trailing_ratio: Estimate | None = _ratio("against", "trailing")
    matches_led: int | None = _count("matches with shots in which the team was ahead at any time", Source.SHOTS)
    points_dropped: int | None = _count("3 * matches_led - points of these matches", Source.SHOTS, "points")
    matches_trailed: int | None = _count("matches with shots in which the team was behind at any time", Source.SHOTS)
    points_won_back: int | None = _count("points of these matches", Source.SHOTS, "points")
    n_matches_with_half_time: int = figure(
        "matches with a half-time score", unit="matches", source=Source.RESULTS, least=0, low=0, high=None
    )
    led_at_half_time: int | None = _count("matches led at half-time", Source.RESULTS)
    collapses: int | None = _count("matches led at half-time and not won", Source.RESULTS)
    trailed_at_half_time: int | None = _count("matches in which the team was behind at half-time", Source.RESULTS)
    comebacks: int | None = _count("matches behind at half-time and not lost", Source.RESULTS)
    comeback_wins: int | None = _count("matches behind at half-time and won", Source.RESULTS)


class _Sum(IntEnum):
    """What is summed of a team's match by game state."""

    MINUTES = 0
    FOR = auto()
    AGAINST = auto()


_SIDES = {"for": _Sum.FOR, "against": _Sum.AGAINST}
_AT = {state: at for at, state in enumerate(GameState)}


def psyche_vector(season: LeagueSeason, team_id: int) -> PsycheVector:
    """What the score did to a team. Raises ValueError for a team that has not played."""
    matches = season.played_by(team_id)
    known = season.once(courses)
    with_shots = [(match, known[match.match.match_id]) for match in matches if match.match.match_id in known]
    figures: dict[str, object] = {"n_matches_with_shots": len(with_shots), **_turns_from_half_time(matches)}
    if len(with_shots) >= LEAST_MATCHES:
        sums = np.array([_sums(course, is_home=match.is_home) for match, course in with_shots])
        figures |= _by_state(sums, team_id) | _turned_points(with_shots)
    else:
        gap = Gap.TOO_FEW if with_shots else Gap.NO_SHOTS
        figures |= dict.fromkeys(PsycheVector.model_fields.keys() - Vector.model_fields.keys() - figures.keys(), gap)
    sources = [Source.RESULTS, *([Source.SHOTS] if with_shots else [])]
    return PsycheVector.of(len(matches), season.as_of, sources, figures)


def _sums(course: Course, *, is_home: bool) -> Floats:
    """Of one match, shape (3, states): minutes, xG for and xG against by the team's state, in regular time."""
    sums = np.zeros((len(_Sum), len(GameState)))
    sums[_Sum.MINUTES] = list(course.minutes(is_home=is_home).values())
    for moment in course.moments:
        shot = moment.shot
        if shot.minute < FULL_TIME and shot.result is not ShotResult.OWN_GOAL:
            state = GameState.of_lead(moment.home_lead if is_home else -moment.home_lead)
            sums[_Sum.FOR if shot.is_home is is_home else _Sum.AGAINST, _AT[state]] += shot.xg
    return sums


def _by_state(sums: Floats, seed: int) -> dict[str, object]:
    """Minutes, rates and ratios of a team's matches, shape (matches, 3, states); ``seed`` is that of the intervals."""
    total = sums.sum(axis=0)
    drawn = resampled_sums(sums.reshape(len(sums), -1), seed).reshape(-1, *total.shape)
    enough = dict(zip(GameState, (total[_Sum.MINUTES] >= LEAST_MINUTES).tolist(), strict=True))
    figures: dict[str, object] = {
        f"minutes_{state}": float(total[_Sum.MINUTES, at]) for at, state in enumerate(GameState)
    }
    for side, row in _SIDES.items():
        rates = dict(zip(GameState, _per_90(total, row).tolist(), strict=True))
        figures |= {f"xg_{side}_{state}": rates[state] if enough[state] else Gap.TOO_FEW for state in GameState}
        for state in (GameState.LEADING, GameState.TRAILING):
            both = enough[state] and enough[GameState.LEVEL]
            figures[f"xg_{side}_{state}_ratio"] = _ratio_to_level(total, drawn, row, state) if both else Gap.TOO_FEW
    return figures


def _per_90(sums: Floats, row: _Sum) -> Floats:
    """xG per 90 minutes by state, (..., states), of sums (..., 3, states); NaN without minutes."""
    xg, minutes = sums[..., row, :], sums[..., _Sum.MINUTES, :]
    return np.divide(FULL_TIME * xg, minutes, out=np.full_like(xg, np.nan), where=minutes > 0)


def _ratio_to_level(total: Floats, drawn: Floats, row: _Sum, state: GameState) -> Estimate | Gap:
    """A rate by that of the level score; ``drawn`` are bootstrap values of ``total``, (resamples, 3, states)."""
    value, *_ = ratios = _ratios(np.concatenate([total[None], drawn]), row, state)
    low, high = percentile_interval(ratios[1:])
    if low is None or high is None or np.isnan(value):
        return Gap.NO_VARIATION
    return Estimate(value=float(value), low=low, high=high)


def _ratios(sums: Floats, row: _Sum, state: GameState) -> Floats:
    """Shape (n,) of sums (n, 3, states); NaN where there was no xG at a level score."""
    rates = _per_90(sums, row)
    rate, level = rates[:, _AT[state]], rates[:, _AT[GameState.LEVEL]]
    return np.divide(rate, level, out=np.full_like(rate, np.nan), where=level > 0)


def _turned_points(matches: Iterable[tuple[TeamMatch, Course]]) -> dict[str, object]:
    """Points that the score had promised or denied at some time."""
    led, trailed = [], []
    for match, course in matches:
        leads = [lead for _, lead in course.leads(is_home=match.is_home)]
        if max(leads) > 0:
            led.append(match.points)
        if min(leads) < 0:
            trailed.append(match.points)
    return {
        "matches_led": len(led),
        "points_dropped": points(1) * len(led) - sum(led),
        "matches_trailed": len(trailed),
        "points_won_back": sum(trailed),
    }


def _turns_from_half_time(matches: Iterable[TeamMatch]) -> dict[str, object]:
    """Matches that ended otherwise than they stood at half-time."""
    known = [
        (match.own.half_time_goals - match.other.half_time_goals, match.goal_difference)
        for match in matches
        if match.own.half_time_goals is not None and match.other.half_time_goals is not None
    ]
    led = [end for lead, end in known if lead > 0]
    trailed = [end for lead, end in known if lead < 0]
    counts = {
        "led_at_half_time": len(led),
        "collapses": sum(end <= 0 for end in led),
        "trailed_at_half_time": len(trailed),
        "comebacks": sum(end >= 0 for end in trailed),
        "comeback_wins": sum(end > 0 for end in trailed),
    }
    gap = Gap.TOO_FEW if known else Gap.NO_HALF_TIME
    told: dict[str, object] = dict(counts) if len(known) >= LEAST_MATCHES else dict.fromkeys(counts, gap)
    return {"n_matches_with_half_time": len(known), **told}
