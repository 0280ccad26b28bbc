"""The unit of work: one transaction, kept only when told so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.errors import ReadOnlyError
from monps_platform.db.models import League, Match, RawFile, Team, TeamAlias
from monps_platform.db.unit_of_work import AsyncUnitOfWork, Repositories, UnitOfWork
from monps_platform.domain.leagues import LEAGUES
from monps_platform_tests.db.layers import AsyncLayer, Layer
from monps_platform_tests.db.samples import E0, SEASON, SOURCE, Reader, played, raw_file, statements

REPOSITORIES = [name for name, value in vars(Repositories).items() if isinstance(value, property)]
LEAGUE_COUNT = "SELECT count(*) FROM leagues"


def test_nothing_is_kept_without_a_commit(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        unit.leagues.ensure_all()
        unit.bookmakers.ensure(["B365"])
        unit.raw_files.add(raw_file())
    for table in ("leagues", "bookmakers", "ops.raw_files"):
        assert reader.value(f"SELECT count(*) FROM {table}") == 0


def test_an_error_in_the_block_undoes_all_and_is_passed_on(layer: Layer, reader: Reader) -> None:
    def fail() -> None:
        with layer.unit() as unit:
            unit.leagues.ensure_all()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert reader.value(LEAGUE_COUNT) == 0


def test_a_commit_keeps_what_was_done_before_it_and_nothing_after(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        unit.leagues.ensure_all()
        unit.commit()
        unit.bookmakers.ensure(["B365"])
    assert reader.value(LEAGUE_COUNT) == len(LEAGUES)
    assert reader.value("SELECT count(*) FROM bookmakers") == 0


def test_a_rollback_undoes_what_was_done_since_the_commit_and_the_unit_goes_on(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        unit.leagues.ensure_all()
        unit.commit()
        unit.bookmakers.ensure(["B365"])
        unit.rollback()
        unit.bookmakers.ensure(["PS"])
        unit.commit()
    assert reader.value(LEAGUE_COUNT) == len(LEAGUES)
    assert reader.rows("SELECT key FROM bookmakers") == [("PS",)]


KEYS = "SELECT key FROM bookmakers ORDER BY key"


def attempt(unit: UnitOfWork, key: str) -> None:
    """Enter a bookmaker in a savepoint, and fail."""
    with unit.savepoint():
        unit.bookmakers.ensure([key])
        raise ZeroDivisionError


def test_a_savepoint_undoes_its_part_alone_when_its_block_raises(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        unit.bookmakers.ensure(["before"])
        with pytest.raises(ZeroDivisionError):
            attempt(unit, "undone")
        with unit.savepoint():
            unit.bookmakers.ensure(["kept"])
        assert reader.rows(KEYS) == []
        unit.commit()
    assert reader.rows(KEYS) == [("before",), ("kept",)]


def test_savepoints_nest(layer: Layer, reader: Reader) -> None:
    def fail_around(unit: UnitOfWork) -> None:
        with unit.savepoint():
            unit.bookmakers.ensure(["outer undone"])
            with unit.savepoint():
                unit.bookmakers.ensure(["inner undone with it"])
            raise ZeroDivisionError

    with layer.unit() as unit:
        with unit.savepoint():
            unit.bookmakers.ensure(["outer"])
            with pytest.raises(ZeroDivisionError):
                attempt(unit, "inner undone")
            unit.bookmakers.ensure(["outer after inner"])
        with pytest.raises(ZeroDivisionError):
            fail_around(unit)
        unit.commit()
    assert reader.rows(KEYS) == [("outer",), ("outer after inner",)]


def test_a_savepoint_is_not_kept_without_a_commit(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit, unit.savepoint():
        unit.bookmakers.ensure(["B365"])
    assert reader.rows(KEYS) == []


WRITES: dict[str, Callable[[UnitOfWork], object]] = {
    "create": lambda unit: unit.teams.create(name="Leeds", country="England"),
    "create_many": lambda unit: unit.teams.create_many([{"name": "Leeds", "country": "England"}]),
    "upsert_many": lambda unit: unit.teams.upsert_many([{"name": "Leeds", "country": "England"}]),
    "update": lambda unit: unit.teams.update(1, name="Leeds"),
    "delete": lambda unit: unit.teams.delete(1),
    "ensure": lambda unit: unit.bookmakers.ensure(["NEW"]),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_the_server_refuses_every_write_of_a_read_only_unit(
    layer: Layer, reader: Reader, write: Callable[[UnitOfWork], object]
) -> None:
    reader.do("INSERT INTO teams (name, country) VALUES ('Hull', 'England')")
    before = reader.traces("teams")
    with pytest.raises(ReadOnlyError, match=r"read-only transaction.*Use a unit of work that is not read_only"):
        in_a_unit(layer, write, read_only=True)
    assert reader.traces("teams") == before
    assert reader.rows(KEYS) == []
    in_a_unit(layer, write)  # what was refused is a write that works


def in_a_unit(layer: Layer, use: Callable[[UnitOfWork], object], *, read_only: bool = False) -> None:
    with layer.unit(read_only=read_only) as unit:
        use(unit)


def test_a_read_only_unit_reads_and_has_nothing_to_commit(layer: Layer, reader: Reader) -> None:
    reader.do("INSERT INTO teams (name, country) VALUES ('Hull', 'England')")
    with layer.unit(read_only=True) as unit:
        assert unit.teams.get_by_name("Hull").id == 1
        with pytest.raises(ReadOnlyError, match="nothing to commit: leave read_only out where you write"):
            unit.commit()
        with unit.savepoint():
            assert unit.teams.count() == 1
        unit.rollback()
        assert [team.name for team in unit.teams.stream()] == ["Hull"]
    with layer.unit() as unit:
        unit.teams.create(name="Leeds", country="England")  # the same pool's connections can write again
        unit.commit()
    assert reader.value("SELECT count(*) FROM teams") == 2


def test_all_repositories_work_in_the_one_transaction(sessions: sessionmaker[Session]) -> None:
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        found = unit.teams.resolve(SOURCE, E0, ["Arsenal", "Chelsea"])
        assert unit.matches.replace_partition(SOURCE, E0, SEASON, [played("Arsenal", "Chelsea")]).inserted == 1
        assert unit.session.scalars(select(Match.home_team_id)).one() == found["Arsenal"]


def enter(unit: UnitOfWork, name: str) -> object:
    """Use one part of a unit."""
    part: Any = getattr(unit, name)
    if name == "savepoint":
        with part():
            return None
    return part() if name in ("commit", "rollback") else part


@pytest.mark.parametrize("name", [*REPOSITORIES, "commit", "rollback", "savepoint"])
def test_before_and_after_the_block_use_is_refused(layer: Layer, name: str) -> None:
    with pytest.raises(RuntimeError, match=CLOSED):
        enter(layer.database.unit_of_work(), name)
    with layer.unit() as unit:
        enter(unit, name)
    with pytest.raises(RuntimeError, match=CLOSED):
        enter(unit, name)


CLOSED = "this unit of work is closed: use it inside its 'with' block"


async def use_all(unit: AsyncUnitOfWork) -> None:
    for name in REPOSITORIES:
        with pytest.raises(RuntimeError, match=CLOSED):
            getattr(unit, name)
    for method in (unit.commit, unit.rollback, unit.savepoint().__aenter__):
        with pytest.raises(RuntimeError, match=CLOSED):
            await method()


@pytest.mark.parametrize("layer", [AsyncLayer], indirect=True)
def test_an_async_unit_refuses_use_outside_its_block_and_to_be_entered_twice(layer: AsyncLayer) -> None:
    async def use() -> None:
        unit = layer.database.async_unit_of_work()
        await use_all(unit)
        async with unit:
            with pytest.raises(RuntimeError, match="this unit of work is open already"):
                await unit.__aenter__()
            assert await unit.teams.count() == 0
        await use_all(unit)

    layer.loop.run_until_complete(use())


@pytest.mark.parametrize(
    "use",
    [
        lambda unit: unit.leagues.ensure_all,
        lambda unit: unit.teams.count,
        lambda unit: lambda rows=unit.teams: list(rows.stream()),
        lambda unit: lambda rows=unit.teams: rows.upsert_many([{"name": "Leeds", "country": "England"}]),
    ],
    ids=["ensure_all", "count", "stream", "upsert_many"],
)
def test_a_repository_that_outlives_its_block_is_refused(
    layer: Layer, reader: Reader, use: Callable[[UnitOfWork], Callable[[], object]]
) -> None:
    with layer.unit() as unit:
        late = use(unit)
    with pytest.raises(InvalidRequestError, match="closed"):
        late()
    assert reader.value(LEAGUE_COUNT) == 0


def test_a_unit_that_is_open_cannot_be_entered_once_more(sessions: sessionmaker[Session], engine: Engine) -> None:
    unit = UnitOfWork(sessions)
    with unit:
        unit.session.execute(text("SELECT 1"))
        with pytest.raises(RuntimeError, match="this unit of work is open already"), unit:
            pass
        assert unit.session.execute(text("SELECT 2")).scalar_one() == 2
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue pool counts


def test_one_unit_serves_several_transactions_in_turn(sessions: sessionmaker[Session], reader: Reader) -> None:
    unit = UnitOfWork(sessions)
    with unit:
        unit.leagues.ensure_all()
        first = unit.leagues
        unit.commit()
    with unit:
        assert unit.leagues.session is unit.session
        assert unit.leagues.session is not first.session
        unit.bookmakers.ensure(["B365"])
        unit.commit()
    assert reader.value(LEAGUE_COUNT) == len(LEAGUES)
    assert reader.value("SELECT count(*) FROM bookmakers") == 1


def test_a_connection_goes_back_to_the_pool_however_the_block_ends(
    sessions: sessionmaker[Session], engine: Engine
) -> None:
    for _ in range(20):
        with pytest.raises(SQLAlchemyError), UnitOfWork(sessions) as unit:
            unit.raw_files.add(raw_file(bytes=0))
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue pool counts


def test_a_unit_that_does_nothing_sends_nothing(sessions: sessionmaker[Session], engine: Engine) -> None:
    with statements(engine) as sent, UnitOfWork(sessions) as unit:
        unit.commit()
    assert sent == []


def test_what_was_read_stays_readable_after_the_block(sessions: sessionmaker[Session]) -> None:
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        unit.commit()
        league = unit.session.scalars(select(League).where(League.code == "E0")).one()
    assert league.to_dict() == {
        "id": 1,
        "code": "E0",
        "name": "Premier League",
        "country": "England",
        "tier": 1,
        "understat_name": "EPL",
        "odds_api_key": "soccer_epl",
        "is_simulated": False,
        "created_at": league.created_at,
        "updated_at": league.created_at,
    }
    assert league.created_at.tzinfo is not None


def test_models_say_what_they_are_without_their_values(sessions: sessionmaker[Session]) -> None:
    file = raw_file(url="https://user:hunter2@example.org/E0.csv")
    assert repr(file) == "RawFile(unsaved)"
    with UnitOfWork(sessions) as unit:
        unit.raw_files.add(file)
        assert repr(file) == "RawFile(1)"
        assert isinstance(file, RawFile)


def test_a_relationship_that_was_not_asked_for_is_refused_instead_of_fetched_row_by_row(
    sessions: sessionmaker[Session], engine: Engine
) -> None:
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        unit.teams.resolve(SOURCE, E0, ["Arsenal"])
        alias = unit.session.scalars(select(TeamAlias)).one()
        with statements(engine) as sent, pytest.raises(InvalidRequestError, match="lazy='raise'"):
            _ = alias.team
        assert sent == []
        assert unit.session.get_one(Team, alias.team_id).name == "Arsenal"
