"""How far the quantum tables can be trusted: the checks that tell it pass, and are seen failing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.orchestration.checks import quantum as checks
from monps_platform.orchestration.quantum.judging import (
    profiles_judged,
    profiles_shown,
    scorers_judged,
    scorers_shown,
)
from monps_platform.orchestration.quantum.scorers import SCORERS
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.conftest import Mirror
from monps_platform_tests.db.quality.quantum_league import CLUBS, CURRENT, derive, load_seasons
from monps_platform_tests.orchestration.platform import Platform

DAYS = (date(2019, 12, 1), date(2020, 3, 1))
"""As of which scorers' profiles are kept: each foretells what comes after it."""
PROFILES, SCORERS_CHECK = "profiles_are_stable", "scorers_are_better_than_goals_per_90"
CHANCES = "chances_come_true"


@pytest.fixture(scope="module")
def judged(
    module_database: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory, shared_instance: dg.DagsterInstance
) -> Iterator[Platform]:
    """Simulated leagues, and scorers as of two days of the current season."""
    raw = tmp_path_factory.mktemp("judged") / "raw"
    engine = build_engine(module_database)
    sessions = session_factory(engine)
    load_seasons(sessions, RawStore(raw))
    for day in DAYS:
        derive(sessions, SCORERS, as_of=day)
    yield Platform(module_database, engine, RawStore(raw), raw, Mirror(""), shared_instance)
    engine.dispose()


@pytest.fixture
def sessions(judged: Platform) -> sessionmaker[Session]:
    """Sessions on the judged leagues."""
    return session_factory(judged.engine)


def told(evaluation: dg.AssetCheckEvaluation) -> dict[str, Any]:
    """What a check shows."""
    return {name: value.value for name, value in evaluation.metadata.items()}


def test_scorers_are_judged_by_what_came_after_their_day(sessions: sessionmaker[Session]) -> None:
    with UnitOfWork(sessions) as unit:
        found = scorers_judged(unit)
        foretold = unit.goalscorers.foretold(simulated=True)
        real = unit.goalscorers.foretold(simulated=False)
    assert real.rows == ()
    assert found is not None
    assert found.n == len(foretold.rows) > 1000
    shown = scorers_shown(found)
    assert shown["forecasts"] == found.n
    assert shown["log_loss_against_naive"] == found.log_loss.difference.value
    assert "| log loss |" in shown["scores"].value
    assert f"{found.scored:,} players scored" in shown["scores"].value
    assert "base64," in shown["calibration"].value


def test_no_match_before_the_day_of_a_profile_counts(judged: Platform, sessions: sessionmaker[Session]) -> None:
    with UnitOfWork(sessions) as unit:
        foretold = unit.goalscorers.foretold(simulated=True)
    matches = {row.match_id for row in foretold.rows}
    (earliest,) = judged.rows(f"SELECT min(match_date) FROM matches WHERE id IN ({', '.join(map(str, matches))})")
    assert earliest[0] >= DAYS[0]


def test_profiles_are_judged_in_the_newest_season_with_shots(sessions: sessionmaker[Session]) -> None:
    with UnitOfWork(sessions) as unit:
        found = profiles_judged(unit)
    assert set(found) == {CURRENT}
    assert found[CURRENT].n_teams == CLUBS
    shown = profiles_shown(found)
    assert f"| {CURRENT} | {CLUBS} | {found[CURRENT].n} |" in shown["split_half"].value
    assert "| all |" in shown["split_half"].value
    assert shown["kappa"] == found[CURRENT].kappa
    assert -1 <= shown["mean_reliability"] <= 1


@pytest.mark.parametrize(("least", "passed"), [(-1.0, True), (1.01, False)])
def test_profiles_that_agree_less_than_they_should_are_a_warning(
    judged: Platform, monkeypatch: pytest.MonkeyPatch, least: float, passed: bool
) -> None:
    monkeypatch.setattr(checks, "LEAST_KAPPA", least)
    evaluation = judged.check(PROFILES)
    assert evaluation.passed is passed
    assert evaluation.severity is dg.AssetCheckSeverity.WARN
    assert told(evaluation)["kappa"] < 1


def test_scorers_that_foretell_better_than_goals_per_90_pass(judged: Platform) -> None:
    evaluation = judged.check(SCORERS_CHECK)
    assert evaluation.passed
    assert told(evaluation)["log_loss_against_naive"] < 0


def test_scorers_that_foretell_worse_than_goals_per_90_are_a_warning(judged: Platform) -> None:
    judged.do("""CREATE TABLE kept AS SELECT id, anytime_prob FROM quantum.goalscorer_profiles;
        UPDATE quantum.goalscorer_profiles SET anytime_prob = 0.97 - anytime_prob / 2""")
    try:
        evaluation = judged.check(SCORERS_CHECK)
    finally:
        judged.do("""UPDATE quantum.goalscorer_profiles p SET anytime_prob = k.anytime_prob FROM kept k
            WHERE k.id = p.id; DROP TABLE kept""")
    assert not evaluation.passed
    assert evaluation.severity is dg.AssetCheckSeverity.WARN
    assert told(evaluation)["log_loss_against_naive"] > 0


def test_chances_of_which_as_many_come_true_pass(judged: Platform) -> None:
    evaluation = judged.check(CHANCES)
    assert evaluation.passed
    shown = told(evaluation)
    assert 0.9 < shown["scored_by_expected"] < 1.1
    assert shown["deciles"].count("\n| ") == 12 - 1
    assert "were expected" in shown["deciles"]


@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_chances_that_are_far_too_high_or_too_low_are_a_warning(judged: Platform, factor: float) -> None:
    judged.do(f"""CREATE TABLE kept AS SELECT id, anytime_prob FROM quantum.goalscorer_profiles;
        UPDATE quantum.goalscorer_profiles SET anytime_prob = least(0.99, anytime_prob * {factor})""")
    try:
        evaluation = judged.check(CHANCES)
    finally:
        judged.do("""UPDATE quantum.goalscorer_profiles p SET anytime_prob = k.anytime_prob FROM kept k
            WHERE k.id = p.id; DROP TABLE kept""")
    assert not evaluation.passed
    assert evaluation.severity is dg.AssetCheckSeverity.WARN


@pytest.mark.parametrize("check", [PROFILES, SCORERS_CHECK, CHANCES])
def test_where_there_is_nothing_to_judge_nothing_is_wrong(check: str, server: DatabaseAddress, tmp_path: Path) -> None:
    engine = build_engine(server)
    with dg.DagsterInstance.ephemeral() as instance:
        platform = Platform(server, engine, RawStore(tmp_path), tmp_path, Mirror(""), instance)
        assert platform.check(check).passed
    engine.dispose()
