"""Small leagues loaded as a run loads them: football-data.co.uk's matches, and Understat's account of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.loading.understat import UnderstatLoader
from monps_platform.orchestration.outcomes import Outcome
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.db.quality.cases import forecast
from monps_platform_tests.db.samples import Pipeline
from monps_platform_tests.orchestration import football_files, understat_files
from monps_platform_tests.orchestration.football_files import partition

CURRENT, FINISHED, WITHOUT_SHOTS = partition("E0", "2024-25"), partition("E0", "2023-24"), partition("SP1", "2024-25")
PLAYED = 10
"""Matches of a season under way that are played; two are to come."""
EARLIER = 6
"""Matches that were played when the first version of the current season's file was fetched."""
NOW = datetime(2024, 10, 14, 12, tzinfo=UTC)
"""Two days after the last match that is played."""
FETCHED = datetime(2024, 10, 13, tzinfo=UTC)


class Loading:
    """Keeps bodies of both sources as fetched files, and loads them."""

    def __init__(self, sessions: sessionmaker[Session], store: RawStore) -> None:
        self.pipeline = Pipeline(sessions, store)
        self.loader = UnderstatLoader(lambda: UnitOfWork(sessions), store)

    def keep(self, where: Partition, key: str, body: bytes, fetched_at: datetime = FETCHED) -> None:
        """Keep a body as the newest version of a file of Understat."""
        self.pipeline.fetch(where, body, source="understat", key=key, fetched_at=fetched_at)

    def matches(self, where: Partition, played: int) -> list[Outcome]:
        """Load a season's matches, those to come from the list of fixtures."""
        lines = football_files.season_lines(where)
        self.pipeline.fetch(where, football_files.season_file(where, lines[:played]), fetched_at=FETCHED)
        coming = [_fixture(line) for line in lines[played:]]
        if coming:
            body = football_files.fixtures_file(*coming)
            self.pipeline.fetch(where, body, key="fixtures.csv", fetched_at=FETCHED)
        return self.pipeline.load(where)

    def understat(self, where: Partition) -> list[Outcome]:
        """Load all that is kept of Understat's season."""
        steps: Sequence[Callable[[Sequence[Partition]], Iterable[Outcome]]] = (
            self.loader.load_identities,
            self.loader.load_shots,
            self.loader.load_players,
        )
        return [outcome for step in steps for outcome in step([where])]


def load_leagues(sessions: sessionmaker[Session], store: RawStore) -> list[Outcome]:
    """A season under way whose files came in two versions, a finished one without line-ups, one without shots."""
    loading = Loading(sessions, store)
    outcomes = [
        outcome
        for where, played in ((CURRENT, PLAYED), (FINISHED, football_files.MATCHES), (WITHOUT_SHOTS, PLAYED))
        for outcome in loading.matches(where, played)
    ]
    before = datetime(2024, 9, 15, tzinfo=UTC)
    loading.keep(CURRENT, understat_files.key_of(CURRENT), understat_files.league_file(CURRENT, played=EARLIER), before)
    _keep_matches(loading, CURRENT, range(1), with_line_ups=False)
    _keep_matches(loading, CURRENT, range(1, EARLIER))
    outcomes += loading.understat(CURRENT)
    loading.keep(CURRENT, understat_files.key_of(CURRENT), understat_files.league_file(CURRENT, played=PLAYED))
    _keep_matches(loading, CURRENT, range(1))
    _keep_matches(loading, CURRENT, range(EARLIER, PLAYED))
    loading.keep(FINISHED, understat_files.key_of(FINISHED), understat_files.league_file(FINISHED))
    _keep_matches(loading, FINISHED, range(football_files.MATCHES), with_line_ups=False)
    loading.keep(
        WITHOUT_SHOTS, understat_files.key_of(WITHOUT_SHOTS), understat_files.league_file(WITHOUT_SHOTS, played=PLAYED)
    )
    outcomes += [outcome for where in (CURRENT, FINISHED, WITHOUT_SHOTS) for outcome in loading.understat(where)]
    return [*outcomes, *forecast(sessions, CURRENT, FINISHED, WITHOUT_SHOTS)]


def _keep_matches(loading: Loading, where: Partition, numbers: Iterable[int], *, with_line_ups: bool = True) -> None:
    for number in numbers:
        body = understat_files.match_file(where, number, with_line_ups=with_line_ups)
        loading.keep(where, understat_files.key_of_match(where, number), body)


def _fixture(line: str) -> str:
    """The line of a played match as one of a match to come."""
    division, day, time, home, away, *rest = line.split(",")
    return ",".join((division, day, time, home, away, *rest[-11:]))
