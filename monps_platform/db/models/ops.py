"""Schema ops: what was fetched and what was rejected."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from monps_platform.db.models.base import Base, Timestamps, enum_type
from monps_platform.domain.rejections import Dataset

DATASET = enum_type(Dataset, "rejected_dataset")
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
        {"schema": "ops", "comment": "One row per fetched version of a file; the bytes are kept by their sha256"},
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True, comment="never changes")
    source: Mapped[str] = mapped_column(Text, comment="football-data or simulated")
    league: Mapped[str] = mapped_column(Text, comment="league code of the partition it was fetched for")
    season: Mapped[str] = mapped_column(Text, comment="season of the partition it was fetched for")
    key: Mapped[str] = mapped_column(Text, comment="path below the source's base URL")
    url: Mapped[str] = mapped_column(Text, comment="address without credentials")
    sha256: Mapped[str] = mapped_column(Text, comment="address of the kept bytes")
    bytes: Mapped[int] = mapped_column(comment="size of the body")
    etag: Mapped[str | None] = mapped_column(Text, comment="for the next conditional request")
    last_modified: Mapped[str | None] = mapped_column(Text, comment="for the next conditional request")
    fetched_at: Mapped[datetime] = mapped_column(comment="when this version was first fetched, UTC")
    rows_read: Mapped[int | None] = mapped_column(comment="data lines; NULL: not loaded yet")
    rows_loaded: Mapped[int | None] = mapped_column(comment="matches loaded")
    rows_rejected: Mapped[int | None] = mapped_column(comment="lines rejected")
    rows_loader: Mapped[str | None] = mapped_column(Text, comment="version of the code that loaded the matches")
    quotes_read: Mapped[int | None] = mapped_column(comment="quotes that name a price; NULL: not loaded yet")
    quotes_loaded: Mapped[int | None] = mapped_column(comment="odds rows loaded")
    quotes_rejected: Mapped[int | None] = mapped_column(comment="quotes rejected")
    quotes_loader: Mapped[str | None] = mapped_column(Text, comment="version of the code that loaded the odds")


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
