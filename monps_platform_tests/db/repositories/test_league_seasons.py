"""Leagues' seasons as the quantum tables are derived from them: all that is held before a day, and nothing after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.repositories.league_seasons import STATEFUL
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.forecasts import Forecast, ForecastModel
from monps_platform.domain.market_forecasts import MARKET_VERSION
from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.player_seasons import ClubSeason
from monps_platform.domain.quantum.days import Played
from monps_platform.domain.quantum.season import AveragePrices, FairProbabilities, LeagueSeason
from monps_platform.domain.seasons import Season
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import World, build_world
from monps_platform_tests.db.repositories.understat_samples import appearance, joined, list_matches, match_of, taken
from monps_platform_tests.db.samples import (
    E0,
    E1,
    HERE,
    SEASON,
    Quote,
    Reader,
    block,
    played,
    write_matches,
    write_odds,
)

OPENER, RETURN_LEG = date(2019, 8, 10), date(2020, 1, 18)
AFTER = date(2020, 1, 19)
LAST_SEASON = Partition(E0, Season(2018))
QUOTED = (played("Arsenal", "Chelsea", day=OPENER), played("Chelsea", "Arsenal", (0, 0), RETURN_LEG))
SHOTS = (taken(1, is_home=False, minute=12, last_action="Pass"), taken(2, minute=60, assisted_by="Player 8"))
LINE_UP = (appearance(8, is_home=False, minutes=70), appearance(227))
PLAYER = ClubSeason(227, "Player 227", 1, "F S", False, 1, 90, 2, 2, 0, 3, 0, 0, 0, 1.5, 1.5, 0.0, 1.6, 0.2)


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """Two matches played in the season, one the season before; the opener has all that can be held of a match."""
    made = build_world(sessions)
    write_matches(sessions, played("Chelsea", "Arsenal", (4, 0), date(2019, 2, 3)), partition=LAST_SEASON)
    one = block(
        Market.ONE_X_TWO,
        Quote(0, ("2.00", "3.50", "4.00")),
        Quote(0, ("1.90", "3.60", "4.20"), closing=True),
        Quote(0, ("9.00", "9.00", "9.00"), book=1),
    )
    totals = block(
        Market.OVER_UNDER, Quote(0, ("1.80", "2.05"), line="2.5"), Quote(0, ("3.10", "1.30"), line="3.5", book=1)
    )
    handicap = block(Market.ASIAN_HANDICAP, Quote(0, ("1.95", "1.93"), line="-0.25"))
    write_odds(sessions, QUOTED, ["Avg", "B365"], one, totals, handicap)
    chances = Forecast(made.opener, ForecastModel.MARKET_CLOSING, MARKET_VERSION, None, None, 0.5, 0.3, 0.2)
    outdated = replace(chances, model=ForecastModel.MARKET_PRE_MATCH, model_version="power-0")
    with UnitOfWork(sessions) as unit:
        unit.forecasts.save(E0, SEASON, [chances, outdated], {})
        unit.shots.replace_matches({match_of(made): SHOTS})
        unit.player_matches.replace_matches({match_of(made): LINE_UP})
        unit.player_seasons.replace_partition(E0, SEASON, [replace(PLAYER, team_id=made.teams["Arsenal"])])
        unit.commit()
    list_matches(sessions, joined(made, 11))
    return made


def season(layer: Layer, as_of: date = AFTER) -> LeagueSeason:
    with layer.unit() as unit:
        return unit.league_seasons.get(HERE, as_of)


def days(found: LeagueSeason) -> Sequence[date]:
    return [match.day for match in found.matches]


def test_a_match_comes_with_prices_chances_shots_and_line_ups(layer: Layer, world: World) -> None:
    opener, return_leg = season(layer).matches
    assert (opener.match_id, opener.day) == (world.opener, OPENER)
    assert (opener.home.team_id, opener.away.team_id) == (world.teams["Arsenal"], world.teams["Chelsea"])
    assert (opener.home.goals, opener.away.goals, opener.home.xg, opener.away.ppda) == (2, 1, 1.75, 14.5)
    assert opener.pre_match == AveragePrices(2.0, 3.5, 4.0, 1.8, 2.05, -0.25, 1.95, 1.93)
    assert opener.closing == AveragePrices(1.9, 3.6, 4.2)
    assert opener.fair_closing == FairProbabilities(0.5, 0.3, 0.2)
    assert opener.fair_pre_match is None, "probabilities of an outdated version are none"
    assert opener.shots == SHOTS
    assert opener.appearances == LINE_UP
    assert (return_leg.shots, return_leg.appearances, return_leg.pre_match) == (None, None, AveragePrices())


def test_what_a_day_or_later_brought_is_unknown_on_that_day(layer: Layer, world: World) -> None:
    assert days(season(layer, RETURN_LEG)) == [OPENER]
    assert days(season(layer, AFTER)) == [OPENER, RETURN_LEG]
    assert days(season(layer, OPENER)) == []


def test_a_season_read_as_of_a_day_is_the_whole_season_cut_on_that_day(layer: Layer, world: World) -> None:
    assert season(layer).before(RETURN_LEG) == season(layer, RETURN_LEG)


def test_totals_of_players_are_undated_and_so_unknown_before_the_last_match(layer: Layer, world: World) -> None:
    (player,) = season(layer).players or ()
    assert (player.player_id, player.team_id, player.xg_chain) == (227, world.teams["Arsenal"], 1.6)
    assert season(layer, RETURN_LEG).players is None


def test_earlier_seasons_of_the_league_come_along_and_later_ones_do_not(layer: Layer, world: World) -> None:
    assert [match.day for match in season(layer).earlier] == [date(2019, 2, 3)]
    with layer.unit() as unit:
        before = unit.league_seasons.get(LAST_SEASON, AFTER)
    assert ([match.day for match in before.matches], before.earlier) == ([date(2019, 2, 3)], ())


def test_the_days_of_the_first_and_last_result_of_every_season_are_told(layer: Layer, world: World) -> None:
    with layer.unit() as unit:
        assert dict(unit.league_seasons.played()) == {
            LAST_SEASON: Played(date(2019, 2, 3), date(2019, 2, 3)),
            HERE: Played(OPENER, RETURN_LEG),
            Partition(E1, SEASON): Played(OPENER, OPENER),
        }


TABLES = {
    "matches": "UPDATE matches SET home_fouls = 31 WHERE season = '2019-20' AND home_fouls IS NULL",
    "odds": "UPDATE odds SET home_price = 1.91 WHERE home_price = 1.9",
    "quantum.match_forecasts": "DELETE FROM quantum.match_forecasts WHERE model = 'market_closing'",
    "shots": "UPDATE shots SET minute = 61 WHERE id = 2",
    "player_matches": "UPDATE player_matches SET minutes = 71 WHERE player_id = 8",
    "player_seasons": "UPDATE player_seasons SET goals = 3",
    "understat_matches": "UPDATE understat_matches SET home_deep = 9",
}


@pytest.mark.parametrize("table", TABLES)
def test_any_change_of_a_row_changes_the_state_of_its_table_and_season_alone(
    layer: Layer, world: World, reader: Reader, table: str
) -> None:
    with layer.unit() as unit:
        before = unit.league_seasons.states(STATEFUL)
    reader.do(TABLES[table].replace("season = '2019-20'", f"id = {world.opener}"))
    with layer.unit() as unit:
        after = unit.league_seasons.states(STATEFUL)
    changed = {
        (partition, name)
        for partition, states in before.items()
        for name, state in states.items()
        if after[partition].get(name) != state
    }
    assert changed == {(HERE, table)}


def test_a_table_without_a_row_of_the_season_has_no_state(layer: Layer, world: World) -> None:
    with layer.unit() as unit:
        assert unit.league_seasons.states(STATEFUL)[LAST_SEASON].keys() == {"matches"}


def test_an_average_whose_margin_no_real_market_has_is_no_price(layer: Layer, world: World, reader: Reader) -> None:
    reader.do("UPDATE odds SET overround = -0.13 WHERE market = 'asian_handicap'")
    reader.do("UPDATE odds SET overround = 0.41 WHERE market = '1x2' AND price_kind = 'closing'")
    opener = season(layer).matches[0]
    assert opener.pre_match == AveragePrices(2.0, 3.5, 4.0, 1.8, 2.05)
    assert opener.closing == AveragePrices()


def test_a_handicap_that_nobody_can_settle_is_no_price(layer: Layer, world: World, reader: Reader) -> None:
    """As the source has it of some matches: -1.2 goals."""
    reader.do("UPDATE odds SET line = -1.2 WHERE market = 'asian_handicap'")
    opener = season(layer).matches[0]
    assert opener.pre_match == AveragePrices(2.0, 3.5, 4.0, 1.8, 2.05)
    assert opener.closing.handicap_line is None
