"""Every name that a column, market, side or league may have, written down here once more: none is lost unnoticed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from monps_platform.domain.bookmakers import spelled
from monps_platform.domain.leagues import LEAGUES, League
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import MARKETS_WITH_LINE, PICK_SIDES, PickSide
from monps_platform.sources.picks import names
from monps_platform.sources.picks.names import league_of, market_of, side_of
from monps_platform.sources.picks.parser import parse_picks
from monps_platform_tests.sources.picks import pick_files
from monps_platform_tests.sources.picks.pick_files import COMPUTED, NAME, body_of, line_of, only_line, parse

COLUMN_SPELLINGS: Mapping[str, str] = {
    "agent": "agent, tipster, picked by, who",
    "league": "league, division, div, competition",
    "date": "date, match date, day",
    "home": "home, home team, home side",
    "away": "away, away team, away side",
    "market": "market, bet type",
    "side": "side, selection, pick, outcome, backed",
    "line": "line, total, home handicap",
    "bookmaker": "bookmaker, book, bookie, sportsbook",
    "price": "price, odds, decimal odds, price taken, odds taken",
    "stake": "stake, units, stake units",
    "taken_at": "taken_at, taken at, placed at, placed, bet placed, time taken",
    "strategy": "strategy, system",
    "model_probability": "model_probability, model probability, probability, model prob, prob",
}
MARKET_SPELLINGS: Mapping[Market, str] = {
    Market.ONE_X_TWO: "1x2, match odds, match result, full time result, h2h, 3way, 3-Way",
    Market.OVER_UNDER: "over_under, over/under, Over Under, ou, O/U, totals, total goals, goals",
    Market.ASIAN_HANDICAP: "asian_handicap, Asian Handicap, ah, asian hcp, spreads",
    Market.BTTS: "btts, both teams to score, gg",
    Market.DOUBLE_CHANCE: "double_chance, Double Chance, dc",
    Market.DRAW_NO_BET: "draw_no_bet, Draw No Bet, dnb",
}
_HOME_AWAY = {PickSide.HOME: "home, 1, h", PickSide.AWAY: "away, 2, a"}
SIDE_SPELLINGS: Mapping[Market, Mapping[PickSide, str]] = {
    Market.ONE_X_TWO: {**_HOME_AWAY, PickSide.DRAW: "draw, x, d, tie"},
    Market.OVER_UNDER: {PickSide.OVER: "over, o", PickSide.UNDER: "under, u"},
    Market.ASIAN_HANDICAP: _HOME_AWAY,
    Market.BTTS: {PickSide.YES: "yes, y", PickSide.NO: "no, n"},
    Market.DOUBLE_CHANCE: {
        PickSide.HOME_OR_DRAW: "home_or_draw, home or draw, 1x",
        PickSide.HOME_OR_AWAY: "home_or_away, home or away, 12",
        PickSide.DRAW_OR_AWAY: "draw_or_away, draw or away, x2",
    },
    Market.DRAW_NO_BET: _HOME_AWAY,
}


def dressed(spelling: str) -> list[str]:
    """A spelling as people write it: only letters and digits count, in any case."""
    return [spelling, spelling.upper(), spelling.title(), f" {spelling.replace(' ', '_')}.", spelling.replace(" ", "-")]


@pytest.mark.parametrize("column", COLUMN_SPELLINGS)
def test_every_name_of_a_column_means_it(column: str) -> None:
    columns = pick_files.COLUMNS
    value = {**pick_files.GOOD, **pick_files.TOTAL, "strategy": "late", "model_probability": "0.5"}
    expected = only_line(parse(value))
    for spelling in COLUMN_SPELLINGS[column].split(", "):
        for written in dressed(spelling):
            header = ",".join(written if name == column else name for name in columns)
            assert only_line(parse_picks(body_of(line_of(value, columns), header=header), NAME)) == expected, written


def test_no_column_has_a_name_that_is_not_tried_here() -> None:
    tried = {spelled(name): column for column, all_of in COLUMN_SPELLINGS.items() for name in all_of.split(", ")}
    tried |= {spelled(column): column for column in COMPUTED}
    assert dict(names.COLUMN_NAMES) == tried
    assert names.COLUMNS == pick_files.COLUMNS
    assert names.COMPUTED == COMPUTED


@pytest.mark.parametrize("market", Market)
def test_every_name_of_a_market_means_it(market: Market) -> None:
    for spelling in MARKET_SPELLINGS[market].split(", "):
        for written in dressed(spelling):
            assert market_of(written) is market, written


@pytest.mark.parametrize("market", Market)
def test_every_name_of_a_side_means_it(market: Market) -> None:
    assert set(SIDE_SPELLINGS[market]) == set(PICK_SIDES[market])
    line = "2.5" if market in MARKETS_WITH_LINE else ""
    for side, all_of in SIDE_SPELLINGS[market].items():
        for spelling in all_of.split(", "):
            for written in dressed(spelling):
                assert side_of(written, market, "Arsenal", "Chelsea") is side, written
            found = only_line(parse({"market": market, "side": spelling, "line": line}))
            assert (found.market, found.side) == (market, side)


@pytest.mark.parametrize("market", Market)
def test_a_side_of_one_market_is_none_of_another(market: Market) -> None:
    known = {spelled(name) for all_of in SIDE_SPELLINGS[market].values() for name in all_of.split(", ")}
    every = {name for sides in SIDE_SPELLINGS.values() for all_of in sides.values() for name in all_of.split(", ")}
    for name in every:
        assert (side_of(name, market, "Arsenal", "Chelsea") is not None) == (spelled(name) in known), name


def test_a_side_may_be_named_by_the_club_that_is_backed() -> None:
    for market in (Market.ONE_X_TWO, Market.ASIAN_HANDICAP, Market.DRAW_NO_BET):
        assert side_of("Nott'm Forest", market, "NOTTM FOREST", "Chelsea") is PickSide.HOME
        assert side_of("chelsea", market, "Arsenal", "Chelsea") is PickSide.AWAY
        assert side_of("Everton", market, "Arsenal", "Chelsea") is None
    for market in (Market.OVER_UNDER, Market.BTTS, Market.DOUBLE_CHANCE):
        assert side_of("Arsenal", market, "Arsenal", "Chelsea") is None


def test_a_club_that_is_called_as_a_side_does_not_take_its_place() -> None:
    assert side_of("Away", Market.ONE_X_TWO, "Away", "Chelsea") is PickSide.AWAY
    assert side_of("X", Market.ONE_X_TWO, "Arsenal", "X") is PickSide.DRAW


@pytest.mark.parametrize("item", LEAGUES, ids=lambda item: item.code)
def test_every_league_is_known_by_its_code_its_name_and_the_name_at_understat(item: League) -> None:
    for spelling in filter(None, (item.code, item.name, item.understat_name)):
        for written in dressed(spelling):
            assert league_of(written) is item, written
        assert only_line(parse({"league": spelling})).league is item


def test_what_two_leagues_are_called_means_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = LEAGUES[0], LEAGUES[1]
    monkeypatch.setattr(names, "_LEAGUES", {"premierleague": [first, second], "epl": [first]})
    assert league_of("Premier League") is None
    assert league_of("EPL") is first


@pytest.mark.parametrize("nothing", ["", " ", "!?", "nobody"])
def test_what_nothing_is_called_means_nothing(nothing: str) -> None:
    assert league_of(nothing) is None
    assert market_of(nothing) is None
    assert [side_of(nothing, market, "Arsenal", "Chelsea") for market in Market] == [None] * len(Market)
