"""The configuration of runs that derive the quantum tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.days import Played, as_of_days
from monps_platform.orchestration.selection import PartitionsConfig


class QuantumConfig(PartitionsConfig):
    """The leagues and seasons that rows are derived for, and the day as of which."""

    as_of: str = Field(
        default="",
        description="day, as in 2021-01-31: nothing known only from then on is used; empty: after the last match held",
    )

    def days(self, held: Mapping[Partition, Played]) -> dict[Partition, date]:
        """The day as of which each league's season is looked at, oldest season first; raises ValueError for a name or a
        day that there is not.
        """
        return as_of_days(held, self.chosen_partitions(held), _day(self.as_of) if self.as_of else None)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"as_of is {text!r}, which is no day: write it as 2021-01-31") from None
