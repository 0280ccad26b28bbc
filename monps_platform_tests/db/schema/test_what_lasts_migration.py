"""Revision 0008 with rows in the tables: how many picks that somebody took a season is held to have had;
corrections stay from then on.
"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from monps_platform.db.schema import migrations
from monps_platform_tests.db.models.pick_cases import CORRECTIONS, LIVE, PICKS, PROGRESS, WALK_FORWARD
from monps_platform_tests.db.models.rows import insert, insert_surroundings
from monps_platform_tests.db.schema.revisions import drift, rows_by_table

BEFORE, REVISION = "0007", "0008"
STEPS = ("take", "settle")


def test_a_season_of_an_older_database_is_held_to_have_had_the_lasting_picks_that_it_has(engine: Engine) -> None:
    migrations.downgrade(engine, BEFORE)
    with engine.begin() as connection:
        insert_surroundings(connection)
        for agent, changes in {"own": {}, "live": LIVE, "walk_forward": WALK_FORWARD}.items():
            insert(connection, PICKS, {"agent": agent, **changes})
        for season in ("2019-20", "2018-19"):
            for step in STEPS:
                insert(connection, PROGRESS, {"season": season, "step": step})
    before = rows_by_table(engine, [PROGRESS])[PROGRESS]
    assert migrations.upgrade(engine, REVISION) == (BEFORE, REVISION)
    lasting = {"2019-20": 2, "2018-19": 0}
    after = rows_by_table(engine, [PROGRESS])[PROGRESS]
    assert after == [{**row, "lasting": lasting[str(row["season"])]} for row in before]
    migrations.downgrade(engine, BEFORE)
    assert rows_by_table(engine, [PROGRESS])[PROGRESS] == before
    migrations.upgrade(engine)
    assert drift(engine) == []


def test_corrections_of_an_older_database_stay_as_they_were_made_and_may_be_rewritten_below(engine: Engine) -> None:
    rewrite = text(f"UPDATE {CORRECTIONS} SET reason = 'another'")
    with engine.begin() as connection:
        insert_surroundings(connection)
        insert(connection, PICKS, {})
        insert(connection, CORRECTIONS, {})
    migrations.downgrade(engine, BEFORE)
    with engine.begin() as connection:
        assert connection.execute(rewrite).rowcount == 1
    migrations.upgrade(engine)
    with engine.begin() as connection, pytest.raises(IntegrityError, match="stays as it was made"):
        connection.execute(rewrite)
    assert drift(engine) == []
