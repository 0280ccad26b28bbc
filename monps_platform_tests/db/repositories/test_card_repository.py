"""What cards are read from, on both drivers: clubs in any case, the season that two teams share, few statements."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.repositories.cards import NoDnaError
from monps_platform.db.repositories.teams import UnknownTeamError
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import (
    AS_OF,
    EARLIER,
    LAST_SEASON,
    THIS_SEASON,
    World,
    build_world,
    dna,
    friction,
)
from monps_platform_tests.db.samples import statements

MAY_10 = date(2020, 5, 10)


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """The teams and matches that the rows are about."""
    return build_world(sessions)


def _enter(layer: Layer, world: World) -> None:
    """Arsenal with two seasons, the newer as of two days; Everton with the older alone."""
    last: dict[str, Any] = {"season": LAST_SEASON, "as_of": date(2019, 6, 1), "n_matches": 38}
    with layer.unit() as unit:
        unit.team_dna.create_many(
            [
                dna(world, **last),
                dna(world, as_of=EARLIER, n_matches=15),
                dna(world),
                dna(world, "Chelsea"),
                dna(world, "Everton", **last),
            ]
        )
        unit.friction.create_many([friction(world)])
        unit.commit()


def test_a_club_is_found_in_another_case_where_just_one_has_the_name(layer: Layer, world: World) -> None:
    with layer.unit(read_only=True) as unit:
        assert unit.cards.club("ARSENAL").id == unit.cards.club("Arsenal").id == world.teams["Arsenal"]
        with pytest.raises(UnknownTeamError, match="Did you mean Arsenal"):
            unit.cards.club("Arsenl")


def test_an_exact_name_takes_one_statement(layer: Layer, world: World) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.cards.club("Leeds").id == world.teams["Leeds"]
        assert len(sent) == 1


def test_two_teams_are_shown_in_the_newest_season_of_both_as_of_its_newest_day(layer: Layer, world: World) -> None:
    _enter(layer, world)
    with layer.unit(read_only=True) as unit:
        arsenal, chelsea, everton = (unit.cards.club(name) for name in ("Arsenal", "Chelsea", "Everton"))
        rows = unit.cards.match(arsenal, chelsea, MAY_10)
        assert (rows.home.season, rows.home.as_of, rows.home.n_matches, rows.home.league) == (
            THIS_SEASON,
            AS_OF,
            19,
            "E0",
        )
        assert rows.friction is not None
        assert (rows.fixture, rows.scorers_as_of) == (None, None)
        older = unit.cards.match(arsenal, everton, MAY_10)
        assert (older.home.season, older.away.season, older.home.n_matches) == (LAST_SEASON, LAST_SEASON, 38)
        assert older.friction is None


def test_the_fixture_is_the_next_one_at_the_venue(layer: Layer, world: World) -> None:
    _enter(layer, world)
    with layer.unit(read_only=True) as unit:
        arsenal, everton = (unit.cards.club(name) for name in ("Arsenal", "Everton"))
        on_the_day = unit.cards.match(arsenal, everton, MAY_10)
        assert on_the_day.fixture is not None
        assert on_the_day.fixture.id == world.matches["Arsenal", "Everton"]
        assert on_the_day.forecasts == {}
        assert unit.cards.match(arsenal, everton, date(2020, 5, 11)).fixture is None
        assert unit.cards.match(everton, arsenal, MAY_10).fixture is None


def test_teams_that_share_no_season_are_refused_with_what_there_is(layer: Layer, world: World) -> None:
    _enter(layer, world)
    with layer.unit(read_only=True) as unit:
        chelsea, everton, leeds = (unit.cards.club(name) for name in ("Chelsea", "Everton", "Leeds"))
        with pytest.raises(NoDnaError, match="together in a season: Chelsea has 2019-20; Everton has 2018-19"):
            unit.cards.match(chelsea, everton, MAY_10)
        with pytest.raises(NoDnaError, match=r"Leeds has no DNA yet: it has none \(monps up"):
            unit.cards.team(leeds)
