"""Pictures of track records: whole PNGs, a panel per agent and six at most, and none where there is nothing to show."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from monps_platform.domain.track_record.figures import records
from monps_platform.domain.track_record.table import PickTable, TrackedPick
from monps_platform.orchestration.pictures.canvas import png
from monps_platform.orchestration.pictures.track_record import (
    MOST_AGENTS,
    clv_picture,
    profit_picture,
    relation_picture,
)
from monps_platform.settings import PROJECT_ROOT
from monps_platform_tests.orchestration.picks.tracked_picks import FIRST_DAY, still_open, tracked, without_close

Draw = Callable[[Sequence[TrackedPick]], bytes | None]
LARGEST = 120_000
DPI, WIDEST = 150, 1140
LONG = "consensus_value(markets=1x2+over_under+asian_handicap, alpha=0.01, fewest_books=2)"


def relation(picks: Sequence[TrackedPick]) -> bytes | None:
    """The picture of CLV and return of some picks."""
    return relation_picture(records(PickTable.of(picks), ()))


PICTURES: dict[str, Draw] = {
    "profit": lambda picks: profit_picture(PickTable.of(picks)),
    "clv": lambda picks: clv_picture(PickTable.of(picks)),
    "relation": relation,
}
each = pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)


def size(picture: bytes | None) -> tuple[int, int]:
    """Width and height in pixels of a whole PNG, whose chunks have the checksums that they say."""
    assert picture is not None
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    at, kinds = 8, []
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        body = picture[at + 4 : at + 8 + length]
        assert struct.unpack(">I", picture[at + 8 + length : at + 12 + length]) == (zlib.crc32(body),)
        kinds.append(body)
        at += 12 + length
    assert (kinds[0][:4], kinds[-1][:4]) == (b"IHDR", b"IEND")
    width, height = struct.unpack(">II", kinds[0][4:12])
    return width, height


def of_agents(count: int, picks: int = 40) -> list[TrackedPick]:
    """Picks of so many agents."""
    return [pick for number in range(count) for pick in tracked(picks, f"agent {number}", seed=number)]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures behind the pictures that a test draws."""
    kept: list[Figure] = []

    def keeping(draw: Callable[[Figure], object], width: float, height: float) -> bytes:
        def both(figure: Figure) -> None:
            kept.append(figure)
            draw(figure)

        return png(both, width, height)

    monkeypatch.setattr("monps_platform.orchestration.pictures.track_record.png", keeping)
    return kept


@pytest.mark.parametrize(("agents", "inches"), [(1, (4.5, 2.9)), (2, (6.8, 2.9)), (3, (10.2, 2.9)), (4, (10.2, 5.8))])
def test_each_agent_has_a_panel_three_in_a_row(agents: int, inches: tuple[float, float]) -> None:
    dpi = min(DPI, WIDEST / inches[0])
    assert size(relation(of_agents(agents))) == (round(inches[0] * dpi), int(inches[1] * dpi))


@each
def test_six_agents_are_shown_those_with_the_most_picks(draw: Draw, drawn: list[Figure]) -> None:
    shown = draw([*of_agents(6), *tracked(35, "few", 9), *tracked(31, "fewest", 8)])
    assert (MOST_AGENTS, size(shown)) == (6, (1140, 648))
    assert [axes.get_title(loc="left") for axes in drawn[0].axes] == [f"agent {number}" for number in range(6)]


def test_an_agent_with_more_picks_takes_the_place_of_one_with_fewer(drawn: list[Figure]) -> None:
    PICTURES["clv"]([*tracked(31, "few", 9), *of_agents(6), *tracked(50, "most", 7)])
    names = [axes.get_title(loc="left") for axes in drawn[0].axes]
    assert names == [*(f"agent {number}" for number in range(5)), "most"]


@each
def test_the_same_picks_give_the_same_picture_in_whatever_order_they_come(draw: Draw) -> None:
    picks = tracked(40)
    assert draw(picks) == draw(picks[::-1])
    assert draw(picks) != draw(tracked(40, seed=2))


@each
def test_of_nothing_there_is_no_picture(draw: Draw) -> None:
    assert draw([]) is None
    assert draw(still_open(tracked(40))) is None


def test_picks_without_a_close_have_a_profit_and_no_distribution() -> None:
    picks = without_close(tracked(40))
    assert PICTURES["clv"](picks) is relation(picks) is None
    assert size(PICTURES["profit"](picks))


def test_closed_picks_that_are_not_settled_have_a_distribution_and_no_profit() -> None:
    picks = [replace(pick, result=None, profit=None) for pick in tracked(40)]
    assert PICTURES["profit"](picks) is relation(picks) is None
    assert size(PICTURES["clv"](picks))


def test_fewer_matches_than_tell_anything_show_no_relation() -> None:
    assert relation(tracked(29)) is None
    assert size(relation([*tracked(30), *tracked(29, "few")])) == (675, 435)


def test_an_agent_without_anything_to_show_has_no_panel() -> None:
    assert size(PICTURES["clv"]([*tracked(40), *still_open(tracked(400, "open"))])) == (675, 435)


ODD: dict[str, list[TrackedPick]] = {
    "one pick": tracked(1),
    "one match": [replace(pick, match_id=1, day=FIRST_DAY) for pick in tracked(40)],
    "the same CLV": [replace(pick, clv=2.0, clv_no_vig=-1.0) for pick in tracked(40)],
    "CLV beyond the bars": [replace(pick, clv_no_vig=at * 500 - 9_900.0) for at, pick in enumerate(tracked(40))],
    "nothing won or lost": [replace(pick, profit=0.0) for pick in tracked(40)],
    "a name of all kinds": tracked(40, "$x^2 & <b> \u2013 Kn\u00f6del_%"),
    "a name that looks like a formula": tracked(40, r"$\nothing_$ for $_$"),
}


@pytest.mark.parametrize("picks", ODD.values(), ids=ODD)
def test_what_is_odd_can_be_drawn(picks: list[TrackedPick]) -> None:
    for draw in PICTURES.values():
        picture = draw(picks)
        assert picture is None or size(picture) == (675, 435)


def test_what_lies_beyond_the_last_bar_is_counted_in_it(drawn: list[Figure]) -> None:
    picks = [replace(pick, clv_no_vig=0.5) for pick in tracked(40)]
    far = [replace(picks[at], clv_no_vig=clv) for at, clv in enumerate((-500.0, -30.1, -29.9, 29.9, 31.0, 900.0, 30.0))]
    PICTURES["clv"]([*far, *picks[len(far) :]])
    (axes,) = drawn[0].axes
    heights = [bar.get_height() for bar in axes.patches if isinstance(bar, Rectangle)]
    assert (heights[0], heights[-1], sum(heights)) == (3, 4, 40)
    assert axes.texts[0].get_text() == f"mean {sum(pick.clv_no_vig or 0 for pick in far) / 40 + 33 * 0.5 / 40:+.1f} %"


def test_the_line_of_profits_ends_at_their_sum(drawn: list[Figure]) -> None:
    picks = [*tracked(50), *tracked(60, "you", seed=2)]
    PICTURES["profit"](picks)
    for axes, agent in zip(drawn[0].axes, ("me", "you"), strict=False):
        own = [pick.profit or 0 for pick in picks if pick.agent == agent]
        line = max((np.asarray(line.get_ydata()) for line in axes.lines), key=len)
        assert axes.get_title(loc="left") == agent
        assert line.tolist() == pytest.approx(list(accumulate(own)))


def unspaced(name: str) -> str:
    return "".join(name.split())


def test_the_names_of_agents_lie_in_the_picture_and_do_not_run_into_each_other(drawn: list[Figure]) -> None:
    """Also those of agents with parameters of their own."""
    names = ["consensus_value", "sharp_value(soft_book=WH, threshold=1.03)", LONG]
    PICTURES["clv"]([pick for number, name in enumerate(names) for pick in tracked(40, name, seed=number)])
    texts = [child for axes in drawn[0].axes for child in axes.get_children() if isinstance(child, Text)]
    boxes = [found.get_window_extent() for found in texts if unspaced(found.get_text()) in map(unspaced, names)]
    assert len(boxes) == len(names)
    assert max(box.x1 for box in boxes) <= drawn[0].bbox.x1
    assert all(left.x1 < right.x0 for left, right in pairwise(sorted(boxes, key=lambda box: float(box.x0))))


def test_whole_histories_are_drawn_quickly_and_small() -> None:
    picks = [pick for number in range(3) for pick in tracked(9_000, f"agent {number}", seed=number)]
    table = PickTable.of(picks)
    began = time.process_time()
    pictures = [profit_picture(table), clv_picture(table)]
    assert time.process_time() - began < 4
    assert all(size(picture) == (1140, 324) for picture in pictures)
    assert all(picture is not None and len(picture) < LARGEST for picture in pictures)


def test_a_step_stands_at_the_end_of_its_day() -> None:
    """All picks of a day together: which of them was entered first makes no difference."""
    picks = tracked(40)
    first, second = (replace(picks[at], day=FIRST_DAY, profit=profit) for at, profit in ((0, 1.1), (1, -1.0)))
    swapped = [replace(first, pick_id=1, match_id=1), replace(second, pick_id=0, match_id=0)]
    assert PICTURES["profit"]([first, second, *picks[2:]]) == PICTURES["profit"]([*swapped, *picks[2:]])
    assert PICTURES["profit"]([first, second, *picks[2:]]) != PICTURES["profit"](picks)


def test_matplotlib_is_not_imported_before_something_is_drawn() -> None:
    code = "import sys, monps_platform.orchestration.picks.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=False).returncode == 0
