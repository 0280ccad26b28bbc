"""Where two shapes differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from monps_platform.db.schema.introspection.catalogue import Kind, Shape

_PARTS = (Kind.COLUMN, Kind.CONSTRAINT, Kind.INDEX, Kind.TRIGGER, Kind.TYPE, Kind.FUNCTION, Kind.COMMENT)


@dataclass(frozen=True)
class Difference:
    """One part that is not what it should be; None where a side does not have it."""

    kind: Kind
    name: str
    live: str | None
    expected: str | None

    def told(self, reference: str = "the models") -> str:
        """The difference as a sentence; ``reference`` is what the live side is compared with."""
        what = f"{'comment on' if self.kind is Kind.COMMENT else self.kind} {self.name}"
        if self.live is None:
            return f"{what} does not exist" if self.kind is Kind.TABLE else f"{what} is missing"
        if self.expected is None:
            return f"{what} is not in {reference}"
        return f"{what} is {self.live}, should be {self.expected}"


def compare(live: Shape, expected: Shape, without: Collection[Kind] = ()) -> list[Difference]:
    """All differences between two shapes: for each kind the missing, then the unexpected, then the different."""
    return [
        difference
        for kind in _PARTS
        if kind not in without
        for difference in _compare(kind, live.get(kind, {}), expected.get(kind, {}))
    ]


def _compare(kind: Kind, live: Mapping[str, str], expected: Mapping[str, str]) -> list[Difference]:
    missing, extra = sorted(expected.keys() - live.keys()), sorted(live.keys() - expected.keys())
    changed = [name for name in sorted(expected.keys() & live.keys()) if live[name] != expected[name]]
    return [Difference(kind, name, live.get(name), expected.get(name)) for name in (*missing, *extra, *changed)]
