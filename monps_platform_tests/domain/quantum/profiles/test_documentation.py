"""The page on tactical profiles says what the code does."""

from __future__ import annotations

from pathlib import Path

from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.quantum.profiles.definitions import feature_rows
from monps_platform.domain.quantum.profiles.rules import rule_rows

PAGE = (Path(__file__).parents[4] / "docs" / "tactical-profiles.md").read_text(encoding="utf-8")


def test_the_page_has_every_feature_with_its_formula() -> None:
    header = ("feature", "formula", "unit", "source", "at least")
    assert markdown_table(Grid(header, list(feature_rows()))) in PAGE


def test_the_page_has_every_rule_with_its_reason() -> None:
    header = ("profile", "feature", "stands", "weight", "why")
    assert markdown_table(Grid(header, list(rule_rows()))) in PAGE
