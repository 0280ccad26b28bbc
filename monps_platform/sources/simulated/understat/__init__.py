"""Understat's bytes of the simulated leagues: the same matches as football-data.co.uk's, told shot by shot.

What is known of them, so that what is estimated can be compared with it: clubs are spelt as UNDERSTAT_NAMES says;
the xG of a shot is the probability with which it is a goal, for strong and weak clubs alike; the one club of
LATE_GOAL_CLUBS scores late (LATE_GOAL_ODDS); players stay at one club but for the loans of a season.
"""

from monps_platform.sources.simulated.understat.league_file import simulate_league_file
from monps_platform.sources.simulated.understat.match_file import UnknownMatchError, match_ids, simulate_match_file
from monps_platform.sources.simulated.understat.minutes import LATE_GOAL_ODDS

__all__ = ["LATE_GOAL_ODDS", "UnknownMatchError", "match_ids", "simulate_league_file", "simulate_match_file"]
