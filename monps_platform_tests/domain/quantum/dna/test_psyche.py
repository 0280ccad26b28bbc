"""What the score does to a team: by hand, recomputed, and of teams whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from monps_platform.domain.quantum.dna.psyche import LEAST_MATCHES, LEAST_MINUTES, PsycheVector, psyche_vector
from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.season import LeagueSeason
from monps_platform.domain.understat import Shot
from monps_platform_tests.domain.quantum.dna.shot_seasons import (
    GOAL,
    OTHER,
    OWN_GOAL,
    SAVED,
    TEAM,
    assert_sees_no_future,
    goal,
    match,
    round_robin,
    season,
    seasons,
    shot,
)


def test_minutes_and_xg_are_those_of_the_teams_state() -> None:
    # Level to 29.5, ahead to 59.5, level again; the opponent's shot of minute 40 is conceded in front.
    played = [shot(10, xg=0.2), goal(29, xg=0.3), shot(40, is_home=False, xg=0.4), goal(59, is_home=False, xg=0.5)]
    told = psyche_vector(season([match(at, played) for at in range(10)]), TEAM)
    assert (told.minutes_leading, told.minutes_level, told.minutes_trailing) == (300, 600, 0)
    assert told.xg_for_level == pytest.approx(90 * 10 * 0.5 / 600)
    assert told.xg_for_leading == 0
    assert told.xg_against_leading == pytest.approx(90 * 10 * 0.9 / 300)
    assert told.xg_against_level == 0
    assert told.gaps["xg_for_trailing"] is Gap.TOO_FEW
    assert told.xg_for_leading_ratio is not None
    assert told.xg_for_leading_ratio.value == 0
    assert told.gaps["xg_against_leading_ratio"] is Gap.NO_VARIATION


def test_stoppage_time_of_the_second_half_counts_for_the_score_but_for_no_rate() -> None:
    told = psyche_vector(season([match(at, [goal(93, xg=0.9)]) for at in range(5)]), TEAM)
    assert (told.xg_for_level, told.minutes_level, told.matches_led, told.points_dropped) == (0, 450, 5, 0)


def test_own_goals_are_no_chances_but_change_the_state() -> None:
    told = psyche_vector(season([match(at, [shot(9, OWN_GOAL, is_home=False)]) for at in range(5)]), TEAM)
    assert told.minutes_leading == pytest.approx(5 * 80.5)
    assert (told.xg_for_leading, told.xg_against_leading) == (0, 0)


@pytest.mark.parametrize(
    ("goals", "led", "dropped", "trailed", "won_back"),
    [
        ([], 0, 0, 0, 0),
        ([(10, True)], 1, 0, 0, 0),
        ([(10, True), (20, False)], 1, 2, 0, 0),
        ([(10, True), (20, False), (30, False)], 1, 3, 1, 0),
        ([(10, False), (20, True)], 0, 0, 1, 1),
        ([(10, False), (20, True), (30, True)], 1, 0, 1, 3),
        ([(95, False), (96, True)], 0, 0, 1, 1),
    ],
)
def test_points_are_dropped_from_leads_and_won_back_from_behind(
    goals: list[tuple[int, bool]], led: int, dropped: int, trailed: int, won_back: int
) -> None:
    played = [goal(minute, is_home=is_home) for minute, is_home in goals]
    told = psyche_vector(season([match(at, played) for at in range(5)]), TEAM)
    assert (told.matches_led, told.points_dropped) == (5 * led, 5 * dropped)
    assert (told.matches_trailed, told.points_won_back) == (5 * trailed, 5 * won_back)


def test_comebacks_and_collapses_are_counted_from_half_time_scores_alone() -> None:
    scores = [
        ((1, 0), (1, 0)),
        ((1, 0), (1, 1)),
        ((2, 0), (2, 3)),
        ((0, 1), (0, 1)),
        ((0, 1), (1, 1)),
        ((0, 2), (3, 2)),
        ((1, 1), (0, 9)),
    ]
    matches = [match(at, None, half_time=before, score=end) for at, (before, end) in enumerate(scores)]
    told = psyche_vector(season(matches), TEAM)
    assert (told.led_at_half_time, told.collapses) == (3, 2)
    assert (told.trailed_at_half_time, told.comebacks, told.comeback_wins) == (3, 2, 1)
    assert told.n_matches_with_half_time == 7
    other = psyche_vector(season(matches), OTHER)
    assert (other.led_at_half_time, other.collapses, other.comebacks, other.comeback_wins) == (3, 2, 2, 1)


def test_without_shots_the_states_are_missing_and_say_why() -> None:
    told = psyche_vector(season([match(at, None, score=(1, 0), half_time=(0, 0)) for at in range(5)]), TEAM)
    assert set(told.gaps.values()) == {Gap.NO_SHOTS}
    assert {"minutes_level", "xg_for_level", "xg_against_leading_ratio", "points_dropped"} < set(told.gaps)
    assert told.sources == (Source.RESULTS,)
    assert told.comebacks == 0


def test_without_half_time_scores_turns_are_missing_and_say_why() -> None:
    told = psyche_vector(season([match(at, []) for at in range(5)]), TEAM)
    assert told.gaps["comebacks"] is told.gaps["collapses"] is Gap.NO_HALF_TIME


def test_of_too_few_matches_nothing_but_n_is_told() -> None:
    told = psyche_vector(season([match(at, [], half_time=(0, 0)) for at in range(LEAST_MATCHES - 1)]), TEAM)
    assert set(told.gaps.values()) == {Gap.TOO_FEW}
    assert (told.n_matches_with_shots, told.n_matches_with_half_time) == (4, 4)
    assert (told.comebacks, told.points_dropped) == (None, None)


@pytest.mark.parametrize(("minute", "gap"), [(36, Gap.TOO_FEW), (35, None)])
def test_a_rate_needs_a_least_number_of_minutes(minute: int, gap: Gap | None) -> None:
    # Five matches with a lead from 36.5 on have 5 * 53.5 = 267.5 minutes of it, from 35.5 on 272.5.
    assert 267.5 < LEAST_MINUTES < 272.5
    played = [goal(minute, is_home=False), goal(minute)]
    ahead = [*played, goal(minute)]
    told = psyche_vector(season([match(at, ahead) for at in range(5)]), TEAM)
    assert told.gaps.get("xg_for_leading") is gap


def test_without_enough_minutes_at_a_level_score_there_is_no_ratio() -> None:
    told = psyche_vector(season([match(at, [shot(0), goal(0), shot(9)]) for at in range(10)]), TEAM)
    assert told.minutes_level == 5
    assert told.xg_for_leading is not None
    assert told.gaps["xg_for_leading_ratio"] is Gap.TOO_FEW


def test_a_team_that_has_not_played_has_no_vector() -> None:
    with pytest.raises(ValueError, match="team 9 has not played"):
        psyche_vector(season([match(1, [])]), 9)


def lead_at(shots: tuple[Shot, ...], clock: float, *, is_home: bool) -> int:
    goals = [item for item in shots if item.result is not SAVED and item.minute + 0.5 <= clock]
    for_home = [item.is_home is (item.result is GOAL) for item in goals]
    lead = for_home.count(True) - for_home.count(False)
    return lead if is_home else -lead


def minutes_by_hand(known: LeagueSeason, team: int) -> list[float]:
    """Minutes in front, level and behind, looked at every half minute."""
    found = [0.0, 0.0, 0.0]
    for item in known.matches:
        if item.shots is None or team not in {item.home.team_id, item.away.team_id}:
            continue
        for half_minute in range(180):
            lead = lead_at(item.shots, half_minute / 2, is_home=item.home.team_id == team)
            found[0 if lead > 0 else 1 if lead == 0 else 2] += 0.5
    return found


def xg_by_hand(known: LeagueSeason, team: int, *, leading: bool) -> tuple[float, float]:
    """xG for and against in front (or level)."""
    sums = [0.0, 0.0]
    for item in known.matches:
        for taken in item.shots or () if team in {item.home.team_id, item.away.team_id} else ():
            is_home = item.home.team_id == team
            before = tuple(other for other in item.shots or () if other.id < taken.id)
            lead = lead_at(before, 999, is_home=is_home)
            if taken.minute < 90 and (lead > 0 if leading else lead == 0) and taken.result is not OWN_GOAL:
                sums[taken.is_home is not is_home] += taken.xg
    return sums[0], sums[1]


@settings(max_examples=25, deadline=None)
@given(seasons(legs=3))
def test_states_are_those_of_an_independent_count(known: LeagueSeason) -> None:
    for team in known.team_ids:
        told = psyche_vector(known, team)
        if told.minutes_leading is None:
            continue
        minutes = minutes_by_hand(known, team)
        assert [told.minutes_leading, told.minutes_level, told.minutes_trailing] == pytest.approx(minutes)
        assert sum(minutes) == 90 * told.n_matches_with_shots
        for leading, at in ((True, 0), (False, 1)):
            xg_for, xg_against = xg_by_hand(known, team, leading=leading)
            pairs = (
                (told.xg_for_leading if leading else told.xg_for_level, xg_for),
                (told.xg_against_leading if leading else told.xg_against_level, xg_against),
            )
            for rate, xg in pairs:
                assert (rate is None) == (minutes[at] < LEAST_MINUTES)
                assert rate is None or rate == pytest.approx(90 * xg / minutes[at])


@settings(max_examples=15, deadline=None)
@given(seasons())
def test_one_teams_lead_is_the_others_deficit(known: LeagueSeason) -> None:
    told = [psyche_vector(known, team) for team in known.team_ids]
    if not any(item.gaps.get("minutes_level") for item in told):
        ahead, behind = (sum(getattr(item, name) for item in told) for name in ("minutes_leading", "minutes_trailing"))
        assert ahead == pytest.approx(behind)
    if not any(item.gaps.get("collapses") for item in told):
        led = sum(item.led_at_half_time or 0 for item in told)
        assert led == sum(item.trailed_at_half_time or 0 for item in told)
        assert sum(item.collapses or 0 for item in told) == sum(item.comebacks or 0 for item in told)


@settings(max_examples=10, deadline=None)
@given(seasons())
def test_it_sees_no_future(known: LeagueSeason) -> None:
    assert_sees_no_future(psyche_vector, known, 3)


def shots_by_state(chance: np.random.Generator, factor: float) -> list[Shot]:
    """A match of equal sides, minute by minute; the home side's chances are ``factor`` times the usual when ahead."""
    lead, shots = 0, []
    for minute in range(90):
        for is_home in (True, False):
            usual = 0.14 * (factor if is_home and lead > 0 else 1)
            if chance.random() < usual:
                scores = chance.random() < 0.12
                shots.append(shot(minute, GOAL if scores else SAVED, is_home=is_home, xg=0.12))
                lead += (1 if is_home else -1) * scores
    return shots


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_a_team_that_attacks_more_when_ahead_shows_it_and_one_that_does_not_does_not(factor: float) -> None:
    chance = np.random.default_rng(3)
    known = season([match(at, shots_by_state(chance, factor)) for at in range(200)])
    told = psyche_vector(known, TEAM)
    assert told.xg_for_leading_ratio is not None
    assert told.xg_for_leading_ratio.low < factor < told.xg_for_leading_ratio.high
    assert told.xg_for_leading_ratio.value == pytest.approx(factor, rel=0.12)
    assert told.xg_against_trailing_ratio is not None
    assert told.xg_against_trailing_ratio.low < 1 < told.xg_against_trailing_ratio.high


def test_intervals_of_ratios_miss_the_truth_about_once_in_twenty_times() -> None:
    missed = []
    for seed in range(8):
        chance = np.random.default_rng(500 + seed)
        known = round_robin(10, lambda team, is_home: [])
        matches = [
            match(item.match_id, shots_by_state(chance, 1.0), home=item.home.team_id, away=item.away.team_id)
            for item in known.matches
        ]
        for team in known.team_ids:
            told = psyche_vector(season(matches), team)
            ratios = (told.xg_for_leading_ratio, told.xg_against_trailing_ratio)
            missed += [not ratio.low <= 1 <= ratio.high for ratio in ratios if ratio is not None]
    assert len(missed) > 100
    # Percentile intervals of eighteen matches are known to be a little short.
    assert np.mean(missed) < 0.15


def test_the_vector_is_the_same_when_computed_again_and_survives_json() -> None:
    known = season([match(at, [goal(29), shot(40, is_home=False), goal(59, is_home=False)]) for at in range(10)])
    told = psyche_vector(known, TEAM)
    assert psyche_vector(season(known.matches), TEAM) == told
    assert PsycheVector.model_validate(told.to_json()) == told
