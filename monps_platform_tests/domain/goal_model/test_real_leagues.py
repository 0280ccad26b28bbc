"""Real leagues: fits are plausible and their forecasts beat the league's frequencies."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest

from monps_platform.domain.goal_model.base_rate import base_rate
from monps_platform.domain.goal_model.dixon_coles import DEFAULT, Fit, fit
from monps_platform.domain.goal_model.history import Fixtures, Matches
from monps_platform.domain.goal_model.score_grid import outcome_probabilities, score_probabilities
from monps_platform.domain.goal_model.walk_forward import Week, weeks
from monps_platform.domain.leagues import league
from monps_platform.domain.seasons import Season
from monps_platform.sources.football_data.parser import parse_season
from monps_platform_tests.conftest import SHARED_DATA
from monps_platform_tests.domain.goal_model.drawn import Floats, fixtures_of

pytestmark = pytest.mark.skipif(not SHARED_DATA.exists(), reason="the real files are not beside the checkout")

_SEASONS = range(2006, 2010)
_JUDGED = 2009
_NEW = ("Wolves", "Birmingham", "Burnley")
"""Promoted in the summer of 2009."""


@cache
def english() -> tuple[Matches, list[str]]:
    """The Premier League of 2006-07 to 2009-10, and its clubs' names in the order of their ids."""
    folder = SHARED_DATA / "football-data" / "mmz4281"
    parsed = [
        (year, match)
        for year in _SEASONS
        for match in parse_season((folder / Season(year).code / "E0.csv").read_bytes(), league("E0"), "E0").matches
    ]
    names = sorted({match.home_team for _, match in parsed})
    rows = [
        (number, match.match_date.toordinal(), year, names.index(match.home_team), names.index(match.away_team))
        for number, (year, match) in enumerate(parsed)
    ]
    home, away = zip(*((match.home_goals, match.away_goals) for _, match in parsed), strict=True)
    return Matches.of(Fixtures(*np.array(rows).T), home, away), names


@cache
def judged() -> tuple[Fixtures, tuple[tuple[Week, Fit], ...]]:
    """The season's fixtures, and its weeks with their fits."""
    matches, _ = english()
    fixtures = fixtures_of(matches.since(date(_JUDGED, 7, 1).toordinal()))
    return fixtures, tuple((week, fit(week.inputs)) for week in weeks(matches, fixtures) if week.inputs is not None)


def log_losses(probabilities: Floats, matches: Matches) -> Floats:
    happened = 1 - np.sign(matches.home_goals - matches.away_goals)
    return np.asarray(-np.log(probabilities[np.arange(len(matches)), happened]))


def test_a_seasons_forecasts_beat_the_frequencies_of_the_league() -> None:
    matches, _ = english()
    fixtures, found = judged()
    played = matches.since(date(_JUDGED, 7, 1).toordinal())
    model, frequencies = np.zeros((len(played), 3)), np.zeros((len(played), 3))
    for week, fitted in found:
        goals = fitted.expected_goals(fixtures.home[week.chosen], fixtures.away[week.chosen])
        model[week.chosen] = outcome_probabilities(score_probabilities(goals, fitted.rho.value))
        rate = base_rate(matches, week.day, DEFAULT.window_days, DEFAULT.fewest_matches)
        assert rate is not None
        frequencies[week.chosen] = rate.home, rate.draw, rate.away
    gain = log_losses(frequencies, played) - log_losses(model, played)
    assert len(gain) == 380
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))


def test_fits_of_a_real_league_are_plausible() -> None:
    _, names = english()
    _, found = judged()
    for _, fitted in found:
        assert 0.2 < fitted.home_advantage.value < 0.5
        assert -0.25 < fitted.rho.value < 0.1
        assert -0.3 < fitted.intercept.value < 0.3
        assert fitted.attack[names.index("Man United")] > 0.2
        assert fitted.iterations < 10


def test_the_promoted_clubs_are_the_newcomers() -> None:
    _, names = english()
    for week, fitted in judged()[1]:
        newcomers = {names[team] for team in fitted.teams[fitted.is_newcomer].tolist()}
        assert newcomers <= set(_NEW)
        assert week.day < date(_JUDGED, 9, 1).toordinal() or newcomers == set(_NEW)
