"""Numbers as Understat writes them."""

from __future__ import annotations

import json

from monps_platform.sources.simulated.understat.chances import MICRO


def expected_text(millionths: int, digits: int = 6) -> str:
    """What is expected, from millionths, without trailing zeros: ``0.0527``, ``0``."""
    return f"{millionths / MICRO:.{digits}f}".rstrip("0").rstrip(".")


def to_json(content: object) -> bytes:
    """Compact UTF-8, as the site sends it."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
