"""Nothing sees the future: what happens on a day or later changes no forecast made on that day or before."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.goal_model.base_rate import base_rate
from monps_platform.domain.goal_model.dixon_coles import DEFAULT, fit
from monps_platform.domain.goal_model.history import Fixtures, Matches
from monps_platform.domain.goal_model.walk_forward import Week, weeks
from monps_platform_tests.domain.goal_model.drawn import (
    FIRST_SEASON,
    Floats,
    draw_league,
    draw_truth,
    fixtures_of,
    take,
)

_OPTIONS = replace(DEFAULT, fewest_matches=60, window_days=600)
_CHANCE = np.random.default_rng(2012)
LEAGUE = draw_league(_CHANCE, draw_truth(_CHANCE, _OPTIONS, 12), 8, 2)
FIXTURES = fixtures_of(LEAGUE)
ROWS = st.integers(0, len(LEAGUE) - 1)
PROPERTIES = settings(deadline=None, max_examples=25)


@dataclass(frozen=True)
class Forecast:
    """A week's forecast: ids of its matches, the fingerprint of its inputs, expected goals (m, 2) or None."""

    matches: tuple[int, ...]
    fingerprint: str | None
    goals: Floats | None

    def equals(self, other: Forecast) -> bool:
        """The same matches, inputs and numbers, to the last bit."""
        same = self.matches == other.matches and self.fingerprint == other.fingerprint
        return same and (self.goals is other.goals or np.array_equal(np.array(self.goals), np.array(other.goals)))


def forecast(week: Week, fixtures: Fixtures) -> Forecast:
    matches = tuple(fixtures.match_id[week.chosen].tolist())
    if week.inputs is None:
        return Forecast(matches, None, None)
    found = fit(week.inputs)
    goals = found.expected_goals(fixtures.home[week.chosen], fixtures.away[week.chosen])
    return Forecast(matches, week.inputs.fingerprint, goals)


@cache
def as_it_was() -> dict[int, Forecast]:
    """All forecasts of the league as it was played, by the week's Tuesday."""
    return {week.day: forecast(week, FIXTURES) for week in weeks(LEAGUE, FIXTURES, _OPTIONS)}


def unchanged(history: Matches, day: int, fixtures: Fixtures = FIXTURES) -> None:
    """Every week at or before a day is as it was: all of them by fingerprint, the last three by their fits, too."""
    found = [week for week in weeks(history, fixtures, _OPTIONS) if week.day <= day]
    expected = {tuesday: was for tuesday, was in as_it_was().items() if tuesday <= day}
    assert [week.day for week in found] == list(expected)
    for week in found:
        was = expected[week.day]
        assert tuple(fixtures.match_id[week.chosen].tolist()) == was.matches
        assert (week.inputs and week.inputs.fingerprint) == was.fingerprint
    for week in found[-3:]:
        assert forecast(week, fixtures).equals(expected[week.day])


def without(matches: Matches, rows: list[int]) -> Matches:
    return take(matches, np.setdiff1d(np.arange(len(matches)), rows))


@PROPERTIES
@given(st.data(), st.lists(ROWS, min_size=1, max_size=5), st.booleans())
def test_other_goals_on_a_day_or_later_change_nothing_up_to_it(
    data: st.DataObject, rows: list[int], everything: bool
) -> None:
    day = int(LEAGUE.day[rows].min())
    changed = np.flatnonzero(LEAGUE.day >= day) if everything else np.array(rows)
    goals = LEAGUE.home_goals.copy(), LEAGUE.away_goals.copy()
    for column in goals:
        column[changed] = data.draw(st.integers(0, 12))
    unchanged(replace(LEAGUE, home_goals=goals[0], away_goals=goals[1]), day)


@PROPERTIES
@given(ROWS, st.booleans())
def test_matches_of_a_day_or_later_that_are_missing_change_nothing_up_to_it(row: int, everything: bool) -> None:
    day = int(LEAGUE.day[row])
    unchanged(LEAGUE.before(day) if everything else without(LEAGUE, [row]), day)


@PROPERTIES
@given(
    ROWS,
    st.integers(0, 400),
    st.integers(-3, 15),
    st.integers(16, 19),
    st.integers(-1, 2),
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
def test_a_match_more_on_a_day_or_later_changes_nothing_up_to_it(
    row: int, later: int, home: int, away: int, season: int, goals: tuple[int, int]
) -> None:
    day = int(LEAGUE.day[row])
    one = Fixtures(*np.array([[100_000], [day + later], [LEAGUE.season[row] + season], [home], [away]]))
    every = Fixtures(
        *(np.append(getattr(FIXTURES, field.name), getattr(one, field.name)) for field in fields(Fixtures))
    )
    added = Matches.of(every, np.append(LEAGUE.home_goals, goals[0]), np.append(LEAGUE.away_goals, goals[1]))
    unchanged(added, day)


@PROPERTIES
@given(ROWS)
def test_fixtures_of_later_weeks_do_not_matter(row: int) -> None:
    day = int(LEAGUE.day[row])
    tuesday = max(tuesday for tuesday in as_it_was() if tuesday <= day)
    known = FIXTURES.day < tuesday + 7
    fewer = Fixtures(*(getattr(FIXTURES, field.name)[known] for field in fields(Fixtures)))
    unchanged(LEAGUE.before(tuesday), tuesday, fewer)


@PROPERTIES
@given(ROWS)
def test_a_fixture_called_off_leaves_the_expected_goals_of_the_weeks_others(row: int) -> None:
    kept = np.arange(len(LEAGUE)) != row
    fewer = Fixtures(*(getattr(FIXTURES, field.name)[kept] for field in fields(Fixtures)))
    tuesday = max(tuesday for tuesday in as_it_was() if tuesday <= LEAGUE.day[row])
    was = as_it_was()[tuesday]
    for week in weeks(LEAGUE, fewer, _OPTIONS):
        if week.day == tuesday and was.goals is not None:
            found = forecast(week, fewer)
            others = np.array(was.matches) != LEAGUE.match_id[row]
            assert found.goals is not None
            np.testing.assert_allclose(found.goals, was.goals[others], rtol=1e-7)


@PROPERTIES
@given(ROWS)
def test_the_base_rate_of_a_day_knows_no_match_of_that_day_or_later(row: int) -> None:
    day = int(LEAGUE.day[row])
    wild = np.where(LEAGUE.day >= day, 30, LEAGUE.home_goals)
    expected = base_rate(LEAGUE.before(day), day, 600, 1)
    assert base_rate(replace(LEAGUE, home_goals=wild), day, 600, 1) == expected


def test_a_match_before_the_day_does_matter() -> None:
    """The tests above see a change where there is one."""
    last = max(as_it_was())
    row = int(np.flatnonzero(LEAGUE.day < last)[-1])
    goals = LEAGUE.home_goals.copy()
    goals[row] += 1
    changed = {
        week.day: forecast(week, FIXTURES) for week in weeks(replace(LEAGUE, home_goals=goals), FIXTURES, _OPTIONS)
    }
    differing = [day for day, was in as_it_was().items() if not changed[day].equals(was)]
    assert differing == [day for day in as_it_was() if day > LEAGUE.day[row]]
    assert differing


def test_some_weeks_of_the_league_have_forecasts_and_some_have_none() -> None:
    known = [was.goals is not None for was in as_it_was().values()]
    assert (known.count(True), known.count(False)) == (sum(known), len(known) - sum(known))
    assert set(known) == {False, True}
    assert FIXTURES.season.max() == FIRST_SEASON + 2
