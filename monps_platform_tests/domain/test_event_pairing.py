"""Which match an event is: paired where day and both names leave no doubt, else left to a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from monps_platform.domain.event_pairing import LEAST_LIKENESS, Clubs, ListedMatch, alike, folded, pair_events
from monps_platform.domain.snapshots import Event

KICKOFF = datetime(2024, 10, 19, 14, 0, tzinfo=UTC)
DAY = date(2024, 10, 19)
NAMES = {
    1: ("Man United",),
    2: ("Brentford",),
    3: ("Inter",),
    4: ("Milan",),
    5: ("Wolves",),
    6: ("Nott'm Forest",),
    7: ("Man City", "Manchester City"),
    8: ("Udinese",),
}
KNOWN = {folded(name): frozenset({club}) for club, names in NAMES.items() for name in names}
CLUBS = Clubs(KNOWN, NAMES)


def event(home: str, away: str, at: datetime = KICKOFF) -> Event:
    return Event(1, "e", home, away, at)


def match(home: int, away: int, day: date = DAY, at: datetime | None = KICKOFF) -> ListedMatch:
    return ListedMatch(100 * home + away, home, away, day, at)


def test_known_spellings_in_any_case_are_exact() -> None:
    (found,) = pair_events([event("man  united", "Brentford")], [match(1, 2), match(7, 5)], CLUBS)
    assert (found.match, found.likeness, found.learned) == (match(1, 2), 1.0, ())


PAIRED = {
    "one name is new": ("Manchester United", "Brentford", (1, 2), (("Manchester United", 1),)),
    "both names are new": (
        "Wolverhampton Wolves",
        "Nottingham Forest",
        (5, 6),
        (("Wolverhampton Wolves", 5), ("Nottingham Forest", 6)),
    ),
    "a name that two clubs have a part of": ("Inter Milan", "Udinese", (3, 8), (("Inter Milan", 3),)),
}


@pytest.mark.parametrize("case", PAIRED)
def test_a_new_spelling_is_learned_where_day_and_both_names_leave_no_doubt(case: str) -> None:
    home, away, clubs, learned = PAIRED[case]
    matches = [match(1, 2), match(3, 8), match(4, 7), match(5, 6)]
    (found,) = pair_events([event(home, away)], matches, CLUBS)
    assert (found.match, found.learned) == (match(*clubs), learned)
    assert found.likeness - found.runner_up >= 0.15


DOUBTFUL = {
    "a stranger": ("Wrexham", "Stockport", [match(1, 2)], "nobody knows which club is 'Wrexham' or 'Stockport'"),
    "one stranger": ("Wrexham", "Brentford", [match(1, 2)], "nobody knows which club is 'Wrexham'"),
    "two matches that are as like": (
        "Manchester",
        "Brentford",
        [match(1, 2), match(7, 2)],
        "not told apart",
    ),
    "a name that is nearer to another club": (
        "Milanese",
        "Udinese",
        [match(3, 8)],
        "nobody knows which club is 'Milanese'",
    ),
    "a name that is as like but nearer to another": (
        "Inter City",
        "Brentford",
        [match(7, 2)],
        "is more like 'Inter City'",
    ),
    "another day": ("Man United", "Brentford", [match(1, 2, DAY + timedelta(days=3), None)], "no match of ours is"),
    "the other way round": ("Brentford", "Man United", [match(1, 2)], "no match of ours between these clubs"),
    "a known club elsewhere": ("Man City", "Brentford", [match(1, 2)], "no match of ours between these clubs"),
    "no match at all": ("Man United", "Brentford", [], "no match of ours is listed for that day"),
}


@pytest.mark.parametrize("case", DOUBTFUL)
def test_an_event_that_is_in_doubt_is_not_paired_and_says_why(case: str) -> None:
    home, away, matches, reason = DOUBTFUL[case]
    (found,) = pair_events([event(home, away)], matches, CLUBS)
    assert (found.match, found.learned) == (None, ())
    assert reason in (found.reason or "")


def test_two_events_that_want_one_match_get_none_of_it() -> None:
    found = pair_events(
        [event("Manchester United", "Brentford"), event("Man United FC", "Brentford")], [match(1, 2)], CLUBS
    )
    assert [each.match for each in found] == [None, None]


def test_a_kickoff_moved_past_midnight_is_the_same_match_and_a_day_is_that_of_the_uk() -> None:
    late = match(1, 2, DAY, KICKOFF + timedelta(hours=9))
    assert (
        pair_events([event("Man United", "Brentford", KICKOFF + timedelta(hours=13))], [late], CLUBS)[0].match == late
    )
    summer = event("Man United", "Brentford", datetime(2024, 8, 16, 23, 30, tzinfo=UTC))
    assert pair_events([summer], [match(1, 2, date(2024, 8, 17), None)], CLUBS)[0].match is not None


def test_a_spelling_that_stands_for_two_clubs_is_known_for_neither() -> None:
    clubs = Clubs({**KNOWN, "man": frozenset({1, 7})}, NAMES)
    found = pair_events([event("Man", "Brentford")], [match(1, 2), match(7, 5)], clubs)
    assert found[0].match == match(1, 2)


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("Man United", "Manchester United", 0.9),
        ("Leganes", "Leganés", 0.8),
        ("Nott'm Forest", "Nottingham Forest", 0.6),
        ("Ath Bilbao", "Athletic Bilbao", 0.9),
        ("Tottenham", "Tottenham Hotspur", 0.9),
    ],
)
def test_names_of_one_club_are_alike(one: str, other: str, least: float) -> None:
    assert least <= alike(one, other) == alike(other, one) <= 1


@pytest.mark.parametrize(("one", "other"), [("Arsenal", "Chelsea"), ("AC Milan", "Cagliari"), ("", "Leeds")])
def test_names_of_two_clubs_are_not(one: str, other: str) -> None:
    assert alike(one, other) < LEAST_LIKENESS
