"""Commands about the schema: migrate, check, adopt, introspect."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from sqlalchemy import Connection, Table

from monps_platform.cli.failure import Failure
from monps_platform.cli.server import existing_database, open_engine, start
from monps_platform.db.errors import DatabaseError
from monps_platform.db.models import Base
from monps_platform.db.schema import migrations, roles
from monps_platform.db.schema.adoption import adopt
from monps_platform.db.schema.introspection import Comparison, Kind, compare_schema, qualified_name
from monps_platform.db.schema.migrations import Standing
from monps_platform.db.schema.roles import RolesReport
from monps_platform.settings import Settings

out = Console(highlight=False, markup=False, soft_wrap=True)


def migrate(settings: Settings) -> None:
    """Migrate and say what was done; raises Failure."""
    reports: list[RolesReport] = []
    with _failing_in_words(), open_engine(settings, start(settings)) as engine:
        before, after = migrations.upgrade(engine, on_roles=reports.append)
    if before == after:
        out.print(f"The database is at the newest migration, {after}: nothing to do.")
    else:
        out.print(f"Migrated from {before or 'an empty database'} to {after}.")
    for report in reports:
        _show_done(report, is_new=before is None)


def check(settings: Settings) -> None:
    """Say where the database stands, how it differs from the models, and what its roles lack; exits with 1 unless all
    is as it should be.
    """
    with _reading(settings) as connection:
        standing = migrations.standing(connection)
        comparison = compare_schema(connection)
        report = roles.report(connection)
    out.print(_standing(standing, comparison))
    if standing.current is not None:
        if standing.pending and comparison.found:
            out.print("Differences from the models, which the migrations to come may account for:")
        _show(comparison)
        out.print(_roles(report))
    if not standing.is_newest or comparison.found or not report.is_as_can_be:
        sys.exit(1)


def adopt_database(settings: Settings) -> None:
    """Stamp a database that equals a revision; raises Failure for any other."""
    address, reports = existing_database(settings), list[RolesReport]()
    with _failing_in_words(), open_engine(settings, address) as engine:
        revision, newest = adopt(engine, address), migrations.head()
        if revision == newest:
            # Nothing is left to migrate, but the roles may have to be set up.
            migrations.upgrade(engine, on_roles=reports.append)
    rest = "." if revision == newest else f"; the newest is {newest}: now run monps migrate."
    out.print(f"The database equals migration {revision} and is stamped with it{rest}")
    for report in reports:
        _show_done(report, is_new=False)


def introspect(settings: Settings, names: Iterable[str], *, as_json: bool) -> None:
    """Compare the live schema with the models; exits with 1 when they differ."""
    tables = [_table(name) for name in names]
    with _reading(settings) as connection:
        comparison = compare_schema(connection, tables or None)
    if as_json:
        sys.stdout.write(json.dumps(comparison.to_dict(), indent=2) + "\n")
    else:
        _show(comparison)
    if comparison.found:
        sys.exit(1)


def _table(name: str) -> Table:
    """The table of a name, with or without its schema; raises click.BadParameter for none of ours."""
    tables = {qualified_name(table): table for table in Base.metadata.sorted_tables}
    found = [table for full, table in tables.items() if name in {full, table.name}]
    if len(found) != 1:
        known = ", ".join(sorted(tables))
        raise click.BadParameter(f"{name} is no table of the models. There are: {known}", param_hint="--table")
    return found[0]


@contextmanager
def _reading(settings: Settings) -> Iterator[Connection]:
    """A connection whose transaction is rolled back at the end of the block."""
    with (
        _failing_in_words(),
        open_engine(settings, existing_database(settings)) as engine,
        engine.connect() as connection,
    ):
        yield connection


@contextmanager
def _failing_in_words() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise Failure(str(error)) from error


def _show_done(report: RolesReport, *, is_new: bool) -> None:
    """What was put right, in a line where all of it is new, and what was not."""
    if report.done and is_new:
        out.print(f"Set up the roles of database {report.database}: {_counted(len(report.done), 'change')}.")
    elif report.done:
        out.print(f"Put right in the roles of database {report.database}:")
        out.print("\n".join(f"  - {gap.what}" for gap in report.done))
    if not report.is_complete:
        out.print(f"Note: {report}")


def _roles(report: RolesReport) -> str:
    if report.is_complete:
        return f"The roles of database {report.database} are in place."
    if report.is_as_can_be:
        return (
            f"The server has none of the platform's roles, and user {report.login} may not make them: the platform "
            "works with all rights of that user, which is no error. docs/roles.md says how to have them."
        )
    missing = "".join(f"  - {gap.what}\n" for gap in report.missing)
    return (
        f"The roles of database {report.database} are not all in place:\n{missing}"
        f"Run: monps migrate. What user {report.login} may not put right it shows as SQL for an administrator."
    )


def _standing(standing: Standing, comparison: Comparison) -> str:
    if standing.current is None:
        if any(not found or found[0].kind is not Kind.TABLE for found in comparison.tables.values()):
            return "The database has tables of the platform but no migration's stamp. Run: monps migrate --adopt"
        return "The database is not migrated yet. Run: monps migrate"
    if not standing.is_known:
        return (
            f"The database is at migration {standing.current}, which this checkout does not have (its newest is "
            f"{standing.newest}): a newer one migrated it. Update the checkout"
        )
    if standing.pending:
        missing = ", ".join(standing.pending)
        return f"The database is at migration {standing.current}, behind {missing}. Run: monps migrate"
    return f"The database is at the newest migration, {standing.current}."


def _show(comparison: Comparison) -> None:
    """The differences by table, then a summary."""
    for name, found in comparison.tables.items():
        if found:
            out.print(name)
            for difference in found:
                out.print(f"  - {difference.told()}")
    if comparison.others:
        out.print(f"Without a model, left alone: {', '.join(comparison.others)}")
    different = sum(map(bool, comparison.tables.values()))
    compared = _counted(len(comparison.tables), "table")
    if different:
        out.print(f"{compared} compared with the models: {_counted(comparison.found, 'difference')} in {different}.")
    else:
        out.print(f"{compared} compared with the models: no difference.")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
