"""From players as Understat adds them up to one row per player, club and season."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import isclose
from typing import Any

from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.understat import Player

TOLERANCE = 0.001
"""Sums of rounded expected goals agree within this."""


@dataclass(frozen=True)
class ShotTotals:
    """What a player's shots for a club add up to; own goals are no shots."""

    shots: int = 0
    goals: int = 0
    non_penalty_goals: int = 0
    xg: float = 0.0
    non_penalty_xg: float = 0.0


@dataclass(frozen=True)
class LineupTotals:
    """What a player's entries in a club's line-ups add up to; minutes are minutes played."""

    appearances: int = 0
    minutes: int = 0
    assists: int = 0
    key_passes: int = 0
    yellow_cards: int = 0
    red_cards: int = 0
    xa: float = 0.0
    xg_chain: float = 0.0
    xg_buildup: float = 0.0


@dataclass(frozen=True)
class ClubSeason:
    """What a player did for one club in a season; None is what the source does not tell per club."""

    player_id: int
    player: str
    team_id: int
    position: str
    is_shared: bool
    appearances: int | None = None
    minutes: int | None = None
    goals: int | None = None
    non_penalty_goals: int | None = None
    assists: int | None = None
    shots: int | None = None
    key_passes: int | None = None
    yellow_cards: int | None = None
    red_cards: int | None = None
    xg: float | None = None
    non_penalty_xg: float | None = None
    xa: float | None = None
    xg_chain: float | None = None
    xg_buildup: float | None = None


Key = tuple[int, int]
"""A player's and a club's id."""


def club_seasons(
    players: Sequence[Player],
    teams: Mapping[str, int],
    shots: Mapping[Key, ShotTotals],
    lineups: Mapping[Key, LineupTotals],
) -> tuple[list[ClubSeason], list[Rejection]]:
    """One row per player and club. ``teams`` maps the source's spellings to clubs.

    The source adds up the clubs of a player who moved. What he did for each is taken from his shots and from the
    line-ups where they add up to what the source says of the whole season, and is None elsewhere. A player of a club
    that is not known is rejected.
    """
    rows: list[ClubSeason] = []
    rejections: list[Rejection] = []
    for number, player in enumerate(players, start=1):
        if any(name not in teams for name in player.teams):
            text = f"{player.name} ({player.id}): {', '.join(player.teams)}"
            rejections.append(Rejection(Dataset.PLAYERS, number, Reason.UNRESOLVED_TEAM, text))
        else:
            rows += _rows(player, [teams[name] for name in player.teams], shots, lineups)
    return rows, rejections


def _rows(
    player: Player, clubs: Sequence[int], shots: Mapping[Key, ShotTotals], lineups: Mapping[Key, LineupTotals]
) -> Iterable[ClubSeason]:
    who: dict[str, Any] = {"player_id": player.id, "player": player.name, "position": player.position}
    if not player.is_shared:
        told = {**_whole(player, ShotTotals), **_whole(player, LineupTotals)}
        return [ClubSeason(**who, team_id=clubs[0], is_shared=False, **told)]
    parts = [
        _parts(player, [totals.get((player.id, club), kind()) for club in clubs], kind)
        for kind, totals in ((ShotTotals, shots), (LineupTotals, lineups))
    ]
    return [
        ClubSeason(**who, team_id=club, is_shared=True, **parts[0][at], **parts[1][at]) for at, club in enumerate(clubs)
    ]


def _parts(player: Player, of_clubs: Sequence[Any], kind: type[Any]) -> Sequence[Mapping[str, Any]]:
    """Per club, the figures of a kind; nothing when they do not add up to the player's season."""
    values = [{item.name: getattr(totals, item.name) for item in fields(kind)} for totals in of_clubs]
    whole = _whole(player, kind)
    adds_up = all(
        isclose(sum(part[name] for part in values), told, rel_tol=0.0, abs_tol=TOLERANCE)
        for name, told in whole.items()
    )
    return values if adds_up else [{} for _ in of_clubs]


def _whole(player: Player, kind: type[Any]) -> dict[str, Any]:
    return {item.name: getattr(player, item.name) for item in fields(kind)}
