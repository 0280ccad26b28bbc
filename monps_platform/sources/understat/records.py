"""From JSON records to values: a record becomes a value or a rejection; one that lacks a key is a changed form."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Generic, TypeVar

from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.sources.errors import UnreadableFileError

Record = Mapping[str, Any]

_NUMBER = re.compile(r"-?\d{1,17}(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
# More digits are a mistake, and would not fit the tables.
_COUNT_DIGITS = 4
_ID_DIGITS = 18
# One bad record in this many is a slip; more are a form that has changed.
_ROUNDING = 1e-6
_ONE_IN = 5

_T = TypeVar("_T")


class Rejected(Exception):  # noqa: N818 - control flow inside this package, not an error of the program
    """A record that cannot be loaded."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


@dataclass(frozen=True)
class RecordList:
    """A list of a file: the file's name, the list's, what a rejection of it is called, and the first one's number."""

    file: str
    label: str
    dataset: Dataset
    records: Sequence[object] = ()
    first: int = 1

    def reject(self, line: int, record: object, reason: Reason) -> Rejection:
        """The rejection of a record, with its text in compact JSON."""
        return Rejection(self.dataset, line, reason, compact(record))


@dataclass(frozen=True)
class Readings(Generic[_T]):
    """The values of a list, the number of the record that each one was read from, and the rejections."""

    values: Sequence[_T]
    lines: Sequence[int]
    rejections: Sequence[Rejection]


def read_records(source: RecordList, read: Callable[[Record], _T]) -> Readings[_T]:
    """Read every record. Raises UnreadableFileError for one that is no object or lacks a key that ``read`` asks for."""
    values: list[_T] = []
    lines: list[int] = []
    rejections: list[Rejection] = []
    for line, record in enumerate(source.records, source.first):
        if not isinstance(record, dict):
            raise UnreadableFileError(
                f"{source.file}: record {line} of {source.label} is no object: {str(record)[:80]}"
            )
        try:
            values.append(read(record))
        except Rejected as rejected:
            rejections.append(source.reject(line, record, rejected.reason))
        except KeyError as error:
            raise UnreadableFileError(
                f"{source.file}: record {line} of {source.label} has no {error}: the form of the source has changed"
            ) from error
        else:
            lines.append(line)
    return Readings(values, lines, rejections)


def refuse_changed_form(source: RecordList, rejections: Sequence[Rejection], spare: int = 0) -> None:
    """Raise UnreadableFileError when more than a fifth of a list's records are rejected, ``spare`` of them aside: in a
    short list a few bad ones say nothing of its form.
    """
    if len(rejections) <= spare or _ONE_IN * len(rejections) <= len(source.records):
        return
    reason, _ = Counter(rejection.reason for rejection in rejections).most_common(1)[0]
    raise UnreadableFileError(
        f"{source.file}: {len(rejections)} of {len(source.records)} records of {source.label} are rejected, mostly as "
        f"{reason}: the form of the source has changed, or this is another file"
    )


def list_of(document: Record, key: str, name: str) -> Sequence[object]:
    """A list of a file; raises UnreadableFileError when it is not there."""
    found = document.get(key)
    if not isinstance(found, list):
        raise UnreadableFileError(f"{name}: the file has no list {key!r}: the form of the source has changed")
    return found


def part(record: Record, key: str) -> Record:
    """An object inside a record; raises KeyError when it is not there."""
    found = record[key]
    if not isinstance(found, dict):
        raise KeyError(key)
    return found


def compact(record: object) -> str:
    """A record as one line of JSON in ASCII."""
    return json.dumps(record, separators=(",", ":"))


def count(value: object, reason: Reason = Reason.NOT_A_COUNT) -> int:
    """A whole number from 0 to 9,999, as text or number."""
    return _whole(value, _COUNT_DIGITS, reason)


def identity(value: object) -> int:
    """An id of the source."""
    return _whole(value, _ID_DIGITS, Reason.NOT_A_NUMBER)


def claim(taken: set[int], number: int) -> int:
    """An id that no other record has had."""
    if number in taken:
        raise Rejected(Reason.DUPLICATE_ID)
    taken.add(number)
    return number


def number(value: object) -> float:
    """A finite number, as text or number."""
    written = value if isinstance(value, str) else str(value) if type(value) in {int, float} else ""
    if _NUMBER.fullmatch(written) and math.isfinite(found := float(written)):
        return found
    raise Rejected(Reason.NOT_A_NUMBER)


def amount(value: object) -> float:
    """A finite number that is not negative; what rounding left below 0 is 0."""
    found = number(value)
    if found < -_ROUNDING:
        raise Rejected(Reason.OUT_OF_RANGE)
    return max(found, 0.0)


def text(value: object, reason: Reason) -> str:
    """A text without the HTML entities that the source writes for apostrophes; ``reason`` when there is none."""
    if not isinstance(value, str):
        raise Rejected(reason)
    found = " ".join((unescape(value) if "&" in value else value).split())
    if not found:
        raise Rejected(reason)
    return found


def team_title(record: Record) -> str:
    """The name of a team."""
    return text(record["title"], Reason.MISSING_TEAM)


def _whole(value: object, digits: int, reason: Reason) -> int:
    if isinstance(value, str):
        if len(value) <= digits and value.isascii() and value.isdigit():
            return int(value)
    elif type(value) is int and 0 <= value < 10**digits:
        return value
    raise Rejected(reason)
