"""PPDA and deep completions: the teams' histories of a league file, joined to its listed matches.

The live site has them, older copies of its files do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.understat import Listing
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.understat.records import (
    Readings,
    Record,
    RecordList,
    Rejected,
    compact,
    count,
    part,
    read_records,
    team_title,
)


@dataclass(frozen=True)
class _Entry:
    """What a team's history says of one match, as it stands there."""

    record: Record
    team: str
    date: str
    side: object
    passes: object
    actions: object
    deep: object


Histories = Mapping[tuple[str, str], Sequence[_Entry]]
"""Entries by team and time; more than one for the same match is a mistake."""


def read_histories(document: Record, name: str) -> Histories:
    """All entries of a league file, none where it has no teams; UnreadableFileError when the form has changed."""
    teams = document.get("teams") or {}
    if not isinstance(teams, dict):
        raise UnreadableFileError(f"{name}: 'teams' is no object: the form of the source has changed")
    read = read_records(RecordList(name, "teams", Dataset.MATCH_DETAILS, list(teams.values())), _read_team)
    if read.rejections:
        raise UnreadableFileError(f"{name}: a team has no title: {read.rejections[0].raw_text[:80]}")
    found: dict[tuple[str, str], list[_Entry]] = {}
    for entry in (entry for entries in read.values for entry in entries):
        found.setdefault((entry.team, entry.date), []).append(entry)
    return found


def _read_team(record: Record) -> Sequence[_Entry]:
    team, history = team_title(record), record["history"]
    if not isinstance(history, list) or not all(isinstance(entry, dict) for entry in history):
        raise KeyError("history")
    return [_read_entry(team, entry) for entry in history]


def _read_entry(team: str, entry: Record) -> _Entry:
    ppda = part(entry, "ppda")
    return _Entry(entry, team, str(entry["date"]), entry["h_a"], ppda["att"], ppda["def"], entry["deep"])


def add_histories(
    listings: Readings[Listing], histories: Histories, name: str
) -> tuple[Sequence[Listing], Sequence[Rejection]]:
    """The listings with what the histories say of them, and a rejection for each entry that cannot be read.

    Raises UnreadableFileError when there are histories, but not one entry belongs to a listed match.
    """
    keys = {(team, str(item.shown_at)) for item in listings.values for team in (item.home_team, item.away_team)}
    if histories and keys.isdisjoint(histories):
        raise UnreadableFileError(f"{name}: no entry of the teams' histories belongs to a listed match")
    doubts: list[Rejection] = []
    complete = [
        _with_history(listing, line, histories, doubts)
        for listing, line in zip(listings.values, listings.lines, strict=True)
    ]
    return complete, doubts


def _with_history(listing: Listing, line: int, histories: Histories, doubts: list[Rejection]) -> Listing:
    sides = []
    for side, team in (("h", listing.home_team), ("a", listing.away_team)):
        entries = histories.get((team, str(listing.shown_at)), ())
        try:
            sides.append(_pressing(entries, side))
        except Rejected as rejected:
            sides.append((None, None))
            text = compact([entry.record for entry in entries])
            doubts.append(Rejection(Dataset.MATCH_DETAILS, line, rejected.reason, text))
    (home_ppda, home_deep), (away_ppda, away_deep) = sides
    return replace(listing, home_ppda=home_ppda, away_ppda=away_ppda, home_deep=home_deep, away_deep=away_deep)


def _pressing(entries: Sequence[_Entry], side: str) -> tuple[float | None, int | None]:
    """PPDA and deep completions of one side; no PPDA where a side made no defensive action."""
    if not entries:
        return None, None
    if len(entries) > 1:
        raise Rejected(Reason.DUPLICATE_MATCH)
    entry = entries[0]
    if entry.side != side:
        raise Rejected(Reason.WRONG_SIDE)
    passes, actions, deep = count(entry.passes), count(entry.actions), count(entry.deep)
    return passes / actions if actions else None, deep
