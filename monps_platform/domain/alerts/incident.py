"""Incidents: what was seen of a job, a check or the database, and which messages are owed because of it.

An incident lasts from the first failure that is seen of a subject to the next time it is well. Each channel is told of
it by itself: one alert, reminders while it lasts, and one recovery, which only those get who were alerted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from monps_platform.domain.alerts.scope import covers

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
"""A message about what has been well for so long is not tried any more."""


class AlertKind(StrEnum):
    """What an alert is about."""

    JOB = "job"
    CHECK = "check"
    DATABASE = "database"


class Notice(StrEnum):
    """Why a message is sent: something fails, it still does, it is well again."""

    ALERT = "alert"
    REMINDER = "reminder"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen of a subject at an instant; the texts tell people what, where, what to do, and where to look.

    ``partitions`` is the range of leagues and seasons that was worked on, such as ``E0|2019-20:SP1|2021-22``; empty:
    all.
    """

    kind: AlertKind
    subject: str
    is_well: bool
    at: datetime
    what: str = ""
    place: str = ""
    remedy: str = ""
    link: str = ""
    partitions: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one channel was told of an incident, and how its last try went.

    ``quiet_since`` is when it was last told of an earlier incident of the same subject.
    """

    sent_at: datetime | None = None
    recovered_at: datetime | None = None
    quiet_since: datetime | None = None
    tries: int = 0
    next_try_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A failure from when it was first seen until the subject is well again, and whom that was told."""

    kind: AlertKind
    subject: str
    what: str
    place: str
    remedy: str
    link: str
    partitions: str
    opened_at: datetime
    seen_at: datetime
    times_seen: int = 1
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether it fails still."""
        return self.resolved_at is None

    @property
    def last_sent_at(self) -> datetime | None:
        """When anybody was last alerted or reminded; None: nobody yet."""
        return max((item.sent_at for item in self.deliveries.values() if item.sent_at is not None), default=None)

    @property
    def delivery_error(self) -> str | None:
        """What is wrong with the channels that could not be reached at the last try; None: nothing."""
        wrong = [f"{name}: {item.error}" for name, item in sorted(self.deliveries.items()) if item.error is not None]
        return "; ".join(wrong) or None

    def delivery(self, channel: str) -> Delivery:
        """What a channel was told."""
        return self.deliveries.get(channel, Delivery())


def seen(known: Incident | None, sighting: Sighting) -> Incident | None:
    """The subject's newest incident after a sighting; None: there never was one.

    What was seen before, or is older than what was, changes nothing: events may be read twice.
    """
    if known is not None and sighting.at <= known.seen_at:
        return known
    if sighting.is_well:
        if known is None or not known.is_open or not covers(sighting.partitions, known.partitions):
            return known
        return replace(known, seen_at=sighting.at, resolved_at=sighting.at)
    return _failing(known, sighting)


def _failing(known: Incident | None, sighting: Sighting) -> Incident:
    told: dict[str, Any] = {
        "what": sighting.what,
        "place": sighting.place,
        "remedy": sighting.remedy,
        "link": sighting.link,
    }
    if known is None or known.closed_at is not None:
        earlier = {} if known is None else known.deliveries
        quiet = {name: Delivery(quiet_since=item.sent_at or item.quiet_since) for name, item in earlier.items()}
        return Incident(
            sighting.kind,
            sighting.subject,
            **told,
            partitions=sighting.partitions,
            opened_at=sighting.at,
            seen_at=sighting.at,
            deliveries=quiet,
        )
    # Where all of it failed, it is not well before all of it succeeds.
    partitions = known.partitions if covers(known.partitions, sighting.partitions) else sighting.partitions
    known = replace(known, **told, partitions=partitions, seen_at=sighting.at, times_seen=known.times_seen + 1)
    return known if known.is_open else _opened_again(known)


def _opened_again(incident: Incident) -> Incident:
    """It fails anew before everybody was told that it was well: for those who were told, a new failure begins."""
    deliveries = {
        name: Delivery(quiet_since=item.sent_at) if item.recovered_at is not None else item
        for name, item in incident.deliveries.items()
    }
    return replace(incident, resolved_at=None, deliveries=deliveries)


def owed(incident: Incident, channel: str, now: datetime, cool_down: timedelta) -> Notice | None:
    """The message that a channel should have by now; None: it knows all that it is to know."""
    told = incident.delivery(channel)
    if told.sent_at is None:
        # What came and went within the cool-down of the alert before is never told; what lasts beyond it is.
        until = incident.resolved_at or now
        is_quiet = told.quiet_since is not None and until < told.quiet_since + cool_down
        return None if is_quiet else Notice.ALERT
    if incident.is_open:
        return Notice.REMINDER if now >= told.sent_at + cool_down else None
    return Notice.RECOVERY if told.recovered_at is None else None


def due(incident: Incident, channel: str, now: datetime, cool_down: timedelta) -> Notice | None:
    """The message to be sent now: one that is owed, unless the channel failed a moment ago."""
    waits_until = incident.delivery(channel).next_try_at
    if incident.closed_at is not None or (waits_until is not None and now < waits_until):
        return None
    return owed(incident, channel, now, cool_down)


def delivered(incident: Incident, channel: str, notice: Notice, now: datetime) -> Incident:
    """The incident after a channel took a message."""
    told = replace(incident.delivery(channel), tries=0, next_try_at=None, error=None)
    is_last = notice is Notice.RECOVERY
    told = replace(told, recovered_at=now) if is_last else replace(told, sent_at=now)
    return replace(incident, deliveries={**incident.deliveries, channel: told})


def undelivered(incident: Incident, channel: str, error: str, now: datetime) -> Incident:
    """The incident after a channel did not take a message: it is tried again, after a pause that doubles."""
    told = incident.delivery(channel)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(told.tries, 10))
    told = replace(told, tries=told.tries + 1, next_try_at=now + pause, error=error)
    return replace(incident, deliveries={**incident.deliveries, channel: told})


def settled(incident: Incident, channels: Iterable[str], now: datetime, cool_down: timedelta) -> Incident:
    """The incident, closed if it is over and nobody is owed a word about it any more."""
    if incident.resolved_at is None or incident.closed_at is not None:
        return incident
    is_told = all(owed(incident, channel, now, cool_down) is None for channel in channels)
    if is_told or now > incident.resolved_at + GIVE_UP_AFTER:
        return replace(incident, closed_at=now)
    return incident
