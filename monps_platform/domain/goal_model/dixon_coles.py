"""The goal model of Dixon & Coles (1997) with time decay, shrunk to its league's average, for one league on one day.

For a match of home side i and away side j in season s

    log lambda = intercept + home_advantage + A(i, s) - D(j, s)
    log mu     = intercept                  + A(j, s) - D(i, s)

where A(i, s) = attack_i + newcomer_attack and D(i, s) = defence_i + newcomer_defence for a side that is new to the
league in that season, and attack_i, defence_i for the others. Scores are Poisson with the paper's correction tau of
low ones. A match counts 0.5 ** (age / half-life). Strengths, newcomer effects and rho have normal priors around 0, so
that a side without matches stands at the league's average, a newcomer where earlier newcomers stood. Intercept and
home advantage have very weak ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, fields
from functools import cached_property

import numpy as np

from monps_platform.domain.goal_model.history import Bools, Ints, Matches, are_new
from monps_platform.domain.goal_model.likelihood import Design, Floats, Likelihood, Maximum, NoMaximumError, maximise

MODEL_VERSION = "dixon_coles-1"
"""Raise it when the same matches give other numbers."""

_INTERCEPT, _HOME_ADVANTAGE, _RHO, _NEWCOMER_ATTACK, _NEWCOMER_DEFENCE, _STRENGTHS = range(6)
"""Places of the league's parameters; then come the attacks of all teams, then their defences."""
_LEAGUE_SD = 1.0  # Intercept and home advantage: one match tells more; it keeps a league without goals finite.


class FitError(RuntimeError):
    """A fit that found no maximum."""


class TooLittleHistoryError(ValueError):
    """Fewer matches in the window than a fit asks for."""


class UnknownTeamError(LookupError):
    """A team of which the fit knows nothing."""


@dataclass(frozen=True)
class Options:
    """Half-life of a match's weight in days; standard deviations of the priors in log goals (rho's has no unit); the
    window that a fit looks back on in days, and the fewest matches it may hold.
    """

    half_life_days: float
    strength_sd: float
    newcomer_sd: float
    rho_sd: float
    window_days: int = 1096
    fewest_matches: int = 100


# Least walk-forward log loss of 1x2 over the five top leagues of 2005-06 to 2011-12 (12,782 matches), among half-lives
# of 180 to 730 days and strengths of 0.2 to 0.5. The smaller newcomer_sd, the less the loss, by very little; 0.05 is
# the smallest that still lets newcomers differ. Later seasons were not looked at: they are for judging.
DEFAULT = Options(half_life_days=450.0, strength_sd=0.35, newcomer_sd=0.05, rho_sd=0.1)
"""The options in use."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """All that one fit sees.

    ``day`` (ordinal) stands before the first match to be forecast and after every one of the n ``matches``;
    ``home_is_new``, ``away_is_new`` (n,) flag sides new to the league in the match's season; ``entrants`` (e,) are
    the ids of the teams known to take part in the season of the day, ``entrant_is_new`` (e,) flags those new to it.
    """

    day: int
    matches: Matches
    home_is_new: Bools
    away_is_new: Bools
    entrants: Ints
    entrant_is_new: Bools
    options: Options

    @classmethod
    def of(cls, history: Matches, day: int, season: int, teams: Ints, options: Options = DEFAULT) -> Inputs:
        """What may be known on a day: the matches of ``history`` before it, and that ``teams`` play in ``season``."""
        past = history.before(day)
        window = past.since(day - options.window_days)
        entrants = np.union1d(past.teams_of(season), teams)
        return cls(
            day=day,
            matches=window,
            home_is_new=are_new(past, window.home, window.season),
            away_is_new=are_new(past, window.away, window.season),
            entrants=entrants,
            entrant_is_new=are_new(past, entrants, np.full(len(entrants), season)),
            options=options,
        )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of all of it and of the model's version: equal inputs give equal fits."""
        digest = hashlib.sha256(repr((MODEL_VERSION, self.day, astuple(self.options))).encode())
        columns = [getattr(self.matches, field.name) for field in fields(self.matches)]
        for column in (*columns, self.home_is_new, self.away_is_new, self.entrants, self.entrant_is_new):
            digest.update(f"/{len(column)}/".encode())
            digest.update(column.astype("<i8").tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Estimate:
    """A parameter and its standard error."""

    value: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class Fit:
    """The fitted model: k teams, those of the window's matches and the entrants, ascending by id.

    ``attack``, ``defence`` (k,) are the strengths in force in the season of the day, log goals, newcomer effects
    included where ``is_newcomer``; more is better for both. ``matches_played`` (k,), ``matches`` and the goals in them
    count without weights.
    ``log_likelihood`` is weighted and without the priors.

    Standard errors are those of the Laplace approximation: square roots of the diagonal of the inverse negative
    Hessian of the penalised log-likelihood at its maximum. Matches that count less than one make them cautious: an
    old match adds to them as if less of it had been seen, while it still averages out chance.
    """

    day: int
    options: Options
    teams: Ints
    attack: Floats
    attack_se: Floats
    defence: Floats
    defence_se: Floats
    matches_played: Ints
    is_newcomer: Bools
    intercept: Estimate
    home_advantage: Estimate
    rho: Estimate
    newcomer_attack: Estimate
    newcomer_defence: Estimate
    matches: int
    home_goals: int
    away_goals: int
    first_day: int
    last_day: int
    log_likelihood: float
    iterations: int

    def expected_goals(self, home: Ints, away: Ints) -> Floats:
        """Expected goals (m, 2) of home and away sides (m,); raises UnknownTeamError for a team it does not know."""
        host, guest = _positions(self.teams, np.stack([home, away]))
        at_home = self.intercept.value + self.home_advantage.value + self.attack[host] - self.defence[guest]
        away_from_home = self.intercept.value + self.attack[guest] - self.defence[host]
        return np.asarray(np.exp(np.stack([at_home, away_from_home], axis=1)))


def fit(inputs: Inputs) -> Fit:
    """Maximise the penalised likelihood by Newton's method with analytic derivatives, from the same start always.

    Raises TooLittleHistoryError when the window holds too few matches, FitError when no maximum is found.
    """
    if len(inputs.matches) < inputs.options.fewest_matches:
        raise TooLittleHistoryError(
            f"{len(inputs.matches)} matches in the {inputs.options.window_days} days before day {inputs.day}, "
            f"{inputs.options.fewest_matches} are needed: load earlier seasons, or forecast later ones"
        )
    teams = np.unique(np.concatenate([inputs.matches.home, inputs.matches.away, inputs.entrants]))
    problem = likelihood_of(inputs, teams)
    try:
        return _described(inputs, teams, problem, maximise(problem))
    except NoMaximumError as error:
        raise FitError(
            f"the goal model of day {inputs.day} ({len(inputs.matches)} matches, {len(teams)} teams) has no fit: "
            f"{error}. Look for wrong results among its matches; its options are {inputs.options}"
        ) from error


def likelihood_of(inputs: Inputs, teams: Ints) -> Likelihood:
    """The likelihood of a fit's parameters, for all its teams (k,).

    Parameters are, in this order: intercept, home advantage, rho, newcomer attack, newcomer defence, the attacks of the
    teams, their defences.
    """
    matches, options = inputs.matches, inputs.options
    host, guest = _positions(teams, np.stack([matches.home, matches.away]))
    strength = np.full(2 * len(teams), options.strength_sd)
    league = [_LEAGUE_SD, _LEAGUE_SD, options.rho_sd, options.newcomer_sd, options.newcomer_sd]
    return Likelihood(
        home=_design(host, guest, inputs.home_is_new, inputs.away_is_new, len(teams), at_home=True),
        away=_design(guest, host, inputs.away_is_new, inputs.home_is_new, len(teams), at_home=False),
        home_goals=matches.home_goals,
        away_goals=matches.away_goals,
        weights=0.5 ** ((inputs.day - matches.day) / options.half_life_days),
        precision=np.concatenate([league, strength]) ** -2.0,
        rho_at=_RHO,
    )


def _design(
    scorer: Ints, other: Ints, scorer_is_new: Bools, other_is_new: Bools, teams: int, *, at_home: bool
) -> Design:
    """Which parameters make the log rate of the scoring side, given positions (n,) of both sides among the teams."""
    one, place = np.ones(len(scorer)), np.zeros_like(scorer)
    entries = [
        (place + _INTERCEPT, one),
        (place + _HOME_ADVANTAGE, one * at_home),
        (place + _NEWCOMER_ATTACK, one * scorer_is_new),
        (place + _NEWCOMER_DEFENCE, -one * other_is_new),
        (_STRENGTHS + scorer, one),
        (_STRENGTHS + teams + other, -one),
    ]
    columns, values = (np.stack(parts, axis=1) for parts in zip(*entries, strict=True))
    return Design(columns, values, _STRENGTHS + 2 * teams)


def _described(inputs: Inputs, teams: Ints, problem: Likelihood, maximum: Maximum) -> Fit:
    """A maximum in words of the league: parameters with their errors, and the strengths in force on the day."""
    matches, count = inputs.matches, len(teams)
    newcomer = np.isin(teams, inputs.entrants[inputs.entrant_is_new])
    attack, attack_se = _in_force(maximum, _STRENGTHS, _NEWCOMER_ATTACK, newcomer)
    defence, defence_se = _in_force(maximum, _STRENGTHS + count, _NEWCOMER_DEFENCE, newcomer)
    errors = np.sqrt(np.diag(maximum.covariance))
    league = [Estimate(float(maximum.parameters[at]), float(errors[at])) for at in range(_STRENGTHS)]
    return Fit(
        day=inputs.day,
        options=inputs.options,
        teams=teams,
        attack=attack,
        attack_se=attack_se,
        defence=defence,
        defence_se=defence_se,
        matches_played=np.bincount(_positions(teams, np.concatenate([matches.home, matches.away])), minlength=count),
        is_newcomer=newcomer,
        intercept=league[_INTERCEPT],
        home_advantage=league[_HOME_ADVANTAGE],
        rho=league[_RHO],
        newcomer_attack=league[_NEWCOMER_ATTACK],
        newcomer_defence=league[_NEWCOMER_DEFENCE],
        matches=len(matches),
        home_goals=int(matches.home_goals.sum()),
        away_goals=int(matches.away_goals.sum()),
        first_day=int(matches.day[0]),
        last_day=int(matches.day[-1]),
        log_likelihood=problem.log_likelihood(maximum.parameters),
        iterations=maximum.iterations,
    )


def _in_force(maximum: Maximum, first: int, effect: int, newcomer: Bools) -> tuple[Floats, Floats]:
    """Strengths (k,) from parameter ``first`` on, the newcomer effect added where it applies, and their errors."""
    own = np.arange(first, first + len(newcomer))
    variance, mixed = np.diag(maximum.covariance), maximum.covariance[own, effect]
    strength = maximum.parameters[own] + newcomer * maximum.parameters[effect]
    return strength, np.sqrt(variance[own] + newcomer * (variance[effect] + 2 * mixed))


def _positions(teams: Ints, wanted: Ints) -> Ints:
    """Where each wanted id, of any shape, stands among the ascending ids of the teams (k,)."""
    if not (known := np.isin(wanted, teams)).all():
        raise UnknownTeamError(f"teams {np.unique(wanted[~known]).tolist()} are not among those of the fit")
    return np.searchsorted(teams, wanted)
