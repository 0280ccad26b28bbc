"""Least privilege: the three group roles of the database, who owns what, and who may do what.

The roles belong to the whole server, so that other databases may share them; what they may do is set database by
database. See docs/roles.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum as PlainEnum

from sqlalchemy import Connection, Enum, TextClause, text
from sqlalchemy.exc import DBAPIError

from monps_platform.db.connection.roles import MAY_SET, Role
from monps_platform.db.errors import sqlstate
from monps_platform.db.models import SCHEMAS, Base
from monps_platform.db.schema.introspection.catalogue import VERSION_TABLE, qualified_name


@dataclass(frozen=True)
class Gap:
    """Something that is not as it should be, in words, and the SQL that puts it right."""

    what: str
    statement: str


@dataclass(frozen=True)
class RolesReport:
    """How the roles are: what :func:`ensure` did, and what it had to leave; ``refusals`` are the server's own words."""

    login: str
    database: str
    done: tuple[Gap, ...] = ()
    missing: tuple[Gap, ...] = ()
    refusals: tuple[str, ...] = ()
    is_expected: bool = True
    """False where the server has none of the roles, and the user may not make them: he works with his own rights."""

    @property
    def is_complete(self) -> bool:
        """Whether roles, ownership and privileges are all as they should be."""
        return not self.missing

    @property
    def is_as_can_be(self) -> bool:
        """Whether nothing is missing that this server's roles, or this user, could be expected to have."""
        return self.is_complete or not self.is_expected

    @property
    def script(self) -> str:
        """The SQL for an administrator, connected to the database; empty when nothing is missing."""
        return "".join(f"{gap.statement};\n" for gap in self.missing)

    def __str__(self) -> str:
        if self.is_complete:
            return f"the roles of database {self.database} are in place"
        said = "".join(f" The server says: {refusal}." for refusal in self.refusals)
        missing = "".join(f"  - {gap.what}\n" for gap in self.missing)
        return (
            f"the roles of database {self.database} are not all in place, and user {self.login} could not complete "
            f"them.{said} The platform works on with what this user may do. Missing:\n{missing}"
            f"An administrator can run this in database {self.database} (see docs/roles.md):\n{self.script}"
        )


def ensure(connection: Connection) -> RolesReport:
    """Bring roles, ownership and privileges of the platform's schemas, tables, types and functions to what they
    should be, as far as the connected user may; what else lives in the database is left alone.

    Changes nothing when all is right. Each change is a transaction of its own, so that no lock outlasts it: raises
    ValueError inside a transaction. What cannot be done is no error but part of the report.
    """
    if connection.in_transaction():
        raise ValueError("roles are set up outside a transaction: commit or roll back before")
    found = report(connection)
    connection.rollback()
    if found.is_complete:
        return found
    done: list[Gap] = []
    refusals: list[str] = []
    for aspect in _ASPECTS:
        # Without the roles there is nothing to grant: trying would only fill the server's log.
        if not _complete(connection, aspect, done, refusals) and aspect is _roles:
            break
    left = report(connection)
    connection.rollback()
    # A GRANT by somebody who may not is a mere warning in some cases.
    kept = tuple(gap for gap in done if gap not in left.missing)
    return replace(left, done=kept, refusals=tuple(dict.fromkeys(refusals)) if left.missing else ())


_LOGIN = text("""
    SELECT current_user AS login, current_database() AS database,
        EXISTS (SELECT FROM pg_roles WHERE rolname = ANY(CAST(:roles AS text[]))) AS exist,
        (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS may_create""")


def report(connection: Connection) -> RolesReport:
    """What of the roles, ownership and privileges is not as it should be; changes nothing."""
    row = connection.execute(_LOGIN, {"roles": list(Role)}).one()
    missing = tuple(gap for aspect in _ASPECTS for gap in aspect(connection))
    return RolesReport(row.login, row.database, missing=missing, is_expected=row.exist or row.may_create)


class _Outcome(PlainEnum):
    DONE = "done"
    AGAIN = "somebody else changes the same thing just now"
    LATER = "somebody else uses it"
    REFUSED = "the user may not"


_ATTEMPTS = 5
_LOCK_TIMEOUT = text("SET LOCAL lock_timeout = '3s'")
"""A change of owner waits for those who use the table, and everybody else waits behind it."""

_OUTCOMES = {
    "42501": _Outcome.REFUSED,  # insufficient_privilege
    "0LP01": _Outcome.REFUSED,  # invalid_grant_operation, before 16: the user bears the name of a role
    "42710": _Outcome.AGAIN,  # duplicate_object
    "23505": _Outcome.AGAIN,  # unique_violation, of the catalogue
    "XX000": _Outcome.AGAIN,  # "tuple concurrently updated", which has no code of its own
    "55P03": _Outcome.LATER,  # lock_not_available
}


def _complete(connection: Connection, aspect: _Aspect, done: list[Gap], refusals: list[str]) -> bool:
    """Close the gaps of one aspect. The first refusal ends it, for the others would be refused as well: False."""
    for _ in range(_ATTEMPTS):
        gaps = list(aspect(connection))
        connection.rollback()
        again = False
        for gap in gaps:
            outcome = _close(connection, gap, refusals)
            if outcome is _Outcome.REFUSED:
                return False
            if outcome is _Outcome.DONE:
                done.append(gap)
            again |= outcome is _Outcome.AGAIN
        if not again:
            break
    return True


def _close(connection: Connection, gap: Gap, refusals: list[str]) -> _Outcome:
    try:
        connection.execute(_LOCK_TIMEOUT)
        connection.exec_driver_sql(gap.statement)
        connection.commit()
    except DBAPIError as error:
        connection.rollback()
        outcome = _OUTCOMES.get(sqlstate(error) or "")
        if outcome is None:
            raise
        refusals.append(str(error.orig).strip().splitlines()[0])
        return outcome
    return _Outcome.DONE


# What follows finds the gaps. Each query returns the parts of the sentence and of the statement, names quoted by the
# server; all of them ask for what a role may do in the end, so that what PUBLIC may do, say, is not granted again.

_Aspect = Callable[[Connection], Iterator[Gap]]

_ROLES = text(
    "SELECT name FROM unnest(CAST(:roles AS text[])) AS name WHERE name NOT IN (SELECT rolname FROM pg_roles)"
)


def _roles(connection: Connection) -> Iterator[Gap]:
    for name in connection.scalars(_ROLES, {"roles": list(Role)}):
        yield Gap(f"there is no role {name}", f"CREATE ROLE {name} NOLOGIN")


_NAMES = {role.name.lower(): role for role in Role}
"""The roles as parameters of the queries: owner, writer, reader."""

_INHERITS = f"pg_has_role(m.oid, g.oid, 'USAGE') AND pg_has_role(m.oid, g.oid, {MAY_SET})"
_MEMBERSHIPS = text(f"""
    WITH login AS (SELECT oid, rolname, rolsuper, rolcreaterole, rolinherit FROM pg_roles WHERE rolname = current_user),
    wanted (member, membership) AS (
        VALUES (:writer, :reader), (:owner, :writer)
        UNION
        SELECT rolname, CASE WHEN CAST(:is_owner AS bool) OR CASE
            WHEN current_setting('server_version_num')::int < 160000 THEN rolcreaterole
            ELSE COALESCE((SELECT pg_has_role(login.oid, o.oid, 'MEMBER WITH ADMIN OPTION')
                FROM pg_roles o WHERE o.rolname = :owner), rolcreaterole) END
            THEN :owner
            WHEN EXISTS (SELECT FROM pg_auth_members WHERE member = login.oid AND NOT admin_option
                    AND roleid = (SELECT oid FROM pg_roles WHERE rolname = :reader))
                AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname IN (:owner, :writer)
                    AND pg_has_role(login.oid, oid, 'MEMBER'))
            THEN :reader ELSE :writer END
        FROM login WHERE NOT rolsuper)
    SELECT quote_ident(member) AS member, membership,
        current_setting('server_version_num')::int >= 160000 AS has_options,
        NOT COALESCE(m.rolinherit, true) AND COALESCE(pg_has_role(m.oid, g.oid, 'MEMBER'), false) AS keeps_apart
    FROM wanted LEFT JOIN pg_roles m ON m.rolname = member LEFT JOIN pg_roles g ON g.rolname = membership
    WHERE member <> membership AND NOT COALESCE({_INHERITS}, false)
    ORDER BY CASE member WHEN :writer THEN 1 WHEN :owner THEN 2 ELSE 3 END, membership DESC""")  # noqa: S608 - own texts


def _memberships(connection: Connection) -> Iterator[Gap]:
    """The chain of the roles, and what the user needs: the owner's rights if it has something to hand over to it or
    may take them itself, else the writer's; the reader's, if somebody made it a member of the reader alone.

    The chain comes first: a user who may not link it must not take on the rest, for he would end as a writer who may
    not read.
    """
    login = connection.execute(text("SELECT current_user")).scalar_one()
    is_owner = any(owner == login for _, owner in _foreign_objects(connection))
    for row in connection.execute(_MEMBERSHIPS, {**_NAMES, "is_owner": is_owner}).all():
        what = f"{row.member} is no member of {row.membership} that has its rights and may take it on"
        if not row.has_options and row.keeps_apart:
            yield Gap(what, f"ALTER ROLE {row.member} INHERIT")
        else:
            options = " WITH INHERIT TRUE, SET TRUE" if row.has_options else ""
            yield Gap(what, f"GRANT {row.membership} TO {row.member}{options}")


_SURROUNDINGS = text("""
    SELECT role, privilege, 'DATABASE ' || quote_ident(current_database()) AS object
    FROM (VALUES (:reader, 'CONNECT'), (:writer, 'TEMPORARY'), (:owner, 'CREATE')) AS wanted (role, privilege)
    LEFT JOIN pg_roles r ON r.rolname = role
    WHERE NOT COALESCE(has_database_privilege(r.oid, current_database(), privilege), false)
    UNION ALL
    SELECT role, privilege, 'SCHEMA public'
    FROM (VALUES (:reader, 'USAGE'), (:owner, 'CREATE')) AS wanted (role, privilege)
    LEFT JOIN pg_roles r ON r.rolname = role
    WHERE to_regnamespace('public') IS NOT NULL
        AND NOT COALESCE(has_schema_privilege(r.oid, 'public', privilege), false)""")


def _surroundings(connection: Connection) -> Iterator[Gap]:
    """What the roles need of things that are not the platform's own: the database and the schema public."""
    for row in connection.execute(_SURROUNDINGS, _NAMES).all():
        yield _grant(row.role, row.privilege, row.object)


def _grant(role: str, privileges: str, objects: str) -> Gap:
    return Gap(f"{role} lacks {privileges} on {objects}", f"GRANT {privileges} ON {objects} TO {role}")


# By name, not through to_regclass, which fails where the user may not enter the schema.
_RELATIONS = """
    SELECT c.oid AS oid, nspname, relname, relowner FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND nspname || '.' || relname = ANY(CAST(:tables AS text[]))"""
_OWNERS = text(f"""
    WITH ours AS (
        SELECT 1 AS rank, 'SCHEMA ' || quote_ident(nspname) AS object, nspowner AS owner
        FROM pg_namespace WHERE nspname = ANY(CAST(:schemas AS text[]))
        UNION ALL
        SELECT 2, format('TABLE %I.%I', nspname, relname), relowner
        FROM ({_RELATIONS}) AS relations
        UNION ALL
        SELECT 3, format('TYPE %I.%I', nspname, typname), typowner
        FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace
        WHERE typtype = 'e' AND nspname || '.' || typname = ANY(CAST(:types AS text[]))
        UNION ALL
        SELECT DISTINCT 4, format('FUNCTION %I.%I()', nspname, proname), proowner
        FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid JOIN pg_namespace n ON n.oid = pronamespace
        WHERE tgrelid IN (SELECT oid FROM ({_RELATIONS}) AS relations) AND tgname = ANY(CAST(:triggers AS text[]))
            AND nspname = ANY(CAST(:function_schemas AS text[])))
    SELECT object, pg_get_userbyid(owner) AS owner FROM ours
    WHERE pg_get_userbyid(owner) <> :owner ORDER BY rank, object""")  # noqa: S608 - own texts


def _foreign_objects(connection: Connection) -> list[tuple[str, str]]:
    """What the models describe and somebody else than the owner's role owns: kind and name, and who."""
    rows = connection.execute(_OWNERS, {"owner": Role.OWNER, **_own_names()})
    return [(row.object, row.owner) for row in rows]


def _ownership(connection: Connection) -> Iterator[Gap]:
    for thing, owner in _foreign_objects(connection):
        yield Gap(f"{thing} belongs to {owner}, not to {Role.OWNER}", f"ALTER {thing} OWNER TO {Role.OWNER}")


def _own_names() -> dict[str, list[str]]:
    """The names of what the models describe, as schema and name."""
    tables = Base.metadata.sorted_tables
    types = [column.type for table in tables for column in table.columns if isinstance(column.type, Enum)]
    return {
        "schemas": [schema for schema in SCHEMAS if schema != "public"],
        "function_schemas": list(SCHEMAS),
        "tables": [*_table_names(), VERSION_TABLE],
        "types": sorted({f"{type_.schema or 'public'}.{type_.name}" for type_ in types}),
        "triggers": sorted({name for table in tables for name in table.info.get("triggers", ())}),
    }


def _table_names() -> list[str]:
    return [qualified_name(table) for table in Base.metadata.sorted_tables]


_SCHEMA_USE = text("""
    SELECT string_agg(quote_ident(nspname), ', ' ORDER BY nspname) FROM pg_namespace
    WHERE nspname = ANY(CAST(:schemas AS text[])) AND NOT COALESCE(
        has_schema_privilege((SELECT oid FROM pg_roles WHERE rolname = :role), oid, 'USAGE'), false)""")


def _table_use(*privileges: str) -> TextClause:
    """The tables on which a role lacks one of the privileges, as one list."""
    held = " AND ".join(f"has_table_privilege(r.oid, c.oid, '{privilege}')" for privilege in privileges)
    return text(f"""
        SELECT string_agg(format('%I.%I', nspname, relname), ', ' ORDER BY nspname, relname)
        FROM ({_RELATIONS}) AS c LEFT JOIN pg_roles r ON r.rolname = :role
        WHERE NOT COALESCE({held}, false)""")  # noqa: S608 - own texts


_WRITES = ("INSERT", "UPDATE", "DELETE")


def _grants(connection: Connection) -> Iterator[Gap]:
    """Reading for the reader, and writing rows, but no TRUNCATE, for the writer; only Alembic writes its own table."""
    names = _own_names()
    wanted = (
        (_SCHEMA_USE, Role.READER, "USAGE", "SCHEMA", {"schemas": names["schemas"]}),
        (_table_use("SELECT"), Role.READER, "SELECT", "TABLE", {"tables": names["tables"]}),
        (_table_use(*_WRITES), Role.WRITER, ", ".join(_WRITES), "TABLE", {"tables": _table_names()}),
    )
    for query, role, privileges, kind, parameters in wanted:
        objects = connection.scalar(query, {"role": role, **parameters})
        if objects is not None:
            yield _grant(role, privileges, f"{kind} {objects}")


_ASPECTS: tuple[_Aspect, ...] = (_roles, _memberships, _surroundings, _ownership, _grants)
"""In the order in which each makes the next one possible."""
