"""What all benchmarks share: a server of their own, files put where fetched ones are kept, verdicts."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from pydantic import SecretStr
from sqlalchemy import Engine, text

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.db.embedded import EmbeddedServer, find_binaries
from monps_platform.db.models import RawFile
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.feeds import Feed
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.sources.football_data.files import season_key
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.simulated import simulate_season

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "football-data" / "mmz4281"

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Bench:
    """Where the measured database, bytes and prepared rows are."""

    address: DatabaseAddress
    store: Path
    prepared: Path


@dataclass
class Verdicts:
    """What was aimed at, and whether it was met."""

    lines: list[str] = field(default_factory=list)
    all_met: bool = True

    def add(self, what: str, *, met: bool) -> None:
        self.lines.append(f"{'met   ' if met else 'MISSED'} {what}")
        self.all_met &= met


@dataclass(frozen=True)
class Run:
    """What a step took in a process of its own: seconds, peak memory in MB, rows read, and how it ended."""

    seconds: float
    memory: float
    rows: RowCounts
    unchanged: int


def run(description: str | None, measure: Callable[[Bench, argparse.Namespace], Verdicts]) -> None:
    """Measure on a bench of its own, tell what was met, and end with 1 where anything was missed."""
    options = parse_options(description)
    with throwaway_bench() as bench:
        verdicts = measure(bench, options)
    print("\n" + "\n".join(verdicts.lines))
    sys.exit(0 if verdicts.all_met else 1)


@contextmanager
def throwaway_bench() -> Iterator[Bench]:
    """A server of its own with an empty database, gone at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="monps-bench-") as folder:
        server = EmbeddedServer(Path(folder), preferred_port=54395, databases=("bench",))
        running = server.ensure_running()
        password: SecretStr = running.password
        address = DatabaseAddress(running.host, running.port, running.user, password, "bench", "disable")
        data = server.status().data_dir.parent
        try:
            yield Bench(address, Path(folder, "raw"), Path(folder, "odds.csv"))
        finally:
            server.stop()
            shutil.rmtree(data, ignore_errors=True)


def parse_options(description: str | None) -> argparse.Namespace:
    """What every benchmark is told: ``rows`` to load, and how many ``repeats`` each side has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_083_270)
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


def execute(engine: Engine, *statements: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))


def psql(bench: Bench, command: str) -> None:
    environment = {**os.environ, "PGPASSWORD": bench.address.password.get_secret_value()}
    address = bench.address
    program = [str(find_binaries() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", address.host]
    program += ["-p", str(address.port), "-U", address.user, "-d", address.database, "-c", command]
    subprocess.run(program, env=environment, check=True)


@contextmanager
def units_of(bench: Bench) -> Iterator[Callable[[], UnitOfWork]]:
    """Units of work over an engine that is gone at the end of the block."""
    engine = build_engine(bench.address)
    sessions = session_factory(engine)
    yield lambda: UnitOfWork(sessions)
    engine.dispose()


def season_file(partition: Partition) -> tuple[str, bytes]:
    """Key and bytes of football-data.co.uk's file."""
    league, season = partition.league, partition.season
    if league.is_simulated:
        return season_key(league, season), simulate_season(league, season)
    return season_key(league, season), (SHARED / season.code / f"{league.code}.csv").read_bytes()


def land(bench: Bench, feed: Feed, partition: Partition, files: Iterable[tuple[str, bytes]]) -> None:
    """Keep files of a partition as if they had been fetched."""
    store = RawStore(bench.store)
    with units_of(bench) as units, units() as unit:
        for key, body in files:
            unit.raw_files.add(
                RawFile(
                    source=feed.name_for(partition.league),
                    league=partition.league.code,
                    season=partition.season.name,
                    key=key,
                    url=f"bench:{key}",
                    sha256=store.put(body),
                    bytes=len(body),
                    fetched_at=datetime.now(UTC),
                )
            )
        unit.commit()


def apart(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Work in a fresh process, whose peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def measured(step: Callable[[], Iterator[Outcome]]) -> Run:
    """Run a step in this process."""
    begun = time.perf_counter()
    outcomes = checked(step())
    seconds = time.perf_counter() - begun
    return Run(
        seconds,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        sum((outcome.counts for outcome in outcomes), RowCounts()),
        sum(outcome.status is Status.UNCHANGED for outcome in outcomes),
    )


def checked(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes of a step; raises RuntimeError for a partition that failed or that has nothing."""
    done = list(outcomes)
    for outcome in done:
        if outcome.status in {Status.FAILED, Status.NOT_PUBLISHED}:
            raise RuntimeError(f"{outcome.partition}: {outcome.detail}")
    return done
