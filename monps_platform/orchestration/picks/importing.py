"""Importing files of picks: a file goes in whole or not at all, and each line that is wrong is told with its reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monps_platform.db.locks import lock
from monps_platform.db.models import RawFile
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.bookmakers import Bookmaker, bookmaker, spelled
from monps_platform.domain.pick_lines import ParsedPicks, PickLine
from monps_platform.domain.pick_resolution import (
    Directory,
    Resolution,
    ResolvedPick,
    against_held,
    not_yet,
    resolve,
)
from monps_platform.domain.picks import PickOrigin
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.picks import SOURCE
from monps_platform.sources.picks.parser import PARSER_VERSION, parse_picks
from monps_platform.sources.raw_store import RawStore, sha256_of

QUIET = timedelta(seconds=2)
"""A file of the watched folder that changed within so long may still be written to."""


class StillWrittenError(UnreadableFileError):
    """A file that changes while it is read."""


def files_in(folder: Path) -> list[Path]:
    """The files of a watched folder that are imported, by name: those that end in .csv, in any case."""
    return sorted(path for path in folder.iterdir() if path.suffix.casefold() == ".csv") if folder.is_dir() else []


@dataclass(frozen=True)
class ImportReport:
    """What became of a file: lines read, new picks, picks that were held already, and what is wrong, line by line.

    ``is_imported``: whether its picks are in the table; a file with anything wrong in it is not, unless the good lines
    were asked for. ``error`` says what is wrong with the file as a whole.
    """

    name: str
    is_imported: bool
    lines_read: int = 0
    new: int = 0
    held: int = 0
    rejections: Sequence[Rejection] = field(default=())
    ignored: Sequence[str] = field(default=())
    error: str | None = None


@dataclass(frozen=True)
class Importer:
    """Imports files of picks. ``now`` tells the time."""

    units: Callable[[], UnitOfWork]
    store: RawStore
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def import_folder(self, folder: Path) -> list[ImportReport]:
        """The files of a folder that are new, changed, or were refused before: what they lack may be there by now. One
        that is still being written is left to the next run.
        """
        reports = [self._quietly(path) for path in files_in(folder)]
        return [report for report in reports if report is not None]

    def import_file(
        self, path: Path, *, keep_good: bool = False, add_bookmakers: bool = False, dry_run: bool = False
    ) -> ImportReport:
        """Import a file. ``keep_good`` imports the lines that are right and leaves out the others; ``add_bookmakers``
        enters bookmakers that nobody knows yet; ``dry_run`` changes nothing.

        Raises UnreadableFileError when the bytes are no file of picks, or change while they are read, and OSError.
        """
        body, _ = _read(path)
        return self._import(path.name, body, keep_good=keep_good, add_bookmakers=add_bookmakers, dry_run=dry_run)

    def _import(
        self, name: str, body: bytes, *, keep_good: bool = False, add_bookmakers: bool = False, dry_run: bool = False
    ) -> ImportReport:
        parsed = parse_picks(body, name)
        if not dry_run:
            self.store.put(body)
        with self.units() as unit:
            lock(unit.session, "picks", "files")  # two files may hold the same pick
            file = self._entered(unit, name, body)
            found = resolve(parsed.lines, _directory(unit, parsed.lines, add_bookmakers=add_bookmakers))
            taken, early = not_yet(found.picks, self.now())
            new, other = against_held(taken, unit.picks.own({pick.match_id for pick in taken}))
            wrong = [*parsed.rejections, *found.rejections, *early, *other]
            rejections = sorted(wrong, key=lambda item: item.line_number)
            goes_in = keep_good or not rejections
            _note(unit, file, parsed, rejections, goes_in=goes_in)
            _queue(unit, found)
            if goes_in:
                _add(unit, file, new)
            if not dry_run:
                unit.commit()
        held = len(taken) - len(new) - len(other)
        return ImportReport(name, goes_in, parsed.lines_read, len(new), held, rejections, parsed.ignored)

    def _quietly(self, path: Path) -> ImportReport | None:
        """Import a file of the folder; one that cannot be read at all is kept with what is wrong. None: it is held."""
        try:
            body, changed_at = _read(path)
        except StillWrittenError:
            return _left(path)
        except OSError as error:
            return ImportReport(path.name, is_imported=False, error=f"{error.filename}: {error.strerror}")
        if self._is_done(path.name, body):
            return None
        if timedelta() <= self.now() - changed_at < QUIET:
            return _left(path)
        try:
            return self._import(path.name, body)
        except UnreadableFileError as error:
            self._note_unreadable(path.name, body, str(error))
            return ImportReport(path.name, is_imported=False, error=str(error))

    def _note_unreadable(self, name: str, body: bytes, error: str) -> None:
        if not body:
            return
        self.store.put(body)
        wrong = Rejection(Dataset.PICKS, 1, Reason.UNREADABLE_FILE, _beginning(body), error)
        with self.units() as unit:
            file = self._entered(unit, name, body)
            unit.raw_files.replace_rejections(file, (Dataset.PICKS,), [wrong])
            unit.commit()

    def _is_done(self, name: str, body: bytes) -> bool:
        with self.units() as unit:
            file = unit.raw_files.latest_of(SOURCE, name)
        return file is not None and file.rows_loader == PARSER_VERSION and file.sha256 == sha256_of(body)

    def _entered(self, unit: UnitOfWork, name: str, body: bytes) -> RawFile:
        """The file's row for these bytes; a new version where they changed."""
        sha256 = sha256_of(body)
        file = unit.raw_files.latest_of(SOURCE, name)
        if file is None or file.sha256 != sha256:
            file = RawFile(
                source=SOURCE, key=name, url=f"file:{name}", sha256=sha256, bytes=len(body), fetched_at=self.now()
            )
            unit.raw_files.add(file)
        return file


def _read(path: Path) -> tuple[bytes, datetime]:
    """A file's bytes, and when it last changed. Raises StillWrittenError when it changed meanwhile, and OSError."""
    before = path.stat()
    body = path.read_bytes()
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (len(body), after.st_mtime_ns):
        raise StillWrittenError(_still_written(path))
    return body, datetime.fromtimestamp(after.st_mtime, UTC)


def _still_written(path: Path) -> str:
    return f"{path.name} is still being written"


def _left(path: Path) -> ImportReport:
    return ImportReport(path.name, is_imported=False, error=f"{_still_written(path)}: the next run takes it")


def _beginning(body: bytes) -> str:
    return body[:200].decode("utf-8", errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _directory(unit: UnitOfWork, lines: Sequence[PickLine], *, add_bookmakers: bool) -> Directory:
    """What the names in the lines may mean; with ``add_bookmakers`` each name of a bookmaker means one."""
    leagues = list(dict.fromkeys(line.league for line in lines))
    held = [league for league in leagues if unit.leagues.exists(code=league.code)]
    days = {league: [line.day for line in lines if line.league == league] for league in held}
    scheduled = [unit.matches.scheduled(league, min(days[league]), max(days[league])) for league in held]
    return Directory(
        {league: unit.aliases.clubs(SOURCE, league) for league in held},
        {key: matches for part in scheduled for key, matches in part.items()},
        {**(_named(lines) if add_bookmakers else {}), **unit.bookmakers.directory()},
    )


def _named(lines: Sequence[PickLine]) -> dict[str, tuple[None, Bookmaker]]:
    named = {letters: line.bookmaker for line in reversed(lines) if (letters := spelled(line.bookmaker))}
    return {letters: (None, bookmaker(name)) for letters, name in named.items()}


def _note(
    unit: UnitOfWork, file: RawFile, parsed: ParsedPicks, rejections: Sequence[Rejection], *, goes_in: bool
) -> None:
    """Keep what is wrong; and what was read and loaded, if anything was."""
    if goes_in:
        counts = RowCounts(parsed.lines_read, parsed.lines_read - len(rejections), len(rejections))
        unit.raw_files.record_rows(file, counts, PARSER_VERSION)
    unit.raw_files.replace_rejections(file, (Dataset.PICKS,), rejections)


def _queue(unit: UnitOfWork, found: Resolution) -> None:
    """Queue the spellings that nobody knows, for a person to resolve."""
    for league in dict.fromkeys(league for league, _ in found.unknown_clubs):
        if unit.leagues.exists(code=league.code):
            unit.aliases.queue(SOURCE, league, [name for of, name in found.unknown_clubs if of == league])


def _add(unit: UnitOfWork, file: RawFile, picks: Collection[ResolvedPick]) -> None:
    ids = unit.bookmakers.ensure(list({pick.bookmaker.key for pick in picks})) if picks else {}
    version = f"{PARSER_VERSION} {SOURCE}@{file.sha256[:12]}"
    rows = [
        {
            "agent": pick.line.agent,
            "strategy": pick.line.strategy,
            "origin": PickOrigin.OWN,
            "match_id": pick.match_id,
            "market": pick.line.market,
            "side": pick.line.side,
            "line": pick.line.line,
            "bookmaker_id": ids[pick.bookmaker.key],
            "price_taken": pick.line.price,
            "taken_at": pick.line.taken_at,
            "stake": pick.line.stake,
            "model_probability": pick.line.probability,
            "edge": None if pick.line.probability is None else pick.line.probability * float(pick.line.price) - 1,
            "hours_before_kickoff": pick.hours_before_kickoff,
            "data_version": version,
        }
        for pick in picks
    ]
    unit.picks.upsert_many(rows)
