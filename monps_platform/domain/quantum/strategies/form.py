"""A team's season so far, match by match: all that a strategy may know of it before its next match."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from monps_platform.domain.quantum.season import TeamMatch

LEAST_MATCHES = 8
"""A fifth of a season. The mean total of two sides with eight matches each has a standard error of 0.4 goals, a tenth
in the probability of more than 2.5; of fewer it says next to nothing."""
LEAST_HOME_MATCHES = 5
"""About as many as are at home among the first ten; points per match of five have a standard error of 0.6."""


@dataclass(frozen=True, slots=True)
class Form:
    """Sums over a team's matches of a season so far, both sides' goals and xG together where it says total.

    ``squared_goals`` sums the squares of total goals; ``luck`` is goal difference less xG difference over the matches
    whose xG is known; home points are those of home matches for which the market's expectation is known.
    """

    matches: int = 0
    total_goals: int = 0
    squared_goals: int = 0
    matches_with_xg: int = 0
    total_xg: float = 0.0
    luck: float = 0.0
    home_matches: int = 0
    home_points: int = 0
    home_points_expected: float = 0.0

    def after(self, played: TeamMatch) -> Form:
        """The form with one match more."""
        own, other = played.own, played.other
        goals = own.goals + other.goals
        has_xg = own.xg is not None and other.xg is not None
        own_xg, other_xg = (own.xg or 0.0, other.xg or 0.0) if has_xg else (0.0, 0.0)
        luck = played.goal_difference - (own_xg - other_xg) if has_xg else 0.0
        expected = played.expected_points if played.is_home else None
        counts = expected is not None
        return Form(
            self.matches + 1,
            self.total_goals + goals,
            self.squared_goals + goals**2,
            self.matches_with_xg + has_xg,
            self.total_xg + own_xg + other_xg,
            self.luck + luck,
            self.home_matches + counts,
            self.home_points + played.points * counts,
            self.home_points_expected + (expected or 0.0),
        )

    @property
    def goals_per_match(self) -> float | None:
        """Goals of both sides per match; None of fewer than 8 matches."""
        return self.total_goals / self.matches if self.matches >= LEAST_MATCHES else None

    @property
    def xg_per_match(self) -> float | None:
        """xG of both sides per match; None of fewer than 8 matches with xG."""
        return self.total_xg / self.matches_with_xg if self.matches_with_xg >= LEAST_MATCHES else None

    @property
    def luck_z(self) -> float | None:
        """(goal difference - xG difference) / root of the xG of both sides; None of fewer than 8 matches with xG.

        Goals of a side are about Poisson with its xG as mean and variance; as shots are not all the same, their true
        variance is a little lower, and so is the figure.
        """
        if self.matches_with_xg < LEAST_MATCHES or self.total_xg == 0:
            return None
        return self.luck / sqrt(self.total_xg)

    @property
    def dispersion(self) -> float | None:
        """Variance of total goals / their mean, which is 1 for Poisson goals at one rate; None of fewer than 8 matches,
        or without a goal.
        """
        if self.matches < LEAST_MATCHES or self.total_goals == 0:
            return None
        mean = self.total_goals / self.matches
        return (self.squared_goals - self.matches * mean**2) / (self.matches - 1) / mean

    @property
    def home_points_beyond_expected(self) -> float | None:
        """Points per home match beyond those that the market expected; None of fewer than 5 home matches."""
        if self.home_matches < LEAST_HOME_MATCHES:
            return None
        return (self.home_points - self.home_points_expected) / self.home_matches
