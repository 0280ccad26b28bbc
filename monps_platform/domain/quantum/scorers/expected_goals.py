"""What each player of a season is expected to score in a match against an average opponent, period by period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.quantum.periods import PERIODS
from monps_platform.domain.quantum.scorers.rate import XgWorth, rates
from monps_platform.domain.quantum.scorers.roles import role_of
from monps_platform.domain.quantum.scorers.tallies import PlayerTally, TeamTally
from monps_platform.domain.quantum.scorers.timing import period_shares

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GoalRate:
    """Goals per 90 minutes: mean of the posterior, and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float


def goal_rates(players: Sequence[PlayerTally], worth: XgWorth) -> list[GoalRate | None]:
    """The rate of each player in turn; None where his minutes are not known, and for all where none has been played."""
    minutes = {
        at: float(player.time.minutes_with_shots)
        for at, player in enumerate(players)
        if player.time.minutes_with_shots is not None
    }
    found: list[GoalRate | None] = [None] * len(players)
    if not any(minutes.values()):
        return found
    known = [players[at] for at in minutes]
    estimated = rates(
        [player.goals for player in known],
        [player.xg for player in known],
        list(minutes.values()),
        [role_of(player.time.position) for player in known],
        worth,
    )
    figures = (estimated.mean.tolist(), estimated.low.tolist(), estimated.high.tolist())
    for at, mean, low, high in zip(minutes, *figures, strict=True):
        found[at] = GoalRate(mean, low, high)
    return found


def expected_by_period(teams: Sequence[TeamTally], rates_of: Sequence[GoalRate | None], worth: XgWorth) -> list[Floats]:
    """Goals expected per match in each period: one array (players, 6) per team. ``rates_of`` are the rates of all
    players, team after team.
    """
    players = [player for team in teams for player in team.players]
    sizes = [len(team.players) for team in teams]
    team_of = np.repeat(np.arange(len(teams)), sizes)
    if not players:
        return [np.empty((0, len(PERIODS))) for _ in teams]
    evidence = worth.evidence(
        [player.goals_by_period for player in players], [player.xg_by_period for player in players]
    )
    matches = np.array([team.n_matches_with_shots for team in teams])[team_of]
    shown = evidence.sum(axis=1) / (1 + worth.weight) / matches
    per_match = [_per_match(*item) for item in zip(players, rates_of, shown.tolist(), strict=True)]
    presence = [player.time.presence for player in players]
    expected = np.array(per_match)[:, None] * period_shares(evidence, presence, team_of)
    return np.split(expected, np.cumsum(sizes)[:-1])


def _per_match(player: PlayerTally, rate: GoalRate | None, shown: float) -> float:
    """Goals expected of a player in a match: rate * expected minutes / 90. Where his minutes are not known, what his
    goals and xG came to per match of the team, ``shown``: minutes cancel out of that, but nothing shrinks it.
    """
    minutes = player.time.expected_minutes
    return shown if rate is None or minutes is None else rate.mean * minutes / 90
