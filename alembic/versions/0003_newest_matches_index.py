"""An index for the newest matches of a league, built while the table is in use.

Revision: 0003
"""

from alembic import op
from monps_platform.db.schema.migration_helpers import create_index_concurrently, drop_index_concurrently

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = "ix_matches_league_id_match_date_id"


def upgrade() -> None:
    create_index_concurrently(op, NAME, "matches", ["league_id", "match_date", "id"])


def downgrade() -> None:
    drop_index_concurrently(op, NAME, "matches")
