"""The rules of the health sweeps: each is seen passing on a good sweep and failing on a bad one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import sessionmaker

from monps_platform.db.connection.engine import session_factory
from monps_platform.db.quality import health
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.health import HealthCheck
from monps_platform_tests.domain.health.measured import GOOD, NOW, sweep

RULES = {rule.name: rule for rule in health.RULES}
EVERY, RIGHT, FRESH = "every_check_has_a_finding", "severities_recompute_from_values", "health_sweeps_are_fresh"


@pytest.fixture
def swept(engine: Engine) -> Iterator[Connection]:
    """A database with two sweeps, in a transaction that is undone."""
    with UnitOfWork(session_factory(engine)) as unit:
        unit.health.record(sweep())
        unit.commit()
    with engine.connect() as connection:
        yield connection


def found(connection: Connection, rule: str, statement: str = "SELECT 1") -> list[dict[str, object]]:
    connection.execute(text(statement))
    return [dict(row) for row in RULES[rule].find(connection, NOW)]


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_good_sweep_breaks_no_rule_and_neither_does_none(swept: Connection, rule: str) -> None:
    assert found(swept, rule) == []
    assert found(swept, rule, "DELETE FROM ops.health_sweeps") == []


@pytest.mark.parametrize("check", sorted(set(HealthCheck) - {HealthCheck.RECORDING}))
def test_a_check_that_was_left_out_is_named(swept: Connection, check: str) -> None:
    assert found(swept, EVERY, f"DELETE FROM ops.health_sweeps WHERE check_name = '{check}'") == [{"check": check}]


@pytest.mark.parametrize(
    ("change", "due"),
    [
        ("value = 0.99 WHERE check_name = 'disk_space'", "critical"),
        ("value = 0.95 WHERE check_name = 'disk_space'", "warning"),
        ("severity = 'critical', remedy = 'r' WHERE check_name = 'pool'", "ok"),
        ("unit = 'percent' WHERE check_name = 'disk_space'", "share"),
        ("value = 3 WHERE check_name = 'invalid_indexes'", "no value: the check has no limit"),
    ],
)
def test_a_severity_or_unit_that_the_value_does_not_give_is_told_with_what_is_due(
    swept: Connection, change: str, due: str
) -> None:
    (row,) = found(swept, RIGHT, f"UPDATE ops.health_sweeps SET {change}")
    assert row["due"] == due


def test_checks_that_are_not_known_are_left_alone(swept: Connection) -> None:
    assert (
        found(
            swept,
            RIGHT,
            "UPDATE ops.health_sweeps SET check_name = 'later', value = NULL, unit = NULL WHERE check_name = 'pool'",
        )
        == []
    )


def test_sweeps_that_stopped_an_hour_ago_are_told(swept: Connection) -> None:
    aged = "UPDATE ops.health_sweeps SET swept_at = swept_at - interval '{} seconds'"
    assert found(swept, FRESH, aged.format(3600)) == []
    assert found(swept, FRESH, aged.format(1)) == [{"newest_sweep": NOW - timedelta(seconds=3601)}]


def test_only_the_newest_sweep_counts(engine: Engine) -> None:
    sessions = session_factory(engine)
    assert isinstance(sessions, sessionmaker)
    later = sweep(GOOD, NOW + timedelta(minutes=15))
    with UnitOfWork(sessions) as unit:
        unit.health.record(sweep())
        unit.session.execute(text("DELETE FROM ops.health_sweeps WHERE check_name = 'pool'"))
        unit.health.record(type(later)(type(later.sweep_id)(int=2), later.swept_at, later.seconds, later.findings))
        unit.commit()
    with engine.connect() as connection:
        assert found(connection, EVERY) == []


def test_every_rule_is_of_the_asset_and_says_what_holds() -> None:
    assert {rule.asset for rule in health.RULES} == {"database_health"}
    assert all(rule.description.endswith(".") for rule in health.RULES)
    assert len(RULES) == len(health.RULES)
