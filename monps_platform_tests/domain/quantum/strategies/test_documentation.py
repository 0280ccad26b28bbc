"""The page on strategies says what the code does."""

from __future__ import annotations

from pathlib import Path

from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.quantum.strategies.definitions import definition_rows

PAGE = (Path(__file__).parents[4] / "docs" / "strategies.md").read_text(encoding="utf-8")


def test_the_page_has_every_strategy_as_it_is_defined() -> None:
    header = ("strategy", "market", "bets on", "why", "min_confidence", "min_edge", "context_filters")
    assert markdown_table(Grid(header, list(definition_rows()))) in PAGE
