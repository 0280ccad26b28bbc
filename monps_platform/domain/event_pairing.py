"""Which of our matches an event of another source is, before it is played: by its day and by both names.

There is no score yet that could prove a spelling (:mod:`monps_platform.domain.identities` has that of played matches).
What there is: both sources list the same few matches of a league's day, and each match has two names. An event and a
match are paired when

- they are of one league and one day (UK time), or of kickoffs at most six hours apart;
- no spelling that is known stands for another club;
- both names are alike, each by LEAST_LIKENESS, together by LEAST_MEAN on average (a known spelling counts 1), and no
  other club of the league is more like either of them;
- every other match of the day is less like the event, and every other event less like the match, by MARGIN at least.

Anything else is not paired: its spellings wait for a person. A pairing that rests on known spellings alone is exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher

from monps_platform.domain.matches import UK_TIME
from monps_platform.domain.snapshots import Event

LEAST_LIKENESS = 0.6
LEAST_MEAN = 0.7
MARGIN = 0.15
_NEAR = timedelta(hours=6)
_BY_WORDS = 0.9
_LEAST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class ListedMatch:
    """A match of ours to come: its clubs by id, its day (UK time), and its kickoff where it is known."""

    match_id: int
    home: int
    away: int
    day: date
    kickoff_at: datetime | None


@dataclass(frozen=True)
class Clubs:
    """What is known of the clubs of a league: by folded spelling those that it may mean, and all names of each."""

    by_spelling: Mapping[str, frozenset[int]]
    names: Mapping[int, Sequence[str]]

    def known(self, spelling: str) -> int | None:
        """The one club that a spelling stands for, as far as anybody has said."""
        found = self.by_spelling.get(folded(spelling), frozenset())
        return next(iter(found)) if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class EventPairing:
    """What an event was paired with (None: nothing, with the ``reason``), how alike both names are together, and how
    alike the next best match or event is. ``learned`` are the spellings that the pairing explains, with their clubs.
    """

    event: Event
    match: ListedMatch | None
    likeness: float
    runner_up: float
    learned: tuple[tuple[str, int], ...] = ()
    reason: str | None = None


def folded(spelling: str) -> str:
    """A spelling as it is compared: in any case, with single blanks."""
    return " ".join(spelling.casefold().split())


def pair_events(events: Sequence[Event], matches: Sequence[ListedMatch], clubs: Clubs) -> list[EventPairing]:
    """Pair each event of a league with a match of it, or say why not; in the order of the events."""
    scores = [[_score(event, match, clubs) for match in matches] for event in events]
    return [_pairing(at, event, matches, scores, clubs) for at, event in enumerate(events)]


def _score(event: Event, match: ListedMatch, clubs: Clubs) -> float:
    """How alike an event and a match are, 0 to 1; 0 where they cannot be the same."""
    if not _same_time(event, match):
        return 0.0
    sides = [_likeness(name, club, clubs) for name, club in ((event.home, match.home), (event.away, match.away))]
    return 0.0 if min(sides) < LEAST_LIKENESS else sum(sides) / 2


def _same_time(event: Event, match: ListedMatch) -> bool:
    same_day = event.commences_at.astimezone(UK_TIME).date() == match.day
    return same_day or (match.kickoff_at is not None and abs(match.kickoff_at - event.commences_at) <= _NEAR)


def _likeness(spelling: str, club: int, clubs: Clubs) -> float:
    known = clubs.known(spelling)
    if known is not None:
        return 1.0 if known == club else 0.0
    return max((alike(spelling, name) for name in clubs.names.get(club, ())), default=0.0)


def alike(one: str, other: str) -> float:
    """How alike two names are, 0 to 1: letter by letter, or by the share of the shorter one's words that begin a word
    of the other, or are begun by one; in any case.
    """
    first, second = sorted((folded(one), folded(other)))
    letters = SequenceMatcher(None, first, second, autojunk=False).ratio()
    short, long = sorted((_words(first), _words(second)), key=len)
    hits = sum(any(_begins(part, word) for word in long) for part in short)
    return max(letters, _BY_WORDS * hits / len(short)) if short else 0.0


def _words(name: str) -> list[str]:
    return name.replace("'", " ").replace("-", " ").split()


def _begins(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and (len(short) >= _LEAST_LETTERS or short == long)


def _pairing(
    at: int, event: Event, matches: Sequence[ListedMatch], scores: Sequence[Sequence[float]], clubs: Clubs
) -> EventPairing:
    of_event = scores[at]
    if not any(of_event):
        return EventPairing(event, None, 0.0, 0.0, reason=_unlisted(event, matches, clubs))
    best = max(range(len(matches)), key=lambda column: of_event[column])
    rivals = [score for column, score in enumerate(of_event) if column != best]
    rivals += [row[best] for number, row in enumerate(scores) if number != at]
    likeness, runner_up = of_event[best], max(rivals, default=0.0)
    if likeness < LEAST_MEAN or likeness - runner_up < MARGIN:
        reason = f"the nearest match is alike by {likeness:.2f}, the next best by {runner_up:.2f}: not told apart"
        return EventPairing(event, None, likeness, runner_up, reason=reason)
    match = matches[best]
    sides = ((event.home, match.home), (event.away, match.away))
    learned = tuple(side for side in sides if clubs.known(side[0]) is None)
    if nearer := [name for name, club in learned if _is_nearer_to_another(name, club, clubs)]:
        reason = f"another club of the league is more like {' and '.join(map(repr, nearer))}"
        return EventPairing(event, None, likeness, runner_up, reason=reason)
    return EventPairing(event, match, likeness, runner_up, learned)


def _is_nearer_to_another(spelling: str, club: int, clubs: Clubs) -> bool:
    own = _likeness(spelling, club, clubs)
    return any(_likeness(spelling, other, clubs) > own for other in clubs.names if other != club)


def _unlisted(event: Event, matches: Sequence[ListedMatch], clubs: Clubs) -> str:
    unknown = [name for name in (event.home, event.away) if clubs.known(name) is None]
    if not any(_same_time(event, match) for match in matches):
        return "no match of ours is listed for that day"
    if unknown:
        return f"nobody knows which club is {' or '.join(map(repr, unknown))}, and no match of the day is like it"
    return "no match of ours between these clubs is listed for that day"
