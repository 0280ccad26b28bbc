"""The table that ends `monps up`."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, LOAD_STEPS, STEPS, UNDERSTAT
from monps_platform.orchestration.runner import RunReport
from monps_platform.settings import Settings

# Fits 80 columns with more than a million rows.
_COLUMNS = (
    ("\nread", 9),
    ("\nloaded", 9),
    ("\nrejected", 8),
    ("\nchanged", 9),
    ("checks\npassed", 6),
    ("\nwarn", 4),
    ("\nfail", 4),
    ("\nsec.", 5),
)

_NAME = 18
"""Letters of a name in a line."""
_ROOM_FOR_UNIT = 3
"""Digits beside which the unit of files still fits into its column."""


def show_summary(console: Console, report: RunReport, settings: Settings) -> None:
    """Per asset: rows read, loaded, rejected; checks passed, warned, failed; seconds. Then what is worth knowing."""
    console.print(_table(report))
    for line in _remarks(report):
        console.print(line, soft_wrap=True)
    console.print(f"\nSee lineage, runs and checks: [bold]make ui[/] (http://127.0.0.1:{settings.ui_port})")
    if settings.picks_page.is_file():
        console.print("What the picks were worth: ", end="")
        console.print(settings.picks_page, style="bold", markup=False, highlight=False, soft_wrap=True)
    console.print("Query the tables: [bold].venv/bin/monps psql[/]")


def _table(report: RunReport) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=0, pad_edge=False)
    table.add_column("asset", no_wrap=True, width=_NAME, vertical="bottom")
    for name, width in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True, width=width, vertical="bottom")
    for step in STEPS:
        if step not in report.outcomes and step not in {item for item, _ in report.not_run}:
            continue
        seconds = f"{report.seconds.get(step, 0.0):.1f}"
        table.add_row(_name(step), *_rows(step, report), *_checks(step, report), seconds)
    return table


def _name(step: str) -> str:
    """A step's name; one that is too long for its column goes on in a second line."""
    at = step.rfind("_", 0, _NAME) + 1
    return step if len(step) <= _NAME else f"{step[:at]}\n{step[at:]}"


def _rows(step: str, report: RunReport) -> tuple[str, str, str, str]:
    outcomes = report.outcomes.get(step, [])
    if not outcomes:
        return "", "", "", "not run"
    if step not in LOAD_STEPS:
        new = sum(outcome.status is Status.LOADED for outcome in outcomes)
        kept = sum(outcome.counts.loaded for outcome in outcomes)
        refused = sum(outcome.status is Status.FAILED for outcome in outcomes)
        files = f"{kept + sum(outcome.counts.loaded == 0 for outcome in outcomes):,}"
        shown = f"{files} files" if len(files) <= _ROOM_FOR_UNIT else files
        return shown, f"{kept:,}", str(refused), f"{new} new" if new else "unchanged"
    counts = sum((outcome.counts for outcome in outcomes), RowCounts())
    changed = sum(outcome.changes.total for outcome in outcomes)
    return (
        f"{counts.read:,}",
        f"{counts.loaded:,}",
        f"{counts.rejected:,}",
        f"{changed:,}" if changed else "unchanged",
    )


def _checks(step: str, report: RunReport) -> tuple[str, str, str]:
    checks = [check for check in report.checks.values() if check.asset == step]
    passed = sum(check.passed for check in checks)
    warned = sum(not check.passed and not check.blocks for check in checks)
    failed = sum(not check.passed and check.blocks for check in checks)
    return (
        str(passed),
        f"[yellow]{warned}[/]" if warned else "0",
        f"[bold red]{failed}[/]" if failed else "0",
    )


def _remarks(report: RunReport) -> list[str]:
    outcomes = [outcome for step in STEPS for outcome in report.outcomes.get(step, [])]
    lines = []
    if not report.changed and report.ok and _all_unchanged(report):
        lines.append("Nothing new: no row of any table was touched, all is unchanged.")
    if simulated := sorted({item.partition.league.code for item in outcomes if item.partition.league.is_simulated}):
        lines.append(f"[yellow]Simulated, no real football: {', '.join(simulated)}[/]")
    if waiting := _without_file(report.outcomes.get(FOOTBALL_DATA.fetch[0], [])):
        lines.append(f"Not published yet: {', '.join(waiting)}")
    elif missing := _without_file(report.outcomes.get(FOOTBALL_DATA.load[0], [])):
        lines.append(f"[yellow]Never fetched, so not loaded: {', '.join(missing)}[/]")
    if lacking := _without_file(report.outcomes.get(UNDERSTAT.fetch[0], [])):
        lines.append(f"[yellow]Understat, or its mirror, has no file of: {', '.join(lacking)}[/]")
    lines += [f"[yellow]warning[/] {escape(text)}" for text in sorted({item.warning for item in outcomes} - {""})]
    for check in report.checks.values():
        if not check.passed:
            word = "[bold red]failed[/]" if check.blocks else "[yellow]warning[/]"
            count = "" if check.found is None else f": {check.found} found"
            lines.append(f"{word} {check.asset} / {check.name}{count}")
    lines += [f"[bold red]failed[/] {step} {item.partition}: {escape(item.detail)}" for step, item in report.failures]
    lines += [
        f"[bold red]not run[/] {step} {partition}: a check or a failure held it up"
        for step, partition in report.not_run
    ]
    lines += [f"[bold red]failed[/] {escape(error)}" for error in report.errors]
    return lines


def _all_unchanged(report: RunReport) -> bool:
    loads = [outcome for step in LOAD_STEPS for outcome in report.outcomes.get(step, [])]
    return any(outcome.status is Status.UNCHANGED for outcome in loads)


def _without_file(outcomes: list[Outcome]) -> list[str]:
    return [str(outcome.partition) for outcome in outcomes if outcome.status is Status.NOT_PUBLISHED]
