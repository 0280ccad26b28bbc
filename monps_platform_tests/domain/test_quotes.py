"""Single quotes: which may be a real market's, which stand at an instant, and that none of the future ever does."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.bookmakers import KNOWN, MARKET_AVERAGES, bookmaker, spelled
from monps_platform.domain.odds import HIGHEST_OVERROUND, LOWEST_OVERROUND, Market, PriceKind, is_plausible
from monps_platform.domain.picks import PICK_SIDES, PickSide
from monps_platform.domain.quotes import MAX_UNTIMED_AGE, Quote, boards, fresh, standing

NOW = datetime(2024, 3, 2, 12, tzinfo=UTC)
"""A Saturday noon, three hours before the matches of the tests."""
BOOK_IDS = {key: number for number, key in enumerate(KNOWN, 101)}
EVEN_1X2 = (2.6, 3.3, 2.9)
EVEN_PAIR = (1.95, 1.95)
DRAWN_KEYS = ("1XB", "B365", "BW", "IW", "WH", "PS", "Max", "Avg", "BFE")
DRAWN_LINES: Mapping[Market, tuple[float | None, ...]] = {
    Market.ONE_X_TWO: (None,),
    Market.OVER_UNDER: (2.25, 2.5),
    Market.ASIAN_HANDICAP: (-0.5, -0.25),
}
_MIDDLE = {Market.ONE_X_TWO: (230, 330), Market.OVER_UNDER: (160, 210), Market.ASIAN_HANDICAP: (160, 210)}

_PROPERTIES = settings(deadline=None, max_examples=100)


def quote(
    key: str = "B365",
    prices: Sequence[float] = EVEN_1X2,
    *,
    match_id: int = 7,
    kind: PriceKind = PriceKind.PRE_MATCH,
    at: datetime | None = None,
) -> Quote:
    """A quote of 1x2 by a known bookmaker."""
    return Quote(match_id, Market.ONE_X_TWO, None, BOOK_IDS[key], bookmaker(key), kind, at, tuple(prices))


def total(key: str = "B365", line: float = 2.5, prices: Sequence[float] = EVEN_PAIR, *, match_id: int = 7) -> Quote:
    """A quote of over and under at a line, before the match."""
    return replace(quote(key, prices, match_id=match_id), market=Market.OVER_UNDER, line=line)


def handicap(
    key: str = "B365", line: float = -0.25, prices: Sequence[float] = EVEN_PAIR, *, match_id: int = 7
) -> Quote:
    """A quote of an Asian handicap of the home side, before the match."""
    return replace(quote(key, prices, match_id=match_id), market=Market.ASIAN_HANDICAP, line=line)


def closing(of: Quote) -> Quote:
    """The same quote, stated as the closing one."""
    return replace(of, kind=PriceKind.CLOSING)


def snapshot(of: Quote, minutes: float, since: datetime = NOW) -> Quote:
    """The same quote, captured so many minutes after an instant."""
    return replace(of, kind=PriceKind.SNAPSHOT, captured_at=since + timedelta(minutes=minutes))


def any_quotes(chance: random.Random, match_ids: Sequence[int] = (7,)) -> list[Quote]:
    """Quotes of some books that agree but for a few prices, at several lines; some of them are not plausible."""
    found = []
    for match_id, (market, lines) in product(match_ids, DRAWN_LINES.items()):
        for line in lines:
            middle = [chance.randint(*_MIDDLE[market]) for _ in PICK_SIDES[market]]
            for key in chance.sample(DRAWN_KEYS, chance.randint(0, len(DRAWN_KEYS))):
                prices = tuple((price + chance.choice([0, 0, 3, -5, 30])) / 100 for price in middle)
                found.append(replace(quote(key, prices, match_id=match_id), market=market, line=line))
    return found


@pytest.mark.parametrize(
    ("prices", "plausible"),
    [
        ((2 / 1.4001, 2 / 1.4001), False),
        ((2 / 1.3999, 2 / 1.3999), True),
        ((2.0, 2.0), True),
        ((2 / 0.9501, 2 / 0.9501), True),
        ((2 / 0.9499, 2 / 0.9499), False),
        ((2.7, 2.3, 4.4), True),
        # William Hill, as football-data.co.uk has it: the sides are shifted by one.
        ((3.5, 1.20, 2.15), False),
        ((1.01, 1.01), False),
        ((50.0, 50.0, 50.0), False),
    ],
)
def test_prices_are_plausible_whose_margin_a_real_market_may_have(prices: tuple[float, ...], plausible: bool) -> None:
    assert is_plausible(prices) is plausible
    assert quote(prices=prices).is_plausible is plausible


@_PROPERTIES
@given(st.lists(st.floats(1.01, 50), min_size=2, max_size=3))
def test_what_is_plausible_depends_on_the_sum_of_the_inverse_prices_alone(prices: list[float]) -> None:
    overround = sum(1 / price for price in prices) - 1
    assert is_plausible(prices) is (LOWEST_OVERROUND <= overround <= HIGHEST_OVERROUND)


@pytest.mark.parametrize("market", [Market.ONE_X_TWO, Market.OVER_UNDER, Market.ASIAN_HANDICAP])
def test_the_price_of_a_side_is_the_one_at_its_place(market: Market) -> None:
    sides = PICK_SIDES[market]
    held = replace(quote(prices=[2.0 + at for at in range(len(sides))]), market=market, line=2.5)
    assert [held.price(side) for side in sides] == [2.0, 3.0, 4.0][: len(sides)]


def test_a_side_that_the_market_does_not_have_has_no_price() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        total().price(PickSide.DRAW)


def test_only_books_that_pay_what_they_quote_are_real() -> None:
    assert {key for key, book in KNOWN.items() if not book.is_real} == {
        *("Max", "Avg", "BbMx", "BbAv"),
        *("BFE", "betfair_ex_eu", "matchbook", "smarkets"),
    }
    assert bookmaker("NewBook").is_real
    assert {key for key in KNOWN if key in MARKET_AVERAGES} == {"Avg", "BbAv"}
    assert all(KNOWN[key].is_aggregate for key in MARKET_AVERAGES)


@pytest.mark.parametrize(
    ("text", "letters"),
    [("William Hill", "williamhill"), ("  1xBet ", "1xbet"), ("B-365", "b365"), ("VC\tBet", "vcbet"), ("- ", "")],
)
def test_bookmakers_are_compared_by_their_letters_and_digits(text: str, letters: str) -> None:
    assert spelled(text) == letters


def test_no_two_bookmakers_have_the_same_letters() -> None:
    names = [name for book in KNOWN.values() for name in {spelled(book.key), spelled(book.name)}]
    assert len(names) == len(set(names))


def test_a_board_has_the_quotes_of_one_match_market_and_line() -> None:
    quotes = [
        quote("B365"),
        total("B365", 2.5),
        quote("B365", match_id=8),
        total("BW", 2.75),
        quote("BW"),
        handicap("BW", 2.5),
        total("BW", 2.5),
    ]
    found = boards(quotes)
    assert [(board.match_id, board.market, board.line) for board in found] == [
        (7, Market.ONE_X_TWO, None),
        (7, Market.OVER_UNDER, 2.5),
        (8, Market.ONE_X_TWO, None),
        (7, Market.OVER_UNDER, 2.75),
        (7, Market.ASIAN_HANDICAP, 2.5),
    ]
    assert [board.quotes for board in found[:2]] == [(quotes[0], quotes[4]), (quotes[1], quotes[6])]
    assert boards([]) == []


def test_handicaps_of_opposite_sign_are_different_boards_and_two_kinds_of_zero_are_one() -> None:
    assert len(boards([handicap("B365", -0.25), handicap("BW", 0.25)])) == 2
    assert len(boards([handicap("B365", 0.0), handicap("BW", -0.0)])) == 1


@pytest.mark.parametrize("in_order", [True, False])
def test_the_newest_snapshot_stands_and_not_the_price_before_the_match(in_order: bool) -> None:
    newest = snapshot(quote(prices=(2.5, 3.3, 3.0)), -10)
    quotes = [quote(), snapshot(quote(prices=(2.7, 3.3, 2.8)), -90), newest]
    assert standing(quotes if in_order else reversed(quotes), NOW) == [newest]


def test_a_price_before_the_match_stands_where_there_is_no_snapshot_of_its_book() -> None:
    before, other = quote("B365"), snapshot(quote("BW"), -10)
    assert standing([before, quote("BW"), other], NOW) == [before, other]


def test_a_snapshot_of_this_very_instant_stands_and_one_a_second_later_does_not() -> None:
    before, now, later = quote(), snapshot(quote(), 0), snapshot(quote(), 1 / 60)
    assert standing([before, now, later], NOW) == [now]
    assert standing([before, later], NOW) == [before]
    assert standing([later], NOW) == []


def test_closing_prices_never_stand_even_if_they_were_captured_before() -> None:
    late = replace(snapshot(quote(), -5), kind=PriceKind.CLOSING)
    assert standing([closing(quote()), late], NOW) == []
    assert standing([quote(), late], NOW) == [quote()]


def test_all_lines_of_one_capture_stand_and_none_of_an_earlier_one() -> None:
    lines = [snapshot(handicap(line=line), -10) for line in (-0.5, -0.25, 0.0)]
    older = [snapshot(handicap(line=line), -70) for line in (-0.75, -0.5)]
    assert standing([older[0], lines[0], older[1], *lines[1:], handicap(line=0.25)], NOW) == lines


def test_all_lines_collected_before_the_match_stand() -> None:
    lines = [handicap(line=line) for line in (-0.5, -0.25)]
    assert standing(lines, NOW) == lines


def test_a_capture_is_the_same_instant_in_every_time_zone() -> None:
    here = snapshot(total(line=2.5), -10)
    there = snapshot(total(line=2.75), -10, NOW.astimezone(timezone(timedelta(hours=9))))
    assert standing([here, there], NOW) == [here, there]


def test_what_stands_is_told_by_match_book_and_market_each_by_itself() -> None:
    quotes = [
        snapshot(quote("B365"), -10),
        snapshot(quote("BW"), -200),
        snapshot(quote("B365", match_id=8), -300),
        snapshot(total("B365"), -400),
        handicap("B365"),
    ]
    assert standing(quotes, NOW) == quotes


@pytest.mark.parametrize(
    ("hours", "is_fresh"), [(0.0, True), (23.9, True), (24.0, True), (24.001, False), (24 * 30, False), (None, False)]
)
def test_a_price_without_a_time_may_be_bet_at_for_a_day_after_its_file_came(
    hours: float | None, is_fresh: bool
) -> None:
    fetched = None if hours is None else NOW - timedelta(hours=hours)
    untimed, timed = quote("B365"), snapshot(quote("BW"), -60 * 24 * 40)
    assert fresh([untimed, timed], NOW, fetched) == [*([untimed] if is_fresh else []), timed]
    assert timedelta(hours=24) == MAX_UNTIMED_AGE


_MINUTES = st.none() | st.integers(-5, 5)
_LINES = st.sampled_from([-0.5, -0.25, 0.0])


@st.composite
def _any_quotes(draw: st.DrawFn) -> list[Quote]:
    """Handicaps of two matches by two books, of all kinds, before and after now; as the table of odds may hold them."""
    found: dict[object, Quote] = {}
    for _ in range(draw(st.integers(0, 14))):
        minutes, line = draw(_MINUTES), draw(_LINES)
        key, match_id = draw(st.sampled_from(["B365", "BW"])), draw(st.sampled_from([7, 8]))
        price = draw(st.integers(180, 210)) / 100
        held = handicap(key, line, (price, 3.9 - price), match_id=match_id)
        if minutes is None:
            held = replace(held, kind=draw(st.sampled_from([PriceKind.PRE_MATCH, PriceKind.CLOSING])))
        else:
            held = snapshot(held, minutes)
        found[match_id, key, line, held.kind, minutes] = held
    return list(found.values())


def looked_up(quotes: Sequence[Quote], now: datetime) -> list[Quote]:
    """What stands, found once more quote by quote."""

    def rivals(of: Quote) -> list[datetime]:
        same = [item for item in quotes if (item.match_id, item.bookmaker_id) == (of.match_id, of.bookmaker_id)]
        return [item.captured_at for item in same if item.captured_at is not None and item.captured_at <= now]

    return [
        item
        for item in quotes
        if (item.kind is PriceKind.PRE_MATCH and not rivals(item))
        or (
            item.kind is PriceKind.SNAPSHOT
            and item.captured_at in rivals(item)
            and item.captured_at == max(rivals(item))
        )
    ]


@_PROPERTIES
@given(_any_quotes(), st.randoms(use_true_random=False))
def test_what_stands_is_found_by_looking_at_every_quote_in_any_order(
    quotes: list[Quote], chance: random.Random
) -> None:
    expected = set(looked_up(quotes, NOW))
    assert set(standing(quotes, NOW)) == expected
    mixed = standing(chance.sample(quotes, len(quotes)), NOW)
    assert len(mixed) == len(expected)
    assert set(mixed) == expected


@_PROPERTIES
@given(_any_quotes(), _any_quotes())
def test_nothing_that_is_captured_later_or_at_the_close_changes_what_stands(
    quotes: list[Quote], others: list[Quote]
) -> None:
    expected = standing(quotes, NOW)
    future = [snapshot(item, 1) for item in others] + [closing(item) for item in others]
    assert standing([*future, *quotes], NOW) == expected
    seen = [item for item in quotes if item.captured_at is None or item.captured_at <= NOW]
    assert standing([item for item in seen if item.kind is not PriceKind.CLOSING], NOW) == expected
