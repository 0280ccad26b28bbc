"""Understat's matches and line-ups, match forecasts with the goal models behind them, counts of players read.

Revision: 0004
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FORECAST_MODEL = postgresql.ENUM(
    "dixon_coles", "market_pre_match", "market_closing", "base_rate", name="forecast_model", create_type=False
)
FORECAST_GAP = postgresql.ENUM("too_little_history", "no_prices", name="forecast_gap", create_type=False)
UNMATCHED_REASON = postgresql.ENUM(
    "unresolved_team",
    "no_such_match",
    "not_played",
    "date_and_score_differ",
    "claimed_twice",
    name="unmatched_reason",
    create_type=False,
)
ENUMS = (FORECAST_MODEL, FORECAST_GAP, UNMATCHED_REASON)
TABLES = (
    ("goal_model_fits", "quantum"),
    ("player_matches", "public"),
    ("goal_model_strengths", "quantum"),
    ("match_forecasts", "quantum"),
    ("understat_matches", "public"),
)

NEW_DATASETS = ("listings", "shots", "players", "appearances")

COMMENTS = (
    (
        "source",
        sa.Text(),
        "football-data or simulated",
        "football-data, understat, simulated or simulated-understat",
    ),
    (
        "rows_read",
        sa.Integer(),
        "data lines; NULL: not loaded yet",
        "matches, or shots of a match file; NULL: not loaded yet",
    ),
    ("rows_loaded", sa.Integer(), "matches loaded", "matches or shots loaded"),
    ("rows_rejected", sa.Integer(), "lines rejected", "matches or shots rejected"),
    (
        "rows_loader",
        sa.Text(),
        "version of the code that loaded the matches",
        "version of the code that loaded the rows",
    ),
)
PLAYERS_RECONCILE = (
    "num_nonnulls(players_read, players_loaded, players_rejected) = 0 "
    "OR num_nulls(players_read, players_loaded, players_rejected) = 0 "
    "AND players_read = players_loaded + players_rejected AND least(players_loaded, players_rejected) >= 0"
)


def upgrade() -> None:
    for kind in ENUMS:
        kind.create(op.get_bind(), checkfirst=False)
    for label in NEW_DATASETS:
        op.execute(f"ALTER TYPE rejected_dataset ADD VALUE '{label}'")
    _create_goal_model_fits()
    _create_player_matches()
    _create_goal_model_strengths()
    _create_match_forecasts()
    _create_understat_matches()
    _count_players()
    for name, kind, old, new in COMMENTS:
        op.alter_column("raw_files", name, schema="ops", existing_type=kind, existing_comment=old, comment=new)


def downgrade() -> None:
    for name, kind, old, new in COMMENTS:
        op.alter_column("raw_files", name, schema="ops", existing_type=kind, existing_comment=new, comment=old)
    # Line-ups go with their table: the next upgrade has to read the match files again.
    op.execute("UPDATE ops.raw_files SET rows_loader = NULL WHERE source IN ('understat', 'simulated-understat')")
    op.drop_constraint(op.f("ck_raw_files_players_reconcile"), "raw_files", schema="ops")
    for name in ("players_loader", "players_rejected", "players_loaded", "players_read"):
        op.drop_column("raw_files", name, schema="ops")
    for name, schema in reversed(TABLES):
        op.drop_table(name, schema=schema)
    for kind in ENUMS:
        kind.drop(op.get_bind(), checkfirst=False)
    _forget_new_datasets()


def _forget_new_datasets() -> None:
    """PostgreSQL takes no label from an enum: the type is made anew without them."""
    op.execute("DELETE FROM ops.rejected_rows WHERE dataset::text NOT IN ('matches', 'odds', 'match_details')")
    op.execute("ALTER TYPE rejected_dataset RENAME TO rejected_dataset_to_drop")
    op.execute("CREATE TYPE rejected_dataset AS ENUM ('matches', 'odds', 'match_details')")
    op.execute(
        "ALTER TABLE ops.rejected_rows ALTER COLUMN dataset TYPE rejected_dataset USING dataset::text::rejected_dataset"
    )
    op.execute("DROP TYPE rejected_dataset_to_drop")


def _count_players() -> None:
    op.add_column(
        "raw_files",
        sa.Column(
            "players_read", sa.Integer(), nullable=True, comment="players, or line-up entries; NULL: not loaded yet"
        ),
        schema="ops",
    )
    op.add_column(
        "raw_files",
        sa.Column("players_loaded", sa.Integer(), nullable=True, comment="players or line-up entries loaded"),
        schema="ops",
    )
    op.add_column(
        "raw_files",
        sa.Column("players_rejected", sa.Integer(), nullable=True, comment="players or line-up entries rejected"),
        schema="ops",
    )
    op.add_column(
        "raw_files",
        sa.Column("players_loader", sa.Text(), nullable=True, comment="version of the code that loaded the players"),
        schema="ops",
    )
    op.create_check_constraint(op.f("ck_raw_files_players_reconcile"), "raw_files", PLAYERS_RECONCILE, schema="ops")


def _create_goal_model_fits() -> None:
    op.create_table(
        "goal_model_fits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("league_id", sa.SmallInteger(), nullable=False, comment="league that it describes"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="only matches before this day were used"),
        sa.Column("model_version", sa.Text(), nullable=False, comment="model and version of the code"),
        sa.Column(
            "inputs_sha256",
            sa.Text(),
            nullable=False,
            comment="of everything that the fit saw: equal inputs, equal fit",
        ),
        sa.Column("n_matches", sa.Integer(), nullable=False, comment="matches it was fitted to"),
        sa.Column("home_goals", sa.Integer(), nullable=False, comment="goals of the home sides in them"),
        sa.Column("away_goals", sa.Integer(), nullable=False, comment="goals of the away sides in them"),
        sa.Column("first_match_date", sa.Date(), nullable=False, comment="day of the oldest of them"),
        sa.Column("last_match_date", sa.Date(), nullable=False, comment="day of the newest of them"),
        sa.Column("half_life_days", sa.Double(), nullable=False, comment="days after which a match counts half"),
        sa.Column(
            "intercept", sa.Double(), nullable=False, comment="log goals of an average side away at an average side"
        ),
        sa.Column("intercept_se", sa.Double(), nullable=False, comment="standard error"),
        sa.Column(
            "home_advantage", sa.Double(), nullable=False, comment="added to the log of the home side's expected goals"
        ),
        sa.Column("home_advantage_se", sa.Double(), nullable=False, comment="standard error"),
        sa.Column("rho", sa.Double(), nullable=False, comment="Dixon and Coles' dependence of low scores"),
        sa.Column("rho_se", sa.Double(), nullable=False, comment="standard error"),
        sa.Column(
            "newcomer_attack",
            sa.Double(),
            nullable=False,
            comment="attack of a side new to the league against one that stayed, log goals",
        ),
        sa.Column("newcomer_attack_se", sa.Double(), nullable=False, comment="standard error"),
        sa.Column(
            "newcomer_defence", sa.Double(), nullable=False, comment="its defence likewise; negative: it lets in more"
        ),
        sa.Column("newcomer_defence_se", sa.Double(), nullable=False, comment="standard error"),
        sa.Column("log_likelihood", sa.Double(), nullable=False, comment="of the matches, weighted by age"),
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
            "greatest(abs(half_life_days), abs(intercept), abs(home_advantage), abs(rho), abs(newcomer_attack), abs(newcomer_defence), abs(intercept_se), abs(home_advantage_se), abs(rho_se), abs(newcomer_attack_se), abs(newcomer_defence_se), abs(log_likelihood)) < 'Infinity'",
            name=op.f("ck_goal_model_fits_finite"),
        ),
        sa.CheckConstraint("inputs_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_goal_model_fits_inputs_sha256")),
        sa.CheckConstraint(
            "first_match_date <= last_match_date AND last_match_date < as_of",
            name=op.f("ck_goal_model_fits_only_matches_before"),
        ),
        sa.CheckConstraint(
            "least(intercept_se, home_advantage_se, rho_se, newcomer_attack_se, newcomer_defence_se) > 0",
            name=op.f("ck_goal_model_fits_standard_errors"),
        ),
        sa.CheckConstraint("n_matches > 0", name=op.f("ck_goal_model_fits_n_matches")),
        sa.CheckConstraint("least(home_goals, away_goals) >= 0", name=op.f("ck_goal_model_fits_goals_not_negative")),
        sa.ForeignKeyConstraint(["league_id"], ["leagues.id"], name=op.f("fk_goal_model_fits_league_id_leagues")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_model_fits")),
        schema="quantum",
        comment="One row per league, day and version of the model",
    )
    op.create_index(
        "uq_goal_model_fits_league_id_as_of_model_version",
        "goal_model_fits",
        ["league_id", "as_of", "model_version"],
        unique=True,
        schema="quantum",
    )


def _create_player_matches() -> None:
    op.create_table(
        "player_matches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("match_id", sa.BigInteger(), nullable=False, comment="match in which he played"),
        sa.Column("team_id", sa.Integer(), nullable=False, comment="club that he played for"),
        sa.Column("player_id", sa.BigInteger(), nullable=False, comment="Understat's id of the player"),
        sa.Column("player", sa.Text(), nullable=False, comment="name as the source writes it"),
        sa.Column("position", sa.Text(), nullable=False, comment="such as GK, DC, AMR; Sub for a substitute"),
        sa.Column("minutes", sa.SmallInteger(), nullable=False, comment="minutes played"),
        sa.Column("goals", sa.SmallInteger(), nullable=False, comment="goals, penalties among them; own goals never"),
        sa.Column("own_goals", sa.SmallInteger(), nullable=False, comment="own goals"),
        sa.Column("assists", sa.SmallInteger(), nullable=False, comment="assists"),
        sa.Column("shots", sa.SmallInteger(), nullable=False, comment="shots"),
        sa.Column("key_passes", sa.SmallInteger(), nullable=False, comment="passes that led to a shot"),
        sa.Column("yellow_cards", sa.SmallInteger(), nullable=False, comment="yellow cards"),
        sa.Column("red_cards", sa.SmallInteger(), nullable=False, comment="red cards"),
        sa.Column("xg", sa.Double(), nullable=False, comment="expected goals"),
        sa.Column("xa", sa.Double(), nullable=False, comment="expected assists"),
        sa.Column("xg_chain", sa.Double(), nullable=False, comment="xG of the attacks he took part in"),
        sa.Column("xg_buildup", sa.Double(), nullable=False, comment="xG chain less shots and key passes"),
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
            "greatest(abs(xg), abs(xa), abs(xg_chain), abs(xg_buildup)) < 'Infinity'",
            name=op.f("ck_player_matches_finite"),
        ),
        sa.CheckConstraint(
            "least(goals, own_goals, assists, shots, key_passes, yellow_cards, red_cards) >= 0",
            name=op.f("ck_player_matches_counts_not_negative"),
        ),
        sa.CheckConstraint(
            "least(xg, xa, xg_chain, xg_buildup) >= 0", name=op.f("ck_player_matches_expected_not_negative")
        ),
        sa.CheckConstraint("minutes BETWEEN 0 AND 150", name=op.f("ck_player_matches_minutes")),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_player_matches_match_id_matches")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_player_matches_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_player_matches")),
        comment="One row per player and match",
    )
    op.create_index("ix_player_matches_player_id", "player_matches", ["player_id"], unique=False)
    op.create_index("ix_player_matches_team_id", "player_matches", ["team_id"], unique=False)
    op.create_index("uq_player_matches_match_id_player_id", "player_matches", ["match_id", "player_id"], unique=True)


def _create_goal_model_strengths() -> None:
    op.create_table(
        "goal_model_strengths",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("fit_id", sa.BigInteger(), nullable=False, comment="fit it belongs to"),
        sa.Column("team_id", sa.Integer(), nullable=False, comment="team it describes"),
        sa.Column("n_matches", sa.Integer(), nullable=False, comment="matches of the team among those of the fit"),
        sa.Column("is_newcomer", sa.Boolean(), nullable=False, comment="it was not in the league the season before"),
        sa.Column("attack", sa.Double(), nullable=False, comment="added to the log of its expected goals"),
        sa.Column("attack_se", sa.Double(), nullable=False, comment="standard error"),
        sa.Column(
            "defence", sa.Double(), nullable=False, comment="taken from the log of its opponents' expected goals"
        ),
        sa.Column("defence_se", sa.Double(), nullable=False, comment="standard error"),
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
            "greatest(abs(attack), abs(attack_se), abs(defence), abs(defence_se)) < 'Infinity'",
            name=op.f("ck_goal_model_strengths_finite"),
        ),
        sa.CheckConstraint("least(attack_se, defence_se) > 0", name=op.f("ck_goal_model_strengths_standard_errors")),
        sa.CheckConstraint("n_matches >= 0", name=op.f("ck_goal_model_strengths_n_matches")),
        sa.ForeignKeyConstraint(
            ["fit_id"], ["quantum.goal_model_fits.id"], name=op.f("fk_goal_model_strengths_fit_id_goal_model_fits")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_goal_model_strengths_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_model_strengths")),
        schema="quantum",
        comment="One row per fit and team",
    )
    op.create_index(
        "ix_goal_model_strengths_team_id", "goal_model_strengths", ["team_id"], unique=False, schema="quantum"
    )
    op.create_index(
        "uq_goal_model_strengths_fit_id_team_id",
        "goal_model_strengths",
        ["fit_id", "team_id"],
        unique=True,
        schema="quantum",
    )


def _create_match_forecasts() -> None:
    op.create_table(
        "match_forecasts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("match_id", sa.BigInteger(), nullable=False, comment="match that is forecast"),
        sa.Column("model", FORECAST_MODEL, nullable=False, comment="where the probabilities come from"),
        sa.Column("model_version", sa.Text(), nullable=False, comment="method and version of the code"),
        sa.Column(
            "as_of",
            sa.Date(),
            nullable=True,
            comment="only matches before this day were used; NULL: the market's prices speak for themselves",
        ),
        sa.Column("gap", FORECAST_GAP, nullable=True, comment="why there is no forecast"),
        sa.Column("home_prob", sa.Double(), nullable=True, comment="home win"),
        sa.Column("draw_prob", sa.Double(), nullable=True, comment="draw"),
        sa.Column("away_prob", sa.Double(), nullable=True, comment="away win"),
        sa.Column("over15_prob", sa.Double(), nullable=True, comment="more than 1.5 goals"),
        sa.Column("over25_prob", sa.Double(), nullable=True, comment="more than 2.5 goals"),
        sa.Column("over35_prob", sa.Double(), nullable=True, comment="more than 3.5 goals"),
        sa.Column("btts_prob", sa.Double(), nullable=True, comment="both sides score"),
        sa.Column("home_goals_expected", sa.Double(), nullable=True, comment="expected goals of the home side"),
        sa.Column("away_goals_expected", sa.Double(), nullable=True, comment="expected goals of the away side"),
        sa.Column(
            "handicaps",
            postgresql.JSONB(none_as_null=True),
            nullable=True,
            comment="home side's fair probability (1 / fair price) by Asian handicap line of the home side",
        ),
        sa.Column("fit_id", sa.BigInteger(), nullable=True, comment="fit that it comes from"),
        sa.Column("one_x_two_bookmaker_id", sa.SmallInteger(), nullable=True, comment="whose 1x2 prices"),
        sa.Column("over_under_bookmaker_id", sa.SmallInteger(), nullable=True, comment="whose over/under prices"),
        sa.Column("asian_handicap_bookmaker_id", sa.SmallInteger(), nullable=True, comment="whose handicap prices"),
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
            "(as_of IS NULL) = (model IN ('market_pre_match', 'market_closing'))",
            name=op.f("ck_match_forecasts_as_of_model"),
        ),
        sa.CheckConstraint(
            "(fit_id IS NOT NULL) = (model = 'dixon_coles' AND gap IS NULL)",
            name=op.f("ck_match_forecasts_fit_of_model"),
        ),
        sa.CheckConstraint(
            "greatest(abs(home_goals_expected), abs(away_goals_expected)) < 'Infinity'",
            name=op.f("ck_match_forecasts_finite"),
        ),
        sa.CheckConstraint("jsonb_typeof(handicaps) = 'object'", name=op.f("ck_match_forecasts_handicaps_are_object")),
        sa.CheckConstraint(
            "(gap IS NOT NULL) = (num_nonnulls(home_prob, draw_prob, away_prob, over15_prob, over25_prob, over35_prob, btts_prob, home_goals_expected, away_goals_expected, handicaps) = 0)",
            name=op.f("ck_match_forecasts_forecast_or_gap"),
        ),
        sa.CheckConstraint(
            "abs(home_prob + draw_prob + away_prob - 1) < 0.000001", name=op.f("ck_match_forecasts_sums_to_one")
        ),
        sa.CheckConstraint(
            "least(home_goals_expected, away_goals_expected) >= 0", name=op.f("ck_match_forecasts_goals_not_negative")
        ),
        sa.CheckConstraint(
            "least(home_prob, draw_prob, away_prob, over15_prob, over25_prob, over35_prob, btts_prob) >= 0 AND greatest(home_prob, draw_prob, away_prob, over15_prob, over25_prob, over35_prob, btts_prob) <= 1",
            name=op.f("ck_match_forecasts_probabilities"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(home_goals_expected, away_goals_expected) IN (0, 2)",
            name=op.f("ck_match_forecasts_goals_of_both"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(home_prob, draw_prob, away_prob) IN (0, 3)", name=op.f("ck_match_forecasts_whole_1x2")
        ),
        sa.CheckConstraint(
            "over15_prob >= over25_prob AND over25_prob >= over35_prob",
            name=op.f("ck_match_forecasts_fewer_goals_likelier"),
        ),
        sa.ForeignKeyConstraint(
            ["fit_id"], ["quantum.goal_model_fits.id"], name=op.f("fk_match_forecasts_fit_id_goal_model_fits")
        ),
        sa.ForeignKeyConstraint(
            ["asian_handicap_bookmaker_id"],
            ["bookmakers.id"],
            name=op.f("fk_match_forecasts_asian_handicap_bookmaker_id_bookmakers"),
        ),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_match_forecasts_match_id_matches")),
        sa.ForeignKeyConstraint(
            ["one_x_two_bookmaker_id"],
            ["bookmakers.id"],
            name=op.f("fk_match_forecasts_one_x_two_bookmaker_id_bookmakers"),
        ),
        sa.ForeignKeyConstraint(
            ["over_under_bookmaker_id"],
            ["bookmakers.id"],
            name=op.f("fk_match_forecasts_over_under_bookmaker_id_bookmakers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_forecasts")),
        schema="quantum",
        comment="One row per match, model and version of the model",
    )
    op.create_index("ix_match_forecasts_fit_id", "match_forecasts", ["fit_id"], unique=False, schema="quantum")
    op.create_index(
        "uq_match_forecasts_match_id_model_model_version",
        "match_forecasts",
        ["match_id", "model", "model_version"],
        unique=True,
        schema="quantum",
    )


def _create_understat_matches() -> None:
    op.create_table(
        "understat_matches",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Understat's id"),
        sa.Column("league_id", sa.SmallInteger(), nullable=False, comment="league it is listed in"),
        sa.Column("season", sa.Text(), nullable=False, comment="such as 2019-20"),
        sa.Column("match_id", sa.BigInteger(), nullable=True, comment="our match; NULL: none is proved"),
        sa.Column("unmatched_reason", UNMATCHED_REASON, nullable=True, comment="why none is"),
        sa.Column(
            "shown_at",
            sa.DateTime(),
            nullable=False,
            comment="kickoff as the site shows it, in a time zone that it does not name",
        ),
        sa.Column("home_team", sa.Text(), nullable=False, comment="as the source writes it"),
        sa.Column("away_team", sa.Text(), nullable=False, comment="as the source writes it"),
        sa.Column("home_goals", sa.SmallInteger(), nullable=True, comment="full time; NULL: not played"),
        sa.Column("away_goals", sa.SmallInteger(), nullable=True, comment="full time; NULL: not played"),
        sa.Column("home_xg", sa.Double(), nullable=True, comment="expected goals; NULL: not played"),
        sa.Column("away_xg", sa.Double(), nullable=True, comment="expected goals; NULL: not played"),
        sa.Column(
            "home_ppda", sa.Double(), nullable=True, comment="passes allowed per defensive action; NULL: not told"
        ),
        sa.Column(
            "away_ppda", sa.Double(), nullable=True, comment="passes allowed per defensive action; NULL: not told"
        ),
        sa.Column(
            "home_deep",
            sa.SmallInteger(),
            nullable=True,
            comment="passes completed within 20 yards of the goal; NULL: not told",
        ),
        sa.Column(
            "away_deep",
            sa.SmallInteger(),
            nullable=True,
            comment="passes completed within 20 yards of the goal; NULL: not told",
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
            "greatest(abs(home_xg), abs(away_xg), abs(home_ppda), abs(away_ppda)) < 'Infinity'",
            name=op.f("ck_understat_matches_finite"),
        ),
        sa.CheckConstraint("season ~ '^[0-9]{4}-[0-9]{2}$'", name=op.f("ck_understat_matches_season_name")),
        sa.CheckConstraint(
            "(match_id IS NULL) = (unmatched_reason IS NOT NULL)", name=op.f("ck_understat_matches_match_or_reason")
        ),
        sa.CheckConstraint("home_team <> away_team", name=op.f("ck_understat_matches_two_teams")),
        sa.CheckConstraint(
            "least(home_goals, away_goals, home_xg, away_xg, home_ppda, away_ppda, home_deep, away_deep) >= 0",
            name=op.f("ck_understat_matches_not_negative"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(home_goals, away_goals, home_xg, away_xg) IN (0, 4)",
            name=op.f("ck_understat_matches_whole_result"),
        ),
        sa.ForeignKeyConstraint(["league_id"], ["leagues.id"], name=op.f("fk_understat_matches_league_id_leagues")),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_understat_matches_match_id_matches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_understat_matches")),
        comment="One row per match of Understat",
    )
    op.create_index("ix_understat_matches_league_id_season", "understat_matches", ["league_id", "season"], unique=False)
    op.create_index("uq_understat_matches_match_id", "understat_matches", ["match_id"], unique=True)
