"""docs/health.md says what is so: checks with their limits, metrics, commands."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from monps_platform.cli.main import cli
from monps_platform.db.repositories.health import KEEP
from monps_platform.definitions import defs
from monps_platform.domain.health import HealthCheck, HealthSeverity
from monps_platform.domain.health.data_age import GRACE, LONG_PAST, MATCHES_A_WEEK, OPENING_GRACE
from monps_platform.domain.health.metrics import FAMILIES
from monps_platform.domain.health.thresholds import (
    IDLE_FACTOR,
    LARGE_INDEX,
    LIMITS,
    LONG_ENOUGH,
    MANY_ROWS,
    MANY_SCANS,
    RUN_SECONDS,
)
from monps_platform.settings import PROJECT_ROOT, Settings

pytestmark = pytest.mark.filterwarnings("ignore::dagster.BetaWarning")

PAGE = (PROJECT_ROOT / "docs" / "health.md").read_text(encoding="utf-8")
FLAT = " ".join(PAGE.split())


def rows(header: str) -> list[Sequence[str]]:
    """The rows of the table under a header."""
    lines = PAGE[PAGE.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_lists_every_check_with_its_limits() -> None:
    listed = {row[0].strip("`"): row[2:] for row in rows("| check | measures |")}
    assert list(listed) == [check.value for check in HealthCheck]
    for check in HealthCheck:
        limit = LIMITS.get(check)
        told = ["", "", ""]
        if limit is not None:
            told = [limit.unit, f"{limit.warning:.10g}", "" if limit.critical is None else f"{limit.critical:.10g}"]
        assert list(listed[check.value]) == told


def test_the_page_lists_every_metric_with_its_labels() -> None:
    listed = [(row[0].strip("`"), row[1], row[2]) for row in rows("| metric | labels | says |")]
    assert listed == [(family.name, ", ".join(family.labels), family.help) for family in FAMILIES.values()]


def test_the_page_lists_the_severities_and_the_checks_of_the_asset() -> None:
    assert [row[0].strip("`") for row in rows("| severity | means |")] == [item.value for item in HealthSeverity]
    graph = defs.resolve_asset_graph()
    real = {
        key.name: graph.get_check_spec(key).blocking
        for key in graph.asset_check_keys
        if key.asset_key.path == ["database_health"]
    }
    told = {row[0].split("`")[1]: row[1].endswith("blocks") for row in rows("| check of `database_health` |")}
    pattern = "nothing_is_wrong_with_<check>"
    assert told.pop(pattern) is False
    told |= {pattern.replace("<check>", item.value): False for item in HealthCheck if item.value != "recording"}
    assert told == real


def test_the_figures_of_the_page_are_those_of_the_code() -> None:
    minutes = {state: f"{seconds / 60:.0f} min" for state, seconds in RUN_SECONDS.items()}
    for said in (
        f"for {KEEP.days} days",
        f"at least {MANY_ROWS:,} dead ones",
        f"at least {MANY_SCANS} times",
        f"from {LARGE_INDEX // 10**6} MB on",
        f"at least {LONG_ENOUGH.days} days ago",
        f"due {GRACE.days} to {LONG_PAST.days} days ago",
        f"at least {GRACE.days} days ago",
        f"it is {OPENING_GRACE.days} days",
        f"{MATCHES_A_WEEK} matches are due for each whole week",
        f"queued or not started {minutes['QUEUED']}, starting {minutes['STARTING']}, canceling {minutes['CANCELING']}",
        f"127.0.0.1:{Settings().metrics_port}/metrics",
    ):
        assert said in FLAT, said
    assert (IDLE_FACTOR, "ten times the time" in FLAT) == (10, True)
    assert minutes["NOT_STARTED"] == minutes["QUEUED"]


def test_the_commands_the_job_and_the_files_of_the_page_are_there() -> None:
    assert {"health", "metrics"} <= set(cli.commands)
    assert {
        option for command in ("health", "metrics") for part in cli.commands[command].params for option in part.opts
    } == {
        "--json",
        "--port",
    }
    assert defs.resolve_job_def("health_sweep_job")
    named = set(re.findall(r"`(monitoring/[\w./]+)`", PAGE))
    assert named == {str(path.relative_to(PROJECT_ROOT)) for path in (PROJECT_ROOT / "monitoring").rglob("*.*")}
