"""Goals of profiles against goals of matches: none lost, none counted twice, own goals nobody's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from monps_platform.domain.quantum.scorers.profile import ScorerProfile
from monps_platform.domain.quantum.season import LeagueSeason, TeamMatch
from monps_platform.domain.shots import ShotResult


@dataclass(frozen=True, slots=True)
class TeamGoals:
    """A team's goals in its ``n_matches`` matches with shots: by the scores, own goals of opponents among them, and by
    the profiles of its players.
    """

    team_id: int
    n_matches: int
    scored: int
    own_goals: int
    of_profiles: int

    @property
    def difference(self) -> int:
        """Goals of the profiles less those of the scores without own goals: 0 where all is right."""
        return self.of_profiles - (self.scored - self.own_goals)


def reconcile(season: LeagueSeason, profiles: Sequence[ScorerProfile]) -> list[TeamGoals]:
    """One row per team with profiles, by team id. ``profiles`` are those of the same season as of the same day."""
    goals = Counter[int]()
    for profile in profiles:
        goals[profile.team_id] += profile.goals
    return [_team_goals(team_id, season.of_team(team_id), goals[team_id]) for team_id in sorted(goals)]


def _team_goals(team_id: int, matches: Sequence[TeamMatch], of_profiles: int) -> TeamGoals:
    held = [item for item in matches if item.match.shots is not None]
    own_goals = sum(
        shot.result is ShotResult.OWN_GOAL and shot.is_home is not item.is_home
        for item in held
        for shot in item.match.shots or ()
    )
    return TeamGoals(team_id, len(held), sum(item.own.goals for item in held), own_goals, of_profiles)
