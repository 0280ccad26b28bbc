"""What goes wrong with backups, in words."""

from __future__ import annotations

from monps_platform.db.errors import DatabaseError


class BackupError(DatabaseError):
    """A backup could not be made or restored; the message says why and what to do."""


class NotEmptyError(BackupError):
    """The database that was to be restored into holds something."""
