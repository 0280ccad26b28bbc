"""PostgreSQL's binary COPY format, written column-wise by numpy.

Rows of one shape (the same columns NULL, the same labels) have one length, so that a numpy structured array *is*
the wire format, and no row is ever formatted in Python.
Format: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-BINARY-FORMAT and, for numerics,
``numeric_recv`` in src/backend/utils/adt/numeric.c.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
DECIMALS = 4
"""Decimals of the fixed-point integers that :class:`Numeric` takes."""

_UNIT = 10**DECIMALS
_NULL = -1
_NEGATIVE = 0x4000
_NUMERIC = np.dtype(
    [
        ("length", ">i4"),
        ("groups", ">i2"),
        ("weight", ">i2"),
        ("sign", ">u2"),
        ("scale", ">i2"),
        ("digits", ">i2", (2,)),
    ]
)


class Field(ABC):
    """One column of a row shape: how it lies in memory, and how values fill it."""

    dtype: np.dtype[Any]

    @abstractmethod
    def fill(self, target: NDArray[Any]) -> None:
        """Write n values into a structured view of shape (n,)."""


class Null(Field):
    """NULL in every row."""

    dtype = np.dtype([("length", ">i4")])

    def fill(self, target: NDArray[Any]) -> None:
        """Write the length that stands for NULL."""
        target["length"] = _NULL


class Integer(Field):
    """A smallint (2), integer (4) or bigint (8) column. Raises ValueError for a value that does not fit."""

    def __init__(self, values: NDArray[np.int64], size: int) -> None:
        _refuse_beyond(values, -(1 << 8 * size - 1), (1 << 8 * size - 1) - 1, f"an integer of {size} bytes")
        self.values = values
        self.size = size
        self.dtype = np.dtype([("length", ">i4"), ("value", f">i{size}")])

    def fill(self, target: NDArray[Any]) -> None:
        """Write lengths and values."""
        target["length"] = self.size
        target["value"] = self.values


class Label(Field):
    """The same text in every row: a text or an enum column."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.dtype = np.dtype([("length", ">i4"), ("value", f"S{len(self.data)}")])

    def fill(self, target: NDArray[Any]) -> None:
        """Write length and text."""
        target["length"] = len(self.data)
        target["value"] = self.data


class Numeric(Field):
    """A numeric column from fixed-point integers in ten-thousandths, below 10,000 in absolute value.

    The display scale is that of the value, two at least, so that 1.4 reads 1.40 and 2.375 stays 2.375. Raises
    ValueError for a value that does not fit.
    """

    dtype = _NUMERIC

    def __init__(self, values: NDArray[np.int64]) -> None:
        _refuse_beyond(values, 1 - _UNIT**2, _UNIT**2 - 1, "a numeric in ten-thousandths below 10,000")
        self.values = values

    def fill(self, target: NDArray[Any]) -> None:
        """Write one base-10,000 digit before the point and one behind; the server drops zero digits."""
        whole, part = np.divmod(np.abs(self.values), _UNIT)
        target["length"] = _NUMERIC.itemsize - 4
        target["groups"] = 2
        target["weight"] = 0
        target["sign"] = np.where(self.values < 0, _NEGATIVE, 0)
        target["scale"] = np.where(part % 100 == 0, 2, np.where(part % 10 == 0, 3, 4))
        target["digits"][:, 0] = whole
        target["digits"][:, 1] = part


def _refuse_beyond(values: NDArray[np.int64], lowest: int, highest: int, what: str) -> None:
    """Numpy would cut off what does not fit, and another number would be stored."""
    if values.size and (values.min() < lowest or values.max() > highest):
        raise ValueError(f"{values.min()} to {values.max()} does not fit {what}")


class Rows:
    """n encoded rows of one shape, each a fixed number of bytes."""

    def __init__(self, count: int, fields: Mapping[str, Field]) -> None:
        layout = [("fields", ">i2"), *((name, field.dtype) for name, field in fields.items())]
        array = np.empty(count, dtype=np.dtype(layout))
        array["fields"] = len(fields)
        for name, field in fields.items():
            field.fill(array[name])
        self._bytes = memoryview(array.tobytes())
        self._row = array.dtype.itemsize

    def slice(self, start: int, stop: int) -> memoryview:
        """The bytes of rows start to stop."""
        return self._bytes[start * self._row : stop * self._row]


def stream(parts: Iterable[bytes | memoryview]) -> BytesIO:
    """A whole COPY stream, ready for ``copy_expert``."""
    return BytesIO(b"".join((HEADER, *parts, TRAILER)))
