"""The report on picks: figures of plain arithmetic as metadata, and a page that needs nothing but itself."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from monps_platform.domain.picks import PickOrigin
from monps_platform.domain.track_record.table import TrackedPick
from monps_platform.domain.track_record.text import NOTES, NOTHING
from monps_platform.orchestration.picks import report
from monps_platform.orchestration.picks.publishing import write_page
from monps_platform.orchestration.picks.report import PICTURES, ReportPart, fingerprint, metadata, page, report_parts
from monps_platform_tests.orchestration.picks.tracked_picks import still_open, tracked, without_close

AS_OF = datetime(2020, 1, 31, 12, 5, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"
SIMULATED: dict[str, Any] = {"league": "SIM1", "agent": "robot"}
VOID = {"meta", "img", "br", "hr", "link", "input"}


@dataclass
class Page(HTMLParser):
    """A page of HTML, taken apart; raises AssertionError where a tag is not closed, or another one is."""

    text: str
    tags: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(self.text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        if inside == "style":
            return
        self.words.append(data)
        if inside in ("td", "th"):
            self.tables[-1][-1][-1] += data
        if inside in ("h1", "h2", "h3", "summary"):
            self.headings.append((inside, data))

    def of(self, tag: str) -> list[str]:
        """The texts of headings of a kind."""
        return [text for kind, text in self.headings if kind == tag]

    @property
    def said(self) -> str:
        """All that a reader reads."""
        return " ".join(" ".join(self.words).split())


def read(*picks: TrackedPick, scope: str = "") -> Page:
    """The page on some picks."""
    return Page(page(report_parts(picks), AS_OF, scope))


def told(*picks: TrackedPick) -> dict[str, Any]:
    """Metadata on some picks, as plain values."""
    shown = metadata(report_parts(picks, ()))
    return {name: value.value if isinstance(value, dg.MetadataValue) else value for name, value in shown.items()}


def several() -> list[TrackedPick]:
    """Picks of two agents, one of them live as well, in a real league, and of one in a simulated league."""
    live = [replace(pick, origin=PickOrigin.LIVE) for pick in tracked(35, "consensus_value", 3)]
    walked = [replace(pick, origin=PickOrigin.WALK_FORWARD) for pick in tracked(40, "consensus_value", 2)]
    return [*tracked(40), *walked, *live, *tracked(40, seed=4, **SIMULATED)]


@pytest.fixture(scope="module")
def whole() -> Page:
    """The page on picks of several agents."""
    return read(*several())


# Parts


def test_real_and_simulated_leagues_are_parts_of_their_own_and_none_is_empty() -> None:
    def found(*picks: TrackedPick) -> list[tuple[bool, int, list[str]]]:
        return [
            (part.is_simulated, len(part.table), [item.agent for item in part.records]) for part in report_parts(picks)
        ]

    real, simulated = tracked(5), tracked(3, **SIMULATED)
    assert found() == []
    assert found(*real) == [(False, 5, ["me"])]
    assert found(*simulated) == [(True, 3, ["robot"])]
    assert found(*simulated, *real) == [(False, 5, ["me"]), (True, 3, ["robot"])]


def test_records_are_broken_down_by_what_is_asked_for() -> None:
    picks = [*tracked(5), *tracked(4, seed=2, league="SP1", season="2020-21", bookmaker="PS")]
    ((part,), (bare,)) = report_parts(picks), report_parts(picks, ())
    by = part.records[0].by
    assert {name: list(groups) for name, groups in by.items()} == {
        "league": ["E0", "SP1"],
        "market": ["1x2"],
        "bookmaker": ["B365", "PS"],
        "season": ["2019-20", "2020-21"],
    }
    assert bare.records[0].by == {}


def test_what_there_is_nothing_to_draw_for_has_no_picture() -> None:
    def names(*picks: TrackedPick) -> list[str]:
        (part,) = report_parts(picks, ())
        return [picture.name for picture in part.pictures]

    assert names(*tracked(30)) == [picture.name for picture in PICTURES]
    assert names(*tracked(29)) == ["profit", "clv_distribution"]
    assert names(*without_close(tracked(30))) == ["profit"]
    assert names(*still_open(tracked(30))) == []


# Metadata


def test_without_picks_a_text_says_so() -> None:
    assert told() == {"track_record": NOTHING}


def test_figures_are_those_of_plain_arithmetic() -> None:
    picks = [*tracked(30), *without_close(tracked(10, seed=2))]
    numbers = told(*picks)
    closed = [pick for pick in picks if pick.clv is not None]
    assert numbers["picks_me"] == 40
    assert numbers["profit_me"] == round(sum(pick.profit or 0 for pick in picks), 4)
    assert numbers["roi_me"] == round(sum(pick.profit or 0 for pick in picks) / 40, 4)
    assert numbers["clv_me"] == round(sum(pick.clv or 0 for pick in closed) / 30, 4)
    assert numbers["clv_no_vig_me"] == round(sum(pick.clv_no_vig or 0 for pick in closed) / 30, 4)
    assert numbers["coverage_me"] == 0.75


def test_what_is_not_known_is_left_out() -> None:
    numbers = told(*still_open(tracked(5)))
    assert numbers.keys() == {"track_record", "closing_coverage", "picks_me", "profit_me"}
    assert (numbers["picks_me"], numbers["profit_me"]) == (5, 0.0)


def test_pictures_are_pngs_and_numbers_are_numbers() -> None:
    shown = metadata(report_parts([*tracked(30), *tracked(30, **SIMULATED)], ()))
    pictures = [f"{prefix}{picture.name}" for prefix in ("", "simulated_") for picture in PICTURES]
    assert {name for name, value in shown.items() if isinstance(value, dg.MarkdownMetadataValue)} == {
        *("track_record", "simulated_track_record", "closing_coverage", "simulated_closing_coverage"),
        *pictures,
    }
    for name in pictures:
        head, data = str(shown[name].value).rstrip(")").split("base64,")
        assert head.startswith("![")
        assert base64.b64decode(data, validate=True).startswith(PNG)
    others = [value for value in shown.values() if not isinstance(value, dg.MarkdownMetadataValue)]
    assert others
    assert all(type(value) in (int, float) for value in others)
    assert len(str(shown)) < 600_000


def test_simulated_leagues_stand_apart_in_names_and_figures() -> None:
    alone, both = told(*tracked(5)), told(*tracked(5), *tracked(4, seed=9, league="SIM2"))
    assert {name: both[name] for name in alone} == alone
    assert set(both) == {*alone, *(f"simulated_{name}" for name in alone)}
    assert (both["picks_me"], both["simulated_picks_me"]) == (5, 4)


def test_live_picks_have_a_record_of_their_own() -> None:
    numbers = told(*still_open(several()))
    found = {name: numbers[name] for name in numbers if name.startswith("picks_")}
    assert found == {"picks_me": 40, "picks_consensus_value": 40, "picks_consensus_value (live)": 35}


def test_numbers_that_plot_are_those_of_the_six_agents_with_the_most_picks() -> None:
    picks = [pick for number in range(8) for pick in tracked(10 + number, f"agent {number}")]
    assert {name for name in told(*still_open(picks)) if name.startswith("picks_")} == {
        f"picks_agent {number}" for number in range(2, 8)
    }


def test_closing_coverage_is_told_by_league_and_season_with_the_commonest_reason() -> None:
    spain = without_close(tracked(3, seed=2, league="SP1")) + tracked(1, seed=3, league="SP1")
    lines = told(*tracked(4), *still_open(tracked(2)), *spain)["closing_coverage"].splitlines()
    assert [line.strip("| ").split(" | ") for line in lines[2:]] == [
        ["E0 2019-20", "6", "4", "4", "100.0", "-"],
        ["SP1 2019-20", "4", "4", "1", "25.0", "only other bookmakers closed it"],
    ]


def test_the_record_says_how_much_it_rests_on() -> None:
    said = told(*tracked(5))["track_record"]
    assert "5 picks on 5 matches" in said
    assert "5 matches say next to nothing" in said
    assert "| agent | picks |" in said
    assert NOTES[0] in said


# The page


def test_a_page_is_whole_html_that_holds_its_pictures_and_points_nowhere_else(whole: Page) -> None:
    assert whole.text.startswith("<!DOCTYPE html>")
    assert whole.tags[:2] == ["html", "head"]
    assert {"script", "link", "iframe", "object", "form", "base"}.isdisjoint(whole.tags)
    assert len(whole.links) == whole.tags.count("img") == 6
    for link in whole.links:
        head, data = link.split("base64,")
        assert head == "data:image/png;"
        assert base64.b64decode(data, validate=True).startswith(PNG)
    without_pictures = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", whole.text)
    assert not re.search(r"https?:|//|@import|url\(", without_pictures)


def test_a_page_says_when_it_was_made_and_for_what(whole: Page) -> None:
    assert whole.of("h1") == ["Picks and what they were worth"]
    assert "As of 2020-01-31 12:05 UTC." in whole.said
    assert "As of 2020-01-31 12:05 UTC; agents: me." in read(*tracked(3), scope="agents: me").said


def test_real_and_simulated_leagues_stand_apart_on_the_page(whole: Page) -> None:
    assert whole.of("h2") == ["All agents", "Simulated leagues"]
    real, simulated = whole.said.split("Simulated leagues, no real football.")
    assert "robot" not in real
    assert "consensus_value" not in simulated
    assert "robot: 40 picks" in simulated
    assert "Simulated leagues" not in read(*tracked(3)).said


def test_every_agent_has_its_sentence_its_row_and_its_tables(whole: Page) -> None:
    names, coverage = ["consensus_value", "consensus_value (live)", "me"], "Closing prices by league and season"
    assert whole.of("summary") == [*names, coverage, "robot", coverage]
    for table in whole.tables[:2]:
        assert [row[0] for row in table] == ["agent", *names]
    for name in names:
        assert f"{name}: " in whole.said
    assert whole.said.count(NOTES[0]) == whole.said.count(NOTES[1]) == 2
    sections = ["Closing prices", "CLV and return", "By league", "By market", "By bookmaker", "By season"]
    pictures = [picture.title for picture in PICTURES]
    assert whole.of("h3") == [*pictures, *sections * 3, "All agents", *pictures, *sections, "All agents"]
    assert len(whole.tables) == len(sections) * 4 + 2 * 3
    assert all(len(row) == len(table[0]) for table in whole.tables for row in table)


def figures(found: Page) -> dict[str, str]:
    """The figures of the first agent, of both tables that all agents are in."""
    return {name: cell for table in found.tables[:2] for name, cell in zip(*table[:2], strict=True)}


def test_numbers_of_the_page_are_those_of_the_picks() -> None:
    picks = tracked(40)
    row = figures(read(*picks))
    assert (row["picks"], row["closed %"]) == ("40", "100.0")
    assert row["profit"] == f"{sum(pick.profit or 0 for pick in picks):+,.1f}"
    assert row["CLV %"].startswith(f"{sum(pick.clv or 0 for pick in picks) / 40:+.2f} (")
    assert row["evidence"].startswith("too thin")


HOSTILE = '<script>alert("x")</script> & {{ 7 * 7 }} {% raw %} \u2013 Kn\u00f6del'


@pytest.mark.parametrize("name", ["agent", "bookmaker", "season"])
def test_names_are_shown_as_they_are_and_never_run(name: str) -> None:
    changes: dict[str, Any] = {name: HOSTILE}
    found = read(*(replace(pick, **changes) for pick in tracked(3)))
    assert "script" not in found.tags
    assert "<script" not in found.text
    assert HOSTILE in found.said
    assert any(HOSTILE in row for table in found.tables for row in table)


def test_a_scope_is_shown_as_it_is() -> None:
    assert HOSTILE in read(*tracked(1), scope=HOSTILE).said


def test_a_page_without_picks_says_so() -> None:
    found = read()
    assert NOTHING in found.said
    assert found.of("h2") == []
    assert found.links == []


def test_a_page_on_picks_to_come_has_no_figures_it_cannot_have() -> None:
    found = read(*still_open(tracked(3)))
    row = figures(found)
    assert {row[name] for name in ("CLV %", "no-vig CLV %", "ROI %", "profit", "hit rate %", "drawdown")} == {"-"}
    assert row["evidence"] == "nothing settled"
    assert "nan" not in found.said.lower().split()


def test_the_fingerprint_of_a_page_changes_with_the_picks_and_with_the_code_that_makes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picks = tracked(2)
    before = fingerprint(picks)
    assert fingerprint(picks[::-1]) == before
    assert fingerprint(picks[:1]) != before
    monkeypatch.setattr(report, "REPORT_VERSION", "another")
    assert fingerprint(picks) != before


def test_the_same_picks_give_the_same_page() -> None:
    picks = [*tracked(30), *tracked(5, **SIMULATED)]
    assert read(*picks[::-1]).text == read(*picks).text


def test_all_parts_are_of_the_picks_that_they_say() -> None:
    parts: Sequence[ReportPart] = report_parts(several())
    assert sum(len(part.table) for part in parts) == len(several())
    assert [part.prefix for part in parts] == ["", "simulated_"]


# The file


def test_a_page_is_written_in_one_step_into_a_folder_that_need_not_be_there(tmp_path: Path) -> None:
    file = tmp_path / "reports" / "of all" / "picks.html"
    write_page(file, "first \u2013 Kn\u00f6del")
    write_page(file, "second")
    assert file.read_text(encoding="utf-8") == "second"
    assert [path.name for path in file.parent.iterdir()] == ["picks.html"]


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "picks.html"
    write_page(file, "first")
    with pytest.raises(UnicodeEncodeError):
        write_page(file, "half a character: \ud800")
    assert file.read_text(encoding="utf-8") == "first"
