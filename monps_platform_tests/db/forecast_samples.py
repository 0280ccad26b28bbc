"""Matches with forecasts of each model, for tests that judge them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import permutations

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.forecasts import Forecast, ForecastGap, ForecastModel
from monps_platform.domain.goal_model.dixon_coles import DEFAULT, Estimate, Fit
from monps_platform.domain.judgement import VERSIONS
from monps_platform.domain.matches import Match
from monps_platform.domain.partitions import Partition
from monps_platform_tests.db.samples import SOURCE, played, to_come, write_matches

OneXTwo = tuple[float, float, float]
MARKETS = (ForecastModel.MARKET_PRE_MATCH, ForecastModel.MARKET_CLOSING)
_SCORES = ((2, 0), (1, 1), (0, 1))


def write_forecasts(
    sessions: sessionmaker[Session],
    partition: Partition,
    outcomes: Sequence[int | None],
    forecasts: Mapping[ForecastModel, Sequence[OneXTwo | None]],
    versions: Mapping[ForecastModel, str] = VERSIONS,
) -> list[int]:
    """Matches with these outcomes (None: to come), and each model's forecasts of them (None: a gap); their ids."""
    league, season = partition.league, partition.season
    start = date(season.start_year, 8, 1)
    pairs = list(permutations((f"{league.code} Team {number}" for number in range(30)), 2))[: len(outcomes)]
    matches = [
        to_come(*pair, start + timedelta(days=at)) if outcome is None else _played(pair, start, at, outcome)
        for at, (pair, outcome) in enumerate(zip(pairs, outcomes, strict=True))
    ]
    write_matches(sessions, *matches, partition=partition)
    with UnitOfWork(sessions) as unit:
        ids = unit.matches.ids(SOURCE, league, season, matches)
        unit.goal_models.save(league, {"0" * 64: _fit(start)})
        fits = {day: known.id for day, known in unit.goal_models.known(league).items()}
        rows = [
            _forecast(match_id, model, versions[model], start, chances)
            for model, own in forecasts.items()
            for match_id, chances in zip(ids, own, strict=True)
        ]
        unit.forecasts.save(league, season, rows, fits)
        unit.commit()
    return ids


def simulated_forecasts(matches: int, seed: int) -> tuple[list[int], dict[ForecastModel, list[OneXTwo]]]:
    """Outcomes of known chances; the market close to them, the goal model less so, and base rates."""
    chance = np.random.default_rng(seed)
    truth = chance.dirichlet((4.5, 2.6, 2.9), matches)
    outcomes = np.minimum((chance.random(matches)[:, None] > truth.cumsum(axis=1)).sum(axis=1), 2)
    noise = {ForecastModel.DIXON_COLES: 0.9, ForecastModel.MARKET_PRE_MATCH: 0.2, ForecastModel.MARKET_CLOSING: 0.05}
    forecasts: dict[ForecastModel, list[OneXTwo]] = {}
    for model, much in noise.items():
        rows = truth * np.exp(chance.normal(0, much, truth.shape))
        forecasts[model] = [(row[0], row[1], row[2]) for row in (rows / rows.sum(axis=1, keepdims=True)).tolist()]
    forecasts[ForecastModel.BASE_RATE] = [(0.45, 0.26, 0.29)] * matches
    return outcomes.tolist(), forecasts


def _played(pair: tuple[str, str], start: date, at: int, outcome: int) -> Match:
    return played(*pair, _SCORES[outcome], start + timedelta(days=at))


def _forecast(match_id: int, model: ForecastModel, version: str, day: date, chances: OneXTwo | None) -> Forecast:
    as_of = None if model in MARKETS else day
    if chances is None:
        reason = ForecastGap.NO_PRICES if model in MARKETS else ForecastGap.TOO_LITTLE_HISTORY
        return Forecast(match_id, model, version, as_of, reason)
    return Forecast(match_id, model, version, as_of, None, *chances)


def _fit(day: date) -> Fit:
    """A fit without teams: what forecasts refer to."""
    none, flags, some = np.empty(0), np.empty(0, dtype=np.bool_), Estimate(0.1, 0.1)
    ids = np.empty(0, dtype=np.int64)
    return Fit(
        day=day.toordinal(),
        options=DEFAULT,
        teams=ids,
        attack=none,
        attack_se=none,
        defence=none,
        defence_se=none,
        matches_played=ids,
        is_newcomer=flags,
        intercept=some,
        home_advantage=some,
        rho=some,
        newcomer_attack=some,
        newcomer_defence=some,
        matches=100,
        home_goals=560,
        away_goals=500,
        first_day=day.toordinal() - 300,
        last_day=day.toordinal() - 1,
        log_likelihood=-1.0,
        iterations=5,
    )
