"""A few matches to pick on, files of picks in a folder, and what became of them in the database."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.leagues import League
from monps_platform.domain.matches import Match
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.picks.importing import Importer, ImportReport
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.db.samples import E0, SEASON, SP1, played, write_matches
from monps_platform_tests.sources.picks.pick_files import Cells, file_of

FIRST_DAY = date(2019, 8, 10)
CLUBS = ("Arsenal", "Brentford", "Chelsea", "Derby")
NOW = datetime(2020, 6, 1, 12, tzinfo=UTC)
PICKS = """
    SELECT p.agent, h.name, a.name, p.market, p.side, p.line, b.key, p.price_taken, p.stake, p.taken_at, p.strategy,
           p.model_probability
    FROM tracking_clv_picks p JOIN matches m ON m.id = p.match_id JOIN bookmakers b ON b.id = p.bookmaker_id
    JOIN teams h ON h.id = m.home_team_id JOIN teams a ON a.id = m.away_team_id
    ORDER BY p.agent, p.taken_at, p.market, p.side, p.line, h.name, a.name"""
TRACES = "SELECT id, xmin::text, ctid::text, updated_at FROM tracking_clv_picks ORDER BY id"
"""What any write to a pick would change."""
REJECTED = "SELECT line_number, reason, raw_text, detail FROM ops.rejected_rows ORDER BY line_number"


def fixtures(clubs: Sequence[str], first: date = FIRST_DAY) -> list[Match]:
    """A whole double round robin, two goals to one, a match a day, each at 15:00 UTC."""
    return [
        played(home, away, day=day, kickoff_at=datetime(day.year, day.month, day.day, 15, tzinfo=UTC))
        for number, (home, away) in enumerate(itertools.permutations(clubs, 2))
        for day in [first + timedelta(days=number % 280)]
    ]


def on(match: Match, **cells: str) -> Cells:
    """The cells of a pick on a match, taken at ten in the morning of its day."""
    day = match.match_date.isoformat()
    taken = f"{day}T10:00Z"
    return {"home": match.home_team, "away": match.away_team, "date": day, "taken_at": taken, **cells}


@dataclass(frozen=True)
class World:
    """A database with matches, a folder and an importer."""

    engine: Engine
    sessions: sessionmaker[Session]
    folder: Path
    store: Path
    matches: Sequence[Match]

    @property
    def importer(self) -> Importer:
        """An importer whose clock stands."""
        return Importer(lambda: UnitOfWork(self.sessions), RawStore(self.store), lambda: NOW)

    def write(self, name: str, *lines: Cells, body: bytes | None = None, age: float = 60.0) -> Path:
        """Write a file into the folder, that was changed so many seconds ago."""
        path = self.folder / name
        path.write_bytes(file_of(*lines) if body is None else body)
        changed = time.time() - age
        os.utime(path, (changed, changed))
        return path

    def take(self, *lines: Cells, name: str = "mine.csv", body: bytes | None = None, **options: bool) -> ImportReport:
        """Import lines as a file."""
        return self.importer.import_file(self.write(name, *lines, body=body), **options)

    def watch(self) -> dict[str, ImportReport]:
        """Import what is new in the folder; the reports by name."""
        return {report.name: report for report in self.importer.import_folder(self.folder)}

    def settle(self, spelling: str, club: str, item: League = E0, source: str = "picks") -> None:
        """Say which club a spelling means."""
        with UnitOfWork(self.sessions) as unit:
            team = unit.teams.get_by_name(club, league=item.code)
            unit.aliases.settle(source, item, spelling, team.id)
            unit.commit()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query as tuples."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def value(self, query: str) -> Any:
        """The one value of a query."""
        ((found,),) = self.rows(query)
        return found

    def count(self, table: str = "tracking_clv_picks") -> int:
        """How many rows a table has."""
        return int(self.value(f"SELECT count(*) FROM {table}"))

    def do(self, *statements: str) -> None:
        """Change the database."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def queued(self) -> list[tuple[str, str]]:
        """The spellings that wait for a person, with their leagues."""
        found = """SELECT l.code, a.spelling FROM team_aliases a JOIN leagues l ON l.id = a.league_id
                   WHERE a.source = 'picks' AND a.team_id IS NULL ORDER BY 1, 2"""
        return [(code, spelling) for code, spelling in self.rows(found)]


def build_world(engine: Engine, sessions: sessionmaker[Session], folder: Path) -> World:
    """Four clubs of England who play each other twice, two of Spain, one match without kickoff; two bookmakers."""
    matches = fixtures(CLUBS)
    write_matches(sessions, *matches)
    write_matches(
        sessions,
        played("Sevilla", "Betis", day=FIRST_DAY),
        played("Betis", "Sevilla", day=FIRST_DAY + timedelta(days=100)),
        partition=Partition(SP1, SEASON),
    )
    with UnitOfWork(sessions) as unit:
        unit.bookmakers.ensure(["B365", "PS", "Avg"])
        unit.commit()
    picks = folder / "picks"
    picks.mkdir()
    return World(engine, sessions, picks, folder / "raw", matches)


def pick_row(match: Match, cells: Mapping[str, str]) -> tuple[Any, ...]:
    """What :data:`PICKS` gives for a pick on a match."""
    probability = cells.get("model_probability")
    return (
        cells["agent"],
        match.home_team,
        match.away_team,
        cells["market"],
        cells["side"],
        Decimal(cells["line"]) if cells.get("line") else None,
        cells["bookmaker"],
        Decimal(cells["price"]),
        Decimal(cells["stake"]),
        datetime.fromisoformat(cells["taken_at"]),
        cells.get("strategy") or None,
        float(probability) if probability else None,
    )
