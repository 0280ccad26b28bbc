"""Corrections of picks say outright whether the platform made them or a person.

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
    # So the rows of before were read; who of them was a person that is called monps, they do not tell.
    op.execute("UPDATE ops.pick_corrections SET by_platform = (corrected_by = 'monps')")
    _keep_corrections(AFTER)


def downgrade() -> None:
    _keep_corrections(BEFORE)
    op.drop_column(CORRECTIONS, "by_platform", schema=SCHEMA)


def _keep_corrections(insert: str) -> None:
    op.execute(KEEP_CORRECTION_OF_PICK.replace("{insert}", insert))
