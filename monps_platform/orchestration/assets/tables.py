"""What all assets share: a table behind each, mostly partitions of leagues and seasons, an owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import dagster as dg

from monps_platform.db.models import Base
from monps_platform.orchestration.automation import condition_of
from monps_platform.orchestration.documentation import link
from monps_platform.orchestration.freshness import freshness_policy
from monps_platform.orchestration.partitions import LEAGUE_SEASONS
from monps_platform.orchestration.reporting import column_schema, table_name

OWNERS = ["team:data-platform"]
POOL = "postgres"


def table_asset(
    model: type[Base],
    *,
    group: str,
    kinds: set[str],
    code_version: str,
    deps: Sequence[dg.AssetsDefinition] = (),
    links: Mapping[str, str] | None = None,
    by_league_season: bool = True,
) -> Callable[[Callable[..., dg.MaterializeResult[None]]], dg.AssetsDefinition]:
    """An asset of one table, partitioned by league and season unless ``by_league_season`` is false; ``links`` are
    titles and addresses shown with it; an address may be a page of docs/.

    One run takes any block of partitions: a run costs seconds of its own, a partition milliseconds.
    """

    def decorate(function: Callable[..., dg.MaterializeResult[None]]) -> dg.AssetsDefinition:
        made = dg.asset(
            deps=deps,
            partitions_def=LEAGUE_SEASONS if by_league_season else None,
            backfill_policy=dg.BackfillPolicy.single_run() if by_league_season else None,
            group_name=group,
            kinds=kinds,
            owners=OWNERS,
            pool=POOL,
            code_version=code_version,
            freshness_policy=freshness_policy(function.__name__),
            automation_condition=condition_of(function.__name__),
            metadata={
                "dagster/column_schema": column_schema(model),
                "dagster/table_name": table_name(model),
                **{title: link(address) for title, address in (links or {}).items()},
            },
        )
        return made(function)

    return decorate
