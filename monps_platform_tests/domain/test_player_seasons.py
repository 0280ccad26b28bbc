"""Players' seasons: one row per club, movers told apart only where the parts add up to what the source says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.player_seasons import ClubSeason, Key, LineupTotals, ShotTotals, club_seasons
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.understat import Player

TEAMS = {"Arsenal": 1, "Chelsea": 2, "Leeds": 3}
STAYED = Player(
    id=227,
    name="Stayer",
    teams=("Arsenal",),
    position="F M S",
    appearances=30,
    minutes=2400,
    goals=12,
    non_penalty_goals=10,
    assists=5,
    shots=70,
    key_passes=40,
    yellow_cards=3,
    red_cards=1,
    xg=11.5,
    non_penalty_xg=9.97,
    xa=4.25,
    xg_chain=18.5,
    xg_buildup=7.75,
)
MOVED = replace(STAYED, id=318, name="Mover", teams=("Arsenal", "Chelsea"))
SHOTS = {(318, 1): ShotTotals(40, 7, 6, 6.5, 5.74), (318, 2): ShotTotals(30, 5, 4, 5.0, 4.23)}
LINEUPS = {
    (318, 1): LineupTotals(18, 1500, 3, 25, 1, 1, 2.5, 11.0, 4.5),
    (318, 2): LineupTotals(12, 900, 2, 15, 2, 0, 1.75, 7.5, 3.25),
}
OF_SHOTS = tuple(item.name for item in fields(ShotTotals))
OF_LINEUPS = tuple(item.name for item in fields(LineupTotals))


def told(row: ClubSeason, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names)


def values(totals: ShotTotals | LineupTotals) -> tuple[Any, ...]:
    return tuple(getattr(totals, item.name) for item in fields(totals))


def of_mover(shots: Mapping[Key, ShotTotals], lineups: Mapping[Key, LineupTotals]) -> dict[int, ClubSeason]:
    rows, rejections = club_seasons([MOVED], TEAMS, shots, lineups)
    assert rejections == []
    assert [row.team_id for row in rows] == [1, 2]
    assert {(row.player_id, row.player, row.position, row.is_shared) for row in rows} == {(318, "Mover", "F M S", True)}
    return {row.team_id: row for row in rows}


def test_shots_and_line_ups_together_name_every_figure_of_a_season_once() -> None:
    figures = {item.name for item in fields(ClubSeason) if item.default is None}
    assert Counter([*OF_SHOTS, *OF_LINEUPS]) == Counter(figures)


def test_a_player_who_stayed_has_what_the_source_says_whatever_his_shots_add_up_to() -> None:
    rows, rejections = club_seasons([STAYED], TEAMS, {(227, 1): ShotTotals(1, 1, 1, 0.5, 0.5)}, {})
    assert rejections == []
    (row,) = rows
    assert (row.player_id, row.player, row.team_id, row.position, row.is_shared) == (227, "Stayer", 1, "F M S", False)
    for name in (*OF_SHOTS, *OF_LINEUPS):
        assert getattr(row, name) == getattr(STAYED, name)


def test_a_mover_has_what_he_did_for_each_club_where_the_parts_add_up() -> None:
    rows = of_mover(SHOTS, LINEUPS)
    for club, row in rows.items():
        assert told(row, OF_SHOTS) == values(SHOTS[318, club])
        assert told(row, OF_LINEUPS) == values(LINEUPS[318, club])


@pytest.mark.parametrize("field", OF_SHOTS)
def test_shots_that_do_not_add_up_leave_what_shots_tell_open_and_nothing_else(field: str) -> None:
    one = SHOTS[318, 1]
    rows = of_mover(SHOTS | {(318, 1): replace(one, **{field: getattr(one, field) - 1})}, LINEUPS)
    for club, row in rows.items():
        assert set(told(row, OF_SHOTS)) == {None}
        assert told(row, OF_LINEUPS) == values(LINEUPS[318, club])


@pytest.mark.parametrize("field", OF_LINEUPS)
def test_line_ups_that_do_not_add_up_leave_what_line_ups_tell_open_and_nothing_else(field: str) -> None:
    one = LINEUPS[318, 2]
    rows = of_mover(SHOTS, LINEUPS | {(318, 2): replace(one, **{field: getattr(one, field) + 1})})
    for club, row in rows.items():
        assert told(row, OF_SHOTS) == values(SHOTS[318, club])
        assert set(told(row, OF_LINEUPS)) == {None}


@pytest.mark.parametrize(("error", "adds_up"), [(0.0009, True), (-0.0009, True), (0.0011, False), (-0.0011, False)])
def test_sums_of_rounded_expected_goals_agree_within_a_thousandth(error: float, adds_up: bool) -> None:
    one = SHOTS[318, 1]
    rows = of_mover(SHOTS | {(318, 1): replace(one, xg=one.xg + error)}, LINEUPS)
    assert (rows[1].xg is not None) is adds_up


def test_without_shots_and_line_ups_nothing_is_told_of_a_movers_clubs() -> None:
    for row in of_mover({}, {}).values():
        assert set(told(row, (*OF_SHOTS, *OF_LINEUPS))) == {None}


def test_a_club_for_which_a_mover_never_shot_has_none_where_the_others_add_up() -> None:
    rows = of_mover({(318, 2): ShotTotals(70, 12, 10, 11.5, 9.97)}, LINEUPS)
    assert told(rows[1], OF_SHOTS) == (0, 0, 0, 0.0, 0.0)
    assert told(rows[2], OF_SHOTS) == (70, 12, 10, 11.5, 9.97)


def test_another_players_and_another_clubs_shots_are_not_his() -> None:
    strangers = {(318, 3): ShotTotals(70, 12, 10, 11.5, 9.97), (227, 1): ShotTotals(70, 12, 10, 11.5, 9.97)}
    assert of_mover(strangers, LINEUPS)[1].shots is None


@pytest.mark.parametrize("teams", [("Arsenal FC",), ("Arsenal", "Hull"), ("Hull", "Arsenal")])
def test_a_player_of_an_unknown_club_is_rejected_whole_with_the_reason(teams: tuple[str, ...]) -> None:
    stranger = replace(STAYED, id=9, name="Ünal", teams=teams)
    rows, rejections = club_seasons([STAYED, stranger], TEAMS, {}, {})
    assert [row.player_id for row in rows] == [227]
    text = f"Ünal (9): {', '.join(teams)}"
    assert rejections == [Rejection(Dataset.PLAYERS, 2, Reason.UNRESOLVED_TEAM, text)]


_CLUBS = st.lists(st.sampled_from([*TEAMS, "Hull", "Derby"]), min_size=1, max_size=3, unique=True).map(tuple)


@settings(deadline=None, max_examples=100)
@given(st.lists(_CLUBS, max_size=8))
def test_every_player_is_kept_for_each_of_his_clubs_or_rejected_once(clubs: list[tuple[str, ...]]) -> None:
    players = [replace(STAYED, id=number, teams=teams) for number, teams in enumerate(clubs, start=1)]
    rows, rejections = club_seasons(players, TEAMS, SHOTS, LINEUPS)
    kept = [(row.player_id, row.team_id, row.is_shared) for row in rows]
    expected = [player for player in players if set(player.teams) <= TEAMS.keys()]
    assert kept == [(item.id, TEAMS[name], len(item.teams) > 1) for item in expected for name in item.teams]
    assert len(expected) + len(rejections) == len(players)
    assert {item.line_number for item in rejections} == {item.id for item in players if item not in expected}


_TALLIES = st.integers(0, 40)
_EXPECTED = st.floats(0, 20, allow_subnormal=False)
_SHOT_TOTALS = st.builds(ShotTotals, *[_TALLIES] * 3, *[_EXPECTED] * 2)
_LINEUP_TOTALS = st.builds(LineupTotals, *[_TALLIES] * 6, *[_EXPECTED] * 3)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(_SHOT_TOTALS, _LINEUP_TOTALS), min_size=2, max_size=3))
def test_a_movers_clubs_add_up_to_his_season(parts: list[tuple[ShotTotals, LineupTotals]]) -> None:
    whole = {name: sum(getattr(shots, name) for shots, _ in parts) for name in OF_SHOTS}
    whole |= {name: sum(getattr(lineups, name) for _, lineups in parts) for name in OF_LINEUPS}
    mover = replace(MOVED, teams=tuple(list(TEAMS)[: len(parts)]), **whole)
    shots = {(318, club): part for club, (part, _) in enumerate(parts, start=1)}
    lineups = {(318, club): part for club, (_, part) in enumerate(parts, start=1)}
    rows, _ = club_seasons([mover], TEAMS, shots, lineups)
    assert [told(row, OF_SHOTS) for row in rows] == [values(part) for part, _ in parts]
    assert [told(row, OF_LINEUPS) for row in rows] == [values(part) for _, part in parts]
