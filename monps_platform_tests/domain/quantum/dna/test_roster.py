"""How much hangs on few players: by hand, recomputed, and of finishers whose truth is known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.quantum.dna.roster import LEAST_SHOTS, RosterVector, gini, roster_vector
from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.season import LeagueSeason, PlayerTotals, SeasonMatch
from monps_platform.domain.understat import Appearance, Shot
from monps_platform_tests.domain.quantum.dna.shot_seasons import (
    GOAL,
    OWN_GOAL,
    SAVED,
    TEAM,
    assert_sees_no_future,
    goal,
    match,
    poisson_shots,
    season,
    seasons,
    shot,
)

MATCHES = 6
WHOLE = 90 * MATCHES


def totals(player_id: int, minutes: int | None, xg_chain: float | None = 1.0, team: int = TEAM) -> PlayerTotals:
    who = (player_id, f"player {player_id}", team, "F", None if minutes is None else 1)
    return PlayerTotals(*who, minutes, *(None,) * 4, *(None,) * 3, xg_chain, None)


def appearance(player_id: int, minutes: int, xg_chain: float = 0.1, *, is_home: bool = True) -> Appearance:
    return Appearance(player_id, f"player {player_id}", is_home, "FW", minutes, *(0,) * 7, 0.0, 0.0, xg_chain, 0.0)


def with_totals(*players: PlayerTotals, matches: int = MATCHES) -> LeagueSeason:
    return replace(season([match(at, []) for at in range(matches)]), players=players)


def test_shares_and_minutes_are_those_of_the_season_totals() -> None:
    eleven = [totals(at, WHOLE, 1.0 + (at == 4) * 3 + (at == 7) * 2) for at in range(11)]
    told = roster_vector(with_totals(*eleven, totals(50, WHOLE, 99.0, team=2), totals(60, 0)), TEAM)
    assert told.minutes_coverage == 1
    assert (told.players_used, told.players_known) == (11, 11)
    assert told.top_player == "player 4"
    assert told.top_player_share == pytest.approx(4 / 16)
    assert told.top_three_share == pytest.approx(8 / 16)
    assert told.minutes_gini == 0
    assert told.sources == (Source.RESULTS, Source.SHOTS, Source.PLAYER_SEASONS)


def test_a_player_of_several_clubs_is_used_but_not_known_and_the_coverage_says_so() -> None:
    told = roster_vector(with_totals(*(totals(at, WHOLE) for at in range(10)), totals(10, None, None)), TEAM)
    assert told.minutes_coverage == pytest.approx(10 / 11)
    assert (told.players_used, told.players_known) == (11, 10)
    assert told.top_player_share == pytest.approx(1 / 10)


def test_where_too_many_minutes_are_not_known_no_share_is_told() -> None:
    told = roster_vector(with_totals(*(totals(at, WHOLE) for at in range(9)), totals(10, None, None)), TEAM)
    assert told.minutes_coverage == pytest.approx(9 / 11)
    names = ("top_player", "top_player_share", "top_three_share", "minutes_gini")
    assert {told.gaps[name] for name in names} == {Gap.UNKNOWN_MINUTES}
    assert told.players_used == 10


def test_totals_of_more_minutes_than_the_matches_had_are_not_used() -> None:
    told = roster_vector(with_totals(*(totals(at, WHOLE + 90) for at in range(11))), TEAM)
    assert told.gaps["minutes_coverage"] is told.gaps["top_player_share"] is told.gaps["players_used"] is Gap.NO_PLAYERS
    assert Source.PLAYER_SEASONS not in told.sources


def test_without_players_it_says_so() -> None:
    told = roster_vector(season([match(at, []) for at in range(MATCHES)]), TEAM)
    assert told.gaps["minutes_gini"] is told.gaps["minutes_coverage"] is Gap.NO_PLAYERS
    assert (told.n_finishers_tested, told.finishers_beyond_chance) == (0, ())


def test_without_shots_there_are_no_finishers_but_it_says_why() -> None:
    told = roster_vector(season([match(at, None, score=(1, 0)) for at in range(MATCHES)]), TEAM)
    assert told.gaps["n_finishers_tested"] is told.gaps["finishers_beyond_chance"] is Gap.NO_SHOTS


def test_of_too_few_matches_nothing_but_n_is_told() -> None:
    told = roster_vector(with_totals(*(totals(at, 4 * 90) for at in range(11)), matches=4), TEAM)
    assert set(told.gaps.values()) == {Gap.TOO_FEW}
    assert (told.minutes_coverage, told.players_known, told.n_matches_with_shots) == (1, 11, 4)


def test_without_any_chance_there_is_no_share() -> None:
    told = roster_vector(with_totals(*(totals(at, WHOLE, 0.0) for at in range(11))), TEAM)
    assert told.gaps["top_player_share"] is Gap.NO_VARIATION
    assert told.minutes_gini == 0


def lineups(at: int, *, home: int = TEAM, away: int = 2) -> SeasonMatch:
    """Eleven of the home side, one of whom gives way to the twelfth after an hour, and eleven of the away side."""
    own = [appearance(player, 90, 0.1 * player) for player in range(1, 11)]
    other = [appearance(player, 90, 5.0, is_home=False) for player in range(101, 112)]
    changed = [appearance(11, 60, 0.5), appearance(12, 30, 0.5), appearance(13, 0, 9.0)]
    return replace(match(at, [], home=home, away=away), appearances=(*own, *changed, *other))


def test_line_ups_are_used_where_all_are_held_and_know_every_day() -> None:
    known = replace(season([lineups(at) for at in range(8)]), players=(totals(1, 5),))
    told = roster_vector(known.before(known.matches[6].day), TEAM)
    assert told.sources == (Source.RESULTS, Source.SHOTS, Source.LINEUPS)
    assert told.minutes_coverage == 1
    assert (told.players_used, told.players_known) == (12, 12)
    assert told.top_player == "player 10"
    assert told.top_player_share == pytest.approx(1 / 6.5)
    assert told.top_three_share == pytest.approx(2.7 / 6.5)


def test_one_match_without_a_line_up_makes_the_totals_the_source() -> None:
    known = season([*(lineups(at) for at in range(5)), match(5, [])])
    told = roster_vector(replace(known, players=tuple(totals(at, WHOLE) for at in range(11))), TEAM)
    assert told.sources[-1] is Source.PLAYER_SEASONS
    assert roster_vector(known, TEAM).gaps["minutes_gini"] is Gap.NO_PLAYERS


def test_a_team_that_has_not_played_has_no_vector() -> None:
    with pytest.raises(ValueError, match="team 9 has not played"):
        roster_vector(season([match(1, [])]), 9)


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12))
def test_gini_is_half_the_relative_mean_difference(amounts: list[int]) -> None:
    n = len(amounts)
    differences = 2 * sum(abs(one - other) for one, other in combinations(amounts, 2))
    assert gini(amounts) == pytest.approx(differences / (2 * n * sum(amounts)))


@pytest.mark.parametrize(("amounts", "expected"), [([5], 0), ([1, 1, 1], 0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25)])
def test_gini_of_known_amounts(amounts: list[int], expected: float) -> None:
    assert gini(amounts) == pytest.approx(expected)


def test_gini_of_nobody_is_an_error() -> None:
    with pytest.raises(ValueError, match="no amounts"):
        gini([])


def test_only_players_with_enough_shots_are_tested_and_own_goals_are_none() -> None:
    enough = [shot(10, player=1)] * LEAST_SHOTS
    short = [*[shot(20, player=2)] * (LEAST_SHOTS - 1), shot(30, OWN_GOAL, player=2)]
    others = [shot(40, player=3, is_home=False)] * LEAST_SHOTS
    told = roster_vector(season([match(0, [*enough, *short, *others]), *(match(at, []) for at in range(1, 6))]), TEAM)
    assert (told.n_finishers_tested, told.n_finishers_above_xg, told.finishers_beyond_chance) == (1, 0, ())


def tail_by_hand(xgs: list[float], goals: int) -> float:
    """P(at least so many goals), over all ways to score them."""
    total = 0.0
    for scored in range(goals, len(xgs) + 1):
        for chosen in combinations(range(len(xgs)), scored):
            total += float(np.prod([xg if at in chosen else 1 - xg for at, xg in enumerate(xgs)]))
    return total


def test_p_and_q_values_are_those_of_the_poisson_binomial_and_of_benjamini_hochberg() -> None:
    # The rest of twenty shots has no chance, so that the sum over all subsets stays small.
    drawn = {1: ([0.1, 0.2, 0.3, 0.1, 0.05], 4), 2: ([0.1, 0.2, 0.3, 0.4], 3), 3: ([0.5], 0)}
    shots = []
    for player, (xgs, goals) in drawn.items():
        shots += [shot(9, GOAL if at < goals else SAVED, player=player, xg=xg) for at, xg in enumerate(xgs)]
        shots += [shot(9, player=player, xg=0.0)] * (20 - len(xgs))
    told = roster_vector(season([match(0, shots), *(match(at, []) for at in range(1, 6))]), TEAM)
    first, second, third = (tail_by_hand(*drawn[player]) for player in (1, 2, 3))
    assert third == 1
    assert (told.n_finishers_tested, told.n_finishers_above_xg) == (3, 2)
    assert told.finishers_beyond_chance is not None
    (best,) = told.finishers_beyond_chance
    assert (best.player, best.goals, best.n_shots) == ("player 1", 4, 20)
    assert best.xg == pytest.approx(0.75)
    assert best.p_value == pytest.approx(first)
    assert best.q_value == pytest.approx(min(3 * first, 3 * second / 2, third))


def finishing(seed: int, better: int | None = None) -> LeagueSeason:
    """Eight players of whom one may score three times as often as his shots' xG says."""
    chance = np.random.default_rng(seed)

    def drawn() -> list[Shot]:
        return [
            goal(item.minute, player=better)
            if better is not None and item.player_id == better and chance.random() < 0.2
            else item
            for item in poisson_shots(chance, 14, is_home=True)
        ]

    return season([match(at, drawn()) for at in range(38)])


def test_a_finisher_who_scores_three_times_his_xg_is_named() -> None:
    told = roster_vector(finishing(5, better=3), TEAM)
    assert told.n_finishers_tested == 8
    assert told.finishers_beyond_chance is not None
    assert [finisher.player_id for finisher in told.finishers_beyond_chance] == [3]


def test_teams_of_equal_finishers_have_a_name_in_one_case_of_twenty_at_most() -> None:
    teams = [roster_vector(finishing(1000 + seed), TEAM) for seed in range(60)]
    named = Counter(bool(told.finishers_beyond_chance) for told in teams)
    # At a rate of 1 in 20, more than 8 of 60 would be seen in less than one case of a hundred.
    assert named[True] <= 8
    assert sum(told.n_finishers_above_xg or 0 for told in teams) > 100


@settings(max_examples=10, deadline=None)
@given(seasons())
def test_it_sees_no_future(known: LeagueSeason) -> None:
    players = tuple(totals(at, 60 * len(known.matches), team=team) for team in (1, 2, 3) for at in range(11))
    assert_sees_no_future(roster_vector, replace(known, players=players), 3)


@settings(max_examples=25, deadline=None)
@given(seasons())
def test_finishers_are_those_of_an_independent_count(known: LeagueSeason) -> None:
    for team in known.team_ids:
        told = roster_vector(known, team)
        if told.n_finishers_tested is None:
            continue
        taken = [
            item
            for played in known.matches
            for item in played.shots or ()
            if (played.home if item.is_home else played.away).team_id == team and item.result is not OWN_GOAL
        ]
        shots = Counter(item.player_id for item in taken)
        tested = {player for player, count in shots.items() if count >= LEAST_SHOTS}
        assert told.n_finishers_tested == len(tested)
        above = [
            sum((item.result is GOAL) - item.xg for item in taken if item.player_id == player) > 0 for player in tested
        ]
        assert told.n_finishers_above_xg == sum(above)


def test_the_vector_survives_json() -> None:
    told = roster_vector(finishing(5, better=3), TEAM)
    assert told.finishers_beyond_chance
    assert RosterVector.model_validate(told.to_json()) == told
