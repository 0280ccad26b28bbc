"""The figures of a track record against plain loops over the picks, and what their intervals rest on."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain import intervals
from monps_platform.domain.intervals import Rate
from monps_platform.domain.picks import NoClosingReason, PickOrigin, PickResult
from monps_platform.domain.track_record.figures import (
    BINS,
    DIMENSIONS,
    FEWEST_MATCHES,
    Spread,
    TrackRecord,
    records,
    relation,
    track_record,
)
from monps_platform.domain.track_record.table import PickTable, TrackedPick
from monps_platform_tests.domain.track_record.test_table import closing, drawn, pick, settled

_PROPERTIES = settings(deadline=None, max_examples=25)
_SEEDS = st.integers(0, 10**9)
RETURNED = (PickResult.PUSH, PickResult.VOID)
Share = tuple[float, float]


def _of_stake(row: TrackedPick) -> Share:
    return (0.0, 0.0) if row.profit is None or row.result is PickResult.VOID else (row.profit, row.stake)


def _of_value(value: float | None) -> Share:
    return (0.0, 0.0) if value is None else (value, 1.0)


def _hit(row: TrackedPick) -> Share:
    if row.profit is None or row.result in RETURNED:
        return 0.0, 0.0
    return float(row.profit > 0), 1.0


SHARES: dict[str, Callable[[TrackedPick], Share]] = {
    "coverage": lambda row: (
        float(row.clv is not None),
        float(row.clv is not None or row.no_closing_reason is not None),
    ),
    "clv": lambda row: _of_value(row.clv),
    "clv_no_vig": lambda row: _of_value(row.clv_no_vig),
    "clv_line_adjusted": lambda row: _of_value(row.clv_line_adjusted),
    "beat_close": lambda row: (0.0, 0.0) if row.clv is None else (float(row.clv > 0), 1.0),
    "roi": _of_stake,
    "hit_rate": _hit,
}
"""A pick's share of the numerator and the denominator of each rate."""


def recorded(picks: Sequence[TrackedPick]) -> TrackRecord:
    return track_record(PickTable.of(picks))


def ends(found: Rate | Spread) -> tuple[float | None, float | None, float | None]:
    return found.value, found.low, found.high


def interval(found: Rate | Spread) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


@_PROPERTIES
@given(_SEEDS)
def test_every_rate_is_the_ratio_of_plain_sums_with_the_picks_and_matches_it_rests_on(seed: int) -> None:
    chance = random.Random(seed)
    picks = drawn(chance, chance.randint(1, 60), chance.randint(1, 25))
    found = recorded(picks)
    for name, share in SHARES.items():
        shares = [(share(row), row.match_id) for row in picks]
        above, below = (sum(of[at] for of, _ in shares) for at in (0, 1))
        resting = [match_id for (_, part), match_id in shares if part]
        held: Rate = getattr(found, name)
        assert held.value == (pytest.approx(above / below, abs=1e-12) if below else None)
        assert (held.n, held.clusters) == (len(resting), len(set(resting)))
        assert (held.low is None) is (held.high is None) is (held.clusters < 2)


@_PROPERTIES
@given(_SEEDS)
def test_the_interval_of_every_rate_is_that_of_its_matches_by_the_cluster_bootstrap(seed: int) -> None:
    chance = random.Random(seed)
    picks = drawn(chance, chance.randint(2, 60), chance.randint(2, 25))
    found = recorded(picks)
    for name, share in SHARES.items():
        above, below = zip(*(share(row) for row in picks), strict=True)
        expected = intervals.rate(above, below, [row.match_id for row in picks], seed=1)
        assert ends(getattr(found, name)) == pytest.approx(ends(expected), abs=1e-9)


def test_the_interval_is_that_of_a_bootstrap_by_a_loop() -> None:
    picks, chance = drawn(random.Random(8), 150, 60), random.Random(9)
    by_match = [list(rows) for _, rows in groupby(sorted(picks, key=_match_of), key=_match_of)]
    ratios = []
    for _ in range(2000):
        shares = [_of_stake(row) for _ in by_match for row in chance.choice(by_match)]
        ratios.append(sum(above for above, _ in shares) / sum(below for _, below in shares))
    ratios.sort()
    low, high = interval(recorded(picks).roi)
    width = high - low
    assert low == pytest.approx(ratios[50], abs=0.1 * width)
    assert high == pytest.approx(ratios[1950], abs=0.1 * width)


def _match_of(row: TrackedPick) -> int:
    return row.match_id


def test_picks_of_one_match_count_as_one_observation() -> None:
    chance = random.Random(3)
    single = [closing(settled(number, chance.choice(list(PickResult))), chance.gauss(0, 3)) for number in range(1, 61)]
    fourfold = [replace(row, pick_id=row.pick_id + 100 * copy) for row in single for copy in range(4)]
    apart = [replace(row, match_id=row.pick_id) for row in fourfold]
    one, same, wrong = recorded(single), recorded(fourfold), recorded(apart)
    assert (same.picks, same.matches, wrong.matches) == (240, 60, 240)
    for name in ("clv", "roi", "hit_rate", "beat_close"):
        assert ends(getattr(same, name)) == pytest.approx(ends(getattr(one, name)), abs=1e-9)
        widths = [high - low for low, high in map(interval, (getattr(same, name), getattr(wrong, name)))]
        # Four times the observations would halve the interval.
        assert widths[1] == pytest.approx(widths[0] / 2, rel=0.2)


@_PROPERTIES
@given(_SEEDS)
def test_counts_and_sums_are_those_of_plain_loops(seed: int) -> None:
    chance = random.Random(seed)
    picks = drawn(chance, chance.randint(1, 60), 20)
    found, done = recorded(picks), [row for row in picks if row.profit is not None]
    assert (found.picks, found.matches) == (len(picks), len({row.match_id for row in picks}))
    assert found.settled == len(done)
    assert found.staked == pytest.approx(sum(row.stake for row in done if row.result is not PickResult.VOID))
    assert found.profit == pytest.approx(sum(row.profit or 0 for row in done), abs=1e-9)
    assert found.due == sum(row.clv is not None or row.no_closing_reason is not None for row in picks)
    assert found.sources == Counter(row.closing_source for row in picks if row.closing_source)
    assert found.reasons == Counter(row.no_closing_reason for row in picks if row.no_closing_reason)
    assert sum(found.sources.values()) + sum(found.reasons.values()) == found.due


def test_a_return_is_by_stake_and_not_by_pick() -> None:
    picks = [settled(1, PickResult.WIN, stake=10.0, price_taken=1.5), settled(2, PickResult.LOSS, stake=1.0)]
    found = recorded(picks)
    assert found.roi.value == pytest.approx(4 / 11)
    assert (found.profit, found.staked) == (4.0, 11.0)


def test_a_void_pick_was_no_bet_and_moves_no_return_and_no_slope() -> None:
    picks = linear(60, 0.0, 1.0, noise=0.5, seed=4)
    void = [closing(settled(900 + at, PickResult.VOID, stake=100.0), 20.0) for at in range(40)]
    with_void, without = recorded([*picks, *void]), recorded(picks)
    assert (with_void.staked, with_void.settled, with_void.roi.n) == (without.staked, 60 + 40, 60)
    assert with_void.profit == pytest.approx(without.profit)
    assert with_void.roi.value == pytest.approx(without.roi.value)
    assert relation(PickTable.of([*picks, *void])) == relation(PickTable.of(picks))
    assert recorded(void).roi == Rate(None, None, None, 0, 0)


def test_a_push_counts_towards_the_stake_and_not_towards_the_hits() -> None:
    picks = [settled(1, PickResult.WIN), settled(2, PickResult.PUSH), settled(3, PickResult.VOID)]
    found = recorded(picks)
    assert found.roi.value == pytest.approx(1 / 2)
    assert (found.roi.n, found.roi.clusters, found.staked) == (2, 2, 2.0)
    assert (found.hit_rate.value, found.hit_rate.n) == (1.0, 1)


def test_half_a_win_is_a_hit_and_half_a_loss_is_none() -> None:
    picks = [settled(1, PickResult.HALF_WIN), settled(2, PickResult.HALF_LOSS), settled(3, PickResult.LOSS)]
    assert recorded(picks).hit_rate.value == pytest.approx(1 / 3)


def test_a_close_at_the_price_taken_is_not_beaten() -> None:
    picks = [closing(pick(1), 0.0), closing(pick(2), 0.1), closing(pick(3), -0.1)]
    assert recorded(picks).beat_close.value == pytest.approx(1 / 3)


def test_a_pick_without_a_closing_price_stays_in_every_figure_but_clv() -> None:
    gone = settled(2, PickResult.LOSS, no_closing_reason=NoClosingReason.BOOKMAKER_GONE)
    found = recorded([closing(settled(1, PickResult.WIN), 5.0), gone, pick(3)])
    assert (found.picks, found.settled, found.due) == (3, 2, 2)
    assert (found.coverage.value, found.clv.n, found.roi.n) == (0.5, 1, 2)
    assert found.reasons == {"bookmaker_gone": 1}


# What depends on the order of the matches.


def longest_run(profits: Sequence[float]) -> int:
    """The most matches in a row that lost money; one that came to nothing is passed over."""
    best = run = 0
    for units in profits:
        if units > 0:
            run = 0
        elif units < 0:
            run += 1
        best = max(best, run)
    return best


def drawdown(profits: Sequence[float]) -> float:
    """From the highest profit so far, 0 at the start, to the lowest one after it."""
    total = peak = deepest = 0.0
    for units in profits:
        total += units
        peak = max(peak, total)
        deepest = max(deepest, peak - total)
    return deepest


@pytest.mark.parametrize(
    ("letters", "run", "drop"),
    [
        ("W", 0, 0),
        ("L", 1, 1),
        ("P", 0, 0),
        ("LLWLLLW", 3, 4),
        ("LLPLW", 3, 3),
        ("LPPPL", 2, 2),
        ("WPLPW", 1, 1),
        ("PLLPPLLP", 4, 4),
        ("WWLWLLLWL", 3, 3),
        ("LLLWWW", 3, 3),
        ("WWWLLL", 3, 3),
    ],
)
def test_a_push_neither_ends_a_losing_run_nor_lengthens_it(letters: str, run: int, drop: float) -> None:
    results = {"W": PickResult.WIN, "L": PickResult.LOSS, "P": PickResult.PUSH}
    found = recorded([settled(number, results[letter]) for number, letter in enumerate(letters, 1)])
    assert (found.longest_losing_run.value, found.drawdown.value) == (run, drop)


@_PROPERTIES
@given(_SEEDS)
def test_runs_and_drawdowns_are_those_of_a_loop_over_the_matches_by_day_and_id(seed: int) -> None:
    chance = random.Random(seed)
    days = [chance.randint(0, 9) for _ in range(16)]
    picks = []
    for row in drawn(chance, chance.randint(1, 40), 15):
        # In quarters of a unit, which floats add up exactly.
        units = None if row.profit is None else round(row.profit * 4) / 4
        picks.append(replace(row, day=pick(1, day=days[row.match_id]).day, profit=units))
    played: dict[tuple[date, int], float] = {}
    for row in picks:
        if row.profit is not None:
            played[row.day, row.match_id] = played.get((row.day, row.match_id), 0) + row.profit
    profits = [played[key] for key in sorted(played)]
    found = recorded(picks)
    if not profits:
        assert (found.longest_losing_run, found.drawdown) == (Spread(None, None, None), Spread(None, None, None))
        return
    assert found.drawdown.value == pytest.approx(drawdown(profits), abs=1e-9)
    assert found.longest_losing_run.value == longest_run(profits)


def test_the_order_is_that_of_days_then_matches_and_not_that_of_ids() -> None:
    """By day: loss, loss, win, loss. In the order of ids, of picks or of matches, no two losses would meet."""
    picks = [
        settled(1, PickResult.LOSS, 9, day=1),
        settled(2, PickResult.WIN, 3, day=3),
        settled(3, PickResult.LOSS, 5, day=1),
        settled(4, PickResult.LOSS, 1, day=4),
    ]
    for given_picks in (picks, picks[::-1]):
        assert recorded(given_picks).longest_losing_run.value == 2
    same_day = [replace(row, day=picks[0].day) for row in picks]
    # Matches 1, 3, 5 and 9 of one day: loss, win, loss, loss.
    assert recorded(same_day).longest_losing_run.value == 2
    assert recorded(same_day).drawdown.value == 2


def test_picks_of_one_match_lose_or_win_together() -> None:
    lost = [settled(1, PickResult.LOSS, 1), settled(2, PickResult.LOSS, 1), settled(3, PickResult.WIN, 1)]
    won = [settled(4, PickResult.LOSS, 2), settled(5, PickResult.WIN, 2, price_taken=3.0)]
    even = [settled(6, PickResult.LOSS, 3), settled(7, PickResult.WIN, 3)]
    after = [settled(8, PickResult.LOSS, 4)]
    assert recorded([*lost, *even, *after]).longest_losing_run.value == 2
    assert recorded([*lost, *won, *after]).longest_losing_run.value == 1
    assert recorded([*lost, *even, *after]).drawdown.value == 2


@pytest.mark.parametrize("sign", [1, -1])
def test_a_match_whose_picks_cancel_out_is_a_push_although_floats_say_otherwise(sign: int) -> None:
    """0.1 + 0.2 - 0.3 is no zero among floats."""
    profits = [0.1 * sign, 0.2 * sign, -0.3 * sign]
    middle = [pick(at, 5, profit=units, result=PickResult.WIN) for at, units in enumerate(profits, 10)]
    lost = [settled(number, PickResult.LOSS, match_id) for number, match_id in ((1, 4), (2, 6))]
    assert recorded([*lost, *middle]).longest_losing_run.value == 2


def test_the_interval_of_a_path_says_how_far_it_goes_by_chance_for_such_picks() -> None:
    chance = random.Random(12)
    picks = [settled(n, PickResult.WIN if chance.random() < 0.5 else PickResult.LOSS) for n in range(1, 201)]
    profits = [row.profit or 0 for row in picks]
    found = recorded(picks)
    paths = [chance.choices(profits, k=200) for _ in range(1000)]
    for spread, measure in ((found.longest_losing_run, longest_run), (found.drawdown, drawdown)):
        drawn_values = sorted(measure(path) for path in paths)
        low, high = interval(spread)
        assert low == pytest.approx(drawn_values[25], abs=2)
        assert high == pytest.approx(drawn_values[975], abs=6)
        assert spread.value is not None
        assert low <= spread.value <= high


def test_a_single_match_or_none_has_no_interval() -> None:
    alone = recorded([settled(1, PickResult.LOSS), settled(2, PickResult.LOSS, 1), pick(3)])
    assert alone.longest_losing_run == Spread(1, None, None)
    assert alone.drawdown == Spread(2, None, None)
    assert ends(alone.roi) == (-1.0, None, None)
    unsettled = recorded([pick(1), pick(2)])
    assert unsettled.longest_losing_run == unsettled.drawdown == Spread(None, None, None)
    assert unsettled.roi == Rate(None, None, None, 0, 0)


def test_the_same_picks_give_the_same_figures_in_any_order() -> None:
    picks = drawn(random.Random(5), 80, 40)
    assert recorded(picks) == recorded(random.Random(6).sample(picks, len(picks)))


# Whether there is evidence.

PLAIN = recorded([settled(1, PickResult.WIN), settled(2, PickResult.LOSS)])


def returning(value: float | None, low: float | None, high: float | None, matches: int) -> TrackRecord:
    """A record with such a return on stake."""
    return replace(PLAIN, roi=Rate(value, low, high, matches, matches))


@pytest.mark.parametrize(
    ("roi", "is_thin"),
    [
        ((0.1, 0.01, 0.2, 30), False),
        ((-0.1, -0.2, -0.01, 30), False),
        ((0.1, 0.01, 0.2, 29), True),
        ((-0.1, -0.2, -0.01, 29), True),
        ((0.1, 0.0, 0.2, 500), True),
        ((-0.1, -0.2, 0.0, 500), True),
        ((0.1, -0.1, 0.3, 500), True),
        ((0.1, None, None, 1), True),
        ((None, None, None, 0), True),
    ],
)
def test_evidence_is_thin_where_the_interval_holds_0_or_the_matches_are_few(
    roi: tuple[float | None, float | None, float | None, int], is_thin: bool
) -> None:
    assert FEWEST_MATCHES == 30
    assert returning(*roi).is_thin is is_thin


def test_many_picks_on_few_matches_are_thin_evidence() -> None:
    roi = Rate(0.1, 0.05, 0.15, 400, 29)
    assert replace(PLAIN, roi=roi).is_thin
    assert not replace(PLAIN, roi=replace(roi, clusters=30)).is_thin


@pytest.mark.parametrize(
    ("roi", "needed"),
    [
        # Twice too wide takes four times the matches, ten times too wide a hundred times.
        ((0.1, -0.1, 0.3, 100), 400),
        ((0.1, -0.9, 1.1, 100), 10_000),
        ((-0.1, -0.3, 0.1, 100), 400),
        ((0.1, 0.0, 0.2, 100), 100),
        # Of few matches not even a narrow interval is evidence.
        ((0.5, 0.4, 0.6, 10), 30),
        ((0.1, 0.05, 0.15, 100), None),
        ((0.0, -0.1, 0.1, 100), None),
        ((0.1, None, None, 1), None),
        ((None, None, None, 0), None),
    ],
)
def test_the_interval_shrinks_with_the_root_of_the_matches(
    roi: tuple[float | None, float | None, float | None, int], needed: int | None
) -> None:
    assert returning(*roi).matches_needed == needed


@pytest.mark.parametrize("roi", [(-0.2, -0.39, 0.005, 100), (0.2, -0.005, 0.39, 100), (-0.05, -0.08, 0.001, 2000)])
def test_where_the_matches_there_are_do_not_suffice_fewer_would_not_either(
    roi: tuple[float, float, float, int],
) -> None:
    """Intervals are not symmetric: half their width may be less than the distance from 0."""
    thin = returning(*roi)
    assert thin.is_thin
    assert thin.matches_needed is not None
    assert thin.matches_needed >= thin.roi.clusters


# Whether CLV foretold the return.


def linear(
    matches: int, intercept: float, slope: float, noise: float = 0.0, each: int = 1, seed: int = 1
) -> list[TrackedPick]:
    """Settled picks whose profit per unit staked is linear in their no-vig CLV (as a share)."""
    chance = random.Random(seed)
    found = []
    for number in range(matches * each):
        clv, stake = chance.gauss(-2, 4), chance.choice([0.5, 1.0, 3.0])
        units = stake * (intercept + slope * clv / 100 + noise * chance.gauss(0, 1))
        held = pick(number + 1, number // each, day=0, stake=stake, result=PickResult.WIN, profit=units)
        found.append(closing(held, clv + 4, clv))
    return found


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 1.0), (-0.03, 1.5), (0.05, -0.7), (0.02, 0.0)])
def test_a_line_without_noise_gives_back_its_slope(intercept: float, slope: float) -> None:
    found = relation(PickTable.of(linear(60, intercept, slope, each=2)))
    assert found is not None
    assert ends(found.slope) == pytest.approx((slope, slope, slope), abs=1e-6)
    assert found.picks == 120
    for item in found.bins:
        assert item.roi.value == pytest.approx(intercept + slope * item.clv_no_vig / 100, abs=0.02)


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0])
def test_among_noise_the_interval_holds_the_slope(slope: float) -> None:
    found = relation(PickTable.of(linear(3000, -0.01, slope, noise=0.5, seed=7)))
    assert found is not None
    low, high = interval(found.slope)
    assert low < slope < high
    assert high - low < 2


def test_the_slope_is_that_of_least_squares_weighted_by_stake() -> None:
    picks = linear(200, 0.0, 1.0, noise=1.0, each=2)
    found = relation(PickTable.of(picks))
    clv = [(row.clv_no_vig or 0) / 100 for row in picks]
    per_unit = [(row.profit or 0) / row.stake for row in picks]
    # numpy weighs residuals before it squares them.
    expected = np.polyfit(clv, per_unit, 1, w=np.sqrt([row.stake for row in picks]))[0]
    assert found is not None
    assert found.slope.value == pytest.approx(expected, rel=1e-9)


def test_the_interval_of_the_slope_rests_on_matches() -> None:
    picks = linear(100, 0.0, 1.0, noise=1.0)
    copies = [replace(row, pick_id=row.pick_id + 1000 * copy) for row in picks for copy in range(4)]
    once, fourfold = relation(PickTable.of(picks)), relation(PickTable.of(copies))
    assert once is not None
    assert fourfold is not None
    assert ends(fourfold.slope) == pytest.approx(ends(once.slope), abs=1e-9)


@pytest.mark.parametrize(("matches", "is_told"), [(29, False), (30, True)])
def test_a_relation_takes_thirty_matches_however_many_the_picks(matches: int, is_told: bool) -> None:
    assert (relation(PickTable.of(linear(matches, 0.0, 1.0, each=3))) is not None) is is_told


def test_only_settled_picks_with_a_no_vig_clv_count() -> None:
    picks = linear(40, 0.0, 1.0)
    unsettled = [replace(row, pick_id=500 + row.pick_id, match_id=500, result=None, profit=None) for row in picks]
    unclosed = [settled(900 + number, PickResult.LOSS) for number in range(40)]
    adjusted = [replace(row, pick_id=50 + row.pick_id, clv_line_adjusted=9.0) for row in unclosed]
    assert relation(PickTable.of([*picks, *unsettled, *unclosed, *adjusted])) == relation(PickTable.of(picks))
    assert relation(PickTable.of([*picks[:20], *unsettled, *unclosed])) is None


@_PROPERTIES
@given(_SEEDS)
def test_the_fifths_share_out_the_picks_by_their_clv(seed: int) -> None:
    picks = linear(random.Random(seed).randint(30, 80), 0.0, 1.0, noise=0.3, seed=seed)
    found = relation(PickTable.of(picks))
    assert found is not None
    assert len(found.bins) == BINS
    values = sorted(row.clv_no_vig or 0 for row in picks)
    assert sum(item.roi.n for item in found.bins) == len(picks)
    assert max(item.roi.n for item in found.bins) - min(item.roi.n for item in found.bins) <= 1
    start = 0
    for item in found.bins:
        of_bin = values[start : start + item.roi.n]
        start += item.roi.n
        assert (item.low, item.high) == (of_bin[0], of_bin[-1])
        assert item.clv_no_vig == pytest.approx(sum(of_bin) / len(of_bin), abs=1e-12)
        staked = [row for row in picks if item.low <= (row.clv_no_vig or 0) <= item.high]
        roi = sum(row.profit or 0 for row in staked) / sum(row.stake for row in staked)
        assert item.roi.value == pytest.approx(roi, abs=1e-12)


@pytest.mark.parametrize("clv", [0.0, -2.0, 3.3, 1 / 3])
def test_where_the_clv_is_the_same_everywhere_there_is_no_slope(clv: float) -> None:
    picks = [closing(settled(n, PickResult.WIN if n % 3 else PickResult.LOSS, stake=0.7), clv, clv) for n in range(60)]
    found = relation(PickTable.of(picks))
    assert found is not None
    assert found.slope == Spread(None, None, None)
    assert [(item.low, item.high, item.roi.n) for item in found.bins] == [(clv, clv, 60)]


# Groups.


def test_a_record_is_broken_down_by_each_dimension_into_the_picks_of_its_values() -> None:
    picks = drawn(random.Random(21), 120, 50)
    (found,) = records(PickTable.of(picks))
    assert (found.agent, tuple(found.by)) == ("me", DIMENSIONS)
    assert found.overall == recorded(picks)
    for name, parts in found.by.items():
        assert list(parts) == sorted({getattr(row, name) for row in picks})
        for value, part in parts.items():
            assert part == recorded([row for row in picks if getattr(row, name) == value])
        assert sum(part.picks for part in parts.values()) == 120
        assert sum(part.profit for part in parts.values()) == pytest.approx(found.overall.profit, abs=1e-9)


def test_only_the_dimensions_asked_for_are_broken_down() -> None:
    table = PickTable.of(drawn(random.Random(2), 10, 5))
    assert list(records(table, ("season",))[0].by) == ["season"]
    assert records(table, ())[0].by == {}


def test_agents_have_their_own_records_and_what_was_picked_live_has_one_of_its_own() -> None:
    origins = [("b", PickOrigin.OWN), ("a", PickOrigin.WALK_FORWARD), ("a", PickOrigin.LIVE)]
    picks = [
        settled(10 * at + number, PickResult.WIN if number <= at else PickResult.LOSS, agent=agent, origin=origin)
        for at, (agent, origin) in enumerate(origins)
        for number in range(1, 4)
    ]
    found = records(PickTable.of(picks))
    assert [item.agent for item in found] == ["a", "a (live)", "b"]
    assert [item.overall.picks for item in found] == [3, 3, 3]
    assert [item.overall.hit_rate.value for item in found] == [pytest.approx(1 / 3), pytest.approx(2 / 3), 0.0]


def test_the_relation_of_an_agent_is_that_of_its_own_picks() -> None:
    one = [replace(row, agent="a") for row in linear(40, 0.0, 1.0)]
    other = [replace(row, agent="b", pick_id=row.pick_id + 500) for row in linear(20, 0.3, -1.0)]
    found = records(PickTable.of([*one, *other]))
    assert found[0].relation == relation(PickTable.of(one))
    assert found[1].relation is None


def test_without_picks_there_are_no_records_and_no_relation() -> None:
    empty = PickTable.of([])
    assert records(empty) == []
    assert relation(empty) is None


def test_the_record_of_no_picks_says_nothing() -> None:
    found = track_record(PickTable.of([]))
    assert (found.picks, found.matches, found.settled, found.due, found.staked, found.profit) == (0, 0, 0, 0, 0, 0)
    assert {ends(getattr(found, name)) for name in SHARES} == {(None, None, None)}
    assert found.longest_losing_run == found.drawdown == Spread(None, None, None)
    assert found.is_thin
    assert found.matches_needed is None
