"""Matches: their identity, their time, and files put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.matches import Match, ParsedMatches, combine, kickoff_utc, match_id
from monps_platform.domain.odds import Market, Quotes
from monps_platform.domain.rejections import Dataset, Reason, Rejection

_AT_ANY_SPEED = settings(deadline=None)

_DAY = date(2021, 8, 14)
_KEYS = st.tuples(
    st.integers(1993, 2099), st.integers(1, 30), st.integers(1, 5_000), st.integers(1, 5_000), st.integers(1, 4)
)


def _part(pairs: Sequence[tuple[str, str, date]], bookmakers: Sequence[str] = (), *quotes: Quotes) -> ParsedMatches:
    matches = [Match(home, away, day) for home, away, day in pairs]
    return ParsedMatches(matches, bookmakers, quotes, [], len(matches), sum(map(len, quotes)))


def _one_x_two(match: list[int], bookmaker: list[int]) -> Quotes:
    prices = np.array([[20_000 + at, 30_000, 40_000] for at in match])
    return Quotes(Market.ONE_X_TWO, np.array(match), np.array(bookmaker), np.array([False] * len(match)), None, prices)


def _totals(match: list[int], bookmaker: list[int]) -> Quotes:
    ones = [1] * len(match)
    line, prices = np.array(ones) * 25_000, np.array([[19_000, 19_000]] * len(match))
    return Quotes(Market.OVER_UNDER, np.array(match), np.array(bookmaker), np.array(ones, dtype=bool), line, prices)


def test_the_id_of_a_match_never_changes() -> None:
    # Pinned: rows of users' own point to these. A change here breaks every database there is.
    assert match_id(2021, 1, 17, 4, 1) == 284_500_177_564_671_611
    assert match_id(1993, 24, 4000, 3999, 2) == 280_582_208_309_633_238


@_AT_ANY_SPEED
@given(_KEYS, _KEYS)
def test_matches_of_one_season_lie_together_in_every_index(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    ids = match_id(*first), match_id(*second)
    assert (first[0] < second[0]) <= (ids[0] < ids[1])
    assert all(0 < each < 2**63 for each in ids)


def test_different_matches_have_different_ids() -> None:
    sides = list(permutations(range(1, 25), 2))
    keys = [
        (season, league_id, home, away, meeting)
        for season, league_id, meeting in product(range(1993, 2027), (1, 11, 22), (1, 2))
        for home, away in sides
    ]
    assert len({match_id(*key) for key in keys}) == len(keys) > 100_000


@pytest.mark.parametrize(
    ("day", "local", "expected"),
    [
        (date(2019, 10, 26), time(15), datetime(2019, 10, 26, 14, tzinfo=UTC)),
        (date(2019, 10, 27), time(14), datetime(2019, 10, 27, 14, tzinfo=UTC)),
        (date(2021, 3, 27), time(20), datetime(2021, 3, 27, 20, tzinfo=UTC)),
        (date(2021, 3, 28), time(20), datetime(2021, 3, 28, 19, tzinfo=UTC)),
        (date(2021, 8, 14), time(0, 30), datetime(2021, 8, 13, 23, 30, tzinfo=UTC)),
        (date(2021, 1, 1), time(0, 0), datetime(2021, 1, 1, tzinfo=UTC)),
    ],
)
def test_uk_time_becomes_utc_across_daylight_saving(day: date, local: time, expected: datetime) -> None:
    assert kickoff_utc(day, local) == expected
    assert kickoff_utc(day, local).utcoffset() == timedelta(0)


@_AT_ANY_SPEED
@given(st.dates(date(1996, 1, 1), date(2030, 12, 31)), st.integers(3, 23))
def test_uk_time_is_at_most_an_hour_ahead_and_only_between_march_and_october(day: date, hour: int) -> None:
    ahead = datetime.combine(day, time(hour), tzinfo=UTC) - kickoff_utc(day, time(hour))
    assert ahead in {timedelta(0), timedelta(hours=1)}
    if ahead:
        assert (3, 25) <= (day.month, day.day) <= (10, 31)


def test_combined_files_keep_each_quote_with_its_match_and_bookmaker() -> None:
    season = _part([("A", "B", _DAY), ("C", "D", _DAY)], ["B365", "PS"], _one_x_two([0, 1, 1], [0, 0, 1]))
    to_come = _part([("E", "F", _DAY)], ["VC", "PS"], _one_x_two([0, 0], [1, 0]), _totals([0], [1]))
    whole = combine([season, to_come])
    seen = {
        (quotes.market, whole.matches[match].home_team, whole.bookmakers[bookmaker])
        for quotes in whole.quotes
        for match, bookmaker in zip(quotes.match, quotes.bookmaker, strict=True)
    }
    assert seen == {
        (Market.ONE_X_TWO, "A", "B365"),
        (Market.ONE_X_TWO, "C", "B365"),
        (Market.ONE_X_TWO, "C", "PS"),
        (Market.ONE_X_TWO, "E", "PS"),
        (Market.ONE_X_TWO, "E", "VC"),
        (Market.OVER_UNDER, "E", "PS"),
    }
    assert len(whole.quotes) == len({quotes.market for quotes in whole.quotes})
    assert whole.bookmakers == ["B365", "PS", "VC"]
    prices = next(quotes.prices for quotes in whole.quotes if quotes.market is Market.ONE_X_TWO)
    assert prices[:, 0].tolist() == [20_000, 20_001, 20_001, 20_000, 20_000]


def test_one_file_combined_is_that_file() -> None:
    season = _part([("A", "B", _DAY)], ["B365"], _one_x_two([0], [0]))
    whole = combine([season])
    assert (whole.matches, whole.bookmakers) == (season.matches, ["B365"])
    assert whole.quotes[0].prices.tolist() == season.quotes[0].prices.tolist()


def test_nothing_combined_is_nothing() -> None:
    whole = combine([])
    assert (whole.matches, whole.bookmakers, whole.quotes) == ([], [], [])


def test_a_file_without_quotes_still_brings_its_matches() -> None:
    whole = combine([_part([("A", "B", _DAY)]), _part([("C", "D", _DAY)], ["PS"], _one_x_two([0], [0]))])
    assert [match.home_team for match in whole.matches] == ["A", "C"]
    assert whole.quotes[0].match.tolist() == [1]


def test_meetings_are_numbered_by_date_over_all_files_of_a_season() -> None:
    later = _DAY + timedelta(days=200)
    season = _part([("Celtic", "Hearts", _DAY), ("Hearts", "Celtic", _DAY + timedelta(days=90))])
    to_come = _part([("Celtic", "Hearts", later)])
    for parts in ([season, to_come], [to_come, season]):
        meetings = {(match.home_team, match.match_date): match.meeting for match in combine(parts).matches}
        assert meetings == {
            ("Celtic", _DAY): 1,
            ("Hearts", _DAY + timedelta(days=90)): 1,
            ("Celtic", later): 2,
        }


def test_rejections_and_complete_quotes_are_counted_by_what_they_concern() -> None:
    rejections = [
        Rejection(Dataset.MATCHES, 3, Reason.MISSING_TEAM, ",,"),
        Rejection(Dataset.ODDS, 3, Reason.MATCH_REJECTED, "BWH=2"),
        Rejection(Dataset.ODDS, 4, Reason.INCOMPLETE_PRICES, "BWH=2"),
    ]
    quotes = [_one_x_two([0, 1], [0, 0]), _totals([0], [0])]
    parsed = ParsedMatches([], ["BW"], quotes, rejections, lines_read=1, quotes_read=5)
    counts = {dataset: parsed.rejected(dataset) for dataset in (Dataset.MATCHES, Dataset.ODDS, Dataset.MATCH_DETAILS)}
    assert counts == {Dataset.MATCHES: 1, Dataset.ODDS: 2, Dataset.MATCH_DETAILS: 0}
    assert parsed.quotes_loaded == 3
