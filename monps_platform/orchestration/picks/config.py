"""The configuration of runs that work on picks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import dagster as dg
from pydantic import Field

from monps_platform.domain.agents import NAMES, Agent, ConsensusValue, DixonColesValue, SharpValue
from monps_platform.domain.no_vig import NoVigMethod
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickStep
from monps_platform.orchestration.selection import PartitionsConfig


class _AgentConfig(dg.Config):
    """What every agent has."""

    markets: list[str] = Field(default=["1x2"], description="1x2, over_under, asian_handicap")
    stake: float = Field(default=1.0, description="units on each pick")
    kelly_fraction: float | None = Field(
        default=None, description="stake this fraction of Kelly on a bankroll of 100 stakes, in place of a flat stake"
    )
    kelly_cap: float = Field(default=0.05, description="largest share of the bankroll that a Kelly stake takes")

    def shared(self) -> dict[str, Any]:
        """The parameters that every agent has."""
        return {
            "markets": tuple(_one_of(Market, name, "market") for name in self.markets),
            "stake": self.stake,
            "kelly_fraction": self.kelly_fraction,
            "kelly_cap": self.kelly_cap,
        }


class ConsensusValueConfig(_AgentConfig):
    """Parameters of consensus_value."""

    alpha: float = Field(default=0.05, description="taken off the consensus probability, for the margin")
    fewest_books: int = Field(default=4, description="real bookmakers that have to quote the side")

    def agent(self) -> Agent:
        """The agent of these parameters; raises ValueError for what makes no sense."""
        return ConsensusValue(alpha=self.alpha, fewest_books=self.fewest_books, **self.shared())


class SharpValueConfig(_AgentConfig):
    """Parameters of sharp_value."""

    soft_book: str = Field(default="B365", description="key of the bookmaker whose price is taken")
    sharp_book: str = Field(default="PS", description="key of the bookmaker whose probability counts")
    threshold: float = Field(default=1.02, description="price times probability has to exceed it")
    method: str = Field(default="power", description="how the margin is taken out")

    def agent(self) -> Agent:
        """The agent of these parameters; raises ValueError for what makes no sense."""
        return SharpValue(
            soft_book=self.soft_book,
            sharp_book=self.sharp_book,
            threshold=self.threshold,
            method=_one_of(NoVigMethod, self.method, "method"),
            **self.shared(),
        )


class DixonColesValueConfig(_AgentConfig):
    """Parameters of dixon_coles_value."""

    threshold: float = Field(default=1.05, description="price times probability has to exceed it")

    def agent(self) -> Agent:
        """The agent of these parameters; raises ValueError for what makes no sense."""
        return DixonColesValue(threshold=self.threshold, **self.shared())


class PicksConfig(PartitionsConfig):
    """Which picks a run works on, and what it does with them."""

    steps: list[str] = Field(default=[step.value for step in PickStep], description="take, close, settle")
    import_files: bool = Field(default=True, description="import new files of the watched folder first")
    agents: list[str] = Field(default=list(NAMES), description="built-in agents that pick; none: an empty list")
    consensus_value: ConsensusValueConfig = ConsensusValueConfig()
    sharp_value: SharpValueConfig = SharpValueConfig()
    dixon_coles_value: DixonColesValueConfig = DixonColesValueConfig()

    def chosen_agents(self) -> list[Agent]:
        """The agents with their parameters; raises ValueError for what makes no sense."""
        made: Mapping[str, Callable[[], Agent]] = MappingProxyType(
            {
                ConsensusValue.kind: self.consensus_value.agent,
                SharpValue.kind: self.sharp_value.agent,
                DixonColesValue.kind: self.dixon_coles_value.agent,
            }
        )
        if unknown := [name for name in self.agents if name not in made]:
            raise ValueError(f"there is no agent {unknown[0]!r}: there is {', '.join(made)}")
        return [made[name]() for name in self.agents]

    def chosen_steps(self) -> list[PickStep]:
        """The steps; raises ValueError for one that there is not."""
        return [_one_of(PickStep, name, "step") for name in self.steps]


def _one_of(kind: Any, name: str, what: str) -> Any:
    try:
        return kind(name)
    except ValueError:
        raise ValueError(f"there is no {what} {name!r}: there is {', '.join(kind)}") from None
