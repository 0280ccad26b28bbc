"""A small league as Understat publishes it: the matches of :mod:`football_files`, told shot by shot.

Every match ends 2-1: a goal and an own goal for the home side, a penalty for the away side. Each side has a forward
and a defender; one man moves from Arsenal to Brentford after four matches.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from monps_platform.domain.leagues import TOP_FIVE
from monps_platform.domain.partitions import Partition
from monps_platform.sources.understat.files import league_key, match_key
from monps_platform_tests.conftest import Mirror
from monps_platform_tests.orchestration.football_files import CLUBS, MATCHES
from monps_platform_tests.sources.understat.writing import Record, body, changed, coming, date, line_ups, roster, shot

TITLES = MappingProxyType(
    {"Arsenal": "Arsenal", "Brentford": "The Bees", "Chelsea": "Derby County", "Derby": "Chelsea"}
)
"""What Understat calls the clubs: no name proves a club, and two mislead."""
MOVER = 77
MOVES_AFTER = 4
SHOTS_PER_MATCH = 6
SHOTS_WITH_MOVER = 7
PLAYERS = 2 * len(CLUBS) + 1
PLAYER_ROWS = PLAYERS + 1
"""Rows of player_seasons: the man who moved has one for each club."""
PAIRS = tuple(itertools.permutations(CLUBS, 2))
_XG = MappingProxyType({"Goal": "0.4", "OwnGoal": "0", "SavedShot": "0.1", "MissedShots": "0.05"})
_PENALTY = "0.76"
_COUNTED = MappingProxyType(
    {
        **{name: name for name in ("time", "goals", "shots", "assists", "key_passes")},
        "yellow_cards": "yellow_card",
        "red_cards": "red_card",
    }
)


def id_of(where: Partition, number: int) -> int:
    """Understat's id of a season's match."""
    return (where.season.start_year * 100 + TOP_FIVE.index(where.league)) * 100 + number


def key_of(where: Partition) -> str:
    """The path of a partition's league file."""
    return league_key(where.league, where.season)


def key_of_match(where: Partition, number: int) -> str:
    """The path of a match file."""
    return match_key(id_of(where, number))


def forward(club: str) -> int:
    """The id of a club's forward; his defender has the next one."""
    return 10 * (1 + CLUBS.index(club))


def mover_club(number: int) -> str:
    """Where the man who moves is when a match is played."""
    return "Arsenal" if number < MOVES_AFTER else "Brentford"


def _shot(where: Partition, number: int, at: int, side: str, player: int, **more: Any) -> Record:
    given = {"match_id": str(id_of(where, number)), "player_id": str(player), "player": f"Player {player}"}
    result = more.get("result", "Goal")
    return shot(100 * id_of(where, number) + at, side, **{**given, "xG": _XG[result], "minute": str(10 * at), **more})


def shots_of(where: Partition, number: int) -> dict[str, list[Record]]:
    """The shots of a match by side."""
    home, away = PAIRS[number]
    sides = {
        "h": [
            _shot(where, number, 1, "h", forward(home), player_assisted=f"Player {forward(home) + 1}"),
            _shot(where, number, 2, "h", forward(home), result="SavedShot", player_assisted=None),
            _shot(where, number, 3, "h", forward(home) + 1, result="MissedShots", lastAction="None"),
        ],
        "a": [
            _shot(where, number, 4, "a", forward(away), situation="Penalty", xG=_PENALTY),
            _shot(where, number, 5, "a", forward(away), result="SavedShot"),
            _shot(where, number, 6, "a", forward(away) + 1, result="OwnGoal"),
        ],
    }
    if (club := mover_club(number)) in (home, away):
        side = "h" if club == home else "a"
        sides[side].append(_shot(where, number, 7, side, MOVER, result="SavedShot"))
    return sides


def _own(shots: Sequence[Record], player: int, *results: str) -> list[Record]:
    return [item for item in shots if item["player_id"] == str(player) and item["result"] in results]


def _entry(where: Partition, number: int, side: str, player: int) -> Record:
    shots = shots_of(where, number)[side]
    taken = _own(shots, player, "Goal", "SavedShot", "MissedShots")
    record = roster(player, side, id=str(100 * id_of(where, number) + player), time="90")
    own_goals = len(_own(shots, player, "OwnGoal"))
    counted = {"goals": len(_own(shots, player, "Goal")), "own_goals": own_goals, "shots": len(taken)}
    return record | {name: str(count) for name, count in counted.items()} | {"xG": _total(taken, "xG")}


def _total(records: Sequence[Record], key: str) -> str:
    return str(round(sum(float(record[key]) for record in records), 4))


def line_ups_of(where: Partition, number: int) -> dict[str, list[Record]]:
    """The line-ups of a match by side."""
    sides = {}
    for side, club in zip("ha", PAIRS[number], strict=True):
        players = [forward(club), forward(club) + 1, *([MOVER] if mover_club(number) == club else [])]
        sides[side] = [_entry(where, number, side, player) for player in players]
    return sides


def match_file(where: Partition, number: int, *, with_line_ups: bool = True, at: int = 0, **changes: Any) -> bytes:
    """The file of a match; ``changes`` are made to one of its home side's shots: goal, saved, missed."""
    shots = shots_of(where, number)
    shots["h"][at] = changed(shots["h"][at], changes)
    rosters = line_ups_of(where, number)
    more = {"rosters": line_ups(rosters["h"], rosters["a"])} if with_line_ups else {}
    return body({**more, "shots": shots})


def listing(where: Partition, number: int, **changes: Any) -> Record:
    """A finished match as the league file lists it; ``changes`` are to be made."""
    home, away = PAIRS[number]
    day = where.season.first_day + timedelta(days=40 + 7 * number)
    shots = shots_of(where, number)
    given = {
        "id": str(id_of(where, number)),
        "h__title": TITLES[home],
        "a__title": TITLES[away],
        "xG__h": _total(shots["h"], "xG"),
        "xG__a": _total(shots["a"], "xG"),
        "datetime": f"{day} 16:00:00",
    }
    return date(number, **{**given, **changes})


def to_come(where: Partition, number: int) -> Record:
    """The same match before it is played."""
    whole = listing(where, number)
    given = {name: whole[name] for name in ("id", "datetime")}
    return coming(number, **given, h__title=whole["h"]["title"], a__title=whole["a"]["title"])


def player(where: Partition, player_id: int, matches: Sequence[int]) -> Record:
    """A player's season over some matches."""
    sides = [(number, club, side) for number in matches for club, side in zip(PAIRS[number], "ha", strict=True)]
    entries = [
        (TITLES[club], item)
        for number, club, side in sides
        for item in line_ups_of(where, number)[side]
        if item["player_id"] == str(player_id)
    ]
    played = [item for _, item in entries]
    shots = [item for number, _, side in sides for item in shots_of(where, number)[side]]
    taken = _own(shots, player_id, "Goal", "SavedShot", "MissedShots")
    open_play = [item for item in taken if item["situation"] != "Penalty"]
    return {
        "id": str(player_id),
        "player_name": f"Player {player_id}",
        "games": str(len(entries)),
        **{name: str(sum(int(item[key]) for item in played)) for name, key in _COUNTED.items()},
        **{name: _total(played, name) for name in ("xG", "xA", "xGChain", "xGBuildup")},
        "npg": str(len(_own(open_play, player_id, "Goal"))),
        "npxG": _total(open_play, "xG"),
        "position": "F S",
        "team_title": ",".join(sorted({title for title, _ in entries})),
    }


def players(where: Partition, matches: Sequence[int]) -> list[Record]:
    """The seasons of all players over some matches."""
    ids = sorted({int(item["player_id"]) for n in matches for side in line_ups_of(where, n).values() for item in side})
    return [player(where, player_id, matches) for player_id in ids]


def league_file(
    where: Partition, *, played: int = MATCHES, dates: Sequence[Record] | None = None, **more: Any
) -> bytes:
    """The league file after so many matches, or with these listed; ``more`` are further keys, in place of its own."""
    listed = [listing(where, n) if n < played else to_come(where, n) for n in range(MATCHES)]
    made = {"dates": listed if dates is None else list(dates), "players": players(where, range(played))}
    return body({**made, **more})


def serve(mirror: Mirror, *partitions: Partition, with_line_ups: bool = True) -> None:
    """Put whole seasons on the mirror, with all their match files."""
    for where in partitions:
        mirror.serve(key_of(where), league_file(where))
        for number in range(MATCHES):
            mirror.serve(key_of_match(where, number), match_file(where, number, with_line_ups=with_line_ups))
