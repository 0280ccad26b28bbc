"""Judgements of forecasts: known scores, which matches are compared, what is pooled, and what intervals say."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.intervals import Rate
from monps_platform.domain.judgement import (
    FIRST_JUDGED_SEASON,
    VERSIONS,
    ForecastTable,
    Judgement,
    Judgements,
    Verdict,
    judge,
)
from monps_platform.domain.scoring_rules import calibration, calibration_error
from monps_platform.domain.seasons import Season

MODEL, CLOSING, PRE_MATCH, BASE_RATE = VERSIONS
FEW = 300
THIRDS = (1 / 3, 1 / 3, 1 / 3)
NONE = (math.nan, math.nan, math.nan)
Floats = NDArray[np.float64]
Rows = Sequence[Sequence[float]] | Floats


def table(
    outcome: Sequence[int] | NDArray[np.int64],
    forecasts: Mapping[ForecastModel, Rows],
    league: str = "E0",
    season: int = 2015,
    first_id: int = 1,
) -> ForecastTable:
    """A league's season; models that are not named have no forecast."""
    count = len(outcome)
    return ForecastTable(
        np.arange(first_id, first_id + count),
        np.full(count, league),
        np.full(count, season),
        np.asarray(outcome, dtype=np.int64),
        {model: np.asarray(forecasts.get(model, [NONE] * count), dtype=np.float64) for model in VERSIONS},
    )


def joined(*tables: ForecastTable) -> ForecastTable:
    """Tables one after another."""
    return ForecastTable(
        np.concatenate([item.match_id for item in tables]),
        np.concatenate([item.league for item in tables]),
        np.concatenate([item.season for item in tables]),
        np.concatenate([item.outcome for item in tables]),
        {model: np.concatenate([item.probabilities[model] for item in tables]) for model in VERSIONS},
    )


def certain(outcome: Sequence[int] | NDArray[np.int64]) -> Floats:
    """Forecasts that knew."""
    knew: Floats = np.eye(3)[np.asarray(outcome)]
    return knew


def noisy(chances: Floats, chance: np.random.Generator, noise: float) -> Floats:
    """Forecasts that miss the truth at random."""
    mixed = chances * np.exp(chance.normal(0, noise, chances.shape))
    return np.asarray(mixed / mixed.sum(axis=1, keepdims=True))


def drawn(
    matches: int, seed: int, noise: Mapping[ForecastModel, float], league: str = "E0", season: int = 2015
) -> ForecastTable:
    """Matches of known chances, and forecasts that miss them by so much."""
    chance = np.random.default_rng(seed)
    truth = chance.dirichlet((4.5, 2.6, 2.9), matches)
    outcome = (chance.random(matches)[:, None] > truth.cumsum(axis=1)).sum(axis=1)
    forecasts = {model: noisy(truth, chance, much) for model, much in noise.items()}
    return table(np.minimum(outcome, 2), forecasts, league, season, first_id=seed * 10_000)


def only(judgements: Judgements) -> Judgement:
    (found,) = judgements.league_seasons
    return found


def overall(judgements: Judgements) -> Judgement:
    assert judgements.overall is not None
    return judgements.overall


def ends(rate: Rate) -> tuple[float, float, float]:
    assert rate.value is not None
    assert rate.low is not None
    assert rate.high is not None
    return rate.value, rate.low, rate.high


def verdict(judgement: Judgement, model: ForecastModel) -> Verdict:
    difference = judgement.scores[model].rps_difference
    assert difference is not None
    return difference.verdict


def test_a_perfect_forecast_scores_nothing_and_beats_the_market() -> None:
    outcome = [0, 1, 2, 0, 0, 2, 1, 0]
    found = only(judge(table(outcome, {MODEL: certain(outcome), CLOSING: [THIRDS] * 8}), resamples=FEW))
    score = found.scores[MODEL]
    assert [ends(rate) for rate in (score.rps, score.log_loss, score.brier)] == [(0.0, 0.0, 0.0)] * 3
    assert score.calibration_error == 0
    assert verdict(found, MODEL) is Verdict.BETTER
    assert (found.n, found.played, found.benchmark) == (8, 8, CLOSING)


def test_a_third_for_each_outcome_scores_what_the_formulas_say() -> None:
    outcome = [0, 0, 1, 2]
    score = only(judge(table(outcome, {BASE_RATE: [THIRDS] * 4}), resamples=FEW)).scores[BASE_RATE]
    wings, draw = 5 / 18, 1 / 9
    assert score.rps.value == pytest.approx((3 * wings + draw) / 4)
    assert score.log_loss.value == pytest.approx(math.log(3))
    assert score.brier.value == pytest.approx(2 / 3)
    assert score.calibration_error == pytest.approx(0)


def test_a_model_without_skill_is_worse_and_one_that_knows_more_is_better() -> None:
    found = only(judge(drawn(380, 1, {MODEL: 0.05, CLOSING: 0.4, BASE_RATE: 1.5}), resamples=FEW))
    assert (verdict(found, MODEL), verdict(found, BASE_RATE)) == (Verdict.BETTER, Verdict.WORSE)
    difference = found.scores[BASE_RATE].rps_difference
    assert difference is not None
    assert ends(difference.mean)[0] == pytest.approx(
        ends(found.scores[BASE_RATE].rps)[0] - ends(found.scores[CLOSING].rps)[0]
    )


def test_between_the_market_and_its_copy_no_difference_is_shown() -> None:
    given = drawn(50, 2, {CLOSING: 0.2})
    same = {**given.probabilities, MODEL: given.probabilities[CLOSING]}
    found = only(judge(table(given.outcome, same), resamples=FEW))
    difference = found.scores[MODEL].rps_difference
    assert difference is not None
    assert ends(difference.mean) == (0.0, 0.0, 0.0)
    assert difference.verdict is Verdict.NOT_SHOWN
    assert found.scores[CLOSING].rps_difference is None


def test_a_difference_is_paired_and_so_known_better_than_either_score() -> None:
    given = drawn(300, 3, {MODEL: 0.1, CLOSING: 0.1})
    found = only(judge(given, resamples=2000))
    difference = found.scores[MODEL].log_loss_difference
    assert difference is not None
    value, low, high = ends(difference.mean)
    losses = [
        [
            -math.log(row[at])
            for row, at in zip(given.probabilities[model].tolist(), given.outcome.tolist(), strict=True)
        ]
        for model in (MODEL, CLOSING)
    ]
    gaps = [mine - other for mine, other in zip(*losses, strict=True)]
    mean = sum(gaps) / 300
    spread = (sum((gap - mean) ** 2 for gap in gaps) / 300) ** 0.5 / 300**0.5
    assert value == pytest.approx(mean)
    assert (high - low) / (2 * 1.96 * spread) == pytest.approx(1, abs=0.08)
    assert high - low < 0.3 * np.subtract(*ends(found.scores[MODEL].log_loss)[:0:-1])


def test_models_are_compared_on_the_matches_that_all_of_them_forecast() -> None:
    outcome = [0, 1, 2, 0]
    found = only(
        judge(
            table(
                outcome,
                {
                    MODEL: [NONE, (0.2, 0.6, 0.2), (0.1, 0.1, 0.8), (0.5, 0.3, 0.2)],
                    CLOSING: [(0.9, 0.05, 0.05), THIRDS, NONE, THIRDS],
                },
            ),
            resamples=FEW,
        )
    )
    assert (found.n, found.played) == (2, 4)
    assert set(found.scores) == {MODEL, CLOSING}
    assert found.scores[CLOSING].log_loss.value == pytest.approx(math.log(3))
    assert found.scores[MODEL].log_loss.value == pytest.approx(-(math.log(0.6) + math.log(0.5)) / 2)


def test_a_season_in_which_no_match_has_all_forecasts_is_named_and_not_judged() -> None:
    found = judge(table([0, 1], {MODEL: [THIRDS, NONE], CLOSING: [NONE, THIRDS]}), resamples=FEW)
    assert (found.league_seasons, found.overall) == ((), None)
    assert found.unjudged == (("E0", Season(2015)),)
    nobody = judge(table([0, 1], {}), resamples=FEW)
    assert nobody.unjudged == (("E0", Season(2015)),)


def test_the_market_before_the_match_stands_in_for_the_close_and_without_prices_nobody_is_compared() -> None:
    before = only(judge(table([0, 2], {MODEL: [THIRDS] * 2, PRE_MATCH: [THIRDS] * 2}), resamples=FEW))
    assert before.benchmark is PRE_MATCH
    assert verdict(before, MODEL) is Verdict.NOT_SHOWN
    alone = only(judge(table([0, 2], {MODEL: [THIRDS] * 2, BASE_RATE: [THIRDS] * 2}), resamples=FEW))
    assert alone.benchmark is None
    assert all(score.rps_difference is None for score in alone.scores.values())


def test_seasons_on_which_hyperparameters_were_chosen_are_marked_and_in_no_pooled_figure() -> None:
    last = FIRST_JUDGED_SEASON.start_year - 1
    early = drawn(40, 1, {MODEL: 2.0, CLOSING: 0.1}, season=last)
    late = drawn(60, 2, {MODEL: 0.1, CLOSING: 0.1}, season=last + 1)
    found = judge(joined(early, late), resamples=FEW)
    assert [(item.n, item.is_tuned_on) for item in found.league_seasons] == [(40, True), (60, False)]
    for pooled in (*found.leagues, *found.seasons, overall(found)):
        assert (pooled.n, pooled.seasons) == (60, (FIRST_JUDGED_SEASON,))
        assert pooled.scores[MODEL].rps.value == found.league_seasons[1].scores[MODEL].rps.value
    assert judge(early, resamples=FEW).overall is None
    assert sum(item.n for item in found.calibration[MODEL]) == 180


def test_pooled_means_weigh_every_match_alike() -> None:
    parts = [
        drawn(30, 1, {MODEL: 0.2, CLOSING: 0.1}, "E0", 2015),
        drawn(50, 2, {MODEL: 0.5, CLOSING: 0.1}, "SP1", 2015),
        drawn(70, 3, {MODEL: 0.9, CLOSING: 0.1}, "E0", 2016),
    ]
    found = judge(joined(*parts), resamples=FEW)
    e0_15, e0_16, sp1 = (ends(item.scores[MODEL].rps)[0] for item in found.league_seasons)
    assert [(item.leagues, item.n) for item in found.leagues] == [(("E0",), 100), (("SP1",), 50)]
    assert [(item.seasons, item.n) for item in found.seasons] == [((Season(2015),), 80), ((Season(2016),), 70)]
    assert found.leagues[0].scores[MODEL].rps.value == pytest.approx((30 * e0_15 + 70 * e0_16) / 100)
    assert found.seasons[0].scores[MODEL].rps.value == pytest.approx((30 * e0_15 + 50 * sp1) / 80)
    assert overall(found).scores[MODEL].rps.value == pytest.approx((30 * e0_15 + 70 * e0_16 + 50 * sp1) / 150)


def test_what_differs_between_seasons_only_does_not_widen_a_pooled_interval() -> None:
    sure = table([0] * 20, {MODEL: [(1.0, 0.0, 0.0)] * 20, CLOSING: [THIRDS] * 20}, season=2015)
    wrong = table([0] * 20, {MODEL: [(0.2, 0.2, 0.6)] * 20, CLOSING: [THIRDS] * 20}, season=2016, first_id=50)
    value, low, high = ends(overall(judge(joined(sure, wrong), resamples=FEW)).scores[MODEL].log_loss)
    assert (low, high) == pytest.approx((value, value))
    assert value == pytest.approx(-math.log(0.2) / 2)


def test_a_pooled_interval_is_that_of_independent_seasons() -> None:
    parts = [drawn(150, at + 1, {MODEL: 0.3}, season=2013 + at) for at in range(4)]
    found = judge(joined(*parts), resamples=2000)
    widths = [np.subtract(*ends(item.scores[MODEL].rps)[:0:-1]) * item.n for item in found.league_seasons]
    pooled = overall(found)
    together = np.subtract(*ends(pooled.scores[MODEL].rps)[:0:-1]) * pooled.n
    assert together == pytest.approx(np.sqrt(np.sum(np.square(widths))), rel=0.08)


def test_pooled_figures_use_the_seasons_that_have_the_most_models_and_count_all_matches_played() -> None:
    without_close = drawn(40, 1, {MODEL: 0.2, PRE_MATCH: 0.1}, season=2014)
    whole = drawn(30, 2, {MODEL: 0.2, PRE_MATCH: 0.1, CLOSING: 0.1}, season=2015)
    pooled = overall(judge(joined(without_close, whole), resamples=FEW))
    assert (pooled.n, pooled.played, pooled.seasons) == (30, 70, (Season(2015),))
    assert pooled.benchmark is CLOSING


def test_a_season_has_the_same_interval_whatever_else_is_in_the_table_in_whatever_order_under_whatever_ids() -> None:
    one = drawn(80, 1, {MODEL: 0.3, CLOSING: 0.1}, "E0")
    other = drawn(60, 2, {MODEL: 0.3, CLOSING: 0.1}, "D1")
    alone = only(judge(one, resamples=FEW))
    both = joined(other, one)
    mixed = both.where(np.random.default_rng(1).permutation(len(both)))
    assert judge(mixed, resamples=FEW).league_seasons[0] == alone
    assert only(judge(replace(one, match_id=-one.match_id), resamples=FEW)) == alone
    assert only(judge(one, seed=2, resamples=FEW)) != alone


def test_leagues_come_in_the_order_of_the_platform_and_seasons_in_that_of_time() -> None:
    parts = [drawn(20, at + 1, {MODEL: 0.3}, code, year) for at, (code, year) in enumerate(ORDER[::-1])]
    found = judge(joined(*parts), resamples=FEW)
    assert [(item.leagues[0], item.seasons[0].start_year) for item in found.league_seasons] == ORDER


ORDER = [("E0", 2014), ("E0", 2015), ("SP1", 2014), ("D1", 2013)]


def test_real_and_simulated_leagues_are_never_pooled() -> None:
    mixed = joined(drawn(20, 1, {MODEL: 0.3}, "E0"), drawn(30, 2, {MODEL: 0.3}, "SIM1"))
    with pytest.raises(ValueError, match="real and simulated leagues in one table"):
        judge(mixed)
    assert [len(mixed.of_leagues(simulated=simulated)) for simulated in (False, True)] == [20, 30]
    assert overall(judge(mixed.of_leagues(simulated=True), resamples=FEW)).leagues == ("SIM1",)


def test_what_was_impossible_and_happened_costs_infinity_and_leaves_the_other_scores_alone() -> None:
    rows = [(0.0, 0.5, 0.5), THIRDS, THIRDS, (0.5, 0.25, 0.25)]
    found = only(judge(table([0, 1, 2, 0], {MODEL: rows, CLOSING: [THIRDS] * 4}), resamples=FEW))
    score = found.scores[MODEL]
    assert score.log_loss == Rate(math.inf, None, None, 4, 4)
    assert score.log_loss_difference is not None
    assert score.log_loss_difference.verdict is Verdict.NOT_SHOWN
    assert score.log_loss_difference.mean.value == math.inf
    assert ends(score.rps)[0] == pytest.approx(((1 + 0.25) / 2 + 1 / 9 + 5 / 18 + (0.25 + 0.0625) / 2) / 4)
    assert ends(found.scores[CLOSING].log_loss) == pytest.approx((math.log(3),) * 3)


def test_one_match_has_no_interval() -> None:
    found = only(judge(table([0], {MODEL: [THIRDS], CLOSING: [(0.5, 0.3, 0.2)]}), resamples=FEW))
    assert found.scores[MODEL].rps == Rate(pytest.approx(5 / 18), None, None, 1, 1)  # type: ignore[arg-type]
    assert verdict(found, MODEL) is Verdict.NOT_SHOWN


def test_nothing_to_judge_is_no_error() -> None:
    assert judge(table([], {})) == Judgements((), (), (), (), None, {})


def test_probabilities_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="do not sum to 1"):
        judge(table([0], {MODEL: [(0.5, 0.1, 0.1)]}))


def test_calibration_is_that_of_the_scoring_rules_over_the_three_outcomes() -> None:
    parts = [drawn(200, 1, {MODEL: 0.6, CLOSING: 0.1}), drawn(300, 2, {MODEL: 0.6, CLOSING: 0.1}, season=2016)]
    whole = joined(*parts)
    found = judge(whole, resamples=FEW)
    for model in (MODEL, CLOSING):
        forecasts = whole.probabilities[model].ravel()
        happened = certain(whole.outcome).astype(bool).ravel()
        expected = calibration(forecasts, happened, np.repeat(whole.match_id, 3), seed=1)
        assert overall(found).scores[model].calibration_error == pytest.approx(calibration_error(expected))
        assert len(found.calibration[model]) == len(expected)
        for mine, its in zip(found.calibration[model], expected, strict=True):
            assert (mine.low, mine.high, mine.n) == (its.low, its.high, its.n)
            assert (mine.happened.n, mine.happened.clusters) == (its.n, its.happened.clusters)
            assert (mine.forecast, mine.happened.value) == pytest.approx((its.forecast, its.happened.value))
            if its.n > 50:
                assert ends(mine.happened)[1:] == pytest.approx(ends(its.happened)[1:], abs=0.04)


def test_a_forecast_on_the_edge_of_two_bins_belongs_to_the_upper_one() -> None:
    found = judge(table([0, 1], {MODEL: [(0.5, 0.3, 0.2), (1.0, 0.0, 0.0)]}), resamples=FEW)
    assert [(item.low, item.n) for item in found.calibration[MODEL]] == [(0, 2), (0.2, 1), (0.3, 1), (0.5, 1), (0.9, 1)]


def test_20_seasons_of_380_matches_and_four_models_take_a_second() -> None:
    noise: dict[ForecastModel, Any] = dict.fromkeys(VERSIONS, 0.2)
    seasons = joined(*(drawn(380, 1 + at, noise, season=2012 + at) for at in range(20)))
    began = time.process_time()
    judge(seasons)
    assert time.process_time() - began < 3
