"""The strategies of a league's teams in a season: their bets in and out of sample, and which of them survive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scipy.stats import false_discovery_control

from monps_platform.domain.odds import Market
from monps_platform.domain.quantum.dna.market import TeamMarket
from monps_platform.domain.quantum.strategies.definitions import (
    BEST_MARKETS,
    CANDIDATES,
    IN_SAMPLE_SEASONS,
    LEAST_CHOICE_BETS,
    STRATEGIES,
)
from monps_platform.domain.quantum.strategies.evidence import Evidence, evidence, roi
from monps_platform.domain.quantum.strategies.filters import ContextFilters
from monps_platform.domain.quantum.strategies.walk_forward import Bet, By
from monps_platform.domain.seasons import Season
from monps_platform.domain.strategies import StrategyName

FALSE_DISCOVERIES = 0.05
"""The share of active strategies that may be chance."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A strategy of a team on a market in a season, as of a day, before all that were tried are judged together.

    ``in_sample`` are its bets of the earlier seasons, ``out_of_sample`` those of the season itself before ``as_of``.
    """

    team_id: int
    strategy: StrategyName
    market: Market
    season: Season
    as_of: date
    context_filters: ContextFilters
    min_confidence: float | None
    min_edge: float | None
    in_sample: tuple[Bet, ...]
    out_of_sample: tuple[Bet, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class StrategyRow:
    """A trial that was judged, as it is kept: a row of ``quantum.quantum_strategies`` but for its league."""

    team_id: int
    strategy: StrategyName
    market: Market
    season: Season
    as_of: date
    in_sample_bets: int
    in_sample_roi: float | None
    out_of_sample_bets: int
    out_of_sample_roi: float | None
    roi_low: float | None
    roi_high: float | None
    mean_clv_percentage: float | None
    mean_clv_no_vig_percentage: float | None
    clv_no_vig_low: float | None
    clv_no_vig_high: float | None
    closed_bets: int
    p_value: float | None
    q_value: float | None
    stake_multiplier: float
    min_confidence: float | None
    min_edge: float | None
    context_filters: ContextFilters
    is_active: bool


_Needs = tuple[ContextFilters, float | None, float | None]
"""Filters, least probability, least edge."""


@dataclass(frozen=True, slots=True)
class _Sample:
    earlier: tuple[Bet, ...] = ()
    own: tuple[Bet, ...] = ()


def first_season(season: Season) -> Season:
    """The earliest season whose matches have a part in the evaluation of a season."""
    return Season(season.start_year - IN_SAMPLE_SEASONS)


def trials(bets: Iterable[Bet], team_ids: Iterable[int], season: Season, as_of: date) -> list[Trial]:
    """The trials of a league's teams, one per team and entry of ``PLAN``, by team.

    ``bets`` are those of ``walk_forward`` over the league's matches; those of other seasons than this and the three
    before it, and of matches on ``as_of`` or later, are left out.
    """
    samples = _samples(bets, season, as_of)
    return [trial for team_id in team_ids for trial in _of_team(team_id, samples, season, as_of)]


def judge(tried: Sequence[Trial]) -> list[StrategyRow]:
    """The rows of all that was tried in one season, in all leagues, in the order given.

    Benjamini & Hochberg (1995) over every trial that bet out of sample at all. Those with too few bets for a test count
    as p = 1: how many bets a strategy makes may depend on how the first of them went, so that to leave out the short
    runs would be to pick the lucky ones. Raises ValueError for trials of several seasons: they are no one table.
    """
    if len({trial.season for trial in tried}) > 1:
        raise ValueError("strategies of several seasons are judged apart")
    bet = [at for at, trial in enumerate(tried) if trial.evidence.bets]
    p_values = [1.0 if (p := tried[at].evidence.p_value) is None else p for at in bet]
    adjusted = false_discovery_control(p_values).tolist() if bet else []
    q_values = dict(zip(bet, adjusted, strict=True))
    return [_judged(trial, q_values.get(at)) for at, trial in enumerate(tried)]


def _samples(bets: Iterable[Bet], season: Season, as_of: date) -> Mapping[tuple[By, int], _Sample]:
    first = first_season(season)
    parts: dict[tuple[By, int], tuple[list[Bet], list[Bet]]] = {}
    for bet in bets:
        if first <= bet.season <= season and bet.day < as_of:
            parts.setdefault((bet.by, bet.team_id), ([], []))[bet.season == season].append(bet)
    return {key: _Sample(tuple(earlier), tuple(own)) for key, (earlier, own) in parts.items()}


def _of_team(team_id: int, samples: Mapping[tuple[By, int], _Sample], season: Season, as_of: date) -> list[Trial]:
    def trial(name: StrategyName, market: Market, needs: _Needs, sample: _Sample) -> Trial:
        found = evidence(sample.own)
        return Trial(team_id, name, market, season, as_of, *needs, sample.earlier, sample.own, found)

    named = [
        trial(
            each.name,
            each.market,
            (each.filters, each.min_confidence, each.min_edge),
            samples.get((each.name, team_id), _Sample()),
        )
        for each in STRATEGIES
    ]
    of_candidates = {kind: samples.get((kind, team_id), _Sample()) for kind in CANDIDATES}
    chosen = _best(of_candidates)
    for market in BEST_MARKETS:
        if chosen is not None and CANDIDATES[chosen].market is market:
            needs, sample = (CANDIDATES[chosen].filters, None, None), of_candidates[chosen]
        else:
            needs, sample = (ContextFilters(), None, None), _Sample()
        named.append(trial(StrategyName.BEST_MARKET, market, needs, sample))
    return named


def _best(samples: Mapping[TeamMarket, _Sample]) -> TeamMarket | None:
    """The market with the highest return in sample, the first of equals; None where none with enough bets won."""
    returns = {kind: roi(each.earlier) for kind, each in samples.items() if len(each.earlier) >= LEAST_CHOICE_BETS}
    known = {kind: value for kind, value in returns.items() if value is not None and value > 0}
    return max(known, key=known.__getitem__, default=None)


def _judged(trial: Trial, q_value: float | None) -> StrategyRow:
    found = trial.evidence
    q = None if found.p_value is None else q_value
    is_active = q is not None and q <= FALSE_DISCOVERIES and found.roi_low is not None and found.roi_low > 0
    return StrategyRow(
        trial.team_id,
        trial.strategy,
        trial.market,
        trial.season,
        trial.as_of,
        in_sample_bets=len(trial.in_sample),
        in_sample_roi=roi(trial.in_sample),
        out_of_sample_bets=found.bets,
        out_of_sample_roi=found.roi,
        roi_low=found.roi_low,
        roi_high=found.roi_high,
        mean_clv_percentage=found.mean_clv_percentage,
        mean_clv_no_vig_percentage=found.clv_no_vig.value,
        clv_no_vig_low=found.clv_no_vig.low,
        clv_no_vig_high=found.clv_no_vig.high,
        closed_bets=found.clv_no_vig.n,
        p_value=found.p_value,
        q_value=q,
        stake_multiplier=found.quarter_kelly if is_active else 0.0,
        min_confidence=trial.min_confidence,
        min_edge=trial.min_edge,
        context_filters=trial.context_filters,
        is_active=is_active,
    )
