"""Judgements in words: who is better, and tables that say the same as the figures."""

from __future__ import annotations

import re

import numpy as np
import pytest

from monps_platform.domain.intervals import Rate
from monps_platform.domain.judgement import ForecastTable, Judgements, judge
from monps_platform.domain.judgement_text import (
    comparisons,
    conclusion,
    markdown,
    models_table,
    seasons_table,
    span,
    with_interval,
)
from monps_platform_tests.domain.test_judgement import (
    BASE_RATE,
    CLOSING,
    FEW,
    MODEL,
    NONE,
    PRE_MATCH,
    THIRDS,
    drawn,
    joined,
    table,
)


def cells(markdown_table: str) -> list[list[str]]:
    """The cells of a table's rows, without header."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in markdown_table.splitlines()[2:]]


def judged(*tables: ForecastTable) -> Judgements:
    return judge(joined(*tables), resamples=FEW)


@pytest.fixture(scope="module")
def found() -> Judgements:
    noise = {MODEL: 0.5, CLOSING: 0.05, PRE_MATCH: 0.4, BASE_RATE: 1.0}
    return judged(
        drawn(300, 1, noise),
        drawn(200, 2, {MODEL: 0.2, PRE_MATCH: 0.1}, season=2009),
        drawn(1234, 3, noise, league="I1", season=2016),
        table([0], {MODEL: [THIRDS]}, season=2017),
    )


def test_the_better_market_is_said_to_be_better_with_both_figures_and_the_difference() -> None:
    sentence = conclusion(judged(drawn(1500, 1, {MODEL: 0.6, CLOSING: 0.05})))
    shape = (
        r"On 1,500 matches the closing market is better than the goal model: RPS (\S+) against (\S+), difference (\S+) "
    )
    said = re.match(shape + r"\((\S+) to (\S+)\)\.$", sentence)
    assert said is not None
    market, model, difference, low, high = map(float, said.groups())
    assert difference == pytest.approx(model - market, abs=1.1e-4)
    assert 0 < low < difference < high


def test_a_better_model_is_said_to_be_better_by_a_positive_difference() -> None:
    sentence = conclusion(judged(drawn(1500, 1, {MODEL: 0.05, PRE_MATCH: 0.6})))
    said = re.match(
        r"On 1,500 matches the goal model is better than the pre-match market: RPS (\S+) against (\S+), difference "
        r"(\S+) \((\S+) to (\S+)\)\.$",
        sentence,
    )
    assert said is not None
    model, market, difference, low, high = map(float, said.groups())
    assert difference == pytest.approx(market - model, abs=1.1e-4)
    assert 0 < low < difference < high


def test_a_difference_that_chance_explains_is_not_called_one() -> None:
    sentence = conclusion(judged(table([0, 1, 2], {MODEL: [THIRDS] * 3, CLOSING: [THIRDS] * 3})))
    assert sentence == (
        "On 3 matches no difference between the goal model and the closing market is shown: RPS 0.2222 against 0.2222, "
        "difference +0.0000 (0.0000 to 0.0000)."
    )


def test_what_cannot_be_compared_is_said() -> None:
    alone = judged(table([0, 1, 2], {MODEL: [THIRDS] * 3}))
    assert conclusion(alone).endswith("there are no prices to compare it with.")
    assert comparisons(alone) == [conclusion(alone)]
    without = judged(table([0, 1], {CLOSING: [THIRDS] * 2}))
    assert conclusion(without) == "On 2 matches there is no forecast of the goal model to be judged."
    early = judged(drawn(20, 1, {MODEL: 0.1, PRE_MATCH: 0.1}, season=2008))
    assert conclusion(early).startswith("No match from 2012-13 on can be judged")


def test_every_model_is_compared_with_the_market(found: Judgements) -> None:
    assert [sentence.split("better than the ")[1].split(":")[0] for sentence in comparisons(found)] == [
        "goal model",
        "pre-match market",
        "base rate",
    ]


def test_a_table_of_models_has_a_row_for_each_with_its_figures(found: Judgements) -> None:
    assert found.overall is not None
    rows = cells(models_table([found.overall], span))
    assert [row[:3] for row in rows] == [
        ["2015-16 to 2016-17", "1,534 of 1,535", "goal model"],
        ["", "", "closing market"],
        ["", "", "pre-match market"],
        ["", "", "base rate"],
    ]
    scores = list(found.overall.scores.values())
    assert [float(row[3].split()[0]) for row in rows] == pytest.approx([item.rps.value for item in scores], abs=6e-5)
    assert [float(row[6]) for row in rows] == pytest.approx([item.calibration_error for item in scores], abs=6e-5)
    assert [row[7].split(": ")[-1] for row in rows] == ["worse", "-", "worse", "worse"]


def test_a_table_of_seasons_marks_those_that_count_nowhere_else(found: Judgements) -> None:
    rows = cells(seasons_table(found.league_seasons))
    assert [row[0] for row in rows] == ["E0 2009-10 *", "E0 2015-16", "E0 2017-18", "I1 2016-17"]
    assert rows[0][3] == rows[2][3] == rows[2][-1] == "-"
    assert rows[1][-1].endswith("worse")


def test_the_whole_page_is_tables_of_even_rows_and_holds_the_calibration_of_model_and_market(found: Judgements) -> None:
    page = markdown(found)
    tables = [part for part in page.split("\n\n") if part.startswith("|")]
    assert len(tables) == 6
    folded = page[page.index("<details>") : page.index("</details>")]
    assert folded.count("| goal model |") == len(found.league_seasons)
    assert all(len({line.count("|") for line in part.splitlines()}) == 1 for part in tables)
    expected = {item.low for model in (MODEL, CLOSING) for item in found.calibration[model]}
    assert len(cells(tables[-1])) == len(expected)
    assert sum(int(row[3].replace(",", "")) for row in cells(tables[-1])) == 3 * 1534
    assert "no real football" not in page
    assert markdown(found, simulated=True).count("simulated leagues (no real football)") == 5


def test_seasons_that_cannot_be_judged_are_named() -> None:
    page = markdown(judged(table([0, 1], {MODEL: [THIRDS, NONE], CLOSING: [NONE, THIRDS]})))
    assert "Not judged, because no played match has a forecast of every model there: E0 2015-16." in page


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (Rate(0.12344, -0.00001, 0.2, 9, 9), "+0.1234 (0.0000 to 0.2000)"),
        (Rate(-0.00001, -0.1, 0.2, 9, 9), "+0.0000 (-0.1000 to 0.2000)"),
        (Rate(0.5, None, None, 1, 1), "+0.5000"),
        (Rate(None, None, None, 0, 0), "-"),
        (Rate(float(np.inf), None, None, 3, 3), "+inf"),
    ],
)
def test_means_are_written_with_four_digits_and_no_minus_before_zero(rate: Rate, expected: str) -> None:
    assert with_interval(rate, "+") == expected
