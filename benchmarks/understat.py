"""Loading Understat's match files from kept bytes against ``psql \\copy`` of the same rows, prepared, side by side.

The tables that ``\\copy`` fills are identical: the same columns, indexes, check constraints and foreign keys. The real
mirror is used where ``../shared/data`` stands beside the checkout, else simulated leagues, whose files have line-ups
besides shots. League files and matches are loaded before. Each side runs several times in turn on the embedded
PostgreSQL with its ordinary settings, the loader in a fresh process; medians are compared.

    make bench ARGS="--repeats 3"
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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
    psql,
    run,
    season_file,
    units_of,
)
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.models import PlayerMatch, Shot
from monps_platform.db.schema import migrations
from monps_platform.domain.feeds import FOOTBALL_DATA, UNDERSTAT
from monps_platform.domain.leagues import SIMULATED, TOP_FIVE
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.loading.football_data import Loader
from monps_platform.orchestration.loading.understat import UnderstatLoader
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.simulated import match_ids, simulate_league_file, simulate_match_file
from monps_platform.sources.understat.files import league_key, match_key
from monps_platform.sources.understat.league_file import parse_league

MIRROR = SHARED.parents[1] / "understat"
IS_REAL = SHARED.exists() and MIRROR.exists()
TABLES = {
    table.name: ", ".join(
        column.name
        for column in table.columns
        if column.identity is None and column.name not in {"created_at", "updated_at"}
    )
    for table in (Shot.metadata.tables[model.__tablename__] for model in (Shot, PlayerMatch))
}
MATCH_FILES = "key LIKE 'getMatchData/%'"
TARGET_SECONDS = 60.0
TARGET_UNCHANGED = 0.10
TARGET_MEMORY = 400.0


@dataclass(frozen=True)
class Times:
    """Seconds of every repeat, by what was measured."""

    load: list[float]
    copy: list[float]
    json: list[float]
    unchanged: list[float]


def partitions() -> list[Partition]:
    """Twenty: the mirror's, or simulated ones."""
    if IS_REAL:
        return [Partition(item, Season(year)) for item in TOP_FIVE for year in range(2017, 2021)]
    return [Partition(item, Season(year)) for item in SIMULATED for year in range(2011, 2021)]


def understat_files(partition: Partition) -> Iterator[tuple[str, bytes]]:
    """Keys and bytes of Understat's league file and of the match files that there are."""
    league, season = partition.league, partition.season
    key = league_key(league, season)
    if league.is_simulated:
        yield key, simulate_league_file(league, season)
        yield from ((match_key(one), simulate_match_file(league, season, one)) for one in match_ids(league, season))
        return
    body = (MIRROR / key).read_bytes()
    yield key, body
    for listing in parse_league(body, league, season, key).listings:
        path = MIRROR / match_key(listing.id)
        if path.exists():
            yield match_key(listing.id), path.read_bytes()


def prepare(bench: Bench, chosen: Sequence[Partition]) -> None:
    """Land everything and load what comes before the match files."""
    for partition in chosen:
        land(bench, FOOTBALL_DATA, partition, [season_file(partition)])
        land(bench, UNDERSTAT, partition, understat_files(partition))
    with units_of(bench) as units:
        store = RawStore(bench.store)
        checked(Loader(units, store).load_matches(chosen))
        checked(UnderstatLoader(units, store).load_identities(chosen))


def load_shots(bench: Bench, chosen: Sequence[Partition]) -> Run:
    """The step that is measured, in this process."""
    with units_of(bench) as units:
        return measured(lambda: UnderstatLoader(units, RawStore(bench.store)).load_shots(chosen))


def load_json(bench: Bench, addresses: Sequence[str]) -> float:
    """Seconds of the JSON decoder alone over all files; reading them is not counted."""
    store, seconds = RawStore(bench.store), 0.0
    for address in addresses:
        body = store.get(address)
        begun = time.perf_counter()
        json.loads(body)
        seconds += time.perf_counter() - begun
    return seconds


def reset(engine: Engine) -> None:
    """No shots and line-ups, and match files that count as not loaded."""
    execute(
        engine,
        f"TRUNCATE {', '.join(TABLES)}",
        "TRUNCATE ops.rejected_rows",
        f"UPDATE ops.raw_files SET rows_loader = NULL, players_loader = NULL WHERE {MATCH_FILES}",
        "VACUUM ops.raw_files",
        "CHECKPOINT",
    )


def export(bench: Bench, engine: Engine) -> dict[str, Path]:
    """The loaded rows as CSV, by table; tables without rows are left out."""
    with engine.connect() as connection:
        held = [name for name in TABLES if connection.scalar(text(f"SELECT EXISTS (SELECT FROM {name})"))]
    prepared = {name: bench.prepared.with_name(f"{name}.csv") for name in held}
    for name, path in prepared.items():
        psql(bench, f"\\copy (SELECT {TABLES[name]} FROM {name} ORDER BY id) TO '{path}' CSV")
    return prepared


def copy_into_twins(bench: Bench, engine: Engine, prepared: dict[str, Path]) -> float:
    """Seconds of ``\\copy`` of prepared rows into empty tables identical to those that the loader fills."""
    seconds = 0.0
    for name, path in prepared.items():
        execute(engine, "DROP TABLE IF EXISTS twin", f"CREATE TABLE twin (LIKE {name} INCLUDING ALL)")
        execute(engine, *(f"ALTER TABLE twin ADD {key}" for key in foreign_keys(engine, name)), "CHECKPOINT")
        begun = time.perf_counter()
        psql(bench, f"\\copy twin ({TABLES[name]}) FROM '{path}' CSV")
        seconds += time.perf_counter() - begun
        execute(engine, "DROP TABLE twin")
    return seconds


def foreign_keys(engine: Engine, table: str) -> Sequence[str]:
    found = (
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = CAST(:t AS regclass)"
    )
    with engine.connect() as connection:
        return connection.scalars(text(found), {"t": table}).all()


def measure(bench: Bench, repeats: int) -> Verdicts:
    """Run everything, print it, and say whether every target was met."""
    engine, chosen = build_engine(bench.address), partitions()
    migrations.upgrade(engine)
    print(f"Landing the files of {len(chosen)} partitions, loading their matches and identities ...", flush=True)
    apart(prepare, bench, chosen)
    execute(engine, "VACUUM ANALYZE")
    with engine.connect() as connection:
        addresses = connection.scalars(text(f"SELECT sha256 FROM ops.raw_files WHERE {MATCH_FILES} ORDER BY id")).all()
    times, runs = Times([], [], [], []), []
    for repeat in range(repeats):
        reset(engine)
        runs.append(apart(load_shots, bench, chosen))
        times.load.append(runs[-1].seconds)
        if repeat == 0:
            prepared = export(bench, engine)
        times.copy.append(copy_into_twins(bench, engine, prepared))
        times.json.append(apart(load_json, bench, addresses))
        again = apart(load_shots, bench, chosen)
        times.unchanged.append(again.seconds)
        print(f"  run {repeat + 1}: load {times.load[-1]:.1f} s, \\copy {times.copy[-1]:.1f} s", flush=True)
    verdicts = Verdicts()
    verdicts.add("every match file was loaded, the second time none of them", met=is_whole(engine, chosen, again))
    engine.dispose()
    show(times, runs, len(addresses), verdicts)
    return verdicts


def is_whole(engine: Engine, chosen: Sequence[Partition], again: Run) -> bool:
    """Whether every match file is loaded, its rows reconcile with the tables, and a second run touched nothing."""
    with engine.connect() as connection:
        left = connection.scalar(
            text(f"SELECT count(*) FROM ops.raw_files WHERE {MATCH_FILES} AND rows_loader IS NULL")
        )
        shots = connection.scalar(text("SELECT count(*) FROM shots"))
    return left == 0 and shots == again.rows.loaded and again.unchanged == len(chosen)


def show(times: Times, runs: Sequence[Run], files: int, verdicts: Verdicts) -> None:
    ours, copied, decoded, unchanged = (
        statistics.median(taken) for taken in (times.load, times.copy, times.json, times.unchanged)
    )
    shots, memory = runs[-1].rows.loaded, max(run.memory for run in runs)
    print(f"\n{files:,} match files, {shots:,} shots, medians of {len(runs)}{'' if IS_REAL else '; simulated'}")
    print(
        f"load: bytes, parse, validate, commit {ours:8.2f} s  {files / ours:8,.0f} files/s {shots / ours:8,.0f} shots/s"
    )
    print(f"\\copy into the identical tables      {copied:8.2f} s  load / \\copy {ours / copied:.2f}")
    print(f"json.loads of the files alone       {decoded:8.2f} s  load / json.loads {ours / decoded:.2f}")
    print(f"load again, nothing new             {unchanged:8.2f} s  ratio {unchanged / ours:.3f}")
    print(f"peak memory of the loading process  {memory:8.0f} MB")
    verdicts.add(f"all match files under {TARGET_SECONDS:g} s", met=ours < TARGET_SECONDS)
    verdicts.add(
        f"loading again with nothing new under {TARGET_UNCHANGED:.0%} of the load",
        met=unchanged < TARGET_UNCHANGED * ours,
    )
    verdicts.add(f"peak memory of the loading process at most {TARGET_MEMORY:g} MB", met=memory <= TARGET_MEMORY)


if __name__ == "__main__":
    run(__doc__, lambda bench, options: measure(bench, options.repeats))
