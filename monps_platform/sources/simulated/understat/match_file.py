"""A simulated match in Understat's own JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.understat.chances import BODY_PARTS, SITUATIONS
from monps_platform.sources.simulated.understat.endings import RESULTS
from monps_platform.sources.simulated.understat.ids import IdKind, make_ids
from monps_platform.sources.simulated.understat.lineups import POSITIONS, STARTERS
from monps_platform.sources.simulated.understat.season import UnderstatSeason, understat_season
from monps_platform.sources.simulated.understat.texts import expected_text, to_json

_Record = dict[str, str | None]

_SIDES = ("h", "a")
_BENCH = 17  # Understat's positionOrder of everyone who came on.


class UnknownMatchError(ValueError):
    """An id that no match of the league and season has."""


def match_ids(league: League, season: Season) -> tuple[int, ...]:
    """Understat's ids of a season's matches in order of kick-off; raises as simulate_season does."""
    return understat_season(league, season).match_ids


def simulate_match_file(league: League, season: Season, match_id: int) -> bytes:
    """One match with rosters and shots, the same bytes on every machine.

    Raises UnknownMatchError (a ValueError) for a match of another league or season, and as simulate_season does.
    """
    whole = understat_season(league, season)
    try:
        number = whole.match_ids.index(match_id)
    except ValueError:
        raise UnknownMatchError(
            f"{match_id} is no match of {league.code} {season}: its ids run from {whole.match_ids[0]} to "
            f"{whole.match_ids[-1]} (see match_ids)"
        ) from None
    rosters = {h_a: _roster(league, season, whole, 2 * number + side) for side, h_a in enumerate(_SIDES)}
    content = {"rosters": rosters, "shots": _shots(league, season, whole, number)}
    return to_json(content)


def _shots(league: League, season: Season, whole: UnderstatSeason, number: int) -> dict[str, list[_Record]]:
    """The shots of a match by side, each in order of minute."""
    part = slice(*whole.first_shot[number : number + 2])
    shots, side = whole.shots, whole.shots.side[part]
    columns = (
        make_ids(league, IdKind.SHOT, season.start_year, np.arange(part.start, part.stop)),
        side,
        *(column[part] for column in (shots.minute, shots.result, shots.situation, shots.body_part)),
        *(column[part] for column in (shots.x, shots.y, shots.xg, shots.assisted)),
        whole.teams.ids[side, shots.shooter[part]],
        whole.teams.ids[side, shots.assister[part]],
    )
    common = _common(season, whole, number)
    rows = zip(*(column.tolist() for column in columns), shots.action[part], strict=True)
    every = [_shot(row, whole.squad.names, common) for row in rows]
    return {h_a: [shot for shot in every if shot["h_a"] == h_a] for h_a in _SIDES}


def _shot(row: tuple[Any, ...], names: Mapping[int, str], common: Mapping[str, str]) -> _Record:
    """One shot from the columns above, with what all shots of the match say."""
    shot_id, side, minute, result, situation, body_part, x, y, xg, assisted, shooter, assister, action = row
    return {
        "id": str(shot_id),
        "minute": str(minute),
        "result": RESULTS[result].value,
        "X": str(x),
        "Y": str(y),
        "xG": expected_text(xg),
        "player": names[shooter],
        "h_a": _SIDES[side % 2],
        "player_id": str(shooter),
        "situation": SITUATIONS[situation].value,
        "shotType": BODY_PARTS[body_part].value,
        **common,
        "player_assisted": names[assister] if assisted else None,
        "lastAction": action,
    }


def _common(season: Season, whole: UnderstatSeason, number: int) -> dict[str, str]:
    """What every shot of a match says of it."""
    matches = whole.matches
    home, away = (whole.club_names[club] for club in matches.club[2 * number : 2 * number + 2].tolist())
    home_goals, away_goals = matches.goals[2 * number : 2 * number + 2].tolist()
    return {
        "season": str(season.start_year),
        "match_id": str(whole.match_ids[number]),
        "h_team": home,
        "a_team": away,
        "h_goals": str(home_goals),
        "a_goals": str(away_goals),
        "date": matches.kickoffs[number],
    }


def _roster(league: League, season: Season, whole: UnderstatSeason, side: int) -> dict[str, _Record]:
    """A side's line-up by roster id: who went and who came name each other's entries."""
    teams = whole.teams
    ids = make_ids(league, IdKind.ROSTER, season.start_year, side * len(POSITIONS) + np.arange(len(POSITIONS)))
    entries = [str(number) for number in ids.tolist()]
    came_for = dict(enumerate(teams.replaced[side].tolist(), start=STARTERS))
    went_for = {went: came for came, went in came_for.items()}
    return {
        entries[place]: {
            "id": entries[place],
            "player_id": str(player),
            "player": whole.squad.names[player],
            "team_id": str(whole.club_ids[whole.matches.club[side]]),
            "h_a": _SIDES[side % 2],
            "position": POSITIONS[place],
            "positionOrder": str(place + 1 if place < STARTERS else _BENCH),
            "roster_in": entries[went_for[place]] if place in went_for else "0",
            "roster_out": entries[came_for[place]] if place in came_for else "0",
            **_numbers(whole, side, place),
        }
        for place, player in enumerate(teams.ids[side].tolist())
    }


def _numbers(whole: UnderstatSeason, side: int, place: int) -> dict[str, str]:
    """What one player of a line-up did, as text by Understat's key."""
    teams, tallies = whole.teams, whole.tallies
    counts = {
        "goals": tallies.goals,
        "own_goals": tallies.own_goals,
        "shots": tallies.shots,
        "time": teams.minutes,
        "yellow_card": teams.yellows,
        "red_card": teams.reds,
        "key_passes": tallies.key_passes,
        "assists": tallies.assists,
    }
    expected = {"xG": tallies.xg, "xA": tallies.xa, "xGChain": tallies.xg_chain, "xGBuildup": tallies.xg_buildup}
    texts = {name: str(table[side, place]) for name, table in counts.items()}
    return texts | {name: expected_text(int(table[side, place])) for name, table in expected.items()}
