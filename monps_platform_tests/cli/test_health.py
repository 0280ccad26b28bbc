"""`monps health` and `monps metrics` as a person and as Prometheus call them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from monps_platform.cli.health import answer
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.errors import ServerUnavailableError
from monps_platform.domain.health import HealthCheck
from monps_platform.domain.health.metrics import FAMILIES
from monps_platform.orchestration.health.exporting import Exporter
from monps_platform_tests.cli.conftest import COMMAND, DAGSTER_DATABASE, Monps
from monps_platform_tests.domain.health.exposed import Told, parse
from monps_platform_tests.environment import clean_environment, database_variables
from monps_platform_tests.waiting import wait_until


def do(address: DatabaseAddress, statement: str) -> list[tuple[object, ...]]:
    """Run SQL in the database of the command; its rows, where it has any."""
    connection = psycopg2.connect(address.libpq_url())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


@pytest.fixture(autouse=True, scope="module")
def _dagster(server: DatabaseAddress) -> None:
    """A database for Dagster's storage, which other modules may have made."""
    known = do(server, f"SELECT 1 FROM pg_database WHERE datname = '{DAGSTER_DATABASE}'")
    if not known:
        do(server, f"CREATE DATABASE {DAGSTER_DATABASE}")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_health_tells_everything_worst_first_and_keeps_it(monps: Monps, database: DatabaseAddress) -> None:
    said = monps("health")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("severity check subject finding and remedy")
    assert said.out.index("warning backup_age all there is no verified backup Run backup_job") < said.out.index(
        "ok connection psycopg2"
    )
    assert " 0 critical; looked for " in said.out
    kept = do(database, "SELECT DISTINCT check_name FROM ops.health_sweeps")
    assert {str(name) for (name,) in kept} == set(HealthCheck) - {HealthCheck.RECORDING}
    told = parse((monps.home / "metrics" / "monps.prom").read_text(encoding="utf-8"))
    assert told["monps_up", ()] == 1


def test_health_ends_with_1_when_something_is_critical(monps: Monps, database: DatabaseAddress) -> None:
    do(database, "CREATE SEQUENCE ops.short MAXVALUE 100")
    do(database, "SELECT setval('ops.short', 99)")
    said = monps("health")
    assert said.code == 1
    assert "critical sequences ops.short 99 of 100 numbers are used up Make the column" in said.out


def test_health_tells_machines_in_json_whatever_the_outcome(monps: Monps, database: DatabaseAddress) -> None:
    said = monps("health", "--json")
    told = json.loads(said.out)
    assert (said.code, said.err, sum(told["counts"].values())) == (0, "", len(told["findings"]))
    assert set(told) == {"sweep_id", "swept_at", "seconds", "counts", "findings"}
    (kept,) = do(database, "SELECT DISTINCT sweep_id::text FROM ops.health_sweeps")
    assert told["sweep_id"] == kept[0]
    assert told["findings"][0]["severity"] == "warning"
    do(database, "UPDATE alembic_version SET version_num = 'later'")
    said = monps("health", "--json")
    assert said.code == 1
    assert json.loads(said.out)["findings"][0] == {
        "severity": "critical",
        "check": "migration",
        "subject": "alembic",
        "finding": "the database is at migration later, which this checkout does not have",
        "remedy": "Update the checkout: a newer one migrated it",
        "value": None,
        "unit": None,
    }


def test_a_sweep_that_cannot_be_kept_is_told_and_says_why(monps: Monps, database: DatabaseAddress) -> None:
    do(database, "DROP TABLE ops.health_sweeps")
    said = monps("health")
    assert "warning recording ops.health_sweeps this sweep could not be kept" in said.out
    assert "monps migrate" in said.out


def test_a_server_that_is_away_is_told_with_what_to_do_and_ends_with_1(monps: Monps) -> None:
    monps.set(MONPS_DB_PORT=1)
    said = monps("health")
    assert (said.code, said.err) == (1, "")
    assert "critical connection psycopg2 psycopg2 gets no answer: cannot connect to PostgreSQL" in said.out
    assert "monps status" in said.out


def test_without_any_database_nothing_is_started(plain: Monps) -> None:
    for command in ("health", "metrics"):
        said = plain(command)
        assert said.code == 1
        assert said.err.startswith("monps: there is no database yet")
        assert said.err.endswith("Run: monps up")
    assert not (plain.home / "postgres").exists()


def test_no_output_of_health_holds_the_password(monps: Monps, database: DatabaseAddress) -> None:
    secret = database.password.get_secret_value()
    assert secret not in monps("health").out + monps("health", "--json").out
    assert secret not in (monps.home / "metrics" / "monps.prom").read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(database: DatabaseAddress, home: Path) -> Iterator[str]:
    """`monps metrics` in a process of its own, and where it serves; it is stopped as Ctrl-C stops it."""
    port = free_port()
    variables = {**database_variables(database, dagster=DAGSTER_DATABASE), "MONPS_HOME": str(home)}
    process = subprocess.Popen(
        [*COMMAND, "metrics", "--port", str(port)],
        env={**clean_environment(), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(2)]
        assert said == [f"Metrics for Prometheus: http://127.0.0.1:{port}/metrics\n", "Ctrl-C stops it.\n"]
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
        assert (process.returncode, rest) == (0, "Stopped.\n")
    finally:
        process.kill()
        process.wait()


def scrape(site: str) -> Told:
    with urllib.request.urlopen(f"{site}/metrics", timeout=30) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return parse(answer.read().decode())


def test_metrics_serves_sweeps_that_are_a_few_seconds_old_at_most(database: DatabaseAddress, tmp_path: Path) -> None:
    with serving(database, tmp_path) as site:
        first, second = scrape(site), scrape(site)
        assert first == second
        absent = {
            *("monps_data_age_seconds", "monps_data_due_matches", "monps_matches_without_score"),
            *("monps_replica_lag_seconds", "monps_backup_age_seconds", "monps_daemon_heartbeat_age_seconds"),
            *("monps_table_analyze_timestamp_seconds", "monps_sequence_used_ratio"),
        }
        assert {name for name, _ in first} >= set(FAMILIES) - absent
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{site}/", timeout=30)
        asked = ("monps_sweep_timestamp_seconds", ())
        later = wait_until(lambda: told if (told := scrape(site))[asked] > first[asked] else None, timeout=20)
        assert later is not None
        assert later[asked] - first[asked] >= 5
        assert do(database, "SELECT count(*) FROM ops.health_sweeps") == [(0,)]
        assert do(database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == [(1,)]


def test_an_answer_that_cannot_be_given_says_why() -> None:
    def fail() -> str:
        raise ServerUnavailableError("MONPS_DB_REPLICA_URL: this is no URL")

    assert answer("/metrics", Exporter(fail)) == (503, "MONPS_DB_REPLICA_URL: this is no URL\n")
    assert answer("/metrics?x=1", Exporter(lambda: "a 1\n")) == (200, "a 1\n")
    assert answer("/", Exporter(fail)) == (404, "The metrics are at /metrics\n")


def test_a_port_that_is_taken_is_told_with_how_to_choose_another(monps: Monps) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = monps("metrics", "--port", str(taken.getsockname()[1]))
    assert said.code == 1
    assert "is taken" in said.err
    assert "MONPS_METRICS_PORT" in said.err
