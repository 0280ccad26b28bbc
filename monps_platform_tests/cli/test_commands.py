"""The real command from nothing: the embedded server, two leagues, every sub-command, and the UI over its runs."""

from __future__ import annotations

import functools
import http.server
import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from monps_platform import __version__
from monps_platform.db.schema import migrations
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.pipelines import PIPELINES, STEPS
from monps_platform_tests.cli.conftest import COMMAND
from monps_platform_tests.db.embedded.embedded_helpers import free_port, throwaway_base
from monps_platform_tests.environment import clean_environment
from monps_platform_tests.orchestration import understat_files
from monps_platform_tests.orchestration.football_files import MATCHES, QUOTES, key_of, partition, season_file
from screenshots.browser import find_browser, open_page
from screenshots.take import SHOTS, WIDTH, take

PROGRAM = Path(sys.executable).parent / "monps"
NARROW = ("--leagues", "E0,SP1", "--seasons", "2019-20")
RUNS = """{ runsOrError(limit: 20) { ... on Runs { results { runId status jobName tags { key value } } } } }"""
ASSETS = """{ assetNodes { assetKey { path } groupName dependencyKeys { path } jobNames
    assetMaterializations(limit: 1) { partition metadataEntries { label } }
    assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization { status } } } } } }"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a plain file server."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


SCHEDULED = ("REFRESH", "QUALITY", "HEALTH", "BACKUP", "RETENTION")
"""What would run by itself in the middle of a test."""


@dataclass(frozen=True)
class Installation:
    """A home of its own, the environment that names it, and what the first `monps up` in it said."""

    home: Path
    environment: Mapping[str, str]
    first: subprocess.CompletedProcess[str] | None = None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call the command as a person would, and wait for its end."""
        return subprocess.run(
            [*COMMAND, *arguments], env=dict(self.environment), capture_output=True, text=True, timeout=120, check=False
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Call the command, and go on."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def url(self, *arguments: str) -> str:
        """The address of the database."""
        done = self.run("url", *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count("\n") == 1
        return done.stdout.strip()

    def password(self) -> str:
        """The generated password."""
        return self.url().split(":")[2].split("@")[0]


def write_understat(folder: Path, where: Partition) -> None:
    """Put a season's league file and match files below a folder."""
    files = {understat_files.key_of(where): understat_files.league_file(where)}
    for number in range(MATCHES):
        files[understat_files.key_of_match(where, number)] = understat_files.match_file(where, number)
    for key, body in files.items():
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(body)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Two leagues on a mirror, loaded by the first `monps up` of a home that did not exist."""
    with throwaway_base() as base:
        for where in (partition("E0", "2019-20"), partition("SP1", "2019-20")):
            path = base / "site" / key_of(where)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(season_file(where))
        write_understat(base / "site", partition("E0", "2019-20"))
        with serving(base / "site") as address:
            made = Installation(
                base / "a home",
                {
                    **clean_environment(),
                    "MONPS_HOME": str(base / "a home"),
                    "MONPS_EMBEDDED_PORT": str(free_port()),
                    "MONPS_FOOTBALL_DATA_URL": address,
                    "MONPS_UNDERSTAT_URL": address,
                    "MONPS_UNDERSTAT_SHOTS": "1",
                    **{f"MONPS_{name}_CRON": "0 0 1 1 *" for name in SCHEDULED},
                },
            )
            yield Installation(made.home, made.environment, made.run("up", *NARROW))
            made.run("down")


def figures(output: str, asset: str) -> list[str]:
    """The words of the summary's line of an asset."""
    # A long name goes on in a second line, before the figures.
    shown = asset[asset.rfind("_", 0, 18) + 1 :] if len(asset) > 18 else asset
    (line,) = (line for line in output.splitlines() if line.startswith(f"{shown} "))
    return line.split()[1:]


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query over a libpq URL."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_the_first_up_makes_everything_loads_it_and_ends_with_the_figures(installation: Installation) -> None:
    first = installation.first
    assert first is not None
    assert (first.returncode, first.stderr) == (0, "")
    assert f"Tables migrated to {migrations.head()}." in first.stdout
    assert figures(first.stdout, "raw_football_data")[:6] == ["2", "files", "2", "0", "2", "new"]
    assert figures(first.stdout, "matches")[:4] == ["24", "24", "0", "24"]
    assert figures(first.stdout, "odds")[:4] == ["96", "96", "0", "96"]
    assert figures(first.stdout, "raw_understat")[:6] == ["14", "files", "13", "0", "1", "new"]
    assert figures(first.stdout, "shots")[:3] == ["80", "80", "0"]
    assert figures(first.stdout, "match_forecasts")[:4] == ["24", "24", "0", "96"]
    for asset in STEPS:
        *_, passed, warned, failed, seconds = figures(first.stdout, asset)
        assert int(passed) >= 3
        assert (warned, failed) == ("0", "0")
        assert float(seconds) >= 0
    assert "make ui" in first.stdout
    assert f"What the picks were worth: {installation.home / 'reports' / 'picks.html'}" in first.stdout
    short = [line for line in first.stdout.splitlines() if not line.startswith(("PostgreSQL", "What the picks"))]
    assert all(len(line) <= 80 for line in short)


def test_a_second_up_changes_nothing_and_says_unchanged(installation: Installation) -> None:
    query = """SELECT 'odds', id, updated_at, xmin::text FROM odds
        UNION ALL SELECT 'shots', id, updated_at, xmin::text FROM shots
        UNION ALL SELECT 'forecasts', id, updated_at, xmin::text FROM quantum.match_forecasts ORDER BY 1, 2"""
    before = rows(installation.url(), query)
    assert len(before) == 2 * QUOTES + 80 + 4 * 2 * MATCHES
    again = installation.run("up", *NARROW)
    assert (again.returncode, again.stderr) == (0, "")
    for asset in STEPS:
        assert "unchanged" in figures(again.stdout, asset)
    assert "all is unchanged" in again.stdout
    assert rows(installation.url(), query) == before


def test_the_program_is_installed() -> None:
    done = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"monps, version {__version__}\n"


def test_url_prints_an_address_that_other_tools_connect_with(installation: Installation) -> None:
    assert rows(installation.url(), "SELECT current_database(), count(*) FROM matches") == [("monps", 2 * MATCHES)]
    dagster = rows(installation.url("--dagster"), "SELECT current_database(), count(*) > 0 FROM runs")
    assert dagster == [("monps_dagster", True)]


def test_psql_runs_psql_with_its_arguments_and_exit_code_and_the_password_out_of_sight(
    installation: Installation,
) -> None:
    done = installation.run(
        "psql", "-At", "-c", "select count(*) from odds", "-c", r"\! tr '\0' ' ' < /proc/$PPID/cmdline"
    )
    assert (done.returncode, done.stderr) == (0, "")
    count, command = done.stdout.splitlines()
    assert count == str(2 * QUOTES)
    assert "psql -At -c select count(*)" in command
    assert installation.password() not in command
    failed = installation.run("psql", "-c", "select 1/0")
    assert failed.returncode == 1
    assert "division by zero" in failed.stderr


def test_an_interrupt_reaches_psql_itself_which_cancels_its_query(installation: Installation) -> None:
    url = installation.url()
    with installation.start("psql", "-c", "select pg_sleep(60)") as process:
        deadline = time.monotonic() + 30
        while rows(url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'select pg_sleep%'") == [(0,)]:
            assert time.monotonic() < deadline
        assert psutil.Process(process.pid).name() == "psql"
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
    assert "canceling statement due to user request" in output
    assert "monps" not in output


def test_status_tells_server_migration_and_rows(installation: Installation) -> None:
    installation.url()
    done = installation.run("status")
    assert (done.returncode, done.stderr) == (0, "")
    assert "PostgreSQL   embedded, running, pid " in done.stdout
    assert f"migration    {migrations.head()} (newest: {migrations.head()})" in done.stdout
    assert f"{2 * MATCHES:>12}  public.matches" in done.stdout
    assert f"{2 * QUOTES:>12}  public.odds" in done.stdout
    assert installation.password() not in done.stdout


def test_migrate_says_that_there_is_nothing_to_do(installation: Installation) -> None:
    done = installation.run("migrate")
    assert (done.returncode, done.stdout) == (
        0,
        f"The database is at the newest migration, {migrations.head()}: nothing to do.\n",
    )


def test_down_stops_the_server_and_url_starts_it_again_with_its_data(installation: Installation) -> None:
    url = installation.url()
    assert installation.run("down").stdout == "PostgreSQL is stopped; the data stays.\n"
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url)
    assert "not running (monps up)" in installation.run("status").stdout
    assert installation.run("down").stdout == "PostgreSQL was not running.\n"
    assert rows(installation.url(), "SELECT count(*) FROM odds") == [(2 * QUOTES,)]


def ask(port: int, query: str) -> Any:
    """The answer of the UI's GraphQL."""
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


def answers(port: int) -> bool:
    """Whether the UI serves."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5) as answer:
            return "dagster_webserver_version" in json.load(answer)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def ui(installation: Installation) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`monps ui` on a free port, answering; ended with all it started whatever happens."""
    port = free_port()
    process = installation.start("ui", "--port", str(port))
    started: list[psutil.Process] = []
    try:
        deadline = time.monotonic() + 60
        while not answers(port):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline, "no answer within 60 s"
            time.sleep(0.2)
        started = psutil.Process(process.pid).children(recursive=True)
        assert process.stdout is not None
        assert any(f"http://127.0.0.1:{port}" in line for line in iter(process.stdout.readline, ""))
        yield process, port
    finally:
        for each in (*started, *([psutil.Process(process.pid)] if process.poll() is None else [])):
            if each.is_running():
                each.kill()
        process.communicate()


def pictures(port: int) -> dict[str, bytes]:
    """What pages of the UI look like, as the documentation shows them; none where there is no browser."""
    if (browser := find_browser()) is None:
        return {}
    url, taken = f"http://127.0.0.1:{port}", {}
    for shot in (shot for shot in SHOTS if shot.name in {"lineage", "checks", "jobs", "automation"}):
        with open_page(browser, WIDTH, shot.height) as page:
            taken[shot.name] = take(page, url, shot)
    return taken


def kept_by_dagster(url: str) -> bytes:
    """All cells of Dagster's database, unpacked where they are packed."""
    tables = rows(url, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    cells = (cell for (table,) in tables for row in rows(url, f'SELECT * FROM "{table}"') for cell in row)
    return b"\n".join(_unpacked(cell) for cell in cells)


def _unpacked(cell: object) -> bytes:
    if not isinstance(cell, memoryview):
        return str(cell).encode()
    try:
        return zlib.decompress(cell)
    except zlib.error:
        return bytes(cell)


def test_the_ui_shows_the_runs_of_up_on_loopback_only_without_a_secret_and_ends_whole(
    installation: Installation,
) -> None:
    password = installation.password()
    with ui(installation) as (process, port):
        runs = ask(port, RUNS)["runsOrError"]["results"]
        assert {run["status"] for run in runs} == {"SUCCESS"}
        assert {run["jobName"] for run in runs} == {pipeline.job for pipeline in PIPELINES}
        assert all({"key": "monps/run_by", "value": "monps up"} in run["tags"] for run in runs)
        nodes = {node["assetKey"]["path"][0]: node for node in ask(port, ASSETS)["assetNodes"]}
        lineage = {name: {key["path"][0] for key in node["dependencyKeys"]} for name, node in nodes.items()}
        assert set(lineage) == {*STEPS, "raw_odds_api", "odds_snapshots", "database_health"}
        assert lineage["odds"] == {"raw_football_data", "matches"}
        assert lineage["team_identities"] == {"raw_understat", "matches"}
        assert lineage["match_forecasts"] == {"matches", "odds"}
        assert lineage["tracking_clv_picks"] == {"matches", "odds", "match_forecasts"}
        for node in (nodes[step] for step in STEPS):
            (latest,) = node["assetMaterializations"]
            labels = {entry["label"] for entry in latest["metadataEntries"]}
            assert {"rows_read", "rows_loaded", "rows_rejected", "dagster/row_count", "preview"} <= labels
            checks = node["assetChecksOrError"]["checks"]
            assert {check["executionForLatestMaterialization"]["status"] for check in checks} == {"SUCCEEDED"}

        for name, picture in pictures(port).items():
            assert picture.startswith(b"\x89PNG"), name
            assert len(picture) > 20_000, f"the page of {name} is all but empty"

        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        listening = {
            connection.laddr.ip
            for each in family
            for connection in each.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}
        assert len(family) >= 3
        assert password not in "\n".join(word for each in family for word in each.cmdline())

        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
        _, alive = psutil.wait_procs(family[1:], timeout=5)
        assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
        assert process.returncode == 0
    assert "Stopping" in output
    kept = kept_by_dagster(installation.url("--dagster"))
    logs = b"\n".join(path.read_bytes() for path in (installation.home / "dagster").rglob("*") if path.is_file())
    assert b"MONPS_DB_PASSWORD" in kept, "the search does not see what is there"
    assert password.encode() not in kept + logs + output.encode()
