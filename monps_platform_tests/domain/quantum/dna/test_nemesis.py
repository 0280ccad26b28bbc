"""Residual points by opponent and by the opponent's profile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from monps_platform.domain.quantum.dna.nemesis import LEAST_MEETINGS, NAMED, SHRINKAGE, nemesis_vector
from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.season import FairProbabilities, SeasonMatch
from monps_platform.domain.tactics import TacticalProfile
from monps_platform_tests.domain.quantum.dna.priced_seasons import EVEN, OTHER, OWN, match, season, simulated

BALANCED, DIRECT = TacticalProfile.BALANCED, TacticalProfile.DIRECT_ATTACK


def test_a_residual_is_points_less_those_expected() -> None:
    # Expected at home 3 * 0.4 + 0.3 = 1.5 with variance 9 * 0.4 + 0.3 - 2.25 = 1.65; away 1.2 with 3 - 1.44.
    matches = [match(at, (1, 0), fair=EVEN) for at in range(3)] + [match(3, (1, 1), teams=(OTHER, OWN), fair=EVEN)]
    vector = nemesis_vector(season(matches), OWN, {})
    assert vector.by_opponent is not None
    (against,) = vector.by_opponent
    assert (against.opponent_id, against.n_matches, against.points) == (OTHER, 4, 10)
    assert against.expected_points == pytest.approx(5.7)
    assert against.residual == pytest.approx(4.3 / 4)
    assert against.shrunk == pytest.approx(4.3 / (4 + SHRINKAGE))
    assert against.z == pytest.approx(4.3 / np.sqrt(3 * 1.65 + 1.56))


def test_earlier_seasons_count_against_opponents_but_not_in_this_seasons_residual() -> None:
    earlier = [match(-at, (0, 1), fair=EVEN) for at in range(1, 7)]
    matches = [match(at, (1, 0), fair=EVEN) for at in range(5)]
    vector = nemesis_vector(season(matches, earlier), OWN, {OTHER: DIRECT})
    assert (vector.n_meetings, vector.n_matches_with_market) == (11, 5)
    assert vector.residual == pytest.approx(1.5)
    assert vector.residual_z == pytest.approx(7.5 / np.sqrt(5 * 1.65))
    assert vector.by_opponent is not None
    assert vector.by_profile is not None
    assert vector.by_opponent[0].n_matches == 11
    assert vector.by_profile[DIRECT].n_matches == 5


def test_best_and_worst_opponents_were_met_at_least_four_times() -> None:
    matches: list[SeasonMatch] = []
    for opponent, meetings, score in ((2, 4, (1, 0)), (3, 6, (0, 1)), (4, 3, (2, 0)), (5, 5, (1, 0)), (6, 4, (0, 2))):
        matches += [match(len(matches) + at, score, teams=(OWN, opponent), fair=EVEN) for at in range(meetings)]
    vector = nemesis_vector(season(matches), OWN, {})
    assert vector.best_opponents is not None
    assert vector.worst_opponents is not None
    assert [each.opponent_id for each in vector.best_opponents] == [5, 2]
    assert [each.opponent_id for each in vector.worst_opponents] == [3, 6]


def test_no_more_are_named_than_three() -> None:
    vector = nemesis_vector(simulated(1), 1, {})
    assert vector.gaps["best_opponents"] is Gap.TOO_FEW
    earlier = tuple(replace(each, match_id=each.match_id - 1000) for each in simulated(1).matches)
    twice = nemesis_vector(replace(simulated(1), earlier=earlier), 1, {})
    assert twice.best_opponents is not None
    assert twice.worst_opponents is not None
    for named in (twice.best_opponents, twice.worst_opponents):
        assert len(named) == NAMED
        assert all(each.n_matches >= LEAST_MEETINGS for each in named)
        assert sorted(named, key=lambda each: -abs(each.shrunk)) == list(named)


def test_a_profile_adds_up_its_opponents() -> None:
    matches = [match(at, (1, 0), teams=(OWN, 2 + at % 3), fair=EVEN) for at in range(6)]
    vector = nemesis_vector(season(matches), OWN, {2: BALANCED, 3: DIRECT, 4: DIRECT, 5: BALANCED})
    assert vector.by_profile is not None
    assert {profile: each.n_matches for profile, each in vector.by_profile.items()} == {BALANCED: 2, DIRECT: 4}
    assert vector.by_profile[DIRECT].residual == pytest.approx(1.5)


@pytest.mark.parametrize("profiles", [{}, {OTHER: None}, {99: BALANCED}])
def test_opponents_without_a_profile_are_not_judged(profiles: dict[int, TacticalProfile | None]) -> None:
    vector = nemesis_vector(season([match(at, (1, 0), fair=EVEN) for at in range(6)]), OWN, profiles)
    assert vector.gaps["by_profile"] is Gap.NOT_JUDGED


def test_a_season_without_prices_says_so() -> None:
    vector = nemesis_vector(season([match(at, (1, 0)) for at in range(6)]), OWN, {OTHER: BALANCED})
    assert set(vector.gaps.values()) == {Gap.NO_PRICES}
    assert (vector.n_meetings, vector.sources) == (0, (Source.RESULTS,))


def test_the_close_comes_before_what_was_expected_earlier() -> None:
    early = FairProbabilities(0.8, 0.1, 0.1)
    matches = [replace(match(at, (1, 0), fair=EVEN), fair_pre_match=early) for at in range(6)]
    assert nemesis_vector(season(matches), OWN, {}).residual == pytest.approx(1.5)
    opened = [replace(each, fair_closing=None) for each in matches]
    assert nemesis_vector(season(opened), OWN, {}).residual == pytest.approx(0.5)


def test_a_market_that_knows_the_truth_leaves_residuals_to_chance() -> None:
    vectors = [
        nemesis_vector(simulated(seed), team_id, {}) for seed in (1, 2, 3) for team_id in simulated(seed).team_ids
    ]
    scores = [each.z for vector in vectors for each in vector.by_opponent or ()]
    assert len(scores) == 3 * 20 * 19
    assert np.mean(scores) == pytest.approx(0, abs=0.1)
    assert np.std(scores) == pytest.approx(1, abs=0.1)
    assert max(abs(each.shrunk) for vector in vectors for each in vector.by_opponent or ()) < 0.05


def test_later_matches_change_nothing() -> None:
    known = simulated(2)
    day = known.matches[200].day
    later = [replace(each, home=replace(each.home, goals=9)) if each.day >= day else each for each in known.matches]
    changed = replace(known, matches=tuple(later))
    profiles = dict.fromkeys(known.team_ids, BALANCED)
    assert nemesis_vector(known.before(day), 1, profiles) == nemesis_vector(changed.before(day), 1, profiles)


def test_a_team_that_has_not_played_has_no_vector() -> None:
    with pytest.raises(ValueError, match="has not played"):
        nemesis_vector(simulated(1), 99, {})
