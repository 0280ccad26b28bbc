"""A team's DNA: nine vectors as of a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, get_type_hints

from monps_platform.domain.quantum.dna.context import ContextVector, context_vector
from monps_platform.domain.quantum.dna.luck import LuckVector, luck_vector
from monps_platform.domain.quantum.dna.market import MarketVector, market_vector
from monps_platform.domain.quantum.dna.nemesis import NemesisVector, nemesis_vector
from monps_platform.domain.quantum.dna.physical import PhysicalVector, physical_vector
from monps_platform.domain.quantum.dna.psyche import PsycheVector, psyche_vector
from monps_platform.domain.quantum.dna.risk import RiskVector, risk_vector
from monps_platform.domain.quantum.dna.roster import RosterVector, roster_vector
from monps_platform.domain.quantum.dna.temporal import TemporalVector, temporal_vector
from monps_platform.domain.quantum.documents import Vector
from monps_platform.domain.quantum.season import LeagueSeason
from monps_platform.domain.tactics import TacticalProfile

DNA_VERSION = "dna-3"
"""Raise it when the same data give other vectors."""


@dataclass(frozen=True, slots=True)
class TeamDna:
    """The nine vectors of a team, which all rest on the same matches."""

    market: MarketVector
    context: ContextVector
    risk: RiskVector
    temporal: TemporalVector
    nemesis: NemesisVector
    psyche: PsycheVector
    roster: RosterVector
    physical: PhysicalVector
    luck: LuckVector

    @classmethod
    def of(cls, documents: Mapping[str, Any]) -> TeamDna:
        """The DNA of its documents by name. Raises ValueError for one that breaks its schema."""
        vectors: dict[str, Any] = {name: schema.model_validate(documents[name]) for name, schema in VECTORS.items()}
        return cls(**vectors)


VECTORS: Mapping[str, type[Vector]] = MappingProxyType(
    {item.name: get_type_hints(TeamDna)[item.name] for item in fields(TeamDna)}
)
"""The schemas of the vectors, by name."""


def team_dna(season: LeagueSeason, profiles: Mapping[int, TacticalProfile | None]) -> dict[int, TeamDna]:
    """The DNA of every team that has played, by team id; ``profiles`` are the teams' tactical profiles of that day."""
    return {
        team_id: TeamDna(
            market=market_vector(season, team_id),
            context=context_vector(season, team_id),
            risk=risk_vector(season, team_id),
            temporal=temporal_vector(season, team_id),
            nemesis=nemesis_vector(season, team_id, profiles),
            psyche=psyche_vector(season, team_id),
            roster=roster_vector(season, team_id),
            physical=physical_vector(season, team_id),
            luck=luck_vector(season, team_id),
        )
        for team_id in season.team_ids
    }
