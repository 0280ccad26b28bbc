"""What the cards share: finding clubs, and tables of 80 columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monps_platform.cli.failure import Failure
from monps_platform.db.models import Team
from monps_platform.db.repositories.teams import AmbiguousTeamError, UnknownTeamError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.quantum.cards.rows import Section
from monps_platform.domain.seasons import Season, SeasonError

WIDTH = 80
out = Console(highlight=False, markup=False)


def club(unit: UnitOfWork, name: str) -> Team:
    """The club of a name; raises Failure with exit code 2 where there is not just one."""
    try:
        return unit.cards.club(name)
    except (UnknownTeamError, AmbiguousTeamError) as error:
        raise Failure(str(error), exit_code=2) from error


def season_named(season: str | None) -> str | None:
    """A season's name as it is kept; raises Failure with exit code 2 for what is none."""
    if season is None:
        return None
    try:
        return Season.parse(season).name
    except SeasonError as error:
        raise Failure(str(error), exit_code=2) from error


def say(text: str = "", style: str = "") -> None:
    """Print words, broken into lines of 80 columns."""
    _page().print(Text(text, style))


def show(title: str, table: Table) -> None:
    """Print a title, a table below it and an empty line."""
    say(title, "bold")
    _page().print(table, "")


def heading(title: str, *lines: str) -> None:
    """Print the head of a card."""
    say(title, "bold")
    for line in lines:
        say(line)
    say()


def table_of(columns: Sequence[str], rows: Sequence[Sequence[str]], *, words: Collection[str] = ()) -> Table:
    """A table whose first column names what a row is about; of the others, those of ``words`` are no figures."""
    table = _table()
    for at, name in enumerate(columns):
        table.add_column(name, justify="left" if not at or name in words else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def sections_table(sections: Sequence[Section]) -> Table:
    """Sections below each other in one table, so that their columns stand in line."""
    table = _table()
    table.add_column("", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("n, or why missing")
    for at, section in enumerate(sections):
        if at:
            table.add_section()
        table.add_row(Text(section.title, "bold"))
        for row in section.rows:
            table.add_row(f"  {row.figure}", row.value, row.interval, row.rests_on)
    return table


def known_as(as_of: date | None, of_card: date) -> str:
    """Words for a part of a card that is of another day than the card."""
    return "" if as_of is None or as_of == of_card else f" (as of {as_of})"


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))


def _page() -> Console:
    return Console(file=out.file, highlight=False, markup=False, emoji=False, width=WIDTH)
