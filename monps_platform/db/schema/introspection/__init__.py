"""What the live database looks like, and where it differs from the models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from monps_platform.db.errors import DatabaseError, sqlstate
from monps_platform.db.models import Base
from monps_platform.db.schema.introspection.catalogue import (
    Kind,
    Shape,
    qualified_name,
    read_functions,
    read_table,
    table_names,
    undone,
)
from monps_platform.db.schema.introspection.comparison import Difference, compare
from monps_platform.db.schema.introspection.model import model_shape, triggers_of, type_name

__all__ = [
    "CannotCompareError",
    "Comparison",
    "Difference",
    "Kind",
    "compare_schema",
    "differences",
    "qualified_name",
    "type_name",
]

_NEEDS = {
    "42501": "The user needs TEMPORARY on the database and USAGE on its schemas: see docs/roles.md",
    "25006": "Compare on the primary server, in a transaction that may write: nothing is left behind",
}
"""By SQLSTATE: what is to be done where the user, or the transaction, may not."""


class CannotCompareError(DatabaseError):
    """The server may not build the models' tables for a moment; the message says what the comparison needs."""


@dataclass(frozen=True)
class Comparison:
    """The live schema against the models."""

    tables: Mapping[str, list[Difference]]
    """Differences by qualified name of a model's table; an empty list where they agree."""
    others: list[str]
    """Tables in the platform's schemas that no model owns; they are no difference."""

    @property
    def found(self) -> int:
        """How many differences there are."""
        return sum(map(len, self.tables.values()))

    def to_dict(self) -> dict[str, Any]:
        """For JSON; docs/migrations.md says what the keys mean."""
        return {
            "equal": self.found == 0,
            "differences": self.found,
            "tables": [
                {
                    "table": name,
                    "equal": not found,
                    "differences": [
                        {"kind": each.kind.value, "name": each.name, "live": each.live, "model": each.expected}
                        for each in found
                    ],
                }
                for name, found in self.tables.items()
            ],
            "tables_without_model": self.others,
        }


def differences(connection: Connection, table: Table, *, comments: bool = False) -> list[str]:
    """How a live table differs from its model, one sentence each; empty when they agree.

    Compared: columns (type, enum labels, nullability, default, identity), constraints and indexes by what they say,
    triggers, the functions of those that the model declares; comments only where asked, for no number depends on them.
    Changes nothing, but needs a transaction that may write. Raises CannotCompareError where that cannot be had.
    """
    return [each.told() for each in _differences(connection, table) if comments or each.kind is not Kind.COMMENT]


def compare_schema(connection: Connection, tables: Iterable[Table] | None = None) -> Comparison:
    """Tables (all of the models' by default) against the live database, comments included; see ``differences``."""
    chosen = Base.metadata.sorted_tables if tables is None else tables
    owned = {qualified_name(table) for table in Base.metadata.sorted_tables}
    found = {qualified_name(table): _differences(connection, table) for table in chosen}
    return Comparison(dict(sorted(found.items())), [name for name in table_names(connection) if name not in owned])


def _differences(connection: Connection, table: Table) -> list[Difference]:
    name = qualified_name(table)
    try:
        with undone(connection):
            live = read_table(connection, name)
            if not live[Kind.COLUMN]:
                return [Difference(Kind.TABLE, name, None, "a table")]
            functions = read_functions(connection, [each.function for each in triggers_of(table).values()])
            model = model_shape(connection, table)
    except DBAPIError as error:
        need = _NEEDS.get(sqlstate(error) or "")
        if need is None:
            raise
        raise CannotCompareError(f"cannot compare {name} with its model: {str(error.orig).strip()}. {need}") from error
    live = {**live, Kind.FUNCTION: functions}
    return compare(_of_columns_in_both(live, model), _of_columns_in_both(model, live))


def _of_columns_in_both(shape: Shape, other: Shape) -> Shape:
    """Without the comments of columns that only one side has: that the column is missing says enough."""
    there = {"the table", *(f"column {name}" for name in shape[Kind.COLUMN].keys() & other[Kind.COLUMN].keys())}
    kept = {name: comment for name, comment in shape[Kind.COMMENT].items() if name in there}
    return {**shape, Kind.COMMENT: kept}
