"""The vocabulary of picks: sides, results, and where a closing price comes from or why there is none."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from monps_platform.domain.odds import Market


class PickSide(StrEnum):
    """What a pick backs."""

    HOME = "home"
    DRAW = "draw"
    AWAY = "away"
    OVER = "over"
    UNDER = "under"
    YES = "yes"
    NO = "no"
    HOME_OR_DRAW = "home_or_draw"
    HOME_OR_AWAY = "home_or_away"
    DRAW_OR_AWAY = "draw_or_away"


PICK_SIDES = MappingProxyType(
    {
        Market.ONE_X_TWO: (PickSide.HOME, PickSide.DRAW, PickSide.AWAY),
        Market.OVER_UNDER: (PickSide.OVER, PickSide.UNDER),
        Market.ASIAN_HANDICAP: (PickSide.HOME, PickSide.AWAY),
        Market.BTTS: (PickSide.YES, PickSide.NO),
        Market.DOUBLE_CHANCE: (PickSide.HOME_OR_DRAW, PickSide.HOME_OR_AWAY, PickSide.DRAW_OR_AWAY),
        Market.DRAW_NO_BET: (PickSide.HOME, PickSide.AWAY),
    }
)
"""The sides that each market offers."""

MARKETS_WITH_LINE = (Market.OVER_UNDER, Market.ASIAN_HANDICAP)
"""The markets that are bet on at a line: goals, or a handicap of the home side."""


HIGHEST_PAYOUT = 1_000_000
"""Units that a pick may pay, stake and all: up to there profits are exact to nine decimals."""


class PickOrigin(StrEnum):
    """How a pick came about: a person's own, a built-in agent's over history, a built-in agent's before the match."""

    OWN = "own"
    WALK_FORWARD = "walk_forward"
    LIVE = "live"


class PickStep(StrEnum):
    """What is done with picks, in this order."""

    TAKE = "take"
    CLOSE = "close"
    SETTLE = "settle"


class PickPart(StrEnum):
    """What of a pick may be corrected."""

    CLOSING = "closing"
    SETTLEMENT = "settlement"


class ClosingSource(StrEnum):
    """Whose closing price it is, the best quality first: the pick's bookmaker, a sharp one, the market's average; or
    what a person stated.
    """

    SAME_BOOKMAKER = "same_bookmaker"
    SHARP = "sharp"
    MARKET_AVERAGE = "market_average"
    STATED = "stated"


class NoClosingReason(StrEnum):
    """Why a pick has no closing price of its own market, line and side."""

    LINE_MOVED = "line_moved"  # it was quoted before the match
    BOOKMAKER_GONE = "bookmaker_gone"
    NOT_CAPTURED_BEFORE_KICKOFF = "not_captured_before_kickoff"
    MARKET_NOT_QUOTED = "market_not_quoted"
    MATCH_NOT_PLAYED = "match_not_played"
    IMPLAUSIBLE_PRICE = "implausible_price"
    LINE_NOT_QUOTED = "line_not_quoted"  # neither before the match nor at the close


class PickResult(StrEnum):
    """How a pick was settled; a push and a void give the stake back, a half result settles half of it."""

    WIN = "win"
    HALF_WIN = "half_win"
    PUSH = "push"
    HALF_LOSS = "half_loss"
    LOSS = "loss"
    VOID = "void"
