"""Settlement of every market and side: published rules as tables, what must hold always, and mistakes others made."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from monps_platform.domain.odds import Market
from monps_platform.domain.picks import MARKETS_WITH_LINE, PICK_SIDES, PickResult, PickSide
from monps_platform.domain.settlement import RESULTS, Backed, profit, settle

Score = tuple[int, int]

_PROPERTIES = settings(deadline=None, max_examples=150)
_LETTERS = {
    "W": PickResult.WIN,
    "w": PickResult.HALF_WIN,
    "-": PickResult.PUSH,
    "l": PickResult.HALF_LOSS,
    "L": PickResult.LOSS,
}
_OPPOSITE = {
    PickResult.WIN: PickResult.LOSS,
    PickResult.HALF_WIN: PickResult.HALF_LOSS,
    PickResult.PUSH: PickResult.PUSH,
    PickResult.HALF_LOSS: PickResult.HALF_WIN,
    PickResult.LOSS: PickResult.WIN,
}
_LINES = [quarters / 4 for quarters in range(-20, 21)]
_SCORES = [(home, away) for home in range(10) for away in range(10)]
# In ten-thousandths, as prices are held; stakes likewise.
_PRICES = st.integers(10_001, 1_000_000)
_STAKES = st.integers(1, 10_000_000)

HOME, DRAW, AWAY = PickSide.HOME, PickSide.DRAW, PickSide.AWAY
OVER, UNDER = PickSide.OVER, PickSide.UNDER


def settled(backed: Backed, *scores: Score) -> list[PickResult]:
    return settle([backed] * len(scores), [home for home, _ in scores], [away for _, away in scores])


def named(letters: str) -> list[PickResult]:
    return [_LETTERS[letter] for letter in letters]


def won(result: PickResult, price: float, stake: float) -> float:
    return float(profit([result], [price], [stake])[0])


def cases(market: Market) -> Iterator[float | None]:
    """The lines to try: every quarter from -5 to 5, or none."""
    yield from _LINES if market in MARKETS_WITH_LINE else [None]


# Published rules; W, w, -, l, L stand for win, half win, push, half loss, loss.


@pytest.mark.parametrize(
    ("market", "side", "letters"),
    [
        # Of three results one is paid; a draw loses for those who backed a team (Pinnacle help, "How are money lines
        # graded when the draw is offered in soccer?").
        (Market.ONE_X_TWO, PickSide.HOME, "LWLLWLWLL"),
        (Market.ONE_X_TWO, PickSide.DRAW, "WLLWLLLLW"),
        (Market.ONE_X_TWO, PickSide.AWAY, "LLWLLWLWL"),
        # Two of the three results (1xRoll guide and online-betting.org, "double chance").
        (Market.DOUBLE_CHANCE, PickSide.HOME_OR_DRAW, "WWLWWLWLW"),
        (Market.DOUBLE_CHANCE, PickSide.HOME_OR_AWAY, "LWWLWWWWL"),
        (Market.DOUBLE_CHANCE, PickSide.DRAW_OR_AWAY, "WLWWLWLWW"),
        # A draw returns the stake (Swisslos Sporttip help, "Draw no bet").
        (Market.DRAW_NO_BET, PickSide.HOME, "-WL-WLWL-"),
        (Market.DRAW_NO_BET, PickSide.AWAY, "-LW-LWLW-"),
        # Yes if both teams score, no if one or both do not (FOMO help centre, market rules).
        (Market.BTTS, PickSide.YES, "LLLWWWLLW"),
        (Market.BTTS, PickSide.NO, "WWWLLLWWL"),
    ],
)
def test_markets_without_a_line_are_settled_as_bookmakers_publish(market: Market, side: PickSide, letters: str) -> None:
    scores = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (3, 0), (0, 3), (2, 2)]
    assert settled(Backed(market, side), *scores) == named(letters)


@pytest.mark.parametrize(
    ("line", "letters"),
    [
        # bet365 help, soccer rules, "Asian handicap", and the table of pro-tips.net, by how many goals the team won:
        # -3 -2 -1 0 1 2 3.
        (-2.0, "LLLLL-W"),
        (-1.75, "LLLLLwW"),
        (-1.5, "LLLLLWW"),
        (-1.25, "LLLLlWW"),
        (-1.0, "LLLL-WW"),
        (-0.75, "LLLLwWW"),
        (-0.5, "LLLLWWW"),
        (-0.25, "LLLlWWW"),
        (0.0, "LLL-WWW"),
        (0.25, "LLLwWWW"),
        (0.5, "LLLWWWW"),
        (0.75, "LLlWWWW"),
        (1.0, "LL-WWWW"),
        (1.25, "LLwWWWW"),
        (1.5, "LLWWWWW"),
        (1.75, "LlWWWWW"),
        (2.0, "L-WWWWW"),
    ],
)
def test_handicaps_are_settled_as_bookmakers_publish_for_the_team_at_home_and_away(line: float, letters: str) -> None:
    at_home = [(0, 3), (0, 2), (1, 2), (1, 1), (2, 1), (2, 0), (4, 1)]
    away = [(goals, conceded) for conceded, goals in at_home]
    assert settled(Backed(Market.ASIAN_HANDICAP, HOME, line), *at_home) == named(letters)
    # The line is that of the team at home: a team away that gets +1 faces one at -1.
    assert settled(Backed(Market.ASIAN_HANDICAP, AWAY, -line), *away) == named(letters)


@pytest.mark.parametrize(
    ("line", "over", "under"),
    [
        # VPTop help, "Football prediction guide", and soccerpunter.com, "Goal line", by the goals of a match: 0 to 6.
        (0.5, "LWWWWWW", "WLLLLLL"),
        (1.5, "LLWWWWW", "WWLLLLL"),
        (2.0, "LL-WWWW", "WW-LLLL"),
        (2.25, "LLlWWWW", "WWwLLLL"),
        (2.5, "LLLWWWW", "WWWLLLL"),
        (2.75, "LLLwWWW", "WWWlLLL"),
        (3.0, "LLL-WWW", "WWW-LLL"),
        (3.25, "LLLlWWW", "WWWwLLL"),
        (3.5, "LLLLWWW", "WWWWLLL"),
        (5.25, "LLLLLlW", "WWWWWwL"),
    ],
)
def test_totals_are_settled_as_bookmakers_publish(line: float, over: str, under: str) -> None:
    for scores in ([(0, 0), (1, 0), (2, 0), (2, 1), (4, 0), (3, 2), (3, 3)], [(0, goals) for goals in range(7)]):
        assert settled(Backed(Market.OVER_UNDER, OVER, line), *scores) == named(over)
        assert settled(Backed(Market.OVER_UNDER, UNDER, line), *scores) == named(under)


@pytest.mark.parametrize(
    ("backed", "score", "price", "stake", "units"),
    [
        # Pinnacle help, "What is the explanation for Asian Handicap and Double Totals?": +0.5 and +1 on a side that
        # loses 0-1 loses one half, and the other is a push; -1 by one goal is a push; under 5 and 5.5 with 5 goals
        # ties one half and wins the other.
        (Backed(Market.ASIAN_HANDICAP, HOME, 0.75), (0, 1), 1.9, 100.0, -50.0),
        (Backed(Market.ASIAN_HANDICAP, HOME, -1.0), (2, 1), 1.9, 100.0, 0.0),
        (Backed(Market.ASIAN_HANDICAP, HOME, -1.0), (3, 1), 1.9, 100.0, 90.0),
        (Backed(Market.OVER_UNDER, UNDER, 5.25), (3, 2), 1.9, 100.0, 45.0),
        # easysportbet.co.uk, "Asian handicap rules of settlement": Chelsea win 1-0.
        (Backed(Market.ASIAN_HANDICAP, HOME, -1.0), (1, 0), 2.0, 100.0, 0.0),
        (Backed(Market.ASIAN_HANDICAP, HOME, -1.25), (1, 0), 2.3, 100.0, -50.0),
        (Backed(Market.ASIAN_HANDICAP, HOME, -0.75), (1, 0), 1.7, 100.0, 35.0),
        # Unibet help, "Asian handicap lines": 10 at 2.05 on Manchester United.
        (Backed(Market.ASIAN_HANDICAP, HOME, 2.0), (0, 1), 2.05, 10.0, 10.5),
        (Backed(Market.ASIAN_HANDICAP, HOME, 2.0), (0, 2), 2.05, 10.0, 0.0),
        (Backed(Market.ASIAN_HANDICAP, HOME, 1.5), (0, 1), 2.05, 10.0, 10.5),
        (Backed(Market.ASIAN_HANDICAP, HOME, 1.5), (0, 2), 2.05, 10.0, -10.0),
        # asianhandicap.tripod.com, example 2: Cardiff give Swansea three quarters of a goal.
        (Backed(Market.ASIAN_HANDICAP, HOME, -0.75), (0, 0), 1.825, 100.0, -100.0),
        (Backed(Market.ASIAN_HANDICAP, AWAY, -0.75), (0, 0), 2.075, 100.0, 107.5),
        (Backed(Market.ASIAN_HANDICAP, HOME, -0.75), (1, 0), 1.825, 100.0, 41.25),
        (Backed(Market.ASIAN_HANDICAP, AWAY, -0.75), (1, 0), 2.075, 100.0, -50.0),
        # soccerpunter.com, "Goal line": 10 over 2 and 2.5.
        (Backed(Market.OVER_UNDER, OVER, 2.25), (1, 1), 1.95, 10.0, -5.0),
        # Swisslos Sporttip help, "Draw no bet": Aarau against Servette ends 3-3.
        (Backed(Market.DRAW_NO_BET, HOME), (3, 3), 2.6, 10.0, 0.0),
    ],
)
def test_published_bets_win_and_lose_what_is_published(
    backed: Backed, score: Score, price: float, stake: float, units: float
) -> None:
    assert won(settled(backed, score)[0], price, stake) == units


# What holds always.


@pytest.mark.parametrize("market", [market for market in Market if len(PICK_SIDES[market]) == 2])
def test_the_two_sides_of_a_market_end_the_opposite_way(market: Market) -> None:
    first, second = PICK_SIDES[market]
    for line in cases(market):
        one, other = settled(Backed(market, first, line), *_SCORES), settled(Backed(market, second, line), *_SCORES)
        assert [_OPPOSITE[result] for result in one] == other


def test_of_the_three_results_exactly_one_wins_and_two_lose() -> None:
    ends = [settled(Backed(Market.ONE_X_TWO, side), *_SCORES) for side in PICK_SIDES[Market.ONE_X_TWO]]
    for three in zip(*ends, strict=True):
        assert sorted(three) == [PickResult.LOSS, PickResult.LOSS, PickResult.WIN]


@pytest.mark.parametrize(
    ("double", "third"),
    [(PickSide.HOME_OR_DRAW, AWAY), (PickSide.HOME_OR_AWAY, DRAW), (PickSide.DRAW_OR_AWAY, HOME)],
)
def test_a_double_chance_ends_the_opposite_way_of_the_third_result(double: PickSide, third: PickSide) -> None:
    one = settled(Backed(Market.DOUBLE_CHANCE, double), *_SCORES)
    assert [_OPPOSITE[result] for result in one] == settled(Backed(Market.ONE_X_TWO, third), *_SCORES)


@pytest.mark.parametrize("side", [HOME, AWAY])
def test_draw_no_bet_is_the_handicap_of_no_goals(side: PickSide) -> None:
    level = settled(Backed(Market.ASIAN_HANDICAP, side, 0.0), *_SCORES)
    assert settled(Backed(Market.DRAW_NO_BET, side), *_SCORES) == level


@pytest.mark.parametrize("side", [HOME, AWAY])
def test_a_handicap_of_half_a_goal_less_is_the_bet_on_the_team_to_win(side: PickSide) -> None:
    line = -0.5 if side is HOME else 0.5
    half = settled(Backed(Market.ASIAN_HANDICAP, side, line), *_SCORES)
    assert half == settled(Backed(Market.ONE_X_TWO, side), *_SCORES)


_MIRRORED = {
    HOME: AWAY,
    AWAY: HOME,
    PickSide.HOME_OR_DRAW: PickSide.DRAW_OR_AWAY,
    PickSide.DRAW_OR_AWAY: PickSide.HOME_OR_DRAW,
}


@pytest.mark.parametrize(("market", "side"), [(market, side) for market in Market for side in PICK_SIDES[market]])
def test_the_match_seen_from_the_other_team_ends_the_same_way(market: Market, side: PickSide) -> None:
    exchanged = [(away, home) for home, away in _SCORES]
    for line in cases(market):
        turned = -line if market is Market.ASIAN_HANDICAP and line is not None else line
        mirrored = Backed(market, _MIRRORED.get(side, side), turned)
        assert settled(mirrored, *exchanged) == settled(Backed(market, side, line), *_SCORES)


def halves_won(beyond: Fraction, price: Fraction, stake: Fraction) -> Fraction:
    """Profit of a stake that goes in halves to the lines a quarter below and above, or to the one line there is."""
    parts = (beyond,) if (beyond * 2).denominator == 1 else (beyond - Fraction(1, 4), beyond + Fraction(1, 4))
    each = stake / len(parts)
    return sum(((price - 1) * each if part > 0 else -each if part < 0 else Fraction(0) for part in parts), Fraction(0))


@pytest.mark.parametrize(
    ("market", "side"), [(market, side) for market in MARKETS_WITH_LINE for side in PICK_SIDES[market]]
)
def test_every_line_wins_what_two_half_stakes_on_the_lines_beside_it_win(market: Market, side: PickSide) -> None:
    price, stake = Fraction("1.9375"), Fraction(7)
    for line in _LINES:
        ends = settled(Backed(market, side, line), *_SCORES)
        found = profit(ends, [float(price)] * len(ends), [float(stake)] * len(ends))
        for (home, away), units in zip(_SCORES, found.tolist(), strict=True):
            beyond = {
                (Market.OVER_UNDER, OVER): home + away - Fraction(line),
                (Market.OVER_UNDER, UNDER): Fraction(line) - home - away,
                (Market.ASIAN_HANDICAP, HOME): home + Fraction(line) - away,
                (Market.ASIAN_HANDICAP, AWAY): away - Fraction(line) - home,
            }[market, side]
            assert units == float(halves_won(beyond, price, stake))


@pytest.mark.parametrize(
    ("market", "side"), [(market, side) for market in MARKETS_WITH_LINE for side in PICK_SIDES[market]]
)
def test_a_line_a_quarter_more_generous_never_ends_worse(market: Market, side: PickSide) -> None:
    generous = (market, side) in {(Market.OVER_UNDER, UNDER), (Market.ASIAN_HANDICAP, HOME)}
    for score in [(0, 0), (1, 0), (0, 2), (3, 1)]:
        ends = [RESULTS.index(settled(Backed(market, side, line), score)[0]) for line in _LINES]
        steps = np.diff(ends if generous else ends[::-1])
        assert ((steps == 0) | (steps == 1)).all()


def test_picks_of_all_markets_at_once_end_as_each_alone_and_in_their_order() -> None:
    backed = [
        Backed(market, side, line)
        for market in Market
        for side in PICK_SIDES[market]
        for line in ([-0.75, 0.0, 2.25] if market in MARKETS_WITH_LINE else [None])
    ]
    order = np.random.default_rng(7).permutation(len(backed) * 3)
    mixed = [(backed[at % len(backed)], _SCORES[int(at) * 7 % 100]) for at in order]
    together = settle([item for item, _ in mixed], [score[0] for _, score in mixed], [score[1] for _, score in mixed])
    assert together == [settled(item, score)[0] for item, score in mixed]


def test_no_score_makes_a_pick_void() -> None:
    found = {
        result
        for market in Market
        for side in PICK_SIDES[market]
        for line in cases(market)
        for result in settled(Backed(market, side, line), *_SCORES)
    }
    assert found == set(PickResult) - {PickResult.VOID}


def test_no_picks_have_no_results_and_no_profit() -> None:
    assert settle([], [], []) == []
    assert profit([], [], []).shape == (0,)


# Profit.


@pytest.mark.parametrize(
    ("result", "units"),
    [
        (PickResult.WIN, 5.5),
        (PickResult.HALF_WIN, 2.75),
        (PickResult.PUSH, 0.0),
        (PickResult.VOID, 0.0),
        (PickResult.HALF_LOSS, -2.5),
        (PickResult.LOSS, -5.0),
    ],
)
def test_five_units_at_2_1_win_or_lose_by_the_result(result: PickResult, units: float) -> None:
    assert won(result, 2.1, 5.0) == units


@_PROPERTIES
@given(st.lists(st.tuples(st.sampled_from(PickResult), _PRICES, _STAKES), min_size=1, max_size=20))
def test_profit_is_exact_for_prices_and_stakes_of_four_decimals(bets: list[tuple[PickResult, int, int]]) -> None:
    shares = {
        PickResult.WIN: ("1", "0"),
        PickResult.HALF_WIN: ("0.5", "0"),
        PickResult.HALF_LOSS: ("0", "0.5"),
        PickResult.LOSS: ("0", "1"),
    }
    exact = []
    for result, price, stake in bets:
        win, loss = (Decimal(share) for share in shares.get(result, ("0", "0")))
        exact.append(float(Decimal(stake) / 10_000 * (win * (Decimal(price) / 10_000 - 1) - loss)))
    results, prices, stakes = zip(*bets, strict=True)
    assert profit(results, np.array(prices) / 10_000, np.array(stakes) / 10_000).tolist() == exact


def test_profits_that_binary_floats_get_wrong_are_right() -> None:
    assert 10 * (1.1 - 1) != 1.0
    assert won(PickResult.WIN, 1.1, 10.0) == 1.0
    assert won(PickResult.HALF_WIN, 1.0001, 0.0001) == 5e-9
    assert won(PickResult.WIN, 4.35, 3.0) == 10.05


@pytest.mark.parametrize("result", [PickResult.PUSH, PickResult.VOID])
@pytest.mark.parametrize("price", [1.0001, 1.5, 1000.0])
def test_a_stake_returned_is_a_zero_without_a_sign(result: PickResult, price: float) -> None:
    units = won(result, price, 3.0)
    assert units == 0
    assert not np.signbit(units)


@pytest.mark.parametrize("result", PickResult)
def test_no_stake_wins_or_loses_a_zero_without_a_sign(result: PickResult) -> None:
    units = won(result, 1.5, 0.0)
    assert units == 0
    assert not np.signbit(units)


# Mistakes that systems of this kind have made; each test fails where one is made again.


@pytest.mark.parametrize("side", [HOME, AWAY])
@pytest.mark.parametrize("goals", range(5))
def test_a_draw_without_a_bet_on_it_is_not_booked_as_a_loss(side: PickSide, goals: int) -> None:
    result = settled(Backed(Market.DRAW_NO_BET, side), (goals, goals))[0]
    assert result is PickResult.PUSH
    assert won(result, 1.8, 10.0) == 0


@pytest.mark.parametrize(
    ("backed", "score"),
    [
        (Backed(Market.OVER_UNDER, OVER, 3.0), (2, 1)),
        (Backed(Market.OVER_UNDER, UNDER, 3.0), (2, 1)),
        (Backed(Market.ASIAN_HANDICAP, HOME, -2.0), (3, 1)),
        (Backed(Market.ASIAN_HANDICAP, AWAY, -2.0), (3, 1)),
        (Backed(Market.ASIAN_HANDICAP, HOME, 0.0), (0, 0)),
        (Backed(Market.ASIAN_HANDICAP, AWAY, 1.0), (1, 2)),
    ],
)
def test_a_whole_line_met_exactly_is_not_booked_as_a_loss(backed: Backed, score: Score) -> None:
    result = settled(backed, score)[0]
    assert result is PickResult.PUSH
    assert won(result, 1.9, 10.0) == 0


@pytest.mark.parametrize(
    ("market", "line"),
    [
        (Market.ONE_X_TWO, None),
        (Market.DRAW_NO_BET, None),
        (Market.ASIAN_HANDICAP, -0.5),
        (Market.ASIAN_HANDICAP, 0.0),
        (Market.ASIAN_HANDICAP, 0.5),
    ],
)
def test_the_sides_of_a_match_are_not_swapped(market: Market, line: float | None) -> None:
    assert settled(Backed(market, HOME, line), (2, 0), (0, 2)) == named("WL")
    assert settled(Backed(market, AWAY, line), (2, 0), (0, 2)) == named("LW")


def test_over_and_under_and_yes_and_no_are_not_swapped() -> None:
    assert settled(Backed(Market.OVER_UNDER, OVER, 2.5), (2, 2), (1, 0)) == named("WL")
    assert settled(Backed(Market.OVER_UNDER, UNDER, 2.5), (2, 2), (1, 0)) == named("LW")
    assert settled(Backed(Market.BTTS, PickSide.YES), (2, 2), (1, 0)) == named("WL")
    assert settled(Backed(Market.BTTS, PickSide.NO), (2, 2), (1, 0)) == named("LW")


def test_double_chances_with_the_draw_are_not_swapped() -> None:
    assert settled(Backed(Market.DOUBLE_CHANCE, PickSide.HOME_OR_DRAW), (1, 0), (0, 0), (0, 1)) == named("WWL")
    assert settled(Backed(Market.DOUBLE_CHANCE, PickSide.DRAW_OR_AWAY), (1, 0), (0, 0), (0, 1)) == named("LWW")


def test_the_line_of_a_handicap_does_not_have_the_wrong_sign() -> None:
    # The favourite at home at -1.5 has to win by two; with the sign turned, it may even lose by one.
    assert settled(Backed(Market.ASIAN_HANDICAP, HOME, -1.5), (1, 0), (0, 1), (2, 0)) == named("LLW")
    assert settled(Backed(Market.ASIAN_HANDICAP, HOME, 1.5), (1, 0), (0, 1), (0, 2)) == named("WWL")


def test_the_line_of_a_handicap_is_that_of_the_team_at_home_for_both_sides() -> None:
    # The team away at the home side's -1.5 gets 1.5 goals; were the line its own, it would give them.
    assert settled(Backed(Market.ASIAN_HANDICAP, AWAY, -1.5), (1, 0), (0, 1), (2, 0)) == named("WWL")
    assert settled(Backed(Market.ASIAN_HANDICAP, AWAY, 1.5), (1, 0), (0, 1), (0, 2)) == named("LLW")


@pytest.mark.parametrize(
    ("backed", "score"),
    [
        (Backed(Market.ASIAN_HANDICAP, HOME, -0.25), (1, 1)),
        (Backed(Market.ASIAN_HANDICAP, AWAY, 0.25), (1, 1)),
        (Backed(Market.ASIAN_HANDICAP, HOME, 0.75), (0, 1)),
        (Backed(Market.OVER_UNDER, OVER, 2.25), (1, 1)),
        (Backed(Market.OVER_UNDER, UNDER, 2.75), (2, 1)),
    ],
)
def test_half_a_loss_is_not_booked_as_a_loss(backed: Backed, score: Score) -> None:
    result = settled(backed, score)[0]
    assert result is PickResult.HALF_LOSS
    assert won(result, 1.9, 10.0) == -5.0


@pytest.mark.parametrize(
    ("backed", "score"),
    [
        (Backed(Market.ASIAN_HANDICAP, HOME, 0.25), (1, 1)),
        (Backed(Market.ASIAN_HANDICAP, AWAY, -0.25), (1, 1)),
        (Backed(Market.ASIAN_HANDICAP, HOME, -0.75), (1, 0)),
        (Backed(Market.OVER_UNDER, OVER, 2.75), (2, 1)),
        (Backed(Market.OVER_UNDER, UNDER, 2.25), (1, 1)),
    ],
)
def test_half_a_win_is_not_booked_as_a_win(backed: Backed, score: Score) -> None:
    result = settled(backed, score)[0]
    assert result is PickResult.HALF_WIN
    assert won(result, 1.9, 10.0) == 4.5


def test_a_goal_of_each_team_is_needed_for_both_to_score() -> None:
    assert settled(Backed(Market.BTTS, PickSide.YES), (0, 4), (4, 0), (1, 1)) == named("LLW")


def test_a_loss_costs_the_stake_and_a_win_pays_the_price_less_the_stake() -> None:
    assert won(PickResult.LOSS, 3.0, 10.0) == -10.0
    assert won(PickResult.WIN, 3.0, 10.0) == 20.0


# What makes no sense is refused.


@pytest.mark.parametrize(
    ("market", "side"), [(market, side) for market in Market for side in PickSide if side not in PICK_SIDES[market]]
)
def test_a_side_that_a_market_does_not_have_is_refused(market: Market, side: PickSide) -> None:
    offered = ", ".join(PICK_SIDES[market])
    with pytest.raises(ValueError, match=f"^{market} has no side {side}: it has {offered}$"):
        Backed(market, side, 2.5 if market in MARKETS_WITH_LINE else None)


@pytest.mark.parametrize("market", Market)
def test_a_line_too_many_or_too_few_is_refused(market: Market) -> None:
    side = PICK_SIDES[market][0]
    if market in MARKETS_WITH_LINE:
        with pytest.raises(ValueError, match=f"^{market} needs a line$"):
            Backed(market, side)
    else:
        with pytest.raises(ValueError, match=f"^{market} has no line$"):
            Backed(market, side, 0.0)


@pytest.mark.parametrize("market", MARKETS_WITH_LINE)
@pytest.mark.parametrize("line", [0.1, 2.4, -0.3, 1.125, 2.250001, float("nan"), float("inf"), float("-inf")])
def test_a_line_that_is_no_quarter_of_a_goal_is_refused(market: Market, line: float) -> None:
    with pytest.raises(ValueError, match=f"^a line is in quarters of a goal, not {line}$"):
        Backed(market, PICK_SIDES[market][0], line)


@pytest.mark.parametrize(
    ("count", "home", "away", "message"),
    [
        (2, [1], [0], r"2 picks, goals of shapes \(1,\) and \(1,\): not one each"),
        (1, [1, 2], [0], r"1 picks, goals of shapes \(2,\) and \(1,\): not one each"),
        (1, [1], [0, 2], r"1 picks, goals of shapes \(1,\) and \(2,\): not one each"),
        (1, 1, 0, r"1 picks, goals of shapes \(\) and \(\): not one each"),
        (1, [[1]], [[0]], r"1 picks, goals of shapes \(1, 1\) and \(1, 1\): not one each"),
        (0, [1], [0], r"0 picks, goals of shapes \(1,\) and \(1,\): not one each"),
        (2, [1, None], [0, 0], "goals are missing or negative: a match without a score cannot be settled"),
        (2, [1, 1], [float("nan"), 0], "goals are missing or negative"),
        (1, [float("inf")], [0], "goals are missing or negative"),
        (1, [1], [float("inf")], "goals are missing or negative"),
        (1, [-1], [0], "goals are missing or negative"),
        (1, [0], [-1], "goals are missing or negative"),
    ],
)
def test_picks_without_one_score_each_are_not_settled(
    count: int, home: ArrayLike, away: ArrayLike, message: str
) -> None:
    given_home, given_away = np.array(home, dtype=np.float64), np.array(away, dtype=np.float64)
    with pytest.raises(ValueError, match=message):
        settle([Backed(Market.ONE_X_TWO, HOME)] * count, given_home, given_away)


@pytest.mark.parametrize(
    ("price", "stake", "message"),
    [
        ([2.0], [1.0, 1.0], r"2 results, shapes \(1,\) and \(2,\): not one each"),
        ([2.0, 2.0], [1.0], r"2 results, shapes \(2,\) and \(1,\): not one each"),
        ([2.0], [1.0], r"2 results, shapes \(1,\) and \(1,\): not one each"),
        (2.0, 1.0, r"2 results, shapes \(\) and \(\): not one each"),
    ],
)
def test_results_without_one_price_and_stake_each_have_no_profit(
    price: ArrayLike, stake: ArrayLike, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        profit([PickResult.WIN, PickResult.LOSS], price, stake)
