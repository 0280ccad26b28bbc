"""Joining another source's matches to our own, once its spellings are known clubs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from monps_platform.domain.understat import Listing

WITHIN_DAYS = 1
"""Sources may state one match's day in different time zones."""

Score = tuple[int | None, int | None]


class UnmatchedReason(StrEnum):
    """Why a listed match is none of ours."""

    UNRESOLVED_TEAM = "unresolved_team"
    NO_SUCH_MATCH = "no_such_match"
    NOT_PLAYED = "not_played"
    DATE_AND_SCORE_DIFFER = "date_and_score_differ"
    CLAIMED_TWICE = "claimed_twice"


@dataclass(frozen=True)
class OwnMatch:
    """One of our matches, as far as joining needs it."""

    id: int
    home_team_id: int
    away_team_id: int
    day: date
    score: Score


@dataclass(frozen=True)
class Join:
    """What became of a listed match: the id of ours, or the reason why there is none."""

    listing: Listing
    match_id: int | None
    reason: UnmatchedReason | None


def join_matches(listings: Sequence[Listing], teams: Mapping[str, int], ours: Sequence[OwnMatch]) -> list[Join]:
    """Each listed match with ours of the same two clubs at the same venue in the season.

    ``teams`` maps the source's spellings to clubs. The day must agree within one; a pair's only meeting may be on
    another day where the scores agree or one of them is still to come, for it was moved. A match that neither confirms
    is listed as unmatched, not guessed.
    """
    of_pair: dict[tuple[int, int], list[OwnMatch]] = {}
    for match in ours:
        of_pair.setdefault((match.home_team_id, match.away_team_id), []).append(match)
    joins = [_join(listing, teams, of_pair) for listing in listings]
    claims = Counter(join.match_id for join in joins)
    return [
        Join(join.listing, None, UnmatchedReason.CLAIMED_TWICE)
        if join.match_id is not None and claims[join.match_id] > 1
        else join
        for join in joins
    ]


def _join(listing: Listing, teams: Mapping[str, int], of_pair: Mapping[tuple[int, int], Sequence[OwnMatch]]) -> Join:
    home, away = teams.get(listing.home_team), teams.get(listing.away_team)
    if home is None or away is None:
        return Join(listing, None, UnmatchedReason.UNRESOLVED_TEAM)
    meetings = of_pair.get((home, away), [])
    if not meetings:
        return Join(listing, None, UnmatchedReason.NO_SUCH_MATCH if listing.is_finished else UnmatchedReason.NOT_PLAYED)
    nearest = min(meetings, key=lambda match: _days_apart(listing, match))
    if _days_apart(listing, nearest) <= WITHIN_DAYS or _may_be_moved(listing, meetings):
        return Join(listing, nearest.id, None)
    return Join(listing, None, UnmatchedReason.DATE_AND_SCORE_DIFFER)


def _days_apart(listing: Listing, match: OwnMatch) -> int:
    return abs((listing.shown_at.date() - match.day).days)


def _may_be_moved(listing: Listing, meetings: Sequence[OwnMatch]) -> bool:
    """Whether a pair's only meeting is the listed match on another day: one of the two is still to be played, or the
    scores agree.
    """
    if len(meetings) > 1:
        return False
    theirs, ours = (listing.home_goals, listing.away_goals), meetings[0].score
    return None in (*theirs, *ours) or theirs == ours
