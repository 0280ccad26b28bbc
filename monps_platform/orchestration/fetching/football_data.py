"""The files of football-data.co.uk, and simulated ones of the same form."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from monps_platform.db import errors
from monps_platform.domain.feeds import FOOTBALL_DATA
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.fetching.landing import ONE_FILE, Download, Landing
from monps_platform.orchestration.outcomes import Outcome, Status, timed
from monps_platform.sources.errors import NotPublishedError, SourceError
from monps_platform.sources.football_data.body import read_table
from monps_platform.sources.football_data.files import FIXTURES_KEY, SOURCE, season_key
from monps_platform.sources.http import Response, without_credentials
from monps_platform.sources.simulated import simulate_season


@dataclass
class Fetcher:
    """Fetches partitions. One fetcher serves one step: fixtures are asked for once."""

    landing: Landing
    _fixtures: list[Response | SourceError | None] = field(default_factory=list, init=False)

    def fetch(self, partition: Partition) -> Outcome:
        """Fetch what a partition is made of; a failure is an outcome, and what was kept before stays."""
        work = self._simulate if partition.league.is_simulated else self._download
        return timed(partition, lambda: work(partition), (SourceError, *errors.FAILURES, OSError))

    def _simulate(self, partition: Partition) -> Outcome:
        if partition.season >= self.landing.current_season:
            return Outcome.not_simulated_yet(partition)
        body = simulate_season(partition.league, partition.season)
        return self._keep(
            Download.generated(partition, FOOTBALL_DATA, season_key(partition.league, partition.season), body)
        )

    def _download(self, partition: Partition) -> Outcome:
        season = self._season_file(partition)
        if partition.season != self.landing.current_season:
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
            download = self.landing.get(partition, SOURCE, key)
        except NotPublishedError as error:
            return self._not_published(partition, key, error)
        if download is None:
            return Outcome(partition, Status.UNCHANGED, ONE_FILE)
        return self._keep(download)

    def _not_published(self, partition: Partition, key: str, error: NotPublishedError) -> Outcome:
        """A file that is due is an error when it is missing; one of a season not played yet is not."""
        self.landing.refuse_missing(partition, key, error)
        starts = partition.league.first_season
        if partition.season < starts:
            return Outcome(
                partition, Status.NOT_PUBLISHED, detail=f"{SOURCE} holds {partition.league.code} from {starts}"
            )
        if partition.season < self.landing.current_season:
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
        url = without_credentials(self.landing.url(FIXTURES_KEY))
        return self._keep(Download(partition, SOURCE, FIXTURES_KEY, url, answer))

    def _ask_for_fixtures(self) -> Response | SourceError | None:
        """All divisions share the file, so that it is asked for once, and its failure told for each."""
        try:
            return self.landing.client.get(self.landing.url(FIXTURES_KEY))
        except NotPublishedError:
            return None
        except SourceError as error:
            return error

    def _keep(self, download: Download) -> Outcome:
        """Keep a body that is what it should be; one that is kept already changes nothing."""
        table = read_table(download.response.body, download.name)
        if not self.landing.keep(download, may_shrink=download.key == FIXTURES_KEY):
            return Outcome(download.partition, Status.UNCHANGED, ONE_FILE)
        return Outcome(download.partition, Status.LOADED, ONE_FILE, detail=f"{len(table.lines)} lines")
