"""Who scores in a match: anytime, first and last, over both sides, own goals and nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.quantum.periods import PERIODS
from monps_platform.domain.quantum.scorers.first_and_last import first_goal, last_goal
from monps_platform.domain.quantum.scorers.profile import ScorerProfile, anytime_probability

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScorerChance:
    """Probabilities that a player scores at all, the first and the last goal of the match."""

    player_id: int
    player_name: str
    team_id: int
    anytime: float
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class MatchScorers:
    """Chances of both sides' players, in the order given. The first goals of all, that of an own goal and ``nobody``
    (no goal at all) sum to 1, and so do the last ones.
    """

    home: tuple[ScorerChance, ...]
    away: tuple[ScorerChance, ...]
    own_goal_first: float
    own_goal_last: float
    nobody: float


def match_scorers(
    home_profiles: Sequence[ScorerProfile],
    away_profiles: Sequence[ScorerProfile],
    home_goals_expected: float,
    away_goals_expected: float,
) -> MatchScorers:
    """Chances of the players of two teams in a match, whose goals expected come from a forecast of it.

    A player's goals are those of his profile times the opponent factor: goals that his side expects in this match by
    those that the profiles given, and own goals, expect in an average one. Give a side's whole squad, or just those who
    may play: the others' goals then fall to them. Raises ValueError for a negative or infinite number of goals, or a
    side of whose players no goal is expected.
    """
    home, home_own = _in_match(home_profiles, home_goals_expected)
    away, away_own = _in_match(away_profiles, away_goals_expected)
    everyone = np.vstack([home, away, home_own + away_own])
    first, last = first_goal(everyone).tolist(), last_goal(everyone).tolist()
    anytime = [anytime_probability(goals) for goals in everyone.sum(axis=1).tolist()]
    chances = tuple(
        ScorerChance(profile.player_id, profile.player_name, profile.team_id, *figures)
        for profile, *figures in zip((*home_profiles, *away_profiles), anytime[:-1], first[:-1], last[:-1], strict=True)
    )
    nobody = float(np.exp(-everyone.sum()))
    return MatchScorers(chances[: len(home)], chances[len(home) :], first[-1], last[-1], nobody)


def _in_match(profiles: Sequence[ScorerProfile], goals: float) -> tuple[Floats, Floats]:
    """Goals expected by period of each player of a side (n, 6), and of opponents for it (6,): they sum to ``goals``."""
    if not 0 <= goals < np.inf:
        raise ValueError(f"{goals} goals expected of a side")
    average = np.array([[item.goal_periods.expected_goals[period] for period in PERIODS] for item in profiles])
    if not average.sum() > 0:
        raise ValueError(f"no goal is expected of any of {len(profiles)} players: goals cannot be shared among them")
    own_goals = profiles[0].goal_periods.own_goal_share
    players = average * (goals * (1 - own_goals) / average.sum())
    return players, players.sum(axis=0) * own_goals / (1 - own_goals)
