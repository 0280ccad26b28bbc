"""Reads Prometheus's text format back, and refuses what its specification does not allow."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SERIES = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)", re.DOTALL)
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}

Told = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def parse(text: str) -> Told:
    """The samples of a text by name and labels; asserts that each family is declared once, before its samples."""
    assert text.endswith("\n")
    told: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    declared: list[str] = []
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            continue
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in {"gauge", "counter"}
            assert name not in declared
            declared.append(name)
            continue
        match = _SERIES.fullmatch(line)
        assert match, line
        assert match[1] == declared[-1]
        key = match[1], _labels(match[2] or "")
        assert key not in told
        told[key] = float(match[3])
    return told


def _labels(text: str) -> tuple[tuple[str, str], ...]:
    found = _LABEL.findall(text)
    assert ",".join(f'{name}="{value}"' for name, value in found) == text, text
    return tuple((name, re.sub(r'\\["\\n]', lambda escape: _ESCAPES[escape[0]], value)) for name, value in found)
