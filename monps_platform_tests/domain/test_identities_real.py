"""Every club of 20 real seasons is proved to be the right one, and early, partial or foreign lists prove nothing wrong.

The files lie beside the checkout; a clone on its own skips these tests.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

import pytest

from monps_platform.domain.identities import Pairing, Played, T, pair_teams
from monps_platform.domain.leagues import TOP_FIVE, league
from monps_platform.domain.seasons import Season
from monps_platform.sources.football_data.parser import parse_season
from monps_platform_tests.conftest import SHARED_DATA

pytestmark = pytest.mark.skipif(not SHARED_DATA.exists(), reason="no real files beside the checkout")

_YEARS = range(2017, 2021)
_SEASONS = [(item.code, year) for item in TOP_FIVE for year in _YEARS]
_EACH_SEASON = pytest.mark.parametrize(("code", "year"), _SEASONS)


def spelt_alike(names: str) -> dict[str, str]:
    return {name: name for name in names.split(", ")}


# Understat's spelling: football-data.co.uk's, read by eye.
_EXPECTED = {
    "E0": {
        **spelt_alike(
            "Arsenal, Aston Villa, Bournemouth, Brighton, Burnley, Cardiff, Chelsea, Crystal Palace, "
            "Everton, Fulham, Huddersfield, Leeds, Leicester, Liverpool, Norwich, Sheffield United, "
            "Southampton, Stoke, Swansea, Tottenham, Watford, West Ham"
        ),
        "Manchester City": "Man City",
        "Manchester United": "Man United",
        "Newcastle United": "Newcastle",
        "West Bromwich Albion": "West Brom",
        "Wolverhampton Wanderers": "Wolves",
    },
    "SP1": {
        **spelt_alike(
            "Alaves, Barcelona, Cadiz, Eibar, Elche, Getafe, Girona, Granada, Las Palmas, Leganes, Levante, "
            "Malaga, Mallorca, Osasuna, Real Madrid, Sevilla, Valencia, Villarreal"
        ),
        "Athletic Club": "Ath Bilbao",
        "Atletico Madrid": "Ath Madrid",
        "Celta Vigo": "Celta",
        "Deportivo La Coruna": "La Coruna",
        "Espanyol": "Espanol",
        "Rayo Vallecano": "Vallecano",
        "Real Betis": "Betis",
        "Real Sociedad": "Sociedad",
        "Real Valladolid": "Valladolid",
        "SD Huesca": "Huesca",
    },
    "D1": {
        **spelt_alike(
            "Augsburg, Bayern Munich, Freiburg, Hoffenheim, Paderborn, Schalke 04, Union Berlin, Werder "
            "Bremen, Wolfsburg"
        ),
        "Arminia Bielefeld": "Bielefeld",
        "Bayer Leverkusen": "Leverkusen",
        "Borussia Dortmund": "Dortmund",
        "Borussia M.Gladbach": "M'gladbach",
        "Eintracht Frankfurt": "Ein Frankfurt",
        "FC Cologne": "FC Koln",
        "Fortuna Duesseldorf": "Fortuna Dusseldorf",
        "Hamburger SV": "Hamburg",
        "Hannover 96": "Hannover",
        "Hertha Berlin": "Hertha",
        "Mainz 05": "Mainz",
        "Nuernberg": "Nurnberg",
        "RasenBallsport Leipzig": "RB Leipzig",
        "VfB Stuttgart": "Stuttgart",
    },
    "I1": {
        **spelt_alike(
            "Atalanta, Benevento, Bologna, Brescia, Cagliari, Chievo, Crotone, Empoli, Fiorentina, "
            "Frosinone, Genoa, Inter, Juventus, Lazio, Lecce, Napoli, Roma, Sampdoria, Sassuolo, Spezia, "
            "Torino, Udinese, Verona"
        ),
        "AC Milan": "Milan",
        "Parma Calcio 1913": "Parma",
        "SPAL 2013": "Spal",
    },
    "F1": {
        **spelt_alike(
            "Amiens, Angers, Bordeaux, Brest, Caen, Dijon, Guingamp, Lens, Lille, Lorient, Lyon, Marseille, "
            "Metz, Monaco, Montpellier, Nantes, Nice, Nimes, Reims, Rennes, Strasbourg, Toulouse, Troyes"
        ),
        "Paris Saint Germain": "Paris SG",
        "Saint-Etienne": "St Etienne",
    },
}


class Lists(NamedTuple):
    """One season as both sources list it."""

    ours: list[Played[int]]
    theirs: list[Played[str]]
    names: dict[int, str]


@cache
def lists(code: str, year: int) -> Lists:
    file = SHARED_DATA / "football-data" / "mmz4281" / Season(year).code / f"{code}.csv"
    matches = parse_season(file.read_bytes(), league(code), file.name).matches
    ids = {name: 100 + at for at, name in enumerate(sorted({match.home_team for match in matches}, reverse=True))}
    ours = [
        Played(match.match_date, ids[match.home_team], ids[match.away_team], match.home_goals, match.away_goals)
        for match in matches
        if match.home_goals is not None and match.away_goals is not None
    ]
    assert len(ours) == len(matches)
    return Lists(ours, _understat(code, year), {team: name for name, team in ids.items()})


def _understat(code: str, year: int) -> list[Played[str]]:
    file = SHARED_DATA / "understat" / "getLeagueData" / str(league(code).understat_name) / str(year)
    return [
        Played(
            datetime.fromisoformat(row["datetime"]).date(),
            row["h"]["title"],
            row["a"]["title"],
            int(row["goals"]["h"]),
            int(row["goals"]["a"]),
        )
        for row in json.loads(file.read_text(encoding="utf-8"))["dates"]
        if row["isResult"]
    ]


def by_name(pairings: Iterable[Pairing], names: dict[int, str]) -> dict[str, str]:
    """The proved pairings: spelling and name."""
    return {pairing.spelling: names[pairing.team] for pairing in pairings if pairing.team is not None}


def expected(code: str, theirs: Iterable[Played[str]]) -> dict[str, str]:
    return {name: _EXPECTED[code][name] for match in theirs for name in (match.home, match.away)}


def without(matches: list[Played[T]], club: T) -> list[Played[T]]:
    return [match for match in matches if club not in (match.home, match.away)]


def begun(matches: list[Played[T]], rounds: int) -> list[Played[T]]:
    """The matches until one would be more than the given number for either side."""
    played: Counter[T] = Counter()
    kept = []
    for match in sorted(matches, key=lambda match: match.day):
        if max(played[match.home], played[match.away]) < rounds:
            kept.append(match)
        played.update((match.home, match.away))
    return kept


@_EACH_SEASON
def test_every_club_of_a_season_is_proved_to_be_the_right_one(code: str, year: int) -> None:
    ours, theirs, names = lists(code, year)
    found = by_name(pair_teams(ours, theirs, names), names)
    assert found == expected(code, theirs)
    assert sorted(found.values()) == sorted(names.values())
    assert len(found) == (18 if code == "D1" else 20)


def test_the_table_of_expectations_holds_no_spelling_that_does_not_occur() -> None:
    occurring: dict[str, set[str]] = defaultdict(set)
    for code, year in _SEASONS:
        occurring[code] |= {match.home for match in lists(code, year).theirs}
    assert occurring == {code: set(table) for code, table in _EXPECTED.items()}
    assert sum(map(len, occurring.values())) == 129


def test_right_pairings_agree_on_everything_and_rivals_on_eight_fixtures_at_most() -> None:
    found = [pairing for code, year in _SEASONS for pairing in pair_teams(*lists(code, year))]
    assert len(found) == 392
    assert all(pairing.agreed == pairing.compared >= 27 for pairing in found)
    assert max(pairing.runner_up for pairing in found) == 8


def test_two_clubs_of_a_league_agree_by_chance_on_two_and_a_half_per_cent_of_their_fixtures() -> None:
    compared = agreed = 0
    for code, year in _SEASONS:
        at: dict[tuple[date, bool, int, int], set[int]] = defaultdict(set)
        ours, _, names = lists(code, year)
        for match in ours:
            at[match.day, True, match.home_goals, match.away_goals].add(match.home)
            at[match.day, False, match.home_goals, match.away_goals].add(match.away)
        for (day, *result), clubs in at.items():
            near = set().union(*(at.get((day + timedelta(by), *result), set()) for by in (-1, 0, 1)))  # type: ignore[arg-type]
            compared += len(clubs) * (len(names) - 1)
            agreed += len(clubs) * (len(near) - 1)
    assert compared == 268_818
    assert agreed / compared == pytest.approx(0.02485, abs=0.00001)


@_EACH_SEASON
def test_two_rounds_prove_nobody_three_to_four_only_what_is_right_and_five_everybody(code: str, year: int) -> None:
    ours, theirs, names = lists(code, year)
    right = expected(code, theirs)
    proved = [by_name(pair_teams(ours, begun(theirs, rounds), names), names) for rounds in (1, 2, 3, 4, 5)]
    assert proved[:2] == [{}, {}]
    assert all(some.items() <= right.items() for some in proved)
    assert proved[4] == right


@_EACH_SEASON
def test_a_club_that_our_list_lacks_is_nobody_and_all_others_are_proved(code: str, year: int) -> None:
    ours, theirs, names = lists(code, year)
    right = expected(code, theirs)
    lacking = max(names)
    found = by_name(pair_teams(without(ours, lacking), theirs, names), names)
    assert found == {spelling: name for spelling, name in right.items() if name != names[lacking]}


@_EACH_SEASON
def test_a_spelling_and_a_club_that_lack_their_partners_are_not_taken_for_one(code: str, year: int) -> None:
    ours, theirs, names = lists(code, year)
    right = expected(code, theirs)
    lacking, unlisted = max(names), max(right)
    assert names[lacking] != right[unlisted]
    found = by_name(pair_teams(without(ours, lacking), without(theirs, unlisted), names), names)
    gone = {names[lacking], right[unlisted]}
    assert found == {spelling: name for spelling, name in right.items() if name not in gone}


@pytest.mark.parametrize("code", [item.code for item in TOP_FIVE])
@pytest.mark.parametrize("year", _YEARS[1:])
def test_another_season_on_the_same_weekdays_proves_nobody(code: str, year: int) -> None:
    ours, _, names = lists(code, year)
    last = [replace(match, day=match.day + timedelta(weeks=52)) for match in lists(code, year - 1).theirs]
    assert by_name(pair_teams(ours, last, names), names) == {}


@pytest.mark.parametrize("year", _YEARS)
@pytest.mark.parametrize(("code", "other"), [("E0", "SP1"), ("I1", "F1"), ("SP1", "D1")])
def test_another_league_of_the_same_season_proves_nobody(code: str, other: str, year: int) -> None:
    ours, _, names = lists(code, year)
    assert by_name(pair_teams(ours, lists(other, year).theirs, names), names) == {}
