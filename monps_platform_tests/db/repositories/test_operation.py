"""One description of each query: a plain method on psycopg2, a coroutine on asyncpg, with types that say which."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from typing import Any, TypeVar, assert_type

import pytest
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.database import Database
from monps_platform.db.models import Bookmaker, Odds, Team
from monps_platform.db.repositories.arguments import InvalidQueryError
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.odds import BestPrice, OddsRepository
from monps_platform.db.repositories.operation import Bound, SessionT, operation, streamed
from monps_platform.db.repositories.teams import TeamRecord, TeamRepository, UnknownTeamError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.odds import Market
from monps_platform_tests.db.layers import AsyncLayer, Layer, SyncLayer

T = TypeVar("T")


class Clubs(Bound[SessionT]):
    """A repository of a test's own."""

    @operation
    def named(self, session: Session, prefix: str, *, limit: int = 2) -> list[str]:
        """Names that begin so."""
        return list(session.scalars(select(Team.name).where(Team.name.startswith(prefix)).limit(limit)))

    @operation
    def kind(self, session: Session) -> type[Session]:
        """The class of the session that the method is given."""
        return type(session)

    @streamed
    def of(self, country: str) -> Select[tuple[Team]]:
        """The clubs of a country."""
        if not country:
            raise InvalidQueryError("name a country")
        return select(Team).where(Team.country == country).order_by(Team.name)


def enter(unit: UnitOfWork) -> None:
    unit.teams.create_many([{"name": name, "country": "England"} for name in ("Leeds", "Leicester", "Hull")])


@pytest.fixture
def database(layer: Layer) -> Database:
    """A database with three clubs."""
    with layer.unit() as unit:
        enter(unit)
        unit.commit()
    return layer.database


@pytest.mark.parametrize("layer", [SyncLayer], indirect=True)
def test_in_a_plain_session_an_operation_is_a_method_and_a_stream_an_iterator(database: Database) -> None:
    with database.session() as session:
        clubs = Clubs(session)
        assert_type(clubs.named("Le"), list[str])
        assert sorted(clubs.named("Le")) == ["Leeds", "Leicester"]
        assert clubs.named(prefix="Le", limit=0) == []
        assert issubclass(clubs.kind(), Session)
        assert_type(clubs.of("England"), Iterator[Team])
        assert [club.name for club in clubs.of("England")] == ["Hull", "Leeds", "Leicester"]


@pytest.mark.parametrize("layer", [AsyncLayer], indirect=True)
def test_in_an_async_session_it_is_a_coroutine_and_an_async_iterator(layer: AsyncLayer, database: Database) -> None:
    async def use() -> None:
        async with database.async_session() as session:
            clubs = Clubs(session)
            waiting = [clubs.named("Le")]
            assert all(map(inspect.iscoroutine, waiting))
            assert_type(waiting, list[Coroutine[Any, Any, list[str]]])
            assert sorted(await waiting[0]) == ["Leeds", "Leicester"]
            assert await clubs.named(prefix="Le", limit=0) == []
            assert issubclass(await clubs.kind(), Session)
            assert_type(clubs.of("England"), AsyncIterator[Team])
            assert [club.name async for club in clubs.of("England")] == ["Hull", "Leeds", "Leicester"]

    layer.loop.run_until_complete(use())


@pytest.mark.parametrize("layer", [SyncLayer], indirect=True)
def test_types_of_a_plain_unit_are_what_comes_out(database: Database) -> None:
    with database.unit_of_work() as unit:
        assert isinstance(assert_type(unit.odds, OddsRepository[Session]), OddsRepository)
        assert isinstance(assert_type(unit.odds.session, Session), Session)
        assert assert_type(unit.odds.get_by_id(1), Odds | None) is None
        made = unit.bookmakers.create(key="k", name="n", is_aggregate=False, is_sharp=False, is_exchange=False)
        assert isinstance(assert_type(made, Bookmaker), Bookmaker)
        assert isinstance(assert_type(unit.bookmakers.upsert_many([]), Changes), Changes)
        assert isinstance(assert_type(unit.teams.count(country="England"), int), int)
        assert isinstance(assert_type(unit.teams.get_by_name("Leeds"), Team), Team)
        assert_rows(assert_type(unit.teams.get_all(limit=1), Sequence[Team]), Team)
        assert isinstance(assert_type(unit.odds.get_by_match(1, market=Market.ONE_X_TWO), Sequence[Odds]), list)
        assert isinstance(assert_type(unit.odds.best_prices(1, Market.ONE_X_TWO), Sequence[BestPrice]), list)
        rows = assert_type(unit.teams.stream(), Iterator[Team])
        assert isinstance(rows, Iterator)
        assert_rows(list(rows), Team)


@pytest.mark.parametrize("layer", [AsyncLayer], indirect=True)
def test_types_of_an_async_unit_are_what_comes_out(layer: AsyncLayer, database: Database) -> None:
    async def use() -> None:
        async with database.async_unit_of_work() as unit:
            assert isinstance(assert_type(unit.odds, OddsRepository[AsyncSession]), OddsRepository)
            assert isinstance(assert_type(unit.odds.session, AsyncSession), AsyncSession)
            assert assert_type(await awaited(unit.odds.get_by_id(1)), Odds | None) is None
            changes = await awaited(unit.bookmakers.upsert_many([]))
            assert isinstance(assert_type(changes, Changes), Changes)
            count = await awaited(unit.teams.count(country="England"))
            assert isinstance(assert_type(count, int), int)
            team = await awaited(unit.teams.get_by_name("Leeds"))
            assert isinstance(assert_type(team, Team), Team)
            teams = await awaited(unit.teams.get_all(limit=1))
            assert_rows(assert_type(teams, Sequence[Team]), Team)
            quotes = await awaited(unit.odds.get_by_match(1, market=Market.ONE_X_TWO))
            assert isinstance(assert_type(quotes, Sequence[Odds]), list)
            await awaited(unit.leagues.ensure_all())
            records = await awaited(unit.teams.get_top_performers("E0", "2019-20"))
            assert isinstance(assert_type(records, Sequence[TeamRecord]), list)
            rows = assert_type(unit.teams.stream(), AsyncIterator[Team])
            assert isinstance(rows, AsyncIterator)
            assert_rows([row async for row in rows], Team)
            wrong: Coroutine[Any, Any, int] = unit.teams.get_all()  # type: ignore[assignment]  # as it should be
            await wrong

    layer.loop.run_until_complete(use())


async def awaited(answer: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns, which a plain value would not be."""
    assert isinstance(answer, Coroutine)
    return await answer


def assert_rows(rows: Sequence[object], kind: type[object]) -> None:
    """There are rows, and each is of a class."""
    assert isinstance(rows, list)
    assert {type(row) for row in rows} == {kind}


@pytest.mark.usefixtures("database")
def test_what_the_query_raises_comes_out_of_either(layer: Layer) -> None:
    with layer.unit() as unit, pytest.raises(UnknownTeamError, match="Did you mean Leeds"):
        unit.teams.get_by_name("Leeds United")


@pytest.mark.parametrize("layer", [SyncLayer], indirect=True)
def test_a_stream_refuses_bad_arguments_when_it_is_called(database: Database) -> None:
    with database.session() as session, pytest.raises(InvalidQueryError, match="name a country"):
        Clubs(session).of("")


@pytest.mark.parametrize("layer", [AsyncLayer], indirect=True)
def test_an_async_stream_refuses_bad_arguments_when_it_is_called(layer: AsyncLayer, database: Database) -> None:
    async def use() -> None:
        async with database.async_session() as session:
            with pytest.raises(InvalidQueryError, match="name a country"):
                Clubs(session).of("")

    layer.loop.run_until_complete(use())


@pytest.mark.parametrize("layer", [AsyncLayer], indirect=True)
def test_tasks_with_a_unit_of_work_each_read_at_once(layer: AsyncLayer, database: Database) -> None:
    together = 4

    async def read(name: str) -> str:
        async with database.async_unit_of_work() as unit:
            await unit.teams.count()
            arrived.append(name)
            while len(arrived) < together:  # nobody goes on before all have a transaction open
                await asyncio.sleep(0)
            return (await unit.teams.get_by_name(name)).name

    async def use() -> list[str]:
        return await asyncio.gather(*(read(name) for name in names))

    names, arrived = ["Leeds", "Hull", "Leicester", "Leeds"], list[str]()
    assert layer.loop.run_until_complete(asyncio.wait_for(use(), 20)) == names


@pytest.mark.parametrize(
    ("method", "told"),
    [
        (OddsRepository.get_by_match, "Every quote of a match"),
        (TeamRepository.get_by_name, "The club of a name"),
        (Repository.upsert_many, "Insert rows that are new by their key"),
        (Repository.stream, "one after another"),
    ],
)
def test_the_description_of_a_method_is_read_from_its_class(method: object, told: str) -> None:
    assert told in (inspect.getdoc(method) or "")
