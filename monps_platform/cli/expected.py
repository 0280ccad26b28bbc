"""Failures that a person can mend, in words."""

from __future__ import annotations

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from monps_platform.db import errors
from monps_platform.db.embedded import EmbeddedServerError
from monps_platform.db.errors import DatabaseError

EXPECTED = (EmbeddedServerError, DatabaseError, SQLAlchemyError, CommandError, OSError)


def in_words(error: BaseException) -> str:
    """What went wrong, where, and what to do about it."""
    error = errors.in_words(error, "the configured database") or error
    match error:
        case EmbeddedServerError() | DatabaseError():
            return str(error)
        case CommandError():
            return f"migrating failed: {error}. Is the database newer than this checkout? Update the checkout"
        case DBAPIError():
            return f"the database refused: {str(error.orig).strip()}. monps status shows which database that is"
        case OSError() if error.filename is not None:
            return f"{error.filename}: {error.strerror}. Check the folder's owner and free space, or set MONPS_HOME"
    return f"{type(error).__name__}: {error}"
