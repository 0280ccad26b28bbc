"""Tables, indexes, foreign keys and sequences of the platform, as the server counts them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from monps_platform.db.models import SCHEMAS
from monps_platform.domain.health.measurements import IndexState, Sequence, TableState, UnindexedKey

_OURS = {"schemas": list(SCHEMAS)}

# The size of what somebody has locked for himself cannot be asked without waiting for him.
_HELD = """held AS (
    SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""
_PAGES = "c.relpages::bigint * current_setting('block_size')::bigint"

# After a crash the server forgets what it counted; what ANALYZE told the planner stays.
_TABLES = text(f"""
    WITH {_HELD} SELECT s.schemaname AS schema, s.relname AS table,
        greatest(CASE WHEN s.n_live_tup = 0 THEN c.reltuples ELSE s.n_live_tup END, 0)::bigint AS rows,
        CASE WHEN c.oid IN (SELECT relation FROM held) THEN {_PAGES} ELSE pg_total_relation_size(c.oid) END AS bytes,
        s.n_dead_tup AS dead_rows, s.n_mod_since_analyze AS changed_rows,
        greatest(s.last_analyze, s.last_autoanalyze) AS analyzed_at, s.seq_scan AS whole_scans,
        s.seq_tup_read AS rows_of_whole_scans, coalesce(s.idx_scan, 0) AS index_scans
    FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    WHERE s.schemaname = ANY (:schemas) ORDER BY 1, 2""")  # noqa: S608 - own text

_INDEXES = text(f"""
    WITH {_HELD} SELECT n.nspname || '.' || c.relname AS name, n.nspname || '.' || t.relname AS table,
        CASE WHEN c.oid IN (SELECT relation FROM held) THEN {_PAGES} ELSE pg_relation_size(c.oid) END AS bytes,
        coalesce(s.idx_scan, 0) AS scans, i.indisvalid AS is_valid,
        i.indisunique AS is_key, p.pid IS NOT NULL AS is_being_built
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = c.oid
        LEFT JOIN pg_stat_progress_create_index p ON p.index_relid = c.oid
    WHERE n.nspname = ANY (:schemas) ORDER BY 1""")  # noqa: S608 - own text

_UNINDEXED = text("""
    SELECT n.nspname || '.' || t.relname AS table, k.conname AS name,
        (SELECT string_agg(a.attname, ', ' ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number) AS columns,
        greatest(CASE WHEN s.n_live_tup = 0 THEN t.reltuples ELSE s.n_live_tup END, 0)::bigint AS rows
    FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
        LEFT JOIN pg_stat_user_tables s ON s.relid = t.oid
    WHERE k.contype = 'f' AND n.nspname = ANY (:schemas) AND NOT EXISTS (
        SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisvalid
            AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
            AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) LIKE '%IS NOT NULL%'))
    ORDER BY 1, 2""")

_SINCE = text("""SELECT coalesce(
    (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()), pg_postmaster_start_time())""")

_SEQUENCES = text("""
    SELECT schemaname || '.' || sequencename AS name, last_value AS last, max_value AS maximum
    FROM pg_sequences WHERE schemaname = ANY (:schemas) AND last_value IS NOT NULL ORDER BY 1""")


def tables(connection: Connection) -> tuple[TableState, ...]:
    """Every table of the platform's schemas; rows are the server's estimate."""
    return tuple(TableState(**row) for row in connection.execute(_TABLES, _OURS).mappings())


def indexes(connection: Connection) -> tuple[IndexState, ...]:
    """Every index."""
    return tuple(IndexState(**row) for row in connection.execute(_INDEXES, _OURS).mappings())


def unindexed_keys(connection: Connection) -> tuple[UnindexedKey, ...]:
    """Foreign keys whose columns no index begins with; an index of the rows where they are not NULL serves, too."""
    return tuple(UnindexedKey(**row) for row in connection.execute(_UNINDEXED, _OURS).mappings())


def counted_since(connection: Connection) -> datetime:
    """Since when scans are counted."""
    since = connection.scalars(_SINCE).one()
    if not isinstance(since, datetime):
        raise TypeError(f"a time was due, not {since!r}")
    return since


def sequences(connection: Connection) -> tuple[Sequence, ...]:
    """Every sequence that has been used."""
    return tuple(Sequence(**row) for row in connection.execute(_SEQUENCES, _OURS).mappings())
