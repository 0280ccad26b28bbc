"""Form, calendar and results of simulated seasons."""

from __future__ import annotations

import csv
import hashlib
import io
import random
from collections import Counter
from datetime import date
from functools import cache
from itertools import groupby, pairwise

import numpy as np
import pytest

from monps_platform.domain.leagues import SIMULATED, League
from monps_platform.domain.seasons import Season, season_range
from monps_platform.sources.simulated import TrueProbabilities, simulate_season, team_strengths, true_probabilities

_SEASONS = season_range(Season(2014), Season(2025))
_HEADER = (
    "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,Referee,HS,AS,HST,AST,HF,AF,HC,AC,HY,AY,HR,AR,"
    "B365H,B365D,B365A,BWH,BWD,BWA,IWH,IWD,IWA,PSH,PSD,PSA,WHH,WHD,WHA,VCH,VCD,VCA,MaxH,MaxD,MaxA,AvgH,AvgD,AvgA,"
    "B365>2.5,B365<2.5,P>2.5,P<2.5,Max>2.5,Max<2.5,Avg>2.5,Avg<2.5,"
    "AHh,B365AHH,B365AHA,PAHH,PAHA,MaxAHH,MaxAHA,AvgAHH,AvgAHA,"
    "B365CH,B365CD,B365CA,BWCH,BWCD,BWCA,IWCH,IWCD,IWCA,PSCH,PSCD,PSCA,WHCH,WHCD,WHCA,VCCH,VCCD,VCCA,"
    "MaxCH,MaxCD,MaxCA,AvgCH,AvgCD,AvgCA,B365C>2.5,B365C<2.5,PC>2.5,PC<2.5,MaxC>2.5,MaxC<2.5,AvgC>2.5,AvgC<2.5,"
    "AHCh,B365CAHH,B365CAHA,PCAHH,PCAHA,MaxCAHH,MaxCAHA,AvgCAHH,AvgCAHA"
)
_KICK_OFFS = {
    "Tue": {"19:45", "20:15"},
    "Wed": {"19:30", "19:45", "20:15"},
    "Fri": {"20:00"},
    "Sat": {"12:30", "15:00", "17:30"},
    "Sun": {"14:00", "16:00", "16:30"},
}
_EACH_LEAGUE = pytest.mark.parametrize("item", SIMULATED, ids=lambda item: item.code)

Row = dict[str, str]


@cache
def _season(item: League, season: Season) -> bytes:
    return simulate_season(item, season)


@cache
def _rows(item: League, season: Season) -> list[Row]:
    return list(csv.DictReader(io.StringIO(_season(item, season).decode("ascii"), newline="")))


def _every_row(item: League) -> list[Row]:
    return [row for season in _SEASONS for row in _rows(item, season)]


def _day(row: Row) -> date:
    return _date(row["Date"])


@cache
def _date(text: str) -> date:
    return date.fromisoformat("-".join(reversed(text.split("/"))))


def _matches_of_each_club(rows: list[Row]) -> dict[str, list[Row]]:
    clubs = {row["HomeTeam"] for row in rows}
    return {club: [row for row in rows if club in (row["HomeTeam"], row["AwayTeam"])] for club in clubs}


def test_a_season_has_the_same_bytes_for_ever() -> None:
    content = simulate_season(SIMULATED[0], Season(2022))
    lines = content.decode("ascii").split("\r\n")
    rows = _rows(SIMULATED[0], Season(2022))
    assert lines[1].startswith(
        "SIM1,12/08/2022,20:00,Rookminster,Jasperdene,1,2,A,0,1,A,B Tarrowick,15,13,8,4,10,12,10,11,0,4,0,0,"
        "2.0,3.8,3.5,1.95,3.9,3.6,1.95,3.8,3.4,2.01,3.97,3.62,2.0,3.8,3.5,2.0,3.8,3.5,"
    )
    assert sum(int(row["FTHG"]) + int(row["FTAG"]) for row in rows) == 1068
    assert hashlib.sha256(content).hexdigest() == "a8cce3ea0d009c50634086cb68e20322aab7196e447d1ec5c3cf7b04ed66dac3"


def test_neither_the_global_random_state_nor_earlier_calls_change_the_bytes() -> None:
    item, season = SIMULATED[1], Season(2023)
    before = simulate_season(item, season)
    np.random.seed(1)
    expected = np.random.random()
    random.seed(1)
    np.random.seed(1)
    simulate_season(SIMULATED[0], season)
    assert simulate_season(item, season) == before
    assert np.random.random() == expected


def test_no_two_seasons_are_alike() -> None:
    seasons = [(item, season) for item in SIMULATED for season in _SEASONS]
    results = {tuple(row["FTHG"] + row["FTAG"] for row in _rows(*season)[:100]) for season in seasons}
    openers = {(_rows(*season)[0]["HomeTeam"], _rows(*season)[0]["AwayTeam"]) for season in seasons}
    assert len(results) == len(seasons)
    assert len(openers) > len(seasons) / 2


@_EACH_LEAGUE
def test_the_file_has_the_form_of_football_data(item: League) -> None:
    text = _season(item, Season(2021)).decode("ascii")
    assert text.split("\r\n")[0] == _HEADER
    assert text.endswith("\r\n")
    assert text.count("\r\n") == text.count("\n") == len(_rows(item, Season(2021))) + 1
    assert {len(row) for row in csv.reader(io.StringIO(text, newline=""))} == {_HEADER.count(",") + 1}
    assert {row["Div"] for row in _rows(item, Season(2021))} == {item.code}


@_EACH_LEAGUE
def test_every_ordered_pair_of_clubs_meets_exactly_once(item: League) -> None:
    for season in _SEASONS:
        clubs = set(team_strengths(item, season))
        met = Counter((row["HomeTeam"], row["AwayTeam"]) for row in _rows(item, season))
        assert set(met) == {(home, away) for home in clubs for away in clubs if home != away}
        assert set(met.values()) == {1}


@_EACH_LEAGUE
def test_clubs_rest_at_least_two_days_between_matches(item: League) -> None:
    for season in _SEASONS:
        for matches in _matches_of_each_club(_rows(item, season)).values():
            days = [_day(row) for row in matches]
            assert min((later - earlier).days for earlier, later in pairwise(days)) >= 2


@_EACH_LEAGUE
def test_no_club_plays_more_than_three_times_running_at_home_or_away(item: League) -> None:
    for season in _SEASONS:
        for club, matches in _matches_of_each_club(_rows(item, season)).items():
            runs = [len(list(run)) for _, run in groupby(row["HomeTeam"] == club for row in matches)]
            assert max(runs) <= 3


@_EACH_LEAGUE
def test_matches_are_played_from_mid_august_to_late_may_in_order_of_kick_off(item: League) -> None:
    for season in _SEASONS:
        rows = _rows(item, season)
        days = [_day(row) for row in rows]
        assert date(season.start_year, 8, 11) <= days[0] <= date(season.start_year, 8, 18)
        assert date(season.start_year + 1, 5, 18) <= days[-1] <= date(season.start_year + 1, 5, 31)
        kickoffs = [(day, row["Time"]) for day, row in zip(days, rows, strict=True)]
        assert kickoffs == sorted(kickoffs)


@_EACH_LEAGUE
def test_matches_kick_off_at_the_usual_uk_times_of_their_weekday(item: League) -> None:
    for row in _every_row(item):
        assert row["Time"] in _KICK_OFFS[f"{_day(row):%a}"]


@_EACH_LEAGUE
def test_the_last_round_kicks_off_together(item: League) -> None:
    for season in _SEASONS:
        last = [(row["Date"], row["Time"]) for row in _rows(item, season)][-len(team_strengths(item, season)) // 2 :]
        assert len(set(last)) == 1


@_EACH_LEAGUE
def test_no_referee_has_two_matches_on_one_day(item: League) -> None:
    appointed = Counter((row["Date"], row["Referee"]) for row in _every_row(item))
    assert set(appointed.values()) == {1}
    assert len({row["Referee"] for row in _every_row(item)}) == 20


@_EACH_LEAGUE
def test_letters_halves_and_shots_agree_with_the_goals(item: League) -> None:
    for row in _every_row(item):
        home, away, home_half, away_half = (int(row[name]) for name in ("FTHG", "FTAG", "HTHG", "HTAG"))
        assert row["FTR"] == ("H" if home > away else "D" if home == away else "A")
        assert row["HTR"] == ("H" if home_half > away_half else "D" if home_half == away_half else "A")
        assert 0 <= home_half <= home
        assert 0 <= away_half <= away
        assert home <= int(row["HST"]) <= int(row["HS"])
        assert away <= int(row["AST"]) <= int(row["AS"])


@_EACH_LEAGUE
def test_match_statistics_are_those_of_a_real_league(item: League) -> None:
    names = ("HS", "AS", "HST", "AST", "HF", "AF", "HC", "AC", "HY", "AY", "HR", "AR")
    means = [np.mean([int(row[name]) for row in _every_row(item)]) for name in names]
    assert means == pytest.approx([13, 11.3, 4.6, 3.9, 10.6, 10.6, 5.4, 4.8, 1.6, 1.6, 0.06, 0.06], rel=0.08, abs=0.02)


@_EACH_LEAGUE
def test_sides_that_are_expected_to_score_more_shoot_more(item: League) -> None:
    season = Season(2021)
    truth = true_probabilities(item, season)
    rows = _rows(item, season)
    expected = [truth[row["HomeTeam"], row["AwayTeam"]].home_goals for row in rows]
    for name in ("HS", "HC"):
        assert np.corrcoef(expected, [int(row[name]) for row in rows])[0, 1] > 0.2


@_EACH_LEAGUE
@pytest.mark.parametrize("what", ["home goals", "away goals", "home wins", "draws", "over 2.5 goals"])
def test_results_match_the_truth_within_sampling_error(item: League, what: str) -> None:
    deviation, variance = 0.0, 0.0
    home, away = np.indices((16, 16))
    counted = {
        "home goals": home,
        "away goals": away,
        "home wins": home > away,
        "draws": home == away,
        "over 2.5 goals": home + away > 2.5,
    }[what].astype(float)
    for match, row in _with_truth(item):
        expected = float((match.scores * counted).sum())
        deviation += counted[int(row["FTHG"]), int(row["FTAG"])] - expected
        variance += float((match.scores * (counted - expected) ** 2).sum())
    assert abs(deviation) < 3 * np.sqrt(variance)


def _with_truth(item: League) -> list[tuple[TrueProbabilities, Row]]:
    return [
        (truth[row["HomeTeam"], row["AwayTeam"]], row)
        for season in _SEASONS
        for truth in [true_probabilities(item, season)]
        for row in _rows(item, season)
    ]


@_EACH_LEAGUE
def test_the_first_half_has_its_share_of_the_goals(item: League) -> None:
    goals = sum(int(row["FTHG"]) + int(row["FTAG"]) for row in _every_row(item))
    early = sum(int(row["HTHG"]) + int(row["HTAG"]) for row in _every_row(item))
    assert early / goals == pytest.approx(0.45, abs=3 * np.sqrt(0.45 * 0.55 / goals))


@_EACH_LEAGUE
def test_goal_differences_reveal_the_strengths(item: League) -> None:
    correlations = [_correlation_of_goal_difference_with_strength(item, season) for season in _SEASONS]
    assert np.mean(correlations) > 0.85
    assert min(correlations) > 0.75


def _correlation_of_goal_difference_with_strength(item: League, season: Season) -> float:
    strengths = team_strengths(item, season)
    difference = dict.fromkeys(strengths, 0)
    for row in _rows(item, season):
        margin = int(row["FTHG"]) - int(row["FTAG"])
        difference[row["HomeTeam"]] += margin
        difference[row["AwayTeam"]] -= margin
    true = [strength.attack + strength.defence for strength in strengths.values()]
    return float(np.corrcoef(true, list(difference.values()))[0, 1])
