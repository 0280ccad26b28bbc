"""Loading odds from kept bytes against ``psql \\copy`` of the same rows, prepared, side by side in one run.

The table that ``\\copy`` fills is identical: the same columns, indexes, check constraints and foreign keys. Real files
are used where ``../shared/data`` stands beside the checkout, repeated under other seasons; else simulated ones. Each
side runs several times in turn on the embedded PostgreSQL with its ordinary settings; medians are compared.

    make bench ARGS="--rows 1083270 --repeats 3"
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

from sqlalchemy import Engine, text

from benchmarks.bench import SHARED, Bench, Verdicts, execute, psql, run
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.db.models import RawFile
from monps_platform.db.schema import migrations
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.leagues import SIMULATED, league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.loading.football_data import Loader
from monps_platform.orchestration.outcomes import Status
from monps_platform.sources.football_data.parser import parse_season
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.simulated import simulate_season

COLUMNS = (
    "match_id, bookmaker_id, market, line, price_kind, home_price, draw_price, away_price, over_price, under_price, "
    "overround"
)
TARGET_RATIO = 1.5
TARGET_MEMORY = 400
TARGET_UNCHANGED = 0.10


def sources() -> Iterator[tuple[Partition, bytes]]:
    """Endless files: each round repeats the same bytes under seasons further in the past."""
    for back in range(100):
        if SHARED.exists():
            for path in sorted(SHARED.glob("*/*.csv")):
                season = Season(2000 + int(path.parent.name[:2]) - 20 * back)
                yield Partition(league(path.stem), season), path.read_bytes()
        else:
            for year in range(2000, 2020):
                for item in SIMULATED:
                    yield Partition(item, Season(year - 20 * back)), simulate_season(item, Season(year))


def land(bench: Bench, rows: int) -> list[Partition]:
    """Keep files until they hold enough odds rows, and load their matches."""
    store = RawStore(bench.store)
    partitions: list[Partition] = []
    engine = build_engine(bench.address)
    sessions = session_factory(engine)
    with UnitOfWork(sessions) as unit:
        for partition, body in sources():
            if rows <= 0:
                break
            rows -= parse_season(body, partition.league, str(partition)).quotes_loaded
            unit.raw_files.add(
                RawFile(
                    source="simulated" if partition.league.is_simulated else "football-data",
                    league=partition.league.code,
                    season=partition.season.name,
                    key="bench.csv",
                    url=f"bench:{partition}",
                    sha256=store.put(body),
                    bytes=len(body),
                    fetched_at=datetime.now(UTC),
                )
            )
            partitions.append(partition)
        unit.commit()
    for outcome in Loader(lambda: UnitOfWork(sessions), store).load_matches(partitions):
        if outcome.status is Status.FAILED:
            raise RuntimeError(f"{outcome.partition}: {outcome.detail}")
    engine.dispose()
    return partitions


def load(bench: Bench, partitions: Sequence[Partition]) -> tuple[float, float]:
    """Load the odds of partitions in this process; returns seconds and the peak memory in MB."""
    engine = build_engine(bench.address)
    sessions = session_factory(engine)
    begun = time.perf_counter()
    for outcome in Loader(lambda: UnitOfWork(sessions), RawStore(bench.store)).load_odds(partitions):
        if outcome.status is Status.FAILED:
            raise RuntimeError(f"{outcome.partition}: {outcome.detail}")
    seconds = time.perf_counter() - begun
    engine.dispose()
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_a_process(bench: Bench, partitions: Sequence[Partition]) -> tuple[float, float]:
    """Load in a fresh process, whose peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(load, bench, partitions).result()


def copy_into_twin(bench: Bench, engine: Engine, *, foreign_keys: bool) -> float:
    """Seconds of ``\\copy`` of the prepared rows into an empty table identical to odds."""
    keys = (
        "ALTER TABLE twin ADD FOREIGN KEY (match_id) REFERENCES matches, "
        "ADD FOREIGN KEY (bookmaker_id) REFERENCES bookmakers"
    )
    execute(engine, "DROP TABLE IF EXISTS twin", "CREATE TABLE twin (LIKE odds INCLUDING ALL)")
    execute(engine, *([keys] if foreign_keys else []), "CHECKPOINT")
    begun = time.perf_counter()
    psql(bench, f"\\copy twin ({COLUMNS}) FROM '{bench.prepared}' CSV")
    seconds = time.perf_counter() - begun
    execute(engine, "DROP TABLE twin")
    return seconds


def reset(engine: Engine) -> None:
    """An empty odds table, and files that count as not loaded."""
    execute(
        engine, "TRUNCATE odds", "UPDATE ops.raw_files SET quotes_loader = NULL", "VACUUM ops.raw_files", "CHECKPOINT"
    )


def measure(bench: Bench, rows: int, repeats: int) -> Verdicts:
    """Run everything, print it, and say whether every target was met."""
    engine = build_engine(bench.address)
    migrations.upgrade(engine)
    print(f"Landing files with at least {rows:,} odds rows and loading their matches ...", flush=True)
    partitions = land(bench, rows)
    _, small_memory = in_a_process(bench, partitions[: len(partitions) // 4])
    reset(engine)
    loads, copies, memory = [], [], 0.0
    for repeat in range(repeats):
        reset(engine)
        seconds, peak = in_a_process(bench, partitions)
        loads.append(seconds)
        memory = max(memory, peak)
        if repeat == 0:
            psql(bench, f"\\copy (SELECT {COLUMNS} FROM odds ORDER BY id) TO '{bench.prepared}' CSV")
        copies.append(copy_into_twin(bench, engine, foreign_keys=True))
        print(f"  run {repeat + 1}: load {seconds:.1f} s, \\copy {copies[-1]:.1f} s", flush=True)
    bare = copy_into_twin(bench, engine, foreign_keys=False)
    unchanged, _ = in_a_process(bench, partitions)
    with engine.connect() as connection:
        loaded = int(connection.scalar(text("SELECT count(*) FROM odds")) or 0)
    engine.dispose()
    return show(loaded, len(partitions), (loads, copies, bare, unchanged), (memory, small_memory))


def show(
    rows: int,
    partitions: int,
    times: tuple[list[float], list[float], float, float],
    memories: tuple[float, float],
) -> Verdicts:
    loads, copies, bare, unchanged = times
    memory, small_memory = memories
    ours, theirs = statistics.median(loads), statistics.median(copies)
    print(f"\n{rows:,} odds rows in {partitions} partitions, medians of {len(loads)}")
    print(f"load: bytes, parse, validate, commit {ours:8.2f} s  {rows / ours:10,.0f} rows/s")
    print(f"\\copy into the identical table       {theirs:8.2f} s  {rows / theirs:10,.0f} rows/s")
    print(f"ratio                               {ours / theirs:8.2f}")
    print(f"(\\copy without foreign keys          {bare:8.2f} s, once, for comparison)")
    print(f"load again, nothing new             {unchanged:8.2f} s  ratio {unchanged / ours:.3f}")
    print(
        f"peak memory of the loading process  {memory:8.0f} MB, with a quarter of the partitions {small_memory:.0f} MB"
    )
    verdicts = Verdicts()
    target = f"load / \\copy into the identical table at most {TARGET_RATIO}"
    verdicts.add(target, met=ours / theirs <= TARGET_RATIO)
    verdicts.add(f"peak memory of the loading process at most {TARGET_MEMORY} MB", met=memory <= TARGET_MEMORY)
    target = "peak memory does not grow with the partitions (a quarter of them against all: within 20 %)"
    verdicts.add(target, met=memory <= 1.2 * small_memory)
    target = f"loading again with nothing new under {TARGET_UNCHANGED:.0%} of the load"
    verdicts.add(target, met=unchanged < TARGET_UNCHANGED * ours)
    return verdicts


if __name__ == "__main__":
    run(__doc__, lambda bench, options: measure(bench, options.rows, options.repeats))
