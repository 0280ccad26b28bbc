"""From a source's server to kept bytes: one partition at a time, refusing what is not the file that was due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from monps_platform.db import errors
from monps_platform.db.models import RawFile
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.outcomes import Outcome, Status, timed
from monps_platform.sources.errors import NotPublishedError, SourceError, UnreadableFileError
from monps_platform.sources.football_data.body import read_table
from monps_platform.sources.football_data.files import FIXTURES_KEY, SOURCE, season_key
from monps_platform.sources.http import HttpClient, Response, without_credentials
from monps_platform.sources.raw_store import RawStore, sha256_of
from monps_platform.sources.simulated import simulate_season

SIMULATED_SOURCE = "simulated"
ONE_FILE = RowCounts(read=1, loaded=1)
"""What a partition's row of ops.raw_files counts for: this step reads and keeps files, not the rows in them."""
SMALLEST_SHARE = 0.8
"""A season's file only grows; a version below this share of the last one's bytes is refused."""


@dataclass
class Fetcher:
    """Fetches partitions; ``now`` tells the time. One fetcher serves one step: fixtures are asked for once."""

    units: Callable[[], UnitOfWork]
    store: RawStore
    client: HttpClient
    base_url: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    accept_shrunken: bool = False
    _fixtures: list[Response | SourceError | None] = field(default_factory=list, init=False)

    def fetch(self, partition: Partition) -> Outcome:
        """Fetch what a partition is made of; a failure is an outcome, and what was kept before stays."""
        work = self._simulate if partition.league.is_simulated else self._download
        return timed(partition, lambda: work(partition), (SourceError, *errors.FAILURES, OSError))

    def _simulate(self, partition: Partition) -> Outcome:
        if partition.season >= Season.of(self.now().date()):
            # The generator plays whole seasons: results of days to come would be the future.
            return Outcome(partition, Status.NOT_PUBLISHED, detail="simulated seasons appear when they are over")
        body = simulate_season(partition.league, partition.season)
        key = season_key(partition.league, partition.season)
        return self._keep(partition, SIMULATED_SOURCE, key, f"simulated:{key}", Response(body, None, None))

    def _download(self, partition: Partition) -> Outcome:
        season = self._season_file(partition)
        if partition.season != Season.of(self.now().date()):
            return season
        try:
            fixtures = self._fixtures_of(partition)
        except SourceError as error:
            # The results are worth having without the matches to come.
            return replace(season, warning=f"matches to come are those of the last version: {error}")
        if fixtures is None or fixtures.status is Status.UNCHANGED or season.status is Status.LOADED:
            return season
        return fixtures

    def _season_file(self, partition: Partition) -> Outcome:
        key = season_key(partition.league, partition.season)
        try:
            response = self._get(partition, key)
        except NotPublishedError as error:
            return self._not_published(partition, key, error)
        if response is None:
            return Outcome(partition, Status.UNCHANGED, ONE_FILE)
        return self._keep(partition, SOURCE, key, self._url(key), response)

    def _not_published(self, partition: Partition, key: str, error: NotPublishedError) -> Outcome:
        """A file that is due is an error when it is missing; one of a season not played yet is not."""
        with self.units() as unit:
            known = unit.raw_files.latest(partition, key)
        if known is not None:
            raise NotPublishedError(f"{error}, though it was fetched on {known.fetched_at:%Y-%m-%d}; its rows stay")
        starts = partition.league.first_season
        if partition.season < starts:
            return Outcome(
                partition, Status.NOT_PUBLISHED, detail=f"{SOURCE} holds {partition.league.code} from {starts}"
            )
        if partition.season < Season.of(self.now().date()):
            raise NotPublishedError(f"{error}: no such file, though the season is over. Check MONPS_FOOTBALL_DATA_URL")
        return Outcome(partition, Status.NOT_PUBLISHED, detail=f"{key}: the season has no file yet")

    def _fixtures_of(self, partition: Partition) -> Outcome | None:
        """Keep the matches to come; None when the server has no such file, as a mirror may not."""
        if not self._fixtures:
            self._fixtures.append(self._ask_for_fixtures())
        answer = self._fixtures[0]
        if isinstance(answer, SourceError):
            raise answer
        if answer is None:
            return None
        return self._keep(partition, SOURCE, FIXTURES_KEY, self._url(FIXTURES_KEY), answer)

    def _ask_for_fixtures(self) -> Response | SourceError | None:
        """All divisions share the file, so that it is asked for once, and its failure told for each."""
        try:
            return self.client.get(self._url(FIXTURES_KEY))
        except NotPublishedError:
            return None
        except SourceError as error:
            return error

    def _get(self, partition: Partition, key: str) -> Response | None:
        with self.units() as unit:
            known = unit.raw_files.latest(partition, key)
        if known is None or not self.store.has(known.sha256):
            return self.client.get(self._url(key))
        if known.url != without_credentials(self._url(key)):
            # Another server's marks say nothing of this one's file.
            return self.client.get(self._url(key))
        return self.client.get(self._url(key), etag=known.etag, last_modified=known.last_modified)

    def _keep(self, partition: Partition, source: str, key: str, url: str, response: Response) -> Outcome:
        """Keep a body that is what it should be; one that is kept already changes nothing."""
        name = f"{without_credentials(url)} ({partition})" if source == SOURCE else url
        table = read_table(response.body, name)
        sha256 = sha256_of(response.body)
        with self.units() as unit:
            known = unit.raw_files.latest(partition, key)
            if known is not None and known.sha256 == sha256:
                self.store.put(response.body)
                return Outcome(partition, Status.UNCHANGED, ONE_FILE)
            shrunken = known is not None and len(response.body) < SMALLEST_SHARE * known.bytes
            if known is not None and shrunken and key != FIXTURES_KEY and not self.accept_shrunken:
                raise UnreadableFileError(
                    f"{name}: the file shrank from {known.bytes} to {len(response.body)} bytes; the rows of the last "
                    "version stay. If the source really dropped them, set MONPS_ACCEPT_SHRUNKEN=1 for one run"
                )
            self.store.put(response.body)
            unit.raw_files.add(self._record(partition, source, key, url, response, sha256))
            unit.commit()
        return Outcome(partition, Status.LOADED, ONE_FILE, detail=f"{len(table.lines)} lines")

    def _record(
        self, partition: Partition, source: str, key: str, url: str, response: Response, sha256: str
    ) -> RawFile:
        return RawFile(
            source=source,
            league=partition.league.code,
            season=partition.season.name,
            key=key,
            url=without_credentials(url) if source == SOURCE else url,
            sha256=sha256,
            bytes=len(response.body),
            etag=response.etag,
            last_modified=response.last_modified,
            fetched_at=self.now(),
        )

    def _url(self, key: str) -> str:
        return f"{self.base_url.rstrip('/')}/{key}"
