"""What the live database looks like, and where it differs from the models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Enum,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import Constraint

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped

_COLUMNS = text("""
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
        a.attidentity <> '' AS identity, pg_get_expr(d.adbin, d.adrelid) AS fallback,
        (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid)
            AS labels
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = to_regclass(:relation) AND a.attnum > 0 AND NOT a.attisdropped""")
_CONSTRAINTS = text("""
    SELECT conname AS name, contype::text AS kind, pg_get_constraintdef(oid) AS definition, convalidated AS valid
    FROM pg_constraint WHERE conrelid = to_regclass(:relation) AND contype IN ('p', 'u', 'f', 'c')""")
_INDEXES = text("""
    SELECT c.relname AS name, i.indisunique AS is_unique, i.indnullsnotdistinct AS nulls_equal, i.indisvalid AS valid,
        i.indpred IS NOT NULL AS partial,
        (SELECT string_agg(pg_get_indexdef(i.indexrelid, k, true), ', ' ORDER BY k)
            FROM generate_series(1, i.indnkeyatts) AS k) AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = to_regclass(:relation)
        AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.conrelid = i.indrelid)""")


@dataclass(frozen=True)
class TableShape:
    """A table in words: column, constraint and index descriptions by name."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constraints: Mapping[str, str] = field(default_factory=dict)
    indexes: Mapping[str, str] = field(default_factory=dict)


def qualified_name(table: Table) -> str:
    """Schema and name, as PostgreSQL's catalogue functions take them."""
    return f"{table.schema or 'public'}.{table.name}"


def differences(connection: Connection, table: Table) -> list[str]:
    """How a live table differs from its model, one sentence each; empty when they agree.

    Compared: columns (type, enum labels, nullability, default, identity), keys and foreign keys by definition, check
    constraints by name and validity, indexes (columns, uniqueness, treatment of NULLs, whether partial, validity).
    """
    live, model = live_shape(connection, table), model_shape(table)
    if not live.columns:
        return [f"table {qualified_name(table)} does not exist"]
    return [
        difference
        for kind in ("columns", "constraints", "indexes")
        for difference in _compare(kind[:-1].replace("indexe", "index"), getattr(live, kind), getattr(model, kind))
    ]


def _compare(kind: str, live: Mapping[str, str], model: Mapping[str, str]) -> list[str]:
    missing = [f"{kind} {name} is missing" for name in sorted(model.keys() - live.keys())]
    extra = [f"{kind} {name} is not in the models" for name in sorted(live.keys() - model.keys())]
    changed = [
        f"{kind} {name} is {live[name]}, should be {model[name]}"
        for name in sorted(model.keys() & live.keys())
        if live[name] != model[name]
    ]
    return missing + extra + changed


def live_shape(connection: Connection, table: Table) -> TableShape:
    """The table as PostgreSQL's catalogue has it; empty when there is none."""
    relation = {"relation": qualified_name(table)}
    columns = {
        row.name: _column(row.type, row.required, row.identity, row.fallback, row.labels)
        for row in connection.execute(_COLUMNS, relation)
    }
    constraints = {
        row.name: ("CHECK" if row.kind == "c" else row.definition) + ("" if row.valid else " NOT VALID")
        for row in connection.execute(_CONSTRAINTS, relation)
    }
    indexes = {
        row.name: _index(row.columns, row.is_unique, row.nulls_equal, row.partial, row.valid)
        for row in connection.execute(_INDEXES, relation)
    }
    return TableShape(columns, constraints, indexes)


def model_shape(table: Table) -> TableShape:
    """The table as its model declares it."""
    columns = {column.name: _model_column(column) for column in table.columns}
    constraints = {str(item.name): _model_constraint(item) for item in table.constraints}
    indexes = {
        str(index.name): _index(
            ", ".join(column.name for column in index.columns),
            bool(index.unique),
            bool(index.dialect_options["postgresql"].get("nulls_not_distinct")),
            index.dialect_options["postgresql"].get("where") is not None,
            valid=True,
        )
        for index in table.indexes
    }
    return TableShape(columns, constraints, indexes)


def type_name(column: Column[Any]) -> str:
    """A column's type as PostgreSQL names it."""
    return column.type.compile(_DIALECT).lower()


def _model_column(column: Column[Any]) -> str:
    labels = ", ".join(column.type.enums) if isinstance(column.type, Enum) else None
    fallback = None if column.server_default is None else str(getattr(column.server_default, "arg", "")) or None
    return _column(type_name(column), not column.nullable, column.identity is not None, fallback, labels)


def _column(type_text: str, required: bool, identity: bool, fallback: str | None, labels: str | None) -> str:
    parts = [type_text, f"({labels})" if labels else "", "NOT NULL" if required else "NULL"]
    parts += ["identity" if identity else "", f"default {fallback}" if fallback else ""]
    return " ".join(filter(None, parts))


def _model_constraint(constraint: Constraint) -> str:
    match constraint:
        case CheckConstraint():
            return "CHECK"
        case PrimaryKeyConstraint():
            return f"PRIMARY KEY ({', '.join(column.name for column in constraint.columns)})"
        case UniqueConstraint():
            return f"UNIQUE ({', '.join(column.name for column in constraint.columns)})"
        case ForeignKeyConstraint():
            target = constraint.elements[0].column.table
            columns = ", ".join(element.column.name for element in constraint.elements)
            cascade = f" ON DELETE {constraint.ondelete}" if constraint.ondelete else ""
            return f"FOREIGN KEY ({', '.join(constraint.column_keys)}) REFERENCES {target.fullname}({columns}){cascade}"
    raise TypeError(f"{constraint!r} is a kind of constraint that the schema check does not know")


def _index(columns: str, unique: bool, nulls_equal: bool, partial: bool, valid: bool) -> str:
    parts = ["UNIQUE" if unique else "", f"({columns})", "NULLS NOT DISTINCT" if nulls_equal else ""]
    parts += ["PARTIAL" if partial else "", "" if valid else "INVALID"]
    return " ".join(filter(None, parts))
