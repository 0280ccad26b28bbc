"""Teams with traits written by hand or drawn, goal models, and seasons whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import numpy as np

from monps_platform.domain.goal_model.dixon_coles import Fit, Inputs, Options, fit
from monps_platform.domain.goal_model.history import Fixtures, Matches
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.dna.team_dna import team_dna
from monps_platform.domain.quantum.friction.measuring import season_traits
from monps_platform.domain.quantum.friction.traits import SOURCES, Traits
from monps_platform.domain.quantum.profiles.features import LEAST_TEAMS
from monps_platform.domain.quantum.season import FairProbabilities, LeagueSeason, SeasonMatch, Side
from monps_platform.domain.seasons import Season

SEASON = Season(2020)
LEAGUES = ("E0", "SP1", "D1", "I1", "F1")
AS_OF = date(2021, 6, 1)


def partition(code: str = "E0", season: Season = SEASON) -> Partition:
    """A league in a season."""
    return Partition(league(code), season)


def team(team_id: int, code: str = "E0", **traits: float | None) -> Traits:
    """A team with some traits, which has none of the others."""
    known: dict[str, float | None] = {**dict.fromkeys(SOURCES), **traits}
    return Traits(team_id=team_id, partition=partition(code), n_matches=30 + team_id % 9, **known)


def drawn_teams(n: int = 2 * LEAST_TEAMS, seed: int = 1, codes: tuple[str, ...] = ("E0",)) -> list[Traits]:
    """Teams that have all traits, the leagues in turn."""
    chance = np.random.default_rng(seed)
    return [
        team(at + 1, codes[at % len(codes)], **{name: float(chance.gamma(4)) for name in SOURCES}) for at in range(n)
    ]


def without(teams: list[Traits], *names: str) -> list[Traits]:
    """The same teams, of which some traits are not known."""
    missing: dict[str, None] = dict.fromkeys(names)
    return [replace(each, **missing) for each in teams]  # type: ignore[arg-type]


def traits_of(season: LeagueSeason) -> list[Traits]:
    """Traits of all teams of a season."""
    return season_traits(season, team_dna(season, {}))


def fitted(team_ids: list[int], seed: int = 1, day: date = AS_OF) -> Fit:
    """A goal model of a league drawn at random, in which the first team is the best at home."""
    chance = np.random.default_rng(seed)
    home, away = np.array(list(permutations(team_ids, 2))).T
    n = len(home)
    fixtures = Fixtures(
        np.arange(n), np.full(n, day.toordinal()) - 1 - np.arange(n) % 200, np.full(n, SEASON.start_year), home, away
    )
    history = Matches.of(fixtures, chance.poisson(1.4 + (home == team_ids[0])), chance.poisson(1.1, n))
    options = Options(half_life_days=400, strength_sd=0.3, newcomer_sd=0.1, rho_sd=0.1, fewest_matches=20)
    return fit(Inputs.of(history, day.toordinal(), SEASON.start_year, np.array(team_ids), options))


def played(
    number: int,
    pair: tuple[int, int],
    score: tuple[int, int],
    *,
    cards: int | None = None,
    fair: FairProbabilities | None = None,
) -> SeasonMatch:
    """A match of the season after, a few a day; all its cards are the home side's."""
    home = Side(pair[0], score[0], yellow_cards=cards, red_cards=None if cards is None else 0)
    away = Side(pair[1], score[1], yellow_cards=None if cards is None else 0, red_cards=None if cards is None else 0)
    return SeasonMatch(number, AS_OF + timedelta(days=60 + number // 5), None, home, away, fair_closing=fair)


def season_after(matches: list[SeasonMatch], code: str = "E0") -> LeagueSeason:
    """A league's following season."""
    as_of = max(match.day for match in matches) + timedelta(days=1)
    return LeagueSeason(partition(code, Season(2021)), as_of, tuple(matches))
