"""From price columns to quotes: the rule of which quotes exist, against an independent reading of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monps_platform.domain.odds import Market
from monps_platform.domain.rejections import Dataset, Reason
from monps_platform_tests.sources.football_data.reading import (
    RESULTS,
    Odds,
    decimals,
    odds_of,
    parse,
    parse_prices,
    reasons_of,
)

_ONE_X_TWO = "BWH,BWD,BWA"
_HANDICAP = "AHh,BWAHH,BWAHA"


@pytest.mark.parametrize("closing", [False, True])
@pytest.mark.parametrize(
    ("names", "cells", "expected"),
    [
        ("BW{}H,BW{}D,BW{}A", "2.5,3.1,2.875", ("BW", Market.ONE_X_TWO, None, "2.5 3.1 2.875")),
        ("P{}>2.5,P{}<2.5", "1.9,2", ("PS", Market.OVER_UNDER, "2.5", "1.9 2")),
        ("B365{}>3.5,B365{}<3.5", "3.9,1.25", ("B365", Market.OVER_UNDER, "3.5", "3.9 1.25")),
        ("AH{}h,Max{}AHH,Max{}AHA", "-0.75,1.93,1.97", ("Max", Market.ASIAN_HANDICAP, "-0.75", "1.93 1.97")),
    ],
)
def test_a_complete_quote_becomes_a_row_with_its_line_and_kind(
    names: str, cells: str, expected: tuple[str, Market, str | None, str], closing: bool
) -> None:
    parsed = parse_prices(names.replace("{}", "C" if closing else ""), cells)
    bookmaker, market, line, prices = expected
    exact_line = None if line is None else Decimal(line)
    assert odds_of(parsed) == [Odds("T0", bookmaker, market, closing, exact_line, decimals(prices))]
    assert not parsed.rejections


@pytest.mark.parametrize("names", ["BWH,BWD,BWA", "BW>2.5,BW<2.5,BWC>2.5", _HANDICAP])
def test_a_quote_with_every_side_blank_is_no_row_and_no_rejection(names: str) -> None:
    parsed = parse_prices(names, ",,", " , , ", "0,," if names == _HANDICAP else ",,")
    assert (parsed.quotes_read, list(parsed.quotes), list(parsed.rejections)) == (0, [], [])


@pytest.mark.parametrize(
    ("names", "cells", "reason"),
    [
        (_ONE_X_TWO, "2.5,,2.8", Reason.INCOMPLETE_PRICES),
        (_ONE_X_TWO, ",,2.8", Reason.INCOMPLETE_PRICES),
        (_ONE_X_TWO, "2.5,1,2.8", Reason.PRICE_NOT_ABOVE_ONE),
        (_ONE_X_TWO, "2.5,1.00,2.8", Reason.PRICE_NOT_ABOVE_ONE),
        (_ONE_X_TWO, "0,0,0", Reason.PRICE_NOT_ABOVE_ONE),
        (_ONE_X_TWO, "2.5,-3.1,2.8", Reason.PRICE_NOT_ABOVE_ONE),
        (_ONE_X_TWO, "0.42,3,2.8", Reason.PRICE_NOT_ABOVE_ONE),
        (_ONE_X_TWO, "2.5,x,2.8", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,x,", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,3.1,#REF!", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,3.1,nan", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,3.1,inf", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,3.1,1e1", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,3.1,0x10", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,3.1,1_0", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, '2.5,3.1,"2,8"', Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,3.1,-", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,3.1,.", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,3.1,2.8.1", Reason.NOT_A_NUMBER),
        (_ONE_X_TWO, "2.5,3.1,10000", Reason.PRICE_OUT_OF_RANGE),
        (_ONE_X_TWO, "2.5,3.1,1.00001", Reason.PRICE_TOO_PRECISE),
        (_ONE_X_TWO, "2.5,3.1,2.123456789", Reason.PRICE_TOO_PRECISE),
        (_HANDICAP, ",1.9,1.9", Reason.MISSING_LINE),
        (_HANDICAP, ",1.9,", Reason.INCOMPLETE_PRICES),
        (_HANDICAP, "-0.25,1.9,", Reason.INCOMPLETE_PRICES),
        (_HANDICAP, "x,1.9,1.9", Reason.NOT_A_NUMBER),
        (_HANDICAP, "0/0.5,1.9,1.9", Reason.NOT_A_NUMBER),
        ("BWAHH,BWAHA,BbAHh", "1.9,1.9,0", Reason.MISSING_LINE),
        ("BWH,BWD,X", "2.5,3.1,", Reason.INCOMPLETE_PRICES),
        ("BW<2.5,X,Y", "2.5,,", Reason.INCOMPLETE_PRICES),
        ("AHh,BWAHA,Y", "0,1.9,", Reason.INCOMPLETE_PRICES),
    ],
)
def test_any_other_quote_that_names_a_price_is_rejected_with_the_reason(names: str, cells: str, reason: Reason) -> None:
    blanks = "," * names.count(",")
    parsed = parse_prices(names, blanks, cells)
    assert reasons_of(parsed) == [(3, reason)]
    assert (parsed.quotes_read, parsed.quotes_loaded, len(parsed.matches)) == (1, 0, 2)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.0001", "1.0001"), ("1.01", "1.01"), ("9999", "9999"), ("+2", "2"), ("2.", "2"), ("02.50", "2.5"), (" 3 ", "3"),
     ("1.3333", "1.3333"), ("8888.8888", "8888.8888"), ("2.50000", "2.5")],
)  # fmt: skip
def test_prices_are_kept_exactly(cell: str, value: str) -> None:
    (odds,) = odds_of(parse_prices(_ONE_X_TWO, f"{cell},3,4"))
    assert odds.prices == (Decimal(value), Decimal(3), Decimal(4))


@pytest.mark.parametrize("cell", ["-2.25", "-0.75", "-0.5", "-0.0", "0", "0.25", "+1", "1.125"])
def test_lines_are_kept_exactly_with_their_sign(cell: str) -> None:
    (odds,) = odds_of(parse_prices(_HANDICAP, f"{cell},1.9,2"))
    assert odds.line == Decimal(cell)


def test_a_rejected_quote_is_kept_with_its_line_its_cells_and_the_column_of_its_line() -> None:
    parsed = parse_prices(f"{_ONE_X_TWO},GBAHH,GBAHA,GBAH", ",,,,,", "2.5,,2.8,1.95,,-0.5")
    kept = [(item.dataset, item.line_number, item.raw_text) for item in parsed.rejections]
    assert kept == [
        (Dataset.ODDS, 3, "BWH=2.5;BWD=;BWA=2.8"),
        (Dataset.ODDS, 3, "GBAHH=1.95;GBAHA=;GBAH=-0.5"),
    ]


def test_one_bad_quote_leaves_the_other_bookmakers_and_markets_of_its_line() -> None:
    parsed = parse_prices(f"{_ONE_X_TWO},PSH,PSD,PSA,P>2.5,P<2.5", "2.5,,2.8,2.6,3.2,2.9,1.9,2.0")
    assert [(odds.bookmaker, odds.market) for odds in odds_of(parsed)] == [
        ("PS", Market.ONE_X_TWO),
        ("PS", Market.OVER_UNDER),
    ]
    assert (parsed.quotes_read, len(parsed.rejections)) == (3, 1)


def test_quotes_of_a_rejected_match_are_rejected_with_it() -> None:
    header = f"{RESULTS},{_ONE_X_TWO},PSH,PSD,PSA"
    parsed = parse(header, "E0,x,A,B,1,0,H,2.5,3.1,2.8,,,", "E0,14/08/2021,C,D,1,0,H,2.6,3.2,2.9,,,")
    assert reasons_of(parsed) == [(2, Reason.UNREADABLE_DATE), (2, Reason.MATCH_REJECTED)]
    assert [odds.home_team for odds in odds_of(parsed)] == ["C"]
    assert parsed.quotes_read == parsed.quotes_loaded + parsed.rejected(Dataset.ODDS) == 2


def test_closing_and_pre_match_prices_are_never_merged() -> None:
    names = "VCH,VCD,VCA,VCCH,VCCD,VCCA,AHh,PAHH,PAHA,AHCh,PCAHH,PCAHA"
    parsed = parse_prices(names, "2,3,4,2.1,3.1,4.1,-0.5,1.9,2,-0.75,2.1,1.8", ",,,2.2,3.2,4.2,,,,0,1.9,1.95")
    assert set(odds_of(parsed)) == {
        Odds("T0", "VC", Market.ONE_X_TWO, False, None, decimals("2 3 4")),
        Odds("T0", "VC", Market.ONE_X_TWO, True, None, decimals("2.1 3.1 4.1")),
        Odds("T1", "VC", Market.ONE_X_TWO, True, None, decimals("2.2 3.2 4.2")),
        Odds("T0", "PS", Market.ASIAN_HANDICAP, False, Decimal("-0.5"), decimals("1.9 2")),
        Odds("T0", "PS", Market.ASIAN_HANDICAP, True, Decimal("-0.75"), decimals("2.1 1.8")),
        Odds("T1", "PS", Market.ASIAN_HANDICAP, True, Decimal(0), decimals("1.9 1.95")),
    }
    assert not parsed.rejections


def test_each_handicap_takes_its_own_line() -> None:
    names = "GBAHH,GBAHA,GBAH,BbAHh,BbMxAHH,BbAvAHH,BbMxAHA,BbAvAHA,AHh,MaxAHH,MaxAHA"
    parsed = parse_prices(names, "1.9,1.9,-1,-0.5,2.0,1.95,2.1,2.05,0.25,2.2,2.3")
    assert {(odds.bookmaker, odds.line, odds.prices) for odds in odds_of(parsed)} == {
        ("GB", Decimal(-1), decimals("1.9 1.9")),
        ("BbMx", Decimal("-0.5"), decimals("2.0 2.1")),
        ("BbAv", Decimal("-0.5"), decimals("1.95 2.05")),
        ("Max", Decimal("0.25"), decimals("2.2 2.3")),
    }


def test_pinnacle_is_one_bookmaker_though_its_columns_carry_two_names() -> None:
    parsed = parse_prices("PSH,PSD,PSA,P>2.5,P<2.5,AHh,PAHH,PAHA,PSCH,PSCD,PSCA", "2,3,4,1.9,2,0,1.8,2.1,2.1,3.1,3.9")
    assert list(parsed.bookmakers) == ["PS"]
    assert len(odds_of(parsed)) == 4


def test_a_bookmaker_is_quoted_once_when_two_spellings_of_it_stand_in_one_header() -> None:
    parsed = parse_prices("PSH,PSD,PSA,PH,PD,PA", "2,3,4,2.2,3.2,4.2")
    assert [odds.prices for odds in odds_of(parsed)] == [decimals("2 3 4")]


def test_a_new_bookmaker_needs_no_new_code() -> None:
    parsed = parse_prices("QQXH,QQXD,QQXA,QQXCH,QQXCD,QQXCA,QQX>1.5,QQX<1.5", "2,3,4,2.1,3.1,4.1,1.2,4")
    assert {(odds.bookmaker, odds.market, odds.is_closing) for odds in odds_of(parsed)} == {
        ("QQX", Market.ONE_X_TWO, False),
        ("QQX", Market.ONE_X_TWO, True),
        ("QQX", Market.OVER_UNDER, False),
    }


def test_quotes_are_sorted_by_match() -> None:
    parsed = parse_prices(f"{_ONE_X_TWO},PSH,PSD,PSA", "2,3,4,2,3,4", "2,3,4,,,", ",,,2,3,4")
    assert [(odds.home_team, odds.bookmaker) for odds in odds_of(parsed)] == [
        ("T0", "BW"),
        ("T0", "PS"),
        ("T1", "BW"),
        ("T2", "PS"),
    ]


class _Offer(NamedTuple):
    """What a group of columns means, written down by hand."""

    bookmaker: str
    market: Market
    is_closing: bool
    sides: tuple[str, ...]
    line: Decimal | None = None
    line_column: str | None = None


_LINE = Decimal("2.5")
_OFFERS = (
    _Offer("VC", Market.ONE_X_TWO, False, ("VCH", "VCD", "VCA")),
    _Offer("VC", Market.ONE_X_TWO, True, ("VCCH", "VCCD", "VCCA")),
    _Offer("PS", Market.ONE_X_TWO, True, ("PSCH", "PSCD", "PSCA")),
    _Offer("NEW", Market.ONE_X_TWO, False, ("NEWH", "NEWD", "NEWA")),
    _Offer("PS", Market.OVER_UNDER, False, ("P>2.5", "P<2.5"), _LINE),
    _Offer("NEW", Market.OVER_UNDER, True, ("NEWC>2.5", "NEWC<2.5"), _LINE),
    _Offer("NEW", Market.OVER_UNDER, False, ("NEW>1.5", "NEW<1.5"), Decimal("1.5")),
    _Offer("GB", Market.ASIAN_HANDICAP, False, ("GBAHH", "GBAHA"), None, "GBAH"),
    _Offer("B365", Market.ASIAN_HANDICAP, False, ("B365AHH", "B365AHA"), None, "AHh"),
    _Offer("B365", Market.ASIAN_HANDICAP, True, ("B365CAHH", "B365CAHA"), None, "AHCh"),
    _Offer("BbMx", Market.ASIAN_HANDICAP, False, ("BbMxAHH", "BbMxAHA"), None, "BbAHh"),
)
_SIDES = tuple(name for offer in _OFFERS for name in offer.sides)
_LINES = tuple(offer.line_column for offer in _OFFERS if offer.line_column)
_HEADER = (*_SIDES, *_LINES)
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

_good = st.decimals(Decimal("1.0001"), Decimal("9999"), places=4).map(str) | st.sampled_from(["1.01", "2", "3.5"])
_bad = st.sampled_from(["1", "1.0", "0", "0.42", "-0.5", "-3", "x", "-", "#N/A", "nan", "inf", "1e1"])
_price = st.one_of(_good, _good, _good, st.just(""), _bad)
_line_cell = st.sampled_from(["0", "-0.25", "1.75", "-2.5", "", "x"])
_cells = st.fixed_dictionaries(
    dict.fromkeys(_SIDES, _price) | dict.fromkeys(_LINES, _line_cell) | {"home": st.sampled_from(["T", "T", ""])}
) | st.fixed_dictionaries(dict.fromkeys(_HEADER, st.just("")) | {"home": st.just("T")})
Row = Mapping[str, str]


def _reading_of(row: Row, offer: _Offer) -> Odds | bool | None:
    """The issue's rule, cell by cell: a row, None where every side is blank, False for a rejection."""
    cells = [row[name] for name in offer.sides]
    if all(cell == "" for cell in cells):
        return None
    if row["home"] == "" or not all(_PLAIN_NUMBER.fullmatch(cell) and Decimal(cell) > 1 for cell in cells):
        return False
    line = offer.line
    if offer.line_column is not None:
        if not _PLAIN_NUMBER.fullmatch(row[offer.line_column]):
            return False
        line = Decimal(row[offer.line_column])
    prices = tuple(Decimal(cell) for cell in cells)
    return Odds(row["home"], offer.bookmaker, offer.market, offer.is_closing, line, prices)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_cells, min_size=1, max_size=5), st.permutations(_HEADER))
def test_a_quote_exists_exactly_when_every_side_has_a_price_above_one_and_a_handicap_its_line(
    rows: list[Row], header: list[str]
) -> None:
    named = [{**row, "home": f"T{at}" if row["home"] else ""} for at, row in enumerate(rows)]
    lines = [f"E0,14/08/2021,{row['home']},Other,1,0,H,{','.join(row[name] for name in header)}" for row in named]
    parsed = parse(f"{RESULTS},{','.join(header)}", *lines)
    readings = [[_reading_of(row, offer) for offer in _OFFERS] for row in named]

    expected = Counter(reading for row in readings for reading in row if isinstance(reading, Odds))
    assert Counter(odds_of(parsed)) == expected
    rejected = Counter(item.line_number for item in parsed.rejections if item.dataset is Dataset.ODDS)
    assert rejected == Counter({at: row.count(False) for at, row in enumerate(readings, 2) if False in row})
    assert parsed.quotes_read == parsed.quotes_loaded + parsed.rejected(Dataset.ODDS)
    assert parsed.lines_read == len(parsed.matches) + parsed.rejected(Dataset.MATCHES) == len(rows)
