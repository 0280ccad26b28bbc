"""Features and percentiles: by hand, with ties, and missing where they are missing."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.profiles.definitions import DEFINITIONS, feature_rows
from monps_platform.domain.quantum.profiles.features import LEAST_TEAMS, features, gaps, percentiles
from monps_platform.domain.quantum.profiles.measures import LEAST_MATCHES, LEAST_SHOTS
from monps_platform.domain.quantum.profiles.tallies import Column, Floats, Tally, tallies
from monps_platform.domain.quantum.profiles.vocabulary import Feature
from monps_platform_tests.domain.quantum.profiles.drawn_leagues import USUAL, Style, drawn_season

TEAMS = dict.fromkeys(range(1, 11), USUAL)
SHOT_FEATURES = {feature for feature, definition in DEFINITIONS.items() if definition.source is Source.SHOTS}


def tally(n_matches: int = LEAST_MATCHES, /, **columns: float) -> Tally:
    """Matches alike, home and away in turn; ``other_...`` are the opponents' columns. All else is not held."""
    own, other = (np.full((n_matches, len(Column)), np.nan) for _ in range(2))
    for name, value in columns.items():
        table = other if name.startswith("other_") else own
        table[:, Column[name.removeprefix("other_").upper()]] = value
    return Tally(own, other, np.arange(n_matches) % 2 == 0)


def measured(feature: Feature, of: Tally) -> float | None:
    return DEFINITIONS[feature].measure(of)


def standing(*values: float | None) -> list[float | None]:
    """Percentiles of one feature over teams that have nothing else."""
    empty: dict[Feature, float | None] = dict.fromkeys(Feature)
    found = percentiles({at: {**empty, Feature.FOULS: value} for at, value in enumerate(values)})
    return [figures[Feature.FOULS] for figures in found.values()]


def faults(table: Floats) -> set[int]:
    """Columns that are constant, or a straight line of another one."""
    constant = table.std(axis=0) <= 1e-9 * np.abs(table).max(axis=0)
    moving = np.flatnonzero(~constant)
    alike = np.abs(np.corrcoef(table[:, moving].T)) - np.eye(len(moving)) > 0.999
    return {*np.flatnonzero(constant).tolist(), *moving[alike.any(axis=0)].tolist()}


BY_HAND: list[tuple[Feature, dict[str, float], float]] = [
    (Feature.CROSS_SHARE, {"open_play": 10, "crosses": 2}, 0.2),
    (Feature.SHOT_DISTANCE, {"open_play": 10, "distance": 175}, 17.5),
    (Feature.SET_PIECE_SHARE, {"non_penalty": 12, "set_pieces": 3}, 0.25),
    (Feature.BLOCKED_SHARE_AGAINST, {"other_open_play": 8, "other_blocked": 2}, 0.25),
    (Feature.SHOT_SHARE, {"shots": 15, "other_shots": 10}, 0.6),
    (Feature.TEMPO, {"shots": 15, "other_shots": 10}, 25.0),
    (Feature.CORNERS_PER_SHOT, {"corners": 6, "shots": 15}, 0.4),
    (Feature.LOW_SCORING, {"goals": 1, "other_goals": 1}, 1.0),
    (Feature.LOW_SCORING, {"goals": 2, "other_goals": 1}, 0.0),
    (Feature.DEEP_SHARE, {"deep": 9, "other_deep": 3}, 0.75),
    (Feature.PPDA, {"ppda": 8.5}, 8.5),
    (Feature.LEADING_SHOT_SHARE, {"leading": 4, "other_trailing": 6}, 0.4),
    # Level 6 of 10, leading 4 of 10, trailing 7 of 10.
    (Feature.LEADING_DROP, {"level": 6, "other_level": 4, "leading": 4, "other_trailing": 6}, 0.2),
    (Feature.TRAILING_RISE, {"level": 6, "other_level": 4, "trailing": 7, "other_leading": 3}, 0.1),
]


@pytest.mark.parametrize(("feature", "columns", "expected"), BY_HAND)
def test_a_feature_is_what_its_formula_says(feature: Feature, columns: dict[str, float], expected: float) -> None:
    assert measured(feature, tally(**columns)) == pytest.approx(expected)


def test_a_gap_of_home_and_away_is_the_one_less_the_other() -> None:
    found = tally(points=1)
    found.own[found.is_home, Column.POINTS] = 3
    assert measured(Feature.HOME_POINTS, found) == 3
    assert measured(Feature.HOME_POINTS_GAP, found) == 2


def test_matches_that_lack_a_figure_do_not_count_as_zero() -> None:
    found = tally(2 * LEAST_MATCHES, fouls=10, shots=12, other_shots=12)
    found.own[::2, [Column.FOULS, Column.SHOTS]] = np.nan
    assert measured(Feature.FOULS, found) == 10
    assert measured(Feature.SHOT_SHARE, found) == 0.5


def test_a_feature_is_given_from_its_least_n_on() -> None:
    enough, short = tally(1, open_play=LEAST_SHOTS, crosses=5), tally(1, open_play=LEAST_SHOTS - 1, crosses=5)
    assert (measured(Feature.CROSS_SHARE, enough), measured(Feature.CROSS_SHARE, short)) == (5 / LEAST_SHOTS, None)
    assert measured(Feature.FOULS, tally(LEAST_MATCHES - 1, fouls=10)) is None


@pytest.mark.parametrize("feature", list(Feature))
def test_a_team_of_which_nothing_is_held_has_no_feature_rather_than_zero(feature: Feature) -> None:
    assert measured(feature, tally(38)) is None


def test_a_season_without_shots_has_no_feature_of_shots_and_says_why() -> None:
    season = drawn_season(TEAMS, with_shots=False)
    values = features(season)
    missing = gaps(tallies(season), values, percentiles(values))
    for team_id, figures in values.items():
        assert {feature for feature, value in figures.items() if value is None} == {
            *SHOT_FEATURES,
            *(Feature.PPDA, Feature.DEEP_SHARE, Feature.PPDA_SPREAD),
        }
        assert {missing[team_id][feature] for feature in SHOT_FEATURES} == {Gap.NO_SHOTS}
        assert missing[team_id][Feature.PPDA] is Gap.NO_TEAM_HISTORY


def test_too_few_matches_are_a_gap_too() -> None:
    season = drawn_season(TEAMS)
    early = season.before(season.matches[6].day)
    values = features(early)
    missing = gaps(tallies(early), values, percentiles(values))
    assert {gap for of_team in missing.values() for gap in of_team.values()} == {Gap.TOO_FEW, Gap.NO_TEAM_HISTORY}


def test_percentiles_are_middles_of_ranks_and_equal_values_share_theirs() -> None:
    # Ranks 1, 2.5, 2.5, 4 ... 8 of eight: (rank - 1/2) / 8.
    assert standing(1, 2, 2, 3, 4, 5, 6, 7) == [6.25, 25.0, 25.0, 43.75, 56.25, 68.75, 81.25, 93.75]


def test_a_team_without_the_feature_has_no_percentile_and_is_not_counted() -> None:
    assert standing(None, *range(LEAST_TEAMS))[0] is None
    assert standing(None, *range(LEAST_TEAMS))[1:] == standing(*range(LEAST_TEAMS))


def test_a_feature_that_few_teams_have_or_that_is_the_same_for_all_has_no_percentiles() -> None:
    assert set(standing(*range(LEAST_TEAMS - 1), None, None)) == {None}
    assert set(standing(*[5.0] * 10)) == {None}


@given(st.lists(st.integers(0, 30), min_size=LEAST_TEAMS, max_size=24).filter(lambda values: len(set(values)) > 1))
def test_percentiles_have_the_mean_50_keep_the_order_and_do_not_reach_the_ends(values: list[int]) -> None:
    found = [percentile for percentile in standing(*values) if percentile is not None]
    assert np.mean(found) == pytest.approx(50)
    assert 0 < min(found) < max(found) < 100
    assert all(
        (one < another) == (values[a] < values[b]) for (a, one), (b, another) in combinations(enumerate(found), 2)
    )


def test_no_feature_is_constant_or_another_one_in_other_units() -> None:
    teams = {team_id: replace(USUAL, ppda=8.0 + team_id) for team_id in range(1, 17)}
    figures = features(drawn_season(teams)).values()
    table = np.array([[of_team[feature] for feature in Feature] for of_team in figures], dtype=float)
    assert not np.isnan(table).any()
    assert faults(table) == set()


def test_a_constant_feature_and_one_that_is_twice_another_would_be_seen() -> None:
    table = np.random.default_rng(1).normal(size=(16, 3))
    assert faults(table) == set()
    assert faults(np.column_stack([table, 2 * table[:, 1]])) == {1, 3}
    assert faults(np.column_stack([table, np.full(16, 4.2)])) == {3}


def test_every_feature_is_documented() -> None:
    rows = list(feature_rows())
    assert [row[0] for row in rows] == list(Feature)
    assert all(all(row) for row in rows)


def test_a_style_shows_in_its_feature() -> None:
    teams = {**TEAMS, 1: Style(actions={"Cross": 0.5}), 2: Style(blocks=0.5), 3: Style(shots_at_home=20)}
    values = percentiles(features(drawn_season(teams)))
    assert values[1][Feature.CROSS_SHARE] == 95
    assert values[2][Feature.BLOCKED_SHARE_AGAINST] == 95
    assert values[3][Feature.SHOTS] == 95
