"""What Understat states, as values: listed matches, players' seasons, shots and line-ups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monps_platform.domain.rejections import Rejection
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation

GOALS = frozenset({ShotResult.GOAL, ShotResult.OWN_GOAL})
XG_TOLERANCE = 0.001
"""What a match's stated expected goals may differ from the sum over its shots: the source rounds them."""


@dataclass(frozen=True)
class Listing:
    """One match of a league file; None is what the source does not say. ``shown_at`` is local time without a zone.

    PPDA is the passes that a side lets the other one make per defensive action; deep completions are passes completed
    within about 20 yards of the goal.
    """

    id: int
    shown_at: datetime
    home_team: str
    away_team: str
    home_goals: int | None = None
    away_goals: int | None = None
    home_xg: float | None = None
    away_xg: float | None = None
    home_ppda: float | None = None
    away_ppda: float | None = None
    home_deep: int | None = None
    away_deep: int | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the match has a score."""
        return self.home_goals is not None


@dataclass(frozen=True)
class Player:
    """What a player did in a league's season, summed over the clubs that he played for in it."""

    id: int
    name: str
    teams: tuple[str, ...]
    position: str
    appearances: int
    minutes: int
    goals: int
    non_penalty_goals: int
    assists: int
    shots: int
    key_passes: int
    yellow_cards: int
    red_cards: int
    xg: float
    non_penalty_xg: float
    xa: float
    xg_chain: float
    xg_buildup: float

    @property
    def is_shared(self) -> bool:
        """Whether the sums are those of several clubs."""
        return len(self.teams) > 1


@dataclass(frozen=True)
class Shot:
    """One shot. ``x`` and ``y`` are shares of the pitch's length and width, x = 1 the goal line that is attacked;
    ``minute`` counts stoppage time on.
    """

    id: int
    is_home: bool
    minute: int
    player_id: int
    player: str
    assisted_by: str | None
    situation: ShotSituation
    body_part: BodyPart
    result: ShotResult
    last_action: str | None
    x: float
    y: float
    xg: float

    @property
    def counts_for_home(self) -> bool:
        """Whether the goal is the home side's: an own goal counts for the other side. Says nothing of other shots."""
        return self.is_home is not (self.result is ShotResult.OWN_GOAL)


@dataclass(frozen=True)
class Appearance:
    """What a player did in a match."""

    player_id: int
    player: str
    is_home: bool
    position: str
    minutes: int
    goals: int
    own_goals: int
    shots: int
    assists: int
    key_passes: int
    yellow_cards: int
    red_cards: int
    xg: float
    xa: float
    xg_chain: float
    xg_buildup: float


@dataclass(frozen=True)
class ParsedLeague:
    """What a league file holds: every record of its two lists is a listing or a player, or a rejection. Rejections of
    match details concern PPDA and deep completions of listings that are there, without them.
    """

    listings: Sequence[Listing]
    players: Sequence[Player]
    listings_read: int
    players_read: int
    rejections: Sequence[Rejection]


@dataclass(frozen=True)
class ParsedMatch:
    """What a match file holds: every record is a shot or an appearance, or a rejection."""

    shots: Sequence[Shot]
    appearances: Sequence[Appearance]
    shots_read: int
    appearances_read: int
    rejections: Sequence[Rejection]

    @property
    def score(self) -> tuple[int, int]:
        """Goals of the home and the away side among the shots, own goals counted for the other one."""
        goals = [shot.counts_for_home for shot in self.shots if shot.result in GOALS]
        return goals.count(True), goals.count(False)

    def agrees_with(self, listing: Listing) -> bool:
        """Whether the shots add up to what the league file says of the match: its score, and its xG to a thousandth."""
        home_xg = sum(shot.xg for shot in self.shots if shot.is_home)
        away_xg = sum(shot.xg for shot in self.shots if not shot.is_home)
        return (
            self.score == (listing.home_goals, listing.away_goals)
            and abs(home_xg - (listing.home_xg or 0.0)) <= XG_TOLERANCE
            and abs(away_xg - (listing.away_xg or 0.0)) <= XG_TOLERANCE
        )
