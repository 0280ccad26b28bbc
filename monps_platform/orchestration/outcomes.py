"""What became of each partition of a step, and the progress that is shown meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.domain.partitions import Partition


class Status(StrEnum):
    """What became of a partition."""

    LOADED = "loaded"
    UNCHANGED = "unchanged"
    NOT_PUBLISHED = "not published yet"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What a step did with one partition; ``detail`` says why it failed, or what is worth knowing, ``warning`` what
    went wrong without costing the partition its rows.
    """

    partition: Partition
    status: Status
    counts: RowCounts = field(default_factory=RowCounts)
    changes: Changes = field(default_factory=Changes)
    seconds: float = 0.0
    detail: str = ""
    warning: str = ""

    @classmethod
    def of_load(
        cls, partition: Partition, counts: RowCounts, changes: Changes, *, detail: str = "", warning: str = ""
    ) -> Outcome:
        """What a load did: nothing, if no row was touched."""
        status = Status.LOADED if changes.total else Status.UNCHANGED
        return cls(partition, status, counts, changes, detail=detail, warning=warning)

    @classmethod
    def not_simulated_yet(cls, partition: Partition) -> Outcome:
        """The generator plays whole seasons: results of days to come would be the future."""
        return cls.nothing(partition, "simulated seasons appear when they are over")

    @classmethod
    def nothing(cls, partition: Partition, why: str) -> Outcome:
        """There was nothing to work on."""
        return cls(partition, Status.NOT_PUBLISHED, detail=why)

    @classmethod
    def never_fetched(cls, partition: Partition) -> Outcome:
        """A load found no file that it could load."""
        return cls.nothing(partition, "nothing has been fetched for it")


class Progress(Protocol):
    """Who shows how far a step is."""

    def start(self, step: str, partitions: int) -> None:
        """A step begins."""

    def part(self, step: str, partition: Partition, done: int, total: int) -> None:
        """So many files of a partition are there, of so many."""

    def advance(self, step: str, outcome: Outcome) -> None:
        """One partition of a step is done."""

    def finish(self, step: str) -> None:
        """A step is done."""


class SilentProgress:
    """Shows nothing: Dagster's own event log tells enough."""

    def start(self, step: str, partitions: int) -> None:
        """Nothing."""

    def part(self, step: str, partition: Partition, done: int, total: int) -> None:
        """Nothing."""

    def advance(self, step: str, outcome: Outcome) -> None:
        """Nothing."""

    def finish(self, step: str) -> None:
        """Nothing."""


def follow(progress: Progress, step: str, partitions: int, outcomes: Iterator[Outcome]) -> list[Outcome]:
    """Collect a step's outcomes while its progress is shown."""
    progress.start(step, partitions)
    collected = []
    for outcome in outcomes:
        progress.advance(step, outcome)
        collected.append(outcome)
    progress.finish(step)
    return collected


def timed(partition: Partition, work: Callable[[], Outcome], failures: tuple[type[Exception], ...]) -> Outcome:
    """Run the work on one partition; a failure of the named kinds becomes its outcome, with the time it took."""
    begun = time.perf_counter()
    try:
        outcome = work()
    except failures as error:
        # SQLAlchemy lays the statement and a link around what the server said.
        reason = getattr(error, "orig", None) or error
        outcome = Outcome(partition, Status.FAILED, detail=str(reason).strip())
    return replace(outcome, seconds=time.perf_counter() - begun)
