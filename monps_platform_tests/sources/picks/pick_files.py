"""Writing small files of picks, and looking at what the parser makes of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from monps_platform.domain.pick_lines import ParsedPicks, PickLine
from monps_platform.domain.rejections import Reason
from monps_platform.sources.picks.parser import parse_picks

NAME = "mine.csv"
REQUIRED = ("agent", "league", "date", "home", "away", "market", "side", "bookmaker", "price", "stake", "taken_at")
COLUMNS = (*REQUIRED, "line", "strategy", "model_probability")
COMPUTED = (
    *("pick_id", "origin", "season", "score", "edge", "hours_before_kickoff", "closing_price", "closing_source"),
    *("closing_bookmaker", "no_closing_reason", "clv_percentage", "clv_no_vig_percentage"),
    *("clv_line_adjusted_percentage", "clv_line_adjusted_method", "result", "profit", "settled_at", "data_version"),
)
GOOD: Mapping[str, str] = {
    "agent": "me",
    "league": "E0",
    "date": "2019-08-10",
    "home": "Arsenal",
    "away": "Chelsea",
    "market": "1x2",
    "side": "home",
    "bookmaker": "B365",
    "price": "2.1",
    "stake": "1",
    "taken_at": "2019-08-10T10:00Z",
}
TOTAL: Mapping[str, str] = {"market": "over_under", "side": "over", "line": "2.5"}
HEADER = ",".join(COLUMNS)

Cells = Mapping[str, str]


def line_of(changes: Cells | None = None, columns: Sequence[str] = COLUMNS) -> str:
    """The text of a good line with some cells changed, without the line's end."""
    cells = {**GOOD, **(changes or {})}
    written = io.StringIO()
    csv.writer(written).writerow([cells.get(name, "") for name in columns])
    return written.getvalue().removesuffix("\r\n")


def body_of(*lines: str, header: str = HEADER, end: str = "\n") -> bytes:
    """A file of a header and lines, each with its end."""
    return "".join(f"{line}{end}" for line in (header, *lines)).encode()


def file_of(*changes: Cells, columns: Sequence[str] = COLUMNS) -> bytes:
    """A file of good lines, each with some cells changed."""
    return body_of(*(line_of(cells, columns) for cells in changes), header=",".join(columns))


def parse(*changes: Cells) -> ParsedPicks:
    """What the parser makes of good lines, each with some cells changed."""
    return parse_picks(file_of(*changes), NAME)


def only_line(parsed: ParsedPicks) -> PickLine:
    """The one pick of a file in which nothing is wrong."""
    assert [(item.reason, item.detail) for item in parsed.rejections] == []
    (line,) = parsed.lines
    return line


def rejected(parsed: ParsedPicks) -> list[tuple[int, Reason]]:
    """The lines that are wrong, and why."""
    return [(item.line_number, item.reason) for item in parsed.rejections]
