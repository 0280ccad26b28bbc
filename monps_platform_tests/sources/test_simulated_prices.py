"""Prices of simulated seasons against the truth that they came from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.leagues import SIMULATED
from monps_platform.domain.seasons import Season, season_range
from monps_platform.sources.simulated import TrueProbabilities, simulate_season, true_probabilities
from monps_platform.sources.simulated.prices import (
    FINE_GRID,
    GAP_SHARE,
    HANDICAP_BOOKS,
    LADDER,
    MATCH_ODDS_BOOKS,
    TOTALS_BOOKS,
    Bookmaker,
    Quotes,
    aggregates,
    market_rates,
    quote,
    to_grid,
    with_margin,
)
from monps_platform.sources.simulated.randomness import Floats, Ints, Stream

_SEASONS = season_range(Season(2020), Season(2022))
_MARKETS = {
    "1x2": (MATCH_ODDS_BOOKS, ("H", "D", "A")),
    "totals": (TOTALS_BOOKS, (">2.5", "<2.5")),
    "handicap": (HANDICAP_BOOKS, ("AHH", "AHA")),
}
_KINDS = {"pre-match": "", "closing": "C"}
_EACH_MARKET = pytest.mark.parametrize("market", _MARKETS)
_EACH_KIND = pytest.mark.parametrize("kind", _KINDS)
_AT_ANY_SPEED = settings(deadline=None)

Row = dict[str, str]


@cache
def _matches() -> list[tuple[TrueProbabilities, Row]]:
    return [
        (truth[row["HomeTeam"], row["AwayTeam"]], row)
        for item in SIMULATED
        for season in _SEASONS
        for truth in [true_probabilities(item, season)]
        for row in csv.DictReader(io.StringIO(simulate_season(item, season).decode("ascii"), newline=""))
    ]


@cache
def _prices(column: str, market: str, kind: str) -> Floats:
    """Prices of one column's prefix, shape (matches, sides); NaN where blank."""
    names = [f"{column}{_KINDS[kind]}{side}" for side in _MARKETS[market][1]]
    return np.array([[float(row[name] or "nan") for name in names] for _, row in _matches()])


@cache
def _truth(market: str, line: str = "AHCh") -> Floats:
    """True probabilities, shape (matches, sides); for handicaps at the line in the given column."""
    if market == "1x2":
        return np.array([(match.home, match.draw, match.away) for match, _ in _matches()])
    if market == "totals":
        over = [match.over_2_5 for match, _ in _matches()]
    else:
        over = [match.handicap(float(row[line])) for match, row in _matches()]
    return np.array([(chance, 1 - chance) for chance in over])


def _no_vig(prices: Floats) -> Floats:
    return np.asarray((1 / prices) / (1 / prices).sum(axis=1, keepdims=True))


def _overround(prices: Floats) -> Floats:
    whole = prices[~np.isnan(prices).any(axis=1)]
    return np.asarray((1 / whole).sum(axis=1) - 1)


def _each_book() -> Iterator[tuple[str, str, Bookmaker]]:
    for market, (books, _) in _MARKETS.items():
        for kind in _KINDS:
            for book in books:
                yield market, kind, book


_EACH_BOOK = pytest.mark.parametrize(
    ("market", "kind", "book"),
    list(_each_book()),
    ids=[f"{market}-{kind}-{book.column}" for market, kind, book in _each_book()],
)


@_EACH_BOOK
def test_every_overround_is_realistic_and_their_mean_is_the_bookmakers_margin(
    market: str, kind: str, book: Bookmaker
) -> None:
    overround = _overround(_prices(book.column, market, kind))
    assert 0.01 < overround.min() < overround.max() < 0.12
    assert overround.mean() == pytest.approx(book.margin, abs=0.001)


@_EACH_BOOK
def test_a_bookmaker_without_a_price_is_blank_on_all_sides_of_a_few_matches(
    market: str, kind: str, book: Bookmaker
) -> None:
    blank = np.isnan(_prices(book.column, market, kind))
    assert (blank.all(axis=1) == blank.any(axis=1)).all()
    assert 0.005 < blank.mean() < 0.03


@_EACH_MARKET
def test_prices_missing_before_the_match_are_not_those_missing_at_the_close(market: str) -> None:
    blank = [np.isnan(_prices("B365", market, kind)[:, 0]) for kind in _KINDS]
    assert (blank[0] & blank[1]).sum() < blank[0].sum() / 4


@_EACH_BOOK
def test_every_price_is_on_the_bookmakers_grid(market: str, kind: str, book: Bookmaker) -> None:
    prices = _prices(book.column, market, kind)
    cents = np.rint(prices[~np.isnan(prices)] * 100).astype(int)
    assert set(cents.tolist()) <= set(book.grid.tolist())
    assert cents.min() >= 101


@_EACH_BOOK
def test_blind_bets_lose_about_the_margin(market: str, kind: str, book: Bookmaker) -> None:
    line = "AHCh" if kind == "closing" else "AHh"
    value = _prices(book.column, market, kind) * _truth(market, line) - 1
    assert -2 * book.margin < np.nanmean(value) < -book.margin / 3


def test_pinnacle_asks_the_least_in_the_1x2_market() -> None:
    means = {book.column: _overround(_prices(book.column, "1x2", "closing")).mean() for book in MATCH_ODDS_BOOKS}
    assert min(means, key=means.__getitem__) == "PS"
    assert all(mean > 0.045 for column, mean in means.items() if column != "PS")


@_EACH_KIND
@_EACH_MARKET
def test_max_and_avg_are_the_highest_and_the_mean_of_the_bookmakers_that_quoted(market: str, kind: str) -> None:
    books, sides = _MARKETS[market]
    for _, row in _matches():
        for side in sides:
            mark = f"{_KINDS[kind]}{side}"
            quoted = [Decimal(price) for book in books if (price := row[f"{book.column}{mark}"])]
            if not quoted:
                assert (row[f"Max{mark}"], row[f"Avg{mark}"]) == ("", "")
                continue
            mean = (sum(quoted, Decimal(0)) / len(quoted)).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert (Decimal(row[f"Max{mark}"]), Decimal(row[f"Avg{mark}"])) == (max(quoted), mean)


@_EACH_KIND
def test_lines_are_quarter_lines_at_which_both_sides_are_near_even(kind: str) -> None:
    lines = np.array([float(row["AHCh" if kind == "closing" else "AHh"]) for _, row in _matches()])
    assert (lines * 4 == np.rint(lines * 4)).all()
    assert len(set(lines.tolist())) > 10
    prices = _prices("P", "handicap", kind)
    assert 1.7 < np.nanmin(prices) < np.nanmax(prices) < 2.3


def test_lines_move_between_the_pre_match_price_and_the_close_in_some_matches_only() -> None:
    moved = np.array([float(row["AHCh"]) - float(row["AHh"]) for _, row in _matches()])
    assert 0.2 < (moved != 0).mean() < 0.6
    assert np.abs(moved).max() <= 1


@pytest.mark.parametrize(("market", "column"), [("1x2", "PS"), ("1x2", "Avg"), ("totals", "P"), ("totals", "Avg")])
def test_closing_prices_are_nearer_to_the_truth_than_pre_match_prices(market: str, column: str) -> None:
    truth = _truth(market)
    loss = {kind: -(truth * np.log(_no_vig(_prices(column, market, kind)))).sum(axis=1) for kind in _KINDS}
    gain = loss["pre-match"] - loss["closing"]
    gain = gain[~np.isnan(gain)]
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))


@pytest.mark.parametrize(
    ("market", "column", "largest"), [("1x2", "PS", 0.02), ("totals", "P", 0.02), ("handicap", "P", 0.03)]
)
def test_closing_probabilities_without_the_margin_are_near_the_truth_and_unbiased(
    market: str, column: str, largest: float
) -> None:
    error = _no_vig(_prices(column, market, "closing")) - _truth(market)
    assert 0.005 < np.nanmean(np.abs(error)) < largest
    assert np.nanmean(error, axis=0) == pytest.approx(0, abs=0.004)


def test_outsiders_are_worse_value_than_favourites() -> None:
    value = _prices("B365", "1x2", "closing") * _truth("1x2") - 1
    chance = _truth("1x2")
    outsiders, favourites = np.nanmean(value[chance < 0.2]), np.nanmean(value[chance > 0.5])
    assert outsiders < favourites - 0.02
    assert favourites < 0


def test_the_best_price_of_all_bookmakers_leaves_less_margin_than_any_single_one() -> None:
    best = _overround(_prices("Max", "1x2", "closing"))
    assert best.mean() < _overround(_prices("PS", "1x2", "closing")).mean()
    assert best.min() > -0.05


def test_market_errors_shrink_towards_the_close_and_have_no_bias() -> None:
    rates = np.full((20_000, 2), 1.4)
    pre_match, closing = market_rates(Stream(SIMULATED[0], Season(2020), "test"), rates)
    assert np.log(closing / rates).std() == pytest.approx(0.05, rel=0.05)
    assert np.log(pre_match / rates).std() == pytest.approx(np.hypot(0.05, 0.08), rel=0.05)
    assert (pre_match.mean(), closing.mean()) == pytest.approx((1.4, 1.4), rel=0.003)


@_AT_ANY_SPEED
@given(
    st.lists(st.floats(0.001, 1), min_size=2, max_size=3),
    st.lists(st.floats(0.001, 0.15), min_size=1, max_size=3),
)
def test_inverse_prices_sum_to_one_plus_the_margin_and_keep_their_order(
    weights: list[float], margins: list[float]
) -> None:
    fair = np.array(weights) / sum(weights)
    inverse = with_margin(np.tile(fair, (1, len(margins), 1)), np.array(margins))[0]
    assert inverse.sum(axis=1) == pytest.approx(1 + np.array(margins), abs=1e-9)
    assert (inverse < 1).all()
    assert (inverse > fair).all()
    assert (np.diff(inverse[:, np.argsort(fair)], axis=1) > -1e-12).all()


@_AT_ANY_SPEED
@given(st.floats(101, 50_000))
def test_prices_go_to_the_nearest_rung_of_the_ladder(price: float) -> None:
    (found,) = to_grid(np.array([price]), LADDER).tolist()
    assert abs(found - price) == np.abs(LADDER - price).min()


@pytest.mark.parametrize("grid", [LADDER, FINE_GRID], ids=["ladder", "fine"])
def test_grids_ascend_from_1_01_and_hold_every_price_that_overflows(grid: Ints) -> None:
    assert grid[0] == 101
    assert (np.diff(grid) > 0).all()
    assert to_grid(np.array([0.5, 10.0**9]), grid).tolist() == [grid[0], grid[-1]]


def test_aggregates_count_only_what_was_quoted_and_round_half_up() -> None:
    cents = np.array([[[200, 181], [205, 190]], [[200, 181], [900, 900]], [[150, 150], [900, 900]]])
    quoted = np.array([[True, True], [True, False], [False, False]])
    result = aggregates(Quotes(("B365", "P"), cents, quoted))
    assert result.columns == ("Max", "Avg")
    assert result.cents[:2].tolist() == [[[205, 190], [203, 186]], [[200, 181], [200, 181]]]
    assert result.quoted.tolist() == [[True, True], [True, True], [False, False]]


def test_bookmakers_quote_independently_of_each_other() -> None:
    fair = np.full((20_000, 2), 0.5)
    quotes = quote(Stream(SIMULATED[0], Season(2020), "test"), fair, TOTALS_BOOKS)
    assert quotes.cents.shape == (20_000, 2, 2)
    missing = ~quotes.quoted
    assert missing.mean(axis=0) == pytest.approx([GAP_SHARE] * 2, abs=0.003)
    assert missing.all(axis=1).mean() < 0.001
