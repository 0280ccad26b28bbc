"""Incidents on both drivers: what is written is read again, and of a subject there is one that is not closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.alerts.documents import incident_of_text, incident_text
from monps_platform.domain.alerts.incident import AlertKind, Delivery, Incident
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.refusals import assert_refused_before_sql
from monps_platform_tests.db.samples import Reader

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def incident(subject: str = "job a_job", opened: datetime = NOON, **changes: object) -> Incident:
    made = Incident(AlertKind.JOB, subject, "it broke", "run 1", "run it again", "http://x/runs/1", "", opened, opened)
    return replace(made, **changes)  # type: ignore[arg-type]  # any field


TOLD = incident(
    deliveries={
        "webhook": Delivery(sent_at=NOON + HOUR),
        "email": Delivery(quiet_since=NOON - HOUR, tries=2, next_try_at=NOON + HOUR, error="refused"),
    },
    times_seen=3,
    seen_at=NOON + HOUR,
)
OVER = incident(opened=NOON - 9 * HOUR, resolved_at=NOON - 8 * HOUR, closed_at=NOON - 8 * HOUR)
OTHER = incident("check odds/odds_exceed_one", opened=NOON - HOUR, kind=AlertKind.CHECK)


def keep(layer: Layer, *incidents: Incident) -> None:
    with layer.unit() as unit:
        unit.alerts.keep(incidents)
        unit.commit()


def test_incidents_are_found_again_with_everything_that_channels_were_told(layer: Layer) -> None:
    keep(layer, OVER, TOLD, OTHER)
    with layer.unit() as unit:
        assert unit.alerts.newest() == {"job a_job": TOLD, "check odds/odds_exceed_one": OTHER}
        assert unit.alerts.open() == [OTHER, TOLD]
        assert unit.alerts.latest() == [TOLD, OTHER, OVER]
        assert unit.alerts.latest(1) == [TOLD]


def test_people_can_read_when_anybody_was_told_and_what_is_wrong_with_a_channel(layer: Layer, reader: Reader) -> None:
    keep(layer, TOLD)
    assert reader.rows("SELECT last_sent_at, delivery_error FROM ops.alerts") == [(NOON + HOUR, "email: refused")]


def test_an_incident_that_is_kept_again_changes_its_row_only_if_it_is_another_one(layer: Layer, reader: Reader) -> None:
    keep(layer, TOLD, OTHER)
    before = reader.traces("ops.alerts")
    keep(layer, TOLD, replace(OTHER, resolved_at=NOON, seen_at=NOON))
    after = reader.traces("ops.alerts")
    assert [before[key] == after[key] for key in sorted(before)] == [False, True]
    with layer.unit() as unit:
        assert unit.alerts.open() == [TOLD]


def test_of_a_subject_there_is_one_incident_that_is_not_closed(layer: Layer) -> None:
    keep(layer, TOLD)
    with layer.unit() as unit, pytest.raises(IntegrityError, match="uq_alerts_unclosed"):
        unit.alerts.keep([incident(opened=NOON + 9 * HOUR)])


@pytest.mark.parametrize("made", [TOLD, OVER, OTHER])
def test_an_incident_survives_a_file(made: Incident) -> None:
    assert incident_of_text(incident_text(made)) == made


REFUSED: dict[str, tuple[Callable[[UnitOfWork], object], str]] = {
    "create": (lambda unit: unit.alerts.create(about="x"), "Alert has no field 'about'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused_before_the_database_is_asked(layer: Layer, case: str) -> None:
    assert_refused_before_sql(layer, *REFUSED[case])
