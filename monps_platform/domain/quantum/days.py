"""As of which day a league's season is looked at: after its last match, or any day in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from monps_platform.domain.partitions import Partition


@dataclass(frozen=True, slots=True)
class Played:
    """The days of the first and of the last match with a score."""

    first: date
    last: date

    @property
    def day_after(self) -> date:
        """The first day on which all of them are known."""
        return self.last + timedelta(days=1)


def of_all_leagues(held: Iterable[Partition], chosen: Iterable[Partition]) -> list[Partition]:
    """All that is held of the seasons of the chosen leagues' seasons: real leagues where one of those is real, and
    simulated ones where one is simulated.
    """
    wanted = {(item.season, item.league.is_simulated) for item in chosen}
    return [item for item in held if (item.season, item.league.is_simulated) in wanted]


def as_of_days(
    held: Mapping[Partition, Played], chosen: Iterable[Partition], day: date | None = None
) -> dict[Partition, date]:
    """The day as of which each of the chosen seasons is looked at: that after its last match held, or ``day`` where it
    is earlier. Seasons without a match before it are left out.
    """
    return {
        partition: min(day, played.day_after) if day else played.day_after
        for partition in chosen
        if (played := held.get(partition)) is not None and (day is None or played.first < day)
    }
