"""Reading Dagster's event log: what ended, and what was checked, since it was last read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg

from monps_platform.domain.alerts.incident import Incident, Sighting
from monps_platform.orchestration.alerting.check_results import evaluated
from monps_platform.orchestration.alerting.runs import failed_run, good_run

_TYPES = (
    dg.DagsterEventType.RUN_SUCCESS,
    dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
)
OVERLAP = 1000
"""Events that are read again: their numbers are given out before they are written, so that one may come late."""
AT_ONCE = 5000
FIRST_LOOK = timedelta(days=1)
"""How far back the first look goes; of it, only how things stand counts."""


@dataclass(frozen=True)
class World:
    """What the events are read against: the code location's checks in words, the assets of its jobs, the UI."""

    descriptions: Mapping[str, str]
    assets_of_jobs: Mapping[str, frozenset[str]]
    ui: str

    @classmethod
    def of(cls, repository: dg.RepositoryDefinition | None, ui: str) -> World:
        """The world of a code location; without one, checks have no words."""
        if repository is None:
            return cls({}, {}, ui)
        graph = repository.asset_graph
        specs = [graph.get_check_spec(key) for key in graph.asset_check_keys]
        descriptions = {f"{item.asset_key.to_user_string()}/{item.name}": item.description or "" for item in specs}
        jobs = {
            job.name: frozenset(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
            for job in repository.get_all_jobs()
        }
        return cls(descriptions, jobs, ui)


@dataclass(frozen=True)
class Reading:
    """What was seen, in its order, and where to read on."""

    sightings: list[Sighting]
    cursor: int


def read(
    instance: dg.DagsterInstance, cursor: int | None, known: Iterable[Incident], world: World, now: datetime
) -> Reading:
    """Everything since a cursor; without one, how things that were seen within the last day stand now."""
    known = list(known)
    records = _records(instance, cursor, now)
    sightings = [item for record in records for item in _sightings(instance, record, known, world)]
    newest = max((record.storage_id for record in records), default=0)
    if cursor is not None:
        return Reading(sightings, max(newest, cursor))
    # What is older than the first look is never read.
    stand = list({item.subject: item for item in sightings}.values())
    return Reading(stand, newest or _newest(instance))


def _records(instance: dg.DagsterInstance, cursor: int | None, now: datetime) -> list[dg.EventLogRecord]:
    """The events of each kind, in the order of all; no more than can be read at once of each."""
    found: list[dg.EventLogRecord] = []
    ends: list[int] = []
    for kind in _TYPES:
        since = (
            dg.EventRecordsFilter(kind, after_timestamp=(now - FIRST_LOOK).timestamp())
            if cursor is None
            else dg.EventRecordsFilter(kind, after_cursor=max(0, cursor - OVERLAP))
        )
        records = instance.event_log_storage.get_event_records(since, limit=AT_ONCE, ascending=True)
        found += records
        ends += [records[-1].storage_id] if len(records) == AT_ONCE else []
    # Of one kind there is more than this: what comes after it waits, so that all is read in its order.
    return sorted(
        (record for record in found if record.storage_id <= min(ends, default=record.storage_id)),
        key=lambda record: record.storage_id,
    )


def _newest(instance: dg.DagsterInstance) -> int:
    filters = [dg.EventRecordsFilter(kind) for kind in _TYPES]
    newest = (instance.event_log_storage.get_event_records(item, limit=1, ascending=False) for item in filters)
    return max((record.storage_id for records in newest for record in records), default=0)


def _sightings(
    instance: dg.DagsterInstance, record: dg.EventLogRecord, known: list[Incident], world: World
) -> Iterator[Sighting]:
    entry = record.event_log_entry
    event = entry.dagster_event
    at = datetime.fromtimestamp(entry.timestamp, UTC)
    if event is None:
        return
    if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        yield evaluated(event.asset_check_evaluation_data, entry.run_id, at, world.descriptions, world.ui)
        return
    run = instance.get_run_by_id(entry.run_id)
    if run is None:
        return  # deleted in the meantime
    if event.event_type is dg.DagsterEventType.RUN_FAILURE:
        sighting = failed_run(instance, run, at, event.message or "the run failed", world.ui)
        yield from () if sighting is None else (sighting,)
    else:
        yield from good_run(instance, run, world.assets_of_jobs, known, at)
