"""Findings of the health sweeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from monps_platform.db.models import HealthFinding
from monps_platform.db.repositories.arguments import conditions, page
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.domain.health import Finding, Sweep

KEEP = timedelta(days=30)
"""How long findings are kept, unless whoever records says otherwise."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a sweep did to the table."""

    added: int
    removed: int


class HealthFindingRepository(Repository[HealthFinding, SessionT]):
    """What each sweep found."""

    model = HealthFinding

    @operation
    def record(self, session: Session, sweep: Sweep, *, keep: timedelta = KEEP) -> Recorded:
        """Write down what a sweep found, and remove the findings of sweeps that are older than it by ``keep``."""
        if sweep.findings:
            # Not by the model: it would send rows with and without a remedy one after another.
            table = cast(Table, HealthFinding.__table__)
            session.execute(insert(table), [_row(sweep, finding) for finding in sweep.findings])
        outdated = delete(HealthFinding).where(HealthFinding.swept_at < sweep.swept_at - keep)
        removed = session.scalars(outdated.returning(HealthFinding.id)).all()
        return Recorded(len(sweep.findings), len(removed))

    @operation
    def latest(self, session: Session) -> Sequence[HealthFinding]:
        """The findings of the newest sweep, those that matter most first; none before the first sweep."""
        newest = (
            select(HealthFinding.sweep_id).order_by(HealthFinding.swept_at.desc(), HealthFinding.id.desc()).limit(1)
        )
        found = self._select(HealthFinding.sweep_id == newest.scalar_subquery())
        ordered = found.order_by(HealthFinding.severity.desc(), HealthFinding.id)
        return session.scalars(ordered).all()

    @operation
    def history(
        self, session: Session, check: str, *, subject: str | None = None, limit: int = 500
    ) -> Sequence[HealthFinding]:
        """What a check found, of all subjects or of one, newest first."""
        asked = {"check_name": check} if subject is None else {"check_name": check, "subject": subject}
        found = self._select(*conditions(HealthFinding, asked))
        return session.scalars(page(found.order_by(HealthFinding.swept_at.desc(), HealthFinding.id), 0, limit)).all()


def _row(sweep: Sweep, finding: Finding) -> Mapping[str, Any]:
    return {
        "sweep_id": sweep.sweep_id,
        "swept_at": sweep.swept_at,
        "check_name": finding.check.value,
        "subject": finding.subject,
        "severity": finding.severity,
        "finding": finding.text,
        "remedy": finding.remedy,
        "value": finding.value,
        "unit": finding.unit,
    }
