"""Shots and players' seasons on both drivers, through what every repository can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.arguments import RowNotFoundError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.shots import ShotResult, ShotSituation
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import (
    LAST_SEASON,
    THIS_SEASON,
    World,
    build_world,
    player_season,
    refused_to_load,
    shot,
)
from monps_platform_tests.db.repositories.refusals import assert_refused_before_sql
from monps_platform_tests.db.samples import Reader, statements


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """The teams and matches that the rows are about."""
    return build_world(sessions)


# Shots


def test_a_shot_keeps_the_sources_id_and_every_value(layer: Layer, world: World) -> None:
    given = shot(world, 310_295, assisted_by="Ünal\tÖ\\N", result=ShotResult.OWN_GOAL)
    with layer.unit() as unit:
        assert unit.shots.upsert_many([given]) == Changes(inserted=1)
        unit.commit()
    with layer.unit() as unit:
        held = unit.shots.get_by_id(310_295)
        assert held is not None
        assert {name: value for name, value in held.to_dict().items() if name in given} == given
        assert unit.shots.get_by_id(1) is None


def test_shots_of_a_match_come_by_id_page_by_page_with_what_is_named(layer: Layer, world: World) -> None:
    other = shot(world, 2, match_id=world.matches["Leeds", "Hull"], team_id=world.teams["Leeds"])
    with layer.unit() as unit:
        created = unit.shots.create_many([shot(world, 9), shot(world, 4, last_action=None), other, shot(world, 7)])
        assert [row.id for row in created] == [9, 4, 2, 7]
        unit.commit()
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.shots.get_by_field("match_id", world.opener, load=("match", "team"))
        assert [(row.id, row.team.name, row.match.season) for row in found] == [
            (row_id, "Arsenal", THIS_SEASON) for row_id in (4, 7, 9)
        ]
        refused_to_load(found[0].match, "home_team", "league")
        assert len(sent) == 1
        page = unit.shots.get_by_field("match_id", world.opener, skip=1, limit=1)
        assert [row.id for row in page] == [7]
        assert [row.id for row in unit.shots.get_by_field("last_action", None)] == [4]
        assert unit.shots.get_by_field("player_id", 1) == []
    with layer.unit() as unit:
        refused_to_load(unit.shots.get_by_id(4), "match", "team")


def test_a_reload_of_shots_updates_the_changed_ones_and_touches_no_other(
    layer: Layer, world: World, reader: Reader
) -> None:
    rows = [shot(world, number) for number in range(1, 6)]
    with layer.unit() as unit:
        unit.shots.upsert_many(rows)
        unit.commit()
    before = reader.traces("shots")
    rows[2] = shot(world, 3, xg=0.4, situation=ShotSituation.PENALTY)
    with layer.unit() as unit:
        assert unit.shots.upsert_many([*rows, shot(world, 6)]) == Changes(inserted=1, updated=1)
        unit.commit()
    after = reader.traces("shots")
    assert [key for key in before if after[key] != before[key]] == [3]
    assert reader.rows("SELECT xg, situation::text FROM shots WHERE id = 3") == [(0.4, "Penalty")]


def test_shots_stream_in_order_however_many_there_are(layer: Layer, world: World) -> None:
    teams = world.teams["Arsenal"], world.teams["Chelsea"]
    with layer.unit() as unit:
        unit.shots.upsert_many([shot(world, number, team_id=teams[number % 2]) for number in range(1, 2502)])
        unit.commit()
    with layer.unit(read_only=True) as unit:
        streamed = [(row.id, row.team.name) for row in unit.shots.stream(load=("team",), team_id=teams[0])]
        assert streamed == [(number, "Arsenal") for number in range(2, 2502, 2)]
        assert list(unit.shots.stream(player_id=1)) == []
        assert unit.shots.count(team_id=teams[1]) == 1251


def test_a_shot_of_a_match_that_is_not_there_is_refused(layer: Layer, world: World) -> None:
    with layer.unit() as unit, pytest.raises(IntegrityError, match="fk_shots_match_id_matches"):
        unit.shots.create(**shot(world, 1, match_id=1))
    with layer.unit() as unit, pytest.raises(IntegrityError, match="ck_shots_shares"):
        unit.shots.upsert_many([shot(world, 1, xg=1.01)])


# Players' seasons


def test_a_players_season_is_told_apart_by_player_team_and_season(layer: Layer, world: World) -> None:
    rows = [
        player_season(world, 227),
        player_season(world, 227, season=LAST_SEASON),
        player_season(world, 227, "Chelsea", is_shared=True, minutes=None, goals=None, non_penalty_goals=None),
        player_season(world, 228),
    ]
    with layer.unit() as unit:
        assert unit.player_seasons.upsert_many(rows) == Changes(inserted=4)
        rows[0] |= {"goals": 13}
        assert unit.player_seasons.upsert_many(rows) == Changes(updated=1)
        unit.commit()
    with layer.unit() as unit:
        held = unit.player_seasons.get_by_field("player_id", 227)
        by_key = sorted(rows[:3], key=lambda row: (row["team_id"], row["season"]))
        assert [{name: row.to_dict()[name] for name in rows[0]} for row in held] == by_key
        assert unit.player_seasons.count(is_shared=True, minutes=None) == 1
        assert unit.player_seasons.exists(team_id=world.teams["Chelsea"], season=THIS_SEASON)
        assert not unit.player_seasons.exists(team_id=world.teams["Chelsea"], season=LAST_SEASON)


def test_players_seasons_bring_team_and_league_in_the_same_statement_when_named(layer: Layer, world: World) -> None:
    with layer.unit() as unit:
        unit.player_seasons.create_many([player_season(world, 1), player_season(world, 2, "Chelsea")])
        unit.commit()
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.player_seasons.get_all(load=("team", "league"))
        assert [(row.team.name, row.league.code) for row in found] == [("Arsenal", "E0"), ("Chelsea", "E0")]
        assert len(sent) == 1
    with layer.unit() as unit:
        (row,) = unit.player_seasons.get_all(skip=1, load=("team",))
        assert row.team.name == "Chelsea"
        refused_to_load(row, "league")


def test_a_players_season_may_be_corrected_and_deleted(layer: Layer, world: World, reader: Reader) -> None:
    with layer.unit() as unit:
        row_id = unit.player_seasons.create(**player_season(world, 1)).id
        unit.commit()
    with layer.unit() as unit:
        changed = unit.player_seasons.update(row_id, goals=14, xg=None)
        assert (changed.goals, changed.xg) == (14, None)
        assert changed.updated_at > changed.created_at
        unit.commit()
    assert reader.rows("SELECT goals, xg FROM player_seasons") == [(14, None)]
    with layer.unit() as unit:
        assert unit.player_seasons.delete(row_id)
        unit.commit()
    with layer.unit() as unit, pytest.raises(RowNotFoundError, match=f"PlayerSeason has no row with the id {row_id}"):
        unit.player_seasons.update(row_id, goals=1)


def test_more_goals_without_penalties_than_with_them_are_refused(layer: Layer, world: World) -> None:
    with layer.unit() as unit, pytest.raises(IntegrityError, match="ck_player_seasons_non_penalty_goals"):
        unit.player_seasons.create(**player_season(world, 1, goals=3, non_penalty_goals=4))


# What is refused before the database is asked


REFUSED: dict[str, tuple[Callable[[UnitOfWork], Any], str]] = {
    "shots, limit": (lambda unit: unit.shots.get_all(limit=-1), "limit is -1"),
    "shots, skip": (lambda unit: unit.shots.get_by_field("match_id", 1, skip=-1), "skip is -1"),
    "shots, field": (lambda unit: unit.shots.count(xG=0.5), "Shot has no field 'xG'"),
    "shots, key": (lambda unit: unit.shots.upsert_many([{"xg": 0.1}]), "the rows lack id"),
    "shots, uneven": (lambda unit: unit.shots.create_many([{"id": 1}, {"xg": 0.1}]), "row 1 names xg; row 0 names id"),
    "players, relationship": (lambda unit: unit.player_seasons.get_all(load=("club",)), "no relationship 'club'"),
    "players, id": (lambda unit: unit.player_seasons.update(1, id=2), "id of a row of PlayerSeason never change"),
}


@pytest.mark.parametrize(("ask", "message"), REFUSED.values(), ids=REFUSED)
def test_arguments_that_make_no_sense_are_refused_before_any_sql(
    layer: Layer, ask: Callable[[UnitOfWork], Any], message: str
) -> None:
    assert_refused_before_sql(layer, ask, message)
