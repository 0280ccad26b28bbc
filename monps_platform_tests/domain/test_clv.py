"""Closing line value: figures by hand and from guides, its sign, and the formula that is upside down."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from monps_platform.domain.clv import clv_no_vig_percentage, clv_percentage
from monps_platform.domain.no_vig import NoVigMethod, no_vig

Measure = Callable[[ArrayLike, ArrayLike], NDArray[np.float64]]

_PROPERTIES = settings(deadline=None, max_examples=100)
_PRICES = st.floats(1.01, 1000)
_CHANCES = st.floats(0.001, 0.999)
_TAKEN_AND_CLOSING = [
    (2.10, 2.00, 5.0),
    (2.20, 2.00, 10.0),
    (2.00, 2.10, -100 / 21),
    # theflamia.com, "How to calculate closing line value": 10.5 %.
    (2.10, 1.90, 200 / 19),
    # Both from a calculator, yescalculator.com, that is upside down: it says -12 and +6.67 %.
    (2.50, 2.20, 150 / 11),
    (3.00, 3.20, -6.25),
    (51.0, 21.0, 1000 / 7),
    (1.01, 1.02, -100 / 102),
]


def upside_down(price_taken: float, closing_price: float) -> float:
    return (closing_price / price_taken - 1) * 100


@pytest.mark.parametrize(("taken", "closing", "percentage"), _TAKEN_AND_CLOSING)
def test_the_price_taken_is_divided_by_the_closing_price(taken: float, closing: float, percentage: float) -> None:
    assert clv_percentage([taken], [closing]) == pytest.approx([percentage], abs=1e-12)


@pytest.mark.parametrize(("taken", "closing", "percentage"), _TAKEN_AND_CLOSING)
def test_a_formula_that_is_upside_down_has_another_sign_and_another_size(
    taken: float, closing: float, percentage: float
) -> None:
    found, mistaken = clv_percentage([taken], [closing])[0], upside_down(taken, closing)
    assert np.sign(found) == -np.sign(mistaken)
    assert abs(found) != pytest.approx(abs(mistaken), rel=0.005)


@_PROPERTIES
@given(_PRICES, _PRICES)
def test_it_is_positive_where_the_price_taken_was_the_better_one(taken: float, closing: float) -> None:
    # The ratio of two neighbouring floats may round to 1.
    assume(taken == closing or abs(taken - closing) > 1e-9)
    assert np.sign(clv_percentage([taken], [closing])[0]) == np.sign(taken - closing)


@_PROPERTIES
@given(_PRICES, _PRICES)
def test_there_and_back_is_no_gain(first: float, second: float) -> None:
    there, back = clv_percentage([first, second], [second, first]) / 100
    assert (1 + there) * (1 + back) == pytest.approx(1, abs=1e-12)


@_PROPERTIES
@given(_PRICES)
def test_the_closing_price_itself_is_worth_nothing(price: float) -> None:
    assert clv_percentage([price], [price]).tolist() == [0.0]


def test_a_price_twice_the_closing_price_is_worth_100_per_cent_and_half_of_it_minus_50() -> None:
    assert clv_percentage([4.0, 2.0], [2.0, 4.0]).tolist() == [100.0, -50.0]


@pytest.mark.parametrize(
    ("taken", "chance", "percentage"),
    [
        (2.10, 0.5, 5.0),
        (1.90, 0.5, -5.0),
        (2.00, 0.5, 0.0),
        (4.00, 0.30, 20.0),
        (1.25, 0.78, -2.5),
        (11.0, 0.08, -12.0),
    ],
)
def test_without_the_margin_it_is_the_expected_profit_in_per_cent_of_the_stake(
    taken: float, chance: float, percentage: float
) -> None:
    assert clv_no_vig_percentage([taken], [chance]) == pytest.approx([percentage], abs=1e-12)


def test_a_price_that_beat_the_margin_too_is_worth_what_fractions_say() -> None:
    # The bet of betlogical.com, "Closing line value": -120 in American odds, closed at -148 and +130.
    taken, closing = Fraction(220, 120), (Fraction(248, 148), Fraction(230, 100))
    chance = (1 / closing[0]) / (1 / closing[0] + 1 / closing[1])
    expected = (taken * chance - 1) * 100
    fair = no_vig([[float(price) for price in closing]], NoVigMethod.MULTIPLICATIVE)[0, 0]
    assert clv_no_vig_percentage([float(taken)], [fair]) == pytest.approx([float(expected)], abs=1e-12)
    assert float(expected) == pytest.approx(6.06, abs=0.005)


@_PROPERTIES
@given(_PRICES, _CHANCES)
def test_without_the_margin_it_is_positive_where_the_price_taken_was_above_the_fair_one(
    taken: float, chance: float
) -> None:
    assert np.sign(clv_no_vig_percentage([taken], [chance])[0]) == np.sign(taken * chance - 1)


@_PROPERTIES
@given(_PRICES, _PRICES)
def test_against_the_inverse_of_a_closing_price_both_are_the_same(taken: float, closing: float) -> None:
    with_margin = clv_percentage([taken], [closing])
    assert clv_no_vig_percentage([taken], [1 / closing]) == pytest.approx(with_margin, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("method", NoVigMethod)
def test_a_closing_price_with_a_margin_makes_a_price_look_better_than_it_was(method: NoVigMethod) -> None:
    closing = [2.05, 3.40, 3.70]
    chances = no_vig([closing], method)[0]
    taken = [price * 1.02 for price in closing]
    assert (clv_percentage(taken, closing) > 0).all()
    assert (clv_no_vig_percentage(taken, chances) < clv_percentage(taken, closing) - 1).all()


def test_who_takes_the_closing_price_pays_the_margin() -> None:
    assert clv_percentage([1.9], [1.9]).tolist() == [0.0]
    assert clv_no_vig_percentage([1.9], [0.5]) == pytest.approx([-5.0], abs=1e-12)


@pytest.mark.parametrize("measure", [clv_percentage, clv_no_vig_percentage], ids=lambda measure: measure.__name__)
@pytest.mark.parametrize("missing", [None, float("nan")])
def test_where_there_is_no_close_there_is_no_value_and_no_warning(measure: Measure, missing: float | None) -> None:
    close = [2.0, missing, 4.0] if measure is clv_percentage else [0.5, missing, 0.25]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = measure([2.2, 2.2, 2.2], np.array(close, dtype=np.float64))
    assert np.isnan(found).tolist() == [False, True, False]
    assert found[[0, 2]] == pytest.approx([10.0, -45.0], abs=1e-12)


@pytest.mark.parametrize("measure", [clv_percentage, clv_no_vig_percentage], ids=lambda measure: measure.__name__)
def test_as_many_values_come_out_as_prices_go_in(measure: Measure) -> None:
    close = 2.0 if measure is clv_percentage else 0.5
    for shape in [(0,), (1,), (4,), (3, 2)]:
        found = measure(np.full(shape, 2.5), np.full(shape, close))
        assert found.shape == shape
        assert found == pytest.approx(np.full(shape, 25.0))


@pytest.mark.parametrize("wrong", [1.0, 0.99, 0.0, -2.5, float("inf"), float("-inf")])
def test_prices_that_are_none_are_refused(wrong: float) -> None:
    complaint = r"^a price is infinite or not above 1$"
    with pytest.raises(ValueError, match=complaint):
        clv_percentage([2.0, wrong], [2.0, 2.0])
    with pytest.raises(ValueError, match=complaint):
        clv_percentage([2.0, 2.0], [float("nan"), wrong])
    with pytest.raises(ValueError, match=complaint):
        clv_no_vig_percentage([2.0, wrong], [0.5, 0.5])


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.1, 1.1, 50.0, float("inf"), float("-inf")])
def test_probabilities_that_are_none_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match=r"^a closing probability is not between 0 and 1$"):
        clv_no_vig_percentage([2.0, 2.0, 2.0], [0.5, float("nan"), wrong])
