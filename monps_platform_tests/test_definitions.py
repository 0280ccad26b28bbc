"""The code location as a whole: what it holds, and that building it touches nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import warnings

import dagster as dg
import pytest

from monps_platform.db.models import Base
from monps_platform.definitions import build_definitions, defs
from monps_platform.domain.leagues import LEAGUES
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.checks.schema import ASSET_OF_TABLE
from monps_platform.orchestration.partitions import (
    FIRST_SEASON,
    league_season_partitions,
    partition_key,
    partitions_of,
    range_tags,
)
from monps_platform.orchestration.pipelines import PIPELINES, STEPS
from monps_platform.settings import PROJECT_ROOT

pytestmark = pytest.mark.filterwarnings("ignore::dagster.BetaWarning")

ASSETS = {
    "raw_football_data": ("raw", set()),
    "matches": ("core", {"raw_football_data"}),
    "odds": ("core", {"raw_football_data", "matches"}),
    "raw_understat": ("raw", set()),
    "team_identities": ("core", {"raw_understat", "matches"}),
    "shots": ("core", {"raw_understat", "team_identities"}),
    "player_seasons": ("core", {"raw_understat", "team_identities", "shots"}),
    "match_forecasts": ("quantum", {"matches", "odds"}),
    "tracking_clv_picks": ("picks", {"matches", "odds", "match_forecasts"}),
    "chess_classifications": ("quantum", {"matches", "team_identities", "shots"}),
    "team_quantum_dna": (
        "quantum",
        {"matches", "odds", "shots", "player_seasons", "match_forecasts", "chess_classifications"},
    ),
    "quantum_strategies": ("quantum", {"matches", "odds", "match_forecasts", "tracking_clv_picks"}),
    "quantum_friction_matrix": (
        "quantum",
        {"matches", "match_forecasts", "team_quantum_dna", "quantum_strategies"},
    ),
    "goalscorer_profiles": ("quantum", {"matches", "shots", "player_seasons"}),
    "database_health": ("ops", set()),
}
BESIDE = {
    "raw_odds_api": ("raw", {"matches"}),
    "odds_snapshots": ("core", {"raw_odds_api", "matches"}),
}
ASSETS |= BESIDE
QUANTUM = {
    *("chess_classifications", "team_quantum_dna", "quantum_strategies"),
    *("quantum_friction_matrix", "goalscorer_profiles"),
}
WHOLE = {"tracking_clv_picks", *QUANTUM, *BESIDE, "database_health"}
"""The assets that have no partitions: they find for themselves what has changed."""
JOBS = {
    "football_data_job": {"raw_football_data", "matches", "odds"},
    "understat_job": {"raw_understat", "team_identities", "shots", "player_seasons"},
    "forecasts_job": {"match_forecasts"},
    "picks_job": {"tracking_clv_picks"},
    "quantum_job": QUANTUM,
}
JOBS_OF_STEPS = {name: {"tracking_clv_picks"} for name in ("take_picks_job", "close_picks_job", "settle_picks_job")}
JOBS_OF_OPERATION = {
    *("refresh_job", "backfill_job", "migrate_job", "data_quality_job"),
    *("health_sweep_job", "backup_job", "retention_job"),
}
JOBS_BESIDE = {"odds_snapshot_job": {"raw_odds_api", "odds_snapshots"}}
"""The jobs that are no pipeline of `monps up`."""
BLOCKING = {
    "raw_odds_api/api_requests_schema_matches_models",
    "raw_odds_api/odds_api_bytes_match_their_hash",
    "odds_snapshots/snapshot_rows_reconcile",
    "odds_snapshots/snapshots_are_not_of_the_future",
    "chess_classifications/chess_classifications_schema_matches_models",
    "chess_classifications/features_are_no_copies",
    "chess_classifications/features_keep_their_schema",
    "chess_classifications/profiles_score_the_highest",
    "chess_classifications/profiles_tell_teams_apart",
    "chess_classifications/teams_have_one_classification",
    "chess_classifications/the_newest_profile_is_current",
    "database_health/alerts_schema_matches_models",
    "database_health/health_sweeps_schema_matches_models",
    "database_health/severities_recompute_from_values",
    "goalscorer_profiles/all_teams_with_shots_have_scorers",
    "goalscorer_profiles/anytime_probabilities_recompute",
    "goalscorer_profiles/first_and_last_scorers_sum_to_one",
    "goalscorer_profiles/goal_periods_keep_their_schema",
    "goalscorer_profiles/goals_by_period_sum_to_goals",
    "goalscorer_profiles/goalscorer_profiles_schema_matches_models",
    "goalscorer_profiles/scorers_differ",
    "goalscorer_profiles/scorers_have_the_goals_of_matches",
    "match_forecasts/forecasts_use_only_the_past",
    "match_forecasts/goal_model_fits_schema_matches_models",
    "match_forecasts/goal_model_strengths_schema_matches_models",
    "match_forecasts/market_probabilities_recompute",
    "match_forecasts/market_totals_and_handicaps_recompute",
    "match_forecasts/match_forecasts_schema_matches_models",
    "match_forecasts/matches_have_one_forecast_per_model",
    "match_forecasts/model_tells_matches_apart",
    "match_forecasts/probabilities_sum_to_one",
    "matches/kickoffs_lie_in_their_season",
    "matches/leagues_schema_matches_models",
    "matches/match_rows_reconcile",
    "matches/matches_are_not_repeated",
    "matches/matches_did_not_shrink",
    "matches/matches_do_not_exceed_round_robin",
    "matches/matches_schema_matches_models",
    "matches/most_lines_are_loaded",
    "matches/results_are_not_in_the_future",
    "matches/team_aliases_schema_matches_models",
    "matches/team_names_are_resolved",
    "matches/teams_schema_matches_models",
    "odds/bookmakers_schema_matches_models",
    "odds/closing_columns_are_no_bookmakers",
    "odds/closing_prices_are_no_copies",
    "odds/most_quotes_are_loaded",
    "odds/odds_are_not_repeated",
    "odds/odds_did_not_shrink",
    "odds/odds_exceed_one",
    "odds/odds_rows_reconcile",
    "odds/odds_schema_matches_models",
    "odds/overrounds_recompute",
    "player_seasons/goals_of_players_are_those_of_shots",
    "player_seasons/player_rows_reconcile",
    "player_seasons/player_seasons_schema_matches_models",
    "player_seasons/players_did_not_shrink",
    "quantum_friction_matrix/components_differ",
    "quantum_friction_matrix/forecasts_are_of_one_league",
    "quantum_friction_matrix/forecasts_differ_by_venue",
    "quantum_friction_matrix/friction_is_symmetric",
    "quantum_friction_matrix/friction_recomputes_from_components",
    "quantum_friction_matrix/friction_rests_on_the_dna",
    "quantum_friction_matrix/pairs_of_all_teams_are_there",
    "quantum_friction_matrix/quantum_friction_matrix_schema_matches_models",
    "quantum_strategies/active_strategies_rest_on_evidence",
    "quantum_strategies/bets_are_on_matches_of_the_team",
    "quantum_strategies/context_filters_keep_their_schema",
    "quantum_strategies/q_values_recompute",
    "quantum_strategies/quantum_strategies_schema_matches_models",
    "quantum_strategies/teams_have_all_strategies",
    "raw_football_data/raw_bytes_match_their_hash",
    "raw_football_data/raw_files_schema_matches_models",
    "raw_football_data/real_and_simulated_leagues_stay_apart",
    "raw_football_data/rejected_rows_schema_matches_models",
    "raw_understat/understat_bytes_match_their_hash",
    "shots/goals_from_shots_equal_scores",
    "shots/most_shots_are_loaded",
    "shots/player_matches_schema_matches_models",
    "shots/shot_rows_reconcile",
    "shots/shots_are_taken_by_the_sides_of_the_match",
    "shots/shots_schema_matches_models",
    "team_identities/listing_rows_reconcile",
    "team_identities/listings_did_not_shrink",
    "team_identities/teams_have_one_identity",
    "team_identities/understat_matches_schema_matches_models",
    "team_quantum_dna/figures_differ_among_teams",
    "team_quantum_dna/shares_by_period_sum_to_one",
    "team_quantum_dna/team_quantum_dna_schema_matches_models",
    "team_quantum_dna/teams_have_one_dna_row",
    "team_quantum_dna/vectors_keep_their_schemas",
    "team_quantum_dna/vectors_rest_on_the_row",
    "tracking_clv_picks/aggregates_are_no_bookmakers",
    "tracking_clv_picks/bytes_of_pick_files_match_their_hash",
    "tracking_clv_picks/closing_prices_are_of_the_best_source",
    "tracking_clv_picks/closing_prices_are_of_the_same_line",
    "tracking_clv_picks/closing_prices_are_plausible",
    "tracking_clv_picks/closing_prices_stood_before_kickoff",
    "tracking_clv_picks/closing_sources_say_whose_price_it_is",
    "tracking_clv_picks/clv_recomputes_from_odds",
    "tracking_clv_picks/edges_recompute_from_probabilities",
    "tracking_clv_picks/line_adjusted_clv_recomputes_from_odds",
    "tracking_clv_picks/no_vig_clv_recomputes_from_odds",
    "tracking_clv_picks/pick_corrections_schema_matches_models",
    "tracking_clv_picks/pick_progress_schema_matches_models",
    "tracking_clv_picks/profits_reconcile",
    "tracking_clv_picks/reasons_for_no_closing_price_hold",
    "tracking_clv_picks/results_recompute_from_scores",
    "tracking_clv_picks/settled_picks_have_results",
    "tracking_clv_picks/tracking_clv_picks_schema_matches_models",
}
WARNING = {
    "raw_odds_api/requests_are_answered",
    "raw_odds_api/credits_are_not_used_up",
    "odds_snapshots/most_snapshot_quotes_are_loaded",
    "odds_snapshots/odds_api_names_are_resolved",
    "odds_snapshots/snapshot_overrounds_are_plausible",
    "odds_snapshots/snapshots_are_recent",
    "odds_snapshots/snapshots_stood_before_kickoff",
    "chess_classifications/profiles_are_not_fewer_than_before",
    "chess_classifications/profiles_are_stable",
    "chess_classifications/profiles_are_up_to_date",
    "database_health/every_check_has_a_finding",
    "database_health/health_sweeps_are_fresh",
    "database_health/nothing_is_wrong_with_backup_age",
    "database_health/nothing_is_wrong_with_blocked_sessions",
    "database_health/nothing_is_wrong_with_connection",
    "database_health/nothing_is_wrong_with_connections_used",
    "database_health/nothing_is_wrong_with_daemon",
    "database_health/nothing_is_wrong_with_data_due",
    "database_health/nothing_is_wrong_with_dead_rows",
    "database_health/nothing_is_wrong_with_disk_space",
    "database_health/nothing_is_wrong_with_invalid_indexes",
    "database_health/nothing_is_wrong_with_long_transactions",
    "database_health/nothing_is_wrong_with_migration",
    "database_health/nothing_is_wrong_with_missing_indexes",
    "database_health/nothing_is_wrong_with_missing_scores",
    "database_health/nothing_is_wrong_with_pool",
    "database_health/nothing_is_wrong_with_replica_lag",
    "database_health/nothing_is_wrong_with_schema_drift",
    "database_health/nothing_is_wrong_with_sequences",
    "database_health/nothing_is_wrong_with_statistics",
    "database_health/nothing_is_wrong_with_stuck_runs",
    "database_health/nothing_is_wrong_with_unused_indexes",
    "goalscorer_profiles/chances_come_true",
    "goalscorer_profiles/scorers_are_better_than_goals_per_90",
    "goalscorer_profiles/scorers_are_not_fewer_than_before",
    "goalscorer_profiles/scorers_are_up_to_date",
    "match_forecasts/fits_rest_on_the_results_of_now",
    "match_forecasts/forecasts_are_calibrated",
    "match_forecasts/forecasts_are_fresh",
    "match_forecasts/model_is_better_than_base_rates",
    "matches/finished_seasons_are_complete",
    "matches/matches_are_fresh",
    "matches/no_match_was_lost",
    "matches/no_team_plays_twice_a_day",
    "matches/past_matches_have_results",
    "odds/handicap_lines_are_quarters",
    "odds/odds_are_fresh",
    "odds/overrounds_are_plausible",
    "player_seasons/minutes_are_plausible",
    "player_seasons/player_seasons_are_fresh",
    "quantum_friction_matrix/friction_foretells",
    "quantum_friction_matrix/friction_is_up_to_date",
    "quantum_friction_matrix/pairs_are_not_fewer_than_before",
    "quantum_strategies/strategies_are_not_fewer_than_before",
    "quantum_strategies/strategies_are_up_to_date",
    "raw_football_data/raw_files_are_fresh",
    "raw_football_data/raw_files_did_not_shrink",
    "raw_understat/understat_files_are_fresh",
    "raw_understat/understat_files_did_not_shrink",
    "shots/finished_matches_have_shots",
    "shots/goals_in_line_ups_are_those_of_shots",
    "shots/shots_are_fresh",
    "shots/shots_did_not_shrink",
    "shots/xg_of_matches_is_that_of_their_shots",
    "team_identities/every_team_has_an_identity",
    "team_identities/listed_matches_are_joined",
    "team_identities/listed_results_are_fresh",
    "team_identities/played_matches_are_listed",
    "team_identities/scores_of_both_sources_agree",
    "team_identities/understat_names_are_resolved",
    "team_quantum_dna/dna_is_not_less_than_before",
    "team_quantum_dna/dna_is_up_to_date",
    "team_quantum_dna/every_vector_has_figures",
    "tracking_clv_picks/agents_took_prices_that_stood",
    "tracking_clv_picks/closing_coverage_is_high",
    "tracking_clv_picks/pick_files_are_imported",
    "tracking_clv_picks/pick_names_are_resolved",
    "tracking_clv_picks/picks_are_fresh",
    "tracking_clv_picks/picks_are_taken_before_kickoff",
    "tracking_clv_picks/picks_did_not_shrink",
    "tracking_clv_picks/picks_have_a_match",
    "tracking_clv_picks/picks_of_played_matches_are_settled",
}
WITHOUT_ASSET: set[str] = set()
"""The tables that nothing fills yet: whatever comes to fill one takes over its schema check."""

IMPORT_WITHOUT_ANYTHING = """
import os, socket, sys
assert not set(os.environ) - {"LC_CTYPE"}, os.environ

def refuse(*arguments, **options):
    raise AssertionError(f"a connection at import: {arguments}")

socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refuse
import psycopg2
psycopg2.connect = psycopg2._connect = refuse
from monps_platform.definitions import defs
print(len(defs.resolve_all_asset_keys()))
"""


def test_the_definitions_are_built_without_environment_connection_or_folder(tmp_path: object) -> None:
    folder = str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_WITHOUT_ANYTHING], env={}, cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, str(len(ASSETS)), "")


def test_the_definitions_can_be_loaded() -> None:
    dg.Definitions.validate_loadable(defs)


def test_building_the_definitions_warns_of_nothing_that_will_go_away() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        dg.Definitions.validate_loadable(build_definitions())


def test_the_assets_their_groups_and_what_they_depend_on_are_these() -> None:
    graph = defs.resolve_asset_graph()
    found = {
        node.key.to_user_string(): (node.group_name, {parent.to_user_string() for parent in node.parent_keys})
        for node in graph.asset_nodes
    }
    assert found == ASSETS


def test_the_checks_are_these_and_these_of_them_block() -> None:
    graph = defs.resolve_asset_graph()
    specs = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    named = {f"{spec.asset_key.to_user_string()}/{spec.name}": spec.blocking for spec in specs}
    assert {name for name, blocks in named.items() if blocks} == BLOCKING
    assert {name for name, blocks in named.items() if not blocks} == WARNING


def test_every_table_that_an_asset_fills_has_its_schema_checked_there() -> None:
    assert set(Base.metadata.tables) - set(ASSET_OF_TABLE) == WITHOUT_ASSET
    assert set(ASSET_OF_TABLE) <= set(Base.metadata.tables)


def test_every_check_reads_as_a_fact_and_is_described() -> None:
    graph = defs.resolve_asset_graph()
    fact = re.compile(
        r"[a-z]+(_[a-z]+)*"
        r"_(agree|are|come|did|do|differ|equal|exceed|foretells|has|have|hold"
        r"|is|keep|lie|match|matches|plays|recompute|recomputes|reconcile|rest|rests|score|stay|stood|sum|tell|tells|took|use|was)"
        r"(_[a-z0-9]+)*"
    )
    for key in graph.asset_check_keys:
        assert fact.fullmatch(key.name), key
        assert (graph.get_check_spec(key).description or "").endswith((".", "migrate")), key


def test_there_is_a_job_for_each_pipeline_over_its_assets() -> None:
    named = JOBS.keys() | JOBS_OF_STEPS.keys() | JOBS_BESIDE.keys()
    jobs = {job.name: job for job in defs.resolve_all_job_defs() if job.name in named}
    found = {name: {key.to_user_string() for key in job.asset_layer.selected_asset_keys} for name, job in jobs.items()}
    assert found == {**JOBS, **JOBS_OF_STEPS, **JOBS_BESIDE}
    assert {pipeline.job: set(pipeline.steps) for pipeline in PIPELINES} == JOBS
    whole = {pipeline.job for pipeline in PIPELINES if not pipeline.by_partition}
    assert {
        name for name, job in jobs.items() if job.partitions_def is None
    } == whole | JOBS_OF_STEPS.keys() | JOBS_BESIDE.keys()


def test_the_other_jobs_are_those_of_operation_each_with_an_owner_and_a_description() -> None:
    others = {job.name: job for job in defs.resolve_all_job_defs() if not job.name.startswith("__")}
    assert others.keys() - JOBS.keys() - JOBS_OF_STEPS.keys() - JOBS_BESIDE.keys() == JOBS_OF_OPERATION
    for name in JOBS_OF_OPERATION:
        assert others[name].owners
        assert "monps/kind" in others[name].tags
        assert (others[name].description or "").count(".") >= 1
        assert others[name].executor_def is dg.in_process_executor


def test_the_job_of_checks_runs_every_check_and_loads_nothing() -> None:
    layer = defs.resolve_job_def("data_quality_job").asset_layer
    assert layer.selected_asset_keys == set()
    assert layer.asset_graph.asset_check_keys == defs.resolve_asset_graph().asset_check_keys


def test_a_pipeline_comes_after_what_it_needs() -> None:
    graph = defs.resolve_asset_graph()
    for at, step in enumerate(STEPS):
        assert {parent.to_user_string() for parent in graph.get(dg.AssetKey(step)).parent_keys} <= set(STEPS[:at])
    for pipeline in PIPELINES:
        parents = {key.to_user_string() for step in pipeline.steps for key in graph.get(dg.AssetKey(step)).parent_keys}
        assert parents - set(pipeline.steps) == set(pipeline.needs)


@pytest.mark.parametrize("asset", sorted(ASSETS.keys() - WHOLE))
def test_an_asset_is_partitioned_by_league_and_season_and_taken_by_single_runs(asset: str) -> None:
    definition = defs.resolve_assets_def(asset)
    partitions = definition.partitions_def
    assert isinstance(partitions, dg.MultiPartitionsDefinition)
    assert {item.name for item in partitions.partitions_defs} == {"league", "season"}
    assert definition.backfill_policy == dg.BackfillPolicy.single_run()


@pytest.mark.parametrize("asset", sorted(WHOLE))
def test_what_finds_for_itself_what_has_changed_has_no_partitions(asset: str) -> None:
    assert defs.resolve_assets_def(asset).partitions_def is None


@pytest.mark.parametrize("asset", ASSETS)
def test_an_asset_is_owned_and_described(asset: str) -> None:
    definition = defs.resolve_assets_def(asset)
    (spec,) = definition.specs
    assert spec.owners
    assert spec.description
    assert spec.kinds
    assert spec.code_version
    assert definition.op.pools == {"postgres"}


def test_partitions_are_every_league_in_every_season_since_1993_94_up_to_the_current_one() -> None:
    keys = league_season_partitions(Season(2024)).get_partition_keys()
    assert len(keys) == len(LEAGUES) * (2024 - FIRST_SEASON.start_year + 1)
    assert {"E0|1993-94", "SIM2|2024-25", "G1|1999-00"} <= set(keys)
    assert "E0|2025-26" not in keys
    assert [partition_key(item) for item in partitions_of(keys)] == list(keys)


def test_a_range_names_the_first_and_the_last_partition_of_a_block() -> None:
    from monps_platform.domain.partitions import Block

    assert range_tags(Block(LEAGUES[:2], (Season(2019), Season(2020)))) == {
        "dagster/asset_partition_range_start": "E0|2019-20",
        "dagster/asset_partition_range_end": "SP1|2020-21",
    }


def test_the_workspace_and_the_project_settings_load_these_definitions() -> None:
    workspace = (PROJECT_ROOT / "workspace.yaml").read_text(encoding="utf-8")
    assert re.findall(r"module_name: (\S+)", workspace) == ["monps_platform.definitions"]
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["dg"]["project"]["code_location_target_module"] == "monps_platform.definitions"
