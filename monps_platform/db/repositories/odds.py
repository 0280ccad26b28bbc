"""Odds of a league's season, replaced as a whole, and the bookmakers they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, Table, delete, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from monps_platform.db.bulk import pgcopy
from monps_platform.db.bulk.merge import Changes, copy_binary, merge_stage, staging
from monps_platform.db.locks import lock
from monps_platform.db.models import Bookmaker, League, Match, Odds
from monps_platform.domain import bookmakers as bookmaker_domain
from monps_platform.domain import leagues as league_domain
from monps_platform.domain.odds import PRICE_SCALE, SIDES, PriceKind, Quotes, overround
from monps_platform.domain.seasons import Season

_TABLE: Table = Odds.__table__  # type: ignore[assignment]  # a mapped class of a plain table
_KEY = ("match_id", "bookmaker_id", "market", "line", "price_kind", "captured_at")
_PRICES = ("home_price", "draw_price", "away_price", "over_price", "under_price")
_COLUMNS = ("match_id", "bookmaker_id", "market", "line", "price_kind", *_PRICES, "overround")


class BookmakerRepository:
    """Bookmakers, entered when a source first names them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ensure(self, keys: Collection[str]) -> Mapping[str, int]:
        """Ids by key; a bookmaker the platform has not met before is entered under its key."""
        known = self._ids(keys)
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
            self._session.execute(insert(Bookmaker).values(rows).on_conflict_do_nothing(index_elements=["key"]))
            known = self._ids(keys)
        return known

    def _ids(self, keys: Collection[str]) -> dict[str, int]:
        rows = self._session.execute(select(Bookmaker.key, Bookmaker.id).where(Bookmaker.key.in_(keys)))
        return {row.key: row.id for row in rows}


class OddsRepository:
    """Odds by league and season."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def replace_partition(
        self,
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
        lock(self._session, "odds", league.code, season.name)
        ids = BookmakerRepository(self._session).ensure(bookmakers)
        book_ids = np.array([ids[key] for key in bookmakers], dtype=np.int64)
        data = encode(np.array(match_ids, dtype=np.int64), book_ids, list(quotes))
        connection = self._session.connection()
        if not self._has_odds(league, season):
            return Changes(inserted=copy_binary(connection, _TABLE.name, _COLUMNS, data))
        with staging(connection, _TABLE, _COLUMNS) as stage:
            copy_binary(connection, stage.name, _COLUMNS, data)
            deleted = self._delete_unlisted(league, season, stage)
            values = (*_PRICES, "overround")
            return Changes(deleted=deleted) + merge_stage(connection, _TABLE, stage, _KEY, values)

    def _has_odds(self, league: league_domain.League, season: Season) -> bool:
        found = select(Odds.id).where(Odds.match_id.in_(_matches(league, season))).limit(1)
        return self._session.scalars(found).first() is not None

    def _delete_unlisted(self, league: league_domain.League, season: Season, stage: Table) -> int:
        line = func.coalesce(Odds.line, literal_column("'NaN'::numeric"))
        staged_line = func.coalesce(stage.c.line, literal_column("'NaN'::numeric"))
        listed = exists().where(
            stage.c.match_id == Odds.match_id,
            stage.c.bookmaker_id == Odds.bookmaker_id,
            stage.c.market == Odds.market,
            stage.c.price_kind == Odds.price_kind,
            staged_line == line,
        )
        result = self._session.execute(
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


def encode(match_ids: NDArray[np.int64], book_ids: NDArray[np.int64], quotes: Sequence[Quotes]) -> BytesIO:
    """Quotes as one binary COPY stream of ``_COLUMNS``, all quotes of a match together on disk."""
    blocks = [
        _Block(chosen, kind, match_ids, book_ids)
        for block in quotes
        for kind, mask in ((PriceKind.PRE_MATCH, ~block.is_closing), (PriceKind.CLOSING, block.is_closing))
        if len(chosen := block.where(mask))
    ]
    return pgcopy.stream(block.of_match(at) for at in range(len(match_ids)) for block in blocks)


class _Block:
    """The encoded quotes of one market and price kind, which share one row shape; sorted by match."""

    def __init__(
        self, quotes: Quotes, kind: PriceKind, match_ids: NDArray[np.int64], book_ids: NDArray[np.int64]
    ) -> None:
        if quotes.match[0] < 0 or (np.diff(quotes.match) < 0).any():
            raise ValueError(f"the {quotes.market} quotes are not sorted by match: some would be left out")
        prices = {f"{side}_price": pgcopy.Numeric(quotes.prices[:, at]) for at, side in enumerate(SIDES[quotes.market])}
        margin = np.rint(overround(quotes.prices) * PRICE_SCALE).astype(np.int64)
        values: dict[str, pgcopy.Field] = {
            "match_id": pgcopy.Integer(match_ids[quotes.match], size=8),
            "bookmaker_id": pgcopy.Integer(book_ids[quotes.bookmaker], size=2),
            "market": pgcopy.Label(quotes.market.value),
            "price_kind": pgcopy.Label(kind.value),
            "overround": pgcopy.Numeric(margin),
            **prices,
        }
        if quotes.line is not None:
            values["line"] = pgcopy.Numeric(quotes.line)
        self._rows = pgcopy.Rows(len(quotes), {name: values.get(name, pgcopy.Null()) for name in _COLUMNS})
        self._bounds = np.searchsorted(quotes.match, np.arange(len(match_ids) + 1)).tolist()

    def of_match(self, at: int) -> memoryview:
        """The rows of one match, by its position."""
        return self._rows.slice(self._bounds[at], self._bounds[at + 1])
