"""What all agents share: names that tell them apart, parameters that make sense, stakes, and the choice of a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.agents import DEFAULT_AGENTS, NAMES, Agent, ConsensusValue, DixonColesValue, SharpValue
from monps_platform.domain.agents.agent import best_of, real
from monps_platform.domain.no_vig import NoVigMethod
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quotes import boards
from monps_platform_tests.domain.test_quotes import BOOK_IDS, handicap, quote, total

LOW, HIGH = (1.9, 1.95), (2.3, 1.75)
"""Prices of the other books, and those of the one that is picked: 2.3 on the first side is far above 1.9."""
MAKERS: list[Callable[..., Agent]] = [ConsensusValue, SharpValue, DixonColesValue]
TOTALS = (Market.OVER_UNDER,)


def value_at(line: float, high: tuple[float, float] = HIGH, *, match_id: int = 7) -> list[Any]:
    """Quotes of a handicap in which every agent that goes by prices sees value on the home side of Bet365."""
    others = [handicap(key, line, LOW, match_id=match_id) for key in ("BW", "IW", "PS", "WH")]
    return [handicap("B365", line, high, match_id=match_id), *others]


def test_the_built_in_agents_go_by_the_name_of_their_rule_alone() -> None:
    assert NAMES == ("consensus_value", "sharp_value", "dixon_coles_value")
    assert [agent.name for agent in DEFAULT_AGENTS] == list(NAMES)
    assert [agent.needs_forecasts for agent in DEFAULT_AGENTS] == [False, False, True]
    assert all(agent.markets == (Market.ONE_X_TWO,) for agent in DEFAULT_AGENTS)
    assert all(agent.stake == 1 and agent.kelly_fraction is None for agent in DEFAULT_AGENTS)


@pytest.mark.parametrize(
    ("agent", "strategy"),
    [
        (ConsensusValue(), "markets=1x2, stake=1.0, alpha=0.05, fewest_books=4"),
        (SharpValue(), "markets=1x2, stake=1.0, soft_book=B365, sharp_book=PS, threshold=1.02, method=power"),
        (DixonColesValue(), "markets=1x2, stake=1.0, threshold=1.05"),
        (
            DixonColesValue(kelly_fraction=0.25, markets=(Market.ONE_X_TWO, Market.OVER_UNDER)),
            "markets=1x2+over_under, stake=1.0, kelly_fraction=0.25, kelly_cap=0.05, threshold=1.05",
        ),
    ],
    ids=["consensus", "sharp", "dixon-coles", "kelly"],
)
def test_the_strategy_tells_all_parameters_that_matter(agent: Agent, strategy: str) -> None:
    assert agent.strategy == strategy


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (ConsensusValue(alpha=0.05, fewest_books=4, stake=1), "consensus_value"),
        (ConsensusValue(alpha=0.02), "consensus_value(alpha=0.02)"),
        (ConsensusValue(fewest_books=6, stake=2.0), "consensus_value(stake=2.0, fewest_books=6)"),
        (ConsensusValue(markets=TOTALS), "consensus_value(markets=over_under)"),
        (ConsensusValue(markets=TOTALS * 2), "consensus_value(markets=over_under)"),
        (ConsensusValue(markets=(*TOTALS, Market.ONE_X_TWO)), "consensus_value(markets=1x2+over_under)"),
        (ConsensusValue(markets=(Market.ONE_X_TWO, *TOTALS)), "consensus_value(markets=1x2+over_under)"),
        (ConsensusValue(markets=(Market.ONE_X_TWO,) * 3), "consensus_value"),
        (SharpValue(soft_book="WH"), "sharp_value(soft_book=WH)"),
        (SharpValue(sharp_book="Avg", method=NoVigMethod.SHIN), "sharp_value(sharp_book=Avg, method=shin)"),
        (DixonColesValue(threshold=1.1), "dixon_coles_value(threshold=1.1)"),
        (DixonColesValue(kelly_fraction=0.5), "dixon_coles_value(kelly_fraction=0.5)"),
        (DixonColesValue(kelly_fraction=0.5, kelly_cap=0.1), "dixon_coles_value(kelly_fraction=0.5, kelly_cap=0.1)"),
        # Without a Kelly stake the cap does nothing.
        (DixonColesValue(kelly_cap=0.1), "dixon_coles_value"),
    ],
)
def test_the_name_tells_the_parameters_that_are_not_the_usual_ones(agent: Agent, name: str) -> None:
    assert agent.name == name


def test_agents_that_are_equal_have_one_name_and_strategy() -> None:
    assert ConsensusValue(stake=2) == ConsensusValue(stake=2.0)
    assert ConsensusValue(stake=2).name == ConsensusValue(stake=2.0).name
    assert ConsensusValue(stake=2).strategy == ConsensusValue(stake=2.0).strategy


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.builds(
            ConsensusValue,
            alpha=st.sampled_from([0.0, 0.02, 0.05]),
            fewest_books=st.integers(1, 5),
            stake=st.sampled_from([0.5, 1.0, 2.0]),
            kelly_fraction=st.sampled_from([None, 0.25, 1.0]),
        ),
        min_size=2,
        max_size=2,
    )
)
def test_agents_with_other_parameters_have_another_name_and_strategy(agents: list[ConsensusValue]) -> None:
    one, other = agents
    assert (one.name == other.name) is (one == other)
    assert (one.strategy == other.strategy) is (one == other)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"markets": ()}, "looks at no market"),
        ({"stake": 0.0}, "must be positive"),
        ({"stake": -1.0}, "must be positive"),
        ({"stake": float("inf")}, "must be positive"),
        ({"stake": float("nan")}, "must be positive"),
        ({"stake": 1 / 3}, "at most 4 decimals"),
        ({"stake": 100.5}, "at most 100"),
        ({"kelly_fraction": 0.0}, "kelly_fraction is 0.0, it lies above 0 and is at most 1"),
        ({"kelly_fraction": 1.01}, "kelly_fraction is 1.01"),
        ({"kelly_fraction": float("nan")}, "kelly_fraction is nan"),
        ({"kelly_cap": 0.0}, "kelly_cap is 0.0"),
        ({"kelly_cap": -0.1}, "kelly_cap is -0.1"),
        ({"kelly_cap": 1.5}, "kelly_cap is 1.5"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_by_every_agent(
    make: Callable[..., Agent], parameters: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=f"{make().kind}.*{complaint}"):
        make(**parameters)


@pytest.mark.parametrize(
    ("make", "parameters", "complaint"),
    [
        (ConsensusValue, {"alpha": -0.01}, "alpha is -0.01, it is at least 0 and below 1"),
        (ConsensusValue, {"alpha": 1.0}, "alpha is 1.0"),
        (ConsensusValue, {"alpha": float("nan")}, "alpha is nan"),
        (ConsensusValue, {"fewest_books": 0}, "fewest_books is 0, one at least is needed"),
        (SharpValue, {"soft_book": "PS"}, "PS cannot be compared with itself"),
        (SharpValue, {"threshold": 0.99}, "threshold is 0.99, below 1 there is no value"),
        (SharpValue, {"threshold": float("nan")}, "threshold is nan"),
        (DixonColesValue, {"threshold": 0.99}, "threshold is 0.99, below 1 there is no value"),
        (DixonColesValue, {"threshold": float("nan")}, "threshold is nan"),
    ],
)
def test_parameters_of_a_rule_that_make_no_sense_are_refused(
    make: Callable[..., Agent], parameters: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        make(**parameters)


@pytest.mark.parametrize(
    ("make", "parameters"),
    [
        (ConsensusValue, {"alpha": 0.0, "fewest_books": 1, "kelly_fraction": 1.0, "kelly_cap": 1.0}),
        (SharpValue, {"threshold": 1.0}),
        (DixonColesValue, {"threshold": 1.0, "stake": 0.01}),
    ],
)
def test_parameters_at_their_bounds_are_taken(make: Callable[..., Agent], parameters: dict[str, Any]) -> None:
    agent = make(**parameters)
    assert {name: getattr(agent, name) for name in parameters} == parameters


def test_real_quotes_are_those_that_a_bet_can_be_placed_at() -> None:
    (board,) = boards([quote(key) for key in ("Max", "B365", "BFE", "Avg", "PS", "BbMx")])
    assert [item.bookmaker.key for item in real(board)] == ["B365", "PS"]


@pytest.mark.parametrize("keys", [("WH", "B365", "BW"), ("BW", "WH", "B365")])
def test_of_books_with_the_same_best_price_the_first_key_is_taken(keys: tuple[str, ...]) -> None:
    quotes = [quote(key, (2.5, 3.4, 3.0)) for key in keys] + [quote("1XB", (2.4, 3.5, 3.0))]
    assert best_of(quotes, PickSide.HOME).bookmaker.key == "B365"
    assert best_of(quotes, PickSide.DRAW).bookmaker.key == "1XB"
    assert best_of(quotes, PickSide.AWAY).bookmaker.key == "1XB"


@pytest.mark.parametrize("agent", [ConsensusValue, SharpValue])
def test_only_the_markets_that_an_agent_looks_at_are_picked(agent: Callable[..., Agent]) -> None:
    totals = [total(item.bookmaker.key, 2.5, item.prices) for item in value_at(-0.25)]
    quotes = [*value_at(-0.25), *totals]
    for markets in ((Market.ONE_X_TWO,), TOTALS, (Market.ASIAN_HANDICAP,), (Market.OVER_UNDER, Market.ASIAN_HANDICAP)):
        found = agent(markets=markets).select(quotes, {})
        assert {item.market for item in found} == {market for market in markets if market is not Market.ONE_X_TWO}


@pytest.mark.parametrize("agent", [ConsensusValue, SharpValue])
@pytest.mark.parametrize("turned", [False, True])
def test_of_several_lines_the_one_with_the_largest_edge_is_picked(agent: Callable[..., Agent], turned: bool) -> None:
    quotes = [*value_at(-0.75), *value_at(-0.25, (2.35, 1.75)), *value_at(0.25)]
    (found,) = agent(markets=(Market.ASIAN_HANDICAP,)).select(quotes[::-1] if turned else quotes, {})
    assert (found.side, found.line, found.price) == (PickSide.HOME, -0.25, 2.35)


@pytest.mark.parametrize("agent", [ConsensusValue, SharpValue])
@pytest.mark.parametrize("lines", [(-0.5, -0.25), (-0.25, 0.0), (0.0, 0.25), (0.5, -0.5), (1.25, 1.0)])
def test_of_lines_with_the_same_edge_the_lower_one_is_picked(
    agent: Callable[..., Agent], lines: tuple[float, float]
) -> None:
    for first, second in (lines, lines[::-1]):
        quotes = [*value_at(first), *value_at(second)]
        (found,) = agent(markets=(Market.ASIAN_HANDICAP,)).select(quotes, {})
        assert found.line == min(lines)


@pytest.mark.parametrize("agent", [ConsensusValue, SharpValue])
def test_the_line_of_each_match_is_chosen_by_itself_and_picks_come_by_match(agent: Callable[..., Agent]) -> None:
    quotes = [
        *value_at(0.25, match_id=9),
        *value_at(-0.5, match_id=8),
        *value_at(-0.25, (2.5, 1.7), match_id=8),
        *value_at(0.5, match_id=7),
    ]
    found = agent(markets=(Market.ASIAN_HANDICAP,)).select(quotes, {})
    assert [(item.match_id, item.line) for item in found] == [(7, 0.5), (8, -0.25), (9, 0.25)]


def test_no_quotes_give_no_picks() -> None:
    assert [agent.select([], {}) for agent in DEFAULT_AGENTS] == [[], [], []]


def test_a_selection_says_whose_price_is_taken_and_what_follows_from_its_probability() -> None:
    (found,) = SharpValue(markets=TOTALS, stake=2.5).select(
        [total("B365", 2.5, HIGH), total("PS", 2.5, (1.9, 1.9))], {}
    )
    assert (found.match_id, found.market, found.side, found.line) == (7, Market.OVER_UNDER, PickSide.OVER, 2.5)
    assert (found.bookmaker_id, found.price, found.stake) == (BOOK_IDS["B365"], 2.3, 2.5)
    assert found.probability == pytest.approx(0.5, abs=1e-12)
    assert found.edge == pytest.approx(0.15, abs=1e-12)


@pytest.mark.parametrize(
    ("parameters", "stake"),
    [
        ({}, 1.0),
        ({"stake": 3.0}, 3.0),
        # Kelly: (0.5 * 2.3 - 1) / 1.3 = 0.115385 of a bankroll of 100.
        ({"kelly_fraction": 1.0, "kelly_cap": 1.0}, 11.5385),
        ({"kelly_fraction": 0.25, "kelly_cap": 1.0}, 2.8846),
        ({"kelly_fraction": 0.25, "stake": 2.0}, 5.7692),
        ({"kelly_fraction": 1.0}, 5.0),
        ({"kelly_fraction": 1.0, "kelly_cap": 0.02, "stake": 0.5}, 1.0),
    ],
)
def test_stakes_are_flat_or_a_fraction_of_kelly_up_to_the_cap(parameters: dict[str, float], stake: float) -> None:
    agent = SharpValue(markets=TOTALS, **parameters)  # type: ignore[arg-type]  # floats all
    (found,) = agent.select([total("B365", 2.5, HIGH), total("PS", 2.5, (1.9, 1.9))], {})
    assert found.stake == stake


def test_a_kelly_stake_that_rounds_to_nothing_is_no_pick() -> None:
    quotes = [total("B365", 2.5, (2.0002, 1.9)), total("PS", 2.5, (1.9, 1.9))]
    flat = SharpValue(markets=TOTALS, threshold=1.0)
    assert [item.price for item in flat.select(quotes, {})] == [2.0002]
    # 0.01 % of an edge, a hundredth of its Kelly stake: 0.0001 of a unit, and of half of it nothing is left.
    assert [item.stake for item in replace(flat, kelly_fraction=0.01).select(quotes, {})] == [0.0001]
    assert replace(flat, kelly_fraction=0.004).select(quotes, {}) == []


@pytest.mark.parametrize("agent", DEFAULT_AGENTS, ids=lambda agent: agent.kind)
def test_all_parameters_that_are_amounts_are_known_as_such(agent: Agent) -> None:
    hints = get_type_hints(type(agent))
    held = {item.name for item in fields(agent) if hints[item.name] in (float, float | None)}
    assert held == set(agent.amounts)


def test_agents_that_look_at_the_same_markets_are_equal() -> None:
    markets = (Market.ASIAN_HANDICAP, Market.OVER_UNDER, Market.ONE_X_TWO)
    assert SharpValue(markets=markets) == SharpValue(markets=markets[::-1] + markets)
