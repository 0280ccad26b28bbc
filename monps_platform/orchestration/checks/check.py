"""A check, and how the checks of an asset are made one step of a run.

Dagster spends more on a step than most checks take, and there are more than a hundred: those of an asset share one.
Each keeps its own result, and can be run alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from monps_platform.db import errors
from monps_platform.orchestration.resources import DatabaseResource, RawStoreResource

FAILURES = (*errors.FAILURES, OSError, ValueError)
"""What a check may break at: the database, a file, a value that cannot be."""


class BrokenCheckError(Exception):
    """A check that came to no result, and why."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(f"the check {name} came to no result: {type(error).__name__}: {error}")


@dataclass(frozen=True)
class Verdict:
    """Whether a check passes, what it shows, and how grave it is; None: an error if the check blocks, or a warning."""

    passed: bool
    shown: Mapping[str, Any]
    severity: dg.AssetCheckSeverity | None = None


@dataclass(frozen=True)
class Check:
    """Something that must hold for an asset; one that ``blocks`` keeps what builds on the asset from running."""

    asset: str
    name: str
    description: str
    blocks: bool
    judge: Callable[[DatabaseResource, RawStoreResource], Verdict]

    @property
    def spec(self) -> dg.AssetCheckSpec:
        """The check as Dagster knows it."""
        return dg.AssetCheckSpec(self.name, asset=self.asset, description=self.description, blocking=self.blocks)

    def result(self, database: DatabaseResource, raw_store: RawStoreResource) -> dg.AssetCheckResult:
        """What the check says now."""
        verdict = self.judge(database, raw_store)
        usual = dg.AssetCheckSeverity.ERROR if self.blocks else dg.AssetCheckSeverity.WARN
        return dg.AssetCheckResult(
            asset_key=self.asset,
            check_name=self.name,
            passed=verdict.passed,
            severity=verdict.severity or usual,
            metadata=verdict.shown,
        )


def as_steps(checks: Iterable[Check]) -> list[dg.AssetChecksDefinition]:
    """One step for each asset, which runs those of its checks that are asked for, in their order."""
    of_assets: dict[str, list[Check]] = {}
    for check in checks:
        of_assets.setdefault(check.asset, []).append(check)
    return [_step(asset, own) for asset, own in of_assets.items()]


def _step(asset: str, checks: Sequence[Check]) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=f"{asset}_checks",
        specs=[check.spec for check in checks],
        can_subset=True,
        description=f"Counts, values, freshness and schema of {asset}.",
    )
    def step(
        context: dg.AssetCheckExecutionContext, database: DatabaseResource, raw_store: RawStoreResource
    ) -> Iterator[dg.AssetCheckResult]:
        asked = context.selected_asset_check_keys
        broken: list[BrokenCheckError] = []
        for check in checks:
            if check.spec.key in asked:
                try:
                    yield check.result(database, raw_store)
                except FAILURES as error:
                    broken.append(BrokenCheckError(check.name, error))
        if broken:
            # The others have their results by now.
            raise broken[0]

    return step
