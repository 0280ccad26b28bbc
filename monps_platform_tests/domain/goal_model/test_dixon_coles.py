"""Fits of whole leagues: what they say, what they rest on, and what leaves them alone."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.goal_model.dixon_coles import (
    DEFAULT,
    MODEL_VERSION,
    Fit,
    FitError,
    Inputs,
    Options,
    TooLittleHistoryError,
    UnknownTeamError,
    fit,
    likelihood_of,
)
from monps_platform.domain.goal_model.history import Fixtures, Ints, Matches
from monps_platform.domain.goal_model.likelihood import maximise
from monps_platform_tests.domain.goal_model.drawn import (
    FIRST_SEASON,
    Floats,
    draw_league,
    draw_truth,
    fixtures_of,
    take,
)

_CHANCE = np.random.default_rng(11)
_SIDES, _SWAPS = 8, 2
_TRUTH = draw_truth(_CHANCE, DEFAULT, _SIDES + 2 * _SWAPS)
LEAGUE = draw_league(_CHANCE, _TRUTH, _SIDES, _SWAPS)
"""Clubs 0 to 7, then 2 to 9, then 4 to 11."""
DAY = int(LEAGUE.day[-1]) + 3
LAST = FIRST_SEASON + 2
NOBODY = np.array([], dtype=np.int64)
_PAIRS = np.array([(home, away) for home in range(12) for away in range(12) if home != away])
_PROPERTIES = settings(deadline=None, max_examples=15)


def inputs(
    matches: Matches = LEAGUE, day: int = DAY, season: int = LAST, teams: Ints = NOBODY, **options: Any
) -> Inputs:
    return Inputs.of(matches, day, season, teams, replace(DEFAULT, **options))


def goals(found: Fit) -> Floats:
    return found.expected_goals(_PAIRS[:, 0], _PAIRS[:, 1])


def test_expected_goals_are_those_of_the_model() -> None:
    found = fit(inputs())
    home, away = 5, 9
    expected = np.exp(
        [
            found.intercept.value + found.home_advantage.value + found.attack[home] - found.defence[away],
            found.intercept.value + found.attack[away] - found.defence[home],
        ]
    )
    assert found.teams.tolist() == list(range(12))
    np.testing.assert_allclose(found.expected_goals(np.array([home]), np.array([away])), [expected])


def test_a_fit_says_what_it_rests_on() -> None:
    found = fit(inputs(window_days=610))
    seen = LEAGUE.since(DAY - 610)
    counted = [int((seen.home == team).sum() + (seen.away == team).sum()) for team in found.teams]
    assert (found.day, found.matches, found.first_day, found.last_day) == (DAY, len(seen), seen.day[0], DAY - 3)
    assert found.matches_played.tolist() == counted
    assert 0 < len(seen) < len(LEAGUE)
    assert found.is_newcomer.tolist() == [team in (10, 11) for team in found.teams.tolist()]
    problem = likelihood_of(inputs(window_days=610), found.teams)
    assert found.log_likelihood == problem.log_likelihood(maximise(problem).parameters)
    assert found.options == replace(DEFAULT, window_days=610)


def test_strengths_in_force_and_their_errors_include_the_newcomer_effect() -> None:
    found, maximum = fit(inputs()), maximise(likelihood_of(inputs(), np.arange(12)))
    in_force = np.zeros((24, 29))
    in_force[np.arange(24), 5 + np.arange(24)] = 1
    in_force[[10, 11], 3] = 1
    in_force[[22, 23], 4] = 1
    errors = np.sqrt(np.diag(in_force @ maximum.covariance @ in_force.T))
    np.testing.assert_allclose(np.concatenate([found.attack, found.defence]), in_force @ maximum.parameters)
    np.testing.assert_allclose(np.concatenate([found.attack_se, found.defence_se]), errors)
    league = [
        getattr(found, name) for name in ("intercept", "home_advantage", "rho", "newcomer_attack", "newcomer_defence")
    ]
    np.testing.assert_allclose([item.value for item in league], maximum.parameters[:5])
    np.testing.assert_allclose([item.standard_error for item in league], np.sqrt(np.diag(maximum.covariance)[:5]))


@_PROPERTIES
@given(st.permutations(range(12)), st.integers(1, 1000), st.randoms(use_true_random=False))
def test_names_of_teams_and_the_order_of_matches_do_not_matter(names: list[int], offset: int, chance: object) -> None:
    name = np.array(names) * 7 + offset
    rows = np.random.default_rng(offset).permutation(len(LEAGUE))
    renamed = replace(take(LEAGUE, rows), home=name[LEAGUE.home], away=name[LEAGUE.away])
    found = fit(inputs(renamed))
    np.testing.assert_allclose(found.expected_goals(name[_PAIRS[:, 0]], name[_PAIRS[:, 1]]), goals(fit(inputs())))


def test_two_matches_a_half_life_older_count_as_one() -> None:
    days = 50
    older = replace(LEAGUE, day=LEAGUE.day - days)
    twice = take(older, np.repeat(np.arange(len(LEAGUE)), 2))
    once_and_young = fit(inputs(half_life_days=float(days), window_days=5000))
    twice_and_old = fit(inputs(twice, half_life_days=float(days), window_days=5000))
    np.testing.assert_allclose(goals(twice_and_old), goals(once_and_young), rtol=1e-9)


def test_a_league_without_home_advantage_shows_none() -> None:
    sides = fixtures_of(LEAGUE)
    turned = replace(sides, match_id=sides.match_id + len(LEAGUE), home=sides.away, away=sides.home)
    both = Fixtures(
        *(np.concatenate([getattr(part, field.name) for part in (sides, turned)]) for field in fields(Fixtures))
    )
    home, away = LEAGUE.home_goals, LEAGUE.away_goals
    found = fit(inputs(Matches.of(both, np.concatenate([home, away]), np.concatenate([away, home]))))
    assert found.home_advantage.value == pytest.approx(0, abs=0.005)


def test_a_club_without_a_match_stands_at_the_average_with_the_priors_error() -> None:
    # Club 77 played in the season before, outside of the window, and so is no newcomer.
    early = Fixtures(*np.array([[9000], [LEAGUE.day[0] - 400], [LAST - 1], [77], [3]]))
    every = Fixtures(
        *(np.concatenate([getattr(early, field.name), getattr(LEAGUE, field.name)]) for field in fields(Fixtures))
    )
    history = Matches.of(every, np.append(1, LEAGUE.home_goals), np.append(1, LEAGUE.away_goals))
    found = fit(inputs(history, teams=np.array([77])))
    at = found.teams.tolist().index(77)
    assert (found.matches_played[at], found.is_newcomer[at]) == (0, False)
    assert (found.attack[at], found.defence[at]) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))
    assert (found.attack_se[at], found.defence_se[at]) == (
        pytest.approx(DEFAULT.strength_sd),
        pytest.approx(DEFAULT.strength_sd),
    )


def test_a_newcomer_without_a_match_stands_where_newcomers_stood() -> None:
    found = fit(inputs(day=DAY + 70, season=LAST + 1, teams=np.array([50, 4])))
    at = found.teams.tolist().index(50)
    assert found.is_newcomer.tolist() == [team == 50 for team in found.teams.tolist()]
    assert found.attack[at] == pytest.approx(found.newcomer_attack.value)
    assert found.defence[at] == pytest.approx(found.newcomer_defence.value)
    expected = np.hypot(DEFAULT.strength_sd, found.newcomer_attack.standard_error)
    assert found.attack_se[at] == pytest.approx(expected)


def test_a_league_in_its_first_held_season_has_no_newcomers() -> None:
    first = take(LEAGUE, np.flatnonzero(LEAGUE.season == FIRST_SEASON))
    seen = inputs(first, season=FIRST_SEASON, fewest_matches=20)
    found = fit(seen)
    for flags in (seen.home_is_new, seen.away_is_new, seen.entrant_is_new, found.is_newcomer):
        assert not flags.any()
    assert found.newcomer_attack.value == 0
    assert found.newcomer_attack.standard_error == pytest.approx(DEFAULT.newcomer_sd)


def test_newcomers_of_each_season_are_flagged_in_the_matches_of_that_season_only() -> None:
    seen = inputs(window_days=600)
    assert set(seen.matches.season.tolist()) == {LAST - 1, LAST}
    for teams, flags in ((seen.matches.home, seen.home_is_new), (seen.matches.away, seen.away_is_new)):
        flagged = set(zip(teams[flags].tolist(), seen.matches.season[flags].tolist(), strict=True))
        assert flagged == {(10, LAST), (11, LAST), (8, LAST - 1), (9, LAST - 1)}


def test_entrants_are_the_clubs_seen_in_the_season_and_those_to_be_forecast() -> None:
    opening = int(LEAGUE.day[LEAGUE.season == LAST][0])
    assert inputs(day=opening, teams=np.array([11, 4])).entrants.tolist() == [4, 11]
    after = LEAGUE.before(opening + 1)
    seen = after.teams_of(LAST).tolist()
    assert inputs(day=opening + 1, teams=np.array([20])).entrants.tolist() == [*seen, 20]


@pytest.mark.parametrize("column", [field.name for field in fields(Matches)])
def test_another_value_anywhere_in_the_matches_is_another_fingerprint(column: str) -> None:
    values = getattr(LEAGUE, column).copy()
    values[100] += 1
    assert inputs(replace(LEAGUE, **{column: values})).fingerprint != inputs().fingerprint


@_PROPERTIES
@given(st.integers(0, len(LEAGUE) - 1), st.integers(1, 3))
def test_any_changed_goal_inside_the_window_changes_the_fingerprint_and_the_fit(row: int, more: int) -> None:
    home_goals = LEAGUE.home_goals.copy()
    home_goals[row] += more
    changed = inputs(replace(LEAGUE, home_goals=home_goals))
    assert changed.fingerprint != inputs().fingerprint
    assert not np.array_equal(goals(fit(changed)), goals(fit(inputs())))


@pytest.mark.parametrize("name", [field.name for field in fields(Options)])
def test_another_option_is_another_fingerprint(name: str) -> None:
    assert inputs(**{name: getattr(DEFAULT, name) * 2}).fingerprint != inputs().fingerprint


def test_another_day_entrant_or_newcomer_is_another_fingerprint() -> None:
    seen = inputs()
    others = [
        replace(seen, day=DAY + 1),
        replace(seen, entrants=seen.entrants + 1),
        replace(seen, entrant_is_new=~seen.entrant_is_new),
        replace(seen, home_is_new=~seen.home_is_new),
        replace(seen, away_is_new=~seen.away_is_new),
    ]
    assert len({item.fingerprint for item in [seen, *others]}) == 6


def test_another_version_of_the_model_is_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = inputs().fingerprint
    monkeypatch.setattr("monps_platform.domain.goal_model.dixon_coles.MODEL_VERSION", f"{MODEL_VERSION}-next")
    assert inputs().fingerprint != before


def test_the_same_inputs_give_the_same_fingerprint_and_the_same_fit() -> None:
    rows = np.random.default_rng(1).permutation(len(LEAGUE))
    one, other = inputs(), inputs(take(LEAGUE, rows))
    assert one.fingerprint == other.fingerprint
    assert len(one.fingerprint) == 64
    for field in fields(Fit):
        assert np.array_equal(getattr(fit(one), field.name), getattr(fit(other), field.name)), field.name


def test_matches_outside_of_the_window_do_not_matter() -> None:
    first = int(LEAGUE.day[60])
    short = inputs(window_days=DAY - first)
    assert short.matches.day[0] == first
    home_goals = np.where(LEAGUE.day < first, 9, LEAGUE.home_goals)
    changed = inputs(replace(LEAGUE, home_goals=home_goals), window_days=DAY - first)
    assert changed.fingerprint == short.fingerprint


@pytest.mark.parametrize(("fewest", "enough"), [(len(LEAGUE), True), (len(LEAGUE) + 1, False)])
def test_too_little_history_is_said_to_be_too_little(fewest: int, enough: bool) -> None:
    if enough:
        assert fit(inputs(fewest_matches=fewest)).matches == fewest
    else:
        with pytest.raises(TooLittleHistoryError, match=f"{len(LEAGUE)} matches .* {fewest} are needed"):
            fit(inputs(fewest_matches=fewest))


def test_a_team_that_the_fit_does_not_know_is_named() -> None:
    with pytest.raises(UnknownTeamError, match=r"teams \[12, 40\] are not among those of the fit"):
        fit(inputs()).expected_goals(np.array([1, 40]), np.array([12, 2]))


def test_results_that_no_model_fits_are_an_error_in_words() -> None:
    absurd = replace(LEAGUE, home_goals=0 * LEAGUE.home_goals, away_goals=0 * LEAGUE.away_goals + 1)
    with pytest.raises(FitError, match=f"day {DAY} .168 matches, 12 teams. has no fit: .*not concave.*wrong results"):
        fit(inputs(absurd, rho_sd=1.0))


def test_matches_far_apart_in_goals_are_fitted_all_the_same() -> None:
    many = replace(LEAGUE, home_goals=LEAGUE.home_goals + 12, away_goals=LEAGUE.away_goals * 10)
    found = fit(inputs(many))
    assert np.isfinite(goals(found)).all()
    assert goals(found)[:, 0].mean() == pytest.approx(many.home_goals.mean(), rel=0.1)
