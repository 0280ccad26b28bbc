"""`monps forecasts` as a person calls it: what it shows, in which form, and what it says when there is nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.cli import forecasts as command
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform_tests.cli.conftest import Monps
from monps_platform_tests.db.forecast_samples import simulated_forecasts, write_forecasts
from monps_platform_tests.environment import database_variables

SIM1, SIM2 = league("SIM1"), league("SIM2")
BETTER = "matches the closing market is better than the goal model: RPS 0."


@pytest.fixture
def simulated(monps: Monps, sessions: sessionmaker[Session]) -> Monps:
    """Two seasons of a simulated league, and one before hyperparameters were fixed."""
    for seed, where in enumerate((Partition(SIM1, Season(2015)), Partition(SIM2, Season(2016)))):
        outcomes, made = simulated_forecasts(300, seed)
        write_forecasts(sessions, where, outcomes, made)
    outcomes, made = simulated_forecasts(100, 3)
    del made[ForecastModel.MARKET_CLOSING]
    write_forecasts(sessions, Partition(SIM1, Season(2010)), outcomes, made)
    return monps


def test_it_ends_with_who_is_better_and_names_what_is_simulated(simulated: Monps) -> None:
    said = simulated("forecasts")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Simulated leagues, no real football:")
    for row in ("SIM1 2010-11 * 100 ", "SIM1 2015-16 300 ", "SIM2 2016-17 300 ", "all 600 ", "base rate 0.2"):
        assert row in said.out
    sentence = said.out.rpartition(" On ")[2]
    assert sentence.startswith(f"600 {BETTER}")
    assert sentence.endswith(").")


def test_leagues_and_seasons_can_be_chosen(simulated: Monps) -> None:
    said = simulated("forecasts", "--leagues", "SIM2", "--seasons", "2016-17")
    assert f"On 300 {BETTER}" in said.out
    assert "SIM1" not in said.out
    assert "where hyperparameters were chosen" not in said.out
    early = simulated("forecasts", "--seasons", "2010-11")
    assert "* before 2012-13, where hyperparameters were chosen: not in what follows" in early.out
    assert early.out.endswith("earlier seasons served to choose hyperparameters.")


def test_no_line_of_the_tables_is_wider_than_100_columns_or_cut(
    simulated: Monps, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(command, "out", Console(file=written, width=80))
    simulated("forecasts")
    lines = [line for line in written.getvalue().splitlines() if not line.startswith("On ")]
    assert len(lines) > 20
    assert 80 < max(len(line.rstrip()) for line in lines) <= 100
    assert not [line for line in lines if "…" in line]


def test_markdown_has_every_table_and_nothing_else(simulated: Monps) -> None:
    said = simulated("forecasts", "--markdown")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"- On 600 {BETTER}")
    for heading in ("All matches", "By league", "By season", "League by season", "Calibration"):
        assert f"### {heading} of simulated leagues (no real football)" in said.out
    assert said.out.endswith("|")


def test_the_picture_is_written_beside_the_text(simulated: Monps, tmp_path: Path) -> None:
    target = tmp_path / "calibration.png"
    assert simulated("forecasts", "--picture", str(target)).code == 0
    assert target.read_bytes().startswith(b"\x89PNG")
    nowhere = simulated("forecasts", "--picture", str(tmp_path / "no" / "folder.png"))
    assert nowhere.code == 1
    assert "No such file or directory" in nowhere.err
    nothing = simulated("forecasts", "--seasons", "2010-11", "--picture", str(tmp_path / "early.png"))
    assert nothing.code == 1
    assert "there is nothing to draw" in nothing.err


def test_without_forecasts_it_says_what_to_do(monps: Monps) -> None:
    said = monps("forecasts")
    assert said.code == 1
    assert "No played match has a forecast yet." in said.err
    assert said.err.endswith("run: monps up")


def test_without_a_database_it_says_what_to_do_and_makes_none(plain: Monps) -> None:
    said = plain("forecasts")
    assert said.code == 1
    assert "there is no database yet" in said.err
    assert said.err.endswith("Run: monps up")


def test_a_database_that_is_not_migrated_is_said_to_be_that(plain: Monps, empty_database: DatabaseAddress) -> None:
    plain.set(**database_variables(empty_database))
    said = plain("forecasts")
    assert said.code == 1
    assert "not migrated yet" in said.err


@pytest.mark.parametrize("wrong", [("--leagues", "XX9"), ("--seasons", "2019")])
def test_leagues_and_seasons_that_do_not_exist_are_refused(monps: Monps, wrong: tuple[str, str]) -> None:
    said = monps("forecasts", *wrong)
    assert said.code == 2
    assert wrong[1] in said.err
