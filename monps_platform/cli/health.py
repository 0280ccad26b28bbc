"""`monps health` and `monps metrics`: the same sweep as Dagster's, in the terminal and for Prometheus."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from monps_platform.cli.dagster_home import prepare
from monps_platform.cli.failure import Failure
from monps_platform.db import errors
from monps_platform.db.connection.server import embedded_server, running_database
from monps_platform.db.database import Database
from monps_platform.domain.health import HealthSeverity, Sweep
from monps_platform.domain.health.exposition import CONTENT_TYPE
from monps_platform.settings import Settings, export

if TYPE_CHECKING:
    import dagster as dg

    from monps_platform.db.connection.address import DatabaseAddress
    from monps_platform.orchestration.health.exporting import Exporter
    from monps_platform.orchestration.health.sweeping import Sweeper

HOST = "127.0.0.1"
PATH = "/metrics"
out = Console(highlight=False)
_STYLES = {
    HealthSeverity.OK: "green",
    HealthSeverity.INFO: "cyan",
    HealthSeverity.WARNING: "yellow",
    HealthSeverity.CRITICAL: "bold red",
}


def show_health(settings: Settings, *, as_json: bool) -> None:
    """Sweep, keep what was found, tell it worst first; exits with 1 when something is critical."""
    from monps_platform.orchestration.health.sweeping import not_recorded, write_metrics

    _require_database(settings)
    with closing(_Lookout(settings)) as lookout:
        sweeper = lookout.sweeper()
        swept = sweeper.look(datetime.now(UTC))
        try:
            if sweeper.database is not None and swept.measured.database is not None:
                sweeper.record(swept)
        except errors.FAILURES as error:
            swept = swept.having(not_recorded(error))
    write_metrics(settings.metrics_file, swept.metrics)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(swept.sweep), indent=2) + "\n")
    else:
        _show(swept.sweep)
    if swept.sweep.is_critical:
        sys.exit(1)


def serve_metrics(settings: Settings, port: int) -> None:
    """Answer /metrics with a sweep until Ctrl-C. Raises Failure when the port is taken."""
    from monps_platform.orchestration.health.exporting import Exporter
    from monps_platform.orchestration.health.sweeping import write_metrics

    _require_database(settings)

    with closing(_Lookout(settings)) as lookout:

        def sweep() -> str:
            text = lookout.sweeper().look(datetime.now(UTC)).metrics
            lookout.rest()
            try:
                write_metrics(settings.metrics_file, text)
            except OSError as error:
                # A full disk is what the answer has to tell of.
                out.print(f"{settings.metrics_file} could not be written: {error.strerror}", soft_wrap=True)
            return text

        with _listening(port, Exporter(sweep)) as server:
            out.print(f"Metrics for Prometheus: http://{HOST}:{port}{PATH}\nCtrl-C stops it.", soft_wrap=True)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                out.print("Stopped.")


def _require_database(settings: Settings) -> None:
    if settings.uses_embedded_server and not embedded_server(settings).status().data_dir.exists():
        data = embedded_server(settings).status().data_dir
        raise Failure(f"there is no database yet: {data} does not exist. Run: monps up")


class _Lookout:
    """The database and Dagster as they are; starts nothing. What it opened is kept from one sweep to the next."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._address: DatabaseAddress | None = None
        self._database: Database | None = None
        self._observer: Database | None = None
        self._instance: dg.DagsterInstance | None = None

    def sweeper(self) -> Sweeper:
        """Whoever looks; the embedded server may have been started, stopped or moved to another port meanwhile."""
        from monps_platform.db.health import observer_of
        from monps_platform.orchestration.health.sweeping import Sweeper

        address = running_database(self._settings)
        if address != self._address:
            self.close()
            self._address = address
        if address is None:
            return Sweeper(self._settings, None, None)
        if self._database is None:
            self._database = Database.from_settings(self._settings, address)
            self._observer = observer_of(self._database)
        if self._instance is None and self._database.check_connection().ok:
            # Else Dagster would try again and again to reach its storage, which is on the same server.
            self._instance = _instance(self._settings, address)
        return Sweeper(self._settings, self._database, self._instance, self._observer)

    def rest(self) -> None:
        """Close the connections until the next sweep."""
        if self._database is not None:
            self._database.dispose()

    def close(self) -> None:
        """Close everything."""
        self.rest()
        if self._instance is not None:
            self._instance.dispose()
        self._database = self._observer = self._instance = None


def _instance(settings: Settings, address: DatabaseAddress) -> dg.DagsterInstance | None:
    """Dagster's instance as it is, None where its storage does not answer."""
    import dagster as dg
    from dagster_postgres.utils import DagsterPostgresException
    from sqlalchemy.exc import SQLAlchemyError

    export(settings.process_environment(address.host, address.port, address.user, address.password, address.sslmode))
    prepare(settings)
    try:
        return dg.DagsterInstance.from_config(str(settings.dagster_home))
    except (SQLAlchemyError, DagsterPostgresException):
        return None


def _as_json(sweep: Sweep) -> dict[str, Any]:
    return {
        "sweep_id": str(sweep.sweep_id),
        "swept_at": sweep.swept_at.isoformat(),
        "seconds": round(sweep.seconds, 3),
        "counts": {severity.value: count for severity, count in sweep.counts.items()},
        "findings": [finding.told for finding in sweep.worst_first],
    }


def _show(sweep: Sweep) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("severity", "check", "subject", "finding and remedy"):
        table.add_column(name, no_wrap=name == "severity", overflow="fold")
    for item in sweep.worst_first:
        remedy = f"\n[bold]{escape(item.remedy)}[/]" if item.remedy else ""
        style = _STYLES[item.severity]
        table.add_row(
            f"[{style}]{item.severity.value}[/]", item.check.value, escape(item.subject), escape(item.text) + remedy
        )
    out.print(table)
    counts = ", ".join(f"{count} {severity.value}" for severity, count in sweep.counts.items())
    out.print(f"{counts}; looked for {sweep.seconds:.1f} s", soft_wrap=True)


def answer(path: str, exporter: Exporter) -> tuple[int, str]:
    """Status and text for a path: the metrics, or in words why there are none."""
    if path.split("?", maxsplit=1)[0] != PATH:
        return 404, f"The metrics are at {PATH}\n"
    try:
        return 200, exporter.text()
    except errors.FAILURES as error:
        return 503, f"{error}\n"


@contextmanager
def _listening(port: int, exporter: Exporter) -> Iterator[ThreadingHTTPServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = answer(self.path, exporter)
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE if status == 200 else "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(ConnectionError):  # whoever asked did not wait
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent: a line for every scrape would hide what matters."""

    try:
        server = ThreadingHTTPServer((HOST, port), Handler)
    except OSError as error:
        raise Failure(
            f"port {port} on {HOST} is taken ({error.strerror}): choose another with --port or MONPS_METRICS_PORT"
        ) from error
    with server:
        yield server
