"""PPDA and deep completions join their match by team and time, or stay unknown with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.understat import ParsedLeague
from monps_platform.sources.errors import UnreadableFileError
from monps_platform_tests.sources.understat.writing import (
    GONE,
    Record,
    body,
    coming,
    date,
    entry,
    league_of,
    team,
)

_FIRST, _SECOND = "2019-08-02 14:00:00", "2019-12-01 20:00:00"
_MATCHES = [
    date(1, h__title="A", a__title="B", datetime=_FIRST),
    date(2, h__title="B", a__title="A", datetime=_SECOND),
    coming(3, h__title="A", a__title="C"),
]


def with_teams(*teams: Record) -> ParsedLeague:
    return league_of(_MATCHES, teams={str(number): item for number, item in enumerate(teams)})


def pressing(parsed: ParsedLeague) -> list[tuple[float | None, float | None, int | None, int | None]]:
    return [(item.home_ppda, item.away_ppda, item.home_deep, item.away_deep) for item in parsed.listings]


def test_every_entry_finds_the_match_of_its_team_on_its_date() -> None:
    of_a = team("A", entry(_FIRST, "h", ppda__att=90, ppda__def=20, deep=1), entry(_SECOND, "a", deep=2))
    of_b = team("B", entry(_SECOND, "h", ppda={"att": 77, "def": 7}, deep=3), entry(_FIRST, "a", deep=4))
    parsed = with_teams(of_a, of_b)
    assert pressing(parsed) == [(4.5, 8.5, 1, 4), (11.0, 8.5, 3, 2), (None, None, None, None)]
    assert not parsed.rejections


def test_what_the_opponent_did_is_not_taken_for_what_the_team_did() -> None:
    parsed = with_teams(team("A", entry(_FIRST, "h", ppda_allowed__att=1, ppda_allowed__def=1, deep_allowed=99)))
    assert pressing(parsed)[0] == (8.5, None, 7, None)


def test_numbers_may_be_written_as_text() -> None:
    parsed = with_teams(team("A", entry(_FIRST, "h", ppda={"att": "90", "def": "20"}, deep="3")))
    assert pressing(parsed)[0] == (4.5, None, 3, None)


def test_without_a_defensive_action_there_is_no_ppda_and_that_is_no_mistake() -> None:
    parsed = with_teams(team("A", entry(_FIRST, "h", ppda__def=0)))
    assert pressing(parsed)[0] == (None, None, 7, None)
    assert not parsed.rejections


@pytest.mark.parametrize("teams", [{}, [], None, {"83": team("A")}], ids=["object", "list", "null", "no history"])
def test_where_there_is_no_history_nothing_is_known(teams: object) -> None:
    parsed = league_of(_MATCHES, teams=teams)
    assert pressing(parsed) == [(None,) * 4] * 3
    assert not parsed.rejections


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        (Reason.NOT_A_COUNT, {"ppda__att": -1}),
        (Reason.NOT_A_COUNT, {"ppda__def": 2.5}),
        (Reason.NOT_A_COUNT, {"ppda__def": None}),
        (Reason.NOT_A_COUNT, {"deep": "many"}),
        (Reason.WRONG_SIDE, {"h_a": "a"}),
        (Reason.WRONG_SIDE, {"h_a": None}),
    ],
)
def test_an_entry_that_cannot_be_read_leaves_its_side_unknown_and_the_listing_loaded(
    reason: Reason, changes: dict[str, Any]
) -> None:
    bad = entry(_SECOND, "h", **changes)
    parsed = with_teams(team("B", bad), team("A", entry(_SECOND, "a")))
    assert pressing(parsed)[1] == (None, 8.5, None, 7)
    assert parsed.rejections == [Rejection(Dataset.MATCH_DETAILS, 2, reason, body([bad]).decode())]
    assert parsed.listings_read == len(parsed.listings)


def test_two_entries_for_one_match_are_believed_neither() -> None:
    twice = [entry(_FIRST, "h", deep=1), entry(_FIRST, "h", deep=2)]
    parsed = with_teams(team("A", *twice))
    assert pressing(parsed)[0] == (None, None, None, None)
    assert parsed.rejections == [Rejection(Dataset.MATCH_DETAILS, 1, Reason.DUPLICATE_MATCH, body(twice).decode())]


def test_the_entry_of_a_rejected_match_goes_with_it_and_the_numbers_stay_right() -> None:
    dates = [date(n, **({"goals__h": "x"} if n == 1 else {})) for n in range(1, 6)]
    bad = entry("2019-08-03 14:00:00", "h", deep=-1)
    teams = {"1": team("Home1", entry(_FIRST, "h")), "2": team("Home2", bad)}
    parsed = league_of(dates, teams=teams)
    assert [(item.dataset, item.line_number) for item in parsed.rejections] == [
        (Dataset.LISTINGS, 1),
        (Dataset.MATCH_DETAILS, 2),
    ]


def test_histories_of_other_matches_only_are_a_changed_form() -> None:
    with pytest.raises(UnreadableFileError, match="no entry of the teams' histories belongs to a listed match"):
        with_teams(team("A", entry("02.08.2019 14:00", "h")))


@pytest.mark.parametrize("key", ["h_a", "ppda", "ppda__att", "ppda__def", "deep", "date"])
def test_an_entry_without_a_key_that_all_have_is_a_changed_form(key: str) -> None:
    with pytest.raises(UnreadableFileError, match=rf"record 1 of teams has no '{key.removeprefix('ppda__')}'"):
        with_teams(team("A", entry(_FIRST, "h", **{key: GONE})))


@pytest.mark.parametrize(
    ("teams", "reason"),
    [
        ([team("A")], "'teams' is no object"),
        ("A", "'teams' is no object"),
        ({"1": None}, "record 1 of teams is no object"),
        ({"1": {"title": "A"}}, "record 1 of teams has no 'history'"),
        ({"1": {"title": "A", "history": {}}}, "record 1 of teams has no 'history'"),
        ({"1": {"title": "A", "history": [5]}}, "record 1 of teams has no 'history'"),
        ({"1": {"history": []}}, "record 1 of teams has no 'title'"),
        ({"1": {"title": "", "history": []}}, "a team has no title"),
    ],
)
def test_teams_of_another_form_are_refused(teams: object, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        league_of(_MATCHES, teams=teams)
