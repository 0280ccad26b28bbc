"""Each strategy bets when its conditions hold, and not when one of them fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import exp

import pytest

from monps_platform.domain.agents import NAMES
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quantum.dna.market import TeamMarket
from monps_platform.domain.quantum.strategies.definitions import CANDIDATES, PLAN, STRATEGIES, Strategy
from monps_platform.domain.quantum.strategies.form import Form
from monps_platform.domain.quantum.strategies.rules import AWAY_WIN, DRAW, HOME_WIN, OVER, UNDER, Prospect
from monps_platform.domain.settlement import Backed
from monps_platform.domain.strategies import StrategyName

PRICES: Mapping[Backed, float] = {HOME_WIN: 2.0, DRAW: 3.5, AWAY_WIN: 4.0, OVER: 1.9, UNDER: 2.0}
NAMED = {strategy.name: strategy for strategy in STRATEGIES}
OPEN = Form(10, 36, 180, 10, 34.0, 0.0)
"""Wide open: 3.6 goals and 3.4 xG per match, P(over 2.5) 0.70 and 0.66; variance of totals 5.6."""
CLOSED = Form(10, 16, 30, 10, 18.0, 0.0)
"""Tight: 1.6 goals and 1.8 xG, P(under 2.5) 0.78 and 0.73; variance of totals 0.49."""


NO_FORM = Form()


def prospect(form: Form = NO_FORM, **changes: object) -> Prospect:
    return replace(Prospect(True, PRICES, None, form, form), **changes)  # type: ignore[arg-type]


def backed(name: StrategyName, seen: Prospect) -> Backed | None:
    return NAMED[name].rule(seen)


def test_every_name_has_its_definition_and_every_row_its_place_in_the_plan() -> None:
    assert {name for name, _ in PLAN} == set(StrategyName)
    assert len(set(PLAN)) == len(PLAN) == 11
    assert set(CANDIDATES) == set(TeamMarket)
    assert {strategy.agent for strategy in STRATEGIES if strategy.agent} == set(NAMES)


def test_goals_xg_and_model_converge_on_many_goals() -> None:
    assert backed(StrategyName.CONVERGENCE_OVER, prospect(OPEN, over25=0.6)) == OVER
    assert backed(StrategyName.CONVERGENCE_UNDER, prospect(OPEN, over25=0.6)) is None


def test_goals_xg_and_model_converge_on_few_goals() -> None:
    assert backed(StrategyName.CONVERGENCE_UNDER, prospect(CLOSED, over25=0.4)) == UNDER
    assert backed(StrategyName.CONVERGENCE_OVER, prospect(CLOSED, over25=0.4)) is None


@pytest.mark.parametrize(
    "seen",
    [
        prospect(OPEN, over25=None),
        prospect(OPEN, over25=0.55),  # 0.55 * 1.9 is an edge of 0.045
        prospect(replace(OPEN, matches_with_xg=7), over25=0.6),
        prospect(replace(OPEN, total_xg=25.0), over25=0.6),
        prospect(replace(OPEN, total_goals=25), over25=0.6),
        prospect(OPEN, over25=0.6, opponent=Form()),
        prospect(OPEN, over25=0.6, prices={HOME_WIN: 2.0}),
        prospect(OPEN, over25=0.49, prices={OVER: 3.0}),  # an edge of 0.47, but less likely than not
    ],
)
def test_there_is_no_convergence_where_one_estimate_is_missing_or_does_not_agree(seen: Prospect) -> None:
    assert backed(StrategyName.CONVERGENCE_OVER, seen) is None


def test_the_edge_asked_for_is_just_reached() -> None:
    # Of the three estimates that of 3.4 xG per match is the lowest: it is the one that decides.
    chance = 1 - exp(-3.4) * (1 + 3.4 + 3.4**2 / 2)
    for price, expected in ((1.0501 / chance, OVER), (1.0499 / chance, None)):
        assert backed(StrategyName.CONVERGENCE_OVER, prospect(OPEN, over25=0.9, prices={OVER: price})) == expected


@pytest.mark.parametrize("name", [StrategyName.MODEL_VALUE, StrategyName.SHARP_VALUE, StrategyName.CONSENSUS_VALUE])
def test_value_is_a_pick_of_the_team_not_of_its_opponent_or_the_draw(name: StrategyName) -> None:
    assert backed(name, prospect(prices={HOME_WIN: 2.2, DRAW: 4.0})) == HOME_WIN
    assert backed(name, prospect(prices={HOME_WIN: 2.2, DRAW: 4.0}, is_home=False)) is None
    assert backed(name, prospect(prices={AWAY_WIN: 2.2}, is_home=False)) == AWAY_WIN


def test_a_fortress_is_backed_at_home_only_and_only_when_it_beats_expectation_by_half_a_point() -> None:
    fortress = Form(home_matches=6, home_points=15, home_points_expected=12.0)
    assert backed(StrategyName.HOME_FORTRESS, prospect(fortress)) == HOME_WIN
    assert backed(StrategyName.HOME_FORTRESS, prospect(fortress, is_home=False)) is None
    assert backed(StrategyName.HOME_FORTRESS, prospect(replace(fortress, home_points_expected=12.1))) is None
    assert backed(StrategyName.HOME_FORTRESS, prospect(replace(fortress, home_matches=4))) is None


def test_luck_is_faded_either_way() -> None:
    lucky = Form(matches_with_xg=10, total_xg=25.0, luck=5.0)
    assert backed(StrategyName.FADE_LUCK, prospect(lucky)) == AWAY_WIN
    assert backed(StrategyName.FADE_LUCK, prospect(lucky, is_home=False)) == HOME_WIN
    assert backed(StrategyName.FADE_LUCK, prospect(replace(lucky, luck=-5.0))) == HOME_WIN
    assert backed(StrategyName.FADE_LUCK, prospect(replace(lucky, luck=-5.0), is_home=False)) == AWAY_WIN
    assert backed(StrategyName.FADE_LUCK, prospect(replace(lucky, luck=4.9))) is None
    assert backed(StrategyName.FADE_LUCK, prospect(replace(lucky, matches_with_xg=7))) is None


def test_chaos_is_a_spread_of_totals_beyond_the_usual() -> None:
    assert backed(StrategyName.TOTAL_CHAOS, prospect(OPEN)) == OVER
    assert backed(StrategyName.TOTAL_CHAOS, prospect(CLOSED)) is None
    assert backed(StrategyName.TOTAL_CHAOS, prospect(OPEN, prices={UNDER: 2.0})) is None


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.name)
def test_nobody_bets_on_what_is_not_offered(strategy: Strategy) -> None:
    chaotic_lucky_fortress = replace(OPEN, luck=20.0, home_matches=8, home_points=24, home_points_expected=8.0)
    for is_home in (True, False):
        assert strategy.rule(prospect(chaotic_lucky_fortress, prices={}, over25=0.9, is_home=is_home)) is None


def test_candidate_markets_are_backed_in_every_match_at_their_venue() -> None:
    home = {kind: each.rule(prospect()) for kind, each in CANDIDATES.items()}
    away = {kind: each.rule(prospect(is_home=False)) for kind, each in CANDIDATES.items()}
    both = {TeamMarket.DRAW: DRAW, TeamMarket.OVER25: OVER, TeamMarket.UNDER25: UNDER, TeamMarket.HANDICAP: None}
    assert home == {TeamMarket.HOME_WIN: HOME_WIN, TeamMarket.AWAY_WIN: None, **both}
    assert away == {TeamMarket.HOME_WIN: None, TeamMarket.AWAY_WIN: AWAY_WIN, **both}


def test_the_handicap_is_the_one_closest_to_evens_for_the_team() -> None:
    def at(line: float, side: PickSide = PickSide.HOME) -> Backed:
        return Backed(Market.ASIAN_HANDICAP, side, line)

    prices = {at(-1.0): 2.4, at(-0.5): 2.1, at(-0.25): 1.9, at(0.0): 1.6, at(-1.0, PickSide.AWAY): 1.95}
    rule = CANDIDATES[TeamMarket.HANDICAP].rule
    assert rule(prospect(prices=prices)) == at(-0.5)  # as close as -0.25, and lower
    assert rule(prospect(prices=prices, is_home=False)) == at(-1.0, PickSide.AWAY)
