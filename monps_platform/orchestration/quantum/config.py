"""The configuration of runs that derive the quantum tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.days import Played, as_of_days, of_all_leagues
from monps_platform.orchestration.selection import PartitionsConfig


class QuantumConfig(PartitionsConfig):
    """The leagues and seasons that rows are derived for, and the day as of which."""

    leagues: str = Field(
        default="",
        description="leagues by code, comma-separated, as in E0,SP1; empty: all held. DNA, strategies and friction, "
        "where the teams of a season are compared with each other, are of all leagues held of the seasons, whichever "
        "are named here",
    )
    as_of: str = Field(
        default="",
        description="day, as in 2021-01-31: nothing known only from then on is used; empty: after the last match held",
    )

    def days(self, held: Mapping[Partition, Played], *, all_leagues: bool = False) -> dict[Partition, date]:
        """The day as of which each league's season is looked at, oldest season first: those of all leagues of the
        seasons, or of the named ones. Raises ValueError for a name or a day that there is not.
        """
        chosen = self.chosen_partitions(held)
        day = _day(self.as_of) if self.as_of else None
        return as_of_days(held, of_all_leagues(held, chosen) if all_leagues else chosen, day)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"as_of is {text!r}, which is no day: write it as 2021-01-31") from None
