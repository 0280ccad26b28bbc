"""What evaluations say of checks, blocking or not, of whatever severity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import dagster as dg

from monps_platform.domain.alerts.incident import AlertKind, Sighting

_EXAMPLES = 3
_BLOCKS = (
    "What is built on this asset waits until the check passes. Open the link for the examples, mend the cause, and "
    "materialise the asset again."
)
_WARNS = (
    "Nothing waits for this check, but read the numbers with care until it passes. Open the link for what was found, "
    "mend the cause, and run the check again."
)


def evaluated(
    evaluation: dg.AssetCheckEvaluation, run_id: str, at: datetime, descriptions: Mapping[str, str], ui: str
) -> Sighting:
    """One evaluation of a check."""
    asset = evaluation.asset_key.to_user_string()
    name = f"{asset}/{evaluation.check_name}"
    blocks = bool(evaluation.blocking)
    grade = f"{evaluation.severity.value}, {'blocking' if blocks else 'not blocking'}"
    return Sighting(
        AlertKind.CHECK,
        f"check {name}",
        is_well=evaluation.passed,
        at=at,
        what=_found(evaluation, descriptions.get(name, evaluation.description or "")),
        place=f"asset {asset} ({grade}), run {run_id[:8]}",
        remedy=_BLOCKS if blocks else _WARNS,
        link=f"{ui}/assets/{asset}?view=checks&checkDetail={evaluation.check_name}",
    )


def _found(evaluation: dg.AssetCheckEvaluation, description: str) -> str:
    """What should hold, how many rows break it, and a few of them."""
    found = evaluation.metadata.get("found")
    lines = [f"This does not hold: {description}" if description else "The check failed."]
    if isinstance(found, dg.IntMetadataValue) and found.value is not None:
        lines.append(f"Found: {found.value}")
    match evaluation.metadata.get("examples"):
        case dg.TableMetadataValue(records=records):
            lines += ["; ".join(f"{name} {value}" for name, value in row.data.items()) for row in records[:_EXAMPLES]]
    match evaluation.metadata.get("differences"):
        case dg.MarkdownMetadataValue(md_str=listing) if listing:
            lines.append(listing)
    return "\n".join(lines)
