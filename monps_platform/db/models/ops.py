"""Schema ops: what was fetched, what was rejected, and what the health sweeps found."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from monps_platform.db.models.base import Base, Timestamps, enum_type, finite
from monps_platform.domain.health import HealthSeverity
from monps_platform.domain.rejections import Dataset

DATASET = enum_type(Dataset, "rejected_dataset")
SEVERITY = enum_type(HealthSeverity, "health_severity")
_ROWS = (
    "num_nonnulls({0}_read, {0}_loaded, {0}_rejected) = 0 OR num_nulls({0}_read, {0}_loaded, {0}_rejected) = 0 "
    "AND {0}_read = {0}_loaded + {0}_rejected AND least({0}_loaded, {0}_rejected) >= 0"
)


class RawFile(Timestamps, Base):
    """A version of a fetched file; the newest of a partition and key is the one in force."""

    __tablename__ = "raw_files"
    __table_args__ = (
        Index("ix_raw_files_source_league_season_key", "source", "league", "season", "key", "id"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("bytes > 0", name="bytes"),
        CheckConstraint(_ROWS.format("rows"), name="rows_reconcile"),
        CheckConstraint(_ROWS.format("quotes"), name="quotes_reconcile"),
        CheckConstraint(_ROWS.format("players"), name="players_reconcile"),
        CheckConstraint(
            "num_nonnulls(league, season) = CASE source WHEN 'picks' THEN 0 ELSE 2 END", name="partition_of_source"
        ),
        {"schema": "ops", "comment": "One row per fetched version of a file; the bytes are kept by their sha256"},
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True, comment="never changes")
    source: Mapped[str] = mapped_column(
        Text, comment="football-data, understat, odds-api, simulated, simulated-understat or picks"
    )
    league: Mapped[str | None] = mapped_column(
        Text, comment="league code of the partition it was fetched for; NULL: a file of picks, of any league"
    )
    season: Mapped[str | None] = mapped_column(Text, comment="season of the partition it was fetched for")
    key: Mapped[str] = mapped_column(Text, comment="path below the source's base URL; name of a file of picks")
    url: Mapped[str] = mapped_column(Text, comment="address without credentials")
    sha256: Mapped[str] = mapped_column(Text, comment="address of the kept bytes")
    bytes: Mapped[int] = mapped_column(comment="size of the body")
    etag: Mapped[str | None] = mapped_column(Text, comment="for the next conditional request")
    last_modified: Mapped[str | None] = mapped_column(Text, comment="for the next conditional request")
    fetched_at: Mapped[datetime] = mapped_column(comment="when this version was first fetched, UTC")
    rows_read: Mapped[int | None] = mapped_column(
        comment="matches, picks, or shots of a match file; NULL: not loaded yet"
    )
    rows_loaded: Mapped[int | None] = mapped_column(comment="matches, picks or shots loaded")
    rows_rejected: Mapped[int | None] = mapped_column(comment="matches, picks or shots rejected")
    rows_loader: Mapped[str | None] = mapped_column(Text, comment="version of the code that loaded the rows")
    quotes_read: Mapped[int | None] = mapped_column(comment="quotes that name a price; NULL: not loaded yet")
    quotes_loaded: Mapped[int | None] = mapped_column(comment="odds rows loaded")
    quotes_rejected: Mapped[int | None] = mapped_column(comment="quotes rejected")
    quotes_loader: Mapped[str | None] = mapped_column(Text, comment="version of the code that loaded the odds")
    players_read: Mapped[int | None] = mapped_column(comment="players, or line-up entries; NULL: not loaded yet")
    players_loaded: Mapped[int | None] = mapped_column(comment="players or line-up entries loaded")
    players_rejected: Mapped[int | None] = mapped_column(comment="players or line-up entries rejected")
    players_loader: Mapped[str | None] = mapped_column(Text, comment="version of the code that loaded the players")


class RejectedRow(Base):
    """A row that was read and not loaded, with the reason."""

    __tablename__ = "rejected_rows"
    __table_args__ = (
        Index("ix_rejected_rows_raw_file_id", "raw_file_id"),
        CheckConstraint("line_number > 0", name="line_number"),
        {"schema": "ops", "comment": "One row per rejected row"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    raw_file_id: Mapped[int] = mapped_column(
        ForeignKey("ops.raw_files.id", ondelete="CASCADE"), comment="file it stands in"
    )
    dataset: Mapped[Dataset] = mapped_column(DATASET, comment="what was rejected")
    line_number: Mapped[int] = mapped_column(comment="line of the file, from 1")
    reason: Mapped[str] = mapped_column(Text, comment="reason code")
    raw_text: Mapped[str] = mapped_column(Text, comment="the line, or the cells in question")
    detail: Mapped[str | None] = mapped_column(Text, comment="what is wrong, in words; NULL: the reason says it")


class HealthFinding(Timestamps, Base):
    """What one check of a health sweep found about one subject."""

    __tablename__ = "health_sweeps"
    __table_args__ = (
        Index("uq_health_sweeps_sweep_id_check_name_subject", *("sweep_id", "check_name", "subject"), unique=True),
        Index("ix_health_sweeps_swept_at", "swept_at"),
        CheckConstraint("severity NOT IN ('warning', 'critical') OR remedy IS NOT NULL", name="remedy_where_needed"),
        finite("value"),
        {"schema": "ops", "comment": "One row per finding of a sweep"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("sweep_id", "check_name", "subject")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    sweep_id: Mapped[UUID] = mapped_column(comment="the sweep it belongs to")
    swept_at: Mapped[datetime] = mapped_column(comment="when the sweep looked, UTC")
    check_name: Mapped[str] = mapped_column(Text, comment="what was looked at")
    subject: Mapped[str] = mapped_column(Text, comment="table, index, folder or source that it is about")
    severity: Mapped[HealthSeverity] = mapped_column(SEVERITY, comment="how much it matters")
    finding: Mapped[str] = mapped_column(Text, comment="what was found, in a sentence")
    remedy: Mapped[str | None] = mapped_column(Text, comment="what to do; there is one for every warning")
    value: Mapped[float | None] = mapped_column(Double, comment="the figure behind the finding")
    unit: Mapped[str | None] = mapped_column(Text, comment="unit of the figure")
