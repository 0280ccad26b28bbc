"""The foundation: three schemas, the reference tables, matches, odds, and the record of what was fetched.

Revision: 0001
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


ENUMS = ("odds_market", "odds_price_kind", "rejected_dataset")
SCHEMAS = ("quantum", "ops")


def upgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    op.create_table(
        "bookmakers",
        sa.Column("id", sa.SmallInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("key", sa.Text(), nullable=False, comment="abbreviation, such as B365"),
        sa.Column("name", sa.Text(), nullable=False, comment="name, or the key where none is known"),
        sa.Column(
            "is_aggregate", sa.Boolean(), nullable=False, comment="market maximum or average: nobody can bet there"
        ),
        sa.Column(
            "is_sharp",
            sa.Boolean(),
            nullable=False,
            comment="low margin, high limits: its closing price is the reference",
        ),
        sa.Column("is_exchange", sa.Boolean(), nullable=False, comment="prices before commission"),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookmakers")),
        sa.UniqueConstraint("key", name=op.f("uq_bookmakers_key")),
        comment="One row per bookmaker or market aggregate",
    )
    op.create_table(
        "leagues",
        sa.Column("id", sa.SmallInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("code", sa.Text(), nullable=False, comment="football-data.co.uk code, such as E0"),
        sa.Column("name", sa.Text(), nullable=False, comment="name of the division"),
        sa.Column("country", sa.Text(), nullable=False, comment="country whose sides play in it"),
        sa.Column("tier", sa.SmallInteger(), nullable=False, comment="1 is the top division"),
        sa.Column("understat_name", sa.Text(), nullable=True, comment="name in Understat's addresses"),
        sa.Column("odds_api_key", sa.Text(), nullable=True, comment="sport key of The Odds API"),
        sa.Column("is_simulated", sa.Boolean(), nullable=False, comment="made by the generator, no real football"),
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
        sa.CheckConstraint("tier BETWEEN 1 AND 9", name=op.f("ck_leagues_tier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leagues")),
        sa.UniqueConstraint("code", name=op.f("uq_leagues_code")),
        comment="One row per league",
    )
    op.create_table(
        "raw_files",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("source", sa.Text(), nullable=False, comment="football-data or simulated"),
        sa.Column("league", sa.Text(), nullable=False, comment="league code of the partition it was fetched for"),
        sa.Column("season", sa.Text(), nullable=False, comment="season of the partition it was fetched for"),
        sa.Column("key", sa.Text(), nullable=False, comment="path below the source's base URL"),
        sa.Column("url", sa.Text(), nullable=False, comment="address without credentials"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="address of the kept bytes"),
        sa.Column("bytes", sa.Integer(), nullable=False, comment="size of the body"),
        sa.Column("etag", sa.Text(), nullable=True, comment="for the next conditional request"),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="for the next conditional request"),
        sa.Column(
            "fetched_at", sa.DateTime(timezone=True), nullable=False, comment="when this version was first fetched, UTC"
        ),
        sa.Column("rows_read", sa.Integer(), nullable=True, comment="data lines; NULL: not loaded yet"),
        sa.Column("rows_loaded", sa.Integer(), nullable=True, comment="matches loaded"),
        sa.Column("rows_rejected", sa.Integer(), nullable=True, comment="lines rejected"),
        sa.Column("rows_loader", sa.Text(), nullable=True, comment="version of the code that loaded the matches"),
        sa.Column("quotes_read", sa.Integer(), nullable=True, comment="quotes that name a price; NULL: not loaded yet"),
        sa.Column("quotes_loaded", sa.Integer(), nullable=True, comment="odds rows loaded"),
        sa.Column("quotes_rejected", sa.Integer(), nullable=True, comment="quotes rejected"),
        sa.Column("quotes_loader", sa.Text(), nullable=True, comment="version of the code that loaded the odds"),
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
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_raw_files_sha256")),
        sa.CheckConstraint("bytes > 0", name=op.f("ck_raw_files_bytes")),
        sa.CheckConstraint(
            "num_nonnulls(quotes_read, quotes_loaded, quotes_rejected) = 0 OR num_nulls(quotes_read, quotes_loaded, quotes_rejected) = 0 AND quotes_read = quotes_loaded + quotes_rejected AND least(quotes_loaded, quotes_rejected) >= 0",
            name=op.f("ck_raw_files_quotes_reconcile"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(rows_read, rows_loaded, rows_rejected) = 0 OR num_nulls(rows_read, rows_loaded, rows_rejected) = 0 AND rows_read = rows_loaded + rows_rejected AND least(rows_loaded, rows_rejected) >= 0",
            name=op.f("ck_raw_files_rows_reconcile"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_files")),
        schema="ops",
        comment="One row per fetched version of a file; the bytes are kept by their sha256",
    )
    op.create_index(
        "ix_raw_files_source_league_season_key",
        "raw_files",
        ["source", "league", "season", "key", "id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("name", sa.Text(), nullable=False, comment="canonical name"),
        sa.Column("country", sa.Text(), nullable=False, comment="country in whose leagues it plays"),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        comment="One row per club",
    )
    op.create_index("uq_teams_country_name", "teams", ["country", "name"], unique=True)
    op.create_table(
        "matches",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False, comment="from the natural key"),
        sa.Column("league_id", sa.SmallInteger(), nullable=False, comment="league it belongs to"),
        sa.Column("season", sa.Text(), nullable=False, comment="such as 2019-20"),
        sa.Column("home_team_id", sa.Integer(), nullable=False, comment="club playing at home"),
        sa.Column("away_team_id", sa.Integer(), nullable=False, comment="club playing away"),
        sa.Column(
            "meeting",
            sa.SmallInteger(),
            nullable=False,
            comment="nth time the home side hosts this opponent in the season; above 1 where sides meet more than twice",
        ),
        sa.Column("match_date", sa.Date(), nullable=False, comment="day of the match, UK time"),
        sa.Column(
            "kickoff_at", sa.DateTime(timezone=True), nullable=True, comment="UTC; NULL: the source gives the date only"
        ),
        sa.Column("home_goals", sa.SmallInteger(), nullable=True, comment="full time; NULL: not played, or not known"),
        sa.Column("away_goals", sa.SmallInteger(), nullable=True, comment="full time; NULL: not played, or not known"),
        sa.Column("half_time_home_goals", sa.SmallInteger(), nullable=True, comment="at half-time"),
        sa.Column("half_time_away_goals", sa.SmallInteger(), nullable=True, comment="at half-time"),
        sa.Column("home_shots", sa.SmallInteger(), nullable=True, comment="shots by the home side"),
        sa.Column("away_shots", sa.SmallInteger(), nullable=True, comment="shots by the away side"),
        sa.Column("home_shots_on_target", sa.SmallInteger(), nullable=True, comment="shots on target by the home side"),
        sa.Column("away_shots_on_target", sa.SmallInteger(), nullable=True, comment="shots on target by the away side"),
        sa.Column("home_corners", sa.SmallInteger(), nullable=True, comment="corners of the home side"),
        sa.Column("away_corners", sa.SmallInteger(), nullable=True, comment="corners of the away side"),
        sa.Column("home_fouls", sa.SmallInteger(), nullable=True, comment="fouls by the home side"),
        sa.Column("away_fouls", sa.SmallInteger(), nullable=True, comment="fouls by the away side"),
        sa.Column("home_yellow_cards", sa.SmallInteger(), nullable=True, comment="yellow cards of the home side"),
        sa.Column("away_yellow_cards", sa.SmallInteger(), nullable=True, comment="yellow cards of the away side"),
        sa.Column("home_red_cards", sa.SmallInteger(), nullable=True, comment="red cards of the home side"),
        sa.Column("away_red_cards", sa.SmallInteger(), nullable=True, comment="red cards of the away side"),
        sa.Column("referee", sa.Text(), nullable=True, comment="as the source writes the name"),
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
        sa.CheckConstraint("season ~ '^[0-9]{4}-[0-9]{2}$'", name=op.f("ck_matches_season_name")),
        sa.CheckConstraint(
            "(half_time_home_goals IS NULL) = (half_time_away_goals IS NULL)",
            name=op.f("ck_matches_whole_half_time_score"),
        ),
        sa.CheckConstraint("(home_goals IS NULL) = (away_goals IS NULL)", name=op.f("ck_matches_whole_score")),
        sa.CheckConstraint(
            "half_time_home_goals <= home_goals AND half_time_away_goals <= away_goals",
            name=op.f("ck_matches_half_time_goals"),
        ),
        sa.CheckConstraint("home_team_id <> away_team_id", name=op.f("ck_matches_two_teams")),
        sa.CheckConstraint(
            "least(home_goals, away_goals, half_time_home_goals, half_time_away_goals, home_shots, away_shots, home_shots_on_target, away_shots_on_target, home_corners, away_corners, home_fouls, away_fouls, home_yellow_cards, away_yellow_cards, home_red_cards, away_red_cards) >= 0",
            name=op.f("ck_matches_counts_not_negative"),
        ),
        sa.CheckConstraint("meeting BETWEEN 1 AND 4", name=op.f("ck_matches_meeting")),
        sa.ForeignKeyConstraint(["away_team_id"], ["teams.id"], name=op.f("fk_matches_away_team_id_teams")),
        sa.ForeignKeyConstraint(["home_team_id"], ["teams.id"], name=op.f("fk_matches_home_team_id_teams")),
        sa.ForeignKeyConstraint(["league_id"], ["leagues.id"], name=op.f("fk_matches_league_id_leagues")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
        comment="One row per match",
    )
    op.create_index("ix_matches_away_team_id", "matches", ["away_team_id"], unique=False)
    op.create_index("ix_matches_home_team_id", "matches", ["home_team_id"], unique=False)
    op.create_index("ix_matches_match_date", "matches", ["match_date"], unique=False)
    op.create_index(
        "uq_matches_league_id_season_home_team_id_away_team_id_meeting",
        "matches",
        ["league_id", "season", "home_team_id", "away_team_id", "meeting"],
        unique=True,
    )
    op.create_table(
        "rejected_rows",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("raw_file_id", sa.Integer(), nullable=False, comment="file it stands in"),
        sa.Column(
            "dataset",
            sa.Enum("matches", "odds", "match_details", name="rejected_dataset"),
            nullable=False,
            comment="what was rejected",
        ),
        sa.Column("line_number", sa.Integer(), nullable=False, comment="line of the file, from 1"),
        sa.Column("reason", sa.Text(), nullable=False, comment="reason code"),
        sa.Column("raw_text", sa.Text(), nullable=False, comment="the line, or the cells in question"),
        sa.CheckConstraint("line_number > 0", name=op.f("ck_rejected_rows_line_number")),
        sa.ForeignKeyConstraint(
            ["raw_file_id"],
            ["ops.raw_files.id"],
            name=op.f("fk_rejected_rows_raw_file_id_raw_files"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejected_rows")),
        schema="ops",
        comment="One row per rejected row",
    )
    op.create_index("ix_rejected_rows_raw_file_id", "rejected_rows", ["raw_file_id"], unique=False, schema="ops")
    op.create_table(
        "team_aliases",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("source", sa.Text(), nullable=False, comment="the source that spells it so"),
        sa.Column("league_id", sa.SmallInteger(), nullable=False, comment="league in which it is spelled so"),
        sa.Column("spelling", sa.Text(), nullable=False, comment="the name as the source writes it"),
        sa.Column("team_id", sa.Integer(), nullable=True, comment="NULL: not resolved yet"),
        sa.Column("method", sa.Text(), nullable=True, comment="how the spelling was resolved"),
        sa.Column(
            "evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="what the resolution rests on"
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
        sa.CheckConstraint("(team_id IS NULL) = (method IS NULL)", name=op.f("ck_team_aliases_resolved_with_method")),
        sa.ForeignKeyConstraint(["league_id"], ["leagues.id"], name=op.f("fk_team_aliases_league_id_leagues")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_aliases_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_aliases")),
        comment="One row per source, league and spelling",
    )
    op.create_index("ix_team_aliases_team_id", "team_aliases", ["team_id"], unique=False)
    op.create_index(
        "uq_team_aliases_source_league_id_spelling", "team_aliases", ["source", "league_id", "spelling"], unique=True
    )
    op.create_table(
        "odds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("match_id", sa.BigInteger(), nullable=False, comment="match that is quoted"),
        sa.Column("bookmaker_id", sa.SmallInteger(), nullable=False, comment="who made the prices"),
        sa.Column(
            "market",
            sa.Enum("1x2", "over_under", "asian_handicap", "btts", "double_chance", "draw_no_bet", name="odds_market"),
            nullable=False,
            comment="what is bet on",
        ),
        sa.Column("line", sa.Numeric(), nullable=True, comment="goals; handicap of the home side; NULL for 1x2"),
        sa.Column(
            "price_kind",
            sa.Enum("pre_match", "closing", "snapshot", name="odds_price_kind"),
            nullable=False,
            comment="when the prices stood",
        ),
        sa.Column(
            "captured_at", sa.DateTime(timezone=True), nullable=True, comment="UTC; NULL: the source does not say when"
        ),
        sa.Column("home_price", sa.Numeric(), nullable=True, comment="decimal odds, home side"),
        sa.Column("draw_price", sa.Numeric(), nullable=True, comment="decimal odds, draw"),
        sa.Column("away_price", sa.Numeric(), nullable=True, comment="decimal odds, away side"),
        sa.Column("over_price", sa.Numeric(), nullable=True, comment="decimal odds, over the line"),
        sa.Column("under_price", sa.Numeric(), nullable=True, comment="decimal odds, under the line"),
        sa.Column("overround", sa.Numeric(), nullable=False, comment="sum of 1/price less 1, four decimals"),
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
            "CASE market\n    WHEN '1x2' THEN line IS NULL AND num_nonnulls(home_price, draw_price, away_price) = 3\n        AND num_nonnulls(over_price, under_price) = 0\n    WHEN 'over_under' THEN line IS NOT NULL AND num_nonnulls(over_price, under_price) = 2\n        AND num_nonnulls(home_price, draw_price, away_price) = 0\n    WHEN 'asian_handicap' THEN line IS NOT NULL AND num_nonnulls(home_price, away_price) = 2\n        AND num_nonnulls(draw_price, over_price, under_price) = 0\n    ELSE false END",
            name=op.f("ck_odds_complete_for_market"),
        ),
        sa.CheckConstraint(
            "price_kind <> 'snapshot' OR captured_at IS NOT NULL", name=op.f("ck_odds_snapshot_has_time")
        ),
        sa.CheckConstraint(
            "least(home_price, draw_price, away_price, over_price, under_price) > 1", name=op.f("ck_odds_above_one")
        ),
        sa.CheckConstraint(
            "greatest(home_price, draw_price, away_price, over_price, under_price, abs(line), abs(overround)) < 'Infinity'",
            name=op.f("ck_odds_finite"),
        ),
        sa.ForeignKeyConstraint(["bookmaker_id"], ["bookmakers.id"], name=op.f("fk_odds_bookmaker_id_bookmakers")),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_odds_match_id_matches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odds")),
        comment="One row per match, bookmaker, market, line, price kind and capture time",
    )
    op.create_index(
        "uq_odds_quote",
        "odds",
        ["match_id", "bookmaker_id", "market", "line", "price_kind", "captured_at"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_index("uq_odds_quote", table_name="odds", postgresql_nulls_not_distinct=True)
    op.drop_table("odds")
    op.drop_index("uq_team_aliases_source_league_id_spelling", table_name="team_aliases")
    op.drop_index("ix_team_aliases_team_id", table_name="team_aliases")
    op.drop_table("team_aliases")
    op.drop_index("ix_rejected_rows_raw_file_id", table_name="rejected_rows", schema="ops")
    op.drop_table("rejected_rows", schema="ops")
    op.drop_index("uq_matches_league_id_season_home_team_id_away_team_id_meeting", table_name="matches")
    op.drop_index("ix_matches_match_date", table_name="matches")
    op.drop_index("ix_matches_home_team_id", table_name="matches")
    op.drop_index("ix_matches_away_team_id", table_name="matches")
    op.drop_table("matches")
    op.drop_index("uq_teams_country_name", table_name="teams")
    op.drop_table("teams")
    op.drop_index("ix_raw_files_source_league_season_key", table_name="raw_files", schema="ops")
    op.drop_table("raw_files", schema="ops")
    op.drop_table("leagues")
    op.drop_table("bookmakers")
    for name in ENUMS:
        op.execute(f"DROP TYPE public.{name}")
    for schema in SCHEMAS:
        op.execute(f"DROP SCHEMA {schema}")
