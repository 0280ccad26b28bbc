"""When shots and goals fall."""

from __future__ import annotations

import numpy as np

from monps_platform.sources.simulated.randomness import Floats, Ints, Stream
from monps_platform.sources.simulated.understat.squads import Flags

LATE_FROM = 76
"""The first minute after minute 75."""

LATE_GOAL_ODDS = 3.0
"""In matches of a club of LATE_GOAL_CLUBS: how many times the usual odds it has that a goal of its second half
falls after minute 75, against before. Only when its goals fall differs, not how many, nor its other shots."""

FIRST_HALF_SHOTS = 0.47
"""Share of the shots without a goal that fall before half-time."""

_MINUTES = np.arange(96)
# Relative frequencies of a minute: a slow start, a mild rise, and stoppage time that not every half has.
_FIRST_HALF: Floats = np.interp(_MINUTES, [0, 44, 45, 48], [0.75, 1.0, 1.2, 0.2], right=0.0)
_SECOND_HALF: Floats = np.interp(_MINUTES, [46, 89, 92, 95], [1.0, 1.15, 0.9, 0.2], left=0.0)
_LATE: Floats = _SECOND_HALF * np.where(_MINUTES >= LATE_FROM, LATE_GOAL_ODDS, 1.0)
_CUMULATIVE: Floats = np.cumsum(np.stack([_FIRST_HALF, _SECOND_HALF, _LATE]), axis=1)


def draw_minutes(stream: Stream, second_half: Flags, scores_late: Flags) -> Ints:
    """Minutes 0 to 48 of first halves and 46 to 95 of second ones, as Understat counts them: shape (n,)."""
    cumulative = _CUMULATIVE[second_half * (1 + scores_late.astype(np.int64))]
    drawn = stream.uniform(len(second_half), 1) * cumulative[:, -1:]
    return np.asarray((cumulative[:, :-1] <= drawn).sum(axis=1))
