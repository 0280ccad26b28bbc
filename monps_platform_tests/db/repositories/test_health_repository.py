"""Findings of health sweeps on both drivers, through what every repository can do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.health import HealthSeverity
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


REFUSED: dict[str, tuple[Callable[[UnitOfWork], Any], str]] = {
    "health, field": (lambda unit: unit.health.create(sweep=1), "HealthFinding has no field 'sweep'"),
    "health, stream": (lambda unit: unit.health.stream(level="ok"), "HealthFinding has no field 'level'"),
}


@pytest.mark.parametrize(("ask", "message"), REFUSED.values(), ids=REFUSED)
def test_arguments_that_make_no_sense_are_refused_before_any_sql(
    layer: Layer, ask: Callable[[UnitOfWork], Any], message: str
) -> None:
    assert_refused_before_sql(layer, ask, message)
