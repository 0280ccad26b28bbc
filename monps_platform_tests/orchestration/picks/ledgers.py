"""A small league that agents find value in, and a ledger that works on their picks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.engine import session_factory
from monps_platform.db.repositories.picks import Settlement
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.agents import DEFAULT_AGENTS, Agent
from monps_platform.domain.closing import Closing
from monps_platform.domain.goal_model.dixon_coles import MODEL_VERSION
from monps_platform.domain.leagues import league
from monps_platform.domain.matches import Match
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PickSide, PickStep
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.outcomes import Outcome
from monps_platform.orchestration.picks.ledger import STEPS, Ledger
from monps_platform_tests.db.samples import played, raw_file, write_matches

E0, LATER, SP1 = (Partition(league(code), Season(year)) for code, year in (("E0", 2019), ("E0", 2020), ("SP1", 2019)))
NOW = datetime(2019, 10, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OVER = datetime(2020, 9, 1, 12, tzinfo=UTC)
"""When the season is over."""
BOOKS = ("B365", "BW", "IW", "WH", "PS")
USUAL, GENEROUS, PINNACLE = ("2.00", "3.40", "4.00"), ("2.60", "3.40", "3.00"), ("2.02", "3.45", "4.05")
"""What the books ask for 1x2: Bet365 too much on the home side, in the eyes of every agent."""
CLOSE, PINNACLE_CLOSE = ("2.20", "3.30", "3.50"), ("1.95", "3.50", "4.30")
CHANCES = (0.5, 0.28, 0.22)
CONSENSUS, SHARP, MODEL = (agent.name for agent in DEFAULT_AGENTS)
PLAYED = 4
"""Matches of the league that are played; two are to come, the second without a known kickoff."""
IMMUTABLE = """SELECT id, agent, origin::text, strategy, match_id, market::text, side::text, line, bookmaker_id,
    price_taken, taken_at, stake, model_probability, edge, hours_before_kickoff, data_version FROM tracking_clv_picks"""
CORRECTED = """SELECT p.agent, c.part::text, c.corrected_by, c.reason FROM ops.pick_corrections c
    JOIN tracking_clv_picks p ON p.id = c.pick_id ORDER BY p.agent, c.id"""
_SIDES = {
    Market.ONE_X_TWO: ("home_price", "draw_price", "away_price"),
    Market.OVER_UNDER: ("over_price", "under_price"),
    Market.ASIAN_HANDICAP: ("home_price", "away_price"),
}
_FIT = """INSERT INTO quantum.goal_model_fits (league_id, as_of, model_version, inputs_sha256, n_matches, home_goals,
    away_goals, first_match_date, last_match_date, half_life_days, log_likelihood, {names})
    SELECT id, '2019-08-01', :version, repeat('0', 64), 380, 500, 400, '2018-08-10', '2019-05-12', 365, -1, {values}
    FROM leagues WHERE code = :code ON CONFLICT DO NOTHING"""
_PARAMETERS = ("intercept", "home_advantage", "rho", "newcomer_attack", "newcomer_defence")
_FORECAST = """INSERT INTO quantum.match_forecasts (match_id, model, model_version, as_of, home_prob, draw_prob,
    away_prob, fit_id) SELECT :match, 'dixon_coles', :version, '2019-08-01', :home, :draw, :away, f.id
    FROM quantum.goal_model_fits f JOIN leagues l ON l.id = f.league_id WHERE l.code = :code
    ON CONFLICT (match_id, model, model_version) DO UPDATE
    SET home_prob = excluded.home_prob, draw_prob = excluded.draw_prob, away_prob = excluded.away_prob"""


def fixtures(where: Partition = E0) -> list[Match]:
    """Four matches of a week each that are played, and two of October that are to come."""
    start = date(where.season.start_year, 8, 10)
    clubs = [f"{where.league.code} Club {number}" for number in range(7)]
    done = [
        played(clubs[0], clubs[at + 1], (2, 1) if at % 2 == 0 else (0, 0), start + at * 7 * DAY) for at in range(PLAYED)
    ]
    coming = (
        Match(clubs[5], clubs[6], date(where.season.start_year, 10, 5)),
        Match(clubs[6], clubs[5], date(where.season.start_year, 10, 6)),
    )
    return [*map(_at_two, done), _at_two(coming[0]), coming[1]]


def _at_two(match: Match) -> Match:
    day = match.match_date
    return replace(match, kickoff_at=datetime(day.year, day.month, day.day, 14, tzinfo=UTC))


@dataclass(frozen=True)
class Book:
    """A league's season in the tables, and what may happen to it."""

    engine: Engine
    ids: Sequence[int]
    where: Partition = E0

    @property
    def sessions(self) -> sessionmaker[Session]:
        """Sessions on the database."""
        return session_factory(self.engine)

    def unit(self) -> UnitOfWork:
        """A new unit of work."""
        return UnitOfWork(self.sessions)

    def ledger(self, agents: Sequence[Agent] = DEFAULT_AGENTS, now: datetime = NOW) -> Ledger:
        """A ledger that works at a time."""
        return Ledger(self.unit, agents, lambda: now)

    def work(
        self,
        *steps: PickStep,
        agents: Sequence[Agent] = DEFAULT_AGENTS,
        now: datetime = NOW,
        age: timedelta | None = None,
    ) -> Outcome:
        """Work on the season, when its file is of some age, or less than a day old; what became of it."""
        late = "fetched_at NOT BETWEEN :day_before AND :at" if age is None else "true"
        at = now if age is None else now - age
        self.do(f"UPDATE ops.raw_files SET fetched_at = :at WHERE {late}", at=at, day_before=at - DAY)
        (outcome,) = self.ledger(agents, now).work([self.where], steps or STEPS)
        return outcome

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a query as tuples."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), parameters)]

    def value(self, query: str, **parameters: Any) -> Any:
        """The one value of a query."""
        ((found,),) = self.rows(query, **parameters)
        return found

    def do(self, statement: str, **parameters: Any) -> None:
        """Change the database."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), parameters)

    def picks(self, columns: str = "*", where: str = "true") -> list[tuple[Any, ...]]:
        """Columns of picks, by their ids."""
        return self.rows(f"SELECT {columns} FROM tracking_clv_picks p WHERE {where} ORDER BY id")

    def taken(self) -> dict[int, tuple[Any, ...]]:
        """What the picks were when they were taken, by their ids."""
        return {row[0]: row[1:] for row in self.rows(IMMUTABLE)}

    def traces(self, table: str = "tracking_clv_picks") -> Mapping[int, tuple[Any, ...]]:
        """What any write to a row would change, by id."""
        return {row[0]: row[1:] for row in self.rows(f"SELECT id, xmin::text, ctid::text, updated_at FROM {table}")}

    def corrections(self) -> list[tuple[Any, ...]]:
        """Agent, part, who and why of every correction, by agent."""
        return self.rows(CORRECTED)

    def quote(
        self,
        match: int,
        key: str,
        *prices: str,
        kind: PriceKind = PriceKind.PRE_MATCH,
        at: datetime | None = None,
        market: Market = Market.ONE_X_TWO,
        line: str | None = None,
    ) -> None:
        """Enter a quote of a match, given by its position; with ``at`` a snapshot unless it is said to be another."""
        self.enter_quotes([(match, key, prices, kind, at, market, line)])

    def enter_quotes(self, quotes: Iterable[tuple[Any, ...]]) -> None:
        """Enter quotes, each a match, book, prices, kind, time, market and line."""
        given = list(quotes)
        with self.unit() as unit:
            books = unit.bookmakers.ensure({quote[1] for quote in given})
            unit.odds.upsert_many([self._row(books, *quote) for quote in given])
            unit.commit()

    def _row(self, books: Mapping[str, int], match: int, key: str, prices: Sequence[str], *rest: Any) -> dict[str, Any]:
        kind, at, market, line = rest
        sides: dict[str, Any] = dict.fromkeys(("home_price", "draw_price", "away_price", "over_price", "under_price"))
        sides |= zip(_SIDES[market], map(Decimal, prices), strict=True)
        return {
            "match_id": self.ids[match],
            "bookmaker_id": books[key],
            "market": market,
            "line": None if line is None else Decimal(line),
            "price_kind": PriceKind.SNAPSHOT if at is not None and kind is PriceKind.PRE_MATCH else kind,
            "captured_at": at,
            **sides,
            "overround": Decimal(0),
        }

    def change_price(self, match: int, key: str, price: str, *, kind: str = "pre_match", side: str = "home") -> None:
        """Change a side's price in the 1x2 quote of a book."""
        self.do(
            f"""UPDATE odds SET {side}_price = :price WHERE match_id = :match AND price_kind = '{kind}'
            AND market = '1x2' AND bookmaker_id = (SELECT id FROM bookmakers WHERE key = :key)""",
            price=Decimal(price),
            match=self.ids[match],
            key=key,
        )

    def score(self, match: int, goals: tuple[int, int] | None) -> None:
        """Give a match another score, or take it."""
        home, away = goals or (None, None)
        query = "UPDATE matches SET home_goals = :home, away_goals = :away WHERE id = :id"
        self.do(query, home=home, away=away, id=self.ids[match])

    def forecast(self, chances: Mapping[int, tuple[float, float, float]]) -> None:
        """Give matches the goal model's forecasts, by their positions."""
        names = [name for parameter in _PARAMETERS for name in (parameter, f"{parameter}_se")]
        code = self.where.league.code
        fit = _FIT.format(names=", ".join(names), values=", ".join(["0.1"] * len(names)))
        self.do(fit, version=MODEL_VERSION, code=code)
        for at, (home, draw, away) in chances.items():
            found = {"match": self.ids[at], "version": MODEL_VERSION, "code": code}
            self.do(_FORECAST, **found, home=home, draw=draw, away=away)

    def own(self, match: int, **changes: Any) -> int:
        """Enter a person's pick, of the home side at 2.1 unless changed; its id."""
        with self.unit() as unit:
            books = unit.bookmakers.ensure([changes.pop("book", "B365")])
            row: dict[str, Any] = {
                "agent": "me",
                "match_id": self.ids[match],
                "market": Market.ONE_X_TWO,
                "side": PickSide.HOME,
                "line": None,
                "bookmaker_id": next(iter(books.values())),
                "price_taken": Decimal("2.1"),
                "taken_at": datetime(2019, 8, 1, tzinfo=UTC),
                "stake": Decimal(1),
                "data_version": "by a test",
            }
            row_id = unit.picks.create(**(row | changes)).id
            unit.commit()
        return row_id

    def close_by_hand(self, closing: Closing, *pick_ids: int) -> None:
        """Correct the close of picks as a person does."""
        with self.unit() as unit:
            unit.picks.enter_closings(dict.fromkeys(pick_ids, closing), why="as the slip says", who="Ada")
            unit.commit()

    def settle_by_hand(self, settlement: Settlement | None, *pick_ids: int, at: datetime = NOW) -> None:
        """Correct the settlement of picks as a person does."""
        with self.unit() as unit:
            unit.picks.enter_settlements(dict.fromkeys(pick_ids, settlement), at, why="as the slip says", who="Ada")
            unit.commit()

    def add(self, match: Match) -> Book:
        """The same season with one match more."""
        return open_book(self.engine, self.where, [*fixtures(self.where), match], quoted=())


def open_book(
    engine: Engine,
    where: Partition = E0,
    matches: Sequence[Match] | None = None,
    quoted: Iterable[int] | None = None,
) -> Book:
    """A season's matches, with the prices of all books, closing ones of those that are played, and forecasts.

    ``quoted`` are the matches that have all these, all of them unless named.
    """
    listed = fixtures(where) if matches is None else matches
    write_matches(session_factory(engine), *listed, partition=where)
    with UnitOfWork(session_factory(engine)) as unit:
        ids = unit.matches.ids("football-data", where.league, where.season, listed)
        if not unit.raw_files.in_force([where])[where]:
            unit.raw_files.add(raw_file(where, sha256="a" * 64, fetched_at=NOW))
        unit.commit()
    book = Book(engine, ids, where)
    chosen = range(len(listed)) if quoted is None else list(quoted)
    book.enter_quotes(quotes_of(chosen, [at for at in chosen if listed[at].home_goals is not None]))
    book.forecast(dict.fromkeys(chosen, CHANCES))
    return book


def quotes_of(matches: Iterable[int], closed: Iterable[int]) -> list[tuple[Any, ...]]:
    """What the books ask for 1x2, of some matches before they are played, of some at the close."""
    before = {**dict.fromkeys(BOOKS, USUAL), "B365": GENEROUS, "PS": PINNACLE}
    after = {"B365": CLOSE, "PS": PINNACLE_CLOSE}
    return [
        (match, key, prices, kind, None, Market.ONE_X_TWO, None)
        for kind, chosen, asked in ((PriceKind.PRE_MATCH, matches, before), (PriceKind.CLOSING, closed, after))
        for match in chosen
        for key, prices in asked.items()
    ]


Change = Callable[[Book], None]
