"""Shots and players' seasons."""

from __future__ import annotations

from monps_platform.db.models import PlayerSeason, Shot
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT


class ShotRepository(Repository[Shot, SessionT]):
    """Every shot of a match."""

    model = Shot


class PlayerSeasonRepository(Repository[PlayerSeason, SessionT]):
    """What players did for a club in a season."""

    model = PlayerSeason
