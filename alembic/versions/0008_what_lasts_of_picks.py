"""Picks that somebody took are counted for good; corrections of picks stay as they were made.

Revision: 0008
"""

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA, PROGRESS = "ops", "pick_progress"
REFUSE_CHANGE_OF_CORRECTION = """
    CREATE FUNCTION public.refuse_change_of_correction() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM public.tracking_clv_picks WHERE id = OLD.pick_id) THEN
            RETURN OLD; -- goes with its pick
        END IF;
        RAISE EXCEPTION 'correction % of pick % stays as it was made', OLD.id, OLD.pick_id
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            HINT = 'What was corrected wrongly is corrected anew: monps picks correct.';
    END $$"""
APPEND_ONLY = """
    CREATE TRIGGER pick_corrections_append_only BEFORE UPDATE OR DELETE ON ops.pick_corrections FOR EACH ROW
    EXECUTE FUNCTION public.refuse_change_of_correction()"""


def upgrade() -> None:
    op.add_column(
        PROGRESS,
        sa.Column(
            "lasting",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="most picks that somebody took (own, live) ever held by then, deleted or not",
        ),
        schema=SCHEMA,
    )
    op.create_check_constraint(op.f("ck_pick_progress_lasting"), PROGRESS, "lasting >= 0", schema=SCHEMA)
    # What was deleted before now is not known.
    op.execute("""
        UPDATE ops.pick_progress g SET lasting = (SELECT count(*) FROM tracking_clv_picks p
            JOIN matches m ON m.id = p.match_id
            WHERE m.league_id = g.league_id AND m.season = g.season AND p.origin <> 'walk_forward')""")
    op.execute(REFUSE_CHANGE_OF_CORRECTION)
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    op.execute("DROP TRIGGER pick_corrections_append_only ON ops.pick_corrections")
    op.execute("DROP FUNCTION public.refuse_change_of_correction()")
    op.drop_column(PROGRESS, "lasting", schema=SCHEMA)
