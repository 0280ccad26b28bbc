"""`monps up` on a server of the user's own: what it does, what it says, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from sqlalchemy import Engine, text

from monps_platform.cli.dagster_home import open_instance
from monps_platform.definitions import build_definitions
from monps_platform.orchestration.assets.tables import POOL
from monps_platform.orchestration.checks.rules import CHECKS as RULE_CHECKS
from monps_platform.orchestration.checks.schema import SCHEMA_CHECKS
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, LOAD_STEPS
from monps_platform.orchestration.runner import RUN_BY_TAG
from monps_platform.settings import Settings
from monps_platform_tests.cli.conftest import COMMAND, Monps
from monps_platform_tests.cli.summaries import AWAY, E0, NARROW, SP1, count, publish, row
from monps_platform_tests.orchestration.football_files import (
    MATCHES,
    QUOTES,
    key_of,
    season_file,
    season_lines,
)

CHECKS = [check.asset for check in (*RULE_CHECKS, *SCHEMA_CHECKS)]
HOLD_LOCK = """
import sys, pathlib
from monps_platform.orchestration.turns import turn
with turn(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_partition_that_fails_ends_up_with_code_1_and_later_without_the_site_the_rest_is_still_there(
    monps: Monps, engine: Engine
) -> None:
    lines = season_lines(E0)
    lines[0] = lines[0].replace("Arsenal", "")
    monps.mirror.serve(key_of(E0), season_file(E0, lines))
    monps.mirror.serve(key_of(SP1), b"id,[/bold][red]x\r\n1,2\r\n")
    said = monps("up", *NARROW)
    assert said.code == 1
    assert "failed raw_football_data SP1 2019-20:" in said.out
    assert "no column Date, HomeTeam, AwayTeam in its first line 'id,[/bold][red]x'" in said.out
    assert "not everything is loaded and right; the table above says what is not" in said.err
    assert row(said, "matches")[:4] == ["12", "11", "1", "11"]
    assert row(said, "odds")[:4] == ["48", "44", "4", "44"]
    assert "warning matches / finished_seasons_are_complete: 1 found" in said.out
    assert (count(engine, "matches"), count(engine, "odds")) == (MATCHES - 1, QUOTES - 4)

    monps.set(MONPS_FOOTBALL_DATA_URL=AWAY)
    with engine.begin() as connection:
        connection.execute(text("UPDATE odds SET draw_price = 99 WHERE id = (SELECT min(id) FROM odds)"))
    said = monps("up", "--leagues", "E0,F1", "--seasons", "2019-20", "--reload")
    assert said.code == 0, said.err
    assert "cannot be reached: nothing new is fetched, what was fetched before is loaded." in said.out
    assert "Never fetched, so not loaded: F1 2019-20" in said.out
    assert "Simulated" not in said.out
    assert row(said, "matches")[:4] == ["12", "11", "1", "unchanged"]
    assert row(said, "odds")[:4] == ["48", "44", "4", "1"]


def test_a_check_that_blocks_ends_up_with_code_1_and_what_it_held_up_is_told(monps: Monps, engine: Engine) -> None:
    publish(monps)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO leagues (code, name, country, tier, is_simulated) VALUES ('E0', 'x', 'England', 1, false)"
            )
        )
        connection.execute(
            text("INSERT INTO team_aliases (source, league_id, spelling) SELECT 'football-data', id, 'x' FROM leagues")
        )
    said = monps("up", *NARROW)
    assert said.code == 1
    assert "failed matches / team_names_are_resolved: 1 found" in said.out
    for asset in ("odds", "team_identities", "shots", "player_seasons", "match_forecasts"):
        assert f"not run {asset} E0 2019-20: a check or a failure held it up" in said.out
        assert row(said, asset)[:2] == ["not", "run"]
    assert row(said, "matches")[6] == "1"
    assert (count(engine, "matches"), count(engine, "odds")) == (2 * MATCHES, 0)


def test_without_the_site_and_anything_fetched_the_simulated_leagues_stand_in_and_are_called_so(
    monps: Monps, engine: Engine
) -> None:
    monps.set(MONPS_FOOTBALL_DATA_URL="http://reader:hunter2@127.0.0.1:1")
    said = monps("up", "--seasons", "2019-20")
    assert said.code == 0, said.err
    assert "http://127.0.0.1:1 cannot be reached, and nothing was fetched before" in said.out.replace("/ ", " ")
    assert "loading the simulated leagues SIM1 and SIM2 instead" in said.out
    assert "Simulated, no real football: SIM1, SIM2" in said.out
    assert "hunter2" not in said.out + said.err
    with engine.connect() as connection:
        seasons = connection.execute(
            text("SELECT code, season, count(*) FROM matches m JOIN leagues l ON l.id = league_id GROUP BY 1, 2")
        ).all()
    played = {"SIM1": 380, "SIM2": 306}
    expected = {(league, "2019-20", matches) for league, matches in played.items()}
    assert {tuple(found) for found in seasons} == expected
    matches = sum(played.values())
    assert row(said, "raw_understat")[:2] == ["688", "files"]
    for asset in ("team_identities", "match_forecasts"):
        assert row(said, asset)[:3] == [str(matches), str(matches), "0"]
    assert count(engine, "understat_matches WHERE match_id IS NOT NULL") == matches
    assert row(said, "shots")[:3] == [f"{count(engine, 'shots'):,}"] * 2 + ["0"]
    assert count(engine, "quantum.match_forecasts") == 4 * matches
    assert count(engine, "quantum.match_forecasts WHERE model = 'dixon_coles' AND home_prob IS NOT NULL") > matches / 2
    assert {row(said, asset)[-2] for asset in LOAD_STEPS} == {"0"}
    assert monps.mirror.requests == []


def test_without_the_site_leagues_that_were_asked_for_and_never_fetched_are_a_failure(
    monps: Monps, engine: Engine
) -> None:
    monps.set(MONPS_FOOTBALL_DATA_URL=AWAY)
    said = monps("up", *NARROW)
    assert said.code == 1
    assert "cannot be reached, and nothing was fetched before" in said.err
    assert "MONPS_FOOTBALL_DATA_URL" in said.err
    assert count(engine, "leagues") == 0


def test_a_second_up_beside_one_at_work_says_so(monps: Monps) -> None:
    monps.home.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, monps.home],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        said = monps("up", *NARROW)
    assert said.code == 1
    assert "another `monps up`, or a refresh or backfill, is at work" in said.err
    assert str(monps.home) in said.err


def test_a_home_that_cannot_be_made_is_a_failure_that_names_it(monps: Monps) -> None:
    monps.home.write_text("a file, no folder")
    said = monps("up", *NARROW)
    assert said.code == 1
    assert str(monps.home) in said.err
    assert "MONPS_HOME" in said.err


@pytest.mark.parametrize("command", ["up", "migrate", "status", "url", "ui"])
def test_a_server_that_cannot_be_reached_or_refuses_is_a_failure_in_words(monps: Monps, command: str) -> None:
    monps.set(MONPS_DB_PORT=1)
    said = monps(command)
    assert said.code == 1
    assert "cannot connect to" in said.err
    assert "Connection refused" in said.err
    monps.set(MONPS_DB_PORT=Settings().db_port)


def test_tables_of_a_newer_version_are_a_failure_that_says_so(monps: Monps, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in (("up", *NARROW), ("migrate",)):
        said = monps(*command)
        assert said.code == 1
        assert "9999" in said.err
        assert "newer" in said.err


def test_runs_of_a_killed_up_are_marked_and_give_back_their_places_and_those_of_the_ui_are_left_alone(
    monps: Monps,
) -> None:
    assert monps("url").code == 0
    job = build_definitions().resolve_job_def(FOOTBALL_DATA.job)
    with open_instance(Settings()) as instance:
        location = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("monps_platform"), "__repository__")
        others = [
            instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED),
            instance.create_run_for_job(
                job,
                status=dg.DagsterRunStatus.STARTED,
                tags={RUN_BY_TAG: "monps up"},
                remote_job_origin=RemoteJobOrigin(location, FOOTBALL_DATA.job),
            ),
        ]
        killed = [
            instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags={RUN_BY_TAG: "monps up"})
            for _ in range(4)
        ]
        if POOL not in {pool.name for pool in instance.event_log_storage.get_pool_limits()}:
            instance.event_log_storage.initialize_concurrency_limit_to_default(POOL)
        for run in killed:
            assert instance.event_log_storage.claim_concurrency_slot(POOL, run.run_id, "matches").is_claimed
        assert instance.event_log_storage.get_concurrency_info(POOL).active_slot_count == 4
    with open_instance(Settings()) as instance:
        assert instance.event_log_storage.get_concurrency_info(POOL).active_slot_count == 0
        statuses = {run.run_id: run.status for run in instance.get_runs()}
        assert {statuses[run.run_id] for run in killed} == {dg.DagsterRunStatus.FAILURE}
        assert {statuses[run.run_id] for run in others} == {dg.DagsterRunStatus.STARTED}


def test_an_interrupt_ends_up_with_130_in_words_and_leaves_whole_partitions(monps: Monps, engine: Engine) -> None:
    with subprocess.Popen(
        [*COMMAND, "up", "--leagues", "SIM1", "--seasons", "2009-10:2020-21"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("matches:"):
                break
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "monps: interrupted; what was loaded whole stays, the rest is as it was" in " ".join(output.split())
    assert "Traceback" not in output
    assert "odds:" not in output
    with engine.connect() as connection:
        sizes = connection.scalars(text("SELECT count(*) FROM matches GROUP BY season")).all()
    assert set(sizes) <= {380}
    assert len(sizes) < 12
