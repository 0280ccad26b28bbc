"""The tactical profile of every team of a league's season, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from monps_platform.domain.quantum.documents import Document, Gap
from monps_platform.domain.quantum.profiles.features import LEAST_TEAMS, Figures, gaps, of_tallies, percentiles
from monps_platform.domain.quantum.profiles.measures import LEAST_MATCHES
from monps_platform.domain.quantum.profiles.scores import profile_scores, ranked
from monps_platform.domain.quantum.profiles.tallies import Tally, tallies
from monps_platform.domain.quantum.profiles.vocabulary import Feature
from monps_platform.domain.quantum.season import LeagueSeason
from monps_platform.domain.tactics import TacticalProfile

PROFILES_VERSION = "profiles-1"
"""Raise it when the same matches give other profiles."""
LEAST_SCORE = 50.0
"""What a profile needs: on the weighted average its rules hold by half, as a high or low one does at a quartile."""
LEAST_PROFILES = 6
"""Half of the profiles: the best of a few says what data is missing, not how a side plays."""


class NoProfileReason(StrEnum):
    """Why a team has no profile."""

    TOO_FEW_MATCHES = f"fewer than {LEAST_MATCHES} matches"
    TOO_FEW_TEAMS = f"fewer than {LEAST_TEAMS} teams with {LEAST_MATCHES} matches to compare it with"
    NO_SHOTS = f"no shots are held: fewer than {LEAST_PROFILES} profiles can be judged"
    TOO_FEW_PROFILES = f"fewer than {LEAST_PROFILES} profiles can be judged"
    NOTHING_MARKED = f"no profile scores {LEAST_SCORE:g}: it has no marked style, and is not balanced either"


class ProfileFeatures(Document):
    """What a team was judged by. Every feature has a percentile or the reason why not."""

    n_teams: int = Field(ge=0, description=f"teams of the league with at least {LEAST_MATCHES} matches")
    values: dict[Feature, float] = Field(description="features as they are, in their units")
    percentiles: dict[Feature, float] = Field(description="0 to 100, within league and season")
    gaps: dict[Feature, Gap] = Field(description="why a feature has no percentile")
    scores: dict[TacticalProfile, float] = Field(description="0 to 100, of the profiles that can be judged")

    @model_validator(mode="after")
    def _every_feature_is_there_or_explained(self) -> Self:
        if set(self.percentiles) | set(self.gaps) != set(Feature) or set(self.percentiles) & set(self.gaps):
            raise ValueError("each feature has either a percentile or the reason why not")
        if not set(self.percentiles) <= set(self.values):
            raise ValueError("a percentile needs a value")
        outside = [value for value in (*self.percentiles.values(), *self.scores.values()) if not 0 <= value <= 100]
        if outside:
            raise ValueError(f"{outside} are not from 0 to 100")
        return self


@dataclass(frozen=True, slots=True)
class Classification:
    """A team's profile with its score from 0 to 100, and the runner-up with the margin to it; or the reason why it has
    none. A reason stands exactly where there is no profile.
    """

    n_matches: int
    profile: TacticalProfile | None
    no_profile_reason: NoProfileReason | None
    score: float | None
    runner_up: TacticalProfile | None
    margin: float | None
    features: ProfileFeatures


def classify(season: LeagueSeason) -> dict[int, Classification]:
    """Every team's classification, by team id."""
    return classify_tallies(season.once(tallies))


def classify_tallies(teams: Mapping[int, Tally]) -> dict[int, Classification]:
    """The same from the teams' tallies."""
    values = of_tallies(teams)
    standing = percentiles(values)
    missing = gaps(teams, values, standing)
    n_teams = sum(len(tally) >= LEAST_MATCHES for tally in teams.values())
    return {
        team_id: _classification(
            len(tally),
            ProfileFeatures(
                n_teams=n_teams,
                values=_held(values[team_id]),
                percentiles=_held(standing[team_id]),
                gaps=missing[team_id],
                scores=profile_scores(standing[team_id]),
            ),
        )
        for team_id, tally in teams.items()
    }


def _held(figures: Figures) -> dict[Feature, float]:
    return {feature: value for feature, value in figures.items() if value is not None}


def _classification(n_matches: int, features: ProfileFeatures) -> Classification:
    reason = _reason(n_matches, features)
    if reason is not None:
        return Classification(n_matches, None, reason, None, None, None, features)
    (profile, score), (runner_up, second) = ranked(features.scores)[:2]
    return Classification(n_matches, profile, None, score, runner_up, score - second, features)


def _reason(n_matches: int, features: ProfileFeatures) -> NoProfileReason | None:
    """The first that applies."""
    if n_matches < LEAST_MATCHES:
        return NoProfileReason.TOO_FEW_MATCHES
    if features.n_teams < LEAST_TEAMS:
        return NoProfileReason.TOO_FEW_TEAMS
    if len(features.scores) < LEAST_PROFILES:
        has_no_shots = Gap.NO_SHOTS in features.gaps.values()
        return NoProfileReason.NO_SHOTS if has_no_shots else NoProfileReason.TOO_FEW_PROFILES
    return NoProfileReason.NOTHING_MARKED if max(features.scores.values()) < LEAST_SCORE else None
