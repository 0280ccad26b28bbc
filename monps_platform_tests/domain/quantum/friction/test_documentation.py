"""The page on friction says what the code does."""

from __future__ import annotations

from pathlib import Path

from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.quantum.friction.scenario import rule_rows
from monps_platform.domain.quantum.friction.traits import SOURCES, trait_rows
from monps_platform.domain.quantum.friction.vocabulary import PAIRINGS, WEIGHTS

PAGE = (Path(__file__).parents[4] / "docs" / "friction.md").read_text(encoding="utf-8")


def test_the_page_has_every_trait_with_its_formula() -> None:
    rows = list(trait_rows())
    assert len(rows) == len(SOURCES)
    assert markdown_table(Grid(("score", "trait", "formula", "source", "why"), rows)) in PAGE


def test_the_page_has_every_rule_in_the_order_in_which_they_are_tried() -> None:
    assert markdown_table(Grid(("scenario", "where", "why"), list(rule_rows()))) in PAGE


def test_the_page_has_every_score_with_its_weight_and_pairing() -> None:
    for score, pairing in PAIRINGS.items():
        weight = f"{WEIGHTS[score]:.2f}".lstrip("0") if score in WEIGHTS else "-"
        assert f"| {score} | {weight} | {pairing.name.lower()}" in PAGE
