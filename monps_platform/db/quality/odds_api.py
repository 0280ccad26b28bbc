"""What must hold for requests to The Odds API and for the snapshots of prices that they brought."""

from __future__ import annotations

from monps_platform.db.quality.rule import Rule, sql

_LOADED = """loaded AS (
    SELECT league, season, sum(quotes_loaded) AS loaded, max(quotes_loaded) AS most FROM ops.raw_files
    WHERE source = 'odds-api' AND quotes_loader IS NOT NULL
        AND fetched_at >= CAST(:now AS timestamptz) - make_interval(days => :look_back) GROUP BY league, season)"""
_HELD = """held AS (
    SELECT l.code AS league, m.season, count(*) AS held FROM odds o JOIN matches m ON m.id = o.match_id
    JOIN leagues l ON l.id = m.league_id WHERE o.price_kind = 'snapshot' GROUP BY l.code, m.season)"""
_SNAPSHOT = """SELECT l.code AS league, m.season, m.match_date, b.key AS bookmaker, o.market::text, o.line,
    o.captured_at, m.kickoff_at, o.overround
    FROM odds o JOIN bookmakers b ON b.id = o.bookmaker_id JOIN matches m ON m.id = o.match_id
    JOIN leagues l ON l.id = m.league_id WHERE o.price_kind = 'snapshot' AND """

RULES: tuple[Rule, ...] = (
    Rule(
        "raw_odds_api",
        "requests_are_answered",
        "The last request of the last 24 hours to The Odds API was answered well.",
        sql("""SELECT asked_at, league, status, error FROM (
                SELECT DISTINCT ON (source) * FROM ops.api_requests WHERE source = 'odds-api'
                    AND asked_at > CAST(:now AS timestamptz) - interval '24 hours' ORDER BY source, id DESC) AS newest
            WHERE error IS NOT NULL"""),
        blocks=False,
    ),
    Rule(
        "raw_odds_api",
        "credits_are_not_used_up",
        "The newest answer of the last 28 days says that credits are left.",
        sql("""SELECT asked_at, remaining, used FROM (
                SELECT * FROM ops.api_requests WHERE source = 'odds-api' AND remaining IS NOT NULL
                    AND asked_at > CAST(:now AS timestamptz) - make_interval(days => :look_back)
                ORDER BY id DESC LIMIT 1) AS newest WHERE remaining = 0"""),
        blocks=False,
    ),
    Rule(
        "odds_snapshots",
        "snapshot_rows_reconcile",
        "Of each answer of the last 28 days quotes read = loaded + rejected; the table holds no fewer snapshots of a "
        "league's season than one answer gave, and some only where an answer gave some.",
        sql(
            _LOADED,
            _HELD,
            """SELECT league, season, loaded, most, coalesce(held, 0) AS held FROM loaded LEFT JOIN held
                USING (league, season) WHERE coalesce(held, 0) < most
            UNION ALL SELECT h.league, h.season, 0, 0, h.held FROM held h JOIN leagues l ON l.code = h.league
                WHERE l.is_simulated""",
        ),
        blocks=True,
    ),
    Rule(
        "odds_snapshots",
        "most_snapshot_quotes_are_loaded",
        "No league's newest answer of the last 28 days had more than a fifth of its quotes rejected, prices to lay at "
        "and matches in play aside.",
        sql("""SELECT f.league, f.season, f.fetched_at, f.quotes_loaded, count(r.id) AS rejected
            FROM ops.raw_files f JOIN ops.rejected_rows r ON r.raw_file_id = f.id
                AND r.reason NOT IN ('lay_prices', 'event_started')
            WHERE f.source = 'odds-api' AND f.id IN (SELECT max(id) FROM ops.raw_files WHERE source = 'odds-api'
                    AND quotes_loader IS NOT NULL GROUP BY league)
                AND f.fetched_at >= CAST(:now AS timestamptz) - make_interval(days => :look_back)
            GROUP BY f.id HAVING f.quotes_loaded < :share * (f.quotes_loaded + count(r.id))"""),
        blocks=False,
    ),
    Rule(
        "odds_snapshots",
        "snapshots_are_not_of_the_future",
        "No price was captured later than now.",
        sql(_SNAPSHOT + "o.captured_at > CAST(:now AS timestamptz) + interval '5 minutes'"),
        blocks=True,
    ),
    Rule(
        "odds_snapshots",
        "snapshots_stood_before_kickoff",
        "Every price was captured before its match began; a later one is no closing price.",
        # A match that is brought forward leaves such prices behind, which stay: what uses them looks for itself.
        sql(_SNAPSHOT + "o.captured_at >= m.kickoff_at"),
        blocks=False,
    ),
    Rule(
        "odds_snapshots",
        "snapshot_overrounds_are_plausible",
        "The overround of a real book lies between -5 % and 40 %; a snapshot outside is a mistake at the source.",
        sql(_SNAPSHOT + "NOT b.is_aggregate AND o.overround NOT BETWEEN :lowest AND :highest"),
        blocks=False,
    ),
    Rule(
        "odds_snapshots",
        "odds_api_names_are_resolved",
        "Every spelling that The Odds API uses belongs to a club.",
        sql("""SELECT l.code AS league, a.spelling FROM team_aliases a JOIN leagues l ON l.id = a.league_id
            WHERE a.source = 'odds-api' AND a.team_id IS NULL"""),
        blocks=False,
    ),
    Rule(
        "odds_snapshots",
        "snapshots_are_recent",
        "A match that kicks off within 6 hours, in a league that was asked for in the last 7 days, has a snapshot of "
        "the last 8 hours.",
        sql("""SELECT l.code AS league, m.id, m.kickoff_at FROM matches m JOIN leagues l ON l.id = m.league_id
            WHERE m.kickoff_at BETWEEN CAST(:now AS timestamptz) AND CAST(:now AS timestamptz) + interval '6 hours'
                AND EXISTS (SELECT FROM ops.api_requests a WHERE a.source = 'odds-api' AND a.league = l.code
                    AND a.asked_at > CAST(:now AS timestamptz) - interval '7 days')
                AND NOT EXISTS (SELECT FROM odds o WHERE o.match_id = m.id AND o.price_kind = 'snapshot'
                    AND o.captured_at > CAST(:now AS timestamptz) - interval '8 hours')"""),
        blocks=False,
    ),
)
