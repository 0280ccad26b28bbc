"""From kept bytes to rows: matches and odds of one partition after another, each in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial

from monps_platform.db import errors
from monps_platform.db.models import RawFile
from monps_platform.db.repositories.matches import MatchHasPicksError
from monps_platform.db.repositories.raw_files import RowCounts, StaleFileError, quotes_of, rows_of
from monps_platform.db.repositories.teams import UnresolvedTeamError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.matches import ParsedMatches, combine
from monps_platform.domain.partitions import Partition
from monps_platform.domain.rejections import Dataset
from monps_platform.orchestration.outcomes import Outcome, Status, timed
from monps_platform.sources.errors import SourceError
from monps_platform.sources.football_data.files import FIXTURES_KEY, SOURCE
from monps_platform.sources.football_data.parser import PARSER_VERSION, parse_fixtures, parse_season
from monps_platform.sources.raw_store import RawStore

FAILURES = (SourceError, *errors.FAILURES, UnresolvedTeamError, StaleFileError, MatchHasPicksError, OSError)
WRITERS = 2
"""Connections that write odds at the same time; parsing goes on meanwhile."""

FilesOf = Mapping[Partition, Sequence[RawFile]]
Parsed = Sequence[tuple[RawFile, ParsedMatches]]


@dataclass
class Loader:
    """Loads partitions from kept bytes."""

    units: Callable[[], UnitOfWork]
    store: RawStore

    def load_matches(self, partitions: Sequence[Partition]) -> Iterator[Outcome]:
        """Matches, one partition after another; those whose bytes and parser are unchanged are not touched."""
        files_of = self._files_in_force(partitions)
        with self.units() as unit:
            unit.leagues.ensure_all()
            unit.commit()
        for partition in partitions:
            files = files_of[partition]
            done = _nothing_to_do(partition, files, [file.rows_loader for file in files], rows_of)
            yield done or timed(partition, partial(self._load_matches, partition, files), FAILURES)

    def load_odds(self, partitions: Sequence[Partition]) -> Iterator[Outcome]:
        """Odds, in the order in which partitions are done: one is parsed while others are written.

        At most one partition more than there are writers is in memory.
        """
        files_of = self._files_in_force(partitions)
        pending: set[Future[Outcome]] = set()
        with ThreadPoolExecutor(WRITERS, thread_name_prefix="odds") as writers:
            for partition in partitions:
                files = files_of[partition]
                done = _nothing_to_do(partition, files, [file.quotes_loader for file in files], quotes_of)
                if done is not None:
                    yield done
                    continue
                if len(pending) >= WRITERS:
                    ready, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in ready)
                begun = time.perf_counter()
                try:
                    parsed = self._parse(partition, files)
                except SourceError as error:
                    yield Outcome(partition, Status.FAILED, detail=str(error))
                    continue
                parsing = time.perf_counter() - begun
                pending.add(writers.submit(self._write_odds, partition, parsed, parsing))
            yield from (future.result() for future in pending)

    def _files_in_force(self, partitions: Sequence[Partition]) -> FilesOf:
        with self.units() as unit:
            return unit.raw_files.in_force(partitions)

    def _parse(self, partition: Partition, files: Sequence[RawFile]) -> Parsed:
        parsed: list[tuple[RawFile, ParsedMatches]] = []
        for file in files:
            body = self.store.get(file.sha256)
            if file.key == FIXTURES_KEY:
                taken = {
                    (match.home_team, match.away_team, match.match_date) for _, part in parsed for match in part.matches
                }
                parsed.append((file, parse_fixtures(body, partition.league, file.url, taken, partition.season)))
            else:
                parsed.append((file, parse_season(body, partition.league, file.url)))
        return parsed

    def _load_matches(self, partition: Partition, files: Sequence[RawFile]) -> Outcome:
        parsed = self._parse(partition, files)
        counts = {file.id: _match_counts(part) for file, part in parsed}
        matches = combine([part for _, part in parsed]).matches
        with self.units() as unit:
            changes = unit.matches.replace_partition(_source(files), partition.league, partition.season, matches)
            unit.raw_files.require_in_force(partition, files)
            for file, part in parsed:
                mine = unit.raw_files.attach(file)
                unit.raw_files.record_rows(mine, counts[file.id], PARSER_VERSION)
                datasets = (Dataset.MATCHES, Dataset.MATCH_DETAILS)
                unit.raw_files.replace_rejections(mine, datasets, part.rejections)
            unit.commit()
        return Outcome.of_load(partition, sum(counts.values(), RowCounts()), changes)

    def _write_odds(self, partition: Partition, parsed: Parsed, parsing: float) -> Outcome:
        written = timed(partition, partial(self._replace_odds, partition, parsed), FAILURES)
        return replace(written, seconds=parsing + written.seconds)

    def _replace_odds(self, partition: Partition, parsed: Parsed) -> Outcome:
        league, season = partition.league, partition.season
        whole = combine([part for _, part in parsed])
        counts = {file.id: _quote_counts(part) for file, part in parsed}
        self._enter_bookmakers(whole.bookmakers)
        with self.units() as unit:
            ids = unit.matches.ids(_source([file for file, _ in parsed]), league, season, whole.matches)
            changes = unit.odds.replace_partition(league, season, ids, whole.bookmakers, whole.quotes)
            unit.raw_files.require_in_force(partition, [file for file, _ in parsed])
            for file, part in parsed:
                mine = unit.raw_files.attach(file)
                unit.raw_files.record_quotes(mine, counts[file.id], PARSER_VERSION)
                unit.raw_files.replace_rejections(mine, (Dataset.ODDS,), part.rejections)
            unit.commit()
        return Outcome.of_load(partition, sum(counts.values(), RowCounts()), changes)

    def _enter_bookmakers(self, keys: Sequence[str]) -> None:
        """In a transaction of its own: another writer that meets the same new bookmaker need not wait for the odds."""
        with self.units() as unit:
            unit.bookmakers.ensure(keys)
            unit.commit()


def _nothing_to_do(
    partition: Partition,
    files: Sequence[RawFile],
    loaders: Sequence[str | None],
    counts: Callable[[RawFile], RowCounts],
) -> Outcome | None:
    """The outcome of a partition that has no files, or whose files were loaded by this version of the parser."""
    if not files:
        return Outcome.never_fetched(partition)
    if any(loader != PARSER_VERSION for loader in loaders):
        return None
    return Outcome(partition, Status.UNCHANGED, counts=sum(map(counts, files), RowCounts()))


def _source(files: Sequence[RawFile]) -> str:
    """The source whose spellings the files use; a partition's files share it."""
    return files[0].source if files else SOURCE


def _match_counts(part: ParsedMatches) -> RowCounts:
    return RowCounts(part.lines_read, len(part.matches), part.rejected(Dataset.MATCHES))


def _quote_counts(part: ParsedMatches) -> RowCounts:
    return RowCounts(part.quotes_read, part.quotes_loaded, part.rejected(Dataset.ODDS))
