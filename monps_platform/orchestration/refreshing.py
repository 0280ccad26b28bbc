"""Which leagues and seasons a refresh or a backfill takes, and the pipelines that it runs over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from monps_platform.domain.leagues import TOP_FIVE, League, parse_leagues
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season, parse_seasons, seasons_in_progress
from monps_platform.orchestration.partitions import FIRST_SEASON
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, FORECASTS, PICKS, QUANTUM, UNDERSTAT
from monps_platform.orchestration.runner import Task
from monps_platform.settings import Settings
from monps_platform.sources.http import HttpClient, without_credentials
from monps_platform.sources.understat.files import covers


def to_refresh(leagues: Sequence[str], held: Iterable[Partition], today: date) -> list[Partition]:
    """The seasons in progress of the leagues named; of none, of the real leagues that are held; where there are none
    either, of the five top leagues. Raises ValueError for a league that there is not.
    """
    named = parse_leagues(",".join(leagues)) if leagues else _real(held) or TOP_FIVE
    return [Partition(league, season) for league in named for season in seasons_in_progress(today)]


def to_backfill(leagues: Sequence[str], seasons: str, today: date) -> list[Partition]:
    """Every league named in every season named; simulated ones in those that are over. Raises ValueError for a name
    that there is not, or for a season that cannot be had.
    """
    current = Season.of(today)
    wanted = parse_seasons(seasons)
    if outside := [season for season in wanted if not FIRST_SEASON <= season <= current]:
        raise ValueError(f"there is no season {outside[0]} to load: seasons run from {FIRST_SEASON} to {current}")
    named = parse_leagues(",".join(leagues))
    return [
        Partition(league, season)
        for league in named
        for season in wanted
        if not (league.is_simulated and season >= current)
    ]


def with_later_seasons(partitions: Sequence[Partition], held: Iterable[Partition]) -> list[Partition]:
    """The partitions, and the later seasons of their leagues that are held: their forecasts look back on these."""
    first: dict[League, Season] = {}
    for item in partitions:
        first[item.league] = min(item.season, first.get(item.league, item.season))
    later = [item for item in held if item.league in first and item.season > first[item.league]]
    return [*partitions, *(item for item in later if item not in partitions)]


def tasks_of(
    partitions: Sequence[Partition], forecast: Sequence[Partition], *, football_data: bool, understat: bool
) -> list[Task]:
    """The pipelines over partitions, in the order in which one stands on those before it; whether each source is asked
    for news, or only loaded from what was fetched before.
    """
    covered = [partition for partition in partitions if covers(partition.league, partition.season)]
    tasks = [
        Task(FOOTBALL_DATA, partitions, fetch=football_data),
        Task(UNDERSTAT, covered, fetch=understat),
        Task(FORECASTS, forecast),
        Task(PICKS, forecast),
        Task(QUANTUM, forecast),
    ]
    return [task for task in tasks if task.partitions]


def is_reachable(settings: Settings, site: str) -> bool:
    """Whether a server answers at all."""
    client = HttpClient(timeout=settings.fetch_timeout)
    try:
        return client.is_reachable(site)
    finally:
        client.close()


def unreachable(settings: Settings, partitions: Iterable[Partition]) -> dict[str, str]:
    """The sources that cannot be asked, by the pipeline's name: their addresses without credentials. Simulated leagues
    need no server.
    """
    real = [partition for partition in partitions if not partition.league.is_simulated]
    sites = {}
    if real:
        sites[FOOTBALL_DATA.job] = str(settings.football_data_url)
    if any(covers(partition.league, partition.season) for partition in real):
        sites[UNDERSTAT.job] = str(settings.understat_url)
    return {job: without_credentials(site) for job, site in sites.items() if not is_reachable(settings, site)}


def _real(held: Iterable[Partition]) -> list[League]:
    return sorted({item.league for item in held if not item.league.is_simulated}, key=lambda league: league.code)
