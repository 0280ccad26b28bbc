"""What every repository can do, on both drivers: results, the number of statements, what is refused, what is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.errors import BulkWriteError
from monps_platform.db.models import Match, Odds
from monps_platform.db.repositories.arguments import RowNotFoundError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.health import HealthSeverity
from monps_platform.domain.matches import match_id
from monps_platform.domain.odds import Market, PriceKind
from monps_platform_tests.db.layers import AsyncLayer, Layer
from monps_platform_tests.db.models.rows import VECTORS
from monps_platform_tests.db.repositories.refusals import refused_before_sql
from monps_platform_tests.db.samples import Reader, statements

Row = dict[str, Any]
DAY = date(2019, 8, 10)
NOON = datetime(2019, 8, 10, 12, tzinfo=UTC)
NAIVE = NOON.replace(tzinfo=None)
H2H = cast(Market, "h2h")
"""A market that is none."""


def book(key: str, **changes: object) -> Row:
    """A bookmaker's row."""
    flags = {"is_aggregate": False, "is_sharp": False, "is_exchange": False}
    return {"key": key, "name": f"{key} Ltd", **flags, **changes}


def team(name: str, country: str = "England") -> Row:
    return {"name": name, "country": country}


def match(number: int, **changes: object) -> Row:
    """A match between the first two teams, told apart by its season; its id follows from all that."""
    sides = {"league_id": 1, "home_team_id": 1, "away_team_id": 2, "meeting": 1}
    season = f"{2000 + number}-{(number + 1) % 100:02}"
    return {"season": season, "match_date": DAY, **sides, **changes}


def quote(**changes: object) -> Row:
    """A 1X2 quote of the first bookmaker on the first match."""
    prices = {"home_price": Decimal("1.4"), "draw_price": Decimal("4.5"), "away_price": Decimal(8)}
    kind = {"market": Market.ONE_X_TWO, "line": None, "price_kind": PriceKind.PRE_MATCH, "captured_at": None}
    return {"match_id": 1, "bookmaker_id": 1, **kind, **prices, "overround": Decimal("0.0615"), **changes}


def dna(**changes: object) -> Row:
    """The DNA of the first team; vectors are empty."""
    own = {"team_id": 1, "league_id": 1, "season": "2019-20", "as_of": DAY, "n_matches": 19, "data_version": "1"}
    return {**own, **{name: {} for name in VECTORS}, **changes}


def enter_football(layer: Layer | None, unit: UnitOfWork, *, matches: int = 3) -> None:
    """A league, two teams, two bookmakers and a few matches, with ids from 1 on (also the matches: ids that are easier
    to name than their own); not committed.
    """
    unit.leagues.create(code="E0", name="Premier League", country="England", tier=1, is_simulated=False)
    unit.teams.create_many([team("Arsenal"), team("Chelsea")])
    unit.bookmakers.create_many([book("B365"), book("PS", is_sharp=True)])
    sent: Any = unit.session.execute(
        insert(Match), [{"id": number, **match(number)} for number in range(1, matches + 1)]
    )
    if isinstance(layer, AsyncLayer):
        layer.loop.run_until_complete(sent)


@pytest.fixture
def football(layer: Layer) -> None:
    """A league, two teams, two bookmakers and three matches, each with ids from 1 on."""
    with layer.unit() as unit:
        enter_football(layer, unit)
        unit.commit()


def execute(layer: Layer, unit: UnitOfWork, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a statement, sent on the unit's own connection."""
    result: Any = unit.session.execute(text(statement))
    if isinstance(layer, AsyncLayer):
        result = layer.loop.run_until_complete(result)
    return [tuple(row) for row in result]


def keys(rows: Sequence[Any]) -> list[str]:
    return [row.key for row in rows]


@pytest.mark.usefixtures("football")
def test_a_row_is_found_by_its_id_and_a_free_id_gives_none(layer: Layer) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.bookmakers.get_by_id(2)
        assert found is not None
        assert (found.key, found.name, found.is_sharp) == ("PS", "PS Ltd", True)
        assert unit.bookmakers.get_by_id(3) is None
        assert len(sent) == 2


LOADS: list[Callable[[UnitOfWork, Sequence[str]], Match | None]] = [
    lambda unit, load: unit.matches.get_by_id(1, load=load),
    lambda unit, load: unit.matches.get_all(load=load)[0],
    lambda unit, load: unit.matches.get_by_field("season", "2001-02", load=load)[0],
    lambda unit, load: next(unit.matches.stream(season="2001-02", load=load)),
]


@pytest.mark.usefixtures("football")
@pytest.mark.parametrize("read", LOADS, ids=["get_by_id", "get_all", "get_by_field", "stream"])
def test_relationships_that_are_named_come_in_the_same_statement_and_others_raise(
    layer: Layer, read: Callable[[UnitOfWork, Sequence[str]], Match | None]
) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = read(unit, ["league", "away_team"])
        assert found is not None
        assert (found.league.code, found.away_team.name) == ("E0", "Chelsea")
        with pytest.raises(InvalidRequestError, match="lazy='raise'"):
            _ = found.home_team
        assert len(sent) == 1


@pytest.mark.usefixtures("football")
@pytest.mark.parametrize("read", LOADS, ids=["get_by_id", "get_all", "get_by_field", "stream"])
def test_a_relationship_can_be_asked_for_when_the_row_was_read_without_it_before(
    layer: Layer, read: Callable[[UnitOfWork, Sequence[str]], Match | None]
) -> None:
    with layer.unit() as unit:
        held = read(unit, [])
        found = read(unit, ["home_team"])
        assert found is not None
        assert found is held
        assert found.home_team.name == "Arsenal"


def test_pages_go_by_id_and_may_be_empty(layer: Layer) -> None:
    with layer.unit() as unit:
        unit.bookmakers.create_many([book(f"{number:03}") for number in reversed(range(105))])
        with statements(layer.engine) as sent:
            assert keys(unit.bookmakers.get_all()) == [f"{104 - number:03}" for number in range(100)]
            assert keys(unit.bookmakers.get_all(skip=3, limit=2)) == ["101", "100"]
            assert keys(unit.bookmakers.get_all(skip=103)) == ["001", "000"]
            assert unit.bookmakers.get_all(skip=105) == []
            assert unit.bookmakers.get_all(limit=0) == []
            assert len(sent) == 5


@pytest.mark.usefixtures("football")
def test_rows_are_found_by_any_field_and_none_asks_for_null(layer: Layer) -> None:
    with layer.unit() as unit:
        unit.odds.create_many([quote(), quote(market=Market.ASIAN_HANDICAP, line=Decimal("0.25"), draw_price=None)])
        assert [row.id for row in unit.matches.get_by_field("referee", None)] == [1, 2, 3]
        assert [row.id for row in unit.matches.get_by_field("referee", None, skip=1, limit=1)] == [2]
        with statements(layer.engine) as sent:
            assert [row.id for row in unit.odds.get_by_field("line", None)] == [1]
            assert [row.id for row in unit.odds.get_by_field("line", Decimal("0.250"))] == [2]
            assert [row.id for row in unit.odds.get_by_field("market", Market.ASIAN_HANDICAP)] == [2]
            assert [row.id for row in unit.odds.get_by_field("match_id", 1)] == [1, 2]
            assert [row.id for row in unit.odds.get_by_field("match_id", 1, skip=1)] == [2]
            assert unit.odds.get_by_field("match_id", 1, limit=0) == []
            assert unit.odds.get_by_field("match_id", 2) == []
            assert len(sent) == 7
        assert len(unit.matches.get_by_field("match_date", DAY)) == 3


@pytest.mark.usefixtures("football")
def test_rows_are_counted_and_looked_for_by_all_their_values(layer: Layer) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.matches.count() == 3
        assert unit.matches.count(season="2001-02", home_team_id=1) == 1
        assert unit.matches.count(season="2001-02", home_team_id=2) == 0
        assert unit.matches.count(referee=None) == 3
        assert unit.matches.exists()
        assert unit.matches.exists(season="2001-02", referee=None)
        assert not unit.matches.exists(season="2001-02", home_team_id=2)
        assert not unit.odds.exists()
        assert unit.odds.count() == 0
        assert len(sent) == 9


@pytest.fixture
def many(layer: Layer) -> Layer:
    """The layer with 5,000 teams, every fifth of them in Spain."""
    with layer.unit() as unit:
        rows = [team(f"Team {number:04}", "Spain" if number % 5 == 0 else "England") for number in range(5000)]
        assert unit.teams.upsert_many(rows) == Changes(inserted=5000)
        unit.commit()
    return layer


def test_a_stream_gives_all_rows_by_id_with_one_select(many: Layer) -> None:
    with many.unit() as unit:
        with statements(many.engine) as sent:
            ids = [row.id for row in unit.teams.stream()]
        assert len(ids) == 5000
        assert ids == sorted(ids)
        assert len([statement for statement in sent if "SELECT" in statement]) == 1
        assert len(list(unit.teams.stream(country="Spain"))) == 1000
        assert [row.name for row in unit.teams.stream(name="Team 0007", country="England")] == ["Team 0007"]
        assert list(unit.teams.stream(name="Team 0007", country="Spain")) == []


def test_a_stream_that_is_left_early_fetched_one_chunk_and_the_unit_works_on(many: Layer) -> None:
    with many.unit() as unit:
        rows = unit.teams.stream()
        first = [next(rows).name for _ in range(3)]
        ((cursor,),) = execute(many, unit, "SELECT name FROM pg_cursors WHERE name <> ''")
        left = execute(many, unit, f'FETCH ALL FROM "{cursor}"')
        assert len(left) == 4000
        assert first == ["Team 0001", "Team 0002", "Team 0003"]  # entered in the order of their key: England first
        unit.teams.create(**team("One more"))
        assert unit.teams.count() == 5001
        assert len(list(unit.teams.stream(country="Spain"))) == 1000
        unit.commit()
    with many.unit() as unit:
        assert unit.teams.exists(name="One more")


def test_a_stream_keeps_a_chunk_in_memory_not_the_result(many: Layer) -> None:
    with many.unit() as unit:
        most = 0
        for _ in unit.teams.stream():
            most = max(most, len(unit.session.identity_map))
        assert most <= 2100


Use = Callable[[UnitOfWork], object]
REFUSED: dict[str, tuple[Use, str]] = {
    "skip below 0": (lambda unit: unit.bookmakers.get_all(skip=-1), "skip is -1: it must be a whole number, 0 or more"),
    "limit below 0": (
        lambda unit: unit.bookmakers.get_all(limit=-5),
        "limit is -5: it must be a whole number, 0 or more",
    ),
    "skip of a field": (lambda unit: unit.bookmakers.get_by_field("key", "PS", skip=-1), "skip is -1"),
    "limit of a field": (lambda unit: unit.bookmakers.get_by_field("key", "PS", limit=-1), "limit is -1"),
    "a field misspelt": (
        lambda unit: unit.odds.get_by_field("home_prise", 2),
        "Odds has no field 'home_prise': did you mean home_price",
    ),
    "a field like none": (
        lambda unit: unit.teams.get_by_field("zzz", 2),
        "Team has no field 'zzz': it has id, name, country, created_at, updated_at$",
    ),
    "a relationship as a field": (lambda unit: unit.odds.count(bookmaker=1), "no field 'bookmaker'.* bookmaker_id"),
    "count": (lambda unit: unit.odds.count(nope=1), "Odds has no field 'nope'"),
    "exists": (lambda unit: unit.odds.exists(nope=1), "Odds has no field 'nope'"),
    "stream": (lambda unit: unit.odds.stream(nope=1), "Odds has no field 'nope'"),
    "load of get_by_id": (
        lambda unit: unit.matches.get_by_id(1, load=["hometeam"]),
        "Match has no relationship 'hometeam': did you mean home_team",
    ),
    "load of get_all": (lambda unit: unit.odds.get_all(load=["id"]), "no relationship 'id': it has match, bookmaker"),
    "load of get_by_field": (lambda unit: unit.odds.get_by_field("id", 1, load=["x"]), "no relationship 'x'"),
    "load of stream": (lambda unit: unit.odds.stream(load=["x"]), "no relationship 'x'"),
    "create": (lambda unit: unit.bookmakers.create(keys="PS"), "Bookmaker has no field 'keys': did you mean key"),
    "create_many": (lambda unit: unit.bookmakers.create_many([{"keys": "PS"}]), "no field 'keys'"),
    "rows that differ": (
        lambda unit: unit.teams.create_many([team("A"), {"name": "B"}]),
        "row 1 names name; row 0 names name, country",
    ),
    "update of an id": (lambda unit: unit.teams.update(1, id=2), "id of a row of Team never change"),
    "update of an id, too": (lambda unit: unit.teams.update(1, id=2, name="A"), "id of a row of Team never change"),
    "update of what an id follows from": (
        lambda unit: unit.matches.update(1, season="2020-21", referee="M Dean"),
        "season of a row of Match never change",
    ),
    "a match with another id": (
        lambda unit: unit.matches.create(id=7, **match(1)),
        r"the id of this match is \d+, not 7",
    ),
    "a match without its key": (
        lambda unit: unit.matches.upsert_many([{"season": "2019-20", "league_id": 1}]),
        "a match needs home_team_id, away_team_id, meeting",
    ),
    "a match of no season": (lambda unit: unit.matches.create(**match(1, season="2019-21")), "2019-21"),
    "an id that no column holds": (lambda unit: unit.leagues.get_by_id(40_000), "a whole number from -32768 to 32767"),
    "a large id": (lambda unit: unit.matches.delete(2**63), "Match.id cannot be 9223372036854775808"),
    "a text for a number": (lambda unit: unit.matches.count(home_team_id="3"), "Match.home_team_id cannot be '3'"),
    "a truth for a number": (lambda unit: unit.matches.count(home_goals=True), "Match.home_goals cannot be True"),
    "a text for a day": (lambda unit: unit.matches.exists(match_date="2019-08-10"), "Match.match_date cannot be"),
    "an instant for a day": (lambda unit: unit.matches.count(match_date=NOON), "it is a date"),
    "a number for a text": (lambda unit: unit.teams.get_by_field("name", 5), "Team.name cannot be 5"),
    "a number for a truth": (lambda unit: unit.bookmakers.count(is_sharp=1), "Bookmaker.is_sharp cannot be 1"),
    "a label that is none": (lambda unit: unit.odds.count(market="h2h"), "it is one of 1x2, over_under"),
    "a text for a price": (lambda unit: unit.odds.count(home_price="1.4"), "Odds.home_price cannot be '1.4'"),
    "a text for JSON": (lambda unit: unit.team_dna.create(**dna(luck="none")), "TeamQuantumDna.luck cannot be 'none'"),
    "a market that is none": (lambda unit: unit.odds.get_by_match(1, market=H2H), "Odds.market cannot be 'h2h'"),
    "a movement of no market": (lambda unit: unit.odds.get_line_movement(1, H2H), "Odds.market cannot be 'h2h'"),
    "the best of no market": (lambda unit: unit.odds.best_prices(1, H2H), "Odds.market cannot be 'h2h'"),
    "half a row": (
        lambda unit: unit.teams.get_all(limit=cast(int, 1.5)),
        "limit is 1.5: it must be a whole number, 0 or more",
    ),
    "rows in words": (lambda unit: unit.teams.get_all(skip=cast(int, "5")), "skip is '5'"),
    "update of nothing": (lambda unit: unit.teams.update(1), "name at least one field"),
    "update of a field": (lambda unit: unit.teams.update(1, nmae="A"), "Team has no field 'nmae': did you mean name"),
    "upsert of a field": (lambda unit: unit.teams.upsert_many([{"nmae": "A"}]), "no field 'nmae'"),
    "upserted rows that differ": (
        lambda unit: unit.teams.upsert_many([team("A"), team("B"), {**team("C"), "id": 7}]),
        "row 2 names name, country, id; row 0 names name, country",
    ),
    "rows without their key": (lambda unit: unit.teams.upsert_many([{"name": "A"}]), "the rows lack country"),
    "rows without a named key": (lambda unit: unit.teams.upsert_many([team("A")], key=["id"]), "the rows lack id"),
    "a key that is no field": (lambda unit: unit.teams.upsert_many([], key=["nmae"]), "no field 'nmae'"),
    "a key that is not unique": (
        lambda unit: unit.teams.upsert_many([team("A")], key=["name"]),
        r"teams are not told apart by name: .* id; country, name$",
    ),
    "a key that some rows obey": (
        lambda unit: unit.tactical_profiles.upsert_many([], key=["team_id"]),
        "chess_classifications are not told apart by team_id: unique are id; team_id, season, as_of$",
    ),
    "an instant without a time zone": (
        lambda unit: unit.matches.create(**match(1, kickoff_at=NAIVE)),
        "kickoff_at is 2019-08-10 12:00:00 without a time zone: give it one, such as UTC",
    ),
    "one of many instants": (
        lambda unit: unit.matches.create_many([match(1, kickoff_at=NOON), match(2, kickoff_at=NAIVE)]),
        "kickoff_at is .* without a time zone",
    ),
    "an instant to change": (lambda unit: unit.matches.update(1, kickoff_at=NAIVE), "without a time zone"),
    "an instant to look for": (lambda unit: unit.matches.count(kickoff_at=NAIVE), "without a time zone"),
    "an instant to upsert": (
        lambda unit: unit.matches.upsert_many([match(1, kickoff_at=None), match(2, kickoff_at=NAIVE)]),
        "kickoff_at is .* without a time zone",
    ),
    "the same key twice": (
        lambda unit: unit.teams.upsert_many([team("A"), team("B"), team("A")]),
        "rows 0 and 2 have the same country, name",
    ),
    "the same key with NULL twice": (
        lambda unit: unit.odds.upsert_many([quote(), quote(home_price=Decimal(3))]),
        "rows 0 and 1 have the same match_id, bookmaker_id, market, line, price_kind, captured_at",
    ),
}


@pytest.mark.parametrize(("use", "message"), REFUSED.values(), ids=REFUSED)
def test_arguments_that_make_no_sense_are_refused_before_any_sql(layer: Layer, use: Use, message: str) -> None:
    with layer.unit() as unit:
        with refused_before_sql(layer, message):
            use(unit)
        assert unit.teams.count() == 0


def test_a_created_row_has_what_the_server_added(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        with statements(layer.engine) as sent:
            first = unit.bookmakers.create(**book("B365"))
            assert (first.id, first.key, first.is_exchange) == (1, "B365", False)
            assert first.created_at == first.updated_at
            assert first.created_at.tzinfo is not None
        assert len(sent) == 1
        assert unit.bookmakers.create(**book("PS")).id == 2
        unit.commit()
    assert reader.rows("SELECT id, key FROM bookmakers ORDER BY id") == [(1, "B365"), (2, "PS")]


def test_many_rows_are_created_in_few_statements_and_come_back_in_their_order(layer: Layer, reader: Reader) -> None:
    names = [f"Team {number * 7919 % 3000:04}" for number in range(3000)]
    with layer.unit() as unit:
        with statements(layer.engine) as sent:
            made = unit.teams.create_many(team(name) for name in names)
        assert [row.name for row in made] == names
        assert len({row.id for row in made}) == 3000
        # The server promises no order of its own: the statement must ask for one.
        assert all("ORDER BY" in statement for statement in sent)
        assert all(row.created_at is not None for row in made)
        assert len(sent) <= 3
        unit.commit()
    assert reader.rows("SELECT id, name FROM teams ORDER BY id") == sorted((row.id, row.name) for row in made)


@pytest.mark.usefixtures("football")
def test_many_rows_with_ids_of_their_own_come_back_in_their_order(layer: Layer) -> None:
    numbers = [number * 31 % 60 + 10 for number in range(60)]
    with layer.unit() as unit:
        made = unit.matches.create_many([match(number, kickoff_at=NOON) for number in numbers])
        assert [row.season for row in made] == [match(number)["season"] for number in numbers]
        ids = [match_id(2000 + number, 1, 1, 2, 1) for number in numbers]
        assert [row.id for row in made] == ids
        assert ids != sorted(ids)
        assert unit.matches.upsert_many([match(number, kickoff_at=NOON) for number in numbers]) == Changes()


@pytest.mark.usefixtures("football")
def test_a_row_is_read_as_it_is_now_whatever_was_read_before(layer: Layer) -> None:
    with layer.unit() as unit:
        (held, *_) = unit.teams.get_all()
        execute(layer, unit, "UPDATE teams SET name = 'Arsenal FC' WHERE id = 1 RETURNING id")
        assert unit.teams.get_by_id(1) is held
        assert held.name == "Arsenal FC"
        unit.teams.upsert_many([{"id": 1, "name": "The Arsenal", "country": "England"}], key=["id"])
        assert [row.name for row in unit.teams.get_all()] == ["The Arsenal", "Chelsea"]
        assert held.name == "The Arsenal"


def test_two_that_upsert_the_same_rows_in_another_order_wait_for_each_other(sessions: sessionmaker[Session]) -> None:
    rows = [team(f"Club {number:04}") for number in range(3000)]

    def upsert(given: Sequence[Row]) -> Changes:
        with UnitOfWork(sessions) as unit:
            changes = unit.teams.upsert_many(given)
            unit.commit()
        return changes

    with ThreadPoolExecutor(2) as pool:
        changes = list(pool.map(upsert, [rows, rows[::-1]]))
    assert sorted(change.inserted for change in changes) == [0, 3000]


def test_creating_no_rows_sends_nothing(layer: Layer) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.teams.create_many([]) == []
        assert unit.teams.upsert_many([]) == Changes()
        assert sent == []


@pytest.mark.usefixtures("football")
def test_an_update_changes_the_named_fields_of_one_row_in_one_statement(layer: Layer, reader: Reader) -> None:
    before = reader.traces("matches")
    with layer.unit() as unit:
        held = unit.matches.get_by_id(1)
        assert held is not None
        with statements(layer.engine) as sent:
            changed = unit.matches.update(1, referee="C Pawson", kickoff_at=NOON)
        assert len(sent) == 1
        assert changed is held
        assert (held.referee, held.kickoff_at) == ("C Pawson", NOON)
        assert held.updated_at > held.created_at
        assert unit.matches.update(1, referee=None).referee is None
        unit.commit()
    after = reader.traces("matches")
    assert [key for key in after if after[key] != before[key]] == [1]
    assert reader.rows("SELECT referee, kickoff_at FROM matches WHERE id = 1") == [(None, NOON)]


@pytest.mark.usefixtures("football")
def test_an_update_returns_the_row_as_it_is_now_whatever_was_read_before(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        held = unit.matches.get_by_id(1)
        reader.do("UPDATE matches SET referee = 'M Dean' WHERE id = 1")
        changed = unit.matches.update(1, kickoff_at=NOON)
        assert changed is held
        assert changed.referee == "M Dean"


@pytest.mark.usefixtures("football")
def test_an_update_of_a_row_that_is_not_there_is_told_and_changes_nothing(layer: Layer, reader: Reader) -> None:
    before = reader.traces("teams")
    with layer.unit() as unit:
        with pytest.raises(RowNotFoundError, match="Team has no row with the id 77"):
            unit.teams.update(77, name="Nobody")
        unit.commit()
    assert reader.traces("teams") == before


@pytest.mark.usefixtures("football")
def test_a_delete_takes_one_row_and_says_whether_there_was_one(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        held = unit.matches.get_by_id(2)
        with statements(layer.engine) as sent:
            assert unit.matches.delete(2) is True
            assert unit.matches.delete(2) is False
        assert len(sent) == 2
        assert held is not None
        assert unit.matches.get_by_id(2) is None
        unit.commit()
    assert reader.rows("SELECT id FROM matches ORDER BY id") == [(1,), (3,)]


VIOLATIONS: dict[str, tuple[Use, type[Exception]]] = {
    "create": (lambda unit: unit.bookmakers.create(**book("PS")), IntegrityError),
    "create_many": (lambda unit: unit.bookmakers.create_many([book("NEW"), book("PS")]), IntegrityError),
    "update": (lambda unit: unit.bookmakers.update(1, key="PS"), IntegrityError),
    "delete": (lambda unit: unit.teams.delete(1), IntegrityError),
    "upsert_many": (
        lambda unit: unit.odds.upsert_many([quote(), quote(bookmaker_id=2, home_price=Decimal(1))]),
        IntegrityError,
    ),
    "upsert_many of what is no number": (
        lambda unit: unit.odds.upsert_many([quote(), quote(bookmaker_id=2, home_price="dear")]),
        BulkWriteError,
    ),
}


@pytest.mark.usefixtures("football")
@pytest.mark.parametrize(("use", "error"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_what_the_database_refuses_leaves_nothing_and_the_unit_goes_on_after_a_rollback(
    layer: Layer, reader: Reader, use: Use, error: type[Exception]
) -> None:
    tables = ("bookmakers", "teams", "odds")
    before = [reader.traces(table) for table in tables]
    with layer.unit() as unit:
        unit.teams.create(**team("Leeds"))
        with pytest.raises(error):
            use(unit)
        unit.rollback()
        assert [reader.traces(table) for table in tables] == before
        unit.teams.create(**team("Hull"))
        unit.commit()
    assert reader.rows("SELECT name FROM teams ORDER BY name") == [("Arsenal",), ("Chelsea",), ("Hull",)]


@pytest.mark.usefixtures("football")
@pytest.mark.parametrize(("use", "error"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_what_the_database_refuses_in_a_savepoint_undoes_the_savepoint_alone(
    layer: Layer, reader: Reader, use: Use, error: type[Exception]
) -> None:
    def undo(unit: UnitOfWork) -> None:
        with unit.savepoint():
            unit.teams.create(**team("Hull"))
            use(unit)

    with layer.unit() as unit:
        unit.teams.create(**team("Leeds"))
        with pytest.raises(error):
            undo(unit)
        assert unit.odds.upsert_many([quote()]) == Changes(inserted=1)
        unit.commit()
    assert reader.rows("SELECT name FROM teams ORDER BY name") == [("Arsenal",), ("Chelsea",), ("Leeds",)]


@pytest.mark.usefixtures("football")
def test_an_upsert_inserts_new_rows_updates_changed_ones_and_leaves_the_rest_alone(
    layer: Layer, reader: Reader
) -> None:
    over = {"market": Market.OVER_UNDER, "line": Decimal("2.5"), "home_price": None, "draw_price": None}
    goals = quote(**over, away_price=None, over_price=Decimal("1.9"), under_price=Decimal("1.95"))
    first = [{**quote(), "over_price": None, "under_price": None}, goals]
    with layer.unit() as unit:
        assert unit.odds.upsert_many(first) == Changes(inserted=2)
        unit.commit()
    before = reader.traces("odds")
    with layer.unit() as unit:
        assert unit.odds.upsert_many(first) == Changes()
        other = {**goals, "line": Decimal("3.5")}
        news = [{**first[0], "home_price": Decimal("1.45")}, {**goals, "line": Decimal("2.50")}, other]
        assert unit.odds.upsert_many(iter(news)) == Changes(inserted=1, updated=1)
        unit.commit()
    after = reader.traces("odds")
    assert after[2] == before[2]
    assert after[1] != before[1]
    assert after[1][-1] > before[1][-1]
    assert after.keys() - before.keys() == {max(after)}
    assert reader.rows("SELECT home_price, line FROM odds ORDER BY id") == [
        (Decimal("1.45"), None),
        (None, Decimal("2.5")),
        (None, Decimal("3.5")),
    ]


@pytest.mark.usefixtures("football")
def test_an_upsert_is_undone_without_a_commit_and_seen_by_nobody_before(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        assert unit.odds.upsert_many([quote()]) == Changes(inserted=1)
        assert unit.odds.count() == 1
        assert reader.value("SELECT count(*) FROM odds") == 0
    assert reader.value("SELECT count(*) FROM odds") == 0


@pytest.mark.usefixtures("football")
def test_an_upsert_sends_the_same_few_statements_for_any_number_of_rows(layer: Layer) -> None:
    counts = []
    with layer.unit() as unit:
        for number in (1, 2000):
            with statements(layer.engine) as sent:
                unit.teams.upsert_many([team(f"{number}-{at}") for at in range(number)])
            counts.append(len(sent))
        assert counts[0] == counts[1] <= 4


@pytest.mark.usefixtures("football")
def test_an_upsert_takes_any_unique_key_and_then_changes_the_natural_one(layer: Layer, reader: Reader) -> None:
    rows = [{"id": 1, "name": "Arsenal FC", "country": "England"}, {"id": 9, "name": "Leeds", "country": "England"}]
    with layer.unit() as unit:
        assert unit.teams.upsert_many(rows, key=["id"]) == Changes(inserted=1, updated=1)
        assert unit.bookmakers.upsert_many([book("PS", name="Pinnacle")]) == Changes(updated=1)
        assert unit.bookmakers.upsert_many([book("PS", name="Pinnacle")], key=("key",)) == Changes()
        unit.commit()
    assert reader.rows("SELECT id, name FROM teams ORDER BY id") == [(1, "Arsenal FC"), (2, "Chelsea"), (9, "Leeds")]


def test_rows_that_name_their_key_alone_are_entered_once(layer: Layer) -> None:
    with layer.unit() as unit:
        assert unit.teams.upsert_many([team("A"), team("B")]) == Changes(inserted=2)
        assert unit.teams.upsert_many([team("B"), team("C")]) == Changes(inserted=1)
        assert [row.name for row in unit.teams.get_all()] == ["A", "B", "C"]


@pytest.mark.usefixtures("football")
def test_a_price_given_as_a_float_is_the_decimal_that_it_prints(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        made = unit.odds.create(**quote(home_price=1.9))
        unit.odds.create_many([quote(bookmaker_id=2, home_price=1.85)])
        unit.odds.upsert_many([quote(match_id=2, home_price=2.05)])
        unit.odds.update(made.id, away_price=8.1)
        unit.commit()
        assert unit.odds.count(home_price=1.9, away_price=8.1) == 1
    prices = reader.rows("SELECT home_price::text, away_price::text FROM odds ORDER BY id")
    assert prices == [("1.9", "8.1"), ("1.85", "8"), ("2.05", "8")]


SPELLINGS = [
    "",
    " ",
    r"\N",
    r"\.",
    "\\",
    "\\\\t",
    "a\tb",
    "a\nb\r\nc",
    'O\'Higgins "the" club',
    "NULL",
    "a,b;c%s%(x)s:y",
    "Željezničar 東京 🏟",
    "\x85\u2028\ufeff",
]


def test_every_text_is_upserted_letter_by_letter(layer: Layer) -> None:
    rows = [team(spelling, country) for spelling in SPELLINGS for country in ("x", "\\\t")]
    with layer.unit() as unit:
        assert unit.teams.upsert_many(rows) == Changes(inserted=len(rows))
        assert unit.teams.upsert_many(rows) == Changes()
        held = {(row.name, row.country) for row in unit.teams.get_all()}
        assert held == {(row["name"], row["country"]) for row in rows}


ABROAD = timezone(timedelta(hours=-5))


@pytest.mark.usefixtures("football")
def test_dates_instants_labels_numbers_and_truths_are_upserted_by_their_value(layer: Layer) -> None:
    late = datetime(2019, 8, 10, 23, 30, 1, 250, tzinfo=ABROAD)
    game = match(1, kickoff_at=late, match_date=date(2019, 8, 11), home_goals=2, away_goals=0)
    snapshot = quote(price_kind=PriceKind.SNAPSHOT, captured_at=late, home_price=Decimal("1.40"))
    health = {"sweep_id": UUID(int=7), "swept_at": NOON, "check_name": "c", "subject": "s", "finding": "f"}
    finding = {**health, "severity": HealthSeverity.OK, "value": 0.1 + 0.2}
    with layer.unit() as unit:
        assert unit.matches.upsert_many([game]) == Changes(updated=1)
        assert unit.odds.upsert_many([snapshot]) == Changes(inserted=1)
        assert unit.bookmakers.upsert_many([book("PS", is_exchange=True)]) == Changes(updated=1)
        assert unit.health.upsert_many([finding]) == Changes(inserted=1)
        for changes in (
            unit.matches.upsert_many([{**game, "kickoff_at": late.astimezone(UTC)}]),
            unit.odds.upsert_many([{**snapshot, "home_price": Decimal("1.4")}]),
            unit.health.upsert_many([finding]),
        ):
            assert changes == Changes()
        held = [
            next(iter(rows))
            for rows in (unit.matches.get_by_field("id", 1), unit.odds.get_all(), unit.health.get_all())
        ]
        for row, given_row in zip(held, (game, snapshot, finding), strict=True):
            assert {name: getattr(row, name) for name in given_row} == given_row
        assert [row.is_exchange for row in unit.bookmakers.get_all()] == [False, True]


NESTED = {"a": [1, 2.5, None, True], "ü\"'\\\t\n": {r"\N": r"\N", "deep": {"text": 'tab\tquote"back\\slash\n\u2028'}}}


@pytest.mark.usefixtures("football")
def test_json_is_kept_as_given_by_every_way_of_writing(layer: Layer) -> None:
    with layer.unit() as unit:
        assert unit.team_dna.upsert_many([dna(market=NESTED)]) == Changes(inserted=1)
        assert unit.team_dna.upsert_many([dna(market=NESTED)]) == Changes()
        made = unit.team_dna.create(**dna(team_id=2, market=NESTED))
        unit.team_dna.create_many([dna(season="2018-19", market=NESTED)])
        unit.team_dna.update(made.id, luck=NESTED)
        assert [row.market for row in unit.team_dna.get_all()] == [NESTED] * 3
        assert [row.id for row in unit.team_dna.get_all() if row.luck == NESTED] == [made.id]
        assert unit.team_dna.upsert_many([dna(market={**NESTED, "a": [1, 2.5]})]) == Changes(updated=1)


@pytest.mark.usefixtures("football")
def test_a_value_that_cannot_be_written_is_no_obstacle_to_the_next_upsert(layer: Layer) -> None:
    with layer.unit() as unit:
        with pytest.raises((TypeError, ValueError)):
            unit.team_dna.upsert_many([dna(market={"n": object()})])
        assert unit.team_dna.upsert_many([dna()]) == Changes(inserted=1)


VALUES = st.tuples(
    st.integers(1, 2),
    st.sampled_from([None, Decimal("0.0"), Decimal("-0.25")]),
    st.sampled_from([None, NOON]),
    st.sampled_from([Decimal("1.9"), Decimal("1.90"), Decimal(2), Decimal("2.01")]),
)
Key = tuple[int, Decimal, datetime | None]


def handicap(at: tuple[int, Decimal | None, datetime | None, Decimal]) -> Row:
    """A handicap quote; without a line it would break a rule, and stands on the line 0.5."""
    bookmaker, line, captured, price = at
    sides = {"home_price": price, "draw_price": None, "away_price": Decimal(2)}
    chosen = Decimal("0.5") if line is None else line
    return quote(market=Market.ASIAN_HANDICAP, bookmaker_id=bookmaker, line=chosen, captured_at=captured, **sides)


def key_of(row: Row | Odds) -> Key:
    own: Row = row if isinstance(row, dict) else row.to_dict()
    return own["bookmaker_id"], own["line"], own["captured_at"]


def price_of(row: Row | Odds) -> Decimal:
    price: Decimal = (row if isinstance(row, dict) else row.to_dict())["home_price"]
    return price


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(VALUES, max_size=6, unique_by=lambda at: (at[0], at[1], at[2])), max_size=4))
def test_any_upserts_leave_what_a_dictionary_holds_that_was_updated_the_same_way(
    football_sessions: sessionmaker[Session], batches: list[list[tuple[int, Decimal | None, datetime | None, Decimal]]]
) -> None:
    expected: dict[Key, Decimal] = {}
    with UnitOfWork(football_sessions) as unit:
        for batch in batches:
            rows = [handicap(at) for at in batch]
            new = [row for row in rows if key_of(row) not in expected]
            changed = [row for row in rows if expected.get(key_of(row), price_of(row)) != price_of(row)]
            assert unit.odds.upsert_many(rows) == Changes(inserted=len(new), updated=len(changed))
            expected.update({key_of(row): price_of(row) for row in rows})
        assert {key_of(row): price_of(row) for row in unit.odds.get_all()} == expected


@pytest.fixture
def football_sessions(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Sessions on a database with a league, two teams, two bookmakers and three matches."""
    with UnitOfWork(sessions) as unit:
        enter_football(None, unit)
        unit.commit()
    return sessions
