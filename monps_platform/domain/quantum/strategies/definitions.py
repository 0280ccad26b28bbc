"""Every strategy in one place: what it bets on, when, why it might work, and what it asks of a match.

All bets are of one unit. One row is kept per team and entry of ``PLAN``, whether it ever bet or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from monps_platform.domain.agents import ConsensusValue, DixonColesValue, SharpValue
from monps_platform.domain.market_forecasts import TOTALS_LINE
from monps_platform.domain.odds import Market
from monps_platform.domain.quantum.dna.market import TeamMarket
from monps_platform.domain.quantum.strategies.filters import ContextFilters, Venue
from monps_platform.domain.quantum.strategies.form import LEAST_HOME_MATCHES, LEAST_MATCHES
from monps_platform.domain.quantum.strategies.rules import (
    CHAOS_DISPERSION,
    CONVERGENCE_CONFIDENCE,
    CONVERGENCE_EDGE,
    DRAW,
    FORTRESS_POINTS,
    LUCK_Z,
    OVER,
    UNDER,
    Rule,
    always,
    convergence,
    fade_luck,
    handicap,
    home_fortress,
    picked,
    team_to_win,
    total_chaos,
)
from monps_platform.domain.settlement import Backed
from monps_platform.domain.strategies import StrategyName
from monps_platform.domain.track_record.figures import FEWEST_MATCHES

IN_SAMPLE_SEASONS = 3
"""Earlier seasons that count as in sample: of those before, little of a squad and its manager is left."""
LEAST_CHOICE_BETS = FEWEST_MATCHES
"""In-sample bets of a market below which BEST_MARKET does not look at it: fewer say nothing, whatever they came to."""
_MODEL, _SHARP, _CONSENSUS = DixonColesValue(), SharpValue(), ConsensusValue()


@dataclass(frozen=True)
class Strategy:
    """A named rule. ``agent`` names the built-in agent whose picks stand in for the prices."""

    name: StrategyName
    market: Market
    bets: str
    reason: str
    rule: Rule
    filters: ContextFilters
    min_confidence: float | None = None
    min_edge: float | None = None
    agent: str | None = None


def _convergence_on(name: StrategyName, backed: Backed, goals: str) -> Strategy:
    return Strategy(
        name,
        Market.OVER_UNDER,
        f"{goals} than 2.5 goals, where goals so far, xG so far and the goal model all give it a probability of at "
        "least min_confidence and an edge of at least min_edge; goals and xG as Poisson with the mean of both sides' "
        "totals per match",
        "Estimates that go wrong in different ways are seldom wrong together.",
        partial(convergence, backed=backed),
        ContextFilters(goals_line=TOTALS_LINE, least_matches=LEAST_MATCHES),
        CONVERGENCE_CONFIDENCE,
        CONVERGENCE_EDGE,
    )


def _value_by(name: StrategyName, agent: str, min_edge: float, reason: str) -> Strategy:
    filters = ContextFilters(agent=agent)
    bets = f"the team to win, where the agent {agent} picked it, at the price that it took"
    return Strategy(name, Market.ONE_X_TWO, bets, reason, picked, filters, min_edge=min_edge, agent=agent)


STRATEGIES: tuple[Strategy, ...] = (
    _convergence_on(StrategyName.CONVERGENCE_OVER, OVER, "more"),
    _convergence_on(StrategyName.CONVERGENCE_UNDER, UNDER, "fewer"),
    _value_by(
        StrategyName.MODEL_VALUE,
        _MODEL.name,
        round(_MODEL.threshold - 1, 4),
        "The goal model may know the team better than the prices do.",
    ),
    _value_by(
        StrategyName.SHARP_VALUE,
        _SHARP.name,
        round(_SHARP.threshold - 1, 4),
        "A soft book may be slow to follow a sharp one on the team.",
    ),
    _value_by(
        StrategyName.CONSENSUS_VALUE,
        _CONSENSUS.name,
        0.0,
        "One book may misprice the team where all the others agree.",
    ),
    Strategy(
        StrategyName.HOME_FORTRESS,
        Market.ONE_X_TWO,
        "the team to win at home, where its points per home match so far are at least "
        "least_home_points_beyond_expected above those that the market expected",
        "The market may be slow to believe in a side that is stronger at home than elsewhere.",
        home_fortress,
        ContextFilters(
            venue=Venue.HOME,
            least_home_matches=LEAST_HOME_MATCHES,
            least_home_points_beyond_expected=FORTRESS_POINTS,
        ),
    ),
    Strategy(
        StrategyName.FADE_LUCK,
        Market.ONE_X_TWO,
        "the opponent to win, where the team's luck is at least least_luck_z above 0, and the team, where it is as far "
        "below: (goal difference - xG difference) / root of the xG of both sides",
        "Luck does not last, and prices may follow results more than chances.",
        fade_luck,
        ContextFilters(least_matches=LEAST_MATCHES, least_luck_z=LUCK_Z),
    ),
    Strategy(
        StrategyName.TOTAL_CHAOS,
        Market.OVER_UNDER,
        "more than 2.5 goals, where the variance of total goals in the team's matches so far is at least "
        "least_dispersion times their mean",
        "Wild matches may be wilder than prices for the usual spread of goals allow for.",
        total_chaos,
        ContextFilters(goals_line=TOTALS_LINE, least_matches=LEAST_MATCHES, least_dispersion=CHAOS_DISPERSION),
    ),
)


@dataclass(frozen=True)
class Candidate:
    """A market of a team that BEST_MARKET may choose: backed in every match where it is offered."""

    market: Market
    rule: Rule
    filters: ContextFilters


def _candidate(kind: TeamMarket, rule: Rule, market: Market, **filters: object) -> tuple[TeamMarket, Candidate]:
    return kind, Candidate(market, rule, ContextFilters.model_validate({"team_market": kind, **filters}))


CANDIDATES: Mapping[TeamMarket, Candidate] = MappingProxyType(
    dict(
        (
            _candidate(TeamMarket.HOME_WIN, partial(team_to_win, at_home=True), Market.ONE_X_TWO, venue=Venue.HOME),
            _candidate(TeamMarket.AWAY_WIN, partial(team_to_win, at_home=False), Market.ONE_X_TWO, venue=Venue.AWAY),
            _candidate(TeamMarket.DRAW, partial(always, backed=DRAW), Market.ONE_X_TWO),
            _candidate(TeamMarket.OVER25, partial(always, backed=OVER), Market.OVER_UNDER, goals_line=TOTALS_LINE),
            _candidate(TeamMarket.UNDER25, partial(always, backed=UNDER), Market.OVER_UNDER, goals_line=TOTALS_LINE),
            _candidate(TeamMarket.HANDICAP, handicap, Market.ASIAN_HANDICAP),
        )
    )
)

BEST_MARKET_BETS = (
    "what brought the most per unit staked in the team's matches of the earlier seasons: the team to win at home, to "
    "win away, a draw, more or fewer than 2.5 goals, or the team at the handicap whose price is the closest to evens; "
    f"chosen before the season's first match, once for the season, of those with at least {LEAST_CHOICE_BETS} bets and "
    "a profit; on the other markets no bet"
)
BEST_MARKET_REASON = "Prices may be wrong about a team in one respect, for years."

BEST_MARKETS: tuple[Market, ...] = tuple(dict.fromkeys(candidate.market for candidate in CANDIDATES.values()))
"""The markets that BEST_MARKET chooses one of, or none."""

PLAN: tuple[tuple[StrategyName, Market], ...] = (
    *((strategy.name, strategy.market) for strategy in STRATEGIES),
    *((StrategyName.BEST_MARKET, market) for market in BEST_MARKETS),
)
"""The strategies and markets of a team: one row each."""


def definition_rows() -> Iterator[tuple[str, str, str, str, str, str, str]]:
    """Strategy, market, bets, reason, least probability, least edge and filters, for people to read."""
    for each in STRATEGIES:
        needs = (_text(each.min_confidence), _text(each.min_edge))
        yield each.name, each.market, each.bets, each.reason, *needs, _conditions(each.filters)
    markets = ", ".join(BEST_MARKETS)
    yield StrategyName.BEST_MARKET, markets, BEST_MARKET_BETS, BEST_MARKET_REASON, "", "", "team_market, as chosen"


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def _conditions(filters: ContextFilters) -> str:
    return ", ".join(f"{name} {value}" for name, value in filters.to_json().items() if value is not None)
