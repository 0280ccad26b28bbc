"""Where a player plays: the letters of his season, and the group of players whose scoring his is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

_SUBSTITUTE = "S"
_LETTERS = (("GK", "GK"), ("Sub", _SUBSTITUTE), ("FW", "F"), ("DM", "M"), ("D", "D"), ("AM", "M"), ("M", "M"))
"""Letters by how a place in a line-up begins: DMC is a midfielder, DC a defender, so that DM stands before D."""


class Role(StrEnum):
    """Groups of players who score about as often; the mixed ones have played in both lines."""

    GOALKEEPER = "goalkeeper"
    DEFENDER = "defender"
    DEFENDER_MIDFIELDER = "defender and midfielder"
    MIDFIELDER = "midfielder"
    MIDFIELDER_FORWARD = "forward and in other lines"
    FORWARD = "forward"
    UNKNOWN = "only a substitute, or not known"


_ROLES = {
    frozenset({"GK"}): Role.GOALKEEPER,
    frozenset({"D"}): Role.DEFENDER,
    frozenset({"D", "M"}): Role.DEFENDER_MIDFIELDER,
    frozenset({"M"}): Role.MIDFIELDER,
    frozenset({"F"}): Role.FORWARD,
}


def role_of(letters: str | None) -> Role:
    """The group by the letters of a season, such as ``D M S``; S, who came on, says nothing of the place."""
    found = frozenset((letters or "").split()) - {_SUBSTITUTE}
    if "F" in found and len(found) > 1:
        return Role.MIDFIELDER_FORWARD
    return _ROLES.get(found, Role.UNKNOWN)


def season_letters(places: Iterable[str]) -> str | None:
    """A player's places in line-ups (``DC``, ``AMR``, ``Sub``) as the source sums them up over a season: ``D M S``.
    None without a place that is known.
    """
    known = {letter for place in places if (letter := _letter(place)) is not None}
    return " ".join(sorted(known)) or None


def _letter(place: str) -> str | None:
    return next((letter for start, letter in _LETTERS if place.startswith(start)), None)
