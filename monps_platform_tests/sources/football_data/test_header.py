"""Learning bookmakers, markets, kinds and lines from a header alone."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.bookmakers import KNOWN, bookmaker, canonical_key
from monps_platform.domain.odds import Market
from monps_platform.sources.football_data.header import QuoteColumns, learn_quotes

_AT_ANY_SPEED = settings(deadline=None)

_STATISTICS = (
    "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,Attendance,Referee,HS,AS,HST,AST,HHW,AHW,HC,AC,HF,AF,"
    "HFKC,AFKC,HO,AO,HY,AY,HR,AR,HBP,ABP,HxG,AxG,Bb1X2,BbOU,BbAH,GB,"
)
_PRICES = "VCH,VCD,VCA,VCCH,VCCD,VCCA,P>2.5,P<2.5,AHh,MaxAHH,MaxAHA"
Learned = set[tuple[str, str, bool]]


def _learn(header: str) -> tuple[QuoteColumns, ...]:
    return learn_quotes(f"{_STATISTICS},{header}".split(","))


def _books(header: str) -> Learned:
    return {(item.market.value, item.bookmaker, item.is_closing) for item in _learn(header)}


def test_columns_that_are_no_prices_offer_nothing() -> None:
    assert _learn("") == ()
    assert _learn("AHh,AHCh,BbAHh,GBAH,B365AH,LBAH,H,D,A,AHH,AHA,>2.5,<2.5,NEWH") == ()


def test_the_columns_of_a_quote_stand_in_the_order_of_the_markets_sides() -> None:
    one_x_two, totals, handicap = _learn("BWA,BWD,BWH,BW<2.5,BW>2.5,BWAHA,BWAHH,AHh")
    assert one_x_two == QuoteColumns(Market.ONE_X_TWO, "BW", False, ("BWH", "BWD", "BWA"))
    assert totals == QuoteColumns(Market.OVER_UNDER, "BW", False, ("BW>2.5", "BW<2.5"), line=25_000)
    assert handicap == QuoteColumns(Market.ASIAN_HANDICAP, "BW", False, ("BWAHH", "BWAHA"), line_name="AHh")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("VCH,VCD,VCA", {("1x2", "VC", False)}),
        ("VCCH,VCCD,VCCA", {("1x2", "VC", True)}),
        ("VCH,VCD,VCA,VCCH,VCCD,VCCA", {("1x2", "VC", False), ("1x2", "VC", True)}),
        ("VH,VD,VA,VCH,VCD,VCA", {("1x2", "V", False), ("1x2", "VC", False)}),
        ("PSH,PSD,PSA,PSCH,PSCD,PSCA", {("1x2", "PS", False), ("1x2", "PS", True)}),
        ("P>2.5,P<2.5,PC>2.5,PC<2.5", {("over_under", "PS", False), ("over_under", "PS", True)}),
        ("PAHH,PAHA,PCAHH,PCAHA", {("asian_handicap", "PS", False), ("asian_handicap", "PS", True)}),
        ("PSCH,PSCD,PSCA", {("1x2", "PS", True)}),
        ("MaxCH,MaxCD,MaxCA,AvgC>2.5,AvgC<2.5", {("1x2", "Max", True), ("over_under", "Avg", True)}),
        ("BbMxH,BbAvH,BbMxD,BbAvD,BbMxA,BbAvA", {("1x2", "BbMx", False), ("1x2", "BbAv", False)}),
        ("BFH,BFD,BFA,BFEH,BFED,BFEA,BFDH,BFDD,BFDA", {("1x2", book, False) for book in ("BF", "BFE", "BFD")}),
        ("BFCH,BFCD,BFCA,BFECH,BFECD,BFECA,BFDCH,BFDCD,BFDCA", {("1x2", book, True) for book in ("BF", "BFE", "BFD")}),
        (
            "BMGMCH,BMGMCD,BMGMCA,1XBCH,1XBCD,1XBCA,BVCH,BVCD,BVCA,CLCH,CLCD,CLCA,LBCH,LBCD,LBCA",
            {("1x2", book, True) for book in ("BMGM", "1XB", "BV", "CL", "LB")},
        ),
        ("1XBH,1XBD,1XBA,BVH,BVD,BVA,CLH,CLD,CLA", {("1x2", book, False) for book in ("1XB", "BV", "CL")}),
        ("BFE>2.5,BFE<2.5,BFEC>2.5,BFEC<2.5", {("over_under", "BFE", False), ("over_under", "BFE", True)}),
        ("BFEAHH,BFEAHA,BFECAHH,BFECAHA", {("asian_handicap", "BFE", False), ("asian_handicap", "BFE", True)}),
        # Bookmakers that nobody has told the platform of.
        ("NEWH,NEWD,NEWA", {("1x2", "NEW", False)}),
        ("NEWH,NEWD,NEWA,NEWCH,NEWCD,NEWCA", {("1x2", "NEW", False), ("1x2", "NEW", True)}),
        ("NEWCH,NEWCD,NEWCA,NEWH,NEWD,NEWA", {("1x2", "NEW", False), ("1x2", "NEW", True)}),
        ("ABCH,ABCD,ABCA", {("1x2", "ABC", False)}),
        ("ABCH,ABCD,ABCA,ABCCH,ABCCD,ABCCA", {("1x2", "ABC", False), ("1x2", "ABC", True)}),
        ("NEWH,NEWD,NEWA,NEWC>2.5,NEWC<2.5", {("1x2", "NEW", False), ("over_under", "NEW", True)}),
        ("NEWAHH,NEWAHA,NEWCAHH,NEWCAHA", {("asian_handicap", "NEW", False), ("asian_handicap", "NEW", True)}),
    ],
)
def test_bookmakers_and_kinds_are_learned_from_the_header(header: str, expected: Learned) -> None:
    assert _books(header) == expected


@pytest.mark.parametrize(
    ("header", "line_names"),
    [
        ("AHh,B365AHH,B365AHA,AHCh,B365CAHH,B365CAHA", {("B365", False): "AHh", ("B365", True): "AHCh"}),
        ("GBAHH,GBAHA,GBAH,LBAHH,LBAHA,LBAH", {("GB", False): "GBAH", ("LB", False): "LBAH"}),
        ("AHh,GBAHH,GBAHA,GBAH,MaxAHH,MaxAHA", {("GB", False): "GBAH", ("Max", False): "AHh"}),
        ("BbAHh,BbMxAHH,BbAvAHH,BbMxAHA,BbAvAHA", {("BbMx", False): "BbAHh", ("BbAv", False): "BbAHh"}),
        ("BbAHh,AHh,BbMxAHH,BbMxAHA,PAHH,PAHA", {("BbMx", False): "BbAHh", ("PS", False): "AHh"}),
        ("BbAHh,B365AHH,B365AHA", {("B365", False): None}),
        ("AHh,MaxCAHH,MaxCAHA", {("Max", True): None}),
        ("AHCh,MaxAHH,MaxAHA", {("Max", False): None}),
    ],
)
def test_a_handicap_takes_the_line_that_is_its_own(header: str, line_names: dict[tuple[str, bool], str | None]) -> None:
    assert {(item.bookmaker, item.is_closing): item.line_name for item in _learn(header)} == line_names


def test_totals_are_learned_at_any_line() -> None:
    learned = _learn("B365>2.5,B365<2.5,B365>3.5,B365<3.5,B365C>2.25,B365C<2.25,Max>3,Max<3")
    assert [(item.bookmaker, item.is_closing, item.line) for item in learned] == [
        ("B365", False, 25_000),
        ("B365", False, 35_000),
        ("B365", True, 22_500),
        ("Max", False, 30_000),
    ]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("B365H,B365D", ("B365H", "B365D", "B365A")),
        ("B365H,B365A", ("B365H", "B365D", "B365A")),
        ("B365D,B365A", ("B365H", "B365D", "B365A")),
        ("B365>2.5", ("B365>2.5", "B365<2.5")),
        ("B365<2.5", ("B365>2.5", "B365<2.5")),
        ("B365AHH,AHh", ("B365AHH", "B365AHA")),
        ("B365AHA,AHh", ("B365AHH", "B365AHA")),
    ],
)
def test_a_quote_that_lacks_a_sides_column_is_learned_so_that_its_prices_are_not_lost(
    header: str, names: tuple[str, ...]
) -> None:
    (learned,) = _learn(header)
    assert (learned.bookmaker, learned.names) == ("B365", names)


def test_every_quote_is_learned_once_though_two_spellings_name_it() -> None:
    learned = _learn("PSH,PSD,PSA,PH,PD,PA,PS>2.5,PS<2.5,P>2.5,P<2.5")
    assert [(item.bookmaker, item.names[0]) for item in learned] == [("PS", "PSH"), ("PS", "PS>2.5")]


@_AT_ANY_SPEED
@given(st.permutations(f"{_STATISTICS},{_PRICES}".split(",")))
def test_the_order_of_the_columns_does_not_matter(header: list[str]) -> None:
    assert Counter((item.market, item.bookmaker, item.is_closing, item.line_name) for item in learn_quotes(header)) == {
        (Market.ONE_X_TWO, "VC", False, None): 1,
        (Market.ONE_X_TWO, "VC", True, None): 1,
        (Market.OVER_UNDER, "PS", False, None): 1,
        (Market.ASIAN_HANDICAP, "Max", False, "AHh"): 1,
    }


@pytest.mark.parametrize("key", sorted(KNOWN))
def test_every_known_bookmaker_is_told_from_its_closing_prices(key: str) -> None:
    both = "".join(f"{key}{kind}{side}," for kind in ("", "C") for side in "HDA")
    assert _books(both) == {("1x2", key, False), ("1x2", key, True)}
    assert _books(both.split(",", 3)[3]) == {("1x2", key, True)}


EXCHANGES = {"BFE", "betfair_ex_eu", "matchbook", "smarkets"}


def test_aggregates_the_sharp_book_and_the_exchanges_are_marked() -> None:
    marked = {
        mark: {key for key, book in KNOWN.items() if getattr(book, f"is_{mark}")}
        for mark in ("aggregate", "sharp", "exchange")
    }
    assert marked == {"aggregate": {"Max", "Avg", "BbMx", "BbAv"}, "sharp": {"PS"}, "exchange": EXCHANGES}
    assert all(key == book.key and book.name for key, book in KNOWN.items())


def test_a_bookmaker_nobody_knows_goes_by_its_key_and_is_no_aggregate() -> None:
    unknown = bookmaker("NEW")
    assert (unknown.key, unknown.name) == ("NEW", "NEW")
    assert not any((unknown.is_aggregate, unknown.is_sharp, unknown.is_exchange))
    assert [canonical_key(key) for key in ("P", "PS", "NEW")] == ["PS", "PS", "NEW"]
    assert bookmaker("VC").name == "VC Bet"
