"""Closing prices: whose, from when, what a pick was worth against them, and each reason why there is none."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from monps_platform.domain.closing import LATEST, NOT_PLAYED, Closing, OpenPick, close, closing_quotes
from monps_platform.domain.clv import clv_no_vig_percentage, clv_percentage
from monps_platform.domain.goal_model.implied import IMPLIED_VERSION
from monps_platform.domain.goal_model.score_grid import (
    handicap_probabilities,
    outcome_probabilities,
    over_probabilities,
    score_probabilities,
)
from monps_platform.domain.no_vig import multiplicative
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.picks import PICK_SIDES, ClosingSource, NoClosingReason, PickSide
from monps_platform.domain.quotes import Quote
from monps_platform.domain.settlement import Backed
from monps_platform_tests.domain.test_quotes import (
    BOOK_IDS,
    DRAWN_LINES,
    any_quotes,
    closing,
    handicap,
    quote,
    snapshot,
    total,
)

KICKOFF = datetime(2024, 3, 2, 15, tzinfo=UTC)
KICKOFFS = {7: KICKOFF, 8: KICKOFF}
HOME = Backed(Market.ONE_X_TWO, PickSide.HOME)
OVER = Backed(Market.OVER_UNDER, PickSide.OVER, 2.5)
UNDER = Backed(Market.OVER_UNDER, PickSide.UNDER, 2.5)
GOLDEN = 0.6180339887498949
"""The probability p with p + p ** 2 = 1: of a price 1.5 beside a price 2.25 = 1.5 ** 2."""
SHIFTED = (3.5, 1.20, 2.15)
"""Prices of William Hill whose sides are shifted by one: 58 % of margin."""

_PROPERTIES = settings(deadline=None, max_examples=60)
_SEEDS = st.integers(0, 10**9)


def pick(backed: Backed = HOME, price: float = 2.5, key: str = "B365", match_id: int = 7) -> OpenPick:
    return OpenPick(match_id, backed, BOOK_IDS[key], price)


def closed(of: OpenPick, *quotes: Quote) -> Closing:
    """The closing of a single pick; whatever has a price has both values, and what has none a reason."""
    (found,) = close([of], quotes)
    stated = (found.price, found.source, found.bookmaker_id, found.clv, found.clv_no_vig)
    assert (found.reason is None) is all(item is not None for item in stated)
    assert (found.reason is not None) is all(item is None for item in stated)
    assert (found.clv_line_adjusted is None) is (found.method is None)
    return found


def margined(probabilities: Sequence[float]) -> tuple[float, ...]:
    """Prices from which the power method finds these probabilities."""
    return tuple(probability**-0.93 for probability in probabilities)


# When: what the close is.


@pytest.mark.parametrize(
    ("seconds", "counts"),
    [(-3601, False), (-3600, True), (-1800, True), (-1, True), (0, False), (1, False), (5400, False)],
)
def test_a_snapshot_closes_if_it_was_taken_in_the_last_hour_before_kickoff(seconds: int, counts: bool) -> None:
    assert timedelta(hours=1) == LATEST
    taken = snapshot(quote(), seconds / 60, KICKOFF)
    assert closing_quotes([taken], KICKOFFS) == [taken] * counts


def test_the_hour_before_kickoff_is_the_same_in_every_time_zone() -> None:
    there = KICKOFF.astimezone(timezone(timedelta(hours=-7)))
    taken = snapshot(quote(), -30, KICKOFF)
    assert closing_quotes([taken], {7: there}) == [taken]


def test_without_a_kickoff_only_what_the_source_calls_closing_counts() -> None:
    stated, taken = closing(quote("B365")), snapshot(quote("BW"), -30, KICKOFF)
    assert closing_quotes([taken, stated], {7: None}) == [stated]
    assert closing_quotes([taken, stated], {}) == [stated]


def test_prices_collected_before_the_match_are_no_closing_prices() -> None:
    assert closing_quotes([quote(), replace(quote("BW"), captured_at=KICKOFF - timedelta(minutes=5))], KICKOFFS) == []


@pytest.mark.parametrize("turned", [False, True])
def test_the_newest_of_the_late_snapshots_counts_with_all_its_lines(turned: bool) -> None:
    newest = [snapshot(handicap(line=line), -5, KICKOFF) for line in (-0.5, -0.25)]
    older = [snapshot(handicap(line=line), -30, KICKOFF) for line in (-0.25, 0.0)]
    after = snapshot(handicap(line=-1.0), 5, KICKOFF)
    quotes = [older[0], newest[0], after, older[1], newest[1]]
    assert set(closing_quotes(quotes[::-1] if turned else quotes, KICKOFFS)) == set(newest)


def test_a_stated_closing_price_beats_snapshots_of_its_book_and_market_and_no_others() -> None:
    stated = closing(total("B365", 2.5))
    same = snapshot(total("B365", 2.75), -5, KICKOFF)
    others = [snapshot(item, -5, KICKOFF) for item in (total("BW"), handicap("B365"), total("B365", match_id=8))]
    assert closing_quotes([same, *others, stated], KICKOFFS) == [stated, *others]


@pytest.mark.parametrize("turned", [False, True])
def test_of_several_closing_prices_of_a_book_and_market_the_newest_counts_with_all_its_lines(turned: bool) -> None:
    newest = [closing(snapshot(handicap(line=line), -5, KICKOFF)) for line in (-0.5, -0.25)]
    older = [closing(snapshot(handicap(line=line, prices=(1.5, 2.6)), -50, KICKOFF)) for line in (-0.25, 0.0)]
    untimed = closing(handicap(line=-0.25, prices=(1.6, 2.4)))
    others = [closing(handicap("BW")), closing(total("B365"))]
    quotes = [older[0], newest[0], untimed, *others, older[1], newest[1]]
    found = closing_quotes(quotes[::-1] if turned else quotes, KICKOFFS)
    assert len(found) == 4
    assert set(found) == {*newest, *others}


@pytest.mark.parametrize("minutes", [0, 10])
def test_a_price_that_is_called_closing_but_was_captured_in_play_is_none(minutes: int) -> None:
    in_play = replace(snapshot(quote(prices=(1.2, 6.5, 15.0)), minutes, KICKOFF), kind=PriceKind.CLOSING)
    taken = snapshot(quote(), -20, KICKOFF)
    assert closing_quotes([in_play], KICKOFFS) == []
    assert closing_quotes([in_play, taken], KICKOFFS) == [taken]
    early = replace(in_play, captured_at=KICKOFF - timedelta(seconds=1))
    assert closing_quotes([early, taken], KICKOFFS) == [early]


@_PROPERTIES
@given(_SEEDS)
def test_nothing_that_is_captured_from_kickoff_on_changes_the_close_of_any_pick(seed: int) -> None:
    chance = random.Random(seed)
    picks = any_picks(chance)
    quotes = [_of_any_kind(item, chance) for item in any_quotes(chance)]
    late = [snapshot(item, chance.choice([0, 1, 90]), KICKOFF) for item in any_quotes(chance)]
    late += [replace(item, kind=PriceKind.CLOSING) for item in late]
    expected = close(picks, closing_quotes(quotes, KICKOFFS))
    assert close(picks, closing_quotes([*late, *quotes, *late], KICKOFFS)) == expected


def _of_any_kind(item: Quote, chance: random.Random) -> Quote:
    return chance.choice([item, closing(item), snapshot(item, chance.choice([-90, -40, -5]), KICKOFF)])


# Whose: the same bookmaker, a sharp one, the average.


@pytest.mark.parametrize(
    ("keys", "source", "key"),
    [
        ("B365 PS Avg BbAv BW", ClosingSource.SAME_BOOKMAKER, "B365"),
        ("BW Avg PS B365", ClosingSource.SAME_BOOKMAKER, "B365"),
        ("Avg BW PS", ClosingSource.SHARP, "PS"),
        ("BW Avg Max BFE", ClosingSource.MARKET_AVERAGE, "Avg"),
        ("BbMx BbAv BW", ClosingSource.MARKET_AVERAGE, "BbAv"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_same_bookmaker_comes_first_then_a_sharp_one_then_the_average(
    keys: str, source: ClosingSource, key: str, turned: bool
) -> None:
    names = keys.split()[::-1] if turned else keys.split()
    quotes = [closing(quote(name, (2.0 + BOOK_IDS[name] / 1000, 3.4, 3.9))) for name in names]
    found = closed(pick(), *quotes)
    assert (found.source, found.bookmaker_id) == (source, BOOK_IDS[key])
    assert found.price == 2.0 + BOOK_IDS[key] / 1000
    assert (found.captured_at, found.reason, found.clv_line_adjusted) == (None, None, None)


def test_a_pick_at_the_sharp_book_or_an_exchange_is_closed_by_its_own_bookmaker() -> None:
    quotes = [closing(quote(key, (2.4, 3.4, 2.9))) for key in ("Avg", "BFE", "PS")]
    for key in ("PS", "BFE"):
        found = closed(pick(key=key), *quotes)
        assert (found.source, found.bookmaker_id) == (ClosingSource.SAME_BOOKMAKER, BOOK_IDS[key])


def test_an_implausible_quote_is_passed_over_for_the_next_best_source() -> None:
    quotes = [closing(quote("B365", SHIFTED)), closing(quote("PS", (2.4, 3.4, 2.9))), closing(quote("Avg"))]
    assert closed(pick(), *quotes).source is ClosingSource.SHARP
    quotes[1] = closing(quote("PS", (1.01, 1.01, 1.01)))
    assert closed(pick(), *quotes).source is ClosingSource.MARKET_AVERAGE


def test_the_same_bookmaker_at_another_line_gives_way_to_a_sharp_one_at_the_picks_line() -> None:
    quotes = [closing(total("B365", 2.75)), closing(total("PS", 2.5, (1.8, 2.1)))]
    found = closed(pick(OVER, 2.0), *quotes)
    assert (found.source, found.price) == (ClosingSource.SHARP, 1.8)


def test_a_snapshot_that_closes_says_when_it_was_taken() -> None:
    taken = snapshot(quote("B365", (2.4, 3.4, 2.9)), -12, KICKOFF)
    (found,) = close([pick()], closing_quotes([quote(), taken], KICKOFFS))
    assert (found.price, found.captured_at) == (2.4, KICKOFF - timedelta(minutes=12))


# Why not: each reason by its own case.


def test_a_line_that_only_others_stand_at_has_moved() -> None:
    found = closed(pick(OVER), closing(total("B365", 2.75)), closing(total("PS", 3.0)))
    assert found.reason is NoClosingReason.LINE_MOVED
    handicapped = pick(Backed(Market.ASIAN_HANDICAP, PickSide.AWAY, -0.25))
    assert closed(handicapped, closing(handicap("B365", 0.25))).reason is NoClosingReason.LINE_MOVED


def test_a_line_that_nobody_ever_quoted_has_not_moved_and_is_priced_all_the_same() -> None:
    quotes = [closing(quote("PS")), closing(total("PS", 2.5))]
    mine = pick(Backed(Market.OVER_UNDER, PickSide.OVER, 3.5))
    known, unknown = closed(mine, *quotes), closed(replace(mine, line_was_quoted=False), *quotes)
    assert (known.reason, unknown.reason) == (NoClosingReason.LINE_MOVED, NoClosingReason.LINE_NOT_QUOTED)
    assert unknown == replace(known, reason=NoClosingReason.LINE_NOT_QUOTED)
    assert unknown.clv_line_adjusted is not None
    stands = replace(pick(OVER), line_was_quoted=False)
    assert closed(stands, *quotes).reason is None


def test_a_line_that_only_other_soft_books_the_maximum_or_an_exchange_quote_lost_its_bookmaker() -> None:
    for key in ("BW", "Max", "BbMx", "BFE"):
        assert closed(pick(), closing(quote(key))).reason is NoClosingReason.BOOKMAKER_GONE
    moved_at_its_own = closed(pick(OVER), closing(total("B365", 2.75)), closing(total("BW", 2.5)))
    assert moved_at_its_own.reason is NoClosingReason.BOOKMAKER_GONE
    assert moved_at_its_own.clv_line_adjusted is None


def test_a_match_without_any_closing_price_was_not_captured() -> None:
    assert closed(pick()).reason is NoClosingReason.NOT_CAPTURED_BEFORE_KICKOFF
    beside = closing(quote("B365", match_id=8))
    assert closed(pick(), beside).reason is NoClosingReason.NOT_CAPTURED_BEFORE_KICKOFF
    (found,) = close([pick()], closing_quotes([quote(), snapshot(quote(), -61, KICKOFF)], KICKOFFS))
    assert found == Closing(reason=NoClosingReason.NOT_CAPTURED_BEFORE_KICKOFF)


@pytest.mark.parametrize(
    "backed",
    [
        OVER,
        Backed(Market.ASIAN_HANDICAP, PickSide.HOME, 0.0),
        Backed(Market.BTTS, PickSide.YES),
        Backed(Market.DOUBLE_CHANCE, PickSide.HOME_OR_DRAW),
        Backed(Market.DRAW_NO_BET, PickSide.HOME),
    ],
)
def test_a_market_that_nobody_closes_in_the_match_is_not_quoted(backed: Backed) -> None:
    found = closed(pick(backed), closing(quote("B365")), closing(quote("PS")))
    assert found == Closing(reason=NoClosingReason.MARKET_NOT_QUOTED)


@pytest.mark.parametrize("keys", [("B365",), ("PS",), ("Avg",), ("B365", "PS", "Avg"), ("B365", "BW")])
def test_where_every_quote_that_may_close_it_is_implausible_that_is_said(keys: tuple[str, ...]) -> None:
    quotes = [closing(quote(key, SHIFTED if key != "BW" else (2.4, 3.4, 2.9))) for key in keys]
    assert closed(pick(), *quotes) == Closing(reason=NoClosingReason.IMPLAUSIBLE_PRICE)


def test_a_match_that_was_not_played_has_no_close_for_that_reason() -> None:
    assert Closing(reason=NoClosingReason.MATCH_NOT_PLAYED) == NOT_PLAYED


# What it was worth: by hand, and the formulas that are wrong.


@pytest.mark.parametrize(
    ("backed", "taken", "raw", "no_vig"),
    [
        # 1.6 / 1.5 and 1.6 * 0.618034; 2.5 / 2.25 and 2.5 * 0.381966.
        (OVER, 1.6, 100 / 15, 160 * GOLDEN - 100),
        (UNDER, 2.5, 100 / 9, 250 * (1 - GOLDEN) - 100),
        (OVER, 1.5, 0.0, 150 * GOLDEN - 100),
        (UNDER, 2.0, -100 / 9, 200 * (1 - GOLDEN) - 100),
        (OVER, 1.7, 40 / 3, 170 * GOLDEN - 100),
    ],
)
def test_both_values_of_each_side_are_those_by_hand(backed: Backed, taken: float, raw: float, no_vig: float) -> None:
    found = closed(pick(backed, taken), closing(total("B365", 2.5, (1.5, 2.25))))
    assert found.price == (1.5 if backed is OVER else 2.25)
    assert found.clv == pytest.approx(raw, abs=1e-9)
    assert found.clv_no_vig == pytest.approx(no_vig, abs=1e-9)
    # Given to ten decimals, without a zero below 0.
    assert str(found.clv) == str(round(raw, 10) + 0.0)


@pytest.mark.parametrize(
    ("side", "taken", "price", "raw"),
    [(PickSide.HOME, 3.0, 2.7, 100 / 9), (PickSide.DRAW, 2.3, 2.3, 0.0), (PickSide.AWAY, 4.0, 4.4, -100 / 11)],
)
def test_the_three_sides_of_1x2_have_their_own_price_and_published_probability(
    side: PickSide, taken: float, price: float, raw: float
) -> None:
    published = dict(zip(PICK_SIDES[Market.ONE_X_TWO], (0.3591708, 0.4237291, 0.2171001), strict=True))
    found = closed(pick(Backed(Market.ONE_X_TWO, side), taken), closing(quote("B365", (2.7, 2.3, 4.4))))
    assert found.price == price
    assert found.clv == pytest.approx(raw, abs=1e-9)
    assert found.clv_no_vig == pytest.approx(100 * (taken * published[side] - 1), abs=3e-3)


CLOSE = closing(total("B365", 2.5, (1.5, 2.25)))
OTHER_LINE = closing(total("B365", 3.0, (2.1, 1.8)))
TAKEN = 1.6


def right() -> Closing:
    """What a pick of over at 1.6 is worth at a close of 1.5 and 2.25, beside another line."""
    return closed(pick(OVER, TAKEN), CLOSE, OTHER_LINE)


def test_the_closing_price_is_not_divided_by_the_price_taken() -> None:
    assert right().clv != pytest.approx(100 * (1.5 / TAKEN - 1), abs=0.1)
    assert right().clv == pytest.approx(100 * (TAKEN / 1.5 - 1), abs=1e-9)


def test_the_closing_price_is_not_that_of_the_other_side() -> None:
    assert right().price != 2.25
    assert right().clv != pytest.approx(100 * (TAKEN / 2.25 - 1), abs=0.1)


def test_the_closing_price_is_not_that_of_another_line() -> None:
    assert right().price != 2.1
    assert right().clv != pytest.approx(100 * (TAKEN / 2.1 - 1), abs=0.1)
    assert closed(pick(OVER, TAKEN), OTHER_LINE, CLOSE) == right()


def test_the_no_vig_probability_is_not_that_of_the_other_side() -> None:
    assert right().clv_no_vig != pytest.approx(100 * (TAKEN * (1 - GOLDEN) - 1), abs=0.1)
    assert right().clv_no_vig == pytest.approx(100 * (TAKEN * GOLDEN - 1), abs=1e-9)


def test_the_no_vig_probability_is_that_of_the_power_method_and_not_the_inverse_price() -> None:
    in_proportion = multiplicative(np.array([CLOSE.prices]))[0, 0]
    assert right().clv_no_vig != pytest.approx(100 * (TAKEN * in_proportion - 1), abs=0.1)
    assert right().clv_no_vig != pytest.approx(right().clv, abs=0.1)


def test_the_no_vig_probability_is_that_of_the_quote_whose_price_closes() -> None:
    sharp = closing(total("PS", 2.5, (2.0, 2.0)))
    assert closed(pick(OVER, TAKEN), sharp, CLOSE) == right()
    assert closed(pick(OVER, TAKEN, key="BW"), sharp, CLOSE).clv_no_vig == pytest.approx(-20, abs=1e-9)


def test_a_handicap_of_opposite_sign_is_another_line() -> None:
    away = pick(Backed(Market.ASIAN_HANDICAP, PickSide.AWAY, -0.5), 2.0)
    found = closed(away, closing(handicap("B365", 0.5, (1.4, 3.0))), closing(handicap("B365", -0.5, (2.1, 1.8))))
    assert found.price == 1.8
    assert found.clv == pytest.approx(100 / 9, abs=1e-9)


# The pick's own line, where it moved.

RATES, RHO = (1.62, 1.13), -0.08
SCORES = score_probabilities(np.array([RATES]), RHO)
RESULT = margined(outcome_probabilities(SCORES)[0].tolist())


def totals_at(line: float, scores: NDArray[np.float64] = SCORES) -> tuple[float, ...]:
    """Prices of a half line."""
    over = over_probabilities(scores, [line])[0, 0].item()
    return margined((over, 1 - over))


def moved(*lines: float, keys: tuple[str, str] = ("PS", "PS")) -> list[Quote]:
    """Closing prices of 1x2 and of totals, as known scores make them."""
    totals = [closing(total(keys[1], line, totals_at(line))) for line in lines]
    return [closing(quote(keys[0], RESULT)), *totals]


@pytest.mark.parametrize("line", [-2.0, -0.75, -0.5, -0.25, 0.0, 0.25, 1.25])
@pytest.mark.parametrize("side", [PickSide.HOME, PickSide.AWAY])
def test_a_handicap_whose_line_moved_is_priced_by_the_scores_that_the_close_implies(
    line: float, side: PickSide
) -> None:
    found = closed(
        pick(Backed(Market.ASIAN_HANDICAP, side, line), 2.1), *moved(2.5), closing(handicap("B365", line + 0.5))
    )
    home = handicap_probabilities(SCORES, [line])[0, 0].item()
    assert found.reason is NoClosingReason.LINE_MOVED
    fair = home if side is PickSide.HOME else 1 - home
    assert found.clv_line_adjusted == pytest.approx(100 * (2.1 * fair - 1), abs=1e-5)
    assert found.method == f"{IMPLIED_VERSION} PS+PS"


@pytest.mark.parametrize("line", [0.5, 1.5, 3.5, 4.5])
@pytest.mark.parametrize("side", [PickSide.OVER, PickSide.UNDER])
def test_a_total_whose_line_moved_is_priced_by_the_scores_that_the_close_implies(line: float, side: PickSide) -> None:
    found = closed(pick(Backed(Market.OVER_UNDER, side, line), 2.1), *moved(2.5))
    over = over_probabilities(SCORES, [line])[0, 0].item()
    fair = over if side is PickSide.OVER else 1 - over
    assert found.reason is NoClosingReason.LINE_MOVED
    assert found.clv_line_adjusted == pytest.approx(100 * (2.1 * fair - 1), abs=1e-5)


def test_a_whole_total_is_worth_what_is_won_among_what_settles() -> None:
    exactly_three = (over_probabilities(SCORES, [2.5]) - over_probabilities(SCORES, [3.5]))[0, 0].item()
    over = over_probabilities(SCORES, [3.5])[0, 0].item()
    found = closed(pick(Backed(Market.OVER_UNDER, PickSide.OVER, 3.0), 2.8), *moved(2.5))
    assert found.clv_line_adjusted == pytest.approx(100 * (2.8 * over / (1 - exactly_three) - 1), abs=1e-5)


@pytest.mark.parametrize(
    ("keys", "method"),
    [
        (("PS", "PS"), "PS+PS"),
        (("PS", "Avg"), "PS+Avg"),
        (("Avg", "PS"), "Avg+PS"),
        (("BbAv", "BbAv"), "BbAv+BbAv"),
        (("B365", "PS"), None),
        (("PS", "B365"), None),
        (("Max", "PS"), None),
        (("PS", "BFE"), None),
    ],
)
def test_the_method_names_whose_1x2_and_totals_it_rests_on(keys: tuple[str, str], method: str | None) -> None:
    found = closed(pick(Backed(Market.OVER_UNDER, PickSide.OVER, 3.5)), *moved(2.5, keys=keys))
    assert found.reason is NoClosingReason.LINE_MOVED
    assert found.method == (None if method is None else f"{IMPLIED_VERSION} {method}")


def test_sharp_prices_are_heard_before_the_average_in_either_market() -> None:
    average = [closing(quote("Avg", (2.0, 3.4, 3.8))), closing(total("Avg", 2.5, (1.7, 2.2)))]
    backed = Backed(Market.OVER_UNDER, PickSide.OVER, 3.5)
    assert closed(pick(backed), *average, *moved(2.5)) == closed(pick(backed), *moved(2.5))
    implausible = [closing(quote("PS", SHIFTED)), closing(total("PS", 2.5, (1.1, 1.1)))]
    assert closed(pick(backed), *implausible, *average).method == f"{IMPLIED_VERSION} Avg+Avg"


def test_of_several_totals_the_one_nearest_to_even_is_heard() -> None:
    """The prices of the other line come from other scores, and would say something else."""
    other = score_probabilities(np.array([(2.4, 1.9)]), 0.0)
    far = closing(total("PS", 5.5, totals_at(5.5, other)))
    backed = Backed(Market.OVER_UNDER, PickSide.UNDER, 3.5)
    expected = closed(pick(backed), *moved(2.5))
    assert closed(pick(backed), far, *moved(2.5)) == closed(pick(backed), *moved(2.5), far) == expected


def test_of_totals_equally_near_to_even_the_same_one_is_heard_in_any_order() -> None:
    result, lower, higher = (
        closing(quote("PS", RESULT)),
        closing(total("PS", 2.25, (1.8, 2.1))),
        closing(total("PS", 2.75, (2.1, 1.8))),
    )
    mine = pick(Backed(Market.OVER_UNDER, PickSide.OVER, 3.5))
    assert closed(mine, result, lower, higher) == closed(mine, result, higher, lower)


def test_without_1x2_or_without_totals_the_line_is_not_priced() -> None:
    moved_handicap = closing(handicap("B365", 0.5))
    mine = pick(Backed(Market.ASIAN_HANDICAP, PickSide.HOME, 0.0))
    result, totals = moved(2.5)
    only_reason = Closing(reason=NoClosingReason.LINE_MOVED)
    assert closed(mine, moved_handicap) == only_reason
    assert closed(mine, moved_handicap, result) == only_reason
    assert closed(mine, moved_handicap, totals) == only_reason
    assert closed(mine, moved_handicap, replace(result, prices=SHIFTED), totals) == only_reason
    assert closed(mine, moved_handicap, replace(result, match_id=8), totals) == only_reason
    assert closed(mine, moved_handicap, result, totals).clv_line_adjusted is not None


def test_prices_that_no_scores_imply_do_not_price_the_line() -> None:
    # A favourite that nearly always wins, in a match that hardly ever has a goal.
    contradictory = [closing(quote("PS", (1.05, 15.0, 40.0))), closing(total("PS", 1.5, (11.0, 1.03)))]
    mine = pick(Backed(Market.OVER_UNDER, PickSide.OVER, 2.5))
    assert closed(mine, *contradictory) == Closing(reason=NoClosingReason.LINE_MOVED)


@pytest.mark.parametrize(
    "backed",
    [
        Backed(Market.OVER_UNDER, PickSide.UNDER, 29.5),
        Backed(Market.OVER_UNDER, PickSide.OVER, 29.5),
        Backed(Market.OVER_UNDER, PickSide.UNDER, 1000.0),
        Backed(Market.ASIAN_HANDICAP, PickSide.HOME, 15.0),
        Backed(Market.ASIAN_HANDICAP, PickSide.AWAY, -14.75),
    ],
)
def test_a_line_so_far_off_that_it_is_all_but_certain_stops_no_pick(backed: Backed) -> None:
    quotes = [*moved(2.5), closing(handicap("B365", -0.5))]
    (far, near) = close([pick(backed), pick(Backed(Market.OVER_UNDER, PickSide.OVER, 3.5))], quotes)
    assert far.reason is NoClosingReason.LINE_MOVED
    assert near.clv_line_adjusted is not None


# One pick by itself.


def any_picks(chance: random.Random, match_id: int = 7) -> list[OpenPick]:
    """Picks on every side of every market that is drawn, and at lines that are not."""
    lines = {**DRAWN_LINES, Market.OVER_UNDER: (2.25, 2.5, 3.5), Market.ASIAN_HANDICAP: (-0.5, -0.25, 0.75)}
    return [
        pick(Backed(market, side, line), chance.randint(150, 400) / 100, chance.choice(["B365", "BW", "PS"]), match_id)
        for market, at in lines.items()
        for line in at
        for side in PICK_SIDES[market]
    ]


@_PROPERTIES
@given(_SEEDS)
def test_prices_and_values_are_found_pick_by_pick_as_the_rules_say(seed: int) -> None:
    chance = random.Random(seed)
    picks, quotes = any_picks(chance), [closing(item) for item in any_quotes(chance)]
    ranks = {"PS": 1, "Avg": 2}
    for mine, found in zip(picks, close(picks, quotes), strict=True):
        backed = mine.backed
        able = {
            0 if item.bookmaker_id == mine.bookmaker_id else ranks[item.bookmaker.key]: item
            for item in quotes
            if (item.market, item.line) == (backed.market, backed.line) and item.is_plausible
            if item.bookmaker_id == mine.bookmaker_id or item.bookmaker.key in ranks
        }
        if not able:
            assert found.price is None
            continue
        best = able[min(able)]
        assert (found.price, found.bookmaker_id) == (best.price(backed.side), best.bookmaker_id)
        assert found.source is list(ClosingSource)[min(able)]
        fair = powered(best.prices)[PICK_SIDES[backed.market].index(backed.side)]
        assert found.clv == pytest.approx(clv_percentage([mine.price_taken], [best.price(backed.side)])[0], abs=1e-9)
        assert found.clv_no_vig == pytest.approx(clv_no_vig_percentage([mine.price_taken], [fair])[0], abs=1e-8)


def powered(prices: Sequence[float]) -> list[float]:
    """No-vig probabilities by the power method, the exponent found by halving an interval."""
    low, high = 0.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(price**-middle for price in prices) > 1 else (low, middle)
    return [float(price**-low) for price in prices]


@_PROPERTIES
@given(_SEEDS)
def test_a_line_that_moved_is_never_priced_beside_a_closing_price(seed: int) -> None:
    chance = random.Random(seed)
    quotes = [closing(item) for item in any_quotes(chance)]
    for found in close(any_picks(chance), quotes):
        assert (found.price is None) is (found.reason is not None)
        if found.clv_line_adjusted is not None:
            assert (found.reason, found.price, found.clv) == (NoClosingReason.LINE_MOVED, None, None)
            assert found.method is not None


@_PROPERTIES
@given(_SEEDS)
def test_the_close_of_a_pick_does_not_depend_on_other_picks_or_matches_or_the_order_of_quotes(seed: int) -> None:
    chance = random.Random(seed)
    picks, quotes = any_picks(chance), [closing(item) for item in any_quotes(chance)]
    beside, of_others = any_picks(chance, 8), [closing(item) for item in any_quotes(chance, (8,))]
    mixed = [*quotes, *of_others]
    chance.shuffle(mixed)
    together = close([*beside, *picks], mixed)[len(beside) :]
    for mine, found in zip(picks, together, strict=True):
        (alone,) = close([mine], quotes)
        # Lines equally near to even, and the last digit of what scores imply, have tests of their own.
        assert replace(found, clv_line_adjusted=None, method=None) == replace(
            alone, clv_line_adjusted=None, method=None
        )


def test_the_price_of_a_line_that_moved_is_the_same_to_the_last_digit_whatever_is_closed_with_it() -> None:
    """Otherwise a pick entered later would correct picks whose close is known."""
    chance = random.Random(3)
    backed = Backed(Market.ASIAN_HANDICAP, PickSide.HOME, -0.75)
    picks, quotes = [], []
    for match_id in range(40):
        rates = np.array([(chance.uniform(0.7, 2.4), chance.uniform(0.5, 2.0))])
        scores = score_probabilities(rates, chance.uniform(-0.12, 0.05))
        prices = [round(price, 2) for price in margined(outcome_probabilities(scores)[0].tolist())]
        totals = [round(price, 2) for price in totals_at(2.5, scores)]
        quotes += [closing(quote("PS", prices, match_id=match_id))]
        quotes += [closing(total("PS", 2.5, totals, match_id=match_id))]
        quotes += [closing(handicap("PS", -1.5, match_id=match_id))]
        picks.append(pick(backed, 2.2, match_id=match_id))
    together = close(picks, quotes)
    assert all(found.clv_line_adjusted is not None for found in together)
    assert [close([mine], quotes)[0] for mine in picks] == together


def test_no_picks_and_no_quotes_have_no_closings() -> None:
    assert close([], []) == []
    assert close([], [closing(quote())]) == []
    assert closing_quotes([], {}) == []
