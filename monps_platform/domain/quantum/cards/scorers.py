"""The likeliest scorers of a match: a side's first few, and the others together, so that nothing is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monps_platform.domain.quantum.scorers.match_card import MatchScorers, ScorerChance, match_scorers
from monps_platform.domain.quantum.scorers.profile import ScorerProfile

SHOWN = 6


@dataclass(frozen=True, slots=True)
class SideScorers:
    """The players of a side likeliest to score first; of the others their number and their summed chances."""

    shown: tuple[ScorerChance, ...]
    n_others: int
    others_first: float
    others_last: float

    @classmethod
    def of(cls, chances: Sequence[ScorerChance]) -> SideScorers:
        """The chances of a side's players, in any order."""
        ranked = sorted(chances, key=lambda chance: (-chance.first, chance.player_id))
        others = ranked[SHOWN:]
        return cls(
            tuple(ranked[:SHOWN]),
            len(others),
            sum(chance.first for chance in others),
            sum(chance.last for chance in others),
        )


def scorers_of(
    home: Sequence[ScorerProfile], away: Sequence[ScorerProfile], goals: tuple[float, float]
) -> MatchScorers | None:
    """Who scores in a match of so many expected goals; None where a side has no player of whom a goal is expected."""
    if not all(map(_expects_a_goal, (home, away))):
        return None
    return match_scorers(home, away, *goals)


def _expects_a_goal(profiles: Sequence[ScorerProfile]) -> bool:
    return any(sum(profile.goal_periods.expected_goals.values()) > 0 for profile in profiles)
