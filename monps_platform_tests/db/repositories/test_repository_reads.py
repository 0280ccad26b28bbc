"""Odds, clubs, leagues, bookmakers and matches as they are asked for, on both drivers."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations, product
from typing import Any

import pytest
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.models import Odds
from monps_platform.db.repositories.odds import BestPrice
from monps_platform.db.repositories.teams import (
    AmbiguousTeamError,
    TeamRecord,
    UnknownLeagueCodeError,
    UnknownTeamError,
    UnresolvedTeamError,
)
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.bookmakers import KNOWN
from monps_platform.domain.leagues import LEAGUES
from monps_platform.domain.matches import Match
from monps_platform.domain.odds import SIDES, Market, PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.refusals import assert_refused_before_sql
from monps_platform_tests.db.samples import (
    E0,
    HERE,
    LATER,
    SEASON,
    SOURCE,
    SP1,
    Quote,
    Reader,
    block,
    played,
    statements,
    to_come,
    write_matches,
    write_odds,
)

Row = dict[str, Any]
BOOKS = ("B365", "PS", "WH", "BFE", "Max", "Avg")
MATCHES = (
    played("Arsenal", "Chelsea", day=date(2019, 8, 10)),
    played("Chelsea", "Leeds", day=date(2019, 8, 17)),
    played("Leeds", "Arsenal", day=date(2019, 8, 17)),
)
NEXT = (played("Arsenal", "Hull", day=date(2020, 9, 12)),)
FIRST = datetime(2019, 8, 9, 12, tzinfo=UTC)


@pytest.fixture
def book_ids(sessions: sessionmaker[Session]) -> dict[str, int]:
    """Matches of two seasons of one league and of another one, and the ids of six bookmakers."""
    write_matches(sessions, *MATCHES)
    write_matches(sessions, *NEXT, partition=Partition(E0, LATER))
    write_matches(sessions, played("Real Madrid", "Sevilla"), partition=Partition(SP1, SEASON))
    with UnitOfWork(sessions) as unit:
        ids = dict(unit.bookmakers.ensure(BOOKS))
        unit.commit()
    return ids


def ids_of(layer: Layer, matches: Sequence[Match] = MATCHES, partition: Partition = HERE) -> list[int]:
    with layer.unit() as unit:
        return unit.matches.ids(SOURCE, partition.league, partition.season, matches)


def quote(match_id: int, bookmaker_id: int, market: Market, price: str = "2", **changes: object) -> Row:
    """A quote with one price on every side."""
    prices = {f"{side}_price": None for side in ("home", "draw", "away", "over", "under")}
    prices |= {f"{side}_price": Decimal(price) for side in SIDES[market]}  # type: ignore[misc]  # some are NULL
    kind = {"line": None, "price_kind": PriceKind.PRE_MATCH, "captured_at": None, "overround": Decimal("0.05")}
    return {"match_id": match_id, "bookmaker_id": bookmaker_id, "market": market, **kind, **prices, **changes}


def enter(layer: Layer, rows: Sequence[Row]) -> None:
    """Write odds in a random order, so that no read can rely on the order of writing."""
    shuffled = random.Random(1).sample(rows, len(rows))
    with layer.unit() as unit:
        assert unit.odds.upsert_many(shuffled) == Changes(inserted=len(rows))
        unit.commit()


def described(row: Odds) -> tuple[object, ...]:
    return row.market, row.line, row.price_kind, row.captured_at, row.bookmaker.key


def quotes_of_a_match(match_id: int, books: dict[str, int]) -> list[Row]:
    """Every book's pre-match and closing prices of three markets, and two snapshots of one book."""
    goals, handicaps = [Decimal("2.5"), Decimal("3.5")], [Decimal("-0.75"), Decimal(0)]
    lines: dict[Market, Sequence[Decimal | None]] = {
        Market.ONE_X_TWO: [None],
        Market.OVER_UNDER: goals,
        Market.ASIAN_HANDICAP: handicaps,
    }
    plain = [
        quote(match_id, books[key], market, price_kind=kind, line=line)
        for key in ("PS", "B365", "Max")
        for kind in (PriceKind.CLOSING, PriceKind.PRE_MATCH)
        for market in lines
        for line in lines[market]
    ]
    snapshots = [
        quote(match_id, books["PS"], Market.ONE_X_TWO, price_kind=PriceKind.SNAPSHOT, captured_at=FIRST + later)
        for later in (timedelta(hours=3), timedelta(0))
    ]
    return plain + snapshots


LAST = datetime.max.replace(tzinfo=UTC)
ORDER = {name: at for at, name in enumerate((*Market, *PriceKind))}


def in_order(row: Odds) -> tuple[object, ...]:
    """Market, line, price kind, capture time, bookmaker; NULL comes last."""
    line = Decimal("Infinity") if row.line is None else row.line
    return ORDER[row.market], line, ORDER[row.price_kind], row.captured_at or LAST, row.bookmaker.key


def test_the_quotes_of_a_match_come_with_their_bookmakers_in_one_statement(
    layer: Layer, book_ids: dict[str, int]
) -> None:
    first, second, _ = ids_of(layer)
    enter(layer, quotes_of_a_match(first, book_ids) + quotes_of_a_match(second, book_ids))
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.odds.get_by_match(first)
        assert len(found) == 32
        assert {row.match_id for row in found} == {first}
        assert [row.id for row in found] == [row.id for row in sorted(found, key=in_order)]
        with pytest.raises(InvalidRequestError, match="lazy='raise'"):
            _ = found[0].match
        assert len(sent) == 1


def test_the_quotes_of_a_match_are_narrowed_to_a_market_and_a_price_kind(
    layer: Layer, book_ids: dict[str, int]
) -> None:
    first, _, third = ids_of(layer)
    enter(layer, quotes_of_a_match(first, book_ids))
    with layer.unit() as unit, statements(layer.engine) as sent:
        every = unit.odds.get_by_match(first)
        market = unit.odds.get_by_match(first, market=Market.OVER_UNDER)
        kind = unit.odds.get_by_match(first, price_kind=PriceKind.CLOSING)
        both = unit.odds.get_by_match(first, market=Market.ONE_X_TWO, price_kind=PriceKind.SNAPSHOT)
        assert market == [row for row in every if row.market is Market.OVER_UNDER]
        assert kind == [row for row in every if row.price_kind is PriceKind.CLOSING]
        assert [described(row)[3:] for row in both] == [(FIRST, "PS"), (FIRST + timedelta(hours=3), "PS")]
        assert unit.odds.get_by_match(first, market=Market.BTTS) == []
        assert unit.odds.get_by_match(third) == []
        assert unit.odds.get_by_match(-1) == []
        assert len(sent) == 7


def test_the_quotes_of_a_league_come_with_match_teams_and_bookmaker_the_latest_match_first(
    layer: Layer, book_ids: dict[str, int]
) -> None:
    earlier, latest = ids_of(layer), ids_of(layer, NEXT, Partition(E0, LATER))
    (abroad,) = ids_of(layer, [played("Real Madrid", "Sevilla")], Partition(SP1, SEASON))
    markets = (Market.ONE_X_TWO, Market.ASIAN_HANDICAP)
    lines = {Market.ONE_X_TWO: None, Market.ASIAN_HANDICAP: Decimal(0)}
    enter(
        layer, [quote(at, book_ids["PS"], of, line=lines[of]) for at in (*earlier, *latest, abroad) for of in markets]
    )
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.odds.get_by_league("E0")
        days = sorted((row.match.match_date, row.match_id, -row.id) for row in found)
        assert [(row.match.match_date, row.match_id, -row.id) for row in found] == days[::-1]
        assert [row.match_id for row in found[:2]] == latest * 2
        assert len(found) == 8
        names = {(row.match.home_team.name, row.match.away_team.name, row.bookmaker.key) for row in found}
        assert names == {(match.home_team, match.away_team, "PS") for match in (*MATCHES, *NEXT)}
        with pytest.raises(InvalidRequestError, match="lazy='raise'"):
            _ = found[0].match.league
        assert len(sent) == 2
        assert [row.match_id for row in unit.odds.get_by_league("SP1")] == [abroad] * 2
        assert len(sent) == 4
        assert unit.odds.get_by_league("E0", season="2019-20") == found[2:]


def test_the_quotes_of_a_league_are_paged(layer: Layer, book_ids: dict[str, int]) -> None:
    enter(layer, [quote(at, book, Market.ONE_X_TWO) for at in ids_of(layer) for book in book_ids.values()])
    with layer.unit() as unit:
        every = unit.odds.get_by_league("E0")
        assert len(every) == 18
        pages = [unit.odds.get_by_league("E0", skip=skip, limit=5) for skip in (0, 5, 10, 15, 20)]
        assert [len(page) for page in pages] == [5, 5, 5, 3, 0]
        assert [row for page in pages for row in page] == every
        assert unit.odds.get_by_league("E0", limit=0) == []
        assert unit.odds.get_by_league("E0", season="2020-21") == []
        assert unit.odds.get_by_league("D1") == []


def test_no_more_quotes_of_a_league_are_fetched_than_asked_for(layer: Layer, book_ids: dict[str, int]) -> None:
    (match_id, *_) = ids_of(layer)
    lines = [Decimal(number) / 4 for number in range(110)]
    enter(layer, [quote(match_id, book_ids["PS"], Market.OVER_UNDER, line=line) for line in lines])
    with layer.unit() as unit:
        assert len(unit.odds.get_by_league("E0")) == 100
        assert len(unit.odds.get_by_league("E0", limit=110)) == 110


def test_a_line_moves_from_the_pre_match_price_through_the_snapshots_to_the_close(
    layer: Layer, book_ids: dict[str, int]
) -> None:
    first, second, _ = ids_of(layer)
    hours = [FIRST + timedelta(hours=number) for number in (0, 5, 12)]

    def moves(book: str, line: str, at: datetime) -> Row:
        kind: Row = {"price_kind": PriceKind.SNAPSHOT, "captured_at": at, "line": Decimal(line)}
        return quote(first, book_ids[book], Market.ASIAN_HANDICAP, **kind)

    ends = [
        quote(match_id, book_ids[book], Market.ASIAN_HANDICAP, line=Decimal(line), price_kind=kind)
        for match_id in (first, second)
        for book in ("PS", "B365")
        for line, kind in (("-0.5", PriceKind.PRE_MATCH), ("-1", PriceKind.CLOSING), ("-0.75", PriceKind.CLOSING))
    ]
    between = [moves("PS", "-0.75", hours[0]), moves("PS", "-1", hours[1]), moves("PS", "-0.25", hours[2])]
    enter(layer, [*ends, *between, quote(first, book_ids["PS"], Market.ONE_X_TWO)])
    close = [(Decimal("-1"), PriceKind.CLOSING, None), (Decimal("-0.75"), PriceKind.CLOSING, None)]
    opening = (Decimal("-0.5"), PriceKind.PRE_MATCH, None)
    snapshots = [
        (Decimal(line), PriceKind.SNAPSHOT, at) for line, at in zip(("-0.75", "-1", "-0.25"), hours, strict=True)
    ]
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.odds.get_line_movement(first, Market.ASIAN_HANDICAP)
        told = [(row.bookmaker.key, row.line, row.price_kind, row.captured_at) for row in found]
        b365, pinnacle = [opening, *close], [opening, *snapshots, *close]
        assert told == [("B365", *each) for each in b365] + [("PS", *each) for each in pinnacle]
        assert unit.odds.get_line_movement(first, Market.ASIAN_HANDICAP, bookmaker="PS") == found[3:]
        assert unit.odds.get_line_movement(first, Market.ASIAN_HANDICAP, bookmaker="WH") == []
        assert unit.odds.get_line_movement(first, Market.OVER_UNDER) == []
        assert len(sent) == 4
        with pytest.raises(InvalidRequestError, match="lazy='raise'"):
            _ = found[0].match


def recomputed(rows: Sequence[Row], books: dict[int, str], market: Market, *, exchanges: bool) -> list[BestPrice]:
    """The best prices by the rules in words, for the rows of one match and price kind."""
    of_market = [row for row in rows if row["market"] is market]
    newest: dict[int, datetime] = {}
    oldest = datetime.min.replace(tzinfo=UTC)
    for row in of_market:
        at = row["captured_at"] or oldest
        newest[row["bookmaker_id"]] = max(newest.get(row["bookmaker_id"], at), at)
    offers: dict[tuple[Decimal | None, str], list[tuple[Decimal, str]]] = defaultdict(list)
    for row in of_market:
        book = KNOWN[books[row["bookmaker_id"]]]
        stands = (row["captured_at"] or oldest) == newest[row["bookmaker_id"]]
        if stands and not book.is_aggregate and (exchanges or not book.is_exchange):
            for side in SIDES[market]:
                offers[row["line"], side].append((-row[f"{side}_price"], book.key))
    best = {at: min(given) for at, given in offers.items()}
    in_turn = sorted(best, key=lambda at: (at[0] is None, at[0] or 0, at[1]))
    return [BestPrice(at[1], at[0], -best[at][0], best[at][1], KNOWN[best[at][1]].is_exchange) for at in in_turn]


def random_quotes(dice: random.Random, match_id: int, books: dict[str, int], kind: PriceKind) -> list[Row]:
    """Quotes of some bookmakers on some lines at some times, no two alike in all three; prices often tie."""
    times = [FIRST + timedelta(hours=number) for number in range(3)]
    captures = times if kind is PriceKind.SNAPSHOT else [None, *times[:1]]
    lines = {market: [Decimal("2.25"), Decimal("2.5"), Decimal(3)] for market in SIDES} | {Market.ONE_X_TWO: [None]}
    rows = []
    for market in SIDES:
        for book, line, at in product(books.values(), lines[market], captures):
            prices = {f"{side}_price": Decimal(dice.choice(["1.8", "1.95", "2.1", "3"])) for side in SIDES[market]}
            if dice.random() < 0.4:
                rows.append({**quote(match_id, book, market, line=line, price_kind=kind, captured_at=at), **prices})
    return rows


@pytest.mark.parametrize("kind", PriceKind)
def test_best_prices_are_those_that_the_rules_in_words_give(
    layer: Layer, book_ids: dict[str, int], kind: PriceKind
) -> None:
    dice = random.Random(7)
    quotes = {match_id: random_quotes(dice, match_id, book_ids, kind) for match_id in ids_of(layer)}
    noise = PriceKind.CLOSING if kind is not PriceKind.CLOSING else PriceKind.PRE_MATCH
    others = [quote(at, book_ids["PS"], Market.ONE_X_TWO, "99", price_kind=noise) for at in quotes]
    enter(layer, [*(row for rows in quotes.values() for row in rows), *others])
    keys = {number: key for key, number in book_ids.items()}
    with layer.unit() as unit, statements(layer.engine) as sent:
        for (match_id, rows), market, exchanges in product(quotes.items(), SIDES, (True, False)):
            found = unit.odds.best_prices(match_id, market, price_kind=kind, exchanges=exchanges)
            assert found == recomputed(rows, keys, market, exchanges=exchanges)
            assert found
        assert len(sent) == 3 * 3 * 2


def test_a_best_price_is_a_bettable_one_before_the_match_unless_told_otherwise(
    layer: Layer, book_ids: dict[str, int]
) -> None:
    match_id, other, _ = ids_of(layer)
    prices = {"B365": "2.1", "PS": "2.2", "WH": "2.2", "BFE": "2.4", "Max": "2.5", "Avg": "9"}
    rows = [quote(match_id, book_ids[key], Market.ONE_X_TWO, price) for key, price in prices.items()]
    closing = quote(match_id, book_ids["B365"], Market.ONE_X_TWO, "7", price_kind=PriceKind.CLOSING)
    enter(layer, [*rows, closing, quote(other, book_ids["Max"], Market.ONE_X_TWO)])
    with layer.unit() as unit:
        best = unit.odds.best_prices(match_id, Market.ONE_X_TWO)
        assert best == [BestPrice(side, None, Decimal("2.4"), "BFE", True) for side in ("away", "draw", "home")]
        bookmade = unit.odds.best_prices(match_id, Market.ONE_X_TWO, exchanges=False)
        assert {(each.price, each.bookmaker, each.is_exchange) for each in bookmade} == {(Decimal("2.2"), "PS", False)}
        (close, *_) = unit.odds.best_prices(match_id, Market.ONE_X_TWO, price_kind=PriceKind.CLOSING)
        assert (close.price, close.bookmaker) == (Decimal(7), "B365")
        assert unit.odds.best_prices(match_id, Market.OVER_UNDER) == []
        assert unit.odds.best_prices(other, Market.ONE_X_TWO) == []
        assert unit.odds.best_prices(-1, Market.ONE_X_TWO) == []


def test_a_better_price_that_its_book_withdrew_does_not_count(layer: Layer, book_ids: dict[str, int]) -> None:
    match_id, *_ = ids_of(layer)

    def snapshot(book: str, price: str, hours: int, line: str) -> Row:
        at = FIRST + timedelta(hours=hours)
        kind: Row = {"price_kind": PriceKind.SNAPSHOT, "captured_at": at, "line": Decimal(line)}
        return quote(match_id, book_ids[book], Market.OVER_UNDER, price, **kind)

    rows = [snapshot("PS", "2.5", 0, "2.5"), snapshot("PS", "3.5", 0, "3"), snapshot("PS", "2.1", 6, "2.5")]
    enter(layer, [*rows, snapshot("WH", "2.2", 1, "2.5")])
    with layer.unit() as unit:
        best = unit.odds.best_prices(match_id, Market.OVER_UNDER, price_kind=PriceKind.SNAPSHOT)
        assert [(each.line, each.side, each.price, each.bookmaker) for each in best] == [
            (Decimal("2.5"), side, Decimal("2.2"), "WH") for side in ("over", "under")
        ]


REFUSED: dict[str, Callable[[UnitOfWork], object]] = {
    "skip": lambda unit: unit.odds.get_by_league("E0", skip=-1),
    "limit": lambda unit: unit.odds.get_by_league("E0", limit=-1),
    "limit of the best": lambda unit: unit.teams.get_top_performers("E0", "2019-20", limit=-1),
}


@pytest.mark.parametrize("use", REFUSED.values(), ids=REFUSED)
def test_numbers_below_zero_are_refused_before_any_sql(layer: Layer, use: Callable[[UnitOfWork], object]) -> None:
    assert_refused_before_sql(layer, use, "is -1: it must be a whole number, 0 or more")


BY_LEAGUE: dict[str, Callable[[UnitOfWork, str], object]] = {
    "odds": lambda unit, league: unit.odds.get_by_league(league),
    "teams": lambda unit, league: unit.teams.get_by_league(league),
    "team by name": lambda unit, league: unit.teams.get_by_name("Arsenal", league=league),
    "best": lambda unit, league: unit.teams.get_top_performers(league, "2019-20"),
    "id": lambda unit, league: unit.leagues.id_of(league),
}


@pytest.mark.usefixtures("book_ids")
@pytest.mark.parametrize("use", BY_LEAGUE.values(), ids=BY_LEAGUE)
def test_a_league_that_is_not_there_is_named_with_those_that_are(
    layer: Layer, use: Callable[[UnitOfWork, str], object]
) -> None:
    with layer.unit() as unit, pytest.raises(UnknownLeagueCodeError, match=r"no league 'e0': it holds .*E0, E1"):
        use(unit, "e0")


def test_an_empty_table_of_leagues_is_told_as_such(layer: Layer) -> None:
    with layer.unit() as unit, pytest.raises(UnknownLeagueCodeError, match=r"it is empty: load some football first"):
        unit.leagues.id_of("E0")


ALIAS = """INSERT INTO team_aliases (source, league_id, spelling, team_id, method)
    SELECT :source, l.id, :spelling, t.id, CASE WHEN t.id IS NULL THEN NULL ELSE 'by hand' END
    FROM leagues l LEFT JOIN teams t ON t.name = :team AND t.country = l.country WHERE l.code = :league"""


@pytest.fixture
def names(sessions: sessionmaker[Session], reader: Reader) -> None:
    """Clubs of England and Spain, spelled in their own ways by two more sources."""
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        unit.teams.resolve(SOURCE, E0, ["Man City", "Everton", "Wolves"])
        unit.teams.resolve(SOURCE, SP1, ["Real Madrid", "Real Sociedad", "Everton"])
        unit.commit()
    for source, league, spelling, club in (
        ("understat", "E0", "Manchester City", "Man City"),
        ("odds-api", "E0", "Wolverhampton", "Wolves"),
        ("odds-api", "E1", "Wolverhampton Wanderers", "Wolves"),
        ("understat", "SP1", "La Real", "Real Sociedad"),
        ("odds-api", "SP1", "La Real", "Real Madrid"),
        ("odds-api", "E0", "Nottm Forest", "nobody"),
    ):
        reader.do(ALIAS, source=source, league=league, spelling=spelling, team=club)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("name", "league", "club"),
    [
        ("Man City", None, "Man City"),
        ("Man City", "E0", "Man City"),
        ("Manchester City", None, "Man City"),
        ("Wolverhampton Wanderers", None, "Wolves"),
        ("Wolverhampton Wanderers", "E1", "Wolves"),
        ("Wolves", "E1", "Wolves"),
        ("Everton", "E0", "Everton"),
    ],
)
def test_a_club_is_found_by_its_name_or_by_any_spelling_in_one_statement(
    layer: Layer, name: str, league: str | None, club: str
) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.teams.get_by_name(name, league=league)
        assert (found.name, found.country) == (club, "England")
        assert len(sent) == 1


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("name", "league", "told"),
    [
        ("Real", None, r"no club is called 'Real'\. Did you mean La Real, Real Madrid, Real Sociedad\?"),
        ("real madrid", None, "Did you mean Real Madrid"),
        ("REAL MADRID", "SP1", "no club in SP1 is called 'REAL MADRID'. Did you mean Real Madrid"),
        ("Real Madrid ", None, "Did you mean Real Madrid"),
        ("Real%", None, "no club is called 'Real%'"),
        ("Real Madird", None, "Did you mean Real Madrid"),
        ("Man Citty", None, "Did you mean Man City"),
        ("Wolverhampton Wanderers", "E0", r"no club in E0 .* Did you mean Wolverhampton\?"),
        ("Real Madrid", "E0", r"no club in E0 is called 'Real Madrid'\. None of the 5 known names comes near"),
        ("Nottm Forest", None, "no club is called 'Nottm Forest'. None of the 9 known names comes near"),
        ("Bayern", None, "None of the 9 known names comes near"),
        ("", None, "no club is called ''. None of the 9"),
        ("Everton", "D1", "no club in D1 is called 'Everton'. None of the 0"),
    ],
)
def test_a_name_that_no_club_has_finds_none_and_names_that_come_near_are_told(
    layer: Layer, name: str, league: str | None, told: str
) -> None:
    with layer.unit() as unit, pytest.raises(UnknownTeamError, match=told):
        unit.teams.get_by_name(name, league=league)


@pytest.mark.usefixtures("names")
def test_a_name_that_several_clubs_have_is_refused_with_a_way_out(layer: Layer) -> None:
    with layer.unit() as unit:
        with pytest.raises(
            AmbiguousTeamError, match=r"2 clubs are called 'Everton': .*\(England, id .*Name the league"
        ):
            unit.teams.get_by_name("Everton")
        assert unit.teams.get_by_name("Everton", league="SP1").country == "Spain"
        with pytest.raises(AmbiguousTeamError, match=r"'La Real': Real Madrid .*, Real Sociedad .*Take one by its id"):
            unit.teams.get_by_name("La Real", league="SP1")


@pytest.mark.usefixtures("book_ids")
def test_the_clubs_of_a_league_are_those_that_play_there_by_name(layer: Layer) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert [club.name for club in unit.teams.get_by_league("E0")] == ["Arsenal", "Chelsea", "Hull", "Leeds"]
        assert [club.name for club in unit.teams.get_by_league("SP1")] == ["Real Madrid", "Sevilla"]
        assert len(sent) == 4
        assert [club.name for club in unit.teams.get_by_league("E0", season="2020-21")] == ["Arsenal", "Hull"]
        assert unit.teams.get_by_league("E0", season="2021-22") == []
        assert unit.teams.get_by_league("E0", season="") == []
        assert unit.teams.get_by_league("D1") == []


def season_of(dice: random.Random) -> list[Match]:
    """Two thirds of a double round robin of eight clubs have a score."""
    day = date(2019, 8, 10)
    return [
        played(home, away, (dice.randint(0, 2), dice.randint(0, 2)), day)
        if dice.random() < 0.66
        else to_come(home, away)
        for home, away in permutations([f"Club {letter}" for letter in "ABCDEFGH"], 2)
    ]


def table_of(matches: Sequence[Match]) -> list[tuple[object, ...]]:
    """Name, played, won, drawn, lost, goals for and against; the best first."""
    results: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for match in matches:
        if match.home_goals is not None and match.away_goals is not None:
            results[match.home_team].append((match.home_goals, match.away_goals))
            results[match.away_team].append((match.away_goals, match.home_goals))

    def line(name: str) -> tuple[float, int, int, str, tuple[object, ...]]:
        of = results[name]
        won, drawn = sum(a > b for a, b in of), sum(a == b for a, b in of)
        scored, let_in = sum(a for a, _ in of), sum(b for _, b in of)
        row = (name, len(of), won, drawn, len(of) - won - drawn, scored, let_in)
        return -(3 * won + drawn) / len(of), let_in - scored, -scored, name, row

    return [last for *_, last in sorted(map(line, results))]


def line_of(record: TeamRecord) -> tuple[object, ...]:
    own = (record.played, record.won, record.drawn, record.lost, record.goals_for, record.goals_against)
    return record.team.name, *own


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_top_performers_are_the_table_worked_out_from_the_matches(
    layer: Layer, sessions: sessionmaker[Session], seed: int
) -> None:
    dice = random.Random(seed)
    matches = season_of(dice)
    write_matches(sessions, *matches)
    write_matches(sessions, *season_of(dice), partition=Partition(E0, LATER))
    write_matches(sessions, *season_of(dice), partition=Partition(SP1, SEASON))
    expected = table_of(matches)
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.teams.get_top_performers("E0", "2019-20")
        assert [line_of(record) for record in found] == expected
        assert len(sent) == 2
        assert [line_of(one) for one in unit.teams.get_top_performers("E0", "2019-20", limit=3)] == expected[:3]
        assert unit.teams.get_top_performers("E0", "2019-20", limit=0) == []
        assert unit.teams.get_top_performers("E0", "2017-18") == []
    for record in found:
        assert record.points == 3 * record.won + record.drawn
        assert record.points_per_match == record.points / record.played
        assert all(type(figure) is int for figure in line_of(record)[1:])


def test_top_performers_are_told_apart_by_points_per_match_goal_difference_goals_and_name(
    layer: Layer, sessions: sessionmaker[Session]
) -> None:
    pairs = [("Twice", "X", (1, 0)), ("X", "Twice", (1, 1)), ("Once", "X", (1, 0)), ("Much", "Y", (3, 1))]
    pairs += [("Many", "Y", (2, 0)), ("More", "Y", (2, 0)), ("Wild", "Y", (4, 3))]
    write_matches(sessions, *(played(home, away, goals) for home, away, goals in pairs))
    with layer.unit() as unit:
        best = unit.teams.get_top_performers("E0", "2019-20", limit=6)
        assert [record.team.name for record in best] == ["Much", "Many", "More", "Wild", "Once", "Twice"]


def test_leagues_bookmakers_and_spellings_are_entered_once(layer: Layer, reader: Reader) -> None:
    with layer.unit() as unit:
        unit.leagues.ensure_all()
        ids = unit.bookmakers.ensure(["PS", "NEW"])
        clubs = unit.teams.resolve(SOURCE, E0, ["Arsenal", "Leeds"])
        unit.commit()
    tables = ("leagues", "bookmakers", "teams", "team_aliases")
    before = [reader.traces(table) for table in tables]
    assert [len(traces) for traces in before] == [len(LEAGUES), 2, 2, 2]
    with layer.unit() as unit, statements(layer.engine) as sent:
        unit.leagues.ensure_all()
        assert unit.bookmakers.ensure(["NEW", "PS"]) == ids
        assert unit.teams.resolve(SOURCE, E0, ["Leeds", "Arsenal"]) == clubs
        assert len(sent) == 4
        assert unit.bookmakers.ensure([]) == {}
        unit.commit()
    assert [reader.traces(table) for table in tables] == before
    reader.do("UPDATE team_aliases SET team_id = NULL, method = NULL WHERE spelling = 'Leeds'")
    with layer.unit() as unit, pytest.raises(UnresolvedTeamError, match="E0: no club is known for Leeds"):
        unit.teams.resolve(SOURCE, E0, ["Leeds"])


def load(layer: Layer, matches: Sequence[Match], price: str) -> tuple[Changes, Changes]:
    """Replace a season's matches and the odds of the first two."""
    quotes = block(Market.ONE_X_TWO, *(Quote(at, (price, "3.4", "4"), book=at, closing=at == 1) for at in range(2)))
    with layer.unit() as unit:
        unit.leagues.ensure_all()
        of_matches = unit.matches.replace_partition(SOURCE, E0, SEASON, matches)
        ids = unit.matches.ids(SOURCE, E0, SEASON, matches)
        changes = of_matches, unit.odds.replace_partition(E0, SEASON, ids, ["B365", "PS"], [quotes])
        unit.commit()
    return changes


def test_a_season_is_loaded_reloaded_and_corrected(layer: Layer, reader: Reader) -> None:
    assert load(layer, MATCHES, "1.8") == (Changes(inserted=3), Changes(inserted=2))
    before = reader.traces("matches"), reader.traces("odds")
    assert load(layer, MATCHES, "1.80") == (Changes(), Changes())
    assert (reader.traces("matches"), reader.traces("odds")) == before
    corrected = (replace(MATCHES[0], home_goals=5), MATCHES[1])
    assert load(layer, corrected, "1.9") == (Changes(updated=1, deleted=1), Changes(updated=2))
    with layer.unit() as unit:
        assert [row.home_goals for row in unit.matches.get_all()] == [
            match.home_goals for _, match in sorted(zip(ids_of(layer, corrected), corrected, strict=True))
        ]
        assert {row.home_price for row in unit.odds.stream()} == {Decimal("1.9")}


def test_both_drivers_read_the_same(layer: Layer, sessions: sessionmaker[Session]) -> None:
    write_matches(sessions, *MATCHES)
    quotes = block(Market.OVER_UNDER, *(Quote(at, ("1.85", "2.0375"), line="2.5") for at in range(3)))
    write_odds(sessions, MATCHES, ["B365"], quotes)
    with UnitOfWork(sessions) as plain, layer.unit() as unit:
        assert [row.to_dict() for row in unit.odds.get_all()] == [row.to_dict() for row in plain.odds.get_all()]
        assert [row.to_dict() for row in unit.matches.get_all()] == [row.to_dict() for row in plain.matches.get_all()]
        assert len(unit.odds.get_all()) == 3
