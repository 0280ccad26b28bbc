"""Delivering what is due: each message by itself, and what came of it kept before the next one is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monps_platform.domain.alerts.incident import Incident, delivered, due, settled, undelivered
from monps_platform.notify.channels import Channel, DeliveryError, Message

Keep = Callable[[Incident], None]


@dataclass
class Deliveries:
    """What a round of deliveries came to: messages taken, and what is wrong with the channels that took none."""

    sent: int = 0
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Postman:
    """Delivers messages about incidents; ``keep`` is called with each incident that became another one.

    A message that was taken is kept at once: who is killed between the two tells it again, once.
    """

    channels: Sequence[Channel]
    cool_down: timedelta
    keep: Keep
    clock: Callable[[], datetime]

    def deliver(self, incidents: Iterable[Incident]) -> Deliveries:
        """Send what is due of the incidents, oldest first, and close those of which nothing is left to tell."""
        done = Deliveries()
        for incident in sorted(incidents, key=lambda item: item.opened_at):
            after = incident
            for channel in self.channels:
                after = self._tell(after, channel, done)
            names = [channel.name for channel in self.channels]
            closed = settled(after, names, self.clock(), self.cool_down)
            if closed != after:
                self.keep(closed)
        return done

    def _tell(self, incident: Incident, channel: Channel, done: Deliveries) -> Incident:
        while notice := due(incident, channel.name, self.clock(), self.cool_down):
            if channel.name in done.errors:
                # It failed a moment ago: every further try would take its time as well.
                incident = undelivered(incident, channel.name, done.errors[channel.name], self.clock())
            else:
                try:
                    channel.send(Message(incident, notice, self.cool_down))
                except DeliveryError as error:
                    done.errors[channel.name] = str(error)
                    incident = undelivered(incident, channel.name, str(error), self.clock())
                else:
                    done.sent += 1
                    incident = delivered(incident, channel.name, notice, self.clock())
            self.keep(incident)
        return incident
