"""What the tests wait with: it tells what it found, when it gave up, and which thread failed."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from monps_platform_tests.waiting import Meet, at_once, meeting, wait_until


def test_a_condition_is_asked_until_it_says_something() -> None:
    answers = iter([None, 0, 7, 8])
    assert wait_until(lambda: next(answers)) == 7


def test_a_condition_that_never_comes_true_is_an_error_only_where_it_must() -> None:
    with pytest.raises(AssertionError, match="not within 0 s"):
        wait_until(lambda: 0, timeout=0)
    assert wait_until(lambda: 0, timeout=0, required=False) == 0


def test_jobs_at_once_have_a_thread_each_and_answer_in_order() -> None:
    together = threading.Barrier(3, timeout=10)

    def answer(number: int) -> tuple[int, int]:
        together.wait()
        return number, threading.get_ident()

    numbers, idents = zip(*at_once(*(partial(answer, number) for number in (3, 1, 2))), strict=True)
    assert numbers == (3, 1, 2)
    assert len(set(idents)) == 3


def test_nobody_goes_on_before_all_have_met() -> None:
    arrived = list[int]()

    def arrive(meet: Meet) -> int:
        arrived.append(0)
        meet()
        return len(arrived)

    assert meeting(arrive, arrive, arrive) == [3, 3, 3]


def test_what_a_job_raises_is_told_and_the_others_do_not_wait_for_it() -> None:
    def fail(_meet: Meet) -> object:
        raise LookupError("no such club")

    with pytest.raises(BaseExceptionGroup) as caught:
        meeting(lambda meet: meet(), fail)
    assert caught.value.subgroup(LookupError) is not None
    assert caught.value.subgroup(threading.BrokenBarrierError) is not None
