"""Profiles of goalscorers: how often, when and how surely a player scores for a team, as of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import expm1

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.quantum.periods import PERIODS
from monps_platform.domain.quantum.scorers.expected_goals import GoalRate, expected_by_period, goal_rates
from monps_platform.domain.quantum.scorers.first_and_last import first_goal, last_goal
from monps_platform.domain.quantum.scorers.goal_periods import GoalPeriods
from monps_platform.domain.quantum.scorers.rate import XgWorth
from monps_platform.domain.quantum.scorers.tallies import PlayerTally, TeamTally, team_tallies
from monps_platform.domain.quantum.season import LeagueSeason
from monps_platform.domain.shots import ShotResult

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScorerProfile:
    """A player's scoring for a team in a season, as of a day.

    Rates are goals per 90 minutes with a 95 % interval, and like ``anytime_prob`` None where his minutes for the club
    are not known. The shares are of the team's first and last goals, given that it scores: over the team's players they
    sum to 1 less the share of own goals; None where nothing is expected of the team yet.
    """

    player_id: int
    player_name: str
    team_id: int
    position: str | None
    appearances: int | None
    minutes: int | None
    goals: int
    home_goals: int
    away_goals: int
    penalty_goals: int
    xg: float
    rate_per_90: float | None
    rate_low: float | None
    rate_high: float | None
    expected_minutes: float | None
    anytime_prob: float | None
    first_scorer_share: float | None
    last_scorer_share: float | None
    goal_periods: GoalPeriods


def scorer_profiles(season: LeagueSeason) -> list[ScorerProfile]:
    """A profile of every player with a shot or an appearance for a team, by team and player id.

    Teams without shots in at least ``tallies.LEAST_SHOT_COVERAGE`` of their matches have none: their goals are not
    known by player and venue.
    """
    teams = team_tallies(season)
    players = [player for team in teams for player in team.players]
    worth, own_goals = _worth_and_own_goals(season)
    rates = goal_rates(players, worth)
    found: list[ScorerProfile] = []
    for team, expected in zip(teams, expected_by_period(teams, rates, worth), strict=True):
        found += _of_team(team, rates[len(found) : len(found) + len(expected)], expected, own_goals)
    return found


def anytime_probability(expected_goals: float) -> float:
    """Probability that a player of whom so many goals are expected scores: 1 - exp(-goals)."""
    return -expm1(-expected_goals)


def _worth_and_own_goals(season: LeagueSeason) -> tuple[XgWorth, float]:
    """What xG is worth in the league, and which share of its goals are own goals: teams differ in that by no more than
    chance. Half an own goal and half another one are added (Jeffreys), so that neither is impossible.
    """
    shots = [shot for match in season.matches for shot in match.shots or ()]
    results = [shot.result for shot in shots]
    own, goals = results.count(ShotResult.OWN_GOAL), results.count(ShotResult.GOAL)
    xg = [shot.xg for shot in shots if shot.result is not ShotResult.OWN_GOAL]
    return XgWorth.of(goals, xg), (own + 0.5) / (own + goals + 1)


def _of_team(
    team: TeamTally, rates: Sequence[GoalRate | None], expected: Floats, own_goals: float
) -> Iterator[ScorerProfile]:
    shares = _first_and_last(expected, own_goals)
    for player, rate, goals, share in zip(team.players, rates, expected.tolist(), shares, strict=True):
        periods = GoalPeriods(
            n_goals=player.goals,
            n_matches=team.n_matches,
            n_matches_with_shots=team.n_matches_with_shots,
            goals=dict(zip(PERIODS, player.goals_by_period, strict=True)),
            expected_goals=dict(zip(PERIODS, goals, strict=True)),
            own_goal_share=own_goals,
        )
        yield _profile(player, team.team_id, rate, share, periods)


def _first_and_last(expected: Floats, own_goals: float) -> list[tuple[float, float] | tuple[None, None]]:
    """Shares of the team's first and last goals, given that it scores, of n players of whom goals are expected by
    period (n, 6). Own goals compete; they fall when the team's goals do.
    """
    of_team = expected.sum(axis=0) / (1 - own_goals)
    scores = anytime_probability(float(of_team.sum()))
    if not scores:
        return [(None, None)] * len(expected)
    everyone = np.vstack([expected, own_goals * of_team])
    first, last = (which(everyone)[:-1] / scores for which in (first_goal, last_goal))
    return list(zip(first.tolist(), last.tolist(), strict=True))


def _profile(
    player: PlayerTally,
    team_id: int,
    rate: GoalRate | None,
    share: tuple[float, float] | tuple[None, None],
    periods: GoalPeriods,
) -> ScorerProfile:
    expected = sum(periods.expected_goals.values())
    return ScorerProfile(
        player_id=player.player_id,
        player_name=player.player,
        team_id=team_id,
        position=player.time.position,
        appearances=player.time.appearances,
        minutes=player.time.minutes,
        goals=player.goals,
        home_goals=player.home_goals,
        away_goals=player.away_goals,
        penalty_goals=player.penalty_goals,
        xg=player.xg,
        rate_per_90=None if rate is None else rate.mean,
        rate_low=None if rate is None else rate.low,
        rate_high=None if rate is None else rate.high,
        expected_minutes=player.time.expected_minutes,
        anytime_prob=None if rate is None else anytime_probability(expected),
        first_scorer_share=share[0],
        last_scorer_share=share[1],
        goal_periods=periods,
    )
