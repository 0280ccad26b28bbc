"""Rows of a card: a figure, its 95 % interval, and what it rests on or why it is missing."""

from __future__ import annotations

from dataclasses import dataclass

from monps_platform.domain.quantum.documents import Estimate, Explained

MISSING = "-"


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
