"""Links from what Dagster shows to the pages of docs/."""

from __future__ import annotations

import dagster as dg

DOCS = "docs"
"""The key under which assets, jobs and sensors name their page."""


def page(name: str) -> dict[str, dg.TextMetadataValue]:
    """Metadata that names a page of the repository, such as ``docs/picks.md``: it is there wherever the code is."""
    return {DOCS: dg.MetadataValue.text(f"docs/{name}.md")}


def link(address: str) -> dg.MetadataValue[str | None]:
    """An address of the web, or a page of the repository."""
    return dg.MetadataValue.text(address) if address.startswith("docs/") else dg.MetadataValue.url(address)
