"""Match files: what a shot and an appearance hold, what is rejected, and what is no match file at all."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.understat import Appearance, Shot
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.understat.match_file import parse_match
from monps_platform_tests.sources.understat.writing import (
    GONE,
    MATCH_ID,
    MATCH_NAME,
    body,
    line_ups,
    match_of,
    roster,
    shot,
)


def test_a_shot_is_read_field_by_field() -> None:
    parsed = match_of([shot(5)])
    assert parsed.shots == [
        Shot(
            id=5,
            is_home=True,
            minute=38,
            player_id=227,
            player="Scorer",
            assisted_by="Provider",
            situation=ShotSituation.OPEN_PLAY,
            body_part=BodyPart.RIGHT_FOOT,
            result=ShotResult.GOAL,
            last_action="Pass",
            x=0.875,
            y=0.5,
            xg=0.25,
        )
    ]
    assert (parsed.shots_read, parsed.appearances_read, list(parsed.rejections)) == (1, 0, [])


def test_an_appearance_is_read_field_by_field() -> None:
    parsed = match_of([], rosters=line_ups([], [roster(7, "a", goals="2", own_goals="3", red_card="4", shots="5")]))
    assert parsed.appearances == [
        Appearance(
            player_id=7,
            player="Player 7",
            is_home=False,
            position="AMR",
            minutes=84,
            goals=2,
            own_goals=3,
            shots=5,
            assists=1,
            key_passes=2,
            yellow_cards=1,
            red_cards=4,
            xg=0.75,
            xa=0.5,
            xg_chain=1.25,
            xg_buildup=0.125,
        )
    ]
    assert (parsed.appearances_read, list(parsed.rejections)) == (1, [])


def test_the_home_sides_records_come_first() -> None:
    rosters = line_ups([roster(1), roster(2)], [roster(3, "a")])
    parsed = match_of([shot(1), shot(2)], [shot(3, "a")], rosters=rosters, tmpl={"any": "thing"})
    assert [(item.id, item.is_home) for item in parsed.shots] == [(1, True), (2, True), (3, False)]
    assert [(item.player_id, item.is_home) for item in parsed.appearances] == [(1, True), (2, True), (3, False)]
    assert (parsed.shots_read, parsed.appearances_read) == (3, 3)


@pytest.mark.parametrize(
    ("side", "result", "for_home"),
    [("h", "Goal", True), ("a", "Goal", False), ("h", "OwnGoal", False), ("a", "OwnGoal", True)],
)
def test_an_own_goal_counts_for_the_other_side(side: str, result: str, for_home: bool) -> None:
    scored = shot(1, side, result=result)
    parsed = match_of([scored]) if side == "h" else match_of([], [scored])
    assert parsed.shots[0].counts_for_home is for_home


@pytest.mark.parametrize("action", [None, "None"])
def test_a_shot_that_nothing_came_before_has_no_last_action(action: str | None) -> None:
    assert match_of([shot(1, lastAction=action)]).shots[0].last_action is None


def test_a_shot_that_nobody_set_up_is_assisted_by_nobody() -> None:
    assert match_of([shot(1, player_assisted=None)]).shots[0].assisted_by is None


def test_names_are_freed_from_html_entities() -> None:
    rosters = line_ups([roster(1, player="N&#039;Golo Kant\u00e9")])
    parsed = match_of([shot(1, player="M&#039;Baye Niang", player_assisted="Eli O&#039;Neil ")], rosters=rosters)
    assert (parsed.shots[0].player, parsed.shots[0].assisted_by) == ("M'Baye Niang", "Eli O'Neil")
    assert parsed.appearances[0].player == "N'Golo Kant\u00e9"


def test_a_match_may_be_without_a_shot_and_without_line_ups() -> None:
    parsed = match_of([], rosters={"h": [], "a": []})
    assert (list(parsed.shots), list(parsed.appearances), parsed.shots_read) == ([], [], 0)


def test_every_label_of_the_vocabulary_is_read() -> None:
    shots = [shot(n, situation=label.value) for n, label in enumerate(ShotSituation)]
    assert [item.situation for item in match_of(shots).shots] == list(ShotSituation)
    shots = [shot(n, shotType=label.value) for n, label in enumerate(BodyPart)]
    assert [item.body_part for item in match_of(shots).shots] == list(BodyPart)
    shots = [shot(n, result=label.value) for n, label in enumerate(ShotResult)]
    assert [item.result for item in match_of(shots).shots] == list(ShotResult)


class _Case(NamedTuple):
    reason: Reason
    changes: dict[str, Any]


_BAD_SHOTS = (
    _Case(Reason.WRONG_MATCH, {"match_id": "11644"}),
    _Case(Reason.NOT_A_NUMBER, {"match_id": "x"}),
    _Case(Reason.WRONG_SIDE, {"h_a": "a"}),
    _Case(Reason.WRONG_SIDE, {"h_a": None}),
    *(_Case(Reason.OUT_OF_RANGE, {key: value}) for key in ("X", "Y", "xG") for value in ("-0.001", "1.001", "1e3")),
    *(
        _Case(Reason.NOT_A_NUMBER, {key: value})
        for key in ("X", "Y", "xG")
        for value in ("nan", "", None, " 0.5", "0x1")
    ),
    _Case(Reason.OUT_OF_RANGE, {"X": -1}),
    _Case(Reason.OUT_OF_RANGE, {"xG": 2}),
    _Case(Reason.NOT_A_NUMBER, {"X": True}),
    _Case(Reason.NOT_A_NUMBER, {"X": {}}),
    _Case(Reason.NOT_A_COUNT, {"minute": "-1"}),
    _Case(Reason.NOT_A_COUNT, {"minute": "45+2"}),
    _Case(Reason.OUT_OF_RANGE, {"minute": "151"}),
    _Case(Reason.NOT_A_NUMBER, {"id": "x"}),
    _Case(Reason.NOT_A_NUMBER, {"id": None}),
    _Case(Reason.DUPLICATE_ID, {"id": "1"}),
    _Case(Reason.DUPLICATE_ID, {"id": 1}),
    _Case(Reason.NOT_A_NUMBER, {"player_id": ""}),
    _Case(Reason.MISSING_PLAYER, {"player": ""}),
    _Case(Reason.MISSING_PLAYER, {"player": None}),
    _Case(Reason.MISSING_PLAYER, {"player_assisted": " "}),
    _Case(Reason.UNKNOWN_LABEL, {"situation": "Corner"}),
    _Case(Reason.UNKNOWN_LABEL, {"situation": None}),
    _Case(Reason.UNKNOWN_LABEL, {"shotType": "Foot"}),
    _Case(Reason.UNKNOWN_LABEL, {"shotType": []}),
    _Case(Reason.UNKNOWN_LABEL, {"result": "goal"}),
    _Case(Reason.UNKNOWN_LABEL, {"lastAction": 5}),
)
_BAD_APPEARANCES = (
    _Case(Reason.WRONG_SIDE, {"h_a": "a"}),
    _Case(Reason.NOT_A_NUMBER, {"player_id": "x"}),
    _Case(Reason.DUPLICATE_ID, {"player_id": "1"}),
    _Case(Reason.MISSING_PLAYER, {"player": ""}),
    _Case(Reason.UNKNOWN_LABEL, {"position": None}),
    _Case(Reason.OUT_OF_RANGE, {"time": "151"}),
    *(
        _Case(Reason.NOT_A_COUNT, {key: "-1"})
        for key in ("time", "goals", "own_goals", "shots", "assists", "key_passes", "yellow_card", "red_card")
    ),
    *(_Case(Reason.NOT_A_NUMBER, {key: "x"}) for key in ("xG", "xA", "xGChain", "xGBuildup")),
    *(_Case(Reason.OUT_OF_RANGE, {key: "-0.5"}) for key in ("xG", "xA", "xGChain", "xGBuildup")),
)


def _id(case: _Case) -> str:
    return f"{case.reason}-{'-'.join(f'{key}={value}' for key, value in case.changes.items())}"


@pytest.mark.parametrize("case", _BAD_SHOTS, ids=_id)
def test_a_bad_shot_is_rejected_with_its_place_reason_and_text(case: _Case) -> None:
    bad = shot(2, **case.changes)
    parsed = match_of([shot(1), bad], [shot(3, "a")])
    assert parsed.rejections == [Rejection(Dataset.SHOTS, 2, case.reason, body(bad).decode())]
    assert [item.id for item in parsed.shots] == [1, 3]
    assert parsed.shots_read == 3


@pytest.mark.parametrize("case", _BAD_APPEARANCES, ids=_id)
def test_a_bad_appearance_is_rejected_with_its_place_reason_and_text(case: _Case) -> None:
    bad = roster(2, **case.changes)
    parsed = match_of([], rosters=line_ups([roster(1), bad], [roster(3, "a")]))
    assert parsed.rejections == [Rejection(Dataset.APPEARANCES, 2, case.reason, body(bad).decode())]
    assert [item.player_id for item in parsed.appearances] == [1, 3]
    assert parsed.appearances_read == 3


def test_the_away_sides_records_are_numbered_on() -> None:
    rosters = line_ups([roster(1)], [roster(2, "a"), roster(3, "a", goals="x")])
    parsed = match_of([shot(1), shot(2)], [shot(3, "a"), shot(4, "a", xG="x")], rosters=rosters)
    assert [(item.dataset, item.line_number) for item in parsed.rejections] == [
        (Dataset.SHOTS, 4),
        (Dataset.APPEARANCES, 3),
    ]


def test_a_shot_or_player_on_both_sides_counts_once() -> None:
    parsed = match_of([shot(1)], [shot(1, "a")], rosters=line_ups([roster(1)], [roster(1, "a")]))
    assert [(item.dataset, item.line_number, item.reason) for item in parsed.rejections] == [
        (Dataset.SHOTS, 2, Reason.DUPLICATE_ID),
        (Dataset.APPEARANCES, 2, Reason.DUPLICATE_ID),
    ]


@pytest.mark.parametrize("value", ["0", "1", 0, 1, "0.0", "1.000", 0.5])
def test_the_edges_of_the_pitch_belong_to_it(value: object) -> None:
    shots = match_of([shot(1, X=value, Y=value, xG=value)]).shots
    assert (shots[0].x, shots[0].y, shots[0].xg) == (float(str(value)),) * 3


@pytest.mark.parametrize("minute", ["0", "150"])
def test_the_first_and_the_last_possible_minute_are_read(minute: str) -> None:
    parsed = match_of([shot(1, minute=minute)], rosters=line_ups([roster(1, time=minute)]))
    assert (parsed.shots[0].minute, parsed.appearances[0].minutes) == (int(minute), int(minute))


def test_the_file_of_another_match_is_refused() -> None:
    shots = [shot(1, match_id="7"), shot(2, match_id="7")]
    with pytest.raises(UnreadableFileError, match="11643: all its shots belong to another match than 11643"):
        match_of(shots, [shot(3, "a", match_id="7")])


def test_a_match_whose_only_shot_is_bad_is_not_taken_for_another_match() -> None:
    parsed = match_of([shot(1, xG="x")])
    assert [item.reason for item in parsed.rejections] == [Reason.NOT_A_NUMBER]


_SHOT_KEYS = (
    *("id", "minute", "result", "X", "Y", "xG", "player", "h_a", "player_id", "situation", "shotType", "match_id"),
    *("player_assisted", "lastAction"),
)
_ROSTER_KEYS = (
    *("goals", "own_goals", "shots", "xG", "time", "player_id", "position", "player", "h_a", "yellow_card"),
    *("red_card", "key_passes", "assists", "xA", "xGChain", "xGBuildup"),
)


@pytest.mark.parametrize("key", _SHOT_KEYS)
def test_a_shot_without_a_key_that_all_have_is_a_changed_form(key: str) -> None:
    with pytest.raises(UnreadableFileError, match=rf"getMatchData/11643: record 2 of shots has no '{key}'"):
        match_of([shot(1)], [shot(2, "a", **{key: GONE})])


@pytest.mark.parametrize("key", _ROSTER_KEYS)
def test_an_appearance_without_a_key_that_all_have_is_a_changed_form(key: str) -> None:
    with pytest.raises(UnreadableFileError, match=rf"getMatchData/11643: record 1 of rosters has no '{key}'"):
        match_of([], rosters=line_ups([roster(1, "h", **{key: GONE})]))


@pytest.mark.parametrize("key", ["season", "h_team", "a_team", "h_goals", "a_goals", "date"])
def test_keys_that_nothing_is_read_from_may_be_missing(key: str) -> None:
    assert len(match_of([shot(1, "h", **{key: GONE})]).shots) == 1


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"rosters": {"h": {}, "a": {}}},
        {"shots": None},
        {"shots": []},
        {"shots": {"h": []}},
        {"shots": {"a": []}},
        {"shots": {"h": [], "a": None}},
        {"shots": {"h": "", "a": []}},
    ],
)
def test_a_file_without_the_shots_of_both_sides_is_refused(document: object) -> None:
    with pytest.raises(UnreadableFileError, match="11643: the file has no 'shots' of two sides"):
        parse_match(body(document), MATCH_ID, MATCH_NAME)


@pytest.mark.parametrize("rosters", [None, [], {}, {"h": {}}, {"h": {}, "a": "x"}])
def test_line_ups_of_one_side_or_none_are_refused(rosters: object) -> None:
    with pytest.raises(UnreadableFileError, match="11643: the file has no 'rosters' of two sides"):
        match_of([], rosters=rosters)


@pytest.mark.parametrize("record", [None, "text", [], 5])
def test_a_record_that_is_no_object_is_a_changed_form(record: object) -> None:
    with pytest.raises(UnreadableFileError, match="record 2 of shots is no object"):
        match_of([shot(1)], [record])


def test_an_html_page_is_refused_with_the_files_name() -> None:
    with pytest.raises(UnreadableFileError, match="getMatchData/11643: the server sent an HTML page"):
        parse_match(b"<!DOCTYPE html>", MATCH_ID, MATCH_NAME)


def _bad_shots(bad: int, good: int) -> int:
    home = [shot(number, situation="Open Play") for number in range(1, bad + 1)]
    return len(match_of(home, [shot(100 + number, "a") for number in range(good)]).rejections)


def test_more_than_a_fifth_of_bad_shots_is_a_changed_form_but_for_two_of_a_short_match() -> None:
    assert _bad_shots(2, 0) == 2
    assert _bad_shots(3, 12) == 3
    with pytest.raises(UnreadableFileError, match="3 of 14 records of shots are rejected, mostly as unknown_label"):
        _bad_shots(3, 11)


def test_a_changed_form_of_line_ups_is_refused_as_well() -> None:
    bad = [roster(number, time="all of it") for number in range(1, 4)]
    with pytest.raises(UnreadableFileError, match="3 of 3 records of rosters are rejected, mostly as not_a_count"):
        match_of([shot(1)], rosters=line_ups(bad))


@pytest.mark.parametrize(("xga", "rejected"), [("-0.0000000596", 0), ("-0.001", 1)])
def test_what_rounding_left_below_zero_is_zero(xga: str, rejected: int) -> None:
    parsed = match_of([shot(1)], rosters=line_ups([roster(7, xA=xga)]))
    assert len(parsed.rejections) == rejected
    assert [player.xa for player in parsed.appearances] == ([] if rejected else [0.0])
