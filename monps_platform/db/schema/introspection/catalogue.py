"""What PostgreSQL's catalogue says of a table, in words that can be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Table, TextClause, text

from monps_platform.db.models import SCHEMAS

VERSION_TABLE = "public.alembic_version"
"""Where Alembic keeps the revision: it belongs to no model."""


class Kind(StrEnum):
    """What a difference is about."""

    TABLE = "table"
    COLUMN = "column"
    CONSTRAINT = "constraint"
    INDEX = "index"
    TRIGGER = "trigger"
    COMMENT = "comment"
    TYPE = "type"
    FUNCTION = "function"


Shape = Mapping[Kind, Mapping[str, str]]
"""A table in words: for each kind of part, descriptions by name."""

_COLUMNS = text("""
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
        a.attidentity AS identity, a.attgenerated AS generated, pg_get_expr(d.adbin, d.adrelid, true) AS fallback,
        (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e
            WHERE e.enumtypid IN (t.oid, t.typelem)) AS labels,
        (SELECT c.collname FROM pg_collation c WHERE c.oid = a.attcollation AND a.attcollation <> t.typcollation)
            AS collation
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = to_regclass(:relation) AND a.attnum > 0 AND NOT a.attisdropped""")
_CONSTRAINTS = text("""
    SELECT conname AS name, pg_get_constraintdef(oid, true) AS definition
    FROM pg_constraint WHERE conrelid = to_regclass(:relation) AND contype IN ('p', 'u', 'f', 'c', 'x')""")
_INDEXES = text("""
    SELECT c.relname AS name, i.indisunique AS is_unique, i.indisvalid AS valid,
        pg_get_indexdef(i.indexrelid, 0, true) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = to_regclass(:relation)
        AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.conrelid = i.indrelid)""")
_TRIGGERS = text("""
    SELECT tgname AS name, tgfoid::regproc::text AS function, tgenabled AS enabled, quote_ident(tgname) AS quoted,
        tgrelid::regclass::text AS relation, pg_get_triggerdef(oid, true) AS definition
    FROM pg_trigger WHERE tgrelid = to_regclass(:relation) AND NOT tgisinternal""")
_FUNCTION = text("""
    SELECT l.lanname AS language, p.prosecdef AS definer, p.proconfig AS settings, p.prosrc AS body
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.oid = to_regprocedure(:signature) AND p.prorettype = 'trigger'::regtype""")
_COMMENTS = text("""
    SELECT coalesce('column ' || a.attname, 'the table') AS name, d.description
    FROM pg_description d LEFT JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND a.attnum > 0
    WHERE d.objoid = to_regclass(:relation) AND d.classoid = 'pg_class'::regclass""")
_OBJECTS = text("""
    SELECT 'type' AS kind, format_type(t.oid, NULL) AS name,
        string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) AS description
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid
    WHERE n.nspname = ANY (:schemas) GROUP BY t.oid
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text, 'a body with md5 ' || md5(pg_get_functiondef(p.oid))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = ANY (:schemas) AND p.prokind IN ('f', 'p')
    UNION ALL
    SELECT 'trigger', t.tgname || ' on ' || t.tgrelid::regclass,
        pg_get_triggerdef(t.oid, true)
            || CASE t.tgenabled WHEN 'O' THEN '' ELSE format(' (enabled: %s)', t.tgenabled) END
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY (:schemas) AND NOT t.tgisinternal""")
_TABLES = text("""
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (:schemas) ORDER BY 1""")

_ENABLED = {"O": "", "D": "DISABLED", "R": "on replicas only", "A": "on replicas, too"}
_IDENTITY = {"a": "identity always", "d": "identity"}


def qualified_name(table: Table) -> str:
    """Schema and name, as PostgreSQL's catalogue functions take them."""
    return f"{table.schema or 'public'}.{table.name}"


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """A block in which names of schema public, and no others, are written bare; whatever it makes is rolled back."""
    savepoint = connection.begin_nested()
    try:
        connection.execute(text("SET LOCAL search_path TO public"))
        yield
    finally:
        savepoint.rollback()


def table_names(connection: Connection) -> list[str]:
    """The tables in the platform's schemas, whoever made them; Alembic's own is left out."""
    names = connection.scalars(_TABLES, {"schemas": list(SCHEMAS)})
    return [name for name in names if name != VERSION_TABLE]


def read_table(connection: Connection, relation: str) -> Shape:
    """A table as the catalogue has it; no columns when there is none. To be called within ``undone``."""
    return {
        Kind.COLUMN: _described(connection, _COLUMNS, relation, _column),
        Kind.CONSTRAINT: _described(connection, _CONSTRAINTS, relation, lambda row: row.definition),
        Kind.INDEX: _described(connection, _INDEXES, relation, _index),
        Kind.TRIGGER: _described(connection, _TRIGGERS, relation, _trigger),
        Kind.COMMENT: _described(connection, _COMMENTS, relation, lambda row: repr(row.description)),
    }


def read_objects(connection: Connection) -> Shape:
    """Enum types, functions and triggers of the platform's schemas, in full. To be called within ``undone``."""
    found: dict[Kind, dict[str, str]] = {Kind.TYPE: {}, Kind.FUNCTION: {}, Kind.TRIGGER: {}}
    for kind, name, description in connection.execute(_OBJECTS, {"schemas": list(SCHEMAS)}):
        found[Kind(kind)][name] = description
    return found


def read_functions(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """The functions of triggers that bear these names, schema included; what is not there is left out."""
    signatures = {f"{bare(name)}()": f"{name}()" for name in names}
    rows = {said: connection.execute(_FUNCTION, {"signature": full}).one_or_none() for said, full in signatures.items()}
    return {
        said: function(row.body, row.settings or (), row.language, definer=row.definer)
        for said, row in rows.items()
        if row is not None
    }


def function(body: str, settings: Collection[str], language: str = "plpgsql", *, definer: bool = False) -> str:
    """A trigger's function in words; its body by a digest, for a sentence cannot hold it."""
    digest = hashlib.sha256(body.encode()).hexdigest()
    rights = "with its owner's rights" if definer else ""
    setting = f"SET {', '.join(sorted(settings))}" if settings else ""
    return " ".join(filter(None, [language, rights, setting, f"body with sha256 {digest}"]))


def bare(name: str) -> str:
    """A name as it is written where schema public, and no other, need not be named."""
    return name.removeprefix("public.")


def only(shape: Shape, names: Mapping[Kind, Collection[str]]) -> Shape:
    """The parts of a shape that bear one of the names."""
    return {kind: {name: parts[name] for name in parts if name in names[kind]} for kind, parts in shape.items()}


def _described(connection: Connection, query: TextClause, relation: str, describe: Any) -> dict[str, str]:
    return {row.name: describe(row) for row in connection.execute(query, {"relation": relation})}


def _column(row: Row[Any]) -> str:
    fallback = f"generated as {row.fallback}" if row.generated else f"default {row.fallback}"
    parts = [
        row.type,
        f"({row.labels})" if row.labels else "",
        f"collate {row.collation}" if row.collation else "",
        "NOT NULL" if row.required else "NULL",
        _IDENTITY.get(row.identity, ""),
        fallback if row.fallback else "",
    ]
    return " ".join(filter(None, parts))


def _trigger(row: Row[Any]) -> str:
    # The server's words for the whole statement: without the names, the same for the model's table and the live one.
    kind, _, rest = row.definition.partition(f"TRIGGER {row.quoted} ")
    fires, _, call = rest.replace(f" ON {row.relation} ", " ", 1).partition(" EXECUTE FUNCTION ")
    runs = f"runs {bare(row.function)}{call[call.index('(') :]}"
    return " ".join(filter(None, [kind.removeprefix("CREATE").strip(), fires, runs, _ENABLED[row.enabled]]))


def _index(row: Row[Any]) -> str:
    # What follows USING says all but the names: columns, order, classes, treatment of NULLs, predicate.
    definition = row.definition.split(" USING ", maxsplit=1)[1].removeprefix("btree ")
    return " ".join(filter(None, ["UNIQUE" if row.is_unique else "", definition, "" if row.valid else "INVALID"]))
