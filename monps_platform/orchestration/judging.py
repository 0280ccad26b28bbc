"""How good the forecasts were, as the asset and its check show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.judgement import ForecastTable, Judgement, Judgements, judge
from monps_platform.domain.judgement_text import (
    NAMES,
    NOTES,
    NOTHING,
    compared,
    conclusion,
    league_season,
    models_table,
    span,
    unjudged,
)
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.pictures.calibration import calibration_picture
from monps_platform.orchestration.pictures.canvas import embedded


def figures(unit: UnitOfWork, partitions: Sequence[Partition]) -> dict[str, Any]:
    """How good the forecasts of some partitions were: a sentence, and mean scores as numbers, which plot over time.

    Dagster copies what a run says to each of its partitions, so that this is kept small.
    """
    found = _judgements(unit.forecasts.judged(partitions))
    if not found:
        return {"judgement": dg.MetadataValue.text(NOTHING)}
    return {
        f"{prefix}{name}": value
        for prefix, judgements in found.items()
        for name, value in {"judgement": _sentence(judgements), **_means(judgements.overall)}.items()
    }


def tables_and_picture(unit: UnitOfWork) -> tuple[float | None, dict[str, Any]]:
    """The goal model's calibration error on all matches of real leagues (of simulated ones where there are no others),
    None without any; and how good all held forecasts were: tables of scores and a picture of the calibration.
    """
    found = _judgements(unit.forecasts.judged())
    shown = {
        f"{prefix}{name}": value for prefix, judgements in found.items() for name, value in _tables(judgements).items()
    }
    overalls = [judgements.overall for judgements in found.values() if judgements.overall is not None]
    errors = [
        overall.scores[ForecastModel.DIXON_COLES].calibration_error
        for overall in overalls
        if ForecastModel.DIXON_COLES in overall.scores
    ]
    return errors[0] if errors else None, shown


def _judgements(table: ForecastTable) -> dict[str, Judgements]:
    """Real and simulated leagues apart, by the prefix under which they are shown; those without forecasts left out."""
    parts = {"": table.of_leagues(simulated=False), "simulated_": table.of_leagues(simulated=True)}
    return {prefix: judge(rows) for prefix, rows in parts.items() if len(rows)}


def picture(judgements: Judgements) -> bytes | None:
    """The calibration of the goal model and of the market over all matches that count, as a PNG; None without any."""
    models = compared(judgements)
    if judgements.overall is None or not models:
        return None
    title = f"Calibration on {judgements.overall.n:,} matches, {span(judgements.overall)}"
    return calibration_picture([(NAMES[model], judgements.calibration[model]) for model in models], title)


def _tables(judgements: Judgements) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "judgement": _sentence(judgements),
        "by_league_and_season": dg.MetadataValue.md(
            f"{models_table(judgements.league_seasons, league_season)}\n\n{NOTES}"
        ),
    }
    if judgements.overall is not None:
        shown["over_all"] = dg.MetadataValue.md(models_table([judgements.overall], span))
    if (drawn := picture(judgements)) is not None:
        shown["calibration"] = embedded(drawn, "forecasts against what came true")
    return shown


def _sentence(judgements: Judgements) -> dg.MarkdownMetadataValue:
    parts = [conclusion(judgements), *([unjudged(judgements)] if judgements.unjudged else [])]
    return dg.MetadataValue.md("\n\n".join(parts))


def _means(overall: Judgement | None) -> dict[str, int | float]:
    """Mean scores by name and model, such as ``rps_dixon_coles``, over the matches that count; those without are left
    out.
    """
    if overall is None:
        return {}
    means = {
        f"{name}_{score.model}": rate.value
        for score in overall.scores.values()
        for name, rate in (("rps", score.rps), ("log_loss", score.log_loss), ("brier", score.brier))
    }
    return {"judged_matches": overall.n, **{name: value for name, value in means.items() if value is not None}}
