"""Small data for the tests of the database, and ways to look at what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.models import Base, RawFile
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.leagues import league
from monps_platform.domain.matches import Match
from monps_platform.domain.odds import Market, Quotes
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.loading.football_data import Loader
from monps_platform.orchestration.outcomes import Outcome
from monps_platform.sources.football_data.files import season_key
from monps_platform.sources.raw_store import RawStore

SOURCE = "football-data"
E0, E1, SP1 = league("E0"), league("E1"), league("SP1")
SEASON = Season(2019)
LATER = Season(2020)
HERE = Partition(E0, SEASON)
"""The partition that is meant where none is named."""
# A hundred times quicker than TRUNCATE, which makes new files for every table and index.
EMPTY_ALL = "; ".join(
    f"DELETE FROM {table.fullname}"
    for table in reversed(Base.metadata.sorted_tables)
    if table.fullname != "ops.pick_corrections"  # they go with their picks, and not without them
)
FETCHED = datetime(2020, 6, 1, tzinfo=UTC)


def played(
    home: str, away: str, goals: tuple[int, int] = (2, 1), day: date = date(2019, 8, 10), **details: Any
) -> Match:
    """A match with a score."""
    return Match(home, away, day, home_goals=goals[0], away_goals=goals[1], **details)


def to_come(home: str, away: str, day: date = date(2020, 5, 10)) -> Match:
    """A match without a score."""
    return Match(home, away, day)


@dataclass(frozen=True)
class Quote:
    """One quote in words: its match by position, its prices as a price list prints them."""

    match: int
    prices: tuple[str, ...]
    book: int = 0
    line: str | None = None
    closing: bool = False


def fixed(number: str) -> int:
    """A decimal number in ten-thousandths."""
    return int(Decimal(number).scaleb(4))


def block(market: Market, *quotes: Quote) -> Quotes:
    """Quotes of one market as the parser hands them over: sorted by match."""
    rows = sorted(quotes, key=lambda quote: quote.match)
    lines = [fixed(row.line) for row in rows if row.line is not None]
    return Quotes(
        market,
        np.array([row.match for row in rows], dtype=np.int64),
        np.array([row.book for row in rows], dtype=np.int64),
        np.array([row.closing for row in rows], dtype=np.bool_),
        np.array(lines, dtype=np.int64) if lines else None,
        np.array([[fixed(price) for price in row.prices] for row in rows], dtype=np.int64),
    )


def write_matches(
    sessions: sessionmaker[Session], *matches: Match, partition: Partition = HERE, source: str = SOURCE
) -> Changes:
    """Replace a partition's matches and keep them."""
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        changes = unit.matches.replace_partition(source, partition.league, partition.season, matches)
        unit.commit()
    return changes


def write_odds(
    sessions: sessionmaker[Session],
    matches: Sequence[Match],
    bookmakers: Sequence[str],
    *quotes: Quotes,
    partition: Partition = HERE,
) -> Changes:
    """Replace a partition's odds and keep them."""
    with UnitOfWork(sessions) as unit:
        ids = unit.matches.ids(SOURCE, partition.league, partition.season, matches)
        changes = unit.odds.replace_partition(partition.league, partition.season, ids, bookmakers, quotes)
        unit.commit()
    return changes


def raw_file(partition: Partition = HERE, **values: Any) -> RawFile:
    """A fetched version of a partition's file."""
    own: dict[str, Any] = {
        "source": SOURCE,
        "key": season_key(partition.league, partition.season),
        "url": "https://www.football-data.co.uk/file.csv",
        "sha256": "0" * 64,
        "bytes": 1000,
        "fetched_at": FETCHED,
    }
    return RawFile(league=partition.league.code, season=partition.season.name, **(own | values))


@dataclass(frozen=True)
class Pipeline:
    """Keeps bodies as fetched files and loads them as a run does."""

    sessions: sessionmaker[Session]
    store: RawStore

    def fetch(self, partition: Partition, body: bytes, **values: Any) -> None:
        """Keep a body as the newest version of a partition's file."""
        own = {"sha256": self.store.put(body), "bytes": len(body)}
        with UnitOfWork(self.sessions) as unit:
            unit.raw_files.add(raw_file(partition, **(own | values)))
            unit.commit()

    def load(self, *partitions: Partition) -> list[Outcome]:
        """Load the matches and the odds of partitions."""
        loader = Loader(lambda: UnitOfWork(self.sessions), self.store)
        return [*loader.load_matches(partitions), *loader.load_odds(partitions)]


@dataclass(frozen=True)
class Reader:
    """Looks at a database; every question is a transaction of its own."""

    connection: Connection

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a query as tuples."""
        return [tuple(row) for row in self.connection.execute(text(query), parameters)]

    def value(self, query: str, **parameters: Any) -> Any:
        """The one value of a query."""
        return self.connection.execute(text(query), parameters).scalar_one()

    def do(self, statement: str, **parameters: Any) -> None:
        """Change the database at once."""
        self.connection.execute(text(statement), parameters)

    def traces(self, table: str) -> Mapping[int, tuple[Any, ...]]:
        """What any write to a row would change, by id: its transaction, its place and its time stamp."""
        rows = self.rows(f"SELECT id, xmin::text, ctid::text, updated_at FROM {table}")
        return {row[0]: row[1:] for row in rows}


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL statements that an engine sends meanwhile; COPY is not among them."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
