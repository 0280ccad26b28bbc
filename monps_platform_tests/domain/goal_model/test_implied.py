"""The scores that prices imply: known scores come back, every line follows from them, and what nothing implies."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from monps_platform.domain.bookmakers import bookmaker
from monps_platform.domain.goal_model.implied import IMPLIED_VERSION, TOLERANCE, ImpliedScores, MarketView
from monps_platform.domain.goal_model.score_grid import (
    HANDICAP_LINES,
    both_score_probability,
    handicap_probabilities,
    outcome_probabilities,
    over_probabilities,
    score_probabilities,
)
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PICK_SIDES, PickSide
from monps_platform.domain.settlement import Backed

Floats = NDArray[np.float64]
Rates = tuple[float, float]

SHARP = bookmaker("PS")
_PROPERTIES = settings(deadline=None, max_examples=60)
_RATES = st.tuples(st.floats(0.4, 2.4), st.floats(0.4, 2.4))
_RHOS = st.floats(-0.15, 0.1)
_TOTALS = st.sampled_from([quarters / 4 for quarters in range(6, 15)])
"""Lines of totals that books quote: 1.5 to 3.5 in quarters."""
_LINES = tuple(quarters / 4 for quarters in range(1, 29))
CONTRADICTORY = MarketView((0.93, 0.05, 0.02), 1.5, 0.03, (SHARP, SHARP))
"""A favourite that nearly always wins, in a match that hardly ever has two goals."""


def scores_of(rates: Rates, rho: float) -> Floats:
    return score_probabilities(np.array([rates]), rho)


def fair_over(scores: Floats, line: float) -> float:
    """What is won on over among what settles, added up score by score: a quarter line is two half stakes."""
    won = lost = 0.0
    for part in (math.floor(line * 2) / 2, math.ceil(line * 2) / 2):
        for column, probability in enumerate(scores[0].tolist()):
            goals = sum(divmod(column, 16))
            won += probability * (goals > part)
            lost += probability * (goals < part)
    return won / (won + lost)


def view(rates: Rates, rho: float, line: float = 2.5) -> MarketView:
    """What a market without a margin says that knows how the scores come about."""
    scores = scores_of(rates, rho)
    home, draw, away = outcome_probabilities(scores)[0].tolist()
    return MarketView((home, draw, away), line, fair_over(scores, line), (SHARP, SHARP))


def fair(found: ImpliedScores, market: Market, side: PickSide, line: float | None, place: int = 0) -> float:
    probability = found.fair_probability(place, Backed(market, side, line))
    assert probability is not None
    return probability


@_PROPERTIES
@given(_RATES, _RHOS, _TOTALS)
def test_known_scores_come_back_from_their_own_probabilities_at_any_line(rates: Rates, rho: float, line: float) -> None:
    found = ImpliedScores.of([view(rates, rho, line)])
    assert found.probabilities == pytest.approx(scores_of(rates, rho), abs=1e-8)


@pytest.mark.parametrize("line", [quarters / 4 for quarters in range(6, 15)])
@pytest.mark.parametrize("rates", [(1.5, 1.2), (2.3, 0.6), (0.7, 1.9), (0.5, 0.5)])
def test_whole_half_and_quarter_totals_say_the_same(rates: Rates, line: float) -> None:
    found = ImpliedScores.of([view(rates, -0.07, line)])
    assert found.probabilities == pytest.approx(scores_of(rates, -0.07), abs=1e-8)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-12)
    assert found.probabilities.min() >= 0


@_PROPERTIES
@given(_RATES, _RHOS, _TOTALS)
def test_what_the_market_says_is_given_back_within_the_tolerance(rates: Rates, rho: float, line: float) -> None:
    said = view(rates, rho, line)
    found = ImpliedScores.of([said])
    sides = [fair(found, Market.ONE_X_TWO, side, None) for side in PICK_SIDES[Market.ONE_X_TWO]]
    assert sides == pytest.approx(said.one_x_two, abs=3 * TOLERANCE)
    assert fair(found, Market.OVER_UNDER, PickSide.OVER, line) == pytest.approx(said.over, abs=2 * TOLERANCE)


@_PROPERTIES
@given(_RATES, _RHOS)
def test_handicaps_are_those_of_the_score_grid(rates: Rates, rho: float) -> None:
    found = ImpliedScores.of([view(rates, rho)])
    home = [fair(found, Market.ASIAN_HANDICAP, PickSide.HOME, line) for line in HANDICAP_LINES]
    away = [fair(found, Market.ASIAN_HANDICAP, PickSide.AWAY, line) for line in HANDICAP_LINES]
    expected = handicap_probabilities(found.probabilities, HANDICAP_LINES)[0]
    assert home == pytest.approx(expected, abs=1e-12)
    assert away == pytest.approx(1 - expected, abs=1e-12)


@_PROPERTIES
@given(_RATES, _RHOS)
def test_totals_and_both_to_score_are_those_of_the_score_grid(rates: Rates, rho: float) -> None:
    found = ImpliedScores.of([view(rates, rho)])
    halves = [0.5, 1.5, 2.5, 3.5, 4.5]
    overs = [fair(found, Market.OVER_UNDER, PickSide.OVER, line) for line in halves]
    assert overs == pytest.approx(over_probabilities(found.probabilities, halves)[0], abs=1e-12)
    quarters = [fair(found, Market.OVER_UNDER, PickSide.OVER, line) for line in (1.75, 2.0, 2.25, 3.0)]
    assert quarters == pytest.approx(
        [fair_over(found.probabilities, line) for line in (1.75, 2.0, 2.25, 3.0)], abs=1e-12
    )
    both = fair(found, Market.BTTS, PickSide.YES, None)
    assert both == pytest.approx(both_score_probability(found.probabilities)[0], abs=1e-12)


@_PROPERTIES
@given(_RATES, _RHOS)
def test_a_higher_line_of_the_home_side_is_likelier_to_win_and_a_higher_total_less(rates: Rates, rho: float) -> None:
    found = ImpliedScores.of([view(rates, rho)])
    home = [fair(found, Market.ASIAN_HANDICAP, PickSide.HOME, line) for line in HANDICAP_LINES]
    away = [fair(found, Market.ASIAN_HANDICAP, PickSide.AWAY, line) for line in HANDICAP_LINES]
    over = [fair(found, Market.OVER_UNDER, PickSide.OVER, line) for line in _LINES]
    assert (np.diff(home) > -1e-12).all()
    assert (np.diff(away) < 1e-12).all()
    assert (np.diff(over) < 1e-12).all()
    assert home[-1] > home[0]


@_PROPERTIES
@given(_RATES, _RHOS)
def test_the_sides_of_a_market_sum_to_one(rates: Rates, rho: float) -> None:
    found = ImpliedScores.of([view(rates, rho)])
    two_sided: list[tuple[Market, Sequence[float | None]]] = [
        (Market.ASIAN_HANDICAP, HANDICAP_LINES),
        (Market.OVER_UNDER, _LINES),
        (Market.BTTS, [None]),
        (Market.DRAW_NO_BET, [None]),
        (Market.ONE_X_TWO, [None]),
    ]
    for market, lines in two_sided:
        for line in lines:
            assert sum(fair(found, market, side, line) for side in PICK_SIDES[market]) == pytest.approx(1, abs=1e-12)


def test_a_handicap_of_nothing_is_the_market_without_draws() -> None:
    said = view((1.7, 1.1), -0.05)
    found = ImpliedScores.of([said])
    home, draw, away = said.one_x_two
    assert fair(found, Market.ASIAN_HANDICAP, PickSide.HOME, 0.0) == pytest.approx(home / (home + away), abs=1e-8)
    assert fair(found, Market.DRAW_NO_BET, PickSide.AWAY, None) == pytest.approx(away / (home + away), abs=1e-8)
    assert fair(found, Market.ASIAN_HANDICAP, PickSide.HOME, 0.5) == pytest.approx(home + draw, abs=1e-8)
    assert fair(found, Market.ASIAN_HANDICAP, PickSide.AWAY, 0.5) == pytest.approx(away, abs=1e-8)


@_PROPERTIES
@given(_RATES, _RHOS)
def test_the_sides_swapped_give_the_same_scores_the_other_way_round(rates: Rates, rho: float) -> None:
    found = ImpliedScores.of([view(rates, rho), view((rates[1], rates[0]), rho)]).probabilities.reshape(2, 16, 16)
    assert found[1] == pytest.approx(found[0].T, abs=1e-7)


@pytest.mark.parametrize(
    "said",
    [
        CONTRADICTORY,
        # Draws beyond what any goals give, an over that leaves no room for them, and no chance at all.
        MarketView((0.05, 0.9, 0.05), 2.5, 0.6, (SHARP, SHARP)),
        MarketView((0.3, 0.4, 0.3), 4.5, 0.999, (SHARP, SHARP)),
        MarketView((0.45, 0.1, 0.45), 0.5, 0.05, (SHARP, SHARP)),
        MarketView((0.998, 0.001, 0.001), 2.5, 0.001, (SHARP, SHARP)),
    ],
)
def test_a_market_that_contradicts_itself_has_no_scores_and_leaves_its_neighbours(said: MarketView) -> None:
    good = [view((1.5, 1.2), -0.05), view((0.8, 2.1), 0.02, 2.75)]
    found = ImpliedScores.of([good[0], said, good[1]])
    assert np.isnan(found.probabilities[1]).all()
    backed = [
        Backed(market, PickSide.HOME, line)
        for market, line in ((Market.ONE_X_TWO, None), (Market.ASIAN_HANDICAP, 0.25))
    ]
    assert [found.fair_probability(1, item) for item in backed] == [None, None]
    assert found.probabilities[0] == pytest.approx(scores_of((1.5, 1.2), -0.05)[0], abs=1e-8)
    assert found.probabilities[2] == pytest.approx(scores_of((0.8, 2.1), 0.02)[0], abs=1e-8)


@cache
def odd_views() -> tuple[MarketView, ...]:
    """Markets of all kinds, most of which no scores imply."""
    chance = np.random.default_rng(11)
    shares = chance.dirichlet([1, 1, 1], 200).tolist()
    overs, quarters = chance.uniform(0.001, 0.999, 200).tolist(), chance.integers(2, 26, 200).tolist()
    return tuple(
        MarketView((home, draw, away), at / 4, over, (SHARP, SHARP))
        for (home, draw, away), over, at in zip(shares, overs, quarters, strict=True)
    )


def test_no_market_however_odd_stops_the_others_or_gives_what_it_does_not_say() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ImpliedScores.of(odd_views())
    solved = ~np.isnan(found.probabilities).any(axis=1)
    assert 20 < solved.sum() < 180
    for place in np.flatnonzero(solved).tolist():
        said = odd_views()[place]
        assert outcome_probabilities(found.probabilities[place : place + 1])[0] == pytest.approx(
            said.one_x_two, abs=1e-8
        )
        assert fair(found, Market.OVER_UNDER, PickSide.OVER, said.line, place) == pytest.approx(said.over, abs=1e-8)


def test_a_market_is_solved_to_the_last_bit_as_if_it_were_alone() -> None:
    views = [view((1.5, 1.2), -0.05), view((0.8, 2.1), 0.02, 2.75), view((2.1, 0.7), -0.1, 3.0)]
    alone = [ImpliedScores.of([item]).probabilities[0] for item in views]
    for beside in ([], [CONTRADICTORY], list(odd_views()[:20])):
        together = ImpliedScores.of([*beside, *views]).probabilities[len(beside) :]
        assert (together == np.array(alone)).all()


def test_a_pick_that_is_all_but_certain_has_no_probability() -> None:
    found = ImpliedScores.of([view((1.5, 1.2), -0.05)])
    certain = [
        Backed(Market.OVER_UNDER, PickSide.UNDER, 31.0),
        Backed(Market.OVER_UNDER, PickSide.OVER, 31.0),
        Backed(Market.ASIAN_HANDICAP, PickSide.HOME, 16.0),
        Backed(Market.ASIAN_HANDICAP, PickSide.AWAY, 16.0),
        # Fewer than 29.5 goals: less likely to be lost than one bit of a probability can say.
        Backed(Market.OVER_UNDER, PickSide.UNDER, 29.5),
    ]
    for backed in certain:
        probability = found.fair_probability(0, backed)
        assert probability is None or 0 < probability < 1, backed


def test_no_markets_have_no_scores() -> None:
    assert ImpliedScores.of([]).probabilities.shape == (0, 256)


def test_the_version_says_what_the_scores_come_from() -> None:
    assert IMPLIED_VERSION.startswith("dixon-coles-implied-")


@_PROPERTIES
@given(st.lists(st.tuples(_RATES, _RHOS), min_size=1, max_size=8))
def test_a_rho_for_each_match_gives_what_each_gives_alone(matches: list[tuple[Rates, float]]) -> None:
    together = score_probabilities(np.array([rates for rates, _ in matches]), [rho for _, rho in matches])
    for row, (rates, rho) in zip(together, matches, strict=True):
        assert (row == scores_of(rates, rho)[0]).all()


def test_of_many_rhos_the_one_that_makes_a_probability_negative_is_named() -> None:
    rates = np.array([(1.0, 1.0), (2.0, 2.0), (1.0, 1.0)])
    with pytest.raises(
        ValueError, match=r"rho 0.3 makes a score's probability negative at expected goals \[2.0, 2.0\]"
    ):
        score_probabilities(rates, [0.3, 0.3, 0.9])
