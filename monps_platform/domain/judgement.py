"""How good forecasts were: scores of each model on the same matches, beside the market's, with intervals.

Intervals are percentiles of a bootstrap over matches, stratified by league and season (Davison & Hinkley 1997,
"Bootstrap Methods and their Application", section 3.2); models share the draws, so that differences are paired.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.goal_model.dixon_coles import MODEL_VERSION
from monps_platform.domain.goal_model.forecasts import BASE_RATE_VERSION
from monps_platform.domain.intervals import RESAMPLES, Rate, percentile_interval, resampled_sums
from monps_platform.domain.leagues import LEAGUES, league
from monps_platform.domain.market_forecasts import MARKET_VERSION
from monps_platform.domain.scoring_rules import Bin, brier, log_loss, ranked_probability_score
from monps_platform.domain.seasons import Season

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST_JUDGED_SEASON = Season(2012)
"""No pooled figure counts earlier ones: the goal model's hyperparameters were chosen on 2005-06 to 2011-12."""
SEED = 1
"""The seed of everything that is shown, so that the command, the metadata and the documentation agree."""
VERSIONS: Mapping[ForecastModel, str] = MappingProxyType(
    {
        ForecastModel.DIXON_COLES: MODEL_VERSION,
        ForecastModel.MARKET_CLOSING: MARKET_VERSION,
        ForecastModel.MARKET_PRE_MATCH: MARKET_VERSION,
        ForecastModel.BASE_RATE: BASE_RATE_VERSION,
    }
)
"""The version of each model that is judged, in the order in which the models are shown."""
BENCHMARKS = (ForecastModel.MARKET_CLOSING, ForecastModel.MARKET_PRE_MATCH)
"""What the others are compared with: the first of these that there is."""

_METRICS = (ranked_probability_score, log_loss, brier)
_RPS, _LOG_LOSS, _BRIER = range(len(_METRICS))
_BINS = 10
_DIGITS = 9
_FEW_RESAMPLES = 500


class Verdict(StrEnum):
    """What an interval of a difference in scores says about a model; lower scores are better."""

    BETTER = "better"
    WORSE = "worse"
    NOT_SHOWN = "no difference shown"


@dataclass(frozen=True, eq=False)
class ForecastTable:
    """Forecasts of n played matches.

    ``match_id``, ``league`` (codes), ``season`` (start years) and ``outcome`` (0 home win, 1 draw, 2 away win) have
    shape (n,); ``probabilities`` of the three outcomes (n, 3) by model, rows of NaN where it has none.
    """

    match_id: Ints
    league: NDArray[np.str_]
    season: Ints
    outcome: Ints
    probabilities: Mapping[ForecastModel, Floats]

    def __len__(self) -> int:
        return len(self.match_id)

    def of_leagues(self, *, simulated: bool) -> ForecastTable:
        """The matches of simulated leagues, or those of real ones."""
        codes = [code for code in np.unique(self.league).tolist() if league(code).is_simulated is simulated]
        return self.where(np.flatnonzero(np.isin(self.league, codes)))

    def where(self, chosen: Ints) -> ForecastTable:
        """The matches at some positions (m,)."""
        return ForecastTable(
            self.match_id[chosen],
            self.league[chosen],
            self.season[chosen],
            self.outcome[chosen],
            {model: rows[chosen] for model, rows in self.probabilities.items()},
        )


@dataclass(frozen=True)
class Difference:
    """A model's mean score less that of the benchmark on the same matches; above 0 the model is worse."""

    mean: Rate

    @property
    def verdict(self) -> Verdict:
        """Better or worse where the interval leaves 0 out."""
        if self.mean.low is None or self.mean.high is None or self.mean.low <= 0 <= self.mean.high:
            return Verdict.NOT_SHOWN
        return Verdict.WORSE if self.mean.low > 0 else Verdict.BETTER


@dataclass(frozen=True)
class Score:
    """Mean scores of a model over the matches of a judgement, and what they are less the benchmark's.

    ``calibration_error``: mean distance of forecast and share that came true, over ten bins of the forecasts of all
    three outcomes. The differences are None for the benchmark itself, and without one.
    """

    model: ForecastModel
    rps: Rate
    log_loss: Rate
    brier: Rate
    calibration_error: float
    rps_difference: Difference | None
    log_loss_difference: Difference | None


@dataclass(frozen=True)
class Judgement:
    """The models compared on the ``n`` matches that all of them have a forecast of, of ``played`` ones.

    ``leagues`` and ``seasons`` are those that the matches come from; ``benchmark`` is what the others are compared
    with, None where there are no prices.
    """

    leagues: tuple[str, ...]
    seasons: tuple[Season, ...]
    n: int
    played: int
    benchmark: ForecastModel | None
    scores: Mapping[ForecastModel, Score]

    @property
    def is_tuned_on(self) -> bool:
        """Whether hyperparameters were chosen on these seasons, or before there were any to be judged."""
        return min(self.seasons) < FIRST_JUDGED_SEASON


@dataclass(frozen=True)
class Judgements:
    """Every league's season; then, from FIRST_JUDGED_SEASON on, pooled by league, by season and over all.

    ``unjudged`` are league and season of those without a match that all their models forecast. ``calibration`` are
    the bins of each model of ``overall``. Real and simulated leagues never stand in the same one.
    """

    league_seasons: tuple[Judgement, ...]
    unjudged: tuple[tuple[str, Season], ...]
    leagues: tuple[Judgement, ...]
    seasons: tuple[Judgement, ...]
    overall: Judgement | None
    calibration: Mapping[ForecastModel, tuple[Bin, ...]]


@dataclass(frozen=True, eq=False)
class _Stratum:
    """A league's season: m outcomes (m,), and by model forecasts (m, 3), sums of the metrics (3,), resampled ones
    (r, 3), and what lies in the bins of calibration (4, 10).
    """

    league: str
    season: Season
    played: int
    seed: tuple[int, ...]
    outcome: Ints
    probabilities: Mapping[ForecastModel, Floats]
    sums: Mapping[ForecastModel, Floats]
    drawn: Mapping[ForecastModel, Floats]
    bins: Mapping[ForecastModel, Floats]


def judge(table: ForecastTable, seed: int = SEED, resamples: int = RESAMPLES) -> Judgements:
    """Judge the models of a table of real leagues, or of simulated ones.

    A league's season is judged on the matches of which every model that forecasts any of them has a forecast, and has
    the same interval whatever else is in the table. Pooled figures are those of the league-seasons with the largest set
    of models among theirs. Raises ValueError for a mixed table, and for probabilities that are none.
    """
    if len({league(code).is_simulated for code in np.unique(table.league).tolist()}) > 1:
        raise ValueError("real and simulated leagues in one table: judge each with of_leagues()")
    found = [_stratum(rows, seed, resamples) for rows in _by_league_season(table)]
    strata = [stratum for stratum in found if len(stratum.outcome)]
    judged = [stratum for stratum in strata if stratum.season >= FIRST_JUDGED_SEASON]
    codes, seasons = dict.fromkeys(item.league for item in judged), sorted({item.season for item in judged})
    return Judgements(
        league_seasons=tuple(_judgement([stratum]) for stratum in strata),
        unjudged=tuple((stratum.league, stratum.season) for stratum in found if not len(stratum.outcome)),
        leagues=tuple(_judgement([item for item in judged if item.league == code]) for code in codes),
        seasons=tuple(_judgement([item for item in judged if item.season == season]) for season in seasons),
        overall=_judgement(judged) if judged else None,
        calibration=_calibration(_comparable(judged)) if judged else {},
    )


def _by_league_season(table: ForecastTable) -> list[ForecastTable]:
    """The table by league, in the platform's order, and season.

    Rows are ordered by what they say, not by match ids, which differ between databases: the draws of the bootstrap, and
    so the last digits of the intervals, would differ with them.
    """
    places = {item.code: place for place, item in enumerate(LEAGUES)}
    rank = np.array([places[code] for code in table.league.tolist()], dtype=np.int64)
    said = np.nan_to_num(np.hstack([table.probabilities[model] for model in VERSIONS])).round(_DIGITS).T
    order = np.lexsort((*said, table.outcome, table.season, rank))
    changes = np.flatnonzero(np.diff(rank[order]) | np.diff(table.season[order])) + 1
    return [table.where(rows) for rows in np.split(order, changes) if len(rows)]


def _stratum(table: ForecastTable, seed: int, resamples: int) -> _Stratum:
    """The matches of one league's season that every model with a forecast of any of them has a forecast of."""
    known = {model: ~np.isnan(table.probabilities[model]).any(axis=1) for model in VERSIONS}
    models = [model for model, has in known.items() if has.any()]
    common = table.where(np.flatnonzero(np.all([known[model] for model in models], axis=0) if models else []))
    code, year = str(table.league[0]), int(table.season[0])
    own_seed = (seed, zlib.crc32(code.encode()), year)
    forecasts = {model: common.probabilities[model] for model in models}
    scores = {model: _scores(rows, common.outcome) for model, rows in forecasts.items()}
    drawn = {}
    if len(common):
        # An infinite log loss has no interval; the other columns do not hear of it.
        columns = np.hstack([np.where(np.isfinite(own), own, np.nan) for own in scores.values()])
        drawn = dict(zip(models, np.split(resampled_sums(columns, own_seed, resamples), len(models), 1), strict=True))
    return _Stratum(
        league=code,
        season=Season(year),
        played=len(table),
        seed=own_seed,
        outcome=common.outcome,
        probabilities=forecasts,
        sums={model: own.sum(axis=0) for model, own in scores.items()},
        drawn=drawn,
        bins={model: _by_bin(rows, common.outcome).sum(axis=0) for model, rows in forecasts.items()},
    )


def _scores(forecasts: Floats, outcome: Ints) -> Floats:
    """Scores (m, 3) of the three metrics."""
    return np.stack([metric(forecasts, outcome) for metric in _METRICS], axis=1)


def _by_bin(forecasts: Floats, outcome: Ints) -> Floats:
    """How many of a match's three forecasts lie in each bin, whether any does, their sum, and how many came true: shape
    (m, 4, 10).
    """
    edges = np.arange(1, _BINS) / _BINS
    inside = np.searchsorted(edges, forecasts, side="right")[:, :, None] == np.arange(_BINS)
    came_true = (outcome[:, None] == np.arange(3))[:, :, None] & inside
    expected = inside * forecasts[:, :, None]
    return np.stack([inside.sum(axis=1), inside.any(axis=1), expected.sum(axis=1), came_true.sum(axis=1)], axis=1)


def _comparable(strata: Sequence[_Stratum]) -> list[_Stratum]:
    """Those that have the largest set of models that any of them has; of sets of a size, the one with more matches."""
    matches = Counter[frozenset[ForecastModel]]()
    for stratum in strata:
        matches[frozenset(stratum.probabilities)] += len(stratum.outcome)
    models = max(matches, key=lambda found: (len(found), matches[found]))
    return [stratum for stratum in strata if stratum.probabilities.keys() == models]


def _judgement(strata: Sequence[_Stratum]) -> Judgement:
    """What strata say together: sums of the scores, and of the resampled ones, by the number of matches."""
    used = _comparable(strata)
    models = list(used[0].probabilities)
    benchmark = next((model for model in BENCHMARKS if model in models), None)
    pools = {model: _pool(model, used) for model in models}
    return Judgement(
        leagues=tuple(dict.fromkeys(stratum.league for stratum in used)),
        seasons=tuple(sorted({stratum.season for stratum in used})),
        n=sum(len(stratum.outcome) for stratum in used),
        played=sum(stratum.played for stratum in strata),
        benchmark=benchmark,
        scores={model: _score(model, pools, benchmark) for model in models},
    )


@dataclass(frozen=True, eq=False)
class _Pool:
    """A model's sums of the metrics (3,) over n matches, the resampled sums (r, 3), and what lies in the bins (4, 10);
    ``varies`` says whether any stratum has matches enough to draw from.
    """

    n: int
    sums: Floats
    drawn: Floats
    bins: Floats
    varies: bool

    def mean(self, metric: int, other: _Pool | None = None) -> Rate:
        """The mean of a metric, less that of another model on the same matches if there is one."""
        with np.errstate(invalid="ignore"):  # both may be infinite
            total = float(self.sums[metric] - (other.sums[metric] if other else 0))
        drawn = self.drawn[:, metric] - (other.drawn[:, metric] if other else 0)
        low, high = percentile_interval(drawn / self.n) if self.varies else (None, None)
        return Rate(None if np.isnan(total) else total / self.n, low, high, self.n, self.n)


def _pool(model: ForecastModel, strata: Sequence[_Stratum]) -> _Pool:
    sizes = [len(stratum.outcome) for stratum in strata]
    return _Pool(
        n=sum(sizes),
        sums=np.sum([stratum.sums[model] for stratum in strata], axis=0),
        drawn=np.sum([stratum.drawn[model] for stratum in strata], axis=0),
        bins=np.sum([stratum.bins[model] for stratum in strata], axis=0),
        varies=max(sizes) > 1,
    )


def _score(model: ForecastModel, pools: Mapping[ForecastModel, _Pool], benchmark: ForecastModel | None) -> Score:
    own, other = pools[model], None if benchmark in (None, model) else pools[benchmark]
    forecasts, _, expected, came_true = own.bins
    return Score(
        model=model,
        rps=own.mean(_RPS),
        log_loss=own.mean(_LOG_LOSS),
        brier=own.mean(_BRIER),
        calibration_error=float(np.abs(expected - came_true).sum() / forecasts.sum()),
        rps_difference=Difference(own.mean(_RPS, other)) if other else None,
        log_loss_difference=Difference(own.mean(_LOG_LOSS, other)) if other else None,
    )


def _calibration(strata: Sequence[_Stratum]) -> dict[ForecastModel, tuple[Bin, ...]]:
    """Bins of each model over all strata, with intervals; empty ones are left out."""
    models = list(strata[0].probabilities)
    drawn = sum(_resampled_bins(stratum, models) for stratum in strata)
    found = {}
    for model, (forecasts, came_true) in zip(models, np.moveaxis(np.asarray(drawn), 0, -1), strict=True):
        bins = _pool(model, strata).bins
        found[model] = tuple(
            _bin(at, bins[:, at], forecasts[at], came_true[at]) for at in np.flatnonzero(bins[0]).tolist()
        )
    return found


def _resampled_bins(stratum: _Stratum, models: Sequence[ForecastModel]) -> Floats:
    """Resampled sums (r, models, 2, 10) of how many forecasts lie in each bin and how many came true."""
    bins = np.stack([_by_bin(stratum.probabilities[model], stratum.outcome)[:, [0, 3]] for model in models], axis=1)
    drawn = resampled_sums(bins.reshape(len(bins), -1), stratum.seed, _FEW_RESAMPLES)
    return drawn.reshape(-1, *bins.shape[1:])


def _bin(at: int, sums: Floats, forecasts: Floats, came_true: Floats) -> Bin:
    """A bin from its sums (4,), and from resampled numbers (r,) of its forecasts and of those that came true."""
    count, matches, expected, happened = sums.tolist()
    some = forecasts > 0
    low, high = percentile_interval(came_true[some] / forecasts[some]) if matches > 1 else (None, None)
    share = Rate(happened / count, low, high, int(count), int(matches))
    return Bin(at / _BINS, (at + 1) / _BINS, expected / count, share, int(count))
