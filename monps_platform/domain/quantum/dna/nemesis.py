"""Whom a team does better or worse against than the market expected: by opponent and by the opponent's profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from pydantic import Field

from monps_platform.domain.quantum.dna.evidence import points_variance
from monps_platform.domain.quantum.documents import Document, Gap, Source, Vector, figure
from monps_platform.domain.quantum.season import LeagueSeason, TeamMatch
from monps_platform.domain.tactics import TacticalProfile

LEAST_MATCHES = 5
"""Of fewer, residual points are those of a good or a bad month."""
LEAST_MEETINGS = 4
"""Two seasons' worth: with one season's, the best and the worst opponents are who was met on a good or a bad day."""
NAMED = 3
"""Opponents named as the best and as the worst."""
POINTS_VARIANCE = 1.4
"""Of a match's points around those expected: 1.39 in 24,616 matches of five leagues from 2003-04 to 2016-17."""
EFFECT_SD = 0.1
"""Points per match by which pairs of teams are taken to differ from what the market expects. In those matches there is
no such difference (variance between pairs -0.009, 95 % interval -0.015 to -0.003); this is the least worth naming."""
SHRINKAGE = POINTS_VARIANCE / EFFECT_SD**2
"""k: matches after which half of a residual would be believed."""
_PRICED = (Source.RESULTS, Source.PRICES)


class Residual(Document):
    """Points of some matches against those that the market expected of them."""

    n_matches: int = figure(
        "matches with no-vig probabilities", unit="matches", source=_PRICED, least=1, low=1, high=None
    )
    points: int = figure("points", unit="points", source=Source.RESULTS, least=1, low=0, high=None)
    expected_points: float = figure(
        "sum of 3 * P(win) + P(draw), no-vig", unit="points", source=Source.PRICES, least=1, low=0, high=None
    )
    residual: float = figure(
        "(points - expected_points) / n_matches", unit="points per match", source=_PRICED, least=1, low=-3, high=3
    )
    shrunk: float = figure(
        "residual * n_matches / (n_matches + k)", unit="points per match", source=_PRICED, least=1, low=-3, high=3
    )
    z: float = figure(
        "(points - expected_points) / root of the sum of the points' variances that the market implies",
        unit="standard deviations",
        source=_PRICED,
        least=1,
        low=None,
        high=None,
    )


class OpponentResidual(Residual):
    """Against one opponent, in this season and those before."""

    opponent_id: int = Field(description="id of the opponent")


def _opponents(formula: str, least: int) -> Any:
    return figure(formula, unit="records", source=_PRICED, least=least, low=None, high=None)


class NemesisVector(Vector):
    """Whom a team does better or worse against than the market expected."""

    n_meetings: int = figure(
        "matches with no-vig probabilities in this season and those before",
        unit="matches",
        source=_PRICED,
        least=0,
        low=0,
        high=None,
    )
    n_matches_with_market: int = figure(
        "those of this season", unit="matches", source=_PRICED, least=0, low=0, high=None
    )
    residual: float | None = figure(
        "(points - points expected) / n_matches_with_market, this season",
        unit="points per match",
        source=_PRICED,
        least=LEAST_MATCHES,
        low=-3,
        high=3,
    )
    residual_z: float | None = figure(
        "z of n_matches_with_market, as of a record",
        unit="standard deviations",
        source=_PRICED,
        least=LEAST_MATCHES,
        low=None,
        high=None,
    )
    by_opponent: tuple[OpponentResidual, ...] | None = _opponents("every opponent met, by id", 1)
    best_opponents: tuple[OpponentResidual, ...] | None = _opponents(
        "up to three with the highest shrunk residual above 0, among those met often enough", LEAST_MEETINGS
    )
    worst_opponents: tuple[OpponentResidual, ...] | None = _opponents(
        "up to three with the lowest shrunk residual below 0, among those met often enough", LEAST_MEETINGS
    )
    by_profile: dict[TacticalProfile, Residual] | None = figure(
        "by the opponents' tactical profiles, this season", unit="records", source=_PRICED, least=1, low=None, high=None
    )


@dataclass(frozen=True, slots=True)
class _Meeting:
    """A match with no-vig probabilities as one of its sides sees it."""

    opponent_id: int
    points: int
    expected_points: float
    variance: float


def nemesis_vector(season: LeagueSeason, team_id: int, profiles: Mapping[int, TacticalProfile | None]) -> NemesisVector:
    """Whom the team did better or worse against than expected; ``profiles`` are the opponents' as known on the day.

    Raises ValueError for a team that has not played.
    """
    matches = season.played_by(team_id)
    current = [meeting for match in matches if (meeting := _meeting(match)) is not None]
    ever = [*season.once(_earlier_meetings).get(team_id, ()), *current]
    figures: dict[str, object] = {
        "n_meetings": len(ever),
        "n_matches_with_market": len(current),
        **_this_season(current),
        **_by_opponent(ever),
        "by_profile": _by_profile(current, profiles),
    }
    sources = [Source.RESULTS, *([Source.PRICES] if ever else [])]
    return NemesisVector.of(len(matches), season.as_of, sources, figures)


def _earlier_meetings(season: LeagueSeason) -> Mapping[int, Sequence[_Meeting]]:
    """Those of the seasons before, by team."""
    found: dict[int, list[_Meeting]] = {}
    for match in season.earlier:
        for is_home in (True, False):
            seen = TeamMatch(match, is_home)
            meeting = _meeting(seen)
            if meeting is not None:
                found.setdefault(seen.own.team_id, []).append(meeting)
    return found


def _meeting(match: TeamMatch) -> _Meeting | None:
    outcomes, expected = match.fair_outcomes, match.expected_points
    if outcomes is None or expected is None:
        return None
    win, draw, _ = outcomes
    return _Meeting(match.other.team_id, match.points, expected, points_variance(win, draw))


def _residual(meetings: Sequence[_Meeting]) -> dict[str, object]:
    """The fields of the residual of at least one meeting."""
    n, points = len(meetings), sum(meeting.points for meeting in meetings)
    expected = sum(meeting.expected_points for meeting in meetings)
    beyond = points - expected
    return {
        "n_matches": n,
        "points": points,
        "expected_points": expected,
        "residual": beyond / n,
        "shrunk": beyond / (n + SHRINKAGE),
        "z": beyond / sqrt(sum(meeting.variance for meeting in meetings)),
    }


def _this_season(meetings: Sequence[_Meeting]) -> dict[str, object]:
    if len(meetings) < LEAST_MATCHES:
        return dict.fromkeys(("residual", "residual_z"), Gap.TOO_FEW if meetings else Gap.NO_PRICES)
    figures = _residual(meetings)
    return {"residual": figures["residual"], "residual_z": figures["z"]}


def _by_opponent(meetings: Iterable[_Meeting]) -> dict[str, object]:
    grouped: dict[int, list[_Meeting]] = {}
    for meeting in meetings:
        grouped.setdefault(meeting.opponent_id, []).append(meeting)
    names = ("by_opponent", "best_opponents", "worst_opponents")
    if not grouped:
        return dict.fromkeys(names, Gap.NO_PRICES)
    every = tuple(
        OpponentResidual.model_validate({"opponent_id": opponent_id, **_residual(grouped[opponent_id])})
        for opponent_id in sorted(grouped)
    )
    often = [opponent for opponent in every if opponent.n_matches >= LEAST_MEETINGS]
    if not often:
        return {"by_opponent": every, **dict.fromkeys(names[1:], Gap.TOO_FEW)}
    best = sorted((each for each in often if each.shrunk > 0), key=lambda each: -each.shrunk)
    worst = sorted((each for each in often if each.shrunk < 0), key=lambda each: each.shrunk)
    return dict(zip(names, (every, tuple(best[:NAMED]), tuple(worst[:NAMED])), strict=True))


def _by_profile(
    meetings: Sequence[_Meeting], profiles: Mapping[int, TacticalProfile | None]
) -> dict[TacticalProfile, Residual] | Gap:
    if not meetings:
        return Gap.NO_PRICES
    grouped: dict[TacticalProfile, list[_Meeting]] = {}
    for meeting in meetings:
        profile = profiles.get(meeting.opponent_id)
        if profile is not None:
            grouped.setdefault(profile, []).append(meeting)
    found = {profile: Residual.model_validate(_residual(grouped[profile])) for profile in sorted(grouped)}
    return found or Gap.NOT_JUDGED
