"""Incidents as JSON, for columns and files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from monps_platform.domain.alerts.incident import AlertKind, Delivery, Incident

_INSTANTS = frozenset(
    {"sent_at", "recovered_at", "quiet_since", "next_try_at", "opened_at", "seen_at", "resolved_at", "closed_at"}
)


def deliveries_document(deliveries: Mapping[str, Delivery]) -> dict[str, Any]:
    """What each channel was told, as JSON; what is not known is left out."""
    return {name: _document(told) for name, told in deliveries.items()}


def deliveries_of(document: Mapping[str, Any]) -> dict[str, Delivery]:
    """What each channel was told."""
    return {name: Delivery(**_values(told)) for name, told in document.items()}


def incident_text(incident: Incident) -> str:
    """An incident as JSON text."""
    document = {**_document(incident), "deliveries": deliveries_document(incident.deliveries)}
    return json.dumps(document, indent=1)


def incident_of_text(text: str) -> Incident:
    """An incident from its JSON text; raises ValueError, KeyError or TypeError for another text."""
    document = json.loads(text)
    deliveries = deliveries_of(document.pop("deliveries"))
    return Incident(**{**_values(document), "kind": AlertKind(document["kind"])}, deliveries=deliveries)


def _document(values: Delivery | Incident) -> dict[str, Any]:
    held = ((item.name, getattr(values, item.name)) for item in fields(values) if item.name != "deliveries")
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in held if value is not None
    }


def _values(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name in _INSTANTS else value for name, value in document.items()}
