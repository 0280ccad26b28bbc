"""Feeds: a source of files, and the generator whose files stand in for it in simulated leagues."""

from __future__ import annotations

from dataclasses import dataclass

from monps_platform.domain.leagues import League


@dataclass(frozen=True)
class Feed:
    """The names under which files of a source, and simulated ones of the same form, are kept."""

    real: str
    simulated: str

    @property
    def names(self) -> tuple[str, str]:
        """Both names."""
        return self.real, self.simulated

    def name_for(self, league: League) -> str:
        """The name under which a league's files are kept."""
        return self.simulated if league.is_simulated else self.real


FOOTBALL_DATA = Feed("football-data", "simulated")
UNDERSTAT = Feed("understat", "simulated-understat")
ODDS_API = Feed("odds-api", "odds-api")
"""The Odds API has no simulated stand-in among the leagues."""
PICKS = Feed("picks", "picks")
"""A person's picks: of real leagues and simulated ones alike."""
