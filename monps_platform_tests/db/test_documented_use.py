"""The page on using the database layer: every example on it runs and says what it should."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.db.unit_of_work import Repositories, UnitOfWork
from monps_platform.domain.odds import Market
from monps_platform.settings import PROJECT_ROOT
from monps_platform_tests.db.samples import Quote, block, played, write_matches, write_odds
from monps_platform_tests.environment import database_variables

PAGE = (PROJECT_ROOT / "docs" / "database.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
EXPECTED = [
    ["Arsenal              3.00 points a match, 1 played", "Arsenal - Chelsea: home at 1.45 (PS)"],
    ["['pre_match: 1.40']"],
    ["['Pinnacle']"],
    ["ConnectionCheck(ok=True", "PoolStatus(size=5, checked_in=1"],
]


@pytest.fixture
def environment(database: DatabaseAddress) -> dict[str, str]:
    """The settings of a script beside a database with one match in it."""
    engine = build_engine(database)
    match = played("Arsenal", "Chelsea")
    write_matches(session_factory(engine), match)
    quotes = (Quote(0, ("1.40", "4.75", "8.50")), Quote(0, ("1.45", "4.70", "8.10"), book=1))
    write_odds(session_factory(engine), [match], ["B365", "PS"], block(Market.ONE_X_TWO, *quotes))
    engine.dispose()
    return database_variables(database, dagster=database.database)


def test_every_example_of_the_page_is_expected_to_say_something() -> None:
    assert len(EXAMPLES) == len(EXPECTED)


def described() -> Iterator[tuple[list[str], list[str]]]:
    """The repositories of each row of the page's table, and the methods that it names."""
    for row in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|[^|`]*\|([^|]*)\|$", PAGE, flags=re.MULTILINE):
        repositories, methods = (re.findall(r"`(\w+)`", cell) for cell in row)
        yield repositories, methods


def test_the_page_names_every_repository_once() -> None:
    named = [name for repositories, _ in described() for name in repositories]
    held = {name for name, value in vars(Repositories).items() if isinstance(value, property)}
    assert sorted(named) == sorted(held - {"session"})


def test_every_method_of_the_page_is_one_of_its_repository(database: DatabaseAddress) -> None:
    engine = build_engine(database)
    with UnitOfWork(session_factory(engine)) as unit:
        missing = [
            method
            for repositories, methods in described()
            for method in methods
            if not any(callable(getattr(getattr(unit, name), method, None)) for name in repositories)
        ]
    engine.dispose()
    assert missing == []


@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_an_example_of_the_page_runs(number: int, environment: dict[str, str]) -> None:
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", EXAMPLES[number]]
    done = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for expected in EXPECTED[number]:
        assert expected in done.stdout
