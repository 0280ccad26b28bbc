"""Odds of a league's season: copied or merged with the same result, no row touched in vain, snapshots left alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.bulk.odds_rows import encode
from monps_platform.db.errors import BulkWriteError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.bookmakers import KNOWN
from monps_platform.domain.leagues import league
from monps_platform.domain.odds import Market, Quotes
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.sources.football_data.parser import parse_season
from monps_platform.sources.simulated import simulate_season
from monps_platform_tests.db.samples import (
    E0,
    E1,
    LATER,
    SEASON,
    SOURCE,
    Quote,
    Reader,
    block,
    played,
    statements,
    write_matches,
    write_odds,
)
from monps_platform_tests.waiting import Meet, meeting

MATCHES = (played("Arsenal", "Chelsea"), played("Chelsea", "Arsenal", day=date(2020, 1, 18)))
BOOKS = ("B365", "PS", "Max")
QUOTES = (
    block(
        Market.ONE_X_TWO,
        Quote(0, ("1.40", "4.75", "8.5")),
        Quote(0, ("1.42", "4.80", "9"), book=1),
        Quote(0, ("1.38", "5.00", "9.50"), book=1, closing=True),
        Quote(1, ("2.375", "3.4", "3.1"), book=2),
    ),
    block(
        Market.OVER_UNDER,
        Quote(0, ("1.90", "1.95"), line="2.5"),
        Quote(1, ("1.85", "2.00"), line="2.5", closing=True),
    ),
    block(
        Market.ASIAN_HANDICAP,
        Quote(0, ("1.97", "1.93"), line="-0.75"),
        Quote(1, ("1.97", "1.93"), line="0", book=1),
        Quote(1, ("1.95", "1.95"), line="0.25", book=1, closing=True),
    ),
)
HELD = """SELECT h.name, b.key, o.market::text, o.line::text, o.price_kind::text, o.home_price::text,
        o.draw_price::text, o.away_price::text, o.over_price::text, o.under_price::text, o.overround::text
    FROM odds o JOIN matches m ON m.id = o.match_id JOIN teams h ON h.id = m.home_team_id
    JOIN bookmakers b ON b.id = o.bookmaker_id WHERE o.captured_at IS NULL
    ORDER BY h.name, o.market, b.key, o.price_kind, o.line"""
SNAPSHOT = """INSERT INTO odds (match_id, bookmaker_id, market, line, price_kind, captured_at, home_price, draw_price,
        away_price, overround)
    SELECT match_id, bookmaker_id, market, line, :kind, '2019-08-01 12:00+00', 1.5, 4.5, 7, 0.03
    FROM odds WHERE market = '1x2' AND price_kind = 'pre_match' AND captured_at IS NULL ORDER BY id LIMIT 1
    RETURNING id"""


@pytest.fixture
def matches(sessions: sessionmaker[Session]) -> None:
    """The matches that the quotes point to."""
    write_matches(sessions, *MATCHES)


def write(sessions: sessionmaker[Session], *quotes: Quotes, books: Sequence[str] = BOOKS) -> Changes:
    return write_odds(sessions, MATCHES, books, *quotes)


def altered(original: Quotes, at: int, prices: tuple[str, ...] | None = None, line: str | None = None) -> Quotes:
    """The same quotes but for one row's prices or line."""
    copy = original.where(np.ones(len(original), dtype=np.bool_))
    if prices is not None:
        copy.prices[at] = [int(Decimal(price) * 10_000) for price in prices]
    if line is not None and copy.line is not None:
        copy.line[at] = int(Decimal(line) * 10_000)
    return copy


def without(original: Quotes, at: int) -> Quotes:
    return original.where(np.arange(len(original)) != at)


@pytest.mark.usefixtures("matches")
def test_every_quote_is_kept_with_its_prices_as_printed_and_its_overround(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    assert write(sessions, *QUOTES) == Changes(inserted=9)
    nothing = (None, None)
    assert reader.rows(HELD) == [
        ("Arsenal", "B365", "1x2", None, "pre_match", "1.40", "4.75", "8.50", *nothing, "0.0425"),
        ("Arsenal", "PS", "1x2", None, "pre_match", "1.42", "4.80", "9.00", *nothing, "0.0237"),
        ("Arsenal", "PS", "1x2", None, "closing", "1.38", "5.00", "9.50", *nothing, "0.0299"),
        ("Arsenal", "B365", "over_under", "2.50", "pre_match", None, *nothing, "1.90", "1.95", "0.0391"),
        ("Arsenal", "B365", "asian_handicap", "-0.75", "pre_match", "1.97", None, "1.93", *nothing, "0.0257"),
        ("Chelsea", "Max", "1x2", None, "pre_match", "2.375", "3.40", "3.10", *nothing, "0.0378"),
        ("Chelsea", "B365", "over_under", "2.50", "closing", None, *nothing, "1.85", "2.00", "0.0405"),
        ("Chelsea", "PS", "asian_handicap", "0.00", "pre_match", "1.97", None, "1.93", *nothing, "0.0257"),
        ("Chelsea", "PS", "asian_handicap", "0.25", "closing", "1.95", None, "1.95", *nothing, "0.0256"),
    ]


@pytest.mark.usefixtures("matches")
def test_a_reload_without_news_touches_no_row(sessions: sessionmaker[Session], reader: Reader) -> None:
    write(sessions, *QUOTES)
    before = reader.traces("odds"), reader.traces("bookmakers")
    assert write(sessions, *reversed(QUOTES)) == Changes()
    assert (reader.traces("odds"), reader.traces("bookmakers")) == before


@pytest.mark.usefixtures("matches")
def test_a_copy_into_an_empty_partition_and_a_merge_give_the_same_table(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    write(sessions, *QUOTES)
    copied = reader.rows(HELD)
    reader.do("DELETE FROM odds")
    assert write(sessions, altered(QUOTES[0].where(np.arange(4) < 1), 0, ("9", "9", "9"))) == Changes(inserted=1)
    assert write(sessions, *QUOTES) == Changes(inserted=8, updated=1)
    assert reader.rows(HELD) == copied


@pytest.mark.usefixtures("matches")
def test_a_changed_price_updates_its_row_alone(sessions: sessionmaker[Session], reader: Reader) -> None:
    write(sessions, *QUOTES)
    before = reader.traces("odds")
    assert write(sessions, altered(QUOTES[0], 2, ("1.36", "5.00", "9.50")), *QUOTES[1:]) == Changes(updated=1)
    after = reader.traces("odds")
    (touched,) = [key for key in before if after[key] != before[key]]
    assert after.keys() == before.keys()
    assert after[touched][-1] > before[touched][-1]
    query = "SELECT price_kind::text, home_price, overround, created_at < updated_at FROM odds WHERE id = :id"
    assert reader.rows(query, id=touched) == [("closing", Decimal("1.36"), Decimal("0.0406"), True)]


@pytest.mark.usefixtures("matches")
def test_a_quote_that_the_source_lists_no_longer_is_deleted(sessions: sessionmaker[Session], reader: Reader) -> None:
    write(sessions, *QUOTES)
    before = reader.traces("odds")
    assert write(sessions, without(QUOTES[0], 1), QUOTES[1], without(QUOTES[2], 0)) == Changes(deleted=2)
    after = reader.traces("odds")
    assert after.items() <= before.items()
    left = [row[4] for row in reader.rows(HELD) if row[1:3] == ("PS", "1x2")]
    assert left == ["closing"]


@pytest.mark.usefixtures("matches")
def test_a_moved_handicap_line_is_another_quote(sessions: sessionmaker[Session], reader: Reader) -> None:
    write(sessions, *QUOTES)
    before = reader.traces("odds")
    moved = altered(QUOTES[2], 0, line="-1")
    assert write(sessions, *QUOTES[:2], moved) == Changes(inserted=1, deleted=1)
    after = reader.traces("odds")
    assert len(before.keys() - after.keys()) == len(after.keys() - before.keys()) == 1
    lines = reader.rows("SELECT line::text FROM odds WHERE market = 'asian_handicap' ORDER BY line")
    assert lines == [("-1.00",), ("0.00",), ("0.25",)]


@pytest.mark.usefixtures("matches")
def test_a_partition_without_quotes_ends_empty(sessions: sessionmaker[Session], reader: Reader) -> None:
    assert write(sessions) == Changes()
    write(sessions, *QUOTES)
    assert write(sessions) == Changes(deleted=9)
    assert reader.value("SELECT count(*) FROM odds") == 0


@pytest.mark.usefixtures("matches")
@pytest.mark.parametrize("kind", ["snapshot", "pre_match", "closing"])
def test_a_quote_with_a_capture_time_may_share_the_key_and_is_not_touched(
    sessions: sessionmaker[Session], reader: Reader, kind: str
) -> None:
    write(sessions, *QUOTES)
    kept = reader.value(SNAPSHOT, kind=kind)
    before = reader.traces("odds")[kept]
    assert write(sessions, altered(QUOTES[0], 0, ("1.41", "4.75", "8.50")), *QUOTES[1:]) == Changes(updated=1)
    assert write(sessions, *QUOTES[1:]) == Changes(deleted=4)
    assert write(sessions) == Changes(deleted=5)
    assert {kept: before} == reader.traces("odds")
    assert write(sessions, *QUOTES) == Changes(inserted=9)
    assert reader.traces("odds")[kept] == before


def test_other_partitions_are_not_touched(sessions: sessionmaker[Session], reader: Reader) -> None:
    others = (Partition(E0, LATER), Partition(E1, SEASON))
    for partition in (*others, Partition(E0, SEASON)):
        write_matches(sessions, *MATCHES, partition=partition)
    for partition in others:
        assert write_odds(sessions, MATCHES, BOOKS, *QUOTES, partition=partition) == Changes(inserted=9)
    before = reader.traces("odds")
    assert write(sessions, *QUOTES) == Changes(inserted=9)
    assert write(sessions, *QUOTES[:1]) == Changes(deleted=5)
    assert write(sessions) == Changes(deleted=4)
    assert reader.traces("odds") == before


def test_several_partitions_fit_into_one_transaction(sessions: sessionmaker[Session], reader: Reader) -> None:
    for season in (SEASON, LATER):
        write_matches(sessions, *MATCHES, partition=Partition(E0, season))
    for changes in (Changes(inserted=9), Changes(deleted=3)):
        with UnitOfWork(sessions) as unit:
            for season in (SEASON, LATER):
                ids = unit.matches.ids(SOURCE, E0, season, MATCHES)
                quotes = QUOTES if changes.inserted else QUOTES[:2]
                assert unit.odds.replace_partition(E0, season, ids, BOOKS, quotes) == changes
            unit.commit()
    assert reader.value("SELECT count(*) FROM odds") == 12


@pytest.mark.usefixtures("matches")
def test_others_see_all_old_quotes_until_all_new_ones_are_committed(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    for quotes in (QUOTES, (altered(QUOTES[0], 0, ("1.50", "4.00", "7.00")), altered(QUOTES[2], 0, line="-1.25"))):
        old = reader.rows(HELD)
        with UnitOfWork(sessions) as unit:
            ids = unit.matches.ids(SOURCE, E0, SEASON, MATCHES)
            assert unit.odds.replace_partition(E0, SEASON, ids, BOOKS, quotes).total
            assert reader.rows(HELD) == old
            unit.commit()
        assert reader.rows(HELD) != old
        assert len(reader.rows(HELD)) == sum(map(len, quotes))


@pytest.mark.usefixtures("matches")
@pytest.mark.parametrize("fresh", [True, False], ids=["empty partition", "loaded partition"])
@pytest.mark.parametrize(
    "bad",
    [
        block(Market.ONE_X_TWO, Quote(0, ("1.00", "4.00", "9.00"))),
        block(Market.OVER_UNDER, Quote(0, ("1.90", "1.90"))),
        block(Market.OVER_UNDER, Quote(0, ("1.90", "1.90"), line="2.5"), Quote(0, ("1.91", "1.91"), line="2.5")),
    ],
    ids=["price of one", "total without a line", "the same quote twice"],
)
def test_a_load_that_fails_leaves_all_old_rows(
    sessions: sessionmaker[Session], reader: Reader, bad: Quotes, fresh: bool
) -> None:
    if not fresh:
        write(sessions, *QUOTES)
    before = reader.traces("odds"), reader.traces("bookmakers")
    with pytest.raises((BulkWriteError, DBAPIError)):
        write(sessions, altered(QUOTES[0], 0, ("1.50", "4.00", "7.00")), bad, books=(*BOOKS, "NEW"))
    assert (reader.traces("odds"), reader.traces("bookmakers")) == before


@pytest.mark.usefixtures("matches")
def test_two_writers_of_one_partition_take_turns(sessions: sessionmaker[Session], reader: Reader) -> None:
    results: list[Changes] = []
    write(sessions, QUOTES[0])
    second = threading.Thread(target=lambda: results.append(write(sessions, *QUOTES[:2])))
    with UnitOfWork(sessions) as unit:
        ids = unit.matches.ids(SOURCE, E0, SEASON, MATCHES)
        assert unit.odds.replace_partition(E0, SEASON, ids, BOOKS, QUOTES) == Changes(inserted=5)
        second.start()
        second.join(0.2)
        assert second.is_alive()
        unit.commit()
    second.join()
    assert results == [Changes(deleted=3)]


def quotes_of(rows: list[tuple[int, int, bool, int, int, int]]) -> Quotes:
    """1x2 quotes of distinct match, bookmaker and price kind, sorted by match."""
    unique = sorted({row[:3]: row for row in rows}.values())
    columns = np.array(unique, dtype=np.int64).reshape(len(unique), 6)
    return Quotes(Market.ONE_X_TWO, columns[:, 0], columns[:, 1], columns[:, 2].astype(np.bool_), None, columns[:, 3:])


ROW = st.tuples(
    st.integers(0, 1), st.integers(0, 2), st.booleans(), *(st.sampled_from([10_100, 14_000, 23_750, 99_989_999]),) * 3
)


@pytest.mark.usefixtures("matches")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(st.lists(ROW, max_size=8), min_size=2, max_size=4))
def test_whatever_stood_there_before_the_table_holds_what_was_given_last(
    sessions: sessionmaker[Session], reader: Reader, states: list[list[tuple[int, int, bool, int, int, int]]]
) -> None:
    for rows in states:
        quotes = quotes_of(rows)
        before = {row[:3]: row for row in reader.rows(PLAIN)}
        changes = write(sessions, *([quotes] if len(quotes) else []))
        after = {row[:3]: row for row in reader.rows(PLAIN)}
        assert sorted(after.values()) == sorted(
            (at, book, closing, *(Decimal(price).scaleb(-4) for price in prices))
            for at, book, closing, prices in zip(
                quotes.match.tolist(),
                quotes.bookmaker.tolist(),
                quotes.is_closing.tolist(),
                quotes.prices.tolist(),
                strict=True,
            )
        )
        changed = sum(before[key] != after[key] for key in before.keys() & after.keys())
        assert changes == Changes(len(after.keys() - before.keys()), changed, len(before.keys() - after.keys()))


PLAIN = """SELECT CASE h.name WHEN 'Arsenal' THEN 0 ELSE 1 END, array_position(ARRAY['B365', 'PS', 'Max'], b.key) - 1,
        o.price_kind = 'closing', o.home_price, o.draw_price, o.away_price
    FROM odds o JOIN matches m ON m.id = o.match_id JOIN teams h ON h.id = m.home_team_id
    JOIN bookmakers b ON b.id = o.bookmaker_id"""


def test_a_whole_season_comes_out_as_the_parser_read_it(sessions: sessionmaker[Session], reader: Reader) -> None:
    simulated, season = league("SIM2"), Season(2021)
    parsed = parse_season(simulate_season(simulated, season), simulated, "SIM2.csv")
    write_matches(sessions, *parsed.matches, partition=Partition(simulated, season))
    partition = Partition(simulated, season)
    changes = write_odds(sessions, parsed.matches, parsed.bookmakers, *parsed.quotes, partition=partition)
    assert changes == Changes(inserted=parsed.quotes_loaded)
    held = reader.rows(
        "SELECT market::text, count(*), sum(line), sum(home_price), sum(under_price) FROM odds GROUP BY 1"
    )
    assert sorted(held) == sorted(
        (
            quotes.market.value,
            len(quotes),
            None if quotes.line is None else Decimal(int(quotes.line.sum())).scaleb(-4),
            None if quotes.market is Market.OVER_UNDER else Decimal(int(quotes.prices[:, 0].sum())).scaleb(-4),
            None if quotes.market is not Market.OVER_UNDER else Decimal(int(quotes.prices[:, 1].sum())).scaleb(-4),
        )
        for quotes in parsed.quotes
    )
    apart = reader.value(
        "SELECT count(*) FROM (SELECT match_id <> lag(match_id) OVER (ORDER BY id) AS n FROM odds) o WHERE n"
    )
    assert apart == len(parsed.matches) - 1


def test_quotes_that_are_not_sorted_by_match_are_refused_not_lost() -> None:
    unsorted = block(Market.ONE_X_TWO, Quote(0, ("2", "3", "4")), Quote(1, ("2", "3", "4"))).where(np.array([1, 0]))
    with pytest.raises(ValueError, match="not sorted by match"):
        encode(np.array([7, 8]), np.array([1]), [unsorted])


@pytest.mark.usefixtures("matches")
def test_the_number_of_statements_does_not_grow_with_the_number_of_quotes(
    sessions: sessionmaker[Session], engine: Engine
) -> None:
    write(sessions, *QUOTES)
    counts = []
    for quotes in (QUOTES, QUOTES[:1], ()):
        with statements(engine) as sent:
            write(sessions, *quotes)
        counts.append(len(sent))
    assert counts[0] == counts[1] == counts[2] <= 10


def ensure(sessions: sessionmaker[Session], *keys: str) -> dict[str, int]:
    with UnitOfWork(sessions) as unit:
        found = dict(unit.bookmakers.ensure(keys))
        unit.commit()
    return found


def test_known_bookmakers_are_entered_with_what_is_known_of_them(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    found = ensure(sessions, *KNOWN)
    held = reader.rows("SELECT key, id, name, is_aggregate, is_sharp, is_exchange FROM bookmakers")
    assert {row[0]: row[1:] for row in held} == {
        book.key: (found[book.key], book.name, book.is_aggregate, book.is_sharp, book.is_exchange)
        for book in KNOWN.values()
    }


def test_an_unknown_bookmaker_goes_by_its_key_and_is_no_special_one(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    ensure(sessions, "NEW", "B365")
    row = reader.rows("SELECT name, is_aggregate, is_sharp, is_exchange FROM bookmakers WHERE key = 'NEW'")
    assert row == [("NEW", False, False, False)]


def test_bookmakers_met_again_keep_their_ids_and_are_not_touched(
    sessions: sessionmaker[Session], engine: Engine, reader: Reader
) -> None:
    first = ensure(sessions, "B365", "PS")
    before = reader.traces("bookmakers")
    with statements(engine) as sent:
        assert ensure(sessions, "PS", "B365") == first
    assert len(sent) == 1
    second = ensure(sessions, "PS", "NEW")
    assert second["PS"] == first["PS"]
    assert before.items() <= reader.traces("bookmakers").items()
    assert ensure(sessions) == {}
    assert reader.value("SELECT last_value FROM bookmakers_id_seq") == 3


def test_threads_that_meet_the_same_new_bookmaker_make_one_row(sessions: sessionmaker[Session], reader: Reader) -> None:
    def work(meet: Meet) -> int:
        with UnitOfWork(sessions) as unit:
            unit.session.execute(text("SELECT 1"))
            meet()
            found = unit.bookmakers.ensure(["NEW"])["NEW"]
            unit.commit()
        return found

    found = meeting(*[work] * 4)
    assert reader.rows("SELECT id FROM bookmakers") == [(found[0],)]
    assert found == [found[0]] * 4
