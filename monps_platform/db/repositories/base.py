"""What every repository can do: the generic reads and writes of one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Table,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from monps_platform.db.bulk.merge import Changes, copy_rows, merge_stage, staging
from monps_platform.db.errors import sqlstate
from monps_platform.db.models import Base
from monps_platform.db.repositories.arguments import (
    InvalidQueryError,
    RowNotFoundError,
    conditions,
    loading,
    page,
    require_fields,
    require_time_zones,
    require_unique,
    writable,
)
from monps_platform.db.repositories.operation import FRESH, Bound, SessionT, operation, streamed

ModelT = TypeVar("ModelT", bound=Base)
Rows = Iterable[Mapping[str, Any]]

_SAME_ROW_TWICE = "21000"
"""SQLSTATE cardinality_violation: an INSERT ... ON CONFLICT met one row twice."""


class Repository(Bound[SessionT], Generic[ModelT, SessionT]):
    """The rows of one table. Relationships are loaded where ``load`` or a method's docstring names them, else touching
    them raises; arguments that make no sense raise InvalidQueryError before any SQL is sent.
    """

    model: ClassVar[type[Any]]
    fixed: ClassVar[tuple[str, ...]] = ("id",)
    """Fields that :meth:`update` refuses to change."""

    @operation
    def get_by_id(self, session: Session, row_id: int, *, load: Sequence[str] = ()) -> ModelT | None:
        """The row with an id, None when there is none."""
        # Not session.get(), which asks the server nothing about a row that the session holds already.
        statement = self._select(*conditions(self.model, {"id": row_id})).options(*loading(self.model, load))
        return session.scalars(statement).one_or_none()

    @operation
    def get_all(
        self, session: Session, *, skip: int = 0, limit: int = 100, load: Sequence[str] = ()
    ) -> Sequence[ModelT]:
        """A page of all rows, by id."""
        statement = page(self._select().order_by(self.model.id), skip, limit)
        return session.scalars(statement.options(*loading(self.model, load))).all()

    @operation
    def get_by_field(
        self,
        session: Session,
        field: str,
        value: object,
        *,
        skip: int = 0,
        limit: int | None = None,
        load: Sequence[str] = (),
    ) -> Sequence[ModelT]:
        """The rows whose field has a value (None: NULL), by id."""
        statement = self._select(*conditions(self.model, {field: value})).order_by(self.model.id)
        return session.scalars(page(statement, skip, limit).options(*loading(self.model, load))).all()

    @operation
    def count(self, session: Session, /, **filters: object) -> int:
        """How many rows have the given values; all rows without any."""
        found = select(func.count()).select_from(self.model).where(*conditions(self.model, filters))
        return session.scalars(found).one()

    @operation
    def exists(self, session: Session, /, **filters: object) -> bool:
        """Whether any row has the given values."""
        return bool(session.scalar(select(exists().where(*conditions(self.model, filters)).select_from(self.model))))

    @streamed
    def stream(self, /, *, load: Sequence[str] = (), **filters: object) -> Select[tuple[ModelT]]:
        """The rows that have the given values, by id, one after another."""
        statement = self._select(*conditions(self.model, filters)).order_by(self.model.id)
        return statement.options(*loading(self.model, load))

    @operation
    def create(self, session: Session, /, **values: object) -> ModelT:
        """Insert a row and return it with what the server added."""
        (given,) = self._completed([values])
        row: ModelT = self.model(**writable(self.model, given))
        session.add(row)
        session.flush()
        return row

    @operation
    def create_many(self, session: Session, rows: Rows) -> Sequence[ModelT]:
        """Insert rows, in a few statements, and return them in their order with what the server added."""
        given = [writable(self.model, row) for row in self._completed(list(rows))]
        _same_fields(self.model, given)
        if not given:
            return []
        statement = insert(self.model).returning(self.model, sort_by_parameter_order=True)
        return session.scalars(statement, given).all()

    @operation
    def update(self, session: Session, row_id: int, /, **values: object) -> ModelT:
        """Change fields of a row and return it; raises RowNotFoundError when there is none."""
        given = writable(self.model, values)
        if not given:
            raise InvalidQueryError("name at least one field to change")
        if fixed := sorted(given.keys() & self.fixed):
            raise InvalidQueryError(f"{', '.join(fixed)} of a row of {self.model.__name__} never change")
        found = conditions(self.model, {"id": row_id})
        changed = update(self.model).where(*found).values(**given).returning(self.model)
        row: ModelT | None = session.scalars(changed, execution_options=FRESH).one_or_none()
        if row is None:
            raise RowNotFoundError(f"{self.model.__name__} has no row with the id {row_id}")
        return row

    @operation
    def delete(self, session: Session, row_id: int) -> bool:
        """Delete a row; whether there was one."""
        statement = delete(self.model).where(*conditions(self.model, {"id": row_id})).returning(self.model.id)
        return session.scalars(statement).one_or_none() is not None

    @operation
    def upsert_many(self, session: Session, rows: Rows, *, key: Sequence[str] | None = None) -> Changes:
        """Insert rows that are new by their key, update those whose other fields differ, leave the rest alone.

        ``key`` is the natural key unless another unique one is named; all rows name the same fields. Made for many
        rows: they go through COPY and one statement. Objects that this session loaded before have their old values
        until they are read again.
        """
        given = self._completed(list(rows))
        columns = _same_fields(self.model, given)
        chosen = tuple(key or self.model.natural_key)
        require_unique(self.model, chosen)
        if missing := [name for name in chosen if given and name not in columns]:
            raise InvalidQueryError(f"the rows lack {', '.join(missing)}, which are needed to tell them apart")
        if not given:
            return Changes()
        require_time_zones(self.model, columns, given)
        _require_distinct(chosen, given)
        return self._merge(session, columns, chosen, given)

    def _merge(
        self, session: Session, columns: Sequence[str], key: Sequence[str], rows: Sequence[Mapping[str, Any]]
    ) -> Changes:
        table: Table = self.model.__table__
        values = [name for name in columns if name not in key and name != "id"]
        connection = session.connection()
        try:
            with staging(connection, table, columns) as stage:
                copy_rows(connection, stage.name, columns, ([row[name] for name in columns] for row in rows))
                return merge_stage(connection, table, stage, key, values, in_order=True)
        except DBAPIError as error:
            if sqlstate(error) != _SAME_ROW_TWICE:
                raise
            raise InvalidQueryError(f"two of the rows have the same {', '.join(key)}") from error

    def _replace(
        self, session: Session, columns: Sequence[str], rows: Iterable[Iterable[Any]], scope: ColumnElement[bool]
    ) -> Changes:
        """Bring the rows of a scope to the given ones, told apart by the natural key: insert, update what differs,
        delete what is not among them, and leave the rest alone.
        """
        table: Table = self.model.__table__
        key = self.model.natural_key
        connection = session.connection()
        with staging(connection, table, columns) as stage:
            copy_rows(connection, stage.name, columns, rows)
            same = [stage.c[name].is_not_distinct_from(table.c[name]) for name in key]
            gone = delete(table).where(scope, ~exists().where(*same)).returning(literal(1))
            deleted = len(connection.execute(gone).all())
            values = [name for name in columns if name not in key]
            return Changes(deleted=deleted) + merge_stage(connection, table, stage, key, values)

    def _select(self, *criteria: SQLColumnExpression[bool]) -> Select[tuple[ModelT]]:
        return select(self.model).where(*criteria).execution_options(**FRESH)

    def _completed(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Rows to be written, with what follows from the rest of them."""
        return rows


def _same_fields(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The fields that all rows name; raises InvalidQueryError when they differ, or are not the model's."""
    if not rows:
        return ()
    fields = rows[0].keys()
    require_fields(model, fields)
    for number, row in enumerate(rows):
        if row.keys() != fields:
            raise InvalidQueryError(f"row {number} names {', '.join(row)}; row 0 names {', '.join(fields)}")
    return tuple(fields)


def _require_distinct(key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise InvalidQueryError for two rows with the same key. The server notices only where both would change it."""
    first: dict[Any, int] = {}
    for number, values in enumerate(map(itemgetter(*key), rows)):
        if (other := first.setdefault(values, number)) != number:
            raise InvalidQueryError(f"rows {other} and {number} have the same {', '.join(key)}")
