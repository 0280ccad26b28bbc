"""What /metrics answers: a sweep that is a few seconds old at most, however many ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_AGE = 5.0
"""Seconds for which an answer is given again."""


@dataclass
class Exporter:
    """Gives the text of the newest sweep, and makes a new one when that is older than ``max_age`` seconds."""

    sweep: Callable[[], str]
    max_age: float = MAX_AGE
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _text: str = ""
    _made_at: float | None = None

    def text(self) -> str:
        """The metrics; whoever asks while a sweep is made waits for it instead of making another one."""
        with self._lock:
            if self._made_at is None or self.clock() - self._made_at >= self.max_age:
                self._text = self.sweep()
                self._made_at = self.clock()
            return self._text
