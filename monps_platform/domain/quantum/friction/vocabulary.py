"""The words of friction: the scores of a pair, how two teams' percentiles make a score, and what each score weighs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Score(StrEnum):
    """A score of a pair of teams, 0 to 100, the same at both venues; named as its column."""

    FRICTION = "friction_score"
    STYLE = "style_friction"
    TEMPO = "tempo_friction"
    PHYSICAL = "physical_friction"
    MENTAL = "mental_friction"
    TIER = "tier_friction"
    CHAOS = "chaos_potential"


class Pairing(StrEnum):
    """What two teams' percentiles p and q of a trait, 0 to 100, come to; each is symmetric and inside 0 to 100."""

    DISTANCE = "|p - q|"
    LEVEL = "(p + q) / 2"
    CLOSENESS = "100 - |p - q|"


PAIRINGS: Mapping[Score, Pairing] = MappingProxyType(
    {
        Score.STYLE: Pairing.DISTANCE,
        Score.TEMPO: Pairing.LEVEL,
        Score.PHYSICAL: Pairing.LEVEL,
        Score.MENTAL: Pairing.LEVEL,
        Score.TIER: Pairing.CLOSENESS,
        Score.CHAOS: Pairing.LEVEL,
    }
)
"""Ideas clash where they differ and strengths where they do not; of what either team brings with it, more is more."""

WEIGHTS: Mapping[Score, float] = MappingProxyType(
    {Score.STYLE: 0.20, Score.TEMPO: 0.20, Score.PHYSICAL: 0.20, Score.MENTAL: 0.25, Score.TIER: 0.15}
)
"""Of the components in the friction score; they sum to 1."""
