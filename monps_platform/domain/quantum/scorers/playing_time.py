"""How much the players of a team play: from line-ups where they are held, else from whole-season totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monps_platform.domain.quantum.periods import PERIODS
from monps_platform.domain.quantum.scorers.presence import Presence, presence_of_appearances, presence_of_totals
from monps_platform.domain.quantum.scorers.roles import season_letters
from monps_platform.domain.quantum.season import LeagueSeason, PlayerTotals, TeamMatch
from monps_platform.domain.understat import Appearance

HALF_LIFE = 10
"""Matches of his team after which an appearance says half as much of the next one: about a quarter of a season, so that
who has left or is injured fades, and one match on the bench does not bench him. Chosen, not fitted.
"""


@dataclass(frozen=True, slots=True)
class PlayingTime:
    """A player's matches and minutes for a team; None is what the sources do not tell per club.

    ``minutes_with_shots`` are those of the matches whose shots are held, ``expected_minutes`` those of the next match,
    a match without him counted as 0. ``presence`` is his share of each period in matches he appears in: 1 where that is
    not known, as of one who plays it all.
    """

    player: str
    position: str | None = None
    appearances: int | None = None
    minutes: int | None = None
    minutes_with_shots: float | None = None
    expected_minutes: float | None = None
    presence: Presence = (1.0,) * len(PERIODS)


def playing_times(season: LeagueSeason, team_id: int) -> Mapping[int, PlayingTime]:
    """Playing times of a team by player: from line-ups where every match of it has them, else from the totals of the
    whole season (where they know of no other matches than those held), else nothing.
    """
    matches = season.of_team(team_id)
    if all(item.match.appearances is not None for item in matches):
        return _from_lineups(matches)
    totals = season.players_of(team_id)
    shots_held = sum(item.match.shots is not None for item in matches) / len(matches)
    return {row.player_id: _from_totals(row, len(matches), shots_held) for row in totals}


def _from_lineups(matches: Sequence[TeamMatch]) -> dict[int, PlayingTime]:
    played: dict[int, list[tuple[int, Appearance]]] = {}
    for at, item in enumerate(matches):
        for appearance in item.match.appearances or ():
            if appearance.is_home is item.is_home:
                played.setdefault(appearance.player_id, []).append((at, appearance))
    weights = [0.5 ** ((len(matches) - 1 - at) / HALF_LIFE) for at in range(len(matches))]
    with_shots = [item.match.shots is not None for item in matches]
    return {player_id: _from_entries(entries, weights, with_shots) for player_id, entries in played.items()}


def _from_entries(
    entries: Sequence[tuple[int, Appearance]], weights: Sequence[float], with_shots: Sequence[bool]
) -> PlayingTime:
    return PlayingTime(
        player=entries[-1][1].player,
        position=season_letters(entry.position for _, entry in entries),
        appearances=len(entries),
        minutes=sum(entry.minutes for _, entry in entries),
        minutes_with_shots=sum(entry.minutes for at, entry in entries if with_shots[at]),
        expected_minutes=sum(weights[at] * entry.minutes for at, entry in entries) / sum(weights),
        presence=presence_of_appearances(entry for _, entry in entries),
    )


def _from_totals(row: PlayerTotals, n_matches: int, shots_held: float) -> PlayingTime:
    """``shots_held``: share of the team's matches with shots. Totals do not say in which matches he played, so that his
    minutes are spread evenly over them.
    """
    if row.minutes is None or not row.appearances:
        return PlayingTime(row.player, row.position, row.appearances)
    return PlayingTime(
        player=row.player,
        position=row.position,
        appearances=row.appearances,
        minutes=row.minutes,
        minutes_with_shots=row.minutes * shots_held,
        expected_minutes=row.minutes / n_matches,
        presence=presence_of_totals(row.position, row.minutes / row.appearances),
    )
