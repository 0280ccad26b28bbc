"""The rules of matches and odds: each is seen passing on good data and failing on bad, on a real database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine

from monps_platform.db.connection.engine import session_factory
from monps_platform.db.quality import LOOK_BACK_DAYS, football_data
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
    pick,
    spoil,
)
from monps_platform_tests.db.samples import E0, Pipeline

NOW = datetime(2024, 10, 21, 12, tzinfo=UTC)
SUMMER = datetime(2025, 7, 20, 12, tzinfo=UTC)
JUST_FRESH = NOW - timedelta(days=LOOK_BACK_DAYS)
LAST_FRESH_DAY, FIRST_STALE_DAY = JUST_FRESH.date(), JUST_FRESH.date() - timedelta(days=1)
CURRENT = Partition(E0, Season(2024))
FINISHED = Partition(league("SIM2"), Season(2022))
RULES = {rule.name for rule in football_data.RULES}

HEADER = (
    "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,B365H,B365D,B365A,MaxH,MaxD,MaxA,B365>2.5,B365<2.5,AHh,B365AHH,"
    "B365AHA,B365CH,B365CD,B365CA"
)
PRICES = "1.80,3.60,4.50,1.86,3.75,5.00,1.90,1.95,-0.75,1.97,1.93,1.75,3.70,4.75"
FIRST = [
    f"E0,17/08/2024,15:00,Arsenal,Chelsea,2,1,H,{PRICES}",
    f"E0,18/08/2024,16:30,Hull,Leeds,0,0,D,{PRICES}",
    f"E0,05/10/2024,15:00,Chelsea,Hull,1,3,A,{PRICES}",
    f"E0,05/10/2024,20:00,Leeds,Arsenal,1,1,D,{PRICES}",
]
LATER = [*FIRST, f"E0,19/10/2024,12:30,Arsenal,Hull,4,0,H,{PRICES}"]
TO_COME = [f"E0,26/10/2024,15:00,Leeds,Chelsea,,,,{PRICES}"]


def csv(rows: Sequence[str]) -> bytes:
    return "".join(f"{row}\r\n" for row in (HEADER, *rows)).encode()


@pytest.fixture(scope="module")
def loaded(shared_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The module's database with a real season under way, in two versions and with fixtures, and a simulated one."""
    sessions = session_factory(shared_engine)
    pipeline = Pipeline(sessions, RawStore(tmp_path_factory.mktemp("raw")))
    fetched = {"fetched_at": datetime(2024, 10, 20, tzinfo=UTC)}
    pipeline.fetch(CURRENT, csv(FIRST), fetched_at=datetime(2024, 10, 6, tzinfo=UTC))
    pipeline.fetch(FINISHED, simulate_season(FINISHED.league, FINISHED.season), source="simulated", **fetched)
    assert [outcome.status for outcome in pipeline.load(CURRENT, FINISHED)] == [Status.LOADED] * 4
    pipeline.fetch(CURRENT, csv(LATER), **fetched)
    pipeline.fetch(CURRENT, csv(TO_COME), key="fixtures.csv", **fetched)
    assert [outcome.status for outcome in pipeline.load(CURRENT)] == [Status.LOADED] * 2
    assert [outcome.status for outcome in forecast(sessions, CURRENT)] == [Status.LOADED]
    assert Status.FAILED not in {outcome.status for outcome in pick(sessions, NOW, CURRENT)}
    return shared_engine


@pytest.fixture
def connection(loaded: Engine) -> Iterator[Connection]:
    """A connection to the good data; whatever a test spoils is rolled back."""
    with loaded.connect() as opened:
        yield opened


NEWEST = "id = (SELECT max(id) FROM ops.raw_files WHERE key = 'mmz4281/2425/E0.csv')"
E0_LEAGUE = "league_id = (SELECT id FROM leagues WHERE code = 'E0')"
OPENER = f"{E0_LEAGUE} AND match_date = '2024-08-17'"
LATEST = f"{E0_LEAGUE} AND match_date = '2024-10-19'"
ONE_QUOTE = (
    f"id = (SELECT min(o.id) FROM odds o JOIN matches m ON m.id = match_id WHERE {OPENER} AND market = '1x2' "
    "AND price_kind = 'pre_match' AND bookmaker_id = (SELECT id FROM bookmakers WHERE key = 'B365'))"
)
ONE_HANDICAP = (
    f"id = (SELECT min(o.id) FROM odds o JOIN matches m ON m.id = match_id WHERE {OPENER} "
    "AND market = 'asian_handicap')"
)
TWICE = """INSERT INTO matches (id, league_id, season, home_team_id, away_team_id, meeting, match_date, home_goals,
    away_goals) SELECT id + 1, league_id, season, home_team_id, away_team_id, 2, match_date {days}, 1, 1
    FROM matches WHERE {which}"""
SIMULATED = "league_id = (SELECT id FROM leagues WHERE is_simulated AND code = 'SIM2')"
COPIES = """UPDATE odds c SET home_price = p.home_price, draw_price = p.draw_price, away_price = p.away_price
    FROM odds p WHERE p.match_id = c.match_id AND p.bookmaker_id = c.bookmaker_id AND p.market = '1x2'
    AND c.market = '1x2' AND p.price_kind = 'pre_match' AND c.price_kind = 'closing'
    AND c.bookmaker_id = (SELECT id FROM bookmakers WHERE key = 'PS')"""
FIRST_COPIES = (
    COPIES
    + """; DELETE FROM odds WHERE price_kind = 'closing' AND id NOT IN (
    SELECT o.id FROM odds o JOIN bookmakers b ON b.id = o.bookmaker_id
    WHERE price_kind = 'closing' AND market = '1x2' AND key = 'PS' ORDER BY o.id LIMIT {0})"""
)
DELETE_MATCH = """DELETE FROM odds WHERE match_id IN (SELECT id FROM matches WHERE {0});
    DELETE FROM quantum.match_forecasts WHERE match_id IN (SELECT id FROM matches WHERE {0});
    DELETE FROM matches WHERE {0}"""

CASES: Cases = {
    "raw_files_did_not_shrink": [
        Case(
            f"UPDATE ops.raw_files SET bytes = 1 WHERE {NEWEST}",
            {"league": "E0", "season": "2024-25", "key": "mmz4281/2425/E0.csv", "bytes": 1},
        )
    ],
    "raw_files_are_fresh": [
        Case(
            f"UPDATE ops.raw_files SET fetched_at = '{JUST_FRESH - timedelta(seconds=1)}' WHERE {NEWEST}",
            {"league": "E0", "season": "2024-25", "key": "mmz4281/2425/E0.csv"},
        )
    ],
    "real_and_simulated_leagues_stay_apart": [
        Case(f"UPDATE ops.raw_files SET source = 'simulated' WHERE {NEWEST}", {"league": "E0", "source": "simulated"}),
        Case(
            "UPDATE ops.raw_files SET source = 'football-data' WHERE league = 'SIM2'",
            {"league": "SIM2", "source": "football-data"},
        ),
        Case("UPDATE leagues SET is_simulated = true WHERE code = 'E0'", {"league": "E0", "source": "football-data"}),
        Case("UPDATE ops.raw_files SET league = 'SIM9' WHERE league = 'E0'", {"league": "SIM9"}),
        Case(
            f"UPDATE ops.raw_files SET source = 'simulated-understat' WHERE {NEWEST}",
            {"league": "E0", "source": "simulated-understat"},
        ),
        Case(
            "UPDATE ops.raw_files SET source = 'understat' WHERE league = 'SIM2'",
            {"league": "SIM2", "source": "understat"},
        ),
    ],
    "match_rows_reconcile": [
        Case(DELETE_MATCH.format(OPENER), {"league": "E0", "rows_loaded": 6, "held": 5}),
        Case(
            f"UPDATE ops.raw_files SET rows_read = 9, rows_loaded = 9 WHERE {NEWEST}",
            {"league": "E0", "rows_loaded": 10, "held": 6},
        ),
        Case(TWICE.format(days="+ 30", which=f"{E0_LEAGUE} AND home_goals > 0"), {"league": "E0", "held": 10}),
        Case("DELETE FROM ops.raw_files WHERE league = 'SIM2'", {"league": "SIM2", "rows_loaded": None, "held": 306}),
        Case(
            "ALTER TABLE ops.raw_files DROP CONSTRAINT ck_raw_files_rows_reconcile; "
            f"UPDATE ops.raw_files SET rows_rejected = 3 WHERE {NEWEST}",
            {"league": "E0", "rows_read": 6, "rows_loaded": 6, "rows_rejected": 3},
        ),
    ],
    "most_lines_are_loaded": [
        Case(
            f"UPDATE ops.raw_files SET rows_read = 5, rows_loaded = 0, rows_rejected = 5 WHERE {NEWEST}",
            {"league": "E0", "season": "2024-25", "key": "mmz4281/2425/E0.csv", "rows_read": 5, "rows_loaded": 0},
        ),
        Case(
            f"UPDATE ops.raw_files SET rows_read = 100, rows_loaded = 79, rows_rejected = 21 WHERE {NEWEST}",
            {"league": "E0", "rows_loaded": 79, "rows_rejected": 21},
        ),
    ],
    "results_are_not_in_the_future": [
        Case(
            f"UPDATE matches SET match_date = '2024-10-23' WHERE {LATEST}",
            {"league": "E0", "season": "2024-25", "match_date": date(2024, 10, 23)},
        )
    ],
    "matches_do_not_exceed_round_robin": [
        Case(
            TWICE.format(days="+ 1", which=SIMULATED),
            {"league": "SIM2", "season": "2022-23", "teams": 18, "matches": 612, "expected": 306},
        )
    ],
    "finished_seasons_are_complete": [
        Case(
            DELETE_MATCH.format(f"id = (SELECT min(id) FROM matches WHERE {SIMULATED})"),
            {"league": "SIM2", "season": "2022-23", "played": 305, "expected": 306},
        ),
        Case(
            "UPDATE matches SET home_goals = NULL, away_goals = NULL, half_time_home_goals = NULL, "
            f"half_time_away_goals = NULL WHERE id = (SELECT min(id) FROM matches WHERE {SIMULATED})",
            {"league": "SIM2", "matches": 306, "played": 305, "expected": 306},
        ),
    ],
    "matches_did_not_shrink": [
        Case(
            f"UPDATE ops.raw_files SET rows_loaded = 3, rows_rejected = 2 WHERE {NEWEST}",
            {"league": "E0", "season": "2024-25", "rows_before": 4, "rows_loaded": 3},
        )
    ],
    "no_match_was_lost": [
        Case(
            f"UPDATE ops.raw_files SET rows_loaded = 3, rows_rejected = 2 WHERE {NEWEST}",
            {"league": "E0", "season": "2024-25", "rows_before": 4, "rows_loaded": 3},
        )
    ],
    "kickoffs_lie_in_their_season": [
        Case(
            f"UPDATE matches SET match_date = '2024-06-30', kickoff_at = NULL WHERE {OPENER}",
            {"league": "E0", "season": "2024-25"},
        ),
        Case(f"UPDATE matches SET match_date = '2025-09-01', kickoff_at = NULL WHERE {OPENER}", {"league": "E0"}),
        Case(f"UPDATE matches SET season = '2023-24' WHERE {LATEST}", {"season": "2023-24"}),
        Case(f"UPDATE matches SET match_date = '2024-08-18' WHERE {OPENER}", {"season": "2024-25"}),
        # British summer time: half past eleven at night in UTC is the next day in London.
        Case(f"UPDATE matches SET kickoff_at = '2024-08-17 23:30+00' WHERE {OPENER}", {"season": "2024-25"}),
    ],
    "matches_are_not_repeated": [Case(TWICE.format(days="", which=OPENER), {"rows": 2, "season": "2024-25"})],
    "no_team_plays_twice_a_day": [
        Case(
            f"UPDATE matches SET match_date = '2024-08-18' WHERE {LATEST}",
            {"team": "Hull", "matches": 2},
        )
    ],
    "past_matches_have_results": [
        Case(
            f"UPDATE matches SET home_goals = NULL, away_goals = NULL WHERE {OPENER}",
            {"league": "E0", "season": "2024-25"},
        ),
        Case(
            f"UPDATE matches SET match_date = '{FIRST_STALE_DAY}' WHERE {E0_LEAGUE} AND home_goals IS NULL",
            {"league": "E0"},
        ),
    ],
    "team_names_are_resolved": [
        Case(
            "UPDATE team_aliases SET team_id = NULL, method = NULL WHERE spelling = 'Hull'",
            {"source": "football-data", "league": "E0", "spelling": "Hull"},
        )
    ],
    "matches_are_fresh": [
        Case(
            f"UPDATE matches SET match_date = '{FIRST_STALE_DAY}' WHERE {E0_LEAGUE} "
            f"AND home_goals IS NOT NULL AND match_date > '{FIRST_STALE_DAY}'",
            {"league": "E0", "season": "2024-25", "last_result": FIRST_STALE_DAY},
        ),
        Case(
            f"UPDATE matches SET home_goals = NULL, away_goals = NULL WHERE {E0_LEAGUE}",
            {"league": "E0", "last_result": None},
        ),
        Case(DELETE_MATCH.format(E0_LEAGUE), {"league": "E0", "last_result": None}),
    ],
    "odds_rows_reconcile": [
        Case(f"DELETE FROM odds WHERE {ONE_QUOTE}", {"league": "E0", "quotes_loaded": 30, "held": 29}),
        Case("DELETE FROM odds", {"league": "SIM2", "held": 0}, rows=2),
        Case(
            "INSERT INTO odds (match_id, bookmaker_id, market, line, price_kind, over_price, under_price, overround) "
            f"SELECT id, 1, 'over_under', 3.5, 'closing', 1.9, 1.9, 0.0526 FROM matches WHERE {OPENER}",
            {"league": "E0", "quotes_loaded": 30, "held": 31},
        ),
        Case(
            "ALTER TABLE ops.raw_files DROP CONSTRAINT ck_raw_files_quotes_reconcile; "
            f"UPDATE ops.raw_files SET quotes_read = 99 WHERE {NEWEST}",
            {"league": "E0", "quotes_read": 104, "quotes_loaded": 30, "quotes_rejected": 0},
        ),
    ],
    "most_quotes_are_loaded": [
        Case(
            f"UPDATE ops.raw_files SET quotes_loaded = 0, quotes_rejected = quotes_read WHERE {NEWEST}",
            {"league": "E0", "season": "2024-25", "key": "mmz4281/2425/E0.csv", "quotes_loaded": 0},
        ),
        Case(
            f"UPDATE ops.raw_files SET quotes_read = 100, quotes_loaded = 79, quotes_rejected = 21 WHERE {NEWEST}",
            {"league": "E0", "quotes_loaded": 79, "quotes_rejected": 21},
        ),
    ],
    "odds_did_not_shrink": [
        Case(
            f"UPDATE ops.raw_files SET quotes_loaded = 15, quotes_rejected = 10 WHERE {NEWEST}",
            {"league": "E0", "season": "2024-25", "quotes_before": 20, "quotes_loaded": 15},
        )
    ],
    "odds_exceed_one": [
        Case(
            f"ALTER TABLE odds DROP CONSTRAINT ck_odds_above_one; UPDATE odds SET {side}_price = {price} WHERE {which}",
            {"market": market},
        )
        for side, price, which, market in (
            ("home", "1.00", ONE_QUOTE, "1x2"),
            ("draw", "0.5", ONE_QUOTE, "1x2"),
            ("away", "-2", ONE_QUOTE, "1x2"),
            ("away", "1", ONE_HANDICAP, "asian_handicap"),
        )
    ],
    "odds_are_not_repeated": [
        Case(
            "DROP INDEX uq_odds_quote; INSERT INTO odds (match_id, bookmaker_id, market, line, price_kind, home_price, "
            "draw_price, away_price, overround) SELECT match_id, bookmaker_id, market, line, price_kind, 2, 3, 4, 0.1 "
            f"FROM odds WHERE {ONE_QUOTE}",
            {"market": "1x2", "line": None, "captured_at": None, "rows": 2},
        )
    ],
    "overrounds_recompute": [
        Case(f"UPDATE odds SET overround = overround + 0.0002 WHERE {ONE_QUOTE}", {"market": "1x2"}),
        Case(f"UPDATE odds SET away_price = away_price + 0.05 WHERE {ONE_QUOTE}", {"market": "1x2"}),
        Case(f"UPDATE odds SET home_price = home_price + 0.01 WHERE {ONE_HANDICAP}", {"market": "asian_handicap"}),
        Case("UPDATE odds SET overround = 0 WHERE market = 'over_under'", {"market": "over_under"}, rows=0),
    ],
    "overrounds_are_plausible": [
        Case(
            f"UPDATE odds SET overround = {overround} WHERE {ONE_QUOTE}",
            {"league": "E0", "bookmaker": "B365", "market": "1x2", "price_kind": "pre_match"},
        )
        for overround in ("0.4001", "-0.0501")
    ],
    "closing_columns_are_no_bookmakers": [
        Case(
            "INSERT INTO bookmakers (key, name, is_aggregate, is_sharp, is_exchange) "
            "VALUES ('B365C', 'B365C', false, false, false)",
            {"bookmaker": "B365C", "looks_like": "closing prices of B365"},
        )
    ],
    "closing_prices_are_no_copies": [
        Case(COPIES, {"league": "SIM2", "season": "2022-23", "bookmaker": "PS", "market": "1x2"}),
        Case(FIRST_COPIES.format(20), {"league": "SIM2", "bookmaker": "PS", "quotes": 20}),
    ],
    "handicap_lines_are_quarters": [
        Case(f"UPDATE odds SET line = {line} WHERE {ONE_HANDICAP}", {"league": "E0", "bookmaker": "B365"})
        for line in ("0.3", "-0.1", "2.001")
    ],
    "odds_are_fresh": [
        Case(
            f"DELETE FROM odds WHERE match_id = (SELECT id FROM matches WHERE {LATEST})",
            {"league": "E0", "season": "2024-25", "matches_without_odds": 1},
        )
    ],
}
WARNINGS = {
    "raw_files_did_not_shrink",
    "raw_files_are_fresh",
    "finished_seasons_are_complete",
    "no_match_was_lost",
    "no_team_plays_twice_a_day",
    "past_matches_have_results",
    "matches_are_fresh",
    "overrounds_are_plausible",
    "handicap_lines_are_quarters",
    "odds_are_fresh",
}


@pytest.mark.parametrize("rule", sorted(BY_NAME.keys() - NOT_DERIVED))
def test_good_data_break_no_rule(connection: Connection, rule: str) -> None:
    assert find(connection, rule, NOW) == []


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_finds_the_rows_that_break_it(loaded: Engine, rule: str) -> None:
    assert_finds(loaded, rule, CASES[rule], NOW)


def test_every_case_belongs_to_a_rule() -> None:
    assert set(CASES) == RULES


def test_rules_whose_breach_makes_numbers_wrong_block_and_the_others_warn() -> None:
    assert {rule.name for rule in football_data.RULES if not rule.blocks} == WARNINGS


def test_every_rule_belongs_to_an_asset() -> None:
    assert {rule.asset for rule in football_data.RULES} == {"raw_football_data", "matches", "odds"}


HARMLESS: Harmless = {
    "a file four fifths of the version before": (
        "raw_files_did_not_shrink",
        f"UPDATE ops.raw_files SET bytes = CASE WHEN {NEWEST} THEN 800 ELSE 1000 END",
    ),
    "an old file of another season": (
        "raw_files_are_fresh",
        "UPDATE ops.raw_files SET fetched_at = '2001-01-01' WHERE league = 'SIM2' OR key = 'fixtures.csv'",
    ),
    "a file that is just fresh": (
        "raw_files_are_fresh",
        f"UPDATE ops.raw_files SET fetched_at = '{JUST_FRESH}' WHERE {NEWEST}",
    ),
    "an older version that was not fresh": (
        "raw_files_are_fresh",
        f"UPDATE ops.raw_files SET fetched_at = '2001-01-01' WHERE NOT {NEWEST}",
    ),
    "a file of which just four fifths are loaded": (
        "most_lines_are_loaded",
        f"UPDATE ops.raw_files SET rows_read = 100, rows_loaded = 80, rows_rejected = 20 WHERE {NEWEST}",
    ),
    "a short file with many bad lines": (
        "most_lines_are_loaded",
        f"UPDATE ops.raw_files SET rows_read = 19, rows_loaded = 1, rows_rejected = 18 WHERE {NEWEST}",
    ),
    "fixtures that all stand in the season's file": (
        "most_lines_are_loaded",
        "UPDATE ops.raw_files SET rows_loaded = 0, rows_rejected = rows_read WHERE key = 'fixtures.csv'",
    ),
    "a file without a line": (
        "most_lines_are_loaded",
        f"UPDATE ops.raw_files SET rows_read = 0, rows_loaded = 0, rows_rejected = 0 WHERE {NEWEST}",
    ),
    "a file of which just four fifths of the quotes are loaded": (
        "most_quotes_are_loaded",
        f"UPDATE ops.raw_files SET quotes_read = 100, quotes_loaded = 80, quotes_rejected = 20 WHERE {NEWEST}",
    ),
    "fixtures whose quotes are all rejected": (
        "most_quotes_are_loaded",
        "UPDATE ops.raw_files SET quotes_loaded = 0, quotes_rejected = quotes_read WHERE key = 'fixtures.csv'",
    ),
    "fewer matches of a file that shrank": (
        "matches_did_not_shrink",
        f"UPDATE ops.raw_files SET bytes = 1, rows_loaded = 3, rows_rejected = 2 WHERE {NEWEST}",
    ),
    "fewer quotes of a file that shrank": (
        "odds_did_not_shrink",
        f"UPDATE ops.raw_files SET bytes = 1, quotes_loaded = 15, quotes_rejected = 10 WHERE {NEWEST}",
    ),
    "a result of a day that has begun elsewhere": (
        "results_are_not_in_the_future",
        f"UPDATE matches SET match_date = '2024-10-22' WHERE {LATEST}",
    ),
    "four fifths of the matches": (
        "matches_did_not_shrink",
        f"UPDATE ops.raw_files SET rows_read = 10, rows_loaded = CASE WHEN {NEWEST} THEN 8 ELSE 10 END, "
        f"rows_rejected = CASE WHEN {NEWEST} THEN 2 ELSE 0 END",
    ),
    "a version that is not loaded yet": (
        "match_rows_reconcile",
        f"UPDATE ops.raw_files SET rows_read = NULL, rows_loaded = NULL, rows_rejected = NULL, rows_loader = NULL "
        f"WHERE {NEWEST}",
    ),
    "a match to come that the source lists no longer": (
        "match_rows_reconcile",
        TWICE.format(days="+ 200", which=OPENER).replace("1, 1\n", "NULL, NULL\n"),
    ),
    "the first match of a season alone": (
        "matches_do_not_exceed_round_robin",
        DELETE_MATCH.format(f"{E0_LEAGUE} AND match_date > '2024-08-17'"),
    ),
    "a season under way": ("finished_seasons_are_complete", DELETE_MATCH.format(OPENER)),
    "a season that was cut short for a known reason": (
        "finished_seasons_are_complete",
        DELETE_MATCH.format(
            f"{SIMULATED} AND id NOT IN (SELECT id FROM matches WHERE {SIMULATED} ORDER BY id LIMIT 279)"
        )
        + f"; UPDATE matches SET season = '2019-20', league_id = (SELECT id FROM leagues WHERE code = 'F1') "
        f"WHERE {SIMULATED}",
    ),
    "a match in the August after its season": (
        "kickoffs_lie_in_their_season",
        f"UPDATE matches SET match_date = '2025-08-31', kickoff_at = NULL WHERE {OPENER}",
    ),
    "a late kickoff in winter": (
        "kickoffs_lie_in_their_season",
        f"UPDATE matches SET match_date = '2024-12-01', kickoff_at = '2024-12-01 23:30+00' WHERE {OPENER}",
    ),
    "the same sides on another day": ("matches_are_not_repeated", TWICE.format(days="+ 1", which=OPENER)),
    "a match of some weeks ago without a result": (
        "past_matches_have_results",
        f"UPDATE matches SET match_date = '{LAST_FRESH_DAY}' WHERE {E0_LEAGUE} AND home_goals IS NULL",
    ),
    "a snapshot": (
        "odds_rows_reconcile",
        "INSERT INTO odds (match_id, bookmaker_id, market, price_kind, captured_at, home_price, draw_price, "
        f"away_price, overround) SELECT id, 1, '1x2', 'snapshot', now(), 2, 3, 4, 0.0833 FROM matches WHERE {OPENER}",
    ),
    "an overround of forty percent": ("overrounds_are_plausible", f"UPDATE odds SET overround = 0.4 WHERE {ONE_QUOTE}"),
    "an overround of minus five percent": (
        "overrounds_are_plausible",
        f"UPDATE odds SET overround = -0.05 WHERE {ONE_QUOTE}",
    ),
    "a market maximum far below one": (
        "overrounds_are_plausible",
        "UPDATE odds SET overround = -0.2 WHERE bookmaker_id = (SELECT id FROM bookmakers WHERE key = 'Max')",
    ),
    "VC Bet beside a book of the key V": (
        "closing_columns_are_no_bookmakers",
        "INSERT INTO bookmakers (key, name, is_aggregate, is_sharp, is_exchange) "
        "VALUES ('V', 'V', false, false, false)",
    ),
    "a few closing prices that are copies": ("closing_prices_are_no_copies", FIRST_COPIES.format(19)),
    "closing prices that are copies but for one": (
        "closing_prices_are_no_copies",
        f"{COPIES}; UPDATE odds SET home_price = 1.01 WHERE id = (SELECT min(id) FROM odds "
        "WHERE price_kind = 'closing' AND market = '1x2' "
        "AND bookmaker_id = (SELECT id FROM bookmakers WHERE key = 'PS'))",
    ),
    "a total that is no quarter": (
        "handicap_lines_are_quarters",
        "UPDATE odds SET line = 2.6 WHERE market = 'over_under'",
    ),
    "a result of long ago without odds": (
        "odds_are_fresh",
        f"DELETE FROM odds WHERE match_id = (SELECT id FROM matches WHERE {OPENER})",
    ),
}


@pytest.mark.parametrize("case", sorted(HARMLESS))
def test_what_is_unusual_but_right_breaks_no_rule(connection: Connection, case: str) -> None:
    rule, change = HARMLESS[case]
    spoil(connection, change)
    assert find(connection, rule, NOW) == []


@pytest.mark.parametrize("rule", ["raw_files_are_fresh", "matches_are_fresh", "odds_are_fresh"])
def test_nothing_has_to_be_fresh_while_no_league_plays(connection: Connection, rule: str) -> None:
    for case in CASES[rule]:
        spoil(connection, case.spoil)
    assert find(connection, rule, NOW) != []
    assert find(connection, rule, NOW.replace(month=8, day=27)) == []
    spoil(connection, "UPDATE ops.raw_files SET season = '2025-26'; UPDATE matches SET season = '2025-26'")
    assert find(connection, rule, SUMMER) == []
