"""Every reason for a rejection, seen once with the place and the text it is kept with."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from monps_platform.domain.leagues import league
from monps_platform.domain.matches import ParsedMatches
from monps_platform.domain.rejections import Dataset, Reason
from monps_platform.domain.seasons import Season
from monps_platform.sources.football_data.match_rows import read_date
from monps_platform.sources.football_data.parser import parse_fixtures
from monps_platform_tests.sources.football_data.reading import NAME, file_of, parse

_HEADER = "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HS,HS,AHh,BWAHH,BWAHA,BWH,BWD,BWA"
_GOOD = "E0,14/08/2021,15:00,A,B,2,1,H,1,1,9,,0.5,1.9,1.9,2.0,3.0,4.0"


class _Case(NamedTuple):
    reason: Reason
    dataset: Dataset
    line: str
    raw_text: str | None = None

    @property
    def kept(self) -> str:
        return self.line if self.raw_text is None else self.raw_text


_CASES = (
    _Case(Reason.MISSING_TEAM, Dataset.MATCHES, "E0,14/08/2021,15:00,,D,2,1,H"),
    _Case(Reason.SAME_TEAM_TWICE, Dataset.MATCHES, "E0,14/08/2021,15:00,D,D,2,1,H"),
    _Case(Reason.UNREADABLE_DATE, Dataset.MATCHES, "E0,31/02/2021,15:00,C,D,2,1,H"),
    _Case(Reason.UNREADABLE_TIME, Dataset.MATCH_DETAILS, "E0,14/08/2021,TBC,C,D,2,1,H", "Time=TBC"),
    _Case(Reason.GOALS_NOT_WHOLE, Dataset.MATCHES, "E0,14/08/2021,15:00,C,D,2.5,1,H"),
    _Case(Reason.INCOMPLETE_SCORE, Dataset.MATCHES, "E0,14/08/2021,15:00,C,D,2,,H"),
    _Case(Reason.RESULT_CONTRADICTS_SCORE, Dataset.MATCHES, "E0,14/08/2021,15:00,C,D,2,1,A"),
    _Case(
        Reason.HALF_TIME_EXCEEDS_FULL_TIME,
        Dataset.MATCH_DETAILS,
        "E0,14/08/2021,15:00,C,D,2,1,H,0,2",
        "HTHG=0;HTAG=2;HTR=",
    ),
    _Case(Reason.OUTSIDE_SEASON, Dataset.MATCHES, "E0,14/05/2021,15:00,C,D,,,"),
    _Case(Reason.DUPLICATE_MATCH, Dataset.MATCHES, "E0,15/08/2021,15:00,A,B,2,1,H"),
    _Case(Reason.TOO_MANY_CELLS, Dataset.MATCHES, f"E0,14/08/2021,15:00,C,D,2,1,H{',' * 11}7"),
    _Case(Reason.STRAY_QUOTATION_MARK, Dataset.MATCHES, 'E0,14/08/2021,15:00,C,"D,2,1,H'),
    _Case(Reason.ALREADY_IN_SEASON_FILE, Dataset.MATCHES, "E0,21/08/2021,15:00,Taken,D,,,"),
    _Case(Reason.NOT_A_COUNT, Dataset.MATCH_DETAILS, "E0,14/08/2021,15:00,C,D,2,1,H,,,many", "HS=many"),
    _Case(Reason.CONFLICTING_COLUMNS, Dataset.MATCH_DETAILS, "E0,14/08/2021,15:00,C,D,2,1,H,,,8,9"),
    _Case(Reason.MATCH_REJECTED, Dataset.ODDS, "E0,,,C,D,,,,,,,,,,,2,3,4", "BWH=2;BWD=3;BWA=4"),
    _Case(Reason.INCOMPLETE_PRICES, Dataset.ODDS, "E0,14/08/2021,,C,D,,,,,,,,,,,2,,4", "BWH=2;BWD=;BWA=4"),
    _Case(Reason.PRICE_NOT_ABOVE_ONE, Dataset.ODDS, "E0,14/08/2021,,C,D,,,,,,,,,,,2,1.0,4", "BWH=2;BWD=1.0;BWA=4"),
    _Case(Reason.PRICE_OUT_OF_RANGE, Dataset.ODDS, "E0,14/08/2021,,C,D,,,,,,,,,,,2,3,10001", "BWH=2;BWD=3;BWA=10001"),
    _Case(
        Reason.PRICE_TOO_PRECISE, Dataset.ODDS, "E0,14/08/2021,,C,D,,,,,,,,,,,2,3,1.23456", "BWH=2;BWD=3;BWA=1.23456"
    ),
    _Case(Reason.MISSING_LINE, Dataset.ODDS, "E0,14/08/2021,,C,D,,,,,,,,,1.9,2", "BWAHH=1.9;BWAHA=2;AHh="),
    _Case(Reason.NOT_A_NUMBER, Dataset.ODDS, "E0,14/08/2021,,C,D,,,,,,,,0,1.9,x", "BWAHH=1.9;BWAHA=x;AHh=0"),
)


def _parse(line: str) -> ParsedMatches:
    taken_on = read_date("21/08/2021")
    assert taken_on is not None
    body = file_of(_HEADER, _GOOD, ",,,,,", line, "E0,22/08/2021,,E,F")
    return parse_fixtures(body, league("E0"), NAME, {("Taken", "D", taken_on)}, Season(2021))


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.reason)
def test_a_rejection_is_kept_with_its_dataset_line_number_reason_and_raw_text(case: _Case) -> None:
    parsed = _parse(case.line)
    kept = [(item.dataset, item.line_number, item.reason, item.raw_text) for item in parsed.rejections]
    assert (case.dataset, 4, case.reason, case.kept) in kept
    assert {line for _, line, _, _ in kept} == {4}


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.reason)
def test_whatever_is_rejected_the_lines_around_it_load_and_the_counts_add_up(case: _Case) -> None:
    parsed = _parse(case.line)
    homes = [match.home_team for match in parsed.matches]
    assert (homes[0], homes[-1]) == ("A", "E")
    assert ("C" in homes) == (parsed.rejected(Dataset.MATCHES) == 0)
    assert parsed.lines_read == len(parsed.matches) + parsed.rejected(Dataset.MATCHES) == 3
    assert parsed.quotes_read == parsed.quotes_loaded + parsed.rejected(Dataset.ODDS)
    assert (parsed.quotes_loaded, parsed.blank_lines) == (2, 1)


def test_a_seasons_own_file_holds_no_line_of_another_division() -> None:
    line = _GOOD.replace("E0", "E1")
    parsed = parse(_HEADER, _GOOD, line)
    assert [(item.line_number, item.reason, item.raw_text) for item in parsed.rejections] == [
        (3, Reason.WRONG_DIVISION, line),
        (3, Reason.MATCH_REJECTED, "BWH=2.0;BWD=3.0;BWA=4.0"),
        (3, Reason.MATCH_REJECTED, "BWAHH=1.9;BWAHA=1.9;AHh=0.5"),
    ]


OF_UNDERSTAT = {
    Reason.UNRESOLVED_TEAM,
    Reason.MISSING_PLAYER,
    Reason.UNKNOWN_LABEL,
    Reason.DUPLICATE_ID,
    Reason.OUT_OF_RANGE,
    Reason.WRONG_MATCH,
    Reason.WRONG_SIDE,
}


OF_PICKS = {
    Reason.AGGREGATE_BOOKMAKER,
    Reason.AMBIGUOUS_TEAM,
    Reason.DUPLICATE_PICK,
    Reason.LINE_NOT_OF_MARKET,
    Reason.LINE_NOT_QUARTER,
    Reason.LINE_OUT_OF_RANGE,
    Reason.MISSING_VALUE,
    Reason.NO_SUCH_MATCH,
    Reason.PROBABILITY_OUT_OF_RANGE,
    Reason.RESERVED_AGENT,
    Reason.SIDE_NOT_OF_MARKET,
    Reason.STAKE_NOT_POSITIVE,
    Reason.STAKE_TOO_PRECISE,
    Reason.STAKE_OUT_OF_RANGE,
    Reason.TAKEN_AFTER_KICKOFF,
    Reason.TAKEN_IN_THE_FUTURE,
    Reason.TERMS_CHANGED,
    Reason.UNKNOWN_BOOKMAKER,
    Reason.UNKNOWN_LEAGUE,
    Reason.UNKNOWN_MARKET,
    Reason.UNREADABLE_FILE,
    Reason.UNUSABLE_TEXT,
    Reason.WRONG_NUMBER_OF_CELLS,
}


OF_ODDS_API = {
    Reason.CAPTURED_IN_THE_FUTURE,
    Reason.DUPLICATE_QUOTE,
    Reason.EVENT_STARTED,
    Reason.LAY_PRICES,
    Reason.LINES_DIFFER,
    Reason.UNREADABLE_EVENT,
}


def test_every_reason_there_is_has_been_seen() -> None:
    others = OF_UNDERSTAT | OF_PICKS | OF_ODDS_API
    assert {case.reason for case in _CASES} | {Reason.WRONG_DIVISION} == set(Reason) - others
