"""League files: what a listing and a player hold, what is rejected, and what is no league file at all."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

import pytest

from monps_platform.domain.leagues import league
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.understat import Listing, ParsedLeague, Player
from monps_platform.sources.errors import NotPublishedError, UnreadableFileError
from monps_platform.sources.understat.league_file import parse_league
from monps_platform_tests.sources.understat.writing import (
    GONE,
    LEAGUE_NAME,
    SEASON,
    Record,
    body,
    coming,
    date,
    league_of,
    player,
)

_NOTHING = {"h": None, "a": None}


def test_a_finished_match_is_listed_with_its_score_and_expected_goals() -> None:
    parsed = league_of([date(1)])
    assert parsed.listings == [
        Listing(1001, datetime.fromisoformat("2019-08-02 14:00:00"), "Home1", "Away1", 2, 1, 1.75, 0.5)
    ]
    assert parsed.listings[0].is_finished
    assert (parsed.listings_read, parsed.players_read, list(parsed.rejections)) == (1, 1, [])


def test_a_match_to_come_has_neither_score_nor_expected_goals_whatever_stands_there() -> None:
    zeros = {"h": "0", "a": "0"}
    parsed = league_of([coming(1), date(2, isResult=False, goals=zeros, xG=zeros)], [])
    assert [(item.home_goals, item.away_goals, item.home_xg, item.away_xg) for item in parsed.listings] == [
        (None, None, None, None),
        (None, None, None, None),
    ]
    assert not any(item.is_finished for item in parsed.listings)
    assert not parsed.rejections


def test_a_goalless_draw_is_finished() -> None:
    assert league_of([date(1, goals={"h": "0", "a": "0"})]).listings[0].is_finished


def test_a_players_season_is_read_field_by_field() -> None:
    assert league_of([date(1)], [player(7)]).players == [
        Player(
            id=7,
            name="Player 7",
            teams=("Home1",),
            position="F S",
            appearances=30,
            minutes=2163,
            goals=9,
            non_penalty_goals=6,
            assists=2,
            shots=127,
            key_passes=22,
            yellow_cards=5,
            red_cards=1,
            xg=7.5,
            non_penalty_xg=5.25,
            xa=2.25,
            xg_chain=11.5,
            xg_buildup=3.125,
        )
    ]


def test_a_player_who_moved_is_shared_by_his_clubs_in_their_order() -> None:
    titles = ("Home1", "Nice,Angers", "Nimes, Angers,Nice")
    players = league_of([date(1)], [player(n, team_title=title) for n, title in enumerate(titles)]).players
    assert [(item.teams, item.is_shared) for item in players] == [
        (("Home1",), False),
        (("Nice", "Angers"), True),
        (("Nimes", "Angers", "Nice"), True),
    ]


def test_names_are_freed_from_html_entities_and_stray_blanks() -> None:
    parsed = league_of([date(1, h__title=" M&amp;S  United")], [player(1, player_name="N&#039;Golo  Kant\u00e9 ")])
    assert (parsed.listings[0].home_team, parsed.players[0].name) == ("M&S United", "N'Golo Kant\u00e9")


def test_a_pairing_may_stand_twice_where_sides_meet_more_often() -> None:
    document = body({"players": [player(1)], "dates": [date(n, h__title="A", a__title="B") for n in range(1, 4)]})
    with pytest.raises(UnreadableFileError, match="mostly as duplicate_match"):
        parse_league(document, league("E0"), SEASON, LEAGUE_NAME)
    assert len(parse_league(document, league("SC0"), SEASON, LEAGUE_NAME).listings) == 3


class _Case(NamedTuple):
    reason: Reason
    changes: dict[str, Any]


_BAD_LISTINGS = (
    _Case(Reason.MISSING_TEAM, {"h__title": ""}),
    _Case(Reason.MISSING_TEAM, {"a__title": " \u00a0"}),
    _Case(Reason.MISSING_TEAM, {"a__title": None}),
    _Case(Reason.SAME_TEAM_TWICE, {"a__title": "Home3"}),
    _Case(Reason.UNREADABLE_DATE, {"datetime": "2019-08-32 14:00:00"}),
    _Case(Reason.UNREADABLE_DATE, {"datetime": "2019-08-11"}),
    _Case(Reason.UNREADABLE_DATE, {"datetime": "2019-08-11T14:00:00"}),
    _Case(Reason.UNREADABLE_DATE, {"datetime": "2019-08-11 14:00:00+01:00"}),
    _Case(Reason.UNREADABLE_DATE, {"datetime": None}),
    _Case(Reason.OUTSIDE_SEASON, {"datetime": "2019-06-30 23:59:59"}),
    _Case(Reason.OUTSIDE_SEASON, {"datetime": "2020-09-01 00:00:00"}),
    _Case(Reason.GOALS_NOT_WHOLE, {"goals__h": "2.5"}),
    _Case(Reason.GOALS_NOT_WHOLE, {"goals__a": "-1"}),
    _Case(Reason.GOALS_NOT_WHOLE, {"goals__a": ""}),
    _Case(Reason.GOALS_NOT_WHOLE, {"goals__a": True}),
    _Case(Reason.GOALS_NOT_WHOLE, {"goals__a": "\u0663"}),
    _Case(Reason.GOALS_NOT_WHOLE, {"goals__h": "12345"}),
    _Case(Reason.GOALS_NOT_WHOLE, {"goals__h": 12345}),
    _Case(Reason.GOALS_NOT_WHOLE, {"goals__h": 2.0}),
    _Case(Reason.INCOMPLETE_SCORE, {"goals__a": None}),
    _Case(Reason.INCOMPLETE_SCORE, {"goals": _NOTHING}),
    _Case(Reason.INCOMPLETE_SCORE, {"xG__h": None}),
    _Case(Reason.INCOMPLETE_SCORE, {"xG": _NOTHING}),
    _Case(Reason.NOT_A_NUMBER, {"xG__h": "nan"}),
    _Case(Reason.NOT_A_NUMBER, {"xG__h": float("nan")}),
    _Case(Reason.NOT_A_NUMBER, {"xG__a": "inf"}),
    _Case(Reason.NOT_A_NUMBER, {"xG__a": "1e999"}),
    _Case(Reason.NOT_A_NUMBER, {"xG__a": float("-inf")}),
    _Case(Reason.NOT_A_NUMBER, {"xG__a": "1_0"}),
    _Case(Reason.NOT_A_NUMBER, {"xG__a": "1,5"}),
    _Case(Reason.NOT_A_NUMBER, {"xG__a": False}),
    _Case(Reason.NOT_A_NUMBER, {"xG__a": []}),
    _Case(Reason.NOT_A_NUMBER, {"xG__a": 10**400}),
    _Case(Reason.OUT_OF_RANGE, {"xG__h": "-0.01"}),
    _Case(Reason.NOT_A_NUMBER, {"id": "x"}),
    _Case(Reason.NOT_A_NUMBER, {"id": "9" * 19}),
    _Case(Reason.NOT_A_NUMBER, {"id": -5}),
    _Case(Reason.UNKNOWN_LABEL, {"isResult": "true"}),
    _Case(Reason.DUPLICATE_ID, {"id": "1002"}),
    _Case(Reason.DUPLICATE_MATCH, {"h__title": "Home2", "a__title": "Away2"}),
)
_BAD_PLAYERS = (
    _Case(Reason.NOT_A_NUMBER, {"id": ""}),
    _Case(Reason.DUPLICATE_ID, {"id": "2"}),
    _Case(Reason.MISSING_PLAYER, {"player_name": " "}),
    _Case(Reason.MISSING_PLAYER, {"player_name": 5}),
    _Case(Reason.MISSING_TEAM, {"team_title": ""}),
    _Case(Reason.MISSING_TEAM, {"team_title": "Nice,"}),
    _Case(Reason.MISSING_TEAM, {"team_title": None}),
    _Case(Reason.SAME_TEAM_TWICE, {"team_title": "Nice,Nice"}),
    _Case(Reason.UNKNOWN_LABEL, {"position": ""}),
    *(
        _Case(Reason.NOT_A_COUNT, {key: value})
        for key in ("games", "time", "goals", "npg", "assists", "shots", "key_passes", "yellow_cards", "red_cards")
        for value in ("-1", "1.5", None)
    ),
    _Case(Reason.OUT_OF_RANGE, {"npg": "10"}),
    *(_Case(Reason.NOT_A_NUMBER, {key: "NaN"}) for key in ("xG", "npxG", "xA", "xGChain", "xGBuildup")),
    *(_Case(Reason.OUT_OF_RANGE, {key: "-0.5"}) for key in ("xG", "npxG", "xA", "xGChain", "xGBuildup")),
)


def _id(case: _Case) -> str:
    return f"{case.reason}-{'-'.join(case.changes)}"


@pytest.mark.parametrize("case", _BAD_LISTINGS, ids=_id)
def test_a_bad_listing_is_rejected_with_its_place_reason_and_text(case: _Case) -> None:
    bad = date(3, **case.changes)
    parsed = league_of([date(1), date(2), bad, date(4), date(5)])
    assert parsed.rejections == [Rejection(Dataset.LISTINGS, 3, case.reason, body(bad).decode())]
    assert [item.id for item in parsed.listings] == [1001, 1002, 1004, 1005]
    assert parsed.listings_read == 5


@pytest.mark.parametrize("case", _BAD_PLAYERS, ids=_id)
def test_a_bad_player_is_rejected_with_its_place_reason_and_text(case: _Case) -> None:
    bad = player(3, **case.changes)
    parsed = league_of([date(1)], [player(1), player(2), bad, player(4), player(5)])
    assert parsed.rejections == [Rejection(Dataset.PLAYERS, 3, case.reason, body(bad).decode())]
    assert [item.id for item in parsed.players] == [1, 2, 4, 5]
    assert parsed.players_read == 5


def test_the_first_and_the_last_day_of_a_season_belong_to_it() -> None:
    parsed = league_of([date(1, datetime="2019-07-01 00:00:00"), date(2, datetime="2020-08-31 23:59:59")])
    assert len(parsed.listings) == 2


def test_the_text_of_a_rejection_is_ascii_on_one_line_and_gives_the_record_back() -> None:
    bad = player(1, player_name="Kant\u00e9\n", goals="x")
    text = league_of([date(1)], [bad, *map(player, range(2, 6))]).rejections[0].raw_text
    assert text.isascii()
    assert "\n" not in text
    assert json.loads(text) == bad


def _bad_dates(bad: int, good: int) -> ParsedLeague:
    return league_of([*(date(n, goals__h="x") for n in range(bad)), *(date(100 + n) for n in range(good))])


def _bad_players(bad: int, good: int) -> ParsedLeague:
    players = [*(player(n, xG="x") for n in range(bad)), *(player(100 + n) for n in range(good))]
    return league_of([date(1)], players)


def test_a_fifth_of_a_list_may_be_rejected_and_not_one_more() -> None:
    assert len(_bad_dates(4, 16).rejections) == 4
    assert len(_bad_players(4, 16).rejections) == 4
    with pytest.raises(UnreadableFileError, match="5 of 20 records of dates are rejected, mostly as goals_not_whole"):
        _bad_dates(5, 15)
    with pytest.raises(UnreadableFileError, match="5 of 20 records of players are rejected, mostly as not_a_number"):
        _bad_players(5, 15)


def test_the_file_of_another_season_is_refused() -> None:
    dates = [date(n, datetime=f"2018-09-{n:02d} 15:00:00") for n in range(1, 10)]
    with pytest.raises(UnreadableFileError, match="9 of 9 records of dates are rejected, mostly as outside_season"):
        league_of(dates)


@pytest.mark.parametrize("key", ["id", "isResult", "h", "a", "goals", "xG", "datetime"])
@pytest.mark.parametrize("make", [date, coming])
def test_a_listing_without_a_key_that_all_have_is_a_changed_form(make: Any, key: str) -> None:
    with pytest.raises(UnreadableFileError, match=rf"EPL/2019: record 2 of dates has no '{key}'"):
        league_of([make(1), make(2, **{key: GONE})])


@pytest.mark.parametrize("key", ["h__title", "a__title", "goals__h", "goals__a", "xG__h", "xG__a"])
def test_a_side_without_a_key_that_all_have_is_a_changed_form(key: str) -> None:
    with pytest.raises(UnreadableFileError, match=rf"record 1 of dates has no '{key.partition('__')[2]}'"):
        league_of([date(1, **{key: GONE})])


@pytest.mark.parametrize("key", ["h", "a", "goals", "xG"])
@pytest.mark.parametrize("value", [None, [], "2"])
def test_a_side_that_is_no_object_is_a_changed_form(key: str, value: object) -> None:
    with pytest.raises(UnreadableFileError, match=rf"record 1 of dates has no '{key}'"):
        league_of([date(1, **{key: value})])


@pytest.mark.parametrize("key", sorted(player(1)))
def test_a_player_without_a_key_that_all_have_is_a_changed_form(key: str) -> None:
    with pytest.raises(UnreadableFileError, match=rf"EPL/2019: record 2 of players has no '{key}'"):
        league_of([date(1)], [player(1), player(2, **{key: GONE})])


@pytest.mark.parametrize("record", [None, "text", [], 5])
def test_a_record_that_is_no_object_is_a_changed_form(record: object) -> None:
    with pytest.raises(UnreadableFileError, match="record 2 of dates is no object"):
        league_of([date(1), record])
    with pytest.raises(UnreadableFileError, match="record 2 of players is no object"):
        league_of([date(1)], [player(1), record])


@pytest.mark.parametrize("key", ["players", "dates"])
@pytest.mark.parametrize("value", [GONE, None, {}, "[]"])
def test_a_file_without_both_lists_is_refused(key: str, value: object) -> None:
    document: Record = {"players": [player(1)], "dates": [date(1)], key: value}
    if value is GONE:
        del document[key]
    with pytest.raises(UnreadableFileError, match=f"EPL/2019: the file has no list '{key}'"):
        parse_league(body(document), league("E0"), SEASON, LEAGUE_NAME)


def test_a_file_of_players_without_a_match_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="the file lists players, but no match"):
        league_of([])


def test_a_file_without_anything_is_of_a_season_that_is_not_scheduled_yet() -> None:
    with pytest.raises(NotPublishedError, match="the file lists no match yet"):
        league_of([], [])


def test_a_file_without_players_is_refused_once_a_match_is_finished() -> None:
    assert list(league_of([coming(1)], []).players) == []
    with pytest.raises(UnreadableFileError, match="finished matches, but no player"):
        league_of([coming(1), date(2)], [])


def test_an_html_page_is_refused_with_the_files_name() -> None:
    with pytest.raises(UnreadableFileError, match="getLeagueData/EPL/2019: the server sent an HTML page"):
        parse_league(b"<html></html>", league("E0"), SEASON, LEAGUE_NAME)
