"""Raw bytes on disk: verbatim, whole or not at all, and never believed when they were changed."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.raw_store import RawStore, sha256_of

_BODY = b"\xef\xbb\xbfDiv,Date\r\nE0,\x00\xff\r"


@pytest.fixture
def store(tmp_path: Path) -> RawStore:
    return RawStore(tmp_path / "not there yet" / "raw")


def _files(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


def test_bytes_are_kept_verbatim_under_their_sha256(store: RawStore, tmp_path: Path) -> None:
    sha256 = store.put(_BODY)
    assert sha256 == sha256_of(_BODY) == hashlib.sha256(_BODY).hexdigest()
    assert store.get(sha256) == _BODY
    assert _files(tmp_path) == [store.path(sha256)]
    assert store.path(sha256).read_bytes() == _BODY


@settings(deadline=None)
@given(st.lists(st.binary(max_size=50), max_size=8))
def test_every_body_is_found_again_and_no_body_twice(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes]
) -> None:
    root = tmp_path_factory.mktemp("raw")
    store = RawStore(root)
    addresses = [store.put(body) for body in bodies]
    assert [store.get(address) for address in addresses] == bodies
    assert len(_files(root)) == len(set(bodies))


def test_keeping_the_same_bytes_again_writes_nothing_but_when_that_was(store: RawStore) -> None:
    """Bytes that were put a moment ago are not deleted, though no row points to them yet."""
    path = store.path(store.put(_BODY))
    os.utime(path, (1_000_000_000, 1_000_000_000))
    before = path.stat()
    store.put(_BODY)
    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_mtime > before.st_mtime


def test_a_body_is_there_only_once_it_was_kept(store: RawStore) -> None:
    assert not store.has(sha256_of(_BODY))
    store.put(_BODY)
    assert store.has(sha256_of(_BODY))
    assert not store.has(sha256_of(b"other"))


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_failure_while_writing_leaves_nothing_behind(
    step: str, store: RawStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(step, fail)
        with pytest.raises(OSError, match="No space left"):
            store.put(_BODY)
    assert not store.has(sha256_of(_BODY))
    assert _files(tmp_path) == []
    assert store.get(store.put(_BODY)) == _BODY


def test_nobody_sees_a_body_before_it_is_whole_and_on_disk(store: RawStore, monkeypatch: pytest.MonkeyPatch) -> None:
    visible: list[bool] = []
    sync = os.fsync

    def watch(handle: int) -> None:
        visible.append(store.has(sha256_of(_BODY)))
        assert os.fstat(handle).st_size == len(_BODY)
        sync(handle)

    monkeypatch.setattr(os, "fsync", watch)
    store.put(_BODY)
    assert visible == [False]


def test_two_writers_of_the_same_bytes_do_not_harm_each_other(store: RawStore, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as writers:
        addresses = set(writers.map(lambda _: store.put(_BODY * 1_000), range(40)))
    (address,) = addresses
    assert store.get(address) == _BODY * 1_000
    assert len(_files(tmp_path)) == 1


@pytest.mark.parametrize("changed", [_BODY[:-1], _BODY + b" ", b"", _BODY.swapcase()])
def test_bytes_that_were_changed_on_disk_are_refused_with_the_path_and_a_remedy(
    store: RawStore, changed: bytes
) -> None:
    sha256 = store.put(_BODY)
    store.path(sha256).write_bytes(changed)
    with pytest.raises(UnreadableFileError, match=r"their sha256 differs.*monps up") as caught:
        store.get(sha256)
    assert str(store.path(sha256)) in str(caught.value)


def test_bytes_that_are_gone_are_missed_with_the_path_and_a_remedy(store: RawStore) -> None:
    sha256 = store.put(_BODY)
    store.path(sha256).unlink()
    with pytest.raises(UnreadableFileError, match=r"are gone.*monps up") as caught:
        store.get(sha256)
    assert str(store.path(sha256)) in str(caught.value)
    assert not store.has(sha256)
