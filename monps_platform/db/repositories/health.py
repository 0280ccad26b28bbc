"""Findings of the health sweeps."""

from __future__ import annotations

from monps_platform.db.models import HealthFinding
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT


class HealthFindingRepository(Repository[HealthFinding, SessionT]):
    """What each sweep found."""

    model = HealthFinding
