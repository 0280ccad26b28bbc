"""Forecasts of real seasons: whole, from the past alone, and the same when nothing that they saw has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.quality import RULES
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.forecasting import Forecaster
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.conftest import SHARED_DATA
from monps_platform_tests.orchestration.platform import fingerprint
from monps_platform_tests.orchestration.real_files import Held

# Not a check of what is installed: where the folder beside the checkout exists, the files must be there.
pytestmark = pytest.mark.skipif(not SHARED_DATA.exists(), reason="there are no real files beside this checkout")

LEAGUES = (league("E0"), league("SP1"))
WARM_UP = [Partition(item, Season(year)) for item in LEAGUES for year in (2017, 2018)]
FORECAST = [Partition(item, Season(year)) for item in LEAGUES for year in (2019, 2020)]
LAST = Partition(LEAGUES[0], Season(2020))
MATCHES = 4 * 380
WEEK = timedelta(days=7)
OF_LAST = "l.code = 'E0' AND m.season = '2020-21'"


@dataclass(frozen=True)
class Forecasts:
    """The database with everything in it, and what forecasting said."""

    held: Held
    outcomes: Sequence[Outcome]

    def again(self, *partitions: Partition) -> list[Outcome]:
        """Forecast partitions once more."""
        return list(Forecaster(self.held.unit).forecast(partitions))

    def of_last(self) -> dict[int, tuple[date, Any]]:
        """The day of each match of the last season, and all that is said of it but when it was said."""
        rows = self.held.rows(f"""SELECT m.id, m.match_date, jsonb_object_agg(f.model, to_jsonb(f)
                - '{{id,created_at,updated_at,fit_id}}'::text[]) FROM quantum.match_forecasts f
            JOIN matches m ON m.id = f.match_id JOIN leagues l ON l.id = m.league_id WHERE {OF_LAST} GROUP BY m.id""")
        return {match: (day, said) for match, day, said in rows}

    def fits(self) -> dict[date, Any]:
        """The fits of the league of the last season by day."""
        rows = self.held.rows("""SELECT g.as_of, to_jsonb(g) - '{created_at,updated_at}'::text[],
                (SELECT jsonb_agg(s.attack ORDER BY s.team_id) FROM quantum.goal_model_strengths s
                    WHERE s.fit_id = g.id)
            FROM quantum.goal_model_fits g JOIN leagues l ON l.id = g.league_id WHERE l.code = 'E0'""")
        return {day: rest for day, *rest in rows}


@pytest.fixture(scope="module")
def forecasts(module_database: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forecasts]:
    engine = build_engine(module_database)
    held = Held(engine, RawStore(tmp_path_factory.mktemp("raw")))
    held.land_football_data([*WARM_UP, *FORECAST])
    held.load_football_data([*WARM_UP, *FORECAST], odds=FORECAST)
    yield Forecasts(held, list(Forecaster(held.unit).forecast(FORECAST)))
    engine.dispose()


def test_every_match_has_a_row_of_each_model_and_none_lacks_a_forecast(forecasts: Forecasts) -> None:
    assert [outcome.detail for outcome in forecasts.outcomes if outcome.status is not Status.LOADED] == []
    assert sum(outcome.counts.loaded for outcome in forecasts.outcomes) == MATCHES
    rows = forecasts.held.rows("""SELECT model::text, count(*), count(DISTINCT match_id), count(gap), count(home_prob),
            count(over25_prob), count(handicaps) FROM quantum.match_forecasts GROUP BY model ORDER BY model::text""")
    assert [row[:5] for row in rows] == [
        (model, MATCHES, MATCHES, 0, MATCHES)
        for model in ("base_rate", "dixon_coles", "market_closing", "market_pre_match")
    ]
    assert {row[0]: (row[5] == MATCHES, row[6] == MATCHES) for row in rows} == {
        "base_rate": (True, False),
        "dixon_coles": (True, True),
        "market_closing": (True, True),
        "market_pre_match": (True, True),
    }


def test_a_forecast_is_of_the_tuesday_before_its_match_and_its_fit_saw_nothing_later(forecasts: Forecasts) -> None:
    rows = forecasts.held.rows("""SELECT f.as_of, m.match_date, g.as_of AS fitted, g.last_match_date, g.first_match_date
        FROM quantum.match_forecasts f JOIN matches m ON m.id = f.match_id
        LEFT JOIN quantum.goal_model_fits g ON g.id = f.fit_id WHERE f.model IN ('dixon_coles', 'base_rate')""")
    assert len(rows) == 2 * MATCHES
    for as_of, day, fitted, last, first in rows:
        assert as_of <= day < as_of + WEEK
        assert as_of.weekday() == 1
        assert fitted in (None, as_of)
        assert last is None or first <= last < as_of


def test_all_rules_of_forecasts_hold(forecasts: Forecasts) -> None:
    rules = [rule for rule in RULES if rule.asset == "match_forecasts"]
    with forecasts.held.engine.connect() as connection:
        assert {rule.name: list(rule.find(connection, datetime.now(UTC))) for rule in rules} == {
            rule.name: [] for rule in rules
        }
    assert len(rules) > 5


def test_base_rates_are_the_frequencies_of_the_three_years_before(forecasts: Forecasts) -> None:
    rows = forecasts.held.rows("""SELECT f.home_prob, f.draw_prob, f.over25_prob, b.home, b.draw, b.over25
        FROM quantum.match_forecasts f JOIN matches m ON m.id = f.match_id
        CROSS JOIN LATERAL (SELECT avg((p.home_goals > p.away_goals)::int)::float8 AS home,
            avg((p.home_goals = p.away_goals)::int)::float8 AS draw,
            avg((p.home_goals + p.away_goals > 2)::int)::float8 AS over25
            FROM matches p WHERE p.league_id = m.league_id AND p.match_date < f.as_of
                AND p.match_date >= f.as_of - 1096) AS b
        WHERE f.model = 'base_rate'""")
    assert len(rows) == MATCHES
    for stated, counted in ((row[:3], row[3:]) for row in rows):
        assert stated == pytest.approx(counted, abs=1e-9)


def test_the_market_is_better_than_the_goal_model_which_is_better_than_base_rates(forecasts: Forecasts) -> None:
    scores = dict(
        forecasts.held.rows("""SELECT model::text, avg((power(home_prob - (home_goals > away_goals)::int, 2)
                + power(away_prob - (home_goals < away_goals)::int, 2)) / 2)
            FROM quantum.match_forecasts f JOIN matches m ON m.id = f.match_id GROUP BY model""")
    )
    assert 0.18 < scores["market_closing"] < scores["dixon_coles"] < scores["base_rate"] < 0.25


def test_a_second_run_fits_nothing_and_changes_no_row(forecasts: Forecasts) -> None:
    before = fingerprint(forecasts.held.engine)
    again = forecasts.again(*FORECAST)
    assert {(outcome.status, outcome.detail) for outcome in again} == {(Status.UNCHANGED, "")}
    assert fingerprint(forecasts.held.engine) == before


@contextmanager
def changed(forecasts: Forecasts, change: str, where: str) -> Iterator[None]:
    """Results that are others for a while; then all is as it was, the forecasts, too."""
    keys = "id, home_goals, away_goals, half_time_home_goals, half_time_away_goals"
    kept = forecasts.held.rows(f"SELECT {keys} FROM matches WHERE {where}")
    before = forecasts.of_last()
    forecasts.held.do(
        f"UPDATE matches SET {change}, half_time_home_goals = NULL, half_time_away_goals = NULL WHERE {where}"
    )
    try:
        yield
    finally:
        for match, home, away, *half_time in kept:
            forecasts.held.do(f"""UPDATE matches SET home_goals = {home}, away_goals = {away},
                half_time_home_goals = {half_time[0]}, half_time_away_goals = {half_time[1]} WHERE id = {match}""")
        forecasts.again(LAST)
    assert forecasts.of_last() == before


def test_another_result_changes_no_forecast_of_its_week_or_before_and_those_after_it(forecasts: Forecasts) -> None:
    day, match = forecasts.held.rows(f"""SELECT m.match_date, m.id FROM matches m JOIN leagues l ON l.id = m.league_id
        WHERE {OF_LAST} AND m.match_date = '2021-03-14' ORDER BY m.id LIMIT 1""")[0]
    tuesday = day - timedelta(days=(day.weekday() - 1) % 7)
    before, fits = forecasts.of_last(), forecasts.fits()
    with changed(forecasts, "home_goals = 0, away_goals = 9", f"id = {match}"):
        (outcome,) = forecasts.again(LAST)
        after, new_fits = forecasts.of_last(), forecasts.fits()
    same = {key for key in before if before[key] == after[key]}
    assert same == {key for key, (at, _) in before.items() if at < tuesday + WEEK}
    assert len(before) - len(same) > 50
    for key in before.keys() - same:
        for model in ("market_pre_match", "market_closing"):
            assert before[key][1][model] == after[key][1][model]
    assert {at for at in fits if fits[at] != new_fits[at]} == {at for at in fits if at > tuesday}
    assert outcome.detail == f"{sum(at > tuesday for at in fits)} fits"


def test_matches_are_forecast_before_they_are_played_as_they_are_afterwards(forecasts: Forecasts) -> None:
    last = max(day for day in forecasts.fits())
    before = forecasts.of_last()
    to_come = {key for key, (day, _) in before.items() if day >= last}
    assert len(to_come) == 20
    where = f"id IN ({', '.join(map(str, to_come))})"
    with changed(forecasts, "home_goals = NULL, away_goals = NULL", where):
        forecasts.held.do(f"DELETE FROM quantum.match_forecasts WHERE match_id IN ({', '.join(map(str, to_come))})")
        (outcome,) = forecasts.again(LAST)
        after = forecasts.of_last()
    assert (outcome.detail, outcome.changes.inserted) == ("1 fits", 4 * len(to_come))
    assert after == before
