"""Progress bars with rates."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.outcomes import Outcome, Status

UNITS = {
    "raw_football_data": "files",
    "raw_understat": "files",
    "match_forecasts": "matches",
    "tracking_clv_picks": "picks",
}
TITLES = {
    "raw_football_data": "football-data",
    "raw_understat": "understat",
    "team_identities": "identities",
    "player_seasons": "players",
    "match_forecasts": "forecasts",
    "tracking_clv_picks": "picks",
    "chess_classifications": "profiles",
    "team_quantum_dna": "team DNA",
    "quantum_strategies": "strategies",
    "quantum_friction_matrix": "friction",
    "goalscorer_profiles": "scorers",
}
_TELL_EVERY = 30.0
"""Seconds after which a plain line says how far a partition is."""


class BarProgress:
    """One bar per step: partitions done, rows a second, time. Plain lines where the output is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        # Asked once: while bars are shown, the console writes through a proxy that is no terminal.
        self._interactive = console.is_terminal
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<13}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not self._interactive,
        )
        self._tasks: dict[str, TaskID] = {}
        self._rows: dict[str, int] = {}
        self._told_at = self._bars.get_time()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def start(self, step: str, partitions: int) -> None:
        """A bar for a step, or a longer one when it runs again."""
        if step in self._tasks:
            total = self._bars.tasks[self._tasks[step]].total or 0
            self._bars.update(self._tasks[step], total=total + partitions)
            return
        self._tasks[step] = self._bars.add_task(TITLES.get(step, step), total=partitions, rate="")
        self._rows[step] = 0
        if not self._interactive:
            self._console.print(f"{TITLES.get(step, step)}: {partitions} partitions ...")

    def part(self, step: str, partition: Partition, done: int, total: int) -> None:
        """How far the partition at work is, beside the bar; now and then where no bar shows it."""
        told = f"{partition}: {done} of {total} files"
        self._bars.update(self._tasks[step], rate=told)
        if not self._interactive and self._bars.get_time() - self._told_at >= _TELL_EVERY:
            self._told_at = self._bars.get_time()
            self._console.print(f"{TITLES.get(step, step)}: {told}")

    def advance(self, step: str, outcome: Outcome) -> None:
        """One partition further; a failure is told at once."""
        task = self._bars.tasks[self._tasks[step]]
        # What was unchanged was not read: it would make the rate a boast.
        self._rows[step] += outcome.counts.read if outcome.status is Status.LOADED else 0
        unit = UNITS.get(step, "rows")
        rate = f"{self._rows[step] / task.elapsed:,.0f} {unit}/s" if task.elapsed and self._rows[step] else ""
        self._bars.update(task.id, advance=1, rate=rate)
        if outcome.status is Status.FAILED:
            self._console.print(f"[red]{outcome.partition}[/]: {escape(outcome.detail)}", soft_wrap=True)

    def finish(self, step: str) -> None:
        """Say so where no bar shows it."""
        if not self._interactive:
            task = self._bars.tasks[self._tasks[step]]
            self._console.print(f"{TITLES.get(step, step)}: done {task.fields['rate']}".rstrip())
