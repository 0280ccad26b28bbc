"""What can go wrong between a source's server and its parser."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class SourceError(Exception):
    """A file of a source that could not be had or read; the message names the file and the reason."""


class FetchError(SourceError):
    """A request that was not answered with a file: ``status`` and ``headers`` (names in lower case) of the answer, if
    there was one.
    """

    status: int | None = None
    headers: Mapping[str, str] = MappingProxyType({})


class TransientFetchError(FetchError):
    """The server or the network failed (5xx, 408, 429, time-out): worth another try later."""

    def after(self, tries: int) -> TransientFetchError:
        """The same after the last of several tries."""
        error = TransientFetchError(f"{self}; gave up after {tries} {'try' if tries == 1 else 'tries'}")
        error.status, error.headers = self.status, self.headers
        return error


class PermanentFetchError(FetchError):
    """The server refused (4xx): another try would be refused too."""


class NotPublishedError(PermanentFetchError):
    """The server has no such file (404, 410)."""


class UnreadableFileError(SourceError):
    """The bytes are not the file that was asked for: HTML, empty, binary, truncated, shrunken, or a header
    that lacks what every file has.
    """
