"""Where a home keeps its cluster: inside it, or in a folder of its own when the server's account cannot enter."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monps_platform.db.embedded.account import Account
from monps_platform.db.embedded.errors import EmbeddedServerError, account_name

logger = logging.getLogger(__name__)

OUTSIDE_ROOTS = (Path("/var/lib/monps-platform"), Path("/var/tmp"))  # noqa: S108 - its entry must be root's own
"""Where a cluster goes that the home itself cannot hold: the first of these that can be written."""


@dataclass(frozen=True)
class ClusterFolder:
    """The files of one cluster. All but ``data`` and ``password_file`` stay the caller's own."""

    path: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder; it exists only once initdb has finished."""
        return self.path / "data"

    @property
    def password_file(self) -> Path:
        """The generated password, readable by its owner only."""
        return self.path / "password"

    @property
    def log_file(self) -> Path:
        """What the server prints."""
        return self.path / "log"

    @property
    def port_file(self) -> Path:
        """The port of the last start."""
        return self.path / "port"

    @property
    def home_file(self) -> Path:
        """Only outside the home: which home this cluster belongs to."""
        return self.path / "home"


def inner_folder(home: Path) -> ClusterFolder:
    """Give the folder inside ``home``; the lock is always there, and mostly the cluster too."""
    return ClusterFolder(home / "postgres")


def lock_file(home: Path) -> Path:
    """Give the file every start and stop of this home's server locks."""
    return inner_folder(home).path / "lock"


def find_cluster(home: Path) -> ClusterFolder | None:
    """Find the cluster ``home`` already has, changing nothing.

    It is where the pointer file says, or inside the home, or where root's earlier cluster of a home at this
    path is: a home that was deleted and made again finds its data, because the password lies beside the data.

    Raises:
        EmbeddedServerError: the pointer leads nowhere, or to the cluster of another home.
    """
    pointer, inner = _pointer_file(home), inner_folder(home)
    if pointer.exists():
        return _follow(pointer, home)
    if inner.data.exists():
        return inner
    if os.geteuid() != 0:
        return None
    return next((outer for outer in _outer_folders(home) if _is_ours(outer, home) and outer.data.exists()), None)


def prepare_folder(home: Path, account: Account) -> ClusterFolder:
    """Find or make the folder of this home's cluster, where ``account`` can enter it.

    Raises:
        EmbeddedServerError: the account cannot enter the existing cluster, or any new place.
    """
    found = find_cluster(home)
    if found is None:
        inner = inner_folder(home)
        found = inner if _is_enterable(inner, account) else _make_outer(home, account)
    elif not _is_enterable(found, account):
        raise EmbeddedServerError(
            f"The cluster is in {found.data}, which the account '{account.name}' (root drops to it) can no longer "
            "reach. Give the folders above it search permission for everyone (chmod o+x), as when it was made."
        )
    if found != inner_folder(home):
        found.home_file.write_text(f"{home}\n")
    return found


def record_location(home: Path, folder: ClusterFolder, *, is_new: bool) -> None:
    """Leave a pointer in ``home`` to a complete cluster outside it; until then it is found by its name."""
    pointer = _pointer_file(home)
    if folder == inner_folder(home) or pointer.exists():
        return
    if not is_new:
        logger.warning("%s is new, but %s holds the data of a home at this path: it is used again", home, folder.path)
    pointer.write_text(f"{folder.path}\n")


def make_inner(home: Path) -> None:
    """Make the folder inside ``home``, open for passing through only when root makes it for another account."""
    path = inner_folder(home).path
    path.parent.mkdir(parents=True, exist_ok=True)
    _make(path, 0o755 if os.geteuid() == 0 else 0o700)


def _pointer_file(home: Path) -> Path:
    return inner_folder(home).path / "location"


def _outer_folders(home: Path) -> Iterator[ClusterFolder]:
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    own, shared = OUTSIDE_ROOTS
    yield ClusterFolder(own / digest)
    yield ClusterFolder(shared / f"monps-platform-{digest}")


def _follow(pointer: Path, home: Path) -> ClusterFolder:
    folder = ClusterFolder(Path(pointer.read_text().strip()))
    if not folder.data.exists():
        raise EmbeddedServerError(
            f"{pointer} says that the cluster is in {folder.data}, but it is not there. "
            f"Restore that folder, or delete {pointer} to begin with an empty cluster."
        )
    owner = Path(folder.home_file.read_text().strip())
    if owner != home and owner.exists():
        raise EmbeddedServerError(
            f"{pointer} says that the cluster is in {folder.data}, but that one belongs to {owner}. A copied home "
            f"cannot share it: delete {pointer} to begin with an empty cluster, or use the home {owner}."
        )
    return folder


def _is_enterable(folder: ClusterFolder, account: Account) -> bool:
    return not account.is_switched or account.can_enter(folder.path)


def _make_outer(home: Path, account: Account) -> ClusterFolder:
    for outer in _outer_folders(home):
        if _try_make_root_owned(outer.path) and _is_ours(outer, home) and account.can_enter(outer.path):
            return outer
    tried = " and ".join(str(outer.path) for outer in _outer_folders(home))
    raise EmbeddedServerError(
        f"PostgreSQL would run as '{account.name}', which cannot enter {home}, and no folder for it could be made "
        f"either: tried {tried}. Choose a home (MONPS_HOME) that every account may enter, or run as an ordinary user."
    )


def _is_ours(outer: ClusterFolder, home: Path) -> bool:
    """Say whether ``outer`` is root's and no other home, moved away from this path, took it along."""
    if not _is_roots(outer.path):
        return False
    return not outer.home_file.exists() or outer.home_file.read_text().strip() == str(home)


def _try_make_root_owned(path: Path) -> bool:
    try:
        if path.parent.name == "monps-platform":
            _make(path.parent, 0o755)
        _make(path, 0o755)
    except OSError as error:  # read-only, or no such place here: the next one may do
        logger.info("Cannot make %s: %s", path, error)
        return False
    if not _is_roots(path):
        logger.warning("%s belongs to %s, not to root: it is not used", path, account_name(path.lstat().st_uid))
        return False
    return True


def _make(path: Path, mode: int) -> None:
    try:
        path.mkdir()
    except FileExistsError:
        return
    path.chmod(mode)  # whatever the caller's umask leaves of it


def _is_roots(path: Path) -> bool:
    """Say whether root made this folder: a symbolic link or somebody's folder in a shared place is a trap."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == 0
