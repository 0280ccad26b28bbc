"""Goals and xG by period: by hand, recomputed, and of teams whose truth is known."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from monps_platform.domain.quantum.dna.temporal import (
    LEAST_GOALS,
    LEAST_MATCHES,
    GoalsByPeriod,
    TemporalVector,
    XgByPeriod,
    late_goals_z,
    temporal_vector,
)
from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.periods import PERIODS, Period
from monps_platform.domain.quantum.season import LeagueSeason
from monps_platform.domain.shots import ShotResult
from monps_platform.domain.understat import Shot
from monps_platform_tests.domain.quantum.dna.shot_seasons import (
    OTHER,
    OWN_GOAL,
    TEAM,
    assert_sees_no_future,
    goal,
    match,
    poisson_shots,
    round_robin,
    season,
    seasons,
    shot,
)

BOUNDS = [(0, 15), (16, 30), (31, 45), (46, 60), (61, 75), (76, 200)]


def test_goals_are_counted_by_period_and_own_goals_count_for_the_other_side() -> None:
    minutes = [0, 15, 16, 30, 31, 45, 46, 60, 61, 75, 76, 99]
    matches = [match(at, [goal(minutes[2 * at]), goal(minutes[2 * at + 1])]) for at in range(6)]
    own_goals = match(6, [shot(80, OWN_GOAL, is_home=False), shot(81, OWN_GOAL)])
    told = temporal_vector(season([*matches, own_goals]), TEAM)
    assert told.goals_for is not None
    assert list(told.goals_for.goals.values()) == [2, 2, 2, 2, 2, 3]
    assert told.goals_for.n_goals == 13
    assert told.goals_for.shares[Period.TO_15] == pytest.approx(2 / 13)
    assert told.goals_for.late == pytest.approx(3 / 13)
    assert told.xg_for is not None
    assert told.xg_for.n_shots == 12
    assert told.xg_for.xg == pytest.approx(1.2)
    assert told.second_half_xg_for_share == pytest.approx(1 / 2)
    assert told.gaps["xg_against"] is Gap.NO_VARIATION
    assert told.gaps["goals_against"] is Gap.TOO_FEW


def test_all_xg_after_minute_45_is_a_share_of_1_and_not_a_rounding_error_more() -> None:
    parts = [0.3034673748430928, 0.35137633827076564, 0.3451562868861417]
    assert sum(parts) > 1
    shares = dict(zip(PERIODS, [0.0, 0.0, 0.0, *parts], strict=True))
    assert XgByPeriod(n_shots=3, xg=1.0, shares=shares).after_45 == 1


def test_the_second_half_of_goals_is_told_by_half_time_scores_not_by_minutes() -> None:
    # A goal of minute 47 in the stoppage time of the first half is in the period 46-60, but not of the second half.
    matches = [match(at, [goal(47), goal(80)], half_time=(1, 0)) for at in range(5)]
    told = temporal_vector(season(matches), TEAM)
    assert told.second_half_goals_for_share == pytest.approx(1 / 2)
    assert told.goals_for is not None
    assert told.goals_for.after_45 == pytest.approx(1)


def test_a_team_without_shots_has_no_periods_but_says_why_and_has_its_halves() -> None:
    matches = [match(at, None, score=(3, 0), half_time=(1, 0)) for at in range(5)]
    told = temporal_vector(season(matches), TEAM)
    assert told.goals_for is None
    assert {told.gaps[name] for name in ("goals_for", "xg_for", "late_goals_for_z")} == {Gap.NO_SHOTS}
    assert told.second_half_goals_for_share == pytest.approx(2 / 3)
    assert told.gaps["second_half_goals_against_share"] is Gap.TOO_FEW
    assert (told.n_matches, told.n_matches_with_shots, told.n_matches_with_half_time) == (5, 0, 5)
    assert told.sources == (Source.RESULTS,)


def test_without_half_time_scores_no_half_is_told() -> None:
    told = temporal_vector(season([match(1, [goal(3)])]), TEAM)
    assert told.gaps["second_half_goals_for_share"] is Gap.NO_HALF_TIME


@pytest.mark.parametrize(("held", "gap"), [(LEAST_MATCHES - 1, Gap.TOO_FEW), (LEAST_MATCHES, None)])
def test_xg_by_period_needs_a_least_number_of_matches_with_shots(held: int, gap: Gap | None) -> None:
    without = [match(at, None, score=(9, 0)) for at in range(10, 20)]
    told = temporal_vector(season([match(at, [shot(5)]) for at in range(held)] + without), TEAM)
    assert told.gaps.get("xg_for") is gap
    assert told.n_matches_with_shots == held


@pytest.mark.parametrize(("goals", "gap"), [(LEAST_GOALS - 1, Gap.TOO_FEW), (LEAST_GOALS, None)])
def test_goals_by_period_need_a_least_number_of_goals(goals: int, gap: Gap | None) -> None:
    matches = [match(0, [goal(5)] * goals), *(match(at, [goal(90, is_home=False)]) for at in range(1, 5))]
    told = temporal_vector(season(matches), TEAM)
    assert told.gaps.get("goals_for") is gap
    assert told.gaps.get("late_goals_for_z") is gap


def test_a_team_that_has_not_played_has_no_vector() -> None:
    with pytest.raises(ValueError, match="team 9 has not played"):
        temporal_vector(season([match(1, [])]), 9)


def test_a_misspelt_period_is_no_period() -> None:
    shares = {"76-90" if period is Period.FROM_76 else str(period): 1 / 6 for period in PERIODS}
    with pytest.raises(ValidationError, match="76-90"):
        XgByPeriod.model_validate({"n_shots": 1, "xg": 1.0, "shares": shares})


def test_a_lost_period_is_noticed() -> None:
    shares = dict.fromkeys(PERIODS[:-1], 1 / 5)
    with pytest.raises(ValidationError, match="not all six"):
        XgByPeriod(n_shots=1, xg=1.0, shares=shares)


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    shares = {**dict.fromkeys(PERIODS, 1 / 6), Period.FROM_76: 1 / 6 + 1e-8}
    with pytest.raises(ValidationError, match="the shares sum to"):
        XgByPeriod(n_shots=1, xg=1.0, shares=shares)


@pytest.mark.parametrize(
    ("n_goals", "first", "message"), [(13, 2, "are not the 13 goals"), (12, 3, "are not"), (12, 2, "not those of")]
)
def test_goals_that_do_not_reconcile_are_refused(n_goals: int, first: int, message: str) -> None:
    goals = {**dict.fromkeys(PERIODS, 2), Period.TO_15: first}
    shares = {**dict.fromkeys(PERIODS, 1 / 6), Period.TO_15: 1 / 3, Period.TO_30: 0.0}
    with pytest.raises(ValidationError, match=message):
        GoalsByPeriod(n_goals=n_goals, goals=goals, shares=shares)


def test_the_vector_survives_json() -> None:
    told = temporal_vector(season([match(at, [goal(10), goal(90)]) for at in range(5)]), TEAM)
    assert TemporalVector.model_validate(told.to_json()) == told
    assert list(told.to_json()["goals_for"]["goals"]) == ["0-15", "16-30", "31-45", "46-60", "61-75", "76+"]


def by_hand(shots: list[Shot], count: list[float]) -> list[float]:
    return [
        sum(value for item, value in zip(shots, count, strict=True) if low <= item.minute <= high)
        for low, high in BOUNDS
    ]


def goals_and_chances(known: LeagueSeason, team: int) -> tuple[list[Shot], list[Shot]]:
    """What counts for a team, and what it shot itself."""
    goals, chances = [], []
    for item in known.matches:
        for taken in item.shots or ():
            shooter, opponent = item.home.team_id, item.away.team_id
            if not taken.is_home:
                shooter, opponent = opponent, shooter
            if (taken.result, team) in {(ShotResult.OWN_GOAL, opponent), (ShotResult.GOAL, shooter)}:
                goals.append(taken)
            if taken.result is not ShotResult.OWN_GOAL and shooter == team:
                chances.append(taken)
    return goals, chances


@settings(max_examples=40, deadline=None)
@given(seasons())
def test_periods_are_those_of_an_independent_count(known: LeagueSeason) -> None:
    for team in known.team_ids:
        told = temporal_vector(known, team)
        goals, chances = goals_and_chances(known, team)
        if told.goals_for is not None:
            assert list(told.goals_for.goals.values()) == by_hand(goals, [1] * len(goals))
        else:
            assert len(goals) < LEAST_GOALS or told.n_matches_with_shots < LEAST_MATCHES
        if told.xg_for is not None:
            parts = by_hand(chances, [item.xg for item in chances])
            assert list(told.xg_for.shares.values()) == pytest.approx([part / sum(parts) for part in parts])
            assert told.second_half_xg_for_share == pytest.approx(sum(parts[3:]) / sum(parts))


@settings(max_examples=15, deadline=None)
@given(seasons())
def test_what_one_side_scores_by_period_the_others_concede(known: LeagueSeason) -> None:
    told = [temporal_vector(known, team) for team in known.team_ids]
    if all(item.goals_for and item.goals_against for item in told):
        for period in PERIODS:
            scored = sum(item.goals_for.goals[period] for item in told if item.goals_for)
            assert scored == sum(item.goals_against.goals[period] for item in told if item.goals_against)


@settings(max_examples=15, deadline=None)
@given(seasons())
def test_it_sees_no_future(known: LeagueSeason) -> None:
    assert_sees_no_future(temporal_vector, known, 3)


def test_z_is_that_of_the_hypergeometric_distribution() -> None:
    # 6 late of 10, where the league has 25 late of 100: expected 2.5, variance 10 * .25 * .75 * 90 / 99.
    goals, league = np.array([4.0, 0, 0, 0, 0, 6]), np.array([75.0, 0, 0, 0, 0, 25])
    assert late_goals_z(goals, league) == pytest.approx(3.5 / (1.875 * 90 / 99) ** 0.5)


@pytest.mark.parametrize("league", [[10.0, 0, 0, 0, 0, 0], [0.0, 0, 0, 0, 0, 10], [1.0, 0, 0, 0, 0, 0]])
def test_a_league_whose_goals_are_all_alike_has_no_z(league: list[float]) -> None:
    assert late_goals_z(np.array(league), np.array(league)) is Gap.NO_VARIATION


TEAMS = 20
LATE_TEAM = 5


@cache
def goals_only(seed: int, late_team: int | None = None) -> LeagueSeason:
    """Goals at any minute alike, but for one team, half of whose goals fall after minute 75."""
    chance = np.random.default_rng(seed)

    def draw(team: int, is_home: bool) -> list[Shot]:
        scores_late = team == late_team and chance.random() < 0.5
        minutes = (76, 96) if scores_late else (0, 96)
        return [
            goal(item.minute, is_home=is_home) for item in poisson_shots(chance, 1.4, is_home=is_home, minutes=minutes)
        ]

    return round_robin(TEAMS, draw)


def test_a_team_whose_goals_come_late_shows_it() -> None:
    known = goals_only(1, LATE_TEAM)
    z = {team: temporal_vector(known, team).late_goals_for_z or 0.0 for team in known.team_ids}
    assert max(z, key=lambda team: z[team]) == LATE_TEAM
    assert z[LATE_TEAM] > 3


def test_equal_teams_are_beyond_chance_once_in_twenty_times() -> None:
    found = []
    for seed in range(25):
        known = goals_only(100 + seed)
        for team in known.team_ids:
            told = temporal_vector(known, team)
            found += [told.late_goals_for_z, told.late_goals_against_z]
    z = np.array(found, dtype=np.float64)
    assert len(z) == 2 * 25 * TEAMS
    assert 0.03 < (np.abs(z) > 1.96).mean() < 0.07
    assert abs(z.mean()) < 0.1
    assert z.std() == pytest.approx(1, abs=0.08)


def test_only_matches_with_shots_make_the_leagues_share() -> None:
    with_shots = [match(at, [goal(10), goal(80), goal(20, is_home=False)]) for at in range(10)]
    without = [match(at, None, score=(9, 9)) for at in range(20, 30)]
    one, both = (temporal_vector(season(matches), TEAM) for matches in (with_shots, [*with_shots, *without]))
    assert one.late_goals_for_z == both.late_goals_for_z
    assert temporal_vector(season(with_shots), OTHER).n_matches_with_shots == 10
