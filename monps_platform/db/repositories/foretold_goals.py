"""What the kept profiles of scorers foretold of later matches, and what came of it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from monps_platform.domain.quantum.scorers.calibration import Forecast, ScorerForecasts, naive_chance

_PROFILES = text("""SELECT p.id, p.player_id, p.team_id, p.anytime_prob, p.goals, p.minutes, p.expected_minutes
    FROM quantum.goalscorer_profiles p JOIN leagues l ON l.id = p.league_id AND l.is_simulated = :simulated
    WHERE p.anytime_prob IS NOT NULL""")
# A season's name without its end: 2018-19 comes before 2019-20.
_BEFORE = "(left(k.season, 4)::int - 1) || '-' || substr(k.season, 3, 2)"
_CHANCES = text(
    """WITH sides AS (
        SELECT m.id AS match_id, m.season, m.match_date, t.team_id FROM matches m
        JOIN leagues l ON l.id = m.league_id AND l.is_simulated = :simulated
        CROSS JOIN LATERAL (VALUES (m.home_team_id), (m.away_team_id)) AS t (team_id)
        WHERE EXISTS (SELECT FROM shots s WHERE s.match_id = m.id)),
    known AS (
        SELECT k.*, (SELECT max(p.as_of) FROM quantum.goalscorer_profiles p WHERE p.team_id = k.team_id
            AND p.as_of <= k.match_date AND p.season IN (k.season, {before})) AS as_of FROM sides k),
    scored AS (
        SELECT match_id, team_id, player_id, count(*) AS goals FROM shots WHERE result = 'Goal'
        GROUP BY match_id, team_id, player_id)
    SELECT k.match_id, p.id, coalesce(g.goals, 0) FROM known k
    JOIN quantum.goalscorer_profiles p ON p.team_id = k.team_id AND p.as_of = k.as_of AND p.anytime_prob IS NOT NULL
    LEFT JOIN scored g ON g.match_id = k.match_id AND g.team_id = k.team_id AND g.player_id = p.player_id
    WHERE p.season = k.season OR EXISTS (SELECT FROM player_seasons s
        WHERE s.player_id = p.player_id AND s.team_id = p.team_id AND s.season = k.season)
    ORDER BY k.match_id, p.id""".replace("{before}", _BEFORE)
)
_GOALS = text("SELECT match_id, team_id, count(*) FROM shots WHERE result = 'Goal' GROUP BY match_id, team_id")


def foretold(session: Session, *, simulated: bool) -> ScorerForecasts:
    """Chances of a goal by the profiles that were the newest of each team before a match with shots, and who scored."""
    profiles = {
        profile_id: (player_id, team_id, chance, naive_chance(*shown))
        for profile_id, player_id, team_id, chance, *shown in session.execute(_PROFILES, {"simulated": simulated})
    }
    chances = session.execute(_CHANCES, {"simulated": simulated}).all()
    rows = tuple(Forecast(match_id, *profiles[profile], scored=goals > 0) for match_id, profile, goals in chances)
    of_side = {(row[0], row[1]): row[2] for row in session.execute(_GOALS)}
    goals = sum(of_side.get(side, 0) for side in {(row.match_id, row.team_id) for row in rows})
    return ScorerForecasts(rows, goals, goals - sum(scored for *_, scored in chances))
