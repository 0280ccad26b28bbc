"""What can go wrong between a source's server and its parser."""

from __future__ import annotations


class SourceError(Exception):
    """A file of a source that could not be had or read; the message names the file and the reason."""


class TransientFetchError(SourceError):
    """The server or the network failed (5xx, 408, 429, time-out): worth another try later."""


class PermanentFetchError(SourceError):
    """The server refused (4xx): another try would be refused too."""


class NotPublishedError(PermanentFetchError):
    """The server has no such file (404, 410)."""


class UnreadableFileError(SourceError):
    """The bytes are not the file that was asked for: HTML, empty, binary, truncated, shrunken, or a header
    that lacks what every file has.
    """
