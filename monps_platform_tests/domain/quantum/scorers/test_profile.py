"""Profiles of a season: columns that hold together, shares that sum, and no look into the future."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import fields, replace
from datetime import timedelta
from math import exp

import numpy as np
import pytest
from pydantic import ValidationError

from monps_platform.db.models.quantum import GoalscorerProfile
from monps_platform.domain.quantum.documents import field_rows
from monps_platform.domain.quantum.periods import PERIODS, Period
from monps_platform.domain.quantum.scorers.goal_periods import GoalPeriods
from monps_platform.domain.quantum.scorers.profile import ScorerProfile, scorer_profiles
from monps_platform.domain.quantum.scorers.rate import XgWorth
from monps_platform.domain.quantum.season import LeagueSeason
from monps_platform_tests.domain.quantum.scorers.season_builder import (
    AWAY,
    FIRST_DAY,
    HOME,
    appearance,
    match,
    season,
    shot,
    simulated,
    totals,
)


def _small() -> LeagueSeason:
    """Two matches: player 7 scores twice and plays twice, 8 shoots once and came from elsewhere, 9 only plays."""
    first = match(1, [shot(7, 10, goal=True), shot(8, 20, xg=0.3), shot(5, 30, is_home=False)])
    second = match(2, [shot(7, 80, goal=True), shot(6, 70, own_goal=True, is_home=False)])
    listed = [totals(7, minutes=180, appearances=2), totals(8, minutes=None, appearances=None), totals(9, position="D")]
    return season([first, second], listed)


def _of(profiles: list[ScorerProfile], player_id: int) -> ScorerProfile:
    return next(item for item in profiles if item.player_id == player_id)


def _shares_by_team(profiles: list[ScorerProfile]) -> dict[int, tuple[float, float]]:
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for item in profiles:
        if item.first_scorer_share is not None and item.last_scorer_share is not None:
            found[item.team_id].append((item.first_scorer_share, item.last_scorer_share))
    return {team: (sum(first for first, _ in rows), sum(last for _, last in rows)) for team, rows in found.items()}


def test_a_profile_has_the_columns_of_its_table() -> None:
    columns = {column.name for column in GoalscorerProfile.__table__.columns}
    given_elsewhere = {"id", "league_id", "season", "as_of", "data_version", "created_at", "updated_at"}
    assert {field.name for field in fields(ScorerProfile)} == columns - given_elsewhere


def test_goals_add_up_and_the_chance_of_a_goal_is_that_of_the_rate_and_the_minutes() -> None:
    item = _of(scorer_profiles(_small()), 7)
    assert (item.goals, item.home_goals, item.away_goals, item.appearances, item.minutes) == (2, 2, 0, 2, 180)
    assert item.expected_minutes == 90
    assert item.rate_per_90 is not None
    assert item.anytime_prob == pytest.approx(1 - exp(-item.rate_per_90 * item.expected_minutes / 90))


def test_without_minutes_there_is_no_rate_and_no_chance_but_goals_xg_and_shares() -> None:
    item = _of(scorer_profiles(_small()), 8)
    assert (item.rate_per_90, item.rate_low, item.rate_high) == (None, None, None)
    assert (item.minutes, item.expected_minutes, item.anytime_prob) == (None, None, None)
    assert (item.goals, item.xg) == (0, 0.3)
    # What he showed in two matches of the team, xG counted as the league's shots say.
    worth = XgWorth.of(2, [0.1, 0.3, 0.1, 0.1])
    shown = worth.weight * worth.scale * 0.3 / (1 + worth.weight) / 2
    assert sum(item.goal_periods.expected_goals.values()) == pytest.approx(shown)
    assert item.first_scorer_share is not None
    assert item.first_scorer_share > 0


def test_who_played_without_a_shot_has_a_profile() -> None:
    item = _of(scorer_profiles(_small()), 9)
    assert (item.goals, item.xg, item.appearances, item.position) == (0, 0.0, 1, "D")
    assert item.rate_per_90 is not None
    assert item.rate_per_90 > 0


def test_the_shares_of_a_team_and_of_own_goals_for_it_sum_to_one() -> None:
    profiles = scorer_profiles(_small())
    own_goals = profiles[0].goal_periods.own_goal_share
    assert own_goals == pytest.approx((1 + 0.5) / (3 + 1))
    for first, last in _shares_by_team(profiles).values():
        assert first + own_goals == pytest.approx(1.0, abs=1e-12)
        assert last + own_goals == pytest.approx(1.0, abs=1e-12)


def test_a_team_of_whom_nothing_is_known_to_score_has_no_shares() -> None:
    profiles = scorer_profiles(season([match(1, [shot(7, xg=0.0)])]))
    assert [(item.first_scorer_share, item.last_scorer_share) for item in profiles] == [(None, None)]


def test_a_team_without_a_player_yet_does_not_disturb_the_others() -> None:
    profiles = scorer_profiles(season([match(1, [shot(5, is_home=False), shot(4, own_goal=True)])]))
    assert [(item.player_id, item.team_id) for item in profiles] == [(5, AWAY)]
    own_goals = profiles[0].goal_periods.own_goal_share
    assert profiles[0].first_scorer_share == pytest.approx(1 - own_goals)


def test_in_the_middle_of_a_season_without_line_ups_no_rate_is_guessed() -> None:
    profiles = scorer_profiles(_small().before(FIRST_DAY + timedelta(days=2)))
    assert [item.player_id for item in profiles] == [7, 8, 5]
    assert all(item.rate_per_90 is None and item.anytime_prob is None for item in profiles)
    assert all(item.first_scorer_share is not None for item in profiles)


@pytest.mark.parametrize(("minutes", "is_known"), [(180, True), (181, True), (182, False)])
def test_totals_of_more_minutes_than_the_matches_had_give_no_rate(minutes: int, is_known: bool) -> None:
    shots = [shot(1, goal=True), shot(50, is_home=False)]
    eleven = [totals(player, minutes=minutes, appearances=2) for player in range(1, 12)]
    held = season([match(1, shots), match(2, shots)], [*eleven, totals(50, AWAY, minutes=180, appearances=2)])
    profiles = scorer_profiles(held)
    scorer = _of(profiles, 1)
    assert (scorer.goals, scorer.minutes) == (2, minutes if is_known else None)
    assert (scorer.rate_per_90 is not None) is (scorer.anytime_prob is not None) is is_known
    assert _of(profiles, 50).minutes == 180


def test_without_shots_there_is_no_profile() -> None:
    assert scorer_profiles(season([match(1, None, score=(3, 1))], [totals(7)])) == []


def test_a_season_without_a_match_has_no_profile() -> None:
    assert scorer_profiles(_small().before(FIRST_DAY)) == []


def test_a_substitute_has_more_of_the_last_goals_than_of_the_first() -> None:
    squad = [appearance(7), appearance(8, 60), appearance(9, 30, "Sub")]
    shots = [shot(7, 20), shot(8, 40), shot(9, 80, goal=True), shot(7, 70, goal=True), shot(8, 5, goal=True)]
    profiles = scorer_profiles(season([match(number, shots, appearances=squad) for number in range(10)]))
    starter, substitute = _of(profiles, 8), _of(profiles, 9)
    assert starter.first_scorer_share is not None
    assert starter.last_scorer_share is not None
    assert substitute.first_scorer_share is not None
    assert substitute.last_scorer_share is not None
    assert starter.first_scorer_share > 1.5 * starter.last_scorer_share
    assert substitute.last_scorer_share > 1.5 * substitute.first_scorer_share


def test_every_column_of_a_simulated_season_varies_and_none_is_a_multiple_of_another() -> None:
    profiles = scorer_profiles(simulated(0).season)
    names = ["rate_per_90", "rate_low", "rate_high", "expected_minutes", "anytime_prob", "first_scorer_share",
             "last_scorer_share", "xg", "goals", "minutes"]  # fmt: skip
    table = np.array([[getattr(item, name) for name in names] for item in profiles], dtype=np.float64)
    busy = table[table[:, 0] > 0.2]
    for one in range(len(names)):
        assert np.ptp(busy[:, one]) > 0, names[one]
        for other in range(one):
            some = busy[:, other] > 0
            ratio = busy[some, one] / busy[some, other]
            assert np.ptp(ratio) > 1e-3, (names[one], names[other])


def test_a_simulated_season_holds_what_the_table_demands() -> None:
    profiles = scorer_profiles(simulated(0).season)
    assert len({(item.player_id, item.team_id) for item in profiles}) == len(profiles)
    for item in profiles:
        assert item.rate_low is not None
        assert item.rate_per_90 is not None
        assert item.rate_high is not None
        assert item.expected_minutes is not None
        assert item.goals == item.home_goals + item.away_goals == item.goal_periods.n_goals
        assert item.penalty_goals <= item.goals
        assert 0 <= item.rate_low <= item.rate_per_90 <= item.rate_high
        assert 0 <= item.expected_minutes <= 120
    own_goals = profiles[0].goal_periods.own_goal_share
    for shares in _shares_by_team(profiles).values():
        assert [share + own_goals for share in shares] == pytest.approx([1.0, 1.0], abs=1e-12)


def test_nothing_sees_the_future() -> None:
    whole = simulated(0, teams=6).season
    day = whole.matches[len(whole.matches) // 2].day
    known = tuple(item for item in whole.matches if item.day < day)
    never_played = LeagueSeason(whole.partition, day, known)
    assert scorer_profiles(whole.before(day)) == scorer_profiles(never_played)
    later = tuple(
        item if item.day < day else replace(item, shots=(shot(7, goal=True),) * 9, appearances=None)
        for item in whole.matches
    )
    assert scorer_profiles(replace(whole, matches=later).before(day)) == scorer_profiles(never_played)


def test_the_order_of_matches_and_shots_does_not_matter() -> None:
    whole = simulated(0, teams=6).season
    turned = tuple(replace(item, shots=tuple(reversed(item.shots or ()))) for item in reversed(whole.matches))
    again = scorer_profiles(replace(whole, matches=turned))
    for one, other in zip(scorer_profiles(whole), again, strict=True):
        assert (one.player_id, one.goals, one.minutes) == (other.player_id, other.goals, other.minutes)
        assert one.anytime_prob == pytest.approx(other.anytime_prob, rel=1e-6)
        assert one.last_scorer_share == pytest.approx(other.last_scorer_share, rel=1e-3)


def test_a_season_of_twenty_teams_takes_less_than_a_second() -> None:
    whole = simulated(0).season
    start = time.process_time()
    scorer_profiles(whole)
    assert time.process_time() - start < 1.0


def test_the_document_says_goals_by_period_with_n_and_comes_back_from_json() -> None:
    document = _of(scorer_profiles(_small()), 7).goal_periods
    assert (document.n_goals, document.n_matches, document.n_matches_with_shots) == (2, 2, 2)
    as_json = document.to_json()
    assert as_json["goals"] == {"0-15": 1, "16-30": 0, "31-45": 0, "46-60": 0, "61-75": 0, "76+": 1}
    assert GoalPeriods.model_validate(as_json) == document


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"n_goals": 3}, "the periods have 2 goals, the player has 3"),
        ({"goals": {Period.TO_15: 2}}, "not all six"),
        ({"expected_goals": {"76-90": 0.1}}, "76-90"),
        ({"expected_goals": dict.fromkeys(PERIODS, -0.1)}, "greater than or equal to 0"),
        ({"n_matches_with_shots": 3}, "3 of 2 matches have shots"),
        ({"own_goal_share": 1.5}, "less than or equal to 1"),
    ],
)
def test_a_document_that_does_not_add_up_is_refused(change: dict[str, object], complaint: str) -> None:
    document = _of(scorer_profiles(_small()), 7).goal_periods
    with pytest.raises(ValidationError, match=complaint):
        GoalPeriods.model_validate({**document.to_json(), **change})


def test_every_field_of_the_document_is_documented() -> None:
    assert [row[0] for row in field_rows(GoalPeriods)] == list(GoalPeriods.model_fields)


def test_a_moved_player_has_a_profile_for_each_club() -> None:
    first = match(1, [shot(7, goal=True)], appearances=[appearance(7), appearance(5, is_home=False)])
    second = match(2, [shot(7, is_home=False)], appearances=[appearance(7, 45, is_home=False)])
    rows = [(item.team_id, item.goals, item.minutes) for item in scorer_profiles(season([first, second]))
            if item.player_id == 7]  # fmt: skip
    assert rows == [(HOME, 1, 90), (AWAY, 0, 45)]
