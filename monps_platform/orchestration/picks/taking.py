"""Taking picks: over history as if before each match, and before the matches to come."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.models import RawFile
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
from monps_platform.domain.quotes import Quote, fresh, standing
from monps_platform.sources.football_data.files import FIXTURES_KEY

TAKING_VERSION = "taking-2"


def take_picks(unit: UnitOfWork, partition: Partition, agents: Sequence[Agent], now: datetime) -> Changes:
    """Let the agents pick in a league's season.

    Of played matches they see the prices collected before the match; what they pick there is walk-forward, and follows
    the data: a pick that the prices and forecasts of now would not give is withdrawn, unless a person corrected it. Of
    matches that have not begun they see what stands now; what they pick there is theirs for good.
    """
    league, season = partition.league, partition.season
    held = unit.picks.of_agents(league, season, [agent.name for agent in agents])
    forecasts = unit.forecasts.of_goal_model(league, season) if any(item.needs_forecasts for item in agents) else {}
    files = unit.raw_files.in_force([partition])[partition]
    version = f"{FOOTBALL_DATA.name_for(league)}@{_digest(file.sha256 for file in files)}"
    past, to_come, fixtures = _seen(unit, partition, agents, now)
    stand = standing(fresh(to_come, now, _fetched_at(files)), now)

    live = {item.pick.bet for item in held if item.origin is PickOrigin.LIVE}
    walked = {item.pick.taken: item for item in held if item.origin is PickOrigin.WALK_FORWARD}
    wanted = _picked(agents, past, forecasts, besides=live)
    lost = [item for taken, item in walked.items() if taken not in wanted]
    stay = live | {item.pick.bet for item in lost if item.is_corrected}
    gone = [item.pick_id for item in lost if not item.is_corrected]
    rows = [
        _walk_forward(pick, agent, version)
        for taken, (pick, agent) in wanted.items()
        if pick.bet not in stay and (taken not in walked or walked[taken].pick != pick)
    ]
    new = _picked(agents, stand, forecasts, besides=stay)
    rows += [_live(pick, agent, version, fixtures[pick.match_id], now) for pick, agent in new.values()]
    changes = unit.picks.withdraw(gone) if gone else Changes()
    return changes + unit.picks.upsert_many(rows)


def _seen(
    unit: UnitOfWork, partition: Partition, agents: Sequence[Agent], now: datetime
) -> tuple[list[Quote], list[Quote], Mapping[int, Fixture]]:
    """The prices collected before the played matches; those of the matches to come; the matches."""
    league, season = partition.league, partition.season
    fixtures = unit.matches.fixtures(league, season)
    markets = {market for agent in agents for market in agent.markets}
    found = unit.odds.quotes(league, season, (PriceKind.PRE_MATCH, PriceKind.SNAPSHOT), markets)
    # A match that came in after the fixtures were read: the step will be done again, as it saw others than there are.
    quotes = [quote for quote in found if quote.match_id in fixtures]
    past = [quote for quote in quotes if quote.kind is PriceKind.PRE_MATCH and fixtures[quote.match_id].is_played]
    to_come = [quote for quote in quotes if _is_to_come(fixtures[quote.match_id], now)]
    return past, to_come, fixtures


def _fetched_at(files: Sequence[RawFile]) -> datetime | None:
    """When the file of the matches to come was first fetched: that of the fixtures where there is one."""
    of_fixtures = [file for file in files if file.key == FIXTURES_KEY]
    return max((file.fetched_at for file in of_fixtures or files), default=None)


def _is_to_come(fixture: Fixture, now: datetime) -> bool:
    return not fixture.is_played and not fixture.has_begun(now)


def _picked(
    agents: Sequence[Agent], quotes: Sequence[Quote], forecasts: Forecasts, besides: set[tuple[object, ...]]
) -> dict[tuple[object, ...], tuple[AgentPick, Agent]]:
    """What the agents pick, by what is taken, besides the bets that are made already."""
    found = [(_pick(agent, item), agent) for agent in agents for item in agent.select(quotes, forecasts)]
    return {pick.taken: (pick, agent) for pick, agent in found if pick.bet not in besides}


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


def _digest(hashes: Iterable[str]) -> str:
    """The files that the prices come from, in a few letters."""
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:12]
