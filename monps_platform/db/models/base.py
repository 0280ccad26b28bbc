"""What all models share: naming convention, time stamps, representation."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, DateTime, Enum, MetaData, func, inspect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMAS = ("public", "quantum", "ops")
"""The schemas that Alembic makes and owns."""

SEASON_PATTERN = "^[0-9]{4}-[0-9]{2}$"

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every model."""

    natural_key: ClassVar[tuple[str, ...]] = ("id",)
    """The columns by which rows are told apart without their id; a unique index or key has exactly these."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - SQLAlchemy's own class attribute

    def to_dict(self) -> dict[str, Any]:
        """The columns' values by name; relationships are left out."""
        return {attribute.key: getattr(self, attribute.key) for attribute in inspect(type(self)).column_attrs}

    def __repr__(self) -> str:
        identity = inspect(self).identity
        key = "unsaved" if identity is None else ", ".join(map(str, identity))
        return f"{type(self).__name__}({key})"


class Timestamps:
    """When a row was made and last changed; the server's clock, UTC. An unchanged reload touches neither."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="when the row was inserted")
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now(), comment="when the row last changed"
    )


def enum_type(values: type[StrEnum], name: str) -> Enum:
    """A PostgreSQL enum whose labels are the values of a StrEnum."""
    return Enum(values, name=name, values_callable=lambda members: [item.value for item in members])


def season_name() -> CheckConstraint:
    """The rule that a season is written as in 2019-20."""
    return CheckConstraint(f"season ~ '{SEASON_PATTERN}'", name="season_name")


def finite(*columns: str, name: str = "finite") -> CheckConstraint:
    """The rule that numbers are numbers: NaN counts as greater than every number, infinity among them."""
    return CheckConstraint(f"greatest({', '.join(f'abs({column})' for column in columns)}) < 'Infinity'", name=name)


def not_negative(name: str, *columns: str) -> CheckConstraint:
    """The rule that no column is below 0; NULL passes."""
    return CheckConstraint(f"least({', '.join(columns)}) >= 0", name=name)


def between(name: str, low: int, high: int, *columns: str) -> CheckConstraint:
    """The rule that every column lies from low to high; NULL passes, NaN does not."""
    listed = ", ".join(columns)
    return CheckConstraint(f"least({listed}) >= {low} AND greatest({listed}) <= {high}", name=name)
