"""The unit of work: one transaction, its repositories, and the only place that commits."""

from __future__ import annotations

from functools import cached_property
from types import TracebackType

from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.repositories.matches import MatchRepository
from monps_platform.db.repositories.odds import BookmakerRepository, OddsRepository
from monps_platform.db.repositories.raw_files import RawFileRepository
from monps_platform.db.repositories.teams import LeagueRepository, TeamRepository


class UnitOfWork:
    """A context manager around one transaction. Nothing is kept unless :meth:`commit` is called; leaving the block
    rolls back the rest. Use outside the block raises RuntimeError.
    """

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._session: Session | None = None

    def __enter__(self) -> UnitOfWork:
        self._session = self._sessions()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
        for name in ("leagues", "teams", "bookmakers", "matches", "odds", "raw_files"):
            self.__dict__.pop(name, None)

    @property
    def session(self) -> Session:
        """The session of the open transaction."""
        if self._session is None:
            raise RuntimeError("this unit of work is closed: use it inside its 'with' block")
        return self._session

    def commit(self) -> None:
        """Keep what was done so far."""
        self.session.commit()

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        self.session.rollback()

    @cached_property
    def leagues(self) -> LeagueRepository:
        """The leagues."""
        return LeagueRepository(self.session)

    @cached_property
    def teams(self) -> TeamRepository:
        """The clubs and their spellings."""
        return TeamRepository(self.session)

    @cached_property
    def bookmakers(self) -> BookmakerRepository:
        """The bookmakers."""
        return BookmakerRepository(self.session)

    @cached_property
    def matches(self) -> MatchRepository:
        """The matches."""
        return MatchRepository(self.session)

    @cached_property
    def odds(self) -> OddsRepository:
        """The odds."""
        return OddsRepository(self.session)

    @cached_property
    def raw_files(self) -> RawFileRepository:
        """The fetched files and the rejected rows."""
        return RawFileRepository(self.session)
