"""From the names in a file of picks to clubs, matches and bookmakers: exact spellings only, nothing is guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from monps_platform.domain.bookmakers import Bookmaker, spelled
from monps_platform.domain.leagues import League
from monps_platform.domain.matches import UK_TIME
from monps_platform.domain.odds import Market
from monps_platform.domain.pick_lines import PickLine
from monps_platform.domain.picks import PickSide
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.spellings import near

_TERMS = ("price", "stake", "strategy", "model_probability")
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A match that picks may be taken on; kickoff None where only the day is known."""

    match_id: int
    day: date
    kickoff_at: datetime | None


@dataclass(frozen=True)
class Directory:
    """What names mean. ``clubs``: ids by league and folded spelling; ``matches`` by league, home and away id;
    ``bookmakers``: id (None: not in the table yet) and what is known, by the letters of key and name.
    """

    clubs: Mapping[League, Mapping[str, frozenset[int]]]
    matches: Mapping[tuple[League, int, int], Sequence[Scheduled]]
    bookmakers: Mapping[str, tuple[int | None, Bookmaker]]


PickKey = tuple[str, int, Market, PickSide, Decimal | None, str, datetime]
"""Agent, match, market, side, line, bookmaker's key and time: what tells a person's picks apart."""
Terms = tuple[Decimal, Decimal, str | None, float | None]
"""Price, stake, strategy and the model's probability: what a person said of a pick, and never changes."""


@dataclass(frozen=True, slots=True)
class ResolvedPick:
    """A line whose match and bookmaker are known."""

    line: PickLine
    match_id: int
    bookmaker: Bookmaker
    hours_before_kickoff: float | None

    @property
    def key(self) -> PickKey:
        """What tells it from every other pick."""
        of = self.line
        return of.agent, self.match_id, of.market, of.side, of.line, self.bookmaker.key, of.taken_at.astimezone(UTC)

    @property
    def terms(self) -> Terms:
        """What was said of it besides."""
        return self.line.price, self.line.stake, self.line.strategy, self.line.probability


@dataclass
class Resolution:
    """Picks whose names are resolved, the other lines with what is wrong, and spellings of clubs that nobody knows."""

    picks: list[ResolvedPick] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    unknown_clubs: set[tuple[League, str]] = field(default_factory=set)

    def reject(self, line: PickLine, reason: Reason, detail: str) -> None:
        """Keep what is wrong with a line."""
        self.rejections.append(Rejection(Dataset.PICKS, line.number, reason, line.text, detail))


def folded(spelling: str) -> str:
    """A spelling of a club as it is compared: in any case, with single blanks."""
    return " ".join(spelling.casefold().split())


def resolve(lines: Sequence[PickLine], directory: Directory) -> Resolution:
    """Find the match and the bookmaker of each line; a line that stands twice is a rejection the second time."""
    found = Resolution()
    first: dict[PickKey, int] = {}
    for line in lines:
        pick = _resolved(line, directory, found)
        if pick is None:
            continue
        if (other := first.setdefault(pick.key, line.number)) != line.number:
            found.reject(line, Reason.DUPLICATE_PICK, f"the same pick stands in line {other}")
        else:
            found.picks.append(pick)
    return found


def not_yet(picks: Sequence[ResolvedPick], now: datetime) -> tuple[list[ResolvedPick], list[Rejection]]:
    """The picks that can have been taken by now, give or take an hour of a clock, and a rejection of each other."""
    latest = now + _CLOCKS_DIFFER
    taken = [pick for pick in picks if pick.line.taken_at <= latest]
    rejections = [
        _rejected(pick, Reason.TAKEN_IN_THE_FUTURE, f"taken at {pick.line.taken_at}, but it is {now:%Y-%m-%d %H:%M %Z}")
        for pick in picks
        if pick.line.taken_at > latest
    ]
    return taken, rejections


def against_held(
    picks: Sequence[ResolvedPick], held: Mapping[PickKey, Terms]
) -> tuple[list[ResolvedPick], list[Rejection]]:
    """The picks that are not held yet, and a rejection of each that is held on other terms: what was taken never
    changes.
    """
    new, rejections = [], []
    for pick in picks:
        was = held.get(pick.key)
        if was is None:
            new.append(pick)
        elif was != pick.terms:
            old = [f"{name} {value}" for name, value, now in zip(_TERMS, was, pick.terms, strict=True) if value != now]
            detail = f"this pick is held with the {' and the '.join(old)}: what was taken never changes"
            rejections.append(_rejected(pick, Reason.TERMS_CHANGED, detail))
    return new, rejections


def _rejected(pick: ResolvedPick, reason: Reason, detail: str) -> Rejection:
    return Rejection(Dataset.PICKS, pick.line.number, reason, pick.line.text, detail)


def _resolved(line: PickLine, directory: Directory, found: Resolution) -> ResolvedPick | None:
    clubs = _clubs(line, directory, found)
    match = None if clubs is None else _match(line, clubs, directory, found)
    book = None if match is None else _bookmaker(line, directory, found)
    if match is None or book is None:
        return None
    if _is_late(line, match):
        kickoff = match.kickoff_at or match.day
        found.reject(line, Reason.TAKEN_AFTER_KICKOFF, f"taken at {line.taken_at}, but the match began at {kickoff}")
        return None
    left = None if match.kickoff_at is None else (match.kickoff_at - line.taken_at).total_seconds() / 3600
    return ResolvedPick(line, match.match_id, book, None if left is None else round(left, 4))


def _clubs(line: PickLine, directory: Directory, found: Resolution) -> tuple[int, int] | None:
    """The ids of both clubs; a name that nobody knows is queued as well."""
    known = directory.clubs.get(line.league)
    if not known:
        detail = f"no match of {line.league.code} is loaded: load the league first (monps up)"
        found.reject(line, Reason.NO_SUCH_MATCH, detail)
        return None
    found.unknown_clubs |= {(line.league, name) for name in (line.home, line.away) if not known.get(folded(name))}
    ids: list[int] = []
    for spelling in (line.home, line.away):
        clubs = known.get(folded(spelling), frozenset())
        if len(clubs) != 1:
            _reject_club(line, spelling, clubs, known, found)
            return None
        ids += clubs
    return ids[0], ids[1]


def _reject_club(
    line: PickLine, spelling: str, clubs: Collection[int], known: Iterable[str], found: Resolution
) -> None:
    where = line.league.code
    if clubs:
        found.reject(line, Reason.AMBIGUOUS_TEAM, f"{len(clubs)} clubs of {where} are called {spelling!r}")
    else:
        hint = _near(folded(spelling), known)
        found.reject(line, Reason.UNRESOLVED_TEAM, f"no club of {where} is called {spelling!r}{hint}")


def _match(line: PickLine, clubs: tuple[int, int], directory: Directory, found: Resolution) -> Scheduled | None:
    meetings = directory.matches.get((line.league, *clubs), ())
    on_day = [item for item in meetings if item.day == line.day]
    if len(on_day) == 1:
        return on_day[0]
    nearest = min(meetings, key=lambda item: abs(item.day - line.day), default=None)
    hint = "" if nearest is None else f"; the nearest is of {nearest.day}"
    home, away = clubs
    if any(item.day == line.day for item in directory.matches.get((line.league, away, home), ())):
        hint = f"; {line.away} - {line.home} is on that day: home and away are swapped"
    found.reject(
        line, Reason.NO_SUCH_MATCH, f"{line.league.code} has no match {line.home} - {line.away} on {line.day}{hint}"
    )
    return None


def _bookmaker(line: PickLine, directory: Directory, found: Resolution) -> Bookmaker | None:
    known = directory.bookmakers.get(spelled(line.bookmaker))
    if known is None:
        hint = _near(spelled(line.bookmaker), directory.bookmakers)
        found.reject(line, Reason.UNKNOWN_BOOKMAKER, f"no bookmaker is called {line.bookmaker!r}{hint}")
        return None
    book = known[1]
    if book.is_aggregate:
        found.reject(line, Reason.AGGREGATE_BOOKMAKER, f"nobody can bet at {book.name} ({book.key})")
        return None
    return book


def _is_late(line: PickLine, match: Scheduled) -> bool:
    """Whether a pick was taken when the match had begun; where only its day is known, after that day."""
    if match.kickoff_at is not None:
        return line.taken_at >= match.kickoff_at
    return line.taken_at.astimezone(UK_TIME).date() > match.day


def _near(text: str, known: Iterable[str]) -> str:
    close = near(text, known)
    return f" (did you mean {' or '.join(close)}?)" if close else ""
