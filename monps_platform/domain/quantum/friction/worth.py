"""What the scores of a season's pairs were worth: what they go with in the same teams' matches of the season after.

Spearman's rank correlation of a score with an outcome, ranks taken within each league's season, so that what sets
leagues apart counts for nothing. Surprise is not ranked: if the market is right, its mean is 0 in every match, but its
median is the lower the clearer the favourite, so that ranks of it go with all that tells even matches from uneven ones.

Matches that share a team are alike. So the standard error leaves out a team at a time (the jackknife of Snijders &
Borgatti 1999, "Non-parametric standard errors and tests for network statistics"), and takes off what a pair of teams
would count twice (Aronow, Samii & Assenova 2015, "Cluster-robust variance estimation for dyadic data"). The interval is
Fisher's (1921), with Student's t for a correlation of as many points as there are teams.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import atanh, nan, tanh

import numpy as np
import scipy
from numpy.typing import NDArray

from monps_platform.domain.quantum.friction.surprise import excess_surprise
from monps_platform.domain.quantum.friction.vocabulary import Score
from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Names = NDArray[np.str_]

LEAST_MATCHES = 30
"""The standard error of a correlation is then about 0.19; with fewer even a strong one cannot be told from none."""
LEAST_TEAMS = 8
"""Of fewer it is not known how far matches of a team are alike."""
_ROUNDING = 1e-9
_CERTAIN = 1 - 1e-9
"""From here on a correlation is a perfect one, of which Fisher's transform is infinite."""


class Outcome(StrEnum):
    """What came of a match: goals, and yellow and red cards, of both sides; and ``excess_surprise``."""

    TOTAL_GOALS = "total goals"
    CARDS = "cards"
    SURPRISE = "surprise"


@dataclass(frozen=True, slots=True)
class Observation:
    """A match: the scores that its pair had before, in the order of Score, and what came of it, in that of Outcome; NaN
    is what is not known. ``stratum`` names the league's season.
    """

    stratum: str
    home_team_id: int
    away_team_id: int
    scores: tuple[float, ...]
    outcomes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """Correlation of a score's ranks with an outcome over ``n`` matches of ``n_teams`` teams; None where these are too
    few, or all alike. ``low`` and ``high`` are the 95 % interval, ``p`` is two-sided, ``q`` is p after Benjamini &
    Hochberg (1995) over all relations that are told together; None where all hangs on one team, or nothing is left to
    chance.
    """

    score: Score
    outcome: Outcome
    n: int
    n_teams: int
    correlation: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None


def observations(
    scores: Mapping[tuple[int, int], Mapping[Score, float | None]], as_of: date, following: LeagueSeason
) -> list[Observation]:
    """Matches of a league's following season whose pair, by home and away team, has scores as of a day.

    Raises ValueError for a match before that day: it may be one of those that the scores were made of.
    """
    early = [match.match_id for match in following.matches if match.day < as_of]
    if early:
        raise ValueError(f"matches {early[:5]} of {following.partition} were played before {as_of}")
    return [
        Observation(following.partition.name, *pair, _numbers(scores[pair]), _outcomes(match))
        for match in following.matches
        if (pair := (match.home.team_id, match.away.team_id)) in scores
    ]


def predictive_worth(found: Sequence[Observation]) -> tuple[Relation, ...]:
    """Every score against every outcome, by score."""
    table = [[*item.scores, *item.outcomes] for item in found]
    values = np.array(table, dtype=np.float64).reshape(len(found), len(Score) + len(Outcome))
    sides = np.array([(item.home_team_id, item.away_team_id) for item in found], dtype=np.int64).reshape(-1, 2)
    strata = np.array([item.stratum for item in found], dtype=np.str_)
    relations = [
        _relation(score, outcome, values[:, [at, len(Score) + to]], sides, strata)
        for at, score in enumerate(Score)
        for to, outcome in enumerate(Outcome)
    ]
    return _with_q(relations)


def _numbers(scores: Mapping[Score, float | None]) -> tuple[float, ...]:
    return tuple(nan if (value := scores[score]) is None else value for score in Score)


def _outcomes(match: SeasonMatch) -> tuple[float, ...]:
    shown = [match.home.yellow_cards, match.home.red_cards, match.away.yellow_cards, match.away.red_cards]
    cards = [nan if count is None else count for count in shown]
    surprise = excess_surprise(match)
    found = {
        Outcome.TOTAL_GOALS: float(match.home.goals + match.away.goals),
        Outcome.CARDS: float(sum(cards)),
        Outcome.SURPRISE: nan if surprise is None else surprise,
    }
    return tuple(found[outcome] for outcome in Outcome)


def _relation(score: Score, outcome: Outcome, values: Floats, sides: Ints, strata: Names) -> Relation:
    """Of a score and an outcome (n, 2), NaN where missing, of matches between two teams (n, 2)."""
    held = ~np.isnan(values).any(axis=1)
    sides = sides[held]
    relation = Relation(score, outcome, len(sides), len(np.unique(sides)))
    if relation.n < LEAST_MATCHES or relation.n_teams < LEAST_TEAMS:
        return relation
    x, y = _within(values[held], strata[held], outcome).T
    if min(x.std(), y.std()) < _ROUNDING:
        return relation
    correlation, error = _correlation(x / x.std(), y / y.std(), sides)
    told = replace(relation, correlation=correlation)
    if abs(correlation) >= _CERTAIN or not error > 0:
        return told
    centre, freedom = atanh(correlation), relation.n_teams - 2
    reach = float(scipy.stats.t.ppf(0.975, freedom)) * error
    p = float(2 * scipy.stats.t.sf(abs(centre) / error, freedom))
    return replace(told, low=tanh(centre - reach), high=tanh(centre + reach), p=p)


def _within(values: Floats, strata: Names, outcome: Outcome) -> Floats:
    """A score and an outcome (n, 2) within each stratum: ranks from -1/2 to 1/2, equal values at their mean rank, but
    surprise less its mean. All have the mean 0.
    """
    found = np.empty(values.shape)
    for stratum in np.unique(strata):
        here = strata == stratum
        found[here] = (scipy.stats.rankdata(values[here], axis=0) - 0.5) / here.sum() - 0.5
        if outcome is Outcome.SURPRISE:
            found[here, 1] = values[here, 1] - values[here, 1].mean()
    return found


def _correlation(x: Floats, y: Floats, sides: Ints) -> tuple[float, float]:
    """Correlation of standardised x and y (n,), and the standard error of its Fisher transform: NaN where without some
    team nothing varies.

    Squares of what each team changes when its matches are left out are summed, less those of what each pair does, whose
    matches are left out with both its teams. The error is at least that of independent pairs.
    """
    moments = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y])
    teams, places = np.unique(sides, return_inverse=True)
    home, away = places.reshape(-1, 2).T
    of_team = np.array([np.bincount(home, row, len(teams)) + np.bincount(away, row, len(teams)) for row in moments])
    total = moments.sum(axis=1)
    value, transformed = _fisher(total)
    by_team = _fisher(total[:, None] - of_team)[1] - transformed
    influence = (x * y - value * (x * x + y * y) / 2) / (len(x) * (1 - value**2))
    by_pair = np.bincount(np.minimum(home, away) * len(teams) + np.maximum(home, away), influence)
    pairs = (by_pair**2).sum()
    return float(value), float(np.sqrt(np.maximum((by_team**2).sum() - pairs, pairs)))


def _fisher(moments: Floats) -> tuple[Floats, Floats]:
    """Correlations and their Fisher transforms (...) from sums of 1, x, y, x^2, y^2, x y (6, ...); NaN where nothing
    varies.
    """
    n, x, y, xx, yy, xy = moments
    spread = np.sqrt(np.maximum(n * xx - x * x, 0) * np.maximum(n * yy - y * y, 0))
    known = np.divide(n * xy - x * y, spread, out=np.full_like(spread, np.nan), where=spread > _ROUNDING)
    values = np.clip(known, -_CERTAIN, _CERTAIN)
    return values, np.arctanh(values)


def _with_q(relations: Sequence[Relation]) -> tuple[Relation, ...]:
    p_values = [relation.p for relation in relations if relation.p is not None]
    adjusted = iter(scipy.stats.false_discovery_control(p_values).tolist() if p_values else ())
    return tuple(relation if relation.p is None else replace(relation, q=next(adjusted)) for relation in relations)
