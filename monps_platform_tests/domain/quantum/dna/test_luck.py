"""Goals against xG, and points against those that shots were worth."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.quantum.dna.evidence import points_variance, proportion
from monps_platform.domain.quantum.dna.luck import LuckVector, luck_vector
from monps_platform.domain.quantum.dna.shot_outcomes import goal_counts, outcome_chances
from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.season import SeasonMatch
from monps_platform.domain.shots import ShotResult
from monps_platform_tests.domain.quantum.dna.priced_seasons import OTHER, OWN, match, season, shot, simulated

GOAL, SAVED, OWN_GOAL = ShotResult.GOAL, ShotResult.SAVED, ShotResult.OWN_GOAL
CHANCES = st.lists(st.floats(0, 1), max_size=6)


def brute(home: list[float], away: list[float]) -> tuple[float, float, float]:
    """Win, draw and defeat by every way in which the shots can end."""
    found = [0.0, 0.0, 0.0]
    for ends in product((0, 1), repeat=len(home) + len(away)):
        weights = [each if end else 1 - each for each, end in zip([*home, *away], ends, strict=True)]
        margin = sum(ends[: len(home)]) - sum(ends[len(home) :])
        found[0 if margin > 0 else 1 if margin == 0 else 2] += float(np.prod(weights))
    return found[0], found[1], found[2]


@given(CHANCES, CHANCES)
def test_outcomes_are_those_of_every_way_in_which_the_shots_can_end(home: list[float], away: list[float]) -> None:
    counts = [goal_counts(np.array([side])) for side in (home, away)]
    assert outcome_chances(*counts)[0] == pytest.approx(brute(home, away), abs=1e-12)
    assert counts[0].sum() == pytest.approx(1)
    assert counts[0][0] @ np.arange(len(home) + 1) == pytest.approx(sum(home))


def test_a_chance_beyond_1_is_refused() -> None:
    with pytest.raises(ValueError, match="not between 0 and 1"):
        goal_counts(np.array([[0.2, 1.1]]))


def test_points_of_a_sure_result_do_not_vary() -> None:
    assert points_variance(1.0, 0.0) == 0
    assert points_variance(0.5, 0.5) == pytest.approx(1.0)


def test_shares_of_0_and_1_have_intervals_with_a_width() -> None:
    none, every = proportion(0, 10), proportion(10, 10)
    assert (none.value, none.low, every.value, every.high) == (0, 0, 1, 1)
    assert none.high == pytest.approx(0.27753, abs=1e-5)
    assert every.low == pytest.approx(1 - 0.27753, abs=1e-5)
    with pytest.raises(ValueError, match="3 successes in 2 trials"):
        proportion(3, 2)


def won_by_a_lucky_goal(number: int) -> SeasonMatch:
    """The other side has the better of two shots, the team scores."""
    ours = [shot(0.2, GOAL, number=1), shot(0.1, SAVED, number=2)]
    theirs = [shot(0.5, SAVED, is_home=False, number=3), shot(0.3, is_home=False, number=4)]
    return match(number, (1, 0), shots=[*ours, *theirs])


def test_luck_is_what_was_got_beyond_the_shots() -> None:
    vector = luck_vector(season([won_by_a_lucky_goal(at) for at in range(12)]), OWN)
    assert (vector.n_matches_with_shots, vector.goals, vector.goals_against, vector.points) == (12, 12, 0, 36)
    assert vector.xg == pytest.approx(3.6)
    assert vector.goals_minus_xg == pytest.approx(8.4)
    assert vector.xg_against_minus_goals_against == pytest.approx(9.6)
    win, draw, _ = brute([0.2, 0.1], [0.5, 0.3])
    assert vector.expected_points == pytest.approx(12 * (3 * win + draw))
    assert vector.points_minus_expected == pytest.approx(36 - 12 * (3 * win + draw))
    variance = 9 * win + draw - (3 * win + draw) ** 2
    assert vector.points_z == pytest.approx((36 - 12 * (3 * win + draw)) / np.sqrt(12 * variance))


def test_shooting_and_saves_are_in_per_cent_of_shots_on_target() -> None:
    vector = luck_vector(season([won_by_a_lucky_goal(at) for at in range(24)]), OWN)
    assert (vector.shots_on_target, vector.shots_on_target_against) == (48, 24)
    assert vector.shooting_percentage is not None
    assert vector.save_percentage is not None
    assert vector.shooting_percentage.value == pytest.approx(50)
    assert vector.save_percentage.value == 100
    assert vector.save_percentage.low == pytest.approx(100 * proportion(24, 24).low)


def test_the_other_side_sees_it_the_other_way_round() -> None:
    known = season([won_by_a_lucky_goal(at) for at in range(6)])
    ours, theirs = luck_vector(known, OWN), luck_vector(known, OTHER)
    assert theirs.goals_minus_xg == pytest.approx(-(ours.xg_against_minus_goals_against or 0))
    assert theirs.shots_on_target == ours.shots_on_target_against
    assert theirs.points == 0


def test_an_own_goal_is_nobodys_shot_but_wins_points() -> None:
    gift = [shot(0.1, number=1), shot(0.0, OWN_GOAL, is_home=False, number=2)]
    vector = luck_vector(season([match(at, (1, 0), shots=gift) for at in range(6)]), OWN)
    assert (vector.goals, vector.shots_on_target, vector.points) == (0, 0, 18)
    assert vector.xg_against == 0
    assert vector.gaps == {"shooting_percentage": Gap.TOO_FEW, "save_percentage": Gap.TOO_FEW}


def test_a_season_without_shots_says_so() -> None:
    vector = luck_vector(season([match(at, (1, 0)) for at in range(12)]), OWN)
    assert set(vector.gaps.values()) == {Gap.NO_SHOTS}
    assert (vector.n_matches_with_shots, vector.sources) == (0, (Source.RESULTS,))


def test_matches_without_shots_are_left_out_on_both_sides() -> None:
    lucky = [won_by_a_lucky_goal(at) for at in range(6)]
    bare = match(50, (5, 0))
    mistaken = replace(won_by_a_lucky_goal(51), home=replace(bare.home, goals=2))
    with_gaps = luck_vector(season([*lucky, bare, mistaken]), OWN)
    assert (with_gaps.n_matches, with_gaps.n_matches_with_shots, with_gaps.points) == (8, 6, 18)
    few = luck_vector(season([*lucky[:4], bare]), OWN)
    assert set(few.gaps.values()) == {Gap.TOO_FEW}


def test_sure_shots_leave_nothing_to_chance() -> None:
    sure = [shot(1.0, GOAL, number=1)]
    vector = luck_vector(season([match(at, (1, 0), shots=sure) for at in range(6)]), OWN)
    assert vector.points_minus_expected == 0
    assert vector.gaps["points_z"] is Gap.NO_VARIATION


def test_where_shots_are_all_there_is_to_a_match_luck_is_standard_normal() -> None:
    vectors = [luck_vector(simulated(seed), team_id) for seed in range(1, 5) for team_id in simulated(seed).team_ids]
    scores = [vector.points_z for vector in vectors if vector.points_z is not None]
    assert len(scores) == 80
    assert np.mean(scores) == pytest.approx(0, abs=0.2)
    assert np.std(scores) == pytest.approx(1, abs=0.2)


def test_no_figure_is_constant_and_none_a_multiple_of_another() -> None:
    known = simulated(1)
    rows = [luck_vector(known, team_id) for team_id in known.team_ids]
    names = [name for name in LuckVector.model_fields if name not in {"gaps", "n_matches", "as_of", "sources"}][1:]
    columns = [[getattr(value, "value", value) for row in rows for value in [getattr(row, name)]] for name in names]
    table = np.array(columns, dtype=np.float64)
    for at, one in enumerate(table):
        assert len(np.unique(one)) > 5, names[at]
        assert all(np.ptp(one / other) > 1e-6 for other in table[at + 1 :] if (other != 0).all())


def test_later_matches_change_nothing() -> None:
    known = simulated(2)
    day = known.matches[200].day
    later = [replace(each, shots=None) if each.day >= day else each for each in known.matches]
    assert luck_vector(known.before(day), 1) == luck_vector(replace(known, matches=tuple(later)).before(day), 1)


def test_a_team_that_has_not_played_has_no_vector() -> None:
    with pytest.raises(ValueError, match="has not played"):
        luck_vector(simulated(1), 99)
