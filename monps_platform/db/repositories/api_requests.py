"""What services were asked, and how many of their credits are left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from monps_platform.db.locks import lock
from monps_platform.db.models import ApiRequest
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation

UNANSWERED = timedelta(minutes=10)
"""A request that is not answered for so long was given up; a later answer's count of what is left includes it."""
_TO_BE_ASKED_AGAIN = (401, 408, 425, 429)
"""Refusals of the key or of the moment, not of what was asked."""


@dataclass(frozen=True)
class Account:
    """Credits of a service: ``left`` at the most, those spent in the last 24 hours, and when each league was last asked
    for with an answer, or is being asked for now, by code. What failed on the way or in the server is not an answer.
    """

    left: int
    spent_in_a_day: int
    asked_at: Mapping[str, datetime]


class ApiRequestRepository(Repository[ApiRequest, SessionT]):
    """Requests to services that count them."""

    model = ApiRequest

    @operation
    def account(self, session: Session, source: str, renewed_at: datetime, now: datetime, quota: int) -> Account:
        """How a service's account stands. Nobody else enters a request until the transaction ends.

        Left is what the newest answer since the last renewal says, less what was entered after it; without one, and at
        the most, the quota of a month less what was spent of it.
        """
        lock(session, "api_requests", source)
        of_period = (ApiRequest.source == source, ApiRequest.asked_at >= renewed_at)
        left = quota - _spent(session, *of_period)
        told = session.scalars(
            select(ApiRequest)
            .where(*of_period, ApiRequest.remaining.is_not(None))
            .order_by(ApiRequest.id.desc())
            .limit(1)
        ).first()
        in_flight = ApiRequest.answered_at.is_(None) & (ApiRequest.asked_at > now - UNANSWERED)
        if told is not None and told.remaining is not None:
            later = _spent(session, *of_period, or_(ApiRequest.id > told.id, in_flight))
            left = min(left, told.remaining - later)
        of_a_day = (ApiRequest.source == source, ApiRequest.asked_at > now - timedelta(days=1))
        asked = select(ApiRequest.league, func.max(ApiRequest.asked_at)).where(
            ApiRequest.source == source, ApiRequest.league.is_not(None), or_(in_flight, _is_answered())
        )
        rows = session.execute(asked.group_by(ApiRequest.league)).all()
        held = {str(league): asked_at for league, asked_at in rows}
        return Account(max(0, left), _spent(session, *of_a_day), held)

    @operation
    def enter(self, session: Session, source: str, league: str | None, cost: int, now: datetime) -> int:
        """Enter a request that is about to be sent, at the most that it may cost; returns its id."""
        request = ApiRequest(source=source, league=league, cost=cost, asked_at=now)
        session.add(request)
        session.flush()
        return request.id

    @operation
    def answer(self, session: Session, request_id: int, now: datetime, /, **told: object) -> None:
        """Enter what came of a request: ``status``, ``remaining``, ``used``, ``error``, and ``cost`` where it is
        known; what is None stays as it is.
        """
        known = {name: value for name, value in told.items() if value is not None}
        session.execute(update(ApiRequest).where(ApiRequest.id == request_id).values(answered_at=now, **known))


def _is_answered() -> ColumnElement[bool]:
    """Whether the service said what would be said again."""
    return (ApiRequest.status < 500) & ApiRequest.status.not_in(_TO_BE_ASKED_AGAIN)


def _spent(session: Session, *criteria: ColumnElement[bool]) -> int:
    return session.scalars(select(func.coalesce(func.sum(ApiRequest.cost), 0)).where(*criteria)).one()
