"""The page on use from Python: every example on it runs and says what it should; so do the fixtures it names."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from monps_platform import testing
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.settings import PROJECT_ROOT
from monps_platform.testing import Sandbox, sandbox
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
CONFTEST = 'pytest_plugins = ["monps_platform.testing.fixtures"]\n'
TESTS = """
def test_a_season_is_loaded(monps_sandbox):
    assert monps_sandbox.materialize("raw_football_data", "matches", checks=False).success

def test_a_database_has_no_rows_and_an_instance_no_runs(monps_database, monps_instance):
    assert monps_database.database.startswith("throwaway_")
    assert monps_instance.get_runs() == []
"""


def test_every_example_of_the_page_is_expected_to_say_something() -> None:
    assert len(EXAMPLES) == len(EXPECTED)


@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_an_example_of_the_page_runs(number: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EXAMPLES[number]],
        env={**clean_environment(), "MONPS_HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for expected in EXPECTED[number]:
        assert expected in done.stdout
    assert [path for path in tmp_path.iterdir() if path.name.startswith("monps-")] == [], "something is left behind"


def test_the_fixtures_of_the_page_work_in_a_test_of_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(TESTS, encoding="utf-8")
    assert CONFTEST.strip() in PAGE
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(tmp_path)],
        env={**clean_environment(), "MONPS_HOME": str(tmp_path / "home"), "PYTHONPATH": str(PROJECT_ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


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
