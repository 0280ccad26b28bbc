"""Lines of a file of picks, read but not yet resolved: names are as they are spelled there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from monps_platform.domain.leagues import League
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.rejections import Rejection


@dataclass(frozen=True, slots=True)
class PickLine:
    """One pick: ``line`` in goals (of the home side, for a handicap), ``price`` decimal odds, ``stake`` in units,
    ``taken_at`` with its time zone. Clubs and bookmaker are spelled as the file spells them.
    """

    number: int
    text: str
    agent: str
    strategy: str | None
    league: League
    day: date
    home: str
    away: str
    market: Market
    side: PickSide
    line: Decimal | None
    bookmaker: str
    price: Decimal
    stake: Decimal
    taken_at: datetime
    probability: float | None


@dataclass(frozen=True)
class ParsedPicks:
    """What a file of picks holds: every line that is not blank is a pick or a rejection. ``ignored``: columns that the
    platform computes itself.
    """

    lines: Sequence[PickLine]
    rejections: Sequence[Rejection]
    lines_read: int
    ignored: Sequence[str] = ()
