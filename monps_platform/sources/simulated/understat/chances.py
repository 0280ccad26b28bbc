"""How good the shots are, given which of them were goals."""

from __future__ import annotations

import numpy as np

from monps_platform.domain.shots import BodyPart, ShotSituation
from monps_platform.sources.simulated.randomness import Floats, Ints, Stream
from monps_platform.sources.simulated.understat.squads import Flags

OWN_GOAL_SHARE = 0.03
"""Share of the goals that the other side puts into its own net; they are no shots and have no xG."""

PENALTY_XG = 0.76

MICRO = 1_000_000
"""xG is kept in whole millionths, so that every sum of it is exact."""

SITUATIONS: tuple[ShotSituation, ...] = tuple(ShotSituation)
BODY_PARTS: tuple[BodyPart, ...] = tuple(BodyPart)

OPEN_PLAY, FROM_CORNER, SET_PIECE, DIRECT_FREE_KICK, PENALTY = range(5)
RIGHT_FOOT, LEFT_FOOT, HEAD, OTHER_PART = range(4)

_SITUATION_SHARES: Floats = np.array([0.7325, 0.15, 0.064, 0.04, 0.0135])
_HEADED: Floats = np.array([0.1, 0.48, 0.43, 0.0, 0.0])  # Share of headers in each situation.
_FEET = 0.61  # The right foot's share.
_ODD = 0.004  # Share of shots with neither foot nor head, as far as the ball moves.

# Where shots are taken from: mean and standard deviation of X, standard deviation of Y around the middle, as
# shares of the pitch; and the log odds of a goal from distance zero. One row per situation, and one for headers.
_PLACES: Floats = np.array(
    [
        [0.840, 0.075, 0.137, 0.75],
        [0.844, 0.075, 0.124, 0.65],
        [0.841, 0.078, 0.118, 0.75],
        [0.757, 0.045, 0.150, 2.05],
        [0.885, 0.000, 0.000, 0.0],
        [0.916, 0.028, 0.066, -0.25],
    ]
)
_HEADER_ROW = 5
_LENGTH, _WIDTH = 105.0, 68.0  # Metres.
_PER_METRE = 0.19  # What a metre takes from the log odds.
_USUAL_XG = 0.098  # Mean of the above over everything but penalties.
_LARGEST_XG = 0.95
_NEAR, _FAR, _TOUCHLINE = 0.99, 0.6, 0.02

# A side's other shots grow with its expected goals as those of simulated seasons do: others = 9.44 * rate ** 0.45.
_OTHER_SHOTS, _GROWTH = 9.44, 0.45


def shot_quality(rates: Floats) -> Floats:
    """What the xG of a side's shots is multiplied by, penalties aside, from its expected goals: same shape.

    It makes the mean xG of a shot the share of the side's shots that are goals over many seasons, so that xG is
    right for strong and weak sides alike.
    """
    goals = (1 - OWN_GOAL_SHARE) * rates
    mean_xg = goals / (rates + _OTHER_SHOTS * rates**_GROWTH)
    penalties = _SITUATION_SHARES[PENALTY]
    return np.asarray((mean_xg - penalties * PENALTY_XG) / ((1 - penalties) * _USUAL_XG))


def draw_chances(stream: Stream, quality: Floats, scored: Flags) -> Floats:
    """Chances for shots of which it is known whether they were goals, both of shape (n,).

    One row per shot, shape (n, 5): indices into SITUATIONS and BODY_PARTS, X and Y as shares of the pitch, xG in
    millionths. Rejection sampling: each chance is redrawn until, played with its own xG, it ends as it must. So
    xG has the distribution that it has among goals (or misses) where it is the probability of a goal, and is
    calibrated; given their number, a shot's odds of being among the goals are proportional to xG / (1 - xG).
    """
    table = np.empty((len(quality), 5))
    waiting = np.arange(len(quality))
    while len(waiting):
        drawn = _candidates(stream, quality[waiting])
        fits = (stream.uniform(len(waiting)) * MICRO < drawn[:, 4]) == scored[waiting]
        table[waiting[fits]] = drawn[fits]
        waiting = waiting[~fits]
    return table


def draw_own_goals(stream: Stream, count: int) -> Floats:
    """Own goals in the same form: near the scorer's own goal, with no xG, never from a penalty or free kick."""
    x = np.round(0.02 + 0.1 * stream.uniform(count), 3)
    y = np.round(np.clip(0.5 + 0.06 * stream.normal(count), _TOUCHLINE, 1 - _TOUCHLINE), 3)
    situation = pick(stream, np.tile(_SITUATION_SHARES[: SET_PIECE + 1], (count, 1)))
    body_part = pick(stream, np.ones((count, len(BODY_PARTS))))
    return np.column_stack([situation, body_part, x, y, np.zeros(count)])


def pick(stream: Stream, weights: Floats) -> Ints:
    """One column per row, with probabilities proportional to the weights (n, k), which need not sum to 1."""
    cumulative = np.cumsum(weights, axis=1)
    drawn = stream.uniform(len(weights), 1) * cumulative[:, -1:]
    return np.asarray((cumulative[:, :-1] <= drawn).sum(axis=1))


def _candidates(stream: Stream, quality: Floats) -> Floats:
    """Situation, body part, X, Y and xG in millionths of one shot per row: shape (n, 5)."""
    count = len(quality)
    situation = pick(stream, np.tile(_SITUATION_SHARES, (count, 1)))
    headed = stream.uniform(count) < _HEADED[situation]
    struck = stream.uniform(count)
    odd = (struck > 1 - _ODD) & (situation <= SET_PIECE)
    body_part = np.where(headed, HEAD, np.where(odd, OTHER_PART, np.where(struck < _FEET, RIGHT_FOOT, LEFT_FOOT)))
    mean, spread, width, log_odds = _PLACES[np.where(headed, _HEADER_ROW, situation)].T
    # Rounded before anything is derived from them: a last bit that differs between machines changes nothing.
    x = np.round(np.clip(mean + spread * stream.normal(count), _FAR, _NEAR), 3)
    y = np.round(np.clip(0.5 + width * stream.normal(count), _TOUCHLINE, 1 - _TOUCHLINE), 3)
    distance = np.sqrt(((1 - x) * _LENGTH) ** 2 + ((y - 0.5) * _WIDTH) ** 2)
    chance = quality / (1 + np.exp(_PER_METRE * distance - log_odds))
    xg = np.where(situation == PENALTY, PENALTY_XG, np.minimum(chance, _LARGEST_XG))
    return np.column_stack([situation, body_part, x, y, np.round(xg * MICRO)])
