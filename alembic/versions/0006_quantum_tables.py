"""The quantum tables as they are filled: version of the data they were made from, the league of every row.

Revision: 0006
"""

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "quantum"
DATA_VERSION = "version of the code and of the data it was made from"
DNA_VERSION = "version of the data and code it was made from"
WITHOUT_VERSION = ("chess_classifications", "quantum_friction_matrix", "quantum_strategies", "goalscorer_profiles")
WITHOUT_LEAGUE = {
    "quantum_friction_matrix": ("home_team_id", "league of the home team in the season"),
    "quantum_strategies": ("team_id", "league of the team in the season"),
    "goalscorer_profiles": ("team_id", "league of the team in the season"),
}
# Only rows entered by hand can stand there already: nothing filled these tables before.
BY_HAND = "by hand"


SIDES = ("home_team_id", "away_team_id")
MATCHES = sa.table(
    "matches", *map(sa.column, ("league_id", "season", "match_date", "home_goals", *SIDES)), schema="public"
)


def upgrade() -> None:
    for table in WITHOUT_VERSION:
        _add(table, sa.Column("data_version", sa.Text(), nullable=True, comment=DATA_VERSION))
        op.execute(sa.update(_rows(table)).values(data_version=BY_HAND))
        op.alter_column(table, "data_version", existing_type=sa.Text(), nullable=False, schema=SCHEMA)
    for table, (team, comment) in WITHOUT_LEAGUE.items():
        _add(table, sa.Column("league_id", sa.SmallInteger(), nullable=True, comment=comment))
        rows = _rows(table)
        played = sa.select(sa.func.min(MATCHES.c.league_id)).where(*_played_by(rows.c[team], rows))
        op.execute(sa.update(rows).values(league_id=played.scalar_subquery()))
        # A row of a team that has no match in the season rests on nothing.
        op.execute(sa.delete(rows).where(rows.c.league_id.is_(None)))
        op.alter_column(table, "league_id", existing_type=sa.SmallInteger(), nullable=False, schema=SCHEMA)
        op.create_foreign_key(
            op.f(f"fk_{table}_league_id_leagues"), table, "leagues", ["league_id"], ["id"], source_schema=SCHEMA
        )
        op.create_index(f"ix_{table}_league_id_season", table, ["league_id", "season"], schema=SCHEMA)
    _count_matches_of_classifications()
    _comment_dna(DNA_VERSION, DATA_VERSION)


def _count_matches_of_classifications() -> None:
    table = "chess_classifications"
    rows = _rows(table)
    _add(table, sa.Column("n_matches", sa.SmallInteger(), nullable=True, comment="matches it rests on"))
    counted = sa.select(sa.func.count()).where(
        *_played_by(rows.c.team_id, rows), MATCHES.c.match_date < rows.c.as_of, MATCHES.c.home_goals.is_not(None)
    )
    op.execute(sa.update(rows).values(n_matches=counted.scalar_subquery()))
    op.execute(sa.delete(rows).where(rows.c.n_matches == 0))
    op.alter_column(table, "n_matches", existing_type=sa.SmallInteger(), nullable=False, schema=SCHEMA)
    op.create_check_constraint(op.f(f"ck_{table}_n_matches"), table, "n_matches > 0", schema=SCHEMA)
    op.alter_column(table, "is_current", existing_type=sa.Boolean(), server_default=sa.text("false"), schema=SCHEMA)


def downgrade() -> None:
    _comment_dna(DATA_VERSION, DNA_VERSION)
    op.alter_column(
        "chess_classifications", "is_current", existing_type=sa.Boolean(), server_default=None, schema=SCHEMA
    )
    op.drop_column("chess_classifications", "n_matches", schema=SCHEMA)
    for table in WITHOUT_LEAGUE:
        op.drop_column(table, "league_id", schema=SCHEMA)
    for table in WITHOUT_VERSION:
        op.drop_column(table, "data_version", schema=SCHEMA)


def _rows(table: str) -> sa.TableClause:
    names = ("home_team_id", "team_id", "season", "as_of", "league_id", "n_matches", "data_version")
    return sa.table(table, *map(sa.column, names), schema=SCHEMA)


def _played_by(team: sa.ColumnElement, rows: sa.TableClause) -> tuple[sa.ColumnElement[bool], ...]:
    return MATCHES.c.season == rows.c.season, team.in_([MATCHES.c[side] for side in SIDES])


def _add(table: str, column: sa.Column) -> None:
    op.add_column(table, column, schema=SCHEMA)


def _comment_dna(before: str, after: str) -> None:
    op.alter_column(
        "team_quantum_dna",
        "data_version",
        existing_type=sa.Text(),
        existing_comment=before,
        comment=after,
        existing_nullable=False,
        schema=SCHEMA,
    )
