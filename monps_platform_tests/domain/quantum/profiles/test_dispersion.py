"""Dispersions: 1 by chance, more for a team that changes, by hand where that is short."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import f_oneway

from monps_platform.domain.quantum.profiles.dispersion import (
    count_dispersion,
    distance_dispersion,
    relative_spread,
    share_dispersion,
)
from monps_platform.domain.quantum.profiles.measures import LEAST_MATCHES, column
from monps_platform.domain.quantum.profiles.tallies import Column, Floats, Tally

CROSSES = share_dispersion(column(Column.CROSSES), column(Column.OPEN_PLAY))
SHOTS = count_dispersion(column(Column.SHOTS))


def tally(n_matches: int, **columns: Floats | list[float]) -> Tally:
    own = np.full((n_matches, len(Column)), np.nan)
    for name, values in columns.items():
        own[:, Column[name.upper()]] = values
    return Tally(own, own, np.ones(n_matches, dtype=bool))


def test_the_dispersion_of_a_share_by_hand() -> None:
    # 10 shots each, crosses 0 or 4: the share is 0.2, each match is 2 off its 2, variance 1.6: 8 * 4 / 1.6 / 7.
    found = CROSSES(tally(8, open_play=[10.0] * 8, crosses=[0.0, 4.0] * 4))
    assert found == pytest.approx(8 * 4 / 1.6 / 7)


def test_the_dispersion_of_a_count_and_a_spread_by_hand() -> None:
    # Eight matches of 8 or 12: mean 10, variance 8 * 4 / 7.
    shots = tally(8, shots=[8.0, 12.0] * 4, ppda=[8.0, 12.0] * 4)
    assert SHOTS(shots) == pytest.approx(8 * 4 / 7 / 10)
    assert relative_spread(column(Column.PPDA))(shots) == pytest.approx((8 * 4 / 7) ** 0.5 / 10)


def test_the_dispersion_of_distance_is_the_f_of_an_analysis_of_variance() -> None:
    matches = [np.random.default_rng(number).normal(17, 4, 10) for number in range(9)]
    found = distance_dispersion(
        tally(
            9,
            open_play=[10.0] * 9,
            distance=[float(match.sum()) for match in matches],
            distance_squares=[float((match**2).sum()) for match in matches],
        )
    )
    assert found == pytest.approx(f_oneway(*matches).statistic)


def test_chance_alone_has_a_dispersion_of_one_whatever_the_number_of_shots() -> None:
    rng = np.random.default_rng(5)
    for shots in (6, 15):
        drawn = [
            (CROSSES(tally(38, open_play=[float(shots)] * 38, crosses=rng.binomial(shots, 0.15, 38).astype(float))))
            for _ in range(300)
        ]
        assert np.mean([value for value in drawn if value is not None]) == pytest.approx(1, abs=0.05)
    counts = [SHOTS(tally(38, shots=rng.poisson(25, 38).astype(float))) for _ in range(300)]
    assert np.mean([value for value in counts if value is not None]) == pytest.approx(1, abs=0.05)


def test_a_team_that_changes_its_play_has_more() -> None:
    rng = np.random.default_rng(6)
    crosses = rng.binomial(12, np.tile([0.05, 0.35], 19)).astype(float)
    assert (CROSSES(tally(38, open_play=[12.0] * 38, crosses=crosses)) or 0) > 2


def test_a_share_of_none_cannot_differ_and_few_matches_say_nothing() -> None:
    assert CROSSES(tally(38, open_play=[12.0] * 38, crosses=[0.0] * 38)) is None
    few = LEAST_MATCHES - 1
    assert CROSSES(tally(few, open_play=[20.0] * few, crosses=[3.0] * few)) is None
    assert SHOTS(tally(few, shots=[20.0] * few)) is None
    assert distance_dispersion(tally(few, open_play=[20.0] * few, distance=[300.0] * few)) is None
