"""From bytes to columns: decoding, and the refusal of bodies that are not the CSV that was asked for."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monps_platform.domain.rejections import Reason
from monps_platform.sources.errors import UnreadableFileError

REQUIRED_COLUMNS = ("Date", "HomeTeam", "AwayTeam")
# Some files, Greek ones of the early 2000s among them, name these columns in another way.
_OTHER_NAMES = {"HT": "HomeTeam", "AT": "AwayTeam", "HG": "FTHG", "AG": "FTAG", "Res": "FTR"}
_HTML_OPENINGS = ("<!doctype", "<html", "<head", "<body", "<?xml")
_SNIFF = 2048
# Blanks that cells have to be stripped of; nearly no line has any.
_PADDING = (", ", " ,", '"', "\t", "\xa0")


def decode(body: bytes, name: str) -> str:
    """UTF-8 with or without BOM, else Windows-1252; raises UnreadableFileError for anything that is no text."""
    body = body.removeprefix(codecs.BOM_UTF8)
    if not body.strip(b", \t\r\n"):
        raise UnreadableFileError(f"{name}: the file is empty")
    if b"\x00" in body:
        raise UnreadableFileError(f"{name}: the file is binary, not CSV (it holds NUL bytes)")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = body.decode("cp1252")
        except UnicodeDecodeError as error:
            raise UnreadableFileError(
                f"{name}: the file is binary, neither UTF-8 nor Windows-1252 ({error})"
            ) from error
    if text.lstrip()[:_SNIFF].lower().startswith(_HTML_OPENINGS):
        raise UnreadableFileError(f"{name}: the server sent an HTML page where CSV was due")
    return text


def split_lines(text: str) -> list[str]:
    """Physical lines without their ends (CRLF, LF or CR); the last one is empty when the file ends well."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def split_cells(line: str) -> list[str]:
    """The stripped cells of one physical line. A record never spans lines in this source, so that a stray
    quotation mark spoils its own line only.
    """
    cells = _quoted_cells(line) if '"' in line else None
    if cells is None:
        cells = line.split(",")
    if any(padding in line for padding in _PADDING) or line[:1].isspace() or line[-1:].isspace():
        return [cell.strip() for cell in cells]
    return cells


def _quoted_cells(line: str) -> list[str] | None:
    """The cells of a line with quotation marks; None when they don't pair."""
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error:
        return None


@dataclass(frozen=True)
class Line:
    """One data line: its number in the file (from 1), its text, and why its cells don't fit the header, if so."""

    number: int
    text: str
    fault: Reason | None


@dataclass(frozen=True)
class Table:
    """A file's data lines, and its named columns as lists of stripped cells of the same length.

    ``repeated`` names the columns that the header repeats; ``conflicts`` holds (line index, column) where their
    cells contradict each other. The first cell that is not blank counts.
    """

    lines: Sequence[Line]
    columns: Mapping[str, Sequence[str]]
    blank_lines: int
    repeated: Sequence[str]
    conflicts: Sequence[tuple[int, str]]

    def column(self, name: str) -> Sequence[str]:
        """A column's cells; blanks when the file has no such column."""
        return self.columns.get(name) or [""] * len(self.lines)


def read_table(body: bytes, name: str) -> Table:
    """Split a body into header, lines and columns.

    Short lines are filled up with blanks, blank lines are counted, blank columns without a name are dropped. Raises
    UnreadableFileError for a body that is empty, binary, HTML, truncated or lacks the columns that every layout
    since 1993-94 has.
    """
    raw = split_lines(decode(body, name))
    header_at = next(index for index, line in enumerate(raw) if line.strip(", \t"))
    header = _usual_names(split_cells(raw[header_at]))
    if missing := [column for column in REQUIRED_COLUMNS if column not in header]:
        found = raw[header_at][:80]
        raise UnreadableFileError(
            f"{name}: no column {', '.join(missing)} in its first line {found!r}: no results file"
        )
    split = [(number, line, split_cells(line)) for number, line in enumerate(raw[header_at + 1 :], header_at + 2)]
    filled = [item for item in split if any(item[2])]
    _refuse_truncated(filled, len(raw), header, name)
    blank = len(raw) - 1 - len(filled) - (not raw[-1])
    return _columns(header, filled, blank)


def _usual_names(header: list[str]) -> list[str]:
    """The header with the columns that have two names under the usual one, unless that stands there itself."""
    return [name if _OTHER_NAMES.get(name, name) in header else _OTHER_NAMES.get(name, name) for name in header]


def _columns(header: list[str], rows: list[tuple[int, str, list[str]]], blank_lines: int) -> Table:
    width = len(header)
    lines = [Line(number, text, _fault(text, cells, width)) for number, text, cells in rows]
    padded = [cells if len(cells) == width else cells[:width] + [""] * (width - len(cells)) for _, _, cells in rows]
    by_position = list(zip(*padded, strict=True)) if padded else [()] * width
    columns: dict[str, Sequence[str]] = {}
    repeated: list[str] = []
    conflicts: list[tuple[int, str]] = []
    for name, cells in zip(header, by_position, strict=True):
        if name in columns:
            repeated.append(name)
            conflicts += [
                (at, name) for at, (a, b) in enumerate(zip(columns[name], cells, strict=True)) if a and b and a != b
            ]
            columns[name] = [a or b for a, b in zip(columns[name], cells, strict=True)]
        elif name:
            columns[name] = cells
    return Table(lines, columns, blank_lines, tuple(dict.fromkeys(repeated)), conflicts)


def _fault(text: str, cells: Sequence[str], width: int) -> Reason | None:
    if '"' in text and _quoted_cells(text) is None:
        return Reason.STRAY_QUOTATION_MARK
    return Reason.TOO_MANY_CELLS if any(cells[width:]) else None


def _refuse_truncated(rows: list[tuple[int, str, list[str]]], last: int, header: list[str], name: str) -> None:
    """A file cut in mid-line lacks the final line end, and its last line lacks cells that the others have."""
    if not rows or rows[-1][0] != last:
        return
    usual = max((len(cells) for _, _, cells in rows[:-1]), default=len(header))
    if len(rows[-1][2]) < min(usual, len(header)):
        raise UnreadableFileError(
            f"{name}: the file is truncated: line {last} stops after {len(rows[-1][2])} of {len(header)} cells"
        )
