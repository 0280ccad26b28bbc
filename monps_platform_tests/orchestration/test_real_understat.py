"""All real files of Understat beside the checkout: joined, loaded, and counted again from the files alone."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.quality import RULES
from monps_platform.domain.leagues import TOP_FIVE
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.pipelines import UNDERSTAT
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.conftest import SHARED_DATA
from monps_platform_tests.orchestration.platform import fingerprint
from monps_platform_tests.orchestration.real_files import Held

# Not a check of what is installed: where the folder beside the checkout exists, the files must be there.
pytestmark = pytest.mark.skipif(not SHARED_DATA.exists(), reason="there are no real files beside this checkout")

PARTITIONS = [Partition(league, Season(year)) for league in TOP_FIVE for year in range(2017, 2021)]
MATCHES = 7_201
SHOTS = 179_897
CLUBS = 392
WITHOUT = {("E0", "2018-19", "Man City", "Watford"), ("D1", "2017-18", "Augsburg", "Hannover")}
"""The matches that this copy lacks."""
WITHOUT_A_MATCH = {(league, season) for league, season, _, _ in WITHOUT}
FOLDERS = {"E0": "EPL", "SP1": "La_liga", "D1": "Bundesliga", "I1": "Serie_A", "F1": "Ligue_1"}
MOVED = {8886: ("Caen", "Toulouse")}
"""Matches whose old day Understat goes on showing: their clubs and their scores say which they are."""
Place = tuple[str, str]
"""A league's code and a season."""


@dataclass(frozen=True)
class Loaded:
    """The database with everything in it, and what loading said."""

    held: Held
    results: Sequence[Outcome]
    outcomes: Mapping[str, Sequence[Outcome]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def loaded(module_database: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    engine = build_engine(module_database)
    held = Held(engine, RawStore(tmp_path_factory.mktemp("raw")))
    held.land_football_data(PARTITIONS)
    held.land_understat(PARTITIONS)
    results = held.load_football_data(PARTITIONS)
    yield Loaded(held, results, held.load_understat(PARTITIONS))
    engine.dispose()


@dataclass
class Told:
    """What a listed match is by the files of Understat alone: (home, away) each."""

    place: Place
    day: date
    teams: tuple[str, str]
    goals: tuple[int, int]
    xg: tuple[float, float]
    shots: int = 0
    shot_goals: list[int] = field(default_factory=lambda: [0, 0])
    shot_xg: list[float] = field(default_factory=lambda: [0.0, 0.0])


@cache
def told() -> Mapping[int, Told]:
    """All listed matches by id, read with nothing but json."""
    found = {}
    for path in sorted((SHARED_DATA / "understat" / "getLeagueData").glob("*/*")):
        (code,) = (code for code, name in FOLDERS.items() if name == path.parent.name)
        season = f"{path.name}-{(int(path.name) + 1) % 100}"
        for item in json.loads(path.read_bytes())["dates"]:
            goals, xg = item["goals"], item["xG"]
            match = Told(
                (code, season),
                datetime.fromisoformat(item["datetime"]).date(),
                (item["h"]["title"], item["a"]["title"]),
                (int(goals["h"]), int(goals["a"])),
                (float(xg["h"]), float(xg["a"])),
            )
            _count_shots(match, item["id"])
            found[int(item["id"])] = match
    return found


def _count_shots(match: Told, match_id: str) -> None:
    document = json.loads((SHARED_DATA / "understat" / "getMatchData" / match_id).read_bytes())
    for at, side in enumerate("ha"):
        for shot in document["shots"][side]:
            match.shots += 1
            match.shot_xg[at] += float(shot["xG"])
            match.shot_goals[at] += shot["result"] == "Goal"
            match.shot_goals[1 - at] += shot["result"] == "OwnGoal"


@cache
def results() -> Mapping[Place, Sequence[tuple[date, tuple[str, str], tuple[int, int]]]]:
    """Days, clubs and scores of football-data.co.uk's files, read with nothing but csv."""
    found = {}
    for code in FOLDERS:
        for year in range(2017, 2021):
            path = SHARED_DATA / "football-data" / "mmz4281" / f"{year % 100}{year % 100 + 1}" / f"{code}.csv"
            rows = csv.DictReader(io.StringIO(path.read_text(encoding="latin-1")))
            found[code, f"{year}-{year % 100 + 1}"] = [
                (_day(row["Date"]), (row["HomeTeam"], row["AwayTeam"]), (int(row["FTHG"]), int(row["FTAG"])))
                for row in rows
                if row["HomeTeam"]
            ]
    return found


def _day(written: str) -> date:
    day, month, year = (int(part) for part in written.split("/"))
    return date(year if year > 99 else 2000 + year, month, day)


@cache
def clubs() -> Mapping[tuple[Place, str], str]:
    """Which club of football-data.co.uk a spelling is: the one that it is seen with most often, on the same side of a
    match within a day and with the same score.
    """
    seen: dict[tuple[Place, str], Counter[str]] = defaultdict(Counter)
    of_score: dict[tuple[Place, tuple[int, int]], list[tuple[date, tuple[str, str]]]] = defaultdict(list)
    for place, matches in results().items():
        for day, teams, goals in matches:
            of_score[place, goals].append((day, teams))
    for match in told().values():
        for day, teams in of_score[match.place, match.goals]:
            if abs((day - match.day).days) <= 1:
                for spelling, club in zip(match.teams, teams, strict=True):
                    seen[match.place, spelling][club] += 1
    return {spelling: counted.most_common(1)[0][0] for spelling, counted in seen.items()}


def test_every_listed_match_is_joined_every_shot_loaded_and_nothing_rejected(loaded: Loaded) -> None:
    assert {outcome.status for outcome in loaded.results} == {Status.LOADED}
    for step, expected in (("team_identities", MATCHES), ("shots", SHOTS)):
        outcomes = loaded.outcomes[step]
        assert [outcome.detail for outcome in outcomes if outcome.status is not Status.LOADED] == []
        assert {outcome.warning for outcome in outcomes} == {""}
        assert sum(outcome.counts.read for outcome in outcomes) == expected
        assert sum(outcome.counts.loaded for outcome in outcomes) == expected
    assert {outcome.status for outcome in loaded.outcomes["player_seasons"]} == {Status.LOADED}
    totals = """SELECT (SELECT count(*) FROM understat_matches WHERE match_id IS NOT NULL),
        (SELECT count(*) FROM understat_matches), (SELECT count(*) FROM shots),
        (SELECT count(*) FROM ops.rejected_rows)"""
    assert loaded.held.rows(totals) == [(MATCHES, MATCHES, SHOTS, 0)]


def test_all_rules_of_understats_tables_hold(loaded: Loaded) -> None:
    with loaded.held.engine.connect() as connection:
        broken = {
            rule.name: rule.find(connection, datetime.now(UTC)) for rule in RULES if rule.asset in UNDERSTAT.steps
        }
    assert len(broken) > 20
    gaps = broken.pop("played_matches_are_listed")
    assert {(gap["league"], gap["season"], gap["home"], gap["away"]) for gap in gaps} == WITHOUT
    assert {name: found for name, found in broken.items() if found} == {}


def test_every_club_agrees_with_its_spelling_on_every_fixture_compared(loaded: Loaded) -> None:
    evidence = loaded.held.rows("""SELECT a.spelling, s.key, s.value FROM team_aliases a
        CROSS JOIN LATERAL jsonb_each(a.evidence -> 'seasons') s WHERE a.source = 'understat'""")
    assert len(evidence) == CLUBS
    assert [row for row in evidence if row[2]["agreed"] != row[2]["compared"]] == []
    assert min(row[2]["agreed"] for row in evidence) >= 27
    assert max(row[2]["runner_up"] for row in evidence) <= 8
    assert loaded.held.rows("SELECT count(*) FROM team_aliases WHERE team_id IS NULL") == [(0,)]


def test_the_join_is_the_one_that_days_and_clubs_give_by_themselves(loaded: Loaded) -> None:
    names = clubs()
    assert len(names) == CLUBS
    assert len({(place, club) for (place, _), club in names.items()}) == CLUBS
    played = {(place, teams): (day, goals) for place, matches in results().items() for day, teams, goals in matches}
    expected, moved = {}, {}
    for match_id, match in told().items():
        home, away = (names[match.place, spelling] for spelling in match.teams)
        day, goals = played[match.place, (home, away)]
        expected[match_id] = (match.place, day, home, away)
        if abs((day - match.day).days) > 1:
            moved[match_id] = (home, away)
            assert goals == match.goals
    assert moved == MOVED
    joined = loaded.held.rows("""SELECT u.id, l.code, u.season, m.match_date, h.spelling, a.spelling
        FROM understat_matches u JOIN leagues l ON l.id = u.league_id JOIN matches m ON m.id = u.match_id
        JOIN team_aliases h ON (h.team_id, h.league_id, h.source) = (m.home_team_id, l.id, 'football-data')
        JOIN team_aliases a ON (a.team_id, a.league_id, a.source) = (m.away_team_id, l.id, 'football-data')""")
    assert len(joined) == MATCHES
    assert {row[0]: ((row[1], row[2]), *row[3:]) for row in joined} == expected


def test_goals_from_shots_are_the_score_of_every_match_in_the_files_and_in_the_tables(loaded: Loaded) -> None:
    assert len(told()) == MATCHES
    assert [match for match in told().values() if tuple(match.shot_goals) != match.goals] == []
    counted = loaded.held.rows("""SELECT u.id, m.home_goals, m.away_goals,
            count(*) FILTER (WHERE (s.result = 'Goal' AND s.team_id = m.home_team_id)
                OR (s.result = 'OwnGoal' AND s.team_id = m.away_team_id)),
            count(*) FILTER (WHERE (s.result = 'Goal' AND s.team_id = m.away_team_id)
                OR (s.result = 'OwnGoal' AND s.team_id = m.home_team_id))
        FROM understat_matches u JOIN matches m ON m.id = u.match_id JOIN shots s ON s.match_id = m.id
        GROUP BY u.id, m.id""")
    assert {row[0]: row[1:] for row in counted} == {
        match_id: (*match.goals, *match.goals) for match_id, match in told().items()
    }


def test_shots_and_xg_of_every_match_are_those_of_the_files(loaded: Loaded) -> None:
    summed = loaded.held.rows("""SELECT u.id, count(*), u.home_xg, u.away_xg,
            coalesce(sum(s.xg) FILTER (WHERE s.team_id = m.home_team_id), 0),
            coalesce(sum(s.xg) FILTER (WHERE s.team_id = m.away_team_id), 0)
        FROM understat_matches u JOIN matches m ON m.id = u.match_id JOIN shots s ON s.match_id = m.id
        GROUP BY u.id, m.id""")
    assert len(summed) == MATCHES
    for match_id, shots, *xg in summed:
        match = told()[match_id]
        assert shots == match.shots
        assert xg == pytest.approx([*match.xg, *match.shot_xg], abs=1e-9)
        assert match.shot_xg == pytest.approx(match.xg, abs=1e-3)


def _players(place: Place) -> Sequence[Mapping[str, Any]]:
    code, season = place
    path = SHARED_DATA / "understat" / "getLeagueData" / FOLDERS[code] / season[:4]
    players: Sequence[Mapping[str, Any]] = json.loads(path.read_bytes())["players"]
    return players


def test_goals_of_players_are_those_of_shots_but_where_a_match_is_missing(loaded: Loaded) -> None:
    places = {(where.league.code, where.season.name) for where in PARTITIONS}
    of_players = {place: sum(int(player["goals"]) for player in _players(place)) for place in places}
    of_shots = dict.fromkeys(places, 0)
    own_goals = """SELECT l.code, m.season, count(*) FROM shots s JOIN matches m ON m.id = s.match_id
        JOIN leagues l ON l.id = m.league_id WHERE s.result = 'OwnGoal' GROUP BY 1, 2"""
    for match in told().values():
        of_shots[match.place] += sum(match.goals)
    for code, season, count in loaded.held.rows(own_goals):
        of_shots[code, season] -= count
    assert {place for place in places if of_players[place] != of_shots[place]} == WITHOUT_A_MATCH
    assert loaded.held.rows("SELECT sum(goals) FROM player_seasons WHERE NOT is_shared") == [
        (sum(int(p["goals"]) for place in places for p in _players(place) if "," not in p["team_title"]),)
    ]


BY_TEAM = """WITH of_players AS (
        SELECT league_id, season, team_id, sum(goals) AS goals, count(*) - count(goals) AS unknown
        FROM player_seasons GROUP BY 1, 2, 3),
    of_shots AS (SELECT m.league_id, m.season, s.team_id, count(*) FILTER (WHERE s.result = 'Goal') AS goals
        FROM shots s JOIN matches m ON m.id = s.match_id GROUP BY 1, 2, 3)
    SELECT l.code, p.season, p.unknown, p.goals - s.goals FROM of_players p
    JOIN of_shots s USING (league_id, season, team_id) JOIN leagues l ON l.id = p.league_id"""


def test_every_clubs_players_scored_what_its_shots_say(loaded: Loaded) -> None:
    rows = loaded.held.rows(BY_TEAM)
    assert len(rows) == CLUBS
    assert {row[:2] for row in rows if row[2] or row[3]} == WITHOUT_A_MATCH


def test_the_goals_of_players_who_moved_are_told_apart_where_all_shots_are_held(loaded: Loaded) -> None:
    shared = loaded.held.rows("""SELECT l.code, p.season, p.player_id, count(*), count(goals), sum(goals),
            count(minutes)
        FROM player_seasons p JOIN leagues l ON l.id = p.league_id WHERE is_shared GROUP BY 1, 2, 3""")
    stated = {
        (where.league.code, where.season.name, int(player["id"])): (
            player["team_title"].count(",") + 1,
            int(player["goals"]),
        )
        for where in PARTITIONS
        for player in _players((where.league.code, where.season.name))
        if "," in player["team_title"]
    }
    assert len(stated) > 100
    assert {tuple(row[:3]): row[3] for row in shared} == {key: clubs for key, (clubs, _) in stated.items()}
    for code, season, player, clubs_of_player, told_apart, goals, with_minutes in shared:
        if told_apart or (code, season) not in WITHOUT_A_MATCH:
            assert told_apart == clubs_of_player
            assert goals == stated[code, season, player][1]
        assert with_minutes == 0, "this copy has no line-ups"


def test_a_second_run_changes_nothing(loaded: Loaded) -> None:
    before = fingerprint(loaded.held.engine)
    again = loaded.held.load_understat(PARTITIONS)
    assert {outcome.status for outcomes in again.values() for outcome in outcomes} == {Status.UNCHANGED}
    assert sum(outcome.counts.loaded for outcome in again["shots"]) == SHOTS
    assert fingerprint(loaded.held.engine) == before
