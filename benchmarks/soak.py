"""Leave `monps ui` alone with fast schedules, and see that all of it fires, nothing is stuck and nothing leaks.

    make soak ARGS="--minutes 10"

Works on the platform of MONPS_HOME, which should hold data, and changes it as its schedules do: use one of its own.
Every minute it prints the memory of the processes, the connections to the server and the runs. It ends with code 1 if
a schedule or a sensor did not fire, a run is stuck or failed, connections were left over, or memory grew by more than a
tenth over the second half.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from monps_platform.cli.server import open_engine, start
from monps_platform.settings import Settings

CRONS = {
    "MONPS_REFRESH_CRON": "*/4 * * * *",
    "MONPS_QUALITY_CRON": "*/3 * * * *",
    "MONPS_HEALTH_CRON": "* * * * *",
    "MONPS_BACKUP_CRON": "*/2 * * * *",
    "MONPS_RETENTION_CRON": "*/5 * * * *",
}
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
AUTOMATION = """{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError {
    ... on RepositoryLocation { repositories {
        schedules { name scheduleState { status ticks(limit: 500) { status } } }
        sensors { name sensorState { status ticks(limit: 500) { status } } } } } } } } } }"""
RUNS = "{ runsOrError(limit: 1000) { ... on Runs { results { runId jobName status startTime } } } }"
UNFINISHED = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING")
STUCK = 600.0
GROWTH = 1.10


@dataclass
class Watched:
    """What was seen each minute: bytes of memory by process, and connections."""

    memory: list[Counter[str]] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)


def ask(port: int, query: str) -> Any:
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory(process: psutil.Process) -> Counter[str]:
    """Resident bytes of the web server, the daemon and the code servers, each by its number: a run's process is a code
    server's copy, and comes and goes.
    """
    found: Counter[str] = Counter()
    for each in process.children(recursive=True):
        try:
            line = " ".join(each.cmdline())
            name = next((kind for kind in ("dagster-webserver", "dagster-daemon", "api grpc") if kind in line), None)
            if name is not None:
                found[f"{name} {each.pid}"] = each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return found


def watch(port: int, process: psutil.Process, minutes: int) -> Watched:
    settings = Settings()
    seen = Watched()
    with open_engine(settings, start(settings)) as engine:
        for minute in range(1, minutes + 1):
            time.sleep(60)
            with engine.connect() as connection:
                seen.connections.append(connection.execute(text(CONNECTIONS)).scalar_one())
            seen.memory.append(memory(process))
            runs = Counter(run["status"] for run in ask(port, RUNS)["runsOrError"]["results"])
            megabytes = ", ".join(f"{name} {size >> 20} MB" for name, size in sorted(seen.memory[-1].items()))
            print(f"minute {minute}: {seen.connections[-1]} connections; {megabytes}; runs {dict(runs)}", flush=True)
    return seen


def verdict(port: int, seen: Watched, since: float) -> list[str]:
    """What is wrong."""
    wrong = []
    (entry,) = ask(port, AUTOMATION)["workspaceOrError"]["locationEntries"]
    (repository,) = entry["locationOrLoadError"]["repositories"]
    states = [(item["name"], item["scheduleState"]) for item in repository["schedules"]]
    states += [(item["name"], item["sensorState"]) for item in repository["sensors"]]
    for name, state in states:
        ticks = Counter(tick["status"] for tick in state["ticks"])
        print(f"{name}: {state['status'].lower()}, ticks {dict(ticks)}")
        if state["status"] == "RUNNING" and not ticks:
            wrong.append(f"{name} did not fire")
        if ticks["FAILURE"]:
            wrong.append(f"{name} failed {ticks['FAILURE']} times")
    for run in ask(port, RUNS)["runsOrError"]["results"]:
        begun = run["startTime"] or time.time()
        if run["status"] in UNFINISHED and time.time() - begun > STUCK:
            wrong.append(f"run {run['runId']} of {run['jobName']} is stuck: {run['status']}")
        if run["status"] == "FAILURE" and begun > since:
            wrong.append(f"run {run['runId']} of {run['jobName']} failed")
    return wrong + leaks(seen)


def leaks(seen: Watched) -> list[str]:
    wrong = []
    middle = len(seen.memory) // 2
    for name in seen.memory[-1]:
        before, after = seen.memory[middle][name], seen.memory[-1][name]
        if before and after > GROWTH * before:
            wrong.append(f"{name} grew from {before >> 20} to {after >> 20} MB in the second half")
    if min(seen.connections[middle:]) > min(seen.connections[:middle]) + 3:
        wrong.append(f"connections were left over: {seen.connections}")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=10)
    minutes = parser.parse_args().minutes
    port, since = free_port(), time.time()
    command = [str(Path(sys.executable).parent / "monps"), "ui", "--port", str(port)]
    ui = subprocess.Popen(command, env={**os.environ, **CRONS}, start_new_session=True)
    try:
        time.sleep(30)
        seen = watch(port, psutil.Process(ui.pid), minutes)
        wrong = verdict(port, seen, since)
    finally:
        ui.send_signal(signal.SIGINT)
        ui.wait(60)
    print("\n".join(wrong) or "nothing is wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
