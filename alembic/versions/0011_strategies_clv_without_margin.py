"""Strategies keep their CLV without the closing margin, its interval, and how many bets it rests on.

Revision: 0011
"""

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA, TABLE = "quantum", "quantum_strategies"
FIGURES = {
    "mean_clv_no_vig_percentage": "mean CLV by closing prices without margin; NULL: none",
    "clv_no_vig_low": "lower end of its 95 % interval; NULL: too few, or all alike",
    "clv_no_vig_high": "upper end of its 95 % interval; NULL: too few, or all alike",
}
COUNT, COUNTED = "closed_bets", "out-of-sample bets with a CLV without margin"
CHECKS = {
    "closed_bets_are_bets": "closed_bets BETWEEN 0 AND out_of_sample_bets",
    "clv_with_closed_bets": "(closed_bets = 0) = (mean_clv_no_vig_percentage IS NULL)",
    "whole_clv_interval": (
        "num_nonnulls(clv_no_vig_low, clv_no_vig_high) IN (0, 2) "
        "AND (clv_no_vig_low IS NULL OR mean_clv_no_vig_percentage IS NOT NULL)"
    ),
    "clv_in_interval": "clv_no_vig_low <= mean_clv_no_vig_percentage AND mean_clv_no_vig_percentage <= clv_no_vig_high",
    "clv_finite": ("greatest(abs(mean_clv_no_vig_percentage), abs(clv_no_vig_low), abs(clv_no_vig_high)) < 'Infinity'"),
}


def upgrade() -> None:
    for name, comment in FIGURES.items():
        op.add_column(TABLE, sa.Column(name, sa.Double(), nullable=True, comment=comment), schema=SCHEMA)
    # Of rows that are held nothing is known until they are derived anew, which the new version of the code brings about.
    count = sa.Column(COUNT, sa.Integer(), server_default=sa.text("0"), nullable=False, comment=COUNTED)
    op.add_column(TABLE, count, schema=SCHEMA)
    op.alter_column(TABLE, COUNT, server_default=None, schema=SCHEMA)
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, rule, schema=SCHEMA)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, schema=SCHEMA)
    for name in (*FIGURES, COUNT):
        op.drop_column(TABLE, name, schema=SCHEMA)
