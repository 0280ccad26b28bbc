"""Spellings of clubs: what each source calls them, and the evidence that it means them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, delete, false, func, select
from sqlalchemy.orm import Session

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.locks import lock
from monps_platform.db.models import Team, TeamAlias
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.db.repositories.teams import LeagueRepository
from monps_platform.domain.identities import Pairing
from monps_platform.domain.leagues import League
from monps_platform.domain.pick_resolution import folded
from monps_platform.domain.seasons import Season

SHARED_FIXTURES = "shared_fixtures"
"""The method of a spelling that was resolved by the fixtures that it shares with a club."""

NAMES_AND_FIXTURE = "names_and_fixture"
"""The method of a spelling that was resolved by the day of a match to come and both names of it."""

BY_HAND = "by_hand"
"""The method of a spelling that a person resolved."""


class IdentityConflictError(RuntimeError):
    """A spelling that means one club so far, and whose fixtures are another one's."""


class AliasRepository(Repository[TeamAlias, SessionT]):
    """Spellings by source and league."""

    model = TeamAlias

    @operation
    def teams(self, session: Session, source: str, league: League) -> Mapping[str, int]:
        """Team ids by the spellings of a source in a league; those that are not resolved are left out."""
        found = _of(session, source, league)
        return {alias.spelling: alias.team_id for alias in found if alias.team_id is not None}

    @operation
    def record_pairings(
        self, session: Session, source: str, league: League, season: Season, pairings: Sequence[Pairing]
    ) -> Changes:
        """Keep what a season's fixtures prove, with the evidence, and queue what they do not.

        A spelling that is resolved stays so while a season is too young to prove anything. Raises
        IdentityConflictError when a season proves that a resolved spelling is another club; nothing is changed then.
        """
        lock(session, "aliases", source, league.code)
        known = {alias.spelling: alias for alias in _of(session, source, league)}
        for pairing in pairings:
            if pairing.spelling in known:
                _require_same_club(known[pairing.spelling], season, pairing)
        league_id = LeagueRepository(session).id_of(league.code)
        changes = Changes()
        for pairing in pairings:
            alias = known.get(pairing.spelling)
            if alias is None:
                alias = TeamAlias(source=source, league_id=league_id, spelling=pairing.spelling)
                session.add(alias)
                changes += Changes(inserted=1)
                _learn(alias, season, pairing)
            else:
                changes += Changes(updated=int(_learn(alias, season, pairing)))
        session.flush()
        return changes

    @operation
    def learn(
        self, session: Session, source: str, league: League, learned: Mapping[str, tuple[int, Mapping[str, Any]]]
    ) -> Changes:
        """Keep which club each spelling means, by its names and a match to come, with the evidence. What is resolved
        stays as it is.
        """
        lock(session, "aliases", source, league.code)
        league_id = LeagueRepository(session).id_of(league.code)
        resolved = AliasRepository(session).teams(source, league)
        rows = [
            {
                "source": source,
                "league_id": league_id,
                "spelling": spelling,
                "team_id": team_id,
                "method": NAMES_AND_FIXTURE,
                "evidence": dict(evidence),
            }
            for spelling, (team_id, evidence) in sorted(learned.items())
            if spelling not in resolved
        ]
        return AliasRepository(session).upsert_many(rows)

    @operation
    def queue(self, session: Session, source: str, league: League, spellings: Collection[str]) -> Changes:
        """Enter spellings that nobody knows, for a person to resolve; those that are held stay as they are."""
        league_id = LeagueRepository(session).id_of(league.code)
        rows = [{"source": source, "league_id": league_id, "spelling": spelling} for spelling in sorted(spellings)]
        return AliasRepository(session).upsert_many(rows)

    @operation
    def settle(self, session: Session, source: str, league: League, spelling: str, team_id: int) -> Changes:
        """Keep that a spelling means a club, because a person says so, in place of what the source's other spellings of
        the same letters meant.
        """
        others = [
            alias.id
            for alias in _of(session, source, league)
            if alias.spelling != spelling and folded(alias.spelling) == folded(spelling)
        ]
        session.execute(delete(TeamAlias).where(TeamAlias.id.in_(others)))
        row = {
            "source": source,
            "league_id": LeagueRepository(session).id_of(league.code),
            "spelling": spelling,
            "team_id": team_id,
            "method": BY_HAND,
        }
        return Changes(deleted=len(others)) + AliasRepository(session).upsert_many([row])

    @operation
    def clubs(self, session: Session, source: str, league: League) -> Mapping[str, frozenset[int]]:
        """Team ids by folded spelling, for a source that spells as it likes: what a person said that it means by a
        spelling; else what any source calls the clubs of a league, and their own names.
        """
        league_id = LeagueRepository(session).id_of(league.code)
        here = (TeamAlias.league_id == league_id, TeamAlias.team_id.is_not(None))
        said = and_(TeamAlias.source == source, TeamAlias.method == BY_HAND)
        spelled = select(TeamAlias.spelling, TeamAlias.team_id, func.coalesce(said, false())).where(*here)
        called = select(Team.name, Team.id, false()).where(Team.id.in_(select(TeamAlias.team_id).where(*here)))
        found: dict[bool, dict[str, set[int]]] = {False: {}, True: {}}
        for name, team_id, is_said in session.execute(spelled.union(called)):
            found[is_said].setdefault(folded(name), set()).add(team_id)
        return {name: frozenset(ids) for name, ids in {**found[False], **found[True]}.items()}


def _of(session: Session, source: str, league: League) -> Sequence[TeamAlias]:
    league_id = LeagueRepository(session).id_of(league.code)
    found = select(TeamAlias).where(TeamAlias.source == source, TeamAlias.league_id == league_id)
    return session.scalars(found.order_by(TeamAlias.spelling)).all()


def _learn(alias: TeamAlias, season: Season, pairing: Pairing) -> bool:
    """Add a season's evidence; whether anything changed."""
    seasons: dict[str, Any] = dict((alias.evidence or {}).get("seasons", {}))
    before = seasons.get(season.name)
    seasons[season.name] = _evidence(pairing)
    resolves = alias.team_id is None and pairing.team is not None
    if before == seasons[season.name] and not resolves:
        return False
    alias.evidence = {**(alias.evidence or {}), "seasons": dict(sorted(seasons.items()))}
    if resolves:
        alias.team_id, alias.method = pairing.team, SHARED_FIXTURES
    return True


def _evidence(pairing: Pairing) -> dict[str, Any]:
    numbers = {"agreed": pairing.agreed, "compared": pairing.compared, "runner_up": pairing.runner_up}
    return numbers if pairing.reason is None else {**numbers, "not_proved": pairing.reason}


def _require_same_club(alias: TeamAlias, season: Season, pairing: Pairing) -> None:
    if alias.team_id is None or pairing.team in (None, alias.team_id):
        return
    raise IdentityConflictError(
        f"{alias.source} spells team {alias.team_id} {alias.spelling!r} so far, but in {season} its fixtures are those "
        f"of team {pairing.team} ({pairing.agreed} of {pairing.compared} agree). Look at both in teams and team_aliases"
    )
