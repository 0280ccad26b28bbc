"""Simulated leagues at prices with a margin: noise is not found more often than stated, winners are, by their size.

All goes through the walk-forward, the trials and the judgement, as on real matches; the page tells the counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from scipy.stats import binom

from monps_platform.domain.quantum.strategies.evaluate import (
    FALSE_DISCOVERIES,
    StrategyRow,
    Trial,
    judge,
    trials,
)
from monps_platform.domain.quantum.strategies.pooled import Pooled, pooled
from monps_platform.domain.quantum.strategies.walk_forward import walk_forward
from monps_platform.domain.seasons import Season
from monps_platform.domain.strategies import StrategyName
from monps_platform_tests.domain.quantum.strategies.betting_leagues import SEASON, simulated

PAGE = " ".join((Path(__file__).parents[4] / "docs" / "strategies.md").read_text(encoding="utf-8").split())
SEASONS = (Season(2017), Season(2018), SEASON)
LEAGUES, TEAMS = 200, range(1, 10)
PLATFORMS, LEAGUES_OF_PLATFORM = 6, 5
PRICE = 0.975
"""Price times true probability: the best of all books' prices hold a margin of about 2.5 %."""
MOST = int(binom.ppf(0.9, LEAGUES, FALSE_DISCOVERIES))
"""Tables with a discovery: a true rate of 5 % stays within in nine of ten such experiments."""
WINNER, HALF_A_WINNER = StrategyName.SHARP_VALUE, StrategyName.CONSENSUS_VALUE
WORTH = {WINNER: 1.2 / PRICE, HALF_A_WINNER: 1.1 / PRICE}
"""Picks of these agents return 20 % and 10 % on average."""


def tried(number: int, seasons: Sequence[Season], worth: dict[StrategyName, float] | None = None) -> list[Trial]:
    """What was tried in a league's seasons, its matches numbered apart from those of other leagues."""
    by_agent = {str(name): value for name, value in (worth or {}).items()}
    matches = simulated(
        number, SEASONS, len(TEAMS), price_factor=PRICE, worth_of_picks=by_agent, first_match=1000 * number
    )
    bets = walk_forward(matches)
    return [each for season in seasons for each in trials(bets, TEAMS, season, season_end(season))]


def season_end(season: Season) -> date:
    """After the last match of a season."""
    return date(season.start_year + 1, 7, 1)


@cache
def noise() -> list[list[StrategyRow]]:
    """A season's table of each of 200 leagues in which no strategy is worth anything."""
    return [judge(tried(number, [SEASON])) for number in range(LEAGUES)]


@cache
def winners() -> tuple[list[list[Pooled]], list[list[StrategyRow]]]:
    """Platforms of five leagues with two agents whose picks are worth more than their price: all teams and seasons
    together, and the table of the last season.
    """
    both = []
    for platform in range(PLATFORMS):
        numbers = range(LEAGUES + platform * LEAGUES_OF_PLATFORM, LEAGUES + (platform + 1) * LEAGUES_OF_PLATFORM)
        both.append([each for number in numbers for each in tried(number, SEASONS, WORTH)])
    return [pooled(own) for own in both], [judge([each for each in own if each.season == SEASON]) for own in both]


def survivors(name: StrategyName) -> int:
    """On how many platforms a strategy survives the pooled test."""
    return sum(each.survives for own in winners()[0] for each in own if each.strategy is name)


def test_over_200_leagues_without_a_winner_tables_with_a_discovery_are_as_rare_as_stated() -> None:
    wrong = sum(any(row.is_active for row in rows) for rows in noise())
    assert wrong <= MOST
    assert f"{wrong} of {LEAGUES} tables had an active strategy" in PAGE


def test_twice_the_stated_rate_would_be_noticed() -> None:
    assert binom.cdf(MOST, LEAGUES, FALSE_DISCOVERIES) > 0.9
    assert binom.cdf(MOST, LEAGUES, 2 * FALSE_DISCOVERIES) < 0.1


def test_the_tables_hold_enough_tests_that_without_control_a_third_would_have_a_discovery() -> None:
    tested = [sum(row.p_value is not None for row in rows) for rows in noise()]
    low = sum(any((row.p_value or 1) <= FALSE_DISCOVERIES for row in rows) for rows in noise())
    assert sum(tested) > 10 * LEAGUES
    assert low > LEAGUES / 3
    assert low > 3 * MOST


def test_a_return_of_20_percent_is_found_over_all_teams_in_most_platforms_and_one_of_10_percent_in_few() -> None:
    found, half = survivors(WINNER), survivors(HALF_A_WINNER)
    assert found >= 0.6 * PLATFORMS
    assert found > half
    bets = sum(each.roi.n for own in winners()[0] for each in own if each.strategy is WINNER) / PLATFORMS
    assert 1000 < bets < 1200
    assert f"+20 % was found on {found} of {PLATFORMS} platforms, +10 % on {half} of {PLATFORMS}" in PAGE


def test_nothing_but_the_winners_is_found_over_all_teams() -> None:
    others = [each.strategy for own in winners()[0] for each in own if each.survives and each.strategy not in WORTH]
    assert others == []


def test_of_single_teams_a_return_of_20_percent_is_hardly_ever_found_as_the_page_says() -> None:
    rows = [row for table in winners()[1] for row in table if row.strategy is WINNER and row.p_value is not None]
    active = sum(row.is_active for row in rows)
    assert len(rows) > 50
    assert f"{active} of {len(rows)} rows of single teams with a return of +20 % were active" in PAGE


def test_a_team_whose_wins_are_offered_at_eight_times_the_fair_price_is_active_and_no_other() -> None:
    """That evidence can be enough at all: so large an edge it takes to be sure of in a single season."""
    matches = simulated(11, SEASONS, 20, price_factor=PRICE, generous_to=5, generosity=8.0)
    rows = judge(trials(walk_forward(matches), range(1, 21), SEASON, season_end(SEASON)))
    assert {row.team_id for row in rows if row.is_active} == {5}
