"""The page on operation says what is so: its settings, its jobs, its configuration."""

from __future__ import annotations

import re

import dagster as dg
import pytest
import yaml  # Dagster brings it, without types

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.definitions import defs
from monps_platform.domain.backup_retention import FEWEST_KEPT, LONGEST_KEPT, MOST_KEPT, SHORTEST_KEPT
from monps_platform.orchestration.jobs import backups, migration, quality, refresh, retention
from monps_platform.orchestration.schedules import SCHEDULES
from monps_platform.settings import PROJECT_ROOT, Settings
from monps_platform_tests.environment import database_variables, set_variables

PAGE = (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `MONPS_(\w+)` \| `([^`]*)` \|", PAGE, flags=re.MULTILINE)
CONFIGURATIONS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)]


def test_the_settings_of_the_page_have_the_defaults_that_it_says() -> None:
    settings = Settings()
    assert len(ROWS) == 6
    assert {name: str(getattr(settings, name.lower())) for name, _ in ROWS} == dict(ROWS)


def test_the_page_names_every_schedules_setting_and_every_job_of_operation() -> None:
    for schedule in SCHEDULES:
        assert f"`{schedule.job_name}`" in PAGE
        assert f"`{schedule.cron_schedule}`" in PAGE
    for name in {job.name for module in (refresh, migration, quality, backups, retention) for job in module.JOBS}:
        assert f"| `{name}` |" in PAGE


def test_the_page_knows_the_ranges_of_what_is_kept() -> None:
    settings = Settings()
    days = f"`MONPS_BACKUPS_KEEP_DAYS` ({settings.backups_keep_days}; {SHORTEST_KEPT} to {LONGEST_KEPT})"
    assert days in " ".join(PAGE.split())
    count = f"`MONPS_BACKUPS_KEEP_COUNT` ({settings.backups_keep_count}; {FEWEST_KEPT} to {MOST_KEPT})"
    assert count in " ".join(PAGE.split())
    assert f"`MONPS_RUNS_KEEP_DAYS` ({settings.runs_keep_days})" in PAGE
    assert f"`MONPS_RAW_KEEP_DAYS` ({settings.raw_keep_days})" in PAGE


@pytest.mark.parametrize(
    ("name", "configuration"),
    list(zip(("refresh_job", "backfill_job", "retention_job"), CONFIGURATIONS, strict=True)),
    ids=["refresh", "backfill", "retention"],
)
def test_the_configurations_of_the_page_are_valid(
    name: str, configuration: dict[str, object], server: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch, database_variables(server))
    dg.validate_run_config(defs.resolve_job_def(name), configuration)
    with pytest.raises(dg.DagsterInvalidConfigError):
        dg.validate_run_config(defs.resolve_job_def(name), {"ops": {"refresh": {"config": {"leages": []}}}})
