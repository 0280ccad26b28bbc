"""A lock on a file that also holds between the threads of one process and ends with its holder."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monps_platform.db.embedded.errors import EmbeddedServerError

PAUSE = 0.02


@contextmanager
def exclusive(path: Path, timeout: float) -> Iterator[None]:
    """Hold the lock ``path`` during the block, waiting up to ``timeout`` seconds for it.

    Raises:
        EmbeddedServerError: somebody else held it all that time.
    """
    deadline = time.monotonic() + timeout
    with path.open("a") as file:
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"Another process has held {path} for {timeout:g} s: it is starting or stopping the server. "
                    f"Try again, or look at the log beside it; `fuser {path}` names the process."
                )
            time.sleep(PAUSE)
        yield


def _try_lock(descriptor: int) -> bool:
    # flock, not lockf: a record lock of lockf would not exclude a second thread of this process.
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
