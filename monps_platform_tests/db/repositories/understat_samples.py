"""What Understat lists and tells of matches, as its parsers hand it over."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.repositories.understat import JoinedMatch
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.match_joins import Join, UnmatchedReason
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.understat import Appearance, Listing, Shot
from monps_platform_tests.db.repositories.quantum_samples import World
from monps_platform_tests.db.samples import E0, SEASON


def listing(row_id: int, home: str = "Arsenal", away: str = "Chelsea", **changes: Any) -> Listing:
    """A finished match with all that the source may say of it."""
    values: dict[str, Any] = {
        "shown_at": datetime.combine(date(2019, 8, 10), time(20)),
        "home_goals": 2,
        "away_goals": 1,
        "home_xg": 1.75,
        "away_xg": 0.5,
        "home_ppda": 9.25,
        "away_ppda": 14.5,
        "home_deep": 8,
        "away_deep": 3,
        **changes,
    }
    return Listing(row_id, home_team=home, away_team=away, **values)


def joined(world: World, row_id: int, home: str = "Arsenal", away: str = "Chelsea", **changes: Any) -> Join:
    """A listing that is our match of the same clubs."""
    return Join(listing(row_id, home, away, **changes), world.matches[home, away], None)


def unjoined(row_id: int, reason: UnmatchedReason, home: str = "Arsenal", away: str = "Chelsea") -> Join:
    """A listing that is none of ours."""
    return Join(listing(row_id, home, away), None, reason)


def list_matches(sessions: sessionmaker[Session], *joins: Join) -> None:
    """Make these the listed matches of the season that is meant where none is named."""
    with UnitOfWork(sessions) as unit:
        unit.understat_matches.replace_partition(E0, SEASON, joins)
        unit.commit()


def match_of(world: World, home: str = "Arsenal", away: str = "Chelsea") -> JoinedMatch:
    """Our match of two clubs, as a loader of shots knows it."""
    return JoinedMatch(world.matches[home, away], world.teams[home], world.teams[away], (2, 1))


def taken(row_id: int, *, is_home: bool = True, player_id: int = 227, **changes: Any) -> Shot:
    """A shot that missed."""
    values: dict[str, Any] = {
        "minute": 30,
        "player": f"Player {player_id}",
        "assisted_by": None,
        "situation": ShotSituation.OPEN_PLAY,
        "body_part": BodyPart.RIGHT_FOOT,
        "result": ShotResult.MISSED,
        "last_action": None,
        "x": 0.875,
        "y": 0.5,
        "xg": 0.125,
        **changes,
    }
    return Shot(row_id, is_home, player_id=player_id, **values)


def appearance(player_id: int, *, is_home: bool = True, **changes: Any) -> Appearance:
    """A whole match without a shot."""
    values: dict[str, Any] = {
        "player": f"Player {player_id}",
        "position": "DC",
        "minutes": 90,
        **dict.fromkeys(("goals", "own_goals", "shots", "assists", "key_passes", "yellow_cards", "red_cards"), 0),
        **dict.fromkeys(("xg", "xa", "xg_chain", "xg_buildup"), 0.0),
        **changes,
    }
    return Appearance(player_id, is_home=is_home, **values)
