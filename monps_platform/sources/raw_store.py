"""Raw bytes, kept verbatim and addressed by their sha256, so that parsing can be replayed without the network."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from monps_platform.sources.errors import UnreadableFileError


def sha256_of(body: bytes) -> str:
    """The address of a body."""
    return hashlib.sha256(body).hexdigest()


class RawStore:
    """A folder of bodies; one that is written is never changed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, sha256: str) -> Path:
        """Where a body is kept."""
        return self._root / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether a body is kept here."""
        return self.path(sha256).is_file()

    def put(self, body: bytes) -> str:
        """Keep a body and return its sha256. A crash leaves the whole body or none."""
        sha256 = sha256_of(body)
        path = self.path(sha256)
        if path.is_file():
            os.utime(path)  # in use again: see remove()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(body)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(path)
            finally:
                Path(name).unlink(missing_ok=True)
        return sha256

    def remove(self, sha256: str, unless_used_within: timedelta) -> int:
        """Delete a body that nothing points to any more; returns its size, 0 where it is gone or was put again lately,
        by somebody who may be about to point to it.
        """
        path = self.path(sha256)
        try:
            stat = path.stat()
        except FileNotFoundError:
            return 0
        if time.time() - stat.st_mtime < unless_used_within.total_seconds():
            return 0
        path.unlink(missing_ok=True)
        return stat.st_size

    def get(self, sha256: str) -> bytes:
        """The body of an address; raises UnreadableFileError when it is gone or was changed on disk."""
        path = self.path(sha256)
        remedy = "Delete it if it is there, and fetch it again: monps up"
        try:
            body = path.read_bytes()
        except FileNotFoundError:
            raise UnreadableFileError(f"{path}: the kept bytes of a fetched file are gone. {remedy}") from None
        if sha256_of(body) != sha256:
            raise UnreadableFileError(f"{path}: the kept bytes were changed, their sha256 differs. {remedy}")
        return body
