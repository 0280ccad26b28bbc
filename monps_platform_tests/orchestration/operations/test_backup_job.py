"""The job that backs up: what it makes, what it deletes, and what it tells."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from monps_platform.db.backups import catalogue
from monps_platform_tests.orchestration.operations.jobs import run_job, told, why
from monps_platform_tests.orchestration.platform import Platform


def test_it_keeps_as_many_as_it_is_told_and_tells_what_is_in_them(
    environment: Platform, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    first = run_job("backup_job", instance)
    assert first.success, why(first)
    (made,) = catalogue(folder)
    found = told(first, "backup")
    assert (found["file"], found["verified"], found["bytes"]) == (str(made.path), True, made.bytes)
    assert (found["rows"], found["sha256"], found["deleted"], found["kept"]) == (made.rows, made.sha256, 0, 1)
    second = told(run_job("backup_job", instance, {"backup": {"keep_count": 1}}), "backup")
    assert (second["deleted"], second["deleted_files"], second["kept"]) == (1, made.path.name, 1)


@pytest.mark.parametrize("slip", [{"keep_days": 70_000}, {"keep_count": 0}])
def test_a_slip_of_the_keyboard_stops_it(
    environment: Platform, instance: dg.DagsterInstance, tmp_path: Path, slip: dict[str, int]
) -> None:
    result = run_job("backup_job", instance, {"backup": slip})
    assert not result.success
    assert catalogue(tmp_path / "backups") == []


def test_a_backup_that_fails_deletes_none(
    environment: Platform, instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job("backup_job", instance)
    run_job("backup_job", instance)
    monkeypatch.setenv("PG_BINDIR", str(tmp_path))
    result = run_job("backup_job", instance, {"backup": {"keep_count": 1}})
    assert "pg_dump and pg_restore of version" in why(result)
    assert len(catalogue(tmp_path / "backups")) == 2
