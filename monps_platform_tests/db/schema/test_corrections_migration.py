"""Revision 0007 with rows in the tables: whose the corrections of before were, and lines that nobody quoted."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError, IntegrityError

from monps_platform.db.schema import migrations
from monps_platform_tests.db.models.pick_cases import (
    ADJUSTED,
    CORRECTIONS,
    MOVED,
    OVER,
    PICKS,
    because,
    settled,
    update_picks,
)
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


NOT_QUOTED = {"no_closing_reason": "line_not_quoted"}


def test_lines_that_nobody_quoted_count_as_moved_on_the_way_down_and_are_no_corrections(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_surroundings(connection)
        insert(connection, PICKS, {**OVER, **MOVED, "agent": "moved"})
        insert(connection, PICKS, {**OVER, **ADJUSTED, **NOT_QUOTED, "agent": "not quoted"})
        insert(connection, PICKS, {**OVER, **NOT_QUOTED, "agent": "not priced"})
    held = rows_by_table(engine, [PICKS])[PICKS]
    migrations.downgrade(engine, BEFORE)
    assert rows_by_table(engine, [PICKS])[PICKS] == [{**row, "no_closing_reason": "line_moved"} for row in held]
    with engine.begin() as connection:
        with (
            pytest.raises(DataError, match="invalid input value for enum no_closing_reason"),
            connection.begin_nested(),
        ):
            update_picks(connection, NOT_QUOTED)
        with pytest.raises(IntegrityError, match="is corrected without a reason"), connection.begin_nested():
            update_picks(connection, {"no_closing_reason": "bookmaker_gone", **dict.fromkeys(ADJUSTED)})
        with pytest.raises(IntegrityError, match="line_adjusted_with_method"), connection.begin_nested():
            insert(connection, PICKS, {**OVER, **ADJUSTED, "agent": "another"})
    migrations.upgrade(engine)
    assert drift(engine) == []
    with engine.begin() as connection:
        because(connection, "nobody quoted it", who="Ada")
        assert update_picks(connection, NOT_QUOTED) == 3
    assert len(corrections(engine)) == 3
