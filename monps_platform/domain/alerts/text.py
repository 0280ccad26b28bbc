"""What alerts say: plain text for people, who may read it on a telephone."""

from __future__ import annotations

from datetime import datetime, timedelta

from monps_platform.domain.alerts.incident import AlertKind, Incident, Notice

LONGEST_TEXT = 1800
"""Characters; one of the common chat services takes 2000 at most."""
_HEAD = {Notice.ALERT: "FAILED", Notice.REMINDER: "STILL FAILING", Notice.RECOVERY: "WELL AGAIN"}


def headline(incident: Incident, notice: Notice) -> str:
    """One line: what it is about, and how it is."""
    if incident.kind is AlertKind.DATABASE and notice is not Notice.RECOVERY:
        return f"monps: {'AWAY' if notice is Notice.ALERT else 'STILL AWAY'}: {incident.subject}"
    return f"monps: {_HEAD[notice]}: {incident.subject}"


def message(incident: Incident, notice: Notice, cool_down: timedelta) -> str:
    """The whole message."""
    lines = _recovery(incident, cool_down) if notice is Notice.RECOVERY else _failure(incident)
    return "\n".join([headline(incident, notice), *lines])


def _failure(incident: Incident) -> list[str]:
    room = LONGEST_TEXT - sum(map(len, (incident.subject, incident.place, incident.remedy, incident.link))) - 250
    lines = [
        f"What: {_cut(incident.what, max(200, room))}",
        f"Where: {incident.place}",
        f"Since: {_since(incident)}",
        f"What to do: {incident.remedy}",
        f"Link: {incident.link}",
    ]
    return [line for line in lines if not line.endswith(": ")]


def _recovery(incident: Incident, cool_down: timedelta) -> list[str]:
    over = incident.resolved_at or incident.seen_at
    lines = [
        f"It failed from {instant(incident.opened_at)} to {instant(over)} ({duration(over - incident.opened_at)})."
    ]
    if incident.last_sent_at is not None:
        lines.append(
            f"If it fails again before {instant(incident.last_sent_at + cool_down)}, you are told after that time, if "
            "it fails then still; `monps alerts` shows it at once."
        )
    return [*lines, *([f"Link: {incident.link}"] if incident.link else [])]


def _since(incident: Incident) -> str:
    text = instant(incident.opened_at)
    if incident.resolved_at is not None:
        return f"{text} until {instant(incident.resolved_at)}: it is well again"
    return text if incident.times_seen == 1 else f"{text}; seen {incident.times_seen} times"


def instant(at: datetime) -> str:
    """An instant for people: ``2026-11-28 08:00:05 UTC``."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def duration(length: timedelta) -> str:
    """A length of time for people, in its two largest units."""
    seconds = max(0, round(length.total_seconds()))
    parts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    first = next((number for number, (value, _) in enumerate(parts) if value), len(parts) - 1)
    return " ".join(f"{value} {unit}" for value, unit in parts[first : first + 2] if value) or "0 s"


def _cut(text: str, room: int) -> str:
    text = text.strip()
    return text if len(text) <= room else f"{text[: room - 4].rstrip()} ..."
