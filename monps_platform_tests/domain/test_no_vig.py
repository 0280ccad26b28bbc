"""No-vig probabilities by the power method: published figures, an independent solver, and what must hold always."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from monps_platform.domain.no_vig import power, raised_to_sum

_PROPERTIES = settings(deadline=None, max_examples=200)
_PRICES = st.one_of(st.floats(1.001, 1.1), st.floats(1.1, 10), st.floats(10, 10_000))
_ROWS = st.integers(2, 3).flatmap(lambda sides: st.lists(_PRICES, min_size=sides, max_size=sides))
_WEIGHTS = st.lists(st.floats(0.001, 1), min_size=2, max_size=3)


def solved(prices: list[float]) -> list[float]:
    """The same probabilities from scipy's root finder, in the exponent's logarithm."""

    def excess(log_exponent: float) -> float:
        return float(sum(price ** -np.exp(log_exponent) for price in prices) - 1)

    exponent = np.exp(brentq(excess, -10, 10, xtol=1e-14, rtol=1e-14, maxiter=500))
    return [float(price**-exponent) for price in prices]


def one(prices: list[float]) -> list[float]:
    return [float(probability) for probability in power(np.array([prices]))[0]]


@pytest.mark.parametrize(
    ("prices", "probabilities"),
    [
        ([2.7, 2.3, 4.4], [0.3591708, 0.4237291, 0.2171001]),  # The package penaltyblog prints these.
        ([1.9, 1.9], [0.5, 0.5]),
        ([4.0, 4.0, 4.0], [1 / 3, 1 / 3, 1 / 3]),
        ([1.5, 1.5**2], [0.6180340, 0.3819660]),  # x + x ** 2 = 1, whatever the first price.
    ],
    ids=["published", "even", "three even sides under-round", "golden ratio"],
)
def test_known_prices_give_known_probabilities(prices: list[float], probabilities: list[float]) -> None:
    assert one(prices) == pytest.approx(probabilities, abs=5e-6)


@_PROPERTIES
@given(_ROWS)
def test_probabilities_are_those_of_an_independent_solver(prices: list[float]) -> None:
    assert one(prices) == pytest.approx(solved(prices), rel=1e-7, abs=1e-11)


@_PROPERTIES
@given(_ROWS)
def test_every_row_sums_to_one_and_keeps_the_order_of_the_prices(prices: list[float]) -> None:
    found = np.array(one(prices))
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert ((found >= 0) & (found < 1)).all()
    assert (np.diff(found[np.argsort(prices)]) <= 0).all()


@_PROPERTIES
@given(_WEIGHTS)
def test_fair_prices_are_left_as_they_are(weights: list[float]) -> None:
    fair = np.array([weights]) / sum(weights)
    assert power(1 / fair) == pytest.approx(fair, abs=1e-12)


@_PROPERTIES
@given(_WEIGHTS, st.floats(0.7, 1.3))
def test_a_margin_put_on_by_a_power_is_taken_off_again(weights: list[float], exponent: float) -> None:
    fair = np.array([weights]) / sum(weights)
    assert power(fair**-exponent) == pytest.approx(fair, abs=1e-12)


@_PROPERTIES
@given(_ROWS, st.floats(1.01, 3), st.data())
def test_a_longer_price_is_a_smaller_chance_and_a_larger_one_for_the_others(
    prices: list[float], factor: float, data: st.DataObject
) -> None:
    side = data.draw(st.integers(0, len(prices) - 1))
    longer = [price * factor if number == side else price for number, price in enumerate(prices)]
    change = np.array(one(longer)) - np.array(one(prices))
    assert change[side] < 1e-12
    assert (np.delete(change, side) > -1e-12).all()


def test_of_everyday_prices_a_longer_one_moves_every_side() -> None:
    change = np.subtract(one([2.2, 3.4, 3.6]), one([2.1, 3.4, 3.6]))
    assert change[0] < -0.01
    assert (change[1:] > 0.005).all()


def test_an_overround_is_taken_from_outsiders_more_than_from_favourites() -> None:
    prices = np.array([[1.5, 4.2, 7.0]])
    share = power(prices) * prices
    assert (np.diff(share[0]) < 0).all()


@pytest.mark.parametrize(
    "prices",
    [
        [1.001, 1.001, 1.001],
        [1.001, 10_000.0],
        [1.001, 1.001, 10_000.0],
        [10_000.0, 10_000.0],
        [1.001, 1.0005],
        [2.1, 2.1],
    ],
)
def test_extreme_and_under_round_prices_are_solved_too(prices: list[float]) -> None:
    found = one(prices)
    assert sum(found) == pytest.approx(1, abs=1e-12)
    assert found == pytest.approx(solved(prices), rel=1e-7)


@pytest.mark.parametrize("smallest", [1 + 2.0**-52, 1 + 1e-12, 1 + 1e-6])
def test_prices_a_hair_above_one_are_solved_without_a_warning(smallest: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for other in (smallest, 1.5, 1e4, 1e15, 1e300):
            assert sum(one([smallest, other])) == pytest.approx(1, abs=1e-12)


@_PROPERTIES
@given(st.lists(st.lists(_PRICES, min_size=3, max_size=3), min_size=1, max_size=9))
def test_a_quote_does_not_depend_on_the_others_in_the_same_call(rows: list[list[float]]) -> None:
    together = power(np.array(rows))
    assert together.tolist() == [one(row) for row in rows]


def test_no_quotes_give_no_probabilities() -> None:
    assert power(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("wrong", [1.0, 0.5, 0.0, -2.0, np.nan, np.inf])
def test_prices_that_are_none_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="a price is missing, infinite or not above 1"):
        power(np.array([[2.0, 2.0], [1.9, wrong]]))


@_PROPERTIES
@given(_WEIGHTS, st.lists(st.floats(0.9, 1.3), min_size=1, max_size=3))
def test_powers_sum_to_the_totals_asked_for_and_share_one_exponent_per_row(
    weights: list[float], totals: list[float]
) -> None:
    values = np.tile(np.array(weights) / sum(weights), (2, len(totals), 1))
    raised = raised_to_sum(values, totals)
    assert raised.sum(axis=-1) == pytest.approx(np.tile(totals, (2, 1)), abs=1e-12)
    exponents = np.log(raised) / np.log(values)
    assert np.ptp(exponents, axis=-1) == pytest.approx(np.zeros((2, len(totals))), abs=1e-9 * (1 + exponents.max()))


def test_a_margin_beyond_what_the_first_step_reaches_is_found() -> None:
    values = np.array([[1 - 1e-9, 1e-9]])
    assert raised_to_sum(values, 1.9).sum() == pytest.approx(1.9, abs=1e-12)


def test_a_sum_that_no_power_has_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no power of \[0.25, 0.75\] has the sum asked for"):
        raised_to_sum(np.array([[0.5, 0.5], [0.25, 0.75]]), [1.2, 2.5])
