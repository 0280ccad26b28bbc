"""Odds of a league's season, replaced as a whole, and the bookmakers they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Double,
    Integer,
    Numeric,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    case,
    cast,
    column,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    values,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from monps_platform.db.bulk.merge import Changes, copy_binary, copy_rows, merge_stage, staging
from monps_platform.db.bulk.odds_rows import COLUMNS, PRICES, encode
from monps_platform.db.locks import lock
from monps_platform.db.models import Bookmaker, League, Match, Odds
from monps_platform.db.repositories.arguments import require_page, require_values
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import FRESH, SessionT, operation
from monps_platform.db.repositories.teams import LeagueRepository
from monps_platform.domain import bookmakers as bookmaker_domain
from monps_platform.domain import leagues as league_domain
from monps_platform.domain.odds import SIDES, Market, PriceKind, Quotes
from monps_platform.domain.quotes import Quote
from monps_platform.domain.seasons import Season
from monps_platform.domain.snapshots import SnapshotQuote

_TABLE: Table = Odds.__table__  # type: ignore[assignment]  # a mapped class of a plain table


@dataclass(frozen=True)
class BestPrice:
    """The highest price that stood on one side of a market, and who made it; decimal odds."""

    side: str
    line: Decimal | None
    price: Decimal
    bookmaker: str
    is_exchange: bool


class BookmakerRepository(Repository[Bookmaker, SessionT]):
    """Bookmakers, entered when a source first names them."""

    model = Bookmaker

    @operation
    def ensure(self, session: Session, keys: Collection[str]) -> Mapping[str, int]:
        """Ids by key; a bookmaker the platform has not met before is entered under its key."""
        known = _book_ids(session, keys)
        if missing := sorted(set(keys) - known.keys()):
            books = [bookmaker_domain.bookmaker(key) for key in missing]
            rows = [
                {
                    "key": book.key,
                    "name": book.name,
                    "is_aggregate": book.is_aggregate,
                    "is_sharp": book.is_sharp,
                    "is_exchange": book.is_exchange,
                }
                for book in books
            ]
            session.execute(insert(Bookmaker).values(rows).on_conflict_do_nothing(index_elements=["key"]))
            known = _book_ids(session, keys)
        return known

    @operation
    def directory(self, session: Session) -> Mapping[str, tuple[int | None, bookmaker_domain.Bookmaker]]:
        """Id and what is known of each bookmaker, by the letters of its key and of its name; without id those that the
        platform knows and has not met.
        """
        held = {row.key: row for row in session.scalars(select(Bookmaker).order_by(Bookmaker.id))}
        books = {**bookmaker_domain.KNOWN, **{key: _known(row) for key, row in held.items()}}
        return {
            bookmaker_domain.spelled(name): (held[key].id if key in held else None, book)
            for key, book in books.items()
            for name in (book.name, key)
        }


class OddsRepository(Repository[Odds, SessionT]):
    """Odds by match, and by league and season."""

    model = Odds

    @operation
    def get_by_match(
        self, session: Session, match_id: int, *, market: Market | None = None, price_kind: PriceKind | None = None
    ) -> Sequence[Odds]:
        """Every quote of a match with its bookmaker, by market, line, price kind and bookmaker."""
        given = _given(match_id=match_id, market=market, price_kind=price_kind)
        require_values(Odds, given)
        return session.scalars(_quotes_of_match(*given), given).all()

    @operation
    def get_by_league(
        self, session: Session, league: str, *, season: str | None = None, skip: int = 0, limit: int = 100
    ) -> Sequence[Odds]:
        """Quotes of a league's matches (of one season, if named), the latest match first, with match, teams and
        bookmaker. Two statements: a match comes once, not with each of its quotes.
        """
        require_page(skip, limit)
        given = _given(season=season)
        found = session.scalars(
            _quotes_of_league(*given), {"league": league, "skip": skip, "limit": limit, **given}
        ).all()
        if not found:
            LeagueRepository(session).id_of(league)  # raises when there is no such league
        _give_matches(session, found)
        return found

    @operation
    def get_line_movement(
        self, session: Session, match_id: int, market: Market, *, bookmaker: str | None = None
    ) -> Sequence[Odds]:
        """How prices and lines of a market moved: each bookmaker's quotes (or those of one, by key) from the pre-match
        price through the snapshots to the close, with the bookmaker.
        """
        given = _given(match_id=match_id, market=market, bookmaker=bookmaker)
        require_values(Odds, {"match_id": match_id, "market": market})
        return session.scalars(_movement_of_match(*given), given).all()

    @operation
    def quotes(
        self,
        session: Session,
        league: league_domain.League,
        season: Season,
        kinds: Collection[PriceKind],
        markets: Collection[Market] = tuple(Market),
    ) -> Sequence[Quote]:
        """The quotes of a league's season of some price kinds and markets, by match, as picks need them."""
        books = {row.id: _known(row) for row in session.scalars(select(Bookmaker))}
        columns = (Odds.match_id, Odds.market, cast(Odds.line, Double), Odds.bookmaker_id, Odds.price_kind)
        prices = [cast(getattr(Odds, name), Double) for name in PRICES]
        found = select(*columns, Odds.captured_at, *prices).where(
            Odds.match_id.in_(_matches(league, season)), Odds.price_kind.in_(kinds), Odds.market.in_(markets)
        )
        rows = session.execute(found.order_by(Odds.match_id, Odds.id))
        return [
            Quote(
                match_id,
                market,
                line,
                book,
                books[book],
                kind,
                at,
                tuple(price for price in given if price is not None),
            )
            for match_id, market, line, book, kind, at, *given in rows
        ]

    @operation
    def lines_before(
        self, session: Session, league: league_domain.League, season: Season
    ) -> Mapping[tuple[int, Market], Collection[float]]:
        """The lines that anybody quoted before each match of a league's season, by match and market; closing quotes
        are none of them.
        """
        early = or_(Odds.captured_at.is_(None), Match.kickoff_at.is_(None), Odds.captured_at < Match.kickoff_at)
        found = select(Odds.match_id, Odds.market, cast(Odds.line, Double)).distinct().join(Odds.match)
        found = found.where(Odds.match_id.in_(_matches(league, season)), Odds.price_kind != PriceKind.CLOSING, early)
        lines: dict[tuple[int, Market], set[float]] = {}
        for match_id, market, line in session.execute(found.where(Odds.line.is_not(None))):
            lines.setdefault((match_id, market), set()).add(line)
        return lines

    @operation
    def best_prices(
        self,
        session: Session,
        match_id: int,
        market: Market,
        *,
        price_kind: PriceKind = PriceKind.PRE_MATCH,
        exchanges: bool = True,
    ) -> Sequence[BestPrice]:
        """The best price of each line and side at a book where one can bet: aggregates never count, exchanges (whose
        prices are before commission) only if wanted. Of several snapshots of a book only the last counts.
        """
        require_values(Odds, {"match_id": match_id, "market": market, "price_kind": price_kind})
        rows = session.execute(_best_prices(match_id, market, price_kind, exchanges=exchanges))
        return [BestPrice(*row) for row in rows]

    @operation
    def replace_partition(
        self,
        session: Session,
        league: league_domain.League,
        season: Season,
        match_ids: Sequence[int],
        bookmakers: Sequence[str],
        quotes: Iterable[Quotes],
    ) -> Changes:
        """Bring the pre-match and closing odds of a league's season to the given quotes, in this transaction.

        ``match_ids`` are what the quotes' ``match`` points into, ``bookmakers`` their ``bookmaker``. A partition that
        is empty yet is copied straight into the table; another one is staged and merged, so that unchanged rows keep
        id and time stamps. Snapshots, which have a capture time, are not touched.
        """
        lock(session, "odds", league.code, season.name)
        ids = BookmakerRepository(session).ensure(bookmakers)
        book_ids = np.array([ids[key] for key in bookmakers], dtype=np.int64)
        data = encode(np.array(match_ids, dtype=np.int64), book_ids, list(quotes))
        connection = session.connection()
        if not _has_odds(session, league, season):
            return Changes(inserted=copy_binary(connection, _TABLE.name, COLUMNS, data))
        with staging(connection, _TABLE, COLUMNS) as stage:
            copy_binary(connection, stage.name, COLUMNS, data)
            deleted = _delete_unlisted(session, league, season, stage)
            values = (*PRICES, "overround")
            return Changes(deleted=deleted) + merge_stage(connection, _TABLE, stage, Odds.natural_key, values)

    @operation
    def append_snapshots(self, session: Session, quotes: Sequence[tuple[int, SnapshotQuote]]) -> Changes:
        """Add quotes of known instants to their matches, given by id. One that is held stays as it is, whatever is
        given, so that the same quotes twice change nothing.
        """
        ids = BookmakerRepository(session).ensure({quote.bookmaker for _, quote in quotes})
        columns = ("match_id", "bookmaker_id", "market", "line", "price_kind", "captured_at", *PRICES, "overround")
        connection = session.connection()
        with staging(connection, _TABLE, columns) as stage:
            rows = (_snapshot_row(match_id, ids[quote.bookmaker], quote) for match_id, quote in quotes)
            copy_rows(connection, stage.name, columns, rows)
            return merge_stage(connection, _TABLE, stage, Odds.natural_key, (), in_order=True)


def _snapshot_row(match_id: int, bookmaker_id: int, quote: SnapshotQuote) -> tuple[object, ...]:
    prices = {f"{side}_price": price for side, price in zip(SIDES[quote.market], quote.prices, strict=True)}
    margin = round(sum((1 / price for price in quote.prices), Decimal(-1)), 4)
    own = (match_id, bookmaker_id, quote.market.value, quote.line, PriceKind.SNAPSHOT.value, quote.captured_at)
    return (*own, *(prices.get(name) for name in PRICES), margin)


# Statements of the reads that are asked most are built once for each combination of filters, and their values bound
# when they run: building one anew takes longer than the server needs to answer it.


def _given(**filters: object) -> dict[str, object]:
    """The filters that have a value."""
    return {name: value for name, value in filters.items() if value is not None}


def _with_bookmaker(*filters: str) -> Select[tuple[Odds]]:
    """Quotes and, in the same statement, who made them; each filter is a parameter to be bound."""
    chosen = [_FILTERED[name] == bindparam(name) for name in filters]
    statement = select(Odds).join(Odds.bookmaker).options(contains_eager(Odds.bookmaker)).where(*chosen)
    return statement.execution_options(**FRESH)


_FILTERED: Mapping[str, InstrumentedAttribute[Any]] = MappingProxyType(
    {
        "match_id": Odds.match_id,
        "market": Odds.market,
        "price_kind": Odds.price_kind,
        "bookmaker": Bookmaker.key,
        "season": Match.season,
    }
)


@cache
def _quotes_of_match(*filters: str) -> Select[tuple[Odds]]:
    order = (Odds.market, Odds.line, Odds.price_kind, Odds.captured_at, Bookmaker.key)
    return _with_bookmaker(*filters).order_by(*order)


@cache
def _movement_of_match(*filters: str) -> Select[tuple[Odds]]:
    when = case({PriceKind.PRE_MATCH: 0, PriceKind.SNAPSHOT: 1, PriceKind.CLOSING: 2}, value=Odds.price_kind)
    return _with_bookmaker(*filters).order_by(Bookmaker.key, when, Odds.captured_at, Odds.line)


@cache
def _quotes_of_league(*filters: str) -> Select[tuple[Odds]]:
    league_id = select(League.id).where(League.code == bindparam("league")).scalar_subquery()
    return (
        _with_bookmaker(*filters)
        .join(Odds.match)
        .where(Match.league_id == league_id)
        .order_by(Match.match_date.desc(), Match.id.desc(), Odds.id)
        .offset(bindparam("skip", type_=Integer))
        .limit(bindparam("limit", type_=Integer))
    )


@cache
def _matches_with_teams() -> Select[tuple[Match]]:
    wanted = Match.id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    return select(Match).where(wanted).options(joinedload(Match.home_team), joinedload(Match.away_team))


def _give_matches(session: Session, quotes: Sequence[Odds]) -> None:
    """Load the quotes' matches and teams; selectinload() would do the same, and build its statement anew each time."""
    ids = list({quote.match_id for quote in quotes})
    matches = {match.id: match for match in session.scalars(_matches_with_teams(), {"ids": ids})} if ids else {}
    for quote in quotes:
        set_committed_value(quote, "match", matches[quote.match_id])


def _best_prices(
    match_id: int, market: Market, price_kind: PriceKind, *, exchanges: bool
) -> Select[tuple[str, Decimal | None, Decimal, str, bool]]:
    sides = values(column("side", Text), column("price", Numeric), name="sides")
    sides = sides.data([(name.removesuffix("_price"), getattr(Odds, name)) for name in PRICES]).lateral()
    quoted = (
        select(
            Odds.id,
            func.rank()
            .over(partition_by=Odds.bookmaker_id, order_by=Odds.captured_at.desc().nulls_last())
            .label("age"),
        )
        .where(Odds.match_id == match_id, Odds.market == market, Odds.price_kind == price_kind)
        .subquery()
    )
    newest = select(quoted.c.id).where(quoted.c.age == 1)
    statement = (
        select(sides.c.side, Odds.line, sides.c.price, Bookmaker.key, Bookmaker.is_exchange)
        .distinct(Odds.line, sides.c.side)
        .select_from(Odds)
        .join(Odds.bookmaker)
        .join(sides, true())
        .where(Odds.id.in_(newest), ~Bookmaker.is_aggregate, sides.c.price.is_not(None))
        .order_by(Odds.line, sides.c.side, sides.c.price.desc(), Bookmaker.key)
    )
    return statement if exchanges else statement.where(~Bookmaker.is_exchange)


def _known(row: Bookmaker) -> bookmaker_domain.Bookmaker:
    return bookmaker_domain.Bookmaker(row.key, row.name, row.is_aggregate, row.is_sharp, row.is_exchange)


def _book_ids(session: Session, keys: Collection[str]) -> dict[str, int]:
    rows = session.execute(select(Bookmaker.key, Bookmaker.id).where(Bookmaker.key.in_(keys)))
    return {row.key: row.id for row in rows}


def _has_odds(session: Session, league: league_domain.League, season: Season) -> bool:
    found = select(Odds.id).where(Odds.match_id.in_(_matches(league, season))).limit(1)
    return session.scalars(found).first() is not None


def _delete_unlisted(session: Session, league: league_domain.League, season: Season, stage: Table) -> int:
    # Equality, which can be hashed, where IS NOT DISTINCT FROM would compare every pair; no line is ever NaN.
    line = func.coalesce(Odds.line, literal_column("'NaN'::numeric"))
    staged_line = func.coalesce(stage.c.line, literal_column("'NaN'::numeric"))
    listed = exists().where(
        stage.c.match_id == Odds.match_id,
        stage.c.bookmaker_id == Odds.bookmaker_id,
        stage.c.market == Odds.market,
        stage.c.price_kind == Odds.price_kind,
        staged_line == line,
    )
    result = session.execute(
        delete(Odds).where(
            Odds.match_id.in_(_matches(league, season)),
            Odds.price_kind != PriceKind.SNAPSHOT,
            Odds.captured_at.is_(None),
            ~listed,
        ),
        execution_options={"synchronize_session": False},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DELETE's result has one


def _matches(league: league_domain.League, season: Season) -> Select[tuple[int]]:
    return (
        select(Match.id)
        .join(League, League.id == Match.league_id)
        .where(League.code == league.code, Match.season == season.name)
    )
