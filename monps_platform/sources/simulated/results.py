"""What happened in the matches: goals from the goal model, and statistics that agree with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monps_platform.domain.goal_model.score_grid import MAX_GOALS
from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.names import REFEREES
from monps_platform.sources.simulated.randomness import Floats, Ints, Stream
from monps_platform.sources.simulated.schedule import Fixtures

FIRST_HALF_SHARE = 0.45
"""Share of the goals that fall before half-time."""

# Means per side and match, near those of the English first division in 2019-20 to 2021-22.
_SAVED, _OFF_TARGET, _CORNERS, _FOULS, _YELLOWS, _REDS = 2.9, 7.9, 5.1, 10.6, 1.6, 0.06
_TYPICAL_GOALS = 1.35  # A side that expects this many has the means above.
_PRESSURE = 0.45  # Shots and corners grow with expected goals, but more slowly.
_RHYTHM_SD = 0.25  # Open and closed matches: counts vary more than Poisson counts do.
_STRICTNESS_SD = 0.2  # Some referees book more than others, in every season.


@dataclass(frozen=True, eq=False)
class Results:
    """Outcome of the matches: arrays of shape (matches, 2) for home and away, and the referees' names."""

    goals: Ints
    half_time_goals: Ints
    shots: Ints
    shots_on_target: Ints
    fouls: Ints
    corners: Ints
    yellows: Ints
    reds: Ints
    referees: tuple[str, ...]


def play(league: League, season: Season, plan: Fixtures, rates: Floats, scores: Floats) -> Results:
    """Play the matches of a plan with expected goals (matches, 2) and score matrices (matches, 256)."""
    goals = _goals(Stream(league, season, "goals"), scores)
    saved, off_target, corners = _pressure(Stream(league, season, "shots"), rates)
    referees = _appoint(Stream(league, season, "referees"), plan)
    fouls, yellows, reds = _discipline(Stream(league, season, "cards"), _strictness(league)[referees])
    return Results(
        goals=goals,
        half_time_goals=_first_half(Stream(league, season, "halves"), goals),
        shots=goals + saved + off_target,
        shots_on_target=goals + saved,
        fouls=fouls,
        corners=corners,
        yellows=yellows,
        reds=reds,
        referees=tuple(REFEREES[number] for number in referees.tolist()),
    )


def _goals(stream: Stream, scores: Floats) -> Ints:
    """One score drawn from each matrix, by inversion."""
    drawn = (np.cumsum(scores, axis=1) < stream.uniform(len(scores), 1)).sum(axis=1)
    # Rounding can leave the last cumulative probability a hair under 1.
    return np.stack(np.divmod(np.minimum(drawn, scores.shape[1] - 1), MAX_GOALS + 1), axis=1)


def _first_half(stream: Stream, goals: Ints) -> Ints:
    """Binomial thinning: each goal fell in the first half or not."""
    early = stream.uniform(*goals.shape, MAX_GOALS) < FIRST_HALF_SHARE
    return np.asarray((early & (np.arange(MAX_GOALS) < goals[..., None])).sum(axis=-1))


def _pressure(stream: Stream, rates: Floats) -> Ints:
    """Saved shots, shots off target and corners, shape (3, matches, 2)."""
    means = np.array([_SAVED, _OFF_TARGET, _CORNERS])[:, None, None]
    rhythm = np.exp(_RHYTHM_SD * stream.normal(*rates.shape) - _RHYTHM_SD**2 / 2)
    return stream.poisson(means * (rates / _TYPICAL_GOALS) ** _PRESSURE * rhythm)


def _discipline(stream: Stream, strictness: Floats) -> tuple[Ints, Ints, Ints]:
    """Fouls, yellow and red cards, each of shape (matches, 2), from the referees' strictness (matches,)."""
    fouls = stream.poisson(np.full((len(strictness), 2), _FOULS))
    yellows = stream.poisson(_YELLOWS * strictness[:, None] * np.sqrt((fouls + 1) / (_FOULS + 1)))
    return fouls, yellows, stream.poisson(np.full(fouls.shape, _REDS))


def _strictness(league: League) -> Floats:
    drawn = Stream(league, league.first_season, "strictness").normal(len(REFEREES))
    return np.asarray(np.exp(_STRICTNESS_SD * drawn))


def _appoint(stream: Stream, plan: Fixtures) -> Ints:
    """Numbers of the referees: nobody has two matches of one round."""
    rounds = int(plan.round.max()) + 1
    return stream.permutations(rounds, len(REFEREES))[plan.round, plan.place]
