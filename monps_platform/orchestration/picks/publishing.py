"""What a run tells of picks: what was imported, the track records with their pictures, and the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.track_record.figures import DIMENSIONS
from monps_platform.orchestration.picks.importing import ImportReport
from monps_platform.orchestration.picks.report import fingerprint, metadata, page, report_parts
from monps_platform.orchestration.reporting import table


def publish(units: Callable[[], UnitOfWork], imported: Sequence[ImportReport], file: Path) -> dict[str, Any]:
    """Metadata of the run; the page is written again where it shows other picks than there are."""
    with units() as unit:
        picks = unit.picks.tracked()
    state = fingerprint(picks)
    is_stale = not (file.is_file() and state in file.read_text(encoding="utf-8", errors="replace"))
    parts = report_parts(picks, DIMENSIONS if is_stale else ())
    if is_stale:
        write_page(file, page(parts, datetime.now(UTC), state=state))
    told = {"page": dg.MetadataValue.path(file), **metadata(parts)}
    return {**told, "imported_files": table([_row(report) for report in imported])} if imported else told


def write_page(file: Path, text: str) -> None:
    """Write a page in one step: somebody may be reading it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def _row(report: ImportReport) -> dict[str, Any]:
    first = report.rejections[0] if report.rejections else None
    wrong = report.error or (f"line {first.line_number}: {first.detail}" if first else None)
    return {
        "file": report.name,
        "imported": report.is_imported,
        "lines": report.lines_read,
        "new": report.new,
        "held": report.held,
        "rejected": len(report.rejections),
        "first_wrong": wrong,
    }
