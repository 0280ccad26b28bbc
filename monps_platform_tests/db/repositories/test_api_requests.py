"""What services were asked: how many credits are left, whoever else spends them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monps_platform.db.repositories.api_requests import Account
from monps_platform.db.unit_of_work import UnitOfWork

RENEWED = datetime(2024, 10, 1, tzinfo=UTC)
NOW = datetime(2024, 10, 19, 12, tzinfo=UTC)
SOURCE = "odds-api"
HOUR = timedelta(hours=1)
QUOTA = 500


def account(unit: UnitOfWork, now: datetime = NOW) -> Account:
    return unit.api_requests.account(SOURCE, RENEWED, now, QUOTA)


def enter(unit: UnitOfWork, ago: timedelta, most: int = 6, league: str | None = "E0", **told: object) -> int:
    row = unit.api_requests.enter(SOURCE, league, most, NOW - ago)
    if told:
        unit.api_requests.answer(row, NOW - ago, **told)
    return row


def test_without_an_answer_what_is_left_is_the_quota_less_what_was_spent_since_the_renewal(unit: UnitOfWork) -> None:
    assert account(unit) == Account(QUOTA, 0, {})
    enter(unit, timedelta(days=20), 100, status=200, remaining=3)
    enter(unit, timedelta(days=3), 50)
    enter(unit, HOUR, 6)
    found = account(unit)
    assert (found.left, found.spent_in_a_day) == (QUOTA - 56, 6)
    assert found.asked_at == {"E0": NOW - timedelta(days=20)}


def test_the_newest_answer_says_what_is_left_less_what_was_entered_after_it(unit: UnitOfWork) -> None:
    enter(unit, 5 * HOUR, status=200, remaining=300)
    enter(unit, 4 * HOUR, status=200, remaining=200)
    assert account(unit).left == 200
    enter(unit, 3 * HOUR, status=503)
    assert account(unit).left == 194
    enter(unit, 2 * HOUR, 0, None, status=200, remaining=199)
    assert account(unit).left == 199


def test_a_request_under_way_counts_though_it_was_entered_before_the_newest_answer(unit: UnitOfWork) -> None:
    enter(unit, timedelta(minutes=1))
    enter(unit, timedelta(0), 0, None, status=200, remaining=100)
    assert account(unit).left == 94
    assert account(unit, NOW + HOUR).left == 100


@pytest.mark.parametrize("status", [None, 401, 408, 425, 429, 500, 503])
def test_a_request_that_failed_does_not_count_as_asked_but_its_credits_do(unit: UnitOfWork, status: int | None) -> None:
    enter(unit, 9 * HOUR, status=200)
    enter(unit, HOUR, status=status, error="it failed")
    found = account(unit)
    assert found.asked_at == {"E0": NOW - 9 * HOUR}
    assert (found.left, found.spent_in_a_day) == (QUOTA - 12, 12)


@pytest.mark.parametrize("status", [200, 404, 422])
def test_an_answer_that_would_be_the_same_again_counts_as_asked(unit: UnitOfWork, status: int) -> None:
    enter(unit, HOUR, status=status)
    assert account(unit).asked_at == {"E0": NOW - HOUR}


def test_a_league_that_is_being_asked_for_counts_as_asked_until_the_request_is_given_up(unit: UnitOfWork) -> None:
    enter(unit, timedelta(minutes=1))
    assert account(unit).asked_at == {"E0": NOW - timedelta(minutes=1)}
    assert account(unit, NOW + timedelta(minutes=10)).asked_at == {}


def test_a_quota_below_the_plans_own_is_a_limit_of_its_own(unit: UnitOfWork) -> None:
    enter(unit, HOUR, 490, status=200, remaining=90_000)
    assert account(unit).left == 10


def test_nothing_is_left_below_nothing(unit: UnitOfWork) -> None:
    enter(unit, HOUR, 6, status=200, remaining=2)
    enter(unit, HOUR, 6)
    assert account(unit).left == 0


def test_what_an_answer_does_not_say_stays_as_it_was_entered(unit: UnitOfWork) -> None:
    row = enter(unit, HOUR, 6, status=503, cost=None, remaining=None, error="HTTP 503")
    unit.session.expire_all()
    held = unit.api_requests.get_by_id(row)
    assert held is not None
    assert (held.cost, held.status, held.remaining, held.error) == (6, 503, None, "HTTP 503")


@pytest.mark.parametrize("cost", [0, 2])
def test_what_a_request_really_cost_takes_the_place_of_the_most_it_might(unit: UnitOfWork, cost: int) -> None:
    enter(unit, HOUR, 6, status=200, cost=cost)
    assert account(unit).left == QUOTA - cost


def test_another_services_requests_are_its_own(unit: UnitOfWork) -> None:
    unit.api_requests.enter("another", "E0", 6, NOW)
    assert account(unit) == Account(QUOTA, 0, {})
