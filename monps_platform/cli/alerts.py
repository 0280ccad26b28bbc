"""`monps alerts`: what fails, and whether people can be told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rich.console import Console

from monps_platform.cli.failure import Failure
from monps_platform.cli.server import existing_database, open_database
from monps_platform.domain.alerts.incident import AlertKind, Incident, Notice
from monps_platform.domain.alerts.text import duration, instant
from monps_platform.notify.channels import DeliveryError, Message, configured
from monps_platform.settings import Settings

out = Console(highlight=False, markup=False, soft_wrap=True)
NO_CHANNEL = (
    "No channel is configured: nobody is told. Set MONPS_ALERT_WEBHOOK_URL, or MONPS_ALERT_EMAIL_TO and "
    "MONPS_SMTP_HOST (docs/alerts.md); then: monps alerts --test"
)


def show(settings: Settings, *, show_all: bool) -> None:
    """What fails now, or the newest alerts of all."""
    with (
        open_database(settings, existing_database(settings)) as database,
        database.unit_of_work(read_only=True) as unit,
    ):
        found = unit.alerts.latest() if show_all else unit.alerts.open()
    out.print(_listing(found) or ("There was no alert yet." if show_all else "Nothing fails."))
    if not configured(settings):
        out.print(NO_CHANNEL)


def resolve(settings: Settings, subject: str) -> None:
    """Take what fails for over; who was alerted of it is told so."""
    with open_database(settings, existing_database(settings)) as database, database.unit_of_work() as unit:
        incident = unit.alerts.newest().get(subject)
        if incident is None or not incident.is_open:
            failing = ", ".join(item.subject for item in unit.alerts.open()) or "nothing"
            raise Failure(f"{subject!r} is not failing. What fails: {failing}")
        now = max(datetime.now(UTC), incident.seen_at)
        unit.alerts.keep([replace(incident, seen_at=now, resolved_at=now)])
        unit.commit()
    out.print(f"{subject} is taken for over. Who was alerted of it is told at the sensor's next tick.")


def send_test(settings: Settings) -> None:
    """Send a message by every channel; raises Failure where one does not take it."""
    channels = configured(settings)
    if not channels:
        raise Failure(NO_CHANNEL)
    now = datetime.now(UTC)
    incident = Incident(
        kind=AlertKind.JOB,
        subject="test message of monps alerts --test",
        what="Nothing failed: this is a test.",
        place="this computer",
        remedy="Nothing.",
        link=settings.ui_address,
        partitions="",
        opened_at=now,
        seen_at=now,
    )
    wrong = []
    for channel in channels:
        try:
            channel.send(Message(incident, Notice.ALERT, timedelta(hours=settings.alert_cool_down)))
        except DeliveryError as error:
            wrong.append(f"{channel.name}: {error}")
        else:
            out.print(f"{channel.name}: delivered")
    if wrong:
        raise Failure("\n".join(wrong))


def _listing(incidents: Sequence[Incident]) -> str:
    return "\n\n".join(_paragraph(incident) for incident in incidents)


def _paragraph(incident: Incident) -> str:
    until = incident.resolved_at or datetime.now(UTC)
    since = f"since {instant(incident.opened_at)}" if incident.is_open else f"from {instant(incident.opened_at)} to "
    ended = "" if incident.is_open else instant(until)
    told = f"last told {instant(incident.last_sent_at)}" if incident.last_sent_at else "nobody was told"
    lines = [
        f"{'FAILING' if incident.is_open else 'over'}  {incident.subject}",
        f"  {since}{ended} ({duration(until - incident.opened_at)}), seen {incident.times_seen} times; {told}",
        *(f"  {line}" for line in incident.what.splitlines()),
        f"  {incident.place}",
        *([f"  {incident.link}"] if incident.link else []),
        *([f"  not delivered: {incident.delivery_error}"] if incident.delivery_error else []),
    ]
    return "\n".join(lines)
