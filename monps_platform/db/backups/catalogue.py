"""The folder of backups: a dump and, beside it, a JSON file that says what is in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monps_platform.db.backups.contents import Content
from monps_platform.db.backups.errors import BackupError

PATTERN = "monps-*.dump"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """A dump and what is known of it. ``verified``: it was read back when it was made, and has its size still."""

    path: Path
    finished_at: datetime
    verified: bool
    database: str | None = None
    revision: str | None = None
    """Alembic's revision of the schema in it."""
    bytes: int = 0
    sha256: str | None = None
    dumped_by: int | None = None
    """Major version of the pg_dump that made it."""
    tables: Mapping[str, Content] | None = None
    """What each table held in the snapshot that was dumped; None where nothing is known of the dump."""

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(content.rows for content in (self.tables or {}).values())

    def to_json(self) -> str:
        """What stands beside the dump."""
        told = asdict(self) | {"finished_at": self.finished_at.isoformat()}
        del told["path"]
        return json.dumps(told, indent=2, sort_keys=True) + "\n"


def sidecar(dump: Path) -> Path:
    """The JSON file of a dump."""
    return dump.with_suffix(".json")


def catalogue(folder: Path) -> list[Backup]:
    """The backups in a folder, newest first; none where there is no folder. A dump whose JSON file is missing, or says
    something else than its size, is listed, but is not verified.
    """
    found = [_listed(dump) for dump in folder.glob(PATTERN)]
    return sorted(found, key=lambda backup: (backup.finished_at, backup.path.name), reverse=True)


def read(dump: Path) -> Backup:
    """What is known of a dump; raises BackupError when that cannot be told."""
    if not dump.is_file():
        raise BackupError(f"{dump}: there is no such file. monps backups lists those there are")
    beside = sidecar(dump)
    try:
        told = json.loads(beside.read_text(encoding="utf-8"))
        return _parse(dump, told)
    except FileNotFoundError:
        raise BackupError(
            f"{beside}: missing, so that it is not known what {dump.name} should hold. Copy it beside the dump, or "
            "restore the dump with pg_restore, unchecked"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"{beside}: unreadable ({error}). Take another backup: monps backups lists them") from None


def sha256_of_file(path: Path) -> str:
    """The sha256 of a file of any size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def newest_verified(backups: Sequence[Backup]) -> Backup | None:
    """The backup to fall back on."""
    return max((item for item in backups if item.verified), key=lambda item: item.finished_at, default=None)


def _listed(dump: Path) -> Backup:
    stat = dump.stat()
    unknown = Backup(dump, datetime.fromtimestamp(stat.st_mtime, UTC), verified=False, bytes=stat.st_size)
    try:
        return read(dump)
    except BackupError:
        return unknown


def _parse(dump: Path, told: Any) -> Backup:
    finished_at = datetime.fromisoformat(told["finished_at"])
    if finished_at.tzinfo is None:
        raise ValueError("finished_at has no time zone")
    return Backup(
        dump,
        finished_at,
        verified=told["verified"] is True and dump.stat().st_size == told["bytes"],
        database=told["database"],
        revision=told["revision"],
        bytes=told["bytes"],
        sha256=told["sha256"],
        dumped_by=told["dumped_by"],
        tables={name: Content(item["rows"], item["checksum"]) for name, item in told["tables"].items()},
    )
