"""What is shown while a step works: bars in a terminal, plain lines elsewhere."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from monps_platform.cli.progress import BarProgress
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.pipelines import STEPS
from monps_platform_tests.orchestration.football_files import partition

E0 = partition("E0", "2019-20")


def show(*outcomes: Outcome, step: str = "odds", terminal: bool = False) -> str:
    """What a step's outcomes look like."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None)
    with BarProgress(console) as progress:
        progress.start(step, len(outcomes))
        for outcome in outcomes:
            progress.advance(step, outcome)
        progress.finish(step)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_where_there_is_no_terminal_each_step_is_told_in_two_lines() -> None:
    first, last = show(Outcome(E0, Status.LOADED, RowCounts(500, 500))).splitlines()
    assert first == "odds: 1 partitions ..."
    assert last.startswith("odds: done ")
    assert last.endswith(" rows/s")


def test_in_a_terminal_a_bar_shows_partitions_done_the_rate_and_the_time() -> None:
    shown = show(*[Outcome(E0, Status.LOADED, RowCounts(500, 500))] * 3, terminal=True)
    assert "3/3" in shown
    assert "rows/s" in shown
    assert "0:00:0" in shown
    assert "partitions ..." not in shown


def test_what_was_unchanged_counts_for_no_rate() -> None:
    assert show(Outcome(E0, Status.UNCHANGED, RowCounts(500, 500))).splitlines()[-1] == "odds: done"


def test_files_are_counted_as_files() -> None:
    assert "files/s" in show(Outcome(E0, Status.LOADED, RowCounts(1, 1)), step="raw_football_data")
    assert "matches/s" in show(Outcome(E0, Status.LOADED, RowCounts(1, 1)), step="match_forecasts")


def test_steps_have_names_for_people() -> None:
    told = [show(Outcome(E0, Status.LOADED, RowCounts(5, 5)), step=step).splitlines()[0] for step in STEPS]
    assert [line.split(":")[0] for line in told] == [
        *("football-data", "matches", "odds"),
        *("understat", "identities", "shots", "players"),
        *("forecasts", "picks"),
        *("profiles", "team DNA", "strategies", "friction", "scorers"),
    ]


def of_parts(*seconds: float, terminal: bool = False) -> str:
    """What the files of a partition look like that arrive so many seconds after the start."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None)
    clock = iter((0.0, *seconds))
    now = [0.0]
    progress = BarProgress(console)
    progress._bars.get_time = lambda: now[0]
    progress._told_at = next(clock)
    with progress:
        progress.start("raw_understat", 2)
        for done, moment in enumerate(clock, start=1):
            now[0] = moment
            progress.part("raw_understat", E0, done, 380)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_in_a_terminal_the_files_of_a_partition_are_told_beside_the_bar() -> None:
    assert "E0 2019-20: 3 of 380 files" in of_parts(1.0, 2.0, 3.0, terminal=True)


def test_where_there_is_no_terminal_the_files_of_a_partition_are_told_twice_a_minute() -> None:
    assert of_parts(*(float(second) for second in range(1, 95))).splitlines() == [
        "understat: 2 partitions ...",
        *(f"understat: E0 2019-20: {done} of 380 files" for done in (30, 60, 90)),
    ]


@pytest.mark.parametrize("terminal", [False, True])
def test_a_failure_is_told_at_once_and_word_for_word_whatever_its_text_holds(terminal: bool) -> None:
    detail = "E0.csv: no column Date in its first line '[/bold][red]x[/]'"
    assert f"E0 2019-20: {detail}" in show(Outcome(E0, Status.FAILED, detail=detail), terminal=terminal)


def test_a_step_that_runs_again_goes_on_with_its_bar() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    with BarProgress(console) as progress:
        for _ in range(2):
            progress.start("odds", 1)
            progress.advance("odds", Outcome(E0, Status.LOADED, RowCounts(5, 5)))
            progress.finish("odds")
    assert isinstance(console.file, io.StringIO)
    assert "2/2" in console.file.getvalue()
