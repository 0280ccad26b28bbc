"""Goal models and forecasts on both drivers: what they are made from, what is kept of them, and what replaces what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.forecasts import KnownFit, LeagueMatches
from monps_platform.domain.forecasts import Forecast, ForecastGap, ForecastModel
from monps_platform.domain.goal_model.dixon_coles import DEFAULT, MODEL_VERSION, Estimate, Fit
from monps_platform.domain.goal_model.forecasts import BASE_RATE_VERSION
from monps_platform.domain.market_forecasts import MARKET_VERSION, MarketQuote
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import TAKEN, World, build_world
from monps_platform_tests.db.samples import (
    E0,
    E1,
    HERE,
    LATER,
    SEASON,
    SOURCE,
    Quote,
    Reader,
    block,
    played,
    statements,
    to_come,
    write_matches,
    write_odds,
)

DAY = date(2020, 1, 14)
"""The Tuesday before the return match Chelsea - Arsenal."""
LATER_DAY = date(2020, 5, 5)
ESTIMATES = ("intercept", "home_advantage", "rho", "newcomer_attack", "newcomer_defence")


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """The clubs and matches that are forecast."""
    return build_world(sessions)


def sha(digit: str) -> str:
    return digit * 64


def fitted(world: World, *teams: str, day: date = DAY, shift: float = 0.0) -> Fit:
    """A fit with strengths of these clubs; ``shift`` changes the first one's attack."""
    ids = np.array(sorted(world.teams[team] for team in teams))
    count = len(ids)
    attack = np.linspace(-0.25, 0.25, count)
    attack[0] += shift
    return Fit(
        day=day.toordinal(),
        options=DEFAULT,
        teams=ids,
        attack=attack,
        attack_se=np.linspace(0.125, 0.25, count),
        defence=-np.linspace(-0.5, 0.5, count),
        defence_se=np.linspace(0.25, 0.5, count),
        matches_played=np.arange(count) + 19,
        is_newcomer=np.arange(count) == 1,
        **{name: Estimate(at / 8, at / 16 + 0.125) for at, name in enumerate(ESTIMATES)},
        matches=380,
        home_goals=560,
        away_goals=500,
        first_day=day.toordinal() - 1000,
        last_day=day.toordinal() - 1,
        log_likelihood=-1000.5,
        iterations=5,
    )


def save_fits(layer: Layer, fits: Mapping[str, Fit], league: Any = E0) -> Changes:
    with layer.unit() as unit:
        changes = unit.goal_models.save(league, fits)
        unit.commit()
    return changes


def known(layer: Layer, league: Any = E0) -> dict[date, KnownFit]:
    with layer.unit(read_only=True) as unit:
        return dict(unit.goal_models.known(league))


FIT_TRACES, STRENGTH_TRACES = "quantum.goal_model_fits", "quantum.goal_model_strengths"
STRENGTHS = """SELECT team_id, n_matches, is_newcomer, attack, attack_se, defence, defence_se
    FROM quantum.goal_model_strengths WHERE fit_id = :fit ORDER BY team_id"""


def changed(before: Mapping[int, Any], after: Mapping[int, Any]) -> set[int]:
    """The rows of before that were touched."""
    return {row_id for row_id in before if after.get(row_id) != before[row_id]}


# Goal models


def test_a_fit_is_kept_with_every_value(layer: Layer, world: World, reader: Reader) -> None:
    fit = fitted(world, "Arsenal", "Chelsea", "Everton")
    assert save_fits(layer, {sha("a"): fit}) == Changes(inserted=4)
    parameters = ", ".join(f"{name}, {name}_se" for name in ESTIMATES)
    whole = f"""SELECT league_id, as_of, model_version, inputs_sha256, n_matches, first_match_date, last_match_date,
        half_life_days, log_likelihood, {parameters} FROM quantum.goal_model_fits"""
    estimates = [value for at in range(5) for value in (at / 8, at / 16 + 0.125)]
    first, last = DAY - timedelta(days=1000), DAY - timedelta(days=1)
    assert reader.rows(whole) == [
        (
            world.leagues["E0"],
            DAY,
            MODEL_VERSION,
            sha("a"),
            380,
            first,
            last,
            DEFAULT.half_life_days,
            -1000.5,
            *estimates,
        )
    ]
    columns = (fit.teams, fit.matches_played, fit.is_newcomer, fit.attack, fit.attack_se, fit.defence, fit.defence_se)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    assert reader.rows(STRENGTHS, fit=known(layer)[DAY].id) == rows


def test_fits_that_are_known_are_found_by_their_day_with_what_they_saw(layer: Layer, world: World) -> None:
    assert known(layer) == {}
    fits = {sha("a"): fitted(world, "Arsenal"), sha("b"): fitted(world, "Arsenal", "Chelsea", day=LATER_DAY)}
    assert save_fits(layer, fits) == Changes(inserted=5)
    save_fits(layer, {sha("c"): fitted(world, "Leeds")}, E1)
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.goal_models.known(E0)
        assert len(sent) == 2
    assert {day: fit.inputs_sha256 for day, fit in found.items()} == {DAY: sha("a"), LATER_DAY: sha("b")}
    assert known(layer, E1).keys() == {DAY}
    assert len({fit.id for fit in (*found.values(), *known(layer, E1).values())}) == 3


def test_the_same_fits_again_touch_no_row(layer: Layer, world: World, reader: Reader) -> None:
    fits = {sha("a"): fitted(world, "Arsenal", "Chelsea"), sha("b"): fitted(world, "Arsenal", day=LATER_DAY)}
    save_fits(layer, fits)
    before = reader.traces(FIT_TRACES), reader.traces(STRENGTH_TRACES)
    assert save_fits(layer, dict(reversed(fits.items()))) == Changes()
    assert save_fits(layer, {}) == Changes()
    assert (reader.traces(FIT_TRACES), reader.traces(STRENGTH_TRACES)) == before


def test_a_changed_fit_replaces_the_strengths_of_its_day_and_teams_gone_from_it_disappear(
    layer: Layer, world: World, reader: Reader
) -> None:
    fits = {sha("a"): fitted(world, "Arsenal", "Chelsea", "Everton"), sha("b"): fitted(world, "Leeds", day=LATER_DAY)}
    save_fits(layer, fits)
    save_fits(layer, {sha("c"): fitted(world, "Leeds")}, E1)
    held, before = known(layer), (reader.traces(FIT_TRACES), reader.traces(STRENGTH_TRACES))
    other = fitted(world, "Arsenal", "Chelsea", "Everton", shift=0.125)
    cut = replace(other, **{name: getattr(other, name)[:2] for name in PER_TEAM})
    assert save_fits(layer, {sha("d"): cut}) == Changes(updated=2, deleted=1)
    assert known(layer) == held | {DAY: KnownFit(held[DAY].id, sha("d"))}
    assert changed(before[0], reader.traces(FIT_TRACES)) == {held[DAY].id}
    assert [(row[0], row[3]) for row in reader.rows(STRENGTHS, fit=held[DAY].id)] == list(
        zip(cut.teams.tolist(), cut.attack.tolist(), strict=True)
    )
    assert len(changed(before[1], reader.traces(STRENGTH_TRACES))) == 2
    assert save_fits(layer, {sha("d"): other}) == Changes(inserted=1)


PER_TEAM = ("teams", "attack", "attack_se", "defence", "defence_se", "matches_played", "is_newcomer")


def test_a_fit_of_another_version_of_the_model_stays_beside_the_new_one(
    layer: Layer, world: World, reader: Reader
) -> None:
    save_fits(layer, {sha("a"): fitted(world, "Arsenal")})
    reader.do("UPDATE quantum.goal_model_fits SET model_version = 'old'")
    assert known(layer) == {}
    before = reader.traces(FIT_TRACES), reader.traces(STRENGTH_TRACES)
    assert save_fits(layer, {sha("a"): fitted(world, "Arsenal")}) == Changes(inserted=2)
    assert not changed(before[0], reader.traces(FIT_TRACES))
    assert not changed(before[1], reader.traces(STRENGTH_TRACES))


def test_the_number_of_statements_does_not_grow_with_the_number_of_fits(layer: Layer, world: World) -> None:
    def sent_by(count: int) -> int:
        days = [DAY + timedelta(weeks=week) for week in range(count)]
        fits = {f"{week:064x}": fitted(world, "Arsenal", "Chelsea", day=day) for week, day in enumerate(days)}
        with statements(layer.engine) as sent:
            save_fits(layer, fits)
        return len(sent)

    assert sent_by(40) == sent_by(1) <= 13


def test_a_fit_that_looked_ahead_is_refused_and_nothing_of_its_load_is_kept(
    layer: Layer, world: World, reader: Reader
) -> None:
    ahead = replace(fitted(world, "Arsenal", day=LATER_DAY), last_day=LATER_DAY.toordinal())
    with pytest.raises(IntegrityError, match="ck_goal_model_fits_only_matches_before"):
        save_fits(layer, {sha("a"): fitted(world, "Arsenal"), sha("b"): ahead})
    assert reader.value("SELECT count(*) FROM quantum.goal_model_fits") == 0


# What forecasts are made from


def matches(layer: Layer, partition: Partition = HERE) -> LeagueMatches:
    with layer.unit(read_only=True) as unit:
        return unit.forecasts.matches(partition.league, partition.season)


def test_history_is_every_played_match_of_the_league_and_fixtures_are_all_of_the_season(
    layer: Layer, world: World, sessions: sessionmaker[Session]
) -> None:
    last = played("Chelsea", "Arsenal", (3, 2), day=date(2020, 9, 12)), to_come("Arsenal", "Chelsea", date(2021, 1, 2))
    write_matches(sessions, *last, partition=Partition(E0, LATER))
    found = matches(layer)
    arsenal, chelsea = world.teams["Arsenal"], world.teams["Chelsea"]
    rows = list(zip(*(getattr(found.history, item.name).tolist() for item in fields(found.history)), strict=True))
    assert [row[1:] for row in rows] == [
        (date(2019, 8, 10).toordinal(), 2019, arsenal, chelsea, 2, 1),
        (date(2020, 1, 18).toordinal(), 2019, chelsea, arsenal, 0, 0),
        (date(2020, 9, 12).toordinal(), 2020, chelsea, arsenal, 3, 2),
    ]
    pairs = ("Arsenal", "Chelsea"), ("Chelsea", "Arsenal"), ("Arsenal", "Everton"), ("Everton", "Chelsea")
    assert found.fixtures.match_id.tolist() == [world.matches[pair] for pair in pairs]
    assert rows[0][0] == world.opener
    sides = zip(found.fixtures.home.tolist(), found.fixtures.away.tolist(), strict=True)
    assert list(sides) == [(world.teams[home], world.teams[away]) for home, away in pairs]
    assert set(found.fixtures.season.tolist()) == {2019}
    days = date(2019, 8, 10), date(2020, 1, 18), date(2020, 5, 10), date(2020, 5, 17)
    assert found.fixtures.day.tolist() == [day.toordinal() for day in days]
    assert len(matches(layer, Partition(E0, LATER)).fixtures) == 2
    assert len(matches(layer, Partition(E0, LATER)).history) == 3


def test_matches_of_a_day_come_by_id_and_a_league_without_any_is_empty(
    layer: Layer, sessions: sessionmaker[Session]
) -> None:
    names = ("Hull", "Leeds", "Derby", "Stoke", "Luton", "Barnsley")
    write_matches(sessions, *(played(home, away) for home in names for away in names if home != away))
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.forecasts.matches(E0, SEASON)
        assert len(sent) == 2
    for ids in (found.history.match_id, found.fixtures.match_id):
        assert len(ids) == 30
        assert (np.diff(ids) > 0).all()
    nothing = matches(layer, Partition(E1, SEASON))
    assert (len(nothing.history), len(nothing.fixtures)) == (0, 0)
    assert nothing.fixtures.day.dtype == np.int64


BOOKS = ("B365", "PS", "Avg", "BbAv", "Max", "BbMx")


def quotes(layer: Layer, partition: Partition = HERE) -> Sequence[MarketQuote]:
    with layer.unit(read_only=True) as unit:
        return unit.forecasts.market_quotes(partition.league, partition.season)


def test_a_sharp_book_and_the_averages_speak_for_the_market_and_nobody_else(
    layer: Layer, world: World, sessions: sessionmaker[Session]
) -> None:
    first = played("Arsenal", "Chelsea")
    of_all = [Quote(0, ("1.40", "4.75", "8.50"), book=book) for book in range(len(BOOKS))]
    write_odds(sessions, [first], BOOKS, block(Market.ONE_X_TWO, *of_all))
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.forecasts.market_quotes(E0, SEASON)
        assert len(sent) == 2
        ids = unit.bookmakers.ensure(BOOKS)
    expected = {(ids["PS"], 0), (ids["Avg"], 1), (ids["BbAv"], 2)}
    assert {(quote.bookmaker_id, quote.rank) for quote in found} == expected
    assert len(found) == 3
    assert {(quote.match_id, quote.model, quote.market, quote.line, quote.prices) for quote in found} == {
        (world.opener, ForecastModel.MARKET_PRE_MATCH, Market.ONE_X_TWO, None, (1.4, 4.75, 8.5))
    }


def test_quotes_of_every_market_time_and_line_have_their_prices_by_side(
    layer: Layer, world: World, sessions: sessionmaker[Session]
) -> None:
    rows = [played("Arsenal", "Chelsea"), played("Chelsea", "Arsenal", (0, 0), date(2020, 1, 18))]
    write_odds(
        sessions,
        rows,
        ["PS"],
        block(Market.ONE_X_TWO, Quote(0, ("1.40", "4.75", "8.50"), closing=True)),
        block(Market.OVER_UNDER, Quote(0, ("1.90", "2.00"), line="2.5"), Quote(1, ("1.80", "2.10"), line="3")),
        block(
            Market.ASIAN_HANDICAP,
            Quote(1, ("1.95", "1.97"), line="-0.25"),
            Quote(1, ("2.25", "1.70"), line="-0.5", closing=True),
        ),
    )
    second = world.matches["Chelsea", "Arsenal"]
    pre, closing = ForecastModel.MARKET_PRE_MATCH, ForecastModel.MARKET_CLOSING
    found = {
        (quote.match_id, quote.model, quote.market, quote.line, quote.rank, quote.prices) for quote in quotes(layer)
    }
    assert found == {
        (world.opener, closing, Market.ONE_X_TWO, None, 0, (1.4, 4.75, 8.5)),
        (world.opener, pre, Market.OVER_UNDER, 2.5, 0, (1.9, 2.0)),
        (second, pre, Market.OVER_UNDER, 3.0, 0, (1.8, 2.1)),
        (second, pre, Market.ASIAN_HANDICAP, -0.25, 0, (1.95, 1.97)),
        (second, closing, Market.ASIAN_HANDICAP, -0.5, 0, (2.25, 1.7)),
    }
    assert all(type(price) is float for quote in quotes(layer) for price in quote.prices)


def test_snapshots_and_other_leagues_and_seasons_are_not_the_markets_word_on_this_one(
    layer: Layer, world: World, sessions: sessionmaker[Session]
) -> None:
    values: dict[str, Any] = {
        "match_id": world.opener,
        "bookmaker_id": world.bookmakers["PS"],
        "market": Market.ONE_X_TWO,
        "overround": Decimal("0.05"),
        **{f"{side}_price": Decimal("2.9") for side in ("home", "draw", "away")},
    }
    with layer.unit() as unit:
        unit.odds.create(**values, price_kind=PriceKind.SNAPSHOT, captured_at=TAKEN)
        unit.odds.create(**values | {"match_id": world.matches["Leeds", "Hull"]}, price_kind=PriceKind.CLOSING)
        unit.commit()
    assert quotes(layer) == quotes(layer, Partition(E0, LATER)) == []
    assert len(quotes(layer, Partition(E1, SEASON))) == 1


# Forecasts


def of_model(match_id: int, as_of: date = DAY, **changes: Any) -> Forecast:
    """A goal model's forecast with all that one has."""
    values: dict[str, Any] = {
        "home_prob": 0.5,
        "draw_prob": 0.25,
        "away_prob": 0.25,
        "over15_prob": 0.75,
        "over25_prob": 0.5,
        "over35_prob": 0.25,
        "btts_prob": 0.5625,
        "home_goals_expected": 1.5,
        "away_goals_expected": 1.0,
        "handicaps": {"-0.25": 0.53125, "0": 0.6},
        **changes,
    }
    return Forecast(match_id, ForecastModel.DIXON_COLES, MODEL_VERSION, as_of, **values)


def of_market(match_id: int, model: ForecastModel = ForecastModel.MARKET_CLOSING, **changes: Any) -> Forecast:
    """A market's forecast of the result alone."""
    values = {"home_prob": 0.5, "draw_prob": 0.25, "away_prob": 0.25, **changes}
    return Forecast(match_id, model, MARKET_VERSION, **values)


def of_base_rate(match_id: int, **changes: Any) -> Forecast:
    """A base rate of the result alone."""
    values = {"home_prob": 0.4375, "draw_prob": 0.25, "away_prob": 0.3125, **changes}
    return Forecast(match_id, ForecastModel.BASE_RATE, BASE_RATE_VERSION, DAY, **values)


def gap(match_id: int, as_of: date = DAY) -> Forecast:
    return Forecast(match_id, ForecastModel.DIXON_COLES, MODEL_VERSION, as_of, gap=ForecastGap.TOO_LITTLE_HISTORY)


def save(layer: Layer, *forecasts: Forecast, partition: Partition = HERE) -> Changes:
    with layer.unit() as unit:
        fits = {day: fit.id for day, fit in unit.goal_models.known(partition.league).items()}
        changes = unit.forecasts.save(partition.league, partition.season, forecasts, fits)
        unit.commit()
    return changes


FORECASTS = "quantum.match_forecasts"


def test_a_forecast_is_kept_with_every_value(layer: Layer, world: World, reader: Reader) -> None:
    save_fits(layer, {sha("a"): fitted(world, "Arsenal"), sha("b"): fitted(world, "Arsenal", day=LATER_DAY)})
    books = world.bookmakers
    given = [
        of_model(world.opener),
        of_market(
            world.opener,
            one_x_two_bookmaker_id=books["PS"],
            over_under_bookmaker_id=books["B365"],
            asian_handicap_bookmaker_id=books["PS"],
        ),
        of_base_rate(world.opener),
        Forecast(world.opener, ForecastModel.MARKET_PRE_MATCH, MARKET_VERSION, gap=ForecastGap.NO_PRICES),
        gap(world.matches["Arsenal", "Everton"], LATER_DAY),
    ]
    assert save(layer, *given) == Changes(inserted=5)
    names = ", ".join(item.name for item in fields(Forecast))
    rows = reader.rows(f"SELECT {names} FROM {FORECASTS}")
    assert {(row[0], row[1]): row for row in rows} == {
        (item.match_id, item.model): tuple(getattr(item, field.name) for field in fields(item)) for item in given
    }
    fits = known(layer)
    of_fits = f"SELECT match_id, fit_id FROM {FORECASTS} WHERE fit_id IS NOT NULL"
    assert reader.rows(of_fits) == [(world.opener, fits[DAY].id)]
    assert reader.value(f"SELECT handicaps ->> '-0.25' FROM {FORECASTS} WHERE fit_id IS NOT NULL") == "0.53125"


def test_the_same_forecasts_again_touch_no_row_and_news_touch_their_own(
    layer: Layer, world: World, reader: Reader
) -> None:
    save_fits(layer, {sha("a"): fitted(world, "Arsenal")})
    other = world.matches["Chelsea", "Arsenal"]
    given = [of_model(world.opener), of_model(other), of_market(world.opener), of_base_rate(other)]
    save(layer, *given)
    before = reader.traces(FORECASTS)
    assert save(layer, *reversed(given)) == save(layer) == Changes()
    assert reader.traces(FORECASTS) == before
    news = of_model(other, handicaps={"-0.25": 0.53125, "0": 0.625})
    assert save(layer, given[0], news, *given[2:]) == Changes(updated=1)
    after = reader.traces(FORECASTS)
    (touched,) = changed(before, after)
    assert reader.rows(f"SELECT match_id, model::text FROM {FORECASTS} WHERE id = :id", id=touched) == [
        (other, "dixon_coles")
    ]
    assert after[touched][-1] > before[touched][-1]


def test_a_gap_and_a_forecast_replace_one_another(layer: Layer, world: World, reader: Reader) -> None:
    save_fits(layer, {sha("a"): fitted(world, "Arsenal")})
    held = f"SELECT id, gap::text, home_prob, handicaps IS NULL, fit_id FROM {FORECASTS}"
    save(layer, gap(world.opener))
    ((row_id, *first),) = reader.rows(held)
    assert first == ["too_little_history", None, True, None]
    assert save(layer, of_model(world.opener)) == Changes(updated=1)
    assert reader.rows(held) == [(row_id, None, 0.5, False, known(layer)[DAY].id)]
    assert save(layer, gap(world.opener)) == Changes(updated=1)
    assert reader.rows(held) == [(row_id, *first)]


def test_a_forecast_of_another_version_of_the_model_stays_beside_the_new_one(
    layer: Layer, world: World, reader: Reader
) -> None:
    save(layer, of_market(world.opener))
    before = reader.traces(FORECASTS)
    newer = replace(of_market(world.opener, home_prob=0.25, away_prob=0.5), model_version="newer")
    assert save(layer, newer) == Changes(inserted=1)
    assert not changed(before, reader.traces(FORECASTS))


def test_a_forecast_of_a_fit_that_is_not_kept_is_refused(layer: Layer, world: World, reader: Reader) -> None:
    with pytest.raises(KeyError, match="2020"):
        save(layer, of_model(world.opener))
    assert reader.traces(FORECASTS) == {}


def test_forecasts_of_which_one_is_none_are_refused_together(layer: Layer, world: World, reader: Reader) -> None:
    with pytest.raises(IntegrityError, match="ck_match_forecasts_sums_to_one"):
        save(layer, of_market(world.opener), of_market(world.matches["Leeds", "Hull"], home_prob=0.75))
    assert reader.traces(FORECASTS) == {}


def test_the_fit_behind_a_forecast_is_found_by_match_for_this_version_and_season(
    layer: Layer, world: World, reader: Reader
) -> None:
    save_fits(layer, {sha("a"): fitted(world, "Arsenal"), sha("b"): fitted(world, "Arsenal", day=LATER_DAY)})
    save_fits(layer, {sha("c"): fitted(world, "Leeds")}, E1)
    first, second, third = (
        world.matches[pair] for pair in (("Arsenal", "Chelsea"), ("Arsenal", "Everton"), ("Everton", "Chelsea"))
    )
    save(layer, of_model(first), of_model(second, LATER_DAY), gap(third), of_market(third), of_base_rate(third))
    save(layer, of_model(world.matches["Leeds", "Hull"]), partition=Partition(E1, SEASON))
    fits = known(layer)
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.forecasts.fitted(E0, SEASON) == {first: fits[DAY].id, second: fits[LATER_DAY].id}
        assert len(sent) == 2
        assert unit.forecasts.fitted(E0, LATER) == {}
        assert unit.forecasts.fitted(E1, SEASON).keys() == {world.matches["Leeds", "Hull"]}
    reader.do(f"UPDATE {FORECASTS} SET model_version = 'old' WHERE match_id = :id", id=first)
    with layer.unit() as unit:
        assert unit.forecasts.fitted(E0, SEASON) == {second: fits[LATER_DAY].id}


def test_a_match_that_is_deleted_takes_its_forecasts_and_leaves_the_fit(
    layer: Layer, world: World, reader: Reader
) -> None:
    save_fits(layer, {sha("a"): fitted(world, "Arsenal")})
    stays = world.matches["Chelsea", "Arsenal"]
    save(layer, of_model(world.opener), of_market(world.opener), of_model(stays))
    before = reader.traces(FIT_TRACES)
    with layer.unit() as unit:
        left = played("Chelsea", "Arsenal", (0, 0), date(2020, 1, 18))
        assert unit.matches.replace_partition(SOURCE, E0, SEASON, [left]) == Changes(deleted=1)
        unit.commit()
    assert reader.rows(f"SELECT match_id FROM {FORECASTS}") == [(stays,)]
    assert reader.traces(FIT_TRACES) == before
