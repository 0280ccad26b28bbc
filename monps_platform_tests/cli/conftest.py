"""The `monps` command as tests call it: in this process, on a server that is up, with a home of its own."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from monps_platform.cli.main import main
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform_tests.conftest import Mirror
from monps_platform_tests.environment import database_variables

DAGSTER_DATABASE = "cli_dagster"
# What the program runs, but for a .env file, which may name a server that is no test's business. An interrupt counts
# even where the tests themselves were told to ignore it, as in the background.
COMMAND = (
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from monps_platform.settings import Settings; Settings.model_config['env_file'] = None; "
    "from monps_platform.cli.main import main; main()",
)


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said; blanks and line breaks are single blanks."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Monps:
    """Calls the command as the shell would."""

    home: Path
    mirror: Mirror
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Said:
        self.monkeypatch.setattr(sys, "argv", ["monps", *arguments])
        self.capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = self.capsys.readouterr()
        return Said(code, " ".join(said.out.split()), " ".join(said.err.split()))

    def set(self, **variables: object) -> None:
        """Change settings."""
        for name, value in variables.items():
            self.monkeypatch.setenv(name, str(value))


@pytest.fixture
def plain(
    tmp_path: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Monps]:
    """The command without a server; what it exports is taken back."""
    before = dict(os.environ)
    made = Monps(tmp_path / "home", mirror, monkeypatch, capsys)
    made.set(MONPS_FOOTBALL_DATA_URL=mirror.url, MONPS_UNDERSTAT_URL=mirror.url)
    made.set(MONPS_FETCH_RETRIES=0, MONPS_FETCH_TIMEOUT=2)
    yield made
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def monps(plain: Monps, database: DatabaseAddress) -> Monps:
    """The command on a server of the user's own: that of the tests."""
    plain.set(**database_variables(database, dagster=DAGSTER_DATABASE))
    return plain


@pytest.fixture(autouse=True)
def _without_notices_of_dagster() -> Iterator[None]:
    """Dagster tells of parameters that are beta each time it builds a job."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield
