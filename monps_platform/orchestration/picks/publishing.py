"""What a run tells of picks: what was imported, the track records with their pictures, and the page."""

from __future__ import annotations

import json
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
    """Metadata of the run. Figures, pictures and the page are made anew where they are of other picks than there are;
    what a run told is kept beside the page for the next one.
    """
    with units() as unit:
        picks = unit.picks.tracked()
    state = fingerprint(picks)
    kept = file.with_suffix(".json")
    shown = _kept(kept, state) if _is_of(file, state) else None
    if shown is None:
        parts = report_parts(picks, DIMENSIONS)
        shown = metadata(parts)
        write_page(kept, json.dumps({"state": state, "shown": {name: _plain(value) for name, value in shown.items()}}))
        write_page(file, page(parts, datetime.now(UTC), state=state))
    told = {"page": dg.MetadataValue.path(file), **shown}
    return {**told, "imported_files": table([_row(report) for report in imported])} if imported else told


def _is_of(file: Path, state: str) -> bool:
    """Whether a page shows the picks of a fingerprint."""
    return file.is_file() and state in file.read_text(encoding="utf-8", errors="replace")


def _kept(file: Path, state: str) -> dict[str, Any] | None:
    """What was told of the picks of a fingerprint; None where that is not known any more."""
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(held, dict) or held.get("state") != state:
        return None
    return {name: _told(value) for name, value in held["shown"].items()}


def _plain(value: object) -> object:
    match value:
        case dg.MarkdownMetadataValue():
            return {"md": value.md_str}
        case dg.TextMetadataValue():
            return {"text": value.text}
    return value


def _told(value: Any) -> Any:
    match value:
        case {"md": text}:
            return dg.MetadataValue.md(text)
        case {"text": text}:
            return dg.MetadataValue.text(text)
    return value


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
