"""The goal model against SciPy's L-BFGS-B, and walking it forward through the seasons against its fits alone.

A fit starts from nothing each time, as in the platform: no start from an earlier week's. L-BFGS-B gets the same
likelihood with the same analytic gradient and has to come to the same parameters. Medians are compared.
The walk is all that a forecast does: reading matches and odds, a fit a week, four models' forecasts, writing them into
the embedded PostgreSQL with its ordinary settings; each in a fresh process. The real files are used where
``../shared/data`` stands beside the checkout, else simulated leagues.

    make bench ARGS="--repeats 3"
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from sqlalchemy import Engine, text

from benchmarks.bench import Bench, Run, Verdicts, apart, checked, execute, land, measured, run, season_file, units_of
from benchmarks.understat import IS_REAL
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.schema import migrations
from monps_platform.domain.feeds import FOOTBALL_DATA
from monps_platform.domain.goal_model.dixon_coles import Inputs, fit, likelihood_of
from monps_platform.domain.goal_model.history import Ints
from monps_platform.domain.goal_model.likelihood import Floats, Likelihood, maximise
from monps_platform.domain.goal_model.walk_forward import weeks
from monps_platform.domain.leagues import SIMULATED, TOP_FIVE
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.forecasting import Forecaster
from monps_platform.orchestration.loading.football_data import Loader
from monps_platform.sources.raw_store import RawStore

HISTORY = 3
"""Seasons loaded before the first one that is forecast: the window of a fit."""
TABLES = ("quantum.match_forecasts", "quantum.goal_model_strengths", "quantum.goal_model_fits")
TARGET_FIT = 0.100
TARGET_WALK = 60.0
TOLERANCE = 1e-4
ROUNDS = 5
"""Each fit is timed so many times beside L-BFGS-B."""


@dataclass(frozen=True)
class Fits:
    """Seconds of the first fit, of each one (n,), and of L-BFGS-B on the same inputs (n,); the matches and the sides
    that a fit saw at most; the largest difference of a parameter.
    """

    first: float
    ours: Floats
    theirs: Floats
    matches: int
    sides: int
    difference: float


def partitions() -> list[Partition]:
    """Fifteen to be forecast: five leagues in three seasons, or simulated ones."""
    if IS_REAL:
        return [Partition(item, Season(year)) for item in TOP_FIVE for year in range(2018, 2021)]
    return [Partition(item, Season(year)) for item in SIMULATED for year in range(2013, 2021)][:15]


def prepare(bench: Bench, chosen: Sequence[Partition]) -> None:
    """Load the matches of the partitions and of the seasons before, and the partitions' odds."""
    first = {part.league: min(one.season for one in chosen if one.league == part.league) for part in chosen}
    before = [
        Partition(league, Season(season.start_year - back))
        for league, season in first.items()
        for back in range(1, HISTORY + 1)
    ]
    for partition in (*before, *chosen):
        land(bench, FOOTBALL_DATA, partition, [season_file(partition)])
    with units_of(bench) as units:
        loader = Loader(units, RawStore(bench.store))
        checked(loader.load_matches([*before, *chosen]))
        checked(loader.load_odds(chosen))


def forecast(bench: Bench, chosen: Sequence[Partition]) -> Run:
    """The walk, in this process."""
    with units_of(bench) as units:
        return measured(lambda: Forecaster(units).forecast(chosen))


def inputs_of(bench: Bench, partition: Partition) -> list[Inputs]:
    """What the fits of a partition see, week by week."""
    with units_of(bench) as units, units() as unit:
        found = unit.forecasts.matches(partition.league, partition.season)
    return [week.inputs for week in weeks(found.history, found.fixtures) if week.inputs is not None]


def fit_all(bench: Bench, chosen: Sequence[Partition]) -> float:
    """Seconds of all fits of the walk and of nothing else, in this process."""
    every = [inputs for partition in chosen for inputs in inputs_of(bench, partition)]
    begun = time.perf_counter()
    for inputs in every:
        fit(inputs)
    return time.perf_counter() - begun


def compare_fits(bench: Bench, chosen: Sequence[Partition]) -> Fits:
    """The last fit of each partition beside L-BFGS-B, in this process."""
    every = [inputs_of(bench, partition)[-1] for partition in chosen]
    begun = time.perf_counter()
    fit(every[0])
    first = time.perf_counter() - begun
    ours, theirs = [], []
    for inputs in every:
        # Not in turns: a fit that comes right after L-BFGS-B takes twice as long.
        ours.append(statistics.median(timed_fit(inputs) for _ in range(ROUNDS)))
        theirs.append(statistics.median(timed_quasi_newton(inputs) for _ in range(ROUNDS)))
    return Fits(
        first=first,
        ours=np.array(ours),
        theirs=np.array(theirs),
        matches=max(len(inputs.matches) for inputs in every),
        sides=max(len(sides_of(inputs)) for inputs in every),
        difference=max(map(difference, every)),
    )


def sides_of(inputs: Inputs) -> Ints:
    return np.unique(np.concatenate([inputs.matches.home, inputs.matches.away, inputs.entrants]))


def timed_fit(inputs: Inputs) -> float:
    begun = time.perf_counter()
    fit(inputs)
    return time.perf_counter() - begun


def timed_quasi_newton(inputs: Inputs) -> float:
    begun = time.perf_counter()
    quasi_newton(likelihood_of(inputs, sides_of(inputs)))
    return time.perf_counter() - begun


def difference(inputs: Inputs) -> float:
    """The largest difference of a parameter between both."""
    problem = likelihood_of(inputs, sides_of(inputs))
    return float(np.abs(maximise(problem).parameters - quasi_newton(problem)).max())


def quasi_newton(problem: Likelihood) -> Floats:
    """The parameters at which L-BFGS-B comes to rest, from 0. Its own tolerances leave them wrong by 3e-4."""
    found = minimize(
        loss,
        np.zeros_like(problem.precision),
        args=(problem,),
        jac=True,
        method="L-BFGS-B",
        options={"ftol": 1e-12, "gtol": 1e-4},
    )
    if not found.success:
        raise RuntimeError(f"L-BFGS-B: {found.message}")
    return np.asarray(found.x)


def loss(parameters: Floats, problem: Likelihood) -> tuple[float, Floats]:
    """What L-BFGS-B minimises, and its gradient (p,): the likelihood's own, without the second derivatives that
    ``derivatives`` would have it pay for.
    """
    home, away = problem.home.times(parameters), problem.away.times(parameters)
    by_rho = problem._low_scores(home, away)
    tau = 1 + parameters[problem.rho_at] * by_rho
    if not (tau > 0).all():
        return np.inf, np.zeros_like(parameters)
    poisson = problem.home_goals * home - np.exp(home) + problem.away_goals * away - np.exp(away)
    value = problem.weights @ (np.log(tau) + poisson) - 0.5 * problem.precision @ parameters**2
    gradient = problem._gradient(home, away, 1 - 1 / tau, by_rho / tau) - problem.precision * parameters
    return -float(value), -gradient


def reset(engine: Engine) -> None:
    """No fits and no forecasts."""
    execute(engine, f"TRUNCATE {', '.join(TABLES)}", "CHECKPOINT")


def measure(bench: Bench, repeats: int) -> Verdicts:
    """Run everything, print it, and say whether every target was met."""
    engine, chosen, verdicts = build_engine(bench.address), partitions(), Verdicts()
    migrations.upgrade(engine)
    print(f"Loading the matches and odds of {len(chosen)} partitions and the matches before ...", flush=True)
    apart(prepare, bench, chosen)
    execute(engine, "VACUUM ANALYZE")
    show_fits(apart(compare_fits, bench, chosen), verdicts)
    walks, fits, again = [], [], []
    for repeat in range(repeats):
        reset(engine)
        walks.append(apart(forecast, bench, chosen))
        fits.append(apart(fit_all, bench, chosen))
        again.append(apart(forecast, bench, chosen))
        print(f"  run {repeat + 1}: walk {walks[-1].seconds:.1f} s, its fits alone {fits[-1]:.1f} s", flush=True)
    show_walk(engine, (walks, fits, again), verdicts)
    verdicts.add("the second walk changed nothing", met=all(run.unchanged == len(chosen) for run in again))
    engine.dispose()
    return verdicts


def show_fits(fits: Fits, verdicts: Verdicts) -> None:
    ours, theirs = float(np.median(fits.ours)), float(np.median(fits.theirs))
    print(
        f"\n{len(fits.ours)} fits of up to {fits.matches:,} matches and {fits.sides} sides, medians of {ROUNDS}, "
        f"milliseconds{'' if IS_REAL else '; simulated'}"
    )
    print(f"fit                                 {ours * 1000:8.1f}  slowest {fits.ours.max() * 1000:.1f}")
    print(f"fit, the first one of a process     {fits.first * 1000:8.1f}")
    print(f"L-BFGS-B, same gradient             {theirs * 1000:8.1f}  slowest {fits.theirs.max() * 1000:.1f}")
    print(f"fit / L-BFGS-B                      {ours / theirs:8.2f}")
    print(f"largest difference of a parameter   {fits.difference:8.0e}")
    verdicts.add(
        f"a fit under {TARGET_FIT * 1000:g} ms, the first one too", met=max(*fits.ours, fits.first) < TARGET_FIT
    )
    verdicts.add(f"the same parameters as L-BFGS-B's to {TOLERANCE:g}", met=fits.difference <= TOLERANCE)


def show_walk(engine: Engine, runs: tuple[list[Run], list[float], list[Run]], verdicts: Verdicts) -> None:
    walks, fits, again = runs
    walk, alone, unchanged = (
        statistics.median(taken) for taken in ([run.seconds for run in walks], fits, [run.seconds for run in again])
    )
    with engine.connect() as connection:
        counts = [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in TABLES]
    print(
        f"\n{walks[-1].rows.loaded:,} matches: {counts[2]:,} fits, {counts[0]:,} forecasts, {counts[1]:,} strengths; "
        f"medians of {len(walks)}, {os.cpu_count()} cores"
    )
    print(f"walk-forward, writing included      {walk:8.2f} s")
    print(f"its fits alone                      {alone:8.2f} s  walk / fits {walk / alone:.2f}")
    print(f"walk again, nothing new             {unchanged:8.2f} s  ratio {unchanged / walk:.3f}")
    print(f"peak memory of the walking process  {max(run.memory for run in walks):8.0f} MB")
    verdicts.add(f"walk-forward under {TARGET_WALK:g} s", met=walk < TARGET_WALK)


if __name__ == "__main__":
    run(__doc__, lambda bench, options: measure(bench, options.repeats))
