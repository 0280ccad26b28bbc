"""From measurements to findings: the whole sweep, and the parts of it that are not about the server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from monps_platform.domain.health.data_age import GRACE, LeagueData, due_matches, is_followed
from monps_platform.domain.health.finding import Finding, HealthCheck, HealthSeverity
from monps_platform.domain.health.judging_database import judge_connections, judge_database
from monps_platform.domain.health.measurements import Daemon, DagsterState, Disk, Measurements, Run
from monps_platform.domain.health.thresholds import LIMITS, RUN_SECONDS, Reading, judged, run_seconds

_START_DAEMON = "Start it with monps ui (make ui): nothing runs by schedule, sensor or queue meanwhile"


def judge(measured: Measurements, now: datetime) -> tuple[Finding, ...]:
    """Every finding of a sweep at an instant; what could not be measured has none but that of its connection."""
    database = measured.database
    of_server = [] if database is None else judge_database(database, now)
    of_data = [] if database is None else judge_data(database.data, now.date())
    return (
        *judge_connections(measured.connections),
        *of_server,
        *judge_disks(measured.disks),
        *of_data,
        *judge_dagster(measured.dagster),
        *judge_backup(measured.newest_backup, now),
    )


def judge_disks(disks: Sequence[Disk]) -> list[Finding]:
    """Whether there is room left."""
    readings = [
        Reading(
            item.name,
            item.share,
            f"{item.free / 1e9:.1f} of {item.size / 1e9:.1f} GB are free at {item.path}",
            "Free space or move the folder (MONPS_HOME): PostgreSQL stops when its disk is full",
        )
        for item in disks
    ]
    free = min((item.free for item in disks), default=0)
    return judged(HealthCheck.DISK_SPACE, readings, f"at least {free / 1e9:.1f} GB are free everywhere")


def judge_data(data: Sequence[LeagueData] | None, today: date) -> list[Finding]:
    """Whether what the calendar makes due is there, and what is over has a score."""
    if data is None:
        text = "somebody held the tables, so they were not read (blocked_sessions, long_transactions)"
        unread = (HealthCheck.DATA_DUE, HealthCheck.MISSING_SCORES)
        return [Finding(check, "all", HealthSeverity.INFO, text) for check in unread]
    followed = [item for item in data if is_followed(item, today)]
    return [*_not_followed(data, followed), *_due(followed, today), *_scores(followed)]


def _not_followed(data: Sequence[LeagueData], followed: Sequence[LeagueData]) -> list[Finding]:
    held = [item for item in data if item.newest_season is not None and item not in followed]
    if not held:
        return []
    listed = ", ".join(f"{item.subject} (to {item.newest_season})" for item in held)
    text = f"history only, so nothing is due: {listed}"
    return [Finding(HealthCheck.DATA_DUE, "leagues not followed", HealthSeverity.INFO, text)]


def _due(followed: Sequence[LeagueData], today: date) -> list[Finding]:
    readings = [
        Reading(
            item.subject,
            due_matches(item, today),
            f"about {due_matches(item, today)} matches should have been played since the newest result "
            f"({item.newest_result or 'none this season'}), and are not there",
            f"Run monps up --leagues {item.league.code}, and see whether the source answers or changed its files",
        )
        for item in followed
    ]
    fine = f"nothing that is due is missing: {len(readings)} leagues are kept up to date, counted once a source"
    return judged(HealthCheck.DATA_DUE, readings, fine if readings else "no league is kept up to date: nothing is due")


def _scores(followed: Sequence[LeagueData]) -> list[Finding]:
    readings = [
        Reading(
            item.subject,
            item.unscored,
            f"{item.unscored} matches were due more than {GRACE.days} days ago and have no score, the oldest on "
            f"{item.oldest_unscored}",
            f"Run monps up --leagues {item.league.code}; a match that was put off gets its new day with the next fetch",
        )
        for item in followed
    ]
    return judged(HealthCheck.MISSING_SCORES, readings, "every match that is over has a score")


def judge_dagster(state: DagsterState | None) -> list[Finding]:
    """Whether Dagster's daemons live, and its runs go on."""
    if state is None:
        text = "Dagster's own storage could not be asked"
        remedy = "Look for its database (MONPS_DAGSTER_DB_NAME) with monps status; monps up makes it"
        return [Finding(HealthCheck.DAEMON, "all", HealthSeverity.WARNING, text, remedy)]
    return [*_daemons(state.daemons), *_runs(state.runs)]


def _daemons(daemons: Sequence[Daemon]) -> list[Finding]:
    check = HealthCheck.DAEMON
    if not daemons:
        text = "the daemon has never run: nothing is scheduled; monps ui starts it"
        return [Finding(check, "all", HealthSeverity.INFO, text)]
    readings = [
        Reading(item.name, item.seconds, f"last sign of life {item.seconds:.0f} s ago", _START_DAEMON)
        for item in daemons
    ]
    newest = min(daemons, key=lambda item: item.seconds)
    if LIMITS[check].grade(newest.seconds) is not HealthSeverity.OK:
        text = f"the daemon does not run: the last sign of life of any of its parts was {newest.seconds:.0f} s ago"
        readings = [Reading("all", newest.seconds, text, _START_DAEMON)]
    failing = [
        Finding(
            check,
            f"{item.name} errors",
            HealthSeverity.WARNING,
            f"it told {item.errors} errors with its last sign of life",
            "Read them in the UI under Deployment, Daemons",
        )
        for item in daemons
        if item.errors
    ]
    return [*failing, *judged(check, readings, f"{len(daemons)} daemons are alive")]


def _runs(runs: Sequence[Run]) -> list[Finding]:
    readings = [
        Reading(
            f"run {item.run_id}",
            item.seconds / run_seconds(item.state, item.max_seconds),
            f"{item.job} is {item.state} for {item.seconds:.0f} s",
            "Look at its log in the UI, then end it there (Terminate) and run it again",
        )
        for item in runs
        if item.state in RUN_SECONDS
    ]
    return judged(HealthCheck.STUCK_RUNS, readings, f"{len(runs)} runs are under way, none is stuck")


def judge_backup(newest_verified: datetime | None, now: datetime) -> list[Finding]:
    """How old the newest backup is that was made and verified."""
    check = HealthCheck.BACKUP_AGE
    remedy = "Run backup_job in the UI, and see that its schedule is on: what is lost since cannot be restored"
    if newest_verified is None:
        return [Finding(check, "all", HealthSeverity.WARNING, "there is no verified backup", remedy)]
    age = max(0.0, (now - newest_verified).total_seconds())
    text = f"the newest verified backup is of {newest_verified:%Y-%m-%d %H:%M} UTC, {age / 3600:.0f} h ago"
    return judged(check, [Reading("all", age, text, remedy)], text)
