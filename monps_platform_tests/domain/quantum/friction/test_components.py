"""Scores of pairs: symmetric, inside 0 to 100 whatever the traits are, missing where too little is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.quantum.documents import Source
from monps_platform.domain.quantum.friction.components import pair_scores, standings
from monps_platform.domain.quantum.friction.traits import SOURCES, TRAITS, Traits
from monps_platform.domain.quantum.friction.vocabulary import PAIRINGS, WEIGHTS, Score
from monps_platform.domain.quantum.profiles.features import LEAST_TEAMS
from monps_platform_tests.domain.quantum.friction.drawn_teams import drawn_teams, team, without

_ANY_TRAIT = st.none() | st.floats(0, 1e6) | st.sampled_from([0.0, 1.0])


@st.composite
def any_teams(draw: st.DrawFn) -> list[Traits]:
    """Teams of two leagues with any values, missing ones and ties among them."""
    n = draw(st.integers(2, 12))
    return [team(at, ("E0", "I1")[at % 2], **{name: draw(_ANY_TRAIT) for name in SOURCES}) for at in range(n)]


def _score(teams: list[Traits], score: Score, one: int = 0, other: int = 1) -> float:
    return float(pair_scores(teams)[score][one, other])


@settings(max_examples=60, deadline=None)
@given(any_teams())
def test_every_score_is_symmetric_and_inside_0_to_100_for_any_traits(teams: list[Traits]) -> None:
    for values in pair_scores(teams).values():
        assert np.array_equal(values, values.T, equal_nan=True)
        known = values[~np.isnan(values)]
        assert ((known >= 0) & (known <= 100)).all()


@settings(max_examples=30, deadline=None)
@given(any_teams())
def test_the_friction_score_is_missing_exactly_where_a_component_is(teams: list[Traits]) -> None:
    found = pair_scores(teams)
    any_missing = np.isnan([found[score] for score in WEIGHTS]).any(axis=0)
    assert np.array_equal(np.isnan(found[Score.FRICTION]), any_missing)


def test_the_friction_score_is_the_weighted_sum_of_its_components() -> None:
    found = pair_scores(drawn_teams())
    again = (
        0.20 * found[Score.STYLE]
        + 0.20 * found[Score.TEMPO]
        + 0.20 * found[Score.PHYSICAL]
        + 0.25 * found[Score.MENTAL]
        + 0.15 * found[Score.TIER]
    )
    assert found[Score.FRICTION] == pytest.approx(again, abs=1e-9)
    assert sum(WEIGHTS.values()) == pytest.approx(1)


def test_a_standing_is_the_middle_of_the_rank_among_the_teams_that_have_the_trait() -> None:
    values = [1.0, 2.0, 2.0, 4.0, 5.0, 6.0, 7.0, 8.0, None, 9.0]
    teams = [team(at, points=value) for at, value in enumerate(values)]
    found = standings(teams, ["points"])[:, 0].tolist()
    expected = [50 / 9, 200 / 9, 200 / 9, 350 / 9, 450 / 9, 550 / 9, 650 / 9, 750 / 9, None, 850 / 9]
    assert [None if np.isnan(each) else each for each in found] == pytest.approx(expected)


def test_fewer_teams_than_the_least_have_no_standing() -> None:
    few = drawn_teams(LEAST_TEAMS - 1)
    assert np.isnan(standings(few, ["points"])).all()
    assert not np.isnan(standings(drawn_teams(LEAST_TEAMS), ["points"])).any()


def test_no_team_at_all_has_no_score() -> None:
    assert all(values.shape == (0, 0) for values in pair_scores([]).values())


def test_what_a_league_counts_in_its_own_way_does_not_set_its_teams_apart() -> None:
    fouls = [9.0, 10.0, 11.0, 12.0]
    english = [team(at, "E0", fouls=value) for at, value in enumerate(fouls)]
    spanish = [team(10 + at, "SP1", fouls=1.5 * value) for at, value in enumerate(fouls)]
    found = standings([*english, *spanish], ["fouls"])[:, 0]
    assert found[:4] == pytest.approx(found[4:])


def test_goals_are_the_same_everywhere_so_that_a_league_with_more_of_them_stands_higher() -> None:
    goals = [2.0, 2.2, 2.4, 2.6]
    few = [team(at, "F1", goals_of_both=value) for at, value in enumerate(goals)]
    many = [team(10 + at, "D1", goals_of_both=1.5 * value) for at, value in enumerate(goals)]
    found = standings([*few, *many], ["goals_of_both"])[:, 0]
    assert found[:4].max() < found[4:].min()


def test_a_league_without_a_single_red_card_has_nothing_to_compare_with() -> None:
    none = [team(at, "E0", red_cards_of_both=0.0) for at in range(8)]
    some = [team(10 + at, "SP1", red_cards_of_both=0.1 * (at + 1)) for at in range(8)]
    found = standings([*none, *some], ["red_cards_of_both"])[:, 0]
    assert np.isnan(found[:8]).all()
    assert not np.isnan(found[8:]).any()


def test_identical_teams_do_not_clash_in_style_and_are_of_one_tier() -> None:
    teams = drawn_teams()
    twins = [*teams, replace(teams[3], team_id=99)]
    assert _score(twins, Score.STYLE, 3, -1) == 0
    assert _score(twins, Score.TIER, 3, -1) == 100


def test_a_season_of_identical_teams_has_no_style_friction_and_average_levels() -> None:
    alike = [replace(drawn_teams()[0], team_id=at) for at in range(10)]
    assert _score(alike, Score.STYLE) == 0
    assert _score(alike, Score.TEMPO) == _score(alike, Score.MENTAL) == _score(alike, Score.CHAOS) == 50
    assert _score(alike, Score.TIER) == 100


@pytest.mark.parametrize("score", [Score.TEMPO, Score.PHYSICAL, Score.MENTAL, Score.CHAOS])
def test_more_of_every_trait_on_both_sides_is_more_of_the_score(score: Score) -> None:
    high = [replace(each, **dict.fromkeys(TRAITS[score], 1e3)) for each in drawn_teams()[:2]]  # type: ignore[arg-type]
    teams = [*high, *drawn_teams()[2:]]
    assert _score(teams, score) > 90
    assert _score(teams, score) > _score(teams, score, 0, 5) > 45


def test_a_trait_that_one_side_lacks_is_left_out_and_not_taken_for_0() -> None:
    teams = drawn_teams()
    lacking = [*without(teams[:1], "shot_share"), *teams[1:]]
    names = [name for name in TRAITS[Score.STYLE] if name != "shot_share"]
    distances = np.abs(np.subtract(*standings(lacking, names)[:2]))
    assert _score(lacking, Score.STYLE) == pytest.approx(distances.mean())


@pytest.mark.parametrize("score", list(PAIRINGS))
def test_a_score_needs_half_of_its_traits(score: Score) -> None:
    names = TRAITS[score]
    half = len(names) // 2
    assert not np.isnan(_score(without(drawn_teams(), *names[:half]), score))
    assert np.isnan(_score(without(drawn_teams(), *names[: half + 1]), score))


@pytest.mark.parametrize(
    ("unheld", "missing"),
    [
        ({Source.TEAM_HISTORY}, set()),
        ({Source.TEAM_HISTORY, Source.SHOTS}, set()),
        ({Source.TEAM_HISTORY, Source.SHOTS, Source.PRICES}, {Score.CHAOS}),
    ],
)
def test_a_league_without_shots_or_prices_has_all_components(unheld: set[Source], missing: set[Score]) -> None:
    bare = without(drawn_teams(), *(name for name, source in SOURCES.items() if source in unheld))
    assert {score for score in Score if np.isnan(_score(bare, score))} == missing


def test_results_alone_tell_of_mind_and_tier_only() -> None:
    bare = without(drawn_teams(), *(name for name, source in SOURCES.items() if source is not Source.RESULTS))
    known = {score for score in Score if not np.isnan(_score(bare, score))}
    assert known == {Score.MENTAL, Score.TIER}
