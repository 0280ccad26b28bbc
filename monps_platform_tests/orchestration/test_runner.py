"""Running pipelines over any choice of partitions: few runs, one report, and nobody pays for another's failure."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dagster as dg
import pytest
from dagster._core.storage.tags import MAX_RUNTIME_SECONDS_TAG
from sqlalchemy import text

from monps_platform.definitions import build_definitions
from monps_platform.domain.partitions import Block, Partition
from monps_platform.orchestration.checks.check import as_steps
from monps_platform.orchestration.checks.rules import CHECKS
from monps_platform.orchestration.checks.schema import SCHEMA_CHECKS
from monps_platform.orchestration.outcomes import Outcome, Progress, SilentProgress, Status
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, FORECASTS, PICKS, QUANTUM, STEPS, UNDERSTAT
from monps_platform.orchestration.runner import RunReport, Task, run_tasks
from monps_platform_tests.conftest import Answer
from monps_platform_tests.orchestration import understat_files
from monps_platform_tests.orchestration.football_files import (
    MATCHES,
    QUOTES,
    key_of,
    partition,
    season_file,
    season_lines,
)
from monps_platform_tests.orchestration.platform import Platform, snapshot

E0 = [partition("E0", season) for season in ("2017-18", "2018-19", "2019-20")]
SP1 = [partition("SP1", season) for season in ("2017-18", "2018-19", "2019-20")]


FEW_CHECKS = ("raw_bytes_match_their_hash", "finished_seasons_are_complete", "overrounds_recompute")
FEW_OF_UNDERSTAT = (
    "understat_bytes_match_their_hash",
    "listings_did_not_shrink",
    "shot_rows_reconcile",
    "player_rows_reconcile",
)
FEW_OF_FORECASTS = ("matches_have_one_forecast_per_model",)
FEW_OF_PICKS = ("results_recompute_from_scores",)
FEW_OF_QUANTUM = ("vectors_rest_on_the_row", "goals_by_period_sum_to_goals")
FEW_OF_ALL = {*FEW_CHECKS, *FEW_OF_UNDERSTAT, *FEW_OF_FORECASTS, *FEW_OF_PICKS, *FEW_OF_QUANTUM}


def with_few_checks(progress: Progress) -> dg.Definitions:
    """What the code location holds, with one check of each asset: all of them take most of a small run's time."""
    whole = build_definitions(progress)
    checks = as_steps(check for check in CHECKS if check.name in FEW_OF_ALL)
    return dg.Definitions(
        assets=whole.assets, asset_checks=checks, jobs=whole.jobs, resources=whole.resources, executor=whole.executor
    )


def run(
    instance: dg.DagsterInstance,
    *tasks: Task,
    progress: Progress | None = None,
    definitions: Callable[[Progress], dg.Definitions] = with_few_checks,
) -> RunReport:
    """Run pipelines one after another, with one report."""
    return run_tasks(definitions, instance, tasks, progress or SilentProgress())


def load(
    instance: dg.DagsterInstance,
    *partitions: Partition,
    fetch: bool = True,
    progress: Progress | None = None,
    definitions: Callable[[Progress], dg.Definitions] = with_few_checks,
) -> RunReport:
    """Run the pipeline of football-data.co.uk as `monps up` does."""
    return run(instance, Task(FOOTBALL_DATA, partitions, fetch), progress=progress, definitions=definitions)


def unpassed(report: RunReport) -> list[str]:
    """The checks that did not pass."""
    return [check.name for check in report.checks.values() if not check.passed]


def statuses(report: RunReport, step: str) -> dict[str, Status]:
    """What a step did with each partition."""
    outcomes = report.outcomes.get(step, [])
    found = {str(outcome.partition): outcome.status for outcome in outcomes}
    assert len(found) == len(outcomes), f"{step} ran over a partition twice"
    return found


def held(platform: Platform, table: str = "matches") -> dict[str, int]:
    """Rows of a table by partition."""
    join = "odds o JOIN matches m ON m.id = o.match_id" if table == "odds" else "matches m"
    query = f"SELECT l.code || ' ' || m.season, count(*) FROM {join} JOIN leagues l ON l.id = m.league_id GROUP BY 1"
    return dict(platform.rows(query))


def test_a_block_of_leagues_and_seasons_is_one_run_with_one_report(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    environment.publish(*E0, *SP1)
    report = load(instance, *E0, *SP1, definitions=build_definitions)
    assert report.ok, (report.errors, report.failures)
    assert len(report.run_ids) == instance.get_runs_count() == 1
    assert {step: set(statuses(report, step).values()) for step in FOOTBALL_DATA.steps} == {
        step: {Status.LOADED} for step in FOOTBALL_DATA.steps
    }
    assert report.changed == 6 * (MATCHES + QUOTES)
    mine = [check for check in (*CHECKS, *SCHEMA_CHECKS) if check.asset in FOOTBALL_DATA.steps]
    assert len(report.checks) == len(mine) > 30
    assert all(check.passed for check in report.checks.values())
    assert all(report.seconds[step] > 0 for step in FOOTBALL_DATA.steps)
    (run,) = instance.get_runs()
    assert run.tags["monps/run_by"] == "monps up"
    assert run.tags[MAX_RUNTIME_SECONDS_TAG] == "86400"
    assert len(instance.get_materialized_partitions(dg.AssetKey("odds"))) == 6


def test_a_second_call_changes_nothing_and_says_so(environment: Platform, instance: dg.DagsterInstance) -> None:
    environment.publish(*E0)
    load(instance, *E0)
    before = snapshot(environment.engine)
    report = load(instance, *E0)
    assert report.ok
    assert report.changed == 0
    assert {step: set(statuses(report, step).values()) for step in FOOTBALL_DATA.steps} == {
        step: {Status.UNCHANGED} for step in FOOTBALL_DATA.steps
    }
    assert snapshot(environment.engine) == before


def test_partitions_that_form_no_block_take_as_few_runs_as_their_blocks(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    chosen = [E0[0], E0[2], SP1[0]]
    environment.publish(*chosen)
    report = load(instance, *chosen)
    assert report.ok, (report.errors, report.failures)
    assert len(report.run_ids) == 2
    assert held(environment) == {str(where): MATCHES for where in chosen}


def test_a_partition_that_cannot_be_fetched_is_left_out_and_the_others_are_loaded_to_the_end(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    environment.publish(*E0, *SP1)
    environment.mirror.serve(key_of(E0[1]), Answer(status=500))
    report = load(instance, *E0, *SP1)
    assert not report.ok
    ((step, outcome),) = report.failures
    assert (step, str(outcome.partition)) == ("raw_football_data", "E0 2018-19")
    assert "HTTP 500" in outcome.detail
    assert report.errors == []
    others = {str(where): MATCHES for where in (*E0, *SP1) if where is not E0[1]}
    assert held(environment) == others
    assert held(environment, "odds") == dict.fromkeys(others, QUOTES)
    assert set(statuses(report, "matches")) == set(statuses(report, "odds")) == set(others)
    assert {name for _, name in report.checks} == set(FEW_CHECKS)


def test_a_partition_that_fails_after_it_was_loaded_keeps_its_old_rows(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    environment.publish(*E0)
    assert load(instance, *E0).ok
    environment.mirror.serve(key_of(E0[0]), b"<html>")
    environment.publish(E0[1], home_price="2.50")
    report = load(instance, *E0)
    assert [str(outcome.partition) for _, outcome in report.failures] == ["E0 2017-18"]
    assert held(environment, "odds") == {str(where): QUOTES for where in E0}
    changed = "SELECT DISTINCT season FROM matches m JOIN odds o ON o.match_id = m.id WHERE home_price = 2.50"
    assert environment.rows(changed) == [("2018-19",)]
    assert report.changed == MATCHES


@contextmanager
def refusing(platform: Platform, table: str, *partitions: Partition) -> Iterator[None]:
    """The server refuses rows of these seasons in a table."""
    season = "NEW.season" if table == "matches" else "(SELECT season FROM matches WHERE id = NEW.match_id)"
    names = ", ".join(f"'{where.season}'" for where in partitions)
    platform.do(f"""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF {season} IN ({names}) THEN RAISE EXCEPTION 'refused [/] by the test'; END IF; RETURN NEW; END $$""")
    platform.do(f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()")
    try:
        yield
    finally:
        platform.do("DROP FUNCTION refuse CASCADE")


@pytest.mark.parametrize("table", ["matches", "odds"])
def test_a_partition_that_cannot_be_loaded_costs_the_others_nothing_and_is_tried_again_next_time(
    environment: Platform, instance: dg.DagsterInstance, table: str
) -> None:
    environment.publish(*E0)
    with refusing(environment, table, E0[1]):
        report = load(instance, *E0)
    ((step, outcome),) = report.failures
    assert (step, str(outcome.partition)) == (table, "E0 2018-19")
    assert "refused [/] by the test" in outcome.detail
    assert "[SQL" not in outcome.detail
    assert not report.ok
    others = {"E0 2017-18": QUOTES, "E0 2019-20": QUOTES}
    assert held(environment, "odds") == others
    assert set(statuses(report, "odds")) == (set(others) if table == "matches" else {*others, "E0 2018-19"})
    assert {name for _, name in report.checks} == set(FEW_CHECKS)
    again = load(instance, *E0)
    assert again.ok, (again.errors, again.failures)
    assert held(environment, "odds") == {**others, "E0 2018-19": QUOTES}


def test_failures_in_several_steps_hold_up_nobody_but_the_partitions_that_failed(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    environment.publish(*E0, *SP1)
    environment.mirror.serve(key_of(E0[1]), Answer(status=500))
    with refusing(environment, "matches", E0[0]):
        report = load(instance, *E0, *SP1)
    failed = {(step, str(outcome.partition)) for step, outcome in report.failures}
    assert failed == {("raw_football_data", "E0 2018-19"), ("matches", "E0 2017-18"), ("matches", "SP1 2017-18")}
    whole = {"E0 2019-20", "SP1 2018-19", "SP1 2019-20"}
    assert held(environment, "odds") == dict.fromkeys(whole, QUOTES)
    assert set(statuses(report, "odds")) == whole


def test_a_check_that_blocks_still_guards_what_comes_after_when_a_partition_failed(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    environment.publish(*E0)
    load(instance, *E0)
    kept = environment.value("SELECT sha256 FROM ops.raw_files WHERE season = '2017-18'")
    environment.store.path(kept).write_bytes(b"changed on disk")
    environment.publish(E0[2], home_price="2.50")
    environment.mirror.serve(key_of(E0[1]), Answer(status=500))
    report = load(instance, *E0)
    assert unpassed(report) == ["raw_bytes_match_their_hash"]
    assert statuses(report, "matches") == statuses(report, "odds") == {}
    assert environment.value("SELECT count(*) FROM odds WHERE home_price = 2.50") == 0


def test_a_failing_check_that_blocks_is_no_success_though_no_partition_failed(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    environment.publish(*E0)
    load(instance, *E0)
    environment.do("UPDATE odds SET overround = 0.5 WHERE id = (SELECT min(id) FROM odds)")
    report = load(instance, *E0)
    assert (report.failures, report.errors) == ([], [])
    assert unpassed(report) == ["overrounds_recompute"]
    check = report.checks["odds", "overrounds_recompute"]
    assert (check.blocks, check.found) == (True, 1)
    assert not report.ok


def test_a_warning_is_a_success(environment: Platform, instance: dg.DagsterInstance) -> None:
    environment.mirror.serve(key_of(E0[0]), season_file(E0[0], season_lines(E0[0])[:-1]))
    report = load(instance, E0[0])
    assert unpassed(report) == ["finished_seasons_are_complete"]
    assert report.ok


def test_a_check_that_breaks_is_no_success_and_its_own_error_is_told(
    environment: Platform, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.publish(E0[0])
    load(instance, E0[0])

    def broken(*_: object) -> bytes:
        raise OSError("the disk is on fire")

    monkeypatch.setattr("monps_platform.sources.raw_store.RawStore.get", broken)
    report = load(instance, E0[0])
    assert not report.ok
    (told,) = report.errors
    assert told.startswith("raw_football_data_checks: ")
    assert told.endswith("the check raw_bytes_match_their_hash came to no result: OSError: the disk is on fire")


def test_a_run_that_cannot_begin_is_no_success(
    environment: Platform, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no more memory")

    monkeypatch.setattr("monps_platform.orchestration.resources.DatabaseResource.open", refuse)
    report = load(instance, E0[0])
    assert not report.ok
    assert report.errors == ["OSError: no more memory"]


@pytest.fixture
def held_up(environment: Platform, instance: dg.DagsterInstance) -> Platform:
    """Two blocks, loaded; then the odds of the first are gone, and the second has days of another season."""
    environment.publish(E0[0], E0[2])
    load(instance, E0[0], E0[2])
    with environment.engine.begin() as connection:
        for statement in (
            f"DELETE FROM odds WHERE match_id IN (SELECT id FROM matches WHERE season = '{E0[0].season}')",
            f"UPDATE ops.raw_files SET quotes_loader = NULL WHERE season = '{E0[0].season}'",
            f"UPDATE matches SET match_date = '1999-01-01', kickoff_at = NULL WHERE season = '{E0[2].season}'",
        ):
            connection.execute(text(statement))
    return environment


def test_what_a_check_held_up_is_done_once_a_later_block_has_mended_it(
    held_up: Platform, instance: dg.DagsterInstance
) -> None:
    with held_up.engine.begin() as connection:
        connection.execute(text(f"UPDATE ops.raw_files SET rows_loader = NULL WHERE season = '{E0[2].season}'"))
    report = load(instance, E0[0], E0[2], fetch=False, definitions=build_definitions)
    assert report.ok, unpassed(report)
    assert held(held_up, "odds") == {str(E0[0]): QUOTES, str(E0[2]): QUOTES}


def test_what_a_check_goes_on_holding_up_is_named_and_no_success(
    held_up: Platform, instance: dg.DagsterInstance
) -> None:
    report = load(instance, E0[0], E0[2], fetch=False, definitions=build_definitions)
    assert not report.ok
    assert report.not_run == [("odds", E0[0]), ("odds", E0[2])]
    assert "kickoffs_lie_in_their_season" in unpassed(report)


def test_a_database_that_is_away_fails_every_partition_and_says_why(
    environment: Platform, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONPS_DB_PORT", "1")
    report = load(instance, *E0)
    assert [str(outcome.partition) for _, outcome in report.failures] == [str(where) for where in E0]
    assert "Connection refused" in report.failures[0][1].detail
    assert not report.ok


def test_without_fetching_what_was_fetched_before_is_loaded(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    environment.publish(*E0)
    assert environment.materialize(
        Block((E0[0].league,), (E0[0].season, E0[1].season)), steps=["raw_football_data"]
    ).success
    environment.mirror.requests.clear()
    report = load(instance, *E0, fetch=False)
    assert report.ok
    assert environment.mirror.requests == []
    assert "raw_football_data" not in report.outcomes
    assert statuses(report, "odds") == {
        "E0 2017-18": Status.LOADED,
        "E0 2018-19": Status.LOADED,
        "E0 2019-20": Status.NOT_PUBLISHED,
    }
    assert held(environment) == {"E0 2017-18": MATCHES, "E0 2018-19": MATCHES}
    assert {name for _, name in report.checks} == set(FEW_CHECKS)


def load_all(
    instance: dg.DagsterInstance,
    *partitions: Partition,
    fetch: bool = True,
    progress: Progress | None = None,
    definitions: Callable[[Progress], dg.Definitions] = with_few_checks,
) -> RunReport:
    """Run all pipelines as `monps up` does; ``fetch`` is for Understat."""
    tasks = Task(FOOTBALL_DATA, partitions), Task(UNDERSTAT, partitions, fetch), Task(FORECASTS, partitions)
    later = Task(PICKS, partitions), Task(QUANTUM, partitions)
    return run(instance, *tasks, *later, progress=progress, definitions=definitions)


@pytest.fixture
def everywhere(environment: Platform) -> Platform:
    """Three seasons of a league on both mirrors."""
    environment.publish(*E0)
    understat_files.serve(environment.mirror, *E0)
    return environment


def understat_requests(platform: Platform) -> list[str]:
    """What Understat was asked for."""
    return [path for path, _ in platform.mirror.requests if not path.startswith("mmz4281/")]


def test_several_pipelines_in_one_call_are_a_run_each_with_one_report(
    everywhere: Platform, instance: dg.DagsterInstance
) -> None:
    report = load_all(instance, *E0)
    assert report.ok, (report.errors, report.failures)
    assert [run.job_name for run in reversed(instance.get_runs())] == [
        "football_data_job",
        "understat_job",
        "forecasts_job",
        "picks_job",
        "quantum_job",
    ]
    # Steps of one pipeline that do not stand on each other come in any order.
    assert list(report.outcomes)[:9] == list(STEPS[:9])
    assert set(report.outcomes) == set(STEPS)
    names = {str(where) for where in E0}
    assert {step: set(statuses(report, step)) for step in STEPS} == dict.fromkeys(STEPS, names)
    # The few books of these matches offer no agent anything.
    found = {step: set(statuses(report, step).values()) for step in STEPS}
    assert found == {step: {Status.LOADED} for step in STEPS} | {PICKS.load[0]: {Status.UNCHANGED}}
    assert all(report.seconds[step] > 0 for step in STEPS)
    assert {name for _, name in report.checks} == FEW_OF_ALL
    assert (
        report.changed
        == sum(
            everywhere.value(f"SELECT count(*) FROM {table}")
            for table in (
                *("matches", "odds", "understat_matches", "shots", "player_matches", "player_seasons"),
                "team_aliases WHERE source = 'understat'",
                "quantum.match_forecasts",
                *(f"quantum.{table}" for table in QUANTUM.steps),
            )
        )
        + 2 * 4
    ), "each season adds its evidence to the four spellings"
    before = snapshot(everywhere.engine)
    again = load_all(instance, *E0)
    assert again.ok
    assert again.changed == 0
    assert snapshot(everywhere.engine) == before


def test_a_failed_check_of_matches_holds_up_the_pipelines_that_build_on_them(
    everywhere: Platform, instance: dg.DagsterInstance
) -> None:
    load(instance, E0[0])
    everywhere.do(
        "UPDATE matches SET match_date = '1999-01-01', kickoff_at = NULL WHERE id = (SELECT min(id) FROM matches)"
    )
    everywhere.mirror.requests.clear()
    report = load_all(instance, E0[0], definitions=build_definitions)
    assert not report.ok
    assert report.blocked == {"matches"}
    assert report.not_run == [
        (step, E0[0])
        for step in (
            *("odds", "team_identities", "shots", "player_seasons", "match_forecasts", "tracking_clv_picks"),
            *QUANTUM.steps,
        )
    ]
    assert understat_requests(everywhere) == []
    assert set(report.outcomes) == {"raw_football_data", "matches"}


def test_a_failed_check_of_odds_holds_up_forecasts_and_picks_and_not_understat(
    everywhere: Platform, instance: dg.DagsterInstance
) -> None:
    load(instance, E0[0])
    everywhere.do("UPDATE odds SET overround = 0.5 WHERE id = (SELECT min(id) FROM odds)")
    report = load_all(instance, E0[0])
    assert report.blocked == {"odds"}
    assert report.not_run == [(step, E0[0]) for step in ("match_forecasts", "tracking_clv_picks", *QUANTUM.steps)]
    assert statuses(report, "player_seasons") == {str(E0[0]): Status.LOADED}


def test_what_fails_at_understat_costs_results_and_forecasts_nothing(
    everywhere: Platform, instance: dg.DagsterInstance
) -> None:
    for where in E0:
        everywhere.mirror.serve(understat_files.key_of(where), Answer(status=500))
    report = load_all(instance, *E0)
    assert {step for step, _ in report.failures} == {"raw_understat"}
    assert len(report.failures) == len(E0)
    assert not report.ok
    assert (report.errors, report.not_run) == ([], [])
    assert held(everywhere, "odds") == {str(where): QUOTES for where in E0}
    assert set(statuses(report, "match_forecasts").values()) == {Status.LOADED}
    assert not set(UNDERSTAT.load) & set(report.outcomes)


def test_a_partition_that_fails_at_understat_is_left_out_of_its_later_steps_and_the_others_go_on(
    everywhere: Platform, instance: dg.DagsterInstance
) -> None:
    everywhere.mirror.serve(understat_files.key_of_match(E0[1], 0), b"<html>")
    with refusing(everywhere, "understat_matches", E0[2]):
        report = load_all(instance, *E0)
    failed = [(step, str(outcome.partition)) for step, outcome in report.failures]
    assert failed == [("raw_understat", str(E0[1])), ("team_identities", str(E0[2]))]
    assert (report.errors, report.not_run) == ([], [])
    assert set(statuses(report, "team_identities")) == {str(E0[0]), str(E0[2])}
    assert statuses(report, "shots") == statuses(report, "player_seasons") == {str(E0[0]): Status.LOADED}
    assert len(statuses(report, "match_forecasts")) == len(E0)
    assert {name for _, name in report.checks} == FEW_OF_ALL
    understat_files.serve(everywhere.mirror, *E0)
    assert load_all(instance, *E0).ok
    assert everywhere.value("SELECT count(*) FROM understat_matches WHERE match_id IS NULL") == 0


def test_a_failed_check_of_identities_keeps_shots_from_loading_and_forecasts_go_on(
    everywhere: Platform, instance: dg.DagsterInstance
) -> None:
    load_all(instance, E0[0])
    everywhere.do("UPDATE ops.raw_files SET rows_read = 16, rows_loaded = 16 WHERE key LIKE 'getLeagueData/%'")
    everywhere.mirror.serve(understat_files.key_of(E0[0]), understat_files.league_file(E0[0], version=2))
    report = load_all(instance, E0[0])
    assert report.blocked == {"team_identities"}
    assert report.not_run == [(step, E0[0]) for step in ("shots", "player_seasons", *QUANTUM.steps)]
    assert statuses(report, "match_forecasts") == {str(E0[0]): Status.UNCHANGED}


def test_without_fetching_what_was_fetched_from_understat_before_is_loaded(
    everywhere: Platform, instance: dg.DagsterInstance
) -> None:
    assert everywhere.materialize(E0[0], steps=["raw_understat"]).success
    everywhere.mirror.requests.clear()
    report = load_all(instance, *E0[:2], fetch=False)
    assert report.ok, (report.errors, report.failures)
    assert understat_requests(everywhere) == []
    assert "raw_understat" not in report.outcomes
    assert statuses(report, "player_seasons") == {str(E0[0]): Status.LOADED, str(E0[1]): Status.NOT_PUBLISHED}


def test_results_that_cannot_be_fetched_now_keep_nobody_from_understats_files_of_the_same_season(
    everywhere: Platform, instance: dg.DagsterInstance
) -> None:
    load(instance, E0[0])
    everywhere.mirror.serve(key_of(E0[0]), Answer(status=500))
    report = load_all(instance, E0[0])
    assert [step for step, _ in report.failures] == ["raw_football_data"]
    assert statuses(report, "player_seasons") == statuses(report, "match_forecasts") == {str(E0[0]): Status.LOADED}


class Interrupting(SilentProgress):
    """Presses Ctrl-C when a step has done so many partitions."""

    def __init__(self, step: str, after: int) -> None:
        self.left = {step: after}
        self.steps: list[str] = []

    def start(self, step: str, partitions: int) -> None:
        self.steps.append(step)

    def advance(self, step: str, outcome: Outcome) -> None:
        if step in self.left:
            self.left[step] -= 1
            if self.left[step] == 0:
                signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("step", FOOTBALL_DATA.steps)
def test_an_interrupt_ends_everything_with_whole_partitions_and_no_further_run(
    environment: Platform, instance: dg.DagsterInstance, step: str
) -> None:
    environment.publish(*E0, SP1[0])
    progress = Interrupting(step, after=2)
    with pytest.raises(KeyboardInterrupt):
        load_all(instance, *E0, SP1[0], progress=progress)
    assert progress.steps == list(FOOTBALL_DATA.steps[: FOOTBALL_DATA.steps.index(step) + 1])
    assert instance.get_runs_count() == 1
    for table, rows in (("matches", MATCHES), ("odds", QUOTES)):
        assert set(held(environment, table).values()) <= {rows}
    report = load(instance, *E0, SP1[0])
    assert report.ok, (report.errors, report.failures)
    assert held(environment, "odds") == {str(where): QUOTES for where in (*E0, SP1[0])}


@pytest.mark.parametrize("step", ["raw_understat", "shots"])
def test_an_interrupt_at_understat_leaves_whole_seasons_and_starts_no_forecasts(
    everywhere: Platform, instance: dg.DagsterInstance, step: str
) -> None:
    progress = Interrupting(step, after=2)
    with pytest.raises(KeyboardInterrupt):
        load_all(instance, *E0, progress=progress)
    assert progress.steps == list(STEPS[: STEPS.index(step) + 1])
    taken = "SELECT count(*) FROM shots s JOIN matches m ON m.id = s.match_id GROUP BY m.season"
    assert {count for (count,) in everywhere.rows(taken)} <= {80}
    report = load_all(instance, *E0)
    assert report.ok, (report.errors, report.failures)
    assert everywhere.rows(taken) == [(80,)] * 3
