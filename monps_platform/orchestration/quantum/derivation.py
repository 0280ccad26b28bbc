"""Bringing a quantum table up to date: what saw other data, or other code, is derived again, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from monps_platform.db import errors
from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.as_of import AsOfRepository
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.outcomes import Outcome, timed

FAILURES = (*errors.FAILURES, ValueError, OSError)
"""ValueError: rows that cannot be, such as a document that breaks its schema."""

Rows = Sequence[Mapping[str, Any]]
States = Mapping[Partition, Mapping[str, str]]
Days = Mapping[Partition, date]


@dataclass(frozen=True)
class Table:
    """A quantum table, and how its rows follow from those of other tables.

    ``version`` is that of the code: raise it when the same data give other rows. ``reads`` are the tables that its rows
    are derived from, ``needs`` those of them without which there is nothing to derive, and ``sees`` gives the leagues'
    seasons that the rows of one of them depend on.
    """

    version: str
    reads: frozenset[str]
    needs: frozenset[str]
    sees: Callable[[Partition, States], Sequence[Partition]]
    repository: Callable[[UnitOfWork], AsOfRepository[Any, Session]]
    rows: Callable[[UnitOfWork, Partition, Days], Rows]
    days: Callable[[Days], Days] = dict
    """The days as of which rows are kept, from those of the leagues' seasons."""
    is_compared: bool = False
    """Whether the rows of a season's leagues are compared with each other later on."""

    @property
    def of_all_leagues(self) -> bool:
        """Whether rows are derived of all leagues of a season or of none: where they are compared, those of a part of
        them would be other rows.
        """
        return self.is_compared or self.sees is all_leagues_up_to


@dataclass(frozen=True)
class Derivation:
    """Derives a table, each league's season in a transaction of its own."""

    units: Callable[[], UnitOfWork]
    table: Table

    def work(self, days: Days) -> Iterator[Outcome]:
        """Go through leagues' seasons, each as of its day."""
        days = self.table.days(days)
        with self.units() as unit:
            states = unit.league_seasons.states(self.table.reads)
        for partition in days:
            missing = sorted(self.table.needs - states[partition].keys())
            if missing:
                yield Outcome.nothing(partition, f"no rows of it are held in {', '.join(missing)}")
            else:
                yield timed(partition, partial(self._derive, partition, days, states), FAILURES)

    def _derive(self, partition: Partition, days: Days, states: States) -> Outcome:
        version = self._data_version(partition, days, states)
        with self.units() as unit:
            repository = self.table.repository(unit)
            held, seen = repository.held(partition, days[partition])
            if seen == version:
                return Outcome.of_load(partition, RowCounts(held, held), Changes())
            rows = [{**row, "data_version": version} for row in self.table.rows(unit, partition, days)]
            changes = repository.replace_as_of(partition, days[partition], rows)
            unit.commit()
        return Outcome.of_load(partition, RowCounts(len(rows), len(rows)), changes)

    def _data_version(self, partition: Partition, days: Days, states: States) -> str:
        """The version of the code, and a digest of the state of all that it reads.

        Seasons before are seen as a whole, whether the run is about them or not: their days are no part of it.
        """
        digest = hashlib.sha256()
        for item in self.table.sees(partition, states):
            parts = [f"{name}={state}" for name, state in sorted(states[item].items())]
            day = days.get(item) if item.season == partition.season else None
            digest.update(f"{item} {day} {' '.join(parts)}\n".encode())
        return f"{self.table.version} {digest.hexdigest()[:12]}"


def season_alone(partition: Partition, _states: States) -> list[Partition]:
    """The league's season and no other."""
    return [partition]


def league_up_to(partition: Partition, states: States) -> list[Partition]:
    """The league's seasons up to a season."""
    return sorted(
        (item for item in states if item.league == partition.league and item.season <= partition.season),
        key=lambda item: item.season,
    )


def all_leagues_up_to(partition: Partition, states: States) -> list[Partition]:
    """The seasons up to a season of all leagues that are simulated as it is, or real."""
    return sorted(
        (
            item
            for item in states
            if item.season <= partition.season and item.league.is_simulated is partition.league.is_simulated
        ),
        key=lambda item: (item.season, item.league.code),
    )
