"""How far the quantum tables can be trusted, as their checks show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.intervals import Rate
from monps_platform.domain.leagues import League
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.days import Played
from monps_platform.domain.quantum.friction.vocabulary import Score as FrictionScore
from monps_platform.domain.quantum.friction.worth import Observation, Relation, observations, predictive_worth
from monps_platform.domain.quantum.friction.worth_text import is_shown, worth_markdown
from monps_platform.domain.quantum.profiles.stability import SplitHalf, pooled, split_half
from monps_platform.domain.quantum.scorers.calibration import Decile, Score, ScorerCalibration, judge
from monps_platform.domain.quantum.season import LeagueSeason
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.pictures.calibration import calibration_picture
from monps_platform.orchestration.pictures.canvas import embedded

LEAST_TRUE, MOST_TRUE = 0.9, 1.1
"""Real by expected scorers: a tenth too high or too low is what is known and said of chances across seasons."""
_SEED = 20
"""Makes intervals the same in every run."""


def scorers_judged(unit: UnitOfWork) -> ScorerCalibration | None:
    """What profiles foretold of later matches of real leagues (of simulated ones where there are no others), and what
    came of it; None where nothing could be foretold.
    """
    real = unit.goalscorers.foretold(simulated=False)
    return judge(real if real.rows else unit.goalscorers.foretold(simulated=True), _SEED)


def scorers_shown(found: ScorerCalibration) -> Mapping[str, Any]:
    """Scores beside the naive rate's, and a picture of the calibration."""
    title = f"{found.n:,} chances of a goal in {found.n_matches:,} matches"
    drawn = calibration_picture([("profiles", found.bins), ("goals per 90", found.naive_bins)], title)
    rows = [_scores("log loss", found.log_loss), _scores("Brier score", found.brier)]
    grid = Grid(("", "profiles", "naive rate", "difference"), rows)
    said = (
        f"{found.scored:,} players scored, {found.expected:,.0f} were expected. {found.unforeseen:,} of "
        f"{found.goals:,} goals were scored by players without a forecast. Lower scores are better; in brackets: 95 % "
        "intervals by matches."
    )
    return {
        "scores": dg.MetadataValue.md(f"{markdown_table(grid)}\n\n{said}"),
        "calibration": embedded(drawn, "chances of a goal against what came true"),
        "forecasts": found.n,
        "log_loss_against_naive": found.log_loss.difference.value or 0.0,
    }


def chances_come_true(found: ScorerCalibration) -> bool:
    """Whether the ratio of real to expected scorers may lie near 1, by its 95 % interval; of so few matches that it has
    none, nothing speaks against it.
    """
    ratio = found.came_true
    return ratio.low is None or ratio.high is None or (ratio.low <= MOST_TRUE and ratio.high >= LEAST_TRUE)


def chances_shown(found: ScorerCalibration) -> Mapping[str, Any]:
    """The ratio with its interval, and by tenths of the forecasts."""
    rows = [(str(number), *_tenth(item)) for number, item in enumerate(found.deciles, 1)]
    grid = Grid(("tenth", "forecasts", "mean chance", "expected to score", "scored", "ratio"), rows)
    ratio = found.came_true
    interval = "" if ratio.low is None else f" (95 % interval by matches: {ratio.low:.3f} to {ratio.high:.3f})"
    said = f"{found.scored:,} players scored, {found.expected:,.0f} were expected: {ratio.value or 0.0:.3f}{interval}."
    return {
        "deciles": dg.MetadataValue.md(f"{markdown_table(grid)}\n\n{said}"),
        "forecasts": found.n,
        "scored_by_expected": ratio.value or 0.0,
    }


def _tenth(item: Decile) -> tuple[str, ...]:
    ratio = f"{item.scored / item.expected:.2f}" if item.expected else "-"
    return f"{item.n:,}", f"{item.expected / item.n:.1%}", f"{item.expected:,.0f}", f"{item.scored:,}", ratio


def profiles_judged(unit: UnitOfWork) -> Mapping[Partition, SplitHalf]:
    """How alike profiles from odd and from even matches are, in the newest season with shots of each league."""
    held = unit.league_seasons.played()
    with_shots = [item for item, states in unit.league_seasons.states({"shots"}).items() if states]
    newest = {item.league: item for item in sorted(with_shots, key=lambda item: item.season)}
    chosen = sorted(newest.values(), key=lambda item: item.league.code)
    return {item: split_half(unit.league_seasons.get(item, held[item].day_after)) for item in chosen}


def profiles_shown(found: Mapping[Partition, SplitHalf]) -> Mapping[str, Any]:
    """Agreement by league, over all, and how reliable each feature is."""
    overall = pooled(found.values())
    rows = [*((str(item), half) for item, half in found.items()), ("all", overall)]
    grid = Grid(
        ("season", "teams", "with a profile in both halves", "agree", "by chance", "kappa"),
        [_halves(*row) for row in rows],
    )
    reliable = sorted(overall.reliability.items(), key=lambda item: -item[1])
    features = Grid(("feature", "reliability"), [(str(feature), f"{value:.2f}") for feature, value in reliable])
    shown: dict[str, Any] = {
        "split_half": dg.MetadataValue.md(markdown_table(grid)),
        "features": dg.MetadataValue.md(markdown_table(features)),
    }
    measures = {"agreement": overall.agreement, "kappa": overall.kappa, "mean_reliability": overall.mean_reliability}
    return shown | {name: value for name, value in measures.items() if value is not None}


def _halves(name: str, half: SplitHalf) -> tuple[str, ...]:
    figures = (half.agreement, half.expected, half.kappa)
    return (name, str(half.n_teams), str(half.n), *("-" if item is None else f"{item:.2f}" for item in figures))


def friction_judged(unit: UnitOfWork) -> Sequence[Relation]:
    """What the scores of each season's pairs go with in the matches of the season after, in real leagues (in simulated
    ones where there are no others). Scores are those that were known before the first of these matches.
    """
    held = unit.league_seasons.played()
    leagues = {item.league for item in held}
    chosen = {item for item in leagues if not item.is_simulated} or leagues
    found = [item for league in sorted(chosen, key=lambda item: item.code) for item in _observed(unit, league, held)]
    return predictive_worth(found)


def friction_stands_out(relations: Sequence[Relation]) -> bool | None:
    """Whether friction or chaos goes with anything beyond chance; None where neither could be tested."""
    totals = [item for item in relations if item.score in (FrictionScore.FRICTION, FrictionScore.CHAOS)]
    tested = [item for item in totals if item.q is not None]
    return any(map(is_shown, tested)) if tested else None


def friction_shown(relations: Sequence[Relation]) -> Mapping[str, Any]:
    """All relations in words and as a table, and those of friction and chaos as numbers, which plot over time."""
    shown: dict[str, Any] = {
        "worth": dg.MetadataValue.md(worth_markdown(relations)),
        "matches": max((item.n for item in relations), default=0),
        "relations_that_stand_out": sum(map(is_shown, relations)),
    }
    named = {f"{item.score}_and_{item.outcome.replace(' ', '_')}": item.correlation for item in relations}
    totals = (FrictionScore.FRICTION.value, FrictionScore.CHAOS.value)
    return shown | {name: value for name, value in named.items() if value is not None and name.startswith(totals)}


def _observed(unit: UnitOfWork, league: League, held: Mapping[Partition, Played]) -> Iterator[Observation]:
    """The matches of a league whose pairs had scores in the season before."""
    seasons = sorted(item.season for item in held if item.league == league)
    newest = Partition(league, seasons[-1])
    whole = unit.league_seasons.get(newest, held[newest].day_after)
    for season in seasons:
        before, following = Partition(league, Season(season.start_year - 1)), Partition(league, season)
        if before in held:
            as_of, scores = unit.friction.scores_known(before, held[following].first)
            if as_of is not None:
                yield from observations(scores, as_of, _season_of(whole, following, held[following]))


def _season_of(whole: LeagueSeason, partition: Partition, played: Played) -> LeagueSeason:
    """A season by itself, out of a league's newest one, which knows the matches of all before it: reading each of them
    with its shots, which nobody needs here, would take most of the time.
    """
    matches = (*whole.earlier, *whole.matches)
    own = tuple(match for match in matches if played.first <= match.day <= played.last)
    return LeagueSeason(partition, played.day_after, own)


def _scores(name: str, score: Score) -> tuple[str, ...]:
    return name, *(_number(rate) for rate in (score.profile, score.naive, score.difference))


def _number(rate: Rate) -> str:
    if rate.value is None:
        return "-"
    interval = "" if rate.low is None else f" ({rate.low:.4f} to {rate.high:.4f})"
    return f"{rate.value:.4f}{interval}"
