"""What the tests of all rules share: ways to break a rule, and how its findings are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.quality import RULES, Rule, quantum
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.agents import DEFAULT_AGENTS
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.forecasting import Forecaster
from monps_platform.orchestration.outcomes import Outcome
from monps_platform.orchestration.picks.ledger import Ledger

BY_NAME: Mapping[str, Rule] = {rule.name: rule for rule in RULES}
NOT_DERIVED = {rule.name for rule in quantum.RULES}
"""Rules that tell of it where matches are held and the quantum tables are not derived yet."""


@dataclass(frozen=True)
class Case:
    """One way to break a rule: statements that spoil the data, a part of what is found, how many findings (0: any)."""

    spoil: str
    finds: Mapping[str, Any]
    rows: int = 1


Cases = Mapping[str, Sequence[Case]]
Harmless = Mapping[str, tuple[str, str]]
"""A rule and a change of the data that is unusual but right, by what it is."""


def find(connection: Connection, rule: str, now: datetime) -> list[dict[str, Any]]:
    """What a rule finds at a time."""
    return [dict(finding) for finding in BY_NAME[rule].find(connection, now)]


def spoil(connection: Connection, statements: str) -> None:
    """Change the data, until the transaction ends."""
    connection.exec_driver_sql(statements)


def assert_finds(engine: Engine, rule: str, cases: Sequence[Case], now: datetime) -> None:
    """Each of the cases, alone, breaks the rule as it says."""
    assert cases, "a rule that no case breaks may be unable to fail"
    for case in cases:
        with engine.connect() as connection:
            spoil(connection, case.spoil)
            found = find(connection, rule, now)
        assert any(case.finds.items() <= finding.items() for finding in found), (case, found)
        assert not case.rows or len(found) == case.rows, (case, found)


def forecast(sessions: sessionmaker[Session], *partitions: Partition) -> list[Outcome]:
    """Forecast the matches of partitions as a run does."""
    return list(Forecaster(lambda: UnitOfWork(sessions)).forecast(partitions))


def pick(sessions: sessionmaker[Session], now: datetime, *partitions: Partition) -> list[Outcome]:
    """Take, close and settle the picks of partitions as a run does at a time."""
    ledger = Ledger(lambda: UnitOfWork(sessions), DEFAULT_AGENTS, lambda: now)
    return list(ledger.work(partitions))
