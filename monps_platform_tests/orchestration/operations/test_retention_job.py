"""What grows old and goes, and what stays however old it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from sqlalchemy import text

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.orchestration.run_retention import deletable_runs
from monps_platform_tests.orchestration.operations.jobs import run_job, told, why
from monps_platform_tests.orchestration.platform import Platform

PARTS = dg.StaticPartitionsDefinition(["a", "b", "c"])
LATER = timedelta(days=31)


@dg.asset(partitions_def=PARTS)
def parted() -> None:
    """In parts."""


@dg.asset
def whole() -> None:
    """In one."""


@dg.asset_check(asset=whole)
def whole_is_right() -> dg.AssetCheckResult:
    """A check."""
    return dg.AssetCheckResult(passed=True)


def ran(instance: dg.DagsterInstance, *chosen: object, part: str | None = None) -> str:
    """The id of a run over assets and checks."""
    selection = [item for item in (parted, whole, whole_is_right) if item in chosen]
    keys = [item.check_key for item in selection if isinstance(item, dg.AssetChecksDefinition)]
    wanted = (
        dg.AssetSelection.checks(*keys)
        if keys
        else dg.AssetSelection.assets(*(item for item in selection if isinstance(item, dg.AssetsDefinition)))
    )
    return dg.materialize(
        [parted, whole, whole_is_right], selection=wanted, instance=instance, partition_key=part
    ).run_id


@pytest.fixture(params=["memory", "postgres"])
def kept(
    request: pytest.FixtureRequest, server: DatabaseAddress, empty_database: DatabaseAddress
) -> Iterator[dg.DagsterInstance]:
    """An instance in memory, and one as the platform has it."""
    if request.param == "memory":
        with dg.DagsterInstance.ephemeral() as made:
            yield made
        return
    storage = {
        "postgres": {
            "postgres_db": {
                "scheme": "postgresql+psycopg2",
                "hostname": empty_database.host,
                "port": empty_database.port,
                "username": empty_database.user,
                "password": empty_database.password.get_secret_value(),
                "db_name": empty_database.database,
            }
        }
    }
    with dg.instance_for_test(overrides={"storage": storage}) as made:
        yield made


def test_runs_that_hold_what_is_newest_of_anything_stay(kept: dg.DagsterInstance) -> None:
    now = datetime.now(UTC)
    first = [ran(kept, parted, part=part) for part in ("a", "b")]
    again = ran(kept, parted, part="a")
    wholes = [ran(kept, whole) for _ in range(2)]
    checks = [ran(kept, whole_is_right) for _ in range(2)]
    assert deletable_runs(kept, now - timedelta(days=1)) == []
    assert deletable_runs(kept, now + timedelta(days=1)) == [first[0], wholes[0], checks[0]]
    assert again not in deletable_runs(kept, now + timedelta(days=1))


def test_a_run_that_is_not_over_stays(instance: dg.DagsterInstance) -> None:
    job = dg.Definitions(assets=[whole]).resolve_implicit_global_asset_job_def()
    instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert deletable_runs(instance, datetime.now(UTC) + timedelta(days=1)) == []


def test_the_job_deletes_old_runs_with_their_events_unless_it_is_to_tell_only(
    environment: Platform, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monps_platform.orchestration.jobs import retention

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + LATER

    old, new = (ran(instance, whole) for _ in range(2))
    assert told(run_job("retention_job", instance), "delete_old_runs")["runs"] == 0
    monkeypatch.setattr(retention, "datetime", Later)
    dry = run_job("retention_job", instance, both(dry_run=True))
    assert told(dry, "delete_old_runs") == {"runs": 2, "days": 30, "dry_run": True}  # the old one, and the job's own
    assert instance.has_run(old)
    assert told(run_job("retention_job", instance), "delete_old_runs")["runs"] == 3
    assert not instance.has_run(old)
    assert instance.all_logs(old) == []
    assert instance.has_run(new)
    event = instance.get_latest_materialization_event(whole.key)
    assert event is not None
    assert event.run_id == new


def both(**values: object) -> dict[str, dict[str, object]]:
    """The same configuration for both ops."""
    return {"delete_old_runs": values, "delete_superseded_files": values}


# Fetched files


def fetched(platform: Platform, key: str, days: int, body: bytes, source: str = "football-data") -> str:
    """Enter a version of a file that came so many days ago; returns its address."""
    sha256 = platform.store.put(body)
    old = datetime.now(UTC) - timedelta(days=days)
    import os

    os.utime(platform.store.path(sha256), (old.timestamp(), old.timestamp()))
    where = "NULL, NULL" if source == "picks" else "'E0', '2019-20'"
    with platform.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO ops.raw_files (source, league, season, key, url, sha256, bytes, fetched_at) "
                f"VALUES (:source, {where}, :key, 'http://x', :sha256, 9, :at)"
            ),
            {"source": source, "key": key, "sha256": sha256, "at": old},
        )
    return sha256


def held(platform: Platform) -> list[str]:
    """The addresses that rows point to."""
    return [str(row[0]) for row in platform.rows("SELECT sha256 FROM ops.raw_files ORDER BY id")]


@pytest.fixture
def with_store(environment: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The platform with its bytes where the settings say."""
    assert environment.raw.parent.name
    return environment


def test_superseded_versions_go_with_their_bytes_and_what_is_pointed_to_stays(
    with_store: Platform, instance: dg.DagsterInstance
) -> None:
    platform = with_store
    oldest = fetched(platform, "a.csv", 400, b"first")
    shared = fetched(platform, "a.csv", 300, b"shared")
    before = fetched(platform, "a.csv", 200, b"before")
    newest = fetched(platform, "a.csv", 150, b"newest")
    other = fetched(platform, "b.csv", 500, b"shared")
    platform.do(
        "INSERT INTO ops.rejected_rows (raw_file_id, dataset, line_number, reason, raw_text) "
        "SELECT min(id), 'matches', 1, 'x', 'y' FROM ops.raw_files"
    )
    dry = run_job("retention_job", instance, both(dry_run=True))
    assert told(dry, "delete_superseded_files")["files"] == 2
    assert len(held(platform)) == 5
    result = run_job("retention_job", instance)
    assert result.success, why(result)
    found = told(result, "delete_superseded_files")
    assert (found["files"], found["freed_bytes"]) == (2, len(b"first"))
    assert held(platform) == [before, newest, other]
    assert other == shared
    assert [platform.store.has(item) for item in (oldest, shared, before, newest)] == [False, True, True, True]
    assert platform.value("SELECT count(*) FROM ops.rejected_rows") == 0


def test_versions_that_were_superseded_lately_and_files_of_picks_stay(
    with_store: Platform, instance: dg.DagsterInstance
) -> None:
    for days in (400, 50, 40, 30):
        fetched(with_store, "a.csv", days, f"a{days}".encode())
        fetched(with_store, "mine.csv", days * 10, f"p{days}".encode(), source="picks")
    assert told(run_job("retention_job", instance), "delete_superseded_files")["files"] == 0
    assert told(run_job("retention_job", instance, both(raw_days=20)), "delete_superseded_files")["files"] == 2


def test_bytes_that_were_put_again_a_moment_ago_stay(with_store: Platform, instance: dg.DagsterInstance) -> None:
    came_back = fetched(with_store, "a.csv", 400, b"back")
    for days in (300, 200):
        fetched(with_store, "a.csv", days, f"a{days}".encode())
    with_store.store.put(b"back")  # whoever fetched it has not entered it yet
    assert told(run_job("retention_job", instance), "delete_superseded_files")["files"] == 1
    assert with_store.store.has(came_back)
