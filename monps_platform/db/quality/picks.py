"""What must hold for picks: their closing prices, their settlement, and the files they come from."""

from __future__ import annotations

from functools import partial

from monps_platform.db.quality.pick_closings import adjustments, reasons
from monps_platform.db.quality.rule import Rule, sql
from monps_platform.domain.bookmakers import MARKET_AVERAGES

_sql = partial(sql, averages=list(MARKET_AVERAGES))

_BY_HAND = """by_hand AS (
    SELECT DISTINCT pick_id, part FROM ops.pick_corrections WHERE NOT by_platform)"""
"""The parts of picks that a person corrected: what he says need not follow from the tables."""
_QUOTED = """quoted AS (
    SELECT o.id, o.match_id, o.market, o.line, o.bookmaker_id, o.price_kind, o.captured_at, s.side, s.price,
        o.home_price, o.draw_price, o.away_price, o.over_price, o.under_price,
        round(coalesce(1 / o.home_price, 0) + coalesce(1 / o.draw_price, 0) + coalesce(1 / o.away_price, 0)
            + coalesce(1 / o.over_price, 0) + coalesce(1 / o.under_price, 0) - 1, 12) AS margin
    FROM odds o JOIN matches m ON m.id = o.match_id
    CROSS JOIN LATERAL (VALUES ('home', o.home_price), ('draw', o.draw_price), ('away', o.away_price),
        ('over', o.over_price), ('under', o.under_price)) AS s (side, price)
    WHERE o.captured_at IS NULL OR m.kickoff_at IS NULL OR o.captured_at < m.kickoff_at)"""
"""Every price in odds that stood before kickoff by the side that it is of, with the overround of its quote."""

_CLOSED = """closed AS (
    SELECT p.id, p.agent, p.match_id, p.market, p.side, p.line, p.price_taken, p.closing_price, p.clv_percentage,
        p.clv_no_vig_percentage, q.id AS quote, q.price AS quoted, q.margin, q.home_price, q.draw_price, q.away_price,
        q.over_price, q.under_price
    FROM tracking_clv_picks p LEFT JOIN quoted q ON q.match_id = p.match_id AND q.market = p.market
        AND q.line IS NOT DISTINCT FROM p.line AND q.bookmaker_id = p.closing_bookmaker_id AND q.side = p.side::text
        AND q.price_kind IN ('closing', 'snapshot') AND q.captured_at IS NOT DISTINCT FROM p.closing_captured_at
    WHERE p.closing_price IS NOT NULL AND p.closing_source <> 'stated'
        AND NOT EXISTS (SELECT FROM by_hand h WHERE h.pick_id = p.id AND h.part = 'closing'))"""
"""Every pick with a closing price, beside the quote that it must come from: same match, market, line and side, and its
maker's.
"""

_FAIR = """fair AS (
    SELECT id, agent, match_id, market::text, side::text, price_taken, clv_no_vig_percentage,
        CASE WHEN clv_no_vig_percentage > -100 THEN
            ln((clv_no_vig_percentage / 100 + 1) / price_taken)::float8 / -ln(quoted::float8) END AS exponent,
        home_price, draw_price, away_price, over_price, under_price
    FROM closed WHERE quote IS NOT NULL)"""
"""The power of the inverse price that a pick's no-vig CLV says is the closing probability; NULL: it says nothing."""

_BEST = """best AS (
    SELECT p.id, p.agent, p.match_id, p.market::text, p.side::text, p.line, p.closing_source::text AS held,
        p.no_closing_reason::text AS reason,
        min(CASE WHEN q.bookmaker_id = p.bookmaker_id THEN 0 WHEN b.is_sharp THEN 1
            WHEN b.key = ANY (:averages) THEN 2 END) AS available
    FROM tracking_clv_picks p JOIN quoted q ON q.match_id = p.match_id AND q.market = p.market
        AND q.line IS NOT DISTINCT FROM p.line AND q.side = p.side::text AND q.price_kind = 'closing'
        AND q.margin BETWEEN :lowest AND :highest AND NOT EXISTS (SELECT FROM odds later
            WHERE later.match_id = q.match_id AND later.market = q.market AND later.bookmaker_id = q.bookmaker_id
                AND later.price_kind = 'closing' AND later.captured_at IS NOT NULL
                AND later.captured_at > coalesce(q.captured_at, '-infinity')
                AND later.captured_at < coalesce((SELECT m.kickoff_at FROM matches m WHERE m.id = q.match_id),
                    'infinity'))
    JOIN bookmakers b ON b.id = q.bookmaker_id
    WHERE (p.closing_price IS NOT NULL OR p.no_closing_reason <> 'match_not_played')
        AND NOT EXISTS (SELECT FROM by_hand h WHERE h.pick_id = p.id AND h.part = 'closing')
    GROUP BY p.id)"""
"""The best closing quote that each pick could be compared with: its own bookmaker's, a sharp one's, the average; of
several captures of a book's the newest.
"""

_WHOSE = """whose AS (
    SELECT p.id, p.agent, p.match_id, p.market::text, p.side::text, p.line, p.closing_source::text AS held,
        b.key AS bookmaker, CASE WHEN b.id = p.bookmaker_id THEN 'same_bookmaker' WHEN b.is_sharp THEN 'sharp'
            WHEN b.key = ANY (:averages) THEN 'market_average' END AS due
    FROM tracking_clv_picks p JOIN bookmakers b ON b.id = p.closing_bookmaker_id
    WHERE p.closing_source <> 'stated'
        AND NOT EXISTS (SELECT FROM by_hand h WHERE h.pick_id = p.id AND h.part = 'closing'))"""
"""Whose closing price each pick is compared with, and the source that this is."""

_ENDS = """ends AS (
    SELECT p.id, p.agent, p.match_id, p.market::text, p.side::text, p.line, p.result::text, p.profit, p.stake,
        p.price_taken, m.home_goals, m.away_goals, CASE p.market
            WHEN '1x2' THEN (CASE p.side WHEN 'home' THEN m.home_goals > m.away_goals
                WHEN 'draw' THEN m.home_goals = m.away_goals ELSE m.home_goals < m.away_goals END)::int * 2 - 1
            WHEN 'over_under' THEN (m.home_goals + m.away_goals - p.line) * CASE p.side WHEN 'over' THEN 1 ELSE -1 END
            WHEN 'asian_handicap' THEN
                (m.home_goals - m.away_goals + p.line) * CASE p.side WHEN 'home' THEN 1 ELSE -1 END
            WHEN 'draw_no_bet' THEN (m.home_goals - m.away_goals) * CASE p.side WHEN 'home' THEN 1 ELSE -1 END
            WHEN 'btts' THEN ((least(m.home_goals, m.away_goals) > 0) = (p.side = 'yes'))::int * 2 - 1
            ELSE (CASE p.side WHEN 'home_or_draw' THEN m.home_goals >= m.away_goals
                WHEN 'draw_or_away' THEN m.home_goals <= m.away_goals
                ELSE m.home_goals <> m.away_goals END)::int * 2 - 1 END AS beyond
    FROM tracking_clv_picks p JOIN matches m ON m.id = p.match_id
    WHERE p.result <> 'void' AND NOT EXISTS (SELECT FROM by_hand h WHERE h.pick_id = p.id AND h.part = 'settlement'))"""
_EXPECTED = """expected AS (
    SELECT *, CASE WHEN beyond >= 0.5 THEN 'win' WHEN beyond > 0 THEN 'half_win' WHEN beyond = 0 THEN 'push'
            WHEN beyond > -0.5 THEN 'half_loss' ELSE 'loss' END AS due_result,
        CASE WHEN beyond >= 0.5 THEN stake * (price_taken - 1) WHEN beyond > 0 THEN stake * (price_taken - 1) / 2
            WHEN beyond = 0 THEN 0 WHEN beyond > -0.5 THEN -stake / 2 ELSE -stake END AS due_profit
    FROM ends WHERE beyond IS NOT NULL)"""
"""How each settled pick must have ended, by how many goals its side was beyond the line."""

_FILES = """files AS (
    SELECT f.* FROM ops.raw_files f WHERE f.source = 'picks'
        AND f.id IN (SELECT max(id) FROM ops.raw_files WHERE source = 'picks' GROUP BY key))"""
_WRONG = """wrong AS (
    SELECT f.key AS file, r.line_number, r.reason, r.detail, r.raw_text FROM files f
    JOIN ops.rejected_rows r ON r.raw_file_id = f.id AND r.dataset = 'picks')"""
"""The lines of files of picks, in their newest versions, that were not imported."""


_CLOSES = (_BY_HAND, _QUOTED, _CLOSED)


def _rule(name: str, description: str, *parts: str, blocks: bool) -> Rule:
    return Rule("tracking_clv_picks", name, description, _sql(*parts), blocks)


RULES: tuple[Rule, ...] = (
    _rule(
        "clv_recomputes_from_odds",
        "Every closing price stands in odds, as its bookmaker's of the same match, market, line and side, and raw CLV "
        "is (price taken / closing price - 1) * 100.",
        *_CLOSES,
        """SELECT id, agent, match_id, market::text, side::text, line, price_taken, closing_price, quoted,
            clv_percentage
        FROM closed WHERE quoted IS NULL OR quoted <> closing_price
            OR abs(clv_percentage - (price_taken / quoted - 1) * 100) > 1e-9""",
        blocks=True,
    ),
    _rule(
        "no_vig_clv_recomputes_from_odds",
        "No-vig CLV is (price taken * p - 1) * 100, where p and the other sides' are one power of the closing quote's "
        "inverse prices, and sum to 1. No pick whose closing quote stands in odds lacks it.",
        *_CLOSES,
        _FAIR,
        """SELECT id, agent, match_id, market, side, price_taken, clv_no_vig_percentage, exponent FROM fair
        WHERE CASE WHEN exponent BETWEEN 0.02 AND 50 THEN
            abs(coalesce(home_price::float8 ^ -exponent, 0) + coalesce(draw_price::float8 ^ -exponent, 0)
                + coalesce(away_price::float8 ^ -exponent, 0) + coalesce(over_price::float8 ^ -exponent, 0)
                + coalesce(under_price::float8 ^ -exponent, 0) - 1) > 1e-8
            ELSE true END""",
        blocks=True,
    ),
    _rule(
        "closing_sources_say_whose_price_it_is",
        "A closing price is same_bookmaker if it is the pick's own bookmaker's, sharp if it is a sharp one's, "
        "market_average if it is an average's, and it is nobody else's.",
        _BY_HAND,
        _WHOSE,
        """SELECT id, agent, match_id, market, side, line, held, bookmaker, due FROM whose
        WHERE held IS DISTINCT FROM due""",
        blocks=True,
    ),
    _rule(
        "closing_prices_are_of_the_best_source",
        "A pick is compared with its own bookmaker's close, else a sharp one's, else the market's average: the first "
        "of these that is plausible; one without a closing price could be compared with none of them.",
        _BY_HAND,
        _QUOTED,
        _BEST,
        """SELECT id, agent, match_id, market, side, line, held, reason, available FROM best
        WHERE available < CASE held WHEN 'same_bookmaker' THEN 0 WHEN 'sharp' THEN 1 ELSE 2 END
            OR available IS NOT NULL AND held IS NULL""",
        blocks=True,
    ),
    Rule(
        "tracking_clv_picks",
        "reasons_for_no_closing_price_hold",
        "A pick without a closing price has the reason that the closing quotes of its match give, and match_not_played "
        "where the season is over and the match has no score.",
        reasons,
        blocks=True,
    ),
    Rule(
        "tracking_clv_picks",
        "line_adjusted_clv_recomputes_from_odds",
        "Line-adjusted CLV is the value of the pick's own line by the scores that the closing prices of 1x2 and totals "
        "imply; where they imply none, there is none.",
        adjustments,
        blocks=True,
    ),
    _rule(
        "closing_prices_are_of_the_same_line",
        "No closing price comes from another line than the pick's.",
        *_CLOSES,
        """SELECT c.id, c.agent, c.match_id, c.market::text, c.side::text, c.line, o.line AS line_of_close FROM closed c
        JOIN tracking_clv_picks p ON p.id = c.id JOIN odds o ON o.match_id = p.match_id AND o.market = p.market
            AND o.bookmaker_id = p.closing_bookmaker_id AND o.price_kind = 'closing'
        WHERE c.quote IS NULL AND o.line IS DISTINCT FROM c.line""",
        blocks=True,
    ),
    _rule(
        "closing_prices_stood_before_kickoff",
        "No closing price was captured when the match had begun, and none is known before it began.",
        """SELECT p.id, p.agent, p.match_id, p.closing_captured_at, m.kickoff_at, m.match_date FROM tracking_clv_picks p
        JOIN matches m ON m.id = p.match_id
        WHERE p.closing_price IS NOT NULL AND (p.closing_captured_at >= m.kickoff_at
            OR coalesce(m.kickoff_at, m.match_date::timestamptz) > CAST(:now AS timestamptz) + interval '1 day')""",
        blocks=True,
    ),
    _rule(
        "closing_prices_are_plausible",
        "No closing price comes from a quote whose overround no real market has.",
        *_CLOSES,
        """SELECT id, agent, match_id, market::text, side::text, closing_price, round(margin, 4) AS overround
        FROM closed WHERE quote IS NOT NULL AND margin NOT BETWEEN :lowest AND :highest""",
        blocks=True,
    ),
    _rule(
        "settled_picks_have_results",
        "A settled pick's match has a score; a void one's has none.",
        _BY_HAND,
        """SELECT p.id, p.agent, p.match_id, p.result::text, m.home_goals, m.away_goals FROM tracking_clv_picks p
        JOIN matches m ON m.id = p.match_id
        WHERE p.result IS NOT NULL AND (p.result = 'void') <> (m.home_goals IS NULL)
            AND NOT EXISTS (SELECT FROM by_hand h WHERE h.pick_id = p.id AND h.part = 'settlement')""",
        blocks=True,
    ),
    _rule(
        "results_recompute_from_scores",
        "Every pick is settled as the score says: by how many goals its side was beyond its line, quarter lines in two "
        "halves, whole lines and a draw without bet returned.",
        _BY_HAND,
        _ENDS,
        _EXPECTED,
        """SELECT id, agent, match_id, market, side, line, home_goals, away_goals, result, due_result FROM expected
        WHERE result <> due_result""",
        blocks=True,
    ),
    _rule(
        "profits_reconcile",
        "Each agent's profit is the sum of what its picks won and lost by the scores.",
        _BY_HAND,
        _ENDS,
        _EXPECTED,
        """SELECT agent, count(*) AS picks, sum(profit) AS profit, sum(due_profit) AS due FROM expected GROUP BY agent
        HAVING abs(sum(profit) - sum(due_profit)) > 1e-6""",
        blocks=True,
    ),
    _rule(
        "aggregates_are_no_bookmakers",
        "No price was taken at an aggregate of the market: nobody can bet there.",
        """SELECT p.id, p.agent, p.match_id, b.key AS bookmaker FROM tracking_clv_picks p
        JOIN bookmakers b ON b.id = p.bookmaker_id WHERE b.is_aggregate""",
        blocks=True,
    ),
    _rule(
        "edges_recompute_from_probabilities",
        "A pick's edge is its price times the agent's probability less 1; every pick of a built-in agent has both.",
        """SELECT id, agent, match_id, market::text, side::text, price_taken, model_probability, edge
        FROM tracking_clv_picks
        WHERE num_nonnulls(model_probability, edge) = 1
            OR num_nonnulls(model_probability, edge) = 0 AND origin <> 'own'
            OR abs(edge - (price_taken::float8 * model_probability - 1)) > 1e-9""",
        blocks=True,
    ),
    _rule(
        "picks_are_taken_before_kickoff",
        "No price was taken when the match had begun, and hours_before_kickoff is the time from taken_at to the "
        "kickoff; where it is not, the kickoff may have moved since.",
        """SELECT p.id, p.agent, p.match_id, p.taken_at, m.kickoff_at, p.hours_before_kickoff,
            round(extract(epoch FROM m.kickoff_at - p.taken_at) / 3600, 4) AS due
        FROM tracking_clv_picks p JOIN matches m ON m.id = p.match_id
        WHERE p.taken_at >= m.kickoff_at OR p.taken_at IS NULL AND p.hours_before_kickoff IS NOT NULL
            OR abs(extract(epoch FROM m.kickoff_at - p.taken_at) / 3600 - p.hours_before_kickoff) > 0.0001""",
        blocks=False,
    ),
    _rule(
        "agents_took_prices_that_stood",
        "The price that a built-in agent took was quoted before the match, and was not its closing price. One without "
        "time that it took while the match was to come may have moved since; so may one of a pick over history that "
        "stays because a person corrected it.",
        _BY_HAND,
        _QUOTED,
        """SELECT p.id, p.agent, p.match_id, p.market::text, p.side::text, p.line, p.price_taken
        FROM tracking_clv_picks p
        WHERE p.origin <> 'own' AND NOT EXISTS (SELECT FROM quoted q WHERE q.match_id = p.match_id
            AND q.market = p.market AND q.bookmaker_id = p.bookmaker_id
            AND (q.price_kind = 'pre_match' OR q.price_kind = 'snapshot' AND q.captured_at <= p.taken_at)
            AND (q.price_kind = 'pre_match' AND p.origin = 'live' OR q.line IS NOT DISTINCT FROM p.line
                AND q.side = p.side::text AND q.price = p.price_taken))
            AND (p.origin = 'live' OR NOT EXISTS (SELECT FROM by_hand h WHERE h.pick_id = p.id))""",
        blocks=False,
    ),
    _rule(
        "picks_of_played_matches_are_settled",
        "No pick of a played match waits for its result, or for its closing price or the reason why there is none.",
        """SELECT l.code AS league, m.season, p.agent, count(*) AS picks FROM tracking_clv_picks p
        JOIN matches m ON m.id = p.match_id JOIN leagues l ON l.id = m.league_id
        WHERE m.home_goals IS NOT NULL AND (p.result IS NULL OR num_nonnulls(p.closing_price, p.no_closing_reason) = 0)
        GROUP BY l.code, m.season, p.agent""",
        blocks=False,
    ),
    _rule(
        "closing_coverage_is_high",
        "In a league's season whose market has closing prices, four fifths of the picks have one (a moved line aside).",
        """priced AS (SELECT DISTINCT m.league_id, m.season, o.market FROM odds o JOIN matches m ON m.id = o.match_id
            WHERE o.price_kind = 'closing')""",
        """SELECT l.code AS league, m.season, p.market::text, count(*) AS due, count(p.closing_price) AS closed,
            mode() WITHIN GROUP (ORDER BY p.no_closing_reason::text) AS commonest_reason
        FROM tracking_clv_picks p JOIN matches m ON m.id = p.match_id JOIN leagues l ON l.id = m.league_id
        JOIN priced USING (league_id, season, market)
        WHERE (p.closing_price IS NOT NULL OR p.no_closing_reason IS NOT NULL)
            AND p.no_closing_reason IS DISTINCT FROM 'line_moved'
        GROUP BY l.code, m.season, p.market HAVING count(*) >= 20 AND count(p.closing_price) < :share * count(*)""",
        blocks=False,
    ),
    _rule(
        "pick_files_are_imported",
        "Every file of picks is imported, in its newest version; one with anything wrong in it is not. Correct it, or "
        "import its good lines with monps picks import --skip-rejected.",
        _FILES,
        """SELECT f.key AS file, f.fetched_at, count(r.id) AS rejected FROM files f
        LEFT JOIN ops.rejected_rows r ON r.raw_file_id = f.id
        WHERE f.rows_loader IS NULL GROUP BY f.key, f.fetched_at""",
        blocks=False,
    ),
    _rule(
        "pick_names_are_resolved",
        "Every club, league and bookmaker in the files of picks is known; monps picks alias tells what a club is.",
        _FILES,
        _WRONG,
        """SELECT file, line_number, reason, detail FROM wrong
        WHERE reason IN ('unresolved_team', 'ambiguous_team', 'unknown_league', 'unknown_bookmaker')
        ORDER BY file, line_number""",
        blocks=False,
    ),
    _rule(
        "picks_have_a_match",
        "Every pick in the files is of a match that is held.",
        _FILES,
        _WRONG,
        """SELECT file, line_number, detail, raw_text FROM wrong WHERE reason = 'no_such_match'
        ORDER BY file, line_number""",
        blocks=False,
    ),
    _rule(
        "picks_did_not_shrink",
        "No league's season holds fewer picks than when the last step of its picks was done, nor fewer of those that "
        "somebody took (own, live) than it ever held by then: the platform withdraws none of these.",
        """held AS (SELECT m.league_id, m.season, count(*) AS held,
                count(*) FILTER (WHERE p.origin <> 'walk_forward') AS lasting
            FROM tracking_clv_picks p JOIN matches m ON m.id = p.match_id GROUP BY m.league_id, m.season)""",
        """last AS (SELECT DISTINCT ON (league_id, season) league_id, season, picks,
                max(lasting) OVER (PARTITION BY league_id, season) AS lasting
            FROM ops.pick_progress ORDER BY league_id, season, updated_at DESC, id DESC)""",
        """SELECT l.code AS league, last.season, last.picks AS before, coalesce(held, 0) AS held,
            last.lasting AS lasting_before, coalesce(held.lasting, 0) AS lasting FROM last
        JOIN leagues l ON l.id = last.league_id LEFT JOIN held USING (league_id, season)
        WHERE coalesce(held, 0) < last.picks OR coalesce(held.lasting, 0) < last.lasting""",
        blocks=False,
    ),
    _rule(
        "picks_are_fresh",
        "While the leagues play, each league of the current season whose matches of the last 28 days have prices has "
        "had its picks worked on within that time.",
        """SELECT l.code AS league, m.season, max(m.match_date) AS last_match, max(g.updated_at) AS last_worked_on
        FROM matches m JOIN leagues l ON l.id = m.league_id
        LEFT JOIN ops.pick_progress g ON g.league_id = m.league_id AND g.season = m.season
        WHERE :in_season AND NOT l.is_simulated AND m.season = :season
            AND m.match_date BETWEEN CAST(:now AS timestamptz)::date - :look_back AND CAST(:now AS timestamptz)::date
            AND EXISTS (SELECT FROM odds o WHERE o.match_id = m.id)
        GROUP BY l.code, m.season
        HAVING max(g.updated_at) IS NULL
            OR max(g.updated_at) < CAST(:now AS timestamptz) - make_interval(days => :look_back)""",
        blocks=False,
    ),
)
