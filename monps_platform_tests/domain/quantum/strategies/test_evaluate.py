"""Rows of a season's table: samples apart, the best market chosen on earlier seasons, survivors only on evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest

from monps_platform.domain.odds import Market
from monps_platform.domain.quantum.dna.market import TeamMarket
from monps_platform.domain.quantum.strategies.definitions import BEST_MARKETS, LEAST_CHOICE_BETS, PLAN
from monps_platform.domain.quantum.strategies.evaluate import (
    FALSE_DISCOVERIES,
    StrategyRow,
    Trial,
    first_season,
    judge,
    trials,
)
from monps_platform.domain.quantum.strategies.evidence import LEAST_BETS, evidence
from monps_platform.domain.quantum.strategies.filters import ContextFilters, Venue
from monps_platform.domain.quantum.strategies.offers import BettingMatch
from monps_platform.domain.quantum.strategies.rules import HOME_WIN
from monps_platform.domain.quantum.strategies.walk_forward import Bet, walk_forward
from monps_platform.domain.seasons import Season
from monps_platform.domain.strategies import StrategyName
from monps_platform_tests.domain.quantum.strategies.betting_leagues import SEASON, betting_match, first_day, simulated

AFTER = date(2020, 8, 1)
TEAMS = range(1, 13)


@cache
def league() -> tuple[BettingMatch, ...]:
    return tuple(simulated(5, [Season(2016), Season(2018), SEASON], teams=12))


def bets(by: StrategyName | TeamMarket, profits: list[float], season: Season = SEASON, price: float = 2.0) -> list[Bet]:
    """Bets on team 1, one a day from the season's first day on."""
    start = season.start_year * 1000
    return [
        Bet(by, 1, start + at, season, first_day(season) + timedelta(days=at), HOME_WIN, price, 1.0, 0.5, profit)
        for at, profit in enumerate(profits)
    ]


def trial(profits: list[float], price: float = 2.0) -> Trial:
    own = tuple(bets(StrategyName.FADE_LUCK, profits, price=price))
    key = (1, StrategyName.FADE_LUCK, Market.ONE_X_TWO, SEASON, AFTER, ContextFilters(), None, None)
    return Trial(*key, (), own, evidence(own))


def best_market(found: list[Trial]) -> dict[Market, Trial]:
    return {each.market: each for each in found if each.strategy is StrategyName.BEST_MARKET}


def test_every_team_has_one_row_per_entry_of_the_plan() -> None:
    rows = judge(trials(walk_forward(league()), TEAMS, SEASON, AFTER))
    assert [(row.team_id, row.strategy, row.market) for row in rows] == [(team, *key) for team in TEAMS for key in PLAN]
    assert {(row.season, row.as_of) for row in rows} == {(SEASON, AFTER)}


def test_samples_are_the_season_itself_and_the_three_before_it() -> None:
    seasons = [Season(year) for year in (2015, 2016, 2018, 2019, 2020)]
    given = [bet for season in seasons for bet in bets(StrategyName.FADE_LUCK, [1.0] * 4, season)]
    found = next(each for each in trials(given, [1], SEASON, AFTER) if each.strategy is StrategyName.FADE_LUCK)
    assert {bet.season for bet in found.in_sample} == {Season(2016), Season(2018)}
    assert {bet.season for bet in found.out_of_sample} == {SEASON}
    assert first_season(SEASON) == Season(2016)


def test_bets_of_the_day_and_later_do_not_count() -> None:
    given = bets(StrategyName.FADE_LUCK, [1.0] * 20)
    as_of = first_day(SEASON) + timedelta(days=7)
    found = next(each for each in trials(given, [1], SEASON, as_of) if each.strategy is StrategyName.FADE_LUCK)
    assert len(found.out_of_sample) == 7


def test_rows_as_of_a_day_are_the_same_whether_or_not_later_matches_are_held() -> None:
    for as_of in (date(2019, 9, 1), date(2019, 11, 20)):
        held = judge(trials(walk_forward(league()), TEAMS, SEASON, as_of))
        cut = judge(trials(walk_forward([each for each in league() if each.day < as_of]), TEAMS, SEASON, as_of))
        assert held == cut


def test_the_best_market_is_that_of_the_earlier_seasons_and_bet_on_in_the_season() -> None:
    earlier = [
        *bets(TeamMarket.HOME_WIN, [1.0] * 18 + [-1.0] * 12, Season(2018)),
        *bets(TeamMarket.OVER25, [1.0] * 17 + [-1.0] * 13, Season(2018)),
        *bets(TeamMarket.DRAW, [2.0] * (LEAST_CHOICE_BETS - 1), Season(2018)),
    ]
    own = [*bets(TeamMarket.HOME_WIN, [-1.0] * 5), *bets(TeamMarket.OVER25, [1.0] * 6)]
    found = best_market(trials([*earlier, *own], [1], SEASON, AFTER))
    chosen = found[Market.ONE_X_TWO]
    assert chosen.context_filters == ContextFilters(team_market=TeamMarket.HOME_WIN, venue=Venue.HOME)
    assert (len(chosen.in_sample), chosen.evidence.bets, chosen.evidence.roi) == (30, 5, -1.0)
    for market in set(BEST_MARKETS) - {Market.ONE_X_TWO}:
        assert (found[market].in_sample, found[market].out_of_sample) == ((), ())
        assert found[market].context_filters.team_market is None


def test_no_market_is_best_where_all_lost_or_none_was_seen() -> None:
    lost = bets(TeamMarket.HOME_WIN, [-1.0] * 40, Season(2018))
    for given in (lost, []):
        found = best_market(trials([*given, *bets(TeamMarket.HOME_WIN, [1.0] * 20)], [1], SEASON, AFTER))
        assert not any(each.in_sample or each.out_of_sample for each in found.values())


def test_no_match_of_the_season_changes_which_market_is_best() -> None:
    chance = np.random.default_rng(1)
    changed = [
        betting_match(each.match.match_id, (int(chance.integers(9)), 0), teams=(each.match.home.team_id, 99))
        if each.season == SEASON
        else each
        for each in league()
    ]
    known, other = (trials(walk_forward(each), TEAMS, SEASON, AFTER) for each in (league(), changed))
    assert any(each.context_filters.team_market for each in known)
    assert [(each.context_filters, each.in_sample) for each in known if each.strategy is StrategyName.BEST_MARKET] == [
        (each.context_filters, each.in_sample) for each in other if each.strategy is StrategyName.BEST_MARKET
    ]


def test_q_is_benjamini_hochberg_over_all_that_bet_the_untestable_among_them() -> None:
    won, even, few = trial([1.0] * 12), trial([1.0, -1.0] * 6), trial([1.0] * (LEAST_BETS - 1))
    found = judge([won, even, few, trial([])])
    assert [row.p_value for row in found] == [pytest.approx(2**-12), pytest.approx(0.612793, abs=1e-6), None, None]
    # By hand: ranks 1, 2, 3 of three; the one with too few bets counts as p = 1.
    assert [row.q_value for row in found] == [pytest.approx(3 * 2**-12), pytest.approx(0.919189, abs=1e-6), None, None]


def test_a_survivor_is_active_and_staked_on_and_nobody_else() -> None:
    winner, loser = judge([trial([1.0] * 28 + [-1.0] * 4), trial([-1.0] * 20 + [1.0] * 12)])
    assert winner.is_active
    assert 0 < winner.stake_multiplier <= 1
    assert (loser.is_active, loser.stake_multiplier) == (False, 0.0)


def test_a_low_p_without_an_interval_above_zero_is_no_evidence() -> None:
    (alike,) = judge([trial([1.0] * 20)])
    assert alike.q_value == pytest.approx(2**-20)
    assert alike.roi_low is None
    assert not alike.is_active


def test_two_hits_at_long_odds_are_no_evidence_as_the_interval_reaches_below_zero() -> None:
    (lucky,) = judge([trial([99.0] * 2 + [-1.0] * 10, price=100.0)])
    assert lucky.q_value is not None
    assert lucky.q_value < FALSE_DISCOVERIES
    assert lucky.roi_low == -1.0
    assert not lucky.is_active


def test_seasons_are_judged_apart() -> None:
    with pytest.raises(ValueError, match="judged apart"):
        judge([trial([1.0]), replace(trial([1.0]), season=Season(2018))])


def test_a_table_of_nothing_is_empty() -> None:
    assert judge([]) == []


def test_rows_keep_what_the_database_asks_for() -> None:
    winner, lucky, loser = trial([1.0] * 28 + [-1.0] * 4), trial([1.0] * 20), trial([-1.0] * 20)
    rows = judge([*trials(walk_forward(league()), TEAMS, SEASON, AFTER), winner, lucky, loser])
    assert any(row.is_active for row in rows)
    for row in rows:
        assert _is_storable(row)


def _is_storable(row: StrategyRow) -> bool:
    interval, clv = (row.roi_low, row.roi_high), (row.clv_no_vig_low, row.clv_no_vig_high)
    return all(
        (
            (row.in_sample_bets == 0) == (row.in_sample_roi is None),
            (row.out_of_sample_bets == 0) == (row.out_of_sample_roi is None),
            (row.roi_low is None) == (row.roi_high is None),
            None in interval or interval[0] <= row.out_of_sample_roi <= interval[1],  # type: ignore[operator]
            0 <= row.closed_bets <= row.out_of_sample_bets,
            (row.closed_bets == 0) == (row.mean_clv_no_vig_percentage is None),
            (row.clv_no_vig_low is None) == (row.clv_no_vig_high is None),
            None in clv or clv[0] <= row.mean_clv_no_vig_percentage <= clv[1],  # type: ignore[operator]
            (row.p_value is None) == (row.q_value is None),
            row.p_value is None or row.q_value is None or 0 <= row.p_value <= row.q_value <= 1,
            row.is_active or row.stake_multiplier == 0,
            0 <= row.stake_multiplier <= 1,
            not row.is_active or (row.roi_low or 0) > 0,
            not row.is_active or (row.q_value or 0) <= FALSE_DISCOVERIES,
            isinstance(row.context_filters.to_json(), dict),
        )
    )
