"""What every agent keeps to on any board: order and other matches do not matter, one pick a side, real books only."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.agents import Agent, ConsensusValue, DixonColesValue, SharpValue
from monps_platform.domain.forecasts import Forecast, ForecastModel
from monps_platform.domain.odds import Market
from monps_platform.domain.quotes import standing
from monps_platform_tests.domain.test_quotes import DRAWN_LINES, NOW, any_quotes, closing, handicap, snapshot

_MARKETS = tuple(DRAWN_LINES)
FORECASTS = {
    match_id: Forecast(
        match_id,
        ForecastModel.DIXON_COLES,
        "test-1",
        home_prob=0.47,
        draw_prob=0.28,
        away_prob=0.25,
        over25_prob=0.53,
        handicaps={"-0.5": 0.47, "-0.25": 0.55},
    )
    for match_id in (7, 8)
}
AGENTS: list[Agent] = [
    ConsensusValue(markets=_MARKETS, alpha=0.02, fewest_books=2),
    SharpValue(markets=_MARKETS),
    DixonColesValue(markets=_MARKETS, kelly_fraction=0.5),
]

_PROPERTIES = settings(deadline=None, max_examples=50)
_SEEDS = st.integers(0, 10**9)
_of_every_agent = pytest.mark.parametrize("agent", AGENTS, ids=[agent.kind for agent in AGENTS])


@_of_every_agent
@_PROPERTIES
@given(seed=_SEEDS)
def test_the_order_of_the_quotes_does_not_matter_to_the_last_bit(agent: Agent, seed: int) -> None:
    chance = random.Random(seed)
    quotes = any_quotes(chance)
    assert agent.select(chance.sample(quotes, len(quotes)), FORECASTS) == agent.select(quotes, FORECASTS)


@pytest.mark.parametrize("turned", range(5))
def test_of_lines_with_the_same_prices_the_lower_one_is_picked_in_whatever_order_the_books_come(turned: int) -> None:
    """Their edges are the same; sums of floats in another order may differ in the last bit."""
    agent, books = ConsensusValue(markets=(Market.ASIAN_HANDICAP,)), ("B365", "1XB", "BW", "WH", "PS")
    prices = [(2.3, 1.7), (1.95, 1.93), (1.91, 1.97), (1.97, 1.91), (1.88, 2.0)]
    lower, higher = (
        [handicap(key, line, pair) for key, pair in zip(books, prices, strict=True)] for line in (-0.25, 0.0)
    )
    (found,) = agent.select([*lower, *higher[turned:], *higher[:turned]], {})
    assert found.line == -0.25


@_of_every_agent
@_PROPERTIES
@given(seed=_SEEDS)
def test_the_quotes_of_other_matches_change_nothing_to_the_last_bit(agent: Agent, seed: int) -> None:
    chance = random.Random(seed)
    quotes, beside = any_quotes(chance), any_quotes(chance, (8,))
    alone = agent.select(quotes, FORECASTS)
    assert agent.select([*beside, *quotes], FORECASTS) == [*alone, *agent.select(beside, FORECASTS)]


@_of_every_agent
@_PROPERTIES
@given(seed=_SEEDS)
def test_a_side_is_picked_once_at_a_price_that_a_real_book_quotes_and_for_a_profit(agent: Agent, seed: int) -> None:
    quotes = any_quotes(random.Random(seed))
    found = agent.select(quotes, FORECASTS)
    sides = [(item.match_id, item.market, item.side) for item in found]
    assert sides == sorted(set(sides))
    for item in found:
        quoted = [
            held.price(item.side)
            for held in quotes
            if (held.match_id, held.market, held.line) == (item.match_id, item.market, item.line)
            and held.bookmaker_id == item.bookmaker_id
            and held.bookmaker.is_real
            and held.is_plausible
        ]
        assert quoted == [item.price]
        assert item.edge == item.price * item.probability - 1
        assert item.edge > 0
        assert item.stake > 0


@_of_every_agent
@_PROPERTIES
@given(seed=_SEEDS)
def test_neither_closing_prices_nor_later_snapshots_are_ever_seen(agent: Agent, seed: int) -> None:
    chance = random.Random(seed)
    quotes, others = any_quotes(chance), any_quotes(chance)
    hidden = [closing(item) for item in others] + [snapshot(item, 1) for item in others]
    seen = agent.select(standing([*hidden, *quotes], NOW), FORECASTS)
    assert seen == agent.select(standing(quotes, NOW), FORECASTS)


@_of_every_agent
@_PROPERTIES
@given(seed=_SEEDS)
def test_what_an_aggregate_or_exchange_quotes_is_never_seen(agent: Agent, seed: int) -> None:
    quotes = any_quotes(random.Random(seed))
    real = [item for item in quotes if item.bookmaker.is_real]
    assert agent.select(quotes, FORECASTS) == agent.select(real, FORECASTS)


@_of_every_agent
@_PROPERTIES
@given(seed=_SEEDS)
def test_an_agent_of_several_markets_picks_what_agents_of_each_would(agent: Agent, seed: int) -> None:
    quotes = any_quotes(random.Random(seed))
    apart = [item for market in _MARKETS for item in replace(agent, markets=(market,)).select(quotes, FORECASTS)]
    assert set(agent.select(quotes, FORECASTS)) == set(apart)
    assert len(apart) == len(set(apart))


def test_the_boards_of_these_tests_have_picks_of_every_agent_and_market() -> None:
    boards = [any_quotes(random.Random(seed)) for seed in range(100)]
    found = {
        (agent.kind, item.market) for agent in AGENTS for quotes in boards for item in agent.select(quotes, FORECASTS)
    }
    assert found == {(agent.kind, market) for agent in AGENTS for market in _MARKETS}
