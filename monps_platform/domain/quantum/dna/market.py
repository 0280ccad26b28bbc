"""What backing a team was worth, by market: hit rate, return on stake, and what became of the price until kickoff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np

from monps_platform.domain.intervals import resampled_sums
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickResult, PickSide
from monps_platform.domain.quantum.dna.bets import Backing, Bet, level_bets
from monps_platform.domain.quantum.dna.evidence import bootstrapped, proportion
from monps_platform.domain.quantum.documents import Estimate, Explained, Gap, Source, Vector, figure
from monps_platform.domain.quantum.season import LeagueSeason, TeamMatch

LEAST_BETS = 10
"""From here on the bootstrap's 95 % intervals hold the truth of fair bets at prices of 1.95 to 3.5 in 91 to 96 of 100
cases; with five bets, in as few as 80."""
_WON = frozenset({PickResult.WIN, PickResult.HALF_WIN})
_RETURNED = frozenset({PickResult.PUSH, PickResult.VOID})
_PRICED = (Source.RESULTS, Source.PRICES)


class TeamMarket(StrEnum):
    """What is backed at level stakes: the team to win at home, to win away, a draw, totals of its matches, the team at
    the market's handicap.
    """

    HOME_WIN = "home_win"
    AWAY_WIN = "away_win"
    DRAW = "draw"
    OVER25 = "over25"
    UNDER25 = "under25"
    HANDICAP = "handicap"


class MarketRecord(Explained):
    """One market. A bet is one unit at the market's average price before the match."""

    n_bets: int = figure("bets", unit="bets", source=_PRICED, least=1, low=1, high=None)
    n_decided: int = figure(
        "bets whose stake was not returned in full", unit="bets", source=_PRICED, least=0, low=0, high=None
    )
    hit_rate: Estimate | None = figure(
        "bets won, in full or by half / n_decided, and the 95 % interval of Wilson (1927)",
        unit="share",
        source=_PRICED,
        least=LEAST_BETS,
        low=None,
        high=None,
    )
    roi: Estimate | None = figure(
        "profit / n_bets, each of them one unit staked, and its 95 % interval (bootstrap over matches)",
        unit="units per unit staked",
        source=_PRICED,
        least=LEAST_BETS,
        low=None,
        high=None,
    )
    n_closed: int = figure(
        "bets with a closing average of the same side and line",
        unit="bets",
        source=Source.PRICES,
        least=0,
        low=0,
        high=None,
    )
    clv_percentage: Estimate | None = figure(
        "mean of 100 * (average price before the match / closing average - 1) over n_closed, and its 95 % interval",
        unit="%",
        source=Source.PRICES,
        least=LEAST_BETS,
        low=None,
        high=None,
    )


def _record(backed: str) -> Any:
    return figure(
        f"record of backing {backed} in every match quoted", unit="record", source=_PRICED, least=1, low=None, high=None
    )


class MarketVector(Vector):
    """What backing a team was worth in this season: a description of what was, not evidence of what will be."""

    home_win: MarketRecord | None = _record("the team to win at home")
    away_win: MarketRecord | None = _record("the team to win away")
    draw: MarketRecord | None = _record("the draw")
    over25: MarketRecord | None = _record("more than 2.5 goals")
    under25: MarketRecord | None = _record("fewer than 2.5 goals")
    handicap: MarketRecord | None = _record("the team at the market's handicap")
    best_market: TeamMarket | None = figure(
        "market with the highest lower end of the ROI's interval, where that is above 0",
        unit="market",
        source=_PRICED,
        least=LEAST_BETS,
        low=None,
        high=None,
    )


def market_vector(season: LeagueSeason, team_id: int) -> MarketVector:
    """What backing the team was worth. Raises ValueError for a team that has not played."""
    matches = season.played_by(team_id)
    bets = season.once(level_bets)
    records = {market: _of_market(matches, market, bets, (team_id, place)) for place, market in enumerate(TeamMarket)}
    has_prices = any(isinstance(record, MarketRecord) for record in records.values())
    sources = [Source.RESULTS, *([Source.PRICES] if has_prices else [])]
    figures: dict[str, object] = {market.value: record for market, record in records.items()}
    figures["best_market"] = _best(records)
    return MarketVector.of(len(matches), season.as_of, sources, figures)


def _of_market(
    matches: Sequence[TeamMatch], market: TeamMarket, bets: Mapping[Backing, Mapping[int, Bet]], seed: Sequence[int]
) -> MarketRecord | Gap:
    backings = ((match.match.match_id, _backing(market, is_home=match.is_home)) for match in matches)
    offered = [(match_id, backing) for match_id, backing in backings if backing is not None]
    if not offered:
        return Gap.TOO_FEW
    own = [bets[backing][match_id] for match_id, backing in offered if match_id in bets[backing]]
    return _of_bets(own, seed) if own else Gap.NO_PRICES


def _backing(market: TeamMarket, *, is_home: bool) -> Backing | None:
    """What is backed in a match of the team; None where the market is about the other venue."""
    own = PickSide.HOME if is_home else PickSide.AWAY
    match market:
        case TeamMarket.HOME_WIN:
            return (Market.ONE_X_TWO, own) if is_home else None
        case TeamMarket.AWAY_WIN:
            return None if is_home else (Market.ONE_X_TWO, own)
        case TeamMarket.DRAW:
            return Market.ONE_X_TWO, PickSide.DRAW
        case TeamMarket.OVER25:
            return Market.OVER_UNDER, PickSide.OVER
        case TeamMarket.UNDER25:
            return Market.OVER_UNDER, PickSide.UNDER
        case TeamMarket.HANDICAP:
            return Market.ASIAN_HANDICAP, own


def _of_bets(bets: Sequence[Bet], seed: Sequence[int]) -> MarketRecord:
    """The record of at least one bet, one per match, so that drawing bets is drawing matches."""
    profits = np.array([bet.profit for bet in bets])
    clv = np.array([np.nan if bet.clv_percentage is None else bet.clv_percentage for bet in bets])
    is_closed = ~np.isnan(clv)
    n_bets, n_closed = len(bets), int(is_closed.sum())
    n_decided = sum(bet.result not in _RETURNED for bet in bets)
    hits = sum(bet.result in _WON for bet in bets)
    figures: dict[str, object] = {
        "n_bets": n_bets,
        "n_decided": n_decided,
        "hit_rate": proportion(hits, n_decided) if n_decided >= LEAST_BETS else Gap.TOO_FEW,
        "roi": Gap.TOO_FEW,
        "n_closed": n_closed,
        "clv_percentage": Gap.TOO_FEW if n_closed else Gap.NO_CLOSING,
    }
    if n_bets >= LEAST_BETS:
        drawn = resampled_sums(np.stack([profits, np.where(is_closed, clv, 0.0), is_closed], axis=1), seed)
        figures["roi"] = bootstrapped(float(profits.mean()), drawn[:, 0] / n_bets)
        if n_closed >= LEAST_BETS:
            some = drawn[drawn[:, 2] > 0]
            figures["clv_percentage"] = bootstrapped(float(clv[is_closed].mean()), some[:, 1] / some[:, 2])
    return MarketRecord.explained(figures)


def _best(records: Mapping[TeamMarket, MarketRecord | Gap]) -> TeamMarket | Gap:
    """The market whose return is the surest above 0, or why there is none."""
    known = {market: record for market, record in records.items() if isinstance(record, MarketRecord)}
    lows = {market: record.roi.low for market, record in known.items() if record.roi is not None}
    above = {market: low for market, low in lows.items() if low > 0}
    if above:
        return max(above, key=above.__getitem__)
    return Gap.NO_EDGE if lows else Gap.TOO_FEW if known else Gap.NO_PRICES
