"""Whole files: season files of several eras, matches to come, simulated seasons, and where files are found."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from monps_platform.domain.leagues import LEAGUES, SIMULATED, League, expected_matches, league
from monps_platform.domain.matches import combine
from monps_platform.domain.odds import Market
from monps_platform.domain.rejections import Dataset, Reason
from monps_platform.domain.seasons import Season
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.football_data.files import FIXTURES_KEY, season_key
from monps_platform.sources.football_data.match_rows import Pairing
from monps_platform.sources.football_data.parser import parse_fixtures, parse_season
from monps_platform.sources.simulated import simulate_season
from monps_platform_tests.sources.football_data.reading import (
    RESULTS,
    Odds,
    decimals,
    file_of,
    odds_of,
    parse,
    reasons_of,
)

# As the site writes it: result columns that are still blank, and a repeated FTR.
_TO_COME = f"{RESULTS},HTHG,HTAG,FTR,B365H,B365D,B365A,PPH,PPD,PPA,P>2.5,P<2.5,AHh,PAHH,PAHA"
_FIXTURES = file_of(
    _TO_COME,
    "E0,14/05/2022,Burnley,Leeds,,,,,,,2.5,3.2,2.9,2.6,3.1,2.8,1.9,2,-0.25,1.95,1.97",
    "E2,14/05/2022,Wigan,Burnley,,,,,,,x,3.2,2.9,,,,,,,,",
    "SC0,15/05/2022,Celtic,Hearts,,,,,,,1.3,5,,,,,,,,,",
    "e0,15/05/2022,Everton,Brentford,,,,,,,,,,,,,,,,,",
    ",16/05/2022,Chelsea,Watford,,,,,,,2,3,4,,,,,,,,",
    ",,,,,,,",
)


def _fixtures(code: str, *taken: Pairing, body: bytes = _FIXTURES) -> list[tuple[str, date]]:
    parsed = parse_fixtures(body, league(code), FIXTURES_KEY, set(taken))
    return [(match.home_team, match.match_date) for match in parsed.matches]


def test_files_are_found_under_the_sites_paths() -> None:
    assert season_key(league("SP1"), Season(1999)) == "mmz4281/9900/SP1.csv"
    assert len({season_key(item, Season(year)) for item in LEAGUES for year in range(1993, 2030)}) == len(LEAGUES) * 37


def test_a_season_of_2003_has_each_bookmakers_own_handicap_line() -> None:
    header = f"{RESULTS},B365H,B365D,B365A,SOH,SOD,SOA,GB>2.5,GB<2.5,GBAHH,GBAHA,GBAH,B365AHH,B365AHA,B365AH,,"
    parsed = parse(header, "E0,16/08/03,A,B,0,1,A,2.25,3.25,2.75,,,,1.8,1.95,1.9,1.9,-0.25,1.85,2,0,,")
    assert set(odds_of(parsed)) == {
        Odds("A", "B365", Market.ONE_X_TWO, False, None, decimals("2.25 3.25 2.75")),
        Odds("A", "GB", Market.OVER_UNDER, False, Decimal("2.5"), decimals("1.8 1.95")),
        Odds("A", "GB", Market.ASIAN_HANDICAP, False, Decimal("-0.25"), decimals("1.9 1.9")),
        Odds("A", "B365", Market.ASIAN_HANDICAP, False, Decimal(0), decimals("1.85 2")),
    }


def test_a_season_of_2012_has_betbrains_aggregates_and_pinnacles_closing_prices() -> None:
    header = (
        f"{RESULTS},PSH,PSD,PSA,Bb1X2,BbMxH,BbAvH,BbMxD,BbAvD,BbMxA,BbAvA,BbOU,BbMx>2.5,BbAv>2.5,BbMx<2.5,BbAv<2.5,"
        "BbAH,BbAHh,BbMxAHH,BbAvAHH,BbMxAHA,BbAvAHA,PSCH,PSCD,PSCA"
    )
    cells = "2.1,3.3,3.6,38,2.2,2.1,3.4,3.3,3.7,3.5,35,2.0,1.9,2.1,1.95,20,-0.5,2.1,2.05,1.9,1.85,2.05,3.4,3.7"
    parsed = parse(header, f"E0,18/08/12,A,B,0,0,D,{cells}")
    assert set(odds_of(parsed)) == {
        Odds("A", "PS", Market.ONE_X_TWO, False, None, decimals("2.1 3.3 3.6")),
        Odds("A", "PS", Market.ONE_X_TWO, True, None, decimals("2.05 3.4 3.7")),
        Odds("A", "BbMx", Market.ONE_X_TWO, False, None, decimals("2.2 3.4 3.7")),
        Odds("A", "BbAv", Market.ONE_X_TWO, False, None, decimals("2.1 3.3 3.5")),
        Odds("A", "BbMx", Market.OVER_UNDER, False, Decimal("2.5"), decimals("2.0 2.1")),
        Odds("A", "BbAv", Market.OVER_UNDER, False, Decimal("2.5"), decimals("1.9 1.95")),
        Odds("A", "BbMx", Market.ASIAN_HANDICAP, False, Decimal("-0.5"), decimals("2.1 1.9")),
        Odds("A", "BbAv", Market.ASIAN_HANDICAP, False, Decimal("-0.5"), decimals("2.05 1.85")),
    }


def test_a_season_of_2025_brings_bookmakers_that_came_lately() -> None:
    header = "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,BFDH,BFDD,BFDA,BMGMH,BMGMD,BMGMA,BFEH,BFED,BFEA,"
    header += "BFECH,BFECD,BFECA,BFEC>2.5,BFEC<2.5,AHh,BFEAHH,BFEAHA,AHCh,BFECAHH,BFECAHA"
    row = "G1,23/08/2025,18:00,Aris,Volos NFC,2,0,H,1.62,3.5,5,,,,1.72,3.7,5.1,1.71,3.95,5.8,2.18,1.82,"
    parsed = parse(header, row + "-0.75,1.93,1.95,-1,2.04,1.84", code="G1")
    assert {(odds.bookmaker, odds.market, odds.is_closing, odds.line) for odds in odds_of(parsed)} == {
        ("BFD", Market.ONE_X_TWO, False, None),
        ("BFE", Market.ONE_X_TWO, False, None),
        ("BFE", Market.ONE_X_TWO, True, None),
        ("BFE", Market.OVER_UNDER, True, Decimal("2.5")),
        ("BFE", Market.ASIAN_HANDICAP, False, Decimal("-0.75")),
        ("BFE", Market.ASIAN_HANDICAP, True, Decimal(-1)),
    }
    assert parsed.matches[0].kickoff_at == datetime(2025, 8, 23, 17, 0, tzinfo=UTC)
    assert not parsed.rejections


def test_the_file_of_matches_to_come_gives_one_divisions_matches_with_their_current_prices() -> None:
    parsed = parse_fixtures(_FIXTURES, league("E0"), FIXTURES_KEY)
    assert [(match.home_team, match.match_date, match.home_goals) for match in parsed.matches] == [
        ("Burnley", date(2022, 5, 14), None),
        ("Everton", date(2022, 5, 15), None),
    ]
    assert set(odds_of(parsed)) == {
        Odds("Burnley", "B365", Market.ONE_X_TWO, False, None, decimals("2.5 3.2 2.9")),
        Odds("Burnley", "PP", Market.ONE_X_TWO, False, None, decimals("2.6 3.1 2.8")),
        Odds("Burnley", "PS", Market.OVER_UNDER, False, Decimal("2.5"), decimals("1.9 2")),
        Odds("Burnley", "PS", Market.ASIAN_HANDICAP, False, Decimal("-0.25"), decimals("1.95 1.97")),
    }
    assert (parsed.lines_read, parsed.quotes_read, list(parsed.rejections)) == (2, 4, [])


def test_other_divisions_in_the_file_of_matches_to_come_keep_their_own_rejections() -> None:
    parsed = parse_fixtures(_FIXTURES, league("SC0"), FIXTURES_KEY)
    assert reasons_of(parsed) == [(4, Reason.INCOMPLETE_PRICES)]
    assert _fixtures("SP1") == []


def test_the_file_of_matches_to_come_is_refused_when_it_does_not_name_divisions() -> None:
    body = file_of(_TO_COME.removeprefix("Div,"), "14/05/2022,Burnley,Leeds")
    with pytest.raises(UnreadableFileError, match=r"fixtures\.csv: no column Div"):
        parse_fixtures(body, league("E0"), FIXTURES_KEY)


def test_a_match_to_come_that_the_seasons_file_holds_already_is_rejected_with_its_prices() -> None:
    for day in (date(2022, 5, 14), date(2022, 5, 1)):  # postponed or not: the pair meets there once
        parsed = parse_fixtures(_FIXTURES, league("E0"), FIXTURES_KEY, {("Burnley", "Leeds", day)})
        assert [match.home_team for match in parsed.matches] == ["Everton"]
        assert Counter(reasons_of(parsed)) == {(2, Reason.ALREADY_IN_SEASON_FILE): 1, (2, Reason.MATCH_REJECTED): 4}
        assert parsed.lines_read == len(parsed.matches) + parsed.rejected(Dataset.MATCHES)


def test_the_same_pair_at_the_other_ground_is_another_match() -> None:
    assert ("Burnley", date(2022, 5, 14)) in _fixtures("E0", ("Leeds", "Burnley", date(2022, 1, 2)))


def test_in_scotland_a_second_home_meeting_is_to_come_though_the_first_has_been_played() -> None:
    first, second = date(2021, 8, 14), date(2022, 5, 15)
    season = parse(RESULTS, f"SC0,{first:%d/%m/%Y},Celtic,Hearts,1,0,H", code="SC0")
    played = ("Celtic", "Hearts", first)
    to_come = parse_fixtures(_FIXTURES, league("SC0"), FIXTURES_KEY, {played})
    meetings = {match.match_date: match.meeting for match in combine([season, to_come]).matches}
    assert meetings == {first: 1, second: 2}
    assert _fixtures("SC0", played, ("Celtic", "Hearts", second)) == []
    earlier = [("Celtic", "Hearts", date(2022, month, 2)) for month in (2, 3)]
    assert _fixtures("SC0", played, *earlier) == []


def test_in_scotland_home_meetings_of_both_files_count_together() -> None:
    days = ("15/05/2022", "22/05/2022", "29/05/2022")
    rows = [f"SC0,{day},Celtic,Hearts,,," for day in days]
    played = ("Celtic", "Hearts", date(2021, 8, 14))
    parsed = parse_fixtures(file_of(RESULTS, *rows), league("SC0"), FIXTURES_KEY, {played})
    assert [match.match_date for match in parsed.matches] == [date(2022, 5, 15), date(2022, 5, 22)]
    assert reasons_of(parsed) == [(4, Reason.DUPLICATE_MATCH)]


def test_matches_to_come_of_another_season_are_rejected_when_the_season_is_named() -> None:
    parsed = parse_fixtures(_FIXTURES, league("E0"), FIXTURES_KEY, season=Season(2022))
    assert parsed.matches == []
    assert {reason for _, reason in reasons_of(parsed)} == {Reason.OUTSIDE_SEASON, Reason.MATCH_REJECTED}
    assert parse_fixtures(_FIXTURES, league("E0"), FIXTURES_KEY, season=Season(2021)).matches


def test_a_conflict_in_another_divisions_line_is_not_this_ones() -> None:
    rows = ("E1,14/05/2022,A,B,,,,,,H,,,", "E0,14/05/2022,C,D,1,0,H,,,D,,,", "E0,14/05/2022,E,F,1,0,H,,,H,,,")
    parsed = parse_fixtures(file_of(_TO_COME, *rows), league("E0"), FIXTURES_KEY)
    assert reasons_of(parsed) == [(3, Reason.CONFLICTING_COLUMNS)]


@pytest.mark.parametrize("item", SIMULATED, ids=lambda item: item.code)
def test_a_simulated_season_is_read_whole_and_without_a_rejection(item: League) -> None:
    season = Season(2021)
    parsed = parse_season(simulate_season(item, season), item, season_key(item, season))
    sides = {match.home_team for match in parsed.matches}
    assert len(parsed.matches) == parsed.lines_read == expected_matches(item, season, len(sides))
    assert all(match.kickoff_at is not None and match.home_goals is not None for match in parsed.matches)
    assert (list(parsed.rejections), parsed.blank_lines) == ([], 0)
    assert parsed.quotes_loaded == parsed.quotes_read > 20 * len(parsed.matches)
    kinds = {(odds.market, odds.is_closing) for odds in odds_of(parsed)}
    assert kinds == {(quotes.market, closing) for quotes in parsed.quotes for closing in (False, True)}
    assert len(parsed.quotes) == 3


def test_a_simulated_leagues_file_is_not_taken_for_another_leagues() -> None:
    body = simulate_season(league("SIM1"), Season(2021))
    parsed = parse_season(body, league("SIM2"), "SIM1.csv")
    assert len(parsed.matches) == 0
    assert {reason for _, reason in reasons_of(parsed)} == {Reason.WRONG_DIVISION, Reason.MATCH_REJECTED}
