"""Forecasts from goals alone: what a fit says of matches in every market, base rates, and the gaps of both."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from math import exp, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.forecasts import HALF_LINES, Forecast, ForecastGap, ForecastModel, handicap_key
from monps_platform.domain.goal_model.dixon_coles import DEFAULT, MODEL_VERSION, Estimate, Fit, UnknownTeamError
from monps_platform.domain.goal_model.forecasts import (
    BASE_RATE_VERSION,
    base_rate_forecasts,
    model_forecasts,
    model_gaps,
)
from monps_platform.domain.goal_model.history import Fixtures, Matches

DAY = date(2020, 2, 11)
NUMBERS = (
    *("home_prob", "draw_prob", "away_prob", "over15_prob", "over25_prob", "over35_prob", "btts_prob"),
    *("home_goals_expected", "away_goals_expected"),
)
BOOKS = {"one_x_two_bookmaker_id", "over_under_bookmaker_id", "asian_handicap_bookmaker_id"}


def made_fit(attack: list[float], defence: list[float], rho: float = -0.08, home: float = 0.25) -> Fit:
    """A fit with these strengths of teams 10, 20, 30 and so on."""
    count, error = len(attack), np.full(len(attack), 0.1)
    return Fit(
        day=DAY.toordinal(),
        options=DEFAULT,
        teams=np.arange(1, count + 1) * 10,
        attack=np.array(attack),
        attack_se=error,
        defence=np.array(defence),
        defence_se=error,
        matches_played=np.full(count, 19),
        is_newcomer=np.zeros(count, dtype=np.bool_),
        intercept=Estimate(0.12, 0.02),
        home_advantage=Estimate(home, 0.02),
        rho=Estimate(rho, 0.02),
        newcomer_attack=Estimate(-0.2, 0.1),
        newcomer_defence=Estimate(-0.1, 0.1),
        matches=380,
        home_goals=560,
        away_goals=500,
        first_day=DAY.toordinal() - 1000,
        last_day=DAY.toordinal() - 1,
        log_likelihood=-1000.0,
        iterations=5,
    )


FIT = made_fit([0.3, -0.2, 0.05], [0.15, -0.1, 0.0])


def fixtures(*pairs: tuple[int, int]) -> Fixtures:
    """Matches 100, 101 and so on, on the day and later ones."""
    rows = np.arange(len(pairs))
    home, away = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Fixtures(rows + 100, rows + DAY.toordinal(), np.full(len(pairs), 2019), home, away)


def scores(home_rate: float, away_rate: float, rho: float) -> dict[tuple[int, int], float]:
    """Dixon & Coles (1997), section 4.2, in plain Python: probabilities of the scores up to 15 goals a side."""
    tau = {
        (0, 0): 1 - home_rate * away_rate * rho,
        (0, 1): 1 + home_rate * rho,
        (1, 0): 1 + away_rate * rho,
        (1, 1): 1 - rho,
    }
    grid = {
        (home, away): tau.get((home, away), 1.0)
        * (exp(-home_rate) * home_rate**home / factorial(home))
        * (exp(-away_rate) * away_rate**away / factorial(away))
        for home in range(16)
        for away in range(16)
    }
    whole = sum(grid.values())
    return {score: probability / whole for score, probability in grid.items()}


def returned(difference: int, line: float, price: float) -> float:
    """What one unit on the home side returns; a quarter line is two half stakes on its neighbours."""
    halves = (line, line) if (line * 2).is_integer() else (line - 0.25, line + 0.25)
    margins = [difference + half for half in halves]
    return sum(price if margin > 0 else 1.0 if margin == 0 else 0.0 for margin in margins) / 2


def numbers(held: Forecast) -> list[float]:
    return [getattr(held, name) for name in NUMBERS]


def empty(held: Forecast) -> set[str]:
    return {field.name for field in fields(held) if getattr(held, field.name) is None}


def test_a_match_is_forecast_as_plain_arithmetic_says() -> None:
    (held,) = model_forecasts(FIT, fixtures((20, 10)))
    home_rate, away_rate = exp(0.12 + 0.25 - 0.2 - 0.15), exp(0.12 + 0.3 + 0.1)
    grid = scores(home_rate, away_rate, -0.08)
    expected = [
        sum(p for (home, away), p in grid.items() if home > away),
        sum(p for (home, away), p in grid.items() if home == away),
        sum(p for (home, away), p in grid.items() if home < away),
        *(sum(p for score, p in grid.items() if sum(score) > line) for line in (1.5, 2.5, 3.5)),
        sum(p for score, p in grid.items() if min(score) > 0),
        home_rate,
        away_rate,
    ]
    assert numbers(held) == pytest.approx(expected, abs=1e-12)
    assert (held.match_id, held.model, held.model_version, held.as_of) == (
        100,
        ForecastModel.DIXON_COLES,
        MODEL_VERSION,
        DAY,
    )
    assert empty(held) == {"gap", *BOOKS}


def test_a_stake_at_a_fair_handicap_price_returns_itself_on_average() -> None:
    (held,) = model_forecasts(FIT, fixtures((10, 30)))
    grid = scores(exp(0.12 + 0.25 + 0.3 - 0.0), exp(0.12 + 0.05 - 0.15), -0.08)
    assert held.handicaps is not None
    for line, probability in held.handicaps.items():
        mean = sum(p * returned(home - away, float(line), 1 / probability) for (home, away), p in grid.items())
        assert mean == pytest.approx(1, abs=5e-5), line


def test_there_is_a_handicap_for_every_quarter_from_minus_three_to_three() -> None:
    (held,) = model_forecasts(FIT, fixtures((10, 20)))
    assert held.handicaps is not None
    assert [float(line) for line in held.handicaps] == [quarters / 4 for quarters in range(-12, 13)]
    assert [handicap_key(float(line)) for line in held.handicaps] == list(held.handicaps)
    assert all(round(probability, 6) == probability for probability in held.handicaps.values())


_STRENGTHS = st.lists(st.floats(-0.8, 0.8), min_size=4, max_size=4)


@settings(deadline=None, max_examples=100)
@given(_STRENGTHS, st.floats(-0.15, 0.1), st.floats(0, 0.5))
def test_probabilities_of_any_fit_sum_to_one_and_fall_with_the_line(
    strengths: list[float], rho: float, home: float
) -> None:
    fitted = made_fit(strengths[:2], strengths[2:], rho, home)
    for held in model_forecasts(fitted, fixtures((10, 20), (20, 10))):
        values = numbers(held)
        assert sum(values[:3]) == pytest.approx(1, abs=1e-12)
        assert all(0 < value < 1 for value in values[:7])
        assert values[3] > values[4] > values[5]
        assert values[6] < values[3]
        handicaps = list((held.handicaps or {}).values())
        assert all(0 <= value <= 1 for value in handicaps)
        assert handicaps == sorted(handicaps)
        by_line = held.handicaps or {}
        assert by_line["-0.5"] == pytest.approx(values[0], abs=1e-6)
        assert by_line["0.5"] == pytest.approx(values[0] + values[1], abs=1e-6)
        assert by_line["0"] == pytest.approx(values[0] / (values[0] + values[2]), abs=1e-6)


def test_a_stronger_attack_makes_wins_and_goals_likelier() -> None:
    (weak,), (strong,) = (
        model_forecasts(made_fit([attack, 0.0], [0.0, 0.0]), fixtures((10, 20))) for attack in (0.0, 0.2)
    )
    for name in ("home_prob", "over15_prob", "over25_prob", "over35_prob", "btts_prob", "home_goals_expected"):
        assert getattr(strong, name) > getattr(weak, name)
    assert strong.away_goals_expected == weak.away_goals_expected


def test_a_forecast_does_not_depend_on_the_matches_beside_it() -> None:
    pairs = [(10, 20), (20, 30), (30, 10), (10, 30)]
    together = model_forecasts(FIT, fixtures(*pairs))
    alone = [replace(model_forecasts(FIT, fixtures(pair))[0], match_id=100 + at) for at, pair in enumerate(pairs)]
    assert together == alone
    assert model_forecasts(FIT, fixtures()) == []


def test_a_team_that_the_fit_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownTeamError, match=r"teams \[40\] are not among those of the fit"):
        model_forecasts(FIT, fixtures((10, 20), (10, 40)))


def test_gaps_of_the_model_say_why_and_until_when_and_nothing_else() -> None:
    found = model_gaps(DAY.toordinal(), fixtures((10, 20), (99, 98)))
    assert found == [
        Forecast(match_id, ForecastModel.DIXON_COLES, MODEL_VERSION, as_of=DAY, gap=ForecastGap.TOO_LITTLE_HISTORY)
        for match_id in (100, 101)
    ]
    assert model_gaps(DAY.toordinal(), fixtures()) == []


def history(results: list[tuple[int, int]], newest: int) -> Matches:
    """Matches with these scores, one a day up to the newest one's day (ordinal)."""
    rows = np.arange(len(results))
    goals = np.array(results, dtype=np.int64).reshape(-1, 2)
    days = rows + newest - len(results) + 1
    return Matches.of(Fixtures(rows, days, rows * 0 + 2019, rows * 0 + 10, rows * 0 + 20), goals[:, 0], goals[:, 1])


_SCORES = ((2, 1), (0, 0), (1, 3), (4, 0), (1, 1), (0, 1), (1, 0), (2, 2))


def test_base_rates_are_frequencies_of_the_matches_before_the_day_for_every_fixture_alike() -> None:
    results = [_SCORES[at % 8] for at in range(160)]
    known = history([*results, (9, 9), (9, 9)], DAY.toordinal() + 1)
    found = base_rate_forecasts(known, DAY.toordinal(), fixtures((10, 20), (99, 98)))
    assert [held.match_id for held in found] == [100, 101]
    for held in found:
        assert (held.model, held.model_version, held.as_of) == (ForecastModel.BASE_RATE, BASE_RATE_VERSION, DAY)
        assert numbers(held) == pytest.approx([3 / 8, 3 / 8, 2 / 8, 5 / 8, 4 / 8, 2 / 8 + 1 / 8, 4 / 8, 11 / 8, 1])
        assert empty(held) == {"gap", "handicaps", *BOOKS}


@pytest.mark.parametrize(("matches", "known"), [(DEFAULT.fewest_matches - 1, False), (DEFAULT.fewest_matches, True)])
def test_too_few_matches_before_the_day_give_a_gap(matches: int, known: bool) -> None:
    (held,) = base_rate_forecasts(history([(1, 0)] * matches, DAY.toordinal() - 1), DAY.toordinal(), fixtures((10, 20)))
    if known:
        assert held.gap is None
        assert held.home_prob == 1
    else:
        gap = ForecastGap.TOO_LITTLE_HISTORY
        assert held == Forecast(100, ForecastModel.BASE_RATE, BASE_RATE_VERSION, as_of=DAY, gap=gap)


def test_matches_older_than_the_models_window_do_not_count() -> None:
    old = history([(1, 0)] * 200, DAY.toordinal() - DEFAULT.window_days - 1)
    (held,) = base_rate_forecasts(old, DAY.toordinal(), fixtures((10, 20)))
    assert held.gap is ForecastGap.TOO_LITTLE_HISTORY


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=100, max_size=120))
def test_base_rates_of_any_history_are_those_of_counting(results: list[tuple[int, int]]) -> None:
    (held,) = base_rate_forecasts(history(results, DAY.toordinal() - 1), DAY.toordinal(), fixtures((10, 20)))
    n = len(results)
    assert numbers(held) == pytest.approx(
        [
            sum(home > away for home, away in results) / n,
            sum(home == away for home, away in results) / n,
            sum(home < away for home, away in results) / n,
            *(sum(home + away > line for home, away in results) / n for line in HALF_LINES),
            sum(min(score) > 0 for score in results) / n,
            sum(home for home, _ in results) / n,
            sum(away for _, away in results) / n,
        ]
    )
    assert sum(numbers(held)[:3]) == pytest.approx(1, abs=1e-12)


def test_both_kinds_of_forecasts_have_the_same_totals() -> None:
    assert HALF_LINES == (1.5, 2.5, 3.5)
