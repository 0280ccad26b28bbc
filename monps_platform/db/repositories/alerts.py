"""What people were alerted of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from monps_platform.db.locks import lock
from monps_platform.db.models import Alert
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.domain.alerts.documents import deliveries_document, deliveries_of
from monps_platform.domain.alerts.incident import Incident

_FIELDS = tuple(item.name for item in fields(Incident) if item.name != "deliveries")


class AlertRepository(Repository[Alert, SessionT]):
    """Incidents: of each subject at most one that is not closed."""

    model = Alert

    @operation
    def newest(self, session: Session) -> Mapping[str, Incident]:
        """The newest incident of each subject, closed or not. Whoever else works on alerts waits until the end of this
        transaction.
        """
        lock(session, "alerts")
        found = self._select().distinct(Alert.subject).order_by(Alert.subject, Alert.opened_at.desc())
        return {row.subject: incident_of(row) for row in session.scalars(found)}

    @operation
    def open(self, session: Session) -> Sequence[Incident]:
        """The incidents that have not ended, oldest first."""
        found = select(Alert).where(Alert.resolved_at.is_(None)).order_by(Alert.opened_at, Alert.id)
        return [incident_of(row) for row in session.scalars(found)]

    @operation
    def latest(self, session: Session, limit: int = 100) -> Sequence[Incident]:
        """All incidents, newest first."""
        found = select(Alert).order_by(Alert.opened_at.desc(), Alert.id.desc()).limit(limit)
        return [incident_of(row) for row in session.scalars(found)]

    @operation
    def keep(self, session: Session, incidents: Iterable[Incident]) -> None:
        """Write incidents; what is the same already is not touched."""
        AlertRepository(session).upsert_many([_row(incident) for incident in incidents])


def incident_of(row: Alert) -> Incident:
    """A row in the domain's words."""
    return Incident(**{name: getattr(row, name) for name in _FIELDS}, deliveries=deliveries_of(row.deliveries))


def _row(incident: Incident) -> dict[str, Any]:
    return {
        **{name: getattr(incident, name) for name in _FIELDS},
        "last_sent_at": incident.last_sent_at,
        "delivery_error": incident.delivery_error,
        "deliveries": deliveries_document(incident.deliveries),
    }
