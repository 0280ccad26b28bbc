"""Simulated leagues with picks of every kind: of all agents on every market, and of persons; closed and settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.engine import session_factory
from monps_platform.db.models import RawFile
from monps_platform.db.repositories.picks import Settlement
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.agents import DEFAULT_AGENTS, Agent, ConsensusValue, DixonColesValue, SharpValue
from monps_platform.domain.closing import Closing
from monps_platform.domain.leagues import league
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import MARKETS_WITH_LINE, PICK_SIDES, ClosingSource, PickResult, PickSide
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.picks.ledger import Ledger
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.simulated import simulate_season
from monps_platform_tests.db.quality.cases import forecast
from monps_platform_tests.db.samples import Pipeline

CURRENT, FINISHED = Partition(league("SIM2"), Season(2019)), Partition(league("SIM1"), Season(2017))
LAST_DAY = date(2020, 3, 1)
"""The last day whose matches are played when the agents first look; those of the next week are to come."""
FIRST_LOOK = datetime(2020, 3, 3, 12, tzinfo=UTC)
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
NOW = FIRST_LOOK + 2 * WEEK
"""When that week has been played, and another one is to come."""
FETCHED = datetime(2020, 3, 2, 18, tzinfo=UTC)
"""When the first files came, less than a day before the agents look; those of after the matches two weeks later."""
PLAYED = 40
"""Matches of the finished season that are held; the last of them was never played."""
LINES: Mapping[Market, Sequence[Decimal | None]] = {
    Market.OVER_UNDER: [Decimal(number) / 4 for number in range(4, 16)],
    Market.ASIAN_HANDICAP: [Decimal(number) / 4 for number in range(-7, 8)],
}
"""The lines that a person's picks are at: whole, half and quarter ones."""
QUOTED = (Market.ONE_X_TWO, Market.OVER_UNDER, Market.ASIAN_HANDICAP)
AGENTS: tuple[Agent, ...] = (
    *DEFAULT_AGENTS,
    ConsensusValue(markets=QUOTED, alpha=0.01, fewest_books=2),
    SharpValue(markets=QUOTED, soft_book="PS", sharp_book="B365", threshold=1.0),
    DixonColesValue(markets=QUOTED[1:]),
)
"""As they usually are, and less choosy on every market that is quoted."""
OWN, BY_HAND, VOID, LOCAL = "own", "by hand", "void", "at a local book"
LOCAL_BOOK = "XY"
"""A bookmaker that no source quotes, but for a snapshot or two."""
EARLY_BOOK = "BbMx"
"""The maximum before the match, which stands at all lines, but for the lowest of the first match."""
_OF_RESULT, _FIRST_CLOSING = ("FTHG", "FTAG", "FTR", "HTHG", "HTAG", "HTR"), "B365CH"


@dataclass(frozen=True)
class Played:
    """A match that a person bets on."""

    match_id: int
    kickoff: datetime


def load_good_data(engine: Engine, store: RawStore) -> None:
    """Leagues, forecasts and picks, worked on twice: before a week's matches, and after them."""
    sessions = session_factory(engine)
    pipeline = Pipeline(sessions, store)
    _load(pipeline, FINISHED, _without_last_score(FINISHED))
    _load(pipeline, CURRENT, _under_way(CURRENT, LAST_DAY))
    _require(forecast(sessions, CURRENT))
    _enter_snapshots(sessions)
    _require(_work(sessions, FIRST_LOOK, CURRENT))
    _load(pipeline, CURRENT, _under_way(CURRENT, LAST_DAY + 2 * WEEK), FETCHED + 2 * WEEK)
    _require(forecast(sessions, CURRENT))
    _spoil_some_closes(engine)
    _enter_own_picks(sessions)
    _enter_files(sessions)
    _require(_work(sessions, NOW, FINISHED, CURRENT))
    _correct_by_hand(sessions)


def _require(outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        assert outcome.status is Status.LOADED, outcome


def _load(pipeline: Pipeline, where: Partition, body: bytes, fetched_at: datetime = FETCHED) -> None:
    pipeline.fetch(where, body, source="simulated", fetched_at=fetched_at)
    _require(pipeline.load(where))


def _work(sessions: sessionmaker[Session], now: datetime, *partitions: Partition) -> list[Outcome]:
    return list(Ledger(lambda: UnitOfWork(sessions), AGENTS, lambda: now).work(partitions))


def _lines(where: Partition) -> tuple[str, list[dict[str, str]]]:
    header, *lines = simulate_season(where.league, where.season).decode().splitlines()
    return header, [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]


def _body(header: str, lines: Iterable[Mapping[str, str]]) -> bytes:
    return "".join(f"{line}\r\n" for line in (header, *(",".join(row.values()) for row in lines))).encode()


def _without_last_score(where: Partition) -> bytes:
    header, lines = _lines(where)
    _take_back(lines[PLAYED - 1])
    return _body(header, lines[:PLAYED])


def _under_way(where: Partition, last_day: date) -> bytes:
    """A season up to a day, and the prices before the matches of the week after it."""
    header, lines = _lines(where)
    known = [row for row in lines if _day(row) <= last_day + WEEK]
    for row in known:
        if _day(row) > last_day:
            _take_back(row)
    return _body(header, known)


def _day(row: Mapping[str, str]) -> date:
    return datetime.strptime(row["Date"], "%d/%m/%Y").replace(tzinfo=UTC).date()


def _take_back(row: dict[str, str]) -> None:
    """Leave of a match what is known before it."""
    names = list(row)
    row |= dict.fromkeys((*_OF_RESULT, *names[names.index(_FIRST_CLOSING) :]), "")


def _enter_snapshots(sessions: sessionmaker[Session]) -> None:
    """Of each match to come, what Bet365 asks now, a little more than before on the home side."""
    with UnitOfWork(sessions) as unit:
        unit.session.execute(
            text("""INSERT INTO odds (match_id, bookmaker_id, market, line, price_kind, captured_at, home_price,
                draw_price, away_price, overround) SELECT match_id, bookmaker_id, market, line, 'snapshot', :at,
                home_price * 1.1, draw_price, away_price,
                round(1 / home_price / 1.1 + 1 / draw_price + 1 / away_price - 1, 4)
                FROM odds JOIN matches m ON m.id = match_id JOIN bookmakers b ON b.id = bookmaker_id
                WHERE m.home_goals IS NULL AND m.season = '2019-20' AND b.key = 'B365' AND market = '1x2'
                AND price_kind = 'pre_match'"""),
            {"at": FIRST_LOOK - HOUR},
        )
        unit.commit()


def _matches(sessions: sessionmaker[Session], where: Partition, condition: str) -> list[Played]:
    query = f"""SELECT m.id, m.kickoff_at FROM matches m JOIN leagues l ON l.id = m.league_id
        WHERE l.code = :code AND m.season = :season AND {condition} ORDER BY m.kickoff_at, m.id"""
    with UnitOfWork(sessions) as unit:
        found = unit.session.execute(text(query), {"code": where.league.code, "season": where.season.name})
        return [Played(*row) for row in found]


def _spoil_some_closes(engine: Engine) -> None:
    """Bet365's close of one match is nonsense, and nobody sharp closes another."""
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE odds SET draw_price = 1.2 WHERE {_closes_of(0, 'B365')}"))
        connection.execute(text(f"DELETE FROM odds WHERE {_closes_of(1, 'PS', 'B365')}"))


def _closes_of(place: int, *books: str) -> str:
    """Closing 1x2 quotes of the match of the finished season in a place."""
    keys = ", ".join(f"'{key}'" for key in books)
    match = f"SELECT id FROM matches WHERE season = '2017-18' ORDER BY kickoff_at, id OFFSET {place} LIMIT 1"
    return f"""market = '1x2' AND price_kind = 'closing' AND match_id = ({match})
        AND bookmaker_id IN (SELECT id FROM bookmakers WHERE key IN ({keys}))"""


def _enter_own_picks(sessions: sessionmaker[Session]) -> None:
    """Every market, side and line on matches of many scores; then one of each special kind."""
    played = _matches(sessions, FINISHED, "m.home_goals IS NOT NULL")
    (unplayed,) = _matches(sessions, FINISHED, "m.home_goals IS NULL")
    with UnitOfWork(sessions) as unit:
        books = unit.bookmakers.ensure(["B365", LOCAL_BOOK, EARLY_BOOK])
        own = [_own(OWN, match, books["B365"], *bet) for match in played[:16] for bet in _bets()]
        own.append(_own(VOID, unplayed, books["B365"], Market.ONE_X_TWO, PickSide.HOME))
        own += [
            _own(BY_HAND, played[16], books["B365"], Market.ONE_X_TWO, side) for side in (PickSide.HOME, PickSide.AWAY)
        ]
        own += [
            _own(LOCAL, match, books[LOCAL_BOOK], Market.ONE_X_TWO, PickSide.HOME)
            for match in (*played[:2], played[17])
        ]
        unit.picks.upsert_many(own)
        unit.odds.create_many([_late_snapshot(played[17], books[LOCAL_BOOK])])
        unit.odds.create_many(
            _early_quote(match, books[EARLY_BOOK], market, line)
            for match in played[:16]
            for market, lines in LINES.items()
            for line in (lines[1:] if match is played[0] else lines)
        )
        unit.commit()


def _bets() -> Iterable[tuple[Market, PickSide, Decimal | None]]:
    for market, sides in PICK_SIDES.items():
        for line in LINES.get(market, [None]):
            for side in sides:
                yield market, side, line


def _own(
    agent: str, match: Played, book: int, market: Market, side: PickSide, line: Decimal | None = None
) -> dict[str, Any]:
    assert (line is not None) == (market in MARKETS_WITH_LINE)
    return {
        "agent": agent,
        "match_id": match.match_id,
        "market": market,
        "side": side,
        "line": line,
        "bookmaker_id": book,
        "price_taken": Decimal("2.05"),
        "taken_at": match.kickoff - 3 * HOUR,
        "stake": Decimal("1.5"),
        "hours_before_kickoff": Decimal(3),
        "data_version": "by a test",
    }


def _late_snapshot(match: Played, book: int) -> dict[str, Any]:
    return {
        "match_id": match.match_id,
        "bookmaker_id": book,
        "market": Market.ONE_X_TWO,
        "line": None,
        "price_kind": PriceKind.SNAPSHOT,
        "captured_at": match.kickoff - HOUR / 2,
        "home_price": Decimal("2.00"),
        "draw_price": Decimal("3.40"),
        "away_price": Decimal("4.00"),
        "overround": Decimal("0.0441"),
    }


def _early_quote(match: Played, book: int, market: Market, line: Decimal | None) -> dict[str, Any]:
    sides = ("over_price", "under_price") if market is Market.OVER_UNDER else ("home_price", "away_price")
    return {
        "match_id": match.match_id,
        "bookmaker_id": book,
        "market": market,
        "line": line,
        "price_kind": PriceKind.PRE_MATCH,
        **dict.fromkeys(("home_price", "away_price", "over_price", "under_price")),
        **dict.fromkeys(sides, Decimal("1.95")),
        "overround": Decimal("0.0256"),
    }


def _enter_files(sessions: sessionmaker[Session]) -> None:
    """A file of picks that was refused first, and imported when it was corrected."""
    wrong = [Rejection(Dataset.PICKS, 2, Reason.UNRESOLVED_TEAM, "a,b", "no club of SIM1 is called 'b'")]
    with UnitOfWork(sessions) as unit:
        refused, corrected = file_of_picks("0"), file_of_picks("1")
        unit.raw_files.add(refused)
        unit.raw_files.replace_rejections(refused, (Dataset.PICKS,), wrong)
        unit.raw_files.add(corrected)
        unit.raw_files.record_rows(corrected, RowCounts(3, 3, 0), "picks-1")
        unit.commit()


def file_of_picks(digit: str, key: str = "mine.csv") -> RawFile:
    """A version of a file of picks."""
    return RawFile(source="picks", key=key, url=f"file:{key}", sha256=digit * 64, bytes=10, fetched_at=FETCHED)


def _correct_by_hand(sessions: sessionmaker[Session]) -> None:
    """What a person says of his picks need not follow from the tables: a close that he saw, a score he disputes."""
    with UnitOfWork(sessions) as unit:
        home, away = sorted(unit.picks.get_by_agent(BY_HAND), key=lambda pick: pick.side is PickSide.AWAY)
        seen = Closing(1.64, ClosingSource.STATED, home.bookmaker_id, None, None, 25.0)
        noted = Closing(1.64, ClosingSource.SAME_BOOKMAKER, away.bookmaker_id, None, None, 25.0, -60.0)
        unit.picks.enter_closings({home.id: seen, away.id: noted}, why="as the slip says", who="Ada")
        lost = away.result is PickResult.LOSS
        other = Settlement(PickResult.WIN, 1.575) if lost else Settlement(PickResult.LOSS, -1.5)
        void = Settlement(PickResult.VOID, 0.0)
        unit.picks.enter_settlements({home.id: void, away.id: other}, NOW, why="as the slip says", who="Ada")
        unit.commit()
