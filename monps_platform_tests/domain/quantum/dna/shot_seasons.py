"""Small seasons written by hand or drawn at random, whose scores are those of their shots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import numpy as np
from hypothesis import strategies as st

from monps_platform.domain.leagues import SIMULATED
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.documents import Vector
from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch, Side
from monps_platform.domain.seasons import Season
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.understat import Shot

PARTITION = Partition(SIMULATED[0], Season(2019))
FIRST_DAY = date(2019, 8, 10)
GOAL, OWN_GOAL, SAVED = ShotResult.GOAL, ShotResult.OWN_GOAL, ShotResult.SAVED
TEAM, OTHER = 1, 2


def shot(
    minute: int, result: ShotResult = SAVED, *, is_home: bool = True, xg: float = 0.1, player: int = 7, number: int = 0
) -> Shot:
    """A shot of a player who is called by his id."""
    who = (player, f"player {player}", None, ShotSituation.OPEN_PLAY, BodyPart.HEAD, result, None)
    return Shot(number, is_home, minute, *who, 0.9, 0.5, 0.0 if result is OWN_GOAL else xg)


def goal(minute: int, *, is_home: bool = True, xg: float = 0.1, player: int = 7) -> Shot:
    """A goal that is not an own goal."""
    return shot(minute, GOAL, is_home=is_home, xg=xg, player=player)


def score_of(shots: Iterable[Shot]) -> tuple[int, int]:
    """Goals of the home and the away side."""
    home = [item.is_home is (item.result is GOAL) for item in shots if item.result in {GOAL, OWN_GOAL}]
    return home.count(True), home.count(False)


def match(
    number: int,
    shots: Sequence[Shot] | None,
    *,
    home: int = TEAM,
    away: int = OTHER,
    score: tuple[int, int] | None = None,
    half_time: tuple[int, int] | None = None,
    day: date | None = None,
) -> SeasonMatch:
    """A match on the day of its number, whose shots are in order of play, and its score that of the shots."""
    held = None if shots is None else tuple(replace(item, id=at) for at, item in enumerate(shots, 1))
    goals, before = score or score_of(held or ()), half_time or (None, None)
    sides = Side(home, goals[0], before[0]), Side(away, goals[1], before[1])
    return SeasonMatch(number, day or FIRST_DAY + timedelta(days=number), None, *sides, shots=held)


def season(matches: Sequence[SeasonMatch]) -> LeagueSeason:
    """The season as it stood after the last of its matches."""
    return LeagueSeason(PARTITION, max(item.day for item in matches) + timedelta(days=1), tuple(matches))


@st.composite
def seasons(draw: st.DrawFn, teams: int = 3, legs: int = 2, most_shots: int = 12) -> LeagueSeason:
    """Every pair at both venues ``legs`` times, with shots at any minute; some matches without shots or half-time
    scores, some with statistics.
    """
    found = []
    day = FIRST_DAY
    for number, (home, away) in enumerate([*permutations(range(1, teams + 1), 2)] * legs):
        day += timedelta(days=draw(st.integers(1, 8)))
        drawn = draw(st.lists(_shots, max_size=most_shots))
        made = match(number, sorted(drawn, key=lambda item: item.minute), home=home, away=away, day=day)
        first_half = score_of(item for item in drawn if item.minute <= 44)
        sides = [_side(draw, side, goals) for side, goals in zip((made.home, made.away), first_half, strict=True)]
        made = replace(made, home=sides[0], away=sides[1])
        found.append(made if draw(st.integers(0, 5)) else replace(made, shots=None))
    return season(found)


_shots = st.builds(
    lambda minute, result, is_home, xg, player: shot(minute, result, is_home=is_home, xg=xg, player=player),
    st.integers(0, 97),
    st.sampled_from([GOAL, OWN_GOAL, SAVED, SAVED]),
    st.booleans(),
    st.floats(0.01, 0.95),
    st.integers(1, 2),
)


def _side(draw: st.DrawFn, side: Side, before: int) -> Side:
    held = draw(st.integers(0, 9)) > 0
    fouls, yellow, red = (draw(st.integers(0, 9)) for _ in range(3))
    return replace(side, half_time_goals=before, fouls=fouls, yellow_cards=yellow, red_cards=red) if held else side


def round_robin(
    teams: int, draw: Callable[[int, bool], list[Shot]], *, days: Callable[[int], int] = lambda at: 3 * at
) -> LeagueSeason:
    """A double round robin of teams 1 to ``teams``; ``draw`` gives the shots of a team, at home or away. Those of a
    match are in order of minute.
    """
    matches = []
    for at, (home, away) in enumerate(permutations(range(1, teams + 1), 2)):
        shots = sorted([*draw(home, True), *draw(away, False)], key=lambda item: item.minute)
        day = FIRST_DAY + timedelta(days=days(2 * at // teams))
        matches.append(match(at, shots, home=home, away=away, day=day))
    return season(matches)


def assert_sees_no_future(vector: Callable[[LeagueSeason, int], Vector], known: LeagueSeason, teams: int) -> None:
    """A vector as of a day is the same whether later matches are held, are changed, or had never been."""
    day = known.matches[2 * len(known.matches) // 3].day
    never = replace(known, as_of=day, matches=tuple(item for item in known.matches if item.day < day), players=None)
    later = tuple(item if item.day < day else _changed(item) for item in known.matches)
    changed = replace(known, matches=later)
    for team in range(1, teams + 1):
        expected = vector(never, team)
        assert vector(known.before(day), team) == expected
        assert vector(changed.before(day), team) == expected
        assert expected.as_of == day
    assert any(vector(changed, team) != vector(known, team) for team in range(1, teams + 1))


def _changed(item: SeasonMatch) -> SeasonMatch:
    shots = [goal(minute, xg=0.5) for minute in range(70, 90)]
    changed = match(item.match_id, shots, home=item.home.team_id, away=item.away.team_id, day=item.day)
    return replace(changed, home=replace(changed.home, half_time_goals=0, fouls=40, yellow_cards=9, red_cards=3))


def poisson_shots(
    chance: np.random.Generator, mean: float, *, is_home: bool, minutes: tuple[int, int] = (0, 96), xg: float = 0.1
) -> list[Shot]:
    """Shots at times without a pattern, each a goal with the probability that is its xG."""
    drawn = chance.integers(*minutes, size=chance.poisson(mean)).tolist()
    return [
        shot(minute, GOAL if chance.random() < xg else SAVED, is_home=is_home, xg=xg, player=int(chance.integers(1, 9)))
        for minute in drawn
    ]
