"""Picking, closing and settling with three agents, against reading the quotes that this takes, side by side.

All real files where ``../shared/data`` stands beside the checkout, else simulated leagues; matches, odds and forecasts
are loaded before. The work is all that a run does but its report: reading matches, quotes, forecasts and picks, letting
the agents pick, choosing closing prices, settling, writing into the embedded PostgreSQL with its ordinary settings. A
run again is timed with all that the asset does, the ledger and what it publishes: once where the report is to be made,
once with nothing new. The reading is psycopg2's, of the same rows by one plain statement. Each runs in a fresh process;
medians are compared.

    make bench ARGS="--repeats 3"
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, text

from benchmarks.bench import (
    SHARED,
    Bench,
    Run,
    Verdicts,
    apart,
    checked,
    execute,
    land,
    measured,
    run,
    season_file,
    units_of,
)
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.schema import migrations
from monps_platform.domain.agents import DEFAULT_AGENTS
from monps_platform.domain.feeds import FOOTBALL_DATA
from monps_platform.domain.leagues import SIMULATED, league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.forecasting import Forecaster
from monps_platform.orchestration.loading.football_data import Loader
from monps_platform.orchestration.outcomes import Outcome
from monps_platform.orchestration.picks.ledger import Ledger
from monps_platform.orchestration.picks.publishing import publish
from monps_platform.sources.raw_store import RawStore

TARGET_SECONDS = 60.0
TARGET_UNCHANGED = 5.0
TARGET_MEMORY = 1000.0
QUOTES = """SELECT match_id, market, line, bookmaker_id, price_kind, home_price, draw_price, away_price, over_price,
    under_price FROM odds WHERE price_kind = 'closing' OR market = '1x2'"""
"""What the agents pick from, and what picks are closed with."""


def partitions() -> list[Partition]:
    """Those of all real files, or simulated ones."""
    if SHARED.exists():
        return [
            Partition(league(path.stem), Season(2000 + int(path.parent.name[:2])))
            for path in sorted(SHARED.glob("*/*.csv"))
        ]
    return [Partition(item, Season(year)) for item in SIMULATED for year in range(2001, 2021)]


def prepare(bench: Bench, chosen: Sequence[Partition]) -> None:
    """Load matches and odds, and forecast."""
    for partition in chosen:
        land(bench, FOOTBALL_DATA, partition, [season_file(partition)])
    with units_of(bench) as units:
        loader = Loader(units, RawStore(bench.store))
        checked(loader.load_matches(chosen))
        checked(loader.load_odds(chosen))
        checked(Forecaster(units).forecast(chosen))


def work(bench: Bench) -> Run:
    """Pick, close and settle, in this process."""
    with units_of(bench) as units:
        ledger = Ledger(units, DEFAULT_AGENTS)
        return measured(lambda: ledger.work(ledger.partitions()))


def whole(bench: Bench) -> Run:
    """All that a run of the asset does, in this process: the ledger, then the figures, the pictures and the page."""
    with units_of(bench) as units:
        ledger = Ledger(units, DEFAULT_AGENTS)

        def run_of_asset() -> Iterator[Outcome]:
            yield from ledger.work(ledger.partitions())
            publish(units, [], bench.prepared / "picks.html")

        return measured(run_of_asset)


def read(bench: Bench) -> float:
    """Seconds of reading the quotes, in this process."""
    with units_of(bench) as units, units() as unit:
        cursor = unit.session.connection().connection.cursor()
        begun = time.perf_counter()
        cursor.execute(QUOTES)
        cursor.fetchall()
        return time.perf_counter() - begun


def reset(engine: Engine) -> None:
    """No picks."""
    execute(engine, "TRUNCATE tracking_clv_picks, ops.pick_corrections, ops.pick_progress", "CHECKPOINT")


def measure(bench: Bench, repeats: int) -> Verdicts:
    """Run everything, print it, and say whether every target was met."""
    engine, chosen, verdicts = build_engine(bench.address), partitions(), Verdicts()
    migrations.upgrade(engine)
    print(f"Loading and forecasting {len(chosen)} partitions ...", flush=True)
    apart(prepare, bench, chosen)
    execute(engine, "VACUUM ANALYZE")
    works, reports, again, reads = [], [], [], []
    for repeat in range(repeats):
        reset(engine)
        works.append(apart(work, bench))
        reports.append(apart(whole, bench))
        again.append(apart(whole, bench))
        reads.append(apart(read, bench))
        print(f"  run {repeat + 1}: picks {works[-1].seconds:.1f} s, reading {reads[-1]:.1f} s", flush=True)
    show(engine, (works, reports, again), reads, verdicts)
    verdicts.add("the second run changed nothing", met=all(run.unchanged == len(chosen) for run in (*reports, *again)))
    engine.dispose()
    return verdicts


def show(engine: Engine, runs: tuple[list[Run], list[Run], list[Run]], reads: list[float], verdicts: Verdicts) -> None:
    ours, reported, unchanged = (statistics.median(run.seconds for run in side) for side in runs)
    reading, memory = statistics.median(reads), max(run.memory for side in runs for run in side)
    with engine.connect() as connection:
        matches, quotes, picks = (
            connection.scalar(text(f"SELECT count(*) FROM {what}"))
            for what in ("matches", f"({QUOTES}) q", "tracking_clv_picks")
        )
    print(f"\n{matches:,} matches, {quotes:,} quotes: {picks:,} picks; medians of {len(reads)}, {os.cpu_count()} cores")
    print(f"pick, close, settle                 {ours:8.2f} s  {picks / ours:8,.0f} picks/s")
    print(f"reading the quotes alone            {reading:8.2f} s  ratio {ours / reading:.2f}")
    print(f"again, with a new report            {reported:8.2f} s")
    print(f"again, nothing new                  {unchanged:8.2f} s  ratio {unchanged / ours:.3f}")
    print(f"peak memory of any of them          {memory:8.0f} MB")
    verdicts.add(f"picking, closing and settling under {TARGET_SECONDS:g} s", met=ours < TARGET_SECONDS)
    verdicts.add(f"again with nothing new under {TARGET_UNCHANGED:g} s", met=unchanged < TARGET_UNCHANGED)
    verdicts.add(f"peak memory under {TARGET_MEMORY:g} MB", met=memory < TARGET_MEMORY)


if __name__ == "__main__":
    run(__doc__, lambda bench, options: measure(bench, options.repeats))
