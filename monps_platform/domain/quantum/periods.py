"""The six periods of a match, as Understat counts minutes."""

from __future__ import annotations

from bisect import bisect_left
from enum import StrEnum


class Period(StrEnum):
    """About a quarter of an hour, named by its first and last minute. Minutes are the completed ones that the source
    tells, so that the first is 0: ``0-15`` holds sixteen minutes, the next four fifteen each, the last the fourteen to
    minute 89 and stoppage time, which counts on. That of the first half cannot be told from the minutes after
    half-time, and is in the fourth.
    """

    TO_15 = "0-15"
    TO_30 = "16-30"
    TO_45 = "31-45"
    TO_60 = "46-60"
    TO_75 = "61-75"
    FROM_76 = "76+"


PERIODS: tuple[Period, ...] = tuple(Period)
"""In the order of the match."""
_LAST_MINUTES = (15, 30, 45, 60, 75)


def period_index(minute: int) -> int:
    """Which of PERIODS a minute belongs to, 0 to 5. Raises ValueError for a negative minute."""
    if minute < 0:
        raise ValueError(f"minute {minute}: the first is 0")
    return bisect_left(_LAST_MINUTES, minute)
