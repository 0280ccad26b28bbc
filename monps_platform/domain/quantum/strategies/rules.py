"""What strategies look at before a match, and the rules by which they back a side of it, or none.

A rule sees a team's match before it is played (``Prospect``), never a result of its day or a closing price. Thresholds
were chosen once, for the reasons beside them; none of them was tuned on results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp

from monps_platform.domain.agents import DixonColesValue
from monps_platform.domain.market_forecasts import TOTALS_LINE
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quantum.strategies.form import Form
from monps_platform.domain.settlement import Backed

CONVERGENCE_EDGE = round(DixonColesValue().threshold - 1, 4)
"""What each estimate must see in a price: as much as the goal model's agent asks of the goal model alone."""
CONVERGENCE_CONFIDENCE = 0.5
"""Estimates converge on what all of them hold likelier than not; their errors are the largest, in proportion, where a
side is unlikely."""
FORTRESS_POINTS = 0.5
"""Half a point per match is some ten points over a season at home: a mid-table side that takes a top side's points."""
LUCK_Z = 1.0
"""Beyond one standard deviation lies the luckiest and the unluckiest sixth of sides, were all of it luck."""
CHAOS_DISPERSION = 1.5
"""Half as much again as Poisson goals at one rate. One side in six would reach it over 8 matches, one in 40
over 38."""

HOME_WIN, DRAW, AWAY_WIN = (Backed(Market.ONE_X_TWO, side) for side in (PickSide.HOME, PickSide.DRAW, PickSide.AWAY))
OVER, UNDER = (Backed(Market.OVER_UNDER, side, TOTALS_LINE) for side in (PickSide.OVER, PickSide.UNDER))


@dataclass(frozen=True, slots=True)
class Prospect:
    """A team's match before it is played: where, at which decimal prices, the goal model's probability of more than 2.5
    goals, and both sides' season so far.
    """

    is_home: bool
    prices: Mapping[Backed, float]
    over25: float | None
    form: Form
    opponent: Form


Rule = Callable[[Prospect], Backed | None]


def _team_wins(prospect: Prospect) -> Backed:
    return HOME_WIN if prospect.is_home else AWAY_WIN


def _opponent_wins(prospect: Prospect) -> Backed:
    return AWAY_WIN if prospect.is_home else HOME_WIN


def _if_offered(prospect: Prospect, backed: Backed) -> Backed | None:
    return backed if backed in prospect.prices else None


def _mean(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else (first + second) / 2


def _over25(expected_goals: float | None) -> float | None:
    """Probability of three goals or more, were they Poisson."""
    if expected_goals is None:
        return None
    return 1 - exp(-expected_goals) * (1 + expected_goals + expected_goals**2 / 2)


def convergence(prospect: Prospect, backed: Backed) -> Backed | None:
    """The side, where goals, xG and the goal model all are known and see the edge in its price."""
    price = prospect.prices.get(backed)
    if price is None:
        return None
    form, opponent = prospect.form, prospect.opponent
    estimates = (
        prospect.over25,
        _over25(_mean(form.goals_per_match, opponent.goals_per_match)),
        _over25(_mean(form.xg_per_match, opponent.xg_per_match)),
    )
    for over in estimates:
        if over is None:
            return None
        probability = over if backed == OVER else 1 - over
        if probability < CONVERGENCE_CONFIDENCE or probability * price - 1 < CONVERGENCE_EDGE:
            return None
    return backed


def picked(prospect: Prospect) -> Backed | None:
    """The team to win, where the agent picked it."""
    return _if_offered(prospect, _team_wins(prospect))


def home_fortress(prospect: Prospect) -> Backed | None:
    """The team at home, where it has had more points there than the market expected."""
    beyond = prospect.form.home_points_beyond_expected
    if not prospect.is_home or beyond is None or beyond < FORTRESS_POINTS:
        return None
    return _if_offered(prospect, HOME_WIN)


def fade_luck(prospect: Prospect) -> Backed | None:
    """Against the lucky team, or on the unlucky one."""
    luck = prospect.form.luck_z
    if luck is None or abs(luck) < LUCK_Z:
        return None
    return _if_offered(prospect, _opponent_wins(prospect) if luck > 0 else _team_wins(prospect))


def total_chaos(prospect: Prospect) -> Backed | None:
    """Many goals, where the totals of the team's matches have varied more than goals usually do."""
    dispersion = prospect.form.dispersion
    return None if dispersion is None or dispersion < CHAOS_DISPERSION else _if_offered(prospect, OVER)


def handicap(prospect: Prospect) -> Backed | None:
    """The team at the handicap whose price is the closest to evens, the lower line of equals."""
    own = PickSide.HOME if prospect.is_home else PickSide.AWAY
    offered = [item for item in prospect.prices if item.market is Market.ASIAN_HANDICAP and item.side is own]
    return min(offered, key=lambda item: (abs(prospect.prices[item] - 2), item.line), default=None)


def always(prospect: Prospect, backed: Backed) -> Backed | None:
    """The same side in every match."""
    return _if_offered(prospect, backed)


def team_to_win(prospect: Prospect, *, at_home: bool) -> Backed | None:
    """The team to win, at one venue."""
    return _if_offered(prospect, _team_wins(prospect)) if prospect.is_home is at_home else None
