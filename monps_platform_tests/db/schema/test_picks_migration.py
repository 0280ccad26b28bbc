"""Revision 0005 with rows in the tables: what comes to picks, what the revision before cannot hold, all the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError, IntegrityError

from monps_platform.db.schema import migrations
from monps_platform.domain.picks import ClosingSource, NoClosingReason, PickOrigin, PickPart, PickStep
from monps_platform.domain.rejections import Dataset
from monps_platform_tests.db.models.pick_cases import (
    ADJUSTED,
    CLOSING,
    CORRECTIONS,
    HANDICAP,
    LIVE,
    MOVED,
    OVER,
    OWN_CLOSING,
    PICKS,
    PROGRESS,
    WALK_FORWARD,
    because,
    settled,
    update_picks,
)
from monps_platform_tests.db.models.rows import GOOD, NEW_IN_0006, WHEN, insert, insert_surroundings
from monps_platform_tests.db.schema.revisions import drift, rows_by_table

BEFORE, REVISION = "0004", "0005"
FILES, REJECTED = "ops.raw_files", "ops.rejected_rows"
NEW_TABLES = (CORRECTIONS, PROGRESS)
NEWER = ("ops.alerts", "ops.api_requests")
SURROUNDINGS = ("leagues", "teams", "bookmakers", "matches")
OTHERS = [table for table in GOOD if table not in (*NEW_TABLES, *NEW_IN_0006, *NEWER, PICKS, FILES, REJECTED)]
"""The tables that the revision leaves alone, and later ones, too."""
NEW_COLUMNS = ("origin", "closing_bookmaker_id", "closing_captured_at")
CAPTURED = {"closing_captured_at": WHEN}
OF_PICKS = {"source": "picks", "league": None, "season": None, "key": "mine.csv"}
WON = settled("win", "1.1")
AVERAGE = {**CLOSING, "closing_source": "market_average"}
STATED = {**CLOSING, "closing_source": "stated"}
GONE = {"no_closing_reason": "bookmaker_gone"}
IMPLAUSIBLE = {"no_closing_reason": "implausible_price"}
NO_CLOSING = dict.fromkeys(name for name in CLOSING if name != "closing_bookmaker_id")
NOT_ADJUSTED = dict.fromkeys(ADJUSTED)
Picks = Mapping[str, Mapping[str, Any]]


def fill(connection: Connection, without: Iterable[str] = ()) -> None:
    """Put a row into every table."""
    insert_surroundings(connection)
    for table in GOOD:
        if table not in (*SURROUNDINGS, *without):
            insert(connection, table, {})


def take(connection: Connection, picks: Picks) -> None:
    """Insert picks, each by an agent that tells what it is."""
    for agent, changes in picks.items():
        insert(connection, PICKS, {"agent": agent, **changes})


def picks_by_agent(engine: Engine) -> dict[str, dict[str, object]]:
    return {str(row["agent"]): row for row in rows_by_table(engine, [PICKS])[PICKS]}


def without(row: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in names}


# Up


KEPT: Picks = {
    "agent": {},
    "gone": {**GONE, **WON},
    "moved": {**OVER, **MOVED},
    "own": {**OWN_CLOSING, **WON},
    "own of another": {**OWN_CLOSING, "bookmaker_id": 2},
}
"""Picks that an older database holds and the revision leaves as they are."""
EMPTIED: dict[str, tuple[Mapping[str, Any], Mapping[str, None]]] = {
    "sharp": ({**CLOSING, **WON}, NO_CLOSING),
    "average": ({**AVERAGE, "clv_no_vig_percentage": None}, NO_CLOSING),
    "sharp and adjusted": ({**OVER, **CLOSING, **ADJUSTED}, {**NO_CLOSING, **NOT_ADJUSTED}),
    "own and adjusted": ({**HANDICAP, **OWN_CLOSING, **ADJUSTED}, NOT_ADJUSTED),
    "gone and adjusted": ({**OVER, **GONE, **ADJUSTED}, NOT_ADJUSTED),
    "adjusted alone": ({**OVER, **ADJUSTED}, NOT_ADJUSTED),
}
"""Picks of an older database, and what of them is emptied: prices of unknown bookmakers, values of lines that stood."""
CLOSED_BY = {"own": 1, "own of another": 2, "own and adjusted": 1}
"""Whose closing price a pick has that keeps it."""


def test_picks_of_an_older_database_keep_all_but_closes_of_unknown_bookmakers_and_needless_adjustments(
    engine: Engine,
) -> None:
    migrations.downgrade(engine, BEFORE)
    older = {**KEPT, **{agent: changes for agent, (changes, _) in EMPTIED.items()}}
    with engine.begin() as connection:
        insert_surroundings(connection)
        take(connection, {agent: without(changes, *NEW_COLUMNS) for agent, changes in older.items()})
    before = picks_by_agent(engine)
    assert migrations.upgrade(engine) == (BEFORE, migrations.head())
    emptied = {agent: columns for agent, (_, columns) in EMPTIED.items()}
    assert picks_by_agent(engine) == {
        agent: {
            **row,
            **emptied.get(agent, {}),
            "origin": "own",
            "closing_bookmaker_id": CLOSED_BY.get(agent),
            "closing_captured_at": None,
        }
        for agent, row in before.items()
    }
    assert rows_by_table(engine, NEW_TABLES) == {table: [] for table in NEW_TABLES}


def test_all_other_rows_of_an_older_database_are_the_same_after_the_upgrade(engine: Engine) -> None:
    migrations.downgrade(engine, BEFORE)
    with engine.begin() as connection:
        fill(connection, without=(*NEW_TABLES, *NEW_IN_0006, *NEWER))
    tables = [*OTHERS, FILES, REJECTED]
    before = rows_by_table(engine, tables)
    assert all(before.values())
    assert migrations.upgrade(engine) == (BEFORE, migrations.head())
    before[REJECTED] = [{**row, "detail": None} for row in before[REJECTED]]
    assert rows_by_table(engine, tables) == before
    assert drift(engine) == []


# Down, and up again


HELD: Picks = {
    "own": {**OWN_CLOSING, **CAPTURED, **WON},
    "sharp": CLOSING,
    "average": {**AVERAGE, **CAPTURED, **WON},
    "gone": {**GONE, **WON},
    "moved": {**OVER, **MOVED},
    "live": {**LIVE, **OWN_CLOSING, **WON},
}
"""Picks that the revision before holds, but for what it has no columns for."""
CANNOT_BE: Picks = {
    "untimed": WALK_FORWARD,
    "untimed, closed and settled": {**WALK_FORWARD, **OWN_CLOSING, **WON},
    "untimed, implausible": {**WALK_FORWARD, **IMPLAUSIBLE},
}
"""Picks that it cannot hold."""
UNKNOWN_CLOSE: Picks = {
    "implausible": {**IMPLAUSIBLE, **WON},
    "implausible and live": {**IMPLAUSIBLE, **LIVE},
    "stated": {**STATED, **WON},
    "stated and live": {**STATED, **LIVE},
}
"""Picks whose close, or the reason why there is none, it does not know."""


def furnish(engine: Engine) -> None:
    """Put rows into every table, and such picks and files as only the revision holds."""
    with engine.begin() as connection:
        fill(connection)
        take(connection, {**HELD, **CANNOT_BE, **UNKNOWN_CLOSE})
        insert(connection, FILES, {**OF_PICKS, "rows_read": 2, "rows_loaded": 0, "rows_rejected": 2})
        insert(connection, REJECTED, {"detail": "no price"})
        for detail in (None, "no bookmaker is called Bet 366"):
            insert(connection, REJECTED, {"raw_file_id": 2, "dataset": "picks", "detail": detail})
        because(connection, "the source corrected itself")
        connection.execute(text(f"UPDATE {PICKS} SET closing_source = 'market_average' WHERE agent = 'sharp'"))


def test_the_downgrade_takes_what_the_revision_before_cannot_hold_and_nothing_else(engine: Engine) -> None:
    furnish(engine)
    picks, others = picks_by_agent(engine), rows_by_table(engine, [*OTHERS, FILES, REJECTED, *NEW_TABLES])
    assert [len(others[table]) for table in (FILES, REJECTED, *NEW_TABLES)] == [2, 4, 2, 1]
    assert migrations.downgrade(engine, BEFORE) == (migrations.head(), BEFORE)
    assert picks_by_agent(engine) == {
        agent: without(row, *NEW_COLUMNS)
        | ({**NO_CLOSING, **dict.fromkeys(IMPLAUSIBLE)} if agent in UNKNOWN_CLOSE else {})
        for agent, row in picks.items()
        if agent not in CANNOT_BE
    }
    assert set(picks_by_agent(engine)) == {"agent", *HELD, *UNKNOWN_CLOSE}
    assert rows_by_table(engine, [FILES, REJECTED]) == {
        FILES: [row for row in others[FILES] if row["source"] != "picks"],
        REJECTED: [without(row, "detail") for row in others[REJECTED] if row["dataset"] != "picks"],
    }
    assert rows_by_table(engine, OTHERS) == {table: others[table] for table in OTHERS}


def test_rows_migrated_down_and_up_again_are_those_that_the_revision_before_held(engine: Engine) -> None:
    furnish(engine)
    migrations.downgrade(engine, BEFORE)
    picks, others = picks_by_agent(engine), rows_by_table(engine, [*OTHERS, FILES, REJECTED])
    assert migrations.upgrade(engine) == (BEFORE, migrations.head())
    again = picks_by_agent(engine)
    assert {agent: without(row, *NEW_COLUMNS, *NO_CLOSING) for agent, row in again.items()} == {
        agent: without(row, *NO_CLOSING) for agent, row in picks.items()
    }
    assert {row["origin"] for row in again.values()} == {"own"}
    closed = {agent: row["closing_bookmaker_id"] for agent, row in again.items() if row["closing_price"] is not None}
    assert closed == {"own": 1, "live": 1}
    others[REJECTED] = [{**row, "detail": None} for row in others[REJECTED]]
    assert rows_by_table(engine, [*OTHERS, FILES, REJECTED]) == others
    assert rows_by_table(engine, NEW_TABLES) == {table: [] for table in NEW_TABLES}
    assert drift(engine) == []


def test_rejected_picks_go_whatever_file_they_stand_in(engine: Engine) -> None:
    with engine.begin() as connection:
        insert(connection, FILES, {})
        for dataset in ("odds", "picks"):
            insert(connection, REJECTED, {"dataset": dataset})
    migrations.downgrade(engine, BEFORE)
    assert [row["dataset"] for row in rows_by_table(engine, [REJECTED])[REJECTED]] == ["odds"]


# Types and triggers


LABELS = {
    "rejected_dataset": list(Dataset),
    "closing_source": list(ClosingSource),
    "no_closing_reason": [reason for reason in NoClosingReason if reason is not NoClosingReason.LINE_NOT_QUOTED],
    "pick_origin": list(PickOrigin),
    "pick_part": list(PickPart),
    "pick_step": list(PickStep),
}
LABELS_BEFORE = {
    "rejected_dataset": ["matches", "odds", "match_details", "listings", "shots", "players", "appearances"],
    "closing_source": ["same_bookmaker", "sharp", "market_average"],
    "no_closing_reason": [
        *("line_moved", "bookmaker_gone", "not_captured_before_kickoff", "market_not_quoted", "match_not_played")
    ],
}


def labels(engine: Engine) -> dict[str, list[str]]:
    """The labels of every enum there is."""
    query = "SELECT typname, enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = enumtypid ORDER BY 1, enumsortorder"
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for name, label in connection.execute(text(query)):
            found.setdefault(name, []).append(label)
    return found


def test_labels_come_with_the_revision_and_go_with_it_from_every_enum_and_no_other_type_changes(
    engine: Engine,
) -> None:
    migrations.downgrade(engine, REVISION)
    newest = labels(engine)
    assert {name: newest[name] for name in LABELS} == LABELS
    migrations.downgrade(engine, BEFORE)
    rest = {name: values for name, values in newest.items() if name not in LABELS}
    assert labels(engine) == rest | LABELS_BEFORE
    migrations.upgrade(engine, REVISION)
    assert labels(engine) == newest


NEW_VALUES: dict[str, tuple[str, dict[str, Any]]] = {
    "rejected_dataset": (REJECTED, {"dataset": "picks"}),
    "closing_source": (PICKS, without(STATED, "closing_bookmaker_id")),
    "no_closing_reason": (PICKS, IMPLAUSIBLE),
}


@pytest.mark.parametrize("name", NEW_VALUES)
def test_the_revision_before_refuses_the_labels_that_it_does_not_know(engine: Engine, name: str) -> None:
    migrations.downgrade(engine, BEFORE)
    table, changes = NEW_VALUES[name]
    with engine.connect() as connection, pytest.raises(DataError, match=f"invalid input value for enum {name}"):
        insert(connection, table, changes)


def price_is_guarded(connection: Connection) -> bool:
    with pytest.raises(IntegrityError, match="price_taken cannot change"), connection.begin_nested():
        update_picks(connection, {"price_taken": "2.2"})
    return True


def test_the_price_taken_is_guarded_by_every_revision_and_corrections_by_the_newer_one(engine: Engine) -> None:
    function = text("SELECT to_regproc('public.keep_correction_of_pick')::text")
    with engine.begin() as connection:
        insert_surroundings(connection)
        take(connection, {"settled": WON})
    migrations.downgrade(engine, BEFORE)
    with engine.begin() as connection:
        assert price_is_guarded(connection)
        assert connection.scalar(function) is None
        assert update_picks(connection, settled("loss", "-1")) == 1
    migrations.upgrade(engine)
    with engine.begin() as connection:
        assert price_is_guarded(connection)
        with pytest.raises(IntegrityError, match="is corrected without a reason"), connection.begin_nested():
            update_picks(connection, WON)
        with pytest.raises(IntegrityError, match="origin cannot change"), connection.begin_nested():
            update_picks(connection, LIVE)
        because(connection, "own goal", who="Ada")
        assert update_picks(connection, WON) == 1
    (row,) = rows_by_table(engine, [CORRECTIONS])[CORRECTIONS]
    assert (row["part"], row["corrected_by"], row["reason"]) == ("settlement", "Ada", "own goal")
