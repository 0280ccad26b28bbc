"""Picks: who took which price, what became of it, and how it compares with the close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

import numpy as np
from sqlalchemy import Row as ResultRow
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from monps_platform.db.models import Match, Pick
from monps_platform.db.repositories.arguments import InvalidQueryError, page
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import FRESH, SessionT, operation
from monps_platform.domain.intervals import Rate, rate

_SEED = 1
"""The interval of the same picks is the same every time it is asked for."""

PickFigures = ResultRow[tuple[str, int, Decimal | None, Decimal | None, Decimal, Decimal | None]]


@dataclass(frozen=True)
class ClvSummary:
    """An agent's picks against the close. Each rate holds the number of picks and of matches it rests on.

    ``mean_clv`` and ``mean_clv_no_vig`` are in per cent, over the picks that have the figure; ``beat_close`` is the
    share of picks with a closing price whose CLV is above 0; ``roi`` is profit by stake of the settled picks. Line-
    adjusted CLV is in none of them.
    """

    agent: str
    picks: int
    mean_clv: Rate
    mean_clv_no_vig: Rate
    beat_close: Rate
    roi: Rate


class PickRepository(Repository[Pick, SessionT]):
    """The picks of all agents. What gives picks by agent, time or settlement loads match, teams and bookmaker with
    them, in the same statement.
    """

    model = Pick

    @operation
    def get_by_agent(self, session: Session, agent: str, *, skip: int = 0, limit: int = 100) -> Sequence[Pick]:
        """An agent's picks, the latest first."""
        return session.scalars(page(_picks().where(Pick.agent == agent).order_by(*_LATEST_FIRST), skip, limit)).all()

    @operation
    def get_recent_picks(self, session: Session, *, since: datetime | None = None, limit: int = 100) -> Sequence[Pick]:
        """The picks of all agents (since an instant with a time zone, if named), the latest first."""
        if since is not None and since.tzinfo is None:
            raise InvalidQueryError(f"since is {since} without a time zone: say which, as in datetime(..., tzinfo=UTC)")
        statement = _picks() if since is None else _picks().where(Pick.taken_at >= since)
        return session.scalars(page(statement.order_by(*_LATEST_FIRST), 0, limit)).all()

    @operation
    def unsettled(self, session: Session, *, played_before: date | None = None) -> Sequence[Pick]:
        """The picks without a result (of matches before a day, if named), by day of the match."""
        statement = _picks().where(Pick.result.is_(None))
        if played_before is not None:
            statement = statement.where(Match.match_date < played_before)
        return session.scalars(statement.order_by(Match.match_date, Pick.id)).all()

    @operation
    def clv_summary(self, session: Session, *, agent: str | None = None) -> Sequence[ClvSummary]:
        """One summary for each agent (or for one), by name; 95 % intervals by the cluster bootstrap over matches."""
        figures = select(
            Pick.agent, Pick.match_id, Pick.clv_percentage, Pick.clv_no_vig_percentage, Pick.stake, Pick.profit
        ).order_by(Pick.agent, Pick.id)
        if agent is not None:
            figures = figures.where(Pick.agent == agent)
        rows = session.execute(figures)
        return [_summary(name, list(of_agent)) for name, of_agent in groupby(rows, key=lambda row: row.agent)]


_LATEST_FIRST = (Pick.taken_at.desc(), Pick.id.desc())


def _picks() -> Select[tuple[Pick]]:
    match = contains_eager(Pick.match).options(joinedload(Match.home_team), joinedload(Match.away_team))
    return select(Pick).join(Pick.match).options(match, joinedload(Pick.bookmaker)).execution_options(**FRESH)


def _summary(agent: str, rows: Sequence[PickFigures]) -> ClvSummary:
    closed = [row for row in rows if row.clv_percentage is not None]
    fair = [row for row in rows if row.clv_no_vig_percentage is not None]
    settled = [row for row in rows if row.profit is not None]
    return ClvSummary(
        agent,
        len(rows),
        mean_clv=_mean([row.clv_percentage for row in closed], closed),
        mean_clv_no_vig=_mean([row.clv_no_vig_percentage for row in fair], fair),
        beat_close=_mean([row.clv_percentage > 0 for row in closed], closed),
        roi=rate(
            [float(row.profit) for row in settled],
            [float(row.stake) for row in settled],
            [row.match_id for row in settled],
            _SEED,
        ),
    )


def _mean(values: Sequence[object], rows: Sequence[PickFigures]) -> Rate:
    return rate(np.array(values, dtype=np.float64), np.ones(len(values)), [row.match_id for row in rows], _SEED)
