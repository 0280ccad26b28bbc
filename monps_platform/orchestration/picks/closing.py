"""Closing picks: the price of the close of every pick whose match is over, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.picks import PickState
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.closing import CLOSING_VERSION, NOT_PLAYED, Closing, OpenPick, close, closing_quotes
from monps_platform.domain.goal_model.implied import IMPLIED_VERSION
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PickPart

CLOSING_INPUTS = f"{CLOSING_VERSION} {IMPLIED_VERSION}"
_CORRECTED = "the sources' closing prices are others now"
_OPEN = Closing()


def close_picks(unit: UnitOfWork, partition: Partition, now: datetime) -> Changes:
    """Enter the close of a league's season's picks, and correct what the sources say otherwise by now. What a person
    corrected stays.
    """
    league, season = partition.league, partition.season
    states = [state for state in unit.picks.states(league, season) if PickPart.CLOSING not in state.by_hand]
    if not states:
        return Changes()
    fixtures = unit.matches.fixtures(league, season)
    states = [state for state in states if state.match_id in fixtures]  # others went with their match since
    due = [state for state in states if fixtures[state.match_id].is_played]
    void = [state for state in states if fixtures[state.match_id].is_void(season, now.date())]
    quotes = unit.odds.quotes(league, season, (PriceKind.CLOSING, PriceKind.SNAPSHOT))
    kickoffs = {match_id: fixture.kickoff_at for match_id, fixture in fixtures.items()}
    lines = unit.odds.lines_before(league, season) if any(state.backed.line is not None for state in due) else {}
    found = close([_open(state, lines) for state in due], closing_quotes(quotes, kickoffs))
    closings = {state.pick_id: closing for state, closing in zip(due, found, strict=True)}
    closings |= {state.pick_id: NOT_PLAYED for state in void}
    return _enter(unit, states, closings)


def _open(state: PickState, lines: Mapping[tuple[int, Market], Collection[float]]) -> OpenPick:
    backed = state.backed
    was_quoted = backed.line is None or backed.line in lines.get((state.match_id, backed.market), ())
    return OpenPick(state.match_id, backed, state.bookmaker_id, state.price_taken, was_quoted)


def _enter(unit: UnitOfWork, states: Sequence[PickState], closings: dict[int, Closing]) -> Changes:
    """What is new, and what is other than it was; a match that is no longer played has no close any more."""
    wanted = {state.pick_id: closings.get(state.pick_id, _OPEN) for state in states}
    new = {s.pick_id: wanted[s.pick_id] for s in states if s.closing == _OPEN != wanted[s.pick_id]}
    other = {s.pick_id: wanted[s.pick_id] for s in states if _OPEN != s.closing != wanted[s.pick_id]}
    return unit.picks.enter_closings(new) + unit.picks.enter_closings(other, why=_CORRECTED)
