"""Closing picks: the close of the same market, line and side, the reason where there is none, and every correction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from scipy.optimize import brentq

from monps_platform.db.bulk.merge import Changes
from monps_platform.domain.closing import Closing
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.picks import ClosingSource, NoClosingReason, PickSide, PickStep
from monps_platform.orchestration.outcomes import Status
from monps_platform_tests.orchestration.picks.ledgers import (
    CLOSE,
    DAY,
    HOUR,
    NOW,
    OVER,
    PINNACLE_CLOSE,
    SP1,
    Book,
    Change,
    open_book,
)

CLOSING = PickStep.CLOSE
TO_COME = 4
KICKOFF = datetime(2019, 8, 10, 14, tzinfo=UTC)
"""Of the first match."""
FIGURES = """closing_price, closing_source::text, no_closing_reason::text, clv_percentage, clv_no_vig_percentage,
    closing_captured_at"""
ADJUSTED = "no_closing_reason::text, closing_price, clv_line_adjusted_percentage, clv_line_adjusted_method"
AVERAGE = ("2.10", "3.35", "3.70")


def fair(prices: Sequence[str], at: int) -> float:
    """The probability of a side by the power method: that power of the inverse prices whose sum is 1."""
    inverse = [1 / float(price) for price in prices]
    power: float = brentq(lambda k: sum(value**k for value in inverse) - 1, 0.5, 5, xtol=1e-15)
    return float(inverse[at] ** power)


def state(book: Book, pick_id: int) -> tuple[Any, ...]:
    """The close of a pick as it is now."""
    (row,) = book.picks(FIGURES, f"id = {pick_id}")
    return row


def closed(book: Book, pick_id: int, now: datetime = NOW) -> tuple[Any, ...]:
    """The close of a pick after the step."""
    assert book.work(CLOSING, now=now).status is not Status.FAILED
    return state(book, pick_id)


def quote_close(book: Book, key: str, *prices: str, match: int = 0, **options: Any) -> None:
    """Enter a closing quote."""
    book.quote(match, key, *prices, kind=PriceKind.CLOSING, **options)


# Which price it is


def test_the_close_of_a_picks_own_bookmaker_comes_first_with_clv_raw_and_without_the_margin(book: Book) -> None:
    price, source, reason, clv, no_vig, captured = closed(book, book.own(0, price_taken=Decimal("2.5")))
    assert (price, source, reason, captured) == (Decimal("2.20"), "same_bookmaker", None, None)
    assert float(clv) == pytest.approx((2.5 / 2.2 - 1) * 100, abs=1e-9)
    assert float(no_vig) == pytest.approx((2.5 * fair(CLOSE, 0) - 1) * 100, abs=1e-8)


@pytest.mark.parametrize(("side", "at"), [(PickSide.HOME, 0), (PickSide.DRAW, 1), (PickSide.AWAY, 2)])
def test_the_close_is_that_of_the_picks_own_side(book: Book, side: PickSide, at: int) -> None:
    price, _, _, clv, no_vig, _ = closed(book, book.own(0, side=side))
    assert price == Decimal(CLOSE[at])
    assert float(clv) == pytest.approx((2.1 / float(CLOSE[at]) - 1) * 100, abs=1e-9)
    assert float(no_vig) == pytest.approx((2.1 * fair(CLOSE, at) - 1) * 100, abs=1e-8)


def test_a_bookmaker_without_a_close_is_compared_with_a_sharp_one_else_with_the_average(book: Book) -> None:
    quote_close(book, "Avg", *AVERAGE)
    own = book.own(0, book="WH")
    assert closed(book, own)[:3] == (Decimal(PINNACLE_CLOSE[0]), "sharp", None)
    book.do(f"DELETE FROM odds WHERE price_kind = 'closing' AND home_price = {PINNACLE_CLOSE[0]}")
    price, source, _, clv, no_vig, _ = closed(book, own)
    assert (price, source) == (Decimal("2.10"), "market_average")
    assert float(clv) == pytest.approx(0, abs=1e-9)
    assert float(no_vig) == pytest.approx((2.1 * fair(AVERAGE, 0) - 1) * 100, abs=1e-8)


def test_nobody_else_is_compared_with_and_the_reason_is_kept(book: Book) -> None:
    """Neither another soft book nor the highest price of the market."""
    book.do("DELETE FROM odds WHERE price_kind = 'closing'")
    quote_close(book, "BW", *CLOSE)
    quote_close(book, "Max", *CLOSE)
    assert closed(book, book.own(0, book="WH"))[:4] == (None, None, "bookmaker_gone", None)


def test_prices_that_no_market_has_are_passed_over(book: Book) -> None:
    own = book.own(0)
    book.change_price(0, "B365", "1.01", kind="closing")
    assert closed(book, own)[:2] == (Decimal(PINNACLE_CLOSE[0]), "sharp")
    book.change_price(0, "PS", "1.01", kind="closing")
    assert closed(book, own)[:3] == (None, None, "implausible_price")


def test_a_market_that_nobody_closes_and_a_match_that_nobody_closes_are_told_apart(book: Book) -> None:
    both = book.own(0, market=Market.BTTS, side=PickSide.YES)
    total = book.own(0, market=Market.OVER_UNDER, side=PickSide.OVER, line=Decimal("2.5"))
    assert closed(book, both)[2] == closed(book, total)[2] == "market_not_quoted"
    book.do("DELETE FROM odds WHERE price_kind = 'closing'")
    assert closed(book, both)[2] == closed(book, total)[2] == "not_captured_before_kickoff"


@pytest.mark.parametrize(
    ("market", "side", "line", "prices", "at"),
    [
        (Market.OVER_UNDER, PickSide.UNDER, "2.5", ("1.80", "2.05"), 1),
        (Market.OVER_UNDER, PickSide.OVER, "3", ("2.40", "1.60"), 0),
        (Market.ASIAN_HANDICAP, PickSide.AWAY, "-0.75", ("1.90", "1.98"), 1),
        (Market.ASIAN_HANDICAP, PickSide.HOME, "0.25", ("1.70", "2.20"), 0),
    ],
)
def test_totals_and_handicaps_are_closed_at_their_own_line(
    book: Book, market: Market, side: PickSide, line: str, prices: tuple[str, str], at: int
) -> None:
    quote_close(book, "B365", *prices, market=market, line=line)
    quote_close(book, "B365", "1.50", "2.60", market=market, line=str(Decimal(line) + 1))
    quote_close(book, "B365", "2.60", "1.50", market=market, line=str(-Decimal(line)))
    own = book.own(0, market=market, side=side, line=Decimal(line), price_taken=Decimal("2.02"))
    price, source, _, clv, no_vig, _ = closed(book, own)
    assert (price, source) == (Decimal(prices[at]), "same_bookmaker")
    assert float(clv) == pytest.approx((2.02 / float(prices[at]) - 1) * 100, abs=1e-9)
    assert float(no_vig) == pytest.approx((2.02 * fair(prices, at) - 1) * 100, abs=1e-8)


# A line that moved


def moved(book: Book, market: Market, side: PickSide, line: str) -> tuple[Any, ...]:
    """What a pick has whose market closed at another line."""
    agent = f"tipster {len(book.picks('id'))}"
    book.quote(0, "WH", "1.90", "1.90", market=market, line=line)
    own = book.own(0, agent=agent, market=market, side=side, line=Decimal(line))
    closed(book, own)
    (row,) = book.picks(ADJUSTED, f"id = {own}")
    return row


def test_a_pick_whose_line_moved_has_no_closing_price_and_is_priced_by_the_closing_scores(book: Book) -> None:
    quote_close(book, "PS", "1.90", "2.00", market=Market.OVER_UNDER, line="2.5")
    found = {line: moved(book, Market.OVER_UNDER, PickSide.OVER, line) for line in ("2.25", "2.75", "3")}
    for reason, price, adjusted, method in found.values():
        assert (reason, price) == ("line_moved", None)
        assert adjusted is not None
        assert method.endswith(" PS+PS")
    values = [float(found[line][2]) for line in ("2.25", "2.75", "3")]
    assert values == sorted(values, reverse=True), "the more goals are needed, the less over is worth"
    assert float(closed(book, book.own(0, market=Market.OVER_UNDER, side=PickSide.OVER, line=Decimal("2.5")))[4]) == (
        pytest.approx((2.1 * fair(("1.90", "2.00"), 0) - 1) * 100, abs=1e-8)
    )
    assert values[0] > (2.1 * fair(("1.90", "2.00"), 0) - 1) * 100 > values[1]


EARLIER: dict[str, tuple[int, PriceKind, str, datetime | None, str]] = {
    "before the match": (0, PriceKind.PRE_MATCH, "3", None, "line_moved"),
    "at another line": (0, PriceKind.PRE_MATCH, "3.25", None, "line_not_quoted"),
    "before another match": (1, PriceKind.PRE_MATCH, "3", None, "line_not_quoted"),
    "the day before": (0, PriceKind.SNAPSHOT, "3", KICKOFF - DAY, "line_moved"),
    "in play": (0, PriceKind.SNAPSHOT, "3", KICKOFF + HOUR, "line_not_quoted"),
}


@pytest.mark.parametrize(("match", "kind", "line", "at", "reason"), EARLIER.values(), ids=EARLIER)
def test_a_line_has_moved_if_anybody_quoted_it_before_the_match(
    book: Book, match: int, kind: PriceKind, line: str, at: datetime | None, reason: str
) -> None:
    quote_close(book, "PS", "1.90", "2.00", market=Market.OVER_UNDER, line="2.5")
    book.quote(match, "WH", "1.90", "1.90", kind=kind, at=at, market=Market.OVER_UNDER, line=line)
    own = book.own(0, market=Market.OVER_UNDER, side=PickSide.OVER, line=Decimal(3))
    closed(book, own)
    ((found, price, adjusted, _),) = book.picks(ADJUSTED, f"id = {own}")
    assert (found, price) == (reason, None)
    assert adjusted is not None


def test_a_handicap_that_moved_is_priced_as_well_and_one_without_closing_totals_is_not(book: Book) -> None:
    quote_close(book, "B365", "1.95", "1.95", market=Market.ASIAN_HANDICAP, line="-0.5")
    bare = moved(book, Market.ASIAN_HANDICAP, PickSide.HOME, "-0.25")
    assert bare == ("line_moved", None, None, None)
    quote_close(book, "Avg", "1.90", "1.95", market=Market.OVER_UNDER, line="2.5")
    quarter, half = (moved(book, Market.ASIAN_HANDICAP, PickSide.HOME, line) for line in ("-0.25", "0"))
    assert half[2] > quarter[2]
    assert quarter[3].endswith(" PS+Avg")
    assert book.value("SELECT count(*) FROM tracking_clv_picks WHERE clv_no_vig_percentage IS NOT NULL") == 0


# When it stood


def test_a_snapshot_of_the_last_hour_before_kickoff_is_a_close_where_the_source_names_none(book: Book) -> None:
    book.do("DELETE FROM odds WHERE price_kind = 'closing'")
    for minutes, price in ((-61, "2.90"), (-60, "2.40"), (-2, "2.30"), (0, "2.20"), (30, "1.10")):
        book.quote(0, "B365", price, *CLOSE[1:], at=KICKOFF + timedelta(minutes=minutes))
    price, source, _, _, no_vig, captured = closed(book, book.own(0))
    assert (price, source, captured) == (Decimal("2.30"), "same_bookmaker", KICKOFF - timedelta(minutes=2))
    assert float(no_vig) == pytest.approx((2.1 * fair(("2.30", *CLOSE[1:]), 0) - 1) * 100, abs=1e-8)


@pytest.mark.parametrize("minutes", [-61, 0, 5])
def test_a_snapshot_of_another_time_is_no_close(book: Book, minutes: int) -> None:
    book.do("DELETE FROM odds WHERE price_kind = 'closing'")
    book.quote(0, "B365", *CLOSE, at=KICKOFF + timedelta(minutes=minutes))
    assert closed(book, book.own(0))[:3] == (None, None, "not_captured_before_kickoff")


def test_a_snapshot_of_a_match_whose_kickoff_nobody_knows_is_no_close(book: Book) -> None:
    book.do("DELETE FROM odds WHERE price_kind = 'closing'")
    book.quote(0, "B365", *CLOSE, at=KICKOFF - timedelta(minutes=2))
    own = book.own(0)
    assert closed(book, own)[1] == "same_bookmaker"
    book.do("UPDATE matches SET kickoff_at = NULL")
    assert closed(book, own)[2] == "not_captured_before_kickoff"


def test_what_the_source_calls_the_close_comes_before_a_snapshot_and_not_if_the_match_had_begun(book: Book) -> None:
    book.quote(0, "B365", "2.30", *CLOSE[1:], at=KICKOFF - timedelta(minutes=2))
    own = book.own(0)
    assert closed(book, own)[0] == Decimal("2.20")
    book.do("UPDATE odds SET captured_at = :at WHERE price_kind = 'closing'", at=KICKOFF)
    assert closed(book, own)[0] == Decimal("2.30")


def test_a_match_to_come_is_not_closed_and_one_that_was_never_played_says_so_when_the_season_is_over(
    book: Book,
) -> None:
    quote_close(book, "B365", *CLOSE, match=TO_COME)
    own = book.own(TO_COME)
    nothing = (None,) * 6
    assert closed(book, own) == closed(book, own, NOW + 30 * DAY) == nothing
    assert closed(book, own, datetime(2020, 8, 31, 23, 59, tzinfo=UTC)) == nothing
    assert closed(book, own, OVER)[:3] == (None, None, "match_not_played")
    assert book.corrections() == []


# Corrections


def test_a_first_close_is_no_correction_and_another_one_is_kept_as_the_platforms(book: Book) -> None:
    own = book.own(0)
    closed(book, own)
    assert book.corrections() == []
    book.change_price(0, "B365", "2.00", kind="closing")
    assert closed(book, own)[0] == Decimal("2.00")
    kept = "SELECT corrected_by, reason, was ->> 'closing_price', is_now ->> 'closing_price' FROM ops.pick_corrections"
    assert book.rows(kept) == [("monps", "the sources' closing prices are others now", "2.2", "2.0")]


def _price_gone(book: Book) -> None:
    book.do("DELETE FROM odds WHERE price_kind = 'closing'")


def _price_come(book: Book) -> None:
    quote_close(book, "WH", *AVERAGE)


def _sides_price(book: Book) -> None:
    book.change_price(0, "PS", "3.10", kind="closing", side="draw")


CORRECTED: dict[str, tuple[Change, str, str]] = {
    "a price that is gone": (_price_gone, "closing_price", "no_closing_reason"),
    "a better source that has come": (_price_come, "closing_price", "closing_price"),
    "another side's price": (_sides_price, "clv_no_vig_percentage", "clv_no_vig_percentage"),
}


@pytest.mark.parametrize(("change", "was", "is_now"), CORRECTED.values(), ids=CORRECTED)
def test_every_other_close_is_a_correction(book: Book, change: Change, was: str, is_now: str) -> None:
    own = book.own(0, book="WH")
    before = closed(book, own)
    change(book)
    assert closed(book, own) != before
    ((old, new),) = book.rows("SELECT was, is_now FROM ops.pick_corrections")
    assert old[was] is not None
    assert new[is_now] is not None
    assert old != new


def test_a_match_that_lost_its_score_has_no_close_any_more_until_it_is_played(book: Book) -> None:
    own = book.own(0)
    before = closed(book, own)
    book.score(0, None)
    assert closed(book, own) == (None,) * 6
    assert book.rows("SELECT is_now FROM ops.pick_corrections") == [({},)]
    book.score(0, (1, 0))
    assert closed(book, own) == before
    assert len(book.corrections()) == 1


def test_a_match_that_was_played_after_all_is_closed_after_all(book: Book) -> None:
    own = book.own(TO_COME)
    closed(book, own, OVER)
    book.score(TO_COME, (1, 1))
    quote_close(book, "B365", *CLOSE, match=TO_COME)
    assert closed(book, own, OVER + DAY)[:2] == (Decimal("2.20"), "same_bookmaker")
    assert [row[1:3] for row in book.corrections()] == [("closing", "monps")]


def by_hand(book: Book) -> Closing:
    """A close that a person saw at Bet365."""
    return Closing(1.75, ClosingSource.STATED, book.value("SELECT id FROM bookmakers WHERE key = 'B365'"), clv=20.0)


def test_what_a_person_corrected_stays_and_the_others_follow_the_sources(book: Book) -> None:
    mine, other = book.own(0), book.own(0, agent="you")
    closed(book, mine)
    book.close_by_hand(by_hand(book), mine)
    before = state(book, mine)
    book.change_price(0, "B365", "2.00", kind="closing")
    assert closed(book, mine) == before
    assert state(book, other)[0] == Decimal("2.00")
    book.score(0, None)
    assert closed(book, mine) == before
    assert state(book, other)[0] is None
    assert [row[:3] for row in book.corrections() if row[0] == "me"] == [("me", "closing", "Ada")]


def test_a_person_who_says_that_there_was_no_close_is_believed(book: Book) -> None:
    own = book.own(0)
    closed(book, own)
    book.close_by_hand(Closing(reason=NoClosingReason.BOOKMAKER_GONE), own)
    book.change_price(0, "B365", "2.00", kind="closing")
    assert closed(book, own)[:3] == (None, None, "bookmaker_gone")


def test_a_close_by_hand_before_the_match_is_closed_stays_too(book: Book) -> None:
    own = book.own(0)
    book.close_by_hand(by_hand(book), own)
    assert closed(book, own)[:2] == (Decimal("1.75"), "stated")


def test_a_correction_of_the_settlement_leaves_the_close_to_the_sources(book: Book) -> None:
    own = book.own(0)
    book.work()
    book.settle_by_hand(None, own)
    book.change_price(0, "B365", "2.00", kind="closing")
    assert closed(book, own)[0] == Decimal("2.00")
    assert book.picks("result", f"id = {own}") == [(None,)]


# How much is done


def test_the_same_closing_prices_again_touch_no_row(book: Book) -> None:
    book.work()
    before = book.traces()
    book.do("UPDATE odds SET home_price = home_price WHERE price_kind = 'closing'")
    assert book.work(CLOSING).changes == Changes()
    assert book.traces() == before


def test_a_price_of_one_match_corrects_no_pick_of_another(book: Book) -> None:
    own = [book.own(at) for at in range(3)]
    book.work()
    before = book.traces()
    quote_close(book, "B365", "2.20", "3.30", "3.50", match=1)
    book.change_price(1, "B365", "2.05", kind="closing")
    book.work(CLOSING)
    after = book.traces()
    changed = {row_id for row_id in before if after[row_id] != before[row_id]}
    assert changed == {row[0] for row in book.picks("id", f"match_id = {book.ids[1]}")}
    assert own[1] in changed


def test_a_season_without_picks_has_nothing_to_close(book: Book) -> None:
    assert book.work(CLOSING).changes == Changes()


def test_prices_of_another_season_close_nothing_here(book: Book) -> None:
    other = open_book(book.engine, SP1)
    book.do("DELETE FROM odds WHERE match_id = :id AND price_kind = 'closing'", id=book.ids[0])
    assert closed(book, book.own(0))[2] == "not_captured_before_kickoff"
    assert other.work(CLOSING).changes == Changes()
