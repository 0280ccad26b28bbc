"""Keeping what a server sends: a version of a file for each change, and none that lost a part of its bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from monps_platform.db.models import RawFile
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.feeds import Feed
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.sources.errors import NotPublishedError, UnreadableFileError
from monps_platform.sources.http import HttpClient, Response, without_credentials
from monps_platform.sources.raw_store import RawStore, sha256_of

ONE_FILE = RowCounts(read=1, loaded=1)
"""What a partition's row of ops.raw_files counts for: fetching reads and keeps files, not the rows in them."""
SMALLEST_SHARE = 0.8
"""A season's file only grows; a version below this share of the last one's bytes is refused."""


@dataclass(frozen=True)
class Download:
    """A body that was fetched or generated for a partition, with the name it is kept under."""

    partition: Partition
    source: str
    key: str
    url: str
    response: Response

    @classmethod
    def generated(cls, partition: Partition, feed: Feed, key: str, body: bytes) -> Download:
        """The body that a generator made in the place of a server's file."""
        return cls(partition, feed.simulated, key, f"simulated:{key}", Response(body, None, None))

    @property
    def name(self) -> str:
        """For messages: where it came from, and for which partition."""
        return f"{self.url} ({self.partition})" if self.url.startswith("http") else self.url


@dataclass
class Landing:
    """Where the files of one server land. ``now`` tells the time."""

    units: Callable[[], UnitOfWork]
    store: RawStore
    client: HttpClient
    base_url: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    accept_shrunken: bool = False
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, partition: Partition, source: str, key: str) -> Download | None:
        """Fetch a file; None when the server says that it is the version in force. Raises as HttpClient.get does."""
        url, known = self.url(key), self.latest(partition, key)
        # Another server's marks say nothing of this one's file.
        if known is None or not self.store.has(known.sha256) or known.url != without_credentials(url):
            response = self.client.get(url, headers=self.headers)
        else:
            response = self.client.get(url, etag=known.etag, last_modified=known.last_modified, headers=self.headers)
        return None if response is None else Download(partition, source, key, without_credentials(url), response)

    def refuse_missing(self, partition: Partition, key: str, error: NotPublishedError) -> None:
        """Raise NotPublishedError when the server has a file no longer that was fetched before; its rows stay."""
        known = self.latest(partition, key)
        if known is not None:
            raise NotPublishedError(f"{error}, though it was fetched on {known.fetched_at:%Y-%m-%d}; its rows stay")

    @property
    def current_season(self) -> Season:
        """The season of now."""
        return Season.of(self.now().date())

    def latest(self, partition: Partition, key: str) -> RawFile | None:
        """The version of a file that is in force, None when it was never fetched."""
        with self.units() as unit:
            return unit.raw_files.latest(partition, key)

    def keep(self, download: Download, *, may_shrink: bool = False) -> bool:
        """Keep a body whose form was looked at; whether it is a new version. Raises UnreadableFileError when it lost
        more than a fifth of its bytes and that is not allowed.
        """
        body = download.response.body
        with self.units() as unit:
            known = unit.raw_files.latest(download.partition, download.key)
            if known is not None and known.sha256 == sha256_of(body):
                self.store.put(body)
                return False
            if known is not None and not may_shrink:
                self._refuse_shrunken(download, known)
            unit.raw_files.add(self.record(download))
            unit.commit()
        return True

    def record(self, download: Download) -> RawFile:
        """Put a body into the store; returns the row that is to say so."""
        response = download.response
        return RawFile(
            source=download.source,
            league=download.partition.league.code,
            season=download.partition.season.name,
            key=download.key,
            url=download.url,
            sha256=self.store.put(response.body),
            bytes=len(response.body),
            etag=response.etag,
            last_modified=response.last_modified,
            fetched_at=self.now(),
        )

    def _refuse_shrunken(self, download: Download, known: RawFile) -> None:
        size = len(download.response.body)
        if size < SMALLEST_SHARE * known.bytes and not self.accept_shrunken:
            raise UnreadableFileError(
                f"{download.name}: the file shrank from {known.bytes} to {size} bytes; the rows of the last "
                "version stay. If the source really dropped them, set MONPS_ACCEPT_SHRUNKEN=1 for one run"
            )

    def url(self, key: str) -> str:
        """The address of a file, credentials and all."""
        return f"{self.base_url.rstrip('/')}/{key}"
