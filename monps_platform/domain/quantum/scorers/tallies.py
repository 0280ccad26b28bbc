"""What the players of each team did up to the day: goals and xG from shots, beside their playing time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monps_platform.domain.quantum.periods import PERIODS, period_index
from monps_platform.domain.quantum.scorers.playing_time import PlayingTime, playing_times
from monps_platform.domain.quantum.season import LeagueSeason, TeamMatch
from monps_platform.domain.shots import ShotResult, ShotSituation
from monps_platform.domain.understat import Shot

LEAST_SHOT_COVERAGE = 0.9
"""Share of a team's matches with shots below which its goals are not counted: too many of them would be missing. The
real files lack the shots of at most one match of a team in a season.
"""


@dataclass(frozen=True, slots=True)
class PlayerTally:
    """A player's season for a team; own goals are none of his. Goals and xG by period are in the order of PERIODS."""

    player_id: int
    player: str
    home_goals: int
    away_goals: int
    penalty_goals: int
    goals_by_period: tuple[int, ...]
    xg_by_period: tuple[float, ...]
    time: PlayingTime

    @property
    def goals(self) -> int:
        """Home and away."""
        return self.home_goals + self.away_goals

    @property
    def xg(self) -> float:
        """Expected goals of all his shots."""
        return sum(self.xg_by_period)


@dataclass(frozen=True, slots=True)
class TeamTally:
    """A team's players, by id, with at least one shot or appearance for it. Shots were counted in
    ``n_matches_with_shots`` of its ``n_matches`` matches.
    """

    team_id: int
    n_matches: int
    n_matches_with_shots: int
    players: tuple[PlayerTally, ...]


def team_tallies(season: LeagueSeason) -> list[TeamTally]:
    """One tally per team with shots in at least LEAST_SHOT_COVERAGE of its matches, by team id."""
    found = (_team_tally(season, team_id) for team_id in season.team_ids)
    return [team for team in found if team.n_matches_with_shots >= LEAST_SHOT_COVERAGE * team.n_matches]


def _team_tally(season: LeagueSeason, team_id: int) -> TeamTally:
    matches = season.of_team(team_id)
    shots, times = _shots(matches), playing_times(season, team_id)
    played = {player_id for player_id, time in times.items() if time.appearances}
    players = []
    for player_id in sorted(shots.keys() | played):
        own = shots.get(player_id, [])
        time = times.get(player_id) or PlayingTime(own[-1].player)
        players.append(_player_tally(player_id, own, time))
    with_shots = sum(item.match.shots is not None for item in matches)
    return TeamTally(team_id, len(matches), with_shots, tuple(players))


def _shots(matches: Sequence[TeamMatch]) -> dict[int, list[Shot]]:
    """The team's shots by player, oldest first."""
    found: dict[int, list[Shot]] = {}
    for item in matches:
        for shot in item.own_shots or ():
            found.setdefault(shot.player_id, []).append(shot)
    return found


def _player_tally(player_id: int, shots: Sequence[Shot], time: PlayingTime) -> PlayerTally:
    goals_by_period, xg_by_period = [0] * len(PERIODS), [0.0] * len(PERIODS)
    goals = [shot for shot in shots if shot.result is ShotResult.GOAL]
    for shot in goals:
        goals_by_period[period_index(shot.minute)] += 1
    for shot in shots:
        xg_by_period[period_index(shot.minute)] += shot.xg
    return PlayerTally(
        player_id=player_id,
        player=time.player,
        home_goals=sum(shot.is_home for shot in goals),
        away_goals=sum(not shot.is_home for shot in goals),
        penalty_goals=sum(shot.situation is ShotSituation.PENALTY for shot in goals),
        goals_by_period=tuple(goals_by_period),
        xg_by_period=tuple(xg_by_period),
        time=time,
    )
