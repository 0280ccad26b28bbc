"""Strategies: a row per team, strategy and market, judged together with all others of the season."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.strategies.evaluate import StrategyRow, Trial, first_season, judge, trials
from monps_platform.domain.quantum.strategies.walk_forward import Bet, walk_forward
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.quantum.derivation import Days, Rows, Table, all_leagues_up_to

STRATEGIES_VERSION = "strategies-2"
_PLACE = ("season", "as_of")


def strategies_table(evaluation: Evaluation | None = None) -> Table:
    """The table for one run: bets of a league's season are made once, and a season judged once for all its leagues.

    ``evaluation`` is where they are kept, for those who show them afterwards.
    """
    return Table(
        version=STRATEGIES_VERSION,
        reads=frozenset({"matches", "odds", "quantum.match_forecasts", "understat_matches", "tracking_clv_picks"}),
        needs=frozenset({"matches", "odds"}),
        sees=all_leagues_up_to,
        repository=lambda unit: unit.strategies,
        rows=(evaluation or Evaluation()).rows,
    )


@dataclass
class Evaluation:
    """The bets of leagues' seasons, and the judged rows of the season that was asked for last."""

    bets: dict[tuple[Partition, date], list[Bet]] = field(default_factory=dict)
    teams: dict[tuple[Partition, date], list[int]] = field(default_factory=dict)
    key: tuple[Season, bool] | None = None
    held: Mapping[Partition, Sequence[StrategyRow]] = field(default_factory=dict)

    def rows(self, unit: UnitOfWork, partition: Partition, days: Days) -> Rows:
        """The rows of a league's season."""
        judged = self.judged(unit, partition.season, partition.league.is_simulated, days)
        return [_row(row) for row in judged[partition]]

    def judged(
        self, unit: UnitOfWork, season: Season, is_simulated: bool, days: Days
    ) -> Mapping[Partition, Sequence[StrategyRow]]:
        """All that was tried in a season, judged together, by league."""
        key = season, is_simulated
        if key != self.key:
            tried = self.trials(unit, *key, days)
            judged = iter(judge([trial for own in tried.values() for trial in own]))
            self.held = {item: [next(judged) for _ in own] for item, own in tried.items()}
            self.key = key
        return self.held

    def trials(
        self, unit: UnitOfWork, season: Season, is_simulated: bool, days: Days
    ) -> Mapping[Partition, Sequence[Trial]]:
        """What was tried in a season, by league: as of the days given, of other leagues as of the latest of them."""
        played = unit.league_seasons.played()
        latest = _latest(season, days)
        found: dict[Partition, Sequence[Trial]] = {}
        for item, span in played.items():
            if item.season == season and item.league.is_simulated is is_simulated and span.first < latest:
                day = days.get(item, min(latest, span.day_after))
                bets = self._known(unit, item, day)
                found[item] = trials(bets, self.teams[item, day], season, day)
        return found

    def all_trials(self, unit: UnitOfWork, season: Season, is_simulated: bool, days: Days) -> list[Trial]:
        """What was tried in a season and in all that are held before it, each evaluated walk-forward as it is."""
        latest = _latest(season, days)
        earlier: dict[Season, Days] = {}
        for item, span in unit.league_seasons.played().items():
            if item.season < season and item.league.is_simulated is is_simulated:
                earlier[item.season] = {**earlier.get(item.season, {}), item: min(latest, span.day_after)}
        return [
            trial
            for each, own in (*sorted(earlier.items()), (season, days))
            for tried in self.trials(unit, each, is_simulated, own).values()
            for trial in tried
        ]

    def _known(self, unit: UnitOfWork, partition: Partition, day: date) -> list[Bet]:
        """The bets of the season before the day, and those of the seasons that count as in sample."""
        earlier = [
            (item, span.day_after)
            for item, span in unit.league_seasons.played().items()
            if item.league == partition.league and first_season(partition.season) <= item.season < partition.season
        ]
        return [bet for item, until in (*earlier, (partition, day)) for bet in self._bets(unit, item, until)]

    def _bets(self, unit: UnitOfWork, partition: Partition, day: date) -> list[Bet]:
        key = partition, day
        if key not in self.bets:
            matches = unit.betting.matches(partition, day)
            sides = (side for each in matches for side in (each.match.home, each.match.away))
            self.teams[key] = sorted({side.team_id for side in sides})
            self.bets[key] = walk_forward(matches)
        return self.bets[key]


def _latest(season: Season, days: Days) -> date:
    return max(day for item, day in days.items() if item.season == season)


def _row(row: StrategyRow) -> Mapping[str, Any]:
    columns = {name: value for name, value in asdict(row).items() if name not in _PLACE}
    return {**columns, "context_filters": row.context_filters.to_json()}
