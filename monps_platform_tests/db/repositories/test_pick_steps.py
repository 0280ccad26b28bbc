"""What the steps of the work on picks read and write, on both drivers: found by league and season, withdrawn, closed,
settled, corrected with who and why, and told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.models import Pick
from monps_platform.db.repositories import matches as matches_module
from monps_platform.db.repositories.matches import MatchHasPicksError
from monps_platform.db.repositories.picks import AgentPick, HeldAgentPick, PickState, Settlement
from monps_platform.db.repositories.teams import UnknownLeagueCodeError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.bookmakers import KNOWN
from monps_platform.domain.closing import Closing
from monps_platform.domain.fixtures import Fixture
from monps_platform.domain.forecasts import Forecast, ForecastModel
from monps_platform.domain.goal_model.dixon_coles import MODEL_VERSION
from monps_platform.domain.judgement import VERSIONS
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import ClosingSource, NoClosingReason, PickOrigin, PickPart, PickResult, PickSide
from monps_platform.domain.quotes import Quote
from monps_platform.domain.settlement import Backed
from monps_platform.domain.track_record.table import TrackedPick
from monps_platform_tests.db.forecast_samples import write_forecasts
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.pick_samples import (
    CAPTURED,
    DONE,
    GONE,
    MOVED,
    closing,
    enter,
    live,
    quoted,
    walked,
)
from monps_platform_tests.db.repositories.quantum_samples import TAKEN, World, build_world, closed, pick, settled
from monps_platform_tests.db.repositories.refusals import assert_refused_before_sql
from monps_platform_tests.db.samples import E0, E1, LATER, SEASON, Reader, played, statements, to_come, write_matches
from monps_platform_tests.db.transactions import Transaction

PICKS = "tracking_clv_picks"
COLUMNS = """SELECT closing_price, closing_source::text, closing_bookmaker_id, closing_captured_at,
    no_closing_reason::text, clv_percentage, clv_no_vig_percentage, clv_line_adjusted_percentage,
    clv_line_adjusted_method FROM tracking_clv_picks ORDER BY id"""
SETTLED = "SELECT result::text, profit, settled_at FROM tracking_clv_picks ORDER BY id"
CORRECTIONS = """SELECT pick_id, part::text, corrected_by, reason, was, is_now FROM ops.pick_corrections ORDER BY id"""
WON, LOST = Settlement(PickResult.WIN, 1.1), Settlement(PickResult.LOSS, -1.0)
OVER = {"market": Market.OVER_UNDER, "side": PickSide.OVER, "line": Decimal("2.75")}


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """The matches and bookmakers that the picks point to."""
    return build_world(sessions)


def close(layer: Layer, closings: Mapping[int, Closing], **options: str) -> Changes:
    """Enter closings and keep them."""
    with layer.unit() as unit:
        changes = unit.picks.enter_closings(closings, **options)
        unit.commit()
    return changes


def end(layer: Layer, settlements: Mapping[int, Settlement | None], at: datetime = DONE, **options: str) -> Changes:
    """Enter settlements and keep them."""
    with layer.unit() as unit:
        changes = unit.picks.enter_settlements(settlements, at, **options)
        unit.commit()
    return changes


# What the agents picked


def test_the_picks_of_agents_come_by_league_and_season_as_they_were_taken(layer: Layer, world: World) -> None:
    elsewhere = world.matches["Leeds", "Hull"]
    first, second, _, _, _ = enter(
        layer,
        walked(world, **OVER, price_taken=Decimal("1.9525"), stake=Decimal("0.3333")),
        live(world),
        walked(world, agent="sharp_value"),
        walked(world, match_id=elsewhere),
        pick(world, agent="consensus_value"),
    )
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.picks.of_agents(E0, SEASON, ["consensus_value", "dixon_coles_value"])
        assert len(sent) == 2
    taken = ("consensus_value", "alpha=0.05", world.opener)
    book = world.bookmakers["B365"]
    assert found == [
        HeldAgentPick(
            first,
            PickOrigin.WALK_FORWARD,
            AgentPick(*taken, Market.OVER_UNDER, PickSide.OVER, 2.75, book, 1.9525, 0.3333, 0.5, 0.05),
        ),
        HeldAgentPick(
            second,
            PickOrigin.LIVE,
            AgentPick(*taken, Market.ONE_X_TWO, PickSide.AWAY, None, book, 2.1, 1.0, 0.5, 0.05),
        ),
    ]


def test_of_no_agents_and_of_other_seasons_there_are_no_picks(layer: Layer, world: World) -> None:
    enter(layer, walked(world))
    with layer.unit() as unit:
        assert unit.picks.of_agents(E0, SEASON, []) == []
        assert unit.picks.of_agents(E0, LATER, ["consensus_value"]) == []
        assert unit.picks.of_agents(E1, SEASON, ["consensus_value"]) == []


def test_a_league_that_the_table_does_not_hold_is_refused(layer: Layer) -> None:
    with layer.unit() as unit:
        for ask in (
            lambda: unit.picks.of_agents(E0, SEASON, ["me"]),
            lambda: unit.picks.states(E0, SEASON),
            lambda: unit.matches.fixtures(E0, SEASON),
            lambda: unit.forecasts.of_goal_model(E0, SEASON),
        ):
            with pytest.raises(UnknownLeagueCodeError, match="has no league 'E0': it is empty"):
                ask()


def test_a_persons_picks_come_by_what_tells_them_apart_with_price_and_stake(layer: Layer, world: World) -> None:
    second = world.matches["Chelsea", "Arsenal"]
    summer = datetime(2019, 8, 9, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    enter(
        layer,
        pick(world, stake=Decimal("2.5")),
        pick(world, **OVER, taken_at=summer, bookmaker_id=world.bookmakers["PS"]),
        pick(world, match_id=second),
        walked(world),
        live(world),
    )
    at = (world.opener, Market.ONE_X_TWO, PickSide.HOME, None, "B365", TAKEN)
    over = (
        world.opener,
        Market.OVER_UNDER,
        PickSide.OVER,
        Decimal("2.75"),
        "PS",
        datetime(2019, 8, 9, 12, 30, tzinfo=UTC),
    )
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.picks.own({world.opener})
        assert found == {
            ("value", *at): (Decimal("2.1"), Decimal("2.5"), None, None),
            ("value", *over): (Decimal("2.1"), Decimal(1), None, None),
        }
        assert len(sent) == 1
        assert {key[1] for key in unit.picks.own({world.opener, second, 1})} == {world.opener, second}
        assert unit.picks.own(set()) == {}
    assert all(key[-1].tzinfo is UTC for key in found)


# Withdrawn


def test_only_walk_forward_picks_are_withdrawn_whatever_is_asked(layer: Layer, world: World, reader: Reader) -> None:
    ids = enter(layer, walked(world), live(world), pick(world), walked(world, **OVER))
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.picks.withdraw(ids) == Changes(deleted=2)
        assert len(sent) == 1
        assert unit.picks.withdraw(ids) == Changes()
        assert unit.picks.withdraw([]) == Changes()
        unit.commit()
    assert reader.rows(f"SELECT id FROM {PICKS} ORDER BY id") == [(ids[1],), (ids[2],)]


def test_more_picks_may_be_withdrawn_than_a_statement_takes_parameters(layer: Layer, world: World) -> None:
    (row_id,) = enter(layer, walked(world))
    with layer.unit() as unit:
        assert unit.picks.withdraw(range(row_id, row_id + 40_000)) == Changes(deleted=1)


def test_what_is_withdrawn_takes_its_corrections_along_and_leaves_the_others(
    layer: Layer, world: World, reader: Reader
) -> None:
    gone, kept = enter(layer, walked(world), walked(world, **OVER))
    close(layer, {gone: GONE, kept: GONE})
    close(layer, {gone: closing(world), kept: closing(world)}, why="it closed after all")
    with layer.unit() as unit:
        assert unit.picks.withdraw([gone]) == Changes(deleted=1)
        unit.commit()
    assert [row[0] for row in reader.rows(CORRECTIONS)] == [kept]


def test_what_a_person_corrected_is_not_withdrawn_and_is_told_apart(layer: Layer, world: World, reader: Reader) -> None:
    gone, kept = enter(layer, walked(world), walked(world, **OVER))
    close(layer, {gone: GONE, kept: GONE})
    close(layer, {gone: closing(world)}, why="it closed after all")
    close(layer, {kept: closing(world)}, why="it closed after all", who="Ada")
    with layer.unit() as unit:
        found = unit.picks.of_agents(E0, SEASON, ["consensus_value"])
        assert {item.pick_id: item.is_corrected for item in found} == {gone: False, kept: True}
        assert unit.picks.withdraw([gone, kept]) == Changes(deleted=1)
        unit.commit()
    assert [row[0] for row in reader.rows(CORRECTIONS)] == [kept]


def test_the_league_and_season_of_a_pick_are_those_of_its_match(layer: Layer, world: World) -> None:
    first, second = enter(layer, walked(world), pick(world, match_id=world.matches["Leeds", "Hull"]))
    with layer.unit() as unit:
        assert unit.picks.partition_of(first) == Partition(E0, SEASON)
        assert unit.picks.partition_of(second) == Partition(E1, SEASON)
        assert unit.picks.partition_of(second + 1) is None


# Closed and settled


def test_states_tell_the_bet_its_close_and_its_end(layer: Layer, world: World) -> None:
    book = world.bookmakers["B365"]
    first, second, third, _ = enter(
        layer,
        walked(world, **OVER, stake=Decimal("0.25")),
        pick(world),
        live(world),
        pick(world, match_id=world.matches["Leeds", "Hull"]),
    )
    close(layer, {first: MOVED, second: closing(world)})
    end(layer, {second: WON})
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.picks.states(E0, SEASON)
        assert len(sent) == 2
        assert unit.picks.states(E0, LATER) == []
    over, home, away = (
        Backed(Market.OVER_UNDER, PickSide.OVER, 2.75),
        Backed(Market.ONE_X_TWO, PickSide.HOME),
        Backed(Market.ONE_X_TWO, PickSide.AWAY),
    )
    nobody: frozenset[PickPart] = frozenset()
    assert found == [
        PickState(first, world.opener, over, book, 2.1, 0.25, MOVED, None, nobody),
        PickState(second, world.opener, home, book, 2.1, 1.0, closing(world), WON, nobody),
        PickState(third, world.opener, away, book, 2.1, 1.0, Closing(), None, nobody),
    ]


def test_a_person_is_a_person_whatever_he_is_called_or_logs_in_as(layer: Layer, world: World) -> None:
    by_name, by_sql = enter(layer, pick(world), live(world))
    close(layer, {by_name: GONE, by_sql: GONE})
    close(layer, {by_name: closing(world)}, why="seen there", who="monps")
    with layer.unit() as unit:
        # The platform has corrected in the same transaction, and who logs in bears its name.
        unit.picks.enter_closings({by_sql: closing(world)}, why="the sources say so")
        settings = "SELECT set_config('monps.who', 'monps', true), set_config('monps.why', 'misread', true)"
        transaction = Transaction(layer, unit.session)
        transaction.do(settings)
        transaction.do(f"UPDATE {PICKS} SET closing_captured_at = now() WHERE id = {by_sql}")
        unit.commit()
    with layer.unit() as unit:
        found = {state.pick_id: state.by_hand for state in unit.picks.states(E0, SEASON)}
    assert found == dict.fromkeys((by_name, by_sql), frozenset({PickPart.CLOSING}))


def test_states_tell_which_parts_a_person_corrected(layer: Layer, world: World) -> None:
    ids = enter(layer, *(walked(world, side=side) for side in ("home", "draw", "away")), pick(world))
    close(layer, dict.fromkeys(ids, GONE))
    end(layer, dict.fromkeys(ids, LOST))
    close(layer, {ids[0]: closing(world)}, why="seen there", who="Ada")
    end(layer, {ids[1]: WON}, why="own goal", who="Ada")
    close(layer, {ids[2]: closing(world)}, why="the sources say so")
    end(layer, {ids[2]: WON}, why="the sources say so")
    close(layer, {ids[3]: closing(world)}, why="the sources say so")
    close(layer, {ids[3]: GONE}, why="no, they do not", who="Ada")
    end(layer, {ids[3]: WON}, why="own goal", who="Ada")
    with layer.unit() as unit:
        assert {state.pick_id: set(state.by_hand) for state in unit.picks.states(E0, SEASON)} == {
            ids[0]: {PickPart.CLOSING},
            ids[1]: {PickPart.SETTLEMENT},
            ids[2]: set(),
            ids[3]: {PickPart.CLOSING, PickPart.SETTLEMENT},
        }


def test_a_close_is_entered_whole_and_for_the_first_time_is_no_correction(
    layer: Layer, world: World, reader: Reader
) -> None:
    first, second, third, _ = enter(layer, pick(world), walked(world, **OVER), live(world), walked(world))
    given = {first: closing(world), second: MOVED, third: GONE}
    assert close(layer, given) == Changes(updated=3)
    pinnacle = world.bookmakers["PS"]
    nothing = [None] * 9
    assert reader.rows(COLUMNS) == [
        (Decimal(2), "sharp", pinnacle, CAPTURED, None, Decimal(5), Decimal("2.5"), None, None),
        (*nothing[:4], "line_moved", None, None, Decimal("-1.25"), "implied-scores-1 PS+PS"),
        (*nothing[:4], "bookmaker_gone", *nothing[5:]),
        tuple(nothing),
    ]
    assert reader.rows(CORRECTIONS) == []
    with layer.unit() as unit:
        assert [state.closing for state in unit.picks.states(E0, SEASON)] == [*given.values(), Closing()]


def test_a_settlement_is_entered_whole_and_for_the_first_time_is_no_correction(
    layer: Layer, world: World, reader: Reader
) -> None:
    ids = enter(layer, pick(world), walked(world, **OVER), live(world))
    assert end(layer, {ids[0]: WON, ids[1]: Settlement(PickResult.HALF_LOSS, -0.5)}) == Changes(updated=2)
    assert reader.rows(SETTLED) == [
        ("win", Decimal("1.1"), DONE),
        ("half_loss", Decimal("-0.5"), DONE),
        (None, None, None),
    ]
    assert reader.rows(CORRECTIONS) == []


def test_what_is_entered_again_unchanged_touches_no_row_and_needs_no_reason(
    layer: Layer, world: World, reader: Reader
) -> None:
    ids = enter(layer, pick(world), walked(world, **OVER))
    closings, settlements = dict(zip(ids, (closing(world), MOVED), strict=True)), {ids[0]: LOST}
    close(layer, closings)
    end(layer, settlements)
    before = reader.traces(PICKS)
    assert close(layer, closings) == end(layer, settlements) == Changes()
    assert close(layer, closings, why="said again") == end(layer, settlements, why="said again") == Changes()
    assert reader.traces(PICKS) == before
    assert reader.rows(CORRECTIONS) == []


def test_of_many_closings_only_those_that_differ_are_written(layer: Layer, world: World, reader: Reader) -> None:
    ids = enter(layer, *(pick(world, taken_at=TAKEN + timedelta(minutes=number)) for number in range(6)))
    close(layer, dict.fromkeys(ids, GONE))
    before = reader.traces(PICKS)
    given = {**dict.fromkeys(ids, GONE), ids[2]: closing(world)}
    assert close(layer, given, why="it closed after all") == Changes(updated=1)
    after = reader.traces(PICKS)
    assert [row_id for row_id in ids if after[row_id] != before[row_id]] == [ids[2]]
    assert after[ids[2]][-1] > before[ids[2]][-1]


def test_a_correction_is_kept_with_who_and_why_and_what_it_was(layer: Layer, world: World, reader: Reader) -> None:
    (row_id,) = enter(layer, pick(world))
    close(layer, {row_id: GONE})
    end(layer, {row_id: LOST})
    assert close(layer, {row_id: closing(world)}, why="the sources say so") == Changes(updated=1)
    assert end(layer, {row_id: WON}, why="own goal", who="Ada") == Changes(updated=1)
    found = reader.rows(CORRECTIONS)
    assert [row[:4] for row in found] == [
        (row_id, "closing", "monps", "the sources say so"),
        (row_id, "settlement", "Ada", "own goal"),
    ]
    assert found[0][4] == {"no_closing_reason": "bookmaker_gone"}
    assert found[0][5]["closing_price"] == 2
    assert (found[1][4]["result"], found[1][5]["result"]) == ("loss", "win")


def test_what_was_settled_is_opened_again_with_a_reason(layer: Layer, world: World, reader: Reader) -> None:
    (row_id,) = enter(layer, pick(world))
    end(layer, {row_id: LOST})
    with layer.unit() as unit, pytest.raises(IntegrityError, match=r"settlement of pick .* corrected without"):
        unit.picks.enter_settlements({row_id: None}, DONE)
    assert end(layer, {row_id: None}, why="played again") == Changes(updated=1)
    assert reader.rows(SETTLED) == [(None, None, None)]
    assert [(row[1], row[3], row[5]) for row in reader.rows(CORRECTIONS)] == [("settlement", "played again", {})]
    assert end(layer, {row_id: WON}) == Changes(updated=1)
    assert len(reader.rows(CORRECTIONS)) == 1


def test_a_close_is_taken_back_with_a_reason(layer: Layer, world: World, reader: Reader) -> None:
    (row_id,) = enter(layer, pick(world))
    close(layer, {row_id: closing(world)})
    assert close(layer, {row_id: Closing()}, why="not played after all") == Changes(updated=1)
    assert reader.rows(COLUMNS) == [(None,) * 9]


CORRECTED: dict[str, Callable[[UnitOfWork, int, World], Any]] = {
    "close": lambda unit, row_id, world: unit.picks.enter_closings({row_id: closing(world)}),
    "settlement": lambda unit, row_id, world: unit.picks.enter_settlements({row_id: WON}, DONE),
    "a field": lambda unit, row_id, world: unit.picks.update(row_id, **settled(PickResult.WIN, Decimal("1.1"))),
}


@pytest.mark.parametrize("correct", CORRECTED.values(), ids=CORRECTED)
def test_a_correction_without_a_reason_is_refused_also_after_one_that_had_a_reason(
    layer: Layer, world: World, reader: Reader, correct: Callable[[UnitOfWork, int, World], Any]
) -> None:
    first, second = enter(layer, pick(world), live(world))
    close(layer, {first: GONE, second: GONE})
    end(layer, {first: LOST, second: LOST})
    before = reader.traces(PICKS)
    with layer.unit() as unit:
        unit.picks.enter_closings({second: closing(world)}, why="seen there", who="Ada")
        unit.picks.enter_settlements({second: WON}, DONE, why="own goal", who="Ada")
        with pytest.raises(IntegrityError, match="is corrected without a reason"):
            correct(unit, first, world)
    assert reader.traces(PICKS) == before


def test_a_first_entry_after_a_correction_in_the_same_transaction_is_no_correction(
    layer: Layer, world: World, reader: Reader
) -> None:
    first, second = enter(layer, pick(world), live(world))
    close(layer, {first: GONE})
    with layer.unit() as unit:
        unit.picks.enter_closings({first: closing(world)}, why="seen there", who="Ada")
        unit.picks.enter_closings({second: GONE})
        unit.picks.enter_settlements({first: WON, second: LOST}, DONE)
        unit.commit()
    assert [row[:3] for row in reader.rows(CORRECTIONS)] == [(first, "closing", "Ada")]


def test_a_reason_given_with_the_first_entry_makes_it_the_persons(layer: Layer, world: World) -> None:
    (row_id,) = enter(layer, pick(world))
    stated = closing(world, source=ClosingSource.STATED, clv_no_vig=None, captured_at=None)
    close(layer, {row_id: stated}, why="noted at kickoff", who="Ada")
    with layer.unit() as unit:
        (state,) = unit.picks.states(E0, SEASON)
    assert (state.closing, state.by_hand) == (stated, frozenset({PickPart.CLOSING}))


REFUSED: dict[str, Callable[[UnitOfWork], Any]] = {
    "closing, no reason": lambda unit: unit.picks.enter_closings({1: GONE}, why=" \t\n"),
    "closing, empty reason": lambda unit: unit.picks.enter_closings({1: GONE}, why="", who="Ada"),
    "closing, nobody": lambda unit: unit.picks.enter_closings({1: GONE}, why="misread", who=" "),
    "settlement, no reason": lambda unit: unit.picks.enter_settlements({1: WON}, DONE, why=" "),
    "settlement, nobody": lambda unit: unit.picks.enter_settlements({1: None}, DONE, why="own goal", who=""),
}


@pytest.mark.parametrize("ask", REFUSED.values(), ids=REFUSED)
def test_a_blank_reason_or_name_is_refused_before_any_sql(layer: Layer, ask: Callable[[UnitOfWork], Any]) -> None:
    assert_refused_before_sql(layer, ask, "a correction is kept with who made it and why: give both")


def test_nothing_to_enter_sends_nothing_and_ids_of_no_pick_change_nothing(layer: Layer, world: World) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.picks.enter_closings({}) == unit.picks.enter_settlements({}, DONE) == Changes()
        assert unit.picks.enter_closings({}, why="misread") == Changes()
        assert sent == []
        assert unit.picks.enter_closings({1: GONE}) == unit.picks.enter_settlements({1: WON}, DONE) == Changes()


def test_entering_takes_no_more_statements_for_more_picks(layer: Layer, world: World) -> None:
    def sent_by(ids: list[int]) -> int:
        with layer.unit() as unit, statements(layer.engine) as sent:
            unit.picks.enter_closings(dict.fromkeys(ids, GONE))
            unit.picks.enter_settlements(dict.fromkeys(ids, LOST), DONE)
            unit.commit()
        return len([statement for statement in sent if statement != "SELECT 1"])

    ids = enter(layer, *(pick(world, taken_at=TAKEN + timedelta(minutes=number)) for number in range(20)))
    one = sent_by(ids[:1])
    assert sent_by(ids[1:]) == one <= 10


def test_a_figure_that_does_not_follow_from_the_prices_is_refused(layer: Layer, world: World, reader: Reader) -> None:
    """Closing by taken, and the profit of a win for a push that was lost."""
    (row_id,) = enter(layer, pick(world))
    with layer.unit() as unit, pytest.raises(IntegrityError, match="clv_from_prices"):
        unit.picks.enter_closings({row_id: closing(world, clv=(2.0 / 2.1 - 1) * 100)})
    with layer.unit() as unit, pytest.raises(IntegrityError, match="profit_from_result"):
        unit.picks.enter_settlements({row_id: Settlement(PickResult.WIN, 2.1)}, DONE)
    with layer.unit() as unit, pytest.raises(IntegrityError, match="push_on_whole_line"):
        unit.picks.enter_settlements({row_id: Settlement(PickResult.PUSH, 0.0)}, DONE)
    assert reader.value(f"SELECT num_nonnulls(closing_price, profit) FROM {PICKS}") == 0


# Told


def test_tracked_picks_have_all_that_a_track_record_needs(layer: Layer, world: World) -> None:
    first, second = enter(
        layer,
        walked(world, **OVER, stake=Decimal("0.5")),
        live(world, match_id=world.matches["Leeds", "Hull"], bookmaker_id=world.bookmakers["PS"]),
    )
    close(layer, {first: MOVED, second: closing(world)})
    end(layer, {second: WON})
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = sorted(unit.picks.tracked(), key=lambda row: row.pick_id)
        assert len(sent) == 1
    agent, day = "consensus_value", date(2019, 8, 10)
    here, there = ("E0", "2019-20"), ("E1", "2019-20")
    assert found == [
        TrackedPick(
            *(first, agent, PickOrigin.WALK_FORWARD, *here, Market.OVER_UNDER, "B365", world.opener, day, 2.1, 0.5),
            *(None, None, None, NoClosingReason.LINE_MOVED, None, None, -1.25),
        ),
        TrackedPick(
            *(second, agent, PickOrigin.LIVE, *there, Market.ONE_X_TWO, "PS", world.matches["Leeds", "Hull"], day),
            *(2.1, 1.0, PickResult.WIN, 1.1, ClosingSource.SHARP, None, 5.0, 2.5, None),
        ),
    ]


CHOICES: dict[str, tuple[dict[str, Any], set[int]]] = {
    "all": ({}, {0, 1, 2}),
    "an agent": ({"agents": ["value"]}, {0}),
    "agents": ({"agents": ["value", "sharp_value"]}, {0, 2}),
    "nobody": ({"agents": []}, set()),
    "a league": ({"partitions": [Partition(E0, SEASON)]}, {0, 1}),
    "leagues": ({"partitions": [Partition(E1, SEASON), Partition(E0, LATER)]}, {2}),
    "no league": ({"partitions": []}, set()),
    "both": ({"partitions": [Partition(E0, SEASON)], "agents": ["sharp_value", "consensus_value"]}, {1}),
}


@pytest.mark.parametrize(("options", "expected"), CHOICES.values(), ids=CHOICES)
def test_picks_are_chosen_by_agent_and_by_league_and_season(
    layer: Layer, world: World, options: dict[str, Any], expected: set[int]
) -> None:
    elsewhere = world.matches["Leeds", "Hull"]
    ids = enter(layer, pick(world), walked(world), live(world, agent="sharp_value", match_id=elsewhere))
    with layer.unit() as unit:
        assert {row.pick_id for row in unit.picks.tracked(**options)} == {ids[at] for at in expected}
        assert {row["pick_id"] for row in unit.picks.exported(**options)} == {ids[at] for at in expected}


def test_exported_picks_have_names_in_place_of_ids_and_all_that_is_known(layer: Layer, world: World) -> None:
    (row_id,) = enter(
        layer, pick(world, **OVER, strategy="gut", model_probability=0.5, edge=0.05, hours_before_kickoff=Decimal(26))
    )
    close(layer, {row_id: closing(world)})
    end(layer, {row_id: WON})
    with layer.unit() as unit, statements(layer.engine) as sent:
        (row,) = unit.picks.exported()
        assert len(sent) == 1
    assert list(row)[:8] == ["agent", "league", "date", "home", "away", "market", "side", "bookmaker"]
    told: dict[str, Any] = {"agent": "value", "league": "E0", "season": "2019-20", "home": "Arsenal", "away": "Chelsea"}
    told |= {"bookmaker": "B365", "score": "2-1", "closing_bookmaker": "PS", "pick_id": row_id, "strategy": "gut"}
    figures = {"price": Decimal("2.1"), "line": Decimal("2.75"), "profit": Decimal("1.1"), "clv_percentage": Decimal(5)}
    assert {name: row[name] for name in (*told, *figures)} == {**told, **figures}
    assert (row["date"], row["taken_at"]) == (date(2019, 8, 10), TAKEN)
    renamed = {"match_id", "bookmaker_id", "closing_bookmaker_id", "price_taken", "id"}
    rest = set(Pick.__table__.columns.keys()) - renamed - {"created_at", "updated_at", "closing_captured_at"}
    assert rest <= set(row)


def test_exported_picks_come_by_day_of_the_match_and_own_ones_alone_if_wanted(layer: Layer, world: World) -> None:
    upcoming, second = world.matches["Arsenal", "Everton"], world.matches["Chelsea", "Arsenal"]
    ids = enter(layer, pick(world, match_id=upcoming), pick(world, match_id=second), walked(world), live(world))
    with layer.unit() as unit:
        rows = unit.picks.exported()
        assert [row["pick_id"] for row in rows] == [ids[2], ids[3], ids[1], ids[0]]
        assert [row["score"] for row in rows] == ["2-1", "2-1", "0-0", None]
        assert [row["pick_id"] for row in unit.picks.exported(own=True)] == [ids[1], ids[0]]
        assert unit.picks.exported(own=True, agents=["consensus_value"]) == []


# What the steps look at


def test_fixtures_tell_day_kickoff_and_score_by_day(layer: Layer, sessions: sessionmaker[Session]) -> None:
    kickoff = datetime(2020, 1, 2, 20, tzinfo=UTC)
    write_matches(
        sessions,
        to_come("Leeds", "Hull"),
        played("Hull", "Leeds", (0, 0), date(2020, 1, 2), kickoff_at=kickoff),
        played("Derby", "Hull"),
    )
    write_matches(sessions, played("Derby", "Hull"), partition=Partition(E0, LATER))
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.matches.fixtures(E0, SEASON)
        assert len(sent) == 2
        assert unit.matches.fixtures(E1, SEASON) == {}
    assert [astuple(fixture)[1:] for fixture in found.values()] == [
        (date(2019, 8, 10), None, 2, 1),
        (date(2020, 1, 2), kickoff, 0, 0),
        (date(2020, 5, 10), None, None, None),
    ]
    assert all(fixture.match_id == match_id for match_id, fixture in found.items())
    assert isinstance(next(iter(found.values())), Fixture)


def test_quotes_come_by_league_season_kind_and_market_with_what_is_known_of_the_book(
    layer: Layer, world: World
) -> None:
    book, sharp, elsewhere = world.bookmakers["B365"], world.bookmakers["PS"], world.matches["Leeds", "Hull"]
    total: dict[str, Any] = {**dict.fromkeys(("home_price", "draw_price", "away_price")), "over_price": Decimal("1.95")}
    total |= {"under_price": Decimal("1.9"), "market": Market.OVER_UNDER, "line": Decimal("2.5")}
    rows = [
        quoted(world.opener, book, "2.1", "3.4", "3.6"),
        quoted(world.opener, sharp, "2.15", "3.5", "3.7", price_kind=PriceKind.CLOSING),
        quoted(world.opener, sharp, "2.1", "3.4", "3.6", at=TAKEN),
        quoted(world.opener, sharp, "2.1", "3.4", "3.6", **total),
        quoted(elsewhere, book, "2.1", "3.4", "3.6"),
    ]
    with layer.unit() as unit:
        unit.odds.create_many(rows)
        unit.commit()
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.odds.quotes(E0, SEASON, tuple(PriceKind))
        assert len(sent) == 2
        assert unit.odds.quotes(E0, SEASON, (PriceKind.CLOSING,)) == found[1:2]
        assert unit.odds.quotes(E0, SEASON, {PriceKind.PRE_MATCH}, {Market.OVER_UNDER}) == found[3:]
        assert unit.odds.quotes(E0, SEASON, tuple(PriceKind), ()) == []
        assert unit.odds.quotes(E0, LATER, tuple(PriceKind)) == []
        assert len(unit.odds.quotes(E1, SEASON, tuple(PriceKind))) == 1
    home = (world.opener, Market.ONE_X_TWO, None)
    bet365, pinnacle = (book, KNOWN["B365"]), (sharp, KNOWN["PS"])
    assert found == [
        Quote(*home, *bet365, PriceKind.PRE_MATCH, None, (2.1, 3.4, 3.6)),
        Quote(*home, *pinnacle, PriceKind.CLOSING, None, (2.15, 3.5, 3.7)),
        Quote(*home, *pinnacle, PriceKind.SNAPSHOT, TAKEN, (2.1, 3.4, 3.6)),
        Quote(world.opener, Market.OVER_UNDER, 2.5, *pinnacle, PriceKind.PRE_MATCH, None, (1.95, 1.9)),
    ]


def test_a_bookmaker_is_what_the_table_says_of_it(layer: Layer, world: World, reader: Reader) -> None:
    """A person may know better than the code whom to call sharp."""
    reader.do("UPDATE bookmakers SET is_sharp = true WHERE key = 'B365'")
    with layer.unit() as unit:
        unit.odds.create_many([quoted(world.opener, world.bookmakers["B365"], "2.1", "3.4", "3.6")])
        (quote,) = unit.odds.quotes(E0, SEASON, (PriceKind.PRE_MATCH,))
    assert quote.bookmaker == replace(KNOWN["B365"], is_sharp=True)


def test_forecasts_of_the_goal_model_are_those_of_this_version_without_gaps_of_other_models_or_seasons(
    layer: Layer, sessions: sessionmaker[Session]
) -> None:
    chances: dict[ForecastModel, list[tuple[float, float, float] | None]] = {
        ForecastModel.DIXON_COLES: [(0.5, 0.3, 0.2), None, (0.4, 0.3, 0.3)],
        ForecastModel.BASE_RATE: [(0.45, 0.25, 0.3)] * 3,
    }
    here, later = Partition(E0, SEASON), Partition(E0, LATER)
    ids = write_forecasts(sessions, here, [0, 1, None], chances)
    older = {**VERSIONS, ForecastModel.DIXON_COLES: "older"}
    write_forecasts(sessions, later, [0], {ForecastModel.DIXON_COLES: [(0.6, 0.2, 0.2)]}, older)
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.forecasts.of_goal_model(E0, SEASON)
        assert len(sent) == 2
        assert unit.forecasts.of_goal_model(E0, LATER) == {}
    assert set(found) == {ids[0], ids[2]}
    first = found[ids[0]]
    assert isinstance(first, Forecast)
    assert (first.match_id, first.model, first.model_version) == (ids[0], ForecastModel.DIXON_COLES, MODEL_VERSION)
    assert (first.home_prob, first.draw_prob, first.away_prob) == (0.5, 0.3, 0.2)


# A match that the source lists no longer


MATCHES = (played("Arsenal", "Chelsea"), played("Chelsea", "Arsenal", (0, 0), date(2020, 1, 18)))
COMING = (to_come("Arsenal", "Everton", date(2020, 5, 10)), to_come("Everton", "Chelsea", date(2020, 5, 17)))


def relist(layer: Layer, *matches: Any) -> Changes:
    """Replace the league's matches and keep them."""
    with layer.unit() as unit:
        changes = unit.matches.replace_partition("football-data", E0, SEASON, matches)
        unit.commit()
    return changes


def test_a_played_match_that_is_listed_no_longer_goes_with_its_walk_forward_picks(
    layer: Layer, world: World, reader: Reader
) -> None:
    kept = world.matches["Chelsea", "Arsenal"]
    rows = (walked(world, **closed(world, Decimal("2.1"), Decimal(2)), **settled(PickResult.WIN, Decimal("1.1"))),)
    ids = enter(layer, *rows, walked(world, **OVER), walked(world, match_id=kept), pick(world, match_id=kept))
    close(layer, {ids[0]: GONE}, why="misread")
    assert relist(layer, *MATCHES[1:], *COMING) == Changes(deleted=1)
    assert reader.rows(f"SELECT id FROM {PICKS} ORDER BY id") == [(ids[2],), (ids[3],)]
    assert reader.rows(CORRECTIONS) == []
    assert reader.value("SELECT count(*) FROM matches WHERE id = :id", id=world.opener) == 0


@pytest.mark.parametrize("taken", [pick, live], ids=["own", "live"])
def test_a_played_match_that_somebody_took_a_pick_on_is_not_let_go(
    layer: Layer, world: World, reader: Reader, taken: Callable[..., dict[str, Any]]
) -> None:
    enter(layer, taken(world), walked(world, **OVER), taken(world, side=PickSide.DRAW))
    before = reader.traces(PICKS), reader.traces("matches")
    message = rf"lists matches no longer that picks were taken on: {world.opener} \(2 picks\)\. Nothing was changed"
    with layer.unit() as unit, pytest.raises(MatchHasPicksError, match=message):
        unit.matches.replace_partition("football-data", E0, SEASON, [*MATCHES[1:], *COMING])
    assert (reader.traces(PICKS), reader.traces("matches")) == before


def test_a_played_match_of_a_walk_forward_pick_that_a_person_corrected_is_not_let_go(
    layer: Layer, world: World, reader: Reader
) -> None:
    (row_id,) = enter(layer, walked(world))
    close(layer, {row_id: GONE}, why="the slip says so", who="Ada")
    before = reader.traces(PICKS), reader.rows(CORRECTIONS)
    with layer.unit() as unit, pytest.raises(MatchHasPicksError, match=rf"{world.opener} \(1 pick\)"):
        unit.matches.replace_partition("football-data", E0, SEASON, [*MATCHES[1:], *COMING])
    assert (reader.traces(PICKS), reader.rows(CORRECTIONS)) == before


def test_a_pick_that_somebody_takes_while_its_match_is_let_go_keeps_the_match(
    layer: Layer, world: World, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is committed after the look for such picks, which sees none."""
    enter(layer, walked(world), pick(world))
    monkeypatch.setattr(matches_module, "_require_no_picks", lambda _session, _gone: None)
    with layer.unit() as unit, pytest.raises(IntegrityError, match="fk_tracking_clv_picks_match_id_matches"):
        unit.matches.replace_partition("football-data", E0, SEASON, [*MATCHES[1:], *COMING])
    assert reader.rows(f"SELECT origin::text FROM {PICKS} ORDER BY id") == [("walk_forward",), ("own",)]
    assert reader.value("SELECT count(*) FROM matches WHERE id = :id", id=world.opener) == 1


def test_a_match_to_come_that_is_listed_no_longer_stays_with_all_its_picks(
    layer: Layer, world: World, reader: Reader
) -> None:
    upcoming = world.matches["Arsenal", "Everton"]
    enter(layer, pick(world, match_id=upcoming), live(world, match_id=upcoming))
    before = reader.traces(PICKS)
    assert relist(layer, *MATCHES) == Changes()
    assert reader.traces(PICKS) == before
