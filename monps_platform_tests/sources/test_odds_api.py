"""The Odds API as a source: what is asked, that the key stays unseen, and what becomes of its answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from monps_platform.domain.bookmakers import KNOWN, OF_ODDS_API
from monps_platform.domain.leagues import LEAGUES, league
from monps_platform.domain.odds import Market
from monps_platform.domain.rejections import Reason
from monps_platform.domain.snapshots import ParsedSnapshot
from monps_platform.sources.errors import FetchError, TransientFetchError, UnreadableFileError
from monps_platform.sources.http import HttpClient
from monps_platform.sources.odds_api.client import OddsApi, OddsApiRefusedError, Usage
from monps_platform.sources.odds_api.files import Question, odds_key, odds_path
from monps_platform.sources.odds_api.parser import parse_snapshot
from monps_platform.sources.simulated.odds_api import MARGINS, Listed, simulate_answer
from monps_platform.sources.simulated.odds_api_server import Mode, OddsApiServer, serving

KEY = "key-Heron4Basalt"
NOW = datetime(2024, 10, 19, 10, 0, tzinfo=UTC)
E0 = league("E0")
SPORT = "soccer_epl"
LISTED = (Listed("Arsenal", "Chelsea", NOW + timedelta(hours=5)), Listed("Everton", "Fulham", NOW + timedelta(days=1)))
SPAN = (NOW, NOW + timedelta(days=3))
QUESTION = Question.of("eu,uk", "h2h,totals,spreads")


@pytest.fixture
def server() -> Iterator[OddsApiServer]:
    with serving(OddsApiServer(KEY, lambda: NOW, matches={SPORT: LISTED})) as made:
        yield made


@pytest.fixture
def api(server: OddsApiServer) -> Iterator[OddsApi]:
    with closing(HttpClient(retries=0)) as client:
        yield OddsApi(client, server.url, SecretStr(KEY))


def test_the_leagues_are_called_as_the_api_calls_them() -> None:
    assert {item.code: item.odds_api_key for item in LEAGUES if item.odds_api_key} == {
        "E0": "soccer_epl",
        "E1": "soccer_efl_champ",
        "E2": "soccer_england_league1",
        "E3": "soccer_england_league2",
        "SC0": "soccer_spl",
        "SP1": "soccer_spain_la_liga",
        "SP2": "soccer_spain_segunda_division",
        "D1": "soccer_germany_bundesliga",
        "D2": "soccer_germany_bundesliga2",
        "I1": "soccer_italy_serie_a",
        "I2": "soccer_italy_serie_b",
        "F1": "soccer_france_ligue_one",
        "F2": "soccer_france_ligue_two",
        "N1": "soccer_netherlands_eredivisie",
        "B1": "soccer_belgium_first_div",
        "P1": "soccer_portugal_primeira_liga",
        "T1": "soccer_turkey_super_league",
        "G1": "soccer_greece_super_league",
    }


def test_a_league_that_the_api_does_not_have_is_not_asked_for() -> None:
    with pytest.raises(ValueError, match="no league EC"):
        odds_path(league("EC"))


def test_a_call_costs_markets_times_regions() -> None:
    assert QUESTION.cost == 6
    assert Question.of("eu", "h2h").cost == 1
    assert Question.of("eu,eu", "h2h,h2h").cost == 1
    assert odds_key(E0, QUESTION) == "v4/sports/soccer_epl/odds?regions=eu,uk&markets=h2h,totals,spreads"


def test_an_answer_comes_with_what_it_cost_and_what_is_left(api: OddsApi, server: OddsApiServer) -> None:
    answer = api.odds(E0, QUESTION, *SPAN)
    assert answer.body == simulate_answer(SPORT, LISTED, NOW)
    assert Usage.of(answer.headers) == Usage(remaining=494, used=6, cost=6)
    assert api.usage() == Usage(remaining=494, used=6, cost=0)
    assert server.asked == ["v4/sports/soccer_epl/odds", "v4/sports"]


def test_headers_that_say_nothing_say_nothing() -> None:
    assert Usage.of({}) == Usage.of({"x-requests-remaining": "many", "x-requests-last": "inf"}) == Usage()
    assert Usage.of({"x-requests-remaining": "12.0"}).remaining == 12


FAULTS = {
    Mode.REFUSES: (
        OddsApiRefusedError,
        "HTTP 401 Unauthorized (INVALID_KEY). The key is not taken: set MONPS_ODDS_API",
    ),
    Mode.TOO_OFTEN: (TransientFetchError, "HTTP 429 Too Many Requests (EXCEEDED_FREQ_LIMIT); gave up after 1 try"),
    Mode.BROKEN: (TransientFetchError, "HTTP 503 Service Unavailable"),
}


@pytest.mark.parametrize("mode", FAULTS)
def test_a_fault_is_told_in_words_with_what_is_left(api: OddsApi, server: OddsApiServer, mode: Mode) -> None:
    server.mode = mode
    kind, words = FAULTS[mode]
    with pytest.raises(kind) as caught:
        api.odds(E0, QUESTION, *SPAN)
    assert words in str(caught.value)
    assert isinstance(caught.value, FetchError)
    assert Usage.of(caught.value.headers).remaining == 500


def test_credits_that_are_used_up_are_told_apart_from_a_wrong_key(api: OddsApi, server: OddsApiServer) -> None:
    server.remaining = 5
    with pytest.raises(OddsApiRefusedError, match="used up until they are renewed"):
        api.odds(E0, QUESTION, *SPAN)


def test_the_key_is_in_no_message_no_log_and_no_representation(
    api: OddsApi, server: OddsApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = [repr(api), repr(api.odds(E0, QUESTION, *SPAN))]
    for mode in FAULTS:
        server.mode = mode
        with pytest.raises(FetchError) as caught:
            api.odds(E0, QUESTION, *SPAN)
        shown += [repr(caught.value), str(caught.value), repr(caught.value.__cause__), repr(caught.value.__context__)]
    with closing(HttpClient(retries=0)) as client, pytest.raises(FetchError) as caught:
        OddsApi(client, "http://127.0.0.1:1", SecretStr(KEY)).odds(E0, QUESTION, *SPAN)
    shown.append(repr(caught.value))
    assert "/v4/sports/soccer_epl/odds?..." in caplog.text, "the log does not see the requests"
    assert KEY not in caplog.text + "".join(shown)


def test_the_key_is_told_to_no_other_server(api: OddsApi, server: OddsApiServer, monkeypatch: Any) -> None:
    elsewhere = {"Location": "http://127.0.0.1:1/"}
    monkeypatch.setattr(server, "answer", lambda _: (302, b"", elsewhere))
    with pytest.raises(FetchError, match="HTTP 302"):
        api.odds(E0, QUESTION, *SPAN)


def outcome(name: str, price: Any, point: Any = None) -> dict[str, Any]:
    return {"name": name, "price": price} if point is None else {"name": name, "price": price, "point": point}


def market(key: str, *outcomes: Any, updated: Any = "2024-10-19T09:59:00Z") -> dict[str, Any]:
    return {"key": key, "last_update": updated, "outcomes": list(outcomes)}


H2H = market("h2h", outcome("Arsenal", 1.8), outcome("Chelsea", 4.5), outcome("Draw", 3.75))


def event(*markets: Any, book: str = "pinnacle", **changes: Any) -> dict[str, Any]:
    return {
        "id": "e1",
        "sport_key": SPORT,
        "commence_time": "2024-10-19T15:00:00Z",
        "home_team": "Arsenal",
        "away_team": "Chelsea",
        "bookmakers": [{"key": book, "title": book, "last_update": "2024-10-19T09:58:00Z", "markets": list(markets)}],
        **changes,
    }


def parse(*events: Any) -> ParsedSnapshot:
    return parse_snapshot(json.dumps(events).encode(), NOW, "answer")


def test_every_market_is_read_with_its_sides_lines_and_instant() -> None:
    totals = market("totals", outcome("Over", 1.9, 2.5), outcome("Under", 2, 2.5))
    # The home side gives half a goal, whichever side is named first.
    spreads = market("spreads", outcome("Chelsea", 1.95, 0.5), outcome("Arsenal", 1.97, -0.5), updated=None)
    del spreads["last_update"]
    found = parse(event(H2H, totals, spreads))
    assert [(quote.market, quote.line, quote.prices) for quote in found.quotes] == [
        (Market.ONE_X_TWO, None, (Decimal("1.8"), Decimal("3.75"), Decimal("4.5"))),
        (Market.OVER_UNDER, Decimal("2.5"), (Decimal("1.9"), Decimal(2))),
        (Market.ASIAN_HANDICAP, Decimal("-0.5"), (Decimal("1.97"), Decimal("1.95"))),
    ]
    assert {quote.bookmaker for quote in found.quotes} == {"PS"}
    # The market's own instant, else the bookmaker's.
    assert [quote.captured_at.minute for quote in found.quotes] == [59, 59, 58]
    assert found.rejections == ()


def test_a_market_may_have_several_lines() -> None:
    lines = [outcome(side, price, line) for line in (2.5, 3.0) for side, price in (("Over", 1.9), ("Under", 1.95))]
    assert [quote.line for quote in parse(event(market("totals", *lines))).quotes] == [Decimal("2.5"), Decimal(3)]


TOTALS = ("Over", "Under")
REJECTED: dict[str, tuple[Reason, Any]] = {
    "a bookmaker that nobody knows": (Reason.UNKNOWN_BOOKMAKER, event(H2H, book="uncle_bob")),
    "a market that nobody knows": (Reason.UNKNOWN_MARKET, event(market("btts", *H2H["outcomes"]))),
    "prices to lay at": (Reason.LAY_PRICES, event(market("h2h_lay", *H2H["outcomes"]), book="betfair_ex_uk")),
    "a price of one": (Reason.PRICE_NOT_ABOVE_ONE, event(market("totals", *(outcome(s, 1, 2.5) for s in TOTALS)))),
    "a price in words": (Reason.NOT_A_NUMBER, event(market("totals", *(outcome(s, "2.0", 2.5) for s in TOTALS)))),
    "no price": (Reason.NOT_A_NUMBER, event(market("totals", *(outcome(s, None, 2.5) for s in TOTALS)))),
    "a huge price": (Reason.PRICE_OUT_OF_RANGE, event(market("totals", *(outcome(s, 1e9, 2.5) for s in TOTALS)))),
    "too many decimals": (Reason.PRICE_TOO_PRECISE, event(market("totals", *(outcome(s, 1.90001, 2) for s in TOTALS)))),
    "no line": (Reason.MISSING_LINE, event(market("totals", *(outcome(s, 1.9) for s in TOTALS)))),
    "a line of thirds": (Reason.LINE_NOT_QUARTER, event(market("totals", *(outcome(s, 1.9, 2.3) for s in TOTALS)))),
    "a line beyond all": (Reason.LINE_OUT_OF_RANGE, event(market("totals", *(outcome(s, 1.9, 99) for s in TOTALS)))),
    "lines that differ": (
        Reason.LINES_DIFFER,
        event(market("spreads", outcome("Arsenal", 1.9, -0.5), outcome("Chelsea", 1.9, -0.5))),
    ),
    "a side too few": (Reason.INCOMPLETE_PRICES, event(market("h2h", *H2H["outcomes"][:2]))),
    "a side of nobody": (Reason.INCOMPLETE_PRICES, event(market("h2h", *H2H["outcomes"], outcome("Leeds", 9)))),
    "no outcomes": (Reason.INCOMPLETE_PRICES, event({"key": "h2h", "last_update": "2024-10-19T09:59:00Z"})),
    "a side twice": (Reason.DUPLICATE_QUOTE, event(market("h2h", *H2H["outcomes"], *H2H["outcomes"]))),
    "no instant": (Reason.UNREADABLE_TIME, event(market("h2h", *H2H["outcomes"], updated="soon"))),
    "an instant of nowhere": (Reason.UNREADABLE_TIME, event(market("h2h", updated="2024-10-19T09:59:00"))),
    "prices of later": (
        Reason.CAPTURED_IN_THE_FUTURE,
        event(market("h2h", *H2H["outcomes"], updated="2024-10-19T10:06:00Z")),
    ),
    "a match in play": (Reason.EVENT_STARTED, event(H2H, commence_time="2024-10-19T10:00:00Z")),
    "no team": (Reason.MISSING_TEAM, event(H2H, home_team=None)),
    "a team against itself": (Reason.SAME_TEAM_TWICE, event(H2H, home_team="Chelsea")),
    "a name that no database keeps": (Reason.UNUSABLE_TEXT, event(H2H, home_team="Ars\x00enal")),
    "half a character": (Reason.UNUSABLE_TEXT, event(H2H, home_team="Ars\ud800enal")),
    "no object": (Reason.UNREADABLE_EVENT, "Arsenal"),
    "no beginning": (Reason.UNREADABLE_TIME, event(H2H, commence_time=None)),
}


@pytest.mark.parametrize("case", REJECTED)
def test_what_cannot_be_loaded_is_one_rejection_with_its_reason_and_place(case: str) -> None:
    reason, spoilt = REJECTED[case]
    found = parse(event(H2H, id="e0", home_team="Leeds", away_team="Hull", bookmakers=[]), spoilt)
    assert found.quotes == ()
    (rejection,) = found.rejections
    assert (rejection.reason, rejection.line_number) == (reason, 2)
    rejection.raw_text.encode()
    assert found.quotes_read == 1


def test_the_same_quote_twice_is_loaded_once() -> None:
    found = parse(event(H2H, H2H))
    assert len(found.quotes) == 1
    assert [rejection.reason for rejection in found.rejections] == [Reason.DUPLICATE_QUOTE]


def test_an_event_that_cannot_be_read_counts_with_each_of_its_markets() -> None:
    assert len(parse(event(H2H, H2H, home_team="")).rejections) == 2


UNREADABLE: dict[str, bytes] = {
    "HTML": b"<html>",
    "nothing": b"",
    "an object": b'{"message": "no"}',
    "no text": b"\xff\xfe",
    "brackets without end": b"[" * 100_000,
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_body_that_is_no_list_of_events_is_refused_by_its_name(case: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"^answer: the answer "):
        parse_snapshot(UNREADABLE[case], NOW, "answer")


def test_a_simulated_answer_is_read_whole_but_for_the_prices_to_lay_at() -> None:
    found = parse_snapshot(simulate_answer(SPORT, LISTED, NOW), NOW, "answer")
    assert len(found.events) == 2
    assert len(found.quotes) == 2 * 3 * len(MARGINS)
    assert {rejection.reason for rejection in found.rejections} == {Reason.LAY_PRICES}
    assert found.quotes_read == len(found.quotes) + len(found.rejections)


def test_simulated_prices_move_and_are_the_same_at_the_same_instant() -> None:
    answer: Callable[[datetime], bytes] = lambda now: simulate_answer(SPORT, LISTED, now)  # noqa: E731
    assert answer(NOW) == answer(NOW) != answer(NOW + timedelta(hours=1))


def test_every_bookmaker_of_the_api_is_one_of_the_platform() -> None:
    assert set(OF_ODDS_API.values()) <= set(KNOWN)
    assert KNOWN[OF_ODDS_API["pinnacle"]].is_sharp
    exchanges = {key for key, ours in OF_ODDS_API.items() if KNOWN[ours].is_exchange}
    assert exchanges == {"betfair_ex_eu", "betfair_ex_uk", "matchbook", "smarkets"}
    assert not any(KNOWN[ours].is_aggregate for ours in OF_ODDS_API.values())
