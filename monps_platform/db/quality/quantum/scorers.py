"""What must hold for goalscorers: goals that reconcile, probabilities that follow from rates and sum."""

from __future__ import annotations

from monps_platform.db.quality.quantum.shared import (
    documents_keep_their_schema,
    is_not_shrunk,
    is_up_to_date,
    newest,
)
from monps_platform.db.quality.rule import Rule, sql
from monps_platform.domain.quantum.scorers.goal_periods import GoalPeriods

_ASSET, _TABLE = "goalscorer_profiles", "quantum.goalscorer_profiles"
_NEWEST = newest(_TABLE)
_OF_TEAMS = """of_teams AS (
    SELECT league, league_id, season, as_of, team_id, sum(goals) AS goals, sum(home_goals) AS home_goals,
        sum(first_scorer_share) AS first_shares, sum(last_scorer_share) AS last_shares,
        max((goal_periods ->> 'own_goal_share')::float8) AS own_goals, count(rate_per_90) AS rates
    FROM newest GROUP BY league, league_id, season, as_of, team_id)"""
_OWN_GOALS = """own_goals AS MATERIALIZED (
    SELECT s.match_id, count(*) FILTER (WHERE s.result = 'OwnGoal' AND s.team_id = m.away_team_id) AS of_away,
        count(*) FILTER (WHERE s.result = 'OwnGoal' AND s.team_id = m.home_team_id) AS of_home
    FROM shots s JOIN matches m ON m.id = s.match_id GROUP BY s.match_id)"""
_SCORED = """scored AS (
    SELECT m.league_id, m.season, m.match_date, m.home_team_id AS team_id, m.home_goals - o.of_away AS goals,
        m.home_goals - o.of_away AS home_goals FROM matches m JOIN own_goals o ON o.match_id = m.id
    UNION ALL SELECT m.league_id, m.season, m.match_date, m.away_team_id, m.away_goals - o.of_home, 0
    FROM matches m JOIN own_goals o ON o.match_id = m.id)"""
"""Goals of both sides in the matches whose shots are held, without those that opponents scored for them."""

RULES: tuple[Rule, ...] = (
    Rule(
        _ASSET,
        "scorers_have_the_goals_of_matches",
        "The goals of a team's players are those of its matches whose shots are held, less own goals; at home, too.",
        sql(
            _NEWEST,
            _OF_TEAMS,
            _OWN_GOALS,
            _SCORED,
            """SELECT o.league, o.season, t.name AS team, o.goals, o.home_goals, sum(s.goals) AS scored,
                sum(s.home_goals) AS scored_at_home
            FROM of_teams o JOIN teams t ON t.id = o.team_id
            LEFT JOIN scored s ON s.league_id = o.league_id AND s.season = o.season AND s.team_id = o.team_id
                AND s.match_date < o.as_of
            GROUP BY o.league, o.season, t.name, o.goals, o.home_goals
            HAVING o.goals IS DISTINCT FROM sum(s.goals) OR o.home_goals IS DISTINCT FROM sum(s.home_goals)""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "anytime_probabilities_recompute",
        "The probability of a goal is 1 - exp(-rate per 90 * expected minutes / 90), and is there where these are.",
        sql(
            _NEWEST,
            """SELECT league, season, player_name, rate_per_90, expected_minutes, anytime_prob FROM newest
            WHERE (anytime_prob IS NULL) <> (rate_per_90 IS NULL OR expected_minutes IS NULL)
                OR abs(anytime_prob - (1 - exp(-rate_per_90 * expected_minutes / 90))) > 1e-9""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "first_and_last_scorers_sum_to_one",
        "Over a team's players the shares of first goals, and of last ones, sum to 1 less the share of own goals.",
        sql(
            _NEWEST,
            _OF_TEAMS,
            """SELECT o.league, o.season, t.name AS team, first_shares, last_shares, own_goals
            FROM of_teams o JOIN teams t ON t.id = o.team_id
            WHERE abs(first_shares + own_goals - 1) > 1e-9 OR abs(last_shares + own_goals - 1) > 1e-9
                OR rates > 0 AND num_nulls(first_shares, last_shares, own_goals) > 0""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "goals_by_period_sum_to_goals",
        "A player's goals by period of the match sum to his goals.",
        sql(
            _NEWEST,
            """SELECT league, season, player_name, goals, (SELECT sum(value::int) FROM jsonb_each_text(
                goal_periods -> 'goals')) AS of_periods FROM newest
            WHERE goals IS DISTINCT FROM (SELECT sum(value::int) FROM jsonb_each_text(goal_periods -> 'goals'))""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "scorers_differ",
        "Among the players of a league's season rates and shares differ, and no share is a copy of another.",
        sql(
            _NEWEST,
            """SELECT league, season, count(*) AS players, count(DISTINCT rate_per_90) AS rates,
                count(DISTINCT first_scorer_share) AS first_shares, corr(first_scorer_share, last_scorer_share)
            FROM newest GROUP BY league, season
            HAVING count(*) >= 50 AND (count(DISTINCT first_scorer_share) < count(first_scorer_share) / 2
                OR count(DISTINCT rate_per_90) < count(rate_per_90) / 2
                OR count(*) FILTER (WHERE first_scorer_share <> last_scorer_share) = 0)""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "all_teams_with_shots_have_scorers",
        "In a league's season with scorers, every team that has shots in its matches has some.",
        sql(
            _NEWEST,
            "days AS (SELECT DISTINCT league, league_id, season, as_of FROM newest)",
            """SELECT n.league, n.season, t.name AS team FROM days n
            JOIN matches m ON m.league_id = n.league_id AND m.season = n.season AND m.match_date < n.as_of
            JOIN shots s ON s.match_id = m.id JOIN teams t ON t.id = s.team_id
            GROUP BY n.league, n.league_id, n.season, t.id
            HAVING count(DISTINCT m.id) >= 10 AND NOT EXISTS (SELECT FROM newest p
                WHERE p.league_id = n.league_id AND p.season = n.season AND p.team_id = t.id)""",
        ),
        blocks=True,
    ),
    documents_keep_their_schema(_ASSET, _TABLE, "goal_periods_keep_their_schema", {"goal_periods": GoalPeriods}),
    is_not_shrunk(_ASSET, _TABLE, "scorers_are_not_fewer_than_before"),
    is_up_to_date(_ASSET, _TABLE, "scorers_are_up_to_date", needs_shots=True),
)
