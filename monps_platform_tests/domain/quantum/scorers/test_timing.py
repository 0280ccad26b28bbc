"""When goals fall: shares that sum to 1, known timings that come back, and nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from monps_platform.domain.quantum.scorers.timing import (
    CONCENTRATION_LIMITS,
    concentration,
    league_shares,
    period_shares,
    shrunk_shares,
)

_FLAT = np.ones(6) / 6
_EVIDENCE = arrays.arrays(np.float64, (8, 6), elements=st.floats(0, 20))
_PRESENCE = arrays.arrays(np.float64, (8, 6), elements=st.floats(0, 1))


@settings(deadline=None, max_examples=30)
@given(_EVIDENCE, _PRESENCE)
def test_shares_of_every_player_sum_to_one(evidence: np.ndarray, presence: np.ndarray) -> None:
    shares = period_shares(evidence, presence, np.arange(8) // 4)
    assert (shares > 0).all()
    assert shares.sum(axis=1) == pytest.approx(np.ones(8), abs=1e-12)


def test_goals_are_added_to_the_expected_shares_by_hand() -> None:
    # 6 goals and 6 expected ones, one per period.
    shares = shrunk_shares([[6, 0, 0, 0, 0, 0]], [_FLAT], 6.0)
    assert shares[0].tolist() == pytest.approx([7 / 12, *[1 / 12] * 5])


def test_spread_over_presence_the_league_has_its_own_timing() -> None:
    chance = np.random.default_rng(3)
    evidence, presence = chance.gamma(1.0, 2.0, (40, 6)), chance.uniform(0.05, 1.0, (40, 6))
    spread = evidence.sum(axis=1) @ league_shares(evidence, presence)
    seen = evidence.sum(axis=0)
    assert (spread / spread.sum()).tolist() == pytest.approx(((seen + 0.5) / (seen.sum() + 3)).tolist(), rel=1e-6)


def test_a_player_who_is_only_there_late_is_expected_to_score_late() -> None:
    evidence = np.full((10, 6), 2.0)
    presence = np.ones((10, 6))
    presence[0] = [0, 0, 0, 0, 0.5, 1]
    shares = league_shares(evidence, np.maximum(presence, 0.02))
    assert shares[0, 4:].sum() > 0.9
    assert shares[1, 4:].sum() < 1 / 3


@pytest.mark.parametrize("true", [5.0, 20.0, 80.0])
def test_the_concentration_that_counts_were_drawn_with_comes_back(true: float) -> None:
    chance = np.random.default_rng(6)
    counts = np.array([chance.multinomial(30, chance.dirichlet(true * _FLAT)) for _ in range(2000)])
    assert concentration(counts, np.tile(_FLAT, (2000, 1))) == pytest.approx(true, rel=0.25)


def test_players_who_differ_by_chance_alone_keep_the_shares_of_their_team() -> None:
    counts = np.random.default_rng(7).multinomial(12, _FLAT, size=3000)
    assert concentration(counts, np.tile(_FLAT, (3000, 1))) > 0.3 * CONCENTRATION_LIMITS[1]


def test_a_team_that_scores_late_shows_it_in_its_players_without_a_goal() -> None:
    chance = np.random.default_rng(9)
    late = np.array([1, 1, 1, 1, 1, 6]) / 11
    evidence = np.array([chance.multinomial(8, late if team < 5 else _FLAT) for team in range(10) for _ in range(10)])
    evidence[0] = 0
    shares = period_shares(evidence, np.ones((100, 6)), np.arange(100) // 10)
    assert shares[0, 5] > 0.4
    assert shares[50:, 5].mean() < 0.25


def test_where_nobody_has_shot_presence_alone_tells_the_shares() -> None:
    shares = period_shares(np.zeros((2, 6)), [[1] * 6, [0, 0, 0, 0, 0, 1]], np.array([0, 1]))
    assert shares[0].tolist() == pytest.approx(_FLAT.tolist())
    assert shares[1, 5] > 0.9
