"""Corrections of picks say who made them, the platform or a person; a reason for lines that nobody quoted.

Revision: 0007
"""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA, CORRECTIONS = "ops", "pick_corrections"
KEEP_CORRECTION_OF_PICK = """
    CREATE OR REPLACE FUNCTION public.keep_correction_of_pick() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
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
{insert}
        RETURN NULL;
    END $$"""
BEFORE = """        INSERT INTO ops.pick_corrections (pick_id, part, corrected_by, reason, was, is_now)
        VALUES (OLD.id, TG_ARGV[0]::public.pick_part,
            coalesce(nullif(btrim(current_setting('monps.who', true)), ''), session_user), why,
            coalesce(was, '{}'), coalesce(is_now, '{}'));"""
AFTER = """        INSERT INTO ops.pick_corrections (pick_id, part, corrected_by, by_platform, reason, was, is_now)
        VALUES (OLD.id, TG_ARGV[0]::public.pick_part,
            coalesce(nullif(btrim(current_setting('monps.who', true)), ''), session_user),
            coalesce(current_setting('monps.by_platform', true), '') = 'true', why,
            coalesce(was, '{}'), coalesce(is_now, '{}'));"""


PICKS = "tracking_clv_picks"
REASONS = "'line_moved', 'bookmaker_gone', 'not_captured_before_kickoff', 'market_not_quoted', 'match_not_played', 'implausible_price'"
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
ADJUSTED = f"ck_{PICKS}_line_adjusted_with_method"
ADJUSTED_WHERE = (
    "num_nonnulls(clv_line_adjusted_percentage, clv_line_adjusted_method) IN (0, 2) "
    "AND (clv_line_adjusted_percentage IS NULL OR line IS NOT NULL AND coalesce({}, false))"
)
MOVED = ADJUSTED_WHERE.format("no_closing_reason = 'line_moved'")
AT_OTHER_LINES = ADJUSTED_WHERE.format("no_closing_reason::text IN ('line_moved', 'line_not_quoted')")
WHERE_MOVED = "value of the pick's own line at the close, where the line had moved; never the same-line CLV"
WHERE_AT_OTHER_LINES = (
    "value of the pick's own line at the close, where only other lines closed; never the same-line CLV"
)


def upgrade() -> None:
    op.add_column(
        CORRECTIONS,
        sa.Column(
            "by_platform",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="whether the platform followed its sources; false: a person corrected",
        ),
        schema=SCHEMA,
    )
    # So the rows of before were read; whether a person is called monps, they do not tell.
    op.execute("UPDATE ops.pick_corrections SET by_platform = (corrected_by = 'monps')")
    _keep_corrections(AFTER)
    op.execute("ALTER TYPE no_closing_reason ADD VALUE 'line_not_quoted'")
    op.drop_constraint(op.f(ADJUSTED), PICKS)
    op.create_check_constraint(op.f(ADJUSTED), PICKS, AT_OTHER_LINES)
    _comment_adjusted(WHERE_MOVED, WHERE_AT_OTHER_LINES)


def downgrade() -> None:
    _comment_adjusted(WHERE_AT_OTHER_LINES, WHERE_MOVED)
    op.drop_constraint(op.f(ADJUSTED), PICKS)
    _forget_label()
    op.create_check_constraint(op.f(ADJUSTED), PICKS, MOVED)
    _keep_corrections(BEFORE)
    op.drop_column(CORRECTIONS, "by_platform", schema=SCHEMA)


def _keep_corrections(insert: str) -> None:
    op.execute(KEEP_CORRECTION_OF_PICK.replace("{insert}", insert))


def _comment_adjusted(before: str, after: str) -> None:
    op.alter_column(
        PICKS,
        "clv_line_adjusted_percentage",
        existing_type=sa.Numeric(),
        existing_comment=before,
        comment=after,
        existing_nullable=True,
    )


def _forget_label() -> None:
    """PostgreSQL takes no label from an enum: the type is made anew without it, and such a line counts as moved again,
    as it did before. The trigger, whose condition names the column, stands aside meanwhile.
    """
    kept = f"{PICKS}_closing_kept"
    op.execute(f"DROP TRIGGER {kept} ON public.{PICKS}")
    op.execute("ALTER TYPE no_closing_reason RENAME TO no_closing_reason_to_drop")
    op.execute(f"CREATE TYPE no_closing_reason AS ENUM ({REASONS})")
    op.execute(
        f"ALTER TABLE public.{PICKS} ALTER COLUMN no_closing_reason TYPE no_closing_reason USING "
        "replace(no_closing_reason::text, 'line_not_quoted', 'line_moved')::no_closing_reason"
    )
    op.execute("DROP TYPE no_closing_reason_to_drop")
    old, new = (f"({', '.join(f'{row}.{name}' for name in CLOSING)})" for row in ("OLD", "NEW"))
    op.execute(
        f"CREATE TRIGGER {kept} AFTER UPDATE ON public.{PICKS} FOR EACH ROW WHEN ({old} IS DISTINCT FROM {new}) "
        f"EXECUTE FUNCTION public.keep_correction_of_pick({', '.join(map(repr, ('closing', *CLOSING)))})"
    )
