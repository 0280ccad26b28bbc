"""The asset of picks, run by Dagster: what it tells, what a second run does, its jobs, its place in the pipelines."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import text

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.definitions import build_definitions
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PickStep
from monps_platform.orchestration.checks.check import as_steps
from monps_platform.orchestration.checks.rules import CHECKS
from monps_platform.orchestration.outcomes import Progress, SilentProgress, Status
from monps_platform.orchestration.picks import publishing
from monps_platform.orchestration.picks.config import ConsensusValueConfig, PicksConfig, SharpValueConfig
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, PICKS
from monps_platform.orchestration.runner import RunReport, Task, run_tasks
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.simulated import simulate_season
from monps_platform_tests.conftest import Mirror
from monps_platform_tests.db.samples import EMPTY_ALL, Pipeline
from monps_platform_tests.orchestration.football_files import partition
from monps_platform_tests.orchestration.picks.ledgers import E0, LATER, PLAYED, SP1, open_book
from monps_platform_tests.orchestration.platform import Platform, failure_text, fingerprint, recording

ASSET = PICKS.load[0]
SIM2 = partition("SIM2", "2018-19")
TAKEN = 3 * PLAYED
"""Picks of the three agents on a small league whose season is over: those on its played matches."""
PNG = b"\x89PNG\r\n\x1a\n"
BOLD = PicksConfig(
    agents=["consensus_value", "sharp_value"],
    consensus_value=ConsensusValueConfig(alpha=0.01),
    sharp_value=SharpValueConfig(soft_book="PS", sharp_book="B365", threshold=1.0),
)
"""Less choosy agents: prices that were made up honestly hold little value."""
HEADER = "agent,league,date,home,away,market,side,bookmaker,price,stake,taken_at"
LINE = "me,E0,2019-08-10,E0 Club 0,E0 Club 1,1x2,home,Bet365,2.10,1,2019-08-09T12:00Z"


@dataclass(frozen=True)
class Run:
    """What a run of the asset left behind."""

    success: bool
    told: Mapping[str, Any]
    shown: Mapping[str, dg.MetadataValue[Any]]
    rows: Mapping[str, tuple[Any, ...]]
    page: tuple[str, int]
    statuses: Mapping[str, Status]


def told(result: dg.ExecuteInProcessResult) -> dict[str, dg.MetadataValue[Any]]:
    """The metadata of the asset's one materialisation."""
    (event,) = (item for item in result.get_asset_materialization_events() if item.asset_key == dg.AssetKey(ASSET))
    assert event.partition is None
    return dict(event.materialization.metadata)


def run_once(platform: Platform, config: PicksConfig) -> Run:
    """Materialise the asset and look at all of it."""
    progress = recording()
    result = platform.work_on_picks(config, progress)
    shown = told(result)
    return Run(
        result.success,
        {name: value.value for name, value in shown.items()},
        shown,
        fingerprint(platform.engine),
        (platform.page.read_text(encoding="utf-8"), platform.page.stat().st_mtime_ns),
        progress.of(ASSET),
    )


@pytest.fixture(scope="module")
def runs(module_database: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """Two runs of the asset over a simulated league."""
    folder = tmp_path_factory.mktemp("simulated")
    engine = build_engine(module_database)
    store = RawStore(folder / "raw")
    pipeline = Pipeline(session_factory(engine), store)
    pipeline.fetch(SIM2, simulate_season(SIM2.league, SIM2.season), source="simulated")
    pipeline.load(SIM2)
    with dg.DagsterInstance.ephemeral() as instance:
        platform = Platform(module_database, engine, store, folder / "raw", Mirror(""), instance)
        found = run_once(platform, BOLD), run_once(platform, BOLD)
    with engine.begin() as connection:
        connection.execute(text(EMPTY_ALL))
    engine.dispose()
    return found


@pytest.fixture(autouse=True)
def _without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures take most of a small run's time; the runs over the simulated league, made before, have them."""
    monkeypatch.setattr("monps_platform.orchestration.picks.report.PICTURES", ())


# What it tells


def test_a_simulated_league_is_worked_on_whole_and_its_rows_are_told(runs: tuple[Run, Run]) -> None:
    first, _ = runs
    assert first.success
    assert first.statuses == {"SIM2 2018-19": Status.LOADED}
    count = first.rows["public.tracking_clv_picks"][0]
    assert first.told["dagster/row_count"] == first.told["rows_inserted"] == count > 200
    assert (first.told["partitions"], first.told["partitions_unchanged"]) == (1, 0)
    assert (first.told["rows_updated"], first.told["rows_deleted"]) == (2 * count, 0)
    assert first.told["seconds"] > 0
    assert 0 < len(first.told["preview"].records) <= 12


def test_the_track_record_of_simulated_leagues_is_called_so(runs: tuple[Run, Run]) -> None:
    first, _ = runs
    assert isinstance(first.shown["simulated_track_record"], dg.MarkdownMetadataValue)
    said = first.told["simulated_track_record"]
    names = ["consensus_value(alpha=0.01)", "sharp_value(soft_book=PS, sharp_book=B365, threshold=1.0)"]
    for name in names:
        assert f"- {name}: " in said
        assert f"| {name} | " in said
    assert "track_record" not in first.told
    assert not [name for name in first.told if name.startswith(("picks_", "roi_", "clv_"))]


def test_three_pictures_are_pngs_and_figures_plot_over_time(runs: tuple[Run, Run]) -> None:
    first, _ = runs
    for name in ("simulated_profit", "simulated_clv_distribution", "simulated_clv_and_return"):
        data = first.told[name].rstrip(")").split("base64,")[1]
        assert base64.b64decode(data, validate=True).startswith(PNG)
        assert len(data) < 150_000
    figures = ("picks", "profit", "clv", "clv_no_vig", "roi", "coverage")
    shown = [first.shown[f"simulated_{name}_consensus_value(alpha=0.01)"] for name in figures]
    assert all(isinstance(value, (dg.IntMetadataValue, dg.FloatMetadataValue)) for value in shown)
    numbers = [name for name in first.told if name.startswith("simulated_picks_")]
    assert sum(first.told[name] for name in numbers) == first.told["dagster/row_count"]


def test_the_page_is_where_it_is_said_to_be(runs: tuple[Run, Run]) -> None:
    first, _ = runs
    assert isinstance(first.shown["page"], dg.PathMetadataValue)
    assert Path(str(first.told["page"])).read_text(encoding="utf-8") == first.page[0]
    assert "Simulated leagues, no real football." in first.page[0]
    assert first.page[0].count("data:image/png;base64,") == 3


def test_a_second_run_touches_no_row_and_leaves_the_page_as_it_is(runs: tuple[Run, Run]) -> None:
    first, second = runs
    assert second.success
    assert second.statuses == {"SIM2 2018-19": Status.UNCHANGED}
    assert second.rows == first.rows
    assert second.page == first.page
    changes = ("rows_inserted", "rows_updated", "rows_deleted")
    assert [second.told[name] for name in (*changes, "partitions_unchanged")] == [0, 0, 0, 1]
    volatile = {*changes, "partitions_unchanged", "seconds"}
    assert {name: value for name, value in second.told.items() if name not in volatile} == {
        name: value for name, value in first.told.items() if name not in volatile
    }


def test_without_matches_there_is_nothing_to_tell_but_that(platform: Platform) -> None:
    result = platform.work_on_picks()
    assert result.success, failure_text(result)
    found = {name: value.value for name, value in told(result).items()}
    assert (found["dagster/row_count"], found["partitions"], found["track_record"]) == (0, 0, "There are no picks yet.")
    assert "There are no picks yet." in platform.page.read_text(encoding="utf-8")


def test_a_page_that_is_gone_is_written_again(platform: Platform) -> None:
    open_book(platform.engine)
    assert platform.work_on_picks().success
    platform.page.unlink()
    assert platform.work_on_picks().success
    assert "All agents" in platform.page.read_text(encoding="utf-8")


# What it is told to do


def test_leagues_seasons_agents_and_steps_are_chosen_by_the_configuration(platform: Platform) -> None:
    for where in (E0, LATER, SP1):
        open_book(platform.engine, where)
    progress = recording()
    config = PicksConfig(leagues="E0", seasons="2020-21", agents=["sharp_value"], steps=["take"])
    assert platform.work_on_picks(config, progress).success
    assert progress.of(ASSET) == {"E0 2020-21": Status.LOADED}
    assert platform.rows("SELECT agent, count(*), count(closing_price) FROM tracking_clv_picks GROUP BY 1") == [
        ("sharp_value", PLAYED, 0)
    ]


WRONG: dict[str, tuple[PicksConfig, str]] = {
    "an agent": (PicksConfig(agents=["nobody"]), "there is no agent 'nobody': there is consensus_value, sharp_value"),
    "a step": (PicksConfig(steps=["guess"]), "there is no step 'guess': there is take, close, settle"),
    "a league": (PicksConfig(leagues="XX"), "unknown league 'XX'; known leagues: E0"),
    "a season": (PicksConfig(seasons="1920"), "'1920' is no season: write it as 2019-20"),
    "a parameter": (
        PicksConfig(consensus_value=ConsensusValueConfig(alpha=2)),
        "consensus_value: alpha is 2.0, it is at least 0 and below 1",
    ),
}


@pytest.mark.parametrize(("config", "message"), WRONG.values(), ids=WRONG)
def test_a_configuration_that_makes_no_sense_fails_in_words_and_changes_no_pick(
    platform: Platform, config: PicksConfig, message: str
) -> None:
    open_book(platform.engine)
    result = platform.work_on_picks(config)
    assert not result.success
    assert message in failure_text(result)
    assert platform.value("SELECT count(*) FROM tracking_clv_picks") == 0


# Files of picks


def test_while_the_picks_are_the_same_figures_and_pictures_are_not_made_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_book(platform.engine)
    platform.work_on_picks()

    def figures() -> dict[str, dg.MetadataValue[Any]]:
        return {name: value for name, value in told(platform.work_on_picks()).items() if name != "seconds"}

    first = figures()
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "report_parts", None)  # whatever is made now, fails
        assert figures() == first
    kept = platform.page.with_suffix(".json")
    for broken in ("{", "[]", '{"state": "another"}', None):
        if broken is None:
            kept.unlink()
        else:
            kept.write_text(broken, encoding="utf-8")
        assert figures() == first, broken
        assert len(kept.read_text(encoding="utf-8")) > 1000


def put(platform: Platform, name: str, *lines: str) -> None:
    """Put a file into the watched folder."""
    platform.picks.mkdir(exist_ok=True)
    path = platform.picks / name
    path.write_text("".join(f"{line}\n" for line in (HEADER, *lines)), encoding="utf-8")
    os.utime(path, (0, 0))  # long ago


def test_new_files_of_the_watched_folder_are_imported_first_and_told_of(platform: Platform) -> None:
    open_book(platform.engine)
    put(platform, "good.csv", LINE, LINE.replace(",home,", ",away,"))
    put(platform, "wrong.csv", LINE.replace("me,", "you,", 1), LINE.replace("2.10", "0.5"))
    result = platform.work_on_picks()
    assert result.success, failure_text(result)
    shown = told(result)["imported_files"]
    assert isinstance(shown, dg.TableMetadataValue)
    good, wrong = (record.data for record in shown.records)
    counts = {"lines": 2, "new": 2, "held": 0, "rejected": 0}
    assert good == {"file": "good.csv", "imported": True, **counts, "first_wrong": None}
    assert (wrong["file"], wrong["imported"], wrong["lines"], wrong["rejected"]) == ("wrong.csv", False, 2, 1)
    assert str(wrong["first_wrong"]).startswith("line 3: ")
    own = (
        "SELECT agent, side::text, closing_price IS NOT NULL, result::text FROM tracking_clv_picks WHERE origin = 'own'"
    )
    assert sorted(platform.rows(own)) == [("me", "away", True, "loss"), ("me", "home", True, "win")]


def test_files_that_are_imported_are_not_told_of_again_and_those_that_were_refused_are(platform: Platform) -> None:
    open_book(platform.engine)
    put(platform, "good.csv", LINE)
    assert platform.work_on_picks().success
    assert "imported_files" not in told(platform.work_on_picks())
    put(platform, "wrong.csv", LINE.replace("2.10", "0.5"))
    for _ in range(2):
        shown = told(platform.work_on_picks())["imported_files"]
        assert isinstance(shown, dg.TableMetadataValue)
        assert [record.data["file"] for record in shown.records] == ["wrong.csv"]


def test_an_imported_pick_alone_is_news_to_the_page(platform: Platform) -> None:
    open_book(platform.engine)
    assert platform.work_on_picks(PicksConfig(agents=[])).success
    put(platform, "good.csv", LINE)
    assert platform.work_on_picks(PicksConfig(agents=[], steps=[])).success
    assert "me: 1 pick on 1 match" in platform.page.read_text(encoding="utf-8")


def test_a_run_that_imports_nothing_leaves_the_folder_alone(platform: Platform) -> None:
    open_book(platform.engine)
    put(platform, "good.csv", LINE)
    result = platform.work_on_picks(PicksConfig(import_files=False))
    assert "imported_files" not in told(result)
    assert platform.value("SELECT count(*) FROM tracking_clv_picks WHERE origin = 'own'") == 0


# Failures


@contextmanager
def refusing(platform: Platform, season: str) -> Iterator[None]:
    """The server refuses new picks of a season."""
    platform.do(f"""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT season FROM matches WHERE id = NEW.match_id) = '{season}' THEN RAISE EXCEPTION 'refused by the test';
        END IF; RETURN NEW; END $$""")
    platform.do("CREATE TRIGGER refuse BEFORE INSERT ON tracking_clv_picks FOR EACH ROW EXECUTE FUNCTION refuse()")
    try:
        yield
    finally:
        platform.do("DROP FUNCTION refuse CASCADE")


def test_a_season_that_fails_fails_the_run_after_the_others_are_done_and_told(platform: Platform) -> None:
    open_book(platform.engine)
    open_book(platform.engine, LATER)
    progress = recording()
    with refusing(platform, "2020-21"):
        result = platform.work_on_picks(progress=progress)
    assert not result.success
    assert progress.of(ASSET) == {"E0 2019-20": Status.LOADED, "E0 2020-21": Status.FAILED}
    said = failure_text(result)
    assert "1 of 2 partitions failed; their old rows stay, the others are done" in said
    assert "E0 2020-21: refused by the test" in said
    # An event that is logged before the step fails is in the storage, not among those that the run hands back.
    kept = platform.instance.get_latest_materialization_event(dg.AssetKey(ASSET))
    assert kept is not None
    assert kept.run_id == result.run_id
    assert kept.asset_materialization is not None
    found = {name: value.value for name, value in kept.asset_materialization.metadata.items()}
    assert (found["dagster/row_count"], found["partitions"], found["rows_inserted"]) == (TAKEN, 2, TAKEN)
    assert found["picks_sharp_value"] == PLAYED
    assert "sharp_value: 4 picks on 4 matches" in platform.page.read_text(encoding="utf-8")
    assert platform.work_on_picks().success
    assert platform.value("SELECT count(*) FROM tracking_clv_picks") == 2 * TAKEN


def test_what_failed_is_named_for_those_who_read_it_by_machine(platform: Platform) -> None:
    open_book(platform.engine)
    with refusing(platform, "2019-20"):
        result = platform.work_on_picks()
    (failure,) = (event.step_failure_data for event in result.all_events if event.is_step_failure)
    assert failure.user_failure_data is not None
    assert failure.user_failure_data.metadata["failed_partitions"].value == ["E0|2019-20"]


# Jobs


FEW = ("edges_recompute_from_probabilities", "overrounds_recompute", "raw_bytes_match_their_hash")


def with_few_checks(progress: Progress) -> dg.Definitions:
    """What the code location holds, with few of its checks."""
    whole = build_definitions(progress)
    few = as_steps(check for check in CHECKS if check.name in FEW)
    return dg.Definitions(
        assets=whole.assets, asset_checks=few, jobs=whole.jobs, resources=whole.resources, executor=whole.executor
    )


@pytest.fixture
def job(environment: Platform, instance: dg.DagsterInstance) -> Callable[[str], dg.ExecuteInProcessResult]:
    """Runs a job of the code location."""
    definitions = with_few_checks(SilentProgress())

    def run(name: str) -> dg.ExecuteInProcessResult:
        return definitions.resolve_job_def(name).execute_in_process(instance=instance, raise_on_error=False)

    return run


def test_each_job_does_its_own_step_and_imports_no_file(
    environment: Platform, job: Callable[[str], dg.ExecuteInProcessResult]
) -> None:
    open_book(environment.engine)
    put(environment, "good.csv", LINE)
    counts = "SELECT count(*), count(closing_price), count(result), count(*) FILTER (WHERE origin = 'own') FROM {}"
    steps = "SELECT step::text FROM ops.pick_progress ORDER BY id"
    expected = [(TAKEN, 0, 0, 0), (TAKEN, TAKEN, 0, 0), (TAKEN, TAKEN, TAKEN, 0)]
    for at, step in enumerate(PickStep):
        result = job(f"{step}_picks_job")
        assert result.success, failure_text(result)
        assert environment.rows(counts.format("tracking_clv_picks")) == [expected[at]]
        assert [name for (name,) in environment.rows(steps)] == [item.value for item in list(PickStep)[: at + 1]]


def test_the_job_of_all_steps_imports_files_and_does_each(
    environment: Platform, job: Callable[[str], dg.ExecuteInProcessResult]
) -> None:
    open_book(environment.engine)
    put(environment, "good.csv", LINE)
    result = job("picks_job")
    assert result.success, failure_text(result)
    assert environment.rows("SELECT count(*), count(closing_price), count(result) FROM tracking_clv_picks") == [
        (TAKEN + 1,) * 3
    ]
    assert [evaluation.check_name for evaluation in result.get_asset_check_evaluations()] == [FEW[0]]


# Among the pipelines


def run_pipelines(instance: dg.DagsterInstance, *tasks: Task, progress: Progress | None = None) -> RunReport:
    """Run pipelines one after another, with one report."""
    return run_tasks(with_few_checks, instance, tasks, progress or SilentProgress())


def statuses(report: RunReport) -> dict[str, Status]:
    """What became of the picks of each partition."""
    return {str(outcome.partition): outcome.status for outcome in report.outcomes.get(ASSET, [])}


def test_the_pipeline_is_one_run_over_all_that_is_held_whatever_is_named(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    for where in (E0, SP1):
        open_book(environment.engine, where)
    report = run_pipelines(instance, Task(PICKS, [E0]))
    assert report.ok, (report.errors, report.failures, report.not_run)
    assert len(report.run_ids) == instance.get_runs_count() == 1
    assert statuses(report) == {"E0 2019-20": Status.LOADED, "SP1 2019-20": Status.LOADED}
    assert report.changed == 2 * 3 * TAKEN
    assert report.seconds[ASSET] > 0
    assert {name for _, name in report.checks} == {FEW[0]}
    before = fingerprint(environment.engine)
    for named in ([], [E0, partition("SIM2", "2001-02")]):
        again = run_pipelines(instance, Task(PICKS, named))
        assert again.ok
        assert statuses(again) == dict.fromkeys(statuses(report), Status.UNCHANGED)
        assert (len(again.run_ids), again.changed, again.not_run) == (1, 0, [])
    assert fingerprint(environment.engine) == before


def test_a_season_that_fails_is_a_failure_of_the_pipeline_and_costs_no_other(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    for where in (E0, LATER):
        open_book(environment.engine, where)
    with refusing(environment, "2019-20"):
        report = run_pipelines(instance, Task(PICKS, [E0, LATER]))
    ((step, outcome),) = report.failures
    assert (step, str(outcome.partition)) == (ASSET, "E0 2019-20")
    assert outcome.detail.startswith("refused by the test")
    assert not report.ok
    assert (report.errors, report.not_run) == ([], [])
    assert statuses(report) == {"E0 2019-20": Status.FAILED, "E0 2020-21": Status.LOADED}
    assert run_pipelines(instance, Task(PICKS, [E0, LATER])).ok


def test_a_failed_check_of_what_picks_build_on_keeps_them_from_being_worked_on(
    environment: Platform, instance: dg.DagsterInstance
) -> None:
    where: Partition = partition("E0", "2019-20")
    environment.publish(where)
    assert run_pipelines(instance, Task(FOOTBALL_DATA, [where])).ok
    environment.do("UPDATE odds SET overround = 0.5 WHERE id = (SELECT min(id) FROM odds)")
    report = run_pipelines(instance, Task(FOOTBALL_DATA, [where]), Task(PICKS, [where]))
    assert report.blocked == {"odds"}
    assert report.not_run == [(ASSET, where)]
    assert ASSET not in report.outcomes
    assert not report.ok
    assert [run.job_name for run in instance.get_runs()] == ["football_data_job"] * 2


def test_a_failed_check_of_picks_themselves_is_no_success(environment: Platform, instance: dg.DagsterInstance) -> None:
    """An edge that no probability explains, of a person's pick, which the ledger leaves as it was taken."""
    book = open_book(environment.engine)
    book.own(0)
    assert run_pipelines(instance, Task(PICKS, [E0])).ok
    book.do("UPDATE tracking_clv_picks SET edge = 0.9 WHERE origin = 'own'")
    report = run_pipelines(instance, Task(PICKS, [E0]))
    assert (report.blocked, report.errors, report.failures) == ({ASSET}, [], [])
    assert not report.ok
    assert set(statuses(report).values()) == {Status.UNCHANGED}
    book.do("UPDATE tracking_clv_picks SET edge = NULL WHERE origin = 'own'")
    assert run_pipelines(instance, Task(PICKS, [E0])).ok


def test_a_database_that_is_away_is_an_error_in_words(
    environment: Platform, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONPS_DB_PORT", "1")
    report = run_pipelines(instance, Task(PICKS, [E0]))
    assert not report.ok
    assert "Connection refused" in report.errors[0]
