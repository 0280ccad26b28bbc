"""Findings of health sweeps on both drivers, through what every repository can do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.health import Recorded
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.health import Finding, HealthCheck, HealthSeverity, Sweep
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import SWEEP, TAKEN, finding
from monps_platform_tests.db.repositories.refusals import assert_refused_before_sql
from monps_platform_tests.db.samples import Reader, statements


def test_the_findings_of_a_sweep_are_found_again_with_every_value(layer: Layer) -> None:
    later = {"sweep_id": UUID(int=2), "swept_at": TAKEN + timedelta(hours=6)}
    problem = {"severity": HealthSeverity.WARNING, "remedy": "VACUUM matches", "value": None, "unit": None}
    rows = [finding("matches"), finding("odds", **problem), finding("matches", **later)]
    with layer.unit() as unit:
        assert [row.subject for row in unit.health.create_many(rows)] == ["matches", "odds", "matches"]
        unit.commit()
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.health.get_by_field("sweep_id", SWEEP)
        assert [{name: row.to_dict()[name] for name in rows[0]} for row in found] == rows[:2]
        assert len(sent) == 1
        assert unit.health.count(severity=HealthSeverity.WARNING) == 1
        assert unit.health.exists(sweep_id=UUID(int=2), subject="matches")
        assert not unit.health.exists(severity=HealthSeverity.CRITICAL)
        assert [row.subject for row in unit.health.stream(swept_at=TAKEN)] == ["matches", "odds"]


def test_a_sweep_that_reports_again_changes_only_what_it_found_otherwise(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        unit.health.upsert_many([finding("matches"), finding("odds")])
        unit.commit()
    before = reader.traces("ops.health_sweeps")
    with layer.unit() as unit:
        again = [finding("matches"), finding("odds", value=0.2), finding("teams")]
        assert unit.health.upsert_many(again) == Changes(inserted=1, updated=1)
        unit.commit()
    after = reader.traces("ops.health_sweeps")
    assert [key for key in before if after[key] != before[key]] == [2]
    assert reader.rows("SELECT subject, value FROM ops.health_sweeps ORDER BY subject") == [
        ("matches", 0.1),
        ("odds", 0.2),
        ("teams", 0.1),
    ]


@pytest.mark.parametrize("severity", [HealthSeverity.WARNING, HealthSeverity.CRITICAL])
def test_a_finding_that_matters_says_what_to_do(layer: Layer, severity: HealthSeverity) -> None:
    with layer.unit() as unit, pytest.raises(IntegrityError, match="ck_health_sweeps_remedy_where_needed"):
        unit.health.create(**finding("matches", severity=severity))


def test_a_sweep_is_recorded_in_two_statements_and_told_worst_first(layer: Layer) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.health.latest() == []
        assert len(sent) == 1
        del sent[:]
        assert unit.health.record(sweep(1, TAKEN)) == Recorded(added=3, removed=0)
        assert len(sent) == 2
        unit.health.record(sweep(2, TAKEN + timedelta(minutes=15), pool=HealthSeverity.WARNING))
        unit.health.record(sweep(3, TAKEN - timedelta(minutes=15), pool=HealthSeverity.CRITICAL))
        unit.commit()
    with layer.unit() as unit, statements(layer.engine) as sent:
        newest = unit.health.latest()
        assert len(sent) == 1
        assert {row.sweep_id for row in newest} == {UUID(int=2)}
        assert [(row.severity.value, row.check_name, row.subject) for row in newest] == [
            ("warning", "pool", "all"),
            ("info", "data_due", "leagues not followed"),
            ("ok", "connection", "psycopg2"),
        ]
        assert (newest[0].finding, newest[0].remedy, newest[0].value, newest[0].unit) == (
            "bad",
            "mend it",
            1.0,
            "share",
        )


def test_the_history_of_a_check_is_told_newest_first(layer: Layer) -> None:
    with layer.unit() as unit:
        for hour in range(5):
            unit.health.record(sweep(hour + 1, TAKEN + timedelta(hours=hour)))
        found = unit.health.history("connection")
        assert [row.swept_at for row in found] == [TAKEN + timedelta(hours=hour) for hour in (4, 3, 2, 1, 0)]
        assert [row.swept_at for row in unit.health.history("connection", limit=1)] == [TAKEN + timedelta(hours=4)]
        assert len(unit.health.history("connection", subject="psycopg2")) == 5
        assert unit.health.history("connection", subject="asyncpg") == []
        assert unit.health.history("disk_space") == []


def test_recording_lets_go_of_sweeps_that_are_older_than_what_is_kept(layer: Layer) -> None:
    with layer.unit() as unit:
        unit.health.record(sweep(1, TAKEN))
        unit.health.record(sweep(2, TAKEN + timedelta(days=29)))
        assert unit.health.record(sweep(3, TAKEN + timedelta(days=30))) == Recorded(3, 0)
        assert unit.health.record(sweep(4, TAKEN + timedelta(days=30, seconds=1))) == Recorded(3, 3)
        assert unit.health.count(sweep_id=UUID(int=1)) == 0
        assert unit.health.record(sweep(5, TAKEN + timedelta(days=31)), keep=timedelta(days=1)) == Recorded(3, 3)
        assert unit.health.count() == 9


def test_a_sweep_without_findings_is_recorded_as_nothing(layer: Layer) -> None:
    with layer.unit() as unit:
        assert unit.health.record(Sweep(UUID(int=1), TAKEN, 0.1, ())) == Recorded(0, 0)


def sweep(number: int, at: datetime, pool: HealthSeverity = HealthSeverity.OK) -> Sweep:
    """A sweep with three findings, one of them of a given severity."""
    found = (
        Finding(HealthCheck.CONNECTION, "psycopg2", HealthSeverity.OK, "answers", value=2.5, unit="ms"),
        Finding(HealthCheck.DATA_DUE, "leagues not followed", HealthSeverity.INFO, "history only"),
        Finding(HealthCheck.POOL, "all", pool, "bad", "mend it", 1.0, "share"),
    )
    return Sweep(UUID(int=number), at, 0.1, found)


REFUSED: dict[str, tuple[Callable[[UnitOfWork], Any], str]] = {
    "health, field": (lambda unit: unit.health.create(sweep=1), "HealthFinding has no field 'sweep'"),
    "health, history": (lambda unit: unit.health.history("pool", limit=-1), "limit"),
    "health, stream": (lambda unit: unit.health.stream(level="ok"), "HealthFinding has no field 'level'"),
}


@pytest.mark.parametrize(("ask", "message"), REFUSED.values(), ids=REFUSED)
def test_arguments_that_make_no_sense_are_refused_before_any_sql(
    layer: Layer, ask: Callable[[UnitOfWork], Any], message: str
) -> None:
    assert_refused_before_sql(layer, ask, message)
