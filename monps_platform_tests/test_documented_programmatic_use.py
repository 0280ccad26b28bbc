"""The page on use from Python: every example on it runs and says what it should; so do the fixtures it names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import dagster as dg
import pytest

from monps_platform import testing
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.settings import PROJECT_ROOT
from monps_platform.testing import Sandbox, databases, fixtures, sandbox
from monps_platform_tests.environment import clean_environment

PAGE = (PROJECT_ROOT / "docs" / "programmatic-use.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
EXPECTED = [
    ["success: True", "matches: 380"],
    ["leagues: ", " alerts: 0"],
    ["passed ERROR matches_are_not_repeated 0", "passed ERROR match_rows_reconcile 0"],
    ["matches_are_not_repeated 0"],
    ["LaunchRunSuccess", "SUCCEEDED"],
]
pytestmark = pytest.mark.filterwarnings("ignore::dagster.BetaWarning")
CONFTEST = 'pytest_plugins = ["monps_platform.testing.fixtures"]'
WITH_A_SERVER_OF_ITS_OWN = 1
monps_database, monps_instance = fixtures.monps_database, fixtures.monps_instance
monps_sandbox = fixtures.monps_sandbox


@pytest.fixture(scope="session")
def monps_server(server: DatabaseAddress) -> DatabaseAddress:
    """The server of these tests: another one would cost them seconds."""
    return server


def test_every_example_of_the_page_is_expected_to_say_something() -> None:
    assert len(EXAMPLES) == len(EXPECTED)


def test_an_example_of_the_page_runs_in_a_process_and_on_a_server_of_its_own_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EXAMPLES[WITH_A_SERVER_OF_ITS_OWN]],
        env={**clean_environment(), "MONPS_HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for expected in EXPECTED[WITH_A_SERVER_OF_ITS_OWN]:
        assert expected in done.stdout
    assert [path for path in tmp_path.iterdir() if path.name.startswith("monps-")] == [], "something is left behind"


@pytest.mark.parametrize("number", sorted(set(range(len(EXPECTED))) - {WITH_A_SERVER_OF_ITS_OWN}))
def test_an_example_of_the_page_runs(
    number: int, server: DatabaseAddress, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(databases, "throwaway_server", lambda: nullcontext(server))
    exec(compile(EXAMPLES[number], f"example {number}", "exec"), {})  # the page's own code
    said = capsys.readouterr().out
    for expected in EXPECTED[number]:
        assert expected in said


def test_the_fixtures_of_the_page_are_a_database_without_rows_and_an_instance_without_runs(
    monps_database: DatabaseAddress, monps_instance: dg.DagsterInstance
) -> None:
    assert CONFTEST in PAGE
    assert monps_database.database.startswith("throwaway_")
    assert monps_instance.get_runs() == []


def test_the_sandbox_is_a_fixture_too(monps_sandbox: Sandbox) -> None:
    assert monps_sandbox.rows("SELECT count(*) FROM matches") == [(0,)]


def test_the_package_gives_what_it_lists_and_nothing_else() -> None:
    assert all(callable(getattr(testing, name)) for name in testing.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing_of_the_kind'"):
        _ = testing.nothing_of_the_kind


def test_a_failure_in_a_sandbox_is_a_result_and_another_query_than_graphql_knows_an_error(
    server: DatabaseAddress,
) -> None:
    with sandbox(server, mirror="http://127.0.0.1:1") as box:
        assert isinstance(box, Sandbox)
        with pytest.raises(ValueError, match="Cannot query field"):
            box.graphql("query Nothing { nothing }")
        assert box.rows("SELECT count(*) FROM ops.alerts") == [(0,)]
        assert not box.materialize("raw_football_data", leagues="E0", checks=False).success


def test_a_sandbox_writes_into_a_home_of_its_own(
    server: DatabaseAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONPS_HOME", str(tmp_path))
    with sandbox(server) as box:
        assert box.materialize("database_health", checks=False).success
        assert (box.folder / "metrics" / "monps.prom").exists()
        assert box.check("database_health")["every_check_has_a_finding"].passed
    assert list(tmp_path.iterdir()) == []
    assert os.environ["MONPS_HOME"] == str(tmp_path)
