"""From lines to matches: dates, times, scores, statistics, and matches that are repeated."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.matches import Match
from monps_platform.domain.rejections import Dataset, Reason
from monps_platform.sources.football_data.match_rows import read_date, whole
from monps_platform_tests.sources.football_data.reading import RESULTS, parse, reasons_of

_AT_ANY_SPEED = settings(deadline=None)

_TIMED = "Div,Date,Time,HomeTeam,AwayTeam"
_HALVES = f"{RESULTS},HTHG,HTAG,HTR"


def _only(header: str, row: str, code: str = "E0") -> Match:
    parsed = parse(header, row, code=code)
    assert not parsed.rejections
    (match,) = parsed.matches
    return match


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("14/08/93", date(1993, 8, 14)),
        ("31/12/99", date(1999, 12, 31)),
        ("01/01/00", date(2000, 1, 1)),
        ("16/08/03", date(2003, 8, 16)),
        ("29/02/20", date(2020, 2, 29)),
        ("13/08/2021", date(2021, 8, 13)),
        ("14/08/1993", date(1993, 8, 14)),
        ("1/9/2021", date(2021, 9, 1)),
    ],
)
def test_days_come_first_and_years_have_two_or_four_digits(cell: str, expected: date) -> None:
    assert _only(RESULTS, f"E0,{cell},A,B,,,").match_date == expected


@pytest.mark.parametrize(
    "cell",
    ["", "x", "29/02/21", "31/04/2021", "00/01/2021", "08/14/2021", "2021-08-14", "14/08", "14/08/921", "14.08.2021",
     "14/08/2021 15:00", "44422", "14/08/0000", "114/08/2021"],
)  # fmt: skip
def test_a_line_without_a_readable_date_is_rejected(cell: str) -> None:
    row = f"E0,{cell},A,B,1,0,H"
    parsed = parse(RESULTS, row)
    assert reasons_of(parsed) == [(2, Reason.UNREADABLE_DATE)]
    assert parsed.rejections[0].raw_text == row


@_AT_ANY_SPEED
@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_every_day_of_a_century_is_read_from_both_forms(day: date) -> None:
    assert read_date(f"{day:%d/%m/%Y}") == read_date(f"{day:%d/%m/%y}") == day


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("E0,26/10/2019,15:00,A,B", datetime(2019, 10, 26, 14, 0, tzinfo=UTC)),
        ("E0,27/10/2019,16:30,A,B", datetime(2019, 10, 27, 16, 30, tzinfo=UTC)),
        ("E0,27/03/2021,20:00,A,B", datetime(2021, 3, 27, 20, 0, tzinfo=UTC)),
        ("E0,28/03/2021,20:00,A,B", datetime(2021, 3, 28, 19, 0, tzinfo=UTC)),
        ("E0,01/07/20,0:15,A,B", datetime(2020, 6, 30, 23, 15, tzinfo=UTC)),
        ("E0,14/08/2021,17:30:00,A,B", datetime(2021, 8, 14, 16, 30, tzinfo=UTC)),
    ],
)
def test_uk_local_time_becomes_utc(row: str, expected: datetime) -> None:
    match = _only(_TIMED, row)
    assert match.kickoff_at == expected
    assert f"{match.match_date:%d/%m}" in row  # the date stays the source's, UK time


@pytest.mark.parametrize(("header", "row"), [(_TIMED, "E0,14/08/2021,,A,B"), (RESULTS, "E0,14/08/2021,A,B,,,")])
def test_without_a_time_the_date_is_known_and_the_kickoff_is_not(header: str, row: str) -> None:
    match = _only(header, row)
    assert (match.match_date, match.kickoff_at) == (date(2021, 8, 14), None)


@pytest.mark.parametrize("cell", ["TBC", "24:00", "15:60", "15", "15.00", "3pm", "-1:00"])
def test_an_unreadable_time_is_told_and_the_match_still_loads_without_one(cell: str) -> None:
    parsed = parse(_TIMED, f"E0,14/08/2021,{cell},A,B")
    assert [match.kickoff_at for match in parsed.matches] == [None]
    (rejection,) = parsed.rejections
    assert (rejection.dataset, rejection.line_number) == (Dataset.MATCH_DETAILS, 2)
    assert (rejection.reason, rejection.raw_text) == (Reason.UNREADABLE_TIME, f"Time={cell}")


def test_every_statistic_lands_in_its_own_field() -> None:
    header = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,Referee,HS,AS,HST,AST,HF,AF,HC,AC,HY,AY,HR,AR"
    match = _only(header, "E0,14/08/2021,Arsenal,Leeds,31,30,H,22,21,H,M Dean,1,2,3,4,5,6,7,8,9,10,11,12")
    assert match == Match(
        home_team="Arsenal",
        away_team="Leeds",
        match_date=date(2021, 8, 14),
        home_goals=31,
        away_goals=30,
        half_time_home_goals=22,
        half_time_away_goals=21,
        home_shots=1,
        away_shots=2,
        home_shots_on_target=3,
        away_shots_on_target=4,
        home_fouls=5,
        away_fouls=6,
        home_corners=7,
        away_corners=8,
        home_yellow_cards=9,
        away_yellow_cards=10,
        home_red_cards=11,
        away_red_cards=12,
        referee="M Dean",
    )


def test_what_a_line_does_not_say_is_not_known() -> None:
    assert _only(f"{_HALVES},Referee,HS,AS", "E0,14/08/2021,A,B,,,,,,,,,") == Match("A", "B", date(2021, 8, 14))


def test_the_first_layouts_hold_results_and_nothing_else() -> None:
    parsed = parse(
        f"{RESULTS},,,", "E0,14/08/93,Arsenal,Coventry,0,3,A,,,", "E0,14/08/93,Aston Villa,QPR,4,1,H,,,", ",,,,,,,,,"
    )
    assert [(match.home_team, match.home_goals, match.half_time_home_goals) for match in parsed.matches] == [
        ("Arsenal", 0, None),
        ("Aston Villa", 4, None),
    ]
    assert (list(parsed.quotes), list(parsed.bookmakers), parsed.quotes_read) == ([], [], 0)
    assert not parsed.rejections


@pytest.mark.parametrize(("cell", "value"), [("0", 0), ("3", 3), ("03", 3), ("3.0", 3), ("3.00", 3), ("12", 12)])
def test_whole_numbers_are_read_with_or_without_a_zero_fraction(cell: str, value: int) -> None:
    assert whole(cell) == value
    assert _only(RESULTS, f"E0,14/08/2021,A,B,{cell},{cell},D").home_goals == value


@pytest.mark.parametrize("cell", ["1.5", "-1", "x", "1e1", "1.", "+1", "2-1", "nan", "99999", "9" * 5_000])
def test_goals_that_are_not_whole_numbers_reject_the_match(cell: str) -> None:
    for row in (f"E0,14/08/2021,A,B,{cell},0,H", f"E0,14/08/2021,A,B,0,{cell},A"):
        assert reasons_of(parse(RESULTS, row)) == [(2, Reason.GOALS_NOT_WHOLE)]
    assert reasons_of(parse(_HALVES, f"E0,14/08/2021,A,B,3,0,H,{cell},0,H")) == [(2, Reason.GOALS_NOT_WHOLE)]


@pytest.mark.parametrize("cell", ["1.5", "-1", "x", "99999", "9" * 5_000])
def test_a_count_that_cannot_be_read_is_told_and_the_match_still_loads_without_it(cell: str) -> None:
    parsed = parse(f"{RESULTS},HS,AS", f"E0,14/08/2021,A,B,1,0,H,{cell},7")
    assert [(match.home_shots, match.away_shots) for match in parsed.matches] == [(None, 7)]
    (rejection,) = parsed.rejections
    assert (rejection.dataset, rejection.reason) == (Dataset.MATCH_DETAILS, Reason.NOT_A_COUNT)
    assert (rejection.line_number, rejection.raw_text) == (2, f"HS={cell}")


@pytest.mark.parametrize(
    ("home", "away", "letter", "fits"),
    [(home, away, letter, right == letter)
     for home, away, right in ((2, 1, "H"), (1, 1, "D"), (0, 0, "D"), (0, 3, "A"))
     for letter in ("H", "D", "A", "X", "1")],
)  # fmt: skip
def test_the_result_letter_agrees_with_the_score_or_rejects_the_match(
    home: int, away: int, letter: str, fits: bool
) -> None:
    expected = [] if fits else [(2, Reason.RESULT_CONTRADICTS_SCORE)]
    assert reasons_of(parse(RESULTS, f"E0,14/08/2021,A,B,{home},{away},{letter}")) == expected
    half_time = f"E0,14/08/2021,A,B,{home + 1},{away + 1},,{home},{away},{letter}"
    assert reasons_of(parse(_HALVES, half_time)) == expected


def test_a_result_letter_may_be_small_or_missing() -> None:
    assert _only(RESULTS, "E0,14/08/2021,A,B,2,1,h").home_goals == 2
    assert _only(RESULTS, "E0,14/08/2021,A,B,2,1,").home_goals == 2
    assert _only("Date,HomeTeam,AwayTeam,FTHG,FTAG", "14/08/2021,A,B,2,1").away_goals == 1


@pytest.mark.parametrize("score", ["2,,H", ",1,A", "2,,", ",,H"])
def test_half_a_score_rejects_the_match(score: str) -> None:
    assert reasons_of(parse(RESULTS, f"E0,14/08/2021,A,B,{score}")) == [(2, Reason.INCOMPLETE_SCORE)]
    assert reasons_of(parse(_HALVES, f"E0,14/08/2021,A,B,5,5,D,{score}")) == [(2, Reason.INCOMPLETE_SCORE)]


@pytest.mark.parametrize("half_time", ["3,0,H", "0,2,A", "3,2,H"])
def test_more_goals_at_half_time_than_in_the_end_reject_the_match(half_time: str) -> None:
    parsed = parse(_HALVES, f"E0,14/08/2021,A,B,2,1,H,{half_time}")
    assert reasons_of(parsed) == [(2, Reason.HALF_TIME_EXCEEDS_FULL_TIME)]


@pytest.mark.parametrize("half_time", ["0,0,D", "2,0,H", "2,1,H", "0,1,A", ",,"])
def test_a_score_may_grow_from_half_time_or_stay(half_time: str) -> None:
    assert _only(_HALVES, f"E0,14/08/2021,A,B,2,1,H,{half_time}").home_goals == 2


@pytest.mark.parametrize("teams", [",B", "A,", ",", " ,B"])
def test_a_line_without_a_team_is_rejected(teams: str) -> None:
    assert reasons_of(parse(RESULTS, f"E0,14/08/2021,{teams},1,0,H")) == [(2, Reason.MISSING_TEAM)]


def test_a_side_does_not_play_itself() -> None:
    assert reasons_of(parse(RESULTS, "E0,14/08/2021,West  Ham,West Ham,1,0,H")) == [(2, Reason.SAME_TEAM_TWICE)]


def test_blanks_inside_a_name_count_once() -> None:
    assert _only(RESULTS, "E0,14/08/2021,Man\u00a0  United,B,1,0,H").home_team == "Man United"


def test_a_line_of_another_division_is_rejected_and_one_without_is_not() -> None:
    parsed = parse(RESULTS, "E1,14/08/2021,A,B,1,0,H", ",14/08/2021,C,D,1,0,H", "e0,14/08/2021,E,F,1,0,H")
    assert reasons_of(parsed) == [(2, Reason.WRONG_DIVISION)]
    assert [match.home_team for match in parsed.matches] == ["C", "E"]


def test_a_second_header_in_the_middle_is_rejected_and_the_lines_behind_it_load() -> None:
    parsed = parse(RESULTS, "E0,14/08/2021,A,B,1,0,H", RESULTS, "E0,15/08/2021,C,D,1,0,H")
    assert reasons_of(parsed) == [(3, Reason.WRONG_DIVISION)]
    assert len(parsed.matches) == 2


def test_in_a_double_round_robin_a_pair_meets_once_at_each_ground() -> None:
    parsed = parse(
        RESULTS,
        "E0,14/08/2021,A,B,1,0,H",
        "E0,15/01/2022,B,A,1,0,H",
        "E0,14/08/2021,A,B,1,0,H",
        "E0,20/02/2022,A,B,2,2,D",
    )
    assert reasons_of(parsed) == [(4, Reason.DUPLICATE_MATCH), (5, Reason.DUPLICATE_MATCH)]
    assert [(match.home_team, match.meeting) for match in parsed.matches] == [("A", 1), ("B", 1)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_in_scotland_home_meetings_are_numbered_by_date_whatever_the_order_of_the_file(order: tuple[int, ...]) -> None:
    rows = [
        "SC0,14/08/21,Celtic,Hearts,1,0,H",
        "SC0,02/12/21,Hearts,Celtic,1,0,H",
        "SC0,07/05/22,Celtic,Hearts,4,1,H",
    ]
    parsed = parse(RESULTS, *(rows[at] for at in order), code="SC0")
    assert not parsed.rejections
    assert sorted((match.match_date, match.home_team, match.meeting) for match in parsed.matches) == [
        (date(2021, 8, 14), "Celtic", 1),
        (date(2021, 12, 2), "Hearts", 1),
        (date(2022, 5, 7), "Celtic", 2),
    ]


def test_in_scotland_a_third_home_meeting_and_one_on_the_same_day_are_repetitions() -> None:
    row = "SC1,{},Celtic,Hearts,1,0,H"
    days = ("14/08/2021", "14/08/2021", "07/05/2022", "08/05/2022")
    parsed = parse(RESULTS, *(row.format(day) for day in days), code="SC1")
    assert reasons_of(parsed) == [(3, Reason.DUPLICATE_MATCH), (5, Reason.DUPLICATE_MATCH)]
    assert [match.meeting for match in parsed.matches] == [1, 2]


def test_a_rejected_match_does_not_make_a_repetition_of_the_right_one() -> None:
    parsed = parse(RESULTS, "E0,14/08/2021,A,B,1,0,A", "E0,14/08/2021,A,B,1,0,H")
    assert reasons_of(parsed) == [(2, Reason.RESULT_CONTRADICTS_SCORE)]
    assert [match.home_goals for match in parsed.matches] == [1]


def test_one_bad_line_of_every_sort_leaves_the_rest_of_the_file() -> None:
    bad = ["E0,x,A,B,1,0,H", "E0,14/08/2021,,B,1,0,H", "E0,14/08/2021,A,B,1.5,0,H", "E0,14/08/2021,A,B,1,0,A"]
    good = [f"E0,14/08/2021,T{at},U{at},1,0,H" for at in range(len(bad) + 1)]
    lines = [line for pair in zip(good, bad, strict=False) for line in pair]
    parsed = parse(RESULTS, *lines, good[-1])
    assert [match.home_team for match in parsed.matches] == [f"T{at}" for at in range(len(good))]
    assert [line for line, _ in reasons_of(parsed)] == [3, 5, 7, 9]
    assert parsed.lines_read == len(parsed.matches) + parsed.rejected(Dataset.MATCHES)


def test_after_a_split_a_side_may_host_the_same_opponent_a_third_time() -> None:
    days = ("14/08/2021", "07/02/2022", "08/05/2022")
    parsed = parse(RESULTS, *(f"SC0,{day},Celtic,Hearts,1,0,H" for day in days), code="SC0")
    assert [match.meeting for match in parsed.matches] == [1, 2, 3]


def test_a_match_that_was_abandoned_gives_way_to_its_replay() -> None:
    parsed = parse(RESULTS, "E0,14/08/2021,A,B,,,", "E0,20/10/2021,A,B,2,1,H", "E0,21/10/2021,A,B,3,1,H")
    assert [(match.match_date.month, match.home_goals) for match in parsed.matches] == [(10, 2)]
    assert reasons_of(parsed) == [(2, Reason.DUPLICATE_MATCH), (4, Reason.DUPLICATE_MATCH)]


@pytest.mark.parametrize("half_time", ["0,2,A", "1,,H", "1,0,A"], ids=["beyond the end", "one side", "wrong letter"])
def test_a_half_time_score_that_cannot_be_true_costs_the_match_nothing_else(half_time: str) -> None:
    parsed = parse(f"{RESULTS},HTHG,HTAG,HTR", f"E0,14/08/2021,A,B,2,1,H,{half_time}")
    match = parsed.matches[0]
    assert (match.home_goals, match.away_goals) == (2, 1)
    assert (match.half_time_home_goals, match.half_time_away_goals) == (None, None)
    assert [item.dataset for item in parsed.rejections] == [Dataset.MATCH_DETAILS]


def test_the_older_names_of_columns_are_understood() -> None:
    parsed = parse("Div,Date,HT,AT,HG,AG,Res", "G1,14/08/2001,A,B,2,1,H", code="G1")
    match = parsed.matches[0]
    assert (match.home_team, match.away_team, match.home_goals, match.away_goals) == ("A", "B", 2, 1)
