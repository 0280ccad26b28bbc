"""Simulated leagues with all that the quantum tables are derived from: a season that is looked at on two days, the one
before it, which has no shots, and a small league, which has none either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.engine import session_factory
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.feeds import UNDERSTAT
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.days import as_of_days
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.loading.understat import UnderstatLoader
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.quantum.derivation import Derivation, Table
from monps_platform.orchestration.quantum.dna import DNA
from monps_platform.orchestration.quantum.friction import friction_table
from monps_platform.orchestration.quantum.profiles import PROFILES
from monps_platform.orchestration.quantum.scorers import SCORERS
from monps_platform.orchestration.quantum.strategies import strategies_table
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.simulated import match_ids, simulate_league_file, simulate_match_file, simulate_season
from monps_platform.sources.understat.files import league_key, match_key
from monps_platform_tests.db.quality.cases import forecast
from monps_platform_tests.db.samples import Pipeline, raw_file

SIM1, SIM2 = league("SIM1"), league("SIM2")
PAST, CURRENT, SMALL = Partition(SIM2, Season(2018)), Partition(SIM2, Season(2019)), Partition(SIM1, Season(2019))
CLUBS, CLUBS_OF_SMALL = 18, 8
FETCHED = datetime(2020, 6, 20, tzinfo=UTC)
NOW = datetime(2020, 6, 25, 12, tzinfo=UTC)
"""After the last match of every season."""
WINTER = date(2019, 12, 26)
"""The earlier one of the days as of which the current season is looked at: the day after matches of both leagues."""


def load_seasons(sessions: sessionmaker[Session], store: RawStore) -> None:
    """Matches, odds and forecasts of all seasons; shots, line-ups and players of the current one."""
    pipeline = Pipeline(sessions, store)
    for where in (PAST, CURRENT, SMALL):
        body = simulate_season(where.league, where.season)
        own = _among_few_clubs(body) if where == SMALL else body
        pipeline.fetch(where, own, source="simulated", fetched_at=FETCHED)
        _require(pipeline.load(where))
    _keep_understat(sessions, store, CURRENT)
    loader = UnderstatLoader(lambda: UnitOfWork(sessions), store)
    for step in (loader.load_identities, loader.load_shots, loader.load_players):
        _require(step([CURRENT]))
    _require(forecast(sessions, PAST, CURRENT, SMALL))


def derive(sessions: sessionmaker[Session], *tables: Table, as_of: date | None = None) -> list[Outcome]:
    """Derive tables of all that is held, as a run does."""
    with UnitOfWork(sessions) as unit:
        held = unit.league_seasons.played()
    days = as_of_days(held, held, as_of)
    return [outcome for table in tables for outcome in Derivation(lambda: UnitOfWork(sessions), table).work(days)]


def load_good_data(engine: Engine, store: RawStore) -> None:
    """All of it, and the quantum tables as of two days."""
    sessions = session_factory(engine)
    load_seasons(sessions, store)
    for day in (WINTER, None):
        derive(sessions, PROFILES, DNA, strategies_table(), friction_table(), SCORERS, as_of=day)


def _require(outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        assert outcome.status is Status.LOADED, outcome


def _among_few_clubs(body: bytes) -> bytes:
    """The matches of the clubs whose names come first."""
    header, *lines = body.decode().splitlines()
    home, away = (header.split(",").index(name) for name in ("HomeTeam", "AwayTeam"))
    clubs = sorted({line.split(",")[home] for line in lines})[:CLUBS_OF_SMALL]
    among = [line for line in lines if {line.split(",")[home], line.split(",")[away]} <= set(clubs)]
    return "".join(f"{line}\r\n" for line in (header, *among)).encode()


def _keep_understat(sessions: sessionmaker[Session], store: RawStore, where: Partition) -> None:
    """Keep a season's files in one transaction: one for each of hundreds would take longer than reading them."""
    league_, season = where.league, where.season
    bodies: Sequence[tuple[str, bytes]] = [
        (league_key(league_, season), simulate_league_file(league_, season)),
        *((match_key(number), simulate_match_file(league_, season, number)) for number in match_ids(league_, season)),
    ]
    named = {"source": UNDERSTAT.simulated, "fetched_at": FETCHED}
    with UnitOfWork(sessions) as unit:
        for key, body in bodies:
            unit.raw_files.add(raw_file(where, key=key, sha256=store.put(body), bytes=len(body), **named))
        unit.commit()
