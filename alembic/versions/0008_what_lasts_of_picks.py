"""Picks that somebody took are counted for good.

Revision: 0008
"""

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA, PROGRESS = "ops", "pick_progress"


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


def downgrade() -> None:
    op.drop_column(PROGRESS, "lasting", schema=SCHEMA)
