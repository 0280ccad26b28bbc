"""JSON documents with a schema: each field says its formula, unit, range, source, least n, and why it is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Source(StrEnum):
    """Where a figure comes from."""

    RESULTS = "results"
    STATISTICS = "match statistics"
    PRICES = "prices"
    SHOTS = "shots"
    LINEUPS = "line-ups"
    PLAYER_SEASONS = "player seasons"
    TEAM_HISTORY = "team history"


class Gap(StrEnum):
    """Why a figure is missing."""

    NO_SHOTS = "no shots are held"
    NO_LINEUPS = "no line-ups are held"
    NO_PLAYERS = "no totals of players are held up to this day"
    NO_PRICES = "no prices are held"
    NO_CLOSING = "no closing prices are held"
    NO_EDGE = "no market's interval lies above 0"
    NO_STATISTICS = "no match statistics are held"
    NO_HALF_TIME = "no half-time scores are held"
    NO_TEAM_HISTORY = "no PPDA and deep completions are held"
    NO_KICKOFF = "no kickoff times are held"
    UNKNOWN_MINUTES = "what too many players did is not told per club"
    TOO_FEW = "too few observations"
    NO_VARIATION = "nothing to divide by"
    ALL_ALIKE = "all observations are alike, which says nothing about how far they may vary"
    NOT_JUDGED = "no profiles of opponents are known"


class Document(BaseModel):
    """A value that is kept as JSON: frozen, nothing besides its fields, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_json(self) -> dict[str, Any]:
        """As PostgreSQL keeps it."""
        return self.model_dump(mode="json")


class Estimate(Document):
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    @model_validator(mode="after")
    def _interval_has_two_ends(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"the interval from {self.low} to {self.high} is upside down")
        return self


class Explained(Document):
    """A document of figures. Each field that is None has its reason in ``gaps``, by the field's name."""

    gaps: dict[str, Gap] = Field(default_factory=dict, description="why a figure is missing, by field")

    @classmethod
    def explained(cls, figures: Mapping[str, object]) -> Self:
        """The document of figures by field, each of them a value or the reason why it is missing. Raises ValueError for
        one that is neither, or out of its range.
        """
        gaps = {name: value for name, value in figures.items() if isinstance(value, Gap)}
        return cls.model_validate({**figures, **dict.fromkeys(gaps), "gaps": gaps})

    @model_validator(mode="after")
    def _every_gap_has_its_reason(self) -> Self:
        fields = type(self).model_fields
        missing = {name for name in fields if getattr(self, name) is None}
        if missing != set(self.gaps):
            raise ValueError(f"missing are {sorted(missing)}, but reasons are given for {sorted(self.gaps)}")
        return self


class Vector(Explained):
    """A vector of figures of a team, as of a day."""

    n_matches: int = Field(ge=1, description="matches it rests on")
    as_of: date = Field(description="nothing known only on or after this day was used")
    sources: tuple[Source, ...] = Field(description="where its figures come from")

    @classmethod
    def of(cls, n_matches: int, as_of: date, sources: Collection[Source], figures: Mapping[str, object]) -> Self:
        """The vector of figures by field, each of them a value or the reason why it is missing. Raises ValueError for
        one that is neither, or out of its range.
        """
        ordered = tuple(source for source in Source if source in sources)
        return cls.explained({**figures, "n_matches": n_matches, "as_of": as_of, "sources": ordered})


def figure(
    formula: str, *, unit: str, source: Source | Collection[Source], least: int, low: float | None, high: float | None
) -> Any:
    """A field of a document: its formula, its unit, the sources, the least n that it is given for, and its range (None:
    not bounded on that side).
    """
    sources = [source] if isinstance(source, Source) else list(source)
    extra: dict[str, Any] = {"unit": unit, "sources": [str(item) for item in sources], "least_n": least}
    return Field(description=formula, ge=low, le=high, json_schema_extra=extra)


def field_rows(document: type[Document]) -> Iterable[tuple[str, str, str, str, str, str]]:
    """Field, formula, unit, range, sources and least n of every documented figure, for people to read."""
    for name, field in document.model_fields.items():
        extra = field.json_schema_extra
        if not isinstance(extra, dict) or "unit" not in extra:
            continue
        bounds = {type(item).__name__: item for item in field.metadata}
        low = getattr(bounds.get("Ge"), "ge", None)
        high = getattr(bounds.get("Le"), "le", None)
        ends = ("" if end is None else f"{end:g}" for end in (low, high))
        limits = "" if low is None and high is None else " .. ".join(ends).strip()
        listed = extra["sources"]
        sources = ", ".join(map(str, listed)) if isinstance(listed, list) else ""
        yield name, str(field.description), str(extra["unit"]), limits, sources, str(extra["least_n"])
