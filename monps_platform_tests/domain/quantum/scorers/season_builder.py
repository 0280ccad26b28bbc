"""Small seasons written by hand, and simulated ones whose players' true rates are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.leagues import SIMULATED
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.season import LeagueSeason, PlayerTotals, SeasonMatch, Side
from monps_platform.domain.seasons import Season
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.understat import Appearance, Shot

PARTITION = Partition(SIMULATED[0], Season(2019))
FIRST_DAY = date(2019, 8, 10)
HOME, AWAY = 1, 2


def shot(
    player_id: int,
    minute: int = 10,
    *,
    goal: bool = False,
    is_home: bool = True,
    xg: float = 0.1,
    penalty: bool = False,
    own_goal: bool = False,
) -> Shot:
    """A shot of a player who is called by his id."""
    result = ShotResult.OWN_GOAL if own_goal else ShotResult.GOAL if goal else ShotResult.SAVED
    situation = ShotSituation.PENALTY if penalty else ShotSituation.OPEN_PLAY
    who = (minute, player_id, f"player {player_id}", None, situation, BodyPart.HEAD, result, None)
    return Shot(0, is_home, *who, 0.9, 0.5, 0.0 if own_goal else xg)


def appearance(player_id: int, minutes: int = 90, position: str = "FW", *, is_home: bool = True) -> Appearance:
    """A player's part in a match; what shots tell is left at 0."""
    return Appearance(player_id, f"player {player_id}", is_home, position, minutes, *(0,) * 7, *(0.0,) * 4)


def match(
    match_id: int,
    shots: Sequence[Shot] | None,
    *,
    home: int = HOME,
    away: int = AWAY,
    appearances: Sequence[Appearance] | None = None,
    score: tuple[int, int] | None = None,
) -> SeasonMatch:
    """A match on the day of its number, with the score of its shots unless another one is given."""
    goals = [item.counts_for_home for item in shots or () if item.result in {ShotResult.GOAL, ShotResult.OWN_GOAL}]
    home_goals, away_goals = score or (goals.count(True), goals.count(False))
    return SeasonMatch(
        match_id,
        FIRST_DAY + timedelta(days=match_id),
        None,
        Side(home, home_goals),
        Side(away, away_goals),
        shots=None if shots is None else tuple(shots),
        appearances=None if appearances is None else tuple(appearances),
    )


def season(matches: Sequence[SeasonMatch], players: Sequence[PlayerTotals] | None = None) -> LeagueSeason:
    """The season as it stood after the last of its matches."""
    as_of = max(item.day for item in matches) + timedelta(days=1)
    return LeagueSeason(PARTITION, as_of, tuple(matches), None if players is None else tuple(players))


def totals(
    player_id: int, team_id: int = HOME, *, minutes: int | None = 90, appearances: int | None = 1, position: str = "F S"
) -> PlayerTotals:
    """A player's whole season for a club."""
    return PlayerTotals(
        player_id, f"player {player_id}", team_id, position, appearances, minutes, *(None,) * 5, *(None,) * 4
    )


@dataclass(frozen=True)
class Truth:
    """A simulated season, and the goals per 90 minutes that every player's were drawn with."""

    season: LeagueSeason
    rates: Mapping[int, float]


LINES = (("GK", 1, 0.0005), ("DC", 4, 0.04), ("MC", 4, 0.1), ("FW", 2, 0.42))
"""Place, how many begin, and mean goals per 90 minutes."""
SHAPE = 4.0
XG_PER_SHOT = (0.03, 0.1, 0.35)
SQUAD = 2
"""Players per place."""


@cache
def simulated(seed: int, teams: int = 20) -> Truth:
    """A double round robin with line-ups. Every player's shots are Poisson with a constant intensity while he is on the
    pitch, and each is a goal with the probability that is its xG. Three players of each side are changed.
    """
    chance = np.random.default_rng(seed)
    positions = [place for place, count, _ in LINES for _ in range(SQUAD * count)]
    means = np.array([mean for _, count, mean in LINES for _ in range(SQUAD * count)])
    rates = chance.gamma(SHAPE, means / SHAPE, size=(teams, len(means)))
    found = []
    for number, (home, away) in enumerate(_fixtures(teams)):
        shots: list[Shot] = []
        appearances: list[Appearance] = []
        for team, is_home in ((home, True), (away, False)):
            for place, minutes, sub in _lineup(chance, positions):
                player = 1000 * (team + 1) + place
                name = "Sub" if sub else positions[place]
                appearances.append(appearance(player, minutes, name, is_home=is_home))
                start = 90 - minutes if sub else 0
                shots += _shots(chance, player, rates[team, place], (start, start + minutes), is_home)
        drawn = match(1000 * seed + number, shots, home=home + 1, away=away + 1, appearances=appearances)
        found.append(replace(drawn, day=FIRST_DAY + timedelta(days=3 * (2 * number // teams))))
    known = {1000 * (team + 1) + at: float(rates[team, at]) for team in range(teams) for at in range(len(means))}
    return Truth(season(found), known)


def _shots(
    chance: np.random.Generator, player: int, rate: float, span: tuple[int, int], is_home: bool
) -> Iterator[Shot]:
    expected = rate * (span[1] - span[0]) / 90 / float(np.mean(XG_PER_SHOT))
    for xg in chance.choice(XG_PER_SHOT, size=chance.poisson(expected)).tolist():
        minute = int(chance.integers(*span))
        yield shot(player, minute, goal=bool(chance.random() < xg), xg=xg, is_home=is_home)


def _lineup(chance: np.random.Generator, positions: Sequence[str]) -> list[tuple[int, int, bool]]:
    """Place in the squad, minutes, and whether he came on; the first of a line begin more often."""
    priority: NDArray[np.float64] = chance.random(len(positions)) + np.arange(len(positions)) % SQUAD * 0.5
    beginning: list[int] = []
    for place, count, _ in LINES:
        own = [at for at, other in enumerate(positions) if other == place]
        beginning += sorted(own, key=lambda at: priority[at])[:count]
    bench = [at for at in range(SQUAD, len(positions)) if at not in beginning]
    came_on = chance.choice(bench, 3, replace=False).tolist()
    went = chance.choice(beginning[1:], 3, replace=False).tolist()
    minutes = dict(zip(went, chance.integers(50, 88, 3).tolist(), strict=True))
    started = [(at, minutes.get(at, 90), False) for at in beginning]
    return started + [(on, 90 - minutes[off], True) for on, off in zip(came_on, went, strict=True)]


def _fixtures(teams: int) -> Iterator[tuple[int, int]]:
    """Circle method, both venues: round after round."""
    ring = list(range(teams))
    rounds = []
    for _ in range(teams - 1):
        rounds.append([(ring[at], ring[-1 - at]) for at in range(teams // 2)])
        ring = [ring[0], ring[-1], *ring[1:-1]]
    for pairs in rounds:
        yield from pairs
    for pairs in rounds:
        yield from ((away, home) for home, away in pairs)
