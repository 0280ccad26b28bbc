"""Refresh and backfill: which seasons they take, and that what fails in one source costs the others nothing."""

from __future__ import annotations

import threading
from datetime import date

import dagster as dg
import pytest
from dagster._core.storage.tags import MAX_RUNTIME_SECONDS_TAG

from monps_platform.definitions import defs
from monps_platform.domain.leagues import TOP_FIVE, UnknownLeagueError
from monps_platform.domain.seasons import Season, SeasonError
from monps_platform.orchestration import refreshing
from monps_platform.orchestration.checks.check import as_steps
from monps_platform.orchestration.checks.rules import CHECKS
from monps_platform.orchestration.data_definitions import build_data_definitions
from monps_platform.orchestration.jobs import refresh
from monps_platform.orchestration.outcomes import Progress, SilentProgress
from monps_platform.orchestration.pipelines import PIPELINES, STEPS
from monps_platform.orchestration.refreshing import to_backfill, to_refresh, with_later_seasons
from monps_platform.orchestration.turns import NotOurTurnError, turn
from monps_platform_tests.conftest import Answer
from monps_platform_tests.orchestration import understat_files
from monps_platform_tests.orchestration.football_files import MATCHES, partition
from monps_platform_tests.orchestration.operations.jobs import run_job, told, why
from monps_platform_tests.orchestration.platform import Platform

E0 = partition("E0", "2019-20")
FEW = {"match_rows_reconcile", "odds_rows_reconcile", "listing_rows_reconcile", "results_recompute_from_scores"}


def with_few_checks(progress: Progress) -> dg.Definitions:
    """What the pipelines need, with few of the checks: all of them take most of a small run's time."""
    whole = build_data_definitions(progress)
    few = as_steps(check for check in CHECKS if check.name in FEW)
    return dg.Definitions(
        assets=whole.assets, asset_checks=few, jobs=whole.jobs, resources=whole.resources, executor=whole.executor
    )


@pytest.fixture
def world(environment: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A platform in the autumn of 2019, whose source has a season of the Premier League."""
    monkeypatch.setattr(refresh, "build_data_definitions", with_few_checks)
    monkeypatch.setattr(refreshing, "seasons_in_progress", lambda _: (Season(2019),))
    environment.publish(E0)
    return environment


# What is taken


def test_a_refresh_takes_the_seasons_in_progress_of_the_real_leagues_that_are_held() -> None:
    held = [partition("SP1", "2015-16"), partition("E0", "2016-17"), partition("SIM1", "2015-16")]
    november, july = date(2021, 11, 1), date(2021, 7, 15)
    assert [str(item) for item in to_refresh([], held, november)] == ["E0 2021-22", "SP1 2021-22"]
    assert [str(item) for item in to_refresh(["d1"], held, july)] == ["D1 2020-21", "D1 2021-22"]
    assert [item.league for item in to_refresh([], held[2:], november)] == list(TOP_FIVE)
    with pytest.raises(UnknownLeagueError):
        to_refresh(["XX"], held, november)


def test_a_backfill_takes_every_league_in_every_season_that_can_be_had() -> None:
    today = date(2021, 11, 1)
    assert [str(item) for item in to_backfill(["SP1", "E0"], "2020-21:2021-22", today)] == [
        *("E0 2020-21", "E0 2021-22", "SP1 2020-21", "SP1 2021-22"),
    ]
    assert [str(item) for item in to_backfill(["SIM1"], "2020-21:2021-22", today)] == ["SIM1 2020-21"]
    with pytest.raises(ValueError, match="there is no season 2022-23 to load"):
        to_backfill(["E0"], "2022-23", today)
    with pytest.raises(SeasonError):
        to_backfill(["E0"], "2020", today)


def test_later_seasons_of_a_league_are_forecast_again() -> None:
    chosen, later, earlier = partition("E0", "2019-20"), partition("E0", "2020-21"), partition("E0", "2018-19")
    assert with_later_seasons([chosen], [earlier, chosen, later, partition("SP1", "2020-21")]) == [chosen, later]


def test_the_jobs_run_all_pipelines_with_all_checks_of_their_assets() -> None:
    part, whole = build_data_definitions(SilentProgress()), defs
    assert {job.name for job in part.resolve_all_job_defs()} >= {pipeline.job for pipeline in PIPELINES}
    expected = {key for key in whole.resolve_asset_graph().asset_check_keys if key.asset_key.to_user_string() in STEPS}
    assert part.resolve_asset_graph().asset_check_keys == expected


@pytest.mark.parametrize("name", ["refresh_job", "backfill_job"])
def test_run_monitoring_lets_the_long_jobs_run_for_a_day(name: str) -> None:
    assert defs.resolve_job_def(name).run_tags[MAX_RUNTIME_SECONDS_TAG] == "86400"


# What a run does


def test_a_refresh_fetches_loads_and_derives_and_a_second_one_touches_nothing(
    world: Platform, instance: dg.DagsterInstance
) -> None:
    job, tags = defs.resolve_job_def("football_data_job"), {"monps/run_by": "refresh_job", "monps/parent_run": "gone"}
    killed = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags=tags)
    first = run_job("refresh_job", instance, {"refresh": {"leagues": ["E0"]}})
    assert world.value("SELECT count(*) FROM matches") == MATCHES
    found = told(first, "refresh")
    assert found["partitions"] == 1
    assert found["rows_changed"] > MATCHES
    assert {record.data["asset"] for record in found["steps"].records} >= {"matches", "odds", "match_forecasts"}
    children = instance.get_runs(dg.RunsFilter(tags={"monps/parent_run": first.run_id}))
    assert {run.tags["monps/run_by"] for run in children} == {"refresh_job"}
    assert {run.tags[MAX_RUNTIME_SECONDS_TAG] for run in children} == {"86400"}
    assert len(children) == found["runs"]
    left = instance.get_run_by_id(killed.run_id)
    assert left is not None
    assert left.status is dg.DagsterRunStatus.FAILURE  # this one had the turn: whoever left it is no more
    second = told(run_job("refresh_job", instance, {"refresh": {"leagues": ["E0"]}}), "refresh")
    assert second["rows_changed"] == 0


def test_a_source_that_fails_costs_the_others_nothing_and_is_told(
    world: Platform, instance: dg.DagsterInstance
) -> None:
    world.mirror.serve(understat_files.key_of(E0), Answer(b"no", 500))
    result = run_job("backfill_job", instance, {"backfill": {"leagues": ["E0"], "seasons": "2019-20"}})
    assert not result.success
    assert "Not everything is loaded and right" in why(result)
    assert "raw_understat E0 2019-20:" in why(result)
    assert "matches" not in {line.split()[1] for line in why(result).splitlines() if line.startswith("- ")}
    assert world.value("SELECT count(*) FROM matches") == MATCHES
    assert world.value("SELECT count(*) FROM quantum.match_forecasts") > 0
    assert told(result, "backfill")["rows_changed"] > MATCHES


def test_a_source_that_is_away_is_told_and_what_was_fetched_before_is_loaded(
    world: Platform, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.materialize(E0, steps=["raw_football_data"])
    monkeypatch.setattr(refresh, "tasks_of", lambda *chosen, **fetch: refreshing.tasks_of(*chosen, **fetch)[:1])
    monkeypatch.setenv("MONPS_FOOTBALL_DATA_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("MONPS_UNDERSTAT_URL", "http://127.0.0.1:1")
    result = run_job("refresh_job", instance, {"refresh": {"leagues": ["E0"]}})
    assert "http://127.0.0.1:1/ cannot be reached" in why(result)
    assert world.value("SELECT count(*) FROM matches") == MATCHES


def test_names_that_there_are_not_stop_a_backfill_before_it_begins(
    world: Platform, instance: dg.DagsterInstance
) -> None:
    result = run_job("backfill_job", instance, {"backfill": {"leagues": ["XX"], "seasons": "2019-20"}})
    assert "XX" in why(result)
    assert instance.get_runs_count() == 1


# Turns


def test_a_refresh_waits_for_its_turn_and_gives_up_in_words(world: Platform, instance: dg.DagsterInstance) -> None:
    from monps_platform.settings import Settings

    with turn(Settings().home):
        result = run_job("refresh_job", instance, {"refresh": {"leagues": ["E0"], "patience": 0.1}})
    assert "another `monps up`, or a refresh or backfill, is at work in" in why(result)
    assert world.mirror.requests == []


def test_a_turn_comes_when_the_one_before_ends(world: Platform) -> None:
    from monps_platform.settings import Settings

    home, held, done = Settings().home, threading.Event(), threading.Event()

    def hold() -> None:
        with turn(home):
            held.set()
            done.wait(5)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(5)
    with pytest.raises(NotOurTurnError), turn(home):
        pass
    done.set()
    with turn(home, patience=5):
        other.join()
