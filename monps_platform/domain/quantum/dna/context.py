"""Where and against whom a team does well: at home and away, and by the opponent's place in the table as it stood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from monps_platform.domain.intervals import resampled_sums
from monps_platform.domain.quantum.dna.evidence import bootstrapped
from monps_platform.domain.quantum.dna.table import Third, thirds
from monps_platform.domain.quantum.documents import Estimate, Explained, Gap, Source, Vector, figure
from monps_platform.domain.quantum.season import LeagueSeason, TeamMatch

LEAST_MATCHES = 5
"""Of fewer, a mean per match says more of the opponents than of the team."""
_XG = Source.SHOTS


def _mean(formula: str, unit: str, source: Source = Source.RESULTS, high: float | None = None) -> Any:
    denominator = "n_matches_with_xg" if source is _XG else "n_matches"
    return figure(
        f"{formula} / {denominator}", unit=f"{unit} per match", source=source, least=LEAST_MATCHES, low=0, high=high
    )


class PerMatch(Explained):
    """Means over some of the team's matches."""

    n_matches: int = figure("matches", unit="matches", source=Source.RESULTS, least=0, low=0, high=None)
    points: float | None = _mean("points", "points", high=3)
    goals_for: float | None = _mean("goals of the team", "goals")
    goals_against: float | None = _mean("goals of its opponents", "goals")
    n_matches_with_xg: int = figure(
        "matches with xG of both sides", unit="matches", source=_XG, least=0, low=0, high=None
    )
    xg_for: float | None = _mean("xG of the team", "goals", _XG)
    xg_against: float | None = _mean("xG of its opponents", "goals", _XG)


def _part(which: str) -> Any:
    return figure(
        f"means over matches {which}", unit="per match", source=(Source.RESULTS, _XG), least=0, low=None, high=None
    )


def _advantage(what: str, unit: str) -> Any:
    return figure(
        f"{what} per match at home - away, and its 95 % interval (bootstrap over the matches of either venue)",
        unit=f"{unit} per match",
        source=Source.RESULTS,
        least=LEAST_MATCHES,
        low=None,
        high=None,
    )


class ContextVector(Vector):
    """Where and against whom a team does well."""

    home: PerMatch = _part("at home")
    away: PerMatch = _part("away")
    against_top: PerMatch = _part("against the top third of the table as it stood")
    against_middle: PerMatch = _part("against the middle third of the table as it stood")
    against_bottom: PerMatch = _part("against the bottom third of the table as it stood")
    home_advantage_points: Estimate | None = _advantage("points", "points")
    home_advantage_goals: Estimate | None = _advantage("goal difference", "goals")


def context_vector(season: LeagueSeason, team_id: int) -> ContextVector:
    """Where and against whom the team did well. Raises ValueError for a team that has not played."""
    matches = season.played_by(team_id)
    home = [match for match in matches if match.is_home]
    away = [match for match in matches if not match.is_home]
    stood = season.once(thirds)
    places = [stood[match.match.day].get(match.other.team_id) for match in matches]
    by_third = {
        f"against_{third}": _per_match([match for match, place in zip(matches, places, strict=True) if place is third])
        for third in Third
    }
    figures = {"home": _per_match(home), "away": _per_match(away), **by_third, **_home_advantage(home, away, team_id)}
    has_xg = any(_has_xg(match) for match in matches)
    sources = [Source.RESULTS, *([Source.SHOTS] if has_xg else [])]
    return ContextVector.of(len(matches), season.as_of, sources, figures)


def _has_xg(match: TeamMatch) -> bool:
    return match.own.xg is not None and match.other.xg is not None


def _per_match(matches: Sequence[TeamMatch]) -> PerMatch:
    results = [(match.points, match.own.goals, match.other.goals) for match in matches]
    xg = [(match.own.xg, match.other.xg) for match in matches if _has_xg(match)]
    no_xg = Gap.NO_SHOTS if matches and not xg else Gap.TOO_FEW
    return PerMatch.explained(
        {
            "n_matches": len(matches),
            **_means(("points", "goals_for", "goals_against"), results, Gap.TOO_FEW),
            "n_matches_with_xg": len(xg),
            **_means(("xg_for", "xg_against"), xg, no_xg),
        }
    )


def _means(names: Sequence[str], rows: Sequence[tuple[float | None, ...]], gap: Gap) -> dict[str, object]:
    """The mean of each column; the gap where there are too few rows."""
    if len(rows) < LEAST_MATCHES:
        return dict.fromkeys(names, gap)
    return dict(zip(names, np.array(rows, dtype=np.float64).mean(axis=0).tolist(), strict=True))


def _home_advantage(home: Sequence[TeamMatch], away: Sequence[TeamMatch], seed: int) -> dict[str, object]:
    """Differences of means of the two venues, whose matches are drawn apart."""
    names = ("home_advantage_points", "home_advantage_goals")
    if min(len(home), len(away)) < LEAST_MATCHES:
        return dict.fromkeys(names, Gap.TOO_FEW)
    means, drawn = [], []
    for venue, matches in enumerate((home, away)):
        table = np.array([(match.points, match.goal_difference) for match in matches])
        means.append(table.mean(axis=0))
        drawn.append(resampled_sums(table, (seed, venue)) / len(matches))
    values, draws = (means[0] - means[1]).tolist(), (drawn[0] - drawn[1]).T
    return {name: bootstrapped(value, draw) for name, value, draw in zip(names, values, draws, strict=True)}
