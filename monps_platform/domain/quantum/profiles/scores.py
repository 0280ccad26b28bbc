"""How well each profile's rules hold for a team."""

from __future__ import annotations

from collections.abc import Sequence

from monps_platform.domain.quantum.profiles.features import Figures
from monps_platform.domain.quantum.profiles.rules import RULES, Rule
from monps_platform.domain.tactics import TacticalProfile

_FULL = 100.0
_UNMARKED = frozenset({TacticalProfile.BALANCED, TacticalProfile.MID_BLOCK})
"""Profiles whose main signs are in the middle of the league."""


def profile_scores(percentiles: Figures) -> dict[TacticalProfile, float]:
    """Scores from 0 to 100 of the profiles that can be judged, in the order of the vocabulary.

    BALANCED is the absence of a marked trait: it scores as its rules hold, but no more than 100 less the best of the
    profiles that are marked, so that a side which has one is not balanced because all else about it is usual.
    """
    judged = {profile: score(RULES[profile], percentiles) for profile in TacticalProfile}
    found = {profile: value for profile, value in judged.items() if value is not None}
    if TacticalProfile.BALANCED in found:
        marked = max((value for profile, value in found.items() if profile not in _UNMARKED), default=0.0)
        found[TacticalProfile.BALANCED] = min(found[TacticalProfile.BALANCED], _FULL - marked)
    return found


def score(rules: Sequence[Rule], percentiles: Figures) -> float | None:
    """100 * mean of how far the rules hold, by weight, over those whose feature is there; None where fewer than half
    of the rules have theirs.
    """
    judged = [(rule, at) for rule in rules if (at := percentiles[rule.feature]) is not None]
    if 2 * len(judged) < len(rules):
        return None
    held = sum(rule.weight * rule.trait.held_by(at) for rule, at in judged)
    return _FULL * held / sum(rule.weight for rule, _ in judged)


def ranked(scores: dict[TacticalProfile, float]) -> list[tuple[TacticalProfile, float]]:
    """Profiles by score, the best first. Of equal ones BALANCED is last, the others in the order of the vocabulary."""
    return sorted(scores.items(), key=lambda item: (-item[1], item[0] is TacticalProfile.BALANCED))
