"""Units of work, sync and async: one transaction and its repositories, which never commit by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import Generic

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.errors import ReadOnlyError, raise_in_words, told_in_words
from monps_platform.db.repositories.alerts import AlertRepository
from monps_platform.db.repositories.aliases import AliasRepository
from monps_platform.db.repositories.api_requests import ApiRequestRepository
from monps_platform.db.repositories.betting import BettingRepository
from monps_platform.db.repositories.cards import CardRepository
from monps_platform.db.repositories.forecasts import ForecastRepository, GoalModelRepository
from monps_platform.db.repositories.health import HealthFindingRepository
from monps_platform.db.repositories.league_seasons import LeagueSeasonRepository
from monps_platform.db.repositories.matches import MatchRepository
from monps_platform.db.repositories.odds import BookmakerRepository, OddsRepository
from monps_platform.db.repositories.operation import SessionT
from monps_platform.db.repositories.pick_progress import PickProgressRepository
from monps_platform.db.repositories.picks import PickRepository
from monps_platform.db.repositories.quantum import (
    FrictionRepository,
    GoalscorerRepository,
    StrategyRepository,
    TacticalProfileRepository,
    TeamDnaRepository,
)
from monps_platform.db.repositories.raw_files import RawFileRepository
from monps_platform.db.repositories.teams import LeagueRepository, TeamRepository
from monps_platform.db.repositories.understat import (
    PlayerMatchRepository,
    PlayerSeasonRepository,
    ShotRepository,
    UnderstatMatchRepository,
)


class Repositories(Generic[SessionT]):
    """The repositories of one session, each made when it is asked for."""

    def __init__(self) -> None:
        self._open: SessionT | None = None

    @property
    def session(self) -> SessionT:
        """The session of the open transaction; raises RuntimeError outside the block."""
        if self._open is None:
            raise RuntimeError("this unit of work is closed: use it inside its 'with' block")
        return self._open

    def _begin(self, sessions: Callable[[], SessionT]) -> None:
        if self._open is not None:
            raise RuntimeError("this unit of work is open already: make another one for a transaction of its own")
        self._open = sessions()

    @property
    def leagues(self) -> LeagueRepository[SessionT]:
        """The leagues."""
        return LeagueRepository(self.session)

    @property
    def teams(self) -> TeamRepository[SessionT]:
        """The clubs and their spellings."""
        return TeamRepository(self.session)

    @property
    def aliases(self) -> AliasRepository[SessionT]:
        """The spellings of clubs."""
        return AliasRepository(self.session)

    @property
    def bookmakers(self) -> BookmakerRepository[SessionT]:
        """The bookmakers."""
        return BookmakerRepository(self.session)

    @property
    def matches(self) -> MatchRepository[SessionT]:
        """The matches."""
        return MatchRepository(self.session)

    @property
    def odds(self) -> OddsRepository[SessionT]:
        """The odds."""
        return OddsRepository(self.session)

    @property
    def raw_files(self) -> RawFileRepository[SessionT]:
        """The fetched files and the rejected rows."""
        return RawFileRepository(self.session)

    @property
    def understat_matches(self) -> UnderstatMatchRepository[SessionT]:
        """The matches that Understat lists."""
        return UnderstatMatchRepository(self.session)

    @property
    def shots(self) -> ShotRepository[SessionT]:
        """The shots."""
        return ShotRepository(self.session)

    @property
    def player_matches(self) -> PlayerMatchRepository[SessionT]:
        """The line-ups."""
        return PlayerMatchRepository(self.session)

    @property
    def player_seasons(self) -> PlayerSeasonRepository[SessionT]:
        """The players' seasons."""
        return PlayerSeasonRepository(self.session)

    @property
    def goal_models(self) -> GoalModelRepository[SessionT]:
        """The fitted goal models."""
        return GoalModelRepository(self.session)

    @property
    def betting(self) -> BettingRepository[SessionT]:
        """Matches with what could be bet on before them."""
        return BettingRepository(self.session)

    @property
    def cards(self) -> CardRepository[SessionT]:
        """The cards of teams and matches."""
        return CardRepository(self.session)

    @property
    def league_seasons(self) -> LeagueSeasonRepository[SessionT]:
        """Leagues' seasons with all that is known of their matches."""
        return LeagueSeasonRepository(self.session)

    @property
    def forecasts(self) -> ForecastRepository[SessionT]:
        """The forecasts of matches."""
        return ForecastRepository(self.session)

    @property
    def picks(self) -> PickRepository[SessionT]:
        """The picks."""
        return PickRepository(self.session)

    @property
    def pick_progress(self) -> PickProgressRepository[SessionT]:
        """How far the work on picks is."""
        return PickProgressRepository(self.session)

    @property
    def team_dna(self) -> TeamDnaRepository[SessionT]:
        """The DNA vectors of teams."""
        return TeamDnaRepository(self.session)

    @property
    def tactical_profiles(self) -> TacticalProfileRepository[SessionT]:
        """The tactical profiles of teams."""
        return TacticalProfileRepository(self.session)

    @property
    def friction(self) -> FrictionRepository[SessionT]:
        """The friction between pairs of teams."""
        return FrictionRepository(self.session)

    @property
    def strategies(self) -> StrategyRepository[SessionT]:
        """The strategies."""
        return StrategyRepository(self.session)

    @property
    def goalscorers(self) -> GoalscorerRepository[SessionT]:
        """The scorers."""
        return GoalscorerRepository(self.session)

    @property
    def api_requests(self) -> ApiRequestRepository[SessionT]:
        """The requests to services that count them."""
        return ApiRequestRepository(self.session)

    @property
    def health(self) -> HealthFindingRepository[SessionT]:
        """The findings of the health sweeps."""
        return HealthFindingRepository(self.session)

    @property
    def alerts(self) -> AlertRepository[SessionT]:
        """What people were alerted of."""
        return AlertRepository(self.session)


class UnitOfWork(Repositories[Session]):
    """A context manager around one transaction. Nothing is kept unless :meth:`commit` is called; leaving the block
    rolls back the rest. Use outside the block raises RuntimeError; a failing database raises
    :class:`monps_platform.db.errors.DatabaseError`.

    With ``read_only`` the sessions are those of ``session_factory(..., read_only=True)``, and a commit raises
    ReadOnlyError.
    """

    def __init__(self, sessions: sessionmaker[Session], *, read_only: bool = False) -> None:
        super().__init__()
        self._sessions = sessions
        self._read_only = read_only

    def __enter__(self) -> UnitOfWork:
        self._begin(self._sessions)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._open = self._open, None
        if session is not None:
            session.close()
            raise_in_words(error, session)

    def commit(self) -> None:
        """Keep what was done so far."""
        _refuse_if(self._read_only)
        with told_in_words(self.session):
            self.session.commit()

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        self.session.rollback()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of the transaction that is undone by itself when its block raises."""
        with self.session.begin_nested():
            yield


class AsyncUnitOfWork(Repositories[AsyncSession]):
    """The same for asyncio: ``async with``, and every method of a repository is awaited."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], *, read_only: bool = False) -> None:
        super().__init__()
        self._sessions = sessions
        self._read_only = read_only

    async def __aenter__(self) -> AsyncUnitOfWork:
        self._begin(self._sessions)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._open = self._open, None
        if session is not None:
            await session.close()
            raise_in_words(error, session.sync_session)

    async def commit(self) -> None:
        """Keep what was done so far."""
        _refuse_if(self._read_only)
        with told_in_words(self.session.sync_session):
            await self.session.commit()

    async def rollback(self) -> None:
        """Undo what was done since the last commit."""
        await self.session.rollback()

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part of the transaction that is undone by itself when its block raises."""
        async with self.session.begin_nested():
            yield


def _refuse_if(read_only: bool) -> None:
    if read_only:
        raise ReadOnlyError("a read-only unit of work has nothing to commit: leave read_only out where you write")
