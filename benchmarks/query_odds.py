"""The repositories against plain SQL: the same queries on the same rows, side by side in one run.

Plain SQL is the statement that the repository sends, executed and fetched by the driver alone (psycopg2, asyncpg) on a
connection of its own. Repository and driver take turns; medians are compared. ``upsert_many`` is compared with a COPY
of the same rows, prepared, into an identical empty table.

    make bench ARGS="--rows 1083270 --repeats 3"
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import asyncpg
import psycopg2
from sqlalchemy import Engine, event, text

from benchmarks.bench import Bench, Verdicts, execute, run
from benchmarks.load_odds import land, load
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.database import Database
from monps_platform.db.schema import migrations
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.odds import Market

THREADS = 15
UPSERTED = 100_000
CAPTURED = datetime(2030, 1, 1, tzinfo=UTC)
COLUMNS = (
    *("match_id", "bookmaker_id", "market", "line", "price_kind", "captured_at"),
    *("home_price", "draw_price", "away_price", "over_price", "under_price", "overround"),
)
SAMPLES = 400
TARGET_RATIO = 2.0
TARGET_UPSERT = 3.0
TARGET_BUSY = 15.0


@dataclass(frozen=True)
class Query:
    """A repository's read, its target in milliseconds, and how to call it on either kind of unit."""

    name: str
    target: float
    call: Callable[[Any, int], Any]


@dataclass
class Sent:
    """The statements that an engine sent since it was last cleared, with their parameters."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    def watch(self, engine: Engine) -> None:
        @event.listens_for(engine, "before_cursor_execute")
        def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            self.statements.append((statement, parameters))


def queries(leagues: Sequence[str]) -> list[Query]:
    return [
        Query("get_by_match", 2.0, lambda unit, match: unit.odds.get_by_match(match)),
        Query(
            "get_by_league(limit=100)", 5.0, lambda unit, match: unit.odds.get_by_league(leagues[match % len(leagues)])
        ),
        Query("get_line_movement", 5.0, lambda unit, match: unit.odds.get_line_movement(match, Market.ONE_X_TWO)),
    ]


def milliseconds(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


def plain_connection(address: DatabaseAddress) -> Any:
    return psycopg2.connect(address.libpq_url(), options="-c timezone=UTC")


def compare(database: Database, query: Query, matches: Sequence[int]) -> tuple[float, float, float]:
    """Medians in milliseconds of the repository and of the driver alone, and the rows of a result."""
    sent, ours, theirs, rows = Sent(), [], [], []
    sent.watch(database.engine())
    connection = plain_connection(database.address)
    with database.unit_of_work() as unit, connection.cursor() as cursor:
        for match in matches:
            # Once untimed, so that neither finds the rows cold; and nothing that the session could take from its
            # identity map instead of building it.
            query.call(unit, match)
            unit.session.expunge_all()
            sent.statements.clear()
            begun = time.perf_counter()
            rows.append(len(query.call(unit, match)))
            ours.append(milliseconds(begun))
            begun = time.perf_counter()
            for statement, parameters in sent.statements:
                cursor.execute(statement, parameters)
                cursor.fetchall()
            theirs.append(milliseconds(begun))
    connection.close()
    return statistics.median(ours), statistics.median(theirs), statistics.mean(rows)


async def compare_async(database: Database, query: Query, matches: Sequence[int]) -> tuple[float, float]:
    """The same through asyncpg."""
    sent, ours, theirs = Sent(), [], []
    sent.watch(database.async_engine().sync_engine)
    address = database.address
    plain = await asyncpg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password.get_secret_value(),
        database=address.database,
        ssl=False,
    )
    async with database.async_unit_of_work() as unit:
        for match in matches:
            await query.call(unit, match)
            unit.session.expunge_all()
            sent.statements.clear()
            begun = time.perf_counter()
            await query.call(unit, match)
            ours.append(milliseconds(begun))
            begun = time.perf_counter()
            for statement, parameters in sent.statements:
                await plain.fetch(statement, *parameters)
            theirs.append(milliseconds(begun))
    await plain.close()
    await database.dispose_async()
    return statistics.median(ours), statistics.median(theirs)


def in_threads(database: Database, matches: Sequence[int]) -> tuple[float, int]:
    """The median of get_by_match in milliseconds with 15 threads at once, and the connections they used at most."""
    seen: list[int] = []

    def work(part: Sequence[int]) -> list[float]:
        taken = []
        for match in part:
            begun = time.perf_counter()
            with database.unit_of_work() as unit:
                unit.odds.get_by_match(match)
                seen.append(database.pool_status().checked_out)
            taken.append(milliseconds(begun))
        return taken

    parts = [matches[at::THREADS] for at in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        times = [one for taken in pool.map(work, parts) for one in taken]
    return statistics.median(times), max(seen)


def upsert(database: Database, repeats: int) -> tuple[float, float, float, float]:
    """Median seconds of upsert_many of new rows, of the same rows once more, of changed ones, and of a COPY of new rows
    whose text is made before. All into the full table; each is undone.
    """
    times: dict[str, list[float]] = {"new": [], "same": [], "changed": [], "copy": []}
    rows = _snapshots(database.engine())
    for _ in range(repeats):
        with database.unit_of_work() as unit:
            times["copy"].append(_copy_prepared(unit, rows))
        _vacuum(database)
        with database.unit_of_work() as unit:
            for name, given in (
                ("new", rows),
                ("same", rows),
                ("changed", [{**row, "overround": row["overround"] + 1} for row in rows]),
            ):
                begun = time.perf_counter()
                unit.odds.upsert_many(given)
                times[name].append(time.perf_counter() - begun)
        _vacuum(database)
    new, same, changed, copied = (statistics.median(taken) for taken in times.values())
    return new, same, changed, copied


def _snapshots(engine: Engine) -> list[dict[str, Any]]:
    """Rows that the table does not hold: real quotes, as if captured at an instant."""
    with engine.connect() as connection:
        held = connection.execute(
            text(f"SELECT {', '.join(COLUMNS)} FROM odds WHERE price_kind = 'pre_match' ORDER BY id LIMIT {UPSERTED}")
        ).mappings()
        return [{**row, "price_kind": "snapshot", "captured_at": CAPTURED} for row in held]


def _copy_prepared(unit: UnitOfWork, rows: Sequence[dict[str, Any]]) -> float:
    lines = ("\t".join(r"\N" if value is None else str(value) for value in row.values()) for row in rows)
    prepared = BytesIO("".join(f"{line}\n" for line in lines).encode())
    raw: Any = unit.session.connection().connection
    with raw.cursor() as cursor:
        begun = time.perf_counter()
        cursor.copy_expert(f"COPY odds ({', '.join(COLUMNS)}) FROM STDIN", prepared, size=1 << 20)
        return time.perf_counter() - begun


def _vacuum(database: Database) -> None:
    """What was undone leaves dead rows and index entries: the next one must not pay for them."""
    admin = build_engine(database.address)
    execute(admin, "VACUUM odds", "CHECKPOINT")
    admin.dispose()


def measure(database: Database, samples: int, repeats: int) -> Verdicts:
    """Run everything, print it, and say whether every target was met."""
    verdicts = Verdicts()
    with database.engine().connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM odds")).scalar_one()
        ids = list(connection.scalars(text("SELECT DISTINCT match_id FROM odds ORDER BY match_id")))
        leagues = list(
            connection.scalars(text("SELECT DISTINCT code FROM leagues JOIN matches m ON m.league_id = leagues.id"))
        )
    random.seed(1)
    matches = random.sample(ids, min(samples, len(ids)))
    print(f"\n{rows:,} odds rows of {len(ids):,} matches, medians of {len(matches)}, milliseconds")
    print(f"{'':26}{'rows':>6}{'psycopg2':>10}{'plain':>8}{'ratio':>7}{'asyncpg':>10}{'plain':>8}{'ratio':>7}")
    for query in queries(leagues):
        compare(database, query, matches[:20])  # warm
        ours, theirs, size = compare(database, query, matches)
        asynchronous, plain = asyncio.run(compare_async(database, query, matches))
        print(
            f"{query.name:26}{size:6.0f}{ours:10.2f}{theirs:8.2f}{ours / theirs:7.2f}"
            f"{asynchronous:10.2f}{plain:8.2f}{asynchronous / plain:7.2f}"
        )
        verdicts.add(f"{query.name}: median under {query.target:g} ms", met=ours < query.target)
        verdicts.add(f"{query.name}: at most {TARGET_RATIO:g} times plain SQL", met=ours <= TARGET_RATIO * theirs)
    busy, connections = in_threads(database, matches * 3)
    print(f"\nget_by_match, {THREADS} threads at once: median {busy:.2f} ms, at most {connections} connections")
    verdicts.add(f"{THREADS} threads at once: median under {TARGET_BUSY:g} ms, no error", met=busy < TARGET_BUSY)
    new, same, changed, copied = upsert(database, repeats)
    print(f"\n{UPSERTED:,} rows, seconds (ratio to COPY): COPY {copied:.2f}", end="")
    for name, seconds in (("new rows", new), ("rows that are there", same), ("changed rows", changed)):
        print(f"; upsert_many of {name} {seconds:.2f} ({seconds / copied:.2f})", end="")
    print()
    verdicts.add(f"upsert_many of new rows: at most {TARGET_UPSERT:g} times COPY", met=new <= TARGET_UPSERT * copied)
    return verdicts


def prepare(bench: Bench, rows: int) -> None:
    """A database with that many odds rows, its statistics up to date."""
    engine = build_engine(bench.address)
    migrations.upgrade(engine)
    print(f"Loading at least {rows:,} odds rows ...", flush=True)
    load(bench, land(bench, rows))
    execute(engine, "VACUUM ANALYZE")
    engine.dispose()


def measure_on(bench: Bench, options: argparse.Namespace) -> Verdicts:
    """Fill the bench, and measure on it."""
    prepare(bench, options.rows)
    database = Database(bench.address)
    try:
        return measure(database, SAMPLES, options.repeats)
    finally:
        database.dispose()


if __name__ == "__main__":
    run(__doc__, measure_on)
