"""From names to matches and bookmakers: exact spellings only, everything else is a rejection that says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.bookmakers import KNOWN, Bookmaker, spelled
from monps_platform.domain.leagues import BY_CODE
from monps_platform.domain.odds import Market
from monps_platform.domain.pick_lines import PickLine
from monps_platform.domain.pick_resolution import (
    Directory,
    PickKey,
    Resolution,
    ResolvedPick,
    Scheduled,
    Terms,
    against_held,
    folded,
    not_yet,
    resolve,
)
from monps_platform.domain.picks import PickSide
from monps_platform.domain.rejections import Dataset, Reason, Rejection

E0, SP1, I1 = (BY_CODE[code] for code in ("E0", "SP1", "I1"))
DAY = date(2024, 6, 1)
KICKOFF = datetime(2024, 6, 1, 14, tzinfo=UTC)
ARSENAL, UNITED, CITY, OTHER_CITY, MADRID = range(1, 6)
CLUBS = {
    E0: {
        "arsenal": frozenset({ARSENAL}),
        "manchester united": frozenset({UNITED}),
        "man united": frozenset({UNITED}),
        "city": frozenset({CITY, OTHER_CITY}),
        "manchester city": frozenset({CITY}),
    },
    SP1: {"real madrid": frozenset({MADRID})},
}
MATCHES = {
    (E0, ARSENAL, UNITED): [Scheduled(70, DAY, KICKOFF), Scheduled(71, date(2024, 9, 1), None)],
    (E0, UNITED, ARSENAL): [Scheduled(72, date(2024, 6, 8), KICKOFF + timedelta(days=7))],
    (E0, ARSENAL, CITY): [Scheduled(73, DAY, None)],
}
NEW_BOOK = Bookmaker("NewBook", "New Book of Wales")
BOOKS = {
    name: (number if book is not NEW_BOOK else None, book)
    for number, book in enumerate([*KNOWN.values(), NEW_BOOK], 1)
    for name in (spelled(book.key), spelled(book.name))
}
DIRECTORY = Directory(CLUBS, MATCHES, BOOKS)
LINE = PickLine(
    number=2,
    text="as it stands in the file",
    agent="me",
    strategy=None,
    league=E0,
    day=DAY,
    home="Arsenal",
    away="Man United",
    market=Market.OVER_UNDER,
    side=PickSide.OVER,
    line=Decimal("2.5"),
    bookmaker="Bet365",
    price=Decimal("1.95"),
    stake=Decimal("2"),
    taken_at=KICKOFF - timedelta(hours=3),
    probability=0.55,
)


def resolved(**changes: Any) -> ResolvedPick:
    """The pick of a line that is fine."""
    found = resolve([replace(LINE, **changes)], DIRECTORY)
    assert (found.rejections, found.unknown_clubs) == ([], set())
    (pick,) = found.picks
    return pick


def rejected(reason: Reason, **changes: Any) -> str:
    """What is wrong with a line, in words; it is no pick, and rejected once."""
    line = replace(LINE, **changes)
    found = resolve([line], DIRECTORY)
    assert found.picks == []
    (rejection,) = found.rejections
    assert (rejection.dataset, rejection.line_number, rejection.raw_text) == (Dataset.PICKS, line.number, line.text)
    assert rejection.reason is reason
    assert rejection.detail is not None
    return rejection.detail


def test_a_line_finds_its_match_bookmaker_and_time_before_kickoff() -> None:
    pick = resolved()
    assert (pick.line, pick.match_id, pick.bookmaker.key, pick.hours_before_kickoff) == (LINE, 70, "B365", 3.0)


@pytest.mark.parametrize("home", ["Arsenal", "ARSENAL", "arsenal", "  Arsenal ", "aRsEnAl\t"])
@pytest.mark.parametrize("away", ["Man United", "MAN  UNITED", "Manchester United", " manchester\tunited "])
def test_clubs_are_known_in_any_case_and_with_any_blanks(home: str, away: str) -> None:
    assert resolved(home=home, away=away).match_id == 70


@pytest.mark.parametrize(
    ("spelling", "same"),
    [("Atlético  Madrid ", "atlético madrid"), ("GREUTHER FÜRTH", "greuther fürth"), ("Straße", "strasse"), (" ", "")],
)
def test_spellings_are_compared_without_case_and_with_single_blanks(spelling: str, same: str) -> None:
    assert folded(spelling) == same
    assert folded(folded(spelling)) == same


@pytest.mark.parametrize(
    "spelling",
    ["Arsenal FC", "Arsena", "Arse nal", "Ars", "The Arsenal", "Manchester", "United", "Arsenal.", "Real Madrid"],
)
def test_a_spelling_that_nobody_knows_is_queued_and_never_guessed(spelling: str) -> None:
    for changes in ({"home": spelling}, {"away": spelling}):
        detail = rejected(Reason.UNRESOLVED_TEAM, **changes)
        assert detail.startswith(f"no club of E0 is called {spelling!r}")
        assert resolve([replace(LINE, **changes)], DIRECTORY).unknown_clubs == {(E0, spelling)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spelling", "suggestion"),
    [
        ("Arsenal FC", " (did you mean arsenal?)"),
        ("Man Utd", " (did you mean man united?)"),
        ("Manchester Untied", " (did you mean manchester united or manchester city?)"),
        ("Xyz", ""),
    ],
)
def test_spellings_that_come_near_are_suggested(spelling: str, suggestion: str) -> None:
    detail = rejected(Reason.UNRESOLVED_TEAM, home=spelling)
    assert detail == f"no club of E0 is called {spelling!r}{suggestion}"


def test_of_two_clubs_that_nobody_knows_both_are_queued() -> None:
    found = resolve([replace(LINE, home="Arsenale", away="Man Utd")], DIRECTORY)
    assert [item.reason for item in found.rejections] == [Reason.UNRESOLVED_TEAM]
    assert found.unknown_clubs == {(E0, "Arsenale"), (E0, "Man Utd")}


def test_a_club_is_known_in_its_league_only() -> None:
    assert rejected(Reason.UNRESOLVED_TEAM, league=SP1, home="Real Madrid", away="Arsenal").startswith("no club of SP1")
    # No match of the league is held at all.
    assert rejected(Reason.NO_SUCH_MATCH, league=I1) == "no match of I1 is loaded: load the league first (monps up)"
    assert resolve([replace(LINE, league=I1)], DIRECTORY).unknown_clubs == set()


@pytest.mark.parametrize("side", ["home", "away"])
def test_a_spelling_of_two_clubs_is_ambiguous_and_not_queued(side: str) -> None:
    assert rejected(Reason.AMBIGUOUS_TEAM, **{side: "City"}) == "2 clubs of E0 are called 'City'"
    assert resolve([replace(LINE, **{side: "City"})], DIRECTORY).unknown_clubs == set()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "nearest"),
    [
        (date(2024, 5, 31), DAY),
        (date(2024, 6, 2), DAY),
        (date(2024, 8, 31), date(2024, 9, 1)),
        (date(2030, 1, 1), date(2024, 9, 1)),
    ],
)
def test_another_day_is_no_match_and_the_nearest_is_told(day: date, nearest: date) -> None:
    assert rejected(Reason.NO_SUCH_MATCH, day=day) == (
        f"E0 has no match Arsenal - Man United on {day}; the nearest is of {nearest}"
    )


def test_the_clubs_the_other_way_round_are_another_match() -> None:
    swapped = {"home": "Man United", "away": "Arsenal"}
    assert rejected(Reason.NO_SUCH_MATCH, **swapped) == (
        "E0 has no match Man United - Arsenal on 2024-06-01; "
        "Arsenal - Man United is on that day: home and away are swapped"
    )
    assert rejected(Reason.NO_SUCH_MATCH, **swapped, day=date(2024, 6, 2)) == (
        "E0 has no match Man United - Arsenal on 2024-06-02; the nearest is of 2024-06-08"
    )
    assert resolved(**swapped, day=date(2024, 6, 8)).match_id == 72


def test_clubs_that_never_meet_have_no_nearest_match() -> None:
    detail = "E0 has no match Man United - Manchester City on 2024-06-01"
    assert rejected(Reason.NO_SUCH_MATCH, home="Man United", away="Manchester City") == detail
    assert rejected(Reason.NO_SUCH_MATCH, away="Arsenal") == "E0 has no match Arsenal - Arsenal on 2024-06-01"


def test_a_later_meeting_of_the_same_clubs_is_found_by_its_day() -> None:
    assert resolved(day=date(2024, 9, 1), taken_at=KICKOFF).match_id == 71


@pytest.mark.parametrize(("seconds", "hours"), [(-1, 0.0003), (-5400, 1.5), (-86_400, 24.0), (-12_345, 3.4292)])
@pytest.mark.parametrize("hours_east", [-7, 0, 10])
def test_a_pick_before_kickoff_has_the_hours_left_in_every_time_zone(
    seconds: int, hours: float, hours_east: int
) -> None:
    there = (KICKOFF + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=hours_east)))
    assert resolved(taken_at=there).hours_before_kickoff == hours


@pytest.mark.parametrize("seconds", [0, 1, 86_400])
def test_a_pick_from_kickoff_on_is_too_late(seconds: int) -> None:
    taken_at = KICKOFF + timedelta(seconds=seconds)
    detail = rejected(Reason.TAKEN_AFTER_KICKOFF, taken_at=taken_at)
    assert detail == f"taken at {taken_at}, but the match began at {KICKOFF}"


@pytest.mark.parametrize(
    ("taken_at", "is_late"),
    [
        (datetime(2024, 5, 31, 9, tzinfo=UTC), False),
        (datetime(2024, 6, 1, 20, tzinfo=UTC), False),
        (datetime(2024, 6, 1, 22, 59, 59, tzinfo=UTC), False),
        # In London the next day has begun.
        (datetime(2024, 6, 1, 23, tzinfo=UTC), True),
        (datetime(2024, 6, 2, 1, tzinfo=timezone(timedelta(hours=9))), False),
        (datetime(2024, 6, 2, 12, tzinfo=UTC), True),
    ],
)
def test_where_only_the_day_is_known_a_pick_is_late_after_that_day(taken_at: datetime, is_late: bool) -> None:
    changes = {"away": "Manchester City", "taken_at": taken_at}
    if is_late:
        assert rejected(Reason.TAKEN_AFTER_KICKOFF, **changes) == f"taken at {taken_at}, but the match began at {DAY}"
    else:
        pick = resolved(**changes)
        assert (pick.match_id, pick.hours_before_kickoff) == (73, None)


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("Bet365", "B365"),
        ("bet 365", "B365"),
        ("b365", "B365"),
        ("PINNACLE", "PS"),
        ("william-hill", "WH"),
        # One can bet at an exchange, and at a book that the table has not met yet.
        ("Betfair Exchange", "BFE"),
        ("new book of wales", "NewBook"),
    ],
)
def test_bookmakers_are_known_by_key_and_name_in_any_spelling(spelling: str, key: str) -> None:
    assert resolved(bookmaker=spelling).bookmaker.key == key


@pytest.mark.parametrize(
    ("spelling", "suggestion"),
    [("Pinacle", " (did you mean pinnacle?)"), ("Bet 356", " (did you mean bet365 or b365?)"), ("Qqq", ""), ("-", "")],
)
def test_an_unknown_bookmaker_is_rejected_with_what_comes_near(spelling: str, suggestion: str) -> None:
    detail = rejected(Reason.UNKNOWN_BOOKMAKER, bookmaker=spelling)
    assert detail == f"no bookmaker is called {spelling!r}{suggestion}"


@pytest.mark.parametrize("key", [key for key, book in KNOWN.items() if book.is_aggregate])
def test_nobody_bets_at_an_aggregate(key: str) -> None:
    for spelling in (key, KNOWN[key].name):
        detail = rejected(Reason.AGGREGATE_BOOKMAKER, bookmaker=spelling)
        assert detail == f"nobody can bet at {KNOWN[key].name} ({key})"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"price": Decimal("2.05")},
        {"stake": Decimal("1")},
        {"strategy": "another"},
        {"probability": None},
        {"line": Decimal("2.50")},
        {"bookmaker": "B365"},
        {"home": " ARSENAL"},
        {"away": "Manchester United"},
        {"taken_at": LINE.taken_at.astimezone(timezone(timedelta(hours=5)))},
    ],
)
def test_a_pick_that_stands_twice_is_rejected_the_second_time(changes: Mapping[str, Any]) -> None:
    lines = [LINE, replace(LINE, number=5, **changes), replace(LINE, number=9)]
    found = resolve(lines, DIRECTORY)
    assert [pick.line.number for pick in found.picks] == [2]
    assert [(item.line_number, item.reason, item.detail) for item in found.rejections] == [
        (5, Reason.DUPLICATE_PICK, "the same pick stands in line 2"),
        (9, Reason.DUPLICATE_PICK, "the same pick stands in line 2"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"agent": "another"},
        {"agent": "Me"},
        {"away": "Manchester City"},
        {"side": PickSide.UNDER},
        {"line": Decimal("2.75")},
        {"market": Market.BTTS, "side": PickSide.YES, "line": None},
        {"bookmaker": "Pinnacle"},
        {"taken_at": LINE.taken_at + timedelta(seconds=1)},
    ],
)
def test_picks_that_differ_in_what_tells_them_apart_both_stand(changes: Mapping[str, Any]) -> None:
    found = resolve([LINE, replace(LINE, number=3, **changes)], DIRECTORY)
    assert (len(found.picks), found.rejections) == (2, [])
    assert len({pick.key for pick in found.picks}) == 2


_LINES = st.lists(
    st.fixed_dictionaries(
        {
            "home": st.sampled_from(["Arsenal", "arsenal", "Man United", "City", "Nobody"]),
            "away": st.sampled_from(["Man United", "Manchester City", "Nobody"]),
            "bookmaker": st.sampled_from(["Bet365", "Pinnacle", "Max", "Qqq"]),
            "day": st.sampled_from([DAY, DAY, date(2024, 6, 2)]),
            "taken_at": st.sampled_from([KICKOFF - timedelta(hours=1), KICKOFF + timedelta(hours=1)]),
        }
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=100)
@given(_LINES)
def test_every_line_is_a_pick_or_one_rejection_in_their_order(given_lines: list[dict[str, Any]]) -> None:
    lines = [replace(LINE, number=number, **changes) for number, changes in enumerate(given_lines, 2)]
    found = resolve(lines, DIRECTORY)
    picked = [pick.line.number for pick in found.picks]
    refused = [item.line_number for item in found.rejections]
    assert sorted(picked + refused) == [line.number for line in lines]
    assert (picked, refused) == (sorted(picked), sorted(refused))
    assert len({pick.key for pick in found.picks}) == len(picked)
    assert {name for _, name in found.unknown_clubs} <= {"Nobody"}


def held() -> Mapping[PickKey, Terms]:
    """The pick of the line is held, in as many decimals as the database has."""
    return {resolved().key: (Decimal("1.9500"), Decimal("2.00"), LINE.strategy, LINE.probability)}


def test_a_pick_that_is_held_as_it_is_is_neither_new_nor_wrong() -> None:
    assert against_held([resolved()], held()) == ([], [])


@pytest.mark.parametrize(
    ("changes", "was"),
    [
        ({"price": Decimal("1.96")}, "the price 1.9500"),
        ({"stake": Decimal("2.5")}, "the stake 2.00"),
        ({"price": Decimal("1.96"), "stake": Decimal("2.5")}, "the price 1.9500 and the stake 2.00"),
        ({"strategy": "another"}, f"the strategy {LINE.strategy}"),
        ({"probability": 0.123}, f"the model_probability {LINE.probability}"),
    ],
)
def test_a_pick_that_is_held_on_other_terms_is_rejected(changes: Mapping[str, Any], was: str) -> None:
    new, rejections = against_held([resolved(**changes)], held())
    detail = f"this pick is held with {was}: what was taken never changes"
    assert new == []
    assert rejections == [Rejection(Dataset.PICKS, 2, Reason.TERMS_CHANGED, LINE.text, detail)]


def test_a_pick_cannot_have_been_taken_in_the_future_give_or_take_an_hour_of_a_clock() -> None:
    now = LINE.taken_at - timedelta(hours=1)
    assert not_yet([resolved()], now) == ([resolved()], [])
    taken, rejections = not_yet([resolved()], now - timedelta(seconds=1))
    assert (taken, [(item.line_number, item.reason) for item in rejections]) == ([], [(2, Reason.TAKEN_IN_THE_FUTURE)])
    assert f"{now - timedelta(seconds=1):%H:%M} UTC" in str(rejections[0].detail)


def test_a_pick_that_is_not_held_is_new_and_leaves_those_that_are() -> None:
    others = [resolved(side=PickSide.UNDER), resolved(bookmaker="Pinnacle")]
    assert against_held([others[0], resolved(), others[1]], held()) == (others, [])
    assert against_held(others, {}) == (others, [])


def test_without_lines_there_is_nothing_to_resolve() -> None:
    assert resolve([], DIRECTORY) == Resolution()
    assert against_held([], held()) == ([], [])
