"""Traits by hand, without what is not held, and without what came later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, replace
from datetime import timedelta
from functools import cache
from math import log

import numpy as np
import pytest

from monps_platform.domain.quantum.dna.team_dna import TeamDna, team_dna
from monps_platform.domain.quantum.documents import Source
from monps_platform.domain.quantum.friction.matrix import friction_matrix
from monps_platform.domain.quantum.friction.measuring import season_traits
from monps_platform.domain.quantum.friction.surprise import excess_surprise
from monps_platform.domain.quantum.friction.traits import SOURCES, Traits
from monps_platform.domain.quantum.season import FairProbabilities, LeagueSeason, SeasonMatch, Side
from monps_platform_tests.domain.quantum.friction.drawn_teams import partition, traits_of
from monps_platform_tests.domain.quantum.profiles.drawn_leagues import FIRST_DAY, USUAL, drawn_season

FAIR = FairProbabilities(0.5, 0.3, 0.2, 0.55)


@cache
def by_hand() -> LeagueSeason:
    """Ten matches of team 1 at home against team 2: five of 2-1 after 0-1, five of 0-0, one red card in each of the
    first; no shots are listed.
    """
    matches = [_match(number, turned=number < 5) for number in range(10)]
    return LeagueSeason(partition(), FIRST_DAY + timedelta(days=10), tuple(matches))


def _match(number: int, *, turned: bool) -> SeasonMatch:
    home = Side(1, 2 if turned else 0, 0, shots=12, shots_on_target=6, corners=6, fouls=10, yellow_cards=2, red_cards=0)
    away = Side(
        2,
        1 if turned else 0,
        1 if turned else 0,
        shots=8,
        shots_on_target=2,
        corners=3,
        fouls=14,
        yellow_cards=1,
        red_cards=1 if turned else 0,
    )
    return SeasonMatch(number, FIRST_DAY + timedelta(days=number), None, home, away, fair_closing=FAIR)


@cache
def drawn() -> LeagueSeason:
    """Ten teams with shots, statistics, half-time scores and prices."""
    season = drawn_season(dict.fromkeys(range(1, 11), USUAL))
    return replace(season, matches=tuple(_completed(match) for match in season.matches))


@cache
def dna() -> Mapping[int, TeamDna]:
    """Their DNA."""
    return team_dna(drawn(), {})


def _completed(match: SeasonMatch) -> SeasonMatch:
    chance = np.random.default_rng(match.match_id)
    home, away = (
        replace(
            side,
            half_time_goals=int(chance.integers(side.goals + 1)),
            shots_on_target=int(chance.binomial(side.shots or 0, 0.35)),
            yellow_cards=int(chance.poisson(2)),
            red_cards=int(chance.poisson(0.2)),
        )
        for side in (match.home, match.away)
    )
    win, draw = chance.uniform(0.3, 0.5), 0.25
    fair = FairProbabilities(win, draw, 1 - win - draw, chance.uniform(0.4, 0.6))
    return replace(match, home=home, away=away, fair_closing=fair)


def _of(season: LeagueSeason, team_id: int) -> Traits:
    return {each.team_id: each for each in traits_of(season)}[team_id]


@pytest.mark.parametrize(
    ("name", "home", "away"),
    [
        ("shot_share", 12 / 20, 8 / 20),
        ("corners_per_shot", 6 / 12, 3 / 8),
        ("shot_accuracy", 6 / 12, 2 / 8),
        ("shot_accuracy_against", 2 / 8, 6 / 12),
        ("shots_of_both", 20, 20),
        ("corners_of_both", 9, 9),
        ("goals_of_both", 15 / 10, 15 / 10),
        ("fouls", 10, 14),
        ("fouls_against", 14, 10),
        ("cards", 2, 1.5),
        ("cards_against", 1.5, 2),
        ("collapses", 0, 5 / 10),
        ("comebacks", 5 / 10, 0),
        ("half_time_changes", 5 / 10, 5 / 10),
        ("points", (5 * 3 + 5) / 10, 5 / 10),
        ("expected_points", 3 * 0.5 + 0.3, 3 * 0.2 + 0.3),
        ("red_cards_of_both", 5 / 10, 5 / 10),
        ("goals_dispersion", (10 * 1.5**2 / 9) / 1.5, (10 * 1.5**2 / 9) / 1.5),
        ("surprise", -(log(0.5) + log(0.3)) / 2 + 0.5 * log(0.5) + 0.3 * log(0.3) + 0.2 * log(0.2), None),
    ],
)
def test_a_trait_is_what_its_formula_says(name: str, home: float, away: float | None) -> None:
    assert getattr(_of(by_hand(), 1), name) == pytest.approx(home)
    if away is not None:
        assert getattr(_of(by_hand(), 2), name) == pytest.approx(away)


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source is Source.SHOTS])
def test_without_shots_a_trait_of_theirs_is_missing_and_not_0(name: str) -> None:
    assert getattr(_of(by_hand(), 1), name) is None


def test_without_team_history_there_is_no_ppda() -> None:
    assert _of(by_hand(), 1).ppda is None


def test_a_season_that_has_everything_has_every_trait() -> None:
    found = _of(drawn(), 1)
    assert [name for name in SOURCES if getattr(found, name) is None] == ["ppda"]


def test_traits_of_shots_are_those_of_the_dna() -> None:
    psyche, temporal = dna()[1].psyche, dna()[1].temporal
    found = _of(drawn(), 1)
    assert found.points_dropped == pytest.approx((psyche.points_dropped or 0) / psyche.n_matches_with_shots)
    assert found.points_won_back == pytest.approx((psyche.points_won_back or 0) / psyche.n_matches_with_shots)
    assert psyche.xg_for_trailing_ratio is not None
    assert found.trailing_reaction == psyche.xg_for_trailing_ratio.value
    late = [shot for match in drawn().of_team(1) for shot in match.match.shots or () if shot.minute >= 76]
    goals = sum(shot.result.name == "GOAL" for shot in late)
    assert found.late_goals_of_both == pytest.approx(goals / temporal.n_matches_with_shots)


def test_few_matches_have_no_traits_of_matches() -> None:
    found = _of(by_hand().before(FIRST_DAY + timedelta(days=4)), 1)
    assert found.n_matches == 4
    assert {getattr(found, name) for name in SOURCES} == {None}


def test_nothing_of_a_later_match_is_seen() -> None:
    day = drawn().matches[60].day
    known = drawn().before(day)
    alone = LeagueSeason(known.partition, day, tuple(match for match in drawn().matches if match.day < day))
    changed = tuple(
        match if match.day < day else replace(match, home=replace(match.home, goals=9), fair_closing=None)
        for match in drawn().matches
    )
    other = replace(drawn(), matches=changed).before(day)
    expected = [astuple(each) for each in traits_of(alone)]
    assert [astuple(each) for each in traits_of(known)] == expected
    assert [astuple(each) for each in traits_of(other)] == expected
    assert friction_matrix(traits_of(known), {}, {}) == friction_matrix(traits_of(other), {}, {})


def test_an_earlier_match_is_seen() -> None:
    changed = replace(drawn().matches[0], home=replace(drawn().matches[0].home, fouls=99))
    other = replace(drawn(), matches=(changed, *drawn().matches[1:]))
    assert _of(other, changed.home.team_id).fouls != _of(drawn(), changed.home.team_id).fouls


def test_dna_of_another_day_is_refused() -> None:
    with pytest.raises(ValueError, match="DNA as of"):
        season_traits(drawn().before(drawn().matches[60].day), dna())


def test_a_team_that_has_not_played_is_refused() -> None:
    with pytest.raises(ValueError, match="has not played"):
        season_traits(drawn(), {99: dna()[1]})


@pytest.mark.parametrize(("score", "chance"), [((1, 0), 0.5), ((1, 1), 0.3), ((0, 2), 0.2)])
def test_surprise_is_that_of_what_happened_less_what_was_expected(score: tuple[int, int], chance: float) -> None:
    match = SeasonMatch(1, FIRST_DAY, None, Side(1, score[0]), Side(2, score[1]), fair_pre_match=FAIR)
    entropy = -sum(each * log(each) for each in (0.5, 0.3, 0.2))
    assert excess_surprise(match) == pytest.approx(-log(chance) - entropy)


def test_without_prices_there_is_no_surprise() -> None:
    assert excess_surprise(SeasonMatch(1, FIRST_DAY, None, Side(1, 1), Side(2, 0))) is None
