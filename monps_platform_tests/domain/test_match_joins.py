"""Joining listed matches to ours: by clubs, venue and day or score; whatever is not confirmed says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.match_joins import Join, OwnMatch, Score, UnmatchedReason, join_matches
from monps_platform.domain.understat import Listing

DAY = date(2020, 2, 12)
TEAMS = {"Arsenal": 1, "Chelsea": 2, "Spurs": 3, "Leeds": 4}
OURS = OwnMatch(70, 1, 2, DAY, (2, 1))


def listing(
    row_id: int = 1,
    teams: tuple[str, str] = ("Arsenal", "Chelsea"),
    day: date = DAY,
    score: Score = (2, 1),
    at: time = time(20, 0),
) -> Listing:
    return Listing(row_id, datetime.combine(day, at), *teams, *score)


def outcomes(joins: Sequence[Join]) -> list[int | UnmatchedReason | None]:
    """The match of each listing, else the reason; never both, never neither."""
    assert all((join.match_id is None) is (join.reason is not None) for join in joins)
    return [join.reason if join.match_id is None else join.match_id for join in joins]


def days_later(days: int) -> date:
    return DAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("listed", "ours", "expected"),
    [
        (listing(), OURS, 70),
        (listing(day=days_later(1), at=time(0, 30)), OURS, 70),
        (listing(day=days_later(-1), at=time(23, 59)), OURS, 70),
        (listing(score=(3, 0)), OURS, 70),
        (listing(day=days_later(90)), OURS, 70),
        (listing(day=days_later(-90)), OURS, 70),
        (listing(day=days_later(90), score=(None, None)), OURS, 70),
        (listing(day=days_later(90)), replace(OURS, score=(None, None)), 70),
        (listing(day=days_later(2), score=(3, 0)), OURS, UnmatchedReason.DATE_AND_SCORE_DIFFER),
        (listing(day=days_later(-2), score=(1, 2)), OURS, UnmatchedReason.DATE_AND_SCORE_DIFFER),
        (listing(teams=("Chelsea", "Arsenal"), score=(1, 2)), OURS, UnmatchedReason.NO_SUCH_MATCH),
        (listing(teams=("Arsenal", "Leeds")), OURS, UnmatchedReason.NO_SUCH_MATCH),
        (listing(teams=("Arsenal FC", "Chelsea")), OURS, UnmatchedReason.UNRESOLVED_TEAM),
        (listing(teams=("Arsenal", "Chelsea FC")), OURS, UnmatchedReason.UNRESOLVED_TEAM),
        (listing(teams=("arsenal", "Chelsea")), OURS, UnmatchedReason.UNRESOLVED_TEAM),
    ],
    ids=[
        "the same day",
        "after midnight in another zone",
        "before midnight in another zone",
        "a score that was awarded afterwards",
        "postponed, and the scores agree",
        "brought forward, and the scores agree",
        "postponed, they do not know the score yet",
        "postponed, we do not know the score yet",
        "two days and the score apart",
        "two days early, the score the other way round",
        "the return match",
        "a pair that never met",
        "an unknown home side",
        "an unknown away side",
        "a spelling that is not the same to the letter",
    ],
)
def test_a_listed_match_is_ours_or_says_why_not(
    listed: Listing, ours: OwnMatch, expected: int | UnmatchedReason
) -> None:
    (join,) = join_matches([listed], TEAMS, [ours])
    assert join.listing is listed
    assert outcomes([join]) == [expected]


def test_two_listings_of_one_match_are_both_left_open() -> None:
    twice = [listing(1), listing(2, day=days_later(60)), listing(3, ("Spurs", "Leeds"))]
    found = join_matches(twice, TEAMS, [OURS, OwnMatch(71, 3, 4, DAY, (2, 1))])
    assert outcomes(found) == [UnmatchedReason.CLAIMED_TWICE, UnmatchedReason.CLAIMED_TWICE, 71]


def test_a_listing_that_contradicts_does_not_claim_a_match() -> None:
    found = join_matches([listing(1), listing(2, day=days_later(60), score=(0, 0))], TEAMS, [OURS])
    assert outcomes(found) == [70, UnmatchedReason.DATE_AND_SCORE_DIFFER]


def test_unmatched_listings_do_not_claim_one_another() -> None:
    found = join_matches([listing(1, ("Spurs", "Leeds")), listing(2, ("Leeds", "Spurs"))], TEAMS, [OURS])
    assert outcomes(found) == [UnmatchedReason.NO_SUCH_MATCH] * 2


@pytest.mark.parametrize(
    ("days", "score", "expected"),
    [
        (0, (2, 1), 70),
        (1, (9, 9), 70),
        (59, (2, 1), 71),
        (60, (0, 0), 71),
        (30, (2, 1), UnmatchedReason.DATE_AND_SCORE_DIFFER),
        (2, (None, None), UnmatchedReason.DATE_AND_SCORE_DIFFER),
        (62, (0, 0), UnmatchedReason.DATE_AND_SCORE_DIFFER),
    ],
)
def test_of_several_meetings_at_one_ground_only_the_day_tells(
    days: int, score: Score, expected: int | UnmatchedReason
) -> None:
    meetings = [OURS, OwnMatch(71, 1, 2, days_later(60), (0, 0))]
    for ours in (meetings, meetings[::-1]):
        assert outcomes(join_matches([listing(day=days_later(days), score=score)], TEAMS, ours)) == [expected]


def test_nothing_listed_and_nothing_of_ours_is_no_error() -> None:
    assert join_matches([], TEAMS, [OURS]) == []
    assert outcomes(join_matches([listing()], TEAMS, [])) == [UnmatchedReason.NO_SUCH_MATCH]
    assert outcomes(join_matches([listing()], {}, [OURS])) == [UnmatchedReason.UNRESOLVED_TEAM]


_SCORES = st.one_of(st.just((None, None)), st.tuples(st.integers(0, 2), st.integers(0, 2)))
_DAYS = st.integers(0, 6).map(days_later)
_PAIRS = st.sampled_from([("Arsenal", "Chelsea"), ("Chelsea", "Arsenal"), ("Spurs", "Leeds"), ("Hull", "Leeds")])
_LISTINGS = st.lists(st.tuples(_PAIRS, _DAYS, _SCORES), max_size=8).map(
    lambda rows: [listing(at, *row) for at, row in enumerate(rows)]
)
_OURS = st.lists(st.tuples(st.sampled_from([(1, 2), (2, 1), (3, 4)]), _DAYS, _SCORES), max_size=6).map(
    lambda rows: [OwnMatch(at, *pair, day, score) for at, (pair, day, score) in enumerate(rows)]
)


@settings(deadline=None, max_examples=150)
@given(_LISTINGS, _OURS)
def test_every_join_is_confirmed_and_no_match_is_given_twice(listings: list[Listing], ours: list[OwnMatch]) -> None:
    joins = join_matches(listings, TEAMS, ours)
    assert [join.listing for join in joins] == listings
    outcomes(joins)
    by_id = {match.id: match for match in ours}
    meetings = Counter((match.home_team_id, match.away_team_id) for match in ours)
    joined = [join for join in joins if join.match_id is not None]
    assert len({join.match_id for join in joined}) == len(joined)
    for join in joined:
        assert join.match_id is not None
        match, listed = by_id[join.match_id], join.listing
        pair = match.home_team_id, match.away_team_id
        assert pair == (TEAMS[listed.home_team], TEAMS[listed.away_team])
        scores = (listed.home_goals, listed.away_goals), match.score
        moved = meetings[pair] == 1 and (scores[0] == scores[1] or (None, None) in scores)
        assert abs((listed.shown_at.date() - match.day).days) <= 1 or moved


@settings(deadline=None, max_examples=100)
@given(_LISTINGS, st.data())
def test_the_order_of_either_side_does_not_matter(listings: list[Listing], data: st.DataObject) -> None:
    ours = [OwnMatch(70, 1, 2, DAY, (2, 1)), OwnMatch(71, 1, 2, days_later(5), (0, 0)), OwnMatch(72, 3, 4, DAY, (1, 1))]
    expected = {join.listing.id: join for join in join_matches(listings, TEAMS, ours)}
    shuffled = join_matches(data.draw(st.permutations(listings)), TEAMS, data.draw(st.permutations(ours)))
    assert {join.listing.id: join for join in shuffled} == expected
