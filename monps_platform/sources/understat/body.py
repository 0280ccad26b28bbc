"""From bytes to JSON: the refusal of bodies that are not the object that was asked for."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

from monps_platform.sources.errors import UnreadableFileError

_SNIFF = 2048
# A character NUL, or half of a surrogate pair: valid JSON, but no database keeps such a text.
_NO_TEXT = re.compile(
    r"\\u0000|\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]..", re.DOTALL
)


def read_json(body: bytes, name: str) -> dict[str, Any]:
    """The JSON object of a body, in UTF-8 with or without BOM. Raises UnreadableFileError, which names the file, for
    one that is empty, binary, HTML, truncated, no JSON, or JSON that is no object.
    """
    text = _decode(body, name)
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise UnreadableFileError(f"{name}: the file is no JSON of this source: its brackets never end") from error
    except ValueError as error:
        reason = "truncated" if _is_cut(text, error) else "no JSON"
        raise UnreadableFileError(f"{name}: the file is {reason} ({error})") from error
    if not isinstance(document, dict):
        raise UnreadableFileError(f"{name}: the file holds JSON, but no object: {text.strip()[:80]!r}")
    return document


def _decode(body: bytes, name: str) -> str:
    body = body.removeprefix(codecs.BOM_UTF8)
    if not body.strip():
        raise UnreadableFileError(f"{name}: the file is empty")
    if b"\x00" in body:
        raise UnreadableFileError(f"{name}: the file is binary, not JSON (it holds NUL bytes)")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{name}: the file is binary, not UTF-8 ({error})") from error
    if text[:_SNIFF].lstrip().startswith("<"):
        raise UnreadableFileError(f"{name}: the server sent an HTML page where JSON was due")
    # Few files hold any escape, and looking for those that are none takes as long as the JSON itself.
    if "\\u" in text and (found := _NO_TEXT.search(text)) is not None:
        raise UnreadableFileError(f"{name}: the file holds {found[0][:6]}, which is no character of a text")
    return text


def _is_cut(text: str, error: ValueError) -> bool:
    """An object that was cut off begins like one, and ends early or where the decoder still expects something."""
    text = text.strip()
    at_the_end = isinstance(error, json.JSONDecodeError) and error.pos >= len(error.doc.rstrip())
    return text.startswith("{") and (at_the_end or not text.endswith("}"))
