"""Imports of files of picks: whole or not at all, each wrong line told, and nothing written twice."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.errors import ConnectionLostError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain import spellings
from monps_platform.domain.matches import Match
from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.pick_resolution import against_held
from monps_platform.domain.picks import MARKETS_WITH_LINE, PICK_SIDES
from monps_platform.domain.rejections import Reason
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.picks import importing
from monps_platform.orchestration.picks.importing import ImportReport
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.picks.parser import PARSER_VERSION
from monps_platform.sources.raw_store import RawStore, sha256_of
from monps_platform_tests.db.samples import E0, SP1, to_come, write_matches
from monps_platform_tests.orchestration.picks.importing_world import (
    FIRST_DAY,
    NOW,
    PICKS,
    REJECTED,
    TRACES,
    World,
    build_world,
    fixtures,
    on,
    pick_row,
)
from monps_platform_tests.orchestration.platform import snapshot
from monps_platform_tests.sources.picks.pick_files import GOOD, TOTAL, Cells, body_of, file_of, line_of

FILES = "SELECT key, url, sha256, bytes, rows_read, rows_loaded, rows_rejected, rows_loader FROM ops.raw_files"


@pytest.fixture
def world(engine: Engine, sessions: sessionmaker[Session], tmp_path: Path) -> World:
    """A few matches to pick on, and a folder."""
    return build_world(engine, sessions, tmp_path)


def told(report: ImportReport) -> list[tuple[int, Reason]]:
    """The lines that a report says are wrong, and why."""
    return [(item.line_number, item.reason) for item in report.rejections]


def detail_of(report: ImportReport) -> str:
    """What is said of the one line that is wrong."""
    (found,) = report.rejections
    assert found.detail is not None
    return found.detail


# A long file with many bad lines of every kind

LINES, BAD_OF_EACH = 10_000, 20
KINDS: Mapping[str, tuple[Reason, Cells]] = {
    "no stake": (Reason.MISSING_VALUE, {"stake": ""}),
    "a built-in agent": (Reason.RESERVED_AGENT, {"agent": "sharp_value"}),
    "no league": (Reason.UNKNOWN_LEAGUE, {"league": "Premiership of Mars"}),
    "no market": (Reason.UNKNOWN_MARKET, {"market": "corners"}),
    "no side": (Reason.SIDE_NOT_OF_MARKET, {"side": "maybe"}),
    "no day": (Reason.UNREADABLE_DATE, {"date": "10/08/2019"}),
    "no time": (Reason.UNREADABLE_TIME, {"taken_at": "at noon"}),
    "a line too many": (Reason.LINE_NOT_OF_MARKET, {"market": "btts", "side": "yes", "line": "2.5"}),
    "no quarter": (Reason.LINE_NOT_QUARTER, {**TOTAL, "line": "2.6"}),
    "a decimal comma": (Reason.NOT_A_NUMBER, {"price": "2,05"}),
    "American odds": (Reason.PRICE_NOT_ABOVE_ONE, {"price": "-110"}),
    "whole per cent": (Reason.PRICE_OUT_OF_RANGE, {"price": "1900"}),
    "five decimals": (Reason.PRICE_TOO_PRECISE, {"price": "1.90001"}),
    "a fortune": (Reason.STAKE_OUT_OF_RANGE, {"stake": "1000000"}),
    "nothing staked": (Reason.STAKE_NOT_POSITIVE, {"stake": "0"}),
    "certainty": (Reason.PROBABILITY_OUT_OF_RANGE, {"model_probability": "1"}),
    "an unknown club": (Reason.UNRESOLVED_TEAM, {"home": "Gunners"}),
    "one of two clubs": (Reason.AMBIGUOUS_TEAM, {"away": "united"}),
    "another day": (Reason.NO_SUCH_MATCH, {"date": "2019-08-01"}),
    "an unknown book": (Reason.UNKNOWN_BOOKMAKER, {"bookmaker": "Uncle Bob"}),
    "an average": (Reason.AGGREGATE_BOOKMAKER, {"bookmaker": "Market average"}),
    "too late": (Reason.TAKEN_AFTER_KICKOFF, {"taken_at": "2020-06-01T10:00Z"}),
}
"""What makes a good line wrong. Three kinds more depend on other lines: too few cells, a repetition, another price."""


@dataclass(frozen=True)
class LongFile:
    """A file with planted bad lines: their texts and reasons by line number, and the rows that the good ones give."""

    body: bytes
    held: Sequence[Cells]
    bad: Mapping[int, tuple[Reason, str]]
    good: list[tuple[Any, ...]]


def long_file(matches: list[Match]) -> LongFile:
    """A file of ten thousand lines, twenty bad ones of each of twenty-five kinds spread over it; the same each time."""
    rng = random.Random(5)
    held = [_line(rng, matches[number], number, agent="earlier") for number in range(BAD_OF_EACH)]
    kinds = [*KINDS, "too few cells", "a repetition", "another price"] * BAD_OF_EACH
    at = dict(zip(rng.sample(range(100, LINES), len(kinds)), kinds, strict=True))
    texts, bad, good, earlier = [], {}, [], iter(held)
    for position in range(LINES):
        match = matches[position % len(matches)]
        cells = _line(rng, match, position)
        if (kind := at.get(position)) is None:
            texts.append(line_of(cells))
            good.append((match, cells))
            continue
        reason, text = _bad(kind, cells, rng.choice(good)[1], earlier)
        texts.append(text)
        bad[position + 2] = reason, text
    rows = [pick_row(match, cells) for match, cells in good]
    return LongFile(body_of(*texts), held, bad, rows)


def _line(rng: random.Random, match: Match, number: int, agent: str = "me") -> dict[str, str]:
    """A good line, no two of them the same pick: of one match each is taken a minute after the other."""
    market = rng.choice(list(Market))
    morning = datetime.combine(match.match_date, datetime.min.time(), UTC) + timedelta(hours=9)
    taken = (morning + timedelta(minutes=number // 380)).isoformat()
    cells = {
        "agent": agent,
        "market": market.value,
        "side": rng.choice(PICK_SIDES[market]).value,
        "line": str(Decimal(rng.randint(-8, 8)) / 4 + (2 if market is Market.OVER_UNDER else 0)),
        "bookmaker": rng.choice(["B365", "PS"]),
        "price": f"{rng.uniform(1.01, 30):.{rng.randint(2, 4)}f}",
        "stake": f"{rng.uniform(0.1, 20):.2f}",
        "strategy": rng.choice(["", "late, late goals", 'the "value" one']),
        "model_probability": rng.choice(["", f"{rng.uniform(0.01, 0.99):.4f}"]),
    }
    return {**GOOD, **on(match, **cells, taken_at=taken), **({} if market in MARKETS_WITH_LINE else {"line": ""})}


def _bad(kind: str, cells: Cells, earlier_line: Cells, held: Iterator[Cells]) -> tuple[Reason, str]:
    match kind:
        case "too few cells":
            return Reason.WRONG_NUMBER_OF_CELLS, line_of(cells).rpartition(",")[0]
        case "a repetition":
            return Reason.DUPLICATE_PICK, line_of({**earlier_line, "stake": "3"})
        case "another price":
            return Reason.TERMS_CHANGED, line_of({**next(held), "price": "40"})
    reason, changes = KINDS[kind]
    return reason, line_of({**cells, **changes})


def test_a_long_file_with_bad_lines_of_every_kind_is_told_exactly_and_its_good_lines_can_be_kept(
    world: World, sessions: sessionmaker[Session]
) -> None:
    matches = fixtures([f"Club {number:02}" for number in range(20)])
    write_matches(sessions, *matches)
    world.settle("United", "Club 01", source="a source")
    world.settle("UNITED", "Club 02", source="another source")
    planted = long_file(matches)
    assert (len(planted.bad), len(planted.good)) == (500, 9_500)
    assert world.take(*planted.held, name="earlier.csv").new == BAD_OF_EACH
    before = world.rows(TRACES)
    path = world.write("long.csv", body=planted.body)

    begun = time.perf_counter()
    refused = world.importer.import_file(path)
    assert set(told(refused)) == {(number, reason) for number, (reason, _) in planted.bad.items()}
    assert len(refused.rejections) == 500
    assert {item.line_number: item.raw_text for item in refused.rejections} == {
        number: text for number, (_, text) in planted.bad.items()
    }
    assert [item for item in refused.rejections if not item.detail] == []
    assert (refused.is_imported, refused.lines_read) == (False, LINES)
    assert world.rows(TRACES) == before
    kept = [(item.line_number, item.reason.value, item.raw_text, item.detail) for item in refused.rejections]
    assert world.rows(REJECTED) == kept

    report = world.importer.import_file(path, keep_good=True)
    assert (report.is_imported, report.new, report.held) == (True, 9_500, 0)
    assert list(report.rejections) == list(refused.rejections)
    assert world.rows(REJECTED) == kept
    found = [row for row in world.rows(PICKS) if row[0] == "me"]
    assert Counter(found) == Counter(planted.good)
    assert world.count() == 9_500 + BAD_OF_EACH

    traces = world.rows(TRACES)
    again = world.importer.import_file(path, keep_good=True)
    assert (again.new, again.held, told(again)) == (0, 9_500, told(refused))
    assert world.rows(TRACES) == traces
    assert time.perf_counter() - begun < 30


# What is kept of a good file


def test_a_pick_is_kept_as_the_file_states_it_with_what_follows_from_it(world: World) -> None:
    first, other = world.matches[0], world.matches[5]
    lines = [
        on(first, strategy="late", model_probability="0.5", stake="2.50", taken_at=f"{first.match_date}T16:30+02:00"),
        on(other, agent="she", **{**TOTAL, "line": "2.75"}, bookmaker="Pinnacle", price="1.9"),
    ]
    report = world.take(*lines)
    assert (report.is_imported, report.lines_read, report.new, told(report)) == (True, 2, 2, [])
    expected = [
        pick_row(first, {**GOOD, **lines[0]}),
        pick_row(other, {**GOOD, **lines[1], "bookmaker": "PS"}),
    ]
    assert world.rows(PICKS) == expected
    assert world.rows("SELECT origin, edge, hours_before_kickoff, result FROM tracking_clv_picks ORDER BY agent") == [
        ("own", pytest.approx(0.05), Decimal("0.5000"), None),
        ("own", None, Decimal("5.0000"), None),
    ]


def test_the_file_is_kept_to_the_byte_and_counted_and_its_folder_is_nowhere(world: World) -> None:
    body = file_of(on(world.matches[0]), on(world.matches[1]))
    world.take(body=body)
    sha256 = sha256_of(body)
    assert RawStore(world.store).get(sha256) == body
    assert world.rows(FILES) == [("mine.csv", "file:mine.csv", sha256, len(body), 2, 2, 0, PARSER_VERSION)]
    assert world.rows("SELECT fetched_at, league, season FROM ops.raw_files") == [(NOW, None, None)]
    assert world.rows("SELECT DISTINCT data_version FROM tracking_clv_picks") == [(f"picks-1 picks@{sha256[:12]}",)]
    assert not [row for rows in snapshot(world.engine).values() for row in rows if str(world.folder) in row]


def test_of_a_file_whose_good_lines_are_kept_the_others_are_counted_too(world: World) -> None:
    body = file_of(on(world.matches[0]), on(world.matches[1], price="x"), {"home": "Gunners"})
    report = world.take(body=body, keep_good=True)
    assert told(report) == [(3, Reason.NOT_A_NUMBER), (4, Reason.UNRESOLVED_TEAM)]
    assert (report.new, world.count()) == (1, 1)
    assert world.rows(f"{FILES} ORDER BY id")[0][4:] == (3, 1, 2, PARSER_VERSION)


def test_a_file_of_a_header_alone_is_imported_and_holds_nothing(world: World) -> None:
    report = world.take()
    assert (report.is_imported, report.lines_read, report.new, told(report)) == (True, 0, 0, [])
    assert world.rows(FILES)[0][4:] == (0, 0, 0, PARSER_VERSION)


def test_columns_that_are_not_read_are_named(world: World) -> None:
    columns = (*GOOD, "pick_id", "result")
    body = file_of({**on(world.matches[0]), "pick_id": "7", "result": "win"}, columns=columns)
    assert world.take(body=body).ignored == ["pick_id", "result"]
    assert world.rows("SELECT result FROM tracking_clv_picks") == [(None,)]


# Names


def test_clubs_are_known_by_their_names_and_by_what_any_source_calls_them_in_any_case(world: World) -> None:
    world.settle("The Gunners", "Arsenal", source="understat")
    world.settle("Bees", "Brentford")
    match = world.matches[0]
    spellings = [("Arsenal", "Brentford"), ("the  GUNNERS", "bees"), ("ARSENAL", " Bees ")]
    lines = [
        on(match, home=home, away=away, taken_at=f"{match.match_date}T10:0{minute}Z")
        for minute, (home, away) in enumerate(spellings)
    ]
    assert world.take(*lines).new == 3
    assert {row[1:3] for row in world.rows(PICKS)} == {("Arsenal", "Brentford")}


def test_what_a_club_is_called_in_another_league_is_not_its_name_here(world: World) -> None:
    world.settle("Los Rojiblancos", "Sevilla", SP1)
    assert told(world.take(on(world.matches[0], home="Los Rojiblancos"))) == [(2, Reason.UNRESOLVED_TEAM)]
    assert told(world.take(on(world.matches[0], home="Sevilla"))) == [(2, Reason.UNRESOLVED_TEAM)]
    spain = {"league": "La Liga", "home": "los rojiblancos", "away": "Betis", "taken_at": f"{FIRST_DAY}T09:00Z"}
    assert world.take(spain).new == 1


def test_bookmakers_are_known_by_key_and_by_name_and_entered_when_they_are_first_named(world: World) -> None:
    match = world.matches[0]
    names = ["b365", "Bet 365", "Pinnacle", "ps", "William-Hill"]
    lines = [
        on(match, bookmaker=name, taken_at=f"{match.match_date}T10:0{minute}Z") for minute, name in enumerate(names)
    ]
    assert world.take(*lines).new == 5
    assert [row[6] for row in world.rows(PICKS)] == ["B365", "B365", "PS", "PS", "WH"]
    assert world.rows("SELECT name, is_aggregate FROM bookmakers WHERE key = 'WH'") == [("William Hill", False)]


def test_meetings_in_two_seasons_are_told_apart_by_their_day(world: World, sessions: sessionmaker[Session]) -> None:
    first = world.matches[0]
    last_year = replace(first, match_date=date(2019, 2, 10), kickoff_at=datetime(2019, 2, 10, 15, tzinfo=UTC))
    write_matches(sessions, last_year, partition=Partition(E0, Season(2018)))
    assert world.take(on(last_year), on(first)).new == 2
    assert world.rows("SELECT m.season FROM tracking_clv_picks p JOIN matches m ON m.id = p.match_id ORDER BY 1") == [
        ("2018-19",),
        ("2019-20",),
    ]
    report = world.take(on(first, date="2019-03-01"))
    assert detail_of(report) == "E0 has no match Arsenal - Brentford on 2019-03-01; the nearest is of 2019-02-10"


def test_side_and_bookmaker_may_be_written_as_people_do(world: World) -> None:
    match = world.matches[0]
    lines = [
        on(match, league="epl", market="Match Odds", side="Brentford"),
        on(match, market="AH", side="2", line="+0.25"),
        on(match, market="Double Chance", side="X2"),
    ]
    assert world.take(*lines).new == 3
    assert [row[3:6] for row in world.rows(PICKS)] == [
        ("1x2", "away", None),
        ("asian_handicap", "away", Decimal("0.25")),
        ("double_chance", "draw_or_away", None),
    ]


class Unresolved(NamedTuple):
    """Cells that no match or bookmaker answers to, why, and words that the detail has."""

    cells: Cells
    reason: Reason
    words: str


UNRESOLVED = [
    Unresolved({"home": "Gunners"}, Reason.UNRESOLVED_TEAM, "no club of E0 is called 'Gunners'"),
    Unresolved(
        {"home": "Arsenall"}, Reason.UNRESOLVED_TEAM, "no club of E0 is called 'Arsenall' (did you mean arsenal"
    ),
    Unresolved({"away": "Brent ford"}, Reason.UNRESOLVED_TEAM, "(did you mean brentford"),
    Unresolved({"league": "D1"}, Reason.NO_SUCH_MATCH, "no match of D1 is loaded: load the league first (monps up)"),
    Unresolved({"away": "City"}, Reason.AMBIGUOUS_TEAM, "2 clubs of E0 are called 'City'"),
    Unresolved({"home": "Brentford", "away": "Arsenal"}, Reason.NO_SUCH_MATCH, "no match Brentford - Arsenal on 2019-"),
    Unresolved({"date": "2019-08-11"}, Reason.NO_SUCH_MATCH, "on 2019-08-11; the nearest is of 2019-08-10"),
    Unresolved({"date": "2031-08-10"}, Reason.NO_SUCH_MATCH, "E0 has no match Arsenal - Brentford on 2031-08-10"),
    Unresolved({"home": "Arsenal", "away": "Arsenal"}, Reason.NO_SUCH_MATCH, "no match Arsenal - Arsenal"),
    Unresolved({"bookmaker": "Uncle Bob"}, Reason.UNKNOWN_BOOKMAKER, "no bookmaker is called 'Uncle Bob'"),
    Unresolved({"bookmaker": "Pinacle"}, Reason.UNKNOWN_BOOKMAKER, "'Pinacle' (did you mean pinnacle"),
    Unresolved({"bookmaker": "Avg"}, Reason.AGGREGATE_BOOKMAKER, "nobody can bet at Market average (Avg)"),
    Unresolved({"bookmaker": "BbMx"}, Reason.AGGREGATE_BOOKMAKER, "nobody can bet at Betbrain maximum (BbMx)"),
    Unresolved({"taken_at": "2019-08-10T15:00Z"}, Reason.TAKEN_AFTER_KICKOFF, "the match began at 2019-08-10 15:00"),
    Unresolved(
        {"taken_at": "2019-08-10T16:30+01:00"}, Reason.TAKEN_AFTER_KICKOFF, "taken at 2019-08-10 16:30:00+01:00"
    ),
]


def test_a_line_that_nothing_answers_to_is_told_with_its_reason_in_words(world: World) -> None:
    world.settle("City", "Chelsea", source="a source")
    world.settle("city", "Derby", source="another source")
    lines = [on(world.matches[0], **wrong.cells) for wrong in UNRESOLVED]
    report = world.take(*lines, on(world.matches[1]))
    assert told(report) == [(number, wrong.reason) for number, wrong in enumerate(UNRESOLVED, start=2)]
    unsaid = [w for w, found in zip(UNRESOLVED, report.rejections, strict=True) if w.words not in str(found.detail)]
    assert unsaid == []
    assert world.rows(REJECTED) == [
        (found.line_number, found.reason, line_of(cells), found.detail)
        for found, cells in zip(report.rejections, lines, strict=True)
    ]
    assert world.count() == 0


def test_a_pick_may_be_taken_until_the_instant_before_kickoff(world: World) -> None:
    match = world.matches[0]
    report = world.take(on(match, taken_at=f"{match.match_date}T14:59:59.999999Z"))
    assert (report.new, world.value("SELECT hours_before_kickoff FROM tracking_clv_picks")) == (1, 0)


def test_where_only_the_day_of_a_match_is_known_a_pick_may_be_taken_until_it_ends_in_britain(world: World) -> None:
    spain = {"league": "SP1", "home": "Sevilla", "away": "Betis"}
    late, in_time = ({**spain, "taken_at": f"2019-08-10T{clock}Z"} for clock in ("23:00", "22:59:59"))
    assert told(world.take(late)) == [(2, Reason.TAKEN_AFTER_KICKOFF)]
    assert world.take(in_time).new == 1
    assert world.rows("SELECT hours_before_kickoff FROM tracking_clv_picks") == [(None,)]


def test_matches_to_come_may_be_picked(world: World, sessions: sessionmaker[Session]) -> None:
    coming = to_come("Arsenal", "Everton", day=date(2020, 5, 10))
    write_matches(sessions, *world.matches, coming)
    assert world.take(on(coming)).new == 1


def test_a_pick_that_stands_twice_is_told_with_the_line_where_it_stood_first(world: World) -> None:
    line = on(world.matches[0])
    same = {**line, "taken_at": f"{world.matches[0].match_date}T11:00+01:00", "home": "ARSENAL", "bookmaker": "Bet365"}
    report = world.take(line, on(world.matches[1]), same)
    assert told(report) == [(4, Reason.DUPLICATE_PICK)]
    assert detail_of(report) == "the same pick stands in line 2"


def test_lines_are_told_in_their_order_whatever_is_wrong_with_them(world: World) -> None:
    match = world.matches[0]
    world.take(on(match, price="3"), name="earlier.csv")
    report = world.take(on(match), {"home": "Gunners"}, {"price": "x"}, {"home": "Gunners"})
    assert told(report) == [
        (2, Reason.TERMS_CHANGED),
        (3, Reason.UNRESOLVED_TEAM),
        (4, Reason.NOT_A_NUMBER),
        (5, Reason.UNRESOLVED_TEAM),
    ]


# Spellings that nobody knows


def test_spellings_that_nobody_knows_are_queued_once_and_their_lines_go_in_when_they_are_settled(world: World) -> None:
    other = {"league": "SP1", "home": "FC", "away": "Betis"}
    lines = [on(world.matches[0], home="Gunners"), on(world.matches[1], home="Gunners"), other]
    for _ in range(2):
        assert not world.take(*lines).is_imported
        assert world.queued() == [("E0", "Gunners"), ("SP1", "FC")]
    world.settle("Gunners", "Arsenal")
    assert world.queued() == [("SP1", "FC")]
    assert world.take(*lines[:2]).new == 2


def test_a_settled_spelling_stays_so_whatever_is_queued_later(world: World) -> None:
    world.settle("Gunners", "Arsenal")
    with UnitOfWork(world.sessions) as unit:
        unit.aliases.queue("picks", E0, ["Gunners", "Toffees"])
        unit.commit()
    assert world.queued() == [("E0", "Toffees")]
    assert world.take(on(world.matches[0], home="gunners")).new == 1


def test_names_that_come_near_are_looked_for_once_for_each_spelling(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def noted(word: str, *arguments: Any, **options: Any) -> list[str]:
        asked.append(word)
        return get_close_matches(word, *arguments, **options)

    monkeypatch.setattr(spellings, "get_close_matches", noted)
    wrong: list[Cells] = [{"home": "Arsenall"}, on(world.matches[0], bookmaker="Pinacle")]
    assert len(world.take(*wrong * 50).rejections) == 100
    assert len(asked) <= 4


def test_a_pick_that_was_taken_in_the_future_is_refused(world: World) -> None:
    coming = to_come("Arsenal", "Brentford", day=date(2020, 8, 1))
    write_matches(world.sessions, coming, partition=Partition(E0, Season(2020)))
    cells = {"home": "Arsenal", "away": "Brentford", "date": "2020-08-01"}
    report = world.take({**cells, "taken_at": "2020-06-01T12:30Z"}, {**cells, "taken_at": "2020-06-02T12:00Z"})
    assert (report.new, told(report)) == (1, [(3, Reason.TAKEN_IN_THE_FUTURE)])
    assert "it is 2020-06-01 12:00 UTC" in detail_of(report)


# Whole or not at all


def test_one_bad_line_keeps_the_whole_file_out(world: World) -> None:
    lines = [on(match) for match in world.matches]
    report = world.take(*lines, {"price": "x"})
    assert (report.is_imported, told(report)) == (False, [(14, Reason.NOT_A_NUMBER)])
    assert world.count() == 0
    assert world.rows(FILES)[0][4:] == (None, None, None, None)


def test_changed_terms_of_a_held_pick_are_refused_and_nothing_else_of_the_file_goes_in(world: World) -> None:
    lines = [on(world.matches[0]), on(world.matches[1])]
    world.take(*lines)
    before = world.rows(TRACES)
    changed = (({"price": "2.2"}, "price 2.1"), ({"stake": "2"}, "stake 1"), ({"strategy": "new"}, "strategy None"))
    for changes, was in changed:
        report = world.take({**lines[0], **changes}, lines[1], on(world.matches[2]))
        assert told(report) == [(2, Reason.TERMS_CHANGED)]
        assert was in detail_of(report)
        assert "what was taken never changes" in detail_of(report)
        assert (report.is_imported, report.held) == (False, 1)
        assert world.rows(TRACES) == before


def test_a_price_that_is_only_written_otherwise_is_the_same(world: World) -> None:
    world.take(on(world.matches[0]))
    report = world.take(on(world.matches[0], price="2.1000", stake="1.00"))
    assert (report.is_imported, report.new, report.held) == (True, 0, 1)


def test_a_bookmaker_that_is_added_stays_out_with_the_file(world: World) -> None:
    report = world.take(on(world.matches[0], bookmaker="Uncle Bob"), {"price": "x"}, add_bookmakers=True)
    assert not report.is_imported
    assert world.count("bookmakers WHERE key = 'Uncle Bob'") == 0


def test_a_bookmaker_is_added_once_however_it_is_spelled_and_is_no_aggregate(world: World) -> None:
    match = world.matches[0]
    first, second = on(match, bookmaker="Uncle Bob"), on(match, bookmaker="UNCLE-BOB", taken_at="2019-08-10T09:00Z")
    assert world.take(first, second, add_bookmakers=True).new == 2
    added = world.rows("SELECT key, is_aggregate, is_sharp, is_exchange FROM bookmakers WHERE key ILIKE 'uncle%'")
    assert len(added) == 1
    assert added[0][1:] == (False, False, False)
    assert world.take(on(match, bookmaker="uncle bob", taken_at="2019-08-10T08:00Z")).new == 1


def test_an_aggregate_is_no_bookmaker_even_where_bookmakers_may_be_added(world: World) -> None:
    assert told(world.take(on(world.matches[0], bookmaker="Max"), add_bookmakers=True)) == [
        (2, Reason.AGGREGATE_BOOKMAKER)
    ]


def test_a_file_that_is_none_leaves_nothing(world: World) -> None:
    before = snapshot(world.engine)
    with pytest.raises(UnreadableFileError, match=r"mine\.csv is not UTF-8"):
        world.take(body=b"\xff")
    with pytest.raises(FileNotFoundError):
        world.importer.import_file(world.folder / "none.csv")
    assert snapshot(world.engine) == before


def test_a_dry_run_tells_the_same_and_changes_nothing(world: World) -> None:
    lines = [on(world.matches[0]), on(world.matches[1], home="Gunners"), on(world.matches[2], bookmaker="Uncle Bob")]
    before = snapshot(world.engine)
    told_dry = world.take(*lines, dry_run=True, keep_good=True, add_bookmakers=True)
    assert snapshot(world.engine) == before
    assert not world.store.exists()
    assert world.take(*lines, keep_good=True, add_bookmakers=True) == told_dry
    assert (told_dry.new, world.count()) == (2, 2)


@contextmanager
def failing(world: World, when: str, what: str) -> Iterator[None]:
    """A database that fails in the middle of an import."""
    world.do(f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what}; RETURN NEW; END $$")
    world.do(when)
    try:
        yield
    finally:
        world.do("DROP FUNCTION fail() CASCADE")


BAD_PICK = "BEFORE INSERT ON tracking_clv_picks FOR EACH ROW WHEN (NEW.agent = 'last') EXECUTE FUNCTION fail()"
FAILURES = {
    "a pick is refused": (f"CREATE TRIGGER fail {BAD_PICK}", "RAISE 'no'", InternalError),
    "the connection breaks": (
        f"CREATE TRIGGER fail {BAD_PICK}",
        "PERFORM pg_terminate_backend(pg_backend_pid())",
        ConnectionLostError,
    ),
    "the commit is refused": (
        "CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON tracking_clv_picks DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION fail()",
        "RAISE 'no'",
        InternalError,
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_of_the_database_in_the_middle_leaves_nothing(world: World, failure: str) -> None:
    when, what, error = FAILURES[failure]
    lines = [*(on(match) for match in world.matches), on(world.matches[0], agent="last"), {"home": "Gunners"}]
    before = snapshot(world.engine)
    with failing(world, when, what), pytest.raises(error):
        world.take(*lines, keep_good=True)
    assert snapshot(world.engine) == before
    assert world.take(*lines, keep_good=True).new == 13


# Again, and at once


def test_an_import_again_adds_what_is_new_and_touches_no_row_that_is_there(world: World) -> None:
    lines = [on(match) for match in world.matches]
    world.take(*lines[:5])
    before = world.rows(TRACES)
    assert world.take(*lines[:5]).held == 5
    assert world.rows(TRACES) == before
    assert world.count("ops.raw_files") == 1
    report = world.take(*lines[2:])
    assert (report.new, report.held, world.count()) == (7, 3, 12)
    assert world.rows(TRACES)[:5] == before
    assert world.count("ops.raw_files") == 2


def test_what_a_file_leaves_out_later_stays(world: World) -> None:
    world.take(on(world.matches[0]), on(world.matches[1]))
    world.take(on(world.matches[1]))
    assert world.count() == 2


def test_the_same_bet_at_another_time_or_book_or_by_another_agent_is_another_pick(world: World) -> None:
    match = world.matches[0]
    others: list[Cells] = [{}, {"agent": "she"}, {"bookmaker": "PS"}, {"side": "away"}, {"market": "dnb"}]
    others += [{"taken_at": f"{match.match_date}T10:01Z"}, {**TOTAL, "line": "2.5"}, {**TOTAL, "line": "2.75"}]
    assert world.take(*(on(match, **changes) for changes in others)).new == len(others)


def test_rejections_are_those_of_the_last_import_of_a_version(world: World) -> None:
    lines = [on(world.matches[0], home="Gunners"), {"price": "x"}]
    world.take(*lines)
    assert [row[0] for row in world.rows(REJECTED)] == [2, 3]
    world.settle("Gunners", "Arsenal")
    world.take(*lines)
    assert [row[0] for row in world.rows(REJECTED)] == [3]
    world.take(*lines, keep_good=True)
    assert [row[0] for row in world.rows(REJECTED)] == [3]


def at_once(*work: Callable[[], ImportReport]) -> list[ImportReport]:
    """Do several imports in threads, begun together."""
    ready = threading.Barrier(len(work), timeout=20)

    def begin(one: Callable[[], ImportReport]) -> ImportReport:
        ready.wait()
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(begin, work))


def test_imports_of_the_same_file_at_once_give_each_pick_once(world: World) -> None:
    lines = [
        on(match, taken_at=f"{match.match_date}T10:{minute:02}Z")
        for match, minute in itertools.product(world.matches, range(40))
    ]
    path = world.write("mine.csv", *lines, {"home": "Gunners"})
    reports = at_once(*[partial(world.importer.import_file, path, keep_good=True)] * 3)
    assert sorted((report.new, report.held) for report in reports) == [(0, 480), (0, 480), (480, 0)]
    assert world.count() == 480
    assert (world.count("ops.raw_files"), world.count("ops.rejected_rows")) == (1, 1)
    assert world.queued() == [("E0", "Gunners")]


def test_two_files_with_the_same_picks_at_once_give_each_pick_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = threading.Barrier(2, timeout=2)

    def after_both_have_looked(*arguments: Any) -> Any:
        with suppress(threading.BrokenBarrierError):  # where one waits for the other earlier: so much the better
            seen.wait()
        return against_held(*arguments)

    monkeypatch.setattr(importing, "against_held", after_both_have_looked)
    lines = [on(match) for match in world.matches]
    paths = [world.write(name, *lines) for name in ("a.csv", "b.csv")]
    reports = at_once(*(partial(world.importer.import_file, path) for path in paths))
    assert world.count() == 12
    assert sorted((report.new, report.held) for report in reports) == [(0, 12), (12, 0)]


# Values that are out of every range


@pytest.mark.parametrize(
    "cells",
    [
        {"date": "9999-12-31"},
        {"date": "0001-01-01"},
        {"taken_at": "0001-01-01T00:00+05:00"},
        {"league": "SP1", "home": "Sevilla", "away": "Betis", "taken_at": "9999-12-31T23:00-05:00"},
        {**TOTAL, "line": f"{'9' * 40}.25"},
        {"agent": "m\0e"},
        {"home": "Ars\0enal"},
        {"price": "x\0"},
    ],
    ids=ascii,
)
def test_a_value_out_of_every_range_is_a_rejection_and_no_crash(world: World, cells: Cells) -> None:
    report = world.take(on(world.matches[0]), on(world.matches[0], **cells))
    assert (report.is_imported, [number for number, _ in told(report)]) == (False, [3])
