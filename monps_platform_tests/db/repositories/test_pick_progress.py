"""How far the work on picks is, on both drivers: what the tables hold tells every change of a row, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.repositories.pick_progress import PicksHeld, Standing
from monps_platform.db.repositories.teams import UnknownLeagueCodeError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PickSide, PickStep
from monps_platform_tests.db.forecast_samples import write_forecasts
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.pick_samples import enter, live, quoted, walked
from monps_platform_tests.db.repositories.quantum_samples import World, build_world, pick
from monps_platform_tests.db.samples import E0, E1, HERE, LATER, SEASON, SP1, Reader, played, statements, write_matches

ELSEWHERE = Partition(E1, SEASON)
ONE, TWO = "1" * 64, "2" * 64
HELD = """SELECT l.code, season, step::text, inputs_sha256, picks FROM ops.pick_progress p
    JOIN leagues l ON l.id = league_id ORDER BY p.id"""


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """Two leagues with matches, one quote in the first, and no pick."""
    world = build_world(sessions)
    with UnitOfWork(sessions) as unit:
        unit.odds.create_many([quoted(world.opener, world.bookmakers["B365"], "2.1", "3.4", "3.6")])
        unit.commit()
    return world


def standings(layer: Layer) -> Mapping[Partition, Standing]:
    with layer.unit(read_only=True) as unit:
        return unit.pick_progress.standings()


def note(layer: Layer, step: PickStep, sha256: str, picks: int = 0, where: Partition = HERE) -> None:
    with layer.unit() as unit:
        unit.pick_progress.note(where, step, sha256, PicksHeld(picks))
        unit.commit()


def differs(before: Standing, after: Standing) -> set[str]:
    """The parts of a standing that are other than they were."""
    return {item.name for item in fields(Standing) if getattr(before, item.name) != getattr(after, item.name)}


def test_every_season_of_a_league_that_has_matches_stands_oldest_first(
    layer: Layer, sessions: sessionmaker[Session], world: World
) -> None:
    write_matches(sessions, played("Leeds", "Hull"), partition=Partition(SP1, LATER))
    write_matches(sessions, played("Leeds", "Hull"), partition=Partition(E0, LATER))
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.pick_progress.standings()
        assert len(sent) == 5
    assert [str(partition) for partition in found] == ["E0 2019-20", "E1 2019-20", "E0 2020-21", "SP1 2020-21"]


def test_without_matches_there_is_nothing_to_work_on(layer: Layer) -> None:
    assert standings(layer) == {}


def test_a_league_without_prices_forecasts_and_picks_stands_with_its_matches_alone(layer: Layer, world: World) -> None:
    found = standings(layer)
    assert (found[ELSEWHERE].odds, found[ELSEWHERE].forecasts, found[ELSEWHERE].picks) == ("", "", PicksHeld())
    assert found[ELSEWHERE].seen == {}
    assert found[ELSEWHERE].matches != ""
    assert found[HERE].odds != ""


def test_standing_twice_is_standing_the_same(layer: Layer, world: World) -> None:
    enter(layer, pick(world), walked(world))
    note(layer, PickStep.TAKE, ONE, 2)
    assert standings(layer) == standings(layer)


CHANGES: dict[str, tuple[str, set[str]]] = {
    "a score": ("UPDATE matches SET home_goals = 3 WHERE id = :match", {"matches"}),
    "a kickoff": ("UPDATE matches SET kickoff_at = '2019-08-10 14:00Z' WHERE id = :match", {"matches"}),
    "the same score written again": ("UPDATE matches SET home_goals = home_goals WHERE id = :match", {"matches"}),
    "a match that is gone": ("DELETE FROM matches WHERE id = :upcoming", {"matches"}),
    "a price": ("UPDATE odds SET home_price = 2.15", {"odds"}),
    "a price that is gone": ("DELETE FROM odds", {"odds"}),
    "a new price": (
        "INSERT INTO odds (match_id, bookmaker_id, market, price_kind, home_price, draw_price, away_price, overround) "
        "SELECT match_id, bookmaker_id, market, 'closing', 2, 3, 4, 0.05 FROM odds",
        {"odds"},
    ),
}


@pytest.mark.parametrize(("statement", "parts"), CHANGES.values(), ids=CHANGES)
def test_every_change_of_a_row_tells_in_its_league_and_season_and_in_no_other(
    layer: Layer, world: World, reader: Reader, statement: str, parts: set[str]
) -> None:
    before = standings(layer)
    ids = {"match": world.opener, "upcoming": world.matches["Everton", "Chelsea"]}
    reader.do(statement, **{name: value for name, value in ids.items() if f":{name}" in statement})
    after = standings(layer)
    assert differs(before[HERE], after[HERE]) == parts
    assert after[ELSEWHERE] == before[ELSEWHERE]


def test_forecasts_of_the_goal_model_tell_and_those_of_others_do_not(
    layer: Layer, sessions: sessionmaker[Session], reader: Reader
) -> None:
    own = {ForecastModel.DIXON_COLES: [(0.5, 0.3, 0.2)], ForecastModel.BASE_RATE: [(0.45, 0.25, 0.3)]}
    write_forecasts(sessions, HERE, [0], own)
    before = standings(layer)[HERE]
    assert before.forecasts != ""
    other = "UPDATE quantum.match_forecasts SET home_prob = 0.4, away_prob = {away} WHERE model = '{model}'"
    reader.do(other.format(away=0.35, model="base_rate"))
    assert differs(before, standings(layer)[HERE]) == set()
    reader.do(other.format(away=0.3, model="dixon_coles"))
    assert differs(before, standings(layer)[HERE]) == {"forecasts"}


PICKED: dict[str, Callable[[World], Iterable[dict[str, Any]]]] = {
    "one's own": lambda world: [pick(world)],
    "an agent's": lambda world: [walked(world)],
    "before the match": lambda world: [live(world)],
}


@pytest.mark.parametrize("rows", PICKED.values(), ids=PICKED)
def test_a_pick_more_or_less_tells(
    layer: Layer, world: World, reader: Reader, rows: Callable[[World], Iterable[dict[str, Any]]]
) -> None:
    enter(layer, walked(world, side=PickSide.DRAW))
    before = standings(layer)
    (row_id,) = enter(layer, *rows(world))
    with_pick = standings(layer)
    assert differs(before[HERE], with_pick[HERE]) == {"picks"}
    assert [found[HERE].picks.count for found in (before, with_pick)] == [1, 2]
    assert with_pick[ELSEWHERE] == before[ELSEWHERE]
    reader.do("UPDATE tracking_clv_picks SET data_version = 'another'")
    assert standings(layer) == with_pick
    reader.do("DELETE FROM tracking_clv_picks WHERE id = :id", id=row_id)
    assert standings(layer) == before


def test_a_pick_taken_anew_in_place_of_another_tells(layer: Layer, world: World) -> None:
    (first,) = enter(layer, walked(world))
    before = standings(layer)[HERE]
    with layer.unit() as unit:
        unit.picks.withdraw([first])
        unit.picks.create(**walked(world))
        unit.commit()
    after = standings(layer)[HERE]
    assert (before.picks.count, after.picks.count) == (1, 1)
    assert differs(before, after) == {"picks"}


def test_the_picks_of_one_league_and_season_are_those_of_its_standing(layer: Layer, world: World) -> None:
    enter(layer, pick(world), walked(world))
    found = standings(layer)
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.pick_progress.picks(HERE) == found[HERE].picks
        assert len(sent) == 1
        assert unit.pick_progress.picks(ELSEWHERE) == unit.pick_progress.picks(Partition(SP1, SEASON)) == PicksHeld()


def test_a_transaction_that_began_earlier_and_ended_later_tells(
    layer: Layer, world: World, shared_engine: Engine, reader: Reader
) -> None:
    """Its rows bear an older time stamp than what was seen meanwhile."""
    change = "UPDATE {} SET updated_at = now(), {} WHERE {}"
    with shared_engine.connect() as early:
        early.execute(text("SELECT pg_current_xact_id()"))
        early.execute(text(change.format("odds", "home_price = 2.15", "true")))
        early.execute(text(change.format("matches", "home_goals = 3", f"id = {world.opener}")))
        reader.do("UPDATE matches SET updated_at = now(), referee = 'M Dean' WHERE home_goals = 0")
        seen = standings(layer)[HERE]
        newest = reader.value("SELECT max(updated_at) FROM matches")
        early.commit()
    assert differs(seen, standings(layer)[HERE]) == {"matches", "odds"}
    assert reader.value("SELECT updated_at FROM matches WHERE home_goals = 3") < newest


def test_what_a_step_saw_is_kept_and_seen_again(layer: Layer, world: World, reader: Reader) -> None:
    note(layer, PickStep.TAKE, ONE, 3)
    note(layer, PickStep.SETTLE, TWO, 4)
    note(layer, PickStep.TAKE, TWO, 5, ELSEWHERE)
    found = standings(layer)
    assert found[HERE].seen == {PickStep.TAKE: ONE, PickStep.SETTLE: TWO}
    assert found[ELSEWHERE].seen == {PickStep.TAKE: TWO}
    assert reader.rows(HELD) == [
        ("E0", "2019-20", "take", ONE, 3),
        ("E0", "2019-20", "settle", TWO, 4),
        ("E1", "2019-20", "take", TWO, 5),
    ]


def test_a_step_is_noted_in_its_own_row_and_not_at_all_where_nothing_is_new(
    layer: Layer, world: World, reader: Reader
) -> None:
    note(layer, PickStep.TAKE, ONE, 3)
    note(layer, PickStep.CLOSE, ONE, 3)
    before = reader.traces("ops.pick_progress")
    note(layer, PickStep.TAKE, ONE, 3)
    assert reader.traces("ops.pick_progress") == before
    note(layer, PickStep.TAKE, TWO, 3)
    after = reader.traces("ops.pick_progress")
    assert [row_id for row_id in before if after[row_id] != before[row_id]] == [min(before)]
    assert after.keys() == before.keys()


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("closings", "no_closing_reason = 'bookmaker_gone'"),
        ("settlements", "result = 'void', profit = 0, settled_at = '2019-08-11Z'"),
        ("taken", "edge = 0.5"),
        ("taken", "model_probability = 0.6"),
        ("taken", "strategy = 'another'"),
    ],
)
def test_what_became_of_a_pick_and_what_it_was_taken_for_tell_by_themselves(
    layer: Layer, world: World, reader: Reader, part: str, changed: str
) -> None:
    enter(layer, pick(world), walked(world))
    before = standings(layer)[HERE].picks
    reader.do(f"UPDATE tracking_clv_picks SET {changed} WHERE origin = 'own'")
    after = standings(layer)[HERE].picks
    assert {item.name for item in fields(PicksHeld) if getattr(before, item.name) != getattr(after, item.name)} == {
        part
    }
    with layer.unit() as unit:
        assert unit.pick_progress.picks(HERE) == after


def test_picks_that_somebody_took_are_counted_apart(layer: Layer, world: World) -> None:
    enter(layer, pick(world), live(world), walked(world, side=PickSide.DRAW))
    found = standings(layer)[HERE].picks
    assert (found.count, found.lasting) == (3, 2)


def test_the_number_of_picks_that_last_is_never_noted_lower(layer: Layer, world: World, reader: Reader) -> None:
    noted = "SELECT l.code, step::text, picks, lasting FROM ops.pick_progress p JOIN leagues l ON l.id = league_id"
    for step, lasting, taken in ((PickStep.TAKE, 5, 0), (PickStep.CLOSE, 3, 0), (PickStep.TAKE, 5, 2)):
        with layer.unit() as unit:
            unit.pick_progress.note(HERE, step, ONE, PicksHeld(lasting + 1, lasting), taken=taken)
            unit.commit()
    note(layer, PickStep.TAKE, ONE, 9, ELSEWHERE)
    note(layer, PickStep.TAKE, ONE, 9, Partition(E0, LATER))
    assert sorted(reader.rows(noted)) == [
        ("E0", "close", 4, 5),
        ("E0", "take", 6, 7),
        ("E0", "take", 9, 0),
        ("E1", "take", 9, 0),
    ]


def test_what_is_noted_changes_no_standing_but_what_was_seen(layer: Layer, world: World) -> None:
    before = standings(layer)[HERE]
    note(layer, PickStep.CLOSE, ONE)
    assert differs(before, standings(layer)[HERE]) == {"seen"}


def test_a_league_that_the_table_does_not_hold_is_refused(layer: Layer) -> None:
    with layer.unit() as unit, pytest.raises(UnknownLeagueCodeError, match="has no league 'E0': it is empty"):
        unit.pick_progress.note(HERE, PickStep.TAKE, ONE, PicksHeld())
