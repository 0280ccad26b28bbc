"""Truths that simulated leagues were made with come back from their files: one club scores late, and no other does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from math import sqrt

import pytest
from scipy.stats import binom, norm

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.domain.feeds import FOOTBALL_DATA, UNDERSTAT
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.days import as_of_days
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.outcomes import Status
from monps_platform.orchestration.quantum.derivation import Derivation
from monps_platform.orchestration.quantum.dna import DNA
from monps_platform.sources.football_data.files import season_key
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.simulated import (
    LATE_GOAL_CLUBS,
    match_ids,
    simulate_league_file,
    simulate_match_file,
    simulate_season,
)
from monps_platform.sources.understat.files import league_key, match_key
from monps_platform_tests.db.samples import raw_file
from monps_platform_tests.orchestration.real_files import Held

SEASONS = {code: [Partition(league(code), Season(year)) for year in range(2017, 2020)] for code in LATE_GOAL_CLUBS}
PARTITIONS = list(chain.from_iterable(SEASONS.values()))
FETCHED = datetime(2020, 6, 20, tzinfo=UTC)
SURE = 0.999
"""Of what chance does, so much is within the bounds."""
Z = Mapping[str, Sequence[tuple[float, float]]]
"""By club, late_goals_for_z and late_goals_against_z of each season."""


@pytest.fixture(scope="module")
def late_goals(module_database: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Z]]:
    """The z-scores of late goals of every club, by league."""
    held = Held(build_engine(module_database), RawStore(tmp_path_factory.mktemp("raw")))
    _keep(held)
    outcomes = held.load_football_data(PARTITIONS)
    outcomes += chain.from_iterable(held.load_understat(PARTITIONS).values())
    with held.unit() as unit:
        days = as_of_days(unit.league_seasons.played(), PARTITIONS)
    outcomes += Derivation(held.unit, DNA).work(days)
    assert [outcome for outcome in outcomes if outcome.status is not Status.LOADED] == []
    yield {code: _by_club(held, code) for code in SEASONS}
    held.engine.dispose()


def _keep(held: Held) -> None:
    """Enter the files as fetched ones."""
    with held.unit() as unit:
        for where in PARTITIONS:
            of, season = where.league, where.season
            numbers = match_ids(of, season)
            bodies = [(UNDERSTAT, match_key(number), simulate_match_file(of, season, number)) for number in numbers]
            bodies.append((UNDERSTAT, league_key(of, season), simulate_league_file(of, season)))
            bodies.append((FOOTBALL_DATA, season_key(of, season), simulate_season(of, season)))
            for feed, key, body in bodies:
                kept = {"key": key, "sha256": held.store.put(body), "bytes": len(body), "fetched_at": FETCHED}
                unit.raw_files.add(raw_file(where, source=feed.simulated, **kept))
        unit.commit()


def _by_club(held: Held, code: str) -> Z:
    rows = held.rows(f"""SELECT t.name, (d.temporal ->> 'late_goals_for_z')::float8,
            (d.temporal ->> 'late_goals_against_z')::float8
        FROM quantum.team_quantum_dna d JOIN teams t ON t.id = d.team_id JOIN leagues l ON l.id = d.league_id
        WHERE l.code = '{code}' ORDER BY d.season""")
    found: dict[str, list[tuple[float, float]]] = {}
    for name, *scores in rows:
        found.setdefault(name, []).append((scores[0], scores[1]))
    return found


def pooled(scores: Sequence[float]) -> float:
    """One z-score of several seasons (Stouffer): of chance alone it is standard normal, as each of them is."""
    return sum(scores) / sqrt(len(scores))


@pytest.mark.parametrize("code", SEASONS)
def test_the_club_that_scores_late_shows_it_above_all_others(late_goals: Mapping[str, Z], code: str) -> None:
    of_club = {club: pooled([own for own, _ in scores]) for club, scores in late_goals[code].items()}
    late = LATE_GOAL_CLUBS[code]
    assert len(late_goals[code][late]) == len(SEASONS[code])
    # Had it been picked as the greatest of all, this would still be beyond chance.
    assert of_club[late] > norm.ppf(1 - (1 - SURE) / len(of_club))
    assert max(of_club, key=lambda club: of_club[club]) == late


def test_other_clubs_score_late_no_more_often_than_chance_lets_them(late_goals: Mapping[str, Z]) -> None:
    own = [
        own
        for code, clubs in late_goals.items()
        for club, scores in clubs.items()
        if club != LATE_GOAL_CLUBS[code]
        for own, _ in scores
    ]
    assert len(own) > 100
    # Of equal clubs one in forty is beyond 1.96 in a season; the bound is the 99.9 % quantile of how many that makes.
    assert sum(z > 1.96 for z in own) <= binom.ppf(SURE, len(own), 0.025)
    assert sum(abs(z) > 1.96 for z in own) <= binom.ppf(SURE, len(own), 0.05)


def test_no_club_concedes_late_more_or_less_often_than_chance_lets_it(late_goals: Mapping[str, Z]) -> None:
    against = [z for clubs in late_goals.values() for scores in clubs.values() for _, z in scores]
    assert sum(abs(z) > 1.96 for z in against) <= binom.ppf(SURE, len(against), 0.05)
    assert len(against) > 100
