"""No secret is in what Dagster keeps, logs or shows, whether a run succeeds or fails."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from pydantic import ValidationError

from monps_platform.db.connection.roles import Role
from monps_platform.definitions import build_definitions
from monps_platform.domain.partitions import Block
from monps_platform.orchestration.outcomes import SilentProgress
from monps_platform.orchestration.partitions import range_tags
from monps_platform.orchestration.pipelines import FOOTBALL_DATA
from monps_platform.orchestration.resources import DatabaseResource, FootballDataResource
from monps_platform_tests.orchestration.football_files import partition
from monps_platform_tests.orchestration.platform import Platform

PASSWORD = "pwd-Zebra7Quartz"
URL_PASSWORD = "url-Walrus9Onyx"
NUMBER = 75_391_028_464
E0 = partition("E0", "2019-20")


@pytest.fixture
def secretive(environment: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """A platform whose passwords can be recognised: the database's, and that of a mirror."""
    environment.do(f"CREATE ROLE keeper LOGIN PASSWORD '{PASSWORD}' IN ROLE {Role.WRITER}")
    monkeypatch.setenv("MONPS_DB_USER", "keeper")
    monkeypatch.setenv("MONPS_DB_PASSWORD", PASSWORD)
    host = environment.mirror.url.removeprefix("http://")
    monkeypatch.setenv("MONPS_FOOTBALL_DATA_URL", f"http://reader:{URL_PASSWORD}@{host}")
    yield environment
    environment.do("DROP ROLE keeper")


def everything_kept(folder: Path) -> bytes:
    """All that an instance on disk keeps: its files, and the cells of its databases, unpacked where they are packed."""
    parts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    for path in folder.rglob("*.db"):
        with closing(sqlite3.connect(path)) as connection:
            parts += _cells(connection)
    return b"\n".join(parts)


def _cells(connection: sqlite3.Connection) -> Iterator[bytes]:
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in connection.execute(f'SELECT * FROM "{table}"'):
            for cell in row:
                if isinstance(cell, bytes):
                    try:
                        yield zlib.decompress(cell)
                    except zlib.error:
                        yield cell
                else:
                    yield str(cell).encode()


def run(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """Run the main job as Dagster's own processes do, with everything logged."""
    job = build_definitions(SilentProgress()).resolve_job_def(FOOTBALL_DATA.job)
    return job.execute_in_process(
        instance=instance,
        tags=range_tags(Block((E0.league,), (E0.season,))),
        run_config={"loggers": {"console": {"config": {"log_level": "DEBUG"}}}},
        raise_on_error=False,
    )


def test_no_password_is_in_the_storage_the_event_log_or_the_output_of_runs_that_succeed_or_fail(
    secretive: Platform,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    secretive.publish(E0)
    kept = tmp_path / "dagster"
    kept.mkdir()
    with dg.instance_for_test(temp_dir=str(kept)) as instance:
        assert run(instance).success
        secretive.mirror.serve("mmz4281/1920/E0.csv", b"<html>")
        assert not run(instance).success
        monkeypatch.setenv("MONPS_FOOTBALL_DATA_URL", f"http://reader:{URL_PASSWORD}@127.0.0.1:1")
        monkeypatch.setenv("MONPS_FETCH_RETRIES", "0")
        assert not run(instance).success
        monkeypatch.setenv("MONPS_DB_NAME", "nowhere")
        assert not run(instance).success
        monkeypatch.setenv("MONPS_DB_PORT", "1")
        assert not run(instance).success
        statuses = [run.status for run in instance.get_runs()]
    assert statuses.count(dg.DagsterRunStatus.FAILURE) == 4
    output = capfd.readouterr()
    seen = everything_kept(kept) + (output.out + output.err + caplog.text).encode()
    for word in (b"MONPS_DB_PASSWORD", b"Connection refused", b'database "nowhere" does not exist', b"HTML page"):
        assert word in seen, "the search does not see what is there"
    assert PASSWORD.encode() not in seen
    assert URL_PASSWORD.encode() not in seen
    tables = secretive.rows("SELECT url FROM ops.raw_files")
    assert tables == [(f"{secretive.mirror.url}/mmz4281/1920/E0.csv",)]


def test_resources_do_not_show_their_secrets_when_printed_or_wrongly_built() -> None:
    made = DatabaseResource(host="h", port=1, user="u", password=PASSWORD, database="d").open()
    shown = f"{made!r} {made} {made.engine!r} {made.engine.url}"
    made.close()
    with pytest.raises(ValidationError) as error:
        DatabaseResource(host="h", port=1, user="u", password=NUMBER, database="d")  # type: ignore[arg-type]
    assert "password" in str(error.value)
    assert str(NUMBER) not in str(error.value)
    source = FootballDataResource(base_url=f"https://reader:{URL_PASSWORD}@mirror.example")
    assert "host" in shown
    assert PASSWORD not in shown
    assert URL_PASSWORD not in f"{source!r} {source}"


def test_the_code_location_names_its_secrets_and_holds_none(
    secretive: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = build_definitions(SilentProgress()).resolve_job_def(FOOTBALL_DATA.job)
    snapshot = dg.serialize_value(job.get_job_snapshot())
    assert "MONPS_DB_PASSWORD" in snapshot
    assert PASSWORD not in snapshot
