"""Rules and scores: ramps, weights, and rules that cannot be judged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.quantum.documents import Source
from monps_platform.domain.quantum.profiles.definitions import DEFINITIONS
from monps_platform.domain.quantum.profiles.rules import RULES, Rule
from monps_platform.domain.quantum.profiles.scores import profile_scores, ranked, score
from monps_platform.domain.quantum.profiles.vocabulary import Feature, Trait
from monps_platform.domain.tactics import TacticalProfile

NOTHING: Mapping[Feature, float | None] = dict.fromkeys(Feature)
FOUR = (
    Rule(Feature.CROSS_SHARE, Trait.HIGH, 2, "."),
    Rule(Feature.TEMPO, Trait.LOW, 1, "."),
    Rule(Feature.FOULS, Trait.LOW, 1, "."),
    Rule(Feature.PPDA, Trait.LOW, 1, "."),
)


@pytest.mark.parametrize(
    ("trait", "points"),
    [
        (Trait.HIGH, {0: 0, 50: 0, 75: 0.5, 100: 1}),
        (Trait.LOW, {0: 1, 25: 0.5, 50: 0, 100: 0}),
        (Trait.EXTREME, {0: 0, 80: 0, 90: 0.5, 100: 1}),
        (Trait.MIDDLE, {0: 0, 25: 0, 37.5: 0.5, 50: 1, 62.5: 0.5, 75: 0, 100: 0}),
        (Trait.UNMARKED, {0: 0, 25: 0.5, 50: 1, 75: 0.5, 100: 0}),
    ],
)
def test_a_trait_holds_along_its_ramp(trait: Trait, points: Mapping[float, float]) -> None:
    assert {at: trait.held_by(at) for at in points} == pytest.approx(points)


@pytest.mark.parametrize(
    ("trait", "mean"),
    [(Trait.HIGH, 0.25), (Trait.LOW, 0.25), (Trait.MIDDLE, 0.25), (Trait.EXTREME, 0.1), (Trait.UNMARKED, 0.5)],
)
def test_a_trait_is_as_hard_as_is_said(trait: Trait, mean: float) -> None:
    held = np.array([trait.held_by(percentile) for percentile in np.arange(0.05, 100, 0.1)])
    assert held.mean() == pytest.approx(mean, abs=0.001)
    assert (held >= 0.5).mean() == pytest.approx(mean, abs=0.002)


@given(st.sampled_from(Trait), st.floats(0, 100), st.floats(0, 1))
def test_a_small_change_of_a_percentile_changes_a_rule_little(trait: Trait, percentile: float, step: float) -> None:
    moved = min(100.0, percentile + step)
    assert 0 <= trait.held_by(percentile) <= 1
    assert abs(trait.held_by(moved) - trait.held_by(percentile)) <= step / 20 + 1e-9


def test_a_score_is_the_weighted_mean_of_the_rules_that_can_be_judged() -> None:
    # High at 100 holds fully (weight 2), low at 25 by half, low at 60 not at all: (2 + 0.5 + 0) / 4.
    at = {**NOTHING, Feature.CROSS_SHARE: 100, Feature.TEMPO: 25, Feature.FOULS: 60}
    assert score(FOUR, at) == pytest.approx(62.5)


def test_a_rule_whose_feature_is_missing_does_not_hold_as_if_it_were_low() -> None:
    assert score(FOUR, {**NOTHING, Feature.CROSS_SHARE: 40, Feature.TEMPO: 60}) == 0
    assert score(FOUR, {**NOTHING, Feature.CROSS_SHARE: 40, Feature.TEMPO: 60, Feature.FOULS: 0, Feature.PPDA: 0}) == 40


def test_a_profile_is_not_judged_by_less_than_half_of_its_rules() -> None:
    assert score(FOUR, {**NOTHING, Feature.CROSS_SHARE: 100}) is None
    assert score(FOUR, {**NOTHING, Feature.CROSS_SHARE: 100, Feature.PPDA: 0}) == 100


def test_nothing_is_judged_of_a_team_without_features() -> None:
    assert profile_scores(NOTHING) == {}


def test_a_team_in_the_middle_of_everything_is_balanced() -> None:
    found = profile_scores(dict.fromkeys(Feature, 50.0))
    assert {profile: value for profile, value in found.items() if value} == pytest.approx(
        # Seven of the nine weights of a mid block are on the middle.
        {TacticalProfile.BALANCED: 100, TacticalProfile.MID_BLOCK: 100 * 7 / 9}
    )


def test_a_team_in_the_middle_whose_matches_are_closed_is_a_mid_block() -> None:
    compact = {Feature.TEMPO: 2.5, Feature.THROUGH_BALL_SHARE_AGAINST: 2.5}
    found = profile_scores({**dict.fromkeys(Feature, 50.0), **compact})
    assert ranked(found)[0][0] is TacticalProfile.MID_BLOCK


def test_a_side_with_a_marked_trait_is_not_balanced_however_usual_the_rest_is() -> None:
    unmarked: dict[Feature, float | None] = dict.fromkeys(Feature, 50.0)
    far_out = {Feature.HOME_POINTS, Feature.HOME_POINTS_GAP, Feature.HOME_XG_GAP, Feature.HOME_SHOT_SHARE_GAP}
    found = profile_scores({**unmarked, **dict.fromkeys(far_out, 97.5)})
    assert found[TacticalProfile.BALANCED] <= 100 - found[TacticalProfile.HOME_DOMINANT] < 20


def test_equal_scores_are_ordered_by_the_vocabulary_and_balanced_is_last() -> None:
    scores = dict.fromkeys(
        (TacticalProfile.BALANCED, TacticalProfile.TRANSITION, TacticalProfile.SCORE_DEPENDENT), 60.0
    )
    assert [profile for profile, _ in ranked(scores)] == [
        TacticalProfile.TRANSITION,
        TacticalProfile.SCORE_DEPENDENT,
        TacticalProfile.BALANCED,
    ]


def test_every_profile_has_rules_and_every_feature_is_read() -> None:
    assert set(RULES) == set(TacticalProfile)
    assert {rule.feature for rules in RULES.values() for rule in rules} == set(Feature)


@pytest.mark.parametrize("profile", list(TacticalProfile))
def test_rules_of_a_profile_are_about_different_features_and_say_why(profile: TacticalProfile) -> None:
    rules = RULES[profile]
    assert len({rule.feature for rule in rules}) == len(rules) >= 2
    assert all(rule.why.endswith(".") and len(rule.why) > 20 and rule.weight >= 1 for rule in rules)


@pytest.mark.parametrize("without_history", [False, True])
@pytest.mark.parametrize("profile", list(TacticalProfile))
def test_main_signs_weigh_as_much_as_the_others_together(profile: TacticalProfile, without_history: bool) -> None:
    rules = [
        rule
        for rule in RULES[profile]
        if not (without_history and DEFINITIONS[rule.feature].source is Source.TEAM_HISTORY)
    ]
    assert 2 * len(rules) >= len(RULES[profile])
    main = sum(rule.weight for rule in rules if rule.weight > 1)
    assert not main or 2 * main >= sum(rule.weight for rule in rules)
