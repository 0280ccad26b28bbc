"""Bodies that are no JSON object of the source are refused, each with its name and the reason."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.sources.errors import SourceError, UnreadableFileError
from monps_platform.sources.understat.body import read_json
from monps_platform_tests.sources.understat.writing import MATCH_NAME, body, shot

_GOOD = body({"shots": {"h": [shot(1, player="Kylian Mbapp\u00e9")], "a": []}, "n": [1.5, True, None]})
_ENDLESS = b'{"a":' + b"[" * 200_000


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"<!DOCTYPE html><html><body>Moved</body></html>", "HTML page where JSON was due"),
        (b"\xef\xbb\xbf\n  <html>", "HTML page where JSON was due"),
        (b"PK\x03\x04\x00\x00", "NUL bytes"),
        ('{"a": 1}'.encode("utf-16"), "NUL bytes"),
        (gzip.compress(_GOOD, mtime=0), "binary"),
        (b'{"player":"\xe9"}', "binary, not UTF-8"),
        (b"Not found", "no JSON"),
        (b'{"a": 1,}', "no JSON"),
        (b'{"a": 1} {"b": 2}', "no JSON"),
        (b"{'a': 1}", "no JSON"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "no JSON"),
        (_ENDLESS, "its brackets never end"),
        (b"[]", "no object: '[]'"),
        (b"null", "no object"),
        (b'"text"', "no object"),
        (b"12", "no object"),
        (b'{"player":"A\\u0000B"}', r"\u0000, which is no character"),
        (b'{"player":"\\ud83d"}', r"\ud83d, which is no character"),
        (b'{"player":"\\uDE00"}', r"\uDE00, which is no character"),
        (b'{"player":"\\ud83dx\\ude00"}', r"\ud83d, which is no character"),
    ],
)
def test_a_body_that_is_no_object_is_refused_with_its_name_and_the_reason(sent: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_json(sent, MATCH_NAME)
    assert str(caught.value).startswith(f"{MATCH_NAME}: ")
    assert reason in str(caught.value)


def test_a_file_cut_anywhere_is_refused_as_truncated() -> None:
    for length in range(1, len(_GOOD)):
        with pytest.raises(UnreadableFileError, match="the file is truncated"):
            read_json(_GOOD[:length], MATCH_NAME)


def test_a_good_body_is_read_with_or_without_bom_and_blanks() -> None:
    for sent in (_GOOD, b"\xef\xbb\xbf" + _GOOD, b"\n " + _GOOD + b"\r\n"):
        assert read_json(sent, MATCH_NAME) == json.loads(_GOOD)


@pytest.mark.parametrize("written", [b"Andr\\u00e9", "Andr\u00e9".encode()])
def test_letters_outside_of_ascii_may_be_escaped_or_not(written: bytes) -> None:
    assert read_json(b'{"player":"' + written + b'"}', MATCH_NAME) == {"player": "Andr\u00e9"}


def test_a_whole_pair_of_surrogates_is_one_character() -> None:
    assert read_json(b'{"player":"\\ud83d\\uDE00"}', MATCH_NAME) == {"player": "\U0001f600"}


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode) | st.just(_GOOD).map(bytes))
def test_any_bytes_are_read_or_refused_with_a_source_error(sent: bytes) -> None:
    for candidate in (sent, b'{"a":' + sent, b'{"a":"' + sent + b'"}'):
        with suppress(SourceError):
            assert isinstance(read_json(candidate, MATCH_NAME), dict)
