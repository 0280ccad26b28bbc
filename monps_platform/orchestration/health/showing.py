"""A sweep as Dagster shows it: counts that plot over time, a table worst first, and words."""

from __future__ import annotations

from typing import Any

import dagster as dg

from monps_platform.orchestration.health.sweeping import Swept
from monps_platform.orchestration.reporting import table

MOST_FINDINGS = 200


def metadata_of(swept: Swept) -> dict[str, Any]:
    """The metadata of a materialisation."""
    sweep = swept.sweep
    rows = [finding.told for finding in sweep.worst_first]
    return {
        **{severity.value: count for severity, count in sweep.counts.items()},
        "seconds": round(sweep.seconds, 3),
        "findings": table(rows, most=MOST_FINDINGS),
        "summary": dg.MetadataValue.md(summary(swept)),
        **_figures(swept),
    }


def summary(swept: Swept) -> str:
    """What matters, as Markdown: every finding that needs a remedy, with it."""
    counts = ", ".join(f"{count} {severity.value}" for severity, count in swept.sweep.counts.items())
    told = [
        f"- **{finding.severity.value}** {_plain(f'{finding.check.value}, {finding.subject}: {finding.text}')}. "
        f"*{_plain(finding.remedy or '')}*"
        for finding in swept.sweep.worst_first
        if finding.severity.needs_remedy
    ]
    return "\n".join([f"{counts}.", "", *(told or ["Nothing needs to be done."])])


def _plain(text: str) -> str:
    """Text in which Markdown finds nothing to do."""
    return "".join(f"\\{letter}" if letter in r"\`*_[]<>#|" else letter for letter in text)


def _figures(swept: Swept) -> dict[str, Any]:
    """Figures of the server that are worth a plot."""
    state = swept.measured.database
    if state is None:
        return {}
    return {
        "rows_of_all_tables": sum(item.rows for item in state.tables),
        "bytes_of_all_tables": sum(item.bytes for item in state.tables),
        "connections_used": state.sessions.used,
        "connection_ms": round(max(item.milliseconds for item in swept.measured.connections), 1),
    }
