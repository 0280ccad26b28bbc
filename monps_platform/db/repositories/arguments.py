"""What a caller may ask for: refused in words before any SQL is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, TypeVar, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Numeric,
    Select,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    inspect,
)
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from monps_platform.db.models import Base

Statement = TypeVar("Statement", bound=Select[Any])


class InvalidQueryError(ValueError):
    """An argument that no query can be made of: an unknown field, a negative limit, an empty change."""


class RowNotFoundError(LookupError):
    """No row has the id that was asked for."""


def require_fields(model: type[Base], names: Iterable[str]) -> None:
    """Raise InvalidQueryError for a name that is no column of the model."""
    _require_known(model, "field", names, [attribute.key for attribute in inspect(model).column_attrs])


def _require_known(model: type[Base], what: str, names: Iterable[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else f"it has {', '.join(known)}"
            raise InvalidQueryError(f"{model.__name__} has no {what} {name!r}: {hint}")


def require_unique(model: type[Base], key: Sequence[str]) -> None:
    """Raise InvalidQueryError when no unique key or index of the model has exactly these columns."""
    require_fields(model, key)
    known = _unique_keys(cast(Table, model.__table__))
    if set(key) not in map(set, known):
        listed = "; ".join(", ".join(names) for names in known)
        raise InvalidQueryError(f"{model.__tablename__} are not told apart by {', '.join(key)}: unique are {listed}")


def _unique_keys(table: Table) -> list[list[str]]:
    """The columns of the primary key, then of every other key that all rows obey."""
    named = [item.columns.keys() for item in table.constraints if isinstance(item, UniqueConstraint)]
    whole = [item for item in table.indexes if item.unique and item.dialect_options["postgresql"]["where"] is None]
    return [table.primary_key.columns.keys(), *sorted(named + [item.columns.keys() for item in whole])]


def writable(model: type[Base], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by field, the same for either driver; raises InvalidQueryError for what require_values() refuses."""
    require_values(model, values)
    exact = _fields_of(model, values, lambda kind: isinstance(kind, Numeric) and not isinstance(kind, Float))
    # asyncpg would write 1.9 as 1.899999999999999911...: the float's exact value, which nobody meant.
    floats = {name: Decimal(str(values[name])) for name in exact if isinstance(values[name], float)}
    return {**values, **floats}


def require_values(model: type[Base], values: Mapping[str, Any]) -> None:
    """Raise InvalidQueryError for an unknown field, and for a value that its column cannot hold: each driver would say
    so in its own way, or take it for something else. None is for the server to judge.
    """
    require_fields(model, values)
    require_time_zones(model, values, [values])
    for name, value in values.items():
        kind = model.__table__.columns[name].type
        if value is not None and not _fits(kind, value):
            raise InvalidQueryError(f"{model.__name__}.{name} cannot be {value!r}: {_wanted(kind)}")


def _fits(kind: Any, value: object) -> bool:
    match kind:
        case Enum():
            return value in kind.enums
        case Integer():
            return isinstance(value, int) and not isinstance(value, bool) and -_limit(kind) <= value < _limit(kind)
        case Date():
            return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, next((types for sql, types in _PYTHON.items() if isinstance(kind, sql)), object))


def _limit(kind: Integer) -> int:
    return 1 << (15 if isinstance(kind, SmallInteger) else 63 if isinstance(kind, BigInteger) else 31)


def _wanted(kind: Any) -> str:
    if isinstance(kind, Enum):
        return f"it is one of {', '.join(kind.enums)}"
    if isinstance(kind, Integer):
        return f"it is a whole number from {-_limit(kind)} to {_limit(kind) - 1}"
    return f"it is a {type(kind).__name__.lower()}"


_PYTHON: Mapping[type[Any], tuple[type[Any], ...]] = MappingProxyType(
    {
        Boolean: (bool,),
        DateTime: (datetime,),
        Numeric: (int, float, Decimal),
        JSON: (dict, list),
        String: (str,),
    }
)
"""What Python values a column takes, by its type or a type above it."""


def require_time_zones(model: type[Base], fields: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Raise InvalidQueryError for an instant without time zone: one driver takes it for UTC, the other for local."""
    instants = _fields_of(model, fields, lambda kind: isinstance(kind, DateTime))
    for row in rows if instants else ():
        for name in instants:
            if isinstance(row[name], datetime) and row[name].tzinfo is None:
                raise InvalidQueryError(f"{name} is {row[name]} without a time zone: give it one, such as UTC")


def _fields_of(model: type[Base], fields: Iterable[str], has_type: Callable[[Any], bool]) -> list[str]:
    columns = model.__table__.columns
    return [name for name in fields if has_type(columns[name].type)]


def conditions(model: type[Base], filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Equality of each named column and its value; None asks for NULL."""
    return [
        getattr(model, name).is_not_distinct_from(value) if value is None else getattr(model, name) == value
        for name, value in writable(model, filters).items()
    ]


def loading(model: type[Base], relationships: Sequence[str]) -> list[ORMOption]:
    """Options that load relationships together with the rows, in the same statement."""
    _require_known(model, "relationship", relationships, [item.key for item in inspect(model).relationships])
    return [joinedload(getattr(model, name)) for name in relationships]


def require_page(skip: int, limit: int | None) -> None:
    """Raise InvalidQueryError for what is no number of rows."""
    for name, value in (("skip", skip), ("limit", limit)):
        if value is not None and (not isinstance(value, int) or value < 0):
            raise InvalidQueryError(f"{name} is {value!r}: it must be a whole number, 0 or more")


def page(statement: Statement, skip: int, limit: int | None) -> Statement:
    """The rows after the first ``skip``, at most ``limit`` (None: all)."""
    require_page(skip, limit)
    return statement.offset(skip or None).limit(limit)
