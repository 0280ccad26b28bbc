"""The match files of one league's season at Understat: those that are due, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monps_platform.db.models import RawFile
from monps_platform.domain.feeds import UNDERSTAT
from monps_platform.domain.partitions import Partition
from monps_platform.domain.understat import Listing, ParsedMatch
from monps_platform.orchestration.fetching.landing import Download, Landing
from monps_platform.sources.errors import NotPublishedError, UnreadableFileError
from monps_platform.sources.http import without_credentials
from monps_platform.sources.raw_store import sha256_of
from monps_platform.sources.simulated.understat import simulate_match_file
from monps_platform.sources.understat.files import SOURCE, match_key
from monps_platform.sources.understat.league_file import parse_league
from monps_platform.sources.understat.match_file import parse_match

BATCH = 20
"""Match files that are entered in one transaction: what an interruption costs at most."""
MOST_UNREADABLE = 3
"""Unreadable match files of a partition after which the source is not asked for more: its form has changed."""
MOST_AGAIN = 20
"""Held match files that one run asks for again."""


@dataclass
class MatchFiles:
    """Fetches the match files of a partition that are due, and keeps count.

    Due is the file of a finished match that is not held; and one that is older than the league file in force and does
    not add up to what that says of the match, because the source corrected itself, or had not been done with it.
    ``told`` hears how many are held.
    """

    landing: Landing
    partition: Partition
    told: Callable[[Partition, int, int], None]
    wanted: int = field(default=0, init=False)
    new: int = field(default=0, init=False)
    not_there: list[int] = field(default_factory=list, init=False)
    unreadable: list[str] = field(default_factory=list, init=False)

    @property
    def held(self) -> int:
        """How many of the wanted files are there."""
        return self.wanted - len(self.not_there)

    @property
    def warning(self) -> str:
        """Which matches the source has no file of, or one without shots."""
        if not self.not_there:
            return ""
        return f"the source has no shots of {len(self.not_there)} matches: {', '.join(map(str, self.not_there))}"

    def fetch(self, league_file: RawFile) -> None:
        """Fetch what is due. Raises SourceError when a file could not be had, or is not what it should be; what came
        before is kept.
        """
        finished = self._finished(league_file)
        held = self._held()
        due = self._due(finished, held, league_file)
        self.wanted = len(finished)
        pending: list[Download] = []
        try:
            for number, download in enumerate(self._downloads(due), start=1):
                pending.append(download)
                self.told(self.partition, len(finished) - len(due) + number, len(finished))
                if len(pending) == BATCH:
                    self._enter(pending, held)
        finally:
            # An interruption costs no file that has arrived.
            self._enter(pending, held)
        if self.unreadable:
            raise UnreadableFileError(
                f"{len(self.unreadable)} match files are not what they should be: {'; '.join(self.unreadable)}. "
                f"{self.new} others were kept. If the source's form has changed, the parser has to follow"
            )

    def _finished(self, league_file: RawFile) -> list[Listing]:
        body = self.landing.store.get(league_file.sha256)
        parsed = parse_league(body, self.partition.league, self.partition.season, league_file.url)
        return [listing for listing in parsed.listings if listing.is_finished]

    def _held(self) -> dict[str, RawFile]:
        with self.landing.units() as unit:
            files = unit.raw_files.in_force([self.partition], UNDERSTAT)[self.partition]
        return {file.key: file for file in files if self.landing.store.has(file.sha256)}

    def _due(self, finished: Sequence[Listing], held: Mapping[str, RawFile], league_file: RawFile) -> list[Listing]:
        missing = [listing for listing in finished if match_key(listing.id) not in held]
        older = [listing for listing in finished if _is_older(held.get(match_key(listing.id)), league_file)]
        again = [listing for listing in older if not self._agrees(listing, held[match_key(listing.id)])]
        return [*missing, *again[:MOST_AGAIN]]

    def _agrees(self, listing: Listing, file: RawFile) -> bool:
        try:
            return parse_match(self.landing.store.get(file.sha256), listing.id, file.url).agrees_with(listing)
        except UnreadableFileError:
            return False

    def _downloads(self, due: Sequence[Listing]) -> Iterator[Download]:
        """Bodies that are what they should be, one after another."""
        for listing in due:
            try:
                download = self._download(listing.id)
                parsed = parse_match(download.response.body, listing.id, download.name)
            except NotPublishedError:
                self.not_there.append(listing.id)
            except UnreadableFileError as error:
                self.unreadable.append(str(error))
                if len(self.unreadable) >= MOST_UNREADABLE:
                    return
            else:
                if _is_complete(parsed, listing):
                    yield download
                else:
                    self.not_there.append(listing.id)

    def _download(self, match_id: int) -> Download:
        key, league = match_key(match_id), self.partition.league
        if league.is_simulated:
            body = simulate_match_file(league, self.partition.season, match_id)
            return Download.generated(self.partition, UNDERSTAT, key, body)
        url = self.landing.url(key)
        response = self.landing.client.get(url, headers=self.landing.headers)
        if response is None:
            raise UnreadableFileError(f"{without_credentials(url)}: the server says unchanged, and was not asked that")
        return Download(self.partition, SOURCE, key, without_credentials(url), response)

    def _enter(self, pending: list[Download], held: Mapping[str, RawFile]) -> None:
        """Enter bodies as fetched files, in one transaction, and forget them; one that is held already is no news."""
        news = [item for item in pending if not _is_same(item, held.get(item.key))]
        with self.landing.units() as unit:
            for download in news:
                unit.raw_files.add(self.landing.record(download))
            unit.commit()
        self.new += len(news)
        pending.clear()


def _is_older(file: RawFile | None, league_file: RawFile) -> bool:
    return file is not None and file.fetched_at < league_file.fetched_at


def _is_same(download: Download, file: RawFile | None) -> bool:
    return file is not None and file.sha256 == sha256_of(download.response.body)


def _is_complete(parsed: ParsedMatch, listing: Listing) -> bool:
    """Whether the file has shots, or there were none."""
    return bool(parsed.shots) or not ((listing.home_xg or 0.0) + (listing.away_xg or 0.0))
