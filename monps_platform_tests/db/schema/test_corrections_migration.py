"""Revision 0007 with rows in the tables: whose the corrections of before were, and what the revision before keeps."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text

from monps_platform.db.schema import migrations
from monps_platform_tests.db.models.pick_cases import CORRECTIONS, PICKS, because, settled, update_picks
from monps_platform_tests.db.models.rows import insert, insert_surroundings
from monps_platform_tests.db.schema.revisions import Rows, drift, rows_by_table

BEFORE, REVISION = "0006", "0007"
WHOSE = {"Ada": False, "monps": True, "monps ": False}
"""Who corrected before, and whether that is read as the platform."""


def correct(connection: Connection, result: str, profit: str, who: str) -> None:
    """Correct the pick there is."""
    because(connection, "own goal", who=who)
    assert update_picks(connection, settled(result, profit)) == 1


def corrections(engine: Engine) -> Rows:
    return rows_by_table(engine, [CORRECTIONS])[CORRECTIONS]


def test_corrections_of_an_older_database_are_the_platforms_where_they_bear_its_name(engine: Engine) -> None:
    migrations.downgrade(engine, BEFORE)
    with engine.begin() as connection:
        insert_surroundings(connection)
        insert(connection, PICKS, {})
        for who in WHOSE:
            insert(connection, CORRECTIONS, {"corrected_by": who})
    before = corrections(engine)
    assert migrations.upgrade(engine, REVISION) == (BEFORE, REVISION)
    assert corrections(engine) == [{**row, "by_platform": WHOSE[str(row["corrected_by"])]} for row in before]
    migrations.upgrade(engine)
    assert drift(engine) == []


def test_corrections_are_kept_on_the_way_down_and_the_trigger_keeps_them_in_either_revision(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_surroundings(connection)
        insert(connection, PICKS, settled("win", "1.1"))
        correct(connection, "loss", "-1", "monps")
        connection.execute(text("SELECT set_config('monps.by_platform', 'true', true)"))
        correct(connection, "win", "1.1", "monps")
    held = corrections(engine)
    assert [row["by_platform"] for row in held] == [False, True]
    migrations.downgrade(engine, BEFORE)
    assert corrections(engine) == [
        {name: value for name, value in row.items() if name != "by_platform"} for row in held
    ]
    with engine.begin() as connection:
        correct(connection, "loss", "-1", "Ada")
    migrations.upgrade(engine)
    with engine.begin() as connection:
        correct(connection, "win", "1.1", "monps")
    assert [row["by_platform"] for row in corrections(engine)] == [True, True, False, False]
    assert drift(engine) == []
