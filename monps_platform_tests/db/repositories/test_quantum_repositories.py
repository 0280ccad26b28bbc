"""DNA, tactical profiles, friction, strategies and scorers on both drivers: the newest is given, nothing is lost, and
no match is judged by what came after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.quantum import FrictionMatch
from monps_platform.db.repositories.teams import UnknownLeagueCodeError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.odds import Market
from monps_platform.domain.quantum.friction.vocabulary import Score
from monps_platform.domain.strategies import StrategyName
from monps_platform.domain.tactics import MatchScenario, TacticalProfile
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import (
    AS_OF,
    EARLIER,
    LAST_SEASON,
    THIS_SEASON,
    World,
    active,
    build_world,
    classification,
    dna,
    friction,
    refused_to_load,
    scorer,
    strategy,
)
from monps_platform_tests.db.repositories.refusals import assert_refused_before_sql
from monps_platform_tests.db.samples import HERE, Reader, statements

NEXT_SEASON = "2020-21"
REPOSITORIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "team_dna": dna,
    "tactical_profiles": classification,
    "friction": friction,
    "strategies": strategy,
    "goalscorers": lambda world: scorer(world, 227),
}
TABLES = {
    "team_dna": "quantum.team_quantum_dna",
    "tactical_profiles": "quantum.chess_classifications",
    "friction": "quantum.quantum_friction_matrix",
    "strategies": "quantum.quantum_strategies",
    "goalscorers": "quantum.goalscorer_profiles",
}


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """The teams and matches that the rows are about."""
    return build_world(sessions)


def enter(layer: Layer, repository: str, *rows: Mapping[str, Any]) -> list[int]:
    """Write rows that name the same fields; their ids in order."""
    with layer.unit() as unit:
        ids = [row.id for row in getattr(unit, repository).create_many(rows)]
        unit.commit()
    return ids


# What all five have in common


@pytest.mark.parametrize(("repository", "row"), REPOSITORIES.items(), ids=REPOSITORIES)
def test_every_value_of_a_row_is_kept_and_given_back(
    layer: Layer, world: World, repository: str, row: Callable[[World], dict[str, Any]]
) -> None:
    given = row(world)
    (row_id,) = enter(layer, repository, given)
    with layer.unit() as unit:
        held = getattr(unit, repository).get_by_id(row_id)
        assert {name: value for name, value in held.to_dict().items() if name in given} == given
        assert repr(held).endswith(f"({row_id})")


@pytest.mark.parametrize(("repository", "row"), REPOSITORIES.items(), ids=REPOSITORIES)
def test_rows_of_another_day_stand_beside_the_older_ones_and_a_repeated_load_touches_none(
    layer: Layer, world: World, reader: Reader, repository: str, row: Callable[[World], dict[str, Any]]
) -> None:
    days = [{**row(world), "as_of": day} for day in (EARLIER, AS_OF)]
    with layer.unit() as unit:
        assert getattr(unit, repository).upsert_many(days) == Changes(inserted=2)
        unit.commit()
    before = reader.traces(TABLES[repository])
    with layer.unit() as unit:
        found = getattr(unit, repository)
        assert found.upsert_many(list(reversed(days))) == Changes()
        assert [item.as_of for item in found.get_all()] == [EARLIER, AS_OF]
        assert found.count(as_of=EARLIER) == 1
        assert [item.as_of for item in found.stream()] == [EARLIER, AS_OF]
        unit.commit()
    assert reader.traces(TABLES[repository]) == before


@pytest.mark.parametrize(("repository", "row"), REPOSITORIES.items(), ids=REPOSITORIES)
def test_relationships_that_nobody_named_raise_when_touched(
    layer: Layer, world: World, repository: str, row: Callable[[World], dict[str, Any]]
) -> None:
    (row_id,) = enter(layer, repository, row(world))
    names = ("home_team", "away_team") if repository == "friction" else ("team",)
    with layer.unit() as unit, statements(layer.engine) as sent:
        refused_to_load(getattr(unit, repository).get_by_id(row_id), *names)
        assert len(sent) == 1
    with layer.unit() as unit, statements(layer.engine) as sent:
        (held,) = getattr(unit, repository).get_all(load=names)
        assert getattr(held, names[0]).name == "Arsenal"
        assert len(sent) == 1


# DNA


def test_the_newest_vectors_of_a_team_are_given_with_the_team_in_one_statement(layer: Layer, world: World) -> None:
    rows = [
        dna(world, as_of=EARLIER, n_matches=15),
        dna(world, as_of=AS_OF, n_matches=19),
        dna(world, as_of=date(2019, 6, 1), season=LAST_SEASON, n_matches=38),
        dna(world, "Chelsea", as_of=date(2020, 2, 1)),
    ]
    enter(layer, "team_dna", *rows)
    with layer.unit() as unit, statements(layer.engine) as sent:
        newest = unit.team_dna.get_newest(world.teams["Arsenal"])
        assert newest is not None
        assert (newest.as_of, newest.n_matches, newest.team.name) == (AS_OF, 19, "Arsenal")
        assert newest.market == {"n_matches": 19, "note": None}
        refused_to_load(newest, "league")
        assert len(sent) == 1
        of_last = unit.team_dna.get_newest(world.teams["Arsenal"], season=LAST_SEASON)
        assert of_last is not None
        assert of_last.n_matches == 38
        assert unit.team_dna.get_newest(world.teams["Everton"]) is None
        assert unit.team_dna.get_newest(world.teams["Arsenal"], season=NEXT_SEASON) is None
        assert unit.team_dna.count() == 4


def test_of_vectors_of_one_day_those_of_the_later_season_are_given(layer: Layer, world: World) -> None:
    enter(layer, "team_dna", dna(world, season=THIS_SEASON), dna(world, season=LAST_SEASON))
    with layer.unit() as unit:
        newest = unit.team_dna.get_newest(world.teams["Arsenal"])
        assert newest is not None
        assert newest.season == THIS_SEASON


# Tactical profiles


def test_after_a_new_classification_it_is_the_current_one_and_the_old_one_is_history(
    layer: Layer, world: World
) -> None:
    arsenal = world.teams["Arsenal"]
    (old,) = enter(layer, "tactical_profiles", classification(world, as_of=EARLIER, is_current=True))
    with layer.unit() as unit:
        unit.tactical_profiles.update(old, is_current=False)
        new = unit.tactical_profiles.create(
            **classification(world, is_current=True, profile=TacticalProfile.LOW_BLOCK)
        ).id
        unit.commit()
    with layer.unit() as unit, statements(layer.engine) as sent:
        current = unit.tactical_profiles.get_current(arsenal)
        assert current is not None
        assert (current.id, current.profile, current.team.name) == (new, TacticalProfile.LOW_BLOCK, "Arsenal")
        refused_to_load(current, "league")
        assert len(sent) == 1
        assert [row.id for row in unit.tactical_profiles.get_history(arsenal)] == [new, old]


def test_a_team_has_one_current_classification_at_most(layer: Layer, world: World) -> None:
    enter(layer, "tactical_profiles", classification(world, as_of=EARLIER, is_current=True))
    with layer.unit() as unit, pytest.raises(IntegrityError, match="uq_chess_classifications_current"):
        unit.tactical_profiles.create(**classification(world, is_current=True))


def test_a_team_that_was_never_classified_has_neither_a_profile_nor_a_history(layer: Layer, world: World) -> None:
    enter(layer, "tactical_profiles", classification(world))
    with layer.unit() as unit:
        assert unit.tactical_profiles.get_current(world.teams["Chelsea"]) is None
        assert unit.tactical_profiles.get_history(world.teams["Chelsea"]) == []
        assert unit.tactical_profiles.get_current(world.teams["Arsenal"]) is None


def test_a_classification_without_a_profile_is_current_with_its_reason(layer: Layer, world: World) -> None:
    nothing: dict[str, Any] = dict.fromkeys(("profile", "score", "runner_up", "margin"))
    unclear = classification(world, is_current=True, no_profile_reason="too few matches", **nothing)
    enter(layer, "tactical_profiles", unclear)
    with layer.unit() as unit:
        current = unit.tactical_profiles.get_current(world.teams["Arsenal"])
        assert current is not None
        assert (current.profile, current.no_profile_reason) == (None, "too few matches")


def test_the_history_comes_the_newest_first_page_by_page_with_the_team(layer: Layer, world: World) -> None:
    days = [date(2019, 10, 1), AS_OF, EARLIER]
    rows = [classification(world, as_of=day) for day in days]
    oct_, jan, dec = enter(layer, "tactical_profiles", *rows, classification(world, "Chelsea"))[:3]
    with layer.unit() as unit, statements(layer.engine) as sent:
        history = unit.tactical_profiles.get_history(world.teams["Arsenal"])
        assert [(row.id, row.team.name) for row in history] == [(row_id, "Arsenal") for row_id in (jan, dec, oct_)]
        assert len(sent) == 1
        refused_to_load(history[0], "league")
        page = unit.tactical_profiles.get_history(world.teams["Arsenal"], skip=1, limit=1)
        assert [row.id for row in page] == [dec]


# Friction


def test_friction_is_that_of_the_ordered_pair_as_newest_known_with_both_teams(layer: Layer, world: World) -> None:
    rows = [
        friction(world, as_of=EARLIER, friction_score=30.0),
        friction(world, friction_score=60.0),
        friction(world, "Chelsea", "Arsenal", as_of=date(2020, 3, 1), friction_score=61.0),
        friction(world, season=LAST_SEASON, as_of=date(2019, 6, 1), friction_score=20.0),
    ]
    enter(layer, "friction", *rows)
    arsenal, chelsea = world.teams["Arsenal"], world.teams["Chelsea"]
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.friction.get_friction(arsenal, chelsea)
        assert found is not None
        assert (found.friction_score, found.home_team.name, found.away_team.name) == (60.0, "Arsenal", "Chelsea")
        assert (found.predicted_scenario, found.recommended_markets) == (MatchScenario.OPEN_GAME, [])
        assert len(sent) == 1
        for home, away, season, score in [(chelsea, arsenal, None, 61.0), (arsenal, chelsea, LAST_SEASON, 20.0)]:
            other = unit.friction.get_friction(home, away, season=season)
            assert other is not None
            assert other.friction_score == score
        assert unit.friction.get_friction(arsenal, world.teams["Everton"]) is None
        assert unit.friction.get_friction(arsenal, chelsea, season=NEXT_SEASON) is None
        assert unit.friction.count() == 4


def listed(found: Sequence[FrictionMatch]) -> list[tuple[str, str, float | None]]:
    return [(row.match.home_team.name, row.match.away_team.name, row.friction.friction_score) for row in found]


SUMMER = date(2019, 8, 1)


def test_scores_known_on_a_day_are_the_newest_of_that_day_or_earlier_and_of_the_league_alone(
    layer: Layer, world: World
) -> None:
    rows = (
        friction(world, as_of=EARLIER, friction_score=30.0),
        friction(world, friction_score=60.0),
        friction(world, "Chelsea", "Arsenal", friction_score=61.0),
        friction(world, "Arsenal", "Leeds", same_league=False, **ACROSS),
        friction(world, season=LAST_SEASON, as_of=date(2019, 6, 1), friction_score=20.0),
    )
    enter(layer, "friction", *rows)
    arsenal, chelsea = world.teams["Arsenal"], world.teams["Chelsea"]
    with layer.unit() as unit:
        day, scores = unit.friction.scores_known(HERE, AS_OF)
        assert day == AS_OF
        assert set(scores) == {(arsenal, chelsea), (chelsea, arsenal)}
        assert (scores[arsenal, chelsea][Score.FRICTION], scores[arsenal, chelsea][Score.CHAOS]) == (60.0, 40.0)
        day, scores = unit.friction.scores_known(HERE, AS_OF - timedelta(days=1))
        assert (day, scores[arsenal, chelsea][Score.FRICTION], len(scores)) == (EARLIER, 30.0, 1)
        assert unit.friction.scores_known(HERE, EARLIER - timedelta(days=1)) == (None, {})


ACROSS = dict.fromkeys(("predicted_scenario", "predicted_btts_prob", "predicted_over25_prob", "predicted_total_goals"))


def test_matches_of_high_friction_come_the_highest_first_in_one_statement(layer: Layer, world: World) -> None:
    rows = [
        friction(world, as_of=SUMMER, friction_score=70.0),
        friction(world, "Chelsea", "Arsenal", as_of=SUMMER, friction_score=80.0),
        friction(world, "Arsenal", "Everton", as_of=SUMMER, friction_score=59.99),
        friction(world, "Everton", "Chelsea", as_of=SUMMER, friction_score=70.0),
        friction(world, "Everton", "Arsenal", as_of=SUMMER, friction_score=99.0),
    ]
    enter(layer, "friction", *rows)
    expected = [("Chelsea", "Arsenal", 80.0), ("Arsenal", "Chelsea", 70.0), ("Everton", "Chelsea", 70.0)]
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.friction.get_high_friction_matches(60)
        assert listed(found) == expected
        assert {row.match.league.code for row in found} == {"E0"}
        refused_to_load(found[0].friction, "home_team", "away_team")
        assert len(sent) == 1
        assert listed(unit.friction.get_high_friction_matches(60, skip=1, limit=1)) == expected[1:2]
        assert listed(unit.friction.get_high_friction_matches(70)) == expected
        assert unit.friction.get_high_friction_matches(80.01) == []
        assert len(unit.friction.get_high_friction_matches(0)) == 4


def test_only_matches_to_come_are_given_where_upcoming_ones_are_asked_for(layer: Layer, world: World) -> None:
    pairs = [("Arsenal", "Chelsea"), ("Chelsea", "Arsenal"), ("Arsenal", "Everton"), ("Everton", "Chelsea")]
    enter(layer, "friction", *(friction(world, *pair, as_of=SUMMER, friction_score=70.0) for pair in pairs))
    with layer.unit() as unit:

        def coming(day: date) -> list[tuple[str, str]]:
            return [pair[:2] for pair in listed(unit.friction.get_high_friction_matches(60, upcoming_from=day))]

        assert coming(date(2019, 8, 1)) == [("Arsenal", "Everton"), ("Everton", "Chelsea")]
        assert coming(date(2020, 5, 10)) == [("Arsenal", "Everton"), ("Everton", "Chelsea")]
        assert coming(date(2020, 5, 11)) == [("Everton", "Chelsea")]
        assert coming(date(2020, 5, 18)) == []


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({date(2019, 8, 11): 90.0}, []),
        ({date(2019, 8, 10): 90.0}, [90.0]),
        ({date(2019, 8, 1): 70.0, date(2019, 8, 11): 90.0}, [70.0]),
        ({date(2019, 8, 1): 20.0, date(2019, 8, 11): 90.0}, []),
        ({date(2019, 8, 1): 90.0, date(2019, 8, 10): 20.0}, []),
        ({date(2019, 7, 1): 65.0, date(2019, 8, 1): 75.0, date(2020, 1, 1): 95.0}, [75.0]),
    ],
)
def test_a_match_is_judged_by_the_newest_friction_of_its_day_and_by_nothing_later(
    layer: Layer, world: World, known: dict[date, float], expected: list[float]
) -> None:
    rows = [friction(world, as_of=day, friction_score=score) for day, score in known.items()]
    enter(layer, "friction", *rows)
    with layer.unit() as unit:
        found = unit.friction.get_high_friction_matches(60)
        assert [row.friction.friction_score for row in found] == expected
        assert all(row.friction.as_of <= row.match.match_date for row in found)


def test_a_match_is_listed_once_where_frictions_of_two_seasons_stand_as_of_one_day(layer: Layer, world: World) -> None:
    of_last = friction(world, as_of=SUMMER, season=LAST_SEASON, friction_score=90.0)
    enter(layer, "friction", of_last, friction(world, as_of=SUMMER, friction_score=70.0))
    with layer.unit() as unit:
        assert listed(unit.friction.get_high_friction_matches(60)) == [("Arsenal", "Chelsea", 70.0)]


def test_unknown_friction_is_high_for_no_threshold(layer: Layer, world: World) -> None:
    enter(layer, "friction", friction(world, as_of=SUMMER, friction_score=None))
    with layer.unit() as unit:
        assert unit.friction.get_high_friction_matches(0) == []


# Strategies


def test_a_teams_strategies_are_the_newest_of_each_the_best_evidence_first(layer: Layer, world: World) -> None:
    unknown = (
        *("out_of_sample_roi", "roi_low", "roi_high", "p_value", "q_value"),
        *("mean_clv_percentage", "mean_clv_no_vig_percentage", "clv_no_vig_low", "clv_no_vig_high"),
    )
    untested: dict[str, Any] = {**dict.fromkeys(unknown), "closed_bets": 0}
    rows = [
        strategy(world, roi_low=-0.2),
        strategy(world, as_of=EARLIER, **active(0.04)),
        strategy(world, strategy=StrategyName.TOTAL_CHAOS, out_of_sample_bets=0, **untested),
        strategy(world, strategy=StrategyName.SHARP_VALUE, **active(0.02)),
        strategy(world, market=Market.OVER_UNDER, season=LAST_SEASON, as_of=date(2019, 6, 1), **active(0.01)),
        strategy(world, "Chelsea", **active(0.03)),
    ]
    ids = enter(layer, "strategies", *rows)
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.strategies.get_team_strategies(world.teams["Arsenal"])
        assert [row.id for row in found] == [ids[3], ids[4], ids[0], ids[2]]
        assert {row.team.name for row in found} == {"Arsenal"}
        assert len(sent) == 1
        running = unit.strategies.get_team_strategies(world.teams["Arsenal"], active_only=True)
        assert [row.id for row in running] == [ids[3], ids[4]]
        assert unit.strategies.get_team_strategies(world.teams["Everton"]) == []
        assert unit.strategies.count() == 6


def test_of_evaluations_of_one_day_that_of_the_later_season_counts(layer: Layer, world: World) -> None:
    ids = enter(
        layer, "strategies", strategy(world, season=THIS_SEASON), strategy(world, season=LAST_SEASON, **active())
    )
    with layer.unit() as unit:
        assert [row.id for row in unit.strategies.get_team_strategies(world.teams["Arsenal"])] == ids[:1]
        assert unit.strategies.get_best_by_market(Market.ONE_X_TWO) == []


def test_the_best_of_a_market_are_the_active_ones_of_all_teams(layer: Layer, world: World) -> None:
    rows = [
        strategy(world, **active(0.01)),
        strategy(world, "Chelsea", **active(0.03)),
        strategy(world, "Everton", **active(0.02)),
        strategy(world, "Hull", roi_low=0.04),
        strategy(world, "Leeds", market=Market.OVER_UNDER, **active(0.05)),
    ]
    enter(layer, "strategies", *rows)
    with layer.unit() as unit, statements(layer.engine) as sent:
        best = unit.strategies.get_best_by_market(Market.ONE_X_TWO)
        assert [row.team.name for row in best] == ["Chelsea", "Everton", "Arsenal"]
        assert len(sent) == 1
        assert [row.team.name for row in unit.strategies.get_best_by_market(Market.ONE_X_TWO, limit=1)] == ["Chelsea"]
        assert [row.team.name for row in unit.strategies.get_best_by_market(Market.OVER_UNDER)] == ["Leeds"]
        assert unit.strategies.get_best_by_market(Market.BTTS) == []


def test_a_market_without_an_active_strategy_has_no_best_one(layer: Layer, world: World) -> None:
    enter(layer, "strategies", strategy(world, roi_low=0.04), strategy(world, "Chelsea"))
    with layer.unit() as unit:
        assert unit.strategies.get_best_by_market(Market.ONE_X_TWO) == []


def test_a_strategy_that_no_longer_survives_is_not_best_by_what_it_once_was(layer: Layer, world: World) -> None:
    enter(layer, "strategies", strategy(world, as_of=EARLIER, **active()), strategy(world))
    with layer.unit() as unit:
        assert unit.strategies.get_best_by_market(Market.ONE_X_TWO) == []
        assert unit.strategies.get_team_strategies(world.teams["Arsenal"], active_only=True) == []


def test_a_strategy_is_not_active_without_out_of_sample_evidence(layer: Layer, world: World) -> None:
    with layer.unit() as unit, pytest.raises(IntegrityError, match="active_on_evidence"):
        unit.strategies.create(**strategy(world, **{**active(), "roi_low": -0.01}))


# Scorers


def test_a_teams_scorers_are_the_newest_of_each_by_season_and_goals(layer: Layer, world: World) -> None:
    rows = [
        scorer(world, 1, goals=7, as_of=EARLIER),
        scorer(world, 1, goals=9),
        scorer(world, 2, goals=12),
        scorer(world, 2, goals=20, season=LAST_SEASON, as_of=date(2019, 6, 1)),
        scorer(world, 3, "Chelsea", goals=15),
    ]
    ids = enter(layer, "goalscorers", *rows)
    arsenal = world.teams["Arsenal"]
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.goalscorers.get_by_team(arsenal)
        assert [row.id for row in found] == [ids[2], ids[1], ids[3]]
        assert {row.team.name for row in found} == {"Arsenal"}
        assert len(sent) == 1
        assert [row.id for row in unit.goalscorers.get_by_team(arsenal, season=LAST_SEASON)] == [ids[3]]
        assert unit.goalscorers.get_by_team(world.teams["Everton"]) == []
        assert unit.goalscorers.get_by_team(arsenal, season=NEXT_SEASON) == []
        assert unit.goalscorers.count() == 5


def test_top_scorers_are_those_of_a_season_over_all_leagues_or_of_one(layer: Layer, world: World) -> None:
    rows = [
        scorer(world, 1, goals=10),
        scorer(world, 2, "Leeds", goals=14),
        scorer(world, 3, "Chelsea", goals=12, as_of=EARLIER),
        scorer(world, 3, "Chelsea", goals=11),
        scorer(world, 4, goals=30, season=LAST_SEASON, as_of=date(2019, 6, 1)),
        scorer(world, 3, "Leeds", goals=1),
        scorer(world, 6, "Leeds", goals=9, as_of=EARLIER),  # not for Leeds after all, as its newest rows have it
        scorer(world, 5, "Hull", goals=2),
    ]
    enter(layer, "goalscorers", *rows)
    with layer.unit() as unit:

        def top(season: str = THIS_SEASON, **options: Any) -> list[tuple[int, str, int]]:
            found = unit.goalscorers.get_top_scorers(season, **options)
            return [(row.player_id, row.team.name, row.goals) for row in found]

        first, second = [(1, "Arsenal", 10), (3, "Chelsea", 11)], [(2, "Leeds", 14), (5, "Hull", 2), (3, "Leeds", 1)]
        with statements(layer.engine) as sent:
            assert top() == [second[0], first[1], first[0], *second[1:]]
            assert len(sent) == 1
        with statements(layer.engine) as sent:
            assert top(league="E0") == [first[1], first[0]]
            assert len(sent) == 2
        assert top(league="E1") == second
        assert top(league="SP1") == []
        assert top(limit=2) == [second[0], first[1]]
        assert top(league="E0", limit=1) == [first[1]]
        assert top(LAST_SEASON) == [(4, "Arsenal", 30)]
        assert top(LAST_SEASON, league="E0") == []
        assert top(NEXT_SEASON) == []
        with pytest.raises(UnknownLeagueCodeError, match="no league 'XX'"):
            top(league="XX")


def test_of_players_with_as_many_goals_the_one_who_needed_fewer_minutes_comes_first(layer: Layer, world: World) -> None:
    minutes = {1: None, 2: 2000, 3: 1500}
    enter(layer, "goalscorers", *(scorer(world, player, minutes=value) for player, value in minutes.items()))
    with layer.unit() as unit:
        assert [row.player_id for row in unit.goalscorers.get_top_scorers(THIS_SEASON)] == [3, 2, 1]


# What is refused before the database is asked


REFUSED: dict[str, tuple[Callable[[UnitOfWork], Any], str]] = {
    "history, limit": (lambda unit: unit.tactical_profiles.get_history(1, limit=-1), "limit is -1"),
    "history, skip": (lambda unit: unit.tactical_profiles.get_history(1, skip=-1), "skip is -1"),
    "friction with itself": (lambda unit: unit.friction.get_friction(3, 3), "no friction with itself: both are team 3"),
    "score below": (lambda unit: unit.friction.get_high_friction_matches(-1), "min_score is -1: .* from 0 to 100"),
    "score above": (lambda unit: unit.friction.get_high_friction_matches(100.5), "min_score is 100.5"),
    "score not a number": (lambda unit: unit.friction.get_high_friction_matches(float("nan")), "min_score is nan"),
    "matches, limit": (lambda unit: unit.friction.get_high_friction_matches(50, limit=-1), "limit is -1"),
    "matches, skip": (lambda unit: unit.friction.get_high_friction_matches(50, skip=-1), "skip is -1"),
    "best, limit": (lambda unit: unit.strategies.get_best_by_market(Market.BTTS, limit=-1), "limit is -1"),
    "scorers, limit": (lambda unit: unit.goalscorers.get_top_scorers(THIS_SEASON, limit=-1), "limit is -1"),
    "scorers of a league, limit": (
        lambda unit: unit.goalscorers.get_top_scorers(THIS_SEASON, league="E0", limit=-1),
        "limit is -1",
    ),
    "field": (lambda unit: unit.team_dna.get_by_field("vector", 1), "TeamQuantumDna has no field 'vector'"),
    "relationship": (lambda unit: unit.friction.get_all(load=("team",)), "QuantumFriction has no relationship 'team'"),
}


@pytest.mark.parametrize(("ask", "message"), REFUSED.values(), ids=REFUSED)
def test_arguments_that_make_no_sense_are_refused_before_any_sql(
    layer: Layer, ask: Callable[[UnitOfWork], Any], message: str
) -> None:
    assert_refused_before_sql(layer, ask, message)


# A league's season as of a day


def of_teams(world: World, *teams: str, **changes: Any) -> list[dict[str, Any]]:
    """DNA of teams without what the place says where it is kept: league, season and day."""
    placed = ("league_id", "season", "as_of")
    return [
        {name: value for name, value in dna(world, team, **changes).items() if name not in placed} for team in teams
    ]


def test_a_seasons_rows_as_of_a_day_are_replaced_as_a_whole_and_those_of_other_days_stay(
    layer: Layer, world: World
) -> None:
    with layer.unit() as unit:
        table = unit.team_dna
        assert table.replace_as_of(HERE, EARLIER, of_teams(world, "Arsenal")) == Changes(inserted=1)
        assert table.replace_as_of(HERE, AS_OF, of_teams(world, "Arsenal", "Chelsea")) == Changes(inserted=2)
        assert table.replace_as_of(HERE, AS_OF, of_teams(world, "Chelsea", "Everton")) == Changes(inserted=1, deleted=1)
        assert table.replace_as_of(HERE, AS_OF, of_teams(world, "Chelsea", "Everton")) == Changes()
        assert table.replace_as_of(HERE, AS_OF, of_teams(world, "Chelsea", n_matches=20)) == Changes(
            updated=1, deleted=1
        )
        assert (table.count(as_of=EARLIER), table.count(as_of=AS_OF)) == (1, 1)
        assert table.replace_as_of(HERE, AS_OF, []) == Changes(deleted=1)


def test_rows_tell_the_version_that_they_all_have_and_none_where_they_differ(layer: Layer, world: World) -> None:
    with layer.unit() as unit:
        table = unit.team_dna
        assert table.held(HERE, AS_OF) == (0, None)
        table.replace_as_of(HERE, AS_OF, of_teams(world, "Arsenal", "Chelsea", data_version="2"))
        assert table.held(HERE, AS_OF) == (2, "2")
        assert table.held(HERE, EARLIER) == (0, None)
        mixed = [*of_teams(world, "Arsenal", data_version="2"), *of_teams(world, "Chelsea", data_version="3")]
        table.replace_as_of(HERE, AS_OF, mixed)
        assert table.held(HERE, AS_OF) == (2, None)
