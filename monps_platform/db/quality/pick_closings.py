"""Picks without a closing price, closed again from the odds that the tables hold: the reason, and the moved line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Connection, RowMapping, bindparam, text

from monps_platform.db.quality.rule import Finding
from monps_platform.domain.bookmakers import Bookmaker
from monps_platform.domain.closing import NOT_PLAYED, Closing, OpenPick, close, closing_quotes
from monps_platform.domain.fixtures import Fixture
from monps_platform.domain.odds import SIDES, Market, PriceKind
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quotes import Quote
from monps_platform.domain.seasons import Season
from monps_platform.domain.settlement import Backed

_DIFFERENCE = 1e-6
"""Percentage points by which line-adjusted CLV may differ: the scores are solved for to 1e-9."""
_UNPRICED = text("""
    SELECT p.id, p.agent, p.match_id, p.market::text, p.side::text, p.line::float8, p.bookmaker_id,
        p.price_taken::float8, p.no_closing_reason::text AS reason,
        p.clv_line_adjusted_percentage::float8 AS adjusted, p.clv_line_adjusted_method AS method,
        m.match_date, m.kickoff_at, m.home_goals, m.away_goals, m.season,
        p.line IS NULL OR EXISTS (SELECT FROM odds o WHERE o.match_id = p.match_id AND o.market = p.market
            AND o.line = p.line AND o.price_kind <> 'closing'
            AND (o.captured_at IS NULL OR m.kickoff_at IS NULL OR o.captured_at < m.kickoff_at)) AS was_quoted
    FROM tracking_clv_picks p JOIN matches m ON m.id = p.match_id
    WHERE p.no_closing_reason IS NOT NULL AND NOT EXISTS (SELECT FROM ops.pick_corrections c
        WHERE c.pick_id = p.id AND c.part = 'closing' AND NOT c.by_platform)
    ORDER BY p.id""")
"""The picks that say why they have no closing price, but for those of which a person said so."""
_QUOTES = text("""
    SELECT o.match_id, o.market::text, o.line::float8, o.price_kind::text, o.captured_at, o.home_price::float8 AS home,
        o.draw_price::float8 AS draw, o.away_price::float8 AS away, o.over_price::float8 AS over,
        o.under_price::float8 AS under, b.id, b.key, b.name, b.is_aggregate, b.is_sharp, b.is_exchange
    FROM odds o JOIN bookmakers b ON b.id = o.bookmaker_id
    WHERE o.price_kind IN ('closing', 'snapshot') AND o.match_id = ANY (:matches)
    ORDER BY o.match_id, o.id""").bindparams(bindparam("matches", type_=ARRAY(BigInteger)))


@dataclass(frozen=True)
class _Unpriced:
    """A pick without a closing price as it is held, and the close that the odds give it."""

    row: RowMapping
    due: Closing

    def told(self, *names: str) -> dict[str, object]:
        """Which pick it is, with columns of it."""
        return {name: self.row[name] for name in ("id", "agent", "match_id", "market", "side", "line", *names)}


def reasons(connection: Connection, now: datetime) -> Sequence[Finding]:
    """Picks whose reason for having no closing price is another one by the odds, or which have one."""
    return [
        {**item.told("reason"), "due": item.due.reason, "due_price": item.due.price}
        for item in _unpriced(connection, now)
        if item.due.reason != item.row["reason"]
    ]


def adjustments(connection: Connection, now: datetime) -> Sequence[Finding]:
    """Picks whose line-adjusted CLV, or its method, is another one by the odds."""
    return [
        {**item.told("adjusted", "method"), "due": item.due.clv_line_adjusted, "due_method": item.due.method}
        for item in _unpriced(connection, now)
        if item.due.method != item.row["method"] or _differ(item.due.clv_line_adjusted, item.row["adjusted"])
    ]


def _differ(due: float | None, held: float | None) -> bool:
    if due is None or held is None:
        return due is not held
    return abs(due - held) > _DIFFERENCE


def _unpriced(connection: Connection, now: datetime) -> Iterator[_Unpriced]:
    rows = connection.execute(_UNPRICED).mappings().all()
    fixtures = {row["match_id"]: _fixture(row) for row in rows}
    kickoffs = {match_id: fixture.kickoff_at for match_id, fixture in fixtures.items()}
    played = [row for row in rows if fixtures[row["match_id"]].is_played]
    quotes = closing_quotes(_quotes(connection, list(kickoffs)), kickoffs)
    due = dict(zip((row["id"] for row in played), close([_open(row) for row in played], quotes), strict=True))
    for row in rows:
        is_void = fixtures[row["match_id"]].is_void(Season.parse(row["season"]), now.date())
        yield _Unpriced(row, due.get(row["id"], NOT_PLAYED if is_void else Closing()))


def _fixture(row: RowMapping) -> Fixture:
    return Fixture(row["match_id"], row["match_date"], row["kickoff_at"], row["home_goals"], row["away_goals"])


def _open(row: RowMapping) -> OpenPick:
    backed = Backed(Market(row["market"]), PickSide(row["side"]), row["line"])
    return OpenPick(row["match_id"], backed, row["bookmaker_id"], row["price_taken"], row["was_quoted"])


def _quotes(connection: Connection, matches: Sequence[int]) -> list[Quote]:
    """The quotes of matches that may be closing ones."""
    return [_quote(row) for row in connection.execute(_QUOTES, {"matches": matches}).mappings()]


def _quote(row: RowMapping) -> Quote:
    market = Market(row["market"])
    return Quote(
        row["match_id"],
        market,
        row["line"],
        row["id"],
        Bookmaker(row["key"], row["name"], row["is_aggregate"], row["is_sharp"], row["is_exchange"]),
        PriceKind(row["price_kind"]),
        row["captured_at"],
        tuple(row[side] for side in SIDES[market]),
    )
