"""The running score of a match, and minutes in front, level and behind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.quantum.game_state import GameState, Stretch, course, courses, in_order, moments
from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch
from monps_platform.domain.understat import Shot
from monps_platform_tests.domain.quantum.dna.shot_seasons import (
    GOAL,
    OWN_GOAL,
    SAVED,
    goal,
    match,
    season,
    shot,
)


def known_course(played: SeasonMatch) -> tuple[Stretch, ...]:
    known = course(played)
    assert known is not None
    return known.stretches


def test_each_shot_knows_the_lead_before_it_and_an_own_goal_counts_for_the_other_side() -> None:
    played = [
        shot(3),
        goal(10),
        shot(11),
        shot(20, OWN_GOAL),
        shot(30, is_home=False),
        goal(60, is_home=False),
        shot(70),
    ]
    assert [moment.home_lead for moment in moments(match(1, played).shots or ())] == [0, 0, 1, 1, 0, 0, -1]


def test_the_score_changes_in_the_middle_of_a_goals_minute() -> None:
    stretches = known_course(match(1, [goal(10), goal(70, is_home=False)], half_time=(1, 0)))
    assert stretches == (Stretch(0, 10.5, 0), Stretch(10.5, 70.5, 1), Stretch(70.5, 90, 0))


def test_minutes_of_the_two_sides_mirror_each_other() -> None:
    known = course(match(1, [goal(10), goal(70, is_home=False), goal(80, is_home=False)]))
    assert known is not None
    home, away = known.minutes(is_home=True), known.minutes(is_home=False)
    assert home == {GameState.LEADING: 60, GameState.LEVEL: 20.5, GameState.TRAILING: 9.5}
    assert away == {GameState.LEADING: 9.5, GameState.LEVEL: 20.5, GameState.TRAILING: 60}


def test_a_goal_after_minute_90_makes_a_stretch_without_length() -> None:
    stretches = known_course(match(1, [goal(93), goal(95, is_home=False)]))
    assert stretches == (Stretch(0, 90, 0), Stretch(90, 90, 1), Stretch(90, 90, 0))


def test_a_goal_that_the_half_time_score_holds_changes_the_score_by_half_time_at_the_latest() -> None:
    played = match(1, [goal(47), goal(47, is_home=False)], half_time=(1, 0))
    assert known_course(played) == (Stretch(0, 45, 0), Stretch(45, 47.5, 1), Stretch(47.5, 90, 0))


def test_without_a_half_time_score_minutes_are_taken_as_they_are_and_never_run_back() -> None:
    assert known_course(match(1, [goal(48), goal(46, is_home=False)])) == (
        Stretch(0, 48.5, 0),
        Stretch(48.5, 48.5, 1),
        Stretch(48.5, 90, 0),
    )


@pytest.mark.parametrize("shots", [None, (goal(10),), (goal(10, is_home=False), goal(11))])
def test_without_shots_or_with_others_than_the_score_tells_there_is_no_course(shots: tuple[Shot, ...] | None) -> None:
    played = match(1, shots, score=(2, 0))
    assert course(played) is None
    assert courses(season([played])) == {}


def test_ids_tell_stoppage_time_of_the_first_half_from_the_second() -> None:
    played = [shot(44), goal(48), shot(46), shot(47)]
    assert [item.minute for item in in_order(reversed(match(1, played).shots or ()))] == [44, 48, 46, 47]


@pytest.mark.parametrize("minutes", [[50, 20, 80], [46, 45, 60, 46], [30, 29]])
def test_ids_that_minutes_contradict_are_not_followed(minutes: list[int]) -> None:
    shots = [shot(minute, number=number) for number, minute in enumerate(minutes)]
    assert [item.minute for item in in_order(shots)] == sorted(minutes)


@given(st.lists(st.tuples(st.integers(0, 104), st.sampled_from([GOAL, OWN_GOAL, SAVED]), st.booleans()), max_size=20))
def test_stretches_follow_each_other_through_ninety_minutes_and_end_at_the_score(
    drawn: list[tuple[int, object, bool]],
) -> None:
    shots = [
        shot(minute, GOAL if result is GOAL else OWN_GOAL if result is OWN_GOAL else SAVED, is_home=is_home)
        for minute, result, is_home in drawn
    ]
    played = match(1, sorted(shots, key=lambda item: item.minute))
    known = course(played)
    assert known is not None
    ends = [0.0, *(stretch.end for stretch in known.stretches)]
    assert [stretch.start for stretch in known.stretches] == ends[:-1]
    assert ends == sorted(ends)
    assert ends[-1] == 90
    assert known.stretches[-1].home_lead == played.home.goals - played.away.goals
    assert sum(known.minutes(is_home=True).values()) == pytest.approx(90)
    for moment in known.moments:
        earlier = [other.shot for other in known.moments if other.shot.id < moment.shot.id]
        goals = [item.is_home is (item.result is GOAL) for item in earlier if item.result is not SAVED]
        assert moment.home_lead == goals.count(True) - goals.count(False)


def test_what_is_made_of_a_season_is_made_once_and_anew_for_another_day() -> None:
    asked: list[int] = []

    def count(known: LeagueSeason) -> int:
        asked.append(len(known.matches))
        return len(known.matches)

    whole = season([match(1, []), match(2, [])])
    assert [whole.once(count), whole.once(count)] == [2, 2]
    assert whole.before(whole.matches[1].day).once(count) == 1
    assert replace(whole, matches=()).once(count) == 0
    assert asked == [2, 1, 0]
