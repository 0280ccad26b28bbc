"""Which backups go: whatever there is, the newest verified one stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.backup_retention import Retention

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """A backup of so many days ago."""

    days: float
    verified: bool = True

    @property
    def finished_at(self) -> datetime:
        return NOW - timedelta(days=self.days)


def gone(retention: Retention, *made: Made) -> list[float]:
    """The ages of those that go."""
    return [item.days for item in retention.expired(made, NOW)]


def test_what_is_beyond_the_count_goes_and_what_is_too_old_goes() -> None:
    assert gone(Retention(2, 30), Made(3), Made(1), Made(2)) == [3]
    assert gone(Retention(9, 30), Made(29.9), Made(30.1), Made(31)) == [30.1, 31]


def test_the_newest_verified_one_stays_however_old_it_is() -> None:
    assert gone(Retention(1, 1), Made(900), Made(800)) == [900]
    assert gone(Retention(1, 1), Made(900), Made(2, verified=False)) == [2]


def test_failures_do_not_push_out_what_is_good() -> None:
    assert gone(Retention(1, 30), Made(5), *(Made(day, verified=False) for day in (1, 2, 3))) == []


@pytest.mark.parametrize(("count", "days"), [(0, 30), (366, 30), (14, 0), (14, 70_000), (-1, 30)])
def test_a_slip_of_the_keyboard_is_refused(count: int, days: int) -> None:
    with pytest.raises(ValueError, match=r"keep_(count|days) is .*: choose between"):
        Retention(count, days)


@given(
    st.lists(st.builds(Made, st.integers(0, 1000), st.booleans()), max_size=12),
    st.integers(1, 5),
    st.integers(1, 400),
)
def test_whatever_there_is_the_rule_keeps_its_promises(made: list[Made], count: int, days: int) -> None:
    expired = Retention(count, days).expired(made, NOW)
    kept = [item for item in made if not any(item is other for other in expired)]
    good = sorted(item.days for item in made if item.verified)
    kept_good = [item.days for item in kept if item.verified]
    assert len(kept_good) <= count
    if good:
        assert good[0] in kept_good
        assert all(day <= days or day == good[0] for day in kept_good)
    assert sorted(kept_good) == good[: len(kept_good)]
