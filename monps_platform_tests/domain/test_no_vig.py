"""No-vig probabilities by five methods: published figures, an independent solver, and what must hold always."""

from __future__ import annotations

import re
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq

from monps_platform.domain.no_vig import NoVigMethod, no_vig, power, raised_to_sum

Floats = NDArray[np.float64]

_PROPERTIES = settings(deadline=None, max_examples=200)
_PRICES = st.one_of(st.floats(1.001, 1.1), st.floats(1.1, 10), st.floats(10, 10_000))
_ROWS = st.integers(2, 3).flatmap(lambda sides: st.lists(_PRICES, min_size=sides, max_size=sides))
_WEIGHTS = st.lists(st.floats(0.001, 1), min_size=2, max_size=3)
_EACH_METHOD = pytest.mark.parametrize("method", NoVigMethod)
_FEWER = settings(deadline=None, max_examples=15)
# The books of three matches in the README of the R package implied, and the one in that of penaltyblog.
_IMPLIED = ((4.20, 3.70, 1.95), (2.45, 3.70, 2.90), (2.05, 3.20, 3.80))
_PENALTYBLOG = (2.7, 2.3, 4.4)


def solved(prices: list[float]) -> list[float]:
    """The same probabilities from scipy's root finder, in the exponent's logarithm."""

    def excess(log_exponent: float) -> float:
        return float(sum(price ** -np.exp(log_exponent) for price in prices) - 1)

    exponent = np.exp(brentq(excess, -10, 10, xtol=1e-14, rtol=1e-14, maxiter=500))
    return [float(price**-exponent) for price in prices]


def one(prices: list[float]) -> list[float]:
    return [float(probability) for probability in power(np.array([prices]))[0]]


@st.composite
def distributions(draw: st.DrawFn, lowest_weight: float = 0.05, sides: int | None = None) -> Floats:
    """Probabilities of 2 to 6 sides that sum to 1."""
    count = draw(st.integers(2, 6)) if sides is None else sides
    weights = np.array(draw(st.lists(st.floats(lowest_weight, 1), min_size=count, max_size=count)))
    return np.asarray(weights / weights.sum())


@st.composite
def books(draw: st.DrawFn, method: NoVigMethod, sides: int | None = None) -> list[float]:
    """Prices with a margin that differs from side to side, so that no method made them; but for Shin, maybe below 0."""
    fair = draw(distributions(0.2, sides))
    lowest = 1.0001 if method is NoVigMethod.SHIN else 0.97
    factors = np.array(draw(st.lists(st.floats(lowest, 1.1), min_size=len(fair), max_size=len(fair))))
    return [float(price) for price in 1 / (fair * factors)]


def by(method: NoVigMethod, prices: list[float]) -> list[float]:
    return [float(probability) for probability in no_vig([prices], method)[0]]


def odds(probabilities: Floats) -> Floats:
    return np.asarray(probabilities / (1 - probabilities))


def with_insiders(fair: Floats, share: float) -> Floats:
    """Inverse prices of Shin's bookmaker, who expects a share of the money to come from insiders."""
    roots = np.sqrt(share * fair + (1 - share) * fair**2)
    return np.asarray(roots * roots.sum())


def with_margin(method: NoVigMethod, fair: Floats, strength: float) -> Floats:
    """Inverse prices, all below 1 but perhaps Shin's, with a margin put on by the method's own model; 0 is none."""
    if method is NoVigMethod.POWER:
        return np.asarray(fair ** (1 / (1 + strength)))
    if method is NoVigMethod.MULTIPLICATIVE:
        return np.asarray(fair * (1 + 0.9 * strength * (1 / fair.max() - 1)))
    if method is NoVigMethod.ADDITIVE:
        return np.asarray(fair + 0.9 * strength * (1 - fair.max()))
    if method is NoVigMethod.ODDS_RATIO:
        return np.asarray((1 + strength) * fair / (1 - fair + (1 + strength) * fair))
    return with_insiders(fair, 0.2 * strength)


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


@pytest.mark.parametrize(
    ("method", "prices", "probabilities", "tolerance"),
    [
        # README of the R package implied, whose solver stops some millionths short of the root.
        (NoVigMethod.MULTIPLICATIVE, _IMPLIED[0], (0.2331556, 0.2646631, 0.5021813), 5e-8),
        (NoVigMethod.MULTIPLICATIVE, _IMPLIED[1], (0.3988848, 0.2641264, 0.3369888), 6e-8),
        (NoVigMethod.MULTIPLICATIVE, _IMPLIED[2], (0.4586948, 0.2938514, 0.2474538), 6e-8),
        (NoVigMethod.SHIN, _IMPLIED[0], (0.2315716, 0.2635742, 0.5048542), 5e-6),
        (NoVigMethod.SHIN, _IMPLIED[1], (0.4000221, 0.2629271, 0.3370508), 5e-6),
        (NoVigMethod.SHIN, _IMPLIED[2], (0.4645882, 0.2919788, 0.2434331), 5e-6),
        (NoVigMethod.ODDS_RATIO, _IMPLIED[0], (0.2320048, 0.2636415, 0.5043537), 5e-6),
        (NoVigMethod.ODDS_RATIO, _IMPLIED[1], (0.3996912, 0.2633869, 0.3369219), 5e-6),
        (NoVigMethod.ODDS_RATIO, _IMPLIED[2], (0.4634406, 0.2919032, 0.2446562), 5e-6),
        (NoVigMethod.POWER, _IMPLIED[0], (0.2311414, 0.2630644, 0.5057942), 5e-6),
        (NoVigMethod.POWER, _IMPLIED[1], (0.4003156, 0.2627189, 0.3369655), 5e-6),
        (NoVigMethod.POWER, _IMPLIED[2], (0.4667139, 0.2908985, 0.2423876), 5e-6),
        # README of the Python package penaltyblog.
        (NoVigMethod.MULTIPLICATIVE, _PENALTYBLOG, (0.35873804, 0.42112726, 0.2201347), 1e-8),
        (NoVigMethod.ADDITIVE, _PENALTYBLOG, (0.3595618, 0.42397404, 0.21646416), 1e-8),
        (NoVigMethod.POWER, _PENALTYBLOG, (0.3591711, 0.42373075, 0.21709815), 1e-8),
        (NoVigMethod.SHIN, _PENALTYBLOG, (0.35934392, 0.42324385, 0.21741223), 1e-8),
        (NoVigMethod.ODDS_RATIO, _PENALTYBLOG, (0.35881036, 0.42256142, 0.21862822), 1e-8),
        # README of the Python package shin.
        (NoVigMethod.SHIN, (2.6, 2.4, 4.3), (0.37299406033208965, 0.4047794109200184, 0.2222265287474275), 1e-12),
    ],
)
def test_published_books_give_the_published_probabilities(
    method: NoVigMethod, prices: tuple[float, ...], probabilities: tuple[float, ...], tolerance: float
) -> None:
    assert by(method, list(prices)) == pytest.approx(probabilities, abs=tolerance)


def test_a_published_table_of_fair_prices_comes_from_the_power_method() -> None:
    # Bet Angel forum, "Remove overround margin and make fair prices": a book of 125 %.
    fair = 1 / power(np.array([[1.15, 5.0, 10.0, 20.0, 50.0, 100.0]]))
    assert fair[0] == pytest.approx([1.21, 9.12, 23.63, 61.23, 215.54, 558.47], rel=2e-3)


@pytest.mark.parametrize(
    ("prices", "exponent"),
    [
        # README of implied, which gives 1 / k, and of penaltyblog.
        (_IMPLIED[0], 1 / 0.9797664),
        (_IMPLIED[1], 1 / 0.9788115),
        (_IMPLIED[2], 1 / 0.9419744),
        (_PENALTYBLOG, 1.0309132393169356),
    ],
)
def test_the_published_exponent_links_prices_and_power_probabilities(
    prices: tuple[float, ...], exponent: float
) -> None:
    found = np.log(by(NoVigMethod.POWER, list(prices))) / -np.log(prices)
    assert found == pytest.approx([exponent] * 3, abs=2e-5)


@pytest.mark.parametrize(
    ("prices", "factor"),
    [(_IMPLIED[0], 1.034449), (_IMPLIED[1], 1.035805), (_IMPLIED[2], 1.102606), (_PENALTYBLOG, 1.05116912729218)],
)
def test_the_published_odds_ratio_links_the_odds_of_the_book_and_the_fair_ones(
    prices: tuple[float, ...], factor: float
) -> None:
    book, fair = odds(1 / np.array(prices)), odds(np.array(by(NoVigMethod.ODDS_RATIO, list(prices))))
    assert book / fair == pytest.approx([factor] * 3, abs=5e-5)


@pytest.mark.parametrize(
    ("prices", "share"),
    [
        # README of implied, penaltyblog and shin.
        (_IMPLIED[0], 0.01061048),
        (_IMPLIED[1], 0.01163552),
        (_IMPLIED[2], 0.03182353),
        (_PENALTYBLOG, 0.016236442857291165),
        ((2.6, 2.4, 4.3), 0.01694251276407055),
    ],
)
def test_the_published_share_of_insiders_explains_the_margin_on_shin_probabilities(
    prices: tuple[float, ...], share: float
) -> None:
    assert 1 / with_insiders(np.array(by(NoVigMethod.SHIN, list(prices))), share) == pytest.approx(prices, rel=5e-5)


@pytest.mark.parametrize(
    ("method", "prices", "probabilities"),
    [
        # Inverse prices 5/8, 1/4, 1/5 sum to 43/40: a 40th less of each, or each over 43/40.
        (NoVigMethod.ADDITIVE, ("8/5", "4", "5"), ("3/5", "9/40", "7/40")),
        (NoVigMethod.MULTIPLICATIVE, ("8/5", "4", "5"), ("25/43", "10/43", "8/43")),
        # Fair odds 1, 3/7, 1/4 times 11/10 are 11/10, 33/70, 11/40; a price is 1 + 1 / odds.
        (NoVigMethod.ODDS_RATIO, ("21/11", "103/33", "51/11"), ("1/2", "3/10", "1/5")),
        # Inverse prices 3/5 and 4/5, which are squared: 9/25 + 16/25 = 1.
        (NoVigMethod.POWER, ("5/3", "5/4"), ("9/25", "16/25")),
        # Two sides: half of the margin, 2/5, from each.
        (NoVigMethod.SHIN, ("5/3", "5/4"), ("2/5", "3/5")),
        # 2520/14641 of the money is insiders': the roots are 131/242, 149/484 and 149/484, and their sum 140/121.
        (NoVigMethod.SHIN, ("14641/9170", "14641/5215", "14641/5215"), ("1/2", "1/4", "1/4")),
    ],
)
def test_books_worked_by_hand_give_exact_fractions(
    method: NoVigMethod, prices: tuple[str, ...], probabilities: tuple[str, ...]
) -> None:
    given_prices = [float(Fraction(price)) for price in prices]
    assert by(method, given_prices) == pytest.approx([float(Fraction(chance)) for chance in probabilities], abs=1e-15)


@_EACH_METHOD
@_FEWER
@given(st.data())
def test_every_method_gives_probabilities_that_sum_to_one_and_keep_the_order_of_the_sides(
    method: NoVigMethod, data: st.DataObject
) -> None:
    prices = data.draw(books(method))
    found = np.array(by(method, prices))
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert ((found > 0) & (found < 1)).all()
    assert (np.diff(found[np.argsort(prices)]) <= 1e-15).all()


@_EACH_METHOD
@_FEWER
@given(st.data())
def test_sides_in_another_order_have_the_same_probabilities_in_that_order(
    method: NoVigMethod, data: st.DataObject
) -> None:
    prices = data.draw(books(method))
    order = data.draw(st.permutations(range(len(prices))))
    moved = by(method, [prices[side] for side in order])
    assert moved == pytest.approx(np.array(by(method, prices))[order], abs=1e-12)


@pytest.mark.parametrize("method", [method for method in NoVigMethod if method is not NoVigMethod.ADDITIVE])
@_FEWER
@given(prices=st.lists(_PRICES, min_size=2, max_size=6))
def test_prices_however_far_apart_give_probabilities_that_sum_to_one(method: NoVigMethod, prices: list[float]) -> None:
    assume(method is not NoVigMethod.SHIN or (1 / np.array(prices)).sum() >= 1)
    found = np.array(by(method, prices))
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert ((found >= 0) & (found < 1)).all()


@_EACH_METHOD
@_FEWER
@given(fair=distributions(0.02), strength=st.floats(0.001, 1))
def test_a_margin_that_a_method_put_on_is_what_it_takes_out(method: NoVigMethod, fair: Floats, strength: float) -> None:
    book = with_margin(method, fair, strength)
    # Shin's bookmaker may ask a price below 1 for a strong favourite.
    assume(book.max() < 1)
    assert by(method, list(1 / book)) == pytest.approx(fair, abs=1e-12)


@_EACH_METHOD
@_FEWER
@given(fair=distributions(0.01))
def test_every_method_leaves_fair_prices_as_they_are(method: NoVigMethod, fair: Floats) -> None:
    prices = 1 / fair
    assert by(method, list(prices)) == pytest.approx(fair, abs=1e-12)


@_EACH_METHOD
@_FEWER
@given(st.data(), st.integers(2, 6))
def test_a_row_does_not_depend_on_the_other_rows_by_any_method(
    method: NoVigMethod, data: st.DataObject, sides: int
) -> None:
    rows = data.draw(st.lists(books(method, sides), min_size=1, max_size=3))
    assert no_vig(rows, method).tolist() == [by(method, row) for row in rows]


@_EACH_METHOD
@_FEWER
@given(price=st.floats(1.01, 2), sides=st.integers(2, 6))
def test_equal_prices_share_one_evenly(method: NoVigMethod, price: float, sides: int) -> None:
    assert by(method, [price] * sides) == pytest.approx([1 / sides] * sides, abs=1e-13)


@_EACH_METHOD
@_FEWER
@given(st.data())
def test_the_two_sides_of_a_book_are_complements_and_trade_places_with_their_prices(
    method: NoVigMethod, data: st.DataObject
) -> None:
    first, second = data.draw(books(method, 2))
    one_way, other_way = by(method, [first, second]), by(method, [second, first])
    assert one_way[0] == pytest.approx(1 - one_way[1], abs=1e-12)
    assert one_way == pytest.approx(other_way[::-1], abs=1e-12)


@_FEWER
@given(st.lists(_PRICES, min_size=2, max_size=2))
def test_with_two_sides_shin_is_the_additive_method(prices: list[float]) -> None:
    # Jullien & Salanie (1994); Clarke, Kovalchik & Ingram (2017).
    assume((1 / np.array(prices)).sum() >= 1)
    assert by(NoVigMethod.SHIN, prices) == pytest.approx(by(NoVigMethod.ADDITIVE, prices), abs=1e-12)


def test_with_three_sides_no_two_methods_agree() -> None:
    found = [by(method, [1.5, 4.2, 7.0])[2] for method in NoVigMethod]
    assert np.diff(sorted(found)).min() > 1e-4


@pytest.mark.parametrize("method", [NoVigMethod.SHIN, NoVigMethod.ADDITIVE, NoVigMethod.POWER, NoVigMethod.ODDS_RATIO])
def test_only_the_multiplicative_method_takes_the_same_share_from_outsiders_as_from_favourites(
    method: NoVigMethod,
) -> None:
    prices = [1.5, 4.2, 7.0]
    assert np.ptp(np.array(by(NoVigMethod.MULTIPLICATIVE, prices)) * prices) < 1e-15
    assert (np.diff(np.array(by(method, prices)) * prices) < -0.001).all()


@pytest.mark.parametrize("method", [method for method in NoVigMethod if method is not NoVigMethod.SHIN])
def test_the_best_prices_of_several_bookmakers_may_sum_to_less_than_one(method: NoVigMethod) -> None:
    prices = [2.2, 3.8, 4.0]
    assert sum(1 / price for price in prices) < 1
    found = by(method, prices)
    assert sum(found) == pytest.approx(1, abs=1e-12)
    assert all(chance > 1 / price for chance, price in zip(found, prices, strict=True))


def test_the_power_method_is_the_default() -> None:
    assert no_vig([_PENALTYBLOG]).tolist() == power(np.array([_PENALTYBLOG])).tolist()


@_EACH_METHOD
def test_no_book_has_no_probabilities_by_any_method(method: NoVigMethod) -> None:
    assert no_vig(np.empty((0, 3)), method).shape == (0, 3)


@_EACH_METHOD
@pytest.mark.parametrize("wrong", [None, np.nan, np.inf, -np.inf, 1.0, 0.5, 0.0, -2.0])
def test_every_method_refuses_a_price_that_is_none(method: NoVigMethod, wrong: float | None) -> None:
    with pytest.raises(ValueError, match="a price is missing, infinite or not above 1: leave the quote out"):
        no_vig(np.array([[2.0, 3.0, 4.0], [1.9, 3.1, wrong]], dtype=np.float64), method)


@pytest.mark.parametrize(
    ("method", "row", "complaint"),
    [
        (NoVigMethod.ADDITIVE, [1.1, 7.0, 51.0], "the additive method leaves a side no probability"),
        # Inverse prices 0.87, 0.2, 0.1, 0.05, 0.02, 0.01: the margin is 0.25, its sixth more than the last three.
        (
            NoVigMethod.ADDITIVE,
            [1 / 0.87, 5.0, 10.0, 20.0, 50.0, 100.0],
            "the additive method leaves a side no probability",
        ),
        (NoVigMethod.SHIN, [2.2, 3.8, 4.0], "Shin's model needs a margin, but the inverse prices sum to less than 1"),
        (NoVigMethod.SHIN, [2.1, 2.1], "Shin's model needs a margin, but the inverse prices sum to less than 1"),
    ],
)
def test_a_row_that_a_method_cannot_take_is_refused_and_named(
    method: NoVigMethod, row: list[float], complaint: str
) -> None:
    named = re.escape(f"{complaint}: {row}; another method can take it")
    with pytest.raises(ValueError, match=f"^{named}$"):
        no_vig([[1.9] * len(row), row], method)
    assert no_vig([[1.9] * len(row), row], NoVigMethod.POWER).shape == (2, len(row))
