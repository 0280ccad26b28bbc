"""What all tables of rows as of a day have in common: a league's season is replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.locks import lock
from monps_platform.db.models import Base
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.db.repositories.teams import LeagueRepository
from monps_platform.domain.partitions import Partition

AsOfRow = TypeVar("AsOfRow", bound=Base)


class AsOfRepository(Repository[AsOfRow, SessionT]):
    """Rows of a league's season as of a day."""

    @operation
    def held(self, session: Session, partition: Partition, as_of: date) -> tuple[int, str | None]:
        """How many rows of a league's season stand as of a day, and the version of the data that all of them were made
        from; None where they differ, or there is no row.
        """
        versions = func.array_agg(self.model.data_version.distinct())
        found = select(func.count(), versions).where(self._of(session, partition, as_of))
        count, seen = session.execute(found).one()
        return count, seen[0] if count and len(seen) == 1 else None

    @operation
    def replace_as_of(
        self, session: Session, partition: Partition, as_of: date, rows: Iterable[Mapping[str, Any]]
    ) -> Changes:
        """Bring the rows of a league's season as of a day to the given ones, which name the rest of the columns; rows
        of other days stay.
        """
        lock(session, self.model.__tablename__, partition.league.code, partition.season.name)
        here: dict[str, Any] = {
            "league_id": LeagueRepository(session).id_of(partition.league.code),
            "season": partition.season.name,
            "as_of": as_of,
        }
        whole = [{**here, **row} for row in rows]
        columns = list(whole[0]) if whole else list(dict.fromkeys((*here, *self.model.natural_key)))
        here_and_now = self._of(session, partition, as_of)
        changes = self._replace(session, columns, (row.values() for row in whole), here_and_now)
        return changes + self._follow_up(session, partition)

    def _follow_up(self, _session: Session, _partition: Partition) -> Changes:
        """What else changes in the table with the rows of a league's season."""
        return Changes()

    def _of(self, session: Session, partition: Partition, as_of: date) -> ColumnElement[bool]:
        league_id = LeagueRepository(session).id_of(partition.league.code)
        return and_(
            self.model.league_id == league_id,
            self.model.season == partition.season.name,
            self.model.as_of == as_of,
        )
