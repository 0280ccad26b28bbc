"""What a name that nobody knows may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache


def near(text: str, known: Iterable[str]) -> list[str]:
    """At most two of the known names that come near a text, the nearest first; in any case."""
    return list(_near(text.casefold(), tuple(known)))


# A long file names the same unknown club on every line.
@lru_cache(maxsize=1024)
def _near(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    by_folded = {name.casefold(): name for name in known}
    return tuple(by_folded[name] for name in get_close_matches(text, by_folded, n=2))
