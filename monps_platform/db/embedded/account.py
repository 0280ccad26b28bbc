"""The account PostgreSQL runs as: the caller's own, or an unprivileged one when the caller is root."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from monps_platform.db.embedded.errors import EmbeddedServerError, account_name

SERVER_ACCOUNTS = ("postgres", "nobody")
"""Accounts root hands the server to, best first."""

INHERITED_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What a PostgreSQL program gets of the caller's environment: never its PG* defaults, never its secrets."""


@dataclass(frozen=True)
class Account:
    """Who owns the cluster. ``is_switched``: the caller is root and drops to this account."""

    name: str
    uid: int
    gid: int
    is_switched: bool

    def run(
        self,
        command: Sequence[str | Path],
        *,
        stderr: int = subprocess.STDOUT,
        variables: Mapping[str, str] | None = None,
        detached: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account with its uid, gid and no other group, and capture what it prints."""
        return subprocess.run(
            command,
            check=False,
            cwd="/",
            env=_child_environment() | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            errors="replace",
            start_new_session=detached,
            user=self.uid if self.is_switched else None,
            group=self.gid if self.is_switched else None,
            extra_groups=[] if self.is_switched else None,
        )

    def can_enter(self, folder: Path) -> bool:
        """Say whether this account may search ``folder``: asked of the system, which also knows ACLs."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", folder]).returncode == 0

    def own(self, path: Path) -> None:
        """Give ``path`` to this account when the caller is root; otherwise it is its owner's already."""
        if self.is_switched:
            os.chown(path, self.uid, self.gid)

    def require_ownership(self, data: Path) -> None:
        """Refuse a cluster of another account: PostgreSQL would, with a message that does not help.

        Raises:
            EmbeddedServerError: ``data`` belongs to somebody else.
        """
        owner = data.stat().st_uid
        if owner != self.uid:
            caller = f"'{self.name}'" + (" (root drops to it)" if self.is_switched else "")
            raise EmbeddedServerError(
                f"The cluster in {data} belongs to '{account_name(owner)}', but PostgreSQL would run as {caller}. "
                f"Run this command as the one who made it, or choose another home (MONPS_HOME), or stop the "
                f"server and hand the folder over: chown -R {self.name} '{data.parent}'"
            )


def server_account(data: Path) -> Account:
    """Choose the account for the cluster in ``data``, which need not exist yet.

    As root, an existing cluster keeps its account as long as that is one of ``SERVER_ACCOUNTS``.

    Raises:
        EmbeddedServerError: there is no usable account.
    """
    if os.geteuid() != 0:
        return _own_account()
    accounts = [account for name in SERVER_ACCOUNTS if (account := _unprivileged(name))]
    if not accounts:
        raise EmbeddedServerError(
            "PostgreSQL refuses to run as root, and this system has neither an account 'postgres' nor 'nobody'. "
            "Add one (useradd --system postgres), or run as an ordinary user."
        )
    owner = data.stat().st_uid if data.exists() else None
    return next((account for account in accounts if account.uid == owner), accounts[0])


def _own_account() -> Account:
    uid = os.geteuid()
    try:
        return Account(pwd.getpwuid(uid).pw_name, uid, os.getegid(), is_switched=False)
    except KeyError as error:
        raise EmbeddedServerError(
            f"This process runs as uid {uid}, which has no entry in /etc/passwd; PostgreSQL cannot run without one. "
            "Run it as a named account (in a container: --user with an account of the image), or use a server "
            "of your own (MONPS_DB_HOST)."
        ) from error


def _unprivileged(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid, is_switched=True) if entry.pw_uid != 0 else None


def _child_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C"}
