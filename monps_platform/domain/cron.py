"""Times of schedules in the five fields of cron: minute, hour, day of the month, month, day of the week."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?", re.ASCII)


class CronError(ValueError):
    """Text that names no times."""


@dataclass(frozen=True)
class _Field:
    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()

    def require(self, text: str) -> None:
        """Raise CronError unless the text is a list of numbers, ranges and steps of this field."""
        for part in text.split(","):
            match = _PART.fullmatch(part)
            if match is None:
                raise CronError(f"{part!r} is no {self.name}")
            self._require_part(match)

    def _require_part(self, match: re.Match[str]) -> None:
        if match["step"] is not None and not (match["all"] or match["last"]):
            raise CronError(f"{match[0]!r}: a step needs a range or * before it")
        if match["step"] is not None and not 1 <= int(match["step"]) <= self.highest:
            raise CronError(f"{match[0]!r}: the step of a {self.name} is from 1 to {self.highest}")
        ends = [self._number(end) for end in (match["first"], match["last"]) if end is not None]
        if ends != sorted(ends):
            raise CronError(f"{match[0]!r} runs backwards")

    def _number(self, text: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.lowest
        if not text.isdigit() or not self.lowest <= int(text) <= self.highest:
            raise CronError(f"{text!r} is no {self.name}, which is from {self.lowest} to {self.highest}")
        return int(text)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 6, _DAYS),
)


def require_cron(text: str) -> str:
    """The text, single-spaced, if it names times, such as ``*/15 * * * *`` or ``0 3 * * mon-fri``; raises CronError."""
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise CronError(
            f"{len(parts)} fields where cron has five: minute, hour, day of the month, month, day of the week, as in "
            "'30 3 * * *' for half past three every day"
        )
    for field, part in zip(_FIELDS, parts, strict=True):
        field.require(part)
    return " ".join(parts)
