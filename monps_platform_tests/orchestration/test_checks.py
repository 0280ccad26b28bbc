"""The checks, run by Dagster: what blocks stops what comes after it, what warns does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import dagster as dg
import pytest

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.quality import RULES
from monps_platform.db.schema import migrations
from monps_platform.orchestration.checks.rules import CHECKS
from monps_platform.orchestration.checks.schema import SCHEMA_CHECKS
from monps_platform.orchestration.pipelines import STEPS
from monps_platform_tests.orchestration.football_files import key_of, partition, season_file, season_lines
from monps_platform_tests.orchestration.platform import Platform, failure_text, materializations
from monps_platform_tests.orchestration.understat_files import serve

E0 = partition("E0", "2019-20")


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    """The evaluations of a run by the check's name."""
    return {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}


def test_a_run_over_good_data_evaluates_every_check_and_passes_each(platform: Platform) -> None:
    platform.publish(E0)
    serve(platform.mirror, E0)
    result = platform.materialize(E0, checks=True, steps=STEPS)
    assert result.success, failure_text(result)
    found = evaluations(result)
    assert set(found) == {check.name for check in (*CHECKS, *SCHEMA_CHECKS) if check.asset in STEPS}
    assert [name for name, evaluation in found.items() if not evaluation.passed] == []
    assert {evaluation.metadata["found"].value for evaluation in found.values()} == {0}


def test_a_check_that_blocks_is_an_error_and_any_other_a_warning(platform: Platform) -> None:
    broken = platform.materialize(E0, steps=["matches"])
    assert broken.success
    platform.do(
        "INSERT INTO ops.raw_files (source, league, season, key, url, sha256, bytes, fetched_at) VALUES "
        f"('simulated', 'E0', '2019-20', 'k', 'u', '{'0' * 64}', 1, now())"
    )
    blocking = platform.check("real_and_simulated_leagues_stay_apart")
    assert (blocking.passed, blocking.severity, blocking.blocking) == (False, dg.AssetCheckSeverity.ERROR, True)
    platform.do("TRUNCATE ops.raw_files CASCADE")
    platform.mirror.serve(key_of(E0), season_file(E0, season_lines(E0)[:-1]))
    platform.materialize(E0)
    warning = platform.check("finished_seasons_are_complete")
    assert (warning.passed, warning.severity, warning.blocking) == (False, dg.AssetCheckSeverity.WARN, False)
    assert warning.metadata["found"].value == 1
    examples = warning.metadata["examples"]
    assert isinstance(examples, dg.TableMetadataValue)
    assert {name: examples.records[0].data[name] for name in ("league", "season", "matches", "expected")} == {
        "league": "E0",
        "season": "2019-20",
        "matches": 11,
        "expected": 12,
    }


def test_every_rule_has_its_check_on_its_asset() -> None:
    declared = {check.name: (check.asset, check.blocks) for check in CHECKS}
    assert {rule.name: (rule.asset, rule.blocks) for rule in RULES}.items() <= declared.items()
    assert set(declared) - {rule.name for rule in RULES} == {
        "raw_bytes_match_their_hash",
        "understat_bytes_match_their_hash",
        "odds_api_bytes_match_their_hash",
        "bytes_of_pick_files_match_their_hash",
    }


def test_a_failing_check_that_blocks_fails_the_run_and_what_comes_after_it_does_not_run(platform: Platform) -> None:
    platform.publish(E0)
    platform.materialize(E0, steps=["raw_football_data"])
    path = platform.store.path(platform.value("SELECT sha256 FROM ops.raw_files"))
    path.write_bytes(b"changed on disk")
    result = platform.materialize(E0, checks=True)
    assert not result.success
    assert not evaluations(result)["raw_bytes_match_their_hash"].passed
    assert set(materializations(result, "raw_football_data")) == {"E0|2019-20"}
    assert materializations(result, "matches") == materializations(result, "odds") == {}
    assert platform.value("SELECT count(*) FROM matches") == 0


def test_a_failing_check_between_matches_and_odds_keeps_the_odds_from_loading(platform: Platform) -> None:
    platform.publish(E0)
    platform.materialize(E0, steps=["raw_football_data", "matches"])
    platform.do("UPDATE matches SET match_date = '1990-01-01' WHERE id = (SELECT min(id) FROM matches)")
    result = platform.materialize(E0, checks=True, steps=["matches", "odds"])
    assert [name for name, evaluation in evaluations(result).items() if not evaluation.passed] == [
        "kickoffs_lie_in_their_season"
    ]
    assert not result.success
    assert materializations(result, "odds") == {}


def test_a_warning_neither_fails_the_run_nor_stops_it(platform: Platform) -> None:
    platform.mirror.serve(key_of(E0), season_file(E0, season_lines(E0)[:-1]))
    result = platform.materialize(E0, checks=True)
    assert result.success, failure_text(result)
    assert [name for name, evaluation in evaluations(result).items() if not evaluation.passed] == [
        "finished_seasons_are_complete"
    ]
    assert set(materializations(result, "odds")) == {"E0|2019-20"}


@pytest.fixture
def changeable(platform: Platform, empty_database: DatabaseAddress) -> Iterator[Platform]:
    """The platform on a migrated database whose tables the test may change."""
    engine = build_engine(empty_database)
    migrations.upgrade(engine)
    yield replace(platform, database=empty_database, engine=engine)
    engine.dispose()


def test_the_schema_checks_see_a_dropped_column_a_lost_index_and_an_old_migration(changeable: Platform) -> None:
    assert changeable.check("matches_schema_matches_models").passed
    changeable.do("ALTER TABLE matches DROP COLUMN referee")
    changeable.do("DROP INDEX ix_matches_match_date")
    evaluation = changeable.check("matches_schema_matches_models")
    assert (evaluation.passed, evaluation.blocking) == (False, True)
    assert evaluation.metadata["differences"].value == (
        "- column referee is missing\n- index ix_matches_match_date is missing"
    )
    assert changeable.check("odds_schema_matches_models").passed
    changeable.do("UPDATE alembic_version SET version_num = '0000'")
    evaluation = changeable.check("odds_schema_matches_models")
    assert not evaluation.passed
    assert evaluation.metadata["migration"].value == "0000"
    assert "the database is at migration 0000" in str(evaluation.metadata["differences"].value)
    assert "monps migrate" in str(evaluation.metadata["differences"].value)
