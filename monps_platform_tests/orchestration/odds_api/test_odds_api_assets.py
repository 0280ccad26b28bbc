"""The assets, the job and the schedule of The Odds API as Dagster runs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from monps_platform.db.quality import odds_api as rules
from monps_platform.definitions import build_definitions
from monps_platform.orchestration.assets.odds_api import OddsSnapshotConfig
from monps_platform.orchestration.fetching.odds_api import NO_KEY
from monps_platform.orchestration.jobs.odds_api import odds_snapshot_schedule
from monps_platform.orchestration.outcomes import SilentProgress
from monps_platform.orchestration.resources import OddsApiResource
from monps_platform.sources.simulated.odds_api_server import Mode
from monps_platform_tests.orchestration.odds_api.odds_world import KEY, World
from monps_platform_tests.orchestration.platform import Platform, failure_text, materializations
from monps_platform_tests.orchestration.test_secrets import everything_kept

QUOTA = {"MONPS_ODDS_API_MONTHLY_QUOTA": "10000", "MONPS_ODDS_API_RESERVE": "100"}


@pytest.fixture
def keyed(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world, with a key and plenty of credits, at the machine's own time."""
    world.server.now = world.clock = lambda: datetime.now(UTC)  # type: ignore[assignment]
    world.server.remaining = 9000
    monkeypatch.setenv("MONPS_ODDS_API_KEY", KEY)
    for name, value in QUOTA.items():
        monkeypatch.setenv(name, value)
    return world


def test_without_a_key_the_assets_say_what_to_set_and_nothing_fails(world: World) -> None:
    result = world.run()
    assert result.success, failure_text(result)
    shown = materializations(result, "raw_odds_api")["None"]
    assert shown["skipped"] == NO_KEY
    assert "MONPS_ODDS_API_KEY is not set" in NO_KEY
    assert world.server.asked == []


def test_with_a_key_prices_are_asked_loaded_and_shown(keyed: World) -> None:
    result = keyed.run()
    assert result.success, failure_text(result)
    raw = materializations(result, "raw_odds_api")["None"]
    assert (raw["credits_left"], raw["credits_spent_in_a_day"], raw["dagster/row_count"]) == (8994, 6, 1)
    asked = [record.data for record in raw["leagues"].records if record.data["asked"]]
    assert [each["league"] for each in asked] == ["E0"]
    assert asked[0]["why"].startswith("kickoff in 4 h ")
    loaded = materializations(result, "odds_snapshots")["None"]
    assert (loaded["dagster/row_count"], loaded["rows_read"], loaded["rows_loaded"]) == (15, 16, 15)
    assert (loaded["files"], loaded["matches"], loaded["rows_inserted"]) == (1, 1, 15)


def test_a_run_evaluates_every_check_of_both_assets_and_passes_each(keyed: World) -> None:
    result = keyed.run(checks=True)
    assert result.success, failure_text(result)
    found = {each.check_name: each.passed for each in result.get_asset_check_evaluations()}
    named = {rule.name for rule in rules.RULES}
    assert set(found) == named | {"api_requests_schema_matches_models", "odds_api_bytes_match_their_hash"}
    assert [name for name, passed in found.items() if not passed] == []


def test_the_biggest_moves_since_the_snapshot_before_are_a_table(keyed: World) -> None:
    keyed.run()
    keyed.platform.do("UPDATE ops.api_requests SET asked_at = asked_at - interval '2 hours'")
    # The simulated prices are drawn anew by the second.
    keyed.server.now = lambda: datetime.now(UTC) + timedelta(seconds=90)
    result = keyed.run()
    moves = materializations(result, "odds_snapshots")["None"]["biggest_moves"].records
    assert moves
    first = moves[0].data
    assert first["match"].startswith("Arsenal - Chelsea, ")
    assert first["snapshots"] == 2
    assert first["latest"] != first["before"] == first["open"]
    changes = [abs(move.data["change_points"]) for move in moves]
    assert changes == sorted(changes, reverse=True)


def test_a_refused_key_fails_with_what_to_do(keyed: World) -> None:
    keyed.server.mode = Mode.REFUSES
    result = keyed.run()
    assert not result.success
    assert "nothing was asked for: " in failure_text(result)
    assert "set MONPS_ODDS_API_KEY to the key" in failure_text(result)


@pytest.mark.parametrize(
    ("leagues", "words"), [("E9", "unknown league 'E9'"), ("EC", "The Odds API has no league EC; it has E0, SP1")]
)
def test_a_league_that_cannot_be_asked_for_is_told(keyed: World, leagues: str, words: str) -> None:
    result = keyed.run(OddsSnapshotConfig(leagues=leagues))
    assert not result.success
    assert words in failure_text(result)


@pytest.fixture
def kept_instance() -> Iterator[dg.DagsterInstance]:
    """An instance on disk: a schedule opens it by its address."""
    with dg.instance_for_test() as made:
        yield made


def tick(world: World, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    resources = {"database": world.platform.resources()["database"]}
    with dg.build_schedule_context(instance=instance, resources=resources) as context:
        found = odds_snapshot_schedule(context)
    assert isinstance(found, (dg.RunRequest, dg.SkipReason))
    return found


def test_the_schedule_runs_when_a_turn_has_come_and_says_why_it_does_not(
    keyed: World, kept_instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = tick(keyed, kept_instance)
    assert isinstance(request, dg.RunRequest)
    assert request.tags["leagues"] == "E0"
    keyed.run()
    waiting = tick(keyed, kept_instance)
    assert isinstance(waiting, dg.SkipReason)
    assert (waiting.skip_message or "").startswith("E0: its turn comes at ")
    keyed.platform.do("UPDATE matches SET kickoff_at = now() - interval '1 day'")
    quiet = tick(keyed, kept_instance)
    assert isinstance(quiet, dg.SkipReason)
    assert "no match of the next 72 hours is known" in (quiet.skip_message or "")
    monkeypatch.delenv("MONPS_ODDS_API_KEY")
    assert tick(keyed, kept_instance) == dg.SkipReason(NO_KEY)


def test_the_schedule_waits_for_a_run_that_is_under_way(keyed: World, kept_instance: dg.DagsterInstance) -> None:
    under_way = dg.DagsterRun(job_name="odds_snapshot_job", status=dg.DagsterRunStatus.STARTED)
    kept_instance.add_run(under_way)
    assert tick(keyed, kept_instance) == dg.SkipReason("a run is under way")


def test_the_schedule_is_stopped_by_default_where_there_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from monps_platform.orchestration.jobs.odds_api import _default_status

    assert odds_snapshot_schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    assert odds_snapshot_schedule.execution_timezone == "UTC"
    assert odds_snapshot_schedule.description
    monkeypatch.setenv("MONPS_ODDS_API_KEY", KEY)
    assert _default_status() is dg.DefaultScheduleStatus.RUNNING


def test_the_key_is_in_nothing_that_dagster_keeps_logs_or_shows(
    keyed: World,
    environment: Platform,
    tmp_path: object,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    from pathlib import Path

    caplog.set_level("DEBUG")
    monkeypatch.setenv("MONPS_ODDS_API_URL", keyed.server.url)
    kept = Path(str(tmp_path)) / "dagster"
    kept.mkdir()
    job = build_definitions(SilentProgress()).resolve_job_def("odds_snapshot_job")
    options: dict[str, Any] = {
        "run_config": {"loggers": {"console": {"config": {"log_level": "DEBUG"}}}},
        "asset_selection": [dg.AssetKey("raw_odds_api")],
        "raise_on_error": False,
    }
    with dg.instance_for_test(temp_dir=str(kept)) as instance:
        assert job.execute_in_process(instance=instance, **options).success
        keyed.platform.do("UPDATE ops.api_requests SET asked_at = asked_at - interval '2 hours'")
        keyed.server.mode = Mode.REFUSES
        assert not job.execute_in_process(instance=instance, **options).success
        monkeypatch.setenv("MONPS_ODDS_API_URL", "http://127.0.0.1:1")
        assert not job.execute_in_process(instance=instance, **options).success
    output = capfd.readouterr()
    seen = everything_kept(kept) + (output.out + output.err + caplog.text).encode()
    for word in (b"INVALID_KEY", b"cannot connect to the server", b"credits_left"):
        assert word in seen, "the search does not see what is there"
    assert KEY.encode() not in seen
    rows = keyed.platform.rows("SELECT f::text FROM ops.raw_files f UNION ALL SELECT r::text FROM ops.api_requests r")
    assert len(rows) >= 4
    assert KEY not in str(rows)
    assert KEY not in repr(OddsApiResource())
