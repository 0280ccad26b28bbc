"""Backups of the platform's database: made with pg_dump, read back, kept with what they hold, and restored."""

from monps_platform.db.backups.catalogue import Backup, catalogue, newest_verified
from monps_platform.db.backups.dumping import back_up, expire
from monps_platform.db.backups.errors import BackupError, NotEmptyError
from monps_platform.db.backups.restoring import Restored, create_database, restore

__all__ = [
    "Backup",
    "BackupError",
    "NotEmptyError",
    "Restored",
    "back_up",
    "catalogue",
    "create_database",
    "expire",
    "newest_verified",
    "restore",
]
