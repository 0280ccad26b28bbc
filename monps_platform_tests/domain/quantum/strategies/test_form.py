"""A team's season so far, added up by hand."""

from __future__ import annotations

from functools import reduce
from math import sqrt

import pytest

from monps_platform.domain.quantum.season import FairProbabilities, TeamMatch
from monps_platform.domain.quantum.strategies.form import LEAST_HOME_MATCHES, LEAST_MATCHES, Form
from monps_platform.domain.quantum.strategies.offers import BettingMatch
from monps_platform_tests.domain.quantum.strategies.betting_leagues import OTHER, OWN, betting_match

EVEN = FairProbabilities(0.5, 0.2, 0.3)


def form(matches: list[BettingMatch], team_id: int = OWN) -> Form:
    seen = (TeamMatch(each.match, each.match.home.team_id == team_id) for each in matches)
    return reduce(Form.after, seen, Form())


def test_totals_and_their_dispersion_are_as_by_hand() -> None:
    # Totals 0, 6, 0, 6, ... : mean 3, squared deviations 9 each, 8 * 9 / 7 / 3.
    own = form([betting_match(at, (at % 2 * 4, at % 2 * 2)) for at in range(8)])
    assert own.goals_per_match == 3
    assert own.dispersion == pytest.approx(24 / 7)


def test_luck_is_goals_beyond_xg_in_standard_deviations_and_has_the_other_sign_for_the_opponent() -> None:
    matches = [betting_match(at, (2, 0), xg=(1.5, 0.5)) for at in range(9)]
    assert form(matches).luck_z == pytest.approx(9 * (2 - 1.0) / sqrt(9 * 2.0))
    assert form(matches, OTHER).luck_z == pytest.approx(-9 / sqrt(18))
    assert form(matches).xg_per_match == pytest.approx(2.0)


def test_home_points_are_those_beyond_what_the_market_expected_at_home_alone() -> None:
    home = [betting_match(at, (1, 0), fair=EVEN) for at in range(5)]
    away = [betting_match(at, (5, 0), teams=(OTHER, OWN), fair=EVEN) for at in range(5, 10)]
    unpriced = [betting_match(10, (0, 3))]
    assert form([*home, *away, *unpriced]).home_points_beyond_expected == pytest.approx(3 - 1.7)


def test_nothing_is_said_of_a_match_too_few() -> None:
    few = form([betting_match(at, (1, 2), xg=(1.0, 1.0)) for at in range(LEAST_MATCHES - 1)])
    assert (few.goals_per_match, few.xg_per_match, few.luck_z, few.dispersion) == (None,) * 4
    few = form([betting_match(at, (1, 2), fair=EVEN) for at in range(LEAST_HOME_MATCHES - 1)])
    assert few.home_points_beyond_expected is None


def test_a_match_without_xg_counts_for_goals_only() -> None:
    own = form([*(betting_match(at, (1, 1), xg=(1.0, 2.0)) for at in range(8)), betting_match(8, (9, 0))])
    assert (own.matches, own.matches_with_xg) == (9, 8)
    assert own.luck_z == pytest.approx(8 / sqrt(24))


def test_matches_without_any_goal_or_chance_have_neither_dispersion_nor_luck() -> None:
    own = form([betting_match(at, (0, 0), xg=(0.0, 0.0)) for at in range(10)])
    assert (own.dispersion, own.luck_z) == (None, None)
