"""Files of picks as people write them: each line is a pick, or is wrong for a reason that is told in words."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain import agents
from monps_platform.domain.leagues import LEAGUES, league
from monps_platform.domain.odds import Market
from monps_platform.domain.pick_lines import PickLine
from monps_platform.domain.picks import HIGHEST_PAYOUT, PICK_SIDES, PickSide
from monps_platform.domain.rejections import Dataset, Reason
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.picks.parser import HIGHEST_PRICE, parse_picks
from monps_platform_tests.sources.picks.pick_files import (
    COLUMNS,
    COMPUTED,
    GOOD,
    HEADER,
    NAME,
    REQUIRED,
    TOTAL,
    Cells,
    body_of,
    file_of,
    line_of,
    only_line,
    parse,
    rejected,
)

LINE_SEPARATORS = ("\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
"""What splits text into lines for Python, and not for CSV."""


def refusal(body: bytes) -> str:
    """What is said of a file that is none."""
    with pytest.raises(UnreadableFileError) as refused:
        parse_picks(body, NAME)
    return str(refused.value)


# Good lines


def test_a_line_is_read_into_a_pick() -> None:
    cells = {**TOTAL, "line": "2.75", "strategy": "late goals", "model_probability": "0.55", "price": "1.9125"}
    assert only_line(parse(cells)) == PickLine(
        number=2,
        text="me,E0,2019-08-10,Arsenal,Chelsea,over_under,over,B365,1.9125,1,2019-08-10T10:00Z,2.75,late goals,0.55",
        agent="me",
        strategy="late goals",
        league=league("E0"),
        day=date(2019, 8, 10),
        home="Arsenal",
        away="Chelsea",
        market=Market.OVER_UNDER,
        side=PickSide.OVER,
        line=Decimal("2.75"),
        bookmaker="B365",
        price=Decimal("1.9125"),
        stake=Decimal(1),
        taken_at=datetime(2019, 8, 10, 10, tzinfo=UTC),
        probability=0.55,
    )


def test_the_optional_columns_may_be_empty_or_missing() -> None:
    for line in (only_line(parse({})), only_line(parse_picks(file_of({}, columns=REQUIRED), NAME))):
        assert (line.line, line.strategy, line.probability) == (None, None, None)


def test_columns_may_stand_in_any_order() -> None:
    expected = only_line(parse(TOTAL))
    found = only_line(parse_picks(file_of(TOTAL, columns=sorted(COLUMNS)), NAME))
    assert {name: getattr(found, name) for name in PickLine.__slots__ if name != "text"} == {
        name: getattr(expected, name) for name in PickLine.__slots__ if name != "text"
    }


def test_blanks_around_a_cell_do_not_count() -> None:
    padded = {name: f"  {value}\t" for name, value in GOOD.items()}
    line = only_line(parse(padded))
    assert (line.agent, line.home, line.bookmaker, line.price) == ("me", "Arsenal", "B365", Decimal("2.1"))


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2019-08-10T10:00Z", 0),
        ("2019-08-10 10:00+00:00", 0),
        ("2019-08-10T15:30:00+05:30", 330),
        ("2019-08-10T03:00:00.000-0700", -420),
    ],
)
def test_a_time_is_read_in_any_zone(text: str, offset: int) -> None:
    taken = only_line(parse({"taken_at": text})).taken_at
    assert taken == datetime(2019, 8, 10, 10, tzinfo=UTC)
    assert taken.utcoffset() == timedelta(minutes=offset)


@pytest.mark.parametrize(
    ("cells", "name", "value"),
    [
        ({"price": "1.0001"}, "price", Decimal("1.0001")),
        ({"price": "1000"}, "price", HIGHEST_PRICE),
        ({"price": "+2.10000"}, "price", Decimal("2.1")),
        ({"stake": "0.0001"}, "stake", Decimal("0.0001")),
        ({"stake": "500000.0000", "price": "2"}, "stake", HIGHEST_PAYOUT / 2),
        ({**TOTAL, "line": "0.25"}, "line", Decimal("0.25")),
        ({**TOTAL, "line": "2.750"}, "line", Decimal("2.75")),
        ({"market": "asian_handicap", "line": "-0.75"}, "line", Decimal("-0.75")),
        ({"market": "asian_handicap", "line": "+1"}, "line", Decimal(1)),
        ({"market": "asian_handicap", "line": "0"}, "line", Decimal(0)),
        ({"model_probability": "0.0001"}, "probability", 0.0001),
        ({"model_probability": "0.9999"}, "probability", 0.9999),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_numbers_on_the_border_of_what_makes_sense_are_read(cells: Cells, name: str, value: object) -> None:
    assert getattr(only_line(parse(cells)), name) == value


_TEXTS = st.text(
    st.characters(exclude_categories=("C", "Zl", "Zp", "Zs")) | st.sampled_from(" ,;\"'"), min_size=1, max_size=12
).map(str.strip)
_AGENTS = _TEXTS.filter(bool)
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_TIMES = st.datetimes(datetime(1993, 7, 1), datetime(2035, 1, 1), timezones=_ZONES)  # noqa: DTZ001
_PRICES = st.decimals(Decimal("1.0001"), HIGHEST_PRICE, places=4)
_STAKES = st.decimals(Decimal("0.0001"), HIGHEST_PAYOUT / HIGHEST_PRICE, places=4)
_BETS = st.sampled_from([(market, side) for market, sides in PICK_SIDES.items() for side in sides])
_LINES = {
    market: st.integers(fewest, 120).map(lambda quarters: Decimal(quarters) / 4)
    for market, fewest in ((Market.OVER_UNDER, 0), (Market.ASIAN_HANDICAP, -120))
}


@st.composite
def _written_lines(draw: st.DrawFn) -> dict[str, str]:
    market, side = draw(_BETS)
    return {
        "agent": draw(_AGENTS),
        "league": draw(st.sampled_from(LEAGUES)).code,
        "date": draw(st.dates(date(1993, 7, 1), date(2035, 1, 1))).isoformat(),
        "home": draw(_AGENTS),
        "away": draw(_AGENTS),
        "market": market,
        "side": side,
        "bookmaker": draw(_AGENTS),
        "price": str(draw(_PRICES)),
        "stake": str(draw(_STAKES)),
        "taken_at": draw(_TIMES).isoformat(),
        "line": str(draw(_LINES[market])) if market in _LINES else "",
        "strategy": draw(_TEXTS),
        "model_probability": draw(st.just("") | st.integers(1, 9999).map(lambda share: f"{share / 10_000:.4f}")),
    }


@settings(deadline=None, max_examples=60)
@given(st.lists(_written_lines(), max_size=4))
def test_whatever_a_file_states_is_what_is_read(written: list[dict[str, str]]) -> None:
    parsed = parse(*written)
    assert (parsed.rejections, parsed.lines_read) == ([], len(written))
    for number, (cells, line) in enumerate(zip(written, parsed.lines, strict=True), start=2):
        assert (line.number, line.text) == (number, line_of(cells))
        assert (line.agent, line.strategy or "") == (cells["agent"], cells["strategy"])
        assert (line.league.code, line.day.isoformat()) == (cells["league"], cells["date"])
        assert (line.home, line.away, line.bookmaker) == (cells["home"], cells["away"], cells["bookmaker"])
        assert (line.market, line.side) == (cells["market"], cells["side"])
        assert (str(line.price), str(line.stake)) == (cells["price"], cells["stake"])
        assert ("" if line.line is None else str(line.line)) == cells["line"]
        assert line.taken_at == datetime.fromisoformat(cells["taken_at"])
        assert ("" if line.probability is None else f"{line.probability:.4f}") == cells["model_probability"]


# Lines that are wrong


class Wrong(NamedTuple):
    """Cells that make a good line wrong, why, and words that the detail has."""

    cells: Mapping[str, str]
    reason: Reason
    words: str


WRONG = [
    Wrong({"agent": ""}, Reason.MISSING_VALUE, "agent is empty"),
    Wrong({"home": " ", "away": ""}, Reason.MISSING_VALUE, "home, away are empty"),
    *(
        Wrong({"agent": name}, Reason.RESERVED_AGENT, f"{name} is the name of a built-in agent")
        for name in (*agents.NAMES, "Sharp_Value", "sharp_value(threshold=1.05)")
    ),
    Wrong({"league": "E9"}, Reason.UNKNOWN_LEAGUE, "no league is called 'E9': there is E0, SP1, D1, I1, F1"),
    Wrong({"league": "Premier Leage"}, Reason.UNKNOWN_LEAGUE, "(did you mean Premier League"),
    Wrong({"market": "double chanse"}, Reason.UNKNOWN_MARKET, "(did you mean double_chance?)"),
    Wrong({"market": "corners"}, Reason.UNKNOWN_MARKET, "'corners': there is 1x2, over_under"),
    Wrong({"side": "over"}, Reason.SIDE_NOT_OF_MARKET, "'over' is no side of 1x2: it has home, draw, away"),
    Wrong({"side": "Everton"}, Reason.SIDE_NOT_OF_MARKET, "'Everton' is no side of 1x2"),
    Wrong({**TOTAL, "side": "home"}, Reason.SIDE_NOT_OF_MARKET, "it has over, under"),
    Wrong({"date": "10/08/2019"}, Reason.UNREADABLE_DATE, "'10/08/2019' is no day: write it as 2020-01-31"),
    Wrong({"date": "2019-02-29"}, Reason.UNREADABLE_DATE, "'2019-02-29' is no day"),
    Wrong({"taken_at": "noon"}, Reason.UNREADABLE_TIME, "'noon' is no time: write it as 2020-01-31T12:30+00:00"),
    Wrong({"taken_at": "2019-08-10T25:00Z"}, Reason.UNREADABLE_TIME, "is no time"),
    Wrong({"taken_at": "2019-08-10T10:00"}, Reason.UNREADABLE_TIME, "has no time zone: add Z for UTC, or an offset"),
    Wrong({"taken_at": "2019-08-10"}, Reason.UNREADABLE_TIME, "has no time zone"),
    Wrong({"line": "2.5"}, Reason.LINE_NOT_OF_MARKET, "1x2 has no line, but the line is '2.5'"),
    Wrong({**TOTAL, "line": ""}, Reason.LINE_NOT_OF_MARKET, "over_under needs a line: goals"),
    Wrong({"market": "ah"}, Reason.LINE_NOT_OF_MARKET, "asian_handicap needs a line"),
    Wrong({**TOTAL, "line": "2.6"}, Reason.LINE_NOT_QUARTER, "a line is in quarters of a goal, not 2.6"),
    Wrong({**TOTAL, "line": "2.5/3"}, Reason.NOT_A_NUMBER, "line is '2.5/3': write a number with a point"),
    *(
        Wrong({"price": text}, Reason.NOT_A_NUMBER, f"price is '{text}': write a number with a point, such as 2.05")
        for text in ("2,05", "11/10", "evens", "1e1", "2.", ".5", "NaN", "Infinity", "1_0", "0x2")
    ),
    Wrong({"stake": "5 units"}, Reason.NOT_A_NUMBER, "stake is '5 units'"),
    Wrong({"model_probability": "55%"}, Reason.NOT_A_NUMBER, "model_probability is '55%'"),
    Wrong({"price": "1"}, Reason.PRICE_NOT_ABOVE_ONE, "a price is decimal odds above 1, not 1"),
    Wrong({"price": "-110"}, Reason.PRICE_NOT_ABOVE_ONE, "decimal odds above 1, not -110"),
    Wrong({"price": "1000.0001"}, Reason.PRICE_OUT_OF_RANGE, "above 1000: is it in decimal odds?"),
    Wrong({"price": "2.10001"}, Reason.PRICE_TOO_PRECISE, "a price has at most 4 decimals, not 2.10001"),
    Wrong({"stake": "0"}, Reason.STAKE_NOT_POSITIVE, "a stake is positive, not 0"),
    Wrong({"stake": "-1"}, Reason.STAKE_NOT_POSITIVE, "not -1"),
    Wrong({"stake": "0.00001"}, Reason.STAKE_TOO_PRECISE, "a stake has at most 4 decimals, not 0.00001"),
    Wrong(
        {"stake": "500000.0001", "price": "2"},
        Reason.STAKE_OUT_OF_RANGE,
        "500000.0001 at 2 is too much, a pick may pay 1,000,000 units: count in larger units",
    ),
    *(
        Wrong({"model_probability": text}, Reason.PROBABILITY_OUT_OF_RANGE, f"lies between 0 and 1, not {text}")
        for text in ("0", "1", "55", "-0.2", "0.99999999999999999999")
    ),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.reason}: {wrong.words}")
def test_a_line_that_is_wrong_is_told_with_its_reason_in_words(wrong: Wrong) -> None:
    parsed = parse({}, wrong.cells, {})
    assert [line.number for line in parsed.lines] == [2, 4]
    (found,) = parsed.rejections
    assert (found.dataset, found.line_number, found.reason) == (Dataset.PICKS, 3, wrong.reason)
    assert found.raw_text == line_of(wrong.cells)
    assert found.detail is not None
    assert wrong.words in found.detail
    assert parsed.lines_read == 3


@pytest.mark.parametrize("column", REQUIRED)
def test_no_required_cell_may_be_empty(column: str) -> None:
    (found,) = parse({column: ""}).rejections
    assert (found.reason, found.detail) == (Reason.MISSING_VALUE, f"{column} is empty")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("me,E0", "2 cells, the header has 14"),
        (line_of() + ",", "15 cells, the header has 14"),
        (line_of().replace("2.1", "2,1"), "15 cells, the header has 14"),
        (line_of().replace(",", ";"), "1 cells, the header has 14"),
    ],
    ids=["too few", "too many", "a decimal comma", "semicolons"],
)
def test_a_line_has_as_many_cells_as_the_header(line: str, words: str) -> None:
    parsed = parse_picks(body_of(line_of(), line), NAME)
    (found,) = parsed.rejections
    assert (found.line_number, found.reason, found.detail) == (3, Reason.WRONG_NUMBER_OF_CELLS, words)
    assert (found.raw_text, len(parsed.lines)) == (line, 1)


def test_a_name_that_begins_as_that_of_an_agent_is_ones_own() -> None:
    for name in ("sharp_value_2", "my sharp_value", "consensus"):
        assert only_line(parse({"agent": name})).agent == name


def test_a_price_of_very_many_decimals_is_too_precise() -> None:
    (found,) = parse({"price": f"2.1{'0' * 40}1"}).rejections
    assert found.reason is Reason.PRICE_TOO_PRECISE
    (found,) = parse({"stake": f"1.{'0' * 40}1"}).rejections
    assert found.reason is Reason.STAKE_TOO_PRECISE


def test_a_line_of_very_many_digits_is_a_rejection_and_no_crash() -> None:
    assert [number for number, _ in rejected(parse({**TOTAL, "line": f"{'9' * 40}.25"}, {}))] == [2]


def test_a_total_below_nothing_is_no_total() -> None:
    assert [number for number, _ in rejected(parse({**TOTAL, "line": "-2.5"}))] == [2]


def test_no_cell_holds_a_character_that_the_database_cannot_keep() -> None:
    assert [number for number, _ in rejected(parse({"agent": "m\0e"}, {}))] == [2]


# Line numbers, line breaks and quotation marks


def test_line_numbers_and_texts_are_right_after_cells_of_several_lines() -> None:
    header = f"{HEADER},data_version"
    lines = [
        f'{line_of()},"first\nsecond\n\nfourth"',  # lines 2 to 5
        f"{line_of({'price': '1'})},",  # line 6
        f'{line_of({"price": "x"})},"a ""quoted"" word,\nand a comma"',  # lines 7 and 8
        f"{line_of({'agent': 'other'})},",  # line 9
    ]
    for end in ("\n", "\r\n"):
        body = body_of(*(line.replace("\n", end) for line in lines), header=header, end=end)
        parsed = parse_picks(body, NAME)
        assert [line.number for line in parsed.lines] == [2, 9]
        assert rejected(parsed) == [(6, Reason.PRICE_NOT_ABOVE_ONE), (7, Reason.NOT_A_NUMBER)]
        texts = [line.text for line in parsed.lines], [item.raw_text for item in parsed.rejections]
        assert [text.replace(end, "\n") for text in itertools.chain(*texts)] == [lines[at] for at in (0, 3, 1, 2)]


def test_a_line_break_inside_a_cell_is_kept() -> None:
    assert only_line(parse({"strategy": "late\ngoals"})).strategy == "late\ngoals"


@pytest.mark.parametrize("separator", LINE_SEPARATORS, ids=ascii)
def test_what_only_python_holds_for_the_end_of_a_line_is_none(separator: str) -> None:
    parsed = parse({"strategy": f"late{separator}goals"}, {"price": "1"})
    assert (3, Reason.PRICE_NOT_ABOVE_ONE) in rejected(parsed)
    assert (parsed.lines_read, Reason.WRONG_NUMBER_OF_CELLS in dict(rejected(parsed)).values()) == (2, False)


def test_blank_lines_are_no_lines_and_are_counted_in_line_numbers() -> None:
    blank = ("", "   ", "," * (len(COLUMNS) - 1), ' , ,""')
    parsed = parse_picks(body_of(blank[0], line_of(), *blank[1:], line_of({"price": "1"}), "", ""), NAME)
    assert ([line.number for line in parsed.lines], parsed.lines_read) == ([3], 2)
    assert rejected(parsed) == [(7, Reason.PRICE_NOT_ABOVE_ONE)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=ascii)
def test_lines_may_end_as_on_any_system_the_last_one_not_at_all(end: str) -> None:
    body = body_of(line_of(), line_of({"agent": "other"}), end=end)
    for written in (body, body.removesuffix(end.encode())):
        assert [(line.number, line.agent) for line in parse_picks(written, NAME).lines] == [(2, "me"), (3, "other")]


def test_cells_may_be_quoted_or_not() -> None:
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerows([COLUMNS, [{**GOOD, "agent": 'the "one", me'}.get(name, "") for name in COLUMNS]])
    assert only_line(parse_picks(written.getvalue().encode(), NAME)).agent == 'the "one", me'


def test_a_quotation_mark_inside_a_cell_that_is_not_quoted_is_a_letter() -> None:
    assert only_line(parse_picks(body_of(line_of().replace("me,", 'm"e,', 1)), NAME)).agent == 'm"e'


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"m"e' + line_of()[2:], "',' expected after '\"'"),
        ('"' + line_of(), "unexpected end of data"),
        (line_of({"strategy": "x" * 140_000}), "field larger than field limit"),
    ],
    ids=["after a cell", "never closed", "an endless cell"],
)
def test_a_stray_quotation_mark_makes_the_file_unreadable_and_is_told_with_its_line(line: str, words: str) -> None:
    said = refusal(body_of(line_of(), "", line, line_of()))
    assert said.startswith(f"{NAME}, line 4: {words}")
    assert said.endswith("look at its quotation marks")


# Files that are none


def test_an_empty_file_is_told_to_be_that_and_what_it_needs() -> None:
    for body in (b"", b"\xef\xbb\xbf"):
        assert refusal(body) == f"{NAME} is empty: it needs a header with {', '.join(REQUIRED)}"


def test_a_file_of_a_header_alone_holds_no_picks_and_is_no_failure() -> None:
    for body in (HEADER.encode(), body_of(), body_of("", "")):
        parsed = parse_picks(body, NAME)
        assert (parsed.lines, parsed.rejections, parsed.lines_read, parsed.ignored) == ([], [], 0, [])


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert only_line(parse_picks(b"\xef\xbb\xbf" + file_of({}), NAME)).agent == "me"


def test_letters_of_any_script_are_read_as_utf_8() -> None:
    assert only_line(parse({"agent": "Zoë 李", "home": "Alavés"})).home == "Alavés"


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (file_of({"home": "Alaves"}).replace(b"Alaves", "Alavés".encode("latin-1")), len(HEADER) + 1 + 21),
        (file_of({}).decode().encode("utf-16"), 0),
        (b"PK\x03\x04\xff", 4),
    ],
    ids=["latin-1", "utf-16", "a workbook"],
)
def test_another_encoding_is_told_with_the_byte_that_is_wrong(body: bytes, at: int) -> None:
    assert refusal(body) == f"{NAME} is not UTF-8 (byte {at}): save it as CSV UTF-8"


@pytest.mark.parametrize("mark", [";", "\t"], ids=ascii)
def test_cells_that_commas_do_not_separate_are_told_to_be_that(mark: str) -> None:
    said = refusal(file_of({}).replace(b",", mark.encode()))
    assert said == f"{NAME}: the cells are not separated by commas: save it as CSV with commas"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (HEADER.replace("bookmaker", "bokmaker"), "unknown column 'bokmaker' (did you mean bookmaker"),
        (f"{HEADER},notes", "unknown column 'notes': there is agent, league"),
        (f"{HEADER},", f"column {len(COLUMNS) + 1} of the header has no name"),
        (f"{HEADER},Odds", "the column price stands in the header twice"),
        (f"{HEADER},strategy", "the column strategy stands in the header twice"),
        (HEADER.replace("price,", ""), "lacks the column price"),
        (HEADER.replace("price,stake,", ""), "lacks the columns price, stake"),
        ("agent", "lacks the columns league, date"),
    ],
)
def test_a_header_that_is_wrong_is_told_with_the_column(header: str, words: str) -> None:
    said = refusal(body_of(line_of(), header=header))
    assert said.startswith(NAME)
    assert words in said


def test_the_columns_that_an_export_has_besides_are_not_read_and_are_named() -> None:
    columns = (*COLUMNS[:3], *COMPUTED[:9], *COLUMNS[3:], *COMPUTED[9:])
    parsed = parse_picks(file_of(dict.fromkeys(COMPUTED, "whatever"), columns=columns), NAME)
    assert only_line(parsed).agent == "me"
    assert parsed.ignored == list(COMPUTED)


def test_computed_columns_may_be_written_in_any_case_too() -> None:
    body = body_of(f"{line_of()},7,win", header=f"{HEADER},Pick ID,Result")
    assert parse_picks(body, NAME).ignored == ["pick_id", "result"]
