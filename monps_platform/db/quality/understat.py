"""What must hold for Understat's files, identities, shots and players: goals and xG that add up in every place."""

from __future__ import annotations

from functools import partial

from monps_platform.db.quality.rule import IN_FORCE, VERSIONS, Rule, sql
from monps_platform.domain.feeds import UNDERSTAT

_sql = partial(sql, sources=list(UNDERSTAT.names))
_LISTED = """listed AS (
    SELECT u.*, l.code AS league, m.home_team_id, m.away_team_id, m.match_date, m.home_goals AS our_home_goals,
        m.away_goals AS our_away_goals, EXISTS (SELECT FROM shots s WHERE s.match_id = u.match_id) AS has_shots
    FROM understat_matches u JOIN leagues l ON l.id = u.league_id LEFT JOIN matches m ON m.id = u.match_id)"""
_NAMED = """named AS (
    SELECT league, season, home_team AS spelling, home_team_id AS team_id FROM listed WHERE match_id IS NOT NULL
    UNION SELECT league, season, away_team, away_team_id FROM listed WHERE match_id IS NOT NULL)"""
_BY_SIDE = """by_side AS (
    SELECT s.match_id, s.team_id, count(*) FILTER (WHERE s.result = 'Goal') AS goals,
        count(*) FILTER (WHERE s.result = 'OwnGoal') AS own_goals, sum(s.xg) AS xg
    FROM shots s GROUP BY s.match_id, s.team_id)"""
_TALLIED = """tallied AS (
    SELECT u.league, u.season, u.id AS understat_id, u.match_id, u.home_goals, u.away_goals, u.our_home_goals,
        u.our_away_goals, u.home_xg, u.away_xg,
        coalesce(h.goals, 0) + coalesce(a.own_goals, 0) AS home_shot_goals,
        coalesce(a.goals, 0) + coalesce(h.own_goals, 0) AS away_shot_goals,
        coalesce(h.xg, 0) AS home_shot_xg, coalesce(a.xg, 0) AS away_shot_xg
    FROM listed u LEFT JOIN by_side h ON h.match_id = u.match_id AND h.team_id = u.home_team_id
    LEFT JOIN by_side a ON a.match_id = u.match_id AND a.team_id = u.away_team_id
    WHERE u.has_shots AND u.home_goals IS NOT NULL)"""

RULES: tuple[Rule, ...] = (
    Rule(
        "raw_understat",
        "understat_files_did_not_shrink",
        "No league file is smaller than four fifths of the version before.",
        _sql(
            VERSIONS,
            """SELECT league, season, key, bytes_before, bytes FROM versions
            WHERE age = 1 AND is_league_file AND bytes < :share * bytes_before""",
        ),
        blocks=False,
    ),
    Rule(
        "raw_understat",
        "understat_files_are_fresh",
        "While the leagues play, the league file of the current season has changed within the last 28 days.",
        _sql(
            IN_FORCE,
            """SELECT league, season, key, fetched_at FROM in_force
            WHERE :in_season AND source = 'understat' AND season = :season AND is_league_file
                AND fetched_at < CAST(:now AS timestamptz) - make_interval(days => :look_back)""",
        ),
        blocks=False,
    ),
    Rule(
        "team_identities",
        "understat_names_are_resolved",
        "Every spelling that Understat uses is proved to be a club. One of a season under way may be open until the "
        "club has played three or four matches.",
        _sql("""SELECT a.source, l.code AS league, a.spelling, a.evidence::text AS evidence FROM team_aliases a
            JOIN leagues l ON l.id = a.league_id
            WHERE a.team_id IS NULL AND a.source IN ('understat', 'simulated-understat')"""),
        blocks=False,
    ),
    Rule(
        "team_identities",
        "teams_have_one_identity",
        "In a league's season no club goes by two spellings, and no spelling means two clubs.",
        _sql(
            _LISTED,
            _NAMED,
            """SELECT league, season, string_agg(spelling, ', ' ORDER BY spelling) AS spellings,
                team_id::text AS teams FROM named GROUP BY league, season, team_id HAVING count(*) > 1
            UNION ALL SELECT league, season, spelling, string_agg(team_id::text, ', ' ORDER BY team_id) FROM named
                GROUP BY league, season, spelling HAVING count(*) > 1""",
        ),
        blocks=True,
    ),
    Rule(
        "team_identities",
        "every_team_has_an_identity",
        "Where Understat lists a league's season, each club that has played three matches of it goes by a spelling.",
        _sql(
            _LISTED,
            _NAMED,
            """SELECT l.code AS league, m.season, t.name AS team, count(*) AS matches FROM matches m
            JOIN leagues l ON l.id = m.league_id JOIN teams t ON t.id IN (m.home_team_id, m.away_team_id)
            WHERE m.home_goals IS NOT NULL
                AND EXISTS (SELECT FROM listed u WHERE u.league_id = m.league_id AND u.season = m.season)
                AND NOT EXISTS (SELECT FROM named n
                    WHERE n.league = l.code AND n.season = m.season AND n.team_id = t.id)
            GROUP BY l.code, m.season, t.name HAVING count(*) >= 3""",
        ),
        blocks=False,
    ),
    Rule(
        "team_identities",
        "listed_matches_are_joined",
        "Every match that Understat lists as played is one of ours.",
        _sql("""SELECT l.code AS league, u.season, u.id AS understat_id, u.home_team, u.away_team, u.shown_at,
                u.unmatched_reason::text AS reason
            FROM understat_matches u JOIN leagues l ON l.id = u.league_id
            WHERE u.match_id IS NULL AND u.unmatched_reason IS DISTINCT FROM 'not_played'"""),
        blocks=False,
    ),
    Rule(
        "team_identities",
        "played_matches_are_listed",
        "Where Understat lists a league's season, it lists each of our matches that was played 28 days ago or earlier.",
        _sql("""SELECT l.code AS league, m.season, m.id AS match_id, h.name AS home, a.name AS away, m.match_date
            FROM matches m JOIN leagues l ON l.id = m.league_id JOIN teams h ON h.id = m.home_team_id
            JOIN teams a ON a.id = m.away_team_id
            WHERE m.home_goals IS NOT NULL AND m.match_date <= CAST(:now AS timestamptz)::date - :look_back
                AND EXISTS (SELECT FROM understat_matches u WHERE u.league_id = m.league_id AND u.season = m.season)
                AND NOT EXISTS (SELECT FROM understat_matches u WHERE u.match_id = m.id)"""),
        blocks=False,
    ),
    Rule(
        "team_identities",
        "scores_of_both_sources_agree",
        "A match has the same score in both sources; an awarded result may differ.",
        _sql(
            _LISTED,
            """SELECT league, season, id AS understat_id, home_team, away_team, shown_at, home_goals, away_goals,
                our_home_goals, our_away_goals FROM listed
            WHERE (home_goals, away_goals) IS DISTINCT FROM (our_home_goals, our_away_goals)
                AND num_nonnulls(home_goals, our_home_goals) = 2""",
        ),
        blocks=False,
    ),
    Rule(
        "team_identities",
        "listing_rows_reconcile",
        "Listed matches read = loaded + rejected, and what was loaded is what the table holds.",
        _sql(
            IN_FORCE,
            """loaded AS (SELECT league, season, rows_read, rows_loaded, rows_rejected FROM in_force
                WHERE is_league_file AND rows_loader IS NOT NULL)""",
            """held AS (SELECT l.code AS league, u.season, count(*) AS held FROM understat_matches u
                JOIN leagues l ON l.id = u.league_id GROUP BY l.code, u.season)""",
            """SELECT league, season, rows_read, rows_loaded, rows_rejected, coalesce(held, 0) AS held
            FROM loaded FULL JOIN held USING (league, season)
            WHERE rows_read <> rows_loaded + rows_rejected OR rows_loaded <> coalesce(held, 0)
                OR (rows_loaded IS NULL AND NOT EXISTS (SELECT FROM in_force f
                    WHERE f.is_league_file AND f.league = held.league AND f.season = held.season))""",
        ),
        blocks=True,
    ),
    Rule(
        "team_identities",
        "listings_did_not_shrink",
        "No league file gave fewer than four fifths of the matches that its version before gave.",
        _sql(
            VERSIONS,
            """SELECT league, season, key, rows_before, rows_loaded FROM versions
            WHERE age = 1 AND is_league_file AND rows_loaded < :share * rows_before""",
        ),
        blocks=True,
    ),
    Rule(
        "team_identities",
        "listed_results_are_fresh",
        "While the leagues play, each league that Understat lists for the current season has a result of the last 28 "
        "days.",
        _sql("""SELECT l.code AS league, u.season,
                max(u.shown_at) FILTER (WHERE u.home_goals IS NOT NULL) AS last_result
            FROM understat_matches u JOIN leagues l ON l.id = u.league_id
            WHERE :in_season AND NOT l.is_simulated AND u.season = :season GROUP BY l.code, u.season
            HAVING coalesce(max(u.shown_at) FILTER (WHERE u.home_goals IS NOT NULL), '-infinity')
                < CAST(:now AS timestamptz)::date - :look_back"""),
        blocks=False,
    ),
    Rule(
        "shots",
        "shot_rows_reconcile",
        "Shots and entries of line-ups read = loaded + rejected in every match file, and what was loaded is what the "
        "tables hold of its match; they hold none of a match that Understat does not list.",
        _sql(
            IN_FORCE,
            """loaded AS (SELECT u.match_id, f.* FROM in_force f
                JOIN understat_matches u ON u.id = split_part(f.key, '/', 2)::bigint
                WHERE NOT f.is_league_file AND f.rows_loader IS NOT NULL)""",
            """held AS (
                SELECT match_id, count(*) FILTER (WHERE is_shot) AS shots,
                    count(*) FILTER (WHERE NOT is_shot) AS players
                FROM (SELECT match_id, true AS is_shot FROM shots UNION ALL SELECT match_id, false FROM player_matches)
                    AS entry GROUP BY match_id)""",
            """SELECT f.league, f.season, f.key, match_id, f.rows_read, f.rows_loaded, f.rows_rejected,
                coalesce(h.shots, 0) AS held, f.players_read, f.players_loaded, f.players_rejected,
                coalesce(h.players, 0) AS players_held
            FROM loaded f FULL JOIN held h USING (match_id)
            WHERE f.rows_read <> f.rows_loaded + f.rows_rejected OR f.rows_loaded <> coalesce(h.shots, 0)
                OR f.players_read <> f.players_loaded + f.players_rejected
                OR f.players_loaded <> coalesce(h.players, 0) OR (f.key IS NOT NULL AND f.players_loader IS NULL)
                OR (f.key IS NULL AND NOT EXISTS (SELECT FROM understat_matches u WHERE u.match_id = h.match_id))""",
        ),
        blocks=True,
    ),
    Rule(
        "shots",
        "goals_from_shots_equal_scores",
        "The goals among a match's shots, own goals counted for the other side, are its score at Understat.",
        _sql(
            _LISTED,
            _BY_SIDE,
            _TALLIED,
            """SELECT league, season, understat_id, match_id, home_shot_goals, away_shot_goals, home_goals, away_goals,
                our_home_goals, our_away_goals FROM tallied
            WHERE (home_shot_goals, away_shot_goals) IS DISTINCT FROM (home_goals, away_goals)""",
        ),
        blocks=True,
    ),
    Rule(
        "shots",
        "xg_of_matches_is_that_of_their_shots",
        "The expected goals that Understat states of a match are the sum over its shots, to a thousandth.",
        _sql(
            _LISTED,
            _BY_SIDE,
            _TALLIED,
            """SELECT league, season, understat_id, match_id, home_xg, home_shot_xg, away_xg, away_shot_xg FROM tallied
            WHERE abs(home_xg - home_shot_xg) > 0.001 OR abs(away_xg - away_shot_xg) > 0.001""",
        ),
        blocks=False,
    ),
    Rule(
        "shots",
        "shots_are_taken_by_the_sides_of_the_match",
        "Every shot and every entry of a line-up belongs to one of the two clubs of its match.",
        _sql("""SELECT 'shot' AS what, s.id, s.match_id, s.team_id FROM shots s JOIN matches m ON m.id = s.match_id
            WHERE s.team_id NOT IN (m.home_team_id, m.away_team_id)
            UNION ALL SELECT 'line-up', p.id, p.match_id, p.team_id FROM player_matches p
            JOIN matches m ON m.id = p.match_id WHERE p.team_id NOT IN (m.home_team_id, m.away_team_id)"""),
        blocks=True,
    ),
    Rule(
        "shots",
        "goals_in_line_ups_are_those_of_shots",
        "Where a match has line-ups, each player's goals and own goals there are those of his shots.",
        _sql(
            """taken AS (SELECT match_id, player_id, count(*) FILTER (WHERE result = 'Goal') AS goals,
                count(*) FILTER (WHERE result = 'OwnGoal') AS own_goals FROM shots GROUP BY match_id, player_id)""",
            """SELECT match_id, player_id, p.player, p.goals, t.goals AS goals_of_shots, p.own_goals,
                t.own_goals AS own_goals_of_shots
            FROM taken t FULL JOIN player_matches p USING (match_id, player_id)
            WHERE EXISTS (SELECT FROM player_matches l WHERE l.match_id = coalesce(t.match_id, p.match_id))
                AND (coalesce(p.goals, 0) <> coalesce(t.goals, 0)
                    OR coalesce(p.own_goals, 0) <> coalesce(t.own_goals, 0))""",
        ),
        blocks=False,
    ),
    Rule(
        "shots",
        "finished_matches_have_shots",
        "In a league's season of which match files are held, every finished match that Understat lists has shots. A "
        "match whose shots contradict its score has none: they stand in `ops.rejected_rows`.",
        _sql(
            IN_FORCE,
            _LISTED,
            """SELECT league, season, id AS understat_id, home_team, away_team, shown_at FROM listed u
            WHERE home_goals IS NOT NULL AND match_id IS NOT NULL AND NOT has_shots
                AND EXISTS (SELECT FROM in_force f
                    WHERE f.league = u.league AND f.season = u.season AND NOT f.is_league_file)""",
        ),
        blocks=False,
    ),
    Rule(
        "shots",
        "most_shots_are_loaded",
        "No league's season had more than a fifth of its shots rejected, nor all of them.",
        _sql(
            IN_FORCE,
            """SELECT league, season, sum(rows_read) AS rows_read, sum(rows_loaded) AS rows_loaded FROM in_force
            WHERE NOT is_league_file GROUP BY league, season
            HAVING sum(rows_loaded) < :share * sum(rows_read)""",
        ),
        blocks=True,
    ),
    Rule(
        "shots",
        "shots_did_not_shrink",
        "No match file gave fewer shots than its version before.",
        _sql(
            VERSIONS,
            """SELECT league, season, key, rows_before, rows_loaded FROM versions
            WHERE age = 1 AND NOT is_league_file AND rows_loaded < rows_before""",
        ),
        blocks=False,
    ),
    Rule(
        "shots",
        "shots_are_fresh",
        "While the leagues play, each league whose shots are fetched has those of a match of the last 28 days.",
        _sql(
            IN_FORCE,
            _LISTED,
            """SELECT u.league, u.season, max(u.match_date) FILTER (WHERE u.has_shots) AS last_with_shots
            FROM listed u JOIN leagues l ON l.id = u.league_id
            WHERE :in_season AND NOT l.is_simulated AND u.season = :season GROUP BY u.league, u.season
            HAVING coalesce(max(u.match_date) FILTER (WHERE u.has_shots), '-infinity')
                    < CAST(:now AS timestamptz)::date - :look_back
                AND EXISTS (SELECT FROM in_force f
                    WHERE f.league = u.league AND f.season = u.season AND NOT f.is_league_file)""",
        ),
        blocks=False,
    ),
    Rule(
        "player_seasons",
        "player_rows_reconcile",
        "Players read = loaded + rejected, and those loaded are those that the table holds.",
        _sql(
            IN_FORCE,
            """loaded AS (SELECT league, season, players_read, players_loaded, players_rejected FROM in_force
                WHERE is_league_file AND players_loader IS NOT NULL)""",
            """held AS (SELECT l.code AS league, p.season, count(DISTINCT p.player_id) AS held FROM player_seasons p
                JOIN leagues l ON l.id = p.league_id GROUP BY l.code, p.season)""",
            """SELECT league, season, players_read, players_loaded, players_rejected, coalesce(held, 0) AS held
            FROM loaded FULL JOIN held USING (league, season)
            WHERE players_read <> players_loaded + players_rejected OR players_loaded <> coalesce(held, 0)
                OR (players_loaded IS NULL AND NOT EXISTS (SELECT FROM in_force f
                    WHERE f.is_league_file AND f.league = held.league AND f.season = held.season))""",
        ),
        blocks=True,
    ),
    Rule(
        "player_seasons",
        "goals_of_players_are_those_of_shots",
        "The goals of a club's players are the goals among its shots. Exceptions: clubs with a player who moved and "
        "cannot be told apart, and clubs with a finished match of which the source has no shots.",
        _sql(
            _LISTED,
            _NAMED,
            """scored AS (SELECT u.league_id, u.season, s.team_id, count(*) FILTER (WHERE s.result = 'Goal') AS goals
                FROM shots s JOIN listed u ON u.match_id = s.match_id GROUP BY u.league_id, u.season, s.team_id)""",
            """without AS (
                SELECT u.league_id, u.season, n.team_id FROM listed u
                JOIN named n ON n.league = u.league AND n.season = u.season
                    AND n.spelling IN (u.home_team, u.away_team)
                WHERE u.home_goals IS NOT NULL AND NOT u.has_shots
                UNION SELECT m.league_id, m.season, side.team_id FROM matches m
                CROSS JOIN LATERAL (VALUES (m.home_team_id), (m.away_team_id)) AS side (team_id)
                WHERE m.home_goals IS NOT NULL AND NOT EXISTS (SELECT FROM shots s WHERE s.match_id = m.id))""",
            """SELECT l.code AS league, p.season, t.name AS team, sum(p.goals) AS goals_of_players,
                s.goals AS goals_of_shots
            FROM player_seasons p JOIN scored s USING (league_id, season, team_id)
            JOIN leagues l ON l.id = p.league_id JOIN teams t ON t.id = p.team_id
            WHERE NOT EXISTS (SELECT FROM without w
                WHERE (w.league_id, w.season, w.team_id) = (p.league_id, p.season, p.team_id))
            GROUP BY l.code, p.season, t.name, s.goals
            HAVING count(*) = count(p.goals) AND sum(p.goals) <> s.goals""",
        ),
        blocks=True,
    ),
    Rule(
        "player_seasons",
        "minutes_are_plausible",
        "Nobody played more than 105 minutes a match, nor in more matches than his club has in the season.",
        _sql("""SELECT l.code AS league, p.season, t.name AS team, p.player, p.appearances, p.minutes
            FROM player_seasons p JOIN leagues l ON l.id = p.league_id JOIN teams t ON t.id = p.team_id
            WHERE p.minutes > 105 * p.appearances OR p.appearances > (SELECT count(*) FROM matches m
                WHERE m.league_id = p.league_id AND m.season = p.season
                    AND p.team_id IN (m.home_team_id, m.away_team_id))"""),
        blocks=False,
    ),
    Rule(
        "player_seasons",
        "players_did_not_shrink",
        "No league file gave fewer than four fifths of the players that its version before gave.",
        _sql(
            VERSIONS,
            """SELECT league, season, key, players_before, players_loaded FROM versions
            WHERE age = 1 AND is_league_file AND players_loaded < :share * players_before""",
        ),
        blocks=True,
    ),
    Rule(
        "player_seasons",
        "player_seasons_are_fresh",
        "While the leagues play, the newest league file of the current season has been loaded.",
        _sql(
            IN_FORCE,
            """SELECT league, season, key, fetched_at FROM in_force
            WHERE :in_season AND source = 'understat' AND season = :season AND is_league_file
                AND players_loader IS NULL""",
        ),
        blocks=False,
    ),
)
