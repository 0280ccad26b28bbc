"""The quantum tables on real files: counted, reconciled, recomputed without the platform, and blind to the future."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.quality import quantum as quantum_rules
from monps_platform.domain.agents import DEFAULT_AGENTS
from monps_platform.domain.leagues import TOP_FIVE, league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.days import as_of_days, of_all_leagues
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.forecasting import Forecaster
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.picks.ledger import Ledger
from monps_platform.orchestration.quantum.derivation import Derivation
from monps_platform.orchestration.quantum.dna import DNA
from monps_platform.orchestration.quantum.friction import friction_table
from monps_platform.orchestration.quantum.profiles import PROFILES
from monps_platform.orchestration.quantum.scorers import SCORERS
from monps_platform.orchestration.quantum.strategies import strategies_table
from monps_platform.sources.football_data.files import season_key
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.understat.files import league_key, match_key
from monps_platform.testing.databases import throwaway_database
from monps_platform_tests.conftest import SHARED_DATA
from monps_platform_tests.db.samples import raw_file
from monps_platform_tests.orchestration.quantum.recomputed import (
    FOLDERS,
    Figure,
    Match,
    Vectors,
    read_season,
    recompute,
    with_shots,
)
from monps_platform_tests.orchestration.real_files import Held

# Not a check of what is installed: where the folder beside the checkout exists, the files must be there.
pytestmark = pytest.mark.skipif(not SHARED_DATA.exists(), reason="there are no real files beside this checkout")

YEAR = 2020
HISTORY = range(2018, YEAR)
"""Seasons before it; of one league only, for the sake of time, and without shots."""
HERE = Partition(league("E0"), Season(YEAR))
CURRENT = [Partition(each, Season(YEAR)) for each in TOP_FIVE]
PAST = [Partition(HERE.league, Season(year)) for year in HISTORY]
NOW = datetime(2021, 6, 5, 12, tzinfo=UTC)
"""After the last match of every season."""
MIDWEEK = date(2021, 1, 27)
"""A day of play half-way through the season, the day after one."""
TEAMS, PAIRS, PAIRS_OF_ONE_LEAGUE = 98, 9_506, 1_826
TABLES = {
    "quantum.chess_classifications": 20,
    "quantum.team_quantum_dna": 20,
    "quantum.quantum_strategies": 220,
    "quantum.quantum_friction_matrix": 19 * 20 + 20 * (TEAMS - 20),
    "quantum.goalscorer_profiles": 391,
}
"""The tables, and how many rows they have of one league on the day: 20 teams, 11 strategies of each, ordered pairs of
them at home with all teams of the season, players who have shot.
"""
VECTORS = ("market", "context", "risk", "temporal", "nemesis", "psyche", "roster", "physical", "luck")


def load(held: Held, partitions: Sequence[Partition], with_players: Sequence[Partition]) -> None:
    """What the quantum tables are derived from, from files that are entered, as runs load it."""
    outcomes = held.load_football_data(partitions, odds=partitions)
    outcomes += [outcome for step in held.load_understat(with_players).values() for outcome in step]
    outcomes += Forecaster(held.unit).forecast(partitions)
    ledger = Ledger(held.unit, DEFAULT_AGENTS, lambda: NOW)
    outcomes += ledger.work(ledger.partitions())
    assert [outcome for outcome in outcomes if outcome.status is not Status.LOADED] == []


def derive(held: Held, partitions: Sequence[Partition], day: date | None = None) -> list[Outcome]:
    """Derive all tables of some leagues' seasons, as a run does."""
    with held.unit() as unit:
        played = unit.league_seasons.played()
    wide = as_of_days(played, of_all_leagues(played, partitions), day)
    days = as_of_days(played, partitions, day)
    tables = PROFILES, DNA, strategies_table(), friction_table(), SCORERS
    return [
        outcome
        for table in tables
        for outcome in Derivation(held.unit, table).work(wide if table.of_all_leagues else days)
    ]


@pytest.fixture(scope="module")
def held(module_database: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """Everything derived: after the last match, and then, as somebody may ask for it, of one league on a day before."""
    engine = build_engine(module_database)
    whole = Held(engine, RawStore(tmp_path_factory.mktemp("raw")))
    whole.land_football_data([*PAST, *CURRENT])
    whole.land_understat(CURRENT)
    load(whole, [*PAST, *CURRENT], CURRENT)
    outcomes = [*derive(whole, [*PAST, *CURRENT]), *derive(whole, [HERE], MIDWEEK)]
    assert [outcome for outcome in outcomes if outcome.status is Status.FAILED] == []
    yield whole
    engine.dispose()


# Counts


OF_SEASON = f"season = '{HERE.season.name}' AND as_of > '{MIDWEEK}'"


def test_98_teams_have_a_row_of_dna_and_a_classification_each_and_a_row_with_each_other_at_either_venue(
    held: Held,
) -> None:
    for table in ("team_quantum_dna", "chess_classifications"):
        counted = held.rows(f"SELECT count(*), count(DISTINCT team_id) FROM quantum.{table} WHERE {OF_SEASON}")
        assert counted == [(TEAMS, TEAMS)], table
    pairs = f"""SELECT count(*), count(DISTINCT (home_team_id, away_team_id)), count(*) FILTER (WHERE same_league),
        count(DISTINCT as_of) FROM quantum.quantum_friction_matrix WHERE {OF_SEASON}"""
    assert held.rows(pairs) == [(PAIRS, PAIRS, PAIRS_OF_ONE_LEAGUE, 1)]
    current = (
        "SELECT count(*), bool_and(as_of > '{}') FROM quantum.chess_classifications WHERE is_current AND season = "
    )
    assert held.rows(current.format(MIDWEEK) + f"'{HERE.season.name}'") == [(TEAMS, True)]


# Reconciliation


def test_all_rules_of_the_quantum_tables_hold(held: Held) -> None:
    with held.engine.connect() as connection:
        found = {(rule.asset, rule.name): list(rule.find(connection, NOW)) for rule in quantum_rules.RULES}
    assert {f"quantum.{asset}" for asset, _ in found} == TABLES.keys()
    assert {rule: rows for rule, rows in found.items() if rows} == {}


@pytest.fixture(scope="module")
def matches() -> Mapping[str, Sequence[Match]]:
    """The season's matches with shots by league, from the files alone."""
    return {code: with_shots(SHARED_DATA, code, YEAR, read_season(SHARED_DATA, code, YEAR))[0] for code in FOLDERS}


def test_scorers_goals_are_those_of_the_files_scores_less_own_goals(
    held: Held, matches: Mapping[str, Sequence[Match]]
) -> None:
    expected = {
        code: sum(sum(match.goals) - sum(shot.is_own_goal for shot in match.shots) for match in of)
        for code, of in matches.items()
    }
    goals = f"""SELECT l.code, sum(g.goals) FROM quantum.goalscorer_profiles g JOIN leagues l ON l.id = g.league_id
        WHERE {OF_SEASON} GROUP BY 1"""
    assert {row[0]: row[1] for row in held.rows(goals)} == expected


def test_teams_goals_by_period_are_those_of_the_files_scores(
    held: Held, matches: Mapping[str, Sequence[Match]]
) -> None:
    periods = f"""SELECT l.code, sum((d.temporal #>> '{{goals_for,n_goals}}')::int),
            sum((d.temporal #>> '{{goals_against,n_goals}}')::int), sum((d.luck ->> 'points')::int)
        FROM quantum.team_quantum_dna d JOIN leagues l ON l.id = d.league_id WHERE {OF_SEASON} GROUP BY 1"""
    assert {row[0]: row[1:] for row in held.rows(periods)} == {
        code: (
            *[sum(sum(match.goals) for match in of)] * 2,
            sum(2 if match.goals[0] == match.goals[1] else 3 for match in of),
        )
        for code, of in matches.items()
    }


# Recomputed


@pytest.mark.parametrize("code", FOLDERS)
def test_every_team_s_vectors_are_those_that_the_files_give_without_the_platform(held: Held, code: str) -> None:
    ids = ids_of(held, code)
    years = [*(HISTORY if code == HERE.league.code else ()), YEAR]
    stated = f"""SELECT d.team_id, to_jsonb(d) FROM quantum.team_quantum_dna d JOIN leagues l ON l.id = d.league_id
        WHERE l.code = '{code}' AND {OF_SEASON}"""
    documents = dict(held.rows(stated))
    recomputed = recompute(SHARED_DATA, code, years, ids)
    assert documents.keys() == {ids[team] for team in recomputed}
    for team, vectors in recomputed.items():
        assert differences(documents[ids[team]], vectors) == {}, team
        known = {name: sum(figure is not None for figure in of.values()) for name, of in vectors.items()}
        assert known.keys() == set(VECTORS)
        assert min(known.values()) >= 3, team


def ids_of(held: Held, code: str) -> Mapping[str, int]:
    """The teams' ids by how football-data.co.uk writes their names."""
    return dict(
        held.rows(f"""SELECT a.spelling, a.team_id FROM team_aliases a JOIN leagues l ON l.id = a.league_id
            WHERE a.source = 'football-data' AND l.code = '{code}'""")
    )


def differences(document: Mapping[str, Any], vectors: Vectors) -> Mapping[str, tuple[Figure, Figure]]:
    """What is held and what was recomputed, where they are further apart than a billionth."""
    return {
        f"{name}.{path}": (found, figure)
        for name, figures in vectors.items()
        for path, figure in figures.items()
        if not is_same(found := stated_at(document[name], path), figure)
    }


def is_same(held: Figure, figure: Figure) -> bool:
    """Whether two figures are one to a billionth, or both missing."""
    if isinstance(held, int | float) and isinstance(figure, int | float):
        return abs(held - figure) <= 1e-9
    return held == figure


def stated_at(vector: Mapping[str, Any], path: str) -> Any:
    """What a vector holds at a path: an estimate's value, the ids of records in a list, records of opponents by id."""
    found: Any = vector
    for step in path.split("."):
        if isinstance(found, list):
            found = {str(record["opponent_id"]): record for record in found}
        found = None if found is None else found[step]
    if isinstance(found, list):
        return [record.get("opponent_id", record.get("player_id")) for record in found]
    return found["value"] if isinstance(found, dict) else found


# As of a day


@pytest.fixture
def unaware(server: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """The rows of a database that was given the files as they were on the day, derived."""
    with throwaway_database(server) as address:
        engine = build_engine(address)
        on_the_day = Held(engine, RawStore(tmp_path_factory.mktemp("raw")))
        on_the_day.land_football_data(PAST)
        land(on_the_day, [(where, season_key(where.league, where.season), _results_so_far(where)) for where in CURRENT])
        # Strategies of all leagues are judged together, so that those of one depend on the others' shots.
        land(on_the_day, [file for where in CURRENT for file in _shots_so_far(where)], source="understat")
        load(on_the_day, [*PAST, *CURRENT], CURRENT)
        on_the_day.do("DELETE FROM player_seasons")
        derive(on_the_day, [HERE], MIDWEEK)
        yield on_the_day
        engine.dispose()


def land(held: Held, files: Sequence[tuple[Partition, str, bytes]], source: str = "football-data") -> None:
    """Enter bodies as fetched files."""
    with held.unit() as unit:
        for where, key, body in files:
            kept = {"sha256": held.store.put(body), "bytes": len(body)}
            unit.raw_files.add(raw_file(where, source=source, key=key, **kept))
        unit.commit()


def _results_so_far(where: Partition) -> bytes:
    """A file of football-data.co.uk with the matches before the day."""
    body = (SHARED_DATA / "football-data" / season_key(where.league, where.season)).read_text(encoding="latin-1")
    rows = list(csv.reader(io.StringIO(body)))
    at, out = rows[0].index("Date"), io.StringIO(newline="")
    played = [row for row in rows[1:] if row[at] and _day(row[at]) < MIDWEEK]
    csv.writer(out).writerows([rows[0], *played])
    return out.getvalue().encode("latin-1")


def _day(written: str) -> date:
    return datetime.strptime(written, "%d/%m/%Y").replace(tzinfo=UTC).date()


def _shots_so_far(where: Partition) -> list[tuple[Partition, str, bytes]]:
    """Understat's files of a league with the matches before the day."""
    key = league_key(where.league, where.season)
    listed = json.loads((SHARED_DATA / "understat" / key).read_bytes())
    listed["dates"] = [item for item in listed["dates"] if item["datetime"] < MIDWEEK.isoformat()]
    keys = [match_key(int(item["id"])) for item in listed["dates"]]
    bodies = [(each, (SHARED_DATA / "understat" / each).read_bytes()) for each in keys]
    return [(where, key, json.dumps(listed).encode()), *((where, each, body) for each, body in bodies)]


def stated(held: Held, table: str) -> list[str]:
    """What the rows of a league as of the day say, without what tells when and from what they were written."""
    own = "".join(f" - '{name}'" for name in ("id", "created_at", "updated_at", "data_version", "is_current"))
    query = f"""SELECT (to_jsonb(t){own})::text FROM {table} t WHERE as_of = '{MIDWEEK}'
        AND league_id = (SELECT id FROM leagues WHERE code = '{HERE.league.code}') ORDER BY 1"""
    return [row[0] for row in held.rows(query)]


def test_rows_as_of_a_day_are_those_of_a_database_that_was_given_the_files_of_that_day(
    held: Held, unaware: Held
) -> None:
    last = "SELECT max(match_date) < '{0}', (SELECT count(*) FROM matches WHERE match_date = '{0}') FROM matches"
    assert unaware.rows(last.format(MIDWEEK)) == [(True, 0)]
    assert held.rows(last.format(MIDWEEK))[0][1] > 0
    # Ids are given in order of appearance: rows of one database can be compared with the other's.
    assert ids_of(unaware, HERE.league.code) == ids_of(held, HERE.league.code)
    for table, count in TABLES.items():
        knowing = stated(held, table)
        assert len(knowing) == count, table
        assert stated(unaware, table) == knowing, table
