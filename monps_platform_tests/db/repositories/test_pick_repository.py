"""Picks on both drivers: found, summed up against the close, and never other than they were taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.models import Pick
from monps_platform.db.repositories.arguments import RowNotFoundError
from monps_platform.db.repositories.picks import ClvSummary
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.intervals import Rate, rate
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import ClosingSource, NoClosingReason, PickOrigin, PickResult, PickSide
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import (
    TAKEN,
    World,
    build_world,
    closed,
    pick,
    refused_to_load,
    settled,
)
from monps_platform_tests.db.repositories.refusals import assert_refused_before_sql
from monps_platform_tests.db.samples import Reader, statements
from monps_platform_tests.db.transactions import Transaction

HOUR = timedelta(hours=1)
PRICES = "SELECT id, price_taken FROM tracking_clv_picks ORDER BY id"


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """The matches and bookmakers that the picks point to."""
    return build_world(sessions)


def enter(layer: Layer, *rows: Mapping[str, Any]) -> list[int]:
    """Write picks; their ids in order."""
    with layer.unit() as unit:
        ids = [row.id for group in _alike(rows) for row in unit.picks.create_many(group)]
        unit.commit()
    return ids


def _alike(rows: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Neighbours that name the same fields, together."""
    groups: list[list[Mapping[str, Any]]] = []
    for row in rows:
        if groups and groups[-1][0].keys() == row.keys():
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def several(world: World) -> list[dict[str, Any]]:
    """Five picks: of two agents, of matches played and to come, in the order of their ids."""
    upcoming, second = world.matches["Arsenal", "Everton"], world.matches["Chelsea", "Arsenal"]
    return [
        pick(world),
        pick(world, taken_at=TAKEN + 2 * HOUR),
        pick(world, agent="sharp", match_id=second, taken_at=TAKEN + HOUR, bookmaker_id=world.bookmakers["PS"]),
        pick(world, match_id=upcoming, taken_at=TAKEN + 3 * HOUR),
        pick(world, match_id=second, taken_at=TAKEN + 2 * HOUR),
    ]


# What is found, and in which order


def test_an_agents_picks_come_the_latest_first(layer: Layer, world: World) -> None:
    first, second, _, fourth, fifth = enter(layer, *several(world))
    with layer.unit() as unit:
        assert [row.id for row in unit.picks.get_by_agent("value")] == [fourth, fifth, second, first]
        assert [row.id for row in unit.picks.get_by_agent("value", skip=1, limit=2)] == [fifth, second]
        assert unit.picks.get_by_agent("value", limit=0) == []
        assert unit.picks.get_by_agent("nobody") == []


def test_recent_picks_are_those_of_all_agents_since_an_instant(layer: Layer, world: World) -> None:
    first, second, third, fourth, fifth = enter(layer, *several(world))
    with layer.unit() as unit:
        assert [row.id for row in unit.picks.get_recent_picks()] == [fourth, fifth, second, third, first]
        assert [row.id for row in unit.picks.get_recent_picks(limit=2)] == [fourth, fifth]
        assert [row.id for row in unit.picks.get_recent_picks(since=TAKEN + 2 * HOUR)] == [fourth, fifth, second]
        assert unit.picks.get_recent_picks(since=TAKEN + 4 * HOUR) == []


def test_unsettled_picks_come_by_day_of_the_match(layer: Layer, world: World) -> None:
    rows = several(world)
    rows[1] |= settled(PickResult.LOSS, Decimal(-1))
    first, _, third, fourth, fifth = enter(layer, *rows)
    with layer.unit() as unit:
        assert [row.id for row in unit.picks.unsettled()] == [first, third, fifth, fourth]
        assert [row.id for row in unit.picks.unsettled(played_before=date(2020, 1, 18))] == [first]
        assert [row.id for row in unit.picks.unsettled(played_before=date(2020, 1, 19))] == [first, third, fifth]
        assert unit.picks.unsettled(played_before=date(2019, 8, 10)) == []


FINDERS: dict[str, Callable[[UnitOfWork], Any]] = {
    "get_by_agent": lambda unit: unit.picks.get_by_agent("value"),
    "get_recent_picks": lambda unit: unit.picks.get_recent_picks(),
    "unsettled": lambda unit: unit.picks.unsettled(),
}


@pytest.mark.parametrize("find", FINDERS.values(), ids=FINDERS)
def test_one_statement_brings_the_match_its_teams_and_the_bookmaker(
    layer: Layer, world: World, find: Callable[[UnitOfWork], Any]
) -> None:
    enter(layer, *several(world))
    with layer.unit() as unit, statements(layer.engine) as sent:
        rows = find(unit)
        named = {(row.match.home_team.name, row.match.away_team.name, row.bookmaker.key) for row in rows}
        assert len(sent) == 1
        assert ("Arsenal", "Everton", "B365") in named
        refused_to_load(rows[0].match, "league")
        assert len(sent) == 1


def test_the_generic_reads_load_nothing_that_was_not_named(layer: Layer, world: World) -> None:
    (row_id,) = enter(layer, pick(world))
    with layer.unit() as unit, statements(layer.engine) as sent:
        row = unit.picks.get_by_id(row_id)
        refused_to_load(row, "match", "bookmaker")
        assert len(sent) == 1
    with layer.unit() as unit, statements(layer.engine) as sent:
        (row,) = unit.picks.get_by_field("agent", "value", load=("match", "bookmaker"))
        assert (row.match.season, row.bookmaker.key) == ("2019-20", "B365")
        refused_to_load(row.match, "home_team")
        assert len(sent) == 1


def test_picks_are_counted_found_by_null_and_streamed_with_what_they_are_asked_for(layer: Layer, world: World) -> None:
    rows = several(world)
    rows[2] |= settled(PickResult.WIN, Decimal("1.1"))
    ids = enter(layer, *rows)
    with layer.unit() as unit:
        assert unit.picks.count() == 5
        assert unit.picks.count(agent="value", result=None) == 4
        assert unit.picks.exists(result=PickResult.WIN)
        assert not unit.picks.exists(agent="sharp", result=None)
        streamed = [(row.id, row.bookmaker.key) for row in unit.picks.stream(load=("bookmaker",), agent="value")]
        assert streamed == [(row_id, "B365") for row_id in (ids[0], ids[1], ids[3], ids[4])]
        assert [row.id for row in unit.picks.get_all(skip=3)] == ids[3:]


def test_every_field_of_a_pick_is_kept(layer: Layer, world: World) -> None:
    taken, closing = Decimal("1.93"), Decimal("1.87")
    given = pick(
        world,
        strategy="model",
        market=Market.ASIAN_HANDICAP,
        side=PickSide.AWAY,
        line=Decimal("-0.75"),
        price_taken=taken,
        stake=Decimal("2.5"),
        model_probability=0.56,
        edge=0.08,
        hours_before_kickoff=Decimal("25.5"),
        clv_no_vig_percentage=Decimal("1.25"),
        closing_captured_at=TAKEN + 24 * HOUR,
        **closed(
            world,
            taken,
            closing,
            closing_source=ClosingSource.SHARP,
            closing_bookmaker_id=world.bookmakers["PS"],
        ),
        **settled(PickResult.HALF_WIN, Decimal("1.1625")),
    )
    moved = {
        **pick(world, market=Market.OVER_UNDER, side=PickSide.OVER, line=Decimal("2.5"), taken_at=None),
        "origin": PickOrigin.WALK_FORWARD,
        "no_closing_reason": NoClosingReason.LINE_MOVED,
        "clv_line_adjusted_percentage": Decimal("-0.5"),
        "clv_line_adjusted_method": "goal model",
    }
    row_id, other_id = enter(layer, given, moved)
    assert _held(layer, other_id, moved) == moved
    assert _held(layer, row_id, given) == given
    housekeeping = {"id", "created_at", "updated_at"}
    assert {*given, *moved, *housekeeping} == set(Pick.__table__.columns.keys())
    with layer.unit() as unit:
        held = unit.picks.get_by_id(row_id)
        assert held is not None
        assert held.no_closing_reason is None
        assert held.origin is PickOrigin.OWN
        assert repr(held) == f"Pick({row_id})"


def _held(layer: Layer, row_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    with layer.unit() as unit:
        row = unit.picks.get_by_id(row_id)
        assert row is not None
        return {name: value for name, value in row.to_dict().items() if name in given}


# What is refused before the database is asked


REFUSED: dict[str, tuple[Callable[[UnitOfWork], Any], str]] = {
    "agent, limit": (
        lambda unit: unit.picks.get_by_agent("value", limit=-1),
        "limit is -1: it must be a whole number, 0 or more",
    ),
    "agent, skip": (
        lambda unit: unit.picks.get_by_agent("value", skip=-2),
        "skip is -2: it must be a whole number, 0 or more",
    ),
    "recent, limit": (lambda unit: unit.picks.get_recent_picks(limit=-3), "limit is -3"),
    "recent, since": (
        lambda unit: unit.picks.get_recent_picks(since=datetime(2019, 8, 9)),  # noqa: DTZ001 - that is the mistake
        "since is 2019-08-09 00:00:00 without a time zone",
    ),
    "field": (lambda unit: unit.picks.get_by_field("price", 2), "Pick has no field 'price': did you mean"),
    "relationship": (lambda unit: unit.picks.get_all(load=("matches",)), "no relationship 'matches'.*match"),
    "filter": (lambda unit: unit.picks.count(agnet="value"), "did you mean agent"),
    "stream": (lambda unit: list(unit.picks.stream(agnet="value")), "did you mean agent"),
    "no change": (lambda unit: unit.picks.update(1), "at least one field"),
    "no such change": (lambda unit: unit.picks.update(1, taken=1), "Pick has no field 'taken'"),
    "key": (lambda unit: unit.picks.upsert_many([{"agent": "value"}]), "the rows lack match_id, market"),
}


@pytest.mark.parametrize(("ask", "message"), REFUSED.values(), ids=REFUSED)
def test_arguments_that_make_no_sense_are_refused_before_any_sql(
    layer: Layer, ask: Callable[[UnitOfWork], Any], message: str
) -> None:
    assert_refused_before_sql(layer, ask, message)


# What a pick was when it was taken


CHANGED: dict[str, Any] = {
    "price_taken": Decimal("2.2"),
    "stake": Decimal(2),
    "agent": "another",
    "side": PickSide.DRAW,
    "taken_at": TAKEN + HOUR,
    "origin": PickOrigin.LIVE,
}


@pytest.mark.parametrize(("field", "value"), CHANGED.items(), ids=CHANGED)
def test_the_database_refuses_to_change_what_a_pick_was(
    layer: Layer, world: World, reader: Reader, field: str, value: object
) -> None:
    (row_id,) = enter(layer, pick(world))
    before = reader.traces("tracking_clv_picks")
    with layer.unit() as unit, pytest.raises(IntegrityError, match=f"{field} cannot change"):
        unit.picks.update(row_id, **{field: value})
    assert reader.traces("tracking_clv_picks") == before


def test_a_pick_offered_again_at_another_price_is_refused_and_nothing_of_its_batch_is_kept(
    layer: Layer, world: World, reader: Reader
) -> None:
    (row_id,) = enter(layer, pick(world))
    batch = [pick(world, agent="newcomer"), pick(world, price_taken=Decimal("1.95"))]
    with layer.unit() as unit, pytest.raises(IntegrityError, match="price_taken cannot change"):
        unit.picks.upsert_many(batch)
    assert reader.rows(PRICES) == [(row_id, Decimal("2.1"))]


def test_a_pick_offered_again_unchanged_is_not_touched(layer: Layer, world: World, reader: Reader) -> None:
    over = pick(world, market=Market.OVER_UNDER, side=PickSide.OVER, line=Decimal("2.5"))
    enter(layer, pick(world), over)
    before = reader.traces("tracking_clv_picks")
    with layer.unit() as unit:
        assert unit.picks.upsert_many([pick(world, price_taken=Decimal("2.10")), over]) == Changes()
        assert unit.picks.upsert_many([]) == Changes()
        unit.commit()
    assert reader.traces("tracking_clv_picks") == before


def enter_close_and_settlement(layer: Layer, world: World) -> int:
    """A pick of the price 2.1 that closed at 2 and lost; its id."""
    (row_id,) = enter(layer, pick(world))
    with layer.unit() as unit:
        unit.picks.update(row_id, **closed(world, Decimal("2.1"), Decimal("2.0")))
        unit.picks.update(row_id, **settled(PickResult.LOSS, Decimal(-1)))
        unit.commit()
    return row_id


def give_reason(layer: Layer, unit: UnitOfWork, why: str) -> None:
    """Say for the rest of a unit of work why picks are corrected."""
    Transaction(layer, unit.session).do("SELECT set_config('monps.why', :why, true)", why=why)


FIGURES = "SELECT price_taken, closing_price, profit FROM tracking_clv_picks ORDER BY id"
CORRECTIONS = """SELECT part::text, corrected_by = session_user, reason,
    was ->> 'closing_price', is_now ->> 'closing_price', was ->> 'profit', is_now ->> 'profit'
    FROM ops.pick_corrections ORDER BY id"""


def test_closing_price_and_settlement_are_entered_later_and_may_be_corrected_with_a_reason(
    layer: Layer, world: World, reader: Reader
) -> None:
    taken = Decimal("2.1")
    row_id = enter_close_and_settlement(layer, world)
    assert reader.rows(FIGURES) == [(taken, Decimal("2.0"), Decimal(-1))]
    assert reader.rows(CORRECTIONS) == []
    corrected = closed(world, taken, Decimal("1.9")) | settled(PickResult.WIN, Decimal("1.1"))
    with layer.unit() as unit:
        give_reason(layer, unit, "misread")
        row = unit.picks.update(row_id, **corrected)
        assert (row.closing_price, row.result) == (Decimal("1.9"), PickResult.WIN)
        unit.commit()
    with layer.unit() as unit:
        give_reason(layer, unit, "misread again")
        offered = pick(world) | closed(world, taken, Decimal("1.95"))
        assert unit.picks.upsert_many([offered, {**offered, "agent": "newcomer"}]) == Changes(inserted=1, updated=1)
        unit.commit()
    assert reader.rows(FIGURES) == [
        (taken, Decimal("1.95"), Decimal("1.1")),
        (taken, Decimal("1.95"), None),
    ]
    assert reader.rows(CORRECTIONS) == [
        ("closing", True, "misread", "2.0", "1.9", None, None),
        ("settlement", True, "misread", None, None, "-1", "1.1"),
        ("closing", True, "misread again", "1.9", "1.95", None, None),
    ]


CORRECTED: dict[str, Callable[[UnitOfWork, int, World], Any]] = {
    "close, updated": lambda unit, row_id, world: unit.picks.update(
        row_id, **closed(world, Decimal("2.1"), Decimal("1.9"))
    ),
    "settlement, updated": lambda unit, row_id, world: unit.picks.update(
        row_id, **settled(PickResult.WIN, Decimal("1.1"))
    ),
    "close, upserted": lambda unit, row_id, world: unit.picks.upsert_many(
        [pick(world) | closed(world, Decimal("2.1"), Decimal("1.9"))]
    ),
    "settlement, upserted": lambda unit, row_id, world: unit.picks.upsert_many(
        [pick(world) | settled(PickResult.WIN, Decimal("1.1"))]
    ),
}


@pytest.mark.parametrize("correct", CORRECTED.values(), ids=CORRECTED)
def test_a_correction_without_a_reason_is_refused_though_an_earlier_one_had_one(
    layer: Layer, world: World, reader: Reader, correct: Callable[[UnitOfWork, int, World], Any]
) -> None:
    row_id = enter_close_and_settlement(layer, world)
    with layer.unit() as unit:
        give_reason(layer, unit, "misread")
        unit.picks.update(row_id, closing_source=ClosingSource.STATED)
        unit.commit()
    before = reader.traces("tracking_clv_picks")
    with layer.unit() as unit, pytest.raises(IntegrityError, match="of agent value is corrected without a reason"):
        correct(unit, row_id, world)
    assert reader.traces("tracking_clv_picks") == before
    assert reader.value("SELECT count(*) FROM ops.pick_corrections") == 1


def test_close_and_settlement_offered_again_unchanged_need_no_reason(
    layer: Layer, world: World, reader: Reader
) -> None:
    row_id = enter_close_and_settlement(layer, world)
    before = reader.traces("tracking_clv_picks")
    same = closed(world, Decimal("2.10"), Decimal("2.00")) | settled(PickResult.LOSS, Decimal("-1.0"))
    with layer.unit() as unit:
        assert unit.picks.upsert_many([pick(world) | same]) == Changes()
        unit.commit()
    assert reader.traces("tracking_clv_picks") == before
    with layer.unit() as unit:
        unit.picks.update(row_id, **same, strategy="model")
        unit.commit()
    assert reader.rows(CORRECTIONS) == []


def _closed_at_two(**changes: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: closed(world, Decimal("2.1"), Decimal("2.0"), **changes)


WRONG: dict[str, tuple[Callable[[World], dict[str, Any]], str]] = {
    "upside down": (
        _closed_at_two(clv_percentage=(Decimal("2.0") / Decimal("2.1") - 1) * 100),
        "clv_from_prices",
    ),
    "a fraction": (_closed_at_two(clv_percentage=Decimal("0.05")), "clv_from_prices"),
    "no source": (_closed_at_two(closing_source=None), "whole_closing"),
    "nobody's price": (_closed_at_two(closing_bookmaker_id=None), "whole_closing"),
    "another bookmaker's price": (
        lambda world: closed(world, Decimal("2.1"), Decimal("2.0"), closing_bookmaker_id=world.bookmakers["PS"]),
        "same_bookmaker_closed",
    ),
    "reason all the same": (_closed_at_two(no_closing_reason=NoClosingReason.LINE_MOVED), "closing_or_reason"),
    "profit": (lambda world: settled(PickResult.WIN, Decimal("2.1")), "profit_from_result"),
}


@pytest.mark.parametrize(("values", "constraint"), WRONG.values(), ids=WRONG)
def test_figures_that_do_not_follow_from_the_prices_are_refused(
    layer: Layer, world: World, reader: Reader, values: Callable[[World], dict[str, Any]], constraint: str
) -> None:
    (row_id,) = enter(layer, pick(world))
    with layer.unit() as unit, pytest.raises(IntegrityError, match=constraint):
        unit.picks.update(row_id, **values(world))
    with layer.unit() as unit, pytest.raises(IntegrityError, match=constraint):
        unit.picks.create(**{**pick(world, agent="another"), **values(world)})
    assert reader.value("SELECT num_nonnulls(closing_price, clv_percentage, profit) FROM tracking_clv_picks") == 0


def test_a_pick_entered_wrongly_can_be_deleted(layer: Layer, world: World, reader: Reader) -> None:
    (row_id,) = enter(layer, pick(world))
    with layer.unit() as unit:
        assert unit.picks.delete(row_id)
        assert not unit.picks.delete(row_id)
        with pytest.raises(RowNotFoundError, match=f"Pick has no row with the id {row_id}"):
            unit.picks.update(row_id, agent="another")
        unit.commit()
    assert reader.rows(PRICES) == []


# Against the close


MULTIPLES: dict[PickResult, Callable[[Decimal], Decimal]] = {
    PickResult.WIN: lambda price: price - 1,
    PickResult.HALF_WIN: lambda price: (price - 1) / 2,
    PickResult.PUSH: lambda price: Decimal(0),
    PickResult.VOID: lambda price: Decimal(0),
    PickResult.HALF_LOSS: lambda price: Decimal("-0.5"),
    PickResult.LOSS: lambda price: Decimal(-1),
}
"""Profit by stake at a price."""
_LINES = {PickResult.HALF_WIN: "-0.25", PickResult.HALF_LOSS: "0.25"}


def tracked(world: World, agent: str, count: int, seed: int) -> list[dict[str, Any]]:
    """Picks drawn at random: some without a closing price, some without a no-vig one, some not settled."""
    chance = np.random.default_rng(seed)
    matches, results = sorted(world.matches.values()), list(PickResult)
    return [_tracked(world, agent, number, chance, matches, results) for number in range(count)]


def _tracked(
    world: World, agent: str, number: int, chance: np.random.Generator, matches: list[int], results: list[PickResult]
) -> dict[str, Any]:
    price, stake = Decimal(int(chance.integers(150, 400))) / 100, Decimal(int(chance.integers(1, 9))) / 4
    result = results[int(chance.integers(0, len(results)))]
    row = pick(world, agent=agent, match_id=matches[int(chance.integers(0, len(matches)))], stake=stake)
    row |= {"price_taken": price, "taken_at": TAKEN + number * HOUR, "market": Market.ASIAN_HANDICAP}
    row |= {"line": Decimal(_LINES.get(result, "1")), **dict.fromkeys(_OPTIONAL)}
    if chance.random() < 0.7:
        row |= closed(world, price, price * Decimal(int(chance.integers(90, 112))) / 100)
        row["clv_no_vig_percentage"] = row["clv_percentage"] - 3 if chance.random() < 0.8 else None
    if chance.random() < 0.75:
        row |= settled(result, stake * MULTIPLES[result](price), TAKEN + timedelta(days=90))
    return row


_OPTIONAL = (
    *("closing_price", "closing_source", "closing_bookmaker_id", "clv_percentage", "clv_no_vig_percentage"),
    *settled(PickResult.PUSH, Decimal(0)),
)


def recomputed(picks: pd.DataFrame) -> dict[str, tuple[float, int, int]]:
    """Value, number of picks and number of matches of each rate, from the prices and results alone."""
    closing = picks[picks.closing_price.notna()]
    fair, done = picks[picks.clv_no_vig_percentage.notna()], picks[picks.result.notna()]
    bets = done[done.result != PickResult.VOID]
    clv = closing.price_taken.astype(float) / closing.closing_price.astype(float) * 100 - 100
    settled_picks = zip(done.stake, done.price_taken, done.result, strict=True)
    profit = float(sum(stake * MULTIPLES[result](price) for stake, price, result in settled_picks))
    return {
        "mean_clv": (clv.mean(), len(closing), closing.match_id.nunique()),
        "mean_clv_no_vig": (fair.clv_no_vig_percentage.astype(float).mean(), len(fair), fair.match_id.nunique()),
        "beat_close": (
            float((closing.price_taken > closing.closing_price).mean()),
            len(closing),
            closing.match_id.nunique(),
        ),
        "roi": (profit / bets.stake.astype(float).sum(), len(bets), bets.match_id.nunique()),
    }


def test_the_summary_of_each_agent_is_what_its_prices_and_results_give(layer: Layer, world: World) -> None:
    rows = [*tracked(world, "value", 60, 1), *tracked(world, "sharp", 45, 2)]
    enter(layer, *rows)
    table = pd.DataFrame(rows)
    with layer.unit() as unit, statements(layer.engine) as sent:
        summaries = unit.picks.clv_summary()
        assert len(sent) == 1
        assert unit.picks.clv_summary(agent="sharp") == [summaries[0]]
        assert len(sent) == 2
    assert [(summary.agent, summary.picks) for summary in summaries] == [("sharp", 45), ("value", 60)]
    for summary in summaries:
        expected = recomputed(table[table.agent == summary.agent])
        assert {name: (_value(summary, name).n, _value(summary, name).clusters) for name in expected} == {
            name: (n, clusters) for name, (_, n, clusters) in expected.items()
        }
        for name, (value, *_) in expected.items():
            assert _value(summary, name).value == pytest.approx(value, abs=1e-5), name


def _value(summary: ClvSummary, name: str) -> Rate:
    found = getattr(summary, name)
    assert isinstance(found, Rate)
    return found


def test_the_intervals_draw_whole_matches_and_come_out_the_same_each_time(layer: Layer, world: World) -> None:
    rows = tracked(world, "value", 80, 3)
    enter(layer, *rows)
    table = pd.DataFrame(rows)
    with layer.unit() as unit:
        (summary,) = unit.picks.clv_summary()
        assert unit.picks.clv_summary() == [summary]
    closing = table[table.closing_price.notna()]
    clv = (closing.price_taken.astype(float) / closing.closing_price.astype(float) - 1) * 100
    by_match = rate(clv, np.ones(len(clv)), closing.match_id, seed=1234, resamples=8000)
    alone = rate(clv, np.ones(len(clv)), np.arange(len(clv)), seed=1234, resamples=8000)
    found = (summary.mean_clv.low, summary.mean_clv.high)
    assert found == pytest.approx((by_match.low, by_match.high), abs=0.15)
    assert found != pytest.approx((alone.low, alone.high), abs=0.15)


def test_picks_without_a_closing_price_count_as_picks_and_in_no_rate_against_the_close(
    layer: Layer, world: World
) -> None:
    gone = {"no_closing_reason": NoClosingReason.BOOKMAKER_GONE}
    two, later = Decimal("2"), TAKEN + HOUR
    enter(
        layer,
        pick(world, price_taken=two, **closed(world, two, Decimal("1.6"))),
        pick(world, price_taken=two, taken_at=later, **gone, **settled(PickResult.LOSS, Decimal(-1))),
    )
    with layer.unit() as unit:
        (summary,) = unit.picks.clv_summary()
    assert summary == ClvSummary(
        "value",
        2,
        mean_clv=Rate(25.0, None, None, 1, 1),
        mean_clv_no_vig=Rate(None, None, None, 0, 0),
        beat_close=Rate(1.0, None, None, 1, 1),
        roi=Rate(-1.0, None, None, 1, 1),
    )


def test_a_closing_price_equal_to_the_price_taken_is_not_beaten(layer: Layer, world: World) -> None:
    two = Decimal("2")
    enter(layer, pick(world, price_taken=two, **closed(world, two, two)))
    with layer.unit() as unit:
        (summary,) = unit.picks.clv_summary()
    assert (summary.mean_clv.value, summary.beat_close.value) == (0.0, 0.0)


def test_line_adjusted_value_is_in_no_rate(layer: Layer, world: World) -> None:
    moved = {"clv_line_adjusted_percentage": Decimal(50), "clv_line_adjusted_method": "goal model"}
    over = {"market": Market.OVER_UNDER, "side": PickSide.OVER, "line": Decimal("2.5")}
    enter(layer, pick(world, **over, **moved, no_closing_reason=NoClosingReason.LINE_MOVED))
    with layer.unit() as unit:
        (summary,) = unit.picks.clv_summary()
    nothing = Rate(None, None, None, 0, 0)
    assert summary == ClvSummary("value", 1, nothing, nothing, nothing, nothing)


def test_the_return_is_profit_by_stake_and_not_by_bet(layer: Layer, world: World) -> None:
    two = Decimal(2)
    won = pick(world, price_taken=two, stake=Decimal(1), **settled(PickResult.WIN, Decimal(1)))
    lost = pick(
        world,
        price_taken=two,
        stake=Decimal(3),
        match_id=world.matches["Leeds", "Hull"],
        **settled(PickResult.LOSS, Decimal(-3)),
    )
    enter(layer, won, lost, pick(world, stake=Decimal(100), taken_at=datetime(2020, 5, 1, tzinfo=UTC)))
    with layer.unit() as unit:
        (summary,) = unit.picks.clv_summary()
    assert (summary.roi.value, summary.roi.n, summary.roi.clusters) == (-0.5, 2, 2)
    assert (summary.roi.low, summary.roi.high) == (-1.0, 1.0)


def test_without_picks_there_is_no_summary(layer: Layer, world: World) -> None:
    enter(layer, pick(world))
    with layer.unit() as unit:
        assert unit.picks.clv_summary(agent="nobody") == []
