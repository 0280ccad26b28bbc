"""Understat's shots and players, picks that keep the price they were taken at, the quantum tables, health sweeps.

Revision: 0002
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ODDS_MARKET = postgresql.ENUM(name="odds_market", create_type=False)
HEALTH_SEVERITY = postgresql.ENUM("ok", "info", "warning", "critical", name="health_severity", create_type=False)
TACTICAL_PROFILE = postgresql.ENUM(
    "POSSESSION",
    "GEGENPRESS",
    "WIDE_ATTACK",
    "DIRECT_ATTACK",
    "LOW_BLOCK",
    "MID_BLOCK",
    "PARK_THE_BUS",
    "TRANSITION",
    "ADAPTIVE",
    "BALANCED",
    "HOME_DOMINANT",
    "SCORE_DEPENDENT",
    name="tactical_profile",
    create_type=False,
)
MATCH_SCENARIO = postgresql.ENUM(
    "open_game",
    "cagey_game",
    "one_sided",
    "end_to_end",
    "physical_battle",
    "balanced",
    name="match_scenario",
    create_type=False,
)
STRATEGY_NAME = postgresql.ENUM(
    "convergence_over",
    "convergence_under",
    "best_market",
    "model_value",
    "sharp_value",
    "consensus_value",
    "home_fortress",
    "fade_luck",
    "total_chaos",
    name="strategy_name",
    create_type=False,
)
SHOT_SITUATION = postgresql.ENUM(
    "OpenPlay", "FromCorner", "SetPiece", "DirectFreekick", "Penalty", name="shot_situation", create_type=False
)
SHOT_BODY_PART = postgresql.ENUM(
    "RightFoot", "LeftFoot", "Head", "OtherBodyPart", name="shot_body_part", create_type=False
)
SHOT_RESULT = postgresql.ENUM(
    "Goal", "OwnGoal", "SavedShot", "MissedShots", "BlockedShot", "ShotOnPost", name="shot_result", create_type=False
)
PICK_SIDE = postgresql.ENUM(
    "home",
    "draw",
    "away",
    "over",
    "under",
    "yes",
    "no",
    "home_or_draw",
    "home_or_away",
    "draw_or_away",
    name="pick_side",
    create_type=False,
)
CLOSING_SOURCE = postgresql.ENUM("same_bookmaker", "sharp", "market_average", name="closing_source", create_type=False)
NO_CLOSING_REASON = postgresql.ENUM(
    "line_moved",
    "bookmaker_gone",
    "not_captured_before_kickoff",
    "market_not_quoted",
    "match_not_played",
    name="no_closing_reason",
    create_type=False,
)
PICK_RESULT = postgresql.ENUM(
    "win", "half_win", "push", "half_loss", "loss", "void", name="pick_result", create_type=False
)
ENUMS = (
    HEALTH_SEVERITY,
    TACTICAL_PROFILE,
    MATCH_SCENARIO,
    STRATEGY_NAME,
    SHOT_SITUATION,
    SHOT_BODY_PART,
    SHOT_RESULT,
    PICK_SIDE,
    CLOSING_SOURCE,
    NO_CLOSING_REASON,
    PICK_RESULT,
)
TABLES = (
    ("health_sweeps", "ops"),
    ("player_seasons", "public"),
    ("chess_classifications", "quantum"),
    ("goalscorer_profiles", "quantum"),
    ("quantum_friction_matrix", "quantum"),
    ("quantum_strategies", "quantum"),
    ("team_quantum_dna", "quantum"),
    ("shots", "public"),
    ("tracking_clv_picks", "public"),
)

# A pick is what it was when it was taken. The trigger fires only where that would change.
IMMUTABLE = ("agent", "match_id", "market", "side", "line", "bookmaker_id", "price_taken", "taken_at", "stake")
REFUSE_CHANGE_OF_PICK = """
    CREATE FUNCTION public.refuse_change_of_pick() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    DECLARE
        changed text;
    BEGIN
        SELECT string_agg(was.key, ', ' ORDER BY was.key) INTO changed
        FROM jsonb_each(to_jsonb(OLD)) AS was JOIN jsonb_each(to_jsonb(NEW)) AS is_now USING (key)
        WHERE was.key = ANY (TG_ARGV) AND was.value IS DISTINCT FROM is_now.value;
        RAISE EXCEPTION 'pick % of agent % stays what it was when it was taken: % cannot change', OLD.id, OLD.agent,
            changed
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            HINT = 'Closing price and settlement may be corrected. A pick entered wrongly: delete it, enter it anew.';
    END $$"""
TRIGGER = f"""
    CREATE TRIGGER tracking_clv_picks_immutable BEFORE UPDATE ON public.tracking_clv_picks FOR EACH ROW
    WHEN (({", ".join(f"OLD.{name}" for name in IMMUTABLE)})
        IS DISTINCT FROM ({", ".join(f"NEW.{name}" for name in IMMUTABLE)}))
    EXECUTE FUNCTION public.refuse_change_of_pick({", ".join(f"'{name}'" for name in IMMUTABLE)})"""


def upgrade() -> None:
    for kind in ENUMS:
        kind.create(op.get_bind(), checkfirst=False)
    _create_health_sweeps()
    _create_player_seasons()
    _create_chess_classifications()
    _create_goalscorer_profiles()
    _create_quantum_friction_matrix()
    _create_quantum_strategies()
    _create_team_quantum_dna()
    _create_shots()
    _create_tracking_clv_picks()
    op.execute(REFUSE_CHANGE_OF_PICK)
    op.execute(TRIGGER)


def downgrade() -> None:
    for name, schema in reversed(TABLES):
        op.drop_table(name, schema=schema)
    op.execute("DROP FUNCTION public.refuse_change_of_pick()")
    for kind in ENUMS:
        kind.drop(op.get_bind(), checkfirst=False)


def _create_health_sweeps() -> None:
    op.create_table(
        "health_sweeps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("sweep_id", sa.Uuid(), nullable=False, comment="the sweep it belongs to"),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=False, comment="when the sweep looked, UTC"),
        sa.Column("check_name", sa.Text(), nullable=False, comment="what was looked at"),
        sa.Column("subject", sa.Text(), nullable=False, comment="table, index, folder or source that it is about"),
        sa.Column("severity", HEALTH_SEVERITY, nullable=False, comment="how much it matters"),
        sa.Column("finding", sa.Text(), nullable=False, comment="what was found, in a sentence"),
        sa.Column("remedy", sa.Text(), nullable=True, comment="what to do; there is one for every warning"),
        sa.Column("value", sa.Double(), nullable=True, comment="the figure behind the finding"),
        sa.Column("unit", sa.Text(), nullable=True, comment="unit of the figure"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row was inserted",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row last changed",
        ),
        sa.CheckConstraint("greatest(abs(value)) < 'Infinity'", name=op.f("ck_health_sweeps_finite")),
        sa.CheckConstraint(
            "severity NOT IN ('warning', 'critical') OR remedy IS NOT NULL",
            name=op.f("ck_health_sweeps_remedy_where_needed"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_sweeps")),
        schema="ops",
        comment="One row per finding of a sweep",
    )
    op.create_index("ix_health_sweeps_swept_at", "health_sweeps", ["swept_at"], unique=False, schema="ops")
    op.create_index(
        "uq_health_sweeps_sweep_id_check_name_subject",
        "health_sweeps",
        ["sweep_id", "check_name", "subject"],
        unique=True,
        schema="ops",
    )


def _create_player_seasons() -> None:
    op.create_table(
        "player_seasons",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("player_id", sa.BigInteger(), nullable=False, comment="Understat's id of the player"),
        sa.Column("player", sa.Text(), nullable=False, comment="name as the source writes it"),
        sa.Column("team_id", sa.Integer(), nullable=False, comment="club that he played for"),
        sa.Column("league_id", sa.SmallInteger(), nullable=False, comment="league of the club"),
        sa.Column("season", sa.Text(), nullable=False, comment="such as 2019-20"),
        sa.Column(
            "position", sa.Text(), nullable=False, comment="letters of the source: GK, D, M, F, and S for substitute"
        ),
        sa.Column(
            "is_shared",
            sa.Boolean(),
            nullable=False,
            comment="the source adds up several clubs of the player in this season",
        ),
        sa.Column(
            "appearances",
            sa.SmallInteger(),
            nullable=True,
            comment="matches in which he played; NULL: not told per club",
        ),
        sa.Column("minutes", sa.SmallInteger(), nullable=True, comment="minutes played; NULL: not told per club"),
        sa.Column(
            "goals",
            sa.SmallInteger(),
            nullable=True,
            comment="goals, penalties among them; own goals never; NULL: not told per club",
        ),
        sa.Column(
            "non_penalty_goals",
            sa.SmallInteger(),
            nullable=True,
            comment="goals less penalties; NULL: not told per club",
        ),
        sa.Column("assists", sa.SmallInteger(), nullable=True, comment="assists; NULL: not told per club"),
        sa.Column("shots", sa.SmallInteger(), nullable=True, comment="shots; NULL: not told per club"),
        sa.Column(
            "key_passes", sa.SmallInteger(), nullable=True, comment="passes that led to a shot; NULL: not told per club"
        ),
        sa.Column("yellow_cards", sa.SmallInteger(), nullable=True, comment="yellow cards; NULL: not told per club"),
        sa.Column("red_cards", sa.SmallInteger(), nullable=True, comment="red cards; NULL: not told per club"),
        sa.Column("xg", sa.Double(), nullable=True, comment="expected goals; NULL: not told per club"),
        sa.Column(
            "non_penalty_xg",
            sa.Double(),
            nullable=True,
            comment="expected goals less penalties; NULL: not told per club",
        ),
        sa.Column("xa", sa.Double(), nullable=True, comment="expected assists; NULL: not told per club"),
        sa.Column(
            "xg_chain", sa.Double(), nullable=True, comment="xG of the attacks he took part in; NULL: not told per club"
        ),
        sa.Column(
            "xg_buildup",
            sa.Double(),
            nullable=True,
            comment="xG chain less shots and key passes; NULL: not told per club",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row was inserted",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row last changed",
        ),
        sa.CheckConstraint(
            "greatest(abs(xg), abs(non_penalty_xg), abs(xa), abs(xg_chain), abs(xg_buildup)) < 'Infinity'",
            name=op.f("ck_player_seasons_finite"),
        ),
        sa.CheckConstraint("season ~ '^[0-9]{4}-[0-9]{2}$'", name=op.f("ck_player_seasons_season_name")),
        sa.CheckConstraint(
            "least(appearances, minutes, goals, non_penalty_goals, assists, shots, key_passes, yellow_cards, red_cards) >= 0",
            name=op.f("ck_player_seasons_counts_not_negative"),
        ),
        sa.CheckConstraint(
            "least(xg, non_penalty_xg, xa, xg_chain, xg_buildup) >= 0",
            name=op.f("ck_player_seasons_expected_not_negative"),
        ),
        sa.CheckConstraint("non_penalty_goals <= goals", name=op.f("ck_player_seasons_non_penalty_goals")),
        sa.ForeignKeyConstraint(["league_id"], ["leagues.id"], name=op.f("fk_player_seasons_league_id_leagues")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_player_seasons_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_player_seasons")),
        comment="One row per player, team and season",
    )
    op.create_index("ix_player_seasons_league_id_season", "player_seasons", ["league_id", "season"], unique=False)
    op.create_index("ix_player_seasons_team_id_season", "player_seasons", ["team_id", "season"], unique=False)
    op.create_index(
        "uq_player_seasons_player_id_team_id_season", "player_seasons", ["player_id", "team_id", "season"], unique=True
    )


def _create_chess_classifications() -> None:
    op.create_table(
        "chess_classifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("team_id", sa.Integer(), nullable=False, comment="team it describes"),
        sa.Column("league_id", sa.SmallInteger(), nullable=False, comment="league of the team in the season"),
        sa.Column("profile", TACTICAL_PROFILE, nullable=True, comment="NULL: none could be given"),
        sa.Column("no_profile_reason", sa.Text(), nullable=True, comment="why none could be given"),
        sa.Column("score", sa.Double(), nullable=True, comment="how well the profile's rules hold, 0 to 100"),
        sa.Column("runner_up", TACTICAL_PROFILE, nullable=True, comment="second best; NULL: no other could be judged"),
        sa.Column("margin", sa.Double(), nullable=True, comment="score less the runner-up's"),
        sa.Column(
            "features",
            postgresql.JSONB(),
            nullable=False,
            comment="percentiles within league and season that the rules read",
        ),
        sa.Column("is_current", sa.Boolean(), nullable=False, comment="the newest of the team"),
        sa.Column("season", sa.Text(), nullable=False, comment="such as 2019-20"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="nothing known only on or after this day was used"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row was inserted",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row last changed",
        ),
        sa.CheckConstraint(
            "jsonb_typeof(features) = 'object'", name=op.f("ck_chess_classifications_features_are_object")
        ),
        sa.CheckConstraint("season ~ '^[0-9]{4}-[0-9]{2}$'", name=op.f("ck_chess_classifications_season_name")),
        sa.CheckConstraint(
            "(profile IS NULL) = (no_profile_reason IS NOT NULL)",
            name=op.f("ck_chess_classifications_profile_or_reason"),
        ),
        sa.CheckConstraint(
            "(profile IS NULL) = (score IS NULL)", name=op.f("ck_chess_classifications_profile_with_score")
        ),
        sa.CheckConstraint("margin BETWEEN 0 AND score", name=op.f("ck_chess_classifications_margin")),
        sa.CheckConstraint(
            "num_nonnulls(runner_up, margin) IN (0, 2) AND (runner_up IS NULL OR profile IS NOT NULL)",
            name=op.f("ck_chess_classifications_runner_up_with_margin"),
        ),
        sa.CheckConstraint("runner_up <> profile", name=op.f("ck_chess_classifications_two_profiles")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_chess_classifications_score")),
        sa.ForeignKeyConstraint(["league_id"], ["leagues.id"], name=op.f("fk_chess_classifications_league_id_leagues")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_chess_classifications_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chess_classifications")),
        schema="quantum",
        comment="One row per team, season and day",
    )
    op.create_index(
        "ix_chess_classifications_league_id_season",
        "chess_classifications",
        ["league_id", "season"],
        unique=False,
        schema="quantum",
    )
    op.create_index(
        "uq_chess_classifications_current",
        "chess_classifications",
        ["team_id"],
        unique=True,
        schema="quantum",
        postgresql_where=sa.text("is_current"),
    )
    op.create_index(
        "uq_chess_classifications_team_id_season_as_of",
        "chess_classifications",
        ["team_id", "season", "as_of"],
        unique=True,
        schema="quantum",
    )


def _create_goalscorer_profiles() -> None:
    op.create_table(
        "goalscorer_profiles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("player_id", sa.BigInteger(), nullable=False, comment="Understat's id of the player"),
        sa.Column("player_name", sa.Text(), nullable=False, comment="name as the source writes it"),
        sa.Column("team_id", sa.Integer(), nullable=False, comment="team he scores for"),
        sa.Column("position", sa.Text(), nullable=True, comment="letters of the source; NULL: not known"),
        sa.Column(
            "appearances",
            sa.SmallInteger(),
            nullable=True,
            comment="matches in which he played; NULL: not told per club",
        ),
        sa.Column("minutes", sa.SmallInteger(), nullable=True, comment="minutes played; NULL: not told per club"),
        sa.Column("goals", sa.SmallInteger(), nullable=False, comment="goals for the team; own goals never"),
        sa.Column("home_goals", sa.SmallInteger(), nullable=False, comment="goals at home"),
        sa.Column("away_goals", sa.SmallInteger(), nullable=False, comment="goals away"),
        sa.Column("penalty_goals", sa.SmallInteger(), nullable=False, comment="goals from penalties, among the goals"),
        sa.Column("xg", sa.Double(), nullable=True, comment="expected goals of his shots; NULL: not known"),
        sa.Column(
            "rate_per_90",
            sa.Double(),
            nullable=True,
            comment="goals per 90 minutes, mean of the posterior; NULL: minutes unknown",
        ),
        sa.Column("rate_low", sa.Double(), nullable=True, comment="lower end of its 95 % interval"),
        sa.Column("rate_high", sa.Double(), nullable=True, comment="upper end of its 95 % interval"),
        sa.Column(
            "expected_minutes",
            sa.Double(),
            nullable=True,
            comment="minutes expected in the next match; NULL: not known",
        ),
        sa.Column(
            "anytime_prob",
            sa.Double(),
            nullable=True,
            comment="probability of a goal in a match against an average opponent",
        ),
        sa.Column(
            "first_scorer_share", sa.Double(), nullable=True, comment="share of the team's first goals expected of him"
        ),
        sa.Column(
            "last_scorer_share", sa.Double(), nullable=True, comment="share of the team's last goals expected of him"
        ),
        sa.Column("goal_periods", postgresql.JSONB(), nullable=False, comment="goals by period of the match, with n"),
        sa.Column("season", sa.Text(), nullable=False, comment="such as 2019-20"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="nothing known only on or after this day was used"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row was inserted",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row last changed",
        ),
        sa.CheckConstraint(
            "greatest(abs(xg), abs(rate_per_90), abs(rate_low), abs(rate_high)) < 'Infinity'",
            name=op.f("ck_goalscorer_profiles_finite"),
        ),
        sa.CheckConstraint(
            "jsonb_typeof(goal_periods) = 'object'", name=op.f("ck_goalscorer_profiles_periods_are_object")
        ),
        sa.CheckConstraint("season ~ '^[0-9]{4}-[0-9]{2}$'", name=op.f("ck_goalscorer_profiles_season_name")),
        sa.CheckConstraint("expected_minutes BETWEEN 0 AND 120", name=op.f("ck_goalscorer_profiles_expected_minutes")),
        sa.CheckConstraint("goals = home_goals + away_goals", name=op.f("ck_goalscorer_profiles_goals_by_venue")),
        sa.CheckConstraint(
            "least(anytime_prob, first_scorer_share, last_scorer_share) >= 0 AND greatest(anytime_prob, first_scorer_share, last_scorer_share) <= 1",
            name=op.f("ck_goalscorer_profiles_shares"),
        ),
        sa.CheckConstraint(
            "least(appearances, minutes, goals, home_goals, away_goals, penalty_goals) >= 0",
            name=op.f("ck_goalscorer_profiles_counts_not_negative"),
        ),
        sa.CheckConstraint("least(xg, rate_low) >= 0", name=op.f("ck_goalscorer_profiles_rates_not_negative")),
        sa.CheckConstraint(
            "num_nonnulls(rate_per_90, rate_low, rate_high) IN (0, 3)",
            name=op.f("ck_goalscorer_profiles_rate_with_interval"),
        ),
        sa.CheckConstraint("penalty_goals <= goals", name=op.f("ck_goalscorer_profiles_penalty_goals")),
        sa.CheckConstraint(
            "rate_low <= rate_per_90 AND rate_per_90 <= rate_high", name=op.f("ck_goalscorer_profiles_rate_in_interval")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_goalscorer_profiles_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goalscorer_profiles")),
        schema="quantum",
        comment="One row per player, team, season and day",
    )
    op.create_index(
        "ix_goalscorer_profiles_team_id_season",
        "goalscorer_profiles",
        ["team_id", "season"],
        unique=False,
        schema="quantum",
    )
    op.create_index(
        "uq_goalscorer_profiles_player_id_team_id_season_as_of",
        "goalscorer_profiles",
        ["player_id", "team_id", "season", "as_of"],
        unique=True,
        schema="quantum",
    )


def _create_quantum_friction_matrix() -> None:
    op.create_table(
        "quantum_friction_matrix",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("home_team_id", sa.Integer(), nullable=False, comment="team playing at home"),
        sa.Column("away_team_id", sa.Integer(), nullable=False, comment="team playing away"),
        sa.Column("same_league", sa.Boolean(), nullable=False, comment="both play in one league in the season"),
        sa.Column("n_home_matches", sa.SmallInteger(), nullable=False, comment="matches of the home team it rests on"),
        sa.Column("n_away_matches", sa.SmallInteger(), nullable=False, comment="matches of the away team it rests on"),
        sa.Column(
            "friction_score",
            sa.Double(),
            nullable=True,
            comment="weighted sum of the five components, 0 to 100; NULL: one is missing",
        ),
        sa.Column("style_friction", sa.Double(), nullable=True, comment="0 to 100, weight .20; NULL: not enough data"),
        sa.Column("tempo_friction", sa.Double(), nullable=True, comment="0 to 100, weight .20; NULL: not enough data"),
        sa.Column(
            "physical_friction", sa.Double(), nullable=True, comment="0 to 100, weight .20; NULL: not enough data"
        ),
        sa.Column("mental_friction", sa.Double(), nullable=True, comment="0 to 100, weight .25; NULL: not enough data"),
        sa.Column("tier_friction", sa.Double(), nullable=True, comment="0 to 100, weight .15; NULL: not enough data"),
        sa.Column(
            "chaos_potential", sa.Double(), nullable=True, comment="how unpredictable, 0 to 100; NULL: not enough data"
        ),
        sa.Column(
            "predicted_scenario",
            MATCH_SCENARIO,
            nullable=True,
            comment="how the match is expected to go; NULL: not enough data",
        ),
        sa.Column(
            "predicted_btts_prob",
            sa.Double(),
            nullable=True,
            comment="probability that both score at this venue, goal model",
        ),
        sa.Column(
            "predicted_over25_prob",
            sa.Double(),
            nullable=True,
            comment="probability of three goals or more, goal model",
        ),
        sa.Column(
            "predicted_total_goals", sa.Double(), nullable=True, comment="expected goals of both sides, goal model"
        ),
        sa.Column(
            "recommended_markets",
            postgresql.JSONB(),
            nullable=False,
            comment="markets with out-of-sample evidence; empty: none",
        ),
        sa.Column("season", sa.Text(), nullable=False, comment="such as 2019-20"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="nothing known only on or after this day was used"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row was inserted",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row last changed",
        ),
        sa.CheckConstraint(
            "jsonb_typeof(recommended_markets) = 'array'", name=op.f("ck_quantum_friction_matrix_markets_are_array")
        ),
        sa.CheckConstraint(
            "predicted_total_goals >= 0 AND predicted_total_goals < 'Infinity'",
            name=op.f("ck_quantum_friction_matrix_total_goals"),
        ),
        sa.CheckConstraint("season ~ '^[0-9]{4}-[0-9]{2}$'", name=op.f("ck_quantum_friction_matrix_season_name")),
        sa.CheckConstraint(
            "(num_nulls(style_friction, tempo_friction, physical_friction, mental_friction, tier_friction) = 0) = (friction_score IS NOT NULL) AND (friction_score IS NULL OR abs(friction_score - (.20 * style_friction + .20 * tempo_friction + .20 * physical_friction + .25 * mental_friction + .15 * tier_friction)) <= 0.01)",
            name=op.f("ck_quantum_friction_matrix_weighted_sum"),
        ),
        sa.CheckConstraint("home_team_id <> away_team_id", name=op.f("ck_quantum_friction_matrix_two_teams")),
        sa.CheckConstraint(
            "least(friction_score, style_friction, tempo_friction, physical_friction, mental_friction, tier_friction, chaos_potential) >= 0 AND greatest(friction_score, style_friction, tempo_friction, physical_friction, mental_friction, tier_friction, chaos_potential) <= 100",
            name=op.f("ck_quantum_friction_matrix_scores"),
        ),
        sa.CheckConstraint(
            "least(n_home_matches, n_away_matches) > 0", name=op.f("ck_quantum_friction_matrix_n_matches")
        ),
        sa.CheckConstraint(
            "least(predicted_btts_prob, predicted_over25_prob) >= 0 AND greatest(predicted_btts_prob, predicted_over25_prob) <= 1",
            name=op.f("ck_quantum_friction_matrix_probabilities"),
        ),
        sa.ForeignKeyConstraint(
            ["away_team_id"], ["teams.id"], name=op.f("fk_quantum_friction_matrix_away_team_id_teams")
        ),
        sa.ForeignKeyConstraint(
            ["home_team_id"], ["teams.id"], name=op.f("fk_quantum_friction_matrix_home_team_id_teams")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quantum_friction_matrix")),
        schema="quantum",
        comment="One row per ordered pair of teams, season and day",
    )
    op.create_index(
        "ix_quantum_friction_matrix_away_team_id",
        "quantum_friction_matrix",
        ["away_team_id"],
        unique=False,
        schema="quantum",
    )
    op.create_index(
        "ix_quantum_friction_matrix_friction_score",
        "quantum_friction_matrix",
        ["friction_score"],
        unique=False,
        schema="quantum",
    )
    op.create_index(
        "uq_quantum_friction_matrix_pair",
        "quantum_friction_matrix",
        ["home_team_id", "away_team_id", "season", "as_of"],
        unique=True,
        schema="quantum",
    )


def _create_quantum_strategies() -> None:
    op.create_table(
        "quantum_strategies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("team_id", sa.Integer(), nullable=False, comment="team whose matches are bet on"),
        sa.Column("strategy", STRATEGY_NAME, nullable=False, comment="by which rule"),
        sa.Column("market", ODDS_MARKET, nullable=False, comment="what is bet on"),
        sa.Column("in_sample_bets", sa.Integer(), nullable=False, comment="bets on the matches it was chosen by"),
        sa.Column(
            "in_sample_roi", sa.Double(), nullable=True, comment="profit / stake, a fraction; no evidence; NULL: no bet"
        ),
        sa.Column(
            "out_of_sample_bets",
            sa.Integer(),
            nullable=False,
            comment="bets on matches that had no part in choosing it",
        ),
        sa.Column("out_of_sample_roi", sa.Double(), nullable=True, comment="profit / stake, a fraction; NULL: no bet"),
        sa.Column(
            "roi_low", sa.Double(), nullable=True, comment="lower end of the 95 % interval of the out-of-sample ROI"
        ),
        sa.Column(
            "roi_high", sa.Double(), nullable=True, comment="upper end of the 95 % interval of the out-of-sample ROI"
        ),
        sa.Column(
            "mean_clv_percentage",
            sa.Double(),
            nullable=True,
            comment="mean CLV of the out-of-sample bets; NULL: no closing price",
        ),
        sa.Column(
            "p_value", sa.Double(), nullable=True, comment="of an out-of-sample ROI of at most 0; NULL: not testable"
        ),
        sa.Column(
            "q_value", sa.Double(), nullable=True, comment="p-value after Benjamini-Hochberg over all strategies tested"
        ),
        sa.Column(
            "stake_multiplier", sa.Double(), nullable=False, comment="share of the unit stake; 0 without evidence"
        ),
        sa.Column(
            "min_confidence", sa.Double(), nullable=True, comment="least probability of the side to bet; NULL: any"
        ),
        sa.Column(
            "min_edge", sa.Double(), nullable=True, comment="least expected profit per unit staked to bet; NULL: any"
        ),
        sa.Column("context_filters", postgresql.JSONB(), nullable=False, comment="conditions that a match must meet"),
        sa.Column("is_active", sa.Boolean(), nullable=False, comment="survives on out-of-sample evidence"),
        sa.Column("season", sa.Text(), nullable=False, comment="such as 2019-20"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="nothing known only on or after this day was used"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row was inserted",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row last changed",
        ),
        sa.CheckConstraint(
            "greatest(abs(in_sample_roi), abs(out_of_sample_roi), abs(roi_low), abs(roi_high), abs(mean_clv_percentage), abs(min_edge)) < 'Infinity'",
            name=op.f("ck_quantum_strategies_finite"),
        ),
        sa.CheckConstraint(
            "jsonb_typeof(context_filters) = 'object'", name=op.f("ck_quantum_strategies_filters_are_object")
        ),
        sa.CheckConstraint("season ~ '^[0-9]{4}-[0-9]{2}$'", name=op.f("ck_quantum_strategies_season_name")),
        sa.CheckConstraint(
            "(in_sample_bets = 0) = (in_sample_roi IS NULL) AND (out_of_sample_bets = 0) = (out_of_sample_roi IS NULL)",
            name=op.f("ck_quantum_strategies_roi_with_bets"),
        ),
        sa.CheckConstraint(
            "(p_value IS NULL) = (q_value IS NULL) AND coalesce(q_value >= p_value, true)",
            name=op.f("ck_quantum_strategies_q_value"),
        ),
        sa.CheckConstraint(
            "NOT is_active OR coalesce(out_of_sample_bets > 0 AND q_value IS NOT NULL AND roi_low > 0, false)",
            name=op.f("ck_quantum_strategies_active_on_evidence"),
        ),
        sa.CheckConstraint(
            "is_active OR stake_multiplier = 0", name=op.f("ck_quantum_strategies_stake_only_when_active")
        ),
        sa.CheckConstraint(
            "least(in_sample_bets, out_of_sample_bets) >= 0", name=op.f("ck_quantum_strategies_bets_not_negative")
        ),
        sa.CheckConstraint(
            "least(in_sample_roi, out_of_sample_roi, roi_low) >= -1",
            name=op.f("ck_quantum_strategies_roi_not_below_stake"),
        ),
        sa.CheckConstraint(
            "least(p_value, q_value, stake_multiplier, min_confidence) >= 0 AND greatest(p_value, q_value, stake_multiplier, min_confidence) <= 1",
            name=op.f("ck_quantum_strategies_shares"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(roi_low, roi_high) IN (0, 2) AND (roi_low IS NULL OR out_of_sample_roi IS NOT NULL)",
            name=op.f("ck_quantum_strategies_whole_interval"),
        ),
        sa.CheckConstraint(
            "roi_low <= out_of_sample_roi AND out_of_sample_roi <= roi_high",
            name=op.f("ck_quantum_strategies_roi_in_interval"),
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_quantum_strategies_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quantum_strategies")),
        schema="quantum",
        comment="One row per team, strategy, market, season and day",
    )
    op.create_index(
        "ix_quantum_strategies_market_is_active",
        "quantum_strategies",
        ["market", "is_active"],
        unique=False,
        schema="quantum",
    )
    op.create_index(
        "uq_quantum_strategies_team_id_strategy_market_season_as_of",
        "quantum_strategies",
        ["team_id", "strategy", "market", "season", "as_of"],
        unique=True,
        schema="quantum",
    )


def _create_team_quantum_dna() -> None:
    op.create_table(
        "team_quantum_dna",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("team_id", sa.Integer(), nullable=False, comment="team it describes"),
        sa.Column("league_id", sa.SmallInteger(), nullable=False, comment="league of the team in the season"),
        sa.Column("n_matches", sa.SmallInteger(), nullable=False, comment="matches it rests on"),
        sa.Column(
            "market", postgresql.JSONB(), nullable=False, comment="per market: hit rate, return and closing-line value"
        ),
        sa.Column(
            "context",
            postgresql.JSONB(),
            nullable=False,
            comment="points, goals and xG home, away and by strength of the opponent",
        ),
        sa.Column(
            "risk",
            postgresql.JSONB(),
            nullable=False,
            comment="spread around the market's expectation, upsets, drawdown",
        ),
        sa.Column("temporal", postgresql.JSONB(), nullable=False, comment="goals and xG by period of the match"),
        sa.Column(
            "nemesis",
            postgresql.JSONB(),
            nullable=False,
            comment="residual points by opponent and by the opponent's profile",
        ),
        sa.Column(
            "psyche",
            postgresql.JSONB(),
            nullable=False,
            comment="xG leading, level and trailing; points dropped and won back",
        ),
        sa.Column("roster", postgresql.JSONB(), nullable=False, comment="how much hangs on few players"),
        sa.Column(
            "physical", postgresql.JSONB(), nullable=False, comment="late against early xG, fouls, cards, days of rest"
        ),
        sa.Column(
            "luck", postgresql.JSONB(), nullable=False, comment="goals and points against those expected from shots"
        ),
        sa.Column("data_version", sa.Text(), nullable=False, comment="version of the data and code it was made from"),
        sa.Column("season", sa.Text(), nullable=False, comment="such as 2019-20"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="nothing known only on or after this day was used"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row was inserted",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row last changed",
        ),
        sa.CheckConstraint(
            "jsonb_typeof(market) = 'object' AND jsonb_typeof(context) = 'object' AND jsonb_typeof(risk) = 'object' AND jsonb_typeof(temporal) = 'object' AND jsonb_typeof(nemesis) = 'object' AND jsonb_typeof(psyche) = 'object' AND jsonb_typeof(roster) = 'object' AND jsonb_typeof(physical) = 'object' AND jsonb_typeof(luck) = 'object'",
            name=op.f("ck_team_quantum_dna_vectors_are_objects"),
        ),
        sa.CheckConstraint("season ~ '^[0-9]{4}-[0-9]{2}$'", name=op.f("ck_team_quantum_dna_season_name")),
        sa.CheckConstraint("n_matches > 0", name=op.f("ck_team_quantum_dna_n_matches")),
        sa.ForeignKeyConstraint(["league_id"], ["leagues.id"], name=op.f("fk_team_quantum_dna_league_id_leagues")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_quantum_dna_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_quantum_dna")),
        schema="quantum",
        comment="One row per team, season and day",
    )
    op.create_index(
        "ix_team_quantum_dna_league_id_season",
        "team_quantum_dna",
        ["league_id", "season"],
        unique=False,
        schema="quantum",
    )
    op.create_index(
        "uq_team_quantum_dna_team_id_season_as_of",
        "team_quantum_dna",
        ["team_id", "season", "as_of"],
        unique=True,
        schema="quantum",
    )


def _create_shots() -> None:
    op.create_table(
        "shots",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Understat's id"),
        sa.Column("match_id", sa.BigInteger(), nullable=False, comment="match in which it was taken"),
        sa.Column(
            "team_id", sa.Integer(), nullable=False, comment="side of the player; an own goal counts for the other side"
        ),
        sa.Column("minute", sa.SmallInteger(), nullable=False, comment="minutes played, stoppage time counted on"),
        sa.Column("player_id", sa.BigInteger(), nullable=False, comment="Understat's id of the player"),
        sa.Column("player", sa.Text(), nullable=False, comment="name as the source writes it"),
        sa.Column("assisted_by", sa.Text(), nullable=True, comment="who set it up; NULL: nobody"),
        sa.Column("situation", SHOT_SITUATION, nullable=False, comment="how it came about"),
        sa.Column("body_part", SHOT_BODY_PART, nullable=False, comment="what the ball was struck with"),
        sa.Column("result", SHOT_RESULT, nullable=False, comment="what became of it"),
        sa.Column("last_action", sa.Text(), nullable=True, comment="what came before it, as the source names it"),
        sa.Column(
            "x", sa.Double(), nullable=False, comment="share of the pitch's length; 1 is the opponents' goal line"
        ),
        sa.Column("y", sa.Double(), nullable=False, comment="share of the pitch's width"),
        sa.Column("xg", sa.Double(), nullable=False, comment="probability of a goal"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row was inserted",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row last changed",
        ),
        sa.CheckConstraint("least(x, y, xg) >= 0 AND greatest(x, y, xg) <= 1", name=op.f("ck_shots_shares")),
        sa.CheckConstraint("minute BETWEEN 0 AND 150", name=op.f("ck_shots_minute")),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_shots_match_id_matches")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_shots_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shots")),
        comment="One row per shot",
    )
    op.create_index("ix_shots_match_id", "shots", ["match_id"], unique=False)
    op.create_index("ix_shots_player_id", "shots", ["player_id"], unique=False)
    op.create_index("ix_shots_team_id", "shots", ["team_id"], unique=False)


def _create_tracking_clv_picks() -> None:
    op.create_table(
        "tracking_clv_picks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column(
            "agent", sa.Text(), nullable=False, comment="who picked: a built-in agent, or a name of the user's own"
        ),
        sa.Column("strategy", sa.Text(), nullable=True, comment="the agent's strategy; NULL: it names none"),
        sa.Column("match_id", sa.BigInteger(), nullable=False, comment="match that is bet on"),
        sa.Column("market", ODDS_MARKET, nullable=False, comment="what is bet on"),
        sa.Column("side", PICK_SIDE, nullable=False, comment="what is backed"),
        sa.Column(
            "line", sa.Numeric(), nullable=True, comment="goals; handicap of the home side; NULL: the market has none"
        ),
        sa.Column("bookmaker_id", sa.SmallInteger(), nullable=False, comment="who took the bet"),
        sa.Column("price_taken", sa.Numeric(), nullable=False, comment="decimal odds; never changes"),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False, comment="when the price was taken, UTC"),
        sa.Column("stake", sa.Numeric(), nullable=False, comment="units staked; never changes"),
        sa.Column("model_probability", sa.Double(), nullable=True, comment="the agent's probability of the side"),
        sa.Column("edge", sa.Double(), nullable=True, comment="expected profit per unit staked, as the agent saw it"),
        sa.Column(
            "hours_before_kickoff",
            sa.Numeric(),
            nullable=True,
            comment="from taken_at to kickoff; NULL: kickoff not known",
        ),
        sa.Column(
            "closing_price",
            sa.Numeric(),
            nullable=True,
            comment="last price before kickoff of the same market, line and side",
        ),
        sa.Column("closing_source", CLOSING_SOURCE, nullable=True, comment="whose closing price it is: its quality"),
        sa.Column(
            "no_closing_reason",
            NO_CLOSING_REASON,
            nullable=True,
            comment="why there is no closing price; NULL also while it is not due yet",
        ),
        sa.Column("clv_percentage", sa.Numeric(), nullable=True, comment="(price taken / closing price - 1) * 100"),
        sa.Column(
            "clv_no_vig_percentage",
            sa.Numeric(),
            nullable=True,
            comment="(price taken * no-vig closing probability - 1) * 100; NULL: not every side closed",
        ),
        sa.Column(
            "clv_line_adjusted_percentage",
            sa.Numeric(),
            nullable=True,
            comment="value of the pick's own line at the close, where the line had moved; never the same-line CLV",
        ),
        sa.Column("clv_line_adjusted_method", sa.Text(), nullable=True, comment="how the line was adjusted for"),
        sa.Column("result", PICK_RESULT, nullable=True, comment="NULL: not settled"),
        sa.Column("profit", sa.Numeric(), nullable=True, comment="units won; negative: lost"),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True, comment="when it was settled, UTC"),
        sa.Column("data_version", sa.Text(), nullable=False, comment="version of the data and code it was made from"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row was inserted",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the row last changed",
        ),
        sa.CheckConstraint(
            "(market IN ('over_under', 'asian_handicap')) = (line IS NOT NULL)",
            name=op.f("ck_tracking_clv_picks_line_of_market"),
        ),
        sa.CheckConstraint(
            "CASE market WHEN '1x2' THEN side IN ('home', 'draw', 'away') WHEN 'over_under' THEN side IN ('over', 'under') WHEN 'asian_handicap' THEN side IN ('home', 'away') WHEN 'btts' THEN side IN ('yes', 'no') WHEN 'double_chance' THEN side IN ('home_or_draw', 'home_or_away', 'draw_or_away') WHEN 'draw_no_bet' THEN side IN ('home', 'away') ELSE false END",
            name=op.f("ck_tracking_clv_picks_side_of_market"),
        ),
        sa.CheckConstraint("abs(edge) < 'Infinity'", name=op.f("ck_tracking_clv_picks_edge_finite")),
        sa.CheckConstraint(
            "greatest(abs(price_taken), abs(stake), abs(hours_before_kickoff), abs(closing_price), abs(clv_no_vig_percentage), abs(clv_line_adjusted_percentage)) < 'Infinity'",
            name=op.f("ck_tracking_clv_picks_finite"),
        ),
        sa.CheckConstraint(
            "profit = CASE result\n    WHEN 'win' THEN stake * (price_taken - 1)\n    WHEN 'half_win' THEN stake * (price_taken - 1) * 0.5\n    WHEN 'half_loss' THEN stake * -0.5\n    WHEN 'loss' THEN -stake\n    ELSE 0 END",
            name=op.f("ck_tracking_clv_picks_profit_from_result"),
        ),
        sa.CheckConstraint(
            "result <> 'push' OR market = 'draw_no_bet' OR coalesce(mod(line, 1) = 0, false)",
            name=op.f("ck_tracking_clv_picks_push_on_whole_line"),
        ),
        sa.CheckConstraint(
            "result NOT IN ('half_win', 'half_loss') OR coalesce(mod(line, 0.5) <> 0, false)",
            name=op.f("ck_tracking_clv_picks_half_result_on_quarter_line"),
        ),
        sa.CheckConstraint(
            "abs(clv_percentage - (price_taken / nullif(closing_price, 0) - 1) * 100) < 0.0001",
            name=op.f("ck_tracking_clv_picks_clv_from_prices"),
        ),
        sa.CheckConstraint(
            "closing_price IS NULL OR no_closing_reason IS NULL", name=op.f("ck_tracking_clv_picks_closing_or_reason")
        ),
        sa.CheckConstraint(
            "clv_no_vig_percentage IS NULL OR closing_price IS NOT NULL",
            name=op.f("ck_tracking_clv_picks_no_vig_with_closing"),
        ),
        sa.CheckConstraint("hours_before_kickoff >= 0", name=op.f("ck_tracking_clv_picks_before_kickoff")),
        sa.CheckConstraint("least(price_taken, closing_price) > 1", name=op.f("ck_tracking_clv_picks_price_above_one")),
        sa.CheckConstraint("mod(line, 0.25) = 0", name=op.f("ck_tracking_clv_picks_quarter_line")),
        sa.CheckConstraint(
            "model_probability > 0 AND model_probability < 1", name=op.f("ck_tracking_clv_picks_model_probability")
        ),
        sa.CheckConstraint(
            "num_nonnulls(closing_price, closing_source, clv_percentage) IN (0, 3)",
            name=op.f("ck_tracking_clv_picks_whole_closing"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(clv_line_adjusted_percentage, clv_line_adjusted_method) IN (0, 2) AND (clv_line_adjusted_percentage IS NULL OR line IS NOT NULL)",
            name=op.f("ck_tracking_clv_picks_line_adjusted_with_method"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(result, profit, settled_at) IN (0, 3)", name=op.f("ck_tracking_clv_picks_whole_settlement")
        ),
        sa.CheckConstraint("settled_at > taken_at", name=op.f("ck_tracking_clv_picks_settled_after_taken")),
        sa.CheckConstraint("stake > 0", name=op.f("ck_tracking_clv_picks_stake_positive")),
        sa.ForeignKeyConstraint(
            ["bookmaker_id"], ["bookmakers.id"], name=op.f("fk_tracking_clv_picks_bookmaker_id_bookmakers")
        ),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_tracking_clv_picks_match_id_matches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_clv_picks")),
        comment="One row per pick",
        info={"triggers": {"tracking_clv_picks_immutable": "refuse_change_of_pick"}},
    )
    op.create_index("ix_tracking_clv_picks_agent_taken_at", "tracking_clv_picks", ["agent", "taken_at"], unique=False)
    op.create_index("ix_tracking_clv_picks_bookmaker_id", "tracking_clv_picks", ["bookmaker_id"], unique=False)
    op.create_index("ix_tracking_clv_picks_taken_at", "tracking_clv_picks", ["taken_at"], unique=False)
    op.create_index("ix_tracking_clv_picks_match_id", "tracking_clv_picks", ["match_id"], unique=False)
    op.create_index(
        "ix_tracking_clv_picks_unsettled",
        "tracking_clv_picks",
        ["match_id"],
        unique=False,
        postgresql_where=sa.text("result IS NULL"),
    )
    op.create_index(
        "uq_tracking_clv_picks_pick",
        "tracking_clv_picks",
        ["agent", "match_id", "market", "side", "line", "bookmaker_id", "taken_at"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
