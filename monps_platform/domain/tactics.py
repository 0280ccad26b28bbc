"""The vocabulary of how sides play and how matches go: tactical profiles and scenarios."""

from __future__ import annotations

from enum import StrEnum


class TacticalProfile(StrEnum):
    """How a side plays."""

    POSSESSION = "POSSESSION"
    GEGENPRESS = "GEGENPRESS"
    WIDE_ATTACK = "WIDE_ATTACK"
    DIRECT_ATTACK = "DIRECT_ATTACK"
    LOW_BLOCK = "LOW_BLOCK"
    MID_BLOCK = "MID_BLOCK"
    PARK_THE_BUS = "PARK_THE_BUS"
    TRANSITION = "TRANSITION"
    ADAPTIVE = "ADAPTIVE"
    BALANCED = "BALANCED"
    HOME_DOMINANT = "HOME_DOMINANT"
    SCORE_DEPENDENT = "SCORE_DEPENDENT"


class MatchScenario(StrEnum):
    """How a match between two sides is expected to go.

    - ``open_game``: both sides are expected to score, and goals to be many.
    - ``cagey_game``: few goals are expected, and few chances on either side.
    - ``one_sided``: one side is expected to have most of the goals.
    - ``end_to_end``: tempo and chaos are high; goals are expected late and in both directions.
    - ``physical_battle``: physical friction outweighs the rest; fouls and cards are expected.
    - ``balanced``: nothing of the above stands out.
    """

    OPEN_GAME = "open_game"
    CAGEY_GAME = "cagey_game"
    ONE_SIDED = "one_sided"
    END_TO_END = "end_to_end"
    PHYSICAL_BATTLE = "physical_battle"
    BALANCED = "balanced"
