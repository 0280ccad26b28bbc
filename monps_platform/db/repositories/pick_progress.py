"""How far the work on picks is: what each step saw of a league's season when it was last done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from monps_platform.db import models
from monps_platform.db.models import PickProgress
from monps_platform.db.models.picks import CLOSING, SETTLEMENT
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.db.repositories.teams import LeagueRepository
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PickStep
from monps_platform.domain.seasons import Season

# A row that was written again has another xmin: sums and counts of them tell any change, also of a transaction that
# began before another one and ended after it, which time stamps would not.
_STATE = """SELECT l.code, m.season, count(*) || ':' || sum({row}.xmin::text::bigint) FROM {source}
    JOIN leagues l ON l.id = m.league_id GROUP BY l.code, m.season"""
_MATCHES = text(_STATE.format(row="m", source="matches m"))
_ODDS = text(_STATE.format(row="o", source="odds o JOIN matches m ON m.id = o.match_id"))
_FORECASTS = text(
    _STATE.format(
        row="f",
        source="quantum.match_forecasts f JOIN matches m ON m.id = f.match_id AND f.model = 'dixon_coles'",
    )
)
# Not by xmin: the steps write to these rows themselves, and must find them as they left them.
_DIGEST = "sum(hashtextextended(({})::text, p.id))::text"
_TAKEN_FOR = ("strategy", "model_probability", "edge")
"""What a pick was taken for: no trigger refuses a change of it."""
_TAKEN, _CLOSINGS, _SETTLEMENTS = (
    _DIGEST.format(", ".join(f"p.{name}" for name in part)) for part in (_TAKEN_FOR, CLOSING, SETTLEMENT)
)
_PICKS = text(f"""SELECT l.code, m.season, count(*), count(*) FILTER (WHERE p.origin <> 'walk_forward'),
    count(*) || ':' || sum(p.id), {_TAKEN}, {_CLOSINGS}, {_SETTLEMENTS} FROM tracking_clv_picks p
    JOIN matches m ON m.id = p.match_id JOIN leagues l ON l.id = m.league_id
    WHERE CAST(:league AS text) IS NULL OR (l.code = :league AND m.season = :season)
    GROUP BY l.code, m.season""")  # noqa: S608 - own texts


@dataclass(frozen=True, slots=True)
class PicksHeld:
    """The picks of a league's season: how many, how many of them somebody took (the platform withdraws none of these),
    and texts that tell whether they are still the same, what they were taken for, how they closed and how they ended.
    """

    count: int = 0
    lasting: int = 0
    state: str = ""
    taken: str = ""
    closings: str = ""
    settlements: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the tables hold of a league's season, as texts that change with any row; and what the steps last saw."""

    matches: str
    odds: str
    forecasts: str
    picks: PicksHeld
    seen: Mapping[PickStep, str]


class PickProgressRepository(Repository[PickProgress, SessionT]):
    """Progress by league, season and step."""

    model = PickProgress

    @operation
    def standings(self, session: Session) -> Mapping[Partition, Standing]:
        """Every league's season that has matches, oldest first."""
        matches, odds, forecasts = (
            {(row[0], row[1]): row[2] for row in session.execute(query)} for query in (_MATCHES, _ODDS, _FORECASTS)
        )
        picks = _picks(session)
        seen: dict[tuple[str, str], dict[PickStep, str]] = {}
        columns = (models.League.code, PickProgress.season, PickProgress.step, PickProgress.inputs_sha256)
        for code, season, step, sha256 in session.execute(select(*columns).join(PickProgress.league)):
            seen.setdefault((code, season), {})[step] = sha256
        return {
            Partition(league(key[0]), Season.parse(key[1])): Standing(
                matches[key], odds.get(key, ""), forecasts.get(key, ""), picks.get(key, PicksHeld()), seen.get(key, {})
            )
            for key in sorted(matches, key=lambda key: (key[1], key[0]))
        }

    @operation
    def picks(self, session: Session, partition: Partition) -> PicksHeld:
        """The picks of a league's season as they are now."""
        named = partition.league.code, partition.season.name
        return _picks(session, *named).get(named, PicksHeld())

    @operation
    def note(
        self,
        session: Session,
        partition: Partition,
        step: PickStep,
        inputs_sha256: str,
        held: PicksHeld,
        *,
        taken: int = 0,
    ) -> None:
        """Keep that a step was done for what it saw, and what was held then; ``taken`` picks that last came of it.

        The number of those that last is never noted lower than it was, whatever is held: who deletes some is told of.
        """
        season = {
            "league_id": LeagueRepository(session).id_of(partition.league.code),
            "season": partition.season.name,
        }
        noted = session.scalar(select(func.max(PickProgress.lasting)).filter_by(**season)) or 0
        row = {
            **season,
            "step": step,
            "inputs_sha256": inputs_sha256,
            "picks": held.count,
            "lasting": max(held.lasting, noted + taken),
        }
        PickProgressRepository(session).upsert_many([row])


def _picks(session: Session, code: str | None = None, season: str | None = None) -> dict[tuple[str, str], PicksHeld]:
    rows = session.execute(_PICKS, {"league": code, "season": season})
    return {(row[0], row[1]): PicksHeld(*row[2:]) for row in rows}
