"""Who the embedded server runs as, and where its files go when that account may not enter the home."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from monps_platform.db.embedded import EmbeddedServer, EmbeddedServerError, find_binaries, folder
from monps_platform.db.embedded.account import SERVER_ACCOUNTS, server_account
from monps_platform.db.embedded.binaries import reachable_binaries
from monps_platform_tests.db.embedded.embedded_helpers import (
    Child,
    account_of,
    copy_template,
    facts,
    is_root,
    keep_a_row,
    kept_row,
    make_server,
    needs_root,
    postmaster,
    query,
    throwaway_base,
)


@pytest.fixture
def base(base: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With the places in it where clusters lie whose homes are closed."""
    (base / "var").mkdir()
    (base / "tmp").mkdir()
    monkeypatch.setattr(folder, "OUTSIDE_ROOTS", (base / "var" / "monps-platform", base / "tmp"))
    return base


@pytest.fixture
def closed(base: Path) -> Path:
    """A folder as /root is: its owner's alone."""
    path = base / "closed"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture(scope="module")
def closed_wheel() -> Iterator[Path]:
    """PostgreSQL's programs in a virtual environment that only its owner may enter."""
    package = find_binaries().parent.parent
    with throwaway_base() as path:
        path.chmod(0o700)
        for part in (package, package.with_name(f"{package.name}.libs")):
            subprocess.run(["cp", "-a", part, path], check=True)
        yield path / package.name / "pginstall" / "bin"


def ordinary_user() -> pwd.struct_passwd:
    return next(entry for entry in pwd.getpwall() if entry.pw_uid != 0 and entry.pw_name not in SERVER_ACCOUNTS)


def as_ordinary_user(function: Callable[[], object]) -> Any:
    """Run a function as an ordinary user: in a process of its own, unless the tests are run by one."""
    user = ordinary_user()
    return Child.fork(function, user.pw_uid, user.pw_gid).result() if is_root else function()


def ordinary_home(base: Path) -> Path:
    """Make a home that belongs to the ordinary user."""
    home = base / "ordinary"
    home.mkdir()
    if is_root:
        os.chown(home, ordinary_user().pw_uid, ordinary_user().pw_gid)
    return home


def public_programs(base: Path) -> Path:
    """Find programs everybody can run, whatever environment the tests run in."""
    return reachable_binaries(find_binaries(), server_account(base / "none"), base)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@needs_root
def test_root_hands_the_server_to_an_account_with_no_other_group(base: Path) -> None:
    server = make_server(copy_template(base / "home"))

    def start_with_other_groups() -> None:
        os.setgroups([0, 4])
        server.ensure_running()

    Child.fork(start_with_other_groups).result()
    account = account_of(server)
    assert account.name in SERVER_ACCOUNTS
    who = facts(server, lambda process: (process.uids(), process.gids()))
    assert {number for uids, gids in who for number in uids} == {account.uid}
    assert {number for uids, gids in who for number in gids} == {account.gid}
    if psutil.LINUX:
        assert "\nGroups:\t \n" in Path(f"/proc/{postmaster(server).pid}/status").read_text()


def test_an_ordinary_user_runs_the_server_as_themselves(base: Path) -> None:
    home = ordinary_home(base)
    server = make_server(home, bindir=public_programs(base))

    def use() -> object:
        keep_a_row(server)
        first = server.ensure_running(), set(facts(server, lambda process: process.uids().real))
        return *first, server.stop(), kept_row(server)

    address, uids, was_running, kept = as_ordinary_user(use)
    assert uids == {home.stat().st_uid}
    assert (was_running, kept) == (True, 42)
    assert server.address() == address
    assert mode(home / "postgres") == 0o700
    assert server.status().data_dir == home / "postgres" / "data"


@needs_root
def test_a_uid_without_an_account_is_told_what_it_lacks_before_anything_is_made(base: Path) -> None:
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    unknown = next(uid for uid in range(54321, 60000) if uid not in taken)
    (base / "open").mkdir()
    (base / "open").chmod(0o777)
    server = make_server(base / "open" / "home")
    with pytest.raises(EmbeddedServerError, match=f"uid {unknown}, which has no entry in /etc/passwd"):
        Child.fork(server.ensure_running, unknown, unknown).result()
    assert not (base / "open" / "home").exists()


@needs_root
def test_a_cluster_of_root_is_refused_to_an_ordinary_user_naming_both(base: Path) -> None:
    server = make_server(copy_template(base / "home"))
    owner, user = account_of(server).name, ordinary_user().pw_name
    for use in (server.ensure_running, server.stop):
        with pytest.raises(EmbeddedServerError, match=f"belongs to '{owner}'.*as '{user}'.*chown -R {user}"):
            as_ordinary_user(use)
    for look in (server.address, server.status):
        with pytest.raises(EmbeddedServerError, match=f"runs as '{user}'.*belongs to '{owner}'"):
            as_ordinary_user(look)
    assert server.ensure_running()


@needs_root
def test_a_cluster_of_an_ordinary_user_is_refused_to_root_naming_both(base: Path) -> None:
    server = make_server(ordinary_home(base), bindir=public_programs(base))
    as_ordinary_user(server.ensure_running)
    as_ordinary_user(server.stop)
    user, account = ordinary_user().pw_name, server_account(base / "none").name
    with pytest.raises(EmbeddedServerError, match=rf"belongs to '{user}'.*'{account}' \(root drops to it\)"):
        server.ensure_running()
    assert as_ordinary_user(server.ensure_running)


@needs_root
def test_a_cluster_handed_over_as_the_error_says_is_used_by_its_new_owner(base: Path) -> None:
    server = make_server(copy_template(base / "home"), bindir=public_programs(base))
    keep_a_row(server)
    server.stop()
    with pytest.raises(EmbeddedServerError) as caught:
        as_ordinary_user(server.ensure_running)
    command = str(caught.value).partition("hand the folder over: ")[2]
    subprocess.run(["/bin/sh", "-c", command], check=True)
    assert as_ordinary_user(lambda: kept_row(server)) == 42


@needs_root
def test_a_home_that_an_ordinary_user_may_not_write_is_refused_naming_its_owner(base: Path) -> None:
    server = make_server(base / "home", bindir=public_programs(base))
    with pytest.raises(EmbeddedServerError, match=rf"Permission denied.*'{ordinary_user().pw_name}'.*Run it as 'root'"):
        as_ordinary_user(server.ensure_running)


@needs_root
def test_a_home_its_account_cannot_enter_keeps_a_pointer_and_the_cluster_lies_outside(base: Path, closed: Path) -> None:
    server = make_server(closed / "home")
    keep_a_row(server)
    data = server.status().data_dir
    assert data.parent.parent == base / "var" / "monps-platform"
    assert (closed / "home" / "postgres" / "location").read_text().strip() == str(data.parent)
    assert mode(data.parent / "password") == 0o600
    assert server.stop() is True
    assert kept_row(server) == 42
    assert server.status().data_dir == data
    assert mode(closed) == 0o700


@needs_root
def test_programs_the_account_cannot_reach_are_copied_beside_an_open_cluster(base: Path, closed_wheel: Path) -> None:
    server = make_server(copy_template(base / "home"), bindir=closed_wheel)
    server.ensure_running()
    data = server.status().data_dir
    assert data == base / "home" / "postgres" / "data"
    for program in facts(server, psutil.Process.exe):
        assert program.startswith(f"{base}/home/postgres/binaries-")
    assert mode(closed_wheel.parents[2]) == 0o700


@needs_root
def test_a_closed_home_with_closed_programs_works_and_follows_their_upgrades(
    base: Path, closed: Path, closed_wheel: Path
) -> None:
    server = make_server(closed / "home", bindir=closed_wheel)
    keep_a_row(server)
    outside = server.status().data_dir.parent
    first = list(outside.glob("binaries*"))
    assert len(first) == 1
    server.stop()
    os.utime(closed_wheel / "postgres", (1, 1))
    assert kept_row(server) == 42
    second = list(outside.glob("binaries*"))
    assert len(second) == 1
    assert second != first


@needs_root
def test_closed_programs_that_are_not_the_wheels_are_an_error(base: Path, closed: Path) -> None:
    shutil.copytree(find_binaries(), closed / "bin")
    server = make_server(base / "home", bindir=closed / "bin")
    with pytest.raises(EmbeddedServerError, match=r"cannot run the programs in .*closed/bin"):
        server.ensure_running()


@needs_root
def test_a_closed_home_made_again_finds_its_cluster_and_says_so(closed: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = make_server(closed / "home")
    keep_a_row(server)
    before = server.ensure_running()
    shutil.rmtree(closed / "home")
    assert server.address() == before
    assert server.stop() is True
    caplog.set_level(logging.WARNING)
    assert kept_row(server) == 42
    assert server.ensure_running().password == before.password
    messages = [record.getMessage() for record in caplog.records]
    assert [message for message in messages if "it is used again" in message] == messages
    assert len(messages) == 1


@needs_root
def test_a_moved_closed_home_takes_its_cluster_along_and_leaves_its_path_to_others(closed: Path) -> None:
    old = make_server(closed / "old")
    keep_a_row(old, 1)
    data = old.status().data_dir
    old.stop()
    (closed / "old").rename(closed / "new")
    new = make_server(closed / "new")
    assert kept_row(new) == 1
    assert new.status().data_dir == data
    keep_a_row(old, 2)
    assert old.status().data_dir != data
    assert (kept_row(new), kept_row(old)) == (1, 2)


@needs_root
def test_a_copied_closed_home_may_not_share_the_cluster(closed: Path) -> None:
    server = make_server(closed / "home")
    server.ensure_running()
    shutil.copytree(closed / "home", closed / "copy")
    with pytest.raises(EmbeddedServerError, match=rf"belongs to {closed / 'home'}\. A copied home cannot share it"):
        make_server(closed / "copy").ensure_running()
    assert server.address() is not None


@needs_root
def test_a_pointer_to_a_cluster_that_is_gone_is_an_error_not_an_empty_start(closed: Path) -> None:
    server = make_server(closed / "home")
    server.ensure_running()
    server.stop()
    data = server.status().data_dir
    data.rename(data.with_name("elsewhere"))
    with pytest.raises(EmbeddedServerError, match=r"the cluster is in .*data, but it is not there"):
        server.ensure_running()
    data.with_name("elsewhere").rename(data)
    assert query(server.ensure_running(), "SELECT 1") == 1


@needs_root
def test_a_start_killed_before_the_pointer_was_written_finds_its_cluster(closed: Path) -> None:
    server = make_server(closed / "home")
    keep_a_row(server)
    server.stop()
    pointer = closed / "home" / "postgres" / "location"
    pointer.unlink()
    assert kept_row(server) == 42
    assert pointer.exists()


@needs_root
def test_where_the_first_place_cannot_be_made_the_second_is_used(base: Path, closed: Path) -> None:
    (base / "var" / "monps-platform").write_text("in the way")
    server = make_server(closed / "home")
    keep_a_row(server)
    assert server.status().data_dir.parent.parent == base / "tmp"
    server.stop()
    assert kept_row(server) == 42


@needs_root
@pytest.mark.parametrize("trap", ["folder", "link"])
def test_a_folder_somebody_else_prepared_in_a_shared_place_is_not_used(base: Path, closed: Path, trap: str) -> None:
    (base / "var" / "monps-platform").write_text("in the way")
    user = ordinary_user()
    bait = base / "bait"
    bait.mkdir()
    os.chown(bait, user.pw_uid, user.pw_gid)
    expected = list(folder._outer_folders(closed / "home"))[1].path
    if trap == "folder":
        bait.rename(expected)
    else:
        expected.symlink_to(bait)
    server = make_server(closed / "home")
    with pytest.raises(EmbeddedServerError, match=f"no folder for it could be made either: tried .*{expected}"):
        server.ensure_running()
    assert not list(expected.iterdir())


@needs_root
def test_a_home_closed_after_its_cluster_was_made_is_an_error_that_says_how_to_open_it(base: Path) -> None:
    (base / "outer").mkdir()
    server = make_server(copy_template(base / "outer" / "home"))
    keep_a_row(server)
    server.stop()
    (base / "outer").chmod(0o700)
    with pytest.raises(EmbeddedServerError, match=r"can no longer reach.*chmod o\+x"):
        server.ensure_running()
    (base / "outer").chmod(0o755)
    assert kept_row(server) == 42


@needs_root
def test_a_system_without_unprivileged_accounts_is_told_to_add_one(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monps_platform.db.embedded.account.SERVER_ACCOUNTS", ("no-such-account", "root"))
    with pytest.raises(EmbeddedServerError, match="useradd --system postgres"):
        make_server(base / "home").ensure_running()


@needs_root
def test_nobody_stands_in_for_a_missing_postgres_account_and_keeps_what_it_made(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: EmbeddedServer = make_server(base / "home")
    with monkeypatch.context() as without_postgres:
        without_postgres.setattr("monps_platform.db.embedded.account.SERVER_ACCOUNTS", ("nobody",))
        keep_a_row(server)
        server.stop()
    assert account_of(server).name == "nobody"
    assert kept_row(server) == 42
