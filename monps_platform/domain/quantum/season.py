"""A league's season as it stood on a day: all that team DNA, profiles, friction and scorers are computed from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

from monps_platform.domain.partitions import Partition
from monps_platform.domain.shots import ShotResult
from monps_platform.domain.understat import Appearance, Shot

_WIN, _DRAW, _LOSS = 3, 1, 0
MINUTES_OF_A_TEAM = 11 * 90
"""In a match, all its players together."""
MOST_COVERAGE = 1.01
"""Real totals of a season come to 1.0005 of the minutes of its matches at most. More is what only other matches than
those held explain, later ones perhaps.
"""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Side:
    """What one side did in a match; None is what no source says. PPDA and deep completions are Understat's."""

    team_id: int
    goals: int
    half_time_goals: int | None = None
    shots: int | None = None
    shots_on_target: int | None = None
    corners: int | None = None
    fouls: int | None = None
    yellow_cards: int | None = None
    red_cards: int | None = None
    xg: float | None = None
    ppda: float | None = None
    deep: int | None = None


@dataclass(frozen=True, slots=True)
class AveragePrices:
    """The market's average decimal prices at one time (an aggregate: what a bettor without preference got); None where
    there is none. ``over`` and ``under`` are those of 2.5 goals; ``handicap_line`` is the home side's, in goals.
    """

    home: float | None = None
    draw: float | None = None
    away: float | None = None
    over: float | None = None
    under: float | None = None
    handicap_line: float | None = None
    handicap_home: float | None = None
    handicap_away: float | None = None


@dataclass(frozen=True, slots=True)
class FairProbabilities:
    """What the market expects without its margin (power method): home win, draw, away win, which sum to 1, and more
    than 2.5 goals, None where totals are not quoted.
    """

    home: float
    draw: float
    away: float
    over25: float | None = None


@dataclass(frozen=True, slots=True)
class SeasonMatch:
    """A played match. ``pre_match`` and ``closing`` are average prices; ``fair_pre_match`` and ``fair_closing`` what
    the market expected, None where nobody quoted. ``shots`` and ``appearances`` are None where no source has them; own
    goals are among the shots, on the side of their scorer.
    """

    match_id: int
    day: date
    kickoff_at: datetime | None
    home: Side
    away: Side
    pre_match: AveragePrices = AveragePrices()
    closing: AveragePrices = AveragePrices()
    fair_pre_match: FairProbabilities | None = None
    fair_closing: FairProbabilities | None = None
    shots: tuple[Shot, ...] | None = None
    appearances: tuple[Appearance, ...] | None = None

    @property
    def fair(self) -> FairProbabilities | None:
        """What the market expected at the last: at the close, else before the match where no close is known."""
        return self.fair_closing or self.fair_pre_match


@dataclass(frozen=True, slots=True)
class TeamMatch:
    """A match as one of its sides sees it."""

    match: SeasonMatch
    is_home: bool

    @property
    def own(self) -> Side:
        """What the team did."""
        return self.match.home if self.is_home else self.match.away

    @property
    def other(self) -> Side:
        """What its opponent did."""
        return self.match.away if self.is_home else self.match.home

    @property
    def goal_difference(self) -> int:
        """Goals for less goals against."""
        return self.own.goals - self.other.goals

    @property
    def points(self) -> int:
        """3, 1 or 0."""
        return points(self.goal_difference)

    @property
    def fair_outcomes(self) -> tuple[float, float, float] | None:
        """What the market expected at the last of win, draw and defeat of the team; they sum to 1."""
        fair = self.match.fair
        if fair is None:
            return None
        return (fair.home, fair.draw, fair.away) if self.is_home else (fair.away, fair.draw, fair.home)

    @property
    def expected_points(self) -> float | None:
        """Points that the market expected at the last."""
        outcomes = self.fair_outcomes
        return None if outcomes is None else _WIN * outcomes[0] + _DRAW * outcomes[1]

    @property
    def own_shots(self) -> tuple[Shot, ...] | None:
        """The team's shots, without own goals of either side."""
        shots = self.match.shots
        if shots is None:
            return None
        return tuple(shot for shot in shots if shot.is_home is self.is_home and shot.result is not ShotResult.OWN_GOAL)


def points(goal_difference: int) -> int:
    """Points of a match by the difference of goals: 3, 1 or 0."""
    return _WIN if goal_difference > 0 else _LOSS if goal_difference < 0 else _DRAW


@dataclass(frozen=True, slots=True)
class PlayerTotals:
    """What a player did for one club in a season up to the day; None where the source adds up several clubs of his."""

    player_id: int
    player: str
    team_id: int
    position: str
    appearances: int | None
    minutes: int | None
    goals: int | None
    non_penalty_goals: int | None
    assists: int | None
    shots: int | None
    xg: float | None
    non_penalty_xg: float | None
    xa: float | None
    xg_chain: float | None
    xg_buildup: float | None


@dataclass(frozen=True)
class LeagueSeason:
    """The played matches of a league's season before ``as_of``, by day and match id.

    ``earlier`` are the league's matches of the seasons before, oldest first, without shots and appearances.
    ``players`` are totals over the whole season; they are not dated, so that they are None when ``as_of`` is before the
    last match held. ``players_of`` says what may be used.
    """

    partition: Partition
    as_of: date
    matches: tuple[SeasonMatch, ...]
    players: tuple[PlayerTotals, ...] | None = None
    earlier: tuple[SeasonMatch, ...] = ()

    def before(self, day: date) -> LeagueSeason:
        """The same as it stood on an earlier day: matches of that day and later ones are left out, and what is not
        dated with them. Raises ValueError for a later day, of which this knows nothing.
        """
        if day > self.as_of:
            raise ValueError(f"{self.partition} is known up to {self.as_of}, not up to {day}")
        kept = tuple(match for match in self.matches if match.day < day)
        players = self.players if len(kept) == len(self.matches) else None
        return replace(self, as_of=day, matches=kept, players=players)

    @cached_property
    def team_ids(self) -> tuple[int, ...]:
        """The sides that have played, ascending."""
        return tuple(sorted({side.team_id for match in self.matches for side in (match.home, match.away)}))

    def of_team(self, team_id: int) -> Sequence[TeamMatch]:
        """The team's matches, oldest first."""
        return self._by_team.get(team_id, ())

    def players_of(self, team_id: int) -> Sequence[PlayerTotals]:
        """Totals of the team's players that may be used: none where they have more minutes than the matches held, for
        then they know of other matches.
        """
        found = [row for row in self.players or () if row.team_id == team_id]
        known = sum(row.minutes or 0 for row in found)
        return found if known <= MOST_COVERAGE * MINUTES_OF_A_TEAM * len(self.of_team(team_id)) else ()

    def played_by(self, team_id: int) -> Sequence[TeamMatch]:
        """The same, at least one. Raises ValueError for a team that has not played."""
        matches = self.of_team(team_id)
        if not matches:
            raise ValueError(f"team {team_id} has not played in {self.partition} before {self.as_of}")
        return matches

    def once(self, make: Callable[[LeagueSeason], T]) -> T:
        """What a pure function makes of the season. It is called once, however many teams ask for it; what it returns
        is shared by them all and must not be changed.
        """
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made

    @cached_property
    def _made(self) -> dict[Callable[[LeagueSeason], Any], Any]:
        return {}

    @cached_property
    def _by_team(self) -> dict[int, list[TeamMatch]]:
        found: dict[int, list[TeamMatch]] = {}
        for match in sorted(self.matches, key=attrgetter("day", "match_id")):
            found.setdefault(match.home.team_id, []).append(TeamMatch(match, is_home=True))
            found.setdefault(match.away.team_id, []).append(TeamMatch(match, is_home=False))
        return found
