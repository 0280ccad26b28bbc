"""The files that Understat publishes, and where."""

from __future__ import annotations

import re
from types import MappingProxyType

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season

SOURCE = "understat"
FIRST_SEASON = Season(2014)
HEADERS = MappingProxyType({"X-Requested-With": "XMLHttpRequest"})
"""What every request for data needs, beside the cookies that a visit of the league's page sets."""

_MATCH_KEY = re.compile(r"getMatchData/(\d+)", re.ASCII)


def covers(league: League, season: Season) -> bool:
    """Whether Understat has a season of a league."""
    return league.understat_name is not None and season >= FIRST_SEASON


def league_key(league: League, season: Season) -> str:
    """The path of one league's season below the base URL, for example ``getLeagueData/EPL/2019``. Raises ValueError
    for a league that Understat does not have.
    """
    return f"getLeagueData/{_name(league)}/{season.start_year}"


def page_key(league: League, season: Season) -> str:
    """The path of the page whose visit sets the cookies, for example ``league/EPL/2019``. Raises ValueError for a
    league that Understat does not have.
    """
    return f"league/{_name(league)}/{season.start_year}"


def match_key(match_id: int) -> str:
    """The path of one match below the base URL, for example ``getMatchData/11643``."""
    return f"getMatchData/{match_id}"


def match_id_of(key: str) -> int:
    """The match that a path belongs to; raises ValueError for a path of another kind."""
    match = _MATCH_KEY.fullmatch(key)
    if match is None:
        raise ValueError(f"{key!r} is no match file of Understat: it should read like getMatchData/11643")
    return int(match[1])


def _name(league: League) -> str:
    if league.understat_name is None:
        raise ValueError(f"Understat does not have {league.code} ({league.name}): ask covers() first")
    return league.understat_name
