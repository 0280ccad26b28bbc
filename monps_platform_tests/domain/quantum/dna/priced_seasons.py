"""Small seasons with prices and shots written by hand, and simulated ones whose truth is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import permutations

import numpy as np

from monps_platform.domain.goal_model.score_grid import (
    handicap_probabilities,
    outcome_probabilities,
    over_probabilities,
    score_probabilities,
)
from monps_platform.domain.leagues import SIMULATED
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.season import AveragePrices, FairProbabilities, LeagueSeason, SeasonMatch, Side
from monps_platform.domain.seasons import Season
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.understat import Shot

PARTITION = Partition(SIMULATED[0], Season(2019))
FIRST_DAY = date(2019, 8, 10)
OWN, OTHER = 1, 2
MARGIN = 1.05
EVEN = FairProbabilities(0.4, 0.3, 0.3, 0.5)


def shot(xg: float, result: ShotResult = ShotResult.MISSED, *, is_home: bool = True, number: int = 0) -> Shot:
    """A shot in the minute of its number."""
    who = (number, 1, "player", None, ShotSituation.OPEN_PLAY, BodyPart.HEAD, result, None)
    return Shot(number, is_home, *who, 0.9, 0.5, xg)


def match(
    number: int,
    score: tuple[int, int],
    *,
    teams: tuple[int, int] = (OWN, OTHER),
    pre_match: AveragePrices | None = None,
    closing: AveragePrices | None = None,
    fair: FairProbabilities | None = None,
    shots: Sequence[Shot] | None = None,
    xg: tuple[float, float] | None = None,
) -> SeasonMatch:
    """A match on the day of its number; ``fair`` is what the market expected at the close."""
    home_xg, away_xg = xg or (None, None)
    return SeasonMatch(
        number,
        FIRST_DAY + timedelta(days=number),
        None,
        Side(teams[0], score[0], xg=home_xg),
        Side(teams[1], score[1], xg=away_xg),
        pre_match or AveragePrices(),
        closing or AveragePrices(),
        fair_closing=fair,
        shots=None if shots is None else tuple(shots),
    )


def season(matches: Sequence[SeasonMatch], earlier: Sequence[SeasonMatch] = ()) -> LeagueSeason:
    """As it stands on the day after its last match."""
    as_of = max(each.day for each in matches) + timedelta(days=1)
    return LeagueSeason(PARTITION, as_of, tuple(matches), None, tuple(earlier))


def uncached(known: LeagueSeason) -> LeagueSeason:
    """The same, of which nothing has been computed yet."""
    return replace(known)


@cache
def simulated(seed: int = 1, teams: int = 20, underpriced: int | None = None) -> LeagueSeason:
    """A double round robin. Every side's shots are Poisson, each is a goal with the probability that is its xG, so that
    goals are Poisson; the market knows the truth and takes 5 %. One team may be underpriced: its prices before the
    match are twice what they should be.
    """
    chance = np.random.default_rng(seed)
    attack, defence = chance.normal(0, 0.25, (2, teams))
    pairs = list(permutations(range(teams), 2))
    chance.shuffle(pairs)
    home, away = np.array(pairs).T
    rates = np.exp(np.stack([0.4 + attack[home] - defence[away], 0.1 + attack[away] - defence[home]], axis=1))
    scores = score_probabilities(rates, 0.0)
    outcomes, over = outcome_probabilities(scores), over_probabilities(scores, [2.5])[:, 0]
    lines = np.round((rates[:, 1] - rates[:, 0]) * 4) / 4
    handicap = [float(handicap_probabilities(row[None], [line])[0, 0]) for row, line in zip(scores, lines, strict=True)]
    found = []
    for at, pair in enumerate(pairs):
        home_win, draw, away_win = outcomes[at].tolist()
        fair = FairProbabilities(home_win, draw, away_win, float(over[at]))
        prices = _prices(fair, float(lines[at]), handicap[at])
        before = _moved(prices, chance, 2.0 if underpriced in {team + 1 for team in pair} else 1.0)
        shots = [*_shots(chance, rates[at, 0], is_home=True), *_shots(chance, rates[at, 1], is_home=False)]
        found.append(_played(at, (pair[0] + 1, pair[1] + 1), shots, before, prices, fair))
    return season(found)


def _played(
    number: int,
    teams: tuple[int, int],
    shots: Sequence[Shot],
    before: AveragePrices,
    closing: AveragePrices,
    fair: FairProbabilities,
) -> SeasonMatch:
    goals = [each.is_home for each in shots if each.result is ShotResult.GOAL]
    home_xg, away_xg = (sum((each.xg for each in shots if each.is_home is side), 0.0) for side in (True, False))
    score = goals.count(True), goals.count(False)
    known = match(
        number, score, teams=teams, pre_match=before, closing=closing, fair=fair, shots=shots, xg=(home_xg, away_xg)
    )
    return replace(known, day=FIRST_DAY + timedelta(days=number // 5))


def _prices(fair: FairProbabilities, line: float, handicap: float) -> AveragePrices:
    over = fair.over25 or 0.5
    chances = (fair.home, fair.draw, fair.away, over, 1 - over, handicap, 1 - handicap)
    home, draw, away, above, below, handicap_home, handicap_away = (max(1.01, 1 / (MARGIN * each)) for each in chances)
    return AveragePrices(home, draw, away, above, below, line, handicap_home, handicap_away)


def _moved(prices: AveragePrices, chance: np.random.Generator, factor: float) -> AveragePrices:
    """Prices before the match, a few per cent off."""
    names = ("home", "draw", "away", "over", "under", "handicap_home", "handicap_away")
    moves = factor * np.exp(chance.normal(0, 0.03, len(names)))
    changed = {name: max(1.01, getattr(prices, name) * move) for name, move in zip(names, moves.tolist(), strict=True)}
    return replace(prices, **changed)


def _shots(chance: np.random.Generator, rate: float, *, is_home: bool) -> Iterator[Shot]:
    sizes = np.array([0.03, 0.1, 0.35])
    count = chance.poisson(rate / sizes.mean())
    for xg, drawn in zip(chance.choice(sizes, count).tolist(), chance.random(count).tolist(), strict=True):
        missed = ShotResult.SAVED if drawn < xg + 0.2 else ShotResult.BLOCKED
        result = ShotResult.GOAL if drawn < xg else missed
        yield shot(xg, result, is_home=is_home, number=int(chance.integers(0, 90)))
