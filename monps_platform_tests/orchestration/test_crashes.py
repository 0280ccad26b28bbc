"""A process that ends in the middle of loading leaves every partition as it was or as it should be."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.engine import session_factory
from monps_platform.db.models import RawFile
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.loading.football_data import Loader
from monps_platform.orchestration.outcomes import Status
from monps_platform.sources.simulated import simulate_season
from monps_platform_tests.environment import clean_environment, database_variables
from monps_platform_tests.orchestration.football_files import key_of, partition
from monps_platform_tests.orchestration.platform import Platform
from monps_platform_tests.waiting import wait_until

PARTITIONS = [partition(code, f"{year}-{year % 100 + 1}") for code in ("SIM1", "SIM2") for year in range(2014, 2017)]

LOAD = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from monps_platform.db.connection.engine import session_factory
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.orchestration.loading.football_data import Loader
from monps_platform.orchestration.partitions import partitions_of
from monps_platform.orchestration.resources import DatabaseResource
from monps_platform.settings import Settings
from monps_platform.sources.raw_store import RawStore

settings = Settings()
database = DatabaseResource(host=settings.db_host, port=settings.db_port, user=settings.db_user, sslmode="disable",
    password=settings.db_password.get_secret_value(), database=settings.db_name).open()
loader = Loader(database.unit_of_work, RawStore(settings.raw_dir))
partitions = partitions_of(sys.argv[1:])
for step in (loader.load_matches, loader.load_odds):
    for outcome in step(partitions):
        print(step.__name__, outcome.partition, outcome.status, flush=True)
"""

# What a partition holds of each table, and whether its file counts as loaded.
HELD = """SELECT l.code || ' ' || m.season, count(*), md5(string_agg(concat_ws('|', {columns}), ',' ORDER BY {key}))
    FROM {tables} JOIN leagues l ON l.id = m.league_id GROUP BY 1"""
MATCHES = HELD.format(columns="m.id, home_goals, away_goals, referee", key="m.id", tables="matches m")
ODDS = HELD.format(
    columns="o.match_id, bookmaker_id, market, line, price_kind, home_price, over_price, overround",
    key="o.match_id, bookmaker_id, market, line, price_kind",
    tables="odds o JOIN matches m ON m.id = o.match_id",
)
LOADED = """SELECT league || ' ' || season, rows_loader IS NOT NULL, quotes_loader IS NOT NULL FROM ops.raw_files
    WHERE id IN (SELECT max(id) FROM ops.raw_files GROUP BY league, season)"""

Held = Mapping[str, tuple[int, str]]


@dataclass(frozen=True)
class Cut:
    """Rows and content of each partition's matches and odds, and whether its file counts as loaded, by table."""

    matches: Held
    odds: Held
    loaded: Mapping[str, tuple[bool, bool]]


@dataclass(frozen=True)
class Loading:
    """A database whose partitions hold an old version of their files, while a new one waits to be loaded."""

    platform: Platform
    sessions: sessionmaker[Session]

    def keep(self, versions: Mapping[Partition, bytes]) -> None:
        """Enter new versions of the partitions' files."""
        with UnitOfWork(self.sessions) as unit:
            for where, body in versions.items():
                unit.raw_files.add(
                    RawFile(
                        source="simulated",
                        league=where.league.code,
                        season=where.season.name,
                        key=key_of(where),
                        url="simulated",
                        sha256=self.platform.store.put(body),
                        bytes=len(body),
                        fetched_at=datetime(2020, 1, 1, tzinfo=UTC),
                    )
                )
            unit.commit()

    def load(self) -> list[Status]:
        """Load everything in this process."""
        loader = Loader(lambda: UnitOfWork(self.sessions), self.platform.store)
        return [outcome.status for step in (loader.load_matches, loader.load_odds) for outcome in step(PARTITIONS)]

    @contextmanager
    def process(self) -> Iterator[subprocess.Popen[str]]:
        """A process that loads everything, and says a line for each partition."""
        environment = {
            **clean_environment(),
            **database_variables(self.platform.database),
            "MONPS_HOME": str(self.platform.raw.parent),
        }
        keys = [f"{where.league.code}|{where.season}" for where in PARTITIONS]
        with subprocess.Popen(
            [sys.executable, "-c", LOAD, *keys],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def cut_off(self, number: signal.Signals, after: int, pause: float) -> Cut:
        """Start loading, send a signal ``pause`` seconds after so many partitions were done, and see what is left."""
        with self.process() as process:
            wait_for_lines(process, after)
            time.sleep(pause)
            process.send_signal(number)
            process.communicate(timeout=30)
        return self.look()

    def cut_off_at_the_end_of_a_transaction(self, number: signal.Signals, after: int) -> Cut:
        """As :meth:`cut_off`, when rows are written and it is being noted on the file that it is loaded."""
        self.platform.do("""CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(1); RETURN NEW; END $$""")
        self.platform.do("CREATE TRIGGER dawdle BEFORE UPDATE ON ops.raw_files FOR EACH ROW EXECUTE FUNCTION dawdle()")
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        with self.process() as process:
            wait_for_lines(process, after)
            wait_until(lambda: self.platform.value(asleep))
            process.send_signal(number)
            process.communicate(timeout=30)
        found = self.look()
        self.platform.do("DROP FUNCTION dawdle CASCADE")
        return found

    def look(self) -> Cut:
        """What the partitions hold and what their files say, at one instant: the server may still be at work for the
        process that was killed.
        """
        with self.platform.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            matches, odds, files = (connection.execute(text(query)).all() for query in (MATCHES, ODDS, LOADED))
        return Cut(_by_partition(matches), _by_partition(odds), _by_partition(files))


def wait_for_lines(process: subprocess.Popen[str], count: int) -> None:
    """Read so many lines of a process, one for each partition that it has done."""
    assert process.stdout is not None
    for _ in range(count):
        assert process.stdout.readline()


def _by_partition(rows: Iterable[Any]) -> dict[str, Any]:
    return {name: tuple(rest) for name, *rest in rows}


def older(body: bytes) -> bytes:
    """A version with fewer matches, other referees and other prices."""
    return b"\n".join(body.splitlines()[:280]).replace(b",2.", b",3.").replace(b" A", b" Z") + b"\n"


@pytest.fixture
def loading(platform: Platform, engine: Engine) -> Loading:
    """Old versions are loaded, new ones wait."""
    made = Loading(platform, session_factory(engine))
    whole = {where: simulate_season(where.league, where.season) for where in PARTITIONS}
    made.keep({where: older(body) for where, body in whole.items()})
    assert set(made.load()) == {Status.LOADED}
    made.keep(whole)
    return made


def test_however_loading_is_cut_off_every_partition_is_old_or_new_and_a_last_run_completes_it(loading: Loading) -> None:
    old = loading.look()
    kill, interrupt = signal.SIGKILL, signal.SIGINT
    cuts = [
        loading.cut_off(kill, 1, 0.0),
        loading.cut_off_at_the_end_of_a_transaction(kill, 2),
        loading.cut_off(interrupt, 4, 0.02),
        loading.cut_off(kill, 7, 0.0),
        loading.cut_off_at_the_end_of_a_transaction(kill, 8),
    ]
    assert Status.FAILED not in loading.load()
    new = loading.look()
    assert set(new.loaded.values()) == {(True, True)}
    assert not set(old.matches.values()) & set(new.matches.values())
    assert not set(old.odds.values()) & set(new.odds.values())
    for cut in cuts:
        for name, (has_matches, has_odds) in cut.loaded.items():
            assert cut.matches[name] == (new if has_matches else old).matches[name], f"{name} is neither old nor new"
            assert cut.odds[name] == (new if has_odds else old).odds[name], f"{name} is neither old nor new"
    # The signals hit what they were meant to hit.
    assert any({True, False} == {has_matches for has_matches, _ in cut.loaded.values()} for cut in cuts)
    assert any({True, False} == {has_odds for _, has_odds in cut.loaded.values()} for cut in cuts)
