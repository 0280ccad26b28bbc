"""How stable profiles and features are: odd matches of a season against even ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from monps_platform.domain.quantum.profiles.classify import classify_tallies
from monps_platform.domain.quantum.profiles.features import LEAST_TEAMS, Figures, of_tallies
from monps_platform.domain.quantum.profiles.tallies import tallies
from monps_platform.domain.quantum.profiles.vocabulary import Feature
from monps_platform.domain.quantum.season import LeagueSeason
from monps_platform.domain.tactics import TacticalProfile


@dataclass(frozen=True)
class SplitHalf:
    """Profiles from the odd and from the even matches of teams that have one in both, and how reliable each feature
    is by the correlation of its two halves; a feature that too few teams have is left out.
    """

    n_teams: int
    pairs: tuple[tuple[TacticalProfile, TacticalProfile], ...]
    reliability: Mapping[Feature, float]

    @property
    def n(self) -> int:
        """Teams with a profile in both halves."""
        return len(self.pairs)

    @property
    def agreement(self) -> float | None:
        """Share of them with the same one in both."""
        return fmean(odd is even for odd, even in self.pairs) if self.pairs else None

    @property
    def expected(self) -> float | None:
        """Agreement by chance: sum over the profiles of the product of their shares in the two halves."""
        if not self.pairs:
            return None
        odd, even = (Counter(profiles) for profiles in zip(*self.pairs, strict=True))
        return sum(count * even[profile] for profile, count in odd.items()) / self.n**2

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa (1960): (agreement - expected) / (1 - expected); 0 is chance, 1 is full agreement. None where
        all profiles are one, so that nothing but agreement was possible.
        """
        if self.agreement is None or self.expected is None or self.expected == 1:
            return None
        return (self.agreement - self.expected) / (1 - self.expected)

    @property
    def mean_reliability(self) -> float | None:
        """Mean over the features."""
        return fmean(self.reliability.values()) if self.reliability else None


def split_half(season: LeagueSeason) -> SplitHalf:
    """Judge every team by its first, third, fifth ... match and by the others, and compare."""
    halves = {team_id: tally.halves for team_id, tally in season.once(tallies).items()}
    odd, even = ({team_id: half[at] for team_id, half in halves.items()} for at in (0, 1))
    first, second = classify_tallies(odd), classify_tallies(even)
    both = [(first[team_id].profile, second[team_id].profile) for team_id in halves]
    pairs = tuple((one, another) for one, another in both if one is not None and another is not None)
    return SplitHalf(len(halves), pairs, _reliabilities(of_tallies(odd), of_tallies(even)))


def pooled(seasons: Iterable[SplitHalf]) -> SplitHalf:
    """Several seasons as one: all pairs of profiles, and the mean reliability of each feature where it is known."""
    held = list(seasons)
    known = {
        feature: [half.reliability[feature] for half in held if feature in half.reliability] for feature in Feature
    }
    return SplitHalf(
        sum(half.n_teams for half in held),
        tuple(pair for half in held for pair in half.pairs),
        {feature: fmean(values) for feature, values in known.items() if values},
    )


def spearman_brown(correlation: float) -> float:
    """Reliability of the whole from the correlation of its halves: 2r / (1 + r), and as far below 0 for a negative r
    (Krus & Helmstadter 1993), which otherwise has no bound.
    """
    return 2 * correlation / (1 + abs(correlation))


def _reliabilities(odd: Mapping[int, Figures], even: Mapping[int, Figures]) -> dict[Feature, float]:
    found: dict[Feature, float] = {}
    for feature in Feature:
        pairs = np.array(
            [
                (one, another)
                for team_id in odd
                if (one := odd[team_id][feature]) is not None and (another := even[team_id][feature]) is not None
            ]
        )
        if len(pairs) >= LEAST_TEAMS and pairs.std(axis=0).all():
            found[feature] = spearman_brown(float(np.corrcoef(pairs.T)[0, 1]))
    return found
