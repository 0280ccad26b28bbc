"""Waiting for what others bring about, and threads that do something at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
Meet = Callable[[], object]


def wait_until(condition: Callable[[], T], timeout: float = 30, *, required: bool = True) -> T:
    """What a condition says as soon as it says something; what it said last after ``timeout`` seconds, if it may."""
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        if time.monotonic() > deadline:
            assert not required, f"not within {timeout} s"
            break
        time.sleep(0.01)
    return found


def at_once(*jobs: Callable[[], T]) -> list[T]:
    """What jobs return, in their order, that start at the same moment in a thread each."""
    return meeting(*(_after_meeting(job) for job in jobs))


def meeting(*jobs: Callable[[Meet], T]) -> list[T]:
    """What jobs return that run in a thread each, and wait for all others where they call what they are given.

    Raises an ExceptionGroup of what jobs raised; the others do not wait for one that failed.
    """
    together = threading.Barrier(len(jobs), timeout=30)

    def run(job: Callable[[Meet], T]) -> T:
        try:
            return job(together.wait)
        except BaseException:
            together.abort()
            raise

    with ThreadPoolExecutor(len(jobs)) as threads:
        futures = [threads.submit(run, job) for job in jobs]
    failed = [error for future in futures if (error := future.exception())]
    if failed:
        raise BaseExceptionGroup("jobs that ran at once failed", failed)
    return [future.result() for future in futures]


def _after_meeting(job: Callable[[], T]) -> Callable[[Meet], T]:
    def run(meet: Meet) -> T:
        meet()
        return job()

    return run
