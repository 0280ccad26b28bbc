"""The parser of match files: bytes in, shots, line-ups and rejections out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from monps_platform.domain.rejections import Dataset, Reason
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.understat import Appearance, ParsedMatch, Shot
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.understat.body import read_json
from monps_platform.sources.understat.records import (
    Readings,
    Record,
    RecordList,
    Rejected,
    amount,
    claim,
    count,
    identity,
    number,
    read_records,
    refuse_changed_form,
    text,
)

_LONGEST_MATCH = 150
_NO_ACTION = "None"
_SPARE = 2
"""Bad records that no file is refused for, however short it is."""
# Looking a label up in a dict is several times faster than calling the enum.
_SITUATIONS = {label.value: label for label in ShotSituation}
_BODY_PARTS = {label.value: label for label in BodyPart}
_RESULTS = {label.value: label for label in ShotResult}

_T = TypeVar("_T")
_Sides = tuple[Sequence[object], Sequence[object]]
"""The records of the home side and of the away side."""


def parse_match(body: bytes, match_id: int, name: str) -> ParsedMatch:
    """Read the file of one match; line-ups are read where it has any.

    Records are numbered through both sides, the home side first. Raises UnreadableFileError when the bytes are no
    match file, the file of another match, or of a form that has changed: a key is missing, or more than a fifth of the
    shots or of the line-ups is rejected. A few bad records inside a good file are rejections.
    """
    document = read_json(body, name)
    shot_sides = _sides(document, "shots", name)
    line_ups = _sides(document, "rosters", name) if "rosters" in document else ((), ())
    of_shots, of_line_ups = RecordList(name, "shots", Dataset.SHOTS), RecordList(name, "rosters", Dataset.APPEARANCES)
    shots = _read_sides(of_shots, shot_sides, partial(_read_shot, match_id, set()))
    _refuse_another_match(shots, match_id, name)
    appearances = _read_sides(of_line_ups, line_ups, partial(_read_appearance, set()))
    for source, sides, readings in ((of_shots, shot_sides, shots), (of_line_ups, line_ups, appearances)):
        refuse_changed_form(replace(source, records=[*sides[0], *sides[1]]), readings.rejections, _SPARE)
    return ParsedMatch(
        shots=shots.values,
        appearances=appearances.values,
        shots_read=sum(map(len, shot_sides)),
        appearances_read=sum(map(len, line_ups)),
        rejections=[*shots.rejections, *appearances.rejections],
    )


def _sides(document: Record, key: str, name: str) -> _Sides:
    found = document.get(key)
    home, away = (_records(found.get(side)) for side in "ha") if isinstance(found, dict) else (None, None)
    if home is None or away is None:
        raise UnreadableFileError(f"{name}: the file has no {key!r} of two sides 'h' and 'a'")
    return home, away


def _records(side: object) -> Sequence[object] | None:
    """One side's records: the source writes an object by id for line-ups, a list for shots and for nothing at all."""
    if isinstance(side, dict):
        return list(side.values())
    return side if isinstance(side, list) else None


def _read_sides(source: RecordList, sides: _Sides, read: Callable[[bool, Record], _T]) -> Readings[_T]:
    home, away = sides
    of_home = read_records(replace(source, records=home), partial(read, True))
    of_away = read_records(replace(source, records=away, first=1 + len(home)), partial(read, False))
    return Readings(
        [*of_home.values, *of_away.values],
        [*of_home.lines, *of_away.lines],
        [*of_home.rejections, *of_away.rejections],
    )


def _refuse_another_match(shots: Readings[Shot], match_id: int, name: str) -> None:
    reasons = {rejection.reason for rejection in shots.rejections}
    if not shots.values and reasons == {Reason.WRONG_MATCH}:
        raise UnreadableFileError(f"{name}: all its shots belong to another match than {match_id}")


def _read_shot(match_id: int, taken: set[int], is_home: bool, record: Record) -> Shot:
    if identity(record["match_id"]) != match_id:
        raise Rejected(Reason.WRONG_MATCH)
    _check_side(record, is_home)
    x, y, xg = number(record["X"]), number(record["Y"]), number(record["xG"])
    if not (0 <= x <= 1 and 0 <= y <= 1 and 0 <= xg <= 1):
        raise Rejected(Reason.OUT_OF_RANGE)
    assistant, action = record["player_assisted"], record["lastAction"]
    shot = Shot(
        id=identity(record["id"]),
        is_home=is_home,
        minute=_minutes(record["minute"]),
        player_id=identity(record["player_id"]),
        player=text(record["player"], Reason.MISSING_PLAYER),
        assisted_by=text(assistant, Reason.MISSING_PLAYER) if assistant is not None else None,
        situation=_label(_SITUATIONS, record["situation"]),
        body_part=_label(_BODY_PARTS, record["shotType"]),
        result=_label(_RESULTS, record["result"]),
        last_action=None if action is None or action == _NO_ACTION else text(action, Reason.UNKNOWN_LABEL),
        x=x,
        y=y,
        xg=xg,
    )
    claim(taken, shot.id)
    return shot


def _read_appearance(taken: set[int], is_home: bool, record: Record) -> Appearance:
    _check_side(record, is_home)
    appearance = Appearance(
        player_id=identity(record["player_id"]),
        player=text(record["player"], Reason.MISSING_PLAYER),
        is_home=is_home,
        position=text(record["position"], Reason.UNKNOWN_LABEL),
        minutes=_minutes(record["time"]),
        goals=count(record["goals"]),
        own_goals=count(record["own_goals"]),
        shots=count(record["shots"]),
        assists=count(record["assists"]),
        key_passes=count(record["key_passes"]),
        yellow_cards=count(record["yellow_card"]),
        red_cards=count(record["red_card"]),
        xg=amount(record["xG"]),
        xa=amount(record["xA"]),
        xg_chain=amount(record["xGChain"]),
        xg_buildup=amount(record["xGBuildup"]),
    )
    claim(taken, appearance.player_id)
    return appearance


def _check_side(record: Record, is_home: bool) -> None:
    if record["h_a"] != ("h" if is_home else "a"):
        raise Rejected(Reason.WRONG_SIDE)


def _minutes(value: object) -> int:
    minutes = count(value)
    if minutes > _LONGEST_MATCH:
        raise Rejected(Reason.OUT_OF_RANGE)
    return minutes


def _label(labels: Mapping[str, _T], value: object) -> _T:
    found = labels.get(value) if isinstance(value, str) else None
    if found is None:
        raise Rejected(Reason.UNKNOWN_LABEL)
    return found
