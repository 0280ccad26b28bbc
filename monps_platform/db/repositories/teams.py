"""Leagues, clubs and how sources spell them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import Select, case, func, or_, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from monps_platform.db.locks import lock
from monps_platform.db.models import League, Match, Team, TeamAlias
from monps_platform.db.repositories.arguments import page, require_page
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.domain import leagues as domain


class UnresolvedTeamError(RuntimeError):
    """Spellings that no team answers to."""


class UnknownLeagueCodeError(LookupError):
    """A league code that the table does not hold."""


class UnknownTeamError(LookupError):
    """A name that no club has; the message holds the ones that come near."""


class AmbiguousTeamError(LookupError):
    """A name that several clubs have; the message says how to tell them apart."""


@dataclass(frozen=True)
class TeamRecord:
    """A club's results in one league and season; ``played`` is what every figure rests on."""

    team: Team
    played: int
    won: int
    drawn: int
    lost: int
    goals_for: int
    goals_against: int

    @property
    def points(self) -> int:
        """Three for a win, one for a draw; deductions by the league are not known here."""
        return 3 * self.won + self.drawn

    @property
    def points_per_match(self) -> float:
        """Points by matches played."""
        return self.points / self.played


class LeagueRepository(Repository[League, SessionT]):
    """The leagues of the platform's reference list."""

    model = League
    _VALUES = ("name", "country", "tier", "understat_name", "odds_api_key", "is_simulated")

    @operation
    def ensure_all(self, session: Session) -> None:
        """Bring the table to the reference list of the domain; unchanged rows stay untouched."""
        names = ("code", *self._VALUES)
        held = {tuple(row) for row in session.execute(select(*(getattr(League, name) for name in names)))}
        wanted = [tuple(getattr(item, name) for name in names) for item in domain.LEAGUES]
        # Rows that are right are not even offered: each would use up one of the 32,767 ids.
        rows = [dict(zip(names, values, strict=True)) for values in wanted if values not in held]
        if rows:
            statement = insert(League).values(rows)
            values = {name: statement.excluded[name] for name in self._VALUES}
            session.execute(
                statement.on_conflict_do_update(index_elements=["code"], set_={**values, "updated_at": func.now()})
            )

    @operation
    def id_of(self, session: Session, code: str) -> int:
        """The id of a league; raises UnknownLeagueCodeError when the table does not hold it."""
        found = session.scalars(select(League.id).where(League.code == code)).one_or_none()
        if found is None:
            known = session.scalars(select(League.code).order_by(League.code)).all()
            held = f"it holds {', '.join(known)}" if known else "it is empty: load some football first (monps up)"
            raise UnknownLeagueCodeError(f"the table leagues has no league {code!r}: {held}")
        return found


class TeamRepository(Repository[Team, SessionT]):
    """Clubs, found through the spelling of a source in a league."""

    model = Team

    @operation
    def get_by_name(self, session: Session, name: str, *, league: str | None = None) -> Team:
        """The club of a name: its canonical one, or any source's spelling (of a league's, by code, if one is named).

        Whole names are compared, letter by letter. Raises UnknownTeamError with the names that come near,
        AmbiguousTeamError when several clubs share it, or UnknownLeagueCodeError.
        """
        found = session.scalars(select(Team).where(Team.id.in_(_named(name, league))).order_by(Team.id)).all()
        if len(found) == 1:
            return found[0]
        if found:
            raise _ambiguous(name, league, found)
        if league is not None:
            LeagueRepository(session).id_of(league)  # raises where there is no such league
        raise _unknown(name, league, session.scalars(_names(league)).all())

    @operation
    def get_by_league(self, session: Session, league: str, *, season: str | None = None) -> Sequence[Team]:
        """The clubs that have a match in a league (in one season, if named), by name; two statements, for the league
        is looked up first. Raises UnknownLeagueCodeError.
        """
        league_id = LeagueRepository(session).id_of(league)
        played = [Match.league_id == league_id, *([] if season is None else [Match.season == season])]
        sides = union_all(select(Match.home_team_id).where(*played), select(Match.away_team_id).where(*played))
        return session.scalars(select(Team).where(Team.id.in_(sides)).order_by(Team.name)).all()

    @operation
    def get_top_performers(
        self, session: Session, league: str, season: str, *, limit: int = 10
    ) -> Sequence[TeamRecord]:
        """The clubs of a league's season with most points per match, then by goal difference and goals; two statements,
        for the league is looked up first. Raises UnknownLeagueCodeError.
        """
        require_page(0, limit)
        league_id = LeagueRepository(session).id_of(league)
        rows = session.execute(page(_records(league_id, season), 0, limit))
        return [TeamRecord(*row) for row in rows]

    @operation
    def resolve(
        self, session: Session, source: str, league: domain.League, spellings: Collection[str]
    ) -> Mapping[str, int]:
        """Team ids by spelling, for the source that founds the identities.

        A spelling new to a league is the club that the same source spells the same way elsewhere in the country;
        else it is a new club. Nothing is compared but whole spellings. Raises UnresolvedTeamError for a spelling
        that is queued for a person to decide.
        """
        league_id = LeagueRepository(session).id_of(league.code)
        known = _known(session, source, league_id)
        if missing := sorted(set(spellings) - known.keys()):
            # Two partitions of one country may bring the same new club at the same time.
            lock(session, "teams", league.country)
            for spelling in missing:
                _enter(session, source, league, league_id, spelling)
            known = _known(session, source, league_id)
        if unresolved := sorted(set(spellings) - known.keys()):
            raise UnresolvedTeamError(
                f"{league.code}: no club is known for {', '.join(unresolved)} of {source}: resolve the spelling in "
                "team_aliases first"
            )
        return {spelling: known[spelling] for spelling in spellings}


def _ambiguous(name: str, league: str | None, found: Sequence[Team]) -> AmbiguousTeamError:
    owners = ", ".join(f"{team.name} ({team.country}, id {team.id})" for team in found)
    way_out = "Name the league, too" if league is None else "Take one by its id"
    return AmbiguousTeamError(f"{len(found)} clubs are called {name!r}: {owners}. {way_out}")


def _unknown(name: str, league: str | None, names: Sequence[str]) -> UnknownTeamError:
    """Names that hold the one asked for, are part of it or resemble it, in any case, are suggested: never taken."""
    by_folded = {known.casefold(): known for known in names}
    asked = name.casefold().strip()
    near = [folded for folded in by_folded if asked and (asked in folded or folded in asked)]
    near += [folded for folded in get_close_matches(asked, by_folded, n=5) if folded not in near]
    suggested = ", ".join(by_folded[folded] for folded in near[:5])
    hint = f"Did you mean {suggested}?" if suggested else f"None of the {len(names)} known names comes near."
    return UnknownTeamError(f"no club{'' if league is None else f' in {league}'} is called {name!r}. {hint}")


def _named(name: str, league: str | None) -> Select[tuple[int]]:
    """Ids of the clubs that have a name; in a league, those that a source spells so or that play there."""
    spelled = select(TeamAlias.team_id).where(TeamAlias.spelling == name, TeamAlias.team_id.is_not(None))
    called = select(Team.id).where(Team.name == name)
    if league is not None:
        in_league = select(TeamAlias.team_id).join(League).where(League.code == league)
        spelled = spelled.join(League).where(League.code == league)
        called = called.where(Team.id.in_(in_league))
    return select(Team.id).where(or_(Team.id.in_(spelled), Team.id.in_(called)))


def _names(league: str | None) -> Select[tuple[str]]:
    """Every name a club answers to."""
    resolved = select(TeamAlias.spelling.label("name")).where(TeamAlias.team_id.is_not(None))
    canonical = select(Team.name)
    if league is not None:
        resolved = resolved.join(League).where(League.code == league)
        canonical = canonical.where(Team.id.in_(select(TeamAlias.team_id).join(League).where(League.code == league)))
    names = resolved.union(canonical).subquery()
    return select(names.c.name).order_by(names.c.name)


def _records(league_id: int, season: str) -> Select[tuple[Team, int, int, int, int, int, int]]:
    """A club and its results, the best first."""
    finished = [Match.league_id == league_id, Match.season == season, Match.home_goals.is_not(None)]
    home = select(
        Match.home_team_id.label("team_id"), Match.home_goals.label("scored"), Match.away_goals.label("let_in")
    )
    away = select(Match.away_team_id, Match.away_goals, Match.home_goals)
    sides = union_all(home.where(*finished), away.where(*finished)).subquery()
    scored, let_in = sides.c.scored, sides.c.let_in
    played, goals_for, goals_against = func.count(), func.sum(scored), func.sum(let_in)
    won, drawn, lost = (
        func.count().filter(outcome) for outcome in (scored > let_in, scored == let_in, scored < let_in)
    )
    points = func.sum(case((scored > let_in, 3), (scored == let_in, 1), else_=0))
    return (
        select(Team, played, won, drawn, lost, goals_for, goals_against)
        .join(sides, sides.c.team_id == Team.id)
        .group_by(Team.id)
        .order_by((points * 1.0 / played).desc(), (goals_for - goals_against).desc(), goals_for.desc(), Team.name)
    )


def _known(session: Session, source: str, league_id: int) -> dict[str, int]:
    rows = session.execute(
        select(TeamAlias.spelling, TeamAlias.team_id).where(
            TeamAlias.source == source, TeamAlias.league_id == league_id, TeamAlias.team_id.is_not(None)
        )
    )
    return {spelling: team_id for spelling, team_id in rows if team_id is not None}


def _enter(session: Session, source: str, league: domain.League, league_id: int, spelling: str) -> None:
    team_id = _same_spelling(session, source, league.country, spelling)
    method = "same_spelling_in_country" if team_id is not None else "founding_source"
    if team_id is None:
        team_id = _create(session, league.country, spelling)
    session.execute(
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


def _same_spelling(session: Session, source: str, country: str, spelling: str) -> int | None:
    return session.scalars(
        select(TeamAlias.team_id)
        .join(League, League.id == TeamAlias.league_id)
        .where(TeamAlias.source == source, TeamAlias.spelling == spelling, League.country == country)
        .where(TeamAlias.team_id.is_not(None))
        .limit(1)
    ).one_or_none()


def _create(session: Session, country: str, name: str) -> int:
    session.execute(insert(Team).values(country=country, name=name).on_conflict_do_nothing())
    return session.scalars(select(Team.id).where(Team.country == country, Team.name == name)).one()
