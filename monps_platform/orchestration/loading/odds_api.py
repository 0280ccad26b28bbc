"""From kept answers of The Odds API to snapshots of odds: which match each event is, and which quotes stood."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from monps_platform.db import errors
from monps_platform.db.bulk.merge import Changes
from monps_platform.db.models import RawFile
from monps_platform.db.repositories.raw_files import RowCounts, quotes_of
from monps_platform.db.repositories.teams import UnknownLeagueCodeError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.event_pairing import Clubs, EventPairing, ListedMatch, folded, pair_events
from monps_platform.domain.leagues import League, league
from monps_platform.domain.odds import SIDES, PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.seasons import Season
from monps_platform.domain.snapshots import Event, Movement, ParsedSnapshot, SidePrice, SnapshotQuote, movements
from monps_platform.orchestration.outcomes import Outcome, timed
from monps_platform.sources.errors import SourceError, UnreadableFileError
from monps_platform.sources.odds_api.files import SOURCE
from monps_platform.sources.odds_api.parser import PARSER_VERSION, parse_snapshot
from monps_platform.sources.raw_store import RawStore

FAILURES = (SourceError, *errors.FAILURES, UnknownLeagueCodeError, OSError)
MENDABLE = (Reason.UNRESOLVED_TEAM, Reason.NO_SUCH_MATCH)
"""Rejections whose reason may be gone: a person resolved the spelling, or the match was listed."""
MENDED_WITHIN = timedelta(days=14)


@dataclass(frozen=True)
class _Sorted:
    """Quotes of a file by what becomes of them, and what is learned of spellings."""

    quotes: list[tuple[int, SnapshotQuote]] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)


@dataclass
class OddsApiLoader:
    """Loads answers from kept bytes, oldest first, each in one transaction. ``now`` tells the time.

    ``touched`` are the matches of which the last load brought snapshots, by id.
    """

    units: Callable[[], UnitOfWork]
    store: RawStore
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    touched: set[int] = field(default_factory=set)

    def load(self) -> list[Outcome]:
        """Load what is not loaded yet, or may be loaded better now; one outcome for each file that was read."""
        with self.units() as unit:
            unit.leagues.ensure_all()
            files = unit.raw_files.to_load(SOURCE, PARSER_VERSION, MENDABLE, self.now() - MENDED_WITHIN)
            unit.commit()
        return [timed(_partition(file), partial(self._load, file), FAILURES) for file in files]

    def movements(self, limit: int = 50) -> Mapping[str, Sequence[Movement]]:
        """How the prices of the touched matches moved, by the match's name and the market; the nearest matches first,
        of the number of matches that are wanted.
        """
        found: dict[str, Sequence[Movement]] = {}
        with self.units() as unit:
            for match_id in sorted(self.touched)[:limit]:
                match = unit.matches.get_by_id(match_id, load=["home_team", "away_team"])
                if match is None:
                    continue
                for market in SIDES:
                    quotes = unit.odds.get_line_movement(match_id, market)
                    prices = [
                        SidePrice(quote.bookmaker.key, quote.line, side, quote.captured_at, price)
                        for quote in quotes
                        if quote.price_kind is PriceKind.SNAPSHOT and quote.captured_at is not None
                        for side in SIDES[market]
                        if (price := getattr(quote, f"{side}_price")) is not None
                    ]
                    found[f"{match.home_team.name} - {match.away_team.name}, {market}"] = movements(prices)
        return found

    def _load(self, file: RawFile) -> Outcome:
        where = _partition(file)
        body = self.store.get(file.sha256)
        try:
            parsed = parse_snapshot(body, file.fetched_at, file.url)
        except UnreadableFileError as error:
            return self._reject(file, str(error))
        with self.units() as unit:
            clubs = _clubs(unit, where.league)
            pairings = _without_conflicts(pair_events(parsed.events, _listed(unit, where.league, parsed), clubs))
            sorted_ = _sort(parsed, pairings, clubs)
            changes = unit.odds.append_snapshots(sorted_.quotes) if sorted_.quotes else Changes()
            counts = RowCounts(parsed.quotes_read, len(sorted_.quotes), len(sorted_.rejections))
            if changes.total or file.quotes_loader != PARSER_VERSION or quotes_of(file) != counts:
                _learn(unit, where.league, pairings, clubs)
                mine = unit.raw_files.attach(file)
                unit.raw_files.record_quotes(mine, counts, PARSER_VERSION)
                unit.raw_files.replace_rejections(mine, (Dataset.ODDS,), sorted_.rejections)
                unit.commit()
        if changes.total:
            self.touched |= {match_id for match_id, _ in sorted_.quotes}
        unpaired = [pairing for pairing in pairings if pairing.match is None]
        warning = "; ".join(f"{pairing.event.title}: {pairing.reason}" for pairing in unpaired[:5])
        return Outcome.of_load(where, counts, changes, warning=warning)

    def _reject(self, file: RawFile, why: str) -> Outcome:
        """Enter that a file as a whole cannot be read; until the parser is another, it is not tried again."""
        counts = RowCounts(read=1, rejected=1)
        with self.units() as unit:
            mine = unit.raw_files.attach(file)
            unit.raw_files.record_quotes(mine, counts, PARSER_VERSION)
            rejection = Rejection(Dataset.ODDS, 1, Reason.UNREADABLE_FILE, file.key, why)
            unit.raw_files.replace_rejections(mine, (Dataset.ODDS,), [rejection])
            unit.commit()
        return Outcome.of_load(_partition(file), counts, Changes(), warning=why)


def _partition(file: RawFile) -> Partition:
    return Partition(league(str(file.league)), Season.parse(str(file.season)))


def _clubs(unit: UnitOfWork, of: League) -> Clubs:
    by_spelling = unit.aliases.clubs(SOURCE, of)
    names: dict[int, list[str]] = {}
    for spelling, ids in by_spelling.items():
        for club in ids:
            names.setdefault(club, []).append(spelling)
    # What this source's spellings were found to mean counts before what others mean by the same letters.
    own = {folded(spelling): frozenset({club}) for spelling, club in unit.aliases.teams(SOURCE, of).items()}
    return Clubs({**by_spelling, **own}, names)


def _listed(unit: UnitOfWork, of: League, parsed: ParsedSnapshot) -> list[ListedMatch]:
    """Our matches from the day before the first event to the day after the last one."""
    if not parsed.events:
        return []
    days = [event.commences_at.date() for event in parsed.events]
    first, last = min(days) - timedelta(days=1), max(days) + timedelta(days=1)
    return [
        ListedMatch(match.match_id, home, away, match.day, match.kickoff_at)
        for (_, home, away), matches in unit.matches.scheduled(of, first, last).items()
        for match in matches
        if first <= match.day <= last
    ]


def _without_conflicts(pairings: Sequence[EventPairing]) -> list[EventPairing]:
    """A spelling that one file gives to two clubs is given to neither."""
    meanings: dict[str, set[int]] = {}
    for pairing in pairings:
        for spelling, club in pairing.learned:
            meanings.setdefault(folded(spelling), set()).add(club)
    doubtful = {spelling for spelling, ids in meanings.items() if len(ids) > 1}
    return [
        EventPairing(each.event, None, each.likeness, each.runner_up, reason="its spelling would mean two clubs")
        if any(folded(spelling) in doubtful for spelling, _ in each.learned)
        else each
        for each in pairings
    ]


def _sort(parsed: ParsedSnapshot, pairings: Sequence[EventPairing], clubs: Clubs) -> _Sorted:
    found = _Sorted(rejections=list(parsed.rejections))
    for quote in parsed.quotes:
        pairing = pairings[quote.event]
        match = pairing.match
        if match is None:
            found.rejections.append(_rejection(pairing.event, quote, _reason(pairing, clubs), pairing.reason))
        elif match.kickoff_at is not None and quote.captured_at >= match.kickoff_at:
            began = f"our match began at {match.kickoff_at:%Y-%m-%d %H:%M} UTC"
            found.rejections.append(_rejection(pairing.event, quote, Reason.EVENT_STARTED, began))
        else:
            found.quotes.append((match.match_id, quote))
    return found


def _reason(pairing: EventPairing, clubs: Clubs) -> Reason:
    return Reason.UNRESOLVED_TEAM if _unknown(pairing.event, clubs) else Reason.NO_SUCH_MATCH


def _rejection(event: Event, quote: SnapshotQuote, reason: Reason, detail: str | None) -> Rejection:
    line = "" if quote.line is None else f" {quote.line}"
    prices = " / ".join(map(str, quote.prices))
    text = f"{event.title}; {quote.bookmaker} {quote.market}{line}: {prices}"
    return Rejection(Dataset.ODDS, event.number, reason, text, detail)


def _unknown(event: Event, clubs: Clubs) -> list[str]:
    return [spelling for spelling in (event.home, event.away) if clubs.known(spelling) is None]


def _learn(unit: UnitOfWork, of: League, pairings: Sequence[EventPairing], clubs: Clubs) -> None:
    """Keep what was learned of spellings, and queue those that a person has to resolve."""
    learned = {
        spelling: (club, {"event": each.event.title, "likeness": each.likeness, "runner_up": each.runner_up})
        for each in pairings
        for spelling, club in each.learned
    }
    if learned:
        unit.aliases.learn(SOURCE, of, learned)
    waiting = {
        spelling for each in pairings if each.match is None for spelling in _unknown(each.event, clubs)
    } - learned.keys()
    if waiting:
        unit.aliases.queue(SOURCE, of, waiting)
