"""Rows of a card: a figure, its 95 % interval, and what it rests on or why it is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monps_platform.domain.quantum.dna.evidence import proportion
from monps_platform.domain.quantum.documents import Estimate, Explained, Gap

MISSING = "-"
_SOURCES: Mapping[str, str] = {Gap.NO_SHOTS: "shots", Gap.NO_PLAYERS: "players"}
"""What a whole vector may lack, so that each of its figures would say so."""


@dataclass(frozen=True, slots=True)
class CardRow:
    """A figure in words; of one that is missing, ``rests_on`` is the reason."""

    figure: str
    value: str
    interval: str
    rests_on: str


@dataclass(frozen=True, slots=True)
class Section:
    """Rows about one thing."""

    title: str
    rows: tuple[CardRow, ...]


def lacking_together(rows: Iterable[CardRow]) -> tuple[CardRow, ...]:
    """The rows, but where several lack one and the same source a row for all of these, in the place of the first."""
    known, told = list(rows), set[str]()
    lacking = Counter(row.rests_on for row in known)
    found: list[CardRow] = []
    for row in known:
        source = _SOURCES.get(row.rests_on)
        if source is None or lacking[row.rests_on] == 1:
            found.append(row)
        elif row.rests_on not in told:
            told.add(row.rests_on)
            found.append(missing_row(f"{lacking[row.rests_on]} figures of {source}", row.rests_on))
    return tuple(found)


def share_row(figure: str, document: Explained, field: str, of: int | None, rests_on: str) -> CardRow:
    """The row of a document's count as a share of so many, with the interval of Wilson (1927)."""
    count = getattr(document, field)
    if count is None:
        return missing_row(figure, document.gaps[field])
    if not of:
        return missing_row(figure, Gap.NO_VARIATION)
    return estimate_row(figure, proportion(count, of), ".0%", rests_on)


def figure_row(figure: str, document: Explained, field: str, form: str, rests_on: str) -> CardRow:
    """The row of a document's field, a number or an estimate, in a format such as ``+.1%``."""
    value = getattr(document, field)
    if value is None:
        return missing_row(figure, document.gaps[field])
    return (
        estimate_row(figure, value, form, rests_on)
        if isinstance(value, Estimate)
        else CardRow(figure, f"{value:{form}}", "", rests_on)
    )


def estimate_row(figure: str, estimate: Estimate, form: str, rests_on: str) -> CardRow:
    """The row of a figure with an interval."""
    return CardRow(figure, f"{estimate.value:{form}}", span(estimate.low, estimate.high, form), rests_on)


def missing_row(figure: str, why: str) -> CardRow:
    """The row of a figure that is missing."""
    return CardRow(figure, MISSING, "", why)


def span(low: float, high: float, form: str) -> str:
    """Both ends of an interval."""
    return f"{low:{form}} to {high:{form}}"


def counted(count: float, one: str, many: str | None = None) -> str:
    """A count with its noun: ``1 match``, ``38 matches``."""
    return f"{count:,.0f} {one if round(count) == 1 else many or one + 's'}"


def matches(count: int) -> str:
    """A count of matches."""
    return counted(count, "match", "matches")
