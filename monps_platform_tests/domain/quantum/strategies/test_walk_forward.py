"""Bets settled by hand, and nothing that comes later changes any of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from monps_platform.domain.agents import NAMES
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quantum.dna.market import TeamMarket
from monps_platform.domain.quantum.season import FairProbabilities
from monps_platform.domain.quantum.strategies.definitions import CANDIDATES, STRATEGIES
from monps_platform.domain.quantum.strategies.offers import BettingMatch, Offer
from monps_platform.domain.quantum.strategies.rules import AWAY_WIN, DRAW, HOME_WIN, OVER, UNDER
from monps_platform.domain.quantum.strategies.walk_forward import Bet, By, walk_forward
from monps_platform.domain.seasons import Season
from monps_platform.domain.settlement import Backed
from monps_platform.domain.strategies import StrategyName
from monps_platform_tests.domain.quantum.strategies.betting_leagues import (
    OTHER,
    OWN,
    SEASON,
    betting_match,
    simulated,
)

EVERY: tuple[By, ...] = (*(strategy.name for strategy in STRATEGIES), *CANDIDATES)
COVER = Backed(Market.ASIAN_HANDICAP, PickSide.HOME, -0.25)
PRICES = {HOME_WIN: 2.0, DRAW: 3.5, AWAY_WIN: 4.0, OVER: 1.9, UNDER: 2.1, COVER: 1.8}


@cache
def league() -> tuple[BettingMatch, ...]:
    """Two seasons, at prices so generous that every strategy bets."""
    return tuple(simulated(3, [Season(2018), SEASON], teams=14, price_factor=1.2))


@cache
def bets_of_league() -> list[Bet]:
    return walk_forward(league())


def of(bets: list[Bet], by: By, team_id: int) -> list[Bet]:
    return [bet for bet in bets if bet.by == by and bet.team_id == team_id]


def choices(bets: list[Bet], by: By) -> list[tuple[object, ...]]:
    return [(bet.team_id, bet.match_id, bet.backed, bet.price) for bet in bets if bet.by == by]


def test_bets_are_settled_as_by_hand() -> None:
    bets = walk_forward([betting_match(1, (2, 2), PRICES)])
    profits = {(bet.by, bet.team_id): bet.profit for bet in bets}
    assert profits == {
        (TeamMarket.HOME_WIN, OWN): -1.0,
        (TeamMarket.AWAY_WIN, OTHER): -1.0,
        **dict.fromkeys([(TeamMarket.DRAW, OWN), (TeamMarket.DRAW, OTHER)], 2.5),
        **dict.fromkeys([(TeamMarket.OVER25, OWN), (TeamMarket.OVER25, OTHER)], 0.9),
        **dict.fromkeys([(TeamMarket.UNDER25, OWN), (TeamMarket.UNDER25, OTHER)], -1.0),
        (TeamMarket.HANDICAP, OWN): -0.5,  # the away side's handicap was not offered
    }


def test_an_agents_pick_is_bet_at_the_price_it_took_not_at_the_best() -> None:
    taken = {NAMES[0]: (Offer(HOME_WIN, 1.95, 4.0, 1.5), Offer(DRAW, 3.4))}
    bets = walk_forward([betting_match(1, (1, 0), PRICES, picks=taken)])
    (bet,) = [bet for bet in bets if isinstance(bet.by, StrategyName)]
    assert (bet.by, bet.team_id, bet.price, bet.profit) == (StrategyName.CONSENSUS_VALUE, OWN, 1.95, 0.95)
    assert (bet.clv_percentage, bet.clv_no_vig_percentage) == (4.0, 1.5)


def test_a_fortress_is_backed_from_its_sixth_home_match_on() -> None:
    fair = FairProbabilities(0.5, 0.2, 0.3)
    matches = [betting_match(at, (1, 0), PRICES, fair=fair) for at in range(7)]
    fortress = of(walk_forward(matches), StrategyName.HOME_FORTRESS, OWN)
    assert [bet.match_id for bet in fortress] == [5, 6]


def test_form_begins_anew_with_the_season_whatever_the_calendar_says() -> None:
    fair = FairProbabilities(0.5, 0.2, 0.3)
    # The season before went on into July, as 2019-20 did.
    late = [betting_match(at, (1, 0), PRICES, fair=fair, season=Season(2018)) for at in range(5)]
    bets = walk_forward([*late, betting_match(5, (1, 0), PRICES, fair=fair)])
    assert not of(bets, StrategyName.HOME_FORTRESS, OWN)


def test_two_matches_of_a_day_know_nothing_of_each_other() -> None:
    fair = FairProbabilities(0.5, 0.2, 0.3)
    matches = [betting_match(at, (1, 0), PRICES, fair=fair, teams=(OWN, 10 + at)) for at in range(6)]
    assert of(walk_forward(matches), StrategyName.HOME_FORTRESS, OWN)
    same_day = [*matches[:4], *(replace(each, match=replace(each.match, day=matches[5].day)) for each in matches[4:])]
    assert not of(walk_forward(same_day), StrategyName.HOME_FORTRESS, OWN)


def test_a_match_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="there twice"):
        walk_forward([betting_match(1, (1, 0)), betting_match(1, (2, 0))])


def test_every_strategy_bets_in_the_league_that_leakage_is_tested_on() -> None:
    assert {bet.by for bet in bets_of_league()} == set(EVERY)


def tampered(match: BettingMatch, chance: np.random.Generator) -> BettingMatch:
    """The same fixture with another result, other chances, another close."""
    played = match.match
    home, away = (
        replace(side, goals=int(chance.integers(0, 9)), xg=float(chance.uniform(0, 6)))
        for side in (played.home, played.away)
    )
    other = replace(played, home=home, away=away, fair_closing=FairProbabilities(0.1, 0.1, 0.8, 0.9))
    offers = tuple(replace(offer, clv_percentage=99.0, clv_no_vig_percentage=99.0) for offer in match.offers)
    return replace(match, match=other, offers=offers)


DAYS = sorted({match.day for match in league()})[5::6]


@cache
def played_otherwise_from(day: date) -> list[Bet]:
    """The bets, had the matches of the day and later ones gone otherwise."""
    chance = np.random.default_rng(4)
    return walk_forward([tampered(each, chance) if each.day >= day else each for each in league()])


@cache
def held_before(day: date) -> list[Bet]:
    """The bets on the matches before the day, when no other is held."""
    return walk_forward([each for each in league() if each.day < day])


@pytest.mark.parametrize("by", EVERY)
def test_no_bet_changes_with_its_own_result_its_close_or_any_later_match(by: By) -> None:
    known = bets_of_league()
    for day in DAYS:
        changed = played_otherwise_from(day)
        assert [bet for bet in changed if bet.by == by and bet.day < day] == [
            bet for bet in known if bet.by == by and bet.day < day
        ]
        of_day = [bet for bet in known if bet.day == day]
        assert choices([bet for bet in changed if bet.day == day], by) == choices(of_day, by)


@pytest.mark.parametrize("by", EVERY)
def test_no_bet_changes_with_whether_later_matches_are_held(by: By) -> None:
    known = [bet for bet in bets_of_league() if bet.by == by]
    for day in DAYS:
        assert [bet for bet in held_before(day) if bet.by == by] == [bet for bet in known if bet.day < day]


def test_earlier_matches_do_change_bets_so_that_the_tests_above_would_see_a_leak() -> None:
    chance, day = np.random.default_rng(4), sorted({match.day for match in league()})[-1]
    known = bets_of_league()
    changed = walk_forward([tampered(each, chance) if each.day < day else each for each in league()])
    learning = [StrategyName.FADE_LUCK, StrategyName.TOTAL_CHAOS, StrategyName.HOME_FORTRESS]
    assert all(choices(known, by) != choices(changed, by) for by in learning)


def test_the_order_in_which_matches_are_given_does_not_matter() -> None:
    assert walk_forward(league()) == walk_forward(league()[::-1])
