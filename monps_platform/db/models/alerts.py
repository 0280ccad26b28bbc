"""Schema ops: what people were alerted of."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from monps_platform.db.models.base import Base, Timestamps, enum_type
from monps_platform.domain.alerts.incident import AlertKind

ALERT_KIND = enum_type(AlertKind, "alert_kind")


class Alert(Timestamps, Base):
    """A failure of a job, a check or the database, from when it was seen until it was well again."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("uq_alerts_subject_opened_at", "subject", "opened_at", unique=True),
        Index("uq_alerts_unclosed", "subject", unique=True, postgresql_where=text("closed_at IS NULL")),
        CheckConstraint("times_seen > 0", name="times_seen"),
        CheckConstraint("seen_at >= opened_at AND resolved_at >= opened_at", name="in_order"),
        CheckConstraint("closed_at IS NULL OR resolved_at IS NOT NULL", name="closed_when_resolved"),
        CheckConstraint("jsonb_typeof(deliveries) = 'object'", name="deliveries_are_object"),
        {"schema": "ops", "comment": "One row per failure that people are alerted of"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("subject", "opened_at")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    kind: Mapped[AlertKind] = mapped_column(ALERT_KIND, comment="what it is about")
    subject: Mapped[str] = mapped_column(Text, comment="job, check or server that failed")
    what: Mapped[str] = mapped_column(Text, comment="what failed, in words; the newest text")
    place: Mapped[str] = mapped_column(Text, comment="where: run, asset, partitions, server")
    remedy: Mapped[str] = mapped_column(Text, comment="what to do")
    link: Mapped[str] = mapped_column(Text, comment="where the UI shows it")
    partitions: Mapped[str] = mapped_column(Text, comment="leagues and seasons that failed; empty: all of the subject")
    opened_at: Mapped[datetime] = mapped_column(comment="when it was first seen failing, UTC")
    seen_at: Mapped[datetime] = mapped_column(comment="when it was last seen, failing or well, UTC")
    times_seen: Mapped[int] = mapped_column(comment="how often it was seen failing")
    last_sent_at: Mapped[datetime | None] = mapped_column(
        comment="when anybody was last alerted or reminded, UTC; NULL: nobody was"
    )
    resolved_at: Mapped[datetime | None] = mapped_column(comment="when it was well again, UTC; NULL: it fails still")
    closed_at: Mapped[datetime | None] = mapped_column(comment="when nobody was owed a message any more, UTC")
    delivery_error: Mapped[str | None] = mapped_column(
        Text, comment="why messages could not be delivered at the last try; NULL: they were"
    )
    deliveries: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="what each channel was told, and when")
