"""Corrections of a pick's closing price and settlement are kept, with who and why; without a reason none passes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from monps_platform.db.models import picks
from monps_platform_tests.db.models.pick_cases import (
    CLOSING,
    CORRECTIONS,
    MOVED,
    NO_BET,
    OVER,
    OWN_CLOSING,
    PICKS,
    because,
    settled,
    update_picks,
)
from monps_platform_tests.db.models.rows import WHEN, insert

WON, LOST = settled("win", "1.1"), settled("loss", "-1")
GONE = {"no_closing_reason": "bookmaker_gone"}
NO_CLOSING, NOT_SETTLED = dict.fromkeys(CLOSING), dict.fromkeys(WON)
FIRST = [CLOSING, OWN_CLOSING, {**CLOSING, "closing_captured_at": WHEN}, GONE, MOVED, WON, {**CLOSING, **LOST}]
CLOSED_AT_2 = {
    "closing_price": 2,
    "closing_source": "sharp",
    "closing_bookmaker_id": 2,
    "clv_percentage": 5,
    "clv_no_vig_percentage": 2.5,
}
WON_BY_1 = {"result": "win", "profit": 1.1, "settled_at": "2019-08-10T17:00:00+00:00"}
LOST_BY_1 = {**WON_BY_1, "result": "loss", "profit": -1}


@dataclass(frozen=True)
class Correction:
    """What a part of a pick was first, what of it is then changed, and of what pick."""

    first: dict[str, Any]
    then: dict[str, Any]
    bet: dict[str, Any] = field(default_factory=dict)

    @property
    def part(self) -> str:
        """The part that is corrected."""
        return "settlement" if set(self.then) <= set(picks.SETTLEMENT) else "closing"


ALONE: dict[str, Correction] = {
    "closing_price": Correction(CLOSING, {"closing_price": "2.000001"}),
    "closing_source": Correction(CLOSING, {"closing_source": "stated"}),
    "closing_bookmaker_id": Correction(CLOSING, {"closing_bookmaker_id": 1}),
    "closing_captured_at": Correction(CLOSING, {"closing_captured_at": WHEN}),
    "no_closing_reason": Correction(GONE, {"no_closing_reason": "implausible_price"}),
    "clv_percentage": Correction(CLOSING, {"clv_percentage": "5.00001"}),
    "clv_no_vig_percentage": Correction(CLOSING, {"clv_no_vig_percentage": None}),
    "clv_line_adjusted_percentage": Correction(MOVED, {"clv_line_adjusted_percentage": "3.3"}),
    "clv_line_adjusted_method": Correction(MOVED, {"clv_line_adjusted_method": "another"}),
    "result": Correction(settled("void", "0"), {"result": "push"}, NO_BET),
    "settled_at": Correction(WON, {"settled_at": "2019-08-11 12:00+00"}),
}
"""Changes of one column alone. The profit follows from the result and has none."""
WHOLE: dict[str, Correction] = {
    "another price": Correction(CLOSING, {"closing_price": "1.9", "clv_percentage": "10.5263"}),
    "a price instead of a reason": Correction(GONE, {**CLOSING, "no_closing_reason": None}),
    "a reason instead of a price": Correction(CLOSING, {**NO_CLOSING, **GONE}),
    "no price any more": Correction(CLOSING, NO_CLOSING),
    "no reason any more": Correction(GONE, {"no_closing_reason": None}),
    "another result": Correction(WON, LOST),
    "not settled any more": Correction(WON, NOT_SETTLED),
}
CORRECTED = {**ALONE, **WHOLE}


@pytest.fixture
def session_user(connection: Connection) -> str:
    """Who is logged in."""
    return str(connection.scalar(text("SELECT session_user")))


def kept(connection: Connection) -> list[dict[str, Any]]:
    """The corrections in their order, by the agent of the pick."""
    query = f"""SELECT agent, part::text, corrected_by, reason, was, is_now FROM {CORRECTIONS} c
        JOIN {PICKS} p ON p.id = c.pick_id ORDER BY agent, part, c.id"""
    return [dict(row) for row in connection.execute(text(query)).mappings()]


def refusal(connection: Connection, changes: dict[str, Any]) -> Any:
    """The server's diagnosis when a change of all picks is refused; they are as they were."""
    query = text(f"SELECT to_jsonb(p) FROM {PICKS} p ORDER BY id")
    before = connection.scalars(query).all()
    with pytest.raises(IntegrityError) as caught, connection.begin_nested():
        update_picks(connection, changes)
    assert connection.scalars(query).all() == before
    return caught.value.orig.diag  # type: ignore[union-attr]  # psycopg2's own


def one_pick(connection: Connection, bet: dict[str, Any]) -> None:
    """Put another pick in the place of the one there is."""
    connection.execute(text(f"DELETE FROM {PICKS}"))
    insert(connection, PICKS, {**OVER, **bet, **({"line": None} if "market" in bet else {}), "agent": "tipster"})


@pytest.mark.parametrize("changes", FIRST)
def test_what_is_entered_for_the_first_time_needs_no_reason_and_is_no_correction(
    connection: Connection, changes: dict[str, Any]
) -> None:
    assert update_picks(connection, changes) == 1
    assert kept(connection) == []


def test_the_parts_come_one_after_the_other_without_a_reason(connection: Connection) -> None:
    update_picks(connection, CLOSING)
    update_picks(connection, WON)
    assert kept(connection) == []


@pytest.mark.parametrize("correction", CORRECTED.values(), ids=CORRECTED)
def test_a_correction_without_a_reason_is_refused(connection: Connection, correction: Correction) -> None:
    one_pick(connection, correction.bet)
    update_picks(connection, correction.first)
    diagnosis = refusal(connection, correction.then)
    trigger = f"tracking_clv_picks_{correction.part}_kept"
    assert (diagnosis.sqlstate, diagnosis.constraint_name) == ("23514", trigger)
    assert (diagnosis.schema_name, diagnosis.table_name) == ("public", PICKS)
    told = rf"the {correction.part} of pick \d+ of agent tipster is corrected without a reason"
    assert re.fullmatch(told, diagnosis.message_primary)
    assert "monps picks correct, or set monps.who and monps.why" in diagnosis.message_hint
    assert kept(connection) == []


def test_every_column_is_corrected_alone_but_the_profit() -> None:
    assert set(ALONE) == {*picks.CLOSING, *picks.SETTLEMENT} - {"profit"}
    assert [name for name, correction in ALONE.items() if list(correction.then) != [name]] == []


@pytest.mark.parametrize("correction", CORRECTED.values(), ids=CORRECTED)
def test_a_correction_with_a_reason_passes_and_is_kept(connection: Connection, correction: Correction) -> None:
    columns = picks.SETTLEMENT if correction.part == "settlement" else picks.CLOSING
    part = text(f"SELECT jsonb_strip_nulls(to_jsonb(p)) FROM (SELECT {', '.join(columns)} FROM {PICKS}) p")
    one_pick(connection, correction.bet)
    update_picks(connection, correction.first)
    was = connection.scalar(part)
    because(connection, "misread", who="Ada")
    assert update_picks(connection, correction.then) == 1
    told = {"agent": "tipster", "part": correction.part, "corrected_by": "Ada", "reason": "misread"}
    assert kept(connection) == [{**told, "was": was, "is_now": connection.scalar(part)}]


def test_a_correction_tells_what_the_part_was_and_is_and_leaves_out_what_was_null(connection: Connection) -> None:
    update_picks(connection, {**CLOSING, **WON})
    because(connection, "misread", who="Ada")
    update_picks(connection, {**NO_CLOSING, **GONE})
    update_picks(connection, {**OWN_CLOSING, "no_closing_reason": None, "closing_captured_at": WHEN})
    update_picks(connection, LOST)
    own = {**CLOSED_AT_2, "closing_source": "same_bookmaker", "closing_bookmaker_id": 1}
    assert [(row["was"], row["is_now"]) for row in kept(connection)] == [
        (CLOSED_AT_2, GONE),
        (GONE, {**own, "closing_captured_at": "2019-08-10T14:00:00+00:00"}),
        (WON_BY_1, LOST_BY_1),
    ]


def test_a_part_that_is_taken_back_is_now_empty(connection: Connection) -> None:
    update_picks(connection, {**CLOSING, **WON})
    because(connection, "of another match")
    update_picks(connection, {**NO_CLOSING, **NOT_SETTLED})
    assert [(row["part"], row["was"], row["is_now"]) for row in kept(connection)] == [
        ("closing", CLOSED_AT_2, {}),
        ("settlement", WON_BY_1, {}),
    ]


def test_each_part_that_a_statement_corrects_is_kept_by_itself_and_no_other(connection: Connection) -> None:
    update_picks(connection, {**CLOSING, **WON})
    because(connection, "both")
    update_picks(connection, {"closing_source": "market_average", **LOST})
    assert [(row["part"], row["reason"]) for row in kept(connection)] == [("closing", "both"), ("settlement", "both")]
    because(connection, "one")
    update_picks(connection, {"closing_source": "sharp", **LOST})
    assert [row["part"] for row in kept(connection) if row["reason"] == "one"] == ["closing"]


def test_each_pick_that_a_statement_corrects_is_kept_by_itself(connection: Connection) -> None:
    insert(connection, PICKS, {"agent": "another", **CLOSING})
    insert(connection, PICKS, {"agent": "closed so already", **CLOSING, "closing_source": "stated"})
    diagnosis = refusal(connection, {**CLOSING, "closing_source": "stated"})
    assert "of agent another is corrected without a reason" in diagnosis.message_primary
    because(connection, "as the bookmaker says")
    update_picks(connection, {**CLOSING, "closing_source": "stated"})
    stated = {**CLOSED_AT_2, "closing_source": "stated"}
    assert [(row["agent"], row["was"], row["is_now"]) for row in kept(connection)] == [
        ("another", CLOSED_AT_2, stated),
        ("tipster", {}, stated),
    ]


@pytest.mark.parametrize("changes", FIRST[:-1])
def test_a_reason_given_at_the_first_entry_is_kept_as_well(connection: Connection, changes: dict[str, Any]) -> None:
    because(connection, "told by the bookmaker", who="Ada")
    update_picks(connection, changes)
    (row,) = kept(connection)
    assert (row["corrected_by"], row["reason"], row["was"]) == ("Ada", "told by the bookmaker", {})
    assert set(row["is_now"]) == set(changes)


@pytest.mark.parametrize("who", [None, ""], ids=["not told", "empty"])
def test_who_corrects_is_who_is_logged_in_where_nobody_is_named(
    connection: Connection, session_user: str, who: str | None
) -> None:
    update_picks(connection, WON)
    because(connection, "own goal", who=who)
    update_picks(connection, LOST)
    assert [row["corrected_by"] for row in kept(connection)] == [session_user]


@pytest.mark.parametrize("who", ["Ada", "monps"])
def test_a_correction_is_a_persons_unless_it_is_said_to_be_the_platforms(connection: Connection, who: str) -> None:
    update_picks(connection, WON)
    because(connection, "own goal", who=who)
    update_picks(connection, LOST)
    connection.execute(text("SELECT set_config('monps.by_platform', 'true', true)"))
    update_picks(connection, WON)
    connection.execute(text("SELECT set_config('monps.by_platform', '', true)"))
    update_picks(connection, LOST)
    found = connection.execute(text(f"SELECT corrected_by, by_platform FROM {CORRECTIONS} ORDER BY id")).all()
    assert [tuple(row) for row in found] == [(who, False), (who, True), (who, False)]


def test_an_empty_reason_is_none(connection: Connection) -> None:
    because(connection, "", who="Ada")
    update_picks(connection, WON)
    assert kept(connection) == []
    assert refusal(connection, LOST).constraint_name == "tracking_clv_picks_settlement_kept"


def test_a_correction_bears_the_time_of_its_transaction(connection: Connection) -> None:
    update_picks(connection, WON)
    because(connection, "own goal")
    update_picks(connection, LOST)
    assert connection.scalars(text(f"SELECT corrected_at = now() FROM {CORRECTIONS}")).all() == [True]


@pytest.mark.parametrize("why", [None, "there is none"])
def test_the_same_again_is_no_correction(connection: Connection, why: str | None) -> None:
    update_picks(connection, {**CLOSING, **WON})
    if why is not None:
        because(connection, why)
    assert update_picks(connection, {**CLOSING, **WON}) == 1
    assert update_picks(connection, {"closing_price": "2.000", "clv_percentage": "5.0", "profit": "1.10"}) == 1
    assert update_picks(connection, {"strategy": "another"}) == 1
    assert kept(connection) == []


def test_an_upsert_needs_a_reason_to_correct_as_well(connection: Connection) -> None:
    update_picks(connection, WON)
    key = "agent, match_id, market, side, line, bookmaker_id, taken_at"
    again = text(f"""INSERT INTO {PICKS} ({key}, price_taken, stake, data_version, result, profit, settled_at)
        SELECT {key}, price_taken, stake, data_version, 'loss', -1, settled_at FROM {PICKS}
        ON CONFLICT ({key}) DO UPDATE SET result = excluded.result, profit = excluded.profit""")
    with pytest.raises(IntegrityError, match="is corrected without a reason"), connection.begin_nested():
        connection.execute(again)
    because(connection, "own goal")
    connection.execute(again)
    assert [(row["was"], row["is_now"]) for row in kept(connection)] == [(WON_BY_1, LOST_BY_1)]


def test_what_a_pick_was_when_it_was_taken_cannot_change_for_any_reason(connection: Connection) -> None:
    because(connection, "mistyped", who="Ada")
    assert refusal(connection, {**CLOSING, "price_taken": "2.2"}).constraint_name == picks.IMMUTABLE_TRIGGER
    assert kept(connection) == []


def test_corrections_go_with_their_pick_and_with_no_other(connection: Connection) -> None:
    insert(connection, PICKS, {"agent": "another", **WON})
    because(connection, "own goal")
    update_picks(connection, WON)
    update_picks(connection, LOST)
    assert [row["agent"] for row in kept(connection)] == ["another", "tipster", "tipster"]
    connection.execute(text(f"DELETE FROM {PICKS} WHERE agent = 'tipster'"))
    assert connection.scalar(text(f"SELECT count(*) FROM {CORRECTIONS}")) == 1
    assert [row["agent"] for row in kept(connection)] == ["another"]


# Corrections stay as they were made

REWRITTEN = {
    "who": "UPDATE {} SET corrected_by = 'somebody else'",
    "why": "UPDATE {} SET reason = 'none'",
    "when": "UPDATE {} SET corrected_at = corrected_at - interval '1 day'",
    "what it was": "UPDATE {} SET was = '{{}}'",
    "what it was made": "UPDATE {} SET is_now = '{{}}'",
    "whether the platform did": "UPDATE {} SET by_platform = NOT by_platform",
    "nothing": "UPDATE {} SET reason = reason",
    "deleted": "DELETE FROM {}",
}


@pytest.mark.parametrize("statement", REWRITTEN.values(), ids=REWRITTEN)
def test_a_correction_is_neither_rewritten_nor_deleted(connection: Connection, statement: str) -> None:
    because(connection, "own goal", who="Ada")
    update_picks(connection, WON)
    before = kept(connection)
    with pytest.raises(IntegrityError) as caught, connection.begin_nested():
        connection.execute(text(statement.format(CORRECTIONS)))
    diagnosis = caught.value.orig.diag  # type: ignore[union-attr]  # psycopg2's own
    assert (diagnosis.sqlstate, diagnosis.constraint_name) == ("23514", picks.CORRECTIONS_TRIGGER)
    assert (diagnosis.schema_name, diagnosis.table_name) == ("ops", "pick_corrections")
    assert re.fullmatch(r"correction \d+ of pick \d+ stays as it was made", diagnosis.message_primary)
    assert "monps picks correct" in diagnosis.message_hint
    assert kept(connection) == before != []
