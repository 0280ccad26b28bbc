"""`monps forecasts`: how good the forecasts were."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from monps_platform.cli.failure import Failure
from monps_platform.cli.server import existing_database, open_database
from monps_platform.domain.judgement import (
    FIRST_JUDGED_SEASON,
    VERSIONS,
    ForecastTable,
    Judgement,
    Judgements,
    Verdict,
    judge,
)
from monps_platform.domain.judgement_text import (
    NAMES,
    NOTHING,
    conclusion,
    goal_difference,
    league_season,
    markdown,
    number,
    span,
    unjudged,
    with_interval,
)
from monps_platform.domain.leagues import LEAGUES, UnknownLeagueError, parse_leagues
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season, SeasonError, parse_seasons, season_range
from monps_platform.settings import Settings

out = Console(highlight=False, markup=False)
_WIDTH = 100
_SHORT = {Verdict.BETTER: "better", Verdict.WORSE: "worse", Verdict.NOT_SHOWN: "not shown"}


def show_forecasts(
    settings: Settings, leagues: str | None, seasons: str | None, *, as_markdown: bool, picture: Path | None
) -> None:
    """Print the judgement of real leagues, then that of simulated ones; raises Failure."""
    table = _read(settings, _named(leagues, seasons, datetime.now(UTC).date().year))
    found = {simulated: table.of_leagues(simulated=simulated) for simulated in (False, True)}
    judged = {simulated: judge(rows) for simulated, rows in found.items() if len(rows)}
    if not judged:
        raise Failure(f"{NOTHING} Choose others, or run: monps up")
    for simulated, judgements in judged.items():
        if as_markdown:
            sys.stdout.write(markdown(judgements, simulated=simulated) + "\n")
        else:
            _show(judgements, simulated=simulated)
    if picture is not None:
        _draw(next(iter(judged.values())), picture)


def _named(leagues: str | None, seasons: str | None, year: int) -> list[Partition] | None:
    """The partitions that the options name; None for all. Raises Failure."""
    if not leagues and not seasons:
        return None
    try:
        chosen = parse_leagues(leagues) if leagues else LEAGUES
        when = parse_seasons(seasons) if seasons else season_range(Season(1993), Season(year))
    except (UnknownLeagueError, SeasonError) as error:
        raise Failure(str(error), exit_code=2) from error
    return [Partition(league, season) for league in chosen for season in when]


def _read(settings: Settings, partitions: list[Partition] | None) -> ForecastTable:
    with (
        open_database(settings, existing_database(settings)) as database,
        database.unit_of_work(read_only=True) as unit,
    ):
        return unit.forecasts.judged(partitions)


def _show(judgements: Judgements, *, simulated: bool) -> None:
    """Tables by league and season, pooled, and of all scores; then what follows."""
    if simulated:
        out.print("Simulated leagues, no real football:\n")
    _print(_groups("RPS", [(league_season(item), item) for item in judgements.league_seasons]))
    if any(item.is_tuned_on for item in judgements.league_seasons):
        out.print(f"* before {FIRST_JUDGED_SEASON}, where hyperparameters were chosen: not in what follows\n")
    if judgements.overall is not None:
        pooled = [(item.leagues[0], item) for item in judgements.leagues]
        pooled += [(span(item), item) for item in judgements.seasons]
        _print(_groups("RPS, pooled", [*pooled, ("all", judgements.overall)]))
        _print(_scores(judgements.overall))
    if judgements.unjudged:
        out.print(unjudged(judgements), soft_wrap=True)
    out.print("RPS, log loss and Brier score: lower is better. In brackets: 95 % intervals.")
    out.print(conclusion(judgements), soft_wrap=True)


def _print(table: Table) -> None:
    # In a narrower console figures would be cut.
    Console(file=out.file, highlight=False, markup=False, width=max(out.width, _WIDTH)).print(table, "")


def _groups(title: str, groups: Iterable[tuple[str, Judgement]]) -> Table:
    """The RPS of all models by group, and the goal model's difference to the market."""
    table = _table(title, "matches", "goal\nmodel", "closing\nmarket", "pre-match\nmarket", "base\nrate")
    table.add_column("goal model\nless market", justify="right", no_wrap=True)
    table.add_column("it is", no_wrap=True)
    for name, item in groups:
        difference = goal_difference(item)
        told = ("", "") if difference is None else (with_interval(difference.mean, "+"), _SHORT[difference.verdict])
        means = (number(item.scores[model].rps) if model in item.scores else "" for model in VERSIONS)
        table.add_row(name, f"{item.n:,}", *means, *told)
    return table


def _scores(overall: Judgement) -> Table:
    """All scores of the models over all matches that count."""
    table = _table("All matches that count", "RPS", "log loss", "Brier", "calibration\nerror")
    for score in overall.scores.values():
        means = map(with_interval, (score.rps, score.log_loss))
        table.add_row(NAMES[score.model], *means, number(score.brier), f"{score.calibration_error:.4f}")
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True, vertical="bottom")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True, vertical="bottom")
    return table


def _draw(judgements: Judgements, path: Path) -> None:
    from monps_platform.orchestration.judging import picture

    drawn = picture(judgements)
    if drawn is None:
        raise Failure(f"there is nothing to draw for {path}: {conclusion(judgements)}")
    path.write_bytes(drawn)
