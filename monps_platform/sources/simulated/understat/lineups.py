"""Who is on the pitch: eleven starters, three substitutes, and the cards they see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.randomness import Floats, Ints, Stream
from monps_platform.sources.simulated.understat.played import Played
from monps_platform.sources.simulated.understat.squads import Flags, Role, Squads

POSITIONS: tuple[str, ...] = ("GK", "DR", "DC", "DC", "DL", "MR", "MC", "MC", "ML", "FW", "FW", "Sub", "Sub", "Sub")
"""Understat's names of the places in a line-up: every side plays 4-4-2 and changes three players."""

STARTERS = 11
SUBSTITUTES = 3
FULL_TIME = 90
"""Minutes that count for a player who stays to the end, stoppage time included."""

_STARTING = {Role.GOALKEEPER: 1, Role.DEFENDER: 4, Role.MIDFIELDER: 4, Role.FORWARD: 2}
_ROTATION = 0.7  # What form and fitness weigh against a player's standing of 0 to 1.
_FIRST_CHANGE, _LAST_CHANGE = 50, 88
_OUT = -1.0  # Below every priority.


@dataclass(frozen=True, eq=False)
class Lineups:
    """Shape (sides, 14): places in the squad, ids, roles, shooting, minutes of coming and going, minutes played
    (990 per side), cards.

    ``replaced`` are the places in the line-up of those who went for the substitutes, shape (sides, 3). A player
    who is sent off is sent off at the very end: it costs his side no minutes.
    """

    ids: Ints
    roles: Ints
    shooting: Floats
    comes: Ints
    goes: Ints
    minutes: Ints
    yellows: Ints
    reds: Ints
    replaced: Ints

    def on_pitch(self, side: Ints, minute: Ints) -> Flags:
        """Who plays in given minutes of given sides' matches: shape (n, 14)."""
        to_the_end = self.goes[side] == FULL_TIME
        return np.asarray((self.comes[side] <= minute[:, None]) & (to_the_end | (minute[:, None] < self.goes[side])))


def lineups(league: League, season: Season, matches: Played, squad: Squads) -> Lineups:
    """Line-ups of all sides: firm players mostly start, nobody plays for two clubs at a time."""
    places = _choose(Stream(league, season, "understat/lineups"), matches, squad)
    replaced, changes = _substitutions(Stream(league, season, "understat/substitutions"), len(places))
    comes = np.zeros_like(places)
    comes[:, STARTERS:] = changes
    goes = np.full_like(places, FULL_TIME)
    np.put_along_axis(goes, replaced, changes, axis=1)
    club = matches.club[:, None]
    return Lineups(
        ids=squad.ids[club, places],
        roles=squad.roles[club, places],
        shooting=squad.shooting[club, places],
        comes=comes,
        goes=goes,
        minutes=goes - comes,
        yellows=_cards(Stream(league, season, "understat/yellows"), matches.yellows),
        reds=_cards(Stream(league, season, "understat/reds"), matches.reds),
        replaced=replaced,
    )


def _choose(stream: Stream, matches: Played, squad: Squads) -> Ints:
    """Places in the squad of starters and substitutes, shape (sides, 14)."""
    club = matches.club
    late = np.repeat([day >= squad.loans_begin for day in matches.days], 2)[:, None]
    fit = np.where(late, squad.after[club], squad.before[club])
    priority = squad.standing[club] + _ROTATION * stream.uniform(*fit.shape)
    priority = np.where(fit, priority, _OUT)
    starters = np.concatenate(
        [_first(np.where(squad.roles[club] == role, priority, _OUT), count) for role, count in _STARTING.items()],
        axis=1,
    )
    np.put_along_axis(priority, starters, _OUT, axis=1)
    return np.concatenate([starters, _first(np.where(squad.roles[club] == 0, _OUT, priority), SUBSTITUTES)], axis=1)


def _first(priority: Floats, count: int) -> Ints:
    return np.argsort(-priority, axis=1, kind="stable")[:, :count]


def _substitutions(stream: Stream, sides: int) -> tuple[Ints, Ints]:
    """Whom the substitutes replace (any starter but the goalkeeper), and when, each of shape (sides, 3)."""
    replaced = 1 + stream.permutations(sides, STARTERS - 1)[:, :SUBSTITUTES]
    span = _LAST_CHANGE - _FIRST_CHANGE + 1
    drawn = (stream.uniform(sides, SUBSTITUTES) * span).astype(np.int64)
    return replaced, _FIRST_CHANGE + np.sort(drawn, axis=1)


def _cards(stream: Stream, counts: Ints) -> Ints:
    """Deal each side's cards to its players at random, evenly: shape (sides, 14)."""
    players = len(POSITIONS)
    turn = stream.permutations(len(counts), players)
    return counts[:, None] // players + (turn < counts[:, None] % players)
