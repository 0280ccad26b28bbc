"""The built-in agents: rules that pick from the prices that stood before a match, and from nothing else.

An agent sees quotes of real books and forecasts made before the match, never a closing price or a result. It picks at
most once per match, market and side, at the line where it sees the largest edge.
"""

from monps_platform.domain.agents.agent import Agent, Selection
from monps_platform.domain.agents.consensus_value import ConsensusValue
from monps_platform.domain.agents.dixon_coles_value import DixonColesValue
from monps_platform.domain.agents.sharp_value import SharpValue

DEFAULT_AGENTS: tuple[Agent, ...] = (ConsensusValue(), SharpValue(), DixonColesValue())
NAMES: tuple[str, ...] = tuple(agent.name for agent in DEFAULT_AGENTS)
"""Names that belong to the built-in agents; no person's picks bear them."""

__all__ = ["DEFAULT_AGENTS", "NAMES", "Agent", "ConsensusValue", "DixonColesValue", "Selection", "SharpValue"]
