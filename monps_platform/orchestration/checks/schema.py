"""Schema checks, one per table, generated from the models."""

from types import MappingProxyType

import dagster as dg
from sqlalchemy import Table

from monps_platform.db.models import Base
from monps_platform.db.schema import migrations
from monps_platform.db.schema.introspection import differences, qualified_name
from monps_platform.orchestration.checks.check import Check, Verdict
from monps_platform.orchestration.resources import DatabaseResource, RawStoreResource

ASSET_OF_TABLE = MappingProxyType(
    {
        "ops.raw_files": "raw_football_data",
        "ops.rejected_rows": "raw_football_data",
        "leagues": "matches",
        "teams": "matches",
        "team_aliases": "matches",
        "matches": "matches",
        "bookmakers": "odds",
        "odds": "odds",
        "ops.api_requests": "raw_odds_api",
        "understat_matches": "team_identities",
        "shots": "shots",
        "player_matches": "shots",
        "player_seasons": "player_seasons",
        "quantum.match_forecasts": "match_forecasts",
        "quantum.goal_model_fits": "match_forecasts",
        "quantum.goal_model_strengths": "match_forecasts",
        "tracking_clv_picks": "tracking_clv_picks",
        "ops.pick_corrections": "tracking_clv_picks",
        "ops.pick_progress": "tracking_clv_picks",
        "quantum.chess_classifications": "chess_classifications",
        "quantum.team_quantum_dna": "team_quantum_dna",
        "quantum.quantum_friction_matrix": "quantum_friction_matrix",
        "quantum.quantum_strategies": "quantum_strategies",
        "quantum.goalscorer_profiles": "goalscorer_profiles",
        "ops.health_sweeps": "database_health",
        "ops.alerts": "database_health",
    }
)


def schema_check(table: Table) -> Check:
    """The check that a live table is what its model says, at the newest revision."""

    def judge(database: DatabaseResource, _raw_store: RawStoreResource) -> Verdict:
        with database.engine.connect() as connection:
            found = differences(connection, table)
            live, newest = migrations.current(connection), migrations.head()
        if live != newest:
            found.append(f"the database is at migration {live}, the code at {newest}: run monps migrate")
        listing = "\n".join(f"- {difference}" for difference in found) or "none"
        shown = {"differences": dg.MetadataValue.md(listing), "found": len(found), "migration": live or "none"}
        return Verdict(not found, shown)

    return Check(
        ASSET_OF_TABLE[table.fullname],
        f"{table.name}_schema_matches_models",
        f"Columns, keys, constraints, indexes and triggers of {qualified_name(table)} are those of the models, and the "
        "database is at the newest migration. If not: monps migrate",
        blocks=True,
        judge=judge,
    )


OF_OPERATION = frozenset({"database_health"})
"""Assets that are no pipeline's: their schema checks stand beside their other checks."""

SCHEMA_CHECKS = tuple(
    schema_check(table)
    for table in Base.metadata.sorted_tables
    if table.fullname in ASSET_OF_TABLE and ASSET_OF_TABLE[table.fullname] not in OF_OPERATION
)
