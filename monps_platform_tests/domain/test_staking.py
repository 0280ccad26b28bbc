"""Stakes: the Kelly criterion against published figures and its own promise of growth."""

from __future__ import annotations

from fractions import Fraction
from math import log2

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from monps_platform.domain.staking import fractional_kelly

Floats = NDArray[np.float64]

_PROPERTIES = settings(deadline=None, max_examples=100)
_CHANCES = st.floats(0.01, 0.99)
_PRICES = st.floats(1.01, 100)
_SHARES = st.floats(0.01, 1)


def kelly(chance: float, price: float, fraction: float = 1.0, cap: float = 1.0) -> float:
    return float(fractional_kelly([chance], [price], fraction, cap)[0])


def growth(share: float | Floats, chance: float, price: float) -> Floats:
    """The expected logarithm of the bankroll after a bet of a share of it."""
    staked = np.asarray(share)
    return np.asarray(chance * np.log1p(staked * (price - 1)) + (1 - chance) * np.log1p(-staked))


@pytest.mark.parametrize(
    ("chance", "price", "fraction", "share"),
    [
        # Even money: p - q, as in Kelly (1956) and Thorp (2006).
        (0.6, 2.0, 1.0, 0.2),
        (0.53, 2.0, 1.0, 0.06),
        (0.99, 2.0, 1.0, 0.98),
        # Edge over odds (Thorp 2006): 0.4 / 3. The example of mrgreen.com divides by 2 and stakes 40 %.
        (0.35, 4.0, 1.0, 2 / 15),
        # OddsIQ glossary, "Kelly criterion": +120 in American odds, 52 %, then a quarter of it.
        (0.52, 2.2, 1.0, 0.12),
        (0.52, 2.2, 0.25, 0.03),
        # A fair coin that pays two to one: 0.5 / 2, and half of it.
        (0.5, 3.0, 1.0, 0.25),
        (0.5, 3.0, 0.5, 0.125),
    ],
)
def test_published_bets_have_the_published_stakes(chance: float, price: float, fraction: float, share: float) -> None:
    assert kelly(chance, price, fraction) == pytest.approx(share, abs=1e-12)


@_PROPERTIES
@given(st.integers(1, 99), st.integers(101, 2000), st.integers(1, 100))
def test_it_is_the_edge_over_the_odds_and_nothing_without_an_edge(chance: int, price: int, fraction: int) -> None:
    likely, odds = Fraction(chance, 100), Fraction(price, 100) - 1
    exact = max((odds * likely - (1 - likely)) / odds, Fraction(0)) * Fraction(fraction, 100)
    assert kelly(chance / 100, price / 100, fraction / 100) == pytest.approx(float(exact), abs=1e-12)


@pytest.mark.parametrize(
    ("chance", "price"), [(0.5, 2.0), (0.25, 4.0), (0.5, 1.9), (0.1, 9.5), (0.9, 1.05), (0.01, 1.01)]
)
def test_without_an_edge_nothing_is_staked(chance: float, price: float) -> None:
    share = kelly(chance, price)
    assert share == 0
    assert not np.signbit(share)


@_PROPERTIES
@given(_CHANCES, _PRICES, _SHARES, _SHARES)
def test_a_stake_is_never_negative_nor_above_the_cap(chance: float, price: float, fraction: float, cap: float) -> None:
    assert 0 <= kelly(chance, price, fraction, cap) <= cap


@_PROPERTIES
@given(_CHANCES, _PRICES)
def test_a_whole_kelly_stake_is_less_than_the_chance_of_winning(chance: float, price: float) -> None:
    assert kelly(chance, price) < chance


@_PROPERTIES
@given(_CHANCES, _PRICES, _SHARES)
def test_a_fraction_scales_the_stake_before_the_cap(chance: float, price: float, fraction: float) -> None:
    whole = kelly(chance, price)
    assert kelly(chance, price, fraction) == pytest.approx(fraction * whole, rel=1e-12, abs=1e-15)
    assert kelly(chance, price, fraction, 0.02) == pytest.approx(min(fraction * whole, 0.02), rel=1e-12, abs=1e-15)


def test_the_cap_binds_where_the_stake_is_larger() -> None:
    found = fractional_kelly([0.6, 0.52, 0.4], [2.0, 2.0, 2.0], 0.5, 0.05)
    assert found == pytest.approx([0.05, 0.02, 0.0], abs=1e-12)


@_PROPERTIES
@given(_CHANCES, _PRICES)
def test_the_bankroll_grows_fastest_at_the_whole_kelly_stake(chance: float, price: float) -> None:
    share = kelly(chance, price)
    best = growth(share, chance, price)
    others = np.linspace(0, 0.999, 1000)
    assert (growth(others, chance, price) <= best + 1e-12).all()


@_PROPERTIES
@given(_CHANCES, _PRICES, st.floats(0.05, 0.95))
def test_a_fraction_grows_slower_than_the_whole_but_grows(chance: float, price: float, fraction: float) -> None:
    assume(chance * price > 1.01)
    whole, part = (growth(kelly(chance, price, factor), chance, price) for factor in (1.0, fraction))
    assert 0 < part < whole


@pytest.mark.parametrize("chance", [0.51, 0.6, 0.75, 0.9, 0.99])
def test_at_even_money_the_growth_is_the_capacity_of_kellys_channel(chance: float) -> None:
    # Kelly (1956): 1 + p log2 p + q log2 q bits for each bet.
    bits = 1 + chance * log2(chance) + (1 - chance) * log2(1 - chance)
    assert growth(kelly(chance, 2.0), chance, 2.0) / np.log(2) == pytest.approx(bits, abs=1e-12)


def test_half_of_kelly_keeps_three_quarters_of_the_growth() -> None:
    # Thorp (2006), for a small edge: a fraction c keeps c (2 - c) of it.
    whole = growth(kelly(0.505, 2.0), 0.505, 2.0)
    for fraction, kept in [(0.5, 0.75), (0.25, 0.4375)]:
        assert growth(kelly(0.505, 2.0, fraction), 0.505, 2.0) / whole == pytest.approx(kept, abs=1e-3)


def test_each_pick_has_a_stake_of_its_own() -> None:
    chances, prices = [0.6, 0.35, 0.2, 0.52], [2.0, 4.0, 4.0, 2.2]
    together = fractional_kelly(chances, prices, 0.5, 0.08)
    assert together.tolist() == [kelly(*pick, 0.5, 0.08) for pick in zip(chances, prices, strict=True)]
    assert fractional_kelly([], [], 0.5, 0.08).shape == (0,)


@pytest.mark.parametrize(
    ("chance", "price", "fraction", "cap", "message"),
    [
        ([0.5, 0.0], [2.0, 2.0], 1.0, 1.0, "^a probability is missing or not between 0 and 1$"),
        ([0.5, 1.0], [2.0, 2.0], 1.0, 1.0, "^a probability is missing or not between 0 and 1$"),
        ([0.5, -0.1], [2.0, 2.0], 1.0, 1.0, "^a probability is missing or not between 0 and 1$"),
        ([0.5, 55.0], [2.0, 2.0], 1.0, 1.0, "^a probability is missing or not between 0 and 1$"),
        ([0.5, None], [2.0, 2.0], 1.0, 1.0, "^a probability is missing or not between 0 and 1$"),
        ([0.5, 0.5], [2.0, 1.0], 1.0, 1.0, "^a price is missing, infinite or not above 1$"),
        ([0.5, 0.5], [2.0, -2.0], 1.0, 1.0, "^a price is missing, infinite or not above 1$"),
        ([0.5, 0.5], [2.0, float("inf")], 1.0, 1.0, "^a price is missing, infinite or not above 1$"),
        ([0.5, 0.5], [2.0, None], 1.0, 1.0, "^a price is missing, infinite or not above 1$"),
        ([0.5], [2.0], 0.0, 1.0, "^a fraction of 0.0: it lies above 0 and is at most 1$"),
        ([0.5], [2.0], 1.5, 1.0, "^a fraction of 1.5: it lies above 0 and is at most 1$"),
        ([0.5], [2.0], -0.5, 1.0, "^a fraction of -0.5: it lies above 0 and is at most 1$"),
        ([0.5], [2.0], float("nan"), 1.0, "^a fraction of nan: it lies above 0 and is at most 1$"),
        ([0.5], [2.0], 1.0, 0.0, "^a cap of 0.0: it lies above 0 and is at most 1$"),
        ([0.5], [2.0], 1.0, 1.01, "^a cap of 1.01: it lies above 0 and is at most 1$"),
        ([0.5], [2.0], 1.0, float("nan"), "^a cap of nan: it lies above 0 and is at most 1$"),
    ],
)
def test_what_makes_no_stake_is_refused(
    chance: ArrayLike, price: ArrayLike, fraction: float, cap: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        fractional_kelly(chance, price, fraction, cap)
