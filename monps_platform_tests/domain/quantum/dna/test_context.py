"""Home and away, and by the opponent's place in the table as it stood."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import numpy as np
import pytest

from monps_platform.domain.quantum.dna.context import context_vector
from monps_platform.domain.quantum.dna.table import LEAST_PLAYED, Third, thirds
from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch
from monps_platform_tests.domain.quantum.dna.priced_seasons import OTHER, OWN, match, season, simulated


def ranked(teams: int = 6) -> list[SeasonMatch]:
    """A double round robin in which the lower id always wins by the difference of the ids."""
    return [
        match(at, (max(0, away - home), max(0, home - away)), teams=(home, away))
        for at, (home, away) in enumerate(permutations(range(1, teams + 1), 2))
    ]


def test_home_and_away_are_apart() -> None:
    at_home = [match(at, (3, 1), xg=(2.0, 0.5)) for at in range(5)]
    away = [match(at, (2, 2), teams=(OTHER, OWN), xg=(1.5, 1.0)) for at in range(5, 10)]
    vector = context_vector(season([*at_home, *away]), OWN)
    assert (vector.home.points, vector.home.goals_for, vector.home.goals_against) == (3, 3, 1)
    assert (vector.away.points, vector.away.goals_for, vector.away.goals_against) == (1, 2, 2)
    assert (vector.home.xg_for, vector.home.xg_against) == (2.0, 0.5)
    assert (vector.away.xg_for, vector.away.xg_against) == (1.0, 1.5)
    assert vector.sources == (Source.RESULTS, Source.SHOTS)


def test_home_advantage_is_the_difference_of_the_means() -> None:
    scores = [(3, 1), (1, 0), (0, 0), (2, 2), (1, 3)]
    at_home = [match(at, score) for at, score in enumerate(scores)]
    away = [match(5 + at, score, teams=(OTHER, OWN)) for at, score in enumerate(scores)]
    vector = context_vector(season([*at_home, *away]), OWN)
    points, goals = vector.home_advantage_points, vector.home_advantage_goals
    assert points is not None
    assert goals is not None
    assert points.value == pytest.approx((3 + 3 + 1 + 1 + 0) / 5 - (0 + 0 + 1 + 1 + 3) / 5)
    assert goals.value == pytest.approx((2 + 1 + 0 + 0 - 2) / 5 * 2)
    assert points.low < points.value < points.high


def test_a_season_without_xg_has_the_rest() -> None:
    vector = context_vector(season([match(at, (at % 3, 1)) for at in range(6)]), OWN)
    assert vector.home.gaps == {"xg_for": Gap.NO_SHOTS, "xg_against": Gap.NO_SHOTS}
    assert vector.home.points is not None
    assert set(vector.away.gaps.values()) == {Gap.TOO_FEW}
    assert vector.gaps == {"home_advantage_points": Gap.TOO_FEW, "home_advantage_goals": Gap.TOO_FEW}
    assert vector.sources == (Source.RESULTS,)


def test_the_table_is_cut_into_thirds_by_points() -> None:
    matches = ranked()
    last = match(99, (0, 0), teams=(1, 2))
    table = thirds(season([*matches, last]))[last.day]
    assert table == {1: Third.TOP, 2: Third.TOP, 3: Third.MIDDLE, 4: Third.MIDDLE, 5: Third.BOTTOM, 6: Third.BOTTOM}


def test_goal_difference_and_goals_part_teams_with_the_same_points() -> None:
    scores = {1: (1, 1), 2: (2, 2), 3: (0, 0)}
    matches = [
        match(number, scores[team], teams=(team, team + 10))
        for number, team in enumerate([team for team in scores for _ in range(LEAST_PLAYED)])
    ]
    table = thirds(season([*matches, match(99, (0, 0), teams=(1, 2))]))[match(99, (0, 0)).day]
    # All have five points: by goals the order is 2 and 12, 1 and 11, 3 and 13.
    assert table == {2: Third.TOP, 12: Third.TOP, 1: Third.MIDDLE, 11: Third.MIDDLE, 3: Third.BOTTOM, 13: Third.BOTTOM}


def test_a_place_counts_from_five_matches_on_and_not_by_those_of_the_day() -> None:
    matches = [match(at, (1, 0)) for at in range(LEAST_PLAYED + 1)]
    stood = thirds(season(matches))
    assert [len(stood[each.day]) for each in matches] == [0, 0, 0, 0, 0, 2]
    same_day = [replace(each, day=matches[0].day) for each in matches]
    assert thirds(season(same_day)) == {matches[0].day: {}}


def test_twenty_teams_make_thirds_of_seven_seven_and_six() -> None:
    known = simulated(1)
    table = list(thirds(known)[known.matches[-1].day].values())
    assert [table.count(third) for third in Third] == [7, 7, 6]


def test_matches_are_put_to_the_opponents_third_as_it_stood() -> None:
    # After the round robin team 6 is the last: five more wins against it are wins against the bottom third.
    before, after = ranked(), [*ranked(), *(match(100 + at, (1, 0), teams=(1, 6)) for at in range(5))]
    first, then = context_vector(season(before), 1), context_vector(season(after), 1)
    assert then.against_bottom.n_matches == first.against_bottom.n_matches + 5
    assert then.against_bottom.points == 3
    assert (then.against_top, then.against_middle) == (first.against_top, first.against_middle)


def plain_thirds(known: LeagueSeason, team_id: int, third: int) -> list[int]:
    """Points against a third, by a second way: the whole table anew before every match."""
    gained = []
    for each in known.matches:
        if team_id not in {each.home.team_id, each.away.team_id}:
            continue
        rows: dict[int, list[int]] = {}
        for old in known.matches:
            if old.day < each.day:
                for own, other in ((old.home, old.away), (old.away, old.home)):
                    row = rows.setdefault(own.team_id, [0, 0, 0, 0])
                    row[0] += 3 if own.goals > other.goals else int(own.goals == other.goals)
                    row[1] += own.goals - other.goals
                    row[2] += own.goals
                    row[3] += 1
        order = sorted(rows, key=lambda team: (-rows[team][0], -rows[team][1], -rows[team][2], team))
        own, other = (each.home, each.away) if each.home.team_id == team_id else (each.away, each.home)
        if (
            other.team_id in rows
            and rows[other.team_id][3] >= 5
            and 3 * order.index(other.team_id) // len(order) == third
        ):
            gained.append(3 if own.goals > other.goals else int(own.goals == other.goals))
    return gained


def test_a_second_way_of_counting_agrees() -> None:
    known = simulated(4, teams=10)
    vector = context_vector(known, 3)
    for place, part in enumerate((vector.against_top, vector.against_middle, vector.against_bottom)):
        gained = plain_thirds(known, 3, place)
        assert part.n_matches == len(gained)
        assert part.points == (pytest.approx(np.mean(gained)) if len(gained) >= 5 else None)


def test_home_advantage_of_a_simulated_league_comes_back() -> None:
    # Home sides have exp(0.3) = 1.35 times the goals of the away sides.
    known = simulated(1)
    found = [vector.home_advantage_goals for team_id in known.team_ids for vector in [context_vector(known, team_id)]]
    assert np.mean([each.value for each in found if each is not None]) == pytest.approx(2 * 0.4, abs=0.25)


def test_later_matches_change_nothing() -> None:
    known = simulated(2)
    day = known.matches[200].day
    later = [replace(each, home=replace(each.home, goals=9)) if each.day >= day else each for each in known.matches]
    assert context_vector(known.before(day), 1) == context_vector(replace(known, matches=tuple(later)).before(day), 1)


def test_a_team_that_has_not_played_has_no_vector() -> None:
    known = simulated(1)
    with pytest.raises(ValueError, match="has not played"):
        context_vector(known.before(known.matches[0].day - timedelta(days=1)), 1)
