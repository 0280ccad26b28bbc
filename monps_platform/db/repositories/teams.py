"""Leagues, clubs and how sources spell them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from monps_platform.db.locks import lock
from monps_platform.db.models import League, Team, TeamAlias
from monps_platform.domain import leagues as domain


class UnresolvedTeamError(RuntimeError):
    """Spellings that no team answers to."""


class LeagueRepository:
    """The leagues of the platform's reference list."""

    _VALUES = ("name", "country", "tier", "understat_name", "odds_api_key", "is_simulated")

    def __init__(self, session: Session) -> None:
        self._session = session

    def ensure_all(self) -> None:
        """Bring the table to the reference list of the domain; unchanged rows stay untouched."""
        names = ("code", *self._VALUES)
        held = {tuple(row) for row in self._session.execute(select(*(getattr(League, name) for name in names)))}
        wanted = [tuple(getattr(item, name) for name in names) for item in domain.LEAGUES]
        # Rows that are right are not even offered: each would use up one of the 32,767 ids.
        rows = [dict(zip(names, values, strict=True)) for values in wanted if values not in held]
        if rows:
            statement = insert(League).values(rows)
            values = {name: statement.excluded[name] for name in self._VALUES}
            self._session.execute(
                statement.on_conflict_do_update(index_elements=["code"], set_={**values, "updated_at": func.now()})
            )

    def id_of(self, code: str) -> int:
        """The id of a league; raises NoResultFound when the reference list has not been loaded."""
        return self._session.scalars(select(League.id).where(League.code == code)).one()


class TeamRepository:
    """Clubs, found through the spelling of a source in a league."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def resolve(self, source: str, league: domain.League, spellings: Collection[str]) -> Mapping[str, int]:
        """Team ids by spelling, for the source that founds the identities.

        A spelling new to a league is the club that the same source spells the same way elsewhere in the country;
        else it is a new club. Nothing is compared but whole spellings. Raises UnresolvedTeamError for a spelling
        that is queued for a person to decide.
        """
        league_id = LeagueRepository(self._session).id_of(league.code)
        known = self._known(source, league_id)
        if missing := sorted(set(spellings) - known.keys()):
            # Two partitions of one country may bring the same new club at the same time.
            lock(self._session, "teams", league.country)
            for spelling in missing:
                self._enter(source, league, league_id, spelling)
            known = self._known(source, league_id)
        if unresolved := sorted(set(spellings) - known.keys()):
            raise UnresolvedTeamError(
                f"{league.code}: no club is known for {', '.join(unresolved)} of {source}: resolve the spelling in "
                "team_aliases first"
            )
        return {spelling: known[spelling] for spelling in spellings}

    def _known(self, source: str, league_id: int) -> dict[str, int]:
        rows = self._session.execute(
            select(TeamAlias.spelling, TeamAlias.team_id).where(
                TeamAlias.source == source, TeamAlias.league_id == league_id, TeamAlias.team_id.is_not(None)
            )
        )
        return {spelling: team_id for spelling, team_id in rows if team_id is not None}

    def _enter(self, source: str, league: domain.League, league_id: int, spelling: str) -> None:
        team_id = self._same_spelling(source, league.country, spelling)
        method = "same_spelling_in_country" if team_id is not None else "founding_source"
        if team_id is None:
            team_id = self._create(league.country, spelling)
        self._session.execute(
            insert(TeamAlias)
            .values(
                source=source,
                league_id=league_id,
                spelling=spelling,
                team_id=team_id,
                method=method,
                evidence={"source": source, "league": league.code, "spelling": spelling},
            )
            .on_conflict_do_nothing()
        )

    def _same_spelling(self, source: str, country: str, spelling: str) -> int | None:
        return self._session.scalars(
            select(TeamAlias.team_id)
            .join(League, League.id == TeamAlias.league_id)
            .where(TeamAlias.source == source, TeamAlias.spelling == spelling, League.country == country)
            .where(TeamAlias.team_id.is_not(None))
            .limit(1)
        ).one_or_none()

    def _create(self, country: str, name: str) -> int:
        self._session.execute(insert(Team).values(country=country, name=name).on_conflict_do_nothing())
        return self._session.scalars(select(Team.id).where(Team.country == country, Team.name == name)).one()
