"""Revision 0006 with rows in the tables: what comes to rows entered by hand, and that they survive the way back."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from monps_platform.db.schema import migrations
from monps_platform_tests.db.models.rows import BEFORE_0006, NEW_IN_0006, insert, insert_surroundings
from monps_platform_tests.db.schema.revisions import drift, rows_by_table

BEFORE, REVISION = "0005", "0006"
CHESS, STRATEGIES = "quantum.chess_classifications", "quantum.quantum_strategies"


def fill(connection: Connection) -> None:
    """A row in each table as the revision before holds it; its team has two matches in the season, before the day."""
    insert_surroundings(connection)
    for table, without in BEFORE_0006.items():
        insert(connection, table, without)


def test_rows_entered_by_hand_get_their_league_their_matches_and_say_that_they_are_by_hand(engine: Engine) -> None:
    migrations.downgrade(engine, BEFORE)
    with engine.begin() as connection:
        fill(connection)
    before = rows_by_table(engine, NEW_IN_0006)
    assert migrations.upgrade(engine, REVISION) == (BEFORE, REVISION)
    filled = {"data_version": "by hand", "league_id": 1, "n_matches": 2}
    assert rows_by_table(engine, NEW_IN_0006) == {
        table: [{**row, **{name: filled[name] for name in NEW_IN_0006[table]}} for row in rows]
        for table, rows in before.items()
    }
    migrations.upgrade(engine)
    assert drift(engine) == []


def test_rows_of_teams_without_a_match_in_the_season_rest_on_nothing_and_go(engine: Engine) -> None:
    migrations.downgrade(engine, BEFORE)
    with engine.begin() as connection:
        fill(connection)
        insert(connection, CHESS, {**NEW_IN_0006[CHESS], "season": "2018-19"})
        insert(connection, STRATEGIES, {**BEFORE_0006[STRATEGIES], "season": "2018-19"})
    migrations.upgrade(engine, REVISION)
    assert {row["season"] for rows in rows_by_table(engine, NEW_IN_0006).values() for row in rows} == {"2019-20"}


def test_the_way_back_takes_the_new_columns_and_nothing_else(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_surroundings(connection)
        for table in NEW_IN_0006:
            insert(connection, table, {})
    now = rows_by_table(engine, NEW_IN_0006)
    migrations.downgrade(engine, BEFORE)
    assert rows_by_table(engine, NEW_IN_0006) == {
        table: [{name: value for name, value in row.items() if name not in BEFORE_0006[table]} for row in rows]
        for table, rows in now.items()
    }
