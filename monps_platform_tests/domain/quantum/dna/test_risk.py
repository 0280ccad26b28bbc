"""How far a team strays from what the market expects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from monps_platform.domain.goal_model.score_grid import outcome_probabilities, over_probabilities, score_probabilities
from monps_platform.domain.quantum.dna.risk import LEAST_MATCHES, RiskVector, expected_differences, risk_vector
from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.season import AveragePrices, FairProbabilities
from monps_platform_tests.domain.quantum.dna.priced_seasons import EVEN, OTHER, OWN, match, season, simulated

EVENS = AveragePrices(home=2.0, draw=3.5, away=3.0)


def implied(home: float, away: float) -> FairProbabilities:
    """What a market thinks that expects so many goals of either side."""
    scores = score_probabilities(np.array([[home, away]]), 0.0)
    win, draw, loss = outcome_probabilities(scores)[0].tolist()
    return FairProbabilities(win, draw, loss, float(over_probabilities(scores, [2.5])[0, 0]))


def test_the_expected_goal_difference_is_that_of_the_implied_goals() -> None:
    known = season([match(1, (0, 0), fair=implied(2.0, 0.9)), match(2, (0, 0), fair=implied(1.1, 1.4))])
    assert expected_differences(known)[1] == pytest.approx((1.1, 2.9), abs=1e-6)
    assert expected_differences(known)[2] == pytest.approx((-0.3, 2.5), abs=1e-6)


def test_result_and_totals_are_of_one_time() -> None:
    late = match(1, (0, 0), fair=replace(implied(2.0, 0.9), over25=None))
    both = replace(late, fair_pre_match=implied(1.5, 1.0))
    assert expected_differences(season([late, match(2, (0, 0))])) == {}
    assert expected_differences(season([both]))[1] == pytest.approx((0.5, 2.5), abs=1e-6)


def test_the_close_comes_before_what_was_expected_earlier() -> None:
    both = replace(match(1, (0, 0), fair=implied(2.0, 0.9)), fair_pre_match=implied(1.5, 1.0))
    assert expected_differences(season([both]))[1] == pytest.approx((1.1, 2.9), abs=1e-6)


def test_deviation_is_measured_around_the_expectation_from_the_teams_side() -> None:
    fair = implied(1.8, 0.8)
    at_home = [match(at, (3, 0), fair=fair) for at in range(6)]
    away = [match(at, (0, 0), teams=(OTHER, OWN), fair=fair) for at in range(6, 12)]
    vector = risk_vector(season([*at_home, *away]), OWN)
    # Beyond what was expected: 3 - 1 at home, 0 + 1 away.
    assert vector.goal_difference_bias == pytest.approx(1.5, abs=1e-6)
    assert vector.goal_difference_sd == pytest.approx(np.sqrt((4 + 1) / 2), abs=1e-6)
    assert vector.goal_difference_sd_expected == pytest.approx(np.sqrt(2.6), abs=1e-6)


def test_an_upset_is_a_defeat_of_the_favourite() -> None:
    favourite = [match(at, ((0, 1), (1, 1), (2, 0))[at % 3], fair=EVEN) for at in range(12)]
    outsider = [match(20 + at, (1, 0), teams=(OTHER, OWN), fair=EVEN) for at in range(4)]
    vector = risk_vector(season([*favourite, *outsider]), OWN)
    assert (vector.n_matches_as_favourite, vector.n_matches_with_market) == (12, 16)
    assert vector.upset_rate is not None
    assert vector.draw_rate is not None
    assert vector.upset_rate.value == pytest.approx(4 / 12)
    assert vector.upset_rate_expected == pytest.approx(0.3)
    assert vector.draw_rate.value == pytest.approx(4 / 16)
    assert vector.draw_rate_expected == pytest.approx(0.3)
    # Wilson by hand: 4 of 12.
    assert (vector.upset_rate.low, vector.upset_rate.high) == pytest.approx((0.13812, 0.60938), abs=1e-5)


def test_equal_chances_make_no_favourite() -> None:
    equal = FairProbabilities(0.35, 0.3, 0.35)
    vector = risk_vector(season([match(at, (0, 1), fair=equal) for at in range(12)]), OWN)
    assert vector.n_matches_as_favourite == 0
    assert vector.gaps["upset_rate"] is Gap.TOO_FEW


def test_drawdown_and_losing_run_follow_the_order_of_play() -> None:
    # Won +1, lost -1: +1, 0, -1, -2, -1, -2, -3, -2, -1, 0: from the peak of 1 down to -3.
    won = [True, False, False, False, True, False, False, True, True, True]
    matches = [match(at, (1, 0) if win else (0, 0), pre_match=EVENS) for at, win in enumerate(won)]
    vector = risk_vector(season(matches[::-1]), OWN)
    assert (vector.n_bets, vector.max_drawdown, vector.longest_losing_run) == (10, 4.0, 3)


def test_the_first_loss_counts_from_0_and_away_prices_are_the_teams_own() -> None:
    matches = [match(at, (int(at < 2), int(at >= 2)), teams=(OTHER, OWN), pre_match=EVENS) for at in range(10)]
    vector = risk_vector(season(matches), OWN)
    assert (vector.max_drawdown, vector.longest_losing_run) == (2.0, 2)


def test_a_season_without_prices_says_so() -> None:
    vector = risk_vector(season([match(at, (1, 0)) for at in range(12)]), OWN)
    assert set(vector.gaps.values()) == {Gap.NO_PRICES}
    assert len(vector.gaps) == 9
    assert vector.sources == (Source.RESULTS,)


def test_few_matches_give_no_figures_but_say_why() -> None:
    matches = [match(at, (1, 0), pre_match=EVENS, fair=implied(1.5, 1.0)) for at in range(LEAST_MATCHES - 1)]
    vector = risk_vector(season(matches), OWN)
    assert set(vector.gaps.values()) == {Gap.TOO_FEW}
    assert vector.n_bets == LEAST_MATCHES - 1


def test_a_market_that_knows_the_truth_expects_deviations_upsets_and_draws() -> None:
    vectors = [risk_vector(simulated(seed), team_id) for seed in (1, 2) for team_id in simulated(seed).team_ids]
    assert _mean(vectors, "goal_difference_bias") == pytest.approx(0, abs=1e-9)
    assert _mean(vectors, "goal_difference_sd") == pytest.approx(
        _mean(vectors, "goal_difference_sd_expected"), rel=0.05
    )
    assert _mean(vectors, "draw_rate") == pytest.approx(_mean(vectors, "draw_rate_expected"), abs=0.03)
    assert _mean(vectors, "upset_rate") == pytest.approx(_mean(vectors, "upset_rate_expected"), abs=0.04)


def _mean(vectors: list[RiskVector], name: str) -> float:
    values = [value for vector in vectors if (value := getattr(vector, name)) is not None]
    return float(np.mean([getattr(value, "value", value) for value in values]))


def test_no_figure_is_constant_and_none_a_multiple_of_another() -> None:
    known = simulated(1)
    rows = [risk_vector(known, team_id) for team_id in known.team_ids]
    names = [name for name in RiskVector.model_fields if name.startswith(("goal", "draw", "upset", "max", "longest"))]
    columns = [[getattr(value, "value", value) for row in rows for value in [getattr(row, name)]] for name in names]
    table = np.array(columns, dtype=np.float64)
    for at, one in enumerate(table):
        assert len(np.unique(one[~np.isnan(one)])) > 3, names[at]
        for other in table[at + 1 :]:
            both = ~np.isnan(one) & ~np.isnan(other) & (other != 0)
            assert np.ptp(one[both] / other[both]) > 1e-6


def test_later_matches_change_nothing() -> None:
    known = simulated(2)
    day = known.matches[200].day
    later = [replace(each, home=replace(each.home, goals=9)) if each.day >= day else each for each in known.matches]
    assert risk_vector(known.before(day), 1) == risk_vector(replace(known, matches=tuple(later)).before(day), 1)


def test_a_team_that_has_not_played_has_no_vector() -> None:
    with pytest.raises(ValueError, match="has not played"):
        risk_vector(simulated(1), 99)
