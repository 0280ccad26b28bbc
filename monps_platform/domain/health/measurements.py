"""What a sweep measures of the database, the machine, the data and Dagster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monps_platform.domain.health.data_age import LeagueData


@dataclass(frozen=True, slots=True)
class Connection:
    """Whether a driver gets an answer, and how fast; ``reason`` says why not."""

    driver: str
    ok: bool
    milliseconds: float
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """The pool of the process that sweeps; waits and time-outs since it was made."""

    size: int
    limit: int
    checked_out: int
    overflow: int
    waits: int
    timeouts: int


@dataclass(frozen=True, slots=True)
class Schema:
    """Where the database stands, and differences from the models by table; None: they could not be compared."""

    current: str | None
    newest: str
    pending: int
    is_known: bool
    differences: Mapping[str, int] | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TableState:
    """A table, by the server's own counts: rows are its estimate."""

    schema: str
    table: str
    rows: int
    bytes: int
    dead_rows: int
    changed_rows: int
    analyzed_at: datetime | None
    whole_scans: int
    rows_of_whole_scans: int
    index_scans: int

    @property
    def name(self) -> str:
        """Schema and name."""
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True, slots=True)
class IndexState:
    """An index; ``is_key`` where it carries a rule (primary key, unique), so that it is needed whoever reads it."""

    name: str
    table: str
    bytes: int
    scans: int
    is_valid: bool
    is_key: bool
    is_being_built: bool


@dataclass(frozen=True, slots=True)
class UnindexedKey:
    """A foreign key whose columns no index begins with."""

    table: str
    name: str
    columns: str
    rows: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """A session with an open transaction."""

    pid: int
    program: str
    login: str
    state: str
    seconds: float

    @property
    def is_idle(self) -> bool:
        """Whether it is open and does nothing."""
        return self.state.startswith("idle")


@dataclass(frozen=True, slots=True)
class Blocked:
    """A session that waits for others."""

    pid: int
    program: str
    seconds: float
    blockers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """How far a sequence has counted."""

    name: str
    last: int
    maximum: int

    @property
    def share(self) -> float:
        """The share of its values that is used up."""
        return self.last / self.maximum


@dataclass(frozen=True, slots=True)
class Sessions:
    """The server's client connections by state, of how many; ``sees_all``: whether others' sessions are told of."""

    by_state: Mapping[str, int]
    limit: int
    sees_all: bool

    @property
    def used(self) -> int:
        """How many there are."""
        return sum(self.by_state.values())


@dataclass(frozen=True, slots=True)
class Replica:
    """A copy of the database; ``reason`` says why its lag is not known."""

    name: str
    lag_seconds: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """All that the server tells of itself; ``data`` is None where somebody held the tables."""

    pool: Pool
    schema: Schema
    tables: tuple[TableState, ...]
    indexes: tuple[IndexState, ...]
    unindexed_keys: tuple[UnindexedKey, ...]
    counted_since: datetime
    transactions: tuple[Transaction, ...]
    blocked: tuple[Blocked, ...]
    sequences: tuple[Sequence, ...]
    sessions: Sessions
    replicas: tuple[Replica, ...]
    data: tuple[LeagueData, ...] | None


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system that a folder is on; ``name`` is what the folder is for."""

    name: str
    path: str
    size: int
    free: int

    @property
    def share(self) -> float:
        """The share that is not free."""
        return 1 - self.free / self.size


@dataclass(frozen=True, slots=True)
class Daemon:
    """One of Dagster's daemons: seconds since its last sign of life, and errors that it told then."""

    name: str
    seconds: float
    errors: int


@dataclass(frozen=True, slots=True)
class Run:
    """A Dagster run that is not over; ``seconds`` it has been in its state, ``max_seconds`` it may take by its own tag
    once it is started.
    """

    run_id: str
    job: str
    state: str
    seconds: float
    max_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class DagsterState:
    """What Dagster's storage tells."""

    daemons: tuple[Daemon, ...]
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Measurements:
    """All of it. ``database`` is None where it does not answer, ``dagster`` where its storage does not."""

    connections: tuple[Connection, ...]
    database: DatabaseState | None
    disks: tuple[Disk, ...]
    dagster: DagsterState | None
    newest_backup: datetime | None
