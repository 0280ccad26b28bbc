"""Backing a team by market: settled by hand, and what a simulated truth gives back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from monps_platform.domain.quantum.dna.market import LEAST_BETS, MarketRecord, MarketVector, TeamMarket, market_vector
from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.season import AveragePrices
from monps_platform_tests.domain.quantum.dna.priced_seasons import OTHER, OWN, match, season, simulated, uncached

QUOTED = AveragePrices(2.0, 3.0, 4.0, 1.9, 2.1, -0.25, 1.8, 2.2)
CLOSED = AveragePrices(1.6, 3.0, 5.0, 2.0, 2.0, -0.5, 1.9, 1.9)


def record(vector: MarketVector, market: TeamMarket) -> MarketRecord:
    found = getattr(vector, market)
    assert isinstance(found, MarketRecord)
    return found


def test_every_market_is_settled_as_by_hand() -> None:
    # At home six times 2-0, four 1-1; away four times 0-3 (from the home side), six 0-0.
    home = [match(at, (2, 0) if at < 6 else (1, 1), pre_match=QUOTED, closing=CLOSED) for at in range(10)]
    away = [
        match(at, (0, 3) if at < 14 else (0, 0), teams=(OTHER, OWN), pre_match=QUOTED, closing=CLOSED)
        for at in range(10, 20)
    ]
    vector = market_vector(season([*home, *away]), OWN)
    returns = {market: record(vector, market).roi for market in TeamMarket}
    by_hand = {
        "home_win": (6 * 1.0 - 4) / 10,
        "away_win": (4 * 3.0 - 6) / 10,
        "draw": (10 * 2.0 - 10) / 20,
        "over25": (4 * 0.9 - 16) / 20,
        "under25": (16 * 1.1 - 4) / 20,
        # Home -0.25: a win pays 0.8, a draw loses half; away +0.25: a win pays 1.2, a draw wins half of it.
        "handicap": (6 * 0.8 - 4 * 0.5 + 4 * 1.2 + 6 * 0.6) / 20,
    }
    assert {market: roi and roi.value for market, roi in returns.items()} == pytest.approx(by_hand)
    hits = {
        market: estimate and estimate.value for market in TeamMarket for estimate in [record(vector, market).hit_rate]
    }
    assert hits == pytest.approx(
        {"home_win": 0.6, "away_win": 0.4, "draw": 0.5, "over25": 0.2, "under25": 0.8, "handicap": 0.8}
    )
    assert vector.sources == (Source.RESULTS, Source.PRICES)


def test_the_interval_is_about_two_standard_errors_either_way() -> None:
    vector = market_vector(season([match(at, (at % 2, 0), pre_match=QUOTED) for at in range(40)]), OWN)
    roi = record(vector, TeamMarket.HOME_WIN).roi
    assert roi is not None
    # Half of the bets win 1, half lose 1.
    assert (roi.value, roi.low, roi.high) == pytest.approx((0, -1.96 / 40**0.5, 1.96 / 40**0.5), abs=0.05)


def test_clv_is_the_price_before_the_match_against_the_close() -> None:
    vector = market_vector(
        season([match(at, (at % 2, 0), pre_match=_priced(at), closing=CLOSED) for at in range(10)]), OWN
    )
    clv = record(vector, TeamMarket.HOME_WIN).clv_percentage
    assert clv is not None
    assert clv.value == pytest.approx(np.mean([100 * ((2.0 + at / 10) / 1.6 - 1) for at in range(10)]))
    assert clv.low < clv.value < clv.high


def _priced(at: int) -> AveragePrices:
    return replace(QUOTED, home=2.0 + at / 10)


def test_a_handicap_has_no_clv_against_another_line() -> None:
    moved = market_vector(season([match(at, (at % 2, 0), pre_match=QUOTED, closing=CLOSED) for at in range(12)]), OWN)
    handicap = record(moved, TeamMarket.HANDICAP)
    assert (handicap.n_bets, handicap.n_closed, handicap.gaps) == (12, 0, {"clv_percentage": Gap.NO_CLOSING})
    held = replace(CLOSED, handicap_line=-0.25)
    stayed = market_vector(season([match(at, (at % 2, 0), pre_match=QUOTED, closing=held) for at in range(12)]), OWN)
    assert record(stayed, TeamMarket.HANDICAP).n_closed == 12


def test_a_stake_that_is_returned_decides_nothing() -> None:
    whole = replace(QUOTED, handicap_line=-1.0)
    scores = [(1, 0)] * 5 + [(2, 0)] * 6 + [(0, 0)] * 4
    vector = market_vector(season([match(at, score, pre_match=whole) for at, score in enumerate(scores)]), OWN)
    handicap = record(vector, TeamMarket.HANDICAP)
    assert (handicap.n_bets, handicap.n_decided) == (15, 10)
    assert handicap.hit_rate is not None
    assert handicap.roi is not None
    assert handicap.hit_rate.value == pytest.approx(0.6)
    assert handicap.roi.value == pytest.approx((6 * 0.8 - 4) / 15)


def test_few_bets_have_no_rates_but_say_why() -> None:
    vector = market_vector(season([match(at, (1, 0), pre_match=QUOTED) for at in range(LEAST_BETS - 1)]), OWN)
    assert record(vector, TeamMarket.HOME_WIN).gaps == {
        "hit_rate": Gap.TOO_FEW,
        "roi": Gap.TOO_FEW,
        "clv_percentage": Gap.NO_CLOSING,
    }
    assert vector.gaps == {"away_win": Gap.TOO_FEW, "best_market": Gap.TOO_FEW}


def test_a_season_without_prices_has_no_record_but_says_why() -> None:
    vector = market_vector(season([match(at, (1, 0)) for at in range(12)]), OWN)
    assert vector.gaps == {
        **{market.value: Gap.NO_PRICES for market in TeamMarket if market is not TeamMarket.AWAY_WIN},
        "away_win": Gap.TOO_FEW,
        "best_market": Gap.NO_PRICES,
    }
    assert vector.sources == (Source.RESULTS,)


def test_bets_that_were_all_lost_give_no_interval_of_no_width() -> None:
    losing = record(
        market_vector(season([match(at, (0, 1), pre_match=QUOTED) for at in range(12)]), OWN), TeamMarket.HOME_WIN
    )
    assert losing.gaps["roi"] is Gap.ALL_ALIKE
    assert losing.hit_rate is not None
    assert losing.hit_rate.value == losing.hit_rate.low == 0
    assert losing.hit_rate.high > 0.2


def test_no_market_is_the_best_where_no_interval_lies_above_0() -> None:
    vector = market_vector(season([match(at, (at % 2, 2 * (at % 3 > 0)), pre_match=QUOTED) for at in range(20)]), OWN)
    assert vector.best_market is None
    assert vector.gaps["best_market"] is Gap.NO_EDGE


def test_the_market_of_an_underpriced_team_is_found() -> None:
    vector = market_vector(simulated(3, underpriced=4), 4)
    rois = [roi for market in TeamMarket if (roi := record(vector, market).roi) is not None]
    assert np.mean([roi.value for roi in rois]) > 0.2
    assert vector.best_market is not None
    best = record(vector, vector.best_market).roi
    assert best is not None
    assert best.low == max(roi.low for roi in rois) > 0


def test_backing_everybody_loses_the_margin() -> None:
    """One of over and under wins, so that the two together vary little."""
    vectors = [market_vector(simulated(seed), team_id) for seed in range(1, 5) for team_id in range(1, 21)]
    both = [record(vector, market).roi for vector in vectors for market in (TeamMarket.OVER25, TeamMarket.UNDER25)]
    assert np.mean([roi.value for roi in both if roi is not None]) == pytest.approx(1 / 1.05 - 1, abs=0.03)
    assert sum(vector.best_market is not None for vector in vectors) <= 0.2 * len(vectors)


def test_no_figure_is_constant_and_none_a_multiple_of_another() -> None:
    known = simulated(1)
    vectors = [market_vector(known, team_id) for team_id in known.team_ids]
    columns = np.array(
        [
            [
                np.nan if (estimate := getattr(record(vector, market), name)) is None else estimate.value
                for market in TeamMarket
                for name in ("hit_rate", "roi", "clv_percentage")
            ]
            for vector in vectors
        ]
    ).T
    assert all(len(np.unique(column[~np.isnan(column)])) > 5 for column in columns)
    for at, one in enumerate(columns):
        for other in columns[at + 1 :]:
            both = ~np.isnan(one) & ~np.isnan(other) & (other != 0)
            assert np.ptp(one[both] / other[both]) > 1e-6


def test_later_matches_change_nothing() -> None:
    known = simulated(2)
    day = known.matches[200].day
    later = [replace(each, home=replace(each.home, goals=9)) if each.day >= day else each for each in known.matches]
    changed = replace(known, matches=tuple(later))
    assert market_vector(known.before(day), 1) == market_vector(changed.before(day), 1)
    only = replace(known, matches=tuple(each for each in known.matches if each.day < day), as_of=day)
    assert market_vector(known.before(day), 1) == market_vector(only, 1)


def test_the_same_season_gives_the_same_intervals() -> None:
    assert market_vector(simulated(1), 7) == market_vector(uncached(simulated(1)), 7)


def test_a_team_that_has_not_played_has_no_vector() -> None:
    known = simulated(1)
    with pytest.raises(ValueError, match="has not played"):
        market_vector(known, 99)
    with pytest.raises(ValueError, match="has not played"):
        market_vector(known.before(known.matches[0].day - timedelta(days=1)), 1)
