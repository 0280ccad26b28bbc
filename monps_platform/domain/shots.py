"""The vocabulary of shots; the labels are Understat's own."""

from __future__ import annotations

from enum import StrEnum


class ShotSituation(StrEnum):
    """How the shot came about."""

    OPEN_PLAY = "OpenPlay"
    FROM_CORNER = "FromCorner"
    SET_PIECE = "SetPiece"
    DIRECT_FREE_KICK = "DirectFreekick"
    PENALTY = "Penalty"


class BodyPart(StrEnum):
    """What the ball was struck with; Understat calls it shotType."""

    RIGHT_FOOT = "RightFoot"
    LEFT_FOOT = "LeftFoot"
    HEAD = "Head"
    OTHER = "OtherBodyPart"


class ShotResult(StrEnum):
    """What became of the shot. An own goal stands on the side of its scorer and counts for the other one."""

    GOAL = "Goal"
    OWN_GOAL = "OwnGoal"
    SAVED = "SavedShot"
    MISSED = "MissedShots"
    BLOCKED = "BlockedShot"
    ON_POST = "ShotOnPost"
