"""What ends a command: a sentence for a person."""

from __future__ import annotations


class Failure(Exception):  # noqa: N818 - it is the end of a command, not a defect
    """Something a person can mend; the message says what is wrong, where, and what to do."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
