"""Watching the database from outside: while it is away, nothing that Dagster runs can notice anything.

What was noticed is kept in a file, so that whoever watches next neither repeats nor forgets it, and in ops.alerts once
the database is back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from monps_platform.cli.server import open_database
from monps_platform.db import errors
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.domain.alerts.documents import incident_of_text, incident_text
from monps_platform.domain.alerts.incident import AlertKind, Incident, Sighting, seen
from monps_platform.domain.alerts.text import instant
from monps_platform.notify.channels import configured
from monps_platform.notify.delivery import Postman
from monps_platform.settings import Settings

SECONDS = 10.0
"""Between two looks."""
LOOKS = 2
"""Looks in a row without an answer that make an alert: one alone may be a moment's overload."""
_ANSWER_TIME = 3
_REMEDY = (
    "Look whether the server runs (monps status) and start it: monps up starts the embedded one. Runs that were at "
    "work have failed and can be run again; what was committed is safe."
)

logger = logging.getLogger(__name__)


@dataclass
class DatabaseWatch:
    """Looks at the server now and then; tells once that it is away, and once that it is back."""

    settings: Settings
    address: DatabaseAddress
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ticks: Callable[[], float] = time.monotonic
    _looked: float = field(default=float("-inf"), init=False)
    _silent: list[datetime] = field(default_factory=list, init=False)
    _answered: datetime | None = field(default=None, init=False)
    _recorded: Incident | None = field(default=None, init=False)
    _unkept: Incident | None = field(default=None, init=False)

    @property
    def file(self) -> Path:
        """What was noticed and is not over, or not told yet."""
        return self.settings.home / "alerts" / "database.json"

    def look_if_due(self) -> None:
        """Look, if the last time is long enough ago."""
        if self.ticks() - self._looked >= SECONDS:
            self.look()

    def look(self, *, last: bool = False) -> None:
        """Ask the server for an answer, and tell what is to be told; the ``last`` look waits for no other one.

        What the disk or the network refuses is logged: a watch that cannot look now looks again.
        """
        try:
            self._look(last)
        except OSError as error:
            logger.warning("the watch of the database did not end its look, and will look again: %s", error)

    def _look(self, last: bool) -> None:
        self._looked = self.ticks()
        now = self.clock()
        reason = self._reason()
        self._silent = [*self._silent, now] if reason is not None else []
        if reason is None:
            self._is_back(now)
            self._answered = now
        elif len(self._silent) >= LOOKS or last:
            self._is_away(reason)

    def _is_away(self, reason: str) -> None:
        known = self._known()
        if known is None or not known.is_open:
            before = "" if self._answered is None else f" It last answered at {instant(self._answered)}."
            known = seen(known, self._sighting(self._silent[0], f"{reason}.{before}"))
        if known is not None:
            self._tell(known)

    def _is_back(self, now: datetime) -> None:
        known = self._known()
        if known is not None:
            known = self._tell(seen(known, self._sighting(now, "", is_well=True)) or known)
            self._record(known)

    def _sighting(self, at: datetime, what: str, *, is_well: bool = False) -> Sighting:
        where = f"{self.address.host}:{self.address.port}"
        return Sighting(
            AlertKind.DATABASE,
            f"PostgreSQL at {where}",
            is_well,
            at,
            what=what,
            place=f"{where}, database {self.address.database}, as seen by monps ui",
            remedy=_REMEDY,
        )

    def _tell(self, incident: Incident) -> Incident:
        """Send what is due, and keep what became of it."""
        self._keep(incident)
        cool_down = timedelta(hours=self.settings.alert_cool_down)
        channels = configured(self.settings)
        Postman(channels, cool_down, self._keep, self.clock).deliver([incident])
        return self._known() or incident

    def _known(self) -> Incident | None:
        if self._unkept is not None:
            return self._unkept
        try:
            return incident_of_text(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            logger.warning("%s is not what monps wrote: it is left aside", self.file)
            return None
        except OSError as error:
            logger.warning("what was noticed of the database before cannot be read: %s", error)
            return None

    def _keep(self, incident: Incident) -> None:
        """In the file; while that cannot be written, in mind, so that who is told is told once."""
        try:
            self._write(incident)
        except OSError as error:
            if self._unkept is None:
                logger.warning("what was noticed of the database is told, but not kept in %s: %s", self.file, error)
            self._unkept = incident
        else:
            self._unkept = None

    def _write(self, incident: Incident) -> None:
        text_of_it = incident_text(incident)
        if self.file.exists() and self.file.read_text(encoding="utf-8") == text_of_it:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(text_of_it, encoding="utf-8")
        fresh.replace(self.file)

    def _record(self, incident: Incident) -> None:
        """Into ops.alerts, where people look; a database that went away again is told of by the next look."""
        if incident == self._recorded:
            return
        try:
            with open_database(self.settings, self.address) as database, database.unit_of_work() as unit:
                unit.alerts.keep([incident])
                unit.commit()
        except errors.FAILURES as error:
            logger.warning("what was noticed of the database is not in ops.alerts yet: %s", error)
        else:
            self._recorded = incident

    def _reason(self) -> str | None:
        """Why the server does not answer; None: it does."""
        probe = create_engine(
            self.address.url(),
            poolclass=NullPool,
            connect_args={"connect_timeout": _ANSWER_TIME, "sslmode": self.address.sslmode},
        )
        try:
            with probe.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            return str(errors.in_words(error, self.address) or type(error).__name__).rstrip(".")
        return None
