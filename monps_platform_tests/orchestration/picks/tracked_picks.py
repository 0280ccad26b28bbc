"""Picks as a track record needs them, drawn at random: closed and settled unless told otherwise."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from monps_platform.domain.picks import ClosingSource, NoClosingReason, PickOrigin, PickResult
from monps_platform.domain.track_record.table import TrackedPick

FIRST_DAY = date(2019, 8, 10)


def tracked(count: int, agent: str = "me", seed: int = 1, **changes: Any) -> list[TrackedPick]:
    """Picks of an agent at 2.10, one a match."""
    chance = random.Random(seed)
    return [replace(_one(number, agent, chance), **changes) for number in range(count)]


def _one(number: int, agent: str, chance: random.Random) -> TrackedPick:
    won = chance.random() < 0.48
    clv = round(chance.gauss(1, 4), 4)
    return TrackedPick(
        pick_id=number,
        agent=agent,
        origin=PickOrigin.OWN,
        league="E0",
        season="2019-20",
        market="1x2",
        bookmaker="B365",
        match_id=number,
        day=FIRST_DAY + timedelta(days=number),
        price_taken=2.1,
        stake=1.0,
        result=PickResult.WIN if won else PickResult.LOSS,
        profit=1.1 if won else -1.0,
        closing_source=ClosingSource.SAME_BOOKMAKER,
        no_closing_reason=None,
        clv=clv,
        clv_no_vig=clv - 3,
        clv_line_adjusted=None,
    )


def still_open(picks: Sequence[TrackedPick]) -> list[TrackedPick]:
    """The same picks before their matches."""
    nothing: dict[str, Any] = dict.fromkeys(("result", "profit", "closing_source", "clv", "clv_no_vig"))
    return [replace(pick, **nothing) for pick in picks]


def without_close(picks: Sequence[TrackedPick]) -> list[TrackedPick]:
    """The same picks where nobody closed."""
    nothing: dict[str, Any] = dict.fromkeys(("closing_source", "clv", "clv_no_vig"))
    return [replace(pick, no_closing_reason=NoClosingReason.BOOKMAKER_GONE, **nothing) for pick in picks]
