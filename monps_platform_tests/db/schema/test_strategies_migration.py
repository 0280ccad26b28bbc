"""Revision 0011 with rows in the table: those of before have no CLV without margin until they are derived anew."""

from __future__ import annotations

from sqlalchemy import Engine

from monps_platform.db.schema import migrations
from monps_platform_tests.db.models.rows import NEW_IN_0011, insert, insert_surroundings
from monps_platform_tests.db.schema.revisions import drift, rows_by_table

BEFORE, REVISION = "0010", "0011"
STRATEGIES = "quantum.quantum_strategies"


def test_rows_of_an_older_database_have_no_closed_bet_and_are_the_same_after_the_way_back(engine: Engine) -> None:
    migrations.downgrade(engine, BEFORE)
    with engine.begin() as connection:
        insert_surroundings(connection)
        insert(connection, STRATEGIES, NEW_IN_0011[STRATEGIES])
    before = rows_by_table(engine, [STRATEGIES])[STRATEGIES]
    migrations.upgrade(engine, REVISION)
    assert rows_by_table(engine, [STRATEGIES])[STRATEGIES] == [
        {**row, **NEW_IN_0011[STRATEGIES], "closed_bets": 0} for row in before
    ]
    migrations.upgrade(engine)
    assert drift(engine) == []
    migrations.downgrade(engine, BEFORE)
    assert rows_by_table(engine, [STRATEGIES])[STRATEGIES] == before
