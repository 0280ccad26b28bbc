"""Who plays for whom: players with careers at one club, and a few lent to another one inside a season."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.names import FIRST_NAMES, SURNAMES, clubs
from monps_platform.sources.simulated.randomness import Floats, Ints, Stream
from monps_platform.sources.simulated.understat.ids import IdKind, make_ids

Flags = NDArray[np.bool_]


class Role(IntEnum):
    """Where a player plays."""

    GOALKEEPER = 0
    DEFENDER = 1
    MIDFIELDER = 2
    FORWARD = 3


SQUAD_ROLES: Ints = np.repeat(np.array(list(Role)), [2, 8, 8, 6])
"""Roles of the 24 places of every squad, shape (24,)."""

SQUAD_SIZE = len(SQUAD_ROLES)

CAREER = 6
"""Seasons that a player spends at his club: a sixth of each squad is new every summer."""

LOANS = 4
"""Players of a league who are lent to another of its clubs for the rest of the season."""

_WINDOW = (2, 1)  # Loans begin on 1 February, the day after the transfer window closes.
_WANTED = 0.85  # A borrowed player's standing: he was borrowed to play.
_TALENT_SD = 0.3  # Spread of the log of how often players of one role shoot.
_SHUFFLE = 5_003  # Neighbours in a squad do not share a name; prime, so no two numbers share both names.


@dataclass(frozen=True, eq=False)
class Squads:
    """The players of a season: arrays of shape (clubs, 25), the squad's 24 places and one for a borrowed player.

    Ids, roles, how firmly a player stands in the side (0 to 1), how often he shoots (1 is usual); and who can
    play before and from ``loans_begin``. A place that is never open belongs to nobody.
    """

    ids: Ints
    roles: Ints
    standing: Floats
    shooting: Floats
    before: Flags
    after: Flags
    loans_begin: date
    names: Mapping[int, str]


def squads(league: League, season: Season) -> Squads:
    """The squads of a simulated league; raises NotSimulatedError for another one."""
    size = len(clubs(league))
    places = np.arange(size * SQUAD_SIZE).reshape(size, SQUAD_SIZE)
    # Careers at one place follow each other without a gap; they begin in different years at different places.
    years_in = (season.start_year + places // SQUAD_SIZE + places) % CAREER
    arrivals = season.start_year - years_in
    ids = make_ids(league, IdKind.PLAYER, arrivals, places)
    standing, shooting = _talents(league, season, years_in)
    lender, borrower, place = _loans(league, season)
    before = np.ones((size, SQUAD_SIZE + 1), dtype=np.bool_)
    before[:, SQUAD_SIZE] = False
    after = before.copy()
    after[lender, place] = False
    after[borrower, SQUAD_SIZE] = True

    guests = places[:, 0].copy()
    guests[borrower] = places[lender, place]
    people = np.column_stack([places, guests])
    return Squads(
        ids=ids.ravel()[people],
        roles=SQUAD_ROLES[people % SQUAD_SIZE],
        standing=np.column_stack([standing, np.full(size, _WANTED)]),
        shooting=shooting.ravel()[people],
        before=before,
        after=after,
        loans_begin=date(season.start_year + 1, *_WINDOW),
        names=dict(zip(ids.ravel().tolist(), _names(arrivals, places), strict=True)),
    )


def _talents(league: League, season: Season, years_in: Ints) -> tuple[Floats, Floats]:
    """Standing and shooting of the 24 places, drawn once for the whole career."""
    streams = [Stream(league, Season(season.start_year - back), "understat/talents") for back in range(CAREER)]
    drawn = [(stream.uniform(*years_in.shape), stream.normal(*years_in.shape)) for stream in streams]
    standing = np.choose(years_in, [uniform for uniform, _ in drawn])
    shooting = np.exp(_TALENT_SD * np.choose(years_in, [normal for _, normal in drawn]))
    return standing, shooting


def _loans(league: League, season: Season) -> tuple[Ints, Ints, Ints]:
    """Numbers of lending and borrowing clubs, and the places of the lent players, each of shape (LOANS,).

    No club takes part in two loans, and goalkeepers stay.
    """
    stream = Stream(league, season, "understat/loans")
    lender, borrower = stream.permutations(1, len(clubs(league)))[0, : 2 * LOANS].reshape(2, LOANS)
    first = int((SQUAD_ROLES == Role.GOALKEEPER).sum())
    return lender, borrower, first + (stream.uniform(LOANS) * (SQUAD_SIZE - first)).astype(np.int64)


def _names(arrivals: Ints, places: Ints) -> list[str]:
    """Names that no two players of one season share."""
    shuffled = (arrivals * places.size + places).ravel() * _SHUFFLE % (len(FIRST_NAMES) * len(SURNAMES))
    last, first = np.divmod(shuffled, len(FIRST_NAMES))
    return [f"{FIRST_NAMES[one]} {SURNAMES[other]}" for one, other in zip(first.tolist(), last.tolist(), strict=True)]
