"""Odd against even matches: kappa by hand, chance where there is only chance, and agreement where there is style."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.quantum.profiles.stability import SplitHalf, pooled, spearman_brown, split_half
from monps_platform.domain.quantum.profiles.vocabulary import Feature
from monps_platform.domain.tactics import TacticalProfile
from monps_platform_tests.domain.quantum.profiles.drawn_leagues import USUAL, Style, drawn_season
from monps_platform_tests.domain.quantum.profiles.test_classify import built_season

P, W, D = TacticalProfile.POSSESSION, TacticalProfile.WIDE_ATTACK, TacticalProfile.DIRECT_ATTACK


def test_kappa_is_agreement_beyond_chance_by_hand() -> None:
    # Odd: P P P W; even: P P W W. Same 3 of 4; by chance 3/4 * 2/4 + 1/4 * 2/4 = 1/2; kappa (3/4 - 1/2) / (1/2).
    halves = SplitHalf(5, ((P, P), (P, P), (P, W), (W, W)), {})
    assert (halves.n, halves.agreement, halves.expected, halves.kappa) == (4, 0.75, 0.5, 0.5)


def test_one_label_for_all_agrees_fully_and_proves_nothing() -> None:
    halves = SplitHalf(3, ((P, P),) * 3, {})
    assert (halves.agreement, halves.expected, halves.kappa) == (1, 1, None)


def test_without_labels_there_is_no_agreement() -> None:
    halves = SplitHalf(3, (), {})
    assert (halves.n, halves.agreement, halves.expected, halves.kappa, halves.mean_reliability) == (0, *[None] * 4)


def test_seasons_are_pooled_by_their_pairs() -> None:
    one = SplitHalf(3, ((P, P), (D, W)), {Feature.TEMPO: 0.4, Feature.FOULS: 0.9})
    another = SplitHalf(2, ((W, W),), {Feature.TEMPO: 0.6})
    both = pooled(half for half in (one, another))
    assert (both.n_teams, both.pairs) == (5, (*one.pairs, *another.pairs))
    assert both.reliability == pytest.approx({Feature.TEMPO: 0.5, Feature.FOULS: 0.9})
    assert both.mean_reliability == pytest.approx(0.7)


@pytest.mark.parametrize(("correlation", "whole"), [(0, 0), (0.5, 2 / 3), (1, 1), (-0.5, -2 / 3), (-1, -1)])
def test_the_whole_is_more_reliable_than_its_halves(correlation: float, whole: float) -> None:
    assert spearman_brown(correlation) == pytest.approx(whole)


@given(st.floats(-1, 1))
def test_a_reliability_stays_within_one(correlation: float) -> None:
    assert abs(correlation) <= abs(spearman_brown(correlation)) <= 1


def test_built_styles_are_found_again_in_both_halves() -> None:
    halves = split_half(built_season())
    assert halves.kappa is not None
    assert halves.kappa > 0.2
    assert halves.reliability[Feature.CROSS_SHARE] > 0.8
    assert halves.reliability[Feature.BLOCKED_SHARE_AGAINST] > 0.6


def test_sides_that_all_play_alike_agree_by_chance_only() -> None:
    teams = dict.fromkeys(range(20), USUAL)
    halves = pooled(split_half(drawn_season(teams, seed)) for seed in (1, 2, 3))
    assert halves.kappa is not None
    assert abs(halves.kappa) < 0.2
    assert halves.mean_reliability == pytest.approx(0, abs=0.15)


def test_a_half_too_short_for_labels_gives_none() -> None:
    season = built_season()
    halves = split_half(season.before(season.matches[90].day))
    assert (halves.n_teams, halves.n, halves.kappa) == (18, 0, None)


def test_a_season_of_twenty_teams_is_judged_and_compared_in_time() -> None:
    season = drawn_season(dict.fromkeys(range(20), Style(ppda=11)))
    assert sum(len(match.shots or ()) for match in season.matches) > 8_500
    start = process_time()
    split_half(season)
    assert process_time() - start < 1.5
