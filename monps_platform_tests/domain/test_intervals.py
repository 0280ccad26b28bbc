"""Rates and their intervals: what leaves them alone, what they refuse, and how often they hold the truth."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from monps_platform.domain.intervals import RESAMPLES, Rate, percentile_interval, rate, resampled_sums

Observation = tuple[float, float, int]
"""A numerator, a denominator and the cluster of both."""

_FEW = 200
_PROPERTIES = settings(deadline=None, max_examples=60)
_NUMERATORS = st.integers(-1000, 1000).map(lambda number: number / 8)
_DENOMINATORS = st.integers(1, 80).map(lambda number: number / 8)
_OBSERVATIONS = st.lists(st.tuples(_NUMERATORS, _DENOMINATORS, st.integers(0, 8)), min_size=1, max_size=40)


def of(observations: Sequence[Observation], seed: int = 7, resamples: int = _FEW) -> Rate:
    numerators, denominators, clusters = zip(*observations, strict=True)
    return rate(numerators, denominators, clusters, seed, resamples)


def ends(found: Rate) -> tuple[float | None, float | None, float | None]:
    return found.value, found.low, found.high


def interval(found: Rate) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def same(found: Rate, expected: Sequence[float | None]) -> None:
    for one, other in zip(ends(found), expected, strict=True):
        assert (one is None) is (other is None)
        if one is not None:
            assert one == pytest.approx(other, rel=1e-9, abs=1e-9)


def looped_interval(observations: Sequence[Observation], seed: int, resamples: int) -> tuple[float, float]:
    """The 95 % interval, written down once more without arrays: draw clusters, add up, divide, sort, count in."""
    chance = random.Random(seed)
    members: dict[int, list[Observation]] = defaultdict(list)
    for observation in observations:
        members[observation[2]].append(observation)
    clusters = list(members.values())
    ratios = []
    for _ in range(resamples):
        drawn = [row for _ in clusters for row in chance.choice(clusters)]
        ratios.append(sum(row[0] for row in drawn) / sum(row[1] for row in drawn))
    ratios.sort()
    return ratios[round(0.025 * (resamples - 1))], ratios[round(0.975 * (resamples - 1))]


@_PROPERTIES
@given(_OBSERVATIONS, _NUMERATORS)
def test_a_ratio_that_is_the_same_everywhere_has_an_interval_without_width(
    observations: list[Observation], ratio: float
) -> None:
    found = of([(ratio * below, below, cluster) for _, below, cluster in observations])
    several = len({cluster for *_, cluster in observations}) > 1
    same(found, (ratio, ratio, ratio) if several else (ratio, None, None))


@_PROPERTIES
@given(_OBSERVATIONS, st.floats(0.01, 100))
def test_numerators_scaled_up_scale_the_rate_and_both_ends(observations: list[Observation], factor: float) -> None:
    plain = ends(of(observations))
    scaled = of([(factor * above, below, cluster) for above, below, cluster in observations])
    same(scaled, [None if end is None else factor * end for end in plain])


@_PROPERTIES
@given(_OBSERVATIONS)
def test_numerators_turned_round_swap_the_ends(observations: list[Observation]) -> None:
    value, low, high = ends(of(observations))
    turned = of([(-above, below, cluster) for above, below, cluster in observations])
    same(turned, [None if end is None else -end for end in (value, high, low)])


@_PROPERTIES
@given(_OBSERVATIONS, st.randoms(use_true_random=False))
def test_the_order_of_the_observations_does_not_matter(observations: list[Observation], chance: random.Random) -> None:
    mixed = chance.sample(observations, len(observations))
    found, expected = of(mixed), of(observations)
    same(found, ends(expected))
    assert (found.n, found.clusters) == (expected.n, expected.clusters)


@_PROPERTIES
@given(_OBSERVATIONS, st.data())
def test_an_observation_split_in_two_within_its_cluster_changes_only_their_number(
    observations: list[Observation], data: st.DataObject
) -> None:
    (above, below, cluster), *others = observations
    part = data.draw(st.floats(0, 1))
    split = [(part * above, part * below, cluster), ((1 - part) * above, (1 - part) * below, cluster), *others]
    found = of(split)
    same(found, ends(of(observations)))
    assert found.n == len(observations) + 1


@_PROPERTIES
@given(_OBSERVATIONS)
def test_the_rate_is_the_ratio_of_the_sums_with_the_numbers_it_rests_on(observations: list[Observation]) -> None:
    found = of(observations)
    above, below, clusters = zip(*observations, strict=True)
    assert found.value == pytest.approx(sum(above) / sum(below), rel=1e-12, abs=1e-12)
    assert (found.n, found.clusters) == (len(observations), len(set(clusters)))
    if found.low is not None and found.high is not None:
        assert found.low <= found.high


def noisy(chance: np.random.Generator, clusters: int = 60, mean: float = 0.0) -> tuple[NDArray[np.float64], ...]:
    """Values around a mean that the members of a cluster miss together, and the cluster of each."""
    sizes = chance.integers(1, 7, clusters)
    names = np.repeat(np.arange(clusters), sizes)
    together = np.repeat(chance.normal(0, 1, clusters), sizes)
    return mean + together + chance.normal(0, 0.4, len(names)), names.astype(np.float64)


def test_the_interval_holds_the_truth_as_often_as_it_says_and_without_clusters_it_would_not() -> None:
    chance, truth, repeats = np.random.default_rng(20191), 3.0, 300
    held, held_alone, widths, widths_alone = 0, 0, 0.0, 0.0
    for number in range(repeats):
        values, names = noisy(chance, mean=truth)
        ones = np.ones(len(values))
        low, high = interval(rate(values, ones, names, number, 600))
        low_alone, high_alone = interval(rate(values, ones, np.arange(len(values)), number, 600))
        held, held_alone = held + (low <= truth <= high), held_alone + (low_alone <= truth <= high_alone)
        widths, widths_alone = widths + high - low, widths_alone + high_alone - low_alone
    assert 0.88 <= held / repeats <= 0.99
    assert held_alone / repeats < 0.80
    assert widths_alone / widths < 0.65


@pytest.mark.parametrize("seed", [1, 2])
def test_the_interval_is_that_of_a_bootstrap_written_as_a_loop(seed: int) -> None:
    chance = np.random.default_rng(seed)
    values, names = noisy(chance, clusters=30, mean=0.5)
    stakes = chance.choice([0.5, 1.0, 2.0], len(values))
    observations = [(float(v * s), float(s), int(c)) for v, s, c in zip(values, stakes, names, strict=True)]
    low, high = looped_interval(observations, seed=99, resamples=4000)
    found = interval(of(observations, seed=5, resamples=4000))
    # The ends of 4,000 draws wander by some 3 % of the width from seed to seed.
    assert found == pytest.approx((low, high), abs=0.1 * (high - low))


def test_the_interval_of_three_clusters_is_that_of_all_their_27_draws() -> None:
    sums = [(1.0, 2.0), (4.0, 4.0), (4.0, 1.0)]
    draws = [(a, b, c) for a in sums for b in sums for c in sums]
    ratios = sorted(sum(x for x, _ in draw) / sum(y for _, y in draw) for draw in draws)
    # Each draw is as likely as any other: 1/27 = 3.7 % each, so that 2.5 % lies in the lowest and the highest.
    found = of([(x, y, cluster) for cluster, (x, y) in enumerate(sums)], resamples=5000)
    assert found.low == pytest.approx(ratios[0])
    assert found.high == pytest.approx(ratios[-1])


def test_the_same_seed_gives_the_same_interval_and_another_one_another() -> None:
    values, names = noisy(np.random.default_rng(3))
    ones = np.ones(len(values))
    assert rate(values, ones, names, 1) == rate(values, ones, names, 1)
    assert rate(values, ones, names, 1) != rate(values, ones, names, 2)
    assert rate(values, ones, names, 1) == rate(values, ones, names, 1, RESAMPLES)


def test_clusters_may_be_named_by_any_labels() -> None:
    by_number, by_name = rate([1, 2, 3], [1, 1, 1], [0, 1, 1], 1), rate([1, 2, 3], [1, 1, 1], ["a", "b", "b"], 1)
    assert by_number == by_name


@pytest.mark.parametrize(
    ("numerators", "denominators", "clusters", "expected"),
    [
        ([], [], [], Rate(None, None, None, 0, 0)),
        ([1.0, 2.0], [0.0, 0.0], [1, 2], Rate(None, None, None, 2, 2)),
        ([1.0], [2.0], [1], Rate(0.5, None, None, 1, 1)),
        ([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], [4, 4, 4], Rate(1.0, None, None, 3, 1)),
        ([1.0, 0.0], [2.0, 0.0], [1, 2], Rate(0.5, None, None, 2, 2)),
    ],
    ids=["nothing", "no denominator", "one observation", "one cluster", "one cluster with a denominator"],
)
def test_what_the_data_cannot_tell_is_none(
    numerators: list[float], denominators: list[float], clusters: list[int], expected: Rate
) -> None:
    assert rate(numerators, denominators, clusters, 1) == expected


def test_draws_without_a_denominator_are_left_out_of_the_interval() -> None:
    found = rate([1.0, 3.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [1, 2, 3, 4], 1)
    assert (found.value, found.low, found.high) == (2.0, 1.0, 3.0)


@pytest.mark.parametrize(
    ("numerators", "denominators", "clusters", "message"),
    [
        ([1.0, 2.0], [1.0], [1, 2], "2 numerators, 1 denominators, 2 clusters: not one each"),
        ([1.0], [1.0], [1, 2], "1 numerators, 1 denominators, 2 clusters: not one each"),
        ([1.0, 2.0], [1.0, -0.5], [1, 2], "a denominator is negative"),
        ([1.0, None], [1.0, 1.0], [1, 2], "missing or infinite"),
        ([1.0, 2.0], [1.0, float("inf")], [1, 2], "missing or infinite"),
        ([float("nan"), 2.0], [1.0, 1.0], [1, 2], "missing or infinite"),
    ],
)
def test_observations_that_make_no_sense_are_refused(
    numerators: list[float], denominators: list[float], clusters: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        rate(numerators, denominators, clusters, 1)


def test_100_000_observations_in_40_000_clusters_take_seconds_and_less_than_300_mb() -> None:
    chance = np.random.default_rng(4)
    values, names = chance.normal(0, 1, 100_000), chance.integers(0, 40_000, 100_000)
    tracemalloc.start()
    began = time.process_time()
    try:
        found = rate(values, np.ones(100_000), names, 1)
        taken, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.low is not None
    assert peak < 300 * 2**20
    assert taken < 10


def test_resampled_sums_of_three_observations_are_those_of_all_their_27_draws() -> None:
    values = [(1.0, 10.0), (4.0, 0.0), (9.0, -3.0)]
    draws = {tuple(sum(row[at] for row in (a, b, c)) for at in (0, 1)) for a in values for b in values for c in values}
    found = resampled_sums(values, 1, 5000)
    assert found.shape == (5000, 2)
    assert {tuple(row) for row in found.tolist()} == draws
    assert found.mean(axis=0) == pytest.approx([14.0, 7.0], abs=0.2)


def test_columns_share_their_draws() -> None:
    values = np.random.default_rng(1).normal(0, 1, (50, 1))
    found = resampled_sums(np.hstack([values, 2 * values, np.ones((50, 1))]), 3, 100)
    assert found[:, 1] == pytest.approx(2 * found[:, 0])
    assert found[:, 2].tolist() == [50.0] * 100


@pytest.mark.parametrize(("count", "resamples"), [(1, 203), (7, 203), (400, 203), (40_000, 3)])
def test_as_many_sums_are_drawn_as_are_asked_for_however_many_observations_there_are(
    count: int, resamples: int
) -> None:
    assert resampled_sums(np.ones((count, 1)), 1, resamples).tolist() == [[count]] * resamples


def test_sums_repeat_with_the_seed_which_may_have_parts() -> None:
    values = np.random.default_rng(1).normal(0, 1, (50, 2))
    assert (resampled_sums(values, (1, 2), 50) == resampled_sums(values, (1, 2), 50)).all()
    assert (resampled_sums(values, (1, 2), 50) != resampled_sums(values, (1, 3), 50)).any()


@pytest.mark.parametrize("values", [[], [1.0, 2.0], np.ones((0, 3))], ids=["nothing", "no table", "no row"])
def test_what_is_no_table_is_not_resampled(values: list[float]) -> None:
    with pytest.raises(ValueError, match="at least one row of k columns is needed"):
        resampled_sums(values, 1)


def test_intervals_of_stratified_means_and_of_paired_differences_hold_the_truth_as_often_as_they_say() -> None:
    chance, repeats, sizes, shifts = np.random.default_rng(20192), 300, (40, 90), (0.0, 3.0)
    truth = sum(size * shift for size, shift in zip(sizes, shifts, strict=True)) / sum(sizes)
    held, held_difference = 0, 0
    for number in range(repeats):
        strata = [shift + chance.normal(0, 1, (size, 1)) for size, shift in zip(sizes, shifts, strict=True)]
        pairs = [np.hstack([one, one + 0.5 + chance.normal(0, 0.3, one.shape)]) for one in strata]
        drawn = np.sum([resampled_sums(pair, (number, at), 400) for at, pair in enumerate(pairs)], axis=0) / sum(sizes)
        low, high = percentile_interval(drawn[:, 0])
        held += low is not None and high is not None and low <= truth <= high
        low, high = percentile_interval(drawn[:, 1] - drawn[:, 0])
        held_difference += low is not None and high is not None and low <= 0.5 <= high
    assert 0.90 <= held / repeats <= 0.985
    assert 0.90 <= held_difference / repeats <= 0.985


def test_undefined_values_are_left_out_of_an_interval() -> None:
    known = np.arange(101.0)
    assert percentile_interval(known) == (2.5, 97.5)
    assert percentile_interval(np.append(known, [np.nan] * 50)) == (2.5, 97.5)
    assert percentile_interval(np.array([np.nan])) == (None, None)
