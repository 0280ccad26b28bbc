"""Tables of text in Markdown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.grids import Grid, markdown_table

_CELLS = st.text("ab1 .%+-", max_size=8)


def test_a_grid_has_a_header_a_rule_and_its_rows_in_their_order() -> None:
    grid = Grid(("agent", "picks", "ROI %"), [("b", "1,200", "+1.0"), ("a", "3", "-")])
    assert markdown_table(grid) == (
        "| agent | picks | ROI % |\n"
        "| --- | --- | --- |\n"
        "| b | 1,200 | +1.0 |\n"
        "| a | 3 | - |"
    )  # fmt: skip


def test_a_grid_without_rows_is_its_header() -> None:
    assert markdown_table(Grid(("agent",), [])) == "| agent |\n| --- |"


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(_CELLS, min_size=n, max_size=n), min_size=1, max_size=6)))
def test_every_cell_is_read_back_from_its_place(lines: list[list[str]]) -> None:
    header, *rows = lines
    text = markdown_table(Grid(header, rows)).splitlines()
    read = [[cell.strip() for cell in line[1:-1].split("|")] for line in text]
    assert read[0] == [cell.strip() for cell in header]
    assert set(read[1]) == {"---"}
    assert read[2:] == [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize("name", ["mine|yours", "|", "a||b"])
def test_a_bar_in_a_name_begins_no_cell(name: str) -> None:
    """Names of agents come from people's files; a bar that means itself has a backslash before it."""
    text = markdown_table(Grid(("agent", "picks"), [(name, "3")]))
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines()] == [3, 3, 3]
