"""What people were alerted of.

Revision: 0009
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ALERT_KIND = postgresql.ENUM("job", "check", "database", name="alert_kind", create_type=False)


def upgrade() -> None:
    ALERT_KIND.create(op.get_bind(), checkfirst=False)
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="never changes"),
        sa.Column("kind", ALERT_KIND, nullable=False, comment="what it is about"),
        _text("subject", "job, check or server that failed"),
        _text("what", "what failed, in words; the newest text"),
        _text("place", "where: run, asset, partitions, server"),
        _text("remedy", "what to do"),
        _text("link", "where the UI shows it"),
        _text("partitions", "leagues and seasons that failed; empty: all of the subject"),
        _instant("opened_at", "when it was first seen failing, UTC", nullable=False),
        _instant("seen_at", "when it was last seen, failing or well, UTC", nullable=False),
        sa.Column("times_seen", sa.Integer(), nullable=False, comment="how often it was seen failing"),
        _instant("last_sent_at", "when anybody was last alerted or reminded, UTC; NULL: nobody was"),
        _instant("resolved_at", "when it was well again, UTC; NULL: it fails still"),
        _instant("closed_at", "when nobody was owed a message any more, UTC"),
        sa.Column(
            "delivery_error",
            sa.Text(),
            nullable=True,
            comment="why messages could not be delivered at the last try; NULL: they were",
        ),
        sa.Column(
            "deliveries",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what each channel was told, and when",
        ),
        _stamp("created_at", "when the row was inserted"),
        _stamp("updated_at", "when the row last changed"),
        sa.CheckConstraint("times_seen > 0", name=op.f("ck_alerts_times_seen")),
        sa.CheckConstraint("seen_at >= opened_at AND resolved_at >= opened_at", name=op.f("ck_alerts_in_order")),
        sa.CheckConstraint("closed_at IS NULL OR resolved_at IS NOT NULL", name=op.f("ck_alerts_closed_when_resolved")),
        sa.CheckConstraint("jsonb_typeof(deliveries) = 'object'", name=op.f("ck_alerts_deliveries_are_object")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        schema="ops",
        comment="One row per failure that people are alerted of",
    )
    op.create_index("uq_alerts_subject_opened_at", "alerts", ["subject", "opened_at"], unique=True, schema="ops")
    op.create_index(
        "uq_alerts_unclosed",
        "alerts",
        ["subject"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("alerts", schema="ops")
    ALERT_KIND.drop(op.get_bind(), checkfirst=False)


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)


def _instant(name: str, comment: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def _stamp(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment=comment)
