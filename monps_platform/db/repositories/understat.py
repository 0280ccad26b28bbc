"""Shots and players' seasons."""

from __future__ import annotations

from monps_platform.db.models import PlayerSeason, Shot
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import S


class ShotRepository(Repository[Shot, S]):
    """Every shot of a match."""

    model = Shot


class PlayerSeasonRepository(Repository[PlayerSeason, S]):
    """What players did for a club in a season."""

    model = PlayerSeason
