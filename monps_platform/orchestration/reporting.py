"""From outcomes to what Dagster keeps and shows: events per partition, metadata, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

import dagster as dg
from sqlalchemy import Engine, Table

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.models import Base
from monps_platform.db.previews import figures, preview, row_count
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.db.schema.introspection import qualified_name, type_name
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.partitions import partition_key

Cell = str | int | float | bool | None
MOST_ROWS = 20


def report(
    context: dg.AssetExecutionContext,
    engine: Engine,
    outcomes: Sequence[Outcome],
    shown: Mapping[str, Any] | None = None,
) -> dg.MaterializeResult[None]:
    """Record each partition's outcome, and ``shown`` besides the preview; raises dg.Failure naming the partitions that
    failed, after recording the others, so that one bad file costs nobody else.
    """
    totals = _totals(context, engine, shown or {})
    failed = _failed(outcomes)
    if not failed:
        for outcome in outcomes:
            context.add_asset_metadata(outcome_metadata(outcome), partition_key=partition_key(outcome.partition))
        return dg.MaterializeResult(metadata=totals)
    for outcome in outcomes:
        if outcome.status is not Status.FAILED:
            context.log_event(
                dg.AssetMaterialization(
                    asset_key=context.asset_key,
                    partition=partition_key(outcome.partition),
                    metadata={**totals, **outcome_metadata(outcome)},
                )
            )
    raise _failure(failed, outcomes)


def report_whole(
    context: dg.AssetExecutionContext, engine: Engine, outcomes: Sequence[Outcome], shown: Mapping[str, Any]
) -> dg.MaterializeResult[None]:
    """The same for an asset that Dagster does not know by partitions: what became of all of them together."""
    totals = _totals(context, engine, shown) | _summed(outcomes)
    if failed := _failed(outcomes):
        context.log_event(dg.AssetMaterialization(asset_key=context.asset_key, metadata=totals))
        raise _failure(failed, outcomes)
    return dg.MaterializeResult(metadata=totals)


def _totals(context: dg.AssetExecutionContext, engine: Engine, shown: Mapping[str, Any]) -> dict[str, Any]:
    asset = context.asset_key.to_user_string()
    with engine.connect() as connection:
        return {
            "dagster/row_count": row_count(connection, asset),
            **figures(connection, asset),
            "preview": table([_rounded(row) for row in preview(connection, asset)]),
            **shown,
        }


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row to be looked at: sixteen digits hide the four that tell something."""
    return {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in row.items()}


def _summed(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The figures of all partitions together; whole numbers and floats plot over time."""
    counts = sum((outcome.counts for outcome in outcomes), RowCounts())
    changes = sum((outcome.changes for outcome in outcomes), Changes())
    unchanged = sum(outcome.status is Status.UNCHANGED for outcome in outcomes)
    return {
        "partitions": len(outcomes),
        "partitions_unchanged": unchanged,
        "rows_read": counts.read,
        "rows_loaded": counts.loaded,
        "rows_rejected": counts.rejected,
        "rows_inserted": changes.inserted,
        "rows_updated": changes.updated,
        "rows_deleted": changes.deleted,
        "seconds": round(sum(outcome.seconds for outcome in outcomes), 3),
    }


def _failed(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.status is Status.FAILED]


def _failure(failed: Sequence[Outcome], outcomes: Sequence[Outcome]) -> dg.Failure:
    return dg.Failure(
        description=f"{len(failed)} of {len(outcomes)} partitions failed; their old rows stay, the others are done:\n"
        + "\n".join(f"{outcome.partition}: {outcome.detail}" for outcome in failed),
        metadata={"failed_partitions": [partition_key(outcome.partition) for outcome in failed]},
        allow_retries=False,
    )


def outcome_metadata(outcome: Outcome) -> dict[str, Any]:
    """One partition's figures; whole numbers and floats plot over time."""
    return {
        "dagster/partition_row_count": outcome.counts.loaded,
        "status": outcome.status.value,
        "simulated": outcome.partition.league.is_simulated,
        "rows_read": outcome.counts.read,
        "rows_loaded": outcome.counts.loaded,
        "rows_rejected": outcome.counts.rejected,
        "rows_inserted": outcome.changes.inserted,
        "rows_updated": outcome.changes.updated,
        "rows_deleted": outcome.changes.deleted,
        "seconds": round(outcome.seconds, 3),
        **({"detail": outcome.detail} if outcome.detail else {}),
        **({"warning": outcome.warning} if outcome.warning else {}),
    }


def table(rows: Sequence[Mapping[str, Any]], most: int = MOST_ROWS) -> dg.MetadataValue[Any]:
    """Rows as a table of the UI, the first twenty unless ``most`` says otherwise."""
    if not rows:
        return dg.MetadataValue.text("no rows")
    records = [dg.TableRecord({name: cell(value) for name, value in row.items()}) for row in rows[:most]]
    columns = [dg.TableColumn(name, _column_type([record.data[name] for record in records])) for name in rows[0]]
    return dg.MetadataValue.table(records, schema=dg.TableSchema(columns=columns))


def cell(value: object) -> Cell:
    """A database value as a table cell."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return float(value)
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
    return str(value)


def _column_type(cells: Sequence[Cell]) -> str:
    kinds = {type(item) for item in cells if item is not None}
    return "int" if kinds == {int} else "float" if kinds <= {int, float} and kinds else "string"


def table_name(model: type[Base]) -> str:
    """Schema and name of a model's table."""
    return qualified_name(cast(Table, model.__table__))


def column_schema(model: type[Base]) -> dg.TableSchema:
    """A table's columns with types, comments and what may not be missing, from its model."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                type=type_name(column),
                description=column.comment,
                constraints=dg.TableColumnConstraints(
                    nullable=bool(column.nullable), unique=bool(column.unique or column.primary_key)
                ),
            )
            for column in cast(Table, model.__table__).columns
        ]
    )
