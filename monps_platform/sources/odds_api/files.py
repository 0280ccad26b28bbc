"""What The Odds API is asked, and what an answer costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from monps_platform.domain.leagues import League

SOURCE = "odds-api"
QUOTA_KEY = "v4/sports"
"""The list of sports: it costs nothing, and its headers say what is left."""
REMAINING, USED, LAST = "x-requests-remaining", "x-requests-used", "x-requests-last"
"""Headers of every answer: credits left, credits used since they were renewed, and what the request cost."""


@dataclass(frozen=True)
class Question:
    """Which prices are wanted: regions of bookmakers, and markets by the API's names (h2h, totals, spreads)."""

    regions: tuple[str, ...]
    markets: tuple[str, ...]

    @classmethod
    def of(cls, regions: str, markets: str) -> Question:
        """From comma-separated names, each once."""
        return cls(tuple(dict.fromkeys(regions.split(","))), tuple(dict.fromkeys(markets.split(","))))

    @property
    def cost(self) -> int:
        """Credits that one call takes at most: markets times regions. An answer without events takes none."""
        return len(self.regions) * len(self.markets)

    @property
    def params(self) -> Mapping[str, str]:
        """The query, without the key that joins it only when the server is asked."""
        return MappingProxyType(
            {
                "regions": ",".join(self.regions),
                "markets": ",".join(self.markets),
                "oddsFormat": "decimal",
                "dateFormat": "iso",
            }
        )


def odds_path(league: League) -> str:
    """The path of a league's prices below the base URL. Raises ValueError for a league that the API does not have."""
    if league.odds_api_key is None:
        raise ValueError(f"The Odds API has no league {league.code}")
    return f"v4/sports/{league.odds_api_key}/odds"


def odds_key(league: League, question: Question) -> str:
    """The name under which answers are kept: what was asked, without the key."""
    return f"{odds_path(league)}?regions={','.join(question.regions)}&markets={','.join(question.markets)}"
