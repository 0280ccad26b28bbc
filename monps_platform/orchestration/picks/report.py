"""The report on picks: as metadata of the asset, and as a page that stands by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.track_record.figures import DIMENSIONS, AgentRecord, records
from monps_platform.domain.track_record.table import PickTable, TrackedPick
from monps_platform.domain.track_record.text import (
    CAME_TO,
    NOTES,
    NOTHING,
    TITLES,
    WORTH,
    agents_grid,
    breakdown_grid,
    conclusions,
    coverage_by_season_grid,
    coverage_grid,
    relation_grid,
)
from monps_platform.orchestration.pictures.canvas import data_url, embedded
from monps_platform.orchestration.pictures.track_record import (
    MOST_AGENTS,
    clv_picture,
    profit_picture,
    relation_picture,
)

TITLE = "Picks and what they were worth"
REPORT_VERSION = "report-1"
"""Of the code that makes figures, sentences and pictures of picks; another one writes the page anew."""
_TEMPLATE = "report.html.j2"
_DECIMALS = 4


@dataclass(frozen=True)
class Picture:
    """A picture with its name, and how to read it."""

    name: str
    title: str
    caption: str
    draw: Callable[[PickTable, Sequence[AgentRecord]], bytes | None]


PICTURES = (
    Picture(
        "profit",
        "Cumulative profit",
        "Units won and lost, by the day of the match.",
        lambda table, _: profit_picture(table),
    ),
    Picture(
        "clv_distribution",
        "No-vig CLV",
        "How the picks' value at the close is distributed; the outermost bars hold all that lies beyond.",
        lambda table, _: clv_picture(table),
    ),
    Picture(
        "clv_and_return",
        "CLV and return",
        "Return on stake by fifths of the picks' no-vig CLV, with 95 % intervals. Dashed: what it would be, were the "
        "close right.",
        lambda _, found: relation_picture(found),
    ),
)


@dataclass(frozen=True)
class ReportPart:
    """The records of real leagues, or those of simulated ones."""

    is_simulated: bool
    table: PickTable
    records: Sequence[AgentRecord]

    @property
    def prefix(self) -> str:
        """Of the names under which it is shown."""
        return "simulated_" if self.is_simulated else ""

    @cached_property
    def pictures(self) -> Mapping[Picture, bytes]:
        """Those that there is anything to draw for."""
        drawn = {picture: picture.draw(self.table, self.records) for picture in PICTURES}
        return {picture: png for picture, png in drawn.items() if png is not None}


def report_parts(picks: Sequence[TrackedPick], dimensions: tuple[str, ...] = DIMENSIONS) -> list[ReportPart]:
    """Real and simulated leagues apart; what has no picks is left out."""
    table = PickTable.of(picks)
    tables = {simulated: table.of_leagues(simulated=simulated) for simulated in (False, True)}
    return [ReportPart(simulated, own, records(own, dimensions)) for simulated, own in tables.items() if len(own)]


def metadata(parts: Sequence[ReportPart]) -> dict[str, Any]:
    """For the asset: sentences, a table, pictures, and numbers that plot over time."""
    if not parts:
        return {"track_record": dg.MetadataValue.text(NOTHING)}
    shown: dict[str, Any] = {}
    for part in parts:
        said = "\n".join(f"- {sentence}" for sentence in conclusions(part.records))
        table = markdown_table(agents_grid(part.records))
        shown[f"{part.prefix}track_record"] = dg.MetadataValue.md(f"{said}\n\n{table}\n\n{NOTES[0]}")
        coverage = markdown_table(coverage_by_season_grid(part.table))
        shown[f"{part.prefix}closing_coverage"] = dg.MetadataValue.md(coverage)
        for picture, png in part.pictures.items():
            shown[f"{part.prefix}{picture.name}"] = embedded(png, picture.title)
        for record in sorted(part.records, key=lambda record: -record.overall.picks)[:MOST_AGENTS]:
            shown |= {f"{part.prefix}{name}_{record.agent}": value for name, value in _numbers(record).items()}
    return shown


def _numbers(record: AgentRecord) -> Mapping[str, int | float]:
    overall = record.overall
    rates = {"clv": overall.clv, "clv_no_vig": overall.clv_no_vig, "roi": overall.roi, "coverage": overall.coverage}
    known = {name: round(rate.value, _DECIMALS) for name, rate in rates.items() if rate.value is not None}
    return {"picks": overall.picks, "profit": round(overall.profit, _DECIMALS), **known}


def fingerprint(picks: Sequence[TrackedPick]) -> str:
    """SHA-256 of all that a page shows: the picks, and how they are shown."""
    told = hashlib.sha256(REPORT_VERSION.encode() + (Path(__file__).parent / _TEMPLATE).read_bytes())
    for pick in sorted(picks, key=lambda pick: pick.pick_id):
        told.update(repr(pick).encode())
    return told.hexdigest()


def page(parts: Sequence[ReportPart], as_of: datetime, scope: str = "", state: str = "") -> str:
    """A page of HTML that holds its pictures and needs nothing else; ``scope`` says which picks were chosen, ``state``
    is kept in it for who asks later whether they are still the same.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(_TEMPLATE).render(
        title=TITLE,
        as_of=f"{as_of:%Y-%m-%d %H:%M} UTC",
        scope=scope,
        state=state,
        notes=NOTES,
        nothing=NOTHING,
        parts=[_part(part) for part in parts],
    )


def _part(part: ReportPart) -> dict[str, Any]:
    return {
        "title": "Simulated leagues" if part.is_simulated else "All agents",
        "is_simulated": part.is_simulated,
        "conclusions": conclusions(part.records),
        "agents": [agents_grid(part.records, WORTH), agents_grid(part.records, CAME_TO)],
        "pictures": [
            {"title": picture.title, "caption": picture.caption, "url": data_url(png)}
            for picture, png in part.pictures.items()
        ],
        "details": [
            *({"name": record.agent, "sections": _sections(record)} for record in part.records),
            {"name": "Closing prices by league and season", "sections": [_coverage(part)]},
        ],
    }


def _coverage(part: ReportPart) -> dict[str, str | Grid]:
    return {"title": "All agents", "grid": coverage_by_season_grid(part.table)}


def _sections(record: AgentRecord) -> list[dict[str, str | Grid]]:
    grids = {"Closing prices": coverage_grid(record)}
    if record.relation is not None:
        grids["CLV and return"] = relation_grid(record.relation)
    grids |= {TITLES[name]: breakdown_grid(record, name) for name in record.by}
    return [{"title": title, "grid": grid} for title, grid in grids.items()]
