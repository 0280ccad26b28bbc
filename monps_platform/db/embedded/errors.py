"""The one error of the embedded server, and operating system errors told in its terms."""

from __future__ import annotations

import errno
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class EmbeddedServerError(RuntimeError):
    """The embedded PostgreSQL cannot be used; the message says what is wrong, where, and what to do."""


def account_name(uid: int) -> str:
    """Name the account of a uid for a message; a uid without an entry is named by its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


@contextmanager
def explained(home: Path) -> Iterator[None]:
    """Turn an ``OSError`` of the block into an error that names the path, the accounts and a remedy."""
    try:
        yield
    except OSError as error:
        path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else home
        me, owner = account_name(os.geteuid()), _owner_of_nearest(path)
        raise EmbeddedServerError(
            f"The embedded PostgreSQL of {home} cannot use {path}: {error.strerror or error}. "
            f"This process runs as '{me}'; the nearest folder it can see belongs to '{owner}'. "
            + _remedy(error.errno, me, owner)
        ) from error


def _remedy(number: int | None, me: str, owner: str) -> str:
    if number in {errno.ENOSPC, errno.EDQUOT}:
        return "Free some disk space, or choose another home (MONPS_HOME) on a larger disk."
    if number in {errno.EACCES, errno.EPERM}:
        return f"Run it as '{owner}', or choose a home (MONPS_HOME) that '{me}' may write."
    return "Look at that path, or choose another home (MONPS_HOME)."


def _owner_of_nearest(path: Path) -> str:
    for candidate in (path, *path.parents):
        try:
            return account_name(candidate.stat().st_uid)
        except OSError:
            continue
    return "nobody known"
