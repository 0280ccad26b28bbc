"""The unit of work: one transaction, kept only when told so."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.models import League, Match, RawFile, Team, TeamAlias
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.leagues import LEAGUES
from monps_platform_tests.db.samples import E0, SEASON, SOURCE, Reader, played, raw_file, statements

REPOSITORIES = ("leagues", "teams", "bookmakers", "matches", "odds", "raw_files")
LEAGUE_COUNT = "SELECT count(*) FROM leagues"


def test_nothing_is_kept_without_a_commit(sessions: sessionmaker[Session], reader: Reader) -> None:
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        unit.bookmakers.ensure(["B365"])
        unit.raw_files.add(raw_file())
    for table in ("leagues", "bookmakers", "ops.raw_files"):
        assert reader.value(f"SELECT count(*) FROM {table}") == 0


def test_an_error_in_the_block_undoes_all_and_is_passed_on(sessions: sessionmaker[Session], reader: Reader) -> None:
    def fail() -> None:
        with UnitOfWork(sessions) as unit:
            unit.leagues.ensure_all()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert reader.value(LEAGUE_COUNT) == 0


def test_a_commit_keeps_what_was_done_before_it_and_nothing_after(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        unit.commit()
        unit.bookmakers.ensure(["B365"])
    assert reader.value(LEAGUE_COUNT) == len(LEAGUES)
    assert reader.value("SELECT count(*) FROM bookmakers") == 0


def test_a_rollback_undoes_what_was_done_since_the_commit_and_the_unit_goes_on(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        unit.commit()
        unit.bookmakers.ensure(["B365"])
        unit.rollback()
        unit.bookmakers.ensure(["PS"])
        unit.commit()
    assert reader.value(LEAGUE_COUNT) == len(LEAGUES)
    assert reader.rows("SELECT key FROM bookmakers") == [("PS",)]


def test_all_repositories_work_in_the_one_transaction(sessions: sessionmaker[Session]) -> None:
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        found = unit.teams.resolve(SOURCE, E0, ["Arsenal", "Chelsea"])
        assert unit.matches.replace_partition(SOURCE, E0, SEASON, [played("Arsenal", "Chelsea")]).inserted == 1
        assert unit.session.scalars(select(Match.home_team_id)).one() == found["Arsenal"]


@pytest.mark.parametrize("name", [*REPOSITORIES, "session", "commit", "rollback"])
def test_before_and_after_the_block_use_is_refused(sessions: sessionmaker[Session], name: str) -> None:
    def use() -> object:
        part = getattr(unit, name)
        return part() if callable(part) else part

    unit = UnitOfWork(sessions)
    with pytest.raises(RuntimeError, match="this unit of work is closed"):
        use()
    with unit:
        use()
    with pytest.raises(RuntimeError, match="this unit of work is closed"):
        use()


def test_a_repository_that_outlives_its_block_is_refused(sessions: sessionmaker[Session], reader: Reader) -> None:
    with UnitOfWork(sessions) as unit:
        leagues = unit.leagues
    with pytest.raises(InvalidRequestError, match="closed"):
        leagues.ensure_all()
    assert reader.value(LEAGUE_COUNT) == 0


def test_one_unit_serves_several_transactions_in_turn(sessions: sessionmaker[Session], reader: Reader) -> None:
    unit = UnitOfWork(sessions)
    with unit:
        unit.leagues.ensure_all()
        first = unit.leagues
        unit.commit()
    with unit:
        assert unit.leagues is unit.leagues
        assert unit.leagues is not first
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
