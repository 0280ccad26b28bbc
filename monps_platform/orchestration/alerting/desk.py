"""The desk: what was seen is kept with what was known, and what is due of it goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import dagster as dg

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.alerts.incident import AlertKind, Incident, Sighting, seen
from monps_platform.notify.channels import Channel
from monps_platform.notify.delivery import Deliveries, Postman
from monps_platform.orchestration.alerting.events import Reading, World, read

NO_CHANNEL = "no channel is configured, nobody is told: alerts are kept in ops.alerts, `monps alerts` shows them"


@dataclass(frozen=True)
class Look:
    """What a look at the event log came to."""

    cursor: int
    open: Sequence[Incident]
    deliveries: Deliveries
    has_channel: bool

    @property
    def in_words(self) -> str:
        """For the tick in the UI."""
        failing = ", ".join(incident.subject for incident in self.open)
        parts = [f"failing: {failing}" if failing else "nothing fails"]
        if self.deliveries.sent:
            parts.append(f"messages sent: {self.deliveries.sent}")
        parts += [f"not delivered, will be tried again: {name}: {why}" for name, why in self.deliveries.errors.items()]
        return "; ".join(parts if self.has_channel else [*parts, NO_CHANNEL])


@dataclass(frozen=True)
class Desk:
    """Where failures are turned into alerts."""

    unit_of_work: Callable[[], UnitOfWork]
    channels: Sequence[Channel]
    cool_down: timedelta
    clock: Callable[[], datetime]

    def look(self, instance: dg.DagsterInstance, cursor: int | None, world: World) -> Look:
        """Read what happened since a cursor, keep it, and tell what is due."""
        with self.unit_of_work() as unit:
            known = dict(unit.alerts.newest())
            reading = read(instance, cursor, known.values(), world, self.clock())
            changed = _after(known, reading.sightings)
            unit.alerts.keep(changed.values())
            unit.commit()
        # The database's own alerts are told by who watches it from outside.
        current = [item for item in {**known, **changed}.values() if item.kind is not AlertKind.DATABASE]
        return self._told(reading, [item for item in current if item.closed_at is None])

    def _told(self, reading: Reading, unclosed: list[Incident]) -> Look:
        postman = Postman(self.channels, self.cool_down, self._keep, self.clock)
        deliveries = postman.deliver(unclosed)
        return Look(reading.cursor, [item for item in unclosed if item.is_open], deliveries, bool(self.channels))

    def _keep(self, incident: Incident) -> None:
        with self.unit_of_work() as unit:
            unit.alerts.keep([incident])
            unit.commit()


def _after(known: dict[str, Incident], sightings: Iterable[Sighting]) -> dict[str, Incident]:
    """The incidents that became other ones."""
    changed: dict[str, Incident] = {}
    for sighting in sightings:
        before = changed.get(sighting.subject, known.get(sighting.subject))
        after = seen(before, sighting)
        if after is not None and after != before:
            changed[sighting.subject] = after
    return changed
