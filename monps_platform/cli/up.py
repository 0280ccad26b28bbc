"""`monps up`: from nothing to checked tables."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from rich.console import Console

from monps_platform.cli.dagster_home import open_instance
from monps_platform.cli.failure import Failure
from monps_platform.cli.progress import BarProgress
from monps_platform.cli.server import note_roles, open_database, open_engine, start
from monps_platform.cli.summary import show_summary
from monps_platform.db.schema import migrations
from monps_platform.domain.leagues import SIMULATED, TOP_FIVE, UnknownLeagueError, parse_leagues
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season, SeasonError, finished_seasons, parse_seasons
from monps_platform.orchestration.refreshing import is_reachable, with_later_seasons
from monps_platform.settings import Settings
from monps_platform.sources.http import without_credentials
from monps_platform.sources.understat.files import covers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monps_platform.db.database import Database

FINISHED_SEASONS = 3
out = Console(highlight=False)


def run_up(settings: Settings, leagues: str | None, seasons: str | None, *, reload: bool) -> None:
    """Do everything; raises Failure with exit code 1 when a partition or a blocking check failed."""
    chosen = choose(leagues, seasons, datetime.now(UTC).date())
    settings.home.mkdir(parents=True, exist_ok=True)
    with _only_one(settings):
        with out.status("Starting PostgreSQL ..."):
            address = start(settings)
        out.print(f"PostgreSQL is up at {address.host}:{address.port}.")
        with open_engine(settings, address) as engine:
            before, after = migrations.upgrade(engine, on_roles=note_roles)
        if before != after:
            out.print(f"Tables migrated to {after}.")
        with open_database(settings, address) as database:
            partitions, fetch = _what_can_be_had(settings, database, chosen, explicit=leagues is not None)
            if not fetch:
                _require_any_fetched(database, partitions)
            if reload:
                with database.unit_of_work() as unit:
                    unit.raw_files.forget_loads(partitions)
                    unit.commit()
            with database.unit_of_work() as unit:
                forecast = with_later_seasons(partitions, unit.matches.partitions())
        _load(settings, partitions, forecast, fetch=fetch)


def choose(leagues: str | None, seasons: str | None, today: date) -> list[Partition]:
    """The partitions that the options name; raises Failure for what cannot be."""
    try:
        chosen = parse_leagues(leagues) if leagues else TOP_FIVE
        current = Season.of(today)
        real = parse_seasons(seasons) if seasons else (*finished_seasons(today, FINISHED_SEASONS), current)
        simulated = [season for season in real if season < current]
    except (UnknownLeagueError, SeasonError) as error:
        raise Failure(str(error), exit_code=2) from error
    wanted = [Partition(league, season) for league in chosen for season in (simulated if league.is_simulated else real)]
    if not wanted:
        raise Failure("simulated seasons appear when they are over: choose an earlier one", exit_code=2)
    for season in {partition.season for partition in wanted}:
        if not Season(1993) <= season <= current:
            raise Failure(f"there is no season {season} to load: seasons run from 1993-94 to {current}", exit_code=2)
    return wanted


def _what_can_be_had(
    settings: Settings, database: Database, chosen: list[Partition], *, explicit: bool
) -> tuple[list[Partition], bool]:
    """The partitions to load and whether to fetch them: simulated ones stand in when there is nothing else."""
    if all(partition.league.is_simulated for partition in chosen):
        return chosen, True
    site = str(settings.football_data_url)
    if is_reachable(settings, site):
        return chosen, True
    shown = without_credentials(site)
    with database.unit_of_work() as unit:
        fetched_before = unit.raw_files.any_fetched()
    if fetched_before:
        out.print(f"[yellow]{shown} cannot be reached: nothing new is fetched, what was fetched before is loaded.[/]")
        return chosen, False
    if explicit:
        raise Failure(
            f"{shown} cannot be reached, and nothing was fetched before. Check the connection or "
            "MONPS_FOOTBALL_DATA_URL; without --leagues, monps up loads simulated leagues meanwhile"
        )
    names = " and ".join(league.code for league in SIMULATED)
    out.print(
        f"[yellow]{shown} cannot be reached, and nothing was fetched before: loading the simulated leagues {names} "
        "instead. They are marked as simulated everywhere.[/]"
    )
    return _simulated_stand_ins(chosen, datetime.now(UTC).date()), True


def _simulated_stand_ins(chosen: list[Partition], today: date) -> list[Partition]:
    """The simulated leagues in the seasons that were asked for, as far as they are over."""
    seasons = sorted({partition.season for partition in chosen if partition.season < Season.of(today)})
    return [Partition(league, season) for league in SIMULATED for season in seasons]


def _require_any_fetched(database: Database, partitions: list[Partition]) -> None:
    """Without a connection, something of what is asked for has to have been fetched before."""
    with database.unit_of_work() as unit:
        files = unit.raw_files.in_force(partitions)
    if not any(files.values()):
        names = ", ".join(map(str, partitions[:5])) + (" ..." if len(partitions) > 5 else "")
        raise Failure(f"none of the files asked for was ever fetched ({names}): run again with a connection")


def _load(settings: Settings, partitions: list[Partition], forecast: list[Partition], *, fetch: bool) -> None:
    from monps_platform.definitions import build_definitions
    from monps_platform.orchestration.refreshing import tasks_of
    from monps_platform.orchestration.runner import run_tasks

    covered = [partition for partition in partitions if covers(partition.league, partition.season)]
    tasks = tasks_of(partitions, forecast, football_data=fetch, understat=_understat_answers(settings, covered))
    with open_instance(settings) as instance, BarProgress(out) as progress:
        report = run_tasks(build_definitions, instance, tasks, progress)
    show_summary(out, report, settings)
    if not report.ok:
        raise Failure("not everything is loaded and right; the table above says what is not")


def _understat_answers(settings: Settings, covered: list[Partition]) -> bool:
    """Whether Understat can be asked; simulated leagues need no server."""
    if all(partition.league.is_simulated for partition in covered):
        return True
    site = str(settings.understat_url)
    if is_reachable(settings, site):
        return True
    shown = without_credentials(site)
    out.print(f"[yellow]{shown} cannot be reached: nothing new is fetched there, what was fetched before is loaded.[/]")
    return False


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """One process at a time loads in a home; a second one says so instead of waiting in the dark."""
    from monps_platform.orchestration.turns import NotOurTurnError, turn

    try:
        with turn(settings.home):
            yield
    except NotOurTurnError as error:
        raise Failure(str(error)) from None
