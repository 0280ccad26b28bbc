"""What a service was asked and what it cost; snapshots of prices, which stay as they were taken."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import BigInteger, Identity, Index, SmallInteger, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from monps_platform.db.models.base import Base, not_negative
from monps_platform.db.models.core import Odds
from monps_platform.db.models.picks import Trigger


class ApiRequest(Base):
    """A request to a service that counts them. It is entered before it is sent, at the most that it may cost."""

    __tablename__ = "api_requests"
    __table_args__ = (
        Index("ix_api_requests_source_asked_at", "source", "asked_at"),
        not_negative("not_negative", "cost", "remaining", "used"),
        {"schema": "ops", "comment": "One row per request to a service whose requests cost credits"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    source: Mapped[str] = mapped_column(Text, comment="the service, such as odds-api")
    league: Mapped[str | None] = mapped_column(Text, comment="league it was asked for; NULL: it was asked what is left")
    asked_at: Mapped[datetime] = mapped_column(comment="when it was about to be sent, UTC")
    cost: Mapped[int] = mapped_column(comment="credits: the most it may cost, and what it did once that is known")
    answered_at: Mapped[datetime | None] = mapped_column(comment="when it was answered or given up, UTC; NULL: unknown")
    status: Mapped[int | None] = mapped_column(SmallInteger, comment="HTTP status; NULL: there was no answer")
    remaining: Mapped[int | None] = mapped_column(comment="credits left, by the answer; NULL: it does not say")
    used: Mapped[int | None] = mapped_column(comment="credits used since they were renewed, by the answer")
    error: Mapped[str | None] = mapped_column(Text, comment="what went wrong, in words")


SNAPSHOT_TRIGGER = "odds_snapshot_unchanged"
_REFUSE_CHANGE_OF_SNAPSHOT = """
    BEGIN
        RAISE EXCEPTION 'snapshot % of match % stays as it was taken', OLD.id, OLD.match_id
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            HINT = 'A price of another instant is another row.';
    END """
cast(Table, Odds.__table__).info["triggers"] = {
    SNAPSHOT_TRIGGER: Trigger(
        timing="BEFORE UPDATE",
        condition="OLD.price_kind = 'snapshot'",
        function="public.refuse_change_of_snapshot",
        settings=("search_path=pg_catalog",),
        body=_REFUSE_CHANGE_OF_SNAPSHOT,
    )
}
