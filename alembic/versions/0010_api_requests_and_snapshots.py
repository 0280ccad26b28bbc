"""Requests to services that count them; snapshots of prices stay as they were taken.

Revision: 0010
"""

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA, REQUESTS = "ops", "api_requests"
REFUSE_CHANGE_OF_SNAPSHOT = """
    CREATE FUNCTION public.refuse_change_of_snapshot() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    BEGIN
        RAISE EXCEPTION 'snapshot % of match % stays as it was taken', OLD.id, OLD.match_id
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            HINT = 'A price of another instant is another row.';
    END $$"""
UNCHANGED = """
    CREATE TRIGGER odds_snapshot_unchanged BEFORE UPDATE ON public.odds FOR EACH ROW
    WHEN (OLD.price_kind = 'snapshot') EXECUTE FUNCTION public.refuse_change_of_snapshot()"""
SOURCES_BEFORE = "football-data, understat, simulated, simulated-understat or picks"
SOURCES = "football-data, understat, odds-api, simulated, simulated-understat or picks"


def upgrade() -> None:
    op.create_table(
        REQUESTS,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("source", sa.Text(), nullable=False, comment="the service, such as odds-api"),
        sa.Column(
            "league", sa.Text(), nullable=True, comment="league it was asked for; NULL: it was asked what is left"
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, comment="when it was about to be sent, UTC"),
        sa.Column(
            "cost",
            sa.Integer(),
            nullable=False,
            comment="credits: the most it may cost, and what it did once that is known",
        ),
        sa.Column(
            "answered_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was answered or given up, UTC; NULL: unknown",
        ),
        sa.Column("status", sa.SmallInteger(), nullable=True, comment="HTTP status; NULL: there was no answer"),
        sa.Column(
            "remaining", sa.Integer(), nullable=True, comment="credits left, by the answer; NULL: it does not say"
        ),
        sa.Column("used", sa.Integer(), nullable=True, comment="credits used since they were renewed, by the answer"),
        sa.Column("error", sa.Text(), nullable=True, comment="what went wrong, in words"),
        sa.CheckConstraint("least(cost, remaining, used) >= 0", name=op.f("ck_api_requests_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_requests")),
        schema=SCHEMA,
        comment="One row per request to a service whose requests cost credits",
    )
    op.create_index("ix_api_requests_source_asked_at", REQUESTS, ["source", "asked_at"], schema=SCHEMA)
    op.execute(REFUSE_CHANGE_OF_SNAPSHOT)
    op.execute(UNCHANGED)
    _comment_source(SOURCES_BEFORE, SOURCES)


def downgrade() -> None:
    _comment_source(SOURCES, SOURCES_BEFORE)
    op.execute("DROP TRIGGER odds_snapshot_unchanged ON public.odds")
    op.execute("DROP FUNCTION public.refuse_change_of_snapshot()")
    op.drop_table(REQUESTS, schema=SCHEMA)


def _comment_source(before: str, after: str) -> None:
    op.alter_column(
        "raw_files",
        "source",
        existing_type=sa.Text(),
        existing_comment=before,
        comment=after,
        existing_nullable=False,
        schema=SCHEMA,
    )
