"""Writing files of the source: records in the form of the live site, with whatever is to be changed in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from monps_platform.domain.leagues import league
from monps_platform.domain.seasons import Season
from monps_platform.domain.understat import ParsedLeague, ParsedMatch
from monps_platform.sources.understat.league_file import parse_league
from monps_platform.sources.understat.match_file import parse_match

Record = dict[str, Any]

LEAGUE_NAME = "getLeagueData/EPL/2019"
MATCH_NAME = "getMatchData/11643"
MATCH_ID = 11643
SEASON = Season(2019)
GONE = object()
"""In place of a value: the key is left out."""


def changed(record: Mapping[str, Any], changes: Mapping[str, Any]) -> Record:
    """A record with other values; ``h.title`` is a key inside an object."""
    made: Record = json.loads(json.dumps(record))
    for path, value in changes.items():
        *outer, key = path.split(".")
        inner = made
        for step in outer:
            inner = inner[step]
        inner[key] = value
        if value is GONE:
            del inner[key]
    return made


def date(number: int, **changes: Any) -> Record:
    """A finished match of the league file: Home1 against Away1, and so on; ``h__title`` changes a title."""
    record = {
        "id": str(1000 + number),
        "isResult": True,
        "h": {"id": str(number), "title": f"Home{number}", "short_title": f"H{number}"},
        "a": {"id": str(500 + number), "title": f"Away{number}", "short_title": f"A{number}"},
        "goals": {"h": "2", "a": "1"},
        "xG": {"h": "1.75", "a": "0.5"},
        "datetime": f"2019-08-{number % 28 + 1:02d} 14:00:00",
        "forecast": {"w": "0.7", "d": "0.2", "l": "0.1"},
    }
    return changed(record, dotted(changes))


def coming(number: int, **changes: Any) -> Record:
    """A match that is not played yet."""
    nothing = {"h": None, "a": None}
    return date(number, **{"isResult": False, "goals": nothing, "xG": nothing, "forecast": GONE, **changes})


def player(number: int, **changes: Any) -> Record:
    """A player's season in the league file."""
    record = {
        "id": str(number), "player_name": f"Player {number}", "games": "30", "time": "2163", "goals": "9",
        "xG": "7.5", "assists": "2", "xA": "2.25", "shots": "127", "key_passes": "22", "yellow_cards": "5",
        "red_cards": "1", "position": "F S", "team_title": "Home1", "npg": "6", "npxG": "5.25",
        "xGChain": "11.5", "xGBuildup": "3.125",
    }  # fmt: skip
    return changed(record, dotted(changes))


def entry(day: str, side: str, **changes: Any) -> Record:
    """One match in the history of a team."""
    record = {
        "h_a": side, "xG": 1.2, "xGA": 0.8, "npxG": 1.2, "npxGA": 0.8, "ppda": {"att": 238, "def": 28},
        "ppda_allowed": {"att": 200, "def": 20}, "deep": 7, "deep_allowed": 3, "scored": 2, "missed": 1,
        "xpts": 1.9, "result": "w", "date": day, "wins": 1, "draws": 0, "loses": 0, "pts": 3, "npxGD": 0.4,
    }  # fmt: skip
    return changed(record, dotted(changes))


def team(title: str, *history: Record) -> Record:
    """A team with its history."""
    return {"id": "83", "title": title, "history": list(history)}


def shot(number: int, side: str = "h", **changes: Any) -> Record:
    """A shot of the match file."""
    record = {
        "id": str(number), "minute": "38", "result": "Goal", "X": "0.875", "Y": "0.5", "xG": "0.25",
        "player": "Scorer", "h_a": side, "player_id": "227", "situation": "OpenPlay", "season": "2019",
        "shotType": "RightFoot", "match_id": str(MATCH_ID), "h_team": "Home1", "a_team": "Away1", "h_goals": "2",
        "a_goals": "1", "date": "2019-08-02 14:00:00", "player_assisted": "Provider", "lastAction": "Pass",
    }  # fmt: skip
    return changed(record, dotted(changes))


def roster(number: int, side: str = "h", **changes: Any) -> Record:
    """An entry of a line-up in the match file."""
    record = {
        "id": str(9000 + number), "goals": "1", "own_goals": "0", "shots": "3", "xG": "0.75", "time": "84",
        "player_id": str(number), "team_id": "83", "position": "AMR", "player": f"Player {number}", "h_a": side,
        "yellow_card": "1", "red_card": "0", "roster_in": "0", "roster_out": "0", "key_passes": "2",
        "assists": "1", "xA": "0.5", "xGChain": "1.25", "xGBuildup": "0.125", "positionOrder": "9",
    }  # fmt: skip
    return changed(record, dotted(changes))


def dotted(changes: Mapping[str, Any]) -> Record:
    """Keyword arguments as paths: ``h__title`` is ``h.title``."""
    return {key.replace("__", "."): value for key, value in changes.items()}


def body(document: object) -> bytes:
    """A document as the site sends it."""
    return json.dumps(document, separators=(",", ":")).encode()


def league_of(dates: Sequence[object], players: Sequence[object] | None = None, **more: Any) -> ParsedLeague:
    """What the parser makes of a league file of these records."""
    document = {"players": [player(1)] if players is None else list(players), "dates": list(dates), **more}
    return parse_league(body(document), league("E0"), SEASON, LEAGUE_NAME)


def match_of(home: Sequence[object], away: Sequence[object] = (), **more: Any) -> ParsedMatch:
    """What the parser makes of a match file of these shots."""
    document = {"shots": {"h": list(home), "a": list(away)}, **more}
    return parse_match(body(document), MATCH_ID, MATCH_NAME)


def line_ups(home: Sequence[Record], away: Sequence[Record] = ()) -> Record:
    """Both line-ups as the site sends them: objects by id, and lists where they are empty."""
    by_id = ({item["id"]: item for item in side} for side in (home, away))
    return dict(zip("ha", (side or [] for side in by_id), strict=True))
