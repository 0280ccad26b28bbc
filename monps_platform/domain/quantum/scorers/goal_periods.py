"""The document of a player's goals by period of the match, seen and expected."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from monps_platform.domain.quantum.documents import Document, Source, figure
from monps_platform.domain.quantum.periods import PERIODS, Period

_SHOTS_AND_MINUTES = (Source.SHOTS, Source.LINEUPS, Source.PLAYER_SEASONS)


class GoalPeriods(Document):
    """When a player scores, with n, and what is expected of him in a match against an average opponent, which is all
    that a match card needs of him. Both tables have all six periods.
    """

    n_goals: int = figure("goals; own goals never", unit="goals", source=Source.SHOTS, least=0, low=0, high=None)
    n_matches: int = figure("matches of the team", unit="matches", source=Source.RESULTS, least=1, low=1, high=None)
    n_matches_with_shots: int = figure(
        "those of them whose shots are held: goals are counted in these",
        unit="matches",
        source=Source.SHOTS,
        least=1,
        low=1,
        high=None,
    )
    goals: dict[Period, Annotated[int, Field(ge=0)]] = figure(
        "goals by period; they sum to n_goals", unit="goals", source=Source.SHOTS, least=0, low=None, high=None
    )
    expected_goals: dict[Period, Annotated[float, Field(ge=0)]] = figure(
        "rate per 90 * expected minutes / 90 * share of the period; minutes not known: goals and xG per match",
        unit="goals per match",
        source=_SHOTS_AND_MINUTES,
        least=0,
        low=None,
        high=None,
    )
    own_goal_share: float = figure(
        "(own goals + 1/2) / (all goals + 1) of the league: share of a side's goals that opponents score for it",
        unit="share",
        source=Source.SHOTS,
        least=0,
        low=0,
        high=1,
    )

    @model_validator(mode="after")
    def _periods_are_whole(self) -> Self:
        for name, periods in (("goals", set(self.goals)), ("expected_goals", set(self.expected_goals))):
            if periods != set(PERIODS):
                raise ValueError(f"{name} has the periods {sorted(periods)}, not all six")
        if sum(self.goals.values()) != self.n_goals:
            raise ValueError(f"the periods have {sum(self.goals.values())} goals, the player has {self.n_goals}")
        if self.n_matches_with_shots > self.n_matches:
            raise ValueError(f"{self.n_matches_with_shots} of {self.n_matches} matches have shots")
        return self
