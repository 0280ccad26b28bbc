"""The real files beside the checkout, entered as fetched files without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.engine import session_factory
from monps_platform.db.models import RawFile
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.loading.football_data import Loader
from monps_platform.orchestration.loading.understat import UnderstatLoader
from monps_platform.orchestration.outcomes import Outcome
from monps_platform.sources.football_data.files import season_key
from monps_platform.sources.raw_store import RawStore, sha256_of
from monps_platform.sources.understat.files import league_key, match_key
from monps_platform_tests.conftest import SHARED_DATA

_FETCHED = datetime(2021, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Held:
    """Real files as the platform holds them once they are fetched. The store links to them."""

    engine: Engine
    store: RawStore

    @property
    def sessions(self) -> sessionmaker[Session]:
        return session_factory(self.engine)

    def unit(self) -> UnitOfWork:
        """A new unit of work."""
        return UnitOfWork(self.sessions)

    def land_football_data(self, partitions: Sequence[Partition]) -> None:
        """Enter the files of football-data.co.uk."""
        self._enter(
            _row(where, "football-data", season_key(where.league, where.season), self.store) for where in partitions
        )

    def land_understat(self, partitions: Sequence[Partition]) -> None:
        """Enter league files and the files of all matches that they list."""
        for where in partitions:
            key = league_key(where.league, where.season)
            listed = json.loads((SHARED_DATA / "understat" / key).read_bytes())["dates"]
            keys = [key, *(match_key(int(item["id"])) for item in listed)]
            self._enter(_row(where, "understat", name, self.store) for name in keys)

    def _enter(self, rows: Iterator[dict[str, Any]]) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(RawFile), list(rows))

    def load_football_data(self, partitions: Sequence[Partition], *, odds: Sequence[Partition] = ()) -> list[Outcome]:
        """Load matches, and odds of some partitions."""
        loader = Loader(self.unit, self.store)
        return [*loader.load_matches(partitions), *loader.load_odds(odds)]

    def load_understat(self, partitions: Sequence[Partition]) -> dict[str, list[Outcome]]:
        """Load what Understat feeds; outcomes by step."""
        loader = UnderstatLoader(self.unit, self.store)
        return {
            "team_identities": list(loader.load_identities(partitions)),
            "shots": list(loader.load_shots(partitions)),
            "player_seasons": list(loader.load_players(partitions)),
        }

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query as tuples."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def do(self, statement: str) -> None:
        """Change the database."""
        with self.engine.begin() as connection:
            connection.execute(text(statement))


def _row(where: Partition, source: str, key: str, store: RawStore) -> dict[str, Any]:
    file: Path = SHARED_DATA / source / key
    body = file.read_bytes()
    link = store.path(sha256_of(body))
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(file)
    return {
        "source": source,
        "league": where.league.code,
        "season": where.season.name,
        "key": key,
        "url": f"https://mirror.example/{key}",
        "sha256": link.name,
        "bytes": len(body),
        "fetched_at": _FETCHED,
    }
