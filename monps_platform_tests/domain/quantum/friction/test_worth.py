"""What scores foretell: planted relations are found, noise is not, and an even match is no surprise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from math import nan

import numpy as np
import pytest
from scipy.stats import spearmanr

from monps_platform.domain.quantum.friction.matrix import friction_matrix
from monps_platform.domain.quantum.friction.surprise import excess_surprise
from monps_platform.domain.quantum.friction.vocabulary import Score
from monps_platform.domain.quantum.friction.worth import (
    LEAST_MATCHES,
    LEAST_TEAMS,
    Observation,
    Outcome,
    Relation,
    observations,
    predictive_worth,
)
from monps_platform.domain.quantum.friction.worth_text import worth_markdown, worth_sentences
from monps_platform.domain.quantum.season import FairProbabilities, SeasonMatch
from monps_platform_tests.domain.quantum.friction.drawn_teams import AS_OF, drawn_teams, played, season_after

TEAMS = 20
PAIRS = list(permutations(range(TEAMS), 2))
Scores = dict[tuple[int, int], dict[Score, float | None]]


def _scores(of_pair: Callable[[int, int], float | None]) -> Scores:
    return {pair: dict.fromkeys(Score, of_pair(*pair)) for pair in PAIRS}


def _relation(relations: tuple[Relation, ...], outcome: Outcome, score: Score = Score.FRICTION) -> Relation:
    return next(each for each in relations if each.score is score and each.outcome is outcome)


def _drawn(seed: int, planted: float, team_effect: float = 0.5, leagues: int = 3) -> list[Observation]:
    """Matches of leagues whose outcome hangs on the teams, and by ``planted`` on the score, which hangs on them too."""
    chance = np.random.default_rng(seed)
    found = []
    for league in range(leagues):
        score_of, outcome_of = chance.normal(size=(2, TEAMS))
        for home, away in PAIRS:
            score = (score_of[home] + score_of[away]) / 2
            outcome = team_effect * (outcome_of[home] + outcome_of[away]) + chance.normal() + planted * score
            sides = (100 * league + home, 100 * league + away)
            scores, outcomes = (score, *(nan for _ in range(6))), (outcome, nan, nan)
            found.append(Observation(f"league {league}", *sides, scores, outcomes))
    return found


def test_a_match_is_told_by_its_pairs_scores_at_that_venue_and_by_what_came_of_it() -> None:
    fair = FairProbabilities(0.5, 0.3, 0.2)
    match = played(1, (3, 4), (2, 1), cards=5, fair=fair)
    scores = {(3, 4): {**dict.fromkeys(Score, 10.0), Score.CHAOS: None}, (4, 3): dict.fromkeys(Score, 90.0)}
    (found,) = observations(scores, AS_OF, season_after([match]))  # type: ignore[arg-type]
    assert (found.stratum, found.home_team_id, found.away_team_id) == ("E0 2021-22", 3, 4)
    assert found.scores[:-1] == (10.0,) * 6
    assert np.isnan(found.scores[-1])
    assert found.outcomes == (3.0, 5.0, excess_surprise(match))


def test_what_is_not_known_of_a_match_is_missing_and_not_0() -> None:
    (found,) = observations(_scores(lambda *_: 1.0), AS_OF, season_after([played(1, (3, 4), (0, 0))]))
    assert found.outcomes[0] == 0
    assert np.isnan(found.outcomes[1:]).all()


def test_a_pair_without_scores_such_as_one_with_a_promoted_team_is_left_out() -> None:
    matches = [played(1, (3, 99), (2, 1)), played(2, (3, 4), (2, 1))]
    assert len(observations(_scores(lambda *_: 1.0), AS_OF, season_after(matches))) == 1


def test_a_match_from_before_the_day_of_the_scores_is_refused() -> None:
    early = replace(played(1, (3, 4), (2, 1)), day=AS_OF.replace(day=1, month=1))
    with pytest.raises(ValueError, match="were played before"):
        observations({}, AS_OF, season_after([early]))


def test_scores_of_the_matrix_are_taken_as_they_are() -> None:
    rows = friction_matrix(drawn_teams(), {}, {})
    scores = {(row.home_team_id, row.away_team_id): row.scores for row in rows}
    (found,) = observations(scores, AS_OF, season_after([played(1, (3, 4), (2, 1))]))
    assert found.scores == tuple(scores[3, 4][score] for score in Score)


def test_of_one_league_the_correlation_is_spearmans() -> None:
    found = _drawn(3, planted=0.5, leagues=1)
    expected = spearmanr([each.scores[0] for each in found], [each.outcomes[0] for each in found])
    assert _relation(predictive_worth(found), Outcome.TOTAL_GOALS).correlation == pytest.approx(expected.statistic)


def test_what_sets_leagues_apart_counts_for_nothing() -> None:
    found = _drawn(3, planted=0.0, leagues=2)
    shifted = [
        replace(each, scores=tuple(10 + x for x in each.scores), outcomes=tuple(10 + y for y in each.outcomes))
        if each.stratum == "league 1"
        else each
        for each in found
    ]
    assert predictive_worth(shifted) == pytest.approx(predictive_worth(found), nan_ok=True)


def test_a_planted_relation_is_found_with_its_sign() -> None:
    for sign in (1, -1):
        relation = _relation(predictive_worth(_drawn(5, planted=sign * 0.8)), Outcome.TOTAL_GOALS)
        assert relation.correlation is not None
        assert relation.low is not None
        assert relation.high is not None
        assert relation.low < relation.correlation < relation.high
        assert sign * relation.low > 0 if sign > 0 else relation.high < 0
        assert relation.p is not None
        assert relation.p < 0.01
        assert (relation.n, relation.n_teams) == (3 * len(PAIRS), 3 * TEAMS)


def test_noise_is_called_a_relation_about_as_often_as_stated_though_teams_matches_are_alike() -> None:
    draws = [_drawn(seed, planted=0.0, leagues=2) for seed in range(60)]
    ours = [_relation(predictive_worth(found), Outcome.TOTAL_GOALS).p or 0 for found in draws]
    naive = [
        spearmanr([each.scores[0] for each in found], [each.outcomes[0] for each in found]).pvalue for found in draws
    ]
    assert sum(p <= 0.05 for p in ours) <= 8
    assert sum(p <= 0.05 for p in naive) >= 15


def _market_is_right(seed: int) -> list[SeasonMatch]:
    """Matches that end as the market says; the further the teams' numbers are apart, the clearer the favourite."""
    chance = np.random.default_rng(seed)
    found = []
    for number, (home, away) in enumerate(PAIRS * 3):
        strong = 1 / 3 + 0.6 * abs(home - away) / TEAMS
        fair = FairProbabilities(strong, (1 - strong) / 2, (1 - strong) / 2)
        score = [(1, 0), (0, 0), (0, 1)][chance.choice(3, p=[fair.home, fair.draw, fair.away])]
        found.append(played(number, (home, away), score, fair=fair))
    return found


def test_an_even_match_is_no_surprise_to_a_market_that_knows_it() -> None:
    scores = _scores(lambda home, away: 100 - abs(home - away))
    found = observations(scores, AS_OF, season_after(_market_is_right(2)))
    ranked = spearmanr([each.scores[0] for each in found], [each.outcomes[2] for each in found])
    assert ranked.pvalue < 0.001
    relation = _relation(predictive_worth(found), Outcome.SURPRISE)
    assert relation.p is not None
    assert relation.p > 0.05


def test_a_market_that_thinks_too_little_of_outsiders_in_high_friction_is_found_out() -> None:
    chance = np.random.default_rng(7)
    fair = FairProbabilities(0.7, 0.2, 0.1)
    wild = {pair: float(chance.uniform()) for pair in PAIRS}
    results = [(1, 0), (0, 0), (0, 1)]
    matches = [
        played(
            number, pair, results[chance.choice(3, p=[0.7 - 0.4 * wild[pair], 0.2, 0.1 + 0.4 * wild[pair]])], fair=fair
        )
        for number, pair in enumerate(PAIRS * 2)
    ]
    found = observations(_scores(lambda home, away: wild[home, away]), AS_OF, season_after(matches))
    relation = _relation(predictive_worth(found), Outcome.SURPRISE)
    assert relation.low is not None
    assert relation.low > 0


def test_every_score_is_held_against_every_outcome() -> None:
    told = [(each.score, each.outcome) for each in predictive_worth(_drawn(1, 0.0))]
    assert told == [(score, outcome) for score in Score for outcome in Outcome]
    assert [(each.score, each.outcome) for each in predictive_worth([])] == told


def test_q_is_p_after_benjamini_and_hochberg_over_all_that_were_tested() -> None:
    chance = np.random.default_rng(1)
    rows = [Observation("E0", *pair, tuple(chance.normal(size=7)), tuple(chance.normal(size=3))) for pair in PAIRS]
    relations = sorted(predictive_worth(rows), key=lambda each: each.p or 0)
    p_values = [each.p or 0 for each in relations]
    expected = [min(p * len(p_values) / (at + 1) for at, p in list(enumerate(p_values))[low:]) for low in range(21)]
    assert [each.q for each in relations] == pytest.approx(expected)


@pytest.mark.parametrize("found", [_drawn(1, 0.5)[: LEAST_MATCHES - 1], [], _drawn(1, 0.5)[: 2 * (LEAST_TEAMS - 2)]])
def test_too_few_matches_or_teams_say_nothing(found: list[Observation]) -> None:
    relation = predictive_worth(found)[0]
    assert relation.correlation is relation.low is relation.p is relation.q is None
    assert relation.n == len(found)


def test_a_score_that_is_the_same_for_all_says_nothing() -> None:
    alike = [replace(each, scores=(50.0, *each.scores[1:])) for each in _drawn(1, 0.5)]
    assert predictive_worth(alike)[0].correlation is None


def test_a_perfect_relation_has_no_interval_that_would_claim_certainty() -> None:
    same = [replace(each, outcomes=(each.scores[0], nan, nan)) for each in _drawn(1, 0.5)]
    relation = predictive_worth(same)[0]
    assert relation.correlation == pytest.approx(1)
    assert relation.low is relation.high is relation.p is relation.q is None


def test_the_sentences_say_nothing_shown_of_noise_and_shown_of_a_relation() -> None:
    told = [worth_sentences(predictive_worth(_drawn(seed, planted))) for seed, planted in ((11, 0.0), (5, 0.8))]
    assert told[0][0].startswith("friction score and total goals of the following season's matches: ")
    assert "nothing shown" in told[0][0]
    assert told[0][-1] == "None of the 1 relations tested stands out: nothing is known that these scores foretell."
    assert told[1][0].endswith(", shown.")
    assert told[1][-1].startswith("1 of the 1 relations tested stand out; the strongest, friction score with total")


def test_without_matches_the_text_says_so() -> None:
    sentences = worth_sentences(predictive_worth([]))
    assert "0 matches of 0 teams are too few" in sentences[0]
    assert sentences[-1] == "No relation could be tested."


def test_the_table_has_a_row_per_score_and_outcome() -> None:
    text = worth_markdown(predictive_worth(_drawn(5, 0.8)))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(Score) * len(Outcome)
    assert "| friction score | total goals | 1,140 | 60 | +0." in text
    assert "< 0.001" in text
    assert "| chaos potential | surprise | 0 | 0 | - | - | - | - |" in text
