"""`monps picks`: import, export, report, alias, correct."""

from __future__ import annotations

import csv
import getpass
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO

from rich import box
from rich.console import Console
from rich.table import Table

from monps_platform.cli.failure import Failure
from monps_platform.cli.server import existing_database, open_database
from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.picks import Settlement
from monps_platform.db.repositories.teams import AmbiguousTeamError, UnknownLeagueCodeError, UnknownTeamError
from monps_platform.domain.closing import DIGITS, Closing
from monps_platform.domain.clv import clv_percentage
from monps_platform.domain.grids import Grid
from monps_platform.domain.leagues import League, UnknownLeagueError, league, parse_leagues
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import ClosingSource, PickResult, PickStep
from monps_platform.domain.rejections import Reason
from monps_platform.domain.seasons import Season, SeasonError, parse_seasons
from monps_platform.domain.settlement import Backed, possible_results, profit
from monps_platform.domain.track_record.figures import AgentRecord
from monps_platform.domain.track_record.text import (
    CAME_TO,
    NOTES,
    NOTHING,
    SHORT,
    TITLES,
    WORTH,
    agents_grid,
    breakdown_grid,
    conclusions,
    coverage_grid,
    markdown,
    relation_grid,
)
from monps_platform.settings import Settings
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.picks import SOURCE
from monps_platform.sources.picks.names import COLUMNS, COMPUTED
from monps_platform.sources.picks.parser import HIGHEST_PRICE
from monps_platform.sources.raw_store import RawStore

if TYPE_CHECKING:
    from monps_platform.db.database import Database
    from monps_platform.db.models import Pick
    from monps_platform.db.unit_of_work import UnitOfWork
    from monps_platform.orchestration.outcomes import Outcome
    from monps_platform.orchestration.picks.importing import ImportReport
    from monps_platform.orchestration.picks.report import ReportPart

out = Console(highlight=False, markup=False, emoji=False)
_WIDTH = 150
_SHOWN = 20
"""Rejected lines that are shown one by one."""


@dataclass(frozen=True)
class Import:
    """How a file is imported."""

    skip_rejected: bool = False
    add_bookmakers: bool = False
    dry_run: bool = False
    rejected: Path | None = None


@dataclass(frozen=True)
class Chosen:
    """The picks that the options name."""

    agents: str | None
    leagues: str | None
    seasons: str | None

    def names(self, held: Collection[str]) -> list[str] | None:
        """The agents; None for all. Raises Failure for one that has no picks."""
        if self.agents is None:
            return None
        # An agent with parameters of its own is called sharp_value(threshold=1.05, stake=2.0).
        names = [name.strip() for name in re.split(r",(?![^(]*\))", self.agents) if name.strip()]
        if unknown := [name for name in names if name not in held]:
            there = f"there are picks of {', '.join(sorted(held))}" if held else NOTHING
            raise Failure(f"no picks of {', '.join(unknown)}: {there}", exit_code=2)
        return names

    def partitions(self, held: Iterable[Partition]) -> list[Partition] | None:
        """Of what is held the leagues' seasons; None for all. Raises Failure for a name that there is not."""
        if self.leagues is None and self.seasons is None:
            return None
        try:
            leagues = None if self.leagues is None else set(parse_leagues(self.leagues))
            seasons: set[Season] | None = None if self.seasons is None else set(parse_seasons(self.seasons))
        except (UnknownLeagueError, SeasonError) as error:
            raise Failure(str(error), exit_code=2) from error
        return [
            item
            for item in held
            if (leagues is None or item.league in leagues) and (seasons is None or item.season in seasons)
        ]

    def __str__(self) -> str:
        named = {"agents": self.agents, "leagues": self.leagues, "seasons": self.seasons}
        return ", ".join(f"{what} {value}" for what, value in named.items() if value is not None)


@dataclass(frozen=True)
class Written:
    """Where a report is written besides the terminal: a page, and a folder of pictures."""

    html: Path | None = None
    pictures: Path | None = None


def run_import(settings: Settings, file: Path, options: Import) -> None:
    """Import a file, compare and settle its picks, and tell what became of it. Raises Failure where lines are wrong."""
    from monps_platform.orchestration.outcomes import Status
    from monps_platform.orchestration.picks.importing import Importer
    from monps_platform.orchestration.picks.ledger import Ledger

    _require_apart(file, options.rejected)
    with _opened(settings) as database:
        importer = Importer(database.unit_of_work, RawStore(settings.raw_dir))
        try:
            report = importer.import_file(
                file,
                keep_good=options.skip_rejected,
                add_bookmakers=options.add_bookmakers,
                dry_run=options.dry_run,
            )
        except UnreadableFileError as error:
            raise Failure(f"nothing was imported: {error}") from error
        failed: list[Outcome] = []
        if report.is_imported and not options.dry_run:
            ledger = Ledger(database.unit_of_work, [])
            outcomes = ledger.work(ledger.partitions(), (PickStep.CLOSE, PickStep.SETTLE))
            failed = [item for item in outcomes if item.status is Status.FAILED]
    _tell(report, options)
    if failed:
        said = "; ".join(f"{item.partition}: {item.detail}" for item in failed)
        raise Failure(f"the picks are imported, but not all are compared and settled: {said}. Then run: monps up")


def run_export(settings: Settings, chosen: Chosen, output: Path | None, *, own: bool) -> None:
    """Write picks as CSV."""
    with _opened(settings) as database, database.unit_of_work(read_only=True) as unit:
        partitions = chosen.partitions(unit.matches.partitions())
        rows = unit.picks.exported(agents=chosen.names(unit.picks.agents()), partitions=partitions, own=own)
    if output is None:
        _write(sys.stdout, rows)
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        _write(file, rows)
    out.print(f"{len(rows):,} picks written to {output}", soft_wrap=True)


def run_report(settings: Settings, chosen: Chosen, written: Written, *, as_markdown: bool) -> None:
    """Show the track records of the chosen picks, or write them; raises Failure when there are none."""
    from monps_platform.orchestration.picks.report import report_parts

    with _opened(settings) as database, database.unit_of_work(read_only=True) as unit:
        partitions = chosen.partitions(unit.matches.partitions())
        picks = unit.picks.tracked(agents=chosen.names(unit.picks.agents()), partitions=partitions)
    if not picks:
        raise Failure(f"no picks of {chosen}: choose others" if str(chosen) else f"{NOTHING} Run: monps up")
    with Console(stderr=True).status("Resampling matches ..."):
        parts = report_parts(picks)
    _write_report(parts, chosen, written)
    for part in parts:
        if as_markdown:
            sys.stdout.write(markdown(part.records, simulated=part.is_simulated) + "\n")
        elif written == Written():
            _show(part.records, simulated=part.is_simulated)


def _write_report(parts: Sequence[ReportPart], chosen: Chosen, written: Written) -> None:
    """Write the page and the pictures that are asked for."""
    from monps_platform.orchestration.picks.publishing import write_page
    from monps_platform.orchestration.picks.report import page

    if written.html is not None:
        write_page(written.html, page(parts, datetime.now(UTC), str(chosen)))
        out.print(f"Report written to {written.html}", soft_wrap=True)
    if written.pictures is not None:
        written.pictures.mkdir(parents=True, exist_ok=True)
        drawn = {f"{part.prefix}{picture.name}": png for part in parts for picture, png in part.pictures.items()}
        for name, png in drawn.items():
            (written.pictures / f"{name}.png").write_bytes(png)
        out.print(f"{len(drawn)} pictures drawn in {written.pictures}", soft_wrap=True)


def run_alias(settings: Settings, spelling: str, club: str, code: str) -> None:
    """Keep which club a spelling means."""
    item = _league(code)
    if not spelling.strip():
        raise Failure("the spelling is blank: give what your files call the club", exit_code=2)
    with _opened(settings) as database, database.unit_of_work() as unit:
        try:
            team = unit.teams.get_by_name(club, league=item.code)
        except (UnknownLeagueCodeError, UnknownTeamError, AmbiguousTeamError) as error:
            raise Failure(str(error)) from error
        unit.aliases.settle(SOURCE, item, spelling, team.id)
        name = team.name
        unit.commit()
    out.print(f"In files of picks {spelling!r} means {name} ({item.code}). Import the file again.", soft_wrap=True)


def run_correct(
    settings: Settings, pick_id: int, who_why: tuple[str | None, str], result: str | None, closing_price: str | None
) -> None:
    """Correct a pick by hand; raises Failure for a pick or a value that there is not."""
    who, why = who_why[0] or getpass.getuser(), who_why[1]
    if not (who.strip() and why.strip()):
        raise Failure("a correction is kept with who made it and why: give both", exit_code=2)
    with _opened(settings) as database, database.unit_of_work() as unit:
        pick = _held(unit, pick_id)
        changes = Changes()
        if result is not None and (settlement := _settlement(pick, result)).result != pick.result:
            changes += unit.picks.enter_settlements({pick_id: settlement}, datetime.now(UTC), why=why, who=who)
        if closing_price is not None:
            changes += unit.picks.enter_closings({pick_id: _closing(pick, closing_price)}, why=why, who=who)
        unit.commit()
    if not changes.updated:
        out.print(f"Pick {pick_id} is that way already: nothing was changed.")
        return
    out.print(f"Pick {pick_id} is corrected; what it was is kept in ops.pick_corrections.", soft_wrap=True)


def _held(unit: UnitOfWork, pick_id: int) -> Pick:
    """A pick that nobody else works on until the end of the unit of work."""
    partition = unit.picks.partition_of(pick_id)
    if partition is not None:
        unit.picks.hold(partition)
    pick = unit.picks.get_by_id(pick_id)
    if pick is None:
        raise Failure(f"there is no pick {pick_id}: monps picks export shows their ids")
    return pick


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    with open_database(settings, existing_database(settings)) as database:
        yield database


def _league(code: str) -> League:
    try:
        return league(code.upper())
    except UnknownLeagueError as error:
        raise Failure(str(error), exit_code=2) from error


def _settlement(pick: Pick, result: str) -> Settlement:
    try:
        chosen = PickResult(result)
    except ValueError:
        raise Failure(f"{result!r} is no result: {', '.join(PickResult)}", exit_code=2) from None
    line = None if pick.line is None else float(pick.line)
    possible = (*possible_results(Backed(pick.market, pick.side, line)), PickResult.VOID)
    if chosen not in possible:
        bet = " ".join(str(part) for part in (pick.market, pick.side, pick.line) if part is not None)
        raise Failure(f"{bet} cannot end in {chosen}: it ends in {' or '.join(possible)}", exit_code=2)
    won = profit([chosen], [float(pick.price_taken)], [float(pick.stake)])[0].item()
    return Settlement(chosen, won)


def _closing(pick: Pick, price: str) -> Closing:
    try:
        stated = Decimal(price)
    except InvalidOperation:
        stated = Decimal("NaN")
    if not (stated.is_finite() and 1 < stated <= HIGHEST_PRICE):
        raise Failure(f"{price!r} is no price: decimal odds above 1, at most {HIGHEST_PRICE}", exit_code=2)
    clv = clv_percentage([float(pick.price_taken)], [float(stated)])[0].item()
    return Closing(float(stated), ClosingSource.STATED, pick.bookmaker_id, clv=round(clv, DIGITS))


def _require_apart(file: Path, rejected: Path | None) -> None:
    """Raise Failure unless rejected lines can be written, and not over the file they stand in."""
    if rejected is None:
        return
    if rejected.resolve() == file.resolve():
        raise Failure(f"{rejected} is the file to import: write the rejected lines to another one", exit_code=2)
    if not rejected.parent.is_dir():
        raise Failure(f"{rejected.parent}: No such file or directory: nothing was imported")


def _tell(report: ImportReport, options: Import) -> None:
    """What became of a file; raises Failure where lines are wrong and were not to be left out."""
    if options.rejected is not None:
        with options.rejected.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("line", "reason", "what is wrong", "text"))
            writer.writerows((item.line_number, item.reason, item.detail, item.raw_text) for item in report.rejections)
    if report.ignored:
        out.print(f"Not read, because the platform computes them: {', '.join(report.ignored)}", soft_wrap=True)
    if report.rejections:
        _tell_rejections(report)
    read = f"{report.lines_read:,} {'line' if report.lines_read == 1 else 'lines'} read"
    new = "new" if report.is_imported and not options.dry_run else "would be new"
    told = (
        f"{report.name}: {read}, {report.new:,} {new}, {report.held:,} held already, "
        f"{len(report.rejections):,} rejected"
    )
    if not report.is_imported:
        raise Failure(f"{told}. Nothing was imported: correct the lines, or import the others with --skip-rejected")
    out.print(f"{told}.{' Nothing was changed: a dry run.' if options.dry_run else ''}", soft_wrap=True)


_HINTS = MappingProxyType(
    {
        Reason.UNRESOLVED_TEAM: "Say which club a spelling means: monps picks alias SPELLING CLUB --league CODE",
        Reason.UNKNOWN_BOOKMAKER: "Enter bookmakers that nobody knows yet: --add-bookmakers",
    }
)


def _tell_rejections(report: ImportReport) -> None:
    for item in report.rejections[:_SHOWN]:
        out.print(f"line {item.line_number}: {item.reason}: {item.detail}", soft_wrap=True)
    if len(report.rejections) > _SHOWN:
        counts = Counter(item.reason.value for item in report.rejections).most_common()
        out.print(f"... {len(report.rejections):,} lines in all:")
        for reason, count in counts:
            out.print(f"{count:>8,}  {reason}")
    reasons = {item.reason for item in report.rejections}
    for reason, hint in _HINTS.items():
        if reason in reasons:
            out.print(hint, soft_wrap=True)


def _write(file: TextIO, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = [*COLUMNS, *COMPUTED]
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(row[name]) for name in columns} for row in rows)


def _cell(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case float():
            return f"{Decimal(repr(value)):f}"  # never 5e-05, which an import does not read
    return value


def _show(records: Sequence[AgentRecord], *, simulated: bool) -> None:
    """The agents side by side, each agent broken down, then what follows."""
    if simulated:
        out.print("Simulated leagues, no real football:\n")
    _print("What the picks were worth at the close", agents_grid(records, WORTH))
    _print("What they came to", agents_grid(records, CAME_TO))
    for record in records:
        _print(f"{record.agent}: closing prices", coverage_grid(record))
        if record.relation is not None:
            _print(f"{record.agent}: CLV and return", relation_grid(record.relation))
        for dimension in record.by:
            _print(f"{record.agent}: {TITLES[dimension].lower()}", breakdown_grid(record, dimension, SHORT))
    for note in (*NOTES, *conclusions(records), "All columns of all tables, and pictures: --html FILE; or --markdown."):
        out.print(f"{note}\n", soft_wrap=True)


def _print(title: str, grid: Grid) -> None:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column(grid.header[0], no_wrap=True)
    for name in grid.header[1:]:
        table.add_column(name, justify="left" if name == "evidence" else "right", no_wrap=True)
    for row in grid.rows:
        table.add_row(*row)
    # In a narrower console figures would be cut.
    Console(file=out.file, highlight=False, markup=False, emoji=False, width=max(out.width, _WIDTH)).print(table, "")
