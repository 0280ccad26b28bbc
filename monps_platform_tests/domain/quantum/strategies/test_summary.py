"""What the table says in words, and each strategy over all teams."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from monps_platform.domain.odds import Market
from monps_platform.domain.quantum.strategies.evaluate import StrategyRow, Trial, judge
from monps_platform.domain.quantum.strategies.evidence import evidence
from monps_platform.domain.quantum.strategies.filters import ContextFilters
from monps_platform.domain.quantum.strategies.pooled import pooled
from monps_platform.domain.quantum.strategies.rules import OVER
from monps_platform.domain.quantum.strategies.summary import (
    pooled_sentences,
    summary_markdown,
    summary_sentences,
)
from monps_platform.domain.quantum.strategies.walk_forward import Bet
from monps_platform.domain.seasons import Season
from monps_platform.domain.strategies import StrategyName

SEASON, AFTER = Season(2019), date(2020, 8, 1)
CHAOS = StrategyName.TOTAL_CHAOS


def trial(team_id: int, profits: list[float], first: int = 0, clv: float | None = None) -> Trial:
    """Bets on more than 2.5 goals in matches numbered from ``first`` on."""
    own = tuple(
        Bet(CHAOS, team_id, first + at, SEASON, date(2019, 9, 1), OVER, 2.0, clv, clv, profit)
        for at, profit in enumerate(profits)
    )
    return Trial(team_id, CHAOS, Market.OVER_UNDER, SEASON, AFTER, ContextFilters(), None, None, (), own, evidence(own))


WINNER = trial(1, [1.0] * 28 + [-1.0] * 4, clv=2.0)
OTHERS = [trial(2, [1.0, -1.0] * 10, first=40), trial(3, [1.0] * 5, first=70), trial(4, [])]


def with_clv(least: float, step: float) -> Trial:
    """The winner with a CLV without margin, of every other match ``step`` higher."""
    own = (replace(bet, clv_no_vig_percentage=least + bet.match_id % 2 * step) for bet in WINNER.out_of_sample)
    return replace(WINNER, out_of_sample=tuple(own))


def rows(*given: Trial) -> list[StrategyRow]:
    return judge(given)


def test_the_summary_says_how_many_were_tried_what_chance_explains_and_what_is_left() -> None:
    assert summary_sentences(rows(WINNER, *OTHERS)) == [
        "4 strategies of teams: 3 bet out of sample, 2 of them often enough to be tested (10 bets).",
        "p is at most 0.05 in 1 of these; were none worth anything, it would be so in up to 0.2 by chance alone.",
        "1 survives Benjamini-Hochberg over all 3, at most 5% of such survivors being chance: total_chaos 1.",
    ]


def test_the_summary_says_that_nothing_survives() -> None:
    assert summary_sentences(rows(*OTHERS))[-1] == (
        "None survives Benjamini-Hochberg over all 2: no strategy is active, and none is staked on."
    )


def test_the_summary_says_that_nothing_could_be_tested() -> None:
    assert summary_sentences(rows(OTHERS[-1]))[-1] == "None could be tested, so that none is active."
    assert summary_sentences([])[0].startswith("0 strategies")


def test_the_summary_says_what_survives_over_all_teams_and_what_the_close_said_of_it() -> None:
    seasons = [Season(2018), SEASON]
    none, won, known, missed, unsure, alike = (
        pooled_sentences(pooled([each]), seasons)
        for each in (
            OTHERS[0],
            trial(1, [1.0] * 28 + [-1.0] * 4),
            with_clv(2.0, 0.1),
            with_clv(-2.0, 0.1),
            with_clv(-0.05, 0.1),
            with_clv(2.0, 0.0),
        )
    )
    assert none == [
        "Over all teams and 2 seasons up to 2019-20, 1 of 9 strategies could be tested; none survives "
        "Benjamini-Hochberg over all 9."
    ]
    assert won == [
        "Over all teams and 2 seasons up to 2019-20, 1 of 9 strategies could be tested; 1 survives: total_chaos.",
        "total_chaos: 32 bets, ROI +75.0%; no closing price is held to judge its prices by.",
    ]
    assert known[-1].startswith("total_chaos: 32 bets, ROI +75.0%; CLV without margin +2.05 %, 95 % interval +2.03 to ")
    said = [each[-1].partition("over 32 with a closing price: ")[2] for each in (known, missed, unsure, alike)]
    assert said == [
        "the prices taken were better than the close held fair.",
        "the close held the prices taken to be too low, so that luck explains the profit better than skill.",
        "the close does not confirm the profit.",
        "too little to say whether the close agreed.",
    ]


def test_a_bet_that_two_teams_share_counts_once_over_all_teams() -> None:
    # Both sides of matches 0 to 9 bet on their totals.
    found = {each.strategy: each for each in pooled([trial(1, [1.0] * 10), trial(2, [1.0] * 10 + [-1.0] * 10)])}
    assert list(found) == list(StrategyName)
    roi = found[CHAOS].roi
    assert (roi.value, roi.n, roi.clusters) == (0.0, 20, 20)
    assert roi.low is not None
    assert roi.low < 0
    assert found[StrategyName.FADE_LUCK].roi.value is None


def test_few_bets_and_bets_that_all_went_alike_have_no_interval_over_all_teams() -> None:
    for profits in ([1.0, -1.0, 1.0], [-1.0] * 20):
        roi = pooled([trial(1, profits)])[-1].roi
        assert roi.value is not None
        assert (roi.low, roi.high) == (None, None)


def test_clv_over_all_teams_is_the_mean_over_the_bets_that_have_it() -> None:
    found = pooled([trial(1, [1.0] * 10, clv=2.0), trial(2, [-1.0] * 30, first=10)])[-1]
    assert found.strategy is CHAOS
    assert found.clv_percentage.value == pytest.approx(2.0)
    assert found.clv_percentage.n == 10


def test_the_table_shows_each_strategy_and_what_is_missing_as_missing() -> None:
    shown = summary_markdown(rows(WINNER, *OTHERS), pooled([WINNER, *OTHERS]), [SEASON])
    assert "| total_chaos | 2 of 3 | 1 | 57 | 57 | +50.9% |" in shown
    assert "| +2.00 | - | 0.0002 | 0.002 |" in shown
    assert "| fade_luck | 0 of 0 | 0 | 0 | 0 | - | - | - | - | - | - |" in shown


def test_strategies_of_several_survivors_are_counted() -> None:
    many = rows(*(replace(WINNER, team_id=team) for team in range(3)))
    assert summary_sentences(many)[-1].startswith("3 survive Benjamini-Hochberg over all 3")
