"""Late against early chances, fouls and cards, and points by days of rest: by hand, recomputed, and simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings

from monps_platform.domain.quantum.dna.physical import LEAST_MATCHES, PhysicalVector, physical_vector
from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch
from monps_platform_tests.domain.quantum.dna.shot_seasons import (
    FIRST_DAY,
    OTHER,
    OWN_GOAL,
    TEAM,
    assert_sees_no_future,
    match,
    poisson_shots,
    round_robin,
    season,
    seasons,
    shot,
)


def test_late_chances_are_those_from_minute_76_to_89() -> None:
    played = [
        shot(75, xg=0.38),
        shot(76, xg=0.28),
        shot(89, is_home=False, xg=0.14),
        shot(90, xg=0.9),
        shot(80, OWN_GOAL),
    ]
    matches = [match(at, sorted(played, key=lambda item: item.minute)) for at in range(5)]
    told = physical_vector(season(matches), TEAM)
    assert told.xg_difference_to_75 == pytest.approx(90 * 0.38 / 76)
    assert told.xg_difference_after_75 == pytest.approx(90 * 0.14 / 14)
    assert told.late_change is not None
    # All matches are alike, and so is every one drawn again.
    interval = (told.late_change.low, told.late_change.value, told.late_change.high)
    assert interval == pytest.approx((0.45, 0.45, 0.45))
    other = physical_vector(season(matches), OTHER)
    assert other.xg_difference_after_75 == pytest.approx(-0.9)


def with_statistics(at: int, fouls: int | None, yellow: int | None, red: int | None) -> SeasonMatch:
    played = match(at, None, score=(1, 0))
    home = replace(played.home, fouls=fouls, yellow_cards=yellow, red_cards=red)
    return replace(played, home=home, away=replace(played.away, fouls=10, yellow_cards=3, red_cards=1))


def test_fouls_and_cards_are_means_over_the_matches_that_have_them() -> None:
    told = physical_vector(
        season([*(with_statistics(at, 12 + at, 1, 1) for at in range(5)), with_statistics(9, None, None, None)]), TEAM
    )
    assert (told.fouls_per_match, told.opponents_fouls_per_match) == (14, 10)
    assert (told.cards_per_match, told.opponents_cards_per_match) == (2, 4)
    assert (told.n_matches, told.n_matches_with_fouls, told.n_matches_with_cards) == (6, 5, 5)
    assert told.sources == (Source.RESULTS, Source.STATISTICS)


def test_cards_without_reds_are_not_known() -> None:
    told = physical_vector(season([with_statistics(at, 12, 1, None) for at in range(5)]), TEAM)
    assert told.gaps["cards_per_match"] is Gap.NO_STATISTICS
    assert told.n_matches_with_fouls == 5


def test_what_is_not_held_is_missing_and_says_why() -> None:
    told = physical_vector(season([match(1, None, score=(1, 0))]), TEAM)
    assert told.gaps["late_change"] is told.gaps["xg_difference_to_75"] is Gap.NO_SHOTS
    assert told.gaps["fouls_per_match"] is told.gaps["opponents_cards_per_match"] is Gap.NO_STATISTICS
    assert told.gaps["points_long_rest"] is Gap.TOO_FEW
    assert told.sources == (Source.RESULTS,)


def test_of_too_few_matches_nothing_but_n_is_told() -> None:
    matches = [
        replace(with_statistics(at, 1, 1, 1), shots=(), home=replace(with_statistics(at, 1, 1, 1).home, goals=0))
        for at in range(LEAST_MATCHES - 1)
    ]
    told = physical_vector(season(matches), TEAM)
    assert set(told.gaps.values()) == {Gap.TOO_FEW}
    assert (told.n_matches_with_shots, told.n_matches_with_fouls) == (4, 4)


def played_after(rests: Sequence[int], score: tuple[int, int]) -> LeagueSeason:
    days = np.cumsum([0, *rests]).tolist()
    return season([match(at, None, score=score, day=FIRST_DAY + timedelta(days=day)) for at, day in enumerate(days)])


@pytest.mark.parametrize(
    ("days", "rest"), [(1, "short"), (3, "short"), (4, "normal"), (6, "normal"), (7, "long"), (90, "long")]
)
def test_rest_is_counted_from_the_match_before(days: int, rest: str) -> None:
    told = physical_vector(played_after([days] * 5, (2, 2)), TEAM)
    counts = {name: getattr(told, f"n_{name}_rest") for name in ("short", "normal", "long")}
    assert counts == {**dict.fromkeys(counts, 0), rest: 5}
    assert getattr(told, f"points_{rest}_rest") == 1
    assert sum(counts.values()) == told.n_matches - 1


@pytest.mark.parametrize(("score", "points"), [((1, 0), 3), ((0, 0), 1), ((0, 1), 0)])
def test_points_by_rest_are_the_matchs_own(score: tuple[int, int], points: int) -> None:
    assert physical_vector(played_after([7] * 5, score), TEAM).points_long_rest == points


def test_a_team_that_has_not_played_has_no_vector() -> None:
    with pytest.raises(ValueError, match="team 9 has not played"):
        physical_vector(season([match(1, [])]), 9)


def of_team(known: LeagueSeason, team: int) -> list[SeasonMatch]:
    return [item for item in known.matches if team in {item.home.team_id, item.away.team_id}]


def difference_by_hand(known: LeagueSeason, team: int, first: int, last: int) -> float:
    total = 0.0
    for item in of_team(known, team):
        for taken in item.shots or ():
            if first <= taken.minute <= last and taken.result is not OWN_GOAL:
                total += taken.xg if taken.is_home is (item.home.team_id == team) else -taken.xg
    return total


def points_by_hand(known: LeagueSeason, team: int, low: int, high: int) -> list[int]:
    found, before = [], None
    for item in of_team(known, team):
        if before is not None and low <= (item.day - before).days <= high:
            own, other = item.home.goals, item.away.goals
            own, other = (own, other) if item.home.team_id == team else (other, own)
            found.append(3 if own > other else 1 if own == other else 0)
        before = item.day
    return found


@settings(max_examples=40, deadline=None)
@given(seasons(legs=3))
def test_figures_are_those_of_an_independent_count(known: LeagueSeason) -> None:
    for team in known.team_ids:
        told = physical_vector(known, team)
        if told.xg_difference_to_75 is not None:
            early = 90 * difference_by_hand(known, team, 0, 75) / (76 * told.n_matches_with_shots)
            late = 90 * difference_by_hand(known, team, 76, 89) / (14 * told.n_matches_with_shots)
            assert told.xg_difference_to_75 == pytest.approx(early, abs=1e-9)
            assert told.xg_difference_after_75 == pytest.approx(late, abs=1e-9)
        for rest, low, high in (("short", 0, 3), ("normal", 4, 6), ("long", 7, 999)):
            gained = points_by_hand(known, team, low, high)
            assert getattr(told, f"n_{rest}_rest") == len(gained)
            expected = sum(gained) / len(gained) if len(gained) >= LEAST_MATCHES else None
            assert getattr(told, f"points_{rest}_rest") == expected


@settings(max_examples=15, deadline=None)
@given(seasons())
def test_fouls_of_all_teams_are_those_of_all_opponents(known: LeagueSeason) -> None:
    told = [physical_vector(known, team) for team in known.team_ids]
    if all(item.fouls_per_match is not None for item in told):
        own = sum((item.fouls_per_match or 0) * item.n_matches_with_fouls for item in told)
        other = sum((item.opponents_fouls_per_match or 0) * item.n_matches_with_fouls for item in told)
        assert own == pytest.approx(other)


@settings(max_examples=10, deadline=None)
@given(seasons())
def test_it_sees_no_future(known: LeagueSeason) -> None:
    assert_sees_no_future(physical_vector, known, 3)


def test_a_team_that_lasts_longer_shows_it_and_equal_teams_show_nothing_but_chance() -> None:
    chance = np.random.default_rng(11)
    strong = 3
    known = round_robin(
        20,
        lambda team, is_home: [
            *poisson_shots(chance, 12, is_home=is_home),
            *poisson_shots(chance, 4 if team == strong else 0, is_home=is_home, minutes=(76, 90)),
        ],
    )
    told = {team: physical_vector(known, team).late_change for team in known.team_ids}
    beyond = {team for team, change in told.items() if change is not None and (change.low > 0 or change.high < 0)}
    best = told[strong]
    assert best is not None
    # Four more shots of 0.1 in 14 minutes: 90 * 0.4 / 14 more per 90 minutes.
    assert best.low < 90 * 0.4 / 14 < best.high
    assert strong in beyond
    assert len(beyond) <= 4


def test_the_vector_is_the_same_when_computed_again_and_survives_json() -> None:
    known = season([match(at, [shot(80 + at)]) for at in range(6)])
    told = physical_vector(known, TEAM)
    assert physical_vector(season(known.matches), TEAM) == told
    assert PhysicalVector.model_validate(told.to_json()) == told
