"""Each strategy over all teams: what a forest plot shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monps_platform.domain.intervals import Rate
from monps_platform.domain.quantum.strategies.evaluate import Trial
from monps_platform.domain.quantum.strategies.evidence import mean_rate
from monps_platform.domain.quantum.strategies.walk_forward import Bet
from monps_platform.domain.strategies import StrategyName


@dataclass(frozen=True, slots=True)
class Pooled:
    """A strategy's out-of-sample bets on all teams together, each bet once: return on stake, and mean CLV in per cent
    against the closing price and without its margin, each over the bets that have it.
    """

    strategy: StrategyName
    roi: Rate
    clv_percentage: Rate
    clv_no_vig_percentage: Rate


def pooled(tried: Sequence[Trial]) -> list[Pooled]:
    """One entry per strategy, in the order of the vocabulary; ``tried`` may be of several leagues and seasons.

    Both sides' rows may hold one bet, as on the total of their match, which counts once. Intervals draw matches.
    """
    bets: dict[StrategyName, dict[tuple[object, ...], Bet]] = {name: {} for name in StrategyName}
    for trial in tried:
        for bet in trial.out_of_sample:
            bets[trial.strategy].setdefault((bet.match_id, bet.backed), bet)
    return [_pooled(name, list(found.values())) for name, found in bets.items()]


def _pooled(name: StrategyName, bets: Sequence[Bet]) -> Pooled:
    return Pooled(
        name,
        _mean((bet.profit, bet.match_id) for bet in bets),
        _mean((bet.clv_percentage, bet.match_id) for bet in bets),
        _mean((bet.clv_no_vig_percentage, bet.match_id) for bet in bets),
    )


def _mean(values: Iterable[tuple[float | None, int]]) -> Rate:
    """The mean of what is known, by match."""
    known = [(value, match_id) for value, match_id in values if value is not None]
    return mean_rate([value for value, _ in known], [match_id for _, match_id in known])
