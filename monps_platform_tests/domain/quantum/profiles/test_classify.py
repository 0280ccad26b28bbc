"""Classifications: known styles come back, reasons where there is none, and nothing of the future."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from pydantic import ValidationError

from monps_platform.domain.quantum.documents import Gap
from monps_platform.domain.quantum.profiles.classify import (
    LEAST_PROFILES,
    LEAST_SCORE,
    Classification,
    NoProfileReason,
    ProfileFeatures,
    classify,
)
from monps_platform.domain.quantum.profiles.features import LEAST_TEAMS
from monps_platform.domain.quantum.profiles.measures import LEAST_MATCHES
from monps_platform.domain.quantum.profiles.vocabulary import Feature
from monps_platform.domain.quantum.season import LeagueSeason
from monps_platform.domain.tactics import TacticalProfile
from monps_platform_tests.domain.quantum.profiles.drawn_leagues import USUAL, Style, drawn_season

STYLES: dict[TacticalProfile, Style] = {
    TacticalProfile.WIDE_ATTACK: Style(actions={"Cross": 0.6, "Throughball": 0.01}),
    TacticalProfile.DIRECT_ATTACK: Style(actions={"Chipped": 0.5, "Pass": 0.25}, set_pieces=0.4),
    TacticalProfile.POSSESSION: Style(18, 16, {"Pass": 1.0, "Cross": 0.05, "Chipped": 0.03}, distance=0.11, ppda=10),
    TacticalProfile.GEGENPRESS: Style(14, 12, {"BallRecovery": 0.3}, ppda=5),
    TacticalProfile.TRANSITION: Style(12, 11, {"Throughball": 0.25, "TakeOn": 0.25}, distance=0.11, against=1.5),
    TacticalProfile.LOW_BLOCK: Style(11, 10, blocks=0.5, against=1.6, ppda=22),
}
BUILT = dict(enumerate(STYLES, start=1))
"""The profile that the first sides of the league are built with."""
N_TEAMS = 18


@cache
def built_season(*, with_shots: bool = True) -> LeagueSeason:
    """A league of which six sides have a style and the others are all the same."""
    styles = [*STYLES.values(), *[USUAL] * (N_TEAMS - len(STYLES))]
    teams = {number: replace(style, ppda=style.ppda or 11) for number, style in enumerate(styles, start=1)}
    return drawn_season(teams, with_shots=with_shots)


def reasons(found: Iterable[Classification]) -> set[NoProfileReason | None]:
    return {item.no_profile_reason for item in found}


def assert_storable(item: Classification) -> None:
    """As the constraints of the table have it."""
    assert (item.profile is None) == (item.no_profile_reason is not None)
    assert (item.profile is None) == (item.score is None)
    assert (item.runner_up is None) == (item.margin is None)
    assert item.runner_up is None or item.profile is not None
    assert item.n_matches > 0
    if item.score is not None and item.margin is not None:
        assert item.runner_up is not item.profile
        assert 0 <= item.margin <= item.score <= 100


@pytest.mark.parametrize(("team_id", "profile"), list(BUILT.items()))
def test_a_style_that_a_side_was_built_with_comes_back(team_id: int, profile: TacticalProfile) -> None:
    found = classify(built_season())[team_id]
    assert found.profile is profile
    assert found.score is not None
    assert found.score > 60


def test_labels_are_not_one_constant() -> None:
    labels = Counter(item.profile for item in classify(built_season()).values())
    assert len(labels) >= 6
    assert max(labels.values()) <= N_TEAMS / 2


def test_every_classification_fits_the_table() -> None:
    for season in (built_season(), built_season(with_shots=False), drawn_season(dict.fromkeys(range(6), USUAL))):
        for found in classify(season).values():
            assert_storable(found)


def test_the_runner_up_is_the_second_best_and_the_margin_the_distance_to_it() -> None:
    for found in classify(built_season()).values():
        if found.profile is None:
            continue
        best, second = sorted(found.features.scores.values(), reverse=True)[:2]
        assert found.runner_up is not None
        assert (found.score, found.margin) == (best, best - second)
        assert found.features.scores[found.runner_up] == second


def test_a_label_needs_its_least_score() -> None:
    for found in classify(built_season()).values():
        best = max(found.features.scores.values())
        assert (found.profile is None) == (best < LEAST_SCORE)
        assert found.profile is not None or found.no_profile_reason is NoProfileReason.NOTHING_MARKED


def test_a_team_with_few_matches_has_no_label_and_says_so() -> None:
    season = built_season()
    early = season.before(season.matches[25].day)
    found = classify(early).values()
    assert max(item.n_matches for item in found) < LEAST_MATCHES
    assert reasons(found) == {NoProfileReason.TOO_FEW_MATCHES}


def test_a_league_of_few_teams_has_no_labels_as_there_is_nothing_to_compare_with() -> None:
    found = classify(drawn_season(dict.fromkeys(range(LEAST_TEAMS - 1), USUAL))).values()
    assert reasons(found) == {NoProfileReason.TOO_FEW_TEAMS}


def test_without_shots_too_few_profiles_can_be_judged_and_the_reason_says_so() -> None:
    found = classify(drawn_season(dict.fromkeys(range(10), USUAL), with_shots=False)).values()
    assert reasons(found) == {NoProfileReason.NO_SHOTS}
    for item in found:
        assert set(item.features.scores) == {TacticalProfile.HOME_DOMINANT, TacticalProfile.PARK_THE_BUS}
        assert item.features.gaps[Feature.CROSS_SHARE] is Gap.NO_SHOTS
        assert Feature.HOME_POINTS in item.features.percentiles


def test_without_shots_pressing_data_alone_does_not_make_a_profile() -> None:
    found = classify(built_season(with_shots=False)).values()
    assert reasons(found) == {NoProfileReason.NO_SHOTS}
    assert {len(item.features.scores) for item in found} == {LEAST_PROFILES - 1}


def test_without_ppda_profiles_are_still_judged_by_the_rest() -> None:
    season = drawn_season(dict.fromkeys(range(10), USUAL))
    for item in classify(season).values():
        assert item.features.gaps[Feature.PPDA] is Gap.NO_TEAM_HISTORY
        assert set(item.features.scores) == set(TacticalProfile)


def test_features_are_kept_with_a_reason_for_each_that_is_missing_and_come_back_from_json() -> None:
    for item in classify(built_season(with_shots=False)).values():
        document = item.features
        assert set(document.percentiles) | set(document.gaps) == set(Feature)
        assert ProfileFeatures.model_validate(document.to_json()) == document


def test_a_document_that_leaves_a_feature_unexplained_is_refused() -> None:
    document = classify(built_season())[1].features
    with pytest.raises(ValidationError, match="either a percentile or the reason"):
        ProfileFeatures.model_validate({**document.to_json(), "percentiles": {}})
    with pytest.raises(ValidationError, match="needs a value"):
        ProfileFeatures.model_validate({**document.to_json(), "values": {}})
    with pytest.raises(ValidationError, match="not from 0 to 100"):
        ProfileFeatures.model_validate({**document.to_json(), "scores": {"BALANCED": 101}})


def test_matches_of_the_day_and_later_change_nothing() -> None:
    season = built_season()
    day = season.matches[180].day
    cut = classify(season.before(day))
    assert cut == classify(replace(season, as_of=day, matches=season.matches[:180]))
    later = tuple(
        replace(match, home=replace(match.home, goals=9, shots=60), shots=None) if match.day >= day else match
        for match in season.matches
    )
    assert cut == classify(replace(season, matches=later).before(day))
    assert cut != classify(season.before(day + timedelta(days=30)))


def test_the_order_in_which_matches_are_given_changes_nothing() -> None:
    season = built_season()
    assert classify(replace(season, matches=tuple(reversed(season.matches)))) == classify(season)


def test_sides_that_all_play_alike_get_labels_of_chance_not_one_label() -> None:
    season = drawn_season(dict.fromkeys(range(20), replace(USUAL, ppda=11)), seed=3)
    labels = [item.profile for item in classify(season).values()]
    assert len(set(labels)) >= 4
    assert np.mean([label is None for label in labels]) < 0.5
