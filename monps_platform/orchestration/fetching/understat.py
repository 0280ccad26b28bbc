"""Understat's league and match files, and simulated ones of the same form."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from monps_platform.db import errors
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.domain.feeds import UNDERSTAT
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.fetching.landing import Download, Landing
from monps_platform.orchestration.fetching.understat_matches import MatchFiles
from monps_platform.orchestration.outcomes import Outcome, Status, timed
from monps_platform.sources.errors import NotPublishedError, PermanentFetchError, SourceError
from monps_platform.sources.simulated.understat import simulate_league_file
from monps_platform.sources.understat.files import FIRST_SEASON, SOURCE, covers, league_key, page_key
from monps_platform.sources.understat.league_file import parse_league


@dataclass
class UnderstatFetcher:
    """Fetches partitions: the league file whenever it changed, and match files, where wanted, once a match is over.

    ``told`` hears how many of a partition's match files are held.
    """

    landing: Landing
    with_shots: bool
    told: Callable[[Partition, int, int], None]
    _visited: bool = field(default=False, init=False)

    def fetch(self, partition: Partition) -> Outcome:
        """Fetch what a partition is made of; a failure is an outcome, and what was kept before stays."""
        return timed(partition, lambda: self._fetch(partition), (SourceError, *errors.FAILURES, OSError))

    def _fetch(self, partition: Partition) -> Outcome:
        if not covers(partition.league, partition.season):
            return Outcome(partition, Status.NOT_PUBLISHED, detail=_not_covered(partition))
        simulated = partition.league.is_simulated
        if simulated and partition.season >= self.landing.current_season:
            return Outcome.not_simulated_yet(partition)
        key = league_key(partition.league, partition.season)
        try:
            download = self._simulated_league(partition, key) if simulated else self._league(partition, key)
            if download is not None:
                parse_league(download.response.body, partition.league, partition.season, download.name)
        except NotPublishedError as error:
            return self._not_published(partition, key, error)
        is_new = download is not None and self.landing.keep(download)
        matches = MatchFiles(self.landing, partition, self.told)
        league_file = self.landing.latest(partition, key)
        # Nobody's server is burdened by files that are generated.
        if league_file is not None and (self.with_shots or simulated):
            matches.fetch(league_file)
        status = Status.LOADED if is_new or matches.new else Status.UNCHANGED
        detail = f"{matches.new} match files" if matches.new else ""
        files = RowCounts(1 + matches.held, 1 + matches.held)
        return Outcome(partition, status, files, detail=detail, warning=matches.warning)

    def _league(self, partition: Partition, key: str) -> Download | None:
        self._visit(partition)
        return self.landing.get(partition, SOURCE, key)

    def _simulated_league(self, partition: Partition, key: str) -> Download:
        body = simulate_league_file(partition.league, partition.season)
        return Download.generated(partition, UNDERSTAT, key, body)

    def _visit(self, partition: Partition) -> None:
        """Visit a page once: its cookies are asked for with the data. A mirror need not have it."""
        if self._visited:
            return
        with suppress(PermanentFetchError):
            self.landing.client.get(self.landing.url(page_key(partition.league, partition.season)))
        self._visited = True

    def _not_published(self, partition: Partition, key: str, error: NotPublishedError) -> Outcome:
        """A file fetched before is missed; one never seen may be of a season to come, or not be on this mirror."""
        self.landing.refuse_missing(partition, key, error)
        return Outcome(partition, Status.NOT_PUBLISHED, detail=f"{key}: there is nothing yet")


def _not_covered(partition: Partition) -> str:
    if partition.league.understat_name is None:
        return f"{SOURCE} does not cover {partition.league.code}"
    return f"{SOURCE} covers {partition.league.code} from {FIRST_SEASON}"
