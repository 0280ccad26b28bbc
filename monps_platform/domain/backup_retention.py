"""Which backups go: by count and by age, and never the newest one that can be relied on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

FEWEST_KEPT, MOST_KEPT = 1, 365
"""What may be kept by count. More is a slip of the keyboard."""
SHORTEST_KEPT, LONGEST_KEPT = 1, 3650
"""Days that may be set: up to ten years."""


class Dated(Protocol):
    """What the rule asks of a backup."""

    @property
    def finished_at(self) -> datetime:
        """When it was complete, UTC."""

    @property
    def verified(self) -> bool:
        """Whether it was read back and found whole."""


BackupT = TypeVar("BackupT", bound=Dated)


@dataclass(frozen=True)
class Retention:
    """How many verified backups are kept, and for how many days; raises ValueError for what makes no sense."""

    count: int
    days: int

    def __post_init__(self) -> None:
        _require("keep_count", self.count, FEWEST_KEPT, MOST_KEPT, "backups")
        _require("keep_days", self.days, SHORTEST_KEPT, LONGEST_KEPT, "days")

    def expired(self, backups: Collection[BackupT], now: datetime) -> list[BackupT]:
        """The backups to delete, newest first: verified ones beyond the count, and all that are too old.

        The newest verified one stays, however old it is. One that is not verified counts for nothing, so that a row of
        failures cannot push out what is good.
        """
        ordered = sorted(backups, key=lambda backup: backup.finished_at, reverse=True)
        oldest = now - timedelta(days=self.days)
        rank, expired = 0, []
        for backup in ordered:
            rank += backup.verified
            is_newest_verified = backup.verified and rank == 1
            is_beyond_count = backup.verified and rank > self.count
            if not is_newest_verified and (is_beyond_count or backup.finished_at < oldest):
                expired.append(backup)
        return expired


def _require(name: str, value: int, lowest: int, highest: int, unit: str) -> None:
    if not lowest <= value <= highest:
        raise ValueError(f"{name} is {value}: choose between {lowest} and {highest} {unit}")
