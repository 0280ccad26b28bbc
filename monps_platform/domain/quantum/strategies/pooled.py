"""Each strategy over all teams and seasons: what a forest plot shows, and a test for those that seldom bet on one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import false_discovery_control

from monps_platform.domain.intervals import Rate
from monps_platform.domain.quantum.strategies.evaluate import FALSE_DISCOVERIES, Trial
from monps_platform.domain.quantum.strategies.evidence import LEAST_BETS, known_rate
from monps_platform.domain.quantum.strategies.walk_forward import Bet
from monps_platform.domain.strategies import StrategyName

DRAWS = 10_000
"""The least p is then 0.0001. To survive alone among nine takes 0.0056, which varies by 0.0007 from seed to seed."""
_SEED = 1
_IN_CACHE = 1 << 20
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Pooled:
    """A strategy's out-of-sample bets on all teams together, each bet once: return on stake, and mean CLV in per cent
    against the closing price and without its margin, each over the bets that have it.

    ``p_value`` is that of a return of at most 0, None of fewer than ten matches; ``q_value`` after Benjamini-Hochberg
    over all strategies, those without a p counting as 1.
    """

    strategy: StrategyName
    roi: Rate
    clv_percentage: Rate
    clv_no_vig_percentage: Rate
    p_value: float | None = None
    q_value: float | None = None

    @property
    def survives(self) -> bool:
        """Whether the profit is beyond chance, by the same rule as that of a team's strategy."""
        return (
            self.q_value is not None
            and self.q_value <= FALSE_DISCOVERIES
            and self.roi.low is not None
            and self.roi.low > 0
        )


def pooled(tried: Iterable[Trial]) -> list[Pooled]:
    """One entry per strategy, in the order of the vocabulary; ``tried`` may be of several leagues and seasons.

    A rule that was fixed beforehand has no bets that it was chosen by: those of every season are out of sample. Of
    BEST_MARKET only those after its choice are, which a trial keeps apart. Both sides' rows may hold one bet, as on the
    total of their match, which counts once. Intervals and p draw matches.
    """
    bets: dict[StrategyName, dict[tuple[object, ...], Bet]] = {name: {} for name in StrategyName}
    for trial in tried:
        for bet in trial.out_of_sample:
            bets[trial.strategy].setdefault((bet.match_id, bet.backed), bet)
    found = [_pooled(name, list(own.values())) for name, own in bets.items()]
    adjusted = false_discovery_control([1.0 if each.p_value is None else each.p_value for each in found]).tolist()
    return [each if each.p_value is None else replace(each, q_value=q) for each, q in zip(found, adjusted, strict=True)]


def _pooled(name: StrategyName, bets: Sequence[Bet]) -> Pooled:
    roi = known_rate((bet.profit, bet.match_id) for bet in bets)
    return Pooled(
        name,
        roi,
        known_rate((bet.clv_percentage, bet.match_id) for bet in bets),
        known_rate((bet.clv_no_vig_percentage, bet.match_id) for bet in bets),
        drawn_p_value(bets) if roi.clusters >= LEAST_BETS else None,
    )


def drawn_p_value(bets: Sequence[Bet], draws: int = DRAWS) -> float:
    """Probability of at least this profit, were no bet worth more than its stake; bets may share a match.

    The hypothesis is that of ``evidence.p_value``, drawn instead of computed, which thousands of bets would make slow:
    each bet wins with probability 1 / price, matches apart from each other. Bets on one match win together as far as
    their chances allow, which spreads the profit the widest: on sides that exclude each other it errs on the side of
    caution. Bets whose stake came back are left out. The profit itself counts as one draw more, so that p is never 0.
    """
    decided = [bet for bet in bets if bet.profit]
    if not decided:
        return 1.0
    odds = np.array([bet.price for bet in decided], dtype=np.float32)
    _, match = np.unique([bet.match_id for bet in decided], return_inverse=True)
    least = sum(bet.profit + 1 for bet in decided) * (1 - _ROUNDING)
    chance = np.random.default_rng(_SEED)
    step = max(1, _IN_CACHE // len(decided))
    reached = 0
    for done in range(0, draws, step):
        luck = chance.random((min(step, draws - done), match.max() + 1), dtype=np.float32)
        reached += int(np.count_nonzero((luck[:, match] * odds < 1).astype(np.float32) @ odds >= least))
    return (reached + 1) / (draws + 1)
