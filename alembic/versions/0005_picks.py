"""Picks of agents and of files: origin, closing bookmaker, kept corrections, progress; files of no league.

Revision: 0005
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PICKS = "tracking_clv_picks"
PICK_ORIGIN = postgresql.ENUM("own", "walk_forward", "live", name="pick_origin", create_type=False)
PICK_PART = postgresql.ENUM("closing", "settlement", name="pick_part", create_type=False)
PICK_STEP = postgresql.ENUM("take", "close", "settle", name="pick_step", create_type=False)
ENUMS = (PICK_ORIGIN, PICK_PART, PICK_STEP)

IMMUTABLE = ("agent", "match_id", "market", "side", "line", "bookmaker_id", "price_taken", "taken_at", "stake")
IMMUTABLE_WITH_ORIGIN = ("agent", "origin", *IMMUTABLE[1:])
CLOSING = (
    "closing_price",
    "closing_source",
    "closing_bookmaker_id",
    "closing_captured_at",
    "no_closing_reason",
    "clv_percentage",
    "clv_no_vig_percentage",
    "clv_line_adjusted_percentage",
    "clv_line_adjusted_method",
)
SETTLEMENT = ("result", "profit", "settled_at")
KEEP_CORRECTION_OF_PICK = """
    CREATE FUNCTION public.keep_correction_of_pick() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    DECLARE
        was jsonb;
        is_now jsonb;
        why text := nullif(btrim(current_setting('monps.why', true)), '');
    BEGIN
        SELECT jsonb_object_agg(part.key, part.value) INTO was FROM jsonb_each(to_jsonb(OLD)) AS part
        WHERE part.key = ANY (TG_ARGV) AND part.value <> 'null';
        IF was IS NULL AND why IS NULL THEN
            RETURN NULL; -- entered for the first time
        END IF;
        IF why IS NULL THEN
            RAISE EXCEPTION 'the % of pick % of agent % is corrected without a reason', TG_ARGV[0], OLD.id, OLD.agent
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                HINT = 'Corrections are kept with who and why: monps picks correct, or set monps.who and monps.why.';
        END IF;
        SELECT jsonb_object_agg(part.key, part.value) INTO is_now FROM jsonb_each(to_jsonb(NEW)) AS part
        WHERE part.key = ANY (TG_ARGV) AND part.value <> 'null';
        INSERT INTO ops.pick_corrections (pick_id, part, corrected_by, reason, was, is_now)
        VALUES (OLD.id, TG_ARGV[0]::public.pick_part,
            coalesce(nullif(btrim(current_setting('monps.who', true)), ''), session_user), why,
            coalesce(was, '{}'), coalesce(is_now, '{}'));
        RETURN NULL;
    END $$"""

CHANGED_CHECKS = (
    (
        "whole_closing",
        "num_nonnulls(closing_price, closing_source, clv_percentage) IN (0, 3)",
        "num_nonnulls(closing_price, closing_source, closing_bookmaker_id, clv_percentage) IN (0, 4)",
    ),
    (
        "line_adjusted_with_method",
        "num_nonnulls(clv_line_adjusted_percentage, clv_line_adjusted_method) IN (0, 2) "
        "AND (clv_line_adjusted_percentage IS NULL OR line IS NOT NULL)",
        "num_nonnulls(clv_line_adjusted_percentage, clv_line_adjusted_method) IN (0, 2) "
        "AND (clv_line_adjusted_percentage IS NULL OR line IS NOT NULL AND coalesce(no_closing_reason = 'line_moved', false))",
    ),
)
NEW_CHECKS = (
    ("time_of_origin", "(taken_at IS NULL) = (origin = 'walk_forward')"),
    ("same_bookmaker_closed", "closing_source <> 'same_bookmaker' OR closing_bookmaker_id = bookmaker_id"),
    ("payout", "stake * price_taken <= 1000000"),
    ("captured_with_closing", "closing_captured_at IS NULL OR closing_price IS NOT NULL"),
)
OF_PARTITION = "num_nonnulls(league, season) = CASE source WHEN 'picks' THEN 0 ELSE 2 END"
RAW_FILE_COMMENTS = (
    (
        "source",
        sa.Text(),
        "football-data, understat, simulated or simulated-understat",
        "football-data, understat, simulated, simulated-understat or picks",
    ),
    (
        "league",
        sa.Text(),
        "league code of the partition it was fetched for",
        "league code of the partition it was fetched for; NULL: a file of picks, of any league",
    ),
    ("key", sa.Text(), "path below the source's base URL", "path below the source's base URL; name of a file of picks"),
    (
        "rows_read",
        sa.Integer(),
        "matches, or shots of a match file; NULL: not loaded yet",
        "matches, picks, or shots of a match file; NULL: not loaded yet",
    ),
    ("rows_loaded", sa.Integer(), "matches or shots loaded", "matches, picks or shots loaded"),
    ("rows_rejected", sa.Integer(), "matches or shots rejected", "matches, picks or shots rejected"),
)
TAKEN_AT = "when the price was taken, UTC"
TAKEN_AT_OR_NOT = f"{TAKEN_AT}; NULL: over history, of prices whose time the source does not tell"


def upgrade() -> None:
    for kind in ENUMS:
        kind.create(op.get_bind(), checkfirst=False)
    op.execute("ALTER TYPE rejected_dataset ADD VALUE 'picks'")
    op.execute("ALTER TYPE closing_source ADD VALUE 'stated'")
    op.execute("ALTER TYPE no_closing_reason ADD VALUE 'implausible_price'")
    _add_columns_of_picks()
    _change_checks()
    _create_pick_corrections()
    _create_pick_progress()
    _replace_triggers()
    _take_files_of_no_league()


def downgrade() -> None:
    # What the tables of before cannot hold: picks without a time, stated and implausible closes, files of picks.
    op.execute(f"DROP TRIGGER {PICKS}_closing_kept ON public.{PICKS}")
    op.execute(f"DROP TRIGGER {PICKS}_settlement_kept ON public.{PICKS}")
    op.execute("DROP FUNCTION public.keep_correction_of_pick()")
    op.execute("DELETE FROM tracking_clv_picks WHERE taken_at IS NULL")
    op.execute(
        "UPDATE tracking_clv_picks SET closing_price = NULL, closing_source = NULL, closing_bookmaker_id = NULL, "
        "clv_percentage = NULL, clv_no_vig_percentage = NULL WHERE closing_source::text = 'stated'"
    )
    op.execute(
        "UPDATE tracking_clv_picks SET no_closing_reason = NULL WHERE no_closing_reason::text = 'implausible_price'"
    )
    op.execute("DELETE FROM ops.rejected_rows WHERE dataset::text = 'picks'")
    op.execute("DELETE FROM ops.raw_files WHERE source = 'picks'")
    _refuse_files_of_no_league()
    op.drop_table("pick_progress", schema="ops")
    op.drop_table("pick_corrections", schema="ops")
    _restore_trigger()
    _restore_checks()
    _drop_columns_of_picks()
    for kind in ENUMS:
        kind.drop(op.get_bind(), checkfirst=False)
    _forget_labels()


def _add_columns_of_picks() -> None:
    op.add_column(
        PICKS,
        sa.Column(
            "origin",
            PICK_ORIGIN,
            server_default=sa.text("'own'"),
            nullable=False,
            comment="a person's own; or a built-in agent's, over history or before the match",
        ),
    )
    op.add_column(
        PICKS,
        sa.Column("closing_bookmaker_id", sa.SmallInteger(), nullable=True, comment="who made the closing price"),
    )
    op.add_column(
        PICKS,
        sa.Column(
            "closing_captured_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the closing price stood, UTC; NULL: the source does not say",
        ),
    )
    op.execute(
        "UPDATE tracking_clv_picks SET closing_bookmaker_id = bookmaker_id WHERE closing_source = 'same_bookmaker'"
    )
    # Whose price it was is not told by the rows of before: the next run closes these picks anew.
    op.execute(
        "UPDATE tracking_clv_picks SET closing_price = NULL, closing_source = NULL, clv_percentage = NULL, "
        "clv_no_vig_percentage = NULL WHERE closing_price IS NOT NULL AND closing_bookmaker_id IS NULL"
    )
    op.execute(
        "UPDATE tracking_clv_picks SET clv_line_adjusted_percentage = NULL, clv_line_adjusted_method = NULL "
        "WHERE no_closing_reason IS DISTINCT FROM 'line_moved'"
    )
    op.create_foreign_key(
        op.f("fk_tracking_clv_picks_closing_bookmaker_id_bookmakers"),
        PICKS,
        "bookmakers",
        ["closing_bookmaker_id"],
        ["id"],
    )
    op.alter_column(
        PICKS,
        "taken_at",
        existing_type=sa.DateTime(timezone=True),
        nullable=True,
        existing_comment=TAKEN_AT,
        comment=TAKEN_AT_OR_NOT,
    )
    op.create_index("ix_tracking_clv_picks_closing_bookmaker_id", PICKS, ["closing_bookmaker_id"], unique=False)
    op.create_index(
        "uq_tracking_clv_picks_pick_of_built_in_agent",
        PICKS,
        ["agent", "match_id", "market", "side"],
        unique=True,
        postgresql_where=sa.text("origin <> 'own'"),
    )


def _drop_columns_of_picks() -> None:
    op.drop_index("uq_tracking_clv_picks_pick_of_built_in_agent", PICKS)
    op.drop_index("ix_tracking_clv_picks_closing_bookmaker_id", PICKS)
    op.alter_column(
        PICKS,
        "taken_at",
        existing_type=sa.DateTime(timezone=True),
        nullable=False,
        existing_comment=TAKEN_AT_OR_NOT,
        comment=TAKEN_AT,
    )
    for name in ("closing_captured_at", "closing_bookmaker_id", "origin"):
        op.drop_column(PICKS, name)


def _change_checks() -> None:
    for name, _, condition in CHANGED_CHECKS:
        op.drop_constraint(op.f(f"ck_{PICKS}_{name}"), PICKS)
        op.create_check_constraint(op.f(f"ck_{PICKS}_{name}"), PICKS, condition)
    for name, condition in NEW_CHECKS:
        op.create_check_constraint(op.f(f"ck_{PICKS}_{name}"), PICKS, condition)


def _restore_checks() -> None:
    for name, _ in NEW_CHECKS:
        op.drop_constraint(op.f(f"ck_{PICKS}_{name}"), PICKS)
    for name, condition, _ in CHANGED_CHECKS:
        op.drop_constraint(op.f(f"ck_{PICKS}_{name}"), PICKS)
        op.create_check_constraint(op.f(f"ck_{PICKS}_{name}"), PICKS, condition)


def _changed(columns: tuple[str, ...]) -> str:
    old, new = (f"({', '.join(f'{row}.{name}' for name in columns)})" for row in ("OLD", "NEW"))
    return f"{old} IS DISTINCT FROM {new}"


def _refuse_changes_of(columns: tuple[str, ...]) -> None:
    op.execute(
        f"CREATE TRIGGER {PICKS}_immutable BEFORE UPDATE ON public.{PICKS} FOR EACH ROW WHEN ({_changed(columns)}) "
        f"EXECUTE FUNCTION public.refuse_change_of_pick({', '.join(map(repr, columns))})"
    )


def _replace_triggers() -> None:
    op.execute(f"DROP TRIGGER {PICKS}_immutable ON public.{PICKS}")
    _refuse_changes_of(IMMUTABLE_WITH_ORIGIN)
    op.execute(KEEP_CORRECTION_OF_PICK)
    for part, columns in (("closing", CLOSING), ("settlement", SETTLEMENT)):
        op.execute(
            f"CREATE TRIGGER {PICKS}_{part}_kept AFTER UPDATE ON public.{PICKS} FOR EACH ROW WHEN ({_changed(columns)}) "
            f"EXECUTE FUNCTION public.keep_correction_of_pick({', '.join(map(repr, (part, *columns)))})"
        )


def _restore_trigger() -> None:
    op.execute(f"DROP TRIGGER {PICKS}_immutable ON public.{PICKS}")
    _refuse_changes_of(IMMUTABLE)


def _create_pick_corrections() -> None:
    op.create_table(
        "pick_corrections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("pick_id", sa.BigInteger(), nullable=False, comment="pick that was corrected"),
        sa.Column("part", PICK_PART, nullable=False, comment="what of it"),
        sa.Column(
            "corrected_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when, by the server's clock, UTC",
        ),
        sa.Column(
            "corrected_by", sa.Text(), nullable=False, comment="who: a person, or monps, which follows its sources"
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="why"),
        sa.Column("was", postgresql.JSONB(), nullable=False, comment="the part as it was; what is left out was NULL"),
        sa.Column(
            "is_now", postgresql.JSONB(), nullable=False, comment="the part as it was made; what is left out is NULL"
        ),
        sa.CheckConstraint(
            "btrim(reason) <> '' AND btrim(corrected_by) <> ''", name=op.f("ck_pick_corrections_who_and_why")
        ),
        sa.ForeignKeyConstraint(
            ["pick_id"],
            ["tracking_clv_picks.id"],
            name=op.f("fk_pick_corrections_pick_id_tracking_clv_picks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_corrections")),
        schema="ops",
        comment="One row per correction of a pick's closing price or settlement",
    )
    op.create_index("ix_pick_corrections_pick_id", "pick_corrections", ["pick_id"], unique=False, schema="ops")


def _create_pick_progress() -> None:
    op.create_table(
        "pick_progress",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("league_id", sa.SmallInteger(), nullable=False, comment="league of the matches"),
        sa.Column("season", sa.Text(), nullable=False, comment="such as 2019-20"),
        sa.Column("step", PICK_STEP, nullable=False, comment="what was done"),
        sa.Column(
            "inputs_sha256",
            sa.Text(),
            nullable=False,
            comment="of all that it saw: while that is equal, nothing is to do",
        ),
        sa.Column("picks", sa.Integer(), nullable=False, comment="picks held when it was done"),
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
        sa.CheckConstraint("inputs_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_pick_progress_inputs_sha256")),
        sa.CheckConstraint("picks >= 0", name=op.f("ck_pick_progress_picks")),
        sa.CheckConstraint("season ~ '^[0-9]{4}-[0-9]{2}$'", name=op.f("ck_pick_progress_season_name")),
        sa.ForeignKeyConstraint(["league_id"], ["leagues.id"], name=op.f("fk_pick_progress_league_id_leagues")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_progress")),
        schema="ops",
        comment="One row per league, season and step",
    )
    op.create_index(
        "uq_pick_progress_league_id_season_step",
        "pick_progress",
        ["league_id", "season", "step"],
        unique=True,
        schema="ops",
    )


def _take_files_of_no_league() -> None:
    for name in ("league", "season"):
        op.alter_column("raw_files", name, schema="ops", existing_type=sa.Text(), nullable=True)
    for name, kind, old, new in RAW_FILE_COMMENTS:
        op.alter_column("raw_files", name, schema="ops", existing_type=kind, existing_comment=old, comment=new)
    op.create_check_constraint(op.f("ck_raw_files_partition_of_source"), "raw_files", OF_PARTITION, schema="ops")
    op.add_column(
        "rejected_rows",
        sa.Column("detail", sa.Text(), nullable=True, comment="what is wrong, in words; NULL: the reason says it"),
        schema="ops",
    )


def _refuse_files_of_no_league() -> None:
    op.drop_column("rejected_rows", "detail", schema="ops")
    op.drop_constraint(op.f("ck_raw_files_partition_of_source"), "raw_files", schema="ops")
    for name, kind, old, new in RAW_FILE_COMMENTS:
        op.alter_column("raw_files", name, schema="ops", existing_type=kind, existing_comment=new, comment=old)
    for name in ("league", "season"):
        op.alter_column("raw_files", name, schema="ops", existing_type=sa.Text(), nullable=False)


def _forget_labels() -> None:
    """PostgreSQL takes no label from an enum: the types are made anew without them."""
    for name, labels, column in (
        (
            "rejected_dataset",
            "'matches', 'odds', 'match_details', 'listings', 'shots', 'players', 'appearances'",
            "ops.rejected_rows.dataset",
        ),
        ("closing_source", "'same_bookmaker', 'sharp', 'market_average'", f"public.{PICKS}.closing_source"),
        (
            "no_closing_reason",
            "'line_moved', 'bookmaker_gone', 'not_captured_before_kickoff', 'market_not_quoted', 'match_not_played'",
            f"public.{PICKS}.no_closing_reason",
        ),
    ):
        schema, table, attribute = column.split(".")
        op.execute(f"ALTER TYPE {name} RENAME TO {name}_to_drop")
        op.execute(f"CREATE TYPE {name} AS ENUM ({labels})")
        op.execute(f"ALTER TABLE {schema}.{table} ALTER COLUMN {attribute} TYPE {name} USING {attribute}::text::{name}")
        op.execute(f"DROP TYPE {name}_to_drop")
