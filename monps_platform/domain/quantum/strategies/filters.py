"""What a match must meet for a strategy to bet on it, as it is kept: a document with a schema."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from monps_platform.domain.quantum.dna.market import TeamMarket
from monps_platform.domain.quantum.documents import Document


class Venue(StrEnum):
    """Where the team plays."""

    HOME = "home"
    AWAY = "away"


class ContextFilters(Document):
    """Conditions besides the least probability and edge; None is no condition. Figures are those before the match."""

    venue: Venue | None = Field(default=None, description="where the team plays")
    goals_line: float | None = Field(default=None, gt=0, description="line of the total that is bet on, goals")
    agent: str | None = Field(default=None, description="built-in agent that must have picked the team")
    team_market: TeamMarket | None = Field(default=None, description="what the earlier seasons chose to back")
    least_matches: int | None = Field(default=None, ge=1, description="matches so far, of each side that is looked at")
    least_home_matches: int | None = Field(default=None, ge=1, description="home matches so far with a market price")
    least_home_points_beyond_expected: float | None = Field(
        default=None, description="points per home match beyond those that the market expected"
    )
    least_luck_z: float | None = Field(
        default=None, ge=0, description="distance of luck from 0, in standard deviations, either way"
    )
    least_dispersion: float | None = Field(default=None, ge=0, description="variance / mean of total goals")
