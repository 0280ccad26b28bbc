"""What must hold for tactical profiles: one per team, current once, labels that tell teams apart."""

from __future__ import annotations

from monps_platform.db.quality.quantum.shared import (
    covers_all_teams,
    documents_keep_their_schema,
    is_not_shrunk,
    is_up_to_date,
    newest,
)
from monps_platform.db.quality.rule import Rule, sql
from monps_platform.domain.quantum.profiles.classify import LEAST_SCORE, ProfileFeatures

_ASSET, _TABLE = "chess_classifications", "quantum.chess_classifications"
_NEWEST = newest(_TABLE)

RULES: tuple[Rule, ...] = (
    covers_all_teams(_ASSET, _TABLE, "teams_have_one_classification"),
    Rule(
        _ASSET,
        "the_newest_profile_is_current",
        "Of every team that was classified one row is current: its newest one.",
        sql("""SELECT t.name AS team, count(*) FILTER (WHERE c.is_current) AS current, max(c.as_of) AS newest,
                max(c.as_of) FILTER (WHERE c.is_current) AS newest_current
            FROM quantum.chess_classifications c JOIN teams t ON t.id = c.team_id GROUP BY t.id
            HAVING count(*) FILTER (WHERE c.is_current) <> 1
                OR max(c.as_of) FILTER (WHERE c.is_current) <> max(c.as_of)"""),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "profiles_score_the_highest",
        f"A team's profile is the one with its highest score, of at least {LEAST_SCORE:g}, and the margin is what the "
        "runner-up's is less.",
        sql(
            _NEWEST,
            """SELECT n.league, n.season, t.name AS team, n.profile::text, n.score, n.runner_up::text, n.margin,
                best.score AS highest FROM newest n JOIN teams t ON t.id = n.team_id
            CROSS JOIN LATERAL (SELECT max(value::float8) AS score FROM jsonb_each_text(n.features -> 'scores')) best
            WHERE n.profile IS NOT NULL AND (n.score < :least OR n.score IS DISTINCT FROM best.score
                OR n.score IS DISTINCT FROM (n.features -> 'scores' ->> n.profile::text)::float8
                OR n.runner_up IS NOT NULL
                    AND (abs(n.score - n.margin - (n.features -> 'scores' ->> n.runner_up::text)::float8) < 1e-9)
                        IS NOT TRUE)""",
            least=LEAST_SCORE,
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "profiles_tell_teams_apart",
        "No profile is that of all classified teams of a league's season, nor of more than three quarters of them.",
        sql(
            _NEWEST,
            """SELECT league, season, mode() WITHIN GROUP (ORDER BY profile) AS profile, count(*) AS teams FROM newest
            WHERE profile IS NOT NULL GROUP BY league, season
            HAVING count(*) >= 8 AND count(*) FILTER (WHERE profile = (SELECT mode() WITHIN GROUP (ORDER BY o.profile)
                FROM newest o WHERE o.league = newest.league AND o.season = newest.season)) > 0.75 * count(*)""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "features_are_no_copies",
        "Within a league's season no feature is the same for all teams, nor an exact multiple of another one.",
        sql(
            _NEWEST,
            """values AS (SELECT n.league, n.season, n.team_id, v.key AS feature, v.value::float8 AS value
                FROM newest n CROSS JOIN LATERAL jsonb_each_text(n.features -> 'values') v)""",
            """SELECT a.league, a.season, a.feature, b.feature AS other, count(*) AS teams
            FROM values a JOIN values b ON b.league = a.league AND b.season = a.season AND b.team_id = a.team_id
                AND b.feature >= a.feature
            GROUP BY a.league, a.season, a.feature, b.feature HAVING count(*) >= 8 AND CASE
                WHEN a.feature = b.feature THEN min(a.value) = max(a.value)
                ELSE min(abs(a.value)) > 0 AND min(abs(b.value)) > 0
                    AND max(a.value / nullif(b.value, 0)) - min(a.value / nullif(b.value, 0))
                        < 1e-9 * abs(max(a.value / nullif(b.value, 0))) END""",
        ),
        blocks=True,
    ),
    documents_keep_their_schema(_ASSET, _TABLE, "features_keep_their_schema", {"features": ProfileFeatures}),
    is_not_shrunk(_ASSET, _TABLE, "profiles_are_not_fewer_than_before"),
    is_up_to_date(_ASSET, _TABLE, "profiles_are_up_to_date"),
)
