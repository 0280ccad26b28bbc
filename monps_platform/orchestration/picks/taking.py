"""Taking picks: over history as if before each match, and before the matches to come."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.picks import AgentPick
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.agents import Agent, Selection
from monps_platform.domain.agents.agent import Forecasts
from monps_platform.domain.feeds import FOOTBALL_DATA
from monps_platform.domain.fixtures import Fixture
from monps_platform.domain.goal_model.dixon_coles import MODEL_VERSION
from monps_platform.domain.odds import PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PickOrigin
from monps_platform.domain.quotes import Quote, standing

TAKING_VERSION = "taking-1"


def take_picks(unit: UnitOfWork, partition: Partition, agents: Sequence[Agent], now: datetime) -> Changes:
    """Let the agents pick in a league's season.

    Of played matches they see the prices collected before the match; what they pick there is walk-forward, and follows
    the data: a pick that the prices and forecasts of now would not give is withdrawn. Of matches that have not begun
    they see what stands now; what they pick there is theirs for good.
    """
    league, season = partition.league, partition.season
    fixtures = unit.matches.fixtures(league, season)
    markets = {market for agent in agents for market in agent.markets}
    quotes = unit.odds.quotes(league, season, (PriceKind.PRE_MATCH, PriceKind.SNAPSHOT), markets)
    forecasts = unit.forecasts.of_goal_model(league, season) if any(item.needs_forecasts for item in agents) else {}
    past = [quote for quote in quotes if quote.kind is PriceKind.PRE_MATCH and fixtures[quote.match_id].is_played]
    stand = standing((quote for quote in quotes if _is_to_come(fixtures[quote.match_id], now)), now)
    held = unit.picks.of_agents(league, season, [agent.name for agent in agents])
    version = _data_version(unit, partition)

    live = {_what(item.pick) for item in held if item.origin is PickOrigin.LIVE}
    walked = {item.pick: item.pick_id for item in held if item.origin is PickOrigin.WALK_FORWARD}
    wanted = _picked(agents, past, forecasts, besides=live)
    new = _picked(agents, stand, forecasts, besides=live)
    gone = [pick_id for pick, pick_id in walked.items() if pick not in wanted]
    rows = [_walk_forward(pick, agent, version) for pick, agent in wanted.items() if pick not in walked]
    rows += [_live(pick, agent, version, fixtures[pick.match_id], now) for pick, agent in new.items()]
    changes = unit.picks.withdraw(gone) if gone else Changes()
    return changes + unit.picks.upsert_many(rows)


def _is_to_come(fixture: Fixture, now: datetime) -> bool:
    return not fixture.is_played and not fixture.has_begun(now)


def _picked(
    agents: Sequence[Agent], quotes: Sequence[Quote], forecasts: Forecasts, besides: set[tuple[object, ...]]
) -> dict[AgentPick, Agent]:
    """What the agents pick, besides what is picked already."""
    found = {_pick(agent, item): agent for agent in agents for item in agent.select(quotes, forecasts)}
    return {pick: agent for pick, agent in found.items() if _what(pick) not in besides}


def _what(pick: AgentPick) -> tuple[object, ...]:
    """What an agent picks at most once."""
    return pick.agent, pick.match_id, pick.market, pick.side


def _pick(agent: Agent, found: Selection) -> AgentPick:
    return AgentPick(
        agent.name,
        agent.strategy,
        found.match_id,
        found.market,
        found.side,
        found.line,
        found.bookmaker_id,
        found.price,
        found.stake,
        found.probability,
        found.edge,
    )


def _walk_forward(pick: AgentPick, agent: Agent, version: str) -> dict[str, Any]:
    return {
        **asdict(pick),
        "origin": PickOrigin.WALK_FORWARD,
        "taken_at": None,
        "hours_before_kickoff": None,
        "data_version": f"{_rules(agent)} {version}",
    }


def _live(pick: AgentPick, agent: Agent, version: str, fixture: Fixture, now: datetime) -> dict[str, Any]:
    left = None if fixture.kickoff_at is None else (fixture.kickoff_at - now) / timedelta(hours=1)
    return {
        **_walk_forward(pick, agent, version),
        "origin": PickOrigin.LIVE,
        "taken_at": now,
        "hours_before_kickoff": None if left is None else round(left, 4),
    }


def _rules(agent: Agent) -> str:
    return f"{agent.version} {MODEL_VERSION}" if agent.needs_forecasts else agent.version


def _data_version(unit: UnitOfWork, partition: Partition) -> str:
    """The files that the prices come from, in a few letters."""
    files = unit.raw_files.in_force([partition])[partition]
    return f"{FOOTBALL_DATA.name_for(partition.league)}@{_digest(file.sha256 for file in files)}"


def _digest(hashes: Iterable[str]) -> str:
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:12]
