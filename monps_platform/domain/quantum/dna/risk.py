"""How far a team strays from what the market expects, and how bad backing it at level stakes went at the worst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from monps_platform.domain.bookmakers import Bookmaker
from monps_platform.domain.goal_model.implied import ImpliedScores, MarketView
from monps_platform.domain.goal_model.score_grid import MAX_GOALS
from monps_platform.domain.market_forecasts import TOTALS_LINE
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quantum.dna.bets import level_bets
from monps_platform.domain.quantum.dna.evidence import proportion
from monps_platform.domain.quantum.documents import Estimate, Gap, Source, Vector, figure
from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch, TeamMatch
from monps_platform.domain.track_record.runs import deepest_fall, longest_losing_run

LEAST_MATCHES = 10
"""A standard deviation of ten has a standard error of about a quarter of it; of fewer it says little."""
_MARKET = Bookmaker("market", "Whoever speaks for the market", is_aggregate=True)
_GOALS = np.arange(MAX_GOALS + 1)
_DIFFERENCES = np.subtract.outer(_GOALS, _GOALS).ravel().astype(np.float64)
"""Home goals less away goals of every score."""
_PRICED = (Source.RESULTS, Source.PRICES)


def _count(formula: str) -> Any:
    return figure(formula, unit="matches", source=_PRICED, least=0, low=0, high=None)


def _goals(formula: str, low: float | None = 0) -> Any:
    return figure(formula, unit="goals", source=_PRICED, least=LEAST_MATCHES, low=low, high=None)


def _rate(formula: str) -> Any:
    return figure(
        f"{formula}, and the 95 % interval of Wilson (1927)",
        unit="share",
        source=_PRICED,
        least=LEAST_MATCHES,
        low=None,
        high=None,
    )


def _expected(formula: str) -> Any:
    return figure(formula, unit="share", source=Source.PRICES, least=LEAST_MATCHES, low=0, high=1)


class RiskVector(Vector):
    """How far a team strays from what the market expects. The market's probabilities are those without margin at the
    close, or before the match where no close is known.
    """

    n_matches_with_expected_goals: int = _count("matches whose scores are implied by prices of 1x2 and totals")
    goal_difference_bias: float | None = _goals(
        "mean of goal difference - goal difference expected by the market", low=None
    )
    goal_difference_sd: float | None = _goals(
        "root of the mean of (goal difference - goal difference expected by the market)^2"
    )
    goal_difference_sd_expected: float | None = _goals(
        "root of the mean variance of the goal difference that the market implies"
    )
    n_matches_as_favourite: int = _count("matches in which the market thought the team likelier to win than to lose")
    upset_rate: Estimate | None = _rate("matches lost as favourite / n_matches_as_favourite")
    upset_rate_expected: float | None = _expected("mean no-vig probability of defeat in matches as favourite")
    n_matches_with_market: int = _count("matches with no-vig probabilities")
    draw_rate: Estimate | None = _rate("matches drawn / n_matches_with_market")
    draw_rate_expected: float | None = _expected("mean no-vig probability of a draw in n_matches_with_market")
    n_bets: int = _count("matches with an average price of the team before the match; each is one unit on it to win")
    max_drawdown: float | None = figure(
        "greatest fall of the running profit of n_bets from its peak so far, 0 at first",
        unit="units staked per bet",
        source=_PRICED,
        least=LEAST_MATCHES,
        low=0,
        high=None,
    )
    longest_losing_run: int | None = figure(
        "most of n_bets lost in a row", unit="bets", source=_PRICED, least=LEAST_MATCHES, low=0, high=None
    )


def risk_vector(season: LeagueSeason, team_id: int) -> RiskVector:
    """How far the team strayed from what the market expected. Raises ValueError for a team that has not played."""
    matches = season.played_by(team_id)
    figures = {**_spread(season, matches), **_upsets(matches), **_draws(matches), **_paths(season, matches)}
    has_prices = any(figures[name] for name in ("n_matches_with_market", "n_bets"))
    sources = [Source.RESULTS, *([Source.PRICES] if has_prices else [])]
    return RiskVector.of(len(matches), season.as_of, sources, figures)


def expected_differences(season: LeagueSeason) -> Mapping[int, tuple[float, float]]:
    """By match id, mean and variance of the home side's goal difference by the scores that the market's probabilities
    imply. Matches are left out that have not both 1x2 and totals of one time. Ask for it by
    ``season.once(expected_differences)``.
    """
    views = {match.match_id: view for match in season.matches if (view := _view(match)) is not None}
    scores = ImpliedScores.of(list(views.values())).probabilities
    means, squares = np.einsum("ns,ks->kn", scores, np.stack([_DIFFERENCES, _DIFFERENCES**2]))
    found = dict(zip(views, zip(means.tolist(), (squares - means**2).tolist(), strict=True), strict=True))
    return {match_id: moments for match_id, moments in found.items() if not np.isnan(moments[0])}


def _view(match: SeasonMatch) -> MarketView | None:
    """What the market thought of result and totals, at the close where both are known of it, else before the match."""
    for fair in (match.fair_closing, match.fair_pre_match):
        if fair is not None and fair.over25 is not None:
            return MarketView((fair.home, fair.draw, fair.away), TOTALS_LINE, fair.over25, (_MARKET, _MARKET))
    return None


def _gap(n_matches: int) -> Gap:
    return Gap.TOO_FEW if n_matches else Gap.NO_PRICES


def _spread(season: LeagueSeason, matches: Sequence[TeamMatch]) -> dict[str, object]:
    """How far goal differences were from those expected."""
    expected = season.once(expected_differences)
    known = [(match, expected[match.match.match_id]) for match in matches if match.match.match_id in expected]
    names = ("goal_difference_bias", "goal_difference_sd", "goal_difference_sd_expected")
    count: dict[str, object] = {"n_matches_with_expected_goals": len(known)}
    if len(known) < LEAST_MATCHES:
        return count | dict.fromkeys(names, _gap(len(known)))
    beyond = np.array([match.goal_difference - (mean if match.is_home else -mean) for match, (mean, _) in known])
    variances = np.array([variance for _, (_, variance) in known])
    values = (beyond.mean(), np.sqrt((beyond**2).mean()), np.sqrt(variances.mean()))
    return count | dict(zip(names, map(float, values), strict=True))


def _upsets(matches: Sequence[TeamMatch]) -> dict[str, object]:
    """Defeats of the favourite."""
    priced = [(match, fair) for match in matches if (fair := match.fair_outcomes) is not None]
    known = [(match.goal_difference < 0, loss) for match, (win, _, loss) in priced if win > loss]
    gap = _gap(len(priced))
    return {"n_matches_as_favourite": len(known), **_against_expected("upset_rate", known, gap)}


def _draws(matches: Sequence[TeamMatch]) -> dict[str, object]:
    known = [(match.goal_difference == 0, fair[1]) for match in matches if (fair := match.fair_outcomes) is not None]
    return {"n_matches_with_market": len(known), **_against_expected("draw_rate", known, _gap(len(known)))}


def _against_expected(name: str, known: Sequence[tuple[bool, float]], gap: Gap) -> dict[str, object]:
    """How often something happened, and how often the market expected it; ``gap`` where there are too few matches."""
    if len(known) < LEAST_MATCHES:
        return {name: gap, f"{name}_expected": gap}
    happened, expected = zip(*known, strict=True)
    return {name: proportion(sum(happened), len(known)), f"{name}_expected": float(np.mean(expected))}


def _paths(season: LeagueSeason, matches: Sequence[TeamMatch]) -> dict[str, object]:
    """What one unit on the team in every match came to at the worst, in the order of play."""
    bets = season.once(level_bets)
    sides = ((match.match.match_id, PickSide.HOME if match.is_home else PickSide.AWAY) for match in matches)
    placed = [bets[Market.ONE_X_TWO, side].get(match_id) for match_id, side in sides]
    profits = np.array([[bet.profit for bet in placed if bet is not None]])
    names, count = ("max_drawdown", "longest_losing_run"), profits.size
    if count < LEAST_MATCHES:
        return {"n_bets": count, **dict.fromkeys(names, _gap(count))}
    return {
        "n_bets": count,
        **dict(zip(names, (float(deepest_fall(profits)[0]), int(longest_losing_run(profits)[0])), strict=True)),
    }
