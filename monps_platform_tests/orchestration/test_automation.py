"""What follows by itself, when, and when not: the real conditions on an instance in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from monps_platform.definitions import defs
from monps_platform.orchestration.automation import MARTS, QUIET, condition_of, marts_sensor

E0, NEXT = "E0|2019-20", "E0|2020-21"
GRAPH = defs.resolve_asset_graph()


@dataclass
class Ticks:
    """The sensor's ticks, a good while after each other."""

    instance: dg.DagsterInstance
    cursor: Any = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def tick(self, after: timedelta = 2 * QUIET) -> dict[str, list[str]]:
        """The assets that are asked for, with their partitions."""
        self.now += after
        result = dg.evaluate_automation_conditions(
            defs,
            self.instance,
            asset_selection=dg.AssetSelection.assets(*MARTS),
            evaluation_time=self.now,
            cursor=self.cursor,
        )
        self.cursor = result.cursor
        asked = {name: result.get_requested_partitions(dg.AssetKey(name)) for name in MARTS}
        return {name: sorted(map(str, found)) for name, found in asked.items() if found}

    def made(self, asset: str, partition: str | None = None) -> None:
        """An asset was materialised."""
        self.instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=partition))

    def begin(self, name: str) -> dg.DagsterRun:
        """A run of a job of a name begins."""

        @dg.job(name=name)
        def made() -> None: ...

        return self.instance.create_run_for_job(made, status=dg.DagsterRunStatus.STARTED)

    def checked(self, assets: Sequence[str], *, passed: bool = True) -> None:
        """The blocking checks of assets were run."""
        for key in GRAPH.asset_check_keys:
            if key.asset_key.to_user_string() in assets and GRAPH.get_check_spec(key).blocking:
                self.instance.report_runless_asset_event(
                    dg.AssetCheckEvaluation(
                        asset_key=key.asset_key, check_name=key.name, passed=passed, metadata={}, blocking=True
                    )
                )


ALL = tuple(key.to_user_string() for key in GRAPH.get_all_asset_keys())


@pytest.fixture
def ticks(instance: dg.DagsterInstance) -> Ticks:
    """A loaded league whose checks pass, and a first tick."""
    made = Ticks(instance)
    for asset in ("matches", "odds"):
        made.made(asset, E0)
    made.checked(ALL)
    assert made.tick() == {}
    return made


def test_what_is_loaded_by_hand_is_followed_once_by_all_that_is_made_from_it(ticks: Ticks) -> None:
    ticks.made("odds", E0)
    assert ticks.tick() == {"match_forecasts": [E0]}  # what it is made from comes first
    ticks.made("match_forecasts", E0)
    assert ticks.tick().keys() == {"tracking_clv_picks", "team_quantum_dna"}
    ticks.made("tracking_clv_picks")
    ticks.made("team_quantum_dna")
    assert ticks.tick().keys() == {"quantum_strategies"}
    ticks.made("quantum_strategies")
    assert ticks.tick().keys() == {"quantum_friction_matrix"}
    ticks.made("quantum_friction_matrix")
    assert ticks.tick() == {}  # goals and profiles are not made from odds


def test_a_new_season_begins_without_waiting_for_partitions_that_do_not_exist(ticks: Ticks) -> None:
    ticks.made("matches", NEXT)
    asked = ticks.tick()
    assert asked["match_forecasts"] == [NEXT]
    assert "chess_classifications" in asked  # though no shot of that season, or of any, was ever loaded


def test_nothing_follows_what_does_not_pass_its_blocking_checks_until_it_does(ticks: Ticks) -> None:
    ticks.made("odds", E0)
    ticks.checked(["odds"], passed=False)
    assert {"match_forecasts", "tracking_clv_picks"}.isdisjoint(ticks.tick())
    ticks.checked(["odds"])
    assert ticks.tick()["match_forecasts"] == [E0]


def test_nothing_is_asked_for_while_a_job_makes_tables_or_a_moment_after_and_what_it_made_is_not_made_twice(
    ticks: Ticks,
) -> None:
    run = ticks.begin("understat_job")
    ticks.made("odds", E0)
    assert ticks.tick() == {}
    ticks.made("match_forecasts", E0)  # by the job itself
    ticks.instance.report_run_canceled(run)
    ended = ticks.instance.get_run_records(dg.RunsFilter(run_ids=[run.run_id]))[0].update_timestamp
    ticks.now = ended.replace(tzinfo=UTC)
    assert ticks.tick(QUIET / 2) == {}
    asked = ticks.tick(QUIET)
    assert "match_forecasts" not in asked
    assert "tracking_clv_picks" in asked


def test_a_job_that_makes_no_tables_holds_nothing_up(ticks: Ticks) -> None:
    ticks.begin("looking_after_job")
    ticks.made("odds", E0)
    assert "match_forecasts" in ticks.tick()


def test_the_sensor_runs_from_the_start_over_the_marts_and_nothing_else_follows_by_itself() -> None:
    assert marts_sensor.default_status is dg.DefaultSensorStatus.RUNNING
    following = {node.key.to_user_string() for node in GRAPH.asset_nodes if node.automation_condition is not None}
    assert following == set(MARTS) == {name for name in ALL if condition_of(name) is not None}
    targets = marts_sensor.asset_selection.resolve(GRAPH)
    assert {key.to_user_string() for key in targets} == set(MARTS)
    assert defs.get_repository_def().has_sensor_def("marts_sensor")
    assert not defs.get_repository_def().has_sensor_def("default_automation_condition_sensor")
