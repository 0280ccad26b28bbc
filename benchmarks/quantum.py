"""Deriving the five quantum tables, against reading what they are derived from, side by side.

Five leagues and four seasons of the real mirror where ``../shared/data`` stands beside the checkout, else two simulated
leagues; matches, odds, shots, players, forecasts and picks are loaded before. The work is all that a run does but its
checks and pictures: reading, deriving, writing into the embedded PostgreSQL with its ordinary settings. The reading is
that of the leagues' seasons alone, by the same repository. Each runs in a fresh process; medians are compared.

    make bench ARGS="--repeats 3"
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Engine

from benchmarks.bench import Bench, Run, Verdicts, apart, checked, execute, land, measured, run, season_file, units_of
from benchmarks.understat import partitions, understat_files
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.schema import migrations
from monps_platform.domain.agents import DEFAULT_AGENTS
from monps_platform.domain.feeds import FOOTBALL_DATA, UNDERSTAT
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.days import as_of_days
from monps_platform.orchestration.forecasting import Forecaster
from monps_platform.orchestration.loading.football_data import Loader
from monps_platform.orchestration.loading.understat import UnderstatLoader
from monps_platform.orchestration.outcomes import Outcome
from monps_platform.orchestration.picks.ledger import Ledger
from monps_platform.orchestration.quantum.derivation import Derivation, Table
from monps_platform.orchestration.quantum.dna import DNA
from monps_platform.orchestration.quantum.friction import friction_table
from monps_platform.orchestration.quantum.profiles import PROFILES
from monps_platform.orchestration.quantum.scorers import SCORERS
from monps_platform.orchestration.quantum.strategies import strategies_table
from monps_platform.sources.raw_store import RawStore

TABLES: dict[str, Callable[[], Table]] = {
    "chess_classifications": lambda: PROFILES,
    "team_quantum_dna": lambda: DNA,
    "quantum_strategies": strategies_table,
    "quantum_friction_matrix": friction_table,
    "goalscorer_profiles": lambda: SCORERS,
}
"""In the order in which one stands on another."""
TARGET_SECONDS = 120.0
TARGET_MEMORY = 1500.0


def prepare(bench: Bench, chosen: Sequence[Partition]) -> None:
    """Load the core tables, forecast the matches, and let the agents pick."""
    for partition in chosen:
        land(bench, FOOTBALL_DATA, partition, [season_file(partition)])
        land(bench, UNDERSTAT, partition, understat_files(partition))
    with units_of(bench) as units:
        store = RawStore(bench.store)
        loader, understat = Loader(units, store), UnderstatLoader(units, store)
        for step in (loader.load_matches, loader.load_odds):
            checked(step(chosen))
        for load in (understat.load_identities, understat.load_shots, understat.load_players):
            checked(load(chosen))
        checked(Forecaster(units).forecast(chosen))
        ledger = Ledger(units, DEFAULT_AGENTS)
        checked(ledger.work(ledger.partitions()))


def derive(bench: Bench, names: Sequence[str]) -> Run:
    """Derive some tables one after another, in this process."""
    with units_of(bench) as units:

        def work() -> Iterator[Outcome]:
            with units() as unit:
                held = unit.league_seasons.played()
            days = as_of_days(held, held)
            for name in names:
                yield from Derivation(units, TABLES[name]()).work(days)

        return measured(work)


def read(bench: Bench) -> tuple[float, float]:
    """Seconds of reading every league's season once, and the peak memory in MB, in this process."""
    with units_of(bench) as units, units() as unit:
        begun = time.perf_counter()
        for partition, played in unit.league_seasons.played().items():
            unit.league_seasons.get(partition, played.day_after)
        seconds = time.perf_counter() - begun
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def reset(engine: Engine) -> None:
    """No rows."""
    execute(engine, f"TRUNCATE {', '.join(f'quantum.{name}' for name in TABLES)}", "CHECKPOINT")


def measure(bench: Bench, repeats: int) -> Verdicts:
    """Run everything, print it, and say whether every target was met."""
    engine, chosen, verdicts = build_engine(bench.address), partitions(), Verdicts()
    migrations.upgrade(engine)
    print(f"Loading, forecasting and picking {len(chosen)} partitions ...", flush=True)
    apart(prepare, bench, chosen)
    execute(engine, "VACUUM ANALYZE")
    works, again, reads = [], [], []
    for repeat in range(repeats):
        reset(engine)
        works.append(apart(derive, bench, list(TABLES)))
        again.append(apart(derive, bench, list(TABLES)))
        reads.append(apart(read, bench)[0])
        print(f"  run {repeat + 1}: tables {works[-1].seconds:.1f} s, reading {reads[-1]:.1f} s", flush=True)
    reset(engine)
    single = {name: apart(derive, bench, [name]).seconds for name in TABLES}
    ours, unchanged = (statistics.median(item.seconds for item in side) for side in (works, again))
    reading, memory = statistics.median(reads), max(item.memory for item in works)
    print(f"\n{len(chosen)} partitions, {works[0].rows.loaded:,} rows; medians of {repeats}")
    print(f"all five tables                     {ours:8.2f} s")
    for name, seconds in single.items():
        print(f"  {name:<33} {seconds:8.2f} s")
    print(f"reading the seasons once            {reading:8.2f} s  ratio {ours / reading:.1f}")
    print(f"again, nothing new                  {unchanged:8.2f} s  ratio {unchanged / ours:.3f}")
    print(f"peak memory of the process          {memory:8.0f} MB")
    verdicts.add(f"all five tables under {TARGET_SECONDS:g} s", met=ours < TARGET_SECONDS)
    verdicts.add(f"peak memory under {TARGET_MEMORY:g} MB", met=memory < TARGET_MEMORY)
    total = len(TABLES) * len(chosen)
    verdicts.add("the second run changed nothing", met=all(item.unchanged == total for item in again))
    engine.dispose()
    return verdicts


if __name__ == "__main__":
    run(__doc__, lambda bench, options: measure(bench, options.repeats))
