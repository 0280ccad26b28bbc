"""Tables of text, shown as Markdown, on a terminal or in a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Grid:
    """A header and rows of as many cells; the first column names what a row is about, the others are figures."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def markdown_table(grid: Grid) -> str:
    """A grid in Markdown."""
    lines = [grid.header, ["---"] * len(grid.header), *grid.rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
