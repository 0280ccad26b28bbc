"""What the quantum assets share: derive a table as the configuration says, and tell what became of it."""

from __future__ import annotations

import hashlib
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
DRAWN_FROM = "drawn_from"
"""Entry that tells of which rows the others are that a table shows, and which these are."""


SHOWN_VERSION = "shown-2"
"""Raise it when pictures or what is said beside them change: the rows do not tell."""


def derive(
    context: dg.AssetExecutionContext,
    config: QuantumConfig,
    database: DatabaseResource,
    progress: Progress,
    table: Table,
    show: Show,
) -> dg.MaterializeResult[None]:
    """Derive the rows of the chosen leagues' seasons (of all leagues of these seasons, where their teams are compared)
    as of their days; ``show`` gives what is shown besides a preview.

    Raises dg.Failure that names the leagues' seasons which failed, after the others are done.
    """
    with database.unit_of_work(read_only=True) as unit:
        days = config.days(unit.league_seasons.played(), all_leagues=table.of_all_leagues)
    worked = Derivation(database.unit_of_work, table).work(days)
    outcomes = follow(progress, context.asset_key.to_user_string(), len(days), worked)
    with database.unit_of_work(read_only=True) as unit:
        state = _state(unit, table, days)
        shown = _shown_before(context, state) or show(unit, days)
    drawn_from = f"{state}: {', '.join(shown)}"
    return report_whole(context, database.engine, outcomes, {**shown, DRAWN_FROM: dg.MetadataValue.text(drawn_from)})


def _state(unit: UnitOfWork, table: Table, days: Days) -> str:
    """A digest of the versions of all rows that there are as of the days, and of the code that shows them."""
    repository, digest = table.repository(unit), hashlib.sha256(SHOWN_VERSION.encode())
    for partition, day in table.days(days).items():
        digest.update(f"{partition} {day} {repository.held(partition, day)}\n".encode())
    return digest.hexdigest()[:12]


def _shown_before(context: dg.AssetExecutionContext, state: str) -> Mapping[str, Any] | None:
    """What the last run showed, where it was of the same rows: drawing takes longer than finding that none changed."""
    event = context.instance.get_latest_materialization_event(context.asset_key)
    materialized = event.asset_materialization if event else None
    if materialized is None or DRAWN_FROM not in materialized.metadata:
        return None
    of, _, names = str(materialized.metadata[DRAWN_FROM].value).partition(": ")
    return {name: materialized.metadata[name] for name in names.split(", ")} if of == state and names else None
