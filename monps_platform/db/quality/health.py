"""What must hold for the health sweeps themselves: whoever watches the others is watched, too.

Not among the rules of loaded data: these are about the sweeps, and hold or not whatever the data are like.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from monps_platform.db.quality.rule import Finding, Rule
from monps_platform.domain.health import HealthCheck, HealthSeverity
from monps_platform.domain.health.thresholds import LIMITS

OLDEST = timedelta(hours=1)
"""Sweeps are made every 15 minutes: after four that are missing, something is wrong."""

_NEWEST = """SELECT * FROM ops.health_sweeps WHERE sweep_id =
    (SELECT sweep_id FROM ops.health_sweeps ORDER BY swept_at DESC, id DESC LIMIT 1)"""
_OF_NEWEST = text(f"SELECT check_name, subject, severity::text, value, unit FROM ({_NEWEST}) newest")  # noqa: S608
_NEWEST_AT = text("SELECT max(swept_at) FROM ops.health_sweeps")
_ALWAYS = frozenset(HealthCheck) - {HealthCheck.RECORDING}


def _lacking(connection: Connection, _now: datetime) -> Sequence[Finding]:
    looked = {row.check_name for row in connection.execute(_OF_NEWEST)}
    return [{"check": check.value} for check in HealthCheck if looked and check in _ALWAYS and check not in looked]


def _misjudged(connection: Connection, _now: datetime) -> Sequence[Finding]:
    rows = [dict(row) for row in connection.execute(_OF_NEWEST).mappings()]
    return [{**row, "due": due} for row in rows if (due := _due(row)) is not None]


def _due(row: Finding) -> str | None:
    """What a finding's severity or unit should be, None where they are right or follow from no value."""
    limit = LIMITS.get(HealthCheck(row["check_name"])) if row["check_name"] in set(HealthCheck) else None
    if limit is None or row["value"] is None:
        return None if row["value"] is None else "no value: the check has no limit"
    grade = limit.grade(row["value"])
    if row["unit"] != limit.unit:
        return limit.unit
    return None if HealthSeverity(row["severity"]) is grade else grade.value


def _stale(connection: Connection, now: datetime) -> Sequence[Finding]:
    newest = connection.scalars(_NEWEST_AT).one()
    return [] if newest is None or now - newest <= OLDEST else [{"newest_sweep": newest}]


RULES: tuple[Rule, ...] = (
    Rule(
        "database_health",
        "every_check_has_a_finding",
        "The newest sweep says something about everything that a sweep looks at: none of its checks was left out.",
        _lacking,
        blocks=False,
    ),
    Rule(
        "database_health",
        "severities_recompute_from_values",
        "In the newest sweep, severity and unit of every finding with a value are what the limits of its check give.",
        _misjudged,
        blocks=True,
    ),
    Rule(
        "database_health",
        "health_sweeps_are_fresh",
        "The newest sweep is not older than an hour. If it is: see that its schedule is on and the daemon runs.",
        _stale,
        blocks=False,
    ),
)
