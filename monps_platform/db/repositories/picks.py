"""Picks: who took which price, what became of it, and how it compares with the close."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Double,
    Exists,
    Select,
    Table,
    Text,
    any_,
    cast,
    delete,
    exists,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy import Row as ResultRow
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from monps_platform.db.bulk.merge import Changes, copy_rows, staging, update_from_stage
from monps_platform.db.locks import lock
from monps_platform.db.models import Bookmaker, Match, Pick, PickCorrection, Team
from monps_platform.db.models import League as LeagueModel
from monps_platform.db.models.picks import BY_PLATFORM, CLOSING, SETTLEMENT, WHO, WHY
from monps_platform.db.repositories.arguments import InvalidQueryError, page
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import FRESH, SessionT, operation
from monps_platform.db.repositories.teams import LeagueRepository
from monps_platform.domain.closing import Closing
from monps_platform.domain.intervals import Rate, rate
from monps_platform.domain.leagues import League
from monps_platform.domain.leagues import league as league_of
from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.pick_resolution import PickKey, Terms
from monps_platform.domain.picks import PickOrigin, PickPart, PickResult, PickSide
from monps_platform.domain.seasons import Season
from monps_platform.domain.settlement import Backed
from monps_platform.domain.track_record.table import TrackedPick

_SEED = 1
"""The interval of the same picks is the same every time it is asked for."""

PLATFORM = "monps"
"""The name under which the platform corrects where it follows its sources; what makes it the platform is not the name.
"""

PickFigures = ResultRow[tuple[str, int, Decimal | None, Decimal | None, Decimal, Decimal | None, PickResult | None]]


@dataclass(frozen=True)
class ClvSummary:
    """An agent's picks against the close. Each rate holds the number of picks and of matches it rests on.

    ``mean_clv`` and ``mean_clv_no_vig`` are in per cent, over the picks that have the figure; ``beat_close`` is the
    share of picks with a closing price whose CLV is above 0; ``roi`` is profit by stake of the settled picks, void ones
    aside. Line-adjusted CLV is in none of them.
    """

    agent: str
    picks: int
    mean_clv: Rate
    mean_clv_no_vig: Rate
    beat_close: Rate
    roi: Rate


@dataclass(frozen=True, slots=True)
class AgentPick:
    """A pick of a built-in agent as it was taken; prices in decimal odds, the line in goals, the stake in units."""

    agent: str
    strategy: str | None
    match_id: int
    market: Market
    side: PickSide
    line: float | None
    bookmaker_id: int
    price_taken: float
    stake: float
    model_probability: float | None
    edge: float | None

    @property
    def bet(self) -> tuple[object, ...]:
        """What an agent picks at most once."""
        return self.agent, self.match_id, self.market, self.side

    @property
    def taken(self) -> tuple[object, ...]:
        """What was taken, which never changes; the rest says why, and may be told better later."""
        return *self.bet, self.line, self.bookmaker_id, self.price_taken, self.stake


@dataclass(frozen=True, slots=True)
class HeldAgentPick:
    """A pick of a built-in agent that is held, by its id; ``is_corrected``: a person corrected something of it."""

    pick_id: int
    origin: PickOrigin
    pick: AgentPick
    is_corrected: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a pick ended, and the units that it won."""

    result: PickResult
    profit: float


@dataclass(frozen=True, slots=True)
class PickState:
    """A pick with what is known of its close and of its end; ``by_hand``: the parts that a person corrected."""

    pick_id: int
    match_id: int
    backed: Backed
    bookmaker_id: int
    price_taken: float
    stake: float
    closing: Closing
    settlement: Settlement | None
    by_hand: frozenset[PickPart]


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
    def agents(self, session: Session) -> Sequence[str]:
        """The names of all agents that have picks."""
        return session.scalars(select(Pick.agent).distinct().order_by(Pick.agent)).all()

    @operation
    def of_agents(
        self, session: Session, league: League, season: Season, agents: Collection[str]
    ) -> Sequence[HeldAgentPick]:
        """What built-in agents picked in a league's season."""
        columns = (Pick.agent, Pick.strategy, Pick.match_id, Pick.market, Pick.side, cast(Pick.line, Double))
        rest = (Pick.bookmaker_id, cast(Pick.price_taken, Double), cast(Pick.stake, Double))
        found = select(Pick.id, Pick.origin, corrected(), *columns, *rest, Pick.model_probability, Pick.edge).where(
            Pick.match_id.in_(_matches(session, league, season)),
            Pick.agent.in_(agents),
            Pick.origin != PickOrigin.OWN,
        )
        rows = session.execute(found.order_by(Pick.id))
        return [
            HeldAgentPick(pick_id, origin, AgentPick(*values), is_corrected)
            for pick_id, origin, is_corrected, *values in rows
        ]

    @operation
    def partition_of(self, session: Session, pick_id: int) -> Partition | None:
        """The league's season of a pick's match; None where there is no such pick."""
        found = select(LeagueModel.code, Match.season).select_from(Pick).join(Pick.match).join(Match.league)
        row = session.execute(found.where(Pick.id == pick_id)).one_or_none()
        return None if row is None else Partition(league_of(row.code), Season.parse(row.season))

    @operation
    def hold(self, session: Session, partition: Partition) -> None:
        """Wait until nobody else works on the picks of a league's season, and let nobody until the transaction ends:
        who takes, closes, settles or corrects holds them before it reads.
        """
        lock(session, "picks", partition.league.code, partition.season.name)

    @operation
    def own(self, session: Session, match_ids: Collection[int]) -> Mapping[PickKey, Terms]:
        """The terms of the picks of persons on some matches, by what tells them apart."""
        columns = (Pick.agent, Pick.match_id, Pick.market, Pick.side, Pick.line, Bookmaker.key, Pick.taken_at)
        terms = (Pick.price_taken, Pick.stake, Pick.strategy, Pick.model_probability)
        found = select(*columns, *terms).join(Pick.bookmaker)
        own = Pick.origin == PickOrigin.OWN
        rows = session.execute(found.where(own, Pick.match_id == any_(_ids(match_ids))))
        return {
            (agent, match, market, side, line, book, at.astimezone(UTC)): (price, stake, strategy, probability)
            for agent, match, market, side, line, book, at, price, stake, strategy, probability in rows
            if at is not None
        }

    @operation
    def withdraw(self, session: Session, pick_ids: Collection[int]) -> Changes:
        """Delete walk-forward picks; those of another origin, or that a person corrected, stay, whatever is asked."""
        gone = delete(Pick).where(Pick.id == any_(_ids(pick_ids)), Pick.origin == PickOrigin.WALK_FORWARD, ~corrected())
        return Changes(deleted=len(session.execute(gone.returning(literal(1))).all()))

    @operation
    def states(self, session: Session, league: League, season: Season) -> Sequence[PickState]:
        """Every pick of a league's season with its close and its end."""
        rows = session.execute(_states().where(Pick.match_id.in_(_matches(session, league, season))).order_by(Pick.id))
        return [_state(*row) for row in rows]

    @operation
    def enter_closings(
        self, session: Session, closings: Mapping[int, Closing], *, why: str | None = None, who: str | None = None
    ) -> Changes:
        """Give picks, by their ids, their close. For the first time without ``why``; a correction needs it, and is
        kept. ``who`` is the person who corrects, None the platform.
        """
        return _enter(session, CLOSING, _closing_rows(closings), who, why)

    @operation
    def enter_settlements(
        self,
        session: Session,
        settlements: Mapping[int, Settlement | None],
        settled_at: datetime,
        *,
        why: str | None = None,
        who: str | None = None,
    ) -> Changes:
        """Settle picks, by their ids, or open them again (None). For the first time without ``why``; a correction needs
        it, and is kept. ``who`` is the person who corrects, None the platform.
        """
        rows = [
            (pick_id, None, None, None) if item is None else (pick_id, item.result, item.profit, settled_at)
            for pick_id, item in settlements.items()
        ]
        return _enter(session, SETTLEMENT, rows, who, why)

    @operation
    def tracked(
        self,
        session: Session,
        *,
        agents: Collection[str] | None = None,
        partitions: Collection[Partition] | None = None,
    ) -> Sequence[TrackedPick]:
        """Every pick (of some agents and leagues' seasons, if named) as a track record needs it."""
        numbers = [cast(getattr(Pick, name), Double) for name in ("price_taken", "stake", "profit")]
        clv = [cast(getattr(Pick, f"clv_{name}"), Double) for name in ("percentage", "no_vig_percentage")]
        adjusted = cast(Pick.clv_line_adjusted_percentage, Double)
        where = (LeagueModel.code, Match.season, Pick.market, Bookmaker.key, Pick.match_id, Match.match_date)
        price, stake, profit = numbers
        found = (
            select(Pick.id, Pick.agent, Pick.origin, *where, price, stake, Pick.result, profit)
            .add_columns(Pick.closing_source, Pick.no_closing_reason, *clv, adjusted)
            .join(Pick.match)
            .join(Match.league)
            .join(Pick.bookmaker)
        )
        return [TrackedPick(*row) for row in session.execute(_chosen(found, agents, partitions))]

    @operation
    def exported(
        self,
        session: Session,
        *,
        agents: Collection[str] | None = None,
        partitions: Collection[Partition] | None = None,
        own: bool = False,
    ) -> Sequence[Mapping[str, Any]]:
        """Every pick (of some agents and leagues' seasons, or of persons only) with names in place of ids, by day of
        the match.
        """
        found = select(*_exported()).join(Pick.match).join(Match.league).join(_HOME, Match.home_team)
        found = found.join(_AWAY, Match.away_team).join(_BOOK, Pick.bookmaker)
        found = _chosen(found.outerjoin(_CLOSER, Pick.closing_bookmaker), agents, partitions)
        if own:
            found = found.where(Pick.origin == PickOrigin.OWN)
        rows = session.execute(found.order_by(Match.match_date, Pick.match_id, Pick.id)).mappings()
        return [dict(row) for row in rows]

    @operation
    def clv_summary(self, session: Session, *, agent: str | None = None) -> Sequence[ClvSummary]:
        """One summary for each agent (or for one), by name; 95 % intervals by the cluster bootstrap over matches."""
        figures = select(
            Pick.agent,
            Pick.match_id,
            Pick.clv_percentage,
            Pick.clv_no_vig_percentage,
            Pick.stake,
            Pick.profit,
            Pick.result,
        ).order_by(Pick.agent, Pick.id)
        if agent is not None:
            figures = figures.where(Pick.agent == agent)
        rows = session.execute(figures)
        return [_summary(name, list(of_agent)) for name, of_agent in groupby(rows, key=lambda row: row.agent)]


_LATEST_FIRST = (Pick.taken_at.desc().nulls_last(), Match.match_date.desc(), Pick.id.desc())
_TABLE: Table = Pick.__table__  # type: ignore[assignment]  # a mapped class of a plain table


def corrected(*parts: PickPart) -> Exists:
    """Whether a person corrected a pick, or one of some parts of it."""
    by_hand = exists().where(PickCorrection.pick_id == Pick.id, ~PickCorrection.by_platform)
    return by_hand.where(PickCorrection.part.in_(parts)) if parts else by_hand


def _ids(values: Collection[int]) -> BindParameter[list[int]]:
    # One parameter for all: a statement takes 32,767 of them.
    return literal(list(values), ARRAY(BigInteger))


def _matches(session: Session, league: League, season: Season) -> Select[tuple[int]]:
    league_id = LeagueRepository(session).id_of(league.code)
    return select(Match.id).where(Match.league_id == league_id, Match.season == season.name)


def _chosen(
    found: Select[Any], agents: Collection[str] | None, partitions: Collection[Partition] | None
) -> Select[Any]:
    """The picks of some agents and of some leagues' seasons."""
    if agents is not None:
        found = found.where(Pick.agent.in_(agents))
    if partitions is not None:
        named = [(partition.league.code, partition.season.name) for partition in partitions]
        found = found.where(tuple_(LeagueModel.code, Match.season).in_(named))
    return found


_HOME, _AWAY, _BOOK, _CLOSER = aliased(Team), aliased(Team), aliased(Bookmaker), aliased(Bookmaker)


def _exported() -> list[Any]:
    """Columns under the names that a file of picks has them, then what the platform knows besides."""
    score = cast(Match.home_goals, Text).concat("-").concat(cast(Match.away_goals, Text))
    named = {
        "agent": Pick.agent,
        "league": LeagueModel.code,
        "date": Match.match_date,
        "home": _HOME.name,
        "away": _AWAY.name,
        "market": Pick.market,
        "side": Pick.side,
        "bookmaker": _BOOK.key,
        "price": Pick.price_taken,
        "stake": Pick.stake,
        "taken_at": Pick.taken_at,
        "line": Pick.line,
        "strategy": Pick.strategy,
        "model_probability": Pick.model_probability,
        "pick_id": Pick.id,
        "season": Match.season,
        "score": score,
        "closing_bookmaker": _CLOSER.key,
    }
    rest = ("origin", "edge", "hours_before_kickoff", "closing_price", "closing_source", "no_closing_reason")
    clv = [name for name in CLOSING if name.startswith("clv_")]
    others = {name: getattr(Pick, name) for name in (*rest, *clv, *SETTLEMENT, "data_version")}
    return [column.label(name) for name, column in {**named, **others}.items()]


def _states() -> Select[Any]:
    numbers = {
        name: cast(getattr(Pick, name), Double)
        for name in ("line", "price_taken", "stake", "profit", *CLOSING)
        if name.endswith(("price", "taken", "percentage")) or name in ("line", "stake", "profit")
    }
    by_hand = [corrected(part).label(part) for part in PickPart]
    bet = (Pick.market, Pick.side, numbers["line"], Pick.bookmaker_id, numbers["price_taken"], numbers["stake"])
    close = [numbers.get(name, getattr(Pick, name)) for name in CLOSING]  # in the order of Closing's fields
    return select(Pick.id, Pick.match_id, *bet, Pick.result, numbers["profit"], *by_hand, *close)


def _state(
    pick_id: int, match_id: int, market: Market, side: PickSide, line: float | None, bookmaker_id: int, *rest: Any
) -> PickState:
    price_taken, stake, result, profit, *others = rest
    by_hand, close = others[: len(PickPart)], others[len(PickPart) :]
    return PickState(
        pick_id,
        match_id,
        Backed(market, side, line),
        bookmaker_id,
        price_taken,
        stake,
        Closing(*close),
        None if result is None else Settlement(result, profit),
        frozenset(part for part, corrected in zip(PickPart, by_hand, strict=True) if corrected),
    )


def _closing_rows(closings: Mapping[int, Closing]) -> list[tuple[Any, ...]]:
    return [(pick_id, *astuple(closing)) for pick_id, closing in closings.items()]


def _enter(
    session: Session, columns: Sequence[str], rows: Sequence[Sequence[Any]], who: str | None, why: str | None
) -> Changes:
    """Update picks by their ids; ``who`` and ``why`` are what the database keeps of a correction."""
    if not rows:
        return Changes()
    if why is not None and not (why.strip() and (who is None or who.strip())):
        raise InvalidQueryError("a correction is kept with who made it and why: give both")
    _tell_corrector(session, who or PLATFORM, why or "", by_platform=who is None)
    connection = session.connection()
    with staging(connection, _TABLE, ("id", *columns)) as stage:
        copy_rows(connection, stage.name, ("id", *columns), rows)
        changes = update_from_stage(connection, _TABLE, stage, ("id",), columns)
    _tell_corrector(session, "", "", by_platform=False)  # what comes after it in the transaction is not of this
    return changes


def _tell_corrector(session: Session, who: str, why: str, *, by_platform: bool) -> None:
    """Tell the database, until the end of the transaction, who corrects and why."""
    settings = {WHO: who, WHY: why, BY_PLATFORM: "true" if by_platform else ""}
    session.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))


def _picks() -> Select[tuple[Pick]]:
    match = contains_eager(Pick.match).options(joinedload(Match.home_team), joinedload(Match.away_team))
    return select(Pick).join(Pick.match).options(match, joinedload(Pick.bookmaker)).execution_options(**FRESH)


def _summary(agent: str, rows: Sequence[PickFigures]) -> ClvSummary:
    closed = [row for row in rows if row.clv_percentage is not None]
    fair = [row for row in rows if row.clv_no_vig_percentage is not None]
    staked = [row for row in rows if row.profit is not None and row.result is not PickResult.VOID]
    return ClvSummary(
        agent,
        len(rows),
        mean_clv=_mean([row.clv_percentage for row in closed], closed),
        mean_clv_no_vig=_mean([row.clv_no_vig_percentage for row in fair], fair),
        beat_close=_mean([row.clv_percentage > 0 for row in closed], closed),
        roi=rate(
            [float(row.profit) for row in staked],
            [float(row.stake) for row in staked],
            [row.match_id for row in staked],
            _SEED,
        ),
    )


def _mean(values: Sequence[object], rows: Sequence[PickFigures]) -> Rate:
    return rate(np.array(values, dtype=np.float64), np.ones(len(values)), [row.match_id for row in rows], _SEED)
