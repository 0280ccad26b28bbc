"""Samples as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from monps_platform.domain.health.metrics import FAMILIES, Family, Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_IN_LABEL = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_IN_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})


def exposition(samples: Iterable[Sample], families: Mapping[str, Family] = FAMILIES) -> str:
    """The text: each family once with all its samples, in the order of the families; those without any are left out."""
    by_family: dict[str, list[Sample]] = {}
    for sample in samples:
        by_family.setdefault(sample.family, []).append(sample)
    return "".join(_family(family, by_family[name]) for name, family in families.items() if name in by_family)


def _family(family: Family, samples: Iterable[Sample]) -> str:
    lines = "".join(f"{_series(sample)} {_number(sample.value)}\n" for sample in samples)
    return f"# HELP {family.name} {family.help.translate(_IN_HELP)}\n# TYPE {family.name} {family.kind.value}\n{lines}"


def _series(sample: Sample) -> str:
    pairs = ",".join(f'{name}="{value.translate(_IN_LABEL)}"' for name, value in sample.labels.items())
    return f"{sample.family}{{{pairs}}}" if pairs else sample.family


def _number(value: float) -> str:
    """Whole numbers without a point, others with every digit."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
