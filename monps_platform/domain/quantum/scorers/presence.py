"""On the pitch or not, by period: a substitute's goals fall late because he is not there before.

Played time runs from 0 to 90 minutes, a quarter of an hour per period; stoppage time belongs to the last minute.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.quantum.periods import PERIODS
from monps_platform.domain.understat import Appearance

Floats = NDArray[np.float64]
Presence = tuple[float, ...]
"""Share of each period that a player is on the pitch, of the matches he appears in."""

STARTER_MINUTES, SUBSTITUTE_MINUTES = 87.0, 13.0
"""Mean minutes of an appearance of the real season 2017-18's players who always started, and of those who never did:
what totals, which do not tell starts from substitutions, are taken apart by. Later seasons had no part in it.
"""
_SUBSTITUTE = "S"
_FULL_TIME = 90
_PERIOD = _FULL_TIME // len(PERIODS)
_CHANGES_FROM = 45.0
_MINUTES: Floats = np.arange(_FULL_TIME, dtype=np.float64) + 0.5


def presence_of_appearances(entries: Iterable[Appearance]) -> Presence:
    """From line-ups, at least one: who began plays the first minutes, who came on the last ones."""
    played = [(entry.position.startswith("Sub"), entry.minutes) for entry in entries]
    came_on, minutes = np.array(played).T[:, :, None]
    on_pitch = np.where(came_on, _FULL_TIME - minutes < _MINUTES, minutes > _MINUTES)
    return _by_period(on_pitch.mean(axis=0))


def presence_of_totals(letters: str, minutes_per_appearance: float) -> Presence:
    """From the letters of a season and the mean minutes of an appearance, above 0. Who has both begun and come on is a
    mixture of typical starts and substitutions with his mean.
    """
    known = letters.split()
    if _SUBSTITUTE not in known:
        return _started(minutes_per_appearance)
    if known == [_SUBSTITUTE]:
        return _came_on(minutes_per_appearance)
    starts = (minutes_per_appearance - SUBSTITUTE_MINUTES) / (STARTER_MINUTES - SUBSTITUTE_MINUTES)
    if starts >= 1:
        return _started(minutes_per_appearance)
    if starts <= 0:
        return _came_on(minutes_per_appearance)
    began, came_on = np.array(_started(STARTER_MINUTES)), np.array(_came_on(SUBSTITUTE_MINUTES))
    return tuple((starts * began + (1 - starts) * came_on).tolist())


@lru_cache(maxsize=4096)
def _started(mean: float) -> Presence:
    """Of starters with mean minutes: nobody goes before half-time, then one after the other at an even pace. Where
    that is not early enough, all go at an even pace around the mean.
    """
    stay = 1 - (_FULL_TIME - mean) / ((_FULL_TIME - _CHANGES_FROM) / 2)
    if stay > 0:
        return _by_period(1 - (1 - stay) * _ramp(_CHANGES_FROM, _FULL_TIME))
    return _by_period(1 - _ramp(max(0.0, 2 * mean - _FULL_TIME), min(_FULL_TIME, 2 * mean)))


@lru_cache(maxsize=4096)
def _came_on(mean: float) -> Presence:
    """Of substitutes with mean minutes: they come on at an even pace around it, at full time at the latest."""
    start, end = max(0.0, _FULL_TIME - 2 * mean), min(_FULL_TIME, 2 * (_FULL_TIME - mean))
    return _by_period(_ramp(start, max(end, start + 1)))


def _ramp(start: float, end: float) -> Floats:
    """0 up to a minute, 1 from another one on, and a line between: shape (90,)."""
    return np.asarray(np.clip((_MINUTES - start) / (end - start), 0.0, 1.0))


def _by_period(on_pitch: Floats) -> Presence:
    return tuple(on_pitch.reshape(len(PERIODS), _PERIOD).mean(axis=1).tolist())
