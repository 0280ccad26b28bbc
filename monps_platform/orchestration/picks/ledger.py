"""The steps of picks over partitions: take, close, settle; each done again only for what has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType

from monps_platform.db import errors
from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.pick_progress import PicksHeld, Standing
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.agents import Agent
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PickStep
from monps_platform.orchestration.outcomes import Outcome, timed
from monps_platform.orchestration.picks.closing import CLOSING_INPUTS, close_picks
from monps_platform.orchestration.picks.settling import SETTLING_VERSION, settle_picks
from monps_platform.orchestration.picks.taking import TAKING_VERSION, take_picks

FAILURES = (*errors.FAILURES, ValueError, OSError)
"""ValueError: prices of which no probabilities can be made."""

STEPS: tuple[PickStep, ...] = tuple(PickStep)


@dataclass(frozen=True)
class Ledger:
    """Works on the picks of partitions, each step of each partition in a transaction of its own.

    ``agents`` pick; ``now`` is asked once for each partition. What a step saw is kept as a fingerprint: while that is
    the same, the step is not done again.
    """

    units: Callable[[], UnitOfWork]
    agents: Sequence[Agent]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def partitions(self) -> list[Partition]:
        """The seasons of leagues that have matches, oldest first."""
        with self.units() as unit:
            return list(unit.pick_progress.standings())

    def work(self, partitions: Sequence[Partition], steps: Sequence[PickStep] = STEPS) -> Iterator[Outcome]:
        """Go through the steps, in their order, partition by partition."""
        with self.units() as unit:
            standings = unit.pick_progress.standings()
        for item in partitions:
            standing = standings.get(item)
            if standing is None:
                yield Outcome.nothing(item, "no matches are loaded to pick from")
            else:
                yield timed(item, partial(self._work, item, standing, sorted(steps, key=STEPS.index)), FAILURES)

    def _work(self, partition: Partition, standing: Standing, steps: Sequence[PickStep]) -> Outcome:
        now, held = self.now(), standing.picks
        done: dict[PickStep, Changes] = {}
        for step in steps:
            if standing.seen.get(step) != self._inputs(step, partition, standing, held, now):
                done[step], held = self._do(step, partition, standing, now)
        changes = sum(done.values(), Changes())
        return Outcome.of_load(partition, RowCounts(held.count, held.count), changes, detail=_told(done))

    def _do(self, step: PickStep, partition: Partition, standing: Standing, now: datetime) -> tuple[Changes, PicksHeld]:
        with self.units() as unit:
            unit.picks.hold(partition)
            before = unit.pick_progress.picks(partition)
            match step:
                case PickStep.TAKE:
                    changes = take_picks(unit, partition, self.agents, now)
                case PickStep.CLOSE:
                    changes = close_picks(unit, partition, now)
                case PickStep.SETTLE:
                    changes = settle_picks(unit, partition, now)
            held = unit.pick_progress.picks(partition)
            seen = self._inputs(step, partition, standing, held, now)
            unit.pick_progress.note(partition, step, seen, held, taken=held.lasting - before.lasting)
            unit.commit()
        return changes, held

    def _inputs(self, step: PickStep, partition: Partition, standing: Standing, held: PicksHeld, now: datetime) -> str:
        """SHA-256 of all that a step depends on: the rows it reads, as they were before, and the rules it follows;
        and of what it has entered, so that it is done again where somebody changed that.
        """
        is_over = str(partition.season.last_day < now.date())
        forecasts = standing.forecasts if any(agent.needs_forecasts for agent in self.agents) else ""
        parts: Mapping[PickStep, Sequence[str]] = MappingProxyType(
            {
                PickStep.TAKE: (TAKING_VERSION, held.taken, standing.odds, forecasts, *map(_rule, self.agents)),
                PickStep.CLOSE: (CLOSING_INPUTS, held.closings, standing.odds, is_over),
                PickStep.SETTLE: (SETTLING_VERSION, held.settlements, is_over),
            }
        )
        return hashlib.sha256("\n".join((standing.matches, held.state, *parts[step])).encode()).hexdigest()


def _rule(agent: Agent) -> str:
    return f"{agent.name} {agent.version} {agent.strategy}"


def _told(done: Mapping[PickStep, Changes]) -> str:
    taken = done.get(PickStep.TAKE, Changes())
    ended = sum((changes.updated for step, changes in done.items() if step is not PickStep.TAKE), 0)
    said = (
        (taken.inserted, "taken"),
        (taken.updated, "rated anew"),
        (taken.deleted, "withdrawn"),
        (ended, "closed or settled"),
    )
    return ", ".join(f"{count} {what}" for count, what in said if count)
