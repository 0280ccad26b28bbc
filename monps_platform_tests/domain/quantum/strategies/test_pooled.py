"""Strategies over all teams and seasons are tested as their rows are, with matches drawn whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from monps_platform.domain.quantum.dna.market import TeamMarket
from monps_platform.domain.quantum.strategies.definitions import LEAST_CHOICE_BETS
from monps_platform.domain.quantum.strategies.evaluate import Trial, trials
from monps_platform.domain.quantum.strategies.evidence import LEAST_BETS, p_value
from monps_platform.domain.quantum.strategies.pooled import DRAWS, Pooled, drawn_p_value, pooled
from monps_platform.domain.quantum.strategies.rules import HOME_WIN
from monps_platform.domain.quantum.strategies.walk_forward import Bet, By
from monps_platform.domain.seasons import Season
from monps_platform.domain.strategies import StrategyName
from monps_platform_tests.domain.quantum.strategies.betting_leagues import first_day

FADE = StrategyName.FADE_LUCK
SEASONS = [Season(year) for year in range(2016, 2020)]


def bets(profits: list[float], price: float = 2.0, by: By = FADE, season: Season = SEASONS[-1]) -> list[Bet]:
    """Bets on team 1, one a day from the season's first day on."""
    start = season.start_year * 1000
    return [
        Bet(by, 1, start + at, season, first_day(season) + timedelta(days=at), HOME_WIN, price, None, None, profit)
        for at, profit in enumerate(profits)
    ]


def tried(known: list[Bet], *seasons: Season) -> list[Trial]:
    return [trial for season in seasons for trial in trials(known, [1], season, date(season.start_year + 1, 7, 1))]


def found(known: list[Bet], *seasons: Season, name: StrategyName = FADE) -> Pooled:
    (one,) = [each for each in pooled(tried(known, *seasons)) if each.strategy is name]
    return one


@pytest.mark.parametrize("price", [1.3, 2.0, 3.7, 9.0])
@pytest.mark.parametrize("share", [0.9, 1.0, 1.2, 1.5])
def test_p_is_that_of_a_teams_row_where_no_two_bets_share_a_match(price: float, share: float) -> None:
    won = min(60, round(share * 60 / price))
    own = bets([price - 1] * won + [-1.0] * (60 - won), price)
    exact = p_value([price] * 60, [bet.profit for bet in own])
    error = (exact * (1 - exact) / DRAWS) ** 0.5
    assert drawn_p_value(own) == pytest.approx(exact, abs=4 * error + 1 / DRAWS)


def test_bets_on_one_match_win_together_so_that_twice_the_same_is_no_more_evidence() -> None:
    once = bets([1.0] * 20 + [-1.0] * 10)
    assert drawn_p_value(once * 2) == pytest.approx(drawn_p_value(once), abs=0.01)
    apart = [*once, *(replace(bet, match_id=bet.match_id + 500) for bet in once)]
    assert drawn_p_value(apart) < drawn_p_value(once) / 3


def test_p_is_the_same_whenever_it_is_drawn_and_never_0() -> None:
    own = bets([1.0] * 30)
    assert drawn_p_value(own) == drawn_p_value(own[::-1]) == 1 / (DRAWS + 1)
    assert drawn_p_value(own, draws=99) == 0.01


def test_bets_whose_stake_came_back_say_nothing() -> None:
    own = bets([1.0] * 12 + [-1.0] * 8)
    assert drawn_p_value([*own, *(replace(bet, match_id=bet.match_id + 500, profit=0.0) for bet in own)]) == (
        drawn_p_value(own)
    )
    assert drawn_p_value(bets([0.0] * 12)) == 1.0


def test_p_of_fair_bets_is_seldom_low_though_two_of_a_match_exclude_each_other() -> None:
    chance = np.random.default_rng(3)
    low = {0.05: 0, 0.2: 0}
    for _ in range(400):
        own: list[Bet] = []
        for at, luck in enumerate(chance.random(40).tolist()):
            home, away = chance.uniform(2.1, 6, 2).tolist()
            for price, is_won in ((home, luck < 1 / home), (away, luck > 1 - 1 / away)):
                own.append(replace(bets([price - 1 if is_won else -1.0], price)[0], match_id=at))
        p = drawn_p_value(own, draws=500)
        for level in low:
            low[level] += p <= level
    assert low[0.05] <= 0.05 * 400
    assert low[0.2] <= 0.2 * 400


def test_bets_of_all_seasons_count_though_a_rule_bets_too_seldom_for_any_of_its_rows_to_be_tested() -> None:
    known = [bet for season in SEASONS for bet in bets([1.0] * 5 + [-1.0], season=season)]
    of_rows = tried(known, *SEASONS)
    assert all(trial.evidence.p_value is None for trial in of_rows)
    one = found(known, *SEASONS)
    assert (one.roi.n, one.roi.clusters) == (24, 24)
    assert one.p_value == pytest.approx(0.00077, abs=0.001)  # 20 of 24 at evens
    assert one.q_value == pytest.approx(9 * (one.p_value or 1))
    assert one.survives
    assert found(known, *SEASONS[:1]).p_value is None  # six bets


def test_of_the_best_market_only_bets_after_its_choice_count() -> None:
    won = {season: bets([1.0] * LEAST_CHOICE_BETS, by=TeamMarket.HOME_WIN, season=season) for season in SEASONS[:1]}
    later = bets([-1.0, 1.0] * 6, by=TeamMarket.HOME_WIN, season=SEASONS[1])
    known = [*won[SEASONS[0]], *later]
    one = found(known, *SEASONS[:2], name=StrategyName.BEST_MARKET)
    assert (one.roi.n, one.roi.value) == (12, 0.0)
    assert not one.survives


def test_q_counts_all_nine_those_that_could_not_be_tested_as_1() -> None:
    known = [*bets([1.0] * 20 + [-1.0] * 10), *bets([1.0] * (LEAST_BETS - 1), by=StrategyName.HOME_FORTRESS)]
    by_name = {each.strategy: each for each in pooled(tried(known, SEASONS[-1]))}
    fade, fortress = by_name[FADE], by_name[StrategyName.HOME_FORTRESS]
    assert fade.p_value is not None
    assert fade.q_value == pytest.approx(min(1.0, 9 * fade.p_value))
    assert (fortress.p_value, fortress.q_value, fortress.survives) == (None, None, False)


def test_a_profit_of_bets_that_all_went_alike_has_no_interval_and_does_not_survive() -> None:
    one = found(bets([1.0] * 20), SEASONS[-1])
    assert one.q_value is not None
    assert one.q_value < 0.01
    assert not one.survives
