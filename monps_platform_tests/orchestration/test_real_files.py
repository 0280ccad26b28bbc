"""All real files beside the checkout, fetched over HTTP and loaded by the real job, with every line accounted for."""

from __future__ import annotations

import csv
import functools
import http.server
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import dagster as dg
import pytest

from monps_platform.definitions import build_definitions
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.outcomes import SilentProgress, Status
from monps_platform.orchestration.pipelines import FOOTBALL_DATA
from monps_platform.orchestration.runner import Task, run_tasks
from monps_platform_tests.conftest import SHARED_DATA
from monps_platform_tests.orchestration.football_files import partition
from monps_platform_tests.orchestration.platform import Platform, fingerprint

FOLDER = SHARED_DATA / "football-data"
MATCHES = 33_856
ODDS = 589_289
REJECTED_QUOTES = 14

PER_FILE = """
    SELECT f.key, f.bytes, f.rows_read, f.rows_loaded, f.rows_rejected,
        (SELECT count(*) FROM matches m JOIN leagues l ON l.id = m.league_id
            WHERE l.code = f.league AND m.season = f.season),
        (SELECT count(*) FROM ops.rejected_rows r WHERE r.raw_file_id = f.id AND r.dataset = 'matches'),
        f.quotes_read, f.quotes_loaded, f.quotes_rejected,
        (SELECT count(*) FROM odds o JOIN matches m ON m.id = o.match_id JOIN leagues l ON l.id = m.league_id
            WHERE l.code = f.league AND m.season = f.season),
        (SELECT count(*) FROM ops.rejected_rows r WHERE r.raw_file_id = f.id AND r.dataset = 'odds')
    FROM ops.raw_files f ORDER BY f.key"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def real_mirror() -> Iterator[str]:
    """The address of a plain file server over the real files."""
    handler = functools.partial(_Quiet, directory=str(FOLDER))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Lines:
    """Physical lines of a file, counted without the parser."""

    all: int
    blank: int
    data: int


def count_lines(path: Path) -> Lines:
    """One header, and of the other lines those with anything but separators and those without."""
    lines = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if not lines[-1]:
        lines.pop()
    blank = sum(not line.strip(b", \t") for line in lines[1:])
    return Lines(len(lines), blank, len(lines) - 1 - blank)


def partition_of(path: Path) -> Partition:
    """The partition of a file by its path, such as mmz4281/0304/E0.csv."""
    return partition(path.stem, Season(2000 + int(path.parent.name[:2])))


# Not a check of what is installed: where the folder beside the checkout exists, the files must be there.
@pytest.mark.skipif(not SHARED_DATA.exists(), reason="there are no real files beside this checkout")
def test_every_line_of_every_real_file_is_loaded_or_rejected_and_a_second_run_changes_nothing(
    environment: Platform, instance: dg.DagsterInstance, real_mirror: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONPS_FOOTBALL_DATA_URL", real_mirror)
    paths = sorted((FOLDER / "mmz4281").glob("*/*.csv"))
    assert len(paths) == 95
    partitions = [partition_of(path) for path in paths]

    report = run_tasks(build_definitions, instance, [Task(FOOTBALL_DATA, partitions)], SilentProgress())

    assert (report.failures, report.errors) == ([], [])
    assert [check.name for check in report.checks.values() if check.blocks and not check.passed] == []
    assert sum(check.blocks for check in report.checks.values()) >= 20
    assert report.ok
    assert len(report.run_ids) == 1
    assert {step: len(report.outcomes[step]) for step in FOOTBALL_DATA.steps} == dict.fromkeys(FOOTBALL_DATA.steps, 95)
    assert report.changed == MATCHES + ODDS

    files = {row[0]: row[1:] for row in environment.rows(PER_FILE)}
    assert len(files) == 95
    for path in paths:
        size, read, loaded, rejected, held, kept, *quotes = files[str(path.relative_to(FOLDER))]
        lines = count_lines(path)
        assert size == path.stat().st_size, path
        assert lines.all == 1 + lines.blank + held + kept, path
        assert (read, loaded, rejected) == (lines.data, held, kept), path
        quotes_read, quotes_loaded, quotes_rejected, odds_held, odds_kept = quotes
        assert quotes_read == odds_held + odds_kept, path
        assert (quotes_loaded, quotes_rejected) == (odds_held, odds_kept), path
    totals = "SELECT (SELECT count(*) FROM matches), (SELECT count(*) FROM odds)"
    assert environment.rows(totals) == [(MATCHES, ODDS)]
    assert environment.rows("SELECT dataset::text, count(*) FROM ops.rejected_rows GROUP BY 1") == [
        ("odds", REJECTED_QUOTES)
    ]
    assert _prices_in(FOLDER / "mmz4281/1920/E0.csv") == _prices_held(environment)

    before = fingerprint(environment.engine)
    again = run_tasks(build_definitions, instance, [Task(FOOTBALL_DATA, partitions)], SilentProgress())
    assert again.ok
    assert again.changed == 0
    assert {outcome.status for step in FOOTBALL_DATA.steps for outcome in again.outcomes[step]} == {Status.UNCHANGED}
    assert fingerprint(environment.engine) == before


def _prices_in(path: Path) -> dict[tuple[str, str], tuple[Decimal, ...]]:
    """Pinnacle's closing prices of a file, read without the parser."""
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    return {
        (row["HomeTeam"], row["AwayTeam"]): tuple(Decimal(row[name]) for name in ("PSCH", "PSCD", "PSCA"))
        for row in rows
    }


def _prices_held(platform: Platform) -> dict[tuple[str, str], tuple[Decimal, ...]]:
    rows = platform.rows("""SELECT h.name, a.name, o.home_price, o.draw_price, o.away_price FROM odds o
        JOIN matches m ON m.id = o.match_id JOIN leagues l ON l.id = m.league_id
        JOIN teams h ON h.id = m.home_team_id JOIN teams a ON a.id = m.away_team_id
        JOIN bookmakers b ON b.id = o.bookmaker_id
        WHERE l.code = 'E0' AND m.season = '2019-20' AND b.key = 'PS' AND o.market = '1x2'
            AND o.price_kind = 'closing'""")
    return {(home, away): tuple(prices) for home, away, *prices in rows}
