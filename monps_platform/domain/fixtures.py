"""A match as picks need it: when it is, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from monps_platform.domain.matches import UK_TIME
from monps_platform.domain.seasons import Season


@dataclass(frozen=True, slots=True)
class Fixture:
    """One match: its day (UK time), kickoff (None where the source gives the day only) and goals (None: not played)."""

    match_id: int
    match_date: date
    kickoff_at: datetime | None
    home_goals: int | None
    away_goals: int | None

    @property
    def score(self) -> tuple[int, int] | None:
        """Goals of both sides, None when it was not played."""
        return None if self.home_goals is None or self.away_goals is None else (self.home_goals, self.away_goals)

    @property
    def is_played(self) -> bool:
        """Whether it has a score."""
        return self.score is not None

    def has_begun(self, now: datetime) -> bool:
        """Whether it may have begun at an instant: from its day on where the kickoff is not known."""
        if self.kickoff_at is not None:
            return self.kickoff_at <= now
        return self.match_date <= now.astimezone(UK_TIME).date()

    def is_void(self, season: Season, today: date) -> bool:
        """Whether it was never played: its season is over, and it has no score."""
        return not self.is_played and season.last_day < today
