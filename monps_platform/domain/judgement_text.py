"""Judgements in words: sentences that a person reads, and tables in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.intervals import Rate
from monps_platform.domain.judgement import (
    FIRST_JUDGED_SEASON,
    VERSIONS,
    Difference,
    Judgement,
    Judgements,
    Score,
    Verdict,
)
from monps_platform.domain.scoring_rules import Bin

NAMES = MappingProxyType(
    {
        ForecastModel.DIXON_COLES: "goal model",
        ForecastModel.MARKET_CLOSING: "closing market",
        ForecastModel.MARKET_PRE_MATCH: "pre-match market",
        ForecastModel.BASE_RATE: "base rate",
    }
)
"""What the models are called."""
NOTES = (
    "In brackets: 95 % intervals. The market: its closing prices, or where there are none its prices before the match."
    f"\n\n\\* before {FIRST_JUDGED_SEASON}: the seasons on which hyperparameters were chosen, and those that they need "
    "before them. No pooled figure counts them."
)
"""What a reader of the tables should know."""
NOTHING = (
    "No played match has a forecast yet. Seasons need 100 earlier matches of their league, or prices, to be forecast."
)
_MISSING = "-"
_DIGITS = 4


def conclusion(judgements: Judgements) -> str:
    """Who is better, the goal model or the market, on all matches that count, and by how much."""
    overall = judgements.overall
    if overall is None:
        return (
            f"No match from {FIRST_JUDGED_SEASON} on can be judged: earlier seasons served to choose hyperparameters."
        )
    model = overall.scores.get(ForecastModel.DIXON_COLES)
    if model is None:
        return f"On {overall.n:,} matches there is no forecast of the {NAMES[ForecastModel.DIXON_COLES]} to be judged."
    if overall.benchmark is None or model.rps_difference is None:
        return (
            f"On {overall.n:,} matches the {NAMES[model.model]} has an RPS of {with_interval(model.rps)}; there are no "
            "prices to compare it with."
        )
    return _comparison(overall, model, overall.scores[overall.benchmark], model.rps_difference)


def comparisons(judgements: Judgements) -> list[str]:
    """A sentence for every model, against the market."""
    overall = judgements.overall
    if overall is None or overall.benchmark is None:
        return [conclusion(judgements)]
    market = overall.scores[overall.benchmark]
    return [
        _comparison(overall, score, market, score.rps_difference)
        for score in overall.scores.values()
        if score.rps_difference is not None
    ]


def markdown(judgements: Judgements, *, simulated: bool = False) -> str:
    """All of it: sentences, then tables over all, by league, by season, league by season, and of calibration."""
    of_what = " of simulated leagues (no real football)" if simulated else ""
    parts = ["\n".join(f"- {sentence}" for sentence in comparisons(judgements))]
    if judgements.overall is not None:
        parts += [
            f"### All matches{of_what}, {span(judgements.overall)}",
            models_table([judgements.overall], span),
            f"### By league{of_what}, {span(judgements.overall)}",
            models_table(judgements.leagues, _leagues),
            f"### By season{of_what}",
            models_table(judgements.seasons, span),
        ]
    every = models_table(judgements.league_seasons, league_season)
    parts += [
        f"### League by season{of_what}",
        seasons_table(judgements.league_seasons),
        NOTES,
        f"<details><summary>All scores, with intervals</summary>\n\n{every}\n\n</details>",
    ]
    if judgements.unjudged:
        parts.append(unjudged(judgements))
    if judgements.calibration:
        parts += [f"### Calibration{of_what}", calibration_table(judgements)]
    return "\n\n".join(parts)


def models_table(judgements: Sequence[Judgement], label: Callable[[Judgement], str]) -> str:
    """A row per judgement and model: scores with intervals, and the differences to the market."""
    header = (
        *("", "matches", "forecast", "RPS", "log loss", "Brier", "calibration error"),
        *("RPS less market's", "log loss less market's"),
    )
    rows = [
        (
            *((label(item), f"{item.n:,} of {item.played:,}") if at == 0 else ("", "")),
            NAMES[score.model],
            *map(with_interval, (score.rps, score.log_loss, score.brier)),
            _rounded(score.calibration_error),
            *map(_told, (score.rps_difference, score.log_loss_difference)),
        )
        for item in judgements
        for at, score in enumerate(item.scores.values())
    ]
    return markdown_table(Grid(header, rows))


def seasons_table(judgements: Sequence[Judgement]) -> str:
    """A row per league and season: the RPS of all models, and the goal model's difference to the market."""
    header = ("", "matches", *(f"RPS {NAMES[model]}" for model in VERSIONS), "goal model less market")
    rows = [
        (
            league_season(item),
            f"{item.n:,} of {item.played:,}",
            *(number(item.scores[model].rps) if model in item.scores else _MISSING for model in VERSIONS),
            _told(goal_difference(item)),
        )
        for item in judgements
    ]
    return markdown_table(Grid(header, rows))


def calibration_table(judgements: Judgements) -> str:
    """A row per bin of forecasts: how often what the goal model, and the market, expected came true."""
    models = compared(judgements)
    header = ["forecasts", *(f"{NAMES[model]}: {what}" for model in models for what in ("mean", "came true", "n"))]
    by_low: dict[float, dict[ForecastModel, Bin]] = {}
    for model in models:
        for item in judgements.calibration[model]:
            by_low.setdefault(item.low, {})[model] = item
    rows = [
        (f"{low:.1f} to {low + 0.1:.1f}", *(cell for model in models for cell in _bin_cells(by_low[low].get(model))))
        for low in sorted(by_low)
    ]
    return markdown_table(Grid(header, rows))


def unjudged(judgements: Judgements) -> str:
    """Which league-seasons have no match that can be judged."""
    named = ", ".join(f"{code} {season}" for code, season in judgements.unjudged)
    return f"Not judged, because no played match has a forecast of every model there: {named}."


def compared(judgements: Judgements) -> list[ForecastModel]:
    """The goal model and the market, as far as their calibration is known."""
    benchmark = judgements.overall.benchmark if judgements.overall else None
    return [model for model in (ForecastModel.DIXON_COLES, benchmark) if model in judgements.calibration and model]


def goal_difference(judgement: Judgement) -> Difference | None:
    """The goal model's RPS less the market's; None where one of them is missing."""
    score = judgement.scores.get(ForecastModel.DIXON_COLES)
    return score.rps_difference if score else None


def league_season(judgement: Judgement) -> str:
    """Such as ``E0 2019-20``, with a star where hyperparameters were chosen."""
    return f"{_leagues(judgement)} {span(judgement)}{' *' if judgement.is_tuned_on else ''}"


def span(judgement: Judgement) -> str:
    """Its season, or the first and the last."""
    first, last = judgement.seasons[0], judgement.seasons[-1]
    return first.name if first == last else f"{first} to {last}"


def number(rate: Rate) -> str:
    """A mean with four digits."""
    return _MISSING if rate.value is None else _rounded(rate.value)


def with_interval(rate: Rate, signed: str = "") -> str:
    """A mean and its interval; ``signed`` is ``+`` for a difference."""
    if rate.value is None:
        return _MISSING
    mean = _rounded(rate.value, signed)
    return mean if rate.low is None or rate.high is None else f"{mean} ({_rounded(rate.low)} to {_rounded(rate.high)})"


def _rounded(value: float, signed: str = "") -> str:
    """Four digits, and no minus before what is rounded to 0."""
    return f"{round(value, _DIGITS) + 0.0:{signed}.{_DIGITS}f}"


def _comparison(overall: Judgement, score: Score, market: Score, difference: Difference) -> str:
    model, other, mean = NAMES[score.model], NAMES[market.model], difference.mean
    if difference.verdict is Verdict.NOT_SHOWN:
        return (
            f"On {overall.n:,} matches no difference between the {model} and the {other} is shown: RPS "
            f"{number(score.rps)} against {number(market.rps)}, difference {with_interval(mean, '+')}."
        )
    if difference.verdict is Verdict.WORSE:
        return (
            f"On {overall.n:,} matches the {other} is better than the {model}: RPS {number(market.rps)} against "
            f"{number(score.rps)}, difference {with_interval(mean)}."
        )
    return (
        f"On {overall.n:,} matches the {model} is better than the {other}: RPS {number(score.rps)} against "
        f"{number(market.rps)}, difference {with_interval(_turned(mean))}."
    )


def _turned(mean: Rate) -> Rate:
    value, low, high = (None if end is None else -end for end in (mean.value, mean.high, mean.low))
    return Rate(value, low, high, mean.n, mean.clusters)


def _told(difference: Difference | None) -> str:
    if difference is None:
        return _MISSING
    return f"{with_interval(difference.mean, '+')}: {difference.verdict}"


def _bin_cells(item: Bin | None) -> tuple[str, str, str]:
    if item is None:
        return _MISSING, _MISSING, "0"
    return _rounded(item.forecast), with_interval(item.happened), f"{item.n:,}"


def _leagues(judgement: Judgement) -> str:
    return ", ".join(judgement.leagues)
