"""What cards show: every vector, every figure with what it rests on or why it is missing, and nobody left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import numpy as np
import pytest

from monps_platform.domain.goal_model.dixon_coles import Inputs, fit
from monps_platform.domain.goal_model.history import Fixtures, Matches
from monps_platform.domain.quantum.cards.dna import MARKETS, dna_sections
from monps_platform.domain.quantum.cards.outlook import MatchOutlook, NoOutlook, modelled
from monps_platform.domain.quantum.cards.rows import MISSING, CardRow, counted, lacking_together
from monps_platform.domain.quantum.cards.scorers import SHOWN, SideScorers, scorers_of
from monps_platform.domain.quantum.dna.evidence import proportion
from monps_platform.domain.quantum.dna.market import TeamMarket
from monps_platform.domain.quantum.dna.team_dna import VECTORS, TeamDna, team_dna
from monps_platform.domain.quantum.documents import Gap
from monps_platform.domain.quantum.friction.predictions import predictions
from monps_platform.domain.quantum.scorers.profile import ScorerProfile, scorer_profiles
from monps_platform.domain.seasons import Season
from monps_platform_tests.domain.quantum.dna import priced_seasons
from monps_platform_tests.domain.quantum.scorers import season_builder

LABEL, VALUE = 30, 9


def _rows(dna: TeamDna) -> dict[str, CardRow]:
    return {f"{section.title.split()[0]}: {row.figure}": row for section in dna_sections(dna) for row in section.rows}


@pytest.fixture(scope="module")
def known() -> TeamDna:
    """A team of a season with prices and shots."""
    return team_dna(priced_seasons.simulated(), {})[1]


@pytest.fixture(scope="module")
def bare() -> TeamDna:
    """A team of which nothing but a few scores is known."""
    return team_dna(priced_seasons.season([priced_seasons.match(number, (2, 1)) for number in range(3)]), {})[1]


def test_there_is_a_section_of_every_vector_in_order(known: TeamDna) -> None:
    assert [section.title.split()[0] for section in dna_sections(known)] == list(VECTORS)
    assert set(MARKETS) == set(TeamMarket)


def test_figures_are_those_of_the_vectors(known: TeamDna) -> None:
    rows = _rows(known)
    record, goals = known.market.draw, known.temporal.goals_for
    assert record is not None
    assert record.roi is not None
    assert goals is not None
    roi = record.roi
    assert rows["market: draw"] == CardRow("draw", f"{roi.value:+.0%}", f"{roi.low:+.0%} to {roi.high:+.0%}", "38 bets")
    late = proportion(goals.goals[max(goals.goals)], goals.n_goals)
    assert rows["temporal: scored from minute 76"].value == f"{late.value:.0%}"
    assert rows["temporal: scored from minute 76"].interval == f"{late.low:.0%} to {late.high:.0%}"
    assert rows["luck: points less expected"].value == f"{known.luck.points_minus_expected:+.1f}"
    assert rows["context: points at home"] == CardRow(
        "points at home", f"{known.context.home.points:.2f}", "", "19 matches"
    )


@pytest.mark.parametrize("name", ["known", "bare"])
def test_what_has_no_value_has_a_reason_and_what_has_one_says_what_it_rests_on(
    name: str, request: pytest.FixtureRequest
) -> None:
    rows = _rows(request.getfixturevalue(name))
    assert len(rows) > (45 if name == "known" else 25)
    for row in rows.values():
        assert row.rests_on
        assert (row.value == MISSING) == (row.rests_on in set(Gap))
        assert len(row.figure) < LABEL
        assert len(row.value) <= VALUE


def test_of_a_team_without_data_almost_everything_is_missing(bare: TeamDna) -> None:
    rows = _rows(bare)
    assert rows["luck: 6 figures of shots"] == CardRow("6 figures of shots", MISSING, "", Gap.NO_SHOTS)
    lacking = [row for row in rows.values() if row.rests_on == Gap.NO_SHOTS]
    assert len(lacking) == len({name.split(":")[0] for name, row in rows.items() if row in lacking})
    assert rows["market: home win"] == CardRow("home win", MISSING, "", Gap.NO_PRICES)
    assert rows["physical: fouls per match"].rests_on == Gap.NO_STATISTICS


def _with_half_times(known: TeamDna, n_matches: int = 38, led: int = 20) -> tuple[TeamDna, int]:
    """The team with half-time scores, by which ten of its goals fell after half-time, and how many goals it has."""
    goals = sum(match.own.goals for match in priced_seasons.simulated().of_team(1))
    late = {"n_matches_with_half_time": n_matches, "second_half_goals_for_share": 10 / goals}
    led_and_lost = {"collapses": min(3, led), "led_at_half_time": led}
    return replace(
        known,
        temporal=known.temporal.model_copy(update=late),
        psyche=known.psyche.model_copy(update=led_and_lost),
    ), goals


def test_shares_of_goals_and_of_half_times_have_wilson_s_interval_and_their_own_n(known: TeamDna) -> None:
    dna, goals = _with_half_times(known)
    rows, late, collapses = _rows(dna), proportion(10, goals), proportion(3, 20)
    interval = f"{late.low:.0%} to {late.high:.0%}"
    assert rows["temporal: scored after half-time"] == CardRow(
        "scored after half-time", f"{late.value:.0%}", interval, f"{goals} goals"
    )
    interval = f"{collapses.low:.0%} to {collapses.high:.0%}"
    assert rows["psyche: collapses from half-time"] == CardRow(
        "collapses from half-time", "15%", interval, "20 matches led"
    )


def test_of_no_match_led_there_is_no_share_of_collapses(known: TeamDna) -> None:
    dna, _ = _with_half_times(known, led=0)
    assert _rows(dna)["psyche: collapses from half-time"].rests_on == Gap.NO_VARIATION


def test_where_half_time_scores_are_missing_goals_after_half_time_say_matches(known: TeamDna) -> None:
    dna, _ = _with_half_times(known, n_matches=30)
    found = _rows(dna)["temporal: scored after half-time"]
    assert (found.interval, found.rests_on) == ("", "30 matches")


def test_one_figure_without_shots_keeps_its_name() -> None:
    one = [CardRow("a", MISSING, "", Gap.NO_SHOTS), CardRow("b", "1", "", "1 match")]
    assert lacking_together(one) == tuple(one)
    two = [*one, CardRow("c", MISSING, "", Gap.NO_SHOTS)]
    assert [row.figure for row in lacking_together(two)] == ["2 figures of shots", "b"]


def test_counts_carry_their_noun() -> None:
    assert [counted(1, "bet"), counted(0, "bet"), counted(1234.4, "minute"), counted(2, "match", "matches")] == [
        "1 bet",
        "0 bets",
        "1,234 minutes",
        "2 matches",
    ]


# The goal model's word on a pair


def _history(seasons: int) -> Matches:
    chance = np.random.default_rng(3)
    pairs = [*permutations(range(1, 9), 2)] * seasons
    first = date(2018, 8, 1).toordinal()
    home, away = np.array(pairs, dtype=np.int64).T
    at = np.arange(len(pairs), dtype=np.int64)
    year = np.full(len(pairs), 2018, dtype=np.int64)
    goals = (chance.poisson(rate, len(pairs)).astype(np.int64) for rate in (1.5, 1.1))
    return Matches.of(Fixtures(at, first + at, year, home, away), *goals)


def test_the_goal_model_says_of_a_pair_what_the_friction_matrix_foretells() -> None:
    history = _history(3)
    day = date(2018, 8, 1) + timedelta(days=len(history))
    found = modelled(history, Season(2018), 5, 2, day)
    fitted = fit(Inputs.of(history, day.toordinal(), 2018, np.arange(1, 9)))
    foretold = predictions(fitted, range(1, 9), day)[5, 2]
    assert isinstance(found, MatchOutlook)
    assert found.goals == pytest.approx((foretold.home_goals, foretold.away_goals))
    assert (found.over25, found.btts) == pytest.approx((foretold.over25, foretold.btts))
    assert found.home is not None
    assert found.draw is not None
    assert found.away is not None
    assert found.home + found.draw + found.away == pytest.approx(1)
    assert (found.as_of, found.n_matches) == (day, 168)


def test_the_goal_model_looks_at_nothing_on_or_after_the_day() -> None:
    history = _history(3)
    day = date(2018, 8, 1) + timedelta(days=120)
    before = modelled(history.before(day.toordinal()), Season(2018), 5, 2, day)
    assert isinstance(before, MatchOutlook)
    assert modelled(history, Season(2018), 5, 2, day) == before
    assert before.n_matches == 120


def test_too_few_matches_give_no_word() -> None:
    assert modelled(_history(1), Season(2018), 5, 2, date(2020, 1, 1)) is NoOutlook.TOO_LITTLE_HISTORY


# Scorers


def _squad(team_id: int) -> list[ScorerProfile]:
    profiles = scorer_profiles(season_builder.simulated(0, teams=6).season)
    return [item for item in profiles if item.team_id == team_id]


def test_the_likeliest_are_shown_and_with_the_others_all_sums_to_one() -> None:
    found = scorers_of(_squad(1), _squad(2), (1.6, 1.1))
    assert found is not None
    sides = [SideScorers.of(chances) for chances in (found.home, found.away)]
    for side, chances in zip(sides, (found.home, found.away), strict=True):
        assert [item.first for item in side.shown] == sorted((item.first for item in chances), reverse=True)[:SHOWN]
        assert side.n_others == len(chances) - SHOWN
    for own_goal, kind in ((found.own_goal_first, "first"), (found.own_goal_last, "last")):
        players = sum(getattr(item, kind) for side in sides for item in side.shown)
        others = sum(getattr(side, f"others_{kind}") for side in sides)
        assert players + others + own_goal + found.nobody == pytest.approx(1)


def test_a_side_without_players_has_no_scorers() -> None:
    assert scorers_of(_squad(1), [], (1.6, 1.1)) is None
