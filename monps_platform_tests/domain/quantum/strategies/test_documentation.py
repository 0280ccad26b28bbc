"""The page on strategies says what the code does."""

from __future__ import annotations

from pathlib import Path

from benchmarks.strategy_discoveries import measure
from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.quantum.strategies.definitions import definition_rows
from monps_platform.domain.strategies import StrategyName

PAGE = (Path(__file__).parents[4] / "docs" / "strategies.md").read_text(encoding="utf-8")


def test_the_page_has_every_strategy_as_it_is_defined() -> None:
    header = ("strategy", "market", "bets on", "why", "min_confidence", "min_edge", "context_filters")
    assert markdown_table(Grid(header, list(definition_rows()))) in PAGE


def test_the_script_that_the_page_names_measures_leagues_at_the_seasons_end_and_over_many_looks() -> None:
    assert "python -m benchmarks.strategy_discoveries --leagues 300" in PAGE
    found = measure(1, looks=3)
    assert (found.leagues, found.at_the_end) == (1, 0)
    assert found.ever >= found.at_the_end
    bet, tested, low = found.rows[StrategyName.MODEL_VALUE]
    assert bet >= tested > low
