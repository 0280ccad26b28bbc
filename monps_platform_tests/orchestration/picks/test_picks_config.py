"""The configuration of runs that work on picks: what it chooses, and what it says to what makes no sense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from monps_platform.domain.agents import DEFAULT_AGENTS, NAMES, ConsensusValue, DixonColesValue, SharpValue
from monps_platform.domain.no_vig import NoVigMethod
from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PickStep
from monps_platform.orchestration.picks.config import (
    ConsensusValueConfig,
    DixonColesValueConfig,
    PicksConfig,
    SharpValueConfig,
)
from monps_platform_tests.orchestration.football_files import partition

HELD = [partition(*names) for names in (("E0", "2018-19"), ("SP1", "2018-19"), ("E0", "2019-20"), ("SIM1", "2019-20"))]


def test_without_a_word_all_is_done_with_the_agents_as_they_usually_are() -> None:
    config = PicksConfig()
    assert config.chosen_agents() == list(DEFAULT_AGENTS)
    assert [agent.name for agent in config.chosen_agents()] == list(NAMES)
    assert config.chosen_steps() == list(PickStep)
    assert config.chosen_partitions(HELD) == HELD
    assert config.import_files


CHOSEN: dict[str, tuple[PicksConfig, list[int]]] = {
    "a league": (PicksConfig(leagues="E0"), [0, 2]),
    "leagues, in small letters and with blanks": (PicksConfig(leagues=" sim1, sp1 "), [1, 3]),
    "a season": (PicksConfig(seasons="2018-19"), [0, 1]),
    "seasons": (PicksConfig(seasons="2018-19:2019-20"), [0, 1, 2, 3]),
    "both": (PicksConfig(leagues="E0,SP1", seasons="2019-20"), [2]),
    "a league that is not held": (PicksConfig(leagues="D1"), []),
    "a season that is not held": (PicksConfig(seasons="2001-02"), []),
}


@pytest.mark.parametrize(("config", "expected"), CHOSEN.values(), ids=CHOSEN)
def test_leagues_and_seasons_choose_among_what_is_held(config: PicksConfig, expected: list[int]) -> None:
    assert config.chosen_partitions(HELD) == [HELD[at] for at in expected]


def test_steps_and_agents_are_chosen_by_name() -> None:
    config = PicksConfig(steps=["settle", "take"], agents=["sharp_value"])
    assert config.chosen_steps() == [PickStep.SETTLE, PickStep.TAKE]
    assert config.chosen_agents() == [SharpValue()]
    assert PicksConfig(agents=[]).chosen_agents() == []
    assert PicksConfig(steps=[]).chosen_steps() == []


def test_every_parameter_of_an_agent_can_be_set() -> None:
    shared: dict[str, Any] = {"stake": 2.0, "kelly_fraction": 0.25, "kelly_cap": 0.1}
    markets = ["1x2", "over_under", "asian_handicap"]
    config = PicksConfig(
        consensus_value=ConsensusValueConfig(alpha=0.03, fewest_books=3, markets=markets, **shared),
        sharp_value=SharpValueConfig(
            soft_book="WH", sharp_book="BFE", threshold=1.04, method="shin", markets=markets, **shared
        ),
        dixon_coles_value=DixonColesValueConfig(threshold=1.1, markets=markets, **shared),
    )
    of: dict[str, Any] = {"markets": (Market.ONE_X_TWO, Market.OVER_UNDER, Market.ASIAN_HANDICAP), **shared}
    assert config.chosen_agents() == [
        ConsensusValue(alpha=0.03, fewest_books=3, **of),
        SharpValue(soft_book="WH", sharp_book="BFE", threshold=1.04, method=NoVigMethod.SHIN, **of),
        DixonColesValue(threshold=1.1, **of),
    ]


def test_the_usual_parameters_are_those_of_the_agents() -> None:
    made = ConsensusValueConfig().agent(), SharpValueConfig().agent(), DixonColesValueConfig().agent()
    assert made == (ConsensusValue(), SharpValue(), DixonColesValue())
    assert made == DEFAULT_AGENTS


WRONG: dict[str, tuple[PicksConfig, str]] = {
    "an agent": (
        PicksConfig(agents=["sharp"]),
        "there is no agent 'sharp': there is consensus_value, sharp_value, dixon_coles_value",
    ),
    "a step": (PicksConfig(steps=["pick"]), "there is no step 'pick': there is take, close, settle"),
    "a market": (
        PicksConfig(consensus_value=ConsensusValueConfig(markets=["1X2"])),
        "there is no market '1X2': there is 1x2, over_under, asian_handicap",
    ),
    "no market": (PicksConfig(sharp_value=SharpValueConfig(markets=[])), "sharp_value looks at no market: name one"),
    "a method": (
        PicksConfig(sharp_value=SharpValueConfig(method="average")),
        "there is no method 'average': there is power, multiplicative",
    ),
    "a stake": (
        PicksConfig(dixon_coles_value=DixonColesValueConfig(stake=0)),
        "dixon_coles_value stakes 0.0 units: it must be positive",
    ),
    "a threshold": (
        PicksConfig(dixon_coles_value=DixonColesValueConfig(threshold=0.9)),
        "threshold is 0.9, below 1 there is no value",
    ),
    "a fraction": (
        PicksConfig(consensus_value=ConsensusValueConfig(kelly_fraction=2)),
        "kelly_fraction is 2.0, it lies above 0 and is at most 1",
    ),
    "alpha": (PicksConfig(consensus_value=ConsensusValueConfig(alpha=1)), "alpha is 1.0, it is at least 0 and below 1"),
    "books": (
        PicksConfig(consensus_value=ConsensusValueConfig(fewest_books=0)),
        "fewest_books is 0, one at least is needed",
    ),
    "one book": (
        PicksConfig(sharp_value=SharpValueConfig(soft_book="PS")),
        "sharp_value: PS cannot be compared with itself",
    ),
    "a league": (PicksConfig(leagues="E0,XX"), "unknown league 'XX'; known leagues: E0, SP1"),
    "no league": (PicksConfig(leagues=" , "), "no league named; known leagues: E0, SP1"),
    "a season": (PicksConfig(seasons="2019"), "'2019' is no season: write it as 2019-20"),
    "seasons": (PicksConfig(seasons="2019-20:2017-18"), "the range 2019-20:2017-18 runs backwards"),
}


@pytest.mark.parametrize(("config", "message"), WRONG.values(), ids=WRONG)
def test_what_makes_no_sense_is_refused_in_words(config: PicksConfig, message: str) -> None:
    choices: list[Callable[[], object]] = [
        config.chosen_agents,
        config.chosen_steps,
        lambda: config.chosen_partitions(HELD),
    ]
    said = []
    for choose in choices:
        try:
            choose()
        except ValueError as error:
            said.append(str(error))
    assert len(said) == 1
    assert message in said[0]


def test_an_agent_that_is_left_out_may_have_parameters_that_make_no_sense() -> None:
    config = PicksConfig(agents=["sharp_value"], consensus_value=ConsensusValueConfig(alpha=7))
    assert config.chosen_agents() == [SharpValue()]


def test_what_is_held_is_kept_in_its_order() -> None:
    held: list[Partition] = HELD[::-1]
    assert PicksConfig(leagues="E0,SIM1").chosen_partitions(held) == [held[0], held[1], held[3]]
