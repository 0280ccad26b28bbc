"""A season as Understat saw it: everything that its files are written from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.names import UNDERSTAT_NAMES, clubs
from monps_platform.sources.simulated.randomness import Floats, Ints, Stream
from monps_platform.sources.simulated.understat.ids import IdKind, make_ids
from monps_platform.sources.simulated.understat.lineups import Lineups, lineups
from monps_platform.sources.simulated.understat.played import Played, played
from monps_platform.sources.simulated.understat.shots import Shots, season_shots
from monps_platform.sources.simulated.understat.squads import Squads, squads
from monps_platform.sources.simulated.understat.tallies import Tallies, tally

_USUAL_PPDA = 11.0
_PPDA_STYLE_SD, _PPDA_MATCH_SD = 0.22, 0.25  # Of its log: between clubs, and between a club's matches.
_DEFENSIVE_ACTIONS = 25.0
_DEEP = 6.0  # Of a side that expects a goal and a third; proportional to what it expects.
_TYPICAL_GOALS = 1.35


@dataclass(frozen=True, eq=False)
class Pressing:
    """Per side, shape (sides,): the opponents' passes, its own defensive actions against them, deep completions."""

    passes_allowed: Ints
    defensive_actions: Ints
    deep: Ints


@dataclass(frozen=True, eq=False)
class UnderstatSeason:
    """One season with the ids of matches and clubs, and the clubs' names as Understat has them.

    The shots of match i are those from ``first_shot[i]`` to before ``first_shot[i + 1]``.
    """

    matches: Played
    squad: Squads
    teams: Lineups
    shots: Shots
    tallies: Tallies
    pressing: Pressing
    first_shot: tuple[int, ...]
    match_ids: tuple[int, ...]
    club_ids: tuple[int, ...]
    club_names: tuple[str, ...]


@lru_cache(maxsize=4)
def understat_season(league: League, season: Season) -> UnderstatSeason:
    """Simulate a season once for all of its files; raises as simulate_season does."""
    matches = played(league, season)
    squad = squads(league, season)
    teams = lineups(league, season, matches, squad)
    shots = season_shots(league, season, matches, teams)
    names = clubs(league)
    return UnderstatSeason(
        matches=matches,
        squad=squad,
        teams=teams,
        shots=shots,
        tallies=tally(shots, teams),
        pressing=_pressing(Stream(league, season, "understat/pressing"), len(names), matches.club, matches.rates),
        first_shot=tuple(np.searchsorted(shots.side // 2, np.arange(len(matches.days) + 1)).tolist()),
        match_ids=tuple(make_ids(league, IdKind.MATCH, season.start_year, np.arange(len(matches.days))).tolist()),
        club_ids=tuple(make_ids(league, IdKind.TEAM, 0, np.arange(len(names))).tolist()),
        club_names=tuple(UNDERSTAT_NAMES[league.code][name] for name in names),
    )


def _pressing(stream: Stream, clubs_in_league: int, club: Ints, rates: Floats) -> Pressing:
    style = _PPDA_STYLE_SD * stream.normal(clubs_in_league)[club]
    ppda = _USUAL_PPDA * np.exp(style + _PPDA_MATCH_SD * stream.normal(len(club)))
    actions = 5 + stream.poisson(np.full(len(club), _DEFENSIVE_ACTIONS - 5))
    deep = stream.poisson(_DEEP * rates / _TYPICAL_GOALS)
    return Pressing(np.round(ppda * actions).astype(np.int64), actions, deep)
