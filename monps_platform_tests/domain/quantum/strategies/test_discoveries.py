"""A strategy built to win is found, and pure noise is not."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
from scipy.stats import binom

from monps_platform.domain.odds import Market
from monps_platform.domain.quantum.strategies.evaluate import FALSE_DISCOVERIES, Trial, judge, trials
from monps_platform.domain.quantum.strategies.evidence import evidence
from monps_platform.domain.quantum.strategies.filters import ContextFilters
from monps_platform.domain.quantum.strategies.rules import HOME_WIN
from monps_platform.domain.quantum.strategies.walk_forward import Bet, walk_forward
from monps_platform.domain.seasons import Season
from monps_platform.domain.strategies import StrategyName
from monps_platform_tests.domain.quantum.strategies.betting_leagues import SEASON, first_day, simulated

AFTER = date(2020, 8, 1)
TABLES, NOISE, BUILT = 200, 14, 2
TEAMS = range(1, 21)
_KEY = (StrategyName.FADE_LUCK, Market.ONE_X_TWO, SEASON, AFTER, ContextFilters(), None, None, ())


def drawn(chance: np.random.Generator, team_id: int) -> Trial:
    """8 to 30 bets at prices of 1.3 to 6, worth their stake on average."""
    prices = np.round(np.exp(chance.uniform(np.log(1.3), np.log(6), chance.integers(8, 31))), 2)
    won = chance.random(len(prices)) < 1 / prices
    own = tuple(
        Bet(_KEY[0], team_id, at, SEASON, first_day(SEASON) + timedelta(days=at), HOME_WIN, price, None, None, profit)
        for at, (price, profit) in enumerate(
            zip(prices.tolist(), np.where(won, prices - 1, -1.0).tolist(), strict=True)
        )
    )
    return Trial(team_id, *_KEY, own, evidence(own))


def built_to_win(chance: np.random.Generator, team_id: int) -> Trial:
    """30 bets at evens, nine of ten won."""
    own = tuple(
        Bet(_KEY[0], team_id, at, SEASON, first_day(SEASON) + timedelta(days=at), HOME_WIN, 2.0, None, None, profit)
        for at, profit in enumerate(np.where(chance.random(30) < 0.9, 1.0, -1.0).tolist())
    )
    return Trial(team_id, *_KEY, own, evidence(own))


@cache
def noise() -> list[list[Trial]]:
    """Tables without any strategy that is worth anything."""
    chance = np.random.default_rng(7)
    return [[drawn(chance, team) for team in range(BUILT, BUILT + NOISE)] for _ in range(TABLES)]


def test_over_200_tables_of_noise_discoveries_are_as_rare_as_stated() -> None:
    tables = [judge(table) for table in noise()]
    wrong = sum(any(row.is_active for row in rows) for rows in tables)
    assert wrong <= binom.ppf(0.999, TABLES, FALSE_DISCOVERIES)
    # And the tables were tested: without control a quarter or more would hold a discovery.
    low = sum(any((row.p_value or 1) <= FALSE_DISCOVERIES for row in rows) for rows in tables)
    assert low > TABLES / 4


def test_over_200_tables_with_winners_they_are_found_and_the_share_of_chance_is_as_stated() -> None:
    chance = np.random.default_rng(8)
    found, wrong_shares = 0, []
    for table in noise():
        winners = [built_to_win(chance, team) for team in range(BUILT)]
        active = [row for row in judge([*winners, *table]) if row.is_active]
        right = sum(row.team_id < BUILT for row in active)
        found += right
        wrong_shares.append((len(active) - right) / max(1, len(active)))
    assert found >= 0.9 * BUILT * TABLES
    error = np.std(wrong_shares) / TABLES**0.5
    assert np.mean(wrong_shares) <= FALSE_DISCOVERIES + 3 * error


def test_a_team_that_prices_are_too_generous_to_is_found_from_its_matches_alone() -> None:
    matches = simulated(11, [Season(2017), Season(2018), SEASON], generous_to=5, generosity=8.0)
    rows = judge(trials(walk_forward(matches), TEAMS, SEASON, AFTER))
    active = {(row.team_id, row.strategy) for row in rows if row.is_active}
    assert (5, StrategyName.BEST_MARKET) in active
    assert {team for team, _ in active} == {5}


def test_leagues_at_fair_prices_have_no_more_discoveries_than_stated_though_rules_follow_results() -> None:
    wrong = sum(
        any(row.is_active for row in judge(trials(walk_forward(simulated(seed, teams=20)), TEAMS, SEASON, AFTER)))
        for seed in range(4)
    )
    assert wrong <= binom.ppf(0.999, 4, FALSE_DISCOVERIES)
