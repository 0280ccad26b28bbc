"""The rules of forecasts: each is seen passing on good data and failing on bad, on a real database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine

from monps_platform.db.connection.engine import session_factory
from monps_platform.db.quality import LOOK_BACK_DAYS, forecasts
from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.goal_model.dixon_coles import DEFAULT, MODEL_VERSION
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.outcomes import Status
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.simulated import simulate_season
from monps_platform_tests.db.quality.cases import (
    BY_NAME,
    NOT_DERIVED,
    Case,
    Cases,
    Harmless,
    assert_finds,
    find,
    forecast,
    spoil,
)
from monps_platform_tests.db.samples import Pipeline

SIM2 = league("SIM2")
PAST, CURRENT = Partition(SIM2, Season(2018)), Partition(SIM2, Season(2019))
LAST_DAY = date(2020, 3, 1)
"""The last day whose matches are played; those of the next week are to come."""
NOW = datetime(2020, 3, 3, 12, tzinfo=UTC)
TODAY = NOW.date()
FETCHED = datetime(2020, 3, 2, tzinfo=UTC)
RULES = {rule.name for rule in forecasts.RULES}
NAMES = ("Div", "Date", "Time", "HomeTeam", "AwayTeam")
OF_THE_RESULT = ("FTHG", "FTAG", "FTR", "HTHG", "HTAG", "HTR")
HERE = {"league": "SIM2", "season": "2019-20"}


@pytest.fixture(scope="module")
def loaded(shared_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The module's database with a simulated league that began a season before, and forecasts of both seasons."""
    sessions = session_factory(shared_engine)
    pipeline = Pipeline(sessions, RawStore(tmp_path_factory.mktemp("raw")))
    pipeline.fetch(PAST, simulate_season(PAST.league, PAST.season), source="simulated", fetched_at=FETCHED)
    pipeline.fetch(CURRENT, _under_way(CURRENT), source="simulated", fetched_at=FETCHED)
    outcomes = [*pipeline.load(PAST, CURRENT), *forecast(sessions, PAST, CURRENT)]
    assert [outcome.status for outcome in outcomes] == [Status.LOADED] * 6
    return shared_engine


def _under_way(where: Partition) -> bytes:
    """A simulated season up to now and the names of the next round's matches, all but the last one with prices."""
    header, *lines = simulate_season(where.league, where.season).decode().splitlines()
    rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    known = [row for row in rows if _day(row) <= LAST_DAY + timedelta(days=7)]
    coming = [row for row in known if _day(row) > LAST_DAY]
    for row in coming:
        row.update(dict.fromkeys(OF_THE_RESULT, ""))
    coming[-1] |= dict.fromkeys(list(coming[-1])[len(NAMES) :], "")
    return "".join(f"{line}\r\n" for line in (header, *(",".join(row.values()) for row in known))).encode()


def _day(row: Mapping[str, str]) -> date:
    return datetime.strptime(row["Date"], "%d/%m/%Y").replace(tzinfo=UTC).date()


@pytest.fixture
def connection(loaded: Engine) -> Iterator[Connection]:
    """A connection to the good data; whatever a test spoils is rolled back."""
    with loaded.connect() as opened:
        yield opened


FORECASTS, FITS = "quantum.match_forecasts", "quantum.goal_model_fits"
OF_SEASON = "match_id IN (SELECT id FROM matches WHERE season = '2019-20')"


def one_of(model: ForecastModel) -> str:
    """The forecast of a model of the season's first match."""
    return (
        f"id = (SELECT f.id FROM {FORECASTS} f JOIN matches m ON m.id = f.match_id WHERE {OF_SEASON} "
        f"AND model = '{model}' ORDER BY m.match_date, m.id LIMIT 1)"
    )


MODEL, BASE_RATE = one_of(ForecastModel.DIXON_COLES), one_of(ForecastModel.BASE_RATE)
MARKET = one_of(ForecastModel.MARKET_CLOSING)
THE_FIT = f"id = (SELECT fit_id FROM {FORECASTS} WHERE {MODEL})"


def quote(market: str, book: str) -> str:
    """The quote behind the market's forecast, of the book that it names for a market."""
    return f"""id = (SELECT o.id FROM odds o JOIN {FORECASTS} f ON f.match_id = o.match_id
        AND f.{book}_bookmaker_id = o.bookmaker_id
        WHERE o.market = '{market}' AND o.price_kind = 'closing' AND f.{MARKET}
        AND coalesce(o.line, 0) IN (0, 2.5, (SELECT min(k)::numeric FROM jsonb_object_keys(f.handicaps) k)))"""


QUOTE, TOTAL, HANDICAP = (
    quote(*which)
    for which in (("1x2", "one_x_two"), ("over_under", "over_under"), ("asian_handicap", "asian_handicap"))
)
MARKETS = (("over_under", TOTAL, ("over", "under")), ("asian_handicap", HANDICAP, ("home", "away")))
AT_CLOSE = {"model": "market_closing"}
OF_MODEL = f"{OF_SEASON} AND model = 'dixon_coles' AND fit_id IS NOT NULL"
FIRST_FIT = f"(SELECT min(as_of) FROM {FITS})"
ANOTHER_LEAGUE = "(SELECT id FROM leagues WHERE code = 'E0')"
REAL = "UPDATE leagues SET is_simulated = false"


def copies(which: str, **changes: str) -> str:
    """A statement that inserts forecasts again, with other values."""
    columns = ["match_id", "model", "model_version", "as_of", "gap", "home_prob", "draw_prob", "away_prob"]
    columns += ["over25_prob", "fit_id", "one_x_two_bookmaker_id"]
    values = ", ".join(changes.get(name, name) for name in columns)
    return f"INSERT INTO {FORECASTS} ({', '.join(columns)}) SELECT {values} FROM {FORECASTS} WHERE {which}"


def another_match(day: str, goals: str = "1") -> str:
    """A statement that inserts a match of the league's first season."""
    return f"""INSERT INTO matches (id, league_id, season, home_team_id, away_team_id, meeting, match_date, home_goals,
        away_goals) SELECT id + 1000000, league_id, '2015-16', home_team_id, away_team_id, 1, {day}, {goals}, {goals}
        FROM matches WHERE id = (SELECT min(id) FROM matches)"""


def without_forecasts(day: date) -> str:
    """Statements that move the season's first match to a day and take its forecasts."""
    match = "SELECT min(id) FROM matches WHERE season = '2019-20'"
    return (
        f"UPDATE matches SET match_date = '{day}', kickoff_at = NULL WHERE id = ({match}); "
        f"DELETE FROM {FORECASTS} WHERE match_id = ({match})"
    )


FLAT = "home_prob = 0.2, draw_prob = 0.2, away_prob = 0.6"
NO_1X2 = "home_prob = NULL, draw_prob = NULL, away_prob = NULL"
PLAYED = f"{OF_MODEL} AND match_id IN (SELECT id FROM matches WHERE home_goals IS NOT NULL)"
SAME_FOR = f"""UPDATE {FORECASTS} SET {FLAT} WHERE {OF_MODEL}; DELETE FROM {FORECASTS} WHERE {OF_MODEL}
    AND id NOT IN (SELECT id FROM {FORECASTS} WHERE {{which}} LIMIT {{count}})"""

CASES: Cases = {
    "matches_have_one_forecast_per_model": [
        Case(f"DELETE FROM {FORECASTS} WHERE {MODEL}", {**HERE, "rows": 3}),
        Case(f"UPDATE {FORECASTS} SET model_version = 'older' WHERE {MODEL}", {**HERE, "rows": 3}),
        Case(copies(BASE_RATE, model_version=f"'{MODEL_VERSION}'"), {**HERE, "rows": 5}),
        Case(
            f"{copies(BASE_RATE, model_version=repr(MODEL_VERSION))}; DELETE FROM {FORECASTS} WHERE {MODEL}",
            {**HERE, "rows": 4},
        ),
        Case(
            another_match("'2019-08-20'").replace("2015-16", "2019-20").replace(", 1, '", ", 2, '"), {**HERE, "rows": 0}
        ),
    ],
    "forecasts_use_only_the_past": [
        Case(
            f"UPDATE {FORECASTS} f SET as_of = match_date + 1 FROM matches m WHERE m.id = match_id AND f.{BASE_RATE}",
            {"model": "base_rate"},
        ),
        Case(f"UPDATE {FORECASTS} SET as_of = as_of - 1 WHERE {MODEL}", {"model": "dixon_coles"}),
        Case(
            "UPDATE matches SET match_date = match_date - 7, kickoff_at = NULL "
            f"WHERE id = (SELECT match_id FROM {FORECASTS} WHERE {BASE_RATE})",
            {"model": "base_rate"},
            rows=2,
        ),
        Case(
            f"ALTER TABLE {FITS} DROP CONSTRAINT ck_goal_model_fits_only_matches_before; "
            f"UPDATE {FITS} SET last_match_date = as_of WHERE {THE_FIT}",
            {"model": "dixon_coles"},
            rows=0,
        ),
        Case(f"UPDATE {FITS} SET league_id = {ANOTHER_LEAGUE} WHERE {THE_FIT}", {"model": "dixon_coles"}, rows=0),
    ],
    "probabilities_sum_to_one": [
        Case(f"UPDATE {FORECASTS} SET home_prob = home_prob + 5e-9 WHERE {MODEL}", {"model": "dixon_coles"}),
        Case(f"UPDATE {FORECASTS} SET draw_prob = draw_prob - 5e-9 WHERE {MARKET}", {"model": "market_closing"}),
        *(
            Case(
                f"UPDATE {FORECASTS} SET {more} = {more} + {less}, {less} = 0 WHERE {BASE_RATE}",
                {"model": "base_rate", less: 0},
            )
            for more, less in (("home_prob", "draw_prob"), ("draw_prob", "away_prob"), ("away_prob", "home_prob"))
        ),
    ],
    "market_probabilities_recompute": [
        *(
            Case(
                f"UPDATE {FORECASTS} SET {more} = {more} + 1e-5, {less} = {less} - 1e-5 WHERE {MARKET}",
                {"model": "market_closing"},
            )
            for more, less in (("home_prob", "draw_prob"), ("draw_prob", "away_prob"), ("away_prob", "home_prob"))
        ),
        *(
            Case(f"UPDATE odds SET {side}_price = {side}_price + 0.01 WHERE {QUOTE}", {"model": "market_closing"})
            for side in ("home", "draw", "away")
        ),
        # The margin taken out by division.
        Case(
            f"UPDATE {FORECASTS} f SET home_prob = 1 / home_price / (1 + b), draw_prob = 1 / draw_price / (1 + b), "
            "away_prob = 1 / away_price / (1 + b) FROM (SELECT match_id, home_price, draw_price, away_price, "
            f"1 / home_price + 1 / draw_price + 1 / away_price - 1 AS b FROM odds WHERE {QUOTE}) q WHERE f.{MARKET}",
            {"model": "market_closing"},
        ),
        Case(f"DELETE FROM odds WHERE {QUOTE}", {"model": "market_closing", "home_price": None}),
        Case(f"UPDATE odds SET price_kind = 'snapshot', captured_at = now() WHERE {QUOTE}", {"home_price": None}),
        Case(
            f"UPDATE {FORECASTS} SET one_x_two_bookmaker_id = (SELECT id FROM bookmakers WHERE key = 'B365') "
            f"WHERE {MARKET}",
            {"model": "market_closing"},
        ),
        Case(f"UPDATE {FORECASTS} SET one_x_two_bookmaker_id = NULL WHERE {MARKET}", {"home_price": None}),
        Case(f"UPDATE {FORECASTS} SET {NO_1X2} WHERE {MARKET}", {"model": "market_closing", "home_prob": None}),
        Case(
            f"UPDATE {FORECASTS} SET home_prob = home_prob + draw_prob, draw_prob = 0 WHERE {MARKET}",
            {"model": "market_closing", "draw_prob": 0},
        ),
        Case(
            f"UPDATE {FORECASTS} SET away_prob = away_prob + 1e-5, draw_prob = draw_prob - 1e-5 "
            f"WHERE {one_of(ForecastModel.MARKET_PRE_MATCH)}",
            {"model": "market_pre_match"},
        ),
    ],
    "market_totals_and_handicaps_recompute": [
        *(
            Case(f"UPDATE {FORECASTS} SET over25_prob = {wrong} WHERE {MARKET}", {**AT_CLOSE, "market": "over_under"})
            for wrong in ("over25_prob + 0.0001", "over25_prob - 0.0001", "1 - over25_prob", "0", "1")
        ),
        *(
            Case(f"UPDATE odds SET {side}_price = {side}_price + 0.01 WHERE {which}", {**AT_CLOSE, "market": market})
            for market, which, sides in MARKETS
            for side in sides
        ),
        *(
            Case(f"DELETE FROM odds WHERE {which}", {**AT_CLOSE, "market": market, "price": None})
            for market, which, _ in MARKETS
        ),
        *(
            Case(f"UPDATE {FORECASTS} SET {name}_bookmaker_id = NULL WHERE {MARKET}", {**AT_CLOSE, "price": None})
            for name in ("over_under", "asian_handicap")
        ),
        *(
            Case(
                f"UPDATE {FORECASTS} SET handicaps = (SELECT jsonb_object_agg({key}, {value}) "
                f"FROM jsonb_each_text(handicaps)) WHERE {MARKET}",
                {**AT_CLOSE, "market": "asian_handicap"},
            )
            for key, value in (
                *(("key", "value::float8 + 0.0001"), ("key", "1 - value::float8"), ("key", "0"), ("key", "1")),
                ("key::numeric - 5", "value::float8"),
            )
        ),
        Case(
            f"UPDATE {FORECASTS} SET over25_prob = over25_prob + 0.0001 WHERE {one_of(ForecastModel.MARKET_PRE_MATCH)}",
            {"model": "market_pre_match", "market": "over_under"},
        ),
    ],
    "model_tells_matches_apart": [
        Case(f"UPDATE {FORECASTS} SET {FLAT} WHERE {OF_MODEL}", {**HERE, "matches": 234, "home_prob": 0.2}),
        Case(
            SAME_FOR.format(which=OF_MODEL, count=20),
            {**HERE, "matches": 20},
        ),
    ],
    "fits_rest_on_the_results_of_now": [
        Case(f"UPDATE {FITS} SET n_matches = n_matches + 1 WHERE {THE_FIT}", {"league": "SIM2", "held": 306}),
        Case(
            f"UPDATE {FITS} SET n_matches = n_matches - 1 WHERE as_of = {FIRST_FIT}",
            {"league": "SIM2", "n_matches": 107, "held": 108},
        ),
        Case(
            another_match(f"{FIRST_FIT} - {DEFAULT.window_days}"),
            {"league": "SIM2", "n_matches": 108, "held": 109},
        ),
        Case(another_match(f"{FIRST_FIT} - 1"), {"n_matches": 108, "held": 109}, rows=42),
        Case(f"UPDATE {FITS} SET home_goals = home_goals + 1 WHERE {THE_FIT}", {"league": "SIM2", "held": 306}),
        Case(f"UPDATE {FITS} SET away_goals = away_goals - 1 WHERE {THE_FIT}", {"league": "SIM2", "held": 306}),
    ],
    "model_is_better_than_base_rates": [
        Case(f"UPDATE {FORECASTS} SET {FLAT} WHERE {OF_MODEL}", {**HERE, "matches": 225}),
        Case(
            f"UPDATE {FORECASTS} f SET home_prob = b.home_prob, draw_prob = b.draw_prob, away_prob = b.away_prob "
            f"FROM {FORECASTS} b WHERE b.model = 'market_closing' AND b.gap IS NULL AND b.match_id = f.match_id "
            f"AND f.model = 'base_rate' AND f.{OF_SEASON}",
            {**HERE, "matches": 225},
        ),
        Case(
            SAME_FOR.format(which=PLAYED, count=100),
            {**HERE, "matches": 100},
        ),
    ],
    "forecasts_are_fresh": [
        Case(f"{REAL}; {without_forecasts(day)}", {**HERE, "matches_without_forecast": 1})
        for day in (TODAY - timedelta(days=LOOK_BACK_DAYS), TODAY, TODAY + timedelta(days=7))
    ],
}
WARNINGS = {"fits_rest_on_the_results_of_now", "model_is_better_than_base_rates", "forecasts_are_fresh"}
HARMLESS: Harmless = {
    "forecasts of an older version beside those of this one": (
        "matches_have_one_forecast_per_model",
        copies(OF_SEASON, model_version="'older'"),
    ),
    "a season that is not forecast yet": (
        "matches_have_one_forecast_per_model",
        f"DELETE FROM {FORECASTS} WHERE {OF_SEASON}",
    ),
    "a forecast made on the day of the match, before it": (
        "forecasts_use_only_the_past",
        f"UPDATE {FORECASTS} f SET as_of = match_date FROM matches m WHERE m.id = match_id AND model = 'base_rate'",
    ),
    "a match that was put off": (
        "forecasts_use_only_the_past",
        f"UPDATE matches SET match_date = match_date + 60, kickoff_at = NULL "
        f"WHERE id = (SELECT match_id FROM {FORECASTS} WHERE {MODEL})",
    ),
    "the last digits of a sum": (
        "probabilities_sum_to_one",
        f"UPDATE {FORECASTS} SET home_prob = home_prob + 1e-10 WHERE {MODEL}",
    ),
    "probabilities of a model, which owe nothing to prices": (
        "market_probabilities_recompute",
        f"UPDATE {FORECASTS} SET {FLAT} WHERE {OF_MODEL}",
    ),
    "totals and handicaps of a model, which owe nothing to prices": (
        "market_totals_and_handicaps_recompute",
        f"UPDATE {FORECASTS} SET over25_prob = over35_prob, handicaps = NULL WHERE {OF_MODEL}",
    ),
    "totals that an older version took from the market": (
        "market_totals_and_handicaps_recompute",
        copies(MARKET, model_version="'older'", over25_prob="0.9"),
    ),
    "a market that quotes the result alone": (
        "market_totals_and_handicaps_recompute",
        f"UPDATE {FORECASTS} SET over25_prob = NULL, handicaps = NULL, over_under_bookmaker_id = NULL, "
        f"asian_handicap_bookmaker_id = NULL WHERE {MARKET}",
    ),
    "a market that quotes totals alone": (
        "market_probabilities_recompute",
        f"UPDATE {FORECASTS} SET {NO_1X2}, one_x_two_bookmaker_id = NULL WHERE {MARKET}",
    ),
    "an older version of the market's probabilities": (
        "market_probabilities_recompute",
        copies(MARKET, model_version="'older'", home_prob="0.2", draw_prob="0.2", away_prob="0.6"),
    ),
    "a model that tells one match from the others": (
        "model_tells_matches_apart",
        f"UPDATE {FORECASTS} SET {FLAT} WHERE {OF_MODEL} AND NOT {MODEL}",
    ),
    "a few matches that are alike": (
        "model_tells_matches_apart",
        SAME_FOR.format(which=OF_MODEL, count=19),
    ),
    "base rates, the same for matches of a week": (
        "model_tells_matches_apart",
        f"UPDATE {FORECASTS} SET {FLAT} WHERE {OF_SEASON} AND model = 'base_rate'",
    ),
    "a match before the window of every fit": (
        "fits_rest_on_the_results_of_now",
        another_match(f"{FIRST_FIT} - {DEFAULT.window_days + 1}"),
    ),
    "a match on the day of the last fit": (
        "fits_rest_on_the_results_of_now",
        another_match(f"(SELECT max(as_of) FROM {FITS})"),
    ),
    "a match without a result": ("fits_rest_on_the_results_of_now", another_match(f"{FIRST_FIT} - 1", "NULL")),
    "a match of another league": (
        "fits_rest_on_the_results_of_now",
        another_match(f"{FIRST_FIT} - 1").replace("league_id, '2015-16'", f"{ANOTHER_LEAGUE}, '2015-16'"),
    ),
    "a fit that no forecast rests on": (
        "fits_rest_on_the_results_of_now",
        f"UPDATE {FITS} SET n_matches = 1 WHERE {THE_FIT}; DELETE FROM {FORECASTS} WHERE fit_id IS NOT NULL",
    ),
    "a fit of an older version": (
        "fits_rest_on_the_results_of_now",
        f"UPDATE {FITS} SET n_matches = 1, model_version = 'older' WHERE {THE_FIT}",
    ),
    "too few matches to tell": (
        "model_is_better_than_base_rates",
        SAME_FOR.format(which=PLAYED, count=99),
    ),
    "a match of long ago without a forecast": (
        "forecasts_are_fresh",
        f"{REAL}; {without_forecasts(TODAY - timedelta(days=LOOK_BACK_DAYS + 1))}",
    ),
    "a match of the week after next without a forecast": (
        "forecasts_are_fresh",
        f"{REAL}; {without_forecasts(TODAY + timedelta(days=8))}",
    ),
    "a simulated match without a forecast": ("forecasts_are_fresh", without_forecasts(TODAY)),
}


def test_good_data_hold_forecasts_of_each_model_and_gaps_of_both_kinds(connection: Connection) -> None:
    query = f"SELECT DISTINCT model::text, gap::text FROM {FORECASTS}"
    assert {tuple(row) for row in connection.exec_driver_sql(query)} == {
        *((str(model), None) for model in ForecastModel),
        *(("dixon_coles", "too_little_history"), ("base_rate", "too_little_history")),
        *(("market_pre_match", "no_prices"), ("market_closing", "no_prices")),
    }


@pytest.mark.parametrize("rule", sorted(BY_NAME.keys() - NOT_DERIVED))
def test_good_data_break_no_rule(connection: Connection, rule: str) -> None:
    assert find(connection, rule, NOW) == []


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_finds_the_rows_that_break_it(loaded: Engine, rule: str) -> None:
    assert_finds(loaded, rule, CASES[rule], NOW)


@pytest.mark.parametrize("case", sorted(HARMLESS))
def test_what_is_unusual_but_right_breaks_no_rule(connection: Connection, case: str) -> None:
    rule, change = HARMLESS[case]
    spoil(connection, change)
    assert find(connection, rule, NOW) == []


def test_every_case_belongs_to_a_rule() -> None:
    assert set(CASES) == RULES


def test_rules_whose_breach_makes_numbers_wrong_block_and_the_others_warn() -> None:
    assert {rule.name for rule in forecasts.RULES if not rule.blocks} == WARNINGS
    assert {rule.asset for rule in forecasts.RULES} == {"match_forecasts"}


@pytest.mark.parametrize(
    ("now", "expected"), [(datetime(2020, 5, 15, tzinfo=UTC), 1), (datetime(2020, 5, 16, tzinfo=UTC), 0)]
)
def test_nothing_has_to_be_fresh_while_no_league_plays(connection: Connection, now: datetime, expected: int) -> None:
    spoil(connection, f"{REAL}; {without_forecasts(date(2020, 5, 10))}")
    assert len(find(connection, "forecasts_are_fresh", now)) == expected
