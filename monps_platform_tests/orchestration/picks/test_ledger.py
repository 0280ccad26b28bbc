"""The ledger: every step of every season once, and again only for what has changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import ClassVar

import pytest
from sqlalchemy import Engine, text

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.picks import Settlement
from monps_platform.domain.agents import DEFAULT_AGENTS, Agent, ConsensusValue, Selection, SharpValue
from monps_platform.domain.agents.agent import Forecasts
from monps_platform.domain.odds import PriceKind
from monps_platform.domain.picks import PickResult, PickStep
from monps_platform.domain.quotes import Board
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.picks.ledger import Ledger
from monps_platform.orchestration.picks.taking import take_picks
from monps_platform_tests.db.quality.cases import BY_NAME
from monps_platform_tests.orchestration.picks.ledgers import (
    CONSENSUS,
    E0,
    GENEROUS,
    HOUR,
    LATER,
    MODEL,
    NOW,
    OVER,
    PLAYED,
    SHARP,
    SP1,
    Book,
    fixtures,
    open_book,
    quotes_of,
)
from monps_platform_tests.orchestration.platform import fingerprint
from monps_platform_tests.waiting import at_once, wait_until

TAKE, CLOSE, SETTLE = PickStep
COMING = 2
AGENTS = (CONSENSUS, MODEL, SHARP)
PROGRESS = "SELECT step::text, xmin::text, inputs_sha256 FROM ops.pick_progress ORDER BY id"


def done_again(book: Book, before: Mapping[str, Sequence[object]]) -> set[str]:
    """The steps that were noted again."""
    return {step for step, *rest in book.rows(PROGRESS) if before.get(step) != rest}


def progress(book: Book) -> dict[str, list[object]]:
    """What each step saw, with the version of its row."""
    return {step: list(rest) for step, *rest in book.rows(PROGRESS)}


def test_three_agents_pick_close_and_settle_in_one_call(book: Book) -> None:
    outcome = book.work()
    assert (outcome.status, outcome.partition) == (Status.LOADED, E0)
    taken, walked = 3 * (PLAYED + COMING), 3 * PLAYED
    assert outcome.changes == Changes(inserted=taken, updated=2 * walked)
    assert outcome.counts.loaded == outcome.counts.read == taken
    assert outcome.detail == f"{taken} taken, {2 * walked} closed or settled"
    counts = "count(*), count(closing_price), count(result)"
    by_agent = book.rows(f"SELECT agent, origin::text, {counts} FROM tracking_clv_picks GROUP BY 1, 2")
    assert sorted(by_agent) == sorted(
        row for name in AGENTS for row in ((name, "walk_forward", 4, 4, 4), (name, "live", 2, 0, 0))
    )
    assert book.rows("SELECT step::text, picks FROM ops.pick_progress ORDER BY id") == [
        (step.value, taken) for step in PickStep
    ]


def test_a_second_run_touches_no_row_of_any_table(book: Book) -> None:
    book.work()
    book.own(0)
    book.work()
    before = fingerprint(book.engine)
    for now in (NOW, NOW + 3 * HOUR):
        outcome = book.work(now=now)
        assert (outcome.status, outcome.changes, outcome.detail) == (Status.UNCHANGED, Changes(), "")
        assert outcome.counts.loaded == 3 * (PLAYED + COMING) + 1
    assert fingerprint(book.engine) == before


def test_steps_that_are_done_anew_from_the_same_rows_change_no_pick(book: Book) -> None:
    book.work()
    before = book.traces()
    book.do("DELETE FROM ops.pick_progress")
    assert book.work().status is Status.UNCHANGED
    assert book.traces() == before
    assert len(progress(book)) == 3


@pytest.mark.parametrize("step", PickStep)
def test_one_step_alone_does_its_own_part(book: Book, step: PickStep) -> None:
    book.own(0)
    outcome = book.work(step)
    taken = 3 * (PLAYED + COMING)
    expected = {TAKE: Changes(inserted=taken), CLOSE: Changes(updated=1), SETTLE: Changes(updated=1)}
    assert outcome.changes == expected[step]
    assert set(progress(book)) == {step.value}
    assert book.rows("SELECT count(*), count(closing_price), count(result) FROM tracking_clv_picks") == [
        {TAKE: (taken + 1, 0, 0), CLOSE: (1, 1, 0), SETTLE: (1, 0, 1)}[step]
    ]


def test_the_steps_follow_each_other_in_their_order_however_they_are_named(book: Book) -> None:
    outcome = book.work(SETTLE, CLOSE, TAKE)
    assert outcome.changes.inserted == 3 * (PLAYED + COMING)
    assert outcome.changes.updated == 2 * 3 * PLAYED
    assert list(progress(book)) == ["take", "close", "settle"]


def test_steps_done_one_by_one_come_to_the_same_as_all_at_once(book: Book, engine: Engine) -> None:
    other = open_book(engine, SP1)
    book.work()
    for step in PickStep:
        other.work(step)
    columns = "agent, origin, side, price_taken, closing_price, clv_percentage, result, profit"
    found = [
        sorted(item.picks(columns, f"match_id IN ({', '.join(map(str, item.ids))})"), key=str) for item in (book, other)
    ]
    assert found[0] == found[1]


def test_of_no_matches_there_is_nothing_to_pick_from(book: Book) -> None:
    outcomes = list(book.ledger().work([SP1, E0, LATER]))
    assert [(str(outcome.partition), outcome.status) for outcome in outcomes] == [
        ("SP1 2019-20", Status.NOT_PUBLISHED),
        ("E0 2019-20", Status.LOADED),
        ("E0 2020-21", Status.NOT_PUBLISHED),
    ]
    assert outcomes[0].detail == "no matches are loaded to pick from"


def test_the_partitions_are_those_that_hold_matches_oldest_first(book: Book, engine: Engine) -> None:
    open_book(engine, LATER)
    open_book(engine, SP1)
    assert book.ledger().partitions() == [E0, SP1, LATER]


# Only what changed is worked on again


def test_another_score_settles_the_picks_of_its_match_otherwise_and_nothing_else(book: Book) -> None:
    book.work()
    taken, before = book.taken(), book.traces()
    book.score(0, (0, 1))
    outcome = book.work(now=NOW + HOUR)
    assert (outcome.changes, outcome.detail) == (Changes(updated=3), "3 closed or settled")
    assert book.taken() == taken
    changed = [row_id for row_id, trace in book.traces().items() if trace != before[row_id]]
    assert {taken[row_id][3] for row_id in changed} == {book.ids[0]}
    assert len(changed) == 3
    assert book.corrections() == [(name, "settlement", "monps", "the source says another score now") for name in AGENTS]
    assert book.rows(
        "SELECT DISTINCT result::text, profit, settled_at FROM tracking_clv_picks WHERE match_id = :id", id=book.ids[0]
    ) == [("loss", Decimal(-1), NOW + HOUR)]


def test_another_closing_price_corrects_the_close_of_its_match_and_nothing_else(book: Book) -> None:
    book.work()
    taken, before, seen = book.taken(), book.traces(), progress(book)
    book.change_price(1, "B365", "2.30", kind="closing")
    outcome = book.work()
    assert outcome.changes == Changes(updated=3)
    assert book.taken() == taken
    changed = [row_id for row_id, trace in book.traces().items() if trace != before[row_id]]
    assert {taken[row_id][3] for row_id in changed} == {book.ids[1]}
    assert book.corrections() == [
        (name, "closing", "monps", "the sources' closing prices are others now") for name in AGENTS
    ]
    assert done_again(book, seen) == {"take", "close"}
    was = "SELECT DISTINCT was ->> 'closing_price', is_now ->> 'closing_price' FROM ops.pick_corrections"
    assert book.rows(was) == [("2.2", "2.3")]


def test_a_price_from_before_a_match_takes_its_walk_forward_picks_anew_and_no_others(book: Book) -> None:
    book.work()
    taken, before = book.taken(), book.traces()
    book.change_price(2, "B365", "2.70")
    outcome = book.work()
    assert outcome.changes == Changes(inserted=3, updated=6, deleted=3)
    assert outcome.detail == "3 taken, 3 withdrawn, 6 closed or settled"
    after = book.traces()
    assert {row_id: after[row_id] for row_id in after.keys() & before.keys()} == {
        row_id: trace for row_id, trace in before.items() if taken[row_id][3] != book.ids[2]
    }
    fresh = {row_id: row for row_id, row in book.taken().items() if row_id not in taken}
    assert {(row[3], row[8]) for row in fresh.values()} == {(book.ids[2], Decimal("2.7"))}
    assert book.corrections() == []


def test_another_forecast_rates_the_models_picks_anew_and_touches_no_others(book: Book) -> None:
    book.work()
    taken = book.taken()
    book.forecast({0: (0.48, 0.3, 0.22), 5: (0.48, 0.3, 0.22)})
    outcome = book.work()
    assert outcome.changes == Changes(updated=1), "the live pick of match 5 stays"
    assert book.taken().keys() == taken.keys()
    changed = [row for row_id, row in book.taken().items() if row != taken[row_id]]
    assert [(row[0], row[3], row[11]) for row in changed] == [(MODEL, book.ids[0], 0.48)]


def test_forecasts_are_nothing_to_agents_that_need_none(book: Book) -> None:
    agents = DEFAULT_AGENTS[:2]
    book.work(agents=agents)
    seen = progress(book)
    book.forecast({0: (0.1, 0.1, 0.8)})
    assert book.work(agents=agents).status is Status.UNCHANGED
    assert done_again(book, seen) == set()


def test_a_new_match_adds_its_own_picks_and_touches_no_other(book: Book) -> None:
    book.work()
    before = book.traces()
    late = replace(fixtures()[0], home_team="E0 Club 3", match_date=fixtures()[3].match_date)
    larger = book.add(late)
    larger.enter_quotes(quotes_of([6], [6]))
    larger.forecast({6: (0.5, 0.28, 0.22)})
    assert larger.work().changes == Changes(inserted=3, updated=6)
    after = larger.traces()
    assert {row_id: after[row_id] for row_id in before} == before


def test_a_persons_new_pick_is_closed_and_settled_and_no_other_row_is_touched(book: Book) -> None:
    book.work()
    before = book.traces()
    own = book.own(0)
    assert book.work().changes == Changes(updated=2)
    after = book.traces()
    assert {row_id: after[row_id] for row_id in before} == before
    assert book.picks("closing_price, result::text, profit", f"id = {own}") == [(Decimal("2.2"), "win", Decimal("1.1"))]


def test_a_new_snapshot_may_give_live_picks_and_touches_no_other(book: Book) -> None:
    book.work()
    before = book.traces()
    book.quote(4, "WH", "2.00", "3.40", "6.00", at=NOW + HOUR)
    outcome = book.work(now=NOW + 2 * HOUR)
    assert (outcome.changes, outcome.detail) == (Changes(inserted=2), "2 taken")
    after = book.traces()
    assert {row_id: after[row_id] for row_id in before} == before
    assert sorted(row[0] for row in book.picks("agent", "side = 'away'")) == [CONSENSUS, MODEL]


def test_what_is_played_meanwhile_is_closed_and_settled(book: Book) -> None:
    book.work()
    live = book.picks("*", "origin = 'live'")
    book.score(4, (3, 0))
    book.enter_quotes(quotes_of([], [4]))
    outcome = book.work(now=NOW + 120 * HOUR)
    assert outcome.changes == Changes(updated=6)
    assert len(book.picks("*", "origin = 'live'")) == len(live)
    assert {row[0] for row in book.picks("result::text", f"match_id = {book.ids[4]}")} == {"win"}


def test_the_end_of_the_season_is_news(book: Book) -> None:
    """No row has changed, but what was not played by then will not be."""
    book.work()
    seen, taken = progress(book), book.taken()
    outcome = book.work(now=OVER)
    assert outcome.changes == Changes(updated=2 * 3 * COMING)
    assert done_again(book, seen) == {"close", "settle"}
    assert book.taken() == taken
    assert set(book.picks("result::text, profit, no_closing_reason::text", "origin = 'live'")) == {
        ("void", Decimal(0), "match_not_played")
    }
    assert book.work(now=OVER + HOUR).status is Status.UNCHANGED


def test_a_transaction_that_began_earlier_and_ended_later_is_not_missed(book: Book) -> None:
    with book.engine.connect() as early:
        early.execute(text("SELECT pg_current_xact_id()"))
        early.execute(text("UPDATE odds SET home_price = 2.7, updated_at = now() WHERE home_price = 2.6"))
        book.do("UPDATE odds SET home_price = 2.03, updated_at = now() WHERE home_price = 2.02")
        book.work()
        early.commit()
    assert book.work().changes.deleted == 3 * PLAYED
    walked = "SELECT DISTINCT price_taken FROM tracking_clv_picks WHERE origin = 'walk_forward'"
    assert book.rows(walked) == [(Decimal("2.7"),)]


def test_what_changes_while_a_run_is_on_its_way_is_looked_at_by_it_or_by_the_next(book: Book, engine: Engine) -> None:
    later = open_book(engine, LATER)
    outcomes = book.ledger(now=OVER).work([E0, LATER])
    assert next(outcomes).status is Status.LOADED
    later.change_price(0, "B365", "2.70")
    assert next(outcomes).status is Status.LOADED
    took = "SELECT price_taken FROM tracking_clv_picks WHERE match_id = :id"
    assert set(book.rows(took, id=later.ids[0])) == {(Decimal("2.7"),)}
    before = book.traces()
    assert [outcome.status for outcome in book.ledger(now=OVER).work([E0, LATER])] == [Status.UNCHANGED] * 2
    assert book.traces() == before
    settled = fingerprint(engine)
    list(book.ledger(now=OVER).work([E0, LATER]))
    assert fingerprint(engine) == settled


# What somebody changed by hand

FREE = "ALTER TABLE tracking_clv_picks {} TRIGGER USER"
TAMPERED = {
    "a closing price": "closing_price = 1.5, clv_percentage = (price_taken / 1.5 - 1) * 100",
    "no closing price": "closing_price = NULL, closing_source = NULL, closing_bookmaker_id = NULL, "
    "clv_percentage = NULL, clv_no_vig_percentage = NULL, no_closing_reason = 'match_not_played'",
    "no-vig CLV": "clv_no_vig_percentage = 900",
    "a result": "result = 'loss', profit = -stake",
    "no result": "result = NULL, profit = NULL, settled_at = NULL",
}


@pytest.mark.parametrize("changed", TAMPERED.values(), ids=TAMPERED)
def test_a_close_and_an_end_that_somebody_changed_past_the_triggers_are_made_good(book: Book, changed: str) -> None:
    book.own(0)
    book.work()
    columns = (
        "id, closing_price, closing_source, no_closing_reason, clv_percentage, clv_no_vig_percentage, result, profit"
    )
    before, won = book.picks(columns), f"match_id = {book.ids[0]}"
    for statement in (FREE.format("DISABLE"), f"UPDATE tracking_clv_picks SET {changed} WHERE {won}"):
        book.do(statement)
    book.do(FREE.format("ENABLE"))
    assert book.picks(columns) != before
    assert book.work(now=NOW + HOUR).changes == Changes(updated=4)
    assert book.picks(columns) == before
    assert book.work(now=NOW + HOUR).status is Status.UNCHANGED


@pytest.mark.parametrize("changed", ["edge = 0.9", "model_probability = 0.9", "strategy = 'mine'"])
def test_what_a_pick_over_history_was_taken_for_is_made_good(book: Book, changed: str) -> None:
    book.work()
    columns = "agent, match_id, side, strategy, model_probability, edge, closing_price, result"
    before = set(book.picks(columns))
    book.do(f"UPDATE tracking_clv_picks SET {changed} WHERE origin = 'walk_forward'")
    assert book.work().status is Status.LOADED
    assert set(book.picks(columns)) == before


def test_what_a_person_corrected_is_left_alone_and_looked_at_once(book: Book) -> None:
    own = book.own(0)
    book.work()
    before, seen = book.traces(), progress(book)
    book.settle_by_hand(Settlement(PickResult.VOID, 0.0), own)
    assert book.work().status is Status.UNCHANGED
    assert done_again(book, seen) == {"settle"}
    assert book.picks("result::text", f"id = {own}") == [("void",)]
    assert [row_id for row_id, trace in book.traces().items() if trace != before[row_id]] == [own]
    again = fingerprint(book.engine)
    book.work()
    assert fingerprint(book.engine) == again


# Picks that are gone

DID_NOT_SHRINK = BY_NAME["picks_did_not_shrink"]


def shrunk(book: Book) -> list[tuple[object, object]]:
    """What the check says: of those that somebody took, how many there were, and how many are left."""
    with book.engine.connect() as connection:
        return [(row["lasting_before"], row["lasting"]) for row in DID_NOT_SHRINK.find(connection, NOW)]


def delete(book: Book, where: str) -> None:
    book.do(f"DELETE FROM tracking_clv_picks WHERE {where}")


@pytest.mark.parametrize("meanwhile", ["nothing", "a price", "a match that is played", "live picks"])
def test_picks_of_ones_own_that_were_deleted_are_missed_whatever_is_done_afterwards(book: Book, meanwhile: str) -> None:
    for match in range(PLAYED):
        book.own(match)
    book.work(now=NOW)
    assert shrunk(book) == []
    delete(book, f"agent = 'me' AND match_id <> {book.ids[0]}")
    if meanwhile == "a price":
        book.change_price(2, "B365", "2.70")
    elif meanwhile == "a match that is played":
        book.score(4, (3, 0))
    elif meanwhile == "live picks":
        book.quote(4, "WH", "2.00", "3.40", "6.00", at=NOW + HOUR)
    had, taken = PLAYED + 3 * COMING, 2 if meanwhile == "live picks" else 0
    for hours in (2, 3):
        book.work(now=NOW + hours * HOUR)
        assert shrunk(book) == [(had + taken, had + taken - 3)]


def test_live_picks_that_were_deleted_are_missed(book: Book) -> None:
    """The agents take them again from the prices that stand now: these are other picks, and as many."""
    book.work()
    delete(book, "origin = 'live' AND agent = 'sharp_value'")
    book.score(4, (1, 0))
    book.score(5, (1, 0))
    book.work(now=NOW + HOUR)
    assert shrunk(book) == [(3 * COMING, 3 * COMING - 2)]


def test_picks_that_are_entered_anew_in_place_of_deleted_ones_are_not_missed(book: Book) -> None:
    first = book.own(0)
    book.work()
    delete(book, f"id = {first}")
    book.work()
    assert shrunk(book) != []
    book.own(0, price_taken=Decimal("2.2"))
    for _ in range(2):
        assert shrunk(book) == []
        book.work()


def test_picks_over_history_that_are_withdrawn_or_taken_again_are_not_missed(book: Book) -> None:
    book.own(0)
    book.work()
    book.change_price(2, "B365", "2.00")
    assert book.work().changes.deleted == 3
    assert shrunk(book) == []
    delete(book, "origin = 'walk_forward'")
    assert shrunk(book) == [(1 + 3 * COMING, 1 + 3 * COMING)]
    book.work()
    assert shrunk(book) == []


# Agents


def test_other_parameters_are_another_agent_whose_picks_stand_beside_the_first(book: Book) -> None:
    book.work()
    taken = book.taken()
    bold = ConsensusValue(alpha=0.02, stake=2.0)
    outcome = book.work(agents=[bold])
    assert (outcome.changes.inserted, outcome.changes.deleted) == (PLAYED + COMING, 0)
    after = book.taken()
    assert {row_id: after[row_id] for row_id in taken} == taken
    fresh = [row for row_id, row in after.items() if row_id not in taken]
    assert {(row[0], row[10]) for row in fresh} == {("consensus_value(stake=2.0, alpha=0.02)", Decimal(2))}
    assert {row[2] for row in fresh} == {"markets=1x2, stake=2.0, alpha=0.02, fewest_books=4"}


def test_other_parameters_and_another_version_of_a_rule_are_news_though_no_row_changed(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.work(TAKE, agents=[ConsensusValue()])
    assert book.work(TAKE, agents=[ConsensusValue(alpha=0.02)]).changes == Changes(inserted=PLAYED + COMING)
    seen = progress(book)
    assert book.work(TAKE, agents=[ConsensusValue(alpha=0.02)]).status is Status.UNCHANGED
    assert done_again(book, seen) == set()
    monkeypatch.setattr(ConsensusValue, "version", "consensus-value-0")
    assert book.work(TAKE, agents=[ConsensusValue(alpha=0.02)]).status is Status.UNCHANGED
    assert done_again(book, seen) == {"take"}


def test_an_agent_that_is_left_out_keeps_its_picks_and_they_are_closed_and_settled(book: Book) -> None:
    book.work(TAKE)
    book.change_price(0, "B365", "2.70")
    outcome = book.work(agents=[SharpValue()])
    assert (outcome.changes.inserted, outcome.changes.deleted) == (1, 1)
    held = dict(book.rows("SELECT agent, count(*) FROM tracking_clv_picks GROUP BY 1"))
    assert held == dict.fromkeys(AGENTS, PLAYED + COMING)
    assert book.value("SELECT count(*) FROM tracking_clv_picks WHERE result IS NOT NULL") == 3 * PLAYED
    assert book.work().changes == Changes(inserted=2, updated=4, deleted=2)


def test_without_agents_nothing_is_taken_and_nothing_is_withdrawn(book: Book) -> None:
    own = book.own(0)
    assert book.work(agents=[]).changes == Changes(updated=2)
    assert [row[0] for row in book.picks("id")] == [own]
    book.work()
    held = len(book.taken())
    book.change_price(0, "B365", "2.70")
    assert book.work(TAKE, agents=[]).changes == Changes()
    assert len(book.taken()) == held


# Failures


@dataclass(frozen=True, kw_only=True)
class Stumbling(Agent):
    """An agent that cannot make anything of the prices of one league."""

    kind: ClassVar[str] = "stumbling"
    version: ClassVar[str] = "stumbling-1"

    match_ids: tuple[str, ...] = ()

    def _candidates(self, found: Sequence[Board], forecasts: Forecasts) -> Iterator[Selection]:
        if any(str(board.match_id) in self.match_ids for board in found):
            raise ValueError("prices of which no probabilities can be made")
        yield from ()


@contextmanager
def refusing(book: Book, columns: str, season: str) -> Iterator[None]:
    """The server refuses what is done to picks of a season."""
    book.do(f"""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT season FROM matches WHERE id = NEW.match_id) = '{season}' THEN RAISE EXCEPTION 'refused by the test';
        END IF; RETURN NEW; END $$""")
    book.do(f"CREATE TRIGGER refuse BEFORE {columns} ON tracking_clv_picks FOR EACH ROW EXECUTE FUNCTION refuse()")
    try:
        yield
    finally:
        book.do("DROP FUNCTION refuse CASCADE")


def test_a_season_that_cannot_be_worked_on_costs_no_other_and_is_tried_again(book: Book, engine: Engine) -> None:
    later, spain = open_book(engine, LATER), open_book(engine, SP1)
    agents = [*DEFAULT_AGENTS, Stumbling(match_ids=tuple(map(str, spain.ids)))]
    with refusing(book, "INSERT", "2020-21"):
        outcomes = list(book.ledger(agents, OVER).work([E0, SP1, LATER]))
    assert [outcome.status for outcome in outcomes] == [Status.LOADED, Status.FAILED, Status.FAILED]
    assert outcomes[1].detail == "prices of which no probabilities can be made"
    assert outcomes[2].detail.startswith("refused by the test")
    assert book.rows("SELECT DISTINCT m.season FROM tracking_clv_picks p JOIN matches m ON m.id = match_id") == [
        ("2019-20",)
    ]
    assert len(book.picks("id")) == 3 * PLAYED
    again = list(book.ledger(now=OVER).work([E0, SP1, LATER]))
    assert [outcome.status for outcome in again[1:]] == [Status.LOADED] * 2
    assert len(later.picks("id", f"match_id = {later.ids[0]}")) == 3


def test_a_step_that_fails_keeps_those_before_it_and_is_tried_again(book: Book) -> None:
    with refusing(book, "UPDATE OF closing_price", "2019-20"):
        failed = book.work()
    assert (failed.status, set(progress(book))) == (Status.FAILED, {"take"})
    assert len(book.picks("id")) == 3 * (PLAYED + COMING)
    seen = progress(book)
    outcome = book.work()
    assert outcome.changes == Changes(updated=2 * 3 * PLAYED)
    assert done_again(book, seen) == {"close", "settle"}


def test_a_price_that_cannot_be_keeps_its_season_from_nothing_but_that_price(book: Book, engine: Engine) -> None:
    """A quote that no real book makes is left out; who was quoted beside it is picked as before."""
    book.quote(0, "VC", "1000", "1000", "1000")
    assert book.work().status is Status.LOADED
    assert {row[0] for row in book.picks("price_taken")} == {Decimal(GENEROUS[0])}


# Others at the same time


def test_ledgers_at_once_take_each_pick_once(book: Book, engine: Engine) -> None:
    """Each at a time of its own: what the first of them picks before the matches, no other picks again."""
    open_book(engine, SP1)

    def run(minute: int) -> list[Outcome]:
        return list(book.ledger(now=NOW + timedelta(minutes=minute)).work([E0, SP1]))

    found = at_once(*(partial(run, minute) for minute in range(3)))
    assert {outcome.status for outcomes in found for outcome in outcomes} <= {Status.LOADED, Status.UNCHANGED}
    assert book.value("SELECT count(*) FROM tracking_clv_picks") == 2 * 3 * (PLAYED + COMING)
    assert sum(outcome.changes.inserted for outcomes in found for outcome in outcomes) == 2 * 3 * (PLAYED + COMING)
    assert book.corrections() == []
    before = book.traces()
    list(book.ledger().work([E0, SP1]))
    assert book.traces() == before


def test_a_ledger_waits_for_one_that_works_on_the_same_season_and_then_sees_what_it_did(book: Book) -> None:
    """The first has taken live picks, and not committed them, when the second begins."""
    found: list[Outcome] = []
    thread = threading.Thread(target=lambda: found.append(book.work(TAKE, now=NOW + HOUR)))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
    with book.unit() as unit:
        unit.picks.hold(E0)
        take_picks(unit, E0, DEFAULT_AGENTS, NOW)
        thread.start()
        wait_until(lambda: bool(book.value(waiting)))
        unit.commit()
    thread.join()
    assert [outcome.status for outcome in found] == [Status.UNCHANGED]
    assert {row[0] for row in book.picks("taken_at", "origin = 'live'")} == {NOW}


def test_the_time_is_asked_once_for_each_season(book: Book, engine: Engine) -> None:
    open_book(engine, SP1)
    asked: list[datetime] = []

    def now() -> datetime:
        asked.append(NOW + len(asked) * HOUR)
        return asked[-1]

    list(Ledger(book.unit, DEFAULT_AGENTS, now).work([E0, SP1]))
    assert len(asked) == 2
    assert set(book.rows("SELECT DISTINCT taken_at FROM tracking_clv_picks WHERE origin = 'live'")) == set(
        zip(asked, strict=True)
    )
    assert book.value("SELECT count(DISTINCT settled_at) FROM tracking_clv_picks") == 2


def test_a_late_quote_of_a_played_match_is_history(book: Book) -> None:
    """It is kept as a snapshot, and no pick over history sees it."""
    book.work()
    before = book.traces()
    book.quote(0, "WH", "9.00", "3.40", "4.00", at=NOW, kind=PriceKind.SNAPSHOT)
    assert book.work().status is Status.UNCHANGED
    assert book.traces() == before
