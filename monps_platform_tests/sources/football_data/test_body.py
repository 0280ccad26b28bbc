"""From bytes to columns: encodings, line ends, ragged lines, and bodies that are no results files."""

from __future__ import annotations

import gzip
import random
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.leagues import league
from monps_platform.domain.rejections import Dataset, Reason
from monps_platform.sources.errors import SourceError, UnreadableFileError
from monps_platform.sources.football_data.body import read_table, split_cells
from monps_platform.sources.football_data.parser import parse_season
from monps_platform_tests.sources.football_data.reading import NAME, RESULTS, file_of, parse, reasons_of

_AT_ANY_SPEED = settings(deadline=None)

_TEXT = f"{RESULTS},Referee\r\nE0,14/08/2021,Nîmes,Köln,2,1,H,J Gonçalves\r\n"
_ROWS = ("E0,14/08/2021,A,B,2,1,H", "E0,14/08/2021,C,D,0,0,D")


@pytest.mark.parametrize(
    "body",
    [
        _TEXT.encode("utf-8"),
        _TEXT.encode("utf-8-sig"),
        _TEXT.encode("cp1252"),
        b"\xef\xbb\xbf" + _TEXT.encode("cp1252"),
    ],
    ids=["UTF-8", "UTF-8 with BOM", "Windows-1252", "Windows-1252 behind a BOM"],
)
def test_every_encoding_gives_the_same_names(body: bytes) -> None:
    parsed = parse_season(body, league("E0"), NAME)
    assert [(match.home_team, match.away_team, match.referee) for match in parsed.matches] == [
        ("Nîmes", "Köln", "J Gonçalves")
    ]
    assert not parsed.rejections
    assert "Div" in read_table(body, NAME).columns


def test_the_punctuation_of_windows_1252_is_kept() -> None:
    body = _TEXT.replace("Köln", "M\u2019gladbach").encode("cp1252")
    assert parse_season(body, league("E0"), NAME).matches[0].away_team == "M\u2019gladbach"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["CRLF", "LF", "CR"])
@pytest.mark.parametrize("ends_well", [True, False], ids=["with a last line end", "without"])
def test_every_line_end_gives_the_same_lines(end: str, ends_well: bool) -> None:
    body = file_of(RESULTS, *_ROWS, end=end)
    table = read_table(body if ends_well else body.removesuffix(end.encode()), NAME)
    assert [(line.number, line.text) for line in table.lines] == [(2, _ROWS[0]), (3, _ROWS[1])]
    assert table.column("HomeTeam") == ("A", "C")
    assert table.blank_lines == 0


def test_blank_lines_are_counted_wherever_they_stand_and_keep_the_numbering() -> None:
    parsed = parse("", RESULTS, "", _ROWS[0], ",,,,,,", " , , ,", '"",""', "E0,14/08/2021,,D,0,0,D", "", ",,,,,,,,,,")
    assert parsed.blank_lines == 7
    assert parsed.lines_read == 2
    assert reasons_of(parsed) == [(8, Reason.MISSING_TEAM)]


def test_trailing_empty_rows_and_columns_change_nothing() -> None:
    plain = parse(RESULTS, *_ROWS)
    trailing = parse(f"{RESULTS},,,", *(f"{row},,," for row in _ROWS), ",,,,,,,,,", ",,,,,,,,,")
    assert trailing.matches == plain.matches
    assert not trailing.rejections
    assert trailing.blank_lines == 2


def test_short_lines_are_filled_up_with_blanks() -> None:
    parsed = parse(f"{RESULTS},HS,AS,BWH,BWD,BWA", "E0,14/08/2021,A,B,2,1,H,5", "E0,21/08/2021,C,D,,,,,,2,3,4")
    assert [(match.home_team, match.home_shots, match.away_shots) for match in parsed.matches] == [
        ("A", 5, None),
        ("C", None, None),
    ]
    assert parsed.quotes_loaded == 1
    assert not parsed.rejections


def test_cells_behind_the_headers_end_are_ignored_when_blank_and_reject_the_line_when_not() -> None:
    parsed = parse(RESULTS, f"{_ROWS[0]},,, ,", f"{_ROWS[1]},,1.5")
    assert [match.home_team for match in parsed.matches] == ["A"]
    assert reasons_of(parsed) == [(3, Reason.TOO_MANY_CELLS)]
    assert parsed.rejections[0].raw_text == f"{_ROWS[1]},,1.5"


def test_cells_are_stripped_and_quoted_cells_may_hold_commas() -> None:
    parsed = parse(f"{RESULTS},Referee", ' E0 , 14/08/2021,"A",\xa0B  United ,2 , 1,H,"Dean, Mike"')
    match = parsed.matches[0]
    assert (match.home_team, match.away_team, match.referee) == ("A", "B United", "Dean, Mike")
    assert not parsed.rejections


@pytest.mark.parametrize(
    "stray",
    [
        'E0,14/08/2021,"Everton,Leeds,2,1,H',
        'E0,14/08/2021,Everton,"Leeds,2,1,H',
        'E0,14/08/2021,Everton,Leeds,2,1,"H',
        '"E0,14/08/2021,Everton,Leeds,2,1,H',
        'E0,14/08/2021,"Everton"s,Leeds,2,1,H',
    ],
)
def test_a_stray_quotation_mark_spoils_its_own_line_only(stray: str) -> None:
    parsed = parse(RESULTS, _ROWS[0], stray, _ROWS[1])
    assert [match.home_team for match in parsed.matches] == ["A", "C"]
    assert [(item.dataset, item.line_number, item.raw_text) for item in parsed.rejections] == [
        (Dataset.MATCHES, 3, stray)
    ]
    assert parsed.lines_read == 3


def test_a_quotation_mark_inside_a_cell_is_a_character() -> None:
    assert split_cells('5"Nil,b') == ['5"Nil', "b"]


def test_a_cell_of_any_length_is_read_or_rejected_with_its_line() -> None:
    parsed = parse(RESULTS, _ROWS[0], f'E0,14/08/2021,"{"x" * 200_000},D,0,0,D', _ROWS[1])
    assert [match.home_team for match in parsed.matches] == ["A", "C"]
    assert [line for line, _ in reasons_of(parsed)] == [3]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b",,,\r\n,,,\r\n", "empty"),
        (b'"",""\r\n', "no column Date, HomeTeam, AwayTeam"),
        (b"<!DOCTYPE html><html><body>Moved</body></html>", "HTML page"),
        (b"\xef\xbb\xbf\r\n  <HTML><head></head></HTML>", "HTML page"),
        (b"<?xml version='1.0'?><html/>", "HTML page"),
        (b"<head><title>503</title></head>", "HTML page"),
        (b"PK\x03\x04\x00\x00\x00\x08", "NUL bytes"),
        (gzip.compress(_TEXT.encode(), mtime=0), "binary"),
        (_TEXT.encode("utf-16"), "NUL bytes"),
        (b"Div,Date,HomeTeam,AwayTeam\r\nE0,14/08/2021,\x81\x8d\x8f,B\r\n", "neither UTF-8 nor Windows-1252"),
        (b'{"error": "not found"}', "no column Date, HomeTeam, AwayTeam"),
        (b"Div,Date,HomeTeam,FTHG\r\nE0,14/08/2021,A,1\r\n", "no column AwayTeam in"),
        (b"Country,League,Season,Date,Time,Home,Away\r\n", "no column HomeTeam, AwayTeam"),
        (b"Div,Date,HomeTe", "no column HomeTeam, AwayTeam"),
    ],
)
def test_a_body_that_is_no_results_file_is_refused_with_its_name_and_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_table(body, NAME)
    assert str(caught.value).startswith(f"{NAME}: ")
    assert reason in str(caught.value)


def test_a_header_alone_is_a_season_without_a_match_yet() -> None:
    parsed = parse(f"{RESULTS},BWH,BWD,BWA,AHh,MaxAHH,MaxAHA")
    assert (parsed.lines_read, parsed.quotes_read) == (0, 0)
    assert (list(parsed.matches), list(parsed.quotes), list(parsed.rejections)) == ([], [], [])


@pytest.mark.parametrize("cut", range(1, 17))
def test_a_file_cut_before_the_last_lines_last_cell_is_refused_as_truncated(cut: int) -> None:
    body = file_of(RESULTS, _ROWS[0], "E0,14/08/2021,Coventry,Derby,10,0,H").removesuffix(b"\r\n")
    if body[:-cut].endswith(b",10,0,"):
        assert cut == 1  # indistinguishable from a line without a result letter
        return
    with pytest.raises(UnreadableFileError, match=r"truncated: line 3 stops after \d of 7 cells"):
        read_table(body[:-cut], NAME)


def test_a_file_cut_at_a_lines_end_cannot_be_told_from_a_shorter_one() -> None:
    body = file_of(RESULTS, *_ROWS)
    assert len(read_table(body[: body.index(b"E0,14/08/2021,C")], NAME).lines) == 1


def test_a_last_line_as_short_as_the_others_is_not_taken_for_truncated() -> None:
    body = file_of(f"{RESULTS},HS,AS", *_ROWS).removesuffix(b"\r\n")
    assert len(read_table(body, NAME).lines) == 2


def test_columns_that_the_header_repeats_are_filled_from_each_other() -> None:
    parsed = parse(f"{RESULTS},HTHG,HTAG,FTR,BWH,BWD,BWA,BWH", "E0,14/08/2021,A,B,2,1,,1,0,H,,3,4,2.5")
    assert (parsed.matches[0].half_time_home_goals, parsed.quotes_loaded) == (1, 1)
    assert not parsed.rejections
    assert parsed.quotes[0].prices.tolist() == [[25_000, 30_000, 40_000]]
    assert [name in note for name, note in zip(("FTR", "BWH"), parsed.notes, strict=True)] == [True, True]


def test_repeated_columns_that_agree_are_no_conflict() -> None:
    parsed = parse(f"{RESULTS},BWH,BWH,BWD,BWA", "E0,14/08/2021,A,B,2,1,H,2.5,2.5,3,4")
    assert (parsed.quotes_loaded, list(parsed.rejections)) == (1, [])


def test_repeated_columns_that_contradict_each_other_are_reported_and_the_first_counts() -> None:
    row = "E0,14/08/2021,C,D,2,1,H,7,8,,9"
    parsed = parse(f"{RESULTS},HS,HS,AS,HS", "E0,14/08/2021,A,B,2,1,H,7,,3,7", row)
    assert [match.home_shots for match in parsed.matches] == [7, 7]
    assert {(item.dataset, item.line_number, item.reason, item.raw_text) for item in parsed.rejections} == {
        (Dataset.MATCH_DETAILS, 3, Reason.CONFLICTING_COLUMNS, row)
    }
    assert parsed.lines_read == len(parsed.matches)


def test_a_contradiction_of_the_result_letters_in_one_place_only_is_still_found() -> None:
    parsed = parse(f"{RESULTS},FTR", "E0,14/08/2021,A,B,2,1,,A")
    assert reasons_of(parsed) == [(2, Reason.RESULT_CONTRADICTS_SCORE)]


def test_a_header_behind_blank_lines_is_found() -> None:
    parsed = parse(",,", "", RESULTS, _ROWS[0])
    assert [match.match_date for match in parsed.matches] == [date(2021, 8, 14)]
    assert parsed.blank_lines == 2


@_AT_ANY_SPEED
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_source_error(body: bytes) -> None:
    for candidate in (body, f"{RESULTS}\r\n".encode() + body, body + b"\n" + _TEXT.encode()):
        with suppress(SourceError):
            table = read_table(candidate, NAME)
            ends = candidate.count(b"\n") + candidate.count(b"\r") - candidate.count(b"\r\n")
            assert len(table.lines) + table.blank_lines == ends - candidate.endswith((b"\r", b"\n"))


def test_noise_is_never_taken_for_a_season() -> None:
    noise = random.Random(7)  # the same bytes on every machine
    for length in (10, 1_000, 100_000):
        with pytest.raises(UnreadableFileError):
            read_table(noise.randbytes(length), NAME)
