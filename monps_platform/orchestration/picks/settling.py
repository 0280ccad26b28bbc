"""Settling picks by the score of their match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.picks import PickState, Settlement
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.fixtures import Fixture
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PickPart, PickResult
from monps_platform.domain.settlement import profit, settle

SETTLING_VERSION = "settling-1"
_CORRECTED = "the source says another score now"
_VOID = Settlement(PickResult.VOID, 0.0)


def settle_picks(unit: UnitOfWork, partition: Partition, now: datetime) -> Changes:
    """Settle a league's season's picks, and correct those of matches whose score is another by now. A match that was
    not played when its season is over is void. What a person corrected stays.
    """
    league, season = partition.league, partition.season
    states = [state for state in unit.picks.states(league, season) if PickPart.SETTLEMENT not in state.by_hand]
    if not states:
        return Changes()
    fixtures = unit.matches.fixtures(league, season)
    states = [state for state in states if state.match_id in fixtures]  # others went with their match since
    found = _settled(states, fixtures)
    found |= {state.pick_id: _VOID for state in states if fixtures[state.match_id].is_void(season, now.date())}
    new = {s.pick_id: found[s.pick_id] for s in states if s.settlement is None and s.pick_id in found}
    # Also a match that lost its score: what came of its picks is open again.
    held = {s.pick_id: s.settlement for s in states if s.settlement is not None}
    other = {pick_id: found.get(pick_id) for pick_id, was in held.items() if found.get(pick_id) != was}
    changes = unit.picks.enter_settlements(new, now)
    return changes + unit.picks.enter_settlements(other, now, why=_CORRECTED)


def _settled(states: Sequence[PickState], fixtures: Mapping[int, Fixture]) -> dict[int, Settlement]:
    """How the picks of played matches ended, by their ids."""
    scored = [(state, score) for state in states if (score := fixtures[state.match_id].score) is not None]
    results = settle(
        [state.backed for state, _ in scored], [home for _, (home, _) in scored], [away for _, (_, away) in scored]
    )
    won = profit(results, [state.price_taken for state, _ in scored], [state.stake for state, _ in scored]).tolist()
    return {
        state.pick_id: Settlement(result, units) for (state, _), result, units in zip(scored, results, won, strict=True)
    }
