"""Matches with offers written by hand, and simulated leagues whose prices are fair, or generous to a side by intent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import permutations

import numpy as np

from monps_platform.domain.agents import NAMES
from monps_platform.domain.goal_model.score_grid import (
    handicap_probabilities,
    outcome_probabilities,
    over_probabilities,
    score_probabilities,
)
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quantum.season import FairProbabilities, SeasonMatch, Side
from monps_platform.domain.quantum.strategies.offers import BettingMatch, Offer
from monps_platform.domain.quantum.strategies.rules import AWAY_WIN, DRAW, HOME_WIN, OVER, UNDER
from monps_platform.domain.seasons import Season
from monps_platform.domain.settlement import Backed

SEASON = Season(2019)
OWN, OTHER = 1, 2


def first_day(season: Season) -> date:
    """A Saturday or so in August."""
    return date(season.start_year, 8, 10)


def betting_match(
    number: int,
    score: tuple[int, int],
    prices: Mapping[Backed, float] | None = None,
    *,
    teams: tuple[int, int] = (OWN, OTHER),
    xg: tuple[float, float] | None = None,
    fair: FairProbabilities | None = None,
    over25: float | None = None,
    picks: Mapping[str, tuple[Offer, ...]] | None = None,
    season: Season = SEASON,
    day: date | None = None,
) -> BettingMatch:
    """A match on the day of its number."""
    home_xg, away_xg = xg or (None, None)
    home, away = Side(teams[0], score[0], xg=home_xg), Side(teams[1], score[1], xg=away_xg)
    when = day or first_day(season) + timedelta(days=number % 1000)
    played = SeasonMatch(number, when, None, home, away, fair_closing=fair)
    offers = tuple(Offer(backed, price) for backed, price in (prices or {}).items())
    return BettingMatch(played, season, offers, picks or {}, over25)


def simulated(
    seed: int,
    seasons: Sequence[Season] = (SEASON,),
    teams: int = 20,
    *,
    price_factor: float = 1.0,
    generous_to: int | None = None,
    generosity: float = 1.0,
    worth_of_picks: Mapping[str, float] | None = None,
    first_match: int = 0,
) -> list[BettingMatch]:
    """Double round robins of sides with Poisson goals, a round a week. Every price is 1 / the true probability times
    ``price_factor``; the team that prices are generous to is offered ``generosity`` times that to win. The goal model
    and the agents know nothing: their forecasts and picks are drawn at random, half of all sides; an agent's picks are
    taken at the price times its ``worth_of_picks``. Matches are numbered from ``first_match`` on.
    """
    chance = np.random.default_rng(seed)
    strength = chance.normal(0, 0.25, (2, teams))
    given = _Given(price_factor, generous_to, generosity, dict.fromkeys(NAMES, 1.0) | dict(worth_of_picks or {}))
    found: list[BettingMatch] = []
    for season in seasons:
        found.extend(_season(chance, season, strength, first_match + len(found), given))
    return found


@dataclass(frozen=True)
class _Given:
    factor: float
    generous_to: int | None
    generosity: float
    worth: Mapping[str, float]


def _season(
    chance: np.random.Generator,
    season: Season,
    strength: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    start: int,
    given: _Given,
) -> list[BettingMatch]:
    attack, defence = strength
    pairs = list(permutations(range(attack.size), 2))
    chance.shuffle(pairs)
    home, away = np.array(pairs).T
    rates = np.exp(np.stack([0.3 + attack[home] - defence[away], 0.0 + attack[away] - defence[home]], axis=1))
    grids = score_probabilities(rates, 0.0)
    outcomes, over = outcome_probabilities(grids), over_probabilities(grids, [2.5])[:, 0]
    lines = np.round((rates[:, 1] - rates[:, 0]) * 4) / 4
    drawn_lines, of_match = np.unique(lines, return_inverse=True)
    covers = handicap_probabilities(grids, drawn_lines)[np.arange(len(pairs)), of_match]
    goals = _goals(chance, grids)
    found = []
    for at, (own, other) in enumerate(pairs):
        cover = float(covers[at])
        chances = {
            **dict(zip((HOME_WIN, DRAW, AWAY_WIN), outcomes[at].tolist(), strict=True)),
            OVER: float(over[at]),
            UNDER: 1 - float(over[at]),
            Backed(Market.ASIAN_HANDICAP, PickSide.HOME, float(lines[at])): cover,
            Backed(Market.ASIAN_HANDICAP, PickSide.AWAY, float(lines[at])): 1 - cover,
        }
        better = {HOME_WIN: own + 1 == given.generous_to, AWAY_WIN: other + 1 == given.generous_to}
        prices = {
            backed: max(1.01, given.factor * (given.generosity if better.get(backed) else 1.0) / each)
            for backed, each in chances.items()
        }
        picked = {
            agent: tuple(
                Offer(backed, max(1.01, prices[backed] * given.worth[agent]))
                for backed in (HOME_WIN, AWAY_WIN)
                if chance.random() < 0.5
            )
            for agent in NAMES
        }
        found.append(
            betting_match(
                start + at,
                (int(goals[at, 0]), int(goals[at, 1])),
                prices,
                teams=(own + 1, other + 1),
                xg=(float(rates[at, 0]), float(rates[at, 1])),
                fair=FairProbabilities(chances[HOME_WIN], chances[DRAW], chances[AWAY_WIN], chances[OVER]),
                over25=float(chance.uniform(0.2, 0.8)),
                picks=picked,
                season=season,
                day=first_day(season) + timedelta(days=at // (attack.size // 2) * 7),
            )
        )
    return found


def _goals(
    chance: np.random.Generator, grids: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Scores (n, 2) drawn from probabilities of scores (n, home goals, away goals), flat or not."""
    flat = grids.reshape(len(grids), -1)
    size = round(flat.shape[1] ** 0.5)
    drawn = (flat.cumsum(axis=1) < chance.random(len(flat))[:, None]).sum(axis=1).clip(max=size**2 - 1)
    return np.stack(np.divmod(drawn, size), axis=1)
