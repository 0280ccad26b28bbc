"""What must hold for matches and odds, and for the files they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, text

from monps_platform.db.quality.rule import IN_FORCE, VERSIONS, Finding, Rule, sql
from monps_platform.domain.bookmakers import KNOWN
from monps_platform.domain.feeds import FOOTBALL_DATA
from monps_platform.domain.leagues import expected_matches, league
from monps_platform.domain.seasons import Season

_sql = partial(sql, sources=list(FOOTBALL_DATA.names))


def _beyond_round_robin(connection: Connection, _: datetime) -> Sequence[Finding]:
    return [
        row
        for row in _season_sizes(connection)
        if row["matches"] > row["expected"] and not league(row["league"]).has_play_offs
    ]


def _incomplete_seasons(connection: Connection, now: datetime) -> Sequence[Finding]:
    return [
        row
        for row in _season_sizes(connection)
        if row["played"] < row["expected"] and Season.parse(row["season"]).usual_end < now.date()
    ]


def _season_sizes(connection: Connection) -> list[Finding]:
    rows = connection.execute(
        text("""
        SELECT l.code AS league, m.season, count(DISTINCT side.team_id) AS teams, count(DISTINCT m.id) AS matches,
            count(DISTINCT m.id) FILTER (WHERE m.home_goals IS NOT NULL) AS played
        FROM matches m JOIN leagues l ON l.id = m.league_id
        CROSS JOIN LATERAL (VALUES (m.home_team_id), (m.away_team_id)) AS side (team_id)
        GROUP BY l.code, m.season ORDER BY l.code, m.season""")
    ).mappings()
    sized = ({**row, "expected": _expected(dict(row))} for row in rows)
    return [row for row in sized if row["expected"] is not None]


def _expected(row: Mapping[str, Any]) -> int | None:
    return expected_matches(league(row["league"]), Season.parse(row["season"]), row["teams"])


def _closing_taken_for_a_book(connection: Connection, _: datetime) -> Sequence[Finding]:
    keys = set(connection.scalars(text("SELECT key FROM bookmakers")))
    leaked = sorted(key for key in keys if key not in KNOWN and key[-1:] == "C" and key[:-1] in keys)
    return [{"bookmaker": key, "looks_like": f"closing prices of {key[:-1]}"} for key in leaked]


RULES: tuple[Rule, ...] = (
    Rule(
        "raw_football_data",
        "raw_files_did_not_shrink",
        "No season's file is smaller than four fifths of the version before.",
        _sql(
            VERSIONS,
            """SELECT league, season, key, bytes_before, bytes FROM versions
            WHERE age = 1 AND bytes < :share * bytes_before""",
        ),
        blocks=False,
    ),
    Rule(
        "raw_football_data",
        "raw_files_are_fresh",
        "While the leagues play, the file of the current season has changed within the last 28 days.",
        _sql(
            IN_FORCE,
            """SELECT league, season, key, fetched_at FROM in_force
            WHERE :in_season AND source = 'football-data' AND season = :season AND key <> 'fixtures.csv'
                AND fetched_at < CAST(:now AS timestamptz) - make_interval(days => :look_back)""",
        ),
        blocks=False,
    ),
    Rule(
        "raw_football_data",
        "real_and_simulated_leagues_stay_apart",
        "Simulated files belong to simulated leagues only, real files to real ones.",
        _sql("""SELECT DISTINCT f.league, f.season, f.source FROM ops.raw_files f
            LEFT JOIN leagues l ON l.code = f.league
            WHERE (f.source IN ('simulated', 'simulated-understat')) <>
                coalesce(l.is_simulated, f.league LIKE 'SIM%')"""),
        blocks=True,
    ),
    Rule(
        "matches",
        "match_rows_reconcile",
        "Lines read = loaded + rejected, and what was loaded is what the table holds (a match to come that the "
        "source lists no longer may stay).",
        _sql(
            IN_FORCE,
            """loaded AS (
                SELECT league, season, sum(rows_read) AS rows_read, sum(rows_loaded) AS rows_loaded,
                    sum(rows_rejected) AS rows_rejected FROM in_force GROUP BY league, season
                HAVING count(rows_loader) = count(*))""",
            """held AS (SELECT l.code AS league, m.season, count(*) AS held, count(m.home_goals) AS played
                FROM matches m JOIN leagues l ON l.id = m.league_id GROUP BY l.code, m.season)""",
            """SELECT league, season, rows_read, rows_loaded, rows_rejected, coalesce(held, 0) AS held
            FROM loaded FULL JOIN held USING (league, season)
            WHERE rows_read <> rows_loaded + rows_rejected OR coalesce(held, 0) < rows_loaded
                OR played > rows_loaded OR (rows_loaded IS NULL AND NOT EXISTS (
                    SELECT FROM in_force f WHERE f.league = held.league AND f.season = held.season))""",
        ),
        blocks=True,
    ),
    Rule(
        "matches",
        "most_lines_are_loaded",
        "No season's file had more than a fifth of its lines rejected, nor all of them.",
        _sql(
            IN_FORCE,
            """SELECT league, season, key, rows_read, rows_loaded, rows_rejected FROM in_force
            WHERE key <> 'fixtures.csv' AND rows_read > 0
                AND (rows_loaded = 0 OR (rows_read >= 20 AND rows_loaded < :share * rows_read))""",
        ),
        blocks=True,
    ),
    Rule(
        "matches",
        "results_are_not_in_the_future",
        "No match of a day to come has a score.",
        _sql("""SELECT l.code AS league, m.season, m.id, m.match_date FROM matches m
            JOIN leagues l ON l.id = m.league_id WHERE m.home_goals IS NOT NULL
                AND m.match_date > CAST(:now AS timestamptz)::date + 1"""),
        blocks=True,
    ),
    Rule(
        "matches",
        "matches_do_not_exceed_round_robin",
        "No season has more matches than its format allows: n(n-1) in a double round robin, or its known exception "
        "(play-offs aside).",
        _beyond_round_robin,
        blocks=True,
    ),
    Rule(
        "matches",
        "finished_seasons_are_complete",
        "A season that is over has every match of its format played, known exceptions aside.",
        _incomplete_seasons,
        blocks=False,
    ),
    Rule(
        "matches",
        "matches_did_not_shrink",
        "No file gave fewer than four fifths of the matches that its version before gave, unless it shrank itself.",
        _sql(
            VERSIONS,
            """SELECT league, season, key, rows_before, rows_loaded FROM versions
            WHERE age = 1 AND rows_loaded < :share * rows_before AND bytes >= :share * bytes_before""",
        ),
        blocks=True,
    ),
    Rule(
        "matches",
        "no_match_was_lost",
        "No file gave fewer matches than its version before.",
        _sql(
            VERSIONS,
            """SELECT league, season, key, rows_before, rows_loaded FROM versions
            WHERE age = 1 AND rows_loaded < rows_before""",
        ),
        blocks=False,
    ),
    Rule(
        "matches",
        "kickoffs_lie_in_their_season",
        "Every match is played between 1 July and 31 August of the next year, and its kickoff is on its day (UK time).",
        _sql("""SELECT l.code AS league, m.season, m.id, m.match_date, m.kickoff_at
            FROM matches m JOIN leagues l ON l.id = m.league_id
            WHERE m.match_date NOT BETWEEN make_date(left(m.season, 4)::int, 7, 1)
                    AND make_date(left(m.season, 4)::int + 1, 8, 31)
                OR (m.kickoff_at AT TIME ZONE 'Europe/London')::date <> m.match_date"""),
        blocks=True,
    ),
    Rule(
        "matches",
        "matches_are_not_repeated",
        "No two rows are the same two sides in the same league on the same day.",
        _sql("""SELECT league_id, season, home_team_id, away_team_id, match_date, count(*) AS rows FROM matches
            GROUP BY league_id, season, home_team_id, away_team_id, match_date HAVING count(*) > 1"""),
        blocks=True,
    ),
    Rule(
        "matches",
        "no_team_plays_twice_a_day",
        "No side plays two matches of a league on one day.",
        _sql("""SELECT t.name AS team, side.match_date, count(*) AS matches
            FROM (SELECT home_team_id AS team_id, match_date FROM matches
                UNION ALL SELECT away_team_id, match_date FROM matches) side JOIN teams t ON t.id = side.team_id
            GROUP BY t.name, side.team_id, side.match_date HAVING count(*) > 1"""),
        blocks=False,
    ),
    Rule(
        "matches",
        "past_matches_have_results",
        "A match that should have been played 28 days ago has a score.",
        _sql("""SELECT l.code AS league, m.season, m.id, m.match_date FROM matches m
            JOIN leagues l ON l.id = m.league_id WHERE m.home_goals IS NULL
                AND m.match_date < CAST(:now AS timestamptz)::date - :look_back"""),
        blocks=False,
    ),
    Rule(
        "matches",
        "team_names_are_resolved",
        "Every spelling that football-data.co.uk uses belongs to a club.",
        _sql("""SELECT a.source, l.code AS league, a.spelling FROM team_aliases a
            JOIN leagues l ON l.id = a.league_id
            WHERE a.team_id IS NULL AND a.source IN ('football-data', 'simulated')"""),
        blocks=True,
    ),
    Rule(
        "matches",
        "matches_are_fresh",
        "While the leagues play, each real league of the current season has a result of the last 28 days.",
        _sql(
            IN_FORCE,
            """SELECT f.league, f.season, max(m.match_date) AS last_result FROM in_force f
            JOIN leagues l ON l.code = f.league
            LEFT JOIN matches m ON m.league_id = l.id AND m.season = f.season AND m.home_goals IS NOT NULL
            WHERE :in_season AND f.source = 'football-data' AND f.season = :season GROUP BY f.league, f.season
            HAVING max(m.match_date) IS NULL
                OR max(m.match_date) < CAST(:now AS timestamptz)::date - :look_back""",
        ),
        blocks=False,
    ),
    Rule(
        "odds",
        "odds_rows_reconcile",
        "Quotes read = loaded + rejected, and what was loaded is what the table holds.",
        _sql(
            IN_FORCE,
            """loaded AS (
                SELECT league, season, sum(quotes_read) AS quotes_read, sum(quotes_loaded) AS quotes_loaded,
                    sum(quotes_rejected) AS quotes_rejected FROM in_force GROUP BY league, season
                HAVING count(quotes_loader) = count(*))""",
            """held AS (SELECT l.code AS league, m.season, count(*) AS held FROM odds o
                JOIN matches m ON m.id = o.match_id JOIN leagues l ON l.id = m.league_id
                WHERE o.captured_at IS NULL GROUP BY l.code, m.season)""",
            """SELECT league, season, quotes_read, quotes_loaded, quotes_rejected, coalesce(held, 0) AS held
            FROM loaded LEFT JOIN held USING (league, season)
            WHERE quotes_read <> quotes_loaded + quotes_rejected OR coalesce(held, 0) <> quotes_loaded""",
        ),
        blocks=True,
    ),
    Rule(
        "odds",
        "most_quotes_are_loaded",
        "No season's file had more than a fifth of its quotes rejected, nor all of them.",
        _sql(
            IN_FORCE,
            """SELECT league, season, key, quotes_read, quotes_loaded, quotes_rejected FROM in_force
            WHERE key <> 'fixtures.csv' AND quotes_read > 0
                AND (quotes_loaded = 0 OR (quotes_read >= 20 AND quotes_loaded < :share * quotes_read))""",
        ),
        blocks=True,
    ),
    Rule(
        "odds",
        "odds_did_not_shrink",
        "No file gave fewer than four fifths of the quotes that its version before gave, unless it shrank itself.",
        _sql(
            VERSIONS,
            """SELECT league, season, key, quotes_before, quotes_loaded FROM versions
            WHERE age = 1 AND quotes_loaded < :share * quotes_before AND bytes >= :share * bytes_before""",
        ),
        blocks=True,
    ),
    Rule(
        "odds",
        "odds_exceed_one",
        "Every decimal price is above 1.",
        _sql("""SELECT id, match_id, bookmaker_id, market::text, home_price, draw_price, away_price, over_price,
                under_price FROM odds
            WHERE least(home_price, draw_price, away_price, over_price, under_price) <= 1"""),
        blocks=True,
    ),
    Rule(
        "odds",
        "odds_are_not_repeated",
        "One row per match, bookmaker, market, line, price kind and capture time.",
        _sql("""SELECT match_id, bookmaker_id, market::text, line, price_kind::text, captured_at, count(*) AS rows
            FROM odds GROUP BY match_id, bookmaker_id, market, line, price_kind, captured_at HAVING count(*) > 1"""),
        blocks=True,
    ),
    Rule(
        "odds",
        "overrounds_recompute",
        "The stored overround is the sum of the inverse prices less one.",
        _sql("""SELECT id, market::text, overround, recomputed FROM (SELECT id, market, overround,
                coalesce(1 / home_price::float8, 0) + coalesce(1 / draw_price::float8, 0)
                + coalesce(1 / away_price::float8, 0) + coalesce(1 / over_price::float8, 0)
                + coalesce(1 / under_price::float8, 0) - 1 AS recomputed FROM odds) AS o
            WHERE abs(overround::float8 - recomputed) > 0.0001"""),
        blocks=True,
    ),
    Rule(
        "odds",
        "overrounds_are_plausible",
        "The overround of a real book lies between -5 % and 40 %; a row outside is a mistake at the source.",
        _sql("""SELECT l.code AS league, m.season, m.match_date, b.key AS bookmaker, o.market::text, o.line,
                o.price_kind::text, concat_ws(' / ', o.home_price, o.draw_price, o.away_price, o.over_price,
                o.under_price) AS prices, o.overround
            FROM odds o JOIN bookmakers b ON b.id = o.bookmaker_id JOIN matches m ON m.id = o.match_id
            JOIN leagues l ON l.id = m.league_id
            WHERE NOT b.is_aggregate AND o.overround NOT BETWEEN :lowest AND :highest"""),
        blocks=False,
    ),
    Rule(
        "odds",
        "closing_columns_are_no_bookmakers",
        "No bookmaker's key is another one's with the C that marks closing prices.",
        _closing_taken_for_a_book,
        blocks=True,
    ),
    Rule(
        "odds",
        "closing_prices_are_no_copies",
        "No bookmaker's closing prices of a season and market all equal its pre-match prices.",
        _sql("""SELECT l.code AS league, m.season, b.key AS bookmaker, c.market::text, count(*) AS quotes
            FROM odds c JOIN odds p ON p.match_id = c.match_id AND p.bookmaker_id = c.bookmaker_id
                AND p.market = c.market AND p.line IS NOT DISTINCT FROM c.line AND p.price_kind = 'pre_match'
            JOIN matches m ON m.id = c.match_id JOIN leagues l ON l.id = m.league_id
            JOIN bookmakers b ON b.id = c.bookmaker_id
            WHERE c.price_kind = 'closing' GROUP BY l.code, m.season, b.key, c.market
            HAVING count(*) >= 20 AND bool_and(
                (c.home_price, c.draw_price, c.away_price, c.over_price, c.under_price)
                IS NOT DISTINCT FROM (p.home_price, p.draw_price, p.away_price, p.over_price, p.under_price))"""),
        blocks=True,
    ),
    Rule(
        "odds",
        "handicap_lines_are_quarters",
        "Asian handicap lines are multiples of a quarter goal; any other line cannot be settled.",
        _sql("""SELECT l.code AS league, m.season, m.match_date, b.key AS bookmaker, o.line
            FROM odds o JOIN bookmakers b ON b.id = o.bookmaker_id JOIN matches m ON m.id = o.match_id
            JOIN leagues l ON l.id = m.league_id WHERE o.market = 'asian_handicap' AND o.line * 4 % 1 <> 0"""),
        blocks=False,
    ),
    Rule(
        "odds",
        "odds_are_fresh",
        "While the leagues play, the results of the last 28 days have odds.",
        _sql("""SELECT l.code AS league, m.season, count(*) AS matches_without_odds FROM matches m
            JOIN leagues l ON l.id = m.league_id
            WHERE :in_season AND NOT l.is_simulated AND m.home_goals IS NOT NULL AND m.season = :season
                AND m.match_date >= CAST(:now AS timestamptz)::date - :look_back
                AND NOT EXISTS (SELECT FROM odds o WHERE o.match_id = m.id)
            GROUP BY l.code, m.season"""),
        blocks=False,
    ),
)
