"""A table as its model declares it, in the server's own words: the server builds it, is asked, and forgets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import DDL, Column, Connection, Enum, ForeignKeyConstraint, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from monps_platform.db.models import SCHEMAS
from monps_platform.db.models.picks import Trigger
from monps_platform.db.schema.introspection.catalogue import Kind, Shape, bare, function, read_table

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
_TEMPORARY = {"schema_translate_map": dict.fromkeys((None, *SCHEMAS), "pg_temp")}
"""Tables and types of a model land in the session's own temporary schema, where nobody else sees them."""


def model_shape(connection: Connection, table: Table) -> Shape:
    """The table as its model declares it, normalised by the server. To be called within ``undone``.

    Foreign keys, functions and comments are described from the model alone: a temporary table cannot refer to another
    schema's, and there is nothing to normalise. Raises SQLAlchemy's DBAPIError for a model that the server refuses,
    and for a user who may not make temporary tables.
    """
    for statement in _statements(table):
        connection.execute(statement, execution_options=_TEMPORARY)
    triggers = triggers_of(table).values()
    built = read_table(connection, f"pg_temp.{table.name}")
    return {
        **built,
        Kind.CONSTRAINT: {**built[Kind.CONSTRAINT], **_foreign_keys(table)},
        Kind.TRIGGER: {name: _runs(built[Kind.TRIGGER][name], each) for name, each in triggers_of(table).items()},
        Kind.FUNCTION: {f"{bare(each.function)}()": function(each.body, each.settings) for each in triggers},
        Kind.COMMENT: _comments(table),
    }


def triggers_of(table: Table) -> Mapping[str, Trigger]:
    """The triggers that a model declares, by name."""
    declared: Mapping[str, Trigger] = table.info.get("triggers", {})
    return declared


def type_name(column: Column[object]) -> str:
    """A column's type as PostgreSQL names it."""
    return column.type.compile(_DIALECT).lower()


def _statements(table: Table) -> Iterator[ExecutableDDLElement]:
    kinds = (getattr(column.type, "item_type", column.type) for column in table.columns)
    enums = {kind.name: kind for kind in kinds if isinstance(kind, Enum) and kind.native_enum}
    yield from (CreateEnumType(kind) for kind in enums.values())
    yield CreateTable(table, include_foreign_key_constraints=[])
    yield from (CreateIndex(index) for index in table.indexes)
    for name, each in triggers_of(table).items():
        yield DDL(_create(table, name, each))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


_STAND_IN = "suppress_redundant_updates_trigger"
"""A function that every server has; the model's own may be missing, or be another one."""


def _create(table: Table, name: str, declared: Trigger) -> str:
    quote = _DIALECT.identifier_preparer.quote
    arguments = ", ".join("'{}'".format(each.replace("'", "''")) for each in declared.arguments)
    condition = f"WHEN ({declared.condition}) " if declared.condition else ""
    # DDL fills in names by the sign for it.
    return (
        f"CREATE TRIGGER {quote(name)} {declared.timing} ON pg_temp.{quote(table.name)} FOR EACH ROW {condition}"
        f"EXECUTE FUNCTION {_STAND_IN}({arguments})"
    ).replace("%", "%%")


def _runs(built: str, declared: Trigger) -> str:
    return built.replace(f" runs {_STAND_IN}(", f" runs {bare(declared.function)}(")


def _foreign_keys(table: Table) -> dict[str, str]:
    return {
        str(constraint.name): _foreign_key(constraint)
        for constraint in table.constraints
        if isinstance(constraint, ForeignKeyConstraint)
    }


def _foreign_key(constraint: ForeignKeyConstraint) -> str:
    target = constraint.elements[0].column.table
    columns = ", ".join(element.column.name for element in constraint.elements)
    parts = [
        f"FOREIGN KEY ({', '.join(constraint.column_keys)}) REFERENCES {target.fullname}({columns})",
        f"MATCH {constraint.match}" if constraint.match else "",
        f"ON UPDATE {constraint.onupdate}" if constraint.onupdate else "",
        f"ON DELETE {constraint.ondelete}" if constraint.ondelete else "",
        "DEFERRABLE" if constraint.deferrable else "",
        "INITIALLY DEFERRED" if constraint.initially == "DEFERRED" else "",
    ]
    return " ".join(filter(None, parts))


def _comments(table: Table) -> dict[str, str]:
    given = {"the table": table.comment, **{f"column {column.name}": column.comment for column in table.columns}}
    return {name: repr(comment) for name, comment in given.items() if comment is not None}
