"""What a team got beyond its shots: goals against xG, and points against those that both sides' shots were worth."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

from monps_platform.domain.quantum.dna.evidence import points_variance, proportion
from monps_platform.domain.quantum.dna.shot_outcomes import Shooting, ShotOutcome, shot_outcomes
from monps_platform.domain.quantum.documents import Estimate, Gap, Source, Vector, figure
from monps_platform.domain.quantum.season import LeagueSeason, TeamMatch

LEAST_MATCHES = 5
"""With shots: of fewer, any sum of goals goes with any xG."""
LEAST_ON_TARGET = 20
"""At a usual third of shots on target that go in, the standard error is then about ten points."""


def _sum(formula: str, unit: str = "goals", low: float | None = 0) -> Any:
    return figure(formula, unit=unit, source=Source.SHOTS, least=LEAST_MATCHES, low=low, high=None)


def _count(formula: str, unit: str) -> Any:
    return figure(formula, unit=unit, source=Source.SHOTS, least=LEAST_MATCHES, low=0, high=None)


def _percentage(formula: str) -> Any:
    return figure(
        f"100 * {formula}, and the 95 % interval of Wilson (1927)",
        unit="%",
        source=Source.SHOTS,
        least=LEAST_ON_TARGET,
        low=None,
        high=None,
    )


class LuckVector(Vector):
    """What a team got beyond its shots. Own goals are nobody's shots: they count in points alone. Penalties count."""

    n_matches_with_shots: int = figure(
        "matches whose shots are held and add up to the score",
        unit="matches",
        source=Source.SHOTS,
        least=0,
        low=0,
        high=None,
    )
    goals: int | None = _count("goals of the team's shots", "goals")
    xg: float | None = _sum("xG of the team's shots")
    goals_minus_xg: float | None = _sum("goals - xg", low=None)
    goals_against: int | None = _count("goals of the opponents' shots", "goals")
    xg_against: float | None = _sum("xG of the opponents' shots")
    xg_against_minus_goals_against: float | None = _sum("xg_against - goals_against", low=None)
    points: int | None = _count("points of the matches with shots", "points")
    expected_points: float | None = _sum("sum of 3 * P(win) + P(draw) by the shots of both sides", "points")
    points_minus_expected: float | None = _sum("points - expected_points", "points", low=None)
    points_z: float | None = figure(
        "points_minus_expected / root of the sum of the points' variances by the shots of both sides",
        unit="standard deviations",
        source=Source.SHOTS,
        least=LEAST_MATCHES,
        low=None,
        high=None,
    )
    shots_on_target: int | None = _count("goals and saved shots of the team", "shots")
    shooting_percentage: Estimate | None = _percentage("goals / shots_on_target")
    shots_on_target_against: int | None = _count("goals and saved shots of the opponents", "shots")
    save_percentage: Estimate | None = _percentage("(1 - goals_against / shots_on_target_against)")


_FIELDS = tuple(name for name in LuckVector.model_fields if name not in Vector.model_fields)
_Seen = Sequence[tuple[TeamMatch, ShotOutcome]]


def luck_vector(season: LeagueSeason, team_id: int) -> LuckVector:
    """What the team got beyond its shots. Raises ValueError for a team that has not played."""
    matches = season.played_by(team_id)
    known = season.once(shot_outcomes)
    seen = [(match, known[match.match.match_id]) for match in matches if match.match.match_id in known]
    figures: dict[str, object] = dict.fromkeys(_FIELDS, Gap.TOO_FEW if seen else Gap.NO_SHOTS)
    if len(seen) >= LEAST_MATCHES:
        figures |= _goals(seen) | _points(seen)
    figures["n_matches_with_shots"] = len(seen)
    sources = [Source.RESULTS, *([Source.SHOTS] if seen else [])]
    return LuckVector.of(len(matches), season.as_of, sources, figures)


def _goals(seen: _Seen) -> dict[str, object]:
    own = _added([outcome.home if match.is_home else outcome.away for match, outcome in seen])
    other = _added([outcome.away if match.is_home else outcome.home for match, outcome in seen])
    return {
        "goals": own.goals,
        "xg": own.xg,
        "goals_minus_xg": own.goals - own.xg,
        "goals_against": other.goals,
        "xg_against": other.xg,
        "xg_against_minus_goals_against": other.xg - other.goals,
        "shots_on_target": own.on_target,
        "shooting_percentage": _share(own.goals, own.on_target),
        "shots_on_target_against": other.on_target,
        "save_percentage": _share(other.on_target - other.goals, other.on_target),
    }


def _added(shooting: Sequence[Shooting]) -> Shooting:
    return Shooting(
        sum(match.goals for match in shooting),
        sum(match.xg for match in shooting),
        sum(match.on_target for match in shooting),
    )


def _share(successes: int, on_target: int) -> Estimate | Gap:
    """In per cent."""
    if on_target < LEAST_ON_TARGET:
        return Gap.TOO_FEW
    share = proportion(successes, on_target)
    return Estimate(value=100 * share.value, low=100 * share.low, high=100 * share.high)


def _points(seen: _Seen) -> dict[str, object]:
    """Points against those that the shots were worth; matches are independent, so that variances add up."""
    points = sum(match.points for match, _ in seen)
    chances = [(outcome.home_win if match.is_home else outcome.away_win, outcome.draw) for match, outcome in seen]
    expected = sum(3 * win + draw for win, draw in chances)
    variance = sum(points_variance(win, draw) for win, draw in chances)
    return {
        "points": points,
        "expected_points": expected,
        "points_minus_expected": points - expected,
        "points_z": (points - expected) / sqrt(variance) if variance > 0 else Gap.NO_VARIATION,
    }
