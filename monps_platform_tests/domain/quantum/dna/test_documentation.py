"""The page on team DNA says what the schemas say."""

from __future__ import annotations

from pathlib import Path

import pytest

from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.quantum.dna.context import PerMatch
from monps_platform.domain.quantum.dna.market import MarketRecord
from monps_platform.domain.quantum.dna.nemesis import Residual
from monps_platform.domain.quantum.dna.roster import Finisher
from monps_platform.domain.quantum.dna.team_dna import VECTORS
from monps_platform.domain.quantum.dna.temporal import GoalsByPeriod, XgByPeriod
from monps_platform.domain.quantum.documents import Document, field_rows

PAGE = (Path(__file__).parents[4] / "docs" / "team-dna.md").read_text(encoding="utf-8")
NESTED: tuple[type[Document], ...] = (MarketRecord, PerMatch, Residual, Finisher, GoalsByPeriod, XgByPeriod)


@pytest.mark.parametrize("document", [*VECTORS.values(), *NESTED], ids=lambda document: document.__name__)
def test_the_page_has_every_field_with_formula_unit_range_source_and_least_n(document: type[Document]) -> None:
    header = ("field", "formula", "unit", "range", "source", "least n")
    rows = [(f"`{name}`", *told) for name, *told in field_rows(document)]
    assert rows
    table = markdown_table(Grid(header, rows))
    # A row may stand between others: one table has the fields that another one lacks.
    missing = [line for line in table.splitlines()[2:] if line not in PAGE]
    assert missing == []
