"""Playing every strategy through a league's matches in the order of play, each bet on what was known before its day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import attrgetter

import numpy as np

from monps_platform.domain.quantum.dna.market import TeamMarket
from monps_platform.domain.quantum.season import TeamMatch
from monps_platform.domain.quantum.strategies.definitions import CANDIDATES, STRATEGIES
from monps_platform.domain.quantum.strategies.form import Form
from monps_platform.domain.quantum.strategies.offers import BettingMatch, Offer, by_backed
from monps_platform.domain.quantum.strategies.rules import Prospect, Rule
from monps_platform.domain.seasons import Season
from monps_platform.domain.settlement import Backed, profit, settle
from monps_platform.domain.strategies import StrategyName

By = StrategyName | TeamMarket
"""By what a bet was made: a strategy, or a market that BEST_MARKET may choose."""
_Forms = dict[tuple[Season, int], Form]


@dataclass(frozen=True, slots=True)
class Bet:
    """One unit on a side, settled: ``profit`` in units, CLV in per cent, None where there was no closing price."""

    by: By
    team_id: int
    match_id: int
    season: Season
    day: date
    backed: Backed
    price: float
    clv_percentage: float | None
    clv_no_vig_percentage: float | None
    profit: float


@dataclass(frozen=True, slots=True)
class _Placed:
    by: By
    team_id: int
    match: BettingMatch
    offer: Offer


def walk_forward(matches: Sequence[BettingMatch]) -> list[Bet]:
    """The bets of every strategy and candidate market on each team of a league, by day and match.

    Matches may be of several seasons and in any order; form begins anew with each season. A bet rests on the prices,
    picks and forecast of its match and on matches of earlier days. Raises ValueError for a match that is there twice.
    """
    if len({each.match.match_id for each in matches}) < len(matches):
        raise ValueError("a match is there twice")
    forms: _Forms = {}
    placed: list[_Placed] = []
    in_order = sorted(matches, key=lambda each: (each.day, each.match.match_id))
    for _, of_day in groupby(in_order, key=attrgetter("day")):
        today = list(of_day)
        for each in today:
            placed.extend(_bets(each, forms))
        for each in today:
            _learn(forms, each)
    return _settled(placed)


def _bets(match: BettingMatch, forms: _Forms) -> Iterator[_Placed]:
    """The bets on both teams of a match, given the form of all teams before it."""
    offered = by_backed(match.offers)
    picks = {agent: by_backed(taken) for agent, taken in match.picks.items()}
    prices = _prices(offered)
    home, away = (forms.get((match.season, side.team_id), Form()) for side in (match.match.home, match.match.away))
    for is_home, form, opponent in ((True, home, away), (False, away, home)):
        team_id = (match.match.home if is_home else match.match.away).team_id
        prospect = Prospect(is_home, prices, match.over25, form, opponent)
        for by, rule, agent in _RULES:
            pool = offered if agent is None else picks.get(agent, {})
            seen = prospect if agent is None else replace(prospect, prices=_prices(pool))
            backed = rule(seen) if pool else None
            if backed is not None:
                yield _Placed(by, team_id, match, pool[backed])


_RULES: tuple[tuple[By, Rule, str | None], ...] = (
    *((strategy.name, strategy.rule, strategy.agent) for strategy in STRATEGIES),
    *((kind, candidate.rule, None) for kind, candidate in CANDIDATES.items()),
)
"""What makes bets, the rule, and the agent whose picks it is about."""


def _prices(offers: Mapping[Backed, Offer]) -> dict[Backed, float]:
    """What a rule may know of offers."""
    return {backed: offer.price for backed, offer in offers.items()}


def _learn(forms: _Forms, match: BettingMatch) -> None:
    for is_home in (True, False):
        seen = TeamMatch(match.match, is_home)
        key = match.season, seen.own.team_id
        forms[key] = forms.get(key, Form()).after(seen)


def _settled(placed: Sequence[_Placed]) -> list[Bet]:
    home, away = ([getattr(each.match.match, side).goals for each in placed] for side in ("home", "away"))
    results = settle([each.offer.backed for each in placed], home, away)
    profits = profit(results, [each.offer.price for each in placed], np.ones(len(placed))).tolist()
    return [
        Bet(
            each.by,
            each.team_id,
            each.match.match.match_id,
            each.match.season,
            each.match.day,
            each.offer.backed,
            each.offer.price,
            each.offer.clv_percentage,
            each.offer.clv_no_vig_percentage,
            won,
        )
        for each, won in zip(placed, profits, strict=True)
    ]
