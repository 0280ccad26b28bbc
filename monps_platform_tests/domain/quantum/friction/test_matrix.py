"""The matrix: every ordered pair once, scores the same at both venues, forecasts of the venue, and markets."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest

from monps_platform.domain.leagues import SIMULATED
from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.friction.matrix import Friction, friction_matrix, recommended_markets
from monps_platform.domain.quantum.friction.predictions import Prediction, predictions
from monps_platform.domain.quantum.friction.traits import TRAITS, Traits
from monps_platform.domain.quantum.friction.vocabulary import WEIGHTS, Score
from monps_platform.domain.seasons import Season
from monps_platform_tests.domain.quantum.friction.drawn_teams import (
    AS_OF,
    LEAGUES,
    drawn_teams,
    fitted,
    team,
    without,
)

SECONDS = 2.0


def _predicted(teams: list[Traits]) -> dict[tuple[int, int], Prediction]:
    found: dict[tuple[int, int], Prediction] = {}
    for partition in {each.partition for each in teams}:
        ids = [each.team_id for each in teams if each.partition == partition]
        found |= predictions(fitted(ids), ids, AS_OF)
    return found


def _by_pair(rows: list[Friction]) -> dict[tuple[int, int], Friction]:
    return {(row.home_team_id, row.away_team_id): row for row in rows}


TEAMS = drawn_teams(20, codes=("E0", "SP1"))
PREDICTED = _predicted(TEAMS)
ROWS = friction_matrix(TEAMS, PREDICTED, {})
PAIRS = _by_pair(ROWS)


def test_n_teams_give_every_ordered_pair_once() -> None:
    assert len(ROWS) == len(PAIRS) == 20 * 19
    assert all(row.home_team_id != row.away_team_id for row in ROWS)


def test_scores_are_the_same_at_both_venues_and_forecasts_are_not() -> None:
    for row in ROWS:
        back = PAIRS[row.away_team_id, row.home_team_id]
        assert row.scores == back.scores
        if row.same_league:
            assert row.predicted_total_goals != back.predicted_total_goals


def test_the_friction_score_is_the_weighted_sum_of_what_is_stored() -> None:
    for row in ROWS:
        parts = [weight * (row.scores[score] or 0) for score, weight in WEIGHTS.items()]
        assert row.friction_score == pytest.approx(sum(parts), abs=1e-9)


def test_a_missing_trait_makes_scores_none_and_not_0() -> None:
    bare = without(TEAMS[:1], *TRAITS[Score.PHYSICAL])
    row = _by_pair(friction_matrix([*bare, *TEAMS[1:]], PREDICTED, {}))[1, 3]
    assert row.physical_friction is None
    assert row.friction_score is None
    assert row.style_friction is not None


def test_a_pair_of_one_league_has_the_goal_models_forecast_of_its_venue() -> None:
    row, expected = PAIRS[1, 3], PREDICTED[1, 3]
    assert row.same_league
    found = (row.predicted_btts_prob, row.predicted_over25_prob, row.predicted_total_goals)
    assert found == (expected.btts, expected.over25, expected.total_goals)
    assert row.predicted_scenario is not None


def test_teams_of_different_leagues_have_scores_but_no_forecast() -> None:
    row = PAIRS[1, 2]
    assert not row.same_league
    assert row.friction_score is not None
    assert row.predicted_btts_prob is row.predicted_over25_prob is row.predicted_total_goals is None
    assert row.predicted_scenario is None


def test_a_league_without_a_goal_model_has_scores_but_no_forecast() -> None:
    row = _by_pair(friction_matrix(TEAMS, {}, {}))[1, 3]
    assert row.friction_score == PAIRS[1, 3].friction_score
    assert row.predicted_total_goals is None
    assert row.predicted_scenario is None


def test_a_row_is_of_the_home_teams_league_and_counts_both_sides_matches() -> None:
    home, away = TEAMS[0], TEAMS[1]
    row = PAIRS[home.team_id, away.team_id]
    assert row.partition == home.partition
    assert (row.n_home_matches, row.n_away_matches) == (home.n_matches, away.n_matches)


def test_markets_are_those_with_evidence_on_either_team_in_the_order_of_markets() -> None:
    active = {1: [Market.ASIAN_HANDICAP], 2: [Market.OVER_UNDER, Market.ASIAN_HANDICAP]}
    assert recommended_markets(team(1), team(2), active) == (Market.OVER_UNDER, Market.ASIAN_HANDICAP)
    assert recommended_markets(team(3), team(2), active) == (Market.OVER_UNDER, Market.ASIAN_HANDICAP)


def test_no_market_is_recommended_without_evidence_or_across_leagues() -> None:
    assert recommended_markets(team(1), team(2), {}) == ()
    assert recommended_markets(team(1), team(2, "SP1"), {1: [Market.OVER_UNDER]}) == ()
    assert all(row.recommended_markets == () for row in ROWS)


def test_98_teams_of_five_leagues_take_less_than_two_seconds() -> None:
    teams = drawn_teams(98, codes=LEAGUES)
    fits = {code: fitted([each.team_id for each in teams if each.partition.league.code == code]) for code in LEAGUES}
    start = perf_counter()
    predicted: dict[tuple[int, int], Prediction] = {}
    for code, known in fits.items():
        predicted |= predictions(known, [each.team_id for each in teams if each.partition.league.code == code], AS_OF)
    rows = friction_matrix(teams, predicted, {})
    assert perf_counter() - start < SECONDS
    assert len(rows) == 9506


def test_no_team_gives_no_row() -> None:
    assert friction_matrix([], {}, {}) == []


def test_teams_of_two_seasons_are_refused() -> None:
    later = replace(TEAMS[0], team_id=99, partition=Partition(TEAMS[0].partition.league, Season(2021)))
    with pytest.raises(ValueError, match="a matrix is of one"):
        friction_matrix([*TEAMS, later], {}, {})


def test_simulated_teams_are_not_compared_with_real_ones() -> None:
    simulated = replace(TEAMS[0], team_id=99, partition=Partition(SIMULATED[0], TEAMS[0].partition.season))
    with pytest.raises(ValueError, match="never compared"):
        friction_matrix([*TEAMS, simulated], {}, {})


def test_a_team_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="given twice"):
        friction_matrix([TEAMS[0], TEAMS[0]], {}, {})
