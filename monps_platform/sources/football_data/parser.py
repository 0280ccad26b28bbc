"""The parser of results files: bytes in, matches, quotes and rejections out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from monps_platform.domain.leagues import League
from monps_platform.domain.matches import ParsedMatches
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.seasons import Season
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.football_data.body import Table, read_table
from monps_platform.sources.football_data.match_rows import Pairing, read_matches
from monps_platform.sources.football_data.quotes import read_quotes

PARSER_VERSION = "1"
"""Raise it when the same bytes give other rows, so that files already loaded are read again."""


def parse_season(body: bytes, league: League, name: str) -> ParsedMatches:
    """Read the file of one league's season, any layout since 1993-94.

    Raises UnreadableFileError when the bytes are no results file; a bad row inside a good file is a rejection.
    """
    return _parse(read_table(body, name), league)


def parse_fixtures(
    body: bytes, league: League, name: str, taken: Collection[Pairing] = frozenset(), season: Season | None = None
) -> ParsedMatches:
    """Read one league's matches to come from ``fixtures.csv``, which holds all divisions.

    With ``season``, matches outside of its days are rejected: in July the file may still hold those of May.

    Matches in ``taken`` stand in the season's own file already and are rejected as such. Raises UnreadableFileError
    also when the file does not say which division a match belongs to.
    """
    table = read_table(body, name)
    if "Div" not in table.columns:
        raise UnreadableFileError(f"{name}: no column Div: its matches belong to no division")
    return _parse(_only(table, league), league, taken, season)


def _parse(
    table: Table, league: League, taken: Collection[Pairing] = frozenset(), season: Season | None = None
) -> ParsedMatches:
    rows = read_matches(table, league, taken, season)
    quotes = read_quotes(table, rows.match_of_line)
    return ParsedMatches(
        matches=rows.matches,
        bookmakers=quotes.bookmakers,
        quotes=quotes.quotes,
        rejections=[*rows.rejections, *_conflicts(table), *quotes.rejections],
        lines_read=len(table.lines),
        quotes_read=quotes.quotes_read,
        blank_lines=table.blank_lines,
        notes=[f"the header repeats {name}; the first cell that is not blank counts" for name in table.repeated],
    )


def _conflicts(table: Table) -> list[Rejection]:
    return [
        Rejection(Dataset.MATCH_DETAILS, table.lines[at].number, Reason.CONFLICTING_COLUMNS, table.lines[at].text)
        for at, _ in table.conflicts
    ]


def _only(table: Table, league: League) -> Table:
    """The lines of one division."""
    keep = [at for at, division in enumerate(table.column("Div")) if division.upper() == league.code]
    position = {old: new for new, old in enumerate(keep)}
    return replace(
        table,
        lines=[table.lines[at] for at in keep],
        columns={name: [cells[at] for at in keep] for name, cells in table.columns.items()},
        conflicts=[(position[at], name) for at, name in table.conflicts if at in position],
    )
