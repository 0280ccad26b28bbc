"""Track records in words: what is said of a profit, a loss or too little evidence, and small tables to the letter."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.intervals import Rate
from monps_platform.domain.picks import ClosingSource, NoClosingReason, PickOrigin, PickResult
from monps_platform.domain.track_record.figures import (
    DIMENSIONS,
    AgentRecord,
    Bin,
    Relation,
    Spread,
    TrackRecord,
    records,
    track_record,
)
from monps_platform.domain.track_record.table import PickTable
from monps_platform.domain.track_record.text import (
    ALL,
    NOTES,
    NOTHING,
    SHORT,
    TITLES,
    agents_grid,
    breakdown_grid,
    conclusion,
    conclusions,
    coverage_grid,
    evidence,
    markdown,
    relation_grid,
)
from monps_platform_tests.domain.track_record.test_table import closing, drawn, pick, settled

UNKNOWN = Rate(None, None, None, 0, 0)
FEW = [
    closing(settled(1, PickResult.WIN, price_taken=2.5), 5.0, 1.0),
    closing(settled(2, PickResult.LOSS, market="over_under"), -2.0, -6.0),
    settled(3, PickResult.PUSH, no_closing_reason=NoClosingReason.LINE_MOVED, clv_line_adjusted=1.25),
    pick(4),
]
"""A win, a loss, a push without a closing price, and a match to come."""
PLAIN = track_record(PickTable.of(FEW))


def record(overall: TrackRecord = PLAIN, relation: Relation | None = None) -> AgentRecord:
    return AgentRecord("me", overall, {}, relation)


def returning(
    value: float | None, low: float | None = None, high: float | None = None, matches: int = 100
) -> TrackRecord:
    """A record with such a return on stake, and nothing known of the close."""
    roi = Rate(value, low, high, matches, matches)
    return replace(PLAIN, picks=matches, matches=matches, due=0, roi=roi, clv_no_vig=UNKNOWN)


def worth(value: float | None, low: float | None = None, high: float | None = None, matches: int = 100) -> TrackRecord:
    """A record with such a no-vig CLV in per cent, nothing settled."""
    return replace(returning(None), clv_no_vig=Rate(value, low, high, matches, matches))


def related(value: float | None, low: float | None = None, high: float | None = None) -> Relation:
    return Relation((), Spread(value, low, high), 100)


def test_few_picks_are_told_to_the_letter() -> None:
    """Of three matches a draw of the same one three times comes up in 1 of 27: the interval spans them all."""
    (found,) = records(PickTable.of([item for item in FEW if item.pick_id != 4]))
    assert conclusion(found) == (
        "me: 3 picks on 3 matches, 66.7 % of them with a closing price. Return on stake +16.7 (-100.0 to 150.0) %: 3 "
        "matches say next to nothing. No-vig CLV -2.50 (-6.00 to 1.00) % over 2 matches, too few to go by."
    )
    assert markdown_table(agents_grid([found])) == (
        "| agent | picks | closed % | CLV % | no-vig CLV % | line-adjusted CLV % | beat close % | ROI % | profit | "
        "hit rate % | losing run | drawdown | evidence |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| me | 3 | 66.7 | +1.50 (-2.00 to 5.00) | -2.50 (-6.00 to 1.00) | +1.25 | 50.0 (0.0 to 100.0) | "
        "+16.7 (-100.0 to 150.0) | +0.5 | 50.0 (0.0 to 100.0) | 1 (0 to 3) | 1.0 (0.0 to 3.0) | too thin: 3 matches |"
    )


def test_the_short_table_has_the_columns_that_fit_a_terminal() -> None:
    assert agents_grid([record()], SHORT) == Grid(
        ("agent", "picks", "closed %", "no-vig CLV %", "ROI %", "profit", "evidence"),
        [("me", "4", "66.7", "-2.50 (-6.00 to 1.00)", "+16.7 (-100.0 to 150.0)", "+0.5", "too thin: 3 matches")],
    )
    assert set(SHORT) < set(ALL)


def test_how_picks_were_closed_or_why_not_adds_up_to_all_of_them() -> None:
    assert coverage_grid(record()) == Grid(
        ("closing price", "picks", "share %"),
        [
            ("closed: the pick's own bookmaker", "2", "50.0"),
            ("not closed: the line had moved", "1", "25.0"),
            ("not due yet", "1", "25.0"),
        ],
    )


def test_a_share_of_the_picks_whose_close_is_due_is_not_called_one_of_all_picks() -> None:
    """Two of four have a closing price; of the three whose close is due that is 66.7 %."""
    assert PLAIN.coverage.value == pytest.approx(2 / 3)
    assert "4 picks on 4 matches, 66.7 % of them" not in conclusion(record())


def test_every_source_and_reason_has_words_of_its_own() -> None:
    sources = {name.value: 2 for name in ClosingSource}
    reasons = {name.value: 3 for name in NoClosingReason}
    grid = coverage_grid(record(replace(PLAIN, picks=29, due=29, sources=sources, reasons=reasons)))
    words = [row[0] for row in grid.rows]
    assert len(set(words)) == len(ClosingSource) + len(NoClosingReason)
    assert sum(int(row[1]) for row in grid.rows) == 29
    assert not [word for word in words if "_" in word]


@pytest.mark.parametrize(
    ("overall", "said", "short"),
    [
        (replace(returning(None), settled=0), "None is settled yet.", "nothing settled"),
        (replace(returning(None), settled=2), "All that are settled are void.", "all void"),
        (
            returning(0.25, 0.2, 0.3, 29),
            "+25.0 (20.0 to 30.0) %: 29 matches say next to nothing.",
            "too thin: 29 matches",
        ),
        (returning(0.25, 0.2, 0.3, 30), "+25.0 (20.0 to 30.0) %: a profit beyond chance.", "a profit"),
        (returning(-0.04, -0.07, -0.01, 5000), "-4.0 (-7.0 to -1.0) %: a loss beyond chance.", "a loss"),
        (
            returning(0.031, -0.12, 0.182, 412),
            "+3.1 (-12.0 to 18.2) %: the evidence is too thin to tell it from 0; to tell a return of this size from 0 "
            "takes about 9,800 matches.",
            "too thin: ~9,800 matches needed",
        ),
        (
            returning(0.0, -0.1, 0.1),
            "+0.0 (-10.0 to 10.0) %: the evidence is too thin to tell it from 0.",
            "too thin",
        ),
    ],
)
def test_it_is_said_plainly_what_the_return_may_be_worth(overall: TrackRecord, said: str, short: str) -> None:
    assert said in conclusion(record(overall))
    assert evidence(overall) == short


def test_of_one_match_it_is_said_in_the_singular() -> None:
    overall = replace(returning(1.5, matches=1), matches=1, picks=1)
    assert conclusion(record(overall)).startswith("me: 1 pick on 1 match, none closed yet.")
    assert "Return on stake +150.0 %: 1 match says next to nothing." in conclusion(record(overall))
    assert evidence(overall) == "too thin: 1 match"


@pytest.mark.parametrize(
    ("overall", "said"),
    [
        (worth(None), "What the picks were worth at the close is not known."),
        (worth(1.25, 0.5, 2.0, 29), "No-vig CLV +1.25 (0.50 to 2.00) % over 29 matches, too few to go by."),
        (worth(1.25, 0.5, 2.0), "(0.50 to 2.00) %: the prices taken were better than what the close holds to be fair."),
        (worth(-3.0, -4.0, -2.0), "-3.00 (-4.00 to -2.00) %: the prices taken were worse than what the close holds"),
        (
            worth(-0.5, -1.5, 0.5),
            "-0.50 (-1.50 to 0.50) %: the prices taken were about what the close holds to be fair.",
        ),
    ],
)
def test_it_is_said_plainly_what_the_picks_were_worth_at_the_close(overall: TrackRecord, said: str) -> None:
    assert said in conclusion(record(overall))


def test_what_a_single_match_was_worth_at_the_close_is_known_if_little() -> None:
    said = conclusion(record(worth(1.25, matches=1)))
    assert "is not known" not in said
    assert "+1.25 % over 1 match" in said


@pytest.mark.parametrize(
    ("relation", "said"),
    [
        (related(None), "Whether CLV foretold the return cannot be said."),
        (related(0.9), "Whether CLV foretold the return cannot be said."),
        (
            related(0.9, 0.4, 1.4),
            "A point of no-vig CLV came with 0.90 (0.40 to 1.40) points of return: CLV foretold the return.",
        ),
        (
            related(0.9, -0.4, 2.2),
            "came with 0.90 (-0.40 to 2.20) points of return: too wide to say that CLV foretold the return.",
        ),
    ],
)
def test_it_is_said_whether_clv_foretold_the_return(relation: Relation, said: str) -> None:
    assert conclusion(record(PLAIN, relation)).endswith(said)
    assert "foretold" not in conclusion(record(PLAIN, None))


def test_a_slope_that_is_surely_negative_is_not_called_too_wide() -> None:
    said = conclusion(record(PLAIN, related(-2.0, -3.0, -1.0)))
    assert "(-3.00 to -1.00)" in said
    assert "too wide" not in said
    assert ": CLV foretold" not in said


def test_the_fifths_by_clv_have_a_row_each() -> None:
    bins = (
        Bin(-7.55, -3.2, -4.811, Rate(-0.082, -0.2, 0.04, 1234, 900)),
        Bin(0.4, 9.0, 3.0, Rate(0.5, None, None, 1, 1)),
    )
    assert relation_grid(Relation(bins, Spread(1.0, 0.5, 1.5), 1235)) == Grid(
        ("no-vig CLV %", "picks", "mean CLV %", "ROI %"),
        [("-7.5 to -3.2", "1,234", "-4.81", "-8.2 (-20.0 to 4.0)"), ("+0.4 to +9.0", "1", "+3.00", "+50.0")],
    )


def test_what_is_rounded_to_nothing_has_no_minus() -> None:
    tiny = Rate(-0.0004, -0.0003, 0.2, 9, 9)
    overall = replace(PLAIN, roi=tiny, clv=Rate(-0.001, -0.004, 0.1, 9, 9), profit=-0.04)
    cells = [cell for row in agents_grid([record(overall)]).rows for cell in row]
    of_bins = relation_grid(Relation((Bin(-0.01, -0.004, -0.001, tiny),), Spread(1.0, 0.5, 1.5), 9))
    cells += [cell for row in of_bins.rows for cell in row]
    assert not [cell for cell in cells if re.search(r"-0\.0+(?!\d)", cell)]


def test_what_is_not_known_is_a_dash_and_never_a_number() -> None:
    unsettled = track_record(PickTable.of([pick(1), pick(2)]))
    (row,) = agents_grid([record(unsettled)]).rows
    assert dict(zip(("agent", *ALL), row, strict=True)) == {
        "agent": "me",
        "picks": "2",
        **dict.fromkeys(ALL[1:-1], "-"),
        "evidence": "nothing settled",
    }
    assert conclusion(record(unsettled)) == (
        "me: 2 picks on 2 matches, none closed yet. None is settled yet. What the picks were worth at the close is not "
        "known."
    )


def test_a_breakdown_has_a_row_for_each_value_with_the_figures_of_its_picks() -> None:
    (found,) = records(PickTable.of(FEW))
    grid = breakdown_grid(found, "market")
    assert grid.header == ("market", *ALL)
    assert [(row[0], row[1], row[7], row[-1]) for row in grid.rows] == [
        ("1x2", "3", "+75.0 (0.0 to 150.0)", "too thin: 2 matches"),
        ("over_under", "1", "-100.0", "too thin: 1 match"),
    ]


def test_every_agent_has_a_sentence_and_a_row_and_what_it_picked_live_has_its_own() -> None:
    live = [replace(item, pick_id=10 + item.pick_id, origin=PickOrigin.LIVE) for item in FEW[:1]]
    found = records(PickTable.of([*FEW, *live]))
    assert [sentence.split(":")[0] for sentence in conclusions(found)] == ["me", "me (live)"]
    assert [row[:2] for row in agents_grid(found).rows] == [("me", "4"), ("me (live)", "1")]


def test_the_whole_page_has_sentences_notes_and_tables_of_even_rows() -> None:
    chance = random.Random(17)
    picks = [replace(item, agent=chance.choice(["me", "you"])) for item in drawn(chance, 240, 120)]
    found = records(PickTable.of(picks))
    page = markdown(found)
    parts = page.split("\n\n")
    assert parts[0] == "\n".join(f"- {conclusion(item)}" for item in found)
    assert all(note in parts for note in NOTES)
    assert [part for part in parts if part.startswith("### ")] == ["### me", "### you"]
    assert [part for part in parts if part.startswith("#### By")] == [f"#### {TITLES[name]}" for name in DIMENSIONS] * 2
    assert parts.count("#### CLV and return") == sum(item.relation is not None for item in found) == 2
    tables = [part for part in parts if part.startswith("|")]
    assert len(tables) == 1 + 2 * (2 + len(DIMENSIONS))
    assert all(len({line.count("|") for line in part.splitlines()}) == 1 for part in tables)
    assert "no real football" not in page
    assert markdown(found, simulated=True) == f"Simulated leagues, no real football.\n\n{page}"


def test_without_picks_it_is_said_that_there_are_none() -> None:
    assert markdown([]) == markdown([], simulated=True) == NOTHING
    assert conclusions([]) == []
    assert agents_grid([]).rows == []
