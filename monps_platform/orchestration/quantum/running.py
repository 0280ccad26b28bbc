"""What the quantum assets share: derive a table as the configuration says, and tell what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.orchestration.outcomes import Progress, follow
from monps_platform.orchestration.quantum.config import QuantumConfig
from monps_platform.orchestration.quantum.derivation import Days, Derivation, Table
from monps_platform.orchestration.reporting import report_whole
from monps_platform.orchestration.resources import DatabaseResource

Show = Callable[[UnitOfWork, Days], Mapping[str, Any]]


def _nothing(_unit: UnitOfWork, _days: Days) -> Mapping[str, Any]:
    return {}


def derive(
    context: dg.AssetExecutionContext,
    config: QuantumConfig,
    database: DatabaseResource,
    progress: Progress,
    table: Table,
    show: Show = _nothing,
) -> dg.MaterializeResult[None]:
    """Derive the rows of the chosen leagues' seasons as of their days; ``show`` gives what is shown besides a preview.

    Raises dg.Failure that names the leagues' seasons which failed, after the others are done.
    """
    with database.unit_of_work(read_only=True) as unit:
        days = config.days(unit.league_seasons.played())
    worked = Derivation(database.unit_of_work, table).work(days)
    outcomes = follow(progress, context.asset_key.to_user_string(), len(days), worked)
    with database.unit_of_work(read_only=True) as unit:
        shown = show(unit, days)
    return report_whole(context, database.engine, outcomes, shown)
