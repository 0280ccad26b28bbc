"""What the players of each line-up did in the match, summed up from the shots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monps_platform.sources.simulated.randomness import Ints
from monps_platform.sources.simulated.understat.chances import PENALTY
from monps_platform.sources.simulated.understat.endings import GOAL, OWN_GOAL
from monps_platform.sources.simulated.understat.lineups import Lineups
from monps_platform.sources.simulated.understat.shots import Shots
from monps_platform.sources.simulated.understat.squads import Flags


@dataclass(frozen=True, eq=False)
class Tallies:
    """Counts of shape (sides, 14) by place in the line-up; what is expected is in millionths.

    Own goals are neither goals nor shots of their scorer. The chain is the xG of all shots that a player took,
    assisted or had another part in; the build-up that of the last kind alone.
    """

    goals: Ints
    penalty_goals: Ints
    own_goals: Ints
    shots: Ints
    xg: Ints
    penalty_xg: Ints
    assists: Ints
    key_passes: Ints
    xa: Ints
    xg_chain: Ints
    xg_buildup: Ints


def tally(shots: Shots, teams: Lineups) -> Tallies:
    """Sum up the shots of a season over the line-ups of its sides."""
    own, goal, penalty = shots.result == OWN_GOAL, shots.result == GOAL, shots.situation == PENALTY

    def total(who: Ints, counted: Flags, amount: Ints | int = 1) -> Ints:
        table = np.zeros_like(teams.ids)
        np.add.at(table, (shots.side, who), np.where(counted, amount, 0))
        return table

    xg, xa = total(shots.shooter, ~own, shots.xg), total(shots.assister, shots.assisted, shots.xg)
    build_up = np.zeros_like(teams.ids)
    np.add.at(build_up, shots.side, shots.involved * shots.xg[:, None])
    return Tallies(
        goals=total(shots.shooter, goal),
        penalty_goals=total(shots.shooter, goal & penalty),
        own_goals=total(shots.shooter, own),
        shots=total(shots.shooter, ~own),
        xg=xg,
        penalty_xg=total(shots.shooter, penalty, shots.xg),
        assists=total(shots.assister, shots.assisted & goal),
        key_passes=total(shots.assister, shots.assisted),
        xa=xa,
        xg_chain=xg + xa + build_up,
        xg_buildup=build_up,
    )
